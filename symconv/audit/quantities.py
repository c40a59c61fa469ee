"""What the labels of a problem's solution are worth, by the names notes give them; it solves nothing itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from symconv.audit.compare import Cell, Verdict
from symconv.audit.formula import key
from symconv.audit.values import (
    Matrix,
    Polynomial,
    Scalar,
    Unknown,
    Value,
    add,
    by,
    letter,
    matrix,
    multiply,
    negative,
    power,
    transpose,
)
from symconv.tensor import Tensor

if TYPE_CHECKING:
    from symconv.solution import Solution

_CONVOLUTIONS = ("convolution", "cross_correlation")


@dataclass(frozen=True)
class Expected:
    """The quantities of a solved problem: for each name its label and its value.

    `sizes` are those with one number for each axis, where a text may name one of them.
    """

    values: Mapping[str, tuple[str, Value]]
    sizes: Mapping[str, tuple[str, tuple[Scalar, ...]]]
    operands: tuple[Value, Value, Value] | None = None  # what `*` takes and gives

    def convolve(self, a: Matrix, b: Matrix) -> Value | None:
        """The output of the problem where these are its operands; otherwise `*` has no one meaning."""
        if self.operands is None or (a, b) != self.operands[:2]:
            return None
        return self.operands[2]

    def verdict(self, name: str, value: Value) -> tuple[str, Verdict] | None:
        """Whether the value of a name is that of the solution, with the label; None where it has no such name."""
        name = name.removeprefix("bold ")
        if name in self.sizes:
            label, sizes = self.sizes[name]
            right: Value = matrix([list(sizes)], loose=True) if len(set(sizes)) > 1 else sizes[0]
            same = tuple(value.cells) == sizes if isinstance(value, Matrix) else value in sizes
            return label, Verdict("holds" if same else "wrong", "", value, right)
        if name not in self.values:
            return None
        label, right = self.values[name]
        return label, _verdict(value, right)


def _verdict(value: Value, right: Value) -> Verdict:
    if isinstance(right, Matrix) and right.shape == (1, 1) and not isinstance(value, Matrix):
        right = right.rows[0][0]
    if isinstance(value, Matrix) and isinstance(right, Matrix):
        if value.shape == right.shape[::-1] and 1 in value.shape and (value.loose or right.loose):
            value = transpose(value)
        if value.shape != right.shape:
            reason = f"it is {by(value.shape)}, that of the solution is {by(right.shape)}"
            return Verdict("wrong", reason, value, right)
        cells = tuple(
            Cell(row + 1, column + 1, one, two)
            for row, (line, other) in enumerate(zip(value.rows, right.rows, strict=True))
            for column, (one, two) in enumerate(zip(line, other, strict=True))
            if add(one, negative(two)) != 0
        )
        if any(not _decided(cell.found, right.cells) for cell in cells):
            return Verdict("unknown", "it has letters that the solution has not", value, right)
        return Verdict("wrong" if cells else "holds", "", value, right, cells)
    if isinstance(value, Matrix) or isinstance(right, Matrix):
        return Verdict("unknown", "a matrix is compared with a number", value, right)
    if add(value, negative(right)) == 0:
        return Verdict("holds", "", value, right)
    if not _decided(value, [right]):
        return Verdict("unknown", "it has letters that the solution has not", value, right)
    return Verdict("wrong", "", value, right)


def _decided(value: Scalar, solution: list[Scalar]) -> bool:
    """Whether a value has no letters but those of the solution, so that a difference is a difference."""
    known = {name for cell in solution if isinstance(cell, Polynomial) for name in cell.letters()}
    return not isinstance(value, Polynomial) or value.letters() <= known


def expected(solution: Solution) -> Expected:
    """The names and values of a solution's quantities. Letters and numbers only; what is neither is left out."""
    values: dict[str, tuple[str, Value]] = {}
    sizes: dict[str, tuple[str, tuple[Scalar, ...]]] = {}
    notation = solution.problem.notation
    for label, quantity in solution.derivation.quantities.items():
        symbol = quantity.symbol
        if "(" in label or symbol.rotated or symbol.sup:
            continue  # a total has the letter of its operand
        accent = f"{symbol.accent} " if symbol.accent else ""
        name = key(f"{accent}{symbol.whole}", [symbol.sub] if symbol.sub else [])
        try:
            found = _value(quantity.value)
        except Unknown:
            continue
        if label == "size" and isinstance(found, Matrix):
            sizes.setdefault(name, (label, tuple(found.cells)))
        elif found is not None:
            values.setdefault(name, (label, found))
        if quantity.labelled_cells:
            start = symbol.first or (notation.index_base,) * len(quantity.value.shape)
            for index, cell in zip(quantity.value.indices(), _scalars(quantity.value), strict=True):
                places = [str(at + first) for at, first in zip(index, start, strict=True)]
                for opening in ("_", "(", "["):
                    shown = f"{symbol.cell}[{','.join(places)}]"
                    values.setdefault(key(f"{accent}{symbol.cell}", places, opening), (shown, cell))
    return Expected(values, sizes, _operands(solution, values))


def _operands(solution: Solution, values: Mapping[str, tuple[str, Value]]) -> tuple[Value, Value, Value] | None:
    by_label = dict(values.values())
    if solution.problem.operation.name not in _CONVOLUTIONS or not {"input", "kernel", "output"} <= set(by_label):
        return None
    return by_label["input"], by_label["kernel"], by_label["output"]


def _scalars(tensor: Tensor) -> list[Scalar]:
    return [_scalar(cell) for cell in tensor.cells]


def _value(tensor: Tensor) -> Value | None:
    """A number, a row or a matrix; None for what has more axes."""
    cells = _scalars(tensor)
    if not tensor.shape:
        return cells[0]
    if len(tensor.shape) == 1:
        return matrix([cells], loose=True)
    if len(tensor.shape) > 2:
        return None
    width = tensor.shape[1]
    return matrix([cells[at : at + width] for at in range(0, len(cells), width)])


def _scalar(entry: Any) -> Scalar:
    """An exact entry as it is here; SymPy's expressions are walked, not evaluated."""
    if isinstance(entry, (int, Fraction)):
        return Fraction(entry)
    if entry.is_Rational:
        return Fraction(int(entry.p), int(entry.q))
    if entry.is_Symbol:
        base, _, indices = str(entry.name).partition("_")
        return letter(key(base, indices.strip("{}").split(",") if indices else []))
    if entry.is_Pow:
        return power(*map(_scalar, entry.args))
    if not (entry.is_Add or entry.is_Mul):
        raise Unknown("an expression that is no polynomial")
    join = add if entry.is_Add else multiply
    parts: Iterator[Scalar] = map(_scalar, entry.args)
    total = next(parts)
    for part in parts:
        total = join(total, part)
    return total
