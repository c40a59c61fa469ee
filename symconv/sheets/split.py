"""Split: one typeset document of many versions into one PDF for each, and all of them into one for the printer.

What a page needs goes along (fonts, contents), and nothing else: no names, no metadata, no other version's page.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf

from symconv.errors import OutputError

KEPT = ("/Type", "/MediaBox", "/CropBox", "/Rotate", "/Resources", "/Contents", "/Group")
_MARK = re.compile(r"v((?:[0-9a-f]{2})+)")


@dataclass(frozen=True)
class Copy:
    """The PDF of one version."""

    code: str
    pages: int
    pdf: bytes


def split(made: bytes | Path | str) -> list[Copy]:
    """One PDF for each version, in the order of the document; the same document gives the same bytes.

    Versions begin where the document has the named destinations of `exam.mark_of`. Raises OutputError without any.
    """
    with _opened(made) as document:
        pages = list(document.pages)
        starts = _starts(document)
        ends = [start for _, start in starts[1:]] + [len(pages)]
        return [
            Copy(code, end - start, _saved(pages[start:end])) for (code, start), end in zip(starts, ends, strict=True)
        ]


def print_ready(
    documents: Sequence[bytes | Path | str], blank_pages: bool = False, codes: Collection[str] | None = None
) -> bytes:
    """All versions of typeset documents in one PDF; with `blank_pages` each begins on the front of a sheet.

    With `codes` only those versions.
    """
    opened = [_opened(document) for document in documents]
    try:
        return _saved(list(_collated(opened, blank_pages, codes)))
    finally:
        for document in opened:
            document.close()


def _collated(
    documents: Sequence[pikepdf.Pdf], blank_pages: bool, codes: Collection[str] | None
) -> Iterator[pikepdf.Page | None]:
    """The pages of all versions; None stands for a blank one, as large as the page before it."""
    for document in documents:
        pages = list(document.pages)
        starts = _starts(document)
        ends = [start for _, start in starts[1:]] + [len(pages)]
        for (code, start), end in zip(starts, ends, strict=True):
            if codes is None or code in codes:
                yield from pages[start:end]
                if blank_pages and (end - start) % 2:
                    yield None


def _opened(made: bytes | Path | str) -> pikepdf.Pdf:
    return pikepdf.open(BytesIO(made) if isinstance(made, bytes) else made)


def _starts(document: pikepdf.Pdf) -> list[tuple[str, int]]:
    """The code of each version, and the number of its first page from 0."""
    numbers = {page.objgen: number for number, page in enumerate(document.pages)}
    found = {}
    for name, target in _destinations(document):
        mark = _MARK.fullmatch(name)
        if mark:
            found[numbers[target[0].objgen]] = bytes.fromhex(mark[1]).decode()
    if not found or min(found):
        raise OutputError("the PDF does not tell where its versions begin; give the document that was typeset for it")
    return [(found[start], start) for start in sorted(found)]


def _destinations(document: pikepdf.Pdf) -> Iterator[tuple[str, Any]]:
    """Every named destination: engines write an array, or a dictionary that holds one."""
    names = document.Root.get("/Names", pikepdf.Dictionary()).get("/Dests")
    if names is None:
        return
    for name, target in pikepdf.NameTree(names).items():
        yield str(name), target.D if isinstance(target, pikepdf.Dictionary) else target


def _saved(pages: Sequence[pikepdf.Page | None]) -> bytes:
    """A document of these pages and what they need."""
    made = pikepdf.new()
    for page in pages:
        if page is None:
            width, height = (float(side) for side in made.pages[-1].mediabox[2:])
            made.add_blank_page(page_size=(width, height))
            continue
        made.pages.append(page)
        last = made.pages[-1].obj
        for key in list(last.keys()):
            if key not in KEPT and key != "/Parent":
                del last[key]
    file = BytesIO()
    made.save(file, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return file.getvalue()
