"""Progress: a bar on a terminal, lines for scripts, silence elsewhere."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
import termios
from pathlib import Path

TOY = [sys.executable, str(Path(__file__).with_name("toy_run.py"))]


def errors(folder: Path, *options: str) -> str:
    """What a run of four chunks writes to a standard error that is no terminal."""
    command = [*TOY, str(folder), "--items", "8", "--jobs", "1", *options]
    return subprocess.run(command, capture_output=True, text=True, check=True).stderr


def on_a_terminal(folder: Path, *options: str) -> str:
    """What it writes to a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    with subprocess.Popen([*TOY, str(folder), "--items", "8", "--jobs", "1", *options], stderr=theirs) as toy:
        os.close(theirs)
        written = b""
        while True:
            try:
                written += os.read(ours, 1000)
            except OSError:  # how a terminal ends
                break
    os.close(ours)
    assert toy.returncode == 0
    return written.decode()


def test_silent_where_nobody_looks(tmp_path: Path) -> None:
    """Standard error that is a file or a pipe gets nothing, and neither does a terminal with --progress none."""
    assert errors(tmp_path) == ""
    assert on_a_terminal(tmp_path, "--progress", "none") == ""


def test_the_bar(tmp_path: Path) -> None:
    """A terminal gets a bar with count, rate and time left, never wider than it is, which goes away at the end."""
    steps = on_a_terminal(tmp_path).replace("\n", "").split("\r")
    assert any(step.startswith("0 of 8 items |") and step.endswith("| ? items/s, ? left") for step in steps)
    assert any(step.startswith("8 of 8 items |") and step.endswith("items/s, 00:00 left") for step in steps)
    assert max(map(len, steps)) <= 80
    assert steps[-1].strip() == ""
    assert "warning" not in "".join(steps)


def test_lines_for_scripts(tmp_path: Path) -> None:
    """Each chunk gives one JSON object with done, total, rate and seconds left; the last one has nothing left."""
    lines = [json.loads(line) for line in errors(tmp_path, "--progress", "json").splitlines()]
    assert [line["done"] for line in lines] == [0, 2, 4, 6, 8]
    assert {line["total"] for line in lines} == {8}
    assert lines[0]["rate"] is None
    assert all(line["rate"] > 0 for line in lines[1:])
    assert lines[-1]["seconds_left"] == 0
    assert {len(line) for line in lines} == {4}


def test_a_warning_stands_above_the_bar() -> None:
    """A warning is a line of its own, and the bar goes on below it."""
    from symconv.runs.progress import Bar

    stream = io.StringIO()
    bar = Bar(stream, "versions")
    bar.start(2, 4)
    bar.warn("versions 1 to 2: tried once more")
    bar.advance(2)
    bar.close()
    assert "\rwarning: versions 1 to 2: tried once more\n" in stream.getvalue()
    assert stream.getvalue().index("2 of 4 versions") < stream.getvalue().index("warning")
    assert "\r4 of 4 versions" in stream.getvalue().split("warning")[1]
