"""Reads a work in plain text: `label = value` or `label: value`, a value on the lines behind it, or a bare value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from symconv.answers.given import Given, Unread
from symconv.answers.labels import canonical, general
from symconv.answers.letters import has_letters
from symconv.answers.remarks import without_remark
from symconv.answers.scaled import multiple
from symconv.answers.sentences import Said, hypothetical, led_to, parts_of, said_in
from symconv.answers.source import Source
from symconv.answers.statements import answers
from symconv.typeset.greek import is_greek

_MARK = r"(?:(?:[-*•]|\(?[0-9a-z]{1,2}[.)])[ \t]{1,9})?"
_HEAD = re.compile(rf"[ \t]{{0,40}}{_MARK}(?P<label>[^=:\n]{{1,80}}?)[ \t]{{0,9}}(?::=|==?|:)(?!=)")
_LAYER = re.compile(  # Layer 1: shape 6x28x28
    rf"[ \t]{{0,40}}{_MARK}(?P<layer>[Ll]ayer[ \t][0-9]{{1,3}}):[ \t]{{1,9}}"
    r"(?P<of>shape|size|output|parameters)[ \t:=]{1,9}"
    r"(?=[0-9(])"
)
_FORMULA = re.compile(r"[A-Za-z]\s?[-+*/·()]|[-+*/·(]\s?[A-Za-z]")
_OTHER = re.compile(rf"[ \t]{{0,40}}{_MARK}(?P<label>[^=:\n!<>≠≤≥]{{1,80}}?)[ \t]{{0,9}}(?:!=|[<>≠≤≥])")
_OPENING, _CLOSING = ("[", "(", r"\begin{"), ("]", ")", r"\end{")
_OPERATORS = ("=", "+", "- ", "*", r"\cdot", r"\times", "&", r"\\", r"\end", ")", "]")
_GOING_ON = ("=", "+", "*", ",", ";", "&", r"\\", r"\cdot", r"\times")
_WORD = re.compile(r"(?<![\\\w.])(?<!begin\{)(?<!end\{)[^\W\d_]{3,}(?![\w(])")
_DIGIT = re.compile("[0-9]")
_ROWS = re.compile(r"[\[;\n]|\\begin")  # of a matrix, which explains nothing
_NAMED = re.compile(r"(?<![\\A-Za-z])[A-Za-zα-ωΑ-Ω](?![A-Za-z])")  # a name of one letter
_HEADING = re.compile(  # Solution, Exercise 1, Done.
    r"(?P<first>[A-Z][a-z]{3,40})(?:[ \t]{1,3}[^\W\d_]{2,40}){0,5}(?:[ \t]{1,3}[0-9]{1,3}[a-z]?)?[ \t]?[).:!]?"
)
_VERB = re.compile(r"(?<![\w\\])(?:is|are|ist|sind)(?!\w)")


class _Chunk(NamedTuple):
    label: str | None
    start: int  # of what stands behind the label
    end: int
    explains: bool = False


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
        elif chunk.explains:
            found = answers(plain, chunk.start, chunk.end, chunk.label, source.line)
            yield from explained(found, plain, chunk.start, chunk.end)
        else:
            yield from answers(plain, chunk.start, chunk.end, chunk.label, source.line)


def explained(found: Iterable[Given | Unread], text: str, start: int, end: int) -> Iterator[Given | Unread]:
    """What is said with an equals sign between two places in a sentence, which may only explain: `so o = 4 - 2 = 2`."""
    aside, formula = hypothetical(text, start), _FORMULA.search(text, start, end) is not None
    for read in found:
        if isinstance(read, Given):
            yield replace(read, explains=_ROWS.search(read.text) is None, aside=read.aside or aside)
        elif not general(read.label):
            explains = _ROWS.search(text, start, end) is None and (formula or _DIGIT.search(text, start, end) is None)
            yield replace(read, aside=read.aside or aside or explains)


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
    if match := _LAYER.match(text, start, end):
        return f"{match['of']} of {match['layer']}", match.end()
    match = _HEAD.match(text, start, end)
    if match is None or not (canonical(match["label"]) or (match[0][-1] == "=" and multiple(match["label"]))):
        return None
    return led_to(match["label"].strip(" *")), match.end()


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
    for first, last, leads, follows in _lines(source, plain, start, end):
        line = plain[first:last].strip()
        if line.startswith("#"):
            continue
        found = head(plain, first, last) if line else None
        sentence = found is None and opened == 0 and ((leads and not line[:1].isdigit()) or _is_sentence(line))
        line = "" if sentence else line
        joins = line.startswith(_OPERATORS) or (goes_on and not (opened == 0 and _states(plain, chunk, first, last)))
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
            chunk = _Chunk(found[0], found[1], last, follows)
        else:
            chunk = chunk._replace(end=last) if chunk else _Chunk(None, first, last)
    if chunk:
        yield chunk


def _lines(source: Source, plain: str, start: int, end: int) -> Iterator[tuple[int, int, bool, bool]]:
    """The lines, apart where a label stands behind words: whether such a one follows, and whether this is one."""
    for first, last in source.lines(start, end):
        parts = parts_of(plain, first, last)
        for number, (begin, stop) in enumerate(parts):
            yield begin, stop, number + 1 < len(parts), number > 0


def _states(plain: str, chunk: _Chunk | None, first: int, last: int) -> bool:
    """Whether a line behind a value says something of its own: `A*K = [1 2]`, `2H = [2 4]`."""
    said = plain[chunk.start : chunk.end].rstrip() if chunk else ""
    if not said.strip() or said.endswith(_GOING_ON):
        return False
    before, sign, _ = plain[first:last].partition("=")
    return bool(sign) and _NAMED.search(before) is not None


def _is_sentence(line: str) -> bool:
    """Whether a line has words in it, and not only behind numbers."""
    if (heading := _HEADING.fullmatch(line)) and not is_greek(heading["first"]):
        return True
    said = line[: without_remark(line, 0, len(line))]
    if _WORD.search(said) is None and _VERB.search(said) is None:
        return False
    return _VERB.search(line) is not None or (len(_WORD.findall(line)) > 1 and not has_letters(line))


def _ended(plain: str, chunk: _Chunk, line: str) -> bool:
    """Whether an empty line ends what has been said: one may stand between a label and its value."""
    return not line and bool(plain[chunk.start : chunk.start + 200].strip() or chunk.end - chunk.start > 200)
