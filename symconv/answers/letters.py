r"""Reads a sum of products of letters and numbers, `a + 2 b w_{1,2} - 1`, as an answer to a problem with letters.

It evaluates nothing: a sum without a letter is a calculation, whose value the person has to write.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from symconv import entries
from symconv.errors import AnswerError
from symconv.latex_tokens import Token, tokens
from symconv.tensor import Entry

MOST_TEXT = 2_000  # characters of one sum
MOST_TERMS = 500  # once it is multiplied out
MOST_DEPTH = 8  # of brackets
MOST_POWER = 9

Letter = tuple[str, tuple[str, ...]]
Terms = dict[tuple[Letter, ...], Fraction]
_TIMES = frozenset({r"\cdot", r"\times", "*"})
_LETTER = re.compile(r"[A-Za-zα-ωΑ-Ω]")
_WORD = re.compile(r"(?<![A-Za-z\\])[A-Za-z]{3}")
_OPERATOR = re.compile(r"[0-9A-Za-zα-ωΑ-Ω)}]\s?(?:[-+−–*·×⋅^]|\\cdot|\\times)")


def has_letters(text: str) -> bool:
    """Whether a text may be a sum or product with letters, written with an operator, and is no words.

    >>> has_letters("2a - b"), has_letters("5x"), has_letters("see p. 3 - 4, below")
    (True, False, False)
    """
    if len(text) > MOST_TEXT or not _LETTER.search(text) or _WORD.search(text):
        return False
    return _OPERATOR.search(text) is not None


def read_letters(text: str) -> Entry:
    r"""Read a sum of products with at least one letter.

    >>> read_letters("2a - b + 1 + a"), read_letters(r"-\tfrac12 w_{1,2} (x - 1)")
    (3*a - b + 1, -w_{1,2}*x/2 + w_{1,2}/2)

    Raises AnswerError for anything else.
    """
    reader = _Reader(text, tokens(text))
    terms = reader.sum(0)
    if reader.at < len(reader.found):
        raise reader.error("this sum cannot be read here; write products of numbers and letters")
    if not any(terms):
        raise AnswerError("a calculation stands where a value is read; write its value, or = and its value", text)
    total: Entry = 0
    for letters, factor in sorted(terms.items()):
        product: Entry = entries.exact(factor)
        for name, subscripts in letters:
            product = product * entries.letter(name, subscripts)
        total = total + product
    return total


class _Reader:
    """Reads from left to right; every method gives the terms of what it has read."""

    def __init__(self, text: str, found: Sequence[Token]) -> None:
        self.text, self.found, self.at = text, found, 0

    def error(self, message: str) -> AnswerError:
        place = self.found[self.at].start if self.at < len(self.found) else len(self.text)
        return AnswerError(message, self.text, place)

    def next(self) -> str:
        """The text of the next token that is no brace of a group."""
        return self.found[self.at].text if self.at < len(self.found) else ""

    def sum(self, depth: int) -> Terms:
        if depth > MOST_DEPTH:
            raise self.error(f"brackets stand more than {MOST_DEPTH} deep; write the sum flatter")
        total: Terms = {}
        while True:
            sign = Fraction(1)
            if self.next() in ("+", "-"):
                sign = Fraction(-1 if self.next() == "-" else 1)
                self.at += 1
            for letters, factor in self.product(depth).items():
                total[letters] = total.get(letters, Fraction(0)) + sign * factor
            if self.next() not in ("+", "-"):
                return {letters: factor for letters, factor in total.items() if factor}

    def product(self, depth: int) -> Terms:
        made = self.factor(depth)
        while True:
            token = self.found[self.at] if self.at < len(self.found) else None
            if token is None:
                return made
            if token.text in _TIMES:
                self.at += 1
            elif token.kind == "number" or not (token.kind in ("name", "open") or token.text in ("(", r"\frac")):
                return made
            made = self.times(made, self.factor(depth))

    def times(self, left: Terms, right: Terms) -> Terms:
        if len(left) * len(right) > MOST_TERMS or any(len(letters) > MOST_TERMS for letters in left):
            raise self.error(f"the product has more than {MOST_TERMS} terms; write it multiplied out")
        made: Terms = {}
        for first, a in left.items():
            for second, b in right.items():
                letters = tuple(sorted(first + second))
                made[letters] = made.get(letters, Fraction(0)) + a * b
        return made

    def factor(self, depth: int) -> Terms:
        made = self.atom(depth)
        if self.next() != "^":
            return made
        self.at += 1
        power = self.group()
        if not power.isdigit() or len(power) > 1:
            raise self.error(f"this power cannot be read; write a whole number up to {MOST_POWER}")
        result: Terms = {(): Fraction(1)}
        for _ in range(int(power)):
            result = self.times(result, made)
        return result

    def atom(self, depth: int) -> Terms:
        token = self.found[self.at] if self.at < len(self.found) else None
        if token is None:
            raise self.error("something is missing at the end of the sum")
        self.at += 1
        if token.kind == "number":
            number = self.number(token)
            if self.next() == "/" and self.at + 1 < len(self.found) and self.found[self.at + 1].kind == "number":
                self.at += 2
                number = self.divided(number, self.number(self.found[self.at - 1]))
            return {(): number}
        if token.kind == "name":
            return {((token.text, self.subscripts()),): Fraction(1)}
        if token.text == r"\frac":
            above, below = self.group(), self.group()
            if not (above.lstrip("+-").isdigit() and below.isdigit() and above.isascii() and below.isascii()):
                raise self.error(r"this fraction is not of two whole numbers; write it as \frac{1}{2}")
            return {(): self.divided(Fraction(above), Fraction(below))}
        if token.text in ("(", "{"):
            made = self.sum(depth + 1)
            if self.next() != {"(": ")", "{": "}"}[token.text]:
                raise self.error(f"the bracket {token.text!r} is not closed here")
            self.at += 1
            return made
        self.at -= 1
        raise self.error(f"{token.text[:20]!r} cannot be read in a sum; write products of numbers and letters")

    def number(self, token: Token) -> Fraction:
        if "," in token.text and re.fullmatch(r"[1-9][0-9]{0,2},[0-9]{3}", token.text):
            raise self.error("this comma may separate thousands or decimals; write a point")
        return Fraction(token.text.replace(",", "."))

    def divided(self, above: Fraction, below: Fraction) -> Fraction:
        if not below:
            raise self.error("this divides by zero")
        return above / below

    def group(self) -> str:
        """The text of a group, or of one token."""
        if self.next() != "{":
            self.at += 1
            return self.found[self.at - 1].text if self.at <= len(self.found) else ""
        start = self.at + 1
        while self.next() not in ("}", ""):
            self.at += 1
        self.at += 1
        return "".join(token.text for token in self.found[start : self.at - 1])

    def subscripts(self) -> tuple[str, ...]:
        if self.next() != "_":
            return ()
        self.at += 1
        written = self.group()
        if not re.fullmatch(r"[A-Za-z0-9]{1,9}(?:,[A-Za-z0-9]{1,9}){0,5}", written):
            raise self.error("this subscript cannot be read; write letters as w_{1,2}")
        return tuple(written.split(","))
