"""Solve: from a problem to a verified solution that can be shown in any format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from typing import Any

from symconv.document import Derivation, Quantity
from symconv.operations.base import Detail, Solved, in_words
from symconv.problem import Problem
from symconv.tensor import Entry
from symconv.verify import verify


@dataclass(frozen=True)
class Solution:
    """A derivation whose every displayed equality was confirmed; only `solve` makes one.

    `claims` is how many equalities were confirmed.
    """

    problem: Problem
    derivation: Derivation
    claims: int

    @property
    def answer(self) -> Any:
        """What the problem asks for: nested lists of int, Fraction and SymPy expressions."""
        return self.quantities[self.derivation.answer]

    @property
    def shape(self) -> list[int]:
        """The shape of the answer."""
        return list(self.derivation.quantities[self.derivation.answer].value.shape)

    @cached_property
    def quantities(self) -> Mapping[str, Any]:
        """Everything a person could hand in, by label: `size`, `padded`, `h[1,1]`, `C`, `output`, ..."""
        found: dict[str, Any] = {}
        for label, quantity in self.derivation.quantities.items():
            found[label] = quantity.value.nested() if quantity.value.shape else quantity.value.cells[0]
            if quantity.labelled_cells:
                found |= self._cells(quantity)
        return found

    def _cells(self, quantity: Quantity) -> dict[str, Entry]:
        symbol, value = quantity.symbol, quantity.value
        label = self.problem.notation.label
        cells = zip(value.indices(), value.cells, strict=True)
        return {label(symbol.cell, at, symbol.first): cell for at, cell in cells}

    def to(self, format_name: str, engine: str = "auto") -> Any:
        """Render: "tex", "typ", "md" and "json" give text, "pdf" gives bytes.

        >>> from symconv import Problem, solve
        >>> solve(Problem("convolution", input=[1, 2], kernel=[3, 4], padding="full")).to("json").splitlines()[4]
        '  "verified": true,'
        """
        if format_name == "json":
            return to_json(self)
        if format_name == "pdf":
            from symconv.pdf import to_pdf

            return to_pdf(self, engine)
        from symconv.render import render

        return render(self, format_name)

    def _repr_markdown_(self) -> str:
        return str(self.to("md"))


def solve(problem: Problem, detail: Detail | None = None) -> Solution:
    """Derive a problem and verify every displayed equality; raises VerificationError if one does not hold.

    >>> from symconv import Problem
    >>> solve(Problem("cross_correlation", input=[[1, 2], [3, 4]], kernel=[[1, 0], [0, 1]])).answer
    [[5]]
    """
    detail = detail or Detail()
    solved = problem.operation.derive(problem.setting, problem.notation, problem.ask, detail)
    return verified(problem, solved.shown(detail))


def verified(problem: Problem, solved: Solved) -> Solution:
    """Verify what was derived; raises VerificationError if an equality does not hold."""
    operation, setting = problem.operation, problem.setting
    derivation = derivation_of(problem, solved)
    draw = getattr(operation, "elsewhere", None)
    claims = verify(
        derivation,
        lambda operands: operation.oracle(setting, operands),
        setting.operands,
        problem.notation,
        ranges=getattr(setting, "ranges", None),
        elsewhere=draw and partial(draw, setting),
    )
    return Solution(problem, derivation, claims)


def derivation_of(problem: Problem, solved: Solved) -> Derivation:
    """What was derived, under the title and the text of its problem.

    The subject is what the operation is called in words.
    """
    subject = in_words(problem.operation.name)
    title = problem.title.strip() or subject
    return Derivation(title, subject, solved.steps, solved.quantities, solved.answer, problem.text)


def to_json(solution: Solution) -> str:
    """The machine's form: one object; integers as integers, other rationals and letters as strings."""
    import json

    made = {
        "operation": solution.problem.operation.name,
        "answer": _plain(solution.answer),
        "shape": solution.shape,
        "verified": True,
        "claims": solution.claims,
        "quantities": {label: _plain(value) for label, value in solution.quantities.items()},
    }
    # one quantity per line, so that a person can read it too
    lines = [f"    {json.dumps(label)}: {json.dumps(value)}" for label, value in made.pop("quantities").items()]
    head = "".join(f"  {json.dumps(key)}: {json.dumps(value)},\n" for key, value in made.items())
    return "{\n" + head + '  "quantities": {\n' + ",\n".join(lines) + "\n  }\n}\n"


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, int):
        return value
    return f"{value.numerator}/{value.denominator}" if isinstance(value, Fraction) else str(value)
