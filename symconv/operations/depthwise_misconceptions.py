"""The mistakes people make in counting a separable layer and in finding the factors of a kernel."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from symconv.numeric import Array
from symconv.operations.base import Arrays, Misconception
from symconv.operations.depthwise_steps import Separable
from symconv.operations.rank_one import Factored

Counts = tuple[int, int, int]  # parameters of the depthwise step, the pointwise step and the full layer


def _held(arrays: Arrays) -> Counts:
    channels, kernels, mixing = arrays["input"].shape[0], arrays["kernel"], arrays["pointwise"]
    return kernels.size, mixing.size, prod(kernels.shape[2:]) * channels * mixing.shape[0]


def _counted(wrong: Callable[[Arrays, Counts], Counts], join: Callable[[int, int], int] = int.__add__) -> Any:
    """Wrong parameters, the multiplications that belong to them, and their ratio; None for factors."""

    def predict(setting: Any, arrays: Arrays) -> dict[str, Array] | None:
        if not isinstance(setting, Separable):
            return None
        places = prod(setting.depthwise.geometry.output)
        first, second, full = wrong(arrays, _held(arrays))
        held = np.array([first, second, join(first, second), full])
        work = np.array([places * first, places * second, join(places * first, places * second), places * full])
        ratio = np.array(Fraction(join(first, second), full), dtype=object)
        return {"parameters": held, "multiplications": work, "counts": np.stack([held, work]), "ratio": ratio}

    return predict


def _ratio(wrong: Callable[[Arrays, Fraction], Fraction]) -> Any:
    """A wrong ratio, after right counts."""

    def predict(setting: Any, arrays: Arrays) -> dict[str, Array] | None:
        if not isinstance(setting, Separable):
            return None
        first, second, full = _held(arrays)
        return {"ratio": np.array(wrong(arrays, Fraction(first + second, full)), dtype=object)}

    return predict


def _taps(arrays: Arrays) -> int:
    return prod(arrays["kernel"].shape[2:])


def _row_upright(setting: Any, arrays: Arrays) -> dict[str, Array] | None:
    if not isinstance(setting, Factored) or setting.row is None:
        return None
    return {"column": arrays["row"].T, "row": arrays["column"].T}


def _full_rank(setting: Any, arrays: Arrays) -> dict[str, Array] | None:
    if not isinstance(setting, Factored) or setting.row is not None:
        return None
    return {"rank": np.asarray(min(arrays["kernel"].shape))}


COUNTED_AND_FACTORED = (
    Misconception(
        "depthwise_kernel_for_each_filter",
        "The depthwise step has a kernel for each output channel.",
        "It has a kernel for each input channel; only the pointwise step knows the output channels.",
        _counted(lambda arrays, held: (_taps(arrays) * arrays["pointwise"].shape[0], *held[1:])),
    ),
    Misconception(
        "pointwise_counted_with_the_window",
        "The pointwise kernels are as large as the depthwise ones.",
        "A pointwise kernel is 1 by 1: one weight for each map that it mixes.",
        _counted(lambda arrays, held: (held[0], held[1] * _taps(arrays), held[2])),
    ),
    Misconception(
        "channels_forgotten",
        "A filter of the full layer has k times k weights, and a pointwise filter has one.",
        "Both have as many for each channel.",
        _counted(
            lambda arrays, held: (held[0], arrays["pointwise"].shape[0], held[2] // arrays["input"].shape[0]),
        ),
    ),
    Misconception(
        "counts_of_the_steps_multiplied",
        "One step follows the other, so their counts are multiplied.",
        "Each step is done once, so their counts are added.",
        _counted(lambda _, held: held, int.__mul__),
    ),
    Misconception(
        "ratio_turned_over",
        "The ratio says how many times larger the full layer is.",
        "It is the separable layer over the full one, which is below 1 where something is saved.",
        _ratio(lambda _, right: 1 / right),
    ),
    Misconception(
        "ratio_as_product",
        "The ratio is 1 over the number of filters times 1 over the number of taps.",
        "The two steps are added, so the two parts of the ratio are: one over the filters plus one over the taps.",
        _ratio(lambda arrays, _: Fraction(1, arrays["pointwise"].shape[0] * _taps(arrays))),
    ),
    Misconception(
        "column_and_row_swapped",
        "The first factor is the row of the kernel, written upright.",
        "The rows are multiples of the row factor; the column says which multiples.",
        _row_upright,
    ),
    Misconception(
        "full_rank_where_not_separable",
        "A kernel that is not separable has the full rank.",
        "Its rank is at least 2, and it may still be less than the number of rows.",
        _full_rank,
    ),
)
