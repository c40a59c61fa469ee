"""The quantities of a non-linearity and the steps that show them: the function, each entry, the derivative."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from symconv.document import Equation, Grid, Grids, Prose, Quantity, Step, SumTable, Symbol, Table, WorkedSum
from symconv.entries import exact
from symconv.expression import Letter, Number, Op, Put, Ref, Running, op
from symconv.notation import Notation
from symconv.operations.base import Detail
from symconv.operations.geometry import squeezed
from symconv.operations.steps import MOST_ROWS, grids, parts, size_quantity, symbols
from symconv.tensor import Entry, Index, Tensor

KINDS = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "maxout")
EXPONENTIAL = ("sigmoid", "tanh", "elu")
NAMES = {"relu": "ReLU", "leaky_relu": "leaky ReLU", "elu": "ELU"}
PLACES = 4  # of the decimals beside an exact exponential
LARGEST = 50  # of an exponent: beyond it a page shows nothing but 0 or 1


@dataclass(frozen=True)
class Activation:
    """A feature map of the shape (channels, *cells) and the function applied to its entries."""

    input: Tensor
    kind: str
    parameter: Entry  # the slope of a leaky ReLU, the alpha of an ELU, 0 elsewhere

    @property
    def operands(self) -> Mapping[str, Tensor]:
        """The operands by name."""
        return {"input": self.input}

    @property
    def has_letters(self) -> bool:
        """Whether any entry is a letter."""
        return any(hasattr(cell, "free_symbols") for cell in self.input.cells)

    @property
    def output(self) -> Index:
        """The full shape of the result: maxout leaves one map."""
        return (1, *self.input.shape[1:]) if self.kind == "maxout" else self.input.shape


class Work:
    """The quantities of one map as they are derived, and the steps that show them."""

    def __init__(self, setting: Activation, notation: Notation, detail: Detail) -> None:
        self.setting, self.notation, self.detail = setting, notation, detail
        known = symbols(notation)
        x = setting.input
        self.exponential = setting.kind in EXPONENTIAL
        self.rank = len(x.shape) - 1
        output = Tensor.build(setting.output, self._value)
        self.quantities = {
            "input": Quantity(known["input"], squeezed(x, 1)),
            "output": Quantity(known["output"], squeezed(output, 1), labelled_cells=True),
            "size": size_quantity(setting.output[1:], notation),
        }
        if self.exponential:
            self._round("output", "decimal")
        if not setting.has_letters:
            slopes = Tensor.build(x.shape, lambda at: self._slope(at, output))
            symbol = Symbol(f"{notation.output}'", f"{notation.cell(notation.output)}'")
            self.quantities["derivative"] = Quantity(symbol, squeezed(slopes, 1))
            if self.exponential:
                self._round("derivative", "decimal(derivative)")

    def _round(self, name: str, label: str) -> None:
        from symconv import algebra

        quantity = self.quantities[name]
        cells = tuple(exact(algebra.rounded(algebra.sympy_number(cell), PLACES)) for cell in quantity.value.cells)
        symbol = Symbol(quantity.symbol.whole, quantity.symbol.cell, accent="tilde")
        self.quantities[label] = Quantity(symbol, Tensor(quantity.value.shape, cells))

    def _value(self, at: Index) -> Entry:
        """The function at one entry, exactly."""
        from symconv import algebra

        x, p, kind = self.setting.input, self.setting.parameter, self.setting.kind
        if kind == "maxout":
            return algebra.extreme("max", (x[(c, *at[1:])] for c in range(x.shape[0])))
        cell = x[at]
        if kind == "sigmoid":
            return _exact(1 / (1 + algebra.exponential(-cell)))
        if kind == "tanh":
            up, down = algebra.exponential(cell), algebra.exponential(-cell)
            return _exact((up - down) / (up + down))
        if kind == "elu":
            return cell if cell > 0 else _exact(p * (algebra.exponential(cell) - 1))
        positive = algebra.extreme("max", (0, cell))
        return positive if kind == "relu" else _exact(positive + p * algebra.extreme("min", (0, cell)))

    def _slope(self, at: Index, output: Tensor) -> Entry:
        """The derivative at one entry; at the corner of a ReLU the slope of the negative side."""
        from symconv import algebra

        x, p, kind = self.setting.input, self.setting.parameter, self.setting.kind
        if kind == "maxout":
            others = [x[(c, *at[1:])] for c in range(x.shape[0])]
            return int(others.index(max(others)) == at[0])
        if kind == "sigmoid":
            return _exact(output[at] * (1 - output[at]))
        if kind == "tanh":
            return _exact(1 - output[at] ** 2)
        if x[at] > 0:
            return 1
        return _exact(p * algebra.exponential(x[at])) if kind == "elu" else p

    def formula(self, index: tuple[Any, ...]) -> Op:
        """The function of the entry at this index, as it holds on both sides of 0."""
        x, p, kind = Ref("input", index), Number(self.setting.parameter), self.setting.kind
        if kind == "sigmoid":
            return op("div", 1, op("add", 1, op("exp", op("neg", x))))
        if kind == "tanh":
            up, down = op("exp", x), op("exp", op("neg", x))
            return op("div", op("add", up, op("neg", down)), op("add", up, down))
        if kind == "maxout":
            return op("max", *(Ref("input", (c, *index)) for c in range(self.setting.input.shape[0])))
        positive, negative = op("max", 0, x), op("min", 0, x)
        if kind == "relu":
            return positive
        if kind == "leaky_relu":
            return op("add", positive, op("mul", p, negative))
        fall = op("add", op("exp", negative), -1)
        return op("add", positive, fall if self.setting.parameter == 1 else op("mul", p, fall))

    def given(self) -> Step:
        """The map and the function."""
        kind, p = self.setting.kind, Number(self.setting.parameter)
        texts = {
            "sigmoid": "The sigmoid squeezes every number into the interval from 0 to 1.",
            "tanh": "The hyperbolic tangent squeezes every number into the interval from -1 to 1.",
            "relu": "The rectified linear unit (ReLU) keeps positive entries and sets negative ones to 0.",
            "leaky_relu": "The leaky ReLU keeps positive entries and multiplies negative ones by the slope {p}.",
            "elu": "The exponential linear unit (ELU) keeps positive entries; negative ones fall to {m} at most.",
            "maxout": "Maxout keeps, at each place, the largest entry of all channels.",
        }
        value = self.quantities["input"].value
        if kind in ("sigmoid", "tanh", "elu"):
            texts[kind] += " Powers of {e} may stand in the answer, or be rounded to two decimals or more."
        text = Prose(texts[kind], {"e": Letter("e"), "p": p, "m": Number(-self.setting.parameter)})
        return Step("given", "Given", (grids("input", value, len(value.shape) - self.rank), text))

    def law(self) -> Step:
        """The function, for every entry."""
        base, shape = self.notation.index_base, self.setting.input.shape
        names = "ij"[: self.rank]
        spans = list(zip(names, shape[1:], strict=True))
        if shape[0] > 1 and self.setting.kind != "maxout":
            spans.insert(0, ("c", shape[0]))
        index = tuple(Running(name) for name, _ in spans)
        ranges = tuple((name, base, base + size - 1) for name, size in spans)
        return Step("law", "The function", (Equation((Ref("output", index), self.formula(index)), for_all=ranges),))

    def _cells(self) -> list[Index]:
        value = self.quantities["output"].value
        return list(value.indices()) if self.detail.full else list(value.indices())[:MOST_ROWS]

    def entries(self) -> Step:
        """Every entry, with its decimal where it is no rational."""
        cells = self._cells()
        if self.exponential:
            blocks: list[Any] = [self._table("output", lambda at: Put(self.formula(at)), "decimal", cells)]
        else:
            blocks = [SumTable(tuple(map(self._line, cells)))]
        rest = prod(self.quantities["output"].value.shape) - len(cells)
        if rest:
            blocks.append(Prose("The other {n} entries follow in the same way.", {"n": Number(rest)}))
        return Step("entries", "The entries", tuple(blocks))

    def _line(self, at: Index) -> WorkedSum:
        formula = self.formula(at)
        terms = formula.args if formula.name == "add" else (formula,)
        return WorkedSum(Ref("output", at), (tuple(map(Put, terms)),), Put(Ref("output", at)))

    def _table(self, name: str, formula: Callable[[Index], Any], label: str, cells: Sequence[Index]) -> Table:
        rows = tuple((Ref(name, at), formula(at), op("decimal", Ref(label, at))) for at in cells)
        return Table(("entry", "exact", f"to {PLACES} decimals"), rows)

    def derivative(self) -> Step:
        """The derivative at every entry."""
        kind, value = self.setting.kind, self.quantities["derivative"].value
        exponential, y = op("exp", op("neg", Letter("x"))), Ref("output")
        bottom = op("add", 1, exponential)
        values: dict[str, Any] = {"p": Number(self.setting.parameter), "H": y, "x": Letter("x"), "y": Letter("y")}
        values |= {"of": op("div", 1, bottom), "slope": op("div", exponential, op("pow", bottom, 2))}
        values |= {"product": op("mul", Letter("y"), op("add", 1, op("neg", Letter("y"))))}
        values |= {"square": op("add", 1, op("neg", op("pow", Letter("y"), 2))), "e": op("exp", Letter("x"))}
        side = "The slope is 1 where the entry is positive (shaded) and {p} "
        corner = "where it is negative. At 0 there is a corner; the convention is {p}."
        texts = {
            "sigmoid": "The derivative of {y} = {of} is {slope}, which is {product}. So {H} is all that is needed.",
            "tanh": "The derivative of the hyperbolic tangent {y} is {square}. So {H} is all that is needed.",
            "relu": side + corner,
            "leaky_relu": side + corner,
            "elu": side + "times {e} where it is not.",
            "maxout": "The result grows with the channel that holds the largest entry (shaded; the first if equal) "
            "and with no other.",
        }
        blocks: list[Any] = [Prose(texts[kind], values)]
        if kind in ("sigmoid", "tanh"):
            table = self._table("derivative", self._by_output, "decimal(derivative)", self._cells())
            return Step("derivative", "The derivative", (*blocks, table))
        source = self.quantities["input"].value
        ahead = len(source.shape) - self.rank
        pictures = []
        for ref in parts("input", source, ahead):
            at = ref.index or ()
            slopes = value.part(*at)
            steep = frozenset(place for place in slopes.indices() if slopes[place] == 1)
            pictures.append(Grid("input", at, Prose("{it}", {"it": ref}), marked=steep))
        blocks.append(Grids(tuple(pictures)))
        if kind == "elu":
            low = [at for at in self._cells() if value[at] != 1]
            blocks.append(self._table("derivative", self._fall, "decimal(derivative)", low))
        return Step("derivative", "The derivative", tuple(blocks))

    def _by_output(self, at: Index) -> Op:
        """The derivative of a sigmoid or a hyperbolic tangent by way of its value."""
        y = Ref("output", at)
        if self.setting.kind == "sigmoid":
            return op("mul", y, op("add", 1, op("neg", y)))
        return op("add", 1, op("neg", op("pow", y, 2)))

    def _fall(self, at: Index) -> Put:
        """The derivative of an ELU on its negative side."""
        slope = op("exp", Ref("input", at))
        return Put(slope if self.setting.parameter == 1 else op("mul", Number(self.setting.parameter), slope))

    def result(self, ask: str) -> Step:
        """The answer, boxed; rounded where it is no rational."""
        name = ask
        if self.exponential:
            name = "decimal" if ask == "output" else "decimal(derivative)"
        shape = self.quantities[name].value
        refs = parts(name, shape, len(shape.shape) - self.rank)
        blocks: list[Any] = [
            Equation((ref, op("decimal", ref) if self.exponential else Put(ref)), boxed=True) for ref in refs
        ]
        if self.exponential:
            blocks.insert(0, Prose("Rounded to {n} decimals:", {"n": Number(PLACES)}))
        return Step(ask, "Result", tuple(blocks))


def _exact(cell: Entry) -> Entry:
    """A rational as int or Fraction."""
    from symconv import algebra

    return algebra.from_sympy(algebra.sympy_number(cell))
