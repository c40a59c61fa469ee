"""Audit: which equalities of notes hold, which do not, and which are left alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symconv import cli
from symconv.audit.notes import Finding, audit, counts
from symconv.audit.quantities import Expected, expected
from symconv.audit.report import text
from symconv.problem import Problem, read_problem
from symconv.solution import solve

EXAMPLES = Path(__file__).parent.parent / "examples"


def statuses(notes: str, form: str = "md") -> list[str]:
    """What an audit says about each equality, definitions left out."""
    return [finding.status for finding in audit(notes, form) if finding.status != "defines"]


def only(notes: str, form: str = "md") -> Finding:
    """The one equality that does not hold."""
    (finding,) = (finding for finding in audit(notes, form) if finding.status == "wrong")
    return finding


@pytest.mark.parametrize(
    "formula",
    [
        r"3\cdot 1 + 2\cdot 2 + 7\cdot 2 = 3 + 4 + 14 = 21",
        r"5 \times 6 = 5 * 6 = 30",
        r"(3)(4) = 2(6) = 12",
        r"3·4 − 5 = 7",
        r"-3 \cdot (-2) + 4 = 10",
        r"3 \cdot -2 = -6",
        r"\frac{1}{2} + \tfrac13 = 5/6",
        r"\frac12 = 0.5",
        r"0{,}5 \cdot 3 = 1{,}5",
        r"0,5 + 0,25 = 0,75",
        r"30 \cdot 30 \cdot 324 = 291{,}600 = 291600",
        r"24,300 + 32,400 = 56,700",
        r"291\,600 / 100 = 2916",
        r"2^{10} = 1024",
        r"2^3 - 3^2 = -1",
        r"4^{-1} = 1/4",
        r"6 \div 4 = 3/2",
        r"1.5 \cdot 10^3 = 1500",
        r"\left\lfloor \frac{6+2\cdot0-3}{3} \right\rfloor + 1 = 2",
        r"\bigl\lceil 7/2 \bigr\rceil = ⌈3.5⌉ = 4",
        r"\lfloor -7/2 \rfloor = -4",
        r"\sum_{i=1}^{4} i^2 = 1 + 4 + 9 + 16",
        r"\sum_{m=0}^{1} \sum_{n=0}^{1} (m + 2 n) = 0 + 2 + 1 + 3",
        r"\prod_{k=1}^4 k = 24",
        r"\max(3, 5, 2) = \max\{1, 5\} = 5",
        r"\min(3, -5) = -5",
        r"\sqrt{16} = 4",
        r"|-3| + \left|2 - 4\right| = \lvert 5 \rvert",
        r"(6 + 2 - 3) \bmod 3 = 2",
        r"\frac{7}{3} \approx 2.33",
        r"291600 \approx 290000",
        r"1523 \approx 1.5 \cdot 10^3",
        r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix} + \begin{bmatrix} 1 & 0 \\ 0 & 1 \end{bmatrix}"
        r"= \left(\begin{array}{cc} 2 & 2 \\ 3 & 5 \end{array}\right)",
        r"2 \begin{pmatrix} 1 & 2 \end{pmatrix} - \begin{pmatrix} 1 & 1 \end{pmatrix}"
        r"= \begin{pmatrix} 1 & 3 \end{pmatrix}",
        r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix} \begin{pmatrix} 5 \\ 6 \end{pmatrix} = (17, 39)^T",
        r"\begin{pmatrix} 1 & 2 \end{pmatrix} \cdot \begin{pmatrix} 3 \\ 4 \end{pmatrix} = 11",
        r"\begin{pmatrix} 1 & 2 \end{pmatrix}^{\mathsf T} = \begin{pmatrix} 1 \\ 2 \end{pmatrix}",
        r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}^\top = \begin{smallmatrix} 1 & 3 \\ 2 & 4 \end{smallmatrix}",
        r"\begin{pmatrix} 1 & 2 \end{pmatrix} \odot \begin{pmatrix} 3 & 4 \end{pmatrix}"
        r"= \begin{pmatrix} 3 & 8 \end{pmatrix}",
        r"\begin{pmatrix} a & b \end{pmatrix}^T = \begin{pmatrix} a \\ b \end{pmatrix}",
        r"\begin{pmatrix} \frac12 & -1 \end{pmatrix} = \begin{pmatrix} 0.5 & -1 \end{pmatrix}",
        r"(a + b)^2 = a^2 + 2 a b + b^2",
        r"3 \cdot 4 = 12 \text{ parameters}",
        r"\text{so } 3 + 4 = 7 \text{ and so on}",
        r"\mathbf{3 + 4} = \boxed{7}",
    ],
)  # fmt: skip
def test_what_holds(formula: str) -> None:
    """Right arithmetic holds in every spelling, all of its links."""
    found = statuses(f"${formula}$")
    assert found
    assert set(found) == {"holds"}


@pytest.mark.parametrize(
    ("formula", "left"),
    [
        (r"3\cdot 1 + 2\cdot 2 + 7\cdot 2 = 20", 3 * 1 + 2 * 2 + 7 * 2),
        (r"(-2)\cdot 3 + 1 = 7", -5),
        (r"\left\lfloor \frac{7 - 3}{3} \right\rfloor + 1 = 3", 2),
        (r"\frac{7}{3} = 2.4", Fraction(7, 3)),
        (r"\frac{7}{3} = 2", Fraction(7, 3)),
        (r"\frac{7}{3} \approx 2.34", Fraction(7, 3)),
        (r"0{,}5 \cdot 3 = 1{,}6", Fraction(3, 2)),
        (r"30 \cdot 30 \cdot 324 = 291{,}500", 291600),
        (r"\sum_{i=1}^{3} i = 7", 6),
        (r"\max(1, 2) = 1", 2),
        (r"|2 - 5| = -3", 3),
    ],
)
def test_what_does_not_hold(formula: str, left: Fraction) -> None:
    """Wrong arithmetic is found, and the value of the left side is told."""
    finding = only(f"so ${formula}$ holds")
    assert finding.verdict.left == left


@pytest.mark.parametrize(
    "formula",
    [
        "y = x * h = 3",  # a convolution of what?
        r"k - 1 = 2p",  # a condition on letters
        r"y(m,n) = \sum_i x(i) = 3",
        r"A \otimes B = 3",
        r"2\frac12 = 2.5",  # a mixed number or a product
        r"1/2(3 + 1) = 2",  # what does the slash divide by?
        r"6 : 2 = 3",
        r"3 . 4 = 12",
        r"x, y = 1, 2",
        r"1\,\text{MAC} = 2\,\text{FLOP}",
        r"1024 = 1\text{ kB}",
        r"\begin{pmatrix} 1 & \cdots & 4 \end{pmatrix} = \begin{pmatrix} 1 & 2 \end{pmatrix}",
        r"\begin{pmatrix} 1 & 2 \end{pmatrix} * \begin{pmatrix} 1 & 2 \end{pmatrix} = 5",
        r"\begin{pmatrix} 1 & 2 \end{pmatrix} \times \begin{pmatrix} 1 & 2 \end{pmatrix} = 5",
        r"\begin{pmatrix} 1 & 2 \end{pmatrix} \begin{pmatrix} 1 & 2 \end{pmatrix} = 5",
        r"\begin{pmatrix} x & 1 \end{pmatrix} = \begin{pmatrix} 2 & 1 \end{pmatrix}",
        r"y = \begin{cases} 1 = 2 \end{cases} = 3",
        r"1 + \begin{pmatrix} 1 & 2 \end{pmatrix} = 5",
        r"\operatorname{vec}\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix} = 5",
        r"\frac{\partial L}{\partial x} = 3",
        r"\frac{dL}{dx} = 3",
        r"1/0 = 3",
        r"\sqrt{1 + \sqrt{2}} = 1.5",
        r"9^{9^{9^9}} = 1",
        r"= 3 + 4 =",
        r"3 + = 4",
        r"a^2 + 1 = 10",
        r"A = 5, |A| = 3",  # a size, a determinant?
        r"\left|\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}\right| = 5",
        r"p(a|b) = 3",
    ],
)
def test_what_is_left_alone(formula: str) -> None:
    """What has no one meaning is counted, never called wrong."""
    found = audit(f"${formula}$ and ${formula}$", "md")
    assert counts(found)["unknown"] >= 1
    assert counts(found)["wrong"] == 0


@pytest.mark.parametrize(
    "formula", ["a < 3", r"3 \ne 4", r"x \to 5", "3 + 4", r"3 \le 2", r"7 \equiv 1 \pmod 3", r"i = 1, \dots, 4", ""]
)
def test_what_is_no_equality(formula: str) -> None:
    """Inequalities and lonely terms are no equalities."""
    assert audit(f"${formula}$", "md") == []


def test_rounded_is_no_mistake() -> None:
    """A decimal that the value rounds to is counted apart."""
    assert statuses(r"$\frac{7}{3} = 2.33$ and $2/3 = 0.67$ but $2/3 = 0.66$ and $7/3 = 2$") == [
        "rounded",
        "rounded",
        "wrong",
        "wrong",
    ]


def test_labels_are_used_with_their_values() -> None:
    """A label keeps its value until it is defined anew, which is no mistake."""
    notes = r"$a = 3$, $h_1 = 4$; $a + h_1 = 7$, $a + h_1 = 8$. Now $h_1 = 10$, $a = 3$ and $a + h_1 = 13$."
    assert statuses(notes) == ["holds", "wrong", "holds"]
    again = [(finding.excerpt, finding.verdict.reason) for finding in audit(notes, "md") if finding.verdict.reason]
    assert again == [("h_1 = 10", "it was 4 before")]


def test_matrices_are_labels_too() -> None:
    """A + B and C^T of matrices defined before are evaluated."""
    notes = r"""
