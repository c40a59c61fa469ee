"""Chunks on a Dask cluster of two workers on loopback: the same bytes as one machine, whatever dies on the way."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import toy_run
from toy_run import expected, found

from symconv.errors import ExecutorError
from symconv.program import program_digest
from symconv.runs import cluster
from symconv.runs.chunk import Chunk
from symconv.runs.cluster import serve

# Cluster and client each run in a process of their own: what they leave behind, and what their libraries warn of, ends
# there, and it is what a person runs.
HERE = Path(__file__).parent


@contextmanager
def started(**environment: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A cluster: the address of its scheduler, and its process."""
    command = [sys.executable, str(HERE / "local_cluster.py")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, text=True, env={**os.environ, **environment}, **pipes) as process:
        try:
            yield process.stdout.readline().strip(), process
        finally:
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """The address of a cluster that the tests of this file share."""
    pytest.importorskip("distributed")
    with started() as (address, _):
        yield address


def toy(folder: Path, scheduler: str, *options: str) -> subprocess.Popen[str]:
    """A run on a cluster."""
    command = [sys.executable, str(HERE / "toy_run.py"), str(folder), "--executor", "dask", "--scheduler", scheduler]
    return subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_the_same_bytes_on_a_cluster(tmp_path: Path, scheduler: str) -> None:
    """Two workers whose chunks come back in any order leave the files of one machine, and say nothing."""
    run = toy(tmp_path, scheduler, "--seconds", "0.05")
    assert run.communicate() == ("40 done, 0 kept\n", "")
    assert found(tmp_path) == expected(range(40))


def test_a_worker_is_killed_on_the_way(tmp_path: Path, scheduler: str) -> None:
    """The scheduler gives the chunks of a killed worker to the other one, and the bytes are the same."""
    run = toy(tmp_path / "out", scheduler, "--dies-once", str(tmp_path / "marker"))
    assert run.communicate() == ("40 done, 0 kept\n", "")
    assert (tmp_path / "marker").exists()
    assert found(tmp_path / "out") == expected(range(40))


def test_failures_are_named(tmp_path: Path, scheduler: str) -> None:
    """An item that fails on a worker is named as on one machine."""
    run = toy(tmp_path, scheduler, "--work", "fails", "--items", "10")
    assert run.communicate() == ("10 done, 0 kept\n", "error: item 7: it has a 7\n")
    assert run.returncode == 2


def test_the_scheduler_ends_on_the_way(tmp_path: Path) -> None:
    """A scheduler that is gone is named in one line with status 2; the run goes on with another executor."""
    pytest.importorskip("distributed")
    with started() as (address, process):
        run = toy(tmp_path, address, "--items", "400", "--seconds", "1", "--progress", "json")
        lines = [run.stderr.readline() for _ in range(3)]  # the start, and two chunks
        process.kill()
        _, errors = run.communicate()
    assert lines[0].startswith('{"done": 0, "total": 400')
    assert run.returncode == 2
    assert [line for line in errors.splitlines() if not line.startswith("{")] == [
        f"error: the Dask scheduler {address} is gone; the same command goes on where this one ended"
    ]
    again = subprocess.run(
        [sys.executable, str(HERE / "toy_run.py"), str(tmp_path), "--items", "400", "--jobs", "2"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(again.stdout.split()[2]) >= 4
    assert found(tmp_path) == expected(range(400))


@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("nonsense", "error: --scheduler is 'nonsense'; write an address such as tcp://host:8786\n"),
        ("smoke://hill:1", "error: --scheduler is 'smoke://hill:1'; write an address such as tcp://host:8786\n"),
        (
            "tcp://127.0.0.1:1",
            "error: the Dask scheduler tcp://127.0.0.1:1 cannot be reached: nobody answers there; "
            "start one with: dask scheduler\n",
        ),
    ],
)
def test_no_scheduler(tmp_path: Path, address: str, line: str) -> None:
    """An address that is none, or where nobody answers, is told in one line with status 2."""
    pytest.importorskip("distributed")
    run = toy(tmp_path, address)
    assert run.communicate() == ("", line)
    assert run.returncode == 2


def test_without_dask(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Dask is not installed the error says how to install it."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    outcomes = cluster.Dask("tcp://127.0.0.1:8786").outcomes(toy_run.work, [Chunk("a", (1,))], print)
    with pytest.raises(ExecutorError, match=r'^--executor dask needs Dask; install it with: pip install "symconv\['):
        next(outcomes)


def test_a_cluster_without_symconv(tmp_path: Path) -> None:
    """A cluster that cannot load the work is told so in one line with status 2."""
    pytest.importorskip("distributed")
    (tmp_path / "symconv").mkdir()
    (tmp_path / "symconv" / "__init__.py").touch()
    with started(PYTHONPATH=str(tmp_path)) as (address, _):
        run = toy(tmp_path / "out", address)
        output, errors = run.communicate()
    assert (run.returncode, output) == (2, "")
    (line,) = errors.splitlines()
    assert line.startswith("error: the Dask cluster cannot do the work: ModuleNotFoundError: No module named 'symconv.")
    assert line.endswith("; install the same symconv for the scheduler and the workers")


def test_a_worker_with_another_version() -> None:
    """A worker whose code or templates differ makes nothing: its bytes might differ as well."""
    chunk = Chunk("items 1 to 1", (1,))
    assert serve(toy_run.work, chunk, program_digest()).files == toy_run.work(chunk).files
    with pytest.raises(ExecutorError, match="has another version of symconv; install the same one there$"):
        serve(toy_run.work, chunk, "0" * 64)


SHEET = """
title = "Quiz"
seed = "cluster"
versions = 2
[[questions]]
operation = "cross_correlation"
input = {shape = [3], low = 0, high = 9}
kernel = {shape = [2], low = -3, high = 4}
points = 1
"""


def test_a_sheet_on_a_cluster(tmp_path: Path, scheduler: str) -> None:
    """`symconv sheet` gives the same bytes on a cluster as in one process, with a template of one's own too."""
    (tmp_path / "quiz.toml").write_text(SHEET, encoding="utf-8")
    (tmp_path / "own" / "typst").mkdir(parents=True)
    own = '<% extends "symconv/typst/exam.typ" %>\n<% block close %>\nGood luck!\n<% endblock %>'
    (tmp_path / "own" / "typst" / "exam.typ").write_text(own, encoding="utf-8")
    common = [sys.executable, "-m", "symconv", "sheet", str(tmp_path / "quiz.toml"), "--to", "pdf,typ"]
    common += ["--engine", "typst", "--templates", str(tmp_path / "own")]
    for name, executor in {"one": ["--jobs", "1"], "many": ["--executor", "dask", "--scheduler", scheduler]}.items():
        run = subprocess.run(
            [*common, "-o", str(tmp_path / name), *executor], capture_output=True, text=True, check=False
        )
        assert (run.returncode, run.stderr) == (0, "")
    one, many = (found(tmp_path / name) for name in ("one", "many"))
    assert one == many
    assert b"Good luck!" in b"".join(content for path, content in one.items() if path.endswith(".typ"))
