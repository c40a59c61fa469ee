"""What parts give: each thing once, and never an answer."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sheets import COVER, Numbers, part, version

from symconv.document import Equation, Grids, Table
from symconv.errors import ProblemError
from symconv.expression import Put, children, references
from symconv.operations import OPERATIONS
from symconv.operations.base import Operation
from symconv.page import Paper
from symconv.problem import Problem
from symconv.sheets.exam import derived, view
from symconv.sheets.given import given_blocks
from symconv.sheets.paper import Style, exam_source, solutions_source
from symconv.sheets.sheet import Choice, Question, Section, Version
from symconv.solution import solve
from symconv.tensor import Tensor
from symconv.typeset.formats import FORMATS


def test_an_earlier_answer_is_named_and_not_printed() -> None:
    """A part that takes up an earlier answer says so; its numbers would give the answer away."""
    draw = Numbers(1)
    first = part("a", "Pool.", 1, {"operation": "pooling", "kind": "max", "size": 2, "input": draw(4, 4)})
    second = part("b", "ReLU.", 1, {"operation": "activation", "kind": "relu", "input": first.value.nested()})
    made = Version(1, "A", (Section("", "", (Question("q", 1, "Two", "", (first, second)),)),))
    source = exam_source([made], COVER, Style(), "typ")
    assert "is the result of part (a)" in source.replace("\\", "")
    assert source.count("cells((") == 1  # one grid: the input of (a)


def test_a_piece_of_an_earlier_answer_is_named_too() -> None:
    """One of several gradients, taken up by a later part, is not printed either."""
    layer = {"operation": "cross_correlation", "input": [1, 2, 3, 5], "kernel": [7, -4]}
    first = part("a", "All.", 1, {"operation": "backpropagation", "of": layer, "upstream": [2, 0, 3]})
    # dL/dx_i = sum of g w: (2*7, 2*(-4) + 0*7, 0*(-4) + 3*7, 3*(-4))
    second = part("b", "ReLU.", 1, {"operation": "activation", "kind": "relu", "input": [14, -8, 21, -12]})
    made = Version(1, "A", (Section("", "", (Question("q", 1, "Two", "", (first, second)),)),))
    source = exam_source([made], COVER, Style(), "typ").replace("\\", "")
    assert "is the quantity dx of part (a)" in source
    assert "21" not in source


def test_what_parts_share_is_given_once() -> None:
    """Parts about the same data show it once, above the first part."""
    views = view(version(1, "A"), FORMATS["tex"], Paper(), {}, "", derived)
    question = views.sections[0].questions[0]
    assert [grid.name for grid in question.given[0].items] == ["input", "kernel"]
    assert [part_.given for part_ in question.parts] == [(), (), ()]


@pytest.mark.parametrize(("form", "heading"), [("tex", r"\step{Given}"), ("typ", "= Given"), ("md", ". Given")])
def test_solutions_give_what_parts_share_once(form: str, heading: str) -> None:
    """The first part has all that is given; a later one has only what is new, and none where nothing is."""
    draw = Numbers(1)
    keys = {"operation": "cross_correlation", "input": draw(4, 4), "kernel": draw(2, 2)}
    parts = (
        part("a", "Its size.", 1, {**keys, "ask": "size"}),
        part("b", "The output.", 1, keys),
        part("c", "At another stride.", 1, {**keys, "stride": 2}),
        part("d", "Of another input.", 1, {**keys, "input": draw(3, 3)}),
    )
    made = Version(1, "A", (Section("", "", (Question("q", 1, "Four", "", parts),)),))
    source = solutions_source([made], [[solve(one.problem) for one in parts]], COVER, Style(), form)
    assert source.count(heading) == 3  # of a, c and d
    numbers = re.sub(r'#box\(math\.equation\(alt: "\d", \$(\d)\$\)\)', r"\1", source)
    words = re.sub(r"[$\\]", "", numbers)
    assert words.count("Stride 1, padding 0, dilation 1") == 1
    assert words.count("Stride 2, padding 0, dilation 1") == 1
    assert words.count("the kernel slides as it is, not flipped") == 1
    # b takes its size from a; at another stride and for another input it is another one
    assert words.count("The output has the size") == 3
    assert words.count("Every entry is the sum of the products") == 3
    given = [len(list(one.given)) for one in view(made, FORMATS["tex"], Paper(), {}, "", derived).sections[0].questions]
    assert given == [len(given_blocks(solve(parts[0].problem).derivation))]


def test_solutions_name_an_earlier_result() -> None:
    """A part that takes up an earlier answer says so in its solution, and shows it there no second time."""
    draw = Numbers(1)
    first = part("a", "Pool.", 1, {"operation": "pooling", "kind": "max", "size": 2, "input": draw(4, 4)})
    second = part("b", "ReLU.", 1, {"operation": "activation", "kind": "relu", "input": first.value.nested()})
    made = Version(1, "A", (Section("", "", (Question("q", 1, "Two", "", (first, second)),)),))
    source = solutions_source([made], [[solve(one.problem) for one in (first, second)]], COVER, Style(), "md")
    assert source.count("is the result of part (a)") == 1
    assert source.count("## 1. Given") == 2


def printed_values(block: Any) -> set[str]:
    """The quantities whose numbers a block prints: its grids, and what stands in a Put."""
    if isinstance(block, Grids):
        return {grid.name for grid in block.items}
    if isinstance(block, Table):
        found = [cell for row in block.rows for cell in row if not isinstance(cell, str)]
    else:
        found = list(block.sides if isinstance(block, Equation) else block.expressions())
    puts = [inside for expression in found for inside in (expression, *children(expression))]
    return {ref.name for put in puts if isinstance(put, Put) for ref in references(put)}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_no_answer_is_given(operation: Operation) -> None:
    """What an operation says is given does not print the numbers of what is asked for, whatever is asked for."""
    asked = []
    for sample in operation.samples():
        for ask in operation.asks:
            try:
                solved = derived(Problem(operation.name, **{**sample, "ask": ask}))
            except ProblemError:
                continue  # not every sample can be asked for everything
            asked.append((solved.answer, {name for block in given_blocks(solved) for name in printed_values(block)}))
    assert asked
    assert [answer for answer, printed in asked if answer in printed] == []


def printed(keys: dict[str, Any], form: str = "typ") -> str:
    """The source of an exam of one question, without what protects signs."""
    made = Version(1, "A", (Section("", "", (Question("q", 1, "One", "", (part("", "", 1, keys),)),)),))
    return exam_source([made], COVER, Style(), form).replace("\\", "")


@pytest.mark.parametrize(("count", "pieces"), [(18, []), (40, [13, 13, 14]), (72, [18] * 4)])
def test_every_sample_of_a_long_signal_is_given(count: int, pieces: list[int]) -> None:
    """No number is left out: what is wider than a line comes in pieces that say which entries they are.

    166 mm beside margins of 22 mm are 85 digits, and a cell of four digits takes 4.6: 18 in a line.
    """
    signal = [1000 + n for n in range(count)]
    given = printed({"operation": "convolution", "input": signal, "kernel": [1, 2]})
    assert [*dict.fromkeys(map(int, re.findall(r"\b1[0-9]{3}\b", given)))] == signal
    wanted = [f"entries {sum(pieces[:n]) + 1} to {sum(pieces[: n + 1])}" for n in range(len(pieces))]
    assert re.findall(r"entries [0-9]+ to [0-9]+", given) == wanted


def test_every_row_of_a_tall_image_is_given() -> None:
    """An image of 28 rows, each with a number of its own."""
    image = [[100 + 10 * row, 1] for row in range(28)]
    source = printed({"operation": "pooling", "kind": "max", "size": 2, "input": image})
    assert all(f"{row[0]}" in source for row in image)


def test_what_an_answer_hangs_on_is_given() -> None:
    """What courses do in several ways is said: order, ties, padding, indices, which transform."""
    layers = [{"kind": "conv", "kernel": [1, -2], "bias": 1}, {"kind": "relu"}]
    network = {"operation": "network", "input": [1, 2, 0, 3], "layers": layers, "ask": "gradients"}
    assert "the upstream gradient" in printed({**network, "upstream": [41, 43, 47]})
    assert "47" in printed({**network, "upstream": [41, 43, 47]})
    assert "All derivatives in one row" in printed({**network, "upstream": [41, 43, 47]})
    layer = {"operation": "cross_correlation", "input": [1, 2, 3], "kernel": [4, 5]}
    gradients = {"operation": "backpropagation", "of": layer, "upstream": [6, 7]}
    assert "All of them in one row" in printed(gradients)
    assert "in one row" not in printed({**gradients, "ask": "kernel"})
    pool = {"operation": "pooling", "kind": "max", "size": 2, "input": "1 2; 3 3"}
    assert "the first one counts" in printed({"operation": "backpropagation", "of": pool, "upstream": [5]})
    mean = {"operation": "pooling", "kind": "average", "size": 2, "padding": 1, "input": "1 2; 3 4"}
    assert "count as zeros" in printed(mean)
    assert "do not count" in printed({**mean, "count_include_pad": False})
    maps = {"input": ["1 2; 3 4", "0 1; 1 0"], "kernel": [["1", "2"], ["3", "4"]]}
    assert "the first one is the filter" in printed({"operation": "cross_correlation", **maps})
    assert "the first one is the channel of the input" in printed({"operation": "transposed_convolution", **maps})
    circular = {"operation": "circular_convolution", "input": [1, 2, 3, 4], "kernel": [1, 1]}
    assert "without a factor in front" in printed({**circular, "ask": "dft"})
    assert "without a factor in front" not in printed(circular)
    curve = {"operation": "activation", "kind": "sigmoid", "input": [1, -1]}
    assert "rounded to two decimals or more" in printed(curve)
    assert "rounded" not in printed({**curve, "kind": "relu"})
    patches = {"operation": "unfold", "input": "1 2 3; 4 5 6", "kernel": "1 1; 1 1", "ask": "patches"}
    assert "becomes one column of the patch matrix" in printed(patches)


def test_choices_without_words_say_what_they_are_for() -> None:
    """Where the author wrote nothing above choices, the exam asks which of them is the answer."""
    keys = {"operation": "counting", "input": [1, 4], "layers": [{"kind": "conv", "filters": 2, "kernel": 3}]}
    choices = (Choice(Tensor((), (8,))), Choice(Tensor((), (6,)), "bias_forgotten"))
    asked = part("", "", 1, {**keys, "ask": "parameters"}, choices=choices)
    for text, count in (("", 1), ("How many?", 0)):
        made = Version(1, "A", (Section("", "", (Question("q", 1, "One", text, (asked,)),)),))
        assert exam_source([made], COVER, Style(), "typ").count("Which of these is") == count