$A = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}$ and $B = A^T$.
$A + B = \begin{pmatrix} 2 & 5 \\ 5 & 8 \end{pmatrix}$
$A B = \begin{pmatrix} 5 & 11 \\ 11 & 26 \end{pmatrix}$
"""
    finding = only(notes)
    assert finding.line == 4
    (cell,) = finding.verdict.cells
    assert (cell.row, cell.column, cell.found, cell.right) == (2, 2, 26, 3 * 3 + 4 * 4)


def test_indices_of_one_label() -> None:
    """h_{11}, h_{1,1} and h_{i,j} in a sum name one quantity; bold and plain letters are two."""
    notes = r"$h_{11} = 3$, $h_{1,2} = 4$; $\sum_{j=1}^{2} h_{1j} = 7$, $h_{1,1} + h_{12} = 8$"
    assert statuses(notes) == ["holds", "wrong"]
    assert statuses(r"$x = 3$, $\mathbf{x} = 4$, $x + 1 = 4$, $\mathbf{x} + 1 = 5$") == ["holds", "holds"]


def test_several_labels_of_one_value() -> None:
    """Labels at the start of a chain are all defined by it, even those that had another value."""
    notes = r"$s = 2$, $k = 3$. Now let $s = k = 1$: $s + k = 2$, $x_1 = x_2 = 1 + 1 = 2$, $x_1 + x_2 = 5$"
    assert statuses(notes) == ["holds", "holds", "wrong"]


def test_a_letter_at_the_end_takes_the_value() -> None:
    """A plain letter at the end of a chain is defined anew; a matrix there is compared."""
    assert statuses(r"$o = 4$. $\lfloor 7/2 \rfloor = o$, $o + 1 = 4$") == ["holds"]
    zero = r"\begin{pmatrix} 0 & 0 \end{pmatrix}"
    one = r"\begin{pmatrix} 1 & 0 \end{pmatrix}"
    assert statuses(rf"$H = {one}$, ${zero} + {zero} = H$") == ["wrong"]


def test_conditions_are_no_claims() -> None:
    """What relates letters to letters may be a condition or a law; with the values they have it is not called wrong."""
    assert statuses(r"$k = 3$, $p = 0$; same padding needs $k - 1 = 2 p$, here $k - 1 = 2$") == ["unknown", "holds"]
    assert statuses(r"$A B = B A$ and $f * g = g * f$") == ["unknown", "unknown"]


M22, M33 = (r"\begin{pmatrix}" + r"\\".join([" & ".join("12345"[:n])] * n) + r"\end{pmatrix}" for n in (2, 3))


@pytest.mark.parametrize(
    "notes",
    [
        rf"$A = {M22}$, $x = (1, 2)^T$, $b = {M33}$; solve $A x = b$",  # another b
        rf"$A = {M22}$. A matrix is symmetric if $A^T = A$.",
        rf"$A = {M22}$ and $B = {M22} + {M22}^T$ need not have $A B = B A$.",
        rf"$B = {M33}$ has $B v_1 = (1, 2, 3)^T$.",
        r"$\begin{pmatrix} a_1 & a_2 \end{pmatrix} = \begin{pmatrix} a_{11} & a_{12} \\ a_{21} & a_{22} \end{pmatrix}$",
        r"$y(0) = 4$, later $\begin{pmatrix} y(0) \\ y(1) \end{pmatrix} = \begin{pmatrix} 1 \\ 3 \end{pmatrix}$",
        r"no solution: $0 x + 0 y = 5$",
        r"the output is $\frac{7 - 3}{1} + 1 = 5 \times 5$",
        r"with more digits $\frac{1.45}{0.79} \approx 1.85$",
    ],
)
def test_what_books_write_is_no_mistake(notes: str) -> None:
    """Equations to solve, laws, sizes and several definitions at once are not called wrong."""
    assert "wrong" not in statuses(notes)


def test_a_heading_ends_what_changes() -> None:
    """A label with several values has none behind a heading; one with a single value keeps it."""
    notes = "# One\n$z = 1$, $c = 3$, $z + 1 = 3$\n# Two\nSolve $z^2 = 9$. $c + 1 = 5$\n# Three\n$z = 2$\n"
    assert statuses(notes) == ["wrong", "unknown", "wrong"]
    assert statuses(notes.replace("$z = 2$", "")) == ["wrong", "wrong", "wrong"]


def test_a_value_from_before_may_be_meant() -> None:
    """Where a claim holds with a value that its letter had in this section, it is not called wrong."""
    notes = (
        "# A\n$k = 3$, $d = 2$. For $k = 5$ we get $k + 2 = 7$, and $d (k - 1) + 1 = 2 \\cdot 2 + 1 = 5$, $k + 1 = 5$"
    )
    assert statuses(notes) == ["holds", "unknown", "holds", "wrong"]  # 2 * (3 - 1) + 1 = 5; 5 + 1, 3 + 1 are not 5
    (reason,) = (f.verdict.reason for f in audit(notes, "md") if f.status == "unknown")
    assert reason == "k has several values, and with 3 it would hold"
    assert statuses(notes + "\n# B\n$k = 5$, $k + 1 = 4$") == ["holds", "unknown", "holds", "wrong", "wrong"]


def test_a_slip_is_reported_once() -> None:
    """Whether the text goes on with the wrong value or with the right one, later lines are not blamed for it."""
    slip = r"$h_{11} = 3 \cdot 1 + 2 \cdot 2 = 8$. "
    assert statuses(slip + r"$h_{11} + 1 = 9$") == ["wrong", "holds"]
    assert statuses(slip + r"$h_{11} + 1 = 8$") == ["wrong", "holds"]
    assert statuses(slip + r"$h_{11} + 1 = 10$") == ["wrong", "wrong"]


def test_letters_of_a_matrix() -> None:
    """The transpose of a matrix of letters is compared cell by cell."""
    notes = r"""
