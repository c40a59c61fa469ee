"""Overlap: how many copies of the kernel a transposed convolution adds up in every cell, and whether that is even."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np

from symconv import numeric
from symconv.document import Quantity, Symbol
from symconv.errors import ProblemError
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.operands import per_axis, whole
from symconv.operations import checks
from symconv.operations import overlap_steps as steps
from symconv.operations.base import Detail, Misconception, Oracle, Solved, instead
from symconv.operations.geometry import check_cells, check_products
from symconv.operations.overlap_steps import AXES, Overlap
from symconv.operations.steps import result_step, size_quantity, symbols
from symconv.tensor import Tensor


class OverlapOperation:
    """Count the products that land on every cell of a transposed convolution."""

    name = "overlap"
    summary = "how often a transposed convolution writes each cell"
    example = "symconv solve overlap --input 4 --kernel 3 --stride 2"
    asks = ("output", "size")
    keys: Mapping[str, str] = {
        "input": "the size of the input: 4, or [rows, columns]",
        "kernel": "the size of the kernel: 3, or [rows, columns]",
        "stride": "1, or [rows, columns]",
        "dims": "1 or 2 axes (2)",
    }

    def read(self, given: Mapping[str, Any], notation: Notation, limit: int) -> Overlap:
        """Validate a problem."""
        del notation
        dims = whole("dims", given.get("dims", 2), 1)
        if dims > 2:
            raise ProblemError(f"dims is {dims}; write 1 or 2")
        for name in ("input", "kernel"):
            if given.get(name) is None:
                raise ProblemError(f"{name} is missing; write its size, such as {name} = 3 or {name} = [3, 4]")
        cells, kernel = (per_axis(name, given[name], dims, 1) for name in ("input", "kernel"))
        setting = Overlap(cells, kernel, per_axis("stride", given.get("stride", 1), dims, 1))
        check_cells("the output", setting.frame, limit)
        check_products(prod(cells) * prod(kernel), limit)
        for n, frame in zip(cells, setting.frame, strict=True):
            check_cells("the table of copies", (n, frame), limit)
        return setting

    def derive(self, setting: Overlap, notation: Notation, ask: str, detail: Detail) -> Solved:
        """Derive every step and quantity."""
        del detail
        along = [setting.counts(axis) for axis in range(len(setting.cells))]
        counts = Tensor.build(setting.frame, lambda at: prod(line[(p,)] for line, p in zip(along, at, strict=True)))
        quantities = {
            "size": size_quantity(setting.frame, notation),
            "output": Quantity(symbols(notation)["output"], counts, labelled_cells=True),
        }
        for axis, name in enumerate(AXES[: len(along)]):
            quantities[name] = Quantity(Symbol(name, name), along[axis])
            quantities[f"copies_{name}"] = Quantity(Symbol("B", "b", sub=name), setting.copies(axis))
        made = [steps.given(setting), steps.size(setting, ask == "size")]
        if ask == "output":
            made += [steps.one_axis(setting, notation), steps.phases(setting)]
            made += [steps.plane(setting, notation, counts)] if len(along) == 2 else []
            made += [result_step(counts, 0), steps.check(setting, quantities)]
        return Solved(tuple(made), quantities, ask)

    def answer(self, setting: Overlap, ask: str) -> str:
        """The label of the quantity that an ask is about."""
        del setting
        return ask

    def oracle(self, setting: Overlap, operands: Mapping[str, Array]) -> Oracle:
        """Every quantity from NumPy: scatter ones."""
        del operands
        plain = {"output": lambda: _counted(setting)}
        made: dict[str, Any] = {**plain, **checks.sums(plain), "size": lambda: np.array(_counted(setting).shape)}
        for axis, name in enumerate(AXES[: len(setting.cells)]):
            line = Overlap(*((part[axis],) for part in (setting.cells, setting.kernel, setting.stride)))
            made[name] = lambda line=line: _counted(line)
            made[f"copies_{name}"] = lambda line=line: np.stack(
                [_counted(line, np.eye(line.cells[0], dtype=int)[n]) for n in range(line.cells[0])]
            )
        return made

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """Mistakes of overlap and size."""
        return MISCONCEPTIONS

    def samples(self) -> tuple[dict[str, Any], ...]:
        """Problems for the generic tests."""
        return (
            {"input": 4, "kernel": 3, "stride": 2},
            {"input": 4, "kernel": 4, "stride": 2},
            {"input": 5, "kernel": 3, "stride": 2, "dims": 1},
            {"input": [3, 4], "kernel": [2, 5], "stride": [2, 3]},
            {"input": 3, "kernel": 2, "stride": 3},
            {"input": 3, "kernel": 3},
            {"input": 2, "kernel": 5, "stride": 2, "dims": 1},
            {"input": 4, "kernel": 3, "stride": 2, "ask": "size"},
        )


def _counted(setting: Overlap, x: Array | None = None) -> Array:
    """A transposed convolution of ones, or of an input of zeros and ones, with a kernel of ones."""
    ones = np.ones(setting.cells, dtype=int) if x is None else x
    dims = len(setting.cells)
    kernel = np.ones((1, 1, *setting.kernel), dtype=int)
    return np.asarray(numeric.scatter(ones[None], kernel, setting.stride, [1] * dims, [0] * dims)[0])


def _stride_one(setting: Overlap, arrays: Mapping[str, Array]) -> tuple[Overlap, Mapping[str, Array]] | None:
    ones = (1,) * len(setting.cells)
    return None if setting.stride == ones else (Overlap(setting.cells, setting.kernel, ones), arrays)


def _uniform(setting: Overlap, operands: Mapping[str, Array]) -> Array | None:
    del operands
    return np.full_like(_counted(setting), _counted(setting).max())


def _overwritten(setting: Overlap, operands: Mapping[str, Array]) -> Array | None:
    del operands
    return np.minimum(_counted(setting), 1)


def _times_stride(setting: Overlap, operands: Mapping[str, Array]) -> Array | None:
    del operands
    counts = _counted(setting)
    return counts[tuple(slice(0, n * s) for n, s in zip(setting.cells, setting.stride, strict=True))]


MISCONCEPTIONS = (
    Misconception(
        "stride_one",
        "Copies of the kernel lie one cell apart.",
        "They lie as far apart as the stride says.",
        change=_stride_one,
    ),
    Misconception(
        "uniform",
        "Every cell of the output is covered equally often.",
        "Cells near the border are covered less often, and inside only where the stride divides the kernel is it even.",
        after=instead("output", _uniform),
    ),
    Misconception(
        "overwritten",
        "Where copies overlap the later one replaces the earlier one.",
        "Overlapping copies are added, so a cell counts every copy that lies on it.",
        after=instead("output", _overwritten),
    ),
    Misconception(
        "size_times_stride",
        "The output is the input times the stride.",
        "The last copy reaches beyond: the size is s(i - 1) + k.",
        after=instead("output", _times_stride),
    ),
)

OVERLAP = OverlapOperation()
