"""Transposed convolution by its three methods: scatter and crop, C^T, and a direct convolution on the stretched input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import product
from math import prod
from typing import Any

import numpy as np

from symconv import numeric
from symconv.axis import Axis
from symconv.document import Equation, Grid, Grids, Prose, Quantity, Step, Symbol, Window, WorkedSum
from symconv.errors import ProblemError
from symconv.expression import Letter, Number, Op, Put, Ref, op
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.operands import choice, pads, per_axis
from symconv.operations import checks
from symconv.operations.base import Detail, Oracle, Solved
from symconv.operations.geometry import ORDERS, Geometry, Layer, check_products, lead, read_layer, squeezed
from symconv.operations.matrix_form import MOST_COLUMNS, MOST_ROWS, vec_prose
from symconv.operations.steps import (
    axis_names,
    dot,
    entries_blocks,
    grids,
    is_final,
    is_wide,
    parts,
    result_step,
    size_quantity,
    symbols,
)
from symconv.tensor import Index, Tensor

METHODS = ("scatter", "matrix", "direct")


@dataclass(frozen=True)
class Transposed:
    """A transposed layer, read. `direct` is the layer it is the transpose of: it maps our output to our input."""

    layer: Layer
    direct: Geometry
    output_padding: tuple[int, ...]
    index_base: int

    @property
    def operands(self) -> Mapping[str, Tensor]:
        """The operands by name."""
        return self.layer.operands


class TransposedConvolution:
    """Lay a copy of the kernel, times the cell, at every cell of the input; add; crop."""

    name = "transposed_convolution"
    summary = "scatter copies of the kernel and add: a layer backwards"
    example = 'symconv solve transposed_convolution --input "1 3 2; 2 5 6; 7 1 3" --kernel "0 1; 3 2" --stride 2'
    asks = ("output", "size", "matrix", "transposed_matrix")
    keys: Mapping[str, str] = {
        "input": "a matrix, or a list with one per channel",
        "kernel": "a matrix, or a list with one list per input channel of one matrix per output channel (as in torch)",
        "stride": "1, or [rows, columns]",
        "padding": "what is cropped: a number, [rows, columns], [[before, after], ...], 'valid', 'same' or 'full'",
        "dilation": "1, or [rows, columns]",
        "output_padding": "cells added at the end: 0, or [rows, columns]",
        "bias": "one number per output channel",
        "groups": "how many groups the channels fall into",
        "order": "the order of vec: row or column",
        "dims": "1 or 2 axes",
    }

    def read(self, given: Mapping[str, Any], notation: Notation, limit: int) -> Transposed:
        """Validate a problem."""
        layer = read_layer(given, notation.index_base, limit, by_input_channel=True)
        dims = len(layer.stride)
        extra = per_axis("output_padding", given.get("output_padding", 0), dims, 0)
        padding = given.get("padding", 0)
        axes = []
        sizes = zip(layer.input.shape[1:], layer.kernel.shape[2:], layer.stride, layer.dilation, strict=True)
        widths = [None] * dims if padding in ("valid", "same", "full") else pads(padding, dims)
        for (n, k, s, d), width, more in zip(sizes, widths, extra, strict=True):
            if more >= max(s, d):
                raise ProblemError(
                    f"output_padding is {more}; it must be below max(stride, dilation) = {max(s, d)}, "
                    "or the extra cells would belong to another input size"
                )
            reach = d * (k - 1) + 1
            if width is None:
                width, more = _named(padding, reach, s, more)
            axes.append((n, k, s, d, width, more))
        made = tuple(_direct_axis(*axis) for axis in axes)
        channels = layer.kernel.shape[1] * layer.groups
        direct = Geometry(made, channels, layer.input.shape[0], layer.groups)
        check_products(direct.products, limit)
        return Transposed(layer, direct, tuple(axis[-1] for axis in axes), notation.index_base)

    def derive(self, setting: Transposed, notation: Notation, ask: str, detail: Detail) -> Solved:
        """Derive every step and quantity."""
        work = _Work(setting, notation, detail)
        steps = [work.given(), work.size()]
        if ask == "output":
            steps += [*work.scattered(), result_step(work.output, work.lead)]
        if ask != "size":
            steps += work.matrix(ask)
        if ask == "output":
            steps += [*work.direct_method(), *work.check()]
        answer = {"output": "output", "size": "size", "matrix": "C", "transposed_matrix": "C^T"}[ask]
        return Solved(tuple(steps), work.quantities, answer)

    def oracle(self, setting: Transposed, operands: Mapping[str, Array]) -> Oracle:
        """Every quantity from NumPy: scatter, add, crop; C by probing the direct layer."""
        layer, direct = setting.layer, setting.direct
        x, w = operands["input"], operands["kernel"]
        dims, extra, groups = direct.dims, setting.output_padding, layer.groups
        cropped = [axis.padding for axis in direct.axes]
        scatter = partial(numeric.scatter, w=w, stride=layer.stride, dilation=layer.dilation, groups=groups)

        def output() -> Array:
            maps = numeric.crop(scatter(x, extra=extra), cropped)
            return maps + operands["bias"].reshape(-1, *(1,) * dims) if "bias" in operands else maps

        def partial_matrix(at: Index) -> Array:
            alone = np.zeros_like(x)
            alone[at] = x[at]
            return numeric.squeeze(scatter(alone, extra=extra), 1)

        def unrolled() -> Array:
            back = partial(
                numeric.correlate, w=w, stride=layer.stride, pads=cropped, dilation=layer.dilation, groups=groups
            )
            return numeric.matrix_of(back, (direct.channels, *direct.input), layer.order, w.dtype)

        def stretched() -> Array:
            reach = [axis.reach for axis in direct.axes]
            widths = [(k - 1, k - 1 + e) for k, e in zip(reach, extra, strict=True)]
            return numeric.crop(numeric.pad(numeric.dilate(x, layer.stride), widths), cropped)

        plain = {
            "input": lambda: numeric.squeeze(x, 1),
            "kernel": lambda: numeric.squeeze(w, 2),
            "output": lambda: numeric.squeeze(output(), 1),
            "frame": lambda: numeric.squeeze(scatter(x, extra=extra), 1),
        }
        numbered = enumerate(np.ndindex(*x.shape), setting.index_base)
        return {
            **plain,
            **checks.sums(plain),
            "bias": lambda: operands["bias"],
            "size": lambda: np.array(output().shape[1:]),
            "C": unrolled,
            "C^T": lambda: unrolled().T,
            "dilated": lambda: numeric.squeeze(numeric.dilate(w, layer.dilation), 2),
            "flipped": lambda: numeric.squeeze(numeric.rotate(numeric.dilate(w, layer.dilation), dims), 2),
            "stretched": lambda: numeric.squeeze(stretched(), 1),
            **{f"A_{n}": partial(partial_matrix, at) for n, at in numbered},
        }

    def samples(self) -> tuple[dict[str, Any], ...]:
        """Problems for the generic tests."""
        a, k = "1 3 2; 2 5 6; 7 1 3", "0 1; 3 2"
        return (
            {"input": a, "kernel": k},
            {"input": a, "kernel": k, "stride": 2},
            {"input": "3 4; 1 7", "kernel": "2 0; 1 -1"},
            {"input": "3 4; 1 7", "kernel": "2 0 1; 1 -1 3; 0 2 1", "stride": 2, "padding": 1, "output_padding": 1},
            {"input": "1 2 3", "kernel": "1/2 -1", "stride": 3, "bias": 1},
            {"input": "1 2 3", "kernel": "1 -1 2", "dilation": 2, "padding": [[1, 0]]},
            {"input": "1 2; 3 4", "kernel": "1 2; 0 1", "dilation": 2, "stride": [1, 2], "padding": [0, 1], "order": "column"},
            {"input": ["1 2; 3 4", "0 1; 1 0"], "kernel": [["1 0; 0 1", "1 1; 0 0"], ["0 2; 1 0", "1 0; 0 -1"]], "bias": [1, 0]},
            {"input": ["1 2; 3 4", "0 1; 1 0"], "kernel": [["1 0; 0 1"], ["0 2; 1 0"]], "groups": 2, "stride": 2},
            {"input": {"symbols": "x", "shape": [2, 2]}, "kernel": {"symbols": "w", "shape": [2, 2]}},
            {"input": "1 a", "kernel": "2 b", "stride": 2, "ask": "transposed_matrix"},
            {"input": "1 2; 3 4", "kernel": "1 2; 0 1", "ask": "matrix"},
            {"input": "1 2; 3 4", "kernel": "1 2 0; 0 1 1; 1 1 1", "padding": "same", "stride": 2, "ask": "size"},
        )


def _named(padding: str, reach: int, stride: int, extra: int) -> tuple[tuple[int, int], int]:
    """The crop and output padding that a size mode means; same gives s times the input, as TensorFlow does."""
    if padding == "valid":
        return (0, 0), extra
    if padding == "full":
        return (reach - 1, reach - 1), extra
    total = max(reach - stride, 0)
    return (total // 2, total - total // 2), max(stride - reach, 0)


def _direct_axis(n: int, k: int, s: int, d: int, width: tuple[int, int], extra: int) -> Axis:
    """The axis of the direct layer from the output back to the input. Dumoulin & Visin, relation 14."""
    reach = d * (k - 1) + 1
    out = s * (n - 1) + reach - sum(width) + extra
    if out < 1:
        raise ProblemError(
            f"padding crops {sum(width)} cells, but only {s * (n - 1) + reach + extra} were scattered; make the padding smaller"
        )
    return Axis(out, k, s, width, d)


@dataclass
class _Work:
    """The quantities of one solution as they are derived, and the steps that show them."""

    setting: Transposed
    notation: Notation
    detail: Detail

    def __post_init__(self) -> None:
        setting = self.setting
        self.layer, self.direct = setting.layer, setting.direct
        self.extra = setting.output_padding
        self.channels, self.maps = self.direct.filters, self.direct.channels
        self.symbols = symbols(self.notation)
        self.quantities: dict[str, Quantity] = {}
        self.add("input", squeezed(self.layer.input, 1))
        self.add("kernel", squeezed(self.layer.kernel, 2))
        if self.layer.bias is not None:
            self.add("bias", self.layer.bias)
        self.quantities["size"] = size_quantity(self.direct.input, self.notation)
        self.frame_size = tuple(
            a.stride * (n - 1) + a.reach + e
            for a, n, e in zip(self.direct.axes, self.layer.input.shape[1:], self.extra, strict=True)
        )
        met = self._met()
        frame = Tensor.build((self.maps, *self.frame_size), lambda at: dot([pair for _, _, pair in met.get(at, [])]))
        self.met = met
        self.quantities["frame"] = Quantity(Symbol("F", "f"), squeezed(frame, 1))
        bias = self.layer.bias

        def cell(at: Index) -> Any:
            inside = frame[(at[0], *(o + a.padding[0] for o, a in zip(at[1:], self.direct.axes, strict=True)))]
            return inside if bias is None else dot([], [inside, bias[(at[0],)]])

        self.output = squeezed(Tensor.build((self.maps, *self.direct.input), cell), 1)
        self.quantities["output"] = Quantity(self.symbols["output"], self.output, labelled_cells=True)
        self.lead = len(lead((0, self.maps)))

    def add(self, name: str, value: Tensor) -> None:
        """Note a quantity under its own letter."""
        self.quantities[name] = Quantity(self.symbols[name], value)

    def _met(self) -> dict[Index, list[tuple[Index, Index, tuple[Any, Any]]]]:
        """For every cell of the frame: the input cells and kernel entries whose products land on it."""
        met: dict[Index, list[tuple[Index, Index, tuple[Any, Any]]]] = {}
        per_group = self.layer.kernel.shape[1]
        for at in self.layer.input.indices():
            group = at[0] // (self.channels // self.layer.groups)
            for tap in product(range(per_group), *map(range, self.direct.kernel)):
                spot = tuple(
                    p * a.stride + t * a.dilation for p, t, a in zip(at[1:], tap[1:], self.direct.axes, strict=True)
                )
                pair = (self.layer.input[at], self.layer.kernel[(at[0], *tap)])
                met.setdefault((group * per_group + tap[0], *spot), []).append((at, (at[0], *tap), pair))
        return met

    def given(self) -> Step:
        """The operands, the parameters and the convention in force."""
        x, k = self.quantities["input"].value, self.quantities["kernel"].value
        dims = self.direct.dims
        items = grids("input", x, len(x.shape) - dims).items + grids("kernel", k, len(k.shape) - dims).items
        values: dict[str, Any] = {}

        def pair(name: str, sizes: Index) -> str:
            values[name] = Number(sizes[0]) if len(set(sizes)) == 1 else op("by", *sizes)
            return f"{{{name}}}"

        sentence = f"Stride {pair('s', self.layer.stride)}, "
        widths = [axis.padding for axis in self.direct.axes]
        if all(before == after for before, after in widths):
            sentence += f"padding {pair('p', tuple(before for before, _ in widths))} on each side"
        else:
            sides = ("before", "after") if dims == 1 else ("above", "below", "left", "right")
            values |= {side: Number(w) for side, w in zip(sides, (w for both in widths for w in both), strict=True)}
            sentence += "padding " + ", ".join(f"{{{side}}} {side}" for side in sides)
        sentence += f" (cells to crop), dilation {pair('d', self.layer.dilation)}, output padding {pair('a', self.extra)}"
        if self.layer.groups > 1:
            values["g"] = Number(self.layer.groups)
            sentence += ", {g} groups"
        sentence += "."
        if self.layer.bias is not None:
            index = None if self.maps > 1 else (0,)
            values["b"] = Op("equals", (Ref("bias", index), Put(Ref("bias", index))))
            sentence += " Bias {b}, added once to every entry of its output map."
        name = (
            "This is a transposed convolution (also called fractionally strided convolution). It is the transpose of a direct "
            "layer, not its inverse. The kernel is not flipped when it is scattered."
        )
        return Step("given", "Given", (Grids(items), Prose(name), Prose(sentence, values)))

    def size(self) -> Step:
        """o = s(i - 1) + k̂ - 2p + a. Dumoulin & Visin, relation 14."""
        hat = any(axis.dilation > 1 for axis in self.direct.axes)
        blocks: list[Any] = [
            Prose(
                "The last copy of the kernel starts {start} cells after the first and covers {k} cells; {p} are cropped on each "
                "side" + (", and {a} added at the end." if any(self.extra) else "."),
                {
                    "start": op("mul", Letter("s"), op("add", Letter("i"), -1)),
                    "k": Letter("k", accent="hat" if hat else ""),
                    "p": Letter("p"),
                    "a": Letter("a"),
                },
            )
        ]
        sizes = list(zip(self.layer.input.shape[1:], self.extra, strict=True))
        alike = len(set(zip(self.direct.axes, sizes, strict=True))) == 1
        named = axis_names(self.direct.axes) if alike or len(set(self.direct.axes)) > 1 else [
            ("Down the rows: ", self.direct.axes[0]), ("Along the columns: ", self.direct.axes[1])
        ]
        for (where, axis), (n, extra) in zip(named, sizes, strict=False):
            if where:
                blocks.append(Prose(where))
            k = Letter("k", axis.reach, accent="hat" if hat else "")
            if hat:
                law = op("add", op("mul", Letter("d", axis.dilation), op("add", Letter("k", axis.kernel), -1)), 1)
                blocks.append(Equation((k, law, Put(law), Number(axis.reach))))
            before, after = axis.padding
            terms: list[Any] = [op("mul", Letter("s", axis.stride), op("add", Letter("i", n), -1)), k]
            if before == after:
                terms.append(op("neg", op("mul", 2, Letter("p", before))))
            else:
                terms += [op("neg", Letter("p", before, sub="1")), op("neg", Letter("p", after, sub="2"))]
            if any(self.extra):
                terms.append(Letter("a", extra))
            law = op("add", *terms)
            blocks.append(Equation((Letter("o", axis.input), law, Put(law), Number(axis.input))))
        if self.direct.dims == 2:
            blocks.append(Prose("The output has the size {o} (rows by columns).", {"o": op("by", *self.direct.input)}))
        return Step("size", "Size of the output", tuple(blocks))

    def scattered(self) -> list[Step]:
        """Method 1: partial matrices A_1, A_2, ..., their sum, the crop."""
        blocks: list[Any] = [
            Prose(
                "Each input cell, times the kernel, is laid into an empty frame; from one input cell to the next the place moves "
                "by the stride. Where copies overlap, they are added.",
            )
        ]
        if self.direct.is_dilated:
            self.add("dilated", squeezed(self._dilated(), 2))
            blocks.append(Prose("The taps of the kernel stand apart by the dilation:"))
            value = self.quantities["dilated"].value
            blocks.append(grids("dilated", value, len(value.shape) - self.direct.dims))
        if self.channels == self.maps == 1:
            blocks.append(self._general_sum())
        blocks += self._partial_matrices()
        blocks += self._frame_sums()
        return [Step("A", "Method 1: scatter and add", tuple(blocks)), self._cropped()]

    def _general_sum(self) -> Equation:
        from symconv import algebra

        base = self.notation.index_base
        sizes = tuple(
            (a.stride, n, a.reach) for a, n in zip(self.direct.axes, self.layer.input.shape[1:], strict=True)
        )
        entry, total = algebra.scatter_sum(sizes, base, "dilated" if self.direct.is_dilated else "kernel")
        ranges = tuple(
            (name, base, base + size - 1 - e) for name, size, e in zip("uv", self.frame_size, self.extra, strict=False)
        )
        return Equation((algebra.to_expression(entry), algebra.to_expression(total)), for_all=ranges)

    def _partial_matrices(self) -> list[Any]:
        """A_n for every input cell, as many as are shown."""
        cells = list(self.layer.input.indices())
        most = len(cells) if self.detail.full or len(cells) <= self.detail.worked else 4
        base = self.notation.index_base
        grids_shown = []
        for number, at in enumerate(cells[:most], base):
            spots = {spot: pair for spot, found in self.met.items() for source, _, pair in found if source == at}
            value = Tensor.build(
                (self.maps, *self.frame_size), lambda spot, spots=spots: dot([spots[spot]]) if spot in spots else 0
            )
            name = f"A_{number}"
            symbol = Symbol(self.notation.input, self.notation.cell(self.notation.input), sub=str(number))
            self.quantities[name] = Quantity(symbol, squeezed(value, 1))
            for ref in parts(name, self.quantities[name].value, self.lead):
                of_map = ref.index or (0,)
                marked = frozenset(spot[1:] for spot in spots if spot[0] == of_map[0])
                if marked:
                    cell = Ref("input", (*lead((at[0], self.channels)), *at[1:]))
                    slice_of = of_map[0] % self.layer.kernel.shape[1]
                    kernel = Ref("kernel", lead((at[0], self.channels), (slice_of, self.layer.kernel.shape[1])) or None)
                    caption = Prose("{A} from {x}", {"A": ref, "x": op("mul", Put(cell), kernel)})
                    grids_shown.append(Grid(name, ref.index or (), caption, marked=marked))
        blocks: list[Any] = [Grids(tuple(grids_shown))]
        if most < len(cells):
            blocks.append(Prose("The other {n} input cells follow in the same way.", {"n": Number(len(cells) - most)}))
        else:
            frame = [ref for ref in parts("frame", self.quantities["frame"].value, self.lead)]
            for ref in frame:
                summed = op("add", *(Ref(f"A_{n}", ref.index) for n in range(base, base + len(cells))))
                blocks.append(Equation((ref, summed)))
        return blocks

    def _frame_sums(self) -> list[Any]:
        """Cell by cell: the products that land on each cell of the frame where copies overlap."""
        value = self.quantities["frame"].value
        lines = []
        for at in product(range(self.maps), *map(range, self.frame_size)):
            found = self.met.get(at, [])
            if len(found) < 2:
                continue
            target = Ref("frame", (*lead((at[0], self.maps)), *at[1:]))
            terms = tuple(Put(op("mul", self._input_ref(source), self._kernel_ref(tap))) for source, tap, _ in found)
            final = is_final([pair for _, _, pair in found])
            lines.append(WorkedSum(target, (terms,), None if final else Put(target)))
        blocks: list[Any] = []
        if lines:
            from symconv.document import SumTable
            from symconv.operations.steps import MOST_ROWS as MOST

            shown = lines if self.detail.full or len(lines) <= MOST else lines[:8]
            blocks.append(Prose("Where copies overlap:"))
            blocks.append(SumTable(tuple(shown)))
            if len(shown) < len(lines):
                blocks.append(Prose("and so on for {n} more cells.", {"n": Number(len(lines) - len(shown))}))
        named = is_wide(value)
        blocks += [Equation((ref, op("names", ref) if named else Put(ref))) for ref in parts("frame", value, self.lead)]
        return blocks

    def _input_ref(self, at: Index) -> Ref:
        return Ref("input", (*lead((at[0], self.channels)), *at[1:]))

    def _kernel_ref(self, at: Index) -> Ref:
        shape = self.layer.kernel.shape
        return Ref("kernel", (*lead((at[0], shape[0]), (at[1], shape[1])), *at[2:]))

    def _dilated(self) -> Tensor:
        kernel = self.layer.kernel
        steps = [axis.dilation for axis in self.direct.axes]

        def cell(at: Index) -> Any:
            if any(p % d for p, d in zip(at[2:], steps, strict=True)):
                return 0
            return kernel[(*at[:2], *(p // d for p, d in zip(at[2:], steps, strict=True)))]

        return Tensor.build((*kernel.shape[:2], *(axis.reach for axis in self.direct.axes)), cell)

    def _cropped(self) -> Step:
        kept = frozenset(
            at
            for at in product(*map(range, self.frame_size))
            if all(p - a.padding[0] in range(a.input) for p, a in zip(at, self.direct.axes, strict=True))
        )
        cut = frozenset(product(*map(range, self.frame_size))) - kept
        blocks: list[Any] = []
        if any(self.extra):
            blocks.append(Prose("The frame already holds the output padding: {a} at the end of each axis.",
                                {"a": op("by", *self.extra) if len(self.extra) > 1 else Number(self.extra[0])}))
        if cut:
            blocks.append(Prose("Crop the padding (shaded):"))
            blocks.append(grids("frame", self.quantities["frame"].value, self.lead, muted=cut))
        else:
            blocks.append(Prose("Nothing is cropped: the padding is zero."))
        if self.layer.bias is not None:
            blocks.append(Prose("Add the bias to every entry."))
        return Step("frame", "Crop", tuple(blocks))

    def matrix(self, ask: str) -> list[Step]:
        """Method 2: C of the direct layer, transposed."""
        rows, columns = self.direct.filters * prod(self.direct.output), self.direct.channels * prod(self.direct.input)
        if ask == "output" and (columns > MOST_COLUMNS or rows > MOST_ROWS):
            return []
        cells: list[Any] = [0] * (rows * columns)
        for (row, column), taps in self.direct.pattern(self.layer.order).items():
            cells[row * columns + column] = dot([], [self.layer.kernel[tap] for tap in taps])
        value = Tensor((rows, columns), tuple(cells))
        self.quantities["C"] = Quantity(Symbol("C", "c"), value)
        turned = tuple(value[(r, c)] for c in range(columns) for r in range(rows))
        self.quantities["C^T"] = Quantity(Symbol("C", "c", sup="T"), Tensor((columns, rows), turned))
        vec: Any = "vec_row" if self.layer.order == "row" else "vec_column"
        x, y = Op(vec, (Ref("input"),)), Op(vec, (Ref("output"),))
        blocks: list[Any] = [
            Prose(
                "The direct layer with this kernel, stride, padding and dilation takes the size {o} to the size {i}. Its "
                "unrolled matrix {C} has one row for each of our input cells and one column for each of our output entries. "
                + (vec_prose(self.layer.order, self.channels * self.maps > 1) if self.direct.dims == 2 else ""),
                {"o": _by(self.direct.input), "i": _by(self.direct.output), "C": Ref("C")},
            ),
            Equation((Ref("C"), Put(Ref("C")))),
        ]
        if ask == "transposed_matrix":
            blocks += [Equation((Ref("C^T"), op("transpose", Ref("C")))), Equation((Ref("C^T"), Put(Ref("C^T"))))]
        elif ask == "output":
            blocks.append(Prose("The transposed convolution is the product with {T}:", {"T": Ref("C^T")}))
            moved = op("matmul", op("transpose", Ref("C")), x)
            if self.layer.bias is not None and self.maps == 1:
                moved = op("add", moved, op("ones", Ref("bias", (0,)), prod(self.direct.input), 1))
            if self.layer.bias is None or self.maps == 1:
                blocks.append(Equation((y, moved)))
            if not is_wide(self.output):
                blocks.append(Equation((op("transpose", y), Put(op("transpose", y)))))
        return [Step("C", "Method 2: the transposed matrix" if ask == "output" else "The matrix", tuple(blocks))]

    def direct_method(self) -> list[Step]:
        """Method 3: a direct convolution with stride 1 on the stretched, padded input with the flipped kernel."""
        axes = self.direct.axes
        kernel = self._dilated()
        taps = kernel.shape[2:]
        turned = Tensor.build(
            kernel.shape, lambda at: kernel[(*at[:2], *(k - 1 - p for k, p in zip(taps, at[2:], strict=True)))]
        )
        accent = "hat" if self.direct.is_dilated else ""
        self.quantities["flipped"] = Quantity(
            Symbol(self.notation.kernel, self.notation.cell(self.notation.kernel), accent=accent, rotated=True), squeezed(turned, 2)
        )
        sizes = tuple(axis.input + axis.reach - 1 for axis in axes)

        def source(at: Index) -> Index | None:
            spots = [p - (a.reach - 1 - a.padding[0]) for p, a in zip(at, axes, strict=True)]
            cells = [spot // a.stride for spot, a in zip(spots, axes, strict=True)]
            inside = all(
                spot % a.stride == 0 and 0 <= cell < n
                for spot, cell, a, n in zip(spots, cells, axes, self.layer.input.shape[1:], strict=True)
            )
            return tuple(cells) if inside else None

        def cell(at: Index) -> Any:
            found = source(at[1:])
            return 0 if found is None else self.layer.input[(at[0], *found)]

        stretched = Tensor.build((self.channels, *sizes), cell)
        self.quantities["stretched"] = Quantity(
            Symbol(self.notation.input, self.notation.cell(self.notation.input), accent="hat"), squeezed(stretched, 1)
        )
        zeros = frozenset(at for at in product(*map(range, sizes)) if source(at) is None)
        before = [a.reach - 1 - a.padding[0] for a in axes]
        after = [a.reach - 1 - a.padding[1] + e for a, e in zip(axes, self.extra, strict=True)]
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
            put.append("pad by {b} before and {e} after" + (" (rows by columns)" if len(axes) == 2 else ""))
            values |= {"b": _by(tuple(before)), "e": _by(tuple(after))}
        text = "To get the same by a direct convolution, " + ", ".join(put) + ", and slide the flipped kernel with stride 1."
        if min(*before, *after) < 0:
            text += " A negative padding crops."
        lead_x, lead_k = len(lead((0, self.channels))), len(squeezed(turned, 2).shape) - len(axes)
        pictures = grids("stretched", squeezed(stretched, 1), lead_x, muted=zeros).items
        pictures += grids("flipped", squeezed(turned, 2), lead_k).items
        blocks: list[Any] = [Prose(text, values), Grids(pictures)]
        blocks += self._direct_windows(source)
        return [Step("stretched", "Method 3: a direct convolution on the stretched input", tuple(blocks))]

    def _direct_windows(self, source: Any) -> list[Any]:
        """Every output entry as a window on the stretched input; products with a zero that was put in are left out."""
        shape = self.layer.kernel.shape
        windows = []
        for f, out in product(range(self.maps), product(*map(range, self.direct.input))):
            group = f // shape[1]
            rows, pairs = [], []
            marked = frozenset(
                tuple(o + t * a.dilation for o, t, a in zip(out, tap, self.direct.axes, strict=True))
                for tap in product(*map(range, self.direct.kernel))
            )
            channels = range(group * self.channels // self.layer.groups, (group + 1) * self.channels // self.layer.groups)
            for c in channels:
                row = []
                for place in sorted(marked):
                    found = source(place)
                    if found is None:
                        continue
                    at = tuple((p - o) // a.dilation for p, o, a in zip(place, out, self.direct.axes, strict=True))
                    tap = tuple(k - 1 - t for k, t in zip(self.direct.kernel, at, strict=True))
                    pairs.append((self.layer.input[(c, *found)], self.layer.kernel[(c, f % shape[1], *tap)]))
                    row.append(Put(op("mul", self._input_ref((c, *found)), self._kernel_ref((c, f % shape[1], *tap)))))
                if row:
                    rows.append(tuple(row))
            if self.layer.bias is not None:
                rows.append((Put(Ref("bias", (f,))),))
            target = Ref("output", (*lead((f, self.maps)), *out))
            final = is_final(pairs) and self.layer.bias is None
            total = WorkedSum(target, tuple(rows), None if final else Put(target))
            windows.append(Window(Grid("stretched", lead((channels[0], self.channels)), marked=marked), total))
        text = "Products with a zero that was put in are left out; the result is the same as before."
        shown = self.detail if self.detail.full else Detail(min(self.detail.worked, 9))
        return [Prose(text), *entries_blocks(windows, shown, first=2)]

    def check(self) -> list[Step]:
        """Before the crop every input cell meets every kernel entry once."""
        if self.layer.has_letters or self.channels > 1 or self.maps > 1:
            return []
        for name in ("input", "kernel", "frame"):
            checks.add_total(self.quantities, name)
        text = "Before the crop every input cell was multiplied by every kernel entry exactly once, so the totals multiply:"
        agree = "The three methods agree entry by entry."
        return [Step("check", "Checks", (Prose(text), checks.product_of_totals("frame"), Prose(agree)))]


def _by(sizes: Index) -> Any:
    return Number(sizes[0]) if len(sizes) == 1 else op("by", *sizes)


TRANSPOSED_CONVOLUTION = TransposedConvolution()