$$C = \begin{pmatrix} w_{00} & w_{01} & 0 \\ 0 & w_{00} & w_{01} \end{pmatrix}$$
$$C^\top = \begin{pmatrix}
w_{00} & 0 \\
w_{01} & w_{00} \\
w_{01} & 0
\end{pmatrix}$$
"""
    finding = only(notes)
    assert finding.line == 3
    assert [(cell.row, cell.column) for cell in finding.verdict.cells] == [(3, 1), (3, 2)]
    assert finding.cell_lines == (6, 6)


def test_blocks_of_a_matrix() -> None:
    """A matrix of matrices, with 0 for a block of zeros, is put together."""
    notes = r"""$H_0 = \begin{pmatrix} 3 \\ 1 \end{pmatrix}$ $H_1 = \begin{pmatrix} 2 \\ 4 \end{pmatrix}$
$\begin{pmatrix} H_0 & 0 \\ H_1 & H_0 \end{pmatrix} \begin{pmatrix} 1 \\ 2 \end{pmatrix}
= \begin{pmatrix} 3 \\ 1 \\ 8 \\ 6 \end{pmatrix} = (3, 1, 8, 6)^T$"""
    assert statuses(notes) == ["holds", "holds"]  # 2*1 + 3*2 = 8, 4*1 + 1*2 = 6


def test_vec_needs_an_order() -> None:
    """The entries of vec are compared once the text states its order, in that order."""
    matrix = r"$A = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}$ "
    rows, columns = r"$\operatorname{vec}(A) = (1, 2, 3, 4)^T$", r"$\operatorname{vec}(A) = (1, 3, 2, 4)^T$"
    assert statuses(matrix + rows) == ["unknown"]
    assert statuses("In row-major order, " + matrix + rows + columns) == ["holds", "wrong"]
    assert statuses("In column-major order, " + matrix + rows + columns) == ["wrong", "holds"]


def test_the_line_of_a_chain_is_that_of_its_link() -> None:
    """In an alignment each link is reported at its own line, over breaks, comments and spaces."""
    notes = r"""\begin{align}
h_{11} &= 3 \cdot 1 + 2 \cdot 2 \nonumber \\ % the first row
       &\quad + 7 \cdot 2 \\

       &= 21 \label{one} \\
       &= 20 + 2 \\
