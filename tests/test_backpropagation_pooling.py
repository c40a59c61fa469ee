"""Gradients of pooling: by hand, against plain loops over windows, and what is refused."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symconv import Problem, solve
from symconv.checking.predict import answers
from symconv.errors import ProblemError

GRID = "3 2 7 1; 4 1 1 7; 8 2 0 1; 5 8 0 7"
SOME = settings(max_examples=60, deadline=None, derandomize=True)


def dx(of, upstream=None, **keys):
    """The gradient by the input of a solved backward pass."""
    return solve(Problem("backpropagation", of={"operation": "pooling", **of}, upstream=upstream, **keys)).answer


def test_a_maximum_hands_its_entry_on():
    """Each entry goes to the cell of the maximum: 4, 7, 8 and 7 of the four windows."""
    assert dx({"input": GRID, "size": 2}, "1 -2; 3 4") == [[0, 0, -2, 0], [1, 0, 0, 0], [3, 0, 0, 0], [0, 0, 0, 4]]


def test_overlapping_windows_add_up():
    """Both windows on the left take the 8 of the third row: it gets 5 + 3, and the other 8 only the 4."""
    found = dx({"input": GRID, "size": 3, "stride": 1}, "5 -2; 3 4")
    assert found == [[0, 0, -2, 0], [0, 0, 0, 0], [5 + 3, 0, 0, 0], [0, 4, 0, 0]]


def test_the_first_of_equal_cells_counts():
    """Among equal cells the first one, row by row, gets everything, as torch.nn.MaxPool2d does."""
    assert dx({"input": "5 5; 5 5", "size": 2}, "3") == [[3, 0], [0, 0]]
    assert dx({"input": "1 5; 5 2", "kind": "global_max"}, "3") == [[0, 3], [0, 0]]
    assert dx({"input": "4 2 2 2", "size": 3, "stride": 1, "kind": "min"}, "1 10") == [0, 1 + 10, 0, 0]


def test_an_average_is_divided():
    """Each of the four cells gets a quarter; with overlaps the quarters add up."""
    quarter = Fraction(1, 4)
    assert dx({"input": "1 2; 3 4", "size": 2, "kind": "average"}, "1") == [[quarter, quarter], [quarter, quarter]]
    third = Fraction(1, 3)
    found = dx({"input": "1 2 3 4", "size": 3, "stride": 1, "kind": "average"}, "1 2")
    assert found == [third * 1, third * (1 + 2), third * (1 + 2), third * 2]


def test_the_divisor_of_the_forward_pass_counts():
    """Windows of 3 on 4 cells, padding 1, stride 2: the first has a cell of padding, and 2 cells of the input."""
    of = {"input": "1 2 3 4", "size": 3, "stride": 2, "padding": 1, "kind": "average"}
    assert dx(of, "6 12") == [6 // 3, 6 // 3 + 12 // 3, 12 // 3, 12 // 3]
    assert dx({**of, "count_include_pad": False}, "6 12") == [6 // 2, 6 // 2 + 12 // 3, 12 // 3, 12 // 3]
    hanging = {"input": "1 2 3", "size": 2, "kind": "average", "ceil_mode": True}
    assert dx(hanging, "6 12") == [6 // 2, 6 // 2, 12]


def test_a_global_average_spreads_each_channel():
    """Every cell of a channel gets the entry of the channel, divided by how many cells there are."""
    assert dx({"input": ["1 2; 3 4", "0 0; 0 0"], "kind": "global_average"}, ["4", "-8"]) == [
        [[1, 1], [1, 1]],
        [[-2, -2], [-2, -2]],
    ]


def test_letters():
    """The upstream gradient is letters unless given; an average takes letters in its input too."""
    assert [str(cell) for cell in dx({"input": "1 2 2 0", "size": 2})] == ["0", "g_{1}", "g_{2}", "0"]
    assert [str(cell) for cell in dx({"input": "a b", "size": 2, "kind": "average"})] == ["g_{1}/2", "g_{1}/2"]


@st.composite
def poolings(draw):
    """A small pooling of each kind with its cells, many of them equal."""
    size, stride, dilation = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 2))
    pad = draw(st.integers(0, size // 2))
    rows, columns = (draw(st.integers(1 + dilation * (size - 1), 5)) for _ in range(2))
    cells = [[draw(st.integers(-2, 2)) for _ in range(columns)] for _ in range(rows)]
    kind = draw(st.sampled_from(["max", "min", "average"]))
    keys = {"size": size, "stride": stride, "dilation": dilation, "padding": pad, "kind": kind, "dims": 2}
    if kind == "average":
        keys["count_include_pad"] = draw(st.booleans())
    return cells, {**keys, "ceil_mode": draw(st.booleans())}


@SOME
@given(pooling=poolings(), data=st.data())
def test_every_setting_equals_plain_loops(pooling, data):
    """Window by window: the first extreme cell gets the entry, or every cell its share."""
    cells, keys = pooling
    try:
        shape = np.shape(solve(Problem("pooling", input=cells, **keys)).answer)
    except ProblemError:  # a window on padding alone
        return
    g = [[data.draw(st.integers(-9, 9)) for _ in range(shape[1])] for _ in range(shape[0])]
    found = dx({"input": cells, **keys}, g)
    rows, columns, pad = len(cells), len(cells[0]), keys["padding"]
    expected = [[Fraction(0)] * columns for _ in range(rows)]
    for i in range(shape[0]):
        for j in range(shape[1]):
            down = [i * keys["stride"] + m * keys["dilation"] - pad for m in range(keys["size"])]
            across = [j * keys["stride"] + n * keys["dilation"] - pad for n in range(keys["size"])]
            inside = [(u, v) for u in down for v in across if 0 <= u < rows and 0 <= v < columns]
            if keys["kind"] == "average":
                padded = [(u, v) for u in down for v in across if u < rows + pad and v < columns + pad]
                for u, v in inside:
                    expected[u][v] += Fraction(g[i][j], len(padded if keys["count_include_pad"] else inside))
                continue
            best = inside[0]
            for u, v in inside:
                better = cells[u][v] > cells[best[0]][best[1]]
                if better if keys["kind"] == "max" else cells[u][v] < cells[best[0]][best[1]]:
                    best = (u, v)
            expected[best[0]][best[1]] += g[i][j]
    assert found == expected


def predicted(name, of, upstream):
    """What a mistake makes of a problem."""
    problem = Problem("backpropagation", of={"operation": "pooling", **of}, upstream=upstream)
    return answers(problem)[name].tolist()


@pytest.mark.parametrize(
    ("name", "keys", "upstream", "wrong"),
    [
        ("extreme_gradient_spread", {}, "4 8", [2, 2, 4, 4]),
        ("extreme_gradient_to_all_ties", {}, "4 8", [0, 4, 8, 8]),
        ("extreme_gradient_to_the_last", {}, "4 8", [0, 4, 0, 8]),
        ("extreme_gradient_to_the_corner", {}, "4 8", [4, 0, 8, 0]),
        ("extremes_put_back", {}, "4 8", [0, 3, 2, 0]),
        ("pooling_overlaps_overwritten", {"stride": 1}, "4 8 1", [0, 8, 1, 0]),
        ("average_gradient_not_divided", {"kind": "average"}, "4 8", [4, 4, 8, 8]),
        ("average_gradient_other_divisor", {"kind": "average", "padding": 1}, "4 8 2", [4, 4, 4, 2]),
    ],
)
def test_mistakes(name, keys, upstream, wrong):
    """Each mistake on 1 3 2 2: the windows 1 3 and 2 2, or with stride 1 also 3 2."""
    assert predicted(name, {"input": "1 3 2 2", "size": 2, **keys}, upstream) == wrong


@pytest.mark.parametrize(
    ("of", "keys", "said"),
    [
        (
            {"kind": "lp", "size": 2, "input": "1 2"},
            {},
            "of.kind is 'lp' with p = 2, whose derivative (x / norm)^(p - 1) is a root, and sums of different roots",
        ),
        ({"kind": "lp", "p": 1, "size": 2, "input": "1 2"}, {}, "of.kind is 'lp' with p = 1, a sum, whose derivative"),
        ({"size": 2, "input": "a 2"}, {}, "of.input has letters, so which entry of a window counts is not known"),
        ({"size": 2, "input": "1 2"}, {"ask": "kernel"}, "ask is 'kernel', but a pooling has no weights"),
        ({"size": 2, "input": "1 2"}, {"upstream": "1 2"}, "upstream is 2 long, but the output of the layer is 1 long"),
        ({"size": 3, "input": "1 2"}, {}, "of: the window reaches 3 cells but the padded input has only 2"),
    ],
)
def test_what_is_refused(of, keys, said):
    """One line names the key, what was given and what would be right."""
    with pytest.raises(ProblemError) as error:
        solve(Problem("backpropagation", of={"operation": "pooling", **of}, **keys))
    assert said in str(error.value)
    assert "\n" not in str(error.value)
