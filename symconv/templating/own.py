"""A person's own templates: a folder of them as text that can travel. It knows no template engine."""

from __future__ import annotations

from pathlib import Path

from symconv.errors import OutputError
from symconv.program import templates

KINDS = {"latex": ".tex", "typst": ".typ", "markdown": ".md"}  # the folders that sheets are made from
MOST_CHARACTERS = 1_000_000
Templates = tuple[tuple[str, str], ...]  # names such as latex/exam.tex, each with its text, in order


def read_templates(folder: Path) -> Templates:
    """The templates in a folder that has the subfolders of ours. Raises OutputError.

    >>> [name for name, text in read_templates(templates()) if "exam_head" in name]
    ['latex/exam_head.tex', 'typst/exam_head.typ']
    """
    if not folder.is_dir():
        raise OutputError(f"--templates is {folder}, which is no folder; give one with templates such as {_example()}")
    try:
        paths = sorted(path for kind, suffix in KINDS.items() for path in (folder / kind).glob(f"*{suffix}"))
        found = tuple((path.relative_to(folder).as_posix(), _text(path)) for path in paths if path.is_file())
    except OSError as error:
        raise OutputError(f"{error.filename} cannot be read: {error.strerror}; check the permissions") from None
    if not any((templates() / name).is_file() for name, _ in found):
        raise OutputError(f"{folder} has no template with a name of ours, such as {_example()}; nothing would change")
    return found


def _example() -> str:
    return " or ".join(f"{kind}/exam{suffix}" for kind, suffix in KINDS.items() if kind != "markdown")


def _text(path: Path) -> str:
    content = path.read_bytes()
    if len(content) > MOST_CHARACTERS:
        raise OutputError(f"{path} has {len(content):,} bytes; a template has at most {MOST_CHARACTERS:,}")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise OutputError(f"{path}: byte {error.start} is not UTF-8; save the template as UTF-8 text") from None
