"""What a formula of somebody's notes says, as a tree; nothing is simplified, and it knows neither text nor value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written: its value, how many digits stand behind the point, and where it is in the text.

    `other` is the second reading of `1{,}250`; `doubtful` says that a comma may also separate two numbers.
    """

    value: Fraction
    places: int
    start: int
    text: str
    other: Fraction | None = None
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One index of a name: as written, and as a formula where it is one."""

    raw: str
    formula: Formula | None


@dataclass(frozen=True, slots=True)
class Name:
    """A letter with its ornaments and indices: A, h_{11}, A_1^{(2)}, y(1, 2).

    `shown` is how a person writes the letter, `base` tells letters apart that are written alike in different fonts.
    """

    base: str
    shown: str
    subs: tuple[Part, ...] = ()
    args: tuple[Part, ...] = ()
    opening: str = ""

    @property
    def numbered(self) -> bool:
        """Whether a number or an argument singles it out: h_{11}, y(i); plain letters such as k change all the time."""
        return bool(self.args) or any(sub.raw.isdigit() for sub in self.subs)


@dataclass(frozen=True, slots=True)
class Sum:
    """Terms that are added; what is subtracted is a `Negative` among them."""

    terms: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Negative:
    """A minus sign before something."""

    body: Formula


Sign = Literal["cdot", "times", "star", "beside", "called", "div", "odot", "mod"]


@dataclass(frozen=True, slots=True)
class Product:
    """Factors and the signs between them, from left to right; `called` is a letter before parentheses."""

    factors: tuple[Formula, ...]
    signs: tuple[Sign, ...]


@dataclass(frozen=True, slots=True)
class Power:
    """A base and its exponent."""

    base: Formula
    exponent: Formula


@dataclass(frozen=True, slots=True)
class Transposed:
    """Something with a T above it."""

    body: Formula


@dataclass(frozen=True, slots=True)
class Call:
    """A function that has a meaning here: over, floor, ceil, abs, max, min, sqrt, vec; behind `vec:` is its order."""

    name: str
    args: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """A sum or product over a running index."""

    name: Literal["sum", "prod"]
    index: str
    low: Formula
    high: Formula
    body: Formula


@dataclass(frozen=True, slots=True)
class Rows:
    """A matrix as written; an entry may itself be a matrix."""

    rows: tuple[tuple[Formula, ...], ...]
    starts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list in parentheses: (1, 2, 3)."""

    items: tuple[Formula, ...]


Formula = (
    Number | Name | Sum | Negative | Product | Power | Transposed | Call | Series | Rows | Listed
)  # every kind there is


def children(formula: Formula) -> tuple[Formula, ...]:
    """The direct parts of a formula; indices are no parts."""
    match formula:
        case Sum(terms):
            return terms
        case Negative(body) | Transposed(body):
            return (body,)
        case Product(factors):
            return factors
        case Power(base, exponent):
            return base, exponent
        case Call(_, args):
            return args
        case Series(_, _, low, high, body):
            return low, high, body
        case Rows(rows):
            return tuple(cell for row in rows for cell in row)
        case Listed(items):
            return items
        case _:
            return ()


def parts(formula: Formula) -> Iterator[Formula]:
    """The formula and everything in it."""
    waiting = [formula]
    while waiting:
        found = waiting.pop()
        yield found
        waiting += children(found)


def key(base: str, indices: list[str], opening: str = "_") -> str:
    """The name of a labelled quantity: h_11 for h_{11} and h_{1,1}, h_1,12 where that would be ambiguous.

    >>> key("h", ["1", "1"]), key("h", ["11"]), key("h", ["1", "12"]), key("y", ["1", "2"], "(")
    ('h_11', 'h_11', 'h_1,12', 'y(1,2)')
    """
    if not indices:
        return base
    between = "" if opening == "_" and all(len(index) == 1 for index in indices) else ","
    return f"{base}{opening}{between.join(indices)}{ {'(': ')', '[': ']'}.get(opening, '') }"
