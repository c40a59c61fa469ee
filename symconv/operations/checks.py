"""The checks a careful hand makes at the end: checksums of a full convolution, and the adjoint identity."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from symconv import numeric
from symconv.document import Equation, Grid, Grids, Prose, Quantity, Step, Symbol
from symconv.expression import Put, Ref, op
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.operations.base import Oracle
from symconv.operations.geometry import Geometry, Layer, squeezed
from symconv.operations.steps import total_of
from symconv.tensor import Entry, Tensor


def steps(layer: Layer, geometry: Geometry, notation: Notation, quantities: dict[str, Quantity]) -> list[Step]:
    """The checks of a direct layer with numbers; letters need none, they are their own general check."""
    if layer.has_letters:
        return []
    del notation
    for name in layer.operands:
        add_total(quantities, name)
    add_total(quantities, "output")
    blocks: list[Any] = []
    if geometry.is_full and geometry.channels == geometry.filters == 1 and layer.bias is None:
        blocks += full_checks(geometry.dims, quantities, geometry.flip)
    blocks += _adjoint(layer, geometry, quantities)
    return [Step("check", "Checks", tuple(blocks))]


def add_total(quantities: dict[str, Quantity], name: str) -> None:
    """Note the sum of all entries of a quantity."""
    symbol = quantities[name].symbol
    quantities[f"total({name})"] = Quantity(symbol, Tensor((), (total_of(quantities[name].value.cells),)))


def total(name: str) -> Any:
    """The sum of all entries, by name."""
    return op("total", Ref(name))


def number_of(name: str) -> Any:
    """The sum of all entries, as its number."""
    return Put(Ref(f"total({name})", ()))


def product_of_totals(output: str) -> Equation:
    """total(Y) = total(X) total(K), with its numbers."""
    return Equation(
        (
            total(output),
            op("mul", total("input"), total("kernel")),
            Put(op("mul", Ref("total(input)", ()), Ref("total(kernel)", ()))),
            number_of(output),
        )
    )


def full_checks(dims: int, quantities: dict[str, Quantity], flip: bool) -> list[Any]:
    """Every input cell meets every kernel entry once, so totals multiply; row and column sums convolve."""
    blocks: list[Any] = [
        Prose("Every input cell meets every kernel entry exactly once, so the totals multiply:"),
        product_of_totals("output"),
    ]
    if dims == 2 and flip:
        for word, axis in (("row", 1), ("column", 0)):
            for name in ("output", "input", "kernel"):
                value = quantities[name].value
                lines = value.nested() if axis == 1 else zip(*value.nested(), strict=True)
                sums = tuple(total_of(list(line)) for line in lines)
                symbol = Symbol(f"{word} sums", f"{word} sums")
                quantities[f"{word}_sums({name})"] = Quantity(symbol, Tensor((len(sums),), sums))
            summed = [Put(Ref(f"{word}_sums({name})")) for name in ("input", "kernel", "output")]
            blocks.append(
                Prose(f"The {word} sums of the output are the convolution of the {word} sums of the operands:")
            )
            blocks.append(Equation((op("convolve", *summed[:2]), summed[2])))
    return blocks


def weights(layer: Layer, geometry: Geometry) -> Tensor:
    """C^T 1: for every input cell the sum of the kernel entries that pass over it, all windows together."""
    columns = geometry.channels * prod(geometry.input)
    met: list[list[Entry]] = [[] for _ in range(columns)]
    for _, covered, places in geometry.rows():
        for column, place in zip(covered, places, strict=True):
            met[column].append(layer.kernel.cells[place])
    return Tensor((geometry.channels, *geometry.input), tuple(total_of(entries) for entries in met))


def _adjoint(layer: Layer, geometry: Geometry, quantities: dict[str, Quantity]) -> list[Any]:
    value = squeezed(weights(layer, geometry), 1)
    quantities["weights"] = Quantity(Symbol("W", "w"), value)
    lead = len(value.shape) - geometry.dims
    indices = [()] if not lead else [(c,) for c in range(geometry.channels)]
    items = tuple(Grid("weights", at, Prose("{W}", {"W": Ref("weights", at or None)})) for at in indices)
    inner = op("inner", Ref("input"), Ref("weights"))
    if layer.bias is not None:
        inner = op("add", inner, op("mul", prod(geometry.output), total("bias")))
    blocks: list[Any] = [
        Prose(
            "All windows together multiply each input cell by the sum of the kernel entries that pass over it, which "
            "is {W}, the transposed map applied to ones. So the total of the output can be found a second way, input "
            "cell by input cell" + (", plus the bias once per entry:" if layer.bias is not None else ":"),
            {"W": Ref("weights")},
        )
    ]
    if prod(geometry.input) * geometry.channels <= 200:
        blocks.append(Grids(items))
    blocks.append(Equation((total("output"), inner, number_of("output"))))
    return blocks


def oracle(weights: Callable[[], Array], x: Array, w: Array, bias: Array | None, output: Callable[[], Array]) -> Oracle:
    """Totals and line sums of the oracle's own arrays, and the weights."""
    plain = {"output": lambda: numeric.squeeze(output(), 1), "input": lambda: numeric.squeeze(x, 1)}
    plain |= {"kernel": lambda: numeric.squeeze(w, 2)}
    if bias is not None:
        plain["bias"] = lambda: bias
    return {"weights": lambda: numeric.squeeze(weights(), 1), **sums(plain)}


def sums(arrays: dict[str, Callable[[], Array]]) -> dict[str, Callable[[], Array]]:
    """The total, the row sums and the column sums of each array."""
    made: dict[str, Callable[[], Array]] = {}
    for name, get in arrays.items():
        made[f"total({name})"] = lambda get=get: np.asarray(get().sum())  # type: ignore[misc]
        made[f"row_sums({name})"] = lambda get=get: get().sum(axis=-1)  # type: ignore[misc]
        made[f"column_sums({name})"] = lambda get=get: get().sum(axis=-2)  # type: ignore[misc]
    return made
