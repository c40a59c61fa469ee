"""The algebra: matrices against SciPy, and the general sums put out with numbers against plain loops."""

from fractions import Fraction

import brute_force
import numpy as np
import pytest
import scipy.linalg
import scipy.signal
import sympy

from symconv import algebra, sums
from symconv.axis import Axis
from symconv.expression import Letter, Number, Op, Ref, Running, Sigma
from symconv.operations.geometry import Geometry
from symconv.tensor import Tensor

RNG = np.random.default_rng(5)


def integers(matrix):
    """A SymPy matrix as nested lists of int."""
    return [[int(cell) for cell in row] for row in matrix.tolist()]


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 4), (4, 1), (3, 3), (5, 2), (2, 5)])
def test_toeplitz_is_scipys(rows, columns):
    """The matrix with this first column and first row is SciPy's."""
    column, row = RNG.integers(-9, 9, rows), RNG.integers(-9, 9, columns)
    made = algebra.toeplitz(column.tolist(), row.tolist())
    assert integers(made) == scipy.linalg.toeplitz(column, row).tolist()


@pytest.mark.parametrize(("cells", "taps"), [(1, 1), (4, 1), (1, 4), (5, 3), (3, 5)])
def test_the_one_dimensional_matrix_is_scipys(cells, taps):
    """The Toeplitz matrix of full convolution is SciPy's convolution matrix."""
    kernel = RNG.integers(1, 9, taps)
    made = algebra.linear_convolution_matrix(Tensor.of(kernel.tolist()), (cells,))
    assert integers(made) == scipy.linalg.convolution_matrix(kernel, cells, mode="full").tolist()


@pytest.mark.parametrize(("cells", "taps"), [((2, 2), (2, 2)), ((3, 2), (1, 3)), ((1, 4), (2, 2)), ((4, 3), (3, 3))])
def test_the_doubly_block_toeplitz_matrix_convolves(cells, taps):
    """The matrix times vec(x) is vec of SciPy's full convolution."""
    x, kernel = RNG.integers(-9, 9, cells), RNG.integers(-9, 9, taps)
    made = algebra.linear_convolution_matrix(Tensor.of(kernel.tolist()), cells)
    expected = scipy.signal.convolve2d(x, kernel).reshape(-1, 1)
    assert integers(made * sympy.Matrix(x.reshape(-1, 1).tolist())) == expected.tolist()


def test_the_doubly_block_toeplitz_matrix_has_toeplitz_blocks():
    """Block row i, block column j holds the Toeplitz matrix of kernel row i - j, or zeros."""
    kernel = [[1, 2], [3, 4], [5, 6]]
    made = np.array(integers(algebra.linear_convolution_matrix(Tensor.of(kernel), (2, 3))))
    blocks = [scipy.linalg.convolution_matrix(row, 3, mode="full") for row in kernel]
    zeros = np.zeros((4, 3), dtype=int)
    expected = np.block([[blocks[0], zeros], [blocks[1], blocks[0]], [blocks[2], blocks[1]], [zeros, blocks[2]]])
    assert made.tolist() == expected.tolist()


def test_the_unrolled_matrix_correlates():
    """C times vec(x), with stride, padding and dilation, is what loops give; only non-zero places are stored."""
    axes = (Axis(4, 2, 2, (1, 0), 2), Axis(5, 3, 1, (0, 1), 1))
    geometry = Geometry(axes)
    x, kernel = RNG.integers(-9, 9, (4, 5)), RNG.integers(1, 9, (1, 1, 2, 3))
    shape = (geometry.output[0] * geometry.output[1], 20)
    made = algebra.unrolled_matrix(geometry.rows(), kernel.reshape(-1).tolist(), shape)
    expected = brute_force.direct([x.tolist()], kernel.tolist(), stride=(2, 1), pads=((1, 0), (0, 1)), dilation=(2, 1))
    assert [row[0] for row in integers(made * sympy.Matrix(x.reshape(-1, 1).tolist()))] == brute_force.flat(expected[0])
    assert len(made.todok()) == len({(row, cell) for row, cells, _ in geometry.rows() for cell in cells})


