"""The conventions of other systems, against numbers of their documentation and tests, or against the system itself.

The ONNX numbers are those of the operators' examples (operator documentation, also the backend's node tests).
"""

from fractions import Fraction

import numpy as np
import pytest
import scipy.linalg
import scipy.signal

from symconv.conventions import CONVENTIONS
from symconv.errors import ProblemError
from symconv.problem import Problem
from symconv.solution import solve

ONES = [[1, 1, 1], [1, 1, 1], [1, 1, 1]]
NINE = [[0, 1, 2], [3, 4, 5], [6, 7, 8]]  # the input of most examples of ConvTranspose
SIXTEEN = np.arange(1, 17).reshape(4, 4)
TWENTY_FIVE = np.arange(1, 26).reshape(5, 5)
MAGIC = "35 1 6 26 19 24; 3 32 7 21 23 25; 31 9 2 22 27 20; 8 28 33 17 10 15; 30 5 34 12 14 16; 4 36 29 13 18 11"


def answer(name, convention, **keys):
    """What a problem gives under the defaults of a system."""
    return solve(Problem(name, convention=convention, **keys)).answer


@pytest.mark.parametrize(
    ("rows", "keys", "expected"),
    [
        pytest.param(
            5,
            {"padding": 1},
            "12 21 27 33 24; 33 54 63 72 51; 63 99 108 117 81; 93 144 153 162 111; 72 111 117 123 84",
            id="basic_conv_with_padding",
        ),
        pytest.param(5, {}, "54 63 72; 99 108 117; 144 153 162", id="basic_conv_without_padding"),
        pytest.param(
            7,
            {"padding": 1, "stride": 2},
            "12 27 24; 63 108 81; 123 198 141; 112 177 124",
            id="conv_with_strides_padding",
        ),
        pytest.param(7, {"stride": 2}, "54 72; 144 162; 234 252", id="conv_with_strides_no_padding"),
        pytest.param(
            7,
            {"stride": 2, "padding": [1, 0]},
            "21 33; 99 117; 189 207; 171 183",
            id="conv_with_strides_and_asymmetric_padding",
        ),
        pytest.param(
            5,
            {"stride": 2, "padding": "same", "same": "lower"},
            "12 27 24; 63 108 81; 72 117 84",
            id="conv_with_autopad_same",
        ),
    ],
)
def test_conv_of_onnx(rows, keys, expected):
    """ONNX, Conv: 3x3 ones over 0, 1, 2, ... in rows of five."""
    x = np.arange(5 * rows).reshape(rows, 5)
    assert answer("cross_correlation", "onnx", input=x, kernel=ONES, **keys) == matrix(expected)


def matrix(text):
    """Whole numbers as nested lists."""
    return [[int(entry) for entry in row.split()] for row in text.split(";")]


STRIDE_3_2 = [[0, 0, 1, 1, 3, 2, 2], [3, 3, 7, 4, 9, 5, 5], [6, 6, 13, 7, 15, 8, 8]]  # each row comes three times


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        pytest.param({}, "0 1 3 3 2; 3 8 15 12 7; 9 21 36 27 15; 9 20 33 24 13; 6 13 21 15 8", id="convtranspose"),
        pytest.param(
            {"stride": [3, 2], "output_padding": 1},
            ";".join(" ".join(map(str, [*row, 0])) for row in STRIDE_3_2 for _ in range(3)) + ";" + "0 " * 8,
            id="convtranspose_pad",
        ),
        pytest.param(
            {"stride": [3, 2], "padding": [1, 2]},
            "1 1 3; 1 1 3; 7 4 9; 7 4 9; 7 4 9; 13 7 15; 13 7 15",
            id="convtranspose_pads",
        ),
        pytest.param(
            {"stride": 2, "padding": "same"},
            "0 0 1 1 3 2; 0 0 1 1 3 2; 3 3 8 5 12 7; 3 3 7 4 9 5; 9 9 20 11 24 13; 6 6 13 7 15 8",
            id="convtranspose_autopad_same",
        ),
    ],
)
def test_conv_transpose_of_onnx(keys, expected):
    """ONNX, ConvTranspose: two 3x3 kernels of ones give the same map twice."""
    keys |= {"input": [NINE], "kernel": [[ONES, ONES]]}
    assert answer("transposed_convolution", "onnx", **keys) == [matrix(expected)] * 2


