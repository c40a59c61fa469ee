"""Exact numbers beyond the rationals, for the oracle: roots of unity, exponentials to many digits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache, cached_property
from math import lcm
from typing import Any

from symconv.closed_form import Closed, closed, exponential


@dataclass(frozen=True, eq=False)
class Cyclotomic:
    """An exact sum of powers of z = exp(-2 pi i / N): how often it holds 1, z, z^2, ..., z^(N - 1).

    Powers come round after N. Two such sums are one number where their difference is a multiple of the N-th cyclotomic
    polynomial, which has the primitive N-th roots of unity as its roots.

    >>> IMAGINARY * IMAGINARY == -1, OMEGA * OMEGA + OMEGA == -1, ROOT_TWO * ROOT_TWO == 2
    (True, True, True)
    """

    counts: tuple[int | Fraction, ...]

    @cached_property
    def parts(self) -> tuple[int | Fraction, ...]:
        """The counts of 1, z, ..., in the one form that has the fewest powers: the remainder by the polynomial."""
        return tuple(_divided(self.counts, _cyclotomic(len(self.counts)))[1])

    def _finer(self, order: int) -> tuple[int | Fraction, ...]:
        """The counts of the powers of exp(-2 pi i / order), where N divides the order."""
        step = order // len(self.counts)
        return tuple(0 if n % step else self.counts[n // step] for n in range(order))

    def _with(self, other: Any) -> tuple[tuple[int | Fraction, ...], tuple[int | Fraction, ...]]:
        that = other if isinstance(other, Cyclotomic) else Cyclotomic((other,))
        order = lcm(len(self.counts), len(that.counts))
        return self._finer(order), that._finer(order)

    def __add__(self, other: Any) -> Cyclotomic:
        """The sum."""
        return Cyclotomic(tuple(a + b for a, b in zip(*self._with(other), strict=True)))

    def __mul__(self, other: Any) -> Cyclotomic:
        """The product; what goes beyond z^(N - 1) comes in again at 1."""
        a, b = self._with(other)
        return Cyclotomic(tuple(sum(a[m] * b[n - m] for m in range(len(a))) for n in range(len(a))))

    __radd__, __rmul__ = __add__, __mul__

    def __eq__(self, other: object) -> bool:
        """Whether nothing is left of the difference."""
        return not any((self + Cyclotomic((-1,)) * other).parts)

    __hash__ = None  # type: ignore[assignment]  # equal to plain numbers, so it must not hash otherwise


def root_of_unity(order: int, power: int = 1) -> Cyclotomic:
    """A power of exp(-2 pi i / order)."""
    if order % 4 == 2:  # minus a power of the root of half the order
        half = order // 2
        lower = root_of_unity(half, power * ((half + 1) // 2))
        return lower * -1 if power % 2 else lower
    return Cyclotomic(tuple(int(n == power % order) for n in range(order)))


@cache
def _cyclotomic(order: int) -> tuple[int, ...]:
    """The cyclotomic polynomial, the constant first: x^N - 1 without those of the divisors of N.

    >>> _cyclotomic(8), _cyclotomic(6)
    ((1, 0, 0, 0, 1), (1, -1, 1))
    """
    made = (-1, *[0] * (order - 1), 1)
    for divisor in range(1, order):
        if order % divisor == 0:
            made = tuple(_divided(made, _cyclotomic(divisor))[0])
    return made


def _divided(above: Sequence[Any], below: Sequence[int]) -> tuple[list[Any], list[Any]]:
    """Long division by a polynomial that leads with 1, the constants first: what comes out, and what is left."""
    rest, degree = list(above), len(below) - 1
    for top in range(len(rest) - 1, degree - 1, -1):
        for n in range(degree):
            rest[top - degree + n] -= rest[top] * below[n]
    return rest[degree:], rest[:degree]


IMAGINARY, OMEGA, OMEGA_5 = root_of_unity(4, -1), root_of_unity(3), root_of_unity(5)
ROOT_TWO = root_of_unity(8) + root_of_unity(8, -1)  # twice the cosine of 45 degrees


DIGITS = 50  # to which two values with exponentials must agree
_WORKING = 90  # digits that are computed, so that DIGITS of them survive every difference


class Digits:
    """A real number that is no rational, known to many digits; it equals what agrees with it to DIGITS decimals.

    >>> exp(1) * exp(-1) == Digits(Decimal(1)), exp(1) == Digits(Decimal("2.718"))
    (True, False)
    """

    def __init__(self, value: Decimal | int, form: Callable[[], Closed] | Closed | None = None) -> None:
        self.value = Decimal(value)
        self._form = form

    @cached_property
    def form(self) -> Closed | None:
        """The closed form it was worked out from; None where only digits are known."""
        try:
            return self._form() if callable(self._form) else self._form
        except OverflowError:  # it is too long to be compared
            return None

    def __str__(self) -> str:
        """Its closed form, or its first digits."""
        return f"{self.value:.6f}..." if self.form is None else str(self.form)

    def _with(self, other: Any, join: Callable[[Any, Any], Any]) -> Digits:
        with localcontext(prec=_WORKING):
            known = self._form is not None and (not isinstance(other, Digits) or other._form is not None)
            form = (lambda: join(self.form, closed(other))) if known else None
            return Digits(join(self.value, _decimal(other)), form)

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
            return NotImplemented
        apart = self + -Digits(_decimal(other))
        return abs(apart.value) <= Decimal(10) ** -DIGITS * max(Decimal(1), abs(self.value))

    def __hash__(self) -> int:
        return 0

    def __reduce__(self) -> tuple[Any, ...]:
        return Digits, (self.value, self.form)

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
        return Digits(_decimal(value).exp(), lambda: exponential(Fraction(value)))
