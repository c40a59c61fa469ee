"""Judges the links of one chain of equals and gives its labels their values; it knows nothing of lines and files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from symconv.audit.chains import Chain, Relation
from symconv.audit.compare import Verdict, compare
from symconv.audit.doubt import factors, in_code, size_only
from symconv.audit.evaluate import Evaluator, Scope
from symconv.audit.excerpt import excerpt, shortened, shown
from symconv.audit.formula import Formula, Name, Number, Product
from symconv.audit.parser import read_side
from symconv.audit.quantities import Expected
from symconv.audit.values import Matrix, Polynomial, Unknown, Value, matrix
from symconv.latex_tokens import Token

MOST_GIVEN = 2  # values of a label that are remembered: it has one, or several
Recent = dict[str, list[Value]]  # the values that each label was given since the last heading
MOST_RECENT = 4  # of them
# what takes a finding: place of the relation, left side, relation, right side, verdict, label of the solution
Add = Callable[[int, str, str, str, Verdict, str], None]


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
class Judge:
    """Judges the links of one chain, then gives its labels their value."""

    chain: Chain
    text: str
    scope: Scope
    expected: Expected | None
    given: dict[str, set[str]]  # what each label was said to be, anywhere in the text
    recent: Recent
    add: Add
    sides: list[_Side] = field(default_factory=list)
    segments: dict[int, tuple[Value, Value] | None] = field(default_factory=dict)
    undecided: set[int] = field(default_factory=set)  # links between two labels that have no value

    def judge(self) -> None:
        """Every link in turn; labels are defined behind the last one."""
        self.sides = [self.read(side) for side in self.chain.sides]
        match self.sides[-1]:
            case _Side([Token("number"), *_], Product((Number(), Number()), ("beside",))):
                self.sides[-1] = _Side(self.chain.sides[-1], None, "(...) may be the number of the equation")
        reader = Evaluator(self.scope)
        keys = [reader.key(side.name) if side.name else None for side in self.sides]
        leading = next((at for at, key in enumerate(keys) if key is None), len(keys) - 1)
        labels = [at for at, key in enumerate(keys) if key and (at < max(leading, 1) or key not in self.scope.labels)]
        wrong = False
        before: int | None = None
        for at, side in enumerate(self.sides):
            if at in labels:
                continue
            if before is not None:
                wrong |= self.link(before, at, side)
            before = at
        values = dict(self.values(labels)) if labels else {}
        for at in labels:
            self.define(at, str(keys[at]), values, wrong)

    def read(self, side: list[Token]) -> _Side:
        """One side with its formula."""
        try:
            return _Side(side, read_side(side, self.text))
        except Unknown as reason:
            return _Side(side, None, str(reason))

    def link(self, before: int, at: int, side: _Side) -> bool:
        """Judge one link; whether it is wrong."""
        left, relation = self.sides[before], self.relation(before, at)
        if left.formula is None or side.formula is None:
            verdict = Verdict("unknown", left.reason or side.reason)
        else:
            verdict = compare(left.formula, side.formula, relation, self.scope)
            if verdict.status == "wrong" and self.chain.unit and at == len(self.sides) - 1:
                verdict = replace(verdict, status="unknown", reason="words stand behind it, which may be a unit")
            reason = self.chain.doubt or (self.chain.code and in_code(left.formula, side.formula, self.scope)) or ""
            if verdict.status == "wrong" and not reason:
                reason = self.another_value(left.formula, side.formula, relation, verdict)
            if verdict.status == "wrong" and reason:
                verdict = replace(verdict, status="unknown", reason=reason)
            if (
                verdict.status in ("wrong", "unknown")
                and verdict.left is not None
                and self.renamed(left, side, verdict)
            ):
                self.scope.labels[Evaluator(self.scope).key(side.name)] = verdict.left, verdict.left  # type: ignore[arg-type]
                verdict = Verdict("defines", "", verdict.left, verdict.left)
        self.report(before, at, relation, verdict)
        return verdict.status == "wrong"

    def another_value(self, left: Formula, right: Formula, relation: Relation, verdict: Verdict) -> str:
        """The reason not to call two sides wrong that agree with a value that a label in them had before, or ""."""
        for label, value in verdict.used:
            before = self.scope.labels[label]
            for other in self.recent.get(label, []):
                if other == value:
                    continue
                self.scope.labels[label] = other, other
                again = compare(left, right, relation, self.scope)
                self.scope.labels[label] = before
                if again.status in ("holds", "rounded"):
                    return f"{label} has several values, and with {shortened(shown(other), 40)} it would hold"
        return ""

    def renamed(self, left: _Side, side: _Side, verdict: Verdict) -> bool:
        """Whether a label inside a chain takes a new value: 2 + 1 = o, or 3 = h_1."""
        known = self.scope.labels.get(Evaluator(self.scope).key(side.name)) if side.name else None
        if known is None or side.name is None:
            return False
        if isinstance(known[0], Matrix) and isinstance(verdict.left, Matrix):
            return verdict.left.shape != known[0].shape
        return not isinstance(known[0], Matrix) and (not side.name.numbered or isinstance(left.formula, Number))

    @cached_property
    def abouts(self) -> list[int]:
        """For each side how many relations before it are approximate."""
        found = [0]
        for relation, _ in self.chain.relations:
            found.append(found[-1] + (relation == "about"))
        return found

    def relation(self, low: int, high: int) -> Relation:
        """What holds between two sides: about, if one of the relations between them says so."""
        return "equal" if self.abouts[low] == self.abouts[high] else "about"

    def report(self, before: int, at: int, relation: Relation, verdict: Verdict, quantity: str = "") -> None:
        """Hand a finding over, with both sides as written."""
        sign = self.chain.relations[at - 1][1]
        left, right = (excerpt(self.sides[place].tokens) for place in (before, at))
        self.add(sign.start, left, "=" if relation == "equal" else "≈", right, verdict, quantity)

    def values(self, labels: list[int]) -> Iterator[tuple[int, Value]]:
        """What each side that is no label to be defined is worth."""
        for at, side in enumerate(self.sides):
            if at in labels or side.formula is None:
                continue
            try:
                yield at, Evaluator(self.scope).value(side.formula)
            except Unknown as reason:
                side.reason = str(reason)

    def define(self, at: int, key: str, values: Mapping[int, Value], wrong: bool) -> None:
        """Give a label its value, or forget the one it had; report what that says."""
        other = at + 1 if at + 1 < len(self.sides) else at - 1
        known = self.scope.labels.pop(key, None)
        low, high = min(at, other), max(at, other)
        pair = self.pair(at, values)
        if pair is None or any(_mentions(value, key) for value in pair):
            if low not in self.undecided:
                reason = self.sides[other].reason or "letters without a value"
                self.report(low, high, self.relation(low, high), Verdict("unknown", reason))
            self.undecided.add(low)
            return
        if size_only(formula := self.sides[other].formula) and formula is not None:
            size = matrix([list(factors(formula))], loose=True)
            pair = size, size
        else:
            self.scope.labels[key] = pair
            if len(given := self.given.setdefault(key, set())) < MOST_GIVEN:
                given.add(repr(pair[1]))
            recent = self.recent.setdefault(key, [])
            if pair[1] not in recent and len(recent) < MOST_RECENT:
                recent.append(pair[1])
        if other in values:
            verdict = Verdict("defines", _changed(self.sides[at].name, known, pair[0]), pair[0], pair[0])
            self.report(low, high, self.relation(low, high), verdict)
        elif self.sides[other].reason:
            self.report(low, high, self.relation(low, high), Verdict("unknown", self.sides[other].reason))
        self.against_the_solution(at, key, pair, wrong)

    def pair(self, at: int, values: Mapping[int, Value]) -> tuple[Value, Value] | None:
        """The first value that is equal to a label, and the last one that is equal to it or about it."""
        segment = self.abouts[at]
        if segment not in self.segments:
            places = [place for place in values if self.abouts[place] == segment]
            self.segments[segment] = (values[places[0]], values[max(values)]) if places else None
        return self.segments[segment]

    def against_the_solution(self, at: int, key: str, pair: tuple[Value, Value], wrong: bool) -> None:
        """Compare a label with the quantity of the problem that has its name."""
        computed, written = pair
        expected = self.expected
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


def _changed(name: Name | None, known: tuple[Value, Value] | None, value: Value) -> str:
    """A remark on a quantity such as h_{11} that has another value than before."""
    if name is None or known is None or value in known or not name.numbered:
        return ""
    return f"it was {shortened(shown(known[0]), 60)} before"


def _mentions(value: Value, label: str) -> bool:
    cells = value.cells if isinstance(value, Matrix) else [value]
    return any(isinstance(cell, Polynomial) and label in cell.letters() for cell in cells)
