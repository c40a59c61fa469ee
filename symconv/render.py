"""Renders a verified solution by templates; the only module that imports Jinja."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from symconv.document import Blocks, Equation, Equations, Grid, Prose, SumTable, Windows, WorkedSum
from symconv.errors import SymconvError
from symconv.expression import Number, Ref, Running
from symconv.solution import Solution
from symconv.typeset.formats import FORMATS, Format
from symconv.typeset.printer import Printer
from symconv.typeset.spoken import SPOKEN, rows_in_words
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
SMALL = 0.91  # the size of small type
MARK = "\ue000"  # a private character that no problem file can bring into a template


def templates() -> Path:
    """The folder of templates: inside an installed package, beside it in a checkout."""
    inside = Path(__file__).parent / "templates"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "templates"


def bytecode_cache() -> FileSystemBytecodeCache | None:
    """Compiled templates in the user's cache folder: compiling them takes as long as importing NumPy."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    try:
        folder = home / "symconv"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return None
    return FileSystemBytecodeCache(str(folder)) if os.access(folder, os.W_OK) else None


@lru_cache
def environment(traced: bool = False) -> Environment:
    """One environment for all formats; its delimiters are harmless in every one of them."""
    return Environment(  # noqa: S701  # every format escapes for itself, by the filter `text`
        loader=FileSystemLoader(templates()),
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<%=",
        variable_end_string="%>",
        comment_start_string="<#",
        comment_end_string="#>",
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        extensions=[Trace] if traced else [],
        bytecode_cache=None if traced else bytecode_cache(),
    )


class Trace(Extension):
    """Marks every line of template text with where it stands, for error messages of the PDF engines."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Put a mark before each line of data."""
        for token in stream:
            if token.type != "data":
                yield token
                continue
            lines = token.value.split("\n")
            marked = [f"{MARK}{stream.name}:{token.lineno + n}{MARK}{line}" for n, line in enumerate(lines)]
            yield Token(token.lineno, "data", "\n".join(marked))


def source_of(solution: Solution, format_name: str, line: int) -> str:
    """The template and line that produced a line of the output, as `latex/document.tex:12`."""
    text = _render(solution, FORMATS[format_name], traced=True)
    seen = "the template"
    for number, produced in enumerate(text.split("\n"), 1):
        marks = produced.split(MARK)[1::2]
        seen = marks[-1] if marks else seen
        if number == line:
            return seen
    return seen


def render(solution: Solution, format_name: str) -> str:
    """Render a solution as "tex", "typ" or "md"."""
    if format_name not in FORMATS:
        raise SymconvError(f"the format {format_name!r} is unknown; known are pdf, {', '.join(FORMATS)}, json")
    return _render(solution, FORMATS[format_name], traced=False)


def _render(solution: Solution, form: Format, traced: bool) -> str:
    derivation, notation = solution.derivation, solution.problem.notation
    page = Page(
        form, Printer(form.markup, derivation.quantities, notation), Printer(SPOKEN, derivation.quantities, notation)
    )
    template = environment(traced).get_template(f"{form.folder}/document.{form.name}")
    paragraphs = [part for part in derivation.text.split("\n\n") if part.strip()]
    return template.render(page=page, derivation=derivation, paragraphs=paragraphs, claims=solution.claims)


