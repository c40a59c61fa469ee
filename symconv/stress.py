"""Stress: draws a sheet many times without typesetting it, and counts what was refused and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from symconv.sheet_file import SheetFile
from symconv.sound import sound_draws
from symconv.versions import Sheet

SOLVED = 10  # draws of each question that are solved and verified in full


@dataclass
class Tally:
    """What happened to one question: sound draws, attempts, and why draws were refused."""

    place: str
    title: str
    sound: int = 0
    attempts: int = 0
    solved: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Take another tally of the same question into this one."""
        self.sound += other.sound
        self.attempts += other.attempts
        self.solved += other.solved
        self.refused += other.refused

    @property
    def per_sound_draw(self) -> float:
        """Draws for each accepted question."""
        return self.attempts / max(1, self.sound)


def stress(file: SheetFile, versions: Sequence[int]) -> list[Tally]:
    """Draw every question of these versions; the first few are also solved, which verifies every equality.

    Raises ProblemError where a question has no sound draw, VerificationError where a solution does not hold.
    """
    sheet = Sheet(file)
    tallies = []
    for judge in sheet.judges:
        tally = Tally(judge.question.place, judge.question.table.title or judge.question.table.operation)
        for version in versions if judge.question.is_drawn else versions[:1]:
            refused: Counter[str] = Counter()
            attempt, parts = next(sound_draws(judge, file.seed, version, judge.question.name, refused=refused))
            tally.sound += 1
            tally.attempts += attempt + 1
            tally.refused += refused
            if version <= SOLVED:
                from symconv.solution import solve

                tally.solved += sum(solve(part.problem).claims > 0 for part in parts)
        tallies.append(tally)
    return tallies


def lines(tallies: Sequence[Tally]) -> Iterator[str]:
    """A table of what happened, and below it why draws were refused."""
    width = max(len(tally.title) for tally in tallies)
    yield f"{'question':{width}}  {'sound':>7}  {'draws per question':>18}"
    for tally in tallies:
        yield f"{tally.title:{width}}  {tally.sound:7,}  {tally.per_sound_draw:18.2f}"
    for tally in tallies:
        for reason, count in tally.refused.most_common(3):
            yield f"{tally.title}: refused {count:,} times: {reason}"
