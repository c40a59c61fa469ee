"""Pooling: the largest, the smallest, the average or the p-norm of every window, channel by channel."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from symconv.axis import Axis
from symconv.errors import ProblemError
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.operands import choice, pads, per_axis, read_operand, too_deep, truth, whole
from symconv.operations.base import Detail, Misconception, Oracle, Solved
from symconv.operations.geometry import check_cells, check_products, pads_of, read_dims, size_mode
from symconv.operations.pooling_misconceptions import MISCONCEPTIONS
from symconv.operations.pooling_oracle import oracle
from symconv.operations.pooling_steps import Work
from symconv.operations.pooling_values import Pooling, windows_along

KINDS = ("max", "min", "average", "lp", "global_max", "global_average")
MOST_POWER = 20
_ONLY_FOR = {"count_include_pad": ("average",), "p": ("lp",)}
_NOT_GLOBAL = ("size", "stride", "padding", "dilation", "ceil_mode")


class PoolingOperation:
    """Reduce every window of every channel to one number."""

    name = "pooling"
    summary = "the largest, smallest or average entry of every window"
    example = 'symconv solve pooling --kind max --size 2 --input "3 2 7 1; 4 1 1 0; 8 2 0 1; 5 6 0 7"'
    asks = ("output", "indices", "size")
    keys: Mapping[str, str] = {
        "input": "a matrix, or a list with one per channel",
        "kind": ", ".join(KINDS) + "; max by default",
        "size": "of the window: 2, or [rows, columns]",
        "stride": "the size of the window by default; a number or [rows, columns]",
        "padding": "a number, [rows, columns], [[before, after], ...], 'valid', 'same' or 'full'",
        "dilation": "1, or [rows, columns]",
        "ceil_mode": "true to round the size of the output up",
        "count_include_pad": "average: whether cells of padding count in the divisor (true)",
        "p": "lp: the power (2)",
        "dims": "1 or 2 axes",
    }

    def read(self, given: Mapping[str, Any], notation: Notation, limit: int) -> Pooling:
        """Validate a problem."""
        if given.get("input") is None:
            raise ProblemError('input is missing; write a matrix such as input = "1 2; 3 4"')
        kind = choice("kind", given.get("kind", "max"), KINDS)
        for name, kinds in _ONLY_FOR.items():
            if name in given and kind not in kinds:
                raise ProblemError(f"{name} belongs to kind = {kinds[0]!r}, not to {kind!r}; leave it out")
        operand = read_operand("input", given["input"], limit, notation.index_base)
        dims = read_dims(given, [operand])
        x = operand.with_dims(dims)
        if len(x.shape) - dims > 1:
            raise too_deep("input", len(x.shape))
        x = x.reshape((*(1,) * (dims + 1 - len(x.shape)), *x.shape))
        power = whole("p", given.get("p", 2), 1)
        _check_power(kind, power, x.cells)
        ceil = truth("ceil_mode", given.get("ceil_mode", False))
        axes, named = _axes(given, kind, x.shape[1:])
        outputs = tuple(windows_along(axis, ceil) for axis in axes)
        include = truth("count_include_pad", given.get("count_include_pad", True))
        setting = Pooling(x, kind, axes, outputs, ceil, include, power, named)
        check_products(x.shape[0] * prod(outputs) * prod(axis.kernel for axis in axes), limit)
        check_cells("the padded input", (x.shape[0], *(axis.padded for axis in axes)), limit)
        setting.check_windows()
        return setting

    def derive(self, setting: Pooling, notation: Notation, ask: str, detail: Detail) -> Solved:
        """Derive every step and quantity."""
        if ask == "indices" and not setting.has_indices:
            why = "its entries are letters" if setting.reduces in ("max", "min") else f"its kind is {setting.kind!r}"
            raise ProblemError(
                f"ask is 'indices', but {why}; indices say where the largest or smallest number of a window stands"
            )
        work = Work(setting, notation, detail)
        steps = [work.given(), work.size(ask == "size")]
        if ask != "size":
            steps += [*work.padded_step(), *work.law(), work.entries()]
            steps += work.places() if ask == "indices" else [*work.result(), *work.check()]
        return Solved(tuple(steps), work.quantities, ask)

    def answer(self, setting: Pooling, ask: str) -> str:
        """The label of the quantity that an ask is about."""
        del setting
        return ask

    def oracle(self, setting: Pooling, operands: Mapping[str, Array]) -> Oracle:
        """Every quantity from NumPy: pad, slide, reduce each window."""
        return oracle(setting, operands["input"])

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """Mistakes of padding, divisor, size, stride and channels."""
        return MISCONCEPTIONS

    def samples(self) -> tuple[dict[str, Any], ...]:
        """Problems for the generic tests."""
        a = "3 2 7 1 6 3; 4 1 1 0 9 8; 8 2 0 1 2 4; 5 6 0 7 1 4; 0 5 4 9 6 0; 4 6 2 4 0 5"
        b = "1 -2 3 0 5; -4 2 1 7 -1; 0 6 -3 2 2; 8 1 4 -5 0; 3 -1 2 6 9"
        return (
            {"input": a, "size": 2},
            {"input": a, "size": 3, "stride": 1, "ask": "indices"},
            {"input": b, "size": 2, "padding": 1, "ceil_mode": True},
            {"input": "-3 -2 -5; -1 -4 -6; -7 -9 -8", "size": 2, "padding": 1, "stride": 2},
            {"input": b, "kind": "min", "size": [2, 3], "stride": [1, 2]},
            {"input": b, "kind": "min", "size": 3, "padding": 1, "stride": 2},
            {"input": a, "kind": "average", "size": 2},
            {"input": a, "kind": "average", "size": 3, "stride": 2, "padding": 1},
            {"input": b, "kind": "average", "size": 3, "stride": 2, "padding": 1, "count_include_pad": False},
            {"input": b, "kind": "average", "size": 2, "ceil_mode": True},
            {"input": "1 2 3 4 5 6 7", "kind": "average", "size": 3, "stride": 1, "dilation": 2},
            {"input": "1/2 3 5/2 -1 4", "size": 2, "stride": 2, "ceil_mode": True, "ask": "indices"},
            {"input": ["1 2; 3 4", "0 5; 6 -1"], "size": 2, "stride": 1, "padding": "same"},
            {"input": ["3 2 7; 4 1 1; 8 2 0", "5 6 0; 0 5 4; 4 6 2"], "kind": "global_average"},
            {"input": a, "kind": "global_max"},
            {"input": "3 4 0 1; 0 0 2 2; 6 8 5 12; 0 0 0 0", "kind": "lp", "size": 2},
            {"input": "1 2 3 4; 2 1 1 5", "kind": "lp", "size": [2, 2], "stride": 1, "p": 3},
            {"input": "1 -2 3 4", "kind": "lp", "size": 2, "p": 1, "ask": "size"} | {"input": "1 2 3 4"},
            {"input": {"symbols": "a", "shape": [4, 4]}, "kind": "average", "size": 2},
            {"input": "1 a; b 3", "size": [1, 2], "stride": 1},
            {"input": "1 2 3 4 5 6; 0 1 0 1 0 1", "size": [1, 3], "stride": [1, 2], "ceil_mode": True, "ask": "size"},
        )


def _check_power(kind: str, power: int, cells: tuple[Any, ...]) -> None:
    if kind != "lp":
        return
    if power > MOST_POWER:
        raise ProblemError(f"p is {power}; it must be at most {MOST_POWER}")
    if any(hasattr(cell, "free_symbols") for cell in cells):
        raise ProblemError("kind = 'lp' takes numbers, not letters: the root of a sum of letters stays as it is")
    if power % 2 and min(cells) < 0:
        raise ProblemError(
            f"p is {power}, which is odd, and the input has {min(cells)}; systems differ in whether a power keeps the "
            "sign (torch) or not (ONNX), so make p even or all entries at least 0"
        )


def _axes(given: Mapping[str, Any], kind: str, cells: tuple[int, ...]) -> tuple[tuple[Axis, ...], str | None]:
    """The axes, and the size mode if one was named."""
    dims = len(cells)
    if kind.startswith("global"):
        for name in _NOT_GLOBAL:
            if name in given:
                raise ProblemError(f"{name} has no meaning for kind = {kind!r}: the window is the whole channel")
        return tuple(Axis(n, n, n) for n in cells), None
    if given.get("size") is None:
        raise ProblemError("size is missing; write the size of the window, such as size = 2 or size = [2, 3]")
    size = per_axis("size", given["size"], dims, 1)
    stride = per_axis("stride", given.get("stride", list(size)), dims, 1)
    dilation = per_axis("dilation", given.get("dilation", 1), dims, 1)
    axes = [Axis(*axis) for axis in zip(cells, size, stride, [(0, 0)] * dims, dilation, strict=True)]
    named = size_mode(given.get("padding", 0))
    widths = [pads_of(axis, named) for axis in axes] if named else pads(given.get("padding", 0), dims)
    return tuple(Axis(a.input, a.kernel, a.stride, w, a.dilation) for a, w in zip(axes, widths, strict=True)), named


POOLING = PoolingOperation()
