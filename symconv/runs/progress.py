"""Progress: how far a long run is, told on standard error. It knows nothing of what is made."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Protocol, TextIO

from symconv.errors import OutputError

KINDS = ("auto", "json", "none")


class Progress(Protocol):
    """Is told how many items are done. `start` comes first and `close` last, also after an error."""

    def start(self, done: int, total: int) -> None:
        """Begin; `done` items were there before."""

    def advance(self, count: int) -> None:
        """So many more items are done."""

    def warn(self, message: str) -> None:
        """Something that was mended on the way."""

    def close(self) -> None:
        """Nothing more will come."""


def pick(kind: str = "auto", unit: str = "items", stream: TextIO | None = None) -> Progress:
    """The progress that a command line asks for: "auto" is a bar on a terminal and silence elsewhere.

    `stream` is standard error where it is not given. Raises OutputError for another kind.

    >>> import io
    >>> type(pick("auto", stream=io.StringIO())).__name__
    'Silent'
    >>> pick("loud")
    Traceback (most recent call last):
    symconv.errors.OutputError: --progress is 'loud'; it is auto, json or none
    """
    if kind not in KINDS:
        raise OutputError(f"--progress is {kind!r}; it is auto, json or none")
    stream = stream or sys.stderr
    if kind == "json":
        return Lines(stream)
    return Bar(stream, unit) if kind == "auto" and stream.isatty() else Silent(stream)


class Silent:
    """Says nothing but warnings.

    >>> import sys
    >>> progress = Silent(sys.stdout)
    >>> progress.start(0, 2)
    >>> progress.warn("versions 1 to 2: tried once more")
    warning: versions 1 to 2: tried once more
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def start(self, done: int, total: int) -> None:
        """Nothing is said."""

    def advance(self, count: int) -> None:
        """Nothing is said."""

    def warn(self, message: str) -> None:
        """One line."""
        print(f"warning: {message}", file=self._stream, flush=True)

    def close(self) -> None:
        """Nothing is said."""


class Bar:
    """A bar with the rate and the time left, which goes away at the end."""

    def __init__(self, stream: TextIO, unit: str) -> None:
        self._stream, self._unit = stream, unit

    def start(self, done: int, total: int) -> None:
        """Show the bar."""
        from tqdm import tqdm

        tqdm.monitor_interval = 0  # no thread that looks after bars
        self._bar = tqdm(
            initial=done,
            total=total,
            file=self._stream,
            unit=f" {self._unit}",
            bar_format="{n_fmt} of {total_fmt}{unit} |{bar}| {rate_noinv_fmt}, {remaining} left",
            dynamic_ncols=True,
            leave=False,
            mininterval=0,  # one step is a chunk: there are few
            miniters=1,
        )

    def advance(self, count: int) -> None:
        """Move the bar."""
        self._bar.update(count)

    def warn(self, message: str) -> None:
        """One line above the bar."""
        self._bar.write(f"warning: {message}", file=self._stream)

    def close(self) -> None:
        """Take the bar away."""
        self._bar.close()


class Lines:
    """One JSON object on a line each time: done, total, items per second, seconds left; null while it is not known.

    The rate counts what this run has done, from its start.

    >>> import sys
    >>> ticks = iter([10.0, 12.0])  # at the start, and when two more of ten items are done
    >>> progress = Lines(sys.stdout, lambda: next(ticks))
    >>> progress.start(4, 10)
    {"done": 4, "total": 10, "rate": null, "seconds_left": null}
    >>> progress.advance(2)
    {"done": 6, "total": 10, "rate": 1.0, "seconds_left": 4.0}
    >>> progress.warn("tried once more")
    {"warning": "tried once more"}
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream, clock

    def _say(self, **facts: object) -> None:
        print(json.dumps(facts), file=self._stream, flush=True)

    def start(self, done: int, total: int) -> None:
        """The first line."""
        self._before, self._done, self._total = done, done, total
        self._began = self._clock()
        self._say(done=done, total=total, rate=None, seconds_left=None)

    def advance(self, count: int) -> None:
        """One line."""
        self._done += count
        rate = (self._done - self._before) / max(self._clock() - self._began, 1e-9)
        left = (self._total - self._done) / rate
        self._say(done=self._done, total=self._total, rate=round(rate, 3), seconds_left=round(left, 1))

    def warn(self, message: str) -> None:
        """One line with nothing but the warning."""
        self._say(warning=message)

    def close(self) -> None:
        """Nothing is said."""
