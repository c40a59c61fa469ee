"""Grades a class: each paper against its version of the key. It knows no file and no template."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from string import digits
from typing import Any

from symconv.answers import Given, Unread, read_lone
from symconv.checking.check import Checked, checked
from symconv.checking.diagnose import Checker
from symconv.checking.diagnosis import Points, Verdict
from symconv.checking.follow_through import can_go_on
from symconv.checking.handed import squeezed_shape
from symconv.checking.report import Item, Report, report
from symconv.errors import ProblemError, SymconvError
from symconv.grading.answer_table import Paper, Rejected
from symconv.problem import Problem
from symconv.tensor import Tensor

_LABEL = re.compile(  # 3, 3a, 3 (a), Q3a, 3a size
    r"(?:q(?:uestion)?[ .]*)?(\d{1,4})\.?\s*(?:([a-z]?)|\(([a-z])\))\.?(?:\s*[:. ]\s*(.+))?", re.IGNORECASE
)
CHOICES = "ABCDEFGH"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
OTHERS = {  # ranks of verdicts that name no mistake, or more than that
    "slips": "arithmetic slip",
    "checksum": "arithmetic slip",
    "misconception_and_slip": "arithmetic slip",
    "unknown": "no known mistake",
}
BLANK = ((None, "", 0),)  # what is handed in where nothing is


class Key:
    """The key of a sheet, read a version at a time. Raises ProblemError for a file that is none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._places: dict[str, tuple[int, int]] = {}
        self.head: dict[str, Any] = {}
        try:
            if path.is_char_device():
                raise ValueError("it has no end")
            with path.open("rb") as file:
                self._index(file)
        except OSError as error:
            raise ProblemError(f"{path} cannot be read: {error.strerror}; check the name") from None
        except (ValueError, KeyError, TypeError, RecursionError):
            self._places = {}
        if not self._places:
            raise ProblemError(f"{path} is no key; give the key.json that symconv sheet wrote")

    def _index(self, file: Any) -> None:
        """Where the line of each version stands: the key of a large class is not held in memory."""
        place = 0
        for line in file:
            text = line.strip().rstrip(b",")
            if text.startswith(b'{"code"'):
                code = json.loads(text)["code"]
                if not isinstance(code, str) or code in self._places:
                    raise ValueError(f"{code} is no code of its own")
                self._places[code] = (place, len(line))
            elif text.startswith(b'"') and not text.endswith(b"["):
                self.head |= json.loads(b"{" + text + b"}")
            place += len(line)

    @property
    def questions(self) -> tuple[str, ...]:
        """What the questions are called, in the order of the sheet; nothing where the key does not say it."""
        given = self.head.get("questions")
        return tuple(map(str, given)) if isinstance(given, list) else ()

    @property
    def codes(self) -> list[str]:
        """The codes of all versions."""
        return list(self._places)

    def version(self, code: str) -> dict[str, Any] | None:
        """The entry of a version; None where there is none of that code. Raises ProblemError for what was changed."""
        if code not in self._places:
            return None
        place, size = self._places[code]
        with self._path.open("rb") as file:
            file.seek(place)
            made: dict[str, Any] = json.loads(file.read(size).strip().rstrip(b","))
        if place_of_fault := _fault(made):
            better = "give the key.json as symconv sheet wrote it"
            raise ProblemError(f"{self._path}: version {code}: {place_of_fault} cannot be used; {better}")
        return made


def _fault(version: Mapping[str, Any]) -> str:
    """Where an entry of a key is not what `symconv sheet` writes; "" where everything is."""
    questions = version.get("questions")
    if not isinstance(questions, list) or not questions:
        return "questions"
    for number_, question in enumerate(questions, 1):
        here = f"questions[{number_}]"
        if not isinstance(question, dict):
            return here
        for name, kind in (("number", int), ("name", str), ("title", str), ("parts", list)):
            if not isinstance(question.get(name), kind):
                return f"{here}.{name}"
        for at, part in enumerate(question["parts"], 1):
            if wrong := _fault_of_part(part):
                return f"{here}.parts[{at}].{wrong}".rstrip(".")
    return ""


def _fault_of_part(part: Any) -> str:
    if not isinstance(part, dict):
        return "."
    points, problem = part.get("points"), part.get("problem")
    if not isinstance(points, (int, float)) or isinstance(points, bool) or not 0 <= points < float("inf"):
        return "points"
    if not isinstance(problem, dict) or not isinstance(problem.get("operation"), str):
        return "problem"
    if not isinstance(part.get("label"), str):
        return "label"
    if not isinstance(part.get("part"), str) or len(part["part"]) > 1 or part["part"] not in LETTERS:
        return "part"
    takes = part.get("takes", {})
    if not isinstance(takes, dict) or not all(isinstance(one, str) for one in takes.values()):
        return "takes"
    choices = part.get("choices", [])
    if not isinstance(choices, list) or not all(isinstance(one, dict) for one in choices):
        return "choices"
    if not all(isinstance(one.get("misconception"), str) for one in choices):
        return "choices"
    return "choice" if choices and part.get("choice") not in tuple(CHOICES[: len(choices)]) else ""