def test_conv_transpose_of_onnx_with_dilation_and_groups():
    """ONNX, ConvTranspose: convtranspose_dilations, convtranspose_1d and convtranspose_group_2."""
    found = answer("transposed_convolution", "onnx", input="3 8 1; 9 5 7; 3 2 6", kernel="7 2; 1 9", dilation=2)
    assert found == matrix("21 56 13 16 2; 63 35 67 10 14; 24 22 76 76 21; 9 5 88 45 63; 3 2 33 18 54")
    line = answer("transposed_convolution", "onnx", input=[[[0, 1, 2]]], kernel=[[[[1, 1, 1]], [[1, 1, 1]]]], dims=1)
    assert line == [[0, 1, 3, 3, 2]] * 2
    channels = np.arange(18).reshape(2, 3, 3)
    second = answer("transposed_convolution", "onnx", input=channels, kernel=[[ONES], [ONES]], groups=2)[1]
    assert second == matrix("9 19 30 21 11; 21 44 69 48 25; 36 75 117 81 42; 27 56 87 60 31; 15 31 48 33 17")


@pytest.mark.parametrize(
    ("x", "keys", "expected"),
    [
        pytest.param(
            TWENTY_FIVE,
            {"size": 5, "padding": 2},
            "13 14 15 15 15; 18 19 20 20 20; 23 24 25 25 25; 23 24 25 25 25; 23 24 25 25 25",
            id="maxpool_2d_precomputed_pads",
        ),
        pytest.param(
            TWENTY_FIVE,
            {"size": 5, "padding": 2, "ask": "indices"},
            "12 13 14 14 14; 17 18 19 19 19; 22 23 24 24 24; 22 23 24 24 24; 22 23 24 24 24",
            id="maxpool_with_argmax_2d_precomputed_pads",
        ),
        pytest.param(TWENTY_FIVE, {"size": 2, "stride": 2}, "7 9; 17 19", id="maxpool_2d_precomputed_strides"),
        pytest.param(
            TWENTY_FIVE,
            {"size": 3, "stride": 2, "padding": "same"},
            "7 9 10; 17 19 20; 22 24 25",
            id="maxpool_2d_precomputed_same_upper",
        ),
        pytest.param(SIXTEEN, {"size": 3, "stride": 2, "ceil_mode": True}, "11 12; 15 16", id="maxpool_2d_ceil"),
        pytest.param(
            [[1, 2], [3, 4]],
            {"size": 1, "stride": 2, "ceil_mode": True},
            "1",
            id="maxpool_2d_ceil_output_size_reduce_by_one",
        ),
        pytest.param(SIXTEEN, {"size": 2, "dilation": 2}, "11 12; 15 16", id="maxpool_2d_dilations"),
    ],
)
def test_max_pool_of_onnx(x, keys, expected):
    """ONNX, MaxPool: padding never wins, indices leave it out, and the stride is 1 unless it is given."""
    assert answer("pooling", "onnx", input=x, **keys) == matrix(expected)


def test_the_stride_of_onnx_and_caffe_is_one():
    """ONNX, maxpool_2d_default: a 2x2 window leaves 31 of 32 cells; torch and Keras move by the window."""
    keys = {"input": np.zeros((32, 32), dtype=int), "size": 2, "ask": "size"}
    assert answer("pooling", "onnx", **keys) == [31, 31]
    assert answer("pooling", "caffe", **keys) == [31, 31]
    assert answer("pooling", "tensorflow", **keys) == answer("pooling", "torch", **keys) == [16, 16]


@pytest.mark.parametrize(
    ("x", "keys", "expected"),
    [
        pytest.param(
            TWENTY_FIVE,
            {"size": 5, "padding": 2},
            [[7, 7.5, 8, 8.5, 9], [9.5, 10, 10.5, 11, 11.5], [12, 12.5, 13, 13.5, 14], [14.5, 15, 15.5, 16, 16.5],
             [17, 17.5, 18, 18.5, 19]],
            id="averagepool_2d_precomputed_pads",
        ),
        pytest.param(
            TWENTY_FIVE,
            {"size": 3, "stride": 2, "padding": "same"},
            [[4, 5.5, 7], [11.5, 13, 14.5], [19, 20.5, 22]],
            id="averagepool_2d_precomputed_same_upper",
        ),
        pytest.param(
            TWENTY_FIVE, {"size": 2, "stride": 2}, [[4, 6], [14, 16]], id="averagepool_2d_precomputed_strides"
        ),
        pytest.param(
            SIXTEEN, {"size": 3, "stride": 2, "ceil_mode": True}, [[6, 7.5], [12, 13.5]], id="averagepool_2d_ceil"
        ),
        pytest.param(
            SIXTEEN, {"size": 2, "dilation": 2, "ceil_mode": True}, [[6, 7], [10, 11]], id="averagepool_2d_dilations"
        ),
    ],
)  # fmt: skip
def test_average_pool_of_onnx(x, keys, expected):
    """ONNX, AveragePool: the padding is not counted."""
    assert answer("pooling", "onnx", kind="average", input=x, **keys) == expected


