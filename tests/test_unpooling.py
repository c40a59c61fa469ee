"""Unpooling: numbers of torch's documentation, the way back from a pooling, a bed of nails, bad input."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symconv import Problem, ProblemError, solve

FEW = settings(max_examples=40, deadline=None, derandomize=True)


def unpooled(**keys):
    """The answer of an unpooling."""
    return solve(Problem("unpooling", **keys)).answer


def test_torch_max_unpool():
    """torch.nn.MaxUnpool2d: 6 8; 14 16 back to 4x4, and back to 5x5 with the same indices."""
    keys = {"input": "6 8; 14 16", "indices": "5 7; 13 15", "size": 2}
    assert unpooled(**keys) == [[0, 0, 0, 0], [0, 6, 0, 8], [0, 0, 0, 0], [0, 14, 0, 16]]
    wide = unpooled(**keys, output_size=[5, 5])
    assert wide == [[0, 0, 0, 0, 0], [6, 0, 8, 0, 0], [0, 0, 0, 14, 0], [16, 0, 0, 0, 0], [0, 0, 0, 0, 0]]


def test_torch_max_unpool_in_one_dimension():
    """torch.nn.MaxUnpool1d: 2 4 6 8 at 1 3 5 7, and with nine cells."""
    keys = {"input": "2 4 6 8", "indices": "1 3 5 7", "size": 2}
    assert unpooled(**keys) == [0, 2, 0, 4, 0, 6, 0, 8]
    assert unpooled(**keys, output_size=9) == [0, 2, 0, 4, 0, 6, 0, 8, 0]


@FEW
@given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.randoms(use_true_random=False))
def test_back_from_a_pooling(high, wide, down, across, random):
    """Pooling with disjoint windows, then unpooling by its indices, leaves the maxima in place and zeros elsewhere."""
    x = np.array([[random.randint(1, 99) for _ in range(wide * across)] for _ in range(high * down)])
    keys = {"size": [high, wide], "dims": 2}
    pooled = solve(Problem("pooling", input=x, **keys)).quantities
    back = np.array(unpooled(input=pooled["output"], indices=pooled["indices"], **keys))
    assert back.shape == x.shape
    for at in product(range(down), range(across)):
        window = tuple(slice(p * k, (p + 1) * k) for p, k in zip(at, (high, wide), strict=True))
        assert sorted(back[window].reshape(-1))[:-1] == [0] * (high * wide - 1)
        assert back[window].max() == x[window].max()
        assert (x[window][back[window] > 0] == x[window].max()).all()


@FEW
@given(st.integers(1, 3), st.integers(1, 4), st.integers(1, 4), st.integers(1, 4))
def test_a_bed_of_nails(cells, size, stride, columns):
    """Entry (i, j) stands at (s i, s j) of a map of s (n - 1) + k cells; everything else is zero."""
    x = np.arange(1, cells * columns + 1).reshape(cells, columns)
    out = np.array(unpooled(input=x, kind="bed_of_nails", size=size, stride=stride, dims=2))
    expected = np.zeros([stride * (n - 1) + size for n in x.shape], dtype=int)
    for i, j in np.ndindex(*x.shape):
        expected[stride * i, stride * j] = x[i, j]
    assert out.tolist() == expected.tolist()


def test_letters_and_places():
    """Letters move like numbers; the page shows each index as row times width plus column."""
    solution = solve(Problem("unpooling", input="a b; c d", indices="1 3; 8 14", size=2))
    assert str(solution.answer) == "[[0, a, 0, b], [0, 0, 0, 0], [c, 0, 0, 0], [0, 0, d, 0]]"
    assert r"14 = 3 \times 4 + 2" in solution.to("md")


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"input": None}, "input is missing"),
        ({"size": None}, "size is missing"),
        ({"size": 0}, "size is 0"),
        ({"stride": 0}, "stride is 0"),
        ({"kind": "min"}, "kind is 'min'"),
        ({"indices": None}, "indices is missing"),
        ({"indices": "1 2 3; 4 5 6"}, "indices has the size 2 x 3 in 1 channels, the input 2 x 2"),
        ({"indices": "1 2; 3 16"}, "indices has 16; the output has 16 cells, counted from 0 to 15"),
        ({"indices": "1 2; 3 -1"}, "indices has -1"),
        ({"indices": "1 2; 3 1/2"}, "indices has 1/2"),
        ({"indices": "1 2; 3 a"}, "indices has a"),
        ({"indices": "1 2; 3 3"}, "indices has 3 twice"),
        ({"output_size": [4, 6]}, "along axis 2 an input of 2 comes from 3 to 5 cells"),
        ({"kind": "bed_of_nails"}, "indices belongs to kind = 'max'"),
        ({"kind": "bed_of_nails", "indices": "1 2; 3 4", "output_size": 4}, "belongs to kind"),
    ],
)
def test_bad_input(keys, message):
    """Every parameter out of range, missing or not applicable is named in one line."""
    with pytest.raises(ProblemError, match=message) as caught:
        Problem("unpooling", **{"input": "1 2; 3 4", "indices": "0 2; 8 10", "size": 2, **keys})
    assert "\n" not in str(caught.value)
