"""Everything that mistakes make of one problem, for looking answers up: singly, in pairs, by label. No operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import permutations
from typing import Any

from symconv.checking.diagnosis import Explanation, Mistake
from symconv.checking.handed import Key, Value, exact_cell
from symconv.checking.predict import Predicted, predicted, quantity
from symconv.errors import SymconvError
from symconv.operations.base import Arrays, Misconception, Operation

MOST_CELLS = 3000  # of a label for which pairs are tried
Found = Mapping[Key, tuple[Explanation, ...]]


def mistake_of(misconception: Misconception) -> Mistake:
    """What a diagnosis says of a misconception."""
    return Mistake(misconception.name, misconception.belief, misconception.correction)


def value_from(get: Callable[[], Any]) -> Value | None:
    """A quantity as the oracle gives it; None where the mistaken problem has no such quantity."""
    array = quantity(get)
    if array is None:
        return None
    return Value(array.shape, tuple(map(exact_cell, array.reshape(-1).tolist())))


class Predictions:
    """The wrong values of every label of one problem, each worked out once."""

    def __init__(self, operation: Operation, setting: Any, arrays: Arrays, ways: Sequence[Any] = ()) -> None:
        """`ways` are settings that are as right: to change the problem into one of them is no mistake."""
        self._problem = operation, setting, arrays
        changed = {m.name: m.change(setting, arrays) for m in operation.misconceptions if ways and m.change}
        as_right = {
            name for name, seen in changed.items() if seen is not None and seen[0] in ways and seen[1] is arrays
        }
        self._misconceptions = [mistake for mistake in operation.misconceptions if mistake.name not in as_right]
        self._values: dict[tuple[tuple[str, ...], str], Value | None] = {}

    @cached_property
    def singles(self) -> Mapping[tuple[Misconception, ...], Predicted]:
        """What each mistake that can be made makes of the problem."""
        return self._made((mistake,) for mistake in self._misconceptions)

    @cached_property
    def pairs(self) -> Mapping[tuple[Misconception, ...], Predicted]:
        """The same for two mistakes, one after the other."""
        able = [mistake for (mistake,) in self.singles]
        return self._made(permutations(able, 2))

    def _made(self, sets: Iterator[Any]) -> Mapping[tuple[Misconception, ...], Predicted]:
        found = {}
        for mistakes in sets:
            try:
                made = predicted(*self._problem, *mistakes)
            except (SymconvError, ValueError, IndexError, TypeError, ZeroDivisionError):
                continue  # the second mistake cannot be made in what the first one leaves
            if made is not None:
                found[mistakes] = made
        return found

    def values(self, label: str, count: int) -> Iterator[tuple[Explanation, Value]]:
        """The value of a label for each set of one or two mistakes that has one."""
        for mistakes, made in (self.singles if count == 1 else self.pairs).items():
            key = tuple(mistake.name for mistake in mistakes), label
            if key not in self._values:
                self._values[key] = value_from(made[label]) if label in made else None
            value = self._values[key]
            if value is not None:
                yield Explanation(tuple(map(mistake_of, mistakes))), value
