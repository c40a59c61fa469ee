"""Evaluates formulas of somebody's notes with the labels defined so far; it compares nothing and reports nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor
from typing import Literal

from symconv.audit.arithmetic import plus, raised, root, stacked, times, turned
from symconv.audit.formula import (
    Call,
    Formula,
    Listed,
    Name,
    Negative,
    Number,
    Part,
    Power,
    Product,
    Rows,
    Series,
    Sign,
    Sum,
    Transposed,
    key,
)
from symconv.audit.values import Matrix, Polynomial, Scalar, Unknown, Value, Work, assembled, letter, matrix, substitute

MOST_LOOPS = 10_000  # of one sum
_ROUNDS = 3  # letters whose values are letters again

Convolve = Callable[[Matrix, Matrix], Value | None]


@dataclass
class Scope:
    """What formulas are evaluated with.

    `labels` holds for each name the value it was computed to have and the one that was written behind it: where the
    two differ, either may be what the text goes on with. `order` is that of vec where the text states one;
    `unsteady` are labels to which the text gives several values, so that one of them may be meant for another place.
    """

    work: Work
    labels: dict[str, tuple[Value, Value]] = field(default_factory=dict)
    order: Literal["row", "column", ""] = ""
    unsteady: frozenset[str] = frozenset()
    convolve: Convolve | None = None


@dataclass
class Evaluator:
    """Evaluates with one reading of what is ambiguous: `written` labels, `decimal` commas.

    `hole` is a number of the formula that is replaced by the letter ?, to ask which number would be right there.
    """

    scope: Scope
    written: bool = False
    decimal: bool = False
    hole: Number | None = None
    running: Mapping[str, int] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)  # labels with a value that were met
    letters: set[str] = field(default_factory=set)  # names without a value that were met
    doubts: bool = False  # a comma that may separate two numbers was read
    readings: bool = False  # a comma with two readings was read

    def value(self, formula: Formula) -> Value:
        """The value of a formula; raises Unknown with the reason."""
        self.scope.work.spend(1)
        match formula:
            case Number():
                return self.number(formula)
            case Name():
                return self.name(formula)
            case Sum(terms):
                total = self.value(terms[0])
                for term in terms[1:]:
                    total = plus(total, self.value(term), self.scope.work)
                return total
            case Negative(body):
                return self.times(Fraction(-1), self.value(body), "cdot")
            case Product():
                return self.product(formula)
            case Power(base, exponent):
                return raised(self.value(base), self.value(exponent), self.scope.work)
            case Transposed(body):
                return turned(self.value(body), self.scope.work)
            case Call(name, args):
                return self.call(name, args)
            case Series():
                return self.series(formula)
            case Rows(rows):
                return assembled([[self.value(cell) for cell in row] for row in rows]) if _even(rows) else _uneven()
            case Listed(items):
                return matrix([[_scalar(self.value(item)) for item in items]], loose=True)

    def number(self, number: Number) -> Scalar:
        """The reading of a number that this evaluator takes."""
        if number is self.hole:
            return letter("?")
        self.doubts |= number.doubtful
        self.readings |= number.other is not None
        return number.other if self.decimal and number.other is not None else number.value

    def name(self, name: Name) -> Value:
        """The value of a label, or the letter itself."""
        if name.base in self.running and not name.subs and not name.args:
            return Fraction(self.running[name.base])
        label = self.key(name)
        found = self.known(label)
        if found is None:
            self.letters.add(label)
            return letter(label)
        return found

    def known(self, label: str) -> Value | None:
        """The value of a label, with the letters in it that have a value by now."""
        pair = self.scope.labels.get(label)
        if pair is None:
            return None
        self.used.add(label)
        found = pair[self.written]
        if isinstance(found, Matrix):
            if any(isinstance(cell, Polynomial) for cell in found.cells):
                self.scope.work.spend(len(found.cells))
                return Matrix(tuple(tuple(map(self.settle, row)) for row in found.rows), found.loose)
            return found
        return self.settle(found)

    def settle(self, value: Scalar) -> Scalar:
        """A polynomial with the values of its letters put in."""
        for _ in range(_ROUNDS):
            if isinstance(value, Fraction):
                break
            self.scope.work.spend(len(value.terms))
            value = substitute(value, self.number_of)
        return value

    def number_of(self, label: str) -> Scalar | None:
        """The value of a letter in a polynomial, where it is no matrix."""
        found = self.scope.labels.get(label)
        value = found[self.written] if found else None
        return None if value is None or isinstance(value, Matrix) else value

    def key(self, name: Name) -> str:
        """The name of a label; indices that run are replaced by their numbers."""
        base = key(name.base, [self.index(part) for part in name.subs])
        return key(base, [self.index(part) for part in name.args], name.opening)

    def index(self, part: Part) -> str:
        """One index: a number where it runs, otherwise as it is written."""
        if self.running and part.formula is not None:
            try:
                found = Evaluator(Scope(self.scope.work), running=self.running).value(part.formula)
            except Unknown:
                return part.raw
            if isinstance(found, Fraction) and found.denominator == 1:
                return str(found)
        return part.raw

    def product(self, formula: Product) -> Value:
        """Factors from left to right."""
        first = formula.factors[0]
        total = self.value(first)
        for before, sign, factor in zip(formula.factors, formula.signs, formula.factors[1:], strict=False):
            if sign == "called" and isinstance(before, Name):
                self.refuse_function(before)
            total = self.times(total, self.value(factor), sign)
        return total

    def refuse_function(self, name: Name) -> None:
        """A letter before parentheses may be a function; a label with a number and no arguments is none."""
        label = self.key(name)
        value = self.number_of(label)
        if value is None or any(other.startswith(f"{label}(") for other in self.scope.labels):
            raise Unknown(f"{name.shown}(...) may be a function")

    def times(self, a: Value, b: Value, sign: Sign) -> Value:
        """A product, where `*` between matrices may be the convolution of the problem."""
        if sign == "star" and self.scope.convolve and isinstance(a, Matrix) and isinstance(b, Matrix):
            found = self.scope.convolve(a, b)
            if found is not None:
                return found
        return times(a, b, sign, self.scope.work)

    def call(self, name: str, args: tuple[Formula, ...]) -> Value:
        """A function of numbers, or vec of a matrix."""
        values = [self.value(arg) for arg in args]
        if name == "over":
            return self.times(values[0], values[1], "div")
        if name.startswith("vec"):
            return stacked(values[0], name.partition(":")[2] or self.scope.order)
        numbers = [value for value in values if isinstance(value, Fraction)]
        if len(numbers) < len(values):
            kind = "a matrix" if any(isinstance(value, Matrix) for value in values) else "letters without a value"
            raise Unknown(f"{name} of {kind}")
        if name == "floor":
            return Fraction(floor(numbers[0]))
        if name == "ceil":
            return Fraction(ceil(numbers[0]))
        if name == "abs":
            return abs(numbers[0])
        if name == "sqrt":
            return root(numbers[0])
        return max(numbers) if name == "max" else min(numbers)

    def series(self, formula: Series) -> Value:
        """A sum or product over a running index."""
        low, high = self.value(formula.low), self.value(formula.high)
        if not isinstance(low, Fraction) or not isinstance(high, Fraction):
            raise Unknown("a sum has limits without a value")
        if low.denominator != 1 or high.denominator != 1 or high - low >= MOST_LOOPS or high < low:
            raise Unknown("the limits of a sum are no whole numbers in order, or too far apart")
        before, total = self.running, None
        try:
            for at in range(int(low), int(high) + 1):
                self.running = {**before, formula.index: at}
                term = self.value(formula.body)
                if total is None:
                    total = term
                else:
                    total = (
                        plus(total, term, self.scope.work) if formula.name == "sum" else self.times(total, term, "cdot")
                    )
        finally:
            self.running = before
        if total is None:
            raise Unknown("a sum of nothing")
        return total


def _even(rows: tuple[tuple[Formula, ...], ...]) -> bool:
    return bool(rows) and len({len(row) for row in rows}) == 1


def _uneven() -> Value:
    raise Unknown("the rows of a matrix differ in length")


def _scalar(value: Value) -> Scalar:
    if isinstance(value, Matrix):
        raise Unknown("a list of matrices")
    return value
