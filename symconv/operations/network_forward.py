"""The forward pass of a network: what is given, the shapes, and each layer's map with its sums."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import prod
from typing import Any

from symconv.axis import Axis
from symconv.document import Equation, Grid, Grids, Prose, Quantity, Step, Symbol, Table
from symconv.expression import Number, Put, Ref, op
from symconv.notation import Notation
from symconv.operations import (
    activation_steps,
    direct_steps,
    flatten_steps,
    network_dense,
    pooling_steps,
    upsampling_steps,
)
from symconv.operations import steps as shared
from symconv.operations.activation_steps import Activation
from symconv.operations.base import Detail
from symconv.operations.direct_steps import Direct
from symconv.operations.flatten_steps import Flattening
from symconv.operations.geometry import squeezed
from symconv.operations.network_dense import Dense
from symconv.operations.network_layers import Network, Stage
from symconv.operations.pooling_values import Pooling
from symconv.operations.renaming import names_in, renamed
from symconv.operations.upsampling_values import Upsampling
from symconv.operations.upstream import letter_of
from symconv.tensor import Tensor

POOL_WORDS = {
    "max": "max pooling",
    "min": "min pooling",
    "average": "average pooling",
    "global_max": "global max pooling",
    "global_average": "global average pooling",
}


class Forward:
    """The maps of one network as they are derived, and the steps that show them."""

    def __init__(self, network: Network, notation: Notation, detail: Detail) -> None:
        self.network, self.notation, self.detail = network, notation, detail
        self.settings: list[Any] = []
        self.maps = [network.input]
        self.quantities: dict[str, Quantity] = {}
        known = shared.symbols(notation)
        letter = letter_of(notation)
        first = replace(known["input"], layer="")
        self.symbols = {"input": first, "dx": _derivative(first)}
        for at, stage in enumerate(network.stages, 1):
            layer = str(stage.number)
            self.symbols[network.map_name(at)] = replace(known["output"], layer=layer)
            self.symbols[network.gradient_name(at)] = Symbol(letter.upper(), letter, layer=layer)
            own = {"kernel": known["kernel"], "weights": Symbol("W", "w"), "bias": known["bias"]}
            for name, tensor in stage.weights.items():
                symbol = replace(own[name], layer=layer)
                self.symbols[f"{name}[{layer}]"] = symbol
                self.symbols[f"d{'b' if name == 'bias' else 'w'}[{layer}]"] = _derivative(symbol)
                self.add(f"{name}[{layer}]", squeezed(tensor, 2 if name == "kernel" else 0))
            self.quantities[f"shape[{layer}]"] = Quantity(
                Symbol("shape", "shape"), Tensor((len(self.shape(at)),), self.shape(at))
            )
        self.add("input", squeezed(network.input, 1))

    def shape(self, at: int) -> tuple[int, ...]:
        """The shape after so many layers, as it is written: a vector has no channels."""
        stage = self.network.stages[at - 1]
        return stage.output[1:] if stage.flat else stage.output

    def add(self, name: str, value: Tensor, symbol: Symbol | None = None) -> None:
        """Note a quantity under its own symbol."""
        self.quantities[name] = Quantity(symbol or self.symbols[name], value)

    def lead(self, at: int) -> int:
        """How many leading axes of a map, as it is written, are no cells."""
        return int(self.maps[at].shape[0] > 1)

    def named(self, at: int) -> Callable[[str], str]:
        """What the quantities of layer number `at` are called in the whole network."""
        network, layer = self.network, self.network.stages[at - 1].number
        known = {"input": network.map_name(at - 1), "output": network.map_name(at)}
        known |= {"dx": network.gradient_name(at - 1), "upstream": network.gradient_name(at)}
        return lambda name: known.get(name, f"{name}[{layer}]")

    def take(self, at: int, blocks: list[Any], found: Mapping[str, Quantity]) -> list[Any]:
        """Blocks of one layer's own operation, renamed; the quantities they show are noted."""
        name = self.named(at)
        shown = renamed(tuple(blocks), name)
        wanted = set(names_in(shown))
        for old, quantity in found.items():
            new = name(old)
            if new in wanted and new not in self.quantities:
                self.add(new, quantity.value, self.symbols.get(new) or self._symbol(at, quantity.symbol))
        return list(shown)

    def _symbol(self, at: int, symbol: Symbol) -> Symbol:
        """The symbol of a quantity inside a layer: with the letter of the map it is made of, or the layer's number."""
        name = self.named(at)
        for of in ("input", "upstream"):
            own = self.symbols[name(of)]
            letter = self.notation.input if of == "input" else letter_of(self.notation).upper()
            if symbol.whole == letter:
                return replace(symbol, whole=own.whole, cell=own.cell, layer=own.layer)
        return replace(symbol, layer=str(self.network.stages[at - 1].number))

    def given(self) -> Step:
        """The input and every layer with what it has learnt."""
        input_grid = shared.grids("input", self.quantities["input"].value, self.lead(0))
        blocks: list[Any] = [Prose("The input:"), input_grid]
        for stage in self.network.stages:
            blocks += self._given(stage)
        return Step("given", "Given", tuple(blocks))

    def _given(self, stage: Stage) -> list[Any]:
        """One layer in words, and its weights as grids."""
        values: dict[str, Any] = {"n": Number(stage.number)}
        text = f"Layer {{n}}, {title_of(stage)}: {_words(stage.setting, values)}"
        pictures: list[Grid] = []
        for name, tensor in stage.weights.items():
            label = f"{name}[{stage.number}]"
            if name == "bias" and len(tensor.cells) == 1:
                values["b"] = op("equals", Ref(label, (0,)), Put(Ref(label, (0,))))
                text += ", bias {b}"
            else:
                value = self.quantities[label].value
                dims = {"weights": 2, "bias": 1}.get(name, len(self.network.input.shape) - 1)
                pictures += shared.grids(label, value, len(value.shape) - dims).items
        return [Prose(text + ".", values), *([Grids(tuple(pictures))] if pictures else [])]

    def sizes(self, asked: bool) -> Step:
        """The shape after each layer: the laws, then a table."""
        network = self.network
        blocks: list[Any] = []
        rows: list[tuple[Any, ...]] = [("input", _by(network.input.shape), "")]
        for at, stage in enumerate(network.stages, 1):
            laws = _laws(stage.setting)
            if laws:
                blocks += [Prose(f"Layer {{n}}, {title_of(stage)}:", {"n": Number(stage.number)}), *laws]
            shape = Ref(f"shape[{stage.number}]")
            cells = tuple(Ref(shape.name, (n,)) for n in range(len(self.shape(at))))
            weights = sum(len(tensor.cells) for tensor in stage.weights.values())
            entries = Put(op("by", *cells)) if len(cells) > 1 else Put(cells[0])
            rows.append((f"{stage.number} {title_of(stage)}", entries, Number(weights) if weights else ""))
        text = "A map is written as channels by rows by columns, a vector by its length."
        if len(network.input.shape) == 2:
            text = "A map is written as channels by cells, a vector by its length."
        blocks += [Prose(text), Table(("layer", "output", "weights and biases"), tuple(rows))]
        if asked:
            last = self.shape(len(network.stages))
            name = f"shape[{network.stages[-1].number}]"
            sizes = tuple(Ref(name, (n,)) for n in range(len(last)))
            blocks.append(Equation((Put(op("by", *sizes) if len(sizes) > 1 else sizes[0]),), boxed=True))
        return Step("sizes", "The shape after each layer", tuple(blocks))

    def steps(self) -> list[Step]:
        """Every layer's map with its sums."""
        made = []
        for at, stage in enumerate(self.network.stages, 1):
            setting = stage.fed(self.maps[-1])
            self.settings.append(setting)
            blocks, found, output = _worked(setting, self.notation, self.detail)
            self.maps.append(output.reshape(stage.output))
            taken = self.take(at, blocks, found)
            name = self.network.map_name(at)
            self.add(name, squeezed(self.maps[at], 1))
            value = self.quantities[name].value
            shown: list[Any] = [shared.grids(name, value, self.lead(at))]
            if stage.flat:
                shown = [Equation((Ref(name), Put(Ref(name))))]
            if isinstance(taken[-1], Grids) and taken[-1].items[0].name == name:  # the law of an upsampling is its map
                shown = []
            made.append(Step(name, f"Layer {stage.number}: {title_of(stage)}", (*taken, *shown)))
        return made

    def result(self) -> Step:
        """The map after the last layer."""
        last = self.network.map_name(len(self.network.stages))
        value = self.quantities[last].value
        self.quantities["output"] = Quantity(self.symbols[last], value, labelled_cells=True)
        step = shared.result_step(value, self.lead(len(self.network.stages)))
        same = op("equals", Ref("output"), Ref(last))
        return Step(
            step.label, step.title, (Prose("The last map is the output, {same}.", {"same": same}), *step.blocks)
        )


