"""The quantities of a fold and the steps that show them: the windows, the sums, the divisor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

from symconv.document import Equation, Grid, Grids, Prose, Quantity, Step, SumTable, Symbol, WorkedSum
from symconv.errors import ProblemError
from symconv.expression import Number, Put, Ref, op
from symconv.notation import Notation
from symconv.operations.base import Detail
from symconv.operations.geometry import Geometry, lead, squeezed
from symconv.operations.steps import (
    dot,
    grids,
    is_wide,
    padding_in_words,
    parts,
    size_law,
    sizes_in_words,
    symbols,
)
from symconv.operations.unfold import patch_rows
from symconv.tensor import Index, Tensor

MOST_PATCHES = 9  # that are all drawn
MOST_SUMS = 36


@dataclass(frozen=True)
class Fold:
    """A patch matrix and the geometry of its windows, whose axes lead from the output to the windows."""

    patches: Tensor
    geometry: Geometry
    index_base: int

    @property
    def operands(self) -> Mapping[str, Tensor]:
        """The operands by name."""
        return {"input": self.patches}

    @property
    def has_letters(self) -> bool:
        """Whether any entry is a letter."""
        return any(hasattr(cell, "free_symbols") for cell in self.patches.cells)


@dataclass
class Work:
    """The quantities of one solution as they are derived, and the steps that show them."""

    setting: Fold
    notation: Notation
    detail: Detail

    def __post_init__(self) -> None:
        self.geometry, self.patches = self.setting.geometry, self.setting.patches
        written = symbols(self.notation)
        self.quantities: dict[str, Quantity] = {"input": Quantity(Symbol("P", "p"), self.patches)}
        shape = (self.geometry.channels, *self.geometry.input)
        self.met: dict[Index, list[Index]] = {at: [] for at in product(*map(range, shape))}
        for row, (channel, place) in enumerate(patch_rows(self.geometry)):
            for column, out in enumerate(self.geometry.outputs()):
                cell = self.geometry.cell(self.geometry.in_padded(out, place))
                if cell is not None:
                    self.met[(channel, *cell)].append((row, column))
        for places in self.met.values():
            places.sort(key=lambda place: place[::-1])  # column by column
        folded = Tensor.build(shape, lambda at: dot([], [self.patches[place] for place in self.met[at]]))
        self.output = squeezed(folded, 1)
        self.quantities["output"] = Quantity(written["output"], self.output, labelled_cells=True)
        self.lead = len(lead((0, self.geometry.channels)))
        counts = Tensor.build(self.geometry.input, lambda at: len(self.met[(0, *at)]))
        self.quantities["divisor"] = Quantity(Symbol("D", "d"), counts)
        self.counts = counts

    def given(self) -> Step:
        """The patch matrix, the parameters, and the convention in force."""
        axes = self.geometry.axes
        values: dict[str, Any] = {"P": Ref("input")}
        text = "Every column of {P} is a patch" + (": a window read row by row" if len(axes) == 2 else "")
        text += ", channel after channel" if self.geometry.channels > 1 else ""
        text += ". Fold lays each patch back on its window and adds what falls on the same cell. This is the order "
        text += "that torch uses."
        size = op("by", *self.geometry.kernel) if len(axes) == 2 else Number(axes[0].kernel)
        shape = op("by", *self.geometry.input) if len(axes) == 2 else Number(axes[0].input)
        parameters: dict[str, Any] = {"size": size, "shape": shape}
        words = "Windows of the size {size} on an output of the size {shape}, stride "
        words += sizes_in_words("s", [axis.stride for axis in axes], parameters) + ", "
        words += padding_in_words([axis.padding for axis in axes], parameters)
        words += f", dilation {sizes_in_words('d', [axis.dilation for axis in axes], parameters)}."
        shown = Equation((Ref("input"), Put(Ref("input"))))
        return Step("given", "Given", (shown, Prose(text, values), Prose(words, parameters)))

    def windows(self) -> Step:
        """How many windows fit, and where the first ones lie."""
        axes, hat = self.geometry.axes, self.geometry.is_dilated
        count = op("mul", *(Number(axis.output) for axis in axes)) if len(axes) == 2 else Number(axes[0].output)
        blocks: list[Any] = [Prose("Along an axis there are as many windows as a direct layer has outputs:")]
        blocks += [Equation(size_law(axis, hat)) for axis in dict.fromkeys(axes)]
        sides = (count, Number(prod(self.geometry.output))) if len(axes) == 2 else (count,)
        said = op("equals", *sides) if len(sides) == 2 else sides[0]
        blocks.append(Prose("So {P} has {n} columns.", {"P": Ref("input"), "n": said}))
        return Step("windows", "The windows", tuple(blocks))

    def added(self) -> Step:
        """Every output cell as the sum of the entries that fall on it."""
        blocks = [] if self.setting.has_letters else self._laid()
        sums = []
        for at, places in self.met.items():
            terms = tuple(Put(Ref("input", place)) for place in places)
            target = Ref("output", at if self.lead else at[1:])
            sums.append(WorkedSum(target, (terms,) if terms else (), Put(target) if len(terms) > 1 else None))
        text = "Every cell adds the entries that fall on it, column by column of {P}:"
        blocks += [Prose(text, {"P": Ref("input")}), SumTable(tuple(sums[:MOST_SUMS]))]
        if len(sums) > MOST_SUMS:
            blocks.append(Prose("The other {n} cells follow in the same way.", {"n": Number(len(sums) - MOST_SUMS)}))
        return Step("sums", "Adding the patches", tuple(blocks))

    def _laid(self) -> list[Any]:
        """The columns, each laid on its window; the first ones where there are many."""
        count = self.patches.shape[1]
        shown = count if count <= MOST_PATCHES else 4
        drawn = []
        for column in range(shown):
            name = f"A_{column + self.notation.index_base}"
            shape = (self.geometry.channels, *self.geometry.input)
            alone = {at: next((p for p in places if p[1] == column), None) for at, places in self.met.items()}
            cells = tuple(0 if place is None else self.patches[place] for place in alone.values())
            value = squeezed(Tensor(shape, cells), 1)
            self.quantities[name] = Quantity(Symbol("A", "a", sub=name[2:]), value)
            part = (0,) * self.lead
            marked = frozenset(at[1:] for at, place in alone.items() if place is not None and at[0] == 0)
            drawn.append(Grid(name, part, Prose("{it}", {"it": Ref(name, part or None)}), marked=marked))
        words = "Each column, laid on its window" if shown == count else "The first columns, each laid on its window"
        blocks: list[Any] = [Prose(words + (" in the first channel:" if self.lead else ":")), Grids(tuple(drawn))]
        if 1 < shown == count:
            names = [Ref(f"A_{column + self.notation.index_base}") for column in range(count)]
            blocks.append(Equation((Ref("output"), op("add", *names))))
        return blocks

    def divided(self, ask: str) -> list[Step]:
        """The divisor, and the output divided by it where every cell was covered."""
        whole = 0 not in self.counts.cells
        if ask == "restored" and not whole:
            raise ProblemError("some cell of the output lies in no window, so its divisor is 0; ask for the output")
        text = "The divisor {D} counts how many windows cover each cell: it is what fold makes of a matrix of ones."
        blocks: list[Any] = [Prose(text, {"D": Ref("divisor")}), grids("divisor", self.counts, 0)]
        if ask == "divisor":
            blocks.append(Equation((Ref("divisor"), Put(Ref("divisor"))), boxed=True))
        made = [Step("divisor", "The divisor", tuple(blocks))]
        if not whole:
            note = Prose("A cell that no window covers stays 0 and cannot be restored.")
            return [Step("divisor", "The divisor", (*blocks, note))]
        if ask == "divisor" or (ask == "output" and is_wide(self.output)):
            return made
        shape = self.output.shape
        cells = Tensor.build(shape, lambda at: _quotient(self.output[at], self.counts[at[self.lead :]]))
        letter = self.notation.output
        self.quantities["restored"] = Quantity(Symbol(letter, self.notation.cell(letter), accent="bar"), cells)
        shown = [Equation((part, Put(part)), boxed=ask == "restored") for part in parts("restored", cells, self.lead)]
        text = "Fold adds, so it does not undo unfold. Divided cell by cell by {D} the result is the mean of what "
        text += "falls on each cell. If {P} was cut out of an input by unfold, this gives that input back:"
        prose = Prose(text, {"D": Ref("divisor"), "P": Ref("input")})
        return [*made, Step("restored", "Divided by the divisor", (prose, *shown))]


def _quotient(cell: Any, count: int) -> Any:
    return dot([(cell, Fraction(1, count))])
