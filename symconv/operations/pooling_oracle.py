"""The oracle of pooling and the mistakes that belong to it: each is the oracle with one thing changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial
from math import inf, prod
from typing import Any

import numpy as np

from symconv import exact_numbers, numeric
from symconv.numeric import Array
from symconv.operations import checks
from symconv.operations.base import Misconception, Oracle
from symconv.operations.pooling_values import DECIMALS, Pooling


def oracle(setting: Pooling, x: Array) -> Oracle:
    """Every quantity from NumPy: pad, slide, reduce each window."""
    output = partial(_output, setting, x)
    plain = {"input": lambda: numeric.squeeze(x, 1), "output": lambda: numeric.squeeze(output(), 1)}
    power = setting.power

    def rounded(window: Array) -> Fraction:
        return exact_numbers.rounded_root(abs((window**power).sum()), power, DECIMALS)

    return {
        **plain,
        **checks.sums(plain),
        "max(output)": lambda: np.asarray(output().max()),
        "min(output)": lambda: np.asarray(output().min()),
        "size": lambda: np.array(output().shape[1:]),
        "padded": lambda: numeric.squeeze(numeric.surround(x, _widths(setting, x), _FILLS[setting.reduces]), 1),
        "indices": lambda: numeric.squeeze(_indices(setting, x), 1),
        "rounded": lambda: numeric.squeeze(_slide(setting, x, rounded), 1),
        "lines": lambda: _lines(setting, x),
    }


_FILLS: dict[str, float] = {"max": -inf, "min": inf, "average": 0, "lp": 0}


def _widths(setting: Pooling, x: Array) -> list[tuple[int, int]]:
    if not setting.size_mode:
        return [axis.padding for axis in setting.axes]
    reach = [(a.kernel - 1) * a.dilation + 1 for a in setting.axes]
    return numeric.pads_for(setting.size_mode, x.shape[1:], reach, [a.stride for a in setting.axes])


def _slide(setting: Pooling, x: Array, reduce: Callable[[Array], Any], fill: Any = 0, **changed: Any) -> Array:
    """`numeric.pool` with the numbers of the setting, or with some of them changed."""
    keys: dict[str, Any] = {
        "size": [a.kernel for a in setting.axes],
        "stride": [a.stride for a in setting.axes],
        "pads": _widths(setting, x),
        "dilation": [a.dilation for a in setting.axes],
        "ceil": setting.ceil,
    }
    return numeric.pool(x, reduce, fill=fill, **{**keys, **changed})


def _mean(window: Array) -> Fraction:
    cells = [cell for cell in window.flat if cell is not None]
    return Fraction(sum(cells), len(cells))


def _output(setting: Pooling, x: Array, **changed: Any) -> Array:
    power = setting.power
    fill: float | None = _FILLS[setting.reduces]
    if setting.reduces == "average":
        fill = 0 if setting.include_pad else None
    reduce: dict[str, Callable[[Array], Any]] = {
        "max": np.max,
        "min": np.min,
        "average": _mean,
        "lp": lambda window: exact_numbers.root((window**power).sum(), power),
    }
    return _slide(setting, x, reduce[setting.reduces], **{"fill": fill, **changed})


def _indices(setting: Pooling, x: Array) -> Array:
    """Where the first largest (or smallest) cell of every window stands in its channel, counted row by row from 0."""
    cells = x.reshape(-1)
    sign = 1 if setting.reduces == "max" else -1

    def first(window: Array) -> int:
        inside = [place for place in window.flat if place is not None]
        return int(max(inside, key=lambda place: (sign * cells[place], -place)) % (x.size // x.shape[0]))

    return _slide(setting, np.arange(x.size).reshape(x.shape), first, None)


def _lines(setting: Pooling, x: Array) -> Array:
    """Every row of every window reduced by itself."""
    power = setting.power
    reduce: dict[str, Callable[[Array], Any]] = {
        "max": lambda window: tuple(window.max(axis=1)),
        "min": lambda window: tuple(window.min(axis=1)),
        "average": lambda window: tuple(window.sum(axis=1)),
        "lp": lambda window: tuple((window**power).sum(axis=1)),
    }
    made = _slide(setting, x, reduce[setting.reduces], _FILLS[setting.reduces])
    rows = np.array(made.tolist(), dtype=object)
    return numeric.squeeze(rows, 3 if setting.is_single else 1)


def _zeros_for_infinity(setting: Pooling, operands: Mapping[str, Array]) -> Array | None:
    padded = any(map(sum, _widths(setting, operands["input"])))
    if setting.reduces not in ("max", "min") or not padded:
        return None
    return numeric.squeeze(_output(setting, operands["input"], fill=0), 1)


def _other_divisor(setting: Pooling, operands: Mapping[str, Array]) -> Array | None:
    padded = any(map(sum, _widths(setting, operands["input"])))
    if setting.reduces != "average" or not padded:
        return None
    return numeric.squeeze(_output(setting, operands["input"], fill=None if setting.include_pad else 0), 1)


def _whole_divisor(setting: Pooling, operands: Mapping[str, Array]) -> Array | None:
    if setting.reduces != "average":
        return None
    whole_window = prod(axis.kernel for axis in setting.axes)
    return numeric.squeeze(_slide(setting, operands["input"], lambda w: Fraction(w.sum(), whole_window)), 1)


def _not_divided(setting: Pooling, operands: Mapping[str, Array]) -> Array | None:
    if setting.reduces != "average":
        return None
    return numeric.squeeze(_slide(setting, operands["input"], np.sum), 1)


def _root_forgotten(setting: Pooling, operands: Mapping[str, Array]) -> Array | None:
    if setting.reduces != "lp":
        return None
    return numeric.squeeze(_slide(setting, operands["input"], lambda w: (w**setting.power).sum()), 1)


def _changed(given: Mapping[str, Any], setting: Pooling, operands: Mapping[str, Array]) -> Array | None:
    if setting.kind.startswith("global"):
        return None
    changed = {name: [value] * len(setting.axes) if name != "ceil" else value for name, value in given.items()}
    return numeric.squeeze(_output(setting, operands["input"], **changed), 1)


def _rounded_the_other_way(setting: Pooling, operands: Mapping[str, Array]) -> Array | None:
    fits = all(axis.padded >= axis.reach for axis in setting.axes)
    return _changed({"ceil": not setting.ceil}, setting, operands) if fits else None


def _across_channels(setting: Pooling, operands: Mapping[str, Array]) -> Array | None:
    maps = _output(setting, operands["input"])
    if len(maps) == 1 or setting.reduces == "lp":
        return None
    merge: dict[str, Callable[..., Any]] = {"max": np.max, "min": np.min}
    if setting.reduces in merge:
        return np.asarray(merge[setting.reduces](maps, axis=0))
    return np.asarray(maps.sum(axis=0) * Fraction(1, len(maps)))


MISCONCEPTIONS = (
    Misconception(
        "zeros_in_padding",
        "The padding of a max or min pooling is zeros, as in a convolution.",
        "It is minus infinity for max and infinity for min: cells of padding can never win.",
        _zeros_for_infinity,
    ),
    Misconception(
        "other_divisor",
        "Whether cells of padding count in the divisor of an average makes no difference.",
        "count_include_pad says whether they count: with it the padding counts, without it only cells of the input do.",
        _other_divisor,
    ),
    Misconception(
        "whole_window_divisor",
        "An average is always divided by the number of cells of a whole window.",
        "Cells beyond the end, and padding that does not count, are not in the divisor.",
        _whole_divisor,
    ),
    Misconception(
        "not_divided", "The average of a window is the sum of its cells.", "Divide by how many there are.", _not_divided
    ),
    Misconception(
        "root_forgotten",
        "A p-norm is the sum of the powers.",
        "The sum of the p-th powers still needs its p-th root.",
        _root_forgotten,
    ),
    Misconception(
        "rounded_the_other_way",
        "The number of windows is rounded up where it is to be rounded down, or down where it is to be rounded up.",
        "It is rounded down, so that every window fits, unless ceil_mode asks for rounding up.",
        _rounded_the_other_way,
    ),
    Misconception(
        "stride_one",
        "The window moves by one cell.",
        "Pooling windows move by the stride, which is the size of the window where nothing else is said.",
        partial(_changed, {"stride": 1}),
    ),
    Misconception(
        "dilation_ignored",
        "The cells of a window are neighbours.",
        "With a dilation of d they stand d cells apart.",
        partial(_changed, {"dilation": 1}),
    ),
    Misconception(
        "pooled_across_channels",
        "Pooling merges the channels, as a convolution does.",
        "Every channel is pooled by itself, so there are as many after as before.",
        _across_channels,
    ),
)
