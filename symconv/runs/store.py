"""Store: the output folder of a long run, and what is already finished in it. It knows nothing of what is made."""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, BinaryIO

from symconv.errors import OutputError
from symconv.files import refused, whole, write_whole
from symconv.program import program_digest
from symconv.runs.chunk import Chunk, Made, Spooled

HIDDEN = ".symconv-run"  # in the output folder: the records of finished chunks, and files that are being written
FINGERPRINT = "fingerprint"
RECORD = "[0-9a-f]" * 32 + ".json"
PART = ".*.part"


def fingerprint(*parts: str | int | bytes) -> str:
    """A digest of everything that decides the bytes of a run: what is given, and the program itself.

    >>> fingerprint("sheet", 7) == fingerprint("sheet", 7) != fingerprint("sheet", 8)
    True
    """
    digest = sha256(program_digest().encode())
    for part in parts:
        content = repr(part).encode()
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()


def spooled(made: Made, folder: str) -> Made:
    """What was made, with its files written to a folder: a worker's bytes then need not go through a pipe.

    Where the folder takes no more, the bytes stay as they are, and who keeps them says what is wrong.
    """
    files: dict[str, bytes | Spooled] = {}
    try:
        for path, content in made.files.items():
            if isinstance(content, bytes):
                part = Path(folder) / f".{secrets.token_hex(8)}.part"
                part.write_bytes(content)
                files[path] = Spooled(str(part), sha256(content).hexdigest())
    except OSError:
        for one in files.values():
            if isinstance(one, Spooled):
                Path(one.path).unlink(missing_ok=True)
        return made
    return replace(made, files={**made.files, **files})


class Store:
    """An output folder while a run writes to it.

    A finished chunk leaves a record in a hidden folder; a later run with the same fingerprint finds it there. A run
    with another one starts anew. Nothing but what a run left in the hidden folder is ever removed. One run at a time
    may have the folder. Raises OutputError when the folder cannot be used.

    >>> import tempfile
    >>> folder, chunk = Path(tempfile.mkdtemp()), Chunk("versions 1 to 2", (1, 2))
    >>> with Store(folder, fingerprint("midterm", 7)) as store:
    ...     store.keep(chunk, Made({"exam-1.txt": b"one", "exam-2.txt": b"two"}, {"codes": [1, 2]}))
    >>> with Store(folder, fingerprint("midterm", 7)) as store:  # the first run was interrupted here
    ...     store.has(chunk), list(store.records([chunk]))
    ...     store.finish()
    (True, [{'codes': [1, 2]}])
    >>> sorted(path.name for path in folder.iterdir())
    ['exam-1.txt', 'exam-2.txt']
    """

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self.folder = folder
        self._hidden = folder / HIDDEN
        self._fingerprint = fingerprint
        self._makers: dict[str, str] = {}  # which chunk made a file

    def __enter__(self) -> Store:
        if self.folder.exists() and not self.folder.is_dir():
            raise OutputError(f"{self.folder} is a file, not a folder; choose another with -o")
        with ExitStack() as opened:
            try:
                self._hidden.mkdir(parents=True, exist_ok=True)
                opened.enter_context(_alone(self.folder))
                self._clean()
            except OSError as error:
                raise refused(self.folder, error) from None
            write_whole(self._hidden / FINGERPRINT, self._fingerprint.encode())
            self._opened = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    def _clean(self) -> None:
        """Remove what a killed run had not finished to write, and what was finished for another fingerprint."""
        known = self._hidden / FINGERPRINT
        same = known.is_file() and known.read_bytes() == self._fingerprint.encode()
        for pattern in (PART,) if same else (PART, RECORD):
            for path in self._hidden.glob(pattern):
                path.unlink()

    def _record(self, chunk: Chunk) -> Path:
        name = json.dumps([chunk.name, chunk.items])
        return self._hidden / f"{sha256(name.encode()).hexdigest()[:32]}.json"

    def _read(self, chunk: Chunk) -> dict[str, Any] | None:
        try:
            read: dict[str, Any] = json.loads(self._record(chunk).read_bytes())
        except (OSError, ValueError):  # there is none, or the power failed while it was written
            return None
        return read

    def has(self, chunk: Chunk) -> bool:
        """Whether a chunk is finished, nothing of it failed, and its files are still what they were."""
        read = self._read(chunk)
        if read is None or read["failed"] or any(self._digest(path) != was for path, was in read["files"].items()):
            return False
        for path in read["files"]:
            self._claim(path, chunk)
        return True

    def _digest(self, path: str) -> str | None:
        try:
            return sha256((self.folder / path).read_bytes()).hexdigest()
        except OSError:
            return None

    def _claim(self, path: str, chunk: Chunk) -> None:
        """Two chunks that make one file would leave the one that came last."""
        parts = PurePosixPath(path).parts
        if not parts or parts[0] in ("/", HIDDEN) or ".." in parts:
            raise OutputError(f"{chunk.name} makes {path}, which is not a place in the output folder")
        other = self._makers.setdefault(path, chunk.name)
        if other != chunk.name:
            raise OutputError(f"{path} would be written twice: by {' and by '.join(sorted([other, chunk.name]))}")

    def keep(self, chunk: Chunk, made: Made) -> None:
        """Write the files of a chunk, then its record. Raises OutputError."""
        for path in made.files:
            self._claim(path, chunk)
        digests = {path: self._keep_file(path, content) for path, content in made.files.items()}
        record = {"files": digests, "record": made.record, "failed": bool(made.failures)}
        write_whole(self._record(chunk), json.dumps(record).encode())

    def _keep_file(self, path: str, content: bytes | Spooled) -> str:
        """Put a file into its place, and give its digest."""
        if isinstance(content, bytes):
            self.write(path, content)
            return sha256(content).hexdigest()
        target = self.folder / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            Path(content.path).replace(target)
        except OSError as error:
            raise refused(target, error) from None
        return content.digest

    @property
    def spool(self) -> str:
        """Where workers on this machine may leave files for `keep`; what they leave after a fault is cleaned up."""
        return str(self._hidden)

    def write(self, path: str, content: bytes) -> None:
        """Write one more file, such as the key of all versions, whole or not at all. Raises OutputError."""
        write_whole(self.folder / path, content, self._hidden)

    def open(self, path: str) -> AbstractContextManager[BinaryIO]:
        """A file to write piece by piece, which appears when the `with` block has ended; see `files.whole`."""
        return whole(self.folder / path, self._hidden)

    def records(self, chunks: Sequence[Chunk]) -> Iterator[Mapping[str, Any]]:
        """What the chunks recorded, one at a time in the order given; those of which nothing came are left out."""
        for chunk in chunks:
            read = self._read(chunk)
            if read is not None and read["record"] is not None:
                yield read["record"]

    def finish(self) -> None:
        """Remove the hidden folder: all is done, and there is nothing to go on with."""
        with suppress(OSError):  # somebody's file in it, or a rest: it does no harm
            for path in [*self._hidden.glob(RECORD), *self._hidden.glob(FINGERPRINT), *self._hidden.glob(PART)]:
                path.unlink()
            self._hidden.rmdir()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other runs out of a folder, until this process ends if it ends in between; not every system has locks."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            better = "wait for it, or choose another folder with -o"
            raise OutputError(f"another run is writing to {folder}; {better}") from None
        except OSError:  # the file system has none
            pass
        yield
    finally:
        os.close(handle)
