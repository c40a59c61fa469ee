"""The labels of one problem: which quantity, or which cell of one, a label means. It knows no values."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from symconv.document import Quantity, Symbol
from symconv.operations.base import Detail
from symconv.problem import Problem
from symconv.tensor import Index, letters_of

GRADIENTS = {"input": "dx", "kernel": "dw", "bias": "db"}  # by what, and what the quantity is called
CUSTOMARY = frozenset("AXKWHY")  # letters that people are used to for operands and outputs, whatever a problem has
_LETTER = re.compile("[A-Z]")  # a small one may stand for each axis
_LAYER = re.compile(r"([A-Za-z]+)\^\((\d{1,3})\)((?:\[.*\])?)")
_OF_LAYERS = {  # what the letter of a quantity means with the number of a layer
    "output": ("map", "output"), "kernel": ("kernel", "weights"), "bias": ("bias",), "input": ("input",),
    "W": ("weights",), "w": ("weights",), "F": ("frame",), "f": ("frame",),
}  # fmt: skip
_CELL = re.compile(r"(.+)\[(-?\d{1,9}(?:,-?\d{1,9})*)\]")


@dataclass(frozen=True)
class Place:
    """A quantity by its label, or one cell of it by its index from 0."""

    name: str
    index: Index | None = None


class Labels:
    """Finds what labels mean. The derivation is asked only for letters that are not those of the notation."""

    def __init__(self, problem: Problem, quantities: Collection[str], axes: Callable[[str], int]) -> None:
        """`axes` gives the number of axes of a quantity."""
        self._axes = axes
        self._problem, self._known = problem, quantities
        notation = problem.notation
        named = {"output": notation.output, "input": notation.input, "kernel": notation.kernel, "bias": notation.bias}
        self._named = {spelt: name for name, letter in named.items() for spelt in (letter, notation.cell(letter))}
        self._letters = {notation.cell(letter): name for name, letter in named.items() if name in quantities}
        self._names = {quantity: letter for letter, quantity in self._letters.items()}
        self._cells: dict[tuple[str, Index], str] = {}
        self._wholes = {letter: name for name, letter in named.items() if name in quantities}
        # the spectrum of x is called X
        self._spectra = {
            letter.upper(): f"dft({name})"
            for name, letter in named.items()
            if f"dft({name})" in quantities and letter.islower() and letter.upper() not in self._wholes
        }
        slopes = {of: name for of, name in GRADIENTS.items() if name in quantities}
        self._wholes |= {f"d{named[of]}": name for of, name in slopes.items()}
        self._letters |= {f"d{notation.cell(named[of])}": name for of, name in slopes.items()}

    def first(self, name: str) -> Index:
        """What the printed indices of a quantity's cells start from, where that is not the index base."""
        found: Index = getattr(self._problem.setting, "starts", ()) if name == "output" else ()
        return found

    def place(self, label: str) -> Place | None:
        """What a label means; None where this problem has nothing of that name."""
        if match := _LAYER.fullmatch(label):
            bases = _OF_LAYERS.get(self._named.get(match[1], match[1]), ())
            found = (f"{base}[{match[2]}]{match[3]}" for base in bases if f"{base}[{match[2]}]" in self._known)
            return next(map(self.place, found), None)
        if label in self._known:
            return Place(label)
        if label in self._wholes:
            return Place(self._wholes[label])
        if label in self._spectra:
            return Place(self._spectra[label])
        if label in self._letters:  # a vector is often named by a small letter
            return Place(self._letters[label])
        if label == "o" and "size" in self._known:  # as the size law has it
            return Place("size")
        match = _CELL.fullmatch(label)
        if match is None:
            if self._is_output(label):
                return Place("output")
            whole = self._other_wholes.get(label) if _LETTER.fullmatch(label) else None
            return None if whole is None else Place(whole)
        name, numbers = match[1], tuple(map(int, match[2].split(",")))
        if name in self._letters:
            name, first = self._letters[name], self.first(self._letters[name])
        elif name in self._known:
            first = self.first(name)
        elif name in self._wholes and 2 <= len(numbers) == self._axes(self._wholes[name]):  # H_1 is rather a block of H
            name, first = self._wholes[name], self.first(self._wholes[name])
        elif self._axes(self._spectra.get(name, "")) == len(numbers):
            name, first = self._spectra[name], ()
        elif name in self._others:
            name, first = self._others[name]
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

    @cached_property
    def _quantities(self) -> Mapping[str, Quantity]:
        """Those that can be checked, as the derivation has them."""
        return {name: quantity for name, quantity in derived(self._problem).items() if name in self._known}

    @cached_property
    def _others(self) -> dict[str, tuple[str, Index]]:
        """The letters that only the derivation knows, with their quantities."""
        return {
            quantity.symbol.cell: (name, quantity.symbol.first)
            for name, quantity in self._quantities.items()
            if quantity.labelled_cells
        }

    @property
    def celled(self) -> Collection[str]:
        """The quantities whose cells the derivation names one by one."""
        return {name for name, _ in self._others.values()}

    @cached_property
    def _other_wholes(self) -> dict[str, str]:
        """The quantities that the derivation calls by a capital without ornaments, such as F."""
        found: dict[str, str] = {}
        for name, quantity in self._quantities.items():
            symbol = quantity.symbol
            if symbol == Symbol(symbol.whole, symbol.cell) and symbol.whole not in CUSTOMARY:
                found.setdefault(symbol.whole, name)
        return found

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
