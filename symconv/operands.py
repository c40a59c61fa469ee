"""Reads operands and parameters as a person gives them: text, nested lists, arrays, {symbols, shape}."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from math import prod
from operator import index
from typing import Any

from symconv import entries
from symconv.errors import ProblemError, shown
from symconv.tensor import Tensor

MOST_DEPTH = 4  # filters, channels, rows, columns
MOST = 100_000  # entries of an operand, and products of a solution, unless the author raises the limit


@dataclass(frozen=True)
class Operand:
    """An operand before it is known whether it has one spatial axis or two.

    `tensor` always ends in (rows, columns); what stands before are channels and filters.
    """

    name: str
    tensor: Tensor

    @property
    def one_row(self) -> bool:
        """Whether every matrix has a single row."""
        return self.tensor.shape[-2] == 1

    def with_dims(self, dims: int) -> Tensor:
        """Drop the row axis for a 1-D operand; where there are several rows, they are channels."""
        shape = self.tensor.shape
        if dims == 2:
            return self.tensor
        if shape[-2] == 1:
            return self.tensor.reshape((*shape[:-2], shape[-1]))
        if len(shape) == 2 or (len(shape) == 3 and self.name == "kernel"):
            return self.tensor
        raise ProblemError(
            f"{self.name} has {shape[-2]} rows, but dims = 1; give one row per channel, or write dims = 2"
        )


class Drawn(list[Any]):
    """Nested lists of whole numbers as a file has them, with their tensor, so that a draw need not be read again."""

    def __init__(self, tensor: Tensor) -> None:
        super().__init__(tensor.nested())
        self.tensor = tensor if len(tensor.shape) > 1 else tensor.reshape((1, *tensor.shape))


def read_operand(name: str, given: Any, limit: int, index_base: int) -> Operand:
    """Read what stands behind `input = ` or `kernel = `."""
    try:
        if isinstance(given, Mapping):
            tensor = _letters(given, limit, index_base)
        elif isinstance(given, Drawn) and len(given.tensor.shape) <= MOST_DEPTH and len(given.tensor.cells) <= limit:
            tensor = given.tensor
        else:
            if hasattr(given, "tolist"):
                given = given.tolist()
            nested, depth = _nested(given, limit, cache(partial(_numbers_at, given)))
            while depth < 2:
                nested, depth = [nested], depth + 1
            if depth > MOST_DEPTH:
                raise _too_deep(depth)
            tensor = Tensor.of(nested)
            if len(tensor.cells) > limit:
                raise entries.too_many(len(tensor.cells), limit)
    except ProblemError as error:
        raise ProblemError(f"{name}: {error}", error.place) from None
    return Operand(name, tensor)


def _letters(given: Mapping[str, Any], limit: int, base: int) -> Tensor:
    if set(given) != {"symbols", "shape"}:
        raise ProblemError(f'the keys are {", ".join(map(str, given))}; write {{symbols = "x", shape = [4, 4]}}')
    shape = given["shape"]
    if not isinstance(shape, Sequence) or isinstance(shape, str) or not 1 <= len(shape) <= 4:
        raise ProblemError(f"shape is {shown(shape)}; write one to four sizes such as [4, 4]")
    sizes = tuple(whole("shape", size, least=1) for size in shape)
    if prod(sizes) > limit:
        raise entries.too_many(prod(sizes), limit)
    symbol = given["symbols"]
    if not isinstance(symbol, str) or not symbol.isalpha() or hasattr(entries.entry(symbol), "numerator"):
        raise ProblemError(f"symbols is {shown(symbol)}; write a letter such as 'x'")
    tensor = Tensor.build(sizes, lambda index: entries.letter(symbol, tuple(i + base for i in index)))
    return tensor if len(sizes) > 1 else tensor.reshape((1, *sizes))


def too_deep(name: str, depth: int) -> ProblemError:
    """The refusal of several filters where there are only channels; texts in lists are the usual reason."""
    return ProblemError(
        f"{name} is nested {depth} deep; write one matrix, or a list with one per channel (a text is a matrix, not an "
        'entry: "1/2; 2")'
    )


def _too_deep(depth: Any) -> ProblemError:
    return ProblemError(f"it is nested {depth} deep; write at most filters, channels, rows, columns")


def _numbers_at(given: Any, above: int = 0) -> frozenset[int]:
    """How deep numbers stand."""
    if isinstance(given, (list, tuple)) and above <= MOST_DEPTH:
        return frozenset().union(*(_numbers_at(item, above + 1) for item in given))
    return frozenset() if isinstance(given, (str, list, tuple, Mapping)) else frozenset([above])


def _nested(given: Any, limit: int, numbers_at: Callable[[], frozenset[int]], above: int = 0) -> tuple[Any, int]:
    """Entries in nested lists and how deep they are; a text is an entry where numbers stand as deep, else a matrix."""
    if above > MOST_DEPTH:
        raise _too_deep(f"more than {MOST_DEPTH}")
    if isinstance(given, str):
        return entries.matrix(given, limit), 2
    if not isinstance(given, (list, tuple)):
        return entries.value(given), 0
    if not given:
        raise ProblemError('the list is empty; write rows such as [[1, 2], [3, 4]] or "1 2; 3 4"')
    entries_here = [item for item in given if not isinstance(item, (list, tuple, Mapping))]
    if entries_here and (not all(isinstance(item, str) for item in entries_here) or above + 1 in numbers_at()):
        row = []
        for position, item in enumerate(given, 1):
            if isinstance(item, (list, tuple)):
                raise ProblemError(f"entry {position} is a list beside numbers; give lists of one depth")
            try:
                row.append(entries.value(item))
            except ProblemError as error:
                raise ProblemError(f"entry {position}: {error}") from None
        return row, 1
    parts = []
    for position, item in enumerate(given, 1):
        try:
            parts.append(_nested(item, limit, numbers_at, above + 1))
        except ProblemError as error:
            raise ProblemError(f"part {position}: {error}", error.place) from None
    shapes = [_shape(part) for part, _ in parts]
    for position, shape in enumerate(shapes, 1):
        if shape != shapes[0]:
            raise ProblemError(
                f"part {position} is {_by(shape)}, part 1 is {_by(shapes[0])}; give all parts the same shape"
            )
    return [part for part, _ in parts], parts[0][1] + 1


def _shape(nested: Any) -> tuple[int, ...]:
    shape = []
    while isinstance(nested, list):
        shape.append(len(nested))
        nested = nested[0]
    return tuple(shape)


def _by(shape: Sequence[int]) -> str:
    """A shape in words: 3x3, or how long a row is."""
    return "x".join(map(str, shape)) if len(shape) != 1 else f"{shape[0]} long"


def whole(name: str, given: Any, least: int) -> int:
    """Read a whole number that is at least `least`."""
    try:
        number = None if isinstance(given, bool) else index(given)
    except TypeError:
        number = None
    if number is None:
        raise ProblemError(f"{name} is {shown(given)}; write a whole number, at least {least}")
    if number < least:
        raise ProblemError(f"{name} is {shown(number)}; it must be at least {least}")
    if number >= 2**63:  # more than an index of an array can be
        raise ProblemError(f"{name} is {shown(number)}; it must be below 2^63")
    return number


def _plain(given: Any) -> Any:
    """An array as nested lists."""
    return given.tolist() if hasattr(given, "tolist") else given


def per_axis(name: str, given: Any, dims: int, least: int) -> tuple[int, ...]:
    """Read one whole number for every axis, or a list with one for each."""
    given = _plain(given)
    if isinstance(given, (list, tuple)):
        if len(given) != dims:
            raise ProblemError(
                f"{name} is {shown(list(given))} with {len(given)} numbers; the problem has {_axes(dims)}"
            )
        return tuple(whole(name, part, least) for part in given)
    return (whole(name, given, least),) * dims


def pads(given: Any, dims: int) -> list[tuple[int, int]]:
    """Read numeric padding: 1, [1, 2] (rows, columns) or [[1, 0], [1, 0]] (before, after for each axis).

    >>> pads(1, 2), pads([1, 2], 2), pads([[1, 0], [2, 2]], 2)
    ([(1, 1), (1, 1)], [(1, 1), (2, 2)], [(1, 0), (2, 2)])
    """
    given = _plain(given)
    if not isinstance(given, (list, tuple)):
        if isinstance(given, str):
            raise ProblemError(
                f"padding is {shown(given)}; write 'valid', 'same', 'full', a number, [1, 2] or [[1, 0], [1, 0]]"
            )
        return [(whole("padding", given, 0),) * 2] * dims
    if len(given) != dims:
        raise ProblemError(
            f"padding is {shown(list(given))} with {len(given)} parts; the problem has {_axes(dims)}, "
            f"so write {'[[1, 0]] or 1' if dims == 1 else '[1, 2] or [[1, 0], [1, 0]]'}"
        )
    read = []
    for part in given:
        if isinstance(part, (list, tuple)):
            if len(part) != 2:
                raise ProblemError(f"padding has {shown(list(part))} for one axis; write two numbers, before and after")
            read.append((whole("padding", part[0], 0), whole("padding", part[1], 0)))
        else:
            read.append((whole("padding", part, 0),) * 2)
    return read


def choice(name: str, given: Any, known: Sequence[str]) -> str:
    """Read one of a few words."""
    if not isinstance(given, str) or given not in known:
        raise ProblemError(f"{name} is {shown(given)}; write {' or '.join(map(repr, known))}")
    return str(given)


def truth(name: str, given: Any) -> bool:
    """Read a switch."""
    if not isinstance(given, bool):
        raise ProblemError(f"{name} is {shown(given)}; write true or false")
    return given


def _axes(dims: int) -> str:
    return "1 axis" if dims == 1 else f"{dims} axes"
