"""Printed: the quantities whose values a block of a derivation shows. It knows no markup."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from symconv.document import Blocks, Equation, Equations, Grids, Prose, SumTable, Table, Windows, WorkedSum
from symconv.expression import Put, Ref, children


def printed(block: Any) -> Iterator[str]:
    """The names of the quantities whose values a block prints, in order, maybe several times.

    >>> list(printed(Equation((Ref("output"), Put(Ref("input"))))))
    ['input']
    """
    match block:
        case Grids(items):
            yield from (grid.name for grid in items)
        case Windows(items):
            for window in items:
                yield window.grid.name
                yield from printed(window.sum)
        case SumTable(items) | Equations(items):
            for item in items:
                yield from printed(item)
        case WorkedSum(_, rows, total):
            if total is not None:
                yield from _put(total, False)
            for row in rows:
                for term in row:
                    yield from _put(term, False)
        case Equation(sides=sides):
            for side in sides:
                yield from _put(side, False)
        case Table(rows=rows):
            for row in rows:
                for cell in row:
                    yield from _put(cell, False)
        case Blocks():
            return
        case Prose():
            for expression in block.expressions():
                yield from _put(expression, False)


def _put(expression: Any, put: bool) -> Iterator[str]:
    """The quantities inside a `Put`: those whose values are printed."""
    if isinstance(expression, str):
        return
    if isinstance(expression, Ref) and put:
        yield expression.name
    for child in children(expression):
        yield from _put(child, put or isinstance(expression, Put))
