"""Non-linearities: values by hand, against Python's math and mpmath, derivatives, and what is refused."""

import math
from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from symconv import Problem, exact_numbers, solve
from symconv.errors import ProblemError, VerificationError
from symconv.operations.activation import ACTIVATION
from symconv.solution import verify

HALF = Fraction(1, 2)
NUMBERS = st.one_of(st.integers(-30, 30), st.fractions(-30, 30, max_denominator=9))


def applied(cells, **keys):
    """The solved activation of a row."""
    return solve(Problem("activation", input=[cells], **keys))


def test_rational_kinds_by_hand():
    """ReLU, leaky ReLU and maxout are exact."""
    cells = [3, -2, 0, -HALF]
    assert applied(cells).answer == [3, 0, 0, 0]
    assert applied(cells, kind="leaky_relu", slope="0.1").answer == [3, Fraction(-2, 10), 0, Fraction(-1, 20)]
    assert applied(cells, kind="leaky_relu").answer == [3, Fraction(-2, 100), 0, Fraction(-1, 200)]
    assert solve(Problem("activation", kind="maxout", input=["1 -2", "0 5"])).answer == [1, 5]


def test_slopes_by_hand():
    """The slope is 1 above 0 and that of the negative side elsewhere; maxout's goes to the first largest channel."""
    cells = [3, -2, 0]
    assert applied(cells, ask="derivative").answer == [1, 0, 0]
    assert applied(cells, ask="derivative", kind="leaky_relu", slope=HALF).answer == [1, HALF, HALF]
    found = solve(Problem("activation", kind="maxout", input=["1 -2 4", "0 5 4"], ask="derivative")).answer
    assert found == [[1, 0, 1], [0, 1, 0]]


def test_exact_values():
    """Zero gives rationals; the closed forms of other entries are kept, with four decimals beside them."""
    assert applied([0], kind="sigmoid").answer == [HALF]
    assert applied([0], kind="tanh").answer == [0]
    solution = applied([3], kind="sigmoid")
    assert str(solution.answer[0]) == "1/(exp(-3) + 1)"
    assert solution.quantities["decimal"] == [Fraction(9526, 10000)]
    assert str(applied([-2], kind="elu", alpha=2).answer[0]) == "-2 + 2*exp(-2)"


KNOWN = {
    "sigmoid": (lambda v: 1 / (1 + mpmath.exp(-v)), lambda v: mpmath.sech(v / 2) ** 2 / 4),
    "tanh": (mpmath.tanh, lambda v: mpmath.sech(v) ** 2),
    "elu": (lambda v: v if v > 0 else mpmath.expm1(v), lambda v: 1 if v > 0 else mpmath.exp(v)),
}


@pytest.mark.parametrize("kind", sorted(KNOWN))
@settings(max_examples=25, deadline=None, derandomize=True)
@given(cell=NUMBERS)
def test_exponentials_equal_mpmath(kind, cell):
    """Closed form and derivative agree with another library to 40 digits, the decimals to half a unit."""
    quantities = applied([cell], kind=kind, ask="derivative").quantities
    with mpmath.workdps(60):
        at = mpmath.mpf(cell.numerator) / cell.denominator
        for label, known in zip(("output", "derivative"), KNOWN[kind], strict=True):
            (found,) = quantities[label]
            exact = mpmath.mpf(str(sympy.N(sympy.sympify(found), 55)))
            assert abs(exact - known(at)) < mpmath.mpf(10) ** -40
    assert abs(float(quantities["decimal"][0]) - float(KNOWN[kind][0](float(cell)))) < 0.000051


@settings(max_examples=25, deadline=None, derandomize=True)
@given(cells=st.lists(NUMBERS, min_size=1, max_size=6), slope=st.fractions(-2, 2, max_denominator=7))
def test_rectifiers_equal_comparisons(cells, slope):
    """Every entry is itself, or the slope times itself where it is negative."""
    expected = [cell if cell > 0 else slope * cell for cell in cells]
    assert applied(cells, kind="leaky_relu", slope=slope).answer == expected
    assert applied(cells).answer == [max(cell, 0) for cell in cells]


def test_digits_tell_close_numbers_apart():
    """Numbers that differ in the 49th decimal are different; the exponential is that of Python's floats."""
    one = exact_numbers.exp(0)
    assert one == exact_numbers.Digits(Decimal(1))
    assert one != exact_numbers.Digits(Decimal("1." + "0" * 48 + "1"))
    assert one == exact_numbers.Digits(Decimal("1." + "0" * 51 + "1"))
    assert float(exact_numbers.exp(Fraction(7, 3)).value) == pytest.approx(math.exp(7 / 3))
    assert exact_numbers.exp(1).rounded(3) == Fraction(2718, 1000)
    assert exact_numbers.Digits(Decimal("-1.25")).rounded(1) == Fraction(-12, 10)


def test_a_wrong_closed_form_is_caught():
    """An oracle with another function refuses the solution."""
    problem = Problem("activation", kind="sigmoid", input="1 2")
    derivation = solve(problem).derivation
    other = Problem("activation", kind="tanh", input="1 2").setting
    with pytest.raises(VerificationError):
        verify(derivation, lambda a: ACTIVATION.oracle(other, a), problem.setting.operands, problem.notation)


def test_letters_stay_under_the_maximum():
    """A letter may be of either sign, so the maximum is kept."""
    assert [str(cell) for cell in applied(["a", -1]).answer] == ["Max(0, a)", "0"]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, "input is missing"),
        ({"input": "1", "kind": "gelu"}, "kind is 'gelu'; write 'sigmoid' or"),
        ({"input": "1", "slope": 2}, "slope belongs to kind = 'leaky_relu', but kind is 'relu'"),
        ({"input": "1", "kind": "sigmoid", "alpha": 2}, "alpha belongs to kind = 'elu', but kind is 'sigmoid'"),
        ({"input": "1", "kind": "elu", "alpha": "a"}, "alpha is 'a'; write a number"),
        ({"input": "1", "kind": "leaky_relu", "slope": "x y"}, "slope: 'x y' is not a number"),
        ({"input": "1", "kind": "maxout"}, "maxout takes the largest entry across channels"),
        ({"input": "a 1", "kind": "tanh"}, "input has the entry 'a'; tanh is worked out for numbers"),
        ({"input": "51", "kind": "sigmoid"}, "input has the entry '51'; sigmoid is worked out"),
        ({"input": "a 1", "ask": "derivative"}, "ask is 'derivative', but input has letters"),
        ({"input": [["1; 2", "2; 1"], ["3; 1", "4; 4"]]}, "input is nested 4 deep"),
    ],
)
def test_what_is_refused(keys, said):
    """One line names the key, what was given and what would be right."""
    with pytest.raises(ProblemError) as error:
        solve(Problem("activation", **keys))
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_probes_far_out_do_not_overflow():
    """The oracle's exponentials stand entries as large as the random ones."""
    x = np.array([[-999, 999]])
    for kind in ("sigmoid", "tanh", "elu"):
        setting = Problem("activation", kind=kind, input="1 2").setting
        quantities = ACTIVATION.oracle(setting, {"input": x})
        assert quantities["output"]().shape == (2,)
        assert quantities["derivative"]()[1] in (0, 1) or kind != "elu"
