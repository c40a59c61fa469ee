"""Composition: two layers after each other as one, its kernel, size and stride."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from math import prod
from typing import Any

import numpy as np

from symconv import numeric
from symconv.errors import ProblemError, shown
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.operands import per_axis, read_operand
from symconv.operations.base import Detail, Misconception, Oracle, Solved, instead
from symconv.operations.composition_steps import Composed, Work
from symconv.operations.geometry import check_cells, read_dims
from symconv.tensor import Index, Tensor


class Composition:
    """Two cross-correlations without padding as one. Dumoulin & Visin give the sizes of each, relations 5 and 15."""

    name = "composition"
    summary = "two layers as one: kernel, size, stride"
    example = """symconv solve composition --kernels '["1 2 1", "1 -1"]' --strides [2,1]"""
    asks = ("kernel", "size", "output")
    keys: Mapping[str, str] = {
        "kernels": "two kernels, the first layer's first: each a matrix or one row",
        "strides": "the stride of each layer: [1, 1], each a number or [rows, columns]",
        "dilations": "the dilation of each layer: [1, 1], each a number or [rows, columns]",
        "input": "what both ways are checked on (default: 1, 8, 7, 4, ... for two outputs along each axis)",
        "dims": "1 or 2 axes",
    }

    def read(self, given: Mapping[str, Any], notation: Notation, limit: int) -> Composed:
        """Validate a problem."""
        kernels = given.get("kernels")
        if not isinstance(kernels, (list, tuple)) or len(kernels) != 2:
            right = 'kernels = ["1 2 1", "1 -1"]'
            raise ProblemError(f"kernels is {shown(kernels)}; write two kernels, such as {right}")
        named = [read_operand(f"kernel {n}", kernel, limit, notation.index_base) for n, kernel in enumerate(kernels, 1)]
        put = given.get("input")
        named += [] if put is None else [read_operand("input", put, limit, notation.index_base)]
        dims = read_dims(given, named)
        tensors = [operand.with_dims(dims) for operand in named]
        for operand, tensor in zip(named, tensors, strict=True):
            if len(tensor.shape) > dims:
                raise ProblemError(f"{operand.name} has several channels; give one matrix or one row")
        steps = [_pair(name, given.get(name, [1, 1]), dims) for name in ("strides", "dilations")]
        made = Composed(tensors[0], tensors[1], tensors[-1], *steps)
        check_cells("the equivalent kernel", made.size, limit)
        least = made.size
        if put is None:
            sizes = tuple(k + s for k, s in zip(least, made.stride, strict=True))
            check_cells("the input", sizes, limit)
            counted = Tensor(sizes, tuple(n**3 % 10 for n in range(1, prod(sizes) + 1)))
            return Composed(made.first, made.second, counted, made.strides, made.dilations)
        if any(n < k for n, k in zip(made.input.shape, least, strict=True)):
            found, right = (" x ".join(map(str, sizes)) for sizes in (made.input.shape, least))
            raise ProblemError(f"the input has the size {found}, but both layers reach {right}; make it larger")
        return made

    def derive(self, setting: Composed, notation: Notation, ask: str, detail: Detail) -> Solved:
        """Derive every step and quantity."""
        del detail
        work = Work(setting, notation)
        steps = [work.given(), work.stretched(), work.size(ask)]
        if ask != "size":
            steps += [work.kernel(ask), work.check(ask)]
        return Solved(tuple(steps), work.quantities, ask)

    def answer(self, setting: Composed, ask: str) -> str:
        """The label of the quantity that an ask is about."""
        del setting
        return ask

    def oracle(self, setting: Composed, operands: Mapping[str, Array]) -> Oracle:
        """The equivalent kernel by sending basis arrays through both layers."""
        first, second, x = (operands[name] for name in ("first", "second", "input"))
        layers = partial(_both, setting, first, second)

        def kernel() -> Array:
            shape = _least(setting)
            return numeric.matrix_of(layers, shape, "row", np.result_type(first, second)).reshape(shape)

        return {
            "first": lambda: first,
            "second": lambda: second,
            "input": lambda: x,
            "dilated_first": lambda: numeric.dilate(first, setting.dilations[0]),
            "dilated_second": lambda: numeric.dilate(second, setting.apart),
            "kernel": kernel,
            "size": lambda: np.array(_least(setting)),
            "stride": lambda: np.multiply(*setting.strides),
            "middle": lambda: _layer(x, first, setting.strides[0], setting.dilations[0]),
            "output": lambda: layers(x),
            "direct": lambda: _layer(x, kernel(), setting.stride, (1,) * x.ndim),
        }

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """Mistakes with the stretch of the second kernel and with the orientation."""
        return (
            Misconception(
                "stride_not_passed_on",
                "The second kernel is combined with the first as it is.",
                "One step in the second layer's input is a whole stride of the first, so its taps stand further apart.",
                after=instead("kernel", lambda setting, given: _combined(setting, given, setting.dilations[1])),
            ),
            Misconception(
                "stretched_by_its_own_stride",
                "The second kernel is stretched by the stride of the second layer.",
                "It is the first layer's stride that sets the second layer's taps apart; its own only skips outputs.",
                after=instead(
                    "kernel",
                    lambda setting, given: _combined(
                        setting, given, tuple(np.multiply(setting.dilations[1], setting.strides[1]))
                    ),
                ),
            ),
            Misconception(
                "second_kernel_flipped",
                "The kernels of two correlations are correlated with each other.",
                "Two correlations make one with the convolution of both kernels.",
                change=lambda setting, given: (setting, {**given, "second": np.flip(given["second"])}),
            ),
            Misconception(
                "kernels_multiplied",
                "The kernels are multiplied entry by entry.",
                "Every entry of one kernel meets every entry of the other; products whose places agree are added.",
                after=instead(
                    "kernel",
                    lambda _, given: (
                        given["first"] * given["second"] if given["first"].shape == given["second"].shape else None
                    ),
                ),
            ),
            Misconception(
                "dilation_ignored",
                "Only the strides count; the kernels themselves are taken without dilation.",
                "The taps of a dilated kernel stand apart, so its zeros belong into the product.",
                change=_undilated,
            ),
        )

    def samples(self) -> tuple[dict[str, Any], ...]:
        """Problems for the generic tests."""
        return (
            {"kernels": ["1 2 1", "1 -1"]},
            {"kernels": ["1 2 1", "1 -1"], "strides": [2, 1]},
            {"kernels": ["1 2", "3 1/2"], "strides": [2, 2], "dilations": [1, 2], "input": "1 0 2 1 1 3 0 2 1"},
            {"kernels": ["1 2; 0 1", "1 -1; 2 0"]},
            {"kernels": ["1 2; 0 1", "1; -1"], "strides": [[2, 1], 1], "dilations": [2, 1]},
            {"kernels": ["1 1; 1 1", "1 2; 3 4"], "strides": [2, 2], "ask": "size"},
            {"kernels": ["1 1", "1 2"], "dilations": [2, 3], "input": "1 2 3 4 5 6 7", "ask": "output"},
            {"kernels": ["1 2", "1 -1 3"], "strides": [3, 2]},
            {"kernels": ["a b", "c d"], "strides": [2, 1]},
            {
                "kernels": [{"symbols": "u", "shape": [2, 2]}, {"symbols": "v", "shape": [2, 2]}],
                "input": "1 2 0; 1 1 3; 0 1 2",
            },
        )


def _pair(name: str, given: Any, dims: int) -> tuple[Index, Index]:
    """One number, or one per axis, for each of the two layers."""
    if not isinstance(given, (list, tuple)) or len(given) != 2:
        raise ProblemError(f"{name} is {shown(given)}; write one for each layer, such as {name} = [2, 1]")
    first, second = (per_axis(name, part, dims, 1) for part in given)
    return first, second


def _least(setting: Composed) -> Index:
    """The smallest input from which both layers make one output, found by trying."""
    sizes = []
    for axis, taps in enumerate(zip(setting.first.shape, setting.second.shape, strict=True)):
        cells = left = 0
        while not left:
            cells += 1
            left = cells
            for k, strides, dilations in zip(taps, setting.strides, setting.dilations, strict=True):
                left = len(range(0, left - dilations[axis] * (k - 1), strides[axis]))
        sizes.append(cells)
    return tuple(sizes)


def _layer(x: Array, kernel: Array, stride: Index, dilation: Index) -> Array:
    return np.asarray(numeric.correlate(x[None], kernel[None, None], stride, [(0, 0)] * x.ndim, dilation)[0])


def _both(setting: Composed, first: Array, second: Array, x: Array) -> Array:
    middle = _layer(x, first, setting.strides[0], setting.dilations[0])
    return _layer(middle, second, setting.strides[1], setting.dilations[1])


def _undilated(setting: Composed, arrays: Mapping[str, Array]) -> tuple[Composed, Mapping[str, Array]] | None:
    ones = (1,) * len(setting.stride)
    return None if setting.dilations == (ones, ones) else (replace(setting, dilations=(ones, ones)), arrays)


def _combined(setting: Composed, given: Mapping[str, Array], apart: Index) -> Array:
    first, second = numeric.dilate(given["first"], setting.dilations[0]), numeric.dilate(given["second"], apart)
    return numeric.convolve(first, second)


COMPOSITION = Composition()
