"""The steps of a backward pass around the gradient by the input: the layer, the other gradients, the checks."""

from __future__ import annotations

from itertools import product
from typing import Any

from symconv.document import Equation, Grid, Prose, Step, SumTable, Symbol, Window, WorkedSum
from symconv.expression import Letter, Put, Ref, Running, op
from symconv.operations.backpropagation_work import OUTS, TAPS, Work, derivative
from symconv.operations.geometry import lead
from symconv.operations.steps import (
    dot,
    entries_blocks,
    given_step,
    grids,
    kernel_in_words,
    padding_in_words,
    parts,
    sizes_in_words,
)
from symconv.operations.transposed_steps import Transposed
from symconv.tensor import Index, Tensor

MOST_ENTRIES = 16  # of the output, where they are sums of letters


def given(work: Work, ask: str) -> Step:
    """The layer, its convention, and the upstream gradient."""
    geometry, layer = work.geometry, work.layer
    values: dict[str, Any] = {}
    sentence = f"Stride {sizes_in_words('s', layer.stride, values)}, "
    sentence += padding_in_words([axis.padding for axis in geometry.axes], values, mode=geometry.mode)
    sentence += f", dilation {sizes_in_words('d', layer.dilation, values)}"
    if isinstance(work.setting.of, Transposed) and any(work.setting.of.output_padding):
        sentence += f", output padding {sizes_in_words('e', work.setting.of.output_padding, values)}"
    name = work.setting.operation.name.replace("_", " ").replace("cross c", "cross-c")
    how = "flipped before it slides" if geometry.flip else "not flipped"
    convention = f"The layer is a {name}: the kernel is {how}."
    is_transposed = isinstance(work.setting.of, Transposed)
    convention += kernel_in_words(layer.kernel.shape[:2], layer.groups, by_input=is_transposed)
    step = given_step(layer, work.quantities, geometry.dims, convention, sentence, values)
    return Step(step.label, step.title, (*step.blocks, *_loss(work), *_order(work, ask)))


def _order(work: Work, ask: str) -> list[Any]:
    """How all derivatives are written as one vector."""
    names = [name for name in ("dx", "dw", "db") if name in work.quantities]
    if ask != "all":
        return []
    text = "All of them in one row: the entries of " + ", then of ".join(f"{{{name}}}" for name in names)
    return [Prose(text + ", each row by row.", {name: Ref(name) for name in names})]


def _loss(work: Work) -> list[Any]:
    upstream = work.value("upstream")
    y, g = Ref("output"), Ref("upstream")
    return [
        Prose(
            "A loss {L} is computed from the output {Y}. The upstream gradient {G} = {by_y} is given: one entry for "
            "each entry of {Y}. Its derivatives by the other arrays are {dx} = {by_x}, {dw} = {by_w}"
            + (" and {db} = {by_b}." if work.layer.bias is not None else "."),
            {
                "L": Letter("L"),
                "Y": y,
                "G": g,
                "by_y": derivative(Letter("L"), y),
                "dx": Ref("dx"),
                "by_x": derivative(Letter("L"), Ref("input")),
                "dw": Ref("dw"),
                "by_w": derivative(Letter("L"), Ref("kernel")),
                **(
                    {"db": Ref("db"), "by_b": derivative(Letter("L"), Ref("bias"))}
                    if work.layer.bias is not None
                    else {}
                ),
            },
        ),
        grids("upstream", upstream, len(upstream.shape) - work.geometry.dims),
    ]


