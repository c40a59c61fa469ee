"""Unfold (im2col): every window becomes a column of one patch matrix, so that one product does the whole layer."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np

from symconv import numeric
from symconv.document import Equation, Grid, Grids, Prose, Quantity, Step, SumTable, Symbol, WorkedSum
from symconv.expression import Number, Put, Ref, op
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.operands import choice
from symconv.operations import checks, direct_mistakes
from symconv.operations.base import Detail, Misconception, Oracle, Solved, instead
from symconv.operations.direct_steps import Direct, Work
from symconv.operations.geometry import MODES, Geometry, check_cells, check_products, read_axes, read_layer
from symconv.operations.steps import is_final, is_wide, result_step, size_step
from symconv.tensor import Index, Tensor

MOST_WINDOWS = 4  # that are drawn; one less where the input is wide
WIDE = 6  # columns of an input
MOST_ENTRIES = 16  # of a product that is written in one line
MOST_SUMS = 36


def patch_rows(geometry: Geometry) -> list[tuple[int, Index]]:
    """The rows of a patch matrix as torch orders them: channel by channel, the taps of each row by row."""
    return [(c, place) for c in range(geometry.channels) for place, _ in geometry.taps()]


def one_hot(channels: int, kernel: Index, dtype: Any) -> Array:
    """One filter for every entry of a window, which picks that entry."""
    count = channels * prod(kernel)
    return np.eye(count, dtype=dtype).reshape(count, channels, *kernel)


class Unfold:
    """Cut an input into its windows and lay them side by side. torch.nn.Unfold."""

    name = "unfold"
    summary = "im2col: the windows as columns of a matrix"
    example = 'symconv solve unfold --input "1 2 3; 4 5 6; 7 8 9" --kernel "1 0; 0 -1" --ask output'
    asks = ("patches", "output")
    keys: Mapping[str, str] = {
        "input": "a matrix, or a list with one per channel",
        "kernel": "a matrix, a list with one per channel, or a list of such lists with one per filter",
        "stride": "1, or [rows, columns]",
        "padding": "a number, [rows, columns], [[before, after], ...], 'valid', 'same' or 'full'",
        "padding_mode": ", ".join(MODES),
        "dilation": "1, or [rows, columns]",
        "dims": "1 or 2 axes",
    }

    def read(self, given: Mapping[str, Any], notation: Notation, limit: int) -> Direct:
        """Validate a problem."""
        layer = read_layer(given, notation.index_base, limit, by_input_channel=False)
        mode = choice("padding_mode", given.get("padding_mode", "zeros"), MODES)
        axes, named = read_axes(layer, given.get("padding", 0), mode)
        geometry = Geometry(axes, layer.input.shape[0], layer.kernel.shape[0], 1, mode)
        check_products(geometry.products, limit)
        check_cells("the padded input", (geometry.channels, *(axis.padded for axis in axes)), limit)
        check_cells("the patch matrix", (geometry.channels, *geometry.kernel, *geometry.output), limit)
        return Direct(layer, geometry, named, "kernel")

    def derive(self, setting: Direct, notation: Notation, ask: str, detail: Detail) -> Solved:
        """Derive every step and quantity."""
        work = Work(setting, notation, detail)
        given = _given(work) if ask == "patches" else work.given()
        steps = [given, size_step(setting.geometry.axes, False), *work.prepared(), _patches(work, ask)]
        if ask == "output":
            steps += [_product(work), result_step(work.output, work.filter_lead)]
            steps += checks.steps(setting.layer, setting.geometry, notation, work.quantities)
        return Solved(tuple(steps), work.quantities, ask)

    def answer(self, setting: Direct, ask: str) -> str:
        """The label of the quantity that an ask is about."""
        del setting
        return ask

    def oracle(self, setting: Direct, operands: Mapping[str, Array]) -> Oracle:
        """The patch matrix from filters that pick one entry each, the rest from NumPy's sliding windows."""
        layer, geometry = setting.layer, setting.geometry
        x, w = operands["input"], operands["kernel"]
        pads = [axis.padding for axis in geometry.axes]

        def slide(kernel: Array, by_channel: bool = False) -> Array:
            more = layer.dilation, geometry.mode
            return numeric.correlate(x, kernel, layer.stride, pads, *more, by_channel=by_channel)

        def weights() -> Array:
            ones = np.ones_like(slide(w))
            return numeric.correlate_back(ones, w, x.shape[1:], layer.stride, pads, layer.dilation, geometry.mode)

        return {
            "input": lambda: numeric.squeeze(x, 1),
            "kernel": lambda: numeric.squeeze(w, 2),
            "size": lambda: np.array(slide(w).shape[1:]),
            "padded": lambda: numeric.squeeze(numeric.pad(x, pads, geometry.mode), 1),
            "dilated": lambda: numeric.squeeze(numeric.dilate(w, layer.dilation), 2),
            "Q": lambda: numeric.squeeze(slide(w, by_channel=True), 2),
            "output": lambda: numeric.squeeze(slide(w), 1),
            "patches": lambda: _unfolded(setting, operands),
            "kernel_rows": lambda: w.reshape(w.shape[0], -1),
            "product": lambda: slide(w).reshape(w.shape[0], -1),
            **checks.oracle(weights, x, w, None, lambda: slide(w)),
        }

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """Mistakes with the order of the patch matrix, the steps and the border."""
        return (
            Misconception(
                "windows_as_rows",
                "Every window becomes a row of the patch matrix.",
                "In this convention, that of torch, every window becomes a column; the other matrix is its transpose.",
                after=instead("patches", lambda setting, given: _unfolded(setting, given).T),
            ),
            Misconception(
                "window_read_by_columns",
                "A window is read column by column.",
                "A window is read row by row, in the same order as the kernel, or the product pairs the wrong entries.",
                after=instead("patches", _by_columns),
            ),
            Misconception(
                "channels_side_by_side",
                "The channels of one cell stand next to each other in a column.",
                "A column holds the whole window of the first channel, then that of the next.",
                after=instead("patches", _by_cells),
            ),
            Misconception(
                "windows_do_not_overlap",
                "The windows are cut out beside each other.",
                "The windows move by the stride, so with a stride below the size of the kernel they overlap.",
                change=_beside,
            ),
            Misconception(
                "dilation_ignored",
                "A window is always made of neighbouring cells.",
                "With a dilation d the cells of a window stand d apart.",
                change=direct_mistakes.dilation(lambda _: 1),
            ),
        )

    def samples(self) -> tuple[dict[str, Any], ...]:
        """Problems for the generic tests."""
        a, k = "1 2 3; 4 5 6; 7 8 9", "1 0; 2 -1"
        two = ["1 2 0; 0 1 1; 2 1 0", "0 1 1; 1 0 2; 1 2 0"]
        return (
            {"input": a, "kernel": k},
            {"input": a, "kernel": k, "ask": "output"},
            {"input": a, "kernel": k, "padding": 1, "stride": 2, "dilation": 2, "ask": "output"},
            {"input": two, "kernel": [["1 0; 0 1", "0 1; 1 0"], ["1 1; 0 -1", "2 0; 0 1"]], "ask": "output"},
            {"input": two, "kernel": ["1 0; 0 1", "0 1; 1 0"]},
            {"input": "2 4 6 8 10", "kernel": "1/2 0 -1", "stride": 2, "ask": "output"},
            {"input": "1 2 3 4", "kernel": "1 2", "padding": "same", "padding_mode": "circular"},
            {"input": {"symbols": "x", "shape": [3, 3]}, "kernel": {"symbols": "w", "shape": [2, 2]}, "ask": "output"},
            {"input": "1 2 3 4 5", "kernel": "1 1", "dilation": 2},
            {"input": "1 a 2; b 0 c", "kernel": "1 1; 1 1"},
        )


