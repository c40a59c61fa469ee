r"""Finds the tables of a LaTeX document that stand outside of formulas, and takes their cells apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from symconv.answers.source import Source
from symconv.answers.tables import Cell, Table
from symconv.latex_tokens import Token, tokens
from symconv.math_spans import MathSpan

_SIGNS = re.compile(r"(?<!\\)%[^\n]*|\\(?P<what>begin|end)\s?\{(?P<name>tabular\*?|tabularx|longtable)\}")
_GROUP = re.compile(r"(?:\\text[a-z]{2})?\{([^{}]*)\}")


def tabulars(source: Source, spans: Sequence[MathSpan]) -> Iterator[Table]:
    r"""The tables of a document outside of its formulas.

    >>> list(tabulars(Source(r"H: \begin{tabular}{c} 5 \end{tabular}"), ()))
    [Table(start=3, end=37)]
    """
    held = iter(spans)
    span = next(held, None)
    opened: re.Match[str] | None = None
    body = max(source.text.find(r"\begin{document}"), 0)  # what stands before it defines commands
    for match in _SIGNS.finditer(source.text, body):
        if match["what"] is None:
            continue
        if match["what"] == "begin":
            while span and span.end < match.start():
                span = next(held, None)
            opened = match if opened is None and (span is None or match.start() < span.start) else opened
        elif opened and opened["name"] == match["name"]:
            yield Table(opened.start(), match.end())
            opened = None


def cells(source: Source, table: Table) -> list[list[Cell]]:
    """The cells of a table, row by row; raises AnswerError where braces do not match."""
    rows: list[list[list[Token]]] = [[[]]]
    depth = 0
    for token in tokens(source.text, table.start, table.end):
        depth += {"open": 1, "begin": 1, "close": -1, "end": -1}.get(token.kind, 0)
        if depth == 1 and token.kind == "row":
            rows.append([[]])
        elif depth == 1 and token.kind == "cell":
            rows[-1].append([])
        elif depth > 1 or token.kind not in ("begin", "end"):
            rows[-1][-1].append(token)
    if rows[-1] == [[]]:
        rows.pop()
    return [[_cell(source, cell, table) for cell in row] for row in rows]


def _cell(source: Source, found: Sequence[Token], table: Table) -> Cell:
    if not found:
        return Cell("", table.start)
    start = found[0].start
    text = source.text[start : found[-1].end].strip("$ \t\r\n")
    match = _GROUP.fullmatch(text)
    return Cell(match[1].strip() if match else text, start)
