"""The gradient by the input: the sum with its ranges, the window on the padded gradient, the transposed matrix."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import Any

from symconv.document import Equation, Grid, Grids, Prose, Quantity, Step, Symbol, Window
from symconv.expression import Letter, Number, Op, Put, Ref, Running, Sigma, op
from symconv.operations.backpropagation_work import CELLS, MOST_TERMS, OUTS, Product, Work, derivative
from symconv.operations.block_toeplitz import vec_prose
from symconv.operations.geometry import lead
from symconv.operations.matrix_form import MOST_COLUMNS, MOST_ROWS, unrolled
from symconv.operations.steps import (
    entries_blocks,
    grids,
)
from symconv.tensor import Index


def input_gradient(work: Work) -> list[Step]:
    """The derivative by the input: the sum, the array that is slid over, the windows."""
    geometry = work.geometry
    blocks: list[Any] = []
    if work.transposed:
        blocks += _gathering_law(work)
    elif work.plain and geometry.groups == 1:
        blocks += _covering_law(work)
    if not work.plain:
        text = (
            "The padding repeats input cells, so one cell may meet a tap in several places; all of them count. Cell "
            "by cell, over all windows that read it:"
        )
        return [Step("dx", "The gradient by the input", (*blocks, Prose(text), *work.table("input")))]
    blocks += _slid_over(work)
    single = (geometry.slices if work.transposed else geometry.filters // geometry.groups) == 1
    if single:
        blocks.append(Prose("Products with a zero that was put in are left out."))
        cells = list(work.layer.input.indices())
        met = work.gathered("input")
        blocks += entries_blocks(cells, lambda at: _input_window(work, at, met.get(at, [])), work.detail)
    else:
        blocks += [Prose("Each cell is the sum over all output maps that read it:"), *work.table("input")]
    return [Step("dx", "The gradient by the input", tuple(blocks))]


def _covering_law(work: Work) -> list[Any]:
    """The sum over the windows that cover an input cell, with its index ranges."""
    from symconv import algebra, sums

    geometry, base = work.geometry, work.notation.index_base
    counts = (geometry.filters, geometry.slices)
    blocks: list[Any] = []
    taps_apart = geometry.is_dilated
    ranges = work.ranges(CELLS, geometry.input, ("c", geometry.slices))
    covers = "the cell {u}" if geometry.dims == 1 else "the cell in row {u} and column {v}"
    letters: dict[str, Any] = {name: Running(name) for name in CELLS[: geometry.dims]}
    if not taps_apart:
        blocks += _partial_derivative(work) if geometry.dims == 1 and counts == (1, 1) else []
        axes = tuple((a.stride, a.kernel, a.padding[0], a.output) for a in geometry.axes)
        entry, total = sums.input_gradient_sum(axes, geometry.flip, base, *counts)
        blocks.append(
            Prose(
                "By the chain rule these are added over all windows, each times its upstream entry. Only the windows "
                f"that cover {covers} count: the limits keep the index of the kernel between its first and its last "
                "entry, and the window among the outputs:",
                letters,
            )
        )
        blocks.append(Equation((algebra.to_expression(entry), algebra.to_expression(total)), for_all=ranges))
    if counts == (1, 1):
        steps = tuple((1, a.dilation, a.kernel) for a in geometry.axes)
        _, total = sums.direct_sum(steps, not geometry.flip, base, source="padded_gradient")
        target = Ref("dx", tuple(Running(name) for name in CELLS[: geometry.dims]))
        there = dict(zip(OUTS, CELLS, strict=True))
        slid = algebra.to_expression(total.subs({algebra.running(i): algebra.running(u) for i, u in there.items()}))
        text = (
            "The same as a sliding window" if taps_apart else "The same sum, ordered by the taps, is a sliding window"
        )
        blocks.append(
            Prose(text + " over the padded gradient {E}, which is drawn below:", {"E": Ref("padded_gradient")})
        )
        blocks.append(Equation((target, slid), for_all=ranges))
    return blocks


def _partial_derivative(work: Work) -> list[Any]:
    """In one dimension: which kernel entry lies on a cell in a window, solved for the entry."""
    from symconv import algebra

    (axis,), base, flip = work.geometry.axes, work.notation.index_base, work.geometry.flip
    i, u, m = (algebra.running(name) for name in "ium")
    ends = base + axis.kernel - 1  # of the kernel's indices
    start = base + axis.stride * (i - base) - axis.padding[0]
    cell = start + (ends - m if flip else m - base)
    tap = ends + start - u if flip else u - start + base
    return [
        Prose(
            "In window {i} the kernel entry {w} lies on the cell {cell} of the input. This is the cell {u} when "
            "{m} = {tap}. So {slope} = {at} where that is an entry of the kernel, and 0 elsewhere.",
            {
                "i": Running("i"),
                "w": Ref("kernel", (Running("m"),)),
                "cell": algebra.to_expression(cell),
                "u": Running("u"),
                "m": Running("m"),
                "tap": algebra.to_expression(tap),
                "slope": derivative(Ref("output", (Running("i"),)), Ref("input", (Running("u"),))),
                "at": Ref("kernel", (algebra.to_expression(tap),)),
            },
        )
    ]


def _gathering_law(work: Work) -> list[Any]:
    """The direct layer that a transposed layer's backward pass is."""
    from symconv import algebra, sums

    geometry, base = work.geometry, work.notation.index_base
    steps = tuple((a.stride, a.dilation, a.kernel) for a in geometry.axes)
    _, total = sums.direct_sum(
        steps, False, base, geometry.filters, geometry.slices, geometry.groups, "padded_gradient"
    )
    outs = tuple(Running(name) for name in OUTS[: geometry.dims])
    target = Ref("dx", (*((Running("f"),) if geometry.filters > 1 else ()), *outs))
    ranges = work.ranges(OUTS, work.layer.input.shape[1:], ("f", geometry.filters))
    return [
        Prose(
            "In the forward pass each input cell lays a copy of the kernel on the output. So going back each input "
            "cell collects the upstream entries under its copy, weighted by the kernel: a direct layer with the same "
            "stride, padding and dilation, and the kernel not flipped."
        ),
        Equation((target, algebra.to_expression(total)), for_all=ranges),
    ]


