"""The oracle of a network: NumPy layer after layer, and gradients by exact differences of the rest of the network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property, partial
from random import Random
from typing import Any

import numpy as np

from symconv import numeric
from symconv.numeric import Array
from symconv.operations import backpropagation_oracle, backpropagation_pooling_oracle
from symconv.operations.activation_steps import Activation
from symconv.operations.backpropagation_pooling import PoolingBackward
from symconv.operations.backpropagation_work import Backward
from symconv.operations.base import Oracle
from symconv.operations.direct_steps import Direct
from symconv.operations.network_layers import Network, Stage
from symconv.operations.pooling_values import Pooling
from symconv.operations.transposed_steps import Transposed
from symconv.tensor import Tensor

TRIES = 200  # to find other operands that every layer treats alike
SMALLEST = 24  # halvings of a change


@dataclass(frozen=True)
class Run:
    """One run through a network: arrays of the operands, as objects, so that nothing overflows."""

    network: Network
    operands: Mapping[str, Array]

    @cached_property
    def exact(self) -> Mapping[str, Array]:
        """The operands as exact objects."""
        return {name: array.astype(object) for name, array in self.operands.items()}

    def weights(self, stage: Stage) -> dict[str, Array]:
        """What a layer learns, by the names of its own operation."""
        return {name: self.exact[f"{name}[{stage.number}]"] for name in stage.weights}

    def inside(self, at: int) -> Oracle:
        """Every quantity of layer number `at` from its own oracle."""
        stage = self.network.stages[at - 1]
        found: Oracle = stage.operation.oracle(stage.setting, {"input": self.maps[at - 1], **self.weights(stage)})
        return found

    @cached_property
    def maps(self) -> list[Array]:
        """The input and the map after each layer, with channels."""
        found = [self.exact["input"]]
        for stage in self.network.stages:
            given = {"input": found[-1], **self.weights(stage)}
            made = stage.operation.oracle(stage.setting, given)["output"]()
            found.append(np.asarray(made).astype(object).reshape(stage.output))
        return found

    @cached_property
    def switches(self) -> tuple[Array | None, ...]:
        """Of each layer that chooses: the slope at every entry, or the place of every largest entry."""
        found: list[Array | None] = []
        for at, stage in enumerate(self.network.stages, 1):
            if not stage.chooses:
                found.append(None)
                continue
            name, shape = ("derivative", self.maps[at - 1].shape)
            if isinstance(stage.setting, Pooling):
                name, shape = ("indices", self.maps[at].shape)
            found.append(np.asarray(self.inside(at)[name]()).reshape(shape))
        return tuple(found)

    def held(self, at: int, x: Array, switches: tuple[Array | None, ...]) -> Array:
        """Layer number `at` on another input, every choice held as it was: an affine map of its input."""
        stage, switch = self.network.stages[at - 1], switches[at - 1]
        if switch is None:
            made = stage.operation.oracle(stage.setting, {"input": x, **self.weights(stage)})["output"]()
        elif isinstance(stage.setting, Activation):
            made = (switch * x).sum(axis=0) if stage.setting.kind == "maxout" else switch * x
        elif switch.ndim > x.ndim:  # a weight for every cell, for each output entry
            made = (switch * x).sum(axis=tuple(range(-x.ndim, 0)))
        else:
            flat = x.reshape(x.shape[0], -1)
            made = np.array([line[spots.reshape(-1).astype(int)] for line, spots in zip(flat, switch, strict=True)])
        return np.asarray(made).astype(object).reshape(stage.output)


@dataclass(frozen=True, eq=False)
class Slopes:
    """The derivatives at one run: raise a number by 1, and run what follows again with every choice held.

    Where a mistake has other slopes or other layers behind, `switches` and `tail` hold them.
    """

    run: Run
    switches: tuple[Array | None, ...] | None = None
    tail: Run | None = None

    def _loss(self, after: int, x: Array) -> Any:
        """The output that follows from the map after so many layers, weighed with the upstream gradient."""
        switches = self.switches or self.run.switches
        for at in range(after + 1, len(self.run.network.stages) + 1):
            x = (self.tail or self.run).held(at, x, switches)
        return (x * self.run.exact["upstream"].reshape(x.shape)).sum()

    @cached_property
    def _known(self) -> dict[tuple[int, str], Array]:
        """What was asked for before."""
        return {}

    def by_map(self, at: int) -> Array:
        """The gradient by the map after so many layers."""
        if (at, "map") not in self._known:
            self._known[at, "map"] = _differences(partial(self._loss, at), self.run.maps[at])
        return self._known[at, "map"]

    def by_weights(self, at: int, name: str) -> Array:
        """The gradient by a kernel, weights or a bias."""
        if (at, name) not in self._known:
            self._known[at, name] = self._by_weights(at, name)
        return self._known[at, name]

    def _by_weights(self, at: int, name: str) -> Array:
        stage = self.run.network.stages[at - 1]
        weights = self.run.weights(stage)

        def loss(changed: Array) -> Any:
            given = {"input": self.run.maps[at - 1], **weights, name: changed}
            made = stage.operation.oracle(stage.setting, given)["output"]()
            return self._loss(at, np.asarray(made).astype(object).reshape(stage.output))

        return _differences(loss, weights[name])

    def gradient(self) -> Array:
        """All derivatives as one vector: by the input, then layer by layer by the weights and the bias."""
        parts = [self.by_map(0)]
        for at, stage in enumerate(self.run.network.stages, 1):
            parts += [self.by_weights(at, name) for name in stage.weights]
        return np.concatenate([part.reshape(-1) for part in parts])


def _differences(loss: Callable[[Array], Any], x: Array) -> Array:
    """By how much a loss grows when each entry is raised by 1."""
    before, found = loss(x), np.empty(x.shape, dtype=object)
    for place in np.ndindex(*x.shape):
        raised = x.copy()
        raised[place] = raised[place] + 1
        found[place] = loss(raised) - before
    return found


def oracle(network: Network, operands: Mapping[str, Array]) -> Oracle:
    """Every quantity: maps from NumPy, gradients by differences, what is inside a layer from its own oracle."""
    run = Run(network, operands)
    slopes = Slopes(run)
    made: dict[str, Callable[[], Array]] = {
        "input": lambda: numeric.squeeze(run.maps[0], 1),
        "output": lambda: numeric.squeeze(run.maps[-1], 1),
        "gradient": slopes.gradient,
    }
    for at, stage in enumerate(network.stages, 1):
        made |= _forward(run, at, stage)
        if network.upstream is not None:
            made |= _backward(slopes, at, stage)
    return made


def _forward(run: Run, at: int, stage: Stage) -> Oracle:
    """The map of one layer, its shape, its weights, and what its own oracle has."""
    n = stage.number

    def inner(name: str) -> Array:
        return np.asarray(run.inside(at)[name]())

    shape = stage.output[1:] if stage.flat else stage.output
    names = stage.operation.oracle(stage.setting, _zeros(stage))
    made: dict[str, Callable[[], Array]] = {f"{name}[{n}]": partial(inner, name) for name in names}
    for name in (f"map[{n}]", run.network.map_name(at)):
        made[name] = lambda: numeric.squeeze(run.maps[at], 1)
    made[f"shape[{n}]"] = lambda: np.array(np.shape(run.maps[at])[len(stage.output) - len(shape) :])
    return made


def _zeros(stage: Stage) -> dict[str, Array]:
    """Arrays of zeros, good enough to ask an oracle for the names of its quantities."""
    setting = stage.setting
    x = setting.layer.input if isinstance(setting, Direct | Transposed) else setting.input
    tensors: dict[str, Tensor] = {"input": x, **stage.weights}
    return {name: np.zeros(tensor.shape, dtype=object) for name, tensor in tensors.items()}


def _backward(slopes: Slopes, at: int, stage: Stage) -> Oracle:
    """The gradients of one layer, and what its own backward pass shows."""
    n, network, run = stage.number, slopes.run.network, slopes.run
    made: dict[str, Callable[[], Array]] = {}
    for name in (network.gradient_name(at - 1), network.gradient_name(at)):
        after = at - 1 if name == network.gradient_name(at - 1) else at
        made[name] = partial(lambda after: numeric.squeeze(slopes.by_map(after), 1), after)
    for name in stage.weights:
        lead = 2 if name == "kernel" else 0
        label = f"db[{n}]" if name == "bias" else f"dw[{n}]"
        made[label] = partial(lambda name, lead: numeric.squeeze(slopes.by_weights(at, name), lead), name, lead)
    made[f"inner[{n}]"] = lambda: np.asarray((slopes.by_map(at - 1) * run.maps[at - 1]).sum())
    return {**made, **_shown(slopes, at, stage)}


def _shown(slopes: Slopes, at: int, stage: Stage) -> Oracle:
    """What the backward pass of a convolution or a pooling draws: stretched and padded gradients, shares."""
    setting: Any = stage.setting
    upstream = Tensor(stage.output, ())  # only its shape is read
    run = slopes.run

    @cache
    def found() -> Oracle:
        given = {"input": run.maps[at - 1], **run.weights(stage), "upstream": slopes.by_map(at)}
        if isinstance(setting, Pooling):
            return backpropagation_pooling_oracle.oracle(PoolingBackward(stage.operation, setting, upstream), given)
        return backpropagation_oracle.finite_differences(Backward(stage.operation, setting, upstream), given)

    def one(name: str) -> Array:
        return found()[name]()

    names: tuple[str, ...] = ()
    if isinstance(setting, Pooling):
        names = ("shares",)
    if isinstance(setting, Direct):
        names = ("stretched", "padded_gradient", "slid")
    if isinstance(setting, Transposed):
        names = ("padded_gradient", "slid")
    return {f"{name}[{stage.number}]": partial(one, name) for name in names}


def elsewhere(network: Network, here: Mapping[str, Array], random: Random) -> Mapping[str, Array]:
    """Other operands at which every layer chooses alike: small changes of all of them, found by trying.

    Where a choice is a tie, about half of all changes decide it the other way and are drawn again. If none is found the
    input and the weights stay; the upstream gradient differs in any case.
    """
    if network.upstream is None:
        return {}
    upstream = {"upstream": _drawn(here["upstream"], random)}
    rest = {name: array for name, array in here.items() if name != "upstream"}
    if not any(stage.chooses for stage in network.stages):
        return {**upstream, **{name: _drawn(array, random) for name, array in rest.items()}}
    for _ in range(TRIES):
        change = {name: _drawn(array, random) for name, array in rest.items()}
        moved = _near(network, here, change)
        if moved is not None:
            return {**upstream, **moved}
    return {**upstream, **rest}


def _near(network: Network, here: Mapping[str, Array], change: Mapping[str, Array]) -> Mapping[str, Array] | None:
    """The largest part of a change, by halves, at which every layer chooses alike; None if it leads over an edge."""
    chosen = _choices(network, here)

    def moved(halvings: int) -> dict[str, Array]:
        return {name: here[name].astype(object) + by * Fraction(1, 2**halvings) for name, by in change.items()}

    def is_alike(operands: Mapping[str, Array]) -> bool:
        return _choices(network, {**here, **operands}) == chosen

    if not is_alike(moved(SMALLEST)):
        return None
    return next((found for found in map(moved, range(SMALLEST)) if is_alike(found)), moved(SMALLEST))


def _drawn(like: Array, random: Random) -> Array:
    return numeric.array([random.randint(-999, 999) for _ in range(like.size)], like.shape)


def _choices(network: Network, operands: Mapping[str, Array]) -> list[Any]:
    return [None if s is None else s.tolist() for s in Run(network, operands).switches]
