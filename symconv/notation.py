"""Notation: how a course writes its letters, signs and numbers. It knows no markup."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Any

from symconv.errors import ProblemError, shown

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_CHOICES: dict[str, tuple[Any, ...]] = {
    "index_base": (0, 1),
    "product": ("times", "cdot"),
    "brackets": ("round", "square"),
    "decimals": ("fraction", "point", "comma"),
}


@dataclass(frozen=True)
class Notation:
    """Letters of the operands and the output, index base, signs.

    >>> Notation(output="Y").cell("Y")
    'y'
    """

    input: str = "A"
    kernel: str = "K"
    output: str = "H"
    bias: str = "b"
    index_base: int = 1
    product: str = "times"
    brackets: str = "round"
    decimals: str = "fraction"

    def __post_init__(self) -> None:
        for field in fields(self):
            given = getattr(self, field.name)
            choices = _CHOICES.get(field.name)
            if choices and (type(given) is not type(choices[0]) or given not in choices):
                raise ProblemError(f"notation.{field.name} is {shown(given)}; write {' or '.join(map(repr, choices))}")
            if not choices and not (isinstance(given, str) and _NAME.fullmatch(given) and len(given) <= 12):
                raise ProblemError(
                    f"notation.{field.name} is {shown(given)}; write a letter or a short name such as 'x', 'A' or 'phi'"
                )
        letters = [self.input, self.kernel, self.output, self.bias]
        if len({letter.lower() for letter in letters}) < len(letters):
            raise ProblemError(
                f"notation gives one letter to two things: input {self.input}, kernel {self.kernel}, "
                f"output {self.output}, bias {self.bias}; entries take small letters, so choose four that differ"
            )

    @staticmethod
    def cell(letter: str) -> str:
        """The letter of an entry: small where the whole is one capital."""
        return letter.lower() if len(letter) == 1 else letter

    def label(self, name: str, index: tuple[int, ...], first: tuple[int, ...] = ()) -> str:
        """What a person calls a cell when handing it in: `h[1,2]`; indices start at `first` if not at the base."""
        starts = first or (self.index_base,) * len(index)
        return f"{name}[{','.join(str(i + start) for i, start in zip(index, starts, strict=True))}]"


def read_notation(given: Any) -> Notation:
    """Read the [notation] table of a problem file."""
    if isinstance(given, Notation):
        return given
    known = [field.name for field in fields(Notation)]
    if not isinstance(given, dict):
        raise ProblemError(f"notation is {shown(given)}; write a table with any of {', '.join(known)}")
    for key in given:
        if key not in known:
            raise ProblemError(f"notation.{str(key)[:40]} is unknown; known are {', '.join(known)}")
    return Notation(**given)
