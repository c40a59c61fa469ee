"""Operands and parameters in every form a person gives them."""

from fractions import Fraction

import numpy as np
import pytest
import sympy

from symconv.errors import ProblemError
from symconv.operands import choice, pads, per_axis, read_operand, whole
from symconv.problem import Problem
from symconv.solution import solve
from symconv.tensor import Tensor


def read(given, limit=1000, base=1):
    """The tensor behind `input = ...`."""
    return read_operand("input", given, limit, base).tensor


@pytest.mark.parametrize(
    ("given", "shape"),
    [
        (5, (1, 1)),
        ([1, 2, 3], (1, 3)),
        ("1 2 3", (1, 3)),
        ([["1"], ["2"], ["3"]], (3, 1, 1, 1)),
        ("1 2; 3 4", (2, 2)),
        ([[1, 2], [3, 4]], (2, 2)),
        (((1, 2), (3, 4)), (2, 2)),
        (np.ones((2, 3), int), (2, 3)),
        (sympy.ones(2, 3), (2, 3)),
        (["1 2; 3 4", "5 6; 7 8", "0 0; 0 0"], (3, 2, 2)),
        ([["1 2; 3 4"], ["5 6; 7 8"]], (2, 1, 2, 2)),
        (np.ones((2, 3, 4, 5), int), (2, 3, 4, 5)),
        ({"symbols": "x", "shape": [3]}, (1, 3)),
        ({"symbols": "x", "shape": [4, 3]}, (4, 3)),
        ({"symbols": "x", "shape": (2, 4, 3)}, (2, 4, 3)),
    ],
    ids=str,
)
def test_an_operand_ends_in_rows_and_columns(given, shape):
    """A row has one row, and what stands before the last two axes are channels and filters."""
    assert read(given).shape == shape


def test_forms_of_one_matrix_agree():
    """Text, lists, tuples, arrays and mixed entries give the same tensor."""
    expected = Tensor((2, 2), (1, Fraction(1, 2), -3, 0))
    forms = [
        "1 1/2; -3 0",
        "1, 0.5\n-3, 0",
        [[1, 0.5], [-3, 0]],
        [["1", 0.5], [-3, "0"]],
        np.array([[1, 0.5], [-3, 0]]),
    ]
    assert [read(form) for form in forms] == [expected] * 5


def test_a_text_among_numbers_is_an_entry():
    """Where numbers stand as deep as a text, the text is one entry, in a row of its own too; elsewhere a matrix."""
    half = Fraction(1, 2)
    assert read([["1/2"], [2]]) == read([[2.5 - 2], ["2"]]) == Tensor((2, 1), (half, 2))
    assert read([["1/2", "1/3"], [2, 3]]) == Tensor((2, 2), (half, Fraction(1, 3), 2, 3))
    assert read([[["a"], [1]], [["b"], ["2"]]]).shape == (2, 2, 1)
    assert read(["1/2 1; 2 3", [[5, 6], [7, 8]]]).shape == (2, 2, 2)
    with pytest.raises(ProblemError, match="part 1: entry 1: '1 2' is not a number or a letter; write an integer"):
        read([["1 2"], [3]])
    with pytest.raises(ProblemError, match="entry 1 is a list beside numbers"):
        read([["1/2"], 2])


def test_letters_count_from_the_index_base():
    """The symbols of an operand carry their own position as subscripts."""
    names = [str(cell) for cell in read({"symbols": "x", "shape": [2, 2]}, base=1).cells]
    assert names == ["x_{1,1}", "x_{1,2}", "x_{2,1}", "x_{2,2}"]
    assert str(read({"symbols": "w", "shape": [1]}, base=0).cells[0]) == "w_{0}"


