"""The quantities of an autocorrelation and the steps that show them: sum, overlaps, symmetry, matrix, energy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from symconv.document import Equation, Grid, Grids, Prose, Quantity, Step, Symbol, Table, Window, WorkedSum
from symconv.errors import ProblemError
from symconv.expression import Number, Put, Ref, Running, Sigma, op
from symconv.notation import Notation
from symconv.operations import block_toeplitz, checks
from symconv.operations.base import Detail
from symconv.operations.matrix_form import MOST_COLUMNS, MOST_ROWS
from symconv.operations.steps import dot, entries_blocks, is_final, result_step, symbols
from symconv.tensor import Index, Tensor

MOST_LAGS = 9  # in one table


@dataclass(frozen=True)
class Auto:
    """One input of one or two axes, and the largest lag along each."""

    input: Tensor
    lags: Index
    order: str

    @property
    def operands(self) -> Mapping[str, Tensor]:
        """The operands by name."""
        return {"input": self.input}

    @property
    def starts(self) -> Index:
        """The smallest lags: what the indices of the output's cells start from."""
        return tuple(-lag for lag in self.lags)

    @property
    def has_letters(self) -> bool:
        """Whether any entry is a letter."""
        return any(hasattr(cell, "free_symbols") for cell in self.input.cells)

    @property
    def has_all_lags(self) -> bool:
        """Whether every lag with an overlap is asked for."""
        return all(lag == n - 1 for lag, n in zip(self.lags, self.input.shape, strict=True))


