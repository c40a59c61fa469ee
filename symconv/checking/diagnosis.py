"""What checking a hand calculation says: a verdict for each label, and marks explained line by line. No arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from symconv.tensor import Index, Tensor

STATUSES = ("right", "follows", "wrong", "blank", "blind", "unknown_label")


@dataclass(frozen=True)
class Mistake:
    """A misconception by its name, with what the person believes and what is right."""

    name: str
    belief: str
    correction: str

    @property
    def words(self) -> str:
        """The name as words."""
        return self.name.replace("_", " ")


class Cell(NamedTuple):
    """A cell that is wrong or blank: its index from 0, its printed name, what stands there and what should.

    `given` is None for a blank; `right` is what follows from earlier wrong values where the label is judged by them.
    """

    index: Index  # type: ignore[assignment]  # the place, in place of the method of tuples
    name: str
    given: Any
    right: Any


@dataclass(frozen=True)
class Slip:
    """An arithmetic slip: what happened at a cell. `expected` is what the person's own method gives there.

    `kind` is one of: product_dropped, product_doubled, product_sign, product_neighbour, product_added, operand_misread,
    sign, digits_swapped, digit_misread, digit_missing, digit_added, rounded, off_by_one, unexplained.
    """

    kind: str
    cell: Cell
    expected: Any
    sentence: str


@dataclass(frozen=True)
class Explanation:
    """Mistakes, and at most one slip, that together give exactly what was handed in."""

    mistakes: tuple[Mistake, ...]
    slip: Slip | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the mistakes, in the order in which they were made."""
        return tuple(mistake.name for mistake in self.mistakes)


@dataclass(frozen=True)
class Verdict:
    """What is said of one label.

    `rank` says which kind of explanation was found: shape, misconception, two_misconceptions, misconception_and_slip,
    slips, checksum, unknown; "" where there is nothing to explain. `explanations` are all that explain everything
    equally simply (ties), the likeliest first. `blind` are mistakes that give the right value too: whether they were
    made cannot be told. `follows_from` are the earlier wrong labels that the value follows from.
    """

    label: str
    status: str
    rank: str = ""
    cells: tuple[Cell, ...] = ()
    sentences: tuple[str, ...] = ()
    explanations: tuple[Explanation, ...] = ()
    slips: tuple[Slip, ...] = ()
    blind: tuple[Mistake, ...] = ()
    follows_from: tuple[str, ...] = ()
    given: Tensor | None = None
    right: Tensor | None = None

    @property
    def is_right(self) -> bool:
        """Whether the value counts as right."""
        return self.status in ("right", "follows")

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        """Every misconception that some explanation names, each once."""
        return tuple(dict.fromkeys(mistake for one in self.explanations for mistake in one.mistakes))


@dataclass(frozen=True)
class Points:
    """How one label's point is divided. The default: 0.6 for the method, 0.1 for the shape, 0.3 for the arithmetic."""

    method: Fraction = Fraction(6, 10)
    shape: Fraction = Fraction(1, 10)
    arithmetic: Fraction = Fraction(3, 10)

    @property
    def total(self) -> Fraction:
        """What a right value gets."""
        return self.method + self.shape + self.arithmetic


@dataclass(frozen=True)
class Mark:
    """The mark of one label: points got of points to be had, and why, a line for each part."""

    label: str
    method: Fraction
    shape: Fraction
    arithmetic: Fraction
    out_of: Fraction
    lines: tuple[str, ...]

    @property
    def points(self) -> Fraction:
        """The points got."""
        return self.method + self.shape + self.arithmetic


@dataclass(frozen=True)
class Diagnosis:
    """Everything that is said of a work: a verdict and a mark for each label, in the order of the work.

    `answer` is the label of the final answer. `mark` is its share of right, from 0 to 1: that of the answer where it
    was handed in, otherwise the mean over what was. `whole` is the verdict on the answer as it was handed in, or as it
    is put together from parts of it; None where nothing of it was. `missing` says what of it was not handed in.
    """

    answer: str
    verdicts: tuple[Verdict, ...]
    marks: tuple[Mark, ...]
    mark: Fraction
    lines: tuple[str, ...]
    whole: Verdict | None = None
    missing: str = ""

    @property
    def is_right(self) -> bool:
        """Whether something was handed in that counts, and nothing of it is wrong or blank; it may be any part."""
        return all(verdict.is_right for verdict in self.verdicts) and self.mark > 0

    def __getitem__(self, label: str) -> Verdict:
        """The verdict of a label as it was handed in; KeyError where it was not."""
        for verdict in self.verdicts:
            if verdict.label == label:
                return verdict
        raise KeyError(label)
