"""Verifies a derivation against the oracle: every quantity, and every link of every displayed equality.

Each claim is evaluated twice with the oracle's quantities: once at the operands of the problem (letters at
random rationals), and once at random operands of the same shapes, more often where it takes a maximum. The second
time a wrong index cannot hide behind equal entries. All arithmetic is exact. It knows no particular operation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cache
from itertools import islice, pairwise, product
from math import ceil, floor, prod
from random import Random
from typing import Any

import numpy as np

from symconv import closed_form, exact_numbers, numeric
from symconv.document import (
    Blocks,
    Derivation,
    Equation,
    Equations,
    Grids,
    Prose,
    Quantity,
    SumTable,
    Table,
    Windows,
    WorkedSum,
)
from symconv.errors import VerificationError
from symconv.expression import Expression, Letter, Number, Op, Put, Ref, Running, Sigma, children, references
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.tensor import Tensor, letters_of

MOST_PROBES = 24  # of a maximum: another cell in place of one of n is seen by the probes where either is the largest
BEHIND_CHOICES = 4  # probes where an earlier choice may have put a 0, which hides what it is multiplied by
MOST_INSTANCES = 100  # of an equation that holds for all indices: an affine index law that fits so many is right


class Facts:
    """The oracle's quantities at one set of operands, computed when first asked for; some may be given instead."""

    def __init__(
        self,
        oracle: Mapping[str, Callable[[], Array]],
        index_base: int,
        quantities: Mapping[str, Quantity],
        known: Mapping[str, Array] | None = None,
    ) -> None:
        self._oracle = oracle
        self._known: dict[str, Array] = dict(known or {})  # taken as they are, in place of the oracle's
        self._index_base, self._quantities = index_base, quantities

    def first(self, name: str, axis: int) -> int:
        """What the printed indices of a quantity start from along an axis."""
        starts = self._quantities[name].symbol.first if name in self._quantities else ()
        return starts[axis] if starts else self._index_base

    @property
    def names(self) -> tuple[str, ...]:
        """Every quantity that the oracle can compute."""
        return tuple(self._oracle)

    def __getitem__(self, name: str) -> Array:
        if name not in self._known:
            if name not in self._oracle:
                raise VerificationError(f"the oracle has no quantity {name!r}, so nothing confirms it")
            self._known[name] = np.asarray(self._oracle[name]()).astype(object)
        return self._known[name]


def verify(
    derivation: Derivation,
    oracle: Callable[[Mapping[str, Array]], Mapping[str, Callable[[], Array]]],
    operands: Mapping[str, Tensor],
    notation: Notation,
    random: Random | None = None,
    ranges: Mapping[str, tuple[int, int]] | None = None,
    elsewhere: Callable[[Mapping[str, Array], Random], Mapping[str, Array]] | None = None,
) -> int:
    """Return how many equalities were confirmed; raises VerificationError at the first that fails.

    An operand that is a size (a letter of a law, not data) stands in `ranges` with the least and the greatest whole
    number that it may be: a law of sizes says nothing about other values. For equations that are local, `elsewhere`
    draws other operands at which the same entries are the largest.
    """
    random = random or Random(1)  # noqa: S311  # probes, not secrets; the same on every run
    ranges = ranges or {}
    point = _point(operands, ranges, random)
    here = numeric.arrays({name: ([point(cell) for cell in t.cells], t.shape) for name, t in operands.items()})
    facts = Facts(oracle(here), notation.index_base, derivation.quantities)

    def there() -> dict[str, Array]:
        drawn = {
            name: [random.randint(*ranges.get(name, (-999, 999))) for _ in t.cells] for name, t in operands.items()
        }
        return numeric.arrays({name: (cells, operands[name].shape) for name, cells in drawn.items()})

    @cache
    def probe(number: int) -> Facts:
        del number
        return Facts(oracle(there()), notation.index_base, derivation.quantities)

    @cache
    def near() -> Facts:
        alike = elsewhere(here, random) if elsewhere else {}
        return Facts(oracle({**there(), **alike}), notation.index_base, derivation.quantities)

    count = sum(_quantity(name, q.value, facts, point) for name, q in derivation.quantities.items())
    for chain, bound in claims_here(derivation):
        check_chain(chain, facts, bound)
    for block in derivation.blocks():
        for part in block.items if isinstance(block, Equations) else (block,):
            for chain, spans in claims(part):
                probes = min(max(BEHIND_CHOICES if elsewhere else 1, 3 * max(map(_candidates, chain))), MOST_PROBES)
                others = [near()] if isinstance(part, Equation) and part.local else list(map(probe, range(probes)))
                for bound in instances(spans):
                    for other in others:
                        check_chain(chain, other, bound)
                count += len(chain) - 1
        for name in _names(block):
            if name not in derivation.quantities:
                raise VerificationError(f"the page shows {name!r}, which is no quantity of the derivation")
    return count


