"""The size law, forwards and backwards: any of its sizes and steps may be the unknown, or stay a letter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from symconv import numeric
from symconv.errors import ProblemError, shown
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.operands import choice, whole
from symconv.operations.base import Detail, Misconception, Oracle, Solved
from symconv.operations.output_size_backwards import backward
from symconv.operations.output_size_steps import LEAST, LETTERS, Law, forward

DEFAULTS = {"stride": 1, "padding": 0, "dilation": 1, "output_padding": 0}
MOST = 11  # up to where solutions are listed, unless the problem says otherwise


class OutputSize:
    """Solve the size law for what is unknown in it; every solution is a whole number."""

    name = "output_size"
    summary = "the size law, forwards and backwards"
    example = "symconv solve output_size --input i --kernel k --stride s --padding p"
    asks = ("solve", "class")
    keys: Mapping[str, str] = {
        "input": "a size, [rows, columns], or a letter",
        "kernel": "the same",
        "stride": "the same; left out it is 1, or unknown if input, kernel and output are all numbers",
        "padding": "the same, cells on each side; left out it is 0, or unknown as stride is",
        "dilation": "the same; left out it is 1",
        "output": "the same; left out it is what is asked for",
        "output_padding": "transposed only, the same; left out it is 0",
        "direction": "direct or transposed",
        "most": f"the largest value that is listed where there is no end of solutions ({MOST})",
    }

    def read(self, given: Mapping[str, Any], notation: Notation, limit: int) -> Law:
        """Validate a problem."""
        del notation
        direction = choice("direction", given.get("direction", "direct"), ("direct", "transposed"))
        if direction == "direct" and given.get("output_padding") is not None:
            raise ProblemError("output_padding is for direction = 'transposed'; leave it out, or write the direction")
        names = [name for name in LETTERS if direction == "transposed" or name != "output_padding"]
        said = {name: _read(name, given[name], limit) for name in names if given.get(name) is not None}
        if not said:
            said = {name: LETTERS[name] for name in names}
        unknown = [name for name in ("input", "kernel", "output") if name not in said]
        unknown += [name for name, value in said.items() if isinstance(value, str)]
        if not unknown:
            unknown = [name for name in ("stride", "padding") if name not in said]
        for name, value in DEFAULTS.items():
            if name in names and name not in unknown:
                said.setdefault(name, (value,))
        if not unknown:
            raise ProblemError("every size and step is given; leave out the one to solve for, or write a letter for it")
        letters = {**LETTERS, **{name: value for name, value in said.items() if isinstance(value, str)}}
        used = [letters[name] for name in names]
        for name in names:
            if used.count(letters[name]) > 1:
                raise ProblemError(f"the letter {letters[name]} stands for two things; give {name} another letter")
        numbers = {name: value for name, value in said.items() if not isinstance(value, str)}
        dims = max((len(value) for value in numbers.values()), default=1)
        if any(len(value) not in (1, dims) for value in numbers.values()):
            raise ProblemError("some sizes are given for one axis and some for two; write each as [rows, columns]")
        axes = tuple(
            {name: value[axis if len(value) > 1 else 0] for name, value in numbers.items()} for axis in range(dims)
        )
        most = whole("most", given.get("most", MOST), 1)
        law = Law(direction, axes, tuple(n for n in names if n in unknown), letters, most)
        _check(law, limit)
        return law

    def derive(self, setting: Law, notation: Notation, ask: str, detail: Detail) -> Solved:
        """Derive every step and quantity."""
        del notation, detail
        if ask == "class" and not (setting.is_number and setting.alike and not setting.transposed):
            raise ProblemError("ask = 'class' needs a direct layer with all numbers given and alike on both axes")
        return forward(setting, ask) if setting.is_forward else backward(setting)

    def answer(self, setting: Law, ask: str) -> str:
        """The label of the quantity that an ask is about."""
        if ask == "class":
            return "class"
        return "size" if setting.is_forward else "solutions"

    def oracle(self, setting: Law, operands: Mapping[str, Array]) -> Oracle:
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

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """Mistakes with the size law."""
        return _MISCONCEPTIONS

    def samples(self) -> tuple[dict[str, Any], ...]:
        """Problems for the generic tests."""
        transposed = {"direction": "transposed"}
        return (
            {"input": 7, "kernel": 3, "stride": 3},
            {"input": [28, 32], "kernel": [3, 5], "stride": [2, 1], "padding": 1, "dilation": 2},
            {"input": 6, "kernel": 3, "stride": 2, "padding": 1, "ask": "class"},
            {"input": 5, "kernel": 2, "dilation": 3, "padding": [1, 1]},
            {},
            {"input": "n", "kernel": 3, "stride": 2, "padding": 1},
            {"input": 32, "kernel": "k", "padding": "p", "dilation": "d"},
            {"input": 7, "kernel": 3, "stride": "s", "output": 3},
            {"input": "i", "kernel": 3, "stride": 2, "padding": 1, "output": 4},
            {"input": 32, "kernel": "k", "stride": 2, "padding": 1, "output": 16},
            {"input": 14, "kernel": 5, "padding": "p", "dilation": 2, "output": 14},
            {"input": 20, "kernel": 4, "dilation": "d", "stride": 3, "output": 5},
            {"input": 9, "kernel": 1, "dilation": "d", "output": 9, "most": 4},
            {"input": 5, "kernel": 3, "stride": "s", "output": 1},
            {"input": 7, "kernel": 3, "stride": 2, "padding": "p", "output": 20, "dilation": 1},
            {"input": 6, "kernel": 2, "stride": "s", "output": 4},
            {"input": 32, "kernel": 5, "output": 32},
            {"input": [8, 9], "kernel": 3, "stride": "s", "output": [3, 4]},
            {"input": 4, "kernel": 3, "stride": 2, "padding": 1, "output_padding": 1, **transposed},
            {"input": [4, 5], "kernel": 2, "stride": 2, "dilation": 3, **transposed},
            {"input": 4, "kernel": 3, "stride": 2, "padding": 1, "output_padding": "a", "output": 8, **transposed},
            {"input": 4, "kernel": 3, "stride": 2, "padding": "p", "output": 8, **transposed},
            {"input": 4, "kernel": "k", "stride": 2, "padding": "p", "output": 8, **transposed},
            {"input": "i", "kernel": "k", "stride": "s", "padding": "p", "output_padding": "a", **transposed},
            {"input": 1, "kernel": 3, "stride": "s", "output": 3, **transposed},
        )


def _read(name: str, given: Any, limit: int) -> Any:
    """A letter, or a tuple with one whole number or one for each axis."""
    given = given.tolist() if hasattr(given, "tolist") else given
    if isinstance(given, str):
        if not (len(given) == 1 and given.isascii() and given.isalpha()):
            raise ProblemError(f"{name} is {shown(given)}; write a whole number, [rows, columns], or one letter")
        return given
    parts = given if isinstance(given, (list, tuple)) else [given]
    if not 1 <= len(parts) <= 2:
        raise ProblemError(f"{name} is {shown(given)} with {len(parts)} numbers; write one, or [rows, columns]")
    sizes = tuple(whole(name, part, LEAST[name]) for part in parts)
    if max(sizes) > limit:
        raise ProblemError(f"{name} is {max(sizes):,}, beyond the limit of {limit:,}; make it smaller or raise limit")
    return sizes


def _check(law: Law, limit: int) -> None:
    """Refuse what no layer can be, and a search that no page could hold."""
    for axis in law.axes:
        if {"input", "kernel", "padding", "dilation"} <= set(axis) and not law.transposed and law.is_forward:
            reach = axis["dilation"] * (axis["kernel"] - 1) + 1
            if reach > axis["input"] + 2 * axis["padding"]:
                raise ProblemError(
                    f"the kernel reaches {reach} cells but the padded input has only "
                    f"{axis['input'] + 2 * axis['padding']}; make the kernel or its dilation smaller, or the padding "
                    "larger"
                )
        if {"output_padding", "stride", "dilation"} <= set(axis):
            bound = max(axis["stride"], axis["dilation"])
            if axis["output_padding"] >= bound:
                raise ProblemError(
                    f"output_padding is {axis['output_padding']}; it must be below max(stride, dilation) = {bound}, "
                    "or the extra cells would belong to another input size"
                )
        if law.is_number and law.transposed and counted(law, axis) < 1:
            raise ProblemError(
                f"padding crops {2 * axis['padding']} cells, but only {counted(law, axis) + 2 * axis['padding']} were "
                "scattered; make the padding smaller"
            )
    largest = max((value for axis in law.axes for value in axis.values()), default=0)
    if not law.is_forward and largest**2 > 10 * limit:
        raise ProblemError(
            f"a size of {largest:,} makes too many candidates to try; make it smaller, or write limit = {largest**2}"
        )
    if not law.is_forward and len(law.unknown) > 1 and (law.most + 1) ** len(law.unknown) > limit:
        raise ProblemError(
            f"most is {law.most}, which makes {(law.most + 1) ** len(law.unknown):,} candidates, beyond the limit of "
            f"{limit:,}; make most smaller or give more of the numbers"
        )


def counted(law: Law, axis: Mapping[str, int]) -> int:
    """The size of the output along one axis, counted.

    >>> counted(Law("direct", ({},), (), {}, 1), {"input": 7, "kernel": 3, "stride": 3, "padding": 0, "dilation": 1})
    2
    """
    pads = (axis["padding"], axis["padding"])
    steps = axis["input"], axis["kernel"], axis["stride"], pads, axis["dilation"]
    if law.transposed:
        return numeric.count_scattered(*steps, axis["output_padding"])
    return numeric.count_windows(*steps)


def _left(axis: Mapping[str, int]) -> int:
    """How many cells at the end of the padded input could be cut off without losing a window."""
    padded, left = {**axis, "input": axis["input"] + 2 * axis["padding"], "padding": 0}, 0
    while _windows(**{**padded, "input": padded["input"] - left - 1}) == _windows(**padded):
        left += 1
    return left


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


def _sizes(change: Callable[[Mapping[str, int], int], int]) -> Any:
    """A mistake that makes another number of the size of each axis of a direct layer."""

    def wrong(setting: Law, arrays: Mapping[str, Array], label: str, value: Array) -> Array | None:
        del arrays
        if not setting.is_number or setting.transposed or label != "size":
            return None
        return np.array([change(axis, int(size)) for axis, size in zip(setting.axes, value, strict=True)])

    return wrong


def _rounded_up(axis: Mapping[str, int]) -> Mapping[str, int]:
    """As many cells more as the last window needs to fit."""
    room = axis["input"] + 2 * axis["padding"] - axis["dilation"] * (axis["kernel"] - 1) - 1
    return {"input": axis["input"] + -room % axis["stride"]}


def _windows(input: int, kernel: int, stride: int, padding: int, dilation: int) -> int:
    return numeric.count_windows(input, kernel, stride, (padding, padding), dilation)


_MISCONCEPTIONS = (
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
        "padding_once",
        "Padding p adds p cells to the axis.",
        "Padding p adds p cells on each side, so 2p in all.",
        change=_axes(False, lambda axis: {"input": axis["input"] + axis["padding"], "padding": 0}),
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
)

OUTPUT_SIZE = OutputSize()
