"""`symconv check` as a person meets it: what is read, what is said, and the exit status."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from symconv import solve
from symconv.answers import read_work
from symconv.checking.check import checked
from symconv.checking.diagnose import Checker
from symconv.checking.report import as_text, report
from symconv.cli import main
from symconv.problem import Problem, read_problem
from symconv.render import reports
from symconv.sheets import key

STRIDED = str(Path(__file__).parent.parent / "examples" / "strided.toml")  # its answer is 52 54; 52 54


def said(work: str, form="text", **keys):
    """The verdicts on a work about a correlation of 3x3 numbers: h is 1*1 + 5*2, 2*1 + 6*2; 4*1 + 8*2, 5*1 + 9*2."""
    problem = Problem("cross_correlation", input="1 2 3; 4 5 6; 7 8 9", kernel="1 0; 0 2", **keys)
    made = checked(Checker(problem), read_work(work, form))
    return {verdict.label: verdict.status for verdict in made.diagnosis.verdicts}


@pytest.mark.parametrize(
    ("work", "form"),
    [
        ("11 14; 20 23", "text"),
        ("output = [[11, 14], [20, 23]]", "toml"),
        ('{"output": [[11, 14], [20, "23"]]}', "json"),
        (r"The result is \[ H = \begin{pmatrix} 11 & 14 \\ 20 & 23 \end{pmatrix} \]", "tex"),
        ("$H = \\begin{bmatrix} 11 & 14 \\\\ 20 & 23 \\end{bmatrix}$", "md"),
        ("h_{11} = 11\nh_{12} = 14\nh_{21} = 20\nh_{22} = 23", "text"),
        ("h[0,0] = 11\nh[0,1] = 14\nh[1,1] = 23", "text"),
    ],
)
def test_a_right_work_is_right_in_every_form(work, form):
    """The same values in TOML, JSON, text, LaTeX and Markdown, as a whole or cell by cell, from 1 or from 0."""
    statuses = said(work, form)
    assert statuses
    assert set(statuses.values()) == {"right"}


def test_counting_from_0_is_seen_by_what_there_is():
    """h[2,2] exists only when indices start at 1, so that work counts from 1."""
    assert said("h[1,1] = 11\nh[2,2] = 23") == {"h[1,1]": "right", "h[2,2]": "right"}
    assert said("h[0,0] = 11\nh[1,1] = 11") == {"h[1,1]": "right", "h[2,2]": "wrong"}


def marked(work: str, problem: Problem | None = None):
    """What is said of a work about a correlation of two rows with 1 1: h is 1 + 2; 3 + 4."""
    two = problem or Problem("cross_correlation", input="1 2; 3 4", kernel="1 1")
    return checked(Checker(two), read_work(work, "text"))


@pytest.mark.parametrize(
    ("work", "mark", "is_right"),
    [
        ("K = [1 1]", 0, False),
        ("A = [1 2; 3 4]\nk_11 = 1", 0, False),
        ("A = [1 2; 3 5]", 0, False),
        ("K = [1 1]\nsize = 2x1", 1, True),
        ("K = [1 1]\nsize = 2x2", Fraction(4, 10), False),  # as by a mistake: its method's points are lost
        ("K = [1 1]\nH = [3; 7]", 1, True),
    ],
)
def test_what_is_given_does_not_count(work, mark, is_right):
    """There are no points for copying what is printed, and it is said that the answer was not handed in."""
    made = marked(work)
    assert (made.diagnosis.mark, made.is_right) == (mark, is_right)
    no_answer = ("The answer, output, was not handed in.", "")
    assert (no_answer in report(made, "").notes) == ("H =" not in work)
    copied = next(item for item in report(made, "").items if item.label in ("K", "A"))
    assert (copied.out_of, copied.sentences[-1]) == (0, "It is given, so it does not count.")


def test_a_wrong_copy_that_the_answer_follows_from_costs():
    """With 5 for 4 the sums are 3 and 8: right but for the copy, whose method and shape and 3 of 4 cells are right."""
    made = marked("A = [1 2; 3 5]\nH = [3; 8]")
    assert [one.status for one in made.diagnosis.verdicts] == ["wrong", "follows"]
    assert made.diagnosis.mark == (1 + Fraction(7, 10) + Fraction(3, 10) * Fraction(3, 4)) / 2


@pytest.mark.parametrize(
    ("cells", "matrix"),
    [
        ("h_11 = 3", "H = [3; _]"),
        ("h_11 = 3\nh_21 = 7", "H = [3; 7]"),
        ("h_11 = 3\nh_21 = 71", "H = [3; 71]"),
        ("h_11 = 3\nh_21 = 4 or 5", "H = [3; _]"),
        ("size = 2x1\nh_11 = 3\nh_21 = _", "size = 2x1\nH = [3; _]"),
    ],
)
def test_cells_of_the_answer_are_marked_as_the_matrix_is(cells, matrix):
    """What was not handed in, or cannot be read, is a blank of the answer."""
    one, whole = marked(cells), marked(matrix)
    assert one.diagnosis.mark == whole.diagnosis.mark
    assert ("; blank: h[2,1]" in one.diagnosis.missing) == ("_" in matrix)


def test_a_cell_that_the_answer_has_not_costs():
    """Two cells are right, and a third is one too many: two thirds."""
    assert marked("h_11 = 3\nh_21 = 7\nh_31 = 1").diagnosis.mark == Fraction(2, 3)


def test_quantities_that_make_up_the_answer():
    """The gradient is dx and dw in one row: 4 and 2 cells; dx alone is 4 of 6, and a right size is no part of it."""
    layer = {"operation": "cross_correlation", "input": [0, 1, 5, 1], "kernel": [-3, 2]}
    problem = Problem("backpropagation", of=layer, upstream=[2, -1, -1])
    assert marked("dx = -6 7 1 -2\ndw = -6 -4", problem).diagnosis.mark == 1
    part = marked("dx = -6 7 1 -2", problem).diagnosis
    assert part.mark == Fraction(6, 10) * Fraction(4, 6) + Fraction(1, 10) + Fraction(3, 10) * Fraction(4, 6)
    assert part.missing == "Not all of the answer, gradient, was handed in; blank: gradient[5], gradient[6]."


def test_what_cannot_be_read_may_be_the_answer():
    """It is not said that no answer was handed in, where one was that cannot be read."""
    assert marked("size = 2x1\nH = [3; 4 or 5]").diagnosis.missing == ""
    assert marked("size = 2x1").diagnosis.missing


def test_said_twice_the_last_counts():
    """A corrected answer replaces the first one."""
    assert said("h[1,1] = 10\nh[1,1] = 11") == {"h[1,1]": "right"}


def test_what_cannot_be_read_is_shown(capsys):
    """The text as written, a caret, the reason; status 2 and nothing on standard output."""
    assert main(["check", STRIDED, "--answer", "52 5//4"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[1:] == ["    52 5//4", "       ^"]


@pytest.mark.parametrize(("answer", "status"), [("52 54; 52 54", 0), ("52 54; 52 45", 1), ("52 54; 52 _", 1)])
def test_the_exit_status(answer, status, capsys):
    """0 when all is right, 1 when something is wrong or blank."""
    assert main(["check", STRIDED, "--answer", answer]) == status
    assert capsys.readouterr().err == ""


def test_the_report_in_every_format(tmp_path, capsys):
    """Text, JSON, HTML, Markdown, LaTeX and PDF all name the mistake."""
    answer = "54 52; 54 52"  # the kernel was flipped: 52 and 54 change places in each row
    texts = {}
    for form in ("text", "json", "html", "md", "tex"):
        assert main(["check", STRIDED, "--answer", answer, "--to", form]) == 1
        texts[form] = capsys.readouterr().out
    mistakes = json.loads(texts["json"])["labels"][0]["misconceptions"]
    assert mistakes
    for form in ("text", "html", "md", "tex"):
        assert mistakes[0][0].replace("_", " ") in " ".join(texts[form].split())
    assert main(["check", STRIDED, "--answer", answer, "--to", "pdf", "-o", str(tmp_path / "r.pdf")]) == 1
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF")


def test_the_report_fits_80_columns():
    """No line of the terminal's report is wider, and wrong cells are in brackets."""
    problem = Problem("cross_correlation", input="1 2 3; 4 5 6; 7 8 9", kernel="1 0; 0 2")
    text = as_text(report(checked(Checker(problem), read_work("11 14; 20 32\n", "text")), "Exercise"))
    assert max(map(len, text.splitlines())) <= 80
    assert "[32]" in text
    row = Problem("cross_correlation", input=[[100 + n for n in range(30)]], kernel=[[1]])
    values = [*range(100, 129), 131]  # the last one is wrong
    text = as_text(report(checked(Checker(row), read_work(" ".join(map(str, values)), "text")), "Exercise"))
    assert max(map(len, text.splitlines())) <= 80
    assert [*dict.fromkeys(re.findall(r"1[0-3][0-9]", text))][:31] == [*map(str, values), "129"]
    assert "columns 1 to 11:" in text


def test_options_may_stand_between_the_files(tmp_path, capsys):
    """The work may come behind options; what is unknown is still refused."""
    (tmp_path / "w.txt").write_text("52 54; 52 54\n")
    assert main(["check", STRIDED, "--to", "json", "--hide-right", str(tmp_path / "w.txt")]) == 0
    assert json.loads(capsys.readouterr().out)["right"]
    for words in (["--tu", "json"], ["--to", "json", "w.txt", "v.txt"], ["--nothing"]):
        with pytest.raises(SystemExit) as stopped:
            main(["check", STRIDED, *words])
        assert stopped.value.code == 2


def test_what_was_typed_is_escaped(tmp_path, capsys):
    """A label with markup is text in HTML."""
    (tmp_path / "w.txt").write_text("h[1,1] = 52\n<script>alert(1)</script> = 4\n")
    main(["check", STRIDED, str(tmp_path / "w.txt"), "--to", "html"])
    assert "<script>" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "give either a file with the work, or --answer"),
        (["nosuch.txt"], "nosuch.txt cannot be read"),
        (["--answer", "1", "--to", "docx"], "--to is 'docx'; known formats are"),
        (["--answer", "1", "--to", "pdf"], "a PDF goes to a file"),
        (["--answer", "1", "--points", "1,2"], "--points is '1,2'; write three numbers"),
        (["--answer", ""], "there is no answer"),
    ],
)
def test_a_wrong_command_is_one_line(words, message, capsys):
    """What is wrong is said in a line."""
    status = main(["check", STRIDED, *words])
    error = capsys.readouterr().err
    if words != ["--answer", ""]:
        assert status == 2
        assert message in error
        assert error.count("\n") == 1


