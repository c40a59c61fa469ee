"""Axis: the integers of one axis against counting."""

import brute_force
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symconv.axis import Axis

AXES = st.builds(
    Axis,
    input=st.integers(1, 12),
    kernel=st.integers(1, 6),
    stride=st.integers(1, 5),
    padding=st.tuples(st.integers(0, 5), st.integers(0, 5)),
    dilation=st.integers(1, 4),
)


def starts(axis):
    """Where windows start on the padded input, found by trying every place."""
    taps = [tap * axis.dilation for tap in range(axis.kernel)]
    return [at for at in range(0, axis.padded, axis.stride) if at + taps[-1] < axis.padded]


@given(axis=AXES)
def test_output_counts_the_windows_that_fit(axis):
    """The size law gives as many windows as can be placed one by one."""
    assert axis.output == len(starts(axis))


@given(axis=AXES)
def test_reach_counts_cells_from_first_tap_to_last(axis):
    """A dilated kernel covers the cells between its first and its last tap, both included."""
    assert axis.reach == len(range(0, (axis.kernel - 1) * axis.dilation + 1))


@given(axis=AXES)
def test_source_is_the_place_in_the_window_less_the_padding(axis):
    """Each tap of each window lies on the cell that walking there finds."""
    for out, start in enumerate(starts(axis)):
        for tap in range(axis.kernel):
            assert axis.source(out, tap) == start + tap * axis.dilation - axis.padding[0]


@given(axis=AXES)
def test_unread_counts_cells_behind_the_last_window(axis):
    """The cells that no window reaches are those behind the last one."""
    if starts(axis):
        last = starts(axis)[-1] + (axis.kernel - 1) * axis.dilation
        assert axis.unread == axis.padded - 1 - last


@pytest.mark.parametrize("mode", ["zeros", "reflect", "replicate", "circular"])
@given(cells=st.integers(1, 6), data=st.data())
def test_cell_names_the_cell_that_padding_repeats(mode, cells, data):
    """Every position of a padded line holds the cell that building the line puts there."""
    widest = {"reflect": cells - 1, "circular": cells}.get(mode, 6)
    before, after = (data.draw(st.integers(0, widest)) for _ in range(2))
    axis = Axis(cells, 1, padding=(before, after))
    expected = brute_force.padded_line(list(range(cells)), before, after, mode, None)
    assert [axis.cell(at, mode) for at in range(-before, cells + after)] == expected


@pytest.mark.parametrize(
    ("axis", "output"),
    [
        (Axis(7, 3), 5),  # (7 - 3) / 1 + 1
        (Axis(7, 3, stride=2), 3),  # (7 - 3) / 2 + 1
        (Axis(7, 3, stride=3), 2),  # 4 / 3 rounds down to 1, + 1
        (Axis(5, 3, stride=2, padding=(1, 1)), 3),  # Dumoulin & Visin, figure 2.6: (5 + 2 - 3) / 2 + 1
        (Axis(6, 3, stride=2, padding=(1, 1)), 3),  # figure 2.7: (6 + 2 - 3) / 2 rounds down to 2, + 1
        (Axis(5, 4, padding=(2, 2)), 6),  # figure 2.2: 5 + 4 - 4 + 1
        (Axis(7, 3, dilation=2), 3),  # figure 5.1: reach 5, 7 - 5 + 1
        (Axis(2, 3), 0),  # the kernel is larger than the input
    ],
)
def test_sizes_of_the_literature(axis, output):
    """The worked sizes of Dumoulin & Visin and of lecture notes."""
    assert axis.output == output