def _reading(geometry: Geometry) -> str:
    """How a window becomes a column."""
    across = "from left to right" if geometry.dims == 1 else "row by row"
    return f"Every window is read {across}" + (", channel after channel," if geometry.channels > 1 else "")


def _given(work: Work) -> Step:
    """What is given, and which of the patch matrices that courses have is asked for: several would be right."""
    step = work.given()
    text = _reading(work.geometry) + " and becomes one column of the patch matrix {P}, in the order of the output."
    return Step(step.label, step.title, (*step.blocks, Prose(text, {"P": Ref("patches")})))


def _patches(work: Work, ask: str) -> Step:
    """The first windows as they are cut out, and the patch matrix."""
    geometry = work.geometry
    rows, outs = patch_rows(geometry), list(geometry.outputs())
    cells = [work.padded[(c, *geometry.in_padded(out, place))] for c, place in rows for out in outs]
    work.quantities["patches"] = Quantity(Symbol("P", "p"), Tensor((len(rows), len(outs)), tuple(cells)))
    text = (
        _reading(geometry)
        + " and becomes one column of the patch matrix {P}: {n} rows, one for each entry of a window, and {m} "
    )
    text += "columns, one for each window. This is the order that torch uses."
    values = {"P": Ref("patches"), "n": Number(len(rows)), "m": Number(len(outs))}
    part = (0,) if geometry.channels > 1 else ()
    grids = []
    drawn = MOST_WINDOWS - (work.padded.shape[-1] > WIDE)
    for number, out in enumerate(outs[:drawn], 1):
        marked = frozenset(geometry.in_padded(out, place) for place, _ in geometry.taps())
        grids.append(Grid(work.source, part, Prose("column {n}", {"n": Number(number)}), marked=marked))
    words = "The windows" if len(outs) <= drawn else "The first windows"
    shown = [Prose(words + (" in the first channel:" if part else ":"))] if len(outs) > 1 else []
    matrix = Equation((Ref("patches"), Put(Ref("patches"))), boxed=ask == "patches")
    return Step("patches", "The patch matrix", (Prose(text, values), *shown, Grids(tuple(grids)), matrix))