def claims_here(derivation: Derivation) -> Iterator[tuple[tuple[Expression, ...], dict[str, int]]]:
    """Every chain of equals with the indices at which it is evaluated at the problem's own numbers.

    What holds for all indices names no number: the probes see every fault of it, and its first instance will do here.
    """
    for block in derivation.blocks():
        for chain, spans in claims(block):
            yield from ((chain, bound) for bound in islice(instances(spans), 1))


def _point(
    operands: Mapping[str, Tensor], ranges: Mapping[str, tuple[int, int]], random: Random
) -> Callable[[Any], Any]:
    """A function that puts random rationals in place of letters, whole numbers for sizes, roots of unity for theirs."""
    letters = letters_of(cell for tensor in operands.values() for cell in tensor.cells)
    drawn: dict[Any, Any] = {
        letter: Fraction(random.randint(-99, 99), random.randint(1, 9))
        for letter in sorted(letters, key=lambda s: s.name)
    }
    for name in sorted(ranges):
        drawn |= {letter: Fraction(random.randint(*ranges[name])) for letter in operands[name].cells}

    @cache
    def known() -> dict[Any, Any]:  # once for all cells: there may be as many letters as cells
        return drawn | _units()

    def value(cell: Any) -> Any:
        if not getattr(cell, "free_symbols", None):
            return cell  # a number, exact roots and exponentials included
        from symconv.algebra import value_at

        return value_at(cell, known())

    return value


@cache
def _units() -> dict[Any, Any]:
    """The oracle's numbers for the roots of unity of a page."""
    from symconv import algebra

    names = ("IMAGINARY", "OMEGA", "OMEGA_5", "ROOT_TWO")
    return {getattr(algebra, name): getattr(exact_numbers, name) for name in names}


def _quantity(name: str, value: Tensor, facts: Facts, point: Callable[[Any], Any]) -> int:
    """Compare a quantity with the oracle's cell by cell; the number of cells."""
    expected = facts[name]
    if expected.shape != value.shape:
        raise VerificationError(f"{name} has the shape {value.shape}, the oracle finds {expected.shape}")
    for index, cell, right in zip(value.indices(), value.cells, expected.reshape(-1), strict=True):
        if not _same(point(cell), right):
            raise VerificationError(f"{name} at {index} is {cell}, the oracle finds {right}")
    return len(value.cells)


def _same(cell: Any, right: Any) -> bool:
    """Whether two values are one.

    An exact root is the number whose power is what the root is of; an exact exponential agrees to 50 digits.
    """
    if isinstance(right, closed_form.Root):
        return bool(cell >= 0 and cell**right.degree == right.of)
    if isinstance(right, exact_numbers.Digits):
        from symconv.algebra import digits

        return right == exact_numbers.Digits(digits(cell))
    if isinstance(right, exact_numbers.Cyclotomic) and hasattr(cell, "free_symbols"):
        from symconv.algebra import value_at

        return bool(value_at(cell, _units()) == right)
    return bool(cell == right)


def claims(block: Any) -> Iterable[tuple[tuple[Expression, ...], tuple[tuple[str, int, int], ...]]]:
    """The chains of equals a block displays, with the indices they hold for."""
    match block:
        case Equation(sides=sides, for_all=ranges):
            if len(sides) > 1:
                yield sides, ranges
        case WorkedSum(target, rows, total):
            terms = tuple(term for row in rows for term in row)
            summed = Op("add", terms) if terms else Number(0)
            yield (target, summed) if total is None else (target, summed, total), ()
        case Windows(windows):
            for window in windows:
                yield from claims(window.sum)
        case Equations(equations):
            for equation in equations:
                yield from claims(equation)
        case SumTable(items):
            for item in items:
                yield from claims(item)
        case Blocks(target, rows):
            yield (target, Op("blocks", rows)), ()
        case Table(rows=rows):
            for cell in (cell for row in rows for cell in row):
                if isinstance(cell, Op) and cell.name == "equals":
                    yield cell.args, ()
        case Prose():
            yield from _relations(block.expressions())
        case Table(rows=rows):
            yield from _relations(cell for row in rows for cell in row)


def _candidates(expression: Any) -> int:
    """Among how many quantities it takes the largest or the smallest; 0 where it takes neither."""
    here = 0
    if isinstance(expression, Op) and expression.name in ("max", "min") and any(references(expression)):
        here = len(expression.args)
    return max([here, *map(_candidates, children(expression))])


def _is_law(expression: Any) -> bool:
    """Whether a letter without a value stands in it: such a relation states a law and is no claim about numbers."""
    if isinstance(expression, Letter) and expression.value is None:
        return True
    return any(_is_law(child) for child in children(expression))


def _relations(expressions: Iterable[Any]) -> Iterable[tuple[tuple[Expression, ...], tuple[()]]]:
    """What sentences and the cells of tables say: inequalities and equalities."""
    for expression in expressions:
        body = expression.body if isinstance(expression, Put) else expression
        if _is_law(body):
            continue
        if isinstance(body, Op) and body.name in ("le", "gt"):
            yield (body, Number(True)), ()
        if isinstance(body, Op) and body.name == "equals":
            yield body.args, ()


