"""A network by its shapes, and the steps that count what its layers hold and do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from symconv.axis import Axis
from symconv.document import Equation, Equations, Prose, Quantity, Step, Symbol, Table
from symconv.errors import ProblemError, shown
from symconv.expression import Letter, Number, Put, Ref, op
from symconv.operands import choice, pads, per_axis, whole
from symconv.operations.base import Solved
from symconv.operations.geometry import pads_of, size_mode
from symconv.operations.steps import reach_equation, size_law
from symconv.tensor import Tensor

COLUMNS = ("parameters", "multiplications", "additions", "macs", "flops", "bytes")
_SLIDING = ("kernel", "stride", "padding", "dilation")
TAKES = {
    "conv": ("filters", *_SLIDING, "groups", "bias"),
    "depthwise": (*_SLIDING, "multiplier", "bias"),
    "pointwise": ("filters", "bias"),
    "pool": _SLIDING,
    "transposed": ("filters", *_SLIDING, "output_padding", "groups", "bias"),
    "flatten": (),
    "dense": ("units", "bias"),
}


@dataclass(frozen=True)
class Counted:
    """One layer by its shapes: `slices` is how many input channels one filter reads."""

    kind: str
    input: tuple[int, ...]
    output: tuple[int, ...]
    slices: int = 0
    kernel: tuple[int, ...] = ()
    stride: tuple[int, ...] = ()
    padding: tuple[tuple[int, int], ...] = ()
    dilation: tuple[int, ...] = ()
    output_padding: tuple[int, ...] = ()
    bias: bool = False

    @property
    def has_weights(self) -> bool:
        """Whether the layer has something to learn."""
        return self.kind not in ("pool", "flatten")

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The axes its window slides along."""
        return tuple(map(Axis, self.input[1:], self.kernel, self.stride, self.padding, self.dilation))

    @property
    def terms(self) -> tuple[int, ...]:
        """The factors of the number of weights in one filter."""
        return self.input if self.kind == "dense" else (self.slices, *self.kernel)


@dataclass(frozen=True)
class Network:
    """Layers one after another, read."""

    input: tuple[int, ...]
    layers: tuple[Counted, ...]
    index_base: int

    @property
    def operands(self) -> Mapping[str, Tensor]:
        """None: counting knows no values."""
        return {}


def read_network(given: Mapping[str, Any], base: int, limit: int) -> Network:
    """Read the input shape and the layers."""
    shape = given.get("input")
    if not isinstance(shape, (list, tuple)) or not 1 <= len(shape) <= 3:
        raise ProblemError(f"input is {shown(shape)}; write its shape, such as [3, 32, 32]")
    start = tuple(whole("input", size, 1) for size in shape)
    tables = given.get("layers")
    if not isinstance(tables, (list, tuple)) or not tables:
        raise ProblemError(f"layers is {shown(tables)}; write a list of tables such as [[layers]] kind = 'conv'")
    layers: list[Counted] = []
    for number, table in enumerate(tables, 1):
        try:
            layers.append(_layer(table, layers[-1].output if layers else start))
            most = max(prod(layers[-1].output), prod(layers[-1].input), prod(layers[-1].terms))
            if most > 100 * limit:
                raise ProblemError(f"it has {most:,} cells, beyond {100 * limit:,}; make it smaller or raise limit")
        except ProblemError as error:
            raise ProblemError(f"layer {number}: {error}") from None
    return Network(start, tuple(layers), base)


def _layer(table: Any, shape: tuple[int, ...]) -> Counted:
    if not isinstance(table, Mapping):
        raise ProblemError(f"it is {shown(table)}; write a table such as {{kind = 'pool', kernel = 2}}")
    kind = choice("kind", table.get("kind"), tuple(TAKES))
    for key in table:
        if key not in ("kind", *TAKES[kind]):
            takes = ", ".join(TAKES[kind]) or "no keys"
            raise ProblemError(f"the key {key} is unknown to {kind}; it takes {takes}")
    bias = table.get("bias", True)
    if not isinstance(bias, bool):
        raise ProblemError(f"bias is {shown(bias)}; write true or false")
    if kind == "flatten":
        return Counted(kind, shape, (prod(shape),))
    if kind == "dense":
        if len(shape) > 1:
            raise ProblemError(f"dense needs a vector, but the shape is {list(shape)}; put a flatten layer before it")
        return Counted(kind, shape, (_need(table, "units", kind),), bias=bias)
    dims = len(shape) - 1
    if dims < 1:
        raise ProblemError(f"{kind} needs channels and cells, but the shape is {list(shape)}; put it before flatten")
    return _sliding(table, kind, shape, dims, bias)


