"""Executors: who does the chunks of a run. They know neither what a chunk is about nor where its files go."""

from __future__ import annotations

import os
from collections.abc import Sequence

from symconv.errors import ExecutorError
from symconv.runs.chunk import Chunk, Executor, Outcomes, Warn, Work, attempt


class Here:
    """Does one chunk after another in this process.

    >>> from symconv.runs.chunk import Made
    >>> def work(chunk):
    ...     return Made({chunk.name: b"."})
    >>> [made.files for _, made in Here().outcomes(work, [Chunk("a", ()), Chunk("b", ())], print)]
    [{'a': b'.'}, {'b': b'.'}]
    """

    def outcomes(self, work: Work, chunks: Sequence[Chunk], warn: Warn) -> Outcomes:  # noqa: ARG002  # never needed
        """Each chunk with what came of it, in the order given."""
        for chunk in chunks:
            yield chunk, attempt(work, chunk)


def cores() -> int:
    """How many processors this process may use.

    >>> cores() >= 1
    True
    """
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def pick(
    executor: str = "local", jobs: int | None = None, scheduler: str | None = None, needs: Sequence[str] = ()
) -> Executor:
    """The executor that a command line asks for. `executor` is "local" or "dask". Raises ExecutorError.

    `needs` are the modules that the work of a process on this machine will import.

    >>> type(pick(jobs=1)).__name__, type(pick(jobs=2)).__name__
    ('Here', 'Processes')
    >>> pick("dask")
    Traceback (most recent call last):
    symconv.errors.ExecutorError: --executor dask needs the scheduler's address, such as --scheduler tcp://host:8786
    """
    if executor == "dask":
        if scheduler is None:
            raise ExecutorError("--executor dask needs the scheduler's address, such as --scheduler tcp://host:8786")
        if jobs is not None:
            raise ExecutorError("--jobs is for the processes of this machine; with --executor dask the cluster decides")
        from symconv.runs.cluster import Dask

        return Dask(scheduler)
    if executor != "local":
        raise ExecutorError(f"--executor is {executor!r}; it is local or dask")
    if scheduler is not None:
        raise ExecutorError("--scheduler is for --executor dask; add that, or leave the scheduler out")
    if jobs is not None and jobs < 1:
        raise ExecutorError(f"--jobs is {jobs}; it must be at least 1")
    jobs = cores() if jobs is None else jobs
    if jobs == 1:
        return Here()
    from symconv.runs.processes import Processes

    return Processes(jobs, needs)
