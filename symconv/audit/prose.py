"""Finds equalities of plain numbers in Markdown outside its formulas: `400 * 120 + 120 = 48,120`.

They are cut out of the words around them. Where the words may belong to what is cut out, as in "half of 3 + 1 = 2",
that side is made unreadable; where what stands behind may change the meaning, as a unit does, there is a doubt.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from symconv.audit.chains import BROKEN, Chain
from symconv.errors import AnswerError
from symconv.latex_tokens import Token, tokens
from symconv.math_spans import MathSpan

_SPACES = " \t\u00a0\u2009\u202f"
_OPERATORS = "+-*/^·⋅×÷−–∗"
_CHARACTERS = f"0123456789.,()⌊⌋⌈⌉²³{_SPACES}{_OPERATORS}"
_MOST_BEFORE = 200  # characters before an equality that are looked at
# == and := and += and => are no equals signs of an equality
_RELATION = re.compile(r"(?<![<>!=:+\-*/^~|&%≈≠?.\\])[=≈](?![=>~≈<])")
_BREAK = re.compile(r"(?<=\S)[,.](?=\s|$)")
_GONE = "\x00"  # stands where a formula, an address or a tag was
_HIDDEN = re.compile(
    r"(?P<layout></?(?:br|p|td|tr|th|li|ul|ol|div|table)\b[^<>\n]{0,200}>)|</?[A-Za-z][^<>\n]{0,500}>"
    r"|\]\([^()\s]{0,2000}\)|\b[a-z]{2,10}://[^\s<>]+|(?P<star>\\\*)"
)
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})", re.MULTILINE)
_PREFIX = re.compile(
    r"(?:[ \t]*>)*[ \t]*(?:(?P<marker>[-*+]|[0-9]{1,3}[.)]|\(?[a-z]\))[ \t]+(?:\[[ xX]\][ \t]+)?"
    r"|(?P<heading>#{1,6})[ \t]+)?"
)
_CODE_PREFIX = re.compile(r"[ \t]*(?P<marker>(?!))?(?P<heading>#+|//+|%+|>>>)?[ \t]*")
_EMPHASIS = re.compile(r"^\*{1,3}(?=[^\s*])|(?<=[^\s*])\*{1,3}$")
_UNCLEAR = re.compile(
    r"\*\*|(?<=\s)\*(?=\S)|(?<=\S)\*(?=\s)"  # may be emphasis
    r"|\^\s*[0-9.]+\s*[\^²³]|[²³]\s*\^"  # has two readings
    r"|^[-−–]\s|^\+"  # its left operand is cut off
)
_DIGIT = re.compile(r"[0-9]")
_BARE = re.compile(rf"[-−]?[0-9.,{_SPACES}]+")
_SPACED_PRODUCT = re.compile(r"[0-9)]\s+\(")
_RANGE = re.compile(r"[0-9]+(?:[-–/][0-9]+)+")
_THOUSANDS = re.compile(r"(?<![0-9.,])[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?![0-9])")
_THREE = re.compile(r"[1-9][0-9]{0,2}(?:\s[0-9]{3})+")  # digits in groups of three
_VALUED = re.compile(r"[=≈][0-9\s.,;+\-−*·×/()\[\]^²³`]+(?:[A-Za-z%]{1,4}\s*)?$")  # words end with a value
_LABEL = re.compile(
    r"(?<![^\s(`|*])\**([A-Za-z])(?:_\{?([0-9]+(?:,\s?[0-9]+)*)\}?|([0-9]{2})|([\[(][0-9]+(?:,\s?[0-9]+)*[\])]))"
    r"[*`]*\s*$"
)
# words after which something new begins
_NEW = """
is are so thus hence also then therefore now here gives give get gets have has that namely since because e.g. i.e. viz.
where check see siehe total example solution yields means obtain find compute ist sind also dann somit damit daher denn
weil ergibt gilt dass hier nun
"""
# words that join what stands behind them, and are no units
_JOINERS = """
and or so hence thus with for if where since because then therefore by from at as while but which is are holds und oder
also mit damit daher wegen wo dann falls aber denn
"""
_BEGINNING, _JOINING = frozenset(_NEW.split()), frozenset(_JOINERS.split())
_NUMBERED = re.compile(
    r"\b(?:layer|step|exercise|example|task|problem|question|part|row|column|line|case|schicht|schritt|aufgabe|beispiel"
    r"|teil|zeile|spalte|fall)\s[0-9]{1,3}:$",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:\.[^\W\d_]+)*\.?")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line: where it begins and ends in the text, where its content begins, and what it is."""

    start: int
    content: int
    end: int
    code: bool
    marker: bool = False
    heading: bool = False