h_{12} &= 4
\end{align}"""
    findings = audit(notes, "tex")
    assert [(finding.line, finding.status) for finding in findings] == [
        (2, "defines"),
        (5, "holds"),
        (6, "wrong"),
        (7, "defines"),
    ]


def test_columns_of_equations() -> None:
    """Two columns of an alignment are two chains, with words behind them too; a &= b &= c is one."""
    words = r"\begin{align} a &= 1 + 1 \text{ in} & b &= 2 + 2 = 5 \text{ and} \\ & \text{so} & c &= 3 \end{align}"
    assert statuses(words, "tex") == ["wrong"]
    two = r"\begin{align} a &= 1 + 1 & b &= 5 \\ &= 2 & &= 6 \end{align}"
    assert statuses(two, "tex") == ["holds", "wrong"]
    assert statuses(r"\begin{align} 2 &= 1 + 1 &= 3 \end{align}", "tex") == ["holds", "wrong"]


@pytest.mark.parametrize(
    ("notes", "excerpt"),
    [
        (r"\begin{eqnarray*} a &=& 3 + 4 \\ &=& 8 \end{eqnarray*}", "3 + 4 = 8"),
        (r"\[ \begin{array}{rcl} b & = & 3 + 5 \\ & = & 7 \end{array} \]", "3 + 5 = 7"),
        (r"\begin{gather} 3 + 5 = 8 \\ -1 + 4 = 4 \end{gather}", "-1 + 4 = 4"),
        (r"\begin{multline} 1 + 2 \\ + 3 = 7 \end{multline}", "1 + 2 + 3 = 7"),
        (r"\begin{equation*} \begin{split} x_1 & = 1 + 1 \\ & = 3 \end{split} \end{equation*}", "1 + 1 = 3"),
        (r"\[ \underbrace{3 + 4}_{\text{row}} + 5 = 13 \]", "3 + 4 + 5 = 13"),
        (r"\[ \left[ 2 \cdot 3 + 1 \right] = 8 \]", "[2·3 + 1] = 8"),
        (r"\begin{align} h &{}= 1 \cdot 2 \\ &\quad {} + 3 \\ &= 6 \end{align}", "1·2 + 3 = 6"),
        (r"$$ y[1,2] = 3 + 4 = 8 $$", "3 + 4 = 8"),
        (r"\( 2 \cdot 2 = 5 \)", "2·2 = 5"),
        (r"$1 + 1 = 2, 5 + 5 = 11; x = 2$", "5 + 5 = 11"),
        (r"as before ($3 = 3$, so that $(3 \cdot 4 = 13)$)", "3·4 = 13"),
        (r"$\boxed{h_{22} = 2 + 2 = 5}$", "2 + 2 = 5"),
        (r"$\text{size} = 2 + 1 = 4$", "2 + 1 = 4"),
        (r"$\mathrm{rows} = 2$, $\mathrm{rows} + 1 = 4$", "rows + 1 = 4"),
        (r"$\hat{k} = 5$, $\hat k_1 = 3$, $\hat{k} + 2 = 6$", r"\hat k + 2 = 6"),
        (r"$h_{11}^{(2)} = 4$, $h_{11} = 3$, $h_{11}^{(2)} + 1 = 4$", "h_11^(2) + 1 = 4"),
        (r"$x^{(1)} = 2$ $x_1 = 7$ \(\sum_{i=1}^{2} i^2 = 4\)", "Σ_{i=1}^2 i^2 = 4"),
    ],
)
def test_where_equalities_stand(notes: str, excerpt: str) -> None:
    """Equalities are found in every environment, in parentheses and boxes, and shown as a person writes them."""
    assert only(notes, "tex").excerpt == excerpt


def test_windows_line_ends_and_broken_bytes(tmp_path: Path) -> None:
    """Lines are counted alike with either line end, behind bytes that are no text too."""
    path = tmp_path / "notes.tex"
    path.write_bytes(b"\xff\xfe\xfa\x00"[2:] + b" one\r\ntwo $1 + 1 = 2$\r\n$1 + 1 = 3$\r\n")
    assert cli.main(["audit", str(path)]) == 1
    assert only(path.read_bytes().decode("latin-1").replace("\r\n", "\n")).line == 3


def test_noise_stops_nothing() -> None:
    """Braces that match nothing, lonely dollars and control characters leave the rest readable."""
    notes = (
        "\x00\x1b[31m fig. 3.l }{ $ = ,; \\frac{ 1 $ ~~\n\n"
        "$$\\begin{aligned} a &= {3 + \\\\ b &= 2 \\end{aligned}$$\n\n"
        "\\begin{align}\n{ 1 &= 2\n\n"
        "and $2 \\cdot 3 = 7$ here\n"
    )
    assert "2·3 = 7" in [finding.excerpt for finding in audit(notes, "md") if finding.status == "wrong"]


def test_a_single_number_that_would_repair() -> None:
    """Where one number alone explains the other side, it is named; where several do, none is."""
    one = only(r"$3 \cdot 5 + 2 \cdot 4 = 26$").verdict.repair  # 3*6 + 2*4 = 26; 3*5 + 2*x: x = 11/2
    assert one is not None
    assert (one.found, one.right) == ("5", 6)
    assert only(r"$3 + 5 = 9$").verdict.repair is None
    assert only(r"$\lfloor 7/3 \rfloor = 3$").verdict.repair is None
    entry = only(
        r"$\begin{pmatrix} 1 & 2 \end{pmatrix} + \begin{pmatrix} 3 & 4 \end{pmatrix}"
        r"= \begin{pmatrix} 4 & 7 \end{pmatrix}$"
    )
    assert entry.verdict.repair is None  # 2 or 4


EXPECTED_TEX = {
    r"       &= 25 + 5 + 22 = 54, \\": "the left side is 52",
    "= \\begin{pmatrix}": "row 4, column 1 (line {}) is 1, should be 11",
    r"C^{\mathsf T} = \begin{bmatrix}": "row 4, column 1 (line {}) is w_00, should be 0",
    r"$3 \cdot 3 \cdot 3 \cdot 12 = 324$ numbers": "the left side is 63",
}


def test_the_slips_of_the_latex_notes(capsys: pytest.CaptureFixture[str]) -> None:
    """The notes' four slips are found at their lines: a sum, 1 for 11, a row of the transpose, a count."""
    lines = (EXAMPLES / "notes.tex").read_text(encoding="utf-8").splitlines()
    places = [next(at for at, line in enumerate(lines, 1) if line.startswith(written)) for written in EXPECTED_TEX]
    findings = audit("\n".join(lines), "tex")
    assert [finding.line for finding in findings if finding.status == "wrong"] == places
    assert counts(findings)["rounded"] == 1
    assert cli.main(["audit", str(EXAMPLES / "notes.tex")]) == 1
    out = " ".join(capsys.readouterr().out.split())
    eleven = lines.index(r"1 & 24 & 28 & 15 \\") + 1
    transposed = lines.index(r"w_{0,0} & w_{0,2} & 0 & 0 \\") + 1
    for said, place in zip(EXPECTED_TEX.values(), (0, eleven, transposed, 0), strict=True):
        assert said.format(place) in out
    assert "column 2" not in out


def test_the_slips_of_the_markdown_notes() -> None:
    """The scanned notes' slips are found at their lines: a sum of matrices, a sum of squares, a floor."""
    lines = (EXAMPLES / "notes.md").read_text(encoding="utf-8").splitlines()
    places = [
        lines.index(r"  &= \begin{pmatrix} 6 & 8 & 0 \\ 5 & 15 & -4 \\ 1 & 7 & -7 \end{pmatrix}") + 1,
        next(at for at, line in enumerate(lines, 1) if "$i^2 + k^2 = 6$" in line),
        next(at for at, line in enumerate(lines, 1) if line.startswith("| 3 |")),
    ]
    findings = audit("\n".join(lines), "md")
    assert [finding.line for finding in findings if finding.status == "wrong"] == places
    (cell,) = next(finding for finding in findings if finding.status == "wrong").verdict.cells
    assert (cell.row, cell.column, cell.found, cell.right) == (3, 2, 7, 0 + 0 - 1 + 7)


@pytest.fixture(scope="module")
def strided() -> Expected:
    """The quantities of a correlation: [[1, 2], [3, 4]] with [1, 1] is [[3], [7]]."""
    problem = Problem("cross_correlation", input=[[1, 2], [3, 4]], kernel=[[1, 1]])
    return expected(solve(problem))


def test_labels_against_a_problem(strided: Expected) -> None:
    """With a problem, labelled quantities are compared with its solution, whatever the text defines them by."""
    notes = r"""$A = \begin{pmatrix} 1 & 2 \\ 3 & 5 \end{pmatrix}$
$h_{11} = 1 \cdot 1 + 2 \cdot 1 = 3$
$h_{21} = 8$
$H = \begin{pmatrix} 3 & 7 \end{pmatrix}$
$o_h = 2$, $q = 17$"""
    checked = [finding for finding in audit(notes, "md", strided) if finding.quantity]
    assert [(finding.line, finding.quantity, finding.status) for finding in checked] == [
        (1, "input", "wrong"),
        (2, "h[1,1]", "holds"),
        (3, "h[2,1]", "wrong"),
        (4, "output", "wrong"),
    ]
    assert [(cell.row, cell.column, cell.right) for cell in checked[0].verdict.cells] == [(2, 2, 4)]
    assert checked[2].verdict.right == 7
    assert checked[3].verdict.reason == "it is 1x2, that of the solution is 2x1"


def test_sizes_against_a_problem(strided: Expected) -> None:
    """The size may be given by one of its numbers, by a list, or as 2 x 1; a product of sizes is no size."""
    notes = r"$o = 2$, $o = (2, 1)$, $o = 2 \times 1$, then $o = 3$, $o = 2 \times 2$, $o = (1, 2)$"
    checked = [finding.status for finding in audit(notes, "md", strided) if finding.quantity == "size"]
    assert checked == ["holds"] * 3 + ["wrong"] * 3