def test_the_unrolled_matrix_adds_entries_that_meet():
    """Where padding repeats a cell, the entries that meet it are added."""
    geometry = Geometry((Axis(2, 2, padding=(1, 1)),), mode="replicate")
    w, v = sympy.symbols("w v")
    assert algebra.unrolled_matrix(geometry.rows(), [w, v], (3, 2)) == sympy.Matrix([[w + v, 0], [w, v], [0, w + v]])


def array(name, cells, base):
    """Substitutions that put numbers in place of the cells of an indexed letter."""
    return {
        sympy.IndexedBase(name)[tuple(int(i) + base for i in at)]: int(cells[at]) for at in np.ndindex(*cells.shape)
    }


def instance(entry, total, at, numbers):
    """The general sum at one output index, put out term by term."""
    indices = [index for index in entry.indices if index.is_Symbol]
    done = total.subs(dict(zip(indices, at, strict=True)), simultaneous=True).doit()
    return int(done.subs(numbers))


@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize(
    ("shape", "taps", "stride", "dilation"),
    [
        ((5,), (3,), (1,), (1,)),
        ((7,), (2,), (2,), (3,)),
        ((4, 5), (2, 3), (1, 1), (1, 1)),
        ((5, 6), (2, 2), (3, 2), (2, 1)),
    ],
)
def test_the_direct_sum_put_out(shape, taps, stride, dilation, flip, base):
    """Each entry of the general sum, with numbers, is what plain loops give."""
    x, w = RNG.integers(-9, 9, shape), RNG.integers(-9, 9, taps)
    entry, total = sums.direct_sum(tuple(zip(stride, dilation, taps, strict=True)), flip, base)
    wide = {"stride": (1, *stride)[-2:], "dilation": (1, *dilation)[-2:]}
    expected = np.array(
        brute_force.direct([np.atleast_2d(x).tolist()], [[np.atleast_2d(w).tolist()]], flip=flip, **wide)[0]
    ).reshape([len(range(0, n - d * (k - 1), s)) for n, k, s, d in zip(shape, taps, stride, dilation, strict=True)])
    numbers = {**array("padded", x, base), **array("kernel", w, base)}
    found = [instance(entry, total, [i + base for i in at], numbers) for at in np.ndindex(*expected.shape)]
    assert found == expected.reshape(-1).tolist()


@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize(("groups", "slices", "filters"), [(1, 2, 1), (1, 2, 3), (2, 1, 2), (2, 2, 4)])
def test_the_direct_sum_over_channels_put_out(groups, slices, filters, base):
    """Channels, filters and groups: each entry of the general sum is what plain loops give."""
    x, w = RNG.integers(-9, 9, (groups * slices, 4)), RNG.integers(-9, 9, (filters, slices, 2))
    entry, total = sums.direct_sum(((1, 1, 2),), False, base, filters, slices, groups, "input")
    expected = brute_force.direct([[c] for c in x.tolist()], [[[c] for c in f] for f in w.tolist()], groups=groups)
    kernel = w.reshape([n for n in w.shape[:2] if n > 1] + [2])
    numbers = {**array("input", x, base), **array("kernel", kernel, base)}
    outs = [(f, i) if filters > 1 else (i,) for f in range(filters) for i in range(3)]
    found = [instance(entry, total, [i + base for i in at], numbers) for at in outs]
    assert found == brute_force.flat(rows[0] for rows in expected)


@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize(("cells", "taps"), [((4,), (3,)), ((1,), (2,)), ((2, 3), (2, 2)), ((3, 1), (1, 2))])
def test_the_full_sum_put_out(cells, taps, base):
    """Each entry of the sum of a full convolution, with its index ranges, is SciPy's."""
    x, w = RNG.integers(-9, 9, cells), RNG.integers(-9, 9, taps)
    entry, total = sums.full_sum(tuple(zip(cells, taps, strict=True)), base)
    expected = scipy.signal.convolve2d(np.atleast_2d(x), np.atleast_2d(w)).reshape(
        [n + k - 1 for n, k in zip(cells, taps, strict=True)]
    )
    numbers = {**array("input", x, base), **array("kernel", w, base)}
    found = [instance(entry, total, [i + base for i in at], numbers) for at in np.ndindex(*expected.shape)]
    assert found == expected.reshape(-1).tolist()


