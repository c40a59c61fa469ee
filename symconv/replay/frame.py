"""Frame: the rendered steps of one shape with slots where entries of quantities stand; a version fills them.

A frame is made by the ordinary templates and printers from quantities whose entries are slots, and used only if it
agrees with the ordinary rendering, character by character, at random entries. It knows no template and no operation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import chain
from operator import itemgetter
from random import Random
from typing import Any

from symconv.document import Derivation, Quantity
from symconv.notation import Notation
from symconv.page import Page, Paper
from symconv.render import page_of, render_steps
from symconv.replay.record import ValueNeeded
from symconv.solution import Solution
from symconv.tensor import Tensor
from symconv.typeset.formats import Format
from symconv.typeset.piece import MOST_SLOTS, PLANE, Slot, Width
from symconv.typeset.spoken import SPOKEN

Widths = Mapping[str, Width]
PROBES = 2  # random fillings that a frame is compared with
REFUSED = (ValueNeeded, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
_SLOT = re.compile("([\U000f0000-\U000ffffd\U00100000-\U0010fffd])")


def widths_of(solutions: Iterable[Solution]) -> dict[str, Width]:
    """For each quantity the width that has room for its entries in all of these solutions, where they are integers.

    >>> from symconv import Problem, solve
    >>> versions = [Problem("convolution", input=[n, 2], kernel=[1]) for n in (5, -20)]
    >>> widths_of(map(solve, versions))["input"]
    Width(digits=3, negative=True)
    """
    found: dict[str, Width] = {}
    for solution in solutions:
        for name, quantity in solution.derivation.quantities.items():
            if set(map(type, quantity.value.cells)) == {int}:
                width = Width.of(quantity.value.cells)
                found[name] = found[name] | width if name in found else width
    return found


def has_room(widths: Widths, own: Widths) -> bool:
    """Whether entries of the widths `own` fit into `widths`: every quantity is there and none is wider."""
    return all(name in widths and widths[name] | width == widths[name] for name, width in own.items())


def steps_text(
    derivation: Derivation,
    notation: Notation,
    form: Format,
    widths: Widths | None = None,
    paper: Paper | None = None,
) -> str:
    """The steps as the templates render them, entry by entry."""
    return render_steps(derivation, page_of(derivation, notation, form, widths, paper=paper))


class Frame:
    """The text of the steps between the entries, and which entry stands in each gap.

    Quantities without a width have no gaps: they are those of every solution that the frame suits. Raises ValueNeeded
    where the text between the entries depends on the numbers.
    """

    def __init__(
        self, derivation: Derivation, notation: Notation, form: Format, widths: Widths, paper: Paper | None = None
    ) -> None:
        self._fixed = {name: quantity for name, quantity in derivation.quantities.items() if name not in widths}
        slotted, place = dict(derivation.quantities), 0
        for name, quantity in derivation.quantities.items():
            if name in widths:
                cells = tuple(Slot(name, place + n, widths[name]) for n in range(len(quantity.value.cells)))
                slotted[name] = replace(quantity, value=Tensor(quantity.value.shape, cells))
                place += len(cells)
        if place > MOST_SLOTS:
            raise ValueNeeded("there are more entries than characters for private use")
        self._count = place
        blank = replace(derivation, quantities=slotted)
        try:
            text = render_steps(blank, page_of(blank, notation, form, widths, SlottedPage, paper))
        except REFUSED as refusal:
            raise ValueNeeded(str(refusal)) from None
        self._pieces = _SLOT.split(text)
        self._set_gaps([_number(character) for character in self._pieces[1::2]])
        self._probe(
            derivation,
            widths,
            lambda probe: steps_text(replace(derivation, quantities=probe), notation, form, widths, paper),
        )

    def _set_gaps(self, numbers: list[int]) -> None:
        """Which of the texts of `_texts` stands in each gap."""
        self._gaps = [number % 4 * self._count + number // 4 for number in numbers]
        self._ways = {number % 4 for number in numbers}
        if any(number // 4 >= self._count for number in numbers):
            raise ValueNeeded("a character for private use stands in the text")

    def _texts(self, quantities: Mapping[str, Quantity]) -> list[str]:
        """The entries in the four ways of filling a slot, those that are not needed left as they are."""
        varied = [quantity.value.cells for name, quantity in quantities.items() if name not in self._fixed]
        bare = list(map(str, chain.from_iterable(varied)))
        ways = [bare] * 4
        if any(text[0] == "-" for text in bare):
            spoken = bare if self._ways <= {0, 1} else [SPOKEN.decimal(text) for text in bare]
            wrapped = bare if 1 not in self._ways else _wrapped(bare, bare)
            ways = [bare, wrapped, spoken, spoken if 3 not in self._ways else _wrapped(spoken, bare)]
        return [*ways[0], *ways[1], *ways[2], *ways[3]]

    def suits(self, quantities: Mapping[str, Quantity]) -> bool:
        """Whether the quantities without a gap are these."""
        return all(quantities[name] == quantity for name, quantity in self._fixed.items())

    def fill(self, quantities: Mapping[str, Quantity]) -> str:
        """The text with the entries of these quantities, which must be integers of the frame's widths."""
        pieces = self._pieces.copy()
        if len(self._gaps) > 1:
            pieces[1::2] = itemgetter(*self._gaps)(self._texts(quantities))
        elif self._gaps:
            pieces[1] = self._texts(quantities)[self._gaps[0]]
        return "".join(pieces)

    def _probe(self, derivation: Derivation, widths: Widths, rendered: Callable[[Mapping[str, Quantity]], str]) -> None:
        """Compare with the ordinary rendering of random entries: numbers may decide nothing but how they look."""
        random = Random(1)  # noqa: S311  # probes, not secrets; the same on every run
        for _ in range(PROBES):
            probe = {name: _random(derivation.quantities[name], widths[name], random) for name in widths}
            probe = {name: probe.get(name, quantity) for name, quantity in derivation.quantities.items()}
            if self.fill(probe) != rendered(probe):
                raise ValueNeeded("the text depends on the numbers")