@dataclass
class Work:
    """The quantities of one solution as they are derived, and the steps that show them."""

    setting: Auto
    notation: Notation
    detail: Detail

    def __post_init__(self) -> None:
        self.x, self.lags = self.setting.input, self.setting.lags
        self.dims = len(self.lags)
        self.letter, self.base = self.notation.input, self.notation.index_base
        written = symbols(self.notation)
        self.quantities: dict[str, Quantity] = {"input": Quantity(written["input"], self.x)}
        shape = tuple(2 * lag + 1 for lag in self.lags)
        self.output = Tensor.build(shape, lambda at: dot([(self.x[a], self.x[b]) for a, b in self.pairs(self.lag(at))]))
        symbol = Symbol(self.notation.output, self.notation.cell(self.notation.output), first=self.setting.starts)
        self.quantities["output"] = Quantity(symbol, self.output, labelled_cells=True)

    def lag(self, at: Index) -> Index:
        """The lag of an output cell."""
        return tuple(a - lag for a, lag in zip(at, self.lags, strict=True))

    def pairs(self, lag: Index) -> list[tuple[Index, Index]]:
        """The cells that lie over each other at a lag: (m + lag, m)."""
        moved = [(tuple(a + b for a, b in zip(m, lag, strict=True)), m) for m in self.x.indices()]
        return [(a, m) for a, m in moved if all(0 <= p < n for p, n in zip(a, self.x.shape, strict=True))]

    def given(self) -> Step:
        """The input, the range of lags, and the convention in force."""
        text = (
            "The autocorrelation compares {X} with copies of itself. Its entry at a lag is the sum of the products of "
        )
        text += "the cells that lie over each other when a copy is moved by this lag"
        text += ": down by its first number, right by its second. " if self.dims == 2 else " to the right. "
        values: dict[str, Any] = {"X": Ref("input")}
        where = ("",) if self.dims == 1 else (" down the rows", " along the columns")
        parts = []
        for word, lag, name in zip(where, self.lags, "pq", strict=False):
            parts.append(f"from {{{name}_low}} to {{{name}_high}}{word}")
            values |= {f"{name}_low": Number(-lag), f"{name}_high": Number(lag)}
        text += f"The lags run {' and '.join(parts)}."
        text += " Lags further out have no overlap." if self.setting.has_all_lags else ""
        grid = Grid("input", (), Prose("{X}", {"X": Ref("input")}))
        return Step("given", "Given", (Grids((grid,)), Prose(text, values)))

    def general_sum(self) -> Step:
        """The sum for every lag at once, with the range where the copies overlap."""
        lags, cells = "ij"[: self.dims], "mn"[: self.dims]
        if self.dims == 1:
            lags = "l"
        moved = tuple(op("add", Running(cell), Running(lag)) for cell, lag in zip(cells, lags, strict=True))
        total: Any = op("mul", Ref("input", moved), Ref("input", tuple(map(Running, cells))))
        for cell, lag, n in reversed(list(zip(cells, lags, self.x.shape, strict=True))):
            last, minus = n - 1 + self.base, op("neg", Running(lag))
            low = op("max", self.base, op("add", self.base, minus) if self.base else minus)
            total = Sigma(cell, low, op("min", last, op("add", last, minus)), total)
        ranges = tuple((lag, -most, most) for lag, most in zip(lags, self.lags, strict=True))
        text = "A cell and the cell one lag further on both lie in the input; this limits the sum:"
        equation = Equation((Ref("output", tuple(map(Running, lags))), total), for_all=ranges)
        return Step("sum", "The sum", (Prose(text), equation))

    def entries(self) -> Step:
        """The entries from lag 0 on with their overlaps; the others by symmetry."""
        half = [at for at in self.output.indices() if self.lag(at) >= (0,) * self.dims]
        text = "The shaded cells are those that the moved copy covers."
        blocks = [Prose(text), *entries_blocks(half, self._window, self.detail)]
        if len(half) > 1:
            lags = tuple(map(Running, "l" if self.dims == 1 else "ij"))
            back = tuple(op("neg", lag) for lag in lags)
            ranges = tuple((lag.name, -most, most) for lag, most in zip(lags, self.lags, strict=True))
            text = "Moving the copy the other way gives the same overlaps, so the autocorrelation is symmetric about "
            text += "its centre, and the other entries need no work:"
            blocks += [Prose(text), Equation((Ref("output", back), Ref("output", lags)), for_all=ranges)]
        return Step("entries", "The entries", tuple(blocks))

    def _window(self, at: Index) -> Window:
        pairs = self.pairs(self.lag(at))
        rows: dict[Index, list[Any]] = {}
        for a, m in pairs:
            rows.setdefault(m[:-1], []).append(Put(op("mul", Ref("input", a), Ref("input", m))))
        final = is_final([(self.x[a], self.x[m]) for a, m in pairs]) and any(self.lag(at))
        target = Ref("output", at)
        total = None if final else Put(target)
        summed = WorkedSum(target, tuple(tuple(row) for row in rows.values()), total)
        return Window(Grid("input", (), marked=frozenset(a for a, _ in pairs)), summed)

    def result(self) -> Step:
        """The output in a box, and by its lags."""
        step = result_step(self.output, 0)
        if self.setting.has_letters:
            return step
        if self.dims == 1 and len(self.output.cells) <= MOST_LAGS:
            lags = tuple(str(lag) for lag in range(-self.lags[0], self.lags[0] + 1))
            row = (Ref("output"), *(Put(Ref("output", at)) for at in self.output.indices()))
            return Step("output", "Result", (*step.blocks, Table(("lag", *lags), (row,))))
        caption = Prose("{H}, lag 0 shaded", {"H": Ref("output")})
        return Step("output", "Result", (*step.blocks, Grids((Grid("output", (), caption, frozenset([self.lags])),))))

    def folded(self, asked: bool) -> Step:
        """The input turned by 180 degrees."""
        cell = self.notation.cell(self.letter)
        why = "The autocorrelation is the convolution of {K} with the folded {K}."
        made = block_toeplitz.fold_step("input", self.letter, cell, why, self.quantities, asked)
        if not self.setting.has_all_lags:
            return made
        whole = Equation((Ref("output"), op("convolve", Ref("input"), Ref("folded"))))
        return Step(made.label, made.title, (*made.blocks, whole))

    def matrix(self, ask: str) -> list[Step]:
        """The (doubly block) Toeplitz matrix of the input, and its product with the folded input."""
        rows, columns = prod(self.output.shape), len(self.x.cells)
        if not self.setting.has_all_lags:
            if ask != "matrix":
                return []
            raise ProblemError("ask = 'matrix' gives every lag; leave lags out")
        if ask != "matrix" and (columns > MOST_COLUMNS or rows > MOST_ROWS):
            return []
        order = self.setting.order
        layout = block_toeplitz.add_matrix("C", "input", "folded", order, self.quantities)
        blocks = block_toeplitz.blocks_shown("input", order, layout) if layout else []
        blocks += block_toeplitz.matrix_shown("C", "input", layout, boxed=ask == "matrix")
        if layout:
            blocks.append(Prose(block_toeplitz.vec_prose(order, False)))
        blocks += block_toeplitz.product_equations("C", "folded", order, self.output)
        return [Step("C", "The same as a matrix product", tuple(blocks))]

    def check(self) -> list[Step]:
        """The centre is the energy; with all lags the total is the square of the input's total."""
        centre = Ref("output", self.lags)
        blocks: list[Any] = [
            Prose(
                "At lag 0 every cell lies over itself, so the centre is the energy of {X}, the sum of the squares"
                + ("; no other entry is larger:" if not self.setting.has_letters else ":"),
                {"X": Ref("input")},
            ),
            Equation((centre, op("inner", Ref("input"), Ref("input")), Put(centre))),
        ]
        if self.setting.has_all_lags and not self.setting.has_letters:
            for name in ("input", "output"):
                checks.add_total(self.quantities, name)
            square = Put(op("pow", Ref("total(input)", ()), 2))
            total = (checks.total("output"), op("pow", checks.total("input"), 2), square, checks.number_of("output"))
            blocks += [
                Prose("Every cell meets every cell once over all lags, so the total is a square:"),
                Equation(total),
            ]
        return [Step("check", "Checks", tuple(blocks))]
