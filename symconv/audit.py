"""Audit: every chain of equals in notes, evaluated exactly; what cannot be evaluated is never called wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from symconv.audit_chains import Chain, Relation, chains
from symconv.audit_compare import Status, Verdict, compare
from symconv.audit_evaluate import Evaluator, Scope
from symconv.audit_excerpt import excerpt, link, plain
from symconv.audit_formula import Formula, Name, Number, Product
from symconv.audit_parser import read_side
from symconv.audit_quantities import Expected
from symconv.audit_values import Matrix, Polynomial, Unknown, Value, Work
from symconv.errors import AnswerError
from symconv.latex_tokens import Token, tokens
from symconv.math_spans import Form, MathSpan, math_spans

MOST_TEXT = 4_000_000  # characters
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
    orders = [order for order, pattern in _ORDERS.items() if pattern.search(text)]
    scope = Scope(Work(500_000 + 10 * len(text)))
    if len(orders) == 1:
        scope.order = "row" if orders[0] == "row" else "column"
    if expected is not None:
        scope.convolve = expected.convolve
    auditor = _Auditor(text, scope, expected)
    for span in math_spans(text, form):
        auditor.span(span)
    return [finding for _, finding in sorted(auditor.found, key=lambda pair: pair[0])]


class _Auditor:
    """Goes through a text once, remembering what its labels stand for."""

    def __init__(self, text: str, scope: Scope, expected: Expected | None) -> None:
        self.text, self.scope, self.expected = text, scope, expected
        self.found: list[tuple[int, Finding]] = []  # with the places of their relations
        self.place, self.lines = 0, 1  # lines are counted onwards from here

    def line(self, start: int) -> int:
        """The line of a place in the text, from 1."""
        if start >= self.place:
            self.lines += self.text.count("\n", self.place, start)
            self.place = start
            return self.lines
        return self.lines - self.text.count("\n", start, self.place)

    def span(self, span: MathSpan) -> None:
        """Judge every chain of a formula; what cannot be taken apart is tried line by line."""
        try:
            signs = tokens(self.text, span.start, span.end, wide_spaces=True)
        except AnswerError as error:
            self.broken(span, error)
            return
        self.judge_all(signs, span.opening)

    def judge_all(self, signs: Sequence[Token], opening: str) -> None:
        """Judge the chains in these signs."""
        style = re.search(r"\{(\w+)", opening)
        for chain in chains(signs, self.text, style[1] if style else ""):
            _Judge(self, chain).judge()

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


@dataclass
class _Side:
    """One side of a chain: its signs, its formula, or the reason why it is none."""

    tokens: Sequence[Token]
    formula: Formula | None
    reason: str = ""

    @property
    def name(self) -> Name | None:
        """The label, where the side is nothing else."""
        return self.formula if isinstance(self.formula, Name) else None


@dataclass
class _Judge:
    """Judges the links of one chain, then gives its labels their value."""

    auditor: _Auditor
    chain: Chain
    sides: list[_Side] = field(default_factory=list)

    def judge(self) -> None:
        """Every link in turn; labels are defined behind the last one."""
        scope = self.auditor.scope
        self.sides = [self.read(side) for side in self.chain.sides]
        reader = Evaluator(scope)
        keys = [reader.key(side.name) if side.name else None for side in self.sides]
        labels = [at for at, key in enumerate(keys) if key is not None and (at == 0 or key not in scope.labels)]
        if len(labels) == len(self.sides):
            labels = labels[:-1] if keys[-1] in scope.labels else labels
        wrong = False
        before: int | None = None
        for at, side in enumerate(self.sides):
            if at in labels:
                continue
            if before is not None:
                wrong |= self.link(before, at, side)
            before = at
        values = [(at, value) for at, value in self.values(labels) if value is not None]
        for at in labels:
            self.define(at, str(keys[at]), values, wrong)

    def read(self, side: list[Token]) -> _Side:
        try:
            return _Side(side, read_side(side, self.auditor.text))
        except Unknown as reason:
            return _Side(side, None, str(reason))

    def link(self, before: int, at: int, side: _Side) -> bool:
        """Judge one link; whether it is wrong."""
        left, relation = self.sides[before], self.relation(before + 1, at)
        if left.formula is None or side.formula is None:
            verdict = Verdict("unknown", left.reason or side.reason)
        else:
            verdict = compare(left.formula, side.formula, relation, self.auditor.scope)
            if verdict.status == "wrong" and self.chain.unit and at == len(self.sides) - 1:
                verdict = replace(verdict, status="unknown", reason="words stand behind it, which may be a unit")
            last = self.chain.relations[-1][1] is self.chain.relations[at - 1][1]
            if verdict.status == "wrong" and last and self.renamed(side):
                verdict = Verdict("defines", "", verdict.left, verdict.left)
                self.auditor.scope.labels.pop(Evaluator(self.auditor.scope).key(side.formula), None)  # type: ignore[arg-type]
        self.report(before, at, relation, verdict)
        return verdict.status == "wrong"

    def renamed(self, side: _Side) -> bool:
        """Whether a plain letter at the end of a chain takes a new value: 2 + 1 = o."""
        name = side.name
        return (
            name is not None
            and not any(sub.raw.isdigit() for sub in (*name.subs, *name.args))
            and not isinstance(self.auditor.scope.labels[Evaluator(self.auditor.scope).key(name)][0], Matrix)
        )

    def relation(self, low: int, high: int) -> Relation:
        """The relation over several links: about, if one of them is."""
        found = {relation for relation, _ in self.chain.relations[low - 1 : high]}
        return "about" if "about" in found else "equal"

    def report(self, before: int, at: int, relation: Relation, verdict: Verdict, quantity: str = "") -> None:
        sign = self.chain.relations[at - 1][1]
        left, right = (excerpt(self.sides[place].tokens) for place in (before, at))
        self.auditor.add(sign.start, left, "=" if relation == "equal" else "≈", right, verdict, quantity)

    def values(self, labels: list[int]) -> Iterator[tuple[int, Value | None]]:
        """What each side that is no label to be defined is worth."""
        for at, side in enumerate(self.sides):
            if at in labels or side.formula is None:
                continue
            try:
                yield at, Evaluator(self.auditor.scope).value(side.formula)
            except Unknown as reason:
                side.reason = str(reason)

    def define(self, at: int, key: str, values: list[tuple[int, Value]], wrong: bool) -> None:
        """Give a label its value, or forget the one it had; report what that says."""
        scope, other = self.auditor.scope, at + 1 if at + 1 < len(self.sides) else at - 1
        known = scope.labels.pop(key, None)
        low, high = min(at, other), max(at, other)
        relation = self.relation(high, high)
        if not values or any(_mentions(value, key) for _, value in values):
            verdict = Verdict("unknown", self.sides[other].reason or "letters without a value")
            self.report(low, high, relation, verdict)
            return
        exact = [value for place, value in values if self.relation(min(at, place) + 1, max(at, place)) == "equal"]
        computed, written = (exact or [value for _, value in values])[0], values[-1][1]
        if not _size_only(self.sides[other].formula) and len(self.sides) > 0:
            scope.labels[key] = computed, (exact[-1] if exact else written)
        if other in [place for place, _ in values]:
            same = known is not None and computed in known
            again = "defined anew" if known is not None and not same else ""
            self.report(low, high, relation, Verdict("holds" if same else "defines", again, computed, computed))
        elif self.sides[other].formula is None or self.sides[other].reason:
            self.report(low, high, relation, Verdict("unknown", self.sides[other].reason))
        self.against_the_solution(at, key, computed, written, wrong)

    def against_the_solution(self, at: int, key: str, computed: Value, written: Value, wrong: bool) -> None:
        """Compare a label with the quantity of the problem that has its name."""
        expected = self.auditor.expected
        found = expected.verdict(key, written) if expected else None
        if expected is None or found is None:
            return
        label, verdict = found
        if wrong and verdict.status == "wrong":
            again = expected.verdict(key, computed)
            if again is not None and again[1].status == "holds":
                return  # the link that does not hold has been reported, and says the right value
        last = len(self.sides) - 1
        place = last if at < last else at
        self.report(at if at < place else 0, place, "equal", verdict, label)


def _mentions(value: Value, label: str) -> bool:
    cells = value.cells if isinstance(value, Matrix) else [value]
    return any(isinstance(cell, Polynomial) and label in cell.letters() for cell in cells)


def _size_only(formula: Formula | None) -> bool:
    """Whether it may be a size and no product: 2 x 2."""
    return (
        isinstance(formula, Product)
        and set(formula.signs) == {"times"}
        and all(isinstance(factor, Number) for factor in formula.factors)
    )


def counts(findings: Sequence[Finding]) -> Mapping[str, int]:
    """How many equalities have each status, and how many quantities agree with the problem or do not."""
    plain_ones = [finding.status for finding in findings if not finding.quantity]
    checked = [finding.status for finding in findings if finding.quantity]
    return {
        **{status: plain_ones.count(status) for status in ("holds", "rounded", "wrong", "unknown")},
        "quantities_right": checked.count("holds"),
        "quantities_wrong": checked.count("wrong"),
    }