def _sliding(table: Mapping[str, Any], kind: str, shape: tuple[int, ...], dims: int, bias: bool) -> Counted:
    channels = shape[0]
    if kind != "pointwise" and table.get("kernel") is None:
        raise ProblemError(f"kernel is missing; {kind} needs it, such as kernel = 3")
    kernel = per_axis("kernel", table.get("kernel", 1), dims, 1)
    stride = per_axis("stride", table.get("stride", list(kernel) if kind == "pool" else 1), dims, 1)
    dilation = per_axis("dilation", table.get("dilation", 1), dims, 1)
    groups = whole("groups", table.get("groups", 1), 1)
    filters = channels
    if kind == "depthwise":
        groups, filters = channels, channels * whole("multiplier", table.get("multiplier", 1), 1)
    elif kind == "pool":
        groups = channels
    else:
        filters = _need(table, "filters", kind)
    if channels % groups or filters % groups:
        raise ProblemError(f"groups is {groups}; it must divide the {channels} channels and the {filters} filters")
    axes = [Axis(n, k, s, (0, 0), d) for n, k, s, d in zip(shape[1:], kernel, stride, dilation, strict=True)]
    named = size_mode(table.get("padding", 0))
    if named and kind == "transposed":
        raise ProblemError(f"padding is {named!r}; write numbers for a transposed layer")
    widths = tuple(pads_of(axis, named) for axis in axes) if named else tuple(pads(table.get("padding", 0), dims))
    extra = per_axis("output_padding", table.get("output_padding", 0), dims, 0)
    made = Counted(
        kind, shape, (), channels // groups, kernel, stride, widths, dilation, extra, bias and kind != "pool"
    )
    if kind == "transposed":
        sizes = tuple(_back(axis, more) for axis, more in zip(made.axes, extra, strict=True))
    else:
        sizes = tuple(axis.output for axis in made.axes)
    if min(sizes) < 1:
        raise ProblemError(f"nothing is left: the output would be {list(sizes)}; make the kernel or padding fit")
    return Counted(**{**vars(made), "output": (filters, *sizes)})


def _back(axis: Axis, extra: int) -> int:
    if extra >= max(axis.stride, axis.dilation):
        raise ProblemError(
            f"output_padding is {extra}; it must be below max(stride, dilation) = {max(axis.stride, axis.dilation)}"
        )
    return axis.stride * (axis.input - 1) + axis.reach - sum(axis.padding) + extra


def _need(table: Mapping[str, Any], key: str, kind: str) -> int:
    if table.get(key) is None:
        raise ProblemError(f"{key} is missing; {kind} needs it, such as {key} = 10")
    return whole(key, table[key], 1)


def solved(network: Network, ask: str) -> Solved:
    """Every step and quantity."""
    rows = [_counts(layer) for layer in network.layers]
    quantities: dict[str, Quantity] = {"input": _plain("input", (len(network.input),), network.input)}
    for number, layer in enumerate(network.layers, network.index_base):
        name = f"shape[{number}]"
        quantities[name] = _plain(name, (len(layer.output),), layer.output)
    for name, cells in zip(COLUMNS, zip(*rows, strict=True), strict=True):
        quantities[name] = Quantity(Symbol(name, name), Tensor((len(rows),), tuple(cells)), labelled_cells=True)
        quantities[f"total({name})"] = _plain(name, (), (sum(cells),))
    flat = tuple(cell for row in rows for cell in row)
    quantities["table"] = _plain("table", (len(rows), len(COLUMNS)), flat)
    steps = (
        _given(network, ask),
        _shapes(network),
        _parameters(network),
        *(() if ask == "parameters" else (_work(network),)),
        _result(network, ask),
    )
    return Solved(steps, quantities, "table" if ask == "table" else f"total({ask})")


def _plain(name: str, shape: tuple[int, ...], cells: tuple[int, ...]) -> Quantity:
    return Quantity(Symbol(name, name), Tensor(shape, cells))


