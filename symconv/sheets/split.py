"""Split: one typeset document of many versions into one PDF for each, and all of them into one for the printer.

What a page needs goes along (fonts, contents), and nothing else: no names, no metadata, no other version's page.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import pikepdf

from symconv.errors import OutputError

KEPT = ("/CropBox", "/Rotate", "/Contents", "/Group")  # of a page, beside its size and resources
Fonts = dict[bytes, Any]  # the fonts of a new document by a digest of their contents
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
        return [Copy(code, len(pages), _saved(document, pages)) for code, pages in _versions(document)]


def print_ready(
    documents: Iterable[bytes | Path | str],
    file: BinaryIO,
    blank_pages: bool = False,
    codes: Collection[str] | None = None,
) -> None:
    """Write all versions of typeset documents as one PDF; with `blank_pages` each begins on the front of a sheet.

    With `codes` only those versions. One document is open at a time, and fonts that several of them have are kept once.
    """
    made = pikepdf.new()
    fonts: Fonts = {}
    for document in documents:
        with _opened(document) as source:
            _bind(made, source, list(_collated(source, blank_pages, codes)), fonts)
    _save(made, file)


def _collated(document: pikepdf.Pdf, blank_pages: bool, codes: Collection[str] | None) -> Iterator[pikepdf.Page | None]:
    """The pages of the versions of a document; None stands for a blank one, as large as the page before it."""
    for code, pages in _versions(document):
        if codes is None or code in codes:
            yield from pages
            if blank_pages and len(pages) % 2:
                yield None


def _versions(document: pikepdf.Pdf) -> list[tuple[str, list[pikepdf.Page]]]:
    """The code of each version with its pages."""
    pages, starts = list(document.pages), _starts(document)
    ends = [start for _, start in starts[1:]] + [len(pages)]
    return [(code, pages[start:end]) for (code, start), end in zip(starts, ends, strict=True)]


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
        raise OutputError(
            "the PDF does not tell where its versions begin; a template for all of a page marks each version with "
            "version.mark, as symconv/latex/exam.tex does"
        )
    return [(found[start], start) for start in sorted(found)]


def _destinations(document: pikepdf.Pdf) -> Iterator[tuple[str, Any]]:
    """Every named destination: engines write an array, or a dictionary that holds one."""
    names = document.Root.get("/Names", pikepdf.Dictionary()).get("/Dests")
    if names is None:
        return
    for name, target in pikepdf.NameTree(names).items():
        yield str(name), target.D if isinstance(target, pikepdf.Dictionary) else target


def _saved(document: pikepdf.Pdf, pages: Sequence[pikepdf.Page]) -> bytes:
    """A document of these pages and what they need: this one with another root, which is all that is written of it."""
    root = document.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Pages, Count=len(pages)))
    kids = [document.make_indirect(_kept(page)) for page in pages]
    for kid in kids:
        kid.Type, kid.Parent = pikepdf.Name.Page, root
    root.Kids = pikepdf.Array(kids)
    document.trailer.Root = document.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Catalog, Pages=root))
    for key in ("/Info", "/ID"):
        if key in document.trailer:
            del document.trailer[key]
    file = BytesIO()
    _save(document, file)
    return file.getvalue()


def _save(made: pikepdf.Pdf, file: BinaryIO) -> None:
    made.save(file, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def _bind(made: pikepdf.Pdf, source: pikepdf.Pdf, pages: Sequence[pikepdf.Page | None], fonts: Fonts) -> None:
    """Put pages of a document behind those that another one has, as a branch of its tree of pages."""
    root = made.Root.Pages
    branch = made.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Pages, Parent=root, Count=len(pages)))
    copied: dict[Any, Any] = {}
    bound: list[Any] = []
    for page in pages:
        if page is None:
            new: Any = made.make_indirect(
                pikepdf.Dictionary(MediaBox=bound[-1].MediaBox, Resources=pikepdf.Dictionary())
            )
        else:
            kept = _kept(page)
            kept.Resources = pikepdf.Dictionary({key: value for key, value in page.resources.items() if key != "/Font"})
            new = made.copy_foreign(source.make_indirect(kept))
            new.Resources.Font = pikepdf.Dictionary(_fonts(made, source, page, fonts, copied))
        new.Type, new.Parent = pikepdf.Name.Page, branch
        bound.append(new)
    branch.Kids = pikepdf.Array(bound)
    root.Kids.append(branch)
    root.Count += len(pages)


def _kept(page: pikepdf.Page) -> pikepdf.Dictionary:
    """What goes along of a page; its size and resources may stand further up in the tree of pages."""
    kept = pikepdf.Dictionary({key: page.obj[key] for key in KEPT if key in page.obj})
    kept.MediaBox, kept.Resources = page.mediabox, page.resources
    return kept


def _fonts(
    made: pikepdf.Pdf, source: pikepdf.Pdf, page: pikepdf.Page, known: Fonts, copied: dict[Any, Any]
) -> dict[str, Any]:
    """The fonts of a page in the new document; one that other documents brought along is taken from there."""
    found = {}
    for name, font in page.resources.get("/Font", pikepdf.Dictionary()).items():
        one = font if font.is_indirect else source.make_indirect(font)
        if one.objgen not in copied:
            digest = _digest(one)
            if digest not in known:
                known[digest] = made.copy_foreign(one)
            copied[one.objgen] = known[digest]
        found[name] = copied[one.objgen]
    return found


def _digest(one: Any) -> bytes:
    """A digest of everything that an object of a PDF says, and of what it refers to."""
    if isinstance(one, pikepdf.Array):
        return sha256(b"array" + b"".join(map(_digest, one))).digest()
    if isinstance(one, (pikepdf.Dictionary, pikepdf.Stream)):
        made = sha256(one.read_raw_bytes() if isinstance(one, pikepdf.Stream) else b"dictionary")
        for key in sorted(one.keys()):
            made.update(sha256(key.encode()).digest() + _digest(one[key]))
        return made.digest()
    return sha256(repr(one).encode()).digest()
