"""Evaluates formulas with roots that are no rational numbers, as closed forms, which are compared without rounding."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from symconv.audit.evaluate import Evaluator
from symconv.audit.formula import Call, Formula, Name, Negative, Number, Power, Product, Sum
from symconv.audit.values import Unknown
from symconv.closed_form import Closed, closed

COST = 50  # operations that one of closed forms counts for
_SIGNS = frozenset({"cdot", "times", "star", "beside", "div"})


def closed_value(formula: Formula, reader: Evaluator) -> Closed:
    """The value of a formula of numbers and their roots; raises Unknown with the reason.

    >>> from symconv.audit.evaluate import Scope
    >>> from symconv.audit.values import Work
    >>> root = Call("sqrt", (Number(Fraction(8), 0, 0, "8"),))
    >>> print(closed_value(root, Evaluator(Scope(Work(1000)))))
    2*sqrt(2)
    """
    try:
        return _value(formula, reader)
    except (OverflowError, ValueError):
        raise Unknown("a root that is no rational number") from None
    except ZeroDivisionError:
        raise Unknown("it divides by zero") from None


def _value(formula: Formula, reader: Evaluator) -> Closed:
    reader.scope.work.spend(COST)
    match formula:
        case Number() | Name():
            value = reader.value(formula)
            if isinstance(value, Fraction):
                return closed(value)
        case Sum(terms):
            return sum((_value(term, reader) for term in terms), start=closed(0))
        case Negative(body):
            return _value(body, reader) * -1
        case Product(factors, signs) if _SIGNS.issuperset(signs):
            total = _value(factors[0], reader)
            for sign, factor in zip(signs, factors[1:], strict=True):
                total = total / _value(factor, reader) if sign == "div" else total * _value(factor, reader)
            return total
        case Power(base, exponent):
            power = _value(exponent, reader).rational
            if power is not None:
                return _value(base, reader).raised(power)
        case Call("over", (above, below)):
            return _value(above, reader) / _value(below, reader)
        case Call("sqrt", (body,)):
            inside = _value(body, reader)
            return inside.raised(Fraction(1, 2)) if inside else inside
    raise Unknown("a root that is no rational number")


def rounds(value: Closed, printed: Closed, places: int) -> bool | None:
    """Whether a decimal is a value rounded to so many places; None where digits do not tell.

    >>> root = closed(2).raised(Fraction(1, 2))
    >>> [rounds(root, closed(Fraction(text)), 2) for text in ("1.41", "1.42")]
    [True, False]
    """
    apart = (value + printed * -1).digits
    if apart is None:
        return None
    half = Decimal(5) * Decimal(10) ** (-places - 1)
    return None if abs(abs(apart) - half) < Decimal(10) ** -30 else abs(apart) < half


def shown_digits(value: Closed) -> str:
    """Its first digits: 9.2195..., as it is no rational number."""
    digits = value.digits
    if digits is None or abs(digits) >= 10**12:
        return "another number"
    whole = f"{digits:.30f}"
    return f"{whole[: whole.index('.') + 5]}..."
