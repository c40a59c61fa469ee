"""The templates: every format can show every block, and none of them knows an operation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from jinja2 import StrictUndefined, UndefinedError, nodes

from symconv import document, program
from symconv.operations import OPERATIONS
from symconv.program import templates
from symconv.sheets.paper import FORMS
from symconv.templating.environment import environment, our_environment
from symconv.typeset.formats import FORMATS

KINDS = sorted(block.kind for block in get_args(document.Block))
FILES = sorted(path.relative_to(templates()).as_posix() for path in templates().rglob("*") if path.is_file())


def source(name: str) -> str:
    """The text of a template."""
    return (templates() / name).read_text(encoding="utf-8")


def test_block_kinds_are_different_names() -> None:
    """Each block class names its own macro, and every class of the document with a kind is known here."""
    assert len(set(KINDS)) == len(KINDS) == 10
    with_kind = {value.kind for value in vars(document).values() if isinstance(value, type) and hasattr(value, "kind")}
    assert with_kind == set(KINDS)


@pytest.mark.parametrize("form", sorted(FORMATS))
@pytest.mark.parametrize("kind", KINDS)
def test_every_block_has_a_macro(form: str, kind: str) -> None:
    """Each format has a macro of one argument for each kind of block."""
    tree = environment().parse(source(f"{FORMATS[form].folder}/blocks.{form}"))
    macros = {macro.name: macro for macro in tree.find_all(nodes.Macro)}
    assert kind in macros
    assert len(macros[kind].args) == 1


def test_every_folder_is_a_format() -> None:
    """A format is a folder with a document and its parts, nothing else, and no folder is left without a format."""
    parts = ("blocks", "document", "head", "report", "solution", "steps", "worksheet")
    expected = [f"{form.folder}/{part}.{form.name}" for form in FORMATS.values() for part in parts]
    expected += ["html/report.html", "html/summary.html"]
    sheets = ("exam", "exam_boxes", "exam_head", "exam_question", "solutions")
    expected += [f"{FORMATS[form].folder}/{part}.{form}" for form in FORMS for part in sheets]
    assert sorted([*expected, "markdown/solutions.md"]) == FILES


def test_one_set_of_delimiters() -> None:
    """All formats share one environment, whose delimiters mean nothing in LaTeX, Typst or Markdown."""
    made = environment()
    assert (made.block_start_string, made.block_end_string) == ("<%", "%>")
    assert (made.variable_start_string, made.variable_end_string) == ("<%=", "%>")
    assert (made.comment_start_string, made.comment_end_string) == ("<#", "#>")
    assert environment() is made
    traced = our_environment(True)
    for name in ("block_start_string", "variable_start_string", "comment_start_string", "trim_blocks", "lstrip_blocks"):
        assert getattr(traced, name) == getattr(made, name)


@pytest.mark.parametrize("name", FILES)
def test_no_other_delimiters(name: str) -> None:
    """No template has the delimiters that Jinja starts with: they would stand on the page."""
    assert not re.search(r"\{\{[^{}]*\}\}(?!\})|\{%[^\n]*%\}", re.sub(r"\\begin\{.*|@\{\{.*", "", source(name)))


def test_undefined_names_are_errors() -> None:
    """A slip in a template stops the rendering instead of leaving a gap."""
    for traced in (False, True):
        assert our_environment(traced).undefined is StrictUndefined
        with pytest.raises(UndefinedError, match="nosuch"):
            our_environment(traced).from_string("<%= nosuch %>").render()


@pytest.mark.parametrize("name", FILES)
def test_templates_know_no_operation(name: str) -> None:
    """Nothing in a template names an operation, a step or a quantity: a new operation needs no template."""
    words = source(name).lower()
    for operation in OPERATIONS:
        assert operation.name not in words
        assert operation.name.replace("_", " ") not in words
        assert operation.name.replace("_", "-") not in words
    for word in ("kernel", "toeplitz", "stride", "dilation", "transposed"):
        assert word not in words


@pytest.mark.parametrize("name", FILES)
def test_text_passes_a_filter(name: str) -> None:
    """Nothing that a person typed is printed without being escaped."""
    tree = environment().parse(source(name))
    for output in tree.find_all(nodes.Output):
        for printed in output.nodes:
            if isinstance(printed, nodes.Getattr):
                assert printed.attr not in ("title", "text", "course", "date", "code", "instructions")
                assert (getattr(printed.node, "name", ""), printed.attr) not in {
                    ("derivation", "title"),
                    ("derivation", "subject"),
                    ("derivation", "text"),
                    ("step", "title"),
                }
            if isinstance(printed, nodes.Name):
                assert printed.name not in ("paragraph", "word", "words")


def test_templates_are_inside_the_package_when_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package has its templates inside, a checkout beside it; the one inside wins."""
    package = tmp_path / "symconv"
    package.mkdir()
    monkeypatch.setattr(program, "__file__", str(package / "program.py"))
    assert templates() == tmp_path / "templates"
    (package / "templates").mkdir()
    assert templates() == package / "templates"
