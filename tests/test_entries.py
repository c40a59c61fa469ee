"""The parser of numbers, letters and matrices: what it reads, what it refuses, and where its caret stands."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import example, given, settings
from hypothesis import strategies as st

from symconv.entries import entry, exact, letter, matrix, too_many, value
from symconv.errors import ProblemError
from symconv.tensor import Tensor


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("-3", -3),
        ("+7", 7),
        ("007", 7),
        ("\N{MINUS SIGN}4", -4),
        ("0.5", Fraction(1, 2)),
        (".25", Fraction(1, 4)),
        ("5.", 5),
        ("-0.125", Fraction(-1, 8)),
        ("-.5", Fraction(-1, 2)),
        ("2/4", Fraction(1, 2)),
        ("-6/3", -2),
        ("0/5", 0),
        ("9" * 30, 10**30 - 1),
    ],
)
def test_numbers_are_read_exactly(text, number):
    """Integers, decimals and fractions become int or Fraction, never float."""
    read = entry(text)
    assert (read, type(read)) == (number, type(number))


@pytest.mark.parametrize(
    ("text", "name"),
    [("a", "a"), ("w12", "w12"), ("w_1", "w_{1}"), ("w_{1}", "w_{1}"), ("w_{1,2}", "w_{1,2}"), ("x_{i,j}", "x_{i,j}")],
)
def test_letters_are_symbols(text, name):
    """A letter with subscripts is a symbol whose subscripts stand in braces."""
    assert entry(text) == sympy.Symbol(name)
    assert entry(f"-{text}") == -sympy.Symbol(name)


def test_subscripts_are_told_apart():
    """w_{1,2} is not w_{12}."""
    assert letter("w", (1, 2)) != letter("w", (12,))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3x",
        "1/0",
        "nan",
        "NaN",
        "inf",
        "-inf",
        "Infinity",
        "None",
        "true",
        "1e400",
        "1e5",
        "1/-2",
        "1//2",
        "1/2/3",
        "--1",
        "+-1",
        ".",
        "-",
        "1.2.3",
        "0x1f",
        "1_000",
        "a*b",
        "a+1",
        "2a",
        "a b",
        "a_",
        "a_{}",
        "a_{1,}",
        "_a",
        "a__b",
        "__import__('os')",
        "lambda: 0",
        "\\alpha",
        "$x$",
        "\N{FULLWIDTH DIGIT ONE}",
        "\N{ARABIC-INDIC DIGIT THREE}",
        "\N{GREEK SMALL LETTER ALPHA}",
        "a" * 31,
        "1\n",
        "1\n2",
        "\x00",
        "9" * 31,
        "0." + "1" * 30,
    ],
)
def test_anything_else_is_refused(text):
    """What is no number and no letter is refused with one line that says what to write."""
    with pytest.raises(ProblemError) as caught:
        entry(text)
    assert "write an integer, a decimal such as 0.5, a fraction such as 1/2, or a letter" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_division_by_zero_is_named():
    """1/0 says that it divides by zero."""
    with pytest.raises(ProblemError, match="'1/0' divides by zero"):
        entry("1/0")


@settings(derandomize=True)
@given(text=st.text())
@example("w_{1")
@example("}")
def test_any_text_is_an_entry_or_a_problem(text):
    """Arbitrary text gives an exact entry or a ProblemError, nothing else."""
    try:
        read = entry(text)
    except ProblemError as error:
        message = str(error)
        assert "\n" not in message
    else:
        assert isinstance(read, (int, Fraction, sympy.Expr))


@pytest.mark.parametrize("alphabet", ["0123456789./-+ ,;{}_axwe\n\t", "12 ;,\n"])
@settings(derandomize=True)
@given(data=st.data())
def test_any_text_is_a_matrix_or_a_problem(alphabet, data):
    """Arbitrary text gives a matrix with rows of one length, or a ProblemError whose caret stands under the line."""
    text = data.draw(st.one_of(st.text(), st.text(alphabet)))
    try:
        rows = matrix(text, most=50)
    except ProblemError as error:
        message, column = str(error), caret(error) if error.place else 0
        assert "\n" not in message
        assert 0 <= column <= 72
    else:
        assert {len(row) for row in rows} == {len(rows[0])}
        assert sum(map(len, rows)) <= 50


@given(
    cells=st.lists(
        st.lists(st.fractions(-(10**6), 10**6, max_denominator=99), min_size=2, max_size=2), min_size=1, max_size=4
    )
)
def test_a_written_matrix_is_read_back(cells):
    """Rows written with semicolons or line ends, spaces or commas, come back as they were."""
    expected = [[exact(cell) for cell in row] for row in cells]
    for between, rows in [(" ", "; "), (", ", "\n"), (",", ";"), ("\t", " ;\n")]:
        assert matrix(rows.join(between.join(map(str, row)) for row in cells), most=99) == expected


def caret(error):
    """The column the caret of an error points at."""
    line, pointer = error.place.split("\n")
    assert pointer.strip() == "^"
    assert line.startswith("    ")
    return pointer.index("^") - 4


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("1 2; 3 4x", "1 2; 3 4x", 7, "row 2, entry 2: '4x' is not a number or a letter"),
        ("1 2\n3 ? 5", "3 ? 5", 2, "row 2, entry 2: '?' is not a number or a letter"),
        ("1 2; 3", "1 2; 3", 5, "row 2 has 1 entry, row 1 has 2; give every row 2 entries"),
        ("1; 2 3", "1; 2 3", 3, "row 2 has 2 entries, row 1 has 1; give every row 1 entry"),
        ("1 1/0", "1 1/0", 2, "row 1, entry 2: '1/0' divides by zero"),
        ("1,,2", "1,,2", 1, "an entry is missing between the commas"),
        (",1", ",1", 0, "an entry is missing between the commas"),
        ("1 } 2", "1 } 2", 2, "row 1: '}' cannot be read here"),
        ("1 2 }", "1 2 }", 4, "row 1: '}' cannot be read here"),
        ("\t1\t2x", " 1 2x", 3, "row 1, entry 2: '2x' is not a number or a letter"),
    ],
)
def test_the_caret_stands_under_the_fault(text, line, column, words):
    """The line is shown as typed, with the caret under the entry in question."""
    with pytest.raises(ProblemError) as caught:
        matrix(text, most=99)
    assert words in str(caught.value)
    assert caught.value.place.split("\n")[0].strip() == line.strip()
    assert caret(caught.value) == column


def test_a_long_line_is_cut_around_the_caret():
    """Of a line of 600 columns 72 are shown, and the caret still stands under the fault."""
    with pytest.raises(ProblemError) as caught:
        matrix("11 " * 100 + "?? " + "22 " * 99, most=999)
    line = caught.value.place.split("\n")[0][4:]
    assert len(line) == 72
    assert line[caret(caught.value) :].startswith("??")


@pytest.mark.parametrize("text", ["", "   ", ";", ";;;", "\n", " ; \n ; "])
def test_an_empty_matrix_is_refused(text):
    """A matrix needs at least one entry."""
    with pytest.raises(ProblemError, match="the matrix is empty; write rows"):
        matrix(text, most=9)


def test_too_many_entries_are_refused():
    """The limit is named, and how to raise it."""
    assert matrix("1 2; 3 4", most=4) == [[1, 2], [3, 4]]
    with pytest.raises(ProblemError, match=r"entries are beyond the limit of 3; .* raise the limit with limit = 4"):
        matrix("1 2; 3 4", most=3)
    assert "1,234,567 entries are beyond the limit of 9" in str(too_many(1234567, 9))


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (3, 3),
        (0.1, Fraction(1, 10)),
        (-2.5, Fraction(-5, 2)),
        (1e-7, Fraction(1, 10**7)),
        (1e20, 10**20),
        (Decimal("0.50"), Fraction(1, 2)),
        (Decimal("1E+3"), 1000),
        (Fraction(4, 2), 2),
        (np.int64(-7), -7),
        (np.float64(0.25), Fraction(1, 4)),
        (sympy.Integer(5), 5),
        (sympy.Rational(2, 6), Fraction(1, 3)),
        (sympy.Symbol("x"), sympy.Symbol("x")),
        (-sympy.Symbol("x"), -sympy.Symbol("x")),
        (" 1/2 ", Fraction(1, 2)),
    ],
)
def test_python_values_are_read_exactly(given, read):
    """Numbers of Python, NumPy and SymPy become int or Fraction of the same value, letters stay letters."""
    found = value(given)
    assert found == read
    assert type(found) is type(read)


@pytest.mark.parametrize(
    "given",
    [
        True,
        None,
        float("nan"),
        float("inf"),
        1e300,
        1j,
        b"1",
        [1],
        {},
        object(),
        np.bool_(True),
        Decimal("nan"),
        Decimal("sNaN"),
        Decimal("NaN123"),
        Decimal("-Infinity"),
        Decimal("1e400"),
        Decimal("1e-400"),
        10**30,
        -(10**30),
        10**9999,
        Fraction(1, 10**30),
        sympy.Integer(10) ** 40,
        sympy.Symbol("x") + 1,
        2 * sympy.Symbol("x"),
        sympy.Symbol("x y"),
        sympy.Symbol("\\input{a}"),
        -sympy.Symbol("$"),
        sympy.Dummy("x"),
        sympy.nan,
        sympy.oo,
        sympy.pi,
        np.ones((2, 2)),
    ],
    ids=lambda given: type(given).__name__,
)
def test_other_values_are_refused(given):
    """Whatever is no exact number and no letter is a ProblemError of one line."""
    with pytest.raises(ProblemError) as caught:
        value(given)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


def test_exact_gives_whole_numbers_as_int():
    """4/2 is the int 2; 1/2 stays."""
    assert Tensor.of([exact(Fraction(4, 2)), exact(Fraction(1, 2))]).cells == (2, Fraction(1, 2))
    assert isinstance(exact(Fraction(4, 2)), int)
