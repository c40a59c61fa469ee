"""Worked examples of lecture notes and papers, with the numbers as printed there; misprints are said."""

from fractions import Fraction

import pytest
import sympy

from symconv import Problem, solve

A = [
    [3, 2, 7, 1, 6, 3],
    [4, 1, 1, 0, 9, 8],
    [8, 2, 0, 1, 2, 4],
    [5, 6, 0, 7, 1, 4],
    [0, 5, 4, 9, 6, 0],
    [4, 6, 2, 4, 0, 5],
]
K = [[1, 2, 2], [2, 1, 2], [2, 2, 1]]
ZEROS = {"symbols": "x", "shape": [4, 4]}


def test_stride_3():
    """A 6x6 input, a 3x3 kernel and stride 3 give four windows that do not overlap."""
    solution = solve(Problem("cross_correlation", input=A, kernel=K, stride=3))
    first = (3 * 1 + 2 * 2 + 7 * 2) + (4 * 2 + 1 * 1 + 1 * 2) + (8 * 2 + 2 * 2 + 0 * 1)
    assert first == 52
    assert solution.answer == [[52, 54], [52, 54]]
    assert solution.quantities["h[1,1]"] == first


def test_padding_1_and_dilation_3():
    """With dilation 3 the kernel reaches 7 cells, and the padded 8x8 input holds 2x2 windows."""
    solution = solve(Problem("cross_correlation", input=A, kernel=K, padding=1, dilation=3))
    padded = solution.quantities["padded"]
    picked = [[padded[3 * m][3 * n] for n in range(3)] for m in range(3)]
    assert picked == [[0, 0, 0], [0, 0, 4], [0, 2, 5]]
    assert solution.quantities["h[1,1]"] == 4 * 2 + 2 * 2 + 5 * 1 == 17
    assert solution.answer == [[17, 33], [28, 22]]


def test_halves_on_the_diagonal():
    """A 7x7 input with 0.5 on its diagonal and dilation 3: one window, 0.5 - 1 + 4 * 0.5 - 0 - 0.5 = 1."""
    rows = """
        .5 1 1 1 1 1 1
        1 .5 0 0 0 0 0
        0 0 .5 1 1 1 1
        1 1 1 .5 0 0 0
        0 0 0 0 .5 1 1
        1 1 1 1 1 .5 0
        0 0 0 0 0 0 .5
    """
    half = Fraction(1, 2)
    solution = solve(Problem("cross_correlation", input=rows, kernel="1 0 -1; 0 4 0; -1 0 -1", dilation=3))
    assert solution.answer == [[half * 1 + 1 * -1 + half * 4 + 0 * -1 + half * -1]] == [[1]]


@pytest.mark.parametrize(
    ("stride", "expected"),
    [
        (1, [[0, 1, 3, 2], [3, 13, 17, 10], [6, 26, 29, 15], [21, 17, 11, 6]]),
        (
            2,
            [
                [0, 1, 0, 3, 0, 2],
                [3, 2, 9, 6, 6, 4],
                [0, 2, 0, 5, 0, 6],
                [6, 4, 15, 10, 18, 12],
                [0, 7, 0, 1, 0, 3],
                [21, 14, 3, 2, 9, 6],
            ],
        ),
    ],
)
def test_transposed_convolution(stride, expected):
    """Copies of the kernel overlap at stride 1 and lie side by side at stride 2."""
    keys = {"input": [[1, 3, 2], [2, 5, 6], [7, 1, 3]], "kernel": [[0, 1], [3, 2]]}
    solution = solve(Problem("transposed_convolution", **keys, stride=stride))
    assert solution.answer == expected
    assert sum(map(sum, expected)) == (1 + 3 + 2 + 2 + 5 + 6 + 7 + 1 + 3) * (0 + 1 + 3 + 2)


