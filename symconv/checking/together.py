"""Explains cells of one quantity that were handed in one by one: the simplest that explains all of them together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from symconv.checking.diagnosis import Verdict
from symconv.checking.handed import Value
from symconv.checking.search import MOST_NAMED, meaning, ties
from symconv.checking.target import Target

# how many cells it takes until an explanation of this kind is no accident
LEAST_CELLS = {"misconception": 2, "two_misconceptions": 3, "misconception_and_slip": 4}


def groups(verdicts: Mapping[str, Verdict], targets: Mapping[str, Target]) -> dict[str, dict[str, int]]:
    """The single cells that were handed in of each quantity, by its name: their labels, and their places in it."""
    found: dict[str, dict[str, int]] = {}
    for label, verdict in verdicts.items():
        target = targets.get(label)
        if target is None or target.place.index is None or target.right is None or verdict.given is None:
            continue
        if verdict.status in ("right", "wrong") and len(verdict.given.cells) == 1:
            found.setdefault(target.place.name, {})[label] = target.flat(0)
    return {
        name: cells
        for name, cells in found.items()
        if len(cells) > 1 and any(verdicts[label].status == "wrong" for label in cells)
    }


def gathered(whole: Value, cells: Mapping[str, int], verdicts: Mapping[str, Verdict]) -> Value:
    """The quantity as far as it was handed in, the rest of it blank."""
    made = [None] * len(whole.cells)
    for label, place in cells.items():
        given = verdicts[label].given
        made[place] = None if given is None else given.cells[0]
    return Value(whole.shape, tuple(made))


def together(verdicts: Mapping[str, Verdict], cells: Mapping[str, int], whole: Verdict) -> dict[str, Verdict]:
    """The verdicts on cells, put down to what explains them as a whole where that is a mistake of method."""
    if len(cells) < LEAST_CELLS.get(whole.rank, len(cells) + 1):
        return dict(verdicts)
    mistakes, slip = whole.explanations[0].mistakes, whole.explanations[0].slip
    names = " and ".join(mistake.words for mistake in mistakes)
    wrong = [label for label in cells if verdicts[label].status == "wrong"]
    slipped = [label for label in wrong if slip is not None and verdicts[label].cells[0].name == slip.cell.name]
    mistaken = [label for label in wrong if label not in slipped]
    listed = ", ".join(mistaken[:MOST_NAMED]) + (" and more" if len(mistaken) > MOST_NAMED else "")
    how = "one mistake" if len(mistakes) == 1 else "two mistakes together"
    said = (f"All of {listed} comes from {how}: {names}.", *map(meaning, mistakes), *ties(whole.explanations))
    explanations = tuple(replace(one, slip=None) for one in whole.explanations)
    rank = "misconception" if len(mistakes) == 1 else "two_misconceptions"
    made = dict(verdicts)
    for label in mistaken:
        sentences = said if label == mistaken[0] else (f"From the same as {mistaken[0]}: {names}.",)
        made[label] = replace(made[label], rank=rank, explanations=explanations, slips=(), sentences=sentences)
    for label in slipped:
        assert slip is not None  # noqa: S101  # only then is one of them slipped
        sentence = f"The other cells come from one mistake, {names}. With it, {slip.sentence}"
        made[label] = replace(made[label], rank="slips", explanations=(), slips=(slip,), sentences=(sentence,))
    return made
