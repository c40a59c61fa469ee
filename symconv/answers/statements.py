r"""Splits a formula at its equals signs: `h_{11} = 3\cdot1 + 2 = 5, h_{12} = 7` says two things. It reads no value.

The same for LaTeX and for plain text, whose signs are LaTeX's too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from symconv.answers.given import Given, Unread
from symconv.answers.labels import MOST_LABEL, canonical, counts
from symconv.answers.latex import read_latex
from symconv.answers.plain import read_plain
from symconv.errors import AnswerError
from symconv.latex_tokens import Token, tokens

_NAMES = "aligned align split gather gathered alignedat alignat multline equation flalign"
_LAYOUTS = frozenset(_NAMES.split())
_EQUALS = frozenset({"=", r"\approx", r"\triangleq"})
_OPERATORS = frozenset({"+", r"\cdot", r"\times", "*", "/", r"\pm"})
_OPENING, _CLOSING = frozenset({"(", "[", r"\{"}), frozenset({")", "]", r"\}"})


class Statement(NamedTuple):
    """A label, or None, and where the sides behind it stand in the source; the last one is the value."""

    label: str | None
    sides: tuple[tuple[int, int], ...]


def statements(source: str, start: int, end: int) -> list[Statement]:
    r"""What a formula says, statement by statement.

    >>> source = r"h_{11} &= 3\cdot1 \\ &\quad + 2 \\ &= 5 \\ h_{12} &= 7, \quad s = 2"
    >>> [(said.label, [source[a:b] for a, b in said.sides]) for said in statements(source, 0, len(source))]
    [('h_{11}', ['3\\cdot1 \\\\ &\\quad + 2', '5']), ('h_{12}', ['7']), ('s', ['2'])]

    Raises AnswerError where braces do not match.
    """
    found = tokens(source, start, end, wide_spaces=True)
    return [said for line in _lines(found) for said in _chain(source, line, end)]


def answers(
    source: str, start: int, end: int, label: str | None, line: Callable[[int], int]
) -> Iterator[Given | Unread]:
    """Read all that is said between two places; the first statement has `label` where it has none of its own.

    `line` gives the number of the line of a place.
    """
    try:
        found = statements(source, start, end)
    except AnswerError as error:
        yield unread(label, error, line(start))
        return
    if not found:
        found = [Statement(None, ((start, start),))]
    for number, said in enumerate(found):
        yield answer(source, said, line(said.sides[-1][0]), label if number == 0 else None)


def answer(source: str, said: Statement, line: int, label: str | None = None) -> Given | Unread:
    """Read the value of a statement; `label` is used where it has none of its own."""
    label = said.label if said.label is not None else label
    start, end = said.sides[-1]
    try:
        return given(source, start, end, label, line, tuple(source[a:b].strip() for a, b in said.sides[:-1]))
    except AnswerError as error:
        return unread(label, error, line)


def given(source: str, start: int, end: int, label: str | None, line: int, sides: tuple[str, ...] = ()) -> Given:
    """Read the value that stands in `source[start:end]`, in LaTeX or plain; raises AnswerError."""
    text = source[start:end]
    whole = counts(label)
    if "\\" in text or "&" in text:
        tensor, decimals = read_latex(source, start, end, whole)
    else:
        try:
            tensor, decimals = read_plain(text, whole)
        except AnswerError as error:
            raise AnswerError(str(error), source, start + error.offset) from None
    return Given(label, tensor, line, text.strip(), decimals, sides)


def unread(label: str | None, error: AnswerError, line: int) -> Unread:
    """What could not be read, without what the error would keep alive."""
    return Unread(label, AnswerError(str(error), error.text, error.offset), line)


def _lines(found: Sequence[Token]) -> list[list[Token]]:
    """The tokens line by line; a line that goes on with an operator belongs to the one before."""
    lines: list[list[Token]] = [[]]
    depth = 0
    for token in found:
        if token.kind in ("begin", "end") and token.text in _LAYOUTS:
            continue
        depth += {"open": 1, "begin": 1, "close": -1, "end": -1}.get(token.kind, 0)
        if depth == 0 and token.kind == "row":
            lines.append([])
        elif lines[-1] or token.kind not in ("cell", "space"):
            lines[-1].append(token)
    joined: list[list[Token]] = []
    for line in lines:
        if joined and line and _goes_on(joined[-1], line[0]):
            joined[-1] += line
        elif line:
            joined.append(line)
    return joined


def _goes_on(before: Sequence[Token], first: Token) -> bool:
    if first.text in _EQUALS or first.text in _OPERATORS:
        return True
    last = next((token.text for token in reversed(before) if token.kind not in ("cell", "space")), "")
    if last in _OPERATORS or last in _EQUALS or last == "-":
        return True
    return first.text == "-" and any(token.text in _EQUALS for token in before)


def _chain(source: str, line: Sequence[Token], end: int) -> list[Statement]:
    sides: list[list[Token]] = [[]]
    depth = 0
    for token in line:
        depth += {"open": 1, "begin": 1, "close": -1, "end": -1}.get(token.kind, 0)
        if depth == 0 and token.text in _EQUALS and token.kind in ("symbol", "command"):
            sides.append([])
        else:
            sides[-1].append(token)
    if len(sides) == 1:
        return [Statement(None, (_span(sides[0], end),))]
    _, label = _label_at_end(source, sides[0], alone=True)
    made: list[Statement] = []
    current = [] if label is not None else [_span(sides[0], end)]
    for side in sides[1:-1]:
        value, following = _label_at_end(source, side)
        current.append(_span(value, end))
        if following is not None:
            made.append(Statement(label, tuple(current)))
            label, current = following, []
    last = line[-1].end if not sides[-1] else end
    current.append(_span(sides[-1], last))
    return [*made, Statement(label, tuple(current))]


def _span(side: Sequence[Token], otherwise: int) -> tuple[int, int]:
    side = [token for token in side if token.kind not in ("cell", "space")] or side
    return (side[0].start, side[-1].end) if side else (otherwise, otherwise)


def _label_at_end(source: str, side: Sequence[Token], alone: bool = False) -> tuple[Sequence[Token], str | None]:
    """The label at the end of a side, behind a comma or a wide space, and what stands before it."""
    if alone and side and canonical(label := _written(source, side)):
        return [], label
    depth = 0
    for place in range(len(side) - 1, -1, -1):
        token = side[place]
        depth += (token.kind in ("close", "end") or token.text in _CLOSING) - (
            token.kind in ("open", "begin") or token.text in _OPENING
        )
        if depth <= 0 and (token.kind in ("space", "cell", "text", "row") or token.text in (",", ";")):
            label = _written(source, side[place + 1 :])
            if place + 1 < len(side) and (place or alone) and canonical(label):
                while place and side[place - 1].text in (",", ";"):
                    place -= 1  # noqa: PLW2901
                return side[:place], label
            if token.kind not in ("space", "cell") or len(side) - place > MOST_LABEL:
                break
    return side, None


def _written(source: str, side: Sequence[Token]) -> str:
    start, end = _span(side, 0)
    return source[start:end]