def _counts(layer: Counted) -> tuple[int, ...]:
    memory = 4 * prod(layer.output)
    if not layer.has_weights:
        return (0, 0, 0, 0, 0, memory)
    inside, filters, biases = prod(layer.terms), layer.output[0], prod(layer.output) if layer.bias else 0
    if layer.kind == "transposed":
        products = inside * filters * prod(layer.input[1:])
        sums = products - filters * prod(_reached(axis) for axis in layer.axes) + biases
    else:
        products = inside * prod(layer.output)
        sums = (inside - 1) * prod(layer.output) + biases
    return ((inside + layer.bias) * filters, products, sums, products, 2 * products, memory)


def _reached(axis: Axis) -> int:
    """How many cells of the frame of a transposed layer at least one product lands on, along one axis."""
    return len({axis.stride * n + axis.dilation * tap for n in range(axis.input) for tap in range(axis.kernel)})


def _times(*factors: int) -> Any:
    """A product of numbers as it is written."""
    return op("mul", *factors) if len(factors) > 1 else Number(factors[0])


def _words(values: tuple[Any, ...]) -> Any:
    """One number for all axes, or one for each."""
    flat = tuple(value[0] if isinstance(value, tuple) and value[0] == value[1] else value for value in values)
    if any(isinstance(value, tuple) for value in flat):
        return ", ".join(f"{value[0]}+{value[1]}" if isinstance(value, tuple) else str(value) for value in flat)
    return Number(flat[0]) if len(set(flat)) == 1 else op("by", *flat)


