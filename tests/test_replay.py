"""Replayed arithmetic: what was done with unknown integers, done again with numbers."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from symconv.replay.record import Tape, Unknown, ValueNeeded


def polynomial(seed: int, given: list[Any]) -> list[Any]:
    """Some sums, differences and products of what is given, each built on earlier ones."""
    random = Random(seed)  # noqa: S311  # the same on every run
    made = list(given)
    for _ in range(40):
        a, b = random.choice(made), random.choice(made)
        rule = random.randrange(6)
        made.append(
            [
                lambda a=a, b=b: a + b,
                lambda a=a, b=b: a - b,
                lambda a=a: 3 - a,
                lambda a=a: -a,
                lambda a=a, b=b: random.randint(-2, 2) * a + b,
                lambda: sum(made[-5:]),
            ][rule]()
        )
    made += [x * y for x, y in pairwise(given)] + [sum(made[:20]) * given[0]]
    return made


@pytest.mark.parametrize("seed", range(20))
def test_a_tape_does_what_the_code_does(seed: int) -> None:
    """Replayed with numbers, the results are those of the same code run with these numbers."""
    leaves = [Unknown() for _ in range(5)]
    tape = Tape(leaves, polynomial(seed, leaves))
    for values in ([1, 2, 3, 4, 5], [0, 0, 0, 0, 0], [-7, 10**30, 3, -(2**63), 1]):
        assert tape(values) == tuple(polynomial(seed, values))


def test_a_long_sum_is_one_step() -> None:
    """A sum of ten thousand products needs no recursion and is exact: 10000 * (2**70 * 3) + 1."""
    a, b, total = Unknown(), Unknown(), 1
    for _ in range(10_000):
        total = total + a * b
    assert Tape([a, b], [total])([2**70, 3]) == (10_000 * (2**70 * 3) + 1,)


def test_a_shared_sum_is_kept() -> None:
    """A sum that several results use is added once and used as often as it stands there: (3+4)*(3+4) + (3+4) - 5."""
    a, b = Unknown(), Unknown()
    both = a + b
    assert Tape([a, b], [both * both + both - 5, both, both + both])([3, 4]) == (7 * 7 + 7 - 5, 7, 14)


def test_constants_of_any_kind_are_results() -> None:
    """A result that no unknown leads to stays what it is."""
    a = Unknown()
    made = Tape([a], [Fraction(1, 2), 0, a * 0, a])([9])
    assert made == (Fraction(1, 2), 0, 0, 9)
    assert list(map(type, made)) == [Fraction, int, int, int]


@pytest.mark.parametrize(
    "use",
    [
        bool,
        int,
        str,
        repr,
        hash,
        abs,
        float,
        math.floor,
        lambda x: x == 0,
        lambda x: x != 0,
        lambda x: x < 0,
        lambda x: max(x, 1),
        lambda x: x in [1],
        lambda x: x / 2,
        lambda x: 2 // x,
        lambda x: x % 2,
        lambda x: x**2,
        lambda x: [0][x],
        lambda x: f"{x}",
    ],
)
def test_an_unknown_refuses_what_depends_on_its_value(use: Any) -> None:
    """Whatever could take another way for another number stops: comparing, printing, dividing, hashing."""
    with pytest.raises(ValueNeeded):
        use(Unknown())


@pytest.mark.parametrize("other", [Fraction(1, 2), 0.5, None])
def test_an_unknown_meets_integers_only(other: Any) -> None:
    """An unknown with anything but an integer is no integer, so it is not kept."""
    for use in (lambda x: x + other, lambda x: other * x, lambda x: x - other):
        with pytest.raises(TypeError):
            use(Unknown())


def test_leaves_are_known() -> None:
    """An unknown from elsewhere is refused, and so is another number of values than there are leaves."""
    a = Unknown()
    with pytest.raises(ValueNeeded, match="comes from elsewhere"):
        Tape([a], [a + Unknown()])
    with pytest.raises(ValueError, match="has 1 leaves, but 2 values were given"):
        Tape([a], [a])([1, 2])
