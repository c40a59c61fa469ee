"""Drawing: numbers within their bounds, shared by parts, and sound in every version."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symconv.checking.predict import answers
from symconv.errors import ProblemError
from symconv.operands import read_operand
from symconv.sheets import key
from symconv.sheets.draw import Drawer, as_operand, plan
from symconv.sheets.file import sheet_of
from symconv.sheets.sound import MEASURES, Judge, mistaken, outcome, sound_draws
from symconv.sheets.versions import Sheet
from symconv.tensor import Tensor

SLIDE = {
    "operation": "cross_correlation",
    "input": {"shape": [5, 5], "low": -3, "high": 9},
    "kernel": {"shape": [3, 3], "low": -2, "high": 3},
    "points": 4,
}


def planned(question, **keys):
    """The plan of the only question of a sheet."""
    file = sheet_of({"title": "Quiz", "questions": [question], **keys})
    return plan(file, file.questions[0], "questions[1]"), file


def judge_of(question, **keys):
    """The judge of the only question of a sheet."""
    made, file = planned(question, **keys)
    return Judge(made, file.band)


def operand(spec, *stream):
    """The cells of an input drawn by a table."""
    question = {"operation": "flatten", "input": spec, "points": 1}
    (part,) = Drawer(planned(question)[0]).candidate(*stream)
    return part.problem.setting.operands["input"]


@settings(max_examples=40, deadline=None)
@given(st.integers(-9, 9), st.integers(0, 12), st.integers(0, 10**6))
def test_entries_stay_in_their_bounds(low, more, seed):
    """Every entry lies between low and high, both included."""
    cells = operand({"shape": [3, 4], "low": low, "high": low + more}, seed).cells
    assert min(cells) >= low
    assert max(cells) <= low + more


def test_the_share_of_zeros_is_the_same_in_every_version():
    """A fifth of 25 entries are 5 zeros, each time, at other places."""
    drawn = [operand({"shape": [5, 5], "zeros": Decimal("0.2")}, n).cells for n in range(30)]
    assert {cells.count(0) for cells in drawn} == {5}
    assert len({tuple(cell == 0 for cell in cells) for cells in drawn}) > 20


def test_halves_are_exact():
    """Halves are fractions with denominator 2 or 1, and some are no integers."""
    cells = operand({"shape": [6, 6], "numbers": "halves", "low": -2, "high": 2}, 1).cells
    assert {Fraction(cell).denominator for cell in cells} == {1, 2}
    assert max(map(abs, cells)) <= 2


def test_letters_are_letters():
    """An operand of letters draws nothing."""
    question = {**SLIDE, "kernel": {"shape": [2, 2], "numbers": "letters"}}
    (part,) = Drawer(planned(question)[0]).candidate(1)
    assert part.value is None
    assert len({str(cell) for cell in part.problem.setting.operands["kernel"].cells}) == 4


def test_operands_have_letters_of_their_own():
    """The letters are those of the notation, so that no two operands share one."""
    letters = {"shape": [2], "numbers": "letters"}
    (part,) = Drawer(planned({**SLIDE, "input": letters, "kernel": letters})[0]).candidate(1)
    operands = part.problem.setting.operands
    shown = [str(cell) for name in ("input", "kernel") for cell in operands[name].cells]
    assert shown == ["a_{1}", "a_{2}", "k_{1}", "k_{2}"]


def test_parts_share_what_the_question_draws():
    """Part b slides over the same numbers as part a, and part c takes up what b found: the oracle's output."""
    question = {
        **{key: value for key, value in SLIDE.items() if key != "points"},
        "parts": [
            {"ask": "size", "points": 1},
            {"points": 2},
            {"operation": "activation", "kind": "relu", "input": {"part": "b"}, "points": 1},
        ],
    }
    a, b, c = Drawer(planned(question)[0]).candidate(5)
    assert a.problem.setting.operands["input"] == b.problem.setting.operands["input"]
    x, w = (np.array(b.problem.setting.operands[name].nested()) for name in ("input", "kernel"))
    rows = [[int((x[0, i : i + 3, j : j + 3] * w[0, 0]).sum()) for j in range(3)] for i in range(3)]
    assert b.value.tolist() == rows
    assert c.value.tolist() == [[max(0, cell) for cell in row] for row in rows]


