"""Backpropagation through a pooling: where each upstream entry goes, and the sums where windows overlap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from symconv.axis import Axis
from symconv.document import Equation, Equations, Grid, Grids, Prose, Quantity, Step, Symbol, Window, WorkedSum
from symconv.expression import Letter, Number, Put, Ref, Running, Sigma, op
from symconv.operations import checks, pooling_steps
from symconv.operations import steps as shared
from symconv.operations.backpropagation_work import derivative
from symconv.operations.base import Operation
from symconv.operations.geometry import lead, squeezed
from symconv.operations.pooling_values import Pooling
from symconv.operations.upstream import letter_of
from symconv.tensor import Index, Tensor

MOST_EQUATIONS = 60  # of cells that an upstream entry goes to


@dataclass(frozen=True)
class PoolingBackward:
    """A pooling, read by its own operation, with the gradient of the loss by each of its outputs."""

    operation: Operation
    of: Pooling
    upstream: Tensor

    @property
    def operands(self) -> Mapping[str, Tensor]:
        """The operands by name."""
        return {**self.of.operands, "upstream": self.upstream}


@dataclass
class PoolingWork(pooling_steps.Work):
    """The quantities and steps of one backward pass, beside those of the forward pass."""

    upstream: Tensor

    def __post_init__(self) -> None:
        super().__post_init__()
        setting, x = self.setting, self.symbols["input"]
        letter = letter_of(self.notation)
        g = Symbol(letter.upper(), letter)
        self.quantities["upstream"] = Quantity(g, squeezed(self.upstream, 1))
        self.met: dict[Index, list[Index]] = {}  # the windows that each input cell gets from
        self.counts: dict[Index, int] = {}
        for at in self.upstream.indices():
            cells = [self._winner(at)] if self.by_winner else self._inside(at)
            self.counts[at] = sum(map(len, self._cells(at)))
            for cell in cells:
                self.met.setdefault((at[0], *cell), []).append(at)
        shares = self.upstream
        if not self.by_winner:
            shares = Tensor.build(self.upstream.shape, lambda at: self._part(self.upstream[at], self.counts[at]))
            self.quantities["shares"] = Quantity(replace(g, accent="bar"), squeezed(shares, 1))
        self.sent = "upstream" if self.by_winner else "shares"
        dx = Tensor.build(
            setting.input.shape, lambda at: shared.total_of([shares[out] for out in self.met.get(at, [])])
        )
        self.dx = squeezed(dx, 1)
        self.quantities["dx"] = Quantity(Symbol(f"d{x.whole}", f"d{x.cell}"), self.dx)

    @property
    def by_winner(self) -> bool:
        """Whether one cell of a window decides alone."""
        return self.setting.reduces in ("max", "min")

    @property
    def overlaps(self) -> bool:
        """Whether some input cell gets from several windows."""
        return any(len(found) > 1 for found in self.met.values())

    def _inside(self, at: Index) -> list[Index]:
        """The input cells of a window."""
        sources = (self.setting.source(cell) for row in self._cells(at) for cell in row)
        return [source for source in sources if source is not None]

    def _at(self, name: str, at: Index) -> Ref:
        """A cell of an array with channels; a lone channel is not written."""
        return Ref(name, (*lead((at[0], self.channels)), *at[1:]))

    def given_backward(self) -> Step:
        """The pooling, and the upstream gradient."""
        step = self.given()
        y, x = Ref("output"), Ref("input")
        values = {"L": Letter("L"), "Y": y, "G": Ref("upstream"), "by_y": derivative(Letter("L"), y)}
        values |= {"dx": Ref("dx"), "by_x": derivative(Letter("L"), x)}
        text = (
            "A loss {L} is computed from the output {Y}. The upstream gradient {G} = {by_y} is given: one entry for "
            "each entry of {Y}. Its derivative by the input is {dx} = {by_x}."
        )
        if self.by_winner:
            text += f" Of several {'largest' if self.setting.reduces == 'max' else 'smallest'} entries of a window, "
            text += "the first one counts, row by row."
        upstream = shared.grids("upstream", self.quantities["upstream"].value, self.lead)
        return Step(step.label, step.title, (*step.blocks, Prose(text, values), upstream))

    def forward(self, whole: bool) -> list[Step]:
        """Of a maximum every window and where its largest cell stands; of an average no more than the output."""
        made: list[Step] = []
        refs = list(shared.parts("output", self.output, self.lead))
        if self.by_winner:
            made += [*self.padded_step(), self.entries()]
            for step in self.places():
                unboxed = (replace(b, boxed=False) if isinstance(b, Equation) else b for b in step.blocks)
                made.append(Step(step.label, step.title, tuple(unboxed)))
        elif whole and not shared.is_wide(self.output):
            made.append(Step("output", "The forward pass", tuple(Equation((ref, Put(ref))) for ref in refs)))
        return made

    def backward(self) -> list[Step]:
        """What each upstream entry becomes, and the sums of what every input cell gets."""
        blocks = self._routed() if self.by_winner else self._shared()
        return [Step("dx", "The gradient by the input", tuple(blocks))]

    def _routed(self) -> list[Any]:
        """A maximum hands its upstream entry to the cell it was taken from."""
        best = "largest" if self.setting.reduces == "max" else "smallest"
        text = f"The {best} entry of a window decides alone: the output entry has the derivative 1 by it, and 0 by "
        text += "every other cell of the window. So each upstream entry goes, whole, to the cell that its window took "
        text += "the entry from"
        text += "; where several windows chose the same cell, their entries add up:" if self.overlaps else ":"
        chosen = [at for at in self.setting.input.indices() if at in self.met]
        found = [self._received(at) for at in chosen[: None if self.detail.full else MOST_EQUATIONS]]
        blocks: list[Any] = [Prose(text), Equations(tuple(found))]
        if len(found) < len(chosen):
            rest = Number(len(chosen) - len(found))
            blocks.append(Prose("The other {n} entries follow in the same way.", {"n": rest}))
        if len(chosen) < len(self.setting.input.cells):
            blocks.append(Prose("All other cells decided no window, so their derivative is 0."))
        pictures: list[Grid] = []
        for c in range(self.channels):
            part = lead((c, self.channels))
            marked = frozenset(at[1:] for at in chosen if at[0] == c)
            for name, cells in (("upstream", frozenset()), ("dx", marked)):
                pictures.append(Grid(name, part, Prose("{it}", {"it": Ref(name, part or None)}), marked=cells))
        return [*blocks, Grids(tuple(pictures))]

    def _received(self, at: Index) -> Equation:
        """What an input cell gets, by name and by value."""
        names = [self._at("upstream", out) for out in self.met[at]]
        summed = op("add", *names) if len(names) > 1 else names[0]
        put = () if self._is_letters(at) else (Put(summed), *((Put(self._at("dx", at)),) if len(names) > 1 else ()))
        return Equation((self._at("dx", at), summed, *put), local=True)

    def _is_letters(self, at: Index) -> bool:
        return any(hasattr(self.upstream[out], "free_symbols") for out in self.met[at])

    def _shared(self) -> list[Any]:
        """An average divides its upstream entry among the cells of its window."""
        counts = set(self.counts.values())
        n: Any = Number(next(iter(counts))) if len(counts) == 1 else Letter("n")
        values = {"n": n, "part": op("div", 1, n), "S": Ref("shares")}
        text = "An output entry is the sum of its window divided by {n}, so its derivative by each cell of the window "
        text += "is {part}. Each upstream entry is divided in the same way" + (
            ":" if len(counts) == 1 else ", by the number of cells that count in its window"
        )
        if len(counts) > 1:
            text += " (padding does not):" if self.is_padded and not self.setting.include_pad else ":"
        blocks: list[Any] = [Prose(text, values)]
        if len(counts) == 1:
            for ref in shared.parts("shares", self.quantities["shares"].value, self.lead):
                whole = Ref("upstream", ref.index)
                blocks.append(Equation((ref, op("mul", op("div", 1, n), whole), Put(ref))))
        else:
            blocks.append(Equations(tuple(map(self._share, self.upstream.indices()))))
        text = "Every input cell gets the shares of all windows that cover it."
        if self.is_padded and self.setting.include_pad:
            text += " The shares of padded cells are lost: padding is no variable."
        blocks.append(Prose(text))
        return [*blocks, *self._law(), *self._sums()]

    def _share(self, at: Index) -> Equation:
        share, whole = self._at("shares", at), self._at("upstream", at)
        return Equation((share, op("div", whole, self.counts[at]), Put(share)))

    def _sums(self) -> list[Any]:
        """Input cell by input cell, where windows overlap or leave gaps."""
        if not self.overlaps and self._tiles():
            return []

        def window(at: Index) -> Window:
            found = self.met.get(at, [])
            terms = tuple(Put(self._at("shares", out)) for out in found)
            target = self._at("dx", at)
            total = Put(target) if len(terms) > 1 and not shared.is_wide(self.dx) else None
            grid = Grid("shares", lead((at[0], self.channels)), marked=frozenset(out[1:] for out in found))
            return Window(grid, WorkedSum(target, (terms,) if terms else (), total))

        return shared.entries_blocks(list(self.setting.input.indices()), window, self.detail)

    def _tiles(self) -> bool:
        """Whether windows stand side by side without gaps."""
        axes = zip(self.setting.axes, self.setting.outputs, strict=True)
        return all(a.reach == a.kernel and (o == 1 or a.stride == a.kernel) for a, o in axes)

    def _law(self) -> list[Any]:
        """The sum over the windows that cover a cell; one window where none overlap."""
        setting, base = self.setting, self.notation.index_base
        if any(axis.reach > axis.kernel for axis in setting.axes):
            return []
        names, outs = "uv"[: len(setting.axes)], "ij"[: len(setting.axes)]
        channel = (Running("c"),) if self.channels > 1 else ()
        axes = list(zip(setting.axes, setting.outputs, names, outs, strict=True))
        target = Ref("dx", (*channel, *map(Running, names)))
        ranges = [("c", base, base + self.channels - 1)] if channel else []
        if self._tiles():
            places = tuple(0 if o == 1 else _window_at(a, u, base) for a, o, u, _ in axes)
            found: Any = Ref("shares", (*channel, *places))
            cells = [min(a.input, (o - 1) * a.stride + a.kernel - a.padding[0]) for a, o, _, _ in axes]
            ranges += [(u, base, base + n - 1) for (_, _, u, _), n in zip(axes, cells, strict=True)]
            rest = prod(cells) < prod(setting.input.shape[1:])
            more = [Prose("Cells that no window covers get 0.")] if rest else []
            return [Equation((target, found), for_all=tuple(ranges)), *more]
        found = Ref("shares", (*channel, *map(Running, outs)))
        for a, o, u, i in reversed(axes):
            low = op("max", base, _window_at(a, u, base, first=True))
            high = op("min", base + o - 1, _window_at(a, u, base))
            found = Sigma(i, low, high, found)
        ranges += [(u, base, base + a.input - 1) for a, _, u, _ in axes]
        return [Equation((target, found), for_all=tuple(ranges))]

    def gradient(self) -> Step:
        """The gradient, boxed; by the names of its entries where these are long sums."""
        wide = shared.is_wide(self.dx)
        blocks: list[Any] = [
            Equation((ref, op("names", ref) if wide else Put(ref)), boxed=True)
            for ref in shared.parts("dx", self.dx, self.lead)
        ]
        return Step("gradient", "Result", (*blocks, *([Prose("with the entries above.")] if wide else [])))

    def gradient_check(self) -> list[Step]:
        """Totals where nothing is lost, and the identity of a map that scales with its input."""
        if any(hasattr(c, "free_symbols") for t in (self.setting.input, self.upstream) for c in t.cells):
            return []
        blocks: list[Any] = []
        if self.by_winner or not (self.is_padded and self.setting.include_pad):
            for name in ("dx", "upstream"):
                checks.add_total(self.quantities, name)
            blocks.append(Prose("Every upstream entry is handed on whole, so the totals agree:"))
            blocks.append(Equation((checks.total("dx"), checks.total("upstream"), checks.number_of("dx"))))
        pairs = list(zip(self.dx.cells, self.setting.input.cells, strict=True))
        both = Tensor((), (shared.dot(pairs),))
        self.quantities["inner(dx,input)"] = Quantity(Symbol("inner", "inner"), both)
        text = "Pooling scales with its input: twice the input gives twice the output. So both gradients give the same "
        text += "inner product:"
        inner = op("inner", Ref("dx"), Ref("input")), op("inner", Ref("upstream"), Ref("output"))
        blocks += [Prose(text), Equation((*inner, Put(Ref("inner(dx,input)", ()))))]
        return [Step("check", "Checks", tuple(blocks))]


def _window_at(axis: Axis, u: str, base: int, first: bool = False) -> Any:
    """The last window that covers a cell, where windows leave no gaps; or the first one."""
    shift = axis.padding[0] - base - (axis.kernel - 1 if first else 0)
    if axis.stride == 1:
        return op("add", Running(u), shift + base) if shift + base else Running(u)
    place = op("add", Running(u), shift) if shift else Running(u)
    quotient = op("ceil" if first else "floor", op("div", place, axis.stride))
    return op("add", quotient, base) if base else quotient


def steps(work: PoolingWork, ask: str) -> tuple[Step, ...]:
    """Every step of the backward pass through a pooling."""
    made = [work.given_backward(), *work.forward(ask == "all"), *work.backward(), work.gradient()]
    return (*made, *(work.gradient_check() if ask == "all" else []))
