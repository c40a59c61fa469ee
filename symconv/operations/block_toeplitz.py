"""Full convolution as a Toeplitz matrix, in 2-D a doubly block Toeplitz one: fold, blocks, vec, product, unvec."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

from symconv.document import (
    Blocks,
    Equation,
    Equations,
    Grid,
    Grids,
    Prose,
    Quantity,
    Step,
    SumTable,
    Symbol,
    WorkedSum,
)
from symconv.expression import Number, Op, Put, Ref, op
from symconv.operations.steps import is_final, is_wide
from symconv.tensor import Index, Tensor

Layout = tuple[tuple[str | None, ...], ...]


def vec(order: str, of: str) -> Op:
    """The long vector of a matrix, in this order."""
    return Op("vec_row" if order == "row" else "vec_column", (Ref(of),))


def vec_prose(order: str, channels: bool) -> str:
    """What vec does, in words."""
    text = f"The vector vec reads its matrix {order} by {order} ({'row' if order == 'row' else 'column'}-major order)"
    return text + (", one channel after the other." if channels else ".")


def shown(name: str, boxed: bool = False) -> Equation:
    """A quantity and its value."""
    return Equation((Ref(name), Put(Ref(name))), boxed=boxed)


def product_equations(matrix: str, vector: str, order: str, result: Tensor) -> list[Any]:
    """vec(H) = C vec(A), and the vectors in numbers, lying down to save space."""
    x, y = vec(order, vector), vec(order, "output")
    given = Equation((op("transpose", x), Put(op("transpose", x))))
    moved = Equation((y, op("matmul", Ref(matrix), x)))
    if is_wide(result):
        return [given, moved]
    lying = Equation((op("transpose", y), Put(op("transpose", y))))
    if len(result.shape) == 1:
        return [given, Equations((moved, lying))]
    back = Prose(f"Written back {order} by {order} (unvec), this is {{H}}.", {"H": Ref("output")})
    return [given, Equations((moved, lying)), back]


def lines(tensor: Tensor, order: str) -> list[list[Any]]:
    """The rows of a matrix, or its columns for column-major vec; a 1-D array is one line."""
    if len(tensor.shape) == 1:
        return [tensor.nested()]
    rows = tensor.nested()
    return rows if order == "row" else [list(column) for column in zip(*rows, strict=True)]


def _toeplitz(line: Sequence[Any], width: int) -> Tensor:
    """The matrix of full convolution with one line: T[i, j] = line[i - j]."""
    shape = (len(line) + width - 1, width)
    return Tensor.build(shape, lambda at: line[at[0] - at[1]] if 0 <= at[0] - at[1] < len(line) else 0)


def add_matrix(name: str, second: str, first: str, order: str, quantities: dict[str, Quantity]) -> Layout:
    """Note the matrix whose product with vec of `first` is its full convolution with `second`.

    Its blocks H_0, H_1, ... come from the lines of `second`; their layout is given back, () for 1-D.
    """
    source, across = lines(quantities[second].value, order), lines(quantities[first].value, order)
    width, count = len(across[0]), len(across)
    blocks = [_toeplitz(line, width) for line in source]
    if len(quantities[second].value.shape) == 1:
        quantities[name] = Quantity(Symbol(name, name.lower()), blocks[0])
        return ()
    for number, block in enumerate(blocks):
        quantities[f"H_{number}"] = Quantity(Symbol("H", "h", sub=str(number)), block)
    height = blocks[0].shape[0]

    def cell(at: Index) -> Any:
        (r, i), (c, j) = divmod(at[0], height), divmod(at[1], width)
        return blocks[r - c][i, j] if 0 <= r - c < len(blocks) else 0

    down = len(source) + count - 1
    made = Tensor.build((down * height, count * width), cell)
    quantities[name] = Quantity(Symbol(name, name.lower()), made)
    return tuple(tuple(f"H_{r - c}" if 0 <= r - c < len(blocks) else None for c in range(count)) for r in range(down))


def blocks_shown(second: str, order: str, layout: Layout) -> list[Any]:
    """How each line of an operand makes one Toeplitz block."""
    count = len({name for row in layout for name in row if name})
    text = f"Each {order} of {{K}} makes one Toeplitz block: the {order} stands in the first column and moves down one "
    text += "cell from each column to the next."
    return [Prose(text, {"K": Ref(second)}), Equations(tuple(shown(f"H_{number}") for number in range(count)))]


def matrix_shown(name: str, second: str, layout: Layout, boxed: bool) -> list[Any]:
    """The matrix made of its blocks; in 1-D the Toeplitz matrix itself."""
    if not layout:
        text = "Every column of the matrix {C} holds {K}, one cell lower than in the column before. It is a Toeplitz "
        text += "matrix: it is constant along every diagonal."
        return [Prose(text, {"C": Ref(name), "K": Ref(second)}), shown(name, boxed)]
    text = "The blocks are placed in the same way as the entries of a Toeplitz matrix. The matrix {C} is doubly block "
    text += "Toeplitz: block Toeplitz, with Toeplitz blocks."
    return [Prose(text, {"C": Ref(name)}), Blocks(Ref(name), layout), shown(name, boxed)]


def fold_step(of: str, letter: str, cell: str, why: str, quantities: dict[str, Quantity], asked: bool) -> Step:
    """Fold an operand: reverse the order of its columns, then of its rows."""
    value = quantities[of].value
    quantities["folded"] = Quantity(Symbol(letter, cell, rotated=True), value.rotated())
    if len(value.shape) == 1:
        blocks: list[Any] = [Prose(why + " To fold {K} is to reverse it:", {"K": Ref(of)})]
        grids = [Grid(name, (), Prose("{it}", {"it": Ref(name)})) for name in (of, "folded")]
    else:
        quantities["folded_columns"] = Quantity(Symbol(letter, cell, accent="bar"), value.rotated(lead=1))
        text = " To fold {K}, reverse the order of its columns, which gives {B}, and then of its rows, which gives {R}:"
        blocks = [Prose(why + text, {"K": Ref(of), "B": Ref("folded_columns"), "R": Ref("folded")})]
        names = (of, "folded_columns", "folded")
        grids = [Grid(name, (), Prose("{it}", {"it": Ref(name)})) for name in names]
    blocks.append(Grids(tuple(grids)))
    if asked:
        blocks.append(shown("folded", boxed=True))
    return Step("folded", "The folded operand", tuple(blocks))


def route(name: str, second: str, first: str, order: str, quantities: dict[str, Quantity], ask: str) -> list[Step]:
    """The steps of the block Toeplitz method after the fold: blocks, matrix; for the output vector, product, unvec."""
    layout = add_matrix(name, second, first, order, quantities)
    value, result = quantities[name].value, quantities["output"].value
    column = [cell for line in lines(quantities[first].value, order) for cell in line]
    quantities["vector"] = Quantity(Symbol("v", "v"), Tensor((len(column), 1), tuple(column)))
    entries = [cell for line in lines(result, order) for cell in line]
    quantities["product"] = Quantity(Symbol("p", "p"), Tensor((len(entries), 1), tuple(entries)))
    made = [Step("H_0", "The blocks", tuple(blocks_shown(second, order, layout)))] if layout else []
    made.append(Step(name, "The matrix", tuple(matrix_shown(name, second, layout, boxed=ask == "matrix"))))
    if ask == "matrix":
        return made
    v, p = Ref("vector"), Ref("product")
    sentence = vec_prose(order, False) if layout else "The other operand stands upright as a vector."
    made.append(
        Step(
            "vector",
            "The vector",
            (
                Prose(sentence + " Here it is written lying down:"),
                Equation((op("transpose", v), op("transpose", vec(order, first)), Put(op("transpose", v)))),
            ),
        )
    )
    height, width = quantities["H_0"].value.shape if layout else value.shape
    taps = len(lines(quantities[second].value, order)[0])

    def in_band(row: int, n: int) -> bool:
        return (not layout or layout[row // height][n // width] is not None) and 0 <= row % height - n % width < taps

    sums = []
    for row, at in enumerate(_in_vec_order(result.shape, order)):
        met = [n for n in range(value.shape[1]) if in_band(row, n)]
        terms = tuple(Put(op("mul", Ref(name, (row, n)), Ref("vector", (n, 0)))) for n in met)
        final = is_final([(value[row, n], column[n]) for n in met])
        sums.append(WorkedSum(Ref("output", at), (terms,), None if final else Put(Ref("output", at))))
    blocks: list[Any] = [
        Equation((p, op("matmul", Ref(name), v))),
        Prose(
            "Row by row of {C}; the zeros outside the bands are left out. Each row gives one entry of {H}:",
            {"C": Ref(name), "H": Ref("output")},
        ),
        SumTable(tuple(sums)),
    ]
    if not is_wide(result):
        blocks.append(Equation((op("transpose", p), Put(op("transpose", p)))))
    if layout:
        size = result.shape[1] if order == "row" else result.shape[0]
        text = f"Written back (unvec): every {{n}} entries make one {order} of {{H}}."
        blocks.append(Prose(text, {"n": Number(size), "H": Ref("output")}))
    made.append(Step("product", "The product", tuple(blocks)))
    return made


def _in_vec_order(shape: Index, order: str) -> list[Index]:
    """The cells of an array of this shape in the order of vec."""
    if len(shape) == 1 or order == "row":
        return list(product(*map(range, shape)))
    return [(row, column) for column in range(shape[1]) for row in range(shape[0])]
