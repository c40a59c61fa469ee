"""Random settings of every parameter: solve() against plain loops, and against SciPy where it knows the same."""

from fractions import Fraction

import brute_force
import numpy as np
import pytest
import scipy.linalg
import scipy.ndimage
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from symconv import Problem, solve

FEW = settings(max_examples=60, deadline=None, derandomize=True)
WHOLE = st.integers(-9, 9)
ENTRIES = st.one_of(st.just(WHOLE), st.just(st.fractions(-3, 3, max_denominator=6)))


def filled(draw, shape, entry):
    """A nested list of this shape."""
    if not shape:
        return draw(entry)
    return [filled(draw, shape[1:], entry) for _ in range(shape[0])]


@st.composite
def one_axis(draw, mode):
    """Sizes and steps of one axis on which at least one window fits."""
    cells, stride, dilation = draw(st.integers(1, 5)), draw(st.integers(1, 5)), draw(st.integers(1, 3))
    widest = {"reflect": min(cells - 1, 3), "circular": min(cells, 3)}.get(mode, 3)
    pads = (draw(st.integers(0, widest)), draw(st.integers(0, widest)))
    taps = draw(st.integers(1, min(4, (cells + sum(pads) - 1) // dilation + 1)))
    return cells, taps, stride, pads, dilation


@st.composite
def direct_layers(draw):
    """Keys of a problem, and the same as arguments for `brute_force.direct`."""
    dims = draw(st.integers(1, 2))
    mode = draw(st.sampled_from(["zeros", "reflect", "replicate", "circular"]))
    axes = [draw(one_axis(mode)) for _ in range(dims)]
    groups, slices, per_group = draw(
        st.sampled_from([(1, 1, 1), (1, 1, 1), (1, 2, 1), (1, 2, 2), (2, 1, 1), (2, 2, 1)])
    )
    entry = draw(ENTRIES)
    x = filled(draw, (slices * groups, *(a[0] for a in axes)), entry)
    w = filled(draw, (per_group * groups, slices, *(a[1] for a in axes)), entry)
    bias = draw(st.one_of(st.none(), st.just(filled(draw, (len(w),), entry))))
    keys = {
        "input": two_axes(x, dims),
        "kernel": [two_axes(part, dims) for part in w],
        "stride": [a[2] for a in axes],
        "padding": [list(a[3]) for a in axes],
        "dilation": [a[4] for a in axes],
        "padding_mode": mode,
        "groups": groups,
        "bias": bias,
        "dims": dims,
        "order": draw(st.sampled_from(["row", "column"])),
    }
    lead = [(1, 1, 1, (0, 0), 1)] if dims == 1 else []
    _, _, stride, pads, dilation = zip(*lead, *axes, strict=True)
    data = {"stride": stride, "pads": pads, "dilation": dilation, "mode": mode, "groups": groups, "bias": bias}
    return keys, data, (keys["input"], keys["kernel"])


def two_axes(channels, dims):
    """1-D channels as matrices of one row."""
    return [[part] for part in channels] if dims == 1 else channels


@st.composite
def transposed_layers(draw):
    """Keys of a problem, and the same as arguments for `brute_force.transposed`."""
    dims = draw(st.integers(1, 2))
    axes = []
    for _ in range(dims):
        cells, taps, stride, dilation = (draw(st.integers(1, most)) for most in (3, 4, 4, 3))
        extra = draw(st.integers(0, max(stride, dilation) - 1))
        room = stride * (cells - 1) + dilation * (taps - 1) + extra
        before = draw(st.integers(0, min(room, 3)))
        axes.append((cells, taps, stride, (before, draw(st.integers(0, min(room - before, 3)))), dilation, extra))
    groups, slices, per_group = draw(
        st.sampled_from([(1, 1, 1), (1, 1, 1), (1, 2, 1), (1, 1, 2), (2, 1, 2), (2, 2, 1)])
    )
    entry = draw(ENTRIES)
    x = filled(draw, (slices * groups, *(a[0] for a in axes)), entry)
    w = filled(draw, (slices * groups, per_group, *(a[1] for a in axes)), entry)
    bias = draw(st.one_of(st.none(), st.just(filled(draw, (per_group * groups,), entry))))
    keys = {
        "input": two_axes(x, dims),
        "kernel": [two_axes(part, dims) for part in w],
        "stride": [a[2] for a in axes],
        "padding": [list(a[3]) for a in axes],
        "dilation": [a[4] for a in axes],
        "output_padding": [a[5] for a in axes],
        "groups": groups,
        "bias": bias,
        "dims": dims,
        "order": draw(st.sampled_from(["row", "column"])),
    }
    lead = [(1, 1, 1, (0, 0), 1, 0)] if dims == 1 else []
    _, _, stride, pads, dilation, extra = zip(*lead, *axes, strict=True)
    data = {"stride": stride, "pads": pads, "dilation": dilation, "extra": extra, "groups": groups, "bias": bias}
    return keys, data, (keys["input"], keys["kernel"])


@pytest.mark.parametrize(("operation", "flip"), [("convolution", True), ("cross_correlation", False)])
@FEW
@given(layer=direct_layers())
def test_a_direct_layer_equals_plain_loops(operation, flip, layer):
    """Padding, stride, dilation, channels, groups and bias in any combination give what loops give."""
    keys, data, (x, w) = layer
    solution = solve(Problem(operation, **keys))
    expected = brute_force.direct(x, w, flip=flip, **data)
    assert solution.answer == brute_force.written(expected, keys["dims"])
    assert solution.quantities["size"] == [len(expected[0]), len(expected[0][0])][-keys["dims"] :]
    if any(map(sum, data["pads"])):
        wide = [brute_force.padded(channel, data["pads"], data["mode"]) for channel in x]
        assert solution.quantities["padded"] == brute_force.written(wide, keys["dims"])


@FEW
@given(layer=transposed_layers())
def test_a_transposed_layer_equals_plain_loops(layer):
    """Crop, stride, dilation, output padding, channels, groups and bias in any combination give what loops give."""
    keys, data, (x, w) = layer
    solution = solve(Problem("transposed_convolution", **keys))
    expected = brute_force.transposed(x, w, **data)
    assert solution.answer == brute_force.written(expected, keys["dims"])
    assert solution.quantities["size"] == [len(expected[0]), len(expected[0][0])][-keys["dims"] :]


@st.composite
def two_matrices(draw, odd=False):
    """An input, and a kernel no larger than it."""
    rows, columns = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    m, n = draw(st.integers(1, rows)), draw(st.integers(1, columns))
    if odd:
        m, n = m - 1 + m % 2, n - 1 + n % 2
    return filled(draw, (rows, columns), WHOLE), filled(draw, (m, n), WHOLE)


@pytest.mark.parametrize("size", ["full", "valid"])
@pytest.mark.parametrize(
    ("operation", "known"),
    [("convolution", scipy.signal.convolve2d), ("cross_correlation", scipy.signal.correlate2d)],
)
@settings(max_examples=20, deadline=None, derandomize=True)
@given(matrices=two_matrices())
def test_full_and_valid_equal_scipy(operation, known, size, matrices):
    """The size modes full and valid are SciPy's."""
    x, w = matrices
    solution = solve(Problem(operation, input=x, kernel=w, padding=size, dims=2))
    assert solution.answer == known(np.array(x), np.array(w), mode=size).tolist()


@pytest.mark.parametrize(
    ("operation", "known"),
    [("convolution", scipy.signal.convolve2d), ("cross_correlation", scipy.signal.correlate2d)],
)
@settings(max_examples=20, deadline=None, derandomize=True)
@given(matrices=two_matrices(odd=True))
def test_same_equals_scipy_for_odd_kernels(operation, known, matrices):
    """The size mode same is SciPy's where the kernel has a middle."""
    x, w = matrices
    solution = solve(Problem(operation, input=x, kernel=w, padding="same", dims=2))
    assert solution.answer == known(np.array(x), np.array(w), mode="same").tolist()


@pytest.mark.parametrize(
    ("operation", "known", "keys"),
    [
        ("convolution", scipy.signal.convolve2d, {"convention": "scipy"}),
        ("convolution", scipy.signal.convolve, {"convention": "scipy"}),
        ("cross_correlation", scipy.signal.correlate, {"convention": "scipy"}),
        ("cross_correlation", scipy.signal.correlate2d, {"convention": "scipy", "same": "upper"}),
    ],
)
@settings(max_examples=20, deadline=None, derandomize=True)
@given(matrices=two_matrices())
def test_same_equals_scipy_with_its_convention(operation, known, keys, matrices):
    """The size mode same is SciPy's for even kernels too; correlate2d centres them elsewhere than the others."""
    x, w = matrices
    solution = solve(Problem(operation, input=x, kernel=w, padding="same", dims=2, **keys))
    assert solution.answer == known(np.array(x), np.array(w), mode="same").tolist()


@pytest.mark.parametrize("size", ["full", "valid", "same"])
@settings(max_examples=20, deadline=None, derandomize=True)
@given(x=st.lists(WHOLE, min_size=5, max_size=7), h=st.lists(WHOLE, min_size=1, max_size=5))
def test_the_matrix_of_one_axis_is_scipys(size, x, h):
    """The solved Toeplitz matrix is scipy.linalg.convolution_matrix in each size mode, and full toeplitz too."""
    keys = {"input": x, "kernel": h, "padding": size, "convention": "scipy", "dims": 1}
    found = solve(Problem("convolution", **keys, ask="matrix")).answer
    assert found == scipy.linalg.convolution_matrix(h, len(x), mode=size).tolist()
    if size == "full":
        more = [0] * (len(x) - 1)
        assert found == scipy.linalg.toeplitz(h + more, h[:1] + more).tolist()


@settings(max_examples=20, deadline=None, derandomize=True)
@given(matrices=two_matrices())
def test_the_matrix_of_two_axes_has_scipys_blocks(matrices):
    """Block (i, j) of the solved doubly block Toeplitz matrix is the matrix of row i - j of the kernel."""
    x, w = matrices
    if min(len(x), len(w)) < 2:
        x, w = x + x, w + w
    found = np.array(solve(Problem("convolution", input=x, kernel=w, padding="full", ask="matrix")).answer)
    rows, width = len(x[0]) + len(w[0]) - 1, len(x[0])
    lines = [scipy.linalg.convolution_matrix(line, width) for line in w]
    for i in range(len(x) + len(w) - 1):
        for j in range(len(x)):
            block = found[i * rows : (i + 1) * rows, j * width : (j + 1) * width]
            expected = lines[i - j] if 0 <= i - j < len(w) else np.zeros((rows, width), dtype=int)
            assert block.tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("mode", "theirs"), [("zeros", "constant"), ("reflect", "mirror"), ("replicate", "nearest"), ("circular", "wrap")]
)
@pytest.mark.parametrize("operation", ["convolution", "cross_correlation"])
@settings(max_examples=15, deadline=None, derandomize=True)
@given(matrices=two_matrices(odd=True))
def test_padding_modes_equal_scipys_images(operation, mode, theirs, matrices):
    """With odd kernels and same padding the padding modes are those of scipy.ndimage under other names."""
    x, w = matrices
    keys = {"input": x, "kernel": w, "dims": 2, "padding": "same", "padding_mode": mode}
    known = scipy.ndimage.convolve if operation == "convolution" else scipy.ndimage.correlate
    assert solve(Problem(operation, **keys)).answer == known(np.array(x), np.array(w), mode=theirs).tolist()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(cells=st.integers(1, 9), taps=st.integers(1, 5), stride=st.integers(1, 4), dilation=st.integers(1, 3))
def test_same_gives_the_input_divided_by_the_stride(cells, taps, stride, dilation):
    """With same padding the size is ceil(i / s), and the odd zero stands at the end."""
    keys = {"input": [1] * cells, "kernel": [1] * taps, "stride": stride, "dilation": dilation, "padding": "same"}
    solution = solve(Problem("cross_correlation", **keys))
    size = -(-cells // stride)
    assert solution.quantities["size"] == [size]
    total = max((size - 1) * stride + dilation * (taps - 1) + 1 - cells, 0)
    if total:
        assert solution.quantities["padded"] == [0] * (total // 2) + [1] * cells + [0] * (total - total // 2)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(layer=direct_layers())
def test_letters_put_in_afterwards_give_the_same_numbers(layer):
    """A kernel of letters, solved, with the numbers put in at the end, gives the numeric answer."""
    keys, options, (x, w) = layer
    names = {"symbols": "w", "shape": list(np.array(keys["kernel"], dtype=object).shape)}
    solution = solve(Problem("cross_correlation", **{**keys, "kernel": names, "bias": None}))
    cells = np.array(keys["kernel"], dtype=object)
    numbers = {f"w_{{{','.join(str(i + 1) for i in index)}}}": cells[index] for index in np.ndindex(*cells.shape)}
    expected = brute_force.direct(x, w, **{**options, "bias": None})
    found = np.array(solution.answer, dtype=object).reshape(-1)
    right = np.array(brute_force.written(expected, keys["dims"]), dtype=object).reshape(-1)
    assert [put(cell, numbers) for cell in found] == [Fraction(cell) for cell in right]


def put(cell, numbers):
    """A polynomial of degree one with numbers in place of its letters."""
    if not hasattr(cell, "free_symbols"):
        return Fraction(cell)
    value = cell.subs({letter: numbers[letter.name] for letter in cell.free_symbols})
    return Fraction(int(value.p), int(value.q))
