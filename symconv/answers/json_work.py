"""Reads a work in JSON: an object of labels and values, as `--to json` writes it too, or one bare value."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from symconv.answers.commas import pointed
from symconv.answers.given import MOST_ENTRIES, Given, Unread
from symconv.answers.plain import as_value
from symconv.answers.source import DECORATION, Source
from symconv.answers.statements import answers, unread
from symconv.answers.values import cell_readings
from symconv.errors import AnswerError

MOST_DEPTH = 6  # of lists in lists
_INNER = ("answers", "quantities")
_SPACE = re.compile(r"[ \t\r\n]*")


class _Written(str):
    """A number as it was written."""

    __slots__ = ()


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


_DECODER = json.JSONDecoder(parse_float=_Written, parse_int=_Written, parse_constant=_constant)


def read_json(source: Source) -> Iterator[Given | Unread]:
    """What is handed in, in order; of an object with `answers` or `quantities` only these.

    >>> [(given.label, given.value.nested()) for given in read_json(Source('{"size": "2x2", "C": [[1, 0.5]]}'))]
    [('size', [2, 2]), ('C', [[1, Fraction(1, 2)]])]
    """
    try:
        members = list(_members(source.text, _behind(source.text, 0)))
        for name, value, start, _ in members:
            if name in _INNER and isinstance(value, dict):
                members = list(_members(source.text, start))
                break
    except json.JSONDecodeError as error:
        message = f"this is not JSON: {error.msg}; see the README for an example"
        yield unread(None, AnswerError(message, source.text, error.pos), source.line(error.pos))
        return
    except (RecursionError, ValueError) as error:
        reason = "nested too deep" if isinstance(error, RecursionError) else str(error)[:60]
        yield unread(None, AnswerError(f"this is not JSON: {reason}", source.text, 0), 1)
        return
    for name, value, start, end in members:
        line = source.line(start)
        try:
            if isinstance(value, str) and not isinstance(value, _Written):
                inner = value.translate(DECORATION)
                yield from answers(inner, 0, len(inner), name, partial(_always, line))
            elif value is None:
                yield Given(name, None, line, source.text[start:end])
            else:
                yield from_nested(value, source.text, (start, end), name, line)
        except AnswerError as error:
            yield unread(name, error, line)


def _behind(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _members(text: str, at: int) -> Iterator[tuple[str | None, Any, int, int]]:
    """Names, values and their places of the object that starts here, or the one value."""
    if not text.startswith("{", at):
        value, end = _value(text, at)
        yield None, value, at, end
        _nothing_behind(text, end)
        return
    at = _behind(text, at + 1)
    closed = text.startswith("}", at)
    while not closed:
        if not text.startswith('"', at):
            raise json.JSONDecodeError("a label in double quotes is expected", text, at)
        name, at = _value(text, at)
        at = _behind(text, at)
        if not text.startswith(":", at):
            raise json.JSONDecodeError("a colon is expected", text, at)
        start = _behind(text, at + 1)
        value, end = _value(text, start)
        yield name, value, start, end
        at = _behind(text, end)
        closed = text.startswith("}", at)
        if not closed and not text.startswith(",", at):
            raise json.JSONDecodeError("a comma or a closing brace is expected", text, at)
        at = _behind(text, at + 1)


def _nothing_behind(text: str, at: int) -> None:
    at = _behind(text, at)
    if at < len(text):
        raise json.JSONDecodeError("something stands behind the value", text, at)


def _value(text: str, at: int) -> tuple[Any, int]:
    if at >= len(text):
        raise json.JSONDecodeError("a value is expected", text, at)
    return _DECODER.raw_decode(text, at)


def _always(line: int, _: int) -> int:
    return line


def from_nested(value: Any, text: str, between: tuple[int, int], label: str | None, line: int) -> Given | Unread:
    """Read a number or nested lists of one shape, whose text stands between two places; raises AnswerError."""
    place, end = between
    shape: list[int] = []
    level = value
    while isinstance(level, list):
        if not level or len(shape) == MOST_DEPTH:
            raise AnswerError("a list is empty or nested too deep; write rows as [[1, 2], [3, 4]]", text, place)
        shape.append(len(level))
        level = level[0]
    cells: list[tuple[str, int]] = []

    def collect(part: Any, depth: int) -> None:
        if isinstance(part, list) != (depth < len(shape)) or (depth < len(shape) and len(part) != shape[depth]):
            raise AnswerError("the lists have different lengths or depths; give all rows as many entries", text, place)
        if depth < len(shape):
            for inner in part:
                collect(inner, depth + 1)
        elif len(cells) == MOST_ENTRIES:
            raise AnswerError(f"there are more than {MOST_ENTRIES:,} entries; hand in less at once", text, place)
        else:
            cells.append((_cell(part, text, place), place))

    collect(value, 0)
    written = [cell for cell, _ in cells]
    try:
        tensor, decimals = as_value(tuple(shape), [(_pointed(*cell, text), cell[1]) for cell in cells], text)
    except AnswerError as error:
        return replace(unread(label, error, line), readings=cell_readings(tuple(shape), written, None))
    others = cell_readings(tuple(shape), written, tensor)
    return Given(label, tensor, line, text[place:end].strip(), decimals, readings=others)


def _cell(part: Any, text: str, place: int) -> str:
    if part is None:
        return "_"
    if isinstance(part, bool) or not isinstance(part, (str, int)):
        raise AnswerError("what stands here is no number; write numbers, texts, or lists of them", text, place)
    return str(part).strip()


def _pointed(cell: str, place: int, text: str) -> str:
    try:
        return pointed(cell) or "_"
    except AnswerError as error:
        raise AnswerError(str(error), text, place) from None
