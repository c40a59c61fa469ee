"""The general sums, by SymPy: an entry of the output, or of a gradient, for all indices at once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy

from symconv.algebra import running


@lru_cache(maxsize=256)
def direct_sum(
    steps: tuple[tuple[int, int, int], ...],
    flip: bool,
    base: int,
    filters: int = 1,
    slices: int = 1,
    groups: int = 1,
    source: str = "padded",
) -> tuple[Any, Any]:
    """The general entry of a direct layer as (h_{i,j}, the sum), from (stride, dilation, taps) for each axis.

    `source` names the padded input, or the input where nothing is padded; each filter has `slices` channels.

    >>> direct_sum(((2, 1, 3),), False, 1)
    (output[i], Sum(kernel[m]*padded[2*i + m - 2], (m, 1, 3)))
    """
    output, padded, kernel = (sympy.IndexedBase(name) for name in ("output", source, "kernel"))
    outs = [running(name) for name in "ij"[: len(steps)]]
    taps = [running(name) for name in "mn"[: len(steps)]]
    c, f = running("c"), running("f")
    places = [
        (out - base) * stride + (base + size - 1 - tap if flip else tap - base) * dilation + base
        for out, tap, (stride, dilation, size) in zip(outs, taps, steps, strict=True)
    ]
    of_filter = [f] if filters > 1 else []
    of_slice = [c] if slices > 1 else []
    channel = of_slice
    if groups > 1:  # filter f belongs to group floor((f - base) / (filters / groups))
        channel = [(c if slices > 1 else base) + slices * sympy.floor((f - base) / sympy.Integer(filters // groups))]
    term = padded[(*channel, *places)] * kernel[(*of_filter, *of_slice, *taps)]
    limits = [(tap, base, base + size - 1) for tap, (_, _, size) in zip(taps, steps, strict=True)]
    if slices > 1:
        limits.insert(0, (c, base, base + slices - 1))
    return output[(*of_filter, *outs)], sympy.Sum(term, *reversed(limits))  # SymPy's first limit is the innermost


@lru_cache(maxsize=256)
def full_sum(
    sizes: tuple[tuple[int, int], ...], base: int, names: tuple[str, str, str] = ("output", "input", "kernel")
) -> tuple[Any, Any]:
    """The general entry of a full convolution with its index ranges, from (input, kernel) sizes for each axis.

    >>> full_sum(((3, 2),), 0)
    (output[i], Sum(input[m]*kernel[i - m], (m, Max(0, i - 1), Min(2, i))))
    """
    output, x, kernel = (sympy.IndexedBase(name) for name in names)
    outs = [running(name) for name in "ij"[: len(sizes)]]
    cells = [running(name) for name in "mn"[: len(sizes)]]
    term = x[tuple(cells)] * kernel[tuple(out - cell + base for out, cell in zip(outs, cells, strict=True))]
    limits = [
        (cell, sympy.Max(base, out - k + 1), sympy.Min(base + i - 1, out))
        for cell, out, (i, k) in zip(cells, outs, sizes, strict=True)
    ]
    return output[tuple(outs)], sympy.Sum(term, *reversed(limits))


@lru_cache(maxsize=256)
def scatter_sum(sizes: tuple[tuple[int, int, int], ...], base: int, kernel: str) -> tuple[Any, Any]:
    """The general entry of the uncropped frame of a transposed convolution, from (stride, input, reach) per axis.

    >>> scatter_sum(((2, 3, 2),), 0, "kernel")
    (frame[u], Sum(input[i]*kernel[-2*i + u], (i, Max(0, ceiling(u/2 - 1/2)), Min(2, floor(u/2)))))
    """
    frame, x, taps = (sympy.IndexedBase(name) for name in ("frame", "input", kernel))
    places = [running(name) for name in "uv"[: len(sizes)]]
    cells = [running(name) for name in "ij"[: len(sizes)]]
    strides = [s for s, _, _ in sizes]
    term = x[tuple(cells)] * taps[tuple(u - s * (i - base) for u, i, s in zip(places, cells, strides, strict=True))]
    limits = []
    for cell, place, (s, n, k) in zip(cells, places, sizes, strict=True):
        first = sympy.ceiling((place - base - k + 1) / sympy.Integer(s)) + base
        last = sympy.floor((place - base) / sympy.Integer(s)) + base
        limits.append((cell, sympy.Max(base, first), sympy.Min(base + n - 1, last)))
    return frame[tuple(places)], sympy.Sum(term, *reversed(limits))


@lru_cache(maxsize=256)
def input_gradient_sum(
    axes: tuple[tuple[int, int, int, int], ...], flip: bool, base: int, filters: int = 1, slices: int = 1
) -> tuple[Any, Any]:
    """The derivative by one input cell, over the windows that cover it, from (stride, taps, padding, outputs) per axis.

    The taps stand side by side.

    >>> input_gradient_sum(((1, 3, 0, 4),), False, 0)
    (dx[u], Sum(kernel[-i + u]*upstream[i], (i, Max(0, u - 2), Min(3, u))))
    """
    dx, upstream, kernel = (sympy.IndexedBase(name) for name in ("dx", "upstream", "kernel"))
    cells, outs = ([running(name) for name in names[: len(axes)]] for names in ("uv", "ij"))
    c, f = running("c"), running("f")
    of_filter, of_slice = [f] if filters > 1 else [], [c] if slices > 1 else []
    taps, limits = [], []
    for cell, out, (s, k, p, o) in zip(cells, outs, axes, strict=True):
        at = cell - base + p  # from 0, in the padded input
        place = at - s * (out - base)
        taps.append(base + (k - 1 - place if flip else place))
        first, last = (sympy.ceiling((at - k + 1) / sympy.Integer(s)), sympy.floor(at / sympy.Integer(s)))
        limits.append((out, sympy.Max(base, first + base), sympy.Min(base + o - 1, last + base)))
    term = upstream[(*of_filter, *outs)] * kernel[(*of_filter, *of_slice, *taps)]
    if filters > 1:
        limits.insert(0, (f, base, base + filters - 1))
    return dx[(*of_slice, *cells)], sympy.Sum(term, *reversed(limits))


@lru_cache(maxsize=256)
def kernel_gradient_sum(
    axes: tuple[tuple[int, int, int, int], ...],
    flip: bool,
    base: int,
    names: tuple[str, str],
    filters: int = 1,
    slices: int = 1,
) -> tuple[Any, Any]:
    """The derivative by one kernel entry, from (stride, dilation, taps, windows) per axis.

    `names` are the array with one entry per window, and the array that the window slides over.

    >>> kernel_gradient_sum(((2, 1, 3, 4),), False, 0, ("upstream", "padded"))
    (dw[m], Sum(padded[2*i + m]*upstream[i], (i, 0, 3)))
    """
    dw, moving, source = (sympy.IndexedBase(name) for name in ("dw", *names))
    taps, outs = ([running(name) for name in letters[: len(axes)]] for letters in ("mn", "ij"))
    c, f = running("c"), running("f")
    of_filter, of_slice = [f] if filters > 1 else [], [c] if slices > 1 else []
    places = [
        base + s * (out - base) + d * (base + k - 1 - tap if flip else tap - base)
        for tap, out, (s, d, k, _) in zip(taps, outs, axes, strict=True)
    ]
    term = moving[(*of_filter, *outs)] * source[(*of_slice, *places)]
    limits = [(out, base, base + o - 1) for out, (_, _, _, o) in zip(outs, axes, strict=True)]
    return dw[(*of_filter, *of_slice, *taps)], sympy.Sum(term, *reversed(limits))