def plain_chains(text: str, spans: Sequence[MathSpan], labels: bool = False) -> tuple[str, list[Chain]]:
    """The chains of plain numbers outside the formulas, and the text that their signs are of; places stay.

    With `labels` a quantity such as h_22 in front of a number is a side too, otherwise letters are no part of a chain.

    >>> chain, = plain_chains("The second layer: 16 * (5*5*6 + 1) = 2416 parameters.", ())[1]
    >>> ["".join(sign.text for sign in side) for side in chain.sides], chain.unit
    (['16*(5*5*6+1)', '2416'], True)
    >>> plain_chains("x == 3 + 4, y = 5", ())[1]
    []
    """
    masked = _masked(text, spans)
    return masked, list(_Finder(masked, labels).find())


def _masked(text: str, spans: Sequence[MathSpan]) -> str:
    """The text without formulas, addresses and tags, letter for letter as long."""
    found: list[str] = []
    at = 0
    for span in spans:
        low, high = span.start - len(span.opening), span.end + len(span.closing)
        found += [text[at:low], re.sub(r"[^\n]", _GONE, text[max(at, low) : high])]
        at = max(at, high)
    return _HIDDEN.sub(_hidden, "".join([*found, text[at:]]))


def _hidden(match: re.Match[str]) -> str:
    return " ·" if match["star"] else (" " if match["layout"] else _GONE) * len(match[0])


def _fences(text: str) -> Iterator[tuple[int, int]]:
    """Where fenced code begins and ends."""
    opening: re.Match[str] | None = None
    for match in _FENCE.finditer(text):
        if opening is None:
            opening = match
        elif match[1].startswith(opening[1]):
            yield opening.start(), match.end()
            opening = None
    if opening is not None:
        yield opening.start(), len(text) + 1


