"""Right answers in varied spellings, and random wrong ones: how many are called wrong, and right."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from functools import partial

from problems import drawn
from writing import Writer, writable

from symconv.answers import read_work
from symconv.checking.check import checked
from symconv.checking.diagnose import Checker
from symconv.checking.handed import Value
from symconv.checking.predict import arrays_of
from symconv.notation import Notation
from symconv.operations import HOMES, operation
from symconv.problem import Problem

MOST_SHOWN = 12
UNNAMED = ("output_size",)  # whose letters are words of a sentence: "input: i"
MOST_CELLS = 150  # of an answer that is written
PER_PROBLEM = 40  # works handed in
PER_WRONG = 400  # wrong answers handed in


def _problems(name: str, rng: random.Random, letters: bool = False) -> Iterator[Checker]:
    """Problems of an operation, sample by sample, without end; with `letters` those too that have letters in them."""
    samples = operation(name).samples()
    able = [sample for sample in samples if any(drawn(name, sample, rng) for _ in range(3))]
    while True:
        for sample in samples if letters and name not in UNNAMED else ():
            problem = Problem(name, **sample)
            if arrays_of(problem) is None:
                yield Checker(problem)
        for sample in able:
            problem = drawn(name, sample, rng)
            if problem is not None:
                yield Checker(problem)


def _values(checker: Checker) -> dict[str, Value]:
    """The quantities of a problem that are written: of a size and of numbers that people write."""
    found = {}
    for label in checker._known:
        target = checker._target(label)
        right = None if target is None else target.right
        named = not (checker._names and ("(" in label or (right is not None and len(right.cells) == 1)))  # no sentence
        if right is not None and len(right.cells) <= MOST_CELLS and writable(right) and named:
            found[label] = right
    return found


def right(name: str, count: int) -> tuple[Counter[str], list[str]]:
    """Hand in right works of one operation; what was said of their answers, and those not called right."""
    rng = random.Random(f"right {name}")  # noqa: S311  # spellings, not secrets
    said, shown = Counter[str](), list[str]()
    for checker in _problems(name, rng, letters=True):
        values = _values(checker)
        writer = Writer(rng, checker.problem.notation)
        for _ in range(PER_PROBLEM):
            if said["answers"] >= count:
                return said, shown
            if not values:
                break
            base = checker.problem.notation.index_base
            bare = checker.answer in values and rng.random() < 0.2
            if bare:
                answers = [(checker.answer, values[checker.answer])]
            elif rng.random() < 0.25 and _cells(checker, values):
                answers, base = _cells(checker, values), rng.choice([0, 1])
            else:
                answers = rng.sample(
                    sorted(values.items(), key=lambda one: one[0]), min(len(values), rng.randint(1, 3))
                )
            work = writer.work(answers, base, bare)
            made = checked(checker, read_work(work.text, work.form))  # type: ignore[arg-type]
            said["answers"] += len(answers)
            for verdict in made.diagnosis.verdicts:
                said[verdict.status] += 1
                if verdict.status != "right":
                    shown.append(f"{name} {verdict.label} {verdict.status} in {work.form}: {work.text!r}"[:300])
            said["cannot be read"] += len(made.unread)
            said["belongs to nothing"] += len(made.unmatched)
            lost = len(answers) - len(made.diagnosis.verdicts)
            said["not found"] += lost - len(made.unread) - len(made.unmatched)
            if lost:
                why = [str(one.error) for one in made.unread] + [str(one.label) for one in made.unmatched]
                shown.append(f"{name} {answers[0][0]} lost in {work.form}: {why[:1]} {work.text!r}"[:300])
    return said, shown


def _cells(checker: Checker, values: dict[str, Value]) -> list[tuple[str, Value]]:
    """All cells of the output, each under its own label, where they count from the index base."""
    value = values.get("output")
    notation: Notation = checker.problem.notation
    if value is None or not 1 < len(value.cells) <= 9 or len(value.shape) > 2:
        return []
    target = checker._target("output")
    cells = [target.cell(n, None, cell) for n, cell in enumerate(value.cells)]  # type: ignore[union-attr]
    if not cells[0].name.endswith(f"[{','.join([str(notation.index_base)] * len(value.shape))}]"):
        return []
    return [(cell.name, Value((), (cell.right,))) for cell in cells]


def wrong(name: str, count: int) -> tuple[Counter[str], list[str]]:
    """Hand in random wrong values of one operation's quantities; how many were called right, and which."""
    rng = random.Random(f"wrong {name}")  # noqa: S311  # answers, not secrets
    said, shown = Counter[str](), list[str]()
    for checker in _problems(name, rng):
        values = _values(checker)
        other = rng.choice(sorted(values) or [""])
        for _ in range(PER_WRONG):
            if said["answers"] >= count:
                return said, shown
            if not values:
                break
            label = checker.answer if checker.answer in values and rng.random() < 0.8 else other
            value = _other(values[label], rng)
            if value.key == values[label].key or (label == "size" and len({*value.cells, *values[label].cells}) == 1):
                continue  # of a square one number says its size
            verdict = checker.check(label, value)
            said["answers"] += 1
            by_another_way = verdict.status == "right" and "another way" in verdict.sentences[0]
            said["right by another way" if by_another_way else verdict.status] += 1
            if verdict.status == "right" and not by_another_way:
                shown.append(f"{name} {label}: {value} for {values[label]}"[:300])
    return said, shown


def _other(value: Value, rng: random.Random) -> Value:
    """Another value: one cell or all of them at random, another shape, rows for columns, moved by one."""
    cells = list(value.cells)
    kind = rng.choice(["cell", "cell", "all", "small", "shape", "transposed", "moved", "halved"])
    if kind == "cell":
        at = rng.randrange(len(cells))
        cells[at] = rng.randint(-99, 99)
    elif kind == "all":
        cells = [rng.randint(-99, 99) for _ in cells]
    elif kind == "small":
        cells = [rng.randint(-1, 1) for _ in cells]
    elif kind == "moved":
        cells = [*cells[1:], cells[0]]
    elif kind == "halved" and all(isinstance(cell, (int, Fraction)) for cell in cells):
        cells = [Fraction(cell) / 2 for cell in cells]
    elif kind == "transposed" and len(value.shape) == 2:
        rows, columns = value.shape
        return Value((columns, rows), tuple(cells[i * columns + j] for j in range(columns) for i in range(rows)))
    elif kind == "shape":
        shape = tuple(rng.randint(1, 4) for _ in value.shape)
        return Value(shape, tuple(rng.randint(-9, 9) for _ in range(_product(shape))))
    return Value(value.shape, tuple(cells))


def _product(shape: tuple[int, ...]) -> int:
    made = 1
    for size in shape:
        made *= size
    return made


def report(count: int, jobs: int) -> tuple[Counter[str], Counter[str]]:
    """Hand in `count` right and `count` wrong answers of all operations together, and print what was said of them."""
    each = -(-count // len(HOMES))
    totals = []
    with ProcessPoolExecutor(jobs) as pool:
        for what, work in (("right answers in varied spellings", right), ("random wrong answers", wrong)):
            total, shown = Counter[str](), list[str]()
            for said, lines in pool.map(partial(work, count=each), HOMES):
                total += said
                shown += lines
            counts = ", ".join(f"{said} {n:,}" for said, n in sorted(total.items()) if said != "answers")
            print(f"{total['answers']:,} {what}: {counts}", flush=True)
            for line in shown[:MOST_SHOWN]:
                print(f"  {line}")
            totals.append(total)
    return totals[0], totals[1]
