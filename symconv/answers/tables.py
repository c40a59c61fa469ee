"""Reads tables, and finds those of Markdown: labels beside values, labels above values, or the entries of a matrix."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from symconv.answers.commas import THOUSANDS, pointed
from symconv.answers.entry import read_entry
from symconv.answers.given import MOST_ENTRIES, Given, Reading, Unread
from symconv.answers.labels import canonical
from symconv.answers.latex import read_latex
from symconv.answers.letters import has_letters, has_roots
from symconv.answers.plain import as_value
from symconv.answers.source import Source
from symconv.answers.statements import answers, unread
from symconv.answers.values import cell_readings
from symconv.errors import AnswerError

_LETTER = re.compile(r"-?[A-Za-z](?:_\{?[0-9A-Za-z,]{1,9}\}?)?")
_NAME = re.compile(r"[A-Z](?:_\{?[0-9A-Za-z]{1,9}\}?)?")  # of a matrix, in the corner
_EDGE = re.compile(r"(?:rows?|col(?:umn)?s?|[ijmnrc])\.?\s*[:=]?\s*(?=[0-9]|$)", re.IGNORECASE)  # row 1, c2, i = 3
_NUMBER = re.compile(r"[^\w\\]{0,9}(?:[0-9]|\\)")  # what starts with one, and not "to 4 decimals"
_WORD = re.compile(r"[A-Za-z]{3,}")


class Table(NamedTuple):
    """Where a table stands."""

    start: int
    end: int


class Cell(NamedTuple):
    """The text of a cell without markup, and where it starts."""

    text: str
    start: int


def tables(source: Source, passed: Sequence[tuple[int, int]] = ()) -> Iterator[Table]:
    r"""The tables of a document outside the places that are passed over: lines with bars, the second one a rule.

    >>> list(tables(Source("a\n| h | 5 |\n|---|---|\n| x | 6 |\n\nb")))
    [Table(start=2, end=31)]
    """
    fences = iter(passed)
    fence = next(fences, None)
    start = end = -1
    rows = 0
    ruled = False
    for first, last in [*source.lines(), (len(source.text), len(source.text))]:
        while fence and fence[1] < first:
            fence = next(fences, None)
        fenced = fence is not None and fence[0] <= first
        line = source.text[first:last]
        if "|" in line and not fenced and last > first:
            start = first if rows == 0 else start
            rows, end = rows + 1, last
            ruled = ruled or (rows == 2 and "-" in line and not line.strip("|-: \t\r"))
        else:
            if ruled:
                yield Table(start, end)
            rows, ruled = 0, False


def read_table(source: Source, table: Table, label: str | None) -> Iterator[Given | Unread]:
    """What a table of Markdown hands in; `label` stands before it, for a matrix."""
    lines = list(source.lines(table.start, table.end))
    return read_rows(source, [_cells(source, *line) for line in (lines[0], *lines[2:])], table, label)


def read_rows(
    source: Source, rows: Sequence[Sequence[Cell]], table: Table, label: str | None
) -> Iterator[Given | Unread]:
    """What a table with these cells hands in."""
    head, *body = rows or [[]]
    entries = [row for row in rows if any(cell.text for cell in row) or (row and row is not head)]
    numbered = len(_unnumbered(entries)) < len(entries)
    matrix = bool(entries) and all(
        _is_value(cell.text) or not cell.text for row in _unnumbered(entries) for cell in row
    )
    numbered = numbered or (matrix and label is not None and not any(cell.text for cell in head))
    labels = all(row and canonical(row[0].text) for row in body) and any(len(row) > 1 for row in body)
    if not numbered and labels and not _letters(body):
        first = [head] if head and canonical(head[0].text) and re.search("[0-9]", head[-1].text) else []
        labelled = [row if len(row) > 1 else [*row, Cell("", table.end)] for row in [*first, *body]]
        places = range(1, len(head))
        values = [place for place in places if all(_says_one(row[place : place + 1]) for row in labelled)]
        if len(values) < 2:
            for row in labelled if first and _NUMBER.match(head[-1].text) else labelled[len(first) :]:
                yield from _answers(source, row[0], row[-1])
        elif _consecutive(head[1:]):  # otherwise, which of the values is handed in?
            for row in body:
                yield _matrix(source, [row[1:]], table, row[0].text)
    elif not numbered and len(body) == 1 and len(head) == len(body[0]) and all(canonical(cell.text) for cell in head):
        for above, cell in zip(head, body[0], strict=True):
            yield from _answers(source, above, cell)
    elif matrix:
        kept = _unnumbered(entries)
        named = label is None and numbered and _NAME.fullmatch(entries[0][0].text)
        read = _matrix(source, kept, table, entries[0][0].text if named else label)
        yield _or_whole(source, read, entries, table) if label is not None and len(kept) < len(entries) else read
    elif label is not None:
        message = "this table is neither labels with values nor a matrix; write | label | value | in each row"
        yield unread(label, AnswerError(message, source.text, table.start), source.line(table.start))


def _unnumbered(rows: Sequence[Sequence[Cell]]) -> Sequence[Sequence[Cell]]:
    """Without the numbers of rows and columns at the edges, where the corner is empty or a word."""
    if not rows:
        return rows
    across, down = [_EDGE.sub("", cell.text) for cell in rows[0]], [_EDGE.sub("", row[0].text) for row in rows]
    corner = rows[0][0].text
    if (
        (_LETTER.fullmatch(corner) or not _is_value(corner or "x y"))
        and all(_counted(edge[1:]) for edge in (across, down))
        and len(rows) > 1
        and len(across) > 1
    ):
        return [row[1:] for row in rows[1:]]
    return rows


def _counted(texts: Sequence[str]) -> bool:
    return any(list(texts) == [str(first + place) for place in range(len(texts))] for first in (0, 1))


def _matrix(source: Source, rows: Sequence[Sequence[Cell]], table: Table, label: str | None) -> Given | Unread:
    line = source.line(table.start)
    width = len(rows[0])
    shape = len(rows), width
    for number, row in enumerate(rows, 1):
        if len(row) != width or len(rows) * width > MOST_ENTRIES:
            message = f"row {number} of the table has {len(row)} cells, row 1 has {width}; give them as many"
            return unread(label, AnswerError(message, source.text, row[0].start), line)
    texts = [_plain(cell.text) for row in rows for cell in row]
    try:
        places = [cell.start for row in rows for cell in row]
        cells = [(pointed(text) or "_", place) for text, place in zip(texts, places, strict=True)]
        value, decimals = as_value(shape, cells, source.text)
    except AnswerError as error:
        return replace(unread(label, error, line), readings=cell_readings(shape, texts, None))
    others = [*cell_readings(shape, texts, value), *_without_edges(shape, cells)]
    return Given(label, value, line, source.text[table.start : table.end], decimals, readings=tuple(others))


def _or_whole(source: Source, read: Given | Unread, entries: Sequence[Sequence[Cell]], table: Table) -> Given | Unread:
    """Or the whole matrix: the letter at its corner may be an entry, as those behind it that count."""
    whole = _matrix(source, entries, table, None)
    if not isinstance(whole, Given) or whole.value is None:
        return read
    words = "the numbers at the edge of the table are entries"
    return replace(read, readings=(*read.readings, Reading(whole.value, words, fitting=True)))


def _without_edges(shape: tuple[int, int], cells: Sequence[tuple[str, int]]) -> Iterator[Reading]:
    """The matrix without a first row or column that may be its entries, or their numbers: 0, 1, 2 or 1, 2, 3."""
    rows, columns = shape
    texts = [text for text, _ in cells]
    across, down = texts[:columns], texts[::columns]
    top, left = rows > 1 and columns > 1 and _counted(across), rows > 1 and columns > 1 and _counted(down)
    blank = all(text == "_" for text in down)
    both = rows > 1 and columns > 1 and _counted(across[1:]) and (blank or _counted(down[1:]))
    for first_row, first_column in ((1, 1) if both else (0, 0), (int(top), 0), (0, int(left))):
        kept = [cells[row * columns + at] for row in range(first_row, rows) for at in range(first_column, columns)]
        value = as_value((rows - first_row, columns - first_column), kept, "").tensor
        if value is not None and first_row + first_column:
            yield Reading(value, "the numbers at the edge of the table are no entries", fitting=True)


def _answers(source: Source, label: Cell, cell: Cell) -> Iterator[Given | Unread]:
    """A label with its value; words instead of one, as in `padding | same`, may only explain."""
    line = source.line(cell.start)
    for read in answers(cell.text, 0, len(cell.text), label.text, lambda _: line):
        aside = isinstance(read, Unread) and not re.search("[0-9]", cell.text)
        yield replace(read, aside=True) if aside else read


def _cells(source: Source, start: int, end: int) -> list[Cell]:
    """The cells of a line, between its bars; a bar behind a backslash is none."""
    places = [
        place for place in range(start, end) if source.text[place] == "|" and source.text[place - 1 : place] != "\\"
    ]
    line = source.text[start:end]
    borders = [*([] if line.lstrip().startswith("|") else [start - 1]), *places]
    borders += [] if line.rstrip().endswith("|") else [end]
    return [
        Cell(source.text[before + 1 : after].replace("**", "").strip(" \t\r$`"), before + 1)
        for before, after in pairwise(borders)
    ]


def _says_one(cells: Sequence[Cell]) -> bool:
    """Whether the first of these cells is a value, or a calculation with its result."""
    return bool(cells) and _is_value(re.split(r"=|\\approx", cells[0].text)[-1].strip())


def _consecutive(cells: Sequence[Cell]) -> bool:
    """Whether whole numbers count the columns."""
    numbers = [int(cell.text) if re.fullmatch(r"-?\d{1,4}", cell.text) else None for cell in cells]
    return numbers[0] is not None and numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _letters(rows: Sequence[Sequence[Cell]]) -> bool:
    return all(_LETTER.fullmatch(cell.text) for row in rows for cell in row)


def _plain(text: str) -> str:
    """A number in LaTeX as plain text; what else it is stays as it is."""
    if "\\" not in text or has_roots(text):
        return text
    try:
        tensor = read_latex(text).tensor
    except AnswerError:
        return text
    return str(tensor.cells[0]) if tensor is not None and tensor.shape == () else text


def _is_value(text: str) -> bool:
    """Whether this is an entry of a matrix; a word is a heading rather."""
    if has_letters(text) or THOUSANDS.fullmatch(text):
        return True
    try:
        read_entry(pointed(_plain(text)))
    except AnswerError:
        return False
    return not _WORD.fullmatch(text)
