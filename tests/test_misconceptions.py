"""Every misconception of every operation computes an answer, is wrong somewhere, and composes with others."""

from __future__ import annotations

import re
from functools import cache
from itertools import permutations

import numpy as np
import pytest

from symconv.checking.predict import answers, arrays_of, predicted, quantity
from symconv.operations import OPERATIONS
from symconv.operations.base import Detail, Misconception
from symconv.problem import Problem

PAIRS = [
    pytest.param(operation, misconception, id=f"{operation.name}-{misconception.name}")
    for operation in OPERATIONS
    for misconception in operation.misconceptions
]
BY_OPERATION = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)


@cache
def problems(operation, asks=1):
    """The samples that have numbers only and ask for one of the first asks, with their arrays and the right answer."""
    made = []
    for sample in operation.samples():
        problem = Problem(operation.name, **sample)
        arrays = arrays_of(problem)
        if arrays is not None and problem.ask in operation.asks[:asks]:
            label = operation.answer(problem.setting, problem.ask)
            made.append((problem, arrays, label, np.asarray(operation.oracle(problem.setting, arrays)[label]())))
    return made


def differs(right, value):
    """Whether a value has another shape or another entry."""
    value = np.asarray(value)
    return right.shape != value.shape or bool((right != value).any())


@pytest.mark.parametrize(("operation", "misconception"), PAIRS)
def test_a_misconception_is_wrong_on_some_sample(operation, misconception):
    """It gives an answer with another shape or another value than the oracle's on a sample, whatever that asks for."""
    found = [
        (right, value)
        for problem, arrays, label, right in problems(operation, asks=None)
        if (made := predicted(operation, problem.setting, arrays, misconception)) is not None
        and label in made
        and (value := quantity(made[label])) is not None
    ]
    assert any(differs(right, value) for right, value in found)
    assert all(value.size > 0 for _, value in found)


@pytest.mark.parametrize(("operation", "misconception"), PAIRS)
def test_a_mistake_leaves_the_arrays_as_they_are(operation, misconception):
    """The arrays of the problem are not modified by what a mistaken person makes of them."""
    for problem, arrays, label, _ in problems(operation):
        before = {name: array.copy() for name, array in arrays.items()}
        made = predicted(operation, problem.setting, arrays, misconception)
        if made is not None and label in made:
            made[label]()
        assert all((arrays[name] == before[name]).all() for name in arrays)


@pytest.mark.parametrize(("operation", "misconception"), PAIRS)
def test_a_changed_problem_has_arrays_of_its_shapes(operation, misconception):
    """A changed setting has the operands of the arrays that come with it, in the same shapes."""
    assert (misconception.predict is None) != (misconception.change is None and misconception.after is None)
    for problem, arrays, _, _ in problems(operation):
        seen = misconception.change(problem.setting, arrays) if misconception.change else None
        if seen is not None:
            setting, changed = seen
            shapes = {name: tensor.shape for name, tensor in setting.operands.items()}
            assert {name: changed[name].shape for name in shapes} == shapes


@BY_OPERATION
def test_the_label_of_the_answer(operation):
    """Each sample's answer has the label that the derivation gives it."""
    for sample in operation.samples():
        problem = Problem(operation.name, **sample)
        solved = operation.derive(problem.setting, problem.notation, problem.ask, Detail())
        assert operation.answer(problem.setting, problem.ask) == solved.answer


@BY_OPERATION
def test_mistakes_compose(operation):
    """Where two mistakes are both changes that can be made in turn, the pair predicts an answer."""
    changes = [mistake for mistake in operation.misconceptions if mistake.change]
    for problem, arrays, label, _ in problems(operation):
        for first, second in permutations(changes, 2):
            seen = first.change(problem.setting, arrays)
            again = second.change(*seen) if seen is not None else None
            made = predicted(operation, problem.setting, arrays, first, second)
            assert (made is None) == (again is None)
            if made is not None:
                assert np.asarray(made[label]()).size > 0


def test_two_mistakes_give_what_both_changes_give():
    """Flipped and without its bias, 1 2 3 with 1 -1 and bias 5 gives 1*-1 + 2*1 and 2*-1 + 3*1."""
    problem = Problem("cross_correlation", input=[1, 2, 3], kernel=[1, -1], bias=5)
    known = {mistake.name: mistake for mistake in problem.operation.misconceptions}
    both = known["kernel_flipped"], known["bias_forgotten"]
    for mistakes in (both, both[::-1]):
        made = predicted(problem.operation, problem.setting, arrays_of(problem), *mistakes)
        assert made["output"]().tolist() == [1 * -1 + 2 * 1, 2 * -1 + 3 * 1]


def test_any_quantity_is_predicted():
    """A forgotten flip shows in the flipped kernel, ignored padding in the size."""
    problem = Problem("convolution", input=[1, 2, 3], kernel=[1, 4], padding=1)
    assert answers(problem, "flipped")["kernel_not_flipped"].tolist() == [1, 4]
    assert answers(problem, "size")["padding_ignored"].tolist() == [2]


def test_letters_have_no_predictions():
    """A problem with letters has no answers to predict."""
    assert answers(Problem("convolution", input="a 1 2", kernel="1 2")) == {}


def test_a_mistake_says_one_thing_only():
    """A misconception that predicts and changes, or does neither, is refused."""
    for wrong in ({}, {"predict": lambda *_: None, "change": lambda *_: None}):
        with pytest.raises(TypeError, match="either predict"):
            Misconception("name", "A.", "B.", **wrong)


@pytest.mark.parametrize(("operation", "misconception"), PAIRS)
def test_a_misconception_explains_itself(operation, misconception):
    """It is one of its operation's; its name is snake case, its belief and its correction are different sentences."""
    assert misconception.name in {known.name for known in operation.misconceptions}
    assert re.fullmatch(r"[a-z][a-z0-9_]*", misconception.name)
    assert misconception.belief.endswith(".")
    assert misconception.correction.endswith(".")
    assert misconception.belief != misconception.correction


@BY_OPERATION
def test_names_of_misconceptions_differ(operation):
    """An operation gives no two misconceptions one name."""
    names = [misconception.name for misconception in operation.misconceptions]
    assert len(set(names)) == len(names)
