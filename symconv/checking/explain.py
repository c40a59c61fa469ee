"""Everything that mistakes make of one problem, for looking answers up: singly, in pairs, by label. No operation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from itertools import permutations
from typing import Any

from symconv.checking.diagnosis import Explanation, Mistake
from symconv.checking.handed import Value, exact_cells
from symconv.checking.predict import Seen, quantity
from symconv.errors import SymconvError
from symconv.operations.base import Arrays, Misconception, Operation

_IMPOSSIBLE = (SymconvError, ValueError, IndexError, TypeError, ZeroDivisionError)


def mistake_of(misconception: Misconception) -> Mistake:
    """What a diagnosis says of a misconception."""
    return Mistake(misconception.name, misconception.belief, misconception.correction)


def value_from(get: Callable[[], Any]) -> Value | None:
    """A quantity as the oracle gives it; None where the mistaken problem has no such quantity."""
    array = quantity(get)
    if array is None:
        return None
    return Value(array.shape, exact_cells(array.reshape(-1).tolist()))


class Predictions:
    """The wrong values of every label of one problem, each worked out once."""

    def __init__(self, operation: Operation, setting: Any, arrays: Arrays) -> None:
        self._problem = Seen(operation, setting, arrays, met={})
        self._misconceptions = operation.misconceptions
        self._mistakes = {mistake.name: mistake_of(mistake) for mistake in self._misconceptions}
        self._values: dict[tuple[str, int], tuple[tuple[Explanation, Value], ...]] = {}

    @cached_property
    def singles(self) -> tuple[tuple[Misconception], ...]:
        """The mistakes that can be made, each by itself."""
        return tuple([(mistake,) for mistake in self._misconceptions if self._can_be_made(mistake)])

    def _can_be_made(self, mistake: Misconception) -> bool:
        try:
            made = self._problem.by(mistake)
            return made is not None and made[0].labels(made[1]) is not None
        except _IMPOSSIBLE:
            return False

    @cached_property
    def pairs(self) -> tuple[tuple[Misconception, Misconception], ...]:
        """Two of them, one after the other; in both orders where that can matter."""
        able = [mistake for (mistake,) in self.singles]
        return tuple(
            [
                (one, other)
                for (n, one), (m, other) in permutations(enumerate(able), 2)
                if n < m or (one.change and other.change) or (one.after and other.after)
            ]
        )

    def values(self, label: str, count: int) -> tuple[tuple[Explanation, Value], ...]:
        """The value of a label for each set of one or two mistakes that has one."""
        if (label, count) not in self._values:
            sets: Sequence[tuple[Misconception, ...]] = self.singles if count == 1 else self.pairs
            self._values[label, count] = tuple(
                [
                    (Explanation(tuple([self._mistakes[mistake.name] for mistake in mistakes])), value)
                    for mistakes in sets
                    if (value := self._value(label, mistakes)) is not None
                ]
            )
        return self._values[label, count]

    def _value(self, label: str, mistakes: tuple[Misconception, ...]) -> Value | None:
        try:
            made = self._problem.by(*mistakes)
        except _IMPOSSIBLE:
            return None  # the second mistake cannot be made in what the first one leaves
        return None if made is None else value_from(partial(made[0].value, label, made[1]))
