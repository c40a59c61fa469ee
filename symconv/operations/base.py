"""The protocol of an operation: what `problem`, `solution` and `verify` may ask of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from symconv.document import Quantity, Step
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.tensor import Tensor

Oracle = Mapping[str, Callable[[], Array]]
Arrays = Mapping[str, Array]
Change = Callable[[Any, Arrays], tuple[Any, Arrays] | None]
After = Callable[[Any, Arrays, str, Array], Array | None]


class Parts(Mapping[str, Callable[[], Array]]):
    """An oracle in parts, each put together when a label is in none before it: most callers want the output alone.

    The first part that knows a label tells it.
    """

    def __init__(self, *parts: Callable[[], Oracle]) -> None:
        self._made: dict[str, Callable[[], Array]] = {}
        self._waiting = list(parts)

    def __getitem__(self, label: str) -> Callable[[], Array]:
        while label not in self._made and self._waiting:
            self._next()
        return self._made[label]

    def __iter__(self) -> Iterator[str]:
        while self._waiting:
            self._next()
        return iter(self._made)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _next(self) -> None:
        for label, value in self._waiting.pop(0)().items():
            self._made.setdefault(label, value)


def in_words(operation: str) -> str:
    """What an operation is called in a heading.

    >>> in_words("cross_correlation"), in_words("output_size")
    ('Cross-correlation', 'Output size')
    """
    return operation.replace("_", " ").capitalize().replace("Cross c", "Cross-c")


@dataclass(frozen=True)
class Misconception:
    """A mistake with a name, and what it leads to, worked out mechanically from the arrays the oracle gets.

    `change` gives the problem as the mistaken person sees it: another setting, other arrays (never the same ones
    modified). The wrong value of every label is the oracle's for that problem, and mistakes compose by applying one
    change after the other. `after` changes a value that is already there, where no other problem has it: it gets the
    setting, the arrays, the label and the value. `predict`, for what cannot be said so, gives the wrong answer of the
    default ask, or wrong values by label. Each gives None where the mistake cannot be made (nothing to flip, no
    padding) or says nothing of the label, and the right value where this problem is blind to it.
    """

    name: str
    belief: str
    correction: str
    predict: Callable[[Any, Arrays], Array | Mapping[str, Array] | None] | None = None
    change: Change | None = None
    after: After | None = None

    def __post_init__(self) -> None:
        if (self.predict is None) == (self.change is None and self.after is None):
            raise TypeError(f"{self.name} needs either predict, or change or after or both of them")


@dataclass(frozen=True)
class Detail:
    """How much of a long solution is shown: windows in full up to `worked`, all of them when `full`.

    With `to_the_answer` it ends there, without other methods and checks.
    """

    worked: int = 16
    full: bool = False
    to_the_answer: bool = False


@dataclass(frozen=True)
class Solved:
    """What `derive` gives back: the steps, every quantity by label, and the label of the answer."""

    steps: tuple[Step, ...]
    quantities: Mapping[str, Quantity]
    answer: str

    def shown(self, detail: Detail) -> Solved:
        """As much of it as is wanted: up to the step that is labelled as the answer, or everything."""
        labels = [step.label for step in self.steps]
        if not detail.to_the_answer or self.answer not in labels:
            return self
        return replace(self, steps=self.steps[: labels.index(self.answer) + 1])


class Setting(Protocol):
    """A problem's data after validation: `operands` by name, and whatever else the operation reads.

    A setting may also have `ranges`: for each operand that is a size the least and the greatest it may be, for probes;
    and `starts`: what the printed indices of the output's cells start from, where that is not the index base.
    """

    @property
    def operands(self) -> Mapping[str, Tensor]:
        """The operands by name, in full shape."""


class Operation(Protocol):
    """One operation of convolution arithmetic.

    An operation may also have `routes(setting)`: ways of working that are as right, as pairs of a description and the
    setting that says them; each gives other values to some labels. An operation with equations that are local also has
    `elsewhere(setting, here, random)`: other operands, some or all, at which the same entries are the largest.
    """

    @property
    def name(self) -> str:
        """What a problem file calls it."""

    @property
    def summary(self) -> str:
        """One line for `symconv operations`."""

    @property
    def example(self) -> str:
        """A command that shows it."""

    @property
    def asks(self) -> tuple[str, ...]:
        """What the final answer can be, the default first."""

    @property
    def keys(self) -> Mapping[str, str]:
        """The keys of a problem file beyond those that all operations share, with what they may be."""

    def read(self, given: Mapping[str, Any], notation: Notation, limit: int) -> Any:
        """Validate the keys of a problem file into a setting. Raises ProblemError."""

    def derive(self, setting: Any, notation: Notation, ask: str, detail: Detail) -> Solved:
        """Derive the steps and every quantity, without NumPy."""

    def answer(self, setting: Any, ask: str) -> str:
        """The label of the quantity that an ask is about."""

    def oracle(self, setting: Any, operands: Mapping[str, Array]) -> Oracle:
        """The same quantities from `numeric`, each computed when it is asked for."""

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """The mistakes that can be told apart by their answers."""

    def samples(self) -> tuple[dict[str, Any], ...]:
        """Problems for the generic tests, as keys of a problem file."""


def operand(name: str, change: Callable[[Array, Any], Array | None]) -> Change:
    """A `change` that takes another operand of the same shape, where there is this operand."""

    def wrong(setting: Any, arrays: Arrays) -> tuple[Any, Arrays] | None:
        changed = change(arrays[name], setting) if name in arrays else None
        return None if changed is None else (setting, {**arrays, name: changed})

    return wrong


@dataclass(frozen=True)
class At:
    """An `after` that says something of these labels only: the values of others need not be worked out for it."""

    labels: tuple[str, ...]
    change: After

    def __call__(self, setting: Any, arrays: Arrays, label: str, value: Array) -> Array | None:
        """The changed value."""
        return self.change(setting, arrays, label, value) if label in self.labels else None


def instead(label: str, predict: Callable[[Any, Arrays], Array | None]) -> After:
    """An `after` that puts what `predict` gives in place of the value of one label."""
    return At((label,), lambda setting, arrays, _, __: predict(setting, arrays))
