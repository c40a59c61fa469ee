"""Paper: the source of one document with the exams, or the solutions, of many versions. It typesets nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from textwrap import shorten

from symconv.document import Rest
from symconv.errors import OutputError
from symconv.notation import Notation
from symconv.page import Page, Paper
from symconv.render import page_of, render_steps
from symconv.sheets.exam import Derive, derived, mark_of, number_text, points_text, view
from symconv.sheets.given import History, given_blocks
from symconv.sheets.sheet import Cover, Part, Question, Version
from symconv.sheets.spaces import Widths
from symconv.solution import Solution
from symconv.templating.environment import environment
from symconv.typeset.formats import FORMATS, Format
from symconv.typeset.printer import Printer
from symconv.typeset.spoken import SPOKEN

Body = Callable[[Solution, str, Rest | None], str]  # the steps, in a form; all of them, or what is left to show
FORMS = ("tex", "typ")
NORMAL, LARGE = 11, 18  # points
MARGINS = {NORMAL: 22, LARGE: 18}  # mm
CODE = 26.0  # mm: of a running head, kept for the version
SMALL_LETTER = 1.72  # mm: its letters
IN_A_ROW = {NORMAL: 10, LARGE: 6}  # questions in one line of the table of points, at most


@dataclass(frozen=True)
class Style:
    """How exams are printed: size 11 or 18 (large print), blank pages for duplex, tagged, a page for the cover."""

    size: int = NORMAL
    blank_pages: bool = False
    accessible: bool = False
    cover_page: bool = False

    def __post_init__(self) -> None:
        if self.size not in MARGINS:
            raise OutputError(f"the type size is {self.size}; choose {NORMAL}, or {LARGE} for large print")

    def paper(self, cover: Cover) -> Paper:
        """The paper of an exam in this style."""
        return Paper(cover.paper, self.size, MARGINS[self.size])


def exam_source(
    versions: Sequence[Version],
    cover: Cover,
    style: Style,
    form: str,
    *,
    widths: Widths | None = None,
    pages: Mapping[str, int] | int | None = None,
    derive: Derive = derived,
) -> str:
    r"""One document with the exams of all versions, one after the other.

    `widths` are the digits of the widest entry of each quantity over all versions (`exam.digits`, `exam.widest`);
    without it a version's own numbers decide. `pages` is how many pages a version has, by its code or the same for
    all. Raises OutputError for an unknown form.

    >>> exam_source([], Cover("Quiz"), Style(), "tex").splitlines()[-1]
    '\\end{document}'
    """
    markup = _format(form)
    paper = style.paper(cover)
    count = pages if isinstance(pages, Mapping) else {version.code: pages for version in versions}
    views = [
        view(version, markup, paper, widths or {}, str(count.get(version.code) or ""), derive) for version in versions
    ]
    return _render("exam", markup, cover, style, paper, versions=views, title=_title(cover, versions))


def solutions_source(
    versions: Sequence[Version],
    solutions: Sequence[Sequence[Solution]],
    cover: Cover,
    style: Style,
    form: str,
    *,
    body: Body | None = None,
) -> str:
    """One document with the worked solutions of all versions, in the form "tex", "typ" or "md".

    `solutions` has for each version the solution of each part, in the order of the paper; `body` gives the steps of
    one in the form asked for (as the template `steps` does). What parts of a question share is shown once.
    """
    markup = FORMATS[form] if form == "md" else _format(form)
    paper = Paper(cover.paper)
    steps = body or _steps
    made = []
    for version, solved in zip(versions, solutions, strict=True):
        parts = iter(solved)
        claims = sum(solution.claims for solution in solved)
        bodies = {
            (question.name, part.letter): steps(solution, form, rest)
            for question in version.questions
            for part, solution, rest in _shown_once(question, parts, markup)
        }
        made.append({"version": version, "mark": mark_of(version.code), "bodies": bodies, "claims": claims})
    return _render("solutions", markup, cover, style, paper, versions=made, title=_title(cover, versions))


def _shown_once(
    question: Question, solutions: Iterator[Solution], form: Format
) -> Iterator[tuple[Part, Solution, Rest | None]]:
    """Each part with its solution and what is left to show of it after earlier ones; None for all that it has."""
    history = History()
    for part, solution in zip(question.parts, solutions, strict=False):
        rest = None
        if len(question.parts) > 1:
            page = page_of(solution.derivation, solution.problem.notation, form)
            rest = history.rest(page, part, solution.derivation)
            if rest == Rest(given_blocks(solution.derivation)):
                rest = None
        yield part, solution, rest


def _format(form: str) -> Format:
    if form not in FORMS:
        raise OutputError(f"the form of a sheet is {form!r}; it can be {' or '.join(FORMS)}")
    return FORMATS[form]


def _title(cover: Cover, versions: Sequence[Version]) -> str:
    """The title of the PDF: with the code where there is one version only, as in the accessible edition."""
    return f"{cover.title} ({versions[0].code})" if len(versions) == 1 else cover.title


def _render(name: str, form: Format, cover: Cover, style: Style, paper: Paper, **values: object) -> str:
    page = Page(form, Printer(form.markup, {}, Notation()), Printer(SPOKEN, {}, Notation()), paper)
    return (
        environment()
        .get_template(f"{form.folder}/{name}.{form.name}")
        .render(
            page=page,
            cover=cover,
            style=style,
            paragraphs=paragraphs,
            points=lambda points: points_text(points, cover.decimals),
            number=lambda points: number_text(points, cover.decimals),
            choices=choices_text,
            running=partial(_running, paper),
            in_a_row=lambda count: ceil(count / ceil(count / IN_A_ROW[style.size])),
            **values,
        )
    )


def _running(paper: Paper, text: str, end: str = "") -> str:
    """What of a text, and of `end` behind it, fits one line beside the version's code."""
    room = int((paper.width - paper.scaled(CODE)) / paper.scaled(SMALL_LETTER)) - len(end)
    words = " ".join(text.split())
    if len(words) > room:
        words = (shorten(words[:room], room - 2, placeholder="") or words[: room - 2]) + " …"
    return words + end


def choices_text(part: Part) -> Iterator[tuple[str, str]]:
    """The letter of each choice, and where its answer comes from."""
    for number, choice in enumerate(part.choices):
        yield chr(ord("A") + number), choice.misconception.replace("_", " ") or "the right answer"


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text: what blank lines part."""
    return [part for part in text.split("\n\n") if part.strip()]


def _steps(solution: Solution, form: str, rest: Rest | None) -> str:
    derivation = solution.derivation if rest is None else solution.derivation.only(rest)
    return render_steps(derivation, page_of(derivation, solution.problem.notation, FORMATS[form]))
