"""Renders by templates: solutions, reports on hand calculations, worksheets."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from symconv.document import Derivation
from symconv.errors import SymconvError
from symconv.expression import Expression
from symconv.notation import Notation
from symconv.page import Page, Paper
from symconv.solution import Solution
from symconv.templating.environment import environment
from symconv.templating.trace import origin, traced
from symconv.tensor import Entry
from symconv.typeset.formats import FORMATS, Format
from symconv.typeset.html import HTML
from symconv.typeset.piece import Width
from symconv.typeset.printer import Printer
from symconv.typeset.spoken import SPOKEN
from symconv.typeset.typst import quote

if TYPE_CHECKING:
    from symconv.checking.report import Report
    from symconv.grading.summary import Summary
    from symconv.sheets.sheet import Cover
    from symconv.sheets.worksheet import Exercise


def source_of(solution: Solution, format_name: str, line: int, before: str = "") -> str:
    """The template and line that produced a line of the output, as `latex/document.tex:12`; see `origin`."""
    with traced():
        return origin(render(solution, format_name), line, before)


def render(solution: Solution, format_name: str) -> str:
    """Render a solution as "tex", "typ" or "md"."""
    if format_name not in FORMATS:
        raise SymconvError(f"the format {format_name!r} is unknown; known are pdf, {', '.join(FORMATS)}, json")
    return _render(solution, FORMATS[format_name])


def reports(made: Sequence[Report], title: str, summary: str, format_name: str) -> str:
    """Render reports on hand calculations as one document: "html", "md", "tex" or "typ"."""
    is_html = format_name == "html"
    folder = "html" if is_html else FORMATS[format_name].folder
    text = html.escape if is_html else FORMATS[format_name].escape
    markup = HTML if is_html else FORMATS[format_name].markup

    def cell(entry: Entry, decimals: str) -> str:
        """An entry of a matrix as maths; the letter of a choice, and what is said of a number, are words."""
        if isinstance(entry, str):
            words = signed(entry)
            words = words if _PLAIN.fullmatch(words) else text(words)  # Markdown takes no backslash within maths
            return rf"\text{{{words}}}" if format_name in ("tex", "md") else words
        notation = Notation(decimals=decimals)
        made, spoken = (Printer(one, {}, notation).entry(entry).text for one in (markup, SPOKEN))
        return FORMATS["typ"].inline(made, spoken) if format_name == "typ" else made

    template = environment().get_template(f"{folder}/report.{format_name}")
    return template.render(
        reports=made, title=title, summary=summary, text=text, quote=quote, cell=cell, said=lambda s: text(signed(s))
    )


_PLAIN = re.compile("[A-Za-z0-9 .()/+\N{MINUS SIGN}]*")
_SIGN = re.compile(r"(?<![^\s(\[,;=:/])-(?=[\w(])|(?<=\s)-(?=\s)")


def signed(sentence: str) -> str:
    r"""A sentence of ours with the signs of print: a minus where a hyphen stands for one, a dot for a product.

    >>> signed("it is -5/2, not a - 2*b**2: row-major").replace("\N{MINUS SIGN}", "minus ")
    'it is minus 5/2, not a minus  2·b^2: row-major'
    """
    return _SIGN.sub("\N{MINUS SIGN}", sentence).replace("**", "^").replace("*", "·")


def summary_page(summary: Summary, title: str) -> str:
    """Render what an instructor sees of a class, as HTML."""
    template = environment().get_template("html/summary.html")
    return template.render(summary=summary, title=title, text=html.escape)


def worksheet(exercises: Sequence[Exercise], cover: Cover, code: str, format_name: str) -> str:
    """Render solutions with blanks as one document, with the answers on its last page."""
    form = FORMATS[format_name]
    shown = []
    for number, exercise in enumerate(exercises, 1):
        derivation, notation = exercise.derivation, exercise.solution.problem.notation
        page = page_of(derivation, notation, form)
        right = page_of(exercise.solution.derivation, notation, form)
        answers = [(answer.number, right.equality(answer.what, answer.value)) for answer in exercise.answers]
        paragraphs = [part for part in derivation.text.split("\n\n") if part.strip()]
        shown.append(
            {"page": page, "derivation": derivation, "answers": answers, "number": number, "title": derivation.title}
            | {"paragraphs": paragraphs, "right": exercise.right}
            | {"choices": [(letter, [_typed(page, one) for one in values]) for letter, values in exercise.choices]}
        )
    template = environment().get_template(f"{form.folder}/worksheet.{form.name}")
    sheet = Page(form, Printer(form.markup, {}, Notation()), Printer(SPOKEN, {}, Notation()))
    return template.render(exercises=shown, cover=cover, code=code, sheet=sheet, page=sheet, title=cover.title)


def _typed(page: Page, expression: Expression) -> str:
    """An expression inside a line of text."""
    return page.inline(page.printer(expression), page.spoken(expression))


def _render(solution: Solution, form: Format) -> str:
    derivation = solution.derivation
    template = environment().get_template(f"{form.folder}/document.{form.name}")
    paragraphs = [part for part in derivation.text.split("\n\n") if part.strip()]
    page = page_of(derivation, solution.problem.notation, form)
    return template.render(
        page=page, title=derivation.title, derivation=derivation, paragraphs=paragraphs, claims=solution.claims
    )


def page_of(
    derivation: Derivation,
    notation: Notation,
    form: Format,
    widths: Mapping[str, Width] | None = None,
    kind: type[Page] = Page,
    paper: Paper | None = None,
) -> Page:
    """What the templates of a format ask about a derivation; with `widths` the layout knows no number."""
    maths, words = (Printer(markup, derivation.quantities, notation, widths) for markup in (form.markup, SPOKEN))
    return kind(form, maths, words, paper)


def render_steps(derivation: Derivation, page: Page) -> str:
    """The steps alone, without title and document around them."""
    template = environment().get_template(f"{page.form.folder}/steps.{page.form.name}")
    return template.render(page=page, derivation=derivation)
