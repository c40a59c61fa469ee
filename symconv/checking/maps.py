"""Maps of one quantity that were handed in one by one: `H_1`, `H^{(1)}`, `first map`. They are put together here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from symconv.answers import Given, Unread, read_lone
from symconv.checking.diagnose import Checker
from symconv.checking.handed import squeezed_shape, value_of
from symconv.checking.names import known
from symconv.tensor import Tensor

MOST_NAME = 80  # characters of what maps are called
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
_LAYER = re.compile(r"(.+?)\s*\^\s*\{?\s*\(\s*([0-9]{1,3})\s*\)\s*\}?")
_NUMBERED = re.compile(r"([A-Za-z][A-Za-z ]*?)\s*(?:_\s*\{?\s*([0-9]{1,3})\s*\}?|\[\s*([0-9]{1,3})\s*\])")
_IN_WORDS = re.compile(
    rf"(?:the )?(?:(?P<ordinal>{'|'.join(ORDINALS)}) )?(?:output |feature )?(?P<kind>map|channel|filter)"
    r"(?: (?P<number>[0-9]{1,3}))?(?:\s*:.*)?",
    re.IGNORECASE | re.DOTALL,
)
_CELL = re.compile(r"\$?[A-Za-z]{1,9}_[0-9]{1,3}(?:,[0-9]{1,6})+")


@dataclass(frozen=True)
class _Part:
    """One map: of what quantity, how that is called, and its number as it was written."""

    name: str
    label: str  # by which the whole quantity is called
    number: int
    given: Given


def stacked(checker: Checker, read: Sequence[Given]) -> list[Given]:
    r"""A work with its maps put together, each quantity in one value where all are there.

    >>> from symconv.answers import read_work
    >>> from symconv.problem import Problem
    >>> checker = Checker(Problem("cross_correlation", input="1 2; 3 4", kernel=[["1 1"], ["1 0"]], dims=2))
    >>> (one,) = stacked(checker, read_work("H_1 = [3; 7]\nH_2 = [1; 3]", "text"))
    >>> one.label, one.value.shape
    ('H', (2, 2, 1))
    """
    work = [_called(checker, one) for given in read for one in _lines(given)]
    parts = [part for one in work if (part := _part(checker, one)) is not None]
    for name in dict.fromkeys(part.name for part in parts):
        own = [part for part in parts if part.name == name]
        whole = _whole(checker, name, own)
        if whole is not None:
            used = [id(part.given) for part in own]
            work = [one for one in work if id(one) not in used]
            work.append(whole)
    return [_kept_apart(checker, one) for one in work]


def _kept_apart(checker: Checker, one: Given) -> Given:
    """A map in words that belongs to nothing, by these words: without a label it would be taken for the answer."""
    written = _written(one)
    if one.label is not None or one.value is None or not _IN_WORDS.fullmatch(written):
        return one
    whole = squeezed_shape(one.value.shape) == checker.shape(checker.answer)
    return one if whole else replace(one, label=written.partition(":")[0])


def _lines(given: Given) -> list[Given]:
    """What stands on lines of its own, where maps in words were read as one chain: `Filter 1: ...`, `Filter 2: ...`."""
    chain = (*given.sides, given.text)
    has_label = given.label is not None and given.label != chain[0]  # and not only what stands before the chain
    if has_label or not any("\n" in side for side in given.sides):
        return [given]
    found, sides = list[Given](), [chain[0]]
    for piece in chain[1:]:
        head, _, tail = piece.rpartition("\n") if piece is not given.text else (piece, "", "")
        sides.append(head or tail)
        if not head:
            continue
        one = given if piece is given.text else read_lone(head)
        if isinstance(one, Unread) or not _IN_WORDS.fullmatch(sides[0]):
            return [given]
        own: dict[str, Any] = {
            "label": None,
            "value": one.value,
            "text": head,
            "sides": tuple(sides[:-1]),
            "readings": one.readings,
        }
        found.append(replace(given, **own))
        sides = [tail]
    return found


def _called(checker: Checker, one: Given) -> Given:
    """What begins a chain as its label, where that is a cell's or a layer's: `H_1,11 = 2`, `Map 1 = ...`."""
    written = _written(one)
    if one.label is None and one.value is not None and _CELL.fullmatch(written):
        letter, numbers = written.strip("$").split("_")
        label = f"{letter}_{{{numbers}}}"
        if (name := known(checker, label, 0)) is not None and checker.has(name):
            return replace(one, label=label, sides=one.sides[1:])
    match = _IN_WORDS.fullmatch(written)
    if match and match["kind"].lower() == "map" and checker.has(layer := f"map[{_number(match)}]"):
        return replace(one, label=layer, sides=one.sides[1:] if one.label is None else one.sides)
    return one


def _written(one: Given) -> str:
    """What a value is called: its label, or what stands before its chain."""
    label = one.label if one.label is not None else one.sides[0] if one.sides else ""
    return label.strip(" $") if len(label) <= MOST_NAME else ""


def _number(match: re.Match[str]) -> int:
    """The number of a map in words; -1 where there is none, or two."""
    if (match["ordinal"] is None) == (match["number"] is None):
        return -1
    return int(match["number"]) if match["ordinal"] is None else 1 + ORDINALS.index(match["ordinal"].lower())


def _part(checker: Checker, one: Given) -> _Part | None:
    """The map that an answer is; None where it is something else."""
    written = _written(one)
    if one.value is None or not one.value.shape or not written:
        return None
    label = known(checker, written, 0)
    if label is not None and checker.has(label):
        return None
    if match := _IN_WORDS.fullmatch(written):
        number, fits = _number(match), _fits(checker, "output", one.value)
        if number < 0 or not fits or not checker.is_answer("output") or _is_ambiguous(checker, one.value):
            return None
        return _Part("output", "output", number, one)
    match = _LAYER.fullmatch(written) or (_NUMBERED.fullmatch(written) if one.label is not None else None)
    base = None if match is None else known(checker, match[1].strip(), 0)
    if match is None or base is None:
        return None
    name, is_cell = checker.quantity(base)
    return None if is_cell else _Part(name, base, int(next(filter(None, match.groups()[1:]))), one)


def _fits(checker: Checker, name: str, value: Tensor) -> bool:
    right = checker.right(name)
    return right is not None and len(right.shape) > 1 and squeezed_shape(right.shape[1:]) == squeezed_shape(value.shape)


def _is_ambiguous(checker: Checker, value: Tensor) -> bool:
    """Whether a map in words may be of something else than the output: of an operand as given, or of maps between."""
    output, given = checker.right("output"), value_of(value)
    operands = checker.problem.setting.operands
    for name in checker.labels:
        right = checker.right(name)
        if name == "output" or right is None or output is None or given is None:
            continue
        if name in operands:
            if squeezed_shape(value.shape) == squeezed_shape(right.shape[-len(value.shape) :]):
                size = len(given.cells)
                if any(right.cells[at : at + size] == given.cells for at in range(0, len(right.cells), size)):
                    return True
        elif name in checker.celled and right.shape[1:] == output.shape[1:]:
            return True
    return False


def _whole(checker: Checker, name: str, own: Sequence[_Part]) -> Given | None:
    """The quantity that maps make up; None where some are missing, or they do not fit together.

    They may have another shape than they should: that may say why.
    """
    right, last = checker.right(name), own[-1]
    numbered = {part.number: part.given.value for part in own if part.given.value is not None}
    maps = [numbered[number] for number in sorted(numbered)]
    if right is None or len(right.shape) < 2 or len(maps) != right.shape[0] or len({one.shape for one in maps}) > 1:
        return None
    if len(maps[0].shape) != len(right.shape) - 1 and not _fits(checker, name, maps[0]):
        return None
    cells: tuple[Any, ...] = tuple(cell for one in maps for cell in one.cells)
    return replace(last.given, label=last.label, value=Tensor((len(maps), *maps[0].shape), cells), readings=())
