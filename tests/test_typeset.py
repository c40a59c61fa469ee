"""The printer: one expression in LaTeX, in Typst and in words."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy

from symconv.document import Quantity, Symbol
from symconv.expression import Letter, Number, Op, Put, Ref, Running, Sigma, op
from symconv.notation import Notation
from symconv.tensor import Tensor
from symconv.typeset.elision import CORNER, MOST_SHOWN
from symconv.typeset.latex import LATEX
from symconv.typeset.printer import Printer
from symconv.typeset.spoken import SPOKEN
from symconv.typeset.typst import TYPST

A, B, PHI = sympy.symbols("a b phi")
QUANTITIES = {
    "input": Quantity(Symbol("A", "a"), Tensor.of([[3, -2], [0, 5]])),
    "kernel": Quantity(Symbol("phi", "phi"), Tensor.of([[Fraction(1, 2), Fraction(-1, 3)]])),
    "padded": Quantity(Symbol("A", "a", accent="tilde"), Tensor.of([[0, 3]])),
    "flipped": Quantity(Symbol("K", "k", rotated=True), Tensor.of([[1, 2]])),
    "maps": Quantity(Symbol("Q", "q"), Tensor.build((2, 3, 1, 2), sum)),
    "H_0": Quantity(Symbol("H", "h", sub="0"), Tensor.of([[1]])),
    "C^T": Quantity(Symbol("C", "c", sup="T"), Tensor.of([[1]])),
    "kernel[2]": Quantity(Symbol("K", "k", layer="2"), Tensor.build((2, 1, 3), sum)),
    "maps[]": Quantity(Symbol("A", "a", layer=""), Tensor.build((2, 1, 3), sum)),
    "A_1[2]": Quantity(Symbol("A", "a", sub="1", layer="2"), Tensor.build((2, 1, 3), sum)),
    "long": Quantity(Symbol("signal", "signal"), Tensor.of([7, 8, 9])),
    "letters": Quantity(Symbol("X", "x"), Tensor.of([[A, -A, A + B, A - B, 2 * A, A * B]])),
    "big": Quantity(Symbol("M", "m"), Tensor.build((MOST_SHOWN + 1, MOST_SHOWN + 1), lambda at: 100 * at[0] + at[1])),
}
SIZE, P, S = Letter("i", 6), Letter("p", 1), Letter("s", 3)


def latex(expression: Any, **notation: Any) -> str:
    """Typeset in LaTeX, without the spaces that mean nothing."""
    return " ".join(Printer(LATEX, QUANTITIES, Notation(**notation))(expression).split())


def typst(expression: Any, **notation: Any) -> str:
    """Typeset in Typst, without the spaces that mean nothing."""
    return " ".join(Printer(TYPST, QUANTITIES, Notation(**notation))(expression).split())


def spoken(expression: Any, **notation: Any) -> str:
    """Say in words."""
    return " ".join(Printer(SPOKEN, QUANTITIES, Notation(**notation))(expression).split())


def test_signs_of_a_sum() -> None:
    """A term that is negative by form has a minus, a negative value put in has parentheses unless it is first."""
    assert latex(op("add", SIZE, op("neg", P), -1)) == "i - p - 1"
    assert latex(Put(op("add", SIZE, op("neg", P), -1))) == "6 - 1 - 1"
    a, b = Ref("input", (0, 0)), Ref("input", (0, 1))
    assert latex(Put(op("add", a, b))) == "3 + (-2)"
    assert latex(Put(op("add", b, a))) == "-2 + 3"
    assert latex(Put(op("add", a, op("neg", b)))) == "3 - (-2)"
    assert latex(op("neg", op("add", SIZE, P))) == "-(i + p)"
    assert latex(op("add", SIZE, op("mul", -2, P))) == "i - 2 p"
    assert latex(op("add", SIZE, op("mul", -1, P))) == "i - p"
    assert spoken(Put(op("add", a, op("neg", b)))) == "3 minus (minus 2)"
    assert typst(Put(op("add", a, b))) == "3 + (-2)"


def test_signs_of_a_product() -> None:
    """Letters stand side by side, numbers have a sign between them, and a negative factor has parentheses."""
    assert latex(op("mul", S, P)) == "s p"
    assert latex(op("mul", 2, P)) == "2 p"
    assert latex(Put(op("mul", 2, P))) == r"2 \times 1"
    assert latex(Put(op("mul", S, P))) == r"3 \times 1"
    assert latex(Put(op("mul", Ref("input", (0, 1)), Ref("input", (1, 1))))) == r"(-2) \times 5"
    assert latex(Put(op("mul", Ref("input", (1, 1)), Ref("input", (0, 1))))) == r"5 \times (-2)"
    assert latex(op("mul", op("add", SIZE, -1), S)) == "(i - 1) s"
    assert latex(Put(op("mul", op("add", SIZE, -1), S))) == r"(6 - 1) \times 3"


@pytest.mark.parametrize(
    ("product", "tex", "typ"), [("times", r"3 \times 5", "3 times 5"), ("cdot", r"3 \cdot 5", "3 dot 5")]
)
def test_product_sign_of_the_notation(product: str, tex: str, typ: str) -> None:
    """The course chooses its product sign; in words it is always times."""
    both = Put(op("mul", Ref("input", (0, 0)), Ref("input", (1, 1))))
    assert latex(both, product=product) == tex
    assert typst(both, product=product) == typ
    assert spoken(both, product=product) == "3 times 5"


def test_letters_put_in_keep_their_product_readable() -> None:
    """A letter typed as an entry stands beside a number with a sign, and a sum of letters in parentheses."""
    half, plus, minus = Ref("input", (0, 0)), Ref("letters", (0, 2)), Ref("letters", (0, 1))
    assert latex(Put(op("mul", half, plus))) == r"3 \times (a + b)"
    assert latex(Put(op("mul", half, minus))) == r"3 \times (-a)"
    assert latex(Put(op("add", half, minus))) == "3 + (-a)"


def test_fractions() -> None:
    """A rational is a small fraction with its sign in front; in a product a negative one has parentheses."""
    assert latex(Number(Fraction(1, 2))) == r"\tfrac{1}{2}"
    assert latex(Number(Fraction(-1, 2))) == r"-\tfrac{1}{2}"
    assert typst(Number(Fraction(1, 2))) == "inline(frac(1, 2))"
    assert spoken(Number(Fraction(-1, 2))) == "minus 1 over 2"
    pair = Put(op("mul", Ref("input", (0, 0)), Ref("kernel", (0, 1))))
    assert latex(pair) == r"3 \times (-\tfrac{1}{3})"
    assert latex(op("div", op("add", SIZE, P), S)) == r"\frac{i + p}{s}"
    assert typst(op("div", op("add", SIZE, P), S)) == "frac(i + p , s )"


@pytest.mark.parametrize(
    ("value", "point", "comma"),
    [
        (Fraction(1, 2), "0.5", "0{,}5"),
        (Fraction(-1, 20), "-0.05", "-0{,}05"),
        (Fraction(9, 4), "2.25", "2{,}25"),
        (Fraction(1001, 1000), "1.001", "1{,}001"),
        (Fraction(1, 3), r"\tfrac{1}{3}", r"\tfrac{1}{3}"),
        (Fraction(1, 6), r"\tfrac{1}{6}", r"\tfrac{1}{6}"),
        (100, "100", "100"),
        (-7, "-7", "-7"),
    ],
)
def test_decimals(value: Any, point: str, comma: str) -> None:
    """A decimal that ends is written out where the course wants decimals; one that does not stays a fraction."""
    assert latex(Number(value), decimals="point") == point
    assert latex(Number(value), decimals="comma") == comma


def test_decimal_comma_in_typst() -> None:
    """In Typst a comma separates arguments, so a decimal comma stands in a string."""
    assert typst(Number(Fraction(1, 2)), decimals="comma") == '"0,5"'
    assert typst(Number(Fraction(1, 2)), decimals="point") == "0.5"
    row = Put(Ref("kernel"))
    assert typst(row, decimals="comma") == 'mat(delim: "(", align: #right, "0,5", -inline(frac(1, 3)))'


def test_floor_ceiling_minimum() -> None:
    """Floor brackets grow with what they hold; named functions have their name upright."""
    law = op("add", op("floor", op("div", op("add", SIZE, op("mul", 2, P)), S)), 1)
    assert latex(law) == r"\left\lfloor \frac{i + 2 p}{s} \right\rfloor + 1"
    assert latex(Put(law)) == r"\left\lfloor \frac{6 + 2 \times 1}{3} \right\rfloor + 1"
    assert typst(law) == "floor(frac(i + 2 p , s )) + 1"
    assert spoken(law) == "floor of ((i plus 2 p) over s) plus 1"
    assert latex(op("ceil", SIZE)) == r"\left\lceil i \right\rceil"
    assert latex(op("min", SIZE, P)) == r"\min(i, p)"
    assert latex(Op("vec_row", (Ref("input"),))) == r"\operatorname{vec}(A)"
    assert typst(Op("vec_row", (Ref("input"),))) == 'op("vec") (A )'


def test_nested_sums() -> None:
    """Two sums stand one after the other without parentheses, with running indices in the subscripts."""
    m, n, i, j = (Running(name) for name in "mnij")
    body = op("mul", Ref("input", (op("add", i, m), op("add", j, n))), Ref("kernel", (m, n)))
    double = Sigma("m", Number(0), Number(2), Sigma("n", Number(0), Number(1), body))
    assert latex(double) == r"\sum_{m=0}^{2} \,\sum_{n=0}^{1} a_{i + m,j + n} \phi_{m,n}"
    assert typst(double) == "sum_(m =0)^(2) thin sum_(n =0)^(1) a_(i + m ,j + n ) phi_(m ,n )"
    assert spoken(double).startswith("sum over m from 0 to 2 of sum over n from 0 to 1 of a sub (i plus m,j plus n)")


def test_a_sum_of_a_sum_has_parentheses() -> None:
    """What a sum runs over is a product or stands in parentheses."""
    made = Sigma("m", Number(1), SIZE, op("add", Running("m"), 1))
    assert latex(made) == r"\sum_{m=1}^{i} (m + 1)"


@pytest.mark.parametrize(("brackets", "left", "right"), [("round", "(", ")"), ("square", "[", "]")])
def test_matrices(brackets: str, left: str, right: str) -> None:
    """A matrix has the brackets of the course, rows and entries in order."""
    tex = latex(Put(Ref("input")), brackets=brackets)
    assert tex == rf"{{\left{left}\begin{{array}}{{@{{\,}}rr@{{\,}}}} 3 & -2 \\ 0 & 5 \end{{array}}\right{right}}}"
    assert typst(Put(Ref("input")), brackets=brackets) == f'mat(delim: "{left}", align: #right, 3, -2; 0, 5)'
    assert spoken(Put(Ref("input")), brackets=brackets) == "2 by 2 matrix, rows: 3, minus 2; 0, 5"


def test_big_matrices_show_their_corners() -> None:
    """A matrix too long for a page shows its first and last rows and columns with dots between."""
    tex = latex(Put(Ref("big")))
    rows = tex.split(r"\\")
    assert len(rows) == sum(CORNER) + 1
    assert [row.count("&") for row in rows] == [sum(CORNER)] * len(rows)
    last = MOST_SHOWN
    first_row = [*range(CORNER[0]), r"\cdots", last - 1, last]
    assert rows[0].endswith(" " + " & ".join(map(str, first_row)) + " ")
    assert rows[CORNER[0]].split() == " & ".join([r"\vdots"] * 7 + [r"\ddots"] + [r"\vdots"] * 2).split()
    assert f" {100 * last + last} " in rows[-1]
    assert f" {100 * 20 + 20} " not in tex
    assert "dots.down" in typst(Put(Ref("big")))
    assert "and so on" in spoken(Put(Ref("big")))


def test_vec_and_transpose_of_values() -> None:
    """The vector of a matrix is read row by row or column by column; lying down it is one row."""
    by_row, by_column = (Op(f"vec_{order}", (Ref("input"),)) for order in ("row", "column"))
    assert spoken(Put(op("transpose", by_row))) == "matrix of one row: 3, minus 2, 0, 5"
    assert spoken(Put(op("transpose", by_column))) == "matrix of one row: 3, 0, minus 2, 5"
    assert spoken(Put(by_row)) == "4 by 1 matrix, rows: 3; minus 2; 0; 5"
    assert spoken(Put(op("transpose", Ref("input")))) == "2 by 2 matrix, rows: 3, 0; minus 2, 5"
    assert latex(op("transpose", by_row)) == r"\operatorname{vec}(A)^{\top}"


@pytest.mark.parametrize(("base", "tex"), [(0, "a_{0,1}"), (1, "a_{1,2}")])
def test_cells_count_from_the_index_base(base: int, tex: str) -> None:
    """The cell at row 0 and column 1 is called by the course's own count."""
    assert latex(Ref("input", (0, 1)), index_base=base) == tex
    assert latex(Ref("long", (2,)), index_base=base) == rf"\mathit{{signal}}_{{{2 + base}}}"
    assert latex(Ref("maps", (1, 0)), index_base=base) == f"Q^{{({1 + base},{base})}}"
    assert latex(Ref("maps", (1, 0, 0, 1)), index_base=base) == f"q_{{{1 + base},{base},{base},{1 + base}}}"
    assert spoken(Ref("input", (0, 1)), index_base=base) == f"a sub {base},{1 + base}"


