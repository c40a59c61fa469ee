"""The readers of answers: many spellings of one value, labels, works in every form, refusals with their carets."""

import subprocess
import sys
import time
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from symconv import entries
from symconv.answers import Given, Unread, canonical, guess_form, read_answer, read_work
from symconv.answers.given import MOST_ANSWERS, MOST_TEXT
from symconv.closed_form import closed, exponential
from symconv.errors import AnswerError
from symconv.tensor import Tensor

H = Tensor((2, 2), (52, 54, 52, 54))
HALF = Tensor((), (Fraction(1, 2),))
MATRIX = [
    "52 54; 52 54",
    "52 54;52 54;",
    "52, 54; 52, 54",
    "52 54\n52 54",
    "52\t54\r\n52\t54\r\n",
    "52 , 54\n52 , 54",
    "[52 54; 52 54]",
    "[52, 54; 52, 54]",
    "[52,54;52,54]",
    "[[52, 54], [52, 54]]",
    "[[52,54],[52,54]]",
    "[[52 54]\n [52 54]]",
    "[[52. 54.]\n [52. 54.]]",
    "{{52, 54}, {52, 54}}",
    "((52, 54), (52, 54))",
    "(52 54; 52 54)",
    "array([[52, 54],\n       [52, 54]])",
    "np.array([[52, 54], [52, 54]])",
    "torch.tensor([[52, 54], [52, 54]])",
    "[52 52; 54 54]^T",
    "[52 52; 54 54]'",
    "[[52, 52], [54, 54]]^T",
    "H = 52 54; 52 54",
    "H = [52 54; 52 54]",
    "104/2 54; 52.0 (54)",
    r"\begin{pmatrix} 52 & 54 \\ 52 & 54 \end{pmatrix}",
    r"\begin{pmatrix}52&54\\52&54\end{pmatrix}",
    r"\begin{pmatrix}52&54\\52&54\\\end{pmatrix}",
    r"\begin{bmatrix} 52 & 54 \\[3pt] 52 & 54 \end{bmatrix}",
    r"\begin{pmatrix*}[r] 52 & 54 \\ 52 & 54 \end{pmatrix*}",
    r"\left(\begin{array}{rr} 52 & 54 \\ 52 & 54 \end{array}\right)",
    r"{\left[\begin{array}{@{\,}rr@{\,}} 52 & 54 \\ 52 & 54 \end{array}\right]}",
    r"\begin{array}{|c|c|} \hline 52 & 54 \\ \hline 52 & 54 \\ \hline \end{array}",
    r"\boxed{\begin{pmatrix} 52 & 54 \\ 52 & 54 \end{pmatrix}}",
    r"\underline{\underline{\begin{pmatrix} 52 & 54 \\ 52 & 54 \end{pmatrix}}}",
    r"\begin{pmatrix} 52 & 52 \\ 54 & 54 \end{pmatrix}^\top",
    r"\begin{pmatrix} 52 & 52 \\ 54 & 54 \end{pmatrix}^{T}",
    r"\pmatrix{52 & 54 \cr 52 & 54}",
    r"$\begin{pmatrix} 52 & 54 \\ 52 & 54 \end{pmatrix}$",
    r"\[ H = \begin{pmatrix} 52 & 54 \\ 52 & 54 \end{pmatrix}. \]",
    r"$$H = \begin{pmatrix} 52 & 54 \\ 52 & 54 \end{pmatrix}$$",
    r"H = A * K = \begin{pmatrix} 52 & 54 \\ 52 & 54 \end{pmatrix}",
    r"H &= \begin{pmatrix} \textcolor{red}{52} & {54} \\ \mathbf{52} & \frac{108}{2} \end{pmatrix}",
    "\\begin{pmatrix} 52 & 54 \\\\ % the first row\n 52 & 54 \\end{pmatrix}",
]
SCALAR = [
    "1/2",
    "0.5",
    "0,5",
    ".5",
    "0.50",
    "+0.5",
    "2/4",
    "1 / 2",
    "½",
    "(1/2)",
    "(0.5)",
    " 0.5 ",
    "h[1,1] = 1/2",
    "h_11 = 1 - 1/2 = 0,5",
    "1⁄2",
    r"\frac{1}{2}",
    r"\frac12",
    r"\tfrac12",
    r"\dfrac{1}{2}",
    r"\tfrac 1 2",
    r"\nicefrac{1}{2}",
    r"\frac{2}{4}",
    r"0{,}5",
    r"0,5\,",
    r"$\frac{1}{2}$",
    r"\(\frac{1}{2}\)",
    r"\left(\frac{1}{2}\right)",
    r"\underline{0.5}",
    r"\boxed{\dfrac12}",
    r"\mathbf{0.5}",
    r"\color{red}0.5",
    r"h_{11} = 3\cdot\frac12 - 1 = \frac12",
    r"h_{11} \approx 0.5",
    r"0.5.",
    r"0.5 \text{ cells}",
    r"1/2 % remark",
]


@pytest.mark.parametrize("text", MATRIX)
def test_spellings_of_a_matrix(text):
    """However people write the matrix, it is the same one."""
    assert read_answer(text).value == H


