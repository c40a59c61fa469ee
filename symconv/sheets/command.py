"""The commands about sheets: `symconv sheet`, `symconv stress`, `symconv schema`. Parse, call, print."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symconv.errors import OutputError, ProblemError, shown

if TYPE_CHECKING:
    from symconv.sheets.run import Report

FORMATS = ("pdf", "tex", "typ", "md", "json")
MOST_VERSIONS = 100_000
MOST_DRAWS = 1_000_000
MOST_JOBS = 1000
MOST_NAMED = 5  # versions in a warning


def register(commands: Any) -> None:
    """Add the commands to the command line's grammar."""
    sheet = commands.add_parser(
        "sheet",
        help="exams or worksheets: many versions, with solutions and key",
        description="Make versions of a sheet: exams with solutions and key, or worksheets with blanks.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="examples:\n  symconv sheet examples/midterm.toml --versions 120 -o output/midterm\n"
        "  symconv sheet examples/practice.toml --worksheet --blank 0.6",
    )
    sheet.set_defaults(run=_run_sheet)
    sheet.add_argument("sheet", metavar="SHEET", help="a sheet file (TOML)")
    sheet.add_argument("-o", dest="output", metavar="DIR", help="folder to write to (default: output/ and its name)")
    sheet.add_argument("--versions", type=int, metavar="N", help="how many (default: what the file says)")
    sheet.add_argument("--seed", help="another seed than the file's")
    sheet.add_argument("--to", default="pdf", metavar="FORMATS", help="any of pdf,tex,typ,md,json (default: pdf)")
    sheet.add_argument(
        "--engine", default="auto", choices=("auto", "tex", "typst"), help="what makes the PDF (default: auto)"
    )
    sheet.add_argument("--full", action="store_true", help="solutions with every method and check")
    paper = sheet.add_argument_group("paper")
    paper.add_argument("--large-print", action="store_true", help="18 pt type")
    paper.add_argument("--accessible", action="store_true", help="besides, each exam as tagged PDF/UA-1")
    paper.add_argument("--cover-page", action="store_true", help="the cover on a page of its own")
    paper.add_argument("--duplex", action="store_true", help="blank pages, so that each exam begins on a front")
    paper.add_argument("--templates", metavar="DIR", help="a folder of templates that override blocks of ours")
    work = sheet.add_argument_group("worksheets")
    work.add_argument("--worksheet", action="store_true", help="worked solutions with blanks instead of exams")
    work.add_argument(
        "--blank", metavar="SHARE", help="how much is hidden, 0 to 1 (default: fading from nothing to everything)"
    )
    work.add_argument("--hints", action="store_true", help="a hint below steps that have blanks")
    scale = sheet.add_argument_group("scale")
    scale.add_argument("--jobs", type=int, metavar="N", help="processes (default: one for each core)")
    scale.add_argument("--executor", default="local", choices=("local", "dask"), help="who does the work")
    scale.add_argument("--scheduler", metavar="ADDRESS", help="of a running Dask cluster, such as tcp://host:8786")
    scale.add_argument(
        "--progress", default="auto", choices=("auto", "json", "none"), help="a bar, JSON lines, or nothing"
    )
    stress = commands.add_parser(
        "stress",
        help="draw a sheet many times, without paper: is every draw sound?",
        description="Draw a sheet many times, without paper, and say how often a draw was refused and why.",
    )
    stress.set_defaults(run=_run_stress)
    stress.add_argument("sheet", metavar="SHEET", help="a sheet file (TOML)")
    stress.add_argument("--draws", type=int, default=200, metavar="N", help="versions to draw (default: 200)")
    stress.add_argument("--jobs", type=int, metavar="N", help="processes (default: one for each core)")
    schema = commands.add_parser("schema", help="the JSON Schema of a sheet file, for editors")
    schema.set_defaults(run=_run_schema)


def _run_schema(options: argparse.Namespace) -> int:
    """Print the JSON Schema of a sheet file."""
    del options
    from symconv.sheets.file import schema as schema_of_sheets

    print(json.dumps(schema_of_sheets(), indent=2))
    return 0


def _run_sheet(options: argparse.Namespace) -> int:
    """Make a sheet's versions and say what was made."""
    from symconv.runs.executors import pick

    # first of all: while its processes import what they need, this one does too
    executor = pick(options.executor, options.jobs, options.scheduler, ("symconv.sheets.edition", "symconv.algebra"))
    from symconv.runs.progress import pick as pick_progress
    from symconv.sheets.edition import Order
    from symconv.sheets.paper import LARGE, NORMAL, Style
    from symconv.sheets.run import run_sheet
    from symconv.templating.own import read_templates

    text = _text(options.sheet)
    file = _sheet(options.sheet, text, options.seed).file
    formats = _formats(options.to, FORMATS[:-1] if options.worksheet else FORMATS)
    count = file.versions if options.versions is None else options.versions
    if not 1 <= count <= MOST_VERSIONS:
        raise OutputError(f"--versions is {shown(count)}; it must be between 1 and {MOST_VERSIONS:,}")
    if not options.worksheet and (options.blank is not None or options.hints):
        raise OutputError("--blank and --hints are for worksheets; add --worksheet")
    if options.worksheet and (unused := [name for name, wanted in _of_exams(options) if wanted]):
        verb, them = ("is", "it") if len(unused) == 1 else ("are", "them")
        raise OutputError(f"{' and '.join(unused)} {verb} for exams; leave {them} out, or --worksheet")
    style = Style(LARGE if options.large_print else NORMAL, options.duplex, cover_page=options.cover_page)
    templates = () if options.templates is None else read_templates(Path(options.templates))
    order = Order(
        text, style, options.engine, formats, options.accessible, options.worksheet,
        _share(options.blank), options.hints, seed=options.seed, full=options.full, templates=templates,
    )  # fmt: skip
    if options.output == "-":
        raise OutputError("-o is -, but a sheet makes many files; give a folder")
    folder = Path(options.output or Path("output") / Path(options.sheet).stem)
    progress = pick_progress(options.progress, "versions")
    try:
        report = run_sheet(order, count, folder, executor, progress)
    except ProblemError as error:
        raise ProblemError(f"{options.sheet}: {error}", error.place) from None
    for failure in report.summary.failures:
        print(f"error: {failure}", file=sys.stderr)
    if report.others:
        print(f"warning: {folder} also has {left_behind(report)}", file=sys.stderr)
    if report.paper.odd:
        print(f"warning: {unlike(report)}", file=sys.stderr)
    if any(not failure.item.startswith("version ") for failure in report.summary.failures):
        print(f"{folder}: not finished; what is wrong stands above")
        return report.summary.exit_status
    made = len(report.codes) - len(report.summary.failures)
    what = "worksheets" if options.worksheet else "exams with solutions and key"
    print(f"{folder}: {made} {what}{_pages(report.paper.pages)}")
    return report.summary.exit_status


