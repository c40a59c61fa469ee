"""Worksheets: what is hidden is hidden everywhere, and the answers are those of the verified solution."""

from __future__ import annotations

from fractions import Fraction

import pytest

from symconv.expression import Blank, Number
from symconv.pdf import typst_pdf
from symconv.problem import Problem
from symconv.render import worksheet
from symconv.sheets.sheet import Cover
from symconv.sheets.stream import Stream
from symconv.sheets.worksheet import exercise, fading
from symconv.solution import solve

PRIMES = {"input": "101 103; 107 109", "kernel": "2 3", "padding": "full"}  # full of numbers that stand out
COVER = Cover("Practice", "Signals & systems", "", "Fill in the boxes.")


def blank(share, hints=False, **keys):
    """A convolution of four primes with a share of its results hidden."""
    problem = Problem("convolution", **{**PRIMES, **keys})
    return exercise(solve(problem), Fraction(share), Stream("test"), hints=hints)


def test_nothing_is_hidden_at_share_zero():
    """A worked example keeps every step of the solution."""
    made = blank(0)
    assert made.answers == ()
    assert made.derivation == made.solution.derivation


def test_answers_are_the_results():
    """Everything hidden: both sizes, the flipped kernel, and the six sums 101*2, 101*3 + 103*2, 103*3, ... in order."""
    values = [answer.value for answer in blank(1).answers]
    sums = [101 * 2, 101 * 3 + 103 * 2, 103 * 3, 107 * 2, 107 * 3 + 109 * 2, 109 * 3]
    assert values == [2, 3, 3, 2, *sums]


@pytest.mark.parametrize("form", ["tex", "typ", "md"])
def test_no_hidden_value_is_on_the_pages_before_the_answers(form):
    """509 = 101*3 + 103*2 stands on the answer page alone, once, though the solution says it several times."""
    made = blank(1)
    text = worksheet([made], COVER, "", form)
    assert made.solution.to(form).count("509") > 1
    body, answers = text.split("Answers")
    assert "509" not in body
    assert answers.count("509") >= 1


def test_a_share_hides_that_share():
    """Half of ten results are five blanks, numbered in the order of the page."""
    answers = blank(Fraction(1, 2)).answers
    assert [answer.number for answer in answers] == [1, 2, 3, 4, 5]


def test_operands_and_factors_stay():
    """Nothing inside a product is hidden: a blank is a result, never half a formula."""
    made = blank(1, padding=1, padding_mode="circular")
    quantities = made.derivation.quantities
    hidden = {name for name, q in quantities.items() if any(isinstance(cell, Blank) for cell in q.value.cells)}
    assert not hidden & {"input", "kernel", "padded"}
    assert "output" in hidden


def test_sizes_become_blanks_in_their_law():
    """The law is printed with its numbers, and ends in a blank."""
    made = blank(1)
    (step,) = (step for step in made.derivation.steps if step.label == "size")
    ends = [block.sides[-1] for block in step.blocks if block.kind == "equation"]
    assert [type(end) for end in ends] == [Blank, Blank]
    assert ends[0].body is not Number(2)


def test_hints_stand_where_blanks_are():
    """A step with blanks has a hint when asked for, a step without has none."""
    kinds = {step.label: [b.kind for b in step.blocks] for step in blank(1, hints=True).derivation.steps}
    assert "hint" in kinds["entries"]
    assert "hint" not in kinds["given"]
    assert all("hint" not in [b.kind for b in step.blocks] for step in blank(1).derivation.steps)


def test_the_same_stream_gives_the_same_blanks():
    """Blanks are reproducible."""
    assert blank(Fraction(1, 2)).answers == blank(Fraction(1, 2)).answers


def test_fading_goes_from_worked_to_blank():
    """Four questions hide nothing, a third, two thirds, everything."""
    assert fading(4) == [0, Fraction(1, 3), Fraction(2, 3), 1]
    assert fading(1) == [1]


def test_a_worksheet_is_an_accessible_pdf():
    """Typst accepts the page as PDF/UA-1: every blank has words."""
    made = typst_pdf(worksheet([blank(0), blank(Fraction(1, 2), hints=True)], COVER, "K7Q2M", "typ"))
    assert made.startswith(b"%PDF")


def test_typed_text_is_escaped():
    """What an instructor typed is text in every format."""
    cover = Cover(r"\input{x} #eval $5", "", "", "<b> & _x_")
    tex = worksheet([blank(1)], cover, "", "tex")
    assert r"\textbackslash{}input" in tex
    assert r"\#eval \$5" in tex
    assert r"\<b\>" in worksheet([blank(1)], cover, "", "md")