@pytest.mark.parametrize(
    "text",
    [
        r"2\begin{pmatrix} 26 & 27 \\ 26 & 27 \end{pmatrix}",
        r"\frac14 \begin{bmatrix} 208 & 216 \\ 208 & 216 \end{bmatrix}",
        r"\frac{1}{4} \cdot \left(\begin{array}{rr} 208 & 216 \\ 208 & 216 \end{array}\right)",
        r"0{,}25 \begin{pmatrix} 208 & 208 \\ 216 & 216 \end{pmatrix}^T",
        r"\left(-\tfrac14\right) \begin{pmatrix} -208 & -216 \\ -208 & -216 \end{pmatrix}",
        r"-\begin{pmatrix} -52 & -54 \\ -52 & -54 \end{pmatrix}",
        r"\begin{pmatrix} 208 & 216 \\ 208 & 216 \end{pmatrix} / 4",
        r"\begin{pmatrix} 26 & 27 \\ 26 & 27 \end{pmatrix} \cdot 2.",
        r"\frac12 \cdot [[104, 108], [104, 108]]",
        "1/4 * [208 216; 208 216]",
        "1/4 (208 216; 208 216)",
        "(1/4) [[208, 216], [208, 216]]",
        "2*np.array([[26, 27], [26, 27]])",
        "0,25*(208 216; 208 216)",
        "[208 216; 208 216]/4",
        "[26 27; 26 27] * 2",
        "-[-52 -54; -52 -54]",
    ],
)
def test_a_number_times_a_matrix(text):
    """It is that matrix times the number, exactly: 208/4 = 52, 216/4 = 54."""
    assert read_answer(text).value == H


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2*[1 2; 3]", "row 2 has 1 entry, row 1 has 2"),
        ("[1 2]/0", "something stands behind the bracket"),
        (r"2\begin{pmatrix} 1 & 2 \\ 3 \end{pmatrix}", "row 2 has 1 entry, row 1 has 2"),
        (r"\lambda \begin{pmatrix} 1 & 2 \end{pmatrix}", "stands where a value is read"),
        (r"\begin{pmatrix} 1 & 2 \end{pmatrix} \begin{pmatrix} 1 & 2 \end{pmatrix}", "stands where a value is read"),
        (r"2 + \begin{pmatrix} 1 & 2 \end{pmatrix}", "stands where a value is read"),
        ("2*(3)", "a calculation stands where a value is read"),
    ],
)
def test_other_products_are_refused(text, message):
    """A product that is no number times a matrix is not worked out."""
    with pytest.raises(AnswerError, match=message):
        read_answer(text)


@pytest.mark.parametrize("text", SCALAR)
def test_spellings_of_a_half(text):
    """Equal forms are equal: 1/2, 0.5, 0,5."""
    assert read_answer(text).value == HALF


@pytest.mark.parametrize(
    "text", ["-1/2", "−1/2", "–0.5", "- 1/2", "-0,5", r"-\tfrac12", r"\frac{-1}{2}", r"−\frac12", "(-0.5)"]
)
def test_minus_signs(text):
    """A minus is a minus, typed or pasted."""
    assert read_answer(text).value == Tensor((), (Fraction(-1, 2),))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2x3",
            "2 x 3",
            "2X3",
            "2×3",
            "2 × 3",
            "2 by 3",
            "(2 x 3)",
            "(2, 3)",
            "[2, 3]",
            "[2,3]",
            "(2,3)",
            "2 3",
            "2, 3",
        ),
        *(
            r"2\times3",
            r"2 \times 3",
            r"(2,\,3)",
            r"\left(2, 3\right)",
            r"2 \text{ x } 3",
            "$2 \\times 3$",
            r"\{2, 3\}",
        ),
    ],
)
def test_spellings_of_a_size(text):
    """A size is a row of whole numbers."""
    assert read_answer(text).value == Tensor((2,), (2, 3))


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("1 2 3", (3,)),
        ("1, 2, 3", (3,)),
        ("1,2,3", (3,)),
        ("1, 2, 3,", (3,)),
        ("[1 2 3]", (3,)),
        ("[[1, 2, 3]]", (1, 3)),
        (r"\begin{pmatrix} 1 & 2 & 3 \end{pmatrix}", (1, 3)),
        ("1; 2; 3", (3, 1)),
        ("1\n2\n3", (3, 1)),
        ("(1, 2, 3)^T", (3, 1)),
        ("[1 2 3]ᵀ", (3, 1)),
        (r"(1, 2, 3)^{\top}", (3, 1)),
        (r"\left(1 \quad 2 \quad 3\right)^T", (3, 1)),
        (r"\begin{pmatrix} 1 \\ 2 \\ 3 \end{pmatrix}", (3, 1)),
        (r"\begin{pmatrix} 1 & 2 & 3 \end{pmatrix}^T", (3, 1)),
        ("[[[1, 2, 3]]]", (1, 1, 3)),
    ],
)
def test_rows_and_columns(text, shape):
    """A vector keeps the way it lies."""
    assert read_answer(text).value == Tensor(shape, (1, 2, 3))


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("1,5 2,5", ("3/2", "5/2")),
        ("1,5 2", ("3/2", "2")),
        ("0,5; 2", ("1/2", "2")),
        ("0,125 1,250", ("1/8", "5/4")),
        ("-1,5 -2,5", ("-3/2", "-5/2")),
        ("[0,5]", ("0", "5")),
        ("1,-2", ("1", "-2")),
        ("1.5,2.5", ("3/2", "5/2")),
        ("1/2,3/4", ("1/2", "3/4")),
        ("0,125", ("1/8",)),
        ("12,5", ("25/2",)),
        (r"\begin{pmatrix} 0,5 & 1{,}5 \end{pmatrix}", ("1/2", "3/2")),
    ],
)
def test_commas(text, cells):
    """A comma is decimal or separates, by the rule that `commas` documents."""
    value = read_answer(text).value
    assert value is not None
    assert [str(cell) for cell in value.cells] == list(cells)


@pytest.mark.parametrize(
    "text",
    [
        *("1,2; 3,4", "1,2, 3", "0,5, 1,5", "1,5 2.5", "[0,5 1,5]", "1,2,3 4"),
        *("291,600", "1,234,567", "1,234.5", "-12,500", r"291{,}600", r"\begin{pmatrix} 1,000 & 2 \end{pmatrix}"),
    ],
)
def test_ambiguous_commas(text):
    """Where both readings of a comma make sense, it is refused with what to write."""
    with pytest.raises(AnswerError, match="the comma in .* may .*write"):
        read_answer(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n",
        "?",
        "_",
        "____",
        "...",
        "…",
        "□",
        "—",
        r"\_\_\_",
        r"\underline{\hspace{2cm}}",
        "h =",
        "_ _; _ _",
        r"\square",
    ],
)
def test_blanks(text):
    """A blank is a blank, not a zero."""
    assert read_answer(text).value is None


@pytest.mark.parametrize(
    "text",
    [
        "1 _; ? 4",
        "[[1, _], [?, 4]]",
        r"\begin{pmatrix} 1 & \\ \_ & 4 \end{pmatrix}",
        r"\begin{bmatrix} 1 & ? \\ & 4 \end{bmatrix}",
    ],
)
def test_blank_cells(text):
    """A blank cell of a matrix is None."""
    assert read_answer(text).value == Tensor((2, 2), (1, None, None, 4))


