"""Asks which single number of a formula would have to be another one for the formula to have a given value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from symconv.audit.evaluate import Evaluator
from symconv.audit.formula import Call, Formula, Number, Power, Product, children, parts
from symconv.audit.values import Matrix, Polynomial, Scalar, Unknown, Value, add, negative

MOST_NUMBERS = 80
MOST_CELLS = 400
MOST_WORK = 20_000
_HIGHEST = 30  # what is tried where a number is squared


@dataclass(frozen=True)
class Repair:
    """`right` in place of the number `found`, which is the `nth` of `of` that are written alike."""

    found: str
    right: Fraction
    nth: int
    of: int


def repair(formula: Formula, target: Value | None, reader: Evaluator) -> Repair | None:
    """The one number of the formula that could be wrong, if there is only one and only one value for it."""
    if isinstance(formula, Number) or target is None or not _smooth(formula):
        return None
    numbers = [part for part in parts(formula) if isinstance(part, Number)]
    numbers.sort(key=lambda number: number.start)
    cells = len(target.cells) if isinstance(target, Matrix) else 1
    if not 0 < len(numbers) <= MOST_NUMBERS or cells > MOST_CELLS:
        return None
    found: list[tuple[Number, Fraction]] = []
    try:
        left = reader.scope.work.left
        reader.value(formula)
        if (left - reader.scope.work.left) * len(numbers) > MOST_WORK:
            return None
        for number in numbers:
            value = replace(reader, hole=number, used=set()).value(formula)
            found += [(number, right) for right in _solutions(value, target) if _alike(number, right)]
            if len(found) > 1:
                return None
    except Unknown:
        return None
    if not found:
        return None
    number, right = found[0]
    same = [other for other in numbers if other.text == number.text]
    return Repair(number.text, right, same.index(number) + 1, len(same))


def _smooth(formula: Formula) -> bool:
    """Whether every number goes into the value as into a polynomial; a floor has many numbers for one value."""
    for part in parts(formula):
        match part:
            case Call(name) if name != "over":
                return False
            case Product(_, signs) if "mod" in signs:
                return False
            case Power(_, exponent) if any(isinstance(inner, Number) for inner in parts(exponent)):
                if any(isinstance(inner, Number) for inner in children(part)[:1]):
                    return False
    return True


def _alike(number: Number, right: Fraction) -> bool:
    """Whether a person could have meant it: as many decimals, no sign of its own, another number."""
    return right != number.value and right >= 0 and (right * 10**number.places).denominator == 1


def _solutions(value: Value, target: Value) -> Iterator[Fraction]:
    """The numbers that make `value`, which holds the letter ?, the target."""
    if isinstance(value, Matrix) != isinstance(target, Matrix):
        return
    if isinstance(value, Matrix) and isinstance(target, Matrix):
        if value.shape != target.shape:
            return
        pairs = list(zip(value.cells, target.cells, strict=True))
    elif not isinstance(value, Matrix) and not isinstance(target, Matrix):
        pairs = [(value, target)]
    apart = [add(one, negative(other)) for one, other in pairs]
    open_ = [part for part in apart if part != 0]
    if open_ and isinstance(open_[0], Polynomial):
        yield from (right for right in _roots(open_[0]) if all(_at(part, right) == 0 for part in open_))


def _roots(polynomial: Polynomial) -> Iterator[Fraction]:
    factors = {sum(power for _, power in monomial): factor for monomial, factor in polynomial.terms.items()}
    if polynomial.letters() != {"?"}:
        return
    if max(factors) == 1:
        yield -factors.get(0, Fraction(0)) / factors[1]
    else:
        yield from (Fraction(n) for n in range(_HIGHEST + 1) if _at(polynomial, Fraction(n)) == 0)


def _at(part: Scalar, value: Fraction) -> Scalar:
    if isinstance(part, Fraction) or part.letters() != {"?"}:
        return part
    powers = ((sum(power for _, power in monomial), factor) for monomial, factor in part.terms.items())
    return sum((factor * value**power for power, factor in powers), Fraction(0))
