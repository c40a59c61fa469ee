"""A pooling as it was read, and every quantity of it: windows, reduced values, indices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from math import inf, prod
from typing import Any

from symconv.axis import Axis
from symconv.document import Quantity, Symbol
from symconv.entries import exact
from symconv.errors import ProblemError
from symconv.notation import Notation
from symconv.operations.base import Detail
from symconv.operations.geometry import lead, squeezed
from symconv.operations.steps import size_quantity, symbols, total_of
from symconv.tensor import Index, Tensor

DECIMALS = 3  # of a root that is no rational number
MOST_CELLS = 9  # of a window that is written in one line; a larger one is reduced row by row


@dataclass(frozen=True)
class Pooling:
    """A pooling, read. The input has the shape (channels, *cells); `outputs` is the size of an output map."""

    input: Tensor
    kind: str
    axes: tuple[Axis, ...]
    outputs: tuple[int, ...]
    ceil: bool
    include_pad: bool
    power: int
    size_mode: str | None

    @property
    def operands(self) -> Mapping[str, Tensor]:
        """The operands by name."""
        return {"input": self.input}

    @property
    def reduces(self) -> str:
        """What becomes of a window: max, min, average or lp."""
        return self.kind.removeprefix("global_")

    @property
    def is_single(self) -> bool:
        """Whether each channel gives one number."""
        return prod(self.outputs) == 1

    @cached_property
    def has_letters(self) -> bool:
        """Whether any entry is a letter."""
        return any(hasattr(cell, "free_symbols") for cell in self.input.cells)

    @property
    def has_indices(self) -> bool:
        """Whether every window has one cell that it takes its value from."""
        return self.reduces in ("max", "min") and not self.has_letters

    @property
    def hangs(self) -> bool:
        """Whether the last window hangs over the end of the padded input."""
        return any((o - 1) * a.stride + a.reach > a.padded for a, o in zip(self.axes, self.outputs, strict=True))

    def window(self, out: Index) -> list[list[Index]]:
        """The cells of the padded input under a window, row by row; what hangs over the end is left out."""
        spans = [
            [o * a.stride + tap * a.dilation for tap in range(a.kernel) if o * a.stride + tap * a.dilation < a.padded]
            for a, o in zip(self.axes, out, strict=True)
        ]
        return [[(*above, last) for last in spans[-1]] for above in product(*spans[:-1])]

    def source(self, padded: Index) -> Index | None:
        """The input cell at a place of the padded input; None for padding."""
        found = tuple(at - a.padding[0] for at, a in zip(padded, self.axes, strict=True))
        return found if all(0 <= at < a.input for at, a in zip(found, self.axes, strict=True)) else None

    def check_windows(self) -> None:
        """Refuse a window without any cell of the input. Raises ProblemError."""
        for number, axis in enumerate(self.axes):
            for out in range(self.outputs[number]):
                if not any(0 <= axis.source(out, tap) < axis.input for tap in range(axis.kernel)):
                    raise ProblemError(
                        f"padding is {list(axis.padding)}, so window {out + 1} lies on padding alone; a padding of at "
                        f"most {axis.reach // 2}, half of the window, is always safe"
                    )


def windows_along(axis: Axis, ceil: bool) -> int:
    """How many windows there are along an axis. The rule for `ceil` is torch's: none starts in the padding behind."""
    room = axis.padded - axis.reach
    count = room // axis.stride + 1
    if ceil:
        count = -(-room // axis.stride) + 1
        if count > 1 and (count - 1) * axis.stride >= axis.input + axis.padding[0]:
            count -= 1
    if count < 1:
        raise ProblemError(
            f"the window reaches {axis.reach} cells but the padded input has only {axis.padded}; "
            "make the window or its dilation smaller, or the padding larger"
        )
    return count


@dataclass
class Values:
    """The quantities of one solution as they are derived."""

    setting: Pooling
    notation: Notation
    detail: Detail

    def __post_init__(self) -> None:
        setting = self.setting
        self.symbols = symbols(self.notation)
        self.channels = setting.input.shape[0]
        self.is_padded = any(sum(axis.padding) for axis in setting.axes)
        self.by_lines = (
            len(setting.axes) == 2 and prod(a.kernel for a in setting.axes) > MOST_CELLS and not setting.hangs
            and (setting.include_pad or not self.is_padded)
        )  # fmt: skip
        self.quantities: dict[str, Quantity] = {
            "input": Quantity(self.symbols["input"], squeezed(setting.input, 1)),
            "size": size_quantity(setting.outputs, self.notation),
        }
        self.fill = {"max": -inf, "min": inf, "average": 0, "lp": 0}[setting.reduces]
        if self.is_padded:
            sizes = (self.channels, *(axis.padded for axis in setting.axes))
            padded = squeezed(Tensor.build(sizes, self._padded), 1)
            self.quantities["padded"] = Quantity(self.symbols["padded"], padded)
        shape = (self.channels, *setting.outputs)
        self.output = squeezed(Tensor.build(shape, self._output), 1)
        self.quantities["output"] = Quantity(self.symbols["output"], self.output, labelled_cells=True)
        if setting.has_indices:
            places = Tensor.build(shape, self._index)
            self.quantities["indices"] = Quantity(Symbol("I", "i"), squeezed(places, 1))
        if self.by_lines:
            lines = Tensor.build((*shape, setting.axes[0].kernel), self._line)
            self.quantities["lines"] = Quantity(Symbol("R", "r"), squeezed(lines, 3 if setting.is_single else 1))
        if any(hasattr(cell, "is_Pow") for cell in self.output.cells) and setting.reduces == "lp":
            from symconv.algebra import rounded

            cells = tuple(rounded(cell, DECIMALS) for cell in self.output.cells)
            self.quantities["rounded"] = Quantity(self.symbols["output"], Tensor(self.output.shape, cells))

    @property
    def lead(self) -> int:
        """How many leading axes the output has."""
        return len(lead((0, self.channels)))

    def _padded(self, at: Index) -> Any:
        found = self.setting.source(at[1:])
        return self.fill if found is None else self.setting.input[(at[0], *found)]

    def _cells(self, at: Index) -> list[list[Index]]:
        """The cells that count in one output entry, as places in the padded input, row by row."""
        rows = self.setting.window(at[1:])
        if self.setting.reduces == "average" and self.setting.include_pad:
            return rows
        inside = [[cell for cell in row if self.setting.source(cell) is not None] for row in rows]
        return [row for row in inside if row]

    def _reduced(self, values: list[Any]) -> Any:
        """The largest, the smallest, the sum, or the sum of the powers."""
        match self.setting.reduces:
            case "max" | "min" as name:
                if self.setting.has_letters:
                    from symconv.algebra import extreme

                    return extreme(name, values)
                return max(values) if name == "max" else min(values)
            case "lp":
                return total_of([value**self.setting.power for value in values])
            case _:
                return total_of(values)

    def _output(self, at: Index) -> Any:
        cells = [self._padded((at[0], *cell)) for row in self._cells(at) for cell in row]
        reduced = self._reduced(cells)
        if self.setting.reduces == "average":
            return self._part(reduced, len(cells))
        if self.setting.reduces == "lp" and self.setting.power > 1:
            from symconv.algebra import root

            return root(reduced, self.setting.power)
        return reduced

    @staticmethod
    def _part(value: Any, count: int) -> Any:
        if hasattr(value, "free_symbols"):
            return (value / count).expand()
        return exact(Fraction(value, count))

    def _winner(self, at: Index) -> Index:
        """The input cell that an entry takes its value from: the first one where there are several."""
        cells = [self.setting.source(cell) for row in self._cells(at) for cell in row]
        best = self._output(at)
        return next(cell for cell in cells if cell is not None and self.setting.input[(at[0], *cell)] == best)

    def _index(self, at: Index) -> int:
        cell = self._winner(at)
        return cell[0] if len(cell) == 1 else cell[0] * self.setting.axes[1].input + cell[1]

    def _line(self, at: Index) -> Any:
        row = self.setting.window(at[1:-1])[at[-1]]
        return self._reduced([self._padded((at[0], *cell)) for cell in row])
