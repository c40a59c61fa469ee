"""The oracle against plain loops and SciPy, exactly."""

from fractions import Fraction
from math import prod

import brute_force
import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from symconv import exact_numbers, numeric

MODES = ["zeros", "reflect", "replicate", "circular"]
RNG = np.random.default_rng(11)


def random_settings(count):
    """Random layers with two axes, from one generator."""
    rng = np.random.default_rng(7)
    for _ in range(count):
        mode = str(rng.choice(MODES))
        stride, dilation = rng.integers(1, 4, 2).tolist(), rng.integers(1, 3, 2).tolist()
        cells = rng.integers(1, 6, 2).tolist()
        widest = [{"reflect": n - 1, "circular": n}.get(mode, 3) for n in cells]
        pads = [tuple(rng.integers(0, most + 1, 2).tolist()) for most in widest]
        taps = [
            int(rng.integers(1, min(3, (n + sum(p) - 1) // d + 1) + 1))
            for n, p, d in zip(cells, pads, dilation, strict=True)
        ]
        groups, slices, per_group = (int(n) for n in rng.integers(1, 3, 3))
        x = rng.integers(-99, 99, (groups * slices, *cells))
        w = rng.integers(-99, 99, (groups * per_group, slices, *taps))
        yield x, w, stride, pads, dilation, mode, groups


def test_correlate_equals_loops():
    """Two hundred random layers give exactly what plain loops give."""
    for x, w, stride, pads, dilation, mode, groups in random_settings(200):
        found = numeric.correlate(x, w, stride, pads, dilation, mode, groups)
        expected = brute_force.direct(
            x.tolist(), w.tolist(), stride=stride, pads=pads, dilation=dilation, mode=mode, groups=groups
        )
        assert found.tolist() == expected
        assert found.dtype == np.int64


def test_correlate_by_channel_adds_up_to_correlate():
    """The maps before the sum over channels are those of single channels."""
    x, w = RNG.integers(-9, 9, (2, 3, 4)), RNG.integers(-9, 9, (3, 2, 2, 2))
    maps = numeric.correlate(x, w, [1, 1], [(0, 0)] * 2, [1, 1], by_channel=True)
    assert maps.shape == (3, 2, 2, 3)
    for f, c in np.ndindex(3, 2):
        assert maps[f, c].tolist() == brute_force.direct([x[c].tolist()], [[w[f, c].tolist()]])[0]


@pytest.mark.parametrize("size", ["full", "valid"])
@pytest.mark.parametrize(("cells", "taps"), [(6, 3), (5, 4), (4, 1), (3, 3)])
def test_one_axis_equals_scipy(cells, taps, size):
    """Correlation, and convolution with the kernel turned, are SciPy's along one axis."""
    x, w = RNG.integers(-9, 9, cells), RNG.integers(-9, 9, taps)
    pads = numeric.pads_for(size, [cells], [taps], [1])
    slide = [numeric.correlate(x[None], k[None, None], [1], pads, [1])[0].tolist() for k in (w, numeric.rotate(w, 1))]
    expected = [known(x, w, mode=size).tolist() for known in (scipy.signal.correlate, scipy.signal.convolve)]
    assert slide == expected


@pytest.mark.parametrize("size", ["full", "valid"])
@pytest.mark.parametrize("taps", [(1, 1), (2, 3), (3, 2), (4, 5)])
def test_two_axes_equal_scipy(taps, size):
    """Correlation, and convolution with the kernel turned, are SciPy's along two axes."""
    x, w = RNG.integers(-9, 9, (4, 5)), RNG.integers(-9, 9, taps)
    pads = numeric.pads_for(size, x.shape, taps, [1, 1])
    slide = [
        numeric.correlate(x[None], k[None, None], [1, 1], pads, [1, 1])[0].tolist() for k in (w, numeric.rotate(w, 2))
    ]
    expected = [known(x, w, mode=size).tolist() for known in (scipy.signal.correlate2d, scipy.signal.convolve2d)]
    assert slide == expected


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    cells=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    taps=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    stride=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    dilation=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    channels=st.tuples(st.integers(1, 2), st.integers(1, 2), st.integers(1, 2)),
    extra=st.tuples(st.integers(0, 2), st.integers(0, 2)),
)
def test_scatter_and_crop_equal_loops(cells, taps, stride, dilation, channels, extra):
    """The frame, and what is left of it after a crop, are what adding product by product gives."""
    rng = np.random.default_rng(sum(cells) + 10 * sum(taps))
    groups, slices, per_group = channels
    x, w = rng.integers(-99, 99, (groups * slices, *cells)), rng.integers(-99, 99, (groups * slices, per_group, *taps))
    frame = numeric.scatter(x, w, stride, dilation, extra, groups)
    data = {"stride": stride, "dilation": dilation, "extra": extra, "groups": groups}
    assert frame.tolist() == brute_force.transposed(x.tolist(), w.tolist(), **data)
    pads = [(int(rng.integers(0, n)), 0) for n in frame.shape[1:]]
    assert numeric.crop(frame, pads).tolist() == brute_force.transposed(x.tolist(), w.tolist(), pads=pads, **data)


def test_correlate_back_is_the_transpose_of_correlate():
    """<Cx, y> = <x, C^T y> for random layers in every padding mode."""
    rng = np.random.default_rng(3)
    for x, w, stride, pads, dilation, mode, groups in random_settings(60):
        forth = numeric.correlate(x, w, stride, pads, dilation, mode, groups)
        y = rng.integers(-99, 99, forth.shape)
        back = numeric.correlate_back(y, w, x.shape[1:], stride, pads, dilation, mode, groups)
        assert back.shape == x.shape
        assert (forth * y).sum() == (x * back).sum()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("pads", [((0, 0), (0, 0)), ((1, 2), (2, 0)), ((2, 2), (3, 3))])
def test_pad_equals_loops(mode, pads):
    """Each mode puts on what building the lines by hand puts on, in every channel."""
    x = np.arange(24).reshape(2, 3, 4)
    assert numeric.pad(x, pads, mode).tolist() == [brute_force.padded(part, pads, mode) for part in x.tolist()]
    assert numeric.crop(numeric.pad(x, pads, mode), pads).tolist() == x.tolist()


def test_circular_may_repeat_the_whole_line():
    """The widest circular padding is one whole input on each side."""
    assert numeric.pad(np.array([1, 2, 3]), [(3, 3)], "circular").tolist() == [1, 2, 3] * 3


def test_dilate_puts_zeros_between():
    """A dilation of 3 puts two zeros between neighbours along its own axis only."""
    assert numeric.dilate(np.array([[1, 2], [3, 4]]), [1, 3]).tolist() == [[1, 0, 0, 2], [3, 0, 0, 4]]
    assert numeric.dilate(np.array([[1, 2], [3, 4]]), [2, 1]).tolist() == [[1, 2], [0, 0], [3, 4]]


def test_rotate_turns_by_180_degrees():
    """Only the named axes are turned."""
    x = np.arange(12).reshape(2, 2, 3)
    assert numeric.rotate(x, 2).tolist() == [brute_force.turned(part) for part in x.tolist()]


def test_vec_and_unvec():
    """Row order reads along rows, column order along columns, channel by channel; unvec undoes both."""
    x = np.array([[[1, 2], [3, 4], [5, 6]], [[7, 8], [9, 0], [1, 2]]])
    assert numeric.vec(x, "row").tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2]
    assert numeric.vec(x, "column").tolist() == [1, 3, 5, 2, 4, 6, 7, 9, 1, 8, 0, 2]
    for order in ("row", "column"):
        assert numeric.unvec(numeric.vec(x, order), x.shape, order).tolist() == x.tolist()


@pytest.mark.parametrize("order", ["row", "column"])
def test_matrix_of_a_linear_map(order):
    """The probed matrix times vec(x) is vec of the map of x."""
    x = RNG.integers(-9, 9, (1, 3, 4))
    w = RNG.integers(-9, 9, (1, 1, 2, 2))

    def layer(array):
        return numeric.correlate(array, w, [1, 2], [(1, 0), (0, 1)], [1, 1])

    matrix = numeric.matrix_of(layer, x.shape, order, np.int64)
    assert (matrix @ numeric.vec(x, order)).tolist() == numeric.vec(layer(x), order).tolist()


def test_fractions_stay_exact():
    """Thirds and sevenths are added without rounding, by sliding and by scattering."""
    x, w = [Fraction(1, 3), Fraction(2, 7), 1], [Fraction(1, 2), Fraction(-1, 3)]
    a, k = numeric.array(x, (1, 3)), numeric.array(w, (1, 1, 2))
    assert a.dtype == k.dtype == object
    slid = numeric.correlate(a, k, [1], [(0, 0)], [1]).tolist()
    assert slid == [[x[0] * w[0] + x[1] * w[1], x[1] * w[0] + x[2] * w[1]]]
    scattered = numeric.scatter(a, k, [1], [1], [0]).tolist()
    assert scattered == [brute_force.convolve(x, w)]


def test_integers_cannot_overflow():
    """Numbers at the edge of int64 storage, and far beyond it, give exact sums."""
    for size in (2**20 - 1, 2**20, 2**40, 10**29):
        a, k = numeric.array([size] * 9, (1, 3, 3)), numeric.array([-size] * 4, (1, 1, 2, 2))
        found = numeric.correlate(a, k, [1, 1], [(0, 0)] * 2, [1, 1])
        assert found.tolist() == [[[-4 * size * size] * 2] * 2]
        frame = numeric.scatter(a, k, [1, 1], [1, 1], [0, 0])
        assert frame[0, 1, 1] == -4 * size * size


def test_only_small_integers_are_stored_as_int64():
    """As long as the square of the sum of all magnitudes is below 2^62 it is int64; a fraction makes objects."""
    assert numeric.array([2**31 - 2, -1], (2,)).dtype == np.int64
    for cells in ([2**31 - 1, 1], [-(2**31), 0], [Fraction(1, 2), 1]):
        made = numeric.array(cells, (2,))
        assert (made.dtype, made.tolist()) == (object, cells)


def test_mixed_arrays_are_exact():
    """An int64 input with a kernel of fractions or large integers gives exact objects."""
    a = numeric.array([1, 2, 3], (1, 3))
    for entry in (Fraction(1, 3), 2**70):
        k = numeric.array([entry, 1], (1, 1, 2))
        assert numeric.correlate(a, k, [1], [(0, 0)], [1]).tolist() == [[entry + 2, 2 * entry + 3]]
        assert numeric.scatter(a, k, [1], [1], [0]).tolist() == [brute_force.convolve([1, 2, 3], [entry, 1])]


@pytest.mark.parametrize("taps", [1, 2, 3, 4])
def test_same_padding_at_stride_one(taps):
    """Same means as many outputs as cells, the odd zero at the end: k - 1 zeros in all."""
    assert numeric.pads_for("same", [6], [taps], [1]) == [((taps - 1) // 2, taps // 2)]


def test_squeeze_drops_lone_leading_axes():
    """Only leading axes of size 1 fall away."""
    assert numeric.squeeze(np.zeros((1, 1, 1, 4)), 2).shape == (1, 4)
    assert numeric.squeeze(np.zeros((2, 1, 1, 4)), 2).shape == (2, 1, 4)


@pytest.mark.parametrize("order", range(2, 25))
def test_roots_of_unity(order):
    """All powers add up to 0; the product of 1 - z^k is N; each power but the last is not 1."""
    powers = [exact_numbers.root_of_unity(order, k) for k in range(1, order + 1)]
    assert sum(powers) == 0
    assert prod(1 + power * -1 for power in powers[:-1]) == order
    assert [power == 1 for power in powers] == [False] * (order - 1) + [True]


def test_roots_of_different_orders_are_one_number():
    """The second power of the eighth root is the fourth root; the sixth root is 1 more than the third."""
    z = exact_numbers.root_of_unity
    assert z(8, 2) == z(4)
    assert z(6) == 1 + z(3)
    assert z(12) == z(4, 3) * z(3)
    assert z(8) != z(5)


def test_large_numbers_are_exact():
    """Beyond 64 bits nothing is rounded, wraps around or stops: 10^19 (10^19 + 1) + 1 * 2 and its neighbours."""
    big = 10**19
    given = numeric.arrays({"x": ([big, 1], [1, 2]), "w": ([big + 1, 2], [1, 1, 2])})
    made = numeric.correlate(given["x"], given["w"], [1], [(1, 1)], [1])
    assert made.tolist() == [[0 * (big + 1) + big * 2, big * (big + 1) + 1 * 2, 1 * (big + 1) + 0 * 2]]


def test_arrays_are_of_one_kind():
    """A product of sums that could leave 64 bits makes objects of all arrays; 2^20 * 2^20 * 2^20 stays below 2^62."""
    at_most, beyond = ({name: ([2**n], [1]) for name, n in (("x", 20), ("w", m))} for m in (20, 21))
    assert {array.dtype for array in numeric.arrays(at_most).values()} == {np.dtype(np.int64)}
    assert {array.dtype for array in numeric.arrays(beyond).values()} == {np.dtype(object)}
