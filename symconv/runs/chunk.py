"""Chunk: a named part of a long run, and what came of it. It knows neither who does it nor where it is kept."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from symconv.errors import SymconvError


@dataclass(frozen=True)
class Chunk:
    """What one worker does at a time: a name, unique in its run, and the items to make.

    >>> Chunk("versions 1 to 3", (1, 2, 3)).items
    (1, 2, 3)
    """

    name: str
    items: tuple[int | str, ...]


@dataclass(frozen=True)
class Failure:
    """An item that could not be made: its name, why in one line, and the exit status that this leads to."""

    item: str
    message: str
    exit_status: int = 2

    def __str__(self) -> str:
        return f"{self.item}: {self.message}"


@dataclass(frozen=True)
class Spooled:
    """A file that a worker has written on the disk of the output folder: where it lies, and the digest of its bytes."""

    path: str
    digest: str


@dataclass(frozen=True)
class Made:
    """What came of a chunk: files by their path below the output folder, a JSON-able record, and what failed.

    Paths have slashes. The files and the record hold only what did not fail; where everything did, there is no record.
    """

    files: Mapping[str, bytes | Spooled] = field(default_factory=dict)
    record: Mapping[str, Any] | None = None
    failures: tuple[Failure, ...] = ()


Work = Callable[
    [Chunk], Made
]  # a function at the top of its module, or functools.partial of one, so that it can travel
Outcomes = Generator[tuple[Chunk, Made], None, None]
Warn = Callable[[str], None]


class Executor(Protocol):
    """Does chunks and gives what came of them in any order; few are under way at a time."""

    def outcomes(self, work: Work, chunks: Sequence[Chunk], warn: Warn) -> Outcomes:
        """Each chunk with what came of it; `warn` takes one line about what was mended on the way."""


def split(items: Sequence[int | str], size: int, word: str = "items") -> list[Chunk]:
    """Chunks of at most `size` items, named after which of the items they hold, counted from 1.

    >>> [chunk.name for chunk in split(range(1, 8), 3, "versions")]
    ['versions 1 to 3', 'versions 4 to 6', 'versions 7 to 7']
    """
    parts = [(at, tuple(items[at : at + size])) for at in range(0, len(items), size)]
    return [Chunk(f"{word} {at + 1} to {at + len(part)}", part) for at, part in parts]


def attempt(work: Work, chunk: Chunk) -> Made:
    """Do a chunk; an exception becomes the chunk's failure, so that it does not stop the others.

    >>> def work(chunk):
    ...     return Made({"one": b"%d" % (1 // chunk.items[0])})
    >>> attempt(work, Chunk("item 1", (1,))).files
    {'one': b'1'}
    >>> attempt(work, Chunk("item 0", (0,))).failures[0].message
    'ZeroDivisionError: integer division or modulo by zero (<doctest symconv.runs.chunk.attempt[0]>, line 2)'
    """
    try:
        made = work(chunk)
        # as it will be read back from a record; what cannot be written is found where it was made
        return Made(dict(made.files), json.loads(json.dumps(made.record)), tuple(made.failures))
    except SymconvError as error:
        return failed(chunk, str(error), error.exit_status)
    except MemoryError:
        return failed(chunk, "there is not enough memory; use fewer processes with --jobs")
    except OSError as error:
        return failed(chunk, f"{type(error).__name__}: {error}")
    except Exception as error:  # a fault of ours: its place is needed to mend it
        last = traceback.extract_tb(error.__traceback__)[-1]
        return failed(chunk, f"{type(error).__name__}: {error} ({last.filename}, line {last.lineno})", 3)


def failed(chunk: Chunk, message: str, exit_status: int = 2) -> Made:
    """A chunk of which nothing came.

    >>> print(failed(Chunk("items 1 to 9", ()), "the machine is off").failures[0])
    items 1 to 9: the machine is off
    """
    return Made(failures=(Failure(chunk.name, " ".join(message.split()), exit_status),))
