"""The sheet file: what an instructor may write, validated by pydantic. It draws and solves nothing."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from symconv.errors import ProblemError, shown
from symconv.operands import MOST
from symconv.operations import HOMES
from symconv.problem import toml_tables

MOST_VERSIONS = 100_000
Numbers = Literal["integers", "halves", "letters"]
MOST_DECIMALS = 30
MOST_BYTES = 10_000_000


def _exact(given: Any) -> Any:
    """Numbers of a TOML file as fractions: 0.5 is a half."""
    if isinstance(given, bool) or not isinstance(given, (int, Decimal, Fraction)):
        raise ValueError(f"{shown(given)} is no number; write one such as 2 or 0.5")
    if isinstance(given, Decimal):
        exponent = given.as_tuple().exponent
        if not isinstance(exponent, int) or abs(exponent) > MOST_DECIMALS:
            raise ValueError(f"{shown(given)} is no number of a usual size; write one such as 2 or 0.5")
    return Fraction(given)


def _range(given: Any) -> tuple[float, float]:
    """The least and the most; a number alone is the most."""
    pair = list(given) if isinstance(given, (list, tuple)) else [-math.inf, given]
    numbers = [one for one in pair if isinstance(one, (int, float, Decimal)) and not isinstance(one, bool)]
    if len(pair) != 2 or len(numbers) != 2 or any(one != one for one in numbers):  # noqa: PLR0124  # not a number
        raise ValueError(f"{shown(given)} is no range; write the most, or the least and the most: [1, 20]")
    if numbers[0] > numbers[1]:
        raise ValueError(f"{shown(given)} begins with the larger number; write the least, then the most")
    return float(numbers[0]), float(numbers[1])


def _seed(given: Any) -> int | str:
    if isinstance(given, bool) or not isinstance(given, (int, str)):
        raise ValueError(f"{shown(given)} is no seed; write a text in quotes or a whole number")
    return given


def _date(given: Any) -> str:
    if isinstance(given, str) or type(given) is datetime.date:
        return str(given)
    raise ValueError(f"{shown(given)} is no date; write a text in quotes or a date such as 2026-12-01")


Whole = Annotated[int, Field(strict=True)]
YesNo = Annotated[bool, Field(strict=True)]
Range = Annotated[tuple[float, float], BeforeValidator(_range)]

Points = Annotated[Fraction, BeforeValidator(_exact), Field(ge=0, le=10_000, json_schema_extra={"type": "number"})]
Share = Annotated[Fraction, BeforeValidator(_exact), Field(ge=0, lt=1, json_schema_extra={"type": "number"})]


class Table(BaseModel):
    """A table of a sheet file: no other keys than the ones named."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Draw(Table):
    """An operand with other numbers in every version."""

    shape: Annotated[list[Annotated[Whole, Field(ge=1)]], Field(min_length=1, max_length=4)] = Field(
        description="sizes: filters, channels, rows, columns; the last ones are enough"
    )
    low: Whole = Field(-9, description="the smallest entry", ge=-(10**9))
    high: Whole = Field(9, description="the largest entry", le=10**9)
    zeros: Share | None = Field(None, description="the share of entries that are zero, the same in every version")
    numbers: Numbers = Field("integers", description="integers, halves, or letters (nothing is drawn then)")

    @model_validator(mode="after")
    def _has_numbers(self) -> Draw:
        if math.prod(self.shape) > MOST:
            raise ValueError(f"shape is {shown(self.shape)}, that is more than {MOST:,} entries; make it smaller")
        if self.low > self.high:
            raise ValueError(f"low is {self.low} and high is {self.high}; low must not be above high")
        if self.zeros is not None and self.low == self.high == 0:
            raise ValueError("low and high are both 0; there is no other number beside the zeros")
        return self


class OneOf(Table):
    """A parameter that takes one of several values."""

    one_of: Annotated[list[Any], Field(min_length=1)] = Field(description="the values it may take")


