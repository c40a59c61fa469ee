"""Audit: every chain of equals in notes, evaluated exactly; what cannot be evaluated is never called wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from symconv.audit.chains import Chain, chains
from symconv.audit.compare import Status, Verdict
from symconv.audit.evaluate import Scope
from symconv.audit.excerpt import link, plain
from symconv.audit.judge import Judge, Recent
from symconv.audit.macros import Expanded, expand
from symconv.audit.prose import plain_chains
from symconv.audit.quantities import Expected
from symconv.audit.values import Work
from symconv.errors import AnswerError
from symconv.latex_tokens import Token, tokens
from symconv.math_spans import Form, MathSpan, math_spans

MOST_TEXT = 4_000_000  # characters
LEAST_WORK, WORK = 500_000, 10  # operations for a text, and for each of its characters
_BLOCKS = "example|exercise|problem|question|solution|theorem|definition|proof|remark"
_HEADINGS = {
    "tex": re.compile(rf"\\(?:chapter|(?:sub)*section|paragraph)\*?\{{|\\begin\{{(?:{_BLOCKS})", re.IGNORECASE),
    "md": re.compile(rf"^(?:#{{1,6}}[ \t]|:{{3,}}|-{{3,}}[ \t]*$|\*\*(?:{_BLOCKS}))", re.IGNORECASE | re.MULTILINE),
}
_REST = re.compile(r"[\s,]{0,9}(?:with|mit|and)?\s{0,9}(?:an?|einem)?\s{0,9}(?:rest|remainder|R)\b", re.IGNORECASE)
_ORDERS = {
    "row": re.compile(r"row[- ]major|lexicographic|row by row|zeilenweise", re.IGNORECASE),
    "column": re.compile(r"column[- ]major|column by column|spaltenweise", re.IGNORECASE),
}


@dataclass(frozen=True)
class Finding:
    """What is known about one equality: where it stands, both sides as written, and the verdict.

    `quantity` is the label of the problem's solution that the value was compared with, or "".
    """

    line: int
    left: str
    relation: str
    right: str
    verdict: Verdict
    quantity: str = ""
    cell_lines: tuple[int, ...] = ()

    @property
    def status(self) -> Status:
        """holds, rounded, wrong, unknown, or defines."""
        return self.verdict.status

    @property
    def excerpt(self) -> str:
        """Both sides on one line of at most 80 columns."""
        return link(self.left, self.relation, self.right)


def audit(text: str, form: Form, expected: Expected | None = None) -> list[Finding]:
    r"""Evaluate every equality of a LaTeX ("tex") or Markdown ("md") text, in the order they stand in.

    >>> [(f.line, f.status, f.excerpt) for f in audit("$3 \\cdot 7 = 21$\n$\\frac{7}{3} = 2.4$", "md")]
    [(1, 'holds', '3·7 = 21'), (2, 'wrong', '7/3 = 2.4')]
    """
    expanded = expand(text, form)
    written, text = text, expanded.text
    spans = math_spans(text, form)
    plain_text, plain_ones = plain_chains(text, spans, expected is not None) if form == "md" else ("", [])
    items: list[MathSpan | Chain] = sorted([*spans, *plain_ones], key=_start)
    first = _Auditor(written, expanded, plain_text, expected, frozenset())
    first.run(items, ())
    unsteady = frozenset(label for label, values in first.given.items() if len(values) > 1)
    if not unsteady:
        return first.findings()
    headings = [match.start() for match in _HEADINGS[form].finditer(text)]
    second = _Auditor(written, expanded, plain_text, expected, unsteady)
    second.run(items, headings)
    return second.findings()


def _start(item: MathSpan | Chain) -> int:
    return item.relations[0][1].start if isinstance(item, Chain) else item.start


class _Auditor:
    """Goes through a text once, remembering what its labels stand for."""

    def __init__(
        self, written: str, expanded: Expanded, outside: str, expected: Expected | None, unsteady: frozenset[str]
    ) -> None:
        self.written, self.expanded, self.expected = written, expanded, expected
        self.outside = outside  # the text without its formulas
        self.text = text = expanded.text  # what is read; its places are those without macros
        self.scope = Scope(Work(LEAST_WORK + WORK * len(text)), unsteady=unsteady)
        orders = [order for order, pattern in _ORDERS.items() if pattern.search(text)]
        if len(orders) == 1:
            self.scope.order = "row" if orders[0] == "row" else "column"
        if expected is not None:
            self.scope.convolve = expected.convolve
        self.found: list[tuple[int, Finding]] = []  # with the places of their relations
        self.given: dict[str, set[str]] = {}
        self.recent: Recent = {}
        self.place, self.lines = 0, 1  # lines are counted onwards from here

    def run(self, items: Sequence[MathSpan | Chain], headings: Sequence[int]) -> None:
        """Judge formulas and chains outside them; behind a heading the labels that have several values have none."""
        waiting = list(reversed(headings))
        for item in items:
            while waiting and waiting[-1] < _start(item):
                waiting.pop()
                self.recent.clear()
                for label in self.scope.unsteady:
                    self.scope.labels.pop(label, None)
            if isinstance(item, Chain):
                self.plain(item)
            else:
                self.span(item)

    def findings(self) -> list[Finding]:
        """What was found, in the order of the text."""
        return [finding for _, finding in sorted(self.found, key=lambda pair: pair[0])]

    def line(self, start: int) -> int:
        """The line of a place in the text, from 1, in the text as written."""
        start = self.expanded.place(start)
        if start >= self.place:
            self.lines += self.written.count("\n", self.place, start)
            self.place = start
            return self.lines
        return self.lines - self.written.count("\n", start, self.place)

    def span(self, span: MathSpan) -> None:
        """Judge every chain of a formula; what cannot be taken apart is tried line by line."""
        try:
            signs = tokens(self.text, span.start, span.end, wide_spaces=True)
        except AnswerError as error:
            self.broken(span, error)
            return
        self.judge_all(signs, span.opening, _REST.match(self.text, span.end + len(span.closing)) is not None)

    def plain(self, chain: Chain) -> None:
        """Judge a chain outside of formulas, where letters neither have values nor take them."""
        sure = not (chain.unit or chain.doubt)
        scope = Scope(self.scope.work)
        Judge(chain, self.outside, scope, self.expected if sure else None, {}, {}, self.add).judge()

    def judge_all(self, signs: Sequence[Token], opening: str, rest: bool = False) -> None:
        """Judge the chains in these signs; `rest` says that the rest of a division stands behind them."""
        style = re.search(r"\{(\w+)", opening)
        found = chains(signs, self.text, style[1] if style else "")
        if rest and found:
            found[-1].unit = True
        for chain in found:
            Judge(chain, self.text, self.scope, self.expected, self.given, self.recent, self.add).judge()

    def broken(self, span: MathSpan, error: AnswerError) -> None:
        """A formula with a brace too many: its lines one by one, those that cannot be read are counted."""
        start = span.start
        lines = re.split(r"(\n|\\\\)", span.body)
        for line in lines:
            try:
                if len(lines) == 1:
                    raise error
                self.judge_all(tokens(self.text, start, start + len(line), wide_spaces=True), span.opening)
            except AnswerError as reason:
                if "=" in line or r"\approx" in line:
                    at = start + max(line.find("="), line.find(r"\approx"))
                    left, _, right = line.partition("=")
                    self.add(at, plain(left), "=", plain(right), Verdict("unknown", str(reason)))
            start += len(line)

    def add(self, start: int, left: str, relation: str, right: str, verdict: Verdict, quantity: str = "") -> None:
        """Write a finding down."""
        line = self.line(start)
        cells = tuple(line if cell.start is None else self.line(cell.start) for cell in verdict.cells)
        self.found.append((start, Finding(line, left, relation, right, verdict, quantity, cells)))


def counts(findings: Sequence[Finding]) -> Mapping[str, int]:
    """How many equalities have each status, and how many quantities agree with the problem or do not."""
    equalities = [finding.status for finding in findings if not finding.quantity]
    checked = [finding.status for finding in findings if finding.quantity]
    return {
        **{status: equalities.count(status) for status in ("holds", "rounded", "wrong")},
        "unknown": (equalities + checked).count("unknown"),
        "quantities_right": checked.count("holds"),
        "quantities_wrong": checked.count("wrong"),
    }