def test_transposed_convolution_of_2_by_2():
    """The four partial matrices and their sum."""
    solution = solve(Problem("transposed_convolution", input=[[3, 4], [1, 7]], kernel=[[2, 0], [1, -1]]))
    parts = [
        [[6, 0, 0], [3, -3, 0], [0, 0, 0]],
        [[0, 8, 0], [0, 4, -4], [0, 0, 0]],
        [[0, 0, 0], [2, 0, 0], [1, -1, 0]],
        [[0, 0, 0], [0, 14, 0], [0, 7, -7]],
    ]
    assert [solution.quantities[f"A_{n}"] for n in (1, 2, 3, 4)] == parts
    assert solution.answer == [[6, 8, 0], [5, 15, -4], [1, 6, -7]]


@pytest.mark.parametrize(
    ("input_rows", "kernel", "expected"),
    [
        ("4 5 6; 7 8 9", "1; 1; 1", [[4, 5, 6], [11, 13, 15], [11, 13, 15], [7, 8, 9]]),
        (
            "1 2 3; 4 5 6; 7 8 9",
            "1 1; 1 1; 1 1",
            # the notes print 1 for the 11 = 4 + 7 in the fourth row
            [[1, 3, 5, 3], [5, 12, 16, 9], [12, 27, 33, 18], [11, 24, 28, 15], [7, 15, 17, 9]],
        ),
        ("1 2 3; 4 5 6; 7 8 9", "3 4 5", [[3, 10, 22, 22, 15], [12, 31, 58, 49, 30], [21, 52, 94, 76, 45]]),
    ],
)
def test_linear_convolution(input_rows, kernel, expected):
    """The full convolution has r1 + r2 - 1 rows and c1 + c2 - 1 columns."""
    assert solve(Problem("convolution", input=input_rows, kernel=kernel, padding="full")).answer == expected


def test_correlation_by_the_block_toeplitz_method():
    """The rows of the input make the blocks, and the folded kernel the vector."""
    keys = {"input": [[3, 1], [2, 4]], "kernel": [[1, 5], [2, 3]], "padding": "full", "matrix_of": "input"}
    solution = solve(Problem("cross_correlation", **keys))
    assert solution.quantities["H_0"] == [[3, 0], [1, 3], [0, 1]]
    assert solution.quantities["H_1"] == [[2, 0], [4, 2], [0, 4]]
    assert solution.quantities["flipped"] == [[3, 2], [5, 1]]
    assert solution.answer == [[9, 9, 2], [21, 24, 9], [10, 22, 4]]
    # block rows H_0 0, H_1 H_0, 0 H_1
    assert solve(Problem("cross_correlation", **keys, ask="matrix")).answer == [
        [3, 0, 0, 0],
        [1, 3, 0, 0],
        [0, 1, 0, 0],
        [2, 0, 3, 0],
        [4, 2, 1, 3],
        [0, 4, 0, 1],
        [0, 0, 2, 0],
        [0, 0, 4, 2],
        [0, 0, 0, 4],
    ]


PRINTED_C = """
    w00 w01 w02 0   w10 w11 w12 0   w20 w21 w22 0   0   0   0   0
    0   w00 w01 w02 0   w10 w11 w12 0   w20 w21 w22 0   0   0   0
    0   0   0   0   w00 w01 w02 0   w10 w11 w12 0   w20 w21 w22 0
    0   0   0   0   0   w00 w01 w02 0   w10 w11 w12 0   w20 w21 w22
"""


def printed_matrix():
    """C as printed, with w00 for w_{0,0}."""
    return [
        [0 if cell == "0" else sympy.Symbol(f"w_{{{cell[1]},{cell[2]}}}") for cell in line.split()]
        for line in PRINTED_C.strip().splitlines()
    ]


def test_the_unrolled_matrix_of_letters():
    """C for a 4x4 input and a 3x3 kernel is 4x16 (Dumoulin & Visin, section 4.1)."""
    keys = {"input": ZEROS, "kernel": {"symbols": "w", "shape": [3, 3]}, "notation": {"index_base": 0}}
    solution = solve(Problem("cross_correlation", **keys, ask="matrix"))
    assert solution.shape == [4, 16]
    assert solution.answer == printed_matrix()


