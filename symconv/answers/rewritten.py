r"""What numbers in a text may mean besides: `2.440` as 2440, `3\tfrac34` as 15/4. It reads no value and knows no label.

A text is read as it stands first. Where it can be read in another way too, or in no way at all, the other reading
counts only if it gives the right value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from fractions import Fraction

_FIRST = r"(?<![\w.,/'])(?P<first>[1-9][0-9]{0,2})"  # digits before a separator of thousands
_END = r"(?![0-9]|[.,'/][0-9])"
_GAPS = "[ \u00a0\u2009\u202f]"
_MAYBE = re.compile(
    r"[^0-9][0-9]{3}(?![0-9])|[0-9][ \\~]{0,9}[0-9]{0,9}[/¼½¾⅐-⅞]|[0-9],[0-9]|frac"
)  # most answers have none of it
_MIXED = re.compile(
    r"(?<![\w.,/}])(?P<whole>[0-9]{1,9})(?:(?: |\\,|~){1,3}(?P<above>[0-9]{1,9})/(?P<below>[0-9]{1,9})(?![\w/.,])"
    r"| ?(?P<sign>[¼½¾⅐-⅞])"
    r"|(?: |\\,|~){0,3}\\[tdc]?frac ?"
    r"(?:\{(?P<over>[0-9]{1,9})\} ?\{(?P<under>[0-9]{1,9})\}|(?P<one>[0-9]) ?(?P<two>[0-9])))"
)
_THOUSANDS = (
    re.compile(rf"{_FIRST}(?P<rest>(?:\.[0-9]{{3}})+)(?:,(?P<decimals>[0-9]{{1,9}}))?{_END}"),
    re.compile(rf"{_FIRST}(?P<rest>(?:(?:,|\{{,\}})[0-9]{{3}})+)(?:\.(?P<decimals>[0-9]{{1,9}}))?{_END}"),
    re.compile(rf"{_FIRST}(?P<rest>(?:{_GAPS}[0-9]{{3}})+)(?:[.,](?P<decimals>[0-9]{{1,9}}))?{_END}"),
)
_DECIMAL = re.compile(rf"{_FIRST}(?:,|\{{,\}})(?P<rest>[0-9]{{3}}){_END}")
_COMMA = re.compile(r"(?<![\w.,])(?P<first>[0-9]{1,9}),(?P<rest>[0-9]{1,9})(?![\w]|[.,][0-9])")


def rewritten(text: str) -> Iterator[tuple[str, str]]:
    r"""The text with the numbers in it written as what they may mean too, and what that says in words.

    >>> list(rewritten("2.440; 1.5"))
    [('2440; 1.5', '2.440 is read as 2440')]
    >>> list(rewritten(r"3\tfrac34")), list(rewritten("52 54"))
    ([('15/4', '3\\tfrac34 is read as 15/4')], [])
    >>> [words for _, words in rewritten("1,5; 2,5")]
    ['1,5 is read as 1.5, and the others alike', '1,5 is read as 1 5, and the others alike']
    """
    if _MAYBE.search(text) is None:
        return
    for pattern in _THOUSANDS:
        yield from _written(text, pattern, _joined)
    yield from _written(text, _DECIMAL, _decimal)
    yield from _written(text, _COMMA, _decimal)
    yield from _written(text, _COMMA, _apart)
    yield from _written(text, _MIXED, _summed)


def _written(text: str, pattern: re.Pattern[str], write: Callable[[re.Match[str]], str]) -> Iterator[tuple[str, str]]:
    match = pattern.search(text)
    if match is not None:
        made, count = pattern.subn(write, text)
        others = ", and the others alike" if count > 1 else ""
        yield made, f"{match[0]} is read as {write(match)}{others}"


def _decimal(match: re.Match[str]) -> str:
    return f"{match['first']}.{match['rest']}"


def _apart(match: re.Match[str]) -> str:
    return f"{match['first']} {match['rest']}"


def _joined(match: re.Match[str]) -> str:
    whole = match["first"] + re.sub("[^0-9]", "", match["rest"])
    return f"{whole}.{match['decimals']}" if match["decimals"] else whole


def _summed(match: re.Match[str]) -> str:
    if match["sign"]:
        return str(int(match["whole"]) + Fraction(unicodedata.numeric(match["sign"])).limit_denominator(10))
    above, below = (match["above"] or match["over"] or match["one"]), (match["below"] or match["under"] or match["two"])
    if int(above) >= int(below):
        return match[0]  # no mixed number
    return str(int(match["whole"]) + Fraction(int(above), int(below)))
