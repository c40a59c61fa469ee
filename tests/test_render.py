"""Rendering: golden files, the same bytes in every process, and the way back from a line to its template.

The golden files in tests/golden are compared byte for byte. After a wanted change run

    SYMCONV_WRITE_GOLDEN=1 .venv/bin/python -m pytest tests/test_render.py

and read the difference (git diff tests/golden) before committing it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import solution_of
from jinja2 import ChoiceLoader, DictLoader

from symconv.document import (
    Blocks,
    Derivation,
    Equation,
    Equations,
    Grid,
    Grids,
    Prose,
    Quantity,
    Step,
    SumTable,
    Symbol,
    Windows,
    WorkedSum,
)
from symconv.errors import SymconvError
from symconv.expression import Number, Put, Ref, op
from symconv.notation import Notation
from symconv.operations.base import Detail
from symconv.page import Page
from symconv.problem import Problem
from symconv.render import _render, render, source_of
from symconv.solution import Solution, solve
from symconv.templating.environment import environment, our_environment
from symconv.templating.trace import MARK, traced
from symconv.tensor import Tensor
from symconv.typeset.formats import FORMATS
from symconv.typeset.printer import Printer
from symconv.typeset.spoken import SPOKEN

GOLDEN = Path(__file__).parent / "golden"
SMALL: dict[str, dict[str, Any]] = {
    "full": {
        "operation": "convolution",
        "title": "Full & small: 100% of #1",
        "text": "Give the full convolution.\n\nShow C.",
        "input": "1 2; 3 -4",
        "kernel": "1/2 -1",
        "padding": "full",
        "notation": {"product": "cdot", "brackets": "square"},
    },
    "letters": {
        "operation": "cross_correlation",
        "input": {"symbols": "x", "shape": [4]},
        "kernel": "a -b",
        "stride": 2,
        "padding": 1,
        "bias": "c",
        "notation": {"input": "X", "kernel": "phi", "output": "Y", "bias": "c", "index_base": 0},
    },
    "scattered": {
        "operation": "transposed_convolution",
        "title": "Scatter and crop",
        "input": "1 2; 0 3",
        "kernel": "2 0; 1 -1",
        "stride": 2,
        "padding": [[1, 0], [0, 0]],
    },
}
DETAILS = {"full": Detail(worked=2)}  # the other cells are a table of sums
CASES = [(name, form) for name in SMALL for form in ("tex", "typ", "md", "json")]


def small(name: str) -> Solution:
    """Solve one of the small problems."""
    return solve(Problem(**SMALL[name]), DETAILS.get(name, Detail()))


@pytest.mark.parametrize(("name", "form"), CASES)
def test_golden(name: str, form: str) -> None:
    """Each format of each small problem is, byte for byte, the file that a person has read."""
    made = small(name).to(form).encode()
    path = GOLDEN / f"{name}.{form}"
    if os.environ.get("SYMCONV_WRITE_GOLDEN"):
        path.write_bytes(made)
    assert made == path.read_bytes()


def test_golden_files_show_every_kind_of_block() -> None:
    """The small problems leave out no block that an operation makes, and no golden file is left over."""
    kinds = {type(block) for name in SMALL for block in small(name).derivation.blocks()}
    assert kinds >= {Prose, Equation, Equations, Grids, Windows, SumTable, Blocks}
    assert {path.name for path in GOLDEN.iterdir()} == {f"{name}.{form}" for name, form in CASES}


def test_same_bytes_in_every_process() -> None:
    """The order of sets and dictionaries does not reach the page: two processes with other hash seeds agree."""
    code = (
        "import sys; from test_render import SMALL, small\n"
        "for name in SMALL:\n"
        "    for form in ('tex', 'typ', 'md', 'json'): sys.stdout.buffer.write(small(name).to(form).encode())\n"
    )
    here = Path(__file__).parent
    made = [
        subprocess.run(  # this very interpreter
            [sys.executable, "-c", code],
            cwd=here,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert made[0] == made[1]
    assert made[0].startswith(b"% A worked solution")


def test_every_format_of_every_sample(solution: Solution) -> None:
    """Every sample and example renders in every format, without a mark of the tracer and without an empty group."""
    for form in FORMATS:
        made = render(solution, form)
        assert MARK not in made
        assert "Undefined" not in made
        assert made.endswith("\n") or form == "tex"
        assert str(solution.claims) in made
        for step in solution.derivation.steps:
            assert FORMATS[form].escape(step.title) in made


def test_unknown_format() -> None:
    """An unknown format is refused with the names of the known ones."""
    with pytest.raises(SymconvError, match="'doc' is unknown; known are pdf, tex, typ, md, json"):
        render(solution_of("signal.toml"), "doc")


def test_tracing_changes_nothing_else(solution: Solution) -> None:
    """With its marks taken out a traced page is the page, so that line numbers agree."""
    for name, form in FORMATS.items():
        with traced():
            marked = _render(solution, form).split(MARK)
        plain = re.sub(r"\[U\+E000\][^\[]*\[U\+E000\]", "", "".join(marked[::2]))  # marks inside an alternative text
        assert plain == render(solution, name)


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_source_of_a_line(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line planted in a template is found again from where it stands in the output."""
    name = f"{FORMATS[form].folder}/blocks.{form}"
    original = environment().loader.get_source(environment(), name)[0]  # type: ignore[union-attr]
    lines = original.split("\n")
    at = next(n for n, line in enumerate(lines) if "macro grids(block)" in line) + 1
    lines.insert(at, "PLANTED")
    for way in (False, True):
        made = our_environment(way)
        monkeypatch.setattr(made, "loader", ChoiceLoader([DictLoader({name: "\n".join(lines)}), made.loader]))  # type: ignore[list-item]
        monkeypatch.setattr(made, "cache", {})
    solution = small("full")
    produced = render(solution, form).split("\n")
    assert produced.count("PLANTED") >= 1
    assert source_of(solution, form, produced.index("PLANTED") + 1) == f"{name}:{at + 1}"
    first = "solution" if form == "md" else "head"  # Markdown needs no head
    assert source_of(solution, form, 1).startswith(f"{FORMATS[form].folder}/{first}.{form}:")
    last = "document" if form == "tex" else "solution"  # only LaTeX says that it ends
    assert source_of(solution, form, 10**6).startswith(f"{FORMATS[form].folder}/{last}.{form}:")


