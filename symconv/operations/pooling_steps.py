"""The steps of a pooling: size, padding, the law, the windows, the indices, the checks."""

from __future__ import annotations

from functools import partial
from itertools import product
from math import prod
from typing import Any

from symconv.axis import Axis
from symconv.document import Equation, Grid, Grids, Prose, Quantity, Step, SumTable, Table, Window, Windows, WorkedSum
from symconv.expression import Letter, Number, Put, Ref, Running, Sigma, op
from symconv.operations import checks
from symconv.operations import steps as shared
from symconv.operations.base import Detail
from symconv.operations.geometry import lead
from symconv.operations.pooling_values import DECIMALS, Values
from symconv.tensor import Index, Tensor

ROW_WORDS = {"max": "the largest entry", "min": "the smallest entry", "average": "the sum", "lp": "the sum of powers"}


class Work(Values):
    """The steps of one solution."""

    def given(self) -> Step:
        """The input, the kind and the parameters."""
        setting = self.setting
        what = {
            "max": "This is max pooling: every entry is the largest entry of its window.",
            "min": "This is min pooling: every entry is the smallest entry of its window.",
            "average": "This is average pooling: every entry is the average of its window.",
            "lp": "This is pooling by the p-norm: every entry is the p-th root of the sum of the p-th powers.",
            "global_max": "This is global max pooling: the window is the whole channel.",
            "global_average": "This is global average pooling: the window is the whole channel.",
        }[setting.kind]
        what += " There are no weights" + (
            ", and every channel is pooled by itself." if self.channels > 1 else " to learn."
        )
        blocks: list[Any] = [shared.grids("input", self.quantities["input"].value, self.lead), Prose(what)]
        if not setting.kind.startswith("global"):
            values: dict[str, Any] = {}
            sentence = "Window {window}, "
            values["window"] = op("by", *(a.kernel for a in setting.axes))
            sentence += f"stride {shared.sizes_in_words('s', [a.stride for a in setting.axes], values)}, "
            sentence += shared.padding_in_words([axis.padding for axis in setting.axes], values)
            sentence += f" ({setting.size_mode})" if setting.size_mode else ""
            sentence += f", dilation {shared.sizes_in_words('d', [a.dilation for a in setting.axes], values)}"
            sentence += ", the size rounded up (ceil mode)." if setting.ceil else ", the size rounded down."
            if setting.reduces == "average" and any(sum(axis.padding) for axis in setting.axes):
                sentence += " Cells of the padding " + ("count as zeros." if setting.include_pad else "do not count.")
            if setting.reduces == "lp":
                sentence += " The power is {power}."
                values["power"] = op("equals", Letter("p"), setting.power)
            blocks.append(Prose(sentence, values))
        return Step("given", "Given", tuple(blocks))

    def size(self, asked: bool) -> Step:
        """The size of the output, rounded down or up."""
        if self.setting.kind.startswith("global"):
            text = "The window is as large as the channel, so it fits in one place only: one number for each channel."
            return Step("size", "Size of the output", (Prose(text), *shared.size_result(self.setting.outputs, asked)))
        if not self.setting.ceil:
            return shared.size_step(self.setting.axes, asked)
        hat = any(axis.dilation > 1 for axis in self.setting.axes)
        text = (
            "In ceil mode a last window may hang over the end, so the quotient is rounded up. But the last window must "
            "start inside the input or the padding before it."
        )
        blocks: list[Any] = [Prose(text)]
        pairs = dict(shared.axis_names(self.setting.axes))
        for (where, axis), outputs in zip(pairs.items(), self.setting.outputs, strict=False):
            blocks += [Prose(where)] if where else []
            blocks += [shared.reach_equation(axis)] if hat else []
            blocks += ceil_blocks(axis, outputs, hat)
        return Step("size", "Size of the output", (*blocks, *shared.size_result(self.setting.outputs, asked)))

    def padded_step(self) -> list[Step]:
        """The padded input, where there is padding."""
        if not self.is_padded:
            return []
        spans = [range(axis.padded) for axis in self.setting.axes]
        put_on = frozenset(at for at in product(*spans) if self.setting.source(at) is None)
        text = {
            "max": "Surround the input by cells of {fill} (shaded). They can never be the largest, whatever the input.",
            "min": "Surround the input by cells of {fill} (shaded). They can never be the smallest, whatever the "
            "input.",
            "average": "Surround the input by zeros (shaded). "
            + (
                "They count: a sum is divided by the number of all cells of its window."
                if self.setting.include_pad
                else "They do not count: a sum is divided by the number of cells of the input in its window."
            ),
            "lp": "Surround the input by zeros (shaded). They add nothing to a sum of powers.",
        }[self.setting.reduces]
        shown = shared.grids("padded", self.quantities["padded"].value, self.lead, muted=put_on)
        return [Step("padded", "The padded input", (Prose(text, {"fill": Number(self.fill)}), shown))]

    def law(self) -> list[Step]:
        """The formula for every entry at once, where every window has the same number of cells."""
        setting, base = self.setting, self.notation.index_base
        counts_all = setting.include_pad or not self.is_padded
        if setting.reduces not in ("average", "lp") or setting.hangs or not counts_all or setting.is_single:
            return []
        outs, taps = ("i", "j")[: len(setting.axes)], ("m", "n")[: len(setting.axes)]
        channel = (Running("c"),) if self.channels > 1 else ()
        name = "padded" if self.is_padded else "input"
        cell: Any = Ref(name, (*channel, *map(partial(_place, base), setting.axes, outs, taps)))
        body = op("pow", cell, setting.power) if setting.reduces == "lp" and setting.power > 1 else cell
        for axis, tap in reversed(list(zip(setting.axes, taps, strict=True))):
            body = Sigma(tap, Number(base), Number(base + axis.kernel - 1), body)
        if setting.reduces == "average":
            body = op("mul", op("div", 1, prod(axis.kernel for axis in setting.axes)), body)
            text = "Every entry is the sum over its window, divided by the number of cells:"
        else:
            body = op("root", body, setting.power) if setting.power > 1 else body
            text = "Every entry is the root of the sum of powers over its window:"
        ranges = [(name, base, base + size - 1) for name, size in zip(outs, setting.outputs, strict=True)]
        ranges = [("c", base, base + self.channels - 1), *ranges] if channel else ranges
        target = Ref("output", (*channel, *map(Running, outs)))
        return [Step("sum", "The law", (Prose(text), Equation((target, body), for_all=tuple(ranges))))]

    def entries(self) -> Step:
        """Every output entry with its window."""
        blocks: list[Any] = []
        if self.setting.hangs:
            over = "A window that hangs over the end has fewer cells"
            over += ", and its sum is divided by their number." if self.setting.reduces == "average" else "."
            blocks.append(Prose(over))
        for channel in range(self.channels):
            if self.channels > 1:
                blocks.append(Prose("Channel {c}:", {"c": Number(channel + self.notation.index_base)}))
            cells = [(channel, *out) for out in product(*map(range, self.setting.outputs))]
            if self.by_lines:
                blocks += self._line_by_line(cells)
            else:
                blocks += shared.entries_blocks(cells, self._window, self.detail)
        return Step("entries", "The entries", tuple(blocks))

    def _line_by_line(self, cells: list[Index]) -> list[Any]:
        """Large windows: every row first, then the rows together."""
        name = ROW_WORDS[self.setting.reduces]
        blocks: list[Any] = [Prose(f"First {name} of every row of the window, then the rows together.")]
        most = len(cells) if self.detail.full else max(1, self.detail.worked // 4)
        for at in cells[:most]:
            blocks.append(SumTable(tuple(self._row_sum(at, row) for row in range(self.setting.axes[0].kernel))))
            blocks.append(Windows((self._window(at),)))
        if cells[most:]:
            blocks += shared.entries_blocks(cells[most:], self._window, Detail(0))
        return blocks

    def _row_sum(self, at: Index, row: int) -> WorkedSum:
        refs = [self._ref(at[0], cell) for cell in self.setting.window(at[1:])[row]]
        target = self._line_ref(at, row)
        terms: tuple[Any, ...] = (Put(op(self.setting.reduces, *refs)),)  # type: ignore[arg-type]
        if self.setting.reduces in ("average", "lp"):
            terms = tuple(Put(self._powered(ref)) for ref in refs)
        return WorkedSum(target, (terms,), Put(target))

    def _line_ref(self, at: Index, row: int) -> Ref:
        return Ref("lines", (*lead((at[0], self.channels)), *(() if self.setting.is_single else at[1:]), row))

    def _ref(self, channel: int, cell: Index) -> Ref:
        return Ref("padded" if self.is_padded else "input", (*lead((channel, self.channels)), *cell))

    def _powered(self, ref: Ref) -> Any:
        plain = self.setting.reduces != "lp" or self.setting.power == 1
        return ref if plain else op("pow", ref, self.setting.power)

    def _window(self, at: Index) -> Window:
        setting = self.setting
        marked = frozenset(cell for row in setting.window(at[1:]) for cell in row)
        places = [cell for row in self._cells(at) for cell in row]
        refs = [self._powered(self._ref(at[0], cell)) for cell in places]
        count = len(refs)
        if self.by_lines:
            refs = [self._line_ref(at, row) for row in range(setting.axes[0].kernel)]
        if len(refs) == 1 and setting.reduces != "lp":
            made = refs[0]
        elif setting.reduces in ("max", "min"):
            made = op(setting.reduces, *refs)  # type: ignore[arg-type]
        else:
            made = op("add", *refs)
            if setting.reduces == "average":
                made = op("div", made, count)
            elif setting.power > 1:
                made = op("root", made, setting.power)
        target = Ref("output", (*lead((at[0], self.channels)), *at[1:]))
        values = [self._padded((at[0], *cell)) for cell in places]
        letters = len(set(values)) == len(values) and all(hasattr(value, "is_Symbol") for value in values)
        final = made == refs[0] or (letters and not self.by_lines)
        source = "padded" if self.is_padded else "input"
        grid = Grid(source, lead((at[0], self.channels)), marked=marked)
        return Window(grid, WorkedSum(target, ((Put(made),),), None if final else Put(target)))

    def places(self) -> list[Step]:
        """The indices: where the largest entry of every window stands."""
        setting, base = self.setting, self.notation.index_base
        best = "largest" if setting.reduces == "max" else "smallest"
        rows: list[tuple[Any, ...]] = []
        won: dict[int, set[Index]] = {}
        width = setting.axes[-1].input
        for at in product(range(self.channels), *map(range, setting.outputs)):
            cell = self._winner(at)
            won.setdefault(at[0], set()).add(cell)
            channel = lead((at[0], self.channels))
            counted: Any = Number(cell[0])
            if len(cell) == 2:
                counted = op("equals", op("add", op("mul", cell[0], width), cell[1]), self._index(at))
            output = Ref("output", (*channel, *at[1:]))
            rows.append((output, Put(output), Ref("input", (*channel, *cell)), counted))
        values: dict[str, Any] = {}
        text = f"The index says where the {best} entry of a window stands in its channel, counted "
        if len(setting.axes) == 2:
            text += "row by row from 0, padding left out (as torch does): the cell {cell} of an input with {w} columns "
            text += "has the index {law}."
            i = op("add", Running("i"), -base) if base else Running("i")
            law = op("add", op("mul", width, i), Running("j"), *([-base] if base else []))
            any_cell = Ref("input", (*(0,) * self.lead, Running("i"), Running("j")))
            values = {"cell": any_cell, "w": Number(width), "law": law}
        else:
            text += "from 0, padding left out."
        text += f" Where several entries are {best}, the first one counts."
        value = self.quantities["input"].value
        shown = [
            Grid("input", ref.index or (), Prose("{it}", {"it": ref}), marked=frozenset(won[number]))
            for number, ref in enumerate(shared.parts("input", value, self.lead))
        ]
        head = ("Entry", best.capitalize(), "Stands at", "Index")
        blocks: list[Any] = [Prose(text, values), Table(head, tuple(rows)), Grids(tuple(shown))]
        places = self.quantities["indices"].value
        blocks += [Equation((ref, Put(ref)), boxed=True) for ref in shared.parts("indices", places, self.lead)]
        return [Step("indices", f"Where the {best} entries stand", tuple(blocks))]

    def result(self) -> list[Step]:
        """The output, boxed, with decimals beside roots that are no rational numbers."""
        step = shared.result_step(self.output, self.lead)
        if "rounded" not in self.quantities:
            return [step]
        rows = tuple(
            (Ref("output", at), Put(Ref("output", at)), op("decimal", Ref("rounded", at)))
            for at in self.output.indices()
            if hasattr(self.output[at], "is_Pow")
        )
        table = Table(("Entry", "Exact", f"Rounded to {DECIMALS} decimals"), rows)
        return [Step(step.label, step.title, (*step.blocks, Prose("In decimals:"), table))]

    def check(self) -> list[Step]:
        """Extremes are handed on where windows cover everything; totals are divided where they tile the input."""
        setting = self.setting
        covers = all(
            {a.source(o, tap) for o in range(n) for tap in range(a.kernel)} >= set(range(a.input))
            for a, n in zip(setting.axes, setting.outputs, strict=True)
        )
        tiles = covers and all(a.stride == a.kernel and a.padding == (0, 0) for a in setting.axes)
        if setting.has_letters or not covers:
            return []
        if setting.reduces in ("max", "min"):
            value = max(self.output.cells) if setting.reduces == "max" else min(self.output.cells)
            name = f"{setting.reduces}(output)"
            self.quantities[name] = Quantity(self.symbols["output"], Tensor((), (value,)))
            word = "largest" if setting.reduces == "max" else "smallest"
            text = f"Every input cell lies in some window, so the {word} entry of all must come through:"
            sides = (op(setting.reduces, Ref("output")), op(setting.reduces, Ref("input")), Put(Ref(name, ())))  # type: ignore[arg-type]
            return [Step("check", "Check", (Prose(text), Equation(sides)))]
        if setting.reduces != "average" or not tiles or setting.hangs or any(a.dilation > 1 for a in setting.axes):
            return []
        checks.add_total(self.quantities, "input")
        checks.add_total(self.quantities, "output")
        count = prod(axis.kernel for axis in setting.axes)
        text = "Every input cell lies in exactly one window, so the total is divided like every window:"
        shown = op("div", Ref("total(input)", ()), count)
        totals = (
            checks.total("output"),
            op("div", checks.total("input"), count),
            Put(shown),
            checks.number_of("output"),
        )
        return [Step("check", "Check", (Prose(text), Equation(totals)))]


def _place(base: int, axis: Axis, out: str, tap: str) -> Any:
    """The cell of the padded input under a tap, both counted from the index base: 2i + m - 2."""
    terms: list[Any] = [Running(out) if axis.stride == 1 else op("mul", axis.stride, Running(out))]
    if axis.kernel > 1 or base:
        terms.append(Running(tap) if axis.dilation == 1 else op("mul", axis.dilation, Running(tap)))
    constant = base - (axis.stride + axis.dilation) * base
    return op("add", *terms, *([constant] if constant else []))


def ceil_blocks(axis: Axis, outputs: int, hat: bool) -> list[Any]:
    """The size of one axis in ceil mode, and whether the last window starts where it may."""
    room = op("add", *shared.padding_terms(axis), op("neg", shared.reach_letter(axis, hat)))
    law = op("add", op("ceil", op("div", room, Letter("s", axis.stride))), 1)
    rounded_up = -(-(axis.padded - axis.reach) // axis.stride) + 1
    o = (Letter("o", outputs),) if rounded_up == outputs else ()
    blocks: list[Any] = [Equation((*o, law, Put(law), Number(rounded_up)))]
    first_part = op("add", Letter("i", axis.input), Letter("p", axis.padding[0], sub="" if _even(axis) else "1"))
    start = op("mul", op("add", rounded_up, -1), Letter("s", axis.stride))
    if o:
        if (axis.padded - axis.reach) % axis.stride:
            text = "The last window starts {n} cells after the first, before the padding behind begins: {fits}."
            blocks.append(Prose(text, {"n": Put(start), "fits": Put(op("gt", first_part, start))}))
        else:
            blocks.append(Prose("The division leaves no rest, so rounding up changes nothing here."))
    else:
        text = (
            "Window number {n} would start in the padding behind the input: {late}. It is left out, so {o} as when "
            "rounding down."
        )
        late, size = Put(op("le", first_part, start)), op("equals", Letter("o"), outputs)
        blocks.append(Prose(text, {"n": Number(rounded_up), "late": late, "o": size}))
    return blocks


def _even(axis: Axis) -> bool:
    return axis.padding[0] == axis.padding[1]
