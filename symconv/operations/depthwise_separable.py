"""Depthwise separable convolution: a kernel for each channel, then 1x1 sums; kernels that are a column times a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from symconv import numeric
from symconv.errors import ProblemError
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.operands import per_axis, read_operand, whole
from symconv.operations.base import Detail, Misconception, Oracle, Solved, instead, operand
from symconv.operations.depthwise_misconceptions import COUNTED_AND_FACTORED
from symconv.operations.depthwise_steps import Separable, counted, output_steps
from symconv.operations.direct_steps import Direct
from symconv.operations.geometry import Geometry, Layer, check_cells, check_products, read_axes
from symconv.operations.rank_one import Factored, factored, read_factors


class DepthwiseSeparable:
    """Slide one kernel over each channel, then mix the channels at each place."""

    name = "depthwise_separable"
    summary = "a kernel per channel, then 1x1 sums; rank-1 factors"
    example = (
        'symconv solve depthwise_separable --input \'["1 2 0; 0 1 1; 2 1 0", "0 1 1; 1 0 2; 1 2 0"]\' '
        '--depthwise \'["1 0; 0 1", "1 1; 0 -1"]\' --pointwise "1 2; 0 1; 1 -1"'
    )
    asks = ("output", "counts", "ratio", "factors")
    keys: Mapping[str, str] = {
        "input": "a list with one matrix per channel",
        "depthwise": "a list with one kernel per channel, or one list of kernels per channel",
        "pointwise": "a matrix with one row per filter and one column per depthwise map",
        "multiplier": "how many kernels each channel has, if it is to be checked",
        "stride": "1, or [rows, columns]",
        "padding": "a number, [rows, columns], [[before, after], ...], 'valid', 'same' or 'full'",
        "dilation": "1, or [rows, columns]",
        "kernel": "alone, or with ask = 'factors': the kernel to be written as a column times a row",
    }

    def read(self, given: Mapping[str, Any], notation: Notation, limit: int) -> Separable | Factored:
        """Validate a problem."""
        layer_keys = [name for name in ("input", "depthwise", "pointwise") if given.get(name) is not None]
        alone = given.get("kernel") is not None and not layer_keys
        if given.get("ask") == "factors" or (alone and given.get("ask", "output") == "output"):
            return read_factors(given, notation.index_base, limit)
        if given.get("kernel") is not None:
            raise ProblemError("kernel is for ask = 'factors'; write the kernels of the channels as depthwise")
        read = {}
        for name in ("input", "depthwise", "pointwise"):
            if given.get(name) is None:
                raise ProblemError(f"{name} is missing; {self.keys[name]}")
            read[name] = read_operand(name, given[name], limit, notation.index_base).tensor
        x, w, mixing = read["input"], read["depthwise"], read["pointwise"]
        if len(x.shape) > 3:
            raise ProblemError(f"input is nested {len(x.shape)} deep; write one matrix per channel")
        x = x.reshape((*(1,) * (3 - len(x.shape)), *x.shape))
        channels, size = x.shape[0], w.shape[-2:]
        maps = len(w.cells) // (size[0] * size[1])
        if maps % channels or (len(w.shape) == 4 and w.shape[0] != channels):
            raise ProblemError(
                f"depthwise has {maps} kernels, but the input has {channels} channels; give each as many"
            )
        multiplier = maps // channels
        if given.get("multiplier") is not None and whole("multiplier", given["multiplier"], 1) != multiplier:
            raise ProblemError(
                f"multiplier is {given['multiplier']}, but depthwise has {multiplier} kernels for each channel"
            )
        if len(mixing.shape) != 2 or mixing.shape[1] != maps:
            raise ProblemError(
                f"pointwise is {' x '.join(map(str, mixing.shape))}; give it one column for each of the {maps} "
                "depthwise maps"
            )
        stride = per_axis("stride", given.get("stride", 1), 2, 1)
        dilation = per_axis("dilation", given.get("dilation", 1), 2, 1)
        layer = Layer(x, w.reshape((maps, 1, *size)), None, stride, dilation, channels, "row")
        axes, named = read_axes(layer, given.get("padding", 0), "zeros")
        geometry = Geometry(axes, channels, maps, channels)
        check_cells("the padded input", (channels, *(axis.padded for axis in axes)), limit)
        if given.get("ask", "output") == "output":
            check_products(geometry.products, limit)
        return Separable(Direct(layer, geometry, named, "kernel"), mixing)

    def derive(self, setting: Separable | Factored, notation: Notation, ask: str, detail: Detail) -> Solved:
        """Derive every step and quantity."""
        if isinstance(setting, Factored):
            return factored(setting)
        return output_steps(setting, notation, detail) if ask == "output" else counted(setting, ask)

    def answer(self, setting: Separable | Factored, ask: str) -> str:
        """The label of the quantity that an ask is about."""
        if isinstance(setting, Factored):
            return "rank" if setting.column is None else "column"
        return ask

    def oracle(self, setting: Separable | Factored, operands: Mapping[str, Array]) -> Oracle:
        """Each channel is slid over by itself; then the maps are mixed by a matrix product at every place."""
        if isinstance(setting, Factored):
            return setting.oracle(operands)
        x, w, mixing = operands["input"], operands["kernel"], operands["pointwise"]
        slide = _slide(setting)

        def output() -> Array:
            return mix(mixing, slide(x, w))

        made: dict[str, Callable[[], Array]] = {
            "input": lambda: numeric.squeeze(x, 1),
            "kernel": lambda: numeric.squeeze(w, 2),
            "pointwise": lambda: mixing,
            "padded": lambda: numeric.squeeze(numeric.pad(x, _pads(setting)), 1),
            "dilated": lambda: numeric.squeeze(numeric.dilate(w, setting.depthwise.layer.dilation), 2),
            "depthwise": lambda: numeric.squeeze(slide(x, w), 1),
            "output": lambda: numeric.squeeze(output(), 1),
            "size": lambda: np.array(output().shape[1:]),
            "totals(depthwise)": lambda: slide(x, w).sum(axis=(1, 2)),
            "totals(output)": lambda: output().sum(axis=(1, 2)),
        }
        ones = [np.ones(shape, dtype=np.int64) for shape in (setting.inside, w.shape, mixing.shape)]
        met = slide(ones[0], ones[1], pads=[(0, 0)] * 2)
        full = np.ones((mixing.shape[0], x.shape[0], *w.shape[2:]), dtype=np.int64)
        whole_layer = numeric.correlate(
            ones[0], full, setting.depthwise.layer.stride, [(0, 0)] * 2, setting.depthwise.layer.dilation
        )
        work = [met.sum(), mix(ones[2], np.ones_like(met)).sum(), whole_layer.sum()]
        held = [ones[1].size, ones[2].size, full.size]
        for name, (first, second, other) in (("parameters", held), ("multiplications", work)):
            made[name] = partial(np.array, [first, second, first + second, other])
        made["counts"] = lambda: np.stack([made["parameters"](), made["multiplications"]()])
        made["ratio"] = lambda: numeric.array([Fraction(held[0] + held[1], held[2])], ())
        return made

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """Mistakes with separable layers."""
        return (*_MISCONCEPTIONS, *COUNTED_AND_FACTORED)

    def samples(self) -> tuple[dict[str, Any], ...]:
        """Problems for the generic tests."""
        two = {"input": ["1 2 0; 0 1 1; 2 1 0", "0 1 1; 1 0 2; 1 2 0"], "depthwise": ["1 0; 0 1", "1 1; 0 -1"]}
        mixing = "1 2; 0 1; 1 -1"
        letters = {
            "input": {"symbols": "x", "shape": [2, 3, 3]},
            "depthwise": {"symbols": "w", "shape": [2, 2, 2]},
            "pointwise": {"symbols": "p", "shape": [3, 2]},
        }
        return (
            {**two, "pointwise": mixing},
            {**two, "pointwise": "1 2; 0 1"},
            {**two, "pointwise": "1/2 -1", "stride": 2, "padding": 1},
            {
                **two,
                "depthwise": [["1 0; 0 1", "1 1; 0 -1"], ["2 0; 0 1", "0 1; 1 0"]],
                "pointwise": "1 0 2 1; 0 1 0 -1",
            },
            {"input": ["1 2 3; 4 5 6; 7 8 9"], "depthwise": ["1 2; 0 1"], "pointwise": "2", "padding": "same"},
            {"input": ["1 a; 0 1", "b 1; 1 2"], "depthwise": ["1 2", "c 1"], "pointwise": "1 u; 2 1", "dilation": 1},
            {**two, "pointwise": mixing, "dilation": 2, "ask": "counts"},
            {**letters, "ask": "counts"},
            {**letters, "ask": "ratio"},
            {"kernel": "1 0 -1; 2 0 -2; 1 0 -1", "ask": "factors"},
            {"kernel": "1/16 1/8 1/16; 1/8 1/4 1/8; 1/16 1/8 1/16", "ask": "factors"},
            {"kernel": "0 0; 3 -6", "ask": "factors"},
            {"kernel": "0 1 0; 1 -4 1; 0 1 0", "ask": "factors"},
            {**two, "pointwise": mixing, "ask": "ratio"},
        )


def _pads(setting: Separable) -> list[tuple[int, int]]:
    return [axis.padding for axis in setting.geometry.axes]


def _slide(setting: Separable) -> Callable[..., Array]:
    """The depthwise step."""
    layer = setting.depthwise.layer
    return partial(
        numeric.correlate, stride=layer.stride, pads=_pads(setting), dilation=layer.dilation, groups=layer.groups
    )


def mix(mixing: Array, maps: Array) -> Array:
    """A matrix product at every place: (filters, maps) and (maps, rows, columns) give (filters, rows, columns).

    >>> mix(np.array([[1, 2]]), np.array([[[1, 0]], [[3, 4]]])).tolist()
    [[[7, 8]]]
    """
    flat = maps.reshape(maps.shape[0], -1)
    return np.asarray(mixing @ flat).reshape(mixing.shape[0], *maps.shape[1:])


def _wrong(answer: Callable[[Separable, Mapping[str, Array]], Array | None]) -> Any:
    """A wrong output; there is none where factors are asked for."""

    def predict(setting: Any, arrays: Mapping[str, Array]) -> Array | None:
        if isinstance(setting, Factored):
            return None
        found = answer(setting, arrays)
        return None if found is None else numeric.squeeze(found, 1)

    return predict


def _first_everywhere(w: Array, setting: Separable | Factored) -> Array | None:
    return None if isinstance(setting, Factored) else np.zeros_like(w) + w[:1]


def _turned(w: Array, setting: Separable | Factored) -> Array | None:
    return None if isinstance(setting, Factored) else numeric.rotate(w, 2)


def _summed(setting: Separable, arrays: Mapping[str, Array]) -> Array:
    maps = _slide(setting)(arrays["input"], arrays["kernel"])
    same = np.zeros_like(maps) + maps.sum(axis=0)
    return mix(arrays["pointwise"], same)


_MISCONCEPTIONS = (
    Misconception(
        "pointwise_left_out",
        "The depthwise maps are the output.",
        "The depthwise maps are mixed by the pointwise matrix: each filter adds them with its own weights.",
        after=instead("output", _wrong(lambda setting, arrays: _slide(setting)(arrays["input"], arrays["kernel"]))),
    ),
    Misconception(
        "channels_summed_too_early",
        "The depthwise step adds its channels, as a full layer does.",
        "The depthwise step keeps the channels apart; only the pointwise step adds them.",
        after=instead("output", _wrong(_summed)),
    ),
    Misconception(
        "one_kernel_for_all_channels",
        "The first kernel slides over every channel.",
        "Each channel has a kernel of its own.",
        change=operand("kernel", _first_everywhere),
    ),
    Misconception(
        "kernel_flipped",
        "The kernel is turned by 180 degrees before it slides.",
        "Layers of networks correlate: the kernel slides as it is.",
        change=operand("kernel", _turned),
    ),
    Misconception(
        "pointwise_transposed",
        "A column of the pointwise matrix makes a filter.",
        "A row of the pointwise matrix makes a filter, and its columns belong to the channels.",
        change=operand("pointwise", lambda p, _: p.T if p.shape[0] == p.shape[1] else None),
    ),
)

DEPTHWISE_SEPARABLE = DepthwiseSeparable()
