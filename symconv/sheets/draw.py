"""Draws a question's numbers: from what a sheet file says and a stream to problems. It judges nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from functools import cached_property
from math import prod
from numbers import Rational
from typing import Any

import numpy as np
from pydantic import BaseModel, ValidationError

from symconv.checking.handed import exact_cells
from symconv.checking.predict import Seen, arrays_of
from symconv.errors import ProblemError, shown
from symconv.notation import Notation, read_notation
from symconv.numeric import Array
from symconv.operands import Drawn
from symconv.problem import COMMON, Problem
from symconv.sheets.file import Draw, FromPart, OneOf, PartTable, QuestionTable, SheetFile, first_error, name_of
from symconv.sheets.stream import Stream
from symconv.tensor import Tensor

LETTERS = "abcdefghijklmnopqrstuvwxyz"
Outcome = tuple[tuple[int, ...], tuple[Any, ...]]
WIDE = 99  # trial numbers are drawn this wide, so that answers agree only where they always do


def outcome(answer: Array) -> Outcome:
    """What is compared of an answer: shape and values."""
    return answer.shape, exact_cells(answer.reshape(-1).tolist())


@dataclass(frozen=True)
class PartPlan:
    """One part as the file states it: `keys` are the problem's, tables of draws already read."""

    letter: str
    table: PartTable | QuestionTable
    keys: Mapping[str, Any]
    points: Fraction

    @property
    def takes(self) -> dict[str, str]:
        """The keys that take up the answer of an earlier part, with its letter."""
        found = {key: one for key, one in self.keys.items() if isinstance(one, FromPart) and not one.quantity}
        return {key: one.part for key, one in found.items()}


@dataclass(frozen=True)
class QuestionPlan:
    """A question as the file states it; `place` is where it stands in the file, for messages."""

    name: str
    place: str
    table: QuestionTable
    parts: tuple[PartPlan, ...]
    notation: Mapping[str, Any]

    @cached_property
    def common_notation(self) -> Notation:
        """The notation of parts that have none of their own, read once for all draws. Raises ProblemError."""
        return read_notation(self.notation)

    @cached_property
    def is_drawn(self) -> bool:
        """Whether anything differs between versions."""
        leaves = [value for part in self.parts for value in _leaves(part.keys)]
        return any(isinstance(one, OneOf) or (isinstance(one, Draw) and one.numbers != "letters") for one in leaves)


@dataclass(frozen=True)
class DrawnPart:
    """A part with its numbers: the problem, the label of its answer, and the right answer when it is asked for."""

    plan: PartPlan
    problem: Problem
    keys: Mapping[str, Any]
    answer: str
    arrays: Mapping[str, Array] | None  # the operands as the oracle takes them; None where letters stand in them
    chosen: tuple[Any, ...]  # the values of what is drawn from lists

    @cached_property
    def seen(self) -> Seen | None:
        """The values of the problem, and what mistakes make of it; None where letters stand in it."""
        return None if self.arrays is None else Seen(self.problem.operation, self.problem.setting, self.arrays)

    @property
    def value(self) -> Array | None:
        """The right answer; None where letters stand in it."""
        return None if self.seen is None else self.seen.value(self.answer)

    @cached_property
    def outcome(self) -> Outcome:
        """The right answer as it is compared; of letters nothing is."""
        return ((), ()) if self.value is None else outcome(self.value)


def plan(sheet: SheetFile, question: QuestionTable, place: str) -> QuestionPlan:
    """Read the tables of draws of a question. Raises ProblemError naming the place in the file."""
    tables: Sequence[PartTable | QuestionTable] = question.parts or [question]
    letters = LETTERS if question.parts else [""]
    notation = {"decimals": sheet.decimals, **sheet.notation}
    shared = {key: _specified(value, f"{place}.{key}") for key, value in question.problem.items()}
    parts: list[PartPlan] = []
    for letter, table in zip(letters, tables, strict=False):
        here = f"{place}.parts[{len(parts) + 1}]" if question.parts else place
        own = {key: _specified(value, f"{here}.{key}") for key, value in table.problem.items()}
        operation = table.operation or question.operation
        if table.operation and table.operation != question.operation:
            known = _known_keys(operation, here)
            own = {key: value for key, value in shared.items() if key in known and key != "ask"} | own
        else:
            own = {**shared, **own}
        points = table.points if table.points is not None else Fraction(0)
        parts.append(PartPlan(letter, table, {"operation": operation, **own}, points))
        for key, value in own.items():
            for leaf in _leaves(value):
                if isinstance(leaf, FromPart) and leaf.part not in [part.letter for part in parts[:-1]]:
                    earlier = ", ".join(part.letter for part in parts[:-1]) or "none"
                    raise ProblemError(
                        f"{here}.{key} takes the result of part {shown(leaf.part)}; earlier parts are: {earlier}"
                    )
    return QuestionPlan(name_of(question), place, question, tuple(parts), notation)


