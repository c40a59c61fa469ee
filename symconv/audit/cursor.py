"""Reads the smallest parts of a formula from its tokens: numbers, names, groups; it knows no operators."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NoReturn

from symconv.audit.formula import Formula, Name, Number, Part
from symconv.audit.values import Unknown
from symconv.latex_tokens import Token

MOST_DEPTH = 40
ACCENTS = frozenset({
    r"\hat", r"\widehat", r"\tilde", r"\widetilde", r"\bar", r"\vec", r"\dot", r"\ddot", r"\check", r"\breve",
    r"\overline",
})  # fmt: skip
CLOSERS = {"(": ")", "[": "]", r"\{": r"\}"}
_BOLD = re.compile(r"\\(?:mathbf|boldsymbol|bm|pmb|symbf)\b")
_OPERATORS = frozenset({"Delta", "nabla", "partial"})
NOTHING = Token("space", "", 0, 0)


class Cursor:
    """A place in the tokens of one side, or of one group of it; the grammar is in `audit_parser`."""

    def __init__(self, tokens: Sequence[Token], source: str, depth: int, listing: bool = False) -> None:
        self.tokens, self.source, self.at, self.depth = tokens, source, 0, _bounded(depth)
        self.listing = listing  # whether a comma separates items here

    @property
    def now(self) -> Token:
        """The token that comes next."""
        return self.tokens[self.at] if self.at < len(self.tokens) else NOTHING

    def after(self, steps: int = 1) -> Token:
        """The token so many steps further."""
        return self.tokens[self.at + steps] if self.at + steps < len(self.tokens) else NOTHING

    def refuse(self) -> NoReturn:
        """Raise Unknown because of the token that comes next."""
        token = self.now
        if token is NOTHING:
            raise Unknown("it ends too early")
        if token.start == token.end:  # put in by `audit_chains`
            raise Unknown("it is not clear what belongs to it")
        if token.kind == "text":
            raise Unknown(f"words stand in it: {token.text[:30]}")
        raise Unknown(f"{token.text[:20]} is not read here")

    def take(self, text: str) -> None:
        """Read this sign away; raises Unknown where another one stands."""
        if self.now.text != text or self.now.kind == "text":
            self.refuse()
        self.at += 1

    def within(self, read: Callable[[], Formula], listing: bool = False) -> Formula:
        """Read what is nested one deeper."""
        _bounded(self.depth + 1)
        before, self.listing, self.depth = self.listing, listing, self.depth + 1
        found = read()
        self.listing, self.depth = before, self.depth - 1
        return found

    def argument_tokens(self) -> Sequence[Token]:
        """The tokens of a group, or the one token that stands for it."""
        if self.now is NOTHING:
            self.refuse()
        if self.now.kind != "open":
            self.at += 1
            return self.tokens[self.at - 1 : self.at]
        start, depth = self.at + 1, 0
        while True:
            depth += {"open": 1, "close": -1}.get(self.now.kind, 0)
            if self.now is NOTHING:
                self.refuse()
            self.at += 1
            if depth == 0:
                return self.tokens[start : self.at - 1]

    def inner(self, tokens: Sequence[Token]) -> Formula:
        """What a group says."""
        return type(self)(tokens, self.source, self.depth + 1).whole()

    def whole(self) -> Formula:
        """The formula that all the tokens are."""
        raise NotImplementedError

    def number(self) -> Formula:
        """A number, with the groups of three digits or the decimals behind a comma."""
        token, text, end = self.now, self.now.text, self.now.end
        self.at += 1
        plain = False
        while self.now.kind == "number":  # 291\,600
            between = self.source[end : self.now.start]
            if between.strip() not in (r"\,", "~") or not re.fullmatch("[0-9]{3}", self.now.text):
                raise Unknown("two numbers stand beside each other")
            text, end = text + self.now.text, self.now.end
            self.at += 1
        while not self.listing and self.now.text == "," and self.now.start == end and self.after().kind == "number":
            if self.after().start != self.now.end:
                break
            plain = True
            text, end = f"{text},{self.after().text}", self.after().end
            self.at += 2
        return _number(text, token.start, plain)

    def name(self) -> Name:
        """A letter with its ornaments and indices."""
        base, shown = self.letter()
        subs: tuple[Part, ...] = ()
        while True:
            if self.now.text == "_" and not subs:
                self.at += 1
                subs = _indices(self.argument_tokens(), self.inner)
            elif self.now.text == "'":
                self.at += 1
                base, shown = base + "'", shown + "'"
            elif self.now.text == "^" and self.after().kind == "open" and self.after(2).text in ("(", "[", "'"):
                self.at += 1
                above = "".join(token.text for token in self.argument_tokens())
                base, shown = f"{base}^{above}", f"{shown}^{above}"
            else:
                break
        if self.now.text in ("(", "["):
            opening = self.now.text
            if args := self.call():
                return Name(base, shown, subs, args, opening)
        return Name(base, shown, subs)

    def letter(self) -> tuple[str, str]:
        """What tells a letter from others, and how a person writes it."""
        token = self.now
        self.at += 1
        if token.text in ACCENTS and token.kind == "command":
            above = token.text[1:].removeprefix("wide")
            inner = type(self)(self.argument_tokens(), self.source, self.depth + 1)
            if inner.now.kind != "name" or len(inner.tokens) != 1:
                raise Unknown(f"{token.text} stands over more than a letter")
            base, shown = inner.letter()
            return f"{above} {base}", shown
        if token.kind != "name" or token.text in _OPERATORS:
            self.at -= 1
            self.refuse()
        bold = _BOLD.match(self.source, token.start)
        return (f"bold {token.text}" if bold else token.text), token.text

    def call(self) -> tuple[Part, ...]:
        """The indices of y(1, 2), read away; nothing where the parentheses hold a formula."""
        closing = CLOSERS[self.now.text]
        tokens: list[Token] = []
        for token in self.tokens[self.at + 1 : self.at + 16]:
            if token.text == closing:
                break
            tokens.append(token)
        else:
            return ()
        if not re.fullmatch("-?[vn](,-?[vn])*", "".join(_shape(token) for token in tokens)):
            return ()
        self.at += len(tokens) + 2
        return _indices(tokens, self.inner)


def _bounded(depth: int) -> int:
    if depth > MOST_DEPTH:
        raise Unknown("it is nested too deep")
    return depth


def _shape(token: Token) -> str:
    return {"number": "n", "name": "v"}.get(token.kind, token.text if token.text in (",", "-") else "?")


def _indices(tokens: Sequence[Token], read: Callable[[Sequence[Token]], Formula]) -> tuple[Part, ...]:
    """Indices separated by commas; letters without a comma between them are one index each."""
    groups: list[list[Token]] = [[]]
    for token in tokens:
        if token.text == ",":
            groups.append([])
        else:
            groups[-1].append(token)
    if all(len(token.text) == 1 and token.kind in ("name", "number") for token in tokens if token.text != ","):
        groups = [[token] for group in groups for token in group]
    return tuple(_index(group, read) for group in groups)


def _index(tokens: Sequence[Token], read: Callable[[Sequence[Token]], Formula]) -> Part:
    raw = "".join(token.text for token in tokens if token.kind not in ("open", "close"))
    try:
        formula = read(tokens) if tokens else None
    except Unknown:
        formula = None
    return Part(raw, formula)


def _number(text: str, start: int, plain: bool) -> Number:
    """A number with a point or a comma; two readings where a comma may stand for thousands."""
    pieces = text.split(",")
    if len(pieces) == 1:
        whole, _, rest = text.partition(".")
        return Number(Fraction(int((whole + rest) or "0"), 10 ** len(rest)), len(rest), start, text)
    thousands = all(len(piece) == 3 for piece in pieces[1:]) and 1 <= len(pieces[0]) <= 3 and pieces[0][0] != "0"
    if not all(piece.isdigit() for piece in pieces) or (len(pieces) > 2 and not thousands):
        raise Unknown("numbers separated by commas are a list")
    joined = Fraction(int("".join(pieces)))
    if len(pieces) > 2:
        return Number(joined, 0, start, text)
    places = len(pieces[1])
    decimal = joined / 10**places
    if thousands:
        return Number(joined, 0, start, text, other=decimal)
    return Number(decimal, places, start, text, doubtful=plain)
