"""Counting: numbers of lecture notes, plain loops over every product, and problems that are refused."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symconv import Problem, ProblemError, solve
from symconv.checking.predict import answers
from symconv.operations.counting import COUNTING


def quantities(shape, *layers, **keys):
    """Everything counted in a network."""
    return solve(Problem("counting", input=shape, layers=list(layers), **keys)).quantities


def test_ten_filters_on_a_color_image():
    """Lecture notes: 32x32x3, ten 5x5 filters, stride 1, padding 2 gives 32x32x10 and 760 parameters."""
    found = quantities([3, 32, 32], {"kind": "conv", "filters": 10, "kernel": 5, "padding": 2})
    assert found["shape[1]"] == [10, 32, 32]
    assert found["parameters[1]"] == found["total(parameters)"] == (5 * 5 * 3 + 1) * 10
    assert found["bytes[1]"] == 4 * 10 * 32 * 32


def test_separated_layers_against_the_full_one():
    """Lecture notes: 291600 multiplications against 24300 + 32400; 324 parameters against 27 + 36."""
    full = quantities([3, 32, 32], {"kind": "conv", "filters": 12, "kernel": 3, "bias": False})
    assert (full["total(multiplications)"], full["total(parameters)"]) == (291600, 324)
    layers = {"kind": "depthwise", "kernel": 3, "bias": False}, {"kind": "pointwise", "filters": 12, "bias": False}
    separated = quantities([3, 32, 32], *layers)
    assert separated["multiplications"] == [24300, 32400]
    assert separated["parameters"] == [27, 36]
    assert (separated["total(multiplications)"], separated["total(parameters)"]) == (56700, 63)


def test_lenet():
    """LeNet-5 with whole kernels in its second layer and dense layers at the end has 61,706 parameters.

    LeCun et al. 1998 give 156 for C1, 48,120 for C5 and 10,164 for F6; their C3 joins each map to some of the six maps
    only and has 1,516 in place of 2,416, and their pooling layers have weights of their own.
    """
    *layers, last = COUNTING.samples()[1]["layers"]
    found = quantities([1, 32, 32], *layers, {**last, "bias": True}, ask="parameters")
    layer_by_layer = [(25 + 1) * 6, 0, (25 * 6 + 1) * 16, 0, 0, (400 + 1) * 120, (120 + 1) * 84, (84 + 1) * 10]
    assert found["parameters"] == layer_by_layer == [156, 0, 2416, 0, 0, 48120, 10164, 850]
    assert found["total(parameters)"] == 61706
    assert found["shape[5]"] == [400]


SIZES = st.fixed_dictionaries(
    {
        "cells": st.integers(1, 6),
        "kernel": st.integers(1, 3),
        "stride": st.integers(1, 3),
        "padding": st.integers(0, 2),
        "dilation": st.integers(1, 2),
    }
)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(sizes=SIZES, groups=st.integers(1, 2), per=st.integers(1, 2), maps=st.integers(1, 2), bias=st.booleans())
def test_a_layer_equals_counting_one_by_one(sizes, groups, per, maps, bias):
    """Loops that go through every product of a layer count the same."""
    cells = sizes.pop("cells")
    channels, filters = groups * per, groups * maps
    keys = {"kind": "conv", "filters": filters, "groups": groups, "bias": bias, **sizes}
    width = cells + 2 * sizes["padding"]
    last = sizes["dilation"] * (sizes["kernel"] - 1)
    starts = [at for at in range(0, width, sizes["stride"]) if at + last < width]
    if not starts:
        with pytest.raises(ProblemError, match="nothing is left"):
            quantities([channels, cells, cells], keys)
        return
    products = sums = 0
    for _ in product(range(filters), starts, starts):
        terms = sum(1 for _ in product(range(per), range(sizes["kernel"]), range(sizes["kernel"])))
        products, sums = products + terms, sums + terms - 1 + bias
    found = quantities([channels, cells, cells], keys)
    assert found["shape[1]"] == [filters, len(starts), len(starts)]
    assert (found["multiplications[1]"], found["additions[1]"]) == (products, sums)
    assert (found["macs[1]"], found["flops[1]"]) == (products, 2 * products)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(sizes=SIZES, channels=st.integers(1, 3), filters=st.integers(1, 2), bias=st.booleans())
def test_a_transposed_layer_equals_counting_one_by_one(sizes, channels, filters, bias):
    """Every product of a 1-D transposed layer lands on a cell; further ones there are additions."""
    landed = {}
    cells = sizes["cells"]
    for f, _, i, k in product(range(filters), range(channels), range(cells), range(sizes["kernel"])):
        at = f, i * sizes["stride"] + k * sizes["dilation"]
        landed[at] = landed.get(at, 0) + 1
    size = max(at for _, at in landed) + 1 - 2 * sizes["padding"]
    keys = {**sizes, "kind": "transposed", "filters": filters, "bias": bias}
    keys.pop("cells")
    if size < 1:
        with pytest.raises(ProblemError, match="nothing is left"):
            quantities([channels, cells], keys)
        return
    found = quantities([channels, cells], keys)
    assert found["shape[1]"] == [filters, size]
    assert found["multiplications[1]"] == sum(landed.values())
    assert found["additions[1]"] == sum(n - 1 for n in landed.values()) + bias * filters * size
    assert found["parameters[1]"] == channels * filters * sizes["kernel"] + bias * filters


def test_a_large_network_is_counted_too():
    """The first layer of VGG on 224x224 pixels: 1792 parameters and 86,704,128 MACs."""
    found = quantities([3, 224, 224], {"kind": "conv", "filters": 64, "kernel": 3, "padding": 1})
    assert (found["parameters[1]"], found["macs[1]"]) == (1792, 224 * 224 * 64 * 27)


CONV = {"kind": "conv", "filters": 2, "kernel": 3}


@pytest.mark.parametrize(
    ("shape", "layers", "said"),
    [
        (None, [CONV], "input is None"),
        ([3, 0, 4], [CONV], "input is 0"),
        ([3, 4, 4], [], "layers is []"),
        ([3, 4, 4], ["conv"], "layer 1: it is 'conv'"),
        ([3, 4, 4], [{"kind": "convolve"}], "layer 1: kind is 'convolve'"),
        ([3, 4, 4], [{"kind": "conv", "kernel": 3}], "layer 1: filters is missing"),
        ([3, 4, 4], [{"kind": "conv", "filters": 3}], "layer 1: kernel is missing"),
        ([3, 4, 4], [{**CONV, "units": 3}], "layer 1: the key units is unknown to conv"),
        ([3, 4, 4], [{**CONV, "kernel": 0}], "layer 1: kernel is 0"),
        ([3, 4, 4], [{**CONV, "stride": [1, 1, 1]}], "layer 1: stride is [1, 1, 1]"),
        ([3, 4, 4], [{**CONV, "groups": 2}], "layer 1: groups is 2"),
        ([3, 4, 4], [{**CONV, "bias": 1}], "layer 1: bias is 1"),
        ([3, 4, 4], [{**CONV, "padding": -1}], "layer 1: padding is -1"),
        ([3, 4, 4], [CONV, CONV], "layer 2: nothing is left"),
        ([3, 4, 4], [{"kind": "dense", "units": 3}], "layer 1: dense needs a vector"),
        ([3, 4, 4], [{"kind": "flatten"}, CONV], "layer 2: conv needs channels"),
        ([3, 4, 4], [{**CONV, "kind": "transposed", "output_padding": 1}], "layer 1: output_padding is 1"),
        ([3, 4, 4], [{**CONV, "kind": "transposed", "padding": "same"}], "layer 1: padding is 'same'"),
        ([3, 9999, 9999], [CONV], "layer 1: it has"),
    ],
)
def test_bad_input_is_named(shape, layers, said):
    """Each wrong key gets one line that names its layer and the key."""
    with pytest.raises(ProblemError) as caught:
        quantities(shape, *layers)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_mistakes_of_separable_layers_have_their_numbers():
    """3x3 kernels on 3 channels, then 12 filters: 3 * 9 + 3 and 12 * 3 + 12 parameters, or what mistakes make of it."""
    layers = [{"kind": "depthwise", "kernel": 3}, {"kind": "pointwise", "filters": 12}, {"kind": "pool", "kernel": 2}]
    problem = Problem("counting", input=[3, 8, 8], layers=layers)
    wrong = answers(problem)
    assert [row[0] for row in solve(problem).answer] == [3 * 9 + 3, 12 * 3 + 12, 0]
    parameters = {name: table[:, 0].tolist() for name, table in wrong.items()}
    assert parameters["depthwise_kernel_for_each_filter"] == [12 * 9 + 12, 48, 0]
    assert parameters["pointwise_counted_with_the_window"] == [30, 12 * 3 * 9 + 12, 0]
    assert parameters["groups_forgotten"] == [3 * 3 * 9 + 3, 48, 0]
    assert parameters["pooling_has_weights"] == [30, 48, 12 * 2 * 2]
    assert wrong["channels_forgotten_in_the_products"][:, 1].tolist() == [6 * 6 * 9 * 3, 6 * 6 * 12, 0]
    assert wrong["flop_for_mac"][:, 3].tolist() == [2 * 6 * 6 * 9 * 3, 2 * 6 * 6 * 12 * 3, 0]
