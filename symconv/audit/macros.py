r"""Puts what a text's own macros stand for in their place: those of `\newcommand`, `\def` and the like with plain #1.

Whatever comes of a macro keeps the place of its use, arguments keep their own, so that lines are those of the text as
written. Nothing can take long: depth and length are bounded, and a use beyond a bound stays as it is written.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from symconv.math_spans import Form

MOST_DEPTH = 25  # of macros and arguments in each other
MOST_LENGTH = 200_000  # characters of bodies and arguments that are gone through for one use
LEAST_TOTAL, TOTAL = 1_000_000, 4  # of them for a text, and for each of its characters
_GROUP = re.compile(r"\\[\s\S]|[{}]")
_NAME = r"\\[A-Za-z@]+"
_DEFINES = (
    r"\\(?P<how>(?:re)?newcommand|providecommand|DeclareRobustCommand|DeclareMathOperator|(?:long\s*\\)?g?def)"
    rf"(?![A-Za-z])\*?\s*(?:\{{\s*(?P<braced>{_NAME})\s*\}}|(?P<bare>{_NAME}))"
)
_SIGNS = re.compile(rf"(?P<defines>{_DEFINES})|(?P<sign>{_NAME}|\\[\s\S])")
_PASSED = {
    "tex": re.compile(
        r"%[^\n]*|\\begin\{(?P<verbatim>verbatim|lstlisting|comment)\*?\}"
        r"|\\verb\*?(?P<mark>[^\sA-Za-z*])[^\n]{0,200}?(?P=mark)|(?P<sign>\\[\s\S])"
    ),
    "md": re.compile(
        r"^[ \t]*(?P<fence>```+|~~~+)(?P<info>[^\n]*)|(?<![`$])`(?![`$])[^`\n]+`|(?P<sign>\\[\s\S])", re.MULTILINE
    ),
}
_INSIDE = re.compile(rf"(?P<sign>#[1-9]|{_NAME}|\\[\s\S])")  # the signs of a macro's body
_BLANK = re.compile(r"\s*")
_COMMAND = re.compile(_NAME)
_COUNT = re.compile(r"\s*(?:\[\s*([0-9])\s*\])?\s*(\[[^\[\]]*\])?\s*")
_PARAMETERS = re.compile(r"((?:#[1-9])*)\s*(?=\{)")
_REMARK = re.compile(r"\\xspace(?![A-Za-z])")
_WORD = re.compile(r"[A-Za-z]{2,60}")
_COMMAND_ENDS = re.compile(r"\\[A-Za-z@]+$")
_TAIL = 60  # characters that are looked at for a command


@dataclass(frozen=True)
class Expanded:
    """A text without its macros; `place` says where in the text as written something stands."""

    text: str
    starts: list[int] = field(default_factory=list)  # of the pieces it is put together from
    origins: list[int] = field(default_factory=list)  # where each piece stands in the text as written
    copied: list[bool] = field(default_factory=list)  # whether it stands there letter by letter

    def place(self, at: int) -> int:
        """The place in the text as written."""
        piece = bisect_right(self.starts, at) - 1
        if piece < 0:
            return at
        return self.origins[piece] + (at - self.starts[piece]) * self.copied[piece]


@dataclass(frozen=True)
class _Macro:
    """How many arguments a macro has and what it stands for, from which place of the text on."""

    arguments: int
    body: str
    end: int


@dataclass(frozen=True)
class _Part:
    """A part of a source that is put in: of the text, masked, or of a body with the arguments of its macro."""

    source: str
    low: int
    high: int
    use: int | None = None  # the place of the use; None for the text itself
    arguments: tuple[_Part, ...] = ()


class _TooMuch(Exception):  # noqa: N818  # no error: a use that stays as it is written
    """A use that stands for more than is allowed."""


def expand(text: str, form: Form) -> Expanded:
    r"""The text with its macros replaced by what they stand for, and without their definitions.

    >>> found = expand(r"\newcommand{\half}{\frac12} \newcommand\by[2]{#2 \times #1} $\half \by{3}{x}$", "tex")
    >>> found.text.replace(r"\relax ", "").strip(), found.place(found.text.index("frac"))
    ('$\\frac12 x \\times 3$', 61)

    A macro that the text defines in two ways is left alone, and one with an optional argument or with dollars.
    """
    if not re.search(_DEFINES, text):
        return Expanded(text)
    return _Expander(text, form).expand()


class _Expander:
    """One pass over a text that collects its macros, and one that puts them in."""

    def __init__(self, text: str, form: Form) -> None:
        self.text, self.masked = text, _masked(text, form)
        self.macros: dict[str, _Macro | None] = {}  # None for one that is left alone
        self.definitions: dict[int, int] = {}  # where each that is left out begins and ends
        self.pieces: list[str] = []
        self.found = Expanded("")
        self.length = self.spent = self.limit = 0
        self.total = LEAST_TOTAL + TOTAL * len(text)
        self.partners = _partners(self.masked)
        self.bodies: dict[str, Sequence[int]] = {}

    def expand(self) -> Expanded:
        """The text with what its macros stand for."""
        for start, end, name, macro, replaces in _definitions(self.masked, self.partners):
            known = self.macros.get(name, macro)
            same = known is not None and macro is not None and known.body == macro.body
            if replaces or name not in self.macros:
                self.macros[name] = known if same and known and macro and known.arguments == macro.arguments else None
            if macro is not None or "=" not in self.text[start:end]:
                self.definitions[start] = end
        self.put(_Part(self.masked, 0, len(self.text)), 0)
        return Expanded("".join(self.pieces), self.found.starts, self.found.origins, self.found.copied)

    def put(self, part: _Part, depth: int) -> None:
        """Put a part in, with what the macros in it stand for."""
        self.spent += part.high - part.low + 1 if depth else 0
        if depth > MOST_DEPTH or (depth and self.spent > self.limit):
            raise _TooMuch
        signs = _SIGNS if part.use is None else _INSIDE
        at = part.low
        while match := signs.search(part.source, at, part.high):
            self.emit(part, at, match.start())
            at = match.end()
            sign = match.group("sign")
            if sign is None:
                at = self.definitions.get(match.start(), at) if part.use is None else at
                if at > match.end():
                    self.emit(_Part(r"\relax ", 0, 7, match.start()), 0, 7)
                else:
                    self.emit(part, match.start(), at)
            elif sign[0] == "#" and int(sign[1]) <= len(part.arguments):
                self.put(part.arguments[int(sign[1]) - 1], depth + 1)
            else:
                at = self.use(part, match.start(), at, depth)
        self.emit(part, at, part.high)

    def use(self, part: _Part, start: int, end: int, depth: int) -> int:
        """Put in what a command stands for, or the command itself; where to go on behind it."""
        name = part.source[start:end]
        macro = self.macros.get(name)
        arguments = None
        if macro is not None and (part.use is not None or start >= macro.end) and self.spent < self.total:
            arguments, behind = self.arguments(part, end, macro.arguments)
        if macro is None or arguments is None:
            self.emit(part, start, end)
            return end
        body = _Part(macro.body, 0, len(macro.body), start if part.use is None else part.use, arguments)
        if depth:
            self.put(body, depth + 1)
            return behind
        pieces, length = len(self.pieces), self.length
        self.limit = self.spent + MOST_LENGTH
        try:
            self.put(body, 1)
        except _TooMuch:
            for kept in (self.pieces, self.found.starts, self.found.origins, self.found.copied):
                del kept[pieces:]
            self.length, self.macros[name] = length, None  # it is not tried again
            self.emit(part, start, end)
            return end
        return behind

    def arguments(self, part: _Part, at: int, count: int) -> tuple[tuple[_Part, ...] | None, int]:
        """The arguments of a macro behind its name and where they end; None where there are too few."""
        found: list[_Part] = []
        partners = self.partners if part.use is None or not count else self.partners_of(part.source)
        for _ in range(count):
            at = _behind_spaces(part.source, at)
            if at >= part.high or part.source[at] == "}":
                return None, at
            inside = _group(part.source, at, partners)
            if inside is None and part.source[at] in "{\\":
                return None, at
            behind = at + 1 + (part.source[at] == "#")
            low, high, at = inside or (at, behind, behind)
            if at > part.high:
                return None, at
            found.append(_Part(part.source, low, high, part.use, part.arguments))
        return tuple(found), at

    def partners_of(self, body: str) -> Sequence[int]:
        """The braces of a body, looked for once."""
        if body not in self.bodies:
            self.bodies[body] = _partners(body)
        return self.bodies[body]

    def emit(self, part: _Part, low: int, high: int) -> None:
        """Write letters down; what would grow together with what stands before it is kept apart."""
        piece = (self.text if part.use is None else part.source)[low:high]
        if not piece:
            return
        before = self.pieces[-1][-_TAIL:] if self.pieces else ""
        digits = before[-1:].isdigit() and piece[0].isdigit()
        if digits or (piece[0].isalpha() and _COMMAND_ENDS.search(before)):
            self.write(" ", low if part.use is None else part.use, False)
        self.write(piece, low if part.use is None else part.use, part.use is None)

    def write(self, piece: str, origin: int, copied: bool) -> None:
        """Add a piece and where it comes from."""
        self.pieces.append(piece)
        self.found.starts.append(self.length)
        self.found.origins.append(origin)
        self.found.copied.append(copied)
        self.length += len(piece)


def _masked(text: str, form: Form) -> str:
    """The text with spaces in place of comments, verbatim text and code, where nothing is put in."""
    found: list[str] = []
    at, formula = 0, ""  # the fence of a block of Markdown that is a formula
    while match := _PASSED[form].search(text, at):
        found.append(text[at : match.start()])
        groups, end = match.groupdict(), match.end()
        fence = groups.get("fence")
        if fence and (formula or groups["info"].strip() == "math"):
            formula = "" if formula else fence
        elif fence:
            closing = re.compile(rf"^[ \t]*{fence}", re.MULTILINE).search(text, end)
            end = closing.end() if closing else len(text)
        elif groups.get("verbatim"):
            end = text.find(rf"\end{{{groups['verbatim']}", end)
            end = end if end >= 0 else len(text)
        shown = text[match.start() : end]
        found.append(shown if groups["sign"] else re.sub(r"[^\n]", " ", shown))
        at = end
    return "".join([*found, text[at:]])


def _behind_spaces(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _definitions(text: str, partners: Sequence[int]) -> Iterator[tuple[int, int, str, _Macro | None, bool]]:
    """Where each definition begins and ends, the macro, what it stands for, and whether that replaces another one."""
    at = 0
    while match := _SIGNS.search(text, at):
        at = match.end()
        if match.group("defines") is None:
            continue
        how = match.group("how").removeprefix("long").strip("\\ \n\t")
        name = match.group("braced") or match.group("bare")
        if how.endswith("def"):
            head = _PARAMETERS.match(text, at)
            if head is None:
                continue
            count, plain = len(head[1]) // 2, head[1] == "".join(f"#{n}" for n in range(1, len(head[1]) // 2 + 1))
        else:
            head = _COUNT.match(text, at)
            count, plain = int(head[1] or 0) if head else 0, head is not None and head[2] is None
        inside = _group(text, head.end() if head else at, partners)
        if inside is None:
            continue
        start, (low, high, at) = match.start(), inside
        body = _REMARK.sub("", text[low:high])
        if how == "DeclareMathOperator":
            plain, body = _WORD.fullmatch(body.strip()) is not None, rf"\operatorname{{{body.strip()}}}"
        # a box with a formula in it may stand in a formula
        plain = plain and not re.search(rf"{_DEFINES}|##|\$|\\\(|\\\[", body)
        plain = plain and all(int(digit) <= count for digit in re.findall(r"#([1-9])", body))
        yield start, at, name, _Macro(count, body, at) if plain else None, how != "providecommand"


def _partners(text: str) -> Sequence[int]:
    """For each opening brace the place behind the one that closes it, and 0 everywhere else."""
    found = array("i", bytes(4 * len(text)))
    opened: list[int] = []
    for match in _GROUP.finditer(text):
        if match[0] == "{":
            opened.append(match.start())
        elif match[0] == "}" and opened:
            found[opened.pop()] = match.end()
    return found


def _group(text: str, at: int, partners: Sequence[int]) -> tuple[int, int, int] | None:
    """The inside of the braces that begin here, or the one command; and what comes behind."""
    if text.startswith("{", at):
        return (at + 1, partners[at] - 1, partners[at]) if partners[at] else None
    command = _COMMAND.match(text, at)
    return (at, command.end(), command.end()) if command else None
