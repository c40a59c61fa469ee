r"""Splits a formula at its equals signs: `h_{11} = 3\cdot1 + 2 = 5, h_{12} = 7` says two things. It reads no value.

The same for LaTeX and for plain text, whose signs are LaTeX's too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from symconv.answers.given import Given, Unread
from symconv.answers.labels import MOST_LABEL, canonical, counts, indexed
from symconv.answers.latex import closing
from symconv.answers.scaled import multiple, times
from symconv.answers.sentences import led_to
from symconv.answers.values import read_value, readings
from symconv.errors import AnswerError
from symconv.latex_tokens import Token, tokens
from symconv.tensor import Tensor

_NAMES = "aligned align split gather gathered alignedat alignat multline equation flalign"
_LAYOUTS = frozenset(_NAMES.split())
_EQUALS = frozenset({"=", r"\approx", r"\triangleq"})
_OTHERS = frozenset({
    r"\neq", r"\not", "!", "<", ">", r"\le", r"\ge", r"\equiv", "≡", r"\doteq", r"\sim", r"\in", "∈", r"\to",
    r"\rightarrow", r"\Rightarrow", "⇒", r"\mapsto", r"\leadsto",
})  # fmt: skip  # what says something of a label, and not what it is
_OPERATORS = frozenset({"+", r"\cdot", r"\times", "*", "/", r"\pm"})
_OPENING, _CLOSING = frozenset({"(", "[", r"\{"}), frozenset({")", "]", r"\}"})
_WORDS = "and|or|so|then|thus|hence|with|und|oder|also|dann|somit|damit|mit|et|ou|donc"
_JOINING = re.compile(rf"(?<![\w\\])(?:{_WORDS})(?!\w)")  # words between two statements
_LETTER = re.compile(r"(?<![\\A-Za-z])[A-Za-zα-ωΑ-Ω]")
_OR = re.compile(r"[\s,;]*(?:\\(?:text|textrm|mbox)\s?\{\s?)?(?:or|oder|ou)(?!\w)")


class Statement(NamedTuple):
    """A label, or None, and where the sides behind it stand in the source; the last one is the value.

    Where that is `rounded`, the value before it is the exact one; `about` says that some relation is approximate.
    `relation` is what stands in place of an equals sign, as in `h < 5`, and where.
    """

    label: str | None
    sides: tuple[tuple[int, int], ...]
    rounded: bool = False
    relation: tuple[int, int] | None = None
    about: bool = False


class _Piece(NamedTuple):
    """Tokens, and where what they were written as starts and ends."""

    tokens: list[Token]
    start: int
    end: int


def statements(source: str, start: int, end: int, headed: str | None = None) -> list[Statement]:
    r"""What a formula says, statement by statement.

    >>> source = r"h_{11} &= 3\cdot1 \\ &\quad + 2 \\ &= 5 \\ h_{12} &= 7, \quad s = 2"
    >>> [(said.label, [source[a:b] for a, b in said.sides]) for said in statements(source, 0, len(source))]
    [('h_{11}', ['3\\cdot1 \\\\ &\\quad + 2', '5']), ('h_{12}', ['7']), ('s', ['2'])]

    `headed` is a label that stands before it, so that `52, h_{12} = 54` begins with a value. Raises AnswerError
    where braces do not match.
    """
    found = _worded(source, tokens(source, start, end, wide_spaces=True))
    lines = _lines(_unwrapped(found, start, end))
    chains = (_chain(source, line, n == 0 and headed is not None) for n, line in enumerate(lines))
    return _with_alternatives(source, [said for chain in chains for said in chain], headed)


def answers(
    source: str, start: int, end: int, label: str | None, line: Callable[[int], int]
) -> Iterator[Given | Unread]:
    """Read all that is said between two places; the first statement has `label` where it has none of its own.

    `line` gives the number of the line of a place.
    """
    try:
        found = statements(source, start, end, headed=label)
    except AnswerError as error:
        yield unread(label, error, line(start))
        return
    if not found:
        found = [Statement(None, ((start, start),))]
    for number, said in enumerate(found):
        read = answer(source, said, line(said.sides[-1][0]), label if number == 0 else None)
        if isinstance(read, Given) and read.label is None and read.value is not None and len(read.value.cells) > 1:
            yield replace(read, label=expression(source, said))
        else:
            yield read


def expression(source: str, said: Statement) -> str | None:
    """What a matrix without a label is said to be: `A * K = ...`; None where that has no letters."""
    start, end = said.sides[0]
    written = source[start : min(end, start + MOST_LABEL)]
    return written if len(said.sides) > 1 and _LETTER.search(written) else None


def answer(source: str, said: Statement, line: int, label: str | None = None) -> Given | Unread:
    """Read the value of a statement; `label` is used where it has none of its own."""
    label = said.label if said.label is not None else label
    if label is not None and not canonical(label) and (many := multiple(label)) and said.relation is None:
        return _divided(answer(source, said._replace(label=many[1]), line), *many)
    label = None if label is None else led_to(label)
    if said.relation is not None:
        start, end = said.relation
        message = f"{source[start:end]} gives no value; write {label} = and the value"
        error = AnswerError(" ".join(message.split()), source, start)
        return Unread(label, error, line, aside=True)
    if said.rounded and len(said.sides) > 1:
        exact = answer(source, Statement(label, said.sides[:-1], about=said.about), line)
        if isinstance(exact, Given):
            return exact
    start, end = said.sides[-1]
    sides = () if said.about else tuple(source[a:b].strip() for a, b in said.sides[:-1])
    try:
        read: Given | Unread = given(source, start, end, label, line, sides)
    except AnswerError as error:
        read = unread(label, error, line)
    if counts(label):  # whole numbers that are listed mean nothing else
        return read
    others = readings(source[start:end], read.value if isinstance(read, Given) else None, indexed(label))
    return replace(read, readings=others) if others else read


def _divided(read: Given | Unread, by: int | Fraction, label: str) -> Given | Unread:
    """The value of a label that is taken several times: `4H = ...`."""
    if isinstance(read, Unread) or read.value is None:
        return replace(read, readings=())
    if by in (1, -1) or (by and not read.decimals):  # a rounded number is not as exact when it is divided
        with suppress(OverflowError):
            cells = tuple(times(cell, Fraction(1) / by) for cell in read.value.cells)
            return replace(read, value=Tensor(read.value.shape, cells), sides=(), readings=())
    return Unread(label, AnswerError(f"this is not {label} itself; write what {label} is", read.text, 0), read.line)


def given(source: str, start: int, end: int, label: str | None, line: int, sides: tuple[str, ...] = ()) -> Given:
    """Read the value that stands in `source[start:end]`, in LaTeX or plain; raises AnswerError."""
    tensor, decimals = read_value(source, start, end, counts(label), indexed(label))
    return Given(label, tensor, line, source[start:end].strip(), decimals, sides)


def unread(label: str | None, error: AnswerError, line: int) -> Unread:
    """What could not be read, without what the error would keep alive."""
    return Unread(label, AnswerError(str(error), error.text, error.offset), line)


def _with_alternatives(source: str, said: Sequence[Statement], headed: str | None) -> list[Statement]:
    """The statements; `h = 4 or h = 5` is one, whose value is `4 or h = 5` and none."""
    made: list[Statement] = []
    for one in said:
        label = (made[-1].label or headed) if len(made) == 1 else made[-1].label if made else None
        if made and one.label == label and _OR.match(source, made[-1].sides[-1][1]):
            *before, (first, _) = made[-1].sides
            made[-1] = made[-1]._replace(sides=(*before, (first, one.sides[-1][1])))
        else:
            made.append(one)
    return made


def _worded(source: str, found: Sequence[Token]) -> list[Token]:
    """The tokens with words such as `and` as what they are, where they stand between formulas in no command."""
    made: list[Token] = []
    for token in found:
        word = _JOINING.match(source, token.start) if token.kind == "name" else None
        if word:
            made.append(Token("text", word[0], token.start, word.end()))
        elif not made or token.start >= made[-1].end:
            made.append(token)
    return made


def _lines(whole: _Piece) -> list[_Piece]:
    """The tokens line by line; a line that goes on with an operator belongs to the one before."""
    lines = [_Piece([], whole.start, whole.end)]
    depth = 0
    for token in whole.tokens:
        if token.kind in ("begin", "end") and token.text in _LAYOUTS:
            last = lines[-1]
            lines[-1] = last._replace(end=token.start) if last.tokens else last._replace(start=token.end)
            continue
        depth += {"open": 1, "begin": 1, "close": -1, "end": -1}.get(token.kind, 0)
        if depth == 0 and token.kind == "row":
            lines[-1] = lines[-1]._replace(end=token.start)
            lines.append(_Piece([], token.end, whole.end))
        elif lines[-1].tokens or token.kind not in ("cell", "space"):
            lines[-1].tokens.append(token)
    joined: list[_Piece] = []
    for line in lines:
        if joined and line.tokens and _goes_on(joined[-1].tokens, line.tokens[0]):
            joined[-1].tokens.extend(line.tokens)
            joined[-1] = joined[-1]._replace(end=line.end)
        elif line.tokens:
            joined.append(line)
    return joined


def _unwrapped(found: Sequence[Token], start: int, end: int) -> _Piece:
    r"""Without empty groups, those around an equals sign, and the one around a whole formula, as in `\boxed{h = 5}`."""
    made: list[Token] = []
    for token in found:
        closes = token.kind == "close"
        if closes and made and made[-1].kind == "open" and (len(made) < 2 or made[-2].text not in "_^"):
            made.pop()
        elif closes and len(made) > 1 and made[-1].text in _EQUALS and made[-2].kind == "open":
            sign = made.pop()
            made[-1] = sign._replace(start=made[-1].start, end=token.end)  # \overset{!}{=}
        else:
            made.append(token)
    while any(token.text in _EQUALS for token in made):
        last = len(made) - 1
        while last > 0 and (made[last].text in (".", ",", ";") or made[last].kind == "space"):
            last -= 1
        if last < 1 or made[0].kind != "open" or closing(made, 0) != last:
            break
        start, end = made[0].end, made[last].start
        made = made[1:last]
    return _Piece(made, start, end)


def _goes_on(before: Sequence[Token], first: Token) -> bool:
    if first.text in _EQUALS or first.text in _OPERATORS:
        return True
    last = next((token.text for token in reversed(before) if token.kind not in ("cell", "space")), "")
    if last in _OPERATORS or last in _EQUALS or last == "-":
        return True
    return first.text == "-" and any(token.text in _EQUALS for token in before)


def _chain(source: str, line: _Piece, headed: bool) -> list[Statement]:
    sides = [_Piece([], line.start, line.end)]
    depth, rounded, about = 0, False, False
    for at, token in enumerate(line.tokens):
        depth += {"open": 1, "begin": 1, "close": -1, "end": -1}.get(token.kind, 0)
        if depth == 0 and _is_equals(line.tokens, at):
            sides[-1] = sides[-1]._replace(end=sides[-1].tokens[-1].end if sides[-1].tokens else token.start)
            sides.append(_Piece([], token.end, line.end))
            rounded = token.text == r"\approx"
            about = about or rounded
        else:
            sides[-1].tokens.append(token)
    if len(sides) == 1:
        return [_compared(source, line) or Statement(None, (_trimmed(source, line.start, line.end),))]
    label = _alone(source, sides[0])
    made: list[Statement] = []
    if label is None:
        stop, label = _label_at_end(source, sides[0])
        first, last = _trimmed(source, sides[0].start, stop)
        if headed and label is not None and first < last:
            made.append(Statement(None, ((first, last),)))
    current = [] if label is not None else [_trimmed(source, sides[0].start, sides[0].end)]
    for side in sides[1:-1]:
        stop, following = _label_at_end(source, side)
        current.append(_trimmed(source, side.start, stop))
        if following is not None:
            made.append(Statement(label, tuple(current), about=about))
            label, current = following, []
    current.append(_trimmed(source, sides[-1].start, sides[-1].end))
    return [*made, Statement(label, tuple(current), rounded, about=about)]


def _is_equals(found: Sequence[Token], at: int) -> bool:
    r"""Whether an equals sign stands here, and no part of `!=`, `<=`, `=>` or `\not=`."""
    token = found[at]
    if token.text not in _EQUALS or token.kind not in ("symbol", "command"):
        return False
    before, behind = found[at - 1] if at else token, found[at + 1] if at + 1 < len(found) else token
    arrow = behind.text == ">" and behind.start == token.end
    return not (arrow or before.text == r"\not" or (before.text in ("!", "<", ">") and before.end == token.start))


def _compared(source: str, line: _Piece) -> Statement | None:
    """What a line without an equals sign says of a label: `h < 5`."""
    for at, token in enumerate(line.tokens[: MOST_LABEL + 1]):
        if token.text in _OTHERS | _EQUALS and token.kind in ("symbol", "command"):
            label = _alone(source, _Piece(line.tokens[:at], line.start, token.start))
            behind = line.tokens[at + 1 : at + 2]
            end = behind[0].end if behind and behind[0].text in ("=", ">") else token.end
            return Statement(label, (_trimmed(source, end, line.end),), relation=(token.start, end)) if label else None
    return None


def _alone(source: str, side: _Piece) -> str | None:
    """The label that a whole side is."""
    start, end = _trimmed(source, side.start, side.end)
    return source[start:end] if side.tokens and _is_label(source[start:end]) else None


def _is_label(text: str) -> bool:
    return bool(canonical(text)) or multiple(text) is not None


def _label_at_end(source: str, side: _Piece) -> tuple[int, str | None]:
    """The label at the end of a side, behind a comma or a wide space, and where what stands before it ends."""
    depth = 0
    found = side.tokens
    for place in range(len(found) - 1, -1, -1):
        token = found[place]
        depth += token.kind in ("close", "end") or token.text in _CLOSING
        depth -= token.kind in ("open", "begin") or token.text in _OPENING
        if depth <= 0 and (token.kind in ("space", "cell", "text", "row") or token.text in (",", ";")):
            start, end = _trimmed(source, token.end, side.end)
            if place + 1 < len(found) and _is_label(source[start : min(end, start + MOST_LABEL + 1)]):
                while place and found[place - 1].text in (",", ";"):
                    place -= 1  # noqa: PLW2901
                return found[place].start, source[start:end]
            if token.kind not in ("space", "cell") or len(found) - place > MOST_LABEL:
                break
    return side.end, None


def _trimmed(source: str, start: int, end: int) -> tuple[int, int]:
    """Without spaces, empty groups, alignment marks and line ends of LaTeX at its ends."""
    while start < end and (source[start].isspace() or source[start] == "&" or source.startswith("{}", start, end)):
        start += 2 if source[start] == "{" else 1
    while start < end:
        if source[end - 1].isspace() or source[end - 1] == "&":
            end -= 1
        elif source.endswith(r"\\", start, end):
            end -= 2
        else:
            break
    return start, end
