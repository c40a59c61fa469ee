"""What mistakes in a transposed convolution lead to, by arithmetic that can be followed."""

import numpy as np

from symconv import solve
from symconv.checking.predict import answers
from symconv.problem import Problem


def wrong_answers(**keys):
    """The answer of a problem, and each wrong one by the name of its mistake."""
    problem = Problem("transposed_convolution", **keys)
    return solve(problem).answer, {name: wrong.tolist() for name, wrong in answers(problem).items()}


def test_size_and_crop():
    """Copies 1 3 1 and 2 6 2, two cells apart, add to 1 3 3 6 2; padding 1 leaves 3 3 6."""
    keys = {"input": "1 2", "kernel": "1 3 1", "stride": 2, "padding": 1}
    right, wrong = wrong_answers(**keys)
    assert right == [3, 3, 6]
    assert wrong["padding_added"] == [0, 1, 3, 1 + 2, 6, 2, 0]
    assert wrong["padding_not_cropped"] == [1, 3, 3, 6, 2]
    assert wrong["size_times_stride"] == [3, 3, 6, 0]
    assert wrong["partial_matrix_missing"] == [3, 1, 0]
    sizes = wrong_answers(**keys, ask="size")[1]
    assert (sizes["padding_added"], sizes["size_times_stride"]) == ([2 * 1 + 3 + 2], [2 * 2])
    assert "channels_swapped" not in wrong
    assert "dilation_one_more" not in wrong


def test_output_padding_beside_a_bias():
    """The cell that the output padding adds gets the bias too; a zero put on afterwards does not."""
    right, wrong = wrong_answers(input="1 2", kernel="1 3", stride=2, output_padding=1, bias=5)
    assert right == [6, 8, 7, 11, 5]
    assert wrong["output_padding_as_zeros"] == [6, 8, 7, 11, 0]


def test_dilation():
    """With dilation 2 the taps of 1 3 lie two apart; with two zeros between them three apart."""
    right, wrong = wrong_answers(input="1 2", kernel="1 3", dilation=2)
    assert right == [1, 2, 3, 6]
    assert wrong["dilation_one_more"] == [1, 2, 0, 3, 6]
    assert wrong["dilation_ignored"] == [1, 3 + 2, 6]


def test_channels():
    """Map 1 takes the first matrix of both input channels, not both matrices of the first one."""
    right, wrong = wrong_answers(input=["1", "10"], kernel=[["1", "2"], ["3", "4"]], dims=2)
    assert np.array(right).tolist() == [[[1 + 30]], [[2 + 40]]]
    assert wrong["channels_swapped"] == [[[1 + 20]], [[3 + 40]]]
