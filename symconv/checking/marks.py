"""Marks of a diagnosis, explained line by line. It knows verdicts, and no mathematics."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from symconv.checking.diagnosis import Mark, Points, Verdict
from symconv.checking.handed import squeezed_shape
from symconv.tensor import Tensor

NONE = Fraction(0)


def mark(verdict: Verdict, points: Points) -> Mark:
    """The mark of one label.

    A right value, and one that follows from an earlier wrong one, gets all points. A wrong one gets the shape's where
    the shape is right; the method's where slips alone explain it, or, where nothing does, if half of its cells are
    right; the arithmetic's by the share of cells that are right by the method that was used.

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
    """How many cells are right, and how many there are: a blank one is not right, whether it is named or not."""
    cells = verdict.given.cells if verdict.given is not None else ()
    filled = sum(cell is not None for cell in cells)
    return filled - sum(cell.given is not None for cell in verdict.cells), len(cells)


def _right_share(verdict: Verdict) -> Fraction:
    right, count = _right(verdict)
    return Fraction(right, count) if count else NONE


def _method(verdict: Verdict) -> tuple[Fraction, str]:
    """The share of the method's points, and why."""
    if verdict.rank in ("slips", "checksum"):
        return Fraction(1), "slips alone explain what is wrong"
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
    if not has_shape:
        return NONE, "the values cannot be compared"
    if verdict.slips and verdict.slips[0].kind == "operand_misread":
        return Fraction(1), "everything is worked out rightly from the misread entry"
    return _right_share(verdict), f"{right} of {count} {'cell is' if count == 1 else 'cells are'} right"


def total(answer: str, verdicts: Sequence[Verdict], marks: Sequence[Mark]) -> tuple[Fraction, str]:
    """The share of the whole, from 0 to 1, and the sentence that says how it came about.

    The answer's mark is the whole's; where the answer follows from earlier wrong values, the mean with theirs, so that
    a mistake costs once; where no answer was handed in, the mean of everything.
    """
    counted = {one.label: one for one in marks if one.out_of}
    if not counted:
        return NONE, "Nothing was handed in that can be judged."
    labels, words = list(counted), "The mean of what was handed in"
    for verdict in verdicts:
        if verdict.label == answer and answer in counted:
            before = [label for label in verdict.follows_from if label in counted]
            labels = [answer, *before]
            words = f"The mean of {' and '.join(labels)}" if before else f"The answer {answer} counts"
    share = sum((counted[label].points / counted[label].out_of for label in labels), NONE) / len(labels)
    return share, f"{words}: {shown(share)}."


def shown(points: Fraction) -> str:
    """Points to two decimals, without zeros at the end.

    >>> shown(Fraction(6, 10)), shown(Fraction(1)), shown(Fraction(1, 3))
    ('0.6', '1', '0.33')
    """
    return f"{float(points):.2f}".rstrip("0").rstrip(".")
