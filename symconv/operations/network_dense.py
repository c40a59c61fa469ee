"""A dense layer: a row of weights for each unit, its sums, its gradients, and its oracle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from symconv import numeric
from symconv.document import Equation, Prose, SumTable, WorkedSum
from symconv.errors import ProblemError
from symconv.expression import Put, Ref, op
from symconv.numeric import Array
from symconv.operands import read_operand
from symconv.operations.base import Oracle
from symconv.operations.geometry import read_bias
from symconv.operations.steps import dot
from symconv.tensor import Tensor


@dataclass(frozen=True)
class Dense:
    """Weights of the shape (units, values), a bias for each unit; the input is (1, values), the output (1, units)."""

    input: Tensor
    weights: Tensor
    bias: Tensor | None

    @property
    def operands(self) -> dict[str, Tensor]:
        """The operands by name."""
        named = {"input": self.input, "weights": self.weights}
        return named if self.bias is None else {**named, "bias": self.bias}

    @property
    def units(self) -> int:
        """How many numbers come out."""
        return self.weights.shape[0]

    def output(self) -> Tensor:
        """The weighted sums, each with its bias."""

        def unit(at: tuple[int, ...]) -> Any:
            pairs = list(zip(self.weights.part(at[1]).cells, self.input.cells, strict=True))
            return dot(pairs, [] if self.bias is None else [self.bias[(at[1],)]])

        return Tensor.build((1, self.units), unit)


class DenseLayer:
    """What a network asks of a layer's operation: to read it and to confirm it."""

    def read(self, given: Mapping[str, Any], values: int, limit: int, base: int) -> Dense:
        """Read weights and bias for an input of so many values. Raises ProblemError."""
        if given.get("weights") is None:
            raise ProblemError('weights is missing; write one row for each unit, such as weights = "1 0; 2 -1"')
        weights = read_operand("weights", given["weights"], limit, base).tensor
        if len(weights.shape) != 2:
            raise ProblemError(f"weights is nested {len(weights.shape)} deep; write one matrix, a row for each unit")
        if weights.shape[1] != values:
            count = f"{weights.shape[1]} number{'s' * (weights.shape[1] > 1)}"
            raise ProblemError(f"each row of weights has {count}, but {values} values come in; give one for each")
        return Dense(Tensor((1, values), (0,) * values), weights, read_bias(given.get("bias"), weights.shape[0]))

    def oracle(self, setting: Dense, operands: Mapping[str, Array]) -> Oracle:
        """One product of a matrix with a vector."""
        del setting
        x, w = operands["input"], operands["weights"]

        def output() -> Array:
            y = w @ x.reshape(-1)
            return y + operands["bias"] if "bias" in operands else y

        return {
            "input": lambda: numeric.squeeze(x, 1),
            "weights": lambda: w,
            "bias": lambda: operands["bias"],
            "output": output,
        }


DENSE = DenseLayer()


def forward(setting: Dense) -> list[Any]:
    """Every unit as a sum of products."""
    law: Any = op("matmul", Ref("weights"), Ref("input"))
    law = law if setting.bias is None else op("add", law, Ref("bias"))
    text = "Each unit adds up all values, weighted by its row" + (
        ", and its bias:" if setting.bias is not None else ":"
    )
    return [
        Prose(text),
        Equation((Ref("output"), law)),
        SumTable(tuple(_unit(setting, u) for u in range(setting.units))),
    ]


def _unit(setting: Dense, unit: int) -> WorkedSum:
    values = setting.weights.shape[1]
    terms = [Put(op("mul", Ref("weights", (unit, n)), Ref("input", (n,)))) for n in range(values)]
    terms += [] if setting.bias is None else [Put(Ref("bias", (unit,)))]
    return WorkedSum(Ref("output", (unit,)), (tuple(terms),), Put(Ref("output", (unit,))))


def by_weights() -> list[Any]:
    """The gradient by the weights: a column times a row."""
    law = op("matmul", op("vec_row", Ref("upstream")), op("transpose", op("vec_row", Ref("input"))))
    text = (
        "A weight was multiplied by one value and counts in one unit, so its derivative is the upstream entry of the "
    )
    text += "unit times the value: a column times a row."
    return [Prose(text), Equation((Ref("dw"), Put(law), Put(Ref("dw"))))]


def by_bias() -> list[Any]:
    """The gradient by the bias: the upstream gradient itself."""
    text = "The bias of a unit was added to it once, so its derivative is the upstream entry:"
    return [Prose(text), Equation((Ref("db"), Ref("upstream"), Put(Ref("db"))))]


def by_input(setting: Dense, letters: bool) -> list[Any]:
    """The gradient by the values: each counts in every unit."""
    text = "A value counts in every unit, each time with its weight. So the sums go down the columns of {W}:"
    units, values = setting.weights.shape
    lines = []
    for n in range(values):
        terms = tuple(Put(op("mul", Ref("weights", (unit, n)), Ref("upstream", (unit,)))) for unit in range(units))
        lines.append(WorkedSum(Ref("dx", (n,)), (terms,), None if letters else Put(Ref("dx", (n,)))))
    law = op("matmul", op("transpose", Ref("weights")), Ref("upstream"))
    return [Prose(text, {"W": Ref("weights")}), Equation((Ref("dx"), law)), SumTable(tuple(lines))]
