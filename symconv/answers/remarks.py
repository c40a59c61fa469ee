"""Finds what people write behind a value: `52 (see above)`, `52 54; 52 54, since the stride is 3`, a tick, a full stop.

Only words are remarks, with numbers only behind such as "since", and none that may take the value back: `52 (not 54)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MOST = 150  # characters of a remark and what is around it
FEW = 4  # ways to tell a value from its remarks
_WORD = r"(?=[^\n]{0,60}?[^\W\d_]{2})"
_NO_NUMBERS = r"[^\d\n=()]{1,150}"
_REASON = "since|because|see|by|from|with|using|for|weil|da|denn|wegen|siehe|aus|mit|nach"
_UNIT = (  # what is counted
    "parameters?|params?|weights|biases|pixels?|cells|entries|elements|values|units|bytes|operations|multiplications"
    "|additions|macs|flops|windows|werte|zellen|einträge"
)
_REMARK = re.compile(
    rf"(?<=[\w\])}}\s.])[ \t]{{0,9}}+"
    rf"(?:\((?:{_WORD}{_NO_NUMBERS}|(?:{_REASON})\s[^()\n=]{{1,150}})\)|,?[ \t]?\b(?:{_REASON})\s[^\n=]{{1,150}}"
    rf"|(?:\#|//|,[ \t]|as\s|<-|←){_WORD}{_NO_NUMBERS}|(?:{_UNIT})|q\.?[ \t]?e\.?[ \t]?d\.?"
    r"|(?:\\q?quad|\\[,;:])?[ \t]{0,9}+(?:[✓✔☑]|\\checkmark))?"
    r"[ \t]{0,9}+\.?\s{0,9}+\Z",
    re.IGNORECASE,
)
_TAKES_BACK = re.compile(
    r"\b(?:or|oder|ou|not?|nicht|nein|instead|wrong|incorrect|false|falsch|crossed|old|mod|times|plus|minus|over|mistake|error|typo|fehler)\b",
    re.IGNORECASE,
)


def ends(source: str, start: int, end: int) -> Iterator[int]:
    """Where a value in `source[start:end]` may end if remarks are behind it, the longest value first.

    >>> text = "52 54; 52 54 (see above)."
    >>> [text[:place] for place in ends(text, 0, len(text))], list(ends("52 (not 54)", 0, 11))
    (['52 54; 52 54 (see above)', '52 54; 52 54'], [])
    """
    first = max(start, source.rfind("\n", start, end) + 1, end - MOST)
    found: list[int] = []
    for place in range(end - 1, first - 1, -1):
        match = _REMARK.match(source, place, end)
        if match is None or _TAKES_BACK.search(source, place, end):
            continue
        stop = len(source[first:place].rstrip(" \t,;")) + first
        if source[stop:end].strip() and stop > start and stop not in found:
            found.append(stop)
            yield stop
        if len(found) == FEW:
            return


def without_remark(source: str, start: int, end: int) -> int:
    """Where a line in `source[start:end]` ends without all that may be a remark behind it.

    >>> text = "52 54 (see above)."
    >>> text[: without_remark(text, 0, len(text))]
    '52 54'
    """
    return min(ends(source, start, end), default=end)
