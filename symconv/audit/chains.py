"""Finds the chains of equals in the tokens of a formula; it knows where one ends, not what its sides mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from symconv.latex_tokens import Token

MOST_DEPTH = 20  # of parentheses that hold equalities
Relation = Literal["equal", "about"]
_RELATIONS: dict[str, Relation] = {"=": "equal", r"\approx": "about"}
# what ends a chain: no equality, but what stands on both sides of it may be part of one
_OTHER = frozenset({
    "<", ">", r"\le", r"\ge", r"\neq", r"\not", r"\in", r"\notin", r"\ni", r"\subset", r"\subseteq", r"\supset",
    r"\sim", r"\propto", r"\mapsto", r"\to", r"\rightarrow", r"\longrightarrow", r"\leftarrow", r"\leftrightarrow",
    r"\Rightarrow", r"\Longrightarrow", r"\implies", r"\iff", r"\Leftrightarrow", r"\Longleftrightarrow",
    r"\hookrightarrow", r"\rightsquigarrow", r"\mid", r"\ll", r"\gg", r"\cong", r"\doteq", r"\asymp", r"\leqslant",
    r"\geqslant", r"\leadsto", r"\therefore", r"\because", "≡", "→", "⇒", "⇔", "↦", "∈", "≅", "≃", "∼",
})  # fmt: skip
MOST_ABOVE = 60  # characters of what stands above a sign, with its command
_ASKED = re.compile(r"\\(?:overset|underset|stackrel)\s*\{[^{}]*[!?][^{}]*\}\s*\{?\s*$")  # nothing is said to be so
_CONGRUENT = (r"\equiv", "≡")  # read as = in an answer, but modulo something in notes
_OPERATORS = frozenset([r"+", r"-", r"\cdot", r"\times", r"*", r"/", r"\odot"])
_ROWS = frozenset({
    "align", "aligned", "alignat", "alignedat", "flalign", "gather", "gathered", "split", "multline", "eqnarray",
    "equation", "displaymath", "math", "dmath", "empheq", "subequations", "IEEEeqnarray",
})  # fmt: skip
_JOINING = frozenset({
    "and", "or", "so", "hence", "thus", "with", "for", "if", "where", "since", "because", "then", "therefore", "by",
    "from", "at", "as", "und", "also", "mit", "mithin", "damit", "wo", "oder", "wegen", "daher", "für", "aus",
    "dann", "falls", "i.e.", "e.g.", "cf.", "et", "donc", "avec",
})  # fmt: skip
_CLOSERS = {"(": ")", "[": "]", r"\{": r"\}"}
_DOTS = (r"\dots", r"\cdots")
_SIGNS = ("symbol", "command")
BROKEN = Token("symbol", "?", 0, 0)  # makes a side unreadable where it is not clear what belongs to it


@dataclass
class Chain:
    """Sides and the relations between them; `unit` says that a word stands behind the last side.

    `doubt` is a reason why none of its links is called wrong, `code` says that it stands in code.
    """

    sides: list[list[Token]] = field(default_factory=lambda: [[]])
    relations: list[tuple[Relation, Token]] = field(default_factory=list)
    unit: bool = False
    before: str = ""  # the separator before it: comma, hard, or nothing that matters
    doubt: str = ""
    code: bool = False
    compared: bool = False  # it ends at another relation: the n of n < 3

    @property
    def listed(self) -> bool:
        """Whether it is no equality, and may be part of a list: the 2 of i = 1, 2."""
        plain = not self.relations and not self.compared and bool(self.sides[0])
        return plain and self.sides[0][0].kind != "text" and self.sides[0][0].text not in ("(", "[")


def chains(tokens: Sequence[Token], source: str, style: str = "") -> list[Chain]:
    r"""The chains of a formula, in order of their first sign; over the rows of an alignment where they go on.

    `style` is the environment that the formula is in: align, gather, or "".

    >>> from symconv.latex_tokens import tokens
    >>> text = r"a &= 1 + 1 \\ &= 2, \quad b = 3"
    >>> [len(chain.sides) for chain in chains(tokens(text, wide_spaces=True), text)]
    [3, 2]
    """
    tokens = _without_empty_groups(tokens)
    partner = _partners(tokens)
    waiting, found = [(0, len(tokens), 0)], list[Chain]()
    while waiting:
        columns = _Columns(source, style)
        low, high, depth = waiting.pop()
        for atom, inside in _atoms(tokens, partner, low, high):
            columns.add(atom)
            if inside and depth < MOST_DEPTH:
                waiting.append((*inside, depth + 1))
        found += columns.finish()
    return sorted((chain for chain in found if chain.relations), key=lambda chain: chain.relations[0][1].start)


def _without_empty_groups(tokens: Sequence[Token]) -> list[Token]:
    """The tokens without `{}`, which people write before a sign for its spacing; an empty argument stays."""
    found: list[Token] = []
    for token in tokens:
        if token.kind == "close" and found and found[-1].kind == "open":
            before = found[-2] if len(found) > 1 else None
            if before is None or not (before.text in ("_", "^") or before.kind in ("command", "close")):
                found.pop()
                continue
        found.append(token)
    return found


def _partners(tokens: Sequence[Token]) -> dict[int, int]:
    """Where each brace, environment, parenthesis and bracket ends; what matches nothing is left out."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for at, token in enumerate(tokens):
        if token.kind in ("open", "begin") or (token.kind in _SIGNS and token.text in _CLOSERS):
            opened.append(at)
        elif token.kind in ("close", "end"):
            while opened and tokens[opened[-1]].kind in _SIGNS:
                opened.pop()
            if opened:
                found[opened.pop()] = at
        elif token.kind in _SIGNS and opened and _CLOSERS.get(tokens[opened[-1]].text) == token.text:
            found[opened.pop()] = at
    return found