def test_another_question_changes_no_numbers():
    """A question drawn in front leaves the numbers of a later one as they were."""
    alone = sheet_of({"title": "Quiz", "questions": [SLIDE], "seed": 3})
    flat = {"operation": "flatten", "input": {"shape": [2, 2]}, "points": 1}
    behind = sheet_of({"title": "Quiz", "questions": [flat, SLIDE], "seed": 3})
    drawn = []
    for file in (alone, behind):
        sheet = Sheet(file)
        version = sheet.version(1, "ABCDE", sheet.distinct([sheet.picks(1)])[0])
        drawn.append(next(q for q in version.questions if len(q.parts[0].problem.setting.operands) == 2).parts[0].value)
    assert drawn[0] == drawn[1]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**9))
def test_a_sound_draw_tells_its_mistakes_apart(seed):
    """The right answer and all wrong ones differ pairwise, but for those that agree whatever the numbers are."""
    judge = JUDGE
    _, (part,) = next(sound_draws(judge, seed))
    wrong = mistaken(part)
    apart = [wrong[name] for name in judge.ties(part)[0].told_apart if name in wrong]
    assert len(apart) >= 7  # flipped, transposed, turned, both flipped, one less, same, full
    for one, other in combinations([part.value, *apart], 2):
        assert outcome(one) != outcome(other)
    assert len(set(part.value.reshape(-1).tolist())) > 1


JUDGE = judge_of(SLIDE)


def test_products_are_counted():
    """A product counts when neither factor is 0, 1 or -1: 2*3 and 5*3 of these windows do, 1*3 and 0*3 do not."""
    question = {"operation": "cross_correlation", "input": "2 1; 0 5", "kernel": "3", "points": 1}
    (part,) = Drawer(planned(question)[0]).candidate(1)
    assert {name: measure(part) for name, measure in MEASURES.items()} == {
        "products": 2,
        "largest": 15,
        "zeros": 0.25,
        "carries": 1,
    }


def test_the_band_holds():
    """With a band every accepted draw lies in it."""
    judge = judge_of({**SLIDE, "band": {"largest": [20, 45], "carries": [4, 9]}})
    for seed in range(10):
        _, (part,) = next(sound_draws(judge, seed))
        magnitudes = abs(part.value.reshape(-1))
        assert 20 <= magnitudes.max() <= 45
        assert (magnitudes >= 10).sum() >= 4


def test_an_impossible_band_says_what_failed_how_often():
    """The error counts the conditions that no draw met."""
    judge = judge_of({**SLIDE, "band": {"largest": [5000, 9000]}})
    with pytest.raises(ProblemError, match=r"none of 2,000 draws is sound: largest outside its band \(2,000 times\)"):
        next(sound_draws(judge, 1))


def test_a_symmetric_kernel_is_warned_about():
    """With a fixed symmetric kernel nobody can tell whether it was flipped; the warning names the mistake."""
    lines = list(judge_of({**SLIDE, "kernel": "1 2 1; 2 4 2; 1 2 1"}).warnings())
    assert any("kernel_flipped gives the right answer here" in line for line in lines)
    assert all("stride" not in line for line in lines)


def test_a_drawn_kernel_needs_no_warning():
    """Nothing is blind when the numbers are drawn."""
    assert list(JUDGE.warnings()) == []


