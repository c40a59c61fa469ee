"""Files: each appears whole or not at all. It knows nothing of what is in them."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from symconv.errors import OutputError

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def whole(path: Path, through: Path | None = None) -> Iterator[BinaryIO]:
    """A new file to write to, which takes the place of `path` when the block ends without an exception.

    A device or a pipe is not replaced but written to. The temporary file lies in the folder `through`, which must be on
    the disk of `path`; without it, beside `path`.
    Raises OutputError for what the operating system refuses.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with whole(folder / "key.csv") as file:
    ...     _ = file.write(b"code,points")
    ...     print([path.name for path in folder.glob("*.csv")])
    []
    >>> [path.name for path in folder.iterdir()]
    ['key.csv']
    """
    if path.is_char_device() or path.is_block_device() or path.is_fifo():  # to replace it would be to destroy it
        try:
            with path.open("wb") as file:
                yield file
        except OSError as error:
            raise refused(path, error) from None
        return
    temporary = (through or path.parent) / f".{path.name[:100]}.{secrets.token_hex(4)}.part"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # "x" leaves the rights to the person's umask; a name that is taken is an error, not somebody's lost file
        with temporary.open("xb") as file:
            yield file
        temporary.replace(path)
    except OSError as error:
        raise refused(path, error) from None
    finally:
        _remove(temporary)


def write_whole(path: Path, content: bytes, through: Path | None = None) -> None:
    """Write a file so that it appears whole or not at all; see `whole`. Raises OutputError.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "new folder" / "answer.txt"
    >>> write_whole(path, b"42")
    >>> path.read_bytes()
    b'42'
    """
    with whole(path, through) as file:
        file.write(content)


def refused(path: Path, error: OSError) -> OutputError:
    """The error for a path that the operating system refuses, with what to do about it.

    >>> print(refused(Path("key.csv"), OSError(errno.ENOSPC, "No space left on device")))
    key.csv cannot be written: No space left on device; free some space and run the command again
    """
    better = "free some space and run the command again" if error.errno in _NO_ROOM else "choose another folder with -o"
    return OutputError(f"{path} cannot be written: {error.strerror or error}; {better}")


def _remove(temporary: Path) -> None:
    """Remove a temporary file that is still there; where even that is refused, the first error is the one to tell."""
    try:
        os.unlink(temporary)
    except OSError:
        return