def test_names() -> None:
    """Greek names become letters, long names stay whole, ornaments stand where a hand puts them."""
    assert latex(Ref("kernel")) == r"\phi"
    assert typst(Ref("kernel")) == "phi"
    assert latex(Ref("kernel", (0, 0))) == r"\phi_{1,1}"
    assert typst(Ref("kernel", (0, 0))) == "phi_(1,1)"
    assert latex(Ref("long")) == r"\mathit{signal}"
    assert typst(Ref("long")) == 'word("signal")'
    assert latex(Ref("padded")) == r"\tilde{A}"
    assert typst(Ref("padded")) == "tilde(A)"
    assert latex(Ref("padded", (0, 1))) == r"\tilde{a}_{1,2}"
    assert latex(Ref("flipped")) == "R(K)"
    assert latex(Ref("flipped", (0, 1))) == r"\bar{k}_{1,2}"
    assert typst(Ref("flipped", (0, 1))) == "macron(k)_(1,2)"
    assert latex(Ref("H_0")) == "H_{0}"
    assert latex(Ref("C^T")) == r"C^{\top}"
    assert typst(Ref("C^T")) == "C^(top)"
    assert latex(Letter("k", 3, accent="hat")) == r"\hat{k}"
    assert latex(Letter("p", 3, sub="1")) == "p_{1}"


