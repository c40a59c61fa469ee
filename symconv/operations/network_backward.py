"""The backward pass of a network: the upstream gradient handed back from layer to layer, by the chain rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from symconv.document import Equation, Grid, Grids, Prose, Quantity, Step, Symbol, Window, WorkedSum
from symconv.expression import Letter, Number, Put, Ref, Running, op
from symconv.operations import (
    activation_steps,
    backpropagation_input,
    backpropagation_steps,
    backpropagation_work,
    flatten_steps,
    network_dense,
)
from symconv.operations import steps as shared
from symconv.operations.activation_steps import Activation
from symconv.operations.backpropagation_pooling import PoolingWork
from symconv.operations.backpropagation_work import Backward, derivative
from symconv.operations.direct_steps import Direct
from symconv.operations.flatten_steps import Flattening
from symconv.operations.geometry import lead, squeezed
from symconv.operations.network_dense import Dense
from symconv.operations.network_forward import Forward
from symconv.operations.network_layers import Stage
from symconv.operations.network_words import title_of
from symconv.operations.pooling_values import Pooling
from symconv.operations.transposed_steps import Transposed
from symconv.operations.upsampling_values import Upsampling
from symconv.tensor import Index, Tensor

MOST_SHOWN = 27  # derivatives that stand in one vector on the page
Part = tuple[str, str, list[Any], Mapping[str, Quantity]]  # label, title, blocks, the quantities they show


class Back:
    """The gradients of one network as they are derived, after its forward pass, and the steps that show them."""

    def __init__(self, forward: Forward, upstream: Tensor) -> None:
        self.forward, self.network = forward, forward.network
        self.quantities = forward.quantities
        self.gradients = {len(self.network.stages): upstream}
        forward.add("upstream", squeezed(upstream, 1))

    def given(self, step: Step) -> Step:
        """What is given forward, the upstream gradient too, and in which order all derivatives stand."""
        last = len(self.network.stages)
        y, g = Ref(self.network.map_name(last)), Ref("upstream")
        values = {"L": Letter("L"), "Y": y, "G": g, "by_y": derivative(Letter("L"), y)}
        text = (
            "A loss {L} is computed from the output {Y}, and the upstream gradient {G} = {by_y} is given: one entry "
            "for each entry of {Y}."
        )
        if any(getattr(stage.setting, "reduces", "") in ("max", "min") for stage in self.network.stages):
            text += " Of several entries that a pooling could take, the first one of the window counts, row by row."
        shown: Any = shared.grids("upstream", self.quantities["upstream"].value, self.forward.lead(last))
        named: dict[str, Any] = {
            str(n): Ref(label) for n, label in enumerate(["dx", *(label for label, _ in self._weights())])
        }
        order = "All derivatives in one row: the entries of " + ", then of ".join(f"{{{n}}}" for n in named)
        order += ", each row by row; {0} = {by_0}, and so on."
        named["by_0"] = derivative(Letter("L"), Ref("input"))
        blocks = (*step.blocks, Prose(text, values), shown, Prose(order, named))
        return Step(step.label, step.title, blocks)

    def start(self) -> Step:
        """How the upstream gradient goes back."""
        text = (
            "By the chain rule each layer turns the gradient by its output into the gradient by its input, from the "
            "last layer to the first; a layer with weights gives their gradients on the way."
        )
        return Step("upstream", "The way back", (Prose(text),))

    def _weights(self) -> Iterator[tuple[str, str]]:
        """The label of each gradient by what is learnt, and the name in its layer of what it is by."""
        for stage in self.network.stages:
            for name in stage.weights:
                yield f"{'db' if name == 'bias' else 'dw'}[{stage.number}]", name

    def steps(self) -> list[Step]:
        """From the last layer to the first: by the weights, by the bias, by the input."""
        made: list[Step] = []
        for at in range(len(self.network.stages), 0, -1):
            stage = self.network.stages[at - 1]
            parts, found = self._layer(at, self.forward.settings[at - 1])
            self.gradients[at - 1] = found["dx"].reshape(self.forward.maps[at - 1].shape)
            name = self.network.gradient_name(at - 1)
            self.forward.add(name, squeezed(self.gradients[at - 1], 1))
            for label in ("dw", "db"):
                if label in found:
                    self.forward.add(f"{label}[{stage.number}]", found[label])
            head = f"Back through layer {stage.number}, {title_of(stage)}"
            for label, title, blocks, known in parts:
                own = name if label == "dx" else f"{label}[{stage.number}]"
                made.append(Step(own, f"{head}{title}", tuple(self.forward.take(at, blocks, known))))
        return made

    def _layer(self, at: int, setting: Any) -> tuple[list[Part], dict[str, Tensor]]:
        """The steps of one layer, and its gradients."""
        g, stage = self.gradients[at], self.network.stages[at - 1]
        notation, detail = self.forward.notation, self.forward.detail
        match setting:
            case Direct() | Transposed():
                return self._convolution(stage, setting, g)
            case Pooling():
                pooled = PoolingWork(setting, notation, detail, g)
                chosen = pooled.places() if pooled.by_winner else []
                blocks = [b for step in (*chosen, *pooled.backward()) for b in step.blocks]
                blocks = [replace(b, boxed=False) if isinstance(b, Equation) else b for b in blocks]
                return [("dx", "", blocks, pooled.quantities)], {"dx": pooled.dx}
            case Activation():
                return self._activation(setting, g)
            case Flattening():
                order = setting.order_of_cells
                places = {cell: n for n, cell in enumerate(order)}
                dx = Tensor.build(setting.input.shape, lambda cell: g.cells[places[cell]])
                law = flatten_steps.law(setting, notation).blocks[-1]
                text = "Flattening only moves entries. So going back each one returns to its place:"
                return [("dx", "", [Prose(text), *_turned(law), self._shown(at - 1)], {})], {"dx": dx}
            case Upsampling():
                return self._upsampling(at, setting, g)
        return self._dense(setting, g)

    def _shown(self, at: int) -> Grids:
        """The gradient by a map, as a grid that stands inside a layer's own blocks."""
        shape = self.forward.maps[at].shape
        items = [lead((c, shape[0])) for c in range(shape[0])]
        return Grids(tuple(Grid("dx", part, Prose("{it}", {"it": Ref("dx", part or None)})) for part in items))

    def _convolution(
        self, stage: Stage, setting: Direct | Transposed, g: Tensor
    ) -> tuple[list[Part], dict[str, Tensor]]:
        work = backpropagation_work.Work(
            Backward(stage.operation, setting, g),
            self.forward.notation,
            self.forward.detail,
        )
        by_input = [block for step in backpropagation_input.input_gradient(work) for block in step.blocks]
        text = "The derivative of an output entry by an input cell is the kernel entry that it is multiplied by, and 0 "
        text += "where the two do not meet."
        by_input = [Prose(text), *by_input]
        by_kernel = list(backpropagation_steps.kernel_gradient(work).blocks)
        parts: list[Part] = [("dw", ": by the kernel", by_kernel, work.quantities)]
        if setting.layer.bias is not None:
            bias = list(backpropagation_steps.bias_gradient(work).blocks)
            parts.append(("db", ": by the bias", bias, work.quantities))
        parts.append(("dx", ": by its input", by_input, work.quantities))
        return parts, {name: work.value(name) for name in ("dx", "dw", "db") if name in work.quantities}

    def _activation(self, setting: Activation, g: Tensor) -> tuple[list[Part], dict[str, Tensor]]:
        active = activation_steps.Work(setting, self.forward.notation, self.forward.detail)
        slopes = active.quantities["derivative"].value.reshape(setting.input.shape)
        pick = setting.kind == "maxout"
        dx = Tensor.build(
            setting.input.shape, lambda cell: shared.dot([(g[(0, *cell[1:]) if pick else cell], slopes[cell])])
        )
        text = "The slope {S} is 1 where the entry that came in is positive (shaded), and {p} elsewhere, at 0 too."
        if pick:
            text = "The slope {S} is 1 where a channel holds the largest entry (the first if equal; shaded)."
        text += " Each upstream entry is multiplied by the slope at its place:"
        values = {"S": Ref("derivative"), "p": Number(setting.parameter)}
        channels, base = setting.input.shape[0], self.forward.notation.index_base
        spans = [*([("c", channels)] if channels > 1 else []), *zip("ij", setting.input.shape[1:], strict=False)]
        index = tuple(Running(name) for name, _ in spans)
        above = Ref("upstream", index[1:] if pick else index)
        ranges = tuple((name, base, base + size - 1) for name, size in spans)
        law = Equation((Ref("dx", index), op("mul", above, Ref("derivative", index))), for_all=ranges)
        pictures: list[Grids] = []
        for c in range(channels):
            row: list[Grid] = []
            part = lead((c, channels))
            of_channel = slopes.part(c)
            steep = frozenset(cell for cell in of_channel.indices() if of_channel[cell] == 1)
            for name in ("input", "derivative", "upstream", "dx"):
                own = () if pick and name == "upstream" else part
                marked = steep if name == "input" else frozenset()
                row.append(Grid(name, own, Prose("{it}", {"it": Ref(name, own or None)}), marked=marked))
            pictures.append(Grids(tuple(row)))
        known = {"derivative": Quantity(Symbol("S", "s"), squeezed(slopes, 1))}
        return [("dx", "", [Prose(text, values), law, *pictures], known)], {"dx": dx}

    def _upsampling(self, at: int, setting: Upsampling, g: Tensor) -> tuple[list[Part], dict[str, Tensor]]:
        met: dict[Index, list[tuple[Any, Index]]] = {}
        for out in g.indices():
            for weight, cell in setting.terms(out):
                met.setdefault(cell, []).append((weight, out))
        dx = Tensor.build(
            setting.input.shape, lambda cell: shared.dot([(weight, g[out]) for weight, out in met.get(cell, [])])
        )
        channels = g.shape[0]
        text = "An input cell was added to several output entries. Its derivative is the sum of their upstream entries"
        text += ", each with the weight it had:" if setting.kind == "bilinear" else ":"

        def window(cell: Index) -> Window:
            part = lead((cell[0], channels))
            terms = []
            for weight, out in met.get(cell, []):
                upper = Ref("upstream", (*part, *out[1:]))
                terms.append(Put(upper if weight == 1 else op("mul", Number(weight), upper)))
            target = Ref("dx", (*part, *cell[1:]))
            marked = frozenset(out[1:] for _, out in met.get(cell, []))
            rows = (tuple(terms),) if terms else ()
            total = Put(target) if len(terms) > 1 else None
            return Window(Grid("upstream", part, marked=marked), WorkedSum(target, rows, total))

        blocks = shared.entries_blocks(list(setting.input.indices()), window, self.forward.detail)
        return [("dx", "", [Prose(text), *blocks, self._shown(at - 1)], {})], {"dx": dx}

    def _dense(self, setting: Dense, g: Tensor) -> tuple[list[Part], dict[str, Tensor]]:
        units, values = setting.weights.shape
        dw = Tensor.build((units, values), lambda at: shared.dot([(g.cells[at[0]], setting.input.cells[at[1]])]))
        columns = [[setting.weights[unit, n] for unit in range(units)] for n in range(values)]
        dx = Tensor((values,), tuple(shared.dot(list(zip(column, g.cells, strict=True))) for column in columns))
        letters = any(hasattr(cell, "free_symbols") for cell in g.cells)
        by_weights, by_bias = network_dense.by_weights(), network_dense.by_bias()
        found = {"dx": dx, "dw": dw}
        parts: list[Any] = [("dw", ": by the weights", by_weights, {})]
        if setting.bias is not None:
            found["db"] = Tensor((units,), g.cells)
            parts.append(("db", ": by the bias", by_bias, {}))
        return [*parts, ("dx", ": by its input", network_dense.by_input(setting, letters), {})], found

    def result(self) -> Step:
        """Every gradient, boxed, and all derivatives as one vector where it fits."""
        blocks: list[Any] = []
        cells: list[Any] = list(self.gradients[0].cells)
        blocks += self._boxed("dx", self.forward.lead(0))
        for label, name in self._weights():
            value = self.quantities[label].value
            cells += value.cells
            dims = {"bias": 1, "weights": 2}.get(name, len(self.network.input.shape) - 1)
            blocks += self._boxed(label, len(value.shape) - dims)
        self.quantities["gradient"] = Quantity(Symbol("gradient", "gradient"), Tensor((len(cells),), tuple(cells)))
        if len(cells) <= MOST_SHOWN and not any(hasattr(cell, "free_symbols") for cell in cells):
            blocks += [Prose("All derivatives as one vector:"), Equation((Ref("gradient"), Put(Ref("gradient"))))]
        return Step("gradient", "Result", tuple(blocks))

    def _boxed(self, name: str, ahead: int) -> list[Any]:
        value = self.quantities[name].value
        wide = shared.is_wide(value)
        return [
            Equation((ref, op("names", ref) if wide else Put(ref)), boxed=True)
            for ref in shared.parts(name, value, ahead)
        ]

    def check(self) -> list[Step]:
        """Each layer scales with its input and with its weights, so inner products are handed back unchanged."""
        if any(hasattr(cell, "free_symbols") for cell in self.gradients[len(self.network.stages)].cells):
            return []
        items = []
        for at, stage in enumerate(self.network.stages, 1):
            pairs = zip(self.gradients[at - 1].cells, self.forward.maps[at - 1].cells, strict=True)
            label = f"inner[{stage.number}]"
            self.quantities[label] = Quantity(Symbol("inner", "inner"), Tensor((), (shared.dot(list(pairs)),)))
            sides = [op("inner", Ref(self.network.gradient_name(at - 1)), Ref(self.network.map_name(at - 1)))]
            after: Any = op("inner", Ref(self.network.gradient_name(at)), Ref(self.network.map_name(at)))
            for name in stage.weights:
                own = Ref(f"{name}[{stage.number}]")
                if name == "bias":
                    after = op("add", after, op("neg", op("inner", Ref(f"db[{stage.number}]"), own)))
                else:
                    sides.append(op("inner", Ref(f"dw[{stage.number}]"), own))
            items.append(Equation((*sides, after, Put(Ref(label, ())))))
        text = (
            "Twice the input of a layer, or twice its weights, give twice its output, apart from the bias. So the "
            "inner product of a map with its gradient is the same on both sides of a layer, but for the bias:"
        )
        return [Step("check", "Checks", (Prose(text), *items))]


def _turned(law: Equation) -> list[Any]:
    """The law of a flattening, with the gradients in place of the maps and the sides swapped."""
    output, source = law.sides
    sides = (Ref("dx", source.index), Ref("upstream", output.index))
    return [replace(law, sides=sides)]
