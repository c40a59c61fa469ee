"""Unfold and fold: numbers by hand, plain loops, that one is the transpose of the other, misconceptions, bad input."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symconv import Problem, ProblemError, solve
from symconv.checking.predict import answers

FEW = settings(max_examples=40, deadline=None, derandomize=True)
WHOLE = st.integers(-9, 9)


def windows(sizes, kernel, stride, pads, dilation):
    """For every window the cells under its taps, row by row; None where a tap lies in the padding."""
    counts = [
        len(range(0, n + sum(p) - d * (k - 1), s))
        for n, k, s, p, d in zip(sizes, kernel, stride, pads, dilation, strict=True)
    ]
    made = []
    for out in product(*map(range, counts)):
        made.append([])
        for tap in product(*map(range, kernel)):
            cell = tuple(o * s + t * d - p[0] for o, s, t, d, p in zip(out, stride, tap, dilation, pads, strict=True))
            made[-1].append(cell if all(0 <= c < n for c, n in zip(cell, sizes, strict=True)) else None)
    return made


@st.composite
def layers(draw):
    """Sizes and steps of two axes on which at least one window fits."""
    axes = []
    for _ in range(2):
        cells, stride, dilation = draw(st.integers(1, 5)), draw(st.integers(1, 3)), draw(st.integers(1, 2))
        pads = [draw(st.integers(0, 2)), draw(st.integers(0, 2))]
        taps = draw(st.integers(1, min(3, (cells + sum(pads) - 1) // dilation + 1)))
        axes.append((cells, taps, stride, pads, dilation))
    return [list(part) for part in zip(*axes, strict=True)]


def test_the_windows_of_a_small_image():
    """The 2x2 windows of 1..9, read row by row, are the columns; the kernel row times them is the layer."""
    keys = {"input": "1 2 3; 4 5 6; 7 8 9", "kernel": "1 0; 2 -1"}
    assert solve(Problem("unfold", **keys)).answer == [[1, 2, 4, 5], [2, 3, 5, 6], [4, 5, 7, 8], [5, 6, 8, 9]]
    solution = solve(Problem("unfold", ask="output", **keys))
    assert solution.answer == [[1 + 2 * 4 - 5, 2 + 2 * 5 - 6], [4 + 2 * 7 - 8, 5 + 2 * 8 - 9]]
    assert solution.quantities["kernel_rows"] == [[1, 0, 2, -1]]
    assert solution.quantities["product"] == [[4, 6, 10, 12]]


@FEW
@given(layer=layers(), channels=st.integers(1, 2), filters=st.integers(1, 2), data=st.data())
def test_unfold_equals_plain_loops(layer, channels, filters, data):
    """Channels, padding, stride and dilation: the patch matrix by loops, and the layer by its matrix product."""
    sizes, kernel, stride, pads, dilation = layer
    x = np.array(data.draw(st.lists(WHOLE, min_size=channels * 25, max_size=channels * 25))).reshape(channels, 5, 5)
    x = x[:, : sizes[0], : sizes[1]]
    w = np.arange(filters * channels * kernel[0] * kernel[1]).reshape(filters, channels, *kernel) - 3
    keys = {"input": x, "kernel": w, "stride": stride, "padding": pads, "dilation": dilation, "dims": 2}
    columns = windows(sizes, kernel, stride, pads, dilation)
    expected = [
        [0 if column[t] is None else int(x[(c, *column[t])]) for column in columns]
        for c in range(channels)
        for t in range(kernel[0] * kernel[1])
    ]
    solution = solve(Problem("unfold", ask="output", **keys))
    assert solution.quantities["patches"] == expected
    assert solution.quantities["product"] == (w.reshape(filters, -1) @ np.array(expected)).tolist()
    assert solution.answer == solve(Problem("cross_correlation", **keys)).answer


def test_folding_the_windows_of_an_image():
    """Cells under several windows are added; divided by their number they are the image again."""
    keys = {"input": "1 2 4 5; 2 3 5 6; 4 5 7 8; 5 6 8 9", "size": [2, 2], "shape": [3, 3]}
    solution = solve(Problem("fold", **keys))
    assert solution.answer == [[1, 2 * 2, 3], [2 * 4, 4 * 5, 2 * 6], [7, 2 * 8, 9]]
    assert solution.quantities["divisor"] == [[1, 2, 1], [2, 4, 2], [1, 2, 1]]
    assert solution.quantities["restored"] == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    assert solution.quantities["A_1"] == [[1, 2, 0], [4, 5, 0], [0, 0, 0]]


@FEW
@given(layer=layers(), channels=st.integers(1, 2), data=st.data())
def test_fold_equals_plain_loops(layer, channels, data):
    """Every entry is added to the cell it was cut from; the divisor counts them; the quotient is exact."""
    sizes, kernel, stride, pads, dilation = layer
    columns = windows(sizes, kernel, stride, pads, dilation)
    taps = kernel[0] * kernel[1]
    seed = data.draw(st.integers(0, 99))
    patches = np.random.default_rng(seed).integers(-9, 10, (channels * taps, len(columns)))
    out = np.zeros((channels, *sizes), dtype=int)
    count = np.zeros(sizes, dtype=int)
    for number, column in enumerate(columns):
        for t, cell in enumerate(column):
            if cell is not None:
                out[(slice(None), *cell)] += patches[t::taps, number]
                count[cell] += 1
    keys = {"size": kernel, "shape": sizes, "stride": stride, "padding": pads, "dilation": dilation}
    q = solve(Problem("fold", input=patches, **keys)).quantities
    assert q["output"] == (out[0] if channels == 1 else out).tolist()
    assert q["divisor"] == count.tolist()
    assert ("restored" in q) == bool(count.all())
    if count.all():
        mean = [
            [[Fraction(int(v), int(n)) for v, n in zip(*row, strict=True)] for row in zip(part, count, strict=True)]
            for part in out
        ]
        assert q["restored"] == (mean[0] if channels == 1 else mean)


@FEW
@given(layer=layers(), seed=st.integers(0, 99))
def test_fold_is_the_transpose_of_unfold(layer, seed):
    """For any input and any patches, <unfold(x), p> = <x, fold(p)>; unfold, fold and divide give the input back."""
    sizes, kernel, stride, pads, dilation = layer
    random = np.random.default_rng(seed)
    x = random.integers(-9, 10, sizes)
    steps = {"stride": stride, "padding": pads, "dilation": dilation}
    cut = solve(Problem("unfold", input=x, kernel=np.ones(kernel, dtype=int), dims=2, **steps)).answer
    p = random.integers(-9, 10, np.shape(cut))
    folded = solve(Problem("fold", input=p, size=kernel, shape=sizes, **steps)).answer
    assert (np.array(cut) * p).sum() == (x * np.array(folded)).sum()
    back = solve(Problem("fold", input=cut, size=kernel, shape=sizes, **steps)).quantities
    assert back.get("restored", x.tolist()) == x.tolist()


def test_one_axis():
    """Windows of three cells of five, and back."""
    cut = solve(Problem("unfold", input="1 2 3 4 5", kernel="1 1 1", stride=2)).answer
    assert cut == [[1, 3], [2, 4], [3, 5]]
    assert solve(Problem("fold", input=cut, size=3, shape=5, stride=2)).answer == [1, 2, 3 + 3, 4, 5]


def test_named_mistakes_have_their_numbers():
    """Overlaps replaced and averaged, and windows read column by column."""
    square = Problem("fold", input="1 2 4 5; 2 3 5 6; 4 5 7 8; 5 6 8 9", size=[2, 2], shape=[3, 3])
    predicted = answers(square)
    assert predicted["overlaps_overwritten"].tolist() == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    assert predicted["fold_inverts_unfold"].tolist() == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    predicted = answers(Problem("unfold", input="1 2 3; 4 5 6; 7 8 9", kernel="1 0; 2 -1"))
    assert predicted["window_read_by_columns"].tolist() == [[1, 2, 4, 5], [4, 5, 7, 8], [2, 3, 5, 6], [5, 6, 8, 9]]
    assert predicted["windows_do_not_overlap"].tolist() == [[1], [2], [4], [5]]
    assert "dilation_ignored" not in predicted


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"input": None}, "input is missing"),
        ({"size": None}, "size is missing"),
        ({"shape": None}, "shape is missing"),
        ({"size": [2, 0]}, "size is 0; it must be at least 1"),
        ({"size": [2, 2, 2]}, "size is [2, 2, 2] with 3 numbers; the problem has 2 axes"),
        ({"shape": [3, 3, 3]}, "shape has 3 numbers"),
        ({"shape": [1, 1]}, "no window fits"),
        ({"shape": [4, 3]}, "has 4 columns, but 6 windows fit"),
        ({"size": [2, 1], "shape": [3, 2], "input": "1 2 3 4; 1 2 3 4; 1 2 3 4"}, "has 3 rows, but a window has 2"),
        ({"stride": 0}, "stride is 0"),
        ({"padding": "same"}, "padding is 'same'"),
        ({"dilation": "x"}, "dilation is 'x'"),
        ({"kernel": "1"}, "the key kernel is unknown"),
        ({"input": ["1 2; 3 4", "1 2; 3 4"]}, "several matrices"),
    ],
)
def test_bad_input_of_fold_is_named(keys, said):
    """Each wrong key is named in one line."""
    square = {"input": "1 2 4 5; 2 3 5 6; 4 5 7 8; 5 6 8 9", "size": [2, 2], "shape": [3, 3]}
    with pytest.raises(ProblemError) as error:
        Problem("fold", **{**square, **keys})
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"kernel": None}, "kernel is missing"),
        ({"stride": 0}, "stride is 0"),
        ({"padding": -1}, "padding is -1"),
        ({"padding_mode": "mirror"}, "padding_mode is 'mirror'"),
        ({"kernel": "1 2 3 4"}, "the kernel reaches 4 cells"),
        ({"bias": 1}, "the key bias is unknown"),
        ({"input": ["1 2; 3 4", "1 2; 3 4"]}, "has 1 channel, but the input has 2 channels"),
    ],
)
def test_bad_input_of_unfold_is_named(keys, said):
    """Each wrong key is named in one line."""
    with pytest.raises(ProblemError) as error:
        Problem("unfold", **{"input": "1 2; 3 4", "kernel": "1 1; 0 1", **keys})
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_cells_without_a_window_cannot_be_restored():
    """A stride beyond the window leaves cells out; asking for the restored input says so."""
    keys = {"input": "1 2; 3 4", "size": 2, "shape": 5, "stride": 3}
    assert "stays 0" in solve(Problem("fold", **keys)).to("md")
    with pytest.raises(ProblemError, match="lies in no window"):
        solve(Problem("fold", ask="restored", **keys))
