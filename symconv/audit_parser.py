"""Reads one side of an equality: tokens become a formula by a small grammar; whatever is beyond it is `Unknown`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NoReturn

from symconv.audit_formula import (
    Call,
    Formula,
    Listed,
    Name,
    Negative,
    Number,
    Part,
    Power,
    Product,
    Rows,
    Series,
    Sign,
    Sum,
    Transposed,
    parts,
)
from symconv.audit_values import Unknown
from symconv.latex_tokens import Token

MOST_DEPTH = 40
MATRICES = frozenset("matrix pmatrix bmatrix Bmatrix smallmatrix psmallmatrix bsmallmatrix array".split())
ACCENTS = frozenset(r"\hat \widehat \tilde \widetilde \bar \vec \dot \ddot \check \breve \overline".split())
_BOLD = re.compile(r"\\(?:mathbf|boldsymbol|bm|pmb|symbf)\b")
_SIGNS: dict[str, Sign] = {
    r"\cdot": "cdot", r"\times": "times", "*": "star", "/": "div", r"\div": "div", r"\odot": "odot",
    r"\bmod": "mod", r"\mod": "mod", "mod": "mod", "⊙": "odot",
}  # fmt: skip
_BEGINNERS = frozenset(r"( [ \frac \lfloor \lceil \sqrt \sum \max \min".split()) | ACCENTS
_ROUNDERS = {r"\lfloor": ("floor", r"\rfloor"), r"\lceil": ("ceil", r"\rceil")}
_CLOSERS = {"(": ")", "[": "]", r"\{": r"\}"}
_FUNCTIONS = {r"\max": "max", r"\min": "min", "max": "max", "min": "min", "floor": "floor", "ceil": "ceil"}
_OPERATORS = frozenset({"Delta", "nabla", "partial"})
_SUPERSCRIPTS = {"²": 2, "³": 3}
_NOTHING = Token("space", "", 0, 0)


def read_side(tokens: Sequence[Token], source: str) -> Formula:
    r"""The formula that the tokens of one side are; raises Unknown with the reason.

    >>> from symconv.latex_tokens import tokens
    >>> read_side(tokens("A^\top"), "A^\top")
    Transposed(body=Name(base='A', shown='A', subs=(), args=(), opening=''))
    """
    if not tokens:
        raise Unknown("nothing stands on one side")
    parser = _Parser(tokens, source, 0)
    found = parser.sum()
    if parser.at < len(tokens):
        parser.refuse()
    match found:
        case Product((Number(), Number()), ("beside",)):
            raise Unknown("a number in parentheses may be the number of an equation")
    return found


class _Parser:
    """Recursive descent over the tokens of one side, or of one entry of a matrix."""

    def __init__(self, tokens: Sequence[Token], source: str, depth: int, listing: bool = False) -> None:
        self.tokens, self.source, self.at, self.depth = tokens, source, 0, _bounded(depth)
        self.listing = listing  # whether a comma separates items here

    @property
    def now(self) -> Token:
        return self.tokens[self.at] if self.at < len(self.tokens) else _NOTHING

    def after(self, steps: int = 1) -> Token:
        return self.tokens[self.at + steps] if self.at + steps < len(self.tokens) else _NOTHING

    def refuse(self) -> NoReturn:
        token = self.now
        if token is _NOTHING:
            raise Unknown("it ends too early")
        if token.kind == "text":
            raise Unknown(f"words stand in it: {token.text[:30]}")
        raise Unknown(f"{token.text[:20]} is not read here")

    def take(self, text: str) -> None:
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

    def sum(self) -> Formula:
        terms: list[Formula] = []
        while True:
            sign = self.now.text if self.now.kind == "symbol" and self.now.text in ("+", "-") else ""
            if terms and not sign:
                break
            self.at += bool(sign)
            term = self.product()
            terms.append(Negative(term) if sign == "-" else term)
        if len(terms) == 1:
            return terms[0]
        if any(isinstance(part, Product) and "mod" in part.signs for term in terms for part in (term, _bare(term))):
            raise Unknown("mod in a sum may take all of the sum or one term")
        return Sum(tuple(terms))

    def product(self) -> Formula:
        factors, signs = [self.factor()], list[Sign]()
        while True:
            sign = self.sign(factors[-1])
            if sign is None:
                break
            after_division = bool(signs) and signs[-1] == "div"
            was = self.now
            factor = self.factor()
            if sign in ("beside", "called"):
                if after_division:
                    raise Unknown("it is not clear what a slash divides by")
                if isinstance(factors[-1], Number) and was.text == r"\frac" and not _has_name(factor):
                    raise Unknown("a number beside a fraction may be a mixed number")
            if sign == "mod" and signs:
                raise Unknown("it is not clear what mod takes")
            factors.append(factor)
            signs.append(sign)
        return Product(tuple(factors), tuple(signs)) if signs else factors[0]

    def sign(self, before: Formula) -> Sign | None:
        """The sign between two factors, read away; None where the product ends."""
        token = self.now
        if token.kind in ("command", "symbol", "name") and token.text in _SIGNS:
            self.at += 1
            return _SIGNS[token.text]
        if token.kind == "open":
            return None if self.after().kind == "number" else "beside"
        if token.kind in ("name", "begin") or (token.kind in ("command", "symbol") and token.text in _BEGINNERS):
            return "called" if isinstance(before, Name) and token.text == "(" else "beside"
        return None

    def factor(self) -> Formula:
        signs = 0
        while self.now.kind == "symbol" and self.now.text in ("+", "-"):
            signs += self.now.text == "-"
            self.at += 1
        found = self.postfix(self.primary())
        return Negative(found) if signs % 2 else found

    def postfix(self, found: Formula) -> Formula:
        while True:
            token = self.now
            if token.text in _SUPERSCRIPTS:
                self.at += 1
                value = _SUPERSCRIPTS[token.text]
                found = Power(found, Number(Fraction(value), 0, token.start, str(value)))
            elif token.text == "ᵀ":
                self.at += 1
                found = Transposed(found)
            elif token.kind == "symbol" and token.text == "^":
                self.at += 1
                found = self.raised(found)
            else:
                return found

    def raised(self, base: Formula) -> Formula:
        """What a superscript means."""
        above = self.argument_tokens()
        if [token.text for token in above] in (["T"], [r"\top"]) or [t.text for t in above] == ["⊤"]:
            return Transposed(base)
        return Power(base, self.inner(above))

    def argument_tokens(self) -> Sequence[Token]:
        """The tokens of a group, or the one token that stands for it."""
        if self.now is _NOTHING:
            self.refuse()
        if self.now.kind != "open":
            self.at += 1
            return self.tokens[self.at - 1 : self.at]
        start, depth = self.at + 1, 0
        while True:
            depth += (self.now.kind == "open") - (self.now.kind == "close")
            if self.now is _NOTHING:
                self.refuse()
            self.at += 1
            if depth == 0:
                return self.tokens[start : self.at - 1]

    def argument(self) -> Formula:
        return self.inner(self.argument_tokens())

    def inner(self, tokens: Sequence[Token]) -> Formula:
        """What a group says."""
        return _Parser(tokens, self.source, self.depth + 1).whole()

    def primary(self) -> Formula:
        token = self.now
        if token.kind == "number":
            return self.number()
        if token.kind == "open":
            return self.argument()
        if token.kind == "begin":
            return self.matrix()
        if token.kind == "text" and self.at == 0 and len(self.tokens) == 1:
            self.at += 1
            return Name(f"words {token.text}", token.text)
        if token.kind in ("symbol", "command") and token.text in ("(", "["):
            items = self.items()
            return items[0] if len(items) == 1 else Listed(tuple(items))
        if token.text in _ROUNDERS:
            self.at += 1
            name, closing = _ROUNDERS[token.text]
            body = self.within(self.sum)
            self.take(closing)
            return Call(name, (body,))
        if token.kind == "command" and token.text == r"\frac":
            self.at += 1
            return self.fraction()
        if token.kind == "command" and token.text == r"\sqrt" and self.after().text != "[":
            self.at += 1
            return Call("sqrt", (self.argument(),))
        if token.kind == "command" and token.text in (r"\sum", r"\prod"):
            return self.series()
        if token.kind in ("name", "command") and token.text in _FUNCTIONS:
            return self.function()
        if token.kind == "name" and token.text == "vec":
            return self.vec()
        if token.kind == "name" or token.text in ACCENTS:
            return self.name()
        self.refuse()

    def number(self) -> Formula:
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

    def items(self, more: bool = True) -> list[Formula]:
        """What stands in parentheses, brackets or braces, separated by commas."""
        closing = _CLOSERS.get(self.now.text)
        if closing is None:
            self.refuse()
        self.at += 1
        found = [self.within(self.sum, listing=True)]
        while more and self.now.text in (",", ";"):
            self.at += 1
            found.append(self.within(self.sum, listing=True))
        self.take(closing)
        return found

    def fraction(self) -> Formula:
        above, below = self.argument_tokens(), self.argument_tokens()
        if any(len(side) > 1 and side[0].text == "d" and side[0].kind == side[1].kind for side in (above, below)):
            raise Unknown("it may be a derivative")
        return Call("over", (self.inner(above), self.inner(below)))

    def function(self) -> Formula:
        name = _FUNCTIONS[self.now.text]
        self.at += 1
        items = self.items()
        if name in ("floor", "ceil") and len(items) > 1:
            raise Unknown(f"{name} has several arguments")
        return Call(name, tuple(items))

    def vec(self) -> Formula:
        self.at += 1
        order = ""
        if self.now.text == "_":
            self.at += 1
            order = "".join(token.text for token in self.argument_tokens())
        body = self.items(more=False)[0] if self.now.text in _CLOSERS else self.postfix(self.name())
        return Call(f"vec:{order}", (body,))

    def series(self) -> Formula:
        name = "sum" if self.now.text == r"\sum" else "prod"
        self.at += 1
        limits: dict[str, Sequence[Token]] = {}
        while self.now.text in ("_", "^") and self.now.text not in limits:
            sign = self.now.text
            self.at += 1
            limits[sign] = self.argument_tokens()
        low, high = limits.get("_", ()), limits.get("^", ())
        if len(low) < 3 or low[0].kind != "name" or low[1].text != "=" or not high:
            raise Unknown("a sum has no plain limits")
        body = self.within(self.product)
        return Series("sum" if name == "sum" else "prod", low[0].text, self.inner(low[2:]), self.inner(high), body)

    def whole(self) -> Formula:
        found = self.sum()
        if self.at < len(self.tokens):
            self.refuse()
        return found

    def matrix(self) -> Formula:
        if self.now.text not in MATRICES:
            raise Unknown(f"{self.now.text} is not read")
        cells: list[list[list[Token]]] = [[[]]]
        depth = 0
        while True:
            token = self.now
            if token is _NOTHING:
                self.refuse()
            self.at += 1
            depth += (token.kind in ("begin", "open")) - (token.kind in ("end", "close"))
            if depth == 0:
                break
            if depth == 1 and token.kind == "row":
                cells.append([[]])
            elif depth == 1 and token.kind == "cell":
                cells[-1].append([])
            elif depth > 1 or token.kind != "begin":
                cells[-1][-1].append(token)
        if cells[-1] == [[]]:
            cells.pop()
        rows = tuple(tuple(map(self.entry, row)) for row in cells)
        return Rows(rows, tuple(tuple(cell[0].start for cell in row) for row in cells))

    def entry(self, tokens: list[Token]) -> Formula:
        if not tokens:
            raise Unknown("an entry of a matrix is empty")
        return self.inner(tokens)

    def name(self) -> Name:
        base, shown = self.letter()
        subs: tuple[Part, ...] = ()
        while True:
            if self.now.text == "_" and not subs:
                self.at += 1
                subs = _indices(self.argument_tokens(), self.source, self.depth)
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
        token = self.now
        self.at += 1
        if token.text in ACCENTS and token.kind == "command":
            above = token.text[1:].removeprefix("wide")
            inner = _Parser(self.argument_tokens(), self.source, self.depth + 1)
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
        closing = _CLOSERS[self.now.text]
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
        return _indices(tokens, self.source, self.depth)


def _bounded(depth: int) -> int:
    if depth > MOST_DEPTH:
        raise Unknown("it is nested too deep")
    return depth


def _shape(token: Token) -> str:
    return {"number": "n", "name": "v"}.get(token.kind, token.text if token.text in (",", "-") else "?")


def _bare(term: Formula) -> Formula:
    return term.body if isinstance(term, Negative) else term


def _has_name(formula: Formula) -> bool:
    return any(isinstance(part, Name) for part in parts(formula))


def _indices(tokens: Sequence[Token], source: str, depth: int) -> tuple[Part, ...]:
    """Indices separated by commas; letters without a comma between them are one index each."""
    groups: list[list[Token]] = [[]]
    for token in tokens:
        if token.text == ",":
            groups.append([])
        else:
            groups[-1].append(token)
    if all(len(token.text) == 1 and token.kind in ("name", "number") for token in tokens if token.text != ","):
        groups = [[token] for group in groups for token in group]
    return tuple(_index(group, source, depth) for group in groups)


def _index(tokens: list[Token], source: str, depth: int) -> Part:
    raw = "".join(token.text for token in tokens if token.kind not in ("open", "close"))
    try:
        formula = _Parser(tokens, source, depth + 1).whole() if tokens else None
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
