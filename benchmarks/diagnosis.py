"""How good diagnoses are, on variations of every operation's samples: python benchmarks/diagnosis.py [N [name...]].

Each sample is taken N times with other whole numbers in its operands. What a misconception makes of the answer is
handed in, then two of them, then one and a slip, a slip alone, the right answer in other forms, and numbers at random.
"""

from __future__ import annotations

import random
import re
import sys
import timeit
from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from symconv.checking.diagnose import Checker
from symconv.checking.explain import value_from
from symconv.checking.handed import Value
from symconv.checking.predict import answers, arrays_of
from symconv.errors import ProblemError
from symconv.operations import HOMES, operation
from symconv.problem import Problem

OPERANDS = {"input", "kernel", "bias", "upstream", "depthwise", "pointwise", "other", "kernels"}
SIZES = ("output_size", "overlap", "receptive_field", "counting")  # what has no operands to draw
PAIRS, SLIPS = 30, 5


def varied(given: Any, rng: random.Random) -> Any:
    """The same with another whole number in place of each number."""
    if isinstance(given, str):
        return re.sub(r"-?\d+(?:/\d+)?", lambda _: str(rng.randint(-9, 9)), given)
    if isinstance(given, (list, tuple)):
        return [varied(part, rng) for part in given]
    return rng.randint(-9, 9) if isinstance(given, int) else given


def problems(name: str, count: int, rng: random.Random) -> Iterator[Problem]:
    """Variations of an operation's samples that have numbers only."""
    for sample in operation(name).samples():
        for _ in range(count):
            keys: dict[str, Any] = {}
            for key, given in sample.items():
                if isinstance(given, Mapping) and key == "of":
                    keys[key] = {k: varied(v, rng) if k in OPERANDS else v for k, v in given.items()}
                else:
                    keys[key] = varied(given, rng) if key in OPERANDS and name not in SIZES else given
            try:
                problem = Problem(name, **keys)
            except ProblemError:  # such as a root of a negative number
                continue
            if arrays_of(problem) is not None:
                yield problem


def slipped(value: Value, rng: random.Random) -> Value | None:
    """The value with one cell wrong."""
    at = rng.randrange(len(value.cells)) if value.cells else 0
    if not value.cells or not isinstance(value.cells[at], (int, Fraction)):
        return None
    wrong = value.cells[at] + rng.choice([-10, -3, -2, -1, 1, 2, 3, 7, 10])
    return Value(value.shape, (*value.cells[:at], wrong, *value.cells[at + 1 :]))


def forms(value: Value) -> Iterator[Any]:
    """A right answer in the forms in which people hand it in."""
    array = np.empty(len(value.cells), dtype=object)
    array[:] = value.cells
    array = array.reshape(value.shape)
    yield from (array, array.tolist(), value.tensor, array[None], value)
    if array.ndim == 1:
        yield from (array[:, None], array[None].tolist())


def measure(problem: Problem, rng: random.Random, counts: Counter[str]) -> None:
    """Hand in what is told above, and count what is said."""
    checker = Checker(problem)
    label = checker.answer
    target = checker._target(label)
    right = target.right if target is not None else None
    if target is None or right is None or not right.cells:
        return
    for form in forms(right):
        counts["right"] += 1
        counts["right called right"] += checker.check(label, form).status == "right"
    for _ in range(SLIPS):
        cells = tuple(rng.randint(-99, 99) for _ in right.cells)
        counts["random"] += cells != right.cells
        counts["random called right"] += (
            cells != right.cells and checker.check(label, Value(right.shape, cells)).status == "right"
        )
        wrong = slipped(right, rng)
        if wrong is not None:
            said = checker.check(label, wrong)
            counts["slip"] += 1
            counts["slip: cell and value"] += [(c.given, c.right) for c in said.cells] == [
                pair for pair in zip(wrong.cells, right.cells, strict=True) if pair[0] != pair[1]
            ]
    _mistakes(checker, target, right, rng, counts)


def _mistakes(checker: Checker, target: Any, right: Value, rng: random.Random, counts: Counter[str]) -> None:
    label = checker.answer
    for explanation, value in target.wrong(1):
        said = checker.check(label, value)
        if said.status == "right":
            counts["blind, or right by another way"] += 1
            continue
        names = [one.names for one in said.explanations]
        alone = len(target.singles[value.key]) == 1
        counts["one"] += 1
        counts["one: among the ties"] += explanation.names in names
        counts["one, told apart"] += alone
        counts["one, told apart: first"] += alone and names[:1] == [explanation.names]
        wrong = slipped(value, rng)
        if wrong is None or wrong.key == right.key or wrong.key in target.singles or len(wrong.cells) < 3:
            continue
        counts["one and a slip"] += 1
        counts["one and a slip: named"] += explanation.names in [
            one.names for one in checker.check(label, wrong).explanations if one.slip is not None
        ]
    pairs = list(target.wrong(2))
    rng.shuffle(pairs)
    for explanation, value in pairs[:PAIRS]:
        if value.key != right.key and value.key not in target.singles:
            said = checker.check(label, value)
            if said.status == "wrong":
                counts["two"] += 1
                counts["two: named"] += set(explanation.names) in [set(one.names) for one in said.explanations]


def speed() -> None:
    """One more answer to a known problem, against a comparison of two NumPy arrays of its size."""
    rows = "3 2 7 1 6 3; 4 1 1 0 9 8; 8 2 0 1 2 4; 5 6 0 7 1 4; 0 5 4 9 6 0; 4 6 2 4 0 5"
    problem = Problem("cross_correlation", input=rows, kernel="1 2 2; 2 1 2; 2 2 1")
    checker = Checker(problem)
    target = checker._target("output")
    right = np.array(value_from(checker._known["output"]).cells).reshape(target.right.shape)  # type: ignore[union-attr]
    wrong = answers(problem)["kernel_flipped"]
    compare = min(timeit.repeat(lambda: bool((right == wrong).all()), number=2000, repeat=9)) / 2000
    for name, handed in (("a right answer", right.tolist()), ("a known mistake", wrong.tolist())):
        taken = min(timeit.repeat(lambda h=handed: checker.check("output", h), number=2000, repeat=9)) / 2000
        print(f"{name}: {taken * 1e6:.1f} us / comparison {compare * 1e6:.2f} us = {taken / compare:.0f}  (at most 50)")
    taken = min(timeit.repeat(lambda: answers(problem), number=100, repeat=9)) / 100
    print(f"predictions of all misconceptions: {taken * 1e3:.2f} ms")


def main(count: int, names: list[str]) -> None:
    """Measure and print."""
    rng, total = random.Random(1), Counter[str]()  # noqa: S311  # answers, not secrets
    for name in names or HOMES:
        counts = Counter[str]()
        for problem in problems(name, count, rng):
            measure(problem, rng, counts)
            counts["problems"] += 1
        total += counts
        print(name, dict(counts), flush=True)
    for what, of in (
        ("right called right", "right"),
        ("random called right", "random"),
        ("slip: cell and value", "slip"),
        ("one: among the ties", "one"),
        ("one, told apart: first", "one, told apart"),
        ("two: named", "two"),
        ("one and a slip: named", "one and a slip"),
    ):
        print(f"{what}: {total[what]:,} of {total[of]:,} = {total[what] / max(total[of], 1):.2%}")
    speed()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2, sys.argv[2:])