def verdict(problem, answer, form="text"):
    """Whether a work on a problem is right, wrong or cannot be read."""
    made = checked(Checker(problem), read_work(answer, form))
    return "unread" if made.unread else made.diagnosis.verdicts[0].status


NORM = Problem("pooling", input="6 7 2; 0 0 7", kind="lp", size=2, stride=1)  # sqrt(36 + 49), sqrt(49 + 4 + 49)
ELU = Problem("activation", input="-2 1 -1/2", kind="elu", alpha=2)
EIGHT = Problem("circular_convolution", input="1 1 0 0 0 0 0 0", kernel="1", ask="dft")  # 1 + z, z = (1 - i)/sqrt(2)
THREE = Problem("circular_convolution", input="0 1 0", kernel="1", ask="dft")
FIVE = Problem("circular_convolution", input="0 1 0 0 1", kernel="1", ask="dft")  # twice the cosine of 72 degrees
TANH = Problem("activation", input="1", kind="tanh")


@pytest.mark.parametrize(
    ("problem", "answer", "status"),
    [
        (NORM, "sqrt(85), sqrt(102)", "right"),
        (NORM, "h[1,1] = sqrt(340)/2", "right"),
        (NORM, "h[1,1] = 9.22", "right"),
        (NORM, "h[1,1] = 9", "wrong"),
        (NORM, "h[1,1] = 85/sqrt(85)", "right"),
        (NORM, "h[1,1] = -sqrt(85)", "wrong"),
        (NORM, "h[1,1] = sqrt(85) + 1/10^15 * 1/10^15", "wrong"),
        (NORM, "h[1,1] = sqrt(85) + sqrt(2) - sqrt(8)/2", "right"),
        (NORM, "h[1,1] = exp(2)", "wrong"),
        (ELU, "2exp(-2) - 2, 1, 2(e^(-1/2) - 1)", "right"),
        (ELU, "-2+2*exp(-2) 1 -2+2*exp(-1/2)", "right"),
        (ELU, "h[1] = 2e^-2 - 2 + 1/10^29 * 1/10^29", "wrong"),
        (ELU, "h[1] = -1.729", "right"),
        (ELU, "h[1] = (2 - 2e^2)/e^2", "right"),
        (TANH, "(e - 1/e)/(e + 1/e)", "right"),
        (TANH, "(e^2 - 1)/(e^2 + 1)", "right"),
        (TANH, "(e^2 + 1)/(e^2 - 1)", "wrong"),
        (TANH, "e", "wrong"),
        (EIGHT, "dft(input)[2] = 1 + (1 - i)/sqrt(2)", "right"),
        (EIGHT, "dft(input)[2] = 1 + sqrt(2)/2 - sqrt(2)/2 i", "right"),
        (EIGHT, "dft(input)[2] = 1 + sqrt(2)/2 + sqrt(2)/2 i", "wrong"),
        (EIGHT, "dft(input)[2] = 1 + 0.7071 - 0.7071 i", "wrong"),
        (THREE, "dft(input)[2] = -1/2 - sqrt(3)/2 i", "right"),
        (THREE, "dft(input)[2] = ω", "right"),
        (THREE, "dft(input)[3] = ω^2", "right"),
        (THREE, "dft(input)[2] = -1/2 + √3/2 i", "wrong"),
        (FIVE, "dft(input)[2] = (sqrt(5) - 1)/2", "right"),
        (FIVE, "dft(input)[3] = -(sqrt(5) + 1)/2", "right"),
        (FIVE, "dft(input)[2] = omega_5 + omega_5^4", "right"),
        (FIVE, "dft(input)[2] = (sqrt(5) + 1)/2", "wrong"),
        (NORM, "h[1,1] = sqrt(10**100000)", "unread"),
    ],
)
def test_irrational_values(problem, answer, status):
    """Roots, exponentials and complex numbers are right where they are the same number, however they are written."""
    assert verdict(problem, answer) == status


LETTERS = Problem("convolution", input="a b c; d e f", kernel="u v; w x")
SEQUENCE = Problem("cross_correlation", input={"symbols": "x", "shape": [3]}, kernel={"symbols": "w", "shape": [2]})


@pytest.mark.parametrize(
    ("problem", "work"),
    [
        (LETTERS, "H = a*x + b*w + d*v + e*u, b*x + c*w + e*v + f*u"),
        (LETTERS, "H = a*x + b*w + d*v + e*u; b*x + c*w + e*v + f*u"),
        (LETTERS, "H = [[a*x + b*w + d*v + e*u, b*x + c*w + e*v + f*u]]"),
        (LETTERS, "h_11 = a x + b w + d v + e u"),
        (LETTERS, "H = (a + 0)*x + w*(b + 0) + d*v + e*u, f*u + e*v + c*w + b*x"),
        (LETTERS, "H = ax+bw+dv+eu, bx+cw+ev+fu"),
        (LETTERS, r"$H = \begin{pmatrix} a\,x + bw + dv + eu & bx + c w + ev + fu \end{pmatrix}$"),
        (LETTERS, "output:\n\n|   |   |\n|---|---|\n| a*x + b*w + d*v + e*u | b*x + c*w + e*v + f*u |"),
        (SEQUENCE, "h_1 = x_1 w_1 + x_2 w_2"),
        (SEQUENCE, r"\begin{align} h_1 &= w_1 x_1 + x_2\,w_2 \end{align}"),
        (SEQUENCE, "h_1 = x1w1 + x2w2"),
        (SEQUENCE, "h_1 = x_0*w_0 + x_1*w_1"),
        (SEQUENCE, "y_2 = x2*w1 + x3*w2"),
        (SEQUENCE, "Y = x1*w1 + x2*w2, x2*w1 + x3*w2"),
    ],
)
def test_sums_of_letters(problem, work):
    """A list of sums may have spaces in it, and letters their subscripts behind them."""
    form = "md" if work[0] in "$o" else "tex" if "align" in work else "text"
    made = checked(Checker(problem), read_work(work, form))
    assert [one.status for one in made.diagnosis.verdicts] == ["right"]


@pytest.mark.parametrize(("work", "status"), [("a3 + b2, b3 + c2", "right"), ("a3 + b2, b2 + c3", "wrong")])
def test_a_number_behind_a_letter_that_has_no_subscript(work, status):
    """It belongs to no letter's name here, so it is a factor; a comparison of readings says the same as a verdict."""
    checker = Checker(Problem("cross_correlation", input="a b c", kernel="3 2"))
    (given,) = read_work(work, "text")
    assert checker.check("output", given.value).status == status
    assert checker.agreement("output", given.value)[0] == (status == "right")


def test_a_subscript_that_the_problem_does_not_have():
    """Where letters have subscripts, a number behind one is no factor."""
    problem = Problem("cross_correlation", input={"symbols": "x", "shape": [3]}, kernel="2")
    made = checked(Checker(problem), read_work("h_1 = 2*x5", "text"))
    assert "right" not in [one.status for one in made.diagnosis.verdicts]


def test_a_letter_where_there_are_none_cannot_be_read():
    """52 cm may be right: only the person can say what it is."""
    problem = Problem("cross_correlation", input="52 1", kernel="1")
    made = checked(Checker(problem), read_work("h_1 = 52 cm\nh_2 = 1", "text"))
    assert [one.status for one in made.diagnosis.verdicts] == ["right"]
    assert [str(one.error) for one in made.unread] == ["this problem has no letter c; write what it is"]
    made = checked(Checker(problem), read_work("$h_1 = 52x$, $h_2 = ab = 1$", "md"))
    assert [one.label for one in made.diagnosis.verdicts] == ["h[2]"]
    assert [str(one.error) for one in made.unread] == ["this problem has no letter x; write what it is"]


def test_y_can_be_an_operand():
    """In a problem with the letter y, y is no output."""
    problem = Problem("cross_correlation", input="y 2 3", kernel="1 1")
    made = checked(Checker(problem), read_work("y = 5", "text"))
    assert (made.diagnosis.verdicts, len(made.unmatched)) == ((), 1)


def test_a_letter_e_is_a_letter():
    """In a problem with the letter e, e is that letter."""
    assert verdict(Problem("cross_correlation", input="e 1", kernel="1 1"), "e + 1") == "right"


def test_a_wrong_root_is_told_with_the_right_one():
    """The report writes roots as a hand does, and names the mistake behind a wrong one."""
    made = checked(Checker(NORM), read_work("h[1,1] = sqrt(86)\nh[1,2] = 102", "text"))
    text = as_text(report(made, "Exercise"))
    assert "h[1,1] is sqrt(86) and should be sqrt(85): under the root one digit is\n" in text
    assert "root forgotten" in text


@settings(derandomize=True, max_examples=25, deadline=None)
@given(
    st.one_of(
        st.builds(
            lambda x, p: Problem("pooling", input=[x], dims=1, kind="lp", size=2, stride=1, p=p),
            st.lists(st.fractions(0, 20, max_denominator=3), min_size=3, max_size=5),
            st.integers(2, 4),
        ),
        st.builds(
            lambda x, kind, ask: Problem("activation", input=[x], kind=kind, ask=ask),
            st.lists(st.fractions(-5, 5, max_denominator=3), min_size=1, max_size=4),
            st.sampled_from(["elu", "sigmoid", "tanh"]),
            st.sampled_from(["output", "derivative"]),
        ),
        st.builds(
            lambda x: Problem("circular_convolution", input=x, kernel=[1, 2], ask="dft"),
            st.sampled_from([3, 4, 5, 6, 8]).flatmap(lambda n: st.lists(st.integers(-9, 9), min_size=n, max_size=n)),
        ),
    )
)
def test_what_the_key_writes_is_right(problem):
    """The right value as key.csv and key.json write it, and as SymPy writes it in LaTeX, can be read and is right."""
    label = problem.operation.answer(problem.setting, problem.ask)
    value = solve(problem).derivation.quantities[label].value
    assert verdict(problem, f"{label} = {key.text(value)}") == "right"
    assert verdict(problem, json.dumps({label: key.plain(value)}), "json") == "right"
    latex = " & ".join(sympy.latex(sympy.S(cell)) for cell in value.cells)
    assert verdict(problem, rf"{label} = \begin{{pmatrix}} {latex} \end{{pmatrix}}") == "right"


