"""Renders a verified solution by templates; the only module that imports Jinja."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, wraps
from pathlib import Path
from traceback import walk_tb
from typing import TYPE_CHECKING, Any

from jinja2 import (
    Environment,
    FileSystemBytecodeCache,
    FileSystemLoader,
    FunctionLoader,
    StrictUndefined,
    Template,
    TemplateNotFound,
    TemplateSyntaxError,
    nodes,
)
from jinja2.exceptions import SecurityError
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.sandbox import ImmutableSandboxedEnvironment

from symconv.document import Derivation
from symconv.errors import OutputError, SymconvError
from symconv.notation import Notation
from symconv.own_templates import Templates
from symconv.page import Page, Paper
from symconv.program import templates
from symconv.solution import Solution
from symconv.typeset.formats import FORMATS, Format
from symconv.typeset.piece import Width
from symconv.typeset.printer import Printer
from symconv.typeset.spoken import SPOKEN
from symconv.typeset.typst import quote

if TYPE_CHECKING:
    from symconv.grade import Summary
    from symconv.report import Report
    from symconv.sheet import Cover
    from symconv.worksheet import Exercise

MARK = "\ue000"  # a private character that no problem file can bring into a template


def bytecode_cache() -> FileSystemBytecodeCache | None:
    """Compiled templates in the user's cache folder: compiling them takes as long as importing NumPy."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    try:
        folder = home / "symconv"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return None
    return FileSystemBytecodeCache(str(folder)) if os.access(folder, os.W_OK) else None


SYNTAX: dict[str, Any] = {
    "block_start_string": "<%",
    "block_end_string": "%>",
    "variable_start_string": "<%=",
    "variable_end_string": "%>",
    "comment_start_string": "<#",
    "comment_end_string": "#>",
    "trim_blocks": True,
    "lstrip_blocks": True,
    "keep_trailing_newline": True,
}
_own: ContextVar[Templates] = ContextVar("own templates", default=())


def environment(traced: bool = False) -> Environment:
    """One environment for all formats; its delimiters are harmless in every one of them."""
    return own_environment(_own.get()) if _own.get() else our_environment(traced)


@lru_cache
def our_environment(traced: bool) -> Environment:
    """The environment of our templates alone."""
    return Environment(  # noqa: S701  # every format escapes for itself, by the filter `text`
        loader=FileSystemLoader(templates()),
        undefined=StrictUndefined,
        extensions=[Trace] if traced else [],
        **SYNTAX,
        bytecode_cache=None if traced else bytecode_cache(),
    )


class Trace(Extension):
    """Marks every line of template text with where it stands, for error messages of the PDF engines."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Put a mark before each line of data."""
        for token in stream:
            if token.type != "data":
                yield token
                continue
            lines = token.value.split("\n")
            marked = [f"{MARK}{stream.name}:{token.lineno + n}{MARK}{line}" for n, line in enumerate(lines)]
            yield Token(token.lineno, "data", "\n".join(marked))


@contextmanager
def overridden(own: Templates) -> Iterator[None]:
    """Inside the block, the templates of a person come before ours, in a sandbox; none means ours alone.

    Rendering then raises OutputError, which names the template and the line.
    """
    token = _own.set(own)
    try:
        yield
    finally:
        _own.reset(token)


def check_templates(own: Templates) -> None:
    """Raise OutputError for the first of a person's templates that Jinja cannot read."""
    made = own_environment(own)
    for name, _ in own:
        try:
            made.get_template(name)
        except TemplateSyntaxError as error:
            raise OutputError(explained(error)) from None


MOST_ROUNDS = 5_000_000  # of all loops of a document, and calls; a usual chunk of exams takes some ten thousand
CALL = 10  # rounds: calling a macro takes longer than going through a loop
MOST_TEXT = 20_000_000  # characters of one value
_WIDE = re.compile(r"\d{7}|%[^%a-zA-Z]*\*")  # a width in the text of a format
SAFE = (  # whose attributes a template may ask for: neither SymPy, which evaluates text, nor NumPy, which writes files
    "builtins", "datetime", "decimal", "fractions", "jinja2", "symconv.document", "symconv.exam", "symconv.expression",
    "symconv.frame", "symconv.notation", "symconv.page", "symconv.paper", "symconv.sheet", "symconv.spaces",
    "symconv.tensor", "symconv.typeset", "symconv.worksheet",
)  # fmt: skip


