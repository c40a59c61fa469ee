"""The mistakes of a backward pass: what they make of one gradient, and so of the whole one."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from symconv import numeric
from symconv.numeric import Array
from symconv.operations.backpropagation_oracle import finite_differences
from symconv.operations.backpropagation_work import Backward
from symconv.operations.base import After, Arrays, Misconception
from symconv.operations.transposed_steps import Transposed

OPERANDS = {"dx": "input", "dw": "kernel", "db": "bias"}  # in the order in which the whole gradient stacks them


def _part(name: str, wrong: Callable[[Backward, Arrays, Array], Array | None]) -> After:
    """A mistake in one gradient: `wrong` gets the right one, in its shape or as a part of the whole."""

    def after(setting: Any, arrays: Arrays, label: str, value: Array) -> Array | None:
        if label not in (name, "gradient") or OPERANDS[name] not in arrays or not isinstance(setting, Backward):
            return None  # a pooling has mistakes of its own
        if label == name:
            return wrong(setting, arrays, value)
        names = list(OPERANDS)
        behind = [arrays[OPERANDS[n]].size for n in names[names.index(name) + 1 :] if OPERANDS[n] in arrays]
        before = [arrays[OPERANDS[n]].size for n in names[: names.index(name)]]
        start, end = sum(before), value.size - sum(behind)
        made = wrong(setting, arrays, value[start:end].reshape(arrays[OPERANDS[name]].shape))
        return None if made is None else np.concatenate([value[:start], made.reshape(-1), value[end:]])

    return after


def _back(setting: Backward, arrays: Arrays, stride: tuple[int, ...]) -> Array | None:
    """dL/dX of a direct layer before its crop, laying a copy of the kernel for each upstream entry."""
    geometry = setting.geometry
    if isinstance(setting.of, Transposed) or geometry.mode != "zeros":
        return None
    w = numeric.rotate(arrays["kernel"], geometry.dims) if geometry.flip else arrays["kernel"]
    unread = [axis.unread for axis in geometry.axes]
    return numeric.scatter(arrays["upstream"], w, stride, setting.of.layer.dilation, unread, geometry.groups)


def _other_orientation(setting: Any, arrays: Arrays) -> tuple[Backward, Arrays] | None:
    if not isinstance(setting, Backward) or isinstance(setting.of, Transposed):
        return None
    return setting, {**arrays, "kernel": numeric.rotate(arrays["kernel"], setting.geometry.dims)}


def _not_stretched(setting: Backward, arrays: Arrays, right: Array) -> Array | None:
    del right
    steps = setting.of.layer.stride
    frame = _back(setting, arrays, (1,) * len(steps)) if max(steps) > 1 else None
    if frame is None:
        return None
    kept = numeric.crop(frame, [axis.padding for axis in setting.geometry.axes])
    return numeric.squeeze(kept, 1) if kept.size else None


def _not_cropped(setting: Backward, arrays: Arrays, right: Array) -> Array | None:
    del right
    frame = _back(setting, arrays, setting.of.layer.stride) if setting.geometry.is_padded else None
    return None if frame is None else numeric.squeeze(frame, 1)


def _valid(setting: Backward, arrays: Arrays, right: Array) -> Array | None:
    del right
    geometry = setting.geometry
    if isinstance(setting.of, Transposed) or geometry.filters > 1 or geometry.slices > 1:
        return None
    wide = numeric.dilate(arrays["upstream"], setting.of.layer.stride)
    if any(n < axis.reach for n, axis in zip(wide.shape[1:], geometry.axes, strict=True)):
        return None
    ones = [1] * geometry.dims
    w = arrays["kernel"] if geometry.flip else numeric.rotate(arrays["kernel"], geometry.dims)
    return numeric.squeeze(numeric.correlate(wide, w, ones, [(0, 0)] * geometry.dims, setting.of.layer.dilation), 1)


def _reversed(setting: Backward, arrays: Arrays, right: Array) -> Array:
    del arrays
    return numeric.rotate(right, setting.geometry.dims)


def _end_terms(setting: Backward, arrays: Arrays, right: Array) -> Array | None:
    """The gradient by the kernel from the first and the last upstream entry of a line."""
    g = arrays["upstream"]
    if setting.geometry.dims == 2 or g.shape[-1] < 3:
        return None
    ends = g.copy()
    ends[..., 1:-1] = 0
    return finite_differences(setting, {**arrays, "upstream": ends})["dw"]().reshape(right.shape)


def _not_summed(setting: Backward, arrays: Arrays, right: Array) -> Array:
    del setting, right
    return numeric.squeeze(arrays["upstream"], 1)


def _averaged(setting: Backward, arrays: Arrays, right: Array) -> Array:
    del setting
    entries: Any = arrays["upstream"][0].size
    return np.asarray(right.astype(object) * Fraction(1, entries))


MISCONCEPTIONS = (
    Misconception(
        "backward_not_turned",
        "The backward pass slides the kernel in the same orientation as the forward pass.",
        "Where the forward index grows with the tap, the backward index falls: the kernel is turned by 180 degrees.",
        change=_other_orientation,
    ),
    Misconception(
        "gradient_not_stretched",
        "The stride plays no part in the backward pass.",
        "Neighbouring upstream entries belong to windows a stride apart, so s - 1 zeros go between them.",
        after=_part("dx", _not_stretched),
    ),
    Misconception(
        "valid_for_full",
        "The backward window stays inside the upstream gradient.",
        "Every window that covers an input cell counts, so the backward window reaches over the border: full size.",
        after=_part("dx", _valid),
    ),
    Misconception(
        "crop_forgotten",
        "The gradient by the input has the size of the padded input.",
        "Cells of the padding are no variables; their derivatives are cut off.",
        after=_part("dx", _not_cropped),
    ),
    Misconception(
        "kernel_gradient_reversed",
        "In the gradient by the kernel it does not matter which of the two arrays slides.",
        "Each tap sums over its own cells; swapping the two arrays reverses the order of the taps.",
        after=_part("dw", _reversed),
    ),
    Misconception(
        "end_terms_only",
        "A tap meets the first and the last upstream entry; their products are its gradient.",
        "Every window holds the tap, so the sum runs over all upstream entries.",
        after=_part("dw", _end_terms),
    ),
    Misconception(
        "bias_gradient_not_summed",
        "The gradient by the bias is the upstream gradient itself.",
        "One bias is added to every entry of its map, so its derivative is the sum over the whole map.",
        after=_part("db", _not_summed),
    ),
    Misconception(
        "bias_gradient_averaged",
        "The gradient by the bias is the mean of the upstream gradient.",
        "The derivatives of all entries are added, not averaged.",
        after=_part("db", _averaged),
    ),
)