@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize(
    ("cells", "taps", "stride"),
    [((3,), (2,), (1,)), ((3,), (2,), (3,)), ((2, 3), (2, 3), (2, 1)), ((2, 2), (3, 2), (2, 3))],
)
def test_the_scatter_sum_put_out(cells, taps, stride, base):
    """Each cell of the uncropped frame of a transposed convolution is what scattering by loops gives."""
    x, w = RNG.integers(-9, 9, cells), RNG.integers(-9, 9, taps)
    entry, total = sums.scatter_sum(tuple(zip(stride, cells, taps, strict=True)), base, "kernel")
    frame = brute_force.transposed([np.atleast_2d(x).tolist()], [[np.atleast_2d(w).tolist()]], stride=(1, *stride)[-2:])
    shape = [s * (n - 1) + k for n, k, s in zip(cells, taps, stride, strict=True)]
    numbers = {**array("input", x, base), **array("kernel", w, base)}
    found = [instance(entry, total, [i + base for i in at], numbers) for at in np.ndindex(*shape)]
    assert found == brute_force.flat(frame[0])


def test_total_is_exact():
    """Sums of integers, fractions and letters are exact, and like letters are collected."""
    a, b = sympy.symbols("a b")
    assert algebra.total([1, Fraction(1, 3), Fraction(2, 3)]) == 2
    assert isinstance(algebra.total([1, Fraction(1, 2), Fraction(1, 2)]), int)
    assert algebra.total([a * b, 2 * a, Fraction(1, 2), -a]) == a * b + a + sympy.Rational(1, 2)
    assert algebra.total([]) == 0


def test_value_at_a_point():
    """A polynomial in letters has an exact value."""
    a, b = sympy.symbols("a b")
    point = {a: Fraction(1, 2), b: Fraction(-3)}
    assert algebra.value_at(a**2 * b - b / 3 + 5, point) == Fraction(1, 4) * -3 + 1 + 5
    assert algebra.value_at(7, point) == 7
    assert algebra.value_at(sympy.Rational(2, 4), point) == Fraction(1, 2)


@pytest.mark.parametrize("bad", [sympy.sin(sympy.Symbol("a")), sympy.Symbol("a") ** sympy.Symbol("b")])
def test_value_at_refuses_what_is_no_polynomial(bad):
    """Functions and letters as exponents have no exact rational value."""
    point = {sympy.Symbol("a"): Fraction(1, 2), sympy.Symbol("b"): Fraction(1, 2)}
    with pytest.raises(TypeError, match="is not a polynomial"):
        algebra.value_at(bad, point)


def test_a_matrix_becomes_a_tensor():
    """Rational cells become int and Fraction, letters stay."""
    x = sympy.Symbol("x")
    made = algebra.tensor(sympy.SparseMatrix([[1, x], [sympy.Rational(1, 2), 0]]))
    assert made == Tensor((2, 2), (1, x, Fraction(1, 2), 0))


def test_a_sum_becomes_an_expression():
    """The page's own expression has the ranges, indices and letters of the SymPy sum."""
    entry, total = sums.direct_sum(((1, 1, 2),), False, 0)
    place = Op("add", (Running("i"), Running("m")))
    body = Op("mul", (Ref("padded", (place,)), Ref("kernel", (Running("m"),))))
    assert algebra.to_expression(entry) == Ref("output", (Running("i"),))
    assert algebra.to_expression(total) == Sigma("m", Number(0), Number(1), body)
    assert algebra.to_expression(sympy.Symbol("w_{1,2}")) == Letter("w", sub="1,2")
    assert algebra.to_expression(sympy.Symbol("i")) == Letter("i")  # a letter a person typed, not the running index
