"""The figures that checking promises, on fewer problems than `make bench` takes: shares, and nothing called wrongly."""

from __future__ import annotations

import random
import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))

import mistakes
import problems
import right_and_wrong
from writing import Writer

from symconv.answers import read_work
from symconv.checking.check import checked
from symconv.checking.diagnose import Checker
from symconv.checking.handed import Value
from symconv.operations import HOMES
from symconv.problem import Problem


# a network's gradients are differences of the whole network, for every draw and mistake: minutes, left to `make bench`
@pytest.mark.parametrize("name", [name for name in HOMES if name != "network"])
def test_every_mistake_has_a_sound_draw_and_is_named_first_there(name, monkeypatch):
    """Some sample tells each mistake apart from all others and from the right answer, and the diagnosis names it."""
    monkeypatch.setattr(problems, "TRIALS", 2)  # fewer than the figures are measured with
    _, each = mistakes.measured(name, draws=1, pairs=0, seed=2)
    assert {mistake: (count["sound"], count["first"]) for mistake, count in each.items()} == dict.fromkeys(each, (1, 1))


def test_the_shares_in_company():
    """Mistakes of some operations that agree, in twos, with a slip, and slips alone: each share is what is asked."""
    counts = Counter()
    for name in ("transposed_convolution", "upsampling", "overlap", "counting", "flatten", "fold", "composition"):
        counts += mistakes.measured(name, draws=0, pairs=1, seed=2)[0]
    assert min(counts["two"], counts["near"], counts["slip"]) > 50
    below = {
        words: float(100 * mistakes.share(counts, part, of))
        for words, part, of, least in mistakes.FIGURES
        if 100 * mistakes.share(counts, part, of) < least
    }
    assert counts["agree"] > 5
    assert below == {}


@pytest.mark.parametrize("name", list(HOMES))
def test_right_answers_are_called_right_however_they_are_written(name):
    """Whole numbers, fractions, matrices and cells in TOML, JSON, text, LaTeX and Markdown."""
    said, shown = right_and_wrong.right(name, 80)
    assert shown == []
    assert said["right"] == said["answers"] >= 80


@pytest.mark.parametrize("name", list(HOMES))
def test_wrong_answers_are_never_called_right(name):
    """One cell, all cells, another shape, the transpose, everything halved or moved by one cell."""
    said, shown = right_and_wrong.wrong(name, 50)
    assert shown == []
    assert said["right"] == 0
    assert said["answers"] >= 50


def test_the_writer_writes_every_form():
    """Of one answer all five forms come, in many spellings, and all of them are right."""
    problem = Problem("cross_correlation", input="1 2 3; 4 5 6; 7 8 9", kernel="1 0; 0 2")
    right = [("output", Value((2, 2), (11, 14, 20, 23)))]  # 1*1 + 5*2, 2*1 + 6*2; 4*1 + 8*2, 5*1 + 9*2
    rng = random.Random(3)  # noqa: S311  # spellings, not secrets
    writer, checker = Writer(rng, problem.notation), Checker(problem)
    works = {writer.work(right, 1) for _ in range(100)}
    statuses = {
        verdict.status
        for work in works
        for verdict in checked(checker, read_work(work.text, work.form)).diagnosis.verdicts
    }
    assert {work.form for work in works} == {"text", "toml", "json", "tex", "md"}
    assert len(works) > 50
    assert statuses == {"right"}


@pytest.mark.parametrize(
    ("written", "label"), [("r_2(rows) = 3", "r_2(rows)"), ("$r_{2}(rows) = 3$", "r_2(rows)"), ("j_1(columns): 2", "")]
)
def test_a_numbered_label_with_an_axis_is_a_label(written, label):
    """`r_2(rows) = 3` is about that quantity, and not an answer without a label."""
    read = read_work(written, "md" if "$" in written else "text")[0]
    assert read.label == (label or "j_1(columns)").replace("r_2", "r_{2}" if "{" in written else "r_2")


def test_one_axis_has_no_blocks():
    """The blocks of a doubly block circulant belong to two axes; asked for on one, they are unknown."""
    checker = Checker(Problem("circular_convolution", input="1 2 3", kernel="1/2 -1", length=4))
    assert checker.check("C_0", 1).status == "unknown_label"
    assert checker.check("C", [[0] * 4] * 4).status == "wrong"