@lru_cache(maxsize=4)
def own_environment(own: Templates) -> Sandbox:
    """The sandbox for a person's templates over ours; those under symconv/ are always ours."""
    theirs = dict(own)

    def load(name: str) -> tuple[str, str, None] | None:
        if name in theirs:
            return theirs[name], name, None
        path = templates() / name.removeprefix("symconv/")
        inside = path.resolve().is_relative_to(templates().resolve())
        return (path.read_text(encoding="utf-8"), name, None) if inside and path.is_file() else None

    made = Sandbox(loader=FunctionLoader(load), undefined=StrictUndefined, **SYNTAX)
    made.filters = {name: made.sized(function) for name, function in made.filters.items()}
    made.filters |= {"_counted": made.counted, "_bounded": made.bounded, "format": made.formatted}
    del made.globals["lipsum"]  # as much text as one likes
    return made


class OwnTemplate(Template):
    """A template whose errors are one line that names the template and its line."""

    def render(self, *values: Any, **named: Any) -> str:
        """Render it. Raises OutputError."""
        sandbox: Any = self.environment
        sandbox.rounds = 0
        try:
            return super().render(*values, **named)
        except SymconvError:
            raise
        except Exception as error:
            raise OutputError(explained(error)) from None


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, in which loops end, texts stay small, and only what is printed can be asked for."""

    template_class = OwnTemplate
    intercepted_binops = frozenset(["+", "*", "**", "%"])
    rounds = 0

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may have an attribute."""
        home = type(obj).__module__
        return any(home == safe or home.startswith(f"{safe}.") for safe in SAFE) and super().is_safe_attribute(
            obj, attr, value
        )

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Add, multiply or raise to a power, unless the result would be huge."""
        sizes = [len(one) if isinstance(one, (str, list, tuple)) else abs(one) for one in (left, right)]
        if (
            (operator == "*" and sizes[0] * sizes[1] > MOST_TEXT)
            or (operator == "**" and max(sizes) > 1000)
            or (operator == "%" and isinstance(left, str) and _WIDE.search(left))
        ):
            raise SecurityError(f"the result of {operator} would be too large")
        return self.bounded(super().call_binop(context, operator, left, right))

    def call(self, context: Any, function: Any, /, *values: Any, **named: Any) -> Any:
        """Call what a template calls; macros that call themselves without end are stopped here."""
        self._count(CALL)
        text = getattr(getattr(function, "__wrapped__", function), "__self__", None)
        if isinstance(text, str) and _WIDE.search(text):
            raise SecurityError("the result would be too large")
        self._refuse_huge(values, named)
        return super().call(context, function, *values, **named)

    def sized(self, function: Any) -> Any:
        """A filter that takes no huge number, such as the width of a line."""

        @wraps(function)
        def checked(*values: Any, **named: Any) -> Any:
            self._refuse_huge(values, named)
            return self.bounded(function(*values, **named))

        return checked

    def formatted(self, pattern: Any, *values: Any) -> Any:
        """The filter `format`."""
        return self.call_binop(None, "%", str(pattern), values)

    def _refuse_huge(self, values: Iterable[Any], named: Mapping[str, Any]) -> None:
        if any(isinstance(value, int) and abs(value) > MOST_TEXT for value in (*values, *named.values())):
            raise SecurityError(f"a number is larger than {MOST_TEXT:,}")

    def counted(self, items: Iterable[Any]) -> Iterator[Any]:
        """The items of a loop; there are only so many in one document."""
        for item in items:
            self._count()
            yield item

    def bounded(self, value: Any) -> Any:
        """The value, unless it is too long a text."""
        if isinstance(value, (str, list, tuple)) and len(value) > MOST_TEXT:
            raise SecurityError(f"a text or list has more than {MOST_TEXT:,} characters")
        return value

    def _count(self, rounds: int = 1) -> None:
        self.rounds += rounds
        if self.rounds > MOST_ROUNDS:
            raise SecurityError(f"its loops and calls take more than {MOST_ROUNDS:,} rounds")

    def _generate(self, source: nodes.Template, *rest: Any, **named: Any) -> str:
        """Jinja's hook before a template becomes code: loops count their rounds, joined texts are bounded."""
        for loop in source.find_all(nodes.For):
            loop.iter = _filtered("_counted", loop.iter)
        for assignment in source.find_all(nodes.Assign):  # where a loop could double a text again and again
            if isinstance(assignment.node, nodes.Concat):
                assignment.node = _filtered("_bounded", assignment.node)
        for block in source.find_all(nodes.AssignBlock):
            block.filter = _filtered("_bounded", block.filter, block)
        return super()._generate(source, *rest, **named)


