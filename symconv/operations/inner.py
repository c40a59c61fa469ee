"""A problem inside a problem: the layer that a backward pass or a statement is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from symconv.errors import ProblemError, shown
from symconv.notation import Notation
from symconv.operations import operation
from symconv.operations.base import Operation


def read_inner(given: Any, known: Sequence[str], notation: Notation, limit: int) -> tuple[Operation, Any]:
    """The operation and the setting behind `of = `; `known` are the operations that may stand there."""
    form = 'write of = {operation = "cross_correlation", input = "1 2 3", kernel = "1 2"}'
    if given is None:
        raise ProblemError(f"of is missing; {form}")
    if not isinstance(given, Mapping):
        raise ProblemError(f"of is {shown(given)}; {form}")
    name = given.get("operation")
    if name not in known:
        raise ProblemError(f"of.operation is {shown(name)}; write {' or '.join(map(repr, known))}")
    inner = operation(str(name))
    for key in given:
        if key != "operation" and key not in inner.keys:
            near = get_close_matches(str(key), inner.keys, n=1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            raise ProblemError(f"of.{key} is unknown{hint}; {name} knows {', '.join(inner.keys)}")
    try:
        return inner, inner.read(given, notation, limit)
    except ProblemError as error:
        raise ProblemError(f"of: {error}", error.place) from None
