"""Diagnoses of hand calculations: right, wrong, where, which mistake, and what follows from earlier mistakes."""

import random
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from symconv import Problem, exact_numbers, solve
from symconv.answers import read_answer
from symconv.checking.diagnose import Checker, diagnose
from symconv.checking.diagnosis import STATUSES, Points
from symconv.checking.explain import value_from
from symconv.checking.handed import Value, exact_cell, value_of
from symconv.checking.predict import answers, arrays_of
from symconv.errors import ProblemError
from symconv.operations import OPERATIONS
from symconv.operations.base import Detail
from symconv.problem import read_problem

FLIP = {"input": [1, 2, 3], "kernel": [1, 4]}
PLANE = {"input": "3 2 7 1; 4 1 1 0; 8 2 0 1; 5 6 0 7", "kernel": "1 2 0; 2 1 -1; 0 2 1"}
BY_OPERATION = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)


def verdict(problem, label, value):
    """The verdict on one value."""
    return Checker(problem).check(label, value)


def numeric_samples(operation):
    """The samples without letters, with a checker of each."""
    for sample in operation.samples():
        problem = Problem(operation.name, **sample)
        if arrays_of(problem) is not None:
            yield problem, Checker(problem)


def test_a_right_answer():
    """The convolution of 1 2 3 with 1 4, without padding, is 2*1 + 1*4 and 3*1 + 2*4."""
    found = diagnose(Problem("convolution", **FLIP), {"output": [2 * 1 + 1 * 4, 3 * 1 + 2 * 4]})
    assert found.is_right
    assert (found["output"].status, found.mark) == ("right", 1)


def test_a_misconception_is_named():
    """Without the flip 1 2 3 with 1 4 gives 1*1 + 2*4 and 2*1 + 3*4."""
    found = diagnose(Problem("convolution", **FLIP), {"output": [1 * 1 + 2 * 4, 2 * 1 + 3 * 4]})
    said = found["output"]
    assert (said.status, said.rank) == ("wrong", "misconception")
    assert [one.names for one in said.explanations] == [("kernel_not_flipped",)]
    assert [(cell.name, cell.given, cell.right) for cell in said.cells] == [("h[1]", 9, 6), ("h[2]", 14, 11)]
    assert found.mark == Fraction(1, 10) + Fraction(3, 10)


def test_two_mistakes_are_named():
    """Flipped and without its bias: both are named."""
    problem = Problem("cross_correlation", **PLANE, bias=5)
    flipped = Problem("convolution", **PLANE)
    said = verdict(problem, "output", solve(flipped).answer)
    assert said.rank == "two_misconceptions"
    assert {"kernel_flipped", "bias_forgotten"} in [set(one.names) for one in said.explanations]


def test_a_mistake_and_a_slip_are_named():
    """The answer without the flip, but for one cell that is 2 too large."""
    problem = Problem("convolution", **PLANE, padding=1)
    handed = answers(problem)["kernel_not_flipped"].copy()
    handed[1, 2] += 2
    said = verdict(problem, "output", handed)
    assert (said.rank, said.explanations[0].names) == ("misconception_and_slip", ("kernel_not_flipped",))
    assert said.explanations[0].slip.cell.index == (1, 2)
    assert said.explanations[0].slip.expected == handed[1, 2] - 2


def test_the_shape_comes_first():
    """A size that only another size mode gives is said to come from it, also when the values fit nothing."""
    problem = Problem("cross_correlation", **PLANE)
    said = verdict(problem, "output", [[1] * 6] * 6)
    assert (said.status, said.rank) == ("wrong", "shape")
    assert "full_size" in [mistake.name for mistake in said.mistakes]
    assert "6x6" in said.sentences[0]
    assert said.sentences[0].endswith("it should be 2x2.")


def test_one_wrong_cell_is_found_by_checksums():
    """One cell that is 7 too large is named, with its right value."""
    problem = Problem("convolution", **PLANE, padding=1)
    handed = np.array(solve(problem).answer)
    handed[1, 2] += 7
    said = verdict(problem, "output", handed)
    assert [(cell.name, cell.given - cell.right) for cell in said.cells] == [("h[2,3]", 7)]
    assert said.cells[0].right == solve(problem).answer[1][2]
    assert any("row 2 and column 3" in sentence for sentence in said.sentences)


@pytest.mark.parametrize(
    ("handed", "kind"),
    [
        (1 * 5 + 2 * 7 + 3 * 11 - 2 * 7, "product_dropped"),
        (1 * 5 + 2 * 7 + 3 * 11 + 3 * 11, "product_doubled"),
        (1 * 5 - 2 * 7 + 3 * 11, "product_sign"),
        (1 * 5 + 2 * 7 + 2 * 11, "product_neighbour"),
        (-(1 * 5 + 2 * 7 + 3 * 11), "sign"),
        (25, "digits_swapped"),
        (5, "digit_missing"),
        (522, "digit_added"),
        (54, "digit_misread"),
        (92, "digit_misread"),
    ],
)
def test_kinds_of_slips(handed, kind):
    """In 1*5 + 2*7 + 3*11 = 52 it is told what happened."""
    said = verdict(Problem("cross_correlation", input=[1, 2, 3], kernel=[5, 7, 11]), "output", handed)
    assert said.slips[0].kind == kind
    assert said.slips[0].expected == 52


