"""Decides what a comma between two digits is: a decimal comma, or what separates two entries.

The rule. A comma with a space beside it separates, and so does one beside anything but digits. A tight comma, between
two digits, is judged with all others of the same value:

- in brackets it separates, as in JSON, unless spaces separate entries there too: `[1,2]` is a row of two;
- where the label says that whole numbers are listed (`size`), it separates;
- in a piece with several of them it separates: `1,2,3` is a row of three;
- where spaces separate entries, it is decimal: `1,5 2,5` is a row of two;
- a single piece is a decimal number: `0,5` is 1/2; so is each piece where another row has no comma: `0,5; 2`.

Refused, because both readings make sense: `1,2; 3,4`, `1,2, 3`, `1,5 2.5`, `[0,5 1,5]`, `1,2,3 4`, and what may be a
comma of thousands: `291,600` and `1,234,567`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from symconv.errors import AnswerError

Meaning = Literal["decimal", "separates"]
_DIGITS = re.compile(r"[+\-−–]?[0-9]+")
_GROUP = re.compile(r"[0-9]{3}\.[0-9]*")  # the end of 1,234.5
THOUSANDS = re.compile(r"[+\-−–]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]*)?")


@dataclass(frozen=True)
class Piece:
    """Digits joined by tight commas, or one entry without: its entries, and where each starts."""

    entries: tuple[str, ...]
    starts: tuple[int, ...]

    @classmethod
    def of(cls, items: Sequence[Any]) -> Piece:
        """A piece of what has a text and a start."""
        return cls(tuple(item.text for item in items), tuple(item.start for item in items))

    @property
    def text(self) -> str:
        """The piece as written."""
        return ",".join(self.entries)


def tight(before: str, after: str) -> bool:
    """Whether a comma between these two, with no space beside it, can be a decimal comma.

    >>> tight("0", "5"), tight("1.5", "2"), tight("1", "-2"), tight("1/2", "3")
    (True, False, False, False)
    """
    if _DIGITS.fullmatch(before) is None:
        return False
    return (after.isascii() and after.isdigit()) or _GROUP.fullmatch(after) is not None


def pointed(text: str) -> str:
    """An entry that stands apart from all others, such as a cell of a table, with a point for its decimal comma.

    >>> pointed("0,5"), pointed("w_{1,2}"), pointed("52")
    ('0.5', 'w_{1,2}', '52')

    Raises AnswerError where the comma may separate thousands.
    """
    before, comma, after = text.partition(",")
    if not comma or not tight(before.strip(), after.strip()):
        return text
    if THOUSANDS.fullmatch(text):
        message = f"the comma in {text} may separate thousands or decimals; write {before}{after} or a point"
        raise AnswerError(message, text, len(before))
    return f"{before}.{after}"


def meaning(
    rows: Sequence[Sequence[Piece]], loose: bool, spaced: bool, bracketed: bool, whole: bool, text: str
) -> Meaning:
    """What the tight commas of a value are.

    `loose` says that other commas separate entries there, `spaced` that spaces do; `whole` that whole numbers are
    listed. Raises AnswerError, with the place of the first comma, where both readings make sense.
    """
    pieces = [piece for row in rows for piece in row]
    joined = [piece for piece in pieces if len(piece.entries) > 1]
    if not joined or whole:
        return "separates"
    place = joined[0].starts[1] - 1
    shown = joined[0].text if len(joined[0].text) < 24 else "1,2"
    point, apart = shown.replace(",", "."), shown.replace(",", " ")
    several = any(len(piece.entries) > 2 for piece in joined)
    either = "" if several else f"{point}, or "
    both = f"the comma in {shown} may be a decimal comma or separate entries; write {either}{apart} with spaces"
    points = any("." in entry for piece in pieces for entry in piece.entries)
    if bracketed:
        if spaced:
            raise AnswerError(both, text, place)
        return "separates"
    if all(THOUSANDS.fullmatch(piece.text) for piece in joined):
        raise AnswerError(
            f"the comma in {shown} may separate thousands, decimals or entries; "
            f"write {shown.replace(',', '')}{'' if several or points else f', {point}'} or {apart}",
            text,
            place,
        )
    if loose or points or (spaced and several):
        raise AnswerError(both, text, place)
    if several:
        return "separates"
    if spaced or len(rows) == 1 or len(joined) < len(rows):
        return "decimal"
    raise AnswerError(both, text, place)
