"""Real roots and closed forms: exact numbers with roots and powers of e, which are compared without any rounding.

It knows neither how they are written nor what they are the answer to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, Decimal, localcontext
from fractions import Fraction
from math import isqrt, lcm
from typing import Any


@dataclass(frozen=True)
class Root:
    """A real root that is no rational number: the number that is not negative and has `of` as its power."""

    of: int | Fraction
    degree: int

    def __str__(self) -> str:
        """As a person types it: sqrt(5), 5*sqrt(6), 18^(1/3)."""
        return str(closed(self)) if self.of > 0 else f"({self.of})^(1/{self.degree})"


def root(value: Any, degree: int) -> Any:
    """The exact root of a rational: a rational where there is one, otherwise a `Root` of the lowest degree.

    >>> root(Fraction(8, 27), 3), root(2, 2), root(9, 4)
    (Fraction(2, 3), Root(of=2, degree=2), Root(of=3, degree=2))
    """
    value = Fraction(value)
    if value < 0 and degree > 1:
        return Root(value, degree)  # of odd degree, and only where a claim is tried at random operands
    value, degree = _lowest(value, degree)
    if degree == 1:
        return value
    return Root(value if value.denominator > 1 else value.numerator, degree)


def _lowest(value: Fraction, degree: int) -> tuple[Fraction, int]:
    """The same root with the lowest degree that it has; 1 where it is rational."""
    for prime in range(2, degree + 1):  # a number that is not prime finds nothing left
        while degree % prime == 0:
            sides = [_whole_root(part, prime) for part in (value.numerator, value.denominator)]
            if sides[0] ** prime != value.numerator or sides[1] ** prime != value.denominator:
                break
            value, degree = Fraction(*sides), degree // prime
    return value, degree


def _whole_root(value: int, degree: int) -> int:
    """The largest whole number whose power is at most `value`, by Newton's method from above."""
    if degree == 2 or value < 2:
        return isqrt(value) if value > 1 else value
    found = 1 << -(-value.bit_length() // degree)
    while (better := ((degree - 1) * found + value // found ** (degree - 1)) // degree) < found:
        found = better
    return found


def rounded_root(value: Any, degree: int, places: int) -> Fraction:
    """A root rounded to so many decimal places.

    >>> rounded_root(2, 2, 3)
    Fraction(707, 500)
    """
    finer = Fraction(value) * (2 * 10**places) ** degree
    return Fraction((_whole_root(finer.numerator // finer.denominator, degree) + 1) // 2, 10**places)


MOST_TERMS = 12  # of a sum in a closed form
MOST_PRODUCTS = 48  # of terms, in one product of such sums
MOST_BITS = 512  # of a number in it
MOST_DEGREE = 24  # of a root in it
_Term = tuple[Fraction, bool, Fraction, int]  # the exponent of e, whether i is a factor, and what root of what
_Sum = dict[_Term, Fraction]
_ONE: _Term = (Fraction(0), False, Fraction(1), 1)


class Closed:
    """An exact quotient of sums of products of rationals, positive real roots of rationals, powers of e, and i.

    Whether two are one is decided, never estimated. Real roots of which no two have a rational ratio are linearly
    independent over the rationals (Carr & O'Sullivan, On the linear independence of roots, theorem 1.1), and powers of
    e with different exponents over the algebraic numbers (Lindemann and Weierstrass). So a sum is zero only where it
    has no terms left, once roots with a rational ratio are put together.

    >>> closed(Root(340, 2)) / 2 == Root(85, 2), exponential(1) * exponential(-1) == 1, I * I == -1
    (True, True, True)
    >>> print(1 / (exponential(-3) + 1), closed(Root(2, 2)) * -3 + I)
    1/(exp(-3) + 1) -3*sqrt(2) + i

    Arithmetic raises OverflowError beyond the limits above, and ZeroDivisionError.
    """

    def __init__(self, above: Mapping[_Term, Fraction], below: Mapping[_Term, Fraction]) -> None:
        if not below:
            raise ZeroDivisionError("this divides by zero")
        if len(below) == 1 and below != {_ONE: 1}:  # a product can be divided by term by term
            ((term, count),) = below.items()
            above, below = _product(above, _inverse(term, count)), {_ONE: Fraction(1)}
        self.above, self.below = dict(above), dict(below)

    def _bounded(self) -> Closed:
        for side in (self.above, self.below):
            if len(side) > MOST_TERMS:
                raise OverflowError(f"this has more than {MOST_TERMS} terms; write it shorter")
            for (power, _, of, degree), count in side.items():
                sizes = [part for number in (power, of, count) for part in (number.numerator, number.denominator)]
                if max(size.bit_length() for size in sizes) > MOST_BITS or degree > MOST_DEGREE:
                    raise OverflowError("a number or a root in this is too large; write its value")
        return self

    def __add__(self, other: Any) -> Closed:
        """The sum."""
        that = closed(other)
        if self.below == that.below:
            return Closed(_merged([*self.above.items(), *that.above.items()]), self.below)._bounded()
        above = [*_few(self.above, that.below).items(), *_few(that.above, self.below).items()]
        return Closed(_merged(above), _few(self.below, that.below))._bounded()

    def __mul__(self, other: Any) -> Closed:
        """The product."""
        that = closed(other)
        return Closed(_few(self.above, that.above), _few(self.below, that.below))._bounded()

    def __truediv__(self, other: Any) -> Closed:
        """The quotient."""
        that = closed(other)
        return Closed(_few(self.above, that.below), _few(self.below, that.above))._bounded()

    def __rtruediv__(self, other: Any) -> Closed:
        """The quotient the other way round."""
        return closed(other) / self

    __radd__, __rmul__ = __add__, __mul__

    def __bool__(self) -> bool:
        return bool(self.above)

    def __eq__(self, other: object) -> bool:
        other = getattr(other, "form", other)  # of a number known to many digits
        if not isinstance(other, (int, Fraction, Root, Closed)):
            return NotImplemented
        that = closed(other)
        if (self.above, self.below) == (that.above, that.below):
            return True
        if _surely_apart(self, that):
            return False
        apart = [(term, -count) for term, count in _product(that.above, self.below).items()]
        return not _merged([*_product(self.above, that.below).items(), *apart])

    def __hash__(self) -> int:
        return 0

    @property
    def rational(self) -> Fraction | None:
        """Its value where it is rational.

        >>> ((closed(Root(2, 2)) + 1) / (closed(Root(8, 2)) + 2)).rational
        Fraction(1, 2)
        """
        if len(self.below) == 1:  # then it is 1
            return self.above.get(_ONE, Fraction(0)) if self.above.keys() <= {_ONE} else None
        first = next(iter(self.below))
        found = Fraction(0)
        for term, count in self.above.items():
            ratio = _ratio(term, first)
            if ratio is not None:
                found = count * ratio / self.below[first]
        return found if self == found else None

    @property
    def digits(self) -> Decimal | None:
        """Its value to 40 digits or more; None where it is not real, or too large.

        >>> round(closed(Root(2, 2)).digits, 4)
        Decimal('1.4142')
        """
        if any(turned or abs(power) > _FARTHEST for side in (self.above, self.below) for power, turned, *_ in side):
            return None
        with localcontext(prec=60, Emax=MAX_EMAX, Emin=MIN_EMIN):
            above, below = _estimate(self.above)[0], _estimate(self.below)[0]
            return above / below if below else None

    @property
    def root(self) -> Root | None:
        """The same as a `Root`, where it is a positive number times a real root.

        >>> (closed(Root(2, 2)) * 3).root
        Root(of=18, degree=2)
        """
        if len(self.above) != 1 or self.below != {_ONE: 1}:
            return None
        (((power, turned, of, degree), count),) = self.above.items()
        if power or turned or degree == 1 or count < 0:
            return None
        value = count**degree * of
        return Root(value if value.denominator > 1 else value.numerator, degree)

    def raised(self, exponent: Fraction) -> Closed:
        """A power: of a product with any rational exponent, of a sum with a small whole one.

        >>> print(closed(8).raised(Fraction(2, 3)), closed(12).raised(Fraction(1, 2)))
        4 2*sqrt(3)
        """
        if len(self.above) == 1 and self.below == {_ONE: 1}:
            ((term, count),) = self.above.items()
            (power, turned, of, degree), (up, down) = term, (exponent.numerator, exponent.denominator)
            size = max(n.bit_length() for part in (of, count) for n in (part.numerator, part.denominator))
            if size * abs(up) > MOST_BITS or degree * down > MOST_DEGREE:
                raise OverflowError("this power or root is too large; write its value")
            if down == 1 and (turned or count < 0) and abs(up) > MOST_DEGREE:
                raise OverflowError("this power is too large; write its value")
            if down == 1:
                made = closed(1)
                for _ in range(abs(up)) if turned else ():
                    made = made * I
                bare = Closed(_as_sum(power * up, count**up, of**up, degree), {_ONE: Fraction(1)})
                return (bare * made if up > 0 else bare / made)._bounded()
            if turned or count < 0:
                raise ValueError("a root of what is no positive number cannot be read here")
            value = (count**degree * of) ** up
            return Closed(_as_sum(power * exponent, Fraction(1), value, degree * down), {_ONE: Fraction(1)})._bounded()
        if exponent.denominator > 1:
            raise ValueError("a root of a sum of roots or exponentials cannot be read here")
        if abs(exponent) > MOST_TERMS:
            raise OverflowError("this power of a sum is too large; write it out")
        made = closed(1)
        for _ in range(abs(int(exponent))):
            made = made * self
        return made if exponent >= 0 else 1 / made

    def __repr__(self) -> str:
        return f"Closed({self})"

    def __str__(self) -> str:
        """As a person types it."""
        above = _text(self.above)
        if self.below == {_ONE: 1}:
            return above
        return f"({above})/({_text(self.below)})" if len(self.above) > 1 else f"{above}/({_text(self.below)})"


def closed(value: Any) -> Closed:
    """A rational, a root, or what knows its closed form, as a closed form."""
    value = getattr(value, "form", value)
    if isinstance(value, Closed):
        return value
    of, degree = (value.of, value.degree) if isinstance(value, Root) else (1, 1)
    count = Fraction(1) if isinstance(value, Root) else Fraction(value)
    return Closed(_as_sum(Fraction(0), count, Fraction(of), degree), {_ONE: Fraction(1)})


def exponential(value: Fraction | int) -> Closed:
    """The exponential of a rational as a closed form."""
    return Closed(_as_sum(Fraction(value), Fraction(1), Fraction(1), 1), {_ONE: Fraction(1)})


_FARTHEST = 10**6  # an exponent up to which a power of e is estimated


def _surely_apart(one: Closed, other: Closed) -> bool:
    """Whether digits tell two numbers apart, which is quicker than to decide it; they never say that two are one.

    60 digits are worked with, so that an error is far below the 40th of what is added up.
    """
    sides = (one.above, one.below, other.above, other.below)
    if any(abs(power) > _FARTHEST for side in sides for power, *_ in side):
        return False
    with localcontext(prec=60, Emax=MAX_EMAX, Emin=MIN_EMIN):
        (a, b, a_size), (c, d, c_size), (e, f, e_size), (g, h, g_size) = map(_estimate, sides)
        error = (a_size * g_size + e_size * c_size) * Decimal(10) ** -40
        real, imaginary = (a * g - b * h) - (e * c - f * d), (a * h + b * g) - (e * d + f * c)
        return max(abs(real), abs(imaginary)) > error


def _estimate(terms: Mapping[_Term, Fraction]) -> tuple[Decimal, Decimal, Decimal]:
    """The real and the imaginary part to many digits, and the sum of the sizes of the terms."""
    parts = [Decimal(0), Decimal(0), Decimal(0)]
    for (power, turned, of, degree), count in terms.items():
        rest, exponent, times = (Decimal(one.numerator) / one.denominator for one in (of, power, count))
        value = (rest.ln() / degree + exponent).exp() * times
        parts[turned] += value
        parts[2] += abs(value)
    return parts[0], parts[1], parts[2]


def _as_sum(power: Fraction, count: Fraction, of: Fraction, degree: int) -> _Sum:
    of, degree = _lowest(of, degree)
    if degree == 1:
        count, of = count * of, Fraction(1)
    return {(power, False, of, degree): count} if count else {}


def _ratio(one: _Term, other: _Term) -> Fraction | None:
    """The ratio of two terms where it is rational; both have the lowest degree, so that the degrees agree there."""
    if one[:2] != other[:2] or one[3] != other[3]:
        return None
    of, degree = _lowest(one[2] / other[2], one[3])
    return of if degree == 1 else None


def _merged(terms: Iterable[tuple[_Term, Fraction]]) -> _Sum:
    """The sum of terms; those with a rational ratio become one."""
    made: _Sum = {}
    for term, count in terms:
        place, part = term, count
        if term not in made:
            for known in made:
                ratio = _ratio(term, known)
                if ratio is not None:
                    place, part = known, count * ratio
                    break
        made[place] = made.get(place, Fraction(0)) + part
        if not made[place]:
            del made[place]
    return made


def _few(one: Mapping[_Term, Fraction], other: Mapping[_Term, Fraction]) -> _Sum:
    if len(one) * len(other) > MOST_PRODUCTS:
        raise OverflowError(f"this product has more than {MOST_PRODUCTS} terms; write it shorter")
    return _product(one, other)


def _product(one: Mapping[_Term, Fraction], other: Mapping[_Term, Fraction]) -> _Sum:
    made: list[tuple[_Term, Fraction]] = []
    for (power, turned, of, degree), count in one.items():
        for (plus, again, by, n), times in other.items():
            both = lcm(degree, n)
            sign = -1 if turned and again else 1
            part = _as_sum(power + plus, sign * count * times, of ** (both // degree) * by ** (both // n), both)
            made += [((*term[:1], turned != again, *term[2:]), size) for term, size in part.items()]
    return _merged(made)


def _inverse(term: _Term, count: Fraction) -> _Sum:
    """1 / (count * term): 1/i is -i."""
    power, turned, of, degree = term
    return {(-power, turned, 1 / of, degree): (-1 if turned else 1) / count}


def _shown_root(of: Fraction, degree: int) -> tuple[Fraction, str]:
    """What a hand writes before a root, and the root of a whole number without small powers in it."""
    before, inside = Fraction(1, of.denominator), of.numerator * of.denominator ** (degree - 1)
    for factor in range(2, 100):
        while inside % factor**degree == 0:
            before, inside = before * factor, inside // factor**degree
    return before, f"sqrt({inside})" if degree == 2 else f"{inside}^(1/{degree})"


def _text(terms: Mapping[_Term, Fraction]) -> str:
    made = ""
    for (power, turned, of, degree), count in terms.items():
        before, root = _shown_root(of, degree)
        factors, count = [root] if degree > 1 else [], count * before  # noqa: PLW2901
        factors += [f"exp({power})"] if power else []
        factors += ["i"] if turned else []
        size = abs(count.numerator)
        factors[:0] = [str(size)] if size != 1 or not factors else []
        sign = (" - " if made else "-") if count < 0 else (" + " if made else "")
        made += sign + "*".join(factors) + (f"/{count.denominator}" if count.denominator > 1 else "")
    return made or "0"


I = Closed({(Fraction(0), True, Fraction(1), 1): Fraction(1)}, {_ONE: Fraction(1)})  # noqa: E741