def test_a_misread_entry():
    """A 1 that was read as a 7 makes every cell wrong that it meets, and is named once."""
    problem = Problem("cross_correlation", **PLANE)
    read = Problem("cross_correlation", **{**PLANE, "input": PLANE["input"].replace("4 1 1 0", "4 7 1 0")})
    said = verdict(problem, "output", solve(read).answer)
    assert [slip.kind for slip in said.slips] == ["operand_misread"]
    assert (said.slips[0].cell.name, said.slips[0].cell.given, said.slips[0].cell.right) == ("a[2,2]", 7, 1)


def test_what_nothing_explains():
    """Cells without a pattern are named, and nothing is made up."""
    said = verdict(Problem("cross_correlation", **PLANE), "output", [[901, 777], [-313, 555]])
    assert (said.rank, said.explanations, len(said.cells)) == ("unknown", (), 4)
    assert "no known mistake" in said.sentences[0]


def test_a_blind_exercise_cannot_tell():
    """With a kernel that equals itself turned round the flip does not show, and the answer is right."""
    problem = Problem("convolution", input="1 2 3; 4 5 6; 7 8 9", kernel="1 2; 2 1")
    said = verdict(problem, "output", solve(problem).answer)
    assert said.status == "right"
    assert "kernel_not_flipped" in [mistake.name for mistake in said.blind]
    assert "cannot tell" in said.sentences[1]


def test_what_is_believed_rightly_is_no_mistake():
    """Padding that gives the size of the input is no mistake where it is asked for."""
    problem = Problem("convolution", **PLANE, padding="same")
    assert "same_size" not in [mistake.name for mistake in verdict(problem, "output", solve(problem).answer).blind]


def test_blanks_are_no_zeros():
    """A blank is blank, alone and as a cell; what stands beside it is judged."""
    problem = Problem("cross_correlation", input=[[1, 2], [3, 4]], kernel=[[1]])
    assert verdict(problem, "output", None).status == "blank"
    assert verdict(problem, "output", [[None, None], [None, None]]).status == "blank"
    said = verdict(problem, "output", [[1, None], [3, 4]])
    assert (said.status, [cell.name for cell in said.cells]) == ("blank", ["h[1,2]"])
    assert verdict(problem, "output", [[1, None], [9, 4]]).status == "wrong"


def test_a_mistake_shows_beside_blanks():
    """What is filled in names the mistake."""
    problem = Problem("convolution", **PLANE, padding=1)
    handed = answers(problem)["kernel_not_flipped"].tolist()
    handed[0][0] = handed[2][1] = None
    assert verdict(problem, "output", handed).explanations[0].names == ("kernel_not_flipped",)


@pytest.mark.parametrize("handed", [[6, 11], [[6, 11]], [[6], [11]], (6, 11), np.array([6, 11]), [Fraction(12, 2), 11]])
def test_forms_of_a_vector(handed):
    """A row, a column, a list, an array and a fraction that is whole are one answer."""
    assert verdict(Problem("convolution", **FLIP), "output", handed).status == "right"


def test_labels_of_cells():
    """Cells are called by the letters and the index base of the notation, lags by their lags."""
    problem = Problem("cross_correlation", **PLANE, notation={"output": "Y", "index_base": 0})
    right = solve(problem).answer
    checker = Checker(problem)
    assert checker.check("y[0,1]", right[0][1]).status == "right"
    assert checker.check("Y", right).status == "right"
    assert checker.check("y[2,2]", 4).sentences == ("There is no y[2,2]: output is 2x2.",)
    assert not checker.knows("h[1,1]")
    assert verdict(Problem("autocorrelation", input="1 2 3"), "h[-2]", 1 * 3).status == "right"


# 1 2 3; 4 5 6; 7 8 9 slid over by 1 2; 3 5 as it is: 1 + 4 + 12 + 25 = 42, 2 + 6 + 15 + 30 = 53, 4 + 10 + 21 + 40 = 75
NOT_FLIPPED = {"h[1,1]": 42, "h[1,2]": 53, "h[2,1]": 75}


def test_cells_handed_in_singly_are_explained_together():
    """One mistake behind all of them is said once, and the other cells point to it."""
    problem = Problem("convolution", input="1 2 3; 4 5 6; 7 8 9", kernel="1 2; 3 5")
    first, *others = diagnose(problem, NOT_FLIPPED).verdicts
    assert first.sentences[0] == "All of h[1,1], h[1,2], h[2,1] comes from one mistake: kernel not flipped."
    for verdict in (first, *others):
        assert (verdict.status, verdict.rank) == ("wrong", "misconception")
        assert [mistake.name for mistake in verdict.mistakes] == ["kernel_not_flipped"]
    assert all(verdict.sentences == ("From the same as h[1,1]: kernel not flipped.",) for verdict in others)


def test_a_slip_among_cells_handed_in_singly():
    """With the mistake, h[2,2] would be 5 + 12 + 24 + 45 = 86."""
    problem = Problem("convolution", input="1 2 3; 4 5 6; 7 8 9", kernel="1 2; 3 5")
    last = diagnose(problem, {**NOT_FLIPPED, "h[2,2]": 87}).verdicts[-1]
    assert (last.rank, last.explanations) == ("slips", ())
    assert last.sentences[0].startswith(
        "The other cells come from one mistake, kernel not flipped. With it, h[2,2] is 87 and should be 86"
    )


