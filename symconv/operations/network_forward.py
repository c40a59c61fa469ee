"""The forward pass of a network: what is given, the shapes, and each layer's map with its sums."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from symconv.document import Equation, Grid, Grids, Prose, Quantity, Step, Symbol, Table
from symconv.expression import Number, Put, Ref, op
from symconv.notation import Notation
from symconv.operations import (
    activation_steps,
    direct_steps,
    flatten_steps,
    network_dense,
    pooling_steps,
    transposed_steps,
    upsampling_steps,
)
from symconv.operations import steps as shared
from symconv.operations.activation_steps import Activation
from symconv.operations.base import Detail
from symconv.operations.flatten_steps import Flattening
from symconv.operations.geometry import squeezed
from symconv.operations.network_dense import Dense
from symconv.operations.network_layers import Network, Stage
from symconv.operations.network_words import laws, title_of, words
from symconv.operations.pooling_values import Pooling
from symconv.operations.renaming import names_in, renamed
from symconv.operations.transposed_steps import Transposed
from symconv.operations.upsampling_values import Upsampling
from symconv.operations.upstream import letter_of
from symconv.tensor import Tensor

# what a layer draws of the map that comes in, or of the gradient that does
MADE_OF = {"padded": "input", "stretched": "upstream", "padded_gradient": "upstream", "shares": "upstream"}


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
                self.add(new, quantity.value, self.symbols.get(new) or self._symbol(at, old, quantity.symbol))
        return list(shown)

    def _symbol(self, at: int, name: str, symbol: Symbol) -> Symbol:
        """The symbol of a quantity inside a layer: with the letter of the map it is made of, or the layer's number."""
        if name not in MADE_OF:
            return replace(symbol, layer=str(self.network.stages[at - 1].number))
        own = self.symbols[self.named(at)(MADE_OF[name])]
        return replace(symbol, whole=own.whole, cell=own.cell, layer=own.layer)

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
        text = f"Layer {{n}}, {title_of(stage)}: {words(stage.setting, values)}"
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
        rows: list[tuple[Any, ...]] = [("input", shared.size_of(network.input.shape), "")]
        for at, stage in enumerate(network.stages, 1):
            shown = laws(stage, self.notation, self.detail)
            if shown:
                blocks += [Prose(f"Layer {{n}}, {title_of(stage)}:", {"n": Number(stage.number)}), *shown]
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
            made.append(Step(f"map[{stage.number}]", f"Layer {stage.number}: {title_of(stage)}", (*taken, *shown)))
        return made

    def result(self) -> Step:
        """The map after the last layer."""
        value = self.quantities["output"].value
        self.quantities["output"] = Quantity(self.symbols["output"], value, labelled_cells=True)
        self.quantities[f"map[{self.network.stages[-1].number}]"] = Quantity(self.symbols["output"], value)
        step = shared.result_step(value, self.lead(len(self.network.stages)))
        return Step(step.label, step.title, (Prose("The last map is the output:"), *step.blocks))


def _derivative(symbol: Symbol) -> Symbol:
    return replace(symbol, whole=f"d{symbol.whole}", cell=f"d{symbol.cell}")


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
    if isinstance(setting, Transposed):
        laid = transposed_steps.Work(setting, notation, detail)
        return _blocks(laid.scattered("")), laid.quantities, laid.output
    direct = direct_steps.Work(setting, notation, detail)
    return _blocks([*direct.prepared(), direct.entries()]), direct.quantities, direct.output


def _blocks(steps: list[Step]) -> list[Any]:
    return [block for step in steps for block in step.blocks]
