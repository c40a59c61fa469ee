"""Why two sides that differ may be no mistake: conditions, definitions, sizes; it compares nothing itself."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from symconv.audit.chains import Relation
from symconv.audit.evaluate import Evaluator, Scope
from symconv.audit.formula import Call, Formula, Listed, Name, Negative, Number, Power, Product, Rows, Series, parts
from symconv.audit.values import Matrix, Polynomial, Scalar, Unknown, Value

_LOOSE = Fraction(1, 100)  # how far apart two numbers may be that are about equal and both rounded


def doubt(
    left: Formula, right: Formula, values: tuple[Value | None, Value | None], relation: Relation, reader: Evaluator
) -> str:
    """The reason not to call two sides with these different values wrong, or ""."""
    if reader.doubts:
        return "a comma in it may separate two numbers"
    a, b = values
    if isinstance(a, Matrix) and isinstance(b, Matrix):
        return _of_matrices(left, right, a, b, relation, reader)
    if _plain(left) and _plain(right):
        return "letters on both sides: it may be a condition on them"
    if reader.letters:
        return "letters without a value: it may be an equation"
    if any(size_only(side) and other in factors(side) for side, other in ((left, b), (right, a))):
        return "it may be a size, not a product"
    if isinstance(a, Fraction) and isinstance(b, Fraction) and relation == "about" and _near(left, right, a, b):
        return "numbers on both sides are rounded"
    return ""


def _of_matrices(left: Formula, right: Formula, a: Matrix, b: Matrix, relation: Relation, reader: Evaluator) -> str:
    bare = isinstance(left, Name) or isinstance(right, Name)
    unsteady = bool(reader.used & reader.scope.unsteady)
    if a.shape != b.shape:
        if unsteady or bare:
            return "matrices of different sizes: another matrix of that name may be meant"
        return "letters in it may be matrices" if _letters(a) != _letters(b) else ""
    if _plain(left) and _plain(right) and (unsteady or not bare or _names(left) & _names(right)):
        return "letters on both sides: it may be a condition on them"
    if printed(left) and printed(right) and not bare and reader.used:
        return "it may define the labels in it"
    pairs = zip(a.cells, b.cells, strict=True)
    if relation == "about" and all(one == two or _near(left, right, one, two) for one, two in pairs):
        return "numbers on both sides are rounded"
    return ""


def _near(left: Formula, right: Formula, a: Scalar, b: Scalar) -> bool:
    """Whether two numbers are close, and decimals stand on both sides, any of which may have been rounded."""
    if isinstance(a, Polynomial) or isinstance(b, Polynomial):
        return False
    decimals = (any(isinstance(part, Number) and part.places for part in parts(side)) for side in (left, right))
    return all(decimals) and abs(a - b) <= max(abs(a), abs(b)) * _LOOSE


def _letters(a: Matrix) -> set[str]:
    return {letter for cell in a.cells if isinstance(cell, Polynomial) for letter in cell.letters()}


def _names(formula: Formula) -> set[str]:
    return {part.base for part in parts(formula) if isinstance(part, Name)}


def _plain(formula: Formula) -> bool:
    """Whether a plain letter such as k or A stands in it; running indices are none."""
    running = {part.index for part in parts(formula) if isinstance(part, Series)}
    names = (part for part in parts(formula) if isinstance(part, Name))
    return any(not name.numbered and not name.base.startswith("words ") and name.base not in running for name in names)


def in_code(left: Formula, right: Formula, scope: Scope) -> str:
    """The reason not to call two sides wrong that stand in code, where a quotient may lose its rest, or ""."""
    for part in (part for side in (left, right) for part in parts(side)):
        if isinstance(part, Power):
            return "in code ^ may be no power"
        if isinstance(part, Product) and "div" in part.signs:
            for at, sign in enumerate(part.signs):
                try:
                    value = Evaluator(scope).value(
                        replace(part, factors=part.factors[: at + 2], signs=part.signs[: at + 1])
                    )
                except Unknown as reason:
                    return str(reason)
                if sign == "div" and isinstance(value, Fraction) and value.denominator > 1:
                    return "in code a quotient may lose its rest"
    return ""


def factors(formula: Formula) -> list[Fraction]:
    """The numbers of a product of numbers."""
    found = formula.factors if isinstance(formula, Product) else ()
    return [part.value for part in found if isinstance(part, Number)]


def size_only(formula: Formula | None) -> bool:
    """Whether it may be a size and no product: 2 x 2."""
    return (
        isinstance(formula, Product)
        and set(formula.signs) == {"times"}
        and all(isinstance(factor, Number) for factor in formula.factors)
    )


def printed(formula: Formula) -> bool:
    """Whether it is just a number, a matrix as written, or a name: nothing is computed in it."""
    match formula:
        case Number() | Rows() | Listed() | Name():
            return True
        case Negative(body):
            return printed(body)
        case Call("over", (above, below)):
            return isinstance(above, Number) and isinstance(below, Number)
    return False