@dataclass(frozen=True)
class Outcome:
    """What one part of a paper gets: the points, and what is said of it."""

    name: str  # 3a
    question: str  # the question's name, the same on every version
    title: str
    points: Fraction
    out_of: Fraction
    report: Report
    mistakes: tuple[str, ...] = ()
    others: tuple[str, ...] = ()  # what else was wrong: slips, and what no known mistake gives
    blind: tuple[str, ...] = ()
    status: str = "blank"
    rejected: tuple[Rejected, ...] = ()  # its rows that say nothing that could be judged
    own: Tensor | None = None  # a wrong answer that a later part may go on from


@dataclass(frozen=True)
class Graded:
    """A graded paper; `rejected` are its rows that belong to nothing or cannot be read."""

    student: str
    code: str
    outcomes: tuple[Outcome, ...]
    rejected: tuple[Rejected, ...] = ()

    @property
    def points(self) -> Fraction:
        """The points got."""
        return sum((outcome.points for outcome in self.outcomes), Fraction(0))

    @property
    def out_of(self) -> Fraction:
        """The points to be had."""
        return sum((outcome.out_of for outcome in self.outcomes), Fraction(0))


def graded(paper: Paper, version: Mapping[str, Any], points: Points, show_right: bool = True) -> Graded:
    """Grade one paper against its version of the key; nothing in it can stop the others."""
    parts = {
        f"{question['number']}{part['part']}": (question, part)
        for question in version["questions"]
        for part in question["parts"]
    }
    works: dict[str, list[tuple[str | None, str, int]]] = {name: [] for name in parts}
    rejected = []
    for label, value, line in paper.values:
        name, quantity = _place(label, parts)
        if name is None:
            there = f"its questions go from {next(iter(parts))} to {next(reversed(parts))}"
            rejected.append(Rejected(line, f"{label} is no question of version {paper.code}; {there}"))
        else:
            works[name].append((quantity, value, line))
    outcomes: list[Outcome] = []
    for name, (question, part) in parts.items():
        before = {one.name.lstrip(digits): one.own for one in outcomes if one.question == question["name"] and one.own}
        outcomes.append(_outcome(name, question, part, works[name], points, show_right, before))
    rejected += [one for outcome in outcomes for one in outcome.rejected]
    return Graded(paper.student, paper.code, tuple(outcomes), tuple(rejected))


