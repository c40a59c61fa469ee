"""Expressions a derivation displays: format-free, never simplified, each with a meaning `verify` can evaluate.

An expression names quantities of its derivation (`Ref`) instead of copying their numbers. `Put` prints
the values of everything inside it in place of the names, so nothing collapses before it is shown, and
a derivation with letters and one with numbers are the same expressions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

OpName = Literal[
    "add", "mul", "div", "pow", "neg", "floor", "ceil", "min", "max", "mod", "le", "gt", "by", "equals",
    "matmul", "transpose", "vec_row", "vec_column", "total", "inner", "ones", "convolve", "names",
    "row_sums", "column_sums", "blocks", "root", "decimal", "exp",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Number:
    """A number that belongs to the shape of the problem (a size, a stride), exact."""

    value: Any


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter of a formula with the integer it stands for: i = 6. `accent` is "" or "hat".

    The value is None for a letter the person typed as an entry; such letters are only printed.
    """

    name: str
    value: Any = None
    accent: str = ""
    sub: str = ""


@dataclass(frozen=True, slots=True)
class Running:
    """An index that runs: i, j over the output, m, n over the taps, c over channels."""

    name: str


@dataclass(frozen=True, slots=True)
class Ref:
    """A quantity of the derivation, or one cell of it.

    `index` holds positions from 0, printed from the notation's index base; or expressions in running
    indices, which are printed as they stand and count from the index base.
    """

    name: str
    index: tuple[Any, ...] | None = None


@dataclass(frozen=True, slots=True)
class Op:
    """An operation on expressions, by name; the typesetter and the evaluator have a table of names."""

    name: OpName
    args: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Sigma:
    """A sum of `body` for the running index from `low` to `high`, both included."""

    index: str
    low: Any
    high: Any
    body: Any


@dataclass(frozen=True, slots=True)
class Put:
    """The same expression with values printed in place of names."""

    body: Any


@dataclass(frozen=True, slots=True)
class Blank:
    """A place for a person to fill in, with its number on the page; `body` is what belongs there.

    It may also stand as an entry of a quantity, which is then blank wherever it is printed.
    """

    body: Any
    number: int


Expression = Number | Letter | Running | Ref | Op | Sigma | Put | Blank


def op(name: OpName, *args: Any) -> Op:
    """Build an operation; plain integers become numbers."""
    return Op(name, tuple(Number(arg) if isinstance(arg, int) else arg for arg in args))


def children(expression: Any) -> tuple[Any, ...]:
    """The direct sub-expressions."""
    match expression:
        case Op(_, args):
            return args
        case Sigma(_, low, high, body):
            return low, high, body
        case Put(body):
            return (body,)
        case Ref(_, index) if index is not None:
            return tuple(part for part in index if not isinstance(part, int))
        case _:
            return ()


def references(expression: Any) -> Iterator[Ref]:
    """Every quantity or cell an expression names."""
    if isinstance(expression, Ref):
        yield expression
    for child in children(expression):
        yield from references(child)


def without_sign(arg: Any) -> tuple[bool, Any]:
    """Whether a term is negative by form (not by a value put in), and the term without its sign.

    >>> without_sign(op("mul", -2, Letter("p")))
    (True, Op(name='mul', args=(Number(value=2), Letter(name='p', value=None, accent='', sub=''))))
    """
    match arg:
        case Op("neg", (inside,)):
            return True, inside
        case Number(value) if value < 0:
            return True, Number(-value)
        case Op("mul", (Number(value), *rest)) if value < 0:
            factors = tuple(rest) if value == -1 else (Number(-value), *rest)
            return True, factors[0] if len(factors) == 1 else Op("mul", factors)
    return False, arg
