"""Fold (col2im): the columns of a patch matrix laid back on their windows and added; the divisor of the overlaps."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import partial
from math import prod
from typing import Any

import numpy as np

from symconv import numeric
from symconv.axis import Axis
from symconv.errors import ProblemError
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.operands import pads, per_axis, read_operand
from symconv.operations.base import Detail, Misconception, Oracle, Solved, instead, operand
from symconv.operations.fold_steps import Fold, Work
from symconv.operations.geometry import Geometry, check_cells
from symconv.operations.steps import result_step
from symconv.operations.unfold import one_hot


class FoldOperation:
    """Add the columns of a patch matrix back where their windows lie. torch.nn.Fold."""

    name = "fold"
    summary = "col2im: add windows back where they came from"
    example = 'symconv solve fold --input "1 2 4 5; 2 3 5 6; 4 5 7 8; 5 6 8 9" --size [2,2] --shape [3,3]'
    asks = ("output", "divisor", "restored")
    keys: Mapping[str, str] = {
        "input": "the patch matrix: one column for each window, one row for each entry of a window",
        "size": "the size of a window: 3 (1-D), or [rows, columns]",
        "shape": "the size of the output: 5 (1-D), or [rows, columns]",
        "stride": "1, or [rows, columns]",
        "padding": "what is cropped: a number, [rows, columns] or [[before, after], ...]",
        "dilation": "1, or [rows, columns]",
    }

    def read(self, given: Mapping[str, Any], notation: Notation, limit: int) -> Fold:
        """Validate a problem."""
        for name, right in (("input", '"1 2; 3 4"'), ("size", "[2, 2]"), ("shape", "[3, 3]")):
            if given.get(name) is None:
                raise ProblemError(f"{name} is missing; write {name} = {right}")
        patches = read_operand("input", given["input"], limit, notation.index_base).tensor
        if len(patches.shape) > 2:
            raise ProblemError("input has several matrices; fold takes one patch matrix")
        size, shape = given["size"], given["shape"]
        dims = len(shape) if isinstance(shape, (list, tuple)) else len(size) if isinstance(size, (list, tuple)) else 1
        if dims not in (1, 2):
            raise ProblemError(f"shape has {dims} numbers; write one or two, such as [3, 3]")
        kernel, sizes = per_axis("size", size, dims, 1), per_axis("shape", shape, dims, 1)
        stride = per_axis("stride", given.get("stride", 1), dims, 1)
        dilation = per_axis("dilation", given.get("dilation", 1), dims, 1)
        widths = pads(given.get("padding", 0), dims)
        axes = tuple(map(Axis, sizes, kernel, stride, widths, dilation))
        check_cells("the padded output", tuple(axis.padded for axis in axes), limit)
        rows, columns = patches.shape
        windows = prod(axis.output for axis in axes)
        if windows == 0:
            raise ProblemError("no window fits the shape; make the size or the dilation smaller, or the shape larger")
        if columns != windows:
            raise ProblemError(
                f"the patch matrix has {columns} columns, but {windows} windows fit the shape; give one for each window"
            )
        if rows % prod(kernel):
            raise ProblemError(
                f"the patch matrix has {rows} rows, but a window has {prod(kernel)} entries per channel; "
                "the rows must be a multiple of that"
            )
        return Fold(patches, Geometry(axes, rows // prod(kernel)), notation.index_base)

    def derive(self, setting: Fold, notation: Notation, ask: str, detail: Detail) -> Solved:
        """Derive every step and quantity."""
        work = Work(setting, notation, detail)
        steps = [work.given(), work.windows()]
        steps += [work.added()] if ask != "divisor" else []
        steps += [result_step(work.output, work.lead)] if ask == "output" else []
        steps += work.divided(ask)
        return Solved(tuple(steps), work.quantities, ask)

    def answer(self, setting: Fold, ask: str) -> str:
        """The label of the quantity that an ask is about."""
        del setting
        return ask

    def oracle(self, setting: Fold, operands: Mapping[str, Array]) -> Oracle:
        """The transpose of cutting windows out: every entry is scattered back to its cell, and the padding cropped."""
        patches = operands["input"]
        divisor = partial(_folded, setting, np.ones_like(patches))
        labels = range(setting.index_base, setting.index_base + patches.shape[1])
        return {
            "input": lambda: patches,
            "output": lambda: _folded(setting, patches),
            "divisor": lambda: divisor()[0] if setting.geometry.channels > 1 else divisor(),
            "restored": lambda: _folded(setting, patches).astype(object) * _inverse(divisor()),
            **{f"A_{n}": partial(_one_column, setting, patches, n) for n in labels},
        }

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """Mistakes with overlaps and with the order of the patch matrix."""
        return (
            Misconception(
                "overlaps_overwritten",
                "A later patch replaces what lies under it.",
                "Entries that fall on the same cell are added.",
                after=instead("output", _overwritten),
            ),
            Misconception(
                "fold_inverts_unfold",
                "Fold gives back the input that was unfolded, so overlaps are averaged.",
                "Fold only adds; dividing by the number of overlaps is a second step.",
                after=instead("output", lambda setting, given: _averaged(setting, given["input"])),
            ),
            Misconception(
                "rows_are_patches",
                "Every row of the matrix is a patch.",
                "In this convention, that of torch, every column is a patch.",
                change=operand("input", lambda x, _: x.T if len(set(x.shape)) == 1 else None),
            ),
            Misconception(
                "patch_written_by_columns",
                "A column is written into its window column by column.",
                "It is written row by row, in the order in which unfold reads a window.",
                change=operand("input", _by_columns),
            ),
        )

    def samples(self) -> tuple[dict[str, Any], ...]:
        """Problems for the generic tests."""
        square = {"input": "1 2 4 5; 2 3 5 6; 4 5 7 8; 5 6 8 9", "size": [2, 2], "shape": [3, 3]}
        two = "1 2; 0 1; 3 1; 1 1; 2 0; 4 1; 1 3; 0 2"
        return (
            square,
            {**square, "ask": "divisor"},
            {"input": "1 2; 2 3; 4 5; 5 6", "size": [2, 2], "shape": [2, 3], "ask": "restored"},
            {"input": "1 2 1; 3 1/2 0; 0 1 1", "size": 3, "shape": 5},
            {"input": "1 2 1; 3 1 0; 0 1 1", "size": 3, "shape": 5, "stride": 2, "padding": 1, "ask": "restored"},
            {"input": "1 2; 3 4", "size": 2, "shape": 5, "stride": 3},
            {"input": two, "size": [2, 2], "shape": [2, 3]},
            {"input": "1 a; b 2; 3 c; 1 1", "size": [2, 2], "shape": [3, 4], "dilation": 2},
            {"input": {"symbols": "p", "shape": [2, 3]}, "size": 2, "shape": 4},
        )


def _folded(setting: Fold, patches: Array) -> Array:
    """Scatter every entry back to its cell with filters that hold a single one."""
    geometry = setting.geometry
    picks = one_hot(geometry.channels, geometry.kernel, patches.dtype)
    y = patches.reshape(len(picks), *geometry.output)
    steps = [axis.stride for axis in geometry.axes], [axis.padding for axis in geometry.axes]
    folded = numeric.correlate_back(y, picks, geometry.input, *steps, [axis.dilation for axis in geometry.axes])
    return numeric.squeeze(folded, 1)


def _one_column(setting: Fold, patches: Array, label: int) -> Array:
    """What one column alone gives; its label counts from the index base."""
    alone = np.zeros_like(patches)
    alone[:, label - setting.index_base] = patches[:, label - setting.index_base]
    return _folded(setting, alone)


def _inverse(counts: Array) -> Array:
    return np.asarray(np.vectorize(lambda count: Fraction(1, int(count)), otypes=[object])(counts))


def _averaged(setting: Fold, patches: Array) -> Array:
    counts = _folded(setting, np.ones_like(patches))
    return _folded(setting, patches).astype(object) * _inverse(np.maximum(counts, 1))


def _overwritten(setting: Fold, given: Mapping[str, Array]) -> Array:
    """Column after column, each cell keeps what came last."""
    patches = given["input"]
    out = np.zeros_like(_folded(setting, patches))
    for column in range(patches.shape[1]):
        alone, mask = np.zeros_like(patches), np.zeros_like(patches)
        alone[:, column], mask[:, column] = patches[:, column], 1
        out = np.where(_folded(setting, mask) != 0, _folded(setting, alone), out)
    return out


def _by_columns(patches: Array, setting: Fold) -> Array | None:
    geometry = setting.geometry
    if geometry.dims == 1:
        return None
    turned = patches.reshape(geometry.channels, *geometry.kernel[::-1], -1).swapaxes(1, 2)
    return turned.reshape(patches.shape)


FOLD = FoldOperation()
