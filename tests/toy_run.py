"""A long run with a toy as its work: `python tests/toy_run.py FOLDER [--jobs N] ...`. It is run and killed by tests."""

from __future__ import annotations

import argparse
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from functools import partial
from hashlib import sha256
from pathlib import Path

from symconv.errors import OutputError, SymconvError
from symconv.runs.batch import run
from symconv.runs.chunk import Chunk, Failure, Made, split
from symconv.runs.executors import pick
from symconv.runs.progress import pick as pick_progress
from symconv.runs.store import Store


def content(item: int | str, size: int = 2000) -> bytes:
    """Bytes that anybody can work out from an item's name."""
    return (sha256(str(item).encode()).digest() * (size // 32 + 1))[:size]


def expected(items: range, size: int = 2000) -> dict[str, bytes]:
    """What a run over these items should leave in its folder."""
    files = {f"deep/item-{item}.bin": content(item, size) for item in items}
    return {**files, "key.txt": "".join(f"{item}\n" for item in items).encode()}


def found(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def work(chunk: Chunk, size: int = 2000, seconds: float = 0.0) -> Made:
    """A file for each item; takes a random part of `seconds`, so that chunks come back in any order."""
    time.sleep(random.random() * seconds)  # noqa: S311  # no secret
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    files = {f"deep/item-{item}.bin": content(item, size) for item in chunk.items}
    return Made(files, {"items": chunk.items, "peak": peak})


def fails(chunk: Chunk) -> Made:
    """Like `work`, but items with a 7 cannot be made."""
    bad = [item for item in chunk.items if "7" in str(item)]
    good = tuple(item for item in chunk.items if item not in bad)
    return Made(
        {f"deep/item-{item}.bin": content(item) for item in good},
        {"items": good},
        tuple(Failure(f"item {item}", "it has a 7") for item in bad),
    )


def raises(chunk: Chunk) -> Made:
    """Like `work`, but two chunks raise: one what a user can mend, one what we would have to mend."""
    if 1 in chunk.items:
        raise OutputError("the engine\nstopped")
    if 4 in chunk.items:
        raise LookupError("no such thing")
    return work(chunk)


def dies_once(chunk: Chunk, marker: Path) -> Made:
    """Like `work`, but the first process that gets item 5 is killed, as by a system that lacks memory."""
    if 5 in chunk.items and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return work(chunk)


def marks(chunk: Chunk, folder: Path) -> Made:
    """Like `work`, but leaves a file of the chunk's name when it begins."""
    (folder / chunk.name).touch()
    return work(chunk)


def is_last(chunk: Chunk, folder: Path, chunks: int) -> Made:
    """Like `marks`, but the first chunk ends only when all the others have begun."""
    made = marks(chunk, folder)
    for _ in range(3000):
        if 0 not in chunk.items or len(list(folder.iterdir())) == chunks:
            return made
        time.sleep(0.01)
    raise TimeoutError("the others wait for the first chunk")


def knows(chunk: Chunk) -> Made:  # noqa: ARG001  # every work gets one
    """Whether the process had imported a module that nothing here needs before it got its first chunk."""
    return Made(record={"knows": "colorsys" in sys.modules})


def dies(chunk: Chunk) -> Made:
    """Like `work`, but each process that gets item 5 is killed."""
    if 5 in chunk.items:
        os.kill(os.getpid(), signal.SIGKILL)
    return work(chunk)


def starts_a_program(chunk: Chunk) -> Made:
    """Like `work`, but starts a program in a temporary folder, as an engine is started, and waits for it."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["sleep", "60"], cwd=folder, check=True)
    return work(chunk)


WORKS = {"work": work, "fails": fails, "raises": raises, "dies": dies, "starts_a_program": starts_a_program}


def main() -> int:
    """Run the toy as the command line runs a sheet."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--items", type=int, default=40)
    parser.add_argument("--chunk", type=int, default=2)
    parser.add_argument("--size", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=0.0)
    parser.add_argument("--work", default="work", choices=WORKS)
    parser.add_argument("--dies-once", type=Path)
    parser.add_argument("--executor", default="local")
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--scheduler")
    parser.add_argument("--progress", default="auto")
    parser.add_argument("--peak", action="store_true", help="print the most memory of this process and of a worker")
    given = parser.parse_args()
    todo = WORKS[given.work]
    if given.work == "work":
        todo = partial(work, size=given.size, seconds=given.seconds)
    if given.dies_once:
        todo = partial(dies_once, marker=given.dies_once)
    chunks = split(range(given.items), given.chunk)
    try:
        executor = pick(given.executor, given.jobs, given.scheduler)
        progress = pick_progress(given.progress)
        with Store(given.folder, f"toy {given.size}") as store:
            summary = run(chunks, todo, executor, store, progress)
            keys = (f"{item}\n" for record in store.records(chunks) for item in record["items"])
            store.write("key.txt", "".join(keys).encode())
            peak = max((record.get("peak", 0) for record in store.records(chunks)), default=0)
            if not summary.failures:
                store.finish()
    except SymconvError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt as stop:
        print(f"error: interrupted; {stop}", file=sys.stderr)
        return 130
    for failure in summary.failures:
        print(f"error: {failure}", file=sys.stderr)
    print(f"{summary.done} done, {summary.kept} kept")
    if given.peak:
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, peak)
    return summary.exit_status


if __name__ == "__main__":
    sys.exit(main())
