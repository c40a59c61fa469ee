"""Which rows and columns of a large matrix are printed."""

from __future__ import annotations

MOST_SHOWN = 40  # rows or columns of a printed matrix; longer ones show their corners
CORNER = (7, 2)  # how many are shown at the start and at the end of a longer one


def shown(count: int) -> list[int | None]:
    """Every line of a small matrix, the ends of a large one; None stands for the lines left out."""
    if count <= MOST_SHOWN:
        return list(range(count))
    return [*range(CORNER[0]), None, *range(count - CORNER[1], count)]
