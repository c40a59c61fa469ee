"""Two layers as one: numbers by hand, plain loops, SciPy, the size, misconceptions, bad input."""

from itertools import product

import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from symconv import Problem, ProblemError, solve
from symconv.checking.predict import answers
from symconv.cli import main

FEW = settings(max_examples=40, deadline=None, derandomize=True)
STEPS = st.lists(st.lists(st.integers(1, 3), min_size=2, max_size=2), min_size=2, max_size=2)


def layer(x, kernel, stride, dilation):
    """One cross-correlation without padding, by plain loops over two axes."""
    sizes = [
        len(range(0, n - d * (k - 1), s)) for n, k, s, d in zip(x.shape, kernel.shape, stride, dilation, strict=True)
    ]
    out = np.zeros(sizes, dtype=int)
    for i, j, m, n in product(*map(range, (*sizes, *kernel.shape))):
        out[i, j] += x[i * stride[0] + m * dilation[0], j * stride[1] + n * dilation[1]] * kernel[m, n]
    return out


def test_a_strided_layer_stretches_the_kernel_behind_it():
    """1 2 1 with stride 2, then 1 -1: the kernel 1 2 1 0 0 minus 0 0 1 2 1, with stride 2."""
    q = solve(Problem("composition", kernels=["1 2 1", "1 -1"], strides=[2, 1])).quantities
    assert q["kernel"] == [1, 2, 1 - 1, -2, -1]
    assert q["size"] == [2 * 1 + 1 * 2 + 1]
    assert q["stride"] == [2]
    assert q["dilated_second"] == [1, 0, -1]
    assert (q["k[1]"], q["k[5]"]) == (1, -1)


def test_two_small_boxes_make_a_larger_kernel():
    """Two 3x3 layers without stride reach 5x5, as in networks that stack small kernels."""
    ones = "1 1 1; 1 1 1; 1 1 1"
    q = solve(Problem("composition", kernels=[ones, ones])).quantities
    assert q["size"] == [5, 5]
    assert q["kernel"][2] == [3, 6, 9, 6, 3]


@FEW
@given(strides=STEPS, dilations=STEPS, seed=st.integers(0, 999))
def test_the_single_kernel_does_what_both_layers_do(strides, dilations, seed):
    """Any kernels, strides and dilations: loops of both layers, loops of the single one, and SciPy's convolution."""
    random = np.random.default_rng(seed)
    first, second = (random.integers(-9, 10, random.integers(1, 4, 2)) for _ in range(2))
    keys = {"kernels": [first, second], "strides": strides, "dilations": dilations, "dims": 2}
    size = solve(Problem("composition", ask="size", **keys)).answer
    x = random.integers(-9, 10, [n + m for n, m in zip(size, random.integers(0, 4, 2), strict=True)])
    q = solve(Problem("composition", input=x, **keys)).quantities
    middle = layer(x, first, strides[0], dilations[0])
    assert q["middle"] == middle.tolist()
    assert q["output"] == layer(middle, second, strides[1], dilations[1]).tolist()
    kernel = np.array(q["kernel"])
    assert q["output"] == layer(x, kernel, q["stride"], (1, 1)).tolist()
    wide = []
    for part, apart in (
        (first, dilations[0]),
        (second, [a * b for a, b in zip(dilations[1], strides[0], strict=True)]),
    ):
        wide.append(np.zeros([(n - 1) * a + 1 for n, a in zip(part.shape, apart, strict=True)], dtype=int))
        wide[-1][:: apart[0], :: apart[1]] = part
    assert q["kernel"] == scipy.signal.convolve2d(*wide).tolist()


def test_letters():
    """With letters the products keep the entries of both kernels apart."""
    solution = solve(Problem("composition", kernels=["a b", "c d"]))
    assert [str(cell) for cell in solution.answer] == ["a*c", "a*d + b*c", "b*d"]


def test_the_command_of_the_list_works(capsysbinary):
    """Two kernels can be given on the command line as a list."""
    command = [
        "solve",
        "composition",
        "--kernels",
        '["1 2 1", "1 -1"]',
        "--strides",
        "[2,1]",
        "--to",
        "json",
        "-o",
        "-",
    ]
    assert main(command) == 0
    assert b'"answer": [1, 2, 0, -2, -1]' in capsysbinary.readouterr().out


def test_named_mistakes_have_their_numbers():
    """For 1 2 1 with stride 2, then 1 -1 with stride 1."""
    problem = Problem("composition", kernels=["1 2 1", "1 -1"], strides=[2, 1])
    predicted = answers(problem)
    assert predicted["stride_not_passed_on"].tolist() == np.convolve([1, 2, 1], [1, -1]).tolist()
    assert predicted["stretched_by_its_own_stride"].tolist() == np.convolve([1, 2, 1], [1, -1]).tolist()
    assert predicted["second_kernel_flipped"].tolist() == np.convolve([1, 2, 1], [-1, 0, 1]).tolist()
    assert "kernels_multiplied" not in predicted


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"kernels": None}, "kernels is None; write two kernels"),
        ({"kernels": ["1 2"]}, "write two kernels"),
        ({"kernels": ["1 2", "x 1/0"]}, "kernel 2"),
        ({"kernels": [["1 2; 3 4", "1 2; 3 4"], "1 2"]}, "kernel 1"),
        ({"strides": 2}, "strides is 2; write one for each layer"),
        ({"strides": [0, 1]}, "strides is 0; it must be at least 1"),
        ({"dilations": [1, 2, 3]}, "dilations is [1, 2, 3]"),
        ({"dilations": [1, [1, 2]]}, "the problem has 1 axis"),
        ({"input": "1 2 3"}, "the input has the size 3, but both layers reach 4"),
        ({"kernel": "1 2"}, "the key kernel is unknown"),
        ({"strides": [100000, 1]}, "beyond the limit"),
    ],
)
def test_bad_input_is_named(keys, said):
    """Each wrong key is named in one line."""
    with pytest.raises(ProblemError) as error:
        Problem("composition", **{"kernels": ["1 2 1", "1 -1"], **keys})
    assert said in str(error.value)
    assert "\n" not in str(error.value)
