"""Thousands of random layers and their gradients against torch, exactly: `pytest -m crosscheck tests/crosscheck_*.py`.

All tensors hold integers in float64, far below 2^53, so that every sum of torch is exact too.
"""

from collections import Counter

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from symconv import Detail, Problem, numeric, solve  # noqa: E402

functional = torch.nn.functional
pytestmark = pytest.mark.crosscheck

ORACLE, SOLVED = 2000, 150  # settings for each number of axes
GRADIENTS = 1000  # for each operation and number of axes
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


def both(problem):
    """The answer as the project derives it, and as its oracle computes it: nested lists."""
    solved = problem.operation.derive(problem.setting, problem.notation, problem.ask, Detail())
    operands = {name: numeric.array(t.cells, t.shape) for name, t in problem.setting.operands.items()}
    oracle = problem.operation.oracle(problem.setting, operands)[solved.answer]()
    return solved.quantities[solved.answer].value.nested(), oracle.tolist()


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


def hard_cases(layers):
    """How many layers have each of the things that are easily got wrong."""
    found = Counter()
    for x, w, bias, stride, pads, dilation, *_, groups in layers:
        taps, cells = w.shape[2:], x.shape[1:]
        names = {
            "even kernel": any(k % 2 == 0 for k in taps),
            "sides padded differently": any(before != after for before, after in pads),
            "stride above the reach": any(s > d * (k - 1) + 1 for s, d, k in zip(stride, dilation, taps, strict=True)),
            "dilated even kernel": any(d > 1 and k % 2 == 0 for d, k in zip(dilation, taps, strict=True)),
            "groups": groups > 1,
            "depthwise": groups == len(x) > 1,
            "bias": bias is not None,
            "1xN kernel": len(taps) == 2 and taps[0] == 1 < taps[1],
            "Nx1 kernel": len(taps) == 2 and taps[1] == 1 < taps[0],
            "1xN input": len(cells) == 2 and cells[0] == 1 < cells[1],
            "Nx1 input": len(cells) == 2 and cells[1] == 1 < cells[0],
        }
        found.update(name for name, holds in names.items() if holds)
    return found


@pytest.mark.parametrize(("make", "seed", "most"), [(direct_layer, 0, 9), (transposed_layer, 10, 6)])
def test_the_settings_have_what_is_hard(make, seed, most):
    """Among the settings of the oracle's tests each of the hard things occurs at least 100 times."""
    flat = hard_cases(make(rng, 2, most) for rng in [np.random.default_rng(seed + 2)] for _ in range(ORACLE))
    line = hard_cases(make(rng, 1, most) for rng in [np.random.default_rng(seed + 1)] for _ in range(ORACLE))
    assert len(flat) == 11
    assert len(line) == 7
    assert min(*flat.values(), *line.values()) >= 100


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.parametrize("dims", [1, 2])
def test_same_padding(dims):
    """The padding "same" is torch's at stride 1: with an even reach the odd zero goes to the end."""
    rng = np.random.default_rng(50 + dims)
    conv = functional.conv1d if dims == 1 else functional.conv2d
    for _ in range(ORACLE // 4):
        x, w, _, _, _, dilation, _, groups = direct_layer(rng, dims, 7)
        keys = {**keys_of(x, w, None, [1] * dims, [], dilation, groups), "padding": "same"}
        right = exact(conv(tensor(x)[None], tensor(w), None, 1, "same", dilation, groups)[0])
        derived, oracle = both(Problem("cross_correlation", **keys))
        assert unsqueezed(derived, len(w)) == right
        assert unsqueezed(oracle, len(w)) == right


def small(layer):
    """Whether a layer is small enough for a derivative by every entry."""
    x, w = layer[:2]
    return x.size <= 30 and w.size <= 40


def gradients_by_torch(forward, rng, *operands):
    """The upstream gradient, and what torch gives back for every operand."""
    leaves = [tensor(array).requires_grad_() for array in operands if array is not None]
    made = forward(*leaves)
    upstream = integers(rng, *made.shape)
    made.backward(tensor(upstream))
    return upstream, [exact(leaf.grad.reshape(-1)) for leaf in leaves]


def agree_on_gradients(of, upstream, wanted, number, dims):
    """Whether dx, dw and db as derived and by finite differences are torch's."""
    keys = {"of": of, "upstream": (upstream[:, None] if dims == 1 else upstream).tolist()}
    problem = Problem("backpropagation", **keys)
    together = [entry for gradient in wanted for entry in gradient]  # dx, dw and db, one after the other
    derived, oracle = both(problem)
    assert derived == together
    assert oracle == together
    if number < SOLVED // 5:
        assert solve(problem).answer == together
    return True


@pytest.mark.parametrize("operation", ["cross_correlation", "convolution"])
@pytest.mark.parametrize("dims", [1, 2])
def test_backpropagation_of_direct_layers(dims, operation):
    """The gradients by input, kernel and bias are torch's, in every padding mode."""
    rng, number = np.random.default_rng(60 + dims), 0
    axes = tuple(range(2, 2 + dims))
    conv = functional.conv1d if dims == 1 else functional.conv2d
    while number < GRADIENTS:
        layer = direct_layer(rng, dims, 5)
        if not small(layer):
            continue
        x, w, bias, stride, pads, dilation, mode, groups = layer
        widths = [n for sides in reversed(pads) for n in sides]

        def forward(source, kernel, shift=None, layer=layer, widths=widths):
            _, _, _, stride, _, dilation, mode, groups = layer
            wide = functional.pad(source[None], widths, mode=MODES[mode])
            turned = kernel.flip(axes) if operation == "convolution" else kernel
            return conv(wide, turned, shift, stride, 0, dilation, groups)[0]

        upstream, wanted = gradients_by_torch(forward, rng, x, w, bias)
        of = {"operation": operation, **keys_of(x, w, bias, stride, pads, dilation, groups, padding_mode=mode)}
        assert agree_on_gradients(of, upstream, wanted, number, dims)
        number += 1


@pytest.mark.parametrize("dims", [1, 2])
def test_backpropagation_of_transposed_layers(dims):
    """The gradients by input, kernel and bias are torch's, with output padding and a crop that differs by side."""
    rng, number = np.random.default_rng(70 + dims), 0
    conv = functional.conv_transpose1d if dims == 1 else functional.conv_transpose2d
    while number < GRADIENTS:
        layer = transposed_layer(rng, dims, 4)
        if not small(layer):
            continue
        x, w, bias, stride, pads, dilation, extra, groups = layer

        def forward(source, kernel, shift=None, layer=layer):
            _, _, _, stride, pads, dilation, extra, groups = layer
            frame = conv(source[None], kernel, shift, stride, 0, extra, groups, dilation)[0]
            sizes = zip(pads, frame.shape[1:], strict=True)
            return frame[(slice(None), *(slice(before, size - after) for (before, after), size in sizes))]

        upstream, wanted = gradients_by_torch(forward, rng, x, w, bias)
        keys = keys_of(x, w, bias, stride, pads, dilation, groups, output_padding=extra)
        assert agree_on_gradients({"operation": "transposed_convolution", **keys}, upstream, wanted, number, dims)
        number += 1