def _slid_over(work: Work) -> list[Any]:
    """The stretched and padded gradient, and the kernel that slides over it."""
    geometry, axes = work.geometry, work.geometry.axes
    value, dims = work.value("padded_gradient"), geometry.dims
    values: dict[str, Any] = {"E": Ref("padded_gradient"), "G": Ref("upstream"), "K": Ref("slid")}
    blocks: list[Any] = []
    if work.transposed:
        text = (
            "Pad {G} by what the forward pass cropped"
            if geometry.is_padded
            else "Nothing was cropped, so {G} is not padded"
        )
    else:
        if max(work.layer.stride) > 1:
            values["H"] = Ref("stretched")
            zeros = {s - 1 for s in work.layer.stride}
            count = "zeros" if len(zeros) > 1 else "a zero" if zeros == {1} else "{z} zeros"
            values["z"] = Number(max(zeros))
            blocks.append(
                Prose(
                    "With a stride, neighbouring entries of {G} belong to windows that stand a stride apart: put "
                    + count
                    + " between them. This is the stretched gradient {H}:",
                    values,
                )
            )
            stretched = work.value("stretched")
            muted = frozenset(
                at
                for at in product(*map(range, stretched.shape[-dims:]))
                if any(p % s for p, s in zip(at, work.layer.stride, strict=True))
            )
            blocks.append(grids("stretched", stretched, len(stretched.shape) - dims, muted=muted))
        before = [a.reach - 1 - a.padding[0] for a in axes]
        after = [a.reach - 1 - a.padding[1] + a.unread for a in axes]
        hat = "hat" if geometry.is_dilated else ""
        room = op("add", Letter("k", accent=hat), -1, op("neg", Letter("p")))
        values |= {"room": room, "b": by(before), "a": by(after)}
        text = "For the full size every window that touches an entry counts: pad by {room}, that is "
        text += "{b} on each side" if before == after else "{b} before and {a} after"
        if any(a.unread for a in axes):
            text += " (behind, the cells that no window read are made up for)"
        text += ". A negative padding crops" if min(*before, *after) < 0 else ""
    turned = "turned by 180 degrees, " if not (geometry.flip or work.transposed) else "as it is, "
    if geometry.flip:
        turned = "as it is (turned twice), "
    blocks.append(
        Prose(
            text
            + ". Over {E} slides the kernel "
            + turned
            + ("with the stride." if work.transposed else "with stride 1."),
            values,
        )
    )
    slid = work.value("slid")
    pictures = grids("padded_gradient", value, len(value.shape) - dims, muted=work.put_in).items
    blocks.append(Grids(pictures + grids("slid", slid, len(slid.shape) - dims).items))
    return blocks


