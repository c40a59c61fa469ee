"""The text of a work with the numbers of its lines; it knows nothing of what is written."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property

DECORATION = str.maketrans("$`", "  ")


class Source:
    r"""A text, and in which line a place of it is.

    >>> source = Source("a\nb")
    >>> source.line(0), source.line(2), list(source.lines())
    (1, 2, [(0, 1), (2, 3)])
    """

    def __init__(self, text: str, first: int = 1) -> None:
        self.text = text
        self.first = first  # the number of its first line

    @cached_property
    def plain(self) -> str:
        """The text with spaces for the dollars and back-ticks around formulas."""
        return self.text.translate(DECORATION)

    @cached_property
    def _ends(self) -> list[int]:
        return [place for place, character in enumerate(self.text) if character == "\n"]

    def line(self, place: int) -> int:
        """The number of the line of a place."""
        return bisect_right(self._ends, place - 1) + self.first

    def lines(self, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
        """Where each line starts and ends, without its line end."""
        end = len(self.text) if end is None else end
        while start <= end:
            stop = self.text.find("\n", start, end)
            stop = end if stop < 0 else stop
            yield start, stop
            start = stop + 1
