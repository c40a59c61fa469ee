"""The quantities of a backward pass: every product of the forward pass, and the sums the chain rule makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

from symconv.document import Prose, Quantity, SumTable, Symbol, WorkedSum
from symconv.expression import Letter, Number, Op, Put, Ref, op
from symconv.notation import Notation
from symconv.operations.base import Detail, Operation
from symconv.operations.direct_steps import Direct
from symconv.operations.geometry import Geometry, lead, squeezed
from symconv.operations.steps import (
    MOST_ROWS as MOST_SUMS,
)
from symconv.operations.steps import (
    dot,
    is_final,
    is_wide,
    symbols,
    total_of,
)
from symconv.operations.transposed_steps import Transposed
from symconv.operations.upstream import letter_of
from symconv.tensor import Index, Tensor

CELLS, OUTS, TAPS = "uv", "ij", "mn"
MOST_TERMS = 10  # of sums of letters in one row of a matrix


@dataclass(frozen=True)
class Backward:
    """A layer, read by its own operation, with the gradient of the loss by each of its outputs."""

    operation: Operation
    of: Direct | Transposed
    upstream: Tensor

    @property
    def geometry(self) -> Geometry:
        """Which tap meets which cell; of the direct layer from output to input where the layer is transposed."""
        return self.of.direct if isinstance(self.of, Transposed) else self.of.geometry

    @property
    def operands(self) -> Mapping[str, Tensor]:
        """The operands by name."""
        return {**self.of.operands, "upstream": self.upstream}


@dataclass(frozen=True)
class Product:
    """One product of the forward pass: an input cell times a kernel entry, added to an output entry."""

    input: Index
    kernel: Index
    output: Index
    place: Index  # in the window, from 0


class Work:
    """The quantities of one backward pass as they are derived."""

    def __init__(self, setting: Backward, notation: Notation, detail: Detail) -> None:
        self.setting, self.notation, self.detail = setting, notation, detail
        self.layer, self.geometry = setting.of.layer, setting.geometry
        self.transposed = isinstance(setting.of, Transposed)
        self.quantities: dict[str, Quantity] = {}
        known = symbols(notation)
        letter = letter_of(notation)
        for name, value in setting.operands.items():
            symbol = Symbol(letter.upper(), letter) if name == "upstream" else known[name]
            self.quantities[name] = Quantity(symbol, squeezed(value, {"kernel": 2, "bias": 0}.get(name, 1)))
        self.products = list(self._products())
        bias = self.layer.bias
        met = self.gathered("output")
        self.add("output", self._sums(met, "input", "kernel", setting.upstream.shape, bias), 1, known["output"])
        for name, of, factor in (("dx", "input", "kernel"), ("dw", "kernel", "input")):
            value = self._sums(self.gathered(of), "output", factor, setting.operands[of].shape)
            self.add(name, value, 2 if name == "dw" else 1, self._gradient_symbol(of))
        if bias is not None:
            maps = [setting.upstream.part(f).cells for f in range(setting.upstream.shape[0])]
            self.add("db", Tensor(bias.shape, tuple(map(total_of, maps))), 0, self._gradient_symbol("bias"))
        cells = [cell for name in ("dx", "dw", "db") if name in self.quantities for cell in self.value(name).cells]
        self.add("gradient", Tensor((len(cells),), tuple(cells)), 0, Symbol("gradient", "gradient"))
        self._spread()

    def _gradient_symbol(self, of: str) -> Symbol:
        symbol = self.quantities[of].symbol
        return Symbol(f"d{symbol.whole}", f"d{symbol.cell}")

    def add(self, name: str, value: Tensor, squeeze: int, symbol: Symbol) -> None:
        """Note a quantity; a lone channel or filter among its first `squeeze` axes is not written."""
        self.quantities[name] = Quantity(symbol, squeezed(value, squeeze))

    def value(self, name: str) -> Tensor:
        """The value of a quantity, as it is written."""
        return self.quantities[name].value

    def full(self, name: str) -> Tensor:
        """An operand in full shape; "output" stands for the upstream gradient."""
        return self.setting.upstream if name == "output" else self.setting.operands[name]

    def _products(self) -> Iterator[Product]:
        """Every product of the forward pass, from the geometry's index sets."""
        geometry = self.geometry
        many = (self.layer.input if self.transposed else self.setting.upstream).shape[1:]
        for f, c in product(range(geometry.filters), range(geometry.slices)):
            channel = geometry.channel(f, c)
            for out in product(*map(range, many)):
                for place, tap in geometry.taps():
                    cell = geometry.cell(geometry.in_padded(out, place))
                    if cell is not None:
                        ends = ((f, *out), (channel, *cell))
                        x, y = ends if self.transposed else ends[::-1]
                        yield Product(x, (f, c, *tap), y, place)

    def gathered(self, name: str) -> dict[Index, list[Product]]:
        """The products of each cell of the input, the kernel or the output."""
        found: dict[Index, list[Product]] = {}
        for one in self.products:
            found.setdefault(getattr(one, name), []).append(one)
        return found

    def _sums(
        self, met: Mapping[Index, list[Product]], a: str, b: str, shape: Index, bias: Tensor | None = None
    ) -> Tensor:
        """The array of sums of the products of two factors; the factor "output" is the upstream gradient."""
        first, second = self.full(a), self.full(b)

        def cell(at: Index) -> Any:
            pairs = [(first[getattr(one, a)], second[getattr(one, b)]) for one in met.get(at, [])]
            return dot(pairs, [] if bias is None else [bias[at[:1]]])

        return Tensor.build(shape, cell)

    def _spread(self) -> None:
        """The stretched upstream gradient, the array that the backward window slides over, and what slides."""
        upstream, axes = self.quantities["upstream"].symbol, self.geometry.axes
        g = self.setting.upstream
        if self.transposed:
            sizes = [axis.padded for axis in axes]
            pads, steps = [axis.padding[0] for axis in axes], [1] * len(axes)
        else:
            steps = list(self.layer.stride)
            self.add("stretched", g.spread(steps, lead=1), 1, Symbol(upstream.whole, upstream.cell, accent="hat"))
            sizes = [axis.input + axis.reach - 1 for axis in axes]
            pads = [axis.reach - 1 - axis.padding[0] for axis in axes]

        def source(at: Index) -> Index | None:
            places = [divmod(p - before, s) for p, before, s in zip(at, pads, steps, strict=True)]
            inside = all(not rest and 0 <= p < n for (p, rest), n in zip(places, g.shape[1:], strict=True))
            return tuple(p for p, _ in places) if inside else None

        def cell(at: Index) -> Any:
            found = source(at[1:])
            return 0 if found is None else g[(at[0], *found)]

        self.put_in = frozenset(at for at in product(*map(range, sizes)) if source(at) is None)
        value = Tensor.build((g.shape[0], *sizes), cell)
        self.add("padded_gradient", value, 1, Symbol(upstream.whole, upstream.cell, accent="tilde"))
        spread = self.layer.kernel.spread(self.layer.dilation, lead=2)
        turned = not (self.geometry.flip or self.transposed)
        kernel = self.quantities["kernel"].symbol
        accent = "hat" if self.geometry.is_dilated else ""
        self.add(
            "slid",
            spread.rotated(lead=2) if turned else spread,
            2,
            Symbol(kernel.whole, kernel.cell, accent=accent, rotated=turned),
        )
        if not self.transposed and self.geometry.is_padded:
            whole = (self.geometry.channels, *(axis.padded for axis in axes))

            def padded(at: Index) -> Any:
                found = self.geometry.cell(at[1:])
                return 0 if found is None else self.layer.input[(at[0], *found)]

            self.add("padded", Tensor.build(whole, padded), 1, symbols(self.notation)["padded"])

    def ref(self, name: str, at: Index) -> Ref:
        """A cell of the input, kernel or output by its full index; channels are written where there are several."""
        count = 2 if name == "kernel" else 1
        shape = self.full(name).shape
        label = "upstream" if name == "output" else name
        return Ref(label, (*lead(*zip(at[:count], shape[:count], strict=True)), *at[count:]))

    @cached_property
    def plain(self) -> bool:
        """Whether the padding is zeros, so that the backward pass is a sliding window too."""
        return self.geometry.mode == "zeros"

    def ranges(self, names: str, sizes: Index, first: tuple[str, int]) -> tuple[tuple[str, int, int], ...]:
        """The indices that an equation holds for; `first` is a channel, written where there are several."""
        base = self.notation.index_base
        spans = [(name, base, base + size - 1) for name, size in zip(names, sizes, strict=False)]
        return (*([(first[0], base, base + first[1] - 1)] if first[1] > 1 else []), *spans)

    def names_only(self, name: str) -> bool:
        """Whether the entries of a quantity are sums of letters, too long to stand in a row of a matrix."""
        value = self.value(name)
        width = value.shape[-1] if value.shape else 1
        rows = [value.cells[at : at + width] for at in range(0, len(value.cells), width)]
        return is_wide(value) or any(sum(len(getattr(cell, "args", ())) for cell in row) > MOST_TERMS for row in rows)

    def ref_of(self, name: str, of: str, at: Index) -> Ref:
        """The cell of a gradient that belongs to a cell of an operand."""
        return Ref(name, self.ref(of, at).index)

    def worked(self, target: Ref, met: list[Product], a: str, b: str) -> WorkedSum:
        """A sum of products of two factors, a row of the window on one line."""
        rows: dict[Index, list[Any]] = {}
        for one in met:
            term = Put(op("mul", self.ref(a, getattr(one, a)), self.ref(b, getattr(one, b))))
            row = (one.output[0], *(one.output if b == "input" else one.place)[:-1])
            rows.setdefault(row, []).append(term)
        pairs = [(self.full(a)[getattr(one, a)], self.full(b)[getattr(one, b)]) for one in met]
        total = None if not met or is_final(pairs) else Put(target)
        return WorkedSum(target, tuple(map(tuple, rows.values())), total)

    def table(self, of: str) -> list[Any]:
        """The sum of every cell of a gradient, one line each."""
        name, factor = ("dx", "kernel") if of == "input" else ("dw", "input")
        met = self.gathered(of)
        cells = list(self.full(of).indices())
        shown = cells if self.detail.full else cells[:MOST_SUMS]
        lines = [self.worked(self.ref_of(name, of, at), met.get(at, []), "output", factor) for at in shown]
        if self.names_only(name):  # a long sum of letters is its own result
            lines = [WorkedSum(line.target, line.rows, None) for line in lines]
        rest = (
            []
            if len(shown) == len(cells)
            else [Prose("The other {n} entries follow in the same way.", {"n": Number(len(cells) - len(shown))})]
        )
        return [SumTable(tuple(lines)), *rest]


def derivative(of: Any, by: Any) -> Op:
    """A partial derivative, as a fraction."""
    d = Letter("partial")
    return op("div", op("mul", d, of), op("mul", d, by))
