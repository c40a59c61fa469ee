"""Shows formulas and values of somebody's notes on one line of plain text; what a terminal would obey is replaced."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from symconv.audit.values import Matrix, Polynomial, Scalar, Value
from symconv.latex_tokens import Token

MOST = 80  # columns of an excerpt
_MOST_TOKENS = 400  # of one side, so that a long one takes no time
_SIGNS = {
    r"\cdot": "·", r"\times": "×", r"\lfloor": "⌊", r"\rfloor": "⌋", r"\lceil": "⌈", r"\rceil": "⌉", r"\odot": " ⊙ ",
    r"\top": "T", r"\sum": "Σ", r"\prod": "Π", r"\dots": "...", r"\cdots": "...", r"\vdots": "...", r"\ddots": "...",
    r"\{": "{", r"\}": "}", r"\max": "max", r"\min": "min", r"\bmod": " mod ", r"\sqrt": "√", r"\div": "/",
    r"\square": "□", r"\approx": " ≈ ", r"\le": " <= ", r"\ge": " >= ", "*": "*",
}  # fmt: skip
_ENDS = {"pmatrix": "()", "bmatrix": "[]", "psmallmatrix": "()", "bsmallmatrix": "[]", "Bmatrix": "{}"}


def excerpt(tokens: Sequence[Token]) -> str:
    r"""One side of an equality as a person reads it.

    >>> from symconv.latex_tokens import tokens
    >>> excerpt(tokens(r"3\cdot 1 + \tfrac{1}{2} - h_{1,2}^{\top}"))
    '3·1 + 1/2 - h_1,2^T'
    """
    text = _Excerpt(tokens[:_MOST_TOKENS]).text()
    return plain(text + ("..." if len(tokens) > _MOST_TOKENS else ""))


class _Excerpt:
    """Goes through the tokens of one side once."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens, self.at, self.found = tokens, 0, list[str]()

    def text(self) -> str:
        environments: list[str] = []
        limits = False  # of a sum, behind which a space stands
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            if limits and token.text not in ("^", "_"):
                self.found.append(" ")
            limits = token.text in (r"\sum", r"\prod") or (limits and token.text in ("^", "_"))
            if token.kind == "command" and token.text == r"\frac":
                above, below = self.group(), self.group()
                mixed = bool(self.found) and self.found[-1][-1:].isdigit()
                self.found.append(" " * mixed + f"{_grouped(above)}/{_grouped(below)}")
            elif token.kind == "symbol" and token.text in "^_":
                inside = self.group().replace(" = ", "=").strip()
                several = not inside.strip("()").replace(",", "").isalnum()
                self.found.append(f"{token.text}{{{inside}}}" if several else token.text + inside)
            elif token.kind in ("open", "close"):
                continue
            elif token.kind == "begin":
                environments.append(_ENDS.get(token.text, "[]"))
                self.found.append("" if self.bracketed() else environments[-1][0])
                environments[-1] = environments[-1] if self.found[-1] else "  "
            elif token.kind == "end":
                self.found.append(environments.pop()[1].strip() if environments else "")
            else:
                self.found.append(self.sign(token))
        return "".join(self.found)

    def bracketed(self) -> bool:
        return bool(self.found) and self.found[-1] in ("(", "[") and self.tokens[self.at - 1].text not in _ENDS

    def sign(self, token: Token) -> str:
        if token.start == token.end:  # put in where it is not clear what belongs together
            return ""
        if token.kind == "row":
            return "; "
        if token.kind == "cell":
            return " "
        if token.kind == "text":
            return f" {token.text} "
        if token.kind == "symbol" and token.text in "+-":
            before = self.found[-1] if self.found else ""
            return token.text if not before.strip() or before[-1] in "([{;=·×⌊⌈ +-" else f" {token.text} "
        if token.kind == "symbol" and token.text in (",", "="):
            return ", " if token.text == "," else " = "
        if token.kind == "command" and token.text not in _SIGNS:
            return f" {token.text} "
        return _SIGNS.get(token.text, token.text) if token.kind != "name" else token.text

    def group(self) -> str:
        """What stands in the braces that come next, or the next sign."""
        if self.at >= len(self.tokens):
            return ""
        start, depth = self.at, 0
        while self.at < len(self.tokens):
            kind = self.tokens[self.at].kind
            depth += (kind == "open") - (kind == "close")
            self.at += 1
            if depth == 0:
                break
        inside = self.tokens[start : self.at]
        if inside[0].kind == "open":
            inside = inside[1:-1] if inside[-1].kind == "close" else inside[1:]
        return _Excerpt(inside).text().replace(", ", ",")


