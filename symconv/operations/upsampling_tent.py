"""Bilinear upsampling as a transposed convolution: the tent kernel, the border repeated, scatter, add and crop."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

from symconv.document import Equation, Prose, Quantity, Step, SumTable, Symbol, WorkedSum
from symconv.entries import exact
from symconv.expression import Put, Ref, Running, op
from symconv.operations import steps as shared
from symconv.operations.geometry import lead, squeezed
from symconv.operations.upsampling_steps import Work, sum_of
from symconv.tensor import Entry, Index, Tensor

MOST_SUMS = 12  # that are shown cell by cell


@dataclass
class TentForm:
    """The quantities of the transposed convolution, added to those of the solution, and its steps."""

    work: Work

    def __post_init__(self) -> None:
        work, setting = self.work, self.work.setting
        self.setting = setting
        self.axes = [setting.tent(axis) for axis in range(work.dims)]
        self.names = ("t", "u")[: work.dims]
        known = shared.symbols(work.notation)
        for name, tent in zip(self.names, self.axes, strict=True):
            work.quantities[name] = Quantity(Symbol(name, name), Tensor((len(tent.kernel),), tent.kernel))
        self.kernel = Tensor.build([len(tent.kernel) for tent in self.axes], self._weight)
        work.quantities["kernel"] = Quantity(known["kernel"], self.kernel)
        self.spans = [n + sum(t.repeated) for n, t in zip(setting.input.shape[1:], self.axes, strict=True)]
        self.padded = Tensor.build((work.inputs, *self.spans), self._repeated)
        self.source = "padded" if any(sum(tent.repeated) for tent in self.axes) else "input"
        work.quantities["padded"] = Quantity(known["padded"], squeezed(self.padded, 1))
        self.met: dict[Index, list[tuple[Index, Index]]] = {}
        for at in self.padded.indices():
            for tap in self.kernel.indices():
                spot = tuple(p * t.stride + n for p, n, t in zip(at[1:], tap, self.axes, strict=True))
                self.met.setdefault((at[0], *spot), []).append((at, tap))
        self.frame_size = [t.stride * (n - 1) + len(t.kernel) for n, t in zip(self.spans, self.axes, strict=True)]
        frame = Tensor.build((work.inputs, *self.frame_size), self._scattered)
        work.quantities["frame"] = Quantity(Symbol("F", "f"), squeezed(frame, 1))

    def _weight(self, at: Index) -> Entry:
        factors = [Fraction(tent.kernel[n]) for tent, n in zip(self.axes, at, strict=True)]
        return exact(Fraction(prod(factors)))

    def _repeated(self, at: Index) -> Entry:
        sizes = self.setting.input.shape[1:]
        found = [min(max(p - t.repeated[0], 0), n - 1) for p, t, n in zip(at[1:], self.axes, sizes, strict=True)]
        return self.setting.input[(at[0], *found)]

    def _scattered(self, at: Index) -> Entry:
        return shared.dot([(self.padded[cell], self.kernel[tap]) for cell, tap in self.met.get(at, [])])

    def steps(self) -> list[Step]:
        """The kernel, the border, and the convolution itself."""
        return [self._kernel_step(), *self._border_step(), self._frame_step(), self.work.result()]

    def _kernel_step(self) -> Step:
        values: dict[str, Any] = {}
        words = shared.sizes_in_words("s", [tent.stride for tent in self.axes], values)
        text = (
            "Seen from the input, every cell spreads over its neighbourhood with weights that fall off like a tent. "
            f"That is a transposed convolution with stride {words} and this kernel:"
        )
        same = len({tent.kernel for tent in self.axes}) == 1
        blocks: list[Any] = [Prose(text, values)]
        if self.work.dims == 2:
            blocks += [Equation((Ref(name), Put(Ref(name)))) for name in self.names[: 1 if same else 2]]
            told = "Each entry of the kernel is the product of a weight down and a weight across:"
            blocks.append(Prose(told))
        blocks.append(Equation((Ref("kernel"), Put(Ref("kernel")))))
        return Step("kernel", "The tent kernel", tuple(blocks))

    def _border_step(self) -> list[Step]:
        if self.source == "input":
            return []
        sizes = self.setting.input.shape[1:]
        border = frozenset(
            at
            for at in product(*map(range, self.spans))
            if not all(0 <= p - t.repeated[0] < n for p, t, n in zip(at, self.axes, sizes, strict=True))
        )
        text = "The border cells are repeated once (shaded): beyond its border the input goes on as it ends."
        shown = shared.grids("padded", self.work.quantities["padded"].value, self.work.lead, muted=border)
        return [Step("padded", "The border", (Prose(text), shown))]

    def _frame_step(self) -> Step:
        work, outs = self.work, self.setting.shape
        cells = list(product(range(work.channels), *map(range, outs)))
        lines = tuple(map(self._sum, cells[:MOST_SUMS]))
        values: dict[str, Any] = {}
        crop = shared.padding_in_words([tent.crop for tent in self.axes], values).replace("padding", "Crop")
        kept = frozenset(product(*(range(t.crop[0], t.crop[0] + o) for t, o in zip(self.axes, outs, strict=True))))
        cut = frozenset(product(*map(range, self.frame_size))) - kept
        channel = (Running("c"),) if work.channels > 1 else ()
        names = ("i", "j")[: work.dims]
        moved = [sum_of([(1, name)], tent.crop[0]) for name, tent in zip(names, self.axes, strict=True)]
        ranges = [("c", work.base, work.base + work.channels - 1)] if channel else []
        ranges += [(name, work.base, work.base + o - 1) for name, o in zip(names, outs, strict=True)]
        sides = (Ref("output", (*channel, *map(Running, names))), Ref("frame", (*channel, *moved)))
        more = " The first entries that stay:" if len(lines) < len(cells) else " The entries that stay:"
        blocks = [
            Prose("Lay a copy of the kernel, times the cell, at every cell, and add where copies overlap." + more),
            SumTable(lines),
            Prose(f"{crop} (shaded); what is left is the output:", values),
            shared.grids("frame", work.quantities["frame"].value, work.lead, muted=cut),
            Equation(sides, for_all=tuple(ranges)),
        ]
        return Step("frame", "Scatter, add and crop", tuple(blocks))

    def _sum(self, at: Index) -> WorkedSum:
        spot = (at[0], *(p + tent.crop[0] for p, tent in zip(at[1:], self.axes, strict=True)))
        terms = []
        for cell, tap in self.met[spot]:
            source = Ref(self.source, (*lead((cell[0], self.work.inputs)), *cell[1:]))
            terms.append(Put(op("mul", Ref("kernel", tap), source)))
        target = Ref("output", (*lead((at[0], self.work.channels)), *at[1:]))
        return WorkedSum(target, (tuple(terms),), Put(target))
