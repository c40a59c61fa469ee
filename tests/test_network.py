"""Networks by hand, against plain loops and differences of them, other operands for probes, and what is refused."""

from fractions import Fraction
from itertools import product
from random import Random

import brute_force
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from test_random_settings import filled

from symconv import Problem, numeric, solve
from symconv.checking.diagnose import Checker, diagnose
from symconv.checking.predict import answers
from symconv.errors import ProblemError
from symconv.operations import operation
from symconv.operations.network_oracle import Run

PICTURE = "1 -1 2; 0 2 1; 3 0 -2"
CONV = {"kind": "conv", "kernel": "1 0; 2 -1", "bias": -2}
RELU, FLAT = {"kind": "relu"}, {"kind": "flatten"}
MEAN = {"kind": "pool", "method": "average", "size": 2}
DENSE = {"kind": "dense", "weights": "2; -1", "bias": [1, 0]}
SMALL = {"input": PICTURE, "layers": [CONV, RELU, MEAN, FLAT, DENSE]}
SOME = settings(max_examples=25, deadline=None, derandomize=True)


def quantities(**keys):
    """Every quantity of a solved network."""
    return solve(Problem("network", **keys)).quantities


def test_forward_by_hand():
    """Window sums and the bias, negative ones to 0, their mean, and two weighted sums."""
    found = quantities(**SMALL)
    first = [[1 * 1 + 2 * 0 - 2 - 2, -1 * 1 + 2 * 2 - 1 * 1 - 2], [2 * 3 - 2, 1 * 2 + 2 * 0 - 1 * -2 - 2]]
    assert found["map[1]"] == first == [[-3, 0], [4, 2]]
    assert found["map[2]"] == [[0, 0], [4, 2]]
    assert found["map[3]"] == [[Fraction(0 + 0 + 4 + 2, 4)]]
    assert found["map[4]"] == [Fraction(3, 2)]
    assert found["output"] == found["map[5]"] == [2 * Fraction(3, 2) + 1, -1 * Fraction(3, 2)]
    assert found["h[1]"] == 4


def test_backward_by_hand():
    """Down the columns of W, a quarter for each cell, nothing where the ReLU put a 0, then the layer's own sums."""
    found = quantities(**SMALL, ask="gradients", upstream="2 -1")
    part = Fraction(2 * 2 + -1 * -1, 4)
    assert found["dw[5]"] == [[2 * Fraction(3, 2)], [-1 * Fraction(3, 2)]]
    assert found["db[5]"] == found["upstream"] == [2, -1]
    assert found["dmap[4]"] == [5]
    assert found["dmap[3]"] == [[5]]
    assert found["dmap[2]"] == [[part, part], [part, part]]
    assert found["dmap[1]"] == [[0, 0], [part, part]]
    assert found["db[1]"] == [part + part]
    assert found["dw[1]"] == [[part * (0 + 2), part * (2 + 1)], [part * (3 + 0), part * (0 - 2)]]
    assert found["dx"] == [[0, 0, 0], [part * 1, part * (0 + 1), 0], [part * 2, part * (-1 + 2), part * -1]]


def test_the_vector_of_all_derivatives():
    """The input comes first, then layer by layer the weights and the bias."""
    found = quantities(**SMALL, ask="gradients", upstream="2 -1")
    rows = [*found["dx"], *found["dw[1]"], found["db[1]"], *found["dw[5]"], found["db[5]"]]
    assert found["gradient"] == brute_force.flat(rows)


def test_sizes():
    """5x5 by a 2x2 kernel gives 4x4 for each of 3 filters, halves to 2x2, and 3 * 2 * 2 = 12 values."""
    layers = [
        {"kind": "conv", "kernel": {"symbols": "k", "shape": [3, 1, 2, 2]}},
        {"kind": "pool", "size": 2},
        FLAT,
        {"kind": "dense", "weights": [[0] * 12] * 7},
    ]
    layers[0]["kernel"] = [[[[1, 2], [3, 4]]]] * 3
    found = solve(Problem("network", input=[[0] * 5] * 5, layers=layers, ask="sizes"))
    shapes = [found.quantities[f"shape[{n}]"] for n in (1, 2, 3, 4)]
    assert shapes == [[3, 4, 4], [3, 2, 2], [12], [7]]
    assert found.answer == [7]


