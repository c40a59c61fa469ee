"""The matrices of the statement that a transpose is no inverse, and the steps that show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

from symconv.document import Equation, Grid, Grids, Prose, Quantity, Step, Symbol
from symconv.entries import exact
from symconv.expression import Number, Op, Put, Ref, op
from symconv.notation import Notation
from symconv.operations.base import Operation
from symconv.operations.block_toeplitz import vec_prose
from symconv.operations.direct_steps import Direct
from symconv.operations.geometry import squeezed
from symconv.operations.matrix_form import unrolled
from symconv.operations.steps import given_step, grids, padding_in_words, sizes_in_words, symbols
from symconv.tensor import Tensor


@dataclass(frozen=True)
class Statement:
    """A direct layer with numbers, whose matrix the statement is about."""

    operation: Operation
    of: Direct

    @property
    def operands(self) -> Mapping[str, Tensor]:
        """The operands by name."""
        return self.of.operands


class Work:
    """The matrices of one statement, and the steps that show them."""

    def __init__(self, setting: Statement, notation: Notation) -> None:
        from symconv import algebra

        layer, geometry = setting.of.layer, setting.of.geometry
        self.layer, self.geometry, self.name = layer, geometry, setting.operation.name
        known = symbols(notation)
        self.quantities: dict[str, Quantity] = {
            "input": Quantity(known["input"], squeezed(layer.input, 1)),
            "kernel": Quantity(known["kernel"], squeezed(layer.kernel, 2)),
            "C": Quantity(known["C"], unrolled(geometry, layer)),
        }
        c = algebra.matrix(self.quantities["C"].value)
        self.rows, self.columns = c.shape
        self.rank = int(c.rank())
        order = self._order(layer.input)
        x = algebra.matrix(Tensor((len(order),), tuple(layer.input[at] for at in order)))
        cells = dict(zip(order, (c.T * c * x).flat(), strict=True))
        self._add("C^TC", Symbol("C", "g", sup="T"), algebra.tensor(c.T * c))
        back = Tensor.build(layer.input.shape, lambda at: algebra.from_sympy(cells[at]))
        letter = notation.input
        self._add("back", Symbol(letter, notation.cell(letter), accent="tilde"), squeezed(back, 1))
        self._add("rank", Symbol("r", "r"), Tensor((), (self.rank,)))
        self.moves_cells = self.quantities["back"].value == self.quantities["input"].value and c.T * c == _eye(c.cols)
        self.c, self.x, self.order = c, x, order
        self.letter = letter, notation.cell(letter)

    def _order(self, value: Tensor) -> list[Any]:
        """The indices of an array in the order of vec."""
        column = self.layer.order == "column" and self.geometry.dims == 2
        return sorted(value.indices(), key=lambda at: (at[0], *(at[:0:-1] if column else at[1:])))

    def _add(self, name: str, symbol: Symbol, value: Tensor) -> None:
        self.quantities[name] = Quantity(symbol, value)

    @property
    def vec(self) -> Op:
        """The input as a vector."""
        return Op("vec_row" if self.layer.order == "row" else "vec_column", (Ref("input"),))

    def given(self) -> Step:
        """The layer."""
        values: dict[str, Any] = {}
        sentence = f"Stride {sizes_in_words('s', self.layer.stride, values)}, "
        sentence += padding_in_words([axis.padding for axis in self.geometry.axes], values)
        sentence += f", dilation {sizes_in_words('d', self.layer.dilation, values)}"
        flipped = "flipped before it slides" if self.geometry.flip else "not flipped"
        name = self.name.replace("_", "-")
        convention = f"The layer is a {name}: the kernel is {flipped}."
        return given_step(self.layer, self.quantities, self.geometry.dims, convention, sentence, values)

    def matrix(self) -> Step:
        """The matrix of the layer."""
        text = (
            "The layer is multiplication by the matrix {C}, with {n} rows (outputs) and {m} columns (inputs). The "
            "transposed layer is multiplication by {T}. "
        )
        values = {"C": Ref("C"), "n": Number(self.rows), "m": Number(self.columns), "T": op("transpose", Ref("C"))}
        text += vec_prose(self.layer.order, self.geometry.channels > 1) if self.geometry.dims == 2 else ""
        return Step("C", "The matrix of the layer", (Prose(text, values), Equation((Ref("C"), Put(Ref("C"))))))

    def rank_step(self) -> Step:
        """The rank, by the first entry of every row where that settles it."""
        c = self.quantities["C"].value
        values = {"r": Number(self.rank), "C": Ref("C"), "n": Number(self.rows), "m": Number(self.columns)}
        if not self.geometry.is_padded and self.geometry.filters == 1:
            first = frozenset((r, next(k for k in range(self.columns) if c[r, k])) for r in range(self.rows))
            text = (
                "Look at the first entry of each row that is not 0 (shaded). In every row it is the same kernel entry, "
                "and from one output to the next its column is another one, since the window has moved. No row can "
                "therefore be a sum of multiples of the others: the rows are independent, and the rank of {C} is their "
                "number, {r}. This argument needs nothing of the kernel but one entry that is not 0."
            )
            picture = Grids((Grid("C", (), Prose("{C}", values), first),))
            return Step("rank", "The rank", (Prose(text, values), picture))
        text = (
            "Elimination leaves {r} rows that are not 0, so {C} has the rank {r} (it has {n} rows and {m} columns). "
            "With padding or several filters this depends on the kernel; without padding, one filter that is not 0 "
            "always gives as many independent rows as there are outputs."
        )
        return Step("rank", "The rank", (Prose(text, values),))

    def product(self) -> Step:
        """C^T C, and why it cannot be the identity."""
        turned = op("matmul", op("transpose", Ref("C")), Ref("C"))
        values = {
            "P": turned,
            "r": Number(self.rank),
            "m": Number(self.columns),
            "C": Ref("C"),
            "I": Ref("I"),
        }
        self._add(
            "I", Symbol("I", "i"), Tensor.build((min(self.rows, self.columns),) * 2, lambda at: int(at[0] == at[1]))
        )
        if self.rank < self.columns:
            text = (
                "A product has at most the rank of its factors, so {P} has at most the rank {r}. The identity on the "
                "{m} input cells has the rank {m}. So {P} is not the identity, whatever the kernel is."
            )
        else:
            text = (
                "Here {C} has as many independent columns as there are input cells, so the rank alone does not settle "
                "it. But an entry of {P} is the inner product of two columns, and these are not orthonormal:"
            )
        return Step("C^TC", "The product of the two", (Prose(text, values), Equation((turned, Put(Ref("C^TC"))))))

    def example(self) -> Step:
        """The given input, there and back."""
        same = self.quantities["back"].value == self.quantities["input"].value
        text = "There and back: the input, and what the transposed layer makes of its output"
        text += ". The two happen to be equal for this input, but not for every one:" if same else ". They differ:"
        dims = self.geometry.dims
        pictures: tuple[Grid, ...] = ()
        for name in ("input", "back"):
            value = self.quantities[name].value
            pictures += grids(name, value, len(value.shape) - dims).items
        back = Op(self.vec.name, (Ref("back"),))
        law = op("matmul", op("transpose", Ref("C")), op("matmul", Ref("C"), self.vec))
        text_back = Prose("A transposed layer restores the shape of the input, not its values.")
        return Step("back", "A counter-example", (Prose(text), Grids(pictures), Equation((back, law)), text_back))

    def inverse(self) -> list[Step]:
        """What undoes C, from the right or from the left."""
        from symconv import algebra

        if self.rank == self.rows:
            return [self._right()]
        if self.rank == self.columns:
            self._add("L", Symbol("L", "l"), algebra.tensor((self.c.T * self.c).inv() * self.c.T))
            text = (
                "All columns of {C} are independent, so {P} has an inverse, and {L}, its inverse times {T}, undoes the "
                "layer. It is another matrix than {T}:"
            )
            values = {
                "C": Ref("C"),
                "P": op("matmul", op("transpose", Ref("C")), Ref("C")),
                "L": Ref("L"),
                "T": op("transpose", Ref("C")),
            }
            shown = (Equation((Ref("L"), self._over("L"))), Equation((op("matmul", Ref("L"), Ref("C")), Ref("I"))))
            return [Step("L", "A left inverse", (Prose(text, values), *shown))]
        text = "Neither the rows nor the columns of {C} are independent, so nothing undoes it from either side."
        return [Step("R", "No inverse", (Prose(text, {"C": Ref("C")}),))]

    def _right(self) -> Step:
        from symconv import algebra

        gram = (self.c * self.c.T).inv()
        right = self.c.T * gram
        self._add("CC^T", Symbol("G", "g"), algebra.tensor(self.c * self.c.T))
        self._add("inverse(CC^T)", Symbol("G", "g", sup="-1"), algebra.tensor(gram))
        self._add("R", Symbol("R", "r"), algebra.tensor(right))
        cells = dict(zip(self.order, (right * self.c * self.x).flat(), strict=True))
        found = Tensor.build(self.layer.input.shape, lambda at: algebra.from_sympy(cells[at]))
        self._add("Ry", Symbol(*self.letter, accent="hat"), squeezed(found, 1))
        outer = op("matmul", Ref("C"), op("transpose", Ref("C")))
        vec = Op(self.vec.name, (Ref("Ry"),))
        dims = self.geometry.dims
        value = self.quantities["Ry"].value
        text = (
            "The rows of {C} are independent, so {G} = {P} has an inverse, and {R} = {law} is a right inverse of {C}:"
        )
        values = {
            "C": Ref("C"),
            "G": Ref("CC^T"),
            "P": outer,
            "R": Ref("R"),
            "law": op("matmul", op("transpose", Ref("C")), Ref("inverse(CC^T)")),
        }
        image = op("matmul", Ref("C"), self.vec)
        ends = "" if self.rank == self.columns else " The input itself cannot be found again: several share one output."
        return Step(
            "R",
            "A right inverse",
            (
                Prose(text, values),
                Equation((Ref("CC^T"), outer, Put(Ref("CC^T")))),
                Equation((Ref("inverse(CC^T)"), self._over("inverse(CC^T)"))),
                Equation((Ref("R"), values["law"], self._over("R"))),
                Equation((op("matmul", Ref("C"), Ref("R")), Ref("I"))),
                Prose(
                    "From an output it makes an input {X} that has this output, the shortest one." + ends,
                    {"X": Ref("Ry")},
                ),
                grids("Ry", value, len(value.shape) - dims),
                Equation((op("matmul", Ref("C"), vec), image)),
            ),
        )

    def _over(self, name: str) -> Any:
        """A matrix in numbers, its common denominator taken out."""
        quantity = self.quantities[name]
        value = quantity.value
        common = lcm(*(cell.denominator for cell in value.cells))
        if common == 1 or name == "C^TC":
            return Put(Ref(name))
        label = f"numerators({name})"
        self._add(label, quantity.symbol, Tensor(value.shape, tuple(exact(cell * common) for cell in value.cells)))
        return op("mul", Number(Fraction(1, common)), Put(Ref(label)))

    def conclusion(self, answer: str) -> Step:
        """The answer, boxed."""
        c = Ref("C")
        if answer == "rank":
            box = Equation((Put(Ref("rank", ())),), boxed=True)
            return Step("answer", "Result", (Prose("The rank of {C} is", {"C": c}), box))
        named = Ref(answer) if answer == "R" else op("matmul", op("transpose", c), c)
        return Step("answer", "Result", (Equation((named, self._over(answer)), boxed=True),))


def _eye(size: int) -> Any:
    from symconv import algebra

    return algebra.matrix(Tensor.build((size, size), lambda at: int(at[0] == at[1])))
