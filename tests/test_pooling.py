"""Pooling: textbook numbers, plain loops over random settings, padding, ceil mode, divisors, bad input."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symconv import Problem, ProblemError, numeric, solve

A = "3 2 7 1; 4 1 1 0; 8 2 0 1; 5 6 0 7"
FEW = settings(max_examples=80, deadline=None, derandomize=True)


def pooled(**keys):
    """The answer of a pooling."""
    return solve(Problem("pooling", **keys)).answer


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("max", [[4, 7], [8, 7]]),
        ("min", [[1, 0], [2, 0]]),
        ("average", [[Fraction(3 + 2 + 4 + 1, 4), Fraction(7 + 1 + 1, 4)], [Fraction(21, 4), 2]]),
        ("global_max", [[8]]),
        ("global_average", [[3]]),
    ],
)
def test_disjoint_windows(kind, expected):
    """A 4x4 input in four blocks, and as a whole."""
    size = {} if kind.startswith("global") else {"size": 2}
    assert pooled(input=A, kind=kind, **size) == expected


def test_stride_is_the_size_by_default():
    """Windows do not overlap unless a stride says so."""
    assert pooled(input="1 2 3 4 5 6", size=3) == [3, 6]
    assert pooled(input="1 2 3 4 5 6", size=3, stride=1) == [3, 4, 5, 6]


def test_d2l_max_pooling():
    """Dive into Deep Learning, section 7.5: 0..15 as 4x4, 3x3 windows, stride 2, padding 1."""
    x = np.arange(16).reshape(4, 4)
    assert pooled(input=x, size=3, stride=2, padding=1) == [[5, 7], [13, 15]]
    assert pooled(input=x, size=[2, 3], stride=[2, 3], padding=[0, 1]) == [[5, 7], [13, 15]]
    assert pooled(input="0 1 2; 3 4 5; 6 7 8", kind="average", size=2, stride=1) == [[2, 3], [5, 6]]


def test_padding_never_wins():
    """Padding is minus infinity for max and infinity for min, so every entry comes from the input."""
    assert pooled(input="-3 -2; -1 -4", size=2, padding=1) == [[-3, -2], [-1, -4]]
    assert pooled(input="3 2; 1 4", kind="min", size=2, padding=1) == [[3, 2], [1, 4]]


def test_divisors():
    """ONNX, AveragePool: 5x5 of 1..25, 5x5 windows, padding 2; the corner averages 9 cells, or 25 with the padding."""
    x = np.arange(1, 26).reshape(5, 5)
    keys = {"input": x, "kind": "average", "size": 5, "stride": 1, "padding": 2}
    without = pooled(**keys, count_include_pad=False)
    assert without[0] == [7, Fraction(15, 2), 8, Fraction(17, 2), 9]
    assert without[4] == [17, Fraction(35, 2), 18, Fraction(37, 2), 19]
    assert pooled(**keys)[0] == [Fraction(9 * 7, 25), Fraction(12 * 15, 2 * 25), Fraction(15 * 8, 25),
                                 Fraction(12 * 17, 2 * 25), Fraction(9 * 9, 25)]  # fmt: skip


def test_ceil_mode_of_onnx():
    """ONNX, MaxPool and AveragePool with ceil_mode: 1..16 as 4x4, 3x3 windows, stride 2."""
    x = np.arange(1, 17).reshape(4, 4)
    assert pooled(input=x, size=3, stride=2, ceil_mode=True) == [[11, 12], [15, 16]]
    average = pooled(input=x, kind="average", size=3, stride=2, ceil_mode=True)
    assert average == [[6, Fraction(15, 2)], [12, Fraction(27, 2)]]


def test_last_window_starts_inside():
    """In ceil mode a window that would start in the padding behind the input is left out."""
    assert pooled(input="1 2 3", size=1, stride=3, padding=0, ceil_mode=True, ask="size") == [1]
    # ceil((5 + 2 - 2) / 2) + 1 = 4, but window 4 starts 6 cells after the first and only 1 + 5 are allowed
    assert pooled(input="1 2 3 4 5", size=2, padding=1, ceil_mode=True) == [1, 3, 5]


def test_indices_count_rows_from_zero():
    """Indices are those of torch: row by row from 0, padding left out, the first of equal entries."""
    assert pooled(input=A, size=2, ask="indices") == [[4, 2], [8, 15]]
    assert pooled(input="5 5; 5 5", size=2, padding=1, stride=1, ask="indices")[1] == [0, 0, 1]
    assert pooled(input=A, size=2, kind="min", ask="indices") == [[5, 7], [9, 10]]


def test_norms_keep_their_roots():
    """A root that is no rational number stays exact, with three decimals beside it."""
    solution = solve(Problem("pooling", input="3 4 1 1; 0 0 2 2", kind="lp", size=2))
    assert solution.answer[0][0] == 5
    assert solution.answer[0][1] ** 2 == 1 + 1 + 4 + 4
    assert solution.quantities["rounded"] == [[5, Fraction(3162, 1000)]]
    assert "3.162" in solution.to("md")


def test_letters():
    """An average of letters is linear in them; a maximum keeps what is not settled."""
    average = pooled(input="a b; c d", kind="average", size=2)
    assert str(average[0][0]) == "a/4 + b/4 + c/4 + d/4"
    assert str(pooled(input="1 a 3", size=3)[0]) == "Max(3, a)"


@st.composite
def poolings(draw):
    """Keys of a random pooling of one channel or two."""
    dims = draw(st.integers(1, 2))
    axes = []
    for _ in range(dims):
        cells, size, dilation = draw(st.integers(2, 6)), draw(st.integers(1, 3)), draw(st.integers(1, 2))
        reach = dilation * (size - 1) + 1
        pads = (draw(st.integers(0, (reach - 1) // 2)), draw(st.integers(0, (reach - 1) // 2)))
        axes.append((cells, size, draw(st.integers(1, 4)), pads, dilation))
    channels = draw(st.integers(1, 2))
    count = channels * int(np.prod([a[0] for a in axes]))
    cells = draw(st.lists(st.fractions(-4, 4, max_denominator=3), min_size=count, max_size=count))
    x = np.array(cells, dtype=object).reshape(channels, *(a[0] for a in axes))
    keys = {
        "input": [part[None].tolist() if dims == 1 else part.tolist() for part in x],
        "kind": draw(st.sampled_from(["max", "min", "average"])),
        "size": [a[1] for a in axes],
        "stride": [a[2] for a in axes],
        "padding": [list(a[3]) for a in axes],
        "dilation": [a[4] for a in axes],
        "ceil_mode": draw(st.booleans()),
        "dims": dims,
    }
    if keys["kind"] == "average":
        keys["count_include_pad"] = draw(st.booleans())
    return x, keys


def by_loops(x, keys):
    """The output by loops over windows and cells, with the size by the formula of torch."""
    sizes = []
    for n, (k, s, (before, after), d) in enumerate(
        zip(keys["size"], keys["stride"], keys["padding"], keys["dilation"], strict=True), 1
    ):
        room = x.shape[n] + before + after - d * (k - 1) - 1
        size = (room + (s - 1 if keys["ceil_mode"] else 0)) // s + 1
        if keys["ceil_mode"] and (size - 1) * s >= x.shape[n] + before:
            size -= 1
        sizes.append(size)
    out = []
    for channel in x:
        for at in product(*map(range, sizes)):
            inside, counted = [], 0
            for tap in product(*map(range, keys["size"])):
                spots = [
                    o * s + t * d - before
                    for o, s, t, d, (before, _) in zip(
                        at, keys["stride"], tap, keys["dilation"], keys["padding"], strict=True
                    )
                ]
                ends = [n + after for n, (_, after) in zip(channel.shape, keys["padding"], strict=True)]
                counted += all(spot < end for spot, end in zip(spots, ends, strict=True))
                if all(0 <= spot < n for spot, n in zip(spots, channel.shape, strict=True)):
                    inside.append(channel[tuple(spots)])
            if not inside:
                return None
            divisor = counted if keys.get("count_include_pad") else len(inside)
            made = {"max": max, "min": min, "average": lambda cells, n=divisor: sum(cells) / Fraction(n)}
            out.append(made[keys["kind"]](inside))
    return np.array(out, dtype=object).reshape(len(x), *sizes) if min(sizes) > 0 else None


@FEW
@given(poolings())
def test_against_loops(drawn):
    """Every kind, with stride, padding, dilation, ceil mode and both divisors, equals plain loops or is refused."""
    x, keys = drawn
    expected = by_loops(x, keys)
    if expected is None:
        with pytest.raises(ProblemError, match="window"):
            Problem("pooling", **keys)
        return
    answer = np.array(pooled(**keys), dtype=object)
    assert answer.tolist() == numeric.squeeze(expected, 1).tolist()


@FEW
@given(poolings())
def test_indices_point_at_their_entry(drawn):
    """What stands at the index, in its channel read row by row, is the output."""
    x, keys = drawn
    keys.pop("count_include_pad", None)
    keys["kind"] = "max"
    if by_loops(x, keys) is None:
        return
    solution = solve(Problem("pooling", **keys))
    output, places = np.array(solution.quantities["output"]), np.array(solution.quantities["indices"])
    channels = x.reshape(len(x), -1)
    for c, (values, spots) in enumerate(zip(output.reshape(len(x), -1), places.reshape(len(x), -1), strict=True)):
        assert [channels[c][spot] for spot in spots] == list(values)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({}, "size is missing"),
        ({"size": 0}, "size is 0; it must be at least 1"),
        ({"size": [2, 2, 2]}, "size is"),
        ({"size": 5}, "the window reaches 5 cells but the padded input has only 4"),
        ({"size": 2, "stride": 0}, "stride is 0"),
        ({"size": 2, "dilation": 0}, "dilation is 0"),
        ({"size": 2, "padding": 3}, "lies on padding alone"),
        ({"size": 2, "kind": "median"}, "kind is 'median'"),
        ({"size": 2, "ceil_mode": 1}, "ceil_mode is 1; write true or false"),
        ({"size": 2, "count_include_pad": True}, "count_include_pad belongs to kind = 'average'"),
        ({"size": 2, "p": 2}, "p belongs to kind = 'lp'"),
        ({"size": 2, "kind": "lp", "p": 0}, "p is 0"),
        ({"size": 2, "kind": "lp", "p": 21}, "at most 20"),
        ({"size": 2, "kind": "lp", "input": "1 -1", "p": 3}, "which is odd"),
        ({"size": 2, "kind": "lp", "input": "a b"}, "letters"),
        ({"size": 2, "kind": "global_max"}, "size has no meaning"),
        ({"kind": "global_average", "padding": 1}, "padding has no meaning"),
        ({"size": 2, "input": None}, "input is missing"),
    ],
)
def test_bad_input(keys, message):
    """Every parameter out of range, missing or not applicable is named in one line."""
    with pytest.raises(ProblemError, match=message) as caught:
        Problem("pooling", **{"input": A, **keys})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("keys", [{"kind": "average"}, {"input": "1 a; 2 3"}])
def test_no_indices(keys):
    """Averages and letters have no place of the largest entry."""
    with pytest.raises(ProblemError, match="indices"):
        solve(Problem("pooling", **{"input": A, "size": 2, "ask": "indices", **keys}))
