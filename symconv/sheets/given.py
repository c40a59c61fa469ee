"""Given: what the parts of a question start from, each thing once, and never an answer. It knows no markup."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from symconv.document import GIVEN, Derivation, Grids, Prose, Rest, Step, Table
from symconv.expression import Ref, references
from symconv.operations.base import Solved
from symconv.page import Page
from symconv.sheets.sheet import Part
from symconv.tensor import Tensor, same_entries


def given_blocks(solved: Solved | Derivation) -> tuple[Any, ...]:
    """What a problem gives, as its derivation says it first."""
    return solved.steps[0].blocks if solved.steps and solved.steps[0].label == GIVEN else ()


class History:
    """What the parts of one question have given and shown so far, and what they asked for."""

    def __init__(self) -> None:
        self._shown: set[Any] = set()
        self._earlier: list[tuple[Part, Solved | Derivation]] = []

    def new_blocks(self, page: Page, part: Part, solved: Solved | Derivation) -> tuple[Any, ...]:
        """The blocks that a part gives and no earlier one has; a grid that would give an answer away is only named."""
        made = tuple(self._new(page, solved))
        self._earlier.append((part, solved))
        return made

    def rest(self, page: Page, part: Part, derivation: Derivation) -> Rest:
        """What a part's solution has that no earlier one shows; its last step, the answer, is always left."""
        mine = (part.problem.setting, part.problem.notation)  # where these are the same, so is every quantity
        earlier = [other for one, other in self._earlier if (one.problem.setting, one.problem.notation) == mine]
        shown = [
            number
            for number, step in enumerate(derivation.steps[:-1])
            if step.label != GIVEN and any(_shows(other, step) for other in earlier)
        ]
        return Rest(self.new_blocks(page, part, derivation), tuple(shown))

    def _new(self, page: Page, solved: Solved | Derivation) -> Iterator[Any]:
        for block in given_blocks(solved):
            if isinstance(block, Grids):
                yield from self._grids(block, solved)
            elif self._is_new(page.prose(block) if isinstance(block, Prose) else repr(block)):
                yield block

    def _grids(self, block: Grids, solved: Solved | Derivation) -> Iterator[Any]:
        left = []
        for grid in block.items:
            quantity = solved.quantities[grid.name]
            if not self._is_new((quantity.symbol, grid.part, quantity.value)):
                continue
            source = self._source(quantity.value)
            if source is None:
                left.append(grid)
            elif not any(grid.part):  # once for all channels
                words = {"what": Ref(grid.name), "role": source[1], "of": source[0]}
                yield Prose("{what} is the {role} of part ({of}).", words)
        if left:
            yield replace(block, items=tuple(left))

    def _is_new(self, key: Any) -> bool:
        found = key not in self._shown
        self._shown.add(key)
        return found

    def _source(self, value: Tensor) -> tuple[str, str] | None:
        """The earlier part whose answer this is, or holds this, and what it is there."""
        for part, solved in self._earlier:
            if same_entries(part.value, value):
                return part.letter, "result"
            if len(value.cells) > 1 and _holds(part.value, value):
                name = next(
                    (name for name, known in solved.quantities.items() if same_entries(known.value, value)), None
                )
                if name is not None:
                    return part.letter, f"quantity {name}"
        return None


def _shows(other: Solved | Derivation, step: Step) -> bool:
    """Whether another derivation has all of a step."""
    alike = (one for one in other.steps if (one.label, one.title) == (step.label, step.title))
    return any(all(block in one.blocks for block in step.blocks) for one in alike)


def _holds(whole: Tensor, piece: Tensor) -> bool:
    """Whether the cells of a piece stand in a row in the whole."""
    count = len(piece.cells)
    return any(whole.cells[at : at + count] == piece.cells for at in range(len(whole.cells) - count + 1))


def headings(solved: Solved | Derivation, part: Part) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words over the columns and before the rows of an answer that the derivation shows as a table."""
    if len(part.value.shape) != 2:
        return (), ()
    height, width = part.value.shape
    answer = part.value
    for step in solved.steps[1:]:
        for block in step.blocks:
            if not isinstance(block, Table) or len(block.header) <= width:
                continue
            rows = block.rows[:height]
            cells = [_shown(solved, cell) for row in rows for cell in row[-width:]]
            if len(rows) == height and cells == list(answer.cells):
                names = [row[0] for row in rows]
                return block.header[-width:], tuple(names) if all(isinstance(n, str) for n in names) else ()
    return (), ()


def _shown(solved: Solved | Derivation, cell: Any) -> Any:
    """The number a cell of a table comes to: that of the last quantity in it."""
    named = list(references(cell)) if not isinstance(cell, str) else []
    if not named or named[-1].index is None:
        return None
    value = solved.quantities[named[-1].name].value
    return value[named[-1].index] if len(named[-1].index) == len(value.shape) else None