def test_letters():
    """Letters are the symbols of problems."""
    w, a, phi = entries.letter("w", (1, 2)), entries.letter("a"), entries.letter("phi")
    assert read_answer("a -w_{1,2}; 0 phi").value == Tensor((2, 2), (a, -w, 0, phi))
    assert read_answer(r"\begin{pmatrix} a & -w_{1,2} \\ 0 & \varphi \end{pmatrix}").value == Tensor(
        (2, 2), (a, -w, 0, phi)
    )


@pytest.mark.parametrize(
    "text",
    [
        *("a + 2*b*w_{1,2} - 1", "2*b*w_{1,2} + a - 1", "-1 + a + w_{1,2}*2*b", "h[1,1] = a + b*(2*w_{1,2}) - 1"),
        *(
            r"a + 2 b w_{1,2} - 1",
            r"a + 2b\cdot w_{1,2} - 1",
            r"a - 1 + \frac{4}{2} b \times w_{1,2}",
            "a+2·b·w_{1,2}−1",
        ),
        *(r"$h_{1,1} = a + 1 + 2\left(b w_{1,2} - 1\right)$", "(a + 2*b*w_{1,2}) - 1"),
    ],
)
def test_sums_with_letters(text):
    """A sum of products of letters and numbers is the answer to a problem with letters, in any order."""
    a, b, w = entries.letter("a"), entries.letter("b"), entries.letter("w", (1, 2))
    assert read_answer(text).value == Tensor((), (a + 2 * b * w - 1,))


@pytest.mark.parametrize("text", [r"2\,440", "2~440", "2'440", "2’440", r"h_{1} = 2\,440{,}0"])
def test_digits_in_groups(text):
    """A thin space, a tie or an apostrophe groups the digits of one number."""
    assert read_answer(text).value == Tensor((), (2440,))


def test_sums_in_matrices():
    """The entries of a matrix may be sums with letters."""
    a, b = entries.letter("a"), entries.letter("b")
    expected = Tensor((2, 2), (-b + 1, a + 2 * b - 1, 2 * a, a**2))
    assert read_answer(r"\begin{pmatrix} -b + 1 & a + 2 b - 1 \\ 2\cdot a & a^2 \end{pmatrix}").value == expected
    assert read_answer("-b+1 a+2*b-1; 2*a a^2").value == expected


@pytest.mark.parametrize(
    "text", ["a^99", "(a+b+c+d+e+f)^9", "a+", "a + 1/0", "a + sin(x)", "a**b", "((((((((((a+1)b)b)b)b)b)b)b)b)b)b)"]
)
def test_sums_that_are_refused(text):
    """What is no small sum of products is refused."""
    with pytest.raises(AnswerError):
        read_answer(text)


@pytest.mark.parametrize(
    ("text", "square"),
    [
        *((text, 85) for text in ("sqrt(85)", "√85", "√(85)", "85^(1/2)", "85**(1/2)", "sqrt 85", "sqrt(340)/2")),
        *((text, 85) for text in (r"\sqrt{85}", r"\frac{\sqrt{340}}{2}", r"$\sqrt{85}$", "h = sqrt(340)/2 = sqrt(85)")),
        *((text, 60) for text in ("2*sqrt(15)", "2√15", "2·√15", "sqrt(15)*2", r"2\sqrt{15}", r"2 \cdot \sqrt{15}")),
        *((text, 60) for text in ("h[1,1] = 2 sqrt(15)", "sqrt(4*15)", "2(sqrt(15))", "sqrt(15) + sqrt(15)")),
        *((text, Fraction(1, 2)) for text in ("1/sqrt(2)", "sqrt(2)/2", "sqrt(1/2)", r"\frac{1}{\sqrt2}", "√2/2")),
        *((text, 2) for text in ("sqrt(sqrt(4))", "4^(1/4)", "sqrt(2)^1", "2/sqrt(2)", "(2+sqrt(2))/(1+sqrt(2))")),
    ],
)
def test_spellings_of_a_root(text, square):
    """A square root, however it is written, is the positive number with that square."""
    (cell,) = read_answer(text).value.cells
    assert cell * cell == square
    assert cell.rational is None


@pytest.mark.parametrize(
    ("text", "power"),
    [
        *((text, -2) for text in ("exp(-2)", "e^-2", "e^{-2}", "e^(-2)", "E**(-2)", "1/e^2", "exp(-1)^2")),
        *(
            (text, -2)
            for text in (r"e^{-2}", r"\exp(-2)", r"\exp\left(-2\right)", r"\mathrm{e}^{-2}", r"\frac{1}{e^2}")
        ),
        *((text, Fraction(-1, 2)) for text in ("e^(-1/2)", "e^{-1/2}", r"e^{-\frac12}", "exp(-0.5)", "1/sqrt(exp(1))")),
        *((f"{text} - 1 + 1", -2) for text in ("exp(-2)", "e^-2")),
    ],
)
def test_spellings_of_an_exponential(text, power):
    """A power of e, however it is written: times the opposite power it is 1."""
    (cell,) = read_answer(text).value.cells
    assert cell * exponential(-power) == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [("sqrt(16)", 4), (r"\sqrt{\frac{9}{4}}", Fraction(3, 2)), ("27^(1/3)", 3), (r"\sqrt[3]{8}", 2), ("e^0 - 1", 0)],
)
def test_roots_that_are_rational(text, value):
    """A root that is a rational number is that number."""
    assert read_answer(text).value == Tensor((), (value,))


