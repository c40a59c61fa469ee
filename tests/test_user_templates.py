"""`--templates`: a person's templates come before ours, run in a sandbox, and fail in one line."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from test_sheet_command import files

from symconv import pdf
from symconv.cli import main
from symconv.errors import OutputError
from symconv.program import templates
from symconv.sheets.edition import Order
from symconv.sheets.paper import Style
from symconv.templating.environment import environment, overridden
from symconv.templating.own import read_templates
from symconv.templating.sandbox import MOST_ROUNDS, own_environment

SHEET = """
title = "Quiz"
versions = 2
[[questions]]
operation = "cross_correlation"
input = {shape = [3], low = 0, high = 9}
kernel = {shape = [2], low = -3, high = 4}
points = 1
"""
OURS = '<% extends "symconv/latex/exam.tex" %>\n'


@pytest.fixture
def made(tmp_path, capsys):
    """Makes a sheet with templates by their names: the status, what is said, the folder of the output."""
    (tmp_path / "quiz.toml").write_text(SHEET)

    def run(own: dict[str, str], *words: str) -> tuple[int, str, Path]:
        for name, text in own.items():
            (tmp_path / "own" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "own" / name).write_text(text)
        common = ["sheet", str(tmp_path / "quiz.toml"), "--jobs", "1", "--templates", str(tmp_path / "own")]
        status = main([*common, "-o", str(tmp_path / "out"), *(words or ("--to", "tex,typ"))])
        return status, capsys.readouterr().err, tmp_path / "out"

    return run


def test_a_block_is_changed_and_the_rest_is_ours(made, tmp_path):
    """A template that extends ours adds to the cover; without the added line the bytes are ours."""
    added = "{\\Large University of Somewhere\\par}\n"
    own = {"latex/exam.tex": f"{OURS}<% block cover scoped %>\n{added}<%= super() -%>\n<% endblock %>"}
    assert made(own)[0] == 0
    assert main(["sheet", str(tmp_path / "quiz.toml"), "-o", str(tmp_path / "ours"), "--to", "tex,typ"]) == 0
    for path in (tmp_path / "ours").glob("*.t*"):
        text = (tmp_path / "out" / path.name).read_text()
        assert (added in text) == (path.name.startswith("exam-") and path.suffix == ".tex")
        assert text.replace(added, "") == path.read_text()


@pytest.mark.parametrize(("form", "engine"), [("typst", "typst"), pytest.param("latex", "tex", marks=pytest.mark.tex)])
def test_the_footer_reaches_the_page(made, reader, form, engine):
    """A block of a template that ours include is changed too, in exams and solutions, and is printed on each page."""
    suffix = {"latex": "tex", "typst": "typ"}[form]
    footer = {"latex": "\\hbox to\\textwidth{Own footer\\hfil}", "typst": "[Own footer]"}[form]
    extended = f'<% extends "symconv/{form}/exam_head.{suffix}" %><% block footer %>{footer}<% endblock %>'
    status, error, out = made({f"{form}/exam_head.{suffix}": extended}, "--engine", engine, "--versions", "1")
    assert (status, error) == (0, "")
    for path in (*out.glob("exam-*.pdf"), *out.glob("solutions-*.pdf")):
        pages = reader.text(path.read_bytes()).split("\f")[:-1]
        assert all("Own footer" in page for page in pages)


def test_one_process_and_two_give_the_same_bytes(made, tmp_path):
    """The text of the templates travels to the processes that do the work."""
    own = {"latex/exam.tex": OURS + "<% block close %>\nGood luck!\n<% endblock %>"}
    made(own)
    made(own, "--to", "tex,typ", "--jobs", "2", "-o", str(tmp_path / "two"))
    assert files(tmp_path / "two") == files(tmp_path / "out")
    assert sum("Good luck!" in path.read_text() for path in (tmp_path / "two").iterdir()) == 2


def test_templates_decide_the_order():
    """An order with other templates is another one: what was finished for it is made anew."""
    one, two = (Order(SHEET, Style(), templates=(("latex/exam.tex", text),)) for text in ("one", "two"))
    assert json.dumps(asdict(one)) != json.dumps(asdict(two))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\n<% for %>", "template latex/exam.tex, line 2: Expected an expression"),
        ("<%= 'a' | nosuch %>", "template latex/exam.tex, line 1: No filter named 'nosuch'"),
        ("a\n<%= nosuch %>", "template latex/exam.tex, line 2: 'nosuch' is undefined"),
        (f"{OURS}<% block cover %>\n<%= cover.nosuch %><% endblock %>", "template latex/exam.tex, line 3: 'symconv"),
        ("<% include 'latex/nosuch.tex' %>", "line 1: there is no template latex/nosuch.tex; ours are named as"),
        ("<% include 'symconv/../pyproject.toml' %>", "line 1: there is no template symconv/../pyproject.toml"),
        ("<% extends 'latex/exam.tex' %>", "each other without end; to extend ours, write symconv/ before its name"),
        ("<%= 1 / 0 %>", "line 1: division by zero"),
    ],
)
def test_a_template_that_fails_is_one_line(made, text, said):
    """The template and the line in it are named; nothing is written."""
    status, error, out = made({"latex/exam.tex": text})
    assert status == 2
    assert said in error
    assert error.count("\n") == 1
    assert not out.exists()


@pytest.mark.tex
@pytest.mark.usefixtures("pdflatex")
def test_a_page_without_marks(made):
    """Versions are cut apart at their marks: a page that is all somebody's own is told how to make them."""
    own = "\\documentclass{article}\n\\begin{document}\nAll our own.\n\\end{document}"
    status, error, out = made({"latex/exam.tex": own}, "--engine", "tex")
    assert status == 2
    assert "where its versions begin; a template for all of a page marks each version with version.mark" in error
    assert error.count("\n") == 1
    assert not out.exists()