def _filtered(name: str, node: Any, place: Any = None) -> nodes.Filter:
    at = place or node
    made = nodes.Filter(node, name, [], [], None, None, lineno=at.lineno)
    made.environment = at.environment
    return made


def explained(error: Exception) -> str:
    """What is wrong with a template, and where, in one line."""
    name, line = "", 0
    if isinstance(error, TemplateSyntaxError):
        name, line = error.name or "", error.lineno
    else:
        places = [(frame.f_code.co_filename, number) for frame, number in walk_tb(error.__traceback__)]
        known = [(file, number) for file, number in places if file.endswith((".tex", ".typ", ".md"))]
        name, line = known[-1] if known else ("", 0)
    reason = str(error) or type(error).__name__
    if isinstance(error, TemplateNotFound):
        reason = f"there is no template {error.name}; ours are named as symconv/latex/exam.tex"
    elif isinstance(error, RecursionError):
        reason = "templates or macros call each other without end; to extend ours, write symconv/ before its name"
    elif isinstance(error, MemoryError):
        reason = "it needs more memory than there is"
    return f"template {name or 'of yours'}, line {line}: {' '.join(reason.split())[:200]}"


def source_of(solution: Solution, format_name: str, line: int) -> str:
    """The template and line that produced a line of the output, as `latex/document.tex:12`."""
    text = _render(solution, FORMATS[format_name], traced=True)
    seen = "the template"
    for number, produced in enumerate(text.split("\n"), 1):
        marks = produced.split(MARK)[1::2]
        seen = marks[-1] if marks else seen
        if number == line:
            return seen
    return seen


def render(solution: Solution, format_name: str) -> str:
    """Render a solution as "tex", "typ" or "md"."""
    if format_name not in FORMATS:
        raise SymconvError(f"the format {format_name!r} is unknown; known are pdf, {', '.join(FORMATS)}, json")
    return _render(solution, FORMATS[format_name], traced=False)


def reports(made: Sequence[Report], title: str, summary: str, format_name: str) -> str:
    """Render reports on hand calculations as one document: "html", "md", "tex" or "typ"."""
    folder = "html" if format_name == "html" else FORMATS[format_name].folder
    text = html.escape if format_name == "html" else FORMATS[format_name].escape
    template = environment().get_template(f"{folder}/report.{format_name}")
    return template.render(reports=made, title=title, summary=summary, text=text, quote=quote)


def summary_page(summary: Summary, title: str) -> str:
    """Render what an instructor sees of a class, as HTML."""
    out_of = f"{float(summary.out_of):g}"
    template = environment().get_template("html/summary.html")
    return template.render(summary=summary, title=title, out_of=out_of, text=html.escape)


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
            | {"paragraphs": paragraphs}
        )
    template = environment().get_template(f"{form.folder}/worksheet.{form.name}")
    sheet = Page(form, Printer(form.markup, {}, Notation()), Printer(SPOKEN, {}, Notation()))
    return template.render(exercises=shown, cover=cover, code=code, sheet=sheet, page=sheet, title=cover.title)


def _render(solution: Solution, form: Format, traced: bool) -> str:
    derivation = solution.derivation
    template = environment(traced).get_template(f"{form.folder}/document.{form.name}")
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