def test_numbers_need_no_sympy():
    """Checking numbers loads NumPy, and not SymPy."""
    code = (
        "import sys; from symconv.cli import main; status = main(['check', sys.argv[1], '--answer', '52 54; 52 45']);"
        "sys.exit(10 * ('sympy' in sys.modules) + status)"
    )
    done = subprocess.run([sys.executable, "-c", code, STRIDED], capture_output=True, check=False)
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("work", "form"),
    [
        ("My answer:\n11 14\n20 23\n", "text"),
        ("I slid the kernel over it, with stride 1.\nThe result is\n11 14\n20 23\n", "text"),
        ("Ada Lovelace, group 2\n\nAnswer: 11 14; 20 23", "text"),
        ("h_11=11, h_12=14, h_21=20, h_22=23", "text"),
        ("The final answer is $$\\begin{bmatrix}11&14\\\\20&23\\end{bmatrix}$$", "md"),
        ("| row | col 1 | col 2 |\n|---|---|---|\n| 1 | 11 | 14 |\n| 2 | 20 | 23 |", "md"),
        ("|  | 1 | 2 |\n|---|---|---|\n| row 1 | 11 | 14 |\n| row 2 | 20 | 23 |", "md"),
    ],
)
def test_works_as_students_write_them(work, form):
    """Sentences around values are passed over, the answer may be called so, and tables may number their edges."""
    statuses = said(work, form)
    assert set(statuses) in ({"output"}, {"h[1,1]", "h[1,2]", "h[2,1]", "h[2,2]"})
    assert set(statuses.values()) == {"right"}


def test_sentences_do_not_make_a_right_work_wrong(tmp_path, capsys):
    """Words with a colon behind them, headings and sentences: still status 0, and no note."""
    work = tmp_path / "work.txt"
    work.write_text("Exercise 3, Ada\n\nThen I slid the kernel:\n\nAnswer: 52 54; 52 54\n", encoding="utf-8")
    assert main(["check", STRIDED, str(work)]) == 0
    assert "Exercise 3, Ada" not in capsys.readouterr().out


