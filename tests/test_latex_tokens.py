"""The signs of a formula and the formulas of a document: what is kept, what is dropped, what is refused and where."""

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from symconv.errors import AnswerError
from symconv.latex_tokens import MOST_DEPTH, MOST_TEXT, MOST_TOKENS, tokens
from symconv.math_spans import math_spans


def texts(source, **options):
    """What the tokens of a formula say, in a row."""
    return " ".join(token.text for token in tokens(source, **options))


@pytest.mark.parametrize(
    ("source", "read"),
    [
        (r"52", "52"),
        (r"0.5 .5 0{,}5 0,5", "0.5 .5 0,5 0 , 5"),
        (r"5.", "5 ."),
        (r"xy\phi\varphi", "x y phi phi"),
        (r"\mathrm{vec}(A)", "vec ( A )"),
        (r"\operatorname*{vec} A", "vec A"),
        (r"\mathbf{52}", "{ 52 }"),
        (r"\mathbf 5", "5"),
        (r"\textbf{52}", "{ 52 }"),
        (r"\text{5{,}2}", "{ 5,2 }"),
        (r"52 \text{ cells, } 4", "52 cells, 4"),
        (r"\tfrac12\dfrac{1}{2}", r"\frac 1 2 \frac { 1 } { 2 }"),
        (r"\frac1{12} \frac{1}23", r"\frac 1 { 12 } \frac { 1 } 2 3"),
        (r"\frac{12}{34}56", r"\frac { 12 } { 34 } 56"),
        (r"\frac{\frac12}34", r"\frac { \frac 1 2 } 3 4"),
        (r"\sqrt23", r"\sqrt 2 3"),
        (r"h_12 + h_{12}", "h _ 12 + h _ { 12 }"),
        (r"\left( \frac12 \right)\left[3\right.", r"( \frac 1 2 ) [ 3"),
        (r"\bigl(1\Bigr) \Bigg/ \big .2", "( 1 ) / 2"),
        (r"1\,2\:3\;4\!5\ 6~7\quad 8\qquad9\hspace{1cm}10\hspace*{ 2em }11", "1 2 3 4 5 6 7 8 9 10 11"),
        (r"\boxed{\underline{\underline{52}}}", "{ { { 52 } } }"),
        (r"\color{red}5 \textcolor{red}{52} \color[rgb]{1,0,0}{4}", "5 { 52 } { 4 }"),
        (r"\fcolorbox{red}{white}{52}", "{ 52 }"),
        ("1 % a } comment\n2 \\% 3", r"1 2 \% 3"),
        (r"\underbrace{3\cdot1}_{\text{first}}+\overbrace{2}^{x}", r"{ 3 \cdot 1 } + { 2 }"),
        (r"\overset{!}{=}\stackrel{def}{=}", "{ = } { = }"),
        (r"a \leq b \geq c \ne d", r"a \le b \ge c \neq d"),
        ("3·1 × 2 − 4 – 5 ⋅ 6 ∗ 7", r"3 \cdot 1 \times 2 - 4 - 5 \cdot 6 * 7"),
        ("⌊7/2⌋ ≤ α ≈ β", r"\lfloor 7 / 2 \rfloor \le α \approx β"),
        ("1\N{ZERO WIDTH SPACE}\N{NO-BREAK SPACE}\N{THIN SPACE}2", "1 2"),
        (r"\partial L/\partial x", r"\partial L / \partial x"),
        (r"C^\top C^{T} C'", r"C ^ \top C ^ { T } C '"),
        (r"\begin{array}[t]{@{\,}rr@{}} 1 & 2 \\[3pt] 3 & 4 \\* 5 \end{array}", r"array 1 & 2 \\ 3 & 4 \\ 5 array"),
        (r"\begin{pmatrix*}[r] 1 \end{pmatrix*}", "pmatrix 1 pmatrix"),
        (r"\begin{pmatrix}[1] \end{pmatrix}", "pmatrix [ 1 ] pmatrix"),
        (r"\begin {bmatrix}\hline 1 \cr 2 \\ \cline{1-2} \end{bmatrix}", r"bmatrix 1 \\ 2 \\ bmatrix"),
        (r"\begin{alignedat}{2} 1 \end{alignedat}", "alignedat 1 alignedat"),
        (r"\pmatrix{1 & 2 \cr 3 & {4}}", r"pmatrix 1 & 2 \\ 3 & { 4 } pmatrix"),
        (r"h = 52 \tag{1} \label{eq:h} \notag \nonumber", "h = 52"),
        (r"\phantom{0}5", "5"),
        (r"\displaystyle\sum_{i=1}^n\limits x", r"\sum _ { i = 1 } ^ n x"),
        (r"\{1\} \lbrace 2 \rbrace", r"\{ 1 \} \{ 2 \}"),
        ("\\", "\\"),
        ("", ""),
    ],
)
def test_what_is_kept(source, read):
    """Looks are dropped, and what means one thing has one spelling."""
    assert texts(source) == read


