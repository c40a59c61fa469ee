"""Replays integer arithmetic: code runs once on unknown integers, and what it did is done again with numbers.

It knows neither derivations nor claims. Only sums, differences and products are kept; code that asks an unknown
for its value (to compare, print, divide or hash it) gets `ValueNeeded`: what it does may depend on the number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter, mul
from typing import Any, NoReturn

Values = list[int]


class ValueNeeded(Exception):  # noqa: N818  # no error: it says that the ordinary way has to be taken
    """Code asked an unknown integer for its value; who runs it takes the ordinary way instead."""


class Unknown:
    """An integer that is not known yet: a leaf, or the sum or the product of two integers, known or not."""

    __slots__ = ("kind", "parts")

    def __init__(self, kind: str = "leaf", parts: tuple[Any, ...] = ()) -> None:
        self.kind, self.parts = kind, parts

    @property
    def numerator(self) -> Unknown:
        """Itself: it is an integer."""
        return self

    @property
    def denominator(self) -> int:
        """One: it is an integer."""
        return 1

    def __add__(self, other: Any) -> Any:
        if type(other) is int:
            return self if other == 0 else Unknown("add", (self, other))
        return Unknown("add", (self, other)) if type(other) is Unknown else NotImplemented

    __radd__ = __add__

    def __mul__(self, other: Any) -> Any:
        if type(other) is int:
            return 0 if other == 0 else self if other == 1 else Unknown("mul", (self, other))
        return Unknown("mul", (self, other)) if type(other) is Unknown else NotImplemented

    __rmul__ = __mul__

    def __neg__(self) -> Any:
        return self * -1

    def __sub__(self, other: Any) -> Any:
        return self + -other

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def _refuse(self, *_: Any) -> NoReturn:
        raise ValueNeeded("the value of an integer is needed that is not known yet")

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __hash__ = __bool__ = _refuse
    __int__ = __index__ = __float__ = __complex__ = __abs__ = __round__ = __trunc__ = __floor__ = __ceil__ = _refuse
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __divmod__ = __pow__ = _refuse
    __rpow__ = __rdivmod__ = __and__ = __or__ = __xor__ = __lshift__ = __rshift__ = __invert__ = _refuse
    __str__ = __repr__ = __format__ = _refuse


class Tape:
    """The sums and products that lead from leaves to results, in order; to be called with values for the leaves.

    >>> a, b = Unknown(), Unknown()
    >>> Tape([a, b], [a * b + a - 2, b, 7])([3, 4])
    (13, 4, 7)
    """

    def __init__(self, leaves: Sequence[Unknown], results: Sequence[Any]) -> None:
        self._places = {id(leaf): place for place, leaf in enumerate(leaves)}
        self._leaves = len(leaves)
        order, stored = _in_order(results)
        if any(node.kind == "leaf" and id(node) not in self._places for node in order):
            raise ValueNeeded("an unknown integer comes from elsewhere")
        used = [part for node in order for part in node.parts] + list(results)
        self._constants = {(type(value), value): 0 for value in used if type(value) is not Unknown}
        for place, constant in enumerate(self._constants, self._leaves):
            self._constants[constant] = place
        self._next = self._leaves + len(self._constants)
        self._steps: list[Callable[[Values], Iterable[int]]] = []
        for (_, kind, count), group in sorted(_levels(order, stored).items()):
            self._add(kind, count, group)
        self._results = _picker([self._place(result) for result in results])

    def _place(self, part: Any) -> int:
        return self._places[id(part)] if type(part) is Unknown else self._constants[type(part), part]

    def _add(self, kind: str, count: int, group: Sequence[tuple[Unknown, Sequence[Any]]]) -> None:
        """One step for all sums, or all products, of `count` parts whose parts are there."""
        if kind == "mul":
            first, second = (_picker([self._place(parts[side]) for _, parts in group]) for side in (0, 1))
            self._steps.append(lambda values: map(mul, first(values), second(values)))
        else:
            picked = _picker([self._place(part) for _, parts in group for part in parts])
            self._steps.append(lambda values: map(sum, zip(*[iter(picked(values))] * count, strict=True)))
        for place, (node, _) in enumerate(group, self._next):
            self._places[id(node)] = place
        self._next += len(group)

    def __call__(self, leaves: Sequence[int]) -> tuple[int, ...]:
        """The results for these values of the leaves, one for each, exact whatever their size."""
        if len(leaves) != self._leaves:
            raise ValueError(f"the tape has {self._leaves} leaves, but {len(leaves)} values were given")
        values = [*leaves, *(value for _, value in self._constants)]
        for step in self._steps:
            values.extend(step(values))
        return self._results(values)


def _picker(places: Sequence[int]) -> Callable[[Values], tuple[int, ...]]:
    """What takes the values at these places; `itemgetter` alone gives no tuple for a single one."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda values: tuple(values[place] for place in places)


def _levels(
    order: Sequence[Unknown], stored: set[int]
) -> dict[tuple[int, str, int], list[tuple[Unknown, Sequence[Any]]]]:
    """Sums and products with their parts, by how deep they lie, their kind and how many parts they have.

    A sum that only one other sum uses is written out in it: 9 products are added at once, not one after another.
    """
    depth: dict[int, int] = {}
    loose: dict[int, list[Any]] = {}
    made: dict[tuple[int, str, int], list[tuple[Unknown, Sequence[Any]]]] = {}
    for node in order:
        parts = list(node.parts)
        if node.kind == "add":
            parts = [term for part in parts for term in loose.pop(id(part), [part])]
            if id(node) not in stored:
                loose[id(node)] = parts
                continue
        if node.kind != "leaf":
            depth[id(node)] = 1 + max(depth.get(id(part), 0) for part in parts)
            made.setdefault((depth[id(node)], node.kind, len(parts)), []).append((node, parts))
    return made


def _in_order(results: Sequence[Any]) -> tuple[list[Unknown], set[int]]:
    """Every unknown that leads to a result, parts first; and which of them something other than one sum uses."""
    order: list[Unknown] = []
    seen: set[int] = set()
    used: set[int] = set()
    stored = {id(result) for result in results}
    waiting: list[tuple[Any, bool]] = [(result, False) for result in reversed(results)]
    while waiting:
        node, ready = waiting.pop()
        if ready:
            order.append(node)
            continue
        if type(node) is not Unknown or id(node) in seen:
            continue
        seen.add(id(node))
        waiting.append((node, True))
        for part in node.parts:
            if node.kind == "mul" or id(part) in used:
                stored.add(id(part))
            used.add(id(part))
            waiting.append((part, False))
    return order, stored
