"""The steps that solve the size law: the inequality, the law with numbers and letters, bounds for an unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from symconv.document import Equation, Prose, Quantity, Step, Symbol, Table
from symconv.entries import letter
from symconv.expression import Expression, Letter, Number, Op, Put, Ref, op
from symconv.operations.base import Solved
from symconv.operations.steps import size_result
from symconv.tensor import Tensor

LETTERS = {
    "input": "i",
    "kernel": "k",
    "stride": "s",
    "padding": "p",
    "dilation": "d",
    "output_padding": "a",
    "output": "o",
}
LEAST = {"input": 1, "kernel": 1, "stride": 1, "padding": 0, "dilation": 1, "output_padding": 0, "output": 1}
PROBES = {"input": (20, 60), "kernel": (1, 5), "stride": (1, 5), "padding": (0, 3), "dilation": (1, 4)}
MOST_ROWS = 24  # of a table of solutions
WHERE = ("Down the rows:", "Along the columns:")


@dataclass(frozen=True)
class Law:
    """The size law, read: the known numbers of each axis, and what is unknown."""

    direction: str
    axes: tuple[Mapping[str, int], ...]
    unknown: tuple[str, ...]
    letters: Mapping[str, str]
    most: int

    @property
    def transposed(self) -> bool:
        """Whether the layer is a transposed one."""
        return self.direction == "transposed"

    @property
    def is_forward(self) -> bool:
        """Whether the output is what is asked for; other unknowns then stay letters."""
        return "output" in self.unknown

    @property
    def is_number(self) -> bool:
        """Whether the answer is the size of the output in numbers."""
        return self.unknown == ("output",)

    @property
    def alike(self) -> bool:
        """Whether both axes have the same numbers."""
        return len({tuple(sorted(axis.items())) for axis in self.axes}) == 1

    @property
    def open(self) -> tuple[str, ...]:
        """What stays a letter in the law for the output."""
        return tuple(name for name in self.unknown if name != "output") if self.is_forward else ()

    @property
    def operands(self) -> Mapping[str, Tensor]:
        """The letters of the law, one operand for each."""
        return {name: Tensor((), (letter(self.letters[name]),)) for name in self.open}

    @property
    def ranges(self) -> Mapping[str, tuple[int, int]]:
        """Whole numbers for the letters at which the kernel fits."""
        made = {name: PROBES.get(name, (0, 0)) for name in self.open}
        for axis in () if self.transposed or not self.open or "input" in self.open else self.axes:
            room = axis["input"] + 2 * axis.get("padding", 0)
            taps, apart = axis.get("kernel", 2), axis.get("dilation", 1)
            if "dilation" in made:
                made["dilation"] = (1, min(made["dilation"][1], max(1, (room - 1) // max(taps - 1, 1))))
                apart = made["dilation"][1]
            if "kernel" in made:
                made["kernel"] = (1, min(made["kernel"][1], max(1, (room - 1) // apart + 1)))
        if "input" in made and not self.transposed:
            wide = max(axis.get("kernel", 5) * axis.get("dilation", 4) for axis in self.axes)
            made["input"] = (wide, wide + 40)
        return made

    def listed_to(self, axis: Mapping[str, int], unknown: str) -> int:
        """Up to where the values of an unknown are listed that has no largest one."""
        if unknown == "stride" and not self.transposed and len(self.unknown) == 1:
            reach = axis["dilation"] * (axis["kernel"] - 1) + 1
            return max(self.most, axis["input"] + 2 * axis["padding"] - reach + 1)
        return self.most

    def is_endless(self, axis: Mapping[str, int], unknown: str) -> bool:
        """Whether a lone unknown has no largest value: a stride never taken, a dilation of a single tap."""
        once = axis.get("input" if self.transposed else "output") == 1
        return once if unknown == "stride" else unknown == "dilation" and axis["kernel"] == 1


class Terms:
    """The letters of one axis as expressions: with their numbers, or as quantities where they stay letters."""

    def __init__(self, law: Law, axis: Mapping[str, int]) -> None:
        def term(name: str) -> Expression:
            if name in law.open:
                return Ref(name, ())
            return Letter(law.letters[name], axis.get(name))

        self.i, self.k, self.s, self.p, self.d, self.a, self.o = (term(name) for name in LETTERS)
        self.twice = op("mul", 2, self.p)
        self.reach_law = op("add", op("mul", self.d, op("add", self.k, -1)), 1)
        self.dilated = axis.get("dilation") != 1
        self.reach: Expression = self.k
        if self.dilated and {"kernel", "dilation"} <= set(axis):
            self.reach = Letter(law.letters["kernel"], value_of(self.reach_law), accent="hat")
        elif self.dilated:
            self.reach = self.reach_law
        self.room_cells = op("add", self.i, self.twice)
        self.room = op("add", self.i, self.twice, op("neg", self.reach))
        self.direct = op("add", op("floor", op("div", self.room, self.s)), 1)
        self.start = op("mul", op("add", self.o, -1), self.s)
        back = [op("mul", self.s, op("add", self.i, -1)), self.reach, op("neg", self.twice)]
        extra = axis.get("output_padding", 1 if "output_padding" in law.unknown else 0)
        self.transposed = op("add", *back, self.a) if extra else op("add", *back)


def value_of(expression: Any) -> Any:
    """The number an expression of known letters comes to.

    >>> value_of(op("add", op("mul", 2, Letter("p", 3)), -1))
    5
    """
    match expression:
        case Number(value) | Letter(_, value):
            return value
        case Op("add", args):
            return sum(map(value_of, args))
        case Op("mul", (a, b)):
            return value_of(a) * value_of(b)
        case Op("neg", (a,)):
            return -value_of(a)
        case Op("floor", (Op("div", (a, b)),)):
            return value_of(a) // value_of(b)
        case Op("ceil", (Op("div", (a, b)),)):
            return -(-value_of(a) // value_of(b))
    raise TypeError(f"{expression!r} has no number")


def size_of(law: Law, axis: Mapping[str, int]) -> int:
    """The size of the output along one axis by the law. Dumoulin & Visin, relations 6, 14 and 15."""
    reach = axis["dilation"] * (axis["kernel"] - 1) + 1
    if law.transposed:
        return axis["stride"] * (axis["input"] - 1) + reach - 2 * axis["padding"] + axis["output_padding"]
    room = axis["input"] + 2 * axis["padding"] - reach
    return room // axis["stride"] + 1 if room >= 0 else 0


def given(law: Law) -> Step:
    """What is known, what is asked, and the convention."""
    rows = []
    for name, written in law.letters.items():
        if name == "output_padding" and not law.transposed:
            continue
        cells: list[Any] = [name.replace("_", " "), Letter(written)]
        for axis in law.axes[:1] if law.alike else law.axes:
            open_letter = "stays a letter" if law.is_forward and name != "output" else "unknown"
            cells.append(Number(axis[name]) if name in axis else open_letter)
        rows.append(tuple(cells))
    header = ("", "letter", "value") if law.alike else ("", "letter", "down", "across")
    text = "Sizes are in cells; the padding is put on each side, and a window must fit whole (floor, as in torch)."
    if law.transposed:
        text = "Sizes are in cells. This is a transposed layer: the padding is cropped from each side, and the output "
        text += "padding is added at the end."
    if law.alike and len(law.axes) == 2:
        text += " Both axes have the same numbers."
    return Step("given", "Given", (Table(header, tuple(rows)), Prose(text)))


def words(law: Law) -> list[Any]:
    """Where the law comes from, in letters only."""
    letters = Terms(Law(law.direction, ({},), (), law.letters, law.most), {"dilation": 1})
    k, s, i, o = letters.k, letters.s, letters.i, letters.o
    dilated = any(axis.get("dilation") != 1 for axis in law.axes)
    if dilated:
        k = Letter(law.letters["kernel"], accent="hat")
    blocks: list[Any] = []
    reach = op("add", op("mul", letters.d, op("add", letters.k, -1)), 1)
    if dilated:
        text = "Between {k} taps there are {n} gaps of {d} cells, so the kernel covers {reach} cells, called {hat}."
        values = {"k": letters.k, "n": op("add", letters.k, -1), "d": letters.d, "reach": reach, "hat": k}
        blocks.append(Prose(text, values))
    if law.transposed:
        text = (
            "The last of {i} copies of the kernel starts {start} cells after the first and covers {k} cells. Of these "
        )
        text += "{sum} cells {crop} are cropped, and {a} are added at the end."
        start = op("mul", s, op("add", i, -1))
        values = {"i": i, "start": start, "k": k, "sum": op("add", start, k), "crop": letters.twice, "a": letters.a}
        return [*blocks, Prose(text, values)]
    text = "Window number {o} starts {start} cells after the first and covers {k} cells. It fits into the {room} cells "
    text += "of the padded input as long as"
    padded = op("add", i, letters.twice)
    values = {"o": o, "start": letters.start, "k": k, "room": padded}
    fits = op("le", op("add", letters.start, k), padded)
    blocks += [Prose(text, values), Equation((fits,))]
    over = op("div", op("add", padded, op("neg", k)), s)
    text = "Solve for {o}: subtract {k}, divide by {s}, add 1. This is {bound}, and the largest whole number {o} is"
    bound = op("le", op("add", o, -1), over)
    blocks.append(Prose(text.replace("This is {bound}", "So"), {"o": o, "k": k, "s": s}))
    blocks[-1] = Prose("Subtract {k} and divide by {s}; then the largest whole number is taken:", {"k": k, "s": s})
    return [*blocks, Equation((bound,)), Equation((op("equals", o, op("add", op("floor", over), 1)),))]


def forward(law: Law, ask: str) -> Solved:
    """The size of the output, in numbers or in letters."""
    quantities: dict[str, Quantity] = {}
    for name in law.open:
        quantities[name] = Quantity(Symbol(law.letters[name], law.letters[name]), law.operands[name])
    sizes = [_symbolic(law, axis) if law.open else size_of(law, axis) for axis in law.axes]
    symbol = Symbol(law.letters["output"], law.letters["output"])
    quantities["size"] = Quantity(symbol, Tensor((len(sizes),), tuple(sizes)))
    quantities["law"] = Quantity(symbol, Tensor((), (sizes[0],)))
    title = "The transposed size law" if law.transposed else "The size law, from the window that must fit"
    steps = [given(law), Step("law", title, tuple(words(law)))]
    blocks: list[Any] = []
    for number, axis in enumerate(law.axes[:1] if law.alike else law.axes):
        if not law.alike:
            blocks.append(Prose(WHERE[number]))
        blocks += _with_numbers(law, axis, Ref("law", ()) if law.alike else Ref("size", (number,)))
    if not law.open and ask == "solve":
        blocks += size_result(sizes, True)
    steps.append(Step("size", "The size of the output", tuple(blocks)))
    if not law.open and law.alike:
        steps.append(_restored(law) if law.transposed else _shared(law, ask, quantities))
    return Solved(tuple(steps), quantities, "class" if ask == "class" else "size")


def _symbolic(law: Law, axis: Mapping[str, int]) -> Any:
    """The law as a SymPy expression in the open letters."""
    from symconv import algebra

    at: dict[str, Any] = {**axis, **{name: tensor.cells[0] for name, tensor in law.operands.items()}}
    reach = at["dilation"] * (at["kernel"] - 1) + 1
    if law.transposed:
        terms = [at["stride"] * (at["input"] - 1), reach, -2 * at["padding"], at["output_padding"]]
        return algebra.total(terms)
    return algebra.size_law(algebra.total([at["input"], 2 * at["padding"], -reach]), at["stride"])


def _with_numbers(law: Law, axis: Mapping[str, int], out: Ref) -> list[Any]:
    terms = Terms(law, axis)
    blocks: list[Any] = []
    if isinstance(terms.reach, Letter) and terms.dilated:
        blocks.append(Equation((terms.reach, terms.reach_law, Put(terms.reach_law), Number(terms.reach.value))))
    made = terms.transposed if law.transposed else terms.direct
    if not law.open:
        blocks.append(Equation((out, made, Put(made), Put(out))))
        if not law.transposed:
            o = size_of(law, axis)
            last = Put(op("le", op("add", op("mul", Number(o - 1), terms.s), terms.reach), terms.room_cells))
            one_more = Put(op("gt", op("add", op("mul", Number(o), terms.s), terms.reach), terms.room_cells))
            text = "Check: window {o} fits, {last}; one more would not, {more}."
            blocks.append(Prose(text, {"o": Number(o), "last": last, "more": one_more}))
        return blocks
    bare = set(axis) <= {"dilation", "output_padding"} and axis.get("dilation", 1) == 1
    if bare:
        blocks += [Prose("No number is given, so this is the law itself:"), Equation((out, made), boxed=True)]
    else:
        blocks += [Equation((out, made, Put(made))), Prose("With the constants gathered:")]
        blocks.append(Equation((out, _gathered(law, axis)), boxed=True))
    if not law.transposed:
        text = "It holds wherever at least one window fits: {fits}."
        fits = op("le", terms.reach, terms.room_cells)
        blocks.append(Prose(text, {"fits": fits if bare else Put(fits)}))
    return blocks


def _gathered(law: Law, axis: Mapping[str, int]) -> Any:
    """The law with its constants added up, in the page's own form."""
    from symconv import algebra

    at: dict[str, Any] = {**axis, **{name: tensor.cells[0] for name, tensor in law.operands.items()}}
    if law.transposed or at["stride"] == 1:
        return _refs(law, algebra.to_expression(_symbolic(law, axis)))
    reach = at["dilation"] * (at["kernel"] - 1) + 1
    room = algebra.total([at["input"], 2 * at["padding"], -reach])
    above = _refs(law, algebra.to_expression(room))
    below = _refs(law, algebra.to_expression(at["stride"]))
    return op("add", op("floor", op("div", above, below)), 1)


