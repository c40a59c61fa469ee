"""The size law: textbook numbers, plain loops that place windows, and problems that are refused."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symconv import Problem, ProblemError, diagnose, solve
from symconv.checking.predict import answers

FEW = settings(max_examples=60, deadline=None, derandomize=True)
SIZES = {
    "input": st.integers(1, 12),
    "kernel": st.integers(1, 5),
    "stride": st.integers(1, 4),
    "padding": st.integers(0, 3),
    "dilation": st.integers(1, 3),
}


def answer(**keys):
    """What a problem's answer is."""
    return solve(Problem("output_size", **keys)).answer


def windows(*, input, kernel, stride=1, padding=0, dilation=1):
    """Count windows by moving one until its last tap leaves the padded input."""
    count, start = 0, 0
    while start + dilation * (kernel - 1) < input + 2 * padding:
        count, start = count + 1, start + stride
    return count


def copies(*, input, kernel, stride, padding, dilation, output_padding=0):
    """The cells that copies of the kernel reach, with the output padding and without the crop."""
    places = [x * stride + t * dilation for x in range(input) for t in range(kernel)]
    return max(places) + 1 + output_padding - 2 * padding


@pytest.mark.parametrize(("stride", "size"), [(1, 5), (2, 3), (3, 2)])
def test_seven_cells_and_three_taps(stride, size):
    """Lecture notes: 7x7 with 3x3 gives 5 at stride 1, 3 at stride 2, 2 at stride 3."""
    assert answer(input=[7, 7], kernel=3, stride=stride) == [size, size]


def test_dumoulin_and_visin():
    """Relations 1 to 6 and 14 with the numbers of that guide's figures."""
    assert answer(input=4, kernel=3) == [2]
    assert answer(input=5, kernel=4, padding=2) == [6]
    assert answer(input=5, kernel=3, padding=1) == [5]
    assert answer(input=5, kernel=3, padding=2) == [7]
    assert answer(input=6, kernel=3, padding=1, stride=2) == [3]
    assert answer(input=7, kernel=3, dilation=2) == [3]
    assert answer(input=3, kernel=3, stride=2, padding=1, output_padding=1, direction="transposed") == [6]


@FEW
@given(sizes=st.fixed_dictionaries(SIZES))
def test_forwards_equals_a_loop(sizes):
    """The size is how often a window can be moved; a kernel that does not fit is refused."""
    expected = windows(**sizes)
    if expected:
        solution = solve(Problem("output_size", **sizes))
        assert solution.answer == [expected]
        shared = [i for i in range(1, 40) if windows(**{**sizes, "input": i}) == expected]
        assert solution.quantities["class"] == shared
    else:
        with pytest.raises(ProblemError, match="the kernel reaches"):
            answer(**sizes)


@FEW
@given(sizes=st.fixed_dictionaries(SIZES), extra=st.integers(0, 3))
def test_transposed_equals_a_loop(sizes, extra):
    """The size is how far the copies reach, less the crop."""
    keys = {**sizes, "direction": "transposed", "output_padding": extra}
    expected = copies(**sizes, output_padding=extra)
    if expected < 1 or extra >= max(sizes["stride"], sizes["dilation"]):
        with pytest.raises(ProblemError, match="padding"):
            answer(**keys)
    else:
        assert answer(**keys) == [expected]


@pytest.mark.parametrize("unknown", list(SIZES))
@settings(max_examples=30, deadline=None, derandomize=True)
@given(sizes=st.fixed_dictionaries(SIZES), output=st.integers(1, 9))
def test_backwards_equals_trying(unknown, sizes, output):
    """Every whole number that gives the output is found, and no other."""
    endless = unknown == "stride" and output == 1
    endless = endless or (unknown == "dilation" and sizes["kernel"] == 1)
    found = answer(**{**sizes, unknown: "x", "output": output})
    least = 0 if unknown == "padding" else 1
    top = max(found, default=11) + 1 if endless else 80
    right = [n for n in range(least, top) if windows(**{**sizes, unknown: n}) == output]
    assert found == right


@pytest.mark.parametrize("unknown", [*SIZES, "output_padding"])
@settings(max_examples=30, deadline=None, derandomize=True)
@given(sizes=st.fixed_dictionaries(SIZES), output=st.integers(1, 20))
def test_backwards_transposed_equals_trying(unknown, sizes, output):
    """The same for a transposed layer, whose output padding stays below the stride or the dilation."""
    endless = (unknown == "stride" and sizes["input"] == 1) or (unknown == "dilation" and sizes["kernel"] == 1)
    found = answer(**{**sizes, unknown: "x", "output": output, "direction": "transposed"})
    least = 0 if "padding" in unknown else 1
    right = []
    for n in range(least, 12 if endless else 80):
        tried = {**sizes, "output_padding": 0, unknown: n}
        if tried["output_padding"] < max(tried["stride"], tried["dilation"]) and copies(**tried) == output:
            right.append(n)
    assert found == right


def test_several_unknowns_are_all_tried():
    """Kernel, stride and padding that halve 32 cells: the same as trying all up to 6."""
    right = [
        list(ksp)
        for ksp in product(range(1, 7), range(1, 7), range(7))
        if windows(input=32, kernel=ksp[0], stride=ksp[1], padding=ksp[2]) == 16
    ]
    assert answer(input=32, kernel="k", stride="s", padding="p", output=16, most=6) == right