def test_roots_in_rows_and_matrices():
    """Roots stand in rows and matrices of every form, as the key writes them and as people do."""
    expected = [closed(85).raised(HALF.cells[0]), 2, exponential(-2) + -1, closed(60).raised(HALF.cells[0])]
    for text in (
        "sqrt(85) 2; exp(-2)-1 2*sqrt(15)",
        "sqrt(85), 2; -1 + exp(-2), 2 sqrt(15)",
        "[[sqrt(85), 2], [exp(-2) - 1, 2*sqrt(15)]]",
        "((√85, 2), (e^(-2) - 1, 2√15))",
        r"\begin{pmatrix} \sqrt{85} & 2 \\ e^{-2} - 1 & 2\sqrt{15} \end{pmatrix}",
        r"\begin{pmatrix} \sqrt{85} & e^{-2} - 1 \\ 2 & \frac{4\sqrt{15}}{2} \end{pmatrix}^T",
    ):
        value = read_answer(text).value
        assert value.shape == (2, 2)
        assert list(value.cells) == expected
    for text, form in (
        ('H = [["sqrt(85)", 2], ["exp(-2) - 1", "2*sqrt(15)"]]', "toml"),
        ('{"H": [["sqrt(85)", 2], ["-1 + exp(-2)", "2 sqrt(15)"]]}', "json"),
        ("H:\n\n| $\\sqrt{85}$ | 2 |\n|---|---|\n| $e^{-2}-1$ | $2\\sqrt{15}$ |\n", "md"),
        ("H =\nsqrt(85) 2\nexp(-2)-1 2*sqrt(15)\n", "text"),
    ):
        (made,) = read_work(text, form)
        assert list(made.value.cells) == expected
    assert list(read_answer(r"(\sqrt{85}, 2\sqrt{15})").value.cells) == [expected[0], expected[3]]


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("2 sqrt(15)", "2 sqrt(15) may be a product or two entries; write * or a comma", 2),
        ("√85 √60; 1 2", "may be a product or two entries", 4),
        ("0,5*sqrt(2)", "this comma may be a decimal comma or separate entries", 1),
        ("1/2sqrt(3)", "may stand below the line or behind it", 3),
        ("e^-1/2", "the exponent may end here or go on", 4),
        ("sqrt(10**100000)", "this power or root is too large", 5),
        ("2^(10000000)", "this power or root is too large", 0),
        ("3^(1/100000)", "this power or root is too large", 0),
        ("(1+sqrt(2))^60", "this power of a sum is too large", 0),
        ("(1+" * 20 + "sqrt(2)" + ")" * 20, "deep", None),
        (r"\sqrt{" * 20 + "2" + "}" * 20, "deep", None),
        ("sqrt(" + "9" * 31 + ")", "more than 30 digits", None),
        ("sqrt(-4)", "a root of what is no positive number", 0),
        ("sqrt(1+sqrt(2))", "a root of a sum of roots", 0),
        ("exp(sqrt(2))", "this power cannot be read", 3),
        ("1/(sqrt(8)-2*sqrt(2))", "this divides by zero", None),
        ("a*sqrt(2)", "roots or exponentials and letters stand in one sum", 0),
        ("sqrt(5", "the bracket '(' is not closed here", 6),
        ("1, 2; 3, sqrt(5))", "", None),
        (r"\begin{pmatrix} 1 & \sqrt{-2} \end{pmatrix}", "row 1, entry 2: a root of what is no", 20),
        ("exp -2", "", None),
        ("sqrt()", "cannot be read", 5),
        ("+".join(f"sqrt({n})" for n in (2, 3, 5, 6, 7, 10, 11, 13, 14, 15, 17, 19, 21)), "more than 12 terms", None),
        ("sqrt" + "(" * 100_000, "", None),
        ("sqrt(2)" + "*sqrt(3)" * 1_000, "", None),
    ],
)
def test_closed_forms_that_are_refused(text, message, column):
    """What has two readings, is too large or is no closed form is refused in one line, at once, with its place."""
    with pytest.raises(AnswerError) as caught:
        read_answer(text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    if column is not None:
        assert caught.value.place.split("\n")[1] == " " * (4 + column) + "^"


def test_numbers_need_no_sympy():
    """Numbers are read without SymPy, which costs a second."""
    program = (
        "import sys; from symconv.answers import read_work; read_work('h = 1/sqrt(2) + exp(-2)', 'text'); "
        "read_work('h = 1/2\\nH = [[1, 0.5]]', 'text'); read_work('$h_{11} = 5$', 'md'); "
        "assert 'sympy' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_decimals_are_marked():
    """Which cells were written as decimals is known, with their digits, as a problem may allow rounding."""
    assert read_answer("1 0.50; 1/2 0.3").decimals == {(1, 2), (3, 1)}
    assert read_answer(r"\begin{pmatrix} 1 & 0{,}50 \end{pmatrix}").decimals == {(1, 2)}
    assert read_answer("0,731").decimals == {(0, 3)}
    assert read_answer("52.").decimals == frozenset()


def test_chains():
    """The last side of a chain is the answer; the sides before it are kept as text."""
    read = read_answer(r"h_{11} = 1\cdot 3 + 2\cdot 2 = 3 + 4 = 7")
    assert (read.label, read.text, read.sides) == ("h_{11}", "7", (r"1\cdot 3 + 2\cdot 2", "3 + 4"))
    assert read_answer("h[1,1] = 1*3 + 2*2 = 7").value == Tensor((), (7,))
    assert read_answer("3*1 + 2*2 = 7") == Given(None, Tensor((), (7,)), 1, "7", frozenset(), ("3*1 + 2*2",))


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ("52 5x; 1 2", "row 1, entry 2: '5x' is not a number or a letter", "52 5x; 1 2", 3),
        ("1 2; 3", "row 2 has 1 entry, row 1 has 2", "1 2; 3", 5),
        ("1 2\n3 4 5", "row 2 has 3 entries, row 1 has 2", "3 4 5", 0),
        ("1,,2", "an entry is missing before the comma; write _ for a blank one", "1,,2", 2),
        ("[1 2", "'[' is never closed; add ']'", "[1 2", 0),
        ("[1 2)", "')' closes nothing; ']' is missing", "[1 2)", 4),
        ("1 [2]", "'[' stands where an entry is read", "1 [2]", 2),
        ("[1] 2", "something stands behind the bracket", "[1] 2", 3),
        ("[1, [2]]", "'1' stands beside brackets", "[1, [2]]", 1),
        ("[[1, 2], [3]]", "part 2 has 1 entry, part 1 has 2", "[[1, 2], [3]]", 9),
        ("[]", "the brackets are empty", "[]", 0),
        ("[[[[[[[1]]]]]]]", "brackets stand more than 6 deep", "[[[[[[[1]]]]]]]", 6),
        ("3*1 + 2", "a calculation stands where a value is read", "3*1 + 2", 0),
        ("1 - 3", "a '-' stands alone", "1 - 3", 2),
        ("1 ... 3", "dots stand for entries", "1 ... 3", 2),
        ("1/0", "'1/0' divides by zero", "1/0", 0),
        ("h = 1e400", "'1e400' is not a number", "h = 1e400", 4),
        ("nan", "'nan' is a word; write a number, or a letter", "nan", 0),
        ("h = 5\N{FULLWIDTH DIGIT ONE}", "is not a number or a letter", "h = 5\N{FULLWIDTH DIGIT ONE}", 4),
        ("9" * 31, "more than 30 digits", "9" * 31, 0),
        (r"\frac{1}{x}", "this fraction is not of two whole numbers", r"\frac{1}{x}", 0),
        (r"1\frac12", "a fraction behind a number may be a sum or a product", r"1\frac12", 1),
        (r"\frac1", r"\frac needs two numbers", r"\frac1", 0),
        (r"1\;000", "two signs stand side by side", r"1\;000", 3),
        (r"1234\,000", "two signs stand side by side", None, 6),
        (r"3\tfrac34", "may be a sum or a product; write 15/4 or 9/4", r"3\tfrac34", 1),
        ("h_11 = 3 3/4", "may be a sum or a product; write 15/4 or 9/4", None, 9),
        (r"\begin{pmatrix} 1 & 2 3 \end{pmatrix}", "row 1, entry 2: two signs stand side by side", None, 22),
        (r"\begin{pmatrix} 1 & 2 \\ 3 \end{pmatrix}", "row 2 has 1 entry, row 1 has 2", None, 25),
        (r"\begin{pmatrix} 1 & \cdots \end{pmatrix}", "row 1, entry 2: dots stand for entries", None, 20),
        (r"\begin{pmatrix} 1 & 2", r"\begin{pmatrix} is never closed", None, 0),
        (r"\begin{pmatrix}\begin{pmatrix}1\end{pmatrix}\end{pmatrix}", "a matrix stands in a matrix", None, 15),
        ("a = 1, b = 2", "there are several answers; one is read here", None, 0),
        ("__import__('os').system('x')", "", None, None),
        ("(lambda: 0)()", "", None, None),
        ("2**99999999", "a calculation stands where a value is read", None, 0),
        ("9^9^9", "a calculation stands where a value is read", None, 0),
    ],
)
def test_refusals_point(text, message, line, column):
    """What cannot be read says why, and a caret stands under the place."""
    with pytest.raises(AnswerError) as caught:
        read_answer(text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    if column is not None:
        shown, caret = caught.value.place.split("\n")
        assert shown == "    " + (text if line is None else line)
        assert caret == " " * (4 + column) + "^"


@pytest.mark.parametrize(
    ("label", "candidates"),
    [
        ("h[1,2]", ("h[1,2]",)),
        ("h[1, 2]", ("h[1,2]",)),
        ("h[1][2]", ("h[1,2]",)),
        ("h(1,2)", ("h[1,2]",)),
        ("h_{1,2}", ("h[1,2]",)),
        ("h_{1;2}", ("h[1,2]",)),
        ("$h_{1,\\,2}$", ("h[1,2]",)),
        (r"\mathbf{h}_{1,2}", ("h[1,2]",)),
        ("h[-1,0]", ("h[-1,0]",)),
        ("h_{-1,0}", ("h[-1,0]",)),
        ("h_{12}", ("h[1,2]", "h[12]", "h_12")),
        ("h_12", ("h[1,2]", "h[12]", "h_12")),
        ("h₁₂", ("h[1,2]", "h[12]", "h_12")),
        ("h_{112}", ("h[1,12]", "h[11,2]", "h[1,1,2]", "h[112]", "h_112")),
        ("H_0", ("H_0", "H[0]")),
        ("H_{0}", ("H_0", "H[0]")),
        ("**H_0**", ("H_0", "H[0]")),
        ("A_7", ("A_7", "A[7]")),
        ("A_{10}", ("A_10", "A[1,0]", "A[10]")),
        ("A7", ("A7", "A_7", "A[7]")),
        ("C", ("C",)),
        ("C^T", ("C^T",)),
        ("C^{T}", ("C^T",)),
        (r"C^\top", ("C^T",)),
        (r"C^{\top}", ("C^T",)),
        ("C'", ("C^T",)),
        ("Cᵀ", ("C^T",)),
        ("C^TC", ("C^TC",)),
        ("CC^{T}", ("CC^T",)),
        ("dx", ("dx",)),
        (r"\mathrm{d}x", ("dx",)),
        ("dL/dx", ("dx",)),
        ("∂L/∂x", ("dx",)),
        (r"\partial L/\partial x", ("dx",)),
        (r"\frac{\partial L}{\partial x}", ("dx",)),
        (r"\nabla_x L", ("dx",)),
        ("size", ("size",)),
        ("Size", ("Size", "size")),
        (r"\text{size}", ("size",)),
        ("padded kernel", ("padded_kernel",)),
        ("padded_kernel", ("padded_kernel",)),
        ("total(input)", ("total(input)",)),
        ("row_sums(output)", ("row_sums(output)",)),
        ("numerators(inverse(CC^T))", ("numerators(inverse(CC^T))",)),
        ("shape[2]", ("shape[2]",)),
        ("h[i,j]", ("h[i,j]",)),
        ("", ()),
        ("52", ()),
        ("3x", ()),
        ("a + b", ()),
        ("h[1,2", ()),
        ("h_{", ()),
        ("h" * 100, ()),
    ],
)
def test_labels(label, candidates):
    """Every spelling of a label leads to the labels it can mean."""
    assert canonical(label) == candidates


def read(text, form):
    """What a work gives: labels with nested values, or the message of what could not be read."""
    found = []
    for each in read_work(text, form):
        if isinstance(each, Unread):
            found.append((each.line, each.label, str(each.error).split(";")[0]))
        else:
            tensor = each.value
            plain = None if tensor is None else tensor.nested() if tensor.shape else tensor.cells[0]
            found.append((each.line, each.label, plain))
    return found


def test_toml():
    """A work in TOML, with keys as people write them, and a bad line that spoils no other."""
    text = (
        '# my work\nsize = "2x2"\nh[1,2] = "54"\n"h[2,1]" = 52 # sure\npadded = """\n1 2\n3 4\n"""\n[answers]\n'
        'H_0 = [[3, 0],\n  [1, 3]]\nC = [["1/2", 0.5], [1, ""]]\nx = 0,5\ny = ""\nz =\nnonsense\n'
        'A_7 = "1 0\nb = 1 2; 3 4\nc = "3*1 + 2 = 5"\nd = 5x\n'
    )
    half = Fraction(1, 2)
    assert read(text, "toml") == [
        (2, "size", [2, 2]),
        (3, "h[1,2]", 54),
        (4, "h[2,1]", 52),
        (5, "padded", [[1, 2], [3, 4]]),
        (10, "H_0", [[3, 0], [1, 3]]),
        (12, "C", [[half, half], [1, None]]),
        (13, "x", half),
        (14, "y", None),
        (15, "z", None),
        (16, None, "this line is no answer"),
        (17, "A_7", "this is not TOML (Unterminated string)"),
        (18, "b", [[1, 2], [3, 4]]),
        (19, "c", 5),
        (20, "d", "'5x' is not a number or a letter"),
    ]


def test_json():
    """A work in JSON: strings are read as people type them, null is a blank."""
    text = (
        '{"size": "2x2",\n "h[1,1]": 52, "C": [[1, 0.5], ["1/2", null]], "x": null,\n'
        ' "e": [], "t": true, "r": [[1], [2, 3]]}'
    )
    half = Fraction(1, 2)
    assert read(text, "json") == [
        (1, "size", [2, 2]),
        (2, "h[1,1]", 52),
        (2, "C", [[1, half], [half, None]]),
        (2, "x", None),
        (3, "e", "a list is empty or nested too deep"),
        (3, "t", "what stands here is no number"),
        (3, "r", "the lists have different lengths or depths"),
    ]
    assert read('{"a": 1,}', "json") == [
        (1, "a", 1),
        (1, None, "this is not JSON: a label in double quotes is expected"),
    ]
    assert read('{"a": NaN}', "json") == [(1, "a", "this is not JSON: NaN is not a number")]
    assert read("[[1, 2]]", "json") == [(1, None, [[1, 2]])]
    assert read("[" * 100_000, "json")[0][2] == "this is not JSON: nested too deep"


def test_json_of_a_solution():
    """What `--to json` writes is a work too."""
    from symconv import Problem, solve

    solution = solve(Problem("cross_correlation", input=[[1, 2], [3, 4]], kernel=[[1, 0], [0, 1]]))
    found = {given.label: given.value for given in read_work(solution.to("json"), "json")}
    assert found["h[1,1]"] == Tensor((), (1 * 1 + 4 * 1,))
    assert found["input"] == Tensor((2, 2), (1, 2, 3, 4))
    assert found.keys() == solution.quantities.keys()


def test_plain_text():
    """A work in plain text: labels with = or :, several on a line, rows on the lines behind a label."""
    text = (
        "size: 2 x 2\nh[1,1] = 3*1 + 2*2 = 7, h[1,2] = 54; h_21 = 5\n\nH =\n  52 54\n  52 54\nC = 1 2\n    3 4\n\n"
        "$D = \\begin{pmatrix} 1 & 2 \\\\\n 3 & 4 \\end{pmatrix}$\n# a remark\n52 54\n\n- x: 1,5 2,5\na) dx = 1/2\n"
        "h[2,2] =\ny = ?\nsize = 2,2\nz = 5x\n"
    )
    assert read(text, "text") == [
        (1, "size", [2, 2]),
        (2, "h[1,1]", 7),
        (2, "h[1,2]", 54),
        (2, "h_21", 5),
        (5, "H", [[52, 54], [52, 54]]),
        (7, "C", [[1, 2], [3, 4]]),
        (10, "D", [[1, 2], [3, 4]]),
        (13, None, [52, 54]),
        (15, "x", [Fraction(3, 2), Fraction(5, 2)]),
        (16, "dx", Fraction(1, 2)),
        (17, "h[2,2]", None),
        (18, "y", None),
        (19, "size", [2, 2]),
        (20, "z", "'5x' is not a number or a letter"),
    ]


def test_latex():
    """A work in LaTeX: labelled formulas, alignments, labels before them; prose and general laws are no answers."""
    text = r"""\documentclass{article} % $no = 1$
The size is $2 \times 2$. Let $p$ be the padding, and $h_{i,j} = \sum_m a_m$ in general.
\begin{align*}
h_{11} &= 3\cdot 1 + 2 \cdot 2 \\
  &\quad + 45 \\
  &= \underline{\underline{52}} \\
h_{12} &= 5\% & h_{21} &= 54
\end{align*}
\textbf{Output:}
\[ \begin{pmatrix} 52 & 54 \\ 52 & 54 \end{pmatrix} \]
\[ H_0 = \left[\begin{array}{rr} 3 & 0 \\ 1 & 3 \end{array}\right], \quad H_1 = \begin{bmatrix} 2 & 0\end{bmatrix}^T \]
$$ \frac{\partial L}{\partial x} = (1,\;2) $$
\[ \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix} \]
\[ unclosed
"""
    assert read(text, "tex") == [
        (2, "size", [2, 2]),
        (6, "h_{11}", 52),
        (7, "h_{12}", r"\% stands where a value is read"),
        (7, "h_{21}", 54),
        (10, "Output", [[52, 54], [52, 54]]),
        (11, "H_0", [[3, 0], [1, 3]]),
        (11, "H_1", [[2], [0]]),
        (12, r"\frac{\partial L}{\partial x}", [1, 2]),
        (13, None, [[1, 2], [3, 4]]),
        (14, None, r"\[ is never closed"),
    ]
    assert read(r"h_{11} = 3\cdot 1 = 3 \\" + "\n" + r"h_{12} = \frac12", "tex") == [
        (1, "h_{11}", 3),
        (2, "h_{12}", Fraction(1, 2)),
    ]


def test_markdown():
    """A work in Markdown: formulas, lines, tables of labels and of entries, code blocks; prose is not read."""
    text = r"""# Work of Ada

Size: $2\times 2$ and the rest, note: see book. It costs $5.

**h[1,1]** = `52`
- `h[1,2]`: 54
- remark: nothing

### H_0

$$\begin{bmatrix}3&0\\1&3\end{bmatrix}$$

| label | value |
|---|---|
| $h_{2,1}$ | 0,5 |
| h[2,2] | $\frac12$ |

H:

| 52 | 54 |
|----|----|
| 0,5 |    |

| h[3,1] | dx |
|:-:|:-:|
| 1,5 | 2x |

```toml
C = "1 2; 3 4"
```

```
A_1 = 1 2
3 4
```
output:
1 2
3 4

```python
x = 5
```
"""
    half = Fraction(1, 2)
    assert read(text, "md") == [
        (3, "Size", [2, 2]),
        (5, "h[1,1]", 52),
        (6, "h[1,2]", 54),
        (11, "H_0", [[3, 0], [1, 3]]),
        (15, "h_{2,1}", half),
        (16, "h[2,2]", half),
        (20, "H", [[52, 54], [half, None]]),
        (26, "h[3,1]", Fraction(3, 2)),
        (26, "dx", "'2x' is not a number or a letter"),
        (29, "C", [[1, 2], [3, 4]]),
        (33, "A_1", [[1, 2], [3, 4]]),
        (36, "output", [[1, 2], [3, 4]]),
    ]


def test_labels_apart_and_numbered_tables():
    """A label may be a formula of its own, and a table may number its rows and columns."""
    text = "- $H_0$ = $\\frac12$\n- the size is $2\\times2$\n\nH:\n\n| | 1 | 2 |\n|-|-|-|\n| 1 | 5 | 6 |\n| 2 | 7 | |\n"
    assert read(text, "md") == [(1, "H_0", Fraction(1, 2)), (2, "size", [2, 2]), (6, "H", [[5, 6], [7, None]])]


def test_bytes():
    """Bytes are UTF-8, with or without a byte order mark; others are refused with their place."""
    assert read("\ufeffh = −1".encode(), "text") == [(1, "h", -1)]
    assert read(b"h = 1\nx = \xff", "text") == [(2, None, "byte 10 is not UTF-8")]


def test_limits():
    """Texts, values and works beyond the limits are refused."""
    assert "longer than 1,000,000 characters" in read("1" * (MOST_TEXT + 1), "text")[0][2]
    assert "longer than 1,000,000 characters" in read(b"1" * (5 * MOST_TEXT), "text")[0][2]
    many = read("h = 1\n" * (MOST_ANSWERS + 5), "text")
    assert len(many) == MOST_ANSWERS + 1
    assert many[-1][2] == "there are more than 5,000 answers"
    with pytest.raises(AnswerError, match="more than 100,000 entries"):
        read_answer("1 " * 100_001)
    with pytest.raises(AnswerError, match="longer than"):
        read_answer("1" * (MOST_TEXT + 1))


@pytest.mark.parametrize(
    ("name", "text", "form"),
    [
        ("ada.toml", "", "toml"),
        ("ada.JSON", "", "json"),
        ("ada.txt", "", "text"),
        ("work/ada.tex", "{", "tex"),
        ("ada.md", "", "md"),
        ("-", '{"size": "2x2"}', "json"),
        ("-", 'size = "2x2"\nh[1,1] = "52"', "toml"),
        ("-", "size = 2x2", "text"),
        ("-", "52 54; 52 54", "text"),
        ("-", "{{1, 2}, {3, 4}}", "text"),
        ("-", r"\documentclass{article}", "tex"),
        ("-", r"\[ h_{11} = 52 \]", "tex"),
        ("-", "# Work\n\nThe size is $2$.", "md"),
        ("-", "| a | b |\n|---|---|\n", "md"),
        ("-", "", "text"),
    ],
)
def test_forms_are_guessed(name, text, form):
    """The suffix decides, and the content where there is none."""
    assert guess_form(name, text) == form


WORKS = st.sampled_from(
    [
        *MATRIX,
        *SCALAR,
        *("1/4 * [4 8; 12 16]", r"-\frac12 \cdot \begin{pmatrix} 1 & 2 \end{pmatrix} / 3", "h_1 = 2 or 5, h_2 != 4"),
        *(
            "The output is 2x2, h_1 is 2.440. <!-- no --> $H^T$",
            r"\begin{tabular}{c} $h_1$ & 3\tfrac34 \\ 2\,440 \end{tabular}",
        ),
        *("sqrt(85) 2*sqrt(15); 1/(1 + e^-3) 5^(1/3)", r"\frac{2\sqrt[3]{15}}{1 + e^{-\frac12}}", "2 + 3√2 i"),
        'size = "2x2"\nh[1,2] = "54"\nC = [[1, "1/2"], [0.5, 2]]\npadded = """\n1 2\n"""\n',
        '{"size": "2x2", "C": [[1, 0.5], ["1/2", null]]}',
        "H:\n\n| 52 | 54 |\n|----|----|\n| 0,5 |    |\n\n```toml\nC = 1\n```\n$x$ costs $5\n$$h_{11}=5$$",
        r"\begin{align} h_{11} &= 3\cdot1 \\ &= 3 \end{align} Size: $2\times2$, \[ H = \left(1\right)^T",
    ]
)
SIGNS = st.sampled_from(
    [
        *"=&\\{}[]()$|`\"'_^,;:.-+/ \n\t\r#%?0aT",
        r"\frac",
        r"\sqrt",
        "sqrt(",
        "e^",
        "√",
        r"\begin{",
        "```",
        '"""',
        "\ufeff",
        "²",
        "\x00",
    ]
)
FORMS = st.sampled_from(["toml", "json", "text", "tex", "md"])


@st.composite
def mutated(draw):
    """A valid text with pieces cut out, doubled, or put in."""
    text = draw(WORKS)
    for _ in range(draw(st.integers(0, 6))):
        start, length = draw(st.integers(0, len(text))), draw(st.integers(0, 8))
        put = draw(st.one_of(SIGNS, st.just(text[start : start + length] * 2)))
        text = text[:start] + put + text[start + length :]
    return text


def check(text, form):
    """A work is read or refused, in one line, with a caret in it; what was read is exact."""
    for each in read_work(text, form):
        assert each.line >= 1
        assert each.label is None or isinstance(canonical(each.label), tuple)
        if isinstance(each, Unread):
            assert "\n" not in str(each.error)
            assert each.error.place.count("\n") in (0, 1)
        elif each.value is not None:
            assert not any(isinstance(cell, float) for cell in each.value.cells)
            assert all(0 <= place < len(each.value.cells) and digits > 0 for place, digits in each.decimals)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.binary(max_size=80), FORMS)
