"""Rank and inverse of a matrix by elimination in fractions, for the oracle."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from symconv.numeric import Array


def inverse(matrix: Array) -> Array:
    """The exact inverse of a square matrix, by elimination in fractions. Raises ZeroDivisionError where it has none.

    >>> inverse(np.array([[2, 1], [1, 1]])).tolist()
    [[Fraction(1, 1), Fraction(-1, 1)], [Fraction(-1, 1), Fraction(2, 1)]]
    """
    size = len(matrix)
    both = np.hstack([matrix.astype(object), np.eye(size, dtype=int).astype(object)])
    reduced, pivots = _reduced(both)
    if pivots[:size] != list(range(size)):
        raise ZeroDivisionError("the matrix has no inverse")
    return np.asarray(reduced[:, size:])


def rank(matrix: Array) -> int:
    """How many rows of a matrix are independent, by elimination in fractions.

    >>> rank(np.array([[1, 2, 3], [2, 4, 6], [0, 1, 0]]))
    2
    """
    return len(_reduced(matrix.astype(object))[1])


def _reduced(matrix: Array) -> tuple[Array, list[int]]:
    """The reduced row echelon form and its pivot columns."""
    rows = [[Fraction(cell) for cell in row] for row in matrix.tolist()]
    pivots: list[int] = []
    for column in range(matrix.shape[1]):
        top = len(pivots)
        found = next((r for r in range(top, len(rows)) if rows[r][column]), None)
        if found is None:
            continue
        rows[top], rows[found] = rows[found], rows[top]
        rows[top] = [cell / rows[top][column] for cell in rows[top]]
        for r, row in enumerate(rows):
            if r != top and row[column]:
                rows[r] = [a - row[column] * b for a, b in zip(row, rows[top], strict=True)]
        pivots.append(column)
    return np.array(rows, dtype=object).reshape(matrix.shape), pivots