def test_layers_of_a_network() -> None:
    """The number of a layer stands above a whole and its cells, that of a part below; the input has no number."""
    assert latex(Ref("kernel[2]")) == "K^{(2)}"
    assert latex(Ref("kernel[2]", (1,))) == "K_{2}^{(2)}"
    assert latex(Ref("kernel[2]", (1, 0, 2))) == "k_{2,1,3}^{(2)}"
    assert latex(op("transpose", Ref("kernel[2]"))) == r"{K^{(2)}}^{\top}"
    assert typst(Ref("kernel[2]", (1, 0, 2))) == "k_(2,1,3)^((2))"
    assert spoken(Ref("kernel[2]", (1,))) == "K sub 2 superscript (2)"
    assert latex(Ref("maps[]", (1,))) == "A_{2}"
    assert latex(Ref("maps[]", (1, 0, 2))) == "a_{2,1,3}"
    assert (latex(Ref("A_1[2]")), latex(Ref("A_1[2]", (1,)))) == ("A_{1}^{(2)}", "A_{1,2}^{(2)}")


def test_matrix_of_names() -> None:
    """Where entries would be too wide a matrix shows their names."""
    assert spoken(op("names", Ref("input"))) == "2 by 2 matrix, rows: a sub 1,1, a sub 1,2; a sub 2,1, a sub 2,2"


