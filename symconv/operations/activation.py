"""Non-linearities on a feature map: sigmoid, tanh, ReLU, leaky ReLU, ELU, maxout, and their derivatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from symconv import exact_numbers, numeric
from symconv.entries import value
from symconv.errors import ProblemError, shown
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.operands import choice, read_operand, too_deep
from symconv.operations.activation_steps import EXPONENTIAL, KINDS, LARGEST, PLACES, Activation, Work
from symconv.operations.base import Detail, Misconception, Oracle, Solved, instead
from symconv.tensor import Entry


class ActivationOperation:
    """Apply a non-linear function to every entry; maxout takes the largest entry across the channels.

    Everything rational is exact. An exponential is kept as its closed form, 1/(1 + exp(-3)), with its decimal to four
    places beside it. Such a value is no rational, so it is confirmed in another way: the oracle computes the function
    by a different formula with Python's `decimal` at 90 digits, and the closed form, which SymPy evaluates, must agree
    with it to 50 decimals (`exact_numbers.Digits`). The rounded decimals are then compared exactly.
    """

    name = "activation"
    summary = "sigmoid, tanh, ReLU, leaky ReLU, ELU, maxout of a map"
    example = 'symconv solve activation --kind leaky_relu --slope 1/10 --input "1 -2; 0 3"'
    asks = ("output", "derivative")
    keys: Mapping[str, str] = {
        "input": "a matrix, or a list with one per channel",
        "kind": ", ".join(KINDS),
        "slope": "leaky_relu: the slope on the negative side, 1/100 unless given",
        "alpha": "elu: how far the negative side falls, 1 unless given",
    }

    def read(self, given: Mapping[str, Any], notation: Notation, limit: int) -> Activation:
        """Validate a problem."""
        if given.get("input") is None:
            raise ProblemError('input is missing; write a matrix such as input = "1 -2; 0 3"')
        x = read_operand("input", given["input"], limit, notation.index_base)
        kind = choice("kind", given.get("kind", "relu"), KINDS)
        tensor = x.with_dims(1 if x.one_row else 2)
        if len(tensor.shape) == 1 + (not x.one_row):
            tensor = tensor.reshape((1, *tensor.shape))
        if len(tensor.shape) > 3:
            raise too_deep("input", len(tensor.shape))
        parameter: Entry = 0
        for key, owner, usual in (("slope", "leaky_relu", Fraction(1, 100)), ("alpha", "elu", 1)):
            if given.get(key) is not None and kind != owner:
                raise ProblemError(f"{key} belongs to kind = {owner!r}, but kind is {kind!r}; leave it out")
            if kind == owner:
                parameter = _rational(key, given.get(key, usual))
        setting = Activation(tensor, kind, parameter)
        if kind == "maxout" and tensor.shape[0] == 1:
            raise ProblemError("maxout takes the largest entry across channels, but input has one; give a list of them")
        if kind in EXPONENTIAL:
            for cell in tensor.cells:
                if hasattr(cell, "free_symbols") or abs(cell) > LARGEST:
                    raise ProblemError(
                        f"input has the entry {shown(str(cell))}; {kind} is worked out for numbers from -{LARGEST} to "
                        f"{LARGEST}"
                    )
        return setting

    def derive(self, setting: Activation, notation: Notation, ask: str, detail: Detail) -> Solved:
        """Derive every step and quantity."""
        work = Work(setting, notation, detail)
        if ask == "derivative" and setting.has_letters:
            raise ProblemError("ask is 'derivative', but input has letters: on which side of 0 they lie is not known")
        steps = [work.given(), work.law(), work.entries()]
        if ask == "derivative":
            steps.append(work.derivative())
        steps.append(work.result(ask))
        return Solved(tuple(steps), work.quantities, ask)

    def answer(self, setting: Activation, ask: str) -> str:
        """The label of the quantity that an ask is about."""
        del setting
        return ask

    def oracle(self, setting: Activation, operands: Mapping[str, Array]) -> Oracle:
        """Each entry by a formula of its own: comparisons, and exponentials to many digits."""
        x, kind, p = operands["input"], setting.kind, setting.parameter
        made = {
            "output": lambda: numeric.squeeze(_applied(x, kind, p), 1),
            "derivative": lambda: numeric.squeeze(_slope(x, kind, p), 1),
        }
        return {
            "input": lambda: numeric.squeeze(x, 1),
            **made,
            "size": lambda: np.array(x.shape[1:]),
            "decimal": lambda: _rounded(made["output"]()),
            "decimal(derivative)": lambda: _rounded(made["derivative"]()),
        }

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """Functions that are taken for one another."""
        return MISCONCEPTIONS

    def samples(self) -> tuple[dict[str, Any], ...]:
        """Problems for the generic tests."""
        a = "1 -2 0; 3 -1/2 4"
        maps = ["1 -2; 5 0", "3 -4; 2 0", "-1 -3; 2 6"]
        return (
            {"input": a},
            {"input": "1 -2 0; 3 -4 6", "kind": "leaky_relu", "slope": "1/2"},
            {"input": a, "kind": "elu", "alpha": 2},
            {"input": "1 -2 0 3", "kind": "sigmoid"},
            {"input": a, "kind": "tanh"},
            {"input": maps, "kind": "maxout"},
            {"input": maps},
            {"input": "a -2; b_1 3"},
            {"input": ["a 1", "b 2"], "kind": "maxout"},
            *({"input": a, "kind": kind, "ask": "derivative"} for kind in KINDS if kind != "maxout"),
            {"input": maps, "kind": "maxout", "ask": "derivative"},
        )


def _rational(name: str, given: Any) -> int | Fraction:
    """A parameter that is a number."""
    try:
        read = value(given)
    except ProblemError as error:
        raise ProblemError(f"{name}: {error}") from None
    if hasattr(read, "free_symbols"):
        raise ProblemError(f"{name} is {shown(str(read))}; write a number such as 0.1 or 1/10")
    return Fraction(read) if isinstance(read, Fraction) else int(read)


def _each(x: Array, function: Callable[[Any], Any]) -> Array:
    cells = np.empty(x.size, dtype=object)
    cells[:] = [function(cell if isinstance(cell, Fraction) else int(cell)) for cell in x.reshape(-1)]
    return cells.reshape(x.shape)


def _applied(x: Array, kind: str, p: Any) -> Array:
    """The function at every entry, by comparisons and by formulas that the derivation does not use."""
    if kind == "maxout":
        return np.maximum.reduce(x.astype(object), axis=0, keepdims=True)
    formulas: dict[str, Callable[[Any], Any]] = {
        "sigmoid": lambda v: exact_numbers.exp(v) / (exact_numbers.exp(v) + 1),
        "tanh": lambda v: (exact_numbers.exp(2 * v) + -1) / (exact_numbers.exp(2 * v) + 1),
        "relu": lambda v: v if v > 0 else 0,
        "leaky_relu": lambda v: v if v > 0 else p * v,
        "elu": lambda v: v if v > 0 else p * exact_numbers.exp(v) + -p,
    }
    return _each(x, formulas[kind])


def _slope(x: Array, kind: str, p: Any) -> Array:
    """The derivative at every entry, not by way of the function's value."""
    if kind == "maxout":
        first = np.argmax(x.astype(object), axis=0)
        return np.stack([(first == c).astype(int) for c in range(x.shape[0])])
    formulas: dict[str, Callable[[Any], Any]] = {
        "sigmoid": lambda v: exact_numbers.exp(v) / ((exact_numbers.exp(v) + 1) * (exact_numbers.exp(v) + 1)),
        "tanh": lambda v: (
            4 / ((exact_numbers.exp(v) + exact_numbers.exp(-v)) * (exact_numbers.exp(v) + exact_numbers.exp(-v)))
        ),
        "relu": lambda v: int(v > 0),
        "leaky_relu": lambda v: 1 if v > 0 else p,
        "elu": lambda v: 1 if v > 0 else p * exact_numbers.exp(v),
    }
    return _each(x, formulas[kind])


