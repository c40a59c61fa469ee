"""Problems like an operation's samples, with other numbers: which mistakes each of them tells apart. No checker."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np

from symconv.checking.handed import exact_cell
from symconv.checking.predict import arrays_of, quantity, wrong_values
from symconv.errors import ProblemError
from symconv.numeric import Array
from symconv.operations import operation
from symconv.problem import Problem

OPERANDS = {"input", "kernel", "bias", "upstream", "depthwise", "pointwise", "other", "kernels", "weights"}
SIZES = ("output_size", "overlap", "receptive_field", "counting")  # what has sizes and steps in place of operands
STEPS = {"input", "kernel", "stride", "padding", "dilation", "output_padding", "filters", "units", "multiplier"}
NARROW, USUAL, WIDE = 2, 9, 99  # wide numbers agree only where they always do; some mistakes show at equal ones only
MOST_ATTEMPTS = 60
TRIALS = 5
Outcome = tuple[tuple[int, ...], tuple[Any, ...]]


def varied(given: Any, rng: random.Random, most: int = USUAL) -> Any:
    """The same with another whole number in place of each number."""
    if isinstance(given, str):
        return re.sub(r"-?\d+(?:/\d+)?", lambda _: str(rng.randint(-most, most)), given)
    if isinstance(given, (list, tuple)):
        return [varied(part, rng, most) for part in given]
    return rng.randint(-most, most) if isinstance(given, int) else given


def resized(given: Any, rng: random.Random) -> Any:
    """The same with sizes and steps that are a little smaller or larger."""
    if isinstance(given, (list, tuple)):
        return [resized(part, rng) for part in given]
    if isinstance(given, Mapping):
        return {key: resized(part, rng) if key in STEPS else part for key, part in given.items()}
    return rng.randint(max(given - 2, min(given, 1)), given + 4) if type(given) is int else given


def _of_rank(matrix: Array, rng: random.Random, most: int) -> list[list[int]]:
    """Another matrix of the same shape and rank, as a product of two: factors are found of no other."""
    rank = int(np.linalg.matrix_rank(matrix.astype(float)))
    left, right = (
        np.array([[rng.randint(-most, most) for _ in range(columns)] for _ in range(rows)])
        for rows, columns in ((matrix.shape[0], rank), (rank, matrix.shape[1]))
    )
    made: list[list[int]] = (left @ right).tolist()
    return made


def _keys(name: str, sample: Mapping[str, Any], rng: random.Random, most: int) -> dict[str, Any]:
    keys: dict[str, Any] = {}
    for key, given in sample.items():
        if name in SIZES:
            is_size = key in STEPS or key == "layers"
            keys[key] = resized(given, rng) if is_size else given
        elif key == "kernel" and sample.get("ask") == "factors":
            problem = Problem(name, **sample)
            known = problem.operation.oracle(problem.setting, arrays_of(problem) or {})
            keys[key] = _of_rank(known["kernel"](), rng, most)
        elif isinstance(given, Mapping) and key == "of":
            keys[key] = _keys("", given, rng, most)
        elif key == "layers":
            keys[key] = [_keys("", layer, rng, most) for layer in given]
        else:
            keys[key] = varied(given, rng, most) if key in OPERANDS else given
    return keys


def drawn(name: str, sample: Mapping[str, Any], rng: random.Random, most: int = USUAL) -> Problem | None:
    """A sample with other whole numbers in its operands; None where that is no problem, or one of letters."""
    try:
        problem = Problem(name, **_keys(name, sample, rng, most))
    except ProblemError:  # such as a root of a negative number
        return None
    return problem if arrays_of(problem) is not None else None


def outcome(answer: Array) -> Outcome:
    """What is compared: shape and values."""
    return answer.shape, tuple(map(exact_cell, answer.reshape(-1).tolist()))


@dataclass(frozen=True)
class Draw:
    """A problem with the answers that are right, by any way of working, and what each mistake makes of the answer."""

    problem: Problem
    right: frozenset[Outcome]
    made: Mapping[str, Array]

    @staticmethod
    def of(problem: Problem) -> Draw:
        """Predict what mistakes lead to, as the draw of a sheet does."""
        task, setting, arrays = problem.operation, problem.setting, arrays_of(problem)
        assert arrays is not None
        label = task.answer(setting, problem.ask)
        ways = [setting, *(way for _, way in getattr(task, "routes", lambda _: ())(setting))]
        found = [quantity(oracle[label]) for way in ways if label in (oracle := task.oracle(way, arrays))]
        right = frozenset(outcome(array) for array in found if array is not None)
        return Draw(problem, right, wrong_values(task, setting, arrays, label))

    @cached_property
    def outcomes(self) -> Mapping[str, Outcome]:
        """What is compared."""
        return {name: outcome(array) for name, array in self.made.items()}

    @cached_property
    def wrong(self) -> set[str]:
        """The mistakes that show."""
        return {name for name, one in self.outcomes.items() if one not in self.right}

    def tied_with(self, name: str) -> set[str]:
        """The other mistakes that lead to the same."""
        return {other for other, one in self.outcomes.items() if one == self.outcomes[name]} - {name}

    @cached_property
    def apart(self) -> set[str]:
        """The mistakes that show, and lead to what no other does."""
        return {name for name in self.wrong if not self.tied_with(name)}


class Question:
    """A sample with its numbers left open. What agrees by construction is found once, by wide trial draws."""

    def __init__(self, name: str, sample: Mapping[str, Any], rng: random.Random) -> None:
        self.name, self.sample = name, sample
        self._seen: set[str] = set()
        self._trials: list[Draw] = []
        for most in (WIDE, NARROW):
            trials = (drawn(name, sample, rng, most) or drawn(name, sample, rng) for _ in range(10 * TRIALS))
            able = (problem for problem in trials if problem is not None)
            self._trials += map(Draw.of, islice(able, 2 * TRIALS if name in SIZES else TRIALS))

    @cached_property
    def groups(self) -> list[list[str]]:
        """The mistakes that show in some trial, those together that agree in all of them."""
        found: dict[tuple[Outcome | None, ...], list[str]] = defaultdict(list)
        for name in dict.fromkeys(name for trial in self._trials for name in trial.made):
            if any(name in trial.wrong for trial in self._trials):
                found[tuple(trial.outcomes.get(name) for trial in self._trials)].append(name)
        return list(found.values())

    @property
    def shown(self) -> set[str]:
        """The mistakes that show in some trial."""
        return {name for group in self.groups for name in group}

    @property
    def alone(self) -> set[str]:
        """Those that agree with no other by construction."""
        return {group[0] for group in self.groups if len(group) == 1}

    def draws(self, rng: random.Random) -> Iterator[Draw]:
        """Draws, none of them twice, until nothing new comes."""
        for _ in range(MOST_ATTEMPTS):
            problem = drawn(self.name, self.sample, rng, rng.choice((NARROW, USUAL, USUAL)))
            if problem is not None and repr(problem.setting) not in self._seen:
                self._seen.add(repr(problem.setting))
                yield Draw.of(problem)

    def told_apart(self, draw: Draw) -> set[str]:
        """The mistakes that a draw tells apart, if it is sound as for a sheet: all of them but for constant ties."""
        seen = set(draw.right)
        for group in self.groups:
            found = next((draw.outcomes[name] for name in group if name in draw.outcomes), None)
            if found in seen:
                return set()
            if found is not None:
                seen.add(found)
        return self.alone & draw.wrong


def questions(name: str, rng: random.Random) -> list[Question]:
    """The samples of an operation that have numbers."""
    found = [Question(name, sample, rng) for sample in operation(name).samples()]
    return [question for question in found if question.groups]