def test_what_belongs_to_nothing_is_named_in_one_line(tmp_path, capsys):
    """Values under names that the problem does not have are not judged, and said so with their lines."""
    work = tmp_path / "work.txt"
    work.write_text("z = 3\nanswer = 52 54; 52 54\nw = 4\n", encoding="utf-8")
    assert main(["check", STRIDED, str(work)]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert out.endswith("Not judged, because this problem has nothing of that name: z (line 1), w (line 3).")


def test_the_example_of_a_wrong_work(capsys):
    """examples/work.tex has one slip, in h[2,1] and in H: 25 for 52."""
    work = str(Path(STRIDED).with_name("work.tex"))
    assert main(["check", STRIDED, work, "--to", "json"]) == 1
    made = json.loads(capsys.readouterr().out)
    wrong = {one["label"]: [cell["right"] for cell in one["cells"]] for one in made["labels"] if one["cells"]}
    assert wrong == {"h[2,1]": ["52"], "H": ["52"]}


SIGNS = {"input": "3 -2 7; -4 1 1; 8 2 0", "kernel": "1 0; 0 -1", "bias": "1/2"}  # 5/2 -5/2; -11/2 3/2


def page(form, work, show_right=True, **keys):
    """The report on a work about a correlation, in a format."""
    problem = Problem("cross_correlation", **(keys or SIGNS))
    made = checked(Checker(problem), read_work(work, "text"))
    if form == "text":
        return as_text(report(made, "Signs", show_right))
    return reports([report(made, "Signs", show_right)], "Signs", "", form)


def test_maths_has_a_minus():
    """On a page numbers have a minus and not a hyphen, in cells and in sentences; at a terminal what is typed."""
    work = "H = 5/2 5/2; -11/2 3/2"
    html = page("html", work)
    assert "−<sup>11</sup>⁄<sub>2</sub>" in html
    assert "h[1,2] is 5/2 and should be −5/2" in html
    assert r"-\tfrac{11}{2}" in page("tex", work)
    assert r"should be \textminus{}5/2" in page("tex", work)
    assert r"-\tfrac{11}{2} & \tfrac{3}{2}" in page("md", work)
    assert "should be −5/2" in page("md", work)
    assert "should be −5\\/2" in page("typ", work)
    assert "-11/2" in page("text", work)
    for form in ("html", "md"):
        assert not re.search(
            r"(?<=[>\s])-\d", re.sub(r"<style>.*</style>|\$[^$]*\$", "", page(form, work), flags=re.DOTALL)
        )


@pytest.mark.parametrize("form", ["html", "md", "tex", "typ"])
def test_letters_are_set_as_maths(form):
    """Entries in letters have no asterisk and no underscore of a keyboard on a page."""
    keys = {"input": "a 2; 3 w_{1,2}", "kernel": "1 0; 0 b"}
    cell = {
        "html": "<i>a</i> − <i>b</i>\u2009<i>w</i><sub>1,2</sub>",
        "md": "a - b w_{1,2}",
        "tex": "a - b w_{1,2}",
        "typ": "a  - b  w_(1,2)",
    }[form]
    made = page(form, "h[1,1] = a - b*w_{1,2}", **keys)
    assert cell in made
    assert "b*w" not in made


@pytest.mark.parametrize("form", ["text", "html", "md", "tex", "typ"])
def test_the_right_value_can_be_kept_back(form):
    """Without the right values no sentence tells one either: 23 is handed in as 32, and only 32 is shown."""
    numbers = {"input": "1 2 3; 4 5 6; 7 8 9", "kernel": "1 0; 0 2"}
    shown, hidden = (page(form, "11 14; 20 32", show, **numbers) for show in (True, False))
    assert "23" in shown.split("output")[-1]
    body = hidden.split("Signs")[-1]
    assert "32" in body
    assert not re.search(r"(?<!\.)\b23\b|for 2|too large", body)
    assert "which is wrong" in body


def test_the_right_shape_can_be_kept_back():
    """Neither a wrong shape nor a cell that there is not tells the shape 2x2."""
    numbers = {"input": "1 2 3; 4 5 6; 7 8 9", "kernel": "1 0; 0 2"}
    made = page("text", "output = 11 14 20 23\nh[3,3] = 1", show_right=False, **numbers)
    assert "The shape is 4, which is wrong." in made
    assert "There is no h[3,3].\n" in made
    assert "2x2" not in made


def test_json_keeps_the_right_value_back(capsys):
    """With --hide-right JSON has no right value either."""
    assert main(["check", STRIDED, "--answer", "52 54; 52 45", "--hide-right", "--to", "json"]) == 1
    (label,) = json.loads(capsys.readouterr().out)["labels"]
    assert label["cells"] == [{"cell": "h[2,2]", "given": "45", "right": None}]
    assert label["sentences"] == label["slips"] == ["h[2,2] is 45, which is wrong."]


@pytest.mark.parametrize("form", ["text", "html", "md", "tex", "typ"])
def test_irrational_numbers_are_shown(form):
    """The sigmoid of 1 and of 0, 1/(1 + 1/e) = 0.731059... and 1/2, and the 2-norm of 1 and 2: as people write them."""
    sigmoid = Problem("activation", kind="sigmoid", input="1 0")
    norm = Problem("pooling", kind="lp", p=2, size=2, input="1 2")
    both = [report(checked(Checker(one), read_work("output = 9", "text")), "") for one in (sigmoid, norm)]
    text = "".join(map(as_text, both)) if form == "text" else reports(both, "Numbers", "", form)
    assert "0.731059..." in text
    assert "sqrt(5)" in text
    assert "object at" not in text


def test_a_blank_cell_is_not_right():
    """Three wrong cells and a blank one: no cell is right, whatever stands beside the blank."""
    text = page("md", "1 1; 1 _", input="1 2 3; 4 5 6; 7 8 9", kernel="1 0; 0 2")
    assert "arithmetic: 0 of 4 cells are right" in text


def test_how_many_are_right_in_words():
    """One is, two are; of one, none is."""
    works = {"size = 2x2\nh[1,1] = 1": "1 of 2 is right", "size = 2x2\nh[1,2] = -5/2": "2 of 2 are right"}
    for work, words in {**works, "h[1,1] = 1": "0 of 1 is right"}.items():
        assert f"\n{words}. Mark" in page("text", work)


@pytest.mark.parametrize("form", ["md", "tex"])
def test_our_own_solution_is_right(solution, form):
    """A whole solution handed back, with all its formulas, tables and grids: whatever is judged of it is right."""
    made = checked(Checker(solution.problem), read_work(solution.to(form), form))
    assert [verdict.label for verdict in made.diagnosis.verdicts if verdict.status != "right"] == []


def test_channels_one_by_one():
    """Channels that are written one after another are one answer; where one is missing, they belong to nothing."""
    kernel = [[[[1]], [[0]]], [[[0]], [[2]]]]
    problem = Problem("cross_correlation", input=["1 2", "3 4"], kernel=kernel)  # the first, and twice the second
    both = r"$$H^{(1)} = \begin{pmatrix} 1 & 2 \end{pmatrix}$$ and $$H^{(2)} = \begin{pmatrix} 6 & 9 \end{pmatrix}$$"
    made = checked(Checker(problem), read_work(both, "md"))
    (verdict,) = made.diagnosis.verdicts
    assert (verdict.label, [cell.name for cell in verdict.cells]) == ("H", ["h[2,2]"])
    made = checked(Checker(problem), read_work(both.partition("and")[0], "md"))
    assert made.diagnosis.verdicts == ()
    assert [one.label for one in made.unmatched] == ["H^{(1)}"]


@pytest.mark.parametrize(
    "work",
    [
        r"$$\operatorname{vec}(A)^{\top} = \begin{pmatrix} 1 & 2 & 3 & 4 & 5 & 6 & 7 & 8 & 9 \end{pmatrix}$$",
        r"$$H = A * K$$",
        r"$$H = \begin{pmatrix} h_{1,1} & h_{1,2} \\ h_{2,1} & h_{2,2} \end{pmatrix}$$",
        r"$\tilde{A}$:" + "\n\n" + r"$$\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}$$",
        "| entry | largest | place |\n|---|---|---|\n| $h_{1,1}$ | $5$ | $2$ |\n",
    ],
)
def test_a_document_explains_too(work):
    """A formula, another matrix, a table of something else is not judged; what is handed in beside it is."""
    answer = "\n\n" + r"$$H = \begin{pmatrix} 11 & 14 \\ 20 & 23 \end{pmatrix}$$"
    assert said(work, "md") == {}
    assert said(work + answer, "md") == {"H": "right"}


def test_a_product_of_operands_is_the_answer():
    """Without a label, what A * K comes to is the answer, and so is a matrix that stands alone."""
    matrix = r"\begin{pmatrix} 11 & 14 \\ 20 & 23 \end{pmatrix}"
    for work in (f"$$A \\ast K = {matrix}$$", f"$$A * K = {matrix}$$", f"$$ {matrix} $$"):
        assert said(work, "md") == {"output": "right"}


def test_a_row_of_a_table_is_a_vector():
    """A table with one row of values behind its label: the values by lag."""
    problem = Problem("autocorrelation", input="1 1/2")  # 1/2, 1 + 1/4, 1/2
    work = "| lag | -1 | 0 | 1 |\n|---|---|---|---|\n| $H$ | $\\tfrac12$ | 1,25 | 1/2 |\n"
    (verdict,) = checked(Checker(problem), read_work(work, "md")).diagnosis.verdicts
    assert (verdict.label, verdict.status) == ("H", "right")


def test_letters_side_by_side_are_a_product():
    """Where a label asks for one number, a c is a product, typed or in a formula."""
    problem = Problem("cross_correlation", input={"symbols": "x", "shape": [3]}, kernel="0 b")
    for work, form in (("h[1] = b x_2", "text"), ("$$h_1 = b x_{2}$$", "md")):
        (verdict,) = checked(Checker(problem), read_work(work, form)).diagnosis.verdicts
        assert (verdict.label, verdict.status) == ("h[1]", "right")


@pytest.mark.parametrize(
    ("work", "labels"),
    [
        (r"The output is $2\times 2$.", {"size": "right"}),
        (r"$A$ is $3\times 3$, $K$ is $2 \times 2$, and so $H$ is $3 \times 3$.", {"size": "wrong"}),
        ("Size: 2", {"size": "right"}),
        ("$o = 2$", {"o": "right"}),
        (r"$h_{11} = 11$ \intertext{and} $h_{12} = 14$", {"h[1,1]": "right", "h[1,2]": "right"}),
        (
            r"\begin{align*} h_{11} &= 11 \intertext{and} h_{12} &= 14 \end{align*}",
            {"h[1,1]": "right", "h[1,2]": "right"},
        ),
    ],
)
def test_a_size_in_a_sentence(work, labels):
    """What is said to be 2 x 2 has that size; where all axes are as long, one number says so."""
    assert said(work, "tex") == labels


def test_a_size_of_one_axis_for_two():
    """A square size where the problem has one axis, and what a wrong number comes from."""
    problem = Problem("output_size", input=17, kernel=3, stride=2, padding=1)  # (17 + 2 - 3) / 2 + 1 = 9
    for work, status in (("size = 9x9", "right"), ("o = 9", "right"), ("size = 8 x 8", "wrong")):
        (verdict,) = checked(Checker(problem), read_work(work, "text")).diagnosis.verdicts
        assert verdict.status == status
    assert "plus_one_forgotten" in [mistake.name for mistake in verdict.mistakes]


@pytest.mark.parametrize(
    "work",
    [
        "9.219544457292887",  # as a computer prints it
        "9.21954445729288731",
        r"$h_{11} = \sqrt{85} \approx 9{,}2$",
        "9.22",
    ],
)
def test_decimals_of_a_root(work):
    """The root of 85 is 9.21954445729288731...: more digits than count are no mistake, nor is a rough value."""
    problem = Problem("pooling", kind="lp", p=2, size=2, input="6 7; 0 0")
    (verdict,) = checked(Checker(problem), read_work(work, "tex" if "$" in work else "text")).diagnosis.verdicts
    assert verdict.status == "right"
    problem = Problem("pooling", kind="lp", p=2, size=2, input="6 7; 0 1")  # the root of 86
    (verdict,) = checked(Checker(problem), read_work(work, "tex" if "$" in work else "text")).diagnosis.verdicts
    assert verdict.status == "wrong"


def test_an_exact_value_before_a_rough_one():
    """Behind an exact value a rounded one only illustrates it; alone it is the answer."""
    problem = Problem("pooling", kind="average", size=2, input="6 7; 0 2")  # 15/4
    works = {r"$h_{11} = \frac{15}{4} \approx 3{,}8$": "right", r"$h_{11} \approx 3{,}8$": "wrong"}
    for work, status in works.items():
        (verdict,) = checked(Checker(problem), read_work(work, "tex")).diagnosis.verdicts
        assert verdict.status == status


def test_stars_of_a_power_are_not_bold():
    """In Markdown two stars set bold around words, and are a power behind a number."""
    problem = Problem("activation", kind="elu", input="-2 3")
    for work in ("h[1] = e**(-2) - 1", "**h[1]** = exp(-2) - 1", "**h[1] = 1/e**2 - 1**"):
        (verdict,) = checked(Checker(problem), read_work(work, "md")).diagnosis.verdicts
        assert verdict.status == "right"


def test_a_signal_by_its_small_letter():
    """A vector is often named h, as its cells are."""
    problem = Problem("convolution", input="1 2", kernel="1 1/2", padding="full")  # 1, 2 + 1/2, 1
    for work, form in (("h = 1 5/2 1", "text"), (r"$h = \begin{pmatrix} 1 \\ 2{,}5 \\ 1 \end{pmatrix}$", "tex")):
        (verdict,) = checked(Checker(problem), read_work(work, form)).diagnosis.verdicts
        assert (verdict.label, verdict.status) == ("h", "right")


def test_errors_name_the_file(tmp_path, capsys):
    """What cannot be read is said with the name of the file it stands in."""
    work = tmp_path / "work.md"
    for content in (b"\xff\xfe\x00", b"output = (1 2; 3"):
        work.write_bytes(content)
        assert main(["check", STRIDED, str(work)]) == 2
        assert capsys.readouterr().err.startswith(f"error: {work}: ")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("input = " + "[" * 3000, "this is not TOML: lists or tables are nested too deep; see the README"),
        ("stride = 1" + "0" * 5000, "this is not TOML: a number has thousands of digits; see the README"),
        ("slope = 0,1", "; texts need quotes, numbers a point; see the README"),
    ],
)
def test_problem_files_that_are_no_toml(tmp_path, capsys, content, said):
    """One line in the words of a problem file."""
    path = tmp_path / "problem.toml"
    path.write_text(content)
    assert main(["solve", str(path)]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_a_problem_file_with_a_mark(tmp_path):
    """Some editors begin a file with a byte order mark."""
    path = tmp_path / "problem.toml"
    path.write_bytes(b"\xef\xbb\xbf" + Path(STRIDED).read_bytes())
    assert main(["check", str(path), "--answer", "52 54; 52 54"]) == 0


def test_indices_from_0_in_the_inner_of_a_map():
    """Values that are right when counted from 0, and else are not, are counted from 0; two may be so by accident."""
    problem = Problem("cross_correlation", input="1 2 0 3; 4 1 2 1; 0 5 1 2; 3 1 0 4", kernel="1 2; 0 -1")
    # counted from 1 the output is 4 0 5; 1 4 2; 9 7 1
    work = "h_11 = 4, h_12 = 2, h_21 = 7, h_22 = 1"
    for text, labels in (
        (work, ["h[2,2]", "h[2,3]", "h[3,2]", "h[3,3]"]),
        ("h_11 = 4, h_12 = 2", ["h[1,1]", "h[1,2]"]),
    ):
        made = checked(Checker(problem), read_work(text.replace(", ", "\n"), "text"))
        assert [verdict.label for verdict in made.diagnosis.verdicts] == labels
    assert [verdict.status for verdict in made.diagnosis.verdicts] == ["right", "wrong"]


def test_an_operand_that_keeps_its_name():
    """A kernel that was flipped, or an input that was padded, and still has its old name, is no mistake."""
    keys = {"input": "1 2; 3 4", "kernel": "1 2; 0 -1", "padding": 1}
    checker = Checker(Problem("convolution", **keys))
    works = {"K = -1 0; 2 1": "flipped", "A = 0 0 0 0; 0 1 2 0; 0 3 4 0; 0 0 0 0": "padded"}
    for work, become in works.items():
        (verdict,) = checked(checker, read_work(work, "text")).diagnosis.verdicts
        assert (verdict.status, become in verdict.sentences[0]) == ("right", True)
    (verdict,) = checked(checker, read_work("K = -1 0; 2 2", "text")).diagnosis.verdicts
    assert verdict.status == "wrong"


@pytest.mark.parametrize("side", ["*" * 200_000 + "1", "x" + " " * 200_000 + "^{(1)"])
def test_a_long_left_side_is_read_in_no_time(side):
    """What stands before an equals sign is looked at as a name only as far as names go."""
    matrix = r"\begin{pmatrix} 11 & 14 \\ 20 & 23 \end{pmatrix}"
    assert said(f"$${side} = {matrix}$$ $$H = {matrix}$$", "md") == {"H": "right"}


def unread(work, form="md", **keys):
    """What is said of what cannot be read in a work about the correlation of `said`, and what else is judged."""
    problem = Problem("cross_correlation", input="1 2 3; 4 5 6; 7 8 9", kernel="1 0; 0 2", **keys)
    made = checked(Checker(problem), read_work(work, form))
    return [str(one.error).split(";")[0] for one in made.unread], [one.status for one in made.diagnosis.verdicts]


@pytest.mark.parametrize(
    ("work", "form"),
    [
        ("$h_{11} = 4 or 5$", "md"),
        ("$h_{11} = 4$ or $5$", "md"),
        (r"$h_{11} = 11$ or \(12\)", "tex"),
        ("$h_{11} = 11$ oder 12.", "tex"),
        (r"$h_{11} = 4 \text{ or } 5$", "tex"),
        (r"$h_{11} = 4 \lor 5$", "tex"),
        ("h_11 = 4 or 5", "md"),
        ("h_11: 4 or 5", "md"),
        ("h_11 = 11 or 12", "text"),
        ("h_11 = 11 (or 12)", "text"),
        ("h_11 = either 11 or 12", "text"),
        ("h_11 = 4 or h_11 = 11", "text"),
        (r"$h_{11} = 4 \text{ or } h_{11} = 11$", "md"),
        ("h_11 = 4, oder h_11 = 11", "md"),
    ],
)
def test_two_values_are_none(work, form):
    """Who hands in two values hands in none, and is told so."""
    assert unread(work, form) == (["two values stand here"], [])


@pytest.mark.parametrize(
    ("work", "form"),
    [
        ("$h_{11} = 11$ or $11.0$", "md"),
        (r"$h_{11} = \frac{22}{2} \text{ or } 11$", "tex"),
        ("h_11 = 22/2 or 11", "text"),
        ("h_11 = 11 and h_12 = 14", "text"),
        ("h_11 = 11 or h_12 = 14", "text"),
        ("h_11 == 11", "md"),
        ("$h_{11} = 11 und h_{12} = 14$ und $h_{21} = 20$", "md"),
    ],
)
def test_one_value_twice_is_one(work, form):
    """A value that is written in two ways is read, and so are values with a word between them."""
    assert set(said(work, form).values()) == {"right"}
    assert unread(work, form)[0] == []


@pytest.mark.parametrize("sign", [r"\neq", r"\ne", r"\not=", "≠", "<", r"\geq", r"\equiv", "=>"])
def test_another_relation_gives_no_value(sign):
    """What is said of a cell without an equals sign is reported, unless the cell or the whole is handed in as well."""
    assert unread(f"$h_{{11}} {sign} 5$")[0] != []
    assert unread(f"$h_{{11}} {sign} 5$, $h_{{12}} = 14$")[1] == ["right"]
    assert unread(f"$h_{{11}} {sign} 5$, but $h_{{11}} = 11$") == ([], ["right"])
    assert unread(f"$h_{{11}} {sign} 5$\n\n$H$ = $\\begin{{pmatrix}} 11 & 14 \\\\ 20 & 23 \\end{{pmatrix}}$") == (
        [],
        ["right"],
    )


@pytest.mark.parametrize("form", ["md", "text"])
@pytest.mark.parametrize("sign", ["!=", "≠", "<=", ">"])
def test_another_relation_in_a_line(sign, form):
    """The same for what is typed."""
    assert unread(f"h_11 {sign} 5", form) == ([f"{sign} gives no value"], [])


def test_conditions_are_no_answers():
    """What is said of letters on the way is no answer that cannot be read."""
    assert unread(r"For $k > 1$, $p \ge 0$ and $x_{11} \neq 0$: $h_{11} = 11$, $i \in \{1, 2\}$") == ([], ["right"])


@pytest.mark.parametrize(
    "work",
    [
        r"$$h_{11} ={}& 11$$",
        r"\begin{align} h_{11} ={}& 9 + 2 \\ ={}& 11 \end{align}",
        r"\begin{align} h_{11} &{}= 9 + 2 \\ &{}= 11 \end{align}",
        r"$h_{11} \overset{!}{=} 11$",
        r"$h_{11} \stackrel{(2)}{=} 9 + 2 \stackrel{\text{def}}{=} 11$",
        r"$h_{11} \mathrel{=} 11$",
    ],
)
@pytest.mark.parametrize("form", ["md", "tex"])
def test_equals_signs_with_something_around_them(work, form):
    """Alignment marks behind them, braces around them, remarks above them."""
    assert said(work, form) == {"h[1,1]": "right"}


LARGE = Problem("cross_correlation", input="2440 1 1200", kernel="1")  # 2440 1 1200


@pytest.mark.parametrize(
    ("work", "form"),
    [
        ("2.440 1 1.200", "text"),
        ("2,440; 1; 1,200", "text"),
        ("H = 2 440 1 1 200", "text"),
        ("H = 2 440 1 1200", "text"),
        ("H = [2'440, 1, 1'200]", "text"),
        (r"$H = \begin{pmatrix} 2.440 & 1 & 1.200 \end{pmatrix}$", "md"),
        (r"$H = \begin{pmatrix} 2{,}440 & 1 & 1{,}200 \end{pmatrix}$", "tex"),
        (r"$H = \begin{pmatrix} 2\,440 & 1 & 1\,200 \end{pmatrix}$", "tex"),
        ("| 2,440 | 1 | 1,200 |\n|---|---|---|\n", "md"),
        ('{"H": [["2.440", "1", "1.200"]]}', "json"),
        ('{"H": ["2,440", "1", "1,200"]}', "json"),
        ('H = "2,440 1 1,200"', "toml"),
        ("h_1 = 2.440\nh_3 = 1,200", "text"),
        ("h_1 = 2.440,0\nh_3 = 1,200.0", "text"),
    ],
)
def test_thousands(work, form):
    """Digits in groups of three, however they are parted, are right where the number without parting is."""
    made = checked(Checker(LARGE), read_work(work, form))
    assert [one.status for one in made.diagnosis.verdicts] in (["right"], ["right", "right"])
    assert not made.unread


def test_how_thousands_were_read_is_said():
    """A point or a comma that was not read as a decimal one is named; a wrong number is wrong."""
    said = {}
    for work in ("h_1 = 2.440", "h_1 = 2.441", "h_1 = 2 441", "H = 2.440 2 1.200", "h_1 = 2,440", "h_1 = 2,441"):
        made = checked(Checker(LARGE), read_work(work, "text"))
        said[work] = " ".join(as_text(report(made, "")).split())
    assert "Right: 2.440 is read as 2440." in said["h_1 = 2.440"]
    assert "h[1] is 2.441 and should be 2440." in said["h_1 = 2.441"]
    assert "h[1] is 2441 and should be 2440" in said["h_1 = 2 441"]
    assert "h[2] is 2 and should be 1" in said["H = 2.440 2 1.200"]
    assert "2.440 is read as 2440, and the others alike." in said["H = 2.440 2 1.200"]
    assert "Right: 2,440 is read as 2440." in said["h_1 = 2,440"]
    assert "h[1] is 2441 and should be 2440" in said["h_1 = 2,441"]
    assert "2,441 is read as 2441." in said["h_1 = 2,441"]


def test_a_decimal_of_three_digits_is_one():
    """2.440 is 61/25 where that is right, and entries of three digits are entries."""
    for numbers, work in (("61/25 1", "2.440 1"), ("61/25 1", "2,440; 1.0"), ("100 200", "100 200")):
        made = checked(Checker(Problem("cross_correlation", input=numbers, kernel="1")), read_work(work, "text"))
        assert made.is_right
    assert made.diagnosis.verdicts[0].sentences[0] == "Right."


@pytest.mark.parametrize("work", ["3 3/4", r"$3\tfrac34$", "h_11 = 3 3/4", r"$h_{11} = 3\,\frac{3}{4}$", "h_11 = 3¾"])
def test_mixed_numbers(work):
    """3 3/4 is right where 15/4 is, and says so; elsewhere it may be a product, and is refused with what to write."""
    form = "tex" if "$" in work else "text"
    work = f"h_{{11}}: {work}" if "h" not in work and form == "tex" else work
    made = checked(Checker(Problem("pooling", kind="average", size=2, input="6 7; 0 2")), read_work(work, form))
    assert made.is_right
    assert "is read as 15/4" in made.diagnosis.verdicts[0].sentences[0]
    made = checked(Checker(Problem("pooling", kind="average", size=2, input="6 7; 0 3")), read_work(work, form))
    assert not made.is_right


def test_an_answer_alone_with_thousands(capsys, tmp_path):
    """The same for --answer, where a comma is refused otherwise."""
    path = tmp_path / "problem.toml"
    path.write_text('operation = "cross_correlation"\ninput = "2440 1"\nkernel = "1 0"\n')
    assert main(["check", str(path), "--answer", "2,440"]) == 0
    assert "2,440 is read as 2440" in capsys.readouterr().out
    assert main(["check", str(path), "--answer", "2,441"]) == 2


MATRIX = r"\begin{pmatrix} 11 & 14 \\ 20 & 23 \end{pmatrix}"  # the answer of `said`
WINDOW = r"\begin{pmatrix} 1 & 2 \\ 4 & 5 \end{pmatrix}"
TABULAR = r"\begin{tabular}{cc} 11 & 14 \\ 20 & 23 \end{tabular}"


@pytest.mark.parametrize(
    ("work", "form"),
    [
        (f"We get ${MATRIX}$.", "md"),
        (f"We get ${MATRIX}$.", "tex"),
        (rf"With $A \star K = {MATRIX}$ we are done.", "md"),
        (rf"$A * K = {MATRIX}$, not ${WINDOW}$", "tex"),
        (f"So we get:\n\n$${MATRIX}$$", "md"),
        (f"Therefore:\n\n$${MATRIX}$$", "md"),
        ("The values: 11 14; 20 23", "text"),
        (f"$$ {WINDOW} $$ is the first window, and in the end ${MATRIX}$", "md"),
        (TABULAR, "tex"),
        (f"The size is not asked for; $p = 0$.\n\n{TABULAR}", "tex"),
        (
            r"$p = 0$ \begin{tabular}{|c|c|} \hline $11$ & $14$ \\ \hline \textbf{20} & 23 \\ \hline \end{tabular}",
            "tex",
        ),
        (r"\begin{tabular}{l|rr} & $1$ & $2$ \\ \hline $1$ & 11 & 14 \\ $2$ & 20 & 23 \end{tabular}", "tex"),
    ],
)
def test_a_matrix_without_a_label(work, form):
    """The only matrix of a work is the answer, in a sentence or a table of LaTeX too, and behind words."""
    assert said(work, form) == {"output": "right"}


def test_a_table_of_latex_with_labels():
    """Labels beside values, and tables of something else."""
    work = r"\begin{tabular}{ll} cell & value \\ \hline $h_{11}$ & $\frac{22}{2}$ \\ $h_{12}$ & $15$ \\ \end{tabular}"
    assert said(work, "tex") == {"h[1,1]": "right", "h[1,2]": "wrong"}
    work = r"$h_{11} = 11$ \begin{tabular}{lr} layer & shape \\ conv & $2 \times 2$ \\ padding & same \end{tabular}"
    assert said(work, "tex") == {"h[1,1]": "right"}
    assert unread(work, "tex")[0] == []


@pytest.mark.parametrize(
    "work",
    [
        f"$h_{{11}} = 11$ in the window ${WINDOW}$",
        f"The windows are ${WINDOW}$ and ${WINDOW}$, so $h_{{11}} = 11$",
        f"The first window:\n\n$${WINDOW}$$\n\nand $h_{{11}} = 11$",
        f"$${WINDOW}$$\n\n$$H = {MATRIX}$$",
    ],
)
@pytest.mark.parametrize("form", ["md", "tex"])
def test_another_matrix_in_a_work_is_not_judged(work, form):
    """Where something else is handed in, a matrix without a label is the answer only if it is right."""
    assert set(said(work, form).values()) == {"right"}


def test_a_wrong_matrix_in_a_sentence_is_judged():
    """Where it is the only one, and nothing else is handed in; else it is named."""
    wrong = MATRIX.replace("23", "32")
    assert said(f"We get ${wrong}$.", "md") == {"output": "wrong"}
    problem = Problem("cross_correlation", input="1 2 3; 4 5 6; 7 8 9", kernel="1 0; 0 2")
    made = checked(Checker(problem), read_work(f"$h_{{11}} = 11$, we get ${wrong}$.", "md"))
    assert [one.text for one in made.unmatched] == [wrong]


@pytest.mark.parametrize("label", ["H^T", r"H^{\top}", r"H^{\mathsf{T}}", "H^{T}"])
def test_the_transpose_of_the_answer(label):
    """It is turned back, and the report says so."""
    for matrix, status in (("11 & 20 \\\\ 14 & 23", "right"), ("11 & 14 \\\\ 20 & 23", "wrong")):
        made = checked(
            Checker(Problem("cross_correlation", input="1 2 3; 4 5 6; 7 8 9", kernel="1 0; 0 2")),
            read_work(rf"${label} = \begin{{pmatrix}} {matrix} \end{{pmatrix}}$", "md"),
        )
        (verdict,) = made.diagnosis.verdicts
        assert (verdict.label, verdict.status) == ("H", status)
        assert "H^T is turned back into H." in " ".join(verdict.sentences)


def test_a_prime_is_no_transpose():
    """K' may be any other kernel."""
    assert said("K' = 2 0; 0 1\nh_11 = 11") == {"h[1,1]": "right"}


@pytest.mark.parametrize(
    "work",
    [
        "If we forgot to flip, $h_{11} = 7$. But really $h_{11} = 11$.",
        "$h_{11} = 11$. If we forgot to flip, $h_{11} = 7$.",
        "$h_{11} = 11$, and with the flipped kernel it would be $h_{11} = 7$",
        "$h_{11} = 11$\n\nOhne Spiegeln ist $h_{11} = 7$.",
        "$h_{11} = 7$. Without the mistake $h_{11} = 11$.",
    ],
)
@pytest.mark.parametrize("form", ["md", "tex"])
def test_what_is_said_as_a_hypothesis(work, form):
    """It does not replace what is handed in; alone it is judged."""
    assert said(work, form) == {"h[1,1]": "right"}
    assert said("If we forgot to flip, $h_{11} = 7$.", form) == {"h[1,1]": "wrong"}


@pytest.mark.parametrize(
    ("work", "labels"),
    [
        ("The output is 3x3.", {"size": "wrong"}),
        ("The size is 3 x 3", {"size": "wrong"}),
        ("So the size of the output is 2×2, as it should be.", {"size": "right"}),
        ("The output size is therefore 2x2.", {"size": "right"}),
        ("H is a 2x2 matrix.", {"size": "right"}),
        ("The output has the shape 2x2.", {"size": "right"}),
        ("The size is 2.", {"size": "right"}),
        ("h_11 is 11 and the value of h[1,2] is 15.", {"h[1,1]": "right", "h[1,2]": "wrong"}),
        ("h_11 = 11\n\nThe product h_11 is 1.", {"h[1,1]": "right"}),
        ("The kernel is 2x2, the input is 3x3 and the output is 2 x 2.", {"size": "right"}),
        ("The output is 2x2. If the stride were 2, the output is 1x1.", {"size": "right"}),
        ("The answer is 11 14; 20 23.", {"output": "right"}),
        ("h_11 is 11", {"h[1,1]": "right"}),
        ("h_11 is 11 (see above)", {"h[1,1]": "right"}),
        ("We slide, and the output is therefore [[11, 14], [20, 23]].", {"output": "right"}),
        ("So the result is [11 14; 20 32], as it should be.", {"output": "wrong"}),
        ("The kernel is [[1, 0], [0, 2]], and h_11 is 11.", {"kernel": "right", "h[1,1]": "right"}),
        ("The first row is 11 14 17, and h_11 is 11.", {"h[1,1]": "right"}),
        ("H = 11 14; 20 23\n\nWith a flipped kernel the output is [[7, 10], [16, 19]].", {"H": "right"}),
    ],
)
@pytest.mark.parametrize("form", ["md", "text", "tex"])
def test_sentences_without_formulas(work, labels, form):
    """Sizes and cells in sentences are read as those in formulas are."""
    assert said(work, form) == labels


@pytest.mark.parametrize(
    "work",
    [
        "The kernel size is 2x2.",
        r"The kernel size is $2 \times 2$.",
        "The padded output is 5x5.",
        r"The padded output is $5 \times 5$.",
        "The size of the input is 3x3. Its size is 3x3.",
        "The output is not 3x3.",
        "The output is 2x2 times smaller than that.",
        "The window is 2x2, the stride is 1x1.",
        "The first product of h_11 is 1.",
        "The first product of $h_{11}$ is $1$.",
    ],
)
@pytest.mark.parametrize("form", ["md", "text", "tex"])
def test_the_size_of_something_else(work, form):
    """What is said of the size of a kernel, or of what there is on the way, is not taken for that of the output."""
    assert said(work, form) == {}
    assert unread(work, form)[0] == []


@pytest.mark.parametrize(
    "table",
    [
        "| 0 | 1 |\n|---|---|\n| 11 | 14 |\n| 20 | 23 |\n",
        "| 1 | 2 |\n|---|---|\n| 11 | 14 |\n| 20 | 23 |\n",
        "| 0 | 1 | 2 |\n|---|---|---|\n| 1 | 11 | 14 |\n| 2 | 20 | 23 |\n",
        "| 0 | 0 | 1 |\n|---|---|---|\n| 0 | 11 | 14 |\n| 1 | 20 | 23 |\n",
        "|  | 1 | 2 |\n|---|---|---|\n|  | 11 | 14 |\n|  | 20 | 23 |\n",
        "|  |  |  |\n|---|---|---|\n| 1 | 11 | 14 |\n| 2 | 20 | 23 |\n",
        "|  | c1 | c2 |\n|---|---|---|\n| r1 | 11 | 14 |\n| r2 | 20 | 23 |\n",
        "| H | 0 | 1 |\n|---|---|---|\n| 0 | 11 | 14 |\n| 1 | 20 | 23 |\n",
    ],
)
def test_tables_with_numbers_at_their_edges(table):
    """Indices in the first row or column are no entries, where the rest has the shape of the answer."""
    assert set(said(table, "md").values()) == {"right"}
    problem = Problem("cross_correlation", input="1 2 3; 4 5 6; 7 8 9", kernel="1 0; 0 2")
    (verdict,) = checked(Checker(problem), read_work(table.replace("23", "32"), "md")).diagnosis.verdicts
    assert [cell.name for cell in verdict.cells] == ["h[2,2]"]


def test_a_matrix_that_begins_with_its_indices():
    """A first row 1 2 is one where the answer has it."""
    problem = Problem("cross_correlation", input="1 2; 3 4; 5 6", kernel="1")
    made = checked(Checker(problem), read_work("| 1 | 2 |\n|---|---|\n| 3 | 4 |\n| 5 | 6 |\n", "md"))
    assert made.diagnosis.verdicts[0].sentences[0] == "Right."


@pytest.mark.parametrize(
    ("work", "form", "said"),
    [
        (
            r"$h_{11} = 1\cdot 1 + 5 \cdot 2 = 12 = 11$",
            "md",
            "The last value is right, but 1·1 + 5·2 = 12 and 12 = 11 are not.",
        ),
        ("h_11 = 1*1 + 5*2 = 10 + 2 = 11", "text", "but 1*1 + 5*2 = 10 + 2 and 10 + 2 = 11 are not."),
        (
            r"\begin{align} h_{11} &= 1 + 9 \\ &= 11 \end{align}",
            "tex",
            "The last value is right, but 1 + 9 = 11 is not.",
        ),
        (r"$h_{11} = 1\cdot 1 + 5 \cdot 2 = 11$", "md", "Right."),
        (r"$h_{11} = \frac{22}{2} = 11$", "md", "Right."),
        (r"$h_{11} = 2{,}2 \cdot 4{,}9 \approx 11$", "md", "Right."),
        (r"$h_{11} \approx 10 = 11$", "md", "Right."),
        ("h_11 = a + b = 12 = 11", "text", "Right."),
        ("h_11 = 23/2 = 11 rest 1 = 11", "text", "Right."),
        ("h_11 = 11.000 = 11", "text", "Right."),
    ],
)
def test_false_links_before_a_right_value(work, form, said):
    """Who ends at the right value by a false equality is right, and told of it; what may hold is not called false."""
    problem = Problem("cross_correlation", input="1 2 3; 4 5 6; 7 8 9", kernel="1 0; 0 2")
    (verdict,) = checked(Checker(problem), read_work(work, form)).diagnosis.verdicts
    assert verdict.status == "right"
    assert said in verdict.sentences[0]


def test_our_own_chains_hold(solution):
    """No link of a solution of ours is called false."""
    for form in ("md", "tex"):
        made = checked(Checker(solution.problem), read_work(solution.to(form), form))
        assert not any("but " in verdict.sentences[0] for verdict in made.diagnosis.verdicts)


@pytest.mark.parametrize(
    "work",
    [
        "h_11 = 11 (see above)",
        "h_11 = 11, since the kernel stays as it is",
        "h_11 = 11 as the kernel stays",
        "h_11 = 11 because the stride is 1",
        "h_11 = 11 (by 4 products)",
        "h_11 = 11  # easy",
        "h_11 = 11 ✓",
        "output: [[11, 14], [20, 23]].",
        "output = 11 14; 20 23 (valid)",
        "size = 2x2 (nothing is padded).",
        "size = 2 x 2, since nothing is padded",
        "size = 2 by 2.",
        "output =\n11 14\n20 23 (see above)",
        "output =\n11 14\n20 23, since nothing is padded",
    ],
)
def test_remarks_behind_a_value(work):
    """Words, a tick or a full stop behind a value do not make it unreadable."""
    assert [*said(work).values()] == ["right"]


@pytest.mark.parametrize(
    "work", ["h_11 = 11 (not 12)", "h_11 = 11 (was 12)", "h_11 = 11 (wrong)", "h_11 = 11, or so", "h_11 = 11 times two"]
)
def test_words_that_take_a_value_back(work):
    """These may mean another value, so that nothing is read."""
    problem = Problem("cross_correlation", input="1 2 3; 4 5 6; 7 8 9", kernel="1 0; 0 2")
    made = checked(Checker(problem), read_work(work, "text"))
    assert not made.diagnosis.verdicts
    assert len(made.unread) == 1


@pytest.mark.parametrize(
    "label",
    [
        "output size", "Output Size", "size of the output", "shape of H", "H.shape", "size(H)", "dimensions",
        "our shape",
    ],
)  # fmt: skip
@pytest.mark.parametrize("value", ["2x2", "(2, 2)", "torch.Size([2, 2])"])
def test_names_of_the_size(label, value):
    """People call the output's size by many names."""
    assert said(f"{label} = {value}") == {"size": "right"}


@pytest.mark.parametrize(
    "label", ["padded size", "kernel size", "size of the input", "K.shape", "dimensions of the kernel"]
)
def test_sizes_of_other_things_are_not_judged(label):
    """They are not the output's, and no value of what they are about."""
    assert said(f"h_11 = 11\n{label} = 7x7") == {"h[1,1]": "right"}


@pytest.mark.parametrize("label", ["total of the output", "sum of the output", "total output", "the sum of H"])
def test_names_of_a_total(label):
    """11 + 14 + 20 + 23 is 68."""
    assert said(f"{label} = 68") == {"total(output)": "right"}


def test_a_name_that_the_problem_has_not(capsys, tmp_path):
    """The message lists names that it has, the answer's first, and none of what it has not, such as a bias."""
    work = tmp_path / "work.txt"
    work.write_text("foo = 3")
    assert main(["check", STRIDED, str(work)]) == 2
    said = capsys.readouterr().err
    assert "nothing of this belongs to the problem: foo; name answers as the solution does: output, size," in said
    assert "bias" not in said


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("dK", "-4 -1"), ("dL/dK", "-4 -1"), ("∂L/∂K", "-4 -1"), ("K.grad", "-4 -1"), ("grad K", "-4 -1"),
        ("grad_K", "-4 -1"),
        ("the gradient of the kernel", "-4 -1"), ("kernel gradient", "-4 -1"), ("gradient by the weights", "-4 -1"),
        ("dA", "1 2 -8"), ("input gradient", "1 2 -8"), ("gradient with respect to the input", "1 2 -8"), ("G", "1 -2"),
    ],
)  # fmt: skip
def test_names_of_gradients(label, value):
    """For H = (a + 4b, b + 4c) at (2, 3, 2) and G = (1, -2): dK = (2 - 6, 3 - 4), dA = (1, 4 - 2, -8)."""
    of = {"operation": "cross_correlation", "input": "2 3 2", "kernel": "1 4"}
    problem = Problem("backpropagation", of=of, upstream="1 -2", notation={"input": "A", "kernel": "K", "output": "H"})
    made = checked(Checker(problem), read_work(f"{label} = {value}", "text"))
    assert [verdict.status for verdict in made.diagnosis.verdicts] == ["right"]


