"""Key: what an instructor gets to mark with: the right value of every answer, and the numbers that were drawn."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from symconv.sheets.sheet import Part, Version
from symconv.tensor import Tensor

COLUMNS = ("code", "question", "label", "value", "points")
CHOICES = "ABCDEFGH"


def entry(version: Version, picks: Mapping[str, int]) -> str:
    """One version as a line of JSON; `picks` are the draws it took."""
    questions = [
        {
            "number": question.number,
            "name": question.called,
            "title": question.title,
            "draw": picks[question.name],
            "parts": [_part(part) for part in question.parts],
        }
        for question in version.questions
    ]
    made = {"code": version.code, "number": version.number, "points": _number(version.points), "questions": questions}
    return json.dumps(made, ensure_ascii=False)


def _part(part: Part) -> dict[str, Any]:
    made: dict[str, Any] = {
        "part": part.letter,
        "points": _number(part.points),
        "label": part.answer,
        "value": plain(part.value),
        "problem": _json(part.keys),
    }
    if part.takes:
        made["takes"] = dict(part.takes)
    if part.choices:
        made["choice"] = right_choice(part)
        made["choices"] = [
            {"value": plain(choice.value), "misconception": choice.misconception} for choice in part.choices
        ]
    return made


def right_choice(part: Part) -> str:
    """The letter of the right answer of a multiple choice."""
    return next(letter for letter, choice in zip(CHOICES, part.choices, strict=False) if choice.misconception == "")


def document(head: Mapping[str, Any], entries: Iterable[str]) -> Iterator[str]:
    """The whole key as JSON in pieces, one line for each version, so that a class of any size can be streamed."""
    yield "{\n"
    for name, value in head.items():
        yield f"  {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)},\n"
    yield '  "versions": ['
    for number, line in enumerate(entries):
        yield ("," if number else "") + f"\n    {line}"
    yield "\n  ]\n}\n"


def rows(version: Version) -> Iterator[tuple[str, ...]]:
    """The lines of key.csv: code, question with its part, label, right value, points."""
    for question in version.questions:
        for part in question.parts:
            value = right_choice(part) if part.choices else text(part.value)
            points = str(_number(part.points))
            yield version.code, f"{question.number}{part.letter}", part.answer, value, points


def csv_text(lines: Iterable[Iterable[str]]) -> str:
    """Lines of a CSV file."""
    made = io.StringIO()
    csv.writer(made, lineterminator="\n").writerows(lines)
    return made.getvalue()


def plain(value: Tensor) -> Any:
    """A value in JSON: nested lists, integers as integers, everything else as text."""
    cells = [cell if isinstance(cell, int) else str(cell) for cell in value.cells]
    return Tensor(value.shape, tuple(cells)).nested() if value.shape else cells[0]


def text(value: Tensor) -> str:
    """A value as a person types it: 52 54; 52 54. Commas stand between roots, where a space may be a product.

    >>> text(Tensor((2, 2), (52, 54, 52, 54)))
    '52 54; 52 54'
    """
    if len(value.shape) > 2:
        return json.dumps(plain(value))
    width = value.shape[-1] if value.shape else 1
    cells = [str(cell).replace(" ", "") for cell in value.cells]  # a gap would end the entry
    between = " " if all(isinstance(cell, (int, Fraction)) for cell in value.cells) else ", "
    return "; ".join(between.join(cells[at : at + width]) for at in range(0, len(cells), width or 1))


def _number(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)


def _json(value: Any) -> Any:
    """The keys of a problem with exact numbers as text."""
    if isinstance(value, Mapping):
        return {key: _json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json(item) for item in value]
    return value if isinstance(value, (str, int, bool)) or value is None else str(value)
