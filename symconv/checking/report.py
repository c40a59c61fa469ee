"""Report: what checking a work says, arranged for people. It knows neither files nor templates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from textwrap import fill
from typing import Any

from symconv.checking.check import Checked
from symconv.checking.diagnosis import Verdict
from symconv.checking.handed import shown_cell
from symconv.exact_numbers import Digits
from symconv.tensor import Entry, Tensor
from symconv.typeset.decimals import decimal_text

WIDTH = 80
ROOM = WIDTH - 14  # for a matrix behind what it is
STATUS = {  # a sign and a word for each status
    "right": ("✓", "right"),
    "follows": ("✓", "follows from an earlier value"),
    "wrong": ("✗", "wrong"),
    "blank": ("–", "blank"),
    "blind": ("?", "cannot tell"),
    "unknown_label": ("?", "unknown"),
}
THE_STATUS = ("Right.", "It is blank.")  # sentences that say no more than the status does
NOT_COUNTED = "It is given, so it does not count."
MOST_NAMED = 8  # of what belongs to nothing
MOST_CELLS = 144  # of a matrix in a report
_SHOULD = re.compile(r"(There is no [^:]*): |(.*?),? and (?:it )?should be ")
_FRACTION = re.compile(r"(?<![\w/.,^])-?\d{1,40}/0*[1-9]\d{0,39}(?![\w/])")
Row = tuple[tuple[Entry | None, str], ...]  # cells: the entry, and "" or "wrong"; of a blank None and "blank"


@dataclass(frozen=True)
class Item:
    """What is said of one label: its status, the value handed in with its wrong cells marked, and why."""

    label: str
    status: str
    line: int | None
    given: tuple[tuple[Row, ...], ...]  # matrices of rows of cells
    right: tuple[tuple[Row, ...], ...]
    sentences: tuple[str, ...]
    points: Fraction
    out_of: Fraction
    reasons: tuple[str, ...]
    decimals: str = "fraction"

    @property
    def sign(self) -> str:
        """A tick, a cross, a dash or a question mark."""
        return STATUS[self.status][0]

    @property
    def got(self) -> str:
        """The points got, in digits."""
        return number(self.points)

    @property
    def most(self) -> str:
        """The points to be had, in digits."""
        return number(self.out_of)

    @property
    def word(self) -> str:
        """The status in words."""
        return STATUS[self.status][1]


@dataclass(frozen=True)
class Report:
    """A whole report. `notes` say what could not be read and what belongs to nothing, each with its caret lines."""

    title: str
    items: tuple[Item, ...]
    notes: tuple[tuple[str, str], ...]
    mark: Fraction
    lines: tuple[str, ...]
    out_of: Fraction | None = None  # the points of the question, where it has points

    @property
    def counts_items(self) -> bool:
        """Whether the points of each item say more than those of the whole do."""
        return self.out_of is None or len(self.items) > 1

    @property
    def summary(self) -> str:
        """How much is right, in a sentence."""
        if self.out_of is not None:
            return f"{number(self.mark * self.out_of)} of {number(self.out_of)} point{'' if self.out_of == 1 else 's'}"
        right = sum(item.status in ("right", "follows") for item in self.items)
        if not self.items:
            return "Nothing was handed in that could be checked."
        verb = "is" if 1 in (right, len(self.items)) else "are"
        alone = right < len(self.items) > 1 and self.lines[-1:] and self.lines[-1].startswith("The answer ")
        why = ", as the answer alone counts" if alone else ""
        return f"{right} of {len(self.items)} {verb} right. Mark: {percent(self.mark)}{why}."


def report(checked: Checked, title: str, show_right: bool = True, show_lines: bool = True) -> Report:
    """Arrange a checked work; without `show_right` the right values are left out, without `show_lines` the lines.

    >>> from symconv.answers import read_work
    >>> from symconv.checking.check import checked
    >>> from symconv.checking.diagnose import Checker
    >>> from symconv.problem import Problem
    >>> checker = Checker(Problem("cross_correlation", input="1 2; 3 4", kernel="1 1"))
    >>> report(checked(checker, read_work("output = 3; 8", "text")), "Exercise").summary
    '0 of 1 is right. Mark: 85 %.'
    """
    items = []
    for verdict, mark in zip(checked.diagnosis.verdicts, checked.diagnosis.marks, strict=True):
        style = checked.decimals.get(verdict.label, "fraction")
        said = () if verdict.sentences[0] in THE_STATUS else _said(verdict.sentences, show_right)
        if not mark.out_of and verdict.status not in ("blind", "unknown_label"):
            said = (*said, NOT_COUNTED)
        reveal = show_right and verdict.status not in ("right", "blind")
        items.append(
            Item(
                verdict.label,
                verdict.status,
                checked.places.get(verdict.label),
                _matrices(verdict.given, _marks(verdict)),
                _matrices(verdict.right, {}) if reveal else (),
                tuple(in_decimals(sentence, style) for sentence in said),
                mark.points,
                mark.out_of,
                tuple(line.removeprefix(f"{mark.label}, ").removeprefix(f"{mark.label}: ") for line in mark.lines),
                style,
            )
        )
    notes = [
        (f"{f'Line {one.line}' if show_lines else 'This'} cannot be read: {one.error}", one.error.place)
        for one in checked.unread
    ]
    if checked.unmatched:
        names = ", ".join(
            f"{one.label or one.text}{f' (line {one.line})' if show_lines else ''}"
            for one in checked.unmatched[:MOST_NAMED]
        )
        more = f" and {len(checked.unmatched) - MOST_NAMED} more" if len(checked.unmatched) > MOST_NAMED else ""
        notes.append((f"Not judged, because this problem has nothing of that name: {names}{more}.", ""))
    if checked.diagnosis.missing:
        notes.append((checked.diagnosis.missing, ""))
    return Report(title, tuple(items), tuple(notes), checked.diagnosis.mark, checked.diagnosis.lines)


def in_decimals(sentence: str, style: str) -> str:
    """A sentence with its fractions as decimals, where that is the style and they end.

    >>> in_decimals("h is -29/5 and should be 1/3.", "point"), in_decimals("h is -29/5.", "comma")
    ('h is -5.8 and should be 1/3.', 'h is -5,8.')
    """
    if style == "fraction":
        return sentence
    return _FRACTION.sub(lambda match: decimal_text(Fraction(match[0]), style) or match[0], sentence)


def _said(sentences: Sequence[str], show_right: bool) -> tuple[str, ...]:
    """What is said; where right values are not shown, nothing that tells one or lets it be worked out.

    >>> _said(["h[2,2] is 45 and should be 54: two digits are swapped, 45 for 54."], show_right=False)
    ('h[2,2] is 45, which is wrong.',)
    """
    if show_right:
        return tuple(sentences)
    told = [(one, _SHOULD.match(one)) for one in sentences if not one.startswith("Checksums: ")]
    return tuple(
        one if match is None else f"{match[1]}." if match[1] else f"{match[2]}, which is wrong." for one, match in told
    )


def _marks(verdict: Verdict) -> dict[tuple[int, ...], str]:
    return {cell.index: "blank" if cell.given is None else "wrong" for cell in verdict.cells}


def _matrices(value: Tensor | None, marks: dict[tuple[int, ...], str]) -> tuple[tuple[Row, ...], ...]:
    """A value as matrices of cells; a number is one cell, a list one row."""
    if value is None or not value.cells or len(value.cells) > MOST_CELLS:
        return ()
    cells = [
        (_entry(cell), "blank" if cell is None else marks.get(at, ""))
        for at, cell in zip(value.indices(), value.cells, strict=True)
    ]
    width = value.shape[-1] if value.shape else 1
    height = value.shape[-2] if len(value.shape) > 1 else 1
    rows = [tuple(cells[at : at + width]) for at in range(0, len(cells), width)]
    return tuple(tuple(rows[at : at + height]) for at in range(0, len(rows), height))


def _entry(cell: Any) -> Entry | None:
    """A cell as a report has it: a number or letters to be set, and in words what no page can set exactly."""
    if isinstance(cell, Digits) and cell.form is not None and cell.form.rational is not None:
        return cell.form.rational
    plain = cell is None or isinstance(cell, (int, Fraction, float)) or hasattr(cell, "free_symbols")
    return cell if plain else shown_cell(cell)


def percent(mark: Fraction) -> str:
    """A share in percent.

    >>> percent(Fraction(37, 40)), percent(Fraction(1))
    ('92.5 %', '100 %')
    """
    return f"{float(100 * mark):.3g} %"


def number(points: Fraction) -> str:
    """Points in decimals.

    >>> number(Fraction(37, 40)), number(Fraction(3))
    ('0.93', '3')
    """
    return str(points.numerator) if points.denominator == 1 else f"{float(points):.2f}"


def as_text(made: Report) -> str:
    """A report for a terminal of 80 columns."""
    return "\n".join(_lines(made)) + "\n"


def _lines(made: Report) -> Iterator[str]:
    yield made.title
    yield made.summary
    for item in made.items:
        yield ""
        where = f" (line {item.line})" if item.line else ""
        head = f"{item.sign} {item.label}: {item.word}{where}"
        yield f"{head:{WIDTH - 14}}{item.got:>8} of {item.most}"
        if item.status != "right":
            yield from _side_by_side(item)
        for sentence in item.sentences:
            yield fill(sentence, WIDTH, initial_indent="    ", subsequent_indent="    ")
    for message, place in made.notes:
        yield ""
        yield fill(message, WIDTH, subsequent_indent="    ")
        if place:
            yield place


def _side_by_side(item: Item) -> Iterator[str]:
    """The value handed in, wrong cells in brackets, and the right value beside it."""
    given, right = (_block(matrices, item.decimals) for matrices in (item.given, item.right))
    if not given:
        yield from (f"    {'right:' if n == 0 else '      '} {line}".rstrip() for n, line in enumerate(right))
        return
    gap = max(map(len, given))
    if right and gap + max(map(len, right)) + 20 > WIDTH:
        yield from (f"    {line}" for line in given)
        yield "    right:"
        given, gap = [], 0
    for n in range(max(len(given), len(right))):
        left = given[n] if n < len(given) else ""
        other = right[n] if n < len(right) else ""
        between = "   right: " if n == 0 and given and right else " " * 10
        yield f"    {left:{gap}}{between}{other}".rstrip()


def _block(matrices: Sequence[Sequence[Row]], decimals: str) -> list[str]:
    """Rows of text, the columns below each other."""
    lines: list[str] = []
    for matrix in matrices:
        texts = [[_cell(entry, mark, decimals) for entry, mark in row] for row in matrix]
        widths = [max(len(row[at]) for row in texts) for at in range(len(texts[0]))]
        lines += [""] if lines else []
        pieces = _pieces(widths)
        for piece in pieces:
            lines += [f"columns {piece.start + 1} to {piece.stop}:"] if len(pieces) > 1 else []
            lines += ["".join(f"{row[at]:>{widths[at]}}" for at in piece) for row in texts]
    return lines


def _pieces(widths: Sequence[int]) -> list[range]:
    """The columns of a matrix, as many in each piece as fit the line.

    >>> _pieces([30, 30, 30, 5])
    [range(0, 2), range(2, 4)]
    """
    made = [range(0, 0)]
    used = 0
    for at, width in enumerate(widths):
        if used + width > ROOM and len(made[-1]):
            made.append(range(at, at))
            used = 0
        made[-1] = range(made[-1].start, at + 1)
        used += width
    return made


def _cell(entry: Entry | None, mark: str, decimals: str) -> str:
    shown = "_" if entry is None else in_decimals(str(entry), decimals)
    return f" [{shown}]" if mark else f"  {shown} "


def as_json(checked: Checked, show_right: bool = True) -> dict[str, Any]:
    """A checked work as an object for machines; without `show_right` the right values are null."""
    made = report(checked, "", show_right)
    diagnosis = checked.diagnosis
    labels = [
        {
            "label": item.label,
            "status": item.status,
            "line": item.line,
            "points": item.got,
            "out_of": item.most,
            "cells": [
                {
                    "cell": cell.name,
                    "given": None if cell.given is None else shown_cell(cell.given),
                    "right": shown_cell(cell.right) if show_right else None,
                }
                for cell in verdict.cells
            ],
            "misconceptions": [list(one.names) for one in verdict.explanations if one.names],
            "slips": list(_said([slip.sentence for slip in verdict.slips], show_right)),
            "cannot_tell": [mistake.name for mistake in verdict.blind],
            "follows_from": list(verdict.follows_from),
            "sentences": list(item.sentences),
            "marks": list(item.reasons),
        }
        for item, verdict in zip(made.items, diagnosis.verdicts, strict=True)
    ]
    unread = [{"line": one.line, "label": one.label, "error": str(one.error)} for one in checked.unread]
    unmatched = [{"line": one.line, "label": one.label, "text": one.text} for one in checked.unmatched]
    return {
        "right": checked.is_right,
        "mark": float(diagnosis.mark),
        "missing": diagnosis.missing,
        "labels": labels,
        "unread": unread,
        "unmatched": unmatched,
    }
