"""Renames the quantities that blocks show, so that the steps of one operation can stand inside another's solution."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from symconv.document import Blocks, Grid
from symconv.expression import Letter, Number, Ref, Running


def renamed(shown: Any, name: Callable[[str], str]) -> Any:
    """The same blocks or expressions with another name for every quantity.

    >>> from symconv.expression import op
    >>> renamed(op("neg", Ref("input", (0,))), "{}[2]".format).args[0]
    Ref(name='input[2]', index=(0,))
    """
    match shown:
        case Ref(old, index):
            return Ref(name(old), renamed(index, name))
        case Grid():
            return replace(shown, name=name(shown.name), caption=renamed(shown.caption, name))
        case Blocks(target, rows):
            named = tuple(tuple(None if cell is None else name(cell) for cell in row) for row in rows)
            return Blocks(renamed(target, name), named)
        case Number() | Letter() | Running():
            return shown
        case tuple():
            return tuple(renamed(part, name) for part in shown)
        case Mapping():
            return {key: renamed(part, name) for key, part in shown.items()}
        case _ if is_dataclass(shown) and not isinstance(shown, type):
            return type(shown)(**{field.name: renamed(getattr(shown, field.name), name) for field in fields(shown)})
    return shown


def names_in(shown: Any) -> Iterator[str]:
    """The names of the quantities that blocks or expressions show.

    >>> list(names_in((Ref("input"), Ref("kernel", (0,)))))
    ['input', 'kernel']
    """
    found: list[str] = []
    renamed(shown, lambda name: found.append(name) or name)  # type: ignore[func-returns-value]
    yield from dict.fromkeys(found)
