"""Reads one side of an equality: tokens become a formula by a small grammar; whatever is beyond it is `Unknown`."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from symconv.audit.cursor import ACCENTS, CLOSERS, NOTHING, Cursor
from symconv.audit.formula import (
    Call,
    Formula,
    Listed,
    Name,
    Negative,
    Number,
    Power,
    Product,
    Rows,
    Series,
    Sign,
    Sum,
    Transposed,
    parts,
)
from symconv.audit.values import Unknown
from symconv.latex_tokens import Token

MATRICES = frozenset({
    "matrix", "pmatrix", "bmatrix", "Bmatrix", "smallmatrix", "psmallmatrix", "bsmallmatrix", "array",
})  # fmt: skip
_SIGNS: dict[str, Sign] = {
    r"\cdot": "cdot", r"\times": "times", "*": "star", "/": "div", r"\div": "div", r"\odot": "odot",
    r"\bmod": "mod", r"\mod": "mod", "mod": "mod", "⊙": "odot",
}  # fmt: skip
_BEGINNERS = frozenset([r"(", r"[", r"\frac", r"\lfloor", r"\lceil", r"\sqrt", r"\sum", r"\max", r"\min"]) | ACCENTS
_ROUNDERS = {r"\lfloor": ("floor", r"\rfloor"), r"\lceil": ("ceil", r"\rceil")}
_FUNCTIONS = {r"\max": "max", r"\min": "min", "max": "max", "min": "min", "floor": "floor", "ceil": "ceil"}
_SUPERSCRIPTS = {"²": 2, "³": 3}


def read_side(tokens: Sequence[Token], source: str) -> Formula:
    r"""The formula that the tokens of one side are; raises Unknown with the reason.

    >>> from symconv.latex_tokens import tokens
    >>> read_side(tokens("A^T"), "A^T")
    Transposed(body=Name(base='A', shown='A', subs=(), args=(), opening=''))
    """
    if not tokens:
        raise Unknown("nothing stands on one side")
    parser = _Parser(tokens, source, 0)
    found = parser.sum()
    if parser.at < len(tokens):
        parser.refuse()
    return found


class _Parser(Cursor):
    """Recursive descent over the tokens of one side, or of one entry of a matrix."""

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
        for _ in range(3):
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
            elif token.kind == "symbol" and token.text == "_" and self.remark(found):
                self.at += 1
                self.argument_tokens()
            else:
                return found
        raise Unknown("it has several superscripts")

    def remark(self, found: Formula) -> bool:
        """Whether what stands below is only said about it: the size of a matrix, the words below a brace."""
        before = self.tokens[self.at - 1].kind
        return before == "end" or (before == "close" and not isinstance(found, Name))

    def raised(self, base: Formula) -> Formula:
        """What a superscript means."""
        above = self.argument_tokens()
        if [token.text for token in above] in (["T"], [r"\top"]) or [t.text for t in above] == ["⊤"]:
            return Transposed(base)
        return Power(base, self.inner(above))

    def argument(self) -> Formula:
        return self.inner(self.argument_tokens())

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
        if token.kind == "symbol" and token.text == "|":
            self.at += 1
            body = self.within(self.sum)
            self.take("|")
            if isinstance(body, Name) and body.shown[:1].isupper():
                raise Unknown("it may be a size or a determinant")
            return Call("abs", (body,))
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
        return self.name()

    def items(self, more: bool = True) -> list[Formula]:
        """What stands in parentheses, brackets or braces, separated by commas."""
        closing = CLOSERS.get(self.now.text)
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
        body = self.items(more=False)[0] if self.now.text in CLOSERS else self.postfix(self.name())
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
            if token is NOTHING:
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


def _bare(term: Formula) -> Formula:
    return term.body if isinstance(term, Negative) else term


def _has_name(formula: Formula) -> bool:
    return any(isinstance(part, Name) for part in parts(formula))