def test_versions_share_no_data():
    """A question with twelve possible draws gives twelve versions, all different, and not one more."""
    question = {"operation": "flatten", "input": {"shape": [1, 2], "low": 1, "high": 4}, "points": 1, "order": "column"}
    file = sheet_of({"title": "Quiz", "questions": [question]})
    sheet = Sheet(file)
    picks = [sheet.picks(n) for n in range(1, 13)]
    chosen = sheet.distinct(picks)
    values = {
        sheet.version(n, "CODE", pick).sections[0].questions[0].parts[0].value for n, pick in enumerate(chosen, 1)
    }
    assert len(values) == 12
    with pytest.raises(ProblemError, match="have used up its numbers"):
        sheet.distinct([sheet.picks(n) for n in range(1, 18)])


def test_choices_are_the_answers_of_misconceptions():
    """The distractors are what named misconceptions lead to, and all answers differ."""
    file = sheet_of({"title": "Quiz", "questions": [{**SLIDE, "choices": 4}]})
    sheet = Sheet(file)
    version = sheet.version(1, "CODE", sheet.distinct([sheet.picks(1)])[0])
    (part,) = version.sections[0].questions[0].parts
    known = {misconception.name for misconception in part.problem.operation.misconceptions}
    assert len({(choice.value.shape, choice.value.cells) for choice in part.choices}) == 4
    assert [choice.value for choice in part.choices if not choice.misconception] == [part.value]
    assert {choice.misconception for choice in part.choices} - {""} <= known


def test_a_pool_gives_every_version_its_choice():
    """Every version gets two of three questions, and every pair comes up."""
    pool = [{**SLIDE, "id": name, "stride": stride} for name, stride in (("a", 1), ("b", 2), ("c", 3))]
    sheet = Sheet(sheet_of({"title": "Quiz", "questions": [{"choose": 2, "questions": pool}]}))
    pairs = {tuple(pick.question for pick in sheet.picks(n)) for n in range(1, 16)}
    assert pairs == {("a", "b"), ("a", "c"), ("b", "c")}


def test_codes_differ_and_do_not_show_the_seed():
    """A thousand codes, all different, of letters and digits that cannot be confused; another seed gives others."""
    codes = Sheet(sheet_of({"title": "Quiz", "questions": [SLIDE], "seed": 1})).codes(1000)
    assert len(set(codes)) == 1000
    assert not set("".join(codes)) & set("01IO")
    other = Sheet(sheet_of({"title": "Quiz", "questions": [SLIDE], "seed": 2})).codes(1000)
    assert len(set(codes) & set(other)) < 10


def test_arrays_become_operands():
    """A tensor is written as a person would: integers in lists, fractions as texts of rows."""
    assert as_operand(Tensor((1, 2), (Fraction(1, 2), 1))) == "1/2 1"
    assert as_operand(Tensor((2, 1, 2), (1, 2, 3, Fraction(4)))) == [[[1, 2]], [[3, 4]]]
    assert as_operand(Tensor((), (7,))) == 7


@pytest.mark.parametrize("shape", [[4], [2, 3], [2, 2, 3]])
def test_a_draw_need_not_be_read_again(shape):
    """What is drawn is the same operand as its nested lists, which a file would have."""
    drawn = as_operand(Tensor(tuple(shape), tuple(range(prod(shape)))))
    as_text = json.loads(json.dumps(drawn))
    assert type(as_text) is list
    assert read_operand("input", drawn, 100, 1) == read_operand("input", as_text, 100, 1)
    with pytest.raises(ProblemError, match="limit"):
        read_operand("input", drawn, 3, 1)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        # 1 + 2 (-i) + 0 + 1 i = 1 - i, and so on, times the transform of 3 0 0 0, which is 3
        (
            {"operation": "circular_convolution", "ask": "dft", "input": [1, 2, 0, 1], "kernel": [3, 0, 0, 0]},
            "12, 3-3*i, -6, 3*i+3",
        ),
        ({"operation": "pooling", "kind": "lp", "p": 2, "size": 2, "input": [[1, 2], [3, 1]]}, "sqrt(15)"),
        ({"operation": "activation", "kind": "elu", "input": [[-2, 5]]}, "-1+exp(-2), 5"),
    ],
)
def test_answers_that_are_no_fractions(question, text):
    """Complex numbers, roots and exponentials are compared exactly, and a gap inside one does not end the entry."""
    sheet = Sheet(sheet_of({"title": "Quiz", "questions": [{**question, "points": 2}]}))
    picks = {pick.question: pick.attempt for pick in sheet.picks(1)}
    ((_, _, _, value, _),) = key.rows(sheet.version(1, "AB2CD", picks))
    assert value == text


