"""Page: what a template may ask for, typeset pieces and how they fit the page. It knows no template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil, prod
from typing import Any

from symconv.document import (
    GIVEN,
    Blocks,
    Equation,
    Equations,
    Grid,
    Grids,
    Prose,
    Step,
    SumTable,
    Windows,
    WorkedSum,
)
from symconv.expression import Blank, Number, Ref, Running
from symconv.typeset.formats import Format
from symconv.typeset.piece import PRODUCT
from symconv.typeset.printer import Printer
from symconv.typeset.spoken import rows_in_words
from symconv.typeset.typst import quote

LINE = 82.0  # a line of the page, in digits
SIZES = ((LINE, "normal"), (90.0, "small"), (101.0, "footnote"), (116.0, "script"), (160.0, "tiny"))
WORDS = {  # what a grid shows, for its text alternative, where the label does not say it
    "padded": "padded input",
    "flipped": "flipped kernel",
    "dilated": "dilated kernel",
    "stretched": "stretched input",
    "frame": "sum of the copies",
}
MOST_LINES = 24  # of a grid; a larger one is cut
MOST_ROWS, MOST_ENTRIES = 40, 1000  # of a grid that is drawn whole: a page has no more rows, nobody works with more
SMALL_CELL, SMALL_ROOM = 2.2, 0.6  # digits: the least width of a cell in small type, what is beside its entry
SMALL = 0.91  # the size of small type
Rows = list[list[tuple[str, str, bool, bool]]]
SIZE = 11.0  # of normal type, in points
WIDTHS, HEIGHTS = {"a4": 210.0, "letter": 215.9}, {"a4": 297.0, "letter": 279.4}  # of a sheet of paper, in mm


@dataclass(frozen=True)
class Paper:
    """The paper, the size of normal type in points, and the margin on each side in mm.

    >>> Paper().line, Paper("letter", 18, 20).scaled(5.6)
    (82.0, 9.16)
    """

    name: str = "a4"
    size: float = SIZE
    margin: float = 25

    @property
    def scale(self) -> float:
        """How much larger than usual everything is."""
        return self.size / SIZE

    @property
    def width(self) -> float:
        """The width of a line in mm."""
        return WIDTHS[self.name] - 2 * self.margin

    @property
    def top(self) -> int:
        """The margin above in mm: large type has a higher running head."""
        return 22 if self.size == SIZE else 26

    @property
    def bottom(self) -> int:
        """The margin below in mm."""
        return 24

    @property
    def height(self) -> float:
        """The height of what stands on one page, in mm."""
        return HEIGHTS[self.name] - self.top - self.bottom

    @property
    def line(self) -> float:
        """The width of a line, in digits."""
        return self.width / 160 * LINE / self.scale

    def scaled(self, length: float) -> float:
        """A length, in whatever unit, beside type of this size."""
        return length if self.size == SIZE else round(length * self.scale, 2)


class Page:
    """What a template may ask for, besides the document itself: typeset pieces and how they fit the page."""

    def __init__(self, form: Format, printer: Printer, spoken: Printer, paper: Paper | None = None) -> None:
        self.form, self.printer, self.spoken, self.paper = form, printer, spoken, paper or Paper()
        self.text, self.math = form.escape, printer
        self._drawn_cells: dict[int, tuple[Grid, Rows]] = {}
        self._broken_sums: dict[tuple[int, float], tuple[WorkedSum, list[str]]] = {}
        self.line, self.scaled = self.paper.line, self.paper.scaled

    def quote(self, words: str) -> str:
        """A text alternative as a string of the format."""
        return quote(words)

    def inline(self, maths: str, words: str) -> str:
        """Maths inside a sentence."""
        return self.form.inline(maths, words)

    def prose(self, prose: Prose) -> str:
        """A sentence with its holes filled."""
        made = []
        for number, part in enumerate(prose.text.replace("}", "{").split("{")):
            if number % 2 == 0:
                made.append(self._literal(part))
            elif isinstance(value := prose.values[part], str):
                made.append(self._literal(value))
            else:
                made.append(self.inline(self.printer(value), self.spoken(value)))
        return "".join(made)

    def _literal(self, text: str) -> str:
        ends = " " if text[:1] == " " else "", " " if text[-1:] == " " and text.strip() else ""
        return ends[0] + self.form.escape(text) + ends[1] if text.strip() else text

    def words(self, block: Any) -> str:
        """The text alternative of an equation, a sum or a grid."""
        if isinstance(block, Grid):
            rows = [[words for _, words, _, _ in row] for row in self.cells(block)]
            marked = f", {len(block.marked)} cells highlighted" if block.marked else ""
            return rows_in_words(rows, WORDS.get(block.name.partition("[")[0], block.name)) + marked
        if isinstance(block, WorkedSum):
            terms = [self.spoken(term) for row in block.rows for term in row]
            total = "" if block.total is None else f" equals {self.spoken(block.total)}"
            return f"{self.spoken(block.target)} equals {' plus '.join(terms) or '0'}{total}"
        if isinstance(block, Blocks):
            rows = [["zero block" if name is None else self.spoken(Ref(name)) for name in row] for row in block.rows]
            return f"{self.spoken(block.target)} equals {rows_in_words(rows, 'block matrix')}"
        if isinstance(block, Equations):
            return ". ".join(self.words(item) for item in block.items)
        return " equals ".join(self.spoken(side) for side in block.sides)

    def equality(self, what: Any, value: Any) -> str:
        """What something is, inside a sentence: its name, an equals sign, its value."""
        made = [
            printer(what) + printer.markup.signs["equals"] + printer.entry(value).text
            for printer in (self.printer, self.spoken)
        ]
        return self.form.inline(*made)

    def size(self, *expressions: Any) -> str:
        """The type size at which expressions in one line fit the page."""
        width = sum(self.printer.width(e) for e in expressions) + 3 * (len(expressions) - 1)
        return self._named(width)

    def _named(self, width: float) -> str:
        return next((name for most, name in SIZES if width <= most * self.line / LINE), "tiny")

    def broken(self, equation: Any) -> bool:
        """Whether a chain of equals needs a line for each side."""
        width = sum(self.printer.width(side) + 3 for side in equation.sides)
        return len(equation.sides) > 2 and width > self.line

    def shared_lines(self, block: Equations) -> list[list[Equation]]:
        """Equations line by line, as many in each as fit."""
        made: list[list[Equation]] = []
        used = self.line
        for item in block.items:
            width = sum(self.printer.width(side) + 3 for side in item.sides) + 4
            if used + width > self.line:
                made.append([])
                used = 0.0
            made[-1].append(item)
            used += width
        return made

    def cells(self, grid: Grid) -> Rows:
        """The cells of a grid: entry, the same in words, marked, muted. A large grid is cut around its window."""
        if id(grid) not in self._drawn_cells:  # a template asks several times; the grid is kept, so its id is its own
            self._drawn_cells[id(grid)] = (grid, self._cells(grid))
        return self._drawn_cells[id(grid)][1]

    def _cells(self, grid: Grid) -> Rows:
        value = self.printer.quantities[grid.name].value.part(*grid.part)
        rows, columns = self._visible(grid)
        dots = self.form.markup.signs
        made = []
        for r in rows:
            line = []
            for c in columns:
                if r is None or c is None:
                    sign = "ddots" if r is None and c is None else "vdots" if r is None else "cdots"
                    line.append((dots[sign], "and so on", False, False))
                    continue
                at = (r, c) if len(value.shape) == 2 else (c,)
                entry = value[at]
                words = self.spoken.entry(entry, grid.name).text
                if isinstance(entry, Blank):
                    text = self.form.markup.blank(str(entry.number), True)
                else:
                    text = self.printer.entry(entry, grid.name).text
                line.append((text, words, at in grid.marked, at in grid.muted))
            made.append(line)
        return made

    def places(self, rows: Rows, mark: int) -> list[tuple[int, int]]:
        """Column and row of the drawn cells that are marked (2) or muted (3)."""
        return [(c, r) for r, row in enumerate(rows) for c, cell in enumerate(row) if cell[mark]]

    def blocks(self, step: Step) -> tuple[Any, ...]:
        """The blocks of a step; what is given is shown with every entry."""
        return tuple(map(self.whole, step.blocks)) if step.label == GIVEN else step.blocks

    def whole(self, block: Any) -> Any:
        """A block with every entry of its grids, unless they are huge; wide ones come in pieces of their columns."""
        if not isinstance(block, Grids):
            return block
        return replace(block, items=tuple(piece for grid in block.items for piece in self._pieces(grid)))

    def _pieces(self, grid: Grid) -> list[Grid]:
        shape = self._shape(grid)
        if prod(shape) > MOST_ENTRIES or (len(shape) == 2 and shape[0] > MOST_ROWS):
            return [grid]
        count = ceil(shape[-1] / self._most_columns(grid))
        if count == 1:
            return [replace(grid, columns=range(shape[-1]))]
        ends = [shape[-1] * n // count for n in range(count + 1)]
        base, what = self.printer.notation.index_base, "columns" if len(shape) == 2 else "entries"
        caption = grid.caption or Prose("")
        return [
            replace(
                grid,
                columns=range(first, end),
                caption=replace(caption, text=f"{caption.text}, {what} {first + base} to {end - 1 + base}"),
            )
            for first, end in pairwise(ends)
        ]

    def _shape(self, grid: Grid) -> tuple[int, ...]:
        return self.printer.quantities[grid.name].value.shape[len(grid.part) :]

    def _most_columns(self, grid: Grid) -> int:
        """How many columns of a grid with small cells fit the line."""
        return max(1, int(self.line / max(SMALL_CELL, self.cell_width(grid) + SMALL_ROOM)))

    def _visible(self, grid: Grid) -> tuple[list[int | None], list[int | None]]:
        """The rows and the columns of a grid that are drawn; None stands for those left out."""
        shape = self._shape(grid)
        if grid.columns is not None:
            return list(range(shape[0] if len(shape) == 2 else 1)), list(grid.columns)
        marked = [at if len(at) == 2 else (0, *at) for at in grid.marked]
        down, across = [sorted({at[axis] for at in marked}) for axis in (0, 1)]
        most = min(MOST_LINES, self._most_columns(grid))
        return _span(shape[0] if len(shape) == 2 else 1, down), _span(shape[-1], across, most)

    def cell_width(self, grid: Grid) -> float:
        """How wide the cells of a grid must be, in digits."""
        return self.printer.cell_width(grid.name, grid.part)

    def lines(self, worked: WorkedSum, limit: float) -> list[str]:
        """A sum in lines no wider than `limit` digits; a row of the kernel stays together where it fits."""
        key = (id(worked), limit)
        if key not in self._broken_sums:
            self._broken_sums[key] = (worked, self._lines(worked, limit))
        return self._broken_sums[key][1]

    def _lines(self, worked: WorkedSum, limit: float) -> list[str]:
        sign = self.form.markup.signs
        nothing = [[self.printer.walk(Number(0), False)]]
        pieces = [[self.printer.walk(term, False) for term in row] for row in worked.rows] or nothing
        alone = sum(map(len, pieces)) == 1
        texts = [[(p.text if alone else self.printer.tight(p, PRODUCT), p.width) for p in row] for row in pieces]
        room = limit - self.printer.width(worked.target) - 3
        groups = [texts[0]] if len(texts) == 1 else texts
        if sum(width + 2.5 for row in texts for _, width in row) <= room:
            groups = [[item for row in texts for item in row]]
        made: list[str] = []
        for row in groups:
            line, used = "", 0.0
            for text, width in row:
                if line and used + width + 2.5 > room:
                    made.append(line)
                    line, used = "", 0.0
                line += (sign["plus"] if line else "") + text
                used += width + 2.5
            made.append(line)
        return [line if n == 0 else sign["plus"].lstrip() + line for n, line in enumerate(made)]

    def table_columns(self, block: SumTable) -> int:
        """How many sums stand side by side in a table of sums."""
        widest = 0.0
        for worked in block.items:
            total = 0.0 if worked.total is None else self.printer.width(worked.total) + 3
            terms = sum(self.printer.width(term) + 2.5 for row in worked.rows for term in row)
            widest = max(widest, self.printer.width(worked.target) + 3 + terms + total)
        return max(1, min(4, int(self.line / (widest + 6)), len(block.items)))

    def sum_width(self, worked: WorkedSum) -> float:
        """How wide a sum is when every row of the kernel stands on one line, in digits."""
        rows = [sum(self.printer.width(term) + 2.5 for term in row) for row in worked.rows] or [1.0]
        total = 0.0
        if worked.total is not None and len(worked.rows) == 1:  # it stays on the line
            total = self.printer.width(worked.total) + 3
        return self.printer.width(worked.target) + 3 + max(rows) + total

    def _grid_width(self, grid: Grid) -> float:
        """The width of a small grid and the gap beside it, in digits."""
        return max(2.2, 0.8 * self.cell_width(grid) + 1) * len(self.cells(grid)[0]) + 2.5

    def columns(self, windows: Windows) -> int:
        """How many windows fit side by side; sums are set in small type when there are two."""
        widest = max(
            self._grid_width(window.grid) + SMALL * self.sum_width(window.sum) for window in windows.items[:40]
        )
        return 2 if widest <= self.line / 2 - 1 and len(windows.items) > 1 else 1

    def room(self, window: Any, columns: int) -> float:
        """The digits left for the sum beside a grid."""
        return (self.line / columns - 1 - self._grid_width(window.grid)) / (SMALL if columns == 2 else 1)

    def chunks(self, items: Sequence[Any], size: int) -> list[Sequence[Any]]:
        """Items in rows of `size`."""
        return [items[at : at + size] for at in range(0, len(items), size)]

    def cell(self, cell: Any) -> str:
        """A cell of a table: words, or maths as inside a sentence."""
        return self.form.escape(cell) if isinstance(cell, str) else self.inline(self.printer(cell), self.spoken(cell))

    def block_matrix(self, block: Any) -> str:
        """The matrix of the names of blocks; zero blocks as 0."""
        rows = [["0" if name is None else self.printer(Ref(name)) for name in row] for row in block.rows]
        return self.form.markup.matrix(rows, self.printer.notation.brackets)

    def ranges(self, equation: Any) -> str:
        """For which indices an equation holds, typeset: i = 1, ..., 4."""
        made = []
        for name, first, last in equation.for_all:
            span = [str(n) for n in range(first, last + 1)]
            if len(span) > 3:
                span = [span[0], self.form.dots, span[-1]]
            made.append(f"{self.printer(Running(name))} = {', '.join(span)}")
        return self.form.gap.join(made)

    def widest(self, equation: Any) -> str:
        """The type size at which every side of a broken chain fits its line."""
        first = self.printer.width(equation.sides[0])
        width = first + 3 + max(self.printer.width(side) for side in equation.sides[1:])
        return self._named(width)

    def large(self, block: Any) -> bool:
        """Whether the grids of a row can have large cells."""
        return max(self._drawn(grid, 2.9, 1.0) for grid in block.items) <= self.line

    def grid_rows(self, block: Any) -> list[list[Grid]]:
        """Grids row by row, as many in each as fit side by side."""
        least, more = (2.9, 1.0) if self.large(block) else (SMALL_CELL, SMALL_ROOM)
        rows: list[list[Grid]] = []
        used = self.line
        for grid in block.items:
            width = self._drawn(grid, least, more) + 5
            if used + width > self.line + 5:
                rows.append([])
                used = 0.0
            rows[-1].append(grid)
            used += width
        return rows

    def _drawn(self, grid: Grid, least: float, more: float) -> float:
        return len(self.cells(grid)[0]) * max(least, self.cell_width(grid) + more)

    def outline(self, grid: Grid) -> tuple[int, int, int, int] | None:
        """Top, left, height and width of the marked cells, as they are drawn, where they are one rectangle."""
        if not grid.marked:
            return None
        rows = sorted({at[0] if len(at) > 1 else 0 for at in grid.marked})
        columns = sorted({at[-1] for at in grid.marked})
        height, width = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
        down, across = self._visible(grid)
        top, left = down.index(rows[0]), across.index(columns[0])
        return (top, left, height, width) if height * width == len(grid.marked) else None


def _span(size: int, marked: Sequence[int], most: int = MOST_LINES) -> list[int | None]:
    """Which lines of a grid are drawn: all of a small one; of a large one the window or the ends.

    >>> _span(5, [], 4), _span(5, [], 1), _span(30, [9, 10])
    ([0, None, 4], [0, None, 4], [None, 7, 8, 9, 10, 11, 12, None])
    """
    first, last = max(1, most // 3), max(1, most // 8)  # of a line of 24: eight and three
    if size <= max(most, first + last):
        return list(range(size))
    if not marked:
        return [*range(first), None, *range(size - last, size)]
    first, last = max(marked[0] - 2, 0), min(marked[-1] + 2, size - 1)
    inside: list[int | None] = list(range(first, last + 1))
    return [None] * (first > 0) + inside + [None] * (last < size - 1)
