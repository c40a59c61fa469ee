"""Worksheets: what is hidden is hidden everywhere, and the answers are those of the verified solution."""

from __future__ import annotations

from fractions import Fraction

import pytest

from symconv.expression import Blank, Number
from symconv.pdf import typst_pdf
from symconv.problem import Problem
from symconv.render import worksheet
from symconv.runs.chunk import Chunk
from symconv.sheets.edition import Editor, Order, Taken
from symconv.sheets.paper import Style
from symconv.sheets.sheet import Cover
from symconv.sheets.stream import Stream
from symconv.sheets.versions import sheet_from
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


@pytest.mark.parametrize(
    ("operation", "keys", "words"),
    [
        ("convolution", {"kernel": "2 3"}, "Multiply each entry of the window by the kernel entry"),
        ("pooling", {"kind": "max", "size": 2}, "Only the cells of the window count"),
        ("activation", {"kind": "leaky_relu", "slope": "1/10"}, "Put each entry into the function above."),
        ("autocorrelation", {"input": "1 2 3"}, "lag by lag"),
        ("upsampling", {"scale": 2}, None),
    ],
)
def test_a_hint_fits_its_operation(operation, keys, words):
    """What helps over a convolution is no help over a maximum; where nothing fits, there is no hint."""
    problem = Problem(operation, **{"input": "101 103; 107 109", **keys})
    made = exercise(solve(problem), Fraction(1), Stream("test"), hints=True)
    said = [
        block.text
        for step in made.derivation.steps
        if step.label == "entries"
        for block in step.blocks
        if block.kind == "hint"
    ]
    assert [words in hint for hint in said] == ([] if words is None else [True])


def test_a_law_is_rounded_as_it_says():
    """A floor is spoken of where there is one."""
    problem = Problem("pooling", kind="max", size=2, stride=2, ceil_mode=True, input="1 2 3; 4 5 6; 7 8 9")
    steps = exercise(solve(problem), Fraction(1), Stream("test"), hints=True).derivation.steps
    (size,) = (step for step in steps if step.label == "size")
    assert size.blocks[-1].text == "Put the numbers into the law from the inside out; a ceiling rounds up."


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


CHAIN = """
title = "Chain"
seed = "chain"
[[questions]]
operation = "cross_correlation"
input = "101 103; 107 109"
kernel = "1 1; 0 2"
padding = "same"
  [[questions.parts]]
  points = 1
  choices = 3
  [[questions.parts]]
  operation = "pooling"
  kind = "max"
  size = [1, 2]
  stride = 1
  input = {part = "a"}
  points = 1
  [[questions.parts]]
  operation = "cross_correlation"
  kernel = "1 3"
  input = {part = "b"}
  padding = "same"
  points = 1
  [[questions.parts]]
  operation = "pooling"
  kind = "max"
  size = 2
  points = 1
"""


def chained(blanked, form="md"):
    """The worksheet of the chain: the pages to fill in, and the answers."""
    order = Order(CHAIN, Style(), is_worksheet=True, blank=blanked, hints=True, formats=(form,))
    item = Taken(1, "K7Q2M", {judge.question.name: 0 for judge in sheet_from(CHAIN).judges}).item()
    (made,) = Editor(order).made(Chunk("trial", (item,))).files.values()
    body, answers = made.decode().split("Answers")
    return body, answers


@pytest.mark.parametrize("blanked", [Fraction(1), Fraction(1, 2)])
def test_a_result_that_is_blank_is_only_named_later_on(blanked):
    """101 + 103 + 2*109 = 422 is the first entry of (a), so the largest of a window of (b), and in the sums of (c)."""
    body, answers = chained(blanked)
    later = body[body.index("(b)") : body.index("(d)")]
    assert "422" not in later
    assert "is the result of part (a)." in later
    assert "is the result of part (b)." in later
    assert answers.count("422") >= 1
    assert "Multiply each entry" not in later


def test_a_result_that_is_not_blank_is_printed_later_on():
    """Where nothing is hidden, a later part shows the numbers it takes up."""
    body, _ = chained(Fraction(0))
    assert "is the result of" not in body
    assert body.count("422") > 3


def test_what_takes_up_no_result_stays():
    """A part from the operands alone keeps its numbers and its steps."""
    body, _ = chained(Fraction(1))
    last = body[body.index("(d)") :]
    assert "109" in last
    assert "The entries" in last


@pytest.mark.parametrize("form", ["tex", "typ", "md"])
def test_a_multiple_choice_has_its_choices(form):
    """All three stand below what is asked, the right one with the answers."""
    body, answers = chained(Fraction(1), form)
    first = body[: body.index("ooling")]  # part (b)
    bold = {"tex": r"\textbf{%s}", "typ": "*%s*~", "md": "**%s** "}[form]
    assert [first.count(bold % letter) for letter in "ABCD"] == [1, 1, 1, 0]
    assert "choice" in answers
