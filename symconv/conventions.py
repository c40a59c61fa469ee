"""What other systems do by default, as keys of a problem file; a key that is written wins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# The defaults of every operation are those of torch.
CONVENTIONS: Mapping[str, Mapping[str, Any]] = {
    "torch": {},
    # ONNX operators, AveragePool: count_include_pad is 0
    "onnx": {"count_include_pad": False},
    # tf.nn.avg_pool: "the padding is not counted"; tf.nn.convolution: the odd cell of SAME goes to the end
    "tensorflow": {"count_include_pad": False},
    # scipy.signal.convolve: same is "centered with respect to the full output", from (k - 1) // 2
    "scipy": {"same": "lower"},
    # conv and conv2: same is the central part, from ceil((k + 1) / 2) counted from 1; X(:) goes down the columns
    "matlab": {"order": "column"},
    # Caffe's pooling layer rounds up
    "caffe": {"ceil_mode": True},
}


def with_convention(name: str, given: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """The given keys, and those defaults of a system that the operation knows.

    >>> with_convention("scipy", {"padding": "same"}, {"padding": "", "same": ""})
    {'same': 'lower', 'padding': 'same'}
    """
    return {**{key: value for key, value in CONVENTIONS[name].items() if key in known}, **given}