class SlottedPage(Page):
    """A page whose entries are slots: these pass through escaping, as no one's text could."""

    def quote(self, words: str) -> str:
        """As a page quotes the words with any entries in the slots."""
        quoted: str = self._around(super().quote, words)
        return quoted

    def inline(self, maths: str, words: str) -> str:
        """As a page sets maths inside a sentence, where the length of the entries makes no difference."""
        return self._around(lambda plain: self.form.inline(maths, plain), words, maths)

    def _longest(self, stand_in: str) -> Callable[[re.Match[str]], str]:
        """As many letters in place of a slot as its entry in words may have."""
        cells = [cell for quantity in self.printer.quantities.values() for cell in quantity.value.cells]
        digits = {cell.place: cell.width.digits for cell in cells if isinstance(cell, Slot)}
        return lambda found: stand_in * (digits[_number(found[0]) // 4] + len(SPOKEN.signs["negative"]))

    def _around(self, of: Any, words: str, maths: str = "") -> str:
        slots = _SLOT.findall(words)
        if not slots:
            return str(of(words))
        stand_in = next((sign for sign in "¤§¶" if sign not in words + maths), "")
        if not stand_in:
            raise ValueNeeded("no sign is left to stand in for an entry")
        made, longer = (str(of(_SLOT.sub(letters, words))) for letters in (stand_in, self._longest(stand_in)))
        if made.replace(stand_in, "") != longer.replace(stand_in, ""):
            raise ValueNeeded("the length of an entry decides how a sentence breaks")
        if stand_in not in made:
            return made
        between = made.split(stand_in)
        return "".join(chain.from_iterable(zip(between, [*slots, ""], strict=True)))


def _number(character: str) -> int:
    code = ord(character)
    return code - 0xF0000 if code < 0x100000 else code - 0x100000 + PLANE


def _wrapped(texts: list[str], plain: list[str]) -> list[str]:
    return [f"({text})" if sign[0] == "-" else text for text, sign in zip(texts, plain, strict=True)]


def _random(quantity: Quantity, width: Width, random: Random) -> Quantity:
    """The quantity with random entries of this width, each with as many digits as it happens to have."""

    def entry() -> int:
        negative = width.negative and random.random() < 0.5
        digits = random.randint(1, max(1, width.digits - negative))
        return random.randint(0, 10**digits - 1) * (-1 if negative else 1)

    value = quantity.value
    return replace(quantity, value=Tensor(value.shape, tuple(entry() for _ in value.cells)))


def frame_of(
    derivation: Derivation, notation: Notation, form: Format, widths: Widths, paper: Paper | None = None
) -> Frame | None:
    """The frame of a derivation's shape in a format; None where the text depends on the numbers."""
    try:
        return Frame(derivation, notation, form, widths, paper)
    except ValueNeeded:
        return None
