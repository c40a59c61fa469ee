"""What mistakes lead to: the oracle's values for the problem as mistaken people see it. It knows no operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

import numpy as np

from symconv import numeric
from symconv.errors import SymconvError
from symconv.numeric import Array
from symconv.operations.base import Arrays, At, Misconception, Operation
from symconv.problem import Problem

Predicted = Mapping[str, Callable[[], Array | None]]


def arrays_of(problem: Problem) -> dict[str, Array] | None:
    """The operands as exact arrays; None where an entry is a letter.

    >>> arrays_of(Problem("convolution", input=[1, 2], kernel=[3]))["input"].tolist()
    [[1, 2]]
    """
    operands = problem.setting.operands
    if any(hasattr(cell, "free_symbols") for tensor in operands.values() for cell in tensor.cells):
        return None
    return {name: numeric.array(tensor.cells, tensor.shape) for name, tensor in operands.items()}


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
    told: Misconception | None = None
    for mistake in misconceptions:
        if mistake.change is not None:
            seen = mistake.change(setting, arrays)
            if seen is None:
                return None
            setting, arrays = seen
        if mistake.predict is not None:
            if told is not None:
                return None
            told = mistake
    made = _oracle(operation, setting, arrays) if told is None else _told(told, operation, setting, arrays)
    for mistake in misconceptions:
        if mistake.after is not None and made is not None:
            made = {label: _after(mistake.after, setting, arrays, label, get) for label, get in made.items()}
    return made


def _oracle(operation: Operation, setting: Any, arrays: Arrays) -> Predicted | None:
    return operation.oracle(setting, arrays)


def _told(mistake: Misconception, operation: Operation, setting: Any, arrays: Arrays) -> Predicted | None:
    """What a misconception predicts by itself, by label."""
    wrong = mistake.predict(setting, arrays) if mistake.predict is not None else None
    if wrong is None:
        return None
    named = wrong if isinstance(wrong, Mapping) else {operation.answer(setting, operation.asks[0]): wrong}
    return {label: partial(np.asarray, value) for label, value in named.items()}


def _nothing() -> None:
    """What a mistake says of a label that it does not touch."""


def _after(
    change: Callable[[Any, Arrays, str, Array], Array | None],
    setting: Any,
    arrays: Arrays,
    label: str,
    get: Callable[[], Array | None],
) -> Callable[[], Array | None]:
    if isinstance(change, At) and label not in change.labels:
        return _nothing

    def value() -> Array | None:
        before = get()
        return None if before is None else change(setting, arrays, label, np.asarray(before))

    return value


def quantity(get: Callable[[], Any]) -> Array | None:
    """A quantity of a mistaken problem; None where that problem does not have it, such as a DFT of another length."""
    try:
        made = get()
    except (SymconvError, ArithmeticError, IndexError, KeyError, StopIteration, TypeError, ValueError):
        return None
    return None if made is None else np.asarray(made)


def wrong_values(operation: Operation, setting: Any, arrays: Arrays, label: str) -> dict[str, Array]:
    """What each misconception makes of a label, by its name: those that can be made and say something of it.

    >>> problem = Problem("convolution", input=[1, 2, 3], kernel=[1, 0])
    >>> sizes = wrong_values(problem.operation, problem.setting, arrays_of(problem), "size")
    >>> sizes["kernel_not_flipped"].tolist(), sizes["same_size"].tolist()
    ([2], [3])
    """
    found = {}
    right = cache(lambda: np.asarray(operation.oracle(setting, arrays)[label]()))  # once for all that come after it
    for mistake in operation.misconceptions:
        if mistake.change is None and mistake.predict is None and mistake.after is not None:
            made: Predicted | None = {label: _after(mistake.after, setting, arrays, label, right)}
        else:
            made = predicted(operation, setting, arrays, mistake)
        value = quantity(made[label]) if made is not None and label in made else None
        if value is not None:
            found[mistake.name] = value
    return found


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
