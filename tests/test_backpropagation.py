"""Backpropagation: gradients by hand, against SciPy, against plain loops, and what is refused."""

from itertools import product

import brute_force
import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st
from test_random_settings import direct_layers, filled, transposed_layers

from symconv import Problem, solve
from symconv.checking.predict import answers
from symconv.errors import ProblemError

LINE = {"operation": "cross_correlation", "input": "1 2 3 4 5", "kernel": "2 0 -1"}
SOME = settings(max_examples=40, deadline=None, derandomize=True)


def gradients(of, upstream=None, **keys):
    """The quantities of a solved backward pass."""
    return solve(Problem("backpropagation", of=of, upstream=upstream, **keys)).quantities


def test_one_dimension_by_hand():
    """Every input cell collects the upstream entries of its windows; every tap the cells it lay on."""
    found = gradients({**LINE, "bias": 1}, "1 -2 3")
    assert found["dx"] == [1 * 2, 1 * 0 - 2 * 2, 1 * -1 - 2 * 0 + 3 * 2, -2 * -1 + 3 * 0, 3 * -1]
    assert found["dw"] == [1 * 1 - 2 * 2 + 3 * 3, 1 * 2 - 2 * 3 + 3 * 4, 1 * 3 - 2 * 4 + 3 * 5]
    assert found["db"] == [1 - 2 + 3]
    assert found["gradient"] == [*found["dx"], *found["dw"], *found["db"]]


def test_the_end_terms_alone_are_no_gradient():
    """Without the middle one of three windows each tap loses a product, and the rest of the gradient is right."""
    problem = Problem("backpropagation", of=LINE, upstream="1 -2 3")
    dx = gradients(LINE, "1 -2 3")["dx"]
    assert answers(problem)["end_terms_only"].tolist() == [*dx, 1 * 1 + 3 * 3, 1 * 2 + 3 * 4, 1 * 3 + 3 * 5]


def test_a_convolution_turns_the_kernel_gradient():
    """With the kernel flipped in the forward pass, its gradient is reversed and the backward pass does not flip."""
    found = gradients({**LINE, "operation": "convolution"}, "1 -2 3")
    assert found["dx"] == [1 * -1, 1 * 0 - 2 * -1, 1 * 2 - 2 * 0 + 3 * -1, -2 * 2 + 3 * 0, 3 * 2]
    assert found["dw"] == [1 * 3 - 2 * 4 + 3 * 5, 1 * 2 - 2 * 3 + 3 * 4, 1 * 1 - 2 * 2 + 3 * 3]


def test_a_stride_stretches_the_gradient():
    """With stride 2 one zero stands between upstream entries."""
    found = gradients({**LINE, "stride": 2}, "3 7")
    assert found["stretched"] == [3, 0, 7]
    assert found["padded_gradient"] == [0, 0, 3, 0, 7, 0, 0]
    assert found["dx"] == [3 * 2, 0, 3 * -1 + 7 * 2, 0, 7 * -1]


def test_letters_unless_numbers_are_given():
    """Without an upstream gradient its entries are g_1, g_2, ...; u where g is taken by the notation."""
    assert [str(cell) for cell in gradients(LINE)["upstream"]] == ["g_{1}", "g_{2}", "g_{3}"]
    taken = gradients(LINE, notation={"kernel": "g"})
    assert [str(cell) for cell in taken["upstream"]] == ["u_{1}", "u_{2}", "u_{3}"]
    assert str(gradients(LINE)["dx"][2]) == "-g_{1} + 2*g_{3}"


@SOME
@given(st.data())
def test_two_dimensions_equal_scipy(data):
    """At stride 1: the full convolution of G with K by the input, the valid correlation of X with G by the kernel."""
    rows, columns, m, n = (data.draw(st.integers(low, high)) for low, high in ((2, 5), (2, 5), (1, 2), (1, 2)))
    draw, entry = data.draw, st.integers(-9, 9)
    x, w, g = (filled(draw, shape, entry) for shape in ((rows, columns), (m, n), (rows - m + 1, columns - n + 1)))
    found = gradients({"operation": "cross_correlation", "input": x, "kernel": w, "dims": 2}, g)
    assert found["dx"] == scipy.signal.convolve2d(np.array(g), np.array(w)).tolist()
    assert found["dw"] == scipy.signal.correlate2d(np.array(x), np.array(g), mode="valid").tolist()


def names_of(channels):
    """The same nested lists with a number for each cell, from 1: 0 is left for what is put on."""
    count = 0
    made = []
    for matrix in channels:
        rows = []
        for row in matrix:
            rows.append(list(range(count + 1, count + len(row) + 1)))
            count += len(row)
        made.append(rows)
    return made