def _atoms(
    tokens: Sequence[Token], partner: dict[int, int], low: int, high: int
) -> Iterator[tuple[Sequence[Token], tuple[int, int] | None]]:
    """The signs of one depth, what is in brackets as one; with brackets that hold a relation where they are."""
    at = low
    while at < high:
        token, end = tokens[at], partner.get(at, high)
        if token.kind == "number":
            end = at
            while end + 2 < high and tokens[end + 1].text == "," and tokens[end + 2].kind == "number":
                if not tokens[end].end == tokens[end + 1].start < tokens[end + 1].end == tokens[end + 2].start:
                    break
                end += 2
            yield tokens[at : end + 1], None
            at = end
        elif end >= high:
            defines = (
                token.text == ":" and at + 1 < high and tokens[at + 1].text == "=" and tokens[at + 1].start == token.end
            )
            if not defines:
                yield tokens[at : at + 1], None
        else:
            before = tokens[at - 1] if at > low else None
            argument = before is not None and (before.text in ("_", "^") or before.kind == "command")
            inside = not argument and _related(tokens, partner, at + 1, end)
            if token.text in _ROWS or (token.text == "array" and inside):
                yield (Token("space", token.text, token.start, token.end),), None
            elif not (inside and token.kind == "open"):  # braces that only group are looked through
                yield tokens[at : end + 1], (at + 1, end) if inside and token.kind in _SIGNS else None
                at = end
        at += 1


def _related(tokens: Sequence[Token], partner: dict[int, int], low: int, high: int) -> bool:
    """Whether a relation stands at this depth."""
    at = low
    while at < high:
        if tokens[at].text in _RELATIONS and tokens[at].kind != "text":
            return True
        at = partner.get(at, at) + 1
    return False


