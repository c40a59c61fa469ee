"""Two other ways to a circular convolution: folding the linear result back, and the discrete Fourier transform."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import lcm
from typing import Any

from symconv.document import Equation, Equations, Grid, Grids, Prose, Step, SumTable, Symbol, WorkedSum
from symconv.errors import ProblemError
from symconv.expression import Letter, Number, Put, Ref, Running, op
from symconv.operations import checks
from symconv.operations.circular_steps import Work
from symconv.operations.steps import is_final
from symconv.tensor import Index, Tensor

LONG = (5, 8)  # sizes whose transforms are too wide for one line


def aliasing(work: Work, ask: str) -> Step:
    """The linear result, and its tail folded back onto its start."""
    linear = work.linear
    size = Number(linear.shape[0]) if work.dims == 1 else op("by", *linear.shape)
    blocks: list[Any] = [
        Prose(
            "The linear convolution {L} of the operands as they were given has the size {size}:",
            {"L": Ref("linear"), "size": size},
        )
    ]
    tail = frozenset(at for at in linear.indices() if any(a >= n for a, n in zip(at, work.shape, strict=True)))
    wide = work.layer.has_letters
    if ask == "aliasing" or wide:
        blocks.append(SumTable(tuple(_linear_sum(work, at) for at in linear.indices())))
    if not wide:
        blocks.append(Grids((Grid("linear", (), Prose("{L}", {"L": Ref("linear")}), marked=tail),)))
    blocks += _compared(work)
    if work.setting.is_linear:
        outs = "ij"[: work.dims]
        at = tuple(map(Running, outs))
        spans = tuple((out, work.base, n - 1 + work.base) for out, n in zip(outs, linear.shape, strict=True))
        blocks.append(Equation((Ref("output", at), Ref("linear", at)), for_all=spans))
    else:
        blocks.append(SumTable(tuple(_folded_sum(work, at) for at in work.outputs())))
    return Step("linear", "Aliasing: the linear result, folded back", tuple(blocks))


def _linear_sum(work: Work, at: Index) -> WorkedSum:
    pairs = list(work.overlap(at))
    terms = tuple(Put(op("mul", Ref("input", m), Ref("kernel", k))) for m, k in pairs)
    final = is_final([(work.x[m], work.w[k]) for m, k in pairs])
    return WorkedSum(Ref("linear", at), (terms,), None if final else Put(Ref("linear", at)))


def _compared(work: Work) -> Iterator[Prose]:
    """Along each axis: whether N leaves room for the linear result."""
    words = ("",) if work.dims == 1 else ("Down the rows: ", "Along the columns: ")
    for word, (a, b, n) in zip(words, work.setting.sizes, strict=True):
        room = op("add", Letter("N", a, sub="1"), Letter("N", b, sub="2"), -1)
        fits = op("le" if a + b - 1 <= n else "gt", room, Letter("N", n))
        if a + b - 1 <= n:
            text = "there is room for the whole linear result, and nothing comes round."
        else:
            text = (
                "there is no room for the end of the linear result"
                + ("" if work.layer.has_letters else " (shaded)")
                + ". It is folded back: it is added at "
            )
            text += "the place {N} cells before. This is aliasing."
        values = {"law": fits, "numbers": Put(fits), "N": Letter("N", n)}
        yield Prose(word + "{law}, here {numbers}: " + text, values)


def _folded_sum(work: Work, at: Index) -> WorkedSum:
    shifts = product(*((0, n) for n in work.shape))
    places = [tuple(a + s for a, s in zip(at, shift, strict=True)) for shift in shifts]
    inside = [p for p in places if all(a < n for a, n in zip(p, work.linear.shape, strict=True))]
    if work.layer.has_letters:
        return WorkedSum(Ref("output", at), (tuple(Ref("linear", p) for p in inside),), None)
    terms = tuple(Put(Ref("linear", p)) for p in inside)
    return WorkedSum(Ref("output", at), (terms,), Put(Ref("output", at)) if len(terms) > 1 else None)


def dft(work: Work, ask: str) -> list[Step]:
    """The DFT turns the circular convolution into products: exact for sizes whose roots of unity are simple."""
    if not work.setting.has_dft or work.layer.has_letters:
        if ask != "dft":
            return []
        raise ProblemError(
            "ask = 'dft' needs numbers and a size of 1, 2, 3, 4, 5, 6 or 8 (in 2-D: 1, 2, 4, 8 only, or 1, 2, 3, 6 "
            f"only, or 1, 5 only), whose roots of unity are exact; the size is {' x '.join(map(str, work.shape))}"
            + (" and there are letters" if work.layer.has_letters else "")
        )
    from symconv import algebra

    matrices = [f"F_{n}" for n in work.shape]
    for name, n in zip(matrices, work.shape, strict=True):
        work.add(name, algebra.dft_matrix(n), Symbol("F", "f", sub=str(n)))
    for operand, of in (("input", work.first), ("kernel", work.second), ("output", "output")):
        letter = work.symbols[operand].whole
        symbol = Symbol(letter, work.notation.cell(letter), accent="hat")
        work.add(f"dft({operand})", _transformed(work, work.quantities[of].value), symbol)
    x, w, y = (Ref(f"dft({operand})") for operand in ("input", "kernel", "output"))
    values: dict[str, Any] = {"i": algebra.to_expression(algebra.IMAGINARY)}
    text = "The discrete Fourier transform turns a circular convolution into products, entry by entry."
    for name, n in dict(zip(matrices, work.shape, strict=True)).items():
        text += f" Its matrix {{{name}}} holds the powers of {{{name}_root}}."
        values |= {name: Ref(name), f"{name}_root": Put(Ref(name, (1 % n, 1 % n)))}
    if lcm(*work.shape) in (4, 8):
        text += " Here {i} is the imaginary unit."
    elif lcm(*work.shape) in (3, 6):
        omega = values["w"] = algebra.to_expression(algebra.OMEGA)
        values["rule"] = op("equals", op("pow", omega, 2), op("add", -1, op("neg", omega)))
        text += " Here {w} is the third root of unity with the angle of minus 120 degrees, so {rule}."
    elif lcm(*work.shape) == 5:
        omega = values["w"] = algebra.to_expression(algebra.OMEGA_5)
        lower = (omega, op("pow", omega, 2), op("pow", omega, 3))
        values["rule"] = op("equals", op("pow", omega, 4), op("add", -1, *(op("neg", power) for power in lower)))
        text += " Here {w} is the fifth root of unity with the angle of minus 72 degrees, so {rule}."
    shown = [Equation((Ref(name), Put(Ref(name)))) for name in dict.fromkeys(matrices)]
    products = tuple(
        Equation(
            (
                Ref(y.name, at),
                op("mul", Ref(x.name, at), Ref(w.name, at)),
                Put(op("mul", Ref(x.name, at), Ref(w.name, at))),
                Put(Ref(y.name, at)),
            )
        )
        for at in work.outputs()
    )
    blocks = [
        Prose(text, values),
        Equations(tuple(shown)),
        Prose("The transforms of both operands:"),
        *_transform(work, x, work.first, matrices),
        *_transform(work, w, work.second, matrices),
        Prose("Their products, entry by entry:"),
        Equations(products),
        Prose("The transform of the result {H} is the same:", {"H": Ref("output")}),
        *_transform(work, y, "output", matrices, boxed=ask == "dft"),
    ]
    title = "The discrete Fourier transform" if ask == "dft" else "Check by the discrete Fourier transform"
    return [Step("dft(output)", title, tuple(blocks))]


def given(work: Work) -> Step:
    """What is given, and which of the transforms that courses call the DFT is asked for."""
    from symconv import algebra

    text = (
        "Asked for is {Y}, the discrete Fourier transform of the result {H}, without a factor in front: its entry {k} "
        "is the sum of the entries {n} of {H}, each times the power {k}{n} of the root of unity "
    )
    if work.dims == 1:
        text += "with the angle of minus 360/{N} degrees. Both {k} and {n} count from 0."
    else:
        text += (
            "with the angle of minus 360/{N} degrees down the columns, then likewise of minus 360/{M} degrees along "
        )
        text += "the rows. Both {k} and {n} count from 0."
    values = {"Y": Ref("dft(output)"), "H": Ref("output"), "N": Number(work.shape[0]), "M": Number(work.shape[-1])}
    values |= {letter: Letter(letter) for letter in "kn"} | {"i": algebra.to_expression(algebra.IMAGINARY)}
    step = work.given()
    return Step(step.label, step.title, (*step.blocks, Prose(text + " The imaginary unit is {i}.", values)))


def _transform(work: Work, target: Ref, of: str, matrices: list[str], boxed: bool = False) -> list[Any]:
    """A transform as a product; entry by entry where they are too long for one line."""
    product = op("matmul", *map(Ref, (matrices[0], of)))
    if work.dims == 2:
        product = op("matmul", product, Ref(matrices[1]))
    if lcm(*work.shape) not in LONG:
        return [Equation((target, product, Put(target)), boxed=boxed)]
    cells = (Ref(target.name, at) for at in work.outputs())
    entries = Equations(tuple(Equation((cell, Put(cell))) for cell in cells))
    box = [Equation((target, op("names", target)), boxed=True)] if boxed else []
    return [Equation((target, product)), entries, *box]


def _transformed(work: Work, value: Tensor) -> Tensor:
    """The DFT along every axis."""
    from symconv import algebra

    for axis, n in enumerate(work.shape):
        powers = algebra.dft_matrix(n)

        def cell(at: Index, axis: int = axis, n: int = n, powers: Tensor = powers, of: Tensor = value) -> Any:
            terms = (powers[at[axis], m] * of[(*at[:axis], m, *at[axis + 1 :])] for m in range(n))
            return algebra.with_roots(terms)

        value = Tensor.build(value.shape, cell)
    return value


def totals(work: Work) -> list[Step]:
    """Totals multiply, and the DFT; letters need neither."""
    if work.layer.has_letters:
        return []
    for name in ("input", "kernel", "output"):
        checks.add_total(work.quantities, name)
    text = "Every input cell meets every kernel entry exactly once, however the indices go round, so totals multiply:"
    blocks: list[Any] = [Prose(text), checks.product_of_totals("output")]
    if not work.setting.has_dft:
        sizes = "{N}" if work.dims == 1 else "{N} and {M}"
        text = f"The check by the discrete Fourier transform is left out: for the size {sizes} its roots of unity are "
        text += "no simple numbers."
        blocks.append(Prose(text, dict(zip("NM", map(Number, work.shape), strict=False))))
    return [Step("check", "Check", tuple(blocks))]