class _Finder:
    """Goes through a text line by line."""

    def __init__(self, text: str, labels: bool) -> None:
        self.text, self.labels = text, labels
        self.fences: list[tuple[int, int]] = []
        self.above: _Line | None = None
        self.below: _Line | None = None
        self.counted = self.ticks = 0  # up to where the back-ticks of this line are counted, and how many there are

    def find(self) -> Iterator[Chain]:
        """All chains in the order of the text; only lines with a relation and those beside them are looked at."""
        self.fences = list(_fences(self.text))
        at = 0
        while match := _RELATION.search(self.text, at):
            start = self.text.rfind("\n", 0, match.start()) + 1
            line = self.read(start)
            self.above = self.read(self.text.rfind("\n", 0, start - 1) + 1) if start else None
            self.below = self.read(line.end + 1) if line.end < len(self.text) else None
            self.counted, self.ticks = start, 0
            yield from self.line(line, [cut.start() for cut in _RELATION.finditer(self.text, line.content, line.end)])
            at = line.end

    def read(self, start: int) -> _Line:
        """The line that begins here."""
        end = self.text.find("\n", start)
        end = end if end >= 0 else len(self.text)
        fence = self.fences[bisect_right(self.fences, (start, len(self.text))) - 1] if self.fences else (0, 0)
        code = fence[0] <= start < fence[1]
        head = (_CODE_PREFIX if code else _PREFIX).match(self.text, start, end)
        content = head.end() if head else start
        apart = head is not None and head["heading"] is not None
        apart |= self.text.startswith("|", content) or _FENCE.match(self.text, start, end) is not None
        return _Line(start, content, end, code, head is not None and head["marker"] is not None, apart)

    def line(self, line: _Line, cuts: list[int]) -> Iterator[Chain]:
        """The chains of a line; `cuts` are its relations."""
        sides: list[tuple[int, int]] = []
        first = 0  # the number of the segment that the first side is
        low = line.content
        for number, high in enumerate([*cuts, line.end]):
            segment = self.text[low:high]
            breaks = [match.start() for match in _BREAK.finditer(segment)]
            if not segment.strip(_CHARACTERS) and not breaks and _DIGIT.search(segment):
                first = first if sides else number
                sides.append((low, high))
            else:
                head = min([len(segment) - len(segment.lstrip(_CHARACTERS)), *breaks[:1]])
                if number and _DIGIT.search(segment, 0, head):
                    first = first if sides else number
                    yield from self.chain(line, cuts, [*sides, (low, low + head)], first)
                elif len(sides) > 1:
                    yield from self.chain(line, cuts, sides, first)
                tail = max([len(segment.rstrip(_CHARACTERS)), *(place + 1 for place in breaks[-1:])])
                starts = _DIGIT.search(segment, tail) is not None and self.apart(low + tail)
                sides, first = ([(low + tail, high)], number) if starts else ([], number + 1)
            low = high + 1
        if len(sides) > 1 or (sides and first):
            yield from self.chain(line, cuts, sides, first)

    def apart(self, start: int) -> bool:
        """Whether what begins here is not part of a word before it, as the 3 of x3 and the (3) of f(3) are."""
        before = self.text[start - 1 : start]
        if self.text[start : start + 1] in tuple(_OPERATORS):
            return True  # which is counted as an equality, and made unreadable
        return self.text[start : start + 1].isspace() or not (before.isalnum() or before in (*"_]}$\\@#'.:", _GONE))

    def chain(self, line: _Line, cuts: list[int], places: list[tuple[int, int]], first: int) -> Iterator[Chain]:
        """The chain of these sides, if it is one; the first of them is that segment of the line."""
        text = self.text
        opened = first == 0 or places[0][0] != cuts[first - 1] + 1  # otherwise a relation stands before it
        low, high = places[0]
        cut = _unmatched(text, low, high, "(")
        places = [(max(cut) + 1 if cut else low, high), *places[1:]]
        if opened and _unmatched(text, *places[0], ")"):  # it is the end of something longer
            places, first, opened = places[1:], first + 1, False
        if not places:
            return
        low, high = places[-1]
        cut = [*_unmatched(text, low, high, ")"), *_unmatched(text, low, high, "(")]
        places[-1] = low, min([high, *cut])
        trimmed = [_trimmed(text, *place) for place in places]
        label = None
        if self.labels and not opened:
            label = _label(text, cuts[first - 2] + 1 if first > 1 else line.content, cuts[first - 1])
        if len(trimmed) + (label is not None) < 2 or any(low >= high for low, high in trimmed):
            return
        written = [text[low:high] for low, high in trimmed]
        chain = Chain(sides=[_tokens(text, *place) for place in trimmed])
        relations = cuts[first : first + len(trimmed) - 1]
        start = trimmed[0][0]
        if label is not None:
            chain.sides.insert(0, label)
            relations, start = cuts[first - 1 : first + len(trimmed) - 1], label[0].start
        for place in relations:
            about = text[place] == "≈"
            sign = Token("command", r"\approx", place, place + 1) if about else Token("symbol", "=", place, place + 1)
            chain.relations.append(("about" if about else "equal", sign))
        bare = label is None and all(_BARE.fullmatch(side) for side in written)
        if bare or ((opened or label) and not self.begins(line, start)):
            chain.sides[0].insert(0, BROKEN)
        behind = self.behind(line, trimmed[-1][1])
        if behind == _GOES_ON:
            chain.sides[-1].append(BROKEN)
        chain.unit = behind == _UNIT
        chain.doubt = _doubt(written) or ("" if chain.unit else behind)
        self.ticks += text.count("`", self.counted, start)
        self.counted = start
        chain.code = line.code or self.ticks % 2 == 1
        yield chain

    def begins(self, line: _Line, start: int) -> bool:
        """Whether something new begins here, so that the words before it are no part of it."""
        before = self.text[max(line.content, start - _MOST_BEFORE) : start].rstrip("*")
        if before.strip() or start - _MOST_BEFORE > line.content:
            return _begins(before, line.code)
        above = self.above
        if above is None or above.heading or line.heading:
            return True
        words = self.text[max(above.content, above.end - _MOST_BEFORE) : above.end].rstrip()
        if line.marker:
            return not words or above.marker or words[-1] in ".:;!?"
        if line.code:
            return words[-1:] not in (*_OPERATORS, *"=(,\\")
        return not words or _VALUED.search(words) is not None or _begins(f"{words} ", False)

    def behind(self, line: _Line, end: int) -> str:
        """Why what stands behind a chain may belong to it, or ""."""
        behind = self.text[end : min(line.end, end + _MOST_BEFORE)].lstrip("*`")
        if behind[:1].isalnum() or behind[:1] in tuple("_\\{[$%°!" + _GONE):
            return _GOES_ON
        below = self.below
        if behind.strip() or below is None:
            return _behind(behind.strip())
        words = self.text[below.content : below.end].strip()
        if below.marker:
            sign = self.text[below.start : below.content].strip(" \t>")[:1]
            return "" if line.marker or sign not in _OPERATORS else _GOES_ON
        if words[:1] in tuple(_OPERATORS) and not re.match(r"\*{1,3}[^\s*]", words):
            return _GOES_ON
        unit = re.match(r"(?:[a-z]\w*|[KMGT]?i?B|[A-Z])\b(?!\s*[\d=≈:(\[_])", words)
        return _UNIT if unit and unit[0].lower() not in _JOINING and not (line.code or below.heading) else ""


