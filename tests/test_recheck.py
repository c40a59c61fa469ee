"""The compiled claims: they give what `verify.evaluate` gives, and find the faults that `verify` finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from versions import SAMPLES, versions

from symconv import Problem, numeric
from symconv.document import Derivation, SumTable, Windows, WorkedSum
from symconv.errors import VerificationError
from symconv.expression import Put, Ref, op
from symconv.replay.recheck import Check
from symconv.solution import Solution, solve
from symconv.tensor import Tensor
from symconv.verify import Facts, claims_here, evaluate, verify

RATIONAL = sorted(
    sample
    for sample, (operation, keys) in SAMPLES.items()
    if {type(cell) for t in Problem(operation.name, **keys).setting.operands.values() for cell in t.cells}
    <= {int, Fraction}
)
WITH_SUMS = ["convolution/0", "convolution/1", "cross_correlation/11", "transposed_convolution/0"]


def facts_of(problem: Problem, derivation: Derivation) -> Facts:
    """The oracle's quantities at the numbers of a problem."""
    arrays = {name: numeric.array(t.cells, t.shape) for name, t in problem.setting.operands.items()}
    oracle = problem.operation.oracle(problem.setting, arrays)
    return Facts(oracle, problem.notation.index_base, derivation.quantities)


def flat(values: list[Any]) -> list[list[Any]]:
    """The cells of each side."""
    return [side.reshape(-1).tolist() if isinstance(side, np.ndarray) else [side] for side in values]


@pytest.mark.parametrize("sample", RATIONAL)
def test_the_tape_gives_what_evaluate_gives(sample: str) -> None:
    """Each claim has the same values on both sides as by `evaluate`, and none is missing."""
    operation, keys = SAMPLES[sample]
    solution = solve(Problem(operation.name, **keys))
    derivation, facts = solution.derivation, facts_of(solution.problem, solution.derivation)
    check = Check(derivation, facts, solution.problem.notation)
    assert sorted(map(repr, [*check.held, *check.others])) == sorted(map(repr, claims_here(derivation)))
    left: list[Any] = []
    right: list[Any] = []
    for chain, bound in check.held:
        sides = flat([evaluate(side, facts, bound) for side in chain])
        left += [cell for side in sides[:-1] for cell in side]
        right += [cell for side in sides[1:] for cell in side]
    values = [cell for name in check.shapes for cell in facts[name].reshape(-1).tolist()]
    if not {type(value) for value in values} <= {int, Fraction, np.int64}:
        assert check(derivation.quantities, facts) is False  # roots, infinities: the ordinary way verifies them
        return
    assert check.sides(values) == (tuple(left), tuple(right))
    assert check(derivation.quantities, facts) is True


def verify_again(problem: Problem, derivation: Derivation) -> int:
    """What `solve` does with a derivation."""
    setting = problem.setting
    return verify(
        derivation, lambda given: problem.operation.oracle(setting, given), setting.operands, problem.notation
    )


def with_block(derivation: Derivation, change: Callable[[WorkedSum], WorkedSum]) -> Iterator[Derivation]:
    """The derivation with one of its worked sums changed, the first of each block that has some."""
    for at, step in enumerate(derivation.steps):
        for place, block in enumerate(step.blocks):
            if isinstance(block, Windows):
                first = replace(block.items[0], sum=change(block.items[0].sum))
            elif isinstance(block, SumTable):
                first = change(block.items[0])
            else:
                continue
            made: Any = replace(block, items=(first, *block.items[1:]))
            blocks = (*step.blocks[:place], made, *step.blocks[place + 1 :])
            steps = (*derivation.steps[:at], replace(step, blocks=blocks), *derivation.steps[at + 1 :])
            yield replace(derivation, steps=steps)


def first_term(worked: WorkedSum, change: Callable[[Any], Any]) -> WorkedSum:
    """The sum with its first term changed; the factors of a product are given one by one."""
    return replace(worked, rows=((change(worked.rows[0][0]), *worked.rows[0][1:]), *worked.rows[1:]))


def moved(ref: Ref, solution: Solution) -> Ref:
    """The name of another cell of the same quantity."""
    shape = solution.derivation.quantities[ref.name].value.shape
    assert ref.index is not None
    axis = max(range(len(shape)), key=shape.__getitem__)
    index = tuple((i + (n == axis)) % size for n, (i, size) in enumerate(zip(ref.index, shape, strict=True)))
    return Ref(ref.name, index)


FAULTS: dict[str, Callable[[WorkedSum, Solution], WorkedSum]] = {
    "wrong index": lambda worked, s: first_term(
        worked, lambda term: Put(op("mul", moved(term.body.args[0], s), *term.body.args[1:]))
    ),
    "swapped operand": lambda worked, _: first_term(
        worked, lambda term: Put(op("mul", term.body.args[1], *term.body.args[1:]))
    ),
    "wrong total": lambda worked, s: replace(worked, total=Put(moved(worked.target, s))),
    "wrong target": lambda worked, s: replace(worked, target=moved(worked.target, s)),
    "forgotten term": lambda worked, _: replace(worked, rows=(worked.rows[0][1:], *worked.rows[1:])),
    "sum for product": lambda worked, _: first_term(worked, lambda term: Put(op("add", *term.body.args))),
}


@pytest.mark.parametrize("fault", sorted(FAULTS))
@pytest.mark.parametrize("sample", WITH_SUMS)
def test_planted_faults_are_found_by_both(sample: str, fault: str) -> None:
    """A wrong index, total, target or term is found by `verify` and by the compiled claims at the numbers alone."""
    solution = solve(versions(sample, 1, 9999)[0])
    facts = facts_of(solution.problem, solution.derivation)
    faulty = list(with_block(solution.derivation, lambda worked: FAULTS[fault](worked, solution)))
    assert faulty
    for derivation in faulty:
        with pytest.raises(VerificationError):
            verify_again(solution.problem, derivation)
        assert Check(derivation, facts, solution.problem.notation)(derivation.quantities, facts) is False


@pytest.mark.parametrize("sample", [*WITH_SUMS, "autocorrelation/0", "backpropagation/0", "unfold/0", "composition/0"])
def test_a_wrong_cell_of_any_quantity_is_found(sample: str) -> None:
    """Every quantity is compared with the oracle's, its last cell too, and so is its shape."""
    solution = solve(versions(sample, 1)[0])
    facts = facts_of(solution.problem, solution.derivation)
    check = Check(solution.derivation, facts, solution.problem.notation)
    quantities = solution.derivation.quantities
    assert check(quantities, facts)
    for name, quantity in quantities.items():
        value = quantity.value
        wrong = Tensor(value.shape, (*value.cells[:-1], value.cells[-1] + 1))
        assert not check({**quantities, name: replace(quantity, value=wrong)}, facts)
        assert not check({**quantities, name: replace(quantity, value=value.reshape((*value.shape, 1)))}, facts)


def test_what_no_tape_holds_is_evaluated() -> None:
    """A division in a claim is not kept, so it is evaluated as `verify` does, and a false one is found."""
    solution = solve(Problem("pooling", input=[[4, 8], [12, 16]], kind="average", size=2))
    facts = facts_of(solution.problem, solution.derivation)
    check = Check(solution.derivation, facts, solution.problem.notation)
    assert check.others
    assert check(solution.derivation.quantities, facts)
    chain, bound = check.others[-1]
    check.others.append(((*chain[:-1], op("add", chain[-1], 1)), bound))
    with pytest.raises(VerificationError):
        check(solution.derivation.quantities, facts)
