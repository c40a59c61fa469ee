"""Exam: what a template needs to know of each version, question and part. It knows no markup and no template."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

from symconv.document import Derivation, Grid, Grids, Prose, Quantity, Symbol
from symconv.expression import Put, Ref, op
from symconv.operations.base import Detail, Solved
from symconv.page import Page, Paper
from symconv.problem import Problem
from symconv.sheets.given import History, given_blocks, headings
from symconv.sheets.sheet import Part, Question, Version
from symconv.sheets.spaces import Box, Space, Widths, is_size, space_of, student_spaces
from symconv.tensor import Tensor
from symconv.typeset.decimals import decimal_text
from symconv.typeset.formats import Format
from symconv.typeset.latex import LATEX
from symconv.typeset.printer import Printer
from symconv.typeset.spoken import SPOKEN

Derive = Callable[[Problem], Solved | Derivation]
Ticked = tuple[Box, tuple[Any, ...]]  # a choice: its tick box and the values beside it
MOST_KEPT = 200.0  # mm: what may be taller is measured before it is kept on one page
SPARED = Fraction(1, 3)  # of its working space a part may give up where it then fits a page
TEXT, LINE_HEIGHT, CAPTION, TABLE_ROW = 40.0, 5.0, 9.0, 7.0  # mm: a heading and what is around it, ...
CELL, LETTER = 6.4, 1.8  # mm: a cell of a given grid, a letter of the words over an answer's columns
CHOICES, ROWS = "choices", "rows of choices"  # what widths call the widest and the tallest of a part's choices


def derived(problem: Problem) -> Solved:
    """The derivation of a problem, not verified: of it only what is given reaches the paper."""
    return problem.operation.derive(problem.setting, problem.notation, problem.ask, Detail(0))


class ExamPage(Page):
    """What a template may ask for about one part; grids are as wide in every version as the widest of them."""

    def __init__(
        self, form: Format, solved: Solved | Derivation, part: Part, paper: Paper, most_digits: Callable[[str], float]
    ) -> None:
        choices = {f"choice[{n}]": Quantity(Symbol("A", "a"), c.value) for n, c in enumerate(part.choices)}
        known = {**solved.quantities, **choices}
        notation = part.problem.notation
        super().__init__(form, Printer(form.markup, known, notation), Printer(SPOKEN, known, notation), paper)
        self.most_digits = most_digits

    def cell_width(self, grid: Grid) -> float:
        """How wide the cells of a grid must be in any version, in digits."""
        return max(super().cell_width(grid), self.most_digits(grid.name))

    def is_roomy(self, block: Grids) -> bool:
        """Whether grids fit side by side with the large cells of an exam."""
        widths = [len(self._visible(grid)[1]) * max(3.3, 1.2 * self.cell_width(grid) + 1) for grid in block.items]
        return sum(widths) + 6.5 * (len(widths) - 1) <= self.line


@dataclass(frozen=True)
class PartView:
    """A part with what is printed of it: the blocks it gives beyond earlier ones, its boxes or its choices."""

    part: Part
    page: Page
    given: tuple[Any, ...]
    printed: tuple[Any, ...]  # the blocks above its answer, those of the question among them
    words: tuple[str, ...]  # the texts above its answer, those of the question and its section among them
    space: Space
    label: Any
    joined: bool  # the boxes of a size, with multiplication signs between them
    columns: tuple[str, ...] = ()  # words over the columns of the answer
    rows: tuple[str, ...] = ()
    choices: tuple[Ticked, ...] = ()
    choice_size: tuple[int, float, float] = (1, 0.0, 1.0)  # how many side by side, how high in mm, how large its type

    @property
    def is_tall(self) -> bool:
        """Whether it may be taller than a page; what cannot be is not measured, which takes as long as typesetting."""
        scaled, line = self.page.scaled, 1.1 * self.page.line
        words = [*self.words, *(block.text for block in self.printed if isinstance(block, Prose))]
        height = TEXT + LINE_HEIGHT * sum(2 + len(text) / line + 2 * text.count("\n\n") for text in words if text)
        for block in self.printed:
            if isinstance(block, Grids):
                rows = self.page.grid_rows(block)
                height += sum(CELL * max(len(self.page.cells(grid)) for grid in row) + CAPTION for row in rows)
            elif not isinstance(block, Prose):
                height += TABLE_ROW * (2 + len(getattr(block, "rows", ())))
        boxes = sum(box.height for box in self.space.boxes if box.kind != "tick")
        lines = len(self.choice_lines)
        return self.part.space + boxes + lines * self.choice_size[1] + scaled(height) > MOST_KEPT

    @property
    def spared(self) -> float:
        """How much of its working space it gives up where it then fits a page, in mm."""
        return round(float(SPARED * Fraction(self.part.space)), 2)

    @property
    def choice_lines(self) -> list[Sequence[Ticked]]:
        """The choices, as many in a line as stand side by side."""
        return self.page.chunks(self.choices, self.choice_size[0])

    @property
    def choice_blocks(self) -> list[Sequence[Sequence[Ticked]]]:
        """The lines of choices on as few pages as they can fill, as many on each: one page where they fit it."""
        lines = self.choice_lines
        room = self.page.paper.height - self.page.scaled(CONTINUED)
        pages = ceil(len(lines) / max(1, int(room / (self.choice_size[1] + BETWEEN_LINES))))
        return self.page.chunks(lines, ceil(len(lines) / pages))

    @property
    def is_narrow(self) -> bool:
        """Whether the words over the columns must be turned to fit."""
        longest = max(len(word) for word in self.columns)
        return self.page.scaled(LETTER) * longest > self.space.boxes[0].cell[0]

    def box_label(self, box: Box) -> Any:
        """What stands before a box: H, or one channel of it."""
        return Ref(self.part.answer, box.lead or None) if box.kind == "cells" and not self.joined else self.label


@dataclass(frozen=True)
class QuestionView:
    """A question; `given` is what all its parts start from."""

    question: Question
    given: tuple[Any, ...]
    parts: tuple[PartView, ...]


@dataclass(frozen=True)
class SectionView:
    """Questions under a heading."""

    title: str
    text: str
    questions: tuple[QuestionView, ...]


@dataclass(frozen=True)
class VersionView:
    """One version: `mark` is where splitting finds it, `pages` how many it has, "" where that is not known yet."""

    version: Version
    mark: str
    pages: str
    name: Box
    id: Box
    sections: tuple[SectionView, ...]


def mark_of(code: str) -> str:
    """The name of the place in a PDF where a version begins: letters and digits only.

    >>> mark_of("A1")
    'v4131'
    """
    return "v" + code.encode().hex()


def points_text(points: Fraction, decimals: str) -> str:
    """Points as people write them.

    >>> points_text(Fraction(5, 2), "comma"), points_text(Fraction(1), "point")
    ('2,5 points', '1 point')
    """
    return f"{number_text(points, decimals)} point{'' if points == 1 else 's'}"


def number_text(number: Fraction, decimals: str) -> str:
    """A number in digits, where it has a last one."""
    return decimal_text(number, "comma" if decimals == "comma" else "point") or str(number)


def view(version: Version, form: Format, paper: Paper, widths: Widths, pages: str, derive: Derive) -> VersionView:
    """Everything that a template prints of a version."""
    name, number = student_spaces(paper)
    sections = []
    for section in version.sections:
        texts = [section.text, *("" for _ in section.questions)]  # it stands above the first question
        questions = tuple(
            _question(question, text, form, paper, widths, derive)
            for question, text in zip(section.questions, texts, strict=False)
        )
        sections.append(SectionView(section.title, section.text, questions))
    return VersionView(version, mark_of(version.code), pages, name.boxes[0], number.boxes[0], tuple(sections))


def _question(
    question: Question, above: str, form: Format, paper: Paper, widths: Widths, derive: Derive
) -> QuestionView:
    history = History()
    common: tuple[Any, ...] = ()
    views: list[PartView] = []
    for number, part in enumerate(question.parts):
        solved = derive(part.problem)
        page = ExamPage(form, solved, part, paper, _widest(widths, question.name, part.letter))
        given = tuple(map(page.whole, history.new_blocks(page, part, solved)))
        if part.choices and not (question.text or part.text):
            given = (*given, Prose("Which of these is {what}?", {"what": Ref(part.answer)}))
        printed = given
        words: tuple[str, ...] = (part.text,)
        if number == 0:
            common, given = given, ()
            words = (above, question.text, part.text)
        views.append(_part(question.name, part, page, (given, printed, words), widths, solved))
    return QuestionView(question, common, tuple(views))


def _widest(widths: Widths, question: str, part: str) -> Callable[[str], float]:
    return lambda quantity: widths.get((question, part, quantity), 0.0)


def _part(
    question: str,
    part: Part,
    page: ExamPage,
    blocks: tuple[tuple[Any, ...], tuple[Any, ...], tuple[str, ...]],
    widths: Widths,
    solved: Solved | Derivation,
) -> PartView:
    space = space_of(question, part, page.paper, widths)
    label = Ref(part.answer)
    if part.choices:
        each = tuple(zip(space.boxes, choice_values(part), strict=True))
        size = _choice_size(part, page, each)
        return PartView(part, page, *blocks, space, label, False, choices=each, choice_size=size)
    columns, rows = headings(solved, part) if space.boxes[0].kind == "cells" else ((), ())
    return PartView(part, page, *blocks, space, label, is_size(part), columns, rows)


def choice_values(part: Part) -> Iterator[tuple[Any, ...]]:
    """What stands beside each tick box: numbers of a size, or the matrices of all channels."""
    for number, choice in enumerate(part.choices):
        name, shape = f"choice[{number}]", choice.value.shape
        if is_size(part):
            sizes = [Ref(name, (at,)) for at in range(shape[0])]
            yield (Put(op("by", *sizes) if len(sizes) > 1 else sizes[0]),)
        elif len(shape) <= 2:
            yield (Put(Ref(name)),)
        else:
            leads = Tensor.build(shape[:-2], lambda at: at).cells
            yield tuple(Put(Ref(name, lead)) for lead in leads)


def _choice_size(part: Part, page: ExamPage, each: tuple[Ticked, ...]) -> tuple[int, float, float]:
    """How many choices stand side by side, how high each is, how much of the size its type has.

    They are the same in every version; the type is smaller where one choice alone would not fit the line.
    """
    own = choice_extent(part, page.printer)
    digits, rows = max(own[0], page.most_digits(CHOICES)), max(own[1], page.most_digits(ROWS))
    most = max(1, min(4, int(page.line / (digits + TICK_DIGITS))))
    lines = -(-len(each) // most)
    size = min(1.0, (page.line - TICK_DIGITS) / digits)
    height = max(rows * size * page.scaled(CHOICE_ROW) + 3, page.scaled(TICK_LINE))
    return -(-len(each) // lines), round(height, 2), round(size, 3)


TICK_LINE, CHOICE_ROW = 9.0, 5.4  # mm: the least height of a line of choices, a row of one
BETWEEN_LINES, CONTINUED = 0.5, 9.0  # mm, at most: between such lines, above them the line that a question goes on
TICK_DIGITS = 10  # the width of a tick box and its letter, in digits


def choice_extent(part: Part, printer: Printer) -> tuple[float, float]:
    """The widest choice in digits, the tallest one in rows."""
    widths = [sum(printer.width(value) + 2 for value in values) for values in choice_values(part)]
    rows = [choice.value.shape[-2] if len(choice.value.shape) > 1 else 1 for choice in part.choices]
    return max(widths), float(max(rows))


def digits(version: Version, derive: Derive = derived) -> dict[tuple[str, str, str], float]:
    """How wide the entries of each quantity on a version's paper are, in digits, and how tall its choices are.

    The largest over all versions (`widest`) is what `exam_source` takes, so that all versions have the same layout.
    """
    made: dict[tuple[str, str, str], float] = {}
    for question in version.questions:
        for part in question.parts:
            solved = derive(part.problem)
            at = question.name, part.letter
            choices = {f"choice[{n}]": Quantity(Symbol("A", "a"), c.value) for n, c in enumerate(part.choices)}
            printer = Printer(LATEX, {**solved.quantities, **choices}, part.problem.notation)
            for block in given_blocks(solved):
                for grid in block.items if isinstance(block, Grids) else ():
                    widest = max(made.get((*at, grid.name), 0.0), printer.cell_width(grid.name, grid.part))
                    made[(*at, grid.name)] = widest
            made[(*at, part.answer)] = max((printer.entry(cell).width for cell in part.value.cells), default=0.0)
            if part.choices:
                made[(*at, CHOICES)], made[(*at, ROWS)] = choice_extent(part, printer)
    return made


def widest(found: Iterator[Mapping[tuple[str, str, str], float]]) -> dict[tuple[str, str, str], float]:
    """The largest of every width.

    >>> widest(iter([{("q", "", "A"): 2}, {("q", "", "A"): 1, ("r", "", "A"): 3}]))
    {('q', '', 'A'): 2, ('r', '', 'A'): 3}
    """
    made: dict[tuple[str, str, str], float] = {}
    for widths in found:
        for key, width in widths.items():
            made[key] = max(width, made.get(key, 0.0))
    return made
