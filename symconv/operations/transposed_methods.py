"""The other two methods of a transposed layer: the transposed matrix, and a direct convolution on a stretched input."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product
from math import prod
from typing import Any

from symconv.document import Equation, Grid, Grids, Prose, Quantity, Step, Symbol, Window, WorkedSum
from symconv.errors import ProblemError
from symconv.expression import Number, Op, Put, Ref, op
from symconv.operations.base import Detail
from symconv.operations.block_toeplitz import vec_prose
from symconv.operations.geometry import lead, squeezed
from symconv.operations.matrix_form import MOST_COLUMNS, MOST_ROWS, unrolled
from symconv.operations.steps import (
    entries_blocks,
    grids,
    is_final,
    is_wide,
    size_of,
)
from symconv.operations.transposed_steps import Work, by
from symconv.tensor import Index, Tensor


def matrix_method(work: Work, ask: str, title: str) -> list[Step]:
    """Method 2: C of the direct layer, transposed."""
    rows, columns = work.direct.filters * prod(work.direct.output), work.direct.channels * prod(work.direct.input)
    if ask == "output" and (columns > MOST_COLUMNS or rows > MOST_ROWS):
        return []
    if work.direct.output != work.layer.input.shape[1:]:  # output padding of a stride or more, where taps stand apart
        if ask == "output":
            return []
        raise ProblemError(
            f"output_padding is {list(work.extra)}, not below the stride {list(work.layer.stride)}, so a direct layer "
            "has more windows than the input has cells; make output_padding smaller to ask for the matrix"
        )
    value = unrolled(work.direct, work.layer)
    work.quantities["C"] = Quantity(Symbol("C", "c"), value)
    turned = Tensor.build((columns, rows), lambda at: value[at[::-1]])
    work.quantities["C^T"] = Quantity(Symbol("C", "c", sup="T"), turned)
    vec: Any = "vec_row" if work.layer.order == "row" else "vec_column"
    x, y = Op(vec, (Ref("input"),)), Op(vec, (Ref("output"),))
    blocks: list[Any] = [
        Prose(
            "The direct layer with this kernel, stride, padding and dilation takes the size {o} to the size {i}. Its "
            "unrolled matrix {C} has one row for each of our input cells, one column for each of our output entries. "
            + (vec_prose(work.layer.order, work.channels * work.maps > 1) if work.direct.dims == 2 else ""),
            {"o": size_of(work.direct.input), "i": size_of(work.direct.output), "C": Ref("C")},
        ),
        Equation((Ref("C"), Put(Ref("C"))), boxed=ask == "matrix"),
    ]
    if ask == "transposed_matrix":
        blocks.append(Equation((Ref("C^T"), Put(Ref("C^T"))), boxed=True))
    elif ask == "output":
        blocks.append(Prose("The transposed convolution is the product with {T}:", {"T": Ref("C^T")}))
        moved = op("matmul", op("transpose", Ref("C")), x)
        if work.layer.bias is not None and work.maps == 1:
            moved = op("add", moved, op("ones", Ref("bias", (0,)), prod(work.direct.input), 1))
        if work.layer.bias is None or work.maps == 1:
            blocks.append(Equation((y, moved)))
        if not is_wide(work.output):
            blocks.append(Equation((op("transpose", y), Put(op("transpose", y)))))
    return [Step("C", title, tuple(blocks))]


def direct_method(work: Work, title: str) -> list[Step]:
    """Method 3: a direct convolution with stride 1 on the stretched, padded input with the flipped kernel."""
    axes = work.direct.axes
    turned = work.spread_kernel().rotated(lead=2)
    accent = "hat" if work.direct.is_dilated else ""
    work.quantities["flipped"] = Quantity(
        Symbol(work.notation.kernel, work.notation.cell(work.notation.kernel), accent=accent, rotated=True),
        squeezed(turned, 2),
    )
    sizes = tuple(axis.input + axis.reach - 1 for axis in axes)

    def source(at: Index) -> Index | None:
        spots = [p - (a.reach - 1 - a.padding[0]) for p, a in zip(at, axes, strict=True)]
        cells = [spot // a.stride for spot, a in zip(spots, axes, strict=True)]
        inside = all(
            spot % a.stride == 0 and 0 <= cell < n
            for spot, cell, a, n in zip(spots, cells, axes, work.layer.input.shape[1:], strict=True)
        )
        return tuple(cells) if inside else None

    def cell(at: Index) -> Any:
        found = source(at[1:])
        return 0 if found is None else work.layer.input[(at[0], *found)]

    stretched = Tensor.build((work.channels, *sizes), cell)
    work.quantities["stretched"] = Quantity(
        Symbol(work.notation.input, work.notation.cell(work.notation.input), accent="hat"), squeezed(stretched, 1)
    )
    zeros = frozenset(at for at in product(*map(range, sizes)) if source(at) is None)
    before = [a.reach - 1 - a.padding[0] for a in axes]
    after = [a.reach - 1 - a.padding[1] + e for a, e in zip(axes, work.extra, strict=True)]
    put: list[str] = []
    values: dict[str, Any] = {}
    if any(a.stride > 1 for a in axes):
        zeros_put = {a.stride - 1 for a in axes}
        count = "zeros" if len(zeros_put) > 1 else "a zero" if zeros_put == {1} else "{z} zeros"
        put.append(f"put {count} between neighbouring cells of the input")
        values["z"] = Number(axes[0].stride - 1)
    if len(set(before)) == 1 and before == after:
        put.append("pad by {b} on each side")
        values["b"] = Number(before[0])
    else:
        put.append(
            "pad by {b} before and {e} after" + (" (rows by columns)" if len({*before}) + len({*after}) > 2 else "")
        )
        values |= {"b": by(tuple(before)), "e": by(tuple(after))}
    text = (
        "To get the same by a direct convolution, " + ", ".join(put) + ", and slide the flipped kernel with stride 1."
    )
    if min(*before, *after) < 0:
        text += " A negative padding crops."
    lead_x, lead_k = len(lead((0, work.channels))), len(squeezed(turned, 2).shape) - len(axes)
    pictures = grids("stretched", squeezed(stretched, 1), lead_x, muted=zeros).items
    pictures += grids("flipped", squeezed(turned, 2), lead_k).items
    blocks: list[Any] = [Prose(text, values), Grids(pictures)]
    blocks.append(Prose("Products with a zero that was put in are left out; the result is the same as before."))
    cells = list(product(range(work.maps), *map(range, work.direct.input)))
    detail = work.detail if work.detail.full else Detail(min(work.detail.worked, 9))
    blocks += entries_blocks(cells, partial(_window, work, source), detail, first=2)
    return [Step("stretched", title, tuple(blocks))]


def _window(work: Work, source: Callable[[Index], Index | None], at: Index) -> Window:
    """One output entry as a window on the stretched input, without the products with a zero that was put in."""
    f, out = at[0], at[1:]
    shape, axes = work.layer.kernel.shape, work.direct.axes
    taps = {
        tuple(o + place * a.dilation for o, place, a in zip(out, places, axes, strict=True)): tuple(
            a.kernel - 1 - place for place, a in zip(places, axes, strict=True)
        )
        for places in product(*map(range, work.direct.kernel))
    }
    per_group = work.channels // work.layer.groups
    first = f // shape[1] * per_group
    rows, pairs = [], []
    for c in range(first, first + per_group):
        row = []
        for place, tap in taps.items():
            found = source(place)
            if found is not None:
                entry = (c, f % shape[1], *tap)
                pairs.append((work.layer.input[(c, *found)], work.layer.kernel[entry]))
                row.append(Put(op("mul", work.input_ref((c, *found)), work.kernel_ref(entry))))
        if row:
            rows.append(tuple(row))
    if work.layer.bias is not None:
        rows.append((Put(Ref("bias", (f,))),))
    target = Ref("output", (*lead((f, work.maps)), *out))
    final = is_final(pairs) and work.layer.bias is None
    summed = WorkedSum(target, tuple(rows), None if final else Put(target))
    return Window(Grid("stretched", lead((first, work.channels)), marked=frozenset(taps)), summed)