@pytest.mark.parametrize("label", ["H[1,2]", "H(1,2)", "H_{12}", "H_{1,2}", "output[1,2]"])
def test_cells_by_the_letter_of_the_whole(label):
    """As in NumPy; the second entry of the first row is 14."""
    assert said(f"{label} = 14") == {re.sub(r"[_(].*", "[1,2]", label): "right"}
    assert said("H[0,0] = 11\nH[0,1] = 14") == {"H[1,1]": "right", "H[1,2]": "right"}


@pytest.mark.parametrize("label", ["y[n]", "y(n)", "y[k]", "h(n)"])
@pytest.mark.parametrize("value", ["{4, 13, 22, 15}", "[4, 13, 22, 15]", "4 13 22 15"])
def test_a_sequence_by_its_running_index(label, value):
    """In signal processing y[n] = {...} is the whole of y; 1 2 3 with 4 5: 4, 5 + 8, 10 + 12, 15."""
    notation = {"input": "x", "kernel": "w", "output": label[0]}
    problem = Problem("convolution", input="1 2 3", kernel="4 5", padding="full", notation=notation)
    formula = value.replace("{", r"\{").replace("}", r"\}").replace(" ", ", ").replace(",,", ",")
    for work, form in ((f"{label} = {value}", "text"), (f"So ${label} = {formula}$.", "md")):
        made = checked(Checker(problem), read_work(work, form))
        assert [verdict.status for verdict in made.diagnosis.verdicts] == ["right"]
    assert not checked(Checker(problem), read_work("y[n] = 5", "text")).diagnosis.verdicts


