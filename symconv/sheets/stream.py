"""Stream: reproducible choices from SHA-256, the same on every machine and Python. It knows no questions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from hashlib import sha256
from itertools import count as counting
from struct import unpack
from typing import TypeVar

T = TypeVar("T")


class Stream:
    """Whole numbers derived from a seed and the names of what they are for.

    >>> stream, again = Stream(7, "version 1"), Stream(7, "version 1")
    >>> [stream.between(-3, 9) for _ in range(5)] == [again.between(-3, 9) for _ in range(5)]
    True
    """

    def __init__(self, *names: str | int) -> None:
        self._key = sha256(json.dumps(names, ensure_ascii=True).encode()).digest()
        self._words = self._blocks()

    def _blocks(self) -> Iterator[int]:
        """Words of 32 bits, eight of each digest."""
        for block in counting():
            yield from unpack(">8I", sha256(self._key + block.to_bytes(8, "big")).digest())

    def below(self, count: int) -> int:
        """A whole number from 0 to `count` - 1, each equally likely.

        >>> Stream("a die").below(1)
        0
        """
        bits = (count - 1).bit_length()
        while True:
            drawn = 0
            for _ in range(0, bits, 32):
                drawn = drawn << 32 | next(self._words)
            drawn &= (1 << bits) - 1
            if drawn < count:  # otherwise again: a remainder would favour the small numbers
                return drawn

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def happens(self, chance: Fraction) -> bool:
        """Whether something of this probability happens."""
        return self.below(chance.denominator) < chance.numerator

    def one_of(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[self.below(len(items))]

    def some_of(self, items: Sequence[T], count: int) -> list[T]:
        """`count` different items, in random order.

        >>> sorted(Stream(1).some_of("abcd", 4))
        ['a', 'b', 'c', 'd']
        """
        left = list(items)
        return [left.pop(self.below(len(left))) for _ in range(count)]