def test_nothing_fits_is_an_answer():
    """Six cells and two taps never make four windows, and a transposed layer never half a padding."""
    solution = solve(Problem("output_size", input=6, kernel=2, stride="s", output=4))
    assert (solution.answer, solution.shape) == ([], [0])
    assert "no solution" in solution.to("md")
    assert answer(input=4, kernel=3, stride=2, padding="p", output=8, direction="transposed") == []


def test_output_padding_that_restores():
    """The output padding that restores i is (i + 2p - k) mod s."""
    for i, k, p in product(range(5, 9), range(1, 5), range(2)):
        o = windows(input=i, kernel=k, stride=3, padding=p)
        keys = {"input": o, "kernel": k, "stride": 3, "padding": p, "output": i, "direction": "transposed"}
        assert answer(**keys, output_padding="a") == [(i + 2 * p - k) % 3]


def test_letters_become_the_law():
    """The law keeps the letters that are left open, and gathers the numbers."""
    assert str(answer()[0]) == "floor((-d*k + d + i + 2*p - 1)/s) + 1"
    assert str(answer(input="n", kernel=3, padding=1)[0]) == "n"
    law = answer(input="i", kernel=3, stride=2, padding=1)[0]
    assert [int(law.subs("i", n)) for n in range(3, 20)] == [
        windows(input=n, kernel=3, stride=2, padding=1) for n in range(3, 20)
    ]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"input": 0, "kernel": 3}, "input is 0; it must be at least 1"),
        ({"input": 7, "kernel": 3, "stride": 0}, "stride is 0"),
        ({"input": 7, "kernel": 3, "padding": -1}, "padding is -1"),
        ({"input": 7, "kernel": 3, "padding": "same"}, "padding is 'same'; write a whole number"),
        ({"input": 2.5, "kernel": 3}, "input is 2.5"),
        ({"input": [7, 7, 7], "kernel": 3}, "with 3 numbers"),
        ({"input": 7, "kernel": 3, "output_padding": 1}, "output_padding is for direction = 'transposed'"),
        ({"input": 7, "kernel": 3, "stride": 2, "output": 3, "padding": 0}, "every size and step is given"),
        ({"input": "k", "kernel": "k"}, "the letter k stands for two things"),
        ({"input": 2, "kernel": 3}, "the kernel reaches 3 cells"),
        ({"input": 2, "kernel": 3, "direction": "back"}, "direction is 'back'"),
        ({"input": 2, "kernel": 3, "stride": 2, "output_padding": 2, "direction": "transposed"}, "must be below"),
        ({"input": 1, "kernel": 1, "padding": 1, "direction": "transposed"}, "padding crops 2 cells"),
        ({"input": 10**9, "kernel": 3}, "beyond the limit"),
        ({"input": 9, "kernel": "k", "stride": "s", "output": 3, "most": 1000}, "most is 1000"),
        ({"input": 90000, "kernel": "k", "output": 3}, "too many candidates"),
        ({"input": "i", "kernel": 3, "ask": "class"}, "ask = 'class' needs"),
    ],
)
def test_bad_input_is_named(keys, said):
    """Each wrong parameter gets one line that names it."""
    with pytest.raises(ProblemError) as caught:
        answer(**keys)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_mistakes_have_their_numbers():
    """Rows 28, k 3, s 2, p 1, d 2: 28 + 2 - 5 = 25 cells of room, so 12 + 1; columns 32, k 5, s 1: 32 + 2 - 9 + 1."""
    keys = {"input": [28, 32], "kernel": [3, 5], "stride": [2, 1], "padding": 1, "dilation": 2}
    problem = Problem("output_size", **keys)
    assert solve(problem).answer == [13, 26]
    found = {name: sizes.tolist() for name, sizes in answers(problem).items()}
    assert found["plus_one_inside"] == [(25 + 1) // 2, 25 + 1]
    assert found["last_index_inclusive"] == [13 + 1, 26 + 1]
    assert found["total_padding_on_each_side"] == [(28 + 4 - 5) // 2 + 1, 32 + 4 - 9 + 1]
    assert found["dilation_one_more"] == [(28 + 2 - 7) // 2 + 1, 32 + 2 - 13 + 1]  # 3 + 2 * 2 and 5 + 2 * 4 cells
    assert found["same_by_habit"] == [28, 32]
    assert found["rows_and_columns_swapped"] == [26, 13]


def test_mistakes_of_a_transposed_layer_have_their_numbers():
    """Four cells, k 3, s 2, p 1, output padding 1: 2 * 3 + 3 - 2 + 1 = 8."""
    keys = {"input": 4, "kernel": 3, "stride": 2, "padding": 1, "output_padding": 1, "direction": "transposed"}
    problem = Problem("output_size", **keys)
    assert solve(problem).answer == [8]
    wrong = answers(problem)
    assert wrong["stride_times_input"].tolist() == [2 * 4]
    assert wrong["stride_on_the_kernel"].tolist() == [2 * (3 - 1) + 4 - 2 + 1]
    assert "dilation_ignored_when_transposed" not in wrong
    assert wrong["padding_added_when_transposed"].tolist() == [2 * 3 + 3 + 2 + 1]


def test_where_nothing_fits_everything_can_be_cut_off():
    """A handed-in size that no window of the problem has is judged, not searched for without end."""
    problem = Problem("output_size", input=5, kernel=2, dilation=3, padding=[1, 1])
    (verdict,) = diagnose(problem, {"left": "1/2"}).verdicts
    assert (verdict.status, verdict.sentences) == ("wrong", ("left is 1/2 and should be 0.",))
