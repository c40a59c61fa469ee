"""A small network by hand: convolutions, non-linearities, pooling, flattening, dense layers; forward and backward."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

from symconv.errors import ProblemError
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.operations import network_oracle
from symconv.operations.base import Detail, Misconception, Oracle, Solved
from symconv.operations.network_backward import Back
from symconv.operations.network_borrowed import BORROWED
from symconv.operations.network_forward import Forward
from symconv.operations.network_layers import TAKES, Network, read_network
from symconv.operations.network_misconceptions import MISCONCEPTIONS
from symconv.operations.upstream import read_upstream


class NetworkOperation:
    """Run a network layer by layer, and go back through it by the chain rule.

    Each layer is a problem of an operation of its own, which derives its sums. The oracle runs NumPy through them all.
    Its gradients share nothing with the chain rule: it holds every choice (which entry is positive, which the largest)
    as it was, so that the rest of the network is affine in each number, raises that number by 1, and runs the rest
    again: the difference is the derivative exactly.
    """

    name = "network"
    summary = "a small network by hand: maps, shapes, gradients"
    example = (
        'symconv solve network --input "1 -2 3; 0 1 1; 2 -1 0" '
        '--layers \'[{kind = "conv", kernel = "1 0; 0 -1"}, {kind = "relu"}]\''
    )
    asks = ("output", "sizes", "gradients")
    keys: Mapping[str, str] = {
        "input": "a matrix, or a list with one per channel",
        "layers": "a list of tables with kind and what the kind takes: "
        + "; ".join(f"{kind}: {', '.join(takes) or 'nothing'}" for kind, takes in TAKES.items()),
        "upstream": "for gradients: dL/dY in the shape of the output: numbers or letters; letters g unless given",
        "dims": "1 or 2 axes",
    }

    def read(self, given: Mapping[str, Any], notation: Notation, limit: int) -> Network:
        """Validate a problem."""
        network = read_network(given, notation, limit)
        if given.get("ask") != "gradients":
            return network
        last = network.stages[-1]
        upstream = read_upstream(given.get("upstream"), notation, limit, last.output, {}, "network")
        return replace(network, upstream=upstream)

    def derive(self, setting: Network, notation: Notation, ask: str, detail: Detail) -> Solved:
        """Derive every step and quantity."""
        forward = Forward(setting, notation, detail)
        steps = [forward.given(), forward.sizes(ask == "sizes")]
        if ask == "sizes":
            return Solved(tuple(steps), forward.quantities, self.answer(setting, ask))
        steps += [*forward.steps(), forward.result()]
        if setting.upstream is None:
            if ask == "gradients":
                raise ProblemError("ask is 'gradients', but the problem was read without; write ask in the problem")
            return Solved(tuple(steps), forward.quantities, self.answer(setting, ask))
        back = Back(forward, setting.upstream)
        steps = [back.given(steps[0]), *steps[1:], back.start(), *back.steps(), back.result(), *back.check()]
        return Solved(tuple(steps), forward.quantities, self.answer(setting, ask))

    def answer(self, setting: Network, ask: str) -> str:
        """The label of the quantity that an ask is about."""
        return {"output": "output", "sizes": f"shape[{setting.stages[-1].number}]", "gradients": "gradient"}[ask]

    def oracle(self, setting: Network, operands: Mapping[str, Array]) -> Oracle:
        """Every map from NumPy, every gradient by exact differences."""
        return network_oracle.oracle(setting, operands)

    def elsewhere(self, setting: Network, here: Mapping[str, Array], random: Random) -> Mapping[str, Array]:
        """Other operands, of the shapes of `here`, at which the same entries are positive and the same are largest."""
        return network_oracle.elsewhere(setting, here, random)

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """Mistakes of order, of what is left out, and of what goes back; and those of a transposed convolution."""
        return (*MISCONCEPTIONS, *BORROWED)

    def samples(self) -> tuple[dict[str, Any], ...]:
        """Problems for the generic tests."""
        picture, small = "1 0 2 1; 3 1 0 2; 0 2 1 1; 1 0 4 2", "1 0 2; 3 -1 0; 0 2 1"
        conv = {"kind": "conv", "kernel": "1 -1; 0 2", "bias": -2}
        pool, relu, flat = {"kind": "pool", "size": 2, "stride": 1}, {"kind": "relu"}, {"kind": "flatten"}
        dense = {"kind": "dense", "weights": "2 1 0 -1", "bias": -5}
        whole = [conv, relu, pool, flat, dense]
        two = {"kind": "conv", "kernel": [["1 -1; 0 1"], ["0 2; -1 0"]], "bias": [0, 1]}
        both = {"kind": "conv", "kernel": [["1 1; 1 0", "0 1; 2 -1"]]}
        leaky = {"kind": "leaky_relu", "slope": "1/2"}
        units = {"kind": "dense", "weights": "1 0 2 -1 1 3 0 1"}
        line = [
            {"kind": "conv", "kernel": "1 -2 1", "bias": 1, "padding": 1},
            relu,
            {"kind": "pool", "method": "average", "size": 2},
            {"kind": "dense", "weights": "2 -2 4"},
        ]
        mean, larger = (
            {"kind": "pool", "method": "global_average"},
            {"kind": "upsample", "method": "bilinear", "scale": 2},
        )
        back = {"kind": "transposed_conv", "kernel": "1 -1 0; 2 1 -1; 0 3 1", "bias": 1, "stride": 2, "padding": 1}
        halved = {"kind": "conv", "kernel": "1 0 -1; 0 2 0; 1 0 1", "bias": -1, "stride": 2, "padding": 1}
        fan = {"kind": "transposed_conv", "kernel": [["1 2", "0 -1"], ["3 0", "1 1"]], "dilation": 2}
        spread = {"kind": "conv", "kernel": "1 -1; 0 2", "bias": 1, "stride": 2, "padding": 1, "flip": True}
        return (
            {"input": picture, "layers": whole},
            {"input": picture, "layers": whole, "ask": "gradients", "upstream": "1"},
            {"input": [small, "0 1 1; 1 0 2; -1 2 0"], "layers": [both, relu, pool]},
            {"input": picture, "layers": whole, "ask": "sizes"},
            {"input": "2 -1 3 0 1 4", "layers": line},
            {"input": "2 -1 3 0 1 4", "layers": line, "ask": "gradients", "upstream": "3"},
            {"input": small, "layers": [two, leaky, flat, units]},
            {"input": small, "layers": [two, leaky, mean], "ask": "gradients", "upstream": ["4", "-8"]},
            {"input": small, "layers": [two, {"kind": "maxout"}, {**pool, "method": "average"}]},
            {"input": small, "layers": [two, {"kind": "maxout"}, pool], "ask": "gradients"},
            {"input": small, "layers": [two, relu, both], "ask": "gradients", "upstream": "1"},
            {"input": small, "layers": [spread, relu, larger]},
            {
                "input": "1 2; 0 -1",
                "layers": [{"kind": "upsample", "size": 3}, conv, larger],
                "ask": "gradients",
                "upstream": "16 32 0 -16; 0 16 32 0; 48 16 0 16; 0 -32 16 16",
            },
            {"input": picture, "layers": [halved, relu, {**back, "output_padding": 1}]},
            {
                "input": "1 0 2; 3 1 0; 0 2 1",
                "layers": [conv, relu, {**back, "kernel": "2 1; -1 3"}],
                "ask": "gradients",
                "upstream": "1 0; -1 3",
            },
            {"input": ["1 2 -1", "0 1 3"], "layers": [fan, relu, flat], "dims": 1, "ask": "gradients"},
            {"input": "1 2; 0 -1", "layers": [{**flat, "order": "column"}, {"kind": "dense", "weights": "1 0 -1 2"}]},
        )


NETWORK = NetworkOperation()
