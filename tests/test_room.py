"""A full disk, a quota and folders that nobody may write to: a whole sheet and a whole class stop in one clear line."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from test_grade import VERSION
from toy_run import found

SHEET = """
title = "Quiz"
versions = 3
[[questions]]
operation = "cross_correlation"
input = {shape = [3], low = 0, high = 9}
kernel = {shape = [2], low = -3, high = 4}
points = 1
"""
DROP_FROM_BOUNDS = 24  # of prctl(2): a capability that no program gets from now on
HIDDEN = ".symconv-run/"
ROOM = "free some space and run the command again"
PROGRAM = [sys.executable, "-m", "symconv"]
COMMANDS = {
    "sheet": ["sheet", "quiz.toml", "--engine", "typst", "--jobs", "2"],
    "grade": ["grade", "key.json", "answers.csv", "--feedback", "md", "--jobs", "2"],
}


@pytest.fixture(params=sorted(COMMANDS))
def command(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A command beside the files it reads; its output folder is to be added."""
    (tmp_path / "quiz.toml").write_text(SHEET)
    (tmp_path / "key.json").write_text('{\n  "versions": [\n    ' + json.dumps(VERSION) + "\n  ]\n}\n")
    rows = [f"AAAAA,s{n},1b,{n} {n + 1}; 3 4\n" for n in range(50)]
    (tmp_path / "answers.csv").write_text("code,student,label,value\n" + "".join(rows))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    return [*PROGRAM, *COMMANDS[request.param], "-o"]


def run(words: list[str], before: Callable[[], object] | None = None) -> tuple[int, str]:
    """Run a command; its exit status and what it says on standard error."""
    ended = subprocess.run(words, capture_output=True, text=True, check=False, preexec_fn=before)
    return ended.returncode, ended.stderr


def finished(folder: Path) -> dict[str, bytes]:
    """The files in an output folder, without those that wait hidden for the next run."""
    return {name: content for name, content in found(folder).items() if not name.startswith(HIDDEN)}


def on_a_disk(script: str, disk: Path, size: str, words: list[str], **environment: str) -> list[str]:
    """Run a shell script in which `$disk` is a small disk; the lines it prints, or a skip where there can be none."""
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed; install util-linux")
    disk.mkdir()
    mount = f'mount -t tmpfs -o size={size} tmpfs "$disk" || exit 77; '
    ended = subprocess.run(
        ["unshare", "-rm", "sh", "-c", mount + script, "sh", *words],
        capture_output=True, text=True, check=False, env={**os.environ, "disk": str(disk), **environment},
    )  # fmt: skip
    if ended.returncode == 77:
        pytest.skip(f"a small disk cannot be mounted here: {ended.stderr.strip()}")
    return (ended.stdout + ended.stderr).splitlines()


@pytest.mark.parametrize("share", [0.02, 0.5, 0.999])
def test_a_quota_on_the_way(command: list[str], tmp_path: Path, share: float) -> None:
    """Where files may only be so large, one line names the first that is larger; every file there is, is whole."""
    assert run([*command, "whole"]) == (0, "")
    whole = found(tmp_path / "whole")
    limit = max(1, int(share * max(map(len, whole.values()))))
    status, error = run([*command, "out"], lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    assert status == 2
    assert error.startswith("error: ")
    assert "cannot be written: File too large; free some space" in error
    assert error.count("\n") == 1
    assert finished(tmp_path / "out").items() <= {**whole, **parts_of(tmp_path / "out")}.items()
    assert run([*command, "out"]) == (0, "")
    assert found(tmp_path / "out") == whole


def parts_of(folder: Path) -> dict[str, bytes]:
    """The exams of whole chunks, which wait to be put together; each is a PDF with an end."""
    parts = {name: content for name, content in finished(folder).items() if name.startswith("parts/")}
    assert all(content.rstrip().endswith(b"%%EOF") for content in parts.values())
    return parts


def test_a_full_disk_and_then_more_room(command: list[str], tmp_path: Path) -> None:
    """A disk that is full on the way leaves whole files; with more room the same command comes to the same end."""
    assert run([*command, "whole"]) == (0, "")
    whole = found(tmp_path / "whole")
    size = sum(map(len, whole.values())) // 2
    script = '"$@"; echo $?; cp -r "$disk" full; mount -o remount,size=64m "$disk" && "$@" >/dev/null; echo $?;'
    lines = on_a_disk(f'{script} cp -r "$disk" done', tmp_path / "disk", f"{size}", [*command, "disk/out"])
    assert lines[:2] == ["2", "0"]
    (error,) = lines[2:]
    assert error.startswith("error: disk/out/")
    assert error.endswith(f" cannot be written: No space left on device; {ROOM}")
    left = finished(tmp_path / "full" / "out")
    assert left.items() <= {**whole, **parts_of(tmp_path / "full" / "out")}.items()
    assert found(tmp_path / "done" / "out") == whole


@pytest.mark.parametrize("engine", ["typst", pytest.param("tex", marks=pytest.mark.tex)])
def test_no_room_for_temporary_files(tmp_path: Path, request: pytest.FixtureRequest, engine: str) -> None:
    """Where an engine has no room to work in, the folder is named, no version is blamed, and no exam is written."""
    if engine == "tex":
        request.getfixturevalue("pdflatex")
    (tmp_path / "quiz.toml").write_text(SHEET)
    words = [
        *PROGRAM,
        "sheet",
        str(tmp_path / "quiz.toml"),
        "-o",
        str(tmp_path / "out"),
        "--engine",
        engine,
        "--jobs",
        "1",
    ]
    path = os.pathsep.join(filter(None, sys.path))
    disk = tmp_path / "disk"
    lines = on_a_disk('"$@" >/dev/null; echo $?', disk, "8k", words, TMPDIR=str(disk), PYTHONPATH=path)
    status, *errors = lines
    assert status == "2"
    for error in errors:
        assert "the folder for temporary files" in error
        assert error.endswith("No space left on device; free some space there, or let TMPDIR name another folder")
    assert len(errors) == 1
    assert list((tmp_path / "out").glob("*-*.pdf")) == []


def test_a_folder_below_a_file(command: list[str], tmp_path: Path) -> None:
    """A path that cannot be a folder is named in one line, and the file in its way stays."""
    (tmp_path / "file").write_text("mine")
    for place in ("file", "file/below", "/dev/null/below", "/proc/none"):
        status, error = run([*command, place])
        assert (status, error.count("\n")) == (2, 1)
        assert error.startswith(f"error: {place} ")
        assert "choose another" in error
    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_without_the_right_to_write(command: list[str], tmp_path: Path) -> None:
    """A folder that one may only read is named in one line; nothing is written."""
    out = tmp_path / "out"
    out.mkdir(mode=0o555)
    status, error = run([*command, "out"], without_privileges)
    assert (status, error) == (2, "error: out cannot be written: Permission denied; choose another folder with -o\n")
    assert found(out) == {}


def without_privileges() -> None:
    """Let the program that is started next obey permissions, also where it is root's."""
    if os.getuid() == 0:
        system = ctypes.CDLL(None)
        for capability in range(64):
            system.prctl(DROP_FROM_BOUNDS, capability, 0, 0, 0)


def test_a_disk_that_is_read_only(command: list[str], tmp_path: Path) -> None:
    """A disk without the right to write is named in one line."""
    script = 'mkdir "$disk/out"; mount -o remount,ro "$disk"; "$@"; echo $?'
    status, error = on_a_disk(script, tmp_path / "disk", "1m", [*command, "disk/out"])
    assert status == "2"
    assert error == "error: disk/out cannot be written: Read-only file system; choose another folder with -o"
