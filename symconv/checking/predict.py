"""What mistakes lead to: the oracle's values for the problem as mistaken people see it. It knows no operation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from functools import cached_property, partial
from typing import Any

import numpy as np

from symconv import numeric
from symconv.errors import SymconvError
from symconv.numeric import Array
from symconv.operations.base import Arrays, At, Misconception, Operation, Oracle
from symconv.problem import Problem

Predicted = Mapping[str, Callable[[], Array | None]]


def arrays_of(problem: Problem) -> dict[str, Array] | None:
    """The operands as exact arrays; None where an entry is a letter.

    >>> arrays_of(Problem("convolution", input=[1, 2], kernel=[3]))["input"].tolist()
    [[1, 2]]
    """
    operands = problem.setting.operands
    kinds = {type(cell) for tensor in operands.values() for cell in tensor.cells}
    if any(hasattr(kind, "free_symbols") for kind in kinds):
        return None
    return numeric.arrays({name: (tensor.cells, tensor.shape) for name, tensor in operands.items()})


class Seen:
    """A problem as somebody sees it. What mistakes make of it, and each of its values, is worked out once."""

    def __init__(
        self, operation: Operation, setting: Any, arrays: Arrays, met: dict[Hashable, Seen] | None = None
    ) -> None:
        """`met` gets the problems that mistakes lead to: where two lead to one, it is worked out once.

        Without it none is looked up, which costs more than it saves where each mistake is made by itself.
        """
        self.operation, self.setting, self.arrays = operation, setting, arrays
        self._met = met
        self._changed: dict[str, Seen | None] = {}
        self._told: dict[str, Mapping[str, Array] | None] = {}
        self._values: dict[tuple[str, ...], Array | None] = {}

    @cached_property
    def oracle(self) -> Oracle:
        """Every quantity of it."""
        return self.operation.oracle(self.setting, self.arrays)

    def by(self, *mistakes: Misconception) -> tuple[Seen, tuple[Misconception, ...]] | None:
        """The problem after the changes of mistakes in the order given, and the mistakes that act on its values.

        None where the mistakes cannot be made; at most one of them may have a `predict`, which then comes first.
        """
        seen = self
        for mistake in mistakes:
            if mistake.change is not None:
                changed = seen._by_change(mistake)
                if changed is None:
                    return None
                seen = changed
        telling = [mistake for mistake in mistakes if mistake.predict is not None]
        if len(telling) > 1 or any(seen.told(mistake) is None for mistake in telling):
            return None
        return seen, (*telling, *[mistake for mistake in mistakes if mistake.after is not None])

    def _by_change(self, mistake: Misconception) -> Seen | None:
        if mistake.name not in self._changed:
            made = mistake.change(self.setting, self.arrays) if mistake.change is not None else None
            self._changed[mistake.name] = None if made is None else self._one(*made)
        return self._changed[mistake.name]

    def _one(self, setting: Any, arrays: Arrays) -> Seen:
        """The problem with this setting and these arrays, the same one for all ways that lead to it."""
        made = Seen(self.operation, setting, arrays, self._met)
        if self._met is None:
            return made
        cells = [(name, a.dtype.char, a.shape, tuple(a.reshape(-1).tolist())) for name, a in arrays.items()]
        try:
            return self._met.setdefault((setting, *cells), made)
        except TypeError:  # there are numbers in it that cannot be looked up
            return made

    def told(self, mistake: Misconception) -> Mapping[str, Array] | None:
        """What a misconception with a `predict` says by itself, by label."""
        if mistake.name not in self._told:
            wrong = mistake.predict(self.setting, self.arrays) if mistake.predict is not None else None
            if wrong is not None and not isinstance(wrong, Mapping):
                wrong = {self.operation.answer(self.setting, self.operation.asks[0]): wrong}
            self._told[mistake.name] = wrong
        return self._told[mistake.name]

    def labels(self, mistakes: tuple[Misconception, ...]) -> Iterable[str]:
        """What can be asked for after mistakes that act on values."""
        told = self.told(mistakes[0]) if mistakes and mistakes[0].predict is not None else None
        return self.oracle if told is None else told

    def value(self, label: str, mistakes: tuple[Misconception, ...] = ()) -> Array | None:
        """The value of a label after mistakes that act on values; None where they say nothing of it."""
        key = label, *[mistake.name for mistake in mistakes]
        if key not in self._values:
            self._values[key] = self._worked_out(label, mistakes)
        return self._values[key]

    def _worked_out(self, label: str, mistakes: tuple[Misconception, ...]) -> Array | None:
        if not mistakes:
            made = self.oracle[label]()
            return None if made is None else np.asarray(made)
        last = mistakes[-1]
        if last.after is None:
            return np.asarray((self.told(last) or {})[label])
        if isinstance(last.after, At) and label not in last.after.labels:
            return None
        before = self.value(label, mistakes[:-1])
        return None if before is None else last.after(self.setting, self.arrays, label, before)


def predicted(operation: Operation, setting: Any, arrays: Arrays, *misconceptions: Misconception) -> Predicted | None:
    """The wrong value of every label, each computed when it is asked for; None where the mistakes cannot be made.

    Mistakes are made in the order given. At most one of them may have a `predict`. A value is None where the mistakes
    together say nothing of its label.

    >>> problem = Problem("convolution", input=[1, 2, 3], kernel=[1, 0])
    >>> mistakes = {mistake.name: mistake for mistake in problem.operation.misconceptions}
    >>> wrong = predicted(problem.operation, problem.setting, arrays_of(problem), mistakes["kernel_not_flipped"])
    >>> wrong["output"]().tolist()
    [1, 2]
    """
    made = Seen(operation, setting, arrays).by(*misconceptions)
    if made is None:
        return None
    seen, acting = made
    return {label: partial(seen.value, label, acting) for label in seen.labels(acting)}


def quantity(get: Callable[[], Any]) -> Array | None:
    """A quantity of a mistaken problem; None where that problem does not have it, such as a DFT of another length."""
    try:
        made = get()
    except (SymconvError, ArithmeticError, IndexError, KeyError, StopIteration, TypeError, ValueError):
        return None
    return None if made is None else np.asarray(made)


def each_wrong_value(seen: Seen, label: str, only: Collection[str] | None = None) -> Iterator[tuple[str, Array]]:
    """What each misconception makes of a label, with its name: those that can be made and say something of it.

    With `only`, nothing else is worked out than what misconceptions of these names make of it.

    >>> problem = Problem("convolution", input=[1, 2, 3], kernel=[1, 0])
    >>> next(each_wrong_value(Seen(problem.operation, problem.setting, arrays_of(problem)), "size"))
    ('kernel_not_flipped', array([2]))
    """
    for mistake in seen.operation.misconceptions:
        if only is not None and mistake.name not in only:
            continue
        made = seen.by(mistake)
        value = quantity(partial(made[0].value, label, made[1])) if made is not None else None
        if value is not None:
            yield mistake.name, value


def wrong_values(operation: Operation, setting: Any, arrays: Arrays, label: str) -> dict[str, Array]:
    """All of `each_wrong_value`.

    >>> problem = Problem("convolution", input=[1, 2, 3], kernel=[1, 0])
    >>> sizes = wrong_values(problem.operation, problem.setting, arrays_of(problem), "size")
    >>> sizes["kernel_not_flipped"].tolist(), sizes["same_size"].tolist()
    ([2], [3])
    """
    return dict(each_wrong_value(Seen(operation, setting, arrays), label))


def answers(problem: Problem, label: str | None = None) -> dict[str, Array]:
    """What each misconception makes of a label (the answer unless given); of letters nothing can be predicted: {}.

    A value may be the right one: the problem is blind to that mistake.

    >>> made = answers(Problem("convolution", input=[1, 2, 3], kernel=[1, 0]))
    >>> made["kernel_not_flipped"].tolist(), made["same_size"].tolist()
    ([1, 2], [2, 3, 0])
    """
    arrays = arrays_of(problem)
    if arrays is None:
        return {}
    wanted = problem.operation.answer(problem.setting, problem.ask) if label is None else label
    return wrong_values(problem.operation, problem.setting, arrays, wanted)