def page(form: str, value: Tensor) -> Page:
    """A page of one quantity."""
    quantities = {"x": Quantity(Symbol("X", "x"), value)}
    notation = Notation()
    return Page(
        FORMATS[form], Printer(FORMATS[form].markup, quantities, notation), Printer(SPOKEN, quantities, notation)
    )


def test_prose_holes() -> None:
    """A hole holds maths or the words of a person; the sentence around it is escaped."""
    prose = Prose("{x} is 100% {word}.", {"x": Ref("x"), "word": "<b> & more"})
    assert page("tex", Tensor.of([[1]])).prose(prose) == r"$X$ is 100\% \textless{}b\textgreater{} \& more."
    assert page("md", Tensor.of([[1]])).prose(prose) == r"$X$ is 100% \<b\> &amp; more."
    assert page("typ", Tensor.of([[1]])).prose(prose) == (
        r'#box(math.equation(alt: "X", $X$)) is 100\% \<b\> \& more\.'
    )


def test_workedsum_block() -> None:
    """A sum outside a window, which no operation shows now, renders in every format with all its terms."""
    worked = WorkedSum(Ref("x", (0, 0)), ((Put(op("mul", 2, 3)), Put(op("mul", -1, 4))),), Number(2))
    solution = small("full")
    derivation = Derivation(
        "T", "S", (Step("s", "S", (worked,)),), {"x": Quantity(Symbol("X", "x"), Tensor.of([[2]]))}, "x"
    )
    for form, terms in (("tex", r"2 \times 3"), ("typ", "2 times 3"), ("md", r"2 \times 3")):
        made = render(Solution(Problem("convolution", input="1", kernel="1"), derivation, solution.claims), form)
        assert terms in made
        assert "4" in made


def test_long_sums_break() -> None:
    """A sum breaks where the line is full, and no term is lost."""
    made = page("tex", Tensor.of([[1]]))
    terms = tuple(Put(op("mul", n, 3)) for n in range(100, 130))
    lines = made.lines(WorkedSum(Ref("x", (0, 0)), (terms,), None), 60)
    assert len(lines) > 1
    assert [rf"{n} \times 3" in "".join(lines) for n in range(100, 130)] == [True] * 30
    assert all(line.lstrip().startswith("+") for line in lines[1:])
    assert max(len(line.replace(r"\times", "x")) for line in lines) <= 60


def test_empty_sum_is_zero() -> None:
    """A sum without addends reads 0."""
    assert page("tex", Tensor.of([[1]])).lines(WorkedSum(Ref("x", (0, 0)), (), None), 60) == ["0"]


def test_sizes_step_down() -> None:
    """A wider expression has a smaller type, never a larger one."""
    made = page("tex", Tensor.of([[1]]))
    order = ["normal", "small", "footnote", "script", "tiny"]
    sizes = [order.index(made.size(Number(10**digits))) for digits in range(10, 200, 5)]
    assert sizes == sorted(sizes)
    assert sizes[0] == 0
    assert sizes[-1] == len(order) - 1


def test_outline_of_marked_cells() -> None:
    """Marked cells in one rectangle get a frame, cells that stand apart do not."""
    made = page("tex", Tensor.build((3, 3), lambda _: 0))
    assert made.outline(Grid("x", marked=frozenset({(1, 1), (1, 2), (2, 1), (2, 2)}))) == (1, 1, 2, 2)
    assert made.outline(Grid("x", marked=frozenset({(0, 0), (0, 2), (2, 0), (2, 2)}))) is None
    assert made.outline(Grid("x")) is None
