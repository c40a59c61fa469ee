"""Worksheets: a verified derivation with some of its results left for a person to fill in. It solves nothing.

What is hidden is a cell of a quantity, wherever the page prints it, so that no later line gives a blank away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from symconv.document import Derivation, Equation, Equations, Hint, Prose, Step, SumTable, Table, Windows, WorkedSum
from symconv.expression import Blank, Number, Op, Ref, children, references
from symconv.operations.base import Detail, Solved
from symconv.sheets.printed import printed
from symconv.sheets.stream import Stream
from symconv.sheets.taken import Upstream, hangs_on, without_numbers
from symconv.solution import Solution
from symconv.tensor import Tensor

MOST_CELLS = 64  # of a quantity whose cells are hidden; nobody fills in a larger matrix
COLLECT = "Collect the entries found above, row by row."
SLIDE = {
    "flipped": "Turn by 180 degrees: the last entry comes first.",
    "padded": "Only the border is new; the input stays as it is.",
    "dilated": "The taps keep their order; zeros come between them.",
    "entries": "Multiply each entry of the window by the kernel entry at the same place, then add all the products.",
    "output": COLLECT,
}
HINTS: Mapping[str, Mapping[str, str]] = {  # by operation and step; a step that is none of these has no hint
    "convolution": SLIDE,
    "cross_correlation": SLIDE,
    "circular_convolution": {"entries": "Add the products that the sum above names.", "output": COLLECT},
    "autocorrelation": {"entries": "Add the products that the sum above names, lag by lag.", "output": COLLECT},
    "pooling": {
        "padded": SLIDE["padded"],
        "entries": "Only the cells of the window count; what is taken of them stands under Given.",
        "output": COLLECT,
    },
    "activation": {"entries": "Put each entry into the function above.", "output": COLLECT},
    "transposed_convolution": {
        "A": "Write each input entry times the whole kernel where that entry sends it; where copies overlap, add."
    },
}
SIZES = "Put the numbers into the law from the inside out"  # and what else the law needs
ROUNDED = {"floor": "a floor rounds down", "ceil": "a ceiling rounds up"}


@dataclass(frozen=True)
class Answer:
    """What belongs into a blank: its number on the page, what it is, and its value."""

    number: int
    what: Any  # an expression
    value: Any  # an entry


@dataclass(frozen=True)
class Exercise:
    """A solution with blanks: the derivation to print, and the answers for the last page.

    Of a multiple choice there are the letter and the values of each choice, and the letter of the right one.
    """

    solution: Solution
    derivation: Derivation
    answers: tuple[Answer, ...]
    choices: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    right: str = ""


def exercise(
    solution: Solution,
    share: Fraction,
    stream: Stream,
    first: int = 1,
    hints: bool = False,
    taken: Upstream | None = None,
) -> Exercise:
    """Hide a share of a solution's results; blanks are numbered from `first`.

    `taken` are blank results of earlier parts that it takes up. They are named, and all that hangs on their numbers is
    hidden too, whatever the share.

    >>> from symconv import Problem, solve
    >>> solution = solve(Problem("cross_correlation", input="1 2; 3 4", kernel="1 1; 0 1"))
    >>> [answer.value for answer in exercise(solution, Fraction(1), Stream("a worksheet")).answers]
    [1, 7]
    """
    derivation = solution.derivation
    if not share and taken is None:
        return Exercise(solution, derivation, ())
    whole = Solved(derivation.steps, derivation.quantities, derivation.answer)
    steps = list(whole.shown(Detail(to_the_answer=True)).steps)  # what comes behind would give results away
    must_hide = ""
    if taken is not None:
        steps = list(without_numbers(derivation, steps, taken))
        if hangs_on(derivation, derivation.answer, taken):
            must_hide, share = derivation.answer, Fraction(1)
        elif not share:
            return Exercise(solution, replace(derivation, steps=tuple(steps)), ())
    spots = list(_spots(solution, steps, must_hide))
    wanted = max(1, round(share * len(spots)))
    chosen = sorted(stream.some_of(range(len(spots)), min(wanted, len(spots))))
    alike = _alike(derivation)
    answers: list[Answer] = []
    hidden: dict[str, dict[int, Blank]] = {}
    sizes: dict[int, Blank] = {}
    for number, at in enumerate(chosen, first):
        spot = spots[at]
        blank = Blank(spot.what, number)
        if spot.name == "size":
            sizes[spot.place] = blank
        else:
            for name in alike.get(spot.name, [spot.name]):
                hidden.setdefault(name, {})[spot.place] = blank
        answers.append(Answer(number, spot.what, spot.value))
    quantities = {
        name: replace(quantity, value=_with_blanks(quantity.value, hidden[name])) if name in hidden else quantity
        for name, quantity in derivation.quantities.items()
    }
    before = steps
    steps = [_sizes_hidden(step, sizes) if step.label == "size" else step for step in steps]
    if hints:
        name = solution.problem.operation.name
        steps = [
            _with_hint(step, _hint(name, whole_step, steps, sizes), hidden)
            for step, whole_step in zip(steps, before, strict=True)
        ]
    return Exercise(solution, replace(derivation, steps=tuple(steps), quantities=quantities), tuple(answers))


def _alike(derivation: Derivation) -> dict[str, list[str]]:
    """Quantities with the same entries, such as a frame of which nothing is cropped: one blank for all."""
    by_value: dict[Tensor, list[str]] = {}
    for name, quantity in derivation.quantities.items():
        by_value.setdefault(quantity.value, []).append(name)
    return {name: names for names in by_value.values() for name in names}


@dataclass(frozen=True)
class _Spot:
    name: str
    place: int
    what: Any
    value: Any


def _spots(solution: Solution, steps: Sequence[Step], must_hide: str) -> Iterator[_Spot]:
    """What can be hidden, in the order of the page: sizes, then the cells of every quantity that is worked out.

    The quantity `must_hide` is hidden however large it is, and wherever it stands.
    """
    given = {*solution.problem.setting.operands, *_shown([step for step in steps if step.label == "given"])}
    given |= {"size", *_factors(steps)} - _targets(steps)
    if any(step.label == "size" for step in steps):
        for place, equation in enumerate(_size_equations(steps)):
            yield _Spot("size", place, equation.sides[0], _number(equation.sides[-1]))
    seen: set[str] = set()
    alike = _alike(solution.derivation)
    for name in dict.fromkeys([*_shown(steps), *([must_hide] if must_hide else [])]):
        quantity = solution.derivation.quantities[name]
        is_kept = name in given or len(quantity.value.cells) > MOST_CELLS
        if alike[name][0] in seen or (is_kept and name != must_hide):
            continue
        seen.add(alike[name][0])
        for place, (index, value) in enumerate(zip(quantity.value.indices(), quantity.value.cells, strict=True)):
            if value != 0 or name == solution.derivation.answer:  # zeros of a frame say nothing
                yield _Spot(name, place, Ref(name, index) if index else Ref(name), value)


def _size_equations(steps: Iterable[Step]) -> list[Equation]:
    """The equations of the size step that end in a number."""
    return [
        equation
        for step in steps
        if step.label == "size"
        for block in step.blocks
        for equation in (block.items if isinstance(block, Equations) else [block])
        if isinstance(equation, Equation) and len(equation.sides) > 1 and isinstance(equation.sides[-1], Number)
    ]


def _number(expression: Any) -> Any:
    return expression.value


def _shown(steps: Sequence[Step]) -> list[str]:
    """The quantities whose values a page prints, in the order they come."""
    found: dict[str, None] = {}
    for step in steps:
        for block in step.blocks:
            if not isinstance(block, Table):  # the cells of a table stand in a sum or a matrix too
                found |= dict.fromkeys(printed(block))
    return list(found)


def _sums(steps: Sequence[Step]) -> Iterator[WorkedSum]:
    for step in steps:
        for block in step.blocks:
            match block:
                case WorkedSum():
                    yield block
                case Windows(items):
                    yield from (window.sum for window in items)
                case SumTable(items):
                    yield from items


def _targets(steps: Sequence[Step]) -> set[str]:
    """What the sums of a page work out."""
    return {worked.target.name for worked in _sums(steps)}


def _factors(steps: Sequence[Step]) -> set[str]:
    """What stands inside the products of sums: hiding it would leave half a formula."""
    terms = (term for worked in _sums(steps) for row in worked.rows for term in row)
    return {ref.name for term in terms for ref in references(term)}


def _with_blanks(value: Tensor, blanks: Mapping[int, Blank]) -> Tensor:
    return Tensor(value.shape, tuple(blanks.get(place, cell) for place, cell in enumerate(value.cells)))


def _sizes_hidden(step: Step, blanks: Mapping[int, Blank]) -> Step:
    """The size step with blanks for its results; a sentence that says the size goes."""
    if not blanks:
        return step
    order = {id(equation): place for place, equation in enumerate(_size_equations([step]))}

    def hidden(equation: Any) -> Any:
        blank = blanks.get(order.get(id(equation), -1))
        return equation if blank is None else replace(equation, sides=(*equation.sides[:-1], blank))

    blocks: list[Any] = []
    for block in step.blocks:
        if isinstance(block, Equations):
            blocks.append(replace(block, items=tuple(map(hidden, block.items))))
        elif isinstance(block, Equation):
            if not block.boxed:
                blocks.append(hidden(block))
        elif not _says_the_size(block):
            blocks.append(block)
    return replace(step, blocks=tuple(blocks))


def _says_the_size(block: Any) -> bool:
    return isinstance(block, Prose) and any(isinstance(e, Op) and e.name == "by" for e in block.expressions())


def _with_hint(step: Step, hint: str, hidden: Mapping[str, Any]) -> Step:
    """A step with a hint below, where it has blanks and there is a hint that fits."""
    has_blanks = step.label == "size" or any(name in hidden for name in _shown([step]))
    return replace(step, blocks=(*step.blocks, Hint(hint))) if hint and has_blanks else step


def _hint(operation: str, step: Step, steps: Sequence[Step], sizes: Mapping[int, Blank]) -> str:
    """What helps over a step of an operation, or ""."""
    if step.label == "size":
        sides = [side for equation in _size_equations([step]) for side in equation.sides]
        used = {name for side in sides for name in _operations(side)}
        return "; ".join([SIZES, *(words for name, words in ROUNDED.items() if name in used)]) + "." if sizes else ""
    hint = HINTS.get(operation, {}).get(step.label, "")
    return hint if hint != COLLECT or any(one.label == "entries" for one in steps) else ""


def _operations(expression: Any) -> Iterator[str]:
    """The names of all operations in an expression."""
    if isinstance(expression, Op):
        yield expression.name
    for child in children(expression):
        yield from _operations(child)


def fading(questions: int) -> list[Fraction]:
    """The shares of a worksheet that fades: the first question is worked in full, the last is blank.

    >>> [str(share) for share in fading(3)]
    ['0', '1/2', '1']
    """
    return [Fraction(at, questions - 1) if questions > 1 else Fraction(1) for at in range(questions)]
