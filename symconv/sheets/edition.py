"""Edition: what is written for each version of a sheet: exam, solutions, key, regions. It writes no file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, lru_cache, partial, reduce
from typing import Any

from symconv.document import Derivation, Quantity, Rest, Symbol
from symconv.errors import OutputError, RoomError, SymconvError
from symconv.operations.base import Detail, Solved
from symconv.pdf import command_of, sheets_pdf
from symconv.problem import Problem
from symconv.render import worksheet
from symconv.replay.press import Press
from symconv.runs.chunk import Chunk, Failure, Made
from symconv.runs.store import spooled
from symconv.sheets import key
from symconv.sheets.exam import choice_values, digits, widest
from symconv.sheets.paper import Style, exam_source, solutions_source
from symconv.sheets.printing import Run, accessible_pdf, printed_exams, printed_solutions
from symconv.sheets.regions import placed, regions_of
from symconv.sheets.sheet import Part, Version
from symconv.sheets.sound import USUAL
from symconv.sheets.stream import Stream
from symconv.sheets.taken import upstream
from symconv.sheets.versions import sheet_from
from symconv.sheets.worksheet import Exercise, exercise, fading
from symconv.solution import Solution, to_json
from symconv.templating.environment import check_templates, overridden
from symconv.templating.own import Templates
from symconv.templating.trace import is_traced
from symconv.typeset.formats import FORMATS

WHOLE = "parts/exams-{}.pdf"  # the exams of one chunk, until all of them are put together


@dataclass(frozen=True)
class Order:
    """What is asked for; it travels to the processes that do the work.

    `text` is the sheet file, `full` whether solutions go on behind the answer, `blank` the share that a worksheet hides
    (None for fading), `templates` a person's own, as text: the processes that do the work need no folder in common.
    """

    text: str
    style: Style
    engine: str = "auto"
    formats: tuple[str, ...] = ("pdf",)
    accessible: bool = False
    is_worksheet: bool = False
    blank: Fraction | None = None
    hints: bool = False
    seed: str | None = None
    full: bool = False
    templates: Templates = ()


@dataclass(frozen=True)
class Taken:
    """One version in a chunk: its number, its code, and the draws its questions take."""

    number: int
    code: str
    picks: Mapping[str, int]

    def item(self) -> str:
        """The version as an item of a chunk."""
        return json.dumps([self.number, self.code, self.picks])

    @classmethod
    def of(cls, item: str | int) -> Taken:
        """The version that an item of a chunk stands for."""
        return cls(*json.loads(str(item)))


class Editor:
    """Makes the versions of one sheet; it keeps what they share: question shapes, and widths from trial draws.

    The widths do not hang on which versions a run makes, so a version looks the same in every run.
    """

    def __init__(self, order: Order) -> None:
        self.order = order
        self._pages: int | None = None  # of the exams before, most likely of the next ones too
        self.sheet = sheet_from(order.text, order.seed)
        self.cover = self.sheet.cover
        self.press = Press(Detail(to_the_answer=not order.full))
        self._solutions: dict[int, Solution] = {}
        trials = [self.sheet.trial(number) for number in range(USUAL)]
        self.widths = widest(digits(version, self.derive) for version in trials)
        self.press.fit(solution for version in trials for solution in self.solved(version))
        self._forget()

    def _forget(self) -> None:
        self._solutions.clear()

    def solution(self, problem: Problem) -> Solution:
        """The verified solution of a problem of the chunk at hand."""
        if id(problem) not in self._solutions:
            self._solutions[id(problem)] = self.press.solve(problem)
        return self._solutions[id(problem)]

    def solved(self, version: Version) -> list[Solution]:
        """The verified solution of every part, in the order of the paper."""
        return [self.solution(part.problem) for question in version.questions for part in question.parts]

    def derive(self, problem: Problem) -> Solved:
        """What an exam's page asks of a problem: its derivation, verified."""
        derivation = self.solution(problem).derivation
        return Solved(derivation.steps, derivation.quantities, derivation.answer)

    def body(self, solution: Solution, form: str, rest: Rest | None) -> str:
        """The steps of a solution, laid out for usual numbers: all of them, or what is left to show."""
        return self.press.body(solution, form, rest=rest, replay=not is_traced())

    def made(self, chunk: Chunk) -> Made:
        """Everything of the versions of a chunk; where an engine stops, its halves are tried, down to one version."""
        try:
            taken = [Taken.of(item) for item in chunk.items]
            versions = [self.sheet.version(one.number, one.code, one.picks) for one in taken]
            with overridden(self.order.templates):
                return self._worksheets(versions) if self.order.is_worksheet else self._exams(taken, versions)
        except RoomError:
            raise
        except SymconvError as error:
            if len(chunk.items) == 1:
                failure = Failure(f"version {Taken.of(chunk.items[0]).code}", str(error), error.exit_status)
                return Made(record={"versions": []}, failures=(failure,))
            middle = len(chunk.items) // 2
            halves = (Chunk(chunk.name, chunk.items[:middle]), Chunk(chunk.name, chunk.items[middle:]))
            return reduce(_joined, map(self.made, halves))
        finally:
            self._forget()

    def exams(self, versions: Sequence[Version]) -> Run:
        """The exams of versions, typeset in one run."""
        order, widths, pages = self.order, self.widths, self._pages
        with overridden(order.templates):
            run = printed_exams(
                versions, self.cover, order.style, order.engine, widths=widths, pages=pages, derive=self.derive
            )
        self._pages = run.copies[0].pages
        return run

    def _exams(self, taken: Sequence[Taken], versions: Sequence[Version]) -> Made:
        order, files = self.order, {}
        entries: list[dict[str, Any]] = []
        solved = [self.solved(version) for version in versions]
        run: Run | None = None
        if "pdf" in order.formats:
            run = self.exams(versions)
            files[WHOLE.format(f"{versions[0].number:06d}")] = run.whole
            files |= {f"exam-{copy.code}.pdf": copy.pdf for copy in run.copies}
            answers = printed_solutions(versions, solved, self.cover, order.style, order.engine, body=self.body)
            files |= {f"solutions-{copy.code}.pdf": copy.pdf for copy in answers.copies}
        for number, (one, version) in enumerate(zip(taken, versions, strict=True)):
            pages = None if run is None else run.copies[number].pages
            files |= {name: text.encode() for name, text in self._sources(version, solved[number], pages)}
            if order.accessible:
                made = accessible_pdf(version, self.cover, order.style, widths=self.widths, derive=self.derive)
                files[f"accessible-{version.code}.pdf"] = made
            entry = {"code": one.code, "number": one.number, "key": key.entry(version, one.picks)}
            if run is not None:
                found = regions_of(run.copies[number].pdf)
                paper = order.style.paper(self.cover)
                entry["layout"] = found
                entry["regions"] = placed(version, paper, self.widths, found)
                entry["pages"] = pages
            entries.append({**entry, "rows": list(key.rows(version))})
        return Made(files, {"versions": entries})

    def _sources(self, version: Version, solved: Sequence[Solution], pages: int | None) -> Iterator[tuple[str, str]]:
        """The texts of a version in the formats asked for; `pages` is how many its exam has, where that is known."""
        order = self.order
        for form in ("tex", "typ", "md"):
            if form in order.formats:
                if form != "md":
                    source = partial(exam_source, widths=self.widths, pages=pages, derive=self.derive)
                    yield f"exam-{version.code}.{form}", source([version], self.cover, order.style, form)
                answers = solutions_source([version], [solved], self.cover, order.style, form, body=self.body)
                yield f"solutions-{version.code}.{form}", answers
        if "json" in order.formats:
            made = ",\n".join(to_json(solution).rstrip() for solution in solved)
            yield f"solutions-{version.code}.json", f"[\n{made}\n]\n"

    def _worksheets(self, versions: Sequence[Version]) -> Made:
        command = command_of(self.order.engine)
        files: dict[str, bytes] = {}
        for version in versions:
            source, name = cache(partial(self._worksheet, version)), f"worksheet-{version.code}"
            for form in self.order.formats:
                if form == "pdf":
                    kind, again = ("typ" if command is None else "tex"), partial(self._worksheet, version)
                    made = sheets_pdf(source(kind), command, 1, command is None, partial(again, kind))
                    files[f"{name}.pdf"] = made
                else:
                    files[f"{name}.{form}"] = source(form).encode()
        return Made(files, {"versions": [{"code": version.code, "number": version.number} for version in versions]})

    def _worksheet(self, version: Version, form: str) -> str:
        parts = [(question, part) for question in version.questions for part in question.parts]
        shares = fading(len(parts)) if self.order.blank is None else [self.order.blank] * len(parts)
        made: list[Any] = []
        earlier: dict[tuple[str, str], tuple[Derivation, Derivation]] = {}
        for (question, part), share in zip(parts, shares, strict=True):
            first = 1 + sum(len(one.answers) for one in made)
            stream = Stream(self.sheet.file.seed, version.number, question.name, "blanks", part.letter)
            solution = self.solution(part.problem)
            before = {letter: found for (name, letter), found in earlier.items() if name == question.name}
            taken = upstream(self.sheet.plan_of(question.name, part.letter).keys, part.keys, before)
            blank = exercise(solution, share, stream, first, self.order.hints, taken)
            earlier[question.name, part.letter] = solution.derivation, blank.derivation
            title = (question.title or blank.derivation.subject) + (f" ({part.letter})" if part.letter else "")
            said = "\n\n".join(text for text in (question.text, part.text) if text.strip())
            blank = replace(blank, derivation=replace(blank.derivation, title=title, text=said))
            made.append(with_choices(blank, part) if part.choices else blank)
        return worksheet(made, self.cover, version.code, form)


