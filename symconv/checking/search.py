"""Finds the simplest explanation of a wrong value: mistakes, slips, checksums. It knows no operation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from operator import ne
from typing import Any

from symconv.checking.checksums import located, sums, totals
from symconv.checking.diagnosis import Cell, Explanation, Mistake, Slip, Verdict
from symconv.checking.handed import Value, says_more
from symconv.checking.slips import is_rounded, misread_operand, slip
from symconv.checking.target import Target, index_at

MOST_NAMED = 6  # ties in one sentence
MOST_SLIPS = 3  # of the cells in three, beyond two


def explained(target: Target, given: Value, wrong: Sequence[int] | None, base: int) -> Verdict:
    """The verdict on a value that is wrong: in these cells, or None where it has another shape."""
    right = target.right
    if right is None:
        return _no_such_cell(target, given)
    if wrong is None:
        return _other_shape(target, given, right)
    cells = target.cells(wrong, given, right)
    start = Verdict(target.label, "wrong", cells=cells, given=given.tensor, right=right.tensor)
    single = _exact(target, given, 1)
    if single:
        return named(start, "misconception", single)
    if len(wrong) == 1:
        return _one_slip(target, given, right, wrong[0], start, base)
    return _composed(target, given, start) or _slips(target, given, right, wrong, start)


def _composed(target: Target, given: Value, start: Verdict) -> Verdict | None:
    """The verdict where two mistakes explain a value, or a mistake and a slip."""
    pair = _exact(target, given, 2)
    if pair:
        return named(start, "two_misconceptions", pair)
    near = _with_slip(target, given)
    return named(start, "misconception_and_slip", near) if near else None


def _exact(target: Target, given: Value, count: int) -> tuple[Explanation, ...]:
    """The mistakes that give all of a value, or all that was filled in of it."""
    if not given.blanks:
        return (target.singles if count == 1 else target.pairs).get(given.key, ())
    if len(given.cells) - given.blanks < 2:
        return ()
    found: dict[frozenset[str], Explanation] = {}
    for explanation, value in target.table(count).near(given, 0):
        if not target.differing(given, value):
            found.setdefault(frozenset(explanation.names), explanation)
    return tuple(found.values())


def _with_slip(target: Target, given: Value) -> tuple[Explanation, ...]:
    """Single mistakes that give all but one cell, and more than the right method does."""
    right = target.right
    found: dict[frozenset[str], Explanation] = {}
    for explanation, value in target.table(1).near(given, 1) if len(given.cells) > 2 else ():
        if sum(map(ne, given.cells, value.cells)) - given.blanks != 1:
            continue
        at = target.differing(given, value)
        if len(at) != 1 or (right is not None and value.key == right.key):
            continue
        index = index_at(at[0], value.shape)
        cell = Cell(index, target.labels.cell(target.place.name, index), given.cells[at[0]], value.cells[at[0]])
        made = Explanation(explanation.mistakes, slip(cell, at[0], None, target.entry))
        found.setdefault(frozenset(explanation.names), made)
    return tuple(found.values())


def named(start: Verdict, rank: str, explanations: tuple[Explanation, ...]) -> Verdict:
    """A verdict that names mistakes, with what each of the first explanation's means, and the ties."""
    first = explanations[0]
    names = " and ".join(mistake.words for mistake in first.mistakes)
    how = {
        "misconception": f"Exactly this comes from one mistake: {names}.",
        "two_misconceptions": f"Exactly this comes from two mistakes together: {names}.",
        "misconception_and_slip": f"All but one cell comes from one mistake, {names}, and that cell from a slip.",
    }[rank]
    sentences = [how, *map(meaning, first.mistakes)]
    if first.slip is not None:
        sentences.append(with_slip(first.slip))
    sentences += ties(explanations)
    slips = tuple(one.slip for one in explanations[:1] if one.slip is not None)
    found = tuple(dict.fromkeys([*start.sentences, *sentences]))
    return replace(start, rank=rank, explanations=explanations, slips=slips, sentences=found)


def meaning(mistake: Mistake) -> str:
    """What a mistake takes for true, and what is right."""
    return f"Mistaken: {mistake.belief} Right: {mistake.correction}"


def with_slip(found: Slip) -> str:
    """What happened in the one cell that a mistake does not explain."""
    return f"With this mistake, {found.sentence}"


def ties(explanations: Sequence[Explanation]) -> list[str]:
    """The explanations that the first of them cannot be told from, in one sentence; none where it is alone."""
    others = explanations[1:]
    if not others:
        return []
    named = "; ".join(" and ".join(m.words for m in one.mistakes) for one in others[:MOST_NAMED])
    more = f", and {len(others) - MOST_NAMED} others" if len(others) > MOST_NAMED else ""
    return [f"It cannot be told from: {named}{more}."]


def _one_slip(target: Target, given: Value, right: Value, at: int, start: Verdict, base: int) -> Verdict:
    """A single wrong cell: what happened in it, and how checksums find it."""
    found = slip(start.cells[0], target.flat(at), target.products, target.entry)
    sentences = [found.sentence]
    rank = "slips"
    checked = _checked(given, right, start.cells[0], base)
    if checked:
        sentences.append(checked)
        rank = "checksum" if found.kind == "unexplained" else "slips"
    alone = sum(map(says_more, given.cells, right.cells)) == 1
    is_empty = given.cells[at] == 0 and found.kind != "rounded"  # what stands there where nothing was worked out
    if alone and (is_empty or found.kind == "unexplained"):
        rank = "unknown"  # checksums tell nothing either, where no other cell shows the method
    pair = _exact(target, given, 2)
    if pair:
        sentences.append("Two mistakes together give it too: " + " and ".join(m.words for m in pair[0].mistakes) + ".")
        rank = "two_misconceptions" if found.kind == "unexplained" else rank
    return replace(start, rank=rank, slips=(found,), sentences=tuple(sentences), explanations=pair)


