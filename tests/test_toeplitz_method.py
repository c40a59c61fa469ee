"""Correlation by the block Toeplitz method: the textbook's numbers, SciPy, both operands and orders, bad input."""

import numpy as np
import pytest
import scipy.linalg
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from symconv import Problem, ProblemError, solve

MATRICES = st.integers(1, 3).flatmap(
    lambda width: st.lists(st.lists(st.integers(-9, 9), min_size=width, max_size=width), min_size=1, max_size=3)
)


def test_the_textbook_example():
    """[3 1; 2 4] with [1 5; 2 3]: the folded kernel, two blocks, the vector, the product and the result."""
    q = solve(Problem("cross_correlation", input="3 1; 2 4", kernel="1 5; 2 3", method="toeplitz")).quantities
    assert q["folded_columns"] == [[5, 1], [3, 2]]
    assert q["folded"] == q["flipped"] == [[3, 2], [5, 1]]
    assert q["H_0"] == [[3, 0], [1, 3], [0, 1]]
    assert q["H_1"] == [[2, 0], [4, 2], [0, 4]]
    assert q["vector"] == [[3], [2], [5], [1]]
    assert q["product"] == [[9], [9], [2], [21], [24], [9], [10], [22], [4]]
    assert q["output"] == [[9, 9, 2], [21, 24, 9], [10, 22, 4]]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    x=MATRICES,
    w=MATRICES,
    order=st.sampled_from(["row", "column"]),
    matrix_of=st.sampled_from(["input", "kernel"]),
)
def test_every_order_and_operand_equals_scipy(x, w, order, matrix_of):
    """Both operands as the matrix and both orders of vec give SciPy's full correlation, by one matrix product."""
    keys = {"input": x, "kernel": w, "dims": 2, "order": order, "matrix_of": matrix_of, "method": "toeplitz"}
    solution = solve(Problem("cross_correlation", **keys))
    assert solution.answer == scipy.signal.correlate2d(x, w).tolist()
    q = solution.quantities
    matrix = np.array(q["D" if matrix_of == "input" else "C"])
    assert (matrix @ q["vector"]).tolist() == q["product"]
    folded = np.array(w)[::-1, ::-1]
    source, across = (np.array(x), folded) if matrix_of == "input" else (folded, np.array(x))
    if order == "column":
        source, across = source.T, across.T
    expected = [scipy.linalg.convolution_matrix(line, across.shape[1]).tolist() for line in source]
    assert [q[f"H_{n}"] for n in range(len(expected))] == expected


@settings(max_examples=20, deadline=None, derandomize=True)
@given(x=st.lists(st.integers(-9, 9), min_size=1, max_size=5), w=st.lists(st.integers(-9, 9), min_size=1, max_size=5))
def test_one_axis_equals_numpy(x, w):
    """In 1-D the matrix is SciPy's convolution matrix of the input, and the result numpy.correlate's."""
    solution = solve(Problem("cross_correlation", input=x, kernel=w, method="toeplitz", dims=1))
    assert solution.answer == np.convolve(x, w[::-1]).tolist()
    assert solution.quantities["D"] == scipy.linalg.convolution_matrix(x, len(w)).tolist()


def test_the_matrix_and_the_folded_kernel_can_be_asked_for():
    """The matrix of the input is D; the folded kernel needs no method."""
    square = {"input": "3 1; 2 4", "kernel": "1 5; 2 3"}
    matrix = solve(Problem("cross_correlation", method="toeplitz", ask="matrix", **square))
    assert matrix.answer == matrix.quantities["D"]
    assert matrix.shape == [9, 4]
    assert solve(Problem("cross_correlation", ask="folded", **square)).answer == [[3, 2], [5, 1]]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"method": "fft"}, "method is 'fft'; write 'slide' or 'toeplitz'"),
        ({"method": "toeplitz", "padding": 0}, "needs the full correlation"),
        ({"method": "toeplitz", "stride": 2}, "needs the full correlation"),
        ({"method": "toeplitz", "bias": 1}, "without bias"),
        ({"method": "toeplitz", "matrix_of": "both"}, "matrix_of is 'both'"),
        ({"ask": "fold"}, "ask is 'fold'"),
    ],
)
def test_bad_input_is_named(keys, said):
    """Each wrong key is named in one line."""
    with pytest.raises(ProblemError) as error:
        Problem("cross_correlation", **{"input": "1 2; 3 4", "kernel": "1 2; 0 1", **keys})
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_convolution_has_no_fold_to_ask_for():
    """The method and the folded kernel belong to the correlation."""
    for keys, said in (({"method": "toeplitz"}, "the key method is unknown"), ({"ask": "folded"}, "ask is 'folded'")):
        with pytest.raises(ProblemError, match=said):
            Problem("convolution", input="1 2; 3 4", kernel="1 2; 0 1", **keys)


def test_several_channels_have_no_one_folded_kernel():
    """One kernel is folded, not a stack of them."""
    with pytest.raises(ProblemError, match="takes one kernel"):
        solve(Problem("cross_correlation", input=["1 2", "3 4"], kernel=["1 2", "0 1"], dims=2, ask="folded"))