class FromPart(Table):
    """The result of an earlier part of the same question."""

    part: str = Field(description="the letter of the earlier part")
    quantity: str = Field("", description="another quantity of it than its answer, such as padded")


class Band(Table):
    """How hard the numbers may be; a single number is the most, a pair the least and the most."""

    largest: Range | None = Field(None, description="the largest magnitude in the answer")
    zeros: Range | None = Field(None, description="the share of zeros in the answer, 0 to 1")
    products: Range | None = Field(None, description="products of two numbers other than 0, 1 and -1")
    carries: Range | None = Field(None, description="entries of the answer with two digits or more")


class Answered(BaseModel):
    """What a question and a part have in common; further keys are those of the operation."""

    model_config = ConfigDict(extra="allow", frozen=True, arbitrary_types_allowed=True)

    text: str = Field("", description="what the students read")
    operation: str = Field("", description="what is computed", json_schema_extra={"enum": [*sorted(HOMES)]})
    space: Annotated[Whole, Field(ge=0, le=250)] | None = Field(None, description="mm left for working")
    choices: Annotated[Whole, Field(ge=2, le=8)] | None = Field(
        None, description="multiple choice with so many answers"
    )
    distractors: list[str] | None = Field(None, description="misconceptions that give the wrong answers")
    hide_shape: YesNo | None = Field(None, description="do not give the shape of the answer away")
    band: Band | None = Field(None, description="how hard the numbers may be")

    @property
    def problem(self) -> dict[str, Any]:
        """The keys of the problem, as they stand in the file."""
        return dict(self.model_extra or {})


class PartTable(Answered):
    """One part of a question; what it leaves out is the question's."""

    points: Points = Field(description="what this part gives")


class QuestionTable(Answered):
    """One question."""

    id: str = Field("", max_length=100, description="a name that keeps the question's numbers when the file changes")
    title: str = ""
    points: Points | None = Field(None, description="what the question gives; with parts it is their sum")
    parts: Annotated[list[PartTable], Field(max_length=26)] = Field(default=[], description="parts (a), (b), ...")

    @model_validator(mode="after")
    def _is_whole(self) -> QuestionTable:
        if not self.operation and not (self.parts and all(part.operation for part in self.parts)):
            better = misspelt("operation", self.problem) or 'write a line such as operation = "cross_correlation"'
            raise ValueError(f"operation is missing; {better}")
        if not self.parts and self.points is None:
            better = misspelt("points", self.problem) or "write a line such as points = 4"
            raise ValueError(f"points are missing; {better}")
        total = sum((part.points for part in self.parts), Fraction(0))
        if self.parts and self.points is not None and self.points != total:
            raise ValueError(f"points is {self.points}, but the parts give {total}; leave it out")
        return self


