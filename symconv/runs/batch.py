"""Batch: a long run in chunks that may be interrupted and goes on. It knows nothing of what is made."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from symconv.runs.chunk import Chunk, Executor, Failure, Work
from symconv.runs.progress import Progress
from symconv.runs.store import Store


@dataclass(frozen=True)
class Summary:
    """What a run did: items tried now, items kept from an interrupted run, and what failed, in order."""

    done: int
    kept: int
    failures: tuple[Failure, ...]

    @property
    def exit_status(self) -> int:
        """0 when nothing failed, otherwise that of the gravest failure."""
        return max((failure.exit_status for failure in self.failures), default=0)


def run(chunks: Sequence[Chunk], work: Work, executor: Executor, store: Store, progress: Progress) -> Summary:
    """Do the chunks that the store does not have yet, and write their files as they come.

    The files are the same whatever the executor, the order in which chunks come back, and the interruptions before.
    What fails is named in the summary and does not stop the rest. Memory grows with the chunks that are under way.
    Raises OutputError when a file cannot be written, ExecutorError when nobody can do the work, and KeyboardInterrupt
    with how far it came; in each case what is finished is kept for the next run with the store's fingerprint.

    >>> import sys, tempfile
    >>> from pathlib import Path
    >>> from symconv.runs.chunk import Made, split
    >>> from symconv.runs.executors import Here
    >>> from symconv.runs.progress import Silent
    >>> def work(chunk):
    ...     good = [item for item in chunk.items if item != 13]
    ...     bad = [Failure(f"version {item}", "no draw was found") for item in chunk.items if item == 13]
    ...     return Made({f"exam-{item}.txt": b"..." for item in good}, {"made": good}, tuple(bad))
    >>> chunks = split(range(11, 15), 2, "versions")
    >>> with Store(Path(tempfile.mkdtemp()), "the sheet's digest") as store:
    ...     summary = run(chunks, work, Here(), store, Silent(sys.stderr))
    ...     [record["made"] for record in store.records(chunks)]
    [[11, 12], [14]]
    >>> summary.done, [str(failure) for failure in summary.failures]
    (4, ['version 13: no draw was found'])
    """
    if len({chunk.name for chunk in chunks}) < len(chunks):
        raise ValueError("two chunks have the same name; each needs its own")
    missing = [chunk for chunk in chunks if not store.has(chunk)]
    total, todo = (sum(len(chunk.items) for chunk in some) for some in (chunks, missing))
    kept = done = total - todo
    failures: dict[str, tuple[Failure, ...]] = {}
    progress.start(kept, total)
    try:
        with closing(executor.outcomes(work, missing, progress.warn)) as outcomes:
            for chunk, made in outcomes:
                store.keep(chunk, made)
                if made.failures:
                    failures[chunk.name] = made.failures
                done += len(chunk.items)
                progress.advance(len(chunk.items))
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"{done} of {total} are finished; the same command goes on from there") from None
    finally:
        progress.close()
    ordered = [failure for chunk in missing for failure in failures.get(chunk.name, ())]
    return Summary(done - kept, kept, tuple(ordered))
