"""Verifies a further derivation of a known shape: its quantities against the oracle's, its claims by a tape.

The tape is what `verify.evaluate` did with the claims, run once on unknown integers as the oracle's quantities. It
knows no particular operation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from symconv.document import Derivation, Quantity
from symconv.errors import VerificationError
from symconv.expression import Expression
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.replay.record import Tape, Unknown, ValueNeeded
from symconv.verify import Facts, check_chain, claims_here, evaluate

Chain = tuple[tuple[Expression, ...], dict[str, int]]
RATIONAL = {int, Fraction}
REFUSED = (ValueNeeded, VerificationError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class Check:
    """The claims of one derivation, for the numbers of any problem of its shape.

    `others` are the claims that no tape holds: a division, a comparison, a root. They are evaluated as `verify` does.
    """

    def __init__(self, derivation: Derivation, facts: Facts, notation: Notation) -> None:
        self.shapes: dict[str, tuple[int, ...]] = {}
        self.others: list[Chain] = []
        self.held: list[Chain] = []
        leaves: list[Unknown] = []

        def unknown(name: str) -> Array:
            shape = self.shapes[name] = facts[name].shape
            cells = [Unknown() for _ in range(facts[name].size)]
            leaves.extend(cells)
            made = np.empty(len(cells), dtype=object)
            made[:] = cells
            return made.reshape(shape)

        oracle = {name: partial(unknown, name) for name in facts.names}
        blank = Facts(oracle, notation.index_base, derivation.quantities)
        for name in derivation.quantities:
            blank[name]
        left: list[Any] = []
        right: list[Any] = []
        for chain, bound in claims_here(derivation):
            try:
                pairs = list(_links([evaluate(side, blank, bound) for side in chain]))
            except REFUSED:
                self.others.append((chain, bound))
                continue
            left += [a for a, _ in pairs]
            right += [b for _, b in pairs]
            self.held.append((chain, bound))
        self._half = len(left)
        self._tape = Tape(leaves, left + right)

    def __call__(self, quantities: Mapping[str, Quantity], facts: Facts) -> bool:
        """Whether every quantity is the oracle's, all are rational, and every claim of the tape holds.

        The claims in `others` raise VerificationError where one does not hold.
        """
        values = self._values(quantities, facts)
        if values is None:
            return False
        left, right = self.sides(values)
        if left != right:
            return False
        for chain, bound in self.others:
            check_chain(chain, facts, bound)
        return True

    def sides(self, values: Sequence[Any]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """The cells of the left and of the right side of every link that the tape holds, at the oracle's cells."""
        made = self._tape(values)
        return made[: self._half], made[self._half :]

    def _values(self, quantities: Mapping[str, Quantity], facts: Facts) -> list[Any] | None:
        """The oracle's cells, quantity by quantity; None where one is not rational or not what was derived."""
        values: list[Any] = []
        for name, shape in self.shapes.items():
            array = facts[name]
            cells = array.reshape(-1).tolist()
            if np.int64 in set(map(type, cells)):  # an array of objects may hold NumPy's own integers
                cells = [cell.item() if type(cell) is np.int64 else cell for cell in cells]
            if array.shape != shape or not RATIONAL.issuperset(map(type, cells)):
                return None
            mine = quantities[name].value if name in quantities else None
            if mine is not None and (mine.shape != shape or list(mine.cells) != cells):
                return None
            values += cells
        return values


def _links(values: list[Any]) -> Iterator[tuple[Any, Any]]:
    """The pairs of integers, known or not, that have to be equal for neighbouring sides to be."""
    for left, right in pairwise(values):
        if isinstance(left, np.ndarray) or isinstance(right, np.ndarray):
            if left.shape != right.shape:
                raise ValueError(f"a side has the shape {left.shape}, the next {right.shape}")
            cells = list(zip(left.reshape(-1).tolist(), right.reshape(-1).tolist(), strict=True))
        else:
            cells = [(left, right)]
        for pair in cells:
            if not all(type(cell) in (int, Unknown) for cell in pair):
                raise TypeError("a side is no sum of products of integers")
        yield from cells
