"""How often mistakes that are really made are named: handed in one, two, one and a slip, and a slip alone."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from problems import Draw, Question, questions

from symconv.checking.diagnose import Checker
from symconv.checking.explain import value_from
from symconv.checking.handed import Value
from symconv.checking.predict import arrays_of, predicted
from symconv.errors import SymconvError
from symconv.operations import HOMES, operation
from symconv.operations.base import Misconception
from symconv.problem import Problem

FIGURES = (  # what is counted, of what, and the share that is asked for in percent
    ("one mistake: named first", "first", "one", 99),
    ("one mistake: among those named", "tie", "one", 100),
    ("one mistake, where some lead to the same: among those named", "agree named", "agree", 100),
    ("two mistakes: named", "two named", "two", 95),
    ("a mistake and a slip: named, with its cell", "near named", "near", 90),
    ("one slip: its cell and the right value", "slip found", "slip", 100),
)
# which mistakes a draw is good for: of a sound one, as for a sheet; only where no mistake has one, of any other
RULES: tuple[tuple[str, Callable[[Question, Draw], set[str]]], ...] = (
    ("sound", Question.told_apart),
    ("its value is its own, but other mistakes agree", lambda _, draw: draw.apart),
    ("never told apart", lambda _, draw: draw.wrong),
)


def measured(name: str, draws: int, pairs: int, seed: int) -> tuple[Counter[str], dict[str, Counter[str]]]:
    """Counts of an operation: every mistake on `draws` problems, and on `pairs` problems of each sample in company."""
    rng = random.Random(f"{name} {seed}")  # noqa: S311  # answers, not secrets
    task = operation(name)
    counts: Counter[str] = Counter()
    each: dict[str, Counter[str]] = {mistake.name: Counter() for mistake in task.misconceptions}
    asked = questions(name, rng)
    for rule, good_for in RULES:
        left = {mistake for mistake, count in each.items() if not count["one"]}
        useful = {n: left & (one.alone if rule == "sound" else one.shown) for n, one in enumerate(asked)}
        while any(useful.values()):
            for n, question in enumerate(asked):
                useful[n] &= {mistake for mistake in left if each[mistake]["one"] < draws}
                found = _next(question, useful[n], good_for, rng, counts) if useful[n] else None
                if found is None:
                    useful[n] = set()
                    continue
                draw, told = found
                checker = Checker(draw.problem)
                for mistake in sorted(told):
                    _alone(checker, draw, mistake, each[mistake])
                    each[mistake][rule] += 1
    for question in asked:
        for draw, _ in zip(question.draws(rng), range(pairs), strict=False):
            checker = Checker(draw.problem)
            _agreeing(checker, draw, counts)
            _slips(checker, rng, counts)
            _together(checker, task.misconceptions, rng, counts)
    for count in each.values():
        counts.update({key: count[key] for key in ("one", "first", "tie")})
    return counts, each


def _next(
    question: Question,
    wanted: set[str],
    good_for: Callable[[Question, Draw], set[str]],
    rng: random.Random,
    counts: Counter[str],
) -> tuple[Draw, set[str]] | None:
    """The next draw of a question that is good for a wanted mistake, with these; None where there is none."""
    for draw in question.draws(rng):
        told = good_for(question, draw)
        counts["problems" if told else "refused"] += 1
        if told & wanted:
            return draw, told & wanted
    return None


def _alone(checker: Checker, draw: Draw, mistake: str, counts: Counter[str]) -> None:
    """What a mistake makes of the answer: the diagnosis gets the problem and this value."""
    names = [one.names for one in checker.check(checker.answer, draw.made[mistake]).explanations if one.slip is None]
    counts["one"] += 1
    counts["tie"] += (mistake,) in names
    counts["first"] += names[:1] == [(mistake,)]
    counts.update(f"tied with {other}" for other in draw.tied_with(mistake))


def _agreeing(checker: Checker, draw: Draw, counts: Counter[str]) -> None:
    """Mistakes that lead to the same as others are all named."""
    for mistake in sorted(draw.wrong - draw.apart):
        said = checker.check(checker.answer, draw.made[mistake])
        counts["agree"] += 1
        counts["agree named"] += (mistake,) in [one.names for one in said.explanations]


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


def slipped(value: Value, rng: random.Random) -> Value | None:
    """The value with one cell wrong."""
    at = rng.randrange(len(value.cells)) if value.cells else 0
    if not value.cells or not isinstance(value.cells[at], (int, Fraction)):
        return None
    wrong = value.cells[at] + rng.choice([-10, -3, -2, -1, 1, 2, 3, 7, 10])
    return Value(value.shape, (*value.cells[:at], wrong, *value.cells[at + 1 :]))


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
            print(f"{name}: {counts['problems']} problems, {counts['refused']} refused, {shares}", flush=True)
            for line in _below(each, draws):
                print(f"  {line}")
    for words, part, of, least in FIGURES:
        if not total[of]:
            print(f"{words}: not tried")
            continue
        print(f"{words}: {total[part]:,} of {total[of]:,} = {float(share(total, part, of)):.2%}  (at least {least} %)")
    return total


def share(counts: Mapping[str, int], part: str, of: str) -> Fraction:
    """One count as a share of another; all of nothing."""
    return Fraction(counts[part], counts[of]) if counts[of] else Fraction(1)


def _below(each: Mapping[str, Counter[str]], draws: int) -> Iterator[str]:
    for name, count in each.items():
        rule = next((rule for rule, _ in RULES if count[rule]), "no sample shows it")
        ties = [key.removeprefix("tied with ") for key in sorted(count) if key.startswith("tied with ")]
        if count["first"] < count["one"] or rule != RULES[0][0]:
            found = f"first {count['first']}, among those named {count['tie']} of {count['one']}"
            yield f"{name}: {found} ({rule}{''.join(f', {one}' for one in ties)})"
        elif count["one"] < draws:
            yield f"{name}: only {count['one']} problems"
