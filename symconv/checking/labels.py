"""The labels of one problem: which quantity, or which cell of one, a label means. It knows no values."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from symconv.document import Quantity
from symconv.operations.base import Detail
from symconv.problem import Problem
from symconv.tensor import Index, letters_of

_CELL = re.compile(r"(.+)\[(-?\d{1,9}(?:,-?\d{1,9})*)\]")


@dataclass(frozen=True)
class Place:
    """A quantity by its label, or one cell of it by its index from 0."""

    name: str
    index: Index | None = None


class Labels:
    """Finds what labels mean. The derivation is asked only for letters that are not those of the notation."""

    def __init__(self, problem: Problem, quantities: Collection[str]) -> None:
        self._problem, self._known = problem, quantities
        self._derived: dict[str, tuple[str, Index]] | None = None
        notation = problem.notation
        named = {"output": notation.output, "input": notation.input, "kernel": notation.kernel, "bias": notation.bias}
        self._letters = {notation.cell(letter): name for name, letter in named.items() if name in quantities}
        self._names = {quantity: letter for letter, quantity in self._letters.items()}
        self._cells: dict[tuple[str, Index], str] = {}
        self._wholes = {letter: name for name, letter in named.items() if name in quantities}

    def first(self, name: str) -> Index:
        """What the printed indices of a quantity's cells start from, where that is not the index base."""
        found: Index = getattr(self._problem.setting, "starts", ()) if name == "output" else ()
        return found

    def place(self, label: str) -> Place | None:
        """What a label means; None where this problem has nothing of that name."""
        if label in self._known:
            return Place(label)
        if label in self._wholes:
            return Place(self._wholes[label])
        if label in self._letters:  # a vector is often named by a small letter
            return Place(self._letters[label])
        if label == "o" and "size" in self._known:  # as the size law has it
            return Place("size")
        match = _CELL.fullmatch(label)
        if match is None:
            return Place("output") if self._is_output(label) else None
        name, numbers = match[1], tuple(map(int, match[2].split(",")))
        if name in self._letters:
            name, first = self._letters[name], self.first(self._letters[name])
        elif name in self._known:
            first = self.first(name)
        elif name in self._others():
            name, first = self._others()[name]
        elif self._is_output(name):
            name, first = "output", self.first("output")
        else:
            return None
        starts = first or (self._problem.notation.index_base,) * len(numbers)
        if len(starts) != len(numbers):
            return None
        return Place(name, tuple(number - start for number, start in zip(numbers, starts, strict=True)))

    def _is_output(self, letter: str) -> bool:
        """Whether a letter is the usual one for an output, and none of this problem."""
        if letter not in ("y", "Y") or "output" not in self._known:
            return False
        cells = (cell for tensor in self._problem.setting.operands.values() for cell in tensor.cells)
        return not any(str(name)[:1] == letter for name in letters_of(cells))

    def _others(self) -> dict[str, tuple[str, Index]]:
        """The letters that only the derivation knows, with their quantities."""
        if self._derived is None:
            self._derived = {
                quantity.symbol.cell: (name, quantity.symbol.first)
                for name, quantity in derived(self._problem).items()
                if quantity.labelled_cells and name in self._known
            }
        return self._derived

    def cell(self, name: str, index: Index) -> str:
        """What a cell is called in a sentence: `h[1,2]`, `padded[3,1]`."""
        if (name, index) not in self._cells:
            letter = self._names.get(name, name)
            self._cells[name, index] = self._problem.notation.label(letter, index, self.first(name)) if index else name
        return self._cells[name, index]


def derived(problem: Problem) -> dict[str, Quantity]:
    """The quantities of a problem's derivation, all that a solution shows among them."""
    solved: Any = problem.operation.derive(problem.setting, problem.notation, problem.ask, Detail())
    return dict(solved.quantities)
