"""The oracle: convolution arithmetic as NumPy does it, to confirm what a derivation says.

It really pads an array, really puts zeros between the taps and really slides a window; for the
transposed convolution it really scatters, adds and crops. It knows nothing of the derivation's index
formulas. Arrays are integer where nothing can overflow and objects (int, Fraction) otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symconv.exact_numbers import root_of_unity

Array = NDArray[Any]
Pads = Sequence[tuple[int, int]]

_MODES: dict[str, Any] = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def array(cells: Sequence[int | Fraction], shape: Sequence[int]) -> Array:
    """An exact array by itself; see `arrays`."""
    return arrays({"": (cells, shape)})[""]


def arrays(given: Mapping[str, tuple[Sequence[int | Fraction], Sequence[int]]]) -> dict[str, Array]:
    """Exact arrays of one kind, from the cells and the shape of each: int64 where nothing can overflow, else objects.

    A sum of products with one cell of each array is at most the product of the sums of all magnitudes. One of the
    arrays may come in twice. (One kind, because NumPy takes a large number beside an int64 for one that must fit.)

    >>> small, large = arrays({"x": ([1, 2], [2]), "w": ([3], [1])}), arrays({"x": ([1, 2], [2]), "w": ([2**60], [1])})
    >>> small["x"].dtype.name, large["x"].dtype.name
    ('int64', 'object')
    """
    whole = {type(cell) for cells, _ in given.values() for cell in cells} <= {int}
    sums = [1, *(max(1, sum(abs(int(cell)) for cell in cells)) for cells, _ in given.values())] if whole else []
    if whole and prod(sums) * max(sums) < 2**62:
        return {name: np.array(cells, dtype=np.int64).reshape(shape) for name, (cells, shape) in given.items()}
    return {name: _objects(cells).reshape(shape) for name, (cells, shape) in given.items()}


def dft_matrix(size: int) -> Array:
    """The powers exp(-2 pi i jk / N) of the first root of unity, exact."""
    powers = _objects([root_of_unity(size, power) for power in range(size)])
    return np.asarray(powers[np.outer(range(size), range(size)) % size])


def dft(x: Array) -> Array:
    """The discrete Fourier transform along every axis, exact.

    >>> from symconv.exact_numbers import IMAGINARY as i
    >>> bool((dft(np.array([1, 2, 3, 4])) == [10, 2 * i + -2, -2, -2 * i + -2]).all())
    True
    """
    x = x.astype(object)
    for axis, size in enumerate(x.shape):
        x = np.moveaxis(np.tensordot(dft_matrix(size), x, axes=(1, axis)), 0, axis)
    return x


def _objects(cells: Sequence[Any]) -> Array:
    made = np.empty(len(cells), dtype=object)
    made[:] = list(cells)
    return made


def pads_for(size: str, shape: Sequence[int], reach: Sequence[int], stride: Sequence[int]) -> list[tuple[int, int]]:
    """The padding that a size mode means, found by trying: valid, same or same_lower (out = ceil(i / s)), full.

    Source for same: TensorFlow, "SAME padding"; torch agrees at stride 1 (the odd zero goes to the end).
    """
    if size == "valid":
        return [(0, 0)] * len(shape)
    if size == "full":
        return [(window - 1, window - 1) for window in reach]
    pads = []
    for cells, window, step in zip(shape, reach, stride, strict=True):
        wanted = len(range(0, cells, step))
        total = 0
        while len(range(0, cells + total - window + 1, step)) < wanted:
            total += 1
        halves = (total // 2, total - total // 2)
        pads.append(halves[::-1] if size == "same_lower" else halves)
    return pads


def pad(x: Array, pads: Pads, mode: str = "zeros") -> Array:
    """Pad the last axes of `x`, one (before, after) pair for each.

    >>> pad(np.array([1, 2, 3]), [(1, 2)]).tolist()
    [0, 1, 2, 3, 0, 0]
    """
    if not any(map(any, pads)):
        return x
    if mode == "zeros":  # NumPy's would be an int64 zero, also among objects, which takes no large number beside it
        return surround(x, pads, 0, x.dtype)
    lead = x.shape[: x.ndim - len(pads)]
    places = _padded_places(x.shape[len(lead) :], tuple(pads), mode)
    return x.reshape(*lead, -1).take(places, axis=-1)


@lru_cache(maxsize=64)
def _padded_places(cells: tuple[int, ...], pads: tuple[tuple[int, int], ...], mode: str) -> Array:
    """Which cell NumPy repeats where, by flat places: it takes longer to set up than to pad a small array.

    >>> _padded_places((3,), ((1, 1),), "reflect").tolist()
    [1, 0, 1, 2, 1]
    """
    return np.asarray(np.pad(np.arange(prod(cells)).reshape(cells), pads, mode=_MODES[mode]))


def dilate(x: Array, steps: Sequence[int]) -> Array:
    """Put step - 1 zeros between neighbours along each of the last axes.

    >>> dilate(np.array([1, 2, 3]), [2]).tolist()
    [1, 0, 2, 0, 3]
    """
    if all(step == 1 for step in steps):
        return x
    lead = x.shape[: x.ndim - len(steps)]
    sizes = [(n - 1) * step + 1 for n, step in zip(x.shape[len(lead) :], steps, strict=True)]
    wide = np.zeros((*lead, *sizes), dtype=x.dtype)
    every: Any = (..., *(slice(None, None, step) for step in steps))
    wide[every] = x
    return wide


def rotate(x: Array, dims: int) -> Array:
    """Turn the last `dims` axes by 180 degrees."""
    turned: Any = (..., *(slice(None, None, -1),) * dims)
    return np.asarray(x[turned])


def correlate(
    x: Array,
    w: Array,
    stride: Sequence[int],
    pads: Pads,
    dilation: Sequence[int],
    mode: str = "zeros",
    groups: int = 1,
    by_channel: bool = False,
) -> Array:
    """Slide the kernel, unflipped, over the padded input.

    x: (..., channels, *cells), w: (filters, channels / groups, *taps) -> (..., filters, *outputs), or `by_channel`,
    before the channels are added, (..., filters, channels / groups, *outputs).

    >>> a, k = np.arange(9).reshape(1, 3, 3), np.array([[[[1, 0], [0, -1]]]])
    >>> correlate(a, k, [1, 1], [(0, 0)] * 2, [1, 1]).tolist()
    [[[-4, -4], [-4, -4]]]
    """
    padded, wide, dims = pad(x, pads, mode), dilate(w, dilation), len(stride)
    lead, channels = padded.shape[: -dims - 1], w.shape[1]
    maps, places = _windows(padded.shape[-dims:], wide.shape[2:], tuple(stride))
    taps = channels, len(places)
    windows = padded.reshape(*lead, groups, channels, -1).take(places, axis=-1)  # (..., groups, *taps, outputs)
    kernels = wide.reshape(groups, -1, *taps)  # (groups, filters of each, *taps)
    if by_channel:
        made = kernels[..., None, :] @ windows[..., None, :, :, :]
        return np.asarray(made.reshape(*lead, *w.shape[:2], *maps))
    made = kernels.reshape(groups, -1, prod(taps)) @ windows.reshape(*lead, groups, prod(taps), -1)
    return np.asarray(made.reshape(*lead, len(w), *maps))


@lru_cache(maxsize=64)
def _windows(cells: tuple[int, ...], size: tuple[int, ...], stride: tuple[int, ...]) -> tuple[tuple[int, ...], Array]:
    """How many windows fit along each axis, each `stride` from the last one, and the flat places of each: a column.

    >>> _windows((5,), (3,), (2,))[1].tolist()
    [[0, 2], [1, 3], [2, 4]]
    """
    places = np.arange(prod(cells)).reshape(cells)
    every = tuple(slice(None, None, step) for step in stride)
    windows = np.lib.stride_tricks.sliding_window_view(places, size)[every]
    return windows.shape[: len(size)], windows.reshape(-1, prod(size)).T


def convolve(x: Array, w: Array) -> Array:
    """The full linear convolution of two arrays.

    >>> convolve(np.array([1, 2]), np.array([1, 1])).tolist()
    [1, 3, 2]
    """
    ones, pads = [1] * x.ndim, [(n - 1, n - 1) for n in w.shape]
    return np.asarray(correlate(x[None], rotate(w, x.ndim)[None, None], ones, pads, ones)[0])


def scatter(
    x: Array, w: Array, stride: Sequence[int], dilation: Sequence[int], extra: Sequence[int], groups: int = 1
) -> Array:
    """Lay a copy of the kernel, times the cell, at every cell of the input, and add: nothing is cropped.

    x: (channels, *cells), w: (channels, filters / groups, *taps) -> (filters, *frame), where the frame has
    s(i - 1) + d(k - 1) + 1 + extra cells along each axis.

    >>> x, w = np.array([[1, 2]]), np.array([[[3, 4]]])
    >>> scatter(x, w, [2], [1], [0]).tolist()
    [[3, 4, 6, 8]]
    """
    reach = dilate(w[:1, :1], dilation).shape[2:]
    frame = [s * (i - 1) + k + e for s, i, k, e in zip(stride, x.shape[1:], reach, extra, strict=True)]
    out = np.zeros((w.shape[1] * groups, *frame), dtype=x.dtype if x.dtype == w.dtype else object)
    for _, spot, copy in copies(x, w, stride, dilation, groups):
        out[spot] += copy
    return out


def copies(
    x: Array, w: Array, stride: Sequence[int], dilation: Sequence[int], groups: int = 1
) -> Iterator[tuple[int, Any, Array]]:
    """What `scatter` adds, one copy after the other: its input channel, where it lies in the frame, its values.

    >>> [(spot[1].start, copy.tolist()) for _, spot, copy in copies(np.array([[1, 2]]), np.array([[[3, 4]]]), [2], [1])]
    [(0, [[3, 4]]), (2, [[6, 8]])]
    """
    wide = dilate(w, dilation)
    per_group, channels = w.shape[1], x.shape[0] // groups
    along = [
        [slice(at * step, at * step + taps) for at in range(cells)]
        for cells, taps, step in zip(x.shape[1:], wide.shape[2:], stride, strict=True)
    ]
    spots = [*product(*along)]
    for channel, (cells, kernel) in enumerate(zip(x, wide, strict=True)):
        first = channel // channels * per_group
        for spot, cell in zip(spots, cells.reshape(-1), strict=True):
            yield channel, (slice(first, first + per_group), *spot), cell * kernel


def correlate_back(
    y: Array,
    w: Array,
    shape: Sequence[int],
    stride: Sequence[int],
    pads: Pads,
    dilation: Sequence[int],
    mode: str = "zeros",
    groups: int = 1,
) -> Array:
    """The transpose of `correlate` for inputs of this shape: scatter over the padded input, then fold the padding in.

    >>> correlate_back(np.array([[1, 1, 1]]), np.array([[[1, 2]]]), [2], [1], [(1, 1)], [1], "replicate").tolist()
    [[4, 5]]
    """
    padded = [cells + sum(both) for cells, both in zip(shape, pads, strict=True)]
    windows = zip(padded, y.shape[1:], w.shape[2:], stride, dilation, strict=True)
    unread = [cells - s * (o - 1) - d * (k - 1) - 1 for cells, o, k, s, d in windows]
    frame = scatter(y, w, stride, dilation, unread, groups)
    cells = int(np.prod(shape))
    names = np.arange(1, cells + 1).reshape(tuple(shape))  # 0 is left for a zero that was put on
    owners = pad(names, pads, mode).reshape(-1)
    folded = np.zeros((frame.shape[0], cells + 1), dtype=frame.dtype)
    for channel, scattered in zip(folded, frame, strict=True):
        np.add.at(channel, owners, scattered.reshape(-1))
    return folded[:, 1:].reshape(frame.shape[0], *shape)


def crop(x: Array, pads: Pads) -> Array:
    """Take the padding off again: the inverse of `pad` on its image."""
    sizes = x.shape[x.ndim - len(pads) :]
    kept: Any = (..., *(slice(before, size - after) for (before, after), size in zip(pads, sizes, strict=True)))
    return np.asarray(x[kept])


def squeeze(x: Array, lead: int) -> Array:
    """Drop those of the first `lead` axes that have size 1.

    >>> squeeze(np.zeros((1, 3, 1)), 2).shape
    (3, 1)
    """
    return x.reshape((*(n for n in x.shape[:lead] if n > 1), *x.shape[lead:]))


def vec(x: Array, order: str) -> Array:
    """One long vector: along the rows ("row") or along the columns ("column") of each matrix, channel by channel."""
    if order == "column" and x.ndim > 1:
        x = x.swapaxes(-1, -2)
    return x.reshape(-1)


def unvec(x: Array, shape: Sequence[int], order: str) -> Array:
    """The array of this shape whose `vec` is `x`."""
    if order == "column" and len(shape) > 1:
        return x.reshape((*shape[:-2], shape[-1], shape[-2])).swapaxes(-1, -2)
    return x.reshape(tuple(shape))


def matrix_of(linear: Callable[[Array], Array], shape: Sequence[int], order: str, dtype: Any) -> Array:
    """The matrix of a linear map, found by probing it with each basis array of this shape.

    >>> matrix_of(lambda x: x[::-1], (2,), "row", np.int64).tolist()
    [[0, 1], [1, 0]]
    """
    return matrix_at_once(lambda basis: np.stack([linear(x) for x in basis]), shape, order, dtype)


def matrix_at_once(linear: Callable[[Array], Array], shape: Sequence[int], order: str, dtype: Any) -> Array:
    """As `matrix_of`, for a map that takes all basis arrays at once, along a first axis of its own.

    >>> matrix_at_once(lambda x: x[..., ::-1], (2,), "row", np.int64).tolist()
    [[0, 1], [1, 0]]
    """
    cells = int(np.prod(shape))
    basis = np.eye(cells, dtype=dtype)
    images = linear(np.stack([unvec(line, shape, order) for line in basis]))
    return np.stack([vec(image, order) for image in images], axis=-1)


def surround(x: Array, pads: Pads, fill: Any, dtype: Any = object) -> Array:
    """Pad the last axes of `x` with any one value, an infinite one too.

    >>> surround(np.array([1, 2]), [(1, 0)], None).tolist()
    [None, 1, 2]
    """
    lead = x.shape[: x.ndim - len(pads)]
    sizes = [cells + sum(both) for cells, both in zip(x.shape[len(lead) :], pads, strict=True)]
    padded = np.empty((*lead, *sizes), dtype=dtype)
    padded.fill(fill)
    inside: Any = (..., *(slice(b, size - after) for size, (b, after) in zip(sizes, pads, strict=True)))
    padded[inside] = x
    return padded


def pool(
    x: Array,
    reduce: Callable[[Array], Any],
    size: Sequence[int],
    stride: Sequence[int],
    pads: Pads,
    dilation: Sequence[int],
    ceil: bool = False,
    fill: Any = 0,
) -> Array:
    """Pad every channel with `fill`, slide a window of `size` and give its cells to `reduce`.

    x: (channels, *cells) -> (channels, *outputs). With `ceil` the last window may hang over the end; it then has
    fewer cells. Source of that rule: torch.nn.MaxPool2d.

    >>> pool(np.array([[1, 3, 2]]), np.max, [2], [2], [(0, 0)], [1], ceil=True).tolist()
    [[3, 2]]
    """
    padded = surround(x, pads, fill)
    sizes = padded.shape[1:]
    reach = [(k - 1) * d + 1 for k, d in zip(size, dilation, strict=True)]
    spans = [
        [slice(start, min(start + window, end), apart) for start in _starts(cells, both, window, step, ceil)]
        for cells, both, window, step, end, apart in zip(x.shape[1:], pads, reach, stride, sizes, dilation, strict=True)
    ]
    out = np.empty((x.shape[0], prod(map(len, spans))), dtype=object)
    for channel, cells in zip(out, padded, strict=True):
        for at, span in enumerate(product(*spans)):
            channel[at] = reduce(cells[span])
    return out.reshape(x.shape[0], *map(len, spans))


def _starts(cells: int, pads: tuple[int, int], reach: int, step: int, ceil: bool) -> list[int]:
    """Where windows start in the padded input, one after the other until the next would not do."""
    end, starts = cells + sum(pads), [0]
    while True:
        following = starts[-1] + step
        hangs = ceil and starts[-1] + reach < end and following < pads[0] + cells
        if following + reach > end and not hangs:
            return starts
        starts.append(following)


def put(x: Array, places: Array, shape: Sequence[int]) -> Array:
    """Put each cell at its place in a map of zeros; places count the cells of a map row by row from 0.

    x and places: (channels, *cells) -> (channels, *shape).

    >>> put(np.array([[5, 7]]), np.array([[3, 0]]), (2, 2)).tolist()
    [[[7, 0], [0, 5]]]
    """
    out = np.zeros((x.shape[0], int(np.prod(shape))), dtype=x.dtype)
    for channel, cells, spots in zip(out, x, places, strict=True):
        channel[spots.reshape(-1)] = cells.reshape(-1)
    return out.reshape((x.shape[0], *shape))
