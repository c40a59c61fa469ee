"""Properties of convolution: identities and failures by hand and by SciPy, and what is refused."""

import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from symconv import Problem, solve
from symconv.errors import ProblemError
from symconv.operations.property import NAMES

ROWS = st.lists(st.integers(-9, 9), min_size=2, max_size=4)


@pytest.mark.parametrize("name", NAMES)
def test_both_sides_are_the_same_polynomials(name):
    """With letters the two sides are equal term by term, and the counter-example's are not."""
    quantities = solve(Problem("property", name=name)).quantities
    assert quantities["left"] == quantities["right"]
    assert quantities["left_example"] != quantities["right_example"]


def test_sides_by_hand():
    """Two of the identities for two entries each, written out."""
    two = {"input": "x_1 x_2", "kernel": "w_1 w_2"}
    found = solve(Problem("property", name="commutativity", **two)).answer
    assert [str(cell) for cell in found] == ["w_{1}*x_{1}", "w_{1}*x_{2} + w_{2}*x_{1}", "w_{2}*x_{2}"]
    found = solve(Problem("property", name="flip_identity", **two)).answer
    assert [str(cell) for cell in found] == ["w_{2}*x_{1}", "w_{1}*x_{1} + w_{2}*x_{2}", "w_{1}*x_{2}"]


@settings(max_examples=20, deadline=None, derandomize=True)
@given(x=ROWS, w=ROWS, v=ROWS)
def test_numbers_equal_numpys(x, w, v):
    """The left sides are what NumPy's convolution gives for the same statement."""

    def left(name, **keys):
        return solve(Problem("property", name=name, input=[x], kernel=[w], **keys)).answer

    assert left("commutativity") == np.convolve(x, w).tolist()
    assert left("associativity", other=[v]) == np.convolve(np.convolve(x, w), v).tolist()
    assert left("shift_equivariance") == [0, *np.convolve(x, w).tolist()]
    assert left("flip_identity") == np.correlate(x, w, mode="full").tolist()
    y = list(range(len(x) + len(w) - 1))
    assert left("adjoint", other=[y]) == int(np.convolve(x, w) @ np.array(y))


@settings(max_examples=15, deadline=None, derandomize=True)
@given(cells=st.lists(st.integers(-9, 9), min_size=6, max_size=6))
def test_two_dimensions_equal_scipy(cells):
    """Separable kernels and the flip, against SciPy."""
    x, column, row = np.array(cells).reshape(2, 3), np.array([[2], [-1]]), np.array([[1, 3, 1]])
    keys = {"input": x.tolist(), "kernel": column.tolist()}
    found = solve(Problem("property", name="separability", other=row.tolist(), **keys))
    assert found.answer == scipy.signal.convolve2d(x, column @ row).tolist()
    assert found.quantities["product"] == (column @ row).tolist()
    found = solve(Problem("property", name="flip_identity", input=x.tolist(), kernel=[[1, 2], [3, 4]]))
    assert found.answer == scipy.signal.correlate2d(x, [[1, 2], [3, 4]]).tolist()


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, "name is None; write 'linearity' or"),
        ({"name": "idempotence"}, "name is 'idempotence'; write"),
        ({"name": "commutativity", "other": "1 2"}, "other is given, but commutativity is about one input"),
        ({"name": "linearity", "other": "1 2"}, "other is 2, but linearity needs it 3"),
        ({"name": "distributivity", "other": "1 2 3"}, "other is 3, but distributivity needs it 2"),
        ({"name": "adjoint", "other": "1 2"}, "other is 2, but adjoint needs it 4"),
        ({"name": "separability", "kernel": "1 2"}, "separability needs a column as kernel"),
        ({"name": "convolution_theorem", "input": "1 2; 3 4"}, "convolution_theorem is shown in one dimension"),
        ({"name": "commutativity", "input": ["1 2; 3 4", "1 2; 3 4"]}, "input has several channels"),
        ({"name": "commutativity", "stride": 2}, "the key stride is unknown"),
    ],
)
def test_what_is_refused(keys, said):
    """One line names the key, what was given and what would be right."""
    with pytest.raises(ProblemError) as error:
        solve(Problem("property", **keys))
    assert said in str(error.value)
