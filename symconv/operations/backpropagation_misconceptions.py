"""The mistakes of a backward pass, each computing the whole gradient that it leads to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from symconv import numeric
from symconv.numeric import Array
from symconv.operations.backpropagation_oracle import finite_differences
from symconv.operations.backpropagation_work import Backward
from symconv.operations.base import Misconception
from symconv.operations.transposed_steps import Transposed

Arrays = Mapping[str, Array]


def _stacked(setting: Backward, arrays: Arrays, **wrong: Array) -> Array:
    """The whole gradient with the wrong parts in place of the right ones."""
    right = finite_differences(setting, arrays)
    names = [name for name in ("dx", "dw", "db") if name in right]
    return np.concatenate(
        [np.asarray(wrong.get(name) if name in wrong else right[name]()).reshape(-1) for name in names]
    )


def _back(setting: Backward, arrays: Arrays, cropped: bool = True, **changed: Any) -> Array | None:
    """dL/dX of a direct layer, laying a copy of the kernel for each upstream entry, with one thing changed."""
    geometry = setting.geometry
    if isinstance(setting.of, Transposed) or geometry.mode != "zeros":
        return None
    w = numeric.rotate(arrays["kernel"], geometry.dims) if geometry.flip else arrays["kernel"]
    stride = changed.get("stride", setting.of.layer.stride)
    unread = [axis.unread for axis in geometry.axes]
    frame = numeric.scatter(
        arrays["upstream"], changed.get("kernel", w), stride, setting.of.layer.dilation, unread, geometry.groups
    )
    pads = [axis.padding for axis in geometry.axes]
    if not cropped:
        return frame if geometry.is_padded else None
    kept = numeric.crop(frame, pads)
    return kept if kept.size else None


def _wrong_input(setting: Backward, arrays: Arrays, **changed: Any) -> Array | None:
    dx = _back(setting, arrays, **changed)
    return None if dx is None else _stacked(setting, arrays, dx=dx)


def _other_orientation(setting: Backward, arrays: Arrays) -> Array | None:
    geometry = setting.geometry
    w = arrays["kernel"] if geometry.flip else numeric.rotate(arrays["kernel"], geometry.dims)
    return _wrong_input(setting, arrays, kernel=w)


def _not_stretched(setting: Backward, arrays: Arrays) -> Array | None:
    steps = setting.of.layer.stride
    return _wrong_input(setting, arrays, stride=[1] * len(steps)) if max(steps) > 1 else None


def _valid(setting: Backward, arrays: Arrays) -> Array | None:
    geometry = setting.geometry
    if isinstance(setting.of, Transposed) or geometry.filters > 1 or geometry.slices > 1:
        return None
    wide = numeric.dilate(arrays["upstream"], setting.of.layer.stride)
    if any(n < axis.reach for n, axis in zip(wide.shape[1:], geometry.axes, strict=True)):
        return None
    ones = [1] * geometry.dims
    w = arrays["kernel"] if geometry.flip else numeric.rotate(arrays["kernel"], geometry.dims)
    dx = numeric.correlate(wide, w, ones, [(0, 0)] * geometry.dims, setting.of.layer.dilation)
    return _stacked(setting, arrays, dx=dx)


def _reversed_kernel(setting: Backward, arrays: Arrays) -> Array | None:
    dw = finite_differences(setting, arrays)["dw"]()
    return _stacked(setting, arrays, dw=numeric.rotate(dw, setting.geometry.dims))


def _end_terms(setting: Backward, arrays: Arrays) -> Array | None:
    """The gradient by the kernel from the first and the last upstream entry of a line."""
    g = arrays["upstream"]
    if setting.geometry.dims == 2 or g.shape[-1] < 3:
        return None
    ends = g.copy()
    ends[..., 1:-1] = 0
    return _stacked(setting, arrays, dw=finite_differences(setting, {**arrays, "upstream": ends})["dw"]())


def _bias(join: Callable[[Array], Array]) -> Callable[[Backward, Arrays], Array | None]:
    def predict(setting: Backward, arrays: Arrays) -> Array | None:
        return _stacked(setting, arrays, db=join(arrays["upstream"])) if "bias" in arrays else None

    return predict


def _mean(g: Array) -> Array:
    from fractions import Fraction

    flat = g.astype(object).reshape(g.shape[0], -1)
    return np.asarray(flat.sum(axis=1) * Fraction(1, flat.shape[1]))


MISCONCEPTIONS = (
    Misconception(
        "backward_not_turned",
        "The backward pass slides the kernel in the same orientation as the forward pass.",
        "Where the forward index grows with the tap, the backward index falls: the kernel is turned by 180 degrees.",
        _other_orientation,
    ),
    Misconception(
        "gradient_not_stretched",
        "The stride plays no part in the backward pass.",
        "Neighbouring upstream entries belong to windows a stride apart, so s - 1 zeros go between them.",
        _not_stretched,
    ),
    Misconception(
        "valid_for_full",
        "The backward window stays inside the upstream gradient.",
        "Every window that covers an input cell counts, so the backward window reaches over the border: full size.",
        _valid,
    ),
    Misconception(
        "crop_forgotten",
        "The gradient by the input has the size of the padded input.",
        "Cells of the padding are no variables; their derivatives are cut off.",
        partial(_wrong_input, cropped=False),
    ),
    Misconception(
        "kernel_gradient_reversed",
        "In the gradient by the kernel it does not matter which of the two arrays slides.",
        "Each tap sums over its own cells; swapping the two arrays reverses the order of the taps.",
        _reversed_kernel,
    ),
    Misconception(
        "end_terms_only",
        "A tap meets the first and the last upstream entry; their products are its gradient.",
        "Every window holds the tap, so the sum runs over all upstream entries.",
        _end_terms,
    ),
    Misconception(
        "bias_gradient_not_summed",
        "The gradient by the bias is the upstream gradient itself.",
        "One bias is added to every entry of its map, so its derivative is the sum over the whole map.",
        _bias(lambda g: g),
    ),
    Misconception(
        "bias_gradient_averaged",
        "The gradient by the bias is the mean of the upstream gradient.",
        "The derivatives of all entries are added, not averaged.",
        _bias(_mean),
    ),
)