_UNIT = "words stand behind it, which may be a unit"
_GOES_ON = "what stands behind it may belong to it"


def _begins(before: str, code: bool) -> bool:
    """Whether something new begins behind these words."""
    words = before.rstrip()
    if not words:
        return True
    spaced, last = len(words) < len(before), words[-1]
    if last in "`\"“„'‘":
        return not spaced
    if last in "([":
        inside = words[:-1]
        return not inside[-1:].isalnum() and inside.rstrip()[-1:] not in (*_OPERATORS, "=")
    if last in ";|⇒→" or words.endswith(("=>", "->")) or (code and words.endswith(("#", "//"))):
        return spaced or last != "|"
    word = (["", *_WORD.findall(words[-40:])])[-1] if last.isalpha() or last in ".,:!?" else ""
    if last == ":":  # behind a number it may be a sign of division
        known = not words[-2:-1].isdigit() or _NUMBERED.search(words) is not None
        return spaced and known and not words[-2:-1].isspace()
    if last == ",":
        return spaced and (_VALUED.search(words[:-1]) is not None or word.lower() in _BEGINNING)
    if word.lower() in _BEGINNING and words.endswith(word):
        return spaced
    if last in ".!?":
        return spaced and (words[-2:-1] in (*"0123456789)]`*",) or len(word.rstrip(".")) > 4)
    return spaced and word.lower() in ("and", "und") and _VALUED.search(words[: -len(word)]) is not None