def _rounded(x: Array) -> Array:
    return np.array([(exact_numbers.Digits(0) + cell).rounded(PLACES) for cell in x.reshape(-1)], dtype=object).reshape(
        x.shape
    )


def _mistake(name: str) -> Callable[[Activation, Mapping[str, Array]], Array | None]:
    """A wrong formula for one kind."""
    formulas: dict[str, tuple[str, Callable[[Any, Any], Any]]] = {
        "absolute": ("relu", lambda v, _: abs(v)),
        "squashed": ("leaky_relu", lambda v, _: max(v, 0)),
        "everywhere": ("leaky_relu", lambda v, p: p * v),
        "sign": ("sigmoid", lambda v, _: 1 / (exact_numbers.exp(v) + 1)),
        "sigmoid": ("tanh", lambda v, _: 1 / (exact_numbers.exp(-v) + 1)),
        "one": ("elu", lambda v, p: v if v > 0 else p * exact_numbers.exp(v)),
    }
    kind, function = formulas[name]

    def predict(setting: Activation, arrays: Mapping[str, Array]) -> Array | None:
        if setting.kind != kind:
            return None
        return numeric.squeeze(_each(arrays["input"], lambda v: function(v, setting.parameter)), 1)

    return predict


def _summed(setting: Activation, arrays: Mapping[str, Array]) -> Array | None:
    return arrays["input"].sum(axis=0) if setting.kind == "maxout" else None