UP = {"kind": "transposed_conv", "kernel": "1 3", "stride": 2, "bias": 1}


def test_a_transposed_convolution_by_hand():
    """Copies 2 * (1 3) and -1 * (1 3) lie side by side, plus 1; backward nothing passes where the ReLU put a 0."""
    found = quantities(input="2 -1", layers=[UP, RELU], ask="gradients", upstream="5 7 11 13")
    assert found["frame[1]"] == [2 * 1, 2 * 3, -1 * 1, -1 * 3]
    assert (found["A_1[1]"], found["A_2[1]"]) == ([2, 6, 0, 0], [0, 0, -1, -3])
    assert found["map[1]"] == [2 + 1, 6 + 1, -1 + 1, -3 + 1]
    assert found["output"] == [3, 7, 0, 0]
    assert found["dmap[1]"] == [5, 7, 0, 0]
    assert found["dw[1]"] == [5 * 2 + 0 * -1, 7 * 2 + 0 * -1]
    assert found["db[1]"] == [5 + 7]
    assert found["dx"] == [5 * 1 + 7 * 3, 0 * 1 + 0 * 3]


def test_a_transposed_convolution_crops_and_adds_where_copies_overlap():
    """The four copies of 1 2; 0 1 meet in the middle: 1 * 1 + 2 * 0 + 3 * 2 + 4 * 1 = 11, and the border is cropped."""
    layers = [{"kind": "transposed_conv", "kernel": "1 2; 0 1", "padding": 1}]
    assert quantities(input="1 2; 3 4", layers=layers, dims=2)["output"] == [[1 * 1 + 2 * 0 + 3 * 2 + 4 * 1]]