FRAME = '<% extends "symconv/{}" %>\n<% block {} %>\n{}\n<% endblock %>'
PREAMBLE, CLOSE = "preamble", "close scoped"
TEX = pytest.mark.tex


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        pytest.param(
            "latex/exam.tex",
            FRAME.format("latex/exam.tex", CLOSE, r"Good luck! \nosuch{} <%= page.text(cover.title) %>"),
            r"question 1: pdflatex stopped: Undefined control sequence \nosuch. (line ",
            marks=TEX,
        ),
        pytest.param(
            "latex/exam.tex",
            FRAME.format("latex/exam.tex", PREAMBLE, r"\input{nosuchfile}"),
            "before the first version: pdflatex stopped: File `nosuchfile.tex' not found. (line ",
            marks=TEX,
        ),
        pytest.param(
            "latex/exam.tex",
            FRAME.format("latex/exam.tex", PREAMBLE, r"\usepackage{nosuchpackage}"),
            "before the first version: pdflatex stopped: File `nosuchpackage.sty' not found. (line ",
            marks=TEX,
        ),
        pytest.param(
            "latex/solutions.tex",
            FRAME.format("latex/solutions.tex", PREAMBLE, r"\definecolor{accent}{nosuch}{0}"),
            "before the first version: pdflatex stopped: ",
            marks=TEX,
        ),
        (
            "typst/exam.typ",
            FRAME.format("typst/exam.typ", CLOSE, "#emph[Good luck!] #nosuch[<%= page.text(cover.title) %>]"),
            "question 1: typst stopped: unknown variable: nosuch (line ",
        ),
        (
            "typst/exam.typ",
            FRAME.format("typst/exam.typ", PREAMBLE, '#include "nosuch.typ"'),
            "before the first version: typst stopped: file not found (searched at nosuch.typ) (line ",
        ),
        (
            "typst/solutions.typ",
            FRAME.format("typst/solutions.typ", PREAMBLE, "#while true {}"),
            "before the first version: typst stopped: condition is always true (line ",
        ),
    ],
)
def test_an_engine_names_the_template_and_its_line(made, request, name, text, said):
    """What the engine stops at is found again in the person's own template: the third line of it."""
    engine = "typst"
    if name.startswith("latex"):
        engine = request.getfixturevalue("pdflatex") and "tex"
    status, error, out = made({name: text}, "--engine", engine)
    assert status == 2
    assert said in error
    assert error.endswith(f", from {name}:3)\n")
    assert error.count("\n") == 1
    assert not out.exists()