def _refs(law: Law, expression: Any) -> Any:
    """The same expression with the law's quantities in place of bare letters."""
    names = {law.letters[name]: Ref(name, ()) for name in law.open}
    if isinstance(expression, Op):
        return Op(expression.name, tuple(_refs(law, arg) for arg in expression.args))
    return names.get(getattr(expression, "name", ""), expression)


def _shared(law: Law, ask: str, quantities: dict[str, Quantity]) -> Step:
    """The input sizes that share one output, and what restores each when it is transposed."""
    axis = law.axes[0]
    terms = Terms(law, axis)
    o = size_of(law, axis)
    left = axis["input"] + 2 * axis["padding"] - axis["dilation"] * (axis["kernel"] - 1) - 1 - (o - 1) * axis["stride"]
    first = axis["input"] - left
    members = [n for n in range(first, first + axis["stride"]) if n >= 1]
    letter = law.letters["input"]
    quantities["left"] = Quantity(Symbol("r", "r"), Tensor((), (left,)))
    quantities["class"] = Quantity(Symbol(letter, letter), Tensor((len(members),), tuple(members)))
    o_terms = Terms(law, {**axis, "output": o})
    rest = op("add", terms.room, op("neg", o_terms.start))
    text = "The last window ends {r} cells before the end of the padded input; these cells are never read:"
    blocks: list[Any] = [
        Prose(text, {"r": Ref("left", ())}),
        Equation((Ref("left", ()), rest, Put(rest), Number(left))),
    ]
    smallest = op("add", o_terms.start, terms.reach, op("neg", terms.twice))
    blocks.append(Prose("The smallest input with the same output leaves nothing over:"))
    blocks.append(Equation((smallest, Put(smallest), Number(first))))
    if axis["stride"] == 1:
        text = "With stride 1 every cell is read, and each input size has an output size of its own."
        blocks.append(Prose(text))
    else:
        text = "The next {n} sizes only add cells that are never read, so {s} sizes share the output {o}."
        text = text.replace("{n} sizes only add", "size only adds") if axis["stride"] == 2 else text
        values = {"n": Number(axis["stride"] - 1), "s": Number(axis["stride"]), "o": Number(o)}
        if len(members) < axis["stride"]:
            text += " Those below 1 are no inputs."
        blocks.append(
            Prose(text + " A transposed layer goes back from {o} to each of them by its output padding:", values)
        )
        rows = []
        for n in members[:MOST_ROWS]:
            here = Terms(law, {**axis, "input": n, "output": o})
            back = op("add", op("mul", here.s, op("add", here.o, -1)), here.reach, op("neg", here.twice))
            again = op("equals", Put(op("add", back, Number(n - first))), Number(n))
            rows.append((Number(n), op("equals", Put(here.direct), Number(o)), again))
        blocks.append(Table(("input", "forwards", "back, the output padding last"), tuple(rows)))
    if ask == "class":
        blocks.append(Equation((Ref("class"), Put(Ref("class"))), boxed=True))
    return Step("class", "Input sizes that share this output", tuple(blocks))


def _restored(law: Law) -> Step:
    """The direct layer that goes back, and the output padding that restores the size."""
    axis = law.axes[0]
    out = size_of(law, axis)
    turned = {**axis, "input": out}
    terms = Terms(Law("direct", (turned,), (), law.letters, law.most), turned)
    back = size_of(Law("direct", (), (), {}, 1), turned)
    text = "A direct layer with the same kernel, stride, padding and dilation takes {o} back to"
    blocks: list[Any] = [Prose(text, {"o": Number(out)}), Equation((terms.direct, Put(terms.direct), Number(back)))]
    if axis["output_padding"] < axis["stride"]:
        text = "It leaves {r} cells over, which is the output padding: of the {s} sizes that a direct layer takes to "
        text = text.replace("cells", "cell") if axis["output_padding"] == 1 else text
        text += "{i}, the output padding 0, 1, ... names the one that is meant."
        values = {"r": Number(axis["output_padding"]), "s": Number(axis["stride"]), "i": Number(axis["input"])}
        blocks.append(Prose(text, values))
    else:
        blocks.append(
            Prose("The output padding is a stride or more, so the direct layer has windows of its own there.")
        )
    return Step("check", "Check: back by a direct layer", tuple(blocks))
