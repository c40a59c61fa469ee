"""A solution as Python and notebooks see it."""

import json
from fractions import Fraction

import numpy as np
import pytest
import sympy

import symconv
from symconv.errors import SymconvError, VerificationError
from symconv.operations.convolution import DirectOperation
from symconv.problem import Problem
from symconv.solution import solve


def test_operands_of_every_kind_give_one_answer():
    """Lists, text, NumPy arrays and fractions are the same problem."""
    kernels = [[[1, 0], [0, 2]], "1 0; 0 2", np.array([[1, 0], [0, 2]]), [[Fraction(1), 0], [0, Fraction(4, 2)]]]
    answers = [solve(Problem("cross_correlation", input=[[1, 2], [3, 4]], kernel=kernel)).answer for kernel in kernels]
    assert answers == [[[1 * 1 + 4 * 2]]] * 4


def test_letters_give_sympy_expressions():
    """With SymPy symbols the answer is their polynomial."""
    a, b = sympy.symbols("a b")
    (answer,) = solve(Problem("cross_correlation", input=[a, 2], kernel=[3, b])).answer
    assert sympy.expand(answer - (3 * a + 2 * b)) == 0


def test_labels_follow_the_notation():
    """Cells of the output are called by its letter, counted from the index base."""
    notation = {"output": "Y", "index_base": 0}
    solution = symconv.solve(symconv.Problem("cross_correlation", input=[1, 2], kernel=[1], notation=notation))
    assert solution.quantities["y[0]"] == 1
    assert solution.quantities["y[1]"] == 2


def test_json_writes_fractions_and_letters_as_text():
    """Halves and letters are strings, integers are numbers."""
    read = json.loads(solve(Problem("cross_correlation", input="1 a", kernel="1/2")).to("json"))
    assert read["answer"] == ["1/2", "a/2"]
    assert read["quantities"]["input"] == [1, "a"]


def test_a_notebook_shows_the_markdown():
    """A notebook asks for Markdown and gets the whole solution."""
    solution = solve(Problem("convolution", input=[1, 2], kernel=[3], title="One tap"))
    assert solution._repr_markdown_() == solution.to("md")
    assert solution.to("md").startswith("# One tap\n")


def test_an_unknown_format_is_refused():
    """The refusal names the formats there are."""
    with pytest.raises(SymconvError, match="the format 'docx' is unknown; known are pdf, tex, typ, md, json"):
        solve(Problem("convolution", input=[1], kernel=[1])).to("docx")


def test_what_is_wrong_is_not_rendered(monkeypatch):
    """When the oracle disagrees there is no solution, so there is nothing to render."""
    right = DirectOperation.oracle

    def wrong(self, setting, operands):
        quantities = dict(right(self, setting, operands))
        return {**quantities, "output": lambda: quantities["output"]() + 1}

    monkeypatch.setattr(DirectOperation, "oracle", wrong)
    with pytest.raises(VerificationError):
        solve(Problem("convolution", input=[1, 2], kernel=[1]))