def test_any_bytes(data, form):
    """Any bytes are read or refused."""
    check(data, form)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.text(max_size=60), FORMS)
def test_any_text(text, form):
    """Any text is read or refused."""
    check(text, form)


@settings(derandomize=True, max_examples=500, deadline=None)
@given(mutated(), FORMS)
@example("$", "md")
@example("h = [[[", "toml")
@example("|\n|-|\n| h | 5 |", "md")
@example("h \n\\neq 5", "text")
def test_mutated_works(text, form):
    """Works with slips of the keyboard are read or refused."""
    check(text, form)


@settings(derandomize=True, max_examples=500, deadline=None)
@given(mutated())
def test_mutated_answers(text):
    """An answer with slips of the keyboard is read or refused with its place."""
    try:
        read_answer(text)
    except AnswerError as error:
        assert "\n" not in str(error)
        assert error.place.count("\n") in (0, 1)


RATIONALS = st.fractions(max_denominator=1000).filter(lambda f: abs(f) < 10**9)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(
    st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(RATIONALS, min_size=n, max_size=n), min_size=1, max_size=4))
)
def test_what_is_written_is_read(rows):
    """Rows of rationals come back from every way to write them."""
    expected = Tensor((len(rows), len(rows[0])), tuple(entries.exact(cell) for row in rows for cell in row))
    latex = [[rf"\frac{{{cell.numerator}}}{{{cell.denominator}}}" for cell in row] for row in rows]
    texts = [
        str([[str(cell) for cell in row] for row in rows]).replace("'", ""),
        "[" + "; ".join(" ".join(map(str, row)) for row in rows) + ";]",
        r"\begin{pmatrix}" + r"\\".join("&".join(row) for row in latex) + r"\end{pmatrix}",
        r"\begin{pmatrix}" + r"\\".join("&".join(map(str, row)) for row in rows) + r"\end{pmatrix}",
    ]
    for text in texts:
        value = read_answer(text).value
        assert value is not None
        assert value.cells == expected.cells
        assert value.shape == expected.shape or (len(rows) == 1 and text.startswith("[") and text[1] != "[")


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("$h_{11} = {5$ and $h_{12} = 7$", "md"),
        ("$$h_{11} = \\frac{5}{$$\n\n$h_{12} = 7$", "md"),
        ("\\begin{align} h_{11} &= {5 \\\\ h_{12} &= 7 \\end{align}", "md"),
        ("\\begin{align} h_{12} &= 3 + 4 \\\\ &= 7 \\\\ h_{11} &= 3 \\\\ &+ {2 \\end{align}", "tex"),
        ("\\[ h_{11} = \\begin{pmatrix} 5 & 6 \\\\ 7 \\]\n\n\\[ h_{12} = 7 \\]", "tex"),
        ("\\[ h_{11} = 5!\n\n\\[ h_{12} = 7 \\]", "tex"),
        ("\\begin{align*} h_{11} &= 5! \\\\ h_{12} &= 7 \\end{align}", "tex"),
        ("\\begin{align*} h_{11} &= 5! \\\\ h_{12} &= 7\n\n", "tex"),
        ("h_{11} = \\foo{5}\nh_{12} = 7", "tex"),
        ("| label | value |\n|---|---|\n| h_11 | {5 |\n| h_12 | 7 |", "md"),
        ("h_11 = {5\nh_12 = 7", "toml"),
        ("h_11 = [5\nh_12 = 7", "toml"),
        ('h_11 = """5\nh_12 = 7', "toml"),
        ('h_11 = ["5", "6\nh_12 = 7', "toml"),
        ('{"h[1,1]": 5x, "h[1,2]": 7}', "json"),
        ('{"h[1,1]": [5, "h[1,2]": 7}', "json"),
        ('{"h[1,1]": 5 "h[1,2]": 7}', "json"),
        ('{h: 5, "h[1,2]": 7}', "json"),
        ('{"h[1,2]": 7, "h[1,1]": 5', "json"),
        ("h_11 = {5\nh_12 = 7", "text"),
        ("h_11 = \\begin{pmatrix} 5\n\nh_12 = 7", "text"),
    ],
)
def test_what_is_broken_spoils_no_other(text, form):
    """One answer that cannot be read is said to be so, and the other one is read."""
    found = read_work(text, form)
    read = {canonical(each.label)[0]: each.value.cells for each in found if isinstance(each, Given)}
    assert any(isinstance(each, Unread) for each in found)
    assert read == {"h[1,2]": (7,)}


