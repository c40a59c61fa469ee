"""What mistakes in direct layers, separable layers and indices lead to, by arithmetic that can be followed."""

from fractions import Fraction

import pytest

from symconv import solve
from symconv.checking.predict import answers
from symconv.problem import Problem

SQUARE = {"input": "1 2 3; 4 5 6; 7 8 9", "kernel": "1 2; 3 4"}


def wrong_answers(name="cross_correlation", label=None, **keys):
    """Each wrong value of a label, by the name of its mistake; of the answer unless given."""
    return {name: wrong.tolist() for name, wrong in answers(Problem(name, **keys), label).items()}


def test_the_window_times_the_kernel():
    """1 2; 4 5 times 1 2; 3 4 is 7 10; 19 28: together 64, where the sum of products is 1 + 4 + 12 + 20."""
    assert solve(Problem("cross_correlation", **SQUARE)).answer[0][0] == 1 * 1 + 2 * 2 + 4 * 3 + 5 * 4
    assert wrong_answers(**SQUARE)["window_times_kernel"][0][0] == (1 + 6) + (2 + 8) + (4 + 15) + (8 + 20)
    flipped = wrong_answers("convolution", **SQUARE)["window_times_kernel"][0][0]
    assert flipped == (4 + 2 * 2) + (3 + 2 * 1) + (4 * 4 + 5 * 2) + (4 * 3 + 5 * 1)  # the kernel is 4 3; 2 1
    assert "window_times_kernel" not in wrong_answers(input="1 2 3", kernel="1 2")


def test_where_the_windows_start_and_end():
    """With stride 2 over 1 2 3 4 5 6 the taps 1 10 read 1 2, 3 4 and 5 6; a fourth window reads zeros."""
    keys = {"input": "1 2 3 4 5 6", "kernel": "1 10"}
    assert wrong_answers(**keys, stride=2)["last_index_inclusive"] == [21, 43, 65, 0]
    assert wrong_answers(**keys)["last_index_inclusive"] == [21, 32, 43, 54, 65, 6]
    assert wrong_answers(**keys)["second_cell_first"] == [32, 43, 54, 65]
    assert "second_cell_first" not in wrong_answers(**keys, stride=2)  # that is the phase of the stride


def test_paddings_read_wrongly():
    """Above 0 and below 1, left 2 and right 0, of a 2x3 input and a 2x2 kernel: 2 rows and 4 columns."""
    keys = {"input": "1 2 3; 4 5 6", "kernel": "1 0; 0 0", "padding": [[0, 1], [2, 0]]}
    assert solve(Problem("cross_correlation", **keys)).answer == [[0, 0, 1, 2], [0, 0, 4, 5]]
    wrong = wrong_answers(**keys)
    assert wrong["padding_sides_swapped"] == [[0, 0, 0, 0], [1, 2, 3, 0]]
    assert wrong["total_padding_on_each_side"][1] == [0, 0, 1, 2, 3, 0]
    assert wrong["padding_read_pairwise"] == [
        [0, 1, 2],
        [0, 4, 5],
        [0, 0, 0],
    ]  # 0 2 1 0: two rows below, one column left


def test_same_padding_of_a_dilated_kernel():
    """Taps two apart cover five cells: same padding is 2 on each side, and with (3 - 1) / 2 four outputs are left."""
    keys = {"input": "1 2 3 4 5 6", "kernel": "1 0 0", "padding": "same", "dilation": 2}
    assert solve(Problem("cross_correlation", **keys)).answer == [0, 0, 1, 2, 3, 4]
    assert wrong_answers(**keys)["same_without_dilation"] == [0, 1, 2, 3]


def test_a_border_that_is_reflected():
    """Beyond the border of 1 2 3 stands a 0; reflected, a 2."""
    wrong = wrong_answers(input="1 2 3", kernel="1 0 1", padding=1)
    assert wrong["reflected_padding"] == [2 + 2, 1 + 3, 2 + 2]