def _derivative(symbol: Symbol) -> Symbol:
    return replace(symbol, whole=f"d{symbol.whole}", cell=f"d{symbol.cell}")


def _by(shape: tuple[int, ...]) -> Any:
    return op("by", *shape) if len(shape) > 1 else Number(shape[0])


def title_of(stage: Stage) -> str:
    """A layer in one or two words."""
    match stage.setting:
        case Pooling(kind=kind):
            return POOL_WORDS[kind]
        case Upsampling(kind=kind):
            return "nearest-neighbour upsampling" if kind == "nearest" else "bilinear upsampling"
        case Activation(kind=kind):
            return activation_steps.NAMES.get(kind, kind)
        case Direct():
            return "convolution"
    return stage.kind


def _words(setting: Any, values: dict[str, Any]) -> str:
    """What a layer does, with holes for its numbers."""
    match setting:
        case Direct(layer=layer, geometry=geometry):
            how = (
                "the kernel is flipped before it slides" if geometry.flip else "the kernel slides as it is, not flipped"
            )
            text = f"{how}; stride {shared.sizes_in_words('s', layer.stride, values)}, "
            text += shared.padding_in_words([axis.padding for axis in geometry.axes], values)
            text += f" ({geometry.mode})" if geometry.mode != "zeros" else ""
            text += f", dilation {shared.sizes_in_words('d', layer.dilation, values)}"
            values["g"] = Number(layer.groups)
            return text + (", {g} groups" if layer.groups > 1 else "")
        case Pooling(kind=kind, axes=axes):
            if kind.startswith("global"):
                return "the window is the whole channel"
            values["w"] = op("by", *(a.kernel for a in axes)) if len(axes) > 1 else Number(axes[0].kernel)
            text = f"window {{w}}, stride {shared.sizes_in_words('s', [a.stride for a in axes], values)}, "
            text += shared.padding_in_words([axis.padding for axis in axes], values)
            if any(axis.reach > axis.kernel for axis in axes):
                text += f", dilation {shared.sizes_in_words('d', [a.dilation for a in axes], values)}"
            if kind == "average" and any(sum(axis.padding) for axis in axes):
                text += ", cells of padding " + ("count" if setting.include_pad else "do not count")
            return text + (", the size rounded up (ceil mode)" if setting.ceil else "")
        case Activation(kind=kind, parameter=slope):
            values["slope"] = Number(slope)
            return {
                "relu": "positive entries stay, negative ones become 0",
                "leaky_relu": "positive entries stay, negative ones are multiplied by {slope}",
                "maxout": "at each place the largest entry of all channels",
            }[kind]
        case Flattening(order=order):
            text = {"row": "row by row", "column": "column by column"}[order]
            text = text if len(setting.input.shape) == 3 else "cell by cell"
            return text + (", one channel after the other" if setting.input.shape[0] > 1 else "")
        case Upsampling():
            sizes = setting.shape
            values["o"] = _by(sizes)
            rule = {"half_pixel": "half-pixel", "align_corners": "align-corners", "asymmetric": "asymmetric"}
            return "to {o}" + (f", {rule[setting.rule]} coordinates" if setting.kind == "bilinear" else "")
    return "one row of weights for each unit"