def with_choices(blank: Exercise, part: Part) -> Exercise:
    """An exercise with the choices of its part, as quantities of its page."""
    named = {f"choice[{n}]": Quantity(Symbol("A", "a"), choice.value) for n, choice in enumerate(part.choices)}
    derivation = replace(blank.derivation, quantities={**blank.derivation.quantities, **named})
    choices = tuple(zip(key.CHOICES, choice_values(part), strict=False))
    return replace(blank, derivation=derivation, choices=choices, right=key.right_choice(part))


def _joined(one: Made, other: Made) -> Made:
    both = (one, other)
    versions = [version for made in both for version in _versions(made)]
    return Made({**one.files, **other.files}, {"versions": versions}, (*one.failures, *other.failures))


def _versions(made: Made) -> list[Any]:
    return list((made.record or {}).get("versions", []))


@lru_cache(maxsize=2)
def editor(order: Order) -> Editor:
    """The editor of an order: a process that does several chunks makes it once."""
    return Editor(order)


def edited(chunk: Chunk, order: Order, count: int, spool: str | None = None) -> Made:
    """The versions of a chunk up to version `count`: what a process of a run does.

    The ones beyond it are typeset too, so that the fonts hold the same letters, and dropped. Files are left in the
    folder `spool`, where there is one.
    """
    made = editor(order).made(chunk)
    extra = [one.code for one in map(Taken.of, chunk.items) if one.number > count]
    files = {path: content for path, content in made.files.items() if not any(f"-{code}." in path for code in extra)}
    versions = [one for one in _versions(made) if one["number"] <= count]
    failures = [one for one in made.failures if one.item.removeprefix("version ") not in extra]
    kept = Made(files, {"versions": versions}, tuple(failures))
    return kept if spool is None else spooled(kept, spool)


