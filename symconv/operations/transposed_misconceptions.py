"""The mistakes people make in a transposed convolution, each computing the answer it leads to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from symconv import numeric
from symconv.numeric import Array
from symconv.operations.base import Misconception
from symconv.operations.transposed_steps import Transposed

Arrays = Mapping[str, Array]


def _scatter(setting: Transposed, arrays: Arrays, crop: Any = None, bias: int = 1, **changed: Any) -> Array | None:
    """Scatter, crop and add the bias with some parameters changed; None where the crop leaves nothing."""
    layer = setting.layer
    frame = changed.get("join", numeric.scatter)(
        changed.get("input", arrays["input"]),
        changed.get("kernel", arrays["kernel"]),
        changed.get("stride", layer.stride),
        changed.get("dilation", layer.dilation),
        changed.get("extra", setting.output_padding),
        layer.groups,
    )
    pads = [axis.padding for axis in setting.direct.axes] if crop is None else crop
    if any(sum(both) >= cells for both, cells in zip(pads, frame.shape[1:], strict=True)):
        return None
    return _with_bias(setting, arrays, numeric.crop(frame, pads), bias)


def _with_bias(setting: Transposed, arrays: Arrays, maps: Array, factor: int = 1) -> Array:
    if "bias" in arrays:
        maps = maps + factor * arrays["bias"].reshape(-1, *(1,) * setting.direct.dims)
    return numeric.squeeze(maps, 1)


def _if(
    condition: Callable[[Transposed, Arrays], bool], **changed: Callable[[Transposed, Arrays], Any]
) -> Callable[[Transposed, Arrays], Array | None]:
    """A mistake that changes parameters, where there is something to get wrong."""

    def predict(setting: Transposed, arrays: Arrays) -> Array | None:
        if not condition(setting, arrays):
            return None
        return _scatter(setting, arrays, **{name: make(setting, arrays) for name, make in changed.items()})

    return predict


def _cropped(setting: Transposed, _: Arrays) -> bool:
    return setting.direct.is_padded


def _has_extra(setting: Transposed, _: Arrays) -> bool:
    return any(setting.output_padding)


def _square(setting: Transposed, arrays: Arrays) -> bool:
    return setting.direct.dims == 2 and arrays["kernel"].shape[-1] == arrays["kernel"].shape[-2]


def _zero_extra(setting: Transposed, arrays: Arrays) -> Array | None:
    if not any(setting.output_padding):
        return None
    short = _scatter(setting, arrays, extra=[0] * setting.direct.dims)
    return None if short is None else numeric.pad(short, [(0, extra) for extra in setting.output_padding])


def _padded(setting: Transposed, arrays: Arrays) -> Array | None:
    """The frame with the padding put on where it is to be cropped."""
    if not setting.direct.is_padded:
        return None
    layer = setting.layer
    frame = numeric.scatter(
        arrays["input"], arrays["kernel"], layer.stride, layer.dilation, setting.output_padding, layer.groups
    )
    return _with_bias(setting, arrays, numeric.pad(frame, [axis.padding for axis in setting.direct.axes]))


def _times_stride(setting: Transposed, arrays: Arrays) -> Array | None:
    """The first s times i cells of the output, and zeros where it has fewer."""
    layer, right = setting.layer, _scatter(setting, arrays)
    if max(layer.stride) == 1 or right is None:
        return None
    sizes = [n * s for n, s in zip(arrays["input"].shape[1:], layer.stride, strict=True)]
    cells = right.shape[right.ndim - len(sizes) :]
    wide = numeric.pad(right, [(0, max(n - have, 0)) for n, have in zip(sizes, cells, strict=True)])
    kept: Any = (..., *map(slice, sizes))
    return np.asarray(wide[kept])


def _has_square_lead(setting: Transposed, arrays: Arrays) -> bool:
    lead = arrays["kernel"].shape[:2]
    return lead[0] == lead[1] > 1 and setting.layer.groups == 1


def _overwritten(x: Array, w: Array, stride: Any, dilation: Any, extra: Any, groups: int) -> Array:
    """Scatter where a later copy replaces an earlier one; channels are still added."""
    whole = np.zeros_like(numeric.scatter(x, w, stride, dilation, extra, groups))
    for channel in range(x.shape[0]):
        layer = np.zeros_like(whole)
        for place in np.ndindex(*x.shape[1:]):
            alone = np.zeros_like(x)
            alone[(channel, *place)] = 1
            marks = np.zeros_like(x)
            marks[(channel, *place)] = x[(channel, *place)]
            covered = numeric.scatter(alone, np.ones_like(w), stride, dilation, extra, groups) != 0
            layer[covered] = numeric.scatter(marks, w, stride, dilation, extra, groups)[covered]
        whole = whole + layer
    return whole


def _averaged(x: Array, w: Array, stride: Any, dilation: Any, extra: Any, groups: int) -> Array:
    """Scatter where copies that overlap are averaged."""
    total = numeric.scatter(x, w, stride, dilation, extra, groups).astype(object)
    met = numeric.scatter(np.ones_like(x), np.ones_like(w), stride, dilation, extra, groups)
    return np.asarray(total * np.vectorize(lambda n: Fraction(1, max(int(n), 1)), otypes=[object])(met))


def _direct_padding(setting: Transposed, arrays: Arrays) -> Array | None:
    """The direct form with p in place of k̂ - 1 - p as the padding of the stretched input."""
    if setting.layer.groups > 1 or not setting.direct.is_padded:
        return None
    wide = numeric.dilate(arrays["input"], setting.layer.stride)
    pads = [axis.padding for axis in setting.direct.axes]
    sizes = zip(wide.shape[1:], pads, setting.direct.axes, strict=True)
    if any(cells + sum(both) < axis.reach for cells, both, axis in sizes):
        return None
    turned = numeric.rotate(arrays["kernel"], setting.direct.dims).swapaxes(0, 1)
    ones = [1] * setting.direct.dims
    return _with_bias(setting, arrays, numeric.correlate(wide, turned, ones, pads, setting.layer.dilation))


def _without_last(setting: Transposed, arrays: Arrays) -> Array:
    del setting
    short = arrays["input"].copy()
    last: Any = (..., *[-1] * (short.ndim - 1))
    short[last] = 0
    return short


def _always(setting: Transposed, arrays: Arrays) -> bool:
    return bool(setting.layer.stride) and "input" in arrays


def _ones(setting: Transposed, _: Arrays) -> list[int]:
    return [1] * setting.direct.dims


MISCONCEPTIONS = (
    Misconception(
        "padding_not_cropped",
        "The sum of the copies is the output.",
        "The padding p is cropped from every side of the sum.",
        _if(_cropped, crop=lambda setting, _: [(0, 0)] * setting.direct.dims),
    ),
    Misconception(
        "padding_cropped_before",
        "The padding is cropped at the start only.",
        "The padding is cropped on both sides.",
        _if(_cropped, crop=lambda setting, _: [(axis.padding[0], 0) for axis in setting.direct.axes]),
    ),
    Misconception(
        "padding_cropped_after",
        "The padding is cropped at the end only.",
        "The padding is cropped on both sides.",
        _if(_cropped, crop=lambda setting, _: [(0, axis.padding[1]) for axis in setting.direct.axes]),
    ),
    Misconception(
        "padding_added",
        "Padding puts zeros around the output, so it grows by 2p.",
        "The padding of a transposed layer is cropped: it undoes the padding of the direct layer.",
        _padded,
    ),
    Misconception(
        "padding_as_input_padding",
        "The stretched input is padded by p.",
        "The stretched input is padded by k - 1 - p, with the reach of the dilated kernel for k.",
        _direct_padding,
    ),
    Misconception(
        "output_padding_ignored",
        "The output padding changes nothing.",
        "The output padding adds cells at the end of every axis.",
        _if(_has_extra, extra=lambda setting, _: [0] * setting.direct.dims),
    ),
    Misconception(
        "output_padding_as_zeros",
        "The output padding appends zeros to the finished output.",
        "The output padding widens the frame before the crop, so its cells may hold values.",
        _zero_extra,
    ),
    Misconception(
        "kernel_flipped",
        "The kernel is flipped before it is scattered.",
        "The scattered copies are not flipped; the kernel is flipped only in the direct form.",
        _if(_always, kernel=lambda setting, arrays: numeric.rotate(arrays["kernel"], setting.direct.dims)),
    ),
    Misconception(
        "kernel_transposed",
        "The transposed convolution uses the transposed kernel.",
        "The matrix C is transposed, not the kernel.",
        _if(_square, kernel=lambda _, arrays: arrays["kernel"].swapaxes(-1, -2)),
    ),
    Misconception(
        "overlaps_overwritten",
        "Where copies overlap, the later one stays.",
        "Where copies overlap, they are added.",
        _if(_always, join=lambda *_: _overwritten),
    ),
    Misconception(
        "overlaps_averaged",
        "Where copies overlap, their mean is taken.",
        "Where copies overlap, they are added.",
        _if(_always, join=lambda *_: _averaged),
    ),
    Misconception(
        "stride_ignored",
        "Neighbouring copies start one cell apart.",
        "Neighbouring copies start s cells apart.",
        _if(lambda setting, _: max(setting.layer.stride) > 1, stride=_ones),
    ),
    Misconception(
        "stride_zeros_one_more",
        "The stretched input has s zeros between its cells.",
        "The stretched input has s - 1 zeros between its cells, so that they stand s apart.",
        _if(
            lambda setting, _: max(setting.layer.stride) > 1,
            stride=lambda setting, _: [s + 1 if s > 1 else 1 for s in setting.layer.stride],
        ),
    ),
    Misconception(
        "size_times_stride",
        "The output is s times as large as the input.",
        "The last copy reaches beyond the last step: the size is s(i - 1) + k before the crop.",
        _times_stride,
    ),
    Misconception(
        "channels_swapped",
        "The first list of the kernel runs over the output channels.",
        "The first list runs over the input channels: each of them has one matrix for every output channel.",
        _if(_has_square_lead, kernel=lambda _, arrays: arrays["kernel"].swapaxes(0, 1)),
    ),
    Misconception(
        "dilation_one_more",
        "Dilation d puts d zeros between neighbouring taps.",
        "Dilation d puts d - 1 zeros between neighbouring taps, so that they stand d cells apart.",
        _if(
            lambda setting, _: max(setting.layer.dilation) > 1,
            dilation=lambda setting, _: [d + 1 if d > 1 else 1 for d in setting.layer.dilation],
        ),
    ),
    Misconception(
        "dilation_ignored",
        "The taps of the kernel lie side by side.",
        "With dilation d neighbouring taps stand d cells apart.",
        _if(lambda setting, _: max(setting.layer.dilation) > 1, dilation=_ones),
    ),
    Misconception(
        "partial_matrix_missing",
        "One copy too few is added.",
        "Every input cell gives one copy of the kernel, the last one too.",
        _if(_always, input=_without_last),
    ),
    Misconception(
        "bias_forgotten",
        "The output is the sum of the copies alone.",
        "The bias is added once to every entry of its output map.",
        _if(lambda _, arrays: "bias" in arrays, bias=lambda *_: 0),
    ),
)
