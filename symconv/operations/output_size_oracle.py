"""The oracle of size laws and the mistakes that belong to it: windows and copies are placed and counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from symconv.numeric import Array
from symconv.operations.base import Misconception, Oracle
from symconv.operations.output_size_steps import LEAST, Law


def oracle(setting: Law, operands: Mapping[str, Array]) -> Oracle:
    """Windows and copies are placed and counted; backwards, every candidate is tried."""
    given = {name: int(value) for name, value in operands.items()}
    axes = [{**axis, **given} for axis in setting.axes]
    sizes = partial(np.array, [counted(setting, axis) for axis in axes]) if setting.is_forward else None
    made: dict[str, Any] = {name: partial(np.asarray, value) for name, value in given.items()}
    if sizes is not None:
        made |= {"size": sizes, "law": lambda: np.asarray(sizes()[0])}
        made["class"] = lambda: _found(setting, {**axes[0], "output": int(sizes()[0])}, ("input",))
        made["left"] = lambda: np.asarray(_left(axes[0]))
        return made
    return {"solutions": lambda: _tried(setting)}


def counted(law: Law, axis: Mapping[str, int]) -> int:
    """The size of the output along one axis, counted.

    >>> counted(Law("direct", ({},), (), {}, 1), {"input": 7, "kernel": 3, "stride": 3, "padding": 0, "dilation": 1})
    2
    """
    pads = (axis["padding"], axis["padding"])
    steps = axis["input"], axis["kernel"], axis["stride"], pads, axis["dilation"]
    if law.transposed:
        return count_scattered(*steps, axis["output_padding"])
    return count_windows(*steps)


def count_windows(cells: int, taps: int, stride: int, pads: tuple[int, int], dilation: int) -> int:
    """How many windows fit along one axis: place the taps of every window, and look where the last one lies.

    >>> count_windows(7, 3, 3, (0, 0), 1), count_windows(2, 3, 1, (0, 0), 1)
    (2, 0)
    """
    padded = cells + sum(pads)
    last_taps = np.arange(0, padded, stride) + np.arange(0, taps * dilation, dilation)[-1]
    return int(np.count_nonzero(last_taps < padded))


def count_scattered(cells: int, taps: int, stride: int, pads: tuple[int, int], dilation: int, extra: int) -> int:
    """How many cells a transposed layer leaves along one axis: place every copy, add the extra cells, crop.

    >>> count_scattered(3, 3, 2, (1, 1), 1, 1)
    6
    """
    places = np.add.outer(np.arange(0, cells * stride, stride), np.arange(0, taps * dilation, dilation))
    return int(places.max()) + 1 + extra - sum(pads)


def _left(axis: Mapping[str, int]) -> int:
    """How many cells at the end of the padded input could be cut off without losing a window."""
    padded = {**axis, "input": axis["input"] + 2 * axis["padding"], "padding": 0}
    ends = range(1, padded["input"] + 1)
    cut = (end for end in ends if _windows(**{**padded, "input": padded["input"] - end}) != _windows(**padded))
    return next(cut, len(ends) + 1) - 1


def _found(law: Law, axis: Mapping[str, int], unknown: tuple[str, ...]) -> Array:
    """Every candidate that gives the output of this axis, by trying: one column for each unknown."""
    known = [axis[name] * axis.get(other, 1) for name, other in _PAIRS if name in axis]
    alone = sum(known) + 2 * axis.get("padding", 0) + 1
    most = (
        {name: law.listed_to(axis, name) for name in unknown}
        if len(unknown) > 1 or law.is_endless(axis, unknown[0])
        else {}
    )
    spans = [range(LEAST[name], most.get(name, alone) + 1) for name in unknown]
    found = []
    for values in product(*spans):
        tried = {**axis, **dict(zip(unknown, values, strict=True))}
        allowed = tried.get("output_padding", 0) < max(tried["stride"], tried["dilation"])
        if (allowed or not law.transposed) and counted(law, tried) == axis["output"]:
            found.append(values[0] if len(unknown) == 1 else values)
    return np.array(found, dtype=np.int64)


_PAIRS = (("input", "stride"), ("output", "stride"), ("kernel", "dilation"))


def _tried(law: Law) -> Array:
    """The candidates that are right on every axis."""
    first, *others = (_found(law, axis, law.unknown).tolist() for axis in law.axes)
    return np.array([values for values in first if all(values in other for other in others)], dtype=np.int64)


def _axes(transposed: bool, change: Callable[[Mapping[str, int]], Mapping[str, int]]) -> Any:
    """A mistake that takes other numbers for those of each axis, where all is numbers and some are others."""

    def wrong(setting: Law, arrays: Mapping[str, Array]) -> tuple[Law, Mapping[str, Array]] | None:
        if not setting.is_number or setting.transposed != transposed:
            return None
        axes = tuple({**axis, **change(axis)} for axis in setting.axes)
        return None if axes == setting.axes else (replace(setting, axes=axes), arrays)

    return wrong


def _sizes(change: Callable[[Mapping[str, int], int], int], transposed: bool = False) -> Any:
    """A mistake that makes another number of the size of each axis of a direct or of a transposed layer."""

    def wrong(setting: Law, arrays: Mapping[str, Array], label: str, value: Array) -> Array | None:
        del arrays
        if not setting.is_number or setting.transposed != transposed or label != "size":
            return None
        return np.array([change(axis, int(size)) for axis, size in zip(setting.axes, value, strict=True)])

    return wrong


def _one_inside(axis: Mapping[str, int], size: int) -> int:
    """The places at stride 1 are the room and 1: these are divided by the stride."""
    del size
    return _windows(**{**axis, "stride": 1}) // axis["stride"]


def _roles_swapped(axis: Mapping[str, int]) -> Mapping[str, int]:
    """Kernel and input in each other's place, where there is a stride."""
    apart = axis["stride"] > 1 and axis["dilation"] == 1
    return {"input": axis["kernel"], "kernel": axis["input"]} if apart else {}


