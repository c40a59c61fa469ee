"""Sheet: what one version of an exam holds, question by question. It knows no markup and draws nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from symconv.problem import Problem
from symconv.tensor import Tensor


@dataclass(frozen=True)
class Choice:
    """One answer of a multiple choice: the right one, or what a misconception leads to."""

    value: Tensor
    misconception: str = ""  # its name; empty for the right answer


@dataclass(frozen=True)
class Part:
    """One thing to answer: a problem with this version's numbers, and the space for its answer.

    `answer` is the label of the answer, `value` its right value. `letter` is "" where a question has one part.
    `space` is the height in mm left for working; with `hide_shape` the boxes do not give the shape away. `takes` are
    the keys whose values are answers of earlier parts, with their letters.
    """

    letter: str
    text: str
    points: Fraction
    problem: Problem
    answer: str
    value: Tensor
    choices: tuple[Choice, ...] = ()
    hide_shape: bool = False
    space: float = 0.0
    keys: Mapping[str, Any] = field(default_factory=dict)  # the problem as the keys of a problem file
    takes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """A numbered question; `name` is what its random stream is called, `called` what people call it in the key.

    Both are the same on every version.
    """

    name: str
    number: int
    title: str
    text: str
    parts: tuple[Part, ...]
    called: str = ""

    @property
    def points(self) -> Fraction:
        """What all parts give together."""
        return sum((part.points for part in self.parts), Fraction(0))


@dataclass(frozen=True)
class Section:
    """Questions under a heading; a sheet without sections has one without a title."""

    title: str
    text: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Version:
    """One student's sheet: `number` counts from 1, `code` is what is printed on paper."""

    number: int
    code: str
    sections: tuple[Section, ...]

    @property
    def questions(self) -> Iterator[Question]:
        """Every question in the order of the paper."""
        for section in self.sections:
            yield from section.questions

    @property
    def points(self) -> Fraction:
        """What the whole sheet gives."""
        return sum((question.points for question in self.questions), Fraction(0))


@dataclass(frozen=True)
class Cover:
    """What every version has in common on paper.

    `paper` is "a4" or "letter", `decimals` "point" or "comma", `date` is printed as it stands.
    """

    title: str
    course: str = ""
    date: str = ""
    instructions: str = ""
    paper: str = "a4"
    decimals: str = "point"