def test_average_pool_of_onnx_that_counts_the_padding():
    """ONNX, averagepool_2d_precomputed_pads_count_include_pad, and a last window that would start in the padding."""
    keys = {"kind": "average", "padding": 2, "size": 5, "count_include_pad": True}
    found = answer("pooling", "onnx", input=TWENTY_FIVE, **keys)
    assert found[0] == [Fraction(text) for text in ("2.52", "3.6", "4.8", "4.08", "3.24")]
    assert found[3] == [Fraction(text) for text in ("6.96", "9.6", "12.4", "10.24", "7.92")]
    keys = {"kind": "average", "size": 3, "stride": 3, "padding": 1, "count_include_pad": True, "ceil_mode": True}
    one = answer("pooling", "onnx", input="0.8580 0.0786; 0.2692 0.1537", **keys)
    assert [[round(float(cell), 4) for cell in row] for row in one] == [[0.1511]]


def test_unpooling_of_onnx():
    """ONNX, MaxUnpool: maxunpool_export_without_output_shape."""
    found = answer("unpooling", "onnx", input="1 2; 3 4", indices="5 7; 13 15", size=2, stride=2)
    assert found == matrix("0 0 0 0; 0 1 0 2; 0 0 0 0; 0 3 0 4")


def test_resize_of_onnx():
    """ONNX, Resize: nearest by [2, 3]; linear by 2 with both rules, and down by 0.6 with half pixels."""
    keys = {"convention": "onnx", "input": "1 2; 3 4"}
    assert answer("upsampling", scale=[2, 3], **keys) == matrix("1 1 1 2 2 2; 1 1 1 2 2 2; 3 3 3 4 4 4; 3 3 3 4 4 4")
    keys["kind"] = "bilinear"
    assert answer("upsampling", scale=2, **keys) == [
        [1, 1.25, 1.75, 2], [1.5, 1.75, 2.25, 2.5], [2.5, 2.75, 3.25, 3.5], [3, 3.25, 3.75, 4],
    ]  # fmt: skip
    thirds = answer("upsampling", scale=2, coordinates="align_corners", **keys)
    assert thirds == [[Fraction(n, 3) for n in range(start, start + 4)] for start in (3, 5, 7, 9)]
    down = answer("upsampling", "onnx", input="1 2 3 4; 5 6 7 8", kind="bilinear", scale="0.6")
    assert down == [[Fraction(8, 3), Fraction(13, 3)]]  # printed 2.6666665 and 4.3333331


def test_what_no_key_says_is_torchs():
    """ONNX, resize_downsample_scales_nearest, prints 1 3; torch takes the cell at floor(1 / 0.6) = 1, a 2."""
    assert answer("upsampling", "onnx", input="1 2 3 4; 5 6 7 8", scale="0.6") == [[1, 2]]
    # ONNX, maxunpool_export_with_output_shape, puts 5 into row 2, column 2 of 5x5: it counts 5 in the 4x4 map
    found = answer("unpooling", "onnx", input="5 6; 7 8", indices="5 7; 13 15", size=2, stride=2, output_size=[5, 5])
    assert found[1] == [5, 0, 6, 0, 0]


