"""Faults planted in derivations: each one is found, and says that symconv is wrong."""

from dataclasses import fields, is_dataclass, replace
from functools import partial

import pytest

from symconv import Problem, VerificationError, solve
from symconv.document import Blocks, Equation, Grid, Grids, Prose, Step, SumTable, Windows, WorkedSum
from symconv.expression import Letter, Number, Op, Put, Ref, Running, Sigma, op
from symconv.tensor import Tensor
from symconv.verify import verify

PLAIN = {"input": [[3, 1, 2], [4, 1, 5], [9, 2, 6]], "kernel": [[1, 2], [3, 5]]}
EQUAL = {"input": [[2, 2, 2], [2, 2, 2], [2, 2, 2]], "kernel": [[3, 3], [3, 3]]}
FULL = {**PLAIN, "padding": "full"}


def check(problem, derivation):
    """Verify a derivation of a problem; the number of claims."""
    return verify(
        derivation,
        lambda operands: problem.operation.oracle(problem.setting, operands),
        problem.setting.operands,
        problem.notation,
    )


def planted(keys, change, operation="cross_correlation"):
    """A problem, and its derivation with every block, expression and value of its steps passed through `change`."""
    problem = Problem(operation, **keys)
    derivation = solve(problem).derivation
    hits = []

    def walk(value):
        new = change(value)
        if new is not value:
            hits.append(value)
            return new
        if isinstance(value, tuple):
            return tuple(walk(item) for item in value)
        if is_dataclass(value) and not isinstance(value, type):
            changes = {field.name: walk(getattr(value, field.name)) for field in fields(value)}
            return (
                value
                if all(getattr(value, name) is made for name, made in changes.items())
                else replace(value, **changes)
            )
        return value

    steps = tuple(walk(step) for step in derivation.steps)
    return problem, replace(derivation, steps=steps), hits


def once(matches, make):
    """Change the first value that matches, and no other."""
    done = []

    def change(value):
        if not done and matches(value):
            done.append(value)
            return make(value)
        return value

    return change


def is_worked_sum(value):
    """Whether it is the sum of one output entry."""
    return isinstance(value, WorkedSum)


def other_cell(value):
    """The sum with the first cell of the input replaced by the one below."""
    (first, *terms), *rows = value.rows
    cell, kernel = first.body.args
    wrong = Ref(cell.name, (cell.index[0] + 1, *cell.index[1:]))
    return replace(value, rows=((Put(op("mul", wrong, kernel)), *terms), *rows))


def other_tap(value):
    """The sum with the first kernel entry replaced by its neighbour."""
    (first, *terms), *rows = value.rows
    cell, kernel = first.body.args
    wrong = Ref(kernel.name, (*kernel.index[:-1], 1 - kernel.index[-1]))
    return replace(value, rows=((Put(op("mul", cell, wrong)), *terms), *rows))


def other_target(value):
    """The sum said to be that of the neighbouring output entry."""
    return replace(value, target=Ref(value.target.name, (value.target.index[0], 1 - value.target.index[1])))


def no_first_term(value):
    """The sum without its first product."""
    (_, *terms), *rows = value.rows
    return replace(value, rows=(tuple(terms), *rows))


def one_product_twice(value):
    """The sum with its first product twice."""
    (first, *terms), *rows = value.rows
    return replace(value, rows=((first, first, *terms), *rows))


@pytest.mark.parametrize("operation", ["convolution", "cross_correlation"])
@pytest.mark.parametrize("keys", [PLAIN, EQUAL], ids=["plain", "equal entries"])
@pytest.mark.parametrize("fault", [other_cell, other_tap, other_target, no_first_term, one_product_twice])
def test_a_wrong_worked_sum_is_found(operation, keys, fault):
    """A wrong index is found even where all entries are equal and the numbers on the page are right."""
    problem, derivation, hits = planted(keys, once(is_worked_sum, fault), operation)
    assert len(hits) == 1
    with pytest.raises(VerificationError, match="does not hold"):
        check(problem, derivation)


@pytest.mark.parametrize("keys", [PLAIN, EQUAL], ids=["plain", "equal entries"])
def test_a_wrong_worked_sum_of_a_frame_is_found(keys):
    """The sums of a transposed convolution are verified in the same way."""
    problem, derivation, hits = planted(keys, once(is_worked_sum, other_tap), "transposed_convolution")
    assert len(hits) == 1
    with pytest.raises(VerificationError, match="does not hold"):
        check(problem, derivation)


