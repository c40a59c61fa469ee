"""Versions: from a sheet file to any number of sheets, each with its own sound draw of every question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import scrypt
from itertools import islice
from numbers import Rational

from symconv.errors import ProblemError, shown
from symconv.operations.base import in_words
from symconv.sheets.draw import DrawnPart, PartPlan, QuestionPlan, plan, tensor_of
from symconv.sheets.file import Item, PoolTable, SectionTable, SheetFile, read_sheet
from symconv.sheets.sheet import Choice, Cover, Part, Question, Section, Version
from symconv.sheets.sound import Judge, digest, sound_draws
from symconv.sheets.stream import Stream
from symconv.tensor import Tensor

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without 0, 1, I and O
CODE_LENGTH = 5
MOST_REPEATS = 1000  # draws whose data other versions have, before it is said that the numbers are used up
SPACE, LITTLE_SPACE = 45, 20  # mm to work in, for a matrix and for a number
ASKED = {
    "output": "Give the output.",
    "size": "Give the size of the output.",
    "matrix": "Give the matrix.",
    "transposed_matrix": "Give the transposed matrix.",
    "parameters": "Give the number of parameters.",
}
IN_MARKS = frozenset({"student", "code", "points", "out of", "share"})  # columns of marks.csv besides the questions
Picks = Mapping[str, int]  # the attempt that each question of a version takes


@dataclass(frozen=True)
class Pick:
    """The draw a version takes of one question, and what identifies its data."""

    question: str
    attempt: int
    data: bytes


class Sheet:
    """A sheet file that has been tried: every question can be drawn and asks for something.

    Raises ProblemError, which names the place in the file.
    """

    def __init__(self, file: SheetFile) -> None:
        self.file = file
        self._items: dict[int, list[Judge]] = {}
        names: dict[str, str] = {}
        for number, (place, item) in enumerate(self._placed()):
            judges = []
            inside = item.questions if isinstance(item, PoolTable) else [item]
            for at, table in enumerate(inside, 1):
                here = f"{place}.questions[{at}]" if isinstance(item, PoolTable) else place
                question = plan(file, table, here)
                if question.name in names:
                    raise ProblemError(_namesakes(table.id, here, names[question.name]))
                names[question.name] = here
                judges.append(Judge(question, file.band))
                judges[-1].check_choices()
            self._items[number] = judges
        self.called = called([judge.question for judge in self.judges])

    def _placed(self) -> Iterator[tuple[str, Item]]:
        if not self.file.sections:
            yield from ((f"questions[{n}]", item) for n, item in enumerate(self.file.questions, 1))
        for number, section in enumerate(self.file.sections, 1):
            yield from ((f"sections[{number}].questions[{n}]", item) for n, item in enumerate(section.questions, 1))

    @property
    def judges(self) -> Iterator[Judge]:
        """The judges of all questions, in the order of the file."""
        for judges in self._items.values():
            yield from judges

    def plan_of(self, question: str, letter: str) -> PartPlan:
        """A part of a question as the file states it."""
        parts = next(judge.question.parts for judge in self.judges if judge.question.name == question)
        return next(part for part in parts if part.letter == letter)

    @property
    def has_one_order(self) -> bool:
        """Whether every version has the same questions in the same order."""
        tables: Sequence[SheetFile | SectionTable] = self.file.sections or [self.file]
        for table in tables:
            taken = sum(item.choose if isinstance(item, PoolTable) else 1 for item in table.questions)
            if taken > 1 and self._is_shuffled(table if isinstance(table, SectionTable) else None):
                return False
        pools = [item for _, item in self._placed() if isinstance(item, PoolTable)]
        return all(pool.choose == len(pool.questions) for pool in pools)

    @property
    def cover(self) -> Cover:
        """What every version has in common."""
        file = self.file
        return Cover(file.title, file.course, str(file.date), file.instructions, file.paper, file.decimals)

    def warnings(self) -> Iterator[str]:
        """What an author should know: mistakes that cannot show, questions that are the same in every version."""
        for judge in self.judges:
            yield from judge.warnings()
            if not judge.question.is_drawn and self.file.versions > 1:
                yield f"{judge.question.place} has the same numbers in every version; nothing in it is drawn"

    def _stream(self, version: int, judge: Judge) -> tuple[str | int, ...]:
        return (self.file.seed, version, judge.question.name)

    def _taken(self, version: int) -> Iterator[tuple[int, list[Judge]]]:
        """The questions of a version, item by item: those of a pool are chosen."""
        for number, (_, item) in enumerate(self._placed()):
            judges = self._items[number]
            if isinstance(item, PoolTable):
                names = sorted(judge.question.name for judge in judges)
                chosen = Stream(self.file.seed, version, "pool", names[0]).some_of(range(len(judges)), item.choose)
                judges = [judges[at] for at in sorted(chosen)]
            yield number, judges

    def picks(self, version: int) -> list[Pick]:
        """The first sound draw of every question of a version, whatever other versions have."""
        made = []
        for _, judges in self._taken(version):
            for judge in judges:
                attempt, parts = next(sound_draws(judge, *self._stream(version, judge)))
                made.append(Pick(judge.question.name, attempt, digest(parts) if judge.question.is_drawn else b""))
        return made

    def next_pick(self, version: int, question: str, taken: set[bytes]) -> Pick:
        """The first sound draw of a question whose data no earlier version has. Raises ProblemError."""
        judge = next(judge for judge in self.judges if judge.question.name == question)
        for attempt, parts in islice(sound_draws(judge, *self._stream(version, judge)), MOST_REPEATS):
            data = digest(parts)
            if data not in taken:
                return Pick(question, attempt, data)
        have = "versions have" if len(taken) > 1 else "version has"
        better = "draw from a wider range or make fewer versions"
        raise ProblemError(f"{judge.question.place}: {len(taken)} {have} used up its numbers; {better}")

    def distinct(self, picks: Sequence[Sequence[Pick]], needed: int | None = None) -> list[dict[str, int]]:
        """The attempts of versions 1, 2, ...: where two share a question's data, the later one draws again.

        Beyond the first `needed` versions the numbers may run out. Raises ProblemError when they do before.
        """
        taken: dict[str, set[bytes]] = {}
        made: list[dict[str, int]] = []
        for version, row in enumerate(picks, 1):
            attempts = {}
            for pick in row:
                used = taken.setdefault(pick.question, set())
                try:
                    final = self.next_pick(version, pick.question, used) if pick.data and pick.data in used else pick
                except ProblemError:
                    if needed is None or version <= needed:
                        raise
                    return made
                used.add(final.data)
                attempts[pick.question] = final.attempt
            made.append(attempts)
        return made

    @cached_property
    def _secret(self) -> str:
        """A key that a printed code does not give away: trying out seeds is made slow."""
        return scrypt(str(self.file.seed).encode(), salt=b"symconv version codes", n=2**14, r=8, p=1, dklen=32).hex()

    def codes(self, count: int) -> list[str]:
        """The codes of versions 1 to `count`, all different."""
        made: dict[str, None] = {}
        for version in range(1, count + 1):
            stream = Stream(self._secret, version)
            while True:
                code = "".join(stream.one_of(ALPHABET) for _ in range(CODE_LENGTH))
                if code not in made:
                    made[code] = None
                    break
        return list(made)

    def trial(self, number: int) -> Version:
        """All questions with draws that belong to no version: what is usual, the same for every seed."""
        questions = []
        for count, judge in enumerate(self.judges, 1):
            stream = ("trial", judge.question.name, "usual", number)
            questions.append(self._question(judge, count, judge.drawer.candidate(*stream), stream))
        return Version(0, "TRIAL", (Section("", "", tuple(questions)),))

    def version(self, number: int, code: str, picks: Picks) -> Version:
        """One version with the draws it takes."""
        sections: list[Section] = []
        items = dict(self._taken(number))
        first, count = 0, 0
        tables: Sequence[SectionTable | None] = self.file.sections or [None]
        for table in tables:
            size = len(table.questions) if table else len(self.file.questions)
            judges = [judge for at in range(first, first + size) for judge in items[at]]
            first += size
            if self._is_shuffled(table):
                title = table.title if table else ""
                judges = Stream(self.file.seed, number, "order", title).some_of(judges, len(judges))
            questions = []
            for judge in judges:
                count += 1
                stream = self._stream(number, judge)
                parts = judge.drawer.candidate(*stream, picks[judge.question.name])
                questions.append(self._question(judge, count, parts, stream))
            sections.append(Section(table.title if table else "", table.text if table else "", tuple(questions)))
        return Version(number, code, tuple(sections))

    def _is_shuffled(self, section: SectionTable | None) -> bool:
        if section is None or section.shuffle is None:
            return self.file.shuffle
        return section.shuffle

    def _question(
        self, judge: Judge, number: int, parts: tuple[DrawnPart, ...], stream: tuple[str | int, ...]
    ) -> Question:
        plan_ = judge.question
        made = tuple(_part(judge, plan_, part, stream) for part in parts)
        return Question(plan_.name, number, plan_.table.title, plan_.table.text, made, self.called[plan_.name])


def _namesakes(name: str, here: str, there: str) -> str:
    """What to do about two questions of one name, given or made of what they draw."""
    if name:
        return f"{here}.id is {shown(name)}, but that is the id of {there}; give each an id of its own"
    return f'{here} is the same as {there}; give them names such as id = "first"'


def called(questions: Sequence[QuestionPlan]) -> dict[str, str]:
    """What people call each question, by the name of its stream: its id, else its title, else its operation.

    Where two would be called the same the second is `Pooling (2)`. With a part's letter behind it this is a column of
    the marks, so neither it nor such a column is taken twice.
    """
    taken = set(IN_MARKS)
    made = {}
    for question in sorted(questions, key=lambda one: not one.table.id):  # an id gives way to no title
        title = " ".join(question.table.title.split()) or in_words(question.parts[0].keys["operation"])
        wanted = question.table.id or title
        name, number = wanted, 1
        while (columns := {name, *(f"{name} {part.letter}".strip() for part in question.parts)}) & taken:
            number += 1
            name = f"{wanted} ({number})"
        taken |= columns
        made[question.name] = name
    return made


@lru_cache(maxsize=2)
def sheet_from(text: str, seed: str | None = None) -> Sheet:
    """The sheet of a file's text, with another seed where one is given; a process makes it once."""
    file = read_sheet(text)
    return Sheet(file if seed is None else file.model_copy(update={"seed": seed}))


