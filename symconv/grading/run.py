"""A run over a class: grade papers in chunks, then write marks and summary. It knows no command line."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from symconv.checking.diagnosis import Points
from symconv.checking.report import number, percent
from symconv.errors import ProblemError, SymconvError
from symconv.grading.answer_table import AnswerTable, Paper, Rejected, read_rows
from symconv.grading.grade import Graded, Key, graded, record_of
from symconv.grading.summary import Summary, place_of
from symconv.render import reports, summary_page
from symconv.runs.batch import Summary as RunSummary
from symconv.runs.batch import run
from symconv.runs.chunk import Chunk, Executor, Failure, Made, split
from symconv.runs.progress import Progress
from symconv.runs.store import Store, fingerprint

CHUNK = 20  # papers that one process grades at a time
FEEDBACK = ("html", "md", "pdf", "none")


@dataclass(frozen=True)
class Order:
    """What is asked for: the key's file, how points are divided, the form of the feedback."""

    key: str
    points: Points
    feedback: str = "html"
    show_right: bool = True


@dataclass(frozen=True)
class Report:
    """What a run over a class left behind."""

    run: RunSummary
    summary: Summary
    rejected: tuple[Rejected, ...]


def run_class(order: Order, answers: Path, folder: Path, executor: Executor, progress: Progress) -> Report:
    """Grade every paper of a class. Raises ProblemError, OutputError; rows that cannot be graded are in the report."""
    key = Key(Path(order.key))
    table = AnswerTable()
    try:
        rejected = table.add(read_rows(answers))
    except OSError as error:
        raise ProblemError(f"{answers} cannot be read: {error.strerror}; check the name") from None
    if not len(table):
        why = rejected[0] if rejected else "write a line for each answer below the first one"
        raise ProblemError(f"{answers} has no answers that can be graded; {why}")
    known = set(key.codes)
    items = []
    for paper in table.papers():
        if paper.code in known:
            items.append(json.dumps([paper.student, paper.code, paper.values]))
        else:
            rejected += [Rejected(line, f"no version has the code {paper.code}") for _, _, line in paper.values]
    if not items:
        raise ProblemError(f"{answers} has no answers to this key; {rejected[0]}")
    for code in {json.loads(item)[1] for item in items}:
        key.version(code)  # what was changed by hand is told before anything is written
    chunks = split(items, CHUNK, "papers")
    decides = sha256(Path(order.key).read_bytes()).hexdigest()
    with Store(folder, fingerprint(decides, repr(order))) as store:
        done = run(chunks, partial(grade_chunk, order=order), executor, store, progress)
        summary = _finish(store, chunks, key, rejected)
        if not done.failures:
            store.finish()
    return Report(done, summary, tuple(sorted(rejected, key=lambda one: one.line)))


@lru_cache(maxsize=2)
def _key(path: str) -> Key:
    return Key(Path(path))


def grade_chunk(chunk: Chunk, order: Order) -> Made:
    """Grade the papers of a chunk: what a process of a run does."""
    key, files, records, failures = _key(order.key), {}, [], []
    for item in chunk.items:
        student, code, values = json.loads(str(item))
        paper = Paper(student, code, tuple(map(tuple, values)))
        version = key.version(code)
        assert version is not None  # noqa: S101  # other codes are left out before
        try:
            made = graded(paper, version, order.points, order.show_right)
            if order.feedback != "none":
                files[f"feedback/{file_name(student)}.{order.feedback}"] = _feedback(made, key, order)
        except SymconvError as error:
            failures.append(Failure(f"student {student}", str(error), error.exit_status))
            continue
        records.append(record_of(made))
    return Made(files, {"papers": records}, tuple(failures))


def file_name(student: str) -> str:
    """A file name for a student: letters and digits as they are, and a digest where anything else was left out.

    >>> file_name("ada-1"), file_name("../é").startswith("_-")
    ('ada-1', True)
    """
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", student)[:60]
    return plain if plain == student else f"{plain}-{sha256(student.encode()).hexdigest()[:8]}"


def _feedback(made: Graded, key: Key, order: Order) -> bytes:
    """What a student gets back."""
    title = f"{key.head.get('title') or 'Feedback'} – {made.student}"
    share = made.points / made.out_of if made.out_of else Fraction(0)
    summary = f"Version {made.code}. {number(made.points)} of {number(made.out_of)} points, {percent(share)}."
    each = [outcome.report for outcome in made.outcomes]
    if order.feedback != "pdf":
        return reports(each, title, summary, order.feedback).encode()
    from symconv.pdf import sheets_pdf

    return sheets_pdf(reports(each, title, summary, "typ"), None, 1)


def _finish(store: Store, chunks: Sequence[Chunk], key: Key, rejected: list[Rejected]) -> Summary:
    """Write the marks, the summary, and the rows that were left out."""
    summary = Summary(order=key.questions)
    for record in _papers(store, chunks):
        summary.add(record)
        rejected += [Rejected(line, reason) for line, reason in record["rejected"]]
    places = [place for place, _ in summary.in_order]
    with store.open("marks.csv") as file:
        file.write(_csv(["student", "code", *places, "points", "out of", "share"]))
        for record in _papers(store, chunks):
            got = {place_of(one): number(Fraction(one["points"])) for one in record["outcomes"]}
            points, out_of = Fraction(record["points"]), Fraction(record["out_of"])
            share = f"{float(points / out_of):.3f}" if out_of else ""
            row = [got.get(place, "") for place in places]
            file.write(_csv([record["student"], record["code"], *row, number(points), number(out_of), share]))
    if not summary.students:
        return summary
    store.write("summary.html", summary_page(summary, str(key.head.get("title") or "Class")).encode())
    store.write("summary.json", (json.dumps(_plain(summary), indent=2, ensure_ascii=False) + "\n").encode())
    lines = [_csv(["line", "reason"]), *(_csv([one.line, one.reason]) for one in sorted(rejected, key=_line))]
    store.write("rejected.csv", b"".join(lines))  # also where there are none: an earlier run may have left some
    return summary


def _line(one: Rejected) -> int:
    return one.line


def _csv(row: Sequence[Any]) -> bytes:
    made = io.StringIO()
    csv.writer(made, lineterminator="\n").writerow([_harmless(cell) for cell in row])
    return made.getvalue().encode()


def _harmless(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula: names and codes are what somebody typed."""
    is_text = isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t") and not re.fullmatch(r"-?[\d.]+", cell)
    return f"'{cell}" if is_text else cell


def _papers(store: Store, chunks: Sequence[Chunk]) -> Iterator[Mapping[str, Any]]:
    for record in store.records(chunks):
        yield from record["papers"]


def _plain(summary: Summary) -> dict[str, Any]:
    questions = [
        {
            "question": place,
            "title": one.title,
            "papers": one.papers,
            "share": round(one.share, 4),
            "status": dict(sorted(one.status.items())),
            "mistakes": dict(sorted(one.mistakes.items())),
            "others": dict(sorted(one.others.items())),
            "cannot_tell": dict(sorted(one.blind.items())),
        }
        for place, one in summary.in_order
    ]
    tenths = [summary.marks[tenth] for tenth in range(10)]
    return {"students": summary.students, "mean": summary.mean, "tenths": tenths, "questions": questions}
