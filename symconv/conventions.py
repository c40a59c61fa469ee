"""What other systems do by default, as keys of a problem file; a key that is written wins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WINDOWED = ("max", "min", "average", "lp")  # the kinds of pooling that have a window smaller than the channel


@dataclass(frozen=True)
class Default:
    """A key and its value; with `kinds` it belongs to these kinds of an operation only."""

    key: str
    value: Any
    kinds: tuple[str, ...] = ()


# The defaults of every operation are those of torch.
CONVENTIONS: Mapping[str, tuple[Default, ...]] = {
    "torch": (),
    # No keys say these: ONNX's Resize rounds nearest coordinates with half pixels, its DepthToSpace takes the channels
    # of a pixel apart from one another unless mode is CRD, its MaxUnpool indexes the smallest map; we do as torch.
    # ONNX operators, AveragePool: count_include_pad is 0; MaxPool: "the stride defaults to 1 along each spatial axis"
    "onnx": (Default("count_include_pad", False, ("average",)), Default("stride", 1, WINDOWED)),
    # TensorFlow's tests of AvgPool leave padding out; tf.nn.convolution: the odd cell of SAME goes to the end
    "tensorflow": (Default("count_include_pad", False, ("average",)),),
    # scipy.signal.convolve: same is "centered with respect to the full output", from (k - 1) // 2;
    # correlate2d alone starts at k // 2, which is "upper"
    "scipy": (Default("same", "lower"),),
    # conv and conv2: same is the central part, from ceil((k + 1) / 2) counted from 1; X(:) goes down the columns
    "matlab": (Default("order", "column"),),
    # Caffe's pooling layer rounds up, and moves by 1 unless it is told
    "caffe": (Default("ceil_mode", True, WINDOWED), Default("stride", 1, WINDOWED)),
}


def with_convention(name: str, given: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """The given keys, and those defaults of a system that the operation and its kind know.

    >>> with_convention("scipy", {"padding": "same"}, {"padding": "", "same": ""})
    {'same': 'lower', 'padding': 'same'}
    """
    kind = given.get("kind", "max") if "kind" in known else None  # what pooling takes where nothing is said
    fitting = [d for d in CONVENTIONS[name] if d.key in known and (not d.kinds or kind in d.kinds)]
    return {**{default.key: default.value for default in fitting}, **given}
