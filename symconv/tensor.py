"""Tensor: an immutable array of exact entries. It refuses floats and knows no arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from operator import mul
from typing import Any

Entry = Any  # int, fractions.Fraction or sympy.Expr
Index = tuple[int, ...]


def letters_of(cells: Iterable[Entry | None]) -> set[Any]:
    """The letters in entries.

    >>> from sympy import Symbol
    >>> letters_of([1, 2 * Symbol("a"), None])
    {a}
    """
    return set().union(*(getattr(cell, "free_symbols", ()) for cell in cells))


@dataclass(frozen=True)
class Tensor:
    """Entries in row-major order, with their shape.

    >>> t = Tensor.of([[1, 2, 3], [4, 5, 6]])
    >>> t.shape, t[1, 0], t.nested()
    ((2, 3), 4, [[1, 2, 3], [4, 5, 6]])
    """

    shape: tuple[int, ...]
    cells: tuple[Entry, ...]

    @classmethod
    def of(cls, nested: Sequence[Any]) -> Tensor:
        """Read a nested list whose lists are all of one length at each depth."""
        shape = []
        level: Any = nested
        while isinstance(level, (list, tuple)):
            shape.append(len(level))
            level = level[0]
        cells: list[Any] = list(nested)
        for _ in shape[1:]:
            cells = [entry for part in cells for entry in part]
        return cls(tuple(shape), tuple(cells))

    @classmethod
    def build(cls, shape: Sequence[int], entry: Callable[[Index], Entry]) -> Tensor:
        """Compute each cell from its index."""
        shape = tuple(shape)
        return cls(shape, tuple(entry(index) for index in product(*map(range, shape))))

    @cached_property
    def _steps(self) -> tuple[int, ...]:
        return tuple(prod(self.shape[axis + 1 :]) for axis in range(len(self.shape)))

    def __getitem__(self, index: Index) -> Entry:
        if len(index) != len(self.shape):
            raise ValueError(f"{len(index)} indices for an array of {len(self.shape)} axes")
        return self.cells[sum(map(mul, index, self._steps))]

    def indices(self) -> Iterator[Index]:
        """Every index, last axis fastest."""
        return product(*map(range, self.shape))

    def part(self, *lead: int) -> Tensor:
        """The sub-array at these leading indices: `t.part(0)` is the first channel."""
        size = prod(self.shape[len(lead) :])
        start = sum(i * step for i, step in zip(lead, self._steps, strict=False))
        return Tensor(self.shape[len(lead) :], self.cells[start : start + size])

    def rotated(self, lead: int = 0) -> Tensor:
        """Every array behind the first `lead` axes turned by 180 degrees.

        >>> Tensor.of([[1, 2], [3, 4]]).rotated().nested()
        [[4, 3], [2, 1]]
        """
        size = prod(self.shape[lead:])
        starts = range(0, len(self.cells), size)
        return Tensor(self.shape, tuple(cell for at in starts for cell in reversed(self.cells[at : at + size])))

    def spread(self, steps: Sequence[int], lead: int = 0) -> Tensor:
        """Zeros between neighbours, so that they stand `steps` apart along the axes behind the first `lead`.

        >>> Tensor.of([1, 2, 3]).spread([2]).nested()
        [1, 0, 2, 0, 3]
        """
        shape = [(size - 1) * step + 1 for size, step in zip(self.shape[lead:], steps, strict=True)]

        def cell(at: Index) -> Entry:
            places = [divmod(place, step) for place, step in zip(at[lead:], steps, strict=True)]
            return 0 if any(rest for _, rest in places) else self[(*at[:lead], *(place for place, _ in places))]

        return Tensor.build((*self.shape[:lead], *shape), cell)

    def reshape(self, shape: Sequence[int]) -> Tensor:
        """The same cells in the same order under another shape."""
        return Tensor(tuple(shape), self.cells)

    def nested(self) -> list[Any]:
        """Nested lists, as JSON writes them."""
        level = list(self.cells)
        for size in reversed(self.shape[1:]):
            level = [level[at : at + size] for at in range(0, len(level), size)]
        return level


def same_entries(one: Tensor, other: Tensor) -> bool:
    """Whether two arrays are the same but for axes of length 1.

    >>> same_entries(Tensor.of([[1, 2]]), Tensor.of([1, 2])), same_entries(Tensor.of([1, 2]), Tensor.of([2, 1]))
    (True, False)
    """
    shapes = [[size for size in tensor.shape if size != 1] for tensor in (one, other)]
    return one.cells == other.cells and shapes[0] == shapes[1]
