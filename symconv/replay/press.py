"""Press: solves many problems that differ only in their numbers, each verified, at a fraction of the first one's cost.

It knows no particular operation.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterable
from functools import cached_property

from symconv import numeric
from symconv.document import Derivation, Rest
from symconv.errors import SymconvError
from symconv.notation import Notation
from symconv.operations.base import Detail, Solved
from symconv.page import Paper
from symconv.problem import Problem
from symconv.replay.frame import Frame, Widths, frame_of, has_room, steps_text, widths_of
from symconv.replay.recheck import Check
from symconv.replay.record import ValueNeeded
from symconv.replay.shape import Recipe, alike, are_integers, entries_of, key_of
from symconv.solution import Solution, derivation_of, solve, verified
from symconv.typeset.formats import FORMATS
from symconv.typeset.piece import Width
from symconv.verify import Facts

Key = tuple[str, Paper | None, tuple[tuple[str, Width], ...], str]  # format, paper, widths, what is to show
MOST_FRAMES = 60  # that a shape keeps
MOST_SHAPES = 200  # that a press remembers; the one used longest ago goes first


class Shape:
    """What the first solution of a shape leaves for the following ones; made when the second one comes."""

    def __init__(self, first: Solution, detail: Detail) -> None:
        self.first, self.detail = first, detail
        derivation = first.derivation
        self.solved = Solved(derivation.steps, derivation.quantities, derivation.answer)
        self.is_odd = False  # whether its quantities are not all rational, so that its claims fit no tape
        self.widths: dict[str, Width] = {}
        self.asked: set[Hashable] = set()
        self.frames: dict[Hashable, Frame | None] = {}  # None where the text depends on the numbers

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
        self._by_steps: dict[int, Shape] = {}  # a solution is known by the steps that it shares

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
        solved = self._derived(shape, problem, entries)
        if not alike(solved, shape.solved):
            return verified(problem, solved)
        solved = Solved(shape.solved.steps, solved.quantities, solved.answer)
        if shape.is_odd or not shape.check(solved.quantities, _facts(problem, solved)):
            shape.is_odd = True
            return verified(problem, solved)
        return Solution(problem, derivation_of(problem, solved), shape.first.claims)

    def _derived(self, shape: Shape, problem: Problem, entries: list[int]) -> Solved:
        if shape.recipe is not None:
            return Solved(shape.solved.steps, shape.recipe(entries), shape.solved.answer)
        solved = problem.operation.derive(problem.setting, problem.notation, problem.ask, self.detail)
        return solved.shown(self.detail)

    def _first(self, key: Hashable, problem: Problem) -> Solution:
        solution = solve(problem, self.detail)
        shape = self._shapes[key] = self._by_steps[id(solution.derivation.steps)] = Shape(solution, self.detail)
        if len(self._shapes) > MOST_SHAPES:
            _, oldest = self._shapes.popitem(last=False)
            del self._by_steps[id(oldest.solved.steps)]
        return shape.first

    def fit(self, solutions: Iterable[Solution]) -> None:
        """From now on lay out all solutions of a shape alike, with room for the widest numbers among these.

        >>> press = Press()
        >>> versions = [press.solve(Problem("convolution", input=[n, 2], kernel=[3])) for n in (1, 50, -700)]
        >>> press.fit(versions)
        >>> [press.widths_for(version)["input"].digits for version in versions]
        [4, 4, 4]
        """
        for solution in solutions:
            if shape := self._shape_of(solution):
                for name, width in widths_of([solution]).items():
                    shape.widths[name] = shape.widths[name] | width if name in shape.widths else width

    def widths_for(self, solution: Solution) -> Widths:
        """The widths that a solution is laid out with where none are given: those of `fit`, or its own."""
        return self._widths(solution, widths_of([solution]))

    def _widths(self, solution: Solution, own: Widths) -> Widths:
        shape = self._shape_of(solution)
        return shape.widths if shape and has_room(shape.widths, own) else own

    def body(
        self,
        solution: Solution,
        format_name: str,
        widths: Widths | None = None,
        paper: Paper | None = None,
        rest: Rest | None = None,
        replay: bool = True,
    ) -> str:
        r"""The steps of a solution as "tex", "typ" or "md", without title and document around them.

        `widths` (see `widths_of` and `fit`) give all versions of a question one layout; a solution whose entries are
        wider is laid out for itself. `rest` is what is left to show after others (see `only`).
        Without `replay` the templates make the text. Raises SymconvError for another format.

        >>> press = Press()
        >>> versions = [press.solve(Problem("convolution", input=[n, 2], kernel=[3])) for n in (1, 5, 8)]
        >>> bodies = [press.body(version, "md", widths_of(versions)) for version in versions]
        >>> [r"8 \times 3 = 24" in body for body in bodies]
        [False, False, True]
        """
        if format_name not in FORMATS:
            raise SymconvError(f"the format {format_name!r} has no steps of its own; known are {', '.join(FORMATS)}")
        form, notation = FORMATS[format_name], solution.problem.notation
        derivation = solution.derivation if rest is None else solution.derivation.only(rest)
        own = widths_of([solution])
        chosen = self._widths(solution, own) if widths is None else widths
        if not has_room(chosen, own):
            return steps_text(derivation, notation, form, paper=paper)
        chosen = {name: chosen[name] for name in own}
        key = (format_name, paper, tuple(chosen.items()), repr(rest))
        frame = self._frame(self._shape_of(solution), derivation, notation, key) if replay else None
        if frame is None or not frame.suits(derivation.quantities):
            return steps_text(derivation, notation, form, chosen, paper)
        return frame.fill(derivation.quantities)

    def _shape_of(self, solution: Solution) -> Shape | None:
        shape = self._by_steps.get(id(solution.derivation.steps))
        return shape if shape and shape.solved.steps is solution.derivation.steps else None

    def _frame(self, shape: Shape | None, derivation: Derivation, notation: Notation, key: Key) -> Frame | None:
        """The frame for a derivation of a shape; it is made when the second solution of the shape asks for it."""
        if shape is None:
            return None
        if key not in shape.asked:
            if len(shape.asked) >= MOST_FRAMES:
                shape.asked.clear()
                shape.frames.clear()
            shape.asked.add(key)
            return None
        if key not in shape.frames:
            format_name, paper, widths, _ = key
            shape.frames[key] = frame_of(derivation, notation, FORMATS[format_name], dict(widths), paper)
        return shape.frames[key]


def _facts(problem: Problem, solved: Solved) -> Facts:
    """The oracle's quantities at the numbers of a problem."""
    arrays = numeric.arrays({name: (t.cells, t.shape) for name, t in problem.setting.operands.items()})
    return Facts(problem.operation.oracle(problem.setting, arrays), problem.notation.index_base, solved.quantities)