@pytest.mark.parametrize(
    ("form", "plain", "wrong"),
    [
        pytest.param("tex", r"\par <%= page.prose(block) %>", r"\par \nosuch <%= page.prose(block) %>", marks=TEX),
        ("typ", "<% macro windows(block) %>", "<% macro windows(block) %>#nosuch"),
    ],
)
def test_an_error_inside_a_step(made, request, form, plain, wrong):
    """A macro that many steps call is named, not the place that calls it, although later versions replay its text."""
    folder, engine = {"tex": ("latex", "tex"), "typ": ("typst", "typst")}[form]
    if form == "tex":
        request.getfixturevalue("pdflatex")
    lines = (templates() / folder / f"blocks.{form}").read_text().split("\n")
    at = lines.index(plain)
    lines[at] = wrong
    status, error, out = made({f"{folder}/blocks.{form}": "\n".join(lines)}, "--engine", engine)
    assert status == 2
    assert error.endswith(f", from {folder}/blocks.{form}:{at + 1})\n")
    assert not out.exists()


@pytest.mark.tex
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (r"\documentclass{article}\begin{document}\end{document}", "the document has no page"),
        (r"\documentclass{article}\begin{document}x", r"the document has no \end{document}"),
        (
            FRAME.format("latex/exam.tex", CLOSE, r"\loop\iftrue\repeat"),
            "pdflatex did not finish in 3 seconds; use --engine typst",
        ),
    ],
)
def test_a_template_that_gives_no_pdf(made, monkeypatch, pdflatex, text, said):
    """No page, no end of the document, no end of the run: each is one line, and nothing is written."""
    if "loop" in text:
        monkeypatch.setattr(pdf, "SECONDS", 1)
    status, error, out = made({"latex/exam.tex": text}, "--engine", pdflatex and "tex")
    assert status == 2
    assert error.startswith("error: with your templates: ")
    assert error.endswith(f"{said}\n")
    assert error.count("\n") == 1
    assert not out.exists()


@pytest.mark.parametrize(
    "text",
    [
        "<%= ''.__class__.__mro__ %>",
        "<%= '' | attr('__class__') %>",
        "<%= '{0.__class__}'.format('') %>",
        "<%= paragraphs.__globals__ %>",
        "<%= versions[0].version.sections[0].questions[0].parts[0].problem.operation.oracle %>",
        "<%= versions.append(1) %>",
    ],
)
def test_what_a_template_may_not_ask_for(made, text):
    """Neither Python's inside, nor the operations behind a problem, nor a change of the data is in reach."""
    status, error, out = made({"latex/exam.tex": text})
    assert status == 2
    assert error.endswith("is unsafe.\n")
    assert not out.exists()


