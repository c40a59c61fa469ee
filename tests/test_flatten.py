"""Flatten: the order by hand and by NumPy, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symconv import Problem, solve
from symconv.errors import ProblemError


def test_orders_by_hand():
    """Row by row, column by column, one channel after the other."""
    assert solve(Problem("flatten", input="1 2 3; 4 5 6")).answer == [1, 2, 3, 4, 5, 6]
    assert solve(Problem("flatten", input="1 2 3; 4 5 6", order="column")).answer == [1, 4, 2, 5, 3, 6]
    assert solve(Problem("flatten", input=["1 2; 3 4", "5 6; 7 8"])).answer == [1, 2, 3, 4, 5, 6, 7, 8]
    assert solve(Problem("flatten", input=["1 2; 3 4", "5 6; 7 8"], order="column")).answer == [1, 3, 2, 4, 5, 7, 6, 8]


@settings(max_examples=20, deadline=None, derandomize=True)
@given(shape=st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(1, 4)), base=st.integers(0, 1))
def test_it_is_numpys_order(shape, base):
    """The two orders are NumPy's C and F for each channel, with either index base."""
    x = np.arange(np.prod(shape)).reshape(shape)
    for order, known in (("row", "C"), ("column", "F")):
        found = solve(Problem("flatten", input=x.tolist(), order=order, notation={"index_base": base}))
        assert found.answer == [cell for channel in x.tolist() for cell in np.array(channel).reshape(-1, order=known)]
        assert found.quantities[f"h[{base}]"] == 0
        assert found.quantities["size"] == [x.size]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, "input is missing"),
        ({"input": "1 2", "order": "C"}, "order is 'C'; write 'row' or 'column'"),
        (
            {"input": [["1 2; 3 4"], ["1 2; 3 4"]]},
            "input is nested 4 deep; write one matrix, or a list with one per channel",
        ),
        ({"input": "1 2", "kind": "row"}, "the key kind is unknown"),
    ],
)
def test_what_is_refused(keys, said):
    """One line names the key, what was given and what would be right."""
    with pytest.raises(ProblemError) as error:
        Problem("flatten", **keys)
    assert said in str(error.value)