def _behind(words: str) -> str:
    """Why these words behind a chain may belong to it, or ""."""
    if not words or words[0] in ";|\"”’'])}<>≤≥→⇒—`_" or words.startswith("=>"):
        return ""
    if words[0] == "(":
        return "" if words[1:].lstrip("(")[:1].isalpha() else _GOES_ON
    if words[0] in ".,":
        match = re.match(r"[.,]\s*([0-9][0-9.,\s]*)(.?)", words)
        alone = match is not None and not (match[2] and match[2] in f"{_OPERATORS}=≈(")
        return "a comma or point behind it may go on with the number" if alone else ""
    if words[0] == "?":
        return "it is asked, not said"
    if words[0] == ":":
        return "" if not words[1:].strip()[:1].isdigit() else _GOES_ON
    word = _WORD.match(words)
    if word is None or words[word.end() :].lstrip()[:1] in (*_OPERATORS, "(", "["):
        return _GOES_ON
    return "" if word[0].lower().rstrip(".") in _JOINING else _UNIT


def _doubt(written: Sequence[str]) -> str:
    """Why sides that are written like this may mean something else, or ""."""
    if any(_SPACED_PRODUCT.search(side) for side in written):
        return "it may be a product or a remark"
    if any(_RANGE.fullmatch(side) for side in written) and not any("." in side or "," in side for side in written):
        return "it may be a range, a date or a number of something"
    if any(_THOUSANDS.search(side) for side in written):
        return "a point in it may separate thousands"
    return "a space in it may separate two numbers" if any(re.search(r"[0-9]\s+[0-9]", s) for s in written) else ""


def _unmatched(text: str, low: int, high: int, sign: str) -> list[int]:
    """Where parentheses of this kind stand that have no partner."""
    opened: list[int] = []
    closing: list[int] = []
    for place in range(low, high):
        if text[place] == "(":
            opened.append(place)
        elif text[place] == ")":
            opened.pop() if opened else closing.append(place)
    return opened if sign == "(" else closing


def _trimmed(text: str, low: int, high: int) -> tuple[int, int]:
    """A side without spaces and emphasis around it."""
    while low < high and text[low].isspace():
        low += 1
    while low < high and text[high - 1].isspace():
        high -= 1
    for _ in range(2):
        if match := _EMPHASIS.search(text[low:high]):
            low, high = (low + match.end(), high) if match.start() == 0 else (low, low + match.start())
    return low, high


def _tokens(text: str, low: int, high: int) -> list[Token]:
    """The signs of a side; 117 600 is one number; what has no one meaning is made unreadable."""
    try:
        found = tokens(text, low, high)
    except AnswerError:
        return [BROKEN]
    if _UNCLEAR.search(text[low:high]):
        return [BROKEN, *found]
    joined: list[Token] = []
    for token in found:
        before = joined[-1] if joined else BROKEN
        three = token.kind == before.kind == "number" and _THREE.fullmatch(text[before.start : token.end]) is not None
        if three and token.start == before.end + 1:
            joined[-1] = Token("number", before.text + token.text, before.start, token.end)
        else:
            joined.append(token)
    return joined


def _label(text: str, low: int, high: int) -> list[Token] | None:
    """The quantity before an equals sign: h_22, h22, h_{2,2}, h[2,2]."""
    match = _LABEL.search(text[max(low, high - 40) : high])
    if match is None:
        return None
    start = max(low, high - 40) + match.start(1)
    letter = Token("name", match[1], start, start + 1)
    if match[4]:
        return [letter, *tokens(text, start + 1, start + 1 + len(match[4]))]
    place = start + 1
    below = [
        Token("number" if sign[0].isdigit() else "symbol", sign[0], place + sign.start(), place + sign.end())
        for sign in re.finditer(r"\d+|,", text[place:high])
    ]
    sub, opening = Token("symbol", "_", place, place + 1), Token("open", "{", place, place + 1)
    return [letter, sub, opening, *below, Token("close", "}", high - 1, high)]
