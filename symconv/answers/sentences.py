"""Finds what sentences say: `the output is 2x2`, `h[1,1] is 52`, `so we get H = ...`. It reads no value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from symconv.answers.labels import canonical, indexed

PREFIX = 160  # characters before a formula in which its label stands
MOST_PART = 2_000  # characters of a line before a label in it
MOST_WORDS = 20  # before a label
FEW = 8  # sentences of a line in which one without an equals sign is looked for
_GAP = r"(?:[ \t]{1,3}|[ \t]{0,3}\n[ \t]{0,9})"
_FILLERS = "now|then|thus|therefore|hence|also|so|of|the|a|an|size|shape|dimensions?|dann|also|somit|damit|die|der|eine"
_BEHIND = "and|und|so|with|mit|which|because|since|as|but|aber"
_NUMBER = r"[-−]?[0-9]{1,9}(?:[.,/][0-9]{1,9})?"
_LIST = (  # a matrix in brackets, or three numbers and more side by side, or in rows
    r"\[(?=[^A-Za-z]{0,300}[0-9])[-−0-9\s.,;/\[\]()]{1,300}\]"
    rf"|{_NUMBER}(?:(?:,?[ \t]{{1,3}}|[ \t]?;[ \t]?){_NUMBER}){{2,100}}+(?![ \t]{{0,3}}(?:and|und|or|oder)\s)"
)
_LAYER = rf"(?:shape|size|output){_GAP}(?:of|after|behind){_GAP}(?:the{_GAP})?layer{_GAP}[0-9]{{1,3}}"
_SAID = re.compile(
    rf"(?<![\w\\])(?P<words>(?i:{_LAYER})|(?:[A-Za-z]{{1,30}}{_GAP})?[*_`]{{0,3}}[A-Za-z][^\s:=<>|]{{0,40}}){_GAP}"
    rf"(?:is|are|has|ist|hat){_GAP}(?:(?:{_FILLERS}){_GAP}){{0,3}}[*_`]{{0,3}}"
    rf"(?P<value>(?P<list>{_LIST})|[-−]?[0-9]{{1,9}}(?:[ \t]?[x×][ \t]?[0-9]{{1,9}}){{1,3}}|{_NUMBER})[*_`]{{0,3}}"
    rf"(?=[ \t]{{0,3}}(?:matrix|array|grid)?[ \t]{{0,3}}(?:[.,;:()!](?![0-9])|\n|\Z|(?:{_BEHIND})\s))"
)
_WORD = re.compile(r"[A-Za-z]{3,}")
_VERB = re.compile(r"(?<![\w\\])(?:is|are|has|ist|sind|hat)(?!\w)")
_PART = re.compile("row|column|line|channel|filter|zeile|spalte", re.IGNORECASE)  # of a matrix
_SIZES = frozenset({"size", "shape", "dimension", "dimensions"})
_OWN = re.compile(  # words before a label that do not tell of which one it is
    "(?:the|an?|our|my|this|that|so|thus|then|hence|therefore|and|now|resulting|final|output|result|der|die|das)"
)
_OF = re.compile(r"\b(?:of|in|for|at|to|from|von|bei)[\s$*`]*$", re.IGNORECASE)
_VALUE_OF = re.compile(r"\b(?:value|entry|cell|result|number|wert|eintrag)\s+\w+[\s$*`]*$", re.IGNORECASE)
_HYPOTHESIS = re.compile(
    r"\b(?:if|would|had|without|instead|suppose|forg[eo]t\w*|mistake\w*|wrong\w*|incorrect\w*"
    r"|wenn|falls|ohne|würde\w*|wäre\w*|hätte\w*|vergess\w*|vergiss\w*|fälschlich\w*|falsch\w*)\b",
    re.IGNORECASE,
)
_END = re.compile(r"[.!?;:]\s|\n\s*\n")  # of a sentence
_LEADING = re.compile(  # words that only lead to what stands behind them
    "because|since|now|then|thus|therefore|hence|so|finally|also|and|with|where|namely|this|that|it|which|the|our|my|we"
    "|get|obtain|find|have|is|are|gives?|yields?|follows|means|dann|somit|damit|daher|also|folglich|nämlich|und|mit|wir"
    "|erhalten|ergibt|ist|sind|die|der|das",
    re.IGNORECASE,
)
_NOUNS = re.compile("output|result|answer|matrix|map|feature|convolution|ausgabe|ergebnis", re.IGNORECASE)
_PLACES = re.compile(  # before the label of a cell
    "first|second|third|fourth|next|last|top|bottom|upper|lower|left|right|corner|cell|entry|value|element"
    "|erste|zweite|dritte|letzte|wert|eintrag|zelle",
    re.IGNORECASE,
)
_STOP = re.compile(r"(?:(?<=[0-9\])}])|(?<=[A-Za-z]{3}))[.!?][ \t]{1,9}(?=[A-Za-zα-ωΑ-Ω])")
_CLAUSE = re.compile(r"[,;:(][ \t]{1,9}|[0-9][x×][0-9]{1,9}[ \t]{1,9}|(?<!\w)(?:and|und|so|or|oder)[ \t]{1,9}")
_ASSUMES = re.compile(r"\b(?:for|let|given|if|when|suppose|für|sei|seien|gegeben|wenn|falls)\b", re.IGNORECASE)
_EQUALS = re.compile(r"(?<![=!<>:])=(?![=>])")
_SIZE = re.compile(r"[ \t]{0,40}[0-9]{1,9}(?:[ \t]?[x×][ \t]?[0-9]{1,9}){1,3}(?=[.:;,][ \t])")  # before a label
_BRACKETS = ("([{", ")]}")


class Said(NamedTuple):
    """What a sentence says: the label, and where the value stands; `aside` where it may not be handed in by that."""

    label: str
    start: int
    end: int
    aside: bool


def said_in(text: str, start: int = 0, end: int | None = None) -> Iterator[Said]:
    """The sizes and the values of cells that sentences between two places tell.

    >>> [one.label for one in said_in("The output is 2x2, and h_11 is 52. The kernel size is 3 x 3, h_12 is not 5.")]
    ['output', 'h_11', 'kernel size']
    """
    for match in _SAID.finditer(text, start, len(text) if end is None else end):
        label = subject(match["words"])
        if label is None:
            continue
        size = "x" in match["value"] or "×" in match["value"] or label in _SIZES
        before = text[max(0, match.start() - PREFIX) : match.end("words")].removesuffix(label)
        if match["list"] and not _PART.search(label):
            yield Said(label, *match.span("value"), aside=True)
        elif size or (indexed(label) and not of_another(before)):
            yield Said(label, *match.span("value"), not size or hypothetical(text, match.start()))


def subject(words: str) -> str | None:
    """The label at the end of some words, with the word before it where that tells of which one it is.

    >>> [subject(words) for words in ("The size", "the kernel size", "Its size", "matrix H", "output size")]
    ['size', 'kernel size', None, 'H', 'size']
    >>> subject("output of layer 1")
    'output of layer 1'
    """
    if re.fullmatch(_LAYER, words, re.IGNORECASE):
        return " ".join(words.split())
    parts = re.sub(r"[*`]", "", words).split()[-2:]
    label, before = parts[-1] if parts else "", parts[0].lower() if len(parts) == 2 and parts[0][-1].isalpha() else ""
    if not canonical(label) or before in ("its", "their", "whose"):
        return None
    label = label.lower() if label.lower() in _SIZES else label
    alone = _WORD.fullmatch(label) is None or not before or _OWN.fullmatch(before)
    return label if alone else f"{before} {label}"


def of_another(before: str) -> bool:
    """Whether something else than the label behind these words has the value: the first product of h_11 is 3.

    >>> of_another("the first product of "), of_another("the value of "), of_another("the ")
    (True, False, False)
    """
    return _OF.search(before) is not None and _VALUE_OF.search(before) is None


def hypothetical(text: str, place: int) -> bool:
    """Whether the sentence before a place says what would be, and not what is.

    >>> hypothetical("It is so. If we forget to flip, ", 32), hypothetical("If so. It is ", 13)
    (True, False)
    """
    return _HYPOTHESIS.search(_END.split(text[max(0, place - PREFIX) : place])[-1]) is not None


def led_to(words: str) -> str:
    """The label at the end of words that only lead to it; all of the words where some of them may say more.

    >>> [led_to(words) for words in ("Therefore Y_11", "The first cell is y_11", "so the output size", "padded H")]
    ['Y_11', 'y_11', 'output size', 'padded H']
    >>> led_to("the first output"), led_to("not y_11"), led_to("the sum of H")
    ('first output', 'not y_11', 'sum of H')
    """
    parts = words.split()[-MOST_WORDS:]
    for count in range(len(parts) - 1, 0, -1):
        rest = " ".join(parts[count:])
        known = [_LEADING]
        if _WORD.search(rest) is None:  # a symbol tells more than a noun before it
            known += [_NOUNS, _PLACES] if indexed(rest) else [_NOUNS]
        passed = all(any(word.fullmatch(part.strip(",:")) for word in known) for part in parts[:count])
        if passed and _LEADING.fullmatch(parts[count]) is None and canonical(rest):
            return rest
    return words


def parts_of(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """A line, apart where behind a sentence, or in it, a label with an equals sign starts.

    >>> line = "The output is 2x2. Y_11 = 5, Y_12 = 20"
    >>> [line[a:b] for a, b in parts_of(line, 0, len(line))]
    ['The output is 2x2. ', 'Y_11 = 5, Y_12 = 20']
    >>> line = "The output is 2x2, namely Y = [5 20; 6 11]."
    >>> [line[a:b] for a, b in parts_of(line, 0, len(line))]
    ['The output is 2x2, namely ', 'Y = [5 20; 6 11].']
    """
    found = [start]
    size = _SIZE.match(text, start, end)
    if size and (sign := _EQUALS.search(text, size.end() + 1, end)) and canonical(text[size.end() + 1 : sign.start()]):
        return [size.span(), *parts_of(text, size.end() + 1, end)]
    for match in _EQUALS.finditer(text, start, end):
        first = max(found[-1], match.start() - PREFIX)
        stops = [stop.end() for stop in _STOP.finditer(text, first, match.start())]
        begin = max(stops, default=first)
        if stops and begin - found[-1] > 4 and _label_from(text, begin, match.start()) is not None:  # no mark: 1. H = 5
            if _balanced(text[found[-1] : begin]) and _ASSUMES.search(text, begin, match.start()) is None:
                found.append(begin)
        elif _tells(text, begin, match.start()):
            clauses = [clause.end() for clause in _CLAUSE.finditer(text, begin, match.start())]
            at = _label_from(text, max(clauses), match.start()) if clauses else None
            if at is not None and "=" not in text[found[-1] : at] and _balanced(text[found[-1] : at]):
                found.append(at)
    if text.find("=", start, end) >= 0:  # Y_12 = 20. The size is 2x2.
        for stop in islice(_STOP.finditer(text, found[-1], end), FEW):
            at = stop.end()
            if next(said_in(text, at, min(end, at + PREFIX)), None) and _balanced(text[found[-1] : at]):
                found.append(at)
                break
    return list(zip(found, [*found[1:], end], strict=True))


def _tells(text: str, start: int, end: int) -> bool:
    """Whether a sentence has said something before an equals sign, and has assumed nothing."""
    said = _VERB.search(text, start, end) is not None and not canonical(text[start:end])
    return said and _ASSUMES.search(text, start, end) is None


def _label_from(text: str, start: int, end: int) -> int | None:
    """Where the label starts that some words end with; None where they are no label."""
    words = text[start:end].strip()
    label = led_to(words)
    if not label or not canonical(label):
        return None
    return max(start, text.rfind(label.split()[0], start, end))


def _balanced(text: str) -> bool:
    """Whether all brackets of a text are closed, as far as it is no longer than what a person writes."""
    if len(text) > MOST_PART:
        return False
    opening, closing = (sum(map(text.count, signs)) for signs in _BRACKETS)
    return opening == closing
