"""Geometry: which tap meets which cell, against arrays that carry their own position."""

from itertools import product

import brute_force
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symconv.axis import Axis
from symconv.operations.geometry import Geometry, lead, pads_of, size_mode, squeezed
from symconv.tensor import Tensor


@st.composite
def geometries(draw):
    """Small layers on which at least one window fits."""
    mode = draw(st.sampled_from(["zeros", "reflect", "replicate", "circular"]))
    axes = []
    for _ in range(draw(st.integers(1, 2))):
        cells, dilation = draw(st.integers(1, 4)), draw(st.integers(1, 2))
        widest = {"reflect": cells - 1, "circular": cells}.get(mode, 2)
        before, after = draw(st.integers(0, widest)), draw(st.integers(0, widest))
        taps = draw(st.integers(1, min(3, (cells + before + after - 1) // dilation + 1)))
        axes.append(Axis(cells, taps, draw(st.integers(1, 3)), (before, after), dilation))
    groups, slices, per_group = draw(st.sampled_from([(1, 1, 1), (1, 2, 2), (2, 1, 1), (2, 2, 1)]))
    return Geometry(tuple(axes), groups * slices, groups * per_group, groups, mode, draw(st.booleans()))


def loops(geometry, x, w):
    """The output of a layer by plain loops, channel lists of matrices."""
    axes = ([Axis(1, 1)] if geometry.dims == 1 else []) + list(geometry.axes)
    return brute_force.direct(
        x,
        w,
        stride=[a.stride for a in axes],
        pads=[a.padding for a in axes],
        dilation=[a.dilation for a in axes],
        mode=geometry.mode,
        groups=geometry.groups,
        flip=geometry.flip,
    )


@pytest.mark.parametrize("order", ["row", "column"])
@settings(max_examples=40, deadline=None, derandomize=True)
@given(geometry=geometries())
def test_the_rows_place_every_tap(geometry, order):
    """C from its rows, with another power of seven for every tap, does what the loops do to each basis array."""
    rows, columns = (1, *geometry.input)[-2:]
    shape = (geometry.filters, geometry.slices, *(1, *geometry.kernel)[-2:])
    numbers = [7**n for n in range(int(np.prod(shape)))]
    w = np.array(numbers, dtype=object).reshape(shape).tolist()
    height = geometry.filters * int(np.prod(geometry.output))
    width = geometry.channels * rows * columns
    matrix = np.zeros((height, width), dtype=object)
    for row, cells, places in geometry.rows(order):
        for cell, place in zip(cells, places, strict=True):
            matrix[row, cell] += numbers[place]
    for column in range(width):
        channel, rest = divmod(column, rows * columns)
        row, at = divmod(rest, columns) if order == "row" else divmod(rest, rows)[::-1]
        basis = [[[0] * columns for _ in range(rows)] for _ in range(geometry.channels)]
        basis[channel][row][at] = 1
        out = np.array(loops(geometry, basis, w), dtype=object)
        expected = (out if order == "row" else out.swapaxes(1, 2)).reshape(-1)
        assert matrix[:, column].tolist() == expected.tolist()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(geometry=geometries())
def test_windows_and_taps_give_the_output(geometry):
    """Summing over `taps` at `in_padded` of an array padded by loops is what the loops give."""
    rng = np.random.default_rng(1)
    shape = (geometry.channels, *(1, *geometry.input)[-2:])
    x = rng.integers(-9, 9, shape).tolist()
    w = rng.integers(-9, 9, (geometry.filters, geometry.slices, *(1, *geometry.kernel)[-2:])).tolist()
    pads = ([(0, 0)] * 2 + [a.padding for a in geometry.axes])[-2:]
    wide = [brute_force.padded(channel, pads, geometry.mode) for channel in x]
    maps = [
        [
            sum(
                at(wide[geometry.channel(f, c)], geometry.in_padded(out, place)) * at(w[f][c], tap)
                for c in range(geometry.slices)
                for place, tap in geometry.taps()
            )
            for out in geometry.outputs()
        ]
        for f in range(geometry.filters)
    ]
    assert maps == [brute_force.flat(rows) for rows in loops(geometry, x, w)]
    assert geometry.products == geometry.filters * geometry.slices * len(maps[0]) * len(brute_force.flat(w[0][0]))


def at(matrix, index):
    """A cell of a matrix; one index is a cell of its only row."""
    row, column = (0, *index)[-2:]
    return matrix[row][column]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(geometry=geometries())
def test_a_padded_cell_names_the_cell_it_repeats(geometry):
    """`cell` finds what padding an array of positions puts there."""
    rows, columns = (1, *geometry.input)[-2:]
    names = [[(r, c) for c in range(columns)] for r in range(rows)]
    pads = ([(0, 0)] * 2 + [a.padding for a in geometry.axes])[-2:]
    wide = brute_force.padded(names, pads, geometry.mode)
    for index in product(*(range(a.padded) for a in geometry.axes)):
        found = geometry.cell(index)
        assert at(wide, index) == (0 if found is None else (0, *found)[-2:])


def test_full_is_recognised():
    """Full means zero padding by k - 1 on both sides with stride and dilation 1."""
    assert Geometry((Axis(3, 2, padding=(1, 1)),)).is_full
    assert not Geometry((Axis(3, 2, padding=(1, 0)),)).is_full
    assert not Geometry((Axis(3, 2, padding=(1, 1), stride=2),)).is_full
    assert not Geometry((Axis(3, 2, padding=(1, 1)),), mode="reflect").is_full


@given(cells=st.integers(1, 12), taps=st.integers(1, 6), stride=st.integers(1, 4), dilation=st.integers(1, 3))
def test_same_padding_is_the_least_that_gives_ceil_of_i_over_s(cells, taps, stride, dilation):
    """One cell of padding fewer gives fewer windows, and the odd cell goes to the end."""
    axis = Axis(cells, taps, stride, dilation=dilation)
    before, after = pads_of(axis, "same")
    wanted = len(range(0, cells, stride))
    assert Axis(cells, taps, stride, (before, after), dilation).output == wanted or (before, after) == (0, 0)
    assert after - before in (0, 1)
    if after:
        assert Axis(cells, taps, stride, (before, after - 1), dilation).output < wanted


def test_size_modes_are_words():
    """Only the three words are size modes."""
    assert [size_mode(given) for given in ("valid", "same", "full", "Full", 1, [1], None)] == [
        "valid",
        "same",
        "full",
        *[None] * 4,
    ]


def test_lone_channels_are_not_written():
    """Leading axes of size 1 fall away, and so do their indices."""
    assert squeezed(Tensor.of([[[1, 2]], [[3, 4]]]), 2) == Tensor((2, 2), (1, 2, 3, 4))
    assert squeezed(Tensor.of([[[1, 2]]]), 1) == Tensor((1, 2), (1, 2))
    assert lead((3, 5), (0, 1)) == (3,)
