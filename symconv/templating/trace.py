"""Trace: which line of which template a place in a rendered document comes from. It knows no template engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

MARK = "\ue000"  # a private character that no problem file can bring into a template
_on: ContextVar[bool] = ContextVar("templates are traced", default=False)


@contextmanager
def traced() -> Iterator[None]:
    """Inside the block, rendering puts a mark before each line of a template's text: see `origin`."""
    token = _on.set(True)
    try:
        yield
    finally:
        _on.reset(token)


def is_traced() -> bool:
    """Whether rendering marks where its text comes from."""
    return _on.get()


def marked(text: str, name: str, first: int) -> str:
    """The text of a template from its line `first` on, with a mark before each line."""
    lines = enumerate(text.split("\n"), first)
    return "\n".join(f"{MARK}{name}:{number}{MARK}{line}" for number, line in lines)


def origin(document: str, line: int, before: str = "") -> str:
    r"""The template and the line in it that produced a line of a marked document, as `latex/exam.tex:12`.

    Where several did, it is the one whose text holds the end of `before`, which stands in the line up to what is meant.

    >>> document = marked("a\nb", "one", 7) + marked(" c d", "two", 3)
    >>> origin(document, 1), origin(document, 2), origin(document, 2, "b"), origin(document, 2, "b c")
    ('one:7', 'two:3', 'one:8', 'two:3')
    """
    seen = "the template"
    for number, produced in enumerate(document.split("\n"), 1):
        pieces = produced.split(MARK)
        marks = [seen, *pieces[1::2]]
        if number == line:
            return _at(marks, pieces[0::2], before)
        seen = marks[-1]
    return seen


def _at(marks: list[str], texts: list[str], before: str) -> str:
    """The mark of the text in which the end of `before` lies; the last one where it is not in the line."""
    plain = "".join(texts)
    at = plain.find(before) + len(before) if before and before in plain else len(plain)
    for mark, text in zip(marks, texts, strict=True):
        if text and at <= len(text):
            return mark
        at -= len(text)
    return marks[-1]
