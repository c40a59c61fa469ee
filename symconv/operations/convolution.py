"""Convolution (the kernel is flipped) and cross-correlation (it is not), 1-D and 2-D: one operation with a switch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from symconv import numeric
from symconv.document import Equation, Grid, Grids, Prose, Quantity, Step, Symbol, Window, WorkedSum
from symconv.errors import ProblemError
from symconv.expression import Number, Op, Put, Ref, op
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.operands import choice
from symconv.operations import checks, matrix_form
from symconv.operations.base import Detail, Oracle, Solved
from symconv.operations.geometry import (
    MODES,
    Geometry,
    Layer,
    check_products,
    lead,
    read_axes,
    read_layer,
    squeezed,
)
from symconv.operations.steps import (
    dot,
    entries_blocks,
    grids,
    is_final,
    result_step,
    size_quantity,
    size_step,
    symbols,
)
from symconv.tensor import Index, Tensor


@dataclass(frozen=True)
class Direct:
    """A direct layer, read: its data, its geometry, and how its padding was asked for."""

    layer: Layer
    geometry: Geometry
    size_mode: str | None
    matrix_of: str

    @property
    def operands(self) -> Mapping[str, Tensor]:
        """The operands by name."""
        return self.layer.operands


@dataclass(frozen=True)
class DirectOperation:
    """Slide a kernel over an input and add the products."""

    name: str
    summary: str
    example: str
    flip: bool
    asks: tuple[str, ...] = ("output", "size", "matrix", "transposed_matrix")

    @property
    def keys(self) -> Mapping[str, str]:
        """What a problem file may set."""
        return {
            "input": "a matrix, or a list with one per channel",
            "kernel": "a matrix, a list with one per channel, or a list of such lists with one per filter",
            "stride": "1, or [rows, columns]",
            "padding": "a number, [rows, columns], [[before, after], ...], 'valid', 'same' or 'full'",
            "padding_mode": ", ".join(MODES),
            "dilation": "1, or [rows, columns]",
            "bias": "one number per filter",
            "groups": "how many groups the channels fall into",
            "order": "the order of vec: row or column",
            "matrix_of": "full size only: whose rows make the Toeplitz blocks, kernel or input",
            "dims": "1 or 2 axes",
        }

    def read(self, given: Mapping[str, Any], notation: Notation, limit: int) -> Direct:
        """Validate a problem."""
        layer = read_layer(given, notation.index_base, limit, by_input_channel=False)
        mode = choice("padding_mode", given.get("padding_mode", "zeros"), MODES)
        axes, named = read_axes(layer, given.get("padding", 0), mode)
        geometry = Geometry(axes, layer.input.shape[0], layer.kernel.shape[0], layer.groups, mode, self.flip)
        check_products(geometry.products, limit)
        matrix_of = choice("matrix_of", given.get("matrix_of", "kernel"), ("kernel", "input"))
        if matrix_of == "input" and not matrix_form.is_linear_convolution(geometry):
            raise ProblemError(
                "matrix_of = 'input' needs the full linear convolution of one channel and one filter; "
                "write padding = 'full' with stride, dilation and groups 1"
            )
        return Direct(layer, geometry, named, matrix_of)

    def derive(self, setting: Direct, notation: Notation, ask: str, detail: Detail) -> Solved:
        """Derive every step and quantity."""
        work = _Work(setting, notation, detail)
        steps = [work.given(self.flip), size_step(setting.geometry.axes)]
        if ask != "size":
            steps += [*work.prepared(), work.general_sum()]
            if ask == "output":
                steps += [work.entries(), result_step(work.output, work.filter_lead)]
            steps += matrix_form.steps(setting.layer, setting.geometry, notation, ask, setting.matrix_of, work.quantities)
            if ask == "output":
                steps += checks.steps(setting.layer, setting.geometry, notation, work.quantities)
        answer = {"output": "output", "size": "size", "matrix": "C", "transposed_matrix": "C^T"}[ask]
        if ask == "matrix" and setting.matrix_of == "input":
            answer = "D"
        return Solved(tuple(steps), work.quantities, answer)

    def oracle(self, setting: Direct, operands: Mapping[str, Array]) -> Oracle:
        """Every quantity from NumPy: pad, dilate, flip and slide."""
        layer, geometry = setting.layer, setting.geometry
        x, w = operands["input"], operands["kernel"]
        dims = geometry.dims
        if setting.size_mode:
            reach = [(k - 1) * d + 1 for k, d in zip(w.shape[2:], layer.dilation, strict=True)]
            pads = numeric.pads_for(setting.size_mode, x.shape[1:], reach, layer.stride)
        else:
            pads = [axis.padding for axis in geometry.axes]
        turned = numeric.rotate(w, dims) if self.flip else w
        slide = partial(
            numeric.correlate,
            stride=layer.stride,
            pads=pads,
            dilation=layer.dilation,
            mode=geometry.mode,
            groups=layer.groups,
        )

        def output() -> Array:
            maps = slide(x, turned)
            return maps + operands["bias"].reshape(-1, *(1,) * dims) if "bias" in operands else maps

        quantities = {
            "input": lambda: numeric.squeeze(x, 1),
            "kernel": lambda: numeric.squeeze(w, 2),
            "bias": lambda: operands["bias"],
            "flipped": lambda: numeric.squeeze(numeric.rotate(w, dims), 2),
            "padded": lambda: numeric.squeeze(numeric.pad(x, pads, geometry.mode), 1),
            "dilated": lambda: numeric.squeeze(numeric.dilate(turned, layer.dilation), 2),
            "Q": lambda: numeric.squeeze(
                numeric.correlate_by_channel(
                    x, turned, layer.stride, pads, layer.dilation, geometry.mode, layer.groups
                ),
                2,
            ),
            "output": lambda: numeric.squeeze(output(), 1),
            "size": lambda: np.array(output().shape[1:]),
        }
        linear = partial(slide, w=turned)
        return {
            **quantities,
            **matrix_form.oracle(layer, linear, x, w, setting.matrix_of, self.flip),
            **checks.oracle(linear, x, w, operands.get("bias"), output),
        }

    def samples(self) -> tuple[dict[str, Any], ...]:
        """Problems for the generic tests."""
        a = "3 2 7 1 6 3; 4 1 1 0 9 8; 8 2 0 1 2 4; 5 6 0 7 1 4; 0 5 4 9 6 0; 4 6 2 4 0 5"
        k = "1 2 2; 2 1 2; 2 2 1"
        channels = ["1 0 2; 0 1 1; 2 1 0", "0 1 1; 1 0 2; 1 2 0"]
        filters = [["1 0; 0 1", "0 1; 1 0"], ["1 1; 0 -1", "2 0; 0 1"]]
        return (
            {"input": a, "kernel": k, "stride": 3},
            {"input": a, "kernel": k},
            {"input": a, "kernel": k, "padding": 1, "dilation": 3},
            {"input": "1 2 3 4 5", "kernel": "1/2 0 -1", "padding": "same"},
            {"input": "1 2 3", "kernel": "4 5", "padding": "full"},
            {"input": "4 5 6; 7 8 9", "kernel": "1 2; 3 4", "padding": "full"},
            {"input": "3 1; 2 4", "kernel": "1 5; 2 3", "padding": "full", "matrix_of": "input", "order": "column"},
            {"input": "1 2 3; 4 5 6; 7 8 9", "kernel": "1 -1; 2 1", "padding": [[1, 0], [0, 2]], "padding_mode": "reflect"},
            {"input": "1 2 3; 4 5 6; 7 8 9", "kernel": "1 -1; 2 1", "padding": 2, "padding_mode": "circular", "stride": 2},
            {"input": "1 2 3; 4 5 6", "kernel": "1 -1 2", "padding": [0, 1], "padding_mode": "replicate"},
            {"input": channels, "kernel": filters, "bias": [1, -2]},
            {"input": channels, "kernel": [["1 0; 0 1"], ["1 1; 0 -1"]], "groups": 2, "stride": 2, "padding": 1},
            {"input": {"symbols": "x", "shape": [4, 4]}, "kernel": {"symbols": "w", "shape": [3, 3]}},
            {"input": {"symbols": "x", "shape": [3]}, "kernel": {"symbols": "w", "shape": [2]}, "padding": "full"},
            {"input": "1 a 2; 0 b 1; c 1 1", "kernel": "1 0; 2 -1", "padding": 1, "stride": 2, "ask": "matrix"},
            {"input": "1 2 3", "kernel": "w_1 w_2", "bias": "b", "ask": "transposed_matrix"},
            {"input": "1 2 3; 4 5 6; 7 8 9", "kernel": "1 2", "stride": [2, 1], "ask": "size"},
        )


@dataclass
class _Work:
    """The quantities of one solution as they are derived, and the steps that show them."""

    setting: Direct
    notation: Notation
    detail: Detail

    def __post_init__(self) -> None:
        layer, geometry = self.setting.layer, self.setting.geometry
        self.layer, self.geometry = layer, geometry
        self.symbols = symbols(self.notation)
        self.quantities: dict[str, Quantity] = {}
        self.add("input", squeezed(layer.input, 1))
        self.add("kernel", squeezed(layer.kernel, 2))
        if layer.bias is not None:
            self.add("bias", layer.bias)
        self.quantities["size"] = size_quantity(geometry.output, self.notation)
        if geometry.flip:
            self.add("flipped", squeezed(self._flipped(), 2))
        self.source = "padded" if geometry.is_padded else "input"
        sizes = (geometry.channels, *(axis.padded for axis in geometry.axes))
        self.padded = Tensor.build(sizes, lambda at: self._padded(at[0], at[1:]))
        if geometry.is_padded:
            self.add("padded", squeezed(self.padded, 1))
        if geometry.is_dilated:
            self.add("dilated", squeezed(self._dilated(), 2))
        maps = Tensor.build((geometry.filters, geometry.slices, *geometry.output), self._map_cell)
        if geometry.slices > 1:
            self.quantities["Q"] = Quantity(Symbol("Q", "q"), squeezed(maps, 2), labelled_cells=True)
        self.output = squeezed(Tensor.build((geometry.filters, *geometry.output), partial(self._output_cell, maps)), 1)
        self.quantities["output"] = Quantity(self.symbols["output"], self.output, labelled_cells=True)

    @property
    def filter_lead(self) -> int:
        """How many leading axes the output has."""
        return len(lead((0, self.geometry.filters)))

    def add(self, name: str, value: Tensor) -> None:
        """Note a quantity under its own letter."""
        self.quantities[name] = Quantity(self.symbols[name], value)

    def _flipped(self) -> Tensor:
        kernel = self.layer.kernel
        turn = self.geometry.kernel
        return Tensor.build(
            kernel.shape, lambda at: kernel[(*at[:2], *(k - 1 - p for k, p in zip(turn, at[2:], strict=True)))]
        )

    def _dilated(self) -> Tensor:
        kernel = self._flipped() if self.geometry.flip else self.layer.kernel
        steps = [axis.dilation for axis in self.geometry.axes]
        shape = (*kernel.shape[:2], *(axis.reach for axis in self.geometry.axes))

        def cell(at: Index) -> Any:
            apart = [p % d for p, d in zip(at[2:], steps, strict=True)]
            return 0 if any(apart) else kernel[(*at[:2], *(p // d for p, d in zip(at[2:], steps, strict=True)))]

        return Tensor.build(shape, cell)

    def _padded(self, channel: int, at: Index) -> Any:
        found = self.geometry.cell(at)
        return 0 if found is None else self.layer.input[(channel, *found)]

    def _pairs(self, f: int, c: int, out: Index) -> list[tuple[Any, Any]]:
        channel = self.geometry.channel(f, c)
        return [
            (self.padded[(channel, *self.geometry.in_padded(out, place))], self.layer.kernel[(f, c, *tap)])
            for place, tap in self.geometry.taps()
        ]

    def _map_cell(self, at: Index) -> Any:
        return dot(self._pairs(at[0], at[1], at[2:]))

    def _output_cell(self, maps: Tensor, at: Index) -> Any:
        more = [maps[(at[0], c, *at[1:])] for c in range(self.geometry.slices)]
        return dot([], more if self.layer.bias is None else [*more, self.layer.bias[(at[0],)]])

    def given(self, flip: bool) -> Step:
        """The operands, the parameters and the convention in force."""
        geometry, x, k = self.geometry, self.quantities["input"].value, self.quantities["kernel"].value
        items = grids("input", x, len(x.shape) - geometry.dims).items + grids("kernel", k, len(k.shape) - geometry.dims).items
        name = "a convolution: the kernel is flipped before it slides" if flip else (
            "a cross-correlation: the kernel slides as it is, not flipped. Deep-learning libraries call this a convolution"
        )
        return Step("given", "Given", (Grids(items), Prose(f"This is {name}."), self._parameters()))

    def _parameters(self) -> Prose:
        geometry, layer = self.geometry, self.layer
        values: dict[str, Any] = {}

        def pair(name: str, sizes: Index) -> str:
            values[name] = Number(sizes[0]) if len(set(sizes)) == 1 else op("by", *sizes)
            return f"{{{name}}}"

        sentence = f"Stride {pair('s', layer.stride)}"
        pads = [axis.padding for axis in geometry.axes]
        size = f" ({self.setting.size_mode})" if self.setting.size_mode else ""
        if all(before == after for before, after in pads):
            sentence += f", padding {pair('p', tuple(before for before, _ in pads))} on each side{size}"
        else:
            sides = ("before", "after") if len(pads) == 1 else ("above", "below", "left", "right")
            widths = [width for both in pads for width in both]
            values |= {side: Number(width) for side, width in zip(sides, widths, strict=True)}
            sentence += f", padding{size} " + ", ".join(f"{{{side}}} {side}" for side in sides)
        sentence += f", dilation {pair('d', layer.dilation)}"
        if geometry.groups > 1:
            values["g"] = Number(geometry.groups)
            sentence += ", {g} groups"
        sentence += "."
        if layer.bias is not None:
            values["b"] = Op("equals", (Ref("bias"), Put(Ref("bias")))) if geometry.filters > 1 else Op(
                "equals", (Ref("bias", (0,)), Put(Ref("bias", (0,))))
            )
            sentence += " Bias {b}, added once to every entry of its output map."
        return Prose(sentence, values)

    def prepared(self) -> list[Step]:
        """The flipped kernel, the padded input, the dilated kernel: each where it differs from what is given."""
        steps = []
        geometry = self.geometry
        if geometry.flip:
            text = "Turn the kernel by 180 degrees: reverse the order of its rows and of its columns."
            if geometry.dims == 1:
                text = "Reverse the kernel."
            steps.append(Step("flipped", "The flipped kernel", (Prose(text), self._grids("flipped"))))
        if geometry.is_padded:
            put_on = frozenset(at for at in product(*(range(a.padded) for a in geometry.axes)) if not self._inside(at))
            words = {
                "zeros": "Put zeros around the input",
                "reflect": "Continue the input by its mirror image; the border cell itself is not repeated",
                "replicate": "Continue the input by repeating its border cells",
                "circular": "Continue the input periodically: each side goes on with the opposite one",
            }
            text = words[geometry.mode] + " (shaded)."
            steps.append(Step("padded", "The padded input", (Prose(text), self._grids("padded", muted=put_on))))
        if geometry.is_dilated:
            gaps = {a.dilation - 1 for a in geometry.axes if a.kernel > 1}
            text = "Put {n} zero{s} between neighbouring taps. In the sums below only the taps themselves are written."
            count = max(gaps)
            value = self.quantities["dilated"].value
            lead_axes = len(value.shape) - geometry.dims
            zeros = frozenset(
                at
                for at in product(*map(range, value.shape[lead_axes:]))
                if any(p % a.dilation for p, a in zip(at, geometry.axes, strict=True))
            )
            prose = Prose(
                text.replace("{s}", "" if count == 1 else "s") if len(gaps) == 1 else "Put zeros between neighbouring taps.",
                {"n": Number(count)} if len(gaps) == 1 else {},
            )
            steps.append(Step("dilated", "The dilated kernel", (prose, self._grids("dilated", muted=zeros))))
        return steps

    def _inside(self, at: Index) -> bool:
        return all(0 <= p - a.padding[0] < a.input for p, a in zip(at, self.geometry.axes, strict=True))

    def _grids(self, name: str, **marks: Any) -> Grids:
        value = self.quantities[name].value
        return grids(name, value, len(value.shape) - self.geometry.dims, **marks)

    def general_sum(self) -> Step:
        """The sum for every entry at once, by SymPy."""
        from symconv import algebra

        geometry, base = self.geometry, self.notation.index_base
        outs = tuple(("i", "j")[: geometry.dims])
        ranges = [(name, base, base + size - 1) for name, size in zip(outs, geometry.output, strict=True)]
        classical = geometry.flip and geometry.is_full and geometry.channels == geometry.filters == 1
        if classical:
            entry, total = algebra.full_sum(tuple((a.input, a.kernel) for a in geometry.axes), base)
            text = "Every entry is the sum over all cells whose product lands on it; the index of the kernel runs backwards."
        else:
            steps = tuple((a.stride, a.dilation, a.kernel) for a in geometry.axes)
            entry, total = algebra.direct_sum(
                steps, geometry.flip, base, geometry.filters, geometry.slices, geometry.groups, self.source
            )
            text = "Every entry is the sum of the products of a window with the kernel:"
        summed = algebra.to_expression(total)
        if geometry.filters > 1:
            ranges.insert(0, ("f", base, base + geometry.filters - 1))
        if self.layer.bias is not None:
            cell = Ref("bias", (algebra.to_expression(algebra.running("f")),) if geometry.filters > 1 else (0,))
            summed = op("add", summed, cell)
        equation = Equation((algebra.to_expression(entry), summed), for_all=tuple(ranges))
        return Step("sum", "The sum", (Prose(text), equation))

    def entries(self) -> Step:
        """Every output entry with its window and its sum of products."""
        geometry = self.geometry
        blocks: list[Any] = []
        if self.layer.has_letters and geometry.is_padded and geometry.mode == "zeros":
            blocks.append(Prose("Products with a zero of the padding are left out."))
        if geometry.slices == 1:
            windows = [
                self._window(f, 0, out) for f in range(geometry.filters) for out in geometry.outputs()
            ]
            return Step("entries", "The entries", (*blocks, *entries_blocks(windows, self.detail)))
        for f, c in product(range(geometry.filters), range(geometry.slices)):
            windows = [self._window(f, c, out) for out in geometry.outputs()]
            shown = self.detail if geometry.products <= 150 or self.detail.full else Detail(2 if f == c == 0 else 0)
            of_filter = "Filter {f}, channel {c}:" if geometry.filters > 1 else "Channel {c}:"
            base = self.notation.index_base
            values = {"f": Number(f + base), "c": Number(geometry.channel(f, c) + base)}
            blocks += [Prose(of_filter, values), *entries_blocks(windows, shown, first=2)]
        return Step("entries", "Channel by channel, then the sum", (*blocks, *self._added_channels()))

    def _added_channels(self) -> list[Any]:
        geometry = self.geometry
        text = "Add the channels" + (", and the bias once:" if self.layer.bias is not None else ":")
        blocks: list[Any] = [Prose(text)]
        for f in range(geometry.filters):
            maps = [Ref("Q", lead((f, geometry.filters), (c, geometry.slices))) for c in range(geometry.slices)]
            summed = op("add", *maps)
            if self.layer.bias is not None:
                summed = op("add", *maps, op("ones", Ref("bias", (f,)), *geometry.output))
            part = Ref("output", (f,)) if geometry.filters > 1 else Ref("output")
            blocks.append(Equation((part, summed, Put(summed), Put(part))))
        return blocks

    def _window(self, f: int, c: int, out: Index) -> Window:
        geometry = self.geometry
        channel = geometry.channel(f, c)
        part = lead((channel, geometry.channels))
        rows: dict[Index, list[Any]] = {}
        marked, pairs = [], []
        for place, tap in geometry.taps():
            at = geometry.in_padded(out, place)
            marked.append(at)
            if self.layer.has_letters and geometry.cell(at) is None:
                continue
            pairs.append((self.padded[(channel, *at)], self.layer.kernel[(f, c, *tap)]))
            cell = Ref(self.source, (*part, *at))
            kernel = Ref("kernel", (*lead((f, geometry.filters), (c, geometry.slices)), *tap))
            rows.setdefault(place[:-1], []).append(Put(op("mul", cell, kernel)))
        lines = [tuple(row) for row in rows.values()]
        name = "Q" if geometry.slices > 1 else "output"
        target = Ref(name, (*lead((f, geometry.filters), (c, geometry.slices)), *out))
        biased = self.layer.bias is not None and geometry.slices == 1
        if biased:
            lines = [*lines[:-1], (*lines[-1], Put(Ref("bias", (f,))))] if lines else [(Put(Ref("bias", (f,))),)]
        final = is_final(pairs) and not biased
        window = WorkedSum(target, tuple(lines), None if final else Put(target))
        return Window(Grid(self.source, part, marked=frozenset(marked)), window)


CONVOLUTION = DirectOperation(
    "convolution",
    "flip the kernel, slide it, add the products",
    'symconv solve convolution --input "4 5 6; 7 8 9" --kernel "1; 1; 1" --padding full',
    flip=True,
)
CROSS_CORRELATION = DirectOperation(
    "cross_correlation",
    "slide the kernel as it is (deep learning: convolution)",
    'symconv solve cross_correlation --input "3 2 7; 4 1 1; 8 2 0" --kernel "1 0; 0 -1"',
    flip=False,
)
