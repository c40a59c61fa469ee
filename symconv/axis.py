"""Axis: the integers that decide every index along one axis. It knows no values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Axis:
    """One axis of a sliding window: sizes and steps in cells.

    Dumoulin & Visin, "A guide to convolution arithmetic for deep learning", relations 6 and 15.

    >>> Axis(input=6, kernel=3, stride=3).output
    2
    >>> Axis(input=5, kernel=3, stride=2, padding=(1, 1)).source(out=0, tap=0)
    -1
    >>> Axis(input=7, kernel=3, dilation=3).reach
    7
    """

    input: int
    kernel: int
    stride: int = 1
    padding: tuple[int, int] = (0, 0)
    dilation: int = 1

    @property
    def reach(self) -> int:
        """How many cells the dilated kernel covers, k̂ = d(k - 1) + 1."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def padded(self) -> int:
        """The input with its padding."""
        return self.input + sum(self.padding)

    @property
    def output(self) -> int:
        """How many windows fit, 0 when the kernel reaches beyond the padded input."""
        return max((self.padded - self.reach) // self.stride + 1, 0)

    @property
    def unread(self) -> int:
        """Cells at the end of the padded input that no window reads."""
        return self.padded - self.reach - (self.output - 1) * self.stride

    def source(self, out: int, tap: int) -> int:
        """The input cell under a tap; negative or beyond the input where it is padding."""
        return out * self.stride + tap * self.dilation - self.padding[0]

    def cell(self, position: int, mode: str) -> int | None:
        """The input cell that stands at a position which may lie in the padding; None for a zero.

        >>> [Axis(4, 3, padding=(2, 2)).cell(p, "reflect") for p in range(-2, 6)]
        [2, 1, 0, 1, 2, 3, 2, 1]
        >>> [Axis(4, 3, padding=(2, 2)).cell(p, "circular") for p in range(-2, 6)]
        [2, 3, 0, 1, 2, 3, 0, 1]
        """
        last = self.input - 1
        if 0 <= position <= last:
            return position
        if mode == "reflect":
            return -position if position < 0 else 2 * last - position
        if mode == "replicate":
            return 0 if position < 0 else last
        if mode == "circular":
            return position % self.input
        return None
