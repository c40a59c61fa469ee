"""The quantities of two layers as one and the steps that show them: the stretched kernels, size, products, a check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from symconv.document import Equation, Equations, Grid, Grids, Prose, Quantity, Step, SumTable, Symbol, WorkedSum
from symconv.expression import Letter, Number, Put, Ref, op
from symconv.notation import Notation
from symconv.operations.steps import dot, is_final, is_wide, result_step, sizes_in_words, symbols
from symconv.tensor import Index, Tensor

MOST_SUMS = 49


@dataclass(frozen=True)
class Composed:
    """Two kernels with stride and dilation per axis, and the input that checks them."""

    first: Tensor
    second: Tensor
    input: Tensor
    strides: tuple[Index, Index]
    dilations: tuple[Index, Index]

    @property
    def operands(self) -> Mapping[str, Tensor]:
        """The operands by name."""
        return {"first": self.first, "second": self.second, "input": self.input}

    @property
    def apart(self) -> Index:
        """How many input cells lie between neighbouring taps of the second kernel."""
        return tuple(d * s for d, s in zip(self.dilations[1], self.strides[0], strict=True))

    @property
    def stride(self) -> Index:
        """The stride of the single layer."""
        return tuple(a * b for a, b in zip(*self.strides, strict=True))

    @property
    def size(self) -> Index:
        """The size of the single kernel."""
        sizes = zip(self.first.shape, self.dilations[0], self.second.shape, self.apart, strict=True)
        return tuple((k1 - 1) * d1 + (k2 - 1) * a + 1 for k1, d1, k2, a in sizes)


class Work:
    """The quantities of one solution as they are derived, and the steps that show them."""

    def __init__(self, setting: Composed, notation: Notation) -> None:
        self.setting, self.notation, self.dims = setting, notation, len(setting.stride)
        letter = notation.kernel
        cell, written = notation.cell(letter), symbols(notation)
        first, second = setting.first, setting.second
        self.met: dict[Index, list[tuple[Index, Index]]] = {at: [] for at in product(*map(range, setting.size))}
        for m, n in product(first.indices(), second.indices()):
            places = zip(m, setting.dilations[0], n, setting.apart, strict=True)
            self.met[tuple(a * d + b * e for a, d, b, e in places)].append((m, n))
        kernel = Tensor.build(setting.size, lambda at: dot([(first[m], second[n]) for m, n in self.met[at]]))
        self.quantities: dict[str, Quantity] = {
            "first": Quantity(Symbol(letter, cell, sub="1"), first),
            "second": Quantity(Symbol(letter, cell, sub="2"), second),
            "kernel": Quantity(Symbol(letter, cell), kernel, labelled_cells=True),
            "size": Quantity(Symbol("k", "k"), Tensor((self.dims,), setting.size)),
            "stride": Quantity(Symbol("s", "s"), Tensor((self.dims,), setting.stride)),
        }
        self.names = ["first", "second"]
        for number, (name, apart) in enumerate((("first", setting.dilations[0]), ("second", setting.apart))):
            if any(a > 1 and n > 1 for a, n in zip(apart, self.quantities[name].value.shape, strict=True)):
                self.names[number] = f"dilated_{name}"
                symbol = Symbol(letter, cell, accent="hat", sub=str(number + 1))
                spread = self.quantities[name].value.spread(apart)
                self.quantities[f"dilated_{name}"] = Quantity(symbol, spread)
        middle = _window_sums(setting.input, first, setting.strides[0], setting.dilations[0])
        self.quantities["input"] = Quantity(written["input"], setting.input)
        self.quantities["middle"] = Quantity(Symbol("M", "m"), middle)
        self.output = _window_sums(middle, second, setting.strides[1], setting.dilations[1])
        self.quantities["output"] = Quantity(written["output"], self.output, labelled_cells=True)
        direct = _window_sums(setting.input, kernel, setting.stride, (1,) * self.dims)
        symbol = Symbol(notation.output, notation.cell(notation.output), accent="tilde")
        self.quantities["direct"] = Quantity(symbol, direct)

    def given(self) -> Step:
        """Both kernels, their parameters, and the convention in force."""
        values: dict[str, Any] = {}
        text = "Two cross-correlations without padding, one after the other; the kernels slide as they are. "
        for n, word in enumerate(("First", "Second")):
            text += f"{word} layer: stride {sizes_in_words(f's{n}', self.setting.strides[n], values)}, "
            text += f"dilation {sizes_in_words(f'd{n}', self.setting.dilations[n], values)}. "
        grids = (_grid("first"), _grid("second"))
        return Step("given", "Given", (Grids(grids), Prose(text.strip(), values)))

    def _axes(self) -> list[tuple[str, int]]:
        """The different axes with a word for each."""
        setting = self.setting
        every = (setting.first.shape, setting.second.shape, *setting.strides, *setting.dilations)
        if self.dims == 1 or all(len(set(part)) == 1 for part in every):
            return [("", 0)]
        return [("Down the rows: ", 0), ("Along the columns: ", 1)]

    def stretched(self) -> Step:
        """How far apart the taps of both kernels stand in cells of the input."""
        setting = self.setting
        d, s = Letter("d", sub="2"), Letter("s", sub="1")
        text = "One step in the output of the first layer is {s} cells in the input. So the taps of the second "
        text += "kernel, {d} apart in what it reads, stand {a} cells of the input apart:"
        blocks: list[Any] = [Prose(text, {"s": s, "d": d, "a": op("mul", d, s)})]
        for word, axis in self._axes():
            blocks += [Prose(word)] if word else []
            step = Letter("s", setting.strides[0][axis], sub="1")
            apart = op("mul", Letter("d", setting.dilations[1][axis], sub="2"), step)
            blocks.append(Equation((apart, Put(apart), Number(setting.apart[axis]))))
        drawn = [name for name in self.names if name.startswith("dilated")]
        if drawn:
            blocks.append(Prose(f"With zeros between {'its' if len(drawn) == 1 else 'their'} taps:"))
            blocks.append(Grids(tuple(map(_grid, drawn))))
        return Step("stretched", "In cells of the input", tuple(blocks))

    def size(self, ask: str) -> Step:
        """The size and the stride of the single kernel."""
        setting = self.setting
        text = "The reaches of both kernels add up, and the strides multiply. From {a} and {b} taps the single "
        text += "kernel has {n} cells" + (" along an axis" if self.dims == 2 else "") + " and the stride {s}:"
        letters = {"a": Letter("n", sub="1"), "b": Letter("n", sub="2"), "n": Letter("n"), "s": Letter("s")}
        blocks: list[Any] = [Prose(text, letters)]
        for word, axis in self._axes():
            n1, d1, s1 = self._letters(0, axis)
            n2, d2, s2 = self._letters(1, axis)
            law = op("add", op("mul", op("add", n1, -1), d1), op("mul", op("add", n2, -1), d2, s1), 1)
            size, step = setting.size[axis], setting.stride[axis]
            blocks += [Prose(word)] if word else []
            blocks.append(Equation((Letter("n", size), law, Put(law), Number(size))))
            blocks.append(Equation((Letter("s", step), op("mul", s1, s2), Put(op("mul", s1, s2)), Number(step))))
        if ask == "size":
            size_shown = Number(setting.size[0]) if self.dims == 1 else op("by", *setting.size)
            blocks.append(Equation((size_shown,), boxed=True))
        return Step("size", "Size and stride", tuple(blocks))

    def _letters(self, layer: int, axis: int) -> tuple[Letter, Letter, Letter]:
        """Size, dilation and stride of a layer along an axis."""
        setting, sub = self.setting, str(layer + 1)
        kernel = (setting.first, setting.second)[layer]
        size = Letter("n", kernel.shape[axis], sub=sub)
        return (
            size,
            Letter("d", setting.dilations[layer][axis], sub=sub),
            Letter("s", setting.strides[layer][axis], sub=sub),
        )

    def kernel(self, ask: str) -> Step:
        """Every entry of the single kernel, and the whole as a convolution."""
        setting = self.setting
        sums = []
        for at, pairs in self.met.items():
            terms = tuple(Put(op("mul", Ref("first", m), Ref("second", n))) for m, n in pairs)
            final = not pairs or is_final([(setting.first[m], setting.second[n]) for m, n in pairs])
            target = Ref("kernel", at)
            sums.append(WorkedSum(target, (terms,) if terms else (), None if final else Put(target)))
        a, b = (Ref(name) for name in self.names)
        blocks: list[Any] = [
            Prose(
                "An input cell reaches the output by way of one tap of each kernel: their entries multiply, and the "
                "products of all ways from the same place add up. So the single kernel is the convolution of both:"
            ),
            Equation((Ref("kernel"), op("convolve", a, b))),
            SumTable(tuple(sums[:MOST_SUMS])),
        ]
        if len(sums) > MOST_SUMS:
            blocks.append(Prose("The other {n} entries follow in the same way.", {"n": Number(len(sums) - MOST_SUMS)}))
        if is_wide(self.quantities["kernel"].value):
            blocks.append(Equation((Ref("kernel"), op("names", Ref("kernel"))), boxed=ask == "kernel"))
        else:
            blocks.append(Equation((Ref("kernel"), Put(Ref("kernel"))), boxed=ask == "kernel"))
        return Step("kernel", "The single kernel", tuple(blocks))

    def check(self, ask: str) -> Step:
        """Both layers one after the other, and the single layer, on an input."""
        letters = any(hasattr(cell, "free_symbols") for cell in self.output.cells)
        text = "Both layers one after the other, and the single layer, on the input {X}:"
        blocks: list[Any] = [Prose(text, {"X": Ref("input")}), Grids((_grid("input"),))]
        same: tuple[Any, ...] = (Ref("direct"), Ref("output"))
        if letters:
            blocks += [Prose("Both give the same sums of letters:"), Equation(same)]
            if ask == "output":
                blocks += result_step(self.output, 0).blocks
            return Step("check", "Check on an input", tuple(blocks))
        values: dict[str, Any] = {}
        words = f"With the single kernel and the stride {sizes_in_words('s', self.setting.stride, values)}:"
        blocks += [
            Prose("After the first layer, and after the second:"),
            Equations(tuple(Equation((Ref(name), Put(Ref(name)))) for name in ("middle", "output"))),
            Prose(words, values),
            Equation((*same, Put(Ref("output"))), boxed=ask == "output"),
        ]
        return Step("check", "Check on an input", tuple(blocks))


def _grid(name: str) -> Grid:
    return Grid(name, (), Prose("{it}", {"it": Ref(name)}))


def _window_sums(x: Tensor, kernel: Tensor, stride: Index, dilation: Index) -> Tensor:
    """One cross-correlation without padding."""
    axes = list(zip(x.shape, kernel.shape, stride, dilation, strict=True))
    sizes = [(n - d * (k - 1) - 1) // s + 1 for n, k, s, d in axes]

    def cell(at: Index) -> Any:
        taps = kernel.indices()
        places = ((tuple(a * s + t * d for a, t, (_, _, s, d) in zip(at, tap, axes, strict=True)), tap) for tap in taps)
        return dot([(x[place], kernel[tap]) for place, tap in places])

    return Tensor.build(sizes, cell)
