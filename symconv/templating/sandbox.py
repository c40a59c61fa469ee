"""The sandbox in which a person's own templates run: loops end, texts stay small, files are out of reach."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache, wraps
from traceback import walk_tb
from typing import Any

from jinja2 import FunctionLoader, StrictUndefined, Template, TemplateNotFound, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError
from jinja2.ext import Extension
from jinja2.sandbox import ImmutableSandboxedEnvironment

from symconv.errors import OutputError, SymconvError
from symconv.program import templates
from symconv.templating.own import Templates

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
MOST_ROUNDS = 5_000_000  # of all loops of a document, and calls; a usual chunk of exams takes some ten thousand
CALL = 10  # rounds: calling a macro takes longer than going through a loop
MOST_TEXT = 20_000_000  # characters of one value
_WIDE = re.compile(r"\d{7}|%[^%a-zA-Z]*\*")  # a width in the text of a format
SAFE = (  # whose attributes a template may ask for: neither SymPy, which evaluates text, nor NumPy, which writes files
    "builtins", "datetime", "decimal", "fractions", "jinja2", "symconv.document", "symconv.expression",
    "symconv.notation", "symconv.page", "symconv.replay.frame", "symconv.sheets.exam", "symconv.sheets.paper",
    "symconv.sheets.sheet", "symconv.sheets.spaces", "symconv.sheets.worksheet", "symconv.tensor",
    "symconv.typeset",
)  # fmt: skip


@lru_cache(maxsize=4)
def own_environment(own: Templates, extensions: tuple[type[Extension], ...] = ()) -> Sandbox:
    """The sandbox for a person's templates over ours; those under symconv/ are always ours."""
    theirs = dict(own)

    def load(name: str) -> tuple[str, str, None] | None:
        if name in theirs:
            return theirs[name], name, None
        path = templates() / name.removeprefix("symconv/")
        inside = path.resolve().is_relative_to(templates().resolve())
        return (path.read_text(encoding="utf-8"), name, None) if inside and path.is_file() else None

    made = Sandbox(loader=FunctionLoader(load), undefined=StrictUndefined, extensions=extensions, **SYNTAX)
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
