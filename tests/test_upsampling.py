"""Upsampling: numbers of torch's and ONNX's documentation, SciPy's zoom, plain loops, matrices, tents, bad input."""

from fractions import Fraction

import numpy as np
import pytest
import scipy.ndimage
from hypothesis import given, settings
from hypothesis import strategies as st

from symconv import Problem, ProblemError, solve

FEW = settings(max_examples=40, deadline=None, derandomize=True)
SMALL = st.integers(1, 4)
A = "1 2; 3 4"


def upsampled(**keys):
    """The answer of an upsampling."""
    return solve(Problem("upsampling", **keys)).answer


def drawn(draw, rows, columns):
    """A matrix of small integers."""
    return np.array([[draw(st.integers(-9, 9)) for _ in range(columns)] for _ in range(rows)])


def test_nearest_repeats():
    """torch.nn.Upsample: 1 2; 3 4 twice as large."""
    assert upsampled(input=A, scale=2) == [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]


def test_bilinear_half_pixel():
    """torch.nn.Upsample, bilinear: the first rows are 1 1.25 1.75 2 and 1.5 1.75 2.25 2.5."""
    out = upsampled(input=A, kind="bilinear", scale=2)
    assert out[0] == [1, Fraction(5, 4), Fraction(7, 4), 2]
    assert out[1] == [Fraction(3, 2), Fraction(7, 4), Fraction(9, 4), Fraction(5, 2)]


def test_bilinear_align_corners():
    """torch.nn.Upsample, bilinear with align_corners: 1 1.3333 1.6667 2, then 1.6667 2 2.3333 2.6667."""
    out = upsampled(input=A, kind="bilinear", scale=2, coordinates="align_corners")
    assert out[0] == [1, Fraction(4, 3), Fraction(5, 3), 2]
    assert out[1] == [Fraction(5, 3), 2, Fraction(7, 3), Fraction(8, 3)]


def test_bilinear_asymmetric():
    """Index over scale: 0, 1/2, 1, 3/2, the last one moved onto the border."""
    assert upsampled(input="1 3", kind="bilinear", scale=2, coordinates="asymmetric") == [1, 2, 3, 3]


def test_pixel_shuffle_takes_channels_in_order():
    """Four channels of one cell fill a 2x2 block row by row; eight make two such maps."""
    assert upsampled(input=["1", "2", "3", "4"], kind="pixel_shuffle", scale=2) == [[1, 2], [3, 4]]
    eight = upsampled(input=[str(n) for n in range(8)], kind="pixel_shuffle", scale=2)
    assert eight == [[[0, 1], [2, 3]], [[4, 5], [6, 7]]]


