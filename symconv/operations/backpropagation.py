"""Backpropagation through one layer: the gradients by its input, its kernel and its bias."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from symconv.errors import ProblemError
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.operands import read_operand
from symconv.operations import backpropagation_input, backpropagation_steps
from symconv.operations.backpropagation_misconceptions import MISCONCEPTIONS
from symconv.operations.backpropagation_oracle import finite_differences
from symconv.operations.backpropagation_work import Backward, Work, letter_of
from symconv.operations.base import Detail, Misconception, Oracle, Solved
from symconv.operations.inner import read_inner
from symconv.operations.transposed_steps import Transposed

LAYERS = ("convolution", "cross_correlation", "transposed_convolution")
Arrays = Mapping[str, Array]


class Backpropagation:
    """The chain rule for a convolution layer, written out entry by entry.

    The oracle shares nothing with the derivation: a layer is linear in each of its operands, so it raises one entry
    by 1, computes the layer again, and takes the inner product of the difference with the upstream gradient. That
    difference quotient is the derivative exactly, without a limit.
    """

    name = "backpropagation"
    summary = "the gradients of a layer: input, kernel, bias"
    example = """symconv solve backpropagation --of '{operation = "convolution", input = "1 2 3 4", kernel = "2 -1"}'"""
    asks = ("all", "input", "kernel", "bias")
    keys: Mapping[str, str] = {
        "of": "a table: the problem of the layer, with its operation (" + ", ".join(LAYERS) + ") and its keys",
        "upstream": "dL/dY in the shape of the layer's output: numbers or letters; letters g unless given",
    }

    def read(self, given: Mapping[str, Any], notation: Notation, limit: int) -> Backward:
        """Validate a problem."""
        operation, of = read_inner(given.get("of"), LAYERS, notation, limit)
        if isinstance(of, Transposed):
            geometry, maps, size = of.direct, of.direct.channels, of.direct.input
        else:
            geometry, maps, size = of.geometry, of.geometry.filters, of.geometry.output
        letter = letter_of(notation)
        if given.get("upstream") is None:
            lead = (maps,) if maps > 1 else ()
            named = read_operand(
                "upstream", {"symbols": letter, "shape": [*lead, *size]}, limit, notation.index_base
            ).tensor
            used = {str(cell) for tensor in of.operands.values() for cell in tensor.cells}
            if used & {str(cell) for cell in named.cells}:
                raise ProblemError(f"the letters {letter} are taken by the layer's operands; give upstream")
        else:
            named = read_operand("upstream", given["upstream"], limit, notation.index_base).with_dims(geometry.dims)
        if _trimmed(named.shape) != _trimmed((maps, *size)) or len(named.cells) != maps * prod(size):
            raise ProblemError(
                f"upstream is {_by(named.shape)}, but the output of the layer is {_by((maps, *size))}; "
                "give one number for each entry of the output"
            )
        return Backward(operation, of, named.reshape((maps, *size)))

    def derive(self, setting: Backward, notation: Notation, ask: str, detail: Detail) -> Solved:
        """Derive every step and quantity."""
        if ask == "bias" and setting.of.layer.bias is None:
            raise ProblemError("ask is 'bias', but the layer has none; give of.bias one number per output map")
        work = Work(setting, notation, detail)
        steps = [backpropagation_steps.given(work)]
        if ask == "all":
            steps.append(backpropagation_steps.forward(work))
        if ask in ("all", "input"):
            steps += [*backpropagation_input.input_gradient(work), *backpropagation_input.matrix(work)]
        if ask in ("all", "kernel"):
            steps.append(backpropagation_steps.kernel_gradient(work))
        if ask in ("all", "bias") and setting.of.layer.bias is not None:
            steps.append(backpropagation_steps.bias_gradient(work))
        steps.append(backpropagation_steps.result(work, ask))
        if ask == "all":
            steps += backpropagation_steps.check(work)
        return Solved(tuple(steps), work.quantities, self.answer(setting, ask))

    def answer(self, setting: Backward, ask: str) -> str:
        """The label of the quantity that an ask is about."""
        del setting
        return {"all": "gradient", "input": "dx", "kernel": "dw", "bias": "db"}[ask]

    def oracle(self, setting: Backward, operands: Mapping[str, Array]) -> Oracle:
        """Every gradient by exact finite differences of the layer; the rest from the layer's own oracle."""
        return finite_differences(setting, operands)

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """Mistakes in the direction, the size and the operands of a gradient."""
        return MISCONCEPTIONS

    def samples(self) -> tuple[dict[str, Any], ...]:
        """Problems for the generic tests."""
        line = {"operation": "cross_correlation", "input": "1 2 3 4 5", "kernel": "2 0 -1", "bias": 1}
        plane = {"operation": "cross_correlation", "input": "1 0 2 1; 3 1 0 2; 0 2 1 1; 1 0 4 2", "kernel": "1 2; -1 3"}
        maps = ["1 0 2; 0 1 1; 2 1 0", "0 1 1; 1 0 2; 1 2 0"]
        filters = [["1 0; 0 1", "0 1; 1 0"], ["1 1; 0 -1", "2 0; 0 1"]]
        up = {"operation": "transposed_convolution", "input": "1 3; 2 5", "kernel": "0 1 2; 3 2 1; 1 0 1"}
        return (
            {"of": line, "upstream": "1 -2 3"},
            {"of": plane, "upstream": "1 0 2; -1 3 1; 2 0 1"},
            {"of": line},
            {"of": {**line, "operation": "convolution", "padding": [[1, 2]], "stride": 2}, "upstream": "1 -2 4"},
            {"of": {**plane, "padding": 1, "stride": 2, "bias": 2}, "upstream": "1 0 2; -1 3 1; 2 0 1"},
            {"of": {**plane, "operation": "convolution", "dilation": 2, "padding": [1, 0]}},
            {
                "of": {**plane, "padding": 1, "padding_mode": "reflect", "stride": [1, 2]},
                "upstream": "1 0 2; 0 1 1; 2 1 0; -1 0 1; 1 2 1",
            },
            {"of": {"operation": "convolution", "input": "1 2 3", "kernel": "4 5", "padding": "full"}, "ask": "kernel"},
            {"of": {"operation": "cross_correlation", "input": maps, "kernel": filters, "bias": [1, -2]}},
            {
                "of": {
                    "operation": "cross_correlation",
                    "input": maps,
                    "kernel": [["1 0; 0 1"], ["1 1; 0 -1"]],
                    "groups": 2,
                    "bias": [0, 1],
                },
                "upstream": ["1 2; 0 1", "3 1; -1 1"],
                "ask": "bias",
            },
            {
                "of": {**up, "stride": 2, "padding": 1, "output_padding": 1, "bias": 1},
                "upstream": "1 2 0 1; 0 1 1 3; 2 1 0 1; 1 1 1 2",
            },
            {"of": {**up, "order": "column"}, "ask": "input"},
            {"of": {"operation": "transposed_convolution", "input": "1 2", "kernel": "1 3", "stride": 3}},
            {
                "of": {
                    "operation": "convolution",
                    "input": {"symbols": "x", "shape": [4]},
                    "kernel": {"symbols": "w", "shape": [3]},
                    "padding": 1,
                }
            },
        )


def _trimmed(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape without its leading axes of size 1."""
    return _trimmed(shape[1:]) if len(shape) > 1 and shape[0] == 1 else shape


def _by(shape: tuple[int, ...]) -> str:
    kept = _trimmed(shape)
    return "x".join(map(str, kept)) if len(kept) > 1 else f"{kept[0]} long"


BACKPROPAGATION = Backpropagation()
