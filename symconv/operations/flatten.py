"""Flatten: a feature map as one long vector, channel by channel, along its rows or along its columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from symconv import numeric
from symconv.document import Equation, Quantity, Step
from symconv.errors import ProblemError
from symconv.expression import Put, Ref
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.operands import choice, read_operand, too_deep
from symconv.operations.base import Detail, Misconception, Oracle, Solved, instead
from symconv.operations.flatten_steps import Flattening, entries, law
from symconv.operations.flatten_steps import given as given_step
from symconv.operations.geometry import ORDERS, squeezed
from symconv.operations.steps import size_quantity, symbols


class Flatten:
    """Write a feature map as a vector, as torch's `flatten` does (row by row, the first channel first), or by columns.

    >>> from symconv import Problem, solve
    >>> solve(Problem("flatten", input="1 2; 3 4", order="column")).answer
    [1, 3, 2, 4]
    """

    name = "flatten"
    summary = "a feature map as one long vector"
    example = 'symconv solve flatten --input "1 2; 3 4" --order column'
    asks = ("output",)
    keys: Mapping[str, str] = {
        "input": "a matrix, or a list with one per channel",
        "order": "row (as torch and NumPy) or column (as MATLAB)",
    }

    def read(self, given: Mapping[str, Any], notation: Notation, limit: int) -> Flattening:
        """Validate a problem."""
        if given.get("input") is None:
            raise ProblemError('input is missing; write a matrix such as input = "1 2; 3 4"')
        x = read_operand("input", given["input"], limit, notation.index_base)
        dims = 1 if x.one_row else 2
        tensor = x.with_dims(dims)
        if len(tensor.shape) > dims + 1:
            raise too_deep("input", len(tensor.shape))
        tensor = tensor.reshape((*(1,) * (dims + 1 - len(tensor.shape)), *tensor.shape))
        order = choice("order", given.get("order", "row"), ORDERS)
        return Flattening(tensor, order if dims == 2 else "row")  # on one axis both orders are the same

    def derive(self, setting: Flattening, notation: Notation, ask: str, detail: Detail) -> Solved:
        """Derive every step and quantity."""
        del detail
        x, known = setting.input, symbols(notation)
        quantities = {
            "input": Quantity(known["input"], squeezed(x, 1)),
            "output": Quantity(known["output"], setting.flat, labelled_cells=True),
            "size": size_quantity((len(x.cells),), notation),
        }
        return Solved(
            (
                given_step(setting, quantities["input"].value),
                law(setting, notation),
                *entries(setting),
                Step("output", "Result", (Equation((Ref("output"), Put(Ref("output"))), boxed=True),)),
            ),
            quantities,
            ask,
        )

    def answer(self, setting: Flattening, ask: str) -> str:
        """The label of the quantity that an ask is about."""
        del setting
        return ask

    def oracle(self, setting: Flattening, operands: Mapping[str, Array]) -> Oracle:
        """By NumPy's own reshape."""
        x = operands["input"]
        flat = numeric.vec(x, setting.order)
        return {"input": lambda: numeric.squeeze(x, 1), "output": lambda: flat, "size": lambda: np.array(flat.shape)}

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """Other orders."""
        return MISCONCEPTIONS

    def samples(self) -> tuple[dict[str, Any], ...]:
        """Problems for the generic tests."""
        maps = ["1 2 3; 4 5 6", "7 8 9; 1/2 0 -1"]
        return (
            {"input": "1 2 3; 4 5 6"},
            {"input": "1 2 3; 4 5 6", "order": "column"},
            {"input": maps},
            {"input": maps, "order": "column"},
            {"input": "1 2 3"},
            {"input": {"symbols": "a", "shape": [2, 2, 2]}},
        )


def _other_order(setting: Flattening, arrays: Mapping[str, Array]) -> tuple[Flattening, Mapping[str, Array]] | None:
    if arrays["input"].ndim < 3:
        return None
    return replace(setting, order="column" if setting.order == "row" else "row"), arrays


def _channels_last(setting: Flattening, arrays: Mapping[str, Array]) -> Array | None:
    x = arrays["input"]
    if x.shape[0] == 1:
        return None
    turned = x.swapaxes(-1, -2) if setting.order == "column" and x.ndim == 3 else x
    return np.moveaxis(turned, 0, -1).reshape(-1)


MISCONCEPTIONS = (
    Misconception(
        "other_order",
        "The order in which a map is read does not matter.",
        "A vector means nothing without its order: row by row and column by column give different vectors.",
        change=_other_order,
    ),
    Misconception(
        "channels_interleaved",
        "The entries of all channels at one place stand side by side.",
        "A whole channel is written before the next one starts.",
        after=instead("output", _channels_last),
    ),
)
FLATTEN = Flatten()
