"""Diagnoses hand calculations: right or wrong, where, why, and what still follows. It knows no particular operation."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import cached_property, partial
from typing import Any

from symconv.checking import marks
from symconv.checking.carry import followed
from symconv.checking.diagnosis import Diagnosis, Explanation, Points, Verdict
from symconv.checking.explain import Predictions, value_from
from symconv.checking.follow_through import FollowThrough
from symconv.checking.handed import Value, value_of
from symconv.checking.labels import Labels, derived
from symconv.checking.predict import arrays_of
from symconv.checking.search import MOST_NAMED, explained
from symconv.checking.slips import Products
from symconv.checking.target import Target
from symconv.checking.together import groups, together
from symconv.checking.whole import Parts
from symconv.errors import ProblemError
from symconv.operations.base import Arrays, Oracle
from symconv.problem import Problem
from symconv.tensor import Index, Tensor, letters_of

_SIZES = re.compile(r"(?:[a-z]+_)?(?:size|shape)")
PREPARED = ("flipped", "padded", "dilated")  # what an operand becomes on the way
DEFAULT_POINTS = Points()
UNITS = frozenset({"e", "E", "i", "j", "omega", "omega_3", "omega_5", "omega_{3}", "omega_{5}"})  # of exact numbers
MOST_TOLD = 10_000  # verdicts on one label that are kept: classes make the same mistakes


def diagnose(problem: Problem, given: Mapping[str, Any], points: Points = DEFAULT_POINTS) -> Diagnosis:
    """Say of each label's value whether it is right, and if not what happened.

    Values are numbers, nested lists, arrays or tensors; None is a blank, alone or as a cell.

    >>> problem = Problem("convolution", input=[1, 2, 3], kernel=[1, 4])
    >>> found = diagnose(problem, {"output": [9, 14], "flipped": [4, 1]})
    >>> [(verdict.label, verdict.status) for verdict in found.verdicts]
    [('output', 'wrong'), ('flipped', 'right')]
    >>> found["output"].mistakes[0].name
    'kernel_not_flipped'
    """
    return Checker(problem).diagnose(given, points)


class Checker:
    """Checks many works on one problem: right and wrong values are worked out once and looked up from then on."""

    def __init__(self, problem: Problem, arrays: Arrays | None = None) -> None:
        """`arrays` are operands to take in place of the problem's, of the same shapes."""
        self.problem = problem
        self.answer = problem.operation.answer(problem.setting, problem.ask)
        self._arrays = arrays_of(problem) if arrays is None else arrays
        self._targets: dict[str, Target | None] = {}
        self._rights: dict[str, Value | None] = {}
        self._routed: dict[tuple[str, str], Value | None] = {}
        self._at_point: tuple[Mapping[Any, int], Checker] | None = None
        self._labels = Labels(problem, self._known.keys(), self._axes)
        self._parts = Parts(problem, self._arrays, self.answer, self._target, self.check)

    @cached_property
    def _known(self) -> Mapping[str, Any]:
        """The right values by label: from the oracle, or from the derivation where there are letters."""
        if self._arrays is not None:
            return self.problem.operation.oracle(self.problem.setting, self._arrays)
        found = derived(self.problem)
        return {name: Value(q.value.shape, q.value.cells) for name, q in found.items()}

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The labels of the quantities that can be checked, the answer's first."""
        return tuple(dict.fromkeys([self.answer, *self._known]))

    @cached_property
    def _predictions(self) -> Predictions | None:
        if self._arrays is None:
            return None
        return Predictions(self.problem.operation, self.problem.setting, self._arrays)

    @cached_property
    def _follow(self) -> FollowThrough | None:
        return None if self._arrays is None else FollowThrough(self.problem, self._arrays)

    @cached_property
    def _routes(self) -> Mapping[str, Oracle]:
        """Other ways that are as right, each with the oracle of the problem as it is then set."""
        operation, arrays = self.problem.operation, self._arrays
        routes = getattr(operation, "routes", None)
        if arrays is None or routes is None:
            return {}
        return {name: operation.oracle(setting, arrays) for name, setting in routes(self.problem.setting)}

    def knows(self, label: str) -> bool:
        """Whether this problem has something of that name that can be checked."""
        return self._target(label) is not None

    def has(self, label: str) -> bool:
        """Whether there is something of that name, and a cell has an index inside."""
        target = self._target(label)
        return target is not None and target.right is not None

    @cached_property
    def _names(self) -> Any:
        """The names of the letters of this problem; None where it has only numbers."""
        if self._arrays is not None:
            return None
        from symconv.checking.letters import Names  # numbers need no SymPy

        return Names(self.problem, self._known.values())

    @property
    def has_letters(self) -> bool:
        """Whether some of the answers are in letters."""
        return self._names is not None

    def strange(self, value: Tensor) -> tuple[str, ...]:
        """The letters in a value that this problem has not."""
        letters = {*map(str, letters_of(value.cells))} - UNITS
        known = not letters or (self._names is not None and self._names.knows(letters))
        return () if known else tuple(sorted(letters))

    def shape(self, label: str) -> tuple[int, ...] | None:
        """The shape of what has that name, where there is such a thing, without axes of size 1."""
        target = self._target(label)
        return None if target is None or target.right is None else target.right.squeezed

    def right(self, name: str) -> Value | None:
        """The right value of a quantity, by its own name."""
        return self._right(name) if name in self._known else None

    @property
    def celled(self) -> Collection[str]:
        """The quantities whose cells a solution names one by one."""
        return self._labels.celled

    def agreement(self, label: str, given: Tensor) -> tuple[bool, bool, int]:
        """How near a value comes: whether it is right, whether it has the right shape, how many of its cells are."""
        target = self._target(label)
        value = None if target is None else self._read(target, given)
        if target is None or target.right is None or value is None:
            return False, False, 0
        if not target.fits(value, target.right):
            return False, False, 0
        equal = len(value.cells) - value.blanks - len(target.differing(value, target.right))
        return equal == len(value.cells), True, equal

    def quantity(self, label: str) -> tuple[str, bool]:
        """The name of the quantity that a known label means, and whether it means one cell of it."""
        target = self._target(label)
        return ("", False) if target is None else (target.place.name, target.place.index is not None)

    def _target(self, label: str) -> Target | None:
        if label not in self._targets:
            place = self._labels.place(label)
            whole = None if place is None else self._right(place.name)
            made = None
            if place is not None and whole is not None:
                products = None if self._arrays is None else self._products
                made = Target(label, place, whole, self._labels, self._predictions, products, self._entry)
            self._targets[label] = made
        return self._targets[label]

    def _right(self, name: str) -> Value | None:
        if name not in self._rights:
            known = self._known[name]
            self._rights[name] = known if isinstance(known, Value) else value_from(known)
        return self._rights[name]

    def _axes(self, name: str) -> int:
        right = self._right(name) if name in self._known else None
        return 0 if right is None else len(right.shape)

    def _products(self, name: str, right: Value) -> Products:
        operation, setting = self.problem.operation, self.problem.setting
        assert self._arrays is not None  # noqa: S101  # a problem with letters has no products
        return Products(lambda arrays: operation.oracle(setting, arrays), self._arrays, name, right)

    def _entry(self, operand: str, at: Index) -> str:
        """What an entry of an operand is called: a lone channel or filter is not written."""
        assert self._arrays is not None  # noqa: S101  # asked only where there are products
        right = self._right(operand) if operand in self._known else None
        lone = 0 if right is None else len(at) - len(right.shape)
        written = []
        for position, size in zip(at, self._arrays[operand].shape, strict=True):
            if size == 1 and lone > 0:
                lone -= 1
            else:
                written.append(position)
        return self._labels.cell(operand, tuple(written))

    def check(self, label: str, given: Any) -> Verdict:
        """The verdict on one value by itself."""
        target = self._target(label)
        if target is None:
            return self._unknown(label)
        try:
            value = self._read(target, given)
        except ProblemError as error:
            return Verdict(label, "wrong", "shape", sentences=(f"{error}.",))
        if value is None:
            return Verdict(label, "blank", sentences=("It is blank.",), right=_tensor(target.right))
        known = value.shape, value.cells
        told = target.told.get(known)
        if told is None:
            if len(target.told) >= MOST_TOLD:
                target.told.clear()
            told = target.told[known] = self._verdict(target, value)
        return told

    def _read(self, target: Target, given: Any) -> Value | None:
        """What was handed in for a label, in the problem's own axes and letters; None for a blank."""
        value = value_of(given)
        if value is None:
            return None
        value = _as_wide(target, value)
        return value if self._names is None else self._names.renamed(value)

    def _verdict(self, target: Target, value: Value) -> Verdict:
        label, right = target.label, target.right
        if right is not None and value.key == right.key:
            return self._right_verdict(target, value, right)
        wrong = target.differing(value, right) if right is not None and target.fits(value, right) else None
        if right is not None and wrong == [] and not value.blanks:
            return self._right_verdict(target, value, right)
        if target.place.index is None and target.place.name in self.problem.setting.operands:
            for name in PREPARED:  # an operand that is called as before after it has been prepared
                if name in self._known and (made := self._right(name)) is not None and made.key == value.key:
                    sentence = f"Right: this is {target.label} after it has been {name}."
                    return Verdict(label, "right", sentences=(sentence,), given=value.tensor, right=made.tensor)
        for way in self._routes:
            if self._is_by(way, target, value):
                sentence = f"Right, by another way: {way}."
                return Verdict(label, "right", sentences=(sentence,), given=value.tensor, right=_tensor(right))
        if right is not None and wrong == []:
            return self._partly_blank(target, value, right)
        verdict = explained(target, value, wrong, self.problem.notation.index_base)
        return verdict if self._arrays is not None else self._told_by_numbers(verdict, value)

    def _told_by_numbers(self, verdict: Verdict, value: Value) -> Verdict:
        """A verdict on letters, with what the same answer at a point of theirs says of mistakes."""
        from symconv.checking import letters  # numbers need no SymPy

        if self._at_point is None:
            point = letters.point_of(self.problem)
            self._at_point = point, Checker(self.problem, letters.arrays_at(self.problem, point))
        point, checker = self._at_point
        number = letters.value_at(value, point)
        return verdict if number is None else letters.told_by_numbers(verdict, checker.check(verdict.label, number))

    def _is_by(self, way: str, target: Target, value: Value) -> bool:
        """Whether a value is right by another way of working."""
        key = way, target.label
        if key not in self._routed:
            oracle, name = self._routes[way], target.place.name
            whole = value_from(oracle[name]) if name in oracle else None
            self._routed[key] = None if whole is None else target.part(whole)
        other = self._routed[key]
        return other is not None and other.key == value.key

    def _one_way(self, verdicts: Mapping[str, Verdict]) -> dict[str, Verdict]:
        """The verdicts where ways of working are mixed: what is not of the way that most values follow is wrong."""
        made, right = dict(verdicts), {label: v for label, v in verdicts.items() if v.status == "right" and v.given}
        ways: dict[str, set[str]] = {"": set(), **{way: set() for way in self._routes}}
        for label, verdict in right.items():
            target, value = self._target(label), value_of(verdict.given)
            if target is None or value is None:
                continue
            for way, labels in ways.items():
                if self._is_by(way, target, value) if way else target.right and value.key == target.right.key:
                    labels.add(label)
        best = max(ways, key=lambda way: len(ways[way]))
        for label in set().union(*ways.values()) - ways[best]:
            found = next(way for way, labels in ways.items() if label in labels) or "the way that is asked for"
            most = best or "the way that is asked for"
            sentence = f"This belongs to another way than the rest: {found}, and not {most}. Ways cannot be mixed."
            made[label] = replace(made[label], status="wrong", rank="unknown", sentences=(sentence,), blind=())
        return made

    def _right_verdict(self, target: Target, value: Value, right: Value) -> Verdict:
        whole = target.place.name == self.answer and target.place.index is None  # a part shows less by its nature
        blind = tuple(one.mistakes[0] for one in target.singles.get(right.key, ())) if whole else ()
        sentences = ["Right."]
        if blind:
            names = ", ".join(mistake.words for mistake in blind[:MOST_NAMED])
            sentences.append(f"This exercise cannot tell whether a mistake was made that gives the same here: {names}.")
        return Verdict(
            target.label, "right", sentences=tuple(sentences), blind=blind, given=value.tensor, right=right.tensor
        )

    def _partly_blank(self, target: Target, value: Value, right: Value) -> Verdict:
        pairs = enumerate(zip(value.cells, right.cells, strict=True))
        cells = tuple(target.cell(n, None, should) for n, (one, should) in pairs if one is None)
        names = ", ".join(cell.name for cell in cells[:MOST_NAMED]) + (" and more" if len(cells) > MOST_NAMED else "")
        sentence = f"Right as far as it goes; blank: {names}."
        return Verdict(target.label, "blank", "", cells, (sentence,), given=value.tensor, right=right.tensor)

    def _unknown(self, label: str) -> Verdict:
        near = get_close_matches(label, list(self._known), n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        return Verdict(label, "unknown_label", sentences=(f"This problem has nothing called {label}.{hint}",))

    def diagnose(self, given: Mapping[str, Any], points: Points = DEFAULT_POINTS) -> Diagnosis:
        """The verdicts on a whole work, later values judged by what follows from earlier wrong ones, and its marks."""
        verdicts = {label: self.check(label, value) for label, value in given.items()}
        if self._routes and any(verdict.sentences[:1] != ("Right.",) for verdict in verdicts.values()):
            verdicts = self._one_way(verdicts)
        wrong = sum(verdict.status == "wrong" for verdict in verdicts.values())
        targets = {label: target for label in verdicts if (target := self._target(label)) is not None}
        for name, group in groups(verdicts, targets).items() if wrong else ():
            whole = self.check(name, group.value)
            verdicts = together(verdicts, group, whole, partial(self._comes_from, verdicts))
        if wrong > 1 and self._follow is not None:
            verdicts = followed(self._follow, verdicts, targets, self.answer)
        behind = {label for verdict in verdicts.values() for label in verdict.follows_from}
        names = {label: self.quantity(label)[0] for label in verdicts}
        copied = {label for label, verdict in verdicts.items() if self._parts.is_copied(verdict)}
        made = tuple(
            marks.uncounted(verdict) if label in copied - behind else marks.mark(verdict, points)
            for label, verdict in verdicts.items()
        )
        answer = self._parts.whole(verdicts)
        share, sentence = marks.total(answer.verdict, points, made, names, answer.outside)
        lines = (*(line for one in made for line in one.lines), sentence)
        return Diagnosis(self.answer, tuple(verdicts.values()), made, share, lines, answer.verdict, answer.missing)

    def _comes_from(self, verdicts: Mapping[str, Verdict], label: str, explanation: Explanation) -> bool:
        """Whether mistakes give the value that was handed in by a label."""
        verdict, target = verdicts[label], self._target(label)
        value = target.right if target is not None and verdict.is_right else value_of(verdict.given)
        if self._at_point is not None and value is not None:
            from symconv.checking import letters  # numbers need no SymPy

            point, checker = self._at_point
            target, value = checker._target(label), letters.value_at(value, point)
        if target is None or value is None:
            return False
        table = target.singles if len(explanation.mistakes) == 1 else target.pairs
        return any({*one.names} == {*explanation.names} for one in table.get(value.key, ()))

    def is_answer(self, label: str) -> bool:
        """Whether a label is that of the whole answer."""
        target = self._target(label)
        return target is not None and target.place.name == self.answer and target.place.index is None


def _as_wide(target: Target, value: Value) -> Value:
    """A size with as many axes as the problem's: where all are as long, one number stands for them."""
    right = target.right
    if right is None or target.place.index is not None or not _SIZES.fullmatch(target.place.name) or value.blanks:
        return value
    equal = len({*right.cells}) == len({*value.cells}) == 1
    return Value(right.shape, value.cells[:1] * len(right.cells)) if equal else value


def _tensor(value: Value | None) -> Tensor | None:
    return None if value is None else value.tensor