class Page:
    """What a template may ask for, besides the document itself: typeset pieces and how they fit the page."""

    def __init__(self, form: Format, printer: Printer, spoken: Printer) -> None:
        self.form, self.printer, self.spoken = form, printer, spoken
        self.text, self.math, self.quote = form.escape, printer, quote

    def prose(self, prose: Prose) -> str:
        """A sentence with its holes filled."""
        made = []
        for number, part in enumerate(prose.text.replace("}", "{").split("{")):
            if number % 2 == 0:
                made.append(self._literal(part))
            elif isinstance(value := prose.values[part], str):
                made.append(self._literal(value))
            else:
                made.append(self.form.inline(self.printer(value), self.spoken(value)))
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

    def size(self, *expressions: Any) -> str:
        """The type size at which expressions in one line fit the page."""
        width = sum(self.printer.width(e) for e in expressions) + 3 * (len(expressions) - 1)
        return next((name for most, name in SIZES if width <= most), "tiny")

    def broken(self, equation: Any) -> bool:
        """Whether a chain of equals needs a line for each side."""
        width = sum(self.printer.width(side) + 3 for side in equation.sides)
        return len(equation.sides) > 2 and width > LINE

    def shared_lines(self, block: Equations) -> list[list[Equation]]:
        """Equations line by line, as many in each as fit."""
        made: list[list[Equation]] = []
        used = LINE
        for item in block.items:
            width = sum(self.printer.width(side) + 3 for side in item.sides) + 4
            if used + width > LINE:
                made.append([])
                used = 0.0
            made[-1].append(item)
            used += width
        return made

    def cells(self, grid: Grid) -> list[list[tuple[str, str, bool, bool]]]:
        """The cells of a grid: entry, the same in words, marked, muted. A large grid is cut around its window."""
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
                words = self.spoken.entry(entry).text
                line.append((self.printer.entry(entry).text, words, at in grid.marked, at in grid.muted))
            made.append(line)
        return made

    def _visible(self, grid: Grid) -> tuple[list[int | None], list[int | None]]:
        """The rows and the columns of a grid that are drawn; None stands for those left out."""
        shape = self.printer.quantities[grid.name].value.shape[len(grid.part) :]
        marked = [at if len(at) == 2 else (0, *at) for at in grid.marked]
        down, across = [sorted({at[axis] for at in marked}) for axis in (0, 1)]
        return _span(shape[0] if len(shape) == 2 else 1, down), _span(shape[-1], across)

    def cell_width(self, grid: Grid) -> float:
        """How wide the cells of a grid must be, in digits."""
        return self.printer.cell_width(grid.name, grid.part)

    def lines(self, worked: WorkedSum, limit: float) -> list[str]:
        """A sum in lines no wider than `limit` digits; a row of the kernel stays together where it fits."""
        sign = self.form.markup.signs
        nothing = [[self.printer.walk(Number(0), False)]]
        pieces = [[self.printer.walk(term, False) for term in row] for row in worked.rows] or nothing
        alone = sum(map(len, pieces)) == 1
        texts = [
            [(p.text if alone or p.level >= 2 or (p.number and p.level > 1) else f"({p.text})", p.width) for p in row]
            for row in pieces
        ]
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
        return max(1, min(4, int(LINE / (widest + 6)), len(block.items)))

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
        return 2 if widest <= LINE / 2 - 1 and len(windows.items) > 1 else 1

    def room(self, window: Any, columns: int) -> float:
        """The digits left for the sum beside a grid."""
        return (LINE / columns - 1 - self._grid_width(window.grid)) / (SMALL if columns == 2 else 1)

    def chunks(self, items: Sequence[Any], size: int) -> list[Sequence[Any]]:
        """Items in rows of `size`."""
        return [items[at : at + size] for at in range(0, len(items), size)]

    def cell(self, cell: Any) -> str:
        """A cell of a table: words, or maths as inside a sentence."""
        return (
            self.form.escape(cell) if isinstance(cell, str) else self.form.inline(self.printer(cell), self.spoken(cell))
        )

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
        return next((name for most, name in SIZES if width <= most), "tiny")

    def large(self, block: Any) -> bool:
        """Whether the grids of a row can have large cells."""
        return max(self._drawn(grid, 2.9, 1.0) for grid in block.items) <= LINE

    def grid_rows(self, block: Any) -> list[list[Grid]]:
        """Grids row by row, as many in each as fit side by side."""
        least, more = (2.9, 1.0) if self.large(block) else (2.2, 0.6)
        rows: list[list[Grid]] = []
        used = LINE
        for grid in block.items:
            width = self._drawn(grid, least, more) + 5
            if used + width > LINE + 5:
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


def _span(size: int, marked: Sequence[int]) -> list[int | None]:
    """Which lines of a grid are drawn: all of a small one; of a large one the window or the ends."""
    if size <= MOST_LINES:
        return list(range(size))
    if not marked:
        return [*range(8), None, *range(size - 3, size)]
    first, last = max(marked[0] - 2, 0), min(marked[-1] + 2, size - 1)
    inside: list[int | None] = list(range(first, last + 1))
    return [None] * (first > 0) + inside + [None] * (last < size - 1)
