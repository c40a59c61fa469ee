"""The quantities of a direct layer and the steps that show them: operands, general sum, entries, channels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any

from symconv.document import Equation, Grid, Grids, Prose, Quantity, Step, Symbol, Window, WorkedSum
from symconv.expression import Number, Put, Ref, op
from symconv.notation import Notation
from symconv.operations.base import Detail
from symconv.operations.geometry import (
    Geometry,
    Layer,
    lead,
    squeezed,
)
from symconv.operations.steps import (
    dot,
    entries_blocks,
    given_step,
    grids,
    is_final,
    kernel_in_words,
    padding_in_words,
    size_quantity,
    sizes_in_words,
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
    method: str = "slide"

    @property
    def operands(self) -> Mapping[str, Tensor]:
        """The operands by name."""
        return self.layer.operands


@dataclass
class Work:
    """The quantities of one solution as they are derived, and the steps that show them.

    `target` names the layer's output, where that is not yet the output of the whole.
    """

    setting: Direct
    notation: Notation
    detail: Detail
    only_size: bool = False  # the sums of a large layer take long, and its size needs none
    target: str = "output"

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
            self.add("flipped", squeezed(layer.kernel.rotated(lead=2), 2))
        self.source = "padded" if geometry.is_padded else "input"
        sizes = (geometry.channels, *(axis.padded for axis in geometry.axes))
        self.padded = Tensor.build(sizes, lambda at: self._padded(at[0], at[1:]))
        if geometry.is_padded:
            self.add("padded", squeezed(self.padded, 1))
        if geometry.is_dilated:
            kernel = layer.kernel.rotated(lead=2) if geometry.flip else layer.kernel
            self.add("dilated", squeezed(kernel.spread(layer.dilation, lead=2), 2))
        if self.only_size:
            return
        maps = Tensor.build((geometry.filters, geometry.slices, *geometry.output), self._map_cell)
        if geometry.slices > 1:
            self.quantities["Q"] = Quantity(Symbol("Q", "q"), squeezed(maps, 2), labelled_cells=True)
        self.output = squeezed(Tensor.build((geometry.filters, *geometry.output), partial(self._output_cell, maps)), 1)
        self.quantities[self.target] = Quantity(self.symbols[self.target], self.output, labelled_cells=True)

    @property
    def filter_lead(self) -> int:
        """How many leading axes the output has."""
        return len(lead((0, self.geometry.filters)))

    def add(self, name: str, value: Tensor) -> None:
        """Note a quantity under its own letter."""
        self.quantities[name] = Quantity(self.symbols[name], value)

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

    def given(self) -> Step:
        """The operands, the parameters and the convention in force."""
        geometry, layer = self.geometry, self.layer
        name = "This is a convolution: the kernel is flipped before it slides."
        if not geometry.flip:
            name = "This is a cross-correlation: the kernel slides as it is, not flipped. Deep-learning libraries call "
            name += "this a convolution."
        name += kernel_in_words((geometry.filters, geometry.slices), geometry.groups)
        values: dict[str, Any] = {}
        sentence = f"Stride {sizes_in_words('s', layer.stride, values)}, "
        size = (self.setting.size_mode or "").replace("same_lower", "same, the odd cell at the start")
        sentence += padding_in_words([axis.padding for axis in geometry.axes], values, size, geometry.mode)
        sentence += f", dilation {sizes_in_words('d', layer.dilation, values)}"
        return given_step(layer, self.quantities, geometry.dims, name, sentence, values)

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
                text.replace("{s}", "" if count == 1 else "s")
                if len(gaps) == 1
                else "Put zeros between neighbouring taps.",
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
        from symconv import algebra, sums

        geometry, base = self.geometry, self.notation.index_base
        outs = tuple(("i", "j")[: geometry.dims])
        ranges = [(name, base, base + size - 1) for name, size in zip(outs, geometry.output, strict=True)]
        classical = geometry.flip and geometry.is_full and geometry.channels == geometry.filters == 1
        if classical:
            entry, total = sums.full_sum(tuple((a.input, a.kernel) for a in geometry.axes), base)
            text = "Every entry is the sum over all products that land on it; the index of the kernel runs backwards."
        else:
            steps = tuple((a.stride, a.dilation, a.kernel) for a in geometry.axes)
            entry, total = sums.direct_sum(
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
            cells = [(f, *out) for f in range(geometry.filters) for out in geometry.outputs()]
            shown = entries_blocks(cells, lambda at: self._window(at[0], 0, at[1:]), self.detail)
            return Step("entries", "The entries", (*blocks, *shown))
        for f, c in product(range(geometry.filters), range(geometry.slices)):
            detail = self.detail if geometry.products <= 150 or self.detail.full else Detail(2 if f == c == 0 else 0)
            of_filter = "Filter {f}, channel {c}:" if geometry.filters > 1 else "Channel {c}:"
            base = self.notation.index_base
            values = {"f": Number(f + base), "c": Number(geometry.channel(f, c) + base)}
            blocks += [
                Prose(of_filter, values),
                *entries_blocks(list(geometry.outputs()), partial(self._window, f, c), detail, first=2),
            ]
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
        name = "Q" if geometry.slices > 1 else self.target
        target = Ref(name, (*lead((f, geometry.filters), (c, geometry.slices)), *out))
        biased = self.layer.bias is not None and geometry.slices == 1
        if biased:
            lines = [*lines[:-1], (*lines[-1], Put(Ref("bias", (f,))))] if lines else [(Put(Ref("bias", (f,))),)]
        final = is_final(pairs) and not biased
        window = WorkedSum(target, tuple(lines), None if final else Put(target))
        return Window(Grid(self.source, part, marked=frozenset(marked)), window)
