"""A direct layer as mistaken people see it: another setting or other operands, for the oracle to work out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from symconv import numeric
from symconv.axis import Axis
from symconv.numeric import Array
from symconv.operations.base import Arrays, operand
from symconv.operations.direct_steps import Direct
from symconv.tensor import Tensor

Seen = tuple[Direct, Arrays] | None
Change = Callable[[Direct, Arrays], Seen]
Pads = list[tuple[int, int]]


def seen(setting: Direct, arrays: Arrays, **changed: Any) -> Seen:
    """The layer with another input, pads, stride, dilation or mode; None where the kernel would no longer fit."""
    geometry, layer = setting.geometry, setting.layer
    if "input" in changed:
        x = changed["input"]
        arrays = {**arrays, "input": x}
        layer = replace(layer, input=Tensor(x.shape, tuple(x.reshape(-1).tolist())))
    stride, dilation = changed.get("stride", layer.stride), changed.get("dilation", layer.dilation)
    pads = changed.get("pads") or [axis.padding for axis in geometry.axes]
    mode = changed.get("mode", geometry.mode)
    sizes = zip(arrays["input"].shape[1:], arrays["kernel"].shape[2:], stride, pads, dilation, strict=True)
    axes = tuple([Axis(*numbers) for numbers in sizes])
    if any(axis.reach > axis.padded or not _can_pad(axis, mode) for axis in axes):
        return None
    if "input" not in changed and axes == geometry.axes and mode == geometry.mode:
        return None  # what is believed is right here
    if "stride" in changed or "dilation" in changed:
        layer = replace(layer, stride=tuple(stride), dilation=tuple(dilation))
    return replace(setting, layer=layer, geometry=replace(geometry, axes=axes, mode=mode), size_mode=None), arrays


def _can_pad(axis: Axis, mode: str) -> bool:
    widest = {"reflect": axis.input - 1, "circular": axis.input}.get(mode)
    return widest is None or max(axis.padding) <= widest


def slides(change: Callable[[Array, int], Array | None]) -> Change:
    """A mistake that slides another kernel: what a convolution turns, it has turned back before."""

    def other(w: Array, setting: Direct) -> Array | None:
        dims = setting.geometry.dims
        slid = change(w, dims)
        return numeric.rotate(slid, dims) if slid is not None and setting.geometry.flip else slid

    return operand("kernel", other)


def window_times_kernel(w: Array, setting: Direct) -> Array | None:
    """The kernel that does what adding up the matrix product of window and kernel does.

    The sum over W K takes each W[i, j] times the sum of row j of K.
    """
    dims = setting.geometry.dims
    if not is_square(w, dims) or w.shape[-1] == 1:
        return None
    slid = numeric.rotate(w, dims) if setting.geometry.flip else w
    sums = np.zeros_like(slid) + slid.sum(axis=-1)[..., None, :]
    return numeric.rotate(sums, dims) if setting.geometry.flip else sums


def is_square(w: Array, dims: int) -> bool:
    """Whether the kernel is as high as it is wide."""
    return dims == 2 and w.shape[-1] == w.shape[-2]


def padded(pads: Callable[[Axis], tuple[int, int]]) -> Change:
    """Another padding; None where there is none to get wrong."""

    def wrong(setting: Direct, arrays: Arrays) -> Seen:
        if not setting.geometry.is_padded:
            return None
        return seen(setting, arrays, pads=[pads(axis) for axis in setting.geometry.axes])

    return wrong


def read_pairwise(setting: Direct, arrays: Arrays) -> Seen:
    """The list of all beginnings, then all ends, read as one pair after the other."""
    if setting.geometry.dims == 1 or not setting.geometry.is_padded:
        return None
    (above, below), (left, right) = (axis.padding for axis in setting.geometry.axes)
    return seen(setting, arrays, pads=[(above, left), (below, right)]) if below != left else None


def same_of_the_taps(setting: Direct, arrays: Arrays) -> Seen:
    """Same padding for a kernel that is not dilated."""
    geometry, named = setting.geometry, setting.size_mode
    if named not in ("same", "same_lower") or not geometry.is_dilated:
        return None
    return seen(setting, arrays, pads=numeric.pads_for(named, geometry.input, geometry.kernel, setting.layer.stride))


def sized(name: str) -> Change:
    """The size mode `name` in place of the one asked for."""

    def wrong(setting: Direct, arrays: Arrays) -> Seen:
        geometry = setting.geometry
        if geometry.mode != "zeros":
            return None
        reach = [axis.reach for axis in geometry.axes]
        pads = numeric.pads_for(name, geometry.input, reach, setting.layer.stride)
        return seen(setting, arrays, pads=pads)

    return wrong


def mode(mode: str) -> Change:
    """Another padding mode, where there is padding."""
    return lambda setting, arrays: seen(setting, arrays, mode=mode) if setting.geometry.is_padded else None


def ceil(setting: Direct, arrays: Arrays) -> Seen:
    """One window more along each axis where cells are left over."""
    axes = setting.geometry.axes
    if setting.geometry.mode != "zeros" or not any(axis.unread for axis in axes):
        return None
    pads = [(a.padding[0], a.padding[1] + (-a.unread) % a.stride) for a in axes]
    return seen(setting, arrays, pads=pads)


def cut(setting: Direct, arrays: Arrays, before: list[int], after: list[int]) -> Seen:
    """The layer on a padded input from which cells are cut off: padding first, then cells of the input."""
    axes = setting.geometry.axes
    left = [(a.padding[0] - b, a.padding[1] - e) for a, b, e in zip(axes, before, after, strict=True)]
    if min(map(min, left)) >= 0:
        return seen(setting, arrays, pads=left)
    x = arrays["input"]
    if setting.geometry.mode != "zeros":  # the cells of the padding depend on those that would be cut off
        x = numeric.pad(x, [axis.padding for axis in axes], setting.geometry.mode)
        left = [(-b, -e) for b, e in zip(before, after, strict=True)]
    sizes = zip(left, x.shape[1:], strict=True)
    kept: Any = (slice(None), *(slice(max(-b, 0), n - max(-e, 0)) for (b, e), n in sizes))
    if min(x[kept].shape) < 1:
        return None
    pads = [(max(b, 0), max(e, 0)) for b, e in left]
    return seen(setting, arrays, input=np.ascontiguousarray(x[kept]), pads=pads, mode="zeros")


def one_more(setting: Direct, arrays: Arrays) -> Seen:
    """One window more along each axis, over zeros, whether cells are left over or not."""
    axes = setting.geometry.axes
    if setting.geometry.mode != "zeros":
        return None
    return seen(setting, arrays, pads=[(a.padding[0], a.padding[1] + a.stride - a.unread) for a in axes])


def one_less(setting: Direct, arrays: Arrays) -> Seen:
    """The cells that only the last windows read are cut off."""
    axes = setting.geometry.axes
    if min(setting.geometry.output) < 2:
        return None
    return cut(setting, arrays, [0] * len(axes), [axis.unread + axis.stride for axis in axes])


def phase(setting: Direct, arrays: Arrays) -> Seen:
    """The windows start one cell late: the first cell is cut off where there is a stride."""
    steps = setting.layer.stride
    if max(steps) == 1:
        return None
    return cut(setting, arrays, [min(1, step - 1) for step in steps], [0] * len(steps))


def second_cell_first(setting: Direct, arrays: Arrays) -> Seen:
    """The first cell along each axis is cut off, where the windows do not all move by a stride."""
    dims = setting.geometry.dims
    return cut(setting, arrays, [1] * dims, [0] * dims) if min(setting.layer.stride) == 1 else None


def stride_ignored(setting: Direct, arrays: Arrays) -> Seen:
    """Stride 1."""
    steps = setting.layer.stride
    return seen(setting, arrays, stride=[1] * len(steps)) if max(steps) > 1 else None


def subsampled(setting: Direct, arrays: Arrays) -> Seen:
    """Every s-th cell of the input first, then stride 1."""
    steps = setting.layer.stride
    if max(steps) == 1:
        return None
    taken = arrays["input"][(slice(None), *(slice(None, None, step) for step in steps))]
    return seen(setting, arrays, input=taken, stride=[1] * len(steps))


def dilated_input(setting: Direct, arrays: Arrays) -> Seen:
    """Zeros between the cells of the input, none between the taps."""
    steps = setting.layer.dilation
    if max(steps) == 1:
        return None
    return seen(setting, arrays, input=numeric.dilate(arrays["input"], steps), dilation=[1] * len(steps))


def dilation(change: Callable[[int], int]) -> Change:
    """Another dilation, where there is one to get wrong."""

    def wrong(setting: Direct, arrays: Arrays) -> Seen:
        steps = setting.layer.dilation
        return None if max(steps) == 1 else seen(setting, arrays, dilation=[change(d) for d in steps])

    return wrong


def swapped_axes(setting: Direct, arrays: Arrays) -> Seen:
    """The parameters of rows and columns swapped."""
    geometry, layer = setting.geometry, setting.layer
    if geometry.dims == 1:
        return None
    pads = [axis.padding for axis in geometry.axes]
    if all(one[0] == one[1] for one in (pads, layer.stride, layer.dilation)):
        return None
    return seen(setting, arrays, pads=pads[::-1], stride=layer.stride[::-1], dilation=layer.dilation[::-1])


def swapped_operands(setting: Direct, arrays: Arrays) -> Seen:
    """A full correlation with its operands swapped: the result comes out reversed."""
    geometry = setting.geometry
    if geometry.flip or not geometry.is_full or geometry.channels * geometry.filters > 1:
        return None
    axes = tuple(Axis(axis.kernel, axis.input, padding=(axis.input - 1,) * 2) for axis in geometry.axes)
    x, w = arrays["kernel"][0], arrays["input"][None]
    tensors = [Tensor(array.shape, tuple(array.reshape(-1).tolist())) for array in (x, w)]
    layer = replace(setting.layer, input=tensors[0], kernel=tensors[1])
    changed = replace(setting, layer=layer, geometry=replace(geometry, axes=axes))
    return changed, {**arrays, "input": x, "kernel": w}


def bias(factor: Callable[[Direct], int]) -> Change:
    """The bias taken several times, or not at all."""
    return operand("bias", lambda b, setting: b * factor(setting))


def channels(change: Callable[[Array], Array]) -> Change:
    """Other slices of the kernel, where there are several."""
    return operand("kernel", lambda w, _: change(w) if w.shape[1] > 1 else None)


def averaged(w: Array) -> Array:
    """Every slice divided by their number, exactly."""
    return np.asarray(w.astype(object) * Fraction(1, w.shape[1]))


def first_alone(w: Array) -> Array:
    """The slices after the first are zero."""
    alone = np.zeros_like(w)
    alone[:, :1] = w[:, :1]
    return alone


def first_everywhere(w: Array) -> Array:
    """The first slice in place of every slice."""
    return np.repeat(w[:, :1], w.shape[1], axis=1)


def channels_swapped(w: Array, setting: Direct) -> Array | None:
    """The kernel with its two leading axes swapped, where both have one size."""
    return w.swapaxes(0, 1) if w.shape[0] == w.shape[1] > 1 and setting.layer.groups == 1 else None


def unvec_in_other_order(setting: Direct, arrays: Arrays, label: str, value: Array) -> Array | None:
    """The output, made of its vec in the other order."""
    del arrays
    if label != "output" or setting.geometry.dims == 1 or min(value.shape[-2:]) == 1:
        return None
    order = setting.layer.order
    return numeric.unvec(numeric.vec(value, order), value.shape, "row" if order == "column" else "column")


def transposed_matrix(setting: Direct, arrays: Arrays, label: str, value: Array) -> Array | None:
    """C for its transpose, and the other way round."""
    del setting, arrays
    return value.T if label in ("C", "C^T") else None


def no_jump(setting: Direct, arrays: Arrays, label: str, value: Array) -> Array | None:
    """C with each row one place to the right of the row above, as in a Toeplitz matrix."""
    del arrays
    if label != "C" or setting.geometry.dims == 1:
        return None
    shifted = np.zeros_like(value)
    for number, row in enumerate(shifted[: value.shape[1]]):
        row[number:] = value[0][: value.shape[1] - number]
    return shifted
