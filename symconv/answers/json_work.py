"""Reads a work in JSON: an object of labels and values, as `--to json` writes it too, or one bare value."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from symconv.answers.commas import pointed
from symconv.answers.given import MOST_DEPTH, MOST_ENTRIES, Given, Unread
from symconv.answers.plain import as_value
from symconv.answers.source import DECORATION, Source
from symconv.answers.statements import answers, unread
from symconv.answers.values import cell_readings
from symconv.errors import AnswerError

_INNER = ("answers", "quantities")
MOST_BROKEN = 50  # members, behind which the rest is not read
_LABEL = re.compile(r'"[^"\\\n]{1,80}"[ \t]{0,9}:')
_SPACE = re.compile(r"[ \t\r\n]*")


class _Member(NamedTuple):
    """A name, its value, and where that stands."""

    name: str | None
    value: Any
    start: int
    end: int


class _Broken(NamedTuple):
    """What is no JSON, with the label it belongs to."""

    label: str | None
    error: AnswerError


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
    members = list(_members(source.text, _behind(source.text, 0)))
    for member in members:
        if isinstance(member, _Member) and member.name in _INNER and isinstance(member.value, dict):
            members = list(_members(source.text, member.start))
            break
    for member in members:
        if isinstance(member, _Member):
            yield from _read(source, member)
        else:
            yield unread(member.label, member.error, source.line(member.error.offset))


def _read(source: Source, member: _Member) -> Iterator[Given | Unread]:
    name, value, start, end = member
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


def _members(text: str, at: int) -> Iterator[_Member | _Broken]:
    """The members of the object that starts here, or the one value; behind a broken one the next label goes on."""
    if not text.startswith("{", at):
        try:
            value, end = _value(text, at)
            _expected(text, end, "")
            yield _Member(None, value, at, end)
        except (RecursionError, ValueError) as error:
            yield _Broken(None, _error(error, text, at))
        return
    broken, at = 0, _behind(text, at + 1)
    while not text.startswith("}", at):
        name, start = None, at
        try:
            if not text.startswith('"', at):
                raise json.JSONDecodeError("a label in double quotes is expected", text, at)
            name, at = _value(text, at)
            at = start = _behind(text, _expected(text, at, ":") + 1)
            value, end = _value(text, at)
            at = _expected(text, end, ",}")
            yield _Member(name, value, start, end)
            if text.startswith(",", at):
                at = _behind(text, at + 1)
                if text.startswith("}", at):
                    name = None
                    raise json.JSONDecodeError("a label in double quotes is expected", text, at)
        except (RecursionError, ValueError) as error:
            yield _Broken(name, _error(error, text, start))
            broken += 1
            following = _LABEL.search(text, start)
            if following is None or broken == MOST_BROKEN or isinstance(error, RecursionError):
                return
            at = following.start()


def _expected(text: str, at: int, signs: str) -> int:
    """Where one of these signs stands behind a place, or the end of the text where there are none."""
    at = _behind(text, at)
    if signs and text[at : at + 1] and text[at] in signs:
        return at
    if not signs and at == len(text):
        return at
    what = {"": "something stands behind the value", ":": "a colon is expected"}
    raise json.JSONDecodeError(what.get(signs, "a comma or a closing brace is expected"), text, at)


def _error(error: Exception, text: str, at: int) -> AnswerError:
    if isinstance(error, json.JSONDecodeError):
        return AnswerError(f"this is not JSON: {error.msg}; see the README for an example", text, error.pos)
    reason = "nested too deep" if isinstance(error, RecursionError) else str(error)[:60]
    return AnswerError(f"this is not JSON: {reason}", text, at)


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
