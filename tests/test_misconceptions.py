"""Every misconception of every operation computes an answer, and is wrong somewhere."""

from __future__ import annotations

import re

import numpy as np
import pytest

from symconv import numeric
from symconv.operations import OPERATIONS
from symconv.operations.base import Detail
from symconv.problem import Problem

PAIRS = [
    pytest.param(operation, misconception, id=f"{operation.name}-{misconception.name}")
    for operation in OPERATIONS
    for misconception in operation.misconceptions
]


def predictions(operation, misconception):
    """The right and the predicted answer for each sample that has numbers only and asks for what is predicted."""
    for sample in operation.samples():
        problem = Problem(operation.name, **sample)
        operands = problem.setting.operands
        letters = any(hasattr(cell, "free_symbols") for t in operands.values() for cell in t.cells)
        if letters or problem.ask not in (misconception.asks or operation.asks[:1]):
            continue
        arrays = {name: numeric.array(t.cells, t.shape) for name, t in operands.items()}
        before = {name: array.copy() for name, array in arrays.items()}
        predicted = misconception.predict(problem.setting, arrays)
        assert all((arrays[name] == before[name]).all() for name in arrays)
        if predicted is not None:
            answer = operation.derive(problem.setting, problem.notation, problem.ask, Detail()).answer
            yield np.asarray(operation.oracle(problem.setting, arrays)[answer]()), np.asarray(predicted)


@pytest.mark.parametrize(("operation", "misconception"), PAIRS)
def test_a_misconception_is_wrong_on_some_sample(operation, misconception):
    """It gives an answer with another shape or another value than the oracle's on at least one sample."""
    wrong = [
        predicted
        for right, predicted in predictions(operation, misconception)
        if right.shape != predicted.shape or (right != predicted).any()
    ]
    assert wrong
    assert all(answer.size > 0 for answer in wrong)


@pytest.mark.parametrize(("operation", "misconception"), PAIRS)
def test_a_misconception_explains_itself(operation, misconception):
    """It is one of its operation's; its name is snake case, its belief and its correction are different sentences."""
    assert misconception.name in {known.name for known in operation.misconceptions}
    assert re.fullmatch(r"[a-z][a-z0-9_]*", misconception.name)
    assert misconception.belief.endswith(".")
    assert misconception.correction.endswith(".")
    assert misconception.belief != misconception.correction


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_names_of_misconceptions_differ(operation):
    """An operation gives no two misconceptions one name."""
    names = [misconception.name for misconception in operation.misconceptions]
    assert len(set(names)) == len(names)