@FEW
@given(st.data(), SMALL, SMALL, st.integers(1, 9), st.integers(1, 9))
def test_nearest_against_loops(data, rows, columns, high, wide):
    """Output (u, v) is input (floor(u rows / high), floor(v columns / wide)), for any sizes."""
    x = drawn(data.draw, rows, columns)
    expected = [[x[u * rows // high, v * columns // wide] for v in range(wide)] for u in range(high)]
    assert upsampled(input=x, size=[high, wide], dims=2) == expected


@FEW
@given(st.data(), st.integers(2, 4), st.integers(2, 4), st.integers(2, 9), st.integers(2, 9))
def test_align_corners_against_scipy(data, rows, columns, high, wide):
    """scipy.ndimage.zoom of order 1 puts corners on corners."""
    x = drawn(data.draw, rows, columns)
    out = upsampled(input=x, kind="bilinear", size=[high, wide], coordinates="align_corners")
    right = scipy.ndimage.zoom(x.astype(float), (high / rows, wide / columns), order=1)
    assert right.shape == (high, wide)
    assert np.allclose(np.array(out, dtype=float), right, atol=1e-9)


@FEW
@given(st.data(), st.integers(2, 4), st.integers(2, 4), st.integers(1, 4), st.integers(1, 4))
def test_half_pixel_against_scipy(data, rows, columns, down, across):
    """scipy.ndimage.zoom of order 1 in grid mode, with the nearest border, has half-pixel centres."""
    x = drawn(data.draw, rows, columns)
    out = upsampled(input=x, kind="bilinear", scale=[down, across])
    right = scipy.ndimage.zoom(x.astype(float), (down, across), order=1, mode="nearest", grid_mode=True)
    assert np.allclose(np.array(out, dtype=float), right, atol=1e-9)


@FEW
@given(st.data(), SMALL, SMALL, st.integers(2, 3), st.integers(1, 2))
def test_pixel_shuffle_against_loops(data, rows, columns, factor, maps):
    """Cell (r i + a, r j + b) of map c is cell (i, j) of channel c r^2 + a r + b."""
    x = np.stack([drawn(data.draw, rows, columns) for _ in range(maps * factor**2)])
    out = np.array(upsampled(input=x, kind="pixel_shuffle", scale=factor)).reshape(
        maps, rows * factor, columns * factor
    )
    for c, u, v in np.ndindex(*out.shape):
        channel = c * factor**2 + u % factor * factor + v % factor
        assert out[c, u, v] == x[channel, u // factor, v // factor]


@pytest.mark.parametrize(
    "keys",
    [
        {"input": "4 0 8; 2 6 1; 0 3 5", "size": [4, 5]},
        {"input": "4 0 8; 2 6 1", "kind": "bilinear", "size": [5, 4]},
        {"input": "2 8 5", "kind": "bilinear", "scale": 3},
        {"input": ["1 2", "3 4", "5 6", "7 8"], "kind": "pixel_shuffle", "scale": 2},
    ],
)
def test_the_matrix(keys):
    """C times vec of the input is vec of the output."""
    matrix = np.array(upsampled(**keys, ask="matrix"), dtype=object)
    x = np.array(solve(Problem("upsampling", **keys)).quantities["input"], dtype=object)
    assert (matrix @ x.reshape(-1)).tolist() == np.array(upsampled(**keys), dtype=object).reshape(-1).tolist()


@pytest.mark.parametrize("scale", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("rule", ["half_pixel", "align_corners", "asymmetric"])
def test_the_tent(rule, scale):
    """The transposed convolution with a tent gives the same output, and its kernel has the total scale^2."""
    keys = {"input": "4 0 8; 2 6 1; 0 3 5", "kind": "bilinear", "coordinates": rule}
    keys |= {"size": 2 * scale + 1} if rule == "align_corners" else {"scale": scale}
    solution = solve(Problem("upsampling", **keys, ask="transposed_convolution"))
    assert solution.answer == upsampled(**keys)
    assert sum(map(sum, solution.quantities["kernel"])) == scale**2


def test_the_kernel_of_shelhamer():
    """Long, Shelhamer & Darrell: the bilinear kernel for stride 2 is 1/4 3/4 3/4 1/4 along each axis."""
    solution = solve(Problem("upsampling", input=A, kind="bilinear", scale=2, ask="transposed_convolution"))
    assert solution.quantities["t"] == [Fraction(n, 4) for n in (1, 3, 3, 1)]


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"input": None}, "input is missing"),
        ({}, "neither is given"),
        ({"scale": 2, "size": 4}, "both are given"),
        ({"scale": 0}, "scale is 0; write a number above 0"),
        ({"scale": "a"}, "above 0"),
        ({"scale": "x y"}, "scale: "),
        ({"scale": [2, 2, 2]}, "with 3 numbers"),
        ({"scale": "1/3"}, "leaves no cell"),
        ({"size": 0}, "size is 0"),
        ({"scale": 2, "kind": "cubic"}, "kind is 'cubic'"),
        ({"scale": 2, "coordinates": "half_pixel"}, "coordinates belongs to kind = 'bilinear'"),
        ({"scale": 2, "kind": "bilinear", "coordinates": "corner"}, "coordinates is 'corner'"),
        ({"scale": 2, "kind": "pixel_shuffle"}, "a multiple of 4"),
        ({"kind": "pixel_shuffle"}, "scale is missing"),
        ({"kind": "pixel_shuffle", "scale": 1}, "scale is 1; it must be at least 2"),
        ({"kind": "pixel_shuffle", "size": 4}, "size belongs to"),
        ({"kind": "pixel_shuffle", "scale": 2, "dims": 1, "input": ["1", "2", "3", "4"]}, "dims is 1"),
    ],
)
def test_bad_input(keys, message):
    """Every parameter out of range, missing or not applicable is named in one line."""
    with pytest.raises(ProblemError, match=message) as caught:
        Problem("upsampling", **{"input": A, **keys})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "keys",
    [
        {"scale": 2},
        {"kind": "bilinear", "scale": "3/2"},
        {"kind": "bilinear", "size": [3, 4]},
        {"kind": "bilinear", "scale": 2, "coordinates": "align_corners", "input": "1 2 3; 4 5 6; 7 8 9"},
    ],
)
def test_no_tent(keys):
    """There is no transposed convolution for other kinds and for steps that are no 1, 1/2, 1/3, ..."""
    with pytest.raises(ProblemError, match="transposed"):
        solve(Problem("upsampling", **{"input": A, "ask": "transposed_convolution", **keys}))
