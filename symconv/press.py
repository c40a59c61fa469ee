"""Press: solves many problems that differ only in their numbers, each verified, at a fraction of the first one's cost.

It knows no particular operation and no format.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from functools import cached_property

from symconv import numeric
from symconv.document import Derivation
from symconv.operations.base import Detail, Solved
from symconv.problem import Problem
from symconv.recheck import Check
from symconv.replay import ValueNeeded
from symconv.shape import Recipe, alike, are_integers, entries_of, key_of
from symconv.solution import Solution, heading, solve
from symconv.verify import Facts

MOST_SHAPES = 200  # that a press remembers; the one used longest ago goes first


class Shape:
    """What the first solution of a shape leaves for the following ones; made when the second one comes."""

    def __init__(self, first: Solution, detail: Detail) -> None:
        self.first, self.detail = first, detail
        derivation = first.derivation
        self.solved = Solved(derivation.steps, derivation.quantities, derivation.answer)

    @cached_property
    def recipe(self) -> Recipe | None:
        """How the quantities follow from the operands; None where only `derive` can tell."""
        try:
            return Recipe(self.first.problem, self.detail, self.solved)
        except ValueNeeded:
            return None

    @cached_property
    def check(self) -> Check:
        """The claims of the shape, for any numbers."""
        return Check(self.first.derivation, _facts(self.first.problem, self.solved), self.first.problem.notation)


class Press:
    """Solves and verifies like `solve`; what problems of one shape share is done once.

    >>> press = Press()
    >>> problems = [Problem("convolution", input=[n, 2, 3], kernel=[1, n]) for n in range(4)]
    >>> [press.solve(problem).answer for problem in problems]
    [[2, 3], [3, 5], [6, 7], [11, 9]]
    """

    def __init__(self, detail: Detail | None = None) -> None:
        self.detail = detail or Detail()
        self._shapes: OrderedDict[Hashable, Shape] = OrderedDict()

    def solve(self, problem: Problem) -> Solution:
        """Derive a problem and verify it at its own numbers; raises VerificationError if an equality does not hold.

        A derivation that shows the same claims as the first one of its shape is not verified at random operands again.
        """
        entries = entries_of(problem.setting.operands)
        key = key_of(problem) if are_integers(entries) else None
        if key is None:
            return solve(problem, self.detail)
        shape = self._shapes.get(key)
        if shape is None:
            return self._first(key, problem)
        self._shapes.move_to_end(key)
        if shape.recipe is not None:
            solved = Solved(shape.solved.steps, shape.recipe(entries), shape.solved.answer)
        else:
            solved = problem.operation.derive(problem.setting, problem.notation, problem.ask, self.detail)
            if not alike(solved, shape.solved):
                return solve(problem, self.detail)
            solved = Solved(shape.solved.steps, solved.quantities, solved.answer)
        if not shape.check(solved.quantities, _facts(problem, solved)):
            return solve(problem, self.detail)
        title, subject = heading(problem)
        derivation = Derivation(title, subject, solved.steps, solved.quantities, solved.answer, problem.text)
        return Solution(problem, derivation, shape.first.claims)

    def _first(self, key: Hashable, problem: Problem) -> Solution:
        solution = solve(problem, self.detail)
        self._shapes[key] = Shape(solution, self.detail)
        if len(self._shapes) > MOST_SHAPES:
            self._shapes.popitem(last=False)
        return solution


def _facts(problem: Problem, solved: Solved) -> Facts:
    """The oracle's quantities at the numbers of a problem."""
    arrays = {name: numeric.array(t.cells, t.shape) for name, t in problem.setting.operands.items()}
    return Facts(problem.operation.oracle(problem.setting, arrays), problem.notation.index_base, solved.quantities)