def test_a_row_that_goes_on_is_not_cut():
    """Of a formula that cannot be read no row is read whose continuation is missing: 3 is not the value of 3 + 2."""
    text = r"\begin{align} h_{11} &= 3 \\ &\quad + {2 \\ h_{12} &= 7 \end{align}"
    assert read(text, "tex") == [(1, None, "this brace is never closed"), (1, "h_{12}", 7)]


def test_remarks_of_markdown_are_passed_over():
    """What stands in a remark is not handed in."""
    assert read("<!-- $h_{11} = 3$\nh_12 = 4 -->\n$h_{12} = 54$ <!-- ", "md") == [(3, "h_{12}", 54)]


def test_a_row_without_a_value_is_a_blank():
    """In a table of labels and values a row may have no value."""
    text = "| label | value |\n|---|---|\n| h_11 | 52 |\n| h_12 |\n"
    assert read(text, "md") == [(3, "h_11", 52), (4, "h_12", None)]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("|" * 300_000 + "\n|-|\n" + "a\n" * 100, "md"),
        ("| h " + "| 1 " * 100_000 + "\n|-|\n| h " + "| 1 " * 100_000, "md"),
        ("<!--" * 200_000, "md"),
        ('{"a": ' * 150_000, "json"),
        ('{"a": {"b": 1, ' * 60_000, "json"),
        ('{"a": [1, ' * 90_000, "json"),
        ('a = """\n' * 100_000, "toml"),
        ("a = '''\nb = \"\"\"\nc = [\n" * 30_000, "toml"),
        ("\\begin{align} {" + "h_1 = 5 \\\\ &+ " * 60_000 + "\\end{align}", "tex"),
        ("\\[" * 300_000, "tex"),
        ("$h = 1 or " * 90_000, "md"),
        ("h = " + "1 or " * 190_000, "text"),
        ("h = " + "1.000 " * 160_000, "text"),
    ],
    ids=range(13),
)
def test_long_works_take_no_time(text, form):
    """What repeats over and over is read or refused in linear time."""
    start = time.perf_counter()
    check(text, form)
    assert time.perf_counter() - start < 60