@pytest.mark.parametrize("holder", [Windows, SumTable])
def test_a_wrong_sum_among_many_is_found(holder):
    """The last of many sums is verified like the first, in windows and in tables."""
    keys = {"input": [[(3 * i + 5 * j) % 7 for j in range(7)] for i in range(7)], "kernel": [[1, 2], [3, 5]]}

    def last_wrong(value):
        item = value.items[-1]
        wrong = replace(item, sum=other_cell(item.sum)) if holder is Windows else other_cell(item)
        return replace(value, items=(*value.items[:-1], wrong))

    problem, derivation, hits = planted(keys, once(lambda value: isinstance(value, holder), last_wrong))
    assert len(hits) == 1
    with pytest.raises(VerificationError, match=r"does not hold|has no cell"):
        check(problem, derivation)


def is_size_law(value):
    """Whether it is the chain o = floor(...) + 1 = number."""
    return isinstance(value, Equation) and isinstance(value.sides[0], Letter) and value.sides[0].name == "o"


def test_a_wrong_number_in_an_equation_is_found():
    """A size law that ends in another number does not hold."""
    change = once(is_size_law, lambda law: replace(law, sides=(*law.sides[:-1], Number(7))))
    problem, derivation, hits = planted(PLAIN, change)
    assert len(hits) == 1
    with pytest.raises(VerificationError, match=r"link 3 .* does not hold: 2 is not 7"):
        check(problem, derivation)


def test_a_wrong_law_is_found():
    """A size law without its + 1 does not hold."""
    change = once(is_size_law, lambda law: replace(law, sides=(law.sides[0], law.sides[1].args[0], *law.sides[2:])))
    problem, derivation, hits = planted(PLAIN, change)
    assert len(hits) == 1
    with pytest.raises(VerificationError, match=r"link 1 .* does not hold: 2 is not 1"):
        check(problem, derivation)


def test_a_letter_without_a_value_confirms_nothing():
    """Two letters that stand for nothing are not equal by being unknown."""
    problem, derivation = appended(Equation((Letter("a"), Letter("c"))))
    with pytest.raises(VerificationError, match="has no value"):
        check(problem, derivation)


def is_sigma(value):
    """Whether it is a sum over a running index."""
    return isinstance(value, Sigma)


@pytest.mark.parametrize("operation", ["convolution", "cross_correlation", "transposed_convolution"])
@pytest.mark.parametrize("keys", [PLAIN, EQUAL, FULL], ids=["plain", "equal entries", "full"])
@pytest.mark.parametrize(("low", "high"), [(1, 0), (0, -1), (0, 1), (-1, 0)])
def test_a_wrong_range_of_a_sum_is_found(operation, keys, low, high):
    """One term too few or too many at either end of the general sum is found."""

    def shifted(value):
        return replace(value, low=op("add", value.low, low), high=op("add", value.high, high))

    problem, derivation, hits = planted(keys, once(is_sigma, shifted), operation)
    assert len(hits) == 1
    with pytest.raises(VerificationError):
        check(problem, derivation)


@pytest.mark.parametrize("operation", ["convolution", "cross_correlation", "transposed_convolution"])
def test_a_wrong_index_in_a_general_sum_is_found(operation):
    """The general sum with m and n changed over in the kernel does not hold, all operands being equal."""

    def kernel_turned(value):
        return Ref(value.name, value.index[::-1])

    def matches(value):
        return (
            isinstance(value, Ref)
            and value.name == "kernel"
            and value.index is not None
            and not isinstance(value.index[0], int)
        )

    problem, derivation, hits = planted(EQUAL, once(matches, kernel_turned), operation)
    assert len(hits) == 1
    with pytest.raises(VerificationError, match=r"does not hold|has no cell"):
        check(problem, derivation)


def appended(*blocks, keys=PLAIN):
    """A problem and its derivation with one more step."""
    problem = Problem("cross_correlation", **keys)
    derivation = solve(problem).derivation
    return problem, replace(derivation, steps=(*derivation.steps, Step("more", "More", blocks)))


