"""Convolution in SymPy: the general sum, the unrolled and Toeplitz matrices, exact sums of letters.

It refuses to know how anything looks; `to_expression` hands a SymPy result over to the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import repeat
from math import floor
from typing import Any

import sympy

from symconv.entries import exact
from symconv.expression import Expression, Letter, Number, Ref, Running, Sigma, op
from symconv.tensor import Entry, Tensor

Matrix = Any  # sympy.MatrixBase; SymPy ships no types


def total(terms: Iterable[Entry]) -> Entry:
    """The exact sum of entries, expanded.

    >>> a, b = sympy.symbols("a b")
    >>> total([a, 2 * b, a, 3])
    2*a + 2*b + 3
    """
    return from_sympy(sympy.expand(sympy.Add(*terms)))


def size_law(room: Entry, stride: Entry) -> Entry:
    """The size law floor(room / stride) + 1 for a room and a stride that may be letters.

    >>> i, s = sympy.symbols("i s")
    >>> size_law(i - 3, s), size_law(i - 3, 1)
    (floor((i - 3)/s) + 1, i - 2)
    """
    if stride == 1:
        return total([room, 1])
    if isinstance(room, int) and isinstance(stride, int):
        return room // stride + 1
    return sympy.floor(sympy.Add(room, 0) / stride, evaluate=False) + 1


def from_sympy(value: Any) -> Entry:
    """A rational as int or Fraction, anything else as it is."""
    return exact(Fraction(int(value.p), int(value.q))) if value.is_Rational else value


def rounded(value: Entry, places: int) -> Fraction:
    """A number rounded to so many decimal places, a half upwards.

    >>> rounded(sympy.sqrt(2), 3)
    Fraction(707, 500)
    """
    return Fraction(int(sympy.floor(value * 10**places + sympy.Rational(1, 2))), 10**places)


Rows = Iterable[tuple[int, list[int], tuple[int, ...]]]


def unrolled_matrix(rows: Rows, kernel: Sequence[Entry], shape: tuple[int, int]) -> Matrix:
    """The matrix C of a layer as a SymPy sparse matrix, from `Geometry.rows` and the kernel's entries in order.

    vec(Y) = C vec(X). Dumoulin & Visin, section 4.1. Only non-zero places are ever stored.

    >>> from symconv.axis import Axis
    >>> from symconv.operations.geometry import Geometry
    >>> unrolled_matrix(Geometry((Axis(3, 2),)).rows(), sympy.symbols("w1 w2"), (2, 3))
    Matrix([
    [w1, w2,  0],
    [ 0, w1, w2]])
    """
    entries: dict[tuple[int, int], Entry] = {}
    for row, columns, places in rows:
        met = [kernel[place] for place in places]
        if len(set(columns)) == len(columns):
            entries.update(zip(zip(repeat(row), columns), met))  # noqa: B905  # as long as each other, and hot
            continue
        for column, entry in zip(columns, met, strict=True):
            entries[row, column] = entries.get((row, column), 0) + entry
    return sympy.SparseMatrix(*shape, entries)


def toeplitz(column: Sequence[Entry], row: Sequence[Entry]) -> Matrix:
    """The matrix that is constant along its diagonals, from its first column and first row.

    >>> toeplitz([1, 2, 3], [1, 0])
    Matrix([
    [1, 0],
    [2, 1],
    [3, 2]])
    """
    return sympy.SparseMatrix(len(column), len(row), lambda i, j: column[i - j] if i >= j else row[j - i])


def doubly_block_toeplitz(blocks: Sequence[Matrix], width: int) -> Matrix:
    """Block Toeplitz with Toeplitz blocks: blocks[i - j] at block row i, block column j, else zeros."""
    zeros = sympy.SparseMatrix.zeros(*blocks[0].shape)
    height = len(blocks) + width - 1
    rows = [[blocks[i - j] if 0 <= i - j < len(blocks) else zeros for j in range(width)] for i in range(height)]
    return sympy.SparseMatrix(sympy.BlockMatrix(rows).as_explicit())


def linear_convolution_matrix(kernel: Tensor, cells: tuple[int, ...]) -> Matrix:
    """The matrix of `full` convolution with a kernel on an input of this size: Toeplitz, or doubly block Toeplitz.

    >>> linear_convolution_matrix(Tensor.of([1, 2]), (2,))
    Matrix([
    [1, 0],
    [2, 1],
    [0, 2]])
    """
    if len(cells) == 1:
        return toeplitz([*kernel.cells, *[0] * (cells[0] - 1)], [kernel.cells[0], *[0] * (cells[0] - 1)])
    blocks = [linear_convolution_matrix(kernel.part(r), cells[1:]) for r in range(kernel.shape[0])]
    return doubly_block_toeplitz(blocks, cells[0])


def tensor(matrix: Matrix) -> Tensor:
    """A SymPy matrix as entries; only for matrices that a page shows."""
    return Tensor((matrix.rows, matrix.cols), tuple(from_sympy(cell) for cell in matrix.flat()))


def matrix(value: Tensor) -> Matrix:
    """Entries as a SymPy matrix; a vector stands upright."""
    return sympy.Matrix(*(value.shape if len(value.shape) == 2 else (len(value.cells), 1)), list(value.cells))


def value_at(cell: Entry, point: Mapping[Any, Fraction]) -> Any:
    """The exact value of a polynomial in letters; a size law may take the floor of a fraction.

    >>> a, b = sympy.symbols("a b")
    >>> value_at(a**2 - 3 * b, {a: Fraction(2), b: Fraction(1, 3)})
    3
    """
    if not hasattr(cell, "free_symbols"):
        return cell
    if cell.is_Symbol:
        return exact(Fraction(point[cell]))
    if cell.is_Rational:
        return from_sympy(cell)
    values = [value_at(arg, point) for arg in cell.args]
    if cell.is_Add:
        return exact(Fraction(sum(values)))
    if cell.is_Mul:
        product = Fraction(1)
        for value in values:
            product *= value
        return exact(product)
    if cell.is_Pow and isinstance(values[1], int):
        return exact(Fraction(values[0]) ** values[1])
    if cell.func in _EXTREMES:
        return _EXTREMES[cell.func](values)
    if cell.func is sympy.floor:
        return floor(values[0])
    raise TypeError(f"{cell} is not a polynomial, nor the floor of one")


_EXTREMES: dict[Any, Any] = {sympy.Max: max, sympy.Min: min}


def extreme(name: str, cells: Iterable[Entry]) -> Entry:
    """The "max" or "min" of entries, with what is settled among them left out.

    >>> extreme("max", [1, sympy.Symbol("a"), 3])
    Max(3, a)
    """
    return from_sympy((sympy.Max if name == "max" else sympy.Min)(*cells))


def exponential(value: Entry) -> Entry:
    """The exact exponential of a number, as SymPy has it."""
    return sympy.exp(sympy_number(value))


def sympy_number(value: Entry) -> Any:
    """A number as SymPy has it."""
    return sympy.Rational(value.numerator, value.denominator) if isinstance(value, (int, Fraction)) else value


def digits(value: Entry) -> Decimal:
    """An exact number to many digits."""
    return Decimal(str(sympy.N(value, 80)))


def root(value: Entry, degree: int) -> Entry:
    """The exact real root of a number that is not negative.

    >>> root(9, 2), root(8, 2), root(Fraction(1, 8), 3)
    (3, 2*sqrt(2), Fraction(1, 2))
    """
    return from_sympy(sympy.root(sympy.Rational(value.numerator, value.denominator), degree))


_BOUND = {name: sympy.Symbol(name, integer=True) for name in ("i", "j", "m", "n", "c", "f", "u", "v")}


def running(name: str) -> Any:
    """The SymPy index of this name."""
    return _BOUND[name]


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


def to_expression(value: Any) -> Expression:
    """An entry or a SymPy expression as the page's own, in a textbook's order: outer index, tap, constant.

    >>> to_expression(running("m") + 2 * running("i") - 2).args[0]
    Op(name='mul', args=(Number(value=2), Running(name='i')))
    """
    if isinstance(value, (int, Fraction)):
        return Number(value)
    if value.is_Rational:
        return Number(from_sympy(value))
    if isinstance(value, sympy.Indexed):
        return Ref(str(value.base), tuple(to_expression(index) for index in value.indices))
    if isinstance(value, sympy.Sum):
        made = to_expression(value.function)
        for index, low, high in value.limits:
            made = Sigma(str(index), to_expression(low), to_expression(high), made)
        return made
    if value.is_Symbol:
        return Running(value.name) if value == _BOUND.get(value.name) else _typed(value.name)
    if value is sympy.E:
        return op("exp", 1)
    if value.is_Add:
        terms = sorted(value.args, key=lambda arg: (arg.is_Rational, _letters(arg)))
        first = next((n for n, term in enumerate(terms) if not term.could_extract_minus_sign()), 0)
        if not terms[first].is_Rational:  # i - m rather than -m + i
            terms.insert(0, terms.pop(first))
        return op("add", *map(to_expression, terms))
    if value.is_Mul:
        return op("mul", *map(to_expression, sorted(value.args, key=lambda arg: (not arg.is_Rational, _letters(arg)))))
    if value.is_Pow and value.exp.is_Rational and value.exp.q > 1:
        return op("root", to_expression(value.base**value.exp.p), value.exp.q)
    if value.func in (sympy.floor, sympy.ceiling):  # one fraction bar, as a hand writes it
        above, below = sympy.fraction(sympy.together(value.args[0]))
        inside = to_expression(above) if below == 1 else op("div", to_expression(above), to_expression(below))
        return op(_FUNCTIONS[value.func], inside)
    args = sorted(value.args, key=lambda arg: not arg.is_Rational) if value.func in _SYMMETRIC else value.args
    return op(_FUNCTIONS[value.func], *map(to_expression, args))


_SYMMETRIC = (sympy.Max, sympy.Min)
_FUNCTIONS: dict[Any, Any] = {
    sympy.floor: "floor",
    sympy.ceiling: "ceil",
    sympy.Max: "max",
    sympy.Min: "min",
    sympy.Pow: "pow",
    sympy.exp: "exp",
}
_RANKED = ("upstream", "padded_gradient", "padded", "input", "kernel", "dilated", *"fuvijcmn")
_RANK = {name: rank for rank, name in enumerate(_RANKED)}


def _letters(term: Any) -> list[tuple[Any, ...]]:
    """What a term is sorted by: its letters in textbook order, subscripts as numbers."""
    bases = {atom.base.label for atom in term.atoms(sympy.Indexed)}
    return sorted(_letter(symbol) for symbol in (bases or term.free_symbols))


def _letter(symbol: Any) -> tuple[Any, ...]:
    letter = _typed(symbol.name)
    parts = letter.sub.split(",") if letter.sub else []
    return (
        _RANK.get(symbol.name, 99),
        letter.name,
        [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts],
    )


def _typed(name: str) -> Letter:
    """A letter a person typed: w_{1,2} is the letter w with the subscript 1,2."""
    letter, _, subscript = name.partition("_")
    return Letter(letter, sub=subscript.strip("{}"))
