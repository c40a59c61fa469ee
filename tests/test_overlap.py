"""Overlap: counts against plain loops, the rule that s must divide k, the examples everybody knows, bad input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symconv import Problem, ProblemError, solve

FEW = settings(max_examples=60, deadline=None, derandomize=True)
SIZE = st.integers(1, 5)


def counted(**keys):
    """The counts."""
    return solve(Problem("overlap", **keys)).answer


def test_three_by_two_is_a_checkerboard():
    """Odena, Dumoulin & Olah: kernel 3, stride 2 writes every second cell twice along an axis."""
    assert counted(input=4, kernel=3, stride=2, dims=1) == [1, 1, 2, 1, 2, 1, 2, 1, 1]
    assert counted(input=2, kernel=3, stride=2)[2] == [2, 2, 4, 2, 2]


def test_four_by_two_is_even():
    """Kernel 4, stride 2: two copies everywhere but at the border."""
    assert counted(input=4, kernel=4, stride=2, dims=1) == [1, 1, 2, 2, 2, 2, 2, 2, 1, 1]


def test_a_kernel_shorter_than_the_stride_leaves_gaps():
    """Kernel 2, stride 3: every third cell is never written."""
    assert counted(input=3, kernel=2, stride=3, dims=1) == [1, 1, 0, 1, 1, 0, 1, 1]


@FEW
@given(SIZE, SIZE, SIZE, SIZE, SIZE, SIZE)
def test_against_loops(rows, columns, high, wide, down, across):
    """Walking over every copy and every tap gives the same counts."""
    expected = np.zeros((down * (rows - 1) + high, across * (columns - 1) + wide), dtype=int)
    for i, j, m, n in np.ndindex(rows, columns, high, wide):
        expected[down * i + m, across * j + n] += 1
    found = counted(input=[rows, columns], kernel=[high, wide], stride=[down, across])
    assert found == expected.tolist()


@FEW
@given(st.integers(1, 7), st.integers(1, 5))
def test_even_if_and_only_if_the_stride_divides_the_kernel(kernel, stride):
    """Away from the border all counts are equal exactly when s divides k, and the page says which."""
    cells = kernel + stride + 3
    solution = solve(Problem("overlap", input=cells, kernel=kernel, stride=stride, dims=1))
    inside = solution.answer[kernel - 1 : stride * (cells - 1) + 1]
    assert (len(set(inside)) == 1) == (kernel % stride == 0)
    assert ("does not divide" in solution.to("md")) == (kernel % stride != 0)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"input": None}, "input is missing"),
        ({"kernel": None}, "kernel is missing"),
        ({"input": "1 2; 3 4"}, "write a whole number"),
        ({"kernel": 0}, "kernel is 0"),
        ({"stride": 0}, "stride is 0"),
        ({"stride": [1, 2, 3]}, "with 3 numbers"),
        ({"dims": 3}, "dims is 3; write 1 or 2"),
        ({"input": 10**6}, "beyond the limit"),
        ({"padding": 1}, "padding is unknown"),
    ],
)
def test_bad_input(keys, message):
    """Every parameter out of range, missing or not applicable is named in one line."""
    with pytest.raises(ProblemError, match=message) as caught:
        Problem("overlap", **{"input": 4, "kernel": 3, "stride": 2, **keys})
    assert "\n" not in str(caught.value)
