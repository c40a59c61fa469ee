"""How good checking is, and how fast: python benchmarks/checking.py [part...] [--draws N] [--answers N] ...

The parts are mistakes, answers, speed and class; `--help` has the sizes. What is asked for stands behind each figure.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import timeit
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

import mistakes
import right_and_wrong
import school
from run import PROBLEM, medians, process

from symconv.checking.diagnose import Checker
from symconv.checking.predict import answers
from symconv.problem import read_problem

PARTS = ("mistakes", "answers", "speed", "class")
CLASSES = (100, 1000, 5000)


def one_more_answer(repeats: int = 2000) -> None:
    """One more answer to a known problem against a comparison of two NumPy arrays of its size."""
    problem = read_problem(PROBLEM)
    checker = Checker(problem)
    rng = random.Random(1)  # noqa: S311  # answers, not secrets
    right = np.array(checker._target("output").right.cells).reshape(2, 2)  # type: ignore[union-attr]
    mistaken = answers(problem)["kernel_flipped"]
    compare = min(timeit.repeat(lambda: bool((right == mistaken).all()), number=repeats, repeat=5)) / repeats

    def slipped() -> list[list[int]]:
        made = right.copy()
        made[rng.randrange(2), rng.randrange(2)] += rng.choice([-1, 1]) * rng.randint(1, 10**6)
        return made.tolist()

    def random_one() -> list[list[int]]:
        return [[rng.randint(-(10**6), 10**6) for _ in range(2)] for _ in range(2)]

    cases: tuple[tuple[str, Callable[[], object]], ...] = (
        ("right", right.tolist),
        ("a known mistake", mistaken.tolist),
        ("a slip, another each time", slipped),
        ("nothing known, another each time", random_one),
    )
    for name, make in cases:
        handed = [make() for _ in range(repeats)]
        checker.check("output", handed[0])
        taken = min(_each(checker, [make() for _ in range(repeats)]) for _ in range(5)) / repeats
        ratio = f"{taken * 1e6:.1f} us / comparison {compare * 1e6:.2f} us = {taken / compare:.0f}"
        print(f"one more answer, {name}: {ratio}{'' if 'each' in name else '  (under 50)'}")


def _each(checker: Checker, handed: list[object]) -> float:
    return timeit.timeit(lambda: [checker.check("output", one) for one in handed], number=1)


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
