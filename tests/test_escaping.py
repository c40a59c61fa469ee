"""Texts a person typed reach the page as they were typed, in every format, and never as markup."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Callable

import pytest
from conftest import Reader
from hypothesis import given, settings
from hypothesis import strategies as st

from symconv.pdf import tex_pdf, typst_pdf
from symconv.solution import Solution
from symconv.templating.trace import MARK
from symconv.typeset import latex, typst
from symconv.typeset.formats import escape_markdown

ASCII = [
    string.punctuation,
    *(f"{a}{a}{a} x{a}y {a}{a}" for a in string.punctuation),
    "`` '' -- --- << >> ,, ,,, ?` !`",
    r"C:\dir\ and a\\b",
    "#let x = 1",
    "#set page(width: 1cm)",
    r"\input{/etc/passwd}",
    r"\end{document}",
    r"\begin{verbatim}",
    "<script>alert(1)</script>",
    "<!-- gone -->",
    "&lt; &amp; &#65;",
    "$x$ and $$y$$",
    "{{ 7*7 }}",
    "<%= 7*7 %> <% if x %> <# gone #>",
    "*bold* _it_ `code` ~~out~~",
    "[link](http://example.org) ![image](x.png)",
    "http://example.org/~me?a=1&b=2#top",
    "- item",
    "+ item",
    "* item",
    "1. item",
    "1) item",
    "= heading",
    "=== heading",
    "# heading",
    "/ term: meaning",
    "> quotation",
    "| a | b |",
    "// comment",
    "/* comment */",
    "@label and <label>",
    "a~b a... ---",
    "100% of it",
    "ends with a backslash \\",
]
BEYOND = [
    "ä \N{MULTIPLICATION SIGN} ÷ ± \N{MINUS SIGN} ² ß ø Ő ŷ é € \u2013 „so“ \u2019",
    "Ħ ħ ĸ Ŀ ŀ ŉ Ŧ ŧ \u017f",
    "\N{GRINNING FACE}\N{THUMBS UP SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-3}",
    "\u5377\u79ef \u3042\u3044",
    "\u05e7\u05d5\u05e0\u05d1\u05d5\u05dc\u05d5\u05e6\u05d9\u05d4",
    "\u0627\u0644\u0639\u0631\u0628\u064a\u0629",
    "abc \u202e dcba \u202c \u200b \u00ad \ufeff",
    "bell \x07 escape \x1b[31m null \x00 delete \x7f next \x85 separators \u2028 \u2029",
    f"{MARK}latex/document.tex:1{MARK}",
    "e\u0301 n\u0303 \u1e9e \ufb01 \u2211 \u2192 \u211d \U0001d53d",
    "\udcff \ud800",
]

NUMBER = re.compile(r"\[U\+([0-9A-F]{4,6})\]")


def shown(text: str) -> str:
    """What a page shows of a text: one space for any run of spaces."""
    return " ".join(text.split())


def solid(text: str) -> str:
    """A text without its spaces, which pdftotext only guesses."""
    return "".join(text.split())


def chunk(texts: list[str], size: int) -> list[list[str]]:
    """Texts in groups, so that one compilation serves several."""
    return [texts[at : at + size] for at in range(0, len(texts), size)]


@pytest.mark.parametrize("texts", chunk(ASCII, 12))
def test_ascii_on_paper(texts: list[str], pdflatex: str, reader: Reader, convolve: Callable[..., Solution]) -> None:
    """Every ASCII text stands on the PDF of either engine literally, as the title and at the start of a paragraph."""
    solution = convolve(title=texts[0], text="\n\n".join(texts))
    for made in (tex_pdf(solution.to("tex"), pdflatex), typst_pdf(solution.to("typ"))):
        lines = [solid(line) for line in reader.text(made).splitlines()]
        assert lines[0] == solid(texts[0])
        for text in texts:
            assert solid(text) in lines


@pytest.mark.parametrize("text", BEYOND)
def test_any_character_compiles(text: str, pdflatex: str, reader: Reader, convolve: Callable[..., Solution]) -> None:
    """No character stops an engine; what an engine has no glyph for stands there as its number."""
    solution = convolve(title=text, text=f"before {text} after")
    for escape, made in (
        (latex.escape, tex_pdf(solution.to("tex"), pdflatex)),
        (typst.escape, typst_pdf(solution.to("typ"))),
    ):
        words = reader.text(made)
        assert "before" in words
        assert "after" in words
        numbers = NUMBER.findall(re.sub(r"\\allowbreak|[\\{}]", "", escape(text)))
        assert sorted(NUMBER.findall(words)) == sorted(2 * numbers)


def test_every_letter_below_0180_compiles(pdflatex: str, convolve: Callable[..., Solution]) -> None:
    """What pdflatex claims to print it prints: every character of two Unicode blocks in one document."""
    source = convolve(text=" ".join(map(chr, range(0x21, 0x180)))).to("tex")
    assert tex_pdf(source, pdflatex).startswith(b"%PDF-")
    assert "ź" in source
    assert "[U+0166]" in source.replace("{[}", "[").replace("{]}", "]")


def test_greek_letters_and_signs_in_sentences(pdflatex: str, convolve: Callable[..., Solution], reader: Reader) -> None:
    """What courses write in sentences stands on the page as it was typed, not as a number of Unicode."""
    signs = "α β δ ζ θ λ π ρ σ τ ω Σ Φ ≤ ≥ ≈ → ∞ ∈ ∂"
    words = reader.text(tex_pdf(convolve(text=f"before {signs} after").to("tex"), pdflatex))
    assert f"before {signs} after".split() == words[words.index("before") :].split()[: len(signs.split()) + 2]


def test_every_character_typst_claims_compiles(convolve: Callable[..., Solution]) -> None:
    """What the Typst escape leaves as it is has a glyph in the fonts inside the compiler, or PDF/UA would refuse it."""
    kept = [chr(n) for n in range(0x21, 0x30000) if not typst.escape(chr(n)).startswith(("\\", "[U+"))]
    kept = [c for c in kept if unicodedata.category(c)[0] != "M" and c.strip()]
    assert {"a", "ä", "λ", "Ж", "→", "∑"} <= set(kept)
    assert typst_pdf(convolve(text=" ".join(kept)).to("typ")).startswith(b"%PDF-")


def test_latex_escape_table() -> None:
    """Each of the ten special characters of TeX has its own command."""
    assert latex.escape(r"# $ % & _ { }") == r"\# \$ \% \& \_ \{ \}"
    assert latex.escape("\\") == r"\textbackslash{}"
    assert latex.escape("~") == r"\textasciitilde{}"
    assert latex.escape("^") == r"\textasciicircum{}"


def test_typst_escape_table() -> None:
    """A backslash stands before every character that means something in Typst."""
    assert typst.escape("#let x = 1") == r"\#let x \= 1"
    assert typst.escape("$x$ *b* _i_ @l <l>") == r"\$x\$ \*b\* \_i\_ \@l \<l\>"
    assert typst.escape("// c /* d */") == r"\/\/ c \/\* d \*\/"
    assert typst.quote('say "hi" \\n') == '"say \\"hi\\" \\\\n"'


def test_markdown_escape_table() -> None:
    """No text starts a list, a heading, a rule, a table, emphasis, maths or HTML."""
    assert escape_markdown("<script>") == r"\<script\>"
    assert escape_markdown("&lt;") == "&amp;lt;"
    assert escape_markdown("$x$ *b* _i_ `c` [l](u) a|b ~~s~~") == r"\$x\$ \*b\* \_i\_ \`c\` \[l\](u) a\|b \~\~s\~\~"
    assert escape_markdown("1. one") == r"1\. one"
    assert escape_markdown("12) one") == r"12\) one"
    assert escape_markdown("- one") == r"\- one"
    assert escape_markdown("+ one") == r"\+ one"
    assert escape_markdown("# one") == r"\# one"
    assert escape_markdown("=== one") == r"\=== one"


@pytest.mark.parametrize("text", [*ASCII, *BEYOND])
def test_markdown_reads_back(text: str, convolve: Callable[..., Solution]) -> None:
    """With its backslashes and entities undone the Markdown is the text as typed, and it can be written as UTF-8."""
    source = convolve(title=text).to("md")
    first = source.encode().decode().splitlines()[0]
    plain = re.sub(r"\\([!-/:-@\[-`{-~])|&amp;", lambda m: m[1] or "&", first.removeprefix("# "))
    expected = "".join(c if c.isprintable() else f"[U+{ord(c):04X}]" for c in shown(text))
    assert plain == expected


@pytest.mark.parametrize("title", ["", " ", "\n", "\N{NO-BREAK SPACE}"])
def test_blank_title(title: str, convolve: Callable[..., Solution]) -> None:
    """A title of nothing is no title: the operation's name stands there, and PDF/UA has the title it demands."""
    solution = convolve(title=title)
    assert solution.derivation.title == "Convolution"
    assert typst_pdf(solution.to("typ")).startswith(b"%PDF-")