def with_quantity(name, change, keys=PLAIN, operation="cross_correlation"):
    """A problem and its derivation with the value of one quantity changed."""
    problem = Problem(operation, **keys)
    derivation = solve(problem).derivation
    quantity = derivation.quantities[name]
    quantities = {**derivation.quantities, name: replace(quantity, value=change(quantity.value))}
    return problem, replace(derivation, quantities=quantities)


QUANTITIES = [
    (operation, name)
    for operation in ("convolution", "cross_correlation", "transposed_convolution")
    for name in solve(Problem(operation, **PLAIN, padding=1, dilation=2)).derivation.quantities
]


@pytest.mark.parametrize(("operation", "name"), QUANTITIES)
def test_a_wrong_cell_of_any_quantity_is_found(operation, name):
    """The last cell of each quantity in turn, one too large, is found by name."""
    problem, derivation = with_quantity(
        name,
        lambda value: Tensor(value.shape, (*value.cells[:-1], value.cells[-1] + 1)),
        {**PLAIN, "padding": 1, "dilation": 2},
        operation,
    )
    with pytest.raises(VerificationError) as caught:
        check(problem, derivation)
    assert str(caught.value).startswith(f"{name} at ")


def test_a_wrong_cell_with_letters_is_found():
    """A wrong coefficient in a sum of letters is found at random numbers."""
    keys = {"input": {"symbols": "x", "shape": [3]}, "kernel": "2 a"}
    problem, derivation = with_quantity("output", lambda v: Tensor(v.shape, (v.cells[0] * 2, *v.cells[1:])), keys)
    with pytest.raises(VerificationError, match=r"output at \(0,\) is "):
        check(problem, derivation)


@pytest.mark.parametrize("shape", [(4,), (1, 4), (4, 1), (1, 2, 2)])
def test_a_wrong_shape_is_found(shape):
    """The right cells in another shape are refused: nothing is broadcast."""
    problem, derivation = with_quantity("output", lambda value: value.reshape(shape))
    with pytest.raises(VerificationError, match=r"output has the shape .*, the oracle finds \(2, 2\)"):
        check(problem, derivation)


LAYOUTS = {
    "rows changed over": lambda rows: (rows[1], rows[0], *rows[2:]),
    "blocks changed over": lambda rows: tuple(
        tuple({"H_0": "H_1", "H_1": "H_0"}.get(name, name) for name in row) for row in rows
    ),
    "a block left out": lambda rows: ((None, *rows[0][1:]), *rows[1:]),
    "zeros filled": lambda rows: tuple(tuple(name or "H_0" for name in row) for row in rows),
    "a row left out": lambda rows: rows[:-1],
    "a ragged row": lambda rows: (rows[0][:-1], *rows[1:]),
    "nothing but zeros": lambda rows: tuple((None,) * len(row) for row in rows),
    "an unknown block": lambda rows: (("H_99", *rows[0][1:]), *rows[1:]),
}


@pytest.mark.parametrize("keys", [FULL, {**EQUAL, "padding": "full"}], ids=["plain", "equal entries"])
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_a_wrong_block_layout_is_found(keys, layout):
    """A block in the wrong place is found even where all blocks are alike."""
    change = once(lambda value: isinstance(value, Blocks), lambda blocks: replace(blocks, rows=layout(blocks.rows)))
    problem, derivation, hits = planted(keys, change, "convolution")
    assert len(hits) == 1
    with pytest.raises(VerificationError):
        check(problem, derivation)


@pytest.mark.parametrize(("name", "left", "right"), [("le", 5, 4), ("gt", 4, 4), ("gt", 3, 4)])
@pytest.mark.parametrize("wrap", [lambda it: it, Put], ids=["letters", "numbers"])
def test_a_false_inequality_is_found(name, left, right, wrap):
    """An inequality in a sentence is a claim too."""
    problem, derivation = appended(Prose("It fits: {it}.", {"it": wrap(op(name, left, Letter("i", right)))}))
    with pytest.raises(VerificationError, match="does not hold: False is not True"):
        check(problem, derivation)


def test_a_quantity_the_oracle_does_not_know_is_found():
    """A quantity that nothing confirms is no quantity of a solution."""
    problem = Problem("cross_correlation", **PLAIN)
    derivation = solve(problem).derivation
    extra = {**derivation.quantities, "guess": derivation.quantities["output"]}
    with pytest.raises(VerificationError, match="the oracle has no quantity 'guess', so nothing confirms it"):
        check(problem, replace(derivation, quantities=extra))


