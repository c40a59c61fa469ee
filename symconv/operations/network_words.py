"""The layers of a network in words, and the laws of their sizes."""

from __future__ import annotations

from math import prod
from typing import Any

from symconv.axis import Axis
from symconv.document import Equation, Prose
from symconv.expression import Number, op
from symconv.notation import Notation
from symconv.operations import activation_steps, pooling_steps, transposed_steps, upsampling_steps
from symconv.operations import steps as shared
from symconv.operations.activation_steps import Activation
from symconv.operations.base import Detail
from symconv.operations.direct_steps import Direct
from symconv.operations.flatten_steps import Flattening
from symconv.operations.network_layers import Stage
from symconv.operations.pooling_values import Pooling
from symconv.operations.transposed_steps import Transposed
from symconv.operations.upsampling_values import Upsampling

POOL_WORDS = {
    "max": "max pooling",
    "min": "min pooling",
    "average": "average pooling",
    "global_max": "global max pooling",
    "global_average": "global average pooling",
}


def title_of(stage: Stage) -> str:
    """A layer in one or two words."""
    match stage.setting:
        case Pooling(kind=kind):
            return POOL_WORDS[kind]
        case Upsampling(kind=kind):
            return "nearest-neighbour upsampling" if kind == "nearest" else "bilinear upsampling"
        case Activation(kind=kind):
            return activation_steps.NAMES.get(kind, kind)
        case Direct():
            return "convolution"
        case Transposed():
            return "transposed convolution"
    return stage.kind


def words(setting: Any, values: dict[str, Any]) -> str:
    """What a layer does, with holes for its numbers."""
    match setting:
        case Direct(layer=layer, geometry=geometry):
            how = (
                "the kernel is flipped before it slides" if geometry.flip else "the kernel slides as it is, not flipped"
            )
            text = f"{how}; stride {shared.sizes_in_words('s', layer.stride, values)}, "
            text += shared.padding_in_words([axis.padding for axis in geometry.axes], values, mode=geometry.mode)
            text += f", dilation {shared.sizes_in_words('d', layer.dilation, values)}"
            values["g"] = Number(layer.groups)
            return text + (", {g} groups" if layer.groups > 1 else "")
        case Transposed():
            text = "the kernel is scattered as it is, not flipped; "
            return text + transposed_steps.parameters_in_words(setting, values)
        case Pooling(kind=kind, axes=axes):
            if kind.startswith("global"):
                return "the window is the whole channel"
            values["w"] = op("by", *(a.kernel for a in axes)) if len(axes) > 1 else Number(axes[0].kernel)
            text = f"window {{w}}, stride {shared.sizes_in_words('s', [a.stride for a in axes], values)}, "
            text += shared.padding_in_words([axis.padding for axis in axes], values)
            if any(axis.reach > axis.kernel for axis in axes):
                text += f", dilation {shared.sizes_in_words('d', [a.dilation for a in axes], values)}"
            if kind == "average" and any(sum(axis.padding) for axis in axes):
                text += ", cells of padding " + ("count" if setting.include_pad else "do not count")
            return text + (", the size rounded up (ceil mode)" if setting.ceil else "")
        case Activation(kind=kind, parameter=slope):
            values["slope"] = Number(slope)
            return {
                "relu": "positive entries stay, negative ones become 0",
                "leaky_relu": "positive entries stay, negative ones are multiplied by {slope}",
                "maxout": "at each place the largest entry of all channels",
            }[kind]
        case Flattening(order=order):
            text = {"row": "row by row", "column": "column by column"}[order]
            text = text if len(setting.input.shape) == 3 else "cell by cell"
            return text + (", one channel after the other" if setting.input.shape[0] > 1 else "")
        case Upsampling():
            sizes = setting.shape
            values["o"] = shared.size_of(sizes)
            rule = {"half_pixel": "half-pixel", "align_corners": "align-corners", "asymmetric": "asymmetric"}
            return "to {o}" + (f", {rule[setting.rule]} coordinates" if setting.kind == "bilinear" else "")
    return "one row of weights for each unit"


def laws(stage: Stage, notation: Notation, detail: Detail) -> list[Any]:
    """The size law of a layer that slides a window or enlarges."""
    setting: Any = stage.setting
    match setting:
        case Direct(geometry=geometry):
            return _sliding(geometry.axes)
        case Pooling(kind=kind, axes=axes) if not kind.startswith("global"):
            if not setting.ceil:
                return _sliding(axes)
            hat = any(axis.reach > axis.kernel for axis in axes)
            blocks: list[Any] = []
            for (where, axis), outputs in zip(shared.axis_names(axes), setting.outputs, strict=False):
                blocks += [Prose(where)] if where else []
                blocks += [shared.reach_equation(axis)] if hat else []
                blocks += pooling_steps.ceil_blocks(axis, outputs, hat)
            return blocks
        case Transposed():
            return list(transposed_steps.Work(setting, notation, detail, only_size=True).size(False).blocks)
        case Upsampling():
            return list(upsampling_steps.Work(setting, notation, detail).size(False).blocks)
        case Flattening() if prod(setting.input.shape) > max(setting.input.shape):
            factors = [n for n in setting.input.shape if n > 1]
            return [Equation((op("mul", *factors), Number(prod(factors))))]
    return []


def _sliding(axes: tuple[Axis, ...]) -> list[Any]:
    hat = any(axis.dilation > 1 for axis in axes)
    blocks: list[Any] = []
    for where, axis in shared.axis_names(axes):
        blocks += [Prose(where)] if where else []
        blocks += [shared.reach_equation(axis)] if hat else []
        blocks.append(Equation(shared.size_law(axis, hat)))
    return blocks
