"""Printing: the exams or solutions of many versions, typeset in one run and split into one PDF each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from symconv.pdf import command_of, sheets_pdf
from symconv.sheets.exam import Derive, derived
from symconv.sheets.paper import Body, Style, exam_source, solutions_source
from symconv.sheets.sheet import Cover, Version
from symconv.sheets.spaces import Widths
from symconv.sheets.split import Copy, split
from symconv.solution import Solution


@dataclass(frozen=True)
class Run:
    """What one run of an engine gave: the whole document, and the PDF of each version."""

    whole: bytes
    copies: tuple[Copy, ...]


def printed_exams(
    versions: Sequence[Version],
    cover: Cover,
    style: Style,
    engine: str = "auto",
    *,
    widths: Widths | None = None,
    pages: int | None = None,
    derive: Derive = derived,
) -> Run:
    """Typeset the exams of versions in one run; each page says of how many it is one.

    `pages` is how many a version has, where that is known already; otherwise the first version is typeset alone to
    find out. Where a version has another number of pages, all are typeset again. Raises OutputError, which names the
    version and the question where an engine stopped.
    """
    command = command_of(engine)

    def run(chosen: Sequence[Version], counts: Mapping[str, int]) -> bytes:
        form = "typ" if command is None else "tex"
        source = partial(exam_source, chosen, cover, style, form, widths=widths, pages=counts, derive=derive)
        return sheets_pdf(source(), command, len(chosen), style.accessible, source)

    if pages is None:
        pages = split(run(versions[:1], {}))[0].pages
    counts = {version.code: pages for version in versions}
    whole = run(versions, counts)
    copies = split(whole)
    found = {copy.code: copy.pages for copy in copies}
    if found != counts:
        whole = run(versions, found)
        copies = split(whole)
    return Run(whole, tuple(copies))


def printed_solutions(
    versions: Sequence[Version],
    solutions: Sequence[Sequence[Solution]],
    cover: Cover,
    style: Style,
    engine: str = "auto",
    *,
    body: Body | None = None,
) -> Run:
    """Typeset the worked solutions of versions in one run; `solutions` and `body` are those of `solutions_source`."""
    command = command_of(engine)
    form = "typ" if command is None else "tex"
    source = partial(solutions_source, versions, solutions, cover, style, form, body=body)
    whole = sheets_pdf(source(), command, len(versions), again=source)
    return Run(whole, tuple(split(whole)))


def accessible_pdf(
    version: Version,
    cover: Cover,
    style: Style | None = None,
    *,
    widths: Widths | None = None,
    derive: Derive = derived,
) -> bytes:
    """The exam of one version as tagged PDF/UA-1, with a text alternative for every grid, formula and box."""
    style = style or Style()

    def run(pages: int | None) -> bytes:
        source = partial(exam_source, [version], cover, style, "typ", widths=widths, pages=pages, derive=derive)
        return sheets_pdf(source(), None, 1, True, source)

    return run(split(run(None))[0].pages)
