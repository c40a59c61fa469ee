"""What a problem says of its padding, so that a student can know it."""

from __future__ import annotations

import pytest

from symconv.operations.steps import padding_in_words
from symconv.problem import Problem
from symconv.solution import solve


def test_the_mode_stands_with_the_padding() -> None:
    """Zeros go without saying; of other modes the exam tells, beside the rule of the size."""
    assert padding_in_words([(1, 1)], {}) == "padding {p} on each side"
    assert padding_in_words([(1, 1)], {}, mode="reflect") == "padding {p} on each side (reflect)"
    assert padding_in_words([(1, 1)], {}, "same", "circular").endswith(" (same, circular)")
    assert padding_in_words([(0, 0)], {}, mode="reflect") == "padding {p}"  # nothing is padded


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
def test_a_problem_tells_its_mode(mode: str) -> None:
    """The step that an exam prints names it."""
    problem = Problem("cross_correlation", input="1 2 3 4", kernel="1 -1 2", padding=1, padding_mode=mode)
    assert f"on each side ({mode})" in solve(problem).to("md").replace("$", "")
