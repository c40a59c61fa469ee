"""Summary: what an instructor sees of a class. It counts records of graded papers and knows no file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from string import ascii_lowercase, digits
from typing import Any

from symconv.checking.report import number


@dataclass
class Summary:
    """Marks, and per question how it went."""

    students: int = 0
    marks: Counter[int] = field(default_factory=Counter)  # how many students got how many tenths of the points
    total: Fraction = Fraction(0)
    out_of: Fraction = Fraction(0)
    questions: dict[str, QuestionSummary] = field(default_factory=dict)
    order: tuple[str, ...] = ()  # the questions as the sheet has them, where the key says so

    def add(self, record: Mapping[str, Any]) -> None:
        """Count a graded paper."""
        points, out_of = Fraction(record["points"]), Fraction(record["out_of"])
        self.students += 1
        self.total += points
        self.out_of = max(self.out_of, out_of)
        self.marks[min(9, int(10 * points / out_of)) if out_of else 0] += 1
        for outcome in record["outcomes"]:
            fresh = QuestionSummary(outcome["title"], outcome["name"], outcome["question"])
            self.questions.setdefault(place_of(outcome), fresh).add(outcome)

    @property
    def mean(self) -> str:
        """The mean of the points."""
        return number(self.total / self.students) if self.students else "0"

    @property
    def in_words(self) -> str:
        """How many papers there are, and their mean, as a sentence goes on."""
        papers = f"{self.students} paper{'' if self.students == 1 else 's'}"
        return f"{papers}, {self.mean} of {float(self.out_of):g} points on average"

    @property
    def in_order(self) -> list[tuple[str, QuestionSummary]]:
        """The questions as the sheet has them; those that its key does not name as the first papers have them."""
        rank = {name: number for number, name in enumerate(self.order)}

        def place(item: tuple[str, QuestionSummary]) -> tuple[int, int, str]:
            one = item[1]
            return rank.get(one.question, len(rank)), int(one.name.rstrip(ascii_lowercase)), one.name.lstrip(digits)

        return sorted(self.questions.items(), key=place)


def place_of(outcome: Mapping[str, Any]) -> str:
    """What a part is called on every version, whatever its number there: `sliding b`."""
    letter = outcome["name"].lstrip(digits)
    return f"{outcome['question']} {letter}".strip()


@dataclass
class QuestionSummary:
    """How one part went: how many were right, which mistakes how often, and which it cannot tell from what is right."""

    title: str
    name: str
    question: str
    papers: int = 0
    points: Fraction = Fraction(0)
    out_of: Fraction = Fraction(0)
    status: Counter[str] = field(default_factory=Counter)
    mistakes: Counter[str] = field(default_factory=Counter)
    others: Counter[str] = field(default_factory=Counter)
    blind: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Mapping[str, Any]) -> None:
        """Count one student's part."""
        self.papers += 1
        self.points += Fraction(outcome["points"])
        self.out_of += Fraction(outcome["out_of"])
        self.status[outcome["status"]] += 1
        self.mistakes.update(outcome["mistakes"])
        self.others.update(outcome["others"])
        self.blind.update(outcome["blind"])

    @property
    def share(self) -> float:
        """The share of the points that was got, 0 to 1."""
        return float(self.points / self.out_of) if self.out_of else 0.0

    @property
    def percent(self) -> int:
        """The share in percent; all of it only where every point was got."""
        return min(round(100 * self.share), 99 + (self.points == self.out_of))

    @property
    def right(self) -> int:
        """How many papers have it right, by itself or as it follows."""
        return self.status["right"] + self.status["follows"]

    def most_common(self, count: int = 5) -> list[tuple[str, int]]:
        """The most frequent mistakes, in words; ties in the order of the alphabet."""
        return _ordered(self.mistakes)[:count]

    def beside(self) -> list[tuple[str, int]]:
        """How often something was wrong without a mistake that has a name."""
        return _ordered(self.others)

    def cannot_tell(self) -> list[tuple[str, int]]:
        """The mistakes that gave the right answer too, with how many papers."""
        return _ordered(self.blind)


def _ordered(counts: Counter[str]) -> list[tuple[str, int]]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [(name.replace("_", " "), times) for name, times in ordered]