def test_the_transposed_matrix_of_letters():
    """C^T is 16x4, its row 4 is 0 w02 0 0 (notes print w00 w02 0 0)."""
    keys = {"input": ZEROS, "kernel": {"symbols": "w", "shape": [3, 3]}, "notation": {"index_base": 0}}
    solution = solve(Problem("cross_correlation", **keys, ask="transposed_matrix"))
    assert solution.shape == [16, 4]
    assert solution.answer == [list(column) for column in zip(*printed_matrix(), strict=True)]
    assert solution.answer[3] == [0, sympy.Symbol("w_{0,2}"), 0, 0]


@pytest.mark.parametrize(("stride", "size"), [(1, (7 - 3) // 1 + 1), (2, (7 - 3) // 2 + 1), (3, (7 - 3) // 3 + 1)])
def test_sizes_of_7_by_7(stride, size):
    """A 3x3 kernel on 7x7: 5 at stride 1, 3 at stride 2, 2 at stride 3 (2.33 before the floor)."""
    assert size == {1: 5, 2: 3, 3: 2}[stride]
    keys = {"input": {"symbols": "x", "shape": [7, 7]}, "kernel": {"symbols": "w", "shape": [3, 3]}, "ask": "size"}
    assert solve(Problem("cross_correlation", **keys, stride=stride)).answer == [size, size]


def test_ten_filters_on_a_colour_image():
    """A 32x32x3 image, ten 5x5 filters and padding 2 keep 32x32: (32 + 2 * 2 - 5) / 1 + 1."""
    keys = {"input": {"symbols": "x", "shape": [3, 32, 32]}, "kernel": {"symbols": "w", "shape": [10, 3, 5, 5]}}
    products = 10 * 3 * 32 * 32 * 5 * 5
    solution = solve(Problem("cross_correlation", **keys, padding=2, ask="size", limit=products))
    assert solution.answer == [32 + 2 * 2 - 5 + 1] * 2 == [32, 32]


@pytest.mark.parametrize(
    ("keys", "size"),
    [
        ({"input": 4, "kernel": 3}, 2),  # Dumoulin & Visin, figure 2.1: no padding, unit strides
        ({"input": 5, "kernel": 4, "padding": 2}, 6),  # figure 2.2: arbitrary padding
        ({"input": 5, "kernel": 3, "padding": 1}, 5),  # figure 2.3: half padding
        ({"input": 5, "kernel": 3, "padding": 2}, 7),  # figure 2.4: full padding
        ({"input": 5, "kernel": 3, "stride": 2}, 2),  # figure 2.5
        ({"input": 5, "kernel": 3, "stride": 2, "padding": 1}, 3),  # figure 2.6
        ({"input": 6, "kernel": 3, "stride": 2, "padding": 1}, 3),  # figure 2.7
        ({"input": 7, "kernel": 3, "dilation": 2}, 3),  # figure 5.1
    ],
)
def test_sizes_of_the_guide_and_back(keys, size):
    """Each figure's size, and the transposed layer with output padding (i + 2p - k̂) mod s that restores the input."""
    cells, taps = keys["input"], keys["kernel"]
    steps = {name: keys[name] for name in ("stride", "padding", "dilation") if name in keys}
    solution = solve(Problem("cross_correlation", input=[[1] * cells] * cells, kernel=[[1] * taps] * taps, **steps))
    assert solution.quantities["size"] == [size, size]
    reach = steps.get("dilation", 1) * (taps - 1) + 1
    extra = (cells + 2 * steps.get("padding", 0) - reach) % steps.get("stride", 1)
    back = {"input": [[1] * size] * size, "kernel": [[1] * taps] * taps, "output_padding": extra, **steps}
    assert solve(Problem("transposed_convolution", **back)).quantities["size"] == [cells, cells]


def test_the_package_example():
    """The full convolution of [1 2; 3 4] with [0 1] moves it by one column."""
    solution = solve(Problem("convolution", input=[[1, 2], [3, 4]], kernel=[[0, 1]], padding="full"))
    assert solution.answer == [[0, 1, 2], [0, 3, 4]]
