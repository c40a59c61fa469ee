"""Convolution in SymPy: the general sum, the unrolled and Toeplitz matrices, exact sums of letters.

It refuses to know how anything looks; `to_expression` hands a SymPy result over to the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import repeat
from math import floor, prod
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


def value_at(cell: Entry, point: Mapping[Any, Any]) -> Any:
    """The exact value of a polynomial in letters; what stands for a letter needs no more than + and *.

    A size law may take the floor of a fraction.

    >>> a, b = sympy.symbols("a b")
    >>> value_at(a**2 - 3 * b, {a: Fraction(2), b: Fraction(1, 3)})
    Fraction(3, 1)
    """
    if not hasattr(cell, "free_symbols"):
        return cell
    if cell.is_Symbol or cell in point:  # a root of 2 stands for itself
        return point[cell]
    if cell.is_Rational:
        return from_sympy(cell)
    values = [value_at(arg, point) for arg in cell.args]
    if cell.is_Add:
        return sum(values)
    if cell.is_Mul:
        return prod(values)
    if cell.is_Pow and isinstance(values[1], int):
        if not isinstance(values[0], (int, Fraction)) and values[1] > 0:
            return prod([values[0]] * values[1])
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


IMAGINARY, OMEGA, OMEGA_5 = (sympy.Symbol(name, real=False) for name in ("i", "omega", "omega_5"))  # none is typed
_UNITS = (IMAGINARY, OMEGA, OMEGA_5)
ROOT_TWO = sympy.sqrt(2)
_HALF = ROOT_TWO / 2
_EIGHTH = (_HALF - _HALF * IMAGINARY, -_HALF - _HALF * IMAGINARY)
_FIFTH = sum(-(OMEGA_5**n) for n in range(4))  # the fourth power: all five add up to 0
_ROOTS: dict[int, tuple[Any, ...]] = {
    1: (1,),
    2: (1, -1),
    3: (1, OMEGA, -1 - OMEGA),
    4: (1, -IMAGINARY, -1, IMAGINARY),
    5: (1, OMEGA_5, OMEGA_5**2, OMEGA_5**3, _FIFTH),
    6: (1, 1 + OMEGA, OMEGA, -1, -1 - OMEGA, -OMEGA),
    8: (1, _EIGHTH[0], -IMAGINARY, _EIGHTH[1], -1, -_EIGHTH[0], IMAGINARY, -_EIGHTH[1]),
}
_POWERS = {IMAGINARY**2: -1, OMEGA**2: -1 - OMEGA, OMEGA_5**4: _FIFTH, OMEGA_5**5: 1, OMEGA_5**6: OMEGA_5}


def dft_matrix(size: int) -> Tensor:
    """The matrix of the discrete Fourier transform, exp(-2 pi i j k / N) for N = 1, 2, 3, 4, 5, 6 or 8.

    i is `IMAGINARY`; `OMEGA` and `OMEGA_5` are the third and the fifth root, exp(-2 pi i / 3) and exp(-2 pi i / 5).

    >>> dft_matrix(4).nested()[1]
    [1, -i, -1, i]
    """
    return Tensor.build((size, size), lambda at: _ROOTS[size][at[0] * at[1] % size])


def with_roots(terms: Iterable[Entry]) -> Entry:
    """The exact sum of products of two entries of transforms, with their lowest powers: i^2 = -1 and the like.

    >>> with_roots([2 * OMEGA, OMEGA * OMEGA]), with_roots([OMEGA_5**3 * OMEGA_5**3])
    (omega - 1, omega_5)
    """
    return from_sympy(sympy.expand(sympy.expand(sympy.Add(*terms)).xreplace(_POWERS)))


_BOUND = {name: sympy.Symbol(name, integer=True) for name in ("i", "j", "m", "n", "c", "f", "u", "v")}


def running(name: str) -> Any:
    """The SymPy index of this name."""
    return _BOUND[name]


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
    if value.is_Add and value.has(*_UNITS):
        return op("add", *_complex_terms(value))
    if value.is_Add:
        terms = sorted(value.args, key=lambda arg: (arg.is_Rational, _letters(arg)))
        first = next((n for n, term in enumerate(terms) if not term.could_extract_minus_sign()), 0)
        if not value.free_symbols:  # the number stands before a root
            terms.sort(key=lambda term: not term.is_Rational)
        elif not terms[first].is_Rational:  # i - m rather than -m + i
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


def _complex_terms(value: Any) -> Iterable[Expression]:
    """The terms of a + bi, or a + b omega + c omega^2: the number first, then one term for each power of the unit."""
    unit = next(unit for unit in _UNITS if value.has(unit))
    for power in range(4):
        count = value.coeff(unit, power)
        if power and count.is_Add:
            yield op("mul", to_expression(count), to_expression(unit**power))
        elif count != 0:
            yield to_expression(count * unit**power)


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


def terms(value: Entry) -> dict[Any, Entry]:
    """The terms of a sum in letters, each without its number, and how often each is in it.

    >>> a, b = sympy.symbols("a b")
    >>> terms(2 * a * b - a)
    {a: -1, a*b: 2}
    """
    counts = sympy.expand(sympy_number(value)).as_coefficients_dict()
    return {term: from_sympy(counts[term]) for term in sorted(counts, key=str) if counts[term] != 0}


def same(one: Entry, other: Entry) -> bool:
    """Whether two entries are equal for all values of their letters.

    >>> a = sympy.Symbol("a")
    >>> same((a + 1) ** 2, a**2 + 2 * a + 1), same(a, 2 * a)
    (True, False)
    """
    apart = sympy_number(one) - sympy_number(other)
    return bool(sympy.expand(apart) == 0)
