"""Thousands of random poolings, unpoolings, upsamplings and patch matrices against torch, exactly.

They run with `pytest -m crosscheck tests/crosscheck_torch_maps.py`. Both halves of the project are compared: what it
derives and what its oracle says. Where torch divides, the entries are multiples of every divisor, so that its floats
are whole.
"""

from collections import Counter
from fractions import Fraction
from math import lcm, prod

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from crosscheck_torch import MODES, both, exact, functional, integers, tensor  # noqa: E402

from symconv import Problem, solve  # noqa: E402
from symconv.errors import ProblemError  # noqa: E402

pytestmark = pytest.mark.crosscheck

SETTINGS = 1500  # for each kind and number of axes
SOLVED = 60  # of them with every displayed equality verified too
DIVISORS = lcm(*range(1, 17))  # of all windows of up to 4x4 cells


def sizes(rng, dims, most):
    """A whole number from 1 to most - 1 for each axis."""
    return [int(n) for n in rng.integers(1, most, dims)]


def as_keys(x, dims):
    """An input as the key of a problem; along one axis each channel is a row of its own."""
    return {"input": (x[:, None] if dims == 1 else x).tolist(), "dims": dims}


def agreed(name, right, number=SOLVED, **keys):
    """Whether the derivation, the oracle and for the first settings `solve` give torch's answer."""
    problem = Problem(name, **keys)
    derived, oracle = both(problem)
    lone = len(right) == 1 and isinstance(right[0], list)  # the axis of a lone channel is not written
    wanted = right[0] if lone and name not in ("fold", "unfold") else right
    assert derived == wanted, keys
    assert oracle == wanted, keys
    if number < SOLVED:
        assert solve(problem).answer == wanted, keys
    return True


