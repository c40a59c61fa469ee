"""Finds the false links of chains whose last value may be right all the same: `h = 3*1 + 2*2 = 8 = 7`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from symconv.answers import Given
from symconv.answers.rewritten import rewritten

MOST_LINKS = 2  # that are named
_COMMAND = re.compile(
    r"\\(?:cdot|times|t?frac|dfrac|left|right|bigl?|bigr?|lfloor|rfloor|lceil|rceil|sqrt|[,;:! ])(?![A-Za-z])"
)
_PLAIN = re.compile(r"[0-9\s.,+\-−–*·×⋅/(){}^⌊⌋√=]*")  # numbers and what stands between them


def false_links(chains: Mapping[str, Given]) -> dict[str, list[str]]:
    r"""What does not hold in chains of numbers, by the label.

    >>> given = Given("h", None, 1, "7", sides=(r"3 \cdot 1 + 2 \cdot 2", "8"))
    >>> false_links({"h": given, "k": Given("k", None, 2, "5")})
    {'h': ['3·1 + 2·2 = 8', '8 = 7']}
    """
    lines = {label: _line(given) for label, given in chains.items() if given.sides}
    lines = {label: line for label, line in lines.items() if line}
    if not lines:
        return {}
    from symconv.audit.notes import audit  # the other parts of an audit are not needed, nor where there are no chains

    found: dict[str, list[str]] = {}
    labels = list(lines)
    for finding in audit("\n".join(lines.values()), "tex"):
        if finding.status == "wrong":
            found.setdefault(labels[finding.line - 1], []).append(finding.excerpt)
    return found


def _line(given: Given) -> str:
    """The chain as a formula on one line; nothing where it has letters or numbers that may mean several things."""
    chain = " ".join(" = ".join((*given.sides, given.text)).split())
    plain = _PLAIN.fullmatch(_COMMAND.sub(" ", chain)) is not None
    return rf"\[ {chain} \]" if plain and next(rewritten(chain), None) is None else ""