def test_channels_and_filters_swapped():
    """Filter 1 is 1 on channel 1 and 2 on channel 2; swapped it is 1 and 3."""
    wrong = wrong_answers(input=["1", "10"], kernel=[["1", "2"], ["3", "4"]], dims=2)
    assert wrong["channels_and_filters_swapped"] == [[[1 + 30]], [[2 + 40]]]


def test_matrices():
    """C of 1 2; 3 4 over 3x3: the third row begins a new line of the input and jumps by two."""
    keys = {**SQUARE, "ask": "matrix"}
    matrix = solve(Problem("cross_correlation", **keys)).answer
    assert matrix[1:3] == [[0, 1, 2, 0, 3, 4, 0, 0, 0], [0, 0, 0, 1, 2, 0, 3, 4, 0]]
    wrong = wrong_answers(**keys)
    assert wrong["no_jump_at_line_ends"][2] == [0, 0, 1, 2, 0, 3, 4, 0, 0]
    assert wrong["matrix_transposed"] == [list(column) for column in zip(*matrix, strict=True)]
    output = solve(Problem("cross_correlation", **SQUARE)).answer
    assert wrong_answers(**SQUARE)["unvec_in_other_order"] == [list(column) for column in zip(*output, strict=True)]


def test_indices_of_a_pooling():
    """The 5 of 1 2 3; 4 5 6 has the index 4; counted from 1 it would be 5, down the columns 1 * 2 + 1."""
    wrong = wrong_answers("pooling", input="1 2 3; 4 5 6", size=2, ask="indices")
    assert wrong["indices_from_one"] == [[5]]
    assert wrong["indices_down_the_columns"] == [[3]]


@pytest.mark.parametrize(
    ("name", "parameters", "ratio"),
    [
        ("depthwise_kernel_for_each_filter", [4 * 3, 2 * 3, 18, 24], Fraction(18, 24)),
        ("pointwise_counted_with_the_window", [4 * 2, 4 * 2 * 3, 32, 24], Fraction(32, 24)),
        ("channels_forgotten", [4 * 2, 3, 11, 12], Fraction(11, 12)),
        ("counts_of_the_steps_multiplied", [8, 6, 48, 24], Fraction(48, 24)),
        ("ratio_turned_over", None, Fraction(24, 14)),
        ("ratio_as_product", None, Fraction(1, 3 * 4)),
    ],
)
def test_counts_of_a_separable_layer(name, parameters, ratio):
    """2x2 kernels on two channels, then three filters: 8 + 6 parameters, 24 in a full layer; 2x2 places."""
    keys = {"input": ["1 2 0; 0 1 1; 2 1 0"] * 2, "depthwise": ["1 0; 0 1", "1 1; 0 -1"], "pointwise": "1 2; 0 1; 1 -1"}
    assert solve(Problem("depthwise_separable", **keys, ask="counts")).answer[0] == [8, 6, 14, 24]
    found = wrong_answers("depthwise_separable", "parameters", **keys, ask="counts")
    assert found.get(name) == parameters
    assert wrong_answers("depthwise_separable", **keys, ask="ratio")[name] == ratio
    if parameters is not None:
        first, second, joined, full = parameters
        both = 4 * first * 4 * second if name.endswith("multiplied") else 4 * joined
        work = wrong_answers("depthwise_separable", "multiplications", **keys, ask="counts")[name]
        assert work == [4 * first, 4 * second, both, 4 * full]


def test_factors():
    """2 6; 4 12 is 2; 4 times 1 3, and the cross 0 1 0; 1 -4 1; 0 1 0 has rank 2 in three rows."""
    assert wrong_answers("depthwise_separable", kernel="2 6; 4 12", ask="factors")["column_and_row_swapped"] == [
        [1],
        [3],
    ]
    cross = wrong_answers("depthwise_separable", kernel="0 1 0; 1 -4 1; 0 1 0", ask="factors")
    assert cross["full_rank_where_not_separable"] == 3