def _checked(given: Value, right: Value, cell: Cell, base: int) -> str:
    """How the row sums and the column sums find a cell of a matrix; "" where there are none."""
    are_numbers = given.is_plain and right.is_plain and not given.blanks
    if len(right.shape) != 2 or min(right.shape) < 2 or not are_numbers:
        return ""
    found = located(given.cells, *totals(right.cells, right.shape[1]))
    if found is None or found.index != cell.index:
        return ""
    return sums(found.index, found.off, cell.name, found.corrected, base)


def _slips(target: Target, given: Value, right: Value, wrong: Sequence[int], start: Verdict) -> Verdict:
    """Several wrong cells without a mistake behind them: a misread entry, slips, or nothing known."""
    products = target.products
    if products is not None and target.place.index is None and not given.blanks and any(given.cells):
        misread = misread_operand(products, given)
        if misread is not None:
            return _misread(target, *misread, start)
    says = len({*given.cells}) > 1 or len({*right.cells}) == 1  # nothing but 0 is no rounding of different numbers
    if len(wrong) > 1 and says and all(is_rounded(cell.given, cell.right) for cell in start.cells):
        found = tuple(
            slip(cell, target.flat(n), None, target.entry) for cell, n in zip(start.cells, wrong, strict=True)
        )
        exact = all(isinstance(cell.right, (int, Fraction)) for cell in start.cells)
        why = "rounded, and this asks for exact values" if exact else "rounded wrongly or to too few digits"
        sentence = f"Every wrong cell is the right value, {why}."
        return replace(start, rank="slips", slips=found, sentences=(sentence,))
    few = len(wrong) <= max(2, len(given.cells) // MOST_SLIPS) and len(given.cells) > 2
    # few of the cells that show any work, too: zeros are right by themselves
    few = few and 2 * len(wrong) <= sum(map(says_more, given.cells, right.cells))
    pairs = zip(start.cells, wrong, strict=True) if few else ()
    found = tuple(slip(cell, target.flat(n), products, target.entry) for cell, n in pairs)
    if few and all(one.kind != "unexplained" for one in found):
        return replace(start, rank="slips", slips=found, sentences=tuple(one.sentence for one in found))
    names = ", ".join(cell.name for cell in start.cells[:MOST_NAMED])
    more = f" and {len(wrong) - MOST_NAMED} more" if len(wrong) > MOST_NAMED else ""
    words = "at this cell" if len(wrong) == 1 else "at these cells"
    told = [one.sentence for one in found if one.kind != "unexplained"]
    sentence = f"Wrong {words}, and no known mistake gives this: {names}{more}."
    return replace(start, rank="unknown", slips=found, sentences=(sentence, *told))


def _misread(target: Target, image: Any, read: Any, start: Verdict) -> Verdict:
    name = target.entry(image.operand, image.at)
    cell = Cell(image.at, name, read, image.value)
    is_added = read == 2 * image.value and {*image.by} <= {0, 1}
    or_else = ", or it was added twice" if is_added else ""
    sentence = (
        f"One entry was misread: {name} was taken as {read} and is {image.value}{or_else}; everything that is wrong "
        "follows from it."
    )
    return replace(
        start, rank="slips", slips=(Slip("operand_misread", cell, image.value, sentence),), sentences=(sentence,)
    )


def _no_such_cell(target: Target, given: Value) -> Verdict:
    shape = "x".join(map(str, target.whole.shape))
    sentence = f"There is no {target.label}: {target.place.name} is {shape}."
    start = Verdict(target.label, "wrong", "shape", sentences=(sentence,), given=given.tensor)
    single = _exact(target, given, 1)
    return named(start, "misconception", single) if single else start


def _other_shape(target: Target, given: Value, right: Value) -> Verdict:
    """A value of another shape: which mistakes give that shape, and whether one gives the values too."""
    was, should = ("x".join(map(str, value.shape)) or "one number" for value in (given, right))
    sentence = f"The shape is {was}, and it should be {should}."
    start = Verdict(target.label, "wrong", sentences=(sentence,), given=given.tensor, right=right.tensor)
    single = _exact(target, given, 1)
    if single:
        return named(start, "misconception", single)
    products = target.products  # whose sums are the work; where entries are only moved, the shape is
    if products and not products.is_copy and given.cells == right.cells and len({*right.cells}) > 1:
        return replace(start, rank="reshaped", sentences=(sentence, "The numbers are right, row by row."))
    composed = _composed(target, given, start)
    if composed:
        return composed
    alike = tuple([one for one, _ in target.table(1).alike(given)])
    if not alike:
        return replace(start, rank="shape", sentences=(sentence, "No known mistake gives this shape."))
    names = ", ".join(one.mistakes[0].words for one in alike[:MOST_NAMED])
    close = f"This is the shape that comes from: {names}. The values do not follow from it."
    return replace(start, rank="shape", explanations=alike, sentences=(sentence, close, meaning(alike[0].mistakes[0])))
