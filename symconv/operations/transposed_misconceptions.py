"""The mistakes people make in a transposed convolution: the problem as they see it, or what they make of its copies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from symconv import numeric
from symconv.axis import Axis
from symconv.numeric import Array
from symconv.operations.base import Arrays, Misconception, operand
from symconv.operations.transposed_steps import Transposed

Seen = tuple[Transposed, Arrays] | None
Change = Callable[[Transposed, Arrays], Seen]


def _seen(setting: Transposed, arrays: Arrays, **changed: Any) -> Seen:
    """The layer with another crop, stride, dilation or output padding; None where the crop leaves nothing."""
    layer, direct = setting.layer, setting.direct
    crop = changed.get("crop") or [axis.padding for axis in direct.axes]
    stride, dilation = changed.get("stride", layer.stride), changed.get("dilation", layer.dilation)
    extra = changed.get("extra", setting.output_padding)
    sizes = zip(arrays["input"].shape[1:], arrays["kernel"].shape[2:], stride, crop, dilation, extra, strict=True)
    axes = []
    for n, k, s, (before, after), d, more in sizes:
        out = s * (n - 1) + d * (k - 1) + 1 + more - before - after
        if out < 1 or min(before, after) < 0:
            return None
        axes.append(Axis(out, k, s, (before, after), d))
    if tuple(axes) == direct.axes and tuple(extra) == setting.output_padding:
        return None  # what is believed is right here
    layer = replace(layer, stride=tuple(stride), dilation=tuple(dilation))
    direct = replace(direct, axes=tuple(axes))
    return replace(setting, layer=layer, direct=direct, output_padding=tuple(extra)), arrays


def _cropped(crop: Callable[[Axis], tuple[int, int]]) -> Change:
    """Another crop, where there is one to get wrong."""

    def wrong(setting: Transposed, arrays: Arrays) -> Seen:
        if not setting.direct.is_padded:
            return None
        return _seen(setting, arrays, crop=[crop(axis) for axis in setting.direct.axes])

    return wrong


def _without_extra(setting: Transposed, arrays: Arrays) -> Seen:
    extra = setting.output_padding
    return _seen(setting, arrays, extra=[0] * len(extra)) if any(extra) else None


def _input_padding(setting: Transposed, arrays: Arrays) -> Seen:
    """The direct form with p in place of k̂ - 1 - p as the padding of the stretched input: k̂ - 1 - p is cropped."""
    axes = setting.direct.axes
    if not setting.direct.is_padded:
        return None
    crop = [(axis.reach - 1 - axis.padding[0], axis.reach - 1 - axis.padding[1]) for axis in axes]
    return _seen(setting, arrays, crop=crop, extra=[0] * len(axes))


def _zeros_appended(setting: Transposed, arrays: Arrays, label: str, value: Array) -> Array | None:
    """The cells of the output padding as zeros, which no bias was added to."""
    del arrays
    extra = setting.output_padding
    if label != "output" or not any(extra):
        return None
    wrong = value.copy()
    for axis, more in enumerate(extra, value.ndim - len(extra)):
        wrong[(*[slice(None)] * axis, slice(value.shape[axis] - more, None))] = 0
    return wrong


def _stepped(name: str, change: Callable[[int], int]) -> Change:
    """Another stride or dilation, where there is one to get wrong."""

    def wrong(setting: Transposed, arrays: Arrays) -> Seen:
        steps = getattr(setting.layer, name)
        return _seen(setting, arrays, **{name: [change(step) for step in steps]}) if max(steps) > 1 else None

    return wrong


def _joined(join: Callable[..., Array], setting: Transposed, arrays: Arrays, label: str, value: Array) -> Array | None:
    """The frame, or what is cropped from it, with copies joined in another way than by adding."""
    if label not in ("frame", "output"):
        return None
    layer = setting.layer
    frame = join(arrays["input"], arrays["kernel"], layer.stride, layer.dilation, setting.output_padding, layer.groups)
    if label == "frame":
        return numeric.squeeze(frame, 1)
    maps = numeric.crop(frame, [axis.padding for axis in setting.direct.axes])
    return numeric.squeeze(_with_bias(setting, arrays, maps), 1).reshape(value.shape)


def _with_bias(setting: Transposed, arrays: Arrays, maps: Array) -> Array:
    return maps + arrays["bias"].reshape(-1, *(1,) * setting.direct.dims) if "bias" in arrays else maps


def _padded(setting: Transposed, arrays: Arrays, label: str, value: Array) -> Array | None:
    """The frame with the padding put on where it is to be cropped."""
    layer, pads = setting.layer, [axis.padding for axis in setting.direct.axes]
    if label not in ("size", "output") or not setting.direct.is_padded:
        return None
    if label == "size":
        return np.array([n + 2 * sum(both) for n, both in zip(value, pads, strict=True)])
    x, w, extra = arrays["input"], arrays["kernel"], setting.output_padding
    frame = numeric.scatter(x, w, layer.stride, layer.dilation, extra, layer.groups)
    return numeric.squeeze(_with_bias(setting, arrays, numeric.pad(frame, pads)), 1)


def _times_stride(setting: Transposed, arrays: Arrays, label: str, value: Array) -> Array | None:
    """The first s times i cells of the output, and zeros where it has fewer."""
    stride = setting.layer.stride
    sizes = [n * s for n, s in zip(arrays["input"].shape[1:], stride, strict=True)]
    if label not in ("size", "output") or max(stride) == 1:
        return None
    if label == "size":
        return np.array(sizes)
    cells = value.shape[value.ndim - len(sizes) :]
    wide = numeric.pad(value, [(0, max(n - have, 0)) for n, have in zip(sizes, cells, strict=True)])
    kept: Any = (..., *map(slice, sizes))
    return np.asarray(wide[kept])


def _channels_swapped(w: Array, setting: Transposed) -> Array | None:
    return w.swapaxes(0, 1) if w.shape[0] == w.shape[1] > 1 and setting.layer.groups == 1 else None


def _overwritten(x: Array, w: Array, stride: Any, dilation: Any, extra: Any, groups: int) -> Array:
    """Scatter where a later copy replaces an earlier one; channels are still added."""
    layers = np.stack([np.zeros_like(numeric.scatter(x, w, stride, dilation, extra, groups))] * x.shape[0])
    taps = numeric.dilate(np.ones(w.shape[1:]), dilation) != 0  # nothing lies between them
    for channel, spot, copy in numeric.copies(x, w, stride, dilation, groups):
        np.copyto(layers[channel][spot], copy, where=taps)
    return np.asarray(layers.sum(axis=0))


def _averaged(x: Array, w: Array, stride: Any, dilation: Any, extra: Any, groups: int) -> Array:
    """Scatter where copies that overlap are averaged."""
    total = numeric.scatter(x, w, stride, dilation, extra, groups).astype(object)
    met = numeric.scatter(np.ones_like(x), np.ones_like(w), stride, dilation, extra, groups)
    for at in zip(*np.nonzero(met > 1), strict=True):
        total[at] *= Fraction(1, int(met[at]))
    return total


def _without_last(x: Array, _: Transposed) -> Array:
    short = x.copy()
    last: Any = (..., *[-1] * (x.ndim - 1))
    short[last] = 0
    return short


def _transposed(w: Array, setting: Transposed) -> Array | None:
    return w.swapaxes(-1, -2) if setting.direct.dims == 2 and w.shape[-1] == w.shape[-2] else None


MISCONCEPTIONS = (
    Misconception(
        "padding_not_cropped",
        "The sum of the copies is the output.",
        "The padding p is cropped from every side of the sum.",
        change=_cropped(lambda _: (0, 0)),
    ),
    Misconception(
        "padding_cropped_before",
        "The padding is cropped at the start only.",
        "The padding is cropped on both sides.",
        change=_cropped(lambda axis: (axis.padding[0], 0)),
    ),
    Misconception(
        "padding_cropped_after",
        "The padding is cropped at the end only.",
        "The padding is cropped on both sides.",
        change=_cropped(lambda axis: (0, axis.padding[1])),
    ),
    Misconception(
        "padding_added",
        "Padding puts zeros around the output, so it grows by 2p.",
        "The padding of a transposed layer is cropped: it undoes the padding of the direct layer.",
        after=_padded,
    ),
    Misconception(
        "padding_as_input_padding",
        "The stretched input is padded by p.",
        "The stretched input is padded by k - 1 - p, with the reach of the dilated kernel for k.",
        change=_input_padding,
    ),
    Misconception(
        "output_padding_ignored",
        "The output padding changes nothing.",
        "The output padding adds cells at the end of every axis.",
        change=_without_extra,
    ),
    Misconception(
        "output_padding_as_zeros",
        "The output padding appends zeros to the finished output.",
        "The output padding widens the frame before the crop, so its cells may hold values.",
        after=_zeros_appended,
    ),
    Misconception(
        "kernel_flipped",
        "The kernel is flipped before it is scattered.",
        "The scattered copies are not flipped; the kernel is flipped only in the direct form.",
        change=operand("kernel", lambda w, setting: numeric.rotate(w, setting.direct.dims)),
    ),
    Misconception(
        "kernel_transposed",
        "The transposed convolution uses the transposed kernel.",
        "The matrix C is transposed, not the kernel.",
        change=operand("kernel", _transposed),
    ),
    Misconception(
        "overlaps_overwritten",
        "Where copies overlap, the later one stays.",
        "Where copies overlap, they are added.",
        after=partial(_joined, _overwritten),
    ),
    Misconception(
        "overlaps_averaged",
        "Where copies overlap, their mean is taken.",
        "Where copies overlap, they are added.",
        after=partial(_joined, _averaged),
    ),
    Misconception(
        "stride_ignored",
        "Neighbouring copies start one cell apart.",
        "Neighbouring copies start s cells apart.",
        change=_stepped("stride", lambda _: 1),
    ),
    Misconception(
        "stride_zeros_one_more",
        "The stretched input has s zeros between its cells.",
        "The stretched input has s - 1 zeros between its cells, so that they stand s apart.",
        change=_stepped("stride", lambda s: s + 1 if s > 1 else 1),
    ),
    Misconception(
        "size_times_stride",
        "The output is s times as large as the input.",
        "The last copy reaches beyond the last step: the size is s(i - 1) + k before the crop.",
        after=_times_stride,
    ),
    Misconception(
        "channels_swapped",
        "The first list of the kernel runs over the output channels.",
        "The first list runs over the input channels: each of them has one matrix for every output channel.",
        change=operand("kernel", _channels_swapped),
    ),
    Misconception(
        "dilation_one_more",
        "Dilation d puts d zeros between neighbouring taps.",
        "Dilation d puts d - 1 zeros between neighbouring taps, so that they stand d cells apart.",
        change=_stepped("dilation", lambda d: d + 1 if d > 1 else 1),
    ),
    Misconception(
        "dilation_ignored",
        "The taps of the kernel lie side by side.",
        "With dilation d neighbouring taps stand d cells apart.",
        change=_stepped("dilation", lambda _: 1),
    ),
    Misconception(
        "partial_matrix_missing",
        "One copy too few is added.",
        "Every input cell gives one copy of the kernel, the last one too.",
        change=operand("input", _without_last),
    ),
    Misconception(
        "bias_forgotten",
        "The output is the sum of the copies alone.",
        "The bias is added once to every entry of its output map.",
        change=operand("bias", lambda b, _: b * 0),
    ),
)
