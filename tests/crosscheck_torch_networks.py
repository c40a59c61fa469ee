"""Random networks of every kind of layer against torch: the output, and all derivatives by autograd, exactly.

They run with `pytest -m crosscheck tests/crosscheck_torch_networks.py`. Each slope, mean and weight is a fraction whose
denominator is a power of two: torch's floats are exact, and are compared as fractions.
"""

from collections import Counter
from fractions import Fraction
from itertools import pairwise
from math import prod

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from crosscheck_torch import MODES, both, functional, tensor  # noqa: E402

from symconv import Problem, solve  # noqa: E402

pytestmark = pytest.mark.crosscheck

NETWORKS = 600  # for each number of axes
SOLVED = 30  # of them with every displayed equality verified too
MOST = 6  # cells along an axis before a layer that enlarges


def small(rng, *shape):
    """Random integers near 0, so that zeros and equal entries are frequent."""
    return rng.integers(-3, 4, shape)


def each(rng, sizes, top):
    """A whole number from 1 to top, or to the size where that is smaller, for each axis."""
    return [int(rng.integers(1, min(top, n) + 1)) for n in sizes]


def nested(array, dims, lead):
    """An array as a key of a problem; along one axis each line is a matrix of one row."""
    return (array.reshape(*array.shape[:lead], 1, -1) if dims == 1 else array).tolist()


def with_bias(rng, table, kernel, maps):
    """The weights of a layer: its kernel, and every other time a bias, which is also put into its table."""
    if rng.random() < 0.5:
        return [kernel]
    table["bias"] = small(rng, maps).tolist()
    return [kernel, np.array(table["bias"])]


def groups_of(rng, channels):
    """How many groups the channels fall into."""
    return int(rng.choice([n for n in range(1, channels + 1) if channels % n == 0]))


