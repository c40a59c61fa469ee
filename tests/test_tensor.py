"""Tensor: shapes, cells and parts of an immutable array."""

from dataclasses import FrozenInstanceError
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symconv.tensor import Tensor

SHAPES = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple)


def counted(shape):
    """An array whose cells are 0, 1, 2, ... in order."""
    return Tensor(shape, tuple(range(int(np.prod(shape)))))


def test_of_reads_nested_lists():
    """The shape is the lengths of the lists, the cells are in order."""
    tensor = Tensor.of([[[1, 2]], [[3, Fraction(1, 2)]]])
    assert tensor == Tensor((2, 1, 2), (1, 2, 3, Fraction(1, 2)))


@given(shape=SHAPES)
def test_indexing_is_numpys(shape):
    """Every index finds the cell that NumPy finds, and the indices come in NumPy's order."""
    tensor, array = counted(shape), np.arange(np.prod(shape)).reshape(shape)
    assert list(tensor.indices()) == list(np.ndindex(*shape))
    assert [tensor[index] for index in tensor.indices()] == [array[index] for index in np.ndindex(*shape)]


@given(shape=SHAPES)
def test_nested_undoes_of(shape):
    """Nested lists are NumPy's, and reading them again gives the same array."""
    tensor = counted(shape)
    assert tensor.nested() == np.arange(np.prod(shape)).reshape(shape).tolist()
    assert Tensor.of(tensor.nested()) == tensor


@given(shape=SHAPES, data=st.data())
def test_part_is_an_array_at_leading_indices(shape, data):
    """Leading indices cut out what NumPy cuts out."""
    depth = data.draw(st.integers(0, len(shape) - 1))
    lead = tuple(data.draw(st.integers(0, n - 1)) for n in shape[:depth])
    part = np.arange(np.prod(shape)).reshape(shape)[lead]
    assert counted(shape).part(*lead) == Tensor(part.shape, tuple(part.reshape(-1).tolist()))


def test_build_computes_each_cell_from_its_index():
    """The function sees every index once, last axis fastest."""
    assert Tensor.build((2, 3), lambda at: 10 * at[0] + at[1]).cells == (0, 1, 2, 10, 11, 12)


def test_reshape_keeps_the_order():
    """The cells stay where they are in row-major order."""
    assert counted((2, 3)).reshape((3, 2)).nested() == [[0, 1], [2, 3], [4, 5]]


def test_a_tensor_cannot_be_changed():
    """Assigning to an attribute is refused."""
    with pytest.raises(FrozenInstanceError):
        counted((2,)).cells = (5, 6)


def test_an_index_of_the_wrong_length_is_refused():
    """A matrix has no cell with one index or three."""
    for index in [(0,), (0, 0, 0)]:
        with pytest.raises(ValueError, match="indices for an array of 2 axes"):
            counted((2, 2))[index]
