"""The steps of a depthwise separable layer: channel by channel, the pointwise sums, the counts against a full layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

from symconv.document import Equation, Prose, Quantity, Step, Symbol, Table
from symconv.entries import exact
from symconv.expression import Number, Put, Ref, op
from symconv.notation import Notation
from symconv.operations.base import Detail, Solved
from symconv.operations.direct_steps import Direct, Work
from symconv.operations.geometry import Geometry, lead, squeezed
from symconv.operations.steps import dot, is_wide, result_step, size_step, total_of
from symconv.tensor import Tensor

PARTS = ("depthwise", "pointwise", "together", "full layer")


@dataclass(frozen=True)
class Separable:
    """A depthwise layer, and the matrix that mixes its maps: one row for each filter."""

    depthwise: Direct
    pointwise: Tensor

    @property
    def geometry(self) -> Geometry:
        """The geometry of the depthwise layer."""
        return self.depthwise.geometry

    @property
    def operands(self) -> Mapping[str, Tensor]:
        """The operands by name; `kernel` holds the depthwise kernels."""
        return {**self.depthwise.operands, "pointwise": self.pointwise}

    @property
    def inside(self) -> tuple[int, ...]:
        """The shape of the padded input."""
        return (self.geometry.channels, *(axis.padded for axis in self.geometry.axes))


def output_steps(setting: Separable, notation: Notation, detail: Detail) -> Solved:
    """The depthwise maps, their mixtures, and what both cost."""
    work = Work(setting.depthwise, notation, detail, target="depthwise")
    quantities = work.quantities
    maps = work.output.reshape((setting.geometry.filters, *setting.geometry.output))
    mixing = setting.pointwise
    filters, across = mixing.shape
    quantities["pointwise"] = Quantity(Symbol("P", "p"), mixing)
    made = Tensor.build(
        (filters, *setting.geometry.output),
        lambda at: dot([(mixing[(at[0], c)], maps[(c, *at[1:])]) for c in range(across)]),
    )
    output = squeezed(made, 1)
    quantities["output"] = Quantity(work.symbols["output"], output, labelled_cells=True)
    given = work.given()
    text = "The pointwise matrix {P} has one row for each filter and one column for each depthwise map:"
    shown = (Prose(text, {"P": Ref("pointwise")}), Equation((Ref("pointwise"), Put(Ref("pointwise")))))
    blocks: list[Any] = [
        Prose(
            "A 1 by 1 kernel sees one place at a time: output map by output map, the depthwise maps are added with the "
            "weights of a row of {P}.",
            {"P": Ref("pointwise")},
        )
    ]
    refs = [Ref("depthwise", lead((c, across)) or None) for c in range(across)]
    wide = is_wide(work.output) or is_wide(output)
    for f in range(filters):
        target = Ref("output", lead((f, filters)) or None)
        summed = op("add", *(op("mul", Put(Ref("pointwise", (f, c))), ref) for c, ref in enumerate(refs)))
        if across == 1:
            summed = summed.args[0]
        sides = (target, summed) if wide else (target, summed, Put(summed), Put(target))
        blocks.append(Equation(sides))
    if wide:
        blocks += _by_entry(setting, made)
    steps = [
        Step("given", "Given", (*given.blocks, *shown)),
        size_step(setting.geometry.axes, False),
        *work.prepared(),
        _retitled(work.entries(), "Depthwise: each channel by itself"),
        Step("pointwise", "Pointwise: mix the maps", tuple(blocks)),
        result_step(output, len(lead((0, filters)))),
        *([] if setting.depthwise.layer.has_letters or wide else [_check(setting, maps, made, quantities)]),
        *counted(setting, "").steps,
    ]
    quantities.update(_numbers(setting))
    return Solved(tuple(steps), quantities, "output")


def _check(setting: Separable, maps: Tensor, made: Tensor, quantities: dict[str, Quantity]) -> Step:
    """The totals of the maps are mixed as the maps are."""
    filters, across = setting.pointwise.shape
    for name, value in (("depthwise", maps), ("output", made)):
        totals = tuple(total_of(value.part(n).cells) for n in range(value.shape[0]))
        label = f"totals({name})"
        quantities[label] = Quantity(Symbol(label, label), Tensor((len(totals),), totals))
    text = "Mixing is linear, so the totals of the maps are mixed with the same weights:"
    blocks: list[Any] = [Prose(text)]
    for f in range(filters):
        terms, numbers = [], []
        for c in range(across):
            weight = Put(Ref("pointwise", (f, c)))
            terms.append(op("mul", weight, op("total", Ref("depthwise", lead((c, across)) or None))))
            numbers.append(Put(op("mul", Ref("pointwise", (f, c)), Ref("totals(depthwise)", (c,)))))
        sides = [op("add", *parts) if across > 1 else parts[0] for parts in (terms, numbers)]
        whole = op("total", Ref("output", lead((f, filters)) or None))
        blocks.append(Equation((whole, *sides, Put(Ref("totals(output)", (f,))))))
    return Step("check", "Check", tuple(blocks))


def _retitled(step: Step, title: str) -> Step:
    text = "Every channel has its own kernel, and nothing is added across channels."
    return Step("depthwise", title, (Prose(text), *step.blocks))


def _by_entry(setting: Separable, made: Tensor) -> list[Any]:
    """Each entry of the output from its names, where values are long."""
    filters, across = setting.pointwise.shape
    blocks: list[Any] = [Prose("Entry by entry:")]
    for at in made.indices():
        target = Ref("output", (*lead((at[0], filters)), *at[1:]))
        terms = [
            op("mul", Put(Ref("pointwise", (at[0], c))), Put(Ref("depthwise", (*lead((c, across)), *at[1:]))))
            for c in range(across)
        ]
        blocks.append(Equation((target, op("add", *terms) if across > 1 else terms[0], Put(target))))
    return blocks


def _numbers(setting: Separable) -> dict[str, Quantity]:
    """Parameters and multiplications: depthwise, pointwise, together, and of the full layer; and their ratio."""
    maps, filters, channels = setting.geometry.filters, setting.pointwise.shape[0], setting.geometry.channels
    taps, places = prod(setting.geometry.kernel), prod(setting.geometry.output)
    held = (taps * maps, maps * filters, taps * maps + maps * filters, taps * channels * filters)
    ratio = exact(Fraction(held[2], held[3]))
    return {
        "parameters": Quantity(Symbol("parameters", "parameters"), Tensor((4,), held), labelled_cells=True),
        "multiplications": Quantity(
            Symbol("multiplications", "multiplications"),
            Tensor((4,), tuple(n * places for n in held)),
            labelled_cells=True,
        ),
        "ratio": Quantity(Symbol("ratio", "ratio"), Tensor((), (ratio,))),
    }


def counted(setting: Separable, ask: str) -> Solved:
    """What the two steps cost, and what a full layer from the same input to the same output costs."""
    quantities = _numbers(setting)
    geometry, filters = setting.geometry, setting.pointwise.shape[0]
    maps, channels, kernel, out = geometry.filters, geometry.channels, geometry.kernel, geometry.output
    text = (
        "Biases are left out. The depthwise step has one kernel of {k} taps for each of {m} maps; the pointwise step "
    )
    text += (
        "has {m} weights for each of {f} filters. A full layer has a kernel for each of {c} channels in each filter. "
    )
    text += "Each weight is multiplied once at each of the {o} places of the output, so the multiplications are the "
    text += "parameters times {o}."
    if filters == 1:
        text = text.replace("each of {f} filters", "the only filter")
    if maps == 1:
        text = text.replace("for each of {m} maps", "for the only map").replace("{m} weights", "{m} weight")
    if channels == 1:
        text = text.replace("each of {c} channels", "the only channel")
    values = {
        "k": op("by", *kernel),
        "m": Number(maps),
        "f": Number(filters),
        "c": Number(channels),
        "o": op("by", *out),
    }
    factors = ((*kernel, maps), (maps, filters), None, (*kernel, channels, filters))
    rows = []
    for at, (part, product) in enumerate(zip(PARTS, factors, strict=True)):
        cells = []
        for name, more in (("parameters", ()), ("multiplications", out)):
            law = op("add", Ref(name, (0,)), Ref(name, (1,))) if product is None else op("mul", *product, *more)
            cells.append(Put(op("equals", law, Ref(name, (at,)))))
        rows.append((part, *cells))
    blocks: list[Any] = [Prose(text, values), Table(("", "parameters", "multiplications"), tuple(rows))]
    if ask == "counts":
        for name in ("parameters", "multiplications"):
            blocks.append(Equation((op("equals", Ref(name), Put(Ref(name))),), boxed=True))
    multiplier = maps // channels
    taps = op("mul", *kernel)
    parts = op("add", op("div", multiplier, filters), op("div", Number(multiplier), taps))
    quotient = Put(op("div", Ref("parameters", (2,)), Ref("parameters", (3,))))
    work = Put(op("div", Ref("multiplications", (2,)), Ref("multiplications", (3,))))
    one = multiplier == 1
    text = (
        "The separated layer takes this part of the full one, in parameters and in multiplications alike: one over the "
    )
    text += "number of filters plus one over the number of taps" + (":" if one else ", times the channel multiplier:")
    ratio = Ref("ratio", ())
    blocks += [Prose(text), Equation((ratio, quotient, work, parts, Put(ratio)))]
    if ask == "ratio":
        blocks.append(Equation((ratio, Put(ratio)), boxed=True))
    answer = {"ratio": "ratio", "counts": "multiplications"}.get(ask, "output")
    steps: tuple[Step, ...] = (Step("counts", "What it costs, against a full layer", tuple(blocks)),)
    if ask:
        steps = (_shapes(setting), size_step(geometry.axes, False), *steps)
        if ask == "counts":
            both = (*quantities["parameters"].value.cells, *quantities["multiplications"].value.cells)
            quantities["counts"] = Quantity(Symbol("counts", "counts"), Tensor((2, 4), both))
            answer = "counts"
    return Solved(steps, quantities, answer)


def _shapes(setting: Separable) -> Step:
    """The shapes only: counting needs no values."""
    geometry = setting.geometry
    text = "The input has {c} channels of {i} cells. Stride {s}, dilation {d}."
    values = {
        "c": Number(geometry.channels),
        "i": op("by", *geometry.input),
        "s": op("by", *setting.depthwise.layer.stride),
        "d": op("by", *setting.depthwise.layer.dilation),
    }
    return Step("given", "Given", (Prose(text, values),))
