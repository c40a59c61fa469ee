"""Checksums: a single wrong cell is where a wrong row sum meets a wrong column sum. It knows no operation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from symconv.numeric import Array
from symconv.tensor import Index


@dataclass(frozen=True)
class Located:
    """The cell that the sums point at, by how much it is too large, and what corrects it."""

    index: Index
    off: Any
    corrected: Any


def located(given: Array, rows: Array, columns: Array) -> Located | None:
    """The one cell of a matrix that makes a row sum and a column sum wrong, from what these sums must be.

    `given` has the shape (m, n), `rows` (m,), `columns` (n,). None where no single cell does.

    >>> given = np.array([[1, 2], [3, 9]])
    >>> located(given, np.array([3, 7]), np.array([4, 6]))
    Located(index=(1, 1), off=5, corrected=4)
    """
    off_rows, off_columns = given.sum(axis=1) - rows, given.sum(axis=0) - columns
    bad_rows, bad_columns = np.flatnonzero(off_rows), np.flatnonzero(off_columns)
    if len(bad_rows) != 1 or len(bad_columns) != 1 or off_rows[bad_rows[0]] != off_columns[bad_columns[0]]:
        return None
    index = int(bad_rows[0]), int(bad_columns[0])
    off = off_rows[bad_rows[0]]
    off = off.item() if hasattr(off, "item") else off
    cell = given[index]
    return Located(index, off, (cell.item() if hasattr(cell, "item") else cell) - off)


def sums(index: Index, off: Any, name: str, corrected: Any, base: int) -> str:
    """The sentence that shows how the sums find a cell."""
    row, column = (position + base for position in index)
    how = "large" if off > 0 else "small"
    return (
        f"Checksums: row {row} and column {column} each add up to {abs(off)} too {how}, so {name} is, "
        f"where they meet: it should be {corrected}."
    )
