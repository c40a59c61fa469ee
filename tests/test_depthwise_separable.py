"""Depthwise separable layers: lecture notes, the full layer that does the same, rank-1 kernels, refused problems."""

from fractions import Fraction

import brute_force
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symconv import Problem, ProblemError, solve
from symconv.operations.depthwise_separable import DEPTHWISE_SEPARABLE


def solved(**keys):
    """A solved layer or kernel."""
    return solve(Problem("depthwise_separable", **keys))


LARGE = {
    "input": {"symbols": "x", "shape": [3, 32, 32]},
    "depthwise": {"symbols": "w", "shape": [3, 3, 3]},
    "pointwise": {"symbols": "p", "shape": [12, 3]},
}


def test_counts_of_the_lecture_notes():
    """Lecture notes: 32x32x3 to 30x30x12 takes 56700 for 291600 multiplications, and 63 for 324 parameters."""
    found = solved(**LARGE, ask="counts")
    assert found.answer == [[27, 36, 63, 324], [24300, 32400, 56700, 291600]]
    assert found.quantities["multiplications[3]"] == 56700
    assert solved(**LARGE, ask="ratio").answer == Fraction(1, 12) + Fraction(1, 9)


def cells(draw, *shape):
    """Nested lists of small integers."""
    if not shape:
        return draw(st.integers(-4, 4))
    return [cells(draw, *shape[1:]) for _ in range(shape[0])]


@st.composite
def layers(draw):
    """Keys of a problem, with every size and step random."""
    channels, multiplier, filters = draw(st.integers(1, 3)), draw(st.integers(1, 2)), draw(st.integers(1, 3))
    size = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    return {
        "input": cells(draw, channels, 5, 6),
        "depthwise": cells(draw, channels, multiplier, *size),
        "pointwise": cells(draw, filters, channels * multiplier),
        "stride": [draw(st.integers(1, 2)), draw(st.integers(1, 3))],
        "padding": draw(st.integers(0, 2)),
        "dilation": [draw(st.integers(1, 2)), draw(st.integers(1, 2))],
    }


@settings(max_examples=40, deadline=None, derandomize=True)
@given(keys=layers())
def test_it_equals_the_full_layer_with_the_products_of_its_weights(keys):
    """A full layer whose slices are the sums of p times k over each channel's kernels gives the same output."""
    w, mixing = np.array(keys["depthwise"]), np.array(keys["pointwise"])
    channels, multiplier = w.shape[:2]
    full = np.einsum("fcm,cmij->fcij", mixing.reshape(len(mixing), channels, multiplier), w)
    pads = [(keys["padding"],) * 2] * 2
    right = brute_force.direct(
        keys["input"],
        full.tolist(),
        flip=False,
        stride=keys["stride"],
        pads=pads,
        dilation=keys["dilation"],
        mode="zeros",
        groups=1,
        bias=None,
    )
    assert solved(**keys).answer == (right if len(right) > 1 else right[0])


def test_the_multiplier_is_checked():
    """Two kernels for each channel are a multiplier of 2, in the counts too."""
    keys = DEPTHWISE_SEPARABLE.samples()[3]
    found = solved(**keys, multiplier=2)
    assert found.quantities["parameters"] == [2 * 2 * 4, 4 * 2, 16 + 8, 2 * 2 * 2 * 2]
    with pytest.raises(ProblemError, match="multiplier is 3, but depthwise has 2 kernels"):
        solved(**keys, multiplier=3)


def test_the_sobel_kernel_is_a_column_times_a_row():
    """Sobel: (1 2 1) down times (1 0 -1) across."""
    found = solved(kernel="1 0 -1; 2 0 -2; 1 0 -1", ask="factors")
    assert (found.answer, found.quantities["row"]) == ([[1], [2], [1]], [[1, 0, -1]])


def test_the_laplacian_is_not_separable():
    """The Laplacian has rank 2, and a minor that is not 0."""
    found = solved(kernel="0 1 0; 1 -4 1; 0 1 0", ask="factors")
    assert found.answer == 2
    assert found.quantities["minor"] != 0


@settings(max_examples=60, deadline=None, derandomize=True)
@given(rows=st.integers(1, 4), columns=st.integers(1, 4), data=st.data())
def test_factors_multiply_to_the_kernel_or_the_rank_is_numpys(rows, columns, data):
    """Rank 1 gives factors whose product is the kernel; otherwise the rank is that of NumPy."""
    made = np.array([[data.draw(st.integers(-2, 2)) for _ in range(columns)] for _ in range(rows)])
    if not made.any():
        with pytest.raises(ProblemError, match="kernel is all zeros"):
            solved(kernel=made.tolist(), ask="factors")
        return
    found, rank = solved(kernel=made.tolist(), ask="factors"), np.linalg.matrix_rank(made)
    if rank > 1:
        assert found.answer == rank
    else:
        column, row = (np.array(found.quantities[name], dtype=object) for name in ("column", "row"))
        assert (column @ row).tolist() == made.tolist()


GOOD = {"input": ["1 2; 3 4", "0 1; 1 0"], "depthwise": ["1", "2"], "pointwise": "1 1"}


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({**GOOD, "input": None}, "input is missing"),
        ({**GOOD, "depthwise": None}, "depthwise is missing"),
        ({**GOOD, "pointwise": None}, "pointwise is missing"),
        ({**GOOD, "depthwise": ["1", "2", "3"]}, "depthwise has 3 kernels, but the input has 2 channels"),
        ({**GOOD, "pointwise": "1 1 1"}, "pointwise is 1 x 3"),
        ({**GOOD, "stride": 0}, "stride is 0"),
        ({**GOOD, "dilation": "2x"}, "dilation is '2x'"),
        ({**GOOD, "padding": -1}, "padding is -1"),
        ({**GOOD, "multiplier": 0}, "multiplier is 0"),
        ({**GOOD, "depthwise": ["1 1 1", "1 1 1"]}, "the kernel reaches 3 cells"),
        ({**GOOD, "kernel": "1"}, "kernel is for ask = 'factors'"),
        ({**GOOD, "input": [["1 2; 3 4"], ["0 1; 1 0"]]}, "input is nested"),
        ({**GOOD, "ask": "size"}, "ask is 'size'"),
        ({"ask": "factors"}, "kernel is missing"),
        ({"ask": "factors", "kernel": "a 1"}, "kernel has letters"),
        ({"ask": "factors", "kernel": "0 0"}, "kernel is all zeros"),
        ({"ask": "factors", "kernel": [[1] * 8]}, "kernel is 1 x 8"),
        ({"ask": "factors", "kernel": "1", "stride": 2}, "stride does not belong to ask = 'factors'"),
    ],
)
def test_bad_input_is_named(keys, said):
    """Each wrong key gets one line that names it."""
    with pytest.raises(ProblemError) as caught:
        solved(**keys)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
