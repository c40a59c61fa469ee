"""Transposed convolution, by three methods: scatter and crop, C^T, a direct convolution on the stretched input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from symconv import numeric
from symconv.axis import Axis
from symconv.errors import ProblemError
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.operands import pads, per_axis
from symconv.operations import checks
from symconv.operations.base import Detail, Misconception, Oracle, Parts, Solved
from symconv.operations.geometry import Geometry, check_cells, check_products, read_layer, size_mode
from symconv.operations.steps import (
    result_step,
)
from symconv.operations.transposed_methods import direct_method, matrix_method
from symconv.operations.transposed_misconceptions import MISCONCEPTIONS
from symconv.operations.transposed_steps import Transposed, Work
from symconv.tensor import Index


class TransposedConvolution:
    """Lay a copy of the kernel, times the cell, at every cell of the input; add; crop."""

    name = "transposed_convolution"
    summary = "scatter copies of the kernel, add: a layer backwards"
    example = 'symconv solve transposed_convolution --input "1 3 2; 2 5 6; 7 1 3" --kernel "0 1; 3 2" --stride 2'
    asks = ("output", "size", "matrix", "transposed_matrix")
    misconceptions: tuple[Misconception, ...] = MISCONCEPTIONS
    keys: Mapping[str, str] = {
        "input": "a matrix, or a list with one per channel",
        "kernel": "a matrix, or a list with one list per input channel of one matrix per output channel (as in torch)",
        "stride": "1, or [rows, columns]",
        "padding": "what is cropped: a number, [rows, columns], [[before, after], ...], 'valid', 'same' or 'full'",
        "dilation": "1, or [rows, columns]",
        "output_padding": "cells added at the end: 0, or [rows, columns]",
        "bias": "one number per output channel",
        "groups": "how many groups the channels fall into",
        "order": "the order of vec: row or column",
        "dims": "1 or 2 axes",
    }

    def read(self, given: Mapping[str, Any], notation: Notation, limit: int) -> Transposed:
        """Validate a problem."""
        layer = read_layer(given, notation.index_base, limit, by_input_channel=True)
        dims = len(layer.stride)
        extra = per_axis("output_padding", given.get("output_padding", 0), dims, 0)
        padding = given.get("padding", 0)
        named = size_mode(padding)
        if named == "same" and any(extra):
            raise ProblemError("padding = 'same' sets the output padding itself; leave output_padding out")
        axes = []
        sizes = zip(layer.input.shape[1:], layer.kernel.shape[2:], layer.stride, layer.dilation, strict=True)
        widths = [None] * dims if named else pads(padding, dims)
        for (n, k, s, d), width, more in zip(sizes, widths, extra, strict=True):
            if more >= max(s, d):
                raise ProblemError(
                    f"output_padding is {more}; it must be below max(stride, dilation) = {max(s, d)}, "
                    "or the extra cells would belong to another input size"
                )
            reach = d * (k - 1) + 1
            crop, added = (width, more) if width is not None else _named(str(named), reach, s, more)
            axes.append((n, k, s, d, crop, added))
        made = tuple(_direct_axis(*axis) for axis in axes)
        channels = layer.kernel.shape[1] * layer.groups
        direct = Geometry(made, channels, layer.input.shape[0], layer.groups)
        check_products(direct.products, limit)
        check_cells("the frame", (channels, *(axis.padded for axis in made)), limit)
        check_cells("the stretched input", (layer.input.shape[0], *(a.input + a.reach - 1 for a in made)), limit)
        check_cells("the dilated kernel", (*layer.kernel.shape[:2], *(axis.reach for axis in made)), limit)
        return Transposed(layer, direct, tuple(axis[-1] for axis in axes), notation.index_base)

    def derive(self, setting: Transposed, notation: Notation, ask: str, detail: Detail) -> Solved:
        """Derive every step and quantity."""
        work = Work(setting, notation, detail, only_size=ask == "size")
        steps = [work.given(), work.size(ask == "size")]
        if ask == "output":
            steps += [*work.scattered("Method 1: scatter and add"), result_step(work.output, work.lead)]
            matrix = matrix_method(work, ask, "Method 2: the transposed matrix")
            number = 3 if matrix else 2
            steps += matrix
            steps += direct_method(work, f"Method {number}: a direct convolution on the stretched input")
            steps += work.check()
        elif ask != "size":
            steps += matrix_method(work, ask, "The matrix")
        return Solved(tuple(steps), work.quantities, self.answer(setting, ask))

    def answer(self, setting: Transposed, ask: str) -> str:
        """The label of the quantity that an ask is about."""
        del setting
        return {"output": "output", "size": "size", "matrix": "C", "transposed_matrix": "C^T"}[ask]

    def oracle(self, setting: Transposed, operands: Mapping[str, Array]) -> Oracle:
        """Every quantity from NumPy: scatter, add, crop; C by probing the direct layer."""
        layer, direct = setting.layer, setting.direct
        x, w = operands["input"], operands["kernel"]
        dims, extra, groups = direct.dims, setting.output_padding, layer.groups
        cropped = [axis.padding for axis in direct.axes]
        scatter = partial(numeric.scatter, w=w, stride=layer.stride, dilation=layer.dilation, groups=groups)

        def output() -> Array:
            maps = numeric.crop(scatter(x, extra=extra), cropped)
            return maps + operands["bias"].reshape(-1, *(1,) * dims) if "bias" in operands else maps

        def partial_matrix(at: Index) -> Array:
            alone = np.zeros_like(x)
            alone[at] = x[at]
            return numeric.squeeze(scatter(alone, extra=extra), 1)

        def unrolled() -> Array:
            back = partial(
                numeric.correlate, w=w, stride=layer.stride, pads=cropped, dilation=layer.dilation, groups=groups
            )
            return numeric.matrix_at_once(back, (direct.channels, *direct.input), layer.order, w.dtype)

        def stretched() -> Array:
            reach = [axis.reach for axis in direct.axes]
            widths = [(k - 1, k - 1 + e) for k, e in zip(reach, extra, strict=True)]
            return numeric.crop(numeric.pad(numeric.dilate(x, layer.stride), widths), cropped)

        plain = {
            "input": lambda: numeric.squeeze(x, 1),
            "kernel": lambda: numeric.squeeze(w, 2),
            "output": lambda: numeric.squeeze(output(), 1),
            "frame": lambda: numeric.squeeze(scatter(x, extra=extra), 1),
        }

        def others() -> Oracle:
            return {
                "bias": lambda: operands["bias"],
                "size": lambda: np.array(output().shape[1:]),
                "C": unrolled,
                "C^T": lambda: unrolled().T,
                "dilated": lambda: numeric.squeeze(numeric.dilate(w, layer.dilation), 2),
                "flipped": lambda: numeric.squeeze(numeric.rotate(numeric.dilate(w, layer.dilation), dims), 2),
                "stretched": lambda: numeric.squeeze(stretched(), 1),
            }

        def partials() -> Oracle:
            numbered = enumerate(np.ndindex(*x.shape), setting.index_base)
            return {f"A_{n}": partial(partial_matrix, at) for n, at in numbered}

        return Parts(lambda: plain, lambda: checks.sums(plain), others, partials)

    def routes(self, setting: Transposed) -> tuple[tuple[str, Transposed], ...]:
        """Ways that are as right as the setting's: the other order of vec."""
        if setting.direct.dims == 1:
            return ()
        order = "column" if setting.layer.order == "row" else "row"
        return ((f"vec along the {order}s throughout", replace(setting, layer=replace(setting.layer, order=order))),)

    def samples(self) -> tuple[dict[str, Any], ...]:
        """Problems for the generic tests."""
        a, k = "1 3 2; 2 5 6; 7 1 3", "0 1; 3 2"
        return (
            {"input": a, "kernel": k},
            {"input": a, "kernel": k, "stride": 2},
            {"input": "3 4; 1 7", "kernel": "2 0; 1 -1"},
            {"input": "3 4; 1 7", "kernel": "2 0 1; 1 -1 3; 0 2 1", "stride": 2, "padding": 1, "output_padding": 1},
            {"input": "1 2 3", "kernel": "1/2 -1", "stride": 3, "bias": 1},
            {"input": "1 2 3", "kernel": "1 -1 2", "dilation": 2, "padding": [[1, 0]]},
            {
                "input": "1 2; 3 4",
                "kernel": "1 2; 0 1",
                "dilation": 2,
                "stride": [1, 2],
                "padding": [0, 1],
                "order": "column",
            },
            {
                "input": ["1 2; 3 4", "0 1; 1 0"],
                "kernel": [["1 0; 0 1", "1 1; 0 0"], ["0 2; 1 0", "1 0; 0 -1"]],
                "bias": [1, 0],
            },
            {"input": ["1 2; 3 4", "0 1; 1 0"], "kernel": [["1 0; 0 1"], ["0 2; 1 0"]], "groups": 2, "stride": 2},
            {"input": {"symbols": "x", "shape": [2, 2]}, "kernel": {"symbols": "w", "shape": [2, 2]}},
            {"input": "1 a", "kernel": "2 b", "stride": 2, "ask": "transposed_matrix"},
            {"input": "1 2; 3 4", "kernel": "1 2; 0 1", "ask": "matrix"},
            {"input": "1 2; 3 4", "kernel": "1 2 0; 0 1 1; 1 1 1", "padding": "same", "stride": 2, "ask": "size"},
            {"input": "1 2 3", "kernel": "1 -1 2 1 3", "stride": 2, "padding": 1, "output_padding": 1},
        )


def _named(padding: str, reach: int, stride: int, extra: int) -> tuple[tuple[int, int], int]:
    """The crop and output padding that a size mode means; same gives s times the input, as TensorFlow does."""
    if padding == "valid":
        return (0, 0), extra
    if padding == "full":
        return (reach - 1, reach - 1), extra
    total = max(reach - stride, 0)
    return (total // 2, total - total // 2), max(stride - reach, 0)


def _direct_axis(n: int, k: int, s: int, d: int, width: tuple[int, int], extra: int) -> Axis:
    """The axis of the direct layer from the output back to the input. Dumoulin & Visin, relation 14."""
    reach = d * (k - 1) + 1
    out = s * (n - 1) + reach - sum(width) + extra
    if out < 1:
        raise ProblemError(
            f"padding crops {sum(width)} cells, but only {s * (n - 1) + reach + extra} were scattered; "
            "make the padding smaller"
        )
    return Axis(out, k, s, width, d)


TRANSPOSED_CONVOLUTION = TransposedConvolution()