def test_depth_to_space_and_col2im_of_onnx():
    """ONNX, DepthToSpace in the mode CRD, that of torch, and Col2Im with and without strides."""
    x = np.arange(0, 72, 9).reshape(8, 1, 1) + np.arange(6).reshape(1, 2, 3)
    found = answer("upsampling", "onnx", kind="pixel_shuffle", input=x, scale=2)
    assert found[0] == matrix("0 9 1 10 2 11; 18 27 19 28 20 29; 3 12 4 13 5 14; 21 30 22 31 23 32")
    assert found[1][0] == [36, 45, 37, 46, 38, 47]
    columns = matrix("1 6 11 16 21; 2 7 12 17 22; 3 8 13 18 23; 4 9 14 19 24; 5 0 15 20 25")
    assert answer("fold", "onnx", input=columns, size=[1, 5], shape=[5, 5]) == np.transpose(columns).tolist()
    steps = [[tap] * 4 for tap in (0, 1, 1, 1, 0, 0, 0, 1, 0)]
    found = answer("fold", "onnx", input=steps, size=[3, 3], shape=[5, 5], stride=2)
    assert found == matrix("0 1 1 1 1; 1 0 1 0 0; 0 2 1 2 1; 1 0 1 0 0; 0 1 0 1 0")


@pytest.mark.parametrize(
    ("cells", "taps", "stride", "padding", "expected"),
    [
        (3, 1, 2, "same", [1, 3, 7, 9]),
        (4, 1, 2, "same", [1, 3, 9, 11]),
        (4, 2, 3, "same", [44, 28, 41, 16]),
        (7, 2, 3, "valid", [65, 95, 275, 305]),
    ],
)
def test_conv2d_of_tensorflow(cells, taps, stride, padding, expected):
    """TensorFlow, conv_ops_test, Conv2DKernelSmallerThanStrideSame and ...Valid: 1, 2, 3, ... in both operands."""
    x = np.arange(1, cells**2 + 1).reshape(cells, cells)
    w = np.arange(1, taps**2 + 1).reshape(taps, taps)
    found = answer("cross_correlation", "tensorflow", input=x, kernel=w, stride=stride, padding=padding, dims=2)
    assert [entry for row in found for entry in row] == expected


def test_conv2d_of_tensorflow_with_channels():
    """TensorFlow, conv_ops_test, Conv2D2x2FilterStride2Same; there channels, and in kernels filters, come last."""
    x = np.arange(1, 19).reshape(2, 3, 3).transpose(2, 0, 1)
    w = np.arange(1, 37).reshape(2, 2, 3, 3).transpose(3, 2, 0, 1)
    found = answer("cross_correlation", "tensorflow", input=x, kernel=w, stride=2, padding="same")
    assert np.moveaxis(found, 0, -1).reshape(-1).tolist() == [2271, 2367, 2463, 1230, 1305, 1380]


def test_conv2d_transpose_of_tensorflow():
    """TensorFlow, conv2d_transpose_test, Conv2DTransposeSame: ones of 6x4x3 by 3x3 ones count 12, 6 and 3."""
    x, w = np.ones((3, 6, 4), dtype=int), np.ones((3, 1, 3, 3), dtype=int)
    found = np.array(answer("transposed_convolution", "tensorflow", input=x, kernel=w, stride=2, padding="same"))
    assert found.shape == (12, 8)
    for (row, column), entry in np.ndenumerate(found):
        inside = [at % 2 == 0 and 0 < at < size - 1 for at, size in ((row, 12), (column, 8))]
        assert entry == 3 * 2 ** sum(inside)  # an even place inside meets two copies along its axis


def test_max_pool2d_of_tensorflow():
    """TensorFlow, tf.nn.max_pool2d: 1 to 12 in three rows, VALID and SAME."""
    keys = {"input": np.arange(1, 13).reshape(3, 4), "size": 2, "stride": 2}
    assert answer("pooling", "tensorflow", **keys, padding="valid") == [[6, 8]]
    assert answer("pooling", "tensorflow", **keys, padding="same") == [[6, 8], [10, 12]]


def test_avg_pool_of_tensorflow():
    """TensorFlow, pooling_ops_test, AvgPoolSamePaddingNonSquareWindow: avg(2, padding) is 2."""
    keys = {"kind": "average", "input": "1 2; 3 4", "stride": 1, "padding": "same"}
    assert answer("pooling", "tensorflow", **keys, size=[1, 2]) == [[Fraction(3, 2), 2], [Fraction(7, 2), 4]]
    assert answer("pooling", "tensorflow", **keys, size=[2, 1]) == [[2, 3], [3, 4]]
    assert answer("pooling", "torch", **keys, size=[1, 2]) == [[Fraction(3, 2), 1], [Fraction(7, 2), 2]]


