"""Piece: a bit of typeset maths, how tightly it binds and how wide it is; and Slot, an entry to be filled in later."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

RELATION, SUM, PRODUCT, ATOM = range(4)
BARE, WRAPPED, SPOKEN, SPOKEN_WRAPPED = range(4)  # the ways in which a slot is filled
PLANE = 0xFFFE  # characters for private use in each of the planes 15 and 16
MOST_SLOTS = 2 * PLANE // 4


@dataclass(frozen=True)
class Width:
    """How wide the entries of a quantity may be: digits with the minus sign, and whether one may be negative."""

    digits: int
    negative: bool

    @classmethod
    def of(cls, cells: Iterable[int]) -> Width:
        """The width of the widest of some integers.

        >>> Width.of([5, -12, 100]), Width.of([7])
        (Width(digits=3, negative=True), Width(digits=1, negative=False))
        """
        least, most = min(cells), max(cells)
        return cls(max(len(str(least)), len(str(most))), least < 0)

    def __or__(self, other: Width) -> Width:
        """The width that has room for both."""
        return Width(max(self.digits, other.digits), self.negative or other.negative)


@dataclass(frozen=True)
class Slot:
    """The place of an entry of a quantity; it prints as a character for private use, which nobody's text may have."""

    name: str
    place: int
    width: Width

    def text(self, way: int) -> str:
        """The character for this entry, filled in one of four ways."""
        number = 4 * self.place + way
        return chr(0xF0000 + number if number < PLANE else 0x100000 + number - PLANE)


@dataclass(frozen=True)
class Piece:
    """Typeset maths: its text, how tightly it binds, its width in digits, and whether it ends up as a bare number.

    `wrapped` is the text in parentheses where that is not the same with parentheses; `kept` what they take of the
    width where that is decided beforehand.
    """

    text: str
    level: int
    width: float
    number: bool = False
    wrapped: str = ""
    kept: float | None = None
    minus: bool | None = None

    @property
    def starts_with_minus(self) -> bool:
        """Whether a sign in front of it would meet a second one."""
        return self.text[0] in "-−" if self.minus is None else self.minus

    @property
    def parentheses(self) -> float:
        """What parentheses in a product take of the width."""
        return float(self.level < PRODUCT) if self.kept is None else self.kept
