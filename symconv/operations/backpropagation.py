"""Backpropagation through one layer: the gradients by its input, its kernel and its bias."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from symconv.errors import ProblemError
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.operations import backpropagation_input, backpropagation_pooling_oracle, backpropagation_steps
from symconv.operations.backpropagation_misconceptions import MISCONCEPTIONS
from symconv.operations.backpropagation_oracle import finite_differences
from symconv.operations.backpropagation_pooling import PoolingBackward, PoolingWork
from symconv.operations.backpropagation_pooling import steps as pooling_steps
from symconv.operations.backpropagation_work import Backward, Work
from symconv.operations.base import Detail, Misconception, Oracle, Solved
from symconv.operations.inner import read_inner
from symconv.operations.transposed_steps import Transposed
from symconv.operations.upstream import read_upstream

LAYERS = ("convolution", "cross_correlation", "transposed_convolution", "pooling")
POOLED = ("max", "min", "average", "global_max", "global_average")
Arrays = Mapping[str, Array]


class Backpropagation:
    """The chain rule for a convolution layer or a pooling, written out entry by entry.

    The oracle shares nothing with the derivation: a layer is linear in each of its operands, so it raises one entry
    by 1, computes the layer again, and takes the inner product of the difference with the upstream gradient. That
    difference quotient is the derivative exactly, without a limit. A maximum is linear as long as the same cell wins.
    """

    name = "backpropagation"
    summary = "gradients of a layer or pooling: input, kernel, bias"
    example = """symconv solve backpropagation --of '{operation = "convolution", input = "1 2 3 4", kernel = "2 -1"}'"""
    asks = ("all", "input", "kernel", "bias")
    keys: Mapping[str, str] = {
        "of": "a table: the problem of the layer, with its operation (" + ", ".join(LAYERS) + ") and its keys",
        "upstream": "dL/dY in the shape of the layer's output: numbers or letters; letters g unless given",
    }

    def read(self, given: Mapping[str, Any], notation: Notation, limit: int) -> Backward | PoolingBackward:
        """Validate a problem."""
        operation, of = read_inner(given.get("of"), LAYERS, notation, limit)
        if operation.name == "pooling":
            if of.kind not in POOLED:
                known = " or ".join(map(repr, POOLED))
                why = "whose derivative (x / norm)^(p - 1) is a root, and sums of different roots are not exact here"
                why = "a sum, whose derivative is 1 by every entry of the window" if of.power == 1 else why
                raise ProblemError(f"of.kind is {of.kind!r} with p = {of.power}, {why}; write {known}")
            if of.reduces in ("max", "min") and of.has_letters:
                raise ProblemError("of.input has letters, so which entry of a window counts is not known; give numbers")
            shape = (of.input.shape[0], *of.outputs)
            return PoolingBackward(
                operation, of, read_upstream(given.get("upstream"), notation, limit, shape, of.operands)
            )
        if isinstance(of, Transposed):
            shape = (of.direct.channels, *of.direct.input)
        else:
            shape = (of.geometry.filters, *of.geometry.output)
        return Backward(operation, of, read_upstream(given.get("upstream"), notation, limit, shape, of.operands))

    def derive(self, setting: Backward | PoolingBackward, notation: Notation, ask: str, detail: Detail) -> Solved:
        """Derive every step and quantity."""
        if isinstance(setting, PoolingBackward):
            if ask in ("kernel", "bias"):
                raise ProblemError(f"ask is {ask!r}, but a pooling has no weights; write ask = 'input'")
            pooling = PoolingWork(setting.of, notation, detail, setting.upstream)
            return Solved(pooling_steps(pooling, ask), pooling.quantities, self.answer(setting, ask))
        if ask == "bias" and setting.of.layer.bias is None:
            raise ProblemError("ask is 'bias', but the layer has none; give of.bias one number per output map")
        work = Work(setting, notation, detail)
        steps = [backpropagation_steps.given(work, ask)]
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

    def answer(self, setting: Backward | PoolingBackward, ask: str) -> str:
        """The label of the quantity that an ask is about."""
        if isinstance(setting, PoolingBackward):
            return "dx"
        return {"all": "gradient", "input": "dx", "kernel": "dw", "bias": "db"}[ask]

    def oracle(self, setting: Backward | PoolingBackward, operands: Arrays) -> Oracle:
        """Every gradient by exact finite differences of the layer; the rest from the layer's own oracle."""
        if isinstance(setting, PoolingBackward):
            return backpropagation_pooling_oracle.oracle(setting, operands)
        return finite_differences(setting, operands)

    def elsewhere(self, setting: Backward | PoolingBackward, here: Arrays, random: Random) -> Arrays:
        """Other operands at which the same holds: of a maximum, with the same cells the largest. `here` to arrays."""
        if isinstance(setting, PoolingBackward):
            return backpropagation_pooling_oracle.elsewhere(setting, here, random)
        return {}

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """Mistakes in the direction, the size and the operands of a gradient."""
        return (*MISCONCEPTIONS, *backpropagation_pooling_oracle.MISCONCEPTIONS)

    def samples(self) -> tuple[dict[str, Any], ...]:
        """Problems for the generic tests."""
        line = {"operation": "cross_correlation", "input": "1 2 3 4 5", "kernel": "2 0 -1", "bias": 1}
        plane = {"operation": "cross_correlation", "input": "1 0 2 1; 3 1 0 2; 0 2 1 1; 1 0 4 2", "kernel": "1 2; -1 3"}
        maps = ["1 0 2; 0 1 1; 2 1 0", "0 1 1; 1 0 2; 1 2 0"]
        filters = [["1 0; 0 1", "0 1; 1 0"], ["1 1; 0 -1", "2 0; 0 1"]]
        up = {"operation": "transposed_convolution", "input": "1 3; 2 5", "kernel": "0 1 2; 3 2 1; 1 0 1"}
        grid = "3 2 7 1; 4 1 1 7; 8 2 0 1; 5 8 0 7"
        pool = {"operation": "pooling", "input": grid, "size": 2}
        mean = {**pool, "kind": "average"}
        tops = ["1 2; 3 3", "4 0; -1 4"]
        pooled: tuple[dict[str, Any], ...] = (
            {"of": pool, "upstream": "1 -2; 3 4"},
            {"of": {**pool, "size": 3, "stride": 1}, "upstream": "5 -2; 3 4"},
            {"of": {**pool, "stride": 1}},
            {"of": {**pool, "kind": "min", "size": 3, "stride": 2, "padding": 1}, "upstream": "1 2; 3 -4"},
            {"of": {"operation": "pooling", "input": "1 5 5 2 6", "size": 2, "ceil_mode": True}, "upstream": "1 2 3"},
            {"of": {"operation": "pooling", "input": tops, "kind": "global_max"}, "upstream": ["2", "-3"]},
            {"of": mean, "upstream": "4 -8; 3 1"},
            {"of": {**mean, "size": 3, "stride": 1}, "upstream": "9 -18; 27 36"},
            {"of": {**mean, "size": 3, "stride": 2, "padding": 1}, "upstream": "9 18; -9 27"},
            {
                "of": {**mean, "size": 3, "stride": 2, "padding": 1, "count_include_pad": False},
                "upstream": "4 12; -6 18",
            },
            {"of": {**mean, "size": 3, "stride": 2, "ceil_mode": True}, "ask": "input"},
            {"of": {"operation": "pooling", "input": tops, "kind": "global_average"}, "upstream": ["2", "-3"]},
            {"of": {**mean, "input": "a b c d e", "dilation": 2}, "upstream": "4 -2"},
        )
        return (
            *pooled,
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


BACKPROPAGATION = Backpropagation()
