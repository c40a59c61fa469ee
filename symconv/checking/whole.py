"""The answer put together from the parts of it that were handed in: its cells, and quantities that stand in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from symconv.checking.diagnosis import Verdict
from symconv.checking.explain import value_from
from symconv.checking.handed import Value, value_of
from symconv.checking.target import Target
from symconv.errors import SymconvError
from symconv.operations.base import Arrays
from symconv.problem import Problem
from symconv.tensor import letters_of

GIVEN = frozenset({"input", "kernel", "bias"})  # as keys of a problem, also where they are no operands
DRAWS = 3  # of other operands, at which quantities are compared
WIDEST = 1000  # of their entries
MOST_NAMED = 6  # blank cells in one sentence
Cells = Sequence[Any]


@dataclass(frozen=True)
class Whole:
    """The verdict on the answer, None where nothing of it was handed in.

    `outside` are cells that were handed in for it and that it has not; `missing` says what of it was not handed in.
    """

    verdict: Verdict | None
    outside: int = 0
    missing: str = ""


class Parts:
    """Which labels of a problem are its answer, part of its answer, or given with it."""

    def __init__(
        self,
        problem: Problem,
        arrays: Arrays | None,
        answer: str,
        target: Callable[[str], Target | None],
        check: Callable[[str, Any], Verdict],
    ) -> None:
        """`target` gives what a label is held against, `check` the verdict on a value of it."""
        self._problem, self._arrays, self._answer = problem, arrays, answer
        self._target, self._check = target, check
        self._starts: dict[str, int | None] = {}

    @cached_property
    def _given(self) -> frozenset[str]:
        """The quantities that the problem gives."""
        operands, keys = {*self._problem.setting.operands}, GIVEN & {*self._problem.operation.keys}
        # factors that are to be found are operands of what they make
        return frozenset(keys if self._answer in operands else keys | operands) - {self._answer}

    def is_copied(self, verdict: Verdict) -> bool:
        """Whether a label names what the problem gives, and its value is not what that becomes on the way."""
        target = self._target(verdict.label)
        if target is None or target.place.name not in self._given:
            return False
        return not verdict.is_right or target.right is None or verdict.right == target.right.tensor

    def whole(self, verdicts: Mapping[str, Verdict]) -> Whole:
        """The answer as it was handed in, or put together from the parts of it that were."""
        answer = self._target(self._answer)
        places, outside = dict[str, int](), 0
        for label, verdict in verdicts.items():
            part = self._target(label)
            start = None if part is None else self.start(part.place.name)
            if part is None or start is None:
                continue
            if part.place.index is None and part.place.name == self._answer:
                return Whole(verdict)
            if part.right is None:
                outside += 1
            else:
                places[label] = start + (0 if part.place.index is None else part.flat(0))
        if answer is None or answer.right is None or not (places or outside):
            return Whole(None, missing=f"The answer, {self._answer}, was not handed in." if verdicts else "")
        value = _gathered(answer.right, places, verdicts)
        before = tuple(dict.fromkeys(one for label in places for one in verdicts[label].follows_from))
        made = self._check(self._answer, value)
        status = "follows" if before and made.status == "right" else made.status
        return Whole(replace(made, status=status, follows_from=before), outside, _missing(answer, value))

    def start(self, name: str) -> int | None:
        """Where the cells of a quantity stand in the answer, one after the other; None where they do not."""
        if name == self._answer:
            return 0
        if name not in self._starts:
            series = [] if name in self._given else [self._at_draws(one) for one in (name, self._answer)]
            apart = not series or len(series[0]) != len(series[1])
            self._starts[name] = None if apart else start_of(*series)
        return self._starts[name]

    def _at_draws(self, name: str) -> list[Cells]:
        """The cells of a quantity, and those it has at other operands; nothing where it has none there."""
        target = self._target(name)
        found: list[Cells] = [] if target is None or target.right is None else [target.right.cells]
        if self._arrays is None or not found:
            return found
        rng = np.random.default_rng(1)  # the same on every run
        for _ in range(DRAWS):
            drawn = {one: rng.integers(1, WIDEST, array.shape) for one, array in self._arrays.items()}
            try:
                made = value_from(self._problem.operation.oracle(self._problem.setting, drawn)[name])
            except (SymconvError, ArithmeticError, LookupError, TypeError, ValueError):
                return []
            if made is None or len(made.cells) != len(found[0]):
                return []
            found.append(made.cells)
        return found


def start_of(part: Sequence[Cells], answer: Sequence[Cells]) -> int | None:
    """Where a quantity stands in the answer, cell by cell in a row, whatever the operands are; None where it does not.

    Both are given as they are and then with other operands. What no operand changes stands nowhere: two sizes may be
    equal by chance. In letters the cells speak for all operands.

    >>> start_of([(5, 6), (7, 9)], [(4, 5, 6), (3, 7, 9)]), start_of([(5,), (5,)], [(4, 5, 6), (7, 5, 9)])
    (1, None)
    """
    if not part:
        return None
    first, *others = part
    if not (letters_of(first) or any(list(one) != list(first) for one in others)):
        return None
    cells, whole = list(zip(*part, strict=True)), list(zip(*answer, strict=True))
    found = [at for at in range(len(whole) - len(cells) + 1) if whole[at : at + len(cells)] == cells]
    return found[0] if len(found) == 1 else None


def _gathered(right: Value, places: Mapping[str, int], verdicts: Mapping[str, Verdict]) -> Value:
    """The answer as far as it was handed in, the rest of it blank; `places` says where each label's cells begin.

    What counts as right stands there as it should be: it may be right by another way, or follow from a wrong value.
    """
    cells: list[Any] = [None] * len(right.cells)
    for label, at in places.items():
        verdict = verdicts[label]
        given, should = value_of(verdict.given), value_of(verdict.right)
        if given is not None and should is not None and len(given.cells) == len(should.cells):
            cells[at : at + len(given.cells)] = (should if verdict.is_right else given).cells
    return Value(right.shape, tuple(cells))


def _missing(answer: Target, value: Value) -> str:
    """What says which cells of an answer are blank; "" where none is."""
    blank = [n for n, cell in enumerate(value.cells) if cell is None]
    names = ", ".join(answer.cell(n, None, None).name for n in blank[:MOST_NAMED])
    more = f" and {len(blank) - MOST_NAMED} more" if len(blank) > MOST_NAMED else ""
    return f"Not all of the answer, {answer.label}, was handed in; blank: {names}{more}." if blank else ""