@pytest.mark.parametrize(
    ("entry", "tex", "typ", "words"),
    [
        (A, "a", "a", "a"),
        (-A, "-a", "-a", "minus a"),
        (A + B, "a + b", "a + b", "a plus b"),
        (A - B, "a - b", "a - b", "a minus b"),
        (2 * A, "2 a", "2 a", "2 a"),
        (A * B, "a b", "a b", "a b"),
        (A**2, "a^{2}", "a^(2)", "a superscript 2"),
        (A / 2, r"\tfrac{1}{2} a", "inline(frac(1, 2)) a", "1 over 2 a"),
        (3 - 2 * A, "-2 a + 3", "-2 a + 3", "minus 2 a plus 3"),
        (PHI, r"\phi", "phi", "phi"),
        (sympy.Symbol("w_{1,2}"), "w_{1,2}", "w_(1,2)", "w sub 1,2"),
        (sympy.Symbol("phi_{1,n}"), r"\phi_{1,n}", "phi_(1,n )", "phi sub 1,n"),
        (sympy.Symbol("rate"), r"\mathit{rate}", 'word("rate")', "rate"),
        (
            sympy.Symbol("w_{1,1}") * sympy.Symbol("x_{1,1}"),
            "w_{1,1} x_{1,1}",
            "w_(1,1) x_(1,1)",
            "w sub 1,1 x sub 1,1",
        ),
    ],
)
def test_entries_in_letters(entry: Any, tex: str, typ: str, words: str) -> None:
    """A SymPy entry is written as a hand writes it, in every language."""
    quantities = {"x": Quantity(Symbol("X", "x"), Tensor((), (entry,)))}
    for markup, expected in ((LATEX, tex), (TYPST, typ), (SPOKEN, words)):
        made = " ".join(Printer(markup, quantities, Notation())(Put(Ref("x", ()))).split())
        assert made.replace("- ", "-").replace("minus  ", "minus ") == expected.replace("- ", "-")