def test_two_cells_do_not_show_two_mistakes():
    """Two numbers come from some pair of mistakes by accident; each cell is then explained by itself."""
    problem = Problem("convolution", input="1 2 3; 4 5 6; 7 8 9", kernel="1 2; 3 5")
    one, other = diagnose(problem, {"h[1,1]": 42, "h[1,2]": 73}).verdicts
    assert one.sentences[0] == "Exactly this comes from one mistake: kernel not flipped."
    assert "h[1,1]" not in " ".join(other.sentences)


# 2 0 1 3; 1 4 0 2; 3 1 2 0; 0 2 1 1 convolved with 1 2; 0 -1: h[2,2] is -4 + 0 + 2*1 + 1*2 = 0, and 4 + 0 + 0 - 2 = 2
# without the flip; but h[1,1] is then 2 + 0 + 0 - 4 = -2 in place of -2 + 0 + 2 + 4 = 4
SLIPPED = Problem("convolution", input="2 0 1 3; 1 4 0 2; 3 1 2 0; 0 2 1 1", kernel="1 2; 0 -1")


def test_right_cells_rule_out_a_mistake():
    """A wrong cell is explained alike whether it stands in the matrix or by itself among the right ones."""
    matrix = [[4, 8, 1], [6, 2, 4], [-1, 4, 1]]
    cells = {f"h[{row},{column}]": matrix[row - 1][column - 1] for row in (1, 2, 3) for column in (1, 2, 3)}
    whole, cell = verdict(SLIPPED, "output", matrix), diagnose(SLIPPED, cells)["h[2,2]"]
    assert whole.sentences[0] == "h[2,2] is 2 and should be 0: the product 1 x 2 was added twice."
    assert (cell.status, cell.rank, cell.sentences, cell.mistakes) == ("wrong", "slips", whole.sentences, ())
    assert diagnose(SLIPPED, {"h[2,2]": 2, "h[1,1]": 4})["h[2,2]"].rank == "slips"
    assert diagnose(SLIPPED, {"h[2,2]": 2, "output": [[4, 8, 1], [6, 0, 4], [-1, 4, 1]]})["h[2,2]"].rank == "slips"
    alone = diagnose(SLIPPED, {"h[2,2]": 2})["h[2,2]"]
    assert (alone.rank, alone.mistakes[0].name) == ("misconception", "kernel_not_flipped")


def test_cells_of_another_shape_come_from_one_mistake():
    """With full padding the first cells are 2*1, 2*2 + 0 and 1, 4 + 2: not those of the valid part."""
    problem = Problem("convolution", input="2 3 1 5; 1 4 6 2; 3 1 2 8; 7 2 1 1", kernel="1 2; 5 7")
    full = np.array(answers(problem)["full_size"]).tolist()
    assert full[0][:2] == [2 * 1, 2 * 2 + 3 * 1]
    work = {f"h[{row},{column}]": full[row - 1][column - 1] for row in (1, 2, 5) for column in (1, 2)}
    found = diagnose(problem, work)
    assert all("full_size" in [mistake.name for mistake in one.mistakes] for one in found.verdicts)


def test_an_entry_misread_among_cells_handed_in_singly():
    """5 for the 4 of the input changes the four windows it lies in by the weights 1, 2, 0 and -1."""
    matrix = np.array([[4, 8, 1], [6, 0, 4], [-1, 4, 1]]) + [[1, 2, 0], [0, -1, 0], [0, 0, 0]]
    cells = {f"h[{row},{column}]": int(matrix[row - 1, column - 1]) for row in (1, 2, 3) for column in (1, 2, 3)}
    found = diagnose(SLIPPED, cells)
    assert "a[2,2] was taken as 5 and is 4" in found["h[1,1]"].sentences[0]
    assert found["h[2,2]"].sentences == ("From the same as h[1,1]: a[2,2] was misread.",)
    assert {one.rank for one in found.verdicts} == {"", "slips"}


def test_cells_of_letters_that_only_the_derivation_knows():
    """The maps of the channels before they are added have letters of their own."""
    problem = Problem("cross_correlation", input=["1 2", "3 4"], kernel=["1 1", "2 0"], dims=2)
    label = next(label for label in solve(problem).quantities if label.startswith("q["))
    assert verdict(problem, label, solve(problem).quantities[label]).status == "right"


def test_an_unknown_label():
    """A label that the problem does not have is said, with the nearest one, and does not count."""
    found = diagnose(Problem("convolution", **FLIP), {"flippd": [4, 1], "output": [6, 11]})
    assert found["flippd"].status == "unknown_label"
    assert found["flippd"].sentences == ("This problem has nothing called flippd. Did you mean flipped?",)
    assert found.mark == 1


def test_ragged_rows():
    """Rows of different lengths are named, and no crash."""
    said = verdict(Problem("cross_correlation", **PLANE), "output", [[1, 2], [3]])
    assert said.status == "wrong"
    assert said.sentences == ("rows have 1 and 2 entries; give each row as many.",)
    with pytest.raises(ProblemError, match="mixed"):
        value_of([[1, 2], 3])


