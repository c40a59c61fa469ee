"""How good checking is, and how fast: python benchmarks/checking.py [part...] [--draws N] [--answers N] ...

The parts are mistakes, answers, speed and class; `--help` has the sizes. What is asked for stands behind each figure.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import timeit
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

import mistakes
import right_and_wrong
import school
from run import PROBLEM, medians, process

from symconv.checking.diagnose import Checker
from symconv.checking.predict import answers, arrays_of
from symconv.numeric import Array
from symconv.problem import Problem, read_problem

PARTS = ("mistakes", "answers", "speed", "class")
CLASSES = (100, 1000, 5000)


def one_more_answer(repeats: int = 20, batches: int = 100) -> None:
    """One more answer to a known problem against a comparison of two NumPy arrays of its size, by kind and size.

    Short batches of both take turns and the least of each counts, because other work on the machine only adds to it.
    """
    given = read_problem(PROBLEM).setting.operands
    for keys in ({"stride": 3}, {}, {"padding": 1}):
        operands = {name: tensor.nested() for name, tensor in given.items()}
        checker = Checker(Problem("cross_correlation", **operands, **keys))
        right = _output(checker)
        wrong = right.copy()
        compare = timeit.Timer(partial(_are_equal, right, wrong))
        print(f"one more answer of {'x'.join(map(str, right.shape))} against a comparison of that size (under 50):")
        for name, make in _kinds_of_answers(checker, right, random.Random(1)):  # noqa: S311  # answers, not secrets
            said = checker.check("output", make())
            taken, compared = [], []
            for _ in range(batches):
                handed = [make() for _ in range(repeats)]
                taken.append(timeit.Timer(partial(_check_all, checker, handed)).timeit(1) / repeats)
                compared.append(compare.timeit(10 * repeats) / (10 * repeats))
            each, unit = (min(times) * 1e6 for times in (taken, compared))
            print(f"  {name} ({said.rank or said.status}): {each:.1f} us / {unit:.2f} us = {each / unit:.0f}")


def _are_equal(right: Array, wrong: Array) -> bool:
    return bool((right == wrong).all())


def _check_all(checker: Checker, handed: list[object]) -> None:
    for one in handed:
        checker.check("output", one)


def _output(checker: Checker) -> Array:
    right = checker._target("output").right  # type: ignore[union-attr]
    return np.array(right.cells).reshape(right.shape)  # type: ignore[union-attr]


def _kinds_of_answers(checker: Checker, right: Array, rng: random.Random) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Answers by what is wrong with them, another one each time it is asked for."""
    problem, shape = checker.problem, right.shape
    target: Any = checker._target("output")
    operands, mistakes = arrays_of(problem) or {}, answers(problem)
    singles = [value for name, value in mistakes.items() if value.shape == shape and (value != right).any()]
    pairs = [value for _, value in target.wrong(2) if value.key not in (target.right.key, *target.singles)]

    def slipped(value: Array) -> Array:
        made = value.copy()
        made[tuple(map(rng.randrange, shape))] += rng.choice([-1, 1]) * rng.randint(1, 10**6)
        return made

    def together() -> Any:
        return rng.choice(pairs).tensor.nested()

    def misread() -> Any:
        kernel = operands["kernel"].copy()
        kernel[0, 0, rng.randrange(3), rng.randrange(3)] += rng.randint(1, 10**6)
        return problem.operation.oracle(problem.setting, {**operands, "kernel": kernel})["output"]().tolist()

    def blank() -> Any:
        return [[rng.choice([None, cell]) for cell in row] for row in slipped(rng.choice(singles)).tolist()]

    yield "right", right.tolist
    yield "a known mistake", lambda: rng.choice(singles).tolist()
    yield "two mistakes", together
    yield "a slip", lambda: slipped(right).tolist()
    yield "two slips", lambda: slipped(slipped(right)).tolist()
    yield "a mistake and a slip", lambda: slipped(rng.choice(singles)).tolist()
    yield "an operand misread", misread
    yield "blank in part", blank
    yield "of another shape", lambda: [[rng.randint(0, 10**6) for _ in range(right.size)]]
    yield "nothing known", lambda: [[rng.randint(-(10**6), 10**6) for _ in row] for row in right]


def whole_process() -> None:
    """`symconv check` on numbers as a process against importing NumPy; what it imports."""
    command = [sys.executable, "-m", "symconv", "check", str(PROBLEM), "--answer"]

    def checked(answer: str) -> Callable[[], object]:
        return lambda: subprocess.run([*command, answer], check=False, capture_output=True)

    numpy = process(sys.executable, "-c", "import numpy")
    right, slip, mistake, base = medians(
        [checked("52 54; 52 54"), checked("52 54; 52 45"), checked("54 52; 54 52"), numpy]
    )
    for name, taken in (("right", right), ("a slip", slip), ("a mistake", mistake)):
        print(f"symconv check, {name}: {taken:.3f} s / import numpy {base:.3f} s = {taken / base:.2f}  (under 4)")
    code = f"import sys; from symconv.cli import main; main({[*command[3:], '52 54; 52 45']!r}); "
    code += "print(sorted({'sympy', 'jinja2', 'typst', 'pydantic'} & set(sys.modules)))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    print(f"  of sympy, jinja2, typst and pydantic it imports {loaded[-1]}")


def main(arguments: list[str]) -> None:
    """Measure the parts that are named, or all of them."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("parts", nargs="*", help=f"any of {', '.join(PARTS)} (default: all)")
    options.add_argument("--draws", type=int, default=200, help="problems for each misconception (200)")
    options.add_argument("--pairs", type=int, default=3, help="problems of each sample for two mistakes and slips (3)")
    options.add_argument("--answers", type=int, default=100_000, help="right answers, and wrong ones (100000)")
    options.add_argument("--versions", type=int, default=1000, help="versions of the class's sheet (1000)")
    options.add_argument("--students", type=int, nargs="*", default=CLASSES, help="sizes of classes (100 1000 5000)")
    options.add_argument("--operations", nargs="*", default=(), help="for mistakes: only these operations")
    options.add_argument("--jobs", type=int, default=2, help="processes (2)")
    given = options.parse_args(arguments)
    for part in given.parts or PARTS:
        if part == "mistakes":
            mistakes.report(given.draws, given.pairs, given.jobs, given.operations)
        elif part == "answers":
            right_and_wrong.report(given.answers, given.jobs)
        elif part == "speed":
            one_more_answer()
            whole_process()
        elif part == "class":
            school.report(given.versions, list(given.students), given.jobs)
        else:
            options.error(f"{part} is no part; the parts are {', '.join(PARTS)}")


if __name__ == "__main__":
    main(sys.argv[1:])