def test_line_ends_in_a_text(convolve: Callable[..., Solution]) -> None:
    """A single line end is a space, an empty line starts a paragraph, in every format."""
    solution = convolve(text="one\ntwo\n\nthree")
    for form in ("tex", "typ", "md"):
        assert "one two\n\nthree\n" in solution.to(form)


def test_templates_are_not_filled_twice(convolve: Callable[..., Solution]) -> None:
    """Template markup in a text is text: nothing of it is evaluated and nothing of it disappears."""
    solution = convolve(title="<%= 7*7 %>", text="<# gone #> {{ 7*7 }}")
    for form in ("tex", "typ", "md"):
        source = solution.to(form)
        assert "49" not in source
        assert "gone" in source


unicode_texts = st.text(max_size=30)


@given(unicode_texts)
@settings(max_examples=60, deadline=None)
def test_latex_escape_leaves_no_special(text: str) -> None:
    """With the known commands taken out, no special character of TeX is left, and braces balance."""
    made = latex.escape(text)
    rest = re.sub(r"\\((?:text[a-z]+|allowbreak)\{\}|[{}$&#%_])|\{[-\[\]]?\}", "", made)
    assert not set(rest) & set("\\{}$&#%_^~<>|\"`'-[]"), made
    assert all(latex._printable(c) for c in made)


