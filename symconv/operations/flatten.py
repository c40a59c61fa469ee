"""Flatten: a feature map as one long vector, channel by channel, along its rows or along its columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np

from symconv import numeric
from symconv.document import Equation, Equations, Prose, Quantity, Step
from symconv.errors import ProblemError
from symconv.expression import Number, Op, Put, Ref, Running, op
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.operands import choice, read_operand, too_deep
from symconv.operations.base import Detail, Misconception, Oracle, Solved, instead
from symconv.operations.geometry import ORDERS, lead, squeezed
from symconv.operations.steps import grids, size_quantity, symbols
from symconv.tensor import Index, Tensor

MOST_SHOWN = 40  # entries of a vector that is written out map by map


@dataclass(frozen=True)
class Flattening:
    """A feature map of the shape (channels, rows, columns) or (channels, cells), and the order of vec."""

    input: Tensor
    order: str

    @property
    def operands(self) -> Mapping[str, Tensor]:
        """The operands by name."""
        return {"input": self.input}


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
        _, *cells = x.shape
        steps = _steps(cells, setting.order)

        def place(at: Index) -> int:
            return at[0] * prod(cells) + sum(position * step for position, step in zip(at[1:], steps, strict=True))

        order = sorted(x.indices(), key=place)
        output = Tensor((len(x.cells),), tuple(x[at] for at in order))
        quantities = {
            "input": Quantity(known["input"], squeezed(x, 1)),
            "output": Quantity(known["output"], output, labelled_cells=True),
            "size": size_quantity((len(x.cells),), notation),
        }
        return Solved(
            (
                _given(setting, quantities["input"].value),
                _law(setting, notation),
                *_maps(setting, order),
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


def _steps(cells: list[int], order: str) -> list[int]:
    """How far apart neighbours along each axis lie in the vector."""
    if len(cells) == 1:
        return [1]
    return [cells[1], 1] if order == "row" else [1, cells[0]]


def _given(setting: Flattening, value: Tensor) -> Step:
    dims = len(setting.input.shape) - 1
    text = {"row": "row by row (row-major order)", "column": "column by column (column-major order)"}[setting.order]
    if dims == 1:
        text = "cell by cell"
    text = f"The map is read {text}" + (", one channel after the other." if setting.input.shape[0] > 1 else ".")
    return Step("given", "Given", (grids("input", value, len(value.shape) - dims), Prose(text)))


def _law(setting: Flattening, notation: Notation) -> Step:
    """Where each entry goes."""
    from symconv import algebra

    channels, *cells = setting.input.shape
    base, names = notation.index_base, "ij"[: len(cells)]
    spans = [*([("c", channels)] if channels > 1 else []), *zip(names, cells, strict=True)]
    apart = [*([prod(cells)] if channels > 1 else []), *_steps(cells, setting.order)]
    place = base + sum(step * (algebra.running(name) - base) for (name, _), step in zip(spans, apart, strict=True))
    index = tuple(Running(name) for name, _ in spans)
    sizes: Any = op("mul", *(Number(size) for _, size in spans)) if len(spans) > 1 else Number(spans[0][1])
    return Step(
        "size",
        "Where each entry goes",
        (
            Prose("The vector has {n} = {total} entries.", {"n": sizes, "total": Number(len(setting.input.cells))})
            if len(spans) > 1
            else Prose("The vector has {n} entries.", {"n": sizes}),
            Equation(
                (Ref("output", (algebra.to_expression(place),)), Ref("input", index)),
                for_all=tuple((name, base, base + size - 1) for name, size in spans),
            ),
        ),
    )


def _maps(setting: Flattening, order: list[Index]) -> list[Step]:
    """The entries in their new order, each from its old place."""
    if len(order) > MOST_SHOWN:
        return []
    channels = setting.input.shape[0]
    made = [
        Equation((Ref("output", (n,)), ref, Put(ref)))
        for n, ref in enumerate(Ref("input", (*lead((at[0], channels)), *at[1:])) for at in order)
    ]
    blocks: list[Any] = [Equations(tuple(made))]
    if channels == 1 and len(setting.input.shape) == 3:
        vec = Op("vec_row" if setting.order == "row" else "vec_column", (Ref("input"),))
        blocks.append(Prose("This vector is also written {vec}.", {"vec": vec}))
    return [Step("entries", "Entry by entry", tuple(blocks))]


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
