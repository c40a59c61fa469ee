"""Reads the value that stands somewhere in a text, in LaTeX or plain, and one that is written twice: `1/2 or 0.5`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress

from symconv.answers.commas import pointed
from symconv.answers.given import Reading, Value
from symconv.answers.latex import read_latex
from symconv.answers.letters import has_letters
from symconv.answers.plain import as_value
from symconv.answers.remarks import ends
from symconv.answers.rewritten import rewritten
from symconv.answers.scaled import read_scaled
from symconv.errors import AnswerError
from symconv.tensor import Tensor

TWO = "two values stand here; write the one that is meant"
MOST_ROWS = 1_000  # characters of rows that are set apart in unusual ways
BRACKETS = ("[]", "()", "||")  # around a row
_SLASH = re.compile(r"[ \t]+/[ \t]+")
_ROW = re.compile(r"[-−0-9., \t/]+")
_SIGN = re.compile(r"\S")
_LATEX = re.compile(r"\\|&|\{,\}|(?:^|\s)%|[0-9]~[0-9]")  # what only LaTeX has
_EITHER = re.compile(
    r"\\(?:text|textrm|mbox)\s?\{\s?(?:or|oder|ou)\s?\}|(?<![\w\\])(?:or|oder|ou)(?!\w)"
    r"|\\(?:lor|vee)(?![A-Za-z])|∨"
)


def read_value(source: str, start: int, end: int, whole: bool = False, single: bool = False) -> Value:
    r"""Read the value in `source[start:end]`; several with `or` between them are one where all are the same.

    >>> text = r"\frac{1}{2} or 0.5"
    >>> read_value(text, 0, len(text)).tensor.cells
    (Fraction(1, 2),)

    `whole` and `single` are what its label says of it. Raises AnswerError, whose offset counts in `source`.
    """
    parts = list(_parts(source, start, end))
    if len(parts) == 1:
        try:
            return _read(source, start, end, whole, single)
        except AnswerError as error:
            for stop in ends(source, start, end):
                with suppress(AnswerError):
                    return _read(source, start, stop, whole, single)
            raise error from None
    either = parts[0][1]
    try:
        first, *others = (_read(source, a, b, whole, single) for a, b in parts)
    except AnswerError:
        first, others = Value(None), []
    if first.tensor is None or any(other.tensor != first.tensor for other in others):
        raise AnswerError(TWO, source, either)
    return first


def readings(text: str, value: Tensor | None, single: bool = False) -> tuple[Reading, ...]:
    """What else a text may mean than a value that was read from it, or than None.

    >>> from fractions import Fraction
    >>> [(reading.value.cells, reading.words) for reading in readings("2.440", Tensor((), (Fraction(61, 25),)))]
    [((2440,), '2.440 is read as 2440')]
    """
    found = []
    for written, words in rewritten(text):
        try:
            other = read_value(written, 0, len(written), single=single).tensor
        except AnswerError:
            continue
        if other is not None and other != value:
            found.append(Reading(other, words))
    found += _rows_apart(text)
    if value is None and not single and has_letters(text.strip(), product=True):  # 2a, where a is no unit
        with suppress(AnswerError):
            product = read_value(text, 0, len(text), single=True).tensor
            found += [Reading(product, f"{text.strip()} is read as a product")] if product is not None else []
    return tuple(found)


def _rows_apart(text: str) -> list[Reading]:
    r"""Rows that are set apart in other ways than by semicolons and lines; they are rows where rows fit.

    >>> _rows_apart("4 6 / 10 12")[0].value.shape, _rows_apart("4;6;1\n10;12;1")[0].value.shape
    ((2, 2), (2, 3))
    """
    found = []
    for rows, words in _set_apart(text.strip()) if len(text) < MOST_ROWS else ():
        if len(rows) < 2 or len({len(row.split()) for row in rows}) > 1 or not all(map(_ROW.fullmatch, rows)):
            continue
        with suppress(AnswerError):
            made = read_value(joined := "; ".join(rows), 0, len(joined)).tensor
            found += [] if made is None else [Reading(made, words, fitting=True)]
    return found


def _set_apart(text: str) -> Iterator[tuple[list[str], str]]:
    """The rows that a text may have: `4 6 / 10 12` (or fractions), lines in brackets, lines of a spreadsheet."""
    slashed = _SLASH.split(text.removeprefix("[").removesuffix("]"))
    if min(len(row.split()) for row in slashed) > 1:
        yield slashed, "the slash is read as the end of a row"
    lines = [line.strip().removesuffix(",") for line in text.splitlines() if line.strip()]
    if all(line[:1] + line[-1:] in BRACKETS for line in lines):
        yield [line[1:-1].replace(", ", " ") for line in lines], "every line is read as a row"
    if all(";" in line.rstrip(";") for line in lines):
        yield [line.replace(";", " ") for line in lines], "every line is read as a row, with semicolons in it"


def cell_readings(shape: tuple[int, ...], cells: Sequence[str], value: Tensor | None) -> tuple[Reading, ...]:
    """What else a matrix may mean whose cells stand apart."""
    found = []
    for written, words in rewritten("\n".join(cells)):
        try:
            other, _ = as_value(shape, [(pointed(cell) or "_", 0) for cell in written.split("\n")], "")
        except AnswerError:
            continue
        if other is not None and other != value:
            found.append(Reading(other, words))
    return tuple(found)


def _parts(source: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The places of the values that have an `or` between them, outside of braces."""
    depth, at, first = 0, start, _first(source, start, end)
    while end > start and source[end - 1].isspace():
        end -= 1
    for match in _EITHER.finditer(source, start, end):
        depth += source.count("{", at, match.start()) - source.count("}", at, match.start())
        at = match.end()
        if depth == 0 and first < match.start() and at < end:
            yield start, match.start()
            start, first = at, _first(source, at, end)
    yield start, end


def _first(source: str, start: int, end: int) -> int:
    """Where the first sign stands."""
    match = _SIGN.search(source, start, end)
    return match.start() if match else end


def _read(source: str, start: int, end: int, whole: bool, single: bool) -> Value:
    text = source[start:end]
    if _LATEX.search(text):
        return read_latex(source, start, end, whole, single)
    try:
        return read_scaled(text, whole, single)
    except AnswerError as error:
        raise AnswerError(str(error), source, start + error.offset) from None
