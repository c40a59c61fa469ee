"""Taken: what a worksheet says of a part that takes up a result which is still blank. It knows no markup.

The numbers of such a result would give the blanks away. What hangs on them is found by other numbers in their place:
what then stays the same tells nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from symconv.document import GIVEN, Block, Derivation, Equation, Grids, Prose, Step
from symconv.errors import SymconvError
from symconv.expression import Blank, Ref
from symconv.operations.base import Detail, Solved
from symconv.problem import Problem
from symconv.sheets.draw import as_operand
from symconv.sheets.file import FromPart
from symconv.sheets.printed import printed
from symconv.sheets.stream import Stream
from symconv.tensor import Tensor, same_entries

OTHERS, WIDE = 3, 99  # derivations with other numbers, and how large these may be


@dataclass(frozen=True)
class Upstream:
    """The blank results that a part takes up, and its derivations with other numbers in place of them.

    Where the operation takes no other numbers there are none of these.
    """

    values: Mapping[FromPart, Tensor]
    others: tuple[Solved, ...]


def upstream(
    plan: Mapping[str, Any], keys: Mapping[str, Any], earlier: Mapping[str, tuple[Derivation, Derivation]]
) -> Upstream | None:
    """The blank results of earlier parts that a part takes up; None where it takes up none.

    `plan` are its keys as the file states them, `keys` those with numbers; `earlier` has of each earlier part, by its
    letter, the derivation and the same with blanks.
    """
    values = {}
    for wanted in _taken_up(plan):
        right, blank = earlier[wanted.part]
        label = wanted.quantity or right.answer
        if label in blank.quantities and any(isinstance(cell, Blank) for cell in blank.quantities[label].value.cells):
            values[wanted] = right.quantities[label].value
    return Upstream(values, tuple(_others(plan, keys, values))) if values else None


def _taken_up(plan: Any) -> Iterator[FromPart]:
    if isinstance(plan, FromPart):
        yield plan
    elif isinstance(plan, (Mapping, list)):
        for item in plan.values() if isinstance(plan, Mapping) else plan:
            yield from _taken_up(item)


def _others(plan: Mapping[str, Any], keys: Mapping[str, Any], values: Mapping[FromPart, Tensor]) -> Iterator[Solved]:
    for number in range(OTHERS):
        operands = {wanted: as_operand(_other(value, number)) for wanted, value in values.items()}
        try:
            problem = Problem(**{key: _put_in(plan.get(key), value, operands) for key, value in keys.items()})
            made = problem.operation.derive(problem.setting, problem.notation, problem.ask, Detail())
        except SymconvError:  # the indices of a pooling are not just any numbers
            continue
        yield made.shown(Detail(to_the_answer=True))


def _other(value: Tensor, number: int) -> Tensor:
    """Other numbers in the same shape."""
    stream = Stream("other numbers", number)
    return Tensor(value.shape, tuple(stream.between(-WIDE, WIDE) for _ in value.cells))


def _put_in(plan: Any, value: Any, operands: Mapping[FromPart, Any]) -> Any:
    """A value with other operands where the plan takes up a result."""
    if isinstance(plan, FromPart):
        return operands.get(plan, value)
    if isinstance(plan, Mapping) and isinstance(value, Mapping):
        return {key: _put_in(plan.get(key), item, operands) for key, item in value.items()}
    if isinstance(plan, list) and isinstance(value, list):
        return [_put_in(one, item, operands) for one, item in zip(plan, value, strict=True)]
    return value


def hangs_on(derivation: Derivation, name: str, taken: Upstream) -> bool:
    """Whether a quantity has other values for other numbers.

    >>> from symconv import Problem, solve
    >>> first, second = (solve(Problem("flatten", input=[[1, n]])).derivation for n in (2, 3))
    >>> hangs_on(first, "output", Upstream({}, (Solved(second.steps, second.quantities, second.answer),)))
    True
    """
    value = derivation.quantities[name].value
    return not taken.others or any(
        name not in other.quantities or other.quantities[name].value != value for other in taken.others
    )


def without_numbers(derivation: Derivation, steps: Sequence[Step], taken: Upstream) -> Iterator[Step]:
    """The steps that tell nothing of what is taken up: results are named, and of what hangs on them the answer is left.

    The answer is for the caller to hide.
    """
    for number, step in enumerate(steps):
        if step.label == GIVEN:
            yield replace(step, blocks=tuple(_given(derivation, step, taken)))
            continue
        left = tuple(block for block in step.blocks if _tells_nothing(derivation, step, block, taken))
        is_last = number == len(steps) - 1
        names = {name for block in left for name in printed(block)}
        if (is_last and left) or (left == step.blocks and not any(hangs_on(derivation, one, taken) for one in names)):
            yield replace(step, blocks=left)


def _tells_nothing(derivation: Derivation, step: Step, block: Block, taken: Upstream) -> bool:
    """Whether a block reads the same for other numbers, but for the answer itself."""
    names = {*printed(block)} - {derivation.answer}
    if not taken.others:
        return isinstance(block, Equation) and not names
    is_same = all(block in _blocks_of(other, step) for other in taken.others)
    return is_same and not any(hangs_on(derivation, name, taken) for name in names)


def _blocks_of(other: Solved, step: Step) -> list[Any]:
    """What another derivation has in the same step."""
    alike = (one for one in other.steps if (one.label, one.title) == (step.label, step.title))
    return [block for one in alike for block in one.blocks]


def _given(derivation: Derivation, step: Step, taken: Upstream) -> Iterator[Any]:
    """What a part gives, with a sentence in place of each grid that is taken up."""
    for block in step.blocks:
        if not isinstance(block, Grids):
            if _tells_nothing(derivation, step, block, taken) if taken.others else not any(printed(block)):
                yield block
            continue
        left = []
        for grid in block.items:
            value = derivation.quantities[grid.name].value
            source = next((wanted for wanted, one in taken.values.items() if same_entries(one, value)), None)
            if source is None and not (taken.others and hangs_on(derivation, grid.name, taken)):
                left.append(grid)
            elif source is not None and not any(grid.part):  # once for all channels
                role = f"quantity {source.quantity}" if source.quantity else "result"
                yield Prose("{what} is the {role} of part ({of}).", _words(grid.name, role, source.part))
        if left:
            yield replace(block, items=tuple(left))


def _words(name: str, role: str, letter: str) -> dict[str, Any]:
    return {"what": Ref(name), "role": role, "of": letter}
