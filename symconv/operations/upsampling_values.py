"""An upsampling as it was read: coordinates, neighbours, weights, and the tent kernel that does the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import floor

from symconv.entries import exact
from symconv.tensor import Entry, Index, Tensor

KINDS = ("nearest", "bilinear", "pixel_shuffle")
COORDINATES = ("half_pixel", "align_corners", "asymmetric")


@dataclass(frozen=True)
class Tent:
    """One axis of the transposed convolution: the stride, the kernel, the border repeated, and what is cropped."""

    stride: int
    kernel: tuple[Entry, ...]
    repeated: tuple[int, int]
    crop: tuple[int, int]


@dataclass(frozen=True)
class Upsampling:
    """An upsampling, read. The input has the shape (channels, *cells); `ratios` are input cells per output cell."""

    input: Tensor
    kind: str
    rule: str
    shape: tuple[int, ...]
    ratios: tuple[Fraction, ...]
    by_size: bool
    factor: int = 0

    @property
    def operands(self) -> Mapping[str, Tensor]:
        """The operands by name."""
        return {"input": self.input}

    @property
    def channels(self) -> int:
        """How many channels the output has."""
        return self.input.shape[0] // self.factor**2 if self.factor else self.input.shape[0]

    def coordinate(self, axis: int, out: int) -> Fraction:
        """Where an output cell lies among the input cells, both counted from 0."""
        cells, ratio = self.input.shape[axis + 1], self.ratios[axis]
        if self.kind == "nearest" or self.rule == "asymmetric":
            return out * ratio
        if self.rule == "half_pixel":
            return (out + Fraction(1, 2)) * ratio - Fraction(1, 2)
        return out * Fraction(cells - 1, self.shape[axis] - 1) if self.shape[axis] > 1 else Fraction(0)

    def weights(self, axis: int, out: int) -> list[tuple[int, Entry]]:
        """The input cells along an axis that an output cell takes from, each with its weight; none is 0."""
        last = self.input.shape[axis + 1] - 1
        point = min(max(self.coordinate(axis, out), Fraction(0)), Fraction(last))
        left = floor(point)
        share = Fraction(0) if self.kind == "nearest" else point - left
        found = [(left, 1 - share), (left + 1, share)]
        return [(cell, exact(weight)) for cell, weight in found if weight]

    def terms(self, at: Index) -> list[tuple[Entry, Index]]:
        """The weighted input cells that make an output entry, channel first in both."""
        channel, *place = at
        if self.factor:
            cells = [divmod(p, self.factor) for p in place]
            (i, a), (j, b) = cells
            return [(1, ((channel * self.factor + a) * self.factor + b, i, j))]
        along = [self.weights(axis, out) for axis, out in enumerate(place)]
        made: list[tuple[Entry, Index]] = []
        for found in product(*along):
            weight: Entry = 1
            for _, share in found:
                weight = exact(Fraction(weight * share))
            made.append((weight, (channel, *(cell for cell, _ in found))))
        return made

    def step(self, axis: int) -> Fraction:
        """How far the coordinates of neighbouring output cells are apart."""
        return self.coordinate(axis, 1) - self.coordinate(axis, 0) if self.shape[axis] > 1 else Fraction(0)

    def no_tent(self) -> str:
        """Why there is no transposed convolution that does the same; empty where there is one."""
        if self.kind != "bilinear":
            return f"ask is 'transposed_convolution', but kind is {self.kind!r}; write kind = 'bilinear'"
        for axis, (cells, outs) in enumerate(zip(self.input.shape[1:], self.shape, strict=True)):
            step = self.step(axis)
            whole = step > 0 and step.numerator == 1
            if not whole or (self.rule != "align_corners" and outs * step != cells):
                return (
                    f"along axis {axis + 1}, {cells} cells become {outs}, so the coordinates of neighbours are {step} "
                    "apart; a transposed convolution needs 1, 1/2, 1/3, ..., such as a whole scale"
                    + (" (with align_corners: a size of S(i - 1) + 1)" if self.rule == "align_corners" else "")
                )
        return ""

    def tent(self, axis: int) -> Tent:
        """The transposed convolution along an axis: kernel, stride, border and crop."""
        stride = self.step(axis).denominator
        halves = self.rule == "half_pixel" and stride % 2 == 0
        if halves:
            rising = [Fraction(2 * n + 1, 2 * stride) for n in range(stride)]
            kernel = [*rising, *reversed(rising)]
        else:
            rising = [Fraction(n + 1, stride) for n in range(stride)]
            kernel = [*rising, *reversed(rising[:-1])]
        repeated = {"half_pixel": (1, 1), "align_corners": (0, 0), "asymmetric": (0, 1)}[self.rule]
        before = {"half_pixel": stride // 2, "align_corners": stride - 1, "asymmetric": stride - 1}[self.rule]
        before += stride * repeated[0]
        frame = stride * (self.input.shape[axis + 1] + sum(repeated) - 1) + len(kernel)
        return Tent(stride, tuple(map(exact, kernel)), repeated, (before, frame - before - self.shape[axis]))