def conv(rng, shape):
    """A convolution: the table, what it does in torch, its weights."""
    channels, *cells = shape
    dims, groups = len(cells), groups_of(rng, channels)
    mode = str(rng.choice(list(MODES)))
    widest = [{"reflect": min(n - 1, 1)}.get(mode, 1) for n in cells]
    pads = [tuple(int(n) for n in rng.integers(0, most + 1, 2)) for most in widest]
    taps = each(rng, [n + sum(p) for n, p in zip(cells, pads, strict=True)], 3)
    room = [(n + sum(p) - 1) // max(k - 1, 1) for n, p, k in zip(cells, pads, taps, strict=True)]
    stride, dilation = each(rng, [2] * dims, 2), each(rng, [max(n, 1) for n in room], 2)
    flip = bool(rng.random() < 0.3)
    w = small(rng, groups * int(rng.integers(1, 3)), channels // groups, *taps)
    table = {"kind": "conv", "kernel": nested(w, dims, 2), "stride": stride, "dilation": dilation, "groups": groups}
    table |= {"padding": [list(p) for p in pads], "padding_mode": mode, "flip": flip}
    slide = functional.conv1d if dims == 1 else functional.conv2d

    def step(x, kernel, bias=None):
        wide = functional.pad(x[None], [n for both in reversed(pads) for n in both], mode=MODES[mode])
        turned = kernel.flip(tuple(range(2, 2 + dims))) if flip else kernel
        return slide(wide, turned, bias, stride, 0, dilation, groups)[0]

    return table, step, with_bias(rng, table, w, len(w))


def transposed_conv(rng, shape):
    """A transposed convolution."""
    channels, *cells = shape
    dims, groups = len(cells), groups_of(rng, channels)
    taps, stride, dilation = each(rng, [3] * dims, 3), each(rng, [3] * dims, 3), each(rng, [2] * dims, 2)
    extra = [int(rng.integers(0, max(s, d))) for s, d in zip(stride, dilation, strict=True)]
    room = [s * (n - 1) + d * (k - 1) for s, n, d, k in zip(stride, cells, dilation, taps, strict=True)]
    crop = [int(rng.integers(0, min(most // 2, 2) + 1)) for most in room]
    w = small(rng, channels, int(rng.integers(1, 3)), *taps)
    table = {"kind": "transposed_conv", "kernel": nested(w, dims, 2), "stride": stride, "dilation": dilation}
    table |= {"groups": groups, "padding": [[n, n] for n in crop], "output_padding": extra}
    scatter = functional.conv_transpose1d if dims == 1 else functional.conv_transpose2d

    def step(x, kernel, bias=None):
        return scatter(x[None], kernel, bias, stride, crop, extra, groups, dilation)[0]

    return table, step, with_bias(rng, table, w, groups * w.shape[1])


def activation(rng, shape):
    """A non-linearity; maxout where there are several channels."""
    kind = str(rng.choice(["relu", "leaky_relu", "maxout"] if shape[0] > 1 else ["relu", "leaky_relu"]))
    if kind == "maxout":
        return {"kind": kind}, lambda x: x.max(dim=0, keepdim=True).values, []
    if kind == "relu":
        return {"kind": kind}, functional.relu, []
    slope = Fraction(int(rng.integers(1, 4)), 4)
    return {"kind": kind, "slope": slope}, lambda x: functional.leaky_relu(x, float(slope)), []


def pool(rng, shape):
    """A pooling; of averages only such with a power of two of cells."""
    cells = shape[1:]
    dims, method = len(cells), str(rng.choice(["max", "min", "average", "global_max", "global_average"]))
    if method.startswith("global"):
        if method == "global_average" and prod(cells) & (prod(cells) - 1):
            method = "global_max"
        places = tuple(range(1, 1 + dims))
        mean = method == "global_average"

        def whole(x):
            flat = x.reshape(len(x), -1)
            return (flat.mean(1) if mean else flat.max(1).values).reshape(-1, *[1] * len(places))

        return {"kind": "pool", "method": method}, whole, []
    size = each(rng, cells, 2 if method == "average" else 3)
    stride, pad = each(rng, [2] * dims, 2), [int(rng.integers(0, k // 2 + 1)) for k in size]
    ceil = bool(method != "average" and rng.random() < 0.3)
    include = bool(rng.random() < 0.5)
    table = {"kind": "pool", "method": method, "size": size, "stride": stride, "padding": [[n, n] for n in pad]}
    if method == "average":
        average = functional.avg_pool1d if dims == 1 else functional.avg_pool2d
        return (
            table | {"count_include_pad": include},
            lambda x: average(x[None], size, stride, pad, False, include)[0],
            [],
        )
    sign = -1 if method == "min" else 1
    most = functional.max_pool1d if dims == 1 else functional.max_pool2d
    return table | {"ceil_mode": ceil}, lambda x: sign * most(sign * x[None], size, stride, pad, 1, ceil)[0], []


def upsample(rng, shape):
    """Nearest neighbours by any whole scale, linear interpolation by 2."""
    dims = len(shape) - 1
    if rng.random() < 0.5:
        scale = each(rng, [3] * dims, 3)
        table = {"kind": "upsample", "method": "nearest", "scale": scale}
        return table, lambda x: functional.interpolate(x[None], scale_factor=[float(n) for n in scale])[0], []
    mode = "linear" if dims == 1 else "bilinear"
    table = {"kind": "upsample", "method": "bilinear", "scale": 2}
    return table, lambda x: functional.interpolate(x[None], scale_factor=2.0, mode=mode)[0], []


def flatten(rng, shape):
    """One long vector, row by row or column by column."""
    column = len(shape) == 3 and rng.random() < 0.3
    table = {"kind": "flatten", "order": "column" if column else "row"}
    return table, lambda x: (x.transpose(1, 2) if column else x).reshape(-1), []


def dense(rng, shape):
    """A row of weights for each unit."""
    units = int(rng.integers(1, 3))
    w = small(rng, units, prod(shape))
    table = {"kind": "dense", "weights": w.tolist()}
    return table, lambda x, weights, bias=0: weights @ x + bias, with_bias(rng, table, w, units)


def one_network(rng, dims):
    """The input, the tables of the layers, and for each layer what it does in torch and its weights."""
    x = small(rng, int(rng.integers(1, 3)), *(int(n) for n in rng.integers(1, 6, dims)))
    tables, steps, here = [], [], tensor(x)
    makers = [conv, transposed_conv, activation, pool, upsample]
    plan = [makers[at] for at in rng.choice(5, int(rng.integers(1, 5)), p=[0.3, 0.2, 0.25, 0.15, 0.1])]
    for make in [
        *plan,
        *([flatten, dense] if rng.random() < 0.5 else []),
        *([activation] if rng.random() < 0.2 else []),
    ]:
        if make in (transposed_conv, upsample) and max(here.shape[1:]) > MOST // 2:
            continue
        if make is activation and here.ndim == 1:  # behind a dense layer there are no channels
            table, step, weights = {"kind": "relu"}, functional.relu, []
        else:
            table, step, weights = make(rng, tuple(here.shape))
        tables.append(table)
        steps.append((step, weights))
        here = step(here, *map(tensor, weights))
    return x, tables, steps


def by_torch(x, steps, rng):
    """The output, an upstream gradient, and the derivatives: by the input, then layer by layer by the weights."""
    leaves = [tensor(x).requires_grad_()]
    here = leaves[0]
    for step, weights in steps:
        own = [tensor(w).requires_grad_() for w in weights]
        leaves += own
        here = step(here, *own)
    upstream = small(rng, *here.shape)
    here.backward(tensor(upstream))
    slopes = [torch.zeros_like(leaf) if leaf.grad is None else leaf.grad for leaf in leaves]
    return here.detach(), upstream, [cell for slope in slopes for cell in fractions(slope)]


def fractions(made):
    """The entries of a tensor as exact fractions; far below 2^53 units of the smallest denominator."""
    cells = [Fraction(cell) for cell in made.reshape(-1).tolist()]
    assert all(abs(cell.numerator) < 2**50 for cell in cells)
    return cells


def leaves_of(value):
    """The entries of nested lists."""
    return [leaf for item in value for leaf in leaves_of(item)] if isinstance(value, list) else [value]


@pytest.mark.parametrize("dims", [1, 2])
def test_networks(dims):
    """The output and every derivative, derived and by the oracle, are torch's, at corners and ties too."""
    rng, found = np.random.default_rng([70, dims]), Counter()
    while found["compared"] < NETWORKS:
        x, tables, steps = one_network(rng, dims)
        if not tables:  # the only one was to enlarge a map that is large
            continue
        made, upstream, slopes = by_torch(x, steps, rng)
        keys = {"input": nested(x, dims, 1), "layers": tables, "dims": dims}
        for value in both(Problem("network", **keys)):
            assert leaves_of(value) == fractions(made), keys
        keys |= {"ask": "gradients", "upstream": nested(upstream, dims, 1) if made.ndim > 1 else upstream.tolist()}
        for value in both(Problem("network", **keys)):
            assert value == slopes, keys
        if found["compared"] < SOLVED:
            assert solve(Problem("network", **keys)).answer == slopes, keys
        found["compared"] += 1
        found.update({table["kind"] for table in tables})
        found["long"] += len(tables) > 3
        kinds = [table["kind"] for table in tables]
        found["back up"] += any(a != b == "transposed_conv" for a, b in pairwise(kinds))
    assert len(found) == 12  # the nine kinds, and what is counted besides
    assert min(found.values()) >= NETWORKS // 25
