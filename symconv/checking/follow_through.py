"""What follows, by the right method, from wrong values: the derivation's claims at a person's values. No operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from symconv import numeric
from symconv.checking.handed import exact_cell
from symconv.document import Quantity
from symconv.errors import VerificationError
from symconv.expression import Op, Ref, references
from symconv.numeric import Array
from symconv.operations.base import Arrays, Detail, Oracle
from symconv.problem import Problem
from symconv.tensor import Tensor
from symconv.verify import Facts, claims, evaluate, instances

MOST_CELLS = 10_000  # of a general sum
WIDEST = 1000  # of random entries with which quantities are compared
PROBES = 12  # with such entries
MARKS = 10**6  # numbers from here on mark the entries of an operand
Follows = tuple[Array, frozenset[str]]
_WRAPPED = ("vec_row", "vec_column", "transpose")


@dataclass(frozen=True)
class _Source:
    """A claim that gives a quantity, or the cells of it that its running indices name, from other quantities."""

    target: Ref
    wrapped: str
    body: Any
    spans: tuple[tuple[str, int, int], ...]
    uses: frozenset[str]


class FollowThrough:
    """What follows in one problem: from operands that were rearranged wrongly, and by the claims of its derivation."""

    def __init__(self, problem: Problem, arrays: Arrays) -> None:
        self._problem, self._arrays = problem, arrays
        self._oracle = self._with(arrays)
        self._probed: dict[str, tuple[tuple[int, ...], list[tuple[Any, ...]]] | None] = {}

    def _with(self, arrays: Arrays) -> Oracle:
        return self._problem.operation.oracle(self._problem.setting, arrays)

    @cached_property
    def _claims(self) -> tuple[Mapping[str, Quantity], dict[str, list[_Source]]]:
        """The quantities of the derivation, and the ways in which its claims give them."""
        problem, found = self._problem, dict[str, list[_Source]]()
        solved = problem.operation.derive(problem.setting, problem.notation, problem.ask, Detail(full=True))
        for step in solved.steps:
            for block in step.blocks:
                for sides, spans in claims(block):
                    for source in _sources(sides, spans):
                        found.setdefault(source.target.name, []).append(source)
        for total, of in ((f"total({name})", name) for name in self._oracle):
            if total in self._oracle:
                summed = _Source(Ref(total), "", Op("total", (Ref(of),)), (), frozenset([of]))
                found.setdefault(total, []).append(summed)
        return solved.quantities, found

    @property
    def _sources(self) -> dict[str, list[_Source]]:
        return self._claims[1]

    def values(self, label: str, carried: Mapping[str, Array], kept: frozenset[str]) -> Iterator[Follows]:
        """Each value that a quantity has when one goes on from `carried` values, with those it follows from.

        The quantities in `kept` are as they should be; what lies between is worked out too.
        """
        for name, array in carried.items():
            seen = self._operands_behind(name, array)
            if seen is not None:
                yield np.asarray(self._with(seen)[label]()), frozenset([name])
            placed = self._placed(label, name, array)
            if placed is not None:
                yield placed, frozenset([name])
        found = self._by_claims(label, carried, kept)
        if found is not None:
            yield found

    def _operands_behind(self, name: str, given: Array) -> Arrays | None:
        """The operands with which a quantity would be as it was given, where it is a rearranged operand."""
        flat = given.reshape(-1).tolist()
        for operand, array in self._arrays.items():
            marks = np.arange(MARKS, MARKS + array.size).reshape(array.shape)
            try:
                shown = np.asarray(self._with({**self._arrays, operand: marks})[name]()).reshape(-1).tolist()
            except (ValueError, TypeError, IndexError):
                continue
            behind = array.astype(object).reshape(-1)
            placed = [(cell - MARKS, n) for n, cell in enumerate(shown) if isinstance(cell, int) and cell >= MARKS]
            if len(shown) != len(flat) or not placed or any(at >= array.size for at, _ in placed):
                continue
            for at, n in placed:
                behind[at] = flat[n]
            seen = {**self._arrays, operand: behind.reshape(array.shape)}
            if np.asarray(self._with(seen)[name]()).reshape(-1).tolist() == flat:
                return seen
        return None

    @cached_property
    def _probes(self) -> tuple[Oracle, ...]:
        """The quantities at other operands, the same on every run: what is equal there is equal by no coincidence.

        Of both signs and so often, as a cell that is not negative passes a ReLU unchanged, and the largest a pooling.
        """
        rng = np.random.default_rng(1)
        shapes = {one: array.shape for one, array in self._arrays.items()}
        draws = [{one: rng.integers(-WIDEST, WIDEST, shape) for one, shape in shapes.items()} for _ in range(PROBES)]
        return tuple(map(self._with, draws))

    def _seen(self, name: str) -> tuple[tuple[int, ...], list[tuple[Any, ...]]] | None:
        """The shape of a quantity, and its cells at other operands; None where it has no value there."""
        if name not in self._probed:
            try:
                made = [np.asarray(probe[name]()) for probe in self._probes]
                self._probed[name] = made[0].shape, list(zip(*map(_cells, made), strict=True))
            except (ArithmeticError, IndexError, KeyError, TypeError, ValueError):
                self._probed[name] = None
        return self._probed[name]

    def _placed(self, label: str, name: str, given: Array) -> Array | None:
        """A quantity with given cells of another one, where cells of both are the same whatever the operands are."""
        seen, there = self._seen(label), self._seen(name)
        if seen is None or there is None:
            return None
        made = np.array(self._oracle[label](), dtype=object)
        known = {cell: value for cell, value in zip(there[1], given.reshape(-1), strict=True) if any(cell)}
        found = [n for n, cell in enumerate(seen[1]) if cell in known]
        for n in found:
            made.reshape(-1)[n] = known[seen[1][n]]
        return made if found else None

    @cached_property
    def _claimed(self) -> tuple[str, ...]:
        """The quantities that claims give or use."""
        every = [{name, *source.uses} for name, sources in self._sources.items() for source in sources]
        return tuple(sorted(set().union(*every)))

    def _claimed_name(self, name: str) -> str:
        """The name by which claims know a quantity: that of one that is the same whatever the operands are."""
        seen = self._seen(name) if name not in self._claimed else None
        if seen is None or all(len({*cell}) == 1 for cell in seen[1]):
            return name
        return next((one for one in self._claimed if self._seen(one) == seen), name)

    def _by_claims(self, label: str, carried: Mapping[str, Array], kept: frozenset[str]) -> Follows | None:
        """What a quantity comes to by the claims; None where it follows from none of the carried values."""
        names = {self._claimed_name(name): name for name in carried}
        label, kept = self._claimed_name(label), frozenset(map(self._claimed_name, kept))
        known = {
            name: carried[own] for name, own in names.items() if name != label and label not in self._all_uses(name)
        }
        origins = {name: frozenset([names[name]]) for name in known}
        for name in self._sources:
            if name not in known and name not in kept and name != label and label not in self._all_uses(name):
                self._add(name, known, origins)
        return (known[label], origins[label]) if self._add(label, known, origins) else None

    def _all_uses(self, name: str) -> frozenset[str]:
        return frozenset().union(*(source.uses for source in self._sources.get(name, [])))

    def _add(self, name: str, known: dict[str, Array], origins: dict[str, frozenset[str]]) -> bool:
        """Work one quantity out if a claim gives it from known ones that are wrong."""
        if not any(source.uses & known.keys() for source in self._sources.get(name, [])):
            return False
        facts = Facts(self._oracle, self._problem.notation.index_base, self._claims[0], known)
        try:
            right = np.asarray(facts[name])
            made, used = self._whole(name, facts, right, known) or self._by_cells(name, facts, right, known)
        except (VerificationError, ValueError, TypeError, KeyError, ZeroDivisionError, IndexError, StopIteration):
            return False  # the claim needs another shape than the carried values have
        if made is None or not used:
            return False
        known[name] = made
        origins[name] = frozenset().union(*(origins[one] for one in used))
        return True

    def _whole(
        self, name: str, facts: Facts, right: Array, known: Mapping[str, Array]
    ) -> tuple[Array | None, frozenset[str]] | None:
        for source in self._sources.get(name, []):
            used = source.uses & known.keys()
            if source.target.index is None and not source.spans and used:
                made = np.asarray(evaluate(source.body, facts, {}))
                if source.wrapped == "transpose":
                    made = made.T
                elif source.wrapped:
                    made = numeric.unvec(made.reshape(-1), right.shape, source.wrapped.removeprefix("vec_"))
                return np.asarray(made, dtype=object), frozenset(used)
        return None

    def _by_cells(
        self, name: str, facts: Facts, right: Array, known: Mapping[str, Array]
    ) -> tuple[Array | None, frozenset[str]]:
        made, done, all_used = right.copy(), np.zeros(right.shape, dtype=bool), frozenset[str]()
        for source in self._sources.get(name, []):
            used = source.uses & known.keys()
            if source.target.index is None or not used:
                continue
            all_used |= used
            for bound in instances(source.spans, MOST_CELLS):
                at = self._position(source.target, facts, bound)
                if not np.all(done[at]):  # a cell, or a map where the index names that
                    made[at], done[at] = evaluate(source.body, facts, bound), True
        return (made if done.any() else None), frozenset(all_used)

    def _position(self, target: Ref, facts: Facts, bound: Mapping[str, int]) -> tuple[int, ...]:
        return tuple(
            part if isinstance(part, int) else int(evaluate(part, facts, bound)) - facts.first(target.name, axis)
            for axis, part in enumerate(target.index or ())
        )


def _cells(made: Any) -> list[Any]:
    return [exact_cell(cell) for cell in np.asarray(made).reshape(-1).tolist()]


def _sources(sides: tuple[Any, ...], spans: tuple[tuple[str, int, int], ...]) -> Iterator[_Source]:
    """The ways in which a chain of equals gives one of its sides from another."""
    for side in sides:
        wrapped = side.name if isinstance(side, Op) and side.name in _WRAPPED else ""
        target = side.args[0] if isinstance(side, Op) and wrapped else side
        if not isinstance(target, Ref):
            continue
        for other in sides:
            uses = frozenset(_names(other))
            if uses and target.name not in uses:
                yield _Source(target, wrapped, other, spans, uses)


def _names(expression: Any) -> Iterator[str]:
    """The quantities an expression names, those of a matrix of blocks included."""
    if isinstance(expression, Op) and expression.name == "blocks":
        yield from (name for row in expression.args for name in row if name is not None)
    else:
        yield from (ref.name for ref in references(expression))


def can_go_on(given: Tensor, right: Tensor) -> bool:
    """Whether a wrong answer is one that a later part may take up: whole, of numbers, and as demanding as the right.

    >>> can_go_on(Tensor((2,), (2, 3)), Tensor((2,), (4, 5))), can_go_on(Tensor((2,), (2, None)), Tensor((2,), (4, 5)))
    (True, False)
    """
    if not all(isinstance(cell, (int, Fraction)) for cell in (*given.cells, *right.cells)):
        return False
    arrays = [np.array(one.cells, dtype=object).reshape(one.shape) for one in (given, right)]
    return is_as_demanding(*arrays)


def is_as_demanding(carried: Array, right: Array) -> bool:
    """Whether going on from a wrong value is as much work as from the right one.

    The same shape; not all cells alike unless they should be; at least three quarters as many that are not 0, 1 or -1.

    >>> is_as_demanding(np.array([2, 3]), np.array([4, 5])), is_as_demanding(np.array([0, 0]), np.array([4, 5]))
    (True, False)
    """
    if carried.shape != right.shape:
        return False
    cells, should = carried.reshape(-1).tolist(), right.reshape(-1).tolist()
    if len(set(cells)) == 1 and len(set(should)) > 1:
        return False
    trivial = (0, 1, -1)
    return 4 * sum(cell not in trivial for cell in cells) >= 3 * sum(cell not in trivial for cell in should)