@pytest.mark.parametrize("cells", range(3, 9))
def test_a_decoder_restores_the_size(cells):
    """Output padding (i + 2p - k) mod s takes the map back to the i cells that the encoder started from."""
    layer = {"kernel": "1 0 2", "stride": 3, "padding": 1}
    decoder = {"kind": "transposed_conv", **layer, "output_padding": (cells + 2 * 1 - 3) % 3}
    found = quantities(input=[list(range(cells))], dims=1, layers=[{"kind": "conv", **layer}, RELU, decoder])
    assert found["shape[1]"] == [1, (cells + 2 * 1 - 3) // 3 + 1]
    assert found["shape[3]"] == [1, cells]


def test_numbers_of_layers_follow_the_index_base():
    """With index base 0 the first layer is layer 0, as in counting."""
    found = quantities(**SMALL, notation={"index_base": 0})
    assert found["map[0]"] == [[-3, 0], [4, 2]]
    assert found["h[0]"] == 4


def test_a_kernel_is_flipped_on_request():
    """As in mathematics with flip = true, as in deep-learning libraries without."""
    layer = {"kind": "conv", "kernel": "1 2"}
    assert quantities(input="1 0 3", layers=[layer])["output"] == [1, 6]
    assert quantities(input="1 0 3", layers=[{**layer, "flip": True}])["output"] == [2, 3]


def test_ties_and_corners_go_back_as_torch_does():
    """The first of equal cells gets the gradient of a maximum; at 0 a ReLU passes nothing."""
    layers = [RELU, {"kind": "pool", "size": 2}]
    assert quantities(input="0 0 3 3", layers=layers, ask="gradients", upstream="5 7")["dx"] == [0, 0, 7, 0]
    maxout = quantities(input=["1 2", "1 3"], layers=[{"kind": "maxout"}], ask="gradients", upstream="5 7", dims=1)
    assert maxout["dx"] == [[5, 0], [0, 7]]


def test_letters_as_upstream():
    """Without an upstream gradient its entries are letters."""
    found = quantities(input="1 -2 3", layers=[{"kind": "conv", "kernel": "1 2"}, RELU], ask="gradients")
    assert [str(cell) for cell in found["dx"]] == ["0", "g_{2}", "2*g_{2}"]


def pooled(x, size, stride, reduce):
    """Every window of every channel, reduced, row by row."""
    rows = range((len(x[0]) - size) // stride + 1)
    columns = range((len(x[0][0]) - size) // stride + 1)
    return [
        [
            [reduce([c[i * stride + m][j * stride + n] for m in range(size) for n in range(size)]) for j in columns]
            for i in rows
        ]
        for c in x
    ]


def run(x, weights, plan):
    """A network by plain loops; `plan` names its layers, `weights` are nested lists by the number of their layer."""
    for number, (kind, how) in enumerate(plan, 1):
        if kind == "conv":
            x = brute_force.direct(x, weights[number, "kernel"], bias=weights[number, "bias"], **how)
        if kind == "transposed_conv":
            x = brute_force.transposed(x, weights[number, "kernel"], bias=weights[number, "bias"], **how)
        if kind in ("relu", "leaky_relu"):
            x = [[[cell if cell > 0 else how * cell for cell in row] for row in c] for c in x]
        if kind == "maxout":
            x = [[[max(cells) for cells in zip(*rows, strict=True)] for rows in zip(*x, strict=True)]]
        if kind == "max":
            x = pooled(x, *how, max)
        if kind == "average":
            x = pooled(x, *how, lambda cells: Fraction(sum(cells)) / len(cells))
        if kind == "nearest":
            x = [[[cell for cell in row for _ in range(how)] for row in c for _ in range(how)] for c in x]
        if kind == "flatten":
            x = [cell for c in x for row in c for cell in row]
        if kind == "dense":
            lines = zip(weights[number, "weights"], weights[number, "bias"], strict=True)
            x = [sum(w * cell for w, cell in zip(row, x, strict=True)) + b for row, b in lines]
    return x


def scattered(draw, shape, entry):
    """A kernel, a bias, padding and output padding of a transposed layer with stride 2, so that a cell is left."""
    pad = draw(st.integers(0, 1))
    taps, filters = [draw(st.integers(1 + 2 * pad, 3)) for _ in shape[1:]], draw(st.integers(1, 2))
    how = {"padding": pad, "output_padding": draw(st.integers(0, 1))}
    return filled(draw, (shape[0], filters, *taps), entry), filled(draw, (filters,), entry), how


@st.composite
def networks(draw):
    """Keys of a problem, and the same as a plan with weights for `run`."""
    entry, channels = st.integers(-3, 3), draw(st.integers(1, 2))
    rows, columns = draw(st.integers(3, 5)), draw(st.integers(3, 5))
    x = filled(draw, (channels, rows, columns), entry)
    shape, layers, plan, weights = (channels, rows, columns), [], [], {}
    for _ in range(draw(st.integers(1, 4))):
        kinds = ["conv", "conv", "transposed_conv", "relu", "leaky_relu", "maxout", "max", "average", "nearest"]
        kind = draw(st.sampled_from(kinds))
        number = len(plan) + 1
        if kind == "conv":
            taps = [draw(st.integers(1, min(2, n))) for n in shape[1:]]
            filters, stride, pad = draw(st.integers(1, 2)), draw(st.integers(1, 2)), draw(st.integers(0, 1))
            w = filled(draw, (filters, shape[0], *taps), entry)
            b = filled(draw, (filters,), entry)
            layers.append({"kind": "conv", "kernel": w, "bias": b, "stride": stride, "padding": pad})
            plan.append(("conv", {"stride": (stride,) * 2, "pads": ((pad, pad),) * 2}))
            weights |= {(number, "kernel"): w, (number, "bias"): b}
            sizes = [(n + 2 * pad - k) // stride + 1 for n, k in zip(shape[1:], taps, strict=True)]
            shape = (filters, *sizes)
        elif kind == "transposed_conv" and max(shape[1:]) < 4:
            w, b, how = scattered(draw, shape, entry)
            layers.append({"kind": kind, "kernel": w, "bias": b, "stride": 2} | how)
            pad, extra = how["padding"], how["output_padding"]
            plan.append((kind, {"stride": (2, 2), "pads": ((pad, pad),) * 2, "extra": (extra, extra)}))
            weights |= {(number, "kernel"): w, (number, "bias"): b}
            sizes = [
                2 * (n - 1) + len(k) - 2 * pad + extra for n, k in zip(shape[1:], (w[0][0], w[0][0][0]), strict=True)
            ]
            shape = (len(w[0]), *sizes)
        elif kind in ("relu", "leaky_relu"):
            slope = Fraction(1, 2) if kind == "leaky_relu" else 0
            layers.append({"kind": kind} | ({"slope": slope} if slope else {}))
            plan.append((kind, slope))
        elif kind == "maxout" and shape[0] > 1:
            layers.append({"kind": "maxout"})
            plan.append(("maxout", None))
            shape = (1, *shape[1:])
        elif kind in ("max", "average") and min(shape[1:]) > 1:
            stride = draw(st.integers(1, 2))
            layers.append({"kind": "pool", "method": kind, "size": 2, "stride": stride})
            plan.append((kind, (2, stride)))
            shape = (shape[0], *((n - 2) // stride + 1 for n in shape[1:]))
        elif kind == "nearest" and max(shape[1:]) < 4:
            layers.append({"kind": "upsample", "scale": 2})
            plan.append(("nearest", 2))
            shape = (shape[0], *(2 * n for n in shape[1:]))
    if draw(st.booleans()) or not plan:
        count = shape[0] * shape[1] * shape[2]
        w, b = filled(draw, (2, count), entry), filled(draw, (2,), entry)
        layers += [FLAT, {"kind": "dense", "weights": w, "bias": b}]
        plan += [("flatten", None), ("dense", None)]
        weights |= {(len(plan), "weights"): w, (len(plan), "bias"): b}
    return {"input": x, "layers": layers, "dims": 2}, x, weights, plan


@SOME
@given(network=networks())
def test_forward_equals_plain_loops(network):
    """The output is what plain loops give, layer by layer."""
    keys, x, weights, plan = network
    made = run(x, weights, plan)
    found = solve(Problem("network", **keys)).answer
    assert np.array(found, dtype=object).reshape(-1).tolist() == np.array(made, dtype=object).reshape(-1).tolist()


@SOME
@given(network=networks(), data=st.data())
def test_gradients_equal_differences_of_plain_loops(network, data):
    """Each derivative is the loss of plain loops after a tiny step, less the loss before, over the step.

    A network of this kind is affine in each number as long as no entry passes 0 and no other one becomes the largest.
    So the quotient is exact; where the steps up and down differ the network has a corner there, which is left out.
    """
    keys, x, weights, plan = network
    flat = np.array(run(x, weights, plan), dtype=object)
    g = [data.draw(st.integers(-3, 3)) for _ in range(flat.size)]
    upstream = np.array(g, dtype=object).reshape(flat.shape).tolist()
    found = quantities(**keys, ask="gradients", upstream=upstream)
    arrays = {("", "dx"): np.array(x, dtype=object)}
    for (number, name), value in weights.items():
        arrays[number, f"d{'b' if name == 'bias' else 'w'}[{number}]"] = np.array(value, dtype=object)

    def loss(changed):
        given = {
            (number, name): changed[number, f"d{'b' if name == 'bias' else 'w'}[{number}]"].tolist()
            for number, name in weights
        }
        made = np.array(run(changed["", "dx"].tolist(), given, plan), dtype=object)
        return sum(a * b for a, b in zip(made.reshape(-1), g, strict=True))

    before, step = loss(arrays), Fraction(1, 10**9)
    smooth = 0
    for key, array in arrays.items():
        slopes = np.array(found[key[1]], dtype=object).reshape(array.shape)
        for place in product(*map(range, array.shape)):
            steps = []
            for by in (step, -step):
                moved = array.copy()
                moved[place] += by
                steps.append((loss({**arrays, key: moved}) - before) / by)
            if steps[0] == steps[1]:
                assert slopes[place] == steps[0]
                smooth += 1
    assume(smooth)


def test_probes_keep_every_choice():
    """Other operands are other numbers, yet every entry keeps its sign and every maximum its place, at ties too."""
    found = operation("network")
    layers = [CONV, RELU, {"kind": "pool", "size": 2}]
    problem = Problem("network", input="1 1 0; 2 2 0; 1 1 0", layers=layers, ask="gradients", upstream="3")
    here = {name: numeric.array(t.cells, t.shape) for name, t in problem.setting.operands.items()}
    there = {**here, **found.elsewhere(problem.setting, here, Random(5))}  # noqa: S311  # probes, not secrets
    assert all((there[name] != here[name]).any() for name in here)
    old, new = (Run(problem.setting, arrays).switches for arrays in (here, there))
    for before, after in zip(old, new, strict=True):
        assert (before is None and after is None) or (before == after).all()


def predicted(name, **keys):
    """What a mistake makes of the answer of a network."""
    return answers(Problem("network", **{**SMALL, **keys}))[name].tolist()


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("activation_forgotten", Fraction(-3 + 0 + 4 + 2, 4)),
        ("pooled_before_activation", Fraction(-3 + 0 + 4 + 2, 4)),
        ("relu_is_absolute_value", Fraction(3 + 0 + 4 + 2, 4)),
        ("bias_forgotten", Fraction(0 + 2 + 6 + 4, 4)),
        ("other_pooling", 4),
    ],
)
def test_mistakes_of_the_forward_pass(name, wrong):
    """Each mistake on the map [-3 0; 4 2] after the convolution, whose mean behind a ReLU is 3/2."""
    keys = {"layers": [CONV, RELU, MEAN]}
    assert predicted(name, **keys) == [[wrong]]


def test_the_kernel_is_not_flipped():
    """The kernel lies as it is: turned, it gives -1 * 1 + 2 * -1 + 0 * 0 + 1 * 2 - 2 in the first window, and so on."""
    assert predicted("kernel_flipped", layers=[CONV]) == [[-3, 1 + 2 * 2 + 1 - 2], [2 * 2 - 2, -2 + 2 * 1 - 2 - 2]]


def test_mistakes_of_the_backward_pass():
    """Without the mask each of the four cells passes a quarter; undivided, the two positive ones pass all."""
    keys = {"input": "-1 2; 3 4", "layers": [RELU, MEAN], "ask": "gradients", "upstream": "8"}
    assert quantities(**keys)["gradient"] == [0, 2, 2, 2]
    assert predicted("activation_gradient_not_masked", **keys) == [2, 2, 2, 2]
    assert predicted("average_gradient_not_divided", **keys) == [0, 8, 8, 8]
    assert predicted("upstream_ignored", **keys) == [0, Fraction(1, 4), Fraction(1, 4), Fraction(1, 4)]
    top = {**keys, "layers": [RELU, {"kind": "pool", "size": 2}]}
    assert predicted("maximum_gradient_spread", **top) == [0, 2, 2, 2]


def test_the_backward_kernel_is_turned():
    """dL/dx collects 3 * 1 and 3 * 2 where the kernel lay; turned wrongly they change places."""
    keys = {"input": "5 7", "layers": [{"kind": "conv", "kernel": "1 2"}], "ask": "gradients", "upstream": "3"}
    assert quantities(**keys)["gradient"] == [3 * 1, 3 * 2, 3 * 5, 3 * 7]
    assert predicted("backward_not_turned", **keys) == [3 * 2, 3 * 1, 3 * 5, 3 * 7]


def test_mistakes_of_a_transposed_layer():
    """2 * (1 3) and -1 * (1 3) one cell apart give 2, 6 - 1, -3; the mistakes are those of the operation itself."""
    near, padded = {**UP, "stride": 1, "bias": 0}, {**UP, "stride": 1, "bias": 0, "padding": 1}
    assert quantities(input="2 -1", layers=[near])["output"] == [2, 6 - 1, -3]
    assert predicted("overlaps_overwritten", input="2 -1", layers=[near]) == [2, -1, -3]
    assert predicted("stride_ignored", input="2 -1", layers=[UP]) == [2 + 1, 6 - 1 + 1, -3 + 1]
    assert predicted("padding_not_cropped", input="2 -1", layers=[padded, RELU]) == [2, 6 - 1, 0]
    wide = {**UP, "kernel": "1", "stride": 2, "output_padding": 1}
    assert quantities(input="2 -1", layers=[wide])["output"] == [2 + 1, 1, -1 + 1, 1]
    assert predicted("output_padding_ignored", input="2 -1", layers=[wide]) == [2 + 1, 1, -1 + 1]
    assert predicted("output_padding_as_zeros", input="2 -1", layers=[wide]) == [2 + 1, 1, -1 + 1, 0]


def test_a_map_of_another_size_fits_no_dense_layer():
    """Where the layers behind are made for the right size, a mistake that changes it predicts nothing."""
    layers = [{**UP, "padding": 1}, FLAT, {"kind": "dense", "weights": "1 2"}]
    made = answers(Problem("network", input="2 -1", layers=layers))
    assert "overlaps_overwritten" in made
    assert "padding_not_cropped" not in made


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"input": None}, "input is missing; write a matrix such as"),
        ({"input": "1 a"}, "input has letters; a network is worked out with numbers, only upstream may have letters"),
        ({"layers": []}, "layers is []; write a list of tables such as {kind = 'relu'}"),
        ({"layers": ["relu"]}, "layer 1: it is 'relu'; write a table such as {kind = 'relu'}"),
        ({"layers": [{"kind": "rely"}]}, "layer 1: kind is 'rely'; write 'conv' or 'relu' or"),
        ({"layers": [{"kind": "sigmoid"}]}, "layer 1: kind is 'sigmoid', whose values are no rational numbers"),
        ({"layers": [RELU, {"kind": "elu"}]}, "layer 2: kind is 'elu', whose values are no rational numbers"),
        ({"layers": [{"kind": "conv"}]}, "layer 1: kernel is missing"),
        ({"layers": [{**CONV, "strides": 2}]}, "layer 1: the key strides is unknown to conv (did you mean stride?)"),
        ({"layers": [{"kind": "conv", "kernel": "a 1"}]}, "layer 1: kernel has letters; a network is worked out with"),
        ({"layers": [{"kind": "conv", "kernel": "1 1 1 1"}]}, "layer 1: the kernel reaches 4 cells along the columns"),
        ({"layers": [{**UP, "kernel": "1 1; 1 1", "output_padding": 2}]}, "layer 1: output_padding is 2; it must be"),
        ({"layers": [{**UP, "flip": True}]}, "layer 1: the key flip is unknown to transposed_conv"),
        ({"layers": [FLAT, UP]}, "layer 2: transposed_conv needs channels and cells, but a vector comes in"),
        ({"layers": [{"kind": "pool", "method": "lp"}]}, "layer 1: method is 'lp'; write 'max' or"),
        ({"layers": [DENSE]}, "layer 1: dense needs a vector, but 3 x 3 cells come in; put a flatten layer before it"),
        (
            {"layers": [FLAT, DENSE]},
            "layer 2: each row of weights has 1 number, but 9 values come in; give one for each",
        ),
        (
            {"layers": [FLAT, CONV]},
            "layer 2: conv needs channels and cells, but a vector comes in; put it before flatten",
        ),
        ({"layers": [{"kind": "maxout"}]}, "layer 1: maxout takes the largest entry across channels"),
        ({"ask": "gradients", "upstream": "1 2 3"}, "upstream is 3 long, but the output of the network is 2 long"),
    ],
)
def test_what_is_refused(keys, said):
    """One line names the layer and the key, what was given and what would be right."""
    with pytest.raises(ProblemError) as error:
        solve(Problem("network", **{**SMALL, **keys}))
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_what_follows_from_a_wrong_map_counts_as_right():
    """Without the ReLU's zeros the mean is 9/4 and the outputs are 2 * 9/4 + 1 and -9/4: one mistake, not three."""
    given = {"map[1]": [[-3, 0], [4, 2]], "map[2]": [[3, 0], [4, 2]]}
    given |= {"map[3]": [[Fraction(9, 4)]], "output": [Fraction(11, 2), Fraction(-9, 4)]}
    first, second, *rest = diagnose(Problem("network", **SMALL), given).verdicts
    assert first.status == "right"
    assert [one.mistakes[0].name for one in second.explanations] == ["relu_is_absolute_value"]
    assert [verdict.status for verdict in rest] == ["follows", "follows"]


def test_the_root_of_a_window_of_whole_numbers():
    """-2 * 3 + 4 + 1, 3 - 2 * 4 + 1, 4 + 1 and 1 without negative ones are 0 0 5 1: roots of 0 and of 26."""
    conv = {"kind": "conv", "kernel": "1 -2 1", "bias": 1, "padding": 1}
    checker = Checker(Problem("network", input="3 4 0 0", layers=[conv, RELU, MEAN]))
    given = [0, Fraction("5.099")], [0, Fraction("5.1")]  # 5.099 * 5.099 = 25.9998
    assert [checker.check("rounded[3]", one).status for one in given] == ["right", "wrong"]
