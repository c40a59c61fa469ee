"""The transpose is not the inverse: products and ranks by hand, inverses that really are, and what is refused."""

from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from symconv import Problem, solve
from symconv.errors import ProblemError
from symconv.operations import elimination

LINE = {"operation": "cross_correlation", "input": "3 -1 2 4", "kernel": "1 2"}


def quantities(of, **keys):
    """What is derived about one layer."""
    return solve(Problem("transpose_is_not_inverse", of=of, **keys)).quantities


def test_by_hand():
    """There and back gives other numbers, the rank is the number of outputs, and R undoes C from the right."""
    found = quantities(LINE)
    assert found["C"] == [[1, 2, 0, 0], [0, 1, 2, 0], [0, 0, 1, 2]]
    assert found["C^TC"] == [[1, 2, 0, 0], [2, 5, 2, 0], [0, 2, 5, 2], [0, 0, 2, 4]]
    assert found["rank"] == 3
    y = [3 - 2, -1 + 4, 2 + 8]
    assert found["back"] == [y[0], 2 * y[0] + y[1], 2 * y[1] + y[2], 2 * y[2]]
    assert (np.array(found["C"]) @ np.array(found["R"], dtype=object)).tolist() == np.eye(3).tolist()
    assert found["numerators(R)"] == [[int(cell * 85) for cell in row] for row in found["R"]]


def test_windows_that_do_not_overlap():
    """With the stride of the kernel the rows are orthogonal, so the right inverse is C^T over 5."""
    found = quantities({**LINE, "stride": 2}, ask="right_inverse")
    assert found["R"] == [[Fraction(1, 5), 0], [Fraction(2, 5), 0], [0, Fraction(1, 5)], [0, Fraction(2, 5)]]


def test_full_size_has_a_left_inverse():
    """With full padding C has independent columns, and L undoes it."""
    found = quantities({**LINE, "padding": "full"})
    assert found["rank"] == 4
    assert (np.array(found["L"], dtype=object) @ np.array(found["C"])).tolist() == np.eye(4).tolist()
    assert "R" not in found


@settings(max_examples=30, deadline=None, derandomize=True)
@given(cells=st.integers(2, 5), taps=st.lists(st.integers(-3, 3), min_size=1, max_size=3), stride=st.integers(1, 3))
def test_the_rank_is_the_number_of_outputs(cells, taps, stride):
    """Without padding every kernel that is not 0 gives independent rows: the argument of the page, in SymPy."""
    rows = [[0] * at + taps + [0] * (cells - at - len(taps)) for at in range(0, cells - len(taps) + 1, stride)]
    if not any(taps) or not rows or (sympy.Matrix(rows).T * sympy.Matrix(rows)).is_Identity:
        return
    of = {"operation": "cross_correlation", "input": [list(range(cells))], "kernel": [taps], "stride": stride}
    found = quantities(of)
    assert found["rank"] == len(rows) == sympy.Matrix(rows).rank()
    assert found["R"] == [[Fraction(int(c.p), int(c.q)) for c in row] for row in sympy.Matrix(rows).pinv().tolist()]


def test_elimination():
    """Rank and inverse in fractions, with a row exchange, and no inverse where there is none."""
    assert elimination.inverse(np.array([[0, 2], [1, 0]])).tolist() == [[0, 1], [Fraction(1, 2), 0]]
    assert elimination.rank(np.array([[0, 0], [0, 3]])) == 1
    with pytest.raises(ZeroDivisionError):
        elimination.inverse(np.array([[1, 2], [2, 4]]))


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, "of is missing"),
        ({"of": {**LINE, "operation": "transposed_convolution"}}, "of.operation is 'transposed_convolution'; write"),
        ({"of": {**LINE, "kernel": "a 1"}}, "of has letters"),
        ({"of": {**LINE, "bias": 1}}, "of.bias is given"),
        ({"of": {**LINE, "kernel": "0 0"}}, "of.kernel is zero everywhere"),
        ({"of": {**LINE, "kernel": "-1"}}, "here C^T C is I"),
        ({"of": {**LINE, "padding": "full"}, "ask": "right_inverse"}, "C has 5 rows and the rank 4"),
        ({"of": {**LINE, "input": [[1] * 50]}}, "the matrix would be 49 x 50; make the layer smaller"),
    ],
)
def test_what_is_refused(keys, said):
    """One line names the key, what was given and what would be right."""
    with pytest.raises(ProblemError) as error:
        solve(Problem("transpose_is_not_inverse", **keys))
    assert said in str(error.value)