def test_one_axis_takes_the_row_away():
    """With dims = 1 a row is a line, and the rows of a lone matrix are its channels."""
    assert read_operand("input", "1 2 3", 9, 1).with_dims(1).shape == (3,)
    assert read_operand("input", "1 2 3; 4 5 6", 9, 1).with_dims(1).shape == (2, 3)
    assert read_operand("input", ["1 2 3", "4 5 6"], 9, 1).with_dims(1).shape == (2, 3)
    assert read_operand("input", "1 2 3", 9, 1).with_dims(2).shape == (1, 3)


def test_an_error_names_the_part_and_keeps_the_caret():
    """The fault in the second channel is found there, with the caret under it."""
    with pytest.raises(ProblemError) as caught:
        read(["1 2; 3 4", "1 2; x! 4"])
    assert str(caught.value).startswith("input: part 2: row 2, entry 1: 'x!' is not a number or a letter")
    assert caught.value.place == "    1 2; x! 4\n         ^"


def test_the_limit_holds_for_every_form():
    """Four entries pass a limit of four and not of three, in every form."""
    for form in ["1 2; 3 4", [[1, 2], [3, 4]], np.ones((2, 2), int), {"symbols": "x", "shape": [2, 2]}]:
        assert len(read(form, limit=4).cells) == 4
        with pytest.raises(ProblemError, match="entries are beyond the limit of 3"):
            read(form, limit=3)


def test_whole_reads_integers_of_any_kind():
    """Whole numbers of Python, NumPy and SymPy are read as int."""
    read_numbers = [whole("stride", given, 1) for given in (3, np.int8(3), sympy.Integer(3), np.array(3))]
    assert read_numbers == [3] * 4
    assert {type(number) for number in read_numbers} == {int}


@pytest.mark.parametrize(
    "given",
    [0, -5, 1.0, "1", True, None, [1], np.array([1]), np.array(1.0), 2**63, -(10**5000), 10**5000],
    ids=lambda given: type(given).__name__,
)
def test_whole_refuses_the_rest(given):
    """What is no whole number from 1 to 2^63 is refused by name."""
    with pytest.raises(ProblemError, match="stride is "):
        whole("stride", given, 1)


def test_per_axis_repeats_one_number():
    """One number holds for every axis, a list has one for each."""
    assert per_axis("stride", 2, 2, 1) == (2, 2)
    assert per_axis("stride", [2, 3], 2, 1) == (2, 3)
    assert per_axis("stride", np.array([2, 3]), 2, 1) == (2, 3)
    assert per_axis("stride", (4,), 1, 1) == (4,)


@pytest.mark.parametrize(
    ("given", "dims", "expected"),
    [
        (0, 1, [(0, 0)]),
        (2, 2, [(2, 2), (2, 2)]),
        ([1, 2], 2, [(1, 1), (2, 2)]),
        ([[1, 2]], 1, [(1, 2)]),
        ([[1, 2], [3, 4]], 2, [(1, 2), (3, 4)]),
        ([1, [3, 4]], 2, [(1, 1), (3, 4)]),
        (np.array([[1, 2], [3, 4]]), 2, [(1, 2), (3, 4)]),
    ],
    ids=str,
)
def test_padding_in_numbers(given, dims, expected):
    """One number for all sides, one for each axis, or before and after for each axis."""
    assert pads(given, dims) == expected


@pytest.mark.parametrize("given", ["rows", "", None, 1, ["row"], np.array(["row", "column"])])
def test_choice_refuses_what_is_not_listed(given):
    """Only the words themselves are accepted."""
    assert choice("order", "row", ("row", "column")) == "row"
    with pytest.raises(ProblemError, match=r"order is .*; write 'row' or 'column'"):
        choice("order", given, ("row", "column"))


def test_a_kernel_of_rows_in_the_layout_of_torch():
    """With dims = 1 a kernel nested three deep is filters, channels, taps."""
    solution = solve(Problem("cross_correlation", input=[[1, 2, 3], [4, 5, 6]], kernel=[[[1, 0], [0, 1]]], dims=1))
    assert solution.answer == [1 * 1 + 5 * 1, 2 * 1 + 6 * 1]
