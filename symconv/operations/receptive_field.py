"""The receptive field of a stack: the recursion of size, jump and start, and the cells that reach one output cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from math import prod
from typing import Any

import numpy as np

from symconv import numeric
from symconv.errors import ProblemError, shown
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.operands import per_axis
from symconv.operations.base import Detail, Misconception, Oracle, Solved, instead
from symconv.operations.receptive_field_steps import Stack, Window, label, solved

MOST_DRAWN = 1600  # cells of an input that is drawn
MOST_FIELD = 10_000  # cells a side of a receptive field
LAYER_KEYS = ("kernel", "stride", "padding", "dilation")


class ReceptiveField:
    """Follow a cell of the last layer back to the input cells that it sees."""

    name = "receptive_field"
    summary = "the receptive field of a stack, and the cells in it"
    example = (
        "symconv solve receptive_field --input 16 --cell 2 "
        "--layers '[{kernel = 3}, {kernel = 3, stride = 2}, {kernel = 3, dilation = 2}]'"
    )
    asks = ("size", "table", "cells")
    keys: Mapping[str, str] = {
        "layers": "a list of tables with kernel and, unless they are 1, 0 and 1, stride, padding, dilation: numbers, "
        "or [rows, columns]; pooling is a layer like any other",
        "input": "the size of the input, or [rows, columns]; needed to draw the cells",
        "cell": "the output cell that is followed back: a number, or [row, column]; left out it is the middle one",
    }

    def read(self, given: Mapping[str, Any], notation: Notation, limit: int) -> Stack:
        """Validate a problem."""
        tables = given.get("layers")
        if not isinstance(tables, (list, tuple)) or not tables:
            raise ProblemError(f"layers is {shown(tables)}; write a list of tables such as {{kernel = 3, stride = 2}}")
        values = [value for table in tables if isinstance(table, Mapping) for value in table.values()]
        dims = 2 if any(isinstance(v, (list, tuple)) and len(v) == 2 for v in [*values, given.get("input")]) else 1
        layers = []
        for number, table in enumerate(tables, 1):
            try:
                layers.append(_layer(table, dims))
            except ProblemError as error:
                raise ProblemError(f"layer {number}: {error}") from None
        axes = tuple(tuple(layer[axis] for layer in layers) for axis in range(dims))
        size = None if given.get("input") is None else per_axis("input", given["input"], dims, 1)
        if given.get("cell") is not None and size is None:
            raise ProblemError("cell needs the size of the input; write input, such as input = [8, 8]")
        if size and prod(size) > limit:
            raise ProblemError(f"input has {prod(size):,} cells, beyond the limit of {limit:,}; make it smaller")
        stack = Stack(axes, size, (), notation.index_base)
        if max(stack.field(axis)[-1].size for axis in range(dims)) > MOST_FIELD:
            raise ProblemError(f"the receptive field has more than {MOST_FIELD:,} cells a side; leave layers out")
        if size is None:
            return stack
        for axis in range(dims):
            for number, cells in enumerate(stack.sizes(axis)):
                if cells < 1:
                    raise ProblemError(f"layer {number}: no window fits; make the input or the padding larger")
        last = tuple(stack.sizes(axis)[-1] for axis in range(dims))
        middle = [(cells - 1) // 2 + notation.index_base for cells in last]
        cell = per_axis("cell", given.get("cell", middle), dims, notation.index_base)
        for at, cells in zip(cell, last, strict=True):
            if at - notation.index_base >= cells:
                raise ProblemError(
                    f"cell is {shown(list(cell))}, but the last layer has {' x '.join(map(str, last))} cells, "
                    f"counted from {notation.index_base}"
                )
        return Stack(axes, size, tuple(at - notation.index_base for at in cell), notation.index_base)

    def derive(self, setting: Stack, notation: Notation, ask: str, detail: Detail) -> Solved:
        """Derive every step and quantity."""
        del notation, detail
        drawn = setting.input is not None and prod(setting.input) <= MOST_DRAWN
        if ask == "cells" and not drawn:
            raise ProblemError(f"ask = 'cells' needs an input of at most {MOST_DRAWN} cells; write input = [12, 12]")
        return solved(setting, ask, drawn)

    def answer(self, setting: Stack, ask: str) -> str:
        """The label of the quantity that an ask is about."""
        del setting
        return ask

    def oracle(self, setting: Stack, operands: Mapping[str, Array]) -> Oracle:
        """Positions are carried through every window; single ones in the input are pushed through the stack."""
        del operands
        base, made = setting.index_base, dict[str, Callable[[], Array]]()
        carried = [carry(layers) for layers in setting.axes]
        for axis in range(len(setting.axes)):
            for number, seen in enumerate(carried[axis]):
                (low, high), (after, _) = seen[0], seen[1]
                values = {"r": high - low + 1, "j": after - low, "start": low + base}
                for name, value in values.items():
                    made[label(name, number, axis, setting)] = partial(np.asarray, value)
        table = np.array([[[e[0][1] - e[0][0] + 1, e[1][0] - e[0][0], e[0][0] + base] for e in a] for a in carried])
        made["table"] = lambda: table[0] if setting.alike else table
        made["size"] = lambda: table[:, -1, 0]
        if setting.input is not None:
            made |= {
                f"n_{number}": partial(
                    lambda at: np.array(pushed(setting, np.zeros(setting.input or ()), at).shape), number
                )
                for number in range(len(setting.axes[0]) + 1)
            }
            followed = zip(setting.axes, setting.cell, strict=True)
            ends = [carry(layers, cell)[-1][cell] for layers, cell in followed]
            made["first"] = lambda: _flat([low + base for low, _ in ends])
            made["last"] = lambda: _flat([high + base for _, high in ends])
            made["paths"] = lambda: _paths(setting)
            made["cells"] = lambda: (_paths(setting) > 0).astype(np.int64)
        return made

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """Mistakes with receptive fields."""
        return _MISCONCEPTIONS

    def samples(self) -> tuple[dict[str, Any], ...]:
        """Problems for the generic tests."""
        three = {"kernel": 3}
        return (
            {"layers": [three, {"kernel": 3, "stride": 2}, {"kernel": 3, "dilation": 2}], "input": 16, "cell": 2},
            {"layers": [three, three, three], "input": [9, 9]},
            {"layers": [{"kernel": 5, "padding": 2}, {"kernel": 2, "stride": 2}, three], "input": [12, 10]},
            {"layers": [{"kernel": 7, "stride": 2, "padding": 3}, {"kernel": 3, "stride": 2, "padding": 1}, three]},
            {"layers": [{"kernel": 3, "dilation": 2}, {"kernel": 2, "dilation": 4}], "input": [12, 12], "ask": "cells"},
            {"layers": [{"kernel": [1, 3], "stride": [1, 2]}, {"kernel": [3, 1], "padding": [1, 0]}], "input": [5, 9]},
            {"layers": [{"kernel": [1, 3]}, {"kernel": [3, 2], "stride": [2, 1]}], "ask": "table"},
            {"layers": [{"kernel": 2, "stride": 3, "padding": 1}], "input": 7, "ask": "cells"},
            {"layers": [{"kernel": 3, "padding": 1}] * 2, "input": 5, "cell": 1, "notation": {"index_base": 0}},
            {"layers": [three] * 4, "ask": "table"},
        )


def _layer(table: Any, dims: int) -> tuple[Window, ...]:
    if not isinstance(table, Mapping):
        raise ProblemError(f"it is {shown(table)}; write a table such as {{kernel = 3}}")
    for key in table:
        if key not in LAYER_KEYS:
            raise ProblemError(f"the key {key} is unknown; a layer takes {', '.join(LAYER_KEYS)}")
    if table.get("kernel") is None:
        raise ProblemError("kernel is missing; write a size such as kernel = 3")
    defaults = {"kernel": 1, "stride": 1, "padding": 0, "dilation": 1}
    least = {"padding": 0}
    read = [per_axis(name, table.get(name, value), dims, least.get(name, 1)) for name, value in defaults.items()]
    for name, values in zip(defaults, read, strict=True):
        if max(values) > MOST_FIELD:
            raise ProblemError(f"{name} is {max(values):,}; it must be at most {MOST_FIELD:,}")
    return tuple(Window(*along) for along in zip(*read, strict=True))


def carry(layers: tuple[Window, ...], most: int = 1) -> list[dict[int, tuple[int, int]]]:
    """For every layer, from the input on: the first and the last input position that each cell's windows read.

    The input is a line without ends, so that padding is a position like any other; it is long enough for the cells up
    to `most` of the last layer.

    >>> carry((Window(3, 2, 1, 1),))[-1][0]
    (-1, 1)
    """
    width = most
    for layer in reversed(layers):
        width = width * layer.stride + layer.padding + layer.dilation * layer.kernel
    ends = {place: (place, place) for place in range(-width, width + 1)}
    found = [ends]
    for layer in layers:
        taps = [tap * layer.dilation - layer.padding for tap in range(layer.kernel)]
        made = {}
        for place in range(-width, width + 1):
            read = [ends.get(place * layer.stride + tap) for tap in taps]
            if None not in read:
                made[place] = (min(e[0] for e in read if e), max(e[1] for e in read if e))
        ends = made
        found.append(ends)
    return found


def pushed(stack: Stack, x: Array, upto: int) -> Array:
    """An input through the first layers of the stack, every weight 1."""
    values = x.astype(np.int64)[None]
    for number in range(upto):
        layers = [axis[number] for axis in stack.axes]
        ones = np.ones((1, 1, *(layer.kernel for layer in layers)), dtype=np.int64)
        steps = [layer.stride for layer in layers]
        pads = [(layer.padding, layer.padding) for layer in layers]
        values = numeric.correlate(values, ones, steps, pads, [layer.dilation for layer in layers])
    return np.asarray(values[0])


def _flat(values: list[int]) -> Array:
    """One number for one axis, a vector for two."""
    return np.array(values if len(values) > 1 else values[0])


def _paths(stack: Stack) -> Array:
    """What a single one at each input cell makes of the followed output cell."""
    shape = stack.input or ()
    found = np.zeros(shape, dtype=np.int64)
    for place in np.ndindex(*shape):
        single = np.zeros(shape, dtype=np.int64)
        single[place] = 1
        found[place] = pushed(stack, single, len(stack.axes[0]))[stack.cell]
    return found


def _side(wrong: Callable[[tuple[Window, ...]], int]) -> Any:
    """A wrong size for every axis."""

    def predict(setting: Stack, arrays: Mapping[str, Array]) -> Array:
        del arrays
        return np.array([wrong(layers) for layers in setting.axes])

    return predict


def _layers(change: Callable[[Window], Window]) -> Any:
    """A mistake that takes every layer for another one."""

    def wrong(setting: Stack, arrays: Mapping[str, Array]) -> tuple[Stack, Mapping[str, Array]] | None:
        axes = tuple(tuple(map(change, layers)) for layers in setting.axes)
        return None if axes == setting.axes else (replace(setting, axes=axes), arrays)

    return wrong


def _field(layers: tuple[Window, ...]) -> int:
    low, high = carry(layers)[-1][0]
    return high - low + 1


def _area(setting: Stack, arrays: Mapping[str, Array]) -> Array | None:
    del arrays
    sides = [_field(layers) for layers in setting.axes]
    return np.array([prod(sides)] * 2 if len(sides) == 2 else [sides[0] ** 2])


def _without_pools(setting: Stack, arrays: Mapping[str, Array]) -> Array | None:
    """The sizes without the layers whose windows lie side by side, which is what pooling is known by here."""
    del arrays
    kept = [tuple(w for w in layers if w.stride == 1 or w.stride != w.kernel) for layers in setting.axes]
    if kept == list(setting.axes) or not all(kept):
        return None
    return np.array([_field(layers) for layers in kept])


def _own_stride(layers: tuple[Window, ...]) -> int:
    return 1 + sum((w.reach - 1) * prod(m.stride for m in layers[: at + 1]) for at, w in enumerate(layers))


def _whole_kernels(layers: tuple[Window, ...]) -> int:
    return 1 + sum(w.reach * prod(m.stride for m in layers[:at]) for at, w in enumerate(layers))


_MISCONCEPTIONS = (
    Misconception(
        "own_stride_included",
        "A layer's own stride already spreads its own taps.",
        "The taps of a layer lie as far apart as the cells it reads; only the strides before it count.",
        after=instead("size", _side(_own_stride)),
    ),
    Misconception(
        "dilation_ignored",
        "A dilated kernel sees as far as a dense one.",
        "A kernel with its taps d cells apart covers d(k - 1) + 1 cells.",
        change=_layers(lambda w: Window(w.kernel, w.stride, w.padding, 1)),
    ),
    Misconception(
        "kernel_for_kernel_minus_one",
        "Every layer adds k cells to the field.",
        "A layer adds k - 1 jumps: the first tap lies in the cell that is there already.",
        after=instead("size", _side(_whole_kernels)),
    ),
    Misconception(
        "jumps_ignored",
        "Strides change the size of the maps and not the field.",
        "After a stride neighbouring cells are further apart in the input, so later taps reach further.",
        change=_layers(lambda w: Window(w.kernel, 1, w.padding, w.dilation)),
    ),
    Misconception(
        "product_of_kernels",
        "The fields of the layers multiply.",
        "The windows of neighbouring cells overlap, so each layer only adds to the field.",
        after=instead("size", _side(lambda layers: prod(w.kernel for w in layers))),
    ),
    Misconception(
        "pooling_skipped",
        "Only convolutions widen the field; a pooling layer is passed over.",
        "A pooling window covers cells like any other window, and its stride spreads the later taps.",
        after=instead("size", _without_pools),
    ),
    Misconception(
        "area_for_side",
        "The receptive field is the number of cells in it.",
        "The receptive field is given by its side along each axis.",
        after=instead("size", _area),
    ),
)

RECEPTIVE_FIELD = ReceptiveField()
