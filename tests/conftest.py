"""What the tests of pages share: every sample problem, solved once, and the programs that read pages back."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from symconv.operations import OPERATIONS
from symconv.problem import Problem, read_problem
from symconv.solution import Solution, solve

collect_ignore = ["crosscheck_torch.py", "crosscheck_torch_maps.py", "fuzz_readers.py"]  # only where named
PROJECT = Path(__file__).parent.parent
TEX_PACKAGES = "texlive-latex-base texlive-latex-recommended lmodern"
CASES = [f"{operation.name}/{n}" for operation in OPERATIONS for n in range(len(operation.samples()))] + [
    path.name
    for path in sorted((PROJECT / "examples").glob("*.toml"))
    if "operation" in tomllib.loads(path.read_text(encoding="utf-8"))  # sheets have questions
]


@cache
def solution_of(case: str) -> Solution:
    """Solve a sample, named `operation/number`, or an example, named by its file."""
    if case.endswith(".toml"):
        return solve(read_problem(PROJECT / "examples" / case))
    name, number = case.split("/")
    (operation,) = (operation for operation in OPERATIONS if operation.name == name)
    return solve(Problem(name, **operation.samples()[int(number)]))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for `case` with every sample and example."""
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", CASES)


@pytest.fixture
def solution(case: str) -> Solution:
    """One solved sample or example."""
    return solution_of(case)


def need(program: str, packages: str) -> None:
    """Skip a test whose program is missing; fail it where CI is set."""
    if shutil.which(program):
        return
    reason = f"{program} is not installed; install {packages}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def pdflatex() -> str:
    """The TeX engine that the tests compile with; without it they are skipped, or fail where CI is set."""
    need("pdflatex", TEX_PACKAGES)
    return "pdflatex"


class Reader:
    """Reads a PDF back with the programs of poppler."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _run(self, pdf: bytes, program: str, *options: str) -> str:
        path = self.folder / "read.pdf"
        path.write_bytes(pdf)
        tail = ["-"] if program == "pdftotext" else []
        command = [program, *options, str(path), *tail]
        run = subprocess.run(command, capture_output=True, check=True)  # a program of poppler
        return run.stdout.decode("utf-8", errors="replace")

    def text(self, pdf: bytes) -> str:
        """The words as they stand on the page, with a hyphen for every minus sign."""
        return self._run(pdf, "pdftotext", "-layout", "-enc", "UTF-8").replace("\u2212", "-")

    def words_across(self, pdf: bytes) -> tuple[float, float]:
        """The left edge of the leftmost word and the right edge of the rightmost one, in points."""
        boxes = self._run(pdf, "pdftotext", "-bbox")
        left, right = (re.findall(rf"<word {end}", boxes) for end in (r'xMin="([-\d.]+)"', r'[^>]*xMax="([-\d.]+)"'))
        return min(map(float, left)), max(map(float, right))

    def facts(self, pdf: bytes) -> dict[str, str]:
        """What pdfinfo tells, by its own names."""
        lines = self._run(pdf, "pdfinfo").splitlines()
        return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}

    def fonts(self, pdf: bytes) -> list[str]:
        """One line for each font: name, type, encoding, whether embedded."""
        return self._run(pdf, "pdffonts").splitlines()[2:]


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    """A reader of PDFs; without poppler the tests are skipped, or fail where CI is set."""
    need("pdftotext", "poppler-utils")
    return Reader(tmp_path)


@pytest.fixture
def convolve() -> Callable[..., Solution]:
    """Solves the smallest problem there is, with whatever keys a test adds."""

    def made(**keys: object) -> Solution:
        return solve(Problem("convolution", **{"input": "1 2", "kernel": "1", **keys}))

    return made
