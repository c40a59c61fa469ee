"""The oracle of upsampling and the mistakes that belong to it: each is the oracle with one thing changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import reduce

import numpy as np

from symconv import numeric
from symconv.numeric import Array
from symconv.operations import checks
from symconv.operations.base import Arrays, Misconception, Oracle, instead
from symconv.operations.upsampling_values import Upsampling


def sample_points(cells: int, outputs: int, ratio: Fraction, rule: str) -> list[Fraction]:
    """Where the output cells lie among the input cells: "half_pixel", "align_corners" or "asymmetric".

    `ratio` is how many input cells one output cell covers. Source of the rules: ONNX, Resize.

    >>> [str(point) for point in sample_points(2, 4, Fraction(1, 2), "half_pixel")]
    ['-1/4', '1/4', '3/4', '5/4']
    """
    if rule == "align_corners":
        return [Fraction(at * (cells - 1), max(outputs - 1, 1)) for at in range(outputs)]
    shift = 1 if rule == "half_pixel" else 0
    return [((2 * at + shift) * ratio - shift) / 2 for at in range(outputs)]


def tents(points: Sequence[Fraction], cells: int) -> Array:
    """The matrix that interpolates linearly between cells at these points: a tent of height 1 over every cell.

    >>> tents([Fraction(0), Fraction(1, 4)], 2).tolist()
    [[Fraction(1, 1), Fraction(0, 1)], [Fraction(3, 4), Fraction(1, 4)]]
    """
    return np.array([[max(Fraction(0), 1 - abs(point - cell)) for cell in range(cells)] for point in points], object)


def along_axes(x: Array, matrices: Sequence[Array]) -> Array:
    """Multiply every line along each of the last axes by its matrix."""
    for axis, matrix in enumerate(matrices, x.ndim - len(matrices)):
        x = np.moveaxis(np.tensordot(matrix, x.astype(object), axes=(1, axis)), 0, axis)
    return x


def shuffle(x: Array, factor: int) -> Array:
    """Channels to pixels: (channels factor^2, rows, columns) -> (channels, rows factor, columns factor).

    Source: torch.nn.PixelShuffle.
    """
    rows, columns = x.shape[1:]
    apart = x.reshape(-1, factor, factor, rows, columns)
    return apart.transpose(0, 3, 1, 4, 2).reshape(-1, rows * factor, columns * factor)


def oracle(setting: Upsampling, x: Array) -> Oracle:
    """Every quantity from NumPy."""
    plain = {
        "input": lambda: numeric.squeeze(x, 1),
        "output": lambda: numeric.squeeze(_output(setting, x), 1),
    }
    made: dict[str, Callable[[], Array]] = {
        **plain,
        **checks.sums(plain),
        "size": lambda: np.array(_output(setting, x).shape[1:]),
        "C": lambda: _matrix(setting, x),
        "max(output)": lambda: np.asarray(_output(setting, x).max()),
    }
    for axis, name in enumerate("UV"[: x.ndim - 1]):
        made[name] = lambda axis=axis: _along(setting, x)[axis]  # type: ignore[misc]
    if not setting.no_tent():
        made["kernel"] = lambda: _kernel(setting, x)
        made["padded"] = lambda: numeric.squeeze(_padded(setting, x), 1)
        made["frame"] = lambda: numeric.squeeze(_frame(setting, x), 1)
        for axis, name in enumerate("tu"[: x.ndim - 1]):
            made[name] = lambda axis=axis: _tents(setting, x)[axis]  # type: ignore[misc]
    return made


def _points(setting: Upsampling, x: Array, rule: str) -> list[list[Fraction]]:
    """The coordinates along every axis."""
    sizes = zip(x.shape[1:], setting.shape, setting.ratios, strict=True)
    return [sample_points(cells, outs, ratio, rule) for cells, outs, ratio in sizes]


def _clamped(points: list[Fraction], cells: int) -> list[Fraction]:
    return [min(max(point, Fraction(0)), Fraction(cells - 1)) for point in points]


def _along(setting: Upsampling, x: Array, rule: str = "") -> list[Array]:
    """The matrix of every axis: tents over the cells, or for the nearest neighbour the last cell passed."""
    points = _points(setting, x, rule or ("asymmetric" if setting.kind == "nearest" else setting.rule))
    if setting.kind == "nearest" and not rule:
        points = [
            [Fraction(sum(cell <= point for cell in range(1, cells))) for point in line]
            for line, cells in zip(points, x.shape[1:], strict=True)
        ]
    return [tents(_clamped(line, cells), cells) for line, cells in zip(points, x.shape[1:], strict=True)]


def _output(setting: Upsampling, x: Array, rule: str = "") -> Array:
    if setting.factor:
        return shuffle(x, setting.factor)
    return along_axes(x, _along(setting, x, rule))


def _matrix(setting: Upsampling, x: Array) -> Array:
    """C of one channel, or of all where channels become pixels."""
    shape = x.shape if setting.factor else (1, *x.shape[1:])
    return numeric.matrix_of(lambda basis: _output(setting, basis), shape, "row", object)


def _tents(setting: Upsampling, x: Array) -> list[Array]:
    """The tent along every axis: two boxes convolved, and once more with 1 1 where it has no middle."""
    made = []
    for cells, outs in zip(x.shape[1:], setting.shape, strict=True):
        stride = (outs - 1) // (cells - 1) if setting.rule == "align_corners" else outs // cells
        tent, height = np.convolve(np.ones(stride, dtype=int), np.ones(stride, dtype=int)), stride
        if setting.rule == "half_pixel" and stride % 2 == 0:
            tent, height = np.convolve(tent, [1, 1]), 2 * stride
        made.append(np.array([Fraction(int(tap), height) for tap in tent], dtype=object))
    return made


def _kernel(setting: Upsampling, x: Array) -> Array:
    return reduce(np.multiply.outer, _tents(setting, x))


def _padded(setting: Upsampling, x: Array) -> Array:
    width = {"half_pixel": (1, 1), "align_corners": (0, 0), "asymmetric": (0, 1)}[setting.rule]
    return numeric.pad(x, [width] * (x.ndim - 1), "replicate")


def _frame(setting: Upsampling, x: Array) -> Array:
    kernel, padded = _kernel(setting, x), _padded(setting, x)
    strides = [(len(tent) + 1) // 2 for tent in _tents(setting, x)]
    kernels = np.broadcast_to(kernel, (x.shape[0], 1, *kernel.shape))
    dims = x.ndim - 1
    return numeric.scatter(padded.astype(object), kernels, strides, [1] * dims, [0] * dims, x.shape[0])


def _other_rule(rule: str) -> Callable[[Upsampling, Arrays], tuple[Upsampling, Arrays] | None]:
    def wrong(setting: Upsampling, arrays: Arrays) -> tuple[Upsampling, Arrays] | None:
        if setting.kind != "bilinear" or setting.rule == rule:
            return None
        return replace(setting, rule=rule), arrays

    return wrong


def _zeros_beyond(setting: Upsampling, operands: Mapping[str, Array]) -> Array | None:
    if setting.kind != "bilinear":
        return None
    x = operands["input"]
    points = _points(setting, x, setting.rule)
    matrices = [tents(line, cells) for line, cells in zip(points, x.shape[1:], strict=True)]
    return numeric.squeeze(along_axes(x, matrices), 1)


def _swapped(setting: Upsampling, operands: Mapping[str, Array]) -> Array | None:
    """Each point mirrored between its neighbours."""
    if setting.kind != "bilinear":
        return None
    x = operands["input"]
    matrices = []
    for line, cells in zip(_points(setting, x, setting.rule), x.shape[1:], strict=True):
        mirrored = [p if p.denominator == 1 else 2 * (p // 1) + 1 - p for p in _clamped(line, cells)]
        matrices.append(tents(mirrored, cells))
    return numeric.squeeze(along_axes(x, matrices), 1)


def _nearest(setting: Upsampling, arrays: Arrays) -> tuple[Upsampling, Arrays] | None:
    return (replace(setting, kind="nearest", rule="asymmetric"), arrays) if setting.kind == "bilinear" else None


def _tiled(setting: Upsampling, operands: Mapping[str, Array]) -> Array | None:
    x = operands["input"]
    times = [out // cells for out, cells in zip(setting.shape, x.shape[1:], strict=True)]
    whole = all(n * cells == out for n, out, cells in zip(times, setting.shape, x.shape[1:], strict=True))
    return numeric.squeeze(np.tile(x, (1, *times)), 1) if setting.kind == "nearest" and whole else None


def _zeros_between(setting: Upsampling, operands: Mapping[str, Array]) -> Array | None:
    x = operands["input"]
    times = [out // cells for out, cells in zip(setting.shape, x.shape[1:], strict=True)]
    whole = all(n * cells == out for n, out, cells in zip(times, setting.shape, x.shape[1:], strict=True))
    if setting.kind != "nearest" or not whole:
        return None
    wide = numeric.dilate(x, times)
    return numeric.squeeze(numeric.pad(wide, [(0, n - 1) for n in times]), 1)


def _by_column(setting: Upsampling, arrays: Arrays) -> tuple[Upsampling, Arrays] | None:
    """The channels of a block in the order of its columns."""
    x, r = arrays["input"], setting.factor
    if not r:
        return None
    turned = x.reshape(-1, r, r, *x.shape[1:]).swapaxes(1, 2).reshape(x.shape)
    return setting, {**arrays, "input": turned}


def _interleaved(setting: Upsampling, arrays: Arrays) -> tuple[Upsampling, Arrays] | None:
    """The channels of a block lie as far apart as there are output channels."""
    x, r = arrays["input"], setting.factor
    if not r:
        return None
    apart = np.moveaxis(x.reshape(r * r, -1, *x.shape[1:]), 0, 1).reshape(x.shape)
    return setting, {**arrays, "input": apart}


MISCONCEPTIONS = (
    Misconception(
        "aligned_corners",
        "The corners of the output always lie on the corners of the input.",
        "That is the convention align_corners; here the coordinates follow another rule.",
        change=_other_rule("align_corners"),
    ),
    Misconception(
        "half_pixel_centres",
        "Cells are always squares whose centres lie half a cell inside.",
        "That is the convention half_pixel; here the coordinates follow another rule.",
        change=_other_rule("half_pixel"),
    ),
    Misconception(
        "divided_by_the_scale",
        "The coordinate is always the index divided by the scale.",
        "That is the convention asymmetric; here the coordinates follow another rule.",
        change=_other_rule("asymmetric"),
    ),
    Misconception(
        "zeros_beyond_the_border",
        "Beyond the border the input is zero.",
        "A coordinate beyond the border is moved onto it, so that the border cell is repeated.",
        after=instead("output", _zeros_beyond),
    ),
    Misconception(
        "weights_swapped",
        "The weight of a neighbour is its distance.",
        "The nearer neighbour weighs more: its weight is one minus its distance.",
        after=instead("output", _swapped),
    ),
    Misconception(
        "nearest_for_bilinear",
        "Upsampling repeats entries.",
        "That is the nearest neighbour; bilinear interpolation takes weighted means of neighbours.",
        change=_nearest,
    ),
    Misconception(
        "tiled",
        "The whole map is repeated side by side.",
        "Every single entry is repeated, so that it fills a block.",
        after=instead("output", _tiled),
    ),
    Misconception(
        "zeros_between",
        "Zeros are put between the entries.",
        "That is a bed of nails; nearest neighbour fills the whole block with the entry.",
        after=instead("output", _zeros_between),
    ),
    Misconception(
        "blocks_by_column",
        "The channels fill a block column by column.",
        "They fill it row by row: the second channel stands to the right of the first.",
        change=_by_column,
    ),
    Misconception(
        "channels_interleaved",
        "Neighbouring input channels belong to different output channels.",
        "The first r squared input channels make the first output channel, the next ones the second.",
        change=_interleaved,
    ),
)
