"""What problems that differ only in their numbers share: a key, and how their quantities follow from the operands.

A setting is any tree of dataclasses, tuples and mappings with the operands' tensors in it; no operation is known here.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from itertools import chain
from typing import Any

from symconv.document import Quantity
from symconv.errors import SymconvError
from symconv.operations.base import Detail, Solved
from symconv.problem import Problem
from symconv.replay.record import Tape, Unknown, ValueNeeded
from symconv.tensor import Tensor

REFUSED = (ValueNeeded, SymconvError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def key_of(problem: Problem) -> Hashable:
    """What a problem is without the entries of its operands; None where it holds something that has no hash.

    >>> one, two = (Problem("convolution", input=cells, kernel=[1, 2]) for cells in ([1, 2, 3], [4, 5, 6]))
    >>> key_of(one) == key_of(two), key_of(one) == key_of(Problem("convolution", input=[1, 2], kernel=[1, 2]))
    (True, False)
    """
    names = {id(tensor.cells): name for name, tensor in problem.setting.operands.items()}

    def without_entries(tensor: Tensor) -> Any:
        name = names.get(id(tensor.cells))
        return tensor if name is None else (name, tensor.shape)

    key = (problem.operation.name, problem.ask, problem.notation, _plain(problem.setting, without_entries))
    try:
        hash(key)
    except TypeError:
        return None
    return key


@cache
def _fields(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _plain(value: Any, of: Callable[[Tensor], Any]) -> Any:
    """A value as nested tuples, with `of` of each tensor in place of it."""
    if isinstance(value, Tensor):
        return of(value)
    if is_dataclass(value):
        kind: Any = type(value)
        return (kind, *[_plain(getattr(value, name), of) for name in _fields(kind)])
    if isinstance(value, (tuple, list)):
        return (type(value), *[_plain(item, of) for item in value])
    if isinstance(value, Mapping):
        return (Mapping, *[(name, _plain(item, of)) for name, item in value.items()])
    return value


def _rebuilt(value: Any, of: Callable[[Tensor], Tensor]) -> Any:
    """The same value with `of` of each tensor in place of it; what a dataclass had computed from its fields is gone."""
    if isinstance(value, Tensor):
        return of(value)
    if is_dataclass(value) and not isinstance(value, type):
        made = object.__new__(type(value))
        for name in _fields(type(value)):
            object.__setattr__(made, name, _rebuilt(getattr(value, name), of))
        return made
    if type(value) in (tuple, list):
        return type(value)(_rebuilt(item, of) for item in value)
    if isinstance(value, Mapping):
        return {name: _rebuilt(item, of) for name, item in value.items()}
    return value


def entries_of(operands: Mapping[str, Tensor]) -> list[Any]:
    """The entries of all operands in one list."""
    return list(chain.from_iterable(tensor.cells for tensor in operands.values()))


def are_integers(entries: Sequence[Any]) -> bool:
    """Whether every entry is an int: no fraction, no letter."""
    return set(map(type, entries)) == {int}


class Recipe:
    """The quantities of every problem of one shape, from the entries of its operands.

    It is what `derive` did, run once on unknown integers. Raises ValueNeeded where that is not possible or where the
    derivation depends on the numbers.
    """

    def __init__(self, problem: Problem, detail: Detail, solved: Solved) -> None:
        operands = problem.setting.operands
        if getattr(problem.setting, "ranges", None):
            raise ValueNeeded("an operand is a size, and sizes decide what is shown")
        unknown = {id(t.cells): tuple(Unknown() for _ in t.cells) for t in operands.values()}
        setting = _rebuilt(problem.setting, lambda t: Tensor(t.shape, unknown.get(id(t.cells), t.cells)))
        leaves = entries_of(setting.operands)
        try:
            if not all(type(leaf) is Unknown for leaf in leaves):
                raise ValueNeeded("a setting computes its operands")
            made = problem.operation.derive(setting, problem.notation, problem.ask, detail).shown(detail)
            if not alike(made, solved):
                raise ValueNeeded("the derivation depends on the numbers")
            results = [cell for quantity in made.quantities.values() for cell in quantity.value.cells]
            self._tape = Tape(leaves, results)
        except REFUSED as refusal:
            raise ValueNeeded(str(refusal)) from None
        self._models = dict(solved.quantities)

    def __call__(self, entries: Sequence[int]) -> dict[str, Quantity]:
        """Every quantity by label, for these entries of the operands."""
        cells, made, at = self._tape(entries), {}, 0
        for name, model in self._models.items():
            end = at + len(model.value.cells)
            made[name] = Quantity(model.symbol, Tensor(model.value.shape, cells[at:end]), model.labelled_cells)
            at = end
        return made


def alike(one: Solved, other: Solved) -> bool:
    """Whether two derivations show the same steps of quantities of the same shapes, whatever the numbers are."""
    return (
        one.answer == other.answer
        and list(one.quantities) == list(other.quantities)
        and all(
            (a.symbol, a.value.shape, a.labelled_cells) == (b.symbol, b.value.shape, b.labelled_cells)
            for a, b in zip(one.quantities.values(), other.quantities.values(), strict=True)
        )
        and (one.steps is other.steps or one.steps == other.steps)
    )
