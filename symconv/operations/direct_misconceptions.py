"""The mistakes people make in a convolution or a cross-correlation, each computing the answer it leads to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from symconv import numeric
from symconv.numeric import Array
from symconv.operations.base import Misconception
from symconv.operations.direct_steps import Direct

Arrays = Mapping[str, Array]


def _slide(setting: Direct, arrays: Arrays, bias: Any = 1, **changed: Any) -> Array | None:
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


def _kernel(change: Callable[[Array, int], Array | None]) -> Callable[[Direct, Arrays], Array | None]:
    """A mistake that slides another kernel."""

    def predict(setting: Direct, arrays: Arrays) -> Array | None:
        changed = change(arrays["kernel"], setting.geometry.dims)
        return None if changed is None else _slide(setting, arrays, kernel=changed)

    return predict


def _square(w: Array, dims: int) -> bool:
    return dims == 2 and w.shape[-1] == w.shape[-2]


def _padded(setting: Direct, arrays: Arrays, pads: list[tuple[int, int]]) -> Array | None:
    """The layer with another padding; None where there is none to get wrong."""
    return _slide(setting, arrays, pads=pads) if setting.geometry.is_padded else None


def _one_side(side: int) -> Callable[[Direct, Arrays], Array | None]:
    def predict(setting: Direct, arrays: Arrays) -> Array | None:
        pads = [(a.padding[0], 0) if side == 0 else (0, a.padding[1]) for a in setting.geometry.axes]
        return _padded(setting, arrays, pads)

    return predict


def _sized(name: str) -> Callable[[Direct, Arrays], Array | None]:
    """The size mode `name` in place of the one asked for."""

    def predict(setting: Direct, arrays: Arrays) -> Array | None:
        axes = setting.geometry.axes
        reach = [axis.reach for axis in axes]
        pads = numeric.pads_for(name, setting.geometry.input, reach, setting.layer.stride)
        return _slide(setting, arrays, pads=pads) if setting.geometry.mode == "zeros" else None

    return predict


def _mode(mode: str) -> Callable[[Direct, Arrays], Array | None]:
    def predict(setting: Direct, arrays: Arrays) -> Array | None:
        axes = setting.geometry.axes
        wide = mode == "circular" and any(max(a.padding) > a.input for a in axes)
        return None if not setting.geometry.is_padded or wide else _slide(setting, arrays, mode=mode)

    return predict


def _ceil(setting: Direct, arrays: Arrays) -> Array | None:
    axes = setting.geometry.axes
    if not any(axis.unread for axis in axes):
        return None
    more = [(-axis.unread) % axis.stride for axis in axes]
    pads = [(a.padding[0], a.padding[1] + extra) for a, extra in zip(axes, more, strict=True)]
    return _slide(setting, arrays, pads=pads) if setting.geometry.mode == "zeros" else None


def _one_less(setting: Direct, arrays: Arrays) -> Array | None:
    right = _slide(setting, arrays)
    if right is None or min(setting.geometry.output) < 2:
        return None
    kept: Any = (..., *[slice(None, -1)] * setting.geometry.dims)
    return np.asarray(right[kept])


def _subsampled(setting: Direct, arrays: Arrays) -> Array | None:
    steps = setting.layer.stride
    if max(steps) == 1:
        return None
    taken = arrays["input"][(slice(None), *(slice(None, None, step) for step in steps))]
    return _slide(setting, arrays, input=taken, stride=[1] * len(steps))


def _phase(setting: Direct, arrays: Arrays) -> Array | None:
    steps = setting.layer.stride
    every = _slide(setting, arrays, stride=[1] * len(steps)) if max(steps) > 1 else None
    if every is None:
        return None
    kept: Any = (..., *(slice(min(1, step - 1), None, step) for step in steps))
    late = np.asarray(every[kept])
    return late if late.size else None


def _dilated_input(setting: Direct, arrays: Arrays) -> Array | None:
    layer = setting.layer
    if max(layer.dilation) == 1:
        return None
    wide = numeric.dilate(arrays["input"], layer.dilation)
    return _slide(setting, arrays, input=wide, dilation=[1] * len(layer.dilation))


def _swapped_axes(setting: Direct, arrays: Arrays) -> Array | None:
    geometry, layer = setting.geometry, setting.layer
    if geometry.dims == 1 or geometry.axes[0] == geometry.axes[1]:
        return None
    pads = [axis.padding for axis in geometry.axes[::-1]]
    return _slide(setting, arrays, pads=pads, stride=layer.stride[::-1], dilation=layer.dilation[::-1])


def _swapped_operands(setting: Direct, arrays: Arrays) -> Array | None:
    right = _slide(setting, arrays)
    if setting.geometry.flip or not setting.geometry.is_full or right is None:
        return None
    return numeric.rotate(right, setting.geometry.dims)


def _dilation(change: Callable[[int], int]) -> Callable[[Direct, Arrays], Array | None]:
    def predict(setting: Direct, arrays: Arrays) -> Array | None:
        steps = setting.layer.dilation
        return None if max(steps) == 1 else _slide(setting, arrays, dilation=[change(d) for d in steps])

    return predict


def _bias(factor: Callable[[Direct], int]) -> Callable[[Direct, Arrays], Array | None]:
    def predict(setting: Direct, arrays: Arrays) -> Array | None:
        return _slide(setting, arrays, bias=factor(setting)) if "bias" in arrays else None

    return predict


def _channels(join: Callable[[Array], Array]) -> Callable[[Direct, Arrays], Array | None]:
    def predict(setting: Direct, arrays: Arrays) -> Array | None:
        return _slide(setting, arrays, join=join) if setting.geometry.slices > 1 else None

    return predict


def _averaged(maps: Array) -> Array:
    from fractions import Fraction

    return np.asarray(maps.astype(object).sum(axis=1) * Fraction(1, maps.shape[1]))


def _first_slice(w: Array, dims: int) -> Array | None:
    return np.repeat(w[:, :1], w.shape[1], axis=1) if w.shape[1] > 1 and dims else None


def _first_slice_used(setting: Direct, arrays: Arrays) -> Array | None:
    geometry = setting.geometry
    w = _first_slice(arrays["kernel"], geometry.dims)
    if w is None:
        return None
    return _slide(setting, arrays, kernel=numeric.rotate(w, geometry.dims) if geometry.flip else w)


def _both_flipped(setting: Direct, arrays: Arrays) -> Array | None:
    dims = setting.geometry.dims
    return _slide(setting, arrays, input=numeric.rotate(arrays["input"], dims))


ORIENTATION_OF_CONVOLUTION = (
    Misconception(
        "kernel_not_flipped",
        "A convolution slides the kernel as it is.",
        "A convolution flips the kernel first; without the flip it is a cross-correlation.",
        _kernel(lambda w, _: w),
    ),
    Misconception(
        "only_columns_flipped",
        "Flipping the kernel means reversing each row.",
        "The kernel is turned by 180 degrees: the order of its rows is reversed too.",
        _kernel(lambda w, dims: np.flip(w, axis=-1) if dims == 2 else None),
    ),
    Misconception(
        "only_rows_flipped",
        "Flipping the kernel means turning it upside down.",
        "The kernel is turned by 180 degrees: each row is reversed too.",
        _kernel(lambda w, dims: np.flip(w, axis=-2) if dims == 2 else None),
    ),
    Misconception(
        "kernel_transposed",
        "Flipping the kernel means transposing it.",
        "The kernel is turned by 180 degrees; a transpose mirrors it at its diagonal.",
        _kernel(lambda w, dims: w.swapaxes(-1, -2) if _square(w, dims) else None),
    ),
    Misconception(
        "flipped_along_channels",
        "Flipping the kernel reverses the order of its channels too.",
        "Only the spatial axes are flipped; channel c of the kernel belongs to channel c of the input.",
        _kernel(lambda w, dims: numeric.rotate(w, dims)[:, ::-1] if w.shape[1] > 1 else None),
    ),
)
ORIENTATION_OF_CORRELATION = (
    Misconception(
        "kernel_flipped",
        "The kernel is flipped before it slides.",
        "A cross-correlation slides the kernel as it is; with the flip it is a convolution.",
        _kernel(numeric.rotate),
    ),
    Misconception(
        "kernel_transposed",
        "The kernel is transposed before it slides.",
        "A cross-correlation slides the kernel as it is.",
        _kernel(lambda w, dims: w.swapaxes(-1, -2) if _square(w, dims) else None),
    ),
    Misconception(
        "operands_swapped",
        "In a correlation the order of the two operands does not matter.",
        "Swapping the operands of a correlation reverses the result; only a convolution is commutative.",
        _swapped_operands,
    ),
)
COMMON = (
    Misconception(
        "kernel_turned_90",
        "Turning the kernel means a quarter turn.",
        "The kernel is turned by 180 degrees for a convolution and not at all for a correlation.",
        _kernel(lambda w, dims: np.rot90(w, axes=(-2, -1)) if _square(w, dims) else None),
    ),
    Misconception(
        "both_flipped",
        "The input is flipped as well.",
        "The input stays as it is; only the kernel may be flipped.",
        _both_flipped,
    ),
    Misconception(
        "ceil_for_floor",
        "A last window that reaches over the end still counts.",
        "The size law rounds down: a window that does not fit is left out.",
        _ceil,
    ),
    Misconception(
        "plus_one_forgotten",
        "The number of windows is (i + 2p - k) / s.",
        "The first window counts too: (i + 2p - k) / s, rounded down, plus 1.",
        _one_less,
    ),
    Misconception(
        "padding_ignored",
        "Zero padding means no padding.",
        "Zero padding puts cells with the value zero around the input.",
        lambda setting, arrays: _padded(setting, arrays, [(0, 0)] * setting.geometry.dims),
    ),
    Misconception(
        "padding_only_before",
        "The padding goes before the first cell only, so p is added once.",
        "The padding goes on both sides, so 2p cells are added.",
        _one_side(0),
    ),
    Misconception(
        "padding_only_after",
        "The padding goes behind the last cell only, so p is added once.",
        "The padding goes on both sides, so 2p cells are added.",
        _one_side(1),
    ),
    Misconception(
        "valid_size",
        "Only windows that lie inside the input count.",
        "The padding asked for lets windows reach over the border.",
        _sized("valid"),
    ),
    Misconception(
        "same_size",
        "The output always has the size of the input.",
        "It does only when the padding is chosen for it; here the size law decides.",
        _sized("same"),
    ),
    Misconception(
        "full_size",
        "Every overlap of kernel and input counts.",
        "Every overlap counts only for the full size, with k - 1 cells of padding.",
        _sized("full"),
    ),
    Misconception(
        "zeros_for_mode",
        "Padding always means zeros.",
        "The padding mode of this problem continues the input with its own values.",
        lambda setting, arrays: None if setting.geometry.mode == "zeros" else _mode("zeros")(setting, arrays),
    ),
    Misconception(
        "circular_padding",
        "Beyond its border the input starts again at the other side.",
        "It does so only with circular padding.",
        _mode("circular"),
    ),
    Misconception(
        "replicated_padding",
        "Beyond its border the input keeps the value of the border cell.",
        "It does so only with replicate padding.",
        _mode("replicate"),
    ),
    Misconception(
        "stride_ignored",
        "The window moves one cell at a time.",
        "The window moves by the stride.",
        lambda setting, arrays: (
            None if max(setting.layer.stride) == 1 else _slide(setting, arrays, stride=[1] * setting.geometry.dims)
        ),
    ),
    Misconception(
        "stride_on_input",
        "Every s-th cell of the input is taken first, then the kernel slides over what is left.",
        "The stride moves the window; inside a window every cell is read.",
        _subsampled,
    ),
    Misconception(
        "stride_phase",
        "The first window starts at the second cell.",
        "The first window starts at the first cell of the padded input.",
        _phase,
    ),
    Misconception(
        "dilation_ignored",
        "The taps of the kernel lie side by side.",
        "With dilation d neighbouring taps stand d cells apart.",
        _dilation(lambda _: 1),
    ),
    Misconception(
        "dilation_one_more",
        "Dilation d puts d zeros between neighbouring taps.",
        "Dilation d puts d - 1 zeros between neighbouring taps, so that they stand d cells apart.",
        _dilation(lambda d: d + 1 if d > 1 else 1),
    ),
    Misconception(
        "dilation_on_input",
        "Dilation puts zeros between the cells of the input.",
        "Dilation puts zeros between the taps of the kernel.",
        _dilated_input,
    ),
    Misconception(
        "height_and_width_swapped",
        "The first of two parameters belongs to the columns.",
        "The first belongs to the rows (downwards), the second to the columns (across).",
        _swapped_axes,
    ),
    Misconception(
        "bias_forgotten",
        "The output is the sum of products alone.",
        "The bias of the filter is added to every entry of its map.",
        _bias(lambda _: 0),
    ),
    Misconception(
        "bias_per_channel",
        "The bias is added in every channel.",
        "The bias is added once, after the channels are summed.",
        _bias(lambda setting: setting.geometry.slices),
    ),
    Misconception(
        "bias_per_product",
        "The bias is added to every product.",
        "The bias is added once to each sum.",
        _bias(lambda setting: setting.geometry.slices * int(np.prod(setting.geometry.kernel))),
    ),
    Misconception(
        "channels_averaged",
        "The output is the mean over the channels.",
        "The results of the channels are added, not averaged.",
        _channels(_averaged),
    ),
    Misconception(
        "channels_not_summed",
        "The first channel alone makes the output.",
        "The results of all channels are added.",
        _channels(lambda maps: maps[:, 0]),
    ),
    Misconception(
        "first_slice_reused",
        "One slice of the kernel serves all channels.",
        "Every channel has its own slice of the kernel.",
        _first_slice_used,
    ),
)
