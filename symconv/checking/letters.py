"""Mistakes behind answers in letters: the problem with large numbers for its letters, at which no two answers agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from symconv import algebra, numeric
from symconv.checking.diagnosis import Verdict
from symconv.checking.handed import Value
from symconv.numeric import Array
from symconv.problem import Problem

LEAST, MOST = 10**4, 10**6  # what a letter stands for
SAYS_ALL = ("misconception", "two_misconceptions", "misconception_and_slip", "shape")
SLIPPED = "With this mistake, "  # so begins a sentence about numbers


def point_of(problem: Problem) -> Mapping[Any, int]:
    """A number for each letter of a problem, the same on every run."""
    cells = [cell for tensor in problem.setting.operands.values() for cell in tensor.cells]
    letters = sorted(set().union(*(getattr(cell, "free_symbols", ()) for cell in cells)), key=str)
    numbers = np.random.default_rng(1).choice(np.arange(LEAST, MOST), len(letters), replace=False)
    return dict(zip(letters, numbers.tolist(), strict=True))


def arrays_at(problem: Problem, point: Mapping[Any, int]) -> dict[str, Array]:
    """The operands at a point, as exact arrays."""
    operands = problem.setting.operands
    return numeric.arrays(
        {name: ([algebra.value_at(cell, point) for cell in t.cells], t.shape) for name, t in operands.items()}
    )


def value_at(value: Value, point: Mapping[Any, int]) -> Value | None:
    """An answer at a point; None where it has other letters, or is no polynomial."""
    try:
        cells = tuple(None if cell is None else algebra.value_at(cell, point) for cell in value.cells)
    except (KeyError, TypeError, ArithmeticError):
        return None
    return Value(value.shape, cells)


def told_by_numbers(verdict: Verdict, at_point: Verdict) -> Verdict:
    """The verdict on an answer in letters, with what its value at a point says of mistakes and of other ways."""
    if at_point.is_right:
        return replace(at_point, given=verdict.given, right=verdict.right)
    if at_point.rank not in SAYS_ALL or not at_point.explanations:
        return verdict
    sentences = tuple(one for one in at_point.sentences if not one.startswith(SLIPPED))
    explanations = tuple(replace(one, slip=None) for one in at_point.explanations)
    return replace(verdict, rank=at_point.rank, explanations=explanations, slips=(), sentences=sentences)