def _input_window(work: Work, at: Index, met: list[Product]) -> Window:
    """One input cell with the window of the backward pass."""
    axes = work.geometry.axes
    steps = work.layer.stride if work.transposed else (1,) * len(axes)
    marked = frozenset(
        tuple(p * s + t * a.dilation for p, s, t, a in zip(at[1:], steps, place, axes, strict=True))
        for place in product(*map(range, work.geometry.kernel))
    )
    geometry, count = work.geometry, work.setting.upstream.shape[0]
    f = geometry.channel(at[0], 0) if work.transposed else at[0] // geometry.slices
    summed = work.worked(work.ref_of("dx", "input", at), met, "output", "kernel")
    return Window(Grid("padded_gradient", lead((f, count)), marked=marked), summed)


def matrix(work: Work) -> list[Step]:
    """The gradient by the input as a product with the transposed matrix of the layer."""
    geometry = work.geometry
    rows, columns = geometry.filters * prod(geometry.output), geometry.channels * prod(geometry.input)
    lone = work.layer.input.shape[1:]
    if columns > MOST_COLUMNS or rows > MOST_ROWS or (work.transposed and lone != geometry.output):
        return []
    work.quantities["C"] = Quantity(Symbol("C", "c"), unrolled(geometry, work.layer))
    vec: Any = "vec_row" if work.layer.order == "row" else "vec_column"
    g, dx = Op(vec, (Ref("upstream"),)), Op(vec, (Ref("dx"),))
    back = Ref("C") if work.transposed else op("transpose", Ref("C"))
    text = "The layer is multiplication by a matrix {C}" + (" (plus the bias)" if work.layer.bias is not None else "")
    values: dict[str, Any] = {"C": Ref("C"), "T": op("transpose", Ref("C"))}
    if work.transposed:
        text = "The layer is multiplication by {T}, where {C} is the matrix of the direct layer"
    text += ", so {entry} is the derivative of output entry {i} by input cell {u}, and the "
    text += "chain rule sums along the rows." if work.transposed else "chain rule sums down the columns."
    plain = geometry.channels == geometry.filters == geometry.dims == 1
    i, u = Running("i"), Running("u")
    entry = Ref("C", (u, i) if work.transposed else (i, u))
    values |= {"entry": entry, "i": i, "u": u}
    blocks: list[Any] = [
        Prose(text + (" " + vec_prose(work.layer.order, False) if geometry.dims == 2 else ""), values),
        Equation((Ref("C"), Put(Ref("C")))),
    ]
    if plain:
        base = work.notation.index_base
        count = len(work.setting.upstream.cells)
        summed = Sigma("i", Number(base), Number(base + count - 1), op("mul", Ref("upstream", (i,)), entry))
        blocks.append(Equation((Ref("dx", (u,)), summed), for_all=(("u", base, base + lone[0] - 1),)))
    blocks.append(Equation((dx, op("matmul", back, g))))
    if sum(len(getattr(cell, "args", ())) for cell in work.value("dx").cells) <= MOST_TERMS:
        blocks.append(Equation((op("transpose", dx), Put(op("transpose", dx)))))
    name = "C" if work.transposed else "C^T"
    return [Step("C", f"The same by the {'matrix' if name == 'C' else 'transposed matrix'}", tuple(blocks))]


def by(sizes: list[int]) -> Any:
    """A size that all axes share, or one per axis."""
    return Number(sizes[0]) if len(set(sizes)) == 1 else op("by", *sizes)
