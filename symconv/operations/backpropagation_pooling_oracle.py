"""The oracle of a backward pass through a pooling, by exact difference quotients, and the mistakes made in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial
from itertools import pairwise
from random import Random
from typing import Any

import numpy as np

from symconv import numeric
from symconv.numeric import Array
from symconv.operations import checks
from symconv.operations.backpropagation_pooling import PoolingBackward
from symconv.operations.base import Misconception, Oracle


def oracle(setting: PoolingBackward, operands: Mapping[str, Array]) -> Oracle:
    """Every gradient by reducing each window again with one cell raised; the rest from the pooling's own oracle."""
    x, g = operands["input"], operands["upstream"]
    forward = setting.operation.oracle(setting.of, {"input": x})
    dx = partial(_gradient, setting, x, g)
    plain: dict[str, Callable[[], Array]] = {
        "dx": lambda: numeric.squeeze(dx(), 1),
        "upstream": lambda: numeric.squeeze(g, 1),
    }
    return {
        **forward,
        **plain,
        **checks.sums(plain),
        "shares": lambda: numeric.squeeze(_shares(setting, x, g), 1),
        "inner(dx,input)": lambda: np.asarray((dx() * x).sum()),
    }


def elsewhere(setting: PoolingBackward, here: Mapping[str, Array], random: Random) -> Mapping[str, Array]:
    """Another input in which the same cells are the largest: other numbers in the same order, equal where they were."""
    if setting.of.reduces not in ("max", "min"):
        return {}
    values = sorted(set(here["input"].reshape(-1).tolist()))
    drawn = sorted(random.sample(range(-999 - len(values), 1000 + len(values)), len(values)))
    other = dict(zip(values, drawn, strict=True))
    cells = [other[cell] for cell in here["input"].reshape(-1).tolist()]
    return {"input": numeric.array(cells, here["input"].shape)}


def _pooled(setting: PoolingBackward, x: Array) -> Array:
    """The output, with its channels."""
    return np.asarray(setting.operation.oracle(setting.of, {"input": x})["output"]()).reshape(setting.upstream.shape)


def _without_ties(setting: PoolingBackward, x: Array, first: bool = True) -> tuple[Array, Fraction]:
    """The input with no two cells alike, and a step that is smaller than every difference between two cells.

    Among equal cells the first one wins (torch), so the later ones are put at a disadvantage, by less than half of what
    tells different cells apart: a maximum stays where it was. With `first` false the last one wins.
    """
    values = sorted({Fraction(cell) for cell in x.reshape(-1).tolist()})
    gap = min((b - a for a, b in pairwise(values)), default=Fraction(1))
    sign = -1 if (setting.of.reduces == "max") == first else 1
    shift = np.array([sign * gap * Fraction(n, 2 * x.size) for n in range(x.size)], dtype=object)
    return x.astype(object) + shift.reshape(x.shape), gap / (4 * x.size)


def _slopes(setting: PoolingBackward, x: Array, first: bool = True) -> list[list[tuple[int, Any]]]:
    """For every window its places and the derivatives by them: raise one cell of it, and reduce the window again.

    An average is linear, so any step is exact. A maximum is linear as long as the same cell wins, so a step smaller
    than the differences between cells is exact too.
    """
    step: Any = 1
    if setting.of.reduces in ("max", "min"):
        x, step = _without_ties(setting, x, first)

    def reduce(cells: list[Any]) -> Any:
        if setting.of.reduces in ("max", "min"):
            return max(cells) if setting.of.reduces == "max" else min(cells)
        return Fraction(sum(cells)) / len(cells)

    flat, made = x.reshape(-1).tolist(), []
    for window in _windows(setting, x).flat:
        inside = [place for place in window if place is not None]
        counted = window if setting.of.reduces == "average" and setting.of.include_pad else inside
        cells = [0 if place is None else flat[place] for place in counted]
        before = reduce(cells)
        found = []
        for n, place in enumerate(counted):
            if place is not None:
                raised = [*cells[:n], cells[n] + step, *cells[n + 1 :]]
                found.append((place, (reduce(raised) - before) / step))
        made.append(found)
    return made


def _gradient(setting: PoolingBackward, x: Array, g: Array, first: bool = True) -> Array:
    """Every upstream entry, times the derivatives of its window, added where the window lies."""
    laid = np.zeros(x.size, dtype=object)
    for entry, found in zip(g.flat, _slopes(setting, x, first), strict=True):
        for place, slope in found:
            laid[place] += entry * slope
    return laid.reshape(x.shape)


def _windows(setting: PoolingBackward, x: Array) -> Array:
    """For every output entry the places that its window reads, counted through the whole input; None is padding."""
    pooling = setting.of
    return numeric.pool(
        np.arange(x.size).reshape(x.shape),
        lambda window: tuple(window.flat),
        [axis.kernel for axis in pooling.axes],
        [axis.stride for axis in pooling.axes],
        [axis.padding for axis in pooling.axes],
        [axis.dilation for axis in pooling.axes],
        pooling.ceil,
        fill=None,
    )


def _shares(setting: PoolingBackward, x: Array, g: Array) -> Array:
    """Each upstream entry divided by how many cells count in its window."""
    with_padding = setting.of.include_pad
    counts = [sum(with_padding or place is not None for place in window) for window in _windows(setting, x).flat]
    return np.array([Fraction(e) / n for e, n in zip(g.flat, counts, strict=True)], dtype=object).reshape(g.shape)


