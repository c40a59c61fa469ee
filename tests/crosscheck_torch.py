"""Thousands of random layers against torch, exactly: `pytest -m crosscheck tests/crosscheck_torch.py`.

All tensors hold integers in float64, far below 2^53, so that every sum of torch is exact too.
"""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from symconv import Problem, numeric, solve  # noqa: E402

functional = torch.nn.functional
pytestmark = pytest.mark.crosscheck

ORACLE, SOLVED = 2000, 150  # settings for each number of axes
MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate", "circular": "circular"}


def channels(rng):
    """Groups, channels in a group and filters in a group."""
    return tuple(int(n) for n in rng.integers(1, 4, 3))


def integers(rng, *shape):
    """Random integers."""
    return rng.integers(-99, 100, shape)


def direct_layer(rng, dims, most):
    """A random direct layer on which at least one window fits."""
    mode = str(rng.choice(list(MODES)))
    cells, stride, dilation = ([int(n) for n in rng.integers(1, top, dims)] for top in (most, 5, 4))
    widest = [{"reflect": n - 1, "circular": n}.get(mode, 4) for n in cells]
    pads = [tuple(int(n) for n in rng.integers(0, top + 1, 2)) for top in widest]
    room = [(n + sum(p) - 1) // d + 1 for n, p, d in zip(cells, pads, dilation, strict=True)]
    taps = [int(rng.integers(1, min(4, top) + 1)) for top in room]
    groups, slices, filters = channels(rng)
    x, w = integers(rng, groups * slices, *cells), integers(rng, groups * filters, slices, *taps)
    bias = integers(rng, len(w)) if rng.random() < 0.5 else None
    return x, w, bias, stride, pads, dilation, mode, groups


def direct_by_torch(x, w, bias, stride, pads, dilation, mode, groups):
    """The layer in torch."""
    widths = [n for both in reversed(pads) for n in both]  # torch names the last axis first
    padded = functional.pad(tensor(x)[None], widths, mode=MODES[mode])
    conv = functional.conv1d if len(stride) == 1 else functional.conv2d
    made = conv(padded, tensor(w), None if bias is None else tensor(bias), stride, 0, dilation, groups)
    return exact(made[0])


def transposed_layer(rng, dims, most):
    """A random transposed layer of which something is left after the crop."""
    cells, taps, stride, dilation = ([int(n) for n in rng.integers(1, top, dims)] for top in (most, 5, 5, 4))
    extra = [int(rng.integers(0, max(s, d))) for s, d in zip(stride, dilation, strict=True)]
    room = [s * (n - 1) + d * (k - 1) for s, n, d, k in zip(stride, cells, dilation, taps, strict=True)]
    before = [int(rng.integers(0, top // 2 + 1)) for top in room]
    after = [
        int(rng.integers(0, top // 2 + 1)) if rng.random() < 0.5 else b for top, b in zip(room, before, strict=True)
    ]
    groups, slices, filters = channels(rng)
    x, w = integers(rng, groups * slices, *cells), integers(rng, groups * slices, filters, *taps)
    bias = integers(rng, groups * filters) if rng.random() < 0.5 else None
    return x, w, bias, stride, list(zip(before, after, strict=True)), dilation, extra, groups


def transposed_by_torch(x, w, bias, stride, pads, dilation, extra, groups):
    """The layer in torch; padding that differs between the sides is cropped from the uncropped layer."""
    conv = functional.conv_transpose1d if len(stride) == 1 else functional.conv_transpose2d
    alike = all(before == after for before, after in pads)
    padding = [before for before, _ in pads] if alike else 0
    bias = None if bias is None else tensor(bias)
    made = conv(tensor(x)[None], tensor(w), bias, stride, padding, extra, groups, dilation)[0]
    if not alike:
        sizes = zip(pads, made.shape[1:], strict=True)
        made = made[(slice(None), *(slice(before, size - after) for (before, after), size in sizes))]
    return exact(made)


def tensor(array):
    """Integers as float64."""
    return torch.tensor(array, dtype=torch.float64)


def exact(made):
    """A tensor of whole numbers as nested lists of int."""
    array = made.numpy()
    assert (array == array.astype(np.int64)).all()
    return array.astype(np.int64).tolist()


def with_bias(maps, bias):
    """The oracle's maps with one bias for each."""
    return maps.tolist() if bias is None else (maps + bias.reshape(-1, *(1,) * (maps.ndim - 1))).tolist()


def keys_of(x, w, bias, stride, pads, dilation, groups, **more):
    """A layer as the keys of a problem; along one axis each channel is a row of its own."""
    if len(stride) == 1:
        x, w = x[:, None], w[:, :, None]
    data = {
        "input": x.tolist(),
        "kernel": w.tolist(),
        "bias": None if bias is None else bias.tolist(),
        "dims": len(stride),
    }
    return {
        **data,
        "stride": stride,
        "padding": [list(p) for p in pads],
        "dilation": dilation,
        "groups": groups,
        **more,
    }


def unsqueezed(answer, maps):
    """An answer with the axis of output maps that a lone map does not write."""
    return [answer] if maps == 1 else answer


@pytest.mark.parametrize("dims", [1, 2])
def test_the_oracle_of_direct_layers(dims):
    """The oracle's correlation is torch's convolution, in every padding mode."""
    rng = np.random.default_rng(dims)
    for _ in range(ORACLE):
        x, w, bias, stride, pads, dilation, mode, groups = layer = direct_layer(rng, dims, 9)
        found = with_bias(numeric.correlate(x, w, stride, pads, dilation, mode, groups), bias)
        assert found == direct_by_torch(*layer)


@pytest.mark.parametrize("dims", [1, 2])
def test_the_oracle_of_transposed_layers(dims):
    """The oracle's scattering and cropping is torch's transposed convolution."""
    rng = np.random.default_rng(10 + dims)
    for _ in range(ORACLE):
        x, w, bias, stride, pads, dilation, extra, groups = layer = transposed_layer(rng, dims, 6)
        found = with_bias(numeric.crop(numeric.scatter(x, w, stride, dilation, extra, groups), pads), bias)
        assert found == transposed_by_torch(*layer)


@pytest.mark.parametrize("dims", [1, 2])
def test_the_gradient_of_direct_layers(dims):
    """The transpose of correlation is torch's gradient with respect to the input, in every padding mode."""
    rng = np.random.default_rng(20 + dims)
    for _ in range(ORACLE // 4):
        x, w, _, stride, pads, dilation, mode, groups = direct_layer(rng, dims, 7)
        source = tensor(x).requires_grad_()
        widths = [n for both in reversed(pads) for n in both]
        padded = functional.pad(source[None], widths, mode=MODES[mode])
        conv = functional.conv1d if dims == 1 else functional.conv2d
        made = conv(padded, tensor(w), None, stride, 0, dilation, groups)
        y = integers(rng, *made.shape[1:])
        made.backward(tensor(y)[None])
        back = numeric.correlate_back(y, w, x.shape[1:], stride, pads, dilation, mode, groups)
        assert back.tolist() == exact(source.grad)


@pytest.mark.parametrize("operation", ["cross_correlation", "convolution"])
@pytest.mark.parametrize("dims", [1, 2])
def test_solutions_of_direct_layers(dims, operation):
    """solve() gives torch's convolution; for the operation convolution the kernel is turned first."""
    rng = np.random.default_rng(30 + dims)
    for _ in range(SOLVED):
        x, w, bias, stride, pads, dilation, mode, groups = direct_layer(rng, dims, 6)
        keys = keys_of(x, w, bias, stride, pads, dilation, groups, padding_mode=mode)
        turned = w if operation == "cross_correlation" else np.flip(w, tuple(range(2, 2 + dims))).copy()
        answer = unsqueezed(solve(Problem(operation, **keys)).answer, len(w))
        assert answer == direct_by_torch(x, turned, bias, stride, pads, dilation, mode, groups)


@pytest.mark.parametrize("dims", [1, 2])
def test_solutions_of_transposed_layers(dims):
    """solve() gives torch's transposed convolution."""
    rng = np.random.default_rng(40 + dims)
    for _ in range(SOLVED):
        x, w, bias, stride, pads, dilation, extra, groups = layer = transposed_layer(rng, dims, 4)
        keys = keys_of(x, w, bias, stride, pads, dilation, groups, output_padding=extra)
        answer = unsqueezed(solve(Problem("transposed_convolution", **keys)).answer, w.shape[1] * groups)
        assert answer == transposed_by_torch(*layer)
