"""A value as it was handed in: its shape and its exact cells, and when two values are one. It knows no problem."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import isfinite, prod
from typing import Any

from symconv.closed_form import Closed, I, Root, closed, exponential
from symconv.errors import ProblemError
from symconv.exact_numbers import IMAGINARY, OMEGA, OMEGA_5, ROOT_TWO, Cyclotomic, Digits
from symconv.tensor import Tensor

Key = tuple[tuple[int, ...], tuple[Any, ...]]
MOST_DECIMALS = 12  # that count: the last digits of a computer are of no account
MOST_WRITTEN = 40
MOST_SHOWN = 15  # characters of a closed form in a report; of a longer one the first digits say more
PLAIN = {int, Fraction}
_PLAIN_OR_BLANK = {*PLAIN, type(None)}
_LISTS = {list, tuple}


def squeezed_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape without axes of size 1: a row, a column and a plain vector are one.

    >>> squeezed_shape((1, 3)), squeezed_shape((3, 1)), squeezed_shape((1, 1))
    ((3,), (3,), ())
    """
    return tuple([size for size in shape if size != 1])


@dataclass(frozen=True)
class ComplexCell:
    """An exact number that can be looked up: how often it holds 1, z, z^2, ... with z = exp(-2 pi i / order)."""

    parts: tuple[int | Fraction, ...]
    order: int

    @property
    def _terms(self) -> list[tuple[int | Fraction, str]]:
        """How often it holds each unit that a hand writes."""
        if self.order == 8:
            one, z, square, cube = self.parts
            real, imaginary = Fraction(z - cube, 2), -Fraction(z + cube, 2)
            return [(one, ""), (real, "sqrt(2)"), (-square, "i"), (imaginary, "sqrt(2)*i")]
        if self.order == 4:
            return [(self.parts[0], ""), (-self.parts[1], "i")]
        unit = "omega" if self.order == 3 else f"omega_{self.order}"
        return [(count, unit + f"^{n}" * (n > 1) if n else "") for n, count in enumerate(self.parts)]

    @cached_property
    def form(self) -> Closed | None:
        """The same with square roots and i; None where it has none without roots in roots, as most of order 5."""
        if self.order == 5:
            one, first, second, third = self.parts
            if first or second != third:
                return None
            return (closed(Root(5, 2)) + 1) * Fraction(-second, 2) + one  # z^2 + z^3 is twice the cosine of 144 degrees
        if 24 % self.order:
            return None
        eighth, third_root = (I * -1 + 1) * closed(Root(2, 2)) / 2, (closed(Root(3, 2)) * I + 1) / -2
        z = (eighth.raised(Fraction(3)) / third_root).raised(Fraction(24 // self.order))
        return sum((z.raised(Fraction(n)) * count for n, count in enumerate(self.parts)), start=closed(0))

    def __str__(self) -> str:
        """As a hand writes it: `2 - 3i`."""
        text = ""
        for count, unit in self._terms:
            size = str(abs(count)) if abs(count) != 1 or not unit else ""
            gap = "*" if size and len(unit) > 1 else ""
            if count:
                text += (f" {'-' if count < 0 else '+'} " if text else "-" * (count < 0)) + size + gap + unit
        return text or "0"


@dataclass(frozen=True)
class Value:
    """A value: its shape, and its cells in row-major order. A blank cell is None."""

    shape: tuple[int, ...]
    cells: tuple[Any, ...]

    @cached_property
    def key(self) -> Key:
        """What it is looked up by: vectors are one whichever way they were written."""
        return (self.squeezed if self.cells else (0,)), self.cells

    @cached_property
    def squeezed(self) -> tuple[int, ...]:
        """Its shape without axes of size 1."""
        return squeezed_shape(self.shape)

    @cached_property
    def is_plain(self) -> bool:
        """Whether all cells that are filled are whole numbers or fractions."""
        return {*map(type, self.cells)} <= _PLAIN_OR_BLANK

    @cached_property
    def blanks(self) -> int:
        """How many cells are blank."""
        return self.cells.count(None)

    @property
    def tensor(self) -> Tensor:
        """The same as a tensor."""
        return Tensor(self.shape, self.cells)


def value_of(given: Any) -> Value | None:
    """Read what was handed in: a number, nested lists, an array, a tensor; None and lists of None only are blanks.

    >>> value_of([[1, 2], [3, None]])
    Value(shape=(2, 2), cells=(1, 2, 3, None))
    >>> value_of(None), value_of([[None, None]])
    (None, None)

    Raises ProblemError where rows differ in length.
    """
    if given is None:
        return None
    if isinstance(given, Value):
        made = given
    elif isinstance(given, Tensor):
        made = Value(given.shape, exact_cells(given.cells))
    elif hasattr(given, "reshape") and hasattr(given, "tolist"):
        made = Value(tuple(given.shape), exact_cells(given.reshape(-1).tolist()))
    elif isinstance(given, (list, tuple)):
        made = _nested(given)
    else:
        made = Value((), (exact_cell(given),))
    return None if made.cells and made.blanks == len(made.cells) else made


def _nested(given: Any) -> Value:
    shape: list[int] = []
    level: list[Any] = [given]
    while level and (kinds := {*map(type, level)}) <= _LISTS:
        lengths = {*map(len, level)}
        if len(lengths) > 1:
            raise ProblemError(f"rows have {' and '.join(map(str, sorted(lengths)))} entries; give each row as many")
        shape.append(lengths.pop())
        level = [entry for part in level for entry in part]
    if (level and kinds & _LISTS) or len(level) != prod(shape):
        raise ProblemError("rows and single entries are mixed; give a list of rows or a list of numbers")
    return Value(tuple(shape), exact_cells(level))


def exact_cells(cells: Iterable[Any]) -> tuple[Any, ...]:
    """Cells in one form for each value."""
    cells = tuple(cells)
    return cells if {*map(type, cells)} <= _PLAIN_OR_BLANK else tuple(map(exact_cell, cells))


def exact_cell(cell: Any) -> Any:
    """A cell in one form for each value: SymPy's numbers and exact complex ones without imaginary part are plain.

    >>> exact_cell(Fraction(4, 2)), exact_cell(0.5)
    (Fraction(2, 1), Fraction(1, 2))
    """
    if cell is None or type(cell) in (int, Fraction):
        return cell
    if hasattr(cell, "item"):
        cell = cell.item()
    if isinstance(cell, float):
        return Fraction(cell) if isfinite(cell) else cell
    if isinstance(cell, Cyclotomic):
        return _complex(cell)
    if isinstance(cell, Closed):
        return cell.root or cell
    if getattr(cell, "is_Rational", False):
        return Fraction(int(cell.p), int(cell.q))
    return cell


def _complex(cell: Cyclotomic) -> Any:
    """A number with roots of unity in its one form, with the lowest order that has it; plain where it is rational."""
    parts, order = cell.parts, len(cell.counts)
    if not any(parts[1:]):
        return parts[0]
    while order % 4 == 0 and not any(parts[1::2]):  # only powers of the square
        parts, order = parts[::2], order // 2
    return ComplexCell(parts, order)


def shown_cell(cell: Any) -> str:
    """A cell in a sentence.

    >>> shown_cell(Fraction(-1, 2)), shown_cell(Root(5, 2)), shown_cell(ComplexCell((2, 3), 4)), shown_cell(None)
    ('-1/2', 'sqrt(5)', '2 - 3i', 'blank')
    """
    if cell is None:
        return "blank"
    shown = str(cell)
    return f"{cell.value:.6f}..." if isinstance(cell, Digits) and len(shown) > MOST_SHOWN else shown


def says_more(given: Any, right: Any) -> bool:
    """Whether a cell shows any work: one that is 0 and should be is right without it, a blank shows what is missing.

    >>> says_more(0, 0), says_more(0, 7), says_more(7, 0), says_more(None, 0)
    (False, True, True, True)
    """
    return bool(given != 0 or right != 0)


def same(given: Any, right: Any) -> bool:
    """Whether two cells are one. A decimal of two digits or more stands for the irrational number it rounds.

    >>> same(Fraction(1, 2), Fraction(2, 4)), same(Fraction(141, 100), Root(2, 2)), same(Fraction(142, 100), Root(2, 2))
    (True, True, False)
    """
    if type(given) in PLAIN and type(right) in PLAIN:
        return bool(given == right)
    if isinstance(given, (Closed, Root)):
        return bool(closed(given) == getattr(right, "form", right))
    if isinstance(right, (Root, Digits)) and isinstance(given, (int, Fraction)):
        return _rounds(Fraction(given), right)
    if isinstance(right, (Root, Digits)) and hasattr(given, "free_symbols"):
        return _is_irrational(given, right)
    if isinstance(right, ComplexCell):
        return _is_complex(given, right)
    if hasattr(given, "free_symbols") or hasattr(right, "free_symbols"):
        from symconv.algebra import same as same_letters

        return same_letters(given, right)
    return bool(given == right)


def _is_irrational(given: Any, right: Root | Digits) -> bool:
    """Whether an expression without letters, such as a root, is an irrational number."""
    from symconv.algebra import digits, value_at

    if given.free_symbols:  # e alone may be a letter, until it stands against what has none
        euler = {letter: exponential(1) for letter in given.free_symbols if letter.name in ("e", "E")}
        return len(euler) == len(given.free_symbols) and bool(value_at(given, euler) == right)
    if isinstance(right, Root):
        return bool(given >= 0 and given**right.degree == right.of)
    return right == Digits(digits(given))


def _is_complex(given: Any, right: ComplexCell) -> bool:
    """Whether an expression in i or omega, or with a root of 2, is a complex number."""
    if not hasattr(given, "free_symbols"):
        return bool(given == right)
    from symconv import algebra

    omega = OMEGA_5 if right.order == 5 else OMEGA
    units = {"i": IMAGINARY, "j": IMAGINARY, "omega": omega, "omega_5": OMEGA_5, "omega_{5}": OMEGA_5}
    known = {letter: units[letter.name] for letter in given.free_symbols if letter.name in units}
    whole = len(known) == len(given.free_symbols)
    return whole and exact_cell(algebra.value_at(given, {**known, algebra.ROOT_TWO: ROOT_TWO})) == right


def _rounds(given: Fraction, right: Root | Digits) -> bool:
    places = next((n for n in range(2, MOST_DECIMALS) if 10**n % given.denominator == 0), MOST_DECIMALS)
    if 10**MOST_WRITTEN % given.denominator:
        return False  # a fraction, which is no decimal
    half = Fraction(1, 2 * 10**places)
    if isinstance(right, Digits):
        return abs(given - Fraction(right.value)) <= half
    low, high = given - half, given + half
    return low >= 0 and low**right.degree <= right.of <= high**right.degree
