"""Unpooling: pooled entries back at their places, zeros elsewhere; the places from indices, or a bed of nails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np

from symconv import numeric
from symconv.document import Quantity, Symbol
from symconv.errors import ProblemError
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.operands import choice, per_axis, read_operand, too_deep
from symconv.operations import checks
from symconv.operations import unpooling_steps as steps
from symconv.operations.base import Detail, Misconception, Oracle, Solved, instead
from symconv.operations.geometry import check_cells, read_dims, squeezed
from symconv.operations.steps import size_quantity, symbols
from symconv.operations.unpooling_steps import Unpooling
from symconv.tensor import Index, Tensor

KINDS = ("max", "bed_of_nails")


class UnpoolingOperation:
    """Put every entry at one place of a larger map, and zeros elsewhere."""

    name = "unpooling"
    summary = "pooled entries back at their places, zeros elsewhere"
    example = 'symconv solve unpooling --input "4 7; 8 7" --indices "4 2; 8 15" --size 2'
    asks = ("output", "size")
    keys: Mapping[str, str] = {
        "input": "a matrix, or a list with one per channel",
        "kind": ", ".join(KINDS) + "; max by default",
        "indices": "max: where each entry goes in its map, counted row by row from 0 (as torch returns them)",
        "size": "of the window that was pooled: 2, or [rows, columns]",
        "stride": "the size of the window by default; a number or [rows, columns]",
        "output_size": "max: the size of the map before pooling, where stride and window do not tell it",
        "dims": "1 or 2 axes",
    }

    def read(self, given: Mapping[str, Any], notation: Notation, limit: int) -> Unpooling:
        """Validate a problem."""
        if given.get("input") is None:
            raise ProblemError('input is missing; write a matrix such as input = "4 7; 8 7"')
        kind = choice("kind", given.get("kind", "max"), KINDS)
        operand = read_operand("input", given["input"], limit, notation.index_base)
        dims = read_dims(given, [operand])
        x = _channels("input", operand.with_dims(dims), dims)
        if given.get("size") is None:
            raise ProblemError("size is missing; write the size of the window, such as size = 2 or size = [2, 3]")
        size = per_axis("size", given["size"], dims, 1)
        stride = per_axis("stride", given.get("stride", list(size)), dims, 1)
        usual = tuple(s * (n - 1) + k for s, n, k in zip(stride, x.shape[1:], size, strict=True))
        shape = usual
        if kind == "bed_of_nails":
            for name in ("indices", "output_size"):
                if name in given:
                    raise ProblemError(f"{name} belongs to kind = 'max', not to 'bed_of_nails'; leave it out")
        elif given.get("indices") is None:
            raise ProblemError(
                "indices is missing; give the place of each maximum, as `pooling` with ask = 'indices' finds them, "
                "or write kind = 'bed_of_nails'"
            )
        if "output_size" in given:
            shape = per_axis("output_size", given["output_size"], dims, 1)
            for n, (wanted, fits, s) in enumerate(zip(shape, usual, stride, strict=True)):
                if not fits - s < wanted < fits + s:
                    raise ProblemError(
                        f"output_size is {list(shape)}; along axis {n + 1} an input of {x.shape[n + 1]} comes from "
                        f"{max(fits - s + 1, 1)} to {fits + s - 1} cells"
                    )
        check_cells("the output", (x.shape[0], *shape), limit)
        if kind == "max":
            found = read_operand("indices", given["indices"], limit, notation.index_base).with_dims(dims)
            indices = _checked(_channels("indices", found, dims), x.shape, shape)
        else:
            indices = Tensor.build(x.shape, lambda at: _nail(at[1:], stride, shape))
        return Unpooling(x, kind, size, stride, indices, shape, "output_size" in given)

    def derive(self, setting: Unpooling, notation: Notation, ask: str, detail: Detail) -> Solved:
        """Derive every step and quantity."""
        del detail  # an entry is one line
        known = symbols(notation)
        channels = setting.input.shape[0]
        places = {(at[0], *setting.place(at)): setting.input[at] for at in setting.input.indices()}
        output = squeezed(Tensor.build((channels, *setting.shape), lambda at: places.get(at, 0)), 1)
        quantities = {
            "input": Quantity(known["input"], squeezed(setting.input, 1)),
            "size": size_quantity(setting.shape, notation),
            "output": Quantity(known["output"], output, labelled_cells=True),
        }
        if setting.kind == "max":
            quantities["indices"] = Quantity(Symbol("I", "i"), squeezed(setting.indices, 1))
        made = [steps.given(setting, quantities), steps.size(setting, ask == "size")]
        if ask == "output":
            made += [steps.places(setting, notation), *steps.result(setting, quantities)]
        return Solved(tuple(made), quantities, ask)

    def answer(self, setting: Unpooling, ask: str) -> str:
        """The label of the quantity that an ask is about."""
        del setting
        return ask

    def oracle(self, setting: Unpooling, operands: Mapping[str, Array]) -> Oracle:
        """Every quantity from NumPy: put the entries at flat places, or scatter copies of a nail."""
        x = operands["input"]
        plain = {
            "input": lambda: numeric.squeeze(x, 1),
            "output": lambda: numeric.squeeze(_unpooled(setting, x), 1),
        }
        return {
            **plain,
            **checks.sums(plain),
            "size": lambda: np.array(_unpooled(setting, x).shape[1:]),
            "indices": lambda: numeric.squeeze(_indices(setting, x), 1),
        }

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """Mistakes of place."""
        return MISCONCEPTIONS

    def samples(self) -> tuple[dict[str, Any], ...]:
        """Problems for the generic tests."""
        return (
            {"input": "4 7; 8 7", "indices": "4 2; 8 15", "size": 2},
            {"input": "9 5; 1/2 -3", "indices": "0 4; 6 12", "size": 2, "stride": [1, 2], "output_size": [3, 5]},
            {"input": "6 8 5", "indices": "1 2 5", "size": 2},
            {"input": "a b; c d", "indices": "1 3; 8 14", "size": 2},
            {"input": ["4 7; 8 7", "1 2; 3 4"], "indices": ["5 2; 8 15", "0 3; 12 10"], "size": 2},
            {"input": "1 2; 3 4", "kind": "bed_of_nails", "size": 2},
            {"input": "1 -2 1/2", "kind": "bed_of_nails", "size": 3, "stride": 2},
            {"input": ["1 2; 3 4", "5 6; 7 8"], "kind": "bed_of_nails", "size": [2, 3], "stride": [2, 3]},
            {"input": "1 2 3", "kind": "bed_of_nails", "size": 2, "stride": 3, "ask": "size"},
        )


def _channels(name: str, x: Tensor, dims: int) -> Tensor:
    if len(x.shape) - dims > 1:
        raise too_deep(name, len(x.shape))
    return x.reshape((*(1,) * (dims + 1 - len(x.shape)), *x.shape))


def _nail(at: Index, stride: Index, shape: Index) -> int:
    """The flat place of the first cell of a window."""
    places = [p * s for p, s in zip(at, stride, strict=True)]
    return places[0] if len(shape) == 1 else places[0] * shape[1] + places[1]


def _checked(indices: Tensor, like: Index, shape: Index) -> Tensor:
    """Indices that are whole, inside the output, and different within a channel. Raises ProblemError."""
    if indices.shape != like:
        sizes = " x ".join(map(str, indices.shape[1:])), " x ".join(map(str, like[1:]))
        raise ProblemError(
            f"indices has the size {sizes[0]} in {indices.shape[0]} channels, the input {sizes[1]} in {like[0]}; give "
            "one index for each entry"
        )
    for channel in range(like[0]):
        seen = set()
        for cell in indices.part(channel).cells:
            if not isinstance(cell, int) or not 0 <= cell < prod(shape):
                raise ProblemError(
                    f"indices has {cell}; the output has {prod(shape)} cells, counted from 0 to {prod(shape) - 1}"
                )
            if cell in seen:
                raise ProblemError(f"indices has {cell} twice; two entries cannot stand in one cell")
            seen.add(cell)
    return indices


def _indices(setting: Unpooling, x: Array) -> Array:
    return numeric.array(setting.indices.cells, x.shape)


def _scattered(setting: Unpooling, x: Array, window: Array) -> Array:
    """A copy of a window for every entry, each channel by itself."""
    kernels = np.broadcast_to(window, (x.shape[0], 1, *setting.size))
    return numeric.scatter(x, kernels, setting.stride, [1] * len(setting.size), [0] * len(setting.size), x.shape[0])


def _nail_window(setting: Unpooling, x: Array, at: int = 0) -> Array:
    window = np.zeros(setting.size, dtype=x.dtype)
    window.reshape(-1)[at] = 1
    return window


def _unpooled(setting: Unpooling, x: Array) -> Array:
    if setting.kind == "max":
        return numeric.put(x, _indices(setting, x), setting.shape)
    return _scattered(setting, x, _nail_window(setting, x))


def _top_left(setting: Unpooling, operands: Mapping[str, Array]) -> Array | None:
    if setting.kind != "max":
        return None
    x = operands["input"]
    return numeric.squeeze(_scattered(setting, x, _nail_window(setting, x)), 1)


def _repeated(setting: Unpooling, operands: Mapping[str, Array]) -> Array | None:
    x = operands["input"]
    return numeric.squeeze(_scattered(setting, x, np.ones(setting.size, dtype=x.dtype)), 1)


def _last_cell(setting: Unpooling, operands: Mapping[str, Array]) -> Array | None:
    if setting.kind == "max":
        return None
    x = operands["input"]
    return numeric.squeeze(_scattered(setting, x, _nail_window(setting, x, -1)), 1)


def _one_based(setting: Unpooling, arrays: Mapping[str, Array]) -> tuple[Unpooling, Mapping[str, Array]] | None:
    places = setting.indices
    if setting.kind != "max" or min(places.cells) < 1:
        return None
    return replace(setting, indices=Tensor(places.shape, tuple(cell - 1 for cell in places.cells))), arrays


def _column_by_column(setting: Unpooling, arrays: Mapping[str, Array]) -> tuple[Unpooling, Mapping[str, Array]] | None:
    if setting.kind != "max" or len(setting.shape) == 1:
        return None
    rows, columns = setting.shape
    cells = tuple(cell % rows * columns + cell // rows for cell in setting.indices.cells)
    return replace(setting, indices=Tensor(setting.indices.shape, cells)), arrays


MISCONCEPTIONS = (
    Misconception(
        "top_left",
        "Unpooled entries always go to the top left cell of their window.",
        "Max unpooling puts each entry where the index says its maximum was; only a bed of nails uses one fixed cell.",
        after=instead("output", _top_left),
    ),
    Misconception(
        "repeated",
        "An unpooled entry fills its whole window.",
        "It stands in one cell and the others are zero; repeating it is nearest-neighbour upsampling.",
        after=instead("output", _repeated),
    ),
    Misconception(
        "last_cell",
        "The nail stands in the last cell of its window.",
        "It stands in the first cell, at the top left.",
        after=instead("output", _last_cell),
    ),
    Misconception(
        "one_based_indices",
        "The indices count from 1.",
        "They count from 0: the first cell of a map has the index 0.",
        change=_one_based,
    ),
    Misconception(
        "column_by_column",
        "The indices count down the columns.",
        "They count along the rows, one row after the other.",
        change=_column_by_column,
    ),
)

UNPOOLING = UnpoolingOperation()