def test_relations() -> None:
    """Each relation has its sign, with the two sides around it."""
    for name, tex, typ, words in (
        ("le", r"i \le p", "i <= p", "i is at most p"),
        ("gt", "i > p", "i > p", "i is greater than p"),
        ("equals", "i = p", "i = p", "i equals p"),
        ("by", r"i \times p", "i times p", "i by p"),
        ("convolve", "i * p", "i * p", "i convolved with p"),
    ):
        made = op(name, SIZE, P)  # type: ignore[arg-type]
        assert (latex(made), typst(made), spoken(made)) == (tex, typ, words)


def test_products_of_matrices_and_inner_products() -> None:
    """Factors of a matrix product stand side by side; an inner product has angle brackets."""
    assert latex(op("matmul", Ref("C^T"), Op("vec_row", (Ref("input"),)))) == r"C^{\top}\,\operatorname{vec}(A)"
    assert latex(op("inner", Ref("input"), Ref("padded"))) == r"\langle A, \tilde{A} \rangle"
    assert typst(op("inner", Ref("input"), Ref("padded"))) == "chevron.l A \\, tilde(A) chevron.r"
    assert latex(op("matmul", op("add", Ref("input"), Ref("padded")), Ref("C^T"))) == r"(A + \tilde{A})\,C^{\top}"


def test_unknown_expression_is_refused() -> None:
    """What no rule typesets is an error, not an empty place on the page."""
    with pytest.raises(TypeError, match="no rule typesets"):
        latex("text")
    with pytest.raises(KeyError):
        latex(Op("nosuch", (SIZE,)))  # type: ignore[arg-type]


def test_width_grows_with_what_is_printed() -> None:
    """Widths are in digits: a number is as wide as its digits, a longer sum is wider, a matrix as its columns."""
    printer = Printer(LATEX, QUANTITIES, Notation())
    assert printer.width(Number(7)) == 1
    assert printer.width(Number(1234)) == 4
    assert printer.width(Number(-12)) == 3
    assert printer.width(op("add", SIZE, P)) > printer.width(SIZE) + printer.width(P)
    assert printer.width(Put(Ref("input"))) > 1 + 2
    assert printer.width(op("div", Number(12345), SIZE)) == 5
    assert printer.cell_width("input", ()) == 2