def _part(judge: Judge, question: QuestionPlan, drawn: DrawnPart, stream: tuple[str | int, ...]) -> Part:
    table, plan_ = drawn.plan.table, drawn.plan
    value = _value(drawn)
    text = (table.text if plan_.letter else "") or (ASKED.get(drawn.problem.ask, "") if plan_.letter else "")
    return Part(
        plan_.letter,
        text or (f"Give the {drawn.problem.ask.replace('_', ' ')}." if plan_.letter else ""),
        plan_.points,
        drawn.problem,
        drawn.answer,
        value,
        _choices(judge, drawn, value, stream),
        _hides_shape(question, plan_),
        float(_setting(question, plan_, "space", LITTLE_SPACE if len(value.cells) <= 2 else SPACE)),
        drawn.keys,
        plan_.takes,
    )


def _setting(question: QuestionPlan, part: PartPlan, name: str, otherwise: int) -> int:
    """What a part says, or its question, or nobody."""
    for table in (part.table, question.table):
        given = getattr(table, name)
        if given is not None:
            return int(given)
    return otherwise


def _hides_shape(question: QuestionPlan, part: PartPlan) -> bool:
    """Whether the boxes must not give the shape away: as asked for, or because another part asks for the size."""
    size_is_asked = any(other.keys.get("ask") == "size" for other in question.parts)
    return bool(_setting(question, part, "hide_shape", int(size_is_asked and part.keys.get("ask") != "size")))


def _value(drawn: DrawnPart) -> Tensor:
    if drawn.value is not None and all(isinstance(cell, Rational) for cell in drawn.value.reshape(-1).tolist()):
        return tensor_of(drawn.value)
    from symconv.operations.base import Detail

    problem = drawn.problem
    solved = problem.operation.derive(problem.setting, problem.notation, problem.ask, Detail(0))
    return solved.quantities[drawn.answer].value


def _choices(judge: Judge, drawn: DrawnPart, value: Tensor, stream: tuple[str | int, ...]) -> tuple[Choice, ...]:
    wanted = drawn.plan.table.choices
    if not wanted:
        return ()
    wrong = [Choice(tensor_of(array), name) for name, array in judge.distractors(drawn).items()]
    source = Stream(*stream, "choices", drawn.plan.letter)
    chosen = [Choice(value), *source.some_of(wrong, min(wanted - 1, len(wrong)))]
    return tuple(source.some_of(chosen, len(chosen)))