def forward(work: Work) -> Step:
    """The output of the layer, and what the chain rule asks for."""
    value = work.value("output")
    named = work.names_only("output")
    dims = len(value.shape) - work.geometry.dims
    shown: list[Any] = [Equation((ref, Put(ref))) for ref in parts("output", value, dims)]
    if named:  # sums of letters: one line each
        met = work.gathered("output")
        cells = list(work.setting.upstream.indices())[:MOST_ENTRIES] if work.layer.bias is None else []
        lines = (work.worked(work.ref_of("output", "output", at), met.get(at, []), "input", "kernel") for at in cells)
        shown = [SumTable(tuple(lines))] if cells else []
    text = (
        "Every output entry is a sum of products of an input cell and a kernel entry. So the derivative of an output "
        "entry by an input cell is the kernel entry that it is multiplied by, and the derivative by a kernel entry "
        "is the input cell; where the two do not meet it is 0. By the chain rule the loss changes through every "
        "output entry, and these changes, weighted by {G}, add up."
    )
    return Step("output", "The forward pass", (*_layer_law(work), *shown, Prose(text, {"G": Ref("upstream")})))


def _layer_law(work: Work) -> list[Any]:
    """The general sum of a direct layer."""
    from symconv import algebra, sums

    geometry, base = work.geometry, work.notation.index_base
    if work.transposed:
        return []
    steps = tuple((a.stride, a.dilation, a.kernel) for a in geometry.axes)
    source = "padded" if geometry.is_padded else "input"
    entry, total = sums.direct_sum(
        steps, geometry.flip, base, geometry.filters, geometry.slices, geometry.groups, source
    )
    summed = algebra.to_expression(total)
    if work.layer.bias is not None:
        summed = op("add", summed, Ref("bias", (Running("f"),) if geometry.filters > 1 else (0,)))
    ranges = work.ranges(OUTS, geometry.output, ("f", geometry.filters))
    return [Equation((algebra.to_expression(entry), summed), for_all=ranges)]


def kernel_gradient(work: Work) -> Step:
    """The derivative by the kernel: the sum, then the cells that each entry met."""
    from symconv import algebra, sums

    geometry, base = work.geometry, work.notation.index_base
    moving = "input" if work.transposed else "upstream"
    source = "padded_gradient" if work.transposed else "padded" if geometry.is_padded else "input"
    many = (work.layer.input if work.transposed else work.setting.upstream).shape[1:]
    values: dict[str, Any] = {"M": Ref(moving), "S": Ref(source)}
    text = (
        "The kernel entry at a tap was multiplied by one input cell in every window. Its derivative is the sum of "
        "these cells, each weighted by the upstream entry of its window: {M} slides over {S}"
    )
    if work.transposed:
        text = (
            "A kernel entry was multiplied by every input cell, and each product fell on one output entry. Its "
            "derivative is the sum of these products with the upstream gradient: {M} slides over {S}"
        )
    apart = max(geometry.axes, key=lambda a: a.stride).stride
    text += ", its entries a stride apart" if apart > 1 else ""
    text += ", and the result is turned like the kernel:" if geometry.flip else ":"
    blocks: list[Any] = [Prose(text, values)]
    if geometry.groups == 1:
        axes = tuple((a.stride, a.dilation, a.kernel, o) for a, o in zip(geometry.axes, many, strict=True))
        entry, total = sums.kernel_gradient_sum(
            axes, geometry.flip, base, (moving, source), geometry.filters, geometry.slices
        )
        ranges = work.ranges(TAPS, geometry.kernel, ("c", geometry.slices))
        ranges = (*work.ranges("", (), ("f", geometry.filters)), *ranges)
        blocks.append(Equation((algebra.to_expression(entry), algebra.to_expression(total)), for_all=ranges))
    met = work.gathered("kernel")
    cells = list(work.layer.kernel.indices())

    def window(at: Index) -> Window:
        found = met.get(at, [])
        places = {tap: place for place, tap in geometry.taps()}
        covered = frozenset(geometry.in_padded(out, places[at[2:]]) for out in product(*map(range, many)))
        channel = geometry.channel(at[0], at[1])
        summed = work.worked(work.ref_of("dw", "kernel", at), found, "output", "input")
        return Window(Grid(source, lead((channel, geometry.channels)), marked=covered), summed)

    blocks += entries_blocks(cells, window, work.detail)
    return Step("dw", "The gradient by the kernel", tuple(blocks))


