"""Splits a list of sums with spaces in them: `a*x + b*w, c - d; 0, 1`. It reads no sum."""

from __future__ import annotations

from symconv.answers.given import MOST_DEPTH
from symconv.errors import AnswerError

_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


def entries_of(text: str) -> tuple[tuple[int, ...], list[tuple[str, int]]]:
    """The shape, and each entry with its place: a comma ends one, a semicolon, a line end or brackets a row.

    >>> entries_of("[a + b, c]"), entries_of("a - b; c")
    (((2,), [('a + b', 1), ('c', 8)]), ((2, 1), [('a - b', 0), ('c', 7)]))

    Raises AnswerError where rows differ in length.
    """
    shape, cells = _nested(text, *_trimmed(text, 0, len(text)), MOST_DEPTH)
    return (() if len(cells) == 1 and "[" not in text else shape), cells


def _nested(text: str, start: int, end: int, depth: int) -> tuple[tuple[int, ...], list[tuple[str, int]]]:
    if depth and text[start : start + 1] == "[" and text[end - 1] == "]" and _apart(text, start + 1, end - 1, ""):
        start, end = _trimmed(text, start + 1, end - 1)
    rows = [_apart(text, *part, ",") for part in _apart(text, start, end, ";\n") if part[0] < part[1]]
    if depth and len(rows) == 1 and all(text[a : a + 1] == "[" and text[b - 1] == "]" for a, b in rows[0]):
        parts = [_nested(text, a, b, depth - 1) for a, b in rows[0]]
    else:
        parts = [((len(row),), [(text[a:b] or "_", a) for a, b in row]) for row in rows]
        if len(parts) == 1:
            return parts[0]
    if not parts or any(shape != parts[0][0] for shape, _ in parts):
        raise AnswerError("rows differ in length; give each as many entries", text)
    return (len(parts), *parts[0][0]), [cell for _, cells in parts for cell in cells]


def _apart(text: str, start: int, end: int, signs: str) -> list[tuple[int, int]]:
    """The parts between signs that stand in no bracket; none where brackets do not match."""
    found, depth, first = [], 0, start
    for at in range(start, end):
        depth += (text[at] in _OPENING) - (text[at] in _CLOSING)
        if depth < 0:
            return []
        if depth == 0 and text[at] in signs:
            found.append(_trimmed(text, first, at))
            first = at + 1
    return [*found, _trimmed(text, first, end)] if depth == 0 else []


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without spaces at the ends."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end
