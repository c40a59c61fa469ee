"""Mistakes that a layer's own operation knows, made inside a network. It knows no mistake itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from symconv.operations import operation
from symconv.operations.activation_steps import Activation
from symconv.operations.base import After, Arrays, Misconception, Operation, Oracle
from symconv.operations.network_layers import Network, Stage
from symconv.operations.transposed_steps import Transposed

NAMES = (
    "padding_not_cropped",
    "output_padding_ignored",
    "output_padding_as_zeros",
    "overlaps_overwritten",
    "stride_ignored",
)


@dataclass(frozen=True)
class Mistaken:
    """Stands for the operation of a layer whose output is made into another one."""

    operation: Operation
    after: After

    def oracle(self, setting: Any, operands: Arrays) -> Oracle:
        """The output as the mistaken person gets it; the right one where another mistake has left nothing to change."""
        right = self.operation.oracle(setting, operands)["output"]()
        wrong = self.after(setting, operands, "output", right)
        return {"output": lambda: right if wrong is None else wrong}


def _mistaken(mistake: Misconception, stage: Stage) -> Stage:
    """The layer with a mistake in it; the same layer where it cannot be made."""
    setting = stage.setting
    if not isinstance(setting, Transposed):
        return stage
    zeros = {name: np.zeros(tensor.shape, dtype=object) for name, tensor in setting.operands.items()}
    if mistake.after is not None:
        right = stage.operation.oracle(setting, zeros)["output"]()
        can = mistake.after(setting, zeros, "output", right) is not None
        return replace(stage, operation=Mistaken(stage.operation, mistake.after)) if can else stage
    seen = mistake.change(setting, zeros) if mistake.change is not None else None  # none of them touches the arrays
    return stage if seen is None else replace(stage, setting=seen[0], output=(stage.output[0], *seen[0].direct.input))


def _made(mistake: Misconception, network: Network, arrays: Arrays) -> tuple[Network, Arrays] | None:
    """The mistake in every layer where it can be made; a map of another size only where nothing behind minds it."""
    stages: list[Stage] = []
    larger = False
    for stage in network.stages:
        follows = larger and isinstance(stage.setting, Activation) and stage.setting.kind != "maxout"
        if larger and not follows:
            return None
        seen = replace(stage, output=stages[-1].output) if follows else _mistaken(mistake, stage)
        larger = seen.output != stage.output
        stages.append(seen)
    if tuple(stages) == network.stages or (larger and network.upstream is not None):
        return None
    return replace(network, stages=tuple(stages)), arrays


BORROWED = tuple(
    replace(mistake, change=partial(_made, mistake), after=None)
    for mistake in operation("transposed_convolution").misconceptions
    if mistake.name in NAMES
)