@given(unicode_texts)
@settings(max_examples=60, deadline=None)
def test_typst_escape_reads_back(text: str) -> None:
    """Taking each backslash away gives the text as shown, and every special character had one."""
    made = typst.escape(text)
    pieces = re.findall(r"\\.|[^\\]", made)
    assert "".join(pieces) == made
    assert not set("#$*_`<>@[]~\"'=-+/") & {piece for piece in pieces if len(piece) == 1} - set("[]+U"), made
    plain = "".join(piece[-1] for piece in pieces)
    assert NUMBER.sub(lambda m: chr(int(m[1], 16)), plain) == NUMBER.sub(lambda m: chr(int(m[1], 16)), shown(text))


@given(unicode_texts)
@settings(max_examples=60, deadline=None)
def test_typst_string_closes_once(text: str) -> None:
    """A Typst string ends at its last character: no quotation mark inside closes it early."""
    made = typst.quote(text)
    assert re.fullmatch(r'"(?:[^"\\]|\\["\\])*"', made)
    assert "\n" not in made


@given(unicode_texts)
@settings(max_examples=60, deadline=None)
def test_markdown_escape_is_one_safe_line(text: str) -> None:
    """One line, no character of HTML or maths without its backslash, no control character."""
    made = escape_markdown(text)
    rest = re.sub(r"\\.", "", made)
    assert not set(rest) & set("\\`*_[]#|$~<>") - set("[]"), made
    assert all(c.isprintable() for c in made)
