"""Steps that several operations show: what is given, the size law, the result, the checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from symconv.axis import Axis
from symconv.document import Equation, Grid, Grids, Prose, Quantity, Step, SumTable, Symbol, Window, Windows
from symconv.expression import Expression, Letter, Number, Put, Ref, op
from symconv.notation import Notation
from symconv.operations.base import Detail
from symconv.operations.geometry import Layer
from symconv.tensor import Entry, Index, Tensor

MOST_ROWS = 60  # of a table of sums, unless the full solution is asked for


def symbols(notation: Notation) -> dict[str, Symbol]:
    """The letters of a course for everything a solution names."""
    x, k, y = notation.input, notation.kernel, notation.output

    def of(letter: str, **ornaments: Any) -> Symbol:
        return Symbol(letter, notation.cell(letter), **ornaments)

    return {
        "input": of(x),
        "kernel": of(k),
        "output": of(y),
        "depthwise": of("D"),
        "bias": of(notation.bias),
        "size": of("o"),
        "padded": of(x, accent="tilde"),
        "flipped": of(k, rotated=True),
        "dilated": of(k, accent="hat"),
        "C": of("C"),
    }


def dot(pairs: Sequence[tuple[Entry, Entry]], more: Sequence[Entry] = ()) -> Entry:
    """The exact sum of products, by SymPy where there are letters."""
    terms = [a * b for a, b in pairs] + list(more)
    if any(hasattr(term, "free_symbols") for term in terms):
        from symconv.algebra import total

        return total(terms)
    from symconv.entries import exact

    return exact(sum(terms))


def total_of(cells: Sequence[Entry]) -> Entry:
    """The exact sum of entries."""
    return dot([], cells)


def axis_names(axes: Sequence[Axis]) -> list[tuple[str, Axis]]:
    """The different axes with a word for each; one without a word where all are alike."""
    if len(set(axes)) == 1:
        return [("", axes[0])]
    return list(zip(("Down the rows:", "Along the columns:"), axes, strict=True))


def padding_terms(axis: Axis) -> list[Expression]:
    """The terms of the padded size: i + 2p, or i + p_1 + p_2 where the sides differ."""
    i = Letter("i", axis.input)
    before, after = axis.padding
    if before == after:
        return [i, op("mul", 2, Letter("p", before))]
    return [i, Letter("p", before, sub="1"), Letter("p", after, sub="2")]


def reach_letter(axis: Axis, hat: bool) -> Letter:
    """k, or k with a hat where taps stand apart along some axis."""
    return Letter("k", axis.reach, accent="hat" if hat else "")


def reach_equation(axis: Axis) -> Equation:
    """How far the dilated kernel reaches: k̂ = d(k - 1) + 1."""
    law = op("add", op("mul", Letter("d", axis.dilation), op("add", Letter("k", axis.kernel), -1)), 1)
    return Equation((reach_letter(axis, True), law, Put(law), Number(axis.reach)))


def size_law(axis: Axis, hat: bool) -> tuple[Expression, ...]:
    """O = floor((i + 2p - k̂) / s) + 1, with its numbers. Dumoulin & Visin, relations 6 and 15."""
    room = op("add", *padding_terms(axis), op("neg", reach_letter(axis, hat)))
    law = op("add", op("floor", op("div", room, Letter("s", axis.stride))), 1)
    return Letter("o", axis.output), law, Put(law), Number(axis.output)


def fits(axis: Axis, hat: bool, out: Letter | Number) -> Expression:
    """The inequality of window number `out`, (o - 1)s + k̂ <= i + 2p: it holds up to the output's size."""
    start = op("mul", op("add", out, -1), Letter("s", axis.stride))
    return op(
        "le" if out.value <= axis.output else "gt",
        op("add", start, reach_letter(axis, hat)),
        op("add", *padding_terms(axis)),
    )


def size_of(sizes: Sequence[int]) -> Expression:
    """A size as it is written: 5, or 4 x 6 for a matrix."""
    return Number(sizes[0]) if len(sizes) == 1 else op("by", *sizes)


