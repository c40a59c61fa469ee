"""Mistakes behind answers in letters: the problem with large numbers for its letters, at which no two answers agree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np

from symconv import algebra, numeric
from symconv.checking.diagnosis import Verdict
from symconv.checking.handed import Value
from symconv.checking.search import with_slip
from symconv.numeric import Array
from symconv.problem import Problem
from symconv.tensor import letters_of

LEAST, MOST = 10**4, 10**6  # what a letter stands for
SAYS_ALL = ("misconception", "two_misconceptions", "misconception_and_slip", "shape")
_SUBSCRIPTS = re.compile(r"([A-Za-z]+)_\{?([A-Za-z0-9]+(?:,[A-Za-z0-9]+)*)\}?")


def point_of(problem: Problem) -> Mapping[Any, int]:
    """A number for each letter of a problem, the same on every run."""
    letters = sorted(letters_of(cell for tensor in problem.setting.operands.values() for cell in tensor.cells), key=str)
    numbers = np.random.default_rng(1).choice(np.arange(LEAST, MOST), len(letters), replace=False)
    return dict(zip(letters, numbers.tolist(), strict=True))


class Names:
    """The names of a problem's letters: w_{1,2} may be called w_{12} or w12 too, or w_{0,1} where all count from 0.

    What two letters could be called names none.
    """

    def __init__(self, problem: Problem, quantities: Iterable[Value]) -> None:
        """Some letters are only in `quantities` of the problem, and in no operand."""
        cells = [cell for tensor in problem.setting.operands.values() for cell in tensor.cells]
        letters = sorted(letters_of([*cells, *(cell for value in quantities for cell in value.cells)]), key=str)
        self._own = self._named(letters, 0)
        self._shifted = self._named(letters, -1 if problem.notation.index_base else 1)

    @staticmethod
    def _named(known: Iterable[Any], shift: int) -> Mapping[str, Any]:
        """The letters by their names, if their subscripts were greater by `shift`."""
        letters = {str(letter): letter for letter in known}
        found: dict[str, Any] = {} if shift else dict(letters)
        families: dict[tuple[str, int], list[tuple[Any, list[str]]]] = {}
        for name, letter in letters.items():
            if match := _SUBSCRIPTS.fullmatch(name):
                numbers = match[2].split(",")
                families.setdefault((match[1], len(numbers)), []).append((letter, numbers))
        for (first, _), members in families.items():
            rows = [numbers for _, numbers in members]
            if shift and not all(number.isdigit() for row in rows for number in row):
                continue
            lone = [len({*column}) == 1 for column in zip(*rows, strict=True)]  # an index that is always the same
            for letter, numbers in members:
                written = [str(int(number) + shift) for number in numbers] if shift else numbers
                short = [number for number, same in zip(written, lone, strict=True) if not same]
                for one in (written, short):
                    for name in _spellings(first, one):
                        if name not in letters or shift:  # a letter's own name is that letter's
                            found[name] = letter if found.get(name, letter) == letter else None
        return {name: letter for name, letter in found.items() if letter is not None}

    def knows(self, names: Iterable[str]) -> bool:
        """Whether these can be names of the problem's letters."""
        return any(all(_means(name, known) is not None for name in names) for known in (self._own, self._shifted))

    def renamed(self, value: Value) -> Value:
        """An answer with the letters as the problem calls them; as it is where it has others."""
        letters = letters_of(value.cells)
        for known in (self._own, self._shifted):
            to = {letter: _means(str(letter), known) for letter in letters}
            if None not in to.values():
                cells = (cell.xreplace(to) if hasattr(cell, "free_symbols") else cell for cell in value.cells)
                return Value(value.shape, tuple(cells))
        return value


def _means(name: str, known: Mapping[str, Any]) -> Any:
    """What a name stands for: a letter, or a product such as ab or a3, whose letters have one sign each; else None."""
    letters = name.rstrip("0123456789")
    number = name[len(letters) :]
    if name in known or not letters.isalpha() or not all(letter in known for letter in letters):
        return known.get(name)
    return prod((known[letter] for letter in letters), start=int(number or 1))


def _spellings(letter: str, subscripts: Sequence[str]) -> Iterator[str]:
    """The ways to write a letter with subscripts."""
    if subscripts:
        joined = "".join(subscripts)
        yield from {f"{letter}_{{{','.join(subscripts)}}}", f"{letter}_{{{joined}}}", f"{letter}{joined}"}


def arrays_at(problem: Problem, point: Mapping[Any, int]) -> dict[str, Array]:
    """The operands at a point, as exact arrays."""
    operands = problem.setting.operands
    return numeric.arrays(
        {name: ([algebra.value_at(cell, point) for cell in t.cells], t.shape) for name, t in operands.items()}
    )


def value_at(value: Value, point: Mapping[Any, int]) -> Value | None:
    """An answer at a point; None where it has other letters, or is no polynomial."""
    try:
        cells = tuple(None if cell is None else algebra.value_at(cell, point) for cell in value.cells)
    except (KeyError, TypeError, ArithmeticError):
        return None
    return Value(value.shape, cells)


def told_by_numbers(verdict: Verdict, at_point: Verdict) -> Verdict:
    """The verdict on an answer in letters, with what its value at a point says of mistakes and of other ways."""
    if at_point.is_right:
        return replace(at_point, given=verdict.given, right=verdict.right)
    if at_point.rank not in SAYS_ALL or not at_point.explanations:
        return verdict
    in_numbers = [with_slip(one) for one in at_point.slips]
    sentences = tuple(one for one in at_point.sentences if one not in in_numbers)
    explanations = tuple(replace(one, slip=None) for one in at_point.explanations)
    return replace(verdict, rank=at_point.rank, explanations=explanations, slips=(), sentences=sentences)
