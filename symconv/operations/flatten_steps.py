"""A flattening as it was read, and the steps that show where each entry goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from symconv.document import Equation, Equations, Prose, Step
from symconv.expression import Number, Op, Put, Ref, Running, op
from symconv.notation import Notation
from symconv.operations.geometry import lead
from symconv.operations.steps import grids
from symconv.tensor import Index, Tensor

MOST_SHOWN = 40  # entries of a vector that is written out map by map


@dataclass(frozen=True)
class Flattening:
    """A feature map of the shape (channels, rows, columns) or (channels, cells), and the order of vec."""

    input: Tensor
    order: str

    @property
    def operands(self) -> Mapping[str, Tensor]:
        """The operands by name."""
        return {"input": self.input}

    @property
    def order_of_cells(self) -> list[Index]:
        """The indices of the input in the order of the vector."""
        x = self.input
        steps = steps_of(x.shape[1:], self.order)

        def place(at: Index) -> int:
            apart = sum(position * step for position, step in zip(at[1:], steps, strict=True))
            return at[0] * prod(x.shape[1:]) + apart

        return sorted(x.indices(), key=place)

    @property
    def flat(self) -> Tensor:
        """The vector."""
        return Tensor((len(self.input.cells),), tuple(self.input[at] for at in self.order_of_cells))


def steps_of(cells: Index, order: str) -> list[int]:
    """How far apart neighbours along each axis lie in the vector."""
    if len(cells) == 1:
        return [1]
    return [cells[1], 1] if order == "row" else [1, cells[0]]


def given(setting: Flattening, value: Tensor) -> Step:
    """The map, and the order in which it is read."""
    dims = len(setting.input.shape) - 1
    text = {"row": "row by row (row-major order)", "column": "column by column (column-major order)"}[setting.order]
    if dims == 1:
        text = "cell by cell"
    text = f"The map is read {text}" + (", one channel after the other." if setting.input.shape[0] > 1 else ".")
    return Step("given", "Given", (grids("input", value, len(value.shape) - dims), Prose(text)))


def law(setting: Flattening, notation: Notation) -> Step:
    """Where each entry goes."""
    from symconv import algebra

    channels, *cells = setting.input.shape
    base, names = notation.index_base, "ij"[: len(cells)]
    spans = [*([("c", channels)] if channels > 1 else []), *zip(names, cells, strict=True)]
    apart = [*([prod(cells)] if channels > 1 else []), *steps_of(tuple(cells), setting.order)]
    place = base + sum(step * (algebra.running(name) - base) for (name, _), step in zip(spans, apart, strict=True))
    index = tuple(Running(name) for name, _ in spans)
    sizes: Any = op("mul", *(Number(size) for _, size in spans)) if len(spans) > 1 else Number(spans[0][1])
    return Step(
        "size",
        "Where each entry goes",
        (
            Prose("The vector has {n} = {total} entries.", {"n": sizes, "total": Number(len(setting.input.cells))})
            if len(spans) > 1
            else Prose("The vector has {n} entries.", {"n": sizes}),
            Equation(
                (Ref("output", (algebra.to_expression(place),)), Ref("input", index)),
                for_all=tuple((name, base, base + size - 1) for name, size in spans),
            ),
        ),
    )


def entries(setting: Flattening) -> list[Step]:
    """The entries in their new order, each from its old place."""
    order = setting.order_of_cells
    if len(order) > MOST_SHOWN:
        return []
    channels = setting.input.shape[0]
    made = [
        Equation((Ref("output", (n,)), ref, Put(ref)))
        for n, ref in enumerate(Ref("input", (*lead((at[0], channels)), *at[1:])) for at in order)
    ]
    blocks: list[Any] = [Equations(tuple(made))]
    if channels == 1 and len(setting.input.shape) == 3:
        vec = Op("vec_row" if setting.order == "row" else "vec_column", (Ref("input"),))
        blocks.append(Prose("This vector is also written {vec}.", {"vec": vec}))
    return [Step("entries", "Entry by entry", tuple(blocks))]
