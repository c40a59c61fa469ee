"""Spaces: where a student writes, box by box, and how large each box is. It knows no markup and no page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil

from symconv.page import Paper
from symconv.sheets.sheet import Part, Version
from symconv.tensor import Index

Widths = Mapping[tuple[str, str, str], float]  # (question, part, quantity): the digits of its widest entry

CELL_HEIGHT = 9.0  # mm, as all lengths here, beside type of the usual size
LEAST_CELL, LEAST_DIGITS = 7.0, 3.0
DIGIT, ROUND_A_DIGIT = 2.9, 4.0  # of handwriting
NUMBER = (36.0, 10.0)  # the box of a single number
SIZE = (14.0, 10.0)  # the box of one size
OPEN = 55.0  # the height of a box that tells no shape
TALLEST = 190.0
TICK = 5.0
INDENT = 8.0  # of a part with a letter
LABEL = 27.0  # what stands in front of a box: H =, or the words before the rows of a table
ID_CELLS, ID_WIDTH = 8, 7.5
NAME, NUMBER_OF_STUDENT = "name", "id"


@dataclass(frozen=True)
class Box:
    """One box to write into: `rows` by `columns` cells of one size in mm; `first` is the index of its first cell.

    Kinds: "cells" has the right shape, "open" tells none, "tick" is that of choice `letter`, "name" and "id" are the
    student's.
    """

    kind: str
    rows: int
    columns: int
    cell: tuple[float, float]
    first: Index = ()
    letter: str = ""

    @property
    def width(self) -> float:
        """The width of the whole box in mm."""
        return round(self.columns * self.cell[0], 2)

    @property
    def height(self) -> float:
        """The height of the whole box in mm."""
        return round(self.rows * self.cell[1], 2)

    @property
    def lead(self) -> Index:
        """Which matrix of several it is: the channel."""
        return self.first[:-2]


@dataclass(frozen=True)
class Space:
    """The boxes of one answer."""

    question: str
    part: str
    label: str
    boxes: tuple[Box, ...]


def student_spaces(paper: Paper) -> tuple[Space, Space]:
    """The boxes for the student's name and number: one open box, one of cells."""
    height = paper.scaled(CELL_HEIGHT)
    cell = min(paper.scaled(ID_WIDTH), 9.0)
    name = Box(NAME, 1, 1, (round(paper.width - ID_CELLS * cell - 6, 2), height))
    return (
        Space("", "", NAME, (name,)),
        Space("", "", NUMBER_OF_STUDENT, (Box(NUMBER_OF_STUDENT, 1, ID_CELLS, (cell, height)),)),
    )


def space_of(question: str, part: Part, paper: Paper, widths: Widths) -> Space:
    """The boxes of a part's answer, in the order of the page.

    >>> from symconv import Problem
    >>> from symconv.tensor import Tensor
    >>> problem = Problem("cross_correlation", input=[[1, 2], [3, 4]], kernel=[[1, 0]])
    >>> part = Part("a", "", 1, problem, "output", Tensor.of([[1], [3]]))
    >>> [(box.rows, box.columns) for box in space_of("one", part, Paper(), {}).boxes]
    [(2, 1)]
    """
    digits = max(LEAST_DIGITS, widths.get((question, part.letter, part.answer), 0.0))
    room = paper.width - (paper.scaled(INDENT) if part.letter else 0)
    return Space(question, part.letter, part.answer, tuple(_boxes(part, digits, room, paper)))


def is_size(part: Part) -> bool:
    """Whether the answer is a size: its numbers are joined by multiplication signs."""
    return part.answer == "size" and len(part.value.shape) == 1


def _boxes(part: Part, digits: float, room: float, paper: Paper) -> Iterator[Box]:
    shape = part.value.shape
    scaled = paper.scaled
    if part.choices:
        for number, _ in enumerate(part.choices):
            yield Box("tick", 1, 1, (scaled(TICK), scaled(TICK)), (), chr(ord("A") + number))
    elif is_size(part):
        width, height = SIZE if shape[0] > 1 else NUMBER
        yield from (Box("cells", 1, 1, (scaled(width), scaled(height)), (at,)) for at in range(shape[0]))
    elif part.hide_shape or not part.value.cells:  # no box at all would be the answer
        yield Box("open", 1, 1, (room, scaled(OPEN)))
    elif len(part.value.cells) == 1:
        yield Box("cells", 1, 1, (scaled(NUMBER[0]), scaled(NUMBER[1])), (0,) * len(shape))
    elif len(shape) == 1:
        yield from _row(shape[0], digits, room, paper)
    else:
        yield from _matrices(shape, digits, room, paper)


def _cell(columns: int, digits: float, room: float, paper: Paper) -> float:
    """The width of a cell: enough for the digits, less where so many cells would not fit."""
    wanted = paper.scaled(DIGIT * digits + ROUND_A_DIGIT)
    return wanted if wanted * columns <= room else int(room / columns * 100) / 100


def _row(count: int, digits: float, room: float, paper: Paper) -> Iterator[Box]:
    """A vector, on several lines of equal length where one is too short."""
    wanted = paper.scaled(DIGIT * digits + ROUND_A_DIGIT)
    room -= paper.scaled(LABEL)
    lines = ceil(count * wanted / room)
    each = ceil(count / lines)
    for first in range(0, count, each):
        yield Box("cells", 1, min(each, count - first), (wanted, paper.scaled(CELL_HEIGHT)), (first,))


def _matrices(shape: Index, digits: float, room: float, paper: Paper) -> Iterator[Box]:
    """A box for each matrix; an open one where its cells would be too small to write into."""
    *leads, rows, columns = shape
    height = paper.scaled(CELL_HEIGHT)
    width = _cell(columns, digits, room - paper.scaled(LABEL), paper)
    if width < paper.scaled(LEAST_CELL) or rows * height > TALLEST:
        yield Box("open", 1, 1, (room, paper.scaled(OPEN)))
        return
    indices: list[Index] = [()]
    for size in leads:
        indices = [(*index, at) for index in indices for at in range(size)]
    yield from (Box("cells", rows, columns, (width, height), (*index, 0, 0)) for index in indices)


def spaces(version: Version, paper: Paper, widths: Widths) -> Iterator[Space]:
    """Every answer space of a version in the order of the page, the student's name and number first."""
    yield from student_spaces(paper)
    for question in version.questions:
        for part in question.parts:
            yield space_of(question.name, part, paper, widths)