@pytest.mark.parametrize("label", ["r_xx[1]", "r_{xx}(1)", "R_xx[1]", "R_{xx}(1)", "r[1]"])
def test_names_of_an_autocorrelation(label):
    """1 2 4 at the lag 1: 1*2 + 2*4 = 10."""
    problem = Problem("autocorrelation", input="1 2 4", notation={"input": "x", "output": "r"})
    (verdict,) = checked(Checker(problem), read_work(f"{label} = 10", "text")).diagnosis.verdicts
    assert verdict.status == "right"


def test_names_of_spectra():
    """The capital of a signal's letter is its DFT: of 1 2 it is 3 and -1, of 3 0 it is 3 and 3; the product 9, -3."""
    notation = {"input": "x", "kernel": "h", "output": "y", "index_base": 0}
    problem = Problem("circular_convolution", input="1 2", kernel="3 0", length=2, notation=notation)
    work = "X = 3 -1\nH[k] = {3, 3}\nY[0] = 9\nY[1] = -3\ny = 3 6"
    verdicts = checked(Checker(problem), read_work(work, "text")).diagnosis.verdicts
    assert {verdict.label: verdict.status for verdict in verdicts} == dict.fromkeys(
        ["X", "H", "Y[0]", "Y[1]", "y"], "right"
    )


