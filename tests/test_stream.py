"""Streams: reproducible, uniform, independent of each other."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from hashlib import sha256

import pytest

from symconv.sheets.stream import Stream


def test_the_numbers_are_those_of_sha256():
    """The first words are the first four bytes of the digest, one after another: any language can repeat them."""
    key = sha256(b'[7, "question"]').digest()
    block = sha256(key + bytes(8)).digest()
    words = [int.from_bytes(block[at : at + 4], "big") for at in (0, 4)]
    stream = Stream(7, "question")
    assert [stream.below(2**32), stream.below(2**32)] == words


@pytest.mark.parametrize("count", [1, 2, 3, 10, 13, 2**40 + 1])
def test_every_number_stays_below(count):
    """No number leaves its range, and a large range is used up to its ends."""
    stream = Stream("range", count)
    drawn = [stream.below(count) for _ in range(300)]
    assert min(drawn) >= 0
    assert max(drawn) < count
    assert max(drawn) >= count // 2


def test_all_numbers_are_equally_likely():
    """Thirteen values in 13,000 draws: each about 1,000 times (chi-squared far below its 0.1 % limit, 32.9)."""
    stream = Stream("uniform")
    counts = Counter(stream.between(-3, 9) for _ in range(13_000))
    assert set(counts) == set(range(-3, 10))
    assert sum((count - 1000) ** 2 / 1000 for count in counts.values()) < 32.9


def test_another_name_gives_other_numbers():
    """Streams of two questions have nothing to do with each other, nor do ("ab", "c") and ("a", "bc")."""
    first = [Stream("ab", "c").below(1000) for _ in range(1)]
    drawn = {tuple(s.below(1000) for _ in range(4)) for s in (Stream("ab", "c"), Stream("a", "bc"), Stream("abc"))}
    assert len(drawn) == 3
    assert first == [Stream("ab", "c").below(1000)]


def test_some_of_gives_different_items():
    """A choice from a pool takes nothing twice, and every order comes up."""
    orders = {tuple(Stream("order", n).some_of("abc", 3)) for n in range(200)}
    assert len(orders) == 6
    assert all(len(set(Stream("pool", n).some_of("abcd", 2))) == 2 for n in range(50))


def test_chances_are_exact():
    """Nothing with chance 0 happens, everything with chance 1 does, and a fifth happens about a fifth of the time."""
    stream = Stream("chance")
    assert not any(stream.happens(Fraction(0)) for _ in range(50))
    assert all(stream.happens(Fraction(1)) for _ in range(50))
    assert 900 < sum(stream.happens(Fraction(1, 5)) for _ in range(5000)) < 1100
