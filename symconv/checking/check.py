"""Checks a work against a problem: which answer each label means, and what is said of it. It reads no file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from symconv.answers import Given, Reading, Unread, canonical
from symconv.checking.diagnose import Checker
from symconv.checking.diagnosis import Diagnosis, Points, Verdict
from symconv.checking.handed import squeezed_shape
from symconv.checking.links import MOST_LINKS, false_links
from symconv.checking.maps import stacked
from symconv.checking.names import INDEXED, is_product, known, of_others, shifted
from symconv.errors import AnswerError
from symconv.tensor import Tensor

_RUNNING = re.compile(r"(.+?)\s?[\[(]\s?[a-z]\s?(?:,\s?[a-z]\s?)?[\])]")  # y[n] = {1, 2, 3} is all of y
MOST_LINE = 120  # characters of a line of words
_WORDS = re.compile(r"\s*[^\W\d_]{3,40}\s*:[^\d=\[\](){}|;]+")
_THOUSANDS = re.compile(r"[-−]?[1-9][0-9]{0,2}(?:,[0-9]{3})+ is read as -?[0-9]+")
LARGE = 1000  # a number in which thousands may be set apart
SEVERAL = 3  # values that are not right by accident
_PHRASE = re.compile(r"[^\W\d_]{4,40}|[^\W\d_]{1,40}(?:[ ,][^\W\d_]{0,40}){1,20}")  # words
_SIZE = re.compile(r"[0-9]+(?:\s*(?:\\times|×|x)\s*[0-9]+){1,3}")


@dataclass(frozen=True)
class Checked:
    """A work that has been checked.

    `places` has the line of each label, `unread` what could not be read, `unmatched` what was read but is nothing
    that this problem has. `decimals` says of each label how its numbers are written: as a fraction, with a decimal
    point or comma: as the problem has it or, where that has fractions, as they were handed in.
    """

    diagnosis: Diagnosis
    places: Mapping[str, int] = field(default_factory=dict)
    decimals: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[Unread, ...] = ()
    unmatched: tuple[Given, ...] = ()

    @property
    def is_right(self) -> bool:
        """Whether everything could be read and is right."""
        return self.diagnosis.is_right and not self.unread


def checked(checker: Checker, work: Sequence[Given | Unread], points: Points | None = None) -> Checked:
    r"""Check a work: a value without a label, or called the answer, is the answer; indices may count from 0 or from 1.

    >>> from symconv.answers import read_work
    >>> from symconv.problem import Problem
    >>> checker = Checker(Problem("cross_correlation", input="1 2; 3 4", kernel="1 1"))
    >>> made = checked(checker, read_work("h[0,0] = 3\nh[1,0] = 8\nsize = 2x1", "text"))
    >>> [(verdict.label, verdict.status) for verdict in made.diagnosis.verdicts]
    [('h[1,1]', 'right'), ('h[2,1]', 'wrong'), ('size', 'right')]
    """
    read = stacked(checker, _by_axes(checker, [one for one in work if isinstance(one, Given)]))
    shift = _shift(checker, read)
    made = _Handed(checker)
    unmatched, asides = [], []
    strange: dict[str, Unread] = {}
    for one in read:
        one = _product(checker, one)  # noqa: PLW2901
        one, words = _turned(checker, one, shift)  # noqa: PLW2901
        label = _label(checker, one, shift)
        letters = () if one.value is None else checker.strange(one.value)
        if letters and one.explains and not (label and INDEXED.fullmatch(label)):
            continue  # a formula: what it comes to is handed in elsewhere, if at all
        if letters and (one.explains or not checker.has_letters):  # a unit, a slip of the pen
            strange[label or ""] = _strange(one, letters[0])
        elif one.label is None or (label is None and (_is_phrase(one) or _is_other(checker, one))):
            made.loose.append(one)
        elif label is None:
            if one.value is not None and not _is_size(one):  # a word with a colon behind it says nothing
                unmatched.append(one)
        elif one.aside:
            asides.append((label, one))
        else:
            made.hand_in(label, one, words)
    for label, one in asides:
        if not made.has(label) or made.is_right(label, one.value):
            made.hand_in(label, one)
    unmatched += made.answered()
    refused = [one for one in work if isinstance(one, Unread) and not _says_nothing(checker, one, shift)]
    understood = _understood(checker, refused, shift, alone=not any(one.label is None for one in read))
    for label, reading, line in understood.values():
        if made.places.get(label, 0) <= line:
            made.put(label, reading.value, line, reading.words)
    diagnosis = checker.diagnose(made.found, points) if points else checker.diagnose(made.found)
    right = {one.label for one in diagnosis.verdicts if one.status == "right"}
    links = false_links({label: given for label, given in made.chains.items() if label in right})
    verdicts = tuple(_told(one, made.words.get(one.label, ""), links.get(one.label, ())) for one in diagnosis.verdicts)
    unread = [one for number, one in enumerate(refused) if number not in understood]
    unread = _without_asides(checker, unread, shift, made.found)
    unread += [one for label, one in strange.items() if label not in made.found]
    unmatched.sort(key=lambda one: one.line)
    hidden = diagnosis.whole is None and any(_may_be_answer(checker, one, shift) for one in refused)
    said = replace(diagnosis, verdicts=verdicts, missing="" if hidden else diagnosis.missing)
    return Checked(said, made.places, made.decimals, tuple(unread), tuple(unmatched))


class _Handed:
    """What is handed in under each label, where, and how it was read; `loose` is what stands there without one."""

    def __init__(self, checker: Checker) -> None:
        self.checker = checker
        self.found: dict[str, Any] = {}
        self.places: dict[str, int] = {}
        self.words: dict[str, str] = {}
        self.decimals: dict[str, str] = {}
        self.chains: dict[str, Given] = {}
        self.loose: list[Given] = []

    def put(self, label: str, value: Tensor | None, line: int, words: str = "") -> None:
        """Put down a value; said twice, the last one counts."""
        self.found.pop(label, None)
        self.chains.pop(label, None)
        self.found[label], self.places[label], self.words[label] = value, line, words
        self.decimals[label] = self.checker.problem.notation.decimals

    def hand_in(self, label: str, given: Given, words: str = "") -> None:
        """Put down an answer, by what it means."""
        value, said = _meant(self.checker, label, given)
        self.put(label, value, given.line, said or words)
        self.decimals[label] = _decimals(self.checker, given)
        self.chains[label] = given

    def has(self, label: str) -> bool:
        """Whether something is handed in by this label, or by another name of the answer if it is one."""
        return label in self.found or (self.checker.is_answer(label) and any(map(self.checker.is_answer, self.found)))

    def is_right(self, label: str, value: Tensor | None) -> bool:
        """Whether this is the right value of a label."""
        return value is not None and self.checker.agreement(label, value)[0]

    def answered(self) -> list[Given]:
        """Hand in as the answer what may be it without its label; gives what stays without one.

        One value that stands for itself is the answer. One that stands in a sentence, or behind words that are no
        label, is it where nothing else is handed in, or where it is right.
        """
        answer = self.checker.answer
        self._sizes()
        mains, asides = [[one for one in self.loose if _is_aside(one) == aside] for aside in (False, True)]
        labelled = any(map(self.checker.is_answer, self.found))
        main = mains[0] if len(mains) == 1 and not (labelled and mains[0].explains) else None
        if main is not None and r"\times" in main.text and main.explains and main.value is not None:
            fits = squeezed_shape(main.value.shape) == self.checker.shape(answer)  # or it is a size on the way
            main = main if fits else None
        aside = asides[0] if len(asides) == 1 and not labelled and asides[0].value is not None else None
        if aside is not None and not self.is_right(answer, aside.value) and (main is not None or self.found):
            aside = None
        chosen = main if aside is None or (main is not None and self.is_right(answer, main.value)) else aside
        if chosen is not None:
            self.hand_in(answer, chosen)
        return [one for one in self.loose if one is not chosen and self._is_told(one, len(asides) == 1)]

    def _sizes(self) -> None:
        """Hand in as the size what is written as one beside other answers, where the answer has another shape."""
        for one in list(self.loose) if self.found and self.checker.knows("size") else ():
            written = one.label is None and one.value is not None and _SIZE.fullmatch(one.text.strip(" $."))
            if written and one.value and self.checker.shape(self.checker.answer) != one.value.shape:
                self.loose.remove(one)
                self.hand_in("size", one)

    def _is_told(self, given: Given, only: bool) -> bool:
        """Whether it is said that this is not judged: what stands in a sentence may only explain."""
        if given.value is None:
            return False
        if given.label is not None or not given.aside or not self.found:
            return True
        return only and self.checker.agreement(self.checker.answer, given.value)[1]


def _is_aside(given: Given) -> bool:
    return given.aside or given.label is not None


def _is_phrase(given: Given) -> bool:
    """Whether a matrix stands behind words that are no label: `So we get: ...`."""
    matrix = given.value is not None and len(given.value.shape) == 2
    return matrix and _PHRASE.fullmatch(given.label or "") is not None


def _is_other(checker: Checker, given: Given) -> bool:
    """Whether a matrix that is said to be an expression may be the answer: with other letters, or by its value."""
    if given.label is None or given.value is None or len(given.value.cells) < 2:
        return False
    others = of_others(checker, given.label)
    return others is not None and (others or checker.agreement(checker.answer, given.value)[0])


def _product(checker: Checker, given: Given) -> Given:
    """What is called the product of other letters than those of the problem is a value without a label."""
    label = given.label or ""
    return replace(given, label=None) if is_product(label) and of_others(checker, label) else given


def _turned(checker: Checker, given: Given, shift: int) -> tuple[Given, str]:
    """What is called `H^T` as H, where the problem has the one and not the other; a prime may mean anything."""
    label, value = given.label or "", given.value
    if value is None or len(value.shape) != 2 or "'" in label or known(checker, label, shift) is not None:
        return given, ""
    bases = [name.removesuffix("^T") for name in canonical(label) if name.endswith("^T") and checker.has(name[:-2])]
    if not bases:
        return given, ""
    rows, columns = value.shape
    cells = tuple(value.cells[row * columns + column] for column in range(columns) for row in range(rows))
    turned = replace(given, label=bases[0], value=Tensor((columns, rows), cells), readings=())
    return turned, f"{bases[0]}^T is turned back into {bases[0]}"


def _meant(checker: Checker, label: str, given: Given) -> tuple[Tensor | None, str]:
    """The value of an answer, or another one that it may mean and that comes nearer, with how it was read then.

    A wrong shape may say what went wrong, so that only a right value, or a number where there is room for no more,
    takes its place.
    """
    if not given.readings or given.value is None:
        return given.value, ""
    right, fits, equal = checker.agreement(label, given.value)
    ways = [] if right else [(way, *checker.agreement(label, way.value)) for way in given.readings]
    for way, is_right, _, _ in ways:
        if is_right:
            return way.value, way.words
    for way, _, fits_too, as_equal in ways:
        nearer = as_equal > equal if fits else way.fitting or checker.quantity(label)[1]
        if fits_too and nearer:
            return way.value, way.words
    return given.value, ""


def _understood(
    checker: Checker, refused: Sequence[Unread], shift: int, alone: bool
) -> dict[int, tuple[str, Reading, int]]:
    """What cannot be read without a doubt, but is right, or fits, in one of the ways to read it, by its number."""
    alone = alone and sum(one.label is None and bool(one.readings) for one in refused) == 1
    found = {}
    for number, one in enumerate(refused):
        if not one.readings:
            continue
        label = known(checker, one.label, shift) if one.label is not None else checker.answer if alone else None
        ways = [way for way in one.readings if label is not None and checker.agreement(label, way.value)[0]]
        if not ways and label is not None:  # rows in brackets of their own
            ways = [way for way in one.readings if way.fitting and checker.agreement(label, way.value)[1]]
        if not ways and label is not None:  # 61,470 where a number such as 61706 is asked for
            ways = [way for way in one.readings if _THOUSANDS.fullmatch(way.words) and _is_large(checker, label, way)]
        if ways:
            found[number] = str(label), ways[0], one.line
    return found


def _may_be_answer(checker: Checker, one: Unread, shift: int) -> bool:
    """Whether what cannot be read may be the answer, or a part of it."""
    label = checker.answer if one.label is None else known(checker, one.label, shift)
    return label is not None and checker.quantity(label)[0] == checker.answer


def _is_large(checker: Checker, label: str, way: Reading) -> bool:
    """Whether a reading is one whole number, and the right value one with four digits or more."""
    right = checker.check(label, None).right
    cell: Any = right.cells[0] if right is not None and right.shape == way.value.shape == () else 0
    number = Fraction(cell) if isinstance(cell, (int, Fraction)) else Fraction(0)
    return abs(number) >= LARGE and number.denominator == 1


def _told(verdict: Verdict, words: str, links: Sequence[str]) -> Verdict:
    """The verdict with how the value was read, and with what does not hold on the way to a right one."""
    first, *more = verdict.sentences
    if words and first == "Right.":
        first = f"Right: {words}."
    elif words:
        more.append(f"{words[:1].upper()}{words[1:]}.")
    if links:
        false = " and ".join(links[:MOST_LINKS])
        but = f"but {false} {'is' if len(links) == 1 else 'are'} not."
        first = f"The last value is right, {but}" if first == "Right." else f"{first[:-1]}, {but}"
    return replace(verdict, sentences=(first, *more))


def _without_asides(checker: Checker, refused: Sequence[Unread], shift: int, found: Mapping[str, Any]) -> list[Unread]:
    """Without what was only said by the way: of nothing in this problem, or of what is handed in elsewhere."""
    wholes = {name for name, is_cell in map(checker.quantity, found) if not is_cell}
    others = bool(found) or any(not one.aside for one in refused)
    kept = []
    for one in refused:
        label = known(checker, one.label or "", shift) if one.aside else ""
        name, is_cell = checker.quantity(label) if label else ("", False)
        if not one.aside or (label and label not in found and name not in wholes and (is_cell or not others)):
            kept.append(one)
    return kept


def _says_nothing(checker: Checker, one: Unread, shift: int) -> bool:
    """Whether words stand behind a word that nothing here is called: `Name: Ada Lovelace`."""
    text, place = one.error.text or "", one.error.offset or 0
    if not one.label or known(checker, one.label, shift) is not None:
        return False
    end = text.find("\n", place)
    line = text[text.rfind("\n", 0, place) + 1 : end if end >= 0 else len(text)]
    return len(line) <= MOST_LINE and _WORDS.fullmatch(line) is not None


def _strange(one: Given, letter: str) -> Unread:
    """An answer with a letter that this problem has not."""
    place = max(one.text.find(letter[0]), 0)
    return Unread(
        one.label, AnswerError(f"this problem has no letter {letter}; write what it is", one.text, place), one.line
    )


def _decimals(checker: Checker, one: Given) -> str:
    """How the numbers of an answer are written."""
    style = checker.problem.notation.decimals
    if style != "fraction" or not one.decimals:
        return style
    return "point" if re.search(r"\d?\.\d", one.text) else "comma"


def _by_axes(checker: Checker, read: Sequence[Given]) -> list[Given]:
    """The answers with what the size law gives axis by axis, `o = ...`, put together where all axes are there."""
    axes = [one for one in read if one.label == "o" and one.value is not None and one.value.shape == ()]
    if len(axes) < 2 or checker.shape("o") != (len(axes),):
        return list(read)
    cells = tuple(cell for one in axes if one.value is not None for cell in one.value.cells)
    made = [one for one in read if one not in axes]
    return [*made, replace(axes[-1], value=Tensor((len(axes),), cells), readings=())]


def _label(checker: Checker, given: Given, shift: int) -> str | None:
    name = None if given.label is None else known(checker, given.label, shift)
    if name is None and given.value is not None and len(given.value.cells) > 1:
        running = _RUNNING.fullmatch(given.label or "")
        name = None if running is None else known(checker, running[1], shift)
    if name is not None and _is_size(given) and given.value and checker.shape(name) != given.value.shape:
        return "size" if checker.is_answer(name) and checker.knows("size") else None
    return None if name is not None and _is_setting(checker, name, given) else name


def _is_setting(checker: Checker, name: str, given: Given) -> bool:
    """Whether a number in a text is a size or a stride, and not the matrix of that name: `with K = 3`."""
    number = given.explains and given.value is not None and given.value.shape == ()
    whole = checker.quantity(name)[0] not in ("size", "output") and bool(checker.shape(name))
    return number and whole and len(given.label or "") == 1 and not checker.is_answer(name)


def _is_size(given: Given) -> bool:
    r"""Whether this is the size of what its label names: `the output is $3 \\times 3$`."""
    return given.explains and _SIZE.fullmatch(given.text.strip(" $.")) is not None


def _shift(checker: Checker, read: Sequence[Given]) -> int:
    """What to add to the indices of a work that counts from 0 where the problem counts from 1, or the other way.

    Only where the labels cannot be meant otherwise: some of them exist after the shift alone, and none before it alone;
    or where several values are there, and after the shift all of them are right.
    """
    base = checker.problem.notation.index_base
    shift = 1 if base else -1
    labels = [(canonical(one.label), one.value) for one in read if one.label]
    indexed = [(names, value) for names, value in labels if any(INDEXED.fullmatch(name) for name in names)]

    def holds(by: int, says: Callable[[str, Any], bool]) -> bool:
        """Whether something can be said of every value when its label is shifted."""
        return all(any(says(shifted(name, by), value) for name in names) for names, value in indexed)

    def has(label: str, value: Any) -> bool:  # noqa: ARG001  # as the other one
        return checker.has(label)

    def is_right(label: str, value: Any) -> bool:
        return checker.has(label) and checker.check(label, value).status == "right"

    if not indexed or not holds(shift, has):
        return 0
    told = len(indexed) >= SEVERAL and holds(shift, is_right) and not holds(0, is_right)
    return shift if told or not holds(0, has) else 0
