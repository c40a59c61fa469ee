"""Judges wrong values by what follows from other wrong values of the same work. It knows no particular operation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from symconv.checking.diagnosis import Verdict
from symconv.checking.follow_through import Follows, FollowThrough, is_as_demanding
from symconv.checking.handed import Value, exact_cell, value_of
from symconv.checking.search import MOST_NAMED
from symconv.checking.slips import slip
from symconv.checking.target import Target
from symconv.closed_form import Closed, Root
from symconv.numeric import Array


def followed(
    follow: FollowThrough, verdicts: Mapping[str, Verdict], targets: Mapping[str, Target], answer: str
) -> dict[str, Verdict]:
    """The verdicts, with those replaced that follow from other wrong values: from earlier ones first, never in a ring.

    `targets` has every label that is known; `answer` is the label that comes last whatever the order of the work.
    """
    wrong = [label for label, verdict in verdicts.items() if verdict.status == "wrong"]
    wrong.sort(key=lambda label: _name(targets, label) == answer)
    carried, made = _carried(verdicts, targets), dict(verdicts)
    behind = {name: tuple(one for one in verdicts if one in wrong and _name(targets, one) == name) for name in carried}
    kept = frozenset(
        target.place.name for label, target in targets.items() if target.place.index is None and made[label].is_right
    )
    for only_earlier in (True, False):
        for number, label in enumerate(wrong):
            target, verdict = targets.get(label), made[label]
            if target is None or verdict.given is None or verdict.follows_from:
                continue
            ring = {_name(targets, one) for one in wrong if label in _roots(made, one)}
            before = {_name(targets, one) for one in (wrong[:number] if only_earlier else wrong)} - ring
            others = {name: array for name, array in carried.items() if name in before}
            if others:
                made[label] = _judged(target, verdict, follow.values(target.place.name, others, kept), behind)
    return {label: _to_the_roots(made, verdict) for label, verdict in made.items()}


def _name(targets: Mapping[str, Target], label: str) -> str:
    return targets[label].place.name if label in targets else label


def _carried(verdicts: Mapping[str, Verdict], targets: Mapping[str, Target]) -> dict[str, Array]:
    """The wrong values that later work may go on from, cells put into what they belong to."""
    found: dict[str, Array] = {}
    for label, verdict in verdicts.items():
        target = targets.get(label)
        if verdict.status != "wrong" or target is None or verdict.given is None or None in verdict.given.cells:
            continue
        if any(isinstance(cell, (Closed, Root)) for cell in verdict.given.cells):
            continue  # no operand that work could go on from
        right = np.array(target.whole.cells, dtype=object).reshape(target.whole.shape)
        name, at = target.place.name, target.place.index
        if at is not None and target.right is not None:
            found.setdefault(name, right.copy())[at] = verdict.given.cells[0]
        elif at is None and len(verdict.given.cells) == len(target.whole.cells):
            array = np.array(verdict.given.cells, dtype=object).reshape(target.whole.shape)
            if is_as_demanding(array, right):
                found[name] = array
    return found


def _judged(
    target: Target, verdict: Verdict, follows: Iterable[Follows], behind: Mapping[str, Sequence[str]]
) -> Verdict:
    """The verdict on a wrong value, judged by what follows from wrong values before it.

    `behind` has the labels by which each of these was handed in.
    """
    value, near = value_of(verdict.given), verdict
    for array, origins in follows:
        should = target.part(Value(array.shape, tuple(map(exact_cell, array.reshape(-1).tolist()))))
        if should is not None and should != target.right and value is not None and target.fits(value, should):
            labels = tuple(label for name in sorted(origins) for label in behind[name])
            judged = _against(target, verdict, value, should, labels)
            if judged.status == "follows":
                return judged
            near = judged if near is verdict else near
    return near


def _against(target: Target, verdict: Verdict, value: Value, should: Value, origins: tuple[str, ...]) -> Verdict:
    """The verdict where another value should stand because of earlier ones."""
    apart, names = target.differing(value, should), " and ".join(origins[:MOST_NAMED])
    names += (" and more" if len(origins) > MOST_NAMED else "") + (", which is" if len(origins) == 1 else ", which are")
    made = replace(verdict, explanations=(), follows_from=origins)
    if not apart and not value.blanks:
        sentence = f"It follows rightly from your {names} wrong."
        return replace(made, status="follows", rank="", sentences=(sentence,), slips=())
    if verdict.rank in ("misconception", "slips", "checksum") or len(apart) != 1 or len(value.cells) < 3:
        return verdict
    cell = target.cell(apart[0], value.cells[apart[0]], should.cells[apart[0]])
    found = slip(cell, apart[0], None, target.entry)
    sentence = f"All but one cell follows from your {names} wrong. With that, {found.sentence}"
    return replace(made, rank="slips", cells=(cell,), slips=(found,), sentences=(sentence,))


def _roots(verdicts: Mapping[str, Verdict], label: str) -> frozenset[str]:
    """A label and all that it follows from."""
    verdict = verdicts.get(label)
    before = verdict.follows_from if verdict is not None else ()
    return frozenset([label]).union(*(_roots(verdicts, one) for one in before))


def _to_the_roots(verdicts: Mapping[str, Verdict], verdict: Verdict) -> Verdict:
    """What follows from values that follow themselves is put down to the wrong ones at the start."""
    if verdict.status != "follows":
        return verdict
    reached = _roots(verdicts, verdict.label) - {verdict.label}
    starts = [one for one in reached if one not in verdicts or not verdicts[one].follows_from]
    return replace(verdict, follows_from=tuple(sorted(starts)))
