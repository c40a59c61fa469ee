"""Versions of a sample problem for tests: the same keys with other integers as entries of the operands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random
from typing import Any

from symconv.errors import ProblemError
from symconv.operations import OPERATIONS
from symconv.operations.base import Detail
from symconv.problem import Problem

INTEGER = re.compile(r"(?<![\w/.{,])-?\d+(?![\w/.,])")
SAMPLES = {
    f"{operation.name}/{n}": (operation, keys) for operation in OPERATIONS for n, keys in enumerate(operation.samples())
}


def whole(problem: Problem) -> bool:
    """Whether all entries of a problem are integers, and none of them is a size."""
    cells = [cell for tensor in problem.setting.operands.values() for cell in tensor.cells]
    return all(type(cell) is int for cell in cells) and not getattr(problem.setting, "ranges", None)


def renumbered(value: Any, random: Random, most: int) -> Any:
    """The same nested lists or text with other integers from -most to most."""
    if isinstance(value, str):
        return INTEGER.sub(lambda _: str(random.randint(-most, most)), value)
    if isinstance(value, list):
        return [renumbered(item, random, most) for item in value]
    return random.randint(-most, most) if type(value) is int else value


def versions(sample: str, count: int, most: int = 9) -> list[Problem]:
    """Problems like a sample with other numbers; none where it has letters, or where other numbers make no sense."""
    return list(_versions(sample, count, most))


def _versions(sample: str, count: int, most: int) -> Iterator[Problem]:
    operation, keys = SAMPLES[sample]
    first = Problem(operation.name, **keys)
    if not whole(first):
        return
    random = Random(sample)  # noqa: S311  # the same on every run
    names = {*first.setting.operands, "kernels"} - {"indices"}
    for _ in range(count):
        changed = {key: renumbered(value, random, most) if key in names else value for key, value in keys.items()}
        if isinstance(inner := keys.get("of"), dict):
            changed["of"] = {
                key: renumbered(value, random, most) if key in names else value for key, value in inner.items()
            }
        try:
            problem = Problem(operation.name, **changed)
            operation.derive(problem.setting, problem.notation, problem.ask, Detail())
        except ProblemError:
            continue
        if whole(problem):
            yield problem
