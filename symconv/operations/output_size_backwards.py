"""The size law backwards: every whole number that the unknowns can be, with bounds for a lone one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

from symconv.document import Equation, Prose, Quantity, Step, Symbol, Table
from symconv.entries import exact
from symconv.expression import Expression, Letter, Number, Put, Ref, op
from symconv.operations.base import Solved
from symconv.operations.output_size_steps import LEAST, MOST_ROWS, WHERE, Law, Terms, given, size_of, value_of, words
from symconv.tensor import Tensor


def backward(law: Law) -> Solved:
    """Every whole number that the unknowns can be."""
    found = _solutions(law)
    several = len(law.unknown) > 1
    shape = (len(found), len(law.unknown)) if several and found else (len(found),)
    cells = tuple(value for values in found for value in values)
    letter = law.letters[law.unknown[0]]
    quantities = {"solutions": Quantity(Symbol("S", "s") if several else Symbol(letter, letter), Tensor(shape, cells))}
    title = "The transposed size law" if law.transposed else "The size law, from the window that must fit"
    solve = _candidates(law) if several else _bounded(law)
    steps = [given(law), Step("law", title, tuple(words(law))), solve, _listed(law, found)]
    return Solved(tuple(steps), quantities, "solutions")


def _solutions(law: Law) -> list[tuple[int, ...]]:
    """The values that are right on every axis."""
    if len(law.unknown) > 1:
        spans = [range(LEAST[name], law.most + 1) for name in law.unknown]
        tried: Any = product(*spans)
    else:
        tried = ((value,) for value in range(*_interval(law, law.axes[0])))
    return [values for values in tried if all(_holds(law, axis, values) for axis in law.axes)]


def _holds(law: Law, axis: Mapping[str, int], values: Sequence[int]) -> bool:
    full = {**axis, **dict(zip(law.unknown, values, strict=True))}
    allowed = not law.transposed or full["output_padding"] < max(full["stride"], full["dilation"])
    return allowed and size_of(law, full) == axis["output"]


def _interval(law: Law, axis: Mapping[str, int]) -> tuple[int, int]:
    """The first value of a lone unknown, and the one after the last."""
    (unknown,) = law.unknown
    bounds = _bounds(law, axis)
    low = max(LEAST[unknown], value_of(bounds[0])) if bounds else LEAST[unknown]
    high = value_of(bounds[1]) if len(bounds) > 1 else law.listed_to(axis, unknown)
    return low, high + 1


def _bounds(law: Law, axis: Mapping[str, int]) -> list[Expression]:
    """The least and the greatest value of a lone unknown; no greatest, or neither, where there is no end."""
    (unknown,) = law.unknown
    t = Terms(law, axis)
    if law.transposed:
        quotient = () if law.is_endless(axis, unknown) else _quotient(unknown, t)
        return [_rounded(way, *quotient) for way in ("ceil", "floor") if quotient]
    if unknown == "stride":
        low = op("add", op("floor", op("div", t.room, t.o)), 1)
        return [low] if axis["output"] == 1 else [low, op("floor", op("div", t.room, op("add", t.o, -1)))]
    if law.is_endless(axis, unknown):
        return []
    next_start = op("mul", t.o, t.s)
    room = op("add", t.i, t.twice)
    if unknown == "input":
        low = op("add", t.start, t.reach, op("neg", t.twice))
        return [low, op("add", low, op("add", t.s, -1))]
    if unknown == "padding":
        least = op("add", t.start, t.reach, op("neg", t.i))
        most = op("add", next_start, t.reach, op("neg", t.i), -1)
        return [_rounded("ceil", least, Number(2), 0), _rounded("floor", most, Number(2), 0)]
    least, most = op("add", room, op("neg", next_start)), op("add", room, op("neg", t.start), -1)
    below, plus = (t.d, 1) if unknown == "kernel" else (op("add", t.k, -1), 0)
    return [_rounded("ceil", least, below, plus), _rounded("floor", most, below, plus)]


def _quotient(unknown: str, t: Terms) -> tuple[Expression, Expression, int]:
    """What the transposed law says of a lone unknown: a quotient of two expressions, plus a constant."""
    back = op("mul", t.s, op("add", t.i, -1))
    minus, extra = op("neg", t.reach), op("neg", t.a)
    return {
        "input": (op("add", t.o, minus, t.twice, extra), t.s, 1),
        "kernel": (op("add", t.o, op("neg", back), t.twice, extra, -1), t.d, 1),
        "stride": (op("add", t.o, minus, t.twice, extra), op("add", t.i, -1), 0),
        "padding": (op("add", back, t.reach, t.a, op("neg", t.o)), Number(2), 0),
        "dilation": (op("add", t.o, op("neg", back), t.twice, extra, -1), op("add", t.k, -1), 0),
        "output_padding": (op("add", t.o, op("neg", back), minus, t.twice), Number(1), 0),
    }[unknown]


def _rounded(way: Any, above: Expression, below: Expression, plus: int) -> Any:
    """A quotient rounded to a whole number, plus a constant."""
    made: Any = above if below in (Number(1), Letter("d", 1)) else op(way, op("div", above, below))
    return op("add", made, plus) if plus else made


def _bounded(law: Law) -> Step:
    """The least and the greatest value of a lone unknown, with its numbers."""
    (unknown,) = law.unknown
    x = Letter(law.letters[unknown])
    blocks: list[Any] = []
    for number, axis in enumerate(law.axes[:1] if law.alike else law.axes):
        if not law.alike:
            blocks.append(Prose(WHERE[number]))
        t = Terms(law, axis)
        if isinstance(t.reach, Letter) and t.dilated:
            blocks.append(Equation((t.reach, t.reach_law, Put(t.reach_law), Number(t.reach.value))))
        bounds = _bounds(law, axis)
        if law.transposed:
            text = "The law must give {o}:"
            blocks += [Prose(text, {"o": t.o}), Equation((Put(op("equals", t.transposed, t.o)),))]
        else:
            text = "There are {o} windows when number {o} still fits and one more does not:"
            more = op("gt", op("add", op("mul", t.o, t.s), t.reach), t.room_cells)
            fits = op("le", op("add", t.start, t.reach), t.room_cells)
            blocks += [Prose(text, {"o": Put(t.o)}), Equation((Put(fits),)), Equation((Put(more),))]
        if law.is_endless(axis, unknown) and unknown == "dilation":
            blocks.append(Prose("A single tap has no neighbour, so the dilation {x} changes nothing.", {"x": x}))
        elif law.is_endless(axis, unknown):
            text = "A single step is never taken, so {x} has no largest value" + (":" if bounds else ".")
            blocks.append(Prose(text, {"x": x}))
        if law.transposed and bounds:
            blocks += _exact(x, *_quotient(unknown, t))
        else:
            said = ("The smallest {x} is", "The largest {x} is")
            for word, bound in zip(said, bounds, strict=False):
                blocks.append(Prose(word, {"x": x}))
                blocks.append(Equation((bound, Put(bound), Number(value_of(bound)))))
    return Step("bounds", f"Solve for the {unknown.replace('_', ' ')}", tuple(blocks))


def _exact(x: Letter, above: Expression, below: Expression, plus: int) -> list[Any]:
    """The quotient a transposed law gives, whole or not."""
    value = exact(Fraction(value_of(above), value_of(below)) + plus)
    quotient = above if below == Number(1) else op("div", above, below)
    made = op("add", quotient, plus) if plus else quotient
    blocks: list[Any] = [Prose("Solved for {x} this is", {"x": x}), Equation((made, Put(made), Number(value)))]
    if value.denominator > 1:
        blocks.append(Prose("which is not a whole number."))
    return blocks


def _candidates(law: Law) -> Step:
    """How several unknowns are searched."""
    names = [Letter(law.letters[name]) for name in law.unknown]
    holes = {f"x{n}": name for n, name in enumerate(names)}
    listed = ", ".join(f"{{{hole}}}" for hole in list(holes)[:-1]) + f" and {{x{len(names) - 1}}}"
    text = f"One equation with the unknowns {listed} has no single solution, and often no end of them. So all whole "
    text += "numbers up to {most} are tried for each, from 0 for a padding and from 1 for the others; a combination is "
    text += "kept when the law gives the output."
    if law.transposed:
        text += " The output padding must stay below the stride or the dilation."
    return Step("bounds", "Try every combination", (Prose(text, {**holes, "most": Number(law.most)}),))


def _listed(law: Law, found: Sequence[tuple[int, ...]]) -> Step:
    """The solutions, each put into the law; or the values next to the gap where there is none."""
    letters = [law.letters[name] for name in law.unknown]
    if not found:
        return Step("solutions", "There is no solution", tuple(_near(law)))
    names = [name.replace("_", " ") for name in law.unknown]
    header = (*names, "the law" if law.alike else "the law down the rows")
    rows = tuple((*map(Number, values), _put_in(law, law.axes[0], values)) for values in found[:MOST_ROWS])
    text = "{n} solutions:" if len(found) > 1 else "One solution:"
    blocks: list[Any] = [Prose(text, {"n": Number(len(found))}), Table(header, rows)]
    if len(found) > MOST_ROWS:
        more = "The table shows the first {n}; the JSON form of this solution has all."
        blocks.append(Prose(more, {"n": Number(MOST_ROWS)}))
    endless = len(letters) == 1 and all(law.is_endless(axis, law.unknown[0]) for axis in law.axes)
    if endless:
        blocks.append(Prose("Every larger one is a solution too."))
    if len(letters) == 1 and len(found) == 1:
        blocks.append(Equation((Ref("solutions", (0,)), Put(Ref("solutions", (0,)))), boxed=True))
    elif len(letters) == 1:
        least = op("equals", Letter(letters[0]), Put(Ref("solutions")))
        blocks.append(Equation((least,), boxed=True))
    return Step("solutions", "The solutions" if len(found) > 1 else "The solution", tuple(blocks))


def _put_in(law: Law, axis: Mapping[str, int], values: Sequence[int]) -> Expression:
    """The law with a solution, as a claim."""
    full = {**axis, **dict(zip(law.unknown, values, strict=True))}
    terms = Terms(Law(law.direction, (full,), (), law.letters, law.most), full)
    out = Number(size_of(law, full))
    return op("equals", Put(terms.transposed if law.transposed else terms.direct), out)


def _near(law: Law) -> list[Any]:
    blocks: list[Any] = [Prose("No whole number gives this output: there is no solution.")]
    if len(law.unknown) > 1:
        return blocks
    (unknown,) = law.unknown
    axis = law.axes[0]
    low, after = _interval(law, axis)
    near = [value for value in (min(low, after - 1), max(low, after - 1)) if value >= LEAST[unknown]]
    near = [value for value in near if size_of(law, {**axis, unknown: value}) > 0]
    if near and (law.alike or len(law.axes) == 1):
        rows = tuple((Number(value), _put_in(law, axis, (value,))) for value in dict.fromkeys(near))
        blocks += [Prose("The values next to it miss:"), Table((unknown.replace("_", " "), "the law"), rows)]
    return blocks
