"""Frames: slots that nobody's text can hold, and the refusal of what depends on numbers."""

from __future__ import annotations

import re

import pytest

from symconv import Problem, solve
from symconv.page import Page
from symconv.replay import frame
from symconv.replay.frame import Frame, frame_of, widths_of
from symconv.replay.record import ValueNeeded
from symconv.solution import Solution
from symconv.typeset import typst
from symconv.typeset.formats import FORMATS
from symconv.typeset.piece import BARE, MOST_SLOTS, PLANE, SPOKEN_WRAPPED, Piece, Slot, Width
from symconv.typeset.printer import Printer

PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")


def small(**keys: object) -> Problem:
    """A cross-correlation with negative numbers."""
    return Problem("cross_correlation", **{"input": [[1, -2, 3], [4, 5, -6]], "kernel": [[1, -1]], **keys})


def frame_for(one: Solution, form: str, widths: dict[str, Width]) -> Frame | None:
    """The frame of a solution's shape."""
    return frame_of(one.derivation, one.problem.notation, FORMATS[form], widths)


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_no_text_holds_a_slot(form: str) -> None:
    """Characters for private use that a person typed are shown by their number, in text and in alternatives."""
    typed = "a\ue000b\U000f0000c\U000ffffdd\U00100000e\U0010fffdf"
    assert not PRIVATE.search(FORMATS[form].escape(typed))
    assert not PRIVATE.search(typst.quote(typed))
    one = solve(small(title=typed, text=typed))
    assert not PRIVATE.search(one.to(form))


def test_each_slot_has_its_own_characters() -> None:
    """Every entry has four characters that no other has, all of them for private use, up to the last."""
    width = Width(2, True)
    places = [0, 1, PLANE // 4 - 1, PLANE // 4, PLANE // 4 + 1, MOST_SLOTS - 1]
    texts = [Slot("x", place, width).text(way) for place in places for way in range(BARE, SPOKEN_WRAPPED + 1)]
    assert len(set(texts)) == len(texts) == 4 * len(places)
    assert all(PRIVATE.fullmatch(text) for text in texts)
    assert [frame._number(text) for text in texts] == [4 * place + way for place in places for way in range(4)]


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_no_slot_is_left(form: str) -> None:
    """A filled frame has an entry in every gap."""
    one = solve(small())
    made = frame_for(one, form, widths_of([one]))
    assert made is not None
    assert not PRIVATE.search(made.fill(one.derivation.quantities))


def test_layout_that_knows_numbers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a page or a printer looks at an entry, random entries show it, and there is no frame."""
    one = solve(small())
    widths = widths_of([one])

    def nervous(_: Printer, piece: Piece, level: int) -> str:
        return f"({piece.text})" if piece.level < level or piece.text == "7" else piece.text

    with monkeypatch.context() as patched:
        patched.setattr(Printer, "tight", nervous)
        assert frame_for(one, "tex", widths) is None
    right = Page.cell_width
    monkeypatch.setattr(
        Page, "cell_width", lambda self, grid: right(self, grid) + (self.printer.quantities["input"].value.cells[0] > 1)
    )
    assert frame_for(one, "tex", widths) is None


def test_too_many_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    """More entries than characters for private use make no frame."""
    one = solve(small())
    monkeypatch.setattr(frame, "MOST_SLOTS", 10)
    with pytest.raises(ValueNeeded, match="more entries than characters"):
        Frame(one.derivation, one.problem.notation, FORMATS["tex"], widths_of([one]))


def test_quantities_without_a_gap_must_be_the_same() -> None:
    """A frame whose kernel is fixed suits the solutions with this kernel, and no other."""
    one, same, other = (solve(small(kernel=[["1/2", last]], input=[[1, n, 3]])) for n, last in ((1, 1), (5, 1), (1, 3)))
    widths = {name: Width(9, True) for name in ("input", "size")}
    made = frame_for(one, "md", widths)
    assert made is not None
    assert made.suits(one.derivation.quantities)
    assert not made.suits(other.derivation.quantities)
    assert not made.suits(same.derivation.quantities)  # its output is another, and has no gap either


def test_the_length_of_an_entry_may_not_break_a_sentence() -> None:
    """Where only long entries would be set in another way inside a sentence, there is no frame."""
    one = solve(small(bias=[1]))
    words = "bias equals 1"
    wide = {name: Width(60, True) for name in one.derivation.quantities}
    assert len(words) < 48 < len(words) + 60  # beyond 48 letters Typst may break the line
    assert frame_for(one, "typ", widths_of([one])) is not None
    assert frame_for(one, "typ", wide) is None
    assert frame_for(one, "tex", wide) is not None