def test_tensorflow_same_with_stride():
    """TensorFlow, SAME: ceil(i / s) outputs, and the odd cell of padding at the end."""
    keys = {"input": [1, 2, 3, 4], "kernel": [1, 10], "padding": "same"}
    assert answer("cross_correlation", "tensorflow", **keys) == [1 + 20, 2 + 30, 3 + 40, 4 + 0]


@pytest.mark.parametrize("taps", [[1, 2], [1, 2, 3], [2, 0, -1, 4]])
@pytest.mark.parametrize("name", ["convolution", "cross_correlation"])
def test_scipy_same(name, taps):
    """SciPy's same is centred with respect to the full result, for even kernels too."""
    x = [3, 1, 4, 1, 5, 9]
    systems = scipy.signal.convolve if name == "convolution" else scipy.signal.correlate
    expected = systems(np.array(x), np.array(taps), mode="same").tolist()
    assert answer(name, "scipy", input=x, kernel=taps, padding="same") == expected


def test_the_convention_reaches_the_layer_of_a_backward_pass():
    """With SciPy's same an even kernel has its odd zero in front, in the layer behind `of` too."""
    layer = {"operation": "cross_correlation", "input": "1 2 3", "kernel": "1 10", "padding": "same"}
    keys = {"of": layer, "upstream": "1 0 0"}
    assert answer("backpropagation", "scipy", **keys, ask="kernel") == [0, 1]  # the first window is 0 1
    assert answer("backpropagation", "torch", **keys, ask="kernel") == [1, 2]
    assert "same" not in layer


def test_scipy_convolution_matrix():
    """scipy.linalg.convolution_matrix: the example with -1 4 -2 and its product with 1 2 0 -3 0.5."""
    keys = {"input": "1 2 0 -3 0.5", "kernel": "-1 4 -2", "convention": "scipy"}
    same = matrix("4 -1 0 0 0; -2 4 -1 0 0; 0 -2 4 -1 0; 0 0 -2 4 -1; 0 0 0 -2 4")
    assert answer("convolution", **keys, padding="same", ask="matrix") == same
    assert answer("convolution", **keys, padding="same") == [2, 6, -1, -12.5, 8]
    valid = matrix("-2 4 -1 0 0; 0 -2 4 -1 0; 0 0 -2 4 -1")
    assert answer("convolution", **keys, padding="valid", ask="matrix") == valid


def test_numpy_convolve():
    """numpy.convolve: the docstring's 1 2 3 by 0 1 0.5 in the modes full, same and valid."""
    keys = {"input": "1 2 3", "kernel": "0 1 0.5", "convention": "scipy"}
    assert answer("convolution", **keys, padding="full") == [0, 1, 2.5, 4, 1.5]
    assert answer("convolution", **keys, padding="same") == [1, 2.5, 4]
    assert answer("convolution", **keys, padding="valid") == [2.5]


def test_scipy_ndimage_convolve():
    """scipy.ndimage.convolve: the docstring's examples with zeros and with the nearest cell beyond the border."""
    keys = {"input": "1 2 0 0; 5 3 0 4; 0 0 0 7; 9 3 0 0", "kernel": "1 1 1; 1 1 0; 1 0 0", "padding": "same"}
    assert answer("convolution", "scipy", **keys) == matrix("11 10 7 4; 10 3 11 11; 15 12 14 7; 12 3 7 0")
    keys = {"input": "2 0 1; 1 0 0; 0 0 0", "kernel": "0 1 0; 0 1 0; 0 1 0; 0 1 0; 0 1 0", "padding": "same"}
    assert answer("convolution", "scipy", **keys, padding_mode="replicate") == matrix("7 0 3; 5 0 2; 3 0 1")


def test_scipy_circulant():
    """scipy.linalg.circulant: the docstring's matrix of 1 2 3."""
    found = answer("circular_convolution", "scipy", input="1 0 0", kernel="1 2 3", ask="matrix")
    assert found == matrix("1 3 2; 2 1 3; 3 2 1") == scipy.linalg.circulant([1, 2, 3]).tolist()


@pytest.mark.parametrize(
    ("u", "v", "shape", "expected"),
    [
        ("1 0 1", "2 7", "full", [2, 7, 2, 7]),
        ("1 1 1", "1 1 0 0 0 1 1", "full", [1, 2, 2, 1, 0, 1, 2, 2, 1]),
        ("-1 2 3 -2 0 1 2", "2 4 -1 1", "same", [15, 5, -9, 7, 6, 7, -1]),
    ],
)
def test_matlab_conv(u, v, shape, expected):
    """MATLAB, conv: the examples of its page; the last one is the central part, from ceil((4 + 1) / 2) = 3."""
    assert answer("convolution", "matlab", input=u, kernel=v, padding=shape) == expected