def _given(network: Network, ask: str) -> Step:
    rows = []
    for number, layer in enumerate(network.layers, network.index_base):
        slides = (layer.kernel, layer.stride, layer.padding, layer.dilation) if layer.kernel else ()
        cells = [_words(values) for values in slides] or ["", "", "", ""]
        groups = Number(layer.input[0] // layer.slices) if layer.kernel and layer.has_weights else ""
        filters = Number(layer.output[0]) if layer.has_weights else ""
        rows.append((f"{number} {layer.kind}", filters, *cells, groups, "yes" if layer.bias else "no"))
    shape = op("by", *network.input) if len(network.input) > 1 else Number(network.input[0])
    text = "The input has the shape {shape} (channels first, as in torch)."
    if ask in ("table", "macs", "flops"):
        text += " A multiply-accumulate (MAC) is a multiplication and an addition, so it is 2 FLOPs."
    if ask not in ("parameters", "bytes"):
        text += " Products with cells of padding are counted like the others."
    text += " Pooling compares or averages; it has no weights"
    text += "." if ask in ("parameters", "bytes") else ", and its comparisons are not counted."
    if ask in ("table", "bytes"):
        text += " Memory is that of the output of each layer in float32, 4 bytes for each entry."
    header = ("layer", "filters or units", "kernel", "stride", "padding", "dilation", "groups", "bias")
    return Step("given", "Given", (Table(header, tuple(rows)), Prose(text, {"shape": shape})))


def _shapes(network: Network) -> Step:
    blocks: list[Any] = []
    for number, layer in enumerate(network.layers, network.index_base):
        name = f"shape[{number}]"
        shape: Any = op("by", *(Ref(name, (at,)) for at in range(len(layer.output))))
        text = f"Layer {number}, {layer.kind}: the output is {{shape}}."
        if layer.kind in ("flatten", "dense"):
            shape = Ref(name, (0,))
            text = text.replace(".", " values.")
        elif layer.has_weights:
            text = text.replace(".", ", one map for each filter.")
        blocks.append(Prose(text, {"shape": Put(shape)}))
        axes = layer.axes if layer.kernel and layer.kind != "pointwise" else ()
        extra = layer.output_padding if len(set(axes)) > 1 else layer.output_padding[:1]
        for axis, more in zip(axes if len(set(axes)) > 1 else axes[:1], extra, strict=False):
            hat = axis.dilation > 1
            if hat:
                blocks.append(reach_equation(axis))
            blocks.append(Equation(_back_law(axis, more) if layer.kind == "transposed" else size_law(axis, hat)))
    return Step("shapes", "The shape after each layer", tuple(blocks))


def _back_law(axis: Axis, extra: int) -> tuple[Any, ...]:
    start = op("mul", Letter("s", axis.stride), op("add", Letter("i", axis.input), -1))
    reach = Letter("k", axis.reach, accent="hat" if axis.dilation > 1 else "")
    before, after = axis.padding
    crop = [op("neg", op("mul", 2, Letter("p", before)))]
    if before != after:
        crop = [op("neg", Letter("p", width, sub=str(n))) for n, width in enumerate(axis.padding, 1)]
    law = op("add", start, reach, *crop, Letter("a", extra))
    return Letter("o", _back(axis, extra)), law, Put(law), Number(_back(axis, extra))


def _parameters(network: Network) -> Step:
    text = (
        "A filter has one weight for each tap in each channel it reads, and one bias where the layer has biases. The "
    )
    text += "same filter is used at every place, so the size of the map does not count."
    blocks: list[Any] = [Prose(text)]
    for at, layer in enumerate(network.layers):
        if not layer.has_weights:
            continue
        inside = op("add", _times(*layer.terms), 1) if layer.bias else _times(*layer.terms)
        factors = (inside, layer.output[0]) if layer.bias else (*layer.terms, layer.output[0])
        blocks.append(Equation((Ref("parameters", (at,)), op("mul", *factors), Put(Ref("parameters", (at,))))))
    idle = [str(n) for n, one in enumerate(network.layers, network.index_base) if not one.has_weights]
    if idle:
        some = f"Layer {idle[0]} has" if len(idle) == 1 else f"Layers {', '.join(idle[:-1])} and {idle[-1]} have"
        blocks.append(Prose(f"{some} nothing to learn."))
    return Step("parameters", "Parameters", tuple(blocks))


def _work(network: Network) -> Step:
    found: list[Equation] = []
    text = "Each output entry takes one multiplication for each weight of its filter, and one addition fewer to add up "
    text += "the products; the bias is one addition more."
    blocks: list[Any] = [Prose(text)]
    if any(layer.kind == "transposed" for layer in network.layers):
        text = (
            "In a transposed layer each input entry is multiplied by each weight that it meets. The products are added "
        )
        text += "where copies overlap: one addition fewer than products at each cell of the frame, before the crop."
        blocks.append(Prose(text))
    for at, layer in enumerate(network.layers):
        if not layer.has_weights:
            continue
        inside, filters = prod(layer.terms), layer.output[0]
        if layer.kind == "transposed":
            products = _times(*layer.terms, filters, *layer.input[1:])
            reached = _times(filters, *(_reached(axis) for axis in layer.axes))
            sums = op("add", Ref("multiplications", (at,)), op("neg", reached))
            sums = op("add", *sums.args, _times(*layer.output)) if layer.bias else sums
        else:
            products = _times(*layer.terms, *layer.output)
            sums = op("mul", op("add", inside, -1, 1) if layer.bias else op("add", inside, -1), *layer.output)
        made = []
        for name, count in (("multiplications", products), ("additions", sums)):
            put = (Put(count),) if layer.kind == "transposed" and name == "additions" else ()
            made.append(Equation((Ref(name, (at,)), count, *put, Put(Ref(name, (at,))))))
        blocks.append(Equations(tuple(made)))
    text = "The MACs are the multiplications, and the FLOPs are twice as many."
    blocks.append(Prose(text))
    for at, layer in enumerate(network.layers):
        if layer.has_weights:
            flops, twice = Ref("flops", (at,)), op("mul", 2, Ref("macs", (at,)))
            found.append(Equation((flops, Put(twice), Put(flops))))
    blocks.append(Equations(tuple(found)))
    return Step("work", "Multiplications and additions", tuple(blocks))


def _result(network: Network, ask: str) -> Step:
    rows: list[tuple[Any, ...]] = []
    for at, layer in enumerate(network.layers):
        number = at + network.index_base
        name = f"shape[{number}]"
        shape = op("by", *(Ref(name, (n,)) for n in range(len(layer.output)))) if layer.output[1:] else Ref(name, (0,))
        cells = [Put(Ref(column, (at,))) for column in COLUMNS]
        rows.append((f"{number} {layer.kind}", Put(shape), *cells))
    rows.append(("total", "", *(Put(Ref(f"total({column})", ())) for column in COLUMNS)))
    header = ("layer", "output", "parameters", "multiplic.", "additions", "MACs", "FLOPs", "bytes")
    blocks: list[Any] = [Table(header, tuple(rows), total=True)]
    for column in ("parameters", "flops") if ask == "table" else (ask,):
        summed = op("add", *(Put(Ref(column, (at,))) for at in range(len(rows) - 1)))
        found = Put(Ref(f"total({column})", ()))
        blocks.append(
            Equation((op("total", Ref(column)), *((summed,) if 2 < len(rows) < 10 else ()), found), boxed=True)
        )
    return Step("table", "The whole network", tuple(blocks))