@pytest.mark.parametrize("operation", ["convolution", "cross_correlation"])
@SOME
@given(layer=direct_layers(), data=st.data())
def test_a_direct_layer_equals_plain_loops(operation, layer, data):
    """Every product of the forward pass adds one term to each gradient, whatever the padding repeats."""
    keys, options, (x, w) = layer
    flip = operation == "convolution"
    maps = brute_force.direct(x, w, flip=flip, **options)
    g = filled(data.draw, (len(maps), len(maps[0]), len(maps[0][0])), st.integers(-9, 9))
    found = gradients({**keys, "operation": operation}, [[row[0]] for row in g] if keys["dims"] == 1 else g)
    wide = [brute_force.padded(channel, options["pads"], options["mode"]) for channel in names_of(x)]
    flat = [cell for channel in x for row in channel for cell in row]
    dx, dw = [0] * (len(flat) + 1), np.zeros(np.array(w, dtype=object).shape, dtype=object)
    slices, per_group = len(w[0]), len(w) // options["groups"]
    (s, t), (d, e) = options["stride"], options["dilation"]
    for f, c, i, j, m, n in product(*map(range, (*np.shape(w)[:2], *np.shape(g)[1:], *np.shape(w)[2:]))):
        cell = wide[f // per_group * slices + c][i * s + m * d][j * t + n * e]
        tap = (len(w[0][0]) - 1 - m, len(w[0][0][0]) - 1 - n) if flip else (m, n)
        if cell:
            dx[cell] += g[f][i][j] * w[f][c][tap[0]][tap[1]]
            dw[f, c, *tap] += g[f][i][j] * flat[cell - 1]
    assert np.array(found["dx"], dtype=object).reshape(-1).tolist() == dx[1:]
    assert np.array(found["dw"], dtype=object).reshape(-1).tolist() == dw.reshape(-1).tolist()
    if options["bias"] is not None:
        assert found["db"] == [sum(map(sum, of_map)) for of_map in g]


@SOME
@given(layer=transposed_layers(), data=st.data())
def test_a_transposed_layer_equals_plain_loops(layer, data):
    """The gradients of a transposed layer, term by term from its scattered products."""
    keys, options, (x, w) = layer
    maps = brute_force.transposed(x, w, **options)
    g = filled(data.draw, np.shape(np.array(maps, dtype=object)), st.integers(-9, 9))
    found = gradients(
        {**keys, "operation": "transposed_convolution"}, [[row[0]] for row in g] if keys["dims"] == 1 else g
    )
    dx, dw = (np.zeros(np.array(array, dtype=object).shape, dtype=object) for array in (x, w))
    (s, t), (d, e), ((p, _), (q, _)) = options["stride"], options["dilation"], options["pads"]
    slices = len(x) // options["groups"]
    for c, f, i, j, m, n in product(*map(range, (*dw.shape[:2], *dx.shape[1:], *dw.shape[2:]))):
        u, v, part = i * s + m * d - p, j * t + n * e - q, c // slices * dw.shape[1] + f
        if 0 <= u < len(g[0]) and 0 <= v < len(g[0][0]):
            dx[c, i, j] += g[part][u][v] * w[c][f][m][n]
            dw[c, f, m, n] += g[part][u][v] * x[c][i][j]
    assert np.array(found["dx"], dtype=object).reshape(-1).tolist() == dx.reshape(-1).tolist()
    assert np.array(found["dw"], dtype=object).reshape(-1).tolist() == dw.reshape(-1).tolist()


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, "of is missing; write of = {operation"),
        ({"of": "1 2"}, "of is '1 2'; write of = {"),
        ({"of": {"operation": "flatten"}}, "of.operation is 'flatten'; write 'convolution' or"),
        ({"of": {**LINE, "strides": 2}}, "of.strides is unknown (did you mean stride?)"),
        ({"of": {"operation": "convolution", "kernel": "1"}}, "of: input is missing"),
        ({"of": {**LINE, "stride": 0}}, "of: stride is 0; it must be at least 1"),
        ({"of": LINE, "upstream": "1 2"}, "upstream is 2 long, but the output of the layer is 3 long"),
        ({"of": LINE, "ask": "bias"}, "ask is 'bias', but the layer has none"),
        ({"of": {**LINE, "kernel": "g_1 g_2 1"}}, "the letters g are taken by the layer's operands; give upstream"),
    ],
)
def test_what_is_refused(keys, said):
    """One line names the key, what was given and what would be right."""
    with pytest.raises(ProblemError) as error:
        solve(Problem("backpropagation", **keys))
    assert said in str(error.value)
    assert "\n" not in str(error.value)