class PoolTable(Table):
    """Several questions of which every version gets some."""

    choose: Annotated[Whole, Field(ge=1)] = Field(description="how many of the questions a version gets")
    questions: Annotated[list[QuestionTable], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _has_no_keys_of_questions(cls, given: Any) -> Any:
        for key in given if isinstance(given, dict) else ():
            if key not in cls.model_fields and not _nearest(key, cls):
                raise ValueError(f"{key} stands beside choose; write it in each question of the pool")
        return given

    @model_validator(mode="after")
    def _is_large_enough(self) -> PoolTable:
        if self.choose > len(self.questions):
            count = len(self.questions)
            raise ValueError(f"choose is {self.choose}, but the pool has {count} question{'s' * (count > 1)}")
        totals = {sum((p.points for p in q.parts), Fraction(0)) if q.parts else q.points for q in self.questions}
        if len(totals) > 1 and self.choose < len(self.questions):
            raise ValueError("the questions of the pool give different points, so versions would; give all the same")
        return self


def _kind_of_item(given: Any) -> Any:
    """A pool where `choose` or questions stand, a question otherwise, so that errors speak of one of them."""
    if isinstance(given, BaseModel):
        return given
    if not isinstance(given, dict):
        raise ValueError(f"{shown(given)} is no table; write [[questions]]")
    return (PoolTable if {"choose", "questions"} & set(given) else QuestionTable).model_validate(given)


Item = Annotated[QuestionTable | PoolTable, BeforeValidator(_kind_of_item)]


class SectionTable(Table):
    """Questions under a heading."""

    title: str
    text: str = ""
    shuffle: YesNo | None = Field(None, description="another order of its questions in every version")
    questions: Annotated[list[Item], Field(min_length=1)]


class SheetFile(Table):
    """A whole sheet file."""

    title: str
    course: str = ""
    date: Annotated[str, BeforeValidator(_date)] = ""
    instructions: str = ""
    decimals: Literal["point", "comma", "fraction"] = Field("fraction", description="how numbers are written")
    paper: Literal["a4", "letter"] = "a4"
    seed: Annotated[
        int | str,
        BeforeValidator(_seed),
        Field(description="what the numbers are drawn from; keep it secret and long"),
    ] = 0
    versions: Annotated[Whole, Field(ge=1, le=MOST_VERSIONS)] = 1
    shuffle: YesNo = Field(False, description="another order of the questions in every version")
    notation: dict[str, Any] = Field(default={}, description="letters, index base and signs")
    band: Band | None = Field(None, description="how hard the numbers of every question may be")
    questions: list[Item] = []
    sections: list[SectionTable] = []

    @model_validator(mode="after")
    def _has_questions(self) -> SheetFile:
        if bool(self.questions) == bool(self.sections):
            raise ValueError("write either [[questions]] or [[sections]] with questions in them")
        return self


@dataclass(frozen=True)
class Location:
    """Where something stands in a sheet file, as its errors say it: questions[2].parts[1].stride."""

    steps: tuple[str | int, ...]

    def __str__(self) -> str:
        made = ""
        for step in self.steps:
            made += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if made else str(step)
        return made


def text_of(path: Path | str) -> str:
    """The text of a sheet file. Raises ProblemError."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ProblemError(f"the file has more than {MOST_BYTES:,} bytes; a sheet file is smaller")
        return content.decode("utf-8-sig").replace("\r\n", "\n")  # some editors begin a file with a mark
    except IsADirectoryError:
        raise ProblemError("this is a folder; give a sheet file in TOML") from None
    except UnicodeDecodeError as error:
        raise ProblemError(f"byte {error.start} is not UTF-8; save the file as UTF-8 text") from None
    except OSError as error:
        raise ProblemError(f"the file cannot be read: {error.strerror}; check the name and the permissions") from None


def read_sheet(text: str) -> SheetFile:
    r"""Read the text of a sheet file. Raises ProblemError, which names the place in the file.

    >>> read_sheet('title = "Quiz"\n[[questions]]\noperation = "flatten"\ninput = "1 2"\npoints = 1\n').title
    'Quiz'
    """
    return sheet_of(toml_tables(text))


def sheet_of(keys: Mapping[str, Any]) -> SheetFile:
    """Validate the keys of a sheet file.

    >>> question = {"operation": "flatten", "input": {"shape": [2, 2]}, "points": 1}
    >>> sheet_of({"title": "Quiz", "questions": [question]}).versions
    1
    """
    if "operation" in keys and not {"questions", "sections"} & set(keys):
        better = "symconv solve takes it; a sheet has it below [[questions]], with points"
        raise ProblemError(f"this is a problem, with an operation and no questions; {better}")
    try:
        return SheetFile.model_validate(dict(keys))
    except ValidationError as error:
        raise ProblemError(first_error(error)) from None
    except RecursionError:
        raise ProblemError("the tables are nested too deep") from None


_PLAIN = {
    "missing": "it is missing",
    "int_type": "write a whole number",
    "int_from_float": "write a whole number",
    "string_type": "write a text in quotes",
    "bool_type": "write true or false",
    "list_type": "write a list",
    "dict_type": "write a table",
    "model_type": "write a table",
    "greater_than_equal": "it must be at least {ge}",
    "less_than_equal": "it must be at most {le}",
    "greater_than": "it must be more than {gt}",
    "less_than": "it must be less than {lt}",
    "literal_error": "it must be {expected}",
}


def first_error(error: ValidationError, whole: str = "the sheet: ") -> str:
    """The first of pydantic's findings in one line: where, what was given, what would be right.

    `whole` stands before what is wrong with no single key.
    """
    found = error.errors(include_url=False)[0]
    inner = found.get("ctx", {}).get("error")
    place = str(Location(tuple(step for step in found["loc"] if not _is_tag(step))))
    if isinstance(inner, ValidationError):
        deeper = first_error(inner, "")
        return f"{place}.{deeper}" if place else deeper
    key, given = str(found["loc"][-1]) if found["loc"] else "", found["input"]
    if found["type"] == "extra_forbidden":
        return f"{place} is unknown{_nearest(key)}"
    if found["type"] == "missing" and (instead := misspelt(key, given)):
        return f"{place}: it is missing; {instead}"
    plain = _PLAIN.get(found["type"], "").format(**found.get("ctx", {}))  # pydantic calls a value "input"
    reason = plain or str(inner or found["msg"]).removeprefix("Value error, ")
    told = "" if found["type"] in ("missing", "value_error") else f" is {shown(given)};"
    reason = (reason if told == "" else reason[:1].lower() + reason[1:]).replace(" after validation", "")
    return f"{place}{told or ':'} {reason}" if place else f"{whole}{reason}"


def _is_tag(step: str | int) -> bool:
    return isinstance(step, str) and "[" in step


def _nearest(key: str, *tables: type[BaseModel]) -> str:
    """A question with the known key nearest to an unknown one; of all tables but those of questions, or of these."""
    known = _keys_of(tables or (SheetFile, SectionTable, PoolTable, Draw, Band))
    near = get_close_matches(key, sorted(known), n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def misspelt(key: str, given: Any) -> str:
    """Which of the given keys a missing one may have become, or "".

    >>> misspelt("points", {"point": 4, "padding": 1})
    'point is unknown (did you mean points?)'
    """
    known = _keys_of((SheetFile, SectionTable, PoolTable, QuestionTable, PartTable, Draw, OneOf, FromPart))
    near = get_close_matches(key, [str(one) for one in given if one not in known], n=1, cutoff=0.7)
    return f"{near[0]} is unknown (did you mean {key}?)" if near else ""


def _keys_of(tables: Iterable[type[BaseModel]]) -> set[str]:
    return {name for table in tables for name in table.model_fields}


def schema() -> dict[str, Any]:
    """The JSON Schema of a sheet file, for editors that complete and check TOML.

    >>> schema()["properties"]["versions"]["minimum"]
    1
    """
    made = SheetFile.model_json_schema()
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    made["title"] = "A sheet of symconv"
    definitions = made["$defs"]
    extra = {
        name: table.model_json_schema() for name, table in (("Draw", Draw), ("OneOf", OneOf), ("FromPart", FromPart))
    }
    definitions |= extra
    from symconv.operations import OPERATIONS
    from symconv.problem import COMMON

    keys: dict[str, str] = {key: COMMON[key] for key in ("ask", "convention", "limit")}
    for operation in OPERATIONS:
        for key, words in operation.keys.items():
            keys.setdefault(key, f"{operation.name}: {words}")
    for name in ("QuestionTable", "PartTable"):
        table = definitions[name]
        table["additionalProperties"] = False
        for key, words in keys.items():
            table["properties"].setdefault(key, {"description": words})
    return made


def name_of(question: QuestionTable) -> str:
    """What a question's stream is called: its id, or a digest of what is drawn, which no other question changes."""
    if question.id:
        return question.id
    drawn = [question.operation, question.problem, [(part.operation, part.problem) for part in question.parts]]
    return sha256(repr(drawn).encode()).hexdigest()[:12]
