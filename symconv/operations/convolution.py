"""Convolution (the kernel is flipped) and cross-correlation (it is not), 1-D and 2-D: one operation with a switch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from symconv import numeric
from symconv.errors import ProblemError
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.operands import choice
from symconv.operations import checks, matrix_form
from symconv.operations.base import Detail, Misconception, Oracle, Parts, Solved
from symconv.operations.direct_misconceptions import COMMON as DIRECT_MISCONCEPTIONS
from symconv.operations.direct_misconceptions import ORIENTATION_OF_CONVOLUTION, ORIENTATION_OF_CORRELATION
from symconv.operations.direct_steps import Direct, Work
from symconv.operations.geometry import (
    MODES,
    ORDERS,
    Geometry,
    check_cells,
    check_products,
    read_axes,
    read_layer,
)
from symconv.operations.steps import (
    result_step,
    size_step,
)

METHODS = ("slide", "toeplitz")


@dataclass(frozen=True)
class DirectOperation:
    """Slide a kernel over an input and add the products."""

    name: str
    summary: str
    example: str
    flip: bool

    @property
    def asks(self) -> tuple[str, ...]:
        """What the final answer can be; only a correlation folds its kernel to become a convolution."""
        asks = ("output", "size", "matrix", "transposed_matrix")
        return asks if self.flip else (*asks, "folded")

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """Mistakes of orientation, size, values and channels."""
        turn = ORIENTATION_OF_CONVOLUTION if self.flip else ORIENTATION_OF_CORRELATION
        return (*turn, *DIRECT_MISCONCEPTIONS)

    @property
    def keys(self) -> Mapping[str, str]:
        """What a problem file may set."""
        keys = {
            "input": "a matrix, or a list with one per channel",
            "kernel": "a matrix, a list with one per channel, or a list of such lists with one per filter",
            "stride": "1, or [rows, columns]",
            "padding": "a number, [rows, columns], [[before, after], ...], 'valid', 'same' or 'full'",
            "same": "where the odd cell of 'same' goes: upper (the end) or lower (the start)",
            "padding_mode": ", ".join(MODES),
            "dilation": "1, or [rows, columns]",
            "bias": "one number per filter",
            "groups": "how many groups the channels fall into",
            "order": "the order of vec: row or column",
            "matrix_of": "full size only: whose rows make the Toeplitz blocks, kernel or input",
            "dims": "1 or 2 axes",
        }
        if not self.flip:
            keys["method"] = "slide, or toeplitz for the full correlation: fold, blocks, vec, product, unvec"
        return keys

    def read(self, given: Mapping[str, Any], notation: Notation, limit: int) -> Direct:
        """Validate a problem."""
        layer = read_layer(given, notation.index_base, limit, by_input_channel=False)
        mode = choice("padding_mode", given.get("padding_mode", "zeros"), MODES)
        method = choice("method", given.get("method", "slide"), METHODS)
        padding = given.get("padding", "full" if method == "toeplitz" else 0)
        axes, named = read_axes(layer, padding, mode, given.get("same", "upper"))
        geometry = Geometry(axes, layer.input.shape[0], layer.kernel.shape[0], layer.groups, mode, self.flip)
        check_products(geometry.products, limit)
        check_cells("the padded input", (geometry.channels, *(axis.padded for axis in axes)), limit)
        check_cells("the dilated kernel", (*layer.kernel.shape[:2], *(axis.reach for axis in axes)), limit)
        default = "input" if method == "toeplitz" else "kernel"
        matrix_of = choice("matrix_of", given.get("matrix_of", default), ("kernel", "input"))
        is_full = matrix_form.is_linear_convolution(geometry)
        if method == "toeplitz" and (layer.bias is not None or not is_full):
            raise ProblemError(
                "method = 'toeplitz' needs the full correlation of one input with one kernel, without bias; "
                "leave stride, padding, dilation, groups and bias out"
            )
        if matrix_of == "input" and method == "slide" and not (geometry.dims == 2 and is_full):
            raise ProblemError(
                "matrix_of = 'input' needs the full linear convolution of two matrices, one channel and one filter; "
                "write padding = 'full' with stride, dilation and groups 1"
            )
        return Direct(layer, geometry, named, matrix_of, method)

    def derive(self, setting: Direct, notation: Notation, ask: str, detail: Detail) -> Solved:
        """Derive every step and quantity."""
        if ask == "transposed_matrix" and setting.matrix_of == "input":
            raise ProblemError("ask = 'transposed_matrix' is about the kernel's matrix C; write matrix_of = 'kernel'")
        work = Work(setting, notation, detail, only_size=ask == "size")
        steps = [work.given()]
        steps += [size_step(setting.geometry.axes, ask == "size")] if ask != "folded" else []
        form = (setting.layer, setting.geometry, notation, ask, setting.matrix_of, work.quantities)
        if ask == "folded" or (setting.method == "toeplitz" and ask in ("output", "matrix")):
            steps += matrix_form.by_toeplitz(*form)
            if ask == "output":
                result = result_step(work.output, work.filter_lead)
                steps += [result, *checks.steps(setting.layer, setting.geometry, notation, work.quantities)]
        elif ask != "size":
            steps += [*work.prepared(), work.general_sum()]
            if ask == "output":
                steps += [work.entries(), result_step(work.output, work.filter_lead)]
            steps += matrix_form.steps(*form)
            if ask == "output":
                steps += checks.steps(setting.layer, setting.geometry, notation, work.quantities)
        return Solved(tuple(steps), work.quantities, self.answer(setting, ask))

    def answer(self, setting: Direct, ask: str) -> str:
        """The label of the quantity that an ask is about."""
        if ask == "matrix":
            return "D" if setting.matrix_of == "input" else "C"
        return "C^T" if ask == "transposed_matrix" else ask

    def oracle(self, setting: Direct, operands: Mapping[str, Array]) -> Oracle:
        """Every quantity from NumPy: pad, dilate, flip and slide."""
        layer, geometry = setting.layer, setting.geometry
        x, w = operands["input"], operands["kernel"]
        dims = geometry.dims
        if setting.size_mode:
            reach = [(k - 1) * d + 1 for k, d in zip(w.shape[2:], layer.dilation, strict=True)]
            pads = numeric.pads_for(setting.size_mode, x.shape[1:], reach, layer.stride)
        else:
            pads = [axis.padding for axis in geometry.axes]
        turned = numeric.rotate(w, dims) if self.flip else w
        slide = partial(
            numeric.correlate,
            stride=layer.stride,
            pads=pads,
            dilation=layer.dilation,
            mode=geometry.mode,
            groups=layer.groups,
        )

        def output() -> Array:
            maps = slide(x, turned)
            return maps + operands["bias"].reshape(-1, *(1,) * dims) if "bias" in operands else maps

        def asked() -> Oracle:
            return {"output": lambda: numeric.squeeze(output(), 1), "size": lambda: np.array(output().shape[1:])}

        def shown() -> Oracle:
            return {
                "input": lambda: numeric.squeeze(x, 1),
                "kernel": lambda: numeric.squeeze(w, 2),
                "bias": lambda: operands["bias"],
                "flipped": lambda: numeric.squeeze(numeric.rotate(w, dims), 2),
                "folded": lambda: numeric.squeeze(numeric.rotate(w, dims), 2),
                "folded_columns": lambda: numeric.squeeze(w[..., ::-1], 2),
                "padded": lambda: numeric.squeeze(numeric.pad(x, pads, geometry.mode), 1),
                "dilated": lambda: numeric.squeeze(numeric.dilate(turned, layer.dilation), 2),
                "Q": lambda: numeric.squeeze(slide(x, turned, by_channel=True), 2),
            }

        def matrices() -> Oracle:
            return matrix_form.oracle(layer, partial(slide, w=turned), x, w, setting.matrix_of, self.flip)

        def weights() -> Array:
            ones = np.ones_like(slide(x, turned))
            return numeric.correlate_back(
                ones, turned, x.shape[1:], layer.stride, pads, layer.dilation, geometry.mode, layer.groups
            )

        return Parts(asked, shown, matrices, lambda: checks.oracle(weights, x, w, operands.get("bias"), output))

    def routes(self, setting: Direct) -> tuple[tuple[str, Direct], ...]:
        """Ways that are as right as the setting's: the other order of vec, the other operand as the matrix."""
        orders = {order: replace(setting, layer=replace(setting.layer, order=order)) for order in ORDERS}
        found = [
            (f"vec along the {order}s throughout", one) for order, one in orders.items() if order != setting.layer.order
        ]
        if setting.geometry.dims == 1:
            found = []
        if not matrix_form.is_linear_convolution(setting.geometry):
            return tuple(found)
        for order, one in orders.items() if setting.geometry.dims == 2 else ((setting.layer.order, setting),):
            for operand in ("kernel", "input"):
                if operand != setting.matrix_of:
                    name = f"the matrix from the {operand}, vec along the {order}s"
                    found.append((name, replace(one, matrix_of=operand)))
        return tuple(found)

    def samples(self) -> tuple[dict[str, Any], ...]:
        """Problems for the generic tests."""
        a = "3 2 7 1 6 3; 4 1 1 0 9 8; 8 2 0 1 2 4; 5 6 0 7 1 4; 0 5 4 9 6 0; 4 6 2 4 0 5"
        k = "1 2 2; 2 1 2; 2 2 1"
        channels = ["1 0 2; 0 1 1; 2 1 0", "0 1 1; 1 0 2; 1 2 0"]
        filters = [["1 0; 0 1", "0 1; 1 0"], ["1 1; 0 -1", "2 0; 0 1"]]
        square = {"input": "3 1; 2 4", "kernel": "1 5; 2 3", "method": "toeplitz"}
        toeplitz: tuple[dict[str, Any], ...] = (
            square,
            {**square, "matrix_of": "kernel", "order": "column"},
            {"input": "1 2 3", "kernel": "1/2 -1", "method": "toeplitz"},
            {"input": "1 a", "kernel": "2 b", "dims": 2, "method": "toeplitz", "ask": "matrix"},
            {"input": "1 2 3; 4 5 6", "kernel": "1 -1; 2 3", "ask": "folded"},
        )
        return (
            {"input": a, "kernel": k, "stride": 3},
            {"input": a, "kernel": k},
            {"input": a, "kernel": k, "padding": 1, "dilation": 3},
            {"input": "1 2 3 4 5", "kernel": "1/2 0 -1", "padding": "same"},
            {"input": "1 2 3", "kernel": "4 5", "padding": "full"},
            {"input": "2 1 0 3 1 4 1", "kernel": "1 2 -1", "dilation": 2},
            {"input": "4 5 6; 7 8 9", "kernel": "1 2; 3 4", "padding": "full"},
            {"input": "3 1; 2 4", "kernel": "1 5; 2 3", "padding": "full", "matrix_of": "input", "order": "column"},
            {
                "input": "1 2 3; 4 5 6; 7 8 9",
                "kernel": "1 -1; 2 1",
                "padding": [[1, 0], [0, 2]],
                "padding_mode": "reflect",
            },
            {
                "input": "1 2 3; 4 5 6; 7 8 9",
                "kernel": "1 -1; 2 1",
                "padding": 2,
                "padding_mode": "circular",
                "stride": 2,
            },
            {"input": "1 2 3; 4 5 6", "kernel": "1 -1 2", "padding": [0, 1], "padding_mode": "replicate"},
            {"input": channels, "kernel": filters, "bias": [1, -2]},
            {"input": channels, "kernel": [["1 0; 0 1"], ["1 1; 0 -1"]], "groups": 2, "stride": 2, "padding": 1},
            {"input": {"symbols": "x", "shape": [4, 4]}, "kernel": {"symbols": "w", "shape": [3, 3]}},
            {"input": {"symbols": "x", "shape": [3]}, "kernel": {"symbols": "w", "shape": [2]}, "padding": "full"},
            {"input": "1 a 2; 0 b 1; c 1 1", "kernel": "1 0; 2 -1", "padding": 1, "stride": 2, "ask": "matrix"},
            {"input": "1 2 3", "kernel": "w_1 w_2", "bias": "b", "ask": "transposed_matrix"},
            {"input": "1 2 3; 4 5 6; 7 8 9", "kernel": "1 2", "stride": [2, 1], "ask": "size"},
            *(() if self.flip else toeplitz),
            {"input": "1 2 3 4 5 6", "kernel": "1 -1 2", "padding": "same", "dilation": 2},
            {"input": "1 2 3; 4 5 6", "kernel": "1 -1; 2 1", "padding": [[0, 1], [2, 0]]},
            {"input": "1 2 3; 4 5 6; 7 8 9", "kernel": "1 2; 3 4", "ask": "matrix"},
            {
                "input": "1 2 3 4 5 6; 4 5 6 7 8 9; 7 8 9 1 2 3; 2 0 1 3 5 7",
                "kernel": "1 2 0; 3 4 -1",
                "stride": 2,
                "padding": [0, 1],
            },
        )


CONVOLUTION = DirectOperation(
    "convolution",
    "flip the kernel, slide it, add the products",
    'symconv solve convolution --input "4 5 6; 7 8 9" --kernel "1; 1; 1" --padding full',
    flip=True,
)
CROSS_CORRELATION = DirectOperation(
    "cross_correlation",
    "slide the kernel as it is (deep learning: convolution)",
    'symconv solve cross_correlation --input "3 2 7; 4 1 1; 8 2 0" --kernel "1 0; 0 -1"',
    flip=False,
)