class _Columns:
    """Puts the signs of one depth together to chains, column by column of an alignment."""

    def __init__(self, source: str, style: str) -> None:
        self.source, self.style = source, style
        self.found: list[Chain] = []
        self.open: dict[int, Chain] = {}
        self.cell = self.shift = 0
        self.written: dict[int, int] = {}  # columns with something in this row, and the last cell it is in
        self.space = self.negated = False
        self.words: tuple[Chain, Token] | None = None  # behind an operand; what comes next decides what they are

    @property
    def column(self) -> int:
        """The column of equations: two cells of an alignment make one."""
        return (self.cell - self.shift) // 2 if self.style.startswith(("align", "flalign", "split")) else 0

    def chain(self) -> Chain:
        """The chain that is being written."""
        return self.open.get(self.column) or self.new()

    def new(self, separator: str = "") -> Chain:
        """End the chain of this column and begin another one."""
        if self.words is not None:
            chain, words = self.words
            chain.unit, self.words = not _joins(words.text), None
        self.open[self.column] = Chain(before=separator)
        self.found.append(self.open[self.column])
        return self.open[self.column]

    def add(self, atom: Sequence[Token]) -> None:
        """Take the next sign."""
        token = atom[0]
        if token.kind == "space":
            self.space, self.style = True, token.text if token.text in _ROWS or token.text == "array" else self.style
        elif token.kind == "row":
            if self.words is not None:
                self.new()
            self.cell = self.shift = 0
            self.written, self.space = {}, False
        elif token.kind == "cell":
            self.cell += 1
        elif token.kind in ("close", "end") and len(atom) == 1:
            return
        else:
            self.content(atom, self.relation(token))

    def relation(self, token: Token) -> Relation | Literal["other"] | None:
        """Which relation a sign is."""
        if token.kind not in ("symbol", "command"):
            return None
        written = self.source[token.start : token.end]
        above = self.source[max(token.start - MOST_ABOVE, 0) : token.start]
        if token.text in _OTHER or written in _CONGRUENT or _ASKED.search(above):
            self.negated = token.text == r"\not"
            return "other"
        found = _RELATIONS.get(token.text)
        if found and self.negated:
            self.negated = False
            return "other"
        return found

    def content(self, atom: Sequence[Token], relation: Relation | Literal["other"] | None) -> None:
        """Take a sign that is no layout."""
        token = atom[0]
        operator = token.kind in ("symbol", "command") and token.text in _OPERATORS
        if relation and self.cell > 1 and self.column not in self.written and self.cell - 1 in self.written.values():
            self.shift += 1  # a &= b &= c
        if self.column not in self.written:
            self.begin_row(token, bool(relation), operator)
        elif self.space and operator:
            self.chain().sides[-1].append(BROKEN)
        elif self.space and not relation:
            if self.chain().sides[-1]:
                self.new()
            self.chain().before = ""
        self.written[self.column], self.space = self.cell, False
        if self.words is not None:
            chain, words = self.words
            if chain is self.open.get(self.column) and (relation in _RELATIONS.values() or operator):
                chain.sides[-1].append(words)
                self.words = None
            else:
                self.new()
        if relation == "other":
            self.chain().compared = True
            self.new()
        elif relation:
            self.chain().relations.append((relation, token))
            self.chain().sides.append([])
        else:
            self.operand(atom)

    def begin_row(self, token: Token, relation: bool, operator: bool) -> None:
        """Decide whether the first sign of a row goes on with the chain above it."""
        above = self.open.get(self.column)
        if above is None:
            return
        if relation or (operator and token.text != "-"):
            return
        if token.text == "-" and operator:
            if self.cell:
                return
            if not self.style.startswith("gather"):
                above.sides[-1].append(BROKEN)  # the minus sign may belong to either row
            self.new()
        elif above.sides[-1][-1].text not in _OPERATORS if above.sides[-1] else not above.relations:
            self.new()

    def operand(self, atom: Sequence[Token]) -> None:
        """Take what is part of a side, or separates two chains."""
        token, chain = atom[0], self.chain()
        side = chain.sides[-1]
        if token.kind == "symbol" and token.text in (",", ";"):
            self.new("comma")
        elif token.kind == "symbol" and token.text in (":", ".") and len(atom) == 1:
            self.new("hard")
        elif token.kind == "text" and side:
            self.words = chain, token
        elif len(chain.sides) == 1 and len(side) == 1 and side[0].kind == "text":
            chain.sides[0] = list(atom)  # words before a formula
        else:
            side += atom

    def finish(self) -> list[Chain]:
        """All chains; the sides that may be part of a list, or go on behind a dot, are made unreadable."""
        if self.words is not None:
            self.new()
        for chain, following in zip(self.found, self.found[1:], strict=False):
            if following.before == "comma" and following.listed:
                if following.sides[0][0].text in _DOTS:
                    chain.relations.clear()  # i = 1, ..., n says which values there are
                chain.sides[-1].append(BROKEN)
            if following.before == "comma" and chain.listed:
                following.sides[0].insert(0, BROKEN)
            signs = any(token.kind != "text" for token in chain.sides[-1])
            if following.before == "hard" and following.sides[0] and signs:
                chain.sides[-1].append(BROKEN)
                following.sides[0].insert(0, BROKEN)
        return self.found


def _joins(words: str) -> bool:
    """Whether words are a remark or join two formulas, and are no unit of measurement."""
    return len(words) > 12 or not words[:1].isalpha() or not _JOINING.isdisjoint(words.lower().split())