def test_a_problem_says_what_a_star_means(strided: Expected) -> None:
    """Between the operands of the problem * is its operation; between other matrices it stays unknown."""
    notes = r"""$A = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}$, $K = \begin{pmatrix} 1 & 1 \end{pmatrix}$,
$A * K = \begin{pmatrix} 3 \\ 7 \end{pmatrix}$, $A \ast K = \begin{pmatrix} 3 \\ 8 \end{pmatrix}$, $K * A = K$"""
    found = [f.status for f in audit(notes, "md", strided) if not f.quantity and f.status != "defines"]
    assert found == ["holds", "wrong", "unknown"]
    assert statuses(notes) == ["unknown"] * 3


def test_letters_of_a_problem() -> None:
    """A problem with letters has quantities of letters; they are compared as polynomials."""
    problem = Problem("cross_correlation", input={"symbols": "x", "shape": [1, 2]}, kernel=[[2, 3]], dims=2)
    found = expected(solve(problem))
    notes = r"$h_{11} = 2 x_{11} + 3 x_{12}$, then $h_{1,1} = 3 x_{1,1} + 2 x_{1,2}$"
    assert [f.status for f in audit(notes, "md", found) if f.quantity] == ["holds", "wrong"]


@pytest.mark.parametrize("name", ["strided", "toeplitz_method", "transposed", "circular_blocks", "output_size"])
def test_our_own_pages_hold(name: str) -> None:
    """A solution as symconv writes it has nothing that is wrong, the same in LaTeX as in Markdown."""
    solution = solve(read_problem(EXAMPLES / f"{name}.toml"))
    found = [counts(audit(solution.to(form), form, expected(solution))) for form in ("tex", "md")]
    assert found[0] == found[1]
    assert found[0]["holds"] >= 3
    assert (found[0]["wrong"], found[0]["quantities_wrong"]) == (0, 0)


def test_letters_that_a_solution_has_not(strided: Expected) -> None:
    """A quantity in letters is no wrong one where the solution has numbers."""
    findings = audit(r"$A = \begin{pmatrix} a & b \\ 3 & 4 \end{pmatrix}$, $h_{11} = a + b$", "md", strided)
    assert [finding.status for finding in findings if finding.quantity] == ["unknown", "unknown"]
    assert counts(findings)["unknown"] == 2


def test_the_readme_shows_what_happens(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The README's audit prints what the program prints."""
    readme = (EXAMPLES.parent / "README.md").read_text(encoding="utf-8")
    monkeypatch.chdir(EXAMPLES.parent)
    assert cli.main(["audit", "examples/notes.tex"]) == 1
    printed = "".join(f"    {line}\n" for line in capsys.readouterr().out.splitlines())
    assert f"    $ symconv audit examples/notes.tex\n{printed}" in readme


Audit = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Audit:
    """Audits a text as notes.md in an empty folder: exit status, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def made(notes: str, *options: str) -> tuple[int, str, str]:
        Path("notes.md").write_text(notes, encoding="utf-8")
        try:
            status = cli.main(["audit", "notes.md", *options])
        except SystemExit as end:
            status = int(end.code or 0)
        out, err = capsys.readouterr()
        return status, out, err

    return made


def test_the_report_of_a_sum(run: Audit) -> None:
    """A slip is one line with its place, and the summary counts."""
    status, out, err = run("\n$3 \\cdot 1 + 2 \\cdot 2 + 7 \\cdot 2 = 20$ and $1 + 1 = 2$, $x = y$\n")
    assert (status, err) == (1, "")
    assert out == (
        "notes.md:2: 3·1 + 2·2 + 7·2 = 20 does not hold: the left side is 21\n"
        "    with 2 in place of 3 it would hold\n"
        "1 equality holds, 1 does not, 1 could not be evaluated (--list shows them)\n"
    )


def test_the_list_says_why(run: Audit) -> None:
    """--list shows what could not be evaluated, with the reason, and what is rounded; the status stays 0."""
    status, out, _ = run("$2 p - k = 3$, $7/3 = 2.33$", "--list")
    assert status == 0
    assert out.splitlines() == [
        "notes.md:1: 2p - k = 3: letters without a value: k, p",
        "notes.md:1: 7/3 = 2.33 holds after rounding",
        "0 equalities hold, 1 rounded, 1 could not be evaluated",
    ]


def test_lines_fit_a_terminal() -> None:
    """No line of a report is wider than 80 columns, and nothing in it obeys a terminal."""
    row = " & ".join(["12345"] * 30)
    notes = rf"$\begin{{pmatrix}} {row} \end{{pmatrix}} = \begin{{pmatrix}} {row.replace('45', '46')} \end{{pmatrix}}$"
    notes += "$" + " + ".join(["123"] * 60) + " = 5$ $\\text{\x1b[31m red} = 3 = 4$ $x = \\foo{" + "y" * 200 + "}$"
    shown = text("notes.md", audit(notes, "md"), listing=True)
    assert shown.count("does not hold") == 3
    assert text("notes.md", audit(notes, "md"), colour=True).count("\x1b[31m") == 3
    assert max(map(len, shown.splitlines())) <= 80
    assert "\x1b" not in shown


def test_the_machine_reads_it(run: Audit) -> None:
    """--to json gives counts and findings with file, line, status, excerpt and both values."""
    status, out, _ = run("$1/2 + 1 = 2$\n$A = \\begin{pmatrix} 1 & w_{11} \\end{pmatrix}$", "--to", "json")
    made = json.loads(out)
    assert status == 1
    assert made["files"] == [
        {
            "file": "notes.md",
            "counts": {
                "holds": 0, "rounded": 0, "wrong": 1, "unknown": 0, "quantities_right": 0, "quantities_wrong": 0,
            },
        }
    ]  # fmt: skip
    wrong, defines = made["findings"]
    assert {key: wrong[key] for key in ("file", "line", "status", "excerpt", "left", "right")} == {
        "file": "notes.md", "line": 1, "status": "wrong", "excerpt": "1/2 + 1 = 2", "left": "3/2", "right": 2,
    }  # fmt: skip
    assert (defines["line"], defines["status"], defines["left"]) == (2, "defines", [[1, "w_11"]])


def test_a_problem_on_the_command_line(run: Audit, tmp_path: Path) -> None:
    """--problem reports the right value of a labelled quantity, and a problem that is wrong is the reader's error."""
    (tmp_path / "p.toml").write_text('operation = "cross_correlation"\ninput = "1 2"\nkernel = "1 1"\n')
    status, out, _ = run("$h_{1} = 4$", "--problem", "p.toml")
    assert status == 1
    assert "notes.md:1: h_1 = 4 is not h[1] of the solution: that is 3" in out
    assert out.endswith("0 quantities agree with the solution, 1 does not\n")
    assert run("$1 = 1$", "--problem", "none.toml")[0] == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["none.tex"], "none.tex cannot be read: No such file or directory"),
        (["."], ". is a folder"),
        (["notes.md", "--to", "pdf"], "--to has 'pdf'; known formats are text, json"),
        ([], "the following arguments are required: NOTES"),
    ],
)
def test_what_cannot_be_read(run: Audit, capsys: pytest.CaptureFixture[str], options: list[str], said: str) -> None:
    """A file or an option that is no good is one line on standard error, and status 2."""
    run("$1 = 1$")
    try:
        status = cli.main(["audit", *options])
    except SystemExit as end:
        status = int(end.code or 0)
    out, err = capsys.readouterr()
    assert (status, out) == (2, "")
    assert err.startswith(f"error: {said}")
    assert err.count("\n") == 1


