"""Counting: parameters, multiplications, additions, MACs, FLOPs and memory of a network, layer by layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import prod
from typing import Any

import numpy as np

from symconv import numeric
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.operations.base import Detail, Misconception, Oracle, Solved
from symconv.operations.counting_steps import COLUMNS, Counted, Network, read_network, solved


class Counting:
    """Count what a network holds and does; no weight has a value."""

    name = "counting"
    summary = "parameters, operations and memory, layer by layer"
    example = (
        "symconv solve counting --input '[3, 32, 32]' "
        "--layers '[{kind = \"conv\", filters = 10, kernel = 5, padding = 2}]'"
    )
    asks = ("table", "parameters", "multiplications", "additions", "macs", "flops", "bytes")
    keys: Mapping[str, str] = {
        "input": "the shape [channels, rows, columns], or [channels, cells], or [values]",
        "layers": "a list of tables with kind conv, depthwise, pointwise, pool, transposed, flatten or dense, and what "
        "the kind takes: filters, kernel, stride, padding, dilation, groups, bias, multiplier, output_padding, units",
    }

    def read(self, given: Mapping[str, Any], notation: Notation, limit: int) -> Network:
        """Validate a problem."""
        return read_network(given, notation.index_base, limit)

    def derive(self, setting: Network, notation: Notation, ask: str, detail: Detail) -> Solved:
        """Derive every step and quantity."""
        del notation, detail
        return solved(setting, ask)

    def answer(self, setting: Network, ask: str) -> str:
        """The label of the quantity that an ask is about."""
        del setting
        return "table" if ask == "table" else f"total({ask})"

    def oracle(self, setting: Network, operands: Mapping[str, Array]) -> Oracle:
        """Arrays of ones go through every layer: an entry that comes out is the number of products in it."""
        del operands
        measured = [partial(measure, layer) for layer in setting.layers]
        made: dict[str, Callable[[], Array]] = {"input": lambda: np.array(setting.input)}
        made["table"] = lambda: np.array([row() for row in measured])
        for column, name in enumerate(COLUMNS):
            made[name] = partial(lambda at: made["table"]()[:, at], column)
            made[f"total({name})"] = partial(lambda at: np.asarray(made["table"]()[:, at].sum()), column)
        for number, layer in enumerate(setting.layers, setting.index_base):
            made[f"shape[{number}]"] = partial(lambda one: np.array(through(one)[0]), layer)
        return made

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """Mistakes of counting."""
        return _MISCONCEPTIONS

    def samples(self) -> tuple[dict[str, Any], ...]:
        """Problems for the generic tests."""
        conv = {"kind": "conv", "filters": 10, "kernel": 5, "padding": 2}
        small = {"kind": "conv", "filters": 4, "kernel": 3}
        network = [
            {"kind": "conv", "filters": 6, "kernel": 5},
            {"kind": "pool", "kernel": 2},
            {"kind": "conv", "filters": 16, "kernel": 5},
            {"kind": "pool", "kernel": 2},
            {"kind": "flatten"},
            {"kind": "dense", "units": 120},
            {"kind": "dense", "units": 84},
            {"kind": "dense", "units": 10, "bias": False},
        ]
        separated = [{"kind": "depthwise", "kernel": 3}, {"kind": "pointwise", "filters": 12}]
        no_bias = [{**layer, "bias": False} for layer in separated]
        back = {"kind": "transposed", "filters": 2, "kernel": 3, "stride": 2, "padding": 1, "output_padding": 1}
        return (
            {"input": [3, 32, 32], "layers": [conv]},
            {"input": [1, 32, 32], "layers": network},
            {"input": [3, 32, 32], "layers": no_bias, "ask": "parameters"},
            {"input": [3, 32, 32], "layers": separated, "ask": "multiplications"},
            {"input": [4, 9, 8], "layers": [{**small, "groups": 2, "stride": [2, 1], "dilation": 2}], "ask": "flops"},
            {"input": [2, 5, 4], "layers": [{**small, "padding": "same"}, back], "ask": "additions"},
            {"input": [4, 3, 3], "layers": [{**back, "groups": 2, "stride": 4, "bias": False}], "ask": "macs"},
            {"input": [2, 12], "layers": [small, {"kind": "depthwise", "kernel": 3, "multiplier": 2}], "ask": "bytes"},
            {"input": [7], "layers": [{"kind": "dense", "units": 3}]},
            {"input": [3, 8, 8], "layers": separated},
        )


def through(layer: Counted) -> tuple[tuple[int, ...], Array]:
    """Ones through one filter of a layer: the shape of the output, and how many products meet in each place.

    The places are those of one output map, before the crop for a transposed layer. Cells of padding count as cells.
    """
    filters = layer.output[0]
    if layer.kind == "flatten":
        return np.ones(layer.input).reshape(-1).shape, np.zeros(1, dtype=np.int64)
    if layer.kind == "dense":
        met = np.ones((1, layer.input[0]), dtype=np.int64) @ np.ones(layer.input[0], dtype=np.int64)
        return (filters,), met
    cells = layer.input[1:]
    if layer.kind == "transposed":
        carried = np.full((1, *cells), layer.slices, dtype=np.int64)
        taps = np.ones((1, 1, *layer.kernel), dtype=np.int64)
        frame = numeric.scatter(carried, taps, layer.stride, layer.dilation, layer.output_padding)
        return (filters, *numeric.crop(frame, layer.padding).shape[1:]), frame[0]
    padded = np.ones_like(numeric.pad(np.ones((layer.slices, *cells), dtype=np.int64), layer.padding))
    taps = np.ones((1, layer.slices, *layer.kernel), dtype=np.int64)
    met = numeric.correlate(padded, taps, layer.stride, [(0, 0)] * len(cells), layer.dilation)[0]
    return (filters, *met.shape), met


def measure(layer: Counted) -> list[int]:
    """Parameters, multiplications, additions, MACs, FLOPs, bytes of a layer, each counted on arrays of its shapes."""
    shape, met = through(layer)
    filters, outputs = shape[0], np.broadcast_to(np.float32(0), shape)
    memory = outputs.size * outputs.itemsize
    if not layer.has_weights:
        return [0, 0, 0, 0, 0, memory]
    inside = (layer.input[0],) if layer.kind == "dense" else (layer.slices, *layer.kernel)
    weights = np.broadcast_to(np.float32(0), (filters, *inside))
    biases = np.broadcast_to(np.float32(0), (filters if layer.bias else 0,))
    everywhere = np.broadcast_to(met, (filters, *met.shape))
    products = int(everywhere.sum())
    sums = int(np.maximum(everywhere - 1, 0).sum()) + (outputs.size if layer.bias else 0)
    return [weights.size + biases.size, products, sums, products, products + products, memory]


def _changed(change: Callable[[Counted], Counted]) -> Any:
    """A mistake that takes every layer for another one."""

    def wrong(setting: Network, arrays: Mapping[str, Array]) -> tuple[Network, Mapping[str, Array]]:
        return replace(setting, layers=tuple(map(change, setting.layers))), arrays

    return wrong


def _column(column: str, counted: Callable[[Network], list[int] | None]) -> Any:
    """A mistake that counts one column of the table wrongly."""
    at = COLUMNS.index(column)

    def after(setting: Network, arrays: Mapping[str, Array], label: str, value: Array) -> Array | None:
        del arrays
        counts = counted(setting) if label in ("table", column, f"total({column})") else None
        if counts is None:
            return None
        if label == "table":
            value = value.copy()
            value[:, at] = counts
            return value
        return np.array(counts) if label == column else np.asarray(sum(counts))

    return after


def _recounted(column: str, wrong: Callable[[Counted, Sequence[int]], int]) -> Any:
    """A mistake in one column wherever there are weights."""

    def counted(setting: Network) -> list[int]:
        pairs = [(layer, measure(layer)) for layer in setting.layers]
        return [wrong(layer, row) if layer.has_weights else row[COLUMNS.index(column)] for layer, row in pairs]

    return _column(column, counted)


def _recounted_where(column: str, wrong: Callable[[Counted, Counted | None, Counted | None], int | None]) -> Any:
    """A mistake in one column of some layers; `wrong` also gets the layers before and after."""

    def counted(setting: Network) -> list[int] | None:
        around = zip([None, *setting.layers], setting.layers, [*setting.layers[1:], None], strict=False)
        found = [wrong(layer, before, after) for before, layer, after in around]
        if all(count is None for count in found):
            return None
        right = [measure(layer)[COLUMNS.index(column)] for layer in setting.layers]
        return [known if count is None else count for count, known in zip(found, right, strict=True)]

    return _column(column, counted)


def _kernel_per_filter(layer: Counted, _: Counted | None, after: Counted | None) -> int | None:
    """The parameters of a depthwise step with as many kernels as the pointwise step after it has filters."""
    if layer.kind != "depthwise" or after is None or after.kind != "pointwise":
        return None
    return (prod(layer.kernel) + int(layer.bias)) * after.output[0]


def _pointwise_window(layer: Counted, before: Counted | None, _: Counted | None) -> int | None:
    """The parameters of a pointwise step with the kernel of the depthwise step before it."""
    if layer.kind != "pointwise" or before is None or before.kind != "depthwise":
        return None
    return (prod(before.kernel) * layer.slices + int(layer.bias)) * layer.output[0]


def _all_channels(layer: Counted, *_: Counted | None) -> int | None:
    """The parameters of a layer with groups if each filter read every channel."""
    if not layer.has_weights or layer.kind == "dense" or layer.slices == layer.input[0]:
        return None
    return (prod(layer.kernel) * layer.input[0] + int(layer.bias)) * layer.output[0]


def _pooled_weights(layer: Counted, *_: Counted | None) -> int | None:
    """The parameters of a pooling layer whose window had a weight for each of its cells."""
    return prod(layer.kernel) * layer.output[0] if layer.kind == "pool" else None


def _products_of_one_channel(layer: Counted, *_: Counted | None) -> int | None:
    """The multiplications without the factor of the channels."""
    return measure(layer)[1] // layer.slices if layer.slices > 1 and layer.has_weights else None


def _one_slice(layer: Counted, row: Sequence[int]) -> int:
    del row
    inside = 1 if layer.kind == "dense" else prod(layer.kernel)
    return (inside + int(layer.bias)) * layer.output[0]


def _on_the_input(layer: Counted, row: Sequence[int]) -> int:
    if layer.kind in ("dense", "transposed"):
        return row[1]
    return row[1] // prod(layer.output[1:]) * prod(layer.input[1:])


def _per_slice(layer: Counted, row: Sequence[int]) -> int:
    return row[0] + (layer.slices - 1) * layer.output[0] * int(layer.bias and layer.kind != "dense")


_MISCONCEPTIONS = (
    Misconception(
        "bias_forgotten",
        "A filter has only its kernel entries as parameters.",
        "Each filter has one bias more, which is also one addition for each of its output entries.",
        change=_changed(lambda layer: replace(layer, bias=False)),
    ),
    Misconception(
        "channels_forgotten",
        "A k by k filter has k times k weights.",
        "A filter has a k by k slice for each input channel it reads.",
        after=_recounted("parameters", _one_slice),
    ),
    Misconception(
        "channels_forgotten_in_the_products",
        "A window takes k times k multiplications.",
        "It takes k times k in each input channel that the filter reads.",
        after=_recounted_where("multiplications", _products_of_one_channel),
    ),
    Misconception(
        "groups_forgotten",
        "Every filter reads all channels.",
        "With groups, as in a depthwise step, a filter reads the channels of its group only.",
        after=_recounted_where("parameters", _all_channels),
    ),
    Misconception(
        "depthwise_kernel_for_each_filter",
        "A depthwise step has a kernel for each output channel of the separable layer.",
        "It has a kernel for each input channel; only the pointwise step knows the output channels.",
        after=_recounted_where("parameters", _kernel_per_filter),
    ),
    Misconception(
        "pointwise_counted_with_the_window",
        "The pointwise kernels are as large as the depthwise ones.",
        "A pointwise kernel is 1 by 1: one weight for each channel.",
        after=_recounted_where("parameters", _pointwise_window),
    ),
    Misconception(
        "pooling_has_weights",
        "A pooling window has a weight for each of its cells.",
        "Pooling learns nothing: it has no parameters.",
        after=_recounted_where("parameters", _pooled_weights),
    ),
    Misconception(
        "one_bias_for_the_layer",
        "A layer has one bias.",
        "A layer has one bias for each filter.",
        after=_recounted("parameters", lambda layer, row: row[0] - (layer.output[0] - 1) * int(layer.bias)),
    ),
    Misconception(
        "bias_for_each_slice",
        "Every slice of a filter brings its own bias.",
        "The channels are added first; the bias comes once, after the sum.",
        after=_recounted("parameters", _per_slice),
    ),
    Misconception(
        "spatial_size_in_the_parameters",
        "Every place of the output has its own weights.",
        "The same filter is used at every place, so the size of the map does not count.",
        after=_recounted("parameters", lambda layer, row: row[0] * prod(layer.output[1:])),
    ),
    Misconception(
        "input_grid_for_output_grid",
        "A filter is applied once for every input cell.",
        "A filter is applied once for every output cell; padding and stride decide how many there are.",
        after=_recounted("multiplications", _on_the_input),
    ),
    Misconception(
        "mac_for_flop",
        "A multiply-accumulate is one floating-point operation.",
        "A multiply-accumulate is two: a multiplication and an addition.",
        after=_recounted("flops", lambda _, row: row[1]),
    ),
    Misconception(
        "flop_for_mac",
        "A multiplication and an addition are two multiply-accumulates.",
        "Together they are one: there are as many multiply-accumulates as products.",
        after=_recounted("macs", lambda _, row: 2 * row[1]),
    ),
    Misconception(
        "additions_off_by_one",
        "Adding n products takes n additions, besides the bias.",
        "Adding n products takes n - 1 additions; the bias is one more.",
        after=_recounted("additions", lambda layer, row: row[2] + prod(layer.output)),
    ),
)

COUNTING = Counting()