def _of_exams(options: argparse.Namespace) -> tuple[tuple[str, bool], ...]:
    """The options that change nothing in a worksheet, and whether they are given."""
    return (
        ("--large-print", options.large_print),
        ("--accessible", options.accessible),
        ("--cover-page", options.cover_page),
        ("--duplex", options.duplex),
    )


def left_behind(report: Report) -> str:
    """What lies in the folder from other runs, and what to do about it, in a line."""
    others = report.others
    files = "a file" if len(others) == 1 else f"{len(others):,} files"
    named = others[0] if len(others) == 1 else f"{others[0]}, ..."
    return f"{files} of versions that are not of this run ({named}); remove what is old, or choose another folder"


def unlike(report: Report) -> str:
    """Which versions are laid out otherwise than the first, why, and what helps, in one line."""
    odd, places = report.paper.odd, report.paper.unlike
    named = ", ".join(odd[:MOST_NAMED]) + (", ..." if len(odd) > MOST_NAMED else "")
    why = f"the answer boxes of {', '.join(places)} differ in size" if places else "a text above an answer is longer"
    return (
        f"laid out otherwise than the first: {len(odd)} of {len(report.codes)} versions ({named}); {why}, as a "
        "parameter drawn from one_of can make it; regions.json has the boxes of each version"
    )


def _pages(pages: tuple[int, int] | None) -> str:
    """How many pages each exam has."""
    if pages is None:
        return ""
    least, most = pages
    return f", {least} to {most} pages each" if least != most else f", {most} page{'' if most == 1 else 's'} each"


def _share(text: str | None) -> Fraction | None:
    """The share of a worksheet that is blank."""
    if text is None:
        return None
    try:
        share = Fraction(text if len(text) <= 20 and "e" not in text.lower() else "-1")  # 1e-99999999 takes for ever
    except (ValueError, ZeroDivisionError):
        share = Fraction(-1)
    if not 0 <= share <= 1:
        raise OutputError(f"--blank is {shown(text)}; it must be a number from 0 to 1, such as 0.6")
    return share


def _formats(text: str, known: Sequence[str]) -> tuple[str, ...]:
    formats = tuple(dict.fromkeys(part.strip() for part in text.split(",")))
    for part in formats:
        if part not in known:
            raise OutputError(f"--to has {part!r}; known formats are {', '.join(known)}")
    return formats


def _sheet(path: str, text: str, seed: str | None = None) -> Any:
    """A sheet that can be drawn, after its warnings; its errors begin with the name of its file."""
    from symconv.sheets.versions import sheet_from

    try:
        sheet = sheet_from(text, seed)
        for warning in sheet.warnings():
            print(f"warning: {path}: {warning}", file=sys.stderr)
    except ProblemError as error:
        raise ProblemError(f"{path}: {error}", error.place) from None
    return sheet


def _run_stress(options: argparse.Namespace) -> int:
    """Draw, count, print."""
    from symconv.runs.executors import cores, pick
    from symconv.sheets.stress import CHUNK, lines, stress

    if not 1 <= options.draws <= MOST_DRAWS:
        raise OutputError(f"--draws is {shown(options.draws)}; it must be between 1 and {MOST_DRAWS:,}")
    if options.jobs is not None and not 1 <= options.jobs <= MOST_JOBS:
        raise OutputError(f"--jobs is {shown(options.jobs)}; it must be between 1 and {MOST_JOBS}")
    executor = pick(jobs=min(options.jobs or cores(), -(-options.draws // CHUNK)), needs=("symconv.sheets.versions",))
    text = _text(options.sheet)
    _sheet(options.sheet, text)
    try:
        tallies = stress(text, options.draws, executor, lambda line: print(line, file=sys.stderr))
    except ProblemError as error:
        raise ProblemError(f"{options.sheet}: {error}", error.place) from None
    print("\n".join(lines(tallies)))
    return 0


def _text(path: str) -> str:
    """The text of a sheet file; the error begins with its name."""
    from symconv.sheets.file import text_of

    try:
        return text_of(path)
    except ProblemError as error:
        raise ProblemError(f"{path}: {error}") from None
