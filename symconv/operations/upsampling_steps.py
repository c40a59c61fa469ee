"""The steps of an upsampling: size, coordinates and weights, entries, matrix, transposed convolution."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

from symconv.document import Equation, Grid, Prose, Quantity, Step, Symbol, Table, Window, WorkedSum
from symconv.entries import exact
from symconv.expression import Letter, Number, Put, Ref, Running, op
from symconv.notation import Notation
from symconv.operations import checks
from symconv.operations import steps as shared
from symconv.operations.base import Detail
from symconv.operations.block_toeplitz import vec_prose
from symconv.operations.geometry import lead, squeezed
from symconv.operations.upsampling_values import Upsampling
from symconv.tensor import Index, Tensor

SIDES = ("First weight", "Second weight")


@dataclass
class Work:
    """The quantities of one solution as they are derived, and the steps that show them."""

    setting: Upsampling
    notation: Notation
    detail: Detail

    def __post_init__(self) -> None:
        setting = self.setting
        self.dims, self.base = len(setting.shape), self.notation.index_base
        self.inputs, self.channels = setting.input.shape[0], setting.channels
        self.lead = len(lead((0, self.channels)))
        known = shared.symbols(self.notation)
        output = Tensor.build(
            (self.channels, *setting.shape),
            lambda at: shared.dot([(weight, setting.input[cell]) for weight, cell in setting.terms(at)]),
        )
        self.output = squeezed(output, 1)
        self.quantities = {
            "input": Quantity(known["input"], squeezed(setting.input, 1)),
            "size": shared.size_quantity(setting.shape, self.notation),
            "output": Quantity(known["output"], self.output, labelled_cells=True),
        }
        self.matrices = () if setting.factor else ("U", "V")[: self.dims]
        for axis, name in enumerate(self.matrices):
            rows = [dict(setting.weights(axis, out)) for out in range(setting.shape[axis])]
            shape = (setting.shape[axis], setting.input.shape[axis + 1])
            made = Tensor(shape, tuple(row.get(cell, 0) for row in rows for cell in range(shape[1])))
            self.quantities[name] = Quantity(Symbol(name, name.lower()), made)

    def given(self) -> Step:
        """The input, the kind and its convention."""
        setting = self.setting
        pictures = shared.grids("input", self.quantities["input"].value, len(lead((0, self.inputs))))
        linear = "bilinear" if self.dims == 2 else "linear"
        rules = {
            "half_pixel": "cells are squares and their centres are half a cell from the border (half-pixel, as torch)",
            "align_corners": "the first and the last entries of input and output lie on each other (align-corners)",
            "asymmetric": "the first entries of input and output lie on each other (asymmetric)",
        }
        text = {
            "nearest": "This is nearest-neighbour upsampling: every output entry repeats one input entry.",
            "bilinear": f"This is {linear} upsampling: every output entry is a weighted mean of its neighbours. "
            f"Coordinates: {rules[setting.rule]}.",
            "pixel_shuffle": "This is a pixel shuffle: the entries of several channels become the cells of one larger "
            "channel. Nothing is computed.",
        }[setting.kind]
        scales = [1 / ratio for ratio in setting.ratios]
        if setting.by_size:
            told = Prose("The output has the size {size}.", {"size": self._size()})
        elif len(set(scales)) == 1:
            told = Prose("The scale is {s}.", {"s": Number(exact(scales[0]))})
        else:
            values = {"rows": Number(exact(scales[0])), "columns": Number(exact(scales[1]))}
            told = Prose("The scale is {rows} down and {columns} across.", values)
        return Step("given", "Given", (pictures, Prose(text + " There are no weights to learn."), told))

    def _size(self) -> Any:
        return op("by", *self.setting.shape) if self.dims == 2 else Number(self.setting.shape[0])

    def size(self, asked: bool) -> Step:
        """The size of the output, o = floor(scale i); and the number of channels of a pixel shuffle."""
        setting = self.setting
        blocks: list[Any] = []
        if setting.by_size:
            blocks.append(Prose("The size is given: {size}.", {"size": self._size()}))
        else:
            axes = list(zip(setting.input.shape[1:], setting.ratios, setting.shape, strict=True))
            words = [""] if len(set(axes)) == 1 else ["Down the rows: ", "Along the columns: "]
            for where, (cells, ratio, outs) in zip(words, axes, strict=False):
                law: Any = op("mul", Letter("s", exact(1 / ratio)), Letter("i", cells))
                if ratio.numerator > 1:
                    law = op("floor", law)
                blocks += [Prose(where)] if where else []
                blocks.append(Equation((Letter("o", outs), law, Put(law), Number(outs))))
        if setting.factor:
            text = "{n} input channels make one output channel, so there {are} {c}."
            values = {"n": op("equals", op("pow", Letter("s"), 2), setting.factor**2), "c": Number(self.channels)}
            blocks.append(Prose(text.replace("{are}", "is" if self.channels == 1 else "are"), values))
        return Step("size", "Size of the output", (*blocks, *shared.size_result(setting.shape, asked)))

    def law(self) -> Step:
        """Where every entry comes from."""
        return self._shuffle_law() if self.setting.factor else self.axes_step()

    def _shuffle_law(self) -> Step:
        factor, base = self.setting.factor, self.base
        channel = (Running("c"),) if self.channels > 1 else ()
        ranges = [("c", base, base + self.channels - 1)] if channel else []
        for name, cells in zip("ij", self.setting.input.shape[1:], strict=True):
            ranges.append((name, base, base + cells - 1))
        ranges += [(name, base, base + factor - 1) for name in "mn"]
        places = [sum_of([(factor, i), (1, m)], -factor * base) for i, m in (("i", "m"), ("j", "n"))]
        first = [(factor**2, "c")] if channel else []
        rest = -base * (factor + (factor**2 if channel else 0))
        source = Ref("input", (sum_of([*first, (factor, "m"), (1, "n")], rest), Running("i"), Running("j")))
        text = (
            "The cells of a block are filled row by row, one from each channel: the offset {m} goes down, {n} across."
        )
        rows = []
        for place in product(range(factor), repeat=2):
            number = place[0] * factor + place[1]
            rows.append((Number(number + base), *(Number(part) for part in place)))
        table = Table(("Channel", "Cells down", "Cells across"), tuple(rows))
        law = Equation((Ref("output", (*channel, *places)), source), for_all=tuple(ranges))
        blocks = [Prose(text, {"m": Running("m"), "n": Running("n")}), law]
        told = "In every block of {s} cells" + (", for the first output channel:" if channel else ":")
        blocks += [Prose(told, {"s": op("by", factor, factor)}), table]
        return Step("law", "The law", tuple(blocks))

    def axes_step(self) -> Step:
        """Coordinates and weights along each axis, and the matrices that hold them."""
        setting = self.setting
        blocks: list[Any] = []
        nearest = setting.kind == "nearest"
        text = "Output index {u}, counted from 0, lies at {t} among the input indices"
        text += "; rounded down, that is the entry it repeats." if nearest else "."
        if setting.rule == "align_corners":
            text += " So the last output lies on the last input."
        alike = len({(n, o, r) for n, o, r in zip(setting.input.shape[1:], setting.shape, setting.ratios, strict=True)})
        for axis in range(self.dims if alike > 1 else 1):
            where = "" if alike == 1 else ("Down the rows: ", "Along the columns: ")[axis]
            blocks.append(Prose(where + text, {"u": Letter("u"), "t": self._coordinate(axis, Letter("u"))}))
            rows = []
            for out in range(setting.shape[axis]):
                shown = op(
                    "equals",
                    self._coordinate(axis, Letter("u", out), put=True),
                    Number(exact(setting.coordinate(axis, out))),
                )
                found = setting.weights(axis, out)
                cells = ", ".join(str(cell + self.base) for cell, _ in found)
                weights = [Number(weight) for _, weight in found]
                rows.append((Number(out), shown, cells, *([] if nearest else [*weights, ""][:2])))
            head = ("u", "Coordinate", "Input index") if nearest else ("u", "Coordinate", "Neighbours", *SIDES)
            blocks.append(Table(head, tuple(rows)))
        told = "Input indices are written from {b}. " if self.base else ""
        if not nearest:
            told += "A point between two neighbours takes one minus its distance from each."
            if any(self._is_beyond(axis) for axis in range(self.dims)):
                told += " A point beyond the border is moved onto it, so it takes the border cell alone."
        blocks += [Prose(told, {"b": Number(self.base)})] if told else []
        title = "Coordinates" if nearest else "Coordinates and weights"
        return Step("weights", title, tuple(blocks))

    def _is_beyond(self, axis: int) -> bool:
        """Whether an output cell lies beyond the border."""
        last = self.setting.input.shape[axis + 1] - 1
        return any(not 0 <= self.setting.coordinate(axis, out) <= last for out in range(self.setting.shape[axis]))

    def _coordinate(self, axis: int, u: Letter, put: bool = False) -> Any:
        """The law of the coordinate, with the numbers of the axis."""
        step = exact(self.setting.step(axis) if self.setting.rule == "align_corners" else self.setting.ratios[axis])
        half = Number(Fraction(1, 2))
        if self.setting.kind == "bilinear" and self.setting.rule == "half_pixel":
            law = op("add", op("mul", op("add", u, half), Number(step)), op("neg", half))
        else:
            law = op("mul", u, Number(step))
        return Put(law) if put else law

    def _ref(self, cell: Index) -> Ref:
        return Ref("input", (*lead((cell[0], self.inputs)), *cell[1:]))

    def _window(self, at: Index) -> Window:
        found = self.setting.terms(at)
        terms: list[Any] = []
        for weight, cell in found:
            terms.append(Put(self._ref(cell) if weight == 1 else op("mul", Number(weight), self._ref(cell))))
        target = Ref("output", (*lead((at[0], self.channels)), *at[1:]))
        part = lead((at[0], self.inputs))
        total = None if len(found) == 1 and found[0][0] == 1 else Put(target)
        grid = Grid("input", part, marked=frozenset(cell[1:] for _, cell in found))
        return Window(grid, WorkedSum(target, (tuple(terms),), total))

    def entries(self) -> Step:
        """Every entry as a weighted mean; for the other kinds the entries are told by their law."""
        setting = self.setting
        blocks: list[Any] = []
        if setting.kind != "bilinear":
            marked = frozenset(at[1:] for at in self._firsts())
            text = (
                "The first entry of every block is shaded." if not setting.by_size else "One entry of each is shaded."
            )
            blocks += [Prose(text), shared.grids("output", self.output, self.lead, marked=marked)]
            return Step("entries", "The entries", tuple(blocks))
        if self.dims == 2:
            blocks.append(Prose("The weight of a cell is the product of its weights down and across."))
        for channel in range(self.channels):
            if self.channels > 1:
                blocks.append(Prose("Channel {c}:", {"c": Number(channel + self.base)}))
            cells = [(channel, *out) for out in product(*map(range, setting.shape))]
            blocks += shared.entries_blocks(cells, self._window, self.detail)
        return Step("entries", "The entries", tuple(blocks))

    def _firsts(self) -> list[Index]:
        """For every input cell the first output cell of the first channel that takes from it."""
        found: dict[Index, Index] = {}
        for out in product(*map(range, self.setting.shape)):
            cells = self.setting.terms((0, *out))
            found.setdefault(cells[0][1][1:], (0, *out))
        return list(found.values())

    def result(self) -> Step:
        """The output, boxed."""
        return shared.result_step(self.output, self.lead)

    def check(self) -> list[Step]:
        """The same by one matrix for each axis; a pixel shuffle only moves entries."""
        setting = self.setting
        if setting.factor:
            for name in ("input", "output"):
                checks.add_total(self.quantities, name)
            sides = (checks.total("output"), checks.total("input"), checks.number_of("output"))
            return [Step("check", "Check", (Prose("Entries are only moved, so the total stays:"), Equation(sides)))]
        return [Step("check", "The same by matrices", tuple(self._axis_products()))]

    def _axis_products(self) -> list[Any]:
        """Y = U A V^T: one matrix of weights for each axis."""
        same = self.dims == 2 and self.quantities["U"].value == self.quantities["V"].value
        text = "Each row of {U} holds the weights of one output index"
        text += " down" if self.dims == 2 and not same else ""
        text += ", each row of {V} those of one index across:" if self.dims == 2 and not same else ":"
        shown = self.matrices[: 1 if same else self.dims]
        blocks: list[Any] = [Prose(text, {name: Ref(name) for name in self.matrices})]
        blocks += [Equation((Ref(name), Put(Ref(name)))) for name in shown]
        across = "U" if same else "V"
        for c in range(self.channels):
            whole, source = (Ref("output", (c,)), Ref("input", (c,))) if self.lead else (Ref("output"), Ref("input"))
            moved = op("matmul", Ref("U"), source)
            if self.dims == 2:
                moved = op("matmul", moved, op("transpose", Ref(across)))
            blocks.append(Equation((whole, moved)))
        return blocks

    def matrix(self) -> list[Step]:
        """The matrix C of the whole map: of one channel, or of all where channels become pixels."""
        setting = self.setting
        inputs = self.inputs if setting.factor else 1
        outs = [(c, *at) for c in range(self.channels if setting.factor else 1)
                for at in product(*map(range, setting.shape))]  # fmt: skip
        shape = (len(outs), inputs * prod(setting.input.shape[1:]))
        places = {at: n for n, at in enumerate(product(range(inputs), *map(range, setting.input.shape[1:])))}
        rows = [{places[cell]: weight for weight, cell in setting.terms(at)} for at in outs]
        made = Tensor(shape, tuple(row.get(column, 0) for row in rows for column in range(shape[1])))
        self.quantities["C"] = Quantity(Symbol("C", "c"), made)
        text = "Upsampling is linear, so one matrix {C} does all of it: {n} rows, one for each output entry"
        text += " of a channel" if self.channels > 1 and not setting.factor else ""
        text += ", and {m} columns. " + (vec_prose("row", bool(setting.factor)) if self.dims == 2 else "")
        values = {"C": Ref("C"), "n": Number(shape[0]), "m": Number(shape[1])}
        blocks: list[Any] = [Prose(text, values), Equation((Ref("C"), Put(Ref("C"))), boxed=True)]
        wholes = [(Ref("output"), Ref("input"))]
        if self.channels > 1 and not setting.factor:
            wholes = [(Ref("output", (c,)), Ref("input", (c,))) for c in range(self.channels)]
        for whole, source in wholes:
            blocks.append(Equation((op("vec_row", whole), op("matmul", Ref("C"), op("vec_row", source)))))
        if setting.factor:
            blocks.append(Prose("Every row and every column has a single 1: {C} is a permutation.", {"C": Ref("C")}))
        else:
            blocks.append(Prose("Every row adds up to 1: an output entry is a weighted mean."))
        return [Step("C", "The matrix", tuple(blocks))]


def sum_of(terms: list[tuple[int, str]], rest: int) -> Any:
    """A sum of multiples of running indices and a constant, in that order."""
    made: list[Any] = [Running(name) if n == 1 else op("mul", n, Running(name)) for n, name in terms]
    return op("add", *made, rest) if rest else op("add", *made) if len(made) > 1 else made[0]
