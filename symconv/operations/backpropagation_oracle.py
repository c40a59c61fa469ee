"""The oracle of a backward pass: every gradient by exact finite differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

import numpy as np

from symconv import numeric
from symconv.numeric import Array
from symconv.operations.backpropagation_work import Backward
from symconv.operations.base import Oracle, Parts
from symconv.operations.transposed_steps import Transposed


def finite_differences(setting: Backward, operands: Mapping[str, Array]) -> Oracle:
    """Raise one entry by 1, compute the layer again, and weigh the change of the output with the upstream gradient.

    The layer is linear in each of its operands, so this quotient is the derivative, with no limit and no rounding.
    """
    layer = {name: array for name, array in operands.items() if name != "upstream"}
    g, dims = operands["upstream"], setting.geometry.dims

    def forward(changed: Mapping[str, Array]) -> Array:
        return setting.operation.oracle(setting.of, {**layer, **changed})["output"]()

    def raised(name: str, at: int) -> Array:
        moved = layer[name].copy()
        moved.flat[at] += 1
        return forward({name: moved})

    @cache
    def before() -> Array:
        return forward({})

    def by(name: str, lead: int) -> Array:
        changes = np.stack([raised(name, at) for at in range(layer[name].size)]) - before()
        slopes = (numeric.squeeze(g, 1) * changes).reshape(layer[name].size, -1).sum(axis=1)
        return numeric.squeeze(slopes.reshape(layer[name].shape), lead)

    gradients: dict[str, Callable[[], Array]] = {"dx": partial(by, "input", 1), "dw": partial(by, "kernel", 2)}
    if "bias" in layer:
        gradients["db"] = partial(by, "bias", 0)
    backward: dict[str, Callable[[], Array]] = {
        **gradients,
        "upstream": lambda: numeric.squeeze(g, 1),
        "output": before,
        "gradient": lambda: np.concatenate([get().reshape(-1) for get in gradients.values()]),
        "stretched": lambda: numeric.squeeze(numeric.dilate(g, setting.of.layer.stride), 1),
        "padded_gradient": lambda: numeric.squeeze(_padded_gradient(setting, g, layer["kernel"]), 1),
        "slid": lambda: numeric.squeeze(_slid(setting, layer["kernel"], dims), 2),
        "change": lambda: raised("kernel", 0) - before(),
        "inner(dx,input)": lambda: np.asarray((gradients["dx"]().reshape(-1) * layer["input"].reshape(-1)).sum()),
    }
    return Parts(lambda: backward, lambda: setting.operation.oracle(setting.of, layer))


def _padded_gradient(setting: Backward, g: Array, kernel: Array) -> Array:
    """The array that the backward window slides over, in full."""
    pads = [axis.padding for axis in setting.geometry.axes]
    if isinstance(setting.of, Transposed):
        return numeric.pad(g, pads)
    wide = numeric.dilate(g, setting.of.layer.stride)
    reach = numeric.dilate(kernel, setting.of.layer.dilation).shape[2:]
    cells = [n + k - 1 for n, k in zip(setting.of.layer.input.shape[1:], reach, strict=True)]
    frame = numeric.pad(wide, [(k - 1, c) for k, c in zip(reach, cells, strict=True)])
    kept: Any = (..., *(slice(p[0], p[0] + c) for p, c in zip(pads, cells, strict=True)))
    return np.asarray(frame[kept])


def _slid(setting: Backward, kernel: Array, dims: int) -> Array:
    """The kernel as the backward window holds it, its taps apart."""
    wide = numeric.dilate(kernel, setting.of.layer.dilation)
    return wide if setting.geometry.flip or isinstance(setting.of, Transposed) else numeric.rotate(wide, dims)
