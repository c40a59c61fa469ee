"""The layers of a network as they are read: each is a problem of an operation of its own. It knows no values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from math import prod
from typing import Any

from symconv.errors import ProblemError, shown
from symconv.notation import Notation
from symconv.operands import choice, read_operand
from symconv.operations import operation
from symconv.operations.activation_steps import Activation
from symconv.operations.base import Operation
from symconv.operations.direct_steps import Direct
from symconv.operations.flatten_steps import Flattening
from symconv.operations.geometry import read_dims
from symconv.operations.network_dense import DENSE, Dense
from symconv.operations.pooling_values import Pooling
from symconv.operations.transposed_steps import Transposed
from symconv.operations.upsampling_values import Upsampling
from symconv.tensor import Index, Tensor

Setting = Direct | Transposed | Activation | Pooling | Flattening | Upsampling | Dense

ACTIVATIONS = ("relu", "leaky_relu", "maxout")
IRRATIONAL = ("sigmoid", "tanh", "elu")
POOLS = ("max", "min", "average", "global_max", "global_average")
UPSAMPLINGS = ("nearest", "bilinear")
TAKES: Mapping[str, tuple[str, ...]] = {
    "conv": ("kernel", "bias", "stride", "padding", "padding_mode", "dilation", "groups", "flip"),
    "relu": (),
    "leaky_relu": ("slope",),
    "maxout": (),
    "pool": ("method", "size", "stride", "padding", "dilation", "ceil_mode", "count_include_pad"),
    "flatten": ("order",),
    "dense": ("weights", "bias"),
    "upsample": ("method", "scale", "size", "coordinates"),
    "transposed_conv": ("kernel", "bias", "stride", "padding", "output_padding", "dilation", "groups"),
}
_FORM = "write a list of tables such as {kind = 'relu'}"


@dataclass(frozen=True)
class Stage:
    """One layer: its number as it is printed, and the problem it is, with zeros for what comes in.

    `output` is the shape (channels, *cells) of what goes out; a vector has one channel, and `flat` says so.
    """

    number: int
    kind: str
    operation: Any  # an Operation, or what stands for one
    setting: Setting
    output: Index
    flat: bool

    def fed(self, x: Tensor) -> Setting:
        """The problem with an input."""
        if isinstance(self.setting, Direct | Transposed):
            return replace(self.setting, layer=replace(self.setting.layer, input=x))
        return replace(self.setting, input=x)

    @property
    def weights(self) -> Mapping[str, Tensor]:
        """What the layer learns, by the names of its operation: kernel or weights, and bias."""
        return {name: tensor for name, tensor in self.setting.operands.items() if name != "input"}

    @property
    def chooses(self) -> bool:
        """Whether its slopes depend on the values: which entry is positive, or the largest."""
        is_extreme = isinstance(self.setting, Pooling) and self.setting.reduces in ("max", "min")
        return is_extreme or isinstance(self.setting, Activation)


@dataclass(frozen=True)
class Network:
    """Layers one after another, read; `upstream` only where gradients are asked for."""

    input: Tensor
    stages: tuple[Stage, ...]
    upstream: Tensor | None

    @property
    def operands(self) -> Mapping[str, Tensor]:
        """The input, the weights by the number of their layer, and the upstream gradient."""
        named = {"input": self.input}
        for stage in self.stages:
            named |= {f"{name}[{stage.number}]": tensor for name, tensor in stage.weights.items()}
        return named if self.upstream is None else {**named, "upstream": self.upstream}

    def map_name(self, at: int) -> str:
        """What the map after so many layers is called; 0 is the input, the last one the output."""
        if at == 0:
            return "input"
        return "output" if at == len(self.stages) else f"map[{self.stages[at - 1].number}]"

    def gradient_name(self, at: int) -> str:
        """What the gradient by that map is called."""
        if at == 0:
            return "dx"
        return "upstream" if at == len(self.stages) else f"dmap[{self.stages[at - 1].number}]"


def read_network(given: Mapping[str, Any], notation: Notation, limit: int) -> Network:
    """Read the input and every layer. Raises ProblemError."""
    if given.get("input") is None:
        raise ProblemError('input is missing; write a matrix such as input = "1 2; 3 4"')
    base = notation.index_base
    operand = read_operand("input", given["input"], limit, base)
    dims = read_dims(given, [operand])
    x = operand.with_dims(dims)
    if len(x.shape) - dims > 1:
        raise ProblemError(f"input is nested {len(x.shape)} deep; write one matrix, or a list with one per channel")
    x = x.reshape((*(1,) * (dims + 1 - len(x.shape)), *x.shape))
    _refuse_letters("input", x)
    tables = given.get("layers")
    if not isinstance(tables, (list, tuple)) or not tables:
        raise ProblemError(f"layers is {shown(tables)}; {_FORM}")
    stages: list[Stage] = []
    shape, flat = x.shape, False
    for number, table in enumerate(tables, base):
        try:
            stages.append(_stage(table, number, shape, flat, notation, limit))
        except ProblemError as error:
            raise ProblemError(f"layer {number}: {error}", error.place) from None
        shape, flat = stages[-1].output, stages[-1].flat
    return Network(x, tuple(stages), None)


def _refuse_letters(name: str, tensor: Tensor) -> None:
    if any(hasattr(cell, "free_symbols") for cell in tensor.cells):
        raise ProblemError(f"{name} has letters; a network is worked out with numbers, only upstream may have letters")


def _stage(table: Any, number: int, shape: Index, flat: bool, notation: Notation, limit: int) -> Stage:
    """One layer on a map of this shape."""
    if not isinstance(table, Mapping):
        raise ProblemError(f"it is {shown(table)}; write a table such as {{kind = 'relu'}}")
    kind = table.get("kind")
    if kind in IRRATIONAL:
        raise ProblemError(
            f"kind is {kind!r}, whose values are no rational numbers, so what follows could not be exact; write one of "
            + ", ".join(ACTIVATIONS)
        )
    kind = choice("kind", kind, tuple(TAKES))
    for key in table:
        if key not in ("kind", *TAKES[kind]):
            near = get_close_matches(str(key), TAKES[kind], n=1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            takes = ", ".join(TAKES[kind]) or "no keys"
            raise ProblemError(f"the key {str(key)[:40]} is unknown to {kind}{hint}; it takes {takes}")
    if flat and kind in ("conv", "transposed_conv", "pool", "upsample", "maxout"):
        raise ProblemError(f"{kind} needs channels and cells, but a vector comes in; put it before flatten")
    keys = {key: value for key, value in table.items() if key != "kind"}
    if kind == "dense":
        if not flat and (len(shape) > 2 or shape[0] > 1):
            raise ProblemError(f"dense needs a vector, but {_by(shape)} come in; put a flatten layer before it")
        dense = DENSE.read(keys, prod(shape), limit, notation.index_base)
        _refuse_letters("weights", dense.weights)
        return _checked(Stage(number, kind, DENSE, dense, (1, dense.units), True))
    found, inner = _inner(kind, keys)
    if "dims" in found.keys:
        inner["dims"] = len(shape) - 1
    zeros = Tensor(shape, (0,) * prod(shape))
    nested = zeros.reshape((shape[0], 1, shape[1])) if len(shape) == 2 else zeros
    setting = found.read({"input": nested.nested(), **inner}, notation, limit)
    stage = Stage(number, kind, found, setting, shape, flat or kind == "flatten")
    stage = replace(stage, setting=stage.fed(zeros))
    return _checked(replace(stage, output=_output(stage.setting)))


def _inner(kind: str, keys: dict[str, Any]) -> tuple[Operation, dict[str, Any]]:
    """The operation that a layer is a problem of, and the keys of that problem."""
    if kind == "conv":
        flip = keys.pop("flip", False)
        if not isinstance(flip, bool):
            raise ProblemError(f"flip is {shown(flip)}; write true to flip the kernel, or false")
        return operation("convolution" if flip else "cross_correlation"), keys
    if kind == "transposed_conv":
        return operation("transposed_convolution"), keys
    if kind == "pool":
        method = choice("method", keys.pop("method", "max"), POOLS)
        return operation("pooling"), {**keys, "kind": method}
    if kind == "upsample":
        method = choice("method", keys.pop("method", "nearest"), UPSAMPLINGS)
        return operation("upsampling"), {**keys, "kind": method}
    if kind == "flatten":
        return operation("flatten"), keys
    return operation("activation"), {**keys, "kind": kind}


def _output(setting: Any) -> Index:
    """The shape of what goes out."""
    match setting:
        case Direct(geometry=geometry):
            return (geometry.filters, *geometry.output)
        case Transposed(direct=direct):
            return (direct.channels, *direct.input)
        case Pooling(outputs=outputs):
            return (setting.input.shape[0], *outputs)
        case Flattening():
            return (1, len(setting.input.cells))
        case Upsampling(shape=shape):
            return (setting.channels, *shape)
    return tuple(setting.output)


def _checked(stage: Stage) -> Stage:
    for name, tensor in stage.weights.items():
        _refuse_letters(name, tensor)
    return stage


def _by(shape: Index) -> str:
    return f"{shape[0]} maps" if shape[0] > 1 else " x ".join(map(str, shape[1:])) + " cells"