@pytest.mark.parametrize("method", [{"matrix_of": "kernel", "order": "column"}, {"order": "column"}])
def test_other_ways_are_right(method):
    """The other operand as the matrix, and the other order of vec, are as right when they are kept to throughout."""
    keys = {"input": "3 1; 2 4", "kernel": "1 5; 2 3", "method": "toeplitz"}
    other = solve(Problem("cross_correlation", **{**keys, **method})).quantities
    names = [name for name in ("H_0", "H_1", "D", "vector", "product", "output") if name in other]
    found = diagnose(Problem("cross_correlation", **keys), {name: other[name] for name in names})
    assert [one.status for one in found.verdicts] == ["right"] * len(names)


def test_ways_cannot_be_mixed():
    """Blocks from one operand with the vector of the same operand are not right together."""
    keys = {"input": "3 1; 2 4", "kernel": "1 5; 2 3", "method": "toeplitz"}
    usual = solve(Problem("cross_correlation", **keys)).quantities
    other = solve(Problem("cross_correlation", **{**keys, "matrix_of": "kernel"})).quantities
    work = {"H_0": usual["H_0"], "H_1": usual["H_1"], "vector": other["vector"]}
    found = diagnose(Problem("cross_correlation", **keys), work)
    assert [one.status for one in found.verdicts] == ["right", "right", "wrong"]
    assert "Ways cannot be mixed" in found["vector"].sentences[0]


def test_what_follows_from_a_wrong_kernel():
    """Who did not turn the kernel but then worked rightly has made one mistake."""
    problem = Problem("convolution", **PLANE)
    work = {"flipped": [[1, 2, 0], [2, 1, -1], [0, 2, 1]], "output": answers(problem)["kernel_not_flipped"]}
    found = diagnose(problem, work)
    assert (found["flipped"].status, found["output"].status) == ("wrong", "follows")
    assert found["output"].follows_from == ("flipped",)
    assert found.mark == (1 + Fraction(4, 10)) / 2


def test_what_follows_from_wrong_padding():
    """Ones around 1 2 3 in place of zeros give 1*1 + 1*2, 1*1 + 2*2, 2*1 + 3*2, 3*1 + 1*2 with the kernel 1 2."""
    problem = Problem("cross_correlation", input=[1, 2, 3], kernel=[1, 2], padding=1)
    found = diagnose(problem, {"padded": [1, 1, 2, 3, 1], "output": [1 + 2, 1 + 4, 2 + 6, 3 + 2]})
    assert found["output"].status == "follows"
    slipped = diagnose(problem, {"padded": [1, 1, 2, 3, 1], "output": [1 + 2, 1 + 4, 2 + 6, 99]})["output"]
    assert (slipped.rank, slipped.follows_from) == ("slips", ("padded",))
    assert [(cell.given, cell.right) for cell in slipped.cells] == [(99, 3 + 2)]


def test_an_easier_value_is_not_carried_on():
    """Whoever writes zeros for the padded input is not given what follows from it."""
    problem = Problem("cross_correlation", input=[1, 2, 3], kernel=[1, 2], padding=1)
    found = diagnose(problem, {"padded": [0, 0, 0, 0, 0], "output": [0, 0, 0, 0]})
    assert found["output"].status == "wrong"


def test_what_follows_from_a_chain():
    """A wrong block makes the matrix, the product and the output wrong, and counts once."""
    keys = {"input": "3 1; 2 4", "kernel": "1 5; 2 3", "method": "toeplitz"}
    problem = Problem("cross_correlation", **keys)
    right = solve(problem).quantities
    first, second = np.array(right["H_0"]), np.array(right["H_1"])
    first[1, 0] = 7
    whole = np.block([[first, 0 * first], [second, first], [0 * first, second]])
    product = whole @ np.array(right["vector"])
    work = {"H_0": first, "D": whole, "product": product, "output": product.reshape(3, 3)}
    found = diagnose(problem, work)
    assert [one.status for one in found.verdicts] == ["wrong", "follows", "follows", "follows"]
    assert found["output"].follows_from == ("H_0",)


def test_two_wrong_values_do_not_excuse_each_other():
    """A wrong output and the frame it equals: the first is wrong, and only the second follows."""
    problem = Problem("transposed_convolution", input="1 3; 2 5", kernel="0 1; 3 2")
    wrong = np.array(solve(problem).answer) + 1
    found = diagnose(problem, {"output": wrong, "frame": wrong})
    assert sorted(one.status for one in found.verdicts) == ["follows", "wrong"]


def test_letters_are_compared_as_expressions():
    """A problem with letters is checked against the derivation: equal expressions are right, others wrong."""
    problem = Problem("convolution", input="a 2 b", kernel="1 c")
    right = solve(problem).answer
    assert verdict(problem, "output", right).status == "right"
    assert [cell.index for cell in verdict(problem, "output", [right[0] + 1, right[1]]).cells] == [(0,)]


LETTERS = Problem("convolution", input="a b c; d e f", kernel="u v; w x")  # a x + b w + d v + e u, and so on


