"""The transpose of a convolution matrix is not its inverse: rank, the product C^T C, a right inverse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial
from math import lcm, prod
from typing import Any

import numpy as np

from symconv import numeric
from symconv.errors import ProblemError
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.operations import elimination
from symconv.operations.base import Detail, Misconception, Oracle, Solved, instead
from symconv.operations.inner import read_inner
from symconv.operations.matrix_form import MOST_COLUMNS, MOST_ROWS
from symconv.operations.transpose_is_not_inverse_steps import Statement, Work

INVERSES = ("inverse(CC^T)", "R", "L")
LAYERS = ("convolution", "cross_correlation")


class TransposeIsNotInverse:
    """Show on one layer that C^T C is not the identity, and what undoes C where anything does.

    >>> from symconv import Problem, solve
    >>> layer = {"operation": "cross_correlation", "input": "1 2 3", "kernel": "1 1"}
    >>> solve(Problem("transpose_is_not_inverse", of=layer)).answer
    [[1, 1, 0], [1, 2, 1], [0, 1, 1]]
    """

    name = "transpose_is_not_inverse"
    summary = "C^T C is not I: rank, right inverse, an example"
    example = (
        """symconv solve transpose_is_not_inverse --of """
        """'{operation = "cross_correlation", input = "1 2 3", kernel = "1 2"}'"""
    )
    asks = ("product", "rank", "right_inverse")
    keys: Mapping[str, str] = {"of": "a table: a convolution or cross_correlation with its keys, in numbers"}

    def read(self, given: Mapping[str, Any], notation: Notation, limit: int) -> Statement:
        """Validate a problem."""
        operation, of = read_inner(given.get("of"), LAYERS, notation, limit)
        geometry, layer = of.geometry, of.layer
        if layer.has_letters:
            raise ProblemError("of has letters; ranks and inverses are worked out in numbers, so give numbers")
        if layer.bias is not None:
            raise ProblemError("of.bias is given; the statement is about the linear part of the layer, so leave it out")
        if not any(layer.kernel.cells):
            raise ProblemError("of.kernel is zero everywhere; give a kernel with a tap that is not zero")
        rows, columns = geometry.filters * prod(geometry.output), geometry.channels * prod(geometry.input)
        if rows > MOST_ROWS or columns > MOST_COLUMNS:
            raise ProblemError(
                f"the matrix would be {rows} x {columns}; make the layer smaller, at most {MOST_ROWS} x {MOST_COLUMNS}"
            )
        return Statement(operation, of)

    def derive(self, setting: Statement, notation: Notation, ask: str, detail: Detail) -> Solved:
        """Derive every step and quantity."""
        del detail
        work = Work(setting, notation)
        if work.moves_cells:
            raise ProblemError(
                "here C^T C is I: the layer only moves cells or turns their sign, and its transpose undoes it; give a "
                "kernel with two taps that are not zero, or a stride"
            )
        if ask == "right_inverse" and work.rank < work.rows:
            raise ProblemError(
                f"ask is 'right_inverse', but C has {work.rows} rows and the rank {work.rank}, so it has none; "
                "use less padding"
            )
        steps = [work.given(), work.matrix(), work.rank_step(), work.product(), work.example(), *work.inverse()]
        answer = self.answer(setting, ask)
        return Solved((*steps, work.conclusion(answer)), work.quantities, answer)

    def answer(self, setting: Statement, ask: str) -> str:
        """The label of the quantity that an ask is about."""
        del setting
        return {"product": "C^TC", "rank": "rank", "right_inverse": "R"}[ask]

    def oracle(self, setting: Statement, operands: Mapping[str, Array]) -> Oracle:
        """C by probing the layer; rank and inverse by elimination in fractions."""
        layer = setting.operation.oracle(setting.of, operands)
        order = setting.of.layer.order
        c, x = layer["C"](), operands["input"]

        def unknown(name: str, of: Array) -> Array:
            gram = elimination.inverse(of.T @ of if name == "L" else of @ of.T)
            return {"inverse(CC^T)": lambda: gram, "R": lambda: of.T @ gram, "L": lambda: gram @ of.T}[name]()

        def numerators(name: str) -> Array:
            given = numeric.arrays({label: (t.cells, t.shape) for label, t in setting.operands.items()})
            there = unknown(name, setting.operation.oracle(setting.of, given)["C"]())
            return unknown(name, c) * lcm(*(Fraction(cell).denominator for cell in there.flat))

        def back(moved: Callable[[], Array]) -> Callable[[], Array]:
            return lambda: numeric.squeeze(numeric.unvec(moved(), x.shape, order), 1)

        return {
            **layer,
            "C^TC": lambda: c.T @ c,
            "CC^T": lambda: c @ c.T,
            "rank": lambda: np.asarray(elimination.rank(c)),
            "back": back(lambda: c.T @ (c @ numeric.vec(x, order))),
            "Ry": back(lambda: unknown("R", c) @ (c @ numeric.vec(x, order))),
            **{name: partial(unknown, name, c) for name in INVERSES},
            **{f"numerators({name})": partial(numerators, name) for name in INVERSES},
            "I": lambda: np.eye(min(c.shape), dtype=int),
        }

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """That the transpose undoes a layer."""
        return MISCONCEPTIONS

    def samples(self) -> tuple[dict[str, Any], ...]:
        """Problems for the generic tests."""
        line = {"operation": "cross_correlation", "input": "3 -1 2 4", "kernel": "1 2"}
        plane = {"operation": "convolution", "input": "1 2 0; 3 1 1; 0 2 4", "kernel": "1 0; 2 -1"}
        return (
            {"of": line},
            {"of": plane},
            {"of": {**line, "stride": 2}, "ask": "right_inverse"},
            {"of": {**plane, "order": "column"}, "ask": "rank"},
            {"of": {**line, "padding": "full"}},
            {"of": {**line, "kernel": "0 0 1", "padding": 1}},
            {"of": {"operation": "cross_correlation", "input": ["1 2 3", "0 1 1"], "kernel": [["1 1/2", "0 1"]]}},
        )


def _identity(setting: Statement, arrays: Mapping[str, Array]) -> Array | None:
    return np.eye(prod(arrays["input"].shape), dtype=int) if setting.operands else None


def _other_product(setting: Statement, arrays: Mapping[str, Array]) -> Array | None:
    c = setting.operation.oracle(setting.of, arrays)["C"]()
    return c @ c.T


MISCONCEPTIONS = (
    Misconception(
        "transpose_undoes",
        "A transposed convolution undoes the convolution, so the product is the identity.",
        "It restores the shape, not the values: C^T C has at most the rank of C.",
        after=instead("C^TC", _identity),
    ),
    Misconception(
        "other_product",
        "The layer is applied last, so the product is C C^T.",
        "First C, then C^T: with the vector on the right the product is C^T C.",
        after=instead("C^TC", _other_product),
    ),
)
TRANSPOSE_IS_NOT_INVERSE = TransposeIsNotInverse()