@pytest.mark.parametrize(
    "text",
    [
        "<% for a in range(99999) %><% for b in range(99999) %><% endfor %><% endfor %>",
        "<% macro m(n) %><% if n %><%= m(n - 1) %><%= m(n - 1) %><% endif %><% endmacro %><%= m(90) %>",
        "<% set n = namespace(x='aa') %><% for a in range(60) %><% set n.x = n.x ~ n.x %><% endfor %>",
        "<% set n = namespace(x='aa') %><% for a in range(60) %><% set n.x = n.x + n.x %><% endfor %>",
        "<% set n = namespace(x='aa') %><% for a in range(60) %><% set y %><%= n.x %><%= n.x %><% endset %>"
        "<% set n.x = y %><% endfor %>",
        "<%= 'a' * 10000000000 %>",
        "<%= 9 ** 9 ** 9 ** 9 %>",
        "<%= 'a' | center(10000000000) %>",
        "<%= 'a'.ljust(10000000000) %>",
        "<%= '%9999999999d' % 1 %>",
        "<%= '%*d' | format(9999999999, 1) %>",
        "<%= '{:9999999999}'.format(1) %>",
        "<%= range(10000000000) | list %>",
    ],
)
def test_what_would_never_end_is_stopped(text):
    """Loops, recursion and growing texts have limits, the same on every machine."""
    own = (("latex/long.tex", text),)
    with overridden(own), pytest.raises(OutputError, match=r"^template latex/long.tex, line 1: "):
        environment().get_template("latex/long.tex").render()
    assert own_environment(own).rounds < 2 * MOST_ROUNDS


def test_ours_are_back_after_the_block():
    """Templates of a person hold in their block only."""
    before = environment()
    with overridden((("latex/exam.tex", "<%= 1 / 0 %>"),)), pytest.raises(OutputError):
        environment().get_template("latex/exam.tex").render()
    assert environment() is before


def test_boxes_must_stay(made):
    """A cover without its boxes is noticed before anything is written."""
    typst = (
        '<% extends "symconv/typst/exam.typ" %><% block cover scoped %>= No boxes <<%= version.mark %>>\n<% endblock %>'
    )
    status, error, out = made({"typst/exam.typ": typst}, "--engine", "typst")
    assert status == 2
    assert error.startswith("error: with your templates: ")
    assert "answer boxes" in error
    assert not out.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "which is no folder"),
        ({}, "which is no folder"),
        ({"latex/other.tex": b"x"}, "has no template with a name of ours, such as latex/exam.tex or typst/exam.typ"),
        ({"latex/exam.tex": b"\xff"}, "exam.tex: byte 0 is not UTF-8"),
        ({"latex/exam.tex": b"x" * 1_000_001}, "has 1,000,001 bytes; a template has at most 1,000,000"),
    ],
)
def test_a_folder_that_cannot_be_used(tmp_path, made, content, said):
    """A missing, empty or unreadable folder is told in one line."""
    if content is None:
        (tmp_path / "own").write_text("a file")
    for name, text in (content or {}).items():
        (tmp_path / "own" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "own" / name).write_bytes(text)
    status, error, out = made({})
    assert (status, error.count("\n")) == (2, 1)
    assert said in error
    assert not out.exists()


def test_templates_of_another_engine(made):
    """Templates for TeX change nothing of what Typst makes: that is said."""
    status, error, out = made({"latex/exam.tex": OURS}, "--engine", "typst")
    assert (status, error.count("\n")) == (2, 1)
    assert "your templates are those of latex, but this run is made from those of typst; nothing would change" in error
    assert not out.exists()


def test_a_block_that_goes_nowhere(made):
    """A misspelt block is named with those there are; a block within a block is printed, so it may have any name."""
    status, error, _ = made({"latex/exam.tex": OURS + "<% block covr %>Hello<% endblock %>"})
    assert status == 2
    said = "latex/exam.tex, line 2: the block covr would not be printed; symconv/latex/exam.tex has preamble, cover"
    assert said in error
    inside = OURS + "<% block close %><% block own %>Good luck!<% endblock %><% endblock %>"
    assert made({"latex/exam.tex": inside})[0] == 0


def test_names_are_those_of_our_folders():
    """A folder is read as ours is: by subfolder and file name, whatever else lies in it."""
    names = [name for name, _ in read_templates(templates())]
    assert {"latex/exam.tex", "typst/exam.typ", "markdown/worksheet.md"} <= set(names)
    assert not any(name.startswith("html") for name in names)
