"""How often mistakes that are really made are named: handed in one, two, one and a slip, and a slip alone."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

from diagnosis import OPERANDS, SIZES, slipped, varied

from symconv.checking.diagnose import Checker
from symconv.checking.explain import value_from
from symconv.checking.handed import Value
from symconv.checking.predict import arrays_of, predicted
from symconv.errors import ProblemError, SymconvError
from symconv.operations import HOMES, operation
from symconv.operations.base import Misconception
from symconv.problem import Problem

FIGURES = (  # what is counted, of what, and the share that is asked for in percent
    ("one mistake: named first where its value is its own", "first", "told apart", 99),
    ("one mistake: among those named", "tie", "one", 100),
    ("two mistakes: named", "two named", "two", 95),
    ("a mistake and a slip: named, with its cell", "near named", "near", 90),
    ("one slip: its cell and the right value", "slip found", "slip", 100),
)


def drawn(name: str, sample: Mapping[str, Any], rng: random.Random) -> Problem | None:
    """A sample with other whole numbers in its operands; None where that is no problem, or one of letters."""
    keys: dict[str, Any] = {}
    for key, given in sample.items():
        if isinstance(given, Mapping) and key == "of":
            keys[key] = {k: varied(v, rng) if k in OPERANDS else v for k, v in given.items()}
        else:
            keys[key] = varied(given, rng) if key in OPERANDS and name not in SIZES else given
    try:
        problem = Problem(name, **keys)
    except ProblemError:  # such as a root of a negative number
        return None
    return problem if arrays_of(problem) is not None else None


@dataclass(frozen=True)
class Made:
    """What mistakes make of a label of a problem, and the right value of it."""

    label: str
    value: Value
    right: Value


def made(problem: Problem, *mistakes: Misconception) -> Made | None:
    """What mistakes make of the answer, or of the first other quantity that they change; None where of nothing."""
    task, setting, arrays = problem.operation, problem.setting, arrays_of(problem)
    assert arrays is not None
    try:
        wrong = predicted(task, setting, arrays, *mistakes)
    except (SymconvError, ValueError, IndexError, TypeError, ZeroDivisionError):
        return None  # the second cannot be made after the first
    if wrong is None:
        return None
    known, answer = task.oracle(setting, arrays), task.answer(setting, problem.ask)
    for label in sorted(wrong, key=lambda one: (one != answer, one)):
        value = value_from(wrong[label])
        right = value_from(known[label]) if label in known and value is not None else None
        if value is not None and right is not None and value.cells and value.key != right.key:
            return Made(label, value, right)
    return None


def measured(name: str, draws: int, pairs: int, seed: int) -> tuple[Counter[str], dict[str, Counter[str]]]:
    """Counts of an operation: every mistake on `draws` problems, and on `pairs` problems of each sample in company."""
    rng = random.Random(f"{name} {seed}")  # noqa: S311  # answers, not secrets
    task = operation(name)
    counts: Counter[str] = Counter()
    each: dict[str, Counter[str]] = {mistake.name: Counter() for mistake in task.misconceptions}
    samples = list(task.samples())
    useful = {n: set(each) for n in range(len(samples))}  # which mistakes a sample is good for
    for turn in range(20 * draws):
        if turn == 3:  # mistakes that were not seen on a sample in three draws are not looked for there again
            useful = {n: {m for m in names if each[m][f"on {n}"]} for n, names in useful.items()}
        open_ = {m for m, count in each.items() if count["one"] < draws}
        if not open_ or not any(open_ & names for names in useful.values()):
            break
        for n, sample in enumerate(samples):
            wanted = {m for m in open_ & useful[n] if each[m]["one"] < draws}
            problem = drawn(name, sample, rng) if wanted or turn < pairs else None
            if problem is None:
                continue
            counts["problems"] += 1
            checker = Checker(problem)
            for mistake in task.misconceptions:
                if mistake.name in wanted:
                    _alone(checker, mistake, each[mistake.name], n)
            if turn < pairs:
                _slips(checker, rng, counts)
                _together(checker, task.misconceptions, rng, counts)
    for count in each.values():
        counts.update({key: number for key, number in count.items() if not key.startswith("on ")})
    return counts, each


def _alone(checker: Checker, mistake: Misconception, counts: Counter[str], sample: int) -> None:
    wrong = made(checker.problem, mistake)
    if wrong is None:
        return
    said = checker.check(wrong.label, wrong.value)
    if said.status == "right":
        counts["right by another way"] += 1
        return
    names = [one.names for one in said.explanations if one.slip is None]
    counts["one"] += 1
    counts[f"on {sample}"] += 1
    counts["tie"] += (mistake.name,) in names
    counts["led"] += names[:1] == [(mistake.name,)]
    alone = not [one for one in names if one != (mistake.name,)]
    counts["told apart"] += alone
    counts["first"] += alone and names[:1] == [(mistake.name,)]


def _slips(checker: Checker, rng: random.Random, counts: Counter[str]) -> None:
    """One wrong cell in the right answer."""
    target = checker._target(checker.answer)
    right = target.right if target is not None else None
    wrong = slipped(right, rng) if right is not None else None
    if right is None or wrong is None:
        return
    said = checker.check(checker.answer, wrong)
    at = [pair for pair in zip(wrong.cells, right.cells, strict=True) if pair[0] != pair[1]]
    counts["slip"] += 1
    counts["slip found"] += [(cell.given, cell.right) for cell in said.cells] == at


def _together(
    checker: Checker, mistakes: Sequence[Misconception], rng: random.Random, counts: Counter[str], most: int = 12
) -> None:
    """Two mistakes, and a mistake with a slip, where no single mistake and no slip alone gives the same."""
    problem = checker.problem
    singles = [(mistake, wrong) for mistake in mistakes if (wrong := made(problem, mistake)) is not None]
    keys = {(wrong.label, wrong.value.key) for _, wrong in singles}
    couples = [(one, other) for one, _ in singles for other, _ in singles if one is not other]
    for one, other in rng.sample(couples, min(most, len(couples))):
        wrong = made(problem, one, other)
        if wrong is None or wrong.label != checker.answer or (wrong.label, wrong.value.key) in keys:
            continue
        said = checker.check(wrong.label, wrong.value)
        if said.status != "wrong" or said.rank == "slips" or len(said.cells) == 1:  # it looks as a slip alone does
            continue
        counts["two"] += 1
        counts["two named"] += {one.name, other.name} in [set(found.names) for found in said.explanations]
    for one, wrong in rng.sample(singles, min(most, len(singles))):
        near = slipped(wrong.value, rng)
        if near is None or len(near.cells) < 3 or near.key == wrong.right.key or (wrong.label, near.key) in keys:
            continue
        if _apart(near, wrong.right) == 1:
            continue  # of a value that is one cell from the right one nobody can tell more
        said = checker.check(wrong.label, near)
        cell = next((a, b) for a, b in zip(near.cells, wrong.value.cells, strict=True) if a != b)
        told = [(e.names, (e.slip.cell.given, e.slip.expected)) for e in said.explanations if e.slip is not None]
        counts["near"] += 1
        counts["near named"] += ((one.name,), cell) in told


def _apart(one: Value, other: Value) -> int:
    if one.shape != other.shape:
        return len(one.cells)
    return sum(a != b for a, b in zip(one.cells, other.cells, strict=True))


def report(draws: int, pairs: int, jobs: int, names: Sequence[str] = ()) -> Counter[str]:
    """Measure all operations, print the shares, and what is below."""
    total: Counter[str] = Counter()
    work = partial(measured, draws=draws, pairs=pairs, seed=1)
    wanted = list(names or HOMES)
    with ProcessPoolExecutor(jobs) as pool:
        for name, (counts, each) in zip(wanted, pool.map(work, wanted), strict=True):
            total += counts
            shares = ", ".join(f"{part} {counts[part]}/{counts[of]}" for _, part, of, _ in FIGURES)
            print(f"{name}: {counts['problems']} problems, {shares}", flush=True)
            for line in _below(each, draws):
                print(f"  {line}")
    for words, part, of, least in FIGURES:
        if not total[of]:
            print(f"{words}: not tried")
            continue
        print(f"{words}: {total[part]:,} of {total[of]:,} = {float(share(total, part, of)):.2%}  (at least {least} %)")
    print(
        f"one mistake: named first, mistakes that cannot be told apart among them: {total['led']:,} of {total['one']:,}"
    )
    print(f"the right value by another way of working: {total['right by another way']:,}")
    return total


def share(counts: Mapping[str, int], part: str, of: str) -> Fraction:
    """One count as a share of another; all of nothing."""
    return Fraction(counts[part], counts[of]) if counts[of] else Fraction(1)


def _below(each: Mapping[str, Counter[str]], draws: int) -> Iterator[str]:
    for name, count in each.items():
        if count["tie"] < count["one"] or count["first"] < count["told apart"]:
            yield f"{name}: among those named {count['tie']} of {count['one']}, first {count['first']}"
        elif not count["told apart"]:
            tried = (
                f"never told apart from others in {count['one']}" if count["one"] else "not tried: no sample shows it"
            )
            yield f"{name}: {tried}"
        elif count["one"] < draws // 2:
            yield f"{name}: only {count['one']} problems"
