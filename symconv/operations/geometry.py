"""Geometry: which tap of the kernel meets which cell of the input, for one layer. It knows no values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from typing import Any

from symconv.axis import Axis
from symconv.errors import ProblemError
from symconv.operands import Operand, choice, pads, per_axis, read_operand, too_deep, whole
from symconv.tensor import Index, Tensor

MODES = ("zeros", "reflect", "replicate", "circular")
ORDERS = ("row", "column")


@dataclass(frozen=True)
class Geometry:
    """One or two axes, channels, filters and groups of a direct layer, and whether the kernel is flipped.

    The kernel has the shape (filters, channels / groups, *taps), the input (channels, *cells).
    """

    axes: tuple[Axis, ...]
    channels: int = 1
    filters: int = 1
    groups: int = 1
    mode: str = "zeros"
    flip: bool = False

    @property
    def dims(self) -> int:
        """How many spatial axes there are."""
        return len(self.axes)

    @cached_property
    def output(self) -> tuple[int, ...]:
        """The size of one output map."""
        return tuple(axis.output for axis in self.axes)

    @property
    def input(self) -> tuple[int, ...]:
        """The size of one input channel."""
        return tuple(axis.input for axis in self.axes)

    @property
    def kernel(self) -> tuple[int, ...]:
        """The taps along each axis."""
        return tuple(axis.kernel for axis in self.axes)

    @property
    def slices(self) -> int:
        """Channels that one filter reads."""
        return self.channels // self.groups

    @property
    def is_padded(self) -> bool:
        """Whether any cell of padding is put on."""
        return any(sum(axis.padding) for axis in self.axes)

    @property
    def is_dilated(self) -> bool:
        """Whether the taps stand apart along an axis where there are two or more."""
        return any(axis.reach > axis.kernel for axis in self.axes)

    @property
    def is_full(self) -> bool:
        """Whether this is the linear convolution of two finite arrays: every overlap counts."""
        return self.mode == "zeros" and all(
            axis.stride == axis.dilation == 1 and axis.padding == (axis.kernel - 1,) * 2 for axis in self.axes
        )

    @property
    def products(self) -> int:
        """How many products the layer takes."""
        return self.filters * self.slices * prod(self.output) * prod(self.kernel)

    def channel(self, f: int, c: int) -> int:
        """The input channel that is slice c of filter f: filters come in as many groups as channels."""
        return f // (self.filters // self.groups) * self.slices + c

    def taps(self) -> Iterator[tuple[Index, Index]]:
        """Each place in the window with the kernel entry that lies there: flipped for a convolution."""
        for place in product(*map(range, self.kernel)):
            yield place, tuple(k - 1 - p for k, p in zip(self.kernel, place, strict=True)) if self.flip else place

    def in_padded(self, out: Index, place: Index) -> Index:
        """The cell of the padded input at a place of the window of one output cell."""
        return tuple(a.source(o, p) + a.padding[0] for a, o, p in zip(self.axes, out, place, strict=True))

    def cell(self, padded: Index) -> Index | None:
        """The input cell that a cell of the padded input repeats; None for a zero that was put on."""
        found = tuple(a.cell(at - a.padding[0], self.mode) for a, at in zip(self.axes, padded, strict=True))
        return None if None in found else found  # type: ignore[return-value]

    def outputs(self) -> Iterator[Index]:
        """Every cell of one output map."""
        return product(*map(range, self.output))

    def rows(self, order: str = "row") -> Iterator[tuple[int, list[int], tuple[int, ...]]]:
        """The rows of the unrolled matrix C: (row, its columns, the kernel entry at each, by its flat place).

        Rows are outputs, columns are inputs, each in the given vec order, channel by channel. A column comes twice
        where padding repeats an input cell; its entries are then added.

        >>> list(Geometry((Axis(3, 2),)).rows())
        [(0, [0, 1], (0, 1)), (1, [1, 2], (0, 1))]
        """
        meets = self._meets(_vec_steps(self.input, order))
        row_steps = _vec_steps(self.output, order)
        height, width, taps = prod(self.output), prod(self.input), prod(self.kernel)
        joined: dict[tuple[tuple[int, ...], ...], tuple[int, ...]] = {}  # few windows meet different taps
        for f, c in product(range(self.filters), range(self.slices)):
            first, start = self.channel(f, c) * width, (f * self.slices + c) * taps
            for out in self.outputs():
                met = [along[o] for along, o in zip(meets, out, strict=True)]
                key = tuple(places for places, _ in met)
                if key not in joined:
                    joined[key] = tuple(map(sum, product(*key)))
                columns = [first + column for column in met[0][1]]
                for _, offsets in met[1:]:
                    columns = [column + offset for column in columns for offset in offsets]
                row = f * height + sum(o * step for o, step in zip(out, row_steps, strict=True))
                yield row, columns, joined[key] if start == 0 else tuple([start + place for place in joined[key]])

    def _meets(self, steps: Index) -> list[list[tuple[tuple[int, ...], list[int]]]]:
        """Along each axis, for each output: the kernel entries that meet a cell, and these cells, as flat steps."""
        made = []
        for number, (axis, step) in enumerate(zip(self.axes, steps, strict=True)):
            apart = prod(self.kernel[number + 1 :])
            along = []
            for out in range(axis.output):
                met = [(tap, axis.cell(axis.source(out, tap), self.mode)) for tap in range(axis.kernel)]
                inside = [(tap, cell) for tap, cell in met if cell is not None]
                places = tuple((axis.kernel - 1 - tap if self.flip else tap) * apart for tap, _ in inside)
                along.append((places, [cell * step for _, cell in inside]))
            made.append(along)
        return made


def _vec_steps(shape: Index, order: str) -> Index:
    """How far apart neighbours along each axis lie in vec."""
    return (shape[1], 1) if order == "row" and len(shape) == 2 else (1, shape[0]) if len(shape) == 2 else (1,)


def squeezed(tensor: Tensor, lead: int) -> Tensor:
    """Without those of the first `lead` axes that have size 1: a lone channel or filter is not written."""
    return tensor.reshape((*(n for n in tensor.shape[:lead] if n > 1), *tensor.shape[lead:]))


def lead(*positions: tuple[int, int]) -> Index:
    """The written part of a leading index, from (position, size) pairs; sizes of 1 are not written."""
    return tuple(position for position, size in positions if size > 1)


def read_dims(given: Mapping[str, Any], operands: list[Operand]) -> int:
    """One axis or two: what the file says, or one when every operand is a row."""
    if given.get("dims") is not None:
        dims = whole("dims", given["dims"], 1)
        if dims > 2:
            raise ProblemError(f"dims is {dims}; write 1 or 2")
        return dims
    return 1 if all(operand.one_row for operand in operands) else 2


@dataclass(frozen=True)
class Layer:
    """The data of one layer, read and shaped: what `convolution` and `transposed_convolution` share."""

    input: Tensor
    kernel: Tensor
    bias: Tensor | None
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int
    order: str

    @property
    def operands(self) -> dict[str, Tensor]:
        """The operands by name."""
        named = {"input": self.input, "kernel": self.kernel}
        return named if self.bias is None else {**named, "bias": self.bias}

    @cached_property
    def has_letters(self) -> bool:
        """Whether any entry is a letter."""
        return any(hasattr(cell, "free_symbols") for t in self.operands.values() for cell in t.cells)


def read_layer(given: Mapping[str, Any], base: int, limit: int, by_input_channel: bool) -> Layer:
    """Read input, kernel, bias, stride, dilation, groups and order.

    `by_input_channel` says that the kernel's first list runs over input channels (transposed convolution,
    as in torch) and not over filters.
    """
    for name in ("input", "kernel"):
        if given.get(name) is None:
            raise ProblemError(f'{name} is missing; write a matrix such as {name} = "1 2; 3 4"')
    named = [read_operand(name, given[name], limit, base) for name in ("input", "kernel")]
    dims = read_dims(given, named)
    x, w = (operand.with_dims(dims) for operand in named)
    if len(x.shape) - dims > 1:
        raise too_deep("input", len(x.shape))
    x = x.reshape((*(1,) * (dims + 1 - len(x.shape)), *x.shape))
    groups = whole("groups", given.get("groups", 1), 1)
    w = w.reshape((*_filters(w.shape[:-dims], x.shape[0], groups, by_input_channel), *w.shape[-dims:]))
    _check_channels(x.shape[0], w.shape[0], w.shape[1], groups, by_input_channel)
    maps = w.shape[1] * groups if by_input_channel else w.shape[0]
    order = choice("order", given.get("order", "row"), ORDERS)
    return Layer(
        x,
        w,
        read_bias(given.get("bias"), maps),
        per_axis("stride", given.get("stride", 1), dims, 1),
        per_axis("dilation", given.get("dilation", 1), dims, 1),
        groups,
        order if dims == 2 else "row",  # on one axis both orders are the same
    )


def _filters(given: Index, channels: int, groups: int, by_input_channel: bool) -> Index:
    """The two leading sizes of the kernel, from the none, one or two that were given."""
    if len(given) == 2:
        return given
    if not given:
        return (1, 1)
    (n,) = given
    if by_input_channel:
        return (n, 1) if n == channels and n > 1 else (1, n)
    return (n, 1) if groups > 1 and channels == groups else (1, n)


def _check_channels(channels: int, first: int, second: int, groups: int, by_input_channel: bool) -> None:
    if channels % groups:
        raise ProblemError(f"groups is {groups}, but the input has {_n(channels, 'channel')}; groups must divide it")
    if by_input_channel:
        if first != channels:
            raise ProblemError(
                f"the kernel has {_n(first, 'list')} of matrices, but the input has {_n(channels, 'channel')}; "
                "give one list per input channel, with one matrix per output channel"
            )
        return
    if first % groups:
        raise ProblemError(f"groups is {groups}, but the kernel has {_n(first, 'filter')}; groups must divide it")
    if second != channels // groups:
        wanted = f"{channels} / {groups} = {channels // groups}" if groups > 1 else str(channels)
        raise ProblemError(
            f"each filter of the kernel has {_n(second, 'channel')}, but the input has {_n(channels, 'channel')}"
            f"{f' in {groups} groups' if groups > 1 else ''}; give each filter {wanted}"
        )


def read_bias(given: Any, maps: int) -> Tensor | None:
    """Read one number for each output map, as a list or as text; None where there is no bias. Raises ProblemError."""
    from symconv.entries import value

    if given is None:
        return None
    cells = given.tolist() if hasattr(given, "tolist") else given
    if isinstance(cells, str):
        cells = cells.replace(",", " ").split()
    cells = cells if isinstance(cells, (list, tuple)) else [cells]
    try:
        read = tuple(value(cell) for cell in cells)
    except ProblemError as error:
        raise ProblemError(f"bias: {error}") from None
    if len(read) != maps:
        raise ProblemError(f"bias has {_n(len(read), 'number')} for {_n(maps, 'output map')}; give one for each")
    return Tensor((maps,), read)


def _n(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def read_axes(layer: Layer, padding: Any, mode: str, same: Any = "upper") -> tuple[tuple[Axis, ...], str | None]:
    """The axes of a direct layer and the size mode ("valid", "same", "full") if one was named."""
    dims = len(layer.stride)
    sizes = zip(layer.input.shape[1:], layer.kernel.shape[2:], layer.stride, layer.dilation, strict=True)
    axes = [Axis(i, k, stride=s, dilation=d) for i, k, s, d in sizes]
    named = size_mode(padding)
    if choice("same", same, ("upper", "lower")) == "lower" and named == "same":
        named = "same_lower"
    widths = [pads_of(axis, named) for axis in axes] if named else pads(padding, dims)
    axes = [Axis(a.input, a.kernel, a.stride, width, a.dilation) for a, width in zip(axes, widths, strict=True)]
    for axis, where in zip(axes, _where(dims), strict=True):
        _check_padding(axis, mode, where)
        if axis.reach > axis.padded:
            raise ProblemError(
                f"the kernel reaches {axis.reach} cells{where} but the padded input has only {axis.padded}; "
                "make the kernel or its dilation smaller, or the padding larger"
            )
    return tuple(axes), named


def size_mode(padding: Any) -> str | None:
    """The size mode, if the padding is one and not numbers."""
    return padding if isinstance(padding, str) and padding in ("valid", "same", "full") else None


def pads_of(axis: Axis, named: str | None) -> tuple[int, int]:
    """The padding a size mode means.

    >>> pads_of(Axis(5, 4), "same"), pads_of(Axis(5, 4), "same_lower"), pads_of(Axis(5, 3, dilation=2), "full")
    ((1, 2), (2, 1), (4, 4))
    """
    if named == "valid":
        return (0, 0)
    if named == "full":
        return (axis.reach - 1, axis.reach - 1)
    out = -(-axis.input // axis.stride)
    total = max((out - 1) * axis.stride + axis.reach - axis.input, 0)
    small, large = total // 2, total - total // 2
    return (large, small) if named == "same_lower" else (small, large)


def _where(dims: int) -> tuple[str, ...]:
    return ("",) if dims == 1 else (" down the rows", " along the columns")


def _check_padding(axis: Axis, mode: str, where: str) -> None:
    widest = {"reflect": axis.input - 1, "circular": axis.input}.get(mode)
    if widest is not None and max(axis.padding) > widest:
        raise ProblemError(
            f"{mode} padding of {max(axis.padding)}{where} is too wide for an input of {axis.input}; "
            f"it can be at most {widest}"
        )


def check_products(products: int, limit: int) -> None:
    """Refuse work that no page could hold."""
    if products > limit:
        raise ProblemError(
            f"the solution takes {products:,} products, beyond the limit of {limit:,}; "
            f"make it smaller, or raise the limit with limit = {products} in the file or --limit {products}"
        )


def check_cells(name: str, sizes: Index, limit: int) -> None:
    """Refuse an array that no page could hold, such as a padding of a million cells."""
    if prod(sizes) > limit:
        raise ProblemError(
            f"{name} would have {prod(sizes):,} cells, beyond the limit of {limit:,}; "
            f"make it smaller, or raise the limit with limit = {prod(sizes)} in the file or --limit {prod(sizes)}"
        )
