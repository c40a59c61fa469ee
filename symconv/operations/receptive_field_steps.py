"""A stack of windows, and the steps that find its receptive field. Araujo et al., "Computing receptive fields"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from symconv.document import Equation, Equations, Grid, Grids, Prose, Quantity, Step, Symbol, Table
from symconv.expression import Letter, Number, Put, Ref, op
from symconv.operations.base import Solved
from symconv.tensor import Tensor

WORDS = ("rows", "columns")
WHERE = ("Down the rows:", "Along the columns:")


@dataclass(frozen=True)
class Window:
    """What one layer does along one axis."""

    kernel: int
    stride: int
    padding: int
    dilation: int

    @property
    def reach(self) -> int:
        """How many cells the dilated kernel covers."""
        return self.dilation * (self.kernel - 1) + 1


@dataclass(frozen=True)
class Seen:
    """What a layer's cells see of the input: how many cells, how far apart, and from where on."""

    size: int
    jump: int
    start: int


@dataclass(frozen=True)
class Stack:
    """Layers along each axis, the input's size where it is known, and the output cell that is followed back."""

    axes: tuple[tuple[Window, ...], ...]
    input: tuple[int, ...] | None
    cell: tuple[int, ...]
    index_base: int

    @property
    def operands(self) -> Mapping[str, Tensor]:
        """None: a receptive field knows no values."""
        return {}

    @property
    def alike(self) -> bool:
        """Whether the layers are the same along both axes."""
        return len(set(self.axes)) == 1

    def field(self, axis: int) -> list[Seen]:
        """Size, jump and start after each layer, from the input on."""
        seen = [Seen(1, 1, self.index_base)]
        for layer in self.axes[axis]:
            last = seen[-1]
            size = last.size + (layer.reach - 1) * last.jump
            seen.append(Seen(size, last.jump * layer.stride, last.start - layer.padding * last.jump))
        return seen

    def sizes(self, axis: int) -> list[int]:
        """The size of each map along an axis, from the input on; 0 where no window fits."""
        sizes = [self.input[axis] if self.input else 0]
        for layer in self.axes[axis]:
            room = sizes[-1] + 2 * layer.padding - layer.reach
            sizes.append(room // layer.stride + 1 if room >= 0 and sizes[-1] else 0)
        return sizes

    def paths(self, axis: int) -> list[int]:
        """In how many ways each input cell reaches the followed output cell along one axis."""
        sizes, ways = self.sizes(axis), {self.cell[axis]: 1}
        for layer, cells in zip(reversed(self.axes[axis]), reversed(sizes[:-1]), strict=True):
            before: dict[int, int] = {}
            for place, count in ways.items():
                for tap in range(layer.kernel):
                    at = place * layer.stride - layer.padding + tap * layer.dilation
                    if 0 <= at < cells:
                        before[at] = before.get(at, 0) + count
            ways = before
        return [ways.get(at, 0) for at in range(sizes[0])]


def label(name: str, number: int, axis: int, stack: Stack) -> str:
    """What a person calls a quantity of a layer: r_2, or r_2(rows) where the axes differ."""
    return f"{name}_{number}" if stack.alike else f"{name}_{number}({WORDS[axis]})"


def solved(stack: Stack, ask: str, drawn: bool) -> Solved:
    """Every step and quantity."""
    quantities = _quantities(stack, drawn)
    steps = [_given(stack), _recursion(stack), _closed(stack, ask, quantities)]
    if stack.input is not None:
        steps.append(_cells(stack, drawn, ask))
    return Solved(tuple(steps), quantities, ask)


def _quantities(stack: Stack, drawn: bool) -> dict[str, Quantity]:
    made: dict[str, Quantity] = {}
    tables: list[int] = []
    for axis in range(len(stack.axes)):
        for number, seen in enumerate(stack.field(axis)):
            sub = str(number) if stack.alike else f"{number},{WORDS[axis][0]}"
            for name, value in (("r", seen.size), ("j", seen.jump), ("start", seen.start)):
                symbol = Symbol(name, name, sub=sub)
                made[label(name, number, axis, stack)] = Quantity(symbol, Tensor((), (value,)))
            if axis == 0 or not stack.alike:
                tables += [seen.size, seen.jump, seen.start]
    depth = len(stack.axes[0]) + 1
    shape = (depth, 3) if stack.alike else (len(stack.axes), depth, 3)
    made["table"] = Quantity(Symbol("T", "t"), Tensor(shape, tuple(tables)))
    dims = range(len(stack.axes))
    last = tuple(stack.field(axis)[-1].size for axis in dims)
    made["size"] = Quantity(Symbol("r", "r"), Tensor((len(last),), last))
    if stack.input is None:
        return made
    for number in range(depth):
        sizes = tuple(stack.sizes(axis)[number] for axis in dims)
        made[f"n_{number}"] = Quantity(Symbol("n", "n", sub=str(number)), Tensor((len(sizes),), sizes))
    seen_last = [stack.field(axis)[-1] for axis in dims]
    first = tuple(seen.start + c * seen.jump for seen, c in zip(seen_last, stack.cell, strict=True))
    end = tuple(f + seen.size - 1 for f, seen in zip(first, seen_last, strict=True))
    ends = () if len(first) == 1 else (2,)
    made["first"] = Quantity(Symbol("first", "first"), Tensor(ends, first))
    made["last"] = Quantity(Symbol("last", "last"), Tensor(ends, end))
    if drawn:
        ways = [stack.paths(axis) for axis in dims]

        def count(at: tuple[int, ...]) -> int:
            return ways[0][at[0]] if len(at) == 1 else ways[0][at[0]] * ways[1][at[1]]

        made["paths"] = Quantity(Symbol("N", "n"), Tensor.build(stack.input, count))
        made["cells"] = Quantity(Symbol("M", "m"), Tensor.build(stack.input, lambda at: int(count(at) > 0)))
    return made


def _given(stack: Stack) -> Step:
    rows = []
    for number, layers in enumerate(zip(*stack.axes, strict=True), 1):
        columns = zip(*((w.kernel, w.stride, w.padding, w.dilation) for w in layers), strict=True)
        rows.append((str(number), *(Number(c[0]) if len(set(c)) == 1 else op("by", *c) for c in columns)))
    blocks: list[Any] = [Table(("layer", "kernel", "stride", "padding", "dilation"), tuple(rows))]
    text = "The receptive field of a cell is the part of the input that its value can depend on."
    values: dict[str, Any] = {}
    if stack.input is not None:
        text += " The input has {n} cells"
        values["n"] = op("by", *stack.input) if len(stack.input) > 1 else Number(stack.input[0])
        text += " (rows by columns)." if len(stack.input) > 1 else "."
    text += " Where two numbers stand in the table, the first is for the rows." if not stack.alike else ""
    return Step("given", "Given", (*blocks, Prose(text, values)))


def _recursion(stack: Stack) -> Step:
    r, j, k, s, p = (Letter(name) for name in ("r", "j", "k", "s", "p"))
    dilated = any(layer.dilation > 1 for axis in stack.axes for layer in axis)
    hat = Letter("k", accent="hat") if dilated else k
    text = (
        "Three numbers describe what the cells of a layer see: the size {r} of the field, the jump {j} (how far apart "
    )
    text += (
        "the fields of neighbours lie), and the start (where the field of the first cell begins). An input cell sees "
    )
    text += "itself, so {r} and {j} are 1, and the start is cell {base}."
    blocks: list[Any] = [Prose(text, {"r": r, "j": j, "base": Number(stack.index_base)})]
    text = (
        "A layer reads {k} cells that lie {j} apart: the first sees {r} input cells, and each of the others adds {j}. "
    )
    text += "The stride multiplies the jump, and the padding moves the start back:"
    grown = op("add", r, op("mul", op("add", hat, -1), j))
    blocks.append(Prose(text, {"k": hat, "j": j, "r": r}))
    arrows = Prose(
        "{r} becomes {grown}, {j} becomes {wide}, and the start moves back by {back}"
        + (", with {hat} = {reach} for a dilation {d}." if dilated else "."),
        {
            "r": r,
            "grown": grown,
            "j": j,
            "wide": op("mul", j, s),
            "back": op("mul", p, j),
            "hat": hat,
            "reach": op("add", op("mul", Letter("d"), op("add", k, -1)), 1),
            "d": Letter("d"),
        },
    )
    blocks.append(arrows)
    blocks += _table(stack)
    return Step("recursion", "Layer by layer", tuple(blocks))


def _worked(stack: Stack, axis: int, number: int) -> list[Any]:
    """Field, jump and start of a layer, each with its sum."""

    def ref(name: str, at: int) -> Ref:
        return Ref(label(name, at, axis, stack), ())

    if number == 0:
        return [Put(ref(name, 0)) for name in ("r", "j", "start")]
    before, layer = number - 1, stack.axes[axis][number - 1]
    size = op("add", ref("r", before), op("mul", op("add", layer.reach, -1), ref("j", before)))
    jump = op("mul", ref("j", before), layer.stride)
    start = op("add", ref("start", before), op("neg", op("mul", layer.padding, ref("j", before))))
    laws = (("r", size), ("j", jump), ("start", start))
    return [Put(op("equals", law, ref(name, number))) for name, law in laws]


def _table(stack: Stack) -> list[Any]:
    blocks: list[Any] = []
    for axis, layers in enumerate(stack.axes[:1] if stack.alike else stack.axes):
        if not stack.alike:
            blocks.append(Prose(WHERE[axis]))
        rows = []
        for number in range(len(layers) + 1):
            cells = _worked(stack, axis, number)
            if stack.input is not None:
                size = [Put(Ref(f"n_{number}", (at,))) for at in range(len(stack.axes))]
                cells.append(size[axis] if not stack.alike or len(set(stack.input)) == 1 else op("by", *size))
            rows.append((str(number) if number else "input", *cells))
        header = ("layer", "field r", "jump j", "start", *(("cells",) if stack.input is not None else ()))
        blocks.append(Table(header, tuple(rows)))
    return blocks


def _closed(stack: Stack, ask: str, quantities: Mapping[str, Quantity]) -> Step:
    text = (
        "Written out, every layer adds its reach less one, times the strides of all layers before it; its own stride "
    )
    text += "does not count:"
    blocks: list[Any] = [Prose(text)]
    for axis, layers in enumerate(stack.axes[:1] if stack.alike else stack.axes):
        if not stack.alike:
            blocks.append(Prose(WHERE[axis]))
        terms: list[Any] = [Number(1)]
        for at, layer in enumerate(layers):
            strides = [before.stride for before in layers[:at]]
            grown = op("add", layer.reach, -1)
            terms.append(op("mul", grown, *strides) if strides else op("mul", grown, 1))
        last = Ref(label("r", len(layers), axis, stack), ())
        blocks.append(Equation((last, op("add", *terms), Put(last))))
    sizes = quantities["size"].value.cells
    if ask == "table":
        if stack.alike:
            text = "The rows of {T} are the input and the layers; its columns are the field, the jump and the start:"
            blocks += [Prose(text, {"T": Ref("table")}), Equation((Ref("table"), Put(Ref("table"))), boxed=True)]
        else:
            text = (
                "The table of each axis, one row for the input and each layer, with the field, the jump and the start:"
            )
            tables = (Ref("table", (0,)), Ref("table", (1,)))
            blocks += [Prose(text), *(Equation((one, Put(one)), boxed=True) for one in tables)]
    elif len(sizes) == 1:
        last = Ref(label("r", len(stack.axes[0]), 0, stack), ())
        blocks.append(Equation((last, Put(last)), boxed=True))
    else:
        both = op("by", *(Put(Ref("size", (at,))) for at in range(2)))
        blocks.append(Equation((both,), boxed=True))
    return Step("size", "The closed form", tuple(blocks))


def _cells(stack: Stack, drawn: bool, ask: str) -> Step:
    blocks: list[Any] = []
    dims = len(stack.axes)
    cell: Any = [Number(at + stack.index_base) for at in stack.cell]
    text = "The field of output cell {c} begins at the start and a jump further for each cell before it:"
    if dims == 2:
        text = "The field of the output cell in row {c} and column {d} begins at the start and a jump further for each "
        text += "cell before it:"
    blocks.append(Prose(text, {"c": cell[0], "d": cell[-1]}))
    outside = 0
    for axis in range(dims):
        of = len(stack.axes[axis])
        start, jump, size = (Ref(label(name, of, axis, stack), ()) for name in ("start", "j", "r"))
        if dims == 2:
            blocks.append(Prose(WHERE[axis]))
        at_axis = (axis,) if dims == 2 else ()
        first, last = Ref("first", at_axis), Ref("last", at_axis)
        begin = op("add", start, op("mul", stack.cell[axis], jump))
        end = op("add", first, size, -1)
        found = Equation((first, Put(begin), Put(first))), Equation((last, Put(end), Put(last)))
        blocks.append(Equations(found))
        seen = stack.field(axis)[-1]
        at = seen.start + stack.cell[axis] * seen.jump - stack.index_base
        outside += max(-at, 0) + max(at + seen.size - stack.sizes(axis)[0], 0)
    if outside:
        blocks.append(Prose("Positions outside the input are padding: the cell does not depend on anything there."))
    if drawn:
        blocks += _drawn(stack, ask)
    return Step("cells", "What one output cell sees", tuple(blocks))


def _drawn(stack: Stack, ask: str) -> list[Any]:
    ways = [stack.paths(axis) for axis in range(len(stack.axes))]
    lines = [[at for at, count in enumerate(along) if count] for along in ways]
    marked = {(a, b) for a in lines[0] for b in lines[1]} if len(lines) == 2 else {(a,) for a in lines[0]}
    holes = any(along and len(along) < along[-1] - along[0] + 1 for along in lines)
    text = "The shaded cells reach it. Each number says along how many paths of taps, which is the weight of the cell "
    text += "when every kernel entry is 1."
    if max(max(along) for along in ways) == 1:
        text = "The shaded cells reach it, each along one path of taps."
    blocks: list[Any] = [Prose(text)]
    caption = Prose("paths from each input cell to the output cell")
    blocks.append(Grids((Grid("paths", (), caption, marked=frozenset(marked)),)))
    if holes:
        blocks.append(Prose("There are gaps: inside the field there are cells that no tap reads."))
    if ask == "cells":
        text = "The answer is the pattern of the shaded cells, 1 where a cell reaches the output cell:"
        blocks += [Prose(text), Equation((Ref("cells"), Put(Ref("cells"))), boxed=True)]
    return blocks