COMMANDS = r"""
\\ \ \frac \cdot \sum_{i=1}^{9} \begin{pmatrix} \end{pmatrix} \begin{align} \end{align} \lfloor \rfloor \left( \right)
\text{a} \approx ^\top \hat \sqrt \max 0{,}5 h_{11} \quad \operatorname{vec} \mathbf{x} \odot \bmod 99999999999 \{ \}
= = &= & & \text{and} \not \equiv \over \cr $ $$ 12 1,000
"""
SIGNS = st.sampled_from([*"0123456789abxAT+-*/=()[]{}^_&,.;:|!'~%$ \n\x00\x1b\u2028⌊²ᵀ−", *COMMANDS.split()])


@settings(max_examples=300, deadline=None)
@given(st.lists(SIGNS, max_size=60).map("".join), st.sampled_from(["tex", "md"]))
def test_any_signs_are_survived(notes: str, form: str) -> None:
    """Any sequence of signs ends in a report whose lines fit, and never in an error."""
    aligned = rf"\begin{{align}} x &= 1 {notes} \end{{align}}"
    shown = text("notes", audit(f"$a = 3$ $h_{{11}} = 2$ ${notes}$ {notes}\n\n{aligned}", form), listing=True)
    assert max(map(len, shown.splitlines())) <= 80
    assert "\x1b" not in shown


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_survived(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """A file of any bytes ends with one of the three statuses."""
    path = tmp_path_factory.mktemp("notes") / "notes.tex"
    path.write_bytes(b"$1 = 1$ $" + content)
    assert cli.main(["audit", str(path), "--list", "--to", "text,json"]) in (0, 1, 2)


@pytest.mark.parametrize(
    "notes",
    [
        "$" + "(" * 5000 + "1 = 1" + ")" * 5000 + "$",
        "$" + "(1 = " * 2000 + ")" * 2000 + "$",
        "$" + "2^" * 5000 + "1 = 3$",
        "$" + "-" * 20000 + "1 = 3$",
        "$1" + " = 1" * 20000 + "$",
        "$1" + " + 1" * 20000 + " = 3$",
        r"$\sum_{i=1}^{9999} \sum_{j=1}^{9999} i j = 3$" * 20,
        "$(a + b + c + d + e)^{64} = 3$" * 50,
        "$99999999^{64} \\cdot 99999999^{64} = 3$" * 50,
        "$" + r"\begin{pmatrix}" * 2000 + "= 1$",
        "$x = " + "{" * 50 + "1" + "}" * 50 + " = 2$",
        "$" + "f(" * 5000 + " = 3$",
    ],
)
def test_nothing_is_too_deep_or_too_long(notes: str) -> None:
    """Depth, length, powers and loops are bounded: what is beyond a bound is not evaluated."""
    assert all(finding.status in ("holds", "unknown", "wrong", "defines") for finding in audit(notes, "tex"))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=1, max_size=6), st.integers(-3, 3))
def test_sums_of_products_are_judged_as_python_does(pairs: list[tuple[int, int]], off: int) -> None:
    """A worked sum holds exactly when Python's total is the number behind the equals sign."""
    worked = " + ".join(rf"({a}) \cdot ({b})" for a, b in pairs)
    total = sum(a * b for a, b in pairs)
    assert statuses(f"${worked} = {total + off}$") == ["wrong" if off else "holds"]


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4), st.randoms(use_true_random=False))
def test_products_of_matrices_are_judged_as_numpy_does(n: int, m: int, k: int, random: object) -> None:
    """A product of matrices holds with NumPy's result, and not with one entry changed, which is named."""
    import numpy as np

    a, b = (np.array([[random.randint(-9, 9) for _ in range(c)] for _ in range(r)]) for r, c in ((n, m), (m, k)))  # type: ignore[attr-defined]
    wrong = a @ b
    wrong[n - 1, k - 1] += 1

    def tex(values: np.ndarray) -> str:
        return r"\begin{pmatrix}" + r"\\".join(" & ".join(map(str, row)) for row in values) + r"\end{pmatrix}"

    assert statuses(f"${tex(a)} {tex(b)} = {tex(a @ b)}$") == ["holds"]
    (cell,) = only(f"${tex(a)} {tex(b)} = {tex(wrong)}$").verdict.cells
    assert (cell.row, cell.column, cell.right) == (n, k, (a @ b)[n - 1, k - 1])


@pytest.mark.parametrize(
    ("formula", "found"),
    [
        (r"\sqrt{85} \approx 9.22", ["holds"]),
        (r"\sqrt{85} \approx 9{,}2", ["holds"]),
        (r"\sqrt{85} = 9.22", ["rounded"]),
        (r"\sqrt{85} \approx 9.3", ["wrong"]),
        (r"\sqrt{85} \approx 9", ["holds"]),
        (r"9.22 \approx \sqrt{85}", ["holds"]),
        (r"9.2 = \sqrt{86}", ["wrong"]),
        (r"\sqrt{6^2 + 7^2} = \sqrt{85} \approx 9.220", ["holds", "holds"]),
        (r"2\sqrt{15} = \sqrt{60} = \frac{60}{\sqrt{60}}", ["holds", "holds"]),
        (r"\sqrt{2} \cdot \sqrt{2} = 2", ["holds"]),
        (r"\sqrt{2} + \sqrt{3} = \sqrt{5}", ["wrong"]),
        (r"\frac{1}{\sqrt{2}} \approx 0.71 \approx 0.7", ["holds", "holds"]),
        (r"\sqrt{2} \approx 1.41 \cdot 1.0", ["unknown"]),
        (r"\sqrt{85} \approx \sqrt{84}", ["unknown"]),
        (r"\sqrt{x} = 3.1", ["unknown"]),
        (r"\sqrt{-2} = 3", ["unknown"]),
        (r"\sqrt{1 + \sqrt{2}} \approx 1.55", ["unknown"]),
        (r"\sqrt{2}^{1000} = 3", ["unknown"]),
    ],
)
def test_roots(formula: str, found: list[str]) -> None:
    """Roots are compared exactly, and with decimals as they are rounded; not where both sides may be rounded."""
    assert statuses(f"${formula}$") == found


def test_a_wrong_root_is_shown_in_digits() -> None:
    """The report says what the root is."""
    assert "√85 ≈ 9.3 does not hold: the left side is 9.2195..." in text("n", audit(r"$\sqrt{85} \approx 9.3$", "md"))


