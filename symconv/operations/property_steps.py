"""The statements about a convolution, their two sides in letters, and the numbers with which each one fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from symconv.document import Equation, Grid, Grids, Prose, Quantity, Step, SumTable, Symbol, WorkedSum
from symconv.expression import Letter, Number, Put, Ref, Running, Sigma, op
from symconv.notation import Notation
from symconv.operations.property_failures import FAILURES
from symconv.operations.steps import dot, symbols
from symconv.tensor import Entry, Index, Tensor

MOST_SHOWN = 16  # entries that are written out
PAIR: dict[str, tuple[str, tuple[int, ...]]] = {"input": ("x", (3,)), "kernel": ("w", (2,))}
# the operands of each property: label -> the letter and the shape they have unless given (no shape: a number)
OPERANDS: dict[str, dict[str, tuple[str, tuple[int, ...]]]] = {
    "linearity": {**PAIR, "other": ("v", (3,)), "alpha": ("alpha", ()), "beta": ("beta", ())},
    "shift_equivariance": PAIR,
    "commutativity": PAIR,
    "associativity": {**PAIR, "other": ("v", (2,))},
    "distributivity": {**PAIR, "other": ("v", (2,))},
    "separability": {"input": ("x", (2, 2)), "kernel": ("w", (2, 1)), "other": ("v", (1, 2))},
    "flip_identity": PAIR,
    "convolution_theorem": {**PAIR, "z": ("z", ())},
    "adjoint": {**PAIR, "other": ("v", (4,))},
}


@dataclass(frozen=True)
class Statement:
    """One property and the arrays it is shown on."""

    name: str
    operands: Mapping[str, Tensor]


def convolved(a: Tensor, b: Tensor) -> Tensor:
    """The full convolution, exactly: every product falls on the sum of its indices.

    >>> convolved(Tensor.of([1, 2]), Tensor.of([3, 4])).nested()
    [3, 10, 8]
    """
    pairs: dict[Index, list[tuple[Entry, Entry]]] = {}
    for i, j in product(a.indices(), b.indices()):
        pairs.setdefault(tuple(map(sum, zip(i, j, strict=True))), []).append((a[i], b[j]))
    shape = [m + n - 1 for m, n in zip(a.shape, b.shape, strict=True)]
    return Tensor.build(shape, lambda at: dot(pairs[at]))


def scaled(a: Tensor, factor: Entry) -> Tensor:
    """Every entry times a number."""
    return Tensor(a.shape, tuple(dot([(factor, cell)]) for cell in a.cells))


def added(a: Tensor, b: Tensor) -> Tensor:
    """The sum, entry by entry."""
    return Tensor(a.shape, tuple(dot([], pair) for pair in zip(a.cells, b.cells, strict=True)))


def delayed(a: Tensor) -> Tensor:
    """Moved by one cell along every axis; a zero comes in."""
    shape = [size + 1 for size in a.shape]
    return Tensor.build(shape, lambda at: a[tuple(p - 1 for p in at)] if min(at) else 0)


def third_letter(notation: Notation) -> str:
    """The letter of the third array: v, or another where a course uses v for something else."""
    taken = {name.lower() for name in (notation.input, notation.kernel, notation.output)}
    return next(letter for letter in "vust" if letter not in taken)


class Work:
    """The quantities of one statement, and the steps that show them."""

    def __init__(self, setting: Statement, notation: Notation) -> None:
        self.setting, self.notation = setting, notation
        given, known = setting.operands, symbols(notation)
        third = third_letter(notation)
        named = {"other": Symbol(third, third), "alpha": Symbol("alpha", "alpha"), "beta": Symbol("beta", "beta")}
        named |= {"input": known["input"], "kernel": known["kernel"], "z": Symbol("z", "z")}
        self.quantities = {label: Quantity(named[label], value) for label, value in given.items()}
        x, w = given["input"], given["kernel"]
        y = convolved(x, w)
        if setting.name != "separability":
            self._add("output", known["output"], y)
        left, right = self._sides(x, w, given.get("other", w), y)
        self._add("left", Symbol("L", "l"), left)
        self._add("right", Symbol("R", "r"), right)

    def _add(self, label: str, symbol: Symbol, value: Tensor) -> None:
        self.quantities[label] = Quantity(symbol, value)

    def _sides(self, x: Tensor, w: Tensor, v: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Both sides, exactly, with the quantities that only this property has."""
        name, known = self.setting.name, symbols(self.notation)
        cell = known["output"].cell
        if name == "linearity":
            a, b = (self.setting.operands[label].cells[0] for label in ("alpha", "beta"))
            mixed = added(scaled(x, a), scaled(v, b))
            return convolved(mixed, w), added(scaled(y, a), scaled(convolved(v, w), b))
        if name == "shift_equivariance":
            self._add("delayed", Symbol(known["input"].whole, known["input"].cell, accent="hat"), delayed(x))
            self._add("right", Symbol(known["output"].whole, cell, accent="hat"), delayed(y))
            return convolved(delayed(x), w), delayed(y)
        if name == "associativity":
            return convolved(y, v), convolved(x, convolved(w, v))
        if name == "distributivity":
            return convolved(x, added(w, v)), added(y, convolved(x, v))
        if name == "separability":
            kernel = convolved(w, v)
            self._add("product", Symbol("P", "p"), kernel)
            return convolved(x, kernel), convolved(y, v)
        if name == "flip_identity":
            self._add("flipped", known["flipped"], w.rotated())
            return self._correlated(x, w), convolved(x, w.rotated())
        if name == "convolution_theorem":
            return self._polynomial(y), scaled(self._polynomial(x), self._polynomial(w).cells[0])
        if name == "adjoint":
            whole = convolved(v, w.rotated())
            start = [size - 1 for size in w.shape]
            back = Tensor.build(x.shape, lambda at: whole[tuple(p + s for p, s in zip(at, start, strict=True))])
            self._add("back", Symbol(known["input"].whole, known["input"].cell, accent="hat"), back)
            pairs = ((y, v), (x, back))
            left, right = (Tensor((), (dot(list(zip(a.cells, b.cells, strict=True))),)) for a, b in pairs)
            return left, right
        return y, convolved(w, x)

    @staticmethod
    def _correlated(x: Tensor, w: Tensor) -> Tensor:
        """The full correlation: the last kernel entry meets the first input cell first."""
        pairs: dict[Index, list[tuple[Entry, Entry]]] = {}
        for i, j in product(x.indices(), w.indices()):
            at = tuple(p - q + n - 1 for p, q, n in zip(i, j, w.shape, strict=True))
            pairs.setdefault(at, []).append((x[i], w[j]))
        shape = [m + n - 1 for m, n in zip(x.shape, w.shape, strict=True)]
        return Tensor.build(shape, lambda at: dot(pairs[at]))

    def _polynomial(self, a: Tensor) -> Tensor:
        z = self.setting.operands["z"].cells[0]
        return Tensor((), (dot([(cell, z**n) for n, cell in enumerate(a.cells)]),))

    def given(self) -> Step:
        """The operands."""
        names = [name for name in ("input", "kernel", "other") if name in self.setting.operands]
        pictures = tuple(Grid(name, (), Prose("{it}", {"it": Ref(name)})) for name in names)
        text = "The star is the full convolution: every overlap counts, nothing is padded or cut off."
        return Step("given", "Given", (Grids(pictures), Prose(text)))

    def statement(self) -> Step:
        """The property as an equality that holds, and why."""
        texts = {
            "linearity": (
                "Every entry of a convolution is a sum of products with one input cell in each. So a factor can "
                "be taken out of every product, and a sum of two inputs splits every product in two."
            ),
            "shift_equivariance": (
                "Write {D} for the input delayed by one cell. A cell moves from index m to m + 1, so every "
                "product moves from the output index i to i + 1, and nothing else changes."
            ),
            "commutativity": (
                "A product of an input cell and a kernel entry falls on the sum of their two indices. This sum "
                "does not ask which of the two is called the kernel. In the second formula the index of the "
                "kernel runs, in the first that of the input:"
            ),
            "associativity": (
                "Written out, either side sums the products of three entries, one of each array, over all triples"
                " of indices with the same sum. The brackets only say which two are multiplied first."
            ),
            "distributivity": ("Every product with an entry of the sum of two kernels splits in two products."),
            "separability": (
                "The kernel {P} is the product of a column and a row. Such a product is also their convolution, "
                "since every entry of the column meets every entry of the row once. Then the convolution is "
                "associative."
            ),
            "flip_identity": (
                "In a correlation the index of the input runs with that of the kernel, in a convolution against "
                "it. Reversing the kernel turns one into the other."
            ),
            "convolution_theorem": (
                "Make a polynomial of each signal, its entries as coefficients. The product of two powers of {z} "
                "adds the exponents, just as a convolution adds the indices; so the polynomial of the result is "
                "the product of the polynomials, at every {z}. The DFT of length {N} is the value at the {N} "
                "complex numbers z whose power {N} is 1. So if {N} is at least the length of the result, the DFT of"
                " the convolution is the product of the DFTs, entry by entry."
            ),
            "adjoint": (
                "Both sides sum the products of an input cell, a kernel entry and an entry of {v}, over all "
                "indices where the first two add up to the third. On the right the sum over {v} is done first: "
                "{B} is the correlation of {v} with the kernel, as long as the input."
            ),
        }
        values = {"D": Ref("delayed"), "P": Ref("product"), "B": Ref("back"), "v": Ref("other")}
        used: dict[str, Any] = {name: ref for name, ref in values.items() if ref.name in self.quantities}
        used |= {"z": Letter("z"), "N": Letter("N")}
        return Step(
            "statement",
            self.setting.name.replace("_", " ").capitalize(),
            (self._law(), Prose(texts[self.setting.name], used), *self._sums()),
        )

    def _law(self) -> Equation:
        x, w, v = Ref("input"), Ref("kernel"), Ref("other")
        star = op("convolve", x, w)
        name = self.setting.name
        sides: tuple[Any, Any]
        if name == "linearity":
            a, b = Ref("alpha", ()), Ref("beta", ())
            mixed = op("add", op("mul", a, x), op("mul", b, v))
            sides = op("convolve", mixed, w), op("add", op("mul", a, star), op("mul", b, op("convolve", v, w)))
        elif name == "shift_equivariance":
            sides = op("convolve", Ref("delayed"), w), Ref("right")
        elif name == "associativity":
            sides = op("convolve", star, v), op("convolve", x, op("convolve", w, v))
        elif name == "distributivity":
            sides = op("convolve", x, op("add", w, v)), op("add", star, op("convolve", x, v))
        elif name == "separability":
            sides = op("convolve", x, Ref("product")), op("convolve", star, v)
        elif name == "flip_identity":
            sides = Ref("left"), op("convolve", x, Ref("flipped"))
        elif name == "convolution_theorem":
            sides = self._power("output", "i"), op("mul", self._power("input", "m"), self._power("kernel", "n"))
        elif name == "adjoint":
            sides = op("inner", star, v), op("inner", x, Ref("back"))
        else:
            sides = star, op("convolve", w, x)
        return Equation(sides, boxed=name != "adjoint")  # a box sets a comma apart

    def _power(self, name: str, index: str) -> Sigma:
        """The polynomial of a signal at z."""
        base, size = self.notation.index_base, len(self.quantities[name].value.cells)
        power = Running(index) if base == 0 else op("add", Running(index), -1)
        term = op("mul", Ref(name, (Running(index),)), op("pow", Ref("z", ()), power))
        return Sigma(index, Number(base), Number(base + size - 1), term)

    def _sums(self) -> list[Any]:
        """The general sum of a convolution, with either operand first."""
        from symconv import algebra, sums

        if self.setting.name not in ("commutativity", "shift_equivariance"):
            return []
        x, w = self.setting.operands["input"], self.setting.operands["kernel"]
        base = self.notation.index_base
        y = self.quantities["output"].value
        ranges = tuple((name, base, base + size - 1) for name, size in zip("ij", y.shape, strict=False))
        entry, total = sums.full_sum(tuple(zip(x.shape, w.shape, strict=True)), base)
        sides = [algebra.to_expression(entry), algebra.to_expression(total)]
        if self.setting.name == "commutativity":
            sizes = tuple(zip(w.shape, x.shape, strict=True))
            _, turned = sums.full_sum(sizes, base, ("output", "kernel", "input"))
            sides.append(algebra.to_expression(turned))
        return [Equation((sides[0], side), for_all=ranges) for side in sides[1:]]

    def entries(self) -> Step:
        """Both sides worked out: the same polynomials."""
        value = self.quantities["left"].value
        cells = list(value.indices())
        text = "Worked out for these operands, both sides are the same, entry by entry:"
        if not value.shape:
            text = "Worked out for these operands, both sides are the same number:"
        if any(hasattr(cell, "free_symbols") for cell in value.cells):
            text += " since the letters may be any numbers, this proves it for all operands of these shapes."
            text = text.replace(": since", "; since").replace("shapes.", "shapes:")
        if value.shape and not any(hasattr(cell, "free_symbols") for cell in value.cells):
            both = Equation((Ref("left"), Ref("right"), Put(Ref("left"))), boxed=True)
            return Step("left", "Both sides", (Prose(text), both))
        lines = tuple(
            WorkedSum(Ref("left", at), ((Ref("right", at),),), Put(Ref("left", at))) for at in cells[:MOST_SHOWN]
        )
        rest = len(cells) - len(lines)
        more = [Prose("The other {n} entries agree in the same way.", {"n": Number(rest)})] if rest else []
        values = {"L": Ref("left"), "R": Ref("right")}
        return Step(
            "left",
            "Both sides",
            (Prose("{L} is the left side, {R} the right. " + text, values), SumTable(lines), *more),
        )

    def failure(self) -> Step:
        """Where a neighbouring statement fails, in numbers."""
        found = FAILURES[self.setting.name]
        for label, side, letter in (("left_example", found.left, "L"), ("right_example", found.right, "R")):
            value = Tensor.of(side) if isinstance(side, list) else Tensor((), (side,))
            self._add(label, Symbol(letter, letter.lower(), accent="tilde"), value)
        refs = [
            Ref(label, None if self.quantities[label].value.shape else ())
            for label in ("left_example", "right_example")
        ]
        shown = [Equation((ref, Put(ref)), boxed=True) for ref in refs]
        return Step("left_example", "Where it fails", (Prose(found.before), *shown, Prose(found.after)))
