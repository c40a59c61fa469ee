"""Spatially separable kernels: a kernel of rank 1 is a column times a row; a minor shows where it is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from math import gcd, lcm
from typing import Any

import numpy as np

from symconv.document import Equation, Grid, Grids, Prose, Quantity, Step, Symbol
from symconv.entries import exact
from symconv.errors import ProblemError
from symconv.expression import Put, Ref, op
from symconv.numeric import Array
from symconv.operands import read_operand
from symconv.operations.base import Oracle, Solved
from symconv.tensor import Index, Tensor

MOST = 7  # rows and columns of a kernel whose rank is found


@dataclass(frozen=True)
class Factored:
    """A kernel; its column and row where it has rank 1, otherwise the corners of a minor that is not 0.

    Where the kernel has rank 1 the column and the row are the operands, so that a check at other numbers is a check at
    another kernel of rank 1.
    """

    kernel: Tensor
    column: Tensor | None
    row: Tensor | None
    corners: tuple[Index, ...]

    @property
    def operands(self) -> Mapping[str, Tensor]:
        """Column and row, or the kernel."""
        if self.column is None or self.row is None:
            return {"kernel": self.kernel}
        return {"column": self.column, "row": self.row}

    def oracle(self, operands: Mapping[str, Array]) -> Oracle:
        """The product of column and row by NumPy; the rank by minors of every order."""
        if "column" in operands:
            column, row = operands["column"], operands["row"]
            return {
                "column": lambda: column,
                "row": lambda: row,
                "kernel": lambda: np.outer(column.reshape(-1), row.reshape(-1)),
            }
        kernel = operands["kernel"].astype(object)
        a, _, c, _ = self.corners or ((0, 0),) * 4
        rows, columns = [a[0], c[0]], [a[1], c[1]]
        made: dict[str, Callable[[], Array]] = {"kernel": lambda: kernel}
        made["minor"] = lambda: np.asarray(determinant(kernel[np.ix_(rows, columns)]))
        made["rank"] = lambda: np.asarray(rank(kernel))
        return made


def determinant(x: Array) -> Any:
    """The determinant, exactly, along the first row.

    >>> determinant(np.array([[1, 2], [3, 4]], dtype=object))
    -2
    """
    if x.shape == (1, 1):
        return x[0, 0]
    columns = range(x.shape[1])
    return sum((-1) ** c * x[0, c] * determinant(np.delete(x[1:], c, axis=1)) for c in columns if x[0, c])


def rank(x: Array) -> int:
    """The order of the largest minor that is not 0."""
    order = 0
    while order < min(x.shape) and any(
        determinant(x[np.ix_(rows, columns)])
        for rows, columns in product(
            combinations(range(x.shape[0]), order + 1), combinations(range(x.shape[1]), order + 1)
        )
    ):
        order += 1
    return order


def read_factors(given: Mapping[str, Any], base: int, limit: int) -> Factored:
    """Read a kernel and find its factors."""
    for name in ("input", "depthwise", "pointwise", "multiplier", "stride", "padding", "dilation"):
        if given.get(name) is not None:
            raise ProblemError(f"{name} does not belong to ask = 'factors'; give the kernel alone")
    if given.get("kernel") is None:
        raise ProblemError('kernel is missing; write a matrix such as kernel = "1 0 -1; 2 0 -2; 1 0 -1"')
    kernel = read_operand("kernel", given["kernel"], limit, base).tensor
    if len(kernel.shape) != 2 or max(kernel.shape) > MOST:
        raise ProblemError(
            f"kernel is {' x '.join(map(str, kernel.shape))}; write one matrix of at most {MOST} rows and columns"
        )
    if any(hasattr(cell, "free_symbols") for cell in kernel.cells):
        raise ProblemError("kernel has letters; its factors are found for numbers")
    if not any(kernel.cells):
        raise ProblemError(
            "kernel is all zeros, so any column of zeros does; write a kernel with an entry that is not 0"
        )
    r, c = next(at for at in kernel.indices() if kernel[at])
    for at in kernel.indices():
        if kernel[r, c] * kernel[at] != kernel[r, at[1]] * kernel[at[0], c]:
            return Factored(kernel, None, None, ((r, c), (r, at[1]), at, (at[0], c)))
    line = [Fraction(cell) for cell in kernel.part(r).cells]
    scale = Fraction(gcd(*(cell.numerator for cell in line)), lcm(*(cell.denominator for cell in line)))
    scale = -scale if line[c] < 0 else scale
    row = tuple(exact(cell / scale) for cell in line)
    column = tuple(exact(Fraction(kernel[n, c]) / row[c]) for n in range(kernel.shape[0]))
    return Factored(kernel, Tensor((len(column), 1), column), Tensor((1, len(row)), row), ())


def factored(setting: Factored) -> Solved:
    """The factors with their check, or the minor that forbids them."""
    quantities = {"kernel": Quantity(Symbol("K", "k"), setting.kernel)}
    grid = Grids((Grid("kernel", (), Prose("{K}", {"K": Ref("kernel")})),))
    text = (
        "A kernel is spatially separable when it is a column times a row. Then all its rows are multiples of one row: "
    )
    text += "its rank is 1."
    given = Step("given", "Given", (grid, Prose(text)))
    rows, columns = setting.kernel.shape
    if setting.column is None or setting.row is None:
        return _refused(setting, quantities, given)
    quantities["column"] = Quantity(Symbol("u", "u"), setting.column)
    quantities["row"] = Quantity(Symbol("v", "v"), setting.row)
    text = (
        "Take a row that is not zero, without its common factor, as {v}. Each row of {K} is then a number times {v}; "
    )
    text += "these numbers make the column {u}:"
    blocks: list[Any] = [Prose(text, {"v": Ref("row"), "K": Ref("kernel"), "u": Ref("column")})]
    for n in range(rows):
        parts = Put(Ref("kernel", (n,))), op("mul", Put(Ref("column", (n, 0))), Put(Ref("row", (0,))))
        blocks.append(Equation(parts))
    found = op("matmul", Ref("column"), Ref("row"))
    result = [Equation((Ref("kernel"), found, Put(found)), boxed=True)]
    text = (
        "Slide the column first and the row over the result, or the other way round. This takes {few} multiplications "
    )
    text += (
        "for each output entry in place of {many}. The factors are fixed up to a number: {u} may be multiplied by any "
    )
    text += "number but 0, and {v} divided by it."
    numbers = {"few": op("add", rows, columns), "many": op("mul", rows, columns)}
    cost = Prose(text, {**numbers, "u": Ref("column"), "v": Ref("row")})
    steps = (
        given,
        Step("rows", "Every row is a multiple of one", tuple(blocks)),
        Step("column", "The factors", (*result, cost)),
    )
    return Solved(steps, quantities, "column")


def _refused(setting: Factored, quantities: dict[str, Quantity], given: Step) -> Solved:
    a, b, c, d = setting.corners
    value = setting.kernel
    minor = value[a] * value[c] - value[b] * value[d]
    quantities["minor"] = Quantity(Symbol("minor", "minor"), Tensor((), (exact(Fraction(minor)),)))
    quantities["rank"] = Quantity(Symbol("rank", "rank"), Tensor((), (_rank(value),)))
    corners = op("add", op("mul", Ref("kernel", a), Ref("kernel", c)), op("neg", op("mul", *_pair(b, d))))
    grid = Grids((Grid("kernel", (), Prose("{K}", {"K": Ref("kernel")}), marked=frozenset(setting.corners)),))
    text = "In a column times a row every 2 by 2 minor is 0, because its rows are multiples of each other. Look at the "
    text += "four shaded entries:"
    blocks = (Prose(text), grid, Equation((Ref("minor", ()), corners, Put(corners), Put(Ref("minor", ())))))
    text = (
        "This is not 0, so the kernel is not a column times a row. Its rank is {r}: it is a sum of {r} such products, "
    )
    text += "and of no fewer."
    last = (
        Prose(text, {"r": Put(Ref("rank", ()))}),
        Equation((op("equals", Ref("rank", ()), Put(Ref("rank", ()))),), True),
    )
    steps = (given, Step("minor", "A minor that is not 0", blocks), Step("rank", "It is not separable", last))
    return Solved(steps, quantities, "rank")


def _pair(b: Index, d: Index) -> tuple[Ref, Ref]:
    return Ref("kernel", b), Ref("kernel", d)


def _rank(value: Tensor) -> int:
    """The rank by elimination."""
    rows = [[Fraction(cell) for cell in line] for line in value.nested()]
    found = 0
    for column in range(value.shape[1]):
        pivot = next((line for line in rows if line[column]), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        rows = [
            [cell - line[column] / pivot[column] * top for cell, top in zip(line, pivot, strict=True)] for line in rows
        ]
        found += 1
    return found
