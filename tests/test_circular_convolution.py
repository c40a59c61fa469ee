"""Circular convolution: textbook numbers, plain loops, SciPy, aliasing, the DFT, misconceptions, bad input."""

from cmath import exp, isclose, pi
from fractions import Fraction
from itertools import product
from math import sqrt

import numpy as np
import pytest
import scipy.linalg
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from symconv import Problem, ProblemError, solve
from symconv.algebra import IMAGINARY, OMEGA_5
from symconv.checking.predict import answers

FEW = settings(max_examples=40, deadline=None, derandomize=True)


def circular(x, h, shape):
    """Circular convolution of nested lists of two axes by adding every product to the cell it lands on."""
    out = [[0] * shape[1] for _ in range(shape[0])]
    for i, j in product(range(len(x)), range(len(x[0]))):
        for m, n in product(range(len(h)), range(len(h[0]))):
            out[(i + m) % shape[0]][(j + n) % shape[1]] += x[i][j] * h[m][n]
    return out


def test_the_textbook_example():
    """The input 1 2 3 4 and the kernel 1 1 -1 modulo 4: the tail 1, -4 of the linear result falls on the start."""
    solution = solve(Problem("circular_convolution", input="1 2 3 4", kernel="1 1 -1", length=4))
    assert solution.answer == [1 + 1, 3 - 4, 4, 5]
    assert solution.quantities["linear"] == [1, 3, 4, 5, 1, -4]
    assert solution.quantities["h[1]"] == 2


def test_a_long_enough_length_gives_the_linear_convolution():
    """With N = N1 + N2 - 1 nothing comes round."""
    solution = solve(Problem("circular_convolution", input="1 2 0 1", kernel="1 1 2", length=6))
    assert solution.answer == np.convolve([1, 2, 0, 1], [1, 1, 2]).tolist()


@st.composite
def operands(draw):
    """Two matrices and a size that holds both."""
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    small = st.integers(-9, 9)

    def matrix(r, c):
        return [[draw(small) for _ in range(c)] for _ in range(r)]

    x = matrix(draw(st.integers(1, rows)), draw(st.integers(1, columns)))
    h = matrix(draw(st.integers(1, rows)), draw(st.integers(1, columns)))
    return x, h, [rows, columns]


@FEW
@given(case=operands(), order=st.sampled_from(["row", "column"]))
def test_two_axes_equal_plain_loops(case, order):
    """Any sizes, with and without zeros put on, in both orders of vec."""
    x, h, shape = case
    solution = solve(Problem("circular_convolution", input=x, kernel=h, shape=shape, dims=2, order=order))
    assert solution.answer == circular(x, h, shape)
    matrix = solve(Problem("circular_convolution", input=x, kernel=h, shape=shape, dims=2, order=order, ask="matrix"))
    letter = "C" if order == "row" else "F"
    wide = np.zeros(shape, dtype=int)
    wide[: len(x), : len(x[0])] = x
    moved = np.array(matrix.answer) @ wide.reshape(-1, order=letter)
    assert moved.reshape(shape, order=letter).tolist() == solution.answer


@FEW
@given(h=st.lists(st.integers(-9, 9), min_size=1, max_size=7), more=st.integers(0, 3))
def test_the_matrix_is_scipys_circulant(h, more):
    """The matrix of one axis is scipy.linalg.circulant of the kernel continued by zeros."""
    n = len(h) + more
    solution = solve(Problem("circular_convolution", input=[1] * n, kernel=h, ask="matrix", dims=1))
    assert solution.answer == scipy.linalg.circulant(h + [0] * more).tolist()


def test_the_blocks_of_a_doubly_block_circulant_matrix():
    """The blocks are circulants of the rows of the kernel, continued by zeros, and go round themselves."""
    keys = {"input": "1 2 0; 3 1 1; 2 0 1", "kernel": "1 2; 0 -1", "ask": "matrix"}
    q = solve(Problem("circular_convolution", **keys)).quantities
    blocks = [scipy.linalg.circulant(row) for row in ([1, 2, 0], [0, -1, 0], [0, 0, 0])]
    assert [q[f"C_{n}"] for n in range(3)] == [block.tolist() for block in blocks]
    assert q["C"] == np.block([[blocks[(r - c) % 3] for c in range(3)] for r in range(3)]).tolist()


UNITS = {"i": 1j, "omega": exp(-2j * pi / 3), "omega_5": exp(-2j * pi / 5), "sqrt": sqrt}


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6, 8])
def test_the_dft_is_the_sum_of_exponentials(n):
    """Each transform, with i or omega put in as complex numbers, is what the definition gives."""
    x, h = list(range(1, n + 1)), [2, -1, 3, 0, 1, 1, 0, 5][:n]
    solution = solve(Problem("circular_convolution", input=x, kernel=h, ask="dft", dims=1))
    for name, of in (("dft(input)", x), ("dft(kernel)", h)):
        for k, value in enumerate(solution.quantities[name]):
            expected = sum(v * exp(-2j * pi * k * m / n) for m, v in enumerate(of))
            assert isclose(complex(eval(str(value), dict(UNITS))), expected, abs_tol=1e-9)  # noqa: S307  # our own text