def bias_gradient(work: Work) -> Step:
    """The derivative by each bias: the sum of its map of the upstream gradient."""
    upstream = work.value("upstream")
    refs = list(parts("upstream", upstream, len(upstream.shape) - work.geometry.dims))
    text = "The bias was added to every entry of its map, so each upstream entry of the map counts once."
    sums = []
    for f, ref in enumerate(refs):
        cells = [
            Put(Ref("upstream", (*(ref.index or ()), *at)))
            for at in product(*map(range, upstream.shape[-work.geometry.dims :]))
        ]
        final = all(hasattr(cell, "is_Symbol") for cell in work.setting.upstream.part(f).cells)
        sums.append(WorkedSum(Ref("db", (f,)), (tuple(cells),), None if final else Put(Ref("db", (f,)))))
    return Step("db", "The gradient by the bias", (Prose(text), SumTable(tuple(sums))))


def result(work: Work, ask: str) -> Step:
    """The gradients asked for, boxed."""
    names = {"input": ["dx"], "kernel": ["dw"], "bias": ["db"]}.get(ask, ["dx", "dw", "db"])
    boxes: list[Any] = []
    for name in names:
        if name not in work.quantities:
            continue
        value = work.value(name)
        if name == "db" and (value.shape[0] == 1 or work.names_only(name)):
            cells = tuple(Ref("db", (f,)) for f in range(value.shape[0]))
            boxes += [Equation((cell, Put(cell)), boxed=True) for cell in cells]
            continue
        ahead = 0 if name == "db" else len(value.shape) - work.geometry.dims
        named = work.names_only(name)
        boxes += [
            Equation((ref, op("names", ref) if named else Put(ref)), boxed=True) for ref in parts(name, value, ahead)
        ]
    if ask == "all" and not any(hasattr(cell, "free_symbols") for cell in work.value("gradient").cells):
        boxes += [Prose("All derivatives as one vector:"), Equation((Ref("gradient"), Put(Ref("gradient"))))]
    wide = any(work.names_only(name) for name in names if name in work.quantities)
    return Step("gradient", "Result", (*boxes, *([Prose("with the entries above.")] if wide else [])))


def check(work: Work) -> list[Step]:
    """One finite difference, and the identity of a map that is linear in each operand."""
    first = (0,) * len(work.layer.kernel.shape)
    found = {one.output: work.layer.input[one.input] for one in work.gathered("kernel").get(first, [])}
    change = Tensor.build(work.setting.upstream.shape, lambda at: found.get(at, 0))
    work.add("change", change, 1, Symbol("Delta", "Delta"))
    slope = work.ref_of("dw", "kernel", first)
    cell = work.ref("kernel", first)
    value = work.value("change")
    blocks: list[Any] = [
        Prose(
            "A layer is linear in its kernel. So if {k} is raised by 1 and the layer is computed again, the output "
            "changes by exactly {D}, and the loss, to first order, by the inner product of {D} with {G}: this must "
            "be {slope}.",
            {"k": cell, "D": Ref("change"), "G": Ref("upstream"), "slope": slope},
        ),
        grids("change", value, len(value.shape) - work.geometry.dims),
        Equation((op("inner", Ref("upstream"), Ref("change")), slope, Put(slope))),
    ]
    numbers = not any(hasattr(c, "free_symbols") for t in work.setting.operands.values() for c in t.cells)
    sides: list[Any] = [op("inner", Ref("dx"), Ref("input")), op("inner", Ref("dw"), Ref("kernel"))]
    through = op("inner", Ref("upstream"), Ref("output"))
    if work.layer.bias is not None:
        through = op("add", through, op("neg", op("inner", Ref("db"), Ref("bias"))))
    if numbers:
        pairs = list(zip(work.value("dx").cells, work.layer.input.cells, strict=True))
        work.add("inner(dx,input)", Tensor((), (dot(pairs),)), 0, Symbol("dtheta", "dtheta"))
        sides.append(Put(Ref("inner(dx,input)", ())))
    text = "The output is linear in the input and in the kernel, so both gradients give the same inner product:"
    blocks += [Prose(text), Equation((through, *sides))]
    return [Step("check", "Checks", tuple(blocks))]
