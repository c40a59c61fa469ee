"""`symconv check`: is a hand calculation right, and if not, what happened. Parse, call, print."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import nullcontext
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

from symconv.errors import AnswerError, OutputError, ProblemError, shown

MOST_BYTES = 8_000_000
MOST_LISTED = 8  # labels in a message
FORMATS = ("text", "json", "html", "md", "tex", "pdf")


def register(commands: Any) -> None:
    """Add the command to the command line's grammar."""
    check = commands.add_parser(
        "check",
        help="check a hand calculation: right or wrong, where, and why",
        description="Check a hand calculation against a problem. Exit status: 0 all right, 1 something is wrong,\n"
        "2 the input cannot be read.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog='examples:\n  symconv check examples/strided.toml --answer "52 54; 52 45"\n'
        "  symconv check examples/strided.toml work.tex --to html -o report.html",
    )
    check.set_defaults(run=run)
    check.add_argument("problem", metavar="PROBLEM", help="a problem file (TOML)")
    check.add_argument("work", nargs="?", metavar="WORK", help="what was handed in (.toml .json .txt .tex .md), or -")
    check.add_argument("--answer", metavar="VALUE", help="the final answer alone, such as '52 54; 52 54'")
    check.add_argument(
        "--to", default="text", metavar="FORMAT", help="text, json, html, md, tex or pdf (default: text)"
    )
    check.add_argument("-o", dest="output", metavar="FILE", help="write the report to a file (a PDF must go to one)")
    check.add_argument("--hide-right", action="store_true", help="do not show the right values")
    check.add_argument(
        "--points", metavar="M,S,A", help="what method, shape and arithmetic give (default: 0.6,0.1,0.3)"
    )


def run(options: argparse.Namespace) -> int:
    """Check, report, and say by the exit status whether all is right."""
    if options.to not in FORMATS:
        raise OutputError(f"--to is {shown(options.to)}; known formats are {', '.join(FORMATS)}")
    if options.to == "pdf" and options.output is None:
        raise OutputError("a PDF goes to a file; add -o report.pdf")
    if (options.work is None) == (options.answer is None):
        raise ProblemError("give either a file with the work, or --answer with the final answer")
    points = points_of(options.points)
    problem = _problem(options.problem)
    work = _work(options)

    from symconv.checking.check import checked
    from symconv.checking.diagnose import Checker

    checker = Checker(problem)
    made = checked(checker, work, points)
    if not made.diagnosis.verdicts:
        return _nothing(made, checker, options)
    content = _rendered(made, problem, options)
    if options.output is None:
        sys.stdout.write(content.decode())
    else:
        from symconv.files import write_whole

        write_whole(Path(options.output), content)
        print(options.output)
    return 0 if made.is_right else 1


def _nothing(made: Any, checker: Any, options: argparse.Namespace) -> int:
    """Say why there is nothing to check."""
    where = options.work or "--answer"
    if made.unread:
        error = made.unread[0].error
        raise AnswerError(f"{where}: {error}", error.text, error.offset)
    names = ", ".join(one.label or one.text for one in made.unmatched[:3])
    if names:
        known = ", ".join(islice(filter(checker.knows, checker.labels), MOST_LISTED))
        raise AnswerError(
            f"{where}: nothing of this belongs to the problem: {names}; name answers as the solution does: {known}"
        )
    raise AnswerError(f"{where}: there is no answer in it; write lines such as h[1,2] = 54")


def points_of(text: str | None) -> Any:
    """How a point is divided, from what stands behind --points."""
    from symconv.checking.diagnosis import Points

    if text is None:
        return Points()
    parts = text.split(",")
    try:
        shares = [Fraction(part) for part in parts if len(part) <= 20 and "e" not in part.lower()]
    except (ValueError, ZeroDivisionError):
        shares = []
    if len(shares) != 3 or len(parts) != 3 or min(shares) < 0 or not sum(shares):
        raise OutputError(f"--points is {shown(text)}; write three numbers, method, shape, arithmetic: 0.6,0.1,0.3")
    return Points(*shares)


def _problem(path: str) -> Any:
    from symconv.problem import read_problem

    try:
        return read_problem(path)
    except ProblemError as error:
        raise ProblemError(f"{path}: {error}", error.place) from None


def _work(options: argparse.Namespace) -> Any:
    from symconv.answers import guess_form, read_lone, read_work

    if options.answer is not None:
        return (read_lone(options.answer),)
    try:
        with nullcontext(sys.stdin.buffer) if options.work == "-" else Path(options.work).open("rb") as file:
            content = file.read(MOST_BYTES)  # as much as is refused for its length; a device has no end
    except OSError as error:
        raise ProblemError(f"{options.work} cannot be read: {error.strerror}; check the name") from None
    form = guess_form(options.work, content.decode("utf-8", errors="replace"))
    try:
        return read_work(content, form)
    except AnswerError as error:
        raise AnswerError(f"{options.work}: {error}", error.text, error.offset) from None


def _rendered(made: Any, problem: Any, options: argparse.Namespace) -> bytes:
    """The report in the form asked for."""
    from symconv.checking.report import as_json, as_text, report

    if options.to == "json":
        return (json.dumps(as_json(made, not options.hide_right), indent=2, ensure_ascii=False) + "\n").encode()
    title = problem.title.strip() or Path(options.problem).stem
    arranged = report(made, title, show_right=not options.hide_right)
    if options.to == "text":
        return as_text(arranged).encode()
    from symconv.render import reports

    if options.to == "pdf":
        from symconv.pdf import command_of, sheets_pdf

        command = command_of("auto")
        source = reports([arranged], title, arranged.summary, "typ" if command is None else "tex")
        return sheets_pdf(source, command, 1)
    return reports([arranged], title, arranged.summary, options.to).encode()