@pytest.mark.parametrize("shape", [(2, 8), (4, 8), (8, 2), (5, 5), (3, 6)])
def test_the_dft_of_two_axes_is_numpys(shape):
    """Along both axes each transform is numpy.fft.fft2 of the matrix, as complex numbers."""
    x = np.arange(1, shape[0] * shape[1] + 1).reshape(shape) % 7
    found = solve(Problem("circular_convolution", input=x.tolist(), kernel="1 2", shape=list(shape), ask="dft", dims=2))
    given = [complex(eval(str(v), dict(UNITS))) for row in found.quantities["dft(input)"] for v in row]  # noqa: S307
    assert np.allclose(given, np.fft.fft2(x).reshape(-1), atol=1e-9)


def test_eight_points_by_hand():
    """The first root is half the root of 2 times 1 - i, its square -i: 1 1 has 1 + z, and 1 2 1 has 1 + 2z - i."""
    found = solve(Problem("circular_convolution", input="1 1 0 0 0 0 0 0", kernel="1 1", ask="dft"))
    half, i = sympy.sqrt(2) / 2, IMAGINARY
    assert found.quantities["dft(input)"][1] - (1 + half - half * i) == 0
    assert sympy.expand(found.answer[1] - (1 + 2 * half * (1 - i) - i)) == 0
    assert found.answer[4] == 1 - 2 + 1


def test_five_points_by_hand():
    """1 1 has 1 + z, and 1 2 1 has 1 + 2z + z^2; for the second root z^2 stands for z, so that z^4 is put back."""
    found = solve(Problem("circular_convolution", input="1 1 0 0 0", kernel="1 1", ask="dft"))
    z = OMEGA_5
    assert found.quantities["dft(input)"][1] == 1 + z
    assert found.answer[1] == 1 + 2 * z + z**2
    assert sympy.expand(found.answer[2] - (1 + 2 * z**2 + (-1 - z - z**2 - z**3))) == 0


def test_the_dft_check_is_left_out_where_it_is_not_simple():
    """Seven points have no simple roots of unity; the page says so."""
    found = solve(Problem("circular_convolution", input="1 2 3 4 5 6 7", kernel="1 1"))
    assert "left out" in found.to("md")
    assert "dft(output)" not in found.quantities


def test_named_mistakes_have_their_numbers():
    """For 1 2 3 4 with 1 1 -1: the linear result, the tail cut off, and no flip."""
    made = answers(Problem("circular_convolution", input="1 2 3 4", kernel="1 1 -1"))
    predicted = {name: value.tolist() for name, value in made.items()}
    assert predicted["linear_for_circular"] == [1, 3, 4, 5, 1, -4]
    assert predicted["tail_dropped"] == [1, 3, 4, 5]
    assert predicted["kernel_not_flipped"] == [1 + 2 - 3, 2 + 3 - 4, 3 + 4 - 1, 4 + 1 - 2]
    assert predicted["wrapped_one_too_early"] == [1 + 5, 3 + 1, 4 - 4, 0]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"length": 3}, "length is 3; it must be at least 4"),
        ({"length": 0}, "length is 0; it must be at least 1"),
        ({"length": "x"}, "length is 'x'; write a whole number"),
        ({"shape": [4, 4]}, "shape does not apply to one axis; write length = 4"),
        ({"dims": 2, "length": 4}, "length does not apply to two axes; write shape = [4, 4]"),
        ({"dims": 2, "shape": [1, 3]}, "shape is [1, 3]; it must be at least [1, 4]"),
        ({"dims": 2, "shape": [1]}, "shape is [1] with 1 numbers; the problem has 2 axes"),
        ({"kernel": None}, "kernel is missing"),
        ({"order": "up"}, "order is 'up'"),
        ({"stride": 2}, "the key stride is unknown"),
        ({"input": ["1 2; 3 4", "1 2; 3 4"], "kernel": "1 2; 3 4"}, "channel"),
        ({"kernel": [["1 2"], ["3 4"]]}, "one input and one kernel"),
        ({"length": 1000}, "products, beyond the limit"),
    ],
)
def test_bad_input_is_named(keys, said):
    """Each wrong key is named in one line."""
    with pytest.raises(ProblemError) as error:
        Problem("circular_convolution", **{"input": "1 2 3 4", "kernel": "1 1 -1", **keys})
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_the_dft_refuses_other_sizes_and_letters():
    """Asking for the DFT of seven points, or of letters, says which sizes are possible."""
    for keys, said in (({"input": "1 2 3 4 5 6 7"}, "the size is 7"), ({"input": "1 2 a"}, "there are letters")):
        with pytest.raises(ProblemError, match=said):
            solve(Problem("circular_convolution", kernel="1 1", ask="dft", **keys))


def test_fractions_stay_exact():
    """Halves give halves."""
    solution = solve(Problem("circular_convolution", input="1 2 3", kernel="1/2 -1", length=4))
    assert solution.answer == [Fraction(1, 2), 1 - 1, Fraction(3, 2) - 2, -3]
