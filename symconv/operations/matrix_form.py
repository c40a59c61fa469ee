"""The matrix form of a layer: C, its transpose, the Toeplitz and doubly block Toeplitz structure, vec."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import prod
from typing import Any

import numpy as np

from symconv import numeric
from symconv.document import Equation, Prose, Quantity, Step, Symbol
from symconv.errors import ProblemError
from symconv.expression import Number, Put, Ref, op
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.operands import MOST
from symconv.operations.base import Oracle
from symconv.operations.block_toeplitz import (
    add_matrix,
    blocks_shown,
    fold_step,
    matrix_shown,
    product_equations,
    route,
    shown,
    vec,
    vec_prose,
)
from symconv.operations.geometry import Geometry, Layer
from symconv.operations.steps import dot, symbols
from symconv.tensor import Tensor

MOST_COLUMNS = 36  # of a matrix that is shown unasked: what fits the width of a page
MOST_ROWS = 40


def is_linear_convolution(geometry: Geometry) -> bool:
    """Whether the layer is the full convolution or correlation of two arrays."""
    return geometry.is_full and geometry.channels == geometry.filters == 1


def steps(
    layer: Layer, geometry: Geometry, notation: Notation, ask: str, matrix_of: str, quantities: dict[str, Quantity]
) -> list[Step]:
    """The steps of the matrix form, with their quantities added; none where C would not fit a page unasked."""
    rows = geometry.filters * prod(geometry.output)
    columns = geometry.channels * prod(geometry.input)
    asked = ask in ("matrix", "transposed_matrix")
    if not asked and (columns > MOST_COLUMNS or rows > MOST_ROWS):
        return []
    if rows * columns > 10 * MOST:
        raise ProblemError(
            f"the matrix has {rows:,} x {columns:,} entries, more than a page or a file can hold; "
            f"ask for the output, or make the input smaller"
        )
    matrix = unrolled(geometry, layer)
    quantities["C"] = Quantity(Symbol("C", "c"), matrix)
    made = [_unrolled(layer, geometry, ask, quantities["output"].value)]
    if is_linear_convolution(geometry) and geometry.dims == 2:
        made = [_block_toeplitz(layer, geometry, notation, matrix_of, quantities, ask)]
    if ask == "transposed_matrix":
        turned = Tensor.build((columns, rows), lambda at: matrix[at[::-1]])
        quantities["C^T"] = Quantity(Symbol("C", "c", sup="T"), turned)
        text = "The transposed matrix takes an output back to the shape of the input: rows become columns."
        made.append(Step("C^T", "The transposed matrix", (Prose(text), shown("C^T", boxed=True))))
    return made


def by_toeplitz(
    layer: Layer, geometry: Geometry, notation: Notation, ask: str, matrix_of: str, quantities: dict[str, Quantity]
) -> list[Step]:
    """The block Toeplitz method of a full correlation: fold the kernel, blocks, vec, product, unvec."""
    if geometry.channels * geometry.filters > 1:
        raise ProblemError("ask = 'folded' takes one kernel; give one matrix without channels and filters")
    why = "A correlation is the convolution with the folded kernel."
    letter = notation.kernel
    made = [fold_step("kernel", letter, notation.cell(letter), why, quantities, ask == "folded")]
    quantities["flipped"] = quantities["folded"]
    if ask == "folded":
        return made
    names = ("C", "folded", "input") if matrix_of == "kernel" else ("D", "input", "folded")
    return [*made, *route(*names, layer.order, quantities, ask)]


def unrolled(geometry: Geometry, layer: Layer) -> Tensor:
    """C with all its zeros: only for a page or a file that shows it."""
    rows, columns = geometry.filters * prod(geometry.output), geometry.channels * prod(geometry.input)
    if layer.has_letters:
        from symconv import algebra

        return algebra.tensor(algebra.unrolled_matrix(geometry.rows(layer.order), layer.kernel.cells, (rows, columns)))
    cells: list[Any] = [None] * (rows * columns)
    for row, met, places in geometry.rows(layer.order):
        for column, place in zip(met, places, strict=True):
            at = row * columns + column
            entry = layer.kernel.cells[place]
            cells[at] = entry if cells[at] is None else dot([], [cells[at], entry])
    return Tensor((rows, columns), tuple([0 if cell is None else cell for cell in cells]))


def _unrolled(layer: Layer, geometry: Geometry, ask: str, result: Tensor) -> Step:
    rows, columns = geometry.filters * prod(geometry.output), geometry.channels * prod(geometry.input)
    blocks: list[Any] = [
        Prose(
            "Sliding a window is linear, so one matrix {C} does all of it: {n} rows, one for each output entry, and "
            "{m} columns, one for each input cell. A row holds the kernel entries at the cells that its window covers. "
            + (vec_prose(layer.order, geometry.channels * geometry.filters > 1) if geometry.dims == 2 else ""),
            {"C": Ref("C"), "n": Number(rows), "m": Number(columns)},
        ),
        shown("C", boxed=ask == "matrix"),
    ]
    plain = geometry.channels == geometry.filters == 1 and geometry.mode == "zeros"
    if plain and geometry.dims == 1 and geometry.axes[0].stride == 1:
        blocks.append(
            Prose(
                "{C} is a Toeplitz matrix: it is constant along every diagonal, because the same kernel is used "
                "everywhere.",
                {"C": Ref("C")},
            )
        )
    elif plain and geometry.dims == 2 and all(a.stride == 1 for a in geometry.axes):
        blocks.append(
            Prose(
                "{C} is block Toeplitz with Toeplitz blocks. It is not itself a Toeplitz matrix: its band jumps where "
                "a line of the input ends.",
                {"C": Ref("C")},
            )
        )
    if ask == "output":
        if layer.bias is None:
            blocks += product_equations("C", "input", layer.order, result)
        else:
            blocks += _biased_product(layer, geometry)
    return Step("C", "The same as a matrix product", tuple(blocks))


def _biased_product(layer: Layer, geometry: Geometry) -> list[Any]:
    y, x = vec(layer.order, "output"), vec(layer.order, "input")
    if geometry.filters > 1:
        return [
            Prose(
                "{product} gives the output before the bias, which is then added map by map.",
                {"product": op("matmul", Ref("C"), x)},
            )
        ]
    shifted = op("add", op("matmul", Ref("C"), x), op("ones", Ref("bias", (0,)), prod(geometry.output), 1))
    return [Equation((y, shifted)), Equation((op("transpose", y), Put(op("transpose", y))))]


def _block_toeplitz(
    layer: Layer, geometry: Geometry, notation: Notation, matrix_of: str, quantities: dict[str, Quantity], ask: str
) -> Step:
    """Blocks from the lines of one operand, the block matrix, and the product with vec of the other."""
    folded = "kernel" if geometry.flip else "flipped"
    blocks: list[Any] = []
    if folded == "flipped":
        quantities["flipped"] = Quantity(symbols(notation)["flipped"], layer.kernel.part(0, 0).rotated())
        text = "A correlation is the convolution with the folded kernel {R}, the kernel turned by 180 degrees:"
        blocks += [Prose(text, {"R": Ref("flipped")}), shown("flipped")]
    second, first = (folded, "input") if matrix_of == "kernel" else ("input", folded)
    name = "C" if matrix_of == "kernel" else "D"
    layout = add_matrix(name, second, first, layer.order, quantities)
    blocks += blocks_shown(second, layer.order, layout)
    blocks += [*matrix_shown(name, second, layout, ask == "matrix"), Prose(vec_prose(layer.order, False))]
    if ask == "output":
        blocks += product_equations(name, first, layer.order, quantities["output"].value)
    return Step(name, "The doubly block Toeplitz matrix", tuple(blocks))


def oracle(layer: Layer, linear: Callable[[Array], Array], x: Array, w: Array, matrix_of: str, flip: bool) -> Oracle:
    """C by probing the layer with basis arrays; the blocks and D by probing `numpy.convolve` and a full convolution."""

    def unrolled() -> Array:
        return numeric.matrix_at_once(linear, x.shape, layer.order, w.dtype)

    made: dict[str, Callable[[], Array]] = {"C": unrolled, "C^T": lambda: unrolled().T}
    if w.shape[:2] != (1, 1):
        return made
    kernel = w[0, 0] if flip else numeric.rotate(w[0, 0], x.ndim - 1)
    matrix, vector = (kernel, x[0]) if matrix_of == "kernel" else (x[0], kernel)
    if layer.order == "column":
        matrix, vector = matrix.T, vector.T

    def block(line: Array) -> Array:
        return numeric.matrix_of(partial(np.convolve, line), vector.shape[-1:], "row", w.dtype)

    made["vector"] = lambda: vector.reshape(-1, 1)
    made["product"] = lambda: numeric.vec(linear(x)[0], layer.order).reshape(-1, 1)
    if matrix.ndim == 1:
        return {**made, "D": partial(block, matrix)}

    def whole() -> Array:
        pads = [(n - 1, n - 1) for n in matrix.shape]
        turned = numeric.rotate(matrix, 2)[None, None]
        return numeric.matrix_at_once(
            lambda v: numeric.correlate(v, turned, [1, 1], pads, [1, 1]), (1, *vector.shape), "row", w.dtype
        )

    return {**made, "D": whole, **{f"H_{r}": partial(block, line) for r, line in enumerate(matrix)}}
