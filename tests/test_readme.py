"""What the README shows is what happens."""

import doctest
import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest

from symconv import cli
from symconv.operations import OPERATIONS
from symconv.sheets.file import read_sheet
from symconv.sheets.versions import Sheet

PROJECT = Path(__file__).parent.parent


def test_the_python_example_runs():
    """The interpreter session of the README gives what it shows."""
    ended = doctest.testfile(str(PROJECT / "README.md"), module_relative=False)
    assert ended.attempted >= 4
    assert ended.failed == 0


def test_the_problem_file_is_the_example():
    """The problem file that the README prints is examples/strided.toml, apart from its comment."""
    printed = re.search(r"```toml\n(.*?)```", (PROJECT / "README.md").read_text(), re.DOTALL)[1]
    example = (PROJECT / "examples" / "strided.toml").read_text()
    assert printed == "".join(line for line in example.splitlines(keepends=True) if not line.startswith("#"))


def test_the_shown_command_says_what_is_shown(tmp_path, monkeypatch, capsys, pdflatex):
    """`symconv solve examples/strided.toml` prints the lines of the README."""
    assert pdflatex
    monkeypatch.chdir(tmp_path)
    assert cli.main(["solve", str(PROJECT / "examples" / "strided.toml")]) == 0
    shown = re.search(
        r"\$ symconv solve examples/strided.toml\n((?:    output/.*\n)+)", (PROJECT / "README.md").read_text()
    )
    assert capsys.readouterr().out == shown[1].replace("    ", "")


def test_the_shown_check_says_what_is_shown(capsys, monkeypatch):
    """`symconv check` on a wrong answer prints the report of the README."""
    monkeypatch.chdir(PROJECT)
    assert cli.main(["check", "examples/strided.toml", "--answer", "52 54; 52 45"]) == 1
    shown = re.search(r'52 45"\n((?:    .*\n|\n)+)', (PROJECT / "README.md").read_text())[1]
    assert capsys.readouterr().out.split() == shown.split()


def test_the_shown_sheet_can_be_drawn():
    """The sheet file of the README is a sheet, and its question has sound draws."""
    printed = re.findall(r"```toml\n(.*?)```", (PROJECT / "README.md").read_text(), re.DOTALL)[1]
    sheet = Sheet(read_sheet(printed))
    assert len(sheet.picks(1)) == 1
    assert list(sheet.warnings()) == []


def test_the_demo_solves_the_problem_files():
    """`make demo` solves every example that is a problem, and takes no sheet for one."""
    rule = re.search(r"solve (\$\$\(.*?\)) -o", (PROJECT / "Makefile").read_text())[1].replace("$$(", "").rstrip(")")
    chosen = subprocess.run(["sh", "-c", rule], cwd=PROJECT, capture_output=True, text=True, check=False).stdout.split()
    problems = [
        path.relative_to(PROJECT).as_posix()
        for path in sorted((PROJECT / "examples").glob("*.toml"))
        if "operation" in tomllib.loads(path.read_text(encoding="utf-8"))
    ]
    assert sorted(chosen) == problems
    assert len(problems) > 40


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_the_example_of_an_operation_runs(operation, capsys):
    """The command that `symconv operations` shows for an operation solves a problem of it."""
    program, *words = shlex.split(operation.example)
    assert program == "symconv"
    assert cli.main([*words, "--to", "json", "-o", "-"]) == 0
    assert f'"operation": "{operation.name}"' in capsys.readouterr().out
