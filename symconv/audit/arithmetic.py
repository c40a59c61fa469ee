"""Arithmetic of values that may be numbers or matrices, for the signs that notes use; it reads no formula."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

from symconv.audit.formula import Sign
from symconv.audit.values import (
    MOST_TERMS,
    Matrix,
    Polynomial,
    Scalar,
    Unknown,
    Value,
    Work,
    add,
    cellwise,
    divide,
    matrix,
    multiply,
    power,
    product,
    scaled,
    transpose,
)


def plus(a: Value, b: Value, work: Work) -> Value:
    """The sum of two numbers or of two matrices."""
    if isinstance(a, Matrix) and isinstance(b, Matrix):
        return cellwise(a, b, add, work)
    if isinstance(a, Matrix) or isinstance(b, Matrix):
        raise Unknown("a number is added to a matrix")
    _spend(work, a, b)
    return add(a, b)


def _spend(work: Work, *values: Scalar) -> None:
    """Polynomials take more operations than numbers."""
    work.spend(sum(len(value.terms) for value in values if isinstance(value, Polynomial)))


def times(a: Value, b: Value, sign: Sign, work: Work) -> Value:
    """The product that a sign stands for; raises Unknown where it has several meanings.

    >>> times(Fraction(7), Fraction(3), "mod", Work(1))
    Fraction(1, 1)
    """
    if isinstance(a, Matrix):
        if isinstance(b, Matrix):
            return _matrices(a, b, sign, work)
        return _scaled(divide(Fraction(1), b) if sign == "div" else b, a, sign, work)
    if isinstance(b, Matrix):
        if sign == "div":
            raise Unknown("it divides by a matrix")
        return _scaled(a, b, sign, work)
    _spend(work, a, b)
    if isinstance(a, Polynomial) and isinstance(b, Polynomial) and (sign == "star" or (_capital(a) and _capital(b))):
        raise Unknown("letters are multiplied that may be matrices or functions")
    if sign == "div":
        return divide(a, b)
    if sign == "mod":
        if isinstance(a, Polynomial) or isinstance(b, Polynomial) or (a.denominator, b.denominator) != (1, 1) or b == 0:
            raise Unknown("mod is not between whole numbers")
        return Fraction(a % b)
    return multiply(a, b)


def _capital(value: Polynomial) -> bool:
    """Whether a letter in it may be a matrix: a capital or a bold one."""
    return any(letter[:1].isupper() or letter.startswith("bold ") for letter in value.letters())


def _scaled(factor: Scalar, a: Matrix, sign: Sign, work: Work) -> Matrix:
    if sign in ("odot", "mod"):
        raise Unknown("a number stands where a matrix belongs")
    if isinstance(factor, Polynomial) and factor.letters() != {"?"}:  # ? is a number that is asked for
        raise Unknown("a letter without a value stands beside a matrix, and may be one")
    return scaled(factor, a, work)


def _matrices(a: Matrix, b: Matrix, sign: Sign, work: Work) -> Value:
    if sign == "odot":
        return cellwise(a, b, multiply, work)
    if sign == "star":
        raise Unknown("* between matrices may be a convolution or a correlation, with any padding")
    if sign not in ("cdot", "beside"):
        raise Unknown("the product sign between two matrices has several meanings")
    if a.loose or b.loose:
        raise Unknown("a list is multiplied, which may be a row or a column")
    return product(a, b, work)


def raised(base: Value, exponent: Value, work: Work) -> Value:
    """A power with a small whole exponent; of a matrix the square and the cube."""
    if isinstance(exponent, Matrix):
        raise Unknown("an exponent is a matrix")
    if not isinstance(base, Matrix):
        if isinstance(base, Polynomial):
            work.spend(MOST_TERMS * len(base.terms))
        return power(base, exponent)
    if not isinstance(exponent, Fraction) or exponent not in (2, 3):
        raise Unknown("a power of a matrix is not evaluated")
    square = product(base, base, work)
    return square if exponent == 2 else product(square, base, work)


def turned(value: Value, work: Work) -> Matrix:
    """The transpose of a matrix."""
    if not isinstance(value, Matrix):
        raise Unknown("T stands above something that is no matrix")
    work.spend(len(value.cells))
    return transpose(value)


def stacked(value: Value, order: str) -> Matrix:
    """The entries of a matrix in one column; the order is named by a word that begins with r or c."""
    if not isinstance(value, Matrix) or value.loose:
        raise Unknown("vec of something that is no matrix")
    first = order.lower()[:1]
    if first not in ("r", "c"):
        raise Unknown("vec, whose order the text does not state")
    return matrix([[cell] for cell in (value if first == "r" else transpose(value)).cells])


def root(value: Fraction) -> Fraction:
    """The square root, where it is rational.

    >>> root(Fraction(4, 9))
    Fraction(2, 3)
    """
    if value < 0:
        raise Unknown("a root of a negative number")
    above, below = isqrt(value.numerator), isqrt(value.denominator)
    if (above * above, below * below) != (value.numerator, value.denominator):
        raise Unknown("a root that is no rational number")
    return Fraction(above, below)
