"""The quantities of a circular convolution and the steps that show them: the sums and the circulant matrix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import lcm, prod
from typing import Any

from symconv.document import (
    Blocks,
    Equation,
    Equations,
    Grid,
    Grids,
    Prose,
    Quantity,
    Step,
    Symbol,
    Window,
    WorkedSum,
)
from symconv.expression import Number, Put, Ref, Running, Sigma, op
from symconv.notation import Notation
from symconv.operations.base import Detail
from symconv.operations.block_toeplitz import product_equations, shown, vec_prose
from symconv.operations.geometry import Layer
from symconv.operations.matrix_form import MOST_COLUMNS
from symconv.operations.steps import dot, entries_blocks, given_step, is_final, symbols
from symconv.tensor import Index, Tensor

DFT_SIZES = (1, 2, 3, 4, 5, 6, 8)  # whose roots of unity need no more than i and a root of 2, or one root alone


@dataclass(frozen=True)
class Circular:
    """Two operands and the size N along each axis, to which both are continued by zeros."""

    layer: Layer
    shape: Index

    @property
    def operands(self) -> Mapping[str, Tensor]:
        """The operands by name."""
        return self.layer.operands

    @property
    def sizes(self) -> tuple[tuple[int, int, int], ...]:
        """For each axis: cells of the input, of the kernel, and N."""
        return tuple(zip(self.layer.input.shape[1:], self.layer.kernel.shape[2:], self.shape, strict=True))

    @property
    def is_linear(self) -> bool:
        """Whether nothing comes round: N is at least N1 + N2 - 1 along every axis."""
        return all(a + b - 1 <= n for a, b, n in self.sizes)

    @property
    def has_dft(self) -> bool:
        """Whether the DFT can be written with i and a root of 2, or with one root of unity alone."""
        return all(n in DFT_SIZES for n in self.shape) and lcm(*self.shape) in DFT_SIZES


@dataclass
class Work:
    """The quantities of one solution as they are derived, and the steps that show them."""

    setting: Circular
    notation: Notation
    detail: Detail

    def __post_init__(self) -> None:
        layer, self.shape = self.setting.layer, self.setting.shape
        self.layer, self.dims, self.base = layer, len(self.shape), self.notation.index_base
        self.symbols = symbols(self.notation)
        self.x, self.w = layer.input.part(0), layer.kernel.part(0, 0)
        self.quantities: dict[str, Quantity] = {}
        self.add("input", self.x, self.symbols["input"])
        self.add("kernel", self.w, self.symbols["kernel"])
        self.first = self._continued("input", self.x, "padded", self.notation.input)
        self.second = self._continued("kernel", self.w, "padded_kernel", self.notation.kernel)
        self.output = Tensor.build(self.shape, lambda out: dot([(self.x[m], self.w[k]) for m, k, _ in self.meets(out)]))
        self.quantities["output"] = Quantity(self.symbols["output"], self.output, labelled_cells=True)

    def add(self, name: str, value: Tensor, symbol: Symbol) -> None:
        """Note a quantity."""
        self.quantities[name] = Quantity(symbol, value)

    def _continued(self, name: str, value: Tensor, padded: str, letter: str) -> str:
        """The name of an operand of size N: its own, or that of the operand with zeros at its end."""
        if value.shape == self.shape:
            return name
        inside = set(value.indices())
        symbol = Symbol(letter, self.notation.cell(letter), accent="tilde")
        self.add(padded, Tensor.build(self.shape, lambda at: value[at] if at in inside else 0), symbol)
        return padded

    def outputs(self) -> Iterator[Index]:
        """Every cell of the output."""
        return product(*map(range, self.shape))

    def meets(self, out: Index) -> Iterator[tuple[Index, Index, bool]]:
        """For one output: each input cell with the kernel entry it meets, and whether that one came round."""
        for m in self.x.indices():
            apart = tuple(o - p for o, p in zip(out, m, strict=True))
            k = tuple(a % n for a, n in zip(apart, self.shape, strict=True))
            if all(a < size for a, size in zip(k, self.w.shape, strict=True)):
                yield m, k, k != apart

    def given(self) -> Step:
        """The operands, N, and the convention in force."""
        if self.dims == 1:
            convention = "This is a circular convolution of length {N}: the kernel is flipped, and indices are counted "
            convention += "modulo {N}, so what leaves "
            values: dict[str, Any] = {"N": Number(self.shape[0])}
        else:
            convention = (
                "This is a circular convolution of the size {N} (rows by columns): the kernel is flipped, row indices "
            )
            convention += "are counted modulo the first number, column indices modulo the second, so what leaves "
            values = {"N": op("by", *self.shape)}
        step = given_step(self.layer, self.quantities, self.dims, "", "", {})
        grids = step.blocks[0]
        return Step("given", "Given", (grids, Prose(convention + "at the end comes in again at the start.", values)))

    def padded(self) -> list[Step]:
        """The operands continued by zeros to the size N."""
        shown = [(name, of) for name, of in ((self.first, self.x), (self.second, self.w)) if name.startswith("padded")]
        if not shown:
            return []
        grids = [
            Grid(name, (), Prose("{it}", {"it": Ref(name)}), muted=frozenset(self.outputs()) - set(of.indices()))
            for name, of in shown
        ]
        size = Number(self.shape[0]) if self.dims == 1 else op("by", *self.shape)
        text = "Zeros at the end (shaded) bring both operands to the size {N}."
        return [Step(shown[0][0], "Operands of equal size", (Prose(text, {"N": size}), Grids(tuple(grids))))]

    def general_sum(self) -> Step:
        """The sum for every entry at once."""
        outs, taps = "ij"[: self.dims], "mn"[: self.dims]
        places = []
        for out, tap, n in zip(outs, taps, self.shape, strict=True):
            place = op("mod", op("add", Running(out), op("neg", Running(tap))), n)
            places.append(op("add", place, self.base) if self.base else place)
        total: Any = op("mul", Ref(self.first, tuple(map(Running, taps))), Ref(self.second, tuple(places)))
        for tap, n in reversed(list(zip(taps, self.shape, strict=True))):
            total = Sigma(tap, Number(self.base), Number(n - 1 + self.base), total)
        ranges = tuple((out, self.base, n - 1 + self.base) for out, n in zip(outs, self.shape, strict=True))
        text = "Every input cell meets the kernel entry at the difference of the indices, counted modulo the size:"
        return Step(
            "sum", "The sum", (Prose(text), Equation((Ref("output", tuple(map(Running, outs))), total), for_all=ranges))
        )

    def entries(self) -> Step:
        """Every output entry with the turned kernel that lies over the input, and its sum."""
        w = self.quantities[self.second].value
        turned = Tensor.build(
            self.shape * 2,
            lambda at: w[
                tuple((o - m) % n for o, m, n in zip(at[: self.dims], at[self.dims :], self.shape, strict=True))
            ],
        )
        letter = self.notation.kernel
        self.add("turned", turned, Symbol(letter, self.notation.cell(letter), sup="turned"))
        text = (
            "Each picture is the flipped kernel as it lies over the input for this entry; the shaded cells have come "
        )
        text += "round the end. The sum adds the products of cells that lie over each other"
        text += "; products with a zero that was put on are left out." if "padded" in self.first + self.second else "."
        blocks = entries_blocks(list(self.outputs()), self._window, self.detail)
        return Step("entries", "The entries", (Prose(text), *blocks))

    def _window(self, out: Index) -> Window:
        near: list[Any] = []
        round_the_end: list[Any] = []
        pairs = []
        for m, k, wrapped in self.meets(out):
            pairs.append((self.x[m], self.w[k]))
            term = Put(op("mul", Ref("input", m), Ref("kernel", k)))
            (round_the_end if wrapped else near).append(term)
        marked = frozenset(m for m in self.outputs() if any(o < p for o, p in zip(out, m, strict=True)))
        target = Ref("output", out)
        rows = tuple(tuple(row) for row in (near, round_the_end) if row)
        return Window(
            Grid("turned", out, marked=marked), WorkedSum(target, rows, None if is_final(pairs) else Put(target))
        )

    def matrix(self, ask: str) -> list[Step]:
        """The circulant matrix, or the doubly block circulant one with its blocks."""
        count = prod(self.shape)
        if ask != "matrix" and count > MOST_COLUMNS:
            return []
        order, w = self.layer.order, self.quantities[self.second].value
        cells = [at if order == "row" else at[::-1] for at in product(*map(range, self._by_lines()))]
        entries = [
            w[tuple((o - m) % n for o, m, n in zip(out, at, self.shape, strict=True))] for out in cells for at in cells
        ]
        self.add("C", Tensor((count, count), tuple(entries)), Symbol("C", "c"))
        return [self._circulant(ask) if self.dims == 1 else self._block_circulant(ask, w)]

    def _by_lines(self) -> Index:
        return self.shape if self.layer.order == "row" else self.shape[::-1]

    def _circulant(self, ask: str) -> Step:
        text = (
            "All the sums together are one matrix product. The first column of {C} is {K}; each further column is the "
        )
        text += (
            "one before, moved down by one cell, and the entry that leaves at the bottom comes in at the top. Such a "
        )
        text += "matrix is called circulant."
        blocks: list[Any] = [Prose(text, {"C": Ref("C"), "K": Ref(self.second)}), shown("C", boxed=ask == "matrix")]
        if ask == "output":
            blocks += product_equations("C", self.first, "row", self.output)
        return Step("C", "The same as a circulant matrix", tuple(blocks))

    def _block_circulant(self, ask: str, w: Tensor) -> Step:
        word = self.layer.order
        lines = w.nested() if word == "row" else list(zip(*w.nested(), strict=True))
        count, size = len(lines), len(lines[0])
        for number, line in enumerate(lines):
            block = Tensor.build((size, size), lambda at, line=line: line[(at[0] - at[1]) % size])  # type: ignore[misc]
            self.add(f"C_{number}", block, Symbol("C", "c", sub=str(number)))
        layout = tuple(tuple(f"C_{(r - c) % count}" for c in range(count)) for r in range(count))
        blocks: list[Any] = [
            Prose(
                f"Each {word} of {{K}} makes one circulant block: the {word} stands in the first column, and every "
                "further column is the one before, moved down by one cell, with what leaves at the bottom put back in "
                "at the top.",
                {"K": Ref(self.second)},
            ),
            Equations(tuple(Equation((Ref(f"C_{n}"), Put(Ref(f"C_{n}")))) for n in range(count))),
            Prose(
                "The blocks themselves go round in the same way. {C} is doubly block circulant: block circulant, with "
                "circulant blocks.",
                {"C": Ref("C")},
            ),
            Blocks(Ref("C"), layout),
            shown("C", boxed=ask == "matrix"),
            Prose(vec_prose(word, False)),
        ]
        if ask == "output":
            blocks += product_equations("C", self.first, word, self.output)
        return Step("C", "The same as a doubly block circulant matrix", tuple(blocks))

    @cached_property
    def linear(self) -> Tensor:
        """The linear convolution of the operands."""
        sizes = tuple(a + b - 1 for a, b, _ in self.setting.sizes)
        value = Tensor.build(sizes, lambda at: dot([(self.x[m], self.w[k]) for m, k in self.overlap(at)]))
        self.quantities["linear"] = Quantity(Symbol("L", "l"), value, labelled_cells=True)
        return value

    def overlap(self, at: Index) -> Iterator[tuple[Index, Index]]:
        """The input cells and kernel entries whose products the linear convolution adds at a place."""
        for m in self.x.indices():
            k = tuple(a - p for a, p in zip(at, m, strict=True))
            if all(0 <= place < size for place, size in zip(k, self.w.shape, strict=True)):
                yield m, k