@pytest.mark.parametrize("stride", [2, 3, {"one_of": [2, 3]}])
def test_sizes_with_a_stride_can_be_drawn(stride):
    """A mistake that always gives what another one gives, now this one and now that, is left aside."""
    sizes = {"input": {"one_of": [10, 12, 17, 28, 32, 33]}, "kernel": {"one_of": [3, 5, 7]}, "stride": stride}
    padding = {"padding": {"one_of": [0, 1, 2]}, "points": 2}
    sheet = Sheet(sheet_of({"title": "Quiz", "questions": [{"operation": "output_size", **sizes, **padding}]}))
    for number in range(1, 11):
        picks = {pick.question: pick.attempt for pick in sheet.picks(number)}
        (part,) = sheet.version(number, "CODE", picks).sections[0].questions[0].parts
        forgotten = answers(part.problem)["plus_one_forgotten"]
        assert tuple(forgotten.reshape(-1).tolist()) != part.value.cells


def test_a_misspelt_key_of_the_sheet():
    """A key that is none of the operation may be meant as one of the sheet."""
    with pytest.raises(ProblemError, match=r"the key hideshape is unknown; .*; or did you mean hide_shape\?$"):
        Sheet(sheet_of({"title": "Quiz", "questions": [{**SLIDE, "hideshape": True}]}))


def picked(question, number):
    """The answer of the only part of a version that is drawn by itself."""
    sheet = Sheet(sheet_of({"title": "Quiz", "questions": [question]}))
    picks = {pick.question: pick.attempt for pick in sheet.picks(number)}
    (part,) = sheet.version(number, "CODE", picks).sections[0].questions[0].parts
    return part.value


WHICH_KERNELS = {"operation": "output_size", "kernel": "k", "output": 7, "stride": 2, "padding": 1, "points": 1}


@pytest.mark.parametrize("number", range(1, 6))
def test_an_equation_without_a_solution_is_not_asked(number):
    """4 + 2 - k is never 12 or 13, of 15 + 2 - k the kernels 4 and 5 make them: that input is taken."""
    assert picked({**WHICH_KERNELS, "input": {"one_of": [4, 15]}}, number).cells == (4, 5)


def test_where_no_draw_has_a_solution():
    """Drawn or not, an answer without an entry is refused, and the key can write one all the same."""
    with pytest.raises(ProblemError, match="none of 2,000 draws is sound: the answer is empty"):
        picked({**WHICH_KERNELS, "input": {"one_of": [3, 4]}}, 1)
    with pytest.raises(ProblemError, match=r"questions\[1\]: the answer is empty, so there is nothing to hand in"):
        picked({**WHICH_KERNELS, "input": 4}, 1)
    assert key.text(Tensor((0,), ())) == ""


@pytest.mark.parametrize("operation", ["receptive_field", "cross_correlation"])
def test_a_size_may_be_the_same_along_every_axis(operation):
    """One square layer sees as much as its kernel; 7 cells have floor((7 - 3) / s) + 1 windows, for s = 1, 2, 4."""
    layer = {"layers": [{"kernel": {"one_of": [3, 5]}}], "input": [9, 9]}
    slid = {"input": {"shape": [7, 7]}, "kernel": {"shape": [3, 3]}, "stride": {"one_of": [1, 2, 4]}, "ask": "size"}
    keys, sizes = (layer, {(3, 3), (5, 5)}) if operation == "receptive_field" else (slid, {(5, 5), (3, 3), (2, 2)})
    found = {picked({"operation": operation, **keys, "points": 1}, number).cells for number in range(1, 5)}
    assert found <= sizes
