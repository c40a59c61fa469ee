"""Checksums: a single wrong cell is where a wrong row sum meets a wrong column sum. It knows no operation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from symconv.tensor import Index


@dataclass(frozen=True)
class Located:
    """The cell that the sums point at, by how much it is too large, and what corrects it."""

    index: Index
    off: Any
    corrected: Any


def located(given: Sequence[Any], rows: Sequence[Any], columns: Sequence[Any]) -> Located | None:
    """The one cell of a matrix that makes a row sum and a column sum wrong, from what these sums must be.

    `given` are its cells, row by row. None where no single cell does.

    >>> located([1, 2, 3, 9], rows=[3, 7], columns=[4, 6])
    Located(index=(1, 1), off=5, corrected=4)
    """
    was_rows, was_columns = totals(given, len(columns))
    bad_rows = [n for n, (was, should) in enumerate(zip(was_rows, rows, strict=True)) if was != should]
    bad_columns = [n for n, (was, should) in enumerate(zip(was_columns, columns, strict=True)) if was != should]
    if len(bad_rows) != 1 or len(bad_columns) != 1:
        return None
    index = row, column = bad_rows[0], bad_columns[0]
    off = was_rows[row] - rows[row]
    if was_columns[column] - columns[column] != off:
        return None
    return Located(index, off, given[row * len(columns) + column] - off)


def totals(cells: Sequence[Any], width: int) -> tuple[list[Any], list[Any]]:
    """The row sums and the column sums of a matrix, from its cells row by row.

    >>> totals([1, 2, 3, 4, 5, 6], width=3)
    ([6, 15], [5, 7, 9])
    """
    rows = [sum(cells[at : at + width]) for at in range(0, len(cells), width)]
    return rows, [sum(cells[n::width]) for n in range(width)]


def sums(index: Index, off: Any, name: str, corrected: Any, base: int) -> str:
    """The sentence that shows how the sums find a cell."""
    row, column = (position + base for position in index)
    how = "large" if off > 0 else "small"
    return (
        f"Checksums: row {row} and column {column} each add up to {abs(off)} too {how}, so {name} is, "
        f"where they meet: it should be {corrected}."
    )