def one_pooling(rng, dims, kind):
    """The input, window, stride, padding, dilation and rounding of a random pooling that torch has too.

    torch takes one padding for both sides, of half the window at most; where the sides differ the input is padded
    first, and nothing is rounded up, because torch would take that padding for cells.
    """
    cells, size, stride = sizes(rng, dims, 9), sizes(rng, dims, 5), sizes(rng, dims, 6)
    dilation = sizes(rng, dims, 4) if kind in ("max", "min") else [1] * dims
    reach = [d * (k - 1) + 1 for d, k in zip(dilation, size, strict=True)]
    alike = bool(rng.random() < 0.6)
    widest = [k // 2 for k in (size if alike else reach)]
    pads = [tuple(int(n) for n in rng.integers(0, most + 1, 2)) for most in widest]
    if alike:
        pads = [(before, before) for before, _ in pads]
    return integers(rng, int(rng.integers(1, 4)), *cells), size, stride, pads, dilation, alike and rng.random() < 0.5


def padded(x, pads, value):
    """A tensor with its padding put on first."""
    return functional.pad(tensor(x)[None], [n for both in reversed(pads) for n in both], value=value)


def pooled_by_torch(x, kind, size, stride, pads, dilation, ceil, include):
    """The pooled maps, and for max and min the places of their entries."""
    dims = len(size)
    alike = all(before == after <= k // 2 for (before, after), k in zip(pads, size, strict=True))
    sign = -1 if kind == "min" else 1
    beyond = float("-inf") if kind in ("max", "min") else 0.0
    given = tensor(sign * x)[None] if alike else padded(sign * x, pads, beyond)
    inside = [before for before, _ in pads] if alike else 0
    if kind == "average":
        pool = functional.avg_pool1d if dims == 1 else functional.avg_pool2d
        return pool(given, size, stride, inside, ceil, include)[0], None
    pool = functional.max_pool1d if dims == 1 else functional.max_pool2d
    made, places = pool(given, size, stride, inside, dilation, ceil, return_indices=True)
    return sign * made[0], places[0] if alike else moved(places[0], x.shape[1:], pads)


def moved(places, cells, pads):
    """Places in the padded map as places in the map."""
    width = cells[-1] + sum(pads[-1])
    across = places % width - pads[-1][0]
    return across if len(pads) == 1 else (places // width - pads[0][0]) * cells[1] + across


@pytest.mark.parametrize("dims", [1, 2])
@pytest.mark.parametrize("kind", ["max", "min"])
def test_the_largest_and_smallest_with_their_indices(kind, dims):
    """Max pooling is torch's, with its indices; min pooling is the same of the negative."""
    rng, found = np.random.default_rng([50, dims, kind == "min"]), Counter()
    while found["compared"] < SETTINGS:
        x, size, stride, pads, dilation, ceil = one_pooling(rng, dims, kind)
        if rng.random() < 0.5:
            x = x // 30  # many entries are equal, so that it matters which of them the index names
        keys = {"kind": kind, "size": size, "stride": stride, "padding": [list(p) for p in pads]}
        keys |= {"dilation": dilation, "ceil_mode": bool(ceil), **as_keys(x, dims)}
        try:
            Problem("pooling", **keys)
        except ProblemError as error:  # no window fits, or one lies on padding alone, where torch gives -infinity
            found[str(error).split(",")[0][:11]] += 1
            continue
        made, places = pooled_by_torch(x, kind, size, stride, pads, dilation, ceil, None)
        assert agreed("pooling", exact(made), found["compared"], **keys)
        assert agreed("pooling", exact(places), found["compared"], **keys, ask="indices")
        found["compared"] += 1
    assert set(found) == {"compared", "the window ", "padding is "}


@pytest.mark.parametrize("dims", [1, 2])
@pytest.mark.parametrize("include", [True, False])
def test_averages(include, dims):
    """Average pooling is torch's, whether padding counts or not, rounded down or up."""
    rng, compared = np.random.default_rng([51, dims, include]), 0
    while compared < SETTINGS:
        x, size, stride, pads, _, ceil = one_pooling(rng, dims, "average")
        if not include:
            pads = [(before, before) for before, _ in pads]  # padding put on first would count
        keys = {"size": size, "stride": stride, "padding": [list(p) for p in pads]}
        keys |= {"kind": "average", "count_include_pad": include, "ceil_mode": bool(ceil)}
        x = x * DIVISORS
        if any(n + sum(p) < k for n, p, k in zip(x.shape[1:], pads, size, strict=True)):
            continue
        made, _ = pooled_by_torch(x, "average", size, stride, pads, None, ceil, include)
        assert agreed("pooling", exact(made), compared, **keys, **as_keys(x, dims))
        compared += 1


@pytest.mark.parametrize("dims", [1, 2])
@pytest.mark.parametrize("power", [1, 2, 3])
def test_norms(power, dims):
    """The power of torch's p-norm, rounded, is the sum under our root; torch rounds roots, we keep them.

    With ceil_mode torch multiplies a mean over fewer cells by the whole window; that is left out.
    """
    rng, compared = np.random.default_rng([52, dims, power]), 0
    pool = functional.lp_pool1d if dims == 1 else functional.lp_pool2d
    while compared < SETTINGS // 3:
        x, size, stride, pads, _, _ = one_pooling(rng, dims, "lp")
        x = abs(x) % 20
        if any(n + sum(p) < k for n, p, k in zip(x.shape[1:], pads, size, strict=True)):
            continue
        made = pool(padded(x, pads, 0.0), power, size if dims == 2 else size[0], stride if dims == 2 else stride[0])[0]
        sums = (made**power).numpy()
        assert (abs(sums - sums.round()) < 1e-6).all()
        keys = {"kind": "lp", "p": power, "size": size, "stride": stride, "padding": [list(p) for p in pads]}
        derived, oracle = both(Problem("pooling", **keys, **as_keys(x, dims)))
        right = sums.round().astype(np.int64).reshape(-1).tolist()
        assert [int(cell**power) for cell in leaves(derived)] == right
        assert [cell.of if hasattr(cell, "of") else cell**power for cell in leaves(oracle)] == right
        compared += 1


def leaves(value):
    """The entries of nested lists."""
    return [leaf for item in value for leaf in leaves(item)] if isinstance(value, list) else [value]


@pytest.mark.parametrize("dims", [1, 2])
def test_global_pooling(dims):
    """Global pooling is torch's adaptive pooling to one cell."""
    rng = np.random.default_rng([53, dims])
    ways = {
        "global_max": functional.adaptive_max_pool1d if dims == 1 else functional.adaptive_max_pool2d,
        "global_average": functional.adaptive_avg_pool1d if dims == 1 else functional.adaptive_avg_pool2d,
    }
    for _ in range(SETTINGS // 3):
        x = integers(rng, int(rng.integers(1, 4)), *sizes(rng, dims, 9))
        for kind, pool in ways.items():
            y = x * prod(x.shape[1:]) if kind == "global_average" else x
            made = pool(tensor(y)[None], 1)[0]
            if kind == "global_average":
                assert (abs(made - made.round()) < 1e-9).all()  # torch takes this mean as a sum times 1/n
                made = made.round()
            assert agreed("pooling", exact(made), kind=kind, **as_keys(y, dims))


@pytest.mark.parametrize("dims", [1, 2])
def test_max_unpooling(dims):
    """Unpooling is torch's max_unpool, for any indices that differ."""
    rng = np.random.default_rng([54, dims])
    unpool = functional.max_unpool1d if dims == 1 else functional.max_unpool2d
    for number in range(SETTINGS):
        cells, size = sizes(rng, dims, 6), sizes(rng, dims, 5)
        stride = [int(rng.integers(k, k + 3)) for k in size]  # no overlap, so that there is room for every entry
        shape = [s * (n - 1) + k for s, n, k in zip(stride, cells, size, strict=True)]
        given = {}
        if rng.random() < 0.5:
            shape = [n + int(rng.integers(0, s)) for n, s in zip(shape, stride, strict=True)]
            given = {"output_size": shape}
        x = integers(rng, int(rng.integers(1, 4)), *cells)
        places = np.array([rng.permutation(prod(shape))[: prod(cells)] for _ in x]).reshape(x.shape)
        made = unpool(tensor(x)[None], torch.tensor(places)[None], size, stride, output_size=given.get("output_size"))
        keys = {"size": size, "stride": stride, **as_keys(x, dims), "indices": as_keys(places, dims)["input"]}
        assert agreed("unpooling", exact(made[0]), number, **keys, **given)


@pytest.mark.parametrize("dims", [1, 2])
def test_a_bed_of_nails(dims):
    """A bed of nails is torch's transposed convolution with a kernel that is 1 in its first cell."""
    rng = np.random.default_rng([55, dims])
    conv = functional.conv_transpose1d if dims == 1 else functional.conv_transpose2d
    for number in range(SETTINGS):
        cells, size, stride = sizes(rng, dims, 6), sizes(rng, dims, 5), sizes(rng, dims, 5)
        x = integers(rng, int(rng.integers(1, 4)), *cells)
        nail = torch.zeros(len(x), 1, *size, dtype=torch.float64)
        nail.view(len(x), -1)[:, 0] = 1
        made = conv(tensor(x)[None], nail, stride=stride, groups=len(x))[0]
        keys = {"kind": "bed_of_nails", "size": size, "stride": stride, **as_keys(x, dims)}
        assert agreed("unpooling", exact(made), number, **keys)


def one_window(rng, dims, most=8):
    """The cells, window, stride, padding and dilation of a patch matrix with at least one window."""
    while True:
        cells, size, stride, dilation = (sizes(rng, dims, top) for top in (most, 5, 6, 4))
        pads = [tuple(int(n) for n in rng.integers(0, 4, 2)) for _ in cells]
        if rng.random() < 0.5:
            pads = [(before, before) for before, _ in pads]
        fits = zip(cells, pads, dilation, size, strict=True)
        if all(n + sum(p) > d * (k - 1) for n, p, d, k in fits):
            return cells, size, stride, pads, dilation


def flat(values, dims):
    """One axis as two for torch, whose unfold and fold have two only."""
    return [1, *values] if dims == 1 else list(values)


@pytest.mark.parametrize("dims", [1, 2])
def test_unfold(dims):
    """The patch matrix is torch's unfold of the padded input, in every padding mode."""
    rng = np.random.default_rng([56, dims])
    for number in range(SETTINGS):
        cells, size, stride, pads, dilation = one_window(rng, dims)
        mode = str(rng.choice(list(MODES)))
        widest = [{"reflect": n - 1, "circular": n}.get(mode, 3) for n in cells]
        if any(max(p) > most for p, most in zip(pads, widest, strict=True)):
            mode = "zeros"
        x = integers(rng, int(rng.integers(1, 4)), *cells)
        wide = functional.pad(tensor(x)[None], [n for p in reversed(pads) for n in p], mode=MODES[mode])
        wide = wide[:, :, None] if dims == 1 else wide
        made = functional.unfold(wide, flat(size, dims), flat(dilation, dims), 0, flat(stride, dims))[0]
        kernel = np.ones((1, len(x), *size), dtype=int)
        keys = {"kernel": (kernel[:, :, None] if dims == 1 else kernel).tolist(), "padding": [list(p) for p in pads]}
        keys |= {"stride": stride, "dilation": dilation, "padding_mode": mode, **as_keys(x, dims)}
        assert agreed("unfold", exact(made), number, **keys)


@pytest.mark.parametrize("dims", [1, 2])
def test_fold(dims):
    """Adding the patches is torch's fold, with the padding cropped; the divisor is its fold of ones."""
    rng = np.random.default_rng([57, dims])
    for number in range(SETTINGS):
        cells, size, stride, pads, dilation = one_window(rng, dims, 7)
        wide = [n + sum(p) for n, p in zip(cells, pads, strict=True)]
        counts = [(n - d * (k - 1) - 1) // s + 1 for n, d, k, s in zip(wide, dilation, size, stride, strict=True)]
        channels = int(rng.integers(1, 4))
        x = integers(rng, channels * prod(size), prod(counts))
        kept = (..., *(slice(p[0], p[0] + n) for n, p in zip(cells, pads, strict=True)))
        keys = {
            "size": size,
            "shape": cells,
            "stride": stride,
            "dilation": dilation,
            "padding": [list(p) for p in pads],
        }
        for ask, given in (("output", x), ("divisor", np.ones_like(x))):
            steps = flat(wide, dims), flat(size, dims), flat(dilation, dims), 0, flat(stride, dims)
            made = functional.fold(tensor(given)[None], *steps)[0]
            made = (made[:, 0] if dims == 1 else made)[kept]
            right = exact(made) if channels > 1 and ask == "output" else exact(made)[0]
            assert agreed("fold", right, number, **keys, input=given.tolist(), ask=ask)


def one_upsampling(rng, dims):
    """An input, and its output size by `size` or by a `scale` in quarters."""
    cells = sizes(rng, dims, 7)
    x = integers(rng, int(rng.integers(1, 4)), *cells)
    if rng.random() < 0.5:
        shape = sizes(rng, dims, 13)
        return x, {"size": shape}, shape, [Fraction(n, o) for n, o in zip(cells, shape, strict=True)]
    scales = [Fraction(int(n), 4) for n in rng.integers(1, 14, dims)]
    shape = [int(n * scale) for n, scale in zip(cells, scales, strict=True)]
    return x, {"scale": [str(scale) for scale in scales]}, shape, [1 / scale for scale in scales]


def by_formula(x, given, shape):
    """Whether torch interpolates by its own formula: with a scale that gives 1 or 2 times the cells, it takes that."""
    sizes = zip(x.shape[1:], shape, given.get("scale", shape), strict=True)
    return "size" in given or all(n * Fraction(scale) == o for n, o, scale in sizes if o in (n, 2 * n))


def interpolated_by_torch(x, given, mode, **more):
    """What torch interpolates, by size or by scale."""
    if "size" in given:
        return functional.interpolate(tensor(x)[None], size=given["size"], mode=mode, **more)[0]
    factors = [float(Fraction(part)) for part in given["scale"]]
    return functional.interpolate(tensor(x)[None], scale_factor=factors, mode=mode, **more)[0]


@pytest.mark.parametrize("dims", [1, 2])
def test_nearest(dims):
    """The nearest neighbour is torch's, except where its 32-bit coordinate falls below a whole number."""
    rng, found = np.random.default_rng([58, dims]), Counter()
    while found["compared"] < SETTINGS:
        x, given, shape, ratios = one_upsampling(rng, dims)
        if min(shape) < 1 or not by_formula(x, given, shape):
            continue
        lines = zip(shape, ratios, strict=True)
        if any(int(np.float32(at) * np.float32(ratio)) != int(at * ratio) for n, ratio in lines for at in range(n)):
            found["rounded"] += 1
            continue
        made = exact(interpolated_by_torch(x, given, "nearest"))
        assert agreed("upsampling", made, found["compared"], **given, **as_keys(x, dims))
        found["compared"] += 1
    assert found["rounded"] < SETTINGS / 100


@pytest.mark.parametrize("dims", [1, 2])
@pytest.mark.parametrize("corners", [True, False])
def test_bilinear(corners, dims):
    """Linear and bilinear interpolation are torch's with and without align_corners; it has no asymmetric rule.

    The input is a multiple of every denominator of a weight: torch's floats then lie next to the whole numbers.
    """
    rng, compared = np.random.default_rng([59, dims, corners]), 0
    mode, rule = "linear" if dims == 1 else "bilinear", "align_corners" if corners else "half_pixel"
    while compared < SETTINGS:
        x, given, shape, ratios = one_upsampling(rng, dims)
        if min(shape) < 1 or not (corners or by_formula(x, given, shape)):
            continue
        denominators = [
            o - 1 or 1 if corners else 2 * ratio.denominator for o, ratio in zip(shape, ratios, strict=True)
        ]
        x = x * prod(denominators)
        made = interpolated_by_torch(x, given, mode, align_corners=corners)
        assert (abs(made - made.round()) < 1e-6).all()
        keys = {"kind": "bilinear", "coordinates": rule, **given, **as_keys(x, dims)}
        assert agreed("upsampling", exact(made.round()), compared, **keys)
        compared += 1


def test_pixel_shuffle():
    """Channels become pixels as in torch."""
    rng = np.random.default_rng(60)
    for number in range(SETTINGS):
        factor, maps = int(rng.integers(2, 5)), int(rng.integers(1, 4))
        x = integers(rng, maps * factor**2, *sizes(rng, 2, 6))
        made = exact(functional.pixel_shuffle(tensor(x)[None], factor)[0])
        assert agreed("upsampling", made, number, kind="pixel_shuffle", scale=factor, **as_keys(x, 2))


@pytest.mark.parametrize("dims", [1, 2])
@pytest.mark.parametrize("kind", ["max", "average"])
def test_gradients_of_pooling(kind, dims):
    """The gradient by the input of a pooling is that of torch's autograd; the first of equal entries takes it."""
    rng, compared = np.random.default_rng([57, dims, kind == "max"]), 0
    while compared < SETTINGS:
        x, size, stride, pads, dilation, ceil = one_pooling(rng, dims, kind)
        pads = [(before, before) for before, _ in pads]
        if any(before > k // 2 for (before, _), k in zip(pads, size, strict=True)):
            continue
        x = x // 30 if kind == "max" and rng.random() < 0.5 else x
        layer = {
            "kind": kind,
            "size": size,
            "stride": stride,
            "padding": [list(p) for p in pads],
            "ceil_mode": bool(ceil),
        }
        if kind == "max":
            layer["dilation"] = dilation
        layer = {"operation": "pooling", **layer, **as_keys(x, dims)}
        given = tensor(x)[None].requires_grad_()
        inside = [before for before, _ in pads]
        try:
            if kind == "max":
                pool = functional.max_pool1d if dims == 1 else functional.max_pool2d
                made = pool(given, size, stride, inside, dilation, bool(ceil))
            else:
                pool = functional.avg_pool1d if dims == 1 else functional.avg_pool2d
                made = pool(given, size, stride, inside, bool(ceil), True)
        except RuntimeError:  # no window fits
            continue
        upstream = integers(rng, *made.shape[1:]) * DIVISORS
        keys = {"of": layer, "upstream": (upstream[:, None] if dims == 1 else upstream).tolist()}
        try:
            Problem("backpropagation", **keys, ask="input")
        except ProblemError:  # a window lies on padding alone
            continue
        made.backward(tensor(upstream)[None])
        assert agreed("backpropagation", exact(given.grad[0]), compared, **keys, ask="input")
        compared += 1