def _laid(
    setting: PoolingBackward, arrays: Mapping[str, Array], weights: Callable[[list[Any], list[Any], int], list[Any]]
) -> Array:
    """A gradient that adds, for every window, its upstream entry times a weight for each of its cells.

    `weights` gets the values of the cells inside the input, their places, and how many cells the window has.
    """
    x, g = arrays["input"], arrays["upstream"]
    cells = x.reshape(-1).tolist()
    laid = np.zeros(x.size, dtype=object)
    for entry, window in zip(g.flat, _windows(setting, x).flat, strict=True):
        inside = [place for place in window if place is not None]
        for place, weight in zip(inside, weights([cells[p] for p in inside], inside, len(window)), strict=True):
            laid[place] += entry * weight
    return numeric.squeeze(laid.reshape(x.shape), 1)


def _of(kinds: tuple[str, ...], predict: Callable[[PoolingBackward, Mapping[str, Array]], Array | None]) -> Any:
    """A prediction for poolings of these kinds; other layers do not make the mistake."""

    def of_a_pooling(setting: Any, arrays: Mapping[str, Array]) -> Array | None:
        is_one = isinstance(setting, PoolingBackward) and setting.of.reduces in kinds
        return predict(setting, arrays) if is_one else None

    return of_a_pooling


def _best(setting: PoolingBackward, values: list[Any]) -> Any:
    return max(values) if setting.of.reduces == "max" else min(values)


def _spread(setting: PoolingBackward, arrays: Mapping[str, Array]) -> Array:
    return _laid(setting, arrays, lambda values, *_: [Fraction(1, len(values))] * len(values))


def _to_all(setting: PoolingBackward, arrays: Mapping[str, Array]) -> Array:
    return _laid(setting, arrays, lambda values, *_: [int(v == _best(setting, values)) for v in values])


def _to_the_corner(setting: PoolingBackward, arrays: Mapping[str, Array]) -> Array:
    return _laid(setting, arrays, lambda values, *_: [1] + [0] * (len(values) - 1))


def _to_the_last(setting: PoolingBackward, arrays: Mapping[str, Array]) -> Array:
    return numeric.squeeze(_gradient(setting, arrays["input"], arrays["upstream"], first=False), 1)


def _maxima_for_gradient(setting: PoolingBackward, arrays: Mapping[str, Array]) -> Array:
    x = arrays["input"]
    return numeric.squeeze(_gradient(setting, x, _pooled(setting, x)), 1)


def _overwritten(setting: PoolingBackward, arrays: Mapping[str, Array]) -> Array:
    """Each window in turn: what it lays replaces what lay there."""
    x = arrays["input"]
    kept = np.zeros(x.size, dtype=object)
    for entry, found in zip(arrays["upstream"].flat, _slopes(setting, x), strict=True):
        for place, slope in found:
            kept[place] = entry * slope if slope else kept[place]
    return numeric.squeeze(kept.reshape(x.shape), 1)


def _not_divided(setting: PoolingBackward, arrays: Mapping[str, Array]) -> Array:
    return _laid(setting, arrays, lambda values, *_: [1] * len(values))


def _other_divisor(setting: PoolingBackward, arrays: Mapping[str, Array]) -> Array:
    def weights(values: list[Any], _: list[Any], size: int) -> list[Any]:
        return [Fraction(1, len(values) if setting.of.include_pad else size)] * len(values)

    return _laid(setting, arrays, weights)


_EXTREMES = ("max", "min")
MISCONCEPTIONS = (
    Misconception(
        "extreme_gradient_spread",
        "The gradient of a maximum is shared by all cells of the window.",
        "Only the cell that the maximum was taken from changes the output; it gets the upstream entry whole.",
        _of(_EXTREMES, _spread),
    ),
    Misconception(
        "extreme_gradient_to_all_ties",
        "Where several cells hold the maximum, each of them gets the upstream entry.",
        "One of them is recorded, the first row by row, and gets it alone.",
        _of(_EXTREMES, _to_all),
    ),
    Misconception(
        "extreme_gradient_to_the_last",
        "Where several cells hold the maximum, the last one counts.",
        "The first one counts, row by row.",
        _of(_EXTREMES, _to_the_last),
    ),
    Misconception(
        "extreme_gradient_to_the_corner",
        "The gradient goes to the first cell of every window.",
        "It goes to the cell that the maximum was taken from, wherever it stands in the window.",
        _of(_EXTREMES, _to_the_corner),
    ),
    Misconception(
        "extremes_put_back",
        "Going back, the maxima return to their places.",
        "What goes back is the upstream gradient; the maxima only say where to.",
        _of(_EXTREMES, _maxima_for_gradient),
    ),
    Misconception(
        "pooling_overlaps_overwritten",
        "Where windows overlap, a cell gets the entry of the last one.",
        "The contributions of all windows add up.",
        _of((*_EXTREMES, "average"), _overwritten),
    ),
    Misconception(
        "average_gradient_not_divided",
        "Every cell of an averaged window gets the whole upstream entry.",
        "The average divides by the number of cells, and so does its gradient.",
        _of(("average",), _not_divided),
    ),
    Misconception(
        "average_gradient_other_divisor",
        "Going back, cells of padding count in the divisor where they did not in the forward pass, or the converse.",
        "The divisor is that of the forward pass.",
        _of(("average",), _other_divisor),
    ),
)
