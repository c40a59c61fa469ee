"""The sizes of a transposed convolution whose copies overlap, and the steps that count them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from symconv.document import Equation, Grid, Grids, Prose, Quantity, Step, Table
from symconv.expression import Letter, Number, Put, Ref, Running, op
from symconv.notation import Notation
from symconv.operations import checks
from symconv.operations.steps import size_result
from symconv.tensor import Tensor

AXES = ("c", "d")  # the counts down the rows and along the columns
WHERE = ("Down the rows: ", "Along the columns: ")


@dataclass(frozen=True)
class Overlap:
    """Sizes of a transposed convolution, one number for each axis. There are no operands: counts need no values."""

    cells: tuple[int, ...]
    kernel: tuple[int, ...]
    stride: tuple[int, ...]

    @property
    def operands(self) -> Mapping[str, Tensor]:
        """None: the counts are the same for every input and kernel."""
        return {}

    @property
    def frame(self) -> tuple[int, ...]:
        """The size of the uncropped output, s(i - 1) + k."""
        return tuple(s * (n - 1) + k for n, k, s in zip(self.cells, self.kernel, self.stride, strict=True))

    @property
    def axes(self) -> list[tuple[int, int, int]]:
        """Input, kernel and stride of each axis."""
        return list(zip(self.cells, self.kernel, self.stride, strict=True))

    @property
    def alike(self) -> bool:
        """Whether one axis tells all."""
        return len(set(self.axes)) == 1

    @property
    def is_even(self) -> bool:
        """Whether every cell away from the border is covered equally often: s divides k along every axis."""
        return all(k % s == 0 for _, k, s in self.axes)

    def copies(self, axis: int) -> Tensor:
        """One row for each copy of the kernel: 1 where it lies."""
        cells, k, s = self.axes[axis]
        return Tensor.build((cells, self.frame[axis]), lambda at: int(at[0] * s <= at[1] < at[0] * s + k))

    def counts(self, axis: int) -> Tensor:
        """How many copies lie on each cell of an axis: the m with (u - k + 1)/s <= m <= u/s."""
        cells, k, s = self.axes[axis]
        found = [min(u // s, cells - 1) - max(-((k - 1 - u) // s), 0) + 1 for u in range(self.frame[axis])]
        return Tensor((len(found),), tuple(found))


def given(setting: Overlap) -> Step:
    """The question and the sizes."""
    text = (
        "A transposed convolution lays a copy of the kernel at every input cell. How many copies lie on each cell "
        "of the output, before anything is cropped? Values do not matter, only sizes."
    )
    sizes = zip(("x", "k", "s"), (setting.cells, setting.kernel, setting.stride), strict=True)
    values = {name: Number(size[0]) if len(size) == 1 else op("by", *size) for name, size in sizes}
    return Step("given", "Given", (Prose(text), Prose("Input {x}, kernel {k}, stride {s}.", values)))


def _per_axis(setting: Overlap) -> list[tuple[str, int]]:
    """The axes that differ, with a word for each."""
    if setting.alike:
        return [("", 0)]
    return [(WHERE[axis], axis) for axis in range(len(setting.cells))]


def size(setting: Overlap, asked: bool) -> Step:
    """O = s(i - 1) + k. Dumoulin & Visin, relation 14, without padding."""
    blocks: list[Any] = []
    for where, axis in _per_axis(setting):
        n, k, s = setting.axes[axis]
        law = op("add", op("mul", Letter("s", s), op("add", Letter("i", n), -1)), Letter("k", k))
        blocks += [Prose(where)] if where else []
        blocks.append(Equation((Letter("o", setting.frame[axis]), law, Put(law), Number(setting.frame[axis]))))
    return Step("size", "Size of the output", (*blocks, *size_result(setting.frame, asked)))


def one_axis(setting: Overlap, notation: Notation) -> Step:
    """The copies one below the other, and the number on each cell."""
    base = notation.index_base
    blocks: list[Any] = []
    for where, axis in _per_axis(setting):
        name = AXES[axis]
        copies = setting.copies(axis)
        marked = frozenset(at for at in copies.indices() if copies[at])
        text = where + "Each row below is one copy of the kernel, moved by the stride from the row above. "
        text += "The sums of the columns are the counts {c}."
        blocks.append(Prose(text, {"c": Ref(name)}))
        pictures = (
            Grid(
                f"copies_{name}", caption=Prose("the copies"), muted=frozenset(copies.indices()) - marked, marked=marked
            ),
            Grid(name, caption=Prose("{c}", {"c": Ref(name)})),
        )
        blocks += [Grids(pictures[:1]), Grids(pictures[1:]), *_law(setting, axis, base)]
    title = "Along one axis" if len(setting.cells) == 2 else "The copies"
    return Step("counts", title, tuple(blocks))


def _law(setting: Overlap, axis: int, base: int) -> list[Any]:
    n, k, s = setting.axes[axis]
    u = op("add", Running("u"), -base) if base else Running("u")
    low = op("add", Running("u"), 1 - k - base) if 1 - k - base else Running("u")
    first, last = op("ceil", op("div", low, s)), op("floor", op("div", u, s))
    counted = op("add", op("min", n - 1, last), op("neg", op("max", 0, first)), 1)
    text = (
        "Copy number {m}, counted from 0, covers {k} cells from {start} on. So the copies on a cell run from the first "
        "to the last that reaches it:"
    )
    start = op("mul", s, Running("m")) if s > 1 else Running("m")
    equation = Equation(
        (Ref(AXES[axis], (Running("u"),)), counted), for_all=(("u", base, base + setting.frame[axis] - 1),)
    )
    return [Prose(text, {"m": Running("m"), "k": Number(k), "start": start}), equation]


def phases(setting: Overlap) -> Step:
    """Why it is even or not: the taps that share a remainder."""
    blocks: list[Any] = [
        Prose(
            "Away from the border, a cell whose index from 0 leaves the remainder {r} on division by {s} meets the "
            "taps {taps} of the kernel, one from each copy. How many are below {k} is the count.",
            {
                "r": Letter("r"),
                "s": Letter("s"),
                "k": Letter("k"),
                "taps": op("add", Letter("r"), op("mul", Letter("n"), Letter("s"))),
            },
        )
    ]
    for where, axis in _per_axis(setting):
        _, k, s = setting.axes[axis]
        blocks += [Prose(where)] if where else []
        rows = []
        for r in range(s):
            law = op("ceil", op("div", op("add", Letter("k", k), op("neg", Letter("r", r))), Letter("s", s)))
            taps = ", ".join(map(str, range(r, k, s))) or "none"
            rows.append((Number(r), taps, op("equals", Put(law), len(range(r, k, s)))))
        blocks.append(Table(("Remainder", "Taps", "Count"), tuple(rows)))
        whole_part = op("mul", k // s, s) if k % s == 0 else op("add", op("mul", k // s, s), k % s)
        blocks.append(Equation((Letter("k", k), whole_part)))
        if k % s:
            text = "{s} does not divide {k}: {rest} of the {s} remainders {have} {more}, the others {less}. "
            text += "Cells without any copy stay zero." if k < s else "The counts alternate with period {s}."
            values = {"s": Number(s), "k": Number(k), "rest": Number(k % s), "more": Number(k // s + 1)}
            text = text.replace("{have}", "has" if k % s == 1 else "have")
            blocks.append(Prose(text, {**values, "less": Number(k // s)}))
        else:
            text = "{s} divides {k}: every remainder has {n}, so away from the border all cells are covered equally."
            blocks.append(Prose(text, {"s": Number(s), "k": Number(k), "n": Number(k // s)}))
    return Step("phases", "Even or not", tuple(blocks))


def plane(setting: Overlap, notation: Notation, counts: Tensor) -> Step:
    """Both axes together: the counts multiply."""
    base, across = notation.index_base, AXES[0 if setting.alike else 1]
    ranges = tuple((name, base, base + n - 1) for name, n in zip("ij", setting.frame, strict=True))
    both = op("mul", Ref(AXES[0], (Running("i"),)), Ref(across, (Running("j"),)))
    most = max(counts.cells)
    marked = frozenset(at for at in counts.indices() if counts[at] == most)
    text = "A copy lies on a cell when it does so down and across, so the counts multiply:"
    even = "Away from the border the counts are even: no checkerboard."
    if not setting.is_even:
        pattern = "a checkerboard" if all(k % s for _, k, s in setting.axes) else "stripes"
        even = (
            f"The counts repeat with the stride: {pattern}. A kernel whose size is a multiple of "
            "the stride avoids it, and so does upsampling first and then a convolution with stride 1."
        )
    grid = Grid("output", caption=Prose("the largest counts are shaded"), marked=marked)
    blocks = (Prose(text), Equation((Ref("output", (Running("i"), Running("j"))), both), for_all=ranges))
    return Step("plane", "Both axes", (*blocks, Grids((grid,)), Prose(even)))


def check(setting: Overlap, quantities: dict[str, Quantity]) -> Step:
    """The counts add up to the number of products."""
    checks.add_total(quantities, "output")
    factors = [n for n in (*setting.cells, *setting.kernel) if n > 1] or [1]
    product = op("mul", *factors) if len(factors) > 1 else Number(factors[0])
    text = "Every input cell meets every tap once, so the counts add up to the number of products:"
    return Step(
        "check", "Check", (Prose(text), Equation((checks.total("output"), product, checks.number_of("output"))))
    )
