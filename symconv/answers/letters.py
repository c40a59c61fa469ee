r"""Reads what is no plain number: a sum with letters, `a + 2 b w_{1,2} - 1`, and a closed form, `\sqrt{85}/2 + e^{-2}`.

A calculation with neither a letter nor a root or a power of e is refused: the person has to write its value.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

from symconv import entries
from symconv.closed_form import MOST_BITS, Closed, I, closed, exponential
from symconv.errors import AnswerError
from symconv.latex_tokens import Token, tokens
from symconv.tensor import Entry
from symconv.typeset.greek import GREEK

MOST_TEXT = 2_000  # characters of one sum
MOST_TERMS = 500  # once it is multiplied out
MOST_DEPTH = 8  # of brackets
MOST_POWER = 9

Letter = tuple[str, tuple[str, ...]]
Number = Fraction | Closed
Terms = dict[tuple[Letter, ...], Number]
_E = exponential(1)
_EULER: frozenset[Letter] = frozenset({("e", ()), ("E", ())})
_CONSTANTS = frozenset("eEij")
_IMAGINARY: frozenset[Letter] = frozenset({("i", ()), ("j", ())})
TIMES = frozenset({r"\cdot", r"\times", "*"})
_BEGINNERS = frozenset({"(", r"\frac", r"\sqrt", r"\exp"})
_LETTER = re.compile(r"[A-Za-zα-ωΑ-Ω]")
_KNOWN = re.compile(
    rf"(?<![A-Za-z\\])(?:sqrt|exp|{'|'.join(sorted(GREEK - {'partial'}, key=len, reverse=True))})(?![A-Za-z])"
)
_WORD = re.compile(r"(?<![A-Za-z\\])[A-Za-z]{3}")
_CLOSED = re.compile(  # a root, an exponential, a power that is no whole number, or Euler's number in a quotient
    r"√|\\sqrt|\\exp(?![A-Za-z])|(?<![A-Za-z\\])(?:sqrt|exp)(?![A-Za-z])|(?<![A-Za-z\\])(?:[eE]|\\mathrm\s?\{e\})\s?(?:\^|\*\*)"
    r"|[0-9)}]\s?(?:\^|\*\*)\s?[({]|[(/+-]\s?[eE]\s?[-+)/]|/\(.{0,80}[-+]\s?[eE]\)|[-+]\s?[eE]\s?\}|(?<!_)\{\s?[eE]\s?[-+}]"
)
_SCIENTIFIC = re.compile(r"(?:[0-9]\.?|\.)[eE][+-]?[0-9]")
_OPERATOR = re.compile(r"[0-9A-Za-zα-ωΑ-Ω)}]\s{0,3}(?:[-+−–*·×⋅^/]|\\cdot|\\times)")


def has_letters(text: str, product: bool = False) -> bool:
    """Whether a text may be a sum or product with letters, and is no words; of a bare `product` the place must tell.

    >>> has_letters("2a - b"), has_letters("5x"), has_letters("see p. 3 - 4, below"), has_letters("5x", product=True)
    (True, False, False, True)
    """
    if len(text) > MOST_TEXT or _WORD.search(_KNOWN.sub("", text)):
        return False
    return has_roots(text) or (_LETTER.search(text) is not None and (product or _OPERATOR.search(text) is not None))


def has_roots(text: str) -> bool:
    r"""Whether a root, a power of e, or a power that is no whole number is written here.

    >>> has_roots("sqrt(85)"), has_roots(r"2 e^{-1}"), has_roots("18**(1/3)"), has_roots("a^2 + 1")
    (True, True, True, False)
    """
    return _CLOSED.search(text) is not None


def read_letters(text: str) -> Entry:
    r"""Read a sum of products with at least one letter, or a closed form.

    >>> read_letters("2a - b + 1 + a"), read_letters(r"-\tfrac12 w_{1,2} (x - 1)")
    (3*a - b + 1, -w_{1,2}*x/2 + w_{1,2}/2)
    >>> print(read_letters(r"\frac{\sqrt{340}}{2}"), read_letters("exp(-2) - 1"), read_letters("sqrt(16)"))
    sqrt(85) exp(-2) - 1 4

    Raises AnswerError for anything else.
    """
    if len(text) > MOST_TEXT:
        raise AnswerError(f"this is longer than {MOST_TEXT:,} characters; write it shorter", text)
    if match := _SCIENTIFIC.search(text):
        raise AnswerError("a power of ten is not read; write the number out, such as 0.0021", text, match.start())
    reader = _Reader(text, _words(text, tokens(text)))
    terms = reader.sum(0)
    if reader.at < len(reader.found):
        raise reader.error("this cannot be read here; write products of numbers and letters")
    if any(isinstance(factor, Closed) for factor in terms.values()):
        terms = reader.valued(terms)
    if not any(terms):
        if not has_roots(text):
            raise AnswerError("a calculation stands where a value is read; write its value, or = and its value", text)
        value = terms.get((), Fraction(0))
        return value if isinstance(value, Closed) else entries.exact(value)
    total: Entry = 0
    for letters, factor in sorted(terms.items(), key=lambda term: term[0]):
        if isinstance(factor, Closed):
            raise AnswerError("roots or exponentials and letters stand in one sum, which cannot be read here", text)
        product: Entry = entries.exact(factor)
        for name, subscripts in letters:
            product = product * entries.letter(name, subscripts)
        total = total + product
    return total


def _words(text: str, found: Sequence[Token]) -> list[Token]:
    """The tokens with `sqrt`, `exp`, `omega` and the like, and `**` in one piece each."""
    made: list[Token] = []
    for token in found:
        word = _KNOWN.match(text, token.start) if token.kind == "name" else None
        if made and token.start < made[-1].end:
            continue
        if word and token.text != word[0]:
            kind: Literal["name", "command"] = "name" if word[0] in GREEK else "command"
            made.append(Token(kind, word[0] if kind == "name" else f"\\{word[0]}", token.start, word.end()))
        elif token.text == "*" and made and made[-1].text == "*" and made[-1].end == token.start:
            made[-1] = Token("symbol", "**", made[-1].start, token.end)
        elif token.text == "ω":
            made.append(token._replace(text="omega"))
        else:
            made.append(token)
    return made


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
                total[letters] = self.counted(total.get(letters, Fraction(0)), "+", sign * factor)
            if self.next() not in ("+", "-"):
                return {letters: factor for letters, factor in total.items() if factor}

    def counted(self, one: Number, sign: str, other: Number) -> Number:
        """A sum, product or quotient of numbers; a closed form that is rational is a fraction again."""
        try:
            made = one + other if sign == "+" else one * other if sign == "*" else one / other
            return self.plain(made)
        except OverflowError as error:
            raise self.error(str(error)) from None
        except ZeroDivisionError:
            raise self.error("this divides by zero") from None

    def plain(self, number: Number) -> Number:
        """A closed form that is rational as a fraction."""
        if isinstance(number, Closed):
            return number if number.rational is None else number.rational
        if max(number.numerator.bit_length(), number.denominator.bit_length()) > MOST_BITS:
            raise self.error("a number in this is too large; write its value")
        return number

    def product(self, depth: int) -> Terms:
        made = self.factor(depth)
        divided = False
        while True:
            token = self.found[self.at] if self.at < len(self.found) else None
            if token is None:
                return made
            if token.text == "/":
                self.at += 1
                made, divided = self.over(made, self.factor(depth)), True
                continue
            if token.text in TIMES:
                self.at += 1
            elif token.kind == "number" or not (token.kind in ("name", "open") or token.text in _BEGINNERS):
                return made
            elif (divided or self.halved(token)) and self.found[self.at - 1].end == token.start:
                raise self.error("this may stand below the line or behind it; write parentheses, or *")
            made, divided = self.times(made, self.factor(depth)), False

    def halved(self, token: Token) -> bool:
        """Whether a root or a power of e stands behind a divisor: 1/2sqrt(3)."""
        return self.at > 1 and self.found[self.at - 2].text == "/" and token.text in (r"\sqrt", r"\exp", "e", "E")

    def times(self, left: Terms, right: Terms) -> Terms:
        if len(left) * len(right) > MOST_TERMS or any(len(letters) > MOST_TERMS for letters in left):
            raise self.error(f"the product has more than {MOST_TERMS} terms; write it multiplied out")
        made: Terms = {}
        for first, a in left.items():
            for second, b in right.items():
                letters = tuple(sorted(first + second))
                made[letters] = self.counted(made.get(letters, Fraction(0)), "+", self.counted(a, "*", b))
        return made

    def over(self, above: Terms, below: Terms) -> Terms:
        """A quotient by a number, which may be written with e."""
        by = self.valued(below, only_euler=True)
        if any(by):
            raise self.error("this divides by letters, which cannot be read here")
        return {letters: self.counted(factor, "/", by.get((), Fraction(0))) for letters, factor in above.items()}

    def valued(self, terms: Terms, only_euler: bool = False) -> Terms:
        """Terms with e as what it is; with i too where something irrational stands beside it."""
        made = self.put(terms, _EULER, _E)
        irrational = any(isinstance(factor, Closed) for factor in made.values())
        return self.put(made, _IMAGINARY, I) if irrational and not only_euler else made

    def put(self, terms: Terms, names: frozenset[Letter], value: Closed) -> Terms:
        """Terms with a number in place of letters; whatever has other letters too stays as it is."""
        if not any(names & {*letters} for letters in terms):
            return terms
        if not all(names.issuperset(letters) or not names & {*letters} for letters in terms):
            return terms
        made: Terms = {}
        for letters, factor in terms.items():
            inside = names & {*letters}
            for _ in letters if inside else ():
                factor = self.counted(factor, "*", value)  # noqa: PLW2901
            rest = () if inside else letters
            made[rest] = self.counted(made.get(rest, Fraction(0)), "+", factor)
        return {letters: factor for letters, factor in made.items() if factor}

    def factor(self, depth: int) -> Terms:
        start = self.at
        made = self.atom(depth)
        if self.next() not in ("^", "**"):
            return made
        tight = self.next() == "^"
        self.at += 1
        bare = self.next() not in ("{", "(")
        power = self.power(depth)
        if tight and bare and self.next() == "/" and self.number_at(self.at + 1):
            raise self.error("the exponent may end here or go on; write parentheses, such as 5^(1/3)")
        if self.next() in ("^", "**"):
            raise self.error("a power stands above a power; write parentheses")
        return self.raised(made, power, start)

    def number_at(self, at: int) -> bool:
        return at < len(self.found) and self.found[at].kind == "number"

    def power(self, depth: int) -> Fraction:
        """The exponent: a number with or without a sign, or what stands in braces or parentheses."""
        sign = -1 if self.next() == "-" else 1
        self.at += self.next() in ("+", "-")
        start = self.at
        found = self.valued(self.argument(depth))
        value = found.get((), Fraction(0))
        if any(found) or isinstance(value, Closed):
            self.at = start
            raise self.error("this power cannot be read; write a whole number or a fraction")
        return sign * value

    def argument(self, depth: int) -> Terms:
        """A group, or one sign: no more than the number in √2/2."""
        if not self.number_at(self.at):
            return self.atom(depth)
        self.at += 1
        return {(): self.number(self.found[self.at - 1])}

    def raised(self, base: Terms, power: Fraction, start: int) -> Terms:
        small = power.denominator == 1 and 0 <= power <= MOST_POWER
        if len(base) == 1 and base.keys() <= {(letter,) for letter in _EULER} and not small:
            ((_, factor),) = base.items()
            if factor == 1:
                return {(): self.bounded(exponential(power))}
        base = base if small else self.valued(base, only_euler=True)
        if not any(base):
            number = base.get((), Fraction(0))
            try:
                if not number:
                    return {(): Fraction(1)} if not power else {} if power > 0 else self.over({(): Fraction(1)}, {})
                return {(): self.plain(closed(number).raised(power))}
            except (ValueError, OverflowError) as error:
                self.at = start
                raise self.error(str(error)) from None
        if not small:
            raise self.error(f"this power cannot be read; write a whole number up to {MOST_POWER}")
        result: Terms = {(): Fraction(1)}
        for _ in range(int(power)):
            result = self.times(result, base)
        return result

    def bounded(self, number: Closed) -> Number:
        return self.counted(Fraction(1), "*", number)

    def atom(self, depth: int) -> Terms:
        token = self.found[self.at] if self.at < len(self.found) else None
        if token is None:
            raise self.error("something is missing at the end of the sum")
        if depth > MOST_DEPTH:
            raise self.error(f"brackets stand more than {MOST_DEPTH} deep; write the sum flatter")
        start = self.at
        self.at += 1
        if token.kind == "number":
            number = self.number(token)
            if self.next() == "/" and self.number_at(self.at + 1) and not self.powered(self.at + 2):
                self.at += 2
                number = self.divided(number, self.number(self.found[self.at - 1]))
            return {(): number}
        if token.kind == "name":
            return {((token.text + self.digits(token), self.subscripts()),): Fraction(1)}
        if token.text == r"\frac":
            return self.over(self.argument(depth + 1), self.argument(depth + 1))
        if token.text == r"\sqrt":
            degree = self.degree()
            return self.raised(self.argument(depth + 1), Fraction(1, degree), start)
        if token.text == r"\exp":
            if self.next() not in ("(", "{"):
                raise self.error("the exponent needs parentheses; write exp(-2)")
            return {(): self.bounded(exponential(self.power(depth + 1)))}
        if token.text in ("(", "{"):
            made = self.sum(depth + 1)
            if self.next() != {"(": ")", "{": "}"}[token.text]:
                raise self.error(f"the bracket {token.text!r} is not closed here")
            self.at += 1
            return made
        self.at -= 1
        raise self.error(f"{token.text[:20]!r} cannot be read in a sum; write products of numbers and letters")

    def powered(self, at: int) -> bool:
        return at < len(self.found) and self.found[at].text in ("^", "**")

    def degree(self) -> int:
        r"""That of a root, in brackets: \sqrt[3]{5}."""
        if self.next() != "[":
            return 2
        written = "".join(token.text for token in self.found[self.at + 1 : self.at + 3])
        if not re.fullmatch(r"[1-9][0-9]?\]", written):
            raise self.error(r"the degree of a root is a small whole number; write \sqrt[3]{5}")
        self.at += 3
        return int(written[:-1])

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

    def digits(self, letter: Token) -> str:
        """The whole number that stands directly behind a letter, as in x12: it belongs to its name."""
        token = self.found[self.at] if self.number_at(self.at) else None
        if token is None or token.start != letter.end or not token.text.isdigit() or letter.text in _CONSTANTS:
            return ""
        self.at += 1
        return token.text

    def subscripts(self) -> tuple[str, ...]:
        if self.next() != "_":
            return ()
        self.at += 1
        written = self.group()
        if not re.fullmatch(r"[A-Za-z0-9]{1,9}(?:,[A-Za-z0-9]{1,9}){0,5}", written):
            raise self.error("this subscript cannot be read; write letters as w_{1,2}")
        return tuple(written.split(","))
