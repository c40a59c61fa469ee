"""A run over a sheet: draw every version, make them in chunks, write what all of them have in common."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from symconv.errors import ProblemError
from symconv.runs.batch import Summary, run
from symconv.runs.chunk import Chunk, Executor, split
from symconv.runs.processes import Processes
from symconv.runs.progress import Progress
from symconv.runs.store import Store, fingerprint
from symconv.sheets import key
from symconv.sheets.edition import WHOLE, Order, Taken, drawn, edited, try_templates
from symconv.sheets.regions import Sizes, regions_json, same_layout, same_sizes, sizes
from symconv.sheets.split import print_ready
from symconv.sheets.versions import ALPHABET, CODE_LENGTH, Pick, Sheet, sheet_from

CHUNK = 30  # versions in one run of an engine; the fonts of a PDF hang on it, so it is the same for every run
_OF_A_VERSION = re.compile(
    rf"(exam|solutions|accessible|worksheet)-(?P<code>[{ALPHABET}]{{{CODE_LENGTH}}})\.(pdf|tex|typ|md|json)"
)


@dataclass(frozen=True)
class Paper:
    """What the exams of a run have in common: how many pages, at least and at most; nothing where there is no paper.

    `odd` are the codes of the versions that are laid out otherwise than the first one, although they have the same
    questions in the same order, or have a question with other boxes; `unlike` says where the sheet has such questions.
    """

    pages: tuple[int, int] | None = None
    odd: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """What a run over a sheet left behind; `others` are files of versions in the folder that are not of this run."""

    summary: Summary
    codes: tuple[str, ...]
    paper: Paper
    others: tuple[str, ...] = ()


def run_sheet(order: Order, count: int, folder: Path, executor: Executor, progress: Progress) -> Report:
    """Make versions 1 to `count`. Raises ProblemError, OutputError; what fails in one version is in the report."""
    taken = list(_taken(order, count, executor, progress))
    wanted = [one.code for one in taken[:count]]
    if order.templates:
        try_templates(taken[0], order)
    chunks = split([one.item() for one in taken], CHUNK, "versions")
    decides = json.dumps([asdict(replace(order, blank=None)), str(order.blank), count], sort_keys=True)
    with Store(folder, fingerprint(decides)) as store:
        spool = str(Path(store.spool).resolve()) if isinstance(executor, Processes) else None
        work = partial(edited, order=order, count=count, spool=spool)
        summary = run(chunks, work, executor, store, progress)
        paper = _finish(order, store, chunks, set(wanted), complete=not summary.failures)
        if not summary.failures:
            store.finish()
    return Report(summary, tuple(wanted), paper, tuple(left_over(folder, wanted)))


def left_over(folder: Path, codes: Collection[str]) -> list[str]:
    """The files in a folder that are named as those of a version, but of none of these.

    >>> left_over(Path("no such folder"), ["K7Q2M"])
    []
    """
    found = {path.name: _OF_A_VERSION.fullmatch(path.name) for path in folder.glob("*-*.*")}
    return sorted(name for name, match in found.items() if match and match["code"] not in codes)


def _taken(order: Order, count: int, executor: Executor, progress: Progress) -> Iterator[Taken]:
    """The versions with their codes and draws, to the end of the last chunk or of what the sheet can give.

    A last chunk that is filled up makes a version the same whatever the number of versions.
    """
    filled = count if order.is_worksheet else -(-count // CHUNK) * CHUNK
    picks: dict[int, list[Pick]] = {}
    chunks = split(list(range(1, filled + 1)), CHUNK, "draws")
    with closing(executor.outcomes(partial(drawn, order=order), chunks, progress.warn)) as outcomes:
        for _, made in outcomes:
            for failure in made.failures:
                raise ProblemError(failure.message)
            for number, row in (made.record or {})["picks"]:
                picks[number] = [Pick(question, attempt, bytes.fromhex(data)) for question, attempt, data in row]
    sheet = sheet_from(order.text, order.seed)
    attempts = sheet.distinct([picks[number] for number in range(1, filled + 1)], count)
    for number, (code, row) in enumerate(zip(sheet.codes(len(attempts)), attempts, strict=True), 1):
        yield Taken(number, code, row)


def _finish(order: Order, store: Store, chunks: Sequence[Chunk], wanted: set[str], complete: bool) -> Paper:
    """Write the key, the regions and the print-ready PDF; what the exams have in common.

    Where it is not `complete`, the parts of the print-ready PDF stay for a later run.
    """
    if order.is_worksheet or next(_records(store, chunks, wanted), None) is None:
        return Paper()  # where nothing could be made, nothing is to be put together
    with store.open("key.json") as file:
        for piece in key.document(_head(order), (one["key"] for one in _records(store, chunks, wanted))):
            file.write(piece.encode())
    with store.open("key.csv") as file:
        file.write(key.csv_text([key.COLUMNS]).encode())
        for one in _records(store, chunks, wanted):
            file.write(key.csv_text(one["rows"]).encode())
    if "pdf" not in order.formats:
        return Paper()
    with store.open("regions.json") as file:
        for piece in regions_json((one["code"], one["regions"]) for one in _records(store, chunks, wanted)):
            file.write(piece.encode())
    parts = sorted(store.folder.glob(WHOLE.format("*")))
    with store.open("all-exams.pdf") as file:
        print_ready(parts, file, order.style.blank_pages, wanted)
    if complete:
        for part in parts:
            part.unlink()
        parts[0].parent.rmdir()
    return compared(sheet_from(order.text, order.seed), _records(store, chunks, wanted))


def compared(sheet: Sheet, records: Iterator[Mapping[str, Any]]) -> Paper:
    """How alike the exams are. Where the order of the questions differs, the boxes of each question are compared."""
    layout: Any = None
    known: dict[str, Sizes] = {}
    pages: set[int] = set()
    odd, unlike = [], set()
    for one in records:
        layout = one["layout"] if layout is None else layout
        own = sizes(one["regions"])
        others = {name for name, boxes in own.items() if not same_sizes(known.setdefault(name, boxes), boxes)}
        if others or (sheet.has_one_order and not same_layout(one["layout"], layout)):
            odd.append(one["code"])
        unlike |= others
        pages.add(one["pages"])
    places = [judge.question.place for judge in sheet.judges if judge.question.name in unlike]
    return Paper((min(pages), max(pages)), tuple(odd), tuple(places))


def _records(store: Store, chunks: Sequence[Chunk], wanted: set[str]) -> Iterator[Mapping[str, Any]]:
    """What each version recorded, one at a time in order."""
    for record in store.records(chunks):
        yield from (one for one in record["versions"] if one["code"] in wanted)


def _head(order: Order) -> dict[str, Any]:
    sheet = sheet_from(order.text, order.seed)
    file = sheet.file
    questions = [sheet.called[judge.question.name] for judge in sheet.judges]
    return {
        "title": file.title,
        "course": file.course,
        "date": str(file.date),
        "seed": file.seed,
        "questions": questions,
    }
