"""What mistakes in a direct layer lead to: the oracle with one parameter or operand changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from symconv import numeric
from symconv.numeric import Array
from symconv.operations.direct_steps import Direct

Arrays = Mapping[str, Array]


def slide(setting: Direct, arrays: Arrays, bias: Any = 1, **changed: Any) -> Array | None:
    """The layer with some of its parameters changed; None where the kernel would no longer fit.

    `bias` is what the bias is multiplied by; `kernel` replaces the kernel that slides, flipped where it should be.
    """
    geometry, layer = setting.geometry, setting.layer
    x, w = changed.get("input", arrays["input"]), changed.get("kernel")
    if w is None:
        w = numeric.rotate(arrays["kernel"], geometry.dims) if geometry.flip else arrays["kernel"]
    pads = changed.get("pads", [axis.padding for axis in geometry.axes])
    dilation, stride = changed.get("dilation", layer.dilation), changed.get("stride", layer.stride)
    mode = changed.get("mode", geometry.mode)
    sizes = zip(x.shape[1:], pads, w.shape[2:], dilation, strict=True)
    if any(cells + sum(both) < (k - 1) * d + 1 for cells, both, k, d in sizes):
        return None
    if mode == "reflect" and any(max(both) >= cells for both, cells in zip(pads, x.shape[1:], strict=True)):
        return None
    maps = numeric.correlate_by_channel(x, w, stride, pads, dilation, mode, layer.groups)
    out = changed.get("join", lambda by_channel: by_channel.sum(axis=1))(maps)
    if "bias" in arrays:
        out = out + bias * arrays["bias"].reshape(-1, *(1,) * geometry.dims)
    return numeric.squeeze(out, 1)


def kernel(change: Callable[[Array, int], Array | None]) -> Callable[[Direct, Arrays], Array | None]:
    """A mistake that slides another kernel."""

    def predict(setting: Direct, arrays: Arrays) -> Array | None:
        changed = change(arrays["kernel"], setting.geometry.dims)
        return None if changed is None else slide(setting, arrays, kernel=changed)

    return predict


def square(w: Array, dims: int) -> bool:
    """Whether the kernel is as high as it is wide."""
    return dims == 2 and w.shape[-1] == w.shape[-2]


def padded(setting: Direct, arrays: Arrays, pads: list[tuple[int, int]]) -> Array | None:
    """The layer with another padding; None where there is none to get wrong."""
    return slide(setting, arrays, pads=pads) if setting.geometry.is_padded else None


def one_side(side: int) -> Callable[[Direct, Arrays], Array | None]:
    """The padding of one side only: 0 before, 1 after."""

    def predict(setting: Direct, arrays: Arrays) -> Array | None:
        pads = [(a.padding[0], 0) if side == 0 else (0, a.padding[1]) for a in setting.geometry.axes]
        return padded(setting, arrays, pads)

    return predict


def sized(name: str) -> Callable[[Direct, Arrays], Array | None]:
    """The size mode `name` in place of the one asked for."""

    def predict(setting: Direct, arrays: Arrays) -> Array | None:
        axes = setting.geometry.axes
        reach = [axis.reach for axis in axes]
        pads = numeric.pads_for(name, setting.geometry.input, reach, setting.layer.stride)
        return slide(setting, arrays, pads=pads) if setting.geometry.mode == "zeros" else None

    return predict


def mode(mode: str) -> Callable[[Direct, Arrays], Array | None]:
    """Another padding mode, where there is padding."""

    def predict(setting: Direct, arrays: Arrays) -> Array | None:
        axes = setting.geometry.axes
        wide = mode == "circular" and any(max(a.padding) > a.input for a in axes)
        return None if not setting.geometry.is_padded or wide else slide(setting, arrays, mode=mode)

    return predict


def ceil(setting: Direct, arrays: Arrays) -> Array | None:
    """One window more along each axis where cells are left over."""
    axes = setting.geometry.axes
    if not any(axis.unread for axis in axes):
        return None
    more = [(-axis.unread) % axis.stride for axis in axes]
    pads = [(a.padding[0], a.padding[1] + extra) for a, extra in zip(axes, more, strict=True)]
    return slide(setting, arrays, pads=pads) if setting.geometry.mode == "zeros" else None


def one_less(setting: Direct, arrays: Arrays) -> Array | None:
    """The right output without its last row and column."""
    right = slide(setting, arrays)
    if right is None or min(setting.geometry.output) < 2:
        return None
    kept: Any = (..., *[slice(None, -1)] * setting.geometry.dims)
    return np.asarray(right[kept])


def subsampled(setting: Direct, arrays: Arrays) -> Array | None:
    """Every s-th cell of the input first, then stride 1."""
    steps = setting.layer.stride
    if max(steps) == 1:
        return None
    taken = arrays["input"][(slice(None), *(slice(None, None, step) for step in steps))]
    return slide(setting, arrays, input=taken, stride=[1] * len(steps))


def phase(setting: Direct, arrays: Arrays) -> Array | None:
    """The windows that start one cell late."""
    steps = setting.layer.stride
    every = slide(setting, arrays, stride=[1] * len(steps)) if max(steps) > 1 else None
    if every is None:
        return None
    kept: Any = (..., *(slice(min(1, step - 1), None, step) for step in steps))
    late = np.asarray(every[kept])
    return late if late.size else None


def dilated_input(setting: Direct, arrays: Arrays) -> Array | None:
    """Zeros between the cells of the input, none between the taps."""
    layer = setting.layer
    if max(layer.dilation) == 1:
        return None
    wide = numeric.dilate(arrays["input"], layer.dilation)
    return slide(setting, arrays, input=wide, dilation=[1] * len(layer.dilation))


def swapped_axes(setting: Direct, arrays: Arrays) -> Array | None:
    """The parameters of rows and columns swapped."""
    geometry, layer = setting.geometry, setting.layer
    if geometry.dims == 1 or geometry.axes[0] == geometry.axes[1]:
        return None
    pads = [axis.padding for axis in geometry.axes[::-1]]
    return slide(setting, arrays, pads=pads, stride=layer.stride[::-1], dilation=layer.dilation[::-1])


def swapped_operands(setting: Direct, arrays: Arrays) -> Array | None:
    """A full correlation with its operands swapped: the result comes out reversed."""
    right = slide(setting, arrays)
    if setting.geometry.flip or not setting.geometry.is_full or right is None:
        return None
    return numeric.rotate(right, setting.geometry.dims)


def dilation(change: Callable[[int], int]) -> Callable[[Direct, Arrays], Array | None]:
    """Another dilation, where there is one to get wrong."""

    def predict(setting: Direct, arrays: Arrays) -> Array | None:
        steps = setting.layer.dilation
        return None if max(steps) == 1 else slide(setting, arrays, dilation=[change(d) for d in steps])

    return predict


def bias(factor: Callable[[Direct], int]) -> Callable[[Direct, Arrays], Array | None]:
    """The bias taken several times, or not at all."""

    def predict(setting: Direct, arrays: Arrays) -> Array | None:
        return slide(setting, arrays, bias=factor(setting)) if "bias" in arrays else None

    return predict


def channels(join: Callable[[Array], Array]) -> Callable[[Direct, Arrays], Array | None]:
    """The channels joined in another way than by adding."""

    def predict(setting: Direct, arrays: Arrays) -> Array | None:
        return slide(setting, arrays, join=join) if setting.geometry.slices > 1 else None

    return predict


def averaged(maps: Array) -> Array:
    """The mean over the channels, exactly."""
    return np.asarray(maps.astype(object).sum(axis=1) * Fraction(1, maps.shape[1]))


def _first_slice(w: Array, dims: int) -> Array | None:
    return np.repeat(w[:, :1], w.shape[1], axis=1) if w.shape[1] > 1 and dims else None


def first_slice_used(setting: Direct, arrays: Arrays) -> Array | None:
    """The first slice of each filter for every channel."""
    geometry = setting.geometry
    w = _first_slice(arrays["kernel"], geometry.dims)
    if w is None:
        return None
    return slide(setting, arrays, kernel=numeric.rotate(w, geometry.dims) if geometry.flip else w)


def both_flipped(setting: Direct, arrays: Arrays) -> Array | None:
    """The input turned by 180 degrees as well."""
    dims = setting.geometry.dims
    return slide(setting, arrays, input=numeric.rotate(arrays["input"], dims))
