"""Which draws are sound: every mistake shows, the answer says something, the numbers stay in their band."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fractions import Fraction
from functools import cached_property
from hashlib import sha256
from statistics import median
from typing import Any

import numpy as np

from symconv import numeric
from symconv.checking.handed import shown_cell
from symconv.checking.predict import each_wrong_value, wrong_values
from symconv.errors import ProblemError, shown
from symconv.numeric import Array
from symconv.sheets.draw import Drawer, DrawnPart, Outcome, QuestionPlan, is_rational, outcome
from symconv.sheets.file import Band
from symconv.sheets.stream import Stream

TRIALS = 5  # wide draws that tell which answers always agree
MOST_ATTEMPTS = 2000
WIDEST = 1000  # random numbers in place of fixed operands
MOST_DIGITS = 99  # where no operand decides, the answer is as wide as it is
USUAL = 11  # draws that tell what numbers are usual
MORE_USUAL = 61  # draws that tell how many products are, where there are few: their number then varies much
FEW_PRODUCTS = 60
EMPTY = "the answer is empty"
SPREAD = 0.25  # how far the number of products may lie from the usual one, unless a band is given


def mistaken(part: DrawnPart, arrays: Mapping[str, Array] | None = None) -> dict[str, Array]:
    """The answer each misconception of the operation leads to; for other operands if given."""
    operands = part.arrays if arrays is None else arrays
    if operands is None:
        return {}
    problem = part.problem
    return wrong_values(problem.operation, problem.setting, operands, part.answer)


@dataclass(frozen=True)
class Ties:
    """What agrees whatever the numbers are: misconceptions of one answer, and those that give the right one."""

    groups: tuple[tuple[str, ...], ...]  # of those that can be told apart; the first of each stands for all
    blind: tuple[str, ...]
    is_fixed: bool  # the answer itself never changes
    of_parameters: bool = False  # the answer hangs on what is drawn from lists, not on the numbers of operands

    @cached_property
    def told_apart(self) -> tuple[str, ...]:
        """One misconception for each different wrong answer."""
        return tuple(group[0] for group in self.groups)


@dataclass(frozen=True)
class Usual:
    """What trial draws have: the number of non-trivial products that most of them are near, and the widest answer."""

    products: float | None
    digits: int


def _magnitudes(part: DrawnPart) -> list[Any]:
    """Of the entries of the answer; roots and the like have no digits."""
    return [abs(cell) for cell in part.outcome[1] if isinstance(cell, (int, Fraction))]


def largest(part: DrawnPart) -> float:
    """The largest magnitude of the answer."""
    return float(max(_magnitudes(part), default=0))


def zeros(part: DrawnPart) -> float:
    """The share of zeros in the answer."""
    cells = part.outcome[1]
    return float(sum(cell == 0 for cell in cells)) / max(1, len(cells))


def carries(part: DrawnPart) -> float:
    """The entries of the answer with two digits or more."""
    return float(sum(cell >= 10 for cell in _magnitudes(part)))


def is_empty(part: DrawnPart) -> bool:
    """Whether the answer has no entry: an equation without a solution. Letters always have some."""
    return part.arrays is not None and not part.outcome[1]


def _digits(part: DrawnPart) -> int:
    """How many characters the widest entry of the answer has: boxes on paper are made for that many."""
    return max((len(shown_cell(cell)) for cell in part.outcome[1]), default=0)


def products(part: DrawnPart) -> float | None:
    """Products of two numbers other than 0, 1 and -1: the operation itself counts them, on arrays of ones for these.

    That holds for whatever is linear in its input and in its kernel; None for the others.
    """
    arrays = part.arrays or {}
    if part.answer != "output" or not {"input", "kernel"} <= set(arrays):
        return None
    counted = {
        name: np.zeros_like(array) if name == "bias" else np.array(abs(array) > 1).astype(np.int64)
        for name, array in arrays.items()
    }
    return float(np.sum(part.problem.operation.oracle(part.problem.setting, counted)["output"]()))


def _alike(counts: Iterable[float], usual: float) -> int:
    """How many of these numbers of products are as much work as the usual one."""
    return sum(usual * (1 - SPREAD) <= count <= usual * (1 + SPREAD) for count in counts)


MEASURES = {"products": products, "largest": largest, "zeros": zeros, "carries": carries}  # what a band bounds


def _says_little(part: DrawnPart, ties: Ties, usual: Usual) -> str:
    """Why an answer is not worth asking for. A size may well be the same along every axis: 17 x 17."""
    _, cells = part.outcome
    if set(cells) == {0}:
        return "the answer is all zeros"
    if len(cells) > 1 and len(set(cells)) == 1 and not ties.of_parameters:
        return "the answer is constant"
    return "the answer is wider than usual" if _digits(part) > usual.digits else ""


class Judge:
    """Judges the draws of one question; what agrees by construction is found once for each choice of parameters."""

    def __init__(self, question: QuestionPlan, band: Band | None) -> None:
        self.question, self.band = question, band
        self.drawer = Drawer(question)
        self._ties: dict[tuple[str, str], tuple[Ties, Usual]] = {}

    def check_choices(self) -> None:
        """Raise ProblemError where a part cannot be drawn at all, or its multiple choice cannot be made."""
        for part in self.drawer.candidate("trial", self.question.name):
            table, place = part.plan.table, self.question.place
            if part.plan.letter:
                place = f"{place}.parts[{1 + self.question.parts.index(part.plan)}]"
            if is_empty(part) and not self.question.is_drawn:
                raise ProblemError(f"{place}: {EMPTY}, so there is nothing to hand in; change the numbers")
            known = [mistake.name for mistake in part.problem.operation.misconceptions]
            for name in table.distractors or ():
                if name not in known:
                    near = get_close_matches(name, known, n=1)
                    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
                    raise ProblemError(f"{place}.distractors: {shown(name)} is no misconception here; {hint}")
            if table.distractors is not None and not table.choices:
                raise ProblemError(f"{place}.distractors are for a multiple choice; add choices = 4, or leave them out")
            if table.choices and part.value is None:
                raise ProblemError(f"{place}.choices need numbers, but the operands have letters; leave choices out")
            if table.choices and table.distractors is not None and len(set(table.distractors)) < table.choices - 1:
                most, has = table.choices - 1, len(set(table.distractors))
                raise ProblemError(f"{place}.choices is {table.choices}: name {most} distractors or more, not {has}")
            if table.choices and not part.chosen:  # where parameters are drawn, some of them may give more
                self._check_wrong_answers(part, table.choices, place)

    def _check_wrong_answers(self, part: DrawnPart, choices: int, place: str) -> None:
        """Raise ProblemError where no draw has as many different wrong answers as a multiple choice needs."""
        most: list[str] = []
        for number in range(TRIALS):
            most = max(most, [*self.distractors(self._trial(part, number, None))], key=len)
            if len(most) >= choices - 1:
                return
        has = f"only {len(most) if len(most) > 1 else 'one'} ({', '.join(most)})" if most else "none"
        better = f"write choices = {len(most) + 1}" if most else "leave choices out"
        needs = f"choices is {choices} and needs {choices - 1} different wrong answers"
        raise ProblemError(f"{place}.{needs}, but this question has {has}; {better}")

    def sound(self, parts: tuple[DrawnPart, ...]) -> str:
        """Why a draw is refused, or "" where it is sound."""
        for part in parts:
            reason = self._part(part)
            if reason:
                return f"part {part.plan.letter}: {reason}" if part.plan.letter else reason
        return ""

    def _part(self, part: DrawnPart) -> str:
        if part.arrays is None:
            return ""
        if is_empty(part):  # also where no draw changes that
            return EMPTY
        ties, usual = self.ties(part)
        if ties.is_fixed:
            return ""
        return (
            self._outside_its_band(part)
            or self._unusual(part, usual)  # before what needs the answer: most draws that are refused end here
            or _says_little(part, ties, usual)
            or self._tells_nothing(part, ties)
        )

    def _outside_its_band(self, part: DrawnPart) -> str:
        """The first measure outside of what the file says."""
        for name, measure in MEASURES.items():
            band, value = self._band(part, name), None
            if band is not None and (value := measure(part)) is not None and not band[0] <= value <= band[1]:
                return f"{name} outside its band"
        return ""

    def _unusual(self, part: DrawnPart, usual: Usual) -> str:
        """Whether this is much more or less work than other draws, where the file does not say how much it may be."""
        if usual.products is None or self._band(part, "products") is not None:
            return ""
        return "" if _alike([products(part) or 0], usual.products) else "products outside its band"

    def _tells_nothing(self, part: DrawnPart, ties: Ties) -> str:
        """Which mistake cannot be seen in this answer."""
        if part.seen is None:
            return ""
        wrong: dict[str, Array] = {}
        seen = {part.outcome: "the right answer"}
        wanted = {*ties.told_apart, *(part.plan.table.distractors or ())}
        for name, answer in each_wrong_value(part.seen, part.answer, wanted):  # only up to the first that is not seen
            wrong[name] = answer
            if name not in ties.told_apart:
                continue
            key = outcome(answer)
            if key in seen:
                return f"{name} gives {seen[key]}"
            seen[key] = f"what {name} gives"
        choices = part.plan.table.choices
        if choices and len(self._distractors(part, wrong)) < choices - 1:
            return f"fewer than {choices - 1} wrong answers to choose from"
        return ""

    def distractors(self, part: DrawnPart) -> dict[str, Array]:
        """Wrong answers of different misconceptions that may stand beside the right one."""
        return self._distractors(part, mistaken(part))

    def _distractors(self, part: DrawnPart, wrong: Mapping[str, Array]) -> dict[str, Array]:
        named = part.plan.table.distractors
        seen = {part.outcome}
        found = {}
        for name in named if named is not None else self.ties(part)[0].told_apart:
            if name in wrong and is_rational(wrong[name]) and outcome(wrong[name]) not in seen:
                seen.add(outcome(wrong[name]))
                found[name] = wrong[name]
        return found

    def _band(self, part: DrawnPart, name: str) -> tuple[float, float] | None:
        """What the file says of a measure: at the part, the question, or for the sheet."""
        for band in (part.plan.table.band, self.question.table.band, self.band):
            if band is not None and getattr(band, name) is not None:
                least, most = getattr(band, name)
                return float(least), float(most)
        return None

    def ties(self, part: DrawnPart) -> tuple[Ties, Usual]:
        """What always agrees for these parameters, and what is usual."""
        key = (part.plan.letter, repr(part.chosen))
        if key not in self._ties and not part.problem.setting.operands and part.chosen:
            self._ties[key] = self._ties_of_parameters(part), Usual(None, MOST_DIGITS)
        if key not in self._ties:
            found = _ties([self._trial(part, n, part.chosen) for n in range(TRIALS)])
            if found.is_fixed and part.chosen:  # no operand matters: it hangs on the parameters alone
                found = self._ties_of_parameters(part)
            trials = [self._trial(part, n, part.chosen, wide=False) for n in range(USUAL)]
            widest = max(map(_digits, trials))
            self._ties[key] = found, Usual(self._usual_products(part, trials), widest)
        return self._ties[key]

    def _usual_products(self, part: DrawnPart, trials: Sequence[DrawnPart]) -> float | None:
        """The number of products that most trials are near."""
        counts = [count for count in map(products, trials) if count is not None]
        if not counts:
            return None
        if median(counts) < FEW_PRODUCTS:
            more = (self._trial(part, n, part.chosen, wide=False) for n in range(USUAL, MORE_USUAL))
            counts += [count for count in map(products, more) if count is not None]
        return max(sorted(set(counts)), key=lambda usual: (_alike(counts, usual), -abs(usual - median(counts))))

    def _ties_of_parameters(self, part: DrawnPart) -> Ties:
        key = (part.plan.letter, "any")
        if key not in self._ties:
            found = _ties([self._trial(part, n, None) for n in range(4 * TRIALS)])
            self._ties[key] = replace(found, of_parameters=True), Usual(None, 0)
        return self._ties[key][0]

    def _trial(self, like: DrawnPart, number: int, chosen: Sequence[Any] | None, wide: bool = True) -> DrawnPart:
        """A draw of the same part from a stream of its own."""
        kind = "wide" if wide else "usual"
        try:
            parts = self.drawer.candidate("trial", self.question.name, kind, number, wide=wide, chosen=chosen)
        except ProblemError:
            if not wide:
                raise
            return self._trial(like, number, chosen, wide=False)  # the operation takes no numbers that far out
        return next(part for part in parts if part.plan is like.plan)

    def warnings(self) -> Iterator[str]:
        """Misconceptions that this question cannot tell from the right answer because of operands that are fixed."""
        for part in self.drawer.candidate("trial", self.question.name):
            if part.value is None:
                continue
            ties, _ = self.ties(part)
            free = _ties_of_any_numbers(part)
            for name in ties.blind:
                if name not in free:
                    at = f" part {part.plan.letter}" if part.plan.letter else ""
                    yield f"{self.question.place}{at}: {name} gives the right answer here; change the fixed numbers"


def _ties(trials: list[DrawnPart]) -> Ties:
    """Group the misconceptions by what they give in all trials."""
    found: dict[tuple[Outcome | None, ...], list[str]] = {}
    answers = [mistaken(trial) for trial in trials]
    right = tuple(trial.outcome for trial in trials if trial.arrays is not None)
    for name in dict.fromkeys(name for answer in answers for name in answer):
        key = tuple(outcome(answer[name]) if name in answer else None for answer in answers)
        found.setdefault(key, []).append(name)
    never_wrong = [key for key in found if all(one in (None, other) for one, other in zip(key, right, strict=True))]
    blind = tuple(name for key in never_wrong for name in found.pop(key))
    for key in reversed(list(found)):  # what always gives what another one gives, now this one and now that
        others = [right, *(other for other in found if other != key)]
        if all(one is None or any(one == other[n] for other in others) for n, one in enumerate(key)):
            del found[key]
    return Ties(tuple(map(tuple, found.values())), blind, len(set(right)) == 1)


def _ties_of_any_numbers(part: DrawnPart) -> set[str]:
    """The misconceptions that give the right answer whatever all operands are, the fixed ones included."""
    operation, setting = part.problem.operation, part.problem.setting
    stream = Stream("any numbers")
    blind: set[str] | None = None
    for _ in range(TRIALS):
        arrays = {
            name: numeric.array([stream.between(-WIDEST, WIDEST) for _ in range(array.size)], array.shape)
            for name, array in (part.arrays or {}).items()
        }
        agreed = outcome(np.asarray(operation.oracle(setting, arrays)[part.answer]()))
        now = {name for name, answer in mistaken(part, arrays).items() if outcome(answer) == agreed}
        blind = now if blind is None else blind & now
    return blind or set()


def sound_draws(
    judge: Judge, *stream: str | int, refused: Counter[str] | None = None
) -> Iterator[tuple[int, tuple[DrawnPart, ...]]]:
    """The sound draws of a stream with their attempt numbers; `refused` counts the reasons against the others.

    Raises ProblemError when they become too rare.
    """
    refused = Counter() if refused is None else refused
    last = -1
    for attempt in range(10**9):
        parts = judge.drawer.candidate(*stream, attempt)
        reason = judge.sound(parts) if judge.question.is_drawn else ""
        if not reason:
            last = attempt
            yield attempt, parts
            if not judge.question.is_drawn:
                return
            continue
        refused[reason] += 1
        if attempt - last >= MOST_ATTEMPTS:
            most = "; ".join(f"{reason} ({times(count)})" for reason, count in refused.most_common(3))
            raise ProblemError(
                f"{judge.question.place}: none of {MOST_ATTEMPTS:,} draws is sound: {most}; draw from a wider range, "
                "or change the band"
            )


def times(count: int) -> str:
    """How often, in words.

    >>> times(1), times(2000)
    ('1 time', '2,000 times')
    """
    return f"{count:,} time{'' if count == 1 else 's'}"


def digest(parts: tuple[DrawnPart, ...]) -> bytes:
    """What no two versions may share: the data of a question."""
    return sha256(repr([sorted(part.keys.items(), key=lambda item: item[0]) for part in parts]).encode()).digest()[:8]
