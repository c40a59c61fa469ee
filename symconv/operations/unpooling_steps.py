"""An unpooling as it was read, and its steps: size, places, result, check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from symconv.document import Equation, Grid, Grids, Prose, Quantity, Step, Table
from symconv.expression import Letter, Number, Put, Ref, Running, op
from symconv.notation import Notation
from symconv.operations import checks
from symconv.operations.geometry import lead
from symconv.operations.steps import grids, parts, result_step, size_result, sizes_in_words
from symconv.tensor import Index, Tensor


@dataclass(frozen=True)
class Unpooling:
    """An unpooling, read. Input and indices have the shape (channels, *cells), `shape` is the size of an output map.

    The indices say where, as sizes do, so they are no operand: whatever holds, holds for every input.
    """

    input: Tensor
    kind: str
    size: tuple[int, ...]
    stride: tuple[int, ...]
    indices: Tensor
    shape: tuple[int, ...]
    is_given: bool

    @property
    def operands(self) -> Mapping[str, Tensor]:
        """The operands by name."""
        return {"input": self.input}

    @property
    def leading(self) -> int:
        """How many leading axes the output has."""
        return len(lead((0, self.input.shape[0])))

    def place(self, at: Index) -> Index:
        """The output cell, without its channel, that an input cell goes to."""
        row, column = divmod(self.indices[at], self.shape[-1])
        return (row, column) if len(self.shape) == 2 else (column,)


def given(setting: Unpooling, quantities: Mapping[str, Quantity]) -> Step:
    """The input, the indices, the kind and the window."""
    leading = setting.leading
    pictures = grids("input", quantities["input"].value, leading).items
    text = (
        "This is a bed of nails: every entry goes to the first cell of its window, all other cells are zero. There are "
        "no weights to learn."
    )
    if setting.kind == "max":
        pictures += grids("indices", quantities["indices"].value, leading).items
        text = (
            "This is max unpooling: every entry goes back to the cell that the maximum was taken from, all other cells "
            "are zero. The indices count the cells of "
            + ("each output map" if leading else "the output")
            + (" row by row" if len(setting.shape) == 2 else "")
            + " from 0."
        )
    values: dict[str, Any] = {"window": op("by", *setting.size)}
    sentence = f"Window {{window}}, stride {sizes_in_words('s', setting.stride, values)}."
    return Step("given", "Given", (Grids(pictures), Prose(text), Prose(sentence, values)))


def size(setting: Unpooling, asked: bool) -> Step:
    """O = s(i - 1) + k: the last window starts s(i - 1) cells after the first."""
    blocks: list[Any] = [
        Prose(
            "The windows of the pooling stood {s} apart and covered {k} cells each, so all {i} together span:",
            {"s": Letter("s"), "k": Letter("k"), "i": Letter("i")},
        )
    ]
    axes = list(zip(setting.stride, setting.input.shape[1:], setting.size, strict=True))
    words = [""] if len(set(axes)) == 1 else ["Down the rows: ", "Along the columns: "]
    usual = [s * (n - 1) + k for s, n, k in axes]
    for where, (s, n, k), out in zip(words, axes, usual, strict=False):
        law = op("add", op("mul", Letter("s", s), op("add", Letter("i", n), -1)), Letter("k", k))
        blocks += [Prose(where)] if where else []
        named = () if setting.is_given else (Letter("o", out),)  # what they span is then not the size of the output
        blocks.append(Equation((*named, law, Put(law), Number(out))))
    if setting.is_given:
        text = (
            "Up to {s} cells more, or fewer where the last window hung over the end, have as many windows. The map "
            "before the pooling had the size {size}."
        )
        most = op("add", Letter("s"), -1)
        blocks.append(Prose(text, {"s": most, "size": op("by", *setting.shape)}))
    return Step("size", "Size of the output", (*blocks, *size_result(setting.shape, asked)))


def _by_index(setting: Unpooling, notation: Notation) -> Step:
    """Every index taken apart into row and column."""
    width, base = setting.shape[-1], notation.index_base
    rows = []
    for at in setting.input.indices():
        channel, place = at[:1][: setting.leading], setting.place(at)
        source, target = Ref("input", (*channel, *at[1:])), Ref("output", (*channel, *place))
        index: Any = Number(place[0])
        if len(place) == 2:
            index = op("equals", setting.indices[at], op("add", op("mul", place[0], width), place[1]))
        rows.append((source, Put(source), index, op("equals", target, source)))
    values: dict[str, Any] = {"w": Number(width)}
    text = "Each index is the number of cells before its place"
    if len(setting.shape) == 2:
        text = (
            "An output row has {w} cells. An index divided by {w} gives the row, counted from 0; the rest is the column"
        )
    text += ". Subscripts count from 1, so add 1." if base else "."
    return Step(
        "places",
        "Where the entries go",
        (Prose(text, values), Table(("Entry", "Value", "Index", "Goes to"), tuple(rows))),
    )


def places(setting: Unpooling, notation: Notation) -> Step:
    """Where every entry goes."""
    return _by_index(setting, notation) if setting.kind == "max" else _nails(setting, notation)


def _nails(setting: Unpooling, notation: Notation) -> Step:
    """The law of the places: y_{s(i-1)+1, ...} = x_{i, ...}."""
    base, channels = notation.index_base, setting.input.shape[0]
    outs = ("i", "j")[: len(setting.shape)]
    channel = (Running("c"),) if channels > 1 else ()
    places = []
    for name, s in zip(outs, setting.stride, strict=True):
        rest = base - s * base
        moved = Running(name) if s == 1 else op("mul", s, Running(name))
        places.append(op("add", moved, rest) if rest else moved)
    ranges = [(name, base, base + n - 1) for name, n in zip(outs, setting.input.shape[1:], strict=True)]
    ranges = [("c", base, base + channels - 1), *ranges] if channel else ranges
    sides = (Ref("output", (*channel, *places)), Ref("input", (*channel, *map(Running, outs))))
    text = "From one entry to the next the place moves by the stride:"
    return Step("places", "Where the entries go", (Prose(text), Equation(sides, for_all=tuple(ranges))))


def result(setting: Unpooling, quantities: dict[str, Quantity]) -> list[Step]:
    """The output with its entries shaded, boxed, and the total that stays."""
    channels, leading, output = setting.input.shape[0], setting.leading, quantities["output"].value
    marked = [frozenset(setting.place(at) for at in setting.input.indices() if at[0] == c) for c in range(channels)]
    shown = Grids(
        tuple(
            Grid("output", ref.index or (), Prose("{it}", {"it": ref}), marked=marked[n])
            for n, ref in enumerate(parts("output", output, leading))
        )
    )
    boxed = result_step(output, leading)
    lost = prod(setting.shape) - prod(setting.input.shape[1:])
    text = (
        "All other cells are zero. Unpooling does not undo a pooling: {n} of the {all} cells"
        + (" of every channel" if channels > 1 else "")
        + " are lost."
    )
    told = Prose(text, {"n": Number(lost), "all": Number(prod(setting.shape))})
    made = [Step("output", boxed.title, (shown, *([told] if lost else []), *boxed.blocks))]
    for name in ("input", "output"):
        checks.add_total(quantities, name)
    sides = (checks.total("output"), checks.total("input"), checks.number_of("output"))
    moved = Prose("Entries are only moved, so the total stays the same:")
    return [*made, Step("check", "Check", (moved, Equation(sides)))]