def _per_map(setting: Activation, arrays: Mapping[str, Array]) -> Array | None:
    x = arrays["input"]
    return x.reshape(x.shape[0], -1).max(axis=1) if setting.kind == "maxout" else None


MISCONCEPTIONS = (
    Misconception(
        "relu_is_absolute_value",
        "ReLU makes every entry positive.",
        "ReLU sets negative entries to 0; it does not turn their sign.",
        after=instead("output", _mistake("absolute")),
    ),
    Misconception(
        "leaky_slope_squashed",
        "A leaky ReLU sets negative entries to 0.",
        "A leaky ReLU multiplies negative entries by its slope.",
        after=instead("output", _mistake("squashed")),
    ),
    Misconception(
        "leaky_slope_everywhere",
        "A leaky ReLU multiplies every entry by its slope.",
        "Only negative entries are multiplied by the slope; positive ones stay.",
        after=instead("output", _mistake("everywhere")),
    ),
    Misconception(
        "sigmoid_sign",
        "The sigmoid is 1 / (1 + exp(x)).",
        "The exponent is -x, so that large entries come close to 1.",
        after=instead("output", _mistake("sign")),
    ),
    Misconception(
        "tanh_is_sigmoid",
        "The hyperbolic tangent and the sigmoid are the same.",
        "The hyperbolic tangent runs from -1 to 1 and is 0 at 0; the sigmoid runs from 0 to 1.",
        after=instead("output", _mistake("sigmoid")),
    ),
    Misconception(
        "elu_one_forgotten",
        "The negative side of an ELU is alpha exp(x).",
        "It is alpha (exp(x) - 1), so that both sides meet in 0.",
        after=instead("output", _mistake("one")),
    ),
    Misconception(
        "maxout_sums",
        "Maxout adds the channels.",
        "Maxout takes the largest entry of the channels at each place.",
        after=instead("output", _summed),
    ),
    Misconception(
        "maxout_per_map",
        "Maxout takes the largest entry of each channel.",
        "Maxout compares the channels with each other, place by place.",
        after=instead("output", _per_map),
    ),
)
ACTIVATION = ActivationOperation()
