"""Autocorrelation: numbers by hand, plain loops, SciPy, symmetry and energy, misconceptions, bad input."""

from itertools import product

import numpy as np
import pytest
import scipy.linalg
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from symconv import Problem, ProblemError, solve
from symconv.checking.predict import answers

FEW = settings(max_examples=40, deadline=None, derandomize=True)
MATRICES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(st.integers(-9, 9), min_size=width, max_size=width), min_size=1, max_size=4)
)


def autocorrelation(x, lags):
    """The entry at every lag of a nested list of two axes, by adding the products that exist."""
    made = []
    for down in range(-lags[0], lags[0] + 1):
        made.append([])
        for right in range(-lags[1], lags[1] + 1):
            cells = product(range(len(x)), range(len(x[0])))
            terms = [
                x[i][j] * x[i + down][j + right]
                for i, j in cells
                if 0 <= i + down < len(x) and 0 <= j + right < len(x[0])
            ]
            made[-1].append(sum(terms))
    return made


def test_one_axis_by_hand():
    """For 1 2 3 the lags -2 to 2 give 3, 2 + 6, 1 + 4 + 9, 8, 3."""
    solution = solve(Problem("autocorrelation", input="1 2 3"))
    assert solution.answer == [1 * 3, 1 * 2 + 2 * 3, 1 + 4 + 9, 8, 3]
    q = solution.quantities
    assert (q["h[-2]"], q["h[-1]"], q["h[0]"]) == (3, 8, 14)


def test_two_axes_by_hand():
    """For 3 1; 2 4 the centre is 9 + 1 + 4 + 16 and the corners are 3 * 4 and 1 * 2."""
    q = solve(Problem("autocorrelation", input="3 1; 2 4")).quantities
    assert q["h[0,0]"] == 9 + 1 + 4 + 16
    assert (q["h[1,1]"], q["h[-1,-1]"], q["h[-1,1]"], q["h[1,-1]"]) == (3 * 4, 3 * 4, 2 * 1, 1 * 2)
    assert q["folded"] == [[4, 2], [1, 3]]


@FEW
@given(x=MATRICES, data=st.data())
def test_two_axes_equal_plain_loops(x, data):
    """Any size and any largest lag in each direction."""
    lags = [data.draw(st.integers(0, n - 1)) for n in (len(x), len(x[0]))]
    assert solve(Problem("autocorrelation", input=x, lags=lags, dims=2)).answer == autocorrelation(x, lags)


@FEW
@given(x=MATRICES, order=st.sampled_from(["row", "column"]))
def test_all_lags_equal_scipy_and_the_matrix_product(x, order):
    """All lags are SciPy's full correlation, symmetric about the energy, and what the matrix gives."""
    keys = {"input": x, "dims": 2, "order": order}
    solution, matrix = (
        solve(Problem("autocorrelation", **keys)),
        solve(Problem("autocorrelation", ask="matrix", **keys)),
    )
    found, cells = np.array(solution.answer), np.array(x)
    assert solution.answer == scipy.signal.correlate2d(cells, cells).tolist()
    assert found[::-1, ::-1].tolist() == solution.answer
    assert found[len(x) - 1, len(x[0]) - 1] == (cells**2).sum()
    letter = "C" if order == "row" else "F"
    moved = np.array(matrix.answer) @ cells[::-1, ::-1].reshape(-1, order=letter)
    assert moved.reshape(found.shape, order=letter).tolist() == solution.answer


@FEW
@given(x=st.lists(st.integers(-9, 9), min_size=1, max_size=7))
def test_one_axis_equals_numpy_and_scipys_toeplitz_matrix(x):
    """One axis is numpy.correlate in full; its matrix is the convolution matrix of the input."""
    solution = solve(Problem("autocorrelation", input=x, dims=1))
    assert solution.answer == np.correlate(x, x, "full").tolist()
    matrix = solve(Problem("autocorrelation", input=x, dims=1, ask="matrix"))
    assert matrix.answer == scipy.linalg.convolution_matrix(x, len(x)).tolist()


def test_the_blocks_come_from_the_lines_of_the_input():
    """H_0 and H_1 are the convolution matrices of the rows, or of the columns in column order."""
    for order, lines in (("row", [[1, 2, 0], [3, 1, -1]]), ("column", [[1, 3], [2, 1], [0, -1]])):
        q = solve(Problem("autocorrelation", input="1 2 0; 3 1 -1", order=order, ask="matrix")).quantities
        expected = [scipy.linalg.convolution_matrix(line, len(line)).tolist() for line in lines]
        assert [q[f"H_{n}"] for n in range(len(lines))] == expected


def test_named_mistakes_have_their_numbers():
    """For 1 2 3: convolved with itself, half of the lags, and rolled round."""
    predicted = answers(Problem("autocorrelation", input="1 2 3"))
    assert predicted["convolved_with_itself"].tolist() == np.convolve([1, 2, 3], [1, 2, 3]).tolist()
    assert predicted["only_lags_from_zero"].tolist() == [14, 8, 3]
    assert predicted["circular_for_linear"].tolist() == [11, 11, 14, 11, 11]
    assert predicted["centre_is_the_total"].tolist() == [3, 8, 6, 8, 3]
    assert "folded_columns_only" not in predicted


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"input": None}, "input is missing"),
        ({"lags": 3}, "lags is 3; it can be at most 2"),
        ({"lags": -1}, "lags is -1; it must be at least 0"),
        ({"lags": [1, 1]}, "lags is [1, 1] with 2 numbers; the problem has 1 axis"),
        ({"input": "1 2; 3 4", "lags": [2, 1]}, "lags is [2, 1]; it can be at most [1, 1]"),
        ({"order": "up"}, "order is 'up'"),
        ({"kernel": "1 2"}, "the key kernel is unknown"),
        ({"input": ["1 2; 3 4", "1 2; 3 4"]}, "several channels"),
        ({"limit": 5}, "beyond the limit"),
    ],
)
def test_bad_input_is_named(keys, said):
    """Each wrong key is named in one line."""
    with pytest.raises(ProblemError) as error:
        Problem("autocorrelation", **{"input": "1 2 3", **keys})
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_matrix_of_some_lags_is_refused():
    """The matrix belongs to all lags."""
    with pytest.raises(ProblemError, match="leave lags out"):
        solve(Problem("autocorrelation", input="1 2 3", lags=1, ask="matrix"))
