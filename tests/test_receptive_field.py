"""Receptive fields: numbers of known networks, inputs perturbed cell by cell, and problems that are refused."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symconv import Problem, ProblemError, solve
from symconv.checking.predict import answers


def solved(*layers, **keys):
    """A solved stack."""
    return solve(Problem("receptive_field", layers=list(layers), **keys))


def forward(cells, layers):
    """Every layer on one axis with all kernel entries 1, in plain loops."""
    for layer in layers:
        pad = [0] * layer["padding"]
        padded = pad + cells + pad
        last = layer["dilation"] * (layer["kernel"] - 1)
        starts = range(0, max(len(padded) - last, 0), layer["stride"])
        cells = [sum(padded[at + tap * layer["dilation"]] for tap in range(layer["kernel"])) for at in starts]
    return cells


LAYERS = st.lists(
    st.fixed_dictionaries(
        {
            "kernel": st.integers(1, 3),
            "stride": st.integers(1, 3),
            "padding": st.integers(0, 2),
            "dilation": st.integers(1, 3),
        }
    ),
    min_size=1,
    max_size=3,
)


def test_stacked_threes_see_as_far_as_a_larger_kernel():
    """Two 3x3 layers see 5x5 and three see 7x7, as the VGG paper says."""
    assert solved({"kernel": 3}, {"kernel": 3}).answer == [5]
    assert solved({"kernel": 3}, {"kernel": 3}, {"kernel": [3, 3]}).answer == [7, 7]


def test_known_networks():
    """AlexNet sees 195 cells a side from 64 before the input on, VGG-16 212 from 90 before it; both move by 32.

    Source: Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019, the
    table of the library that belongs to it (alexnet_v2, whose first layer has no padding, and vgg_16).
    """
    pool, halve = {"kernel": 3, "stride": 2}, {"kernel": 2, "stride": 2}
    three = {"kernel": 3, "padding": 1}
    first, second = {"kernel": 11, "stride": 4}, {"kernel": 5, "padding": 2}
    alexnet = solved(first, pool, second, pool, three, three, three, pool, notation={"index_base": 0})
    assert alexnet.answer == [195]
    assert alexnet.quantities["table"][-1] == [195, 4 * 2 * 2 * 2, -64]
    blocks = [layer for count in (2, 2, 3, 3, 3) for layer in [three] * count + [halve]]
    vgg = solved(*blocks, notation={"index_base": 0})
    assert vgg.answer == [212]
    assert vgg.quantities["table"][-1] == [212, 2**5, -90]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(layers=LAYERS, cells=st.integers(3, 14), cell=st.integers(0, 5))
def test_the_cells_equal_perturbing_the_input(layers, cells, cell):
    """A 1 put into one input cell changes the followed output cell by the number of paths."""
    out = forward([0] * cells, layers)
    if cell >= len(out):
        with pytest.raises(ProblemError, match="cell|no window fits"):
            solved(*layers, input=cells, cell=cell + 1)
        return
    found = solved(*layers, input=cells, cell=cell + 1).quantities
    changed = [forward([int(at == n) for n in range(cells)], layers)[cell] for at in range(cells)]
    assert found["paths"] == changed
    reached = [at for at, count in enumerate(changed, 1) if count]
    assert all(found["first"] <= at <= found["last"] for at in reached)
    assert found["last"] - found["first"] + 1 == found["size"][0]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(layers=LAYERS)
def test_the_field_is_reached_from_end_to_end(layers):
    """Without padding the first output cell reads the first input cell and the last of its field, and none beyond."""
    bare = [{**layer, "padding": 0} for layer in layers]
    size = solved(*bare).answer[0]
    outputs = [forward([int(at == n) for n in range(size + 4)], bare)[0] for at in range(size + 4)]
    assert outputs[0] > 0
    assert [bool(count) for count in outputs[size - 1 :]] == [True, False, False, False, False]


def test_two_axes_are_followed_apart():
    """Rows and columns have fields of their own, and the drawing is their product."""
    layers = {"kernel": [1, 3], "stride": [1, 2]}, {"kernel": [3, 1]}
    found = solved(*layers, input=[5, 9], cell=[2, 2]).quantities
    assert found["size"] == [3, 3]
    assert (found["r_1(rows)"], found["r_1(columns)"]) == (1, 3)
    assert (found["first"], found["last"]) == ([2, 3], [4, 5])
    marked = [(row, column) for row, column in product(range(5), range(9)) if found["cells"][row][column]]
    assert marked == list(product(range(1, 4), range(2, 5)))


def test_every_entry_of_the_recursion_has_a_label():
    """Field, jump and start of each layer, the input being layer 0."""
    found = solved({"kernel": 7, "stride": 2, "padding": 3}, {"kernel": 3, "stride": 2, "padding": 1}).quantities
    assert [found[f"r_{n}"] for n in range(3)] == [1, 7, 7 + 2 * 2]
    assert [found[f"j_{n}"] for n in range(3)] == [1, 2, 4]
    assert [found[f"start_{n}"] for n in range(3)] == [1, 1 - 3, 1 - 3 - 2]
    assert found["table"] == [[1, 1, 1], [7, 2, -2], [11, 4, -4]]


THREE = {"kernel": 3}


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"layers": []}, "layers is []"),
        ({"layers": ["conv"]}, "layer 1: it is 'conv'"),
        ({"layers": [THREE, {"stride": 2}]}, "layer 2: kernel is missing"),
        ({"layers": [{"kernel": 0}]}, "layer 1: kernel is 0"),
        ({"layers": [{**THREE, "stride": 0}]}, "layer 1: stride is 0"),
        ({"layers": [{**THREE, "padding": -1}]}, "layer 1: padding is -1"),
        ({"layers": [{**THREE, "filters": 2}]}, "layer 1: the key filters is unknown"),
        ({"layers": [{"kernel": [3, 3, 3]}]}, "layer 1: kernel is [3, 3, 3]"),
        ({"layers": [{"kernel": 10**6}]}, "layer 1: kernel is 1,000,000"),
        ({"layers": [{"kernel": 9, "stride": 9}] * 9}, "the receptive field has more than"),
        ({"layers": [THREE], "cell": 1}, "cell needs the size of the input"),
        ({"layers": [THREE], "input": 2}, "layer 1: no window fits"),
        ({"layers": [THREE], "input": 5, "cell": 4}, "cell is [4], but the last layer has 3 cells"),
        ({"layers": [THREE], "input": 5, "cell": 0}, "cell is 0"),
        ({"layers": [THREE], "ask": "cells"}, "ask = 'cells' needs an input"),
        ({"layers": [THREE], "input": [10**4, 10**4]}, "beyond the limit"),
    ],
)
def test_bad_input_is_named(keys, said):
    """Each wrong key gets one line that names its layer and the key."""
    with pytest.raises(ProblemError) as caught:
        solve(Problem("receptive_field", **keys))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_mistakes_have_their_numbers():
    """3x3, 2x2 pooling, 3x3: 1 + 2 + 1 + 2 * 2 = 8; without the pooling 5; as an area 64."""
    problem = Problem("receptive_field", layers=[{"kernel": 3}, {"kernel": 2, "stride": 2}, {"kernel": 3}])
    assert solve(problem).answer == [1 + 2 + 1 + 2 * 2]
    wrong = answers(problem)
    assert wrong["pooling_skipped"].tolist() == [1 + 2 + 2]
    assert wrong["area_for_side"].tolist() == [8 * 8]
    assert "pooling_skipped" not in answers(Problem("receptive_field", layers=[{"kernel": 3}]))
