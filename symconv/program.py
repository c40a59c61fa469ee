"""Program: its own files, and their digest. It knows nothing of what they say."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path


def templates() -> Path:
    """The folder of templates: inside an installed package, beside it in a checkout.

    >>> (templates() / "latex").is_dir()
    True
    """
    inside = Path(__file__).parent / "templates"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "templates"


@cache
def program_digest() -> str:
    """A digest of the program's code and templates: what has another one may make other bytes.

    >>> len(program_digest())
    64
    """
    package = Path(__file__).parent
    named = {f"symconv/{path.relative_to(package).as_posix()}": path for path in package.rglob("*.py")}
    named |= {path.relative_to(templates()).as_posix(): path for path in templates().rglob("*") if path.is_file()}
    digests = [f"{name} {sha256(path.read_bytes()).hexdigest()}" for name, path in sorted(named.items())]
    return sha256("\n".join(digests).encode()).hexdigest()