@pytest.mark.parametrize(
    "formula",
    [
        "$7/2 = 3 rest 1$",
        r"$7/2 = 3 \text{ rest } 1$",
        "$7 : 2 = 3 R 1$",
        r"$7 \div 2 = 3 \text{ R } 1$",
        "$7/2 = 3$ rest $1$",
        "$7/2 = 3$, remainder 1",
        "$7/2 = 3$ with a remainder of 1",
        "$7/2 = 3$ mit Rest $1$",
        "$7/2 = 3$ R 1",
    ],
)
@pytest.mark.parametrize("form", ["md", "tex"])
def test_division_with_rest_is_not_wrong(formula: str, form: str) -> None:
    """7 by 2 is 3, and 1 is left."""
    assert "wrong" not in statuses(formula, form)
    assert statuses("$7/2 = 3$ Really.", form) == ["wrong"]
    assert statuses(r"$\lfloor 7/2 \rfloor = 3$", form) == ["holds"]


def test_every_link_that_does_not_hold_is_told() -> None:
    """A slip in the middle of a chain makes both of its links false."""
    found = [(f.excerpt, f.status) for f in audit(r"$3 \cdot 1 + 2 \cdot 2 = 8 = 7$", "md")]
    assert found == [("3·1 + 2·2 = 8", "wrong"), ("8 = 7", "wrong")]


