"""Notation: letters, index base and signs."""

import pytest

from symconv import Problem, ProblemError, solve
from symconv.notation import Notation, read_notation

KEYS = {"input": "1 2; 3 4", "kernel": "1 1", "padding": [[0, 0], [1, 0]]}


def test_a_single_capital_has_small_entries():
    """The entries of A are a; the entries of phi are phi."""
    assert [Notation.cell(letter) for letter in ("A", "x", "phi", "Phi")] == ["a", "x", "phi", "Phi"]


@pytest.mark.parametrize("base", [0, 1])
def test_labels_count_from_the_index_base(base):
    """The first cell of the output is labelled with the index base."""
    assert Notation(index_base=base).label("h", (0, 2)) == f"h[{base},{2 + base}]"
    quantities = solve(Problem("cross_correlation", **KEYS, notation={"index_base": base})).quantities
    cells = {label: value for label, value in quantities.items() if label.startswith("h[")}
    # each row is padded before: 0 1 2 and 0 3 4, and neighbours are added
    assert cells == {
        f"h[{base},{base}]": 0 + 1,
        f"h[{base},{1 + base}]": 1 + 2,
        f"h[{1 + base},{base}]": 0 + 3,
        f"h[{1 + base},{1 + base}]": 3 + 4,
    }


def test_the_letter_of_the_output_labels_its_cells():
    """A course that calls the output Y hands in y[1,1]."""
    quantities = solve(Problem("cross_correlation", **KEYS, notation={"output": "Y"})).quantities
    assert (quantities["y[2,2]"], "h[2,2]" in quantities) == (3 + 4, False)


def test_the_letters_do_not_change_the_numbers():
    """Any notation gives the same answer."""
    notations = [
        {},
        {"input": "X", "kernel": "W", "output": "Y", "bias": "beta", "index_base": 0},
        {"decimals": "comma"},
    ]
    answers = [solve(Problem("convolution", **KEYS, notation=notation)).answer for notation in notations]
    assert answers == [answers[0]] * 3


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("index_base", 2),
        ("index_base", True),
        ("index_base", 1.0),
        ("index_base", "1"),
        ("product", "x"),
        ("brackets", None),
        ("decimals", []),
        ("input", ""),
        ("input", "1a"),
        ("input", "\\phi"),
        ("input", "a b"),
        ("input", "a" * 13),
        ("kernel", 3),
        ("kernel", None),
        ("output", "\N{GREEK SMALL LETTER PHI}"),
        ("bias", "b\n"),
    ],
)
def test_a_bad_value_is_refused(field, given):
    """The message names the field and what may be written."""
    with pytest.raises(ProblemError, match=rf"notation\.{field} is .*; write ") as caught:
        Notation(**{field: given})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("letters", [{"input": "K"}, {"input": "k"}, {"output": "a"}, {"bias": "H"}])
def test_one_letter_for_two_things_is_refused(letters):
    """Letters must differ even when written small, because entries are."""
    with pytest.raises(ProblemError, match="notation gives one letter to two things"):
        Notation(**letters)


def test_reading_a_table():
    """A table of some fields leaves the others as they are; a Notation is taken as it is."""
    notation = Notation(output="Y", index_base=0)
    assert read_notation({"output": "Y", "index_base": 0}) == notation
    assert read_notation(notation) is notation
    assert read_notation({}) == Notation()


@pytest.mark.parametrize("given", [None, 3, "x", ["input"], {"colour": 1}, {1: 2}])
def test_reading_anything_else_is_refused(given):
    """Only a table with known fields is a notation."""
    with pytest.raises(ProblemError, match=r"known are input, kernel|write a table with any of input, kernel"):
        read_notation(given)
