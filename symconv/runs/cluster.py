"""Cluster: chunks on a running Dask cluster. It knows neither what a chunk is about nor where its files go."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any

from symconv.errors import ExecutorError, shown
from symconv.program import program_digest
from symconv.runs.chunk import Chunk, Made, Outcomes, Warn, Work, attempt, failed

SECONDS = 5  # that the scheduler has to answer
_ONE_AT_A_TIME = threading.Lock()  # the threads of a worker share SymPy, which is not made for that


class Dask:
    """Does chunks on the workers of a Dask scheduler, which need the same symconv.

    The scheduler moves a chunk to another worker when its own one is lost, and gives it up after several.
    """

    def __init__(self, scheduler: str) -> None:
        self._scheduler = scheduler

    def outcomes(self, work: Work, chunks: Sequence[Chunk], warn: Warn) -> Outcomes:
        """Each chunk with what came of it. Raises ExecutorError when the cluster cannot be used, or is lost."""
        library = _library()
        client = self._client(library)
        waiting, flying = deque(chunks), dict[Any, Chunk]()
        try:
            if waiting and not client.ncores():
                warn(f"the scheduler {self._scheduler} has no workers yet; waiting for the first one")
            while waiting or flying:
                window = max(2 * sum(client.ncores().values()), 2)  # workers come and go
                while waiting and len(flying) < window:
                    future = client.submit(serve, work, waiting[0], program_digest(), pure=False)
                    flying[future] = waiting.popleft()
                for future in self._landed(library, client, flying):
                    chunk = flying.pop(future)
                    yield chunk, self._made(library, future, chunk)
                    future.release()
        except (library.CancelledError, OSError):
            raise ExecutorError(self._lost()) from None
        finally:
            with suppress(Exception):  # of a cluster that is gone; the reason is on its way up
                client.cancel(list(flying), force=True)
            with suppress(Exception):
                client.close(SECONDS)

    def _client(self, library: Any) -> Any:
        try:
            library.comm.get_address_host_port(self._scheduler)  # a client with a wrong one would never be closed
        except ValueError:
            given = shown(self._scheduler)
            raise ExecutorError(f"--scheduler is {given}; write an address such as tcp://host:8786") from None
        try:
            return library.Client(self._scheduler, timeout=SECONDS)
        except OSError:
            where = f"the Dask scheduler {self._scheduler} cannot be reached"
            raise ExecutorError(f"{where}: nobody answers there; start one with: dask scheduler") from None

    def _landed(self, library: Any, client: Any, flying: Mapping[Any, Chunk]) -> Collection[Any]:
        """The futures that are done; there is at least one."""
        while True:
            try:
                done: Collection[Any] = library.wait(list(flying), timeout=1, return_when="FIRST_COMPLETED").done
                return done
            except TimeoutError:
                if client.status != "running":
                    raise ExecutorError(self._lost()) from None

    def _made(self, library: Any, future: Any, chunk: Chunk) -> Made:
        try:
            made: Made = future.result()
            return made
        except (ExecutorError, library.CancelledError, OSError):
            raise
        except library.KilledWorker:
            return failed(chunk, "every Dask worker that had it ended on the way, perhaps for lack of memory")
        except Exception as error:  # not from the work, whose exceptions are failures by now
            why = f"{type(error.__cause__ or error).__name__}: {error.__cause__ or error}"
            better = "install the same symconv for the scheduler and the workers"
            raise ExecutorError(f"the Dask cluster cannot do the work: {why}; {better}") from None

    def _lost(self) -> str:
        return f"the Dask scheduler {self._scheduler} is gone; the same command goes on where this one ended"


def serve(work: Work, chunk: Chunk, digest: str) -> Made:
    """Do a chunk on a worker. Raises ExecutorError where the worker's program has another digest.

    >>> serve(lambda chunk: Made({chunk.name: b"."}), Chunk("a", ()), program_digest()).files
    {'a': b'.'}
    >>> serve(Made, Chunk("a", ()), "another")
    Traceback (most recent call last):
    symconv.errors.ExecutorError: a Dask worker has another version of symconv; install the same one there
    """
    if digest != program_digest():
        raise ExecutorError("a Dask worker has another version of symconv; install the same one there")
    with _ONE_AT_A_TIME:
        return attempt(work, chunk)


def _library() -> Any:
    """Dask, which speaks of trouble by exceptions only."""
    try:
        import distributed
    except ImportError:
        raise ExecutorError('--executor dask needs Dask; install it with: pip install "symconv[dask]"') from None
    for name in ("distributed", *logging.root.manager.loggerDict):
        if name.startswith("distributed"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
    return distributed
