"""The output folder of a long run: what it keeps, what it removes, and what it never touches."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from toy_run import content, found, work

from symconv.errors import OutputError
from symconv.runs.chunk import Chunk, Failure, Made, Spooled, split
from symconv.runs.store import HIDDEN, Store, fingerprint, spooled

ONE = Chunk("items 1 to 2", (1, 2))


def kept(folder: Path, mark: str = "same") -> bool:
    """Whether a new run has the chunk."""
    with Store(folder, mark) as store:
        return store.has(ONE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder where a run ended after its first chunk."""
    with Store(tmp_path / "out", "same") as store:
        store.keep(ONE, work(ONE))
    return tmp_path / "out"


def test_a_finished_chunk_is_there_for_the_next_run(folder: Path) -> None:
    """The same fingerprint finds the chunk, another one does not, and then it is gone for the first as well."""
    assert kept(folder)
    assert not kept(folder, "another")
    assert not kept(folder)


def test_other_items_are_another_chunk(folder: Path) -> None:
    """A chunk of the same name with other items is not taken for it."""
    with Store(folder, "same") as store:
        assert not store.has(Chunk(ONE.name, (1, 2, 3)))


@pytest.mark.parametrize("change", ["other bytes", "gone"])
def test_a_changed_file_is_made_again(folder: Path, change: str) -> None:
    """A file that somebody changed or removed is no longer what the record says."""
    path = folder / "deep" / "item-2.bin"
    if change == "gone":
        path.unlink()
    else:
        path.write_bytes(content(2)[:-1] + b"!")
    assert not kept(folder)


def test_a_record_cut_short_is_none(folder: Path) -> None:
    """What a power failure leaves of a record does not count."""
    (record,) = (folder / HIDDEN).glob("*.json")
    record.write_bytes(record.read_bytes()[:20])
    assert not kept(folder)


def test_a_chunk_with_a_failure_is_tried_again_but_its_record_stands(tmp_path: Path) -> None:
    """What failed may work the next time; until then the record of the good items goes into the key."""
    with Store(tmp_path, "same") as store:
        store.keep(ONE, Made({}, {"good": [1]}, (Failure("item 2", "no"),)))
        assert list(store.records([ONE, Chunk("never begun", (3,))])) == [{"good": [1]}]
    assert not kept(tmp_path)


def test_foreign_files_are_never_touched(folder: Path) -> None:
    """Neither a new start nor the end removes what somebody else put there, even into the hidden folder."""
    foreign = {"notes.txt": b"mine", ".draft.part": b"mine too", f"{HIDDEN}/notes.json": b"{}", "deep/a.bin": b"."}
    for name, text in foreign.items():
        (folder / name).write_bytes(text)
    with Store(folder, "another") as store:
        store.finish()
    made = {f"deep/item-{item}.bin": content(item) for item in (1, 2)}
    assert found(folder) == {**foreign, **made}


def test_rests_of_a_killed_run_are_removed(folder: Path) -> None:
    """A file that was being written when the run was killed goes away, and the finished ones stay."""
    (folder / HIDDEN / ".exam.pdf.0123abcd.part").write_bytes(b"half")
    assert kept(folder)
    assert list((folder / HIDDEN).glob(".*.part")) == []


def test_one_run_at_a_time(folder: Path) -> None:
    """A second run is refused while the first has the folder, and welcome afterwards."""
    with Store(folder, "same"), pytest.raises(OutputError, match=r"^another run is writing to .+; wait for it, or "):
        Store(folder, "same").__enter__()
    assert kept(folder)


def test_two_chunks_cannot_make_one_file(tmp_path: Path) -> None:
    """Of two versions with one code the later would replace the earlier: both chunks are named."""
    first, second = split(range(2), 1)
    with Store(tmp_path, "same") as store:
        store.keep(second, Made({"exam-AB.pdf": b"2"}))
        with pytest.raises(OutputError, match="^exam-AB.pdf would be written twice: by items 1 to 1 and by items 2 to"):
            store.keep(first, Made({"exam-AB.pdf": b"1"}))
    assert (tmp_path / "exam-AB.pdf").read_bytes() == b"2"


@pytest.mark.parametrize("path", ["../x", "/x", "", f"{HIDDEN}/fingerprint", "a/../../x"])
def test_files_stay_in_the_folder(tmp_path: Path, path: str) -> None:
    """No chunk writes outside the output folder or among the records."""
    with Store(tmp_path, "same") as store, pytest.raises(OutputError, match="is not a place in the output folder"):
        store.keep(ONE, Made({path: b"."}))
    assert not (tmp_path.parent / "x").exists()


def test_the_folder_is_a_file(tmp_path: Path) -> None:
    """A file where the folder should be is named and stays as it is."""
    (tmp_path / "out").write_bytes(b"precious")
    with pytest.raises(OutputError, match="out is a file, not a folder; choose another with -o$"):
        Store(tmp_path / "out", "same").__enter__()
    with pytest.raises(OutputError, match="below cannot be written: Not a directory; choose another folder with -o$"):
        Store(tmp_path / "out" / "below", "same").__enter__()
    assert found(tmp_path) == {"out": b"precious"}


def test_a_folder_without_permission() -> None:
    """A folder that one may not write to is named before any work is done, by a person who is not root."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o555)
        script = (
            "import os, sys; from pathlib import Path; from symconv.runs.store import Store\n"
            "if os.getuid() == 0: os.setuid(65534)\n"
            "try: Store(Path(sys.argv[1]) / 'out', '').__enter__()\n"
            "except Exception as error: print(error)"
        )
        ended = subprocess.run([sys.executable, "-c", script, name], capture_output=True, text=True, check=True)
        assert ended.stdout == f"{name}/out cannot be written: Permission denied; choose another folder with -o\n"
        assert os.listdir(folder) == []


def test_a_fingerprint_tells_its_parts_apart() -> None:
    """Parts are not run together, and text is not taken for a number or for bytes."""
    marks = [fingerprint(*parts) for parts in [("ab", "c"), ("a", "bc"), ("abc",), (1,), ("1",), (b"1",), ()]]
    assert len(set(marks)) == len(marks)


def test_files_that_workers_left_are_kept(tmp_path):
    """A file that a worker wrote into the hidden folder is moved into its place, with the digest of its bytes."""
    chunk = Chunk("one", (1,))
    with Store(tmp_path, fingerprint("spool")) as store:
        made = spooled(Made({"deep/a.txt": b"forty-two"}, {"n": 1}), store.spool)
        assert [type(content) for content in made.files.values()] == [Spooled]
        store.keep(chunk, made)
        assert store.has(chunk)
        store.finish()
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")] == ["deep/a.txt"]
    assert (tmp_path / "deep" / "a.txt").read_bytes() == b"forty-two"


def test_a_folder_that_takes_nothing_leaves_the_bytes(tmp_path):
    """Where a worker cannot write, its bytes go the ordinary way, and nothing is left behind."""
    made = Made({"a.txt": b"1"})
    assert spooled(made, str(tmp_path / "missing")) == made
