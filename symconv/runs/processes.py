"""Processes: chunks on all cores of this machine. It knows neither what a chunk is about nor where its files go.

Each worker has a pipe of its own. In concurrent.futures all workers share one: a worker that is killed while it sends
can leave half a message there that blocks the run for ever, and nobody can tell which chunk it had.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Literal

from symconv.errors import ExecutorError
from symconv.runs.chunk import Chunk, Made, Outcomes, Warn, Work, attempt, failed

SECONDS = 5  # that a worker has to end by itself
YOUNG = 50_000  # objects before a worker's collector looks again: what comes and goes in a chunk has few cycles
# where a folder or a program is there already, but nothing yet that would remove or stop it
_MAKINGS = (subprocess.Popen.__init__.__code__, tempfile.TemporaryDirectory.__init__.__code__)


class Processes:
    """Does chunks in `jobs` processes that share nothing with this one, each of which has one chunk at a time.

    They wait for more chunks until this object is gone: what they have imported and worked out serves a later run too.
    The modules in `needs` are imported once for all of them, from now on, while this process goes about its business.
    """

    def __init__(self, jobs: int, needs: Sequence[str] = ()) -> None:
        self._jobs = jobs
        self._idle: list[_Worker] = []
        if needs and sys.platform != "win32":
            multiprocessing.set_forkserver_preload(list(needs))
            with _no_interrupt():
                forkserver.ensure_running()

    def outcomes(self, work: Work, chunks: Sequence[Chunk], warn: Warn) -> Outcomes:
        """Each chunk with what came of it; a chunk whose process ends on the way is tried once more, as the last."""
        waiting, lost_once = deque(chunks), set[Chunk]()
        crew: list[_Worker] = []
        false_starts = 0
        try:
            while waiting or crew:
                while waiting and len(crew) < self._jobs:
                    crew.append(self._idle.pop() if self._idle else _Worker())
                    crew[-1].give(work, waiting.popleft())
                for worker in _ready(crew):
                    chunk, news = worker.chunk, worker.news()
                    if news == "begun":
                        false_starts = 0
                        continue
                    if isinstance(news, Made):
                        if waiting:  # before the files are written, so that nobody waits
                            worker.give(work, waiting.popleft())
                        else:
                            crew.remove(worker)
                            self._idle.append(worker)
                        yield chunk, news
                        continue
                    crew.remove(worker)
                    end = worker.end()
                    if not worker.begun:
                        waiting.appendleft(chunk)
                        false_starts += 1
                        if false_starts > self._jobs:
                            raise ExecutorError(f"the worker processes do not start: {end}; try --jobs 1")
                    elif chunk in lost_once:
                        yield chunk, failed(chunk, f"its process ended twice: {end}")
                    else:
                        lost_once.add(chunk)
                        waiting.append(chunk)
                        warn(f"{chunk.name}: its process ended: {end}; it is tried once more")
        finally:
            _stop(crew)  # who is in the middle of something; at the end nobody is


class _Worker:
    """A process, the chunk that it has, and our end of its pipe, without which the process ends."""

    def __init__(self) -> None:
        self.pipe, theirs = multiprocessing.Pipe()
        self._knows: Work | None = None
        with _no_interrupt():
            self._process = _process(theirs)
            self._process.start()
        theirs.close()  # so that its end is noticed here

    def give(self, work: Work, chunk: Chunk) -> None:
        """Send a chunk, with what to do with it unless it knows; `begun` tells whether the process has read that."""
        self.chunk, self.begun = chunk, False
        with suppress(OSError):  # it has ended: `news` will tell
            self.pipe.send((None if work is self._knows else work, chunk))
        self._knows = work

    def news(self) -> Made | Literal["begun", "ended"]:
        """What came of the chunk, or what became of the process."""
        try:
            news: Made | Literal["begun"] = self.pipe.recv()
        except (EOFError, OSError):
            return "ended"
        self.begun = True
        return news

    def end(self) -> str:
        """How the process ended."""
        self.pipe.close()
        self._process.join(SECONDS)
        code = self._process.exitcode
        if code == -signal.SIGKILL:
            return "killed, perhaps for lack of memory"
        return f"signal {-code}" if code is not None and code < 0 else f"exit status {code}"

    def terminate(self) -> None:
        self.pipe.close()
        self._process.terminate()

    def join(self) -> None:
        self._process.join(SECONDS)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def _process(pipe: Connection) -> BaseProcess:
    """A process that begins afresh: a copy of this one would have its locks, but not the threads that hold them."""
    if sys.platform == "win32":
        return multiprocessing.get_context("spawn").Process(target=_serve, args=(pipe,), daemon=True)
    return multiprocessing.get_context("forkserver").Process(target=_serve, args=(pipe,), daemon=True)


def _ready(crew: Sequence[_Worker]) -> list[_Worker]:
    """The workers that have something to say, or have ended; there is at least one."""
    ready = wait([worker.pipe for worker in crew])
    return [worker for worker in crew if worker.pipe in ready]


def _stop(crew: Sequence[_Worker]) -> None:
    for worker in crew:
        worker.terminate()
    for worker in crew:
        worker.join()


@contextmanager
def _no_interrupt() -> Iterator[None]:
    """Processes started in this block never see Ctrl-C, which a terminal sends to all: the first one decides."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # which would let interrupts through again when it starts by itself
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(pipe: Connection) -> None:
    """Be a worker: do what comes through the pipe until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, _leave)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    work: Work | None = None
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            given, chunk = pipe.recv()
            pipe.send("begun")
            work = given or work
            assert work is not None  # noqa: S101  # it comes with the first chunk
            made = attempt(work, chunk)
            pipe.send(made)
            del made  # a chunk's bytes are not kept while waiting for the next one
            if given:  # what a first chunk has set up stays: the collector need not walk it again and again
                gc.collect()
                gc.freeze()
                gc.set_threshold(YOUNG)


def _leave(_: int, frame: FrameType | None) -> None:
    """End as by a return from everywhere: temporary folders are removed, programs that were started are stopped.

    While one of them is in the making nobody would know of it yet, so that it would be left: then a moment later.
    """
    while frame is not None:
        if frame.f_code in _MAKINGS and hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0.01)  # SIGALRM comes here again
            return
        frame = frame.f_back
    sys.exit(1)


def _end_with_parent() -> None:
    """End this worker when the process that started it is gone, even if that was killed."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    wait([parent.sentinel])
    main = threading.main_thread().ident
    if main is not None and hasattr(signal, "pthread_kill"):
        signal.pthread_kill(main, signal.SIGTERM)  # which also wakes it from waiting for a program
        time.sleep(SECONDS)
    os._exit(1)