def _laws(setting: Any) -> list[Any]:
    """The size law of a layer that slides a window or enlarges."""
    match setting:
        case Direct(geometry=geometry):
            return _sliding(geometry.axes)
        case Pooling(kind=kind, axes=axes) if not kind.startswith("global"):
            if not setting.ceil:
                return _sliding(axes)
            hat = any(axis.reach > axis.kernel for axis in axes)
            blocks: list[Any] = []
            for (where, axis), outputs in zip(shared.axis_names(axes), setting.outputs, strict=False):
                blocks += [Prose(where)] if where else []
                blocks += [shared.reach_equation(axis)] if hat else []
                blocks += pooling_steps.ceil_blocks(axis, outputs, hat)
            return blocks
        case Flattening() if prod(setting.input.shape) > max(setting.input.shape):
            factors = [n for n in setting.input.shape if n > 1]
            return [Equation((op("mul", *factors), Number(prod(factors))))]
    return []


def _sliding(axes: tuple[Axis, ...]) -> list[Any]:
    hat = any(axis.dilation > 1 for axis in axes)
    blocks: list[Any] = []
    for where, axis in shared.axis_names(axes):
        blocks += [Prose(where)] if where else []
        blocks += [shared.reach_equation(axis)] if hat else []
        blocks.append(Equation(shared.size_law(axis, hat)))
    return blocks


def _worked(setting: Any, notation: Notation, detail: Detail) -> tuple[list[Any], Mapping[str, Quantity], Tensor]:
    """The blocks of a layer's own derivation, its quantities, and what comes out."""
    if isinstance(setting, Dense):
        return network_dense.forward(setting), {}, setting.output()
    if isinstance(setting, Flattening):
        steps = [flatten_steps.law(setting, notation), *flatten_steps.entries(setting)]
        return _blocks(steps), {}, setting.flat
    if isinstance(setting, Activation):
        active = activation_steps.Work(setting, notation, detail)
        return _blocks([active.entries()]), active.quantities, active.quantities["output"].value
    if isinstance(setting, Upsampling):
        larger = upsampling_steps.Work(setting, notation, detail)
        return _blocks([larger.axes_step(), larger.entries()]), larger.quantities, larger.output
    if isinstance(setting, Pooling):
        pooled = pooling_steps.Work(setting, notation, detail)
        return _blocks([*pooled.padded_step(), pooled.entries()]), pooled.quantities, pooled.output
    direct = direct_steps.Work(setting, notation, detail)
    return _blocks([*direct.prepared(), direct.entries()]), direct.quantities, direct.output


def _blocks(steps: list[Step]) -> list[Any]:
    return [block for step in steps for block in step.blocks]
