"""The mistakes of a small network: each is another run of it, with one thing left out, swapped or read wrongly."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from symconv import numeric
from symconv.numeric import Array
from symconv.operations.activation_steps import Activation
from symconv.operations.base import Arrays, Change, Misconception, Oracle, instead
from symconv.operations.direct_steps import Direct
from symconv.operations.flatten_steps import Flattening
from symconv.operations.network_layers import Network, Stage
from symconv.operations.network_oracle import Run, Slopes
from symconv.operations.pooling_values import Pooling


@dataclass(frozen=True)
class Instead:
    """Stands for an operation whose output is another one."""

    made: Callable[[Array], Array]
    slope: Callable[[Array], Array] = np.ones_like

    def oracle(self, setting: Any, operands: Arrays) -> Oracle:
        """The other output and its slope."""
        del setting
        return {
            "output": lambda: self.made(operands["input"]),
            "derivative": lambda: self.slope(operands["input"]),
        }


def _elementwise(stage: Stage) -> bool:
    """Whether a layer is a non-linearity that treats every entry by itself."""
    return isinstance(stage.setting, Activation) and stage.setting.kind != "maxout"


def _with(network: Network, arrays: Arrays, stages: Sequence[Stage]) -> tuple[Network, Arrays] | None:
    """The network with other layers, where there are some and they differ."""
    changed = tuple(stages) and tuple(stages) != network.stages
    return (replace(network, stages=tuple(stages)), arrays) if changed else None


def _without_activations(network: Network, arrays: Arrays) -> tuple[Network, Arrays] | None:
    return _with(network, arrays, [stage for stage in network.stages if not _elementwise(stage)])


def _pool_first(network: Network, arrays: Arrays) -> tuple[Network, Arrays] | None:
    """A pooling right behind a non-linearity comes before it."""
    stages = list(network.stages)
    for at in range(len(stages) - 1):
        first, second = stages[at : at + 2]
        if _elementwise(first) and isinstance(second.setting, Pooling):
            stages[at : at + 2] = [second, replace(first, output=second.output)]
    return _with(network, arrays, stages)


def _exchanged(change: Callable[[Stage], Stage | None]) -> Change:
    """A network some of whose layers are others; None from `change` where a layer stays."""

    def mistaken(network: Network, arrays: Arrays) -> tuple[Network, Arrays] | None:
        return _with(network, arrays, [change(stage) or stage for stage in network.stages])

    return mistaken


def _absolute(stage: Stage) -> Stage | None:
    is_relu = isinstance(stage.setting, Activation) and stage.setting.kind == "relu"
    return replace(stage, operation=Instead(abs, np.sign)) if is_relu else None


def _other_order(stage: Stage) -> Stage | None:
    if not isinstance(stage.setting, Flattening):
        return None
    order = "column" if stage.setting.order == "row" else "row"
    return replace(stage, setting=replace(stage.setting, order=order))


def _interleaved(x: Array) -> Array:
    return np.moveaxis(x, 0, -1).reshape(-1)


def _channels_last(stage: Stage) -> Stage | None:
    return replace(stage, operation=Instead(_interleaved)) if isinstance(stage.setting, Flattening) else None


def _other_pooling(stage: Stage) -> Stage | None:
    if not isinstance(stage.setting, Pooling):
        return None
    other = {"max": "average", "average": "max", "global_max": "global_average", "global_average": "global_max"}
    kind = other.get(stage.setting.kind)
    return replace(stage, setting=replace(stage.setting, kind=kind)) if kind else None


def _operands(prefix: str, change: Callable[[Array], Array]) -> Change:
    """Every operand of a kind changed."""

    def mistaken(network: Network, arrays: Arrays) -> tuple[Network, Arrays] | None:
        changed = {name: change(array) for name, array in arrays.items() if name.startswith(prefix)}
        return (network, {**arrays, **changed}) if changed else None

    return mistaken


def _turned(kernel: Array) -> Array:
    return numeric.rotate(kernel, kernel.ndim - 2)


def _relu_at_the_end(network: Network, arrays: Arrays) -> Array | None:
    is_one = any(map(_elementwise, network.stages[:-1])) and not _elementwise(network.stages[-1])
    return np.asarray(np.maximum(numeric.squeeze(Run(network, arrays).maps[-1], 1), 0)) if is_one else None


def _gradients(slopes: Slopes) -> dict[str, Array]:
    """Every derivative by its label."""
    network = slopes.run.network
    found = {"gradient": slopes.gradient()}
    for at, stage in enumerate(network.stages, 1):
        found[network.gradient_name(at - 1)] = numeric.squeeze(slopes.by_map(at - 1), 1)
        for name in stage.weights:
            label = f"d{'b' if name == 'bias' else 'w'}[{stage.number}]"
            found[label] = numeric.squeeze(slopes.by_weights(at, name), 2 if name == "kernel" else 0)
    return found


Predict = Callable[[Network, Arrays], Mapping[str, Array] | None]
Switch = Callable[[Run, int, Stage], Array | None]


def _switched(switch: Switch) -> Predict:
    """All derivatives, with other slopes where `switch` gives some."""

    def predict(network: Network, arrays: Arrays) -> Mapping[str, Array] | None:
        if network.upstream is None:
            return None
        run = Run(network, arrays)
        found = [switch(run, at, stage) for at, stage in enumerate(network.stages, 1)]
        others = tuple(old if new is None else new for new, old in zip(found, run.switches, strict=True))
        return _gradients(Slopes(run, others)) if any(new is not None for new in found) else None

    return predict


def _not_masked(run: Run, at: int, stage: Stage) -> Array | None:
    return np.ones_like(run.maps[at - 1]) if isinstance(stage.setting, Activation) else None


def _window_weights(weight: Callable[[int], Any], kinds: tuple[str, ...]) -> Switch:
    """For each output entry of a pooling a weight for every input cell: the same for all cells of its window."""

    def switch(run: Run, at: int, stage: Stage) -> Array | None:
        pooling, x = stage.setting, run.maps[at - 1]
        if not isinstance(pooling, Pooling) or pooling.reduces not in kinds:
            return None
        windows = numeric.pool(
            np.arange(x.size).reshape(x.shape),
            lambda window: tuple(window.flat),
            [axis.kernel for axis in pooling.axes],
            [axis.stride for axis in pooling.axes],
            [axis.padding for axis in pooling.axes],
            [axis.dilation for axis in pooling.axes],
            pooling.ceil,
            fill=None,
        )
        weights = np.zeros((windows.size, x.size), dtype=object)
        for row, window in zip(weights, windows.flat, strict=True):
            inside = [place for place in window if place is not None]
            row[inside] = weight(len(inside))
        return weights.reshape(*windows.shape, *x.shape)

    return switch


def _backward_not_turned(network: Network, arrays: Arrays) -> Mapping[str, Array] | None:
    if network.upstream is None or not any(isinstance(stage.setting, Direct) for stage in network.stages):
        return None
    names = [f"kernel[{stage.number}]" for stage in network.stages if isinstance(stage.setting, Direct)]
    turned = {name: _turned(arrays[name]) for name in names}
    return _gradients(Slopes(Run(network, arrays), tail=Run(network, {**arrays, **turned})))


def _bias_averaged(network: Network, arrays: Arrays) -> Mapping[str, Array] | None:
    """The part of every bias divided by how many entries its map has."""
    if network.upstream is None or not any(name.startswith("bias") for name in arrays):
        return None
    slopes = Slopes(Run(network, arrays))
    parts, found = [slopes.by_map(0)], {}
    for at, stage in enumerate(network.stages, 1):
        share = Fraction(1, 1 if stage.flat else prod(stage.output[1:]))
        for name in stage.weights:
            parts.append(slopes.by_weights(at, name) * (share if name == "bias" else 1))
            if name == "bias":
                found[f"db[{stage.number}]"] = parts[-1]
    return {**found, "gradient": np.concatenate([part.reshape(-1) for part in parts])}


def _all_ones(network: Network, arrays: Arrays) -> tuple[Network, Arrays] | None:
    return None if network.upstream is None else (network, {**arrays, "upstream": np.ones_like(arrays["upstream"])})


MISCONCEPTIONS = (
    Misconception(
        "activation_forgotten",
        "The map of a convolution goes into the next layer as it is.",
        "The non-linearity comes in between; without it all layers together are one linear map.",
        change=_without_activations,
    ),
    Misconception(
        "relu_is_absolute_value",
        "A ReLU makes every entry positive.",
        "It sets negative entries to 0; it does not turn their sign.",
        change=_exchanged(_absolute),
    ),
    Misconception(
        "bias_forgotten",
        "A layer only adds up its products.",
        "The bias of each filter or unit is added to every entry of its map.",
        change=_operands("bias", np.zeros_like),
    ),
    Misconception(
        "kernel_flipped",
        "The kernel of a convolution layer is flipped before it slides, or left as it is where it is to be flipped.",
        "Deep-learning libraries slide and scatter the kernel as it is; only flip = true turns it.",
        change=_operands("kernel", _turned),
    ),
    Misconception(
        "pooled_before_activation",
        "Pooling and the non-linearity can change places.",
        "That is so for a maximum and a ReLU; an average of the entries is not the average of what the ReLU leaves.",
        change=_pool_first,
    ),
    Misconception(
        "other_pooling",
        "It makes no difference whether a window gives its largest entry or its average.",
        "Max pooling and average pooling are different layers.",
        change=_exchanged(_other_pooling),
    ),
    Misconception(
        "flattened_in_the_other_order",
        "The order in which a map is flattened does not matter.",
        "Every weight of the dense layer belongs to one place, so the order must be that of the layer.",
        change=_exchanged(_other_order),
    ),
    Misconception(
        "flattened_channels_last",
        "The entries of all channels at one place stand side by side in the vector.",
        "Channels come first: a whole channel is written before the next one starts.",
        change=_exchanged(_channels_last),
    ),
    Misconception(
        "activation_at_the_end",
        "Every layer ends with the non-linearity, the last one too.",
        "A non-linearity stands only where it is written; here the output is the last layer's own.",
        after=instead("output", _relu_at_the_end),
    ),
    Misconception(
        "activation_gradient_not_masked",
        "The gradient passes a non-linearity unchanged.",
        "It is multiplied by the slope: nothing passes where a ReLU put a 0, nor to a channel that lost a maximum.",
        _switched(_not_masked),
    ),
    Misconception(
        "maximum_gradient_spread",
        "The gradient of a maximum is shared by all cells of the window.",
        "Only the cell that the maximum was taken from gets it.",
        _switched(_window_weights(lambda count: Fraction(1, count), ("max", "min"))),
    ),
    Misconception(
        "average_gradient_not_divided",
        "Every cell of an averaged window gets the whole upstream entry.",
        "The average divides by the number of cells, and so does its gradient.",
        _switched(_window_weights(lambda _: 1, ("average",))),
    ),
    Misconception(
        "backward_not_turned",
        "The gradient goes back through a convolution with the kernel as it slides forward.",
        "Where the forward index grows with the tap, the backward index falls: the kernel is turned by 180 degrees.",
        _backward_not_turned,
    ),
    Misconception(
        "bias_gradient_averaged",
        "The gradient by a bias is the mean over its map.",
        "One bias is added to every entry of its map, so the derivatives of all entries are added.",
        _bias_averaged,
    ),
    Misconception(
        "upstream_ignored",
        "The loss changes as much as the output does.",
        "Each change of the output counts as much as the upstream gradient says.",
        change=_all_ones,
    ),
)
