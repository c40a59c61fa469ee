"""Autocorrelation: an input against copies of itself moved by every lag; symmetric, with its energy in the middle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from itertools import product
from math import prod
from typing import Any

import numpy as np

from symconv import numeric
from symconv.errors import ProblemError
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.operands import choice, per_axis, read_operand
from symconv.operations import checks
from symconv.operations.autocorrelation_steps import Auto, Work
from symconv.operations.base import Detail, Misconception, Oracle, Solved, instead
from symconv.operations.geometry import ORDERS, check_products, read_dims


class Autocorrelation:
    """Correlate an input with itself, 1-D or 2-D."""

    name = "autocorrelation"
    summary = "correlate an input with itself, lag by lag"
    example = 'symconv solve autocorrelation --input "1 2 3"'
    asks = ("output", "matrix", "folded")
    keys: Mapping[str, str] = {
        "input": "a matrix or one row",
        "lags": "the largest lag, or [rows, columns] (default: every lag with an overlap)",
        "order": "the order of vec: row or column",
        "dims": "1 or 2 axes",
    }

    def read(self, given: Mapping[str, Any], notation: Notation, limit: int) -> Auto:
        """Validate a problem."""
        if given.get("input") is None:
            raise ProblemError('input is missing; write a matrix such as input = "1 2; 3 4"')
        operand = read_operand("input", given["input"], limit, notation.index_base)
        dims = read_dims(given, [operand])
        x = operand.with_dims(dims)
        if len(x.shape) > dims:
            raise ProblemError("input has several channels; an autocorrelation takes one matrix or one row")
        most = tuple(n - 1 for n in x.shape)
        lags = most if given.get("lags") is None else per_axis("lags", given["lags"], dims, 0)
        if any(lag > n for lag, n in zip(lags, most, strict=True)):
            found, right = (lags[0], most[0]) if dims == 1 else (list(lags), list(most))
            raise ProblemError(f"lags is {found}; it can be at most {right}, where the copies still overlap")
        order = choice("order", given.get("order", "row"), ORDERS)
        check_products(prod(2 * lag + 1 for lag in lags) * len(x.cells), limit)
        return Auto(x, lags, order if dims == 2 else "row")

    def derive(self, setting: Auto, notation: Notation, ask: str, detail: Detail) -> Solved:
        """Derive every step and quantity."""
        work = Work(setting, notation, detail)
        steps = [work.given()]
        if ask == "output":
            steps += [work.general_sum(), work.entries(), work.result()]
        steps.append(work.folded(ask == "folded"))
        if ask != "folded":
            steps += work.matrix(ask)
        if ask == "output":
            steps += work.check()
        return Solved(tuple(steps), work.quantities, self.answer(setting, ask))

    def answer(self, setting: Auto, ask: str) -> str:
        """The label of the quantity that an ask is about."""
        del setting
        return {"output": "output", "matrix": "C", "folded": "folded"}[ask]

    def oracle(self, setting: Auto, operands: Mapping[str, Array]) -> Oracle:
        """Every quantity from NumPy: pad the input and slide the input itself over it."""
        x = operands["input"]
        full = [n - 1 for n in x.shape]
        turned = numeric.rotate(x, x.ndim)
        lines = x.T if setting.order == "column" else x
        plain = {"input": lambda: x, "output": lambda: _correlate(x, x, setting.lags)}
        numbered = enumerate(lines) if x.ndim == 2 else ()
        return {
            **plain,
            **checks.sums(plain),
            "folded": lambda: turned,
            "folded_columns": lambda: x[:, ::-1],
            "C": lambda: numeric.matrix_of(
                lambda v: _correlate(x, numeric.rotate(v, v.ndim), full), x.shape, setting.order, x.dtype
            ),
            **{f"H_{n}": partial(_toeplitz, line, lines.shape[-1]) for n, line in numbered},
        }

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """Mistakes of orientation and of lags."""
        return (
            Misconception(
                "convolved_with_itself",
                "Correlating the input with itself means convolving it with itself.",
                "A correlation does not flip: as a convolution its second operand must be the folded input.",
                after=instead(
                    "output",
                    lambda setting, given: _correlate(
                        given["input"], numeric.rotate(given["input"], given["input"].ndim), setting.lags
                    ),
                ),
            ),
            Misconception(
                "only_lags_from_zero",
                "Only moves to the right count, so the result starts at lag 0.",
                "Negative lags belong to it too; by symmetry they repeat the entries at the positive ones.",
                after=instead(
                    "output",
                    lambda setting, given: _correlate(given["input"], given["input"], setting.lags)[
                        tuple(slice(lag, None) for lag in setting.lags)
                    ],
                ),
            ),
            Misconception(
                "circular_for_linear",
                "A copy that leaves on one side comes in again on the other.",
                "Beyond its ends the input is zero: only cells that really lie over each other are multiplied.",
                after=instead("output", _circular),
            ),
            Misconception(
                "folded_columns_only",
                "To fold the input it is enough to reverse the order of its columns.",
                "Folding is a turn by 180 degrees: reverse the order of the rows as well.",
                after=instead(
                    "output",
                    lambda setting, given: (
                        _correlate(given["input"], given["input"][::-1], setting.lags)
                        if given["input"].ndim == 2
                        else None
                    ),
                ),
            ),
            Misconception(
                "centre_is_the_total",
                "At lag 0 the cells themselves are added.",
                "At lag 0 each cell is multiplied by itself, so the centre is the sum of the squares, the energy.",
                after=instead("output", _total_in_the_centre),
            ),
        )

    def routes(self, setting: Auto) -> tuple[tuple[str, Auto], ...]:
        """Ways that are as right as the setting's: the other order of vec."""
        if len(setting.lags) == 1:
            return ()
        order = "column" if setting.order == "row" else "row"
        return ((f"vec along the {order}s throughout", replace(setting, order=order)),)

    def samples(self) -> tuple[dict[str, Any], ...]:
        """Problems for the generic tests."""
        return (
            {"input": "1 2 3"},
            {"input": "1 -2 1/2 3", "lags": 2},
            {"input": "3 1; 2 4"},
            {"input": "1 2 0; 3 1 -1", "order": "column"},
            {"input": "1 2 0 4; 3 1 -1 2; 0 1 5 1", "lags": [1, 2]},
            {"input": "1 2; 3 1", "order": "column", "ask": "matrix"},
            {"input": "1 2 0", "ask": "matrix"},
            {"input": "1 2 0; 3 1 -1", "ask": "folded"},
            {"input": "1 a 3", "ask": "folded"},
            {"input": {"symbols": "x", "shape": [4]}},
            {"input": {"symbols": "x", "shape": [2, 2]}},
            {"input": "5"},
        )


def _correlate(x: Array, other: Array, lags: Any) -> Array:
    """Slide `other` over the padded input, from the smallest lag to the largest."""
    ones = [1] * x.ndim
    return np.asarray(numeric.correlate(x[None], other[None, None], ones, [(lag, lag) for lag in lags], ones)[0])


def _toeplitz(line: Array, width: int) -> Array:
    return numeric.matrix_of(partial(np.convolve, line), (width,), "row", line.dtype)


def _circular(setting: Auto, given: Mapping[str, Array]) -> Array:
    """Every entry with a copy that is rolled round."""
    x, axes = given["input"], tuple(range(given["input"].ndim))
    lags = product(*(range(-lag, lag + 1) for lag in setting.lags))
    sums = [(np.roll(x, [-part for part in lag], axes) * x).sum() for lag in lags]
    return np.array(sums).reshape([2 * lag + 1 for lag in setting.lags])


def _total_in_the_centre(setting: Auto, given: Mapping[str, Array]) -> Array:
    made = _correlate(given["input"], given["input"], setting.lags)
    made[setting.lags] = given["input"].sum()
    return made


AUTOCORRELATION = Autocorrelation()