def test_kinds():
    """Each token says what kind of sign it is."""
    kinds = [token.kind for token in tokens(r"\begin{array}{r} a_1 & {2} \\ \text{no} \cdot \end{array}")]
    assert kinds == [
        *("begin", "name", "symbol", "number", "cell", "open", "number", "close", "row"),
        *("text", "command", "end"),
    ]


def test_places():
    """A token knows what was written for it, in a part of a text too."""
    source = r"xx h_{1} = \tfrac12 \begin{matrix}0{,}5\end{matrix} yy"
    found = tokens(source, 3, len(source) - 3)
    written = [source[token.start : token.end] for token in found]
    expected = ["h", "_", "{", "1", "}", "=", r"\tfrac", "1", "2", r"\begin{matrix}", "0{,}5", r"\end{matrix}"]
    assert written == expected


def test_wide_spaces():
    """Spaces of a quad and more are tokens where they are asked for."""
    source = r"a\quad b\,c\hspace{1cm}d"
    assert texts(source, wide_spaces=True) == r"a \quad b c \hspace d"
    assert texts(source) == "a b c d"


@pytest.mark.parametrize(
    ("source", "message", "column"),
    [
        ("{1", "this brace is never closed; add }", 0),
        ("1}", "this brace closes nothing that was opened", 1),
        (r"\begin{pmatrix} 1", r"\begin{pmatrix} is never closed; add \end{pmatrix}", 0),
        (r"1 \end{pmatrix}", r"\end{pmatrix} closes nothing that was opened", 2),
        (r"\begin{pmatrix}\end{bmatrix}", r"\end{bmatrix} closes nothing; \begin{pmatrix} is open here", 15),
        (r"\begin{pmatrix}}", r"this brace closes nothing; \begin{pmatrix} is open here", 15),
        (r"{\end{pmatrix}", r"\end{pmatrix} closes nothing that was opened", 1),
        (r"\begin 5", r"\begin needs the name of an environment, such as \begin{pmatrix}", 0),
        (r"x \pmatrix 5", r"\pmatrix needs its entries; write \begin{pmatrix} 1 & 2 \end{pmatrix}", 2),
        (r"\color{red", "this brace is never closed; add }", 6),
        (r"\text{red", "this brace is never closed; add }", 5),
        ("1 " + "9" * 31, "a number has more than 30 digits; shorten it", 2),
    ],
)
def test_what_is_refused(source, message, column):
    """What is open or closes nothing is refused with its place."""
    with pytest.raises(AnswerError) as caught:
        tokens(source)
    assert (str(caught.value), caught.value.offset) == (message, column)
    assert caught.value.place.split("\n")[1] == " " * (4 + column) + "^"


def test_limits():
    """Length, number of signs, and depth are limited."""
    for source, message in [
        (" " * (MOST_TEXT + 1), "longer than"),
        ("+" * (MOST_TOKENS + 1), "more than 300,000 signs"),
        ("{" * (MOST_DEPTH + 1) + "}" * (MOST_DEPTH + 1), "nested more than"),
        (r"\begin{a}" * (MOST_DEPTH + 1), "nested more than"),
    ]:
        with pytest.raises(AnswerError, match=message):
            tokens(source)
    assert len(tokens("{" * MOST_DEPTH + "}" * MOST_DEPTH)) == 2 * MOST_DEPTH


PIECES = r"""
\begin{pmatrix} \end{pmatrix} \begin{array}{rr} \end{array} \begin \end { } \frac 12 3 0{,}5 & \\ \\[3pt] \left( \right)
\right. \text{ \mathrm{ \color{ \color \underbrace{ } _ ^ [ ] ( ) % \% $ \pmatrix{ \pmatrix x h_{11} = \cdot \, \qquad
\hspace{ \tag{ \boxed{ \ $$ \( \) \[ \] \begin{align} \end{align} ``` ` $` `$ , . -
"""
LATEX = st.lists(st.sampled_from([*PIECES.split(), "\n", "\n\n", " ", "\x00", "é"]), max_size=40).map("".join)


