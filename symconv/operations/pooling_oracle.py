"""The oracle of pooling: every quantity by padding, sliding and reducing each window."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from math import inf
from typing import Any

import numpy as np

from symconv import closed_form, numeric
from symconv.numeric import Array
from symconv.operations import checks
from symconv.operations.base import Oracle
from symconv.operations.pooling_values import DECIMALS, Pooling


def oracle(setting: Pooling, x: Array) -> Oracle:
    """Every quantity from NumPy: pad, slide, reduce each window."""
    output = partial(_output, setting, x)
    plain = {"input": lambda: numeric.squeeze(x, 1), "output": lambda: numeric.squeeze(output(), 1)}
    power = setting.power

    def rounded(window: Array) -> Fraction:
        return closed_form.rounded_root(abs(_powers(window, power)), power, DECIMALS)

    return {
        **plain,
        **checks.sums(plain),
        "max(output)": lambda: np.asarray(output().max()),
        "min(output)": lambda: np.asarray(output().min()),
        "size": lambda: np.array(output().shape[1:]),
        "padded": lambda: numeric.squeeze(numeric.surround(x, _widths(setting, x), _FILLS[setting.reduces]), 1),
        "indices": lambda: numeric.squeeze(_indices(setting, x), 1),
        "rounded": lambda: numeric.squeeze(_slide(setting, x, rounded), 1),
        "lines": lambda: _lines(setting, x),
    }


_FILLS: dict[str, float] = {"max": -inf, "min": inf, "average": 0, "lp": 0}


def _widths(setting: Pooling, x: Array) -> list[tuple[int, int]]:
    if not setting.size_mode:
        return [axis.padding for axis in setting.axes]
    reach = [(a.kernel - 1) * a.dilation + 1 for a in setting.axes]
    return numeric.pads_for(setting.size_mode, x.shape[1:], reach, [a.stride for a in setting.axes])


def _slide(setting: Pooling, x: Array, reduce: Callable[[Array], Any], fill: Any = 0, **changed: Any) -> Array:
    """`numeric.pool` with the numbers of the setting, or with some of them changed."""
    keys: dict[str, Any] = {
        "size": [a.kernel for a in setting.axes],
        "stride": [a.stride for a in setting.axes],
        "pads": _widths(setting, x),
        "dilation": [a.dilation for a in setting.axes],
        "ceil": setting.ceil,
    }
    return numeric.pool(x, reduce, fill=fill, **{**keys, **changed})


def _mean(window: Array) -> Fraction:
    cells = [cell for cell in window.flat if cell is not None]
    return Fraction(sum(cells), len(cells))


def _powers(window: Array, power: int) -> Any:
    """The sum of the powers, in Python's numbers: NumPy's have an end and no exact roots, in arrays of objects too."""
    cells = [cell.item() if isinstance(cell, np.generic) else cell for cell in window.flat]
    return sum(cell**power for cell in cells)


def _output(setting: Pooling, x: Array, **changed: Any) -> Array:
    power = setting.power
    fill: float | None = _FILLS[setting.reduces]
    if setting.reduces == "average":
        fill = 0 if setting.include_pad else None
    reduce: dict[str, Callable[[Array], Any]] = {
        "max": lambda window: max(window.flat),
        "min": lambda window: min(window.flat),
        "average": _mean,
        "lp": lambda window: closed_form.root(_powers(window, power), power),
    }
    return _slide(setting, x, reduce[setting.reduces], **{"fill": fill, **changed})


def _indices(setting: Pooling, x: Array) -> Array:
    """Where the first largest (or smallest) cell of every window stands in its channel, counted row by row from 0."""
    cells = x.reshape(-1)
    sign = 1 if setting.reduces == "max" else -1

    def first(window: Array) -> int:
        inside = [place for place in window.flat if place is not None]
        return int(max(inside, key=lambda place: (sign * cells[place], -place)) % (x.size // x.shape[0]))

    return _slide(setting, np.arange(x.size).reshape(x.shape), first, None)


def _lines(setting: Pooling, x: Array) -> Array:
    """Every row of every window reduced by itself."""
    power = setting.power
    reduce: dict[str, Callable[[Array], Any]] = {
        "max": lambda window: tuple(window.max(axis=1)),
        "min": lambda window: tuple(window.min(axis=1)),
        "average": lambda window: tuple(window.sum(axis=1)),
        "lp": lambda window: tuple((window**power).sum(axis=1)),
    }
    made = _slide(setting, x, reduce[setting.reduces], _FILLS[setting.reduces])
    rows = np.array(made.tolist(), dtype=object)
    return numeric.squeeze(rows, 3 if setting.is_single else 1)
