"""The quantities of a transposed layer, and its first method: scatter, add, crop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any

from symconv.document import Equation, Grid, Grids, Prose, Quantity, Step, Symbol, WorkedSum
from symconv.expression import Letter, Number, Put, Ref, op
from symconv.notation import Notation
from symconv.operations import checks
from symconv.operations.base import Detail
from symconv.operations.geometry import Geometry, Layer, lead, squeezed
from symconv.operations.steps import (
    axis_names,
    dot,
    given_step,
    grids,
    is_final,
    is_wide,
    kernel_in_words,
    padding_in_words,
    parts,
    size_quantity,
    size_result,
    sizes_in_words,
    symbols,
)
from symconv.tensor import Index, Tensor


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


@dataclass
class Work:
    """The quantities of one solution as they are derived, and the steps that show them."""

    setting: Transposed
    notation: Notation
    detail: Detail
    only_size: bool = False  # the sums of a large layer take long, and its size needs none

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
        if self.only_size:
            return
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

    def spread_kernel(self) -> Tensor:
        """The kernel with its taps apart by the dilation."""
        return self.layer.kernel.spread(self.layer.dilation, lead=2)

    def input_ref(self, at: Index) -> Ref:
        """An input cell, its channel written where there are several."""
        return Ref("input", (*lead((at[0], self.channels)), *at[1:]))

    def kernel_ref(self, at: Index) -> Ref:
        """A kernel entry, its channels written where there are several."""
        shape = self.layer.kernel.shape
        return Ref("kernel", (*lead((at[0], shape[0]), (at[1], shape[1])), *at[2:]))

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
        name = (
            "This is a transposed convolution (also called fractionally strided convolution). It is the transpose of a "
            "direct layer, not its inverse. The kernel is not flipped when it is scattered."
        )
        name += kernel_in_words(self.layer.kernel.shape[:2], self.layer.groups, by_input=True)
        values: dict[str, Any] = {}
        sentence = parameters_in_words(self.setting, values).capitalize()
        return given_step(self.layer, self.quantities, self.direct.dims, name, sentence, values)

    def size(self, asked: bool) -> Step:
        """O = s(i - 1) + k̂ - 2p + a. Dumoulin & Visin, relation 14."""
        hat = any(axis.dilation > 1 for axis in self.direct.axes)
        blocks: list[Any] = [
            Prose(
                "The last copy of the kernel starts {start} cells after the first and covers {k} cells; "
                "{p} are cropped on each side" + (", and {a} added at the end." if any(self.extra) else "."),
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
        named = (
            axis_names(self.direct.axes)
            if alike or len(set(self.direct.axes)) > 1
            else [("Down the rows:", self.direct.axes[0]), ("Along the columns:", self.direct.axes[1])]
        )
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
        blocks += size_result(self.direct.input, asked)
        return Step("size", "Size of the output", tuple(blocks))

    def scattered(self, title: str) -> list[Step]:
        """Method 1: partial matrices A_1, A_2, ..., their sum, the crop."""
        blocks: list[Any] = [
            Prose(
                "Each input cell, times the kernel, is laid into an empty frame; "
                "from one input cell to the next the place moves by the stride. Where copies overlap, they are added.",
            )
        ]
        if self.direct.is_dilated:
            self.add("dilated", squeezed(self.spread_kernel(), 2))
            blocks.append(Prose("The taps of the kernel stand apart by the dilation:"))
            value = self.quantities["dilated"].value
            blocks.append(grids("dilated", value, len(value.shape) - self.direct.dims))
        if self.channels == self.maps == 1:
            blocks.append(self._general_sum())
        blocks += self._partial_matrices()
        blocks += self._frame_sums()
        return [Step("A", title, tuple(blocks)), self._cropped()]

    def _general_sum(self) -> Equation:
        from symconv import algebra, sums

        base = self.notation.index_base
        sizes = tuple((a.stride, n, a.reach) for a, n in zip(self.direct.axes, self.layer.input.shape[1:], strict=True))
        entry, total = sums.scatter_sum(sizes, base, "dilated" if self.direct.is_dilated else "kernel")
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
            products = {spot: dot([pair]) for spot, pair in spots.items()}
            value = Tensor.build((self.maps, *self.frame_size), partial(_or_zero, products))
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
            for ref in parts("frame", self.quantities["frame"].value, self.lead):
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
            terms = tuple(Put(op("mul", self.input_ref(source), self.kernel_ref(tap))) for source, tap, _ in found)
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

    def _cropped(self) -> Step:
        kept = frozenset(
            at
            for at in product(*map(range, self.frame_size))
            if all(p - a.padding[0] in range(a.input) for p, a in zip(at, self.direct.axes, strict=True))
        )
        cut = frozenset(product(*map(range, self.frame_size))) - kept
        blocks: list[Any] = []
        if any(self.extra):
            blocks.append(
                Prose("The frame already holds the output padding: {a} at the end of each axis.", {"a": by(self.extra)})
            )
        if cut:
            blocks.append(Prose("Crop the padding (shaded):"))
            blocks.append(grids("frame", self.quantities["frame"].value, self.lead, muted=cut))
        else:
            blocks.append(Prose("Nothing is cropped: the padding is zero."))
        if self.layer.bias is not None:
            blocks.append(Prose("Add the bias to every entry."))
        return Step("frame", "Crop", tuple(blocks))

    def check(self) -> list[Step]:
        """Before the crop every input cell meets every kernel entry once."""
        if self.layer.has_letters or self.channels > 1 or self.maps > 1:
            return []
        for name in ("input", "kernel", "frame"):
            checks.add_total(self.quantities, name)
        text = "Before the crop every input cell met every kernel entry exactly once, so the totals multiply:"
        agree = "The methods agree entry by entry."
        return [Step("check", "Checks", (Prose(text), checks.product_of_totals("frame"), Prose(agree)))]


def _or_zero(found: Mapping[Index, Any], at: Index) -> Any:
    return found.get(at, 0)


def parameters_in_words(setting: Transposed, values: dict[str, Any]) -> str:
    """Stride, padding, dilation and output padding, with holes for their numbers."""
    text = f"stride {sizes_in_words('s', setting.layer.stride, values)}, "
    text += padding_in_words([axis.padding for axis in setting.direct.axes], values)
    text += f" (cells to crop), dilation {sizes_in_words('d', setting.layer.dilation, values)}"
    return text + f", output padding {sizes_in_words('a', setting.output_padding, values)}"


def by(sizes: Index) -> Any:
    """A size that all axes share, or one per axis."""
    return Number(sizes[0]) if len(set(sizes)) == 1 else op("by", *sizes)