@pytest.mark.parametrize("above", [r"\overset{?}{=}", r"\overset{!}{=}", r"\stackrel{?}{=}", r"\stackrel{!}="])
def test_what_is_asked_is_no_claim(above: str) -> None:
    """An equals sign with a question mark asks, with an exclamation mark it demands; with a number it claims."""
    assert "wrong" not in statuses(rf"$3 + 4 {above} 8$")
    assert statuses(r"$3 + 4 \overset{(1)}{=} 8$") == ["wrong"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "there is nothing in it"),
        (b"\xef\xbb\xbf \r\n\n", "there is nothing in it"),
        (b"\xff\xfe", "there is nothing in it"),
        (b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 40, "is no text"),
        ("a $1 = 1$".encode("utf-16-le"), "is no text"),
    ],
)
def test_files_that_are_no_notes(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, said: str) -> None:
    """An empty file and one that is no text end with status 2 and one line."""
    path = tmp_path / "notes.md"
    path.write_bytes(content)
    assert cli.main(["audit", str(path)]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert said in err


MAT = r"\newcommand{\mat}[1]{\begin{pmatrix}#1\end{pmatrix}}"


@pytest.mark.parametrize(
    ("definitions", "formula"),
    [
        (r"\newcommand{\half}{\frac12}", r"\half \cdot 4 = 3"),
        (r"\newcommand\half{\frac12}", r"\half \cdot 4 = 3"),
        (r"\def\half{\frac{1}{2}}", r"\half \cdot 4 = 3"),
        (r"\renewcommand*{\half}{\frac12 % a remark}" + "\n}", r"\half \cdot 4 = 3"),
        (r"\providecommand{\by}[2]{#2 \cdot #1}", r"\by{2}3 = 7"),
        (r"\def\by#1#2{\frac{#1}{#2}}\newcommand{\half}{\by12}", r"\half + \by{1}{4} = 1"),
        (MAT, r"\mat{1 & 2}\mat{3 \\ 4} = 12"),
        (MAT + r"\newcommand{\row}[2]{\mat{#1 & #2}}", r"\row{1}{2} + \row12 = \row{2}{5}"),
        (r"\newcommand{\vc}[1]{\mathbf{#1}}", r"\vc{x} = 3$, $\vc x + 1 = 5"),
        (r"\DeclareMathOperator{\vect}{vec}" + MAT, r"\vect(\mat{1 & 2 \\ 3 & 4}) = (1, 3, 2, 4)^T$ row-major $"),
        (r"\newcommand{\be}{\begin{equation}}\newcommand{\ee}{\end{equation}}", r"1$\be 1 + 1 = 3 \ee$1"),
    ],
)
def test_macros_stand_for_what_they_say(definitions: str, formula: str) -> None:
    """What the text defines by plain arguments is read as if it was written out, here with a slip each."""
    assert statuses(f"{definitions}\nso ${formula}$", "tex") == ["wrong"]


def test_macros_keep_lines() -> None:
    """A finding is at the line of the macro's use, an entry that is an argument at its own."""
    notes = (
        "\\newcommand{\\mat}[1]{\\begin{pmatrix}\n#1\n\\end{pmatrix}}\n\\newcommand{\\three}{\n1\n+ 2}\n"
        "$\\mat{1&2\\\\\n3&4}^T = \\mat{1&3\\\\\n2&5}$ and\n$\\three = 4$\n$1 + 1 = 3$\n"
    )
    found = [(finding.line, finding.excerpt, finding.cell_lines) for finding in audit(notes, "tex")]
    assert found == [
        (8, "(1 2; 3 4)^T = (1 3; 2 5)", (9,)),
        (10, "1 + 2 = 4", ()),
        (11, "1 + 1 = 3", ()),
    ]


@pytest.mark.parametrize(
    ("definitions", "formula"),
    [
        (r"\newcommand{\two}{2}", r"\two\two = 4"),  # 22 is printed
        (r"\newcommand{\two}{2}", r"1\two = 2"),
        (r"\newcommand{\n}{2} \renewcommand{\n}{3}", r"\n + 1 = 5"),  # which one is meant here?
        (r"\newcommand{\n}[1][2]{#1}", r"\n + 1 = 5"),
        (r"\newcommand{\n}[1]{#1}", r"3 + \n = 5"),  # takes what stands behind it
        (r"\def\n(#1){#1}", r"\n(3) = 5"),
        (r"\newcommand{\n}[1]{\fbox{$#1$}}", r"\n{3} = 5"),
        (r"\DeclareMathOperator{\argmax}{arg\,max}", r"\argmax (1, 2) = 5"),
        (r"\def\n{\n}", r"\n = \n + 1 = 5"),
        ("% \\newcommand{\\n}{2}\n", r"\n + 1 = 5"),
        (r"\begin{verbatim}\newcommand{\n}{2}\end{verbatim}", r"\n + 1 = 5"),
    ],
)
def test_macros_that_are_left_alone(definitions: str, formula: str) -> None:
    """What is not plain, or means two things, is not put in; nothing is called wrong for it."""
    found = counts(audit(f"{definitions}\nso ${formula}$", "tex"))
    assert (found["wrong"], found["holds"]) == (0, 0)
    assert found["unknown"] >= 1


@pytest.mark.parametrize(
    "notes",
    [
        r"\newcommand{\a}{1 + }"
        + "".join(rf"\newcommand{{\{chr(n + 1)}}}{{\{chr(n)}\{chr(n)}}}" for n in range(ord("a"), ord("x")))
        + r"$\x 1 = 3$ " * 200,
        r"\newcommand{\x}[1]{\x{#1#1}} $\x{1} = 3$ " * 200,
        r"\newcommand{\x}{\newcommand{\x}{" * 5000 + "$1 + \\x = 3$",
        r"\newcommand{\x}[1]{#1#1} $" + r"\x{" * 5000 + "1" + "}" * 5000 + " = 3$",
        r"\newcommand{\x}[1]{} $" + r"\x{" * 5000 + " = 3$",
        r"\def\x#1{\frac{#1}{#1}} $" + r"\x{" * 40 + "1" + "}" * 40 + " = 3$",
    ],
)
def test_macros_cannot_take_long(notes: str) -> None:
    """Macros of macros end at a bound, and what is beyond it is counted as not read."""
    found = counts(audit(notes, "tex"))
    assert found["unknown"] >= 1
    assert found["wrong"] == 0


@pytest.mark.parametrize(
    "line",
    [
        "Dense: 400 * 120 + 120 = 48,121; 120 * 84 + 84 = 10,164",
        "weights: 3 × (4 + 1) = 16, then more",
        "| 14 - 5 + 1 = 11 | 2*3 = 6 |",
        "The compression is 8/14 = 0.57 and 2/3 = 0.66.",
        "MACs: 28² · 25 · 6 = 117 600; 2² = 5",
        "h22 = 7·1 + 1·2 = 10",
        "y[0] = 1*2 + 2*3 = 8; y[1] = 2*2 + 3*3 = 12",
        "Size: floor((7-3)/3) + 1 = 2. ⌊(7−3)/3⌋+1 = 3.",
        "`(7 - 3)/2 + 1 = 4` and so on",
        "```\n3 + 4 = 8\n```",
        "```python\n# 3 + 4 = 8\n```",
        "- 3 + 4 = 8",
        "1. 3 + 4 = 8",
        "> a) 3 + 4 = 8",
        "*3 * 4 = 13*",
        "**3 * 4 = 13**, so",
        "16*151 = **2417**",
        r"Hence 3 \* 4 = 13",
        "so (see 3 + 4 = 8)",
        "Layer 1: 3 + 4 = 8",
        "a line ends.\n\n3 + 4 = 8<br>",
        "$x$ is 8 = 3 + 4",
        "6 * 26 = 157 and $1 + 1 = 2$",
    ],
)
def test_plain_equalities_of_markdown(line: str) -> None:
    """Sums and products of numbers are cut out of words, tables, lists, code and emphasis; one of each is false."""
    assert statuses(line).count("wrong") == 1
    assert statuses(line.replace("=", "<")).count("wrong") == 0


@pytest.mark.parametrize(
    "line",
    [
        "half of 3 + 1 = 2",
        "the sum of 2 and 4 + 5 = 11",
        "We add 3 and\n4 + 5 = 12",
        "3 * 4 +\n5 * 2 = 22",
        "3 * 4 = 17\n+ 5",
        "3 + 4\n- 5 = 2",
        "pages 3-5 = 3 pages, 3-5 = 10",
        "Exercise 3 = 5 points",
        "25 % of 400 = 100",
        "f(3) = 9, max(3, 2 + 1) = 3, x_3 + 4 = 9, x[3] + 4 = 9",
        "|-3| + 1 = 4, |-3| - 1 = 2",
        "3! + 1 = 7, 2 * 3! = 12, 720 = 6!",
        "2**3 = 8, 2^3^2 = 512, 7 // 2 = 3",
        "3x3 = 9, 16 x 16 + 1 = 257",
        "1024 = 1 kB = 1k",
        "6*28*28*4 B = 18816 B = 18.8 kB ≈ 18.4 KiB",
        "3 * 60 = 3\nmin",
        "2 * 2 = 5?",
        "10/3 = 3.33...",
        "1/2 * 3 = 1, 5",
        "400*120+120 = 48.120",
        "if 3 + 1 == 5: x += 1 + 1 = 3; y := 3 + 4",
        "4 *5 + 3* = 23",
        "6 : 2 + 1 = 4, the ratio 6: 2 + 1 = 4",
        "14 = 3 (3 + 4)",
        "size 2 x 2 = 4, 5 mod 3 + 1 = 3, 5 % 3 + 1 = 3",
        "see http://a.b/?x=1+1=3 and [here](x?1+1=3)",
        "the numbers 1, 2, 3 + 4 = 10",
        "5 + (3 + 1 = 9)",
        "$3 + $4 = $7",
        "3 ± 1 = 2, 3 + 4 = 8 - x, 5 = 3 + 1 x + 1",
        "1 + 2 + ... + 10 = 55",
        "Date 12.3. = Monday, 2024-01-15 = 3",
        "```c\n7 / 2 = 3; 3 ^ 2 = 1;\n```",
        "x<sup>2</sup> + 1 = 5, 10<sup>2</sup> = 100",
    ],
)
def test_plain_lines_that_may_mean_something_else(line: str) -> None:
    """Words, units, code and signs around an equality can belong to it; nothing is called wrong or right for it."""
    found = counts(audit(line, "md"))
    assert (found["wrong"], found["holds"]) == (0, 0)


def test_plain_letters_have_no_values() -> None:
    """Letters outside of formulas neither take values nor give them; LaTeX is not read outside of its formulas."""
    assert statuses("k = 3, $k + 1 = 5$") == ["unknown"]
    assert statuses("$k = 3$ and k + 1 = 5") == ["unknown"]
    assert audit("so 3 + 4 = 8", "tex") == []


def test_plain_quantities_against_a_problem(strided: Expected) -> None:
    """With a problem, h_22 and the like are compared in plain lines too, unless words around may change them."""
    notes = """The output is H = [3; 7] and h_21 = 8. Also
h11 = 1*1 + 2*1 = 3; h(2,1) = 7, h[1,1] = 4.
the sum h_11 + h_21 = 10, half of h_21 = 3.5, h_21 = 8 mm
k = 5, x = 3"""
    found = [(f.line, f.quantity, f.status) for f in audit(notes, "md", strided) if f.quantity]
    assert found == [
        (1, "h[2,1]", "wrong"),
        (2, "h[1,1]", "holds"),
        (2, "h[2,1]", "holds"),
        (2, "h[1,1]", "wrong"),
    ]


def test_plain_lines_that_are_long(run: Audit) -> None:
    """A file without equalities says what is read; one line of very many takes no time."""
    status, out, _ = run("# Notes\n\nThe kernel has nine weights.\n")
    assert (status, out) == (0, "no equality was found: only maths between $ signs and plain 2 + 3 = 5 is read\n")
    assert counts(audit("3 + 4 = 8 " * 3000, "md"))["wrong"] == 0  # what stands behind goes on with it
    assert counts(audit("3 + 4 = 8; " * 3000, "md"))["wrong"] == 3000


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([*"0123456789+-*/^()=≈.,;: \n`|#>_x%!?\x00\u2028²⌊", "and ", "h_11", "```\n", "$"])))
def test_any_plain_signs_are_survived(signs: list[str]) -> None:
    """Any signs outside of formulas end in a report whose lines fit."""
    shown = text("notes", audit("".join(signs), "md"), listing=True)
    assert max(map(len, shown.splitlines())) <= 80