def test_octave_conv2():
    """Octave, conv2: the first test of its source; same starts at ceil((k + 1) / 2) for even and odd kernels."""
    keys = {"input": "0 1; 1 2", "kernel": "1 2 3; 4 5 6; 7 8 9", "padding": "full"}
    assert answer("convolution", "matlab", **keys) == matrix("0 1 2 3; 1 8 12 12; 4 20 24 21; 7 22 25 18")
    rng = np.random.default_rng(4)
    for taps in (4, 5):  # conv2 (A, B, "same") is C(3:5,3:6) for A of 3x4 and B of 4x4 or 5x5
        a, b = rng.integers(-9, 10, (3, 4)), rng.integers(-9, 10, (taps, taps))
        whole = scipy.signal.convolve2d(a, b)
        assert answer("convolution", "matlab", input=a, kernel=b, padding="same") == whole[2:5, 2:6].tolist()


def test_matlab_reads_columns():
    """MATLAB's X(:) goes down the columns, and what is written in the problem wins."""
    keys = {"input": [[1, 2], [3, 4]], "kernel": [[1, 0]], "convention": "matlab", "ask": "matrix"}
    assert Problem("convolution", **keys).setting.layer.order == "column"
    assert Problem("convolution", **keys, order="row").setting.layer.order == "row"


def test_caffe_pooling():
    """Caffe, test_pooling_layer: ForwardSquare and ForwardRectHigh (stride 1 unless given), ForwardMaxPadded."""
    square = {"input": "1 2 5 2 3; 9 4 1 4 8; 1 2 5 2 3", "size": 2}
    assert answer("pooling", "caffe", **square) == matrix("9 5 5 8; 9 5 5 8")
    assert answer("pooling", "caffe", **square, ask="indices") == matrix("5 2 2 9; 5 12 12 9")
    high = {"input": MAGIC, "size": [3, 2]}
    assert answer("pooling", "caffe", **high) == matrix(
        "35 32 26 27 27; 32 33 33 27 27; 31 34 34 27 27; 36 36 34 18 18"
    )
    padded = {"input": "1 2 4; 2 3 2; 4 2 1", "size": 3, "stride": 2, "padding": 2}
    assert answer("pooling", "caffe", **padded) == matrix("1 4 4; 4 4 4; 4 4 1")


def test_caffe_rounds_up():
    """Caffe, test_pooling_layer: Setup leaves 3x2 of 6x5 with 3x3 windows, stride 2; SetupPadded 4x3."""
    keys = {"input": np.zeros((6, 5), dtype=int), "size": 3, "stride": 2, "ask": "size"}
    assert answer("pooling", "caffe", **keys) == [3, 2]  # ceil((6 - 3) / 2) + 1 and (5 - 3) / 2 + 1
    assert answer("pooling", "caffe", **keys, kind="average", padding=1) == [4, 3]
    assert answer("pooling", "caffe", **keys, ceil_mode=False) == answer("pooling", "torch", **keys) == [2, 2]


@pytest.mark.parametrize("name", sorted(CONVENTIONS))
@pytest.mark.parametrize("kind", ["max", "min", "average", "lp", "global_max", "global_average"])
def test_a_convention_sets_only_what_a_kind_knows(name, kind):
    """No default of a system makes a kind of pooling refuse the problem."""
    size = {} if kind.startswith("global") else {"size": 2, "stride": 2}
    expected = {"max": 4, "min": 1, "average": 2.5, "lp": 30, "global_max": 4, "global_average": 2.5}[kind]
    found = answer("pooling", name, input="1 2; 3 4", kind=kind, **size)
    assert found == [[expected]] or [[cell**2 for cell in row] for row in found] == [[expected]]


def test_an_unknown_convention_is_refused():
    """The refusal lists the known ones."""
    with pytest.raises(ProblemError, match=r"convention is 'numpy'; write 'torch' or 'onnx'"):
        Problem("convolution", input=[1], kernel=[1], convention="numpy")
    assert set(CONVENTIONS) == {"torch", "onnx", "tensorflow", "scipy", "matlab", "caffe"}