def _grouped(text: str) -> str:
    return f"({text})" if any(sign in text for sign in " +-·×/") else text


def plain(text: str) -> str:
    """Text on one line, with nothing in it that a terminal would obey."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in " ".join(text.split()))


def link(left: str, relation: str, right: str, most: int = MOST) -> str:
    """Both sides on one line of so many columns; what is too long loses its middle.

    >>> link("1 + 1 + 1 + 1 + 1 + 1 + 1", "=", "8", 20)
    '1 + 1 + ... + 1 = 8'
    """
    room = most - len(relation) - 2
    wanted = max(room - len(left), room // 2)
    right = shortened(right, wanted)
    return f"{shortened(left, room - len(right))} {relation} {right}"


def shortened(text: str, most: int) -> str:
    """The text, or its two ends."""
    if len(text) <= most:
        return text
    if most < 8:
        return text[: max(most - 3, 0)] + "..."
    return f"{text[: (most - 4) * 2 // 3].rstrip()} ... {text[len(text) - (most - 5 - (most - 4) * 2 // 3) :].lstrip()}"


def shown(value: Value, decimals: bool = False) -> str:
    """A value in plain text; with `decimals` the digits of a fraction too.

    >>> shown(Fraction(7, 3), decimals=True), shown(Fraction(1, 2))
    ('7/3 = 2.333...', '1/2')
    """
    if isinstance(value, Matrix):
        rows = "; ".join(" ".join(shown(cell) for cell in row) for row in value.rows[:16])
        return f"[{rows}]"
    if isinstance(value, Polynomial):
        return _polynomial(value)
    if value.denominator == 1:
        return shortened(str(value), 40)
    text = shortened(f"{value.numerator}/{value.denominator}", 40)
    return f"{text} = {_digits(value)}" if decimals else text


def _digits(value: Fraction, most: int = 16) -> str:
    """A fraction in decimals: all where they end soon, otherwise three behind the zeros."""
    places = next((n for n in range(1, most + 1) if (value * 10**n).denominator == 1), 0)
    if not places:
        places = next((n + 2 for n in range(1, most) if abs(value) * 10**n >= 1), most)
    whole = abs(value) * 10**places
    digits = str(int(whole)).rjust(places + 1, "0")
    rest = "" if whole.denominator == 1 else "..."
    return f"{'-' if value < 0 else ''}{digits[:-places]}.{digits[-places:]}{rest}"


def _polynomial(value: Polynomial) -> str:
    found = []
    for monomial, factor in list(value.terms.items())[:8]:
        letters = " ".join(name if power == 1 else f"{name}^{power}" for name, power in monomial)
        number = "" if abs(factor) == 1 and letters else shown(abs(factor))
        found.append(("-" if factor < 0 else "+", f"{number} {letters}".strip()))
    text = " ".join(f"{sign} {term}" for sign, term in found).removeprefix("+ ")
    return plain(text.replace("- ", "-", 1) if text.startswith("-") else text) + (
        " ..." if len(value.terms) > 8 else ""
    )


def machine(value: Value | None) -> int | str | list[object] | None:
    """A value as JSON holds it: integers, "1/2", letters as text, nested lists."""
    if value is None:
        return None
    if isinstance(value, Matrix):
        return [[machine(cell) for cell in row] for row in value.rows]
    return _plain_number(value)


def _plain_number(value: Scalar) -> int | str:
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else f"{value.numerator}/{value.denominator}"
    return _polynomial(value)
