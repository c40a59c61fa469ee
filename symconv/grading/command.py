"""`symconv grade`: a whole class against the key of its sheet. Parse, call, print."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from symconv.errors import OutputError, shown

FEEDBACK = ("html", "md", "pdf", "none")
WIDTH = 80
LONGEST = 32  # of what a question is called
MOST_SHOWN = 10  # rows that are left out, on the terminal; all are in rejected.csv


def register(commands: Any) -> None:
    """Add the command to the command line's grammar."""
    grade = commands.add_parser(
        "grade",
        help="mark a whole class: marks, feedback for each student, a summary",
        description="Mark the answers of a class against the key that `symconv sheet` wrote.\n"
        "Answers are a CSV file or JSON lines with code, student, label and value;\n"
        "a label is the number of a question (3, 3a), with a quantity behind it where\n"
        "one is meant: 3a size, 2 h[1,2].",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example:\n  symconv grade output/midterm/key.json examples/answers.csv -o output/marks",
    )
    grade.set_defaults(run=run)
    grade.add_argument("key", metavar="KEY", help="the key.json of the sheet")
    grade.add_argument("answers", metavar="ANSWERS", help="answers.csv, or answers.jsonl")
    grade.add_argument("-o", dest="output", default="output/marks", metavar="DIR", help="default: output/marks")
    grade.add_argument("--feedback", default="html", metavar="FORM", help="html, md, pdf or none (default: html)")
    grade.add_argument("--hide-right", action="store_true", help="feedback does not show the right values")
    grade.add_argument(
        "--points", metavar="M,S,A", help="what method, shape and arithmetic give (default: 0.6,0.1,0.3)"
    )
    grade.add_argument("--jobs", type=int, metavar="N", help="processes (default: one for each core)")
    grade.add_argument(
        "--progress", default="auto", choices=("auto", "json", "none"), help="a bar, JSON lines, or nothing"
    )


def run(options: argparse.Namespace) -> int:
    """Grade, report what was left out, and say where the marks are."""
    from symconv.checking.command import points_of
    from symconv.grading.run import Order, run_class
    from symconv.runs.executors import pick
    from symconv.runs.progress import pick as pick_progress

    if options.feedback not in FEEDBACK:
        raise OutputError(f"--feedback is {shown(options.feedback)}; known forms are {', '.join(FEEDBACK)}")
    order = Order(options.key, points_of(options.points), options.feedback, not options.hide_right)
    folder = Path(options.output)
    executor, progress = pick("local", options.jobs), pick_progress(options.progress, "papers")
    made = run_class(order, Path(options.answers), folder, executor, progress)
    for failure in made.run.failures:
        print(f"error: {printable(str(failure))}", file=sys.stderr)
    for row in made.rejected[:MOST_SHOWN]:
        print(f"{options.answers}: {printable(str(row))}", file=sys.stderr)
    if len(made.rejected) > MOST_SHOWN:
        print(f"{len(made.rejected) - MOST_SHOWN} more rows are left out; see rejected.csv", file=sys.stderr)
    summary = made.summary
    print(f"{folder}: {summary.in_words}")
    width = min(LONGEST, max((len(place) for place, _ in summary.in_order), default=0))
    for place, question in summary.in_order:
        line = f"  {clipped(printable(place), width):{width}}  {question.right:5} of {question.papers} right"
        for number, (name, times) in enumerate(question.most_common(2)):
            more = f"{',' if number else ' '} {name} {times}"
            line += more if len(line + more) <= WIDTH else ""
        print(line)
    return made.run.exit_status


def clipped(text: str, width: int) -> str:
    """A text of at most so many characters, with its end, which tells parts and namesakes apart.

    >>> clipped("A strided window over the padded input (2) b", 24)
    'A strided windo... (2) b'
    """
    return text if len(text) <= width else f"{text[: width - 9].rstrip()}...{text[-6:]}"


def printable(text: str) -> str:
    r"""A text of somebody's on a terminal: nothing in it moves the cursor.

    >>> printable("ada\x1b[2J")
    'ada?[2J'
    """
    return "".join(character if character.isprintable() else "?" for character in text)
