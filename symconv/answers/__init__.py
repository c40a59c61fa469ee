"""Reads what a person handed in, by label, in any form of writing; it refuses to know which problem it belongs to.

No text is ever evaluated: the readers have a small grammar of their own, with limits on everything that can grow.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import PurePath
from typing import Literal

from symconv.answers.document import read_document
from symconv.answers.given import MOST_ANSWERS, MOST_TEXT, Given, Reading, Unread
from symconv.answers.json_work import read_json
from symconv.answers.labels import canonical
from symconv.answers.plain_work import read_text
from symconv.answers.source import DECORATION, Source
from symconv.answers.statements import answers, unread
from symconv.answers.toml_work import read_toml
from symconv.errors import AnswerError
from symconv.math_spans import math_spans

Form = Literal["toml", "json", "text", "tex", "md"]

__all__ = ["Form", "Given", "Reading", "Unread", "canonical", "guess_form", "read_answer", "read_lone", "read_work"]

_SUFFIXES: dict[str, Form] = {
    ".toml": "toml", ".json": "json", ".txt": "text", ".text": "text", ".tex": "tex", ".latex": "tex", ".ltx": "tex",
    ".md": "md", ".markdown": "md", ".mkd": "md",
}  # fmt: skip
_TEX = ("\\documentclass", "\\begin{document}", "\\[", "\\(", "\\begin{align", "\\section")


def read_work(text: str | bytes, form: Form) -> tuple[Given | Unread, ...]:
    r"""Read all answers of a work, in order of appearance; what cannot be read is among them, and nothing is raised.

    >>> [(given.label, given.text) for given in read_work("size = 2x2\nh[1,2] = 54", "text")]
    [('size', '2x2'), ('h[1,2]', '54')]
    >>> read_work("h = 5x", "text")[0].error.place.splitlines()
    ['    h = 5x', '        ^']
    """
    too_long = f"the work is longer than {MOST_TEXT:,} characters; hand in less at once"
    if isinstance(text, bytes):
        try:
            decoded = text.decode("utf-8") if len(text) <= 4 * MOST_TEXT else "x" * (MOST_TEXT + 1)
        except UnicodeDecodeError as error:
            message = f"byte {error.start} is not UTF-8; save the work as UTF-8 text"
            return (Unread(None, AnswerError(message), text.count(b"\n", 0, error.start) + 1),)
    else:
        decoded = text
    if len(decoded) > MOST_TEXT:
        return (Unread(None, AnswerError(too_long), 1),)
    source = Source(decoded.removeprefix("\ufeff"))
    found = list(islice(_reader(source, form), MOST_ANSWERS + 1))
    if len(found) > MOST_ANSWERS:
        message = f"there are more than {MOST_ANSWERS:,} answers; the rest is not read"
        found[-1] = unread(None, AnswerError(message), found[-1].line)
    return tuple(found)


def _reader(source: Source, form: Form) -> Iterator[Given | Unread]:
    match form:
        case "toml":
            return read_toml(source)
        case "json":
            return read_json(source)
        case "text":
            return read_text(source)
        case _:
            return read_document(source, form)


def read_answer(text: str) -> Given:
    r"""Read one answer; a label before an equals sign is read too. Raises AnswerError, which knows the place.

    >>> read_answer("52 54; 52 54").value.shape, read_answer(r"h_{11} = 3 \cdot 1 + 2 = -\tfrac12").value.cells
    ((2, 2), (Fraction(-1, 2),))
    >>> read_answer("2x2").value.cells, read_answer("0,5") == read_answer("0.5"), read_answer("").value
    ((2, 2), False, None)
    >>> read_answer("0,5").value == read_answer("1/2").value
    True
    """
    read = read_lone(text)
    if isinstance(read, Unread):
        raise read.error
    return read


def read_lone(text: str) -> Given | Unread:
    """Read one answer as `read_answer` does; what cannot be read may have other readings."""
    if len(text) > MOST_TEXT:
        message = f"the answer is longer than {MOST_TEXT:,} characters; hand in less at once"
        return Unread(None, AnswerError(message), 1)
    start, end = 0, len(text)
    if len(spans := math_spans(text, "tex")) == 1 and spans[0].closing:
        span = spans[0]
        if not (text[: span.start - len(span.opening)] + text[span.end + len(span.closing) :]).strip():
            start, end = span.start, span.end
    found = list(islice(answers(text.translate(DECORATION), start, end, None, lambda _: 1), 2))
    if len(found) > 1 and isinstance(found[0], Given):
        return Unread(None, AnswerError("there are several answers; one is read here", text, 0), 1)
    return found[0]


def guess_form(name: str, text: str = "") -> Form:
    r"""The form of a work by the suffix of its file, or by what stands in it.

    >>> guess_form("work/ada.tex"), guess_form("-", '{"size": "2x2"}'), guess_form("-", 'size = "2x2"')
    ('tex', 'json', 'toml')
    >>> guess_form("-", "52 54; 52 54"), guess_form("-", "The size is $2 \\times 2$."), guess_form("-", r"\[ h = 5 \]")
    ('text', 'md', 'tex')
    """
    suffix = _SUFFIXES.get(PurePath(name).suffix.lower())
    if suffix:
        return suffix
    start = text[:20_000]
    if start.lstrip("\ufeff \t\r\n").startswith(("{\n", "{\r", '{"', '{ "', "{}")):
        return "json"
    if any(
        sign in start for sign in ("\\documentclass", "\\begin{document}", "\\[", "\\(", "\\begin{align", "\\section")
    ):
        return "tex"
    lines = start.splitlines()
    if any(line.startswith(("```", "# ", "## ", "- ", "|")) for line in lines) or "**" in start or "$" in start:
        return "md"
    if any("=" in line and line.split("=", 1)[1].strip()[:1] in ('"', "'") for line in lines if line.strip()):
        return "toml"
    return "text"