def _place(label: str, parts: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The part that a label means, and the quantity of it where one is named: 3a, 3a size, 3 h[1,2]."""
    match = _LABEL.fullmatch(label.strip())
    if match is None:
        return None, None
    question, part, quantity = match[1].lstrip("0"), (match[2] or match[3] or "").lower(), match[4]
    for name in (question + part, question + part + "a"):
        if name in parts:
            return name, quantity
    return None, None


def _outcome(
    name: str,
    question: Mapping[str, Any],
    part: Mapping[str, Any],
    work: Sequence[tuple[str | None, str, int]],
    points: Points,
    show_right: bool,
    before: Mapping[str, Tensor],
) -> Outcome:
    """What a part gets; `before` are the wrong answers to earlier parts of the question, by their letters."""
    out_of = Fraction(str(part["points"]))
    title = f"{name}  {question['title']}" if question["title"] else f"Question {name}"
    if "choices" in part:
        return _choice(name, question, part, work, title, out_of, show_right)
    keys = dict(part["problem"])
    checker = Checker(Problem(keys.pop("operation"), **keys))
    read = list(_read(work or BLANK, part["label"]))
    made = checked(checker, read, points)
    carried = {key: before[letter] for key, letter in part.get("takes", {}).items() if letter in before}
    if carried:
        letters = [f"({letter})" for letter in part["takes"].values() if letter in before]
        made = _going_on(made, part["problem"], carried, " and ".join(letters), read, points)
    unread = [Rejected(one.line, f"the value of {name} cannot be read: {one.error}") for one in made.unread]
    unmatched = [Rejected(one.line, f"question {name} has nothing called {one.label}") for one in made.unmatched]
    share = made.diagnosis.mark if made.diagnosis.whole is not None else Fraction(0)  # points are for the answer
    arranged = replace(report(made, title, show_right, show_lines=False), out_of=out_of, mark=share)
    verdicts = made.diagnosis.verdicts
    mistakes = tuple(verdict.explanations[0].names[0] for verdict in verdicts if _is_explained(verdict))
    seen = [verdict for verdict in verdicts if verdict.label != "size"]  # most mistakes never show in a size
    blind = tuple(dict.fromkeys(mistake.name for verdict in seen for mistake in verdict.blind))
    status = made.diagnosis.whole.status if made.diagnosis.whole is not None else "blank"
    return Outcome(
        name,
        question["name"],
        question["title"],
        out_of * share,
        out_of,
        arranged,
        mistakes,
        tuple(OTHERS[verdict.rank] for verdict in verdicts if verdict.rank in OTHERS),
        blind,
        status,
        (*unread, *unmatched),
        _own(made.diagnosis.whole),
    )


def _own(whole: Verdict | None) -> Tensor | None:
    """A wrong answer in the shape of the right one, where a later part may go on from it."""
    if whole is None or whole.status not in ("wrong", "follows") or whole.given is None or whole.right is None:
        return None
    if squeezed_shape(whole.given.shape) != squeezed_shape(whole.right.shape):
        return None
    own = Tensor(whole.right.shape, whole.given.cells)
    return own if can_go_on(own, whole.right) else None


def _going_on(
    made: Checked,
    problem: Mapping[str, Any],
    carried: Mapping[str, Tensor],
    origin: str,
    read: Sequence[Given | Unread],
    points: Points,
) -> Checked:
    """A checked part, or the same judged by what follows from wrong answers to earlier parts, where all of it does."""
    was = made.diagnosis.whole
    if was is None or was.is_right or was.right is None:
        return made
    keys = {**problem, **{key: _as_key(value) for key, value in carried.items()}}
    try:
        again = checked(Checker(Problem(keys.pop("operation"), **keys)), read, points)
    except SymconvError:
        return made  # no such problem can be set
    now = again.diagnosis.whole
    if now is None or now.status != "right" or now.right is None or not can_go_on(now.right, was.right):
        return made
    sentence = f"It follows rightly from your {origin}, which is wrong."
    before = {verdict.label: verdict for verdict in made.diagnosis.verdicts}

    def judged(verdict: Verdict) -> Verdict:
        first = before.get(verdict.label, verdict)
        if first.is_right or not verdict.is_right:
            return first
        return replace(verdict, status="follows", sentences=(sentence,), blind=(), right=first.right)

    verdicts = tuple(map(judged, again.diagnosis.verdicts))
    whole = replace(now, status="follows", right=was.right)
    return replace(again, diagnosis=replace(again.diagnosis, verdicts=verdicts, whole=whole))


def _as_key(value: Tensor) -> Any:
    """A value as a problem file holds it."""
    cells = tuple(cell if isinstance(cell, int) else str(cell) for cell in value.cells)
    return Tensor(value.shape, cells).nested() if value.shape else cells[0]


def _is_explained(verdict: Verdict) -> bool:
    return bool(verdict.explanations and verdict.explanations[0].names)


def _read(work: Sequence[tuple[str | None, str, int]], answer: str) -> Iterator[Given | Unread]:
    for quantity, value, line in work:
        yield replace(read_lone(value), label=quantity or answer, line=line, aside=False)


def _choice(
    name: str,
    question: Mapping[str, Any],
    part: Mapping[str, Any],
    work: Sequence[tuple[str | None, str, int]],
    title: str,
    out_of: Fraction,
    show_right: bool,
) -> Outcome:
    """A multiple choice: the letter is right, or the answer of a misconception."""
    given = work[0][1].strip().upper().strip("().") if work else ""
    known = {letter: choice["misconception"] for letter, choice in zip(CHOICES, part["choices"], strict=False)}
    right = given == part["choice"]
    got = out_of if right else Fraction(0)
    mistake = known.get(given, "")
    sentences = () if right else _choice_sentences(given, mistake, part["problem"]["operation"])
    status = "right" if right else "wrong" if given else "blank"
    cell, answer = ((((given, "" if right else "wrong"),),),), ((((part["choice"], ""),),),)
    item = Item(
        "choice",
        status,
        None,
        cell if given else (),
        answer if show_right and not right else (),
        sentences,
        got,
        out_of,
        (),
    )
    arranged = Report(title, (item,), (), got / out_of if out_of else Fraction(0), (), out_of)
    names = (mistake,) if mistake else ()
    return Outcome(name, question["name"], question["title"], got, out_of, arranged, names, status=status)


def _choice_sentences(given: str, mistake: str, operation: str) -> tuple[str, ...]:
    from symconv.problem import find_operation

    if not given:
        return ()
    for known in find_operation(operation).misconceptions:
        if known.name == mistake:
            words = mistake.replace("_", " ")
            return (f"This comes from one mistake: {words}.", f"Mistaken: {known.belief} Right: {known.correction}")
    return ("This is none of the choices.",)


def record_of(made: Graded) -> dict[str, Any]:
    """A graded paper as the run keeps it."""
    outcomes = [
        {
            "name": one.name,
            "question": one.question,
            "title": one.title,
            "points": str(one.points),
            "out_of": str(one.out_of),
            "status": one.status,
            "mistakes": list(one.mistakes),
            "others": list(one.others),
            "blind": list(one.blind),
        }
        for one in made.outcomes
    ]
    rejected = [[one.line, one.reason] for one in made.rejected]
    total = {"points": str(made.points), "out_of": str(made.out_of)}
    return {"student": made.student, "code": made.code, **total, "outcomes": outcomes, "rejected": rejected}
