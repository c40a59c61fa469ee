"""Finds what sentences say outside of formulas: `the output is 2x2`, `h[1,1] is 52`. It reads no value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from symconv.answers.labels import canonical, indexed

PREFIX = 160  # characters before a formula in which its label stands
_GAP = r"(?:[ \t]{1,3}|[ \t]{0,3}\n[ \t]{0,9})"
_FILLERS = "now|then|thus|therefore|hence|also|so|of|the|a|an|size|shape|dimensions?|dann|also|somit|damit|die|der|eine"
_BEHIND = "and|und|so|with|mit|which|because|since|as|but|aber"
_NUMBER = r"[-−]?[0-9]{1,9}(?:[.,/][0-9]{1,9})?"
_LIST = (  # a matrix in brackets, or three numbers and more side by side, or in rows
    r"\[(?=[^A-Za-z]{0,300}[0-9])[-−0-9\s.,;/\[\]()]{1,300}\]"
    rf"|{_NUMBER}(?:(?:,?[ \t]{{1,3}}|[ \t]?;[ \t]?){_NUMBER}){{2,100}}+(?![ \t]{{0,3}}(?:and|und|or|oder)\s)"
)
_SAID = re.compile(
    rf"(?<![\w\\])(?P<words>(?:[A-Za-z]{{1,30}}{_GAP})?[*_`]{{0,3}}[A-Za-z][^\s:=<>|]{{0,40}}){_GAP}"
    rf"(?:is|are|has|ist|hat){_GAP}(?:(?:{_FILLERS}){_GAP}){{0,3}}[*_`]{{0,3}}"
    rf"(?P<value>(?P<list>{_LIST})|[-−]?[0-9]{{1,9}}(?:[ \t]?[x×][ \t]?[0-9]{{1,9}}){{1,3}}|{_NUMBER})[*_`]{{0,3}}"
    rf"(?=[ \t]{{0,3}}(?:matrix|array|grid)?[ \t]{{0,3}}(?:[.,;:()!](?![0-9])|\n|\Z|(?:{_BEHIND})\s))"
)
_WORD = re.compile(r"[A-Za-z]{3,}")
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
    """
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
