"""What reading a person's work gives: answers, and what could not be read. It knows no form of writing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from symconv.errors import AnswerError
from symconv.tensor import Tensor

MOST_TEXT = 1_000_000  # characters or bytes of one work
MOST_ENTRIES = 100_000  # of one value
MOST_DEPTH = 6  # of brackets, or lists, in each other
MOST_ANSWERS = 5_000  # of one work, what could not be read included


class Value(NamedTuple):
    """What was written as a value: None for a blank; a blank cell of a matrix is None among its cells.

    A number has the shape (), a row without brackets or in simple ones (n,), rows have (m, n). `decimals` has the flat
    position of each cell that was written as a decimal, and how many digits stand behind its point.
    """

    tensor: Tensor | None
    decimals: frozenset[tuple[int, int]] = frozenset()


class Reading(NamedTuple):
    """Another value that a text may mean, and what that takes in words: `2.440 is read as 2440`.

    `fitting` says that it is meant wherever its shape is the right one, and that of the text as it stands is not.
    """

    value: Tensor
    words: str
    fitting: bool = False


@dataclass(frozen=True)
class Given:
    """An answer as handed in: its label as written (None without one), and its value (None for a blank).

    `text` is what was written for the value, `sides` the sides of a chain of equals before it: for
    `h = 3*1 + 2*2 = 7` the text is `7` and the sides are `("3*1 + 2*2",)`. `line` counts from 1. `explains` says that
    it stands in a document, where `h = a + b` explains and hands nothing in. `aside` says that it is said by the way,
    and hands something in only where nothing else does. `readings` are other values that it may mean.
    """

    label: str | None
    value: Tensor | None
    line: int
    text: str
    decimals: frozenset[tuple[int, int]] = frozenset()
    sides: tuple[str, ...] = ()
    explains: bool = False
    aside: bool = False
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True)
class Unread:
    """Something handed in that could not be read: `error` says why and shows where.

    `aside` says that it may not have been handed in at all, as `h != 5`: it counts only where nothing else does.
    `readings` are the values that it may mean.
    """

    label: str | None
    error: AnswerError
    line: int
    aside: bool = False
    readings: tuple[Reading, ...] = ()
