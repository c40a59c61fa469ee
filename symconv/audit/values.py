"""What a formula of somebody's notes is worth: rationals, polynomials in letters, matrices; it knows no notation.

Everything is exact and bounded: whoever would go beyond a limit raises `Unknown`, and the formula is not evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

MOST_BITS = 4096  # of one number on the way
MOST_TERMS = 200  # of one polynomial
MOST_POWER = 64
MOST_CELLS = 20_000  # of one matrix

Monomial = tuple[tuple[str, int], ...]  # letters in order, each with its power


class Unknown(Exception):  # noqa: N818  # no error: the reason why something is not evaluated
    """A formula that is not evaluated; the message is the reason, in a few words."""


class Work:
    """How many operations are left for one text, so that no text can take long.

    >>> work = Work(1)
    >>> work.spend(1)
    >>> work.left
    0
    """

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self, operations: int) -> None:
        """Take so many operations away; raises Unknown where there are too few."""
        if operations > self.left:
            raise Unknown("the text needs more operations than are allowed")
        self.left -= operations


@dataclass(frozen=True)
class Polynomial:
    """A polynomial that is no number: coefficients by monomial, none of them zero."""

    terms: Mapping[Monomial, Fraction]

    def letters(self) -> set[str]:
        """The letters that occur."""
        return {letter for monomial in self.terms for letter, _ in monomial}


Scalar = Fraction | Polynomial


@dataclass(frozen=True)
class Matrix:
    """Rows of scalars, all of one length; a list in parentheses is a row that may also be a column (`loose`)."""

    rows: tuple[tuple[Scalar, ...], ...]
    loose: bool = False

    @property
    def shape(self) -> tuple[int, int]:
        """How many rows and columns."""
        return len(self.rows), len(self.rows[0])

    @property
    def cells(self) -> list[Scalar]:
        """All entries, row by row."""
        return [cell for row in self.rows for cell in row]


Value = Scalar | Matrix


def letter(name: str) -> Polynomial:
    """The polynomial that is one letter."""
    return Polynomial({((name, 1),): Fraction(1)})


def _settled(terms: dict[Monomial, Fraction]) -> Scalar:
    terms = {monomial: factor for monomial, factor in terms.items() if factor}
    if not terms:
        return Fraction(0)
    if len(terms) == 1 and () in terms:
        return terms[()]
    if len(terms) > MOST_TERMS:
        raise Unknown("the polynomial is too long")
    return Polynomial(terms)


def _terms(value: Scalar) -> Mapping[Monomial, Fraction]:
    return value.terms if isinstance(value, Polynomial) else {(): value}


def _bounded(value: Fraction) -> Fraction:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MOST_BITS:
        raise Unknown("a number is too large")
    return value


def add(a: Scalar, b: Scalar) -> Scalar:
    """The sum of two scalars.

    >>> add(Fraction(1, 2), Fraction(1, 2))
    Fraction(1, 1)
    """
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return _bounded(a + b)
    terms = dict(_terms(a))
    for monomial, factor in _terms(b).items():
        terms[monomial] = _bounded(terms.get(monomial, Fraction(0)) + factor)
    return _settled(terms)


def multiply(a: Scalar, b: Scalar) -> Scalar:
    """The product of two scalars."""
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return _bounded(a * b)
    left, right = _terms(a), _terms(b)
    if len(left) * len(right) > MOST_TERMS:
        raise Unknown("the polynomial is too long")
    terms: dict[Monomial, Fraction] = {}
    for one, factor in left.items():
        for other, by in right.items():
            powers = dict(one)
            for name, power in other:
                powers[name] = powers.get(name, 0) + power
                if powers[name] > MOST_POWER:
                    raise Unknown("a power is too high")
            monomial = tuple(sorted(powers.items()))
            terms[monomial] = _bounded(terms.get(monomial, Fraction(0)) + factor * by)
    return _settled(terms)


def negative(a: Scalar) -> Scalar:
    """The scalar with the other sign."""
    return multiply(Fraction(-1), a)


def divide(a: Scalar, b: Scalar) -> Scalar:
    """The quotient; only by a number."""
    if isinstance(b, Polynomial):
        raise Unknown("it divides by letters without a value")
    if b == 0:
        raise Unknown("it divides by zero")
    return multiply(a, 1 / b)


def power(base: Scalar, exponent: Scalar) -> Scalar:
    """A power with a small whole exponent."""
    if isinstance(exponent, Polynomial) or exponent.denominator != 1 or abs(exponent) > MOST_POWER:
        raise Unknown("an exponent is no small whole number")
    if isinstance(base, Fraction):
        if exponent < 0 and base == 0:
            raise Unknown("it divides by zero")
        if max(base.numerator.bit_length(), base.denominator.bit_length()) * abs(exponent) > MOST_BITS:
            raise Unknown("a number is too large")
        return base ** int(exponent)
    if exponent < 0:
        raise Unknown("it divides by letters without a value")
    result: Scalar = Fraction(1)
    for _ in range(int(exponent)):
        result = multiply(result, base)
    return result


def substitute(value: Scalar, values: Callable[[str], Scalar | None]) -> Scalar:
    """The polynomial with the letters that have a value replaced by it."""
    if isinstance(value, Fraction):
        return value
    known = {name: found for name in value.letters() if (found := values(name)) is not None}
    if not known:
        return value
    total: Scalar = Fraction(0)
    for monomial, factor in value.terms.items():
        term: Scalar = factor
        for name, exponent in monomial:
            term = multiply(term, power(known.get(name, letter(name)), Fraction(exponent)))
        total = add(total, term)
    return total


def matrix(rows: list[list[Scalar]], loose: bool = False) -> Matrix:
    """A matrix of these rows; raises Unknown where they differ in length or are too many."""
    if not rows or not rows[0]:
        raise Unknown("a matrix is empty")
    if len({len(row) for row in rows}) > 1:
        raise Unknown("the rows of a matrix differ in length")
    if len(rows) * len(rows[0]) > MOST_CELLS:
        raise Unknown("a matrix is too large")
    return Matrix(tuple(map(tuple, rows)), loose)


def transpose(a: Matrix) -> Matrix:
    """Rows become columns."""
    return Matrix(tuple(zip(*a.rows, strict=True)))


def cellwise(a: Matrix, b: Matrix, join: Callable[[Scalar, Scalar], Scalar], work: Work) -> Matrix:
    """Two matrices of one shape joined cell by cell."""
    if a.shape != b.shape:
        raise Unknown(f"a {by(a.shape)} and a {by(b.shape)} matrix do not fit")
    work.spend(len(a.cells))
    pairs = zip(a.rows, b.rows, strict=True)
    return Matrix(tuple(tuple(map(join, one, other)) for one, other in pairs), a.loose and b.loose)


def scaled(factor: Scalar, a: Matrix, work: Work) -> Matrix:
    """A matrix with every entry multiplied."""
    work.spend(len(a.cells))
    return Matrix(tuple(tuple(multiply(factor, cell) for cell in row) for row in a.rows), a.loose)


def product(a: Matrix, b: Matrix, work: Work) -> Matrix:
    """The matrix product."""
    if a.shape[1] != b.shape[0]:
        raise Unknown(f"a {by(a.shape)} matrix cannot be multiplied by a {by(b.shape)} matrix")
    if a.shape[0] * b.shape[1] > MOST_CELLS:
        raise Unknown("a matrix is too large")
    letters = any(isinstance(cell, Polynomial) for cell in (*a.cells, *b.cells))
    work.spend(a.shape[0] * a.shape[1] * b.shape[1] * (10 if letters else 1))
    columns = list(zip(*b.rows, strict=True))
    return Matrix(tuple(tuple(_inner(row, column) for column in columns) for row in a.rows))


def _inner(row: tuple[Scalar, ...], column: tuple[Scalar, ...]) -> Scalar:
    total: Scalar = Fraction(0)
    for one, other in zip(row, column, strict=True):
        if one != 0 and other != 0:
            total = add(total, multiply(one, other))
    return total


def assembled(blocks: list[list[Value]]) -> Matrix:
    """A matrix of matrices; a zero among them stands for a block of zeros."""
    heights = [max((len(part.rows) for part in row if isinstance(part, Matrix)), default=1) for row in blocks]
    widths = [
        max((part.shape[1] for part in column if isinstance(part, Matrix)), default=1)
        for column in zip(*blocks, strict=True)
    ]
    if sum(heights) * sum(widths) > MOST_CELLS:
        raise Unknown("a matrix is too large")
    rows: list[list[Scalar]] = []
    for height, row in zip(heights, blocks, strict=True):
        lines: list[list[Scalar]] = [[] for _ in range(height)]
        for width, part in zip(widths, row, strict=True):
            if isinstance(part, Matrix):
                if part.shape != (height, width):
                    raise Unknown("the blocks of a matrix do not fit")
                found = [list(line) for line in part.rows]
            elif part == 0 or (height, width) == (1, 1):
                found = [[part] * width for _ in range(height)]
            else:
                raise Unknown("a block of a matrix is a number")
            lines = [line + more for line, more in zip(lines, found, strict=True)]
        rows += lines
    return matrix(rows)


def by(shape: tuple[int, ...]) -> str:
    """A shape in words: 3x3."""
    return "x".join(map(str, shape))
