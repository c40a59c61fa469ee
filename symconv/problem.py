"""Problem: an operation with its validated data, and its form as a TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from symconv.conventions import CONVENTIONS, with_convention
from symconv.errors import ProblemError, shown
from symconv.notation import Notation, read_notation
from symconv.operands import MOST, choice, whole
from symconv.operations import HOMES
from symconv.operations import operation as operation_of
from symconv.operations.base import Operation

MOST_BYTES = 10_000_000  # of a problem file
COMMON = {
    "operation": "what to compute",
    "ask": "what the final answer is",
    "title": "a heading",
    "text": "the question as the students read it",
    "notation": "letters, index base and signs",
    "convention": "whose defaults hold: torch, onnx, tensorflow, scipy, matlab, caffe",
    "limit": "the most entries and products that are accepted",
}


def find_operation(name: Any) -> Operation:
    """The operation of this name; ProblemError names the nearest one."""
    if isinstance(name, str) and name in HOMES:
        return operation_of(name)
    near = get_close_matches(name, HOMES, n=1) if isinstance(name, str) else []
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(HOMES)}"
    raise ProblemError(f"the operation {shown(name)} is unknown; {hint}")


@dataclass(frozen=True, init=False)
class Problem:
    """A convolution exercise: frozen, complete and valid.

    Operands are nested lists, NumPy arrays, text such as "1 2; 3 4", or {"symbols": "x", "shape": [4, 4]};
    the other keys are those of `symconv operations`. Raises ProblemError.

    >>> problem = Problem("cross_correlation", input=[[1, 2], [3, 4]], kernel=[[1, 0], [0, 1]])
    >>> problem.setting.geometry.output
    (1, 1)
    """

    operation: Operation
    setting: Any
    ask: str
    notation: Notation
    title: str
    text: str

    def __init__(self, /, operation: str, **keys: Any) -> None:
        found = find_operation(operation)
        known = [*COMMON, *found.keys]
        for key in keys:
            if key not in known:
                near = get_close_matches(key, known, n=1)
                hint = f" (did you mean {near[0]}?)" if near else ""
                raise ProblemError(f"the key {key} is unknown{hint}; {found.name} knows {', '.join(known)}")
        convention = choice("convention", keys.get("convention", "torch"), tuple(CONVENTIONS))
        keys = with_convention(convention, keys, found.keys)
        inner = keys.get("of")  # the layer that a problem is about, where it is about one
        if isinstance(inner, Mapping) and inner.get("operation") in tuple(HOMES):
            keys["of"] = with_convention(convention, inner, operation_of(inner["operation"]).keys)
        notation = read_notation(keys.get("notation", {}))
        limit = whole("limit", keys.get("limit", MOST), 1)
        for name in ("title", "text"):
            if not isinstance(keys.get(name, ""), str):
                raise ProblemError(
                    f'{name} is {shown(keys[name])}; write text in quotes, such as {name} = "Exercise 3"'
                )
        for name, value in {
            "operation": found,
            "setting": found.read(keys, notation, limit),
            "ask": choice("ask", keys.get("ask", found.asks[0]), found.asks),
            "notation": notation,
            "title": keys.get("title", ""),
            "text": keys.get("text", ""),
        }.items():
            object.__setattr__(self, name, value)

    def __hash__(self) -> int:
        return hash((self.operation.name, self.ask, self.title))


def toml_tables(text: str) -> dict[str, Any]:
    """The tables of a TOML file, decimals exact. Raises ProblemError.

    >>> toml_tables("slope = 0.1")
    {'slope': Decimal('0.1')}
    """
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        reason = f"{error}; texts need quotes, numbers a point"
    except RecursionError:
        reason = "lists or tables are nested too deep"
    except ValueError:
        reason = "a number has thousands of digits"
    raise ProblemError(f"this is not TOML: {reason}; see the README for an example")


def read_problem(path: Path | str, overrides: Mapping[str, Any] | None = None) -> Problem:
    """Read a problem file; `overrides` are keys given on the command line. Raises ProblemError."""
    overrides = dict(overrides or {})
    try:
        with Path(path).open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ProblemError(f"the file has more than {MOST_BYTES:,} bytes; a problem file is smaller")
        text = content.decode("utf-8-sig").replace("\r\n", "\n")  # some editors begin a file with a mark
    except IsADirectoryError:
        raise ProblemError("this is a folder; give a problem file in TOML") from None
    except UnicodeDecodeError as error:
        raise ProblemError(f"byte {error.start} is not UTF-8; save the file as UTF-8 text") from None
    except OSError as error:
        raise ProblemError(f"the file cannot be read: {error.strerror}; check the name and the permissions") from None
    keys = toml_tables(text)
    if "operation" not in keys and {"questions", "sections"} & set(keys):
        raise ProblemError("this is a sheet, with questions and no operation; symconv sheet takes it")
    if "operation" not in keys:
        raise ProblemError('operation is missing; write a line such as operation = "cross_correlation"')
    notation = keys.get("notation", {})
    if "index_base" in overrides and isinstance(notation, dict):
        keys["notation"] = {**notation, "index_base": overrides.pop("index_base")}
    keys.update(overrides)
    return Problem(keys.pop("operation"), **keys)