def _kinds(order: Order) -> set[str]:
    """The folders of templates that a run is made from."""
    kinds = {FORMATS[form].folder for form in order.formats if form in FORMATS}
    if "pdf" in order.formats:
        kinds.add("typst" if command_of(order.engine) is None else "latex")
    return kinds | ({"typst"} if order.accessible else set())


def try_templates(taken: Taken, order: Order) -> None:
    """Make one version and throw it away. Raises OutputError where a person's templates cannot be used."""
    check_templates(order.templates)
    wanted, given = _kinds(order), sorted({name.split("/")[0] for name, _ in order.templates})
    if not wanted & set(given):
        made_from, only = " and ".join(sorted(wanted)) or "none", " and ".join(given)
        raise OutputError(
            f"your templates are those of {only}, but this run is made from those of {made_from}; nothing would "
            "change: add some, or choose another --engine or --to"
        )
    for failure in editor(order).made(Chunk("trial", (taken.item(),))).failures:
        raise OutputError(f"with your templates: {failure.message}")


def drawn(chunk: Chunk, order: Order) -> Made:
    """The draws that the versions of a chunk would take on their own: what a process does before the run."""
    sheet = sheet_from(order.text, order.seed)
    made = []
    for number in chunk.items:
        picks = [[pick.question, pick.attempt, pick.data.hex()] for pick in sheet.picks(int(number))]
        made.append([number, picks])
    return Made(record={"picks": made})
