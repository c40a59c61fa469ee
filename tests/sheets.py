"""Sheets built by hand, for the tests of paper: every kind of answer, two sections, as many versions as wanted."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

from symconv.operations.base import Detail
from symconv.problem import Problem
from symconv.sheets.sheet import Choice, Cover, Part, Question, Section, Version
from symconv.tensor import Tensor

COVER = Cover("Final exam", "Signals", "1 February 2027", "Use a pen.\n\nNo calculators.", "a4", "comma")


def part(letter: str, text: str, points: Any, keys: dict[str, Any], **more: Any) -> Part:
    """A part, with the right value from the derivation of its problem."""
    problem = Problem(**keys)
    solved = problem.operation.derive(problem.setting, problem.notation, problem.ask, Detail())
    value = solved.quantities[solved.answer].value
    return Part(letter, text, Fraction(points), problem, solved.answer, value, **more)


class Numbers:
    """Operands with the numbers of one version: some have one digit, some two and a sign."""

    def __init__(self, version: int) -> None:
        self.random = random.Random(version)  # noqa: S311  # numbers of a test

    def __call__(self, *shape: int) -> Any:
        """Nested lists."""
        if not shape:
            return self.random.choice([self.random.randint(-9, 9), self.random.randint(-30, 99)])
        return [self(*shape[1:]) for _ in range(shape[0])]


def strided(draw: Numbers) -> Question:
    """A matrix question with parts: its size, its output, and its output without a hint of the size."""
    keys = {"operation": "cross_correlation", "input": draw(6, 6), "kernel": draw(3, 3), "stride": 3}
    parts = (
        part("a", "How large is the output?", 1, {**keys, "ask": "size"}, space=15),
        part("b", "Give the output.", Fraction(7, 2), keys, space=30),
        part("c", "Give it once more.", 2, keys, space=10, hide_shape=True),
    )
    return Question("strided", 1, "A strided window", "Slide the kernel.", parts)


def network(draw: Numbers) -> Question:
    """A table to fill in."""
    layers = [{"kind": "conv", "filters": 3 + draw.random.randint(0, 5), "kernel": 5}]
    layers += [{"kind": "pool", "kernel": 2, "stride": 2}, {"kind": "flatten"}, {"kind": "dense", "units": 10}]
    keys = {"operation": "counting", "input": [1, 28, 28], "layers": layers}
    return Question("network", 2, "A network", "Fill in the table.", (part("", "", 6, keys),))


def signal(draw: Numbers) -> Question:
    """A vector that takes two lines."""
    keys = {"operation": "convolution", "input": draw(12), "kernel": draw(3), "padding": "full"}
    return Question("signal", 3, "A signal", "Convolve.", (part("", "", 4, keys, space=20),))


def choice(draw: Numbers) -> Question:
    """A multiple choice with answers of several shapes, in another order on every version."""
    keys = {"operation": "cross_correlation", "input": draw(3, 3), "kernel": draw(2, 2)}
    right = part("", "", 2, keys).value
    choices = [Choice(right), Choice(Tensor.of(draw(2, 2)), "flipped"), Choice(Tensor.of(draw(4, 4)), "padded")]
    draw.random.shuffle(choices)
    return Question("choice", 4, "Which one?", "Tick one box.", (part("", "", 2, keys, choices=tuple(choices)),))


def gradients(draw: Numbers) -> Question:
    """Backpropagation: one gradient, then the other."""
    layer = {"operation": "cross_correlation", "input": draw(3, 3), "kernel": draw(2, 2)}
    keys = {"operation": "backpropagation", "of": layer, "upstream": draw(2, 2)}
    parts = (
        part("a", "By the input.", 3, {**keys, "ask": "input"}, space=20),
        part("b", "By the kernel.", 3, {**keys, "ask": "kernel"}, space=20),
    )
    return Question("gradients", 5, "Backpropagation", "Give the gradients.", parts)


def channels(draw: Numbers) -> Question:
    """Two input channels, two filters."""
    keys = {"operation": "cross_correlation", "input": draw(2, 3, 3), "kernel": draw(2, 2, 2, 2), "bias": [1, -1]}
    return Question("channels", 6, "Channels", "Two filters.", (part("", "", 5, keys, space=30),))


def version(number: int, code: str) -> Version:
    """A version with every kind of question, in two sections."""
    draw = Numbers(number)
    first = Section("Part I: windows", "Answer all of these.", (strided(draw), network(draw), signal(draw)))
    return Version(number, code, (first, Section("Part II", "", (choice(draw), gradients(draw), channels(draw)))))


def small_version(number: int, code: str, **texts: str) -> Version:
    """A version with one short question; `texts` are those a person may type."""
    keys = {"operation": "convolution", "input": Numbers(number)(3), "kernel": [1, 2], "padding": "full"}
    said = {"title": "One", "text": "Convolve.", "part": "Give H.", "section": "", "section_text": "", **texts}
    question = Question("one", 1, said["title"], said["text"], (part("a", said["part"], 2, keys),))
    return Version(number, code, (Section(said["section"], said["section_text"], (question,)),))