def _known_keys(operation: str, place: str) -> set[str]:
    from symconv.problem import find_operation

    try:
        return {*COMMON, *find_operation(operation).keys}
    except ProblemError as error:
        raise ProblemError(f"{place}: {error}") from None


def _specified(value: Any, place: str) -> Any:
    """A value of a file with its tables of draws read."""
    if isinstance(value, list):
        return [_specified(item, f"{place}[{number}]") for number, item in enumerate(value, 1)]
    if not isinstance(value, dict):
        return value
    kind: type[BaseModel] | None = None
    if "one_of" in value:
        kind = OneOf
    elif "part" in value:
        kind = FromPart
    elif "shape" in value and "symbols" not in value:
        kind = Draw
    if kind is None:
        return {key: _specified(item, f"{place}.{key}") for key, item in value.items()}
    try:
        made = kind.model_validate(value)
    except ValidationError as error:
        raise ProblemError(f"{place}: {first_error(error, '')}") from None
    if isinstance(made, OneOf) and any(map(_is_drawn, made.one_of)):
        raise ProblemError(f"{place}: one_of holds what is drawn itself; give values, such as one_of = [1, 2]")
    return made


def _is_drawn(value: Any) -> bool:
    """Whether a value of a file is, or holds, a table of draws."""
    if isinstance(value, dict):
        return "symbols" not in value and any(key in value for key in ("one_of", "part", "shape"))
    return isinstance(value, list) and any(map(_is_drawn, value))


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


@dataclass(frozen=True)
class Drawer:
    """Draws candidates of one question."""

    question: QuestionPlan

    def candidate(
        self, *stream: str | int, wide: bool = False, chosen: Sequence[Any] | None = None
    ) -> tuple[DrawnPart, ...]:
        """The parts with numbers from this stream; `wide` draws far beyond the bounds, for trials.

        `chosen` are values to take for the parameters that are drawn from lists, in their order.

        A key that parts share is drawn once, from a stream of its own. Raises ProblemError naming the place.
        """
        drawn: dict[int, Any] = {}
        taken: list[Any] = []
        made: list[DrawnPart] = []
        for number, part in enumerate(self.question.parts, 1):
            place = f"{self.question.place}.parts[{number}]" if part.letter else self.question.place
            try:
                filled = Filling(drawn, taken, made, self.question.common_notation, wide, chosen)
                keys = {key: filled.value(value, (*stream, key)) for key, value in part.keys.items()}
                operation = keys.pop("operation")
                own = keys.pop("notation", {})
                notation = {**self.question.notation, **own} if isinstance(own, dict) else own
                problem = Problem(operation, **keys, notation=self.question.common_notation if own == {} else notation)
                answer = problem.operation.answer(problem.setting, problem.ask)
            except ProblemError as error:
                raise ProblemError(f"{place}: {error}{_hint(part, str(error))}", error.place) from None
            complete = {"operation": operation, **keys, "notation": notation}
            made.append(DrawnPart(part, problem, complete, answer, arrays_of(problem), tuple(taken)))
        return tuple(made)


def _hint(part: PartPlan, error: str) -> str:
    """What to write where an array was drawn for a parameter, or a key of the sheet is misspelt."""
    unknown = re.match(r"the key (\S+) is unknown; ", error)
    near = get_close_matches(unknown[1], {*QuestionTable.model_fields, *PartTable.model_fields}, n=1) if unknown else []
    if near:
        return f"; or did you mean {near[0]}?"
    drawn = [key for key, value in part.keys.items() if isinstance(value, Draw) and error.startswith(f"{key} is ")]
    return f"; a parameter is drawn from a list, such as {drawn[0]} = {{one_of = [1, 2]}}" if drawn else ""


