"""Reads a work in TOML statement by statement, so that one bad line spoils no other.

A key such as `h[1,2]` needs no quotes. Texts in quotes are values as people type them, and what is no TOML is read as
if it stood in quotes.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from symconv.answers.given import Given, Unread
from symconv.answers.json_work import from_nested
from symconv.answers.source import DECORATION, Source
from symconv.answers.statements import answers, unread
from symconv.errors import AnswerError

_KEY = re.compile(
    r"[ \t]{0,40}(?:\"(?P<double>[^\"\n]{0,80})\"|'(?P<single>[^'\n]{0,80})'|(?P<bare>[^=\"'#\n]{1,80}?))"
    r"[ \t]{0,9}=(?!=)"
)
_HEADER = re.compile(r"[ \t]{0,40}\[{1,2}[^\[\]=\n]{0,80}\]{1,2}[ \t]{0,40}(?:#[^\n]*)?")
_SIGN = re.compile(r"\"\"\"|'''|\"|'|\\[\s\S]|#|\n|[\[{]|[\]}]")


def read_toml(source: Source) -> Iterator[Given | Unread]:
    r"""What is handed in, in order; names of tables are passed over.

    >>> [(given.label, given.text) for given in read_toml(Source('h[1,2] = "54"\nC = [[1, 2], [3, 4]]'))]
    [('h[1,2]', '54'), ('C', '[[1, 2], [3, 4]]')]
    """
    text, at = source.text, 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = text[at:end].strip()
        match = _KEY.match(text, at, end)
        if not line or line[0] == "#" or (_HEADER.fullmatch(text, at, end) and not match):
            at = end + 1
        elif match is None:
            message = 'this line is no answer; write label = "value", such as size = "2x2"'
            yield unread(
                None, AnswerError(message, text, at + len(text[at:end]) - len(text[at:end].lstrip())), source.line(at)
            )
            at = end + 1
        else:
            label = match["double"] or match["single"] or match["bare"] or ""
            start = match.end()
            at = _end(text, start)
            yield from _read(source, label.strip(), start, at)


def _end(text: str, start: int) -> int:
    """Where the value that starts here ends: the line's end outside quotes and brackets.

    What is never closed ends with its line, and brackets do before the next key.
    """
    quote, depth, remark, first = "", 0, False, -1
    for match in _SIGN.finditer(text, start):
        sign = match[0]
        if sign == "\n":
            remark = False
            first = match.start() if first < 0 else first
            if depth <= 0 and len(quote) < 3:
                return match.start()
            quote = quote if len(quote) == 3 else ""
            if not quote and _KEY.match(text, match.end()):
                return match.start()
        elif remark:
            continue
        elif quote:
            literal = sign[0] == "\\" and quote == "'" and sign[1:] == "'"
            quote = "" if sign == quote or literal else quote
        elif sign == "#":
            remark = True
        elif sign[0] in "\"'":
            quote = sign
        else:
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(sign, 0)
    return first if (quote or depth > 0) and first >= 0 else len(text)


def _read(source: Source, label: str, start: int, end: int) -> Iterator[Given | Unread]:
    written = source.text[start:end]
    if not any(quote in written for quote in "\"'"):
        stop = start + len(written.split("#", 1)[0])
        yield from answers(source.text, start, stop, label, source.line)
        return
    line = source.line(start)
    try:
        value = _value(source.text, start, end)
        if isinstance(value, str):
            inner = value.translate(DECORATION)
            yield from answers(inner, 0, len(inner), label, lambda _: line)
        else:
            yield from_nested(value, source.text, (start, end), label, line)
    except AnswerError as error:
        yield unread(label, error, line)


def _value(text: str, start: int, end: int) -> Any:
    """A value with quotes in it, as TOML reads it."""
    written = text[start:end]
    try:
        return tomllib.loads(f"value = {written.strip()}", parse_float=str)["value"]
    except tomllib.TOMLDecodeError as error:
        reason = re.sub(r" \(at .*", "", str(error))
    except (RecursionError, ValueError):
        reason = "nested too deep"
    place = end - len(written.lstrip())
    raise AnswerError(f'this is not TOML ({reason}); write label = "value"', text, place)