@pytest.mark.parametrize(
    ("first", "kind", "said"),
    [
        ("a*x + b*w + d*v", "product_dropped", "the product e*u is missing"),
        ("a*x + b*w + d*v + 2*e*u", "product_doubled", "the product e*u was added twice"),
        ("a*x + b*w - d*v + e*u", "product_sign", "the product d*v has the wrong sign"),
        ("a*x + b*w + d*v + f*u", "product_neighbour", "f*u stands where e*u should"),
        ("a*x + b*w + d*v + e*u + c", "product_added", "c does not belong here"),
        ("-a*x - b*w - d*v - e*u", "sign", "the sign is wrong"),
    ],
)
def test_slips_in_letters(first, kind, said):
    """What happened to a term of a sum in letters."""
    work = read_answer(f"{first}, b*x+c*w+e*v+f*u".replace(" + ", "+").replace(" - ", "-"))
    verdict = diagnose(LETTERS, {"output": work.value})["output"]
    assert [slip.kind for slip in verdict.slips] == [kind]
    assert said in verdict.sentences[0]


@pytest.mark.parametrize(
    ("work", "rank", "names"),
    [
        ("a*u + b*v + d*w + e*x, b*u + c*v + e*w + f*x", "misconception", ["kernel_not_flipped"]),
        ("a*u + b*w + d*v + e*x, b*u + c*w + e*v + f*x", "misconception", ["kernel_transposed"]),
        ("a*w + b*x + d*u + e*v, b*w + c*x + e*u + f*v", "misconception", ["only_rows_flipped"]),
    ],
)
def test_mistakes_in_letters(work, rank, names):
    """A mistake is named in letters as in numbers."""
    verdict = diagnose(LETTERS, {"output": read_answer(work.replace(" + ", "+")).value})["output"]
    assert (verdict.status, verdict.rank) == ("wrong", rank)
    assert [mistake.name for mistake in verdict.mistakes] == names
    assert not re.search(r"\d{4}", " ".join(verdict.sentences))  # nothing of the numbers it was found with


def test_a_mistake_and_a_slip_in_letters():
    """The kernel is not flipped, and in the last cell a product is missing: the mistake is named, without numbers."""
    problem = Problem("convolution", input="a b c d e", kernel="u v w")
    work = read_answer("a*u+b*v+c*w, b*u+c*v+d*w, c*u+d*v").value
    verdict = diagnose(problem, {"output": work})["output"]
    assert (verdict.rank, [mistake.name for mistake in verdict.mistakes]) == (
        "misconception_and_slip",
        ["kernel_not_flipped"],
    )
    assert not re.search(r"\d{4}", " ".join(verdict.sentences))


@pytest.mark.parametrize(
    ("work", "status"),
    [
        ("w_{1,1} w_{1,2} 0; 0 w_{1,1} w_{1,2}", "right"),
        ("w_{11} w_{12} 0; 0 w_{11} w_{12}", "right"),
        ("w11 w12 0; 0 w11 w12", "right"),
        ("w_{0,0} w_{0,1} 0; 0 w_{0,0} w_{0,1}", "right"),
        ("w_{00} w_{01} 0; 0 w_{00} w_{01}", "right"),
        ("w_{12} w_{11} 0; 0 w_{12} w_{11}", "wrong"),
        ("w_{0,1} w_{0,0} 0; 0 w_{0,1} w_{0,0}", "wrong"),
        ("w_{11} w_{12} 0; 0 w_{11} w_{13}", "wrong"),
    ],
)
def test_names_of_letters(work, status):
    """w_{11} is how most people write w_{1,1}, and some count from 0."""
    kernel = {"symbols": "w", "shape": [1, 2]}
    problem = Problem("cross_correlation", input="1 2 3", kernel=kernel, dims=2, ask="matrix")
    assert verdict(problem, "C", read_answer(work).value).status == status


def test_names_that_could_be_two_letters():
    """w_{111} could be w_{1,11} or w_{11,1}, so it is neither."""
    kernel = {"symbols": "w", "shape": [11, 11]}
    problem = Problem("cross_correlation", input={"symbols": "x", "shape": [11, 11]}, kernel=kernel, ask="matrix")
    checker = Checker(problem)
    assert checker.check("kernel[1,1]", read_answer("w_{11}").value).status == "right"
    assert checker.check("kernel[1,11]", read_answer("w_{111}").value).status == "wrong"
    assert checker.check("kernel[11,11]", read_answer("w_{1111}").value).status == "right"


def test_other_ways_in_letters_are_right():
    """What another way of working gives in letters counts as right, as it does in numbers."""
    count = 0
    for operation in OPERATIONS:
        for sample in operation.samples():
            problem = Problem(operation.name, **sample)
            if arrays_of(problem) is not None or not hasattr(operation, "routes"):
                continue
            checker = Checker(problem)
            for _, setting in operation.routes(problem.setting):
                made = operation.derive(setting, problem.notation, problem.ask, Detail()).quantities
                for label, quantity in made.items():
                    if checker.has(label):
                        assert checker.check(label, quantity.value).status == "right", (sample, label)
                        count += 1
    assert count > 20


