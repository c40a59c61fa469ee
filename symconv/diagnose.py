"""Diagnoses hand calculations: right or wrong, where, why, and what still follows. It knows no particular operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import cached_property
from typing import Any

import numpy as np

from symconv import marks
from symconv.diagnosis import Diagnosis, Points, Verdict
from symconv.errors import ProblemError
from symconv.explain import Predictions, value_from
from symconv.follow_through import FollowThrough, is_as_demanding
from symconv.handed import Value, exact_cell, value_of
from symconv.labels import Labels, derived
from symconv.numeric import Array
from symconv.operations.base import Oracle
from symconv.predict import arrays_of
from symconv.problem import Problem
from symconv.search import MOST_NAMED, explained
from symconv.slips import Products, slip
from symconv.target import Target
from symconv.tensor import Tensor

DEFAULT_POINTS = Points()


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

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.answer = problem.operation.answer(problem.setting, problem.ask)
        self._arrays = arrays_of(problem)
        self._targets: dict[str, Target | None] = {}
        self._routed: dict[tuple[str, str], Value | None] = {}
        self._labels = Labels(problem, self._known.keys())

    @cached_property
    def _known(self) -> Mapping[str, Any]:
        """The right values by label: from the oracle, or from the derivation where there are letters."""
        if self._arrays is not None:
            return self.problem.operation.oracle(self.problem.setting, self._arrays)
        found = derived(self.problem)
        return {name: Value(q.value.shape, q.value.cells) for name, q in found.items()}

    @cached_property
    def _predictions(self) -> Predictions | None:
        problem = self.problem
        return None if self._arrays is None else Predictions(problem.operation, problem.setting, self._arrays)

    @cached_property
    def _follow(self) -> FollowThrough | None:
        return None if self._arrays is None else FollowThrough(self.problem, self._arrays)

    @cached_property
    def _routes(self) -> tuple[tuple[str, Oracle], ...]:
        """Other ways that are as right, each with the oracle of the problem as it is then set."""
        operation, arrays = self.problem.operation, self._arrays
        found = getattr(operation, "routes", None)
        if found is None or arrays is None:
            return ()
        return tuple((name, operation.oracle(setting, arrays)) for name, setting in found(self.problem.setting))

    def knows(self, label: str) -> bool:
        """Whether this problem has something of that name that can be checked."""
        return self._target(label) is not None

    def has(self, label: str) -> bool:
        """Whether there is something of that name, and a cell has an index inside."""
        target = self._target(label)
        return target is not None and target.right is not None

    def _target(self, label: str) -> Target | None:
        if label not in self._targets:
            place = self._labels.place(label)
            whole = None if place is None else self._right(place.name)
            made = None
            if place is not None and whole is not None:
                products = None if self._arrays is None else self._products
                made = Target(label, place, whole, self._labels, self._predictions, products)
            self._targets[label] = made
        return self._targets[label]

    def _right(self, name: str) -> Value | None:
        known = self._known[name]
        return known if isinstance(known, Value) else value_from(known)

    def _products(self, name: str, right: tuple[Any, ...]) -> Products:
        operation, setting = self.problem.operation, self.problem.setting
        assert self._arrays is not None  # noqa: S101  # a problem with letters has no products
        return Products(lambda arrays: operation.oracle(setting, arrays), self._arrays, name, right)

    def check(self, label: str, given: Any) -> Verdict:
        """The verdict on one value by itself."""
        target = self._target(label)
        if target is None:
            return self._unknown(label)
        try:
            value = value_of(given)
        except ProblemError as error:
            return Verdict(label, "wrong", "shape", sentences=(f"{error}.",))
        if value is None:
            return Verdict(label, "blank", sentences=("It is blank.",), right=_tensor(target.right))
        right = target.right
        if right is not None and (value.key == right.key or self._is(target, value, right)):
            return self._right_verdict(target, value, right)
        for name, other in self._routes:
            if self._by_route(target, name, other, value):
                sentence = f"Right, by another way: {name}."
                return Verdict(label, "right", sentences=(sentence,), given=value.tensor, right=_tensor(right))
        if right is not None and value.blanks and target.fits(value, right) and not target.differing(value, right):
            return self._partly_blank(target, value, right)
        return explained(target, value, self.problem.notation.index_base)

    def _is(self, target: Target, value: Value, right: Value) -> bool:
        return not value.blanks and target.fits(value, right) and not target.differing(value, right)

    def _by_route(self, target: Target, name: str, oracle: Oracle, value: Value) -> bool:
        key = name, target.label
        if key not in self._routed:
            whole = value_from(oracle[target.place.name]) if target.place.name in oracle else None
            self._routed[key] = None if whole is None else target.part(whole)
        other = self._routed[key]
        return other is not None and other.key == value.key

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
        if sum(verdict.status == "wrong" for verdict in verdicts.values()) > 1 and self._follow is not None:
            verdicts = self._followed(self._follow, verdicts)
        made = tuple(marks.mark(verdict, points) for verdict in verdicts.values())
        answer = next((label for label in verdicts if self._is_answer(label)), self.answer)
        share, sentence = marks.total(answer, tuple(verdicts.values()), made)
        lines = (*(line for one in made for line in one.lines), sentence)
        return Diagnosis(self.answer, tuple(verdicts.values()), made, share, lines)

    def _is_answer(self, label: str) -> bool:
        target = self._target(label)
        return target is not None and target.place.name == self.answer and target.place.index is None

    def _followed(self, follow: FollowThrough, verdicts: Mapping[str, Verdict]) -> dict[str, Verdict]:
        """The verdicts with those replaced that follow from other wrong values."""
        wrong = {label: verdict for label, verdict in verdicts.items() if verdict.status == "wrong"}
        carried, kept = self._carried(wrong), frozenset(label for label, v in verdicts.items() if v.is_right)
        made = dict(verdicts)
        for label, verdict in wrong.items():
            target = self._target(label)
            if target is None or verdict.given is None:
                continue
            others = {name: array for name, array in carried.items() if name != target.place.name}
            for array, origins in follow.values(target.place.name, others, kept) if others else ():
                should = target.part(Value(array.shape, tuple(map(exact_cell, array.reshape(-1).tolist()))))
                if should is not None and should != target.right:
                    made[label] = self._judged(target, verdict, should, tuple(sorted(origins)))
                if made[label].follows_from:
                    break
        return made

    def _carried(self, wrong: Mapping[str, Verdict]) -> dict[str, Array]:
        """The wrong values that later work may go on from, cells put into what they belong to."""
        found: dict[str, Array] = {}
        for label, verdict in wrong.items():
            target = self._target(label)
            if target is None or verdict.given is None or None in verdict.given.cells:
                continue
            right = np.array(target.whole.cells, dtype=object).reshape(target.whole.shape)
            name, at = target.place.name, target.place.index
            if at is not None and target.right is not None:
                found.setdefault(name, right.copy())[at] = verdict.given.cells[0]
            elif at is None and len(verdict.given.cells) == len(target.whole.cells):
                array = np.array(verdict.given.cells, dtype=object).reshape(target.whole.shape)
                if is_as_demanding(array, right):
                    found[name] = array
        return found

    def _judged(self, target: Target, verdict: Verdict, should: Value, origins: tuple[str, ...]) -> Verdict:
        """The verdict on a wrong value, judged by what follows from wrong values before it."""
        value = value_of(verdict.given)
        if value is None or not target.fits(value, should):
            return verdict
        apart = target.differing(value, should)
        names = " and ".join(origins)
        if not apart and not value.blanks:
            sentence = f"It follows rightly from your {names}, which is wrong."
            return replace(verdict, status="follows", rank="", sentences=(sentence,), explanations=(), slips=(),
                           follows_from=origins)  # fmt: skip
        if verdict.rank in ("misconception", "slips") or len(apart) != 1 or len(value.cells) < 3:
            return verdict
        cell = target.cell(apart[0], value.cells[apart[0]], should.cells[apart[0]])
        found = slip(cell, apart[0], None, self._labels.cell)
        sentence = f"All but one cell follows from your {names}, which is wrong. With that, {found.sentence}"
        return replace(verdict, rank="slips", cells=(cell,), slips=(found,), sentences=(sentence,), explanations=(),
                       follows_from=origins)  # fmt: skip


def _tensor(value: Value | None) -> Tensor | None:
    return None if value is None else value.tensor