@pytest.mark.parametrize(
    "block",
    [
        Grids((Grid("guess"),)),
        Prose("See {it}.", {"it": Ref("guess")}),
        Prose("See {it}.", {"it": Put(Ref("Q", (0, 0)))}),
    ],
    ids=["grid", "sentence", "cell"],
)
def test_showing_what_is_no_quantity_is_found(block):
    """A page shows only quantities that were verified."""
    problem, derivation = appended(block)
    with pytest.raises(VerificationError, match="which is no quantity of the derivation"):
        check(problem, derivation)


@pytest.mark.parametrize(
    "equation",
    [
        Equation((Ref("guess"), Ref("output"))),
        Equation((Ref("output"), Number(4))),
        Equation((Ref("output", (2, 0)), Number(0))),
        Equation((Ref("output", (-1, 0)), Ref("output", (1, 0)))),
        Equation((Ref("output"), Ref("input"))),
        Equation((op("matmul", Ref("output"), Ref("input")), Ref("output"))),
        Equation((op("div", 1, 0), Number(0))),
        Equation((Running("z"), Number(1))),
        Equation((Op("transpose", (Ref("input"),)), Ref("input"))),
        Equation((op("total", Ref("output")), Number(0))),
        Equation((Ref("output", (Running("i"), Number(1))), Ref("output", (0, 0))), for_all=(("i", 1, 2),)),
        Equation(
            (Ref("output", (Running("i"), Number(1))), Ref("output", (Running("i"), Number(1)))), for_all=(("i", 1, 3),)
        ),
    ],
)
def test_a_false_or_senseless_equation_is_found(equation):
    """Unknown names, cells outside, shapes that do not go together and false equalities are all found."""
    problem, derivation = appended(equation)
    with pytest.raises(VerificationError):
        check(problem, derivation)


@pytest.mark.parametrize("operation", ["convolution", "cross_correlation", "transposed_convolution"])
@pytest.mark.parametrize("keys", [PLAIN, EQUAL, FULL], ids=["plain", "equal entries", "full"])
def test_what_is_not_changed_is_confirmed(operation, keys):
    """Without a fault the same walk over the derivation is confirmed, with as many claims as the solution has."""
    problem, derivation, hits = planted(keys, lambda value: value, operation)
    assert hits == []
    assert check(problem, derivation) == solve(problem).claims


def test_a_true_equation_adds_claims():
    """Each link of a chain counts."""
    problem, derivation = appended(Equation((op("add", 1, 2), Number(3), op("mul", 3, 1))))
    assert check(problem, derivation) == solve(problem).claims + 2


def test_a_wrong_derivation_cannot_be_solved(monkeypatch):
    """A wrong rule in the derivation never becomes a solution: the oracle is another computation."""
    from symconv.axis import Axis

    right = Axis.source
    monkeypatch.setattr(Axis, "source", lambda axis, out, tap: right(axis, out, tap) - (tap == 1))
    with pytest.raises(VerificationError):
        solve(
            Problem("cross_correlation", input=[[3, 1, 2, 9], [4, 1, 5, 8]], kernel=[[1, 2]], padding=[[0, 0], [0, 1]])
        )


def test_choices_are_kept_at_the_probes():
    """Which cell is the largest decides a gradient: probes of the same order confirm it, and find a wrong entry.

    All upstream entries are equal, so at the problem's own numbers the wrong entry hides.
    """
    keys = {"of": {"operation": "pooling", "input": "1 5 2 7", "size": 2}, "upstream": "3 3"}
    right = Ref("upstream", (0,))
    wrong = once(lambda value: value == right, lambda value: Ref(value.name, (1,)))
    problem, derivation, hits = planted(keys, wrong, "backpropagation")
    assert hits == [right]

    def verified(shown):
        return verify(
            shown,
            lambda operands: problem.operation.oracle(problem.setting, operands),
            problem.setting.operands,
            problem.notation,
            elsewhere=partial(problem.operation.elsewhere, problem.setting),
        )

    assert verified(solve(problem).derivation) == solve(problem).claims
    with pytest.raises(VerificationError, match="does not hold"):
        verified(derivation)
