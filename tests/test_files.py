"""Files appear whole or not at all, also on a disk that is full."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from toy_run import expected, found

from symconv.errors import OutputError
from symconv.files import whole, write_whole

TOY = [sys.executable, str(Path(__file__).with_name("toy_run.py"))]


def test_what_fails_on_the_way_leaves_the_old_file(tmp_path: Path) -> None:
    """An exception between two writes leaves the file that was there, and nothing beside it."""
    path = tmp_path / "key.csv"
    write_whole(path, b"old")
    with pytest.raises(TypeError), whole(path) as file:
        file.writelines([b"new", None])
    assert found(tmp_path) == {"key.csv": b"old"}


def test_a_file_has_the_rights_of_the_umask(tmp_path: Path) -> None:
    """Who keeps their files to themselves does so for solutions too."""
    before = os.umask(0o077)
    try:
        write_whole(tmp_path / "solutions.pdf", b"42")
    finally:
        os.umask(before)
    assert (tmp_path / "solutions.pdf").stat().st_mode & 0o777 == 0o600


def test_a_long_name_has_a_short_temporary_one(tmp_path: Path) -> None:
    """The longest name that the file system takes can be written."""
    name = "x" * 251 + ".pdf"
    write_whole(tmp_path / name, b"long")
    assert found(tmp_path) == {name: b"long"}


def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    """A folder of the file's name is named, stays, and no temporary file is left beside it."""
    (tmp_path / "exam.pdf" / "inside").mkdir(parents=True)
    with pytest.raises(OutputError, match=r"exam\.pdf cannot be written: .+; choose another folder with -o$"):
        write_whole(tmp_path / "exam.pdf", b"1")
    assert [path.name for path in tmp_path.iterdir()] == ["exam.pdf"]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_file_beyond_the_limit(tmp_path: Path, jobs: str) -> None:
    """Where files may have 4,096 bytes, one of 5,000 is named, ends the run with status 2 and leaves no part."""
    ended = subprocess.run(
        [*TOY, str(tmp_path), "--size", "5000", "--jobs", jobs],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
    )
    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert line.startswith(f"error: {tmp_path}/deep/item-")
    assert line.endswith(" cannot be written: File too large; free some space and run the command again")
    assert [name for name in found(tmp_path) if not name.endswith("fingerprint")] == []


def test_a_full_disk_and_then_more_room(tmp_path: Path) -> None:
    """On a disk of 300 kB a run of 800 kB stops with whole files only; with more room it goes on to the same end."""
    disk, log = tmp_path / "disk", tmp_path / "log"
    disk.mkdir()
    script = (
        'mount -t tmpfs -o size=300k tmpfs "$1" || exit 77; shift; "$@"; echo $?; cp -r "$3" "$3/../full";'
        'mount -o remount,size=4m "$3" && "$@"; echo $?; cp -r "$3" "$3/../done"'
    )
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed; install util-linux")
    command = ["unshare", "-rm", "sh", "-c", script, "sh", str(disk), *TOY, str(disk), "--size", "20000", "--jobs", "2"]
    with log.open("w") as errors:
        ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=errors, text=True, check=False)
    if not ended.stdout:
        pytest.skip(f"a small disk cannot be mounted here: {log.read_text().strip()}")
    first, summary, last = ended.stdout.splitlines()
    assert (first, last) == ("2", "0")
    (line,) = log.read_text().splitlines()
    assert line.endswith(" cannot be written: No space left on device; free some space and run the command again")
    whole_run = expected(range(40), 20000)
    full = {name: content for name, content in found(tmp_path / "full").items() if not name.startswith(".symconv-run")}
    assert 5 <= len(full) < 15
    assert full.items() <= whole_run.items()
    assert not summary.endswith(" 0 kept")
    assert found(tmp_path / "done") == whole_run


def test_a_device_is_written_to_and_stays(tmp_path):
    """What is no regular file is never replaced: a full device refuses the content and is still there."""
    device = tmp_path / "device"
    device.symlink_to("/dev/full")
    with pytest.raises(OutputError, match="No space left on device"):
        write_whole(device, b"x" * 100_000)
    assert device.is_char_device()
    assert list(tmp_path.iterdir()) == [device]