def test_names_of_layers():
    """H^(1) is the map behind the first layer, here twice the input, and K^(1) its kernel; H^(2) the maximum."""
    layers = [{"kind": "conv", "kernel": "2"}, {"kind": "pool", "size": 2}]
    problem = Problem("network", input="1 2; 3 5", layers=layers, notation={"input": "X", "kernel": "K", "output": "H"})
    work = "K^{(1)} = 2\nH^{(1)} = 2 4; 6 10\nh^{(1)}_{2,1} = 6\nH^(2) = 10\nH^(3) = 1"
    made = checked(Checker(problem), read_work(work, "text"))
    verdicts = {verdict.label: verdict.status for verdict in made.diagnosis.verdicts}
    assert verdicts == dict.fromkeys(["K^(1)", "H^(1)", "h^(1)[2,1]", "H^(2)"], "right")
    assert [one.label for one in made.unmatched] == ["H^(3)"]


RIGHT, WRONG = "11 14; 20 23", "11 14; 20 24"  # of `said`, with the letters A, K and H


@pytest.mark.parametrize("form", ["text", "md"])
@pytest.mark.parametrize(
    ("work", "labels"),
    [
        ("The output is 2x2. h_11=11, h_12=14 and h_22=24.", ["size", "h[1,1]", "h[1,2]", "h[2,2]"]),
        (f"The output is 2x2, namely H = [{WRONG}].", ["size", "H"]),
        (f"The size is 2. H = [{WRONG}]", ["size", "H"]),
        (f"The size is 2x2, so there are 4 cells. We get H = [{WRONG}]", ["size", "H"]),
        ("h_11 = 11. h_22 = 24. The size is 2x2.", ["h[1,1]", "h[2,2]", "size"]),
        ("1. The size is 2x2. h_22 = 24", ["size", "h[2,2]"]),
    ],
)
def test_what_stands_behind_a_size_is_judged_too(work, labels, form):
    """The last value has 24 in place of 23; the sizes and the other cells are right."""
    found = said(work, form)
    assert sorted(found) == sorted(labels)
    assert [status for label, status in found.items() if label not in ("H", "h[2,2]")].count("right") == len(found) - 1
    assert [found[label] for label in found if label in ("H", "h[2,2]")] == ["wrong"]


@pytest.mark.parametrize(("work", "status"), [("2x2; h_11 = 11", "right"), ("3x3: h_11 = 11", "wrong")])
def test_a_size_alone_before_a_cell(work, status):
    """It is the size, and not the output."""
    assert said(work) == {"h[1,1]": "right", "size": status}


def test_what_cannot_be_read_behind_a_size_is_said():
    """A letter O in place of a 0; a formula that only explains is no failure."""
    problem = Problem("cross_correlation", input="1 2 3; 4 5 6; 7 8 9", kernel="1 0; 0 2")
    made = checked(Checker(problem), read_work("The size is 2x2, H = [11 14; 2O 23]", "text"))
    assert [one.label for one in made.unread] == ["H"]
    assert not made.is_right
    work = f"The size is 2x2 because o = floor((n + 2p - k)/s) + 1. H = [{RIGHT}]"
    for form in ("text", "md"):
        made = checked(Checker(problem), read_work(work, form))
        assert made.is_right
        assert {one.label for one in made.diagnosis.verdicts} == {"size", "H"}


def test_what_a_sentence_assumes_is_not_handed_in():
    """The size of the kernel is no kernel, and what holds only if something is so is not the answer."""
    assert said(f"The window is small, with K = 2, so H = [{RIGHT}]") == {"H": "right"}
    work = "The size is 2x2. For h_11 = 5 and h_12 = 6 nothing follows."
    assert said(work) == {"size": "right"}
    assert said(f"If the size is 2x2, then H = [{WRONG}]. H = [{RIGHT}]")["H"] == "right"


@pytest.mark.parametrize("form", ["text", "md"])
@pytest.mark.parametrize(
    "words",
    ["Therefore", "We get", "so", "The first cell is", "Thus the entry", "Es ist also", "We find that the output"],
)
def test_words_that_lead_to_a_label(words, form):
    """The label is what stands directly before the equals sign; 11 is right."""
    label = "h_{11}" if "output" not in words else "H"
    found = said(f"{words} {label} = {11 if label != 'H' else f'[{RIGHT}]'}", form)
    assert list(found.values()) == ([] if words.startswith("Es") else ["right"])


@pytest.mark.parametrize("words", ["not", "the first product of", "wrong"])
def test_words_that_say_more_than_a_label(words):
    """They are no words that can be left out."""
    assert said(f"{words} h_11 = 3") == {}


@pytest.mark.parametrize("sign", ["*", " * ", r" \ast ", " ∗ ", " ⊛ "])
@pytest.mark.parametrize(("value", "status"), [(RIGHT, "right"), (WRONG, "wrong")])
def test_a_product_of_the_operands_is_the_answer(sign, value, status):
    """A * K behind A and K is neither of them."""
    work = f"A = [1 2 3; 4 5 6; 7 8 9]\nK = [1 0; 0 2]\nA{sign}K = [{value}]"
    assert said(work) == {"A": "right", "K": "right", "output": status}
    assert said(f"X{sign}W = [{value}]") == {"output": status}  # other letters, as a book may have them


