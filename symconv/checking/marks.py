"""Marks of a diagnosis, explained line by line. It knows verdicts, and no mathematics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from symconv.checking.diagnosis import Cell, Mark, Points, Verdict  # noqa: F401  # cells stand in an example
from symconv.checking.handed import says_more, squeezed_shape
from symconv.tensor import Tensor

NONE = Fraction(0)


def mark(verdict: Verdict, points: Points) -> Mark:
    """The mark of one label.

    A right value, and one that follows from an earlier wrong one, gets all points. A wrong one gets the shape's where
    the shape is right; the method's where slips alone explain it, or, where nothing does, if half of its cells are
    right; the arithmetic's by the share of cells that are right by the method that was used. Cells that are rightly 0
    do not count among them: they show no work.

    >>> mark(Verdict("output", "right"), Points()).points
    Fraction(1, 1)
    """
    if verdict.status in ("blind", "unknown_label"):
        return Mark(
            verdict.label, NONE, NONE, NONE, NONE, (f"{verdict.label}: it cannot be judged, so it does not count.",)
        )
    if verdict.is_right:
        why = "right" if verdict.status == "right" else "it follows from " + " and ".join(verdict.follows_from)
        line = f"{verdict.label}: {why}, {shown(points.total)} of {shown(points.total)}."
        return Mark(verdict.label, points.method, points.shape, points.arithmetic, points.total, (line,))
    if verdict.given is None:
        line = f"{verdict.label}: blank, 0 of {shown(points.total)}."
        return Mark(verdict.label, NONE, NONE, NONE, points.total, (line,))
    method, why_method = _method(verdict)
    has_shape = verdict.right is not None and _shape(verdict.given) == _shape(verdict.right)
    share, why_share = _arithmetic(verdict, has_shape)
    got = (points.method * method, points.shape * has_shape, points.arithmetic * share)
    why_shape = "the shape is right" if has_shape else "the shape is wrong"
    lines = tuple(
        f"{verdict.label}, {name}: {why}, {shown(part)} of {shown(most)}."
        for name, why, part, most in zip(
            ("method", "shape", "arithmetic"),
            (why_method, why_shape, why_share),
            got,
            (points.method, points.shape, points.arithmetic),
            strict=True,
        )
    )
    return Mark(verdict.label, *got, points.total, lines)


def _shape(tensor: Tensor) -> tuple[int, ...]:
    return squeezed_shape(tensor.shape)


def _right(verdict: Verdict) -> tuple[int, int]:
    """How many cells are right, and how many count: a blank one is not right, and one that is rightly 0 says nothing.

    >>> cell = Cell((1,), "h[2]", 0, 7)
    >>> _right(Verdict("output", "wrong", cells=(cell,), given=Tensor((3,), (5, 0, 0)), right=Tensor((3,), (5, 7, 0))))
    (1, 2)
    """
    cells = verdict.given.cells if verdict.given is not None else ()
    should = verdict.right.cells if verdict.right is not None and len(verdict.right.cells) == len(cells) else cells
    counted = [cell for cell, right in zip(cells, should, strict=True) if cell is None or says_more(cell, right)]
    if not counted:  # all of it is 0, and should be
        counted = [*cells]
    filled = sum(cell is not None for cell in counted)
    return filled - sum(cell.given is not None for cell in verdict.cells), len(counted)


def _right_share(verdict: Verdict) -> Fraction:
    right, count = _right(verdict)
    return Fraction(right, count) if count else NONE


def _method(verdict: Verdict) -> tuple[Fraction, str]:
    """The share of the method's points, and why."""
    if verdict.rank in ("slips", "checksum"):
        return Fraction(1), "slips alone explain what is wrong"
    if verdict.rank == "reshaped":
        return Fraction(1), "the numbers are right"
    if verdict.mistakes and verdict.rank != "shape":
        return NONE, "a mistake of method, " + " and ".join(m.words for m in verdict.explanations[0].mistakes)
    if verdict.status == "blank":
        share = _right_share(verdict)
        return share, "what is filled in is right"
    if verdict.rank == "unknown" and _right_share(verdict) >= Fraction(1, 2):
        return Fraction(1), "at least half of the cells are right"
    return NONE, "nothing shows the right method"


def _arithmetic(verdict: Verdict, has_shape: bool) -> tuple[Fraction, str]:
    """The share of the arithmetic's points, and why."""
    right, count = _right(verdict)
    if verdict.rank in ("misconception", "two_misconceptions"):
        return Fraction(1), "everything is worked out rightly by the mistaken method"
    if verdict.rank == "misconception_and_slip":
        return Fraction(count - 1, count), "one cell is wrong by the mistaken method too"
    if verdict.rank == "reshaped":
        return Fraction(1), "the numbers are right"
    if not has_shape:
        return NONE, "the values cannot be compared"
    if verdict.slips and verdict.slips[0].kind == "operand_misread":
        _, count = _right(verdict)
        return Fraction(count - 1, count), "one entry was misread, which costs what one wrong cell costs"
    return _right_share(verdict), f"{right} of {count} {'cell is' if count == 1 else 'cells are'} right"


def uncounted(verdict: Verdict) -> Mark:
    """The mark of what the problem gives: whoever copies it has worked nothing out.

    >>> uncounted(Verdict("kernel", "right")).lines
    ('kernel: it is given, so it does not count.',)
    """
    line = f"{verdict.label}: it is given, so it does not count."
    return Mark(verdict.label, NONE, NONE, NONE, NONE, (line,))


def total(
    whole: Verdict | None, points: Points, marks: Sequence[Mark], names: Mapping[str, str], outside: int = 0
) -> tuple[Fraction, str]:
    """The share of the whole, from 0 to 1, and the sentence that says how it came about.

    `whole` is the verdict on the answer, as it was handed in or put together from its parts; `names` are the quantities
    that labels mean; `outside` are cells that were handed in and that the answer has not: each costs what a wrong one
    does. The answer's mark is the whole's; where it follows from earlier wrong values, the mean with theirs, so that a
    mistake costs once; where no answer was handed in, the mean of everything.
    """
    counted = {one.label: one.points / one.out_of for one in marks if one.out_of}
    own = None if whole is None else mark(whole, points)
    if whole is None or own is None or not own.out_of:
        if not counted:
            return NONE, "Nothing was handed in that can be judged."
        shares, words = [*counted.values()], "The mean of what was handed in"
    else:
        cells = max(1, len(whole.given.cells) if whole.given is not None else 0)
        shares = [own.points / own.out_of * Fraction(cells, cells + outside)]
        words = f"The answer {whole.label} counts"
        if whole.label not in counted:
            words = f"All cells of the answer {whole.label} count"
        behind: dict[str, list[Fraction]] = {}  # by quantity, of which cells may have been handed in
        for label in whole.follows_from:
            if label in counted and names[label] != names.get(whole.label, whole.label):
                behind.setdefault(names[label], []).append(counted[label])
        if behind:
            shares += [sum(before, NONE) / len(before) for before in behind.values()]
            words = f"The mean of {whole.label} and {' and '.join(whole.follows_from)}"
    share = sum(shares, NONE) / len(shares)
    return share, f"{words}: {shown(share)}."


def shown(points: Fraction) -> str:
    """Points to two decimals, without zeros at the end.

    >>> shown(Fraction(6, 10)), shown(Fraction(1)), shown(Fraction(1, 3))
    ('0.6', '1', '0.33')
    """
    return f"{float(points):.2f}".rstrip("0").rstrip(".")
