"""What a derivation says, not how it looks: steps of blocks. It knows no markup and no numbers of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from symconv.expression import Expression, Ref
from symconv.tensor import Index, Tensor

GIVEN = "given"  # the label of the step that says what is given, the first one


@dataclass(frozen=True)
class Symbol:
    """How a quantity is written: a letter for the whole, one for its cells, and its ornaments.

    `sub` and `sup` are printed as they are: H_0, P^{(2)}; `accent` is "", "tilde", "hat" or "bar". `first` is what the
    indices of cells start from where that is not the index base: the smallest lags of a correlation. `layer` is the
    number of a layer of a network, which the whole and its cells both carry: K^{(2)}, k^{(2)}_{1,1}. The parts of such
    a whole are numbered below, K^{(2)}_1, as those of the input are, whose number is empty.
    """

    whole: str
    cell: str
    accent: str = ""
    sub: str = ""
    sup: str = ""
    first: Index = ()
    rotated: bool = False  # R(K): the whole is written as a function of its letter
    layer: str | None = None


@dataclass(frozen=True)
class Quantity:
    """Something a person could hand in: its symbol, its value, and whether cells carry labels of their own."""

    symbol: Symbol
    value: Tensor
    labelled_cells: bool = False


@dataclass(frozen=True)
class Prose:
    """A sentence with named holes, `{name}`, that hold expressions or words typed by a person (`Text`)."""

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)
    kind = "prose"

    def expressions(self) -> Iterator[Expression]:
        """What the holes hold."""
        yield from (value for value in self.values.values() if not isinstance(value, str))


@dataclass(frozen=True)
class Hint:
    """A sentence that helps a person over a step whose results are left blank."""

    text: str
    kind = "hint"


@dataclass(frozen=True)
class Equation:
    """A chain of equals, and a claim: every link is verified. Long chains break before each equals sign.

    A `local` one holds only while the same entries are the largest: which cell a maximum hands its gradient to.
    """

    sides: tuple[Any, ...]
    boxed: bool = False
    for_all: tuple[tuple[str, int, int], ...] = ()  # (running index, first, last), counted from the index base
    local: bool = False
    kind = "equation"


@dataclass(frozen=True)
class Equations:
    """Short equations that share a line where they fit."""

    items: tuple[Equation, ...]
    kind = "equations"


@dataclass(frozen=True)
class WorkedSum:
    """A cell as a hand computes it: rows of addends, then the total (None where the sum is final already)."""

    target: Ref
    rows: tuple[tuple[Any, ...], ...]
    total: Any | None
    kind = "workedsum"


@dataclass(frozen=True)
class Grid:
    """A matrix (one part of a quantity) drawn in cells.

    `part` picks leading indices; `marked` cells are shaded (the window), `muted` cells are padding or zeros
    put in. Of a large grid some rows and columns are left out, unless it says which `columns` are drawn.
    """

    name: str
    part: Index = ()
    caption: Prose | None = None
    marked: frozenset[Index] = frozenset()
    muted: frozenset[Index] = frozenset()
    columns: range | None = None


@dataclass(frozen=True)
class Grids:
    """Grids side by side."""

    items: tuple[Grid, ...]
    kind = "grids"


@dataclass(frozen=True)
class Window:
    """One output cell: the grid with its window shaded, and the sum of products."""

    grid: Grid
    sum: WorkedSum


@dataclass(frozen=True)
class Windows:
    """Output cells one after another."""

    items: tuple[Window, ...]
    kind = "windows"


@dataclass(frozen=True)
class SumTable:
    """The remaining cells, one line each."""

    items: tuple[WorkedSum, ...]
    kind = "sumtable"


@dataclass(frozen=True)
class Table:
    """A table: a header of words, and rows of expressions or words. `total` sets the last row apart."""

    header: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: bool = False
    kind = "table"


@dataclass(frozen=True)
class Blocks:
    """A matrix of matrices: each cell names a block, or is None for a block of zeros."""

    target: Ref
    rows: tuple[tuple[str | None, ...], ...]
    kind = "blocks"


Block = Prose | Hint | Table | Equation | Equations | Grids | Windows | SumTable | Blocks | WorkedSum


@dataclass(frozen=True)
class Step:
    """A named reason with what it shows; the label is what a person can hand in for it."""

    label: str
    title: str
    blocks: tuple[Any, ...]


@dataclass(frozen=True)
class Rest:
    """What is left to show of a derivation after others: the blocks given anew, and the steps shown already."""

    given: tuple[Any, ...]
    shown: tuple[int, ...] = ()  # the numbers of these steps


@dataclass(frozen=True)
class Derivation:
    """The whole worked solution: its steps, and every quantity by its label. `answer` is one of the labels."""

    title: str
    subject: str
    steps: tuple[Step, ...]
    quantities: Mapping[str, Quantity]
    answer: str
    text: str = ""

    def only(self, rest: Rest) -> Derivation:
        """The same with what is left to show; where nothing is given anew, there is no step that says what is given."""
        left = [step for number, step in enumerate(self.steps) if number not in rest.shown]
        if left and left[0].label == GIVEN:
            left[:1] = [replace(left[0], blocks=rest.given)] if rest.given else []
        return replace(self, steps=tuple(left))

    def blocks(self) -> Iterator[Any]:
        """Every block in order, windows taken apart."""
        for step in self.steps:
            yield from step.blocks