def _swapped(setting: Law, arrays: Mapping[str, Array], label: str, value: Array) -> Array | None:
    """The size of the columns before that of the rows."""
    del arrays
    return value[::-1] if setting.is_number and label == "size" and len(setting.axes) == 2 else None


def _rounded_up(axis: Mapping[str, int]) -> Mapping[str, int]:
    """As many cells more as the last window needs to fit."""
    room = axis["input"] + 2 * axis["padding"] - axis["dilation"] * (axis["kernel"] - 1) - 1
    return {"input": axis["input"] + -room % axis["stride"]}


def _windows(input: int, kernel: int, stride: int, padding: int, dilation: int) -> int:
    return count_windows(input, kernel, stride, (padding, padding), dilation)


MISCONCEPTIONS = (
    Misconception(
        "ceil_for_floor",
        "A last window that only partly fits still counts, so the quotient is rounded up.",
        "A window must fit whole: round down; the cells left over are never read.",
        change=_axes(False, _rounded_up),
    ),
    Misconception(
        "plus_one_forgotten",
        "The number of steps of the window is the number of its places.",
        "The window stands in one place before its first step, so there is one place more than there are steps.",
        after=_sizes(lambda _, size: size - 1),
    ),
    Misconception(
        "plus_one_inside",
        "The 1 belongs into the fraction: add it before dividing by the stride.",
        "Divide first and round down, then add 1 for the place before the first step.",
        after=_sizes(_one_inside),
    ),
    Misconception(
        "last_index_inclusive",
        "The places are counted from 0 up to and including their number.",
        "Counted from 0, the last place has the number of places less 1.",
        after=_sizes(lambda _, size: size + 1),
    ),
    Misconception(
        "padding_once",
        "Padding p adds p cells to the axis.",
        "Padding p adds p cells on each side, so 2p in all.",
        change=_axes(False, lambda axis: {"input": axis["input"] + axis["padding"], "padding": 0}),
    ),
    Misconception(
        "total_padding_on_each_side",
        "The 2p cells of padding go on each side.",
        "Padding p is p cells on each side; 2p is what both sides have together.",
        change=_axes(False, lambda axis: {"padding": 2 * axis["padding"]}),
    ),
    Misconception(
        "dilation_ignored",
        "A dilated kernel covers as many cells as it has taps.",
        "Taps that stand d cells apart cover d(k - 1) + 1 cells.",
        change=_axes(False, lambda _: {"dilation": 1}),
    ),
    Misconception(
        "reach_is_dilation_times_kernel",
        "A dilated kernel covers d times k cells.",
        "There are only k - 1 gaps between k taps, so it covers d(k - 1) + 1 cells.",
        change=_axes(
            False,
            lambda axis: {"kernel": axis["kernel"] * axis["dilation"], "dilation": 1} if axis["dilation"] > 1 else {},
        ),
    ),
    Misconception(
        "dilation_one_more",
        "Dilation d puts d zeros between the taps, so the kernel covers k + d(k - 1) cells.",
        "It puts d - 1 zeros between them, so that they stand d cells apart: d(k - 1) + 1 cells.",
        change=_axes(False, lambda axis: {"dilation": axis["dilation"] + 1} if axis["dilation"] > 1 else {}),
    ),
    Misconception(
        "stride_ignored",
        "The window moves one cell at a time whatever the stride.",
        "The window moves s cells at a time, so there are about s times fewer places.",
        change=_axes(False, lambda _: {"stride": 1}),
    ),
    Misconception(
        "stride_divides_the_input",
        "The output is the input divided by the stride.",
        "The kernel's own width counts too: divide i + 2p - k, round down, and add 1.",
        after=_sizes(lambda axis, _: axis["input"] // axis["stride"]),
    ),
    Misconception(
        "same_by_habit",
        "The output has the size of the input.",
        "It has only with the padding that is made for it; here the numbers decide.",
        after=_sizes(lambda axis, _: axis["input"]),
    ),
    Misconception(
        "rows_and_columns_swapped",
        "The first number is the width.",
        "The first number is how many rows there are, the second how many columns.",
        after=_swapped,
    ),
    Misconception(
        "padding_added_when_transposed",
        "Padding makes the output of a transposed layer larger.",
        "The padding of a transposed layer is cropped: it makes the output smaller by 2p.",
        change=_axes(True, lambda axis: {"padding": -axis["padding"]}),
    ),
    Misconception(
        "output_padding_ignored",
        "Output padding changes no size.",
        "Output padding adds its cells at the end of the output.",
        change=_axes(True, lambda _: {"output_padding": 0}),
    ),
    Misconception(
        "input_times_stride",
        "Each of the i cells makes room for s cells, so the copies reach si cells and the kernel more.",
        "Between i copies there are only i - 1 steps: s(i - 1) plus what the kernel covers.",
        change=_axes(True, lambda axis: {"input": axis["input"] + 1}),
    ),
    Misconception(
        "stride_times_input",
        "A transposed layer makes the input s times as large.",
        "The last copy of the kernel reaches further than a step: s(i - 1) plus what the kernel covers.",
        after=_sizes(lambda axis, _: axis["stride"] * axis["input"], transposed=True),
    ),
    Misconception(
        "stride_on_the_kernel",
        "The stride stretches the kernel: s(k - 1) + i.",
        "The stride moves the copies of the kernel apart, one for each of the i cells: s(i - 1) + k.",
        change=_axes(True, _roles_swapped),
    ),
    Misconception(
        "dilation_ignored_when_transposed",
        "A copy of a dilated kernel covers as many cells as it has taps.",
        "Taps that stand d cells apart cover d(k - 1) + 1 cells, in every copy.",
        change=_axes(True, lambda _: {"dilation": 1}),
    ),
)
