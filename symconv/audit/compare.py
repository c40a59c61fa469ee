"""Compares two sides of an equality: equal, equal after rounding, different, or not to be decided; it reads no text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from symconv.audit.chains import Relation
from symconv.audit.doubt import doubt, printed
from symconv.audit.evaluate import Evaluator, Scope
from symconv.audit.formula import Call, Formula, Listed, Negative, Number, Power, Product, Rows, parts
from symconv.audit.repair import Repair, repair
from symconv.audit.roots import closed_value, rounds, shown_digits
from symconv.audit.values import Matrix, Polynomial, Scalar, Unknown, Value, add, by, negative

Status = Literal["holds", "rounded", "wrong", "unknown", "defines"]
Places = int | None


@dataclass(frozen=True)
class Cell:
    """An entry of a matrix that is not what it should be; positions count from 1, `start` is where it stands."""

    row: int
    column: int
    found: Scalar
    right: Scalar
    start: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What is known about one equality; `computed` is the side that is not just printed."""

    status: Status
    reason: str = ""
    left: Value | None = None
    right: Value | None = None
    cells: tuple[Cell, ...] = ()
    computed: Literal["left", "right", "both"] = "both"
    repair: Repair | None = None
    used: tuple[tuple[str, Value], ...] = ()  # the labels it was evaluated with, by name


def compare(left: Formula, right: Formula, relation: Relation, scope: Scope) -> Verdict:
    """Compare two formulas with every reading of what is ambiguous; it holds when it holds with one of them."""
    first: Verdict | None = None
    for written, decimal in ((False, False), (True, False), (False, True), (True, True)):
        reader = Evaluator(scope, written, decimal)
        try:
            found = _values(left, right, relation, reader)
        except Unknown as unknown:
            return first or _roots(left, right, relation, reader) or Verdict("unknown", str(unknown))
        if found.status in ("holds", "rounded"):
            return found
        if found.status == "wrong" and (reason := doubt(left, right, (found.left, found.right), relation, reader)):
            found = replace(found, status="unknown", reason=reason)
        if found.status == "wrong" and first is None:
            used = tuple((label, scope.labels[label][0]) for label in sorted(reader.used))
            right_one = repair(left, found.right, reader)
            found = replace(found, computed=_computed(left, right), repair=right_one, used=used)
        first = first or found
        several = any(scope.labels[label][0] != scope.labels[label][1] for label in reader.used)
        if not several and not reader.readings:
            break
    assert first is not None  # noqa: S101  # the loop has run
    return first


def _values(left: Formula, right: Formula, relation: Relation, reader: Evaluator) -> Verdict:
    a, b = reader.value(left), reader.value(right)
    if isinstance(a, Matrix) and a.shape == (1, 1) and not isinstance(b, Matrix):
        a = a.rows[0][0]
    if isinstance(b, Matrix) and b.shape == (1, 1) and not isinstance(a, Matrix):
        b = b.rows[0][0]
    if isinstance(a, Matrix) and isinstance(b, Matrix):
        return _matrices(left, right, a, b, relation)
    if isinstance(a, Matrix) or isinstance(b, Matrix):
        zero = all(cell == 0 for side in (a, b) for cell in (side.cells if isinstance(side, Matrix) else [side]))
        return Verdict("holds" if zero else "unknown", "" if zero else "a matrix is compared with a number", a, b)
    places = _places(left), _places(right)
    return Verdict(*_scalars(a, b, places, relation), a, b)


def _roots(left: Formula, right: Formula, relation: Relation, reader: Evaluator) -> Verdict | None:
    """The verdict on numbers with roots that are no rational numbers; None for anything else."""
    if not any(isinstance(part, Call) and part.name == "sqrt" for side in (left, right) for part in parts(side)):
        return None
    try:
        a, b = closed_value(left, reader), closed_value(right, reader)
    except Unknown:
        return None
    if a == b:
        return Verdict("holds")
    for value, shown, digits in ((a, b, _places(right)), (b, a, _places(left))):
        if digits is None or (relation == "equal" and digits < 1):
            continue
        whole = shown.rational
        digits -= _zeros(whole, digits) if relation == "about" and whole is not None else 0  # noqa: PLW2901
        found = rounds(value, shown, digits)
        if found is not False:
            return None if found is None else Verdict("rounded" if relation == "equal" else "holds")
    both = _places(left) is None and _places(right) is None
    decimals = all(any(isinstance(part, Number) and part.places for part in parts(side)) for side in (left, right))
    if relation == "about" and (both or decimals):
        return None  # how many digits are meant is not known
    if _places(left) is not None:
        return Verdict("wrong", f"the right side is {shown_digits(b)}", computed="right")
    return Verdict("wrong", f"the left side is {shown_digits(a)}", computed="left")


