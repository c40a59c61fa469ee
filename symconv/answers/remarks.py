"""Finds what people write behind a value: `52 (see above)`, `52 54; 52 54, since the stride is 3`, a tick, a full stop.

Only words are remarks, with numbers only behind such as "since", and none that may take the value back: `52 (not 54)`.
"""

from __future__ import annotations

import re

MOST = 150  # characters of a remark and what is around it
_WORD = r"(?=[^\n]{0,60}?[^\W\d_]{2})"
_NO_NUMBERS = r"[^\d\n=()]{1,150}"
_REASON = "since|because|see|by|from|with|using|for|weil|da|denn|wegen|siehe|aus|mit|nach"
_REMARK = re.compile(
    rf"(?<=[\d\])}}\s.])[ \t]{{0,9}}+"
    rf"(?:\((?:{_WORD}{_NO_NUMBERS}|(?:{_REASON})\s[^()\n=]{{1,150}})\)|,?[ \t]?(?:{_REASON})\s[^\n=]{{1,150}}"
    rf"|(?:\#|//|,[ \t]|as\s){_WORD}{_NO_NUMBERS}|[✓✔☑])?"
    r"[ \t]{0,9}+\.?\s{0,9}+\Z",
    re.IGNORECASE,
)
_TAKES_BACK = re.compile(
    r"\b(?:or|oder|ou|not?|nicht|nein|instead|wrong|incorrect|false|falsch|crossed|old|mod|times|plus|minus|over)\b",
    re.IGNORECASE,
)


def without_remark(source: str, start: int, end: int) -> int:
    """Where a value in `source[start:end]` ends if a remark is behind it; `end` where none is.

    >>> text = "52 54; 52 54 (see above)."
    >>> text[: without_remark(text, 0, len(text))], without_remark("52 (not 54)", 0, 11)
    ('52 54; 52 54', 11)
    """
    first = max(start, source.rfind("\n", start, end) + 1, end - MOST)
    match = _REMARK.search(source, first, end)
    is_remark = match and match.start() > start and not _TAKES_BACK.search(source, match.start(), end)
    return match.start() if match and is_remark else end