def _product(work: Work) -> Step:
    """The kernels as rows, times the patch matrix; each entry of the product is an entry of the output."""
    geometry, kernel = work.geometry, work.layer.kernel
    rows = kernel.reshape((geometry.filters, len(kernel.cells) // geometry.filters))
    maps, outs = prod(geometry.output), list(geometry.outputs())
    letter, result = work.notation.kernel, work.notation.output
    work.quantities["kernel_rows"] = Quantity(Symbol(letter, work.notation.cell(letter), accent="bar"), rows)
    cells = work.output.reshape((geometry.filters, maps))
    work.quantities["product"] = Quantity(Symbol(result, work.notation.cell(result), accent="bar"), cells)
    text = "The kernel, read in the same order, is a row {K}" if geometry.filters == 1 else ""
    text = text or "Every filter, read in the same order, is one row of {K}"
    text += ". One matrix product then does the whole layer:"
    patches = work.quantities["patches"].value
    sums = []
    for f in range(geometry.filters):
        for n, out in enumerate(outs):
            target = Ref("output", (f, *out) if geometry.filters > 1 else out)
            pairs = [(rows[f, m], patches[m, n]) for m in range(rows.shape[1])]
            terms = tuple(Put(op("mul", Ref("kernel_rows", (f, m)), Ref("patches", (m, n)))) for m in range(len(pairs)))
            sums.append(WorkedSum(target, (terms,), None if is_final(pairs) else Put(target)))
    product = op("matmul", Ref("kernel_rows"), Ref("patches"))
    wide = is_wide(cells) or maps > MOST_ENTRIES
    blocks: list[Any] = [
        Prose(text, {"K": Ref("kernel_rows")}),
        Equation((Ref("kernel_rows"), Put(Ref("kernel_rows")))),
        Equation((Ref("product"), product) if wide else (Ref("product"), product, Put(Ref("product")))),
        Prose("Entry by entry, a row of {K} times a column of {P}:", {"K": Ref("kernel_rows"), "P": Ref("patches")}),
        SumTable(tuple(sums[:MOST_SUMS])),
    ]
    if len(sums) > MOST_SUMS:
        blocks.append(Prose("The other {n} entries follow in the same way.", {"n": Number(len(sums) - MOST_SUMS)}))
    return Step("product", "One matrix product", tuple(blocks))


def _unfolded(setting: Direct, given: Mapping[str, Array]) -> Array:
    """The patch matrix, by one filter for every entry of a window."""
    x, geometry = given["input"], setting.geometry
    pads = [axis.padding for axis in geometry.axes]
    picks = one_hot(x.shape[0], geometry.kernel, x.dtype)
    steps = (setting.layer.stride, pads, setting.layer.dilation, geometry.mode)
    return numeric.correlate(x, picks, *steps).reshape(len(picks), -1)


def _beside(setting: Direct, arrays: Mapping[str, Array]) -> tuple[Direct, Mapping[str, Array]] | None:
    return direct_mistakes.seen(setting, arrays, stride=setting.geometry.kernel)


def _by_columns(setting: Direct, given: Mapping[str, Array]) -> Array | None:
    if setting.geometry.dims == 1:
        return None
    made = _unfolded(setting, given)
    taps = made.reshape(setting.geometry.channels, *setting.geometry.kernel, -1)
    return taps.swapaxes(1, 2).reshape(made.shape)


def _by_cells(setting: Direct, given: Mapping[str, Array]) -> Array:
    made = _unfolded(setting, given)
    return made.reshape(setting.geometry.channels, -1, made.shape[1]).swapaxes(0, 1).reshape(made.shape)


UNFOLD = Unfold()