def test_other_expressions_are_not_the_answer():
    """With a bias of 1 the output is one more than A * K; a sum or K * A is not what the correlation is called."""
    operands = "A = [1 2 3; 4 5 6; 7 8 9]\nK = [1 0; 0 2]\n"
    assert said(f"{operands}A*K = [{RIGHT}]", bias=1) == {"A": "right", "K": "right"}
    for name in ("A + K", "K*A", "H - 1", "A*A"):
        assert said(f"{operands}{name} = [{WRONG}]") == {"A": "right", "K": "right"}
    problem = Problem("convolution", input="1 2 3; 4 5 6; 7 8 9", kernel="1 0; 0 2")  # 5 + 2*1, 6 + 2*2; 8 + 2*4, ...
    (verdict,) = checked(Checker(problem), read_work("K*A = [7 10; 16 19]", "text")).diagnosis.verdicts
    assert (verdict.label, verdict.status) == ("output", "right")


@pytest.mark.parametrize(
    ("work", "form"),
    [
        ("2H = [22 28; 40 46]", "text"),
        ("2 H = [22 28; 40 46]", "md"),
        ("-H = [-11 -14; -20 -23]", "text"),
        ("H/2 = [11/2 7; 10 23/2]", "text"),
        ("K = [1 0; 0 2]\n4 * H = [44 56; 80 92]", "text"),
        (r"$\frac12 H = \begin{pmatrix} 11/2 & 7 \\ 10 & 23/2 \end{pmatrix}$", "md"),
        (r"\[ 2 \cdot H = \begin{pmatrix} 22 & 28 \\ 40 & 46 \end{pmatrix} \]", "tex"),
    ],
)
def test_a_label_with_a_factor(work, form):
    """The value is divided by the factor exactly."""
    assert said(work, form)["H"] == "right"
    assert said(work.replace("22", "21").replace("11", "12").replace("44", "40"), form)["H"] == "wrong"


def test_a_rounded_number_is_not_divided():
    """Half of a decimal is not as exact as it looks; this is said."""
    problem = Problem("cross_correlation", input="1 2 3; 4 5 6; 7 8 9", kernel="1 0; 0 2")
    (one,) = checked(Checker(problem), read_work("2H = [22.0 28; 40 46]", "text")).unread
    assert str(one.error) == "this is not H itself; write what H is"


@pytest.mark.parametrize("work", ["shape after layer 1: {}", "Layer 1: shape {}", "The output of layer 1 is {}."])
def test_the_shape_behind_a_layer(work):
    """A kernel of 3 makes 6 maps of 10 from 12."""
    problem = Problem("counting", input=[1, 12, 12], layers=[{"kind": "conv", "filters": 6, "kernel": 3}])
    for value, status in (("6x10x10", "right"), ("6x12x12", "wrong")):
        (verdict,) = checked(Checker(problem), read_work(work.format(value), "text")).diagnosis.verdicts
        assert verdict.status == status


def test_words_alone_say_nothing():
    """Names and headings are no failure; behind a name that is known here there must be a value."""
    problem = Problem("cross_correlation", input="1 2 3; 4 5 6; 7 8 9", kernel="1 0; 0 2")
    work = "Name: Ada Lovelace\nExercise 1\nSolution\n11 14\n20 23\nDone.\n"
    made = checked(Checker(problem), read_work(work, "text"))
    assert made.is_right
    assert not made.unmatched
    assert [verdict.label for verdict in made.diagnosis.verdicts] == ["output"]
    assert [one.label for one in checked(Checker(problem), read_work("size: two", "text")).unread] == ["size"]


@pytest.mark.parametrize(
    ("value", "status"),
    [("61,706", "right"), ("61,470", "wrong"), ("61470 parameters", "wrong"), ("61706 params", "right")],
)
def test_thousands_set_apart(value, status):
    """Where a whole number of five digits is right, a comma before three digits sets thousands apart."""
    example = read_problem(Path(STRIDED).parent / "counting.toml")  # 156 + 2416 + 48120 + 10164 + 850 = 61706
    made = checked(Checker(example), read_work(f"total parameters = {value}", "text"))
    assert [verdict.status for verdict in made.diagnosis.verdicts] == [status]
    assert not made.unread
    small = Problem("cross_correlation", input="1 2 3; 4 5 6; 7 8 9", kernel="1 0; 0 2")
    assert checked(Checker(small), read_work("h_11 = 1,470", "text")).unread  # no thousands are asked for


@pytest.mark.parametrize(
    ("work", "form"),
    [
        (f"H = [{RIGHT}] q.e.d.", "text"),
        ("h_11 = 11 <- see above", "text"),
        (r"$h_{11} = 11\quad\checkmark$", "md"),
        ("h_11 = 11 cells", "text"),
    ],
)
def test_more_remarks_behind_a_value(work, form):
    """They are no part of it; what may take it back is."""
    assert list(said(work, form).values()) == ["right"]
    assert said("h_11 = 11 <- wrong") == said("h_11 = 11 million cells") == {}


def test_rows_with_a_slash_between_them():
    """They may be fractions too, which are what is meant where a row with them is right: 4, 6/10 and 12."""
    assert said("11 14 / 20 23") == said("H = [11 14 / 20 23]".replace("H", "output")) == {"output": "right"}
    assert said("11 14 / 20 24") == {"output": "wrong"}
    problem = Problem("cross_correlation", input="4 0.6 12", kernel="1")
    (verdict,) = checked(Checker(problem), read_work("4 6 / 10 12", "text")).diagnosis.verdicts
    assert verdict.sentences[0] == "Right."


@pytest.mark.parametrize(
    "rows",
    ["[{}]\n[{}]", "({})\n({})", "| {} |\n| {} |", "H =\n[{}],\n[{}]", "{}\n{}"],
)
def test_rows_on_lines_of_their_own(rows):
    """Rows in brackets, between bars, and as a spreadsheet writes them: right or wrong at the cell that is."""
    semicolons = rows == "{}\n{}"
    for second, status in (("20 23", "right"), ("20 24", "wrong")):
        work = rows.format(*(row.replace(" ", ";") if semicolons else row for row in ("11 14", second)))
        problem = Problem("cross_correlation", input="1 2 3; 4 5 6; 7 8 9", kernel="1 0; 0 2")
        (verdict,) = checked(Checker(problem), read_work(work, "text")).diagnosis.verdicts
        assert verdict.status == status
        assert [cell.name for cell in verdict.cells] == ["h[2,2]"] * (status == "wrong")


def test_a_letter_with_a_factor_alone():
    """2a is right where it is; a number with a letter behind it that stands for nothing cannot be read."""
    problem = Problem("cross_correlation", input="a", kernel="2")
    (verdict,) = checked(Checker(problem), read_work("2a", "text")).diagnosis.verdicts
    assert verdict.sentences[0] == "Right: 2a is read as a product."
    assert checked(Checker(problem), read_work("2x", "text")).unread


MAPS = Problem("cross_correlation", input="1 2 3; 4 5 6; 7 8 9", kernel=[["1 0; 0 2"], ["0 1; 1 0"]], dims=2)
FIRST, SECOND = "[11 14; 20 23]", "[6 8; 12 14]"  # 1 + 10, 2 + 12; 4 + 16, 5 + 18; and 2 + 4, 3 + 5; 5 + 7, 6 + 8


def statuses(problem, work, form="text"):
    """The verdicts on a work."""
    return {one.label: one.status for one in checked(Checker(problem), read_work(work, form)).diagnosis.verdicts}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("H_1", "H_2"),
        ("H[1]", "H[2]"),
        ("H_0", "H_1"),
        ("H^(1)", "H^(2)"),
        ("Filter 1", "Filter 2"),
        ("Channel 1", "Channel 2"),
        ("Map 1", "Map 2"),
        ("first map", "second map"),
        ("Filter 1: [10 13; 19 22] + 1", "Filter 2: [5 7; 11 13] + 1"),
    ],
)
def test_maps_by_their_names(one, other):
    """The maps of two filters, by letters and by words: right both, and wrong where one cell is."""
    assert set(statuses(MAPS, f"{one} = {FIRST}\n{other} = {SECOND}").values()) == {"right"}
    assert set(statuses(MAPS, f"{one} = {FIRST}\n{other} = [6 8; 12 15]").values()) == {"wrong"}
    assert set(statuses(MAPS, f"{one} = {SECOND}\n{other} = {FIRST}").values()) == {"wrong"}


def test_one_map_of_two():
    """One map alone is nothing that could be judged, and beside the whole output it changes nothing."""
    assert statuses(MAPS, f"H_1 = {FIRST}") == {}
    whole = f"H_1 = {SECOND}\noutput = [[[11, 14], [20, 23]], [[6, 8], [12, 14]]]"
    assert statuses(MAPS, whole) == {"output": "right"}


@pytest.mark.parametrize("label", ["H_1,22", "H_{1,22}", "H_1[2,2]", "H^{(1)}_{2,2}"])
def test_cells_of_a_map(label):
    """The last cell of the first map."""
    assert set(statuses(MAPS, f"{label} = 23").values()) == {"right"}
    assert set(statuses(MAPS, f"{label} = 14").values()) == {"wrong"}


def test_maps_of_something_else_are_not_the_output():
    """An input or a filter as given, a map of depthwise filters, a layer of a network."""
    assert statuses(MAPS, "Filter 1 = [1 0; 0 2]\nFilter 2 = [0 1; 1 0]") == {}
    examples = Path(__file__).parent.parent / "examples"
    depthwise, network = (read_problem(examples / f"{name}.toml") for name in ("depthwise_separable", "network"))
    assert statuses(depthwise, "D_1 = [2 3 3; 1 1 2]\nD_2 = [1 0 3; -1 2 1]") == {"D": "right"}
    assert statuses(depthwise, "map 1 = [2 3 3; 1 1 2]") == {}
    assert statuses(network, "map 3 = [3 2; 6 5]") == {"map[3]": "right"}


def test_the_letter_of_what_is_asked_for():
    """(32 + 2p - 5) / 2 lies between 15 and 15.5 for p = 2 alone; what is given is no answer."""
    padding = Problem("output_size", input=32, kernel=5, stride=2, padding="p", output=16)
    for label in ("p", "padding", "Padding p"):
        assert statuses(padding, f"{label} = 2") == {"solutions": "right"}
        assert statuses(padding, f"{label} = 3") == {"solutions": "wrong"}
    assert statuses(padding, "So $p = 2$.", "md") == {"solutions": "right"}
    assert statuses(padding, "s = 2\nstride = 2\nk = 5") == {}
    size = Problem("output_size", input=28, kernel=5, stride=2, padding=1)
    assert statuses(size, "p = 1") == {}
    assert statuses(size, "output = 13") == {"size": "right"}
