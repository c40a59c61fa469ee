"""The mistakes people make in pooling: the problem as they see it, or what they make of its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial
from math import prod
from typing import Any

import numpy as np

from symconv import closed_form, numeric
from symconv.axis import Axis
from symconv.errors import ProblemError
from symconv.numeric import Array
from symconv.operations.base import Arrays, Misconception
from symconv.operations.pooling_values import Pooling, windows_along
from symconv.tensor import Tensor

Seen = tuple[Pooling, Arrays] | None


def _seen(setting: Pooling, arrays: Arrays, axes: tuple[Axis, ...], ceil: bool) -> Seen:
    """The pooling with other axes; None where a window would lie on padding alone, or none fits."""
    try:
        outputs = tuple([windows_along(axis, ceil) for axis in axes])
        changed = replace(setting, axes=axes, outputs=outputs, ceil=ceil, size_mode=None)
        changed.check_windows()
    except ProblemError:
        return None
    return changed, arrays


def _with_zeros(setting: Pooling, arrays: Arrays, factor: int = 1) -> Seen:
    """Zeros around the input as cells of its own, as far as windows reach, so that every window is whole."""
    x = arrays["input"] * factor
    ends = [(o - 1) * a.stride + a.reach for a, o in zip(setting.axes, setting.outputs, strict=True)]
    wide = numeric.pad(x, [(a.padding[0], max(end - a.input, 0)) for a, end in zip(setting.axes, ends, strict=True)])
    kept: Any = (slice(None), *(slice(end) for end in ends))
    x = np.ascontiguousarray(wide[kept])
    changed = replace(setting, input=Tensor(x.shape, tuple(x.reshape(-1).tolist())), include_pad=True)
    axes = tuple([Axis(end, a.kernel, a.stride, (0, 0), a.dilation) for a, end in zip(setting.axes, ends, strict=True)])
    return _seen(changed, {**arrays, "input": x}, axes, False)


def _zeros_for_infinity(setting: Pooling, arrays: Arrays) -> Seen:
    padded = any(sum(axis.padding) for axis in setting.axes)
    if setting.reduces not in ("max", "min") or not padded:
        return None
    if not setting.hangs:
        return _with_zeros(setting, arrays)
    x = numeric.pad(arrays["input"], [axis.padding for axis in setting.axes])
    axes = tuple([replace(axis, input=axis.padded, padding=(0, 0)) for axis in setting.axes])
    changed = replace(setting, input=Tensor(x.shape, tuple(x.reshape(-1).tolist())))
    seen = _seen(changed, {**arrays, "input": x}, axes, ceil=True)
    return seen if seen is not None and seen[0].outputs == setting.outputs else None


def _other_divisor(setting: Pooling, arrays: Arrays) -> Seen:
    padded = any(sum(axis.padding) for axis in setting.axes)
    if setting.reduces != "average" or not padded:
        return None
    return replace(setting, include_pad=not setting.include_pad), arrays


def _whole_divisor(setting: Pooling, arrays: Arrays) -> Seen:
    return _with_zeros(setting, arrays) if setting.reduces == "average" else None


def _not_divided(setting: Pooling, arrays: Arrays) -> Seen:
    taps = prod(axis.kernel for axis in setting.axes)
    return _with_zeros(setting, arrays, taps) if setting.reduces == "average" else None


def _root_forgotten(setting: Pooling, arrays: Arrays, label: str, value: Array) -> Array | None:
    del arrays
    if setting.reduces != "lp" or label != "output":
        return None
    power, cells = setting.power, value.reshape(-1)
    roots = [closed_form.Root(cell, 1) if not isinstance(cell, closed_form.Root) else cell for cell in cells]
    powers = [root.of ** (power // root.degree) for root in roots]
    wrong = np.empty(len(powers), dtype=object)
    wrong[:] = powers
    return wrong.reshape(value.shape)


def _changed(given: Mapping[str, Any], setting: Pooling, arrays: Arrays) -> Seen:
    if setting.kind.startswith("global") or all(getattr(a, n) == v for n, v in given.items() for a in setting.axes):
        return None
    return _seen(setting, arrays, tuple([replace(axis, **given) for axis in setting.axes]), setting.ceil)


def _reduced_otherwise(kind: str, instead_of: tuple[str, ...], setting: Pooling, arrays: Arrays) -> Seen:
    if setting.reduces not in instead_of:
        return None
    return replace(setting, kind=setting.kind.replace(setting.reduces, kind)), arrays


def _rounded_the_other_way(setting: Pooling, arrays: Arrays) -> Seen:
    return None if setting.kind.startswith("global") else _seen(setting, arrays, setting.axes, not setting.ceil)


def _across_channels(setting: Pooling, arrays: Arrays, label: str, maps: Array) -> Array | None:
    channels = arrays["input"].shape[0]
    if channels == 1 or setting.reduces == "lp" or label != "output":
        return None
    if setting.reduces == "average":
        return np.asarray(maps.sum(axis=0) * Fraction(1, channels))
    return np.asarray((np.max if setting.reduces == "max" else np.min)(maps, axis=0))


def _from_one(setting: Pooling, arrays: Arrays, label: str, value: Array) -> Array | None:
    del setting, arrays
    return value + 1 if label == "indices" else None


def _down_the_columns(setting: Pooling, arrays: Arrays, label: str, value: Array) -> Array | None:
    del setting
    rows, columns = arrays["input"].shape[-2:]
    if label != "indices" or arrays["input"].ndim == 2 or 1 in (rows, columns):
        return None
    return np.asarray(value % columns * rows + value // columns)


MISCONCEPTIONS = (
    Misconception(
        "zeros_in_padding",
        "The padding of a max or min pooling is zeros, as in a convolution.",
        "It is minus infinity for max and infinity for min: cells of padding can never win.",
        change=_zeros_for_infinity,
    ),
    Misconception(
        "other_divisor",
        "Whether cells of padding count in the divisor of an average makes no difference.",
        "count_include_pad says whether they count: with it the padding counts, without it only cells of the input do.",
        change=_other_divisor,
    ),
    Misconception(
        "whole_window_divisor",
        "An average is always divided by the number of cells of a whole window.",
        "Cells beyond the end, and padding that does not count, are not in the divisor.",
        change=_whole_divisor,
    ),
    Misconception(
        "not_divided",
        "The average of a window is the sum of its cells.",
        "Divide by how many there are.",
        change=_not_divided,
    ),
    Misconception(
        "largest_taken",
        "Pooling takes the largest cell of a window.",
        "That is max pooling: min pooling takes the smallest cell, average pooling the mean, a p-norm a root.",
        change=partial(_reduced_otherwise, "max", ("min", "average", "lp")),
    ),
    Misconception(
        "smallest_taken",
        "Max pooling takes the cell that is the smallest.",
        "It takes the largest one; of two negative numbers that is the one nearer to zero.",
        change=partial(_reduced_otherwise, "min", ("max",)),
    ),
    Misconception(
        "mean_taken",
        "Pooling takes the mean of a window.",
        "That is average pooling: max pooling takes the largest cell, min pooling the smallest.",
        change=partial(_reduced_otherwise, "average", ("max", "min")),
    ),
    Misconception(
        "root_forgotten",
        "A p-norm is the sum of the powers.",
        "The sum of the p-th powers still needs its p-th root.",
        after=_root_forgotten,
    ),
    Misconception(
        "rounded_the_other_way",
        "The number of windows is rounded up where it is to be rounded down, or down where it is to be rounded up.",
        "It is rounded down, so that every window fits, unless ceil_mode asks for rounding up.",
        change=_rounded_the_other_way,
    ),
    Misconception(
        "stride_one",
        "The window moves by one cell.",
        "Pooling windows move by the stride, which is the size of the window where nothing else is said.",
        change=partial(_changed, {"stride": 1}),
    ),
    Misconception(
        "dilation_ignored",
        "The cells of a window are neighbours.",
        "With a dilation of d they stand d cells apart.",
        change=partial(_changed, {"dilation": 1}),
    ),
    Misconception(
        "pooled_across_channels",
        "Pooling merges the channels, as a convolution does.",
        "Every channel is pooled by itself, so there are as many after as before.",
        after=_across_channels,
    ),
    Misconception(
        "indices_from_one",
        "The indices count from 1.",
        "They count from 0: the first cell of a map has the index 0.",
        after=_from_one,
    ),
    Misconception(
        "indices_down_the_columns",
        "The indices count down the columns.",
        "They count along the rows, one row after the other.",
        after=_down_the_columns,
    ),
)
