"""Exact numbers beyond the rationals, for the oracle: roots of unity, real roots, exponentials to many digits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any


@dataclass(frozen=True, eq=False)
class Complex:
    """An exact complex number a + bu with u^2 = -1 - tu: u = i for t = 0, u = exp(-2 pi i / 3) for t = 1.

    >>> IMAGINARY * IMAGINARY == -1, OMEGA * OMEGA * OMEGA == 1
    (True, True)
    """

    a: int | Fraction
    b: int | Fraction
    t: int

    def _of(self, other: Any) -> Complex:
        return other if isinstance(other, Complex) else Complex(other, 0, self.t)

    def __add__(self, other: Any) -> Complex:
        """The sum."""
        that = self._of(other)
        return Complex(self.a + that.a, self.b + that.b, self.t)

    def __mul__(self, other: Any) -> Complex:
        """The product; u^2 is put back as -1 - tu."""
        that, square = self._of(other), self.b * self._of(other).b
        return Complex(self.a * that.a - square, self.a * that.b + self.b * that.a - self.t * square, self.t)

    __radd__, __rmul__ = __add__, __mul__

    def __eq__(self, other: object) -> bool:
        """Whether both parts are the same."""
        that = self._of(other)
        return self.a == that.a and self.b == that.b

    __hash__ = None  # type: ignore[assignment]  # equal to plain numbers, so it must not hash otherwise


IMAGINARY, OMEGA = Complex(0, 1, 0), Complex(0, 1, 1)


@dataclass(frozen=True)
class Root:
    """A real root that is no rational number: the number that is not negative and has `of` as its power."""

    of: int | Fraction
    degree: int


def root(value: Any, degree: int) -> Any:
    """The exact root of a rational: a rational where there is one, found by trying, otherwise a `Root`.

    >>> root(Fraction(8, 27), 3), root(2, 2)
    (Fraction(2, 3), Root(of=2, degree=2))
    """
    value = Fraction(value)
    if degree == 1:
        return value
    if value < 0:
        return Root(value, degree)  # of odd degree, and only where a claim is tried at random operands
    sides = [_whole_root(part, degree) for part in (value.numerator, value.denominator)]
    if all(side**degree == part for side, part in zip(sides, (value.numerator, value.denominator), strict=True)):
        return Fraction(*sides)
    return Root(value if value.denominator > 1 else value.numerator, degree)


def _whole_root(value: int, degree: int) -> int:
    """The largest whole number whose power is at most `value`, by halving."""
    low, high = 0, 1 << (value.bit_length() // degree + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**degree <= value else (low, middle)
    return low


def rounded_root(value: Any, degree: int, places: int) -> Fraction:
    """A root rounded to so many decimal places.

    >>> rounded_root(2, 2, 3)
    Fraction(707, 500)
    """
    finer = Fraction(value) * (2 * 10**places) ** degree
    return Fraction((_whole_root(finer.numerator // finer.denominator, degree) + 1) // 2, 10**places)


DIGITS = 50  # to which two values with exponentials must agree
_WORKING = 90  # digits that are computed, so that DIGITS of them survive every difference


class Digits:
    """A real number that is no rational, known to many digits; it equals what agrees with it to DIGITS decimals.

    >>> exp(1) * exp(-1) == Digits(Decimal(1)), exp(1) == Digits(Decimal("2.718"))
    (True, False)
    """

    def __init__(self, value: Decimal | int) -> None:
        self.value = Decimal(value)

    def _with(self, other: Any, join: Callable[[Decimal, Decimal], Decimal]) -> Digits:
        with localcontext(prec=_WORKING):
            return Digits(join(self.value, _decimal(other)))

    def __add__(self, other: Any) -> Digits:
        return self._with(other, lambda a, b: a + b)

    def __mul__(self, other: Any) -> Digits:
        return self._with(other, lambda a, b: a * b)

    def __truediv__(self, other: Any) -> Digits:
        return self._with(other, lambda a, b: a / b)

    def __rtruediv__(self, other: Any) -> Digits:
        return self._with(other, lambda a, b: b / a)

    def __neg__(self) -> Digits:
        return self * -1

    __radd__, __rmul__ = __add__, __mul__

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (int, Fraction, Decimal, Digits)):
            return False
        apart = self + -Digits(_decimal(other))
        return abs(apart.value) <= Decimal(10) ** -DIGITS * max(Decimal(1), abs(self.value))

    def __hash__(self) -> int:
        return 0

    def rounded(self, places: int) -> Fraction:
        """The value to so many decimal places, a half upwards."""
        with localcontext(prec=_WORKING):
            return Fraction(int((self.value * 10**places + Decimal("0.5")).__floor__()), 10**places)


def _decimal(value: Any) -> Decimal:
    if isinstance(value, Digits):
        return value.value
    with localcontext(prec=_WORKING):
        return Decimal(int(value.numerator)) / Decimal(int(value.denominator))


def exp(value: int | Fraction) -> Digits:
    """The exponential of a rational, to many digits."""
    with localcontext(prec=_WORKING):
        return Digits(_decimal(value).exp())