@settings(derandomize=True, max_examples=400)
@given(st.one_of(LATEX, st.text(max_size=60)))
@example("\\frac")
@example("\\begin{")
def test_any_text_is_read_or_refused(source):
    """Any text gives tokens in order whose groups match, or an error with a place in it."""
    try:
        found = tokens(source, wide_spaces=True)
    except AnswerError as error:
        assert 0 <= error.offset <= len(source)
        assert "\n" in error.place
        return
    assert all(0 <= token.start < token.end <= len(source) for token in found)
    assert [token.start for token in found] == sorted(token.start for token in found)
    depth = 0
    for token in found:
        depth += {"open": 1, "begin": 1, "close": -1, "end": -1}.get(token.kind, 0)
        assert depth >= 0
    assert depth == 0


@pytest.mark.parametrize(
    ("form", "text", "bodies"),
    [
        ("tex", r"size $2 \times 2$ and \(3\), \[ 4 \] $$5$$", [r"2 \times 2", "3", " 4 ", "5"]),
        ("tex", "$a$ % $b$\n\\% $c$ 5\\$ $d$", ["a", "c", "d"]),
        ("tex", r"\begin{align*} a &= 1 \\ &= 2 \end{align*} \begin{gather}b\end{gather}", [r" a &= 1 \\ &= 2 ", "b"]),
        ("tex", r"\begin{equation} \begin{pmatrix} 1 \end{pmatrix} \end{equation}", None),
        ("tex", r"\begin{verbatim} $a$ \end{verbatim} $b$", ["b"]),
        ("tex", "$a$$b$ $c$", ["a", "b", "c"]),
        ("tex", "\\[ a\n\n$b$", [" a", "b"]),
        ("tex", "\\[ a\n\n b\\] $c$", [" a\n\n b", "c"]),
        ("tex", "$a\n\n$b$", ["a", "b"]),
        ("tex", r"\begin{align} a \begin{equation} b \end{equation} $c$", [" a ", " b ", "c"]),
        ("tex", r"a\) \] \end{align} $c$", ["c"]),
        ("md", "It costs $5 and $6, but $x$ is free.", ["x"]),
        ("md", "`$a$` and $b$, ``$c$`` and $`d`$", ["b", "d"]),
        ("md", "```\n$a$\n```\n$b$\n~~~ toml\n$c$\n~~~\n", ["b"]),
        ("md", "```math\nh = 52\n```\n$b$", ["\nh = 52\n", "b"]),
        ("md", "$$\na\n\nb\n$$\n$c$", ["\na\n\nb\n", "c"]),
        ("md", "a ` b $c$\n\n$d$", ["d"]),
        ("md", r"\$5 $a$ \(b\)", ["a", "b"]),
        ("md", "$$ a", [" a"]),
        ("md", "  ```\n  $a$\n  ```\n$b$", ["b"]),
    ],
)
def test_formulas_of_a_document(form, text, bodies):
    """Formulas are found between their signs, and nowhere in comments, code or prices."""
    spans = math_spans(text, form)
    expected = [r" \begin{pmatrix} 1 \end{pmatrix} "] if bodies is None else bodies
    assert [span.body for span in spans] == expected


def test_spans_know_their_place():
    """A span says what stands around it, and that it is never closed."""
    text = "a $b$ \\begin{align*}c\\end{align*} $$d"
    inline, block, unclosed = math_spans(text, "tex")
    assert (text[inline.start : inline.end], inline.opening, inline.closing, inline.display) == ("b", "$", "$", False)
    assert (block.opening, block.closing, block.display) == (r"\begin{align*}", r"\end{align*}", True)
    assert (unclosed.body, unclosed.opening, unclosed.closing) == ("d", "$$", "")


@settings(derandomize=True, max_examples=300)
@given(st.one_of(LATEX, st.text(max_size=60)), st.sampled_from(["tex", "md"]))
def test_spans_of_any_text(text, form):
    """The formulas of any text stand in order and do not overlap."""
    spans = math_spans(text, form)
    assert all(text[span.start : span.end] == span.body for span in spans)
    assert all(before.end <= after.start for before, after in pairwise(spans))