def _scalars(a: Scalar, b: Scalar, places: tuple[Places, Places], relation: Relation) -> tuple[Status, str]:
    """Whether two numbers are equal, or one is the other one rounded as it is written."""
    if isinstance(a, Polynomial) or isinstance(b, Polynomial):
        apart = add(a, negative(b))
        if apart == 0:
            return "holds", ""
        if isinstance(apart, Polynomial):
            return "unknown", f"letters without a value: {', '.join(sorted(apart.letters()))[:60]}"
        return "wrong", ""
    if a == b:
        return "holds", ""
    for value, shown, digits in ((a, b, places[1]), (b, a, places[0])):
        if digits is None or (relation == "equal" and digits < 1):
            continue
        if relation == "about":
            digits -= _zeros(shown, digits)  # noqa: PLW2901  # about 300 may be rounded to hundreds
        exact = places[1] if shown is b else places[0]
        if any(_rounds(value, shown, n) for n in range(digits, (exact or 0) + 1)):
            return ("rounded" if relation == "equal" else "holds"), ""
    if relation == "about" and places == (None, None):
        return "unknown", "neither side of the approximation is a number, so its digits are not known"
    return "wrong", ""


def _zeros(printed: Fraction, places: int) -> int:
    """How many zeros end a whole number."""
    if places or printed == 0 or printed.denominator != 1:
        return 0
    digits = str(abs(printed))
    return len(digits) - len(digits.rstrip("0"))


def _rounds(value: Fraction, printed: Fraction, places: int) -> bool:
    return abs(value - printed) * 2 * Fraction(10) ** places <= 1


def _places(formula: Formula) -> Places:
    """How many digits stand behind the point of a number as it is printed; None for what is no number."""
    match formula:
        case Number(places=places):
            return places
        case Negative(body):
            return _places(body)
        case Product((Number(places=places), Power(Number(value=base), exponent)), _) if base == 10:
            sign = -1 if isinstance(exponent, Negative) else 1
            number = exponent.body if isinstance(exponent, Negative) else exponent
            if isinstance(number, Number) and number.value.denominator == 1 and number.value <= 64:
                return places - sign * int(number.value)
    return None


def _matrices(left: Formula, right: Formula, a: Matrix, b: Matrix, relation: Relation) -> Verdict:
    a, b = _turned(a, b), _turned(b, a)
    if a.shape != b.shape:
        if a.shape == b.shape[::-1] and 1 in a.shape:
            return Verdict("unknown", "a row is compared with a column", a, b)
        return Verdict("wrong", f"the left side is {by(a.shape)}, the right side {by(b.shape)}", a, b)
    grids = _grid(left, a, _places), _grid(right, b, _places)
    printed_left = _computed(left, right) == "right"
    starts = _starts(left if printed_left else right, a.shape)
    rounded, unknown, cells, agreeing = False, "", list[Cell](), 0
    for row, (line, other) in enumerate(zip(a.rows, b.rows, strict=True)):
        for column, (one, two) in enumerate(zip(line, other, strict=True)):
            status, reason = _scalars(one, two, (grids[0][row][column], grids[1][row][column]), relation)
            rounded |= status == "rounded"
            agreeing += status == "holds" and isinstance(one, Polynomial)
            unknown = unknown or (reason if status == "unknown" else "")
            if status in ("wrong", "unknown"):
                found, should = (one, two) if printed_left else (two, one)
                cells.append(Cell(row + 1, column + 1, found, should, starts(row, column)))
    if not cells:
        return Verdict("rounded" if rounded else "holds", "", a, b)
    if unknown and not (agreeing > len(cells) and _letters(a) == _letters(b)):
        return Verdict("unknown", unknown, a, b)
    return Verdict("wrong", "", a, b, tuple(cells))


def _turned(a: Matrix, to: Matrix) -> Matrix:
    """A list as a column where the other side is one."""
    if a.loose and a.shape != to.shape and a.shape == to.shape[::-1]:
        return Matrix(tuple((cell,) for cell in a.cells))
    return a


def _letters(a: Matrix) -> set[str]:
    return {letter for cell in a.cells if isinstance(cell, Polynomial) for letter in cell.letters()}


def _grid(formula: Formula, value: Matrix, of: Callable[[Formula], Places]) -> list[list[Places]]:
    """What is known about each entry of a matrix that is printed entry by entry."""
    height, width = value.shape
    if isinstance(formula, Rows) and (len(formula.rows), len(formula.rows[0])) == (height, width):
        return [[of(cell) for cell in row] for row in formula.rows]
    if isinstance(formula, Listed) and len(formula.items) == height * width:
        found = [of(item) for item in formula.items]
        return [found[at * width : (at + 1) * width] for at in range(height)]
    return [[None] * width for _ in range(height)]


def _starts(formula: Formula, shape: tuple[int, int]) -> Callable[[int, int], int | None]:
    """Where in the text an entry stands."""
    if isinstance(formula, Rows) and (len(formula.rows), len(formula.rows[0])) == shape:
        starts = formula.starts
        return lambda row, column: starts[row][column]
    return lambda _row, _column: None


def _computed(left: Formula, right: Formula) -> Literal["left", "right", "both"]:
    """Which side is more than printed numbers."""
    if printed(right):
        return "left"
    return "right" if printed(left) else "both"
