"""Explains cells of one quantity that were handed in one by one: the simplest that explains all of them together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from symconv.checking.diagnosis import Explanation, Slip, Verdict
from symconv.checking.handed import Value, value_of
from symconv.checking.search import MOST_NAMED, meaning, named, ties
from symconv.checking.slips import slip
from symconv.checking.target import Target

# how many cells it takes until an explanation of this kind is no accident
LEAST_CELLS = {"misconception": 2, "two_misconceptions": 3, "misconception_and_slip": 4}
MOST_MISSED = 1  # other wrong values that an explanation of a cell by itself leaves to a slip
ComesFrom = Callable[[str, Explanation], bool]


@dataclass(frozen=True)
class Group:
    """What was handed in of one quantity: cells, and perhaps the whole, by their labels; and all of it in one value."""

    handed: Mapping[str, Target]
    wrong: Mapping[str, Target]  # the cells that are wrong
    value: Value

    @property
    def filled(self) -> int:
        """How many cells were handed in, right ones too."""
        return len(self.value.cells) - self.value.blanks


def groups(verdicts: Mapping[str, Verdict], targets: Mapping[str, Target]) -> dict[str, Group]:
    """The single cells that were handed in of each quantity, by its name, where some are wrong and others there too."""
    found: dict[str, dict[str, Target]] = {}
    for label, verdict in verdicts.items():
        target, given = targets.get(label), verdict.given
        if target is None or given is None or verdict.status not in ("right", "wrong"):
            continue
        if target.place.index is None or len(given.cells) == 1:
            found.setdefault(target.place.name, {})[label] = target
    made = {}
    for name, handed in found.items():
        cells = {label: one for label, one in handed.items() if one.place.index is not None and one.right is not None}
        wrong = {label: one for label, one in cells.items() if verdicts[label].cells and not verdicts[label].is_right}
        if wrong and len(handed) > 1:
            wholes = [label for label, one in handed.items() if one.place.index is None]
            made[name] = Group(handed, wrong, _gathered(cells, wholes, verdicts))
    return made


def _gathered(cells: Mapping[str, Target], wholes: Sequence[str], verdicts: Mapping[str, Verdict]) -> Value:
    """A quantity as far as it was handed in, by its cells or else as a whole, the rest of it blank."""
    first = next(iter(cells.values()))
    values = [value for label in wholes if (value := value_of(verdicts[label].given)) is not None]
    fitting = [value for value in values if first.fits(value, first.whole)]
    made = list(fitting[0].cells) if fitting else [None] * len(first.whole.cells)
    for label, target in cells.items():
        given = verdicts[label].given
        made[target.flat(0)] = None if given is None else given.cells[0]
    return Value(first.whole.shape, tuple(made))


def together(
    verdicts: Mapping[str, Verdict], group: Group, whole: Verdict, comes_from: ComesFrom
) -> dict[str, Verdict]:
    """The verdicts on cells, put down to what explains them as a whole.

    `comes_from` says whether an explanation gives the value that was handed in by a label. What no mistake explains
    together with the other cells is a slip: right cells rule out what would make them wrong, and so do several wrong
    ones that come from something else.
    """
    if group.filled >= LEAST_CELLS.get(whole.rank, group.filled + 1):
        return {**verdicts, **_mistaken(verdicts, group, whole)}
    if whole.rank in ("slips", "checksum"):
        return {**verdicts, **_slipped(verdicts, group, whole)}
    return {**verdicts, **{label: _by_itself(verdicts, group, label, comes_from) for label in group.wrong}}


def _mistaken(verdicts: Mapping[str, Verdict], group: Group, whole: Verdict) -> dict[str, Verdict]:
    """The verdicts on wrong cells behind which is a mistake of method, and perhaps a slip in one of them."""
    mistakes, slipped = whole.explanations[0].mistakes, whole.explanations[0].slip
    names = " and ".join(mistake.words for mistake in mistakes)
    wrong = list(group.wrong)
    by_slip = [label for label in wrong if slipped is not None and verdicts[label].cells[0].name == slipped.cell.name]
    mistaken = [label for label in wrong if label not in by_slip]
    how = "one mistake" if len(mistakes) == 1 else "two mistakes together"
    first = f"{_listed(mistaken)} from {how}: {names}."
    said = (first, *map(meaning, mistakes), *ties(whole.explanations))
    explanations = tuple(replace(one, slip=None) for one in whole.explanations)
    rank = "misconception" if len(mistakes) == 1 else "two_misconceptions"
    made = {}
    for label in mistaken:
        sentences = said if label == mistaken[0] else (f"From the same as {mistaken[0]}: {names}.",)
        made[label] = replace(verdicts[label], rank=rank, explanations=explanations, slips=(), sentences=sentences)
    for label in by_slip:
        assert slipped is not None  # noqa: S101  # only then is one of them slipped
        sentence = f"The other cells come from one mistake, {names}. With it, {slipped.sentence}"
        made[label] = _by(verdicts[label], "slips", slipped, sentence)
    return made


def _listed(labels: Sequence[str]) -> str:
    if len(labels) == 1:
        return "With the other cells as they are, this comes"
    return f"All of {', '.join(labels[:MOST_NAMED])}{' and more' if len(labels) > MOST_NAMED else ''} comes"


def _slipped(verdicts: Mapping[str, Verdict], group: Group, whole: Verdict) -> dict[str, Verdict]:
    """The verdicts on wrong cells where slips explain all of them."""
    first, *others = group.wrong
    if not others and len(whole.cells) == 1:  # with what checksums say
        told = replace(verdicts[first], rank=whole.rank, explanations=whole.explanations, slips=whole.slips)
        return {first: replace(told, sentences=whole.sentences)}
    misread = whole.slips[0]
    if misread.kind == "operand_misread":
        same = f"From the same as {first}: {misread.cell.name} was misread."
        made = {label: _by(verdicts[label], "slips", misread, same) for label in others}
        return {first: _by(verdicts[first], "slips", misread, misread.sentence), **made}
    return {label: _by_slip(verdicts[label], group, label) for label in group.wrong}


def _by_itself(verdicts: Mapping[str, Verdict], group: Group, label: str, comes_from: ComesFrom) -> Verdict:
    """The verdict on a wrong cell with those of its explanations that the other values do not rule out."""
    verdict, left = verdicts[label], []
    for explanation in verdict.explanations:
        others = [one for one in group.handed if one != label and not comes_from(one, explanation)]
        if len(others) <= MOST_MISSED and not any(verdicts[one].is_right for one in others):
            left.append(explanation)
    if verdict.explanations[:1] == tuple(left[:1]):
        return replace(verdict, explanations=tuple(left))
    return named(verdict, "misconception", tuple(left)) if left else _by_slip(verdict, group, label)


def _by_slip(verdict: Verdict, group: Group, label: str) -> Verdict:
    """The verdict on a wrong cell if no mistake of method is behind it.

    Where half of the cells are right, the method was, as it is in a matrix of which half is right.
    """
    target = group.wrong[label]
    found = slip(verdict.cells[0], target.flat(0), target.products, target.entry)
    is_slip = found.kind != "unexplained" or 2 * len(group.wrong) <= group.filled
    return _by(verdict, "slips" if is_slip else "unknown", found, found.sentence)


def _by(verdict: Verdict, rank: str, found: Slip, sentence: str) -> Verdict:
    return replace(verdict, rank=rank, explanations=(), slips=(found,), sentences=(sentence,))
