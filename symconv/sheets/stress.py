"""Stress: draws a sheet many times without typesetting it, and counts what was refused and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial

from symconv.errors import ProblemError, VerificationError
from symconv.runs.chunk import Chunk, Executor, Made, Warn, split
from symconv.sheets.sound import digest, sound_draws, times
from symconv.sheets.versions import sheet_from
from symconv.solution import solve

CHUNK = 50  # versions drawn by one process at a time
SOLVED = 10  # draws of each question that are solved and verified in full


@dataclass
class Tally:
    """What happened to one question: sound draws, attempts, why draws were refused, which data the sound ones had."""

    title: str
    sound: int = 0
    attempts: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    data: set[str] = field(default_factory=set)

    def add(self, sound: int, attempts: int, refused: Mapping[str, int], data: Iterable[str]) -> None:
        """Count more draws."""
        self.data.update(data)
        self.sound += sound
        self.attempts += attempts
        self.refused.update(refused)

    @property
    def per_sound_draw(self) -> float:
        """Draws for each accepted question."""
        return self.attempts / max(1, self.sound)


def stress(text: str, draws: int, executor: Executor, warn: Warn) -> list[Tally]:
    """Draw every question of a sheet for so many versions; the first few are also solved, which verifies them.

    Raises ProblemError where a question has no sound draw, VerificationError where a solution does not hold.
    """
    judges = list(sheet_from(text).judges)
    tallies = [Tally(one.question.table.title or one.question.table.operation) for one in judges]
    chunks = split(range(1, draws + 1), CHUNK, "draws")
    with closing(executor.outcomes(partial(stressed, text=text), chunks, warn)) as outcomes:
        for _, made in outcomes:
            for failure in made.failures:
                raise (VerificationError if failure.exit_status == 3 else ProblemError)(failure.message)
            for tally, counted in zip(tallies, (made.record or {})["tallies"], strict=True):
                tally.add(*counted)
    return tallies


def stressed(chunk: Chunk, text: str) -> Made:
    """The draws of a chunk of versions, counted by question: what a process does."""
    sheet = sheet_from(text)
    tallies = []
    for judge in sheet.judges:
        tally = Tally("")
        for version in chunk.items if judge.question.is_drawn else chunk.items[:1]:
            refused: Counter[str] = Counter()
            stream = (sheet.file.seed, version, judge.question.name)
            attempt, parts = next(sound_draws(judge, *stream, refused=refused))
            tally.add(1, attempt + 1, refused, [digest(parts).hex()])
            if int(version) <= SOLVED:
                for part in parts:
                    solve(part.problem)
        tallies.append([tally.sound, tally.attempts, tally.refused, sorted(tally.data)])
    return Made(record={"tallies": tallies})


def lines(tallies: Sequence[Tally]) -> Iterator[str]:
    """A table of what happened, below it why draws were refused, and where draws repeat."""
    width = max(len(tally.title) for tally in tallies)
    yield f"{'question':{width}}  {'sound':>7}  {'draws per question':>18}"
    for tally in tallies:
        yield f"{tally.title:{width}}  {tally.sound:7,}  {tally.per_sound_draw:18.2f}"
    for tally in tallies:
        for reason, count in tally.refused.most_common(3):
            yield f"{tally.title}: refused {times(count)}: {reason}"
    for tally in tallies:
        if 0 < len(tally.data) < tally.sound:
            few = f"only {len(tally.data):,} different of {tally.sound:,} draws"
            yield f"{tally.title}: {few}; each version needs one of its own"