def size_result(sizes: Sequence[int], asked: bool) -> list[Any]:
    """The size in a sentence; in a box too where it is what the problem asks for."""
    size = size_of(sizes)
    blocks: list[Any] = []
    if len(sizes) == 2:
        blocks.append(Prose("The output has the size {size} (rows by columns).", {"size": size}))
    if asked:
        blocks.append(Equation((size,), boxed=True))
    return blocks


def size_step(axes: Sequence[Axis], asked: bool) -> Step:
    """The size of the output from the inequality that the last window must fit."""
    hat = any(axis.dilation > 1 for axis in axes)
    o = Letter("o", axes[0].output)
    blocks: list[Any] = [
        Prose(
            "Window number {o} starts {start} cells after the first and covers {k} cells, so it fits as long as "
            "{fits}. The largest such {o} is the size of the output.",
            {
                "o": o,
                "start": op("mul", op("add", o, -1), Letter("s", axes[0].stride)),
                "k": reach_letter(axes[0], hat),
                "fits": fits(axes[0], hat, o),
            },
        )
    ]
    for where, axis in axis_names(axes):
        if where:
            blocks.append(Prose(where))
        if hat:
            blocks.append(reach_equation(axis))
        blocks.append(Equation(size_law(axis, hat)))
        if axis.unread:
            blocks.append(
                Prose(
                    "One window more would not fit: {misses}. The last "
                    + ("{n} cells are" if axis.unread > 1 else "cell is")
                    + " never read.",
                    {"misses": Put(fits(axis, hat, Number(axis.output + 1))), "n": Number(axis.unread)},
                )
            )
    blocks += size_result([axis.output for axis in axes], asked)
    return Step("size", "Size of the output", tuple(blocks))


def size_quantity(sizes: Sequence[int], notation: Notation) -> Quantity:
    """The sizes of an output map, one for each axis."""
    return Quantity(symbols(notation)["size"], Tensor((len(sizes),), tuple(sizes)))


def parts(name: str, value: Tensor, lead: int) -> Iterator[Ref]:
    """The matrices of a quantity, one for each leading index."""
    for index in product(*map(range, value.shape[:lead])):
        yield Ref(name, index) if index else Ref(name)


def grids(name: str, value: Tensor, lead: int, **marks: Any) -> Grids:
    """Every matrix of a quantity as a grid with its letter below."""
    return Grids(
        tuple(Grid(name, ref.index or (), Prose("{it}", {"it": ref}), **marks) for ref in parts(name, value, lead))
    )


def entries_blocks(
    cells: Sequence[Index], window: Callable[[Index], Window], detail: Detail, first: int = 4
) -> list[Any]:
    """Windows in full up to the chosen number; beyond it the first few in full and then a table of sums.

    Only what is shown is made, by `window` from the index of an output cell.
    """
    if detail.full or len(cells) <= detail.worked:
        return [Windows(tuple(map(window, cells)))]
    shown = min(first, detail.worked)
    rest = cells[shown:]
    blocks: list[Any] = [Windows(tuple(map(window, cells[:shown])))] if shown else []
    blocks.append(Prose("The remaining entries follow in the same way." if shown else "Entry by entry:"))
    blocks.append(SumTable(tuple(window(cell).sum for cell in rest[:MOST_ROWS])))
    if len(rest) > MOST_ROWS:
        blocks.append(
            Prose(
                "The other {n} entries follow in the same way.",
                {"n": Number(len(rest) - MOST_ROWS)},
            )
        )
    return blocks


def is_final(pairs: Sequence[tuple[Entry, Entry]]) -> bool:
    """Whether a sum of products cannot be simplified: every product is of two letters, and no two are alike."""
    if not all(hasattr(a, "is_Symbol") and hasattr(b, "is_Symbol") for a, b in pairs):
        return False
    return len({frozenset((a, b)) for a, b in pairs}) == len(pairs) and len(pairs) > 0


