"""Predicted values, arranged so that an answer is looked up by its cells. It knows no problem and no operation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from symconv.checking.diagnosis import Explanation
from symconv.checking.handed import PLAIN, Key, Value, same

FEW = 2  # values that are rather compared than narrowed down further
Predicted = tuple[Explanation, Value]


class Table:
    """Predicted values by all of their cells, and by their shape."""

    def __init__(self, predicted: Iterable[Predicted]) -> None:
        self._predicted = tuple(predicted)

    @cached_property
    def exact(self) -> Mapping[Key, tuple[Explanation, ...]]:
        """What gives exactly a value; of the same mistakes in two orders the first."""
        found: dict[Key, dict[frozenset[str], Explanation]] = {}
        for explanation, value in self._predicted:
            found.setdefault(value.key, {}).setdefault(frozenset(explanation.names), explanation)
        return {key: tuple(explanations.values()) for key, explanations in found.items()}

    def alike(self, given: Value) -> Sequence[Predicted]:
        """The predicted values of the same shape, rows and columns being plain vectors."""
        alike = self._by_shape.get(given.squeezed)
        return () if alike is None else alike.predicted

    def near(self, given: Value, misses: int) -> Sequence[Predicted]:
        """The values of the same shape that may agree in all filled cells but `misses`, and few others."""
        alike = self._by_shape.get(given.squeezed)
        return () if alike is None else alike.near(given.cells, misses)

    @cached_property
    def _by_shape(self) -> Mapping[tuple[int, ...], _Alike]:
        found: dict[tuple[int, ...], list[Predicted]] = {}
        for one in self._predicted:
            found.setdefault(one[1].squeezed, []).append(one)
        return {shape: _Alike(tuple(predicted)) for shape, predicted in found.items()}


class _Alike:
    """Predicted values of one shape. A set of them is a number whose bit n stands for value n."""

    def __init__(self, predicted: tuple[Predicted, ...]) -> None:
        self.predicted = predicted
        self._cells: dict[int, tuple[dict[Any, int], bool]] = {}

    def near(self, cells: Sequence[Any], misses: int) -> Sequence[Predicted]:
        """Narrow down, cell by cell, to the values that agree everywhere or, with `misses` 1, but for one cell."""
        free, once = (1 << len(self.predicted)) - 1, 0
        for position, cell in enumerate(cells):
            if cell is not None:
                hit = self._with(position, cell)
                once = once & hit | free & ~hit if misses else 0
                free &= hit
                if (free | once).bit_count() <= FEW:
                    break
        left, found = free | once, []
        while left:
            found.append(self.predicted[(left & -left).bit_length() - 1])
            left &= left - 1
        return found

    def _with(self, position: int, cell: Any) -> int:
        """The values that have this number in this cell."""
        if position not in self._cells:
            by_number: dict[Any, int] = {}
            for n, (_, value) in enumerate(self.predicted):
                by_number[value.cells[position]] = by_number.get(value.cells[position], 0) | 1 << n
            self._cells[position] = by_number, {*map(type, by_number)} <= PLAIN
        by_number, are_plain = self._cells[position]
        hit = by_number.get(cell, 0)
        if not are_plain or type(cell) not in PLAIN:  # one number in several forms
            for number, values in by_number.items():
                hit |= values if same(cell, number) else 0
        return hit
