"""Reads a work in plain text: `label = value` or `label: value`, a value on the lines behind it, or a bare value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from symconv.answers.given import Given, Unread
from symconv.answers.labels import canonical
from symconv.answers.letters import has_letters
from symconv.answers.remarks import without_remark
from symconv.answers.sentences import Said, said_in
from symconv.answers.source import Source
from symconv.answers.statements import answers

_MARK = r"(?:(?:[-*•]|\(?[0-9a-z]{1,2}[.)])[ \t]{1,9})?"
_HEAD = re.compile(rf"[ \t]{{0,40}}{_MARK}(?P<label>[^=:\n]{{1,80}}?)[ \t]{{0,9}}(?::=|==?|:)(?!=)")
_OTHER = re.compile(rf"[ \t]{{0,40}}{_MARK}(?P<label>[^=:\n!<>≠≤≥]{{1,80}}?)[ \t]{{0,9}}(?:!=|[<>≠≤≥])")
_OPENING, _CLOSING = ("[", "(", r"\begin{"), ("]", ")", r"\end{")
_OPERATORS = ("=", "+", "- ", "*", r"\cdot", r"\times", "&", r"\\", r"\end", ")", "]")
_GOING_ON = ("=", "+", "*", ",", ";", "&", r"\\", r"\cdot", r"\times")
_WORD = re.compile(r"(?<![\\\w.])(?<!begin\{)(?<!end\{)[^\W\d_]{3,}(?![\w(])")
_VERB = re.compile(r"(?<![\w\\])(?:is|are|ist|sind)(?!\w)")


class _Chunk(NamedTuple):
    label: str | None
    start: int  # of what stands behind the label
    end: int


def read_text(source: Source, start: int = 0, end: int | None = None) -> Iterator[Given | Unread]:
    r"""What is handed in between two places, in order.

    >>> [(given.label, given.text) for given in read_text(Source("size: 2x2\n\nH =\n52 54\n52 54"))]
    [('size', '2x2'), ('H', '52 54\n52 54')]

    A value goes on until an empty line, a sentence or the next label. Lines that start with `#` are remarks.
    """
    end = len(source.text) if end is None else end
    plain = source.plain
    for chunk in _chunks(source, plain, start, end):
        if isinstance(chunk, Said):
            yield from told(source, chunk)
        else:
            yield from answers(plain, chunk.start, chunk.end, chunk.label, source.line)


def told(source: Source, said: Said) -> Iterator[Given | Unread]:
    """What a sentence says."""
    for read in answers(source.text, said.start, said.end, said.label, source.line):
        if isinstance(read, Given):
            yield replace(read, explains=True, aside=said.aside)


def head(text: str, start: int, end: int) -> tuple[str, int] | None:
    """The label that a line starts with, and where what it says begins; None where there is none.

    >>> head("- h[1,2] = 54", 0, 13), head("the size", 0, 8)
    (('h[1,2]', 10), None)
    """
    match = _HEAD.match(text, start, end)
    if match is None or not canonical(match["label"]):
        return None
    return match["label"].strip(" *"), match.end()


def compares(text: str, start: int, end: int) -> bool:
    """Whether a line starts with a label and says something else of it than its value.

    >>> compares("h[1,2] != 54", 0, 12), compares("h[1,2] = 54", 0, 11)
    (True, False)
    """
    match = _OTHER.match(text, start, end)
    return match is not None and bool(canonical(match["label"]))


def _chunks(source: Source, plain: str, start: int, end: int) -> Iterator[_Chunk | Said]:
    chunk: _Chunk | None = None
    goes_on = True  # whether a line without a label belongs to the chunk
    opened = 0  # brackets and environments
    for first, last in source.lines(start, end):
        line = plain[first:last].strip()
        if line.startswith("#"):
            continue
        found = head(plain, first, last) if line else None
        sentence = found is None and opened == 0 and _is_sentence(line)
        line = "" if sentence else line
        joins = goes_on or line.startswith(_OPERATORS)
        if chunk and (found or (line and not joins) or _ended(plain, chunk, line)):
            yield chunk
            chunk = None
        if sentence:
            yield from said_in(plain, first, last)
        if not line:
            continue
        said = plain[found[1] : last].strip() if found else line
        opened = max(0, (opened if chunk else 0) + sum(map(said.count, _OPENING)) - sum(map(said.count, _CLOSING)))
        rows = not found or not said or len(said.split()) > 1
        goes_on = opened > 0 or (rows and r"\end{" not in said) or said.endswith(_GOING_ON)
        if found:
            chunk = _Chunk(found[0], found[1], last)
        else:
            chunk = chunk._replace(end=last) if chunk else _Chunk(None, first, last)
    if chunk:
        yield chunk


def _is_sentence(line: str) -> bool:
    """Whether a line has words in it, and not only behind numbers."""
    said = line[: without_remark(line, 0, len(line))]
    if _WORD.search(said) is None and _VERB.search(said) is None:
        return False
    return _VERB.search(line) is not None or (len(_WORD.findall(line)) > 1 and not has_letters(line))


def _ended(plain: str, chunk: _Chunk, line: str) -> bool:
    """Whether an empty line ends what has been said: one may stand between a label and its value."""
    return not line and bool(plain[chunk.start : chunk.start + 200].strip() or chunk.end - chunk.start > 200)
