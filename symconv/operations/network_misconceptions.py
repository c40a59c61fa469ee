"""The mistakes of a small network: each is another run of it, with one thing left out, swapped or read wrongly."""

from symconv.operations.base import Misconception

MISCONCEPTIONS: tuple[Misconception, ...] = ()
