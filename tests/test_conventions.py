"""The conventions of other systems, against numbers of their documentation or against the system itself."""

import numpy as np
import pytest
import scipy.signal

from symconv.conventions import CONVENTIONS
from symconv.errors import ProblemError
from symconv.problem import Problem
from symconv.solution import solve

SQUARE = [[5 * row + column for column in range(5)] for row in range(5)]
ONES = [[1, 1, 1], [1, 1, 1], [1, 1, 1]]


def test_onnx_convolution_with_padding():
    """ONNX, Conv, example basic_conv: 0..24 with 3x3 ones and pads of 1."""
    answer = solve(Problem("cross_correlation", input=SQUARE, kernel=ONES, padding=1, convention="onnx")).answer
    assert answer[0] == [12, 21, 27, 33, 24]
    assert answer[2] == [63, 9 * 11, 9 * 12, 9 * 13, 81]


def test_onnx_same_lower_with_stride():
    """ONNX, Conv, auto_pad SAME_LOWER with stride 2: 3x3 of ones on 0..24 reads the same cells as pads of 1."""
    problem = Problem("cross_correlation", input=SQUARE, kernel=ONES, padding="same", same="lower", stride=2)
    assert solve(problem).answer == [[12, 27, 24], [63, 108, 81], [72, 117, 84]]


@pytest.mark.parametrize("taps", [[1, 2], [1, 2, 3], [2, 0, -1, 4]])
@pytest.mark.parametrize("name", ["convolution", "cross_correlation"])
def test_scipy_same(name, taps):
    """SciPy's same is centred with respect to the full result, for even kernels too."""
    x = [3, 1, 4, 1, 5, 9]
    answer = solve(Problem(name, input=x, kernel=taps, padding="same", convention="scipy")).answer
    systems = scipy.signal.convolve if name == "convolution" else scipy.signal.correlate
    assert answer == systems(np.array(x), np.array(taps), mode="same").tolist()


def test_matlab_same():
    """MATLAB, conv(u, v, 'same'): u = [-1 2 3 -2 0 1 2], v = [2 4 -1 1] gives the central part of the full result."""
    u, v = [-1, 2, 3, -2, 0, 1, 2], [2, 4, -1, 1]
    answer = solve(Problem("convolution", input=u, kernel=v, padding="same", convention="matlab")).answer
    first = -1 * -1 + 2 * 4 + 3 * 2  # the third entry of the full result: the centre starts at ceil((4 + 1) / 2) = 3
    assert answer == [first, 5, -9, 7, 6, 7, -1]


def test_matlab_reads_columns():
    """MATLAB's X(:) goes down the columns, and what is written in the problem wins."""
    keys = {"input": [[1, 2], [3, 4]], "kernel": [[1, 0]], "convention": "matlab", "ask": "matrix"}
    assert Problem("convolution", **keys).setting.layer.order == "column"
    assert Problem("convolution", **keys, order="row").setting.layer.order == "row"


def test_tensorflow_same_with_stride():
    """TensorFlow, SAME: ceil(i / s) outputs, and the odd cell of padding at the end."""
    answer = solve(
        Problem("cross_correlation", input=[1, 2, 3, 4], kernel=[1, 10], padding="same", convention="tensorflow")
    ).answer
    assert answer == [1 + 20, 2 + 30, 3 + 40, 4 + 0]


def test_an_unknown_convention_is_refused():
    """The refusal lists the known ones."""
    with pytest.raises(ProblemError, match=r"convention is 'numpy'; write 'torch' or 'onnx'"):
        Problem("convolution", input=[1], kernel=[1], convention="numpy")
    assert set(CONVENTIONS) == {"torch", "onnx", "tensorflow", "scipy", "matlab", "caffe"}
