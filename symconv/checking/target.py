"""One quantity of a problem, or one cell of it, as the target of answers: right value, wrong values, products."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from operator import ne
from typing import Any

from symconv.checking.diagnosis import Cell, Explanation, Verdict
from symconv.checking.explain import Found, Predictions
from symconv.checking.handed import Value, same, squeezed_shape
from symconv.checking.labels import Labels, Place
from symconv.checking.slips import Namer, Products
from symconv.tensor import Index, Tensor


class Target:
    """What answers with one label are held against. `right` is None where the quantity has no such cell."""

    def __init__(
        self,
        label: str,
        place: Place,
        whole: Value,
        labels: Labels,
        predictions: Predictions | None,
        products: Callable[[str, tuple[Any, ...]], Products] | None,
        entry: Namer,
    ) -> None:
        self._entry = entry
        self.label, self.place, self.whole, self.labels = label, place, whole, labels
        self._predictions, self._products = predictions, products
        self.right = self.part(whole)
        self.told: dict[Any, Verdict] = {}

    def part(self, value: Value) -> Value | None:
        """The value, or the cell of it that the label names."""
        if self.place.index is None:
            return value
        if len(self.place.index) != len(value.shape):
            return None
        if any(not 0 <= at < size for at, size in zip(self.place.index, value.shape, strict=True)):
            return None
        return Value((), (Tensor(value.shape, value.cells)[self.place.index],))

    def wrong(self, count: int) -> Iterator[tuple[Explanation, Value]]:
        """What each set of one or two mistakes makes of the target."""
        if self._predictions is not None:
            for explanation, value in self._predictions.values(self.place.name, count):
                part = self.part(value)
                if part is not None:
                    yield explanation, part

    @cached_property
    def singles(self) -> Found:
        """The single mistakes by the value they give."""
        return self._table(1)

    @cached_property
    def pairs(self) -> Found:
        """Two mistakes by the value they give."""
        return self._table(2)

    def _table(self, count: int) -> Found:
        found: dict[Any, dict[frozenset[str], Explanation]] = {}
        for explanation, value in self.wrong(count):
            found.setdefault(value.key, {}).setdefault(frozenset(explanation.names), explanation)
        return {key: tuple(explanations.values()) for key, explanations in found.items()}

    @cached_property
    def products(self) -> Products | None:
        """The products of the whole quantity, where it is linear in an operand."""
        return None if self._products is None else self._products(self.place.name, self.whole.cells)

    def flat(self, position: int) -> int:
        """Where a cell of the target lies among those of the whole quantity."""
        if self.place.index is None:
            return position
        at = 0
        for index, size in zip(self.place.index, self.whole.shape, strict=True):
            at = at * size + index
        return at

    def index(self, position: int) -> Index:
        """The index of a cell of the target in the whole quantity."""
        at, index = self.flat(position), []
        for size in reversed(self.whole.shape):
            at, rest = divmod(at, size)
            index.append(rest)
        return tuple(reversed(index))

    def cell(self, position: int, given: Any, right: Any) -> Cell:
        """A cell of the target with what was handed in for it."""
        index = self.index(position)
        return Cell(index, self.labels.cell(self.place.name, index), given, right)

    def entry(self, operand: str, at: Index) -> str:
        """What an entry of an operand is called."""
        return self._entry(operand, at)

    def differing(self, given: Value, right: Value) -> list[int]:
        """The filled cells that differ from a value of the same shape, by their positions."""
        if not any(map(ne, given.cells, right.cells)):
            return []
        pairs = enumerate(zip(given.cells, right.cells, strict=True))
        return [n for n, (one, other) in pairs if one is not None and one != other and not same(one, other)]

    def fits(self, given: Value, right: Value) -> bool:
        """Whether a value has the shape of another, rows and columns being plain vectors."""
        return squeezed_shape(given.shape) == squeezed_shape(right.shape) and len(given.cells) == len(right.cells)