@pytest.mark.parametrize(
    ("first", "kind"),
    [
        ("-sqrt(66)", "sign"),
        ("sqrt(60)", "digit_misread"),
        ("8.13", "rounded"),
        ("8.1", "rounded"),
        ("8.5", "unexplained"),
    ],
)
def test_slips_of_roots(first, kind):
    """1 + 4 + 25 + 36 = 66, and its root is 8.124..."""
    problem = Problem("pooling", kind="lp", p=2, size=2, input="1 2 3 4; 5 6 7 9")
    verdict = diagnose(problem, {"output": read_answer(f"{first}, sqrt(155)").value})["output"]
    assert [slip.kind for slip in verdict.slips] == [kind]


def test_rounded_answers():
    """The means of 1 2 5 6 and 3 4 7 9 are 3.5 and 5.75."""
    problem = Problem("pooling", kind="average", size=2, input="1 2 3 4; 5 6 7 9")
    verdict = diagnose(problem, {"output": [3, 5]})["output"]
    assert verdict.sentences == ("Every wrong cell is the right value, rounded, and this asks for exact values.",)
    assert [slip.kind for slip in verdict.slips] == ["rounded", "rounded"]


def test_points_can_be_chosen():
    """An instructor's own division of the points is used, and every line says how many."""
    points = Points(method=Fraction(2), shape=Fraction(1), arithmetic=Fraction(1))
    found = diagnose(Problem("convolution", **FLIP), {"output": [9, 14]}, points)
    assert (found.marks[0].points, found.marks[0].out_of, found.mark) == (2, 4, Fraction(1, 2))
    assert found.lines[0] == "output, method: a mistake of method, kernel not flipped, 0 of 2."


@BY_OPERATION
def test_right_answers_are_never_wrong(operation):
    """Every quantity of every sample is right as the solution has it."""
    for sample in operation.samples():
        problem = Problem(operation.name, **sample)
        given = solve(problem).quantities
        assert {one.label: one.status for one in diagnose(problem, given).verdicts} == dict.fromkeys(given, "right")


@BY_OPERATION
def test_random_answers_are_never_right(operation):
    """Numbers at random in the right shape are wrong, with every wrong cell and its right value."""
    rng = random.Random(4)  # noqa: S311  # answers, not secrets
    for problem, checker in numeric_samples(operation):
        whole = solve(problem).derivation.quantities[checker.answer].value
        for _ in range(5):
            cells = tuple(rng.randint(-999, 999) for _ in whole.cells)
            if cells == whole.cells or not cells:
                continue
            said = checker.check(checker.answer, Value(whole.shape, cells))
            assert said.status == "wrong"
            if said.rank != "misconception":
                assert len(said.cells) == sum(a != b for a, b in zip(cells, whole.cells, strict=True))


@BY_OPERATION
def test_every_mistake_is_among_the_explanations(operation):
    """What a misconception makes of the answer is explained by it, unless it is right or right by another way."""
    for problem, checker in numeric_samples(operation):
        mistakes = {mistake.name for (mistake,) in checker._predictions.singles}  # without ways that are as right
        for name, handed in answers(problem).items():
            if name not in mistakes:
                continue
            said = checker.check(checker.answer, handed)
            assert said.status in STATUSES
            if said.status == "wrong":
                assert (name,) in [one.names for one in said.explanations]
            else:
                by_way = said.sentences[0].startswith("Right, by another way")
                assert by_way or name in [mistake.name for mistake in said.blind]


@BY_OPERATION
def test_one_slip_is_found(operation):
    """One cell that is 3 too large is the only wrong one, with its right value."""
    for _, checker in numeric_samples(operation):
        right = value_from(checker._known[checker.answer])
        for at, cell in enumerate(right.cells[:4]):
            if isinstance(cell, (int, Fraction)):
                said = checker.check(
                    checker.answer, Value(right.shape, (*right.cells[:at], cell + 3, *right.cells[at + 1 :]))
                )
                assert said.status == "wrong"
                assert [(one.given, one.right) for one in said.cells] == [(cell + 3, cell)]


def test_cells_that_are_no_rationals():
    """Complex numbers, roots and their decimals are read, compared and written as a hand writes them."""
    z = exact_numbers.root_of_unity
    cells = [2 + z(4) * 3, z(4, -1), 1 + z(3) * 2, z(8), 1 + z(8) + z(8, 7), z(5, 3) * 2 + -1, z(8, 2), z(8, 4)]
    said = ["2 - 3i", "i", "1 + 2*omega", "1/2*sqrt(2) - 1/2*sqrt(2)*i", "1 + sqrt(2)", "-1 + 2*omega_5^3", "-i", "-1"]
    assert [str(exact_cell(cell)) for cell in cells] == said
    assert exact_cell(z(8, 2)) == exact_cell(z(4))
    for signal in ("1 2 3 4", "1 2 0 -1 3", "1 2 0 -1 3 0"):
        problem = Problem("circular_convolution", input=signal, kernel="1 0 0 0", ask="dft")
        right = solve(problem).answer
        assert Checker(problem).check("dft(output)", right).status == "right"
        assert Checker(problem).check("dft(output)", [*right[:-1], right[-1] + 1]).status == "wrong"
    root = Problem("pooling", input="1 2", kind="lp", size=2)
    assert verdict(root, "output", solve(root).answer).status == "right"
    assert verdict(root, "output", Fraction("2.24")).status == "right"  # 2.236 squared is 4.9997
    said = verdict(root, "output", Fraction("2.25"))
    assert (said.status, said.sentences[0]) == ("wrong", "h[1] is 9/4 and should be sqrt(5).")