@dataclass(frozen=True)
class Filling:
    """Puts numbers in place of draws: `drawn` holds what parts share, `taken` the values of parameters so far."""

    drawn: dict[int, Any]
    taken: list[Any]
    made: Sequence[DrawnPart]
    notation: Notation
    wide: bool
    wanted: Sequence[Any] | None

    def value(self, value: Any, stream: tuple[str | int, ...]) -> Any:
        """A value of the file with every draw in it done."""
        if isinstance(value, list):
            return [self.value(item, (*stream, at)) for at, item in enumerate(value)]
        if isinstance(value, dict):
            return {key: self.value(item, (*stream, key)) for key, item in value.items()}
        if isinstance(value, FromPart):
            return self._earlier(value)
        if not isinstance(value, (Draw, OneOf)):
            return value
        if id(value) not in self.drawn:  # parts that share a key share its draw
            source = Stream(*stream)
            if isinstance(value, OneOf):
                self.drawn[id(value)] = self.wanted[len(self.taken)] if self.wanted else source.one_of(value.one_of)
                self.taken.append(self.drawn[id(value)])
            elif value.numbers == "letters":
                self.drawn[id(value)] = {"symbols": self._letter(str(stream[-1])), "shape": value.shape}
            else:
                self.drawn[id(value)] = _operand(value, source, self.wide)
        return self.drawn[id(value)]

    def _letter(self, key: str) -> str:
        """The letter for the entries of an operand: that of its name, or one that no other operand has."""
        of_notation = getattr(self.notation, key, "") if key in ("input", "kernel", "bias") else ""
        free = [*filter(None, [self.notation.cell(of_notation)]), *"xwuvpqrst"]
        taken = [one["symbols"] for one in self.drawn.values() if isinstance(one, dict) and "symbols" in one]
        return next((letter for letter in free if letter.isalpha() and letter not in taken), "x")

    def _earlier(self, wanted: FromPart) -> Any:
        part = next(part for part in self.made if part.plan.letter == wanted.part)
        if part.seen is None:
            raise ProblemError(f"part {wanted.part} has letters, so its result cannot be taken up by a later part")
        label = wanted.quantity or part.answer
        if label not in part.seen.oracle:
            known = ", ".join(part.seen.oracle)
            raise ProblemError(f"part {wanted.part} has no quantity {shown(label)}; it has {known}")
        found = np.asarray(part.seen.oracle[label]())
        if not is_rational(found):
            better = "let it take what stays rational"
            raise ProblemError(f"a later part takes the result of part {wanted.part}, which has roots in it; {better}")
        return as_operand(tensor_of(found))


def _operand(draw: Draw, stream: Stream, wide: bool) -> Any:
    """Nested lists of numbers."""
    count = prod(draw.shape)
    low, high = (-WIDE, WIDE) if wide else (draw.low, draw.high)
    halves = draw.numbers == "halves"
    if draw.zeros is None or wide:
        cells = [_number(stream, low, high, halves) for _ in range(count)]
    else:
        cells = [_nonzero(stream, low, high, halves) for _ in range(count)]
        for at in stream.some_of(range(count), round(draw.zeros * count)):
            cells[at] = 0
    return as_operand(Tensor(tuple(draw.shape), tuple(cells)))


def _number(stream: Stream, low: int, high: int, halves: bool) -> Any:
    if halves:
        return Fraction(stream.between(2 * low, 2 * high), 2)
    return stream.between(low, high)


def _nonzero(stream: Stream, low: int, high: int, halves: bool) -> Any:
    while True:
        number = _number(stream, low, high, halves)
        if number:
            return number


def as_operand(tensor: Tensor) -> Any:
    """A tensor as a problem file holds it: nested lists of whole numbers, or texts of rows with fractions.

    >>> as_operand(Tensor.of([[1, 2], [3, 4]])), as_operand(Tensor.of([1, Fraction(1, 2)]))
    ([[1, 2], [3, 4]], '1 1/2')
    """
    if not tensor.shape:
        return tensor.cells[0]
    if all(cell.denominator == 1 for cell in tensor.cells):
        return Drawn(Tensor(tensor.shape, tuple(map(int, tensor.cells))))
    if len(tensor.shape) > 2:
        return [as_operand(tensor.part(at)) for at in range(tensor.shape[0])]
    rows = tensor.nested() if len(tensor.shape) == 2 else [tensor.cells]
    return "; ".join(" ".join(map(str, row)) for row in rows)


def is_rational(array: Array) -> bool:
    """Whether no entry is a root or an exponential, which no problem file and no choice can hold."""
    return all(isinstance(cell, Rational) for cell in array.reshape(-1).tolist())


def tensor_of(array: Array) -> Tensor:
    """An array of exact numbers as a tensor."""
    exact = [Fraction(cell) for cell in array.reshape(-1).tolist()]
    return Tensor(tuple(array.shape), tuple(int(cell) if cell.denominator == 1 else cell for cell in exact))
