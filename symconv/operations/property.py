"""Properties of convolution, proved with letters for the given shapes, and examples of where each one fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from symconv import numeric
from symconv.errors import ProblemError
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.operands import choice, read_operand
from symconv.operations.base import Detail, Misconception, Oracle, Solved, instead
from symconv.operations.geometry import check_products
from symconv.operations.property_failures import FAILURES
from symconv.operations.property_steps import OPERANDS, Statement, Work, third_letter
from symconv.tensor import Tensor

NAMES = tuple(OPERANDS)


class Property:
    """State a property of the full convolution, prove it for the given shapes, or show where it fails.

    The proof is an identity of polynomials in the letters of the operands: both sides are worked out by SymPy, and
    the oracle works out each side by NumPy, at random rationals for the letters and at random integers.

    >>> from symconv import Problem, solve
    >>> solve(Problem("property", name="commutativity", input="x_1 x_2", kernel="w_1 w_2")).answer
    [w_{1}*x_{1}, w_{1}*x_{2} + w_{2}*x_{1}, w_{2}*x_{2}]
    """

    name = "property"
    summary = "commutativity, linearity, ...: proofs and failures"
    example = "symconv solve property --name associativity"
    asks = ("proof", "counterexample")
    keys: Mapping[str, str] = {
        "name": ", ".join(NAMES),
        "input": "an array; letters unless given",
        "kernel": "an array (separability: a column); letters unless given",
        "other": "the third array where there is one: a second input or kernel, or (adjoint) an output; "
        "letters unless given",
    }

    def read(self, given: Mapping[str, Any], notation: Notation, limit: int) -> Statement:
        """Validate a problem."""
        name = choice("name", given.get("name"), NAMES)
        shapes = OPERANDS[name]
        if given.get("other") is not None and "other" not in shapes:
            raise ProblemError(f"other is given, but {name} is about one input and one kernel; leave it out")
        letters = dict(zip("xw", map(notation.cell, (notation.input, notation.kernel)), strict=True))
        letters["v"] = third_letter(notation)
        letters |= {name: name for name in ("alpha", "beta", "z")}
        read = {}
        for label, (letter, shape) in shapes.items():
            usual = {"symbols": letters[letter], "shape": list(shape)} if shape else letters[letter]
            taken = given.get(label) if label in self.keys and given.get(label) is not None else usual
            read[label] = read_operand(label, taken, limit, notation.index_base)
        arrays = [operand for label, operand in read.items() if shapes[label][1]]
        dims = 1 if all(operand.one_row for operand in arrays) and name != "separability" else 2
        operands = {}
        for label, operand in read.items():
            tensor = operand.with_dims(dims) if shapes[label][1] else operand.tensor.reshape(())
            if shapes[label][1] and len(tensor.shape) != dims:
                raise ProblemError(f"{label} has several channels; properties are shown on one, so give one array")
            operands[label] = tensor
        size = len(operands["input"].cells) * len(operands["kernel"].cells)
        check_products(size * max(len(t.cells) for t in operands.values()), limit)
        self._check(name, operands)
        return Statement(name, operands)

    def _check(self, name: str, operands: Mapping[str, Tensor]) -> None:
        """Shapes that have to fit."""
        x, w, v = operands["input"].shape, operands["kernel"].shape, operands.get("other", operands["kernel"]).shape
        wanted = {"linearity": x, "distributivity": w}.get(name)
        if name == "adjoint":
            wanted = tuple(a + b - 1 for a, b in zip(x, w, strict=True))
        if wanted is not None and v != wanted:
            shape = "x".join(map(str, wanted))
            raise ProblemError(f"other is {'x'.join(map(str, v))}, but {name} needs it {shape}; give that shape")
        if name == "separability" and (w[1] != 1 or v[0] != 1):
            raise ProblemError('separability needs a column as kernel and a row as other, such as "1; 2" and "1 3"')
        if name == "convolution_theorem" and len(x) > 1:
            raise ProblemError("convolution_theorem is shown in one dimension; give rows as input and kernel")

    def derive(self, setting: Statement, notation: Notation, ask: str, detail: Detail) -> Solved:
        """Derive every step and quantity."""
        del detail
        work = Work(setting, notation)
        if ask == "proof":
            return Solved((work.given(), work.statement(), work.entries(), work.failure()), work.quantities, "left")
        return Solved((work.failure(),), work.quantities, "left_example")

    def answer(self, setting: Statement, ask: str) -> str:
        """The label of the quantity that an ask is about."""
        del setting
        return "left" if ask == "proof" else "left_example"

    def oracle(self, setting: Statement, operands: Mapping[str, Array]) -> Oracle:
        """Each side by NumPy on its own; the counter-examples from their numbers."""
        return {
            **{label: partial(np.asarray, array) for label, array in operands.items()},
            **_sides(setting.name, operands),
            **_examples(setting.name),
        }

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """That a correlation has the properties of a convolution."""
        return MISCONCEPTIONS

    def samples(self) -> tuple[dict[str, Any], ...]:
        """Problems for the generic tests."""
        two = {"input": {"symbols": "x", "shape": [2, 2]}, "kernel": {"symbols": "w", "shape": [2, 2]}}
        return (
            *({"name": name} for name in NAMES),
            {"name": "commutativity", **two},
            {"name": "flip_identity", **two},
            {"name": "shift_equivariance", "input": "1 2 -1", "kernel": "3 1 2"},
            {"name": "commutativity", "input": "1 2 -1", "kernel": "3 1 2"},
            *({"name": name, "ask": "counterexample"} for name in NAMES),
        )


def _full(a: Array, b: Array) -> Array:
    return numeric.convolve(a, b)


def _correlated(a: Array, b: Array) -> Array:
    """The full correlation: the kernel slides as it is."""
    ones, pads = [1] * a.ndim, [(size - 1, size - 1) for size in b.shape]
    return np.asarray(numeric.correlate(a[None], b[None, None], ones, pads, ones)[0])


def _delayed(a: Array) -> Array:
    return numeric.pad(a, [(1, 0)] * a.ndim)


def _sides(name: str, given: Mapping[str, Array]) -> Mapping[str, Callable[[], Array]]:
    """The two sides, and what they are made of."""
    x, w = given["input"], given["kernel"]
    v = given.get("other", w)

    def y() -> Array:
        return _full(x, w)

    def back() -> Array:
        cut: Any = tuple(slice(size - 1, size - 1 + cells) for size, cells in zip(w.shape, x.shape, strict=True))
        return np.asarray(_full(v, numeric.rotate(w, w.ndim))[cut])

    def power(a: Array) -> Array:
        return np.asarray(sum(cell * given["z"][()] ** n for n, cell in enumerate(a.tolist())))

    sides: dict[str, tuple[Callable[[], Array], Callable[[], Array]]] = {
        "linearity": (
            lambda: _full(given["alpha"] * x + given["beta"] * v, w),
            lambda: given["alpha"] * y() + given["beta"] * _full(v, w),
        ),
        "shift_equivariance": (lambda: _full(_delayed(x), w), lambda: _delayed(y())),
        "commutativity": (y, lambda: _full(w, x)),
        "associativity": (lambda: _full(y(), v), lambda: _full(x, _full(w, v))),
        "distributivity": (lambda: _full(x, w + v), lambda: y() + _full(x, v)),
        "separability": (lambda: _full(x, w @ v), lambda: _full(y(), v)),
        "flip_identity": (lambda: _correlated(x, w), lambda: _full(x, numeric.rotate(w, w.ndim))),
        "convolution_theorem": (lambda: power(y()), lambda: np.asarray(power(x) * power(w))),
        "adjoint": (lambda: np.asarray((y() * v).sum()), lambda: np.asarray((x * back()).sum())),
    }
    left, right = sides[name]
    return {
        "left": left,
        "right": right,
        "output": y,
        "flipped": lambda: numeric.rotate(w, w.ndim),
        "delayed": lambda: _delayed(x),
        "product": lambda: w @ v,
        "back": back,
    }


def _examples(name: str) -> Mapping[str, Callable[[], Array]]:
    """The two sides of the counter-example."""
    x, w, v = (np.array(FAILURES[name].operands[label]) for label in ("x", "w", "v"))
    sides: dict[str, tuple[Callable[[], Array], Callable[[], Array]]] = {
        "linearity": (lambda: _full(2 * x, w) + 1, lambda: 2 * (_full(x, w) + 1)),
        "shift_equivariance": (lambda: _full(_delayed(x), w)[::2], lambda: _delayed(_full(x, w)[::2])),
        "commutativity": (lambda: _correlated(x, w), lambda: _correlated(w, x)),
        "associativity": (lambda: _correlated(_correlated(x, w), v), lambda: _correlated(x, _correlated(w, v))),
        "distributivity": (
            lambda: np.maximum(_full(x, w + v), 0),
            lambda: np.maximum(_full(x, w), 0) + np.maximum(_full(x, v), 0),
        ),
        "separability": (lambda: x, lambda: w @ v),
        "flip_identity": (lambda: _correlated(x, w), lambda: _full(x, w)),
        "convolution_theorem": (
            lambda: _full(x, w),
            lambda: np.array([_full(x, w)[0] + _full(x, w)[2], _full(x, w)[1]]),
        ),
        "adjoint": (
            lambda: np.asarray((_full(x, w) * v).sum()),
            lambda: np.asarray((x * _full(v, w)[1:-1]).sum()),
        ),
    }
    left, right = sides[name]
    return {"left_example": left, "right_example": right}


def _unflipped(setting: Statement, arrays: Mapping[str, Array]) -> Array | None:
    if setting.name != "commutativity":
        return None
    return _correlated(arrays["input"], arrays["kernel"])


def _not_delayed(setting: Statement, arrays: Mapping[str, Array]) -> Array | None:
    return _full(arrays["input"], arrays["kernel"]) if setting.name == "shift_equivariance" else None


MISCONCEPTIONS = (
    Misconception(
        "correlation_commutes",
        "What holds for a convolution holds for a correlation.",
        "Swapping the operands of a correlation reverses the result.",
        after=instead("left", _unflipped),
    ),
    Misconception(
        "shift_invariant",
        "A delayed input gives the same output.",
        "It gives the delayed output: the map is equivariant, not invariant.",
        after=instead("left", _not_delayed),
    ),
)
PROPERTY = Property()