def is_wide(value: Tensor) -> bool:
    """Whether entries are sums of letters, too long to stand in a matrix."""
    return any(len(getattr(cell, "args", ())) > 3 for cell in value.cells)


def result_step(value: Tensor, lead: int) -> Step:
    """The output, boxed; by the names of its entries where these are long sums."""
    refs = list(parts("output", value, lead))
    if is_wide(value):
        boxes: list[Any] = [Equation((ref, op("names", ref)), boxed=True) for ref in refs]
        return Step("output", "Result", (*boxes, Prose("with the entries above.")))
    return Step("output", "Result", tuple(Equation((ref, Put(ref)), boxed=True) for ref in refs))


def given_step(
    layer: Layer, quantities: Mapping[str, Quantity], dims: int, convention: str, sentence: str, values: dict[str, Any]
) -> Step:
    """The operands as grids, the convention in force, and the parameters in a sentence.

    The convention also says whose kernel is which, where `{K}` stands in it.
    """
    pictures: tuple[Grid, ...] = ()
    for name in ("input", "kernel"):
        value = quantities[name].value
        pictures += grids(name, value, len(value.shape) - dims).items
    if layer.groups > 1:
        values["g"] = Number(layer.groups)
        sentence += ", {g} groups"
    sentence += "."
    if layer.bias is not None:
        bias = Ref("bias") if len(layer.bias.cells) > 1 else Ref("bias", (0,))
        values["b"] = op("equals", bias, Put(bias))
        sentence += " Bias {b}, added once to every entry of its output map."
    return Step("given", "Given", (Grids(pictures), Prose(convention, {"K": Ref("kernel")}), Prose(sentence, values)))


def kernel_in_words(leads: Sequence[int], groups: int, by_input: bool = False) -> str:
    """Whose kernel is which, where two indices number them: a sentence with the hole `{K}`."""
    if min(leads) == 1:
        return ""
    which = ("channel of the input", "channel of the output") if by_input else ("filter", "channel that it reads")
    within = ", counted within its group" if groups > 1 else ""
    return f" Of the two numbers at a {{K}}, the first one is the {which[0]}, the second one the {which[1]}{within}."


def sizes_in_words(name: str, sizes: Sequence[int], values: dict[str, Any]) -> str:
    """A hole for a size that all axes share, or for one per axis; the holes' values are added to `values`."""
    if len(set(sizes)) == 1:
        values[name] = Number(sizes[0])
        return f"{{{name}}}"
    values |= {f"{name}_rows": Number(sizes[0]), f"{name}_columns": Number(sizes[1])}
    return f"{{{name}_rows}} down and {{{name}_columns}} across"


def padding_in_words(
    pads: Sequence[tuple[int, int]], values: dict[str, Any], size: str = "", mode: str = "zeros"
) -> str:
    """The padding of every side, in as few words as its symmetry allows, and the rule and the cells that make it."""
    notes = ", ".join(filter(None, (size, mode if mode != "zeros" and any(map(any, pads)) else "")))
    return _widths_in_words(pads, values) + (f" ({notes})" if notes else "")


def _widths_in_words(pads: Sequence[tuple[int, int]], values: dict[str, Any]) -> str:
    """The padding of every side; the holes' values are added to `values`."""
    if all(before == after for before, after in pads):
        widths = [before for before, _ in pads]
        if len(set(widths)) == 1:
            values["p"] = Number(widths[0])
            return "padding {p}" + (" on each side" if widths[0] else "")
        values |= {"p_rows": Number(widths[0]), "p_columns": Number(widths[1])}
        return "padding {p_rows} above and below, {p_columns} left and right"
    sides = ("before", "after") if len(pads) == 1 else ("above", "below", "left", "right")
    values |= {side: Number(width) for side, width in zip(sides, (w for both in pads for w in both), strict=True)}
    return "padding " + ", ".join(f"{{{side}}} {side}" for side in sides)
