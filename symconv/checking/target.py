"""One quantity of a problem, or one cell of it, as the target of answers: right value, wrong values, products."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import compress
from operator import ne
from typing import Any

from symconv.checking.diagnosis import Cell, Explanation, Verdict
from symconv.checking.explain import Predictions
from symconv.checking.handed import Key, Value, same
from symconv.checking.labels import Labels, Place
from symconv.checking.slips import Namer, Products
from symconv.checking.table import Table
from symconv.tensor import Index, Tensor

Found = Mapping[Key, tuple[Explanation, ...]]


class Target:
    """What answers with one label are held against. `right` is None where the quantity has no such cell."""

    def __init__(
        self,
        label: str,
        place: Place,
        whole: Value,
        labels: Labels,
        predictions: Predictions | None,
        products: Callable[[str, Value], Products] | None,
        entry: Namer,
    ) -> None:
        self._entry = entry
        self.label, self.place, self.whole, self.labels = label, place, whole, labels
        self._predictions, self._products = predictions, products
        self.right = self.part(whole)
        self.told: dict[Any, Verdict] = {}
        self._tables: dict[int, Table] = {}
        self._places: dict[int, tuple[Index, str]] = {}

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

    def table(self, count: int) -> Table:
        """The same, to look answers up in."""
        if count not in self._tables:
            self._tables[count] = Table(self.wrong(count))
        return self._tables[count]

    @property
    def singles(self) -> Found:
        """The single mistakes by the value they give."""
        return self.table(1).exact

    @property
    def pairs(self) -> Found:
        """Two mistakes by the value they give."""
        return self.table(2).exact

    @cached_property
    def products(self) -> Products | None:
        """The products of the whole quantity, where it is linear in an operand."""
        return None if self._products is None else self._products(self.place.name, self.whole)

    def flat(self, position: int) -> int:
        """Where a cell of the target lies among those of the whole quantity."""
        if self.place.index is None:
            return position
        at = 0
        for index, size in zip(self.place.index, self.whole.shape, strict=True):
            at = at * size + index
        return at

    def cell(self, position: int, given: Any, right: Any) -> Cell:
        """A cell of the target with what was handed in for it."""
        return Cell(*self._place(position), given, right)

    def cells(self, positions: Sequence[int], given: Value, right: Value) -> tuple[Cell, ...]:
        """Cells of the target with what was handed in for them and what should stand there."""
        if not positions:
            return ()
        indices, names = zip(*[self._places.get(n) or self._place(n) for n in positions], strict=True)
        cells = given.cells, right.cells
        return tuple(map(Cell, indices, names, *[[side[n] for n in positions] for side in cells]))

    def _place(self, position: int) -> tuple[Index, str]:
        """The index of a cell in the whole quantity, and what it is called."""
        index = index_at(self.flat(position), self.whole.shape)
        return self._places.setdefault(position, (index, self.labels.cell(self.place.name, index)))

    def entry(self, operand: str, at: Index) -> str:
        """What an entry of an operand is called."""
        return self._entry(operand, at)

    def differing(self, given: Value, right: Value) -> list[int]:
        """The filled cells that differ from a value of the same shape, by their positions."""
        apart = [*compress(range(len(given.cells)), map(ne, given.cells, right.cells))]
        if given.blanks:
            apart = [n for n in apart if given.cells[n] is not None]
        if given.is_plain and right.is_plain:
            return apart
        return [n for n in apart if not same(given.cells[n], right.cells[n])]

    def fits(self, given: Value, right: Value) -> bool:
        """Whether a value has the shape of another, rows and columns being plain vectors."""
        return given.squeezed == right.squeezed and len(given.cells) == len(right.cells)


def index_at(position: int, shape: tuple[int, ...]) -> Index:
    """The index of the cell at a position in row-major order.

    >>> index_at(5, (2, 3))
    (1, 2)
    """
    index: Index = ()
    for size in reversed(shape):
        position, rest = divmod(position, size)
        index = rest, *index
    return index