def test_all_copies_of_a_scattering_in_letters_are_known():
    """With letters too, every copy that the solution shows can be handed in: the fifth of x_1, ..., x_6 is x_5 K."""
    problem = Problem("transposed_convolution", input={"symbols": "x", "shape": [6]}, kernel="1 2")
    shown = solve(problem).quantities
    assert str(shown["A_5"]) == "[0, 0, 0, 0, x_{5}, 2*x_{5}, 0]"
    assert Checker(problem).check("A_5", shown["A_5"]).status == "right"


def test_numbers_need_no_sympy():
    """Right and wrong answers in numbers are checked, and mistakes are named, without the library of letters."""
    code = (
        "import sys; from symconv.problem import Problem; from symconv.checking.diagnose import diagnose; "
        "problem = Problem('convolution', input='1 2 3; 4 5 6; 7 8 9', kernel='1 2; 3 4'); "
        "diagnose(problem, {'output': [[37, 47], [67, 77]], 'size': [2, 2]}); "
        "diagnose(problem, {'h[1,2]': 7}); "
        "print('sympy' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout.strip() == "False"


def test_what_follows_map_by_map():
    """A wrong depthwise map makes the mixed maps wrong that read it: 5 in place of 2 adds 3 times its weight."""
    keys = {"input": ["1 2 0; 0 1 1; 2 1 0", "0 1 1; 1 0 2; 1 2 0"], "depthwise": ["1 0; 0 1", "1 1; 0 -1"]}
    problem = Problem("depthwise_separable", **keys, pointwise="1 2; 0 1; 1 -1")
    right = solve(problem).quantities
    maps, output = np.array(right["depthwise"]), np.array(right["output"])
    maps[0, 0, 0] += 3
    output[:, 0, 0] += 3 * np.array([1, 0, 1])
    found = diagnose(problem, {"depthwise": maps, "output": output})
    assert (found["output"].status, found["output"].follows_from) == ("follows", ("depthwise",))


def test_a_gradient_by_its_label():
    """What a mistake makes of one gradient is told from that gradient alone, and from the whole one."""
    layer = {"operation": "cross_correlation", "input": "1 2 3 4 5", "kernel": "2 0 -1", "bias": 1}
    problem = Problem("backpropagation", of=layer, upstream="1 -2 3")
    assert verdict(problem, "db", [1, -2, 3]).explanations[0].names == ("bias_gradient_not_summed",)
    assert verdict(problem, "dw", [10, 8, 6]).explanations[0].names == ("kernel_gradient_reversed",)
    whole = [2, -4, 2 * 3 - 1, 2, -3, 10, 8, 6, 1 - 2 + 3]
    assert verdict(problem, "gradient", whole).explanations[0].names == ("kernel_gradient_reversed",)


@pytest.mark.parametrize(
    ("given", "rank", "mark"),
    [
        ([0, 0, 0, 0, 0, 0], "unknown", Fraction(1, 10)),  # the shape's
        ([0, 7, 0, 0, 0, 0], "unknown", Fraction(1, 10) + Fraction(3, 10) / 3),
        ([0, 7, 0, 5, 0, 0], "slips", Fraction(7, 10) + Fraction(3, 10) * Fraction(2, 3)),
        ([0, 7, 0, 5, 0, 1], "slips", Fraction(7, 10) + Fraction(3, 10) * Fraction(2, 3)),
        ([0, 7, 0, 5, 2, 8], "slips", Fraction(7, 10) + Fraction(3, 10) * Fraction(3, 4)),
    ],
)
def test_zeros_are_no_work(given, rank, mark):
    """Three of six cells are not 0: without half of them right, missing products explain nothing."""
    found = diagnose(Problem("cross_correlation", input=[0, 7, 0, 5, 0, 8], kernel=[1]), {"output": given})
    assert (found["output"].rank, found.mark) == (rank, mark)


def test_one_cell_that_is_not_0():
    """Where a single cell shows work, 0 in it is no missing product; 70 for 7 is a digit too many."""
    problem = Problem("cross_correlation", input="0 0; 0 7", kernel="1")
    assert diagnose(problem, {"output": [[0, 0], [0, 0]]}).mark == Fraction(1, 10)
    assert diagnose(problem, {"output": [[0, 0], [0, 70]]}).mark == Fraction(7, 10)


def test_one_number_for_all_is_no_rounding():
    """A half and a quarter rounded to 0 and 0 show nothing; 0.7 and 0.3 for two and one thirds are rounded."""
    halves = Problem("cross_correlation", input="1/2 1/4", kernel=[1])
    assert diagnose(halves, {"output": [0, 0]}).mark == Fraction(1, 10)
    thirds = Problem("cross_correlation", input="2/3 1/3", kernel=[1])
    assert diagnose(thirds, {"output": [Fraction(7, 10), Fraction(3, 10)]})["output"].rank == "slips"


def test_a_misread_entry_costs_a_cell():
    """The bias 2 taken as 4 makes all four cells 2 too large, and so does a bias that is added twice."""
    image, kernel = "2 0 1 3; 1 4 0 2; 3 1 2 0; 0 2 1 1", "1 2 0; 0 -1 3; 2 1 1"
    problem = Problem("cross_correlation", input=image, kernel=kernel, padding=1, stride=2, bias=2)
    found = diagnose(problem, {"output": [[5 + 2, 20 + 2], [6 + 2, 10 + 2]]})
    assert found["output"].slips[0].kind == "operand_misread"
    assert "was taken as 4 and is 2, or it was added twice;" in found["output"].sentences[0]
    assert found.mark == Fraction(7, 10) + Fraction(3, 10) * Fraction(3, 4)


NETWORK = read_problem(Path(__file__).parent.parent / "examples" / "network.toml")
FIRST = [[0, -5, 2, -5], [4, 0, -3, 1], [-5, 6, 1, -3], [0, -7, -1, 5]]  # the first map, but for 4 in place of 3


def test_what_follows_through_a_network_by_every_name_of_its_last_map():
    """The last map follows whether it is called the output or by its layer: 4 - 6 + 10 + 1 and 8 + 2 - 5 - 2."""
    positive = [[max(0, cell) for cell in row] for row in FIRST]
    work = {"H^(1)": FIRST, "H^(2)": positive, "H^(3)": [[4, 2], [6, 5]], "H^(4)": [4, 2, 6, 5]}
    for last in ("H^(5)", "map[5]", "output"):
        found = diagnose(NETWORK, {**work, last: [9, 3]})
        assert [one.status for one in found.verdicts] == ["wrong", *["follows"] * 4]
        assert found[last].follows_from == ("H^(1)",)
        assert found[last].sentences[0].startswith("It follows rightly from your H^(")
        assert diagnose(NETWORK, {**work, last: [9, 4]})[last].status == "wrong"
    assert found.mark == (1 + found.marks[0].points) / 2  # of the output and of what it follows from


def test_what_follows_stands_before_a_misread_entry():
    """The bias of the first layer taken as 3 adds 6 to its map; each later map follows from the one before."""
    first = np.array([[0, -5, 2, -5], [3, 0, -3, 1], [-5, 6, 1, -3], [0, -7, -1, 5]]) + 6
    second = np.maximum(first, 0)
    third = [[9, 8], [12, 11]]
    fifth = [9 - 12 + 2 * 11 + 1, 2 * 9 + 8 - 11 - 2]
    found = diagnose(NETWORK, {"map[1]": first, "map[2]": second, "map[3]": third, "map[5]": fifth})
    assert [one.status for one in found.verdicts] == ["wrong", "follows", "follows", "follows"]
    assert "bias[1][1] was taken as 3" in found["map[1]"].sentences[0]
    found = diagnose(NETWORK, {"map[3]": third, "map[5]": fifth})
    assert (found["map[5]"].status, found["map[5]"].follows_from) == ("follows", ("map[3]",))


def test_a_wrong_map_handed_on_without_its_layer_does_not_follow():
    """Whoever forgets the ReLU has a second map that equals the first, which is no right way to go on."""
    assert diagnose(NETWORK, {"map[1]": FIRST, "map[2]": FIRST})["map[2]"].status == "wrong"


COUNTED = [156, 0, 416, 0, 0, 48120, 10164, 850]  # 416 is 16 (25 + 1), and should be 16 (150 + 1)


@pytest.mark.parametrize("earlier", [{"parameters[3]": 416}, {"parameters": COUNTED}])
def test_a_total_follows_from_what_it_adds_up(earlier):
    """The parameters of one layer are wrong, and the sum of all that were handed in is right."""
    problem = read_problem(Path(__file__).parent.parent / "examples" / "counting.toml")
    total = 156 + 416 + 48120 + 10164 + 850
    found = diagnose(problem, {**earlier, "total(parameters)": total})
    assert [one.status for one in found.verdicts] == ["wrong", "follows"]
    assert found["total(parameters)"].follows_from == tuple(earlier)
    assert diagnose(problem, {**earlier, "total(parameters)": total + 1})["total(parameters)"].status == "wrong"


def test_a_copy_has_no_products():
    """3 for the 2 in the middle of 0 1 2 3 0 is no product with another entry: nothing is multiplied there."""
    problem = Problem("cross_correlation", input=[1, 2, 3], kernel=[1, 2], padding=1)
    found = verdict(problem, "padded", [0, 1, 3, 3, 0])
    assert (found.status, found.sentences) == ("wrong", ("padded[3] is 3 and should be 2.",))
    assert "product" in verdict(problem, "output", [2, 1 + 4, 2 + 6 + 2, 3]).sentences[0]


@pytest.mark.parametrize("given", [[11, 14, 20, 23], [[11], [14], [20], [23]]])
def test_right_numbers_in_another_shape(given):
    """1 + 10, 2 + 12; 4 + 16, 5 + 18 in one row or column: all but the points for the shape."""
    problem = Problem("cross_correlation", input="1 2 3; 4 5 6; 7 8 9", kernel="1 0; 0 2")
    found = diagnose(problem, {"output": given})
    assert (found["output"].status, found["output"].rank) == ("wrong", "reshaped")
    assert found.mark == Fraction(9, 10)
    assert diagnose(problem, {"output": [11, 14, 20, 24]}).mark == 0
    flat = Problem("flatten", input="1 2; 3 4")
    assert diagnose(flat, {"output": [[1, 2], [3, 4]]}).mark == 0