def _names(block: Any) -> Iterable[str]:
    """Quantities a block shows the cells of."""
    match block:
        case Grids(items):
            yield from (grid.name for grid in items)
        case Windows(items):
            yield from (window.grid.name for window in items)
        case Prose():
            for expression in block.expressions():
                yield from (ref.name for ref in references(expression))
        case Table(rows=rows):
            cells = (cell for row in rows for cell in row if not isinstance(cell, str))
            yield from (ref.name for cell in cells for ref in references(cell))


def instances(ranges: tuple[tuple[str, int, int], ...], most: int = MOST_INSTANCES) -> Iterable[dict[str, int]]:
    """Every combination of the running indices; evenly spread ones where there are too many."""
    names = [name for name, _, _ in ranges]
    spans = [range(first, last + 1) for _, first, last in ranges]
    step = max(1, prod(map(len, spans)) // most)
    for values in islice(product(*spans), 0, None, step):
        yield dict(zip(names, values, strict=True))


def check_chain(sides: tuple[Expression, ...], facts: Facts, bound: dict[str, int]) -> None:
    """Evaluate every side at the oracle's quantities; raises VerificationError where two neighbours differ."""
    try:
        values = [evaluate(side, facts, bound) for side in sides]
    except (ValueError, TypeError, KeyError, ZeroDivisionError, StopIteration) as error:  # shapes that do not fit
        raise VerificationError(f"{sides[0]} = ... cannot be evaluated: {error}") from error
    for number, (left, right) in enumerate(pairwise(values), 1):
        same = left.shape == right.shape and bool((left == right).all()) if _is_array(left, right) else left == right
        if not same:
            raise VerificationError(f"link {number} of {sides[0]} does not hold: {left} is not {right}")


def _is_array(left: Any, right: Any) -> bool:
    if isinstance(left, np.ndarray) != isinstance(right, np.ndarray):
        raise VerificationError(f"a matrix is set equal to a number: {left} and {right}")
    return isinstance(left, np.ndarray)


def evaluate(expression: Any, facts: Facts, bound: Mapping[str, int]) -> Any:
    """The exact value of an expression at the oracle's quantities: an int, a Fraction or an object array."""
    match expression:
        case Number(value) | Letter(_, value) if value is not None:
            return value
        case Running(name):
            return bound[name]
        case Put(body):
            return evaluate(body, facts, bound)
        case Ref(name, None):
            return facts[name]
        case Ref(name, index) if index is not None:
            return _cell(name, index, facts, bound)
        case Sigma(index, low, high, body):
            span = range(evaluate(low, facts, bound), evaluate(high, facts, bound) + 1)
            return sum((evaluate(body, facts, {**bound, index: at}) for at in span), 0)
        case Op("blocks", rows):
            return _block_matrix(rows, facts)
        case Op(name, args):
            return _OPERATIONS[name](*(evaluate(arg, facts, bound) for arg in args))
    raise VerificationError(f"{expression!r} has no value")


def _cell(name: str, index: tuple[Any, ...], facts: Facts, bound: Mapping[str, int]) -> Any:
    array = facts[name]
    positions = tuple(
        [
            part if isinstance(part, int) else evaluate(part, facts, bound) - facts.first(name, axis)
            for axis, part in enumerate(index)
        ]
    )
    for position, size in zip(positions, array.shape, strict=False):
        if not 0 <= position < size:
            raise VerificationError(f"{name} has no cell {positions}: its shape is {array.shape}")
    return array[positions]


def _block_matrix(rows: Any, facts: Facts) -> Array:
    """Join named blocks; None is a block of zeros as large as the others."""
    size = next(facts[name].shape for row in rows for name in row if name is not None)
    zeros = np.full(size, 0, dtype=object)
    return np.block([[zeros if name is None else facts[name] for name in row] for row in rows])


def _vec(x: Array, order: str) -> Array:
    return numeric.vec(x, order).reshape(-1, 1)


_OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": lambda *args: sum(args[1:], args[0]),
    "mul": lambda *args: prod(args[1:], start=args[0]),
    "div": lambda a, b: a / b if isinstance(b, exact_numbers.Digits) else Fraction(a, b),
    "exp": exact_numbers.exp,
    "pow": lambda a, b: a**b,
    "neg": lambda a: -a,
    "floor": floor,
    "ceil": ceil,
    "min": lambda *args: min(args) if len(args) > 1 else min(args[0].flat),
    "max": lambda *args: max(args) if len(args) > 1 else max(args[0].flat),
    "mod": lambda a, b: a % b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "matmul": lambda a, b: a @ b,
    "transpose": lambda a: a.T,
    "vec_row": lambda x: _vec(x, "row"),
    "vec_column": lambda x: _vec(x, "column"),
    "names": np.asarray,
    "total": lambda x: x.sum(),
    "inner": lambda a, b: (a * b).sum(),
    "ones": lambda b, *shape: np.full(shape, b, dtype=object),
    "row_sums": lambda x: x.sum(axis=-1),
    "column_sums": lambda x: x.sum(axis=-2),
    "root": closed_form.root,
    "decimal": lambda a: a,
    "convolve": numeric.convolve,
}
