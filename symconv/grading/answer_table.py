"""The answers of a class: rows of code, student, label and value, sorted on disk so that memory does not grow."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, TextIO
from unicodedata import category

from symconv.errors import ProblemError, shown

COLUMNS = ("code", "student", "label", "value")
MOST_VALUE = 20_000  # characters of one value
MOST_NAME = 200


@dataclass(frozen=True)
class Rejected:
    """A row that is left out: its line in the file, and why."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


@dataclass(frozen=True)
class Paper:
    """What one student handed in: the code of the version, and the values by label."""

    student: str
    code: str
    values: tuple[tuple[str, str, int], ...]  # label, value, line


class AnswerTable:
    """A table of answers in a temporary database, read student by student.

    >>> table = AnswerTable()
    >>> table.add(iter([(2, {"code": "A", "student": "ada", "label": "1", "value": "52"})]))
    []
    >>> [paper.values for paper in table.papers()]
    [(('1', '52', 2),)]
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("")  # a temporary file, which the system removes
        self._database.execute(
            "CREATE TABLE answers (student TEXT, code TEXT, label TEXT, value TEXT, line INTEGER, "
            "PRIMARY KEY (student, label)) WITHOUT ROWID"
        )

    def add(self, rows: Iterable[tuple[int, Any]]) -> list[Rejected]:
        """Take rows with their lines; the ones that are left out, with the reason."""
        rejected = []
        codes: dict[str, str] = {}
        for line, row in rows:
            reason = _fault(row)
            if reason:
                rejected.append(Rejected(line, reason))
                continue
            student, code, label = (" ".join(str(row[name]).split()) for name in ("student", "code", "label"))
            code, value = code.upper(), str(row["value"]).strip()  # as codes are printed
            if codes.setdefault(student, code) != code:
                rejected.append(Rejected(line, f"{student} has handed in version {codes[student]}, not {code}"))
                continue
            try:
                self._database.execute(
                    "INSERT INTO answers VALUES (?, ?, ?, ?, ?)", (student, code, label, value, line)
                )
            except sqlite3.IntegrityError:
                rejected.append(Rejected(line, f"{student} has answered {label} before; the first answer counts"))
        self._database.commit()
        return rejected

    def __len__(self) -> int:
        (count,) = self._database.execute("SELECT COUNT(DISTINCT student) FROM answers").fetchone()
        return int(count)

    def papers(self) -> Iterator[Paper]:
        """What each student handed in, in the order of their names."""
        found: list[tuple[str, str, int]] = []
        before: tuple[str, str] | None = None
        for student, code, label, value, line in self._database.execute(
            "SELECT student, code, label, value, line FROM answers ORDER BY student, label"
        ):
            if before not in (None, (student, code)):
                yield Paper(*before, tuple(found))
                found = []
            before = (student, code)
            found.append((label, value, line))
        if before is not None:
            yield Paper(*before, tuple(found))


def _fault(row: Any) -> str:
    """Why a row cannot be taken; "" where it can."""
    if not isinstance(row, dict):
        return 'this is no JSON object; write {"code": ..., "student": ..., "label": ..., "value": ...}'
    missing = [name for name in COLUMNS if row.get(name) is None]
    if missing:
        return f"{missing[0]} is missing; a row has code, student, label, value"
    if None in row:
        return 'there are more values than columns; put quotes around one that has a separator in it: "52 54; 52 45"'
    for name in COLUMNS:
        if isinstance(row[name], (dict, bool)) or (isinstance(row[name], list) and name != "value"):
            return f"{name} is {shown(row[name])}; write a text or a number"
    if any("\ud800" <= character <= "\udfff" for name in COLUMNS for character in str(row[name])):
        return "there is half a character in it; save the file as UTF-8 text"
    for name in ("code", "student", "label"):
        if not str(row[name]).strip():
            return f"{name} is empty"
        if any(category(character) == "Cc" and not character.isspace() for character in str(row[name])):
            return f"{name} is {shown(str(row[name]))}, which has a control character in it; write plain text"
        if len(str(row[name])) > MOST_NAME:
            return f"{name} has more than {MOST_NAME} characters"
    return f"value has more than {MOST_VALUE:,} characters" if len(str(row["value"])) > MOST_VALUE else ""


def read_rows(path: Path) -> Iterator[tuple[int, Any]]:
    """The rows of a CSV file or of JSON lines with their line numbers. Raises ProblemError for what is neither."""
    if path.is_char_device():
        raise ProblemError(f"{path} is a device, not a file with answers; give a CSV file or JSON lines")
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            yield from _json_rows(file) if path.suffix in (".json", ".jsonl", ".ndjson") else _csv_rows(file)
        except UnicodeDecodeError:
            raise ProblemError(f"{path} is not UTF-8; save it as UTF-8 text (in a spreadsheet: CSV UTF-8)") from None
        except ProblemError as error:
            raise ProblemError(f"{path}: {error}") from None


def _csv_rows(file: TextIO) -> Iterator[tuple[int, Any]]:
    first = file.readline()
    separator = next((one for one in ",;\t" if one in first), ",")  # spreadsheets write what the country writes
    reader = csv.DictReader(chain([first], file), delimiter=separator, strict=True)
    line = 1
    try:
        names = [name.strip().lower() for name in reader.fieldnames or []]
        should = f"it must be {','.join(COLUMNS)}"
        if not any(names):
            raise ProblemError(f"the first line is empty; {should}")
        for name in COLUMNS:
            if names.count(name) != 1:
                how_often = "no column" if name not in names else "more than one column"
                raise ProblemError(f"the first line is {shown(first.strip())} and names {how_often} {name}; {should}")
        reader.fieldnames = names
        line = reader.line_num + 1
        for row in reader:
            yield reader.line_num, row
            line = reader.line_num + 1
    except csv.Error as error:
        better = "close its quotation marks, or double those within a value"
        raise ProblemError(f"the row of line {line} cannot be read: {error}; {better}") from None


def _json_rows(file: TextIO) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            yield number, json.loads(line)
        except (ValueError, RecursionError):
            yield number, None
