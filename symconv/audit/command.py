"""The subcommand `symconv audit`: its options, what it reads and prints, and how it ends."""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path
from typing import Any

from symconv.errors import OutputError, ProblemError

FORMATS = ("text", "json")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")  # what no text has many of
_SAMPLE, _MOST_CONTROL = 8_000, 20  # bytes that are looked at, and one in how many may be such a byte
_FORMS = {".tex": "tex", ".ltx": "tex", ".latex": "tex", ".md": "md", ".markdown": "md"}


def register(commands: Any) -> None:
    """Add the command to the command line's grammar."""
    audit = commands.add_parser(
        "audit",
        help="check every equality in LaTeX or Markdown notes",
        allow_abbrev=False,
        description="Evaluate every chain of equals in LaTeX or Markdown notes: sums of products,\n"
        "fractions, floors, matrices with their products and transposes, labels defined\n"
        "once and used later. What does not hold is reported by line; what cannot be\n"
        "evaluated is counted, and never called wrong.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="The exit status is 0 when nothing is wrong, 1 when something is, 2 when a file\n"
        "cannot be read.\n\n"
        "examples:\n  symconv audit examples/notes.tex\n  symconv audit notes.md --list\n"
        "  symconv audit lecture3.tex --problem strided.toml --to json",
    )
    audit.set_defaults(run=run)
    audit.add_argument("notes", nargs="+", metavar="NOTES", help="LaTeX (.tex) or Markdown (.md) files")
    audit.add_argument(
        "--problem",
        metavar="PROBLEM.toml",
        help="also compare every labelled quantity (h_{11}, H_0, C) with the solution of this problem",
    )
    audit.add_argument("--list", action="store_true", help="show what could not be evaluated, and why; what is rounded")
    audit.add_argument(
        "--to", default="text", metavar="FORMATS", help="text, json, or both one after the other (default: text)"
    )


def run(options: argparse.Namespace) -> int:
    """Audit the files and print the report; the exit status is 1 where something does not hold."""
    from symconv.audit import report as audit_report
    from symconv.audit.notes import audit

    formats = list(dict.fromkeys(part.strip() for part in options.to.split(",")))
    for part in formats:
        if part not in FORMATS:
            raise OutputError(f"--to has {part!r}; known formats are {', '.join(FORMATS)}")
    texts = [(name, read(name)) for name in options.notes]
    expected = _expected(options.problem) if options.problem else None
    audits = [(name, audit(text, form(name, text), expected)) for name, text in texts]
    if "text" in formats:
        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        for name, findings in audits:
            sys.stdout.write(audit_report.text(name, findings, options.list, colour))
    if "json" in formats:
        sys.stdout.write(audit_report.to_json(audits))
    return int(any(finding.status == "wrong" for _, findings in audits for finding in findings))


def read(name: str) -> str:
    """The text of a file with plain line ends; bytes that are no UTF-8 become a mark. Raises ProblemError."""
    from symconv.audit.notes import MOST_TEXT

    try:
        with Path(name).open("rb") as file:
            content = file.read(4 * MOST_TEXT + 1)
    except IsADirectoryError:
        raise ProblemError(f"{name} is a folder; give a LaTeX or Markdown file") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ProblemError(f"{name} cannot be read: {reason}; check the name and the permissions") from None
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    control = _CONTROL.findall(content, 0, _SAMPLE)
    if not wide and len(control) * _MOST_CONTROL > min(len(content), _SAMPLE):
        raise ProblemError(f"{name} is no text but something else; give LaTeX or Markdown, saved as UTF-8")
    text = content.decode("utf-16" if wide else "utf-8-sig", errors="replace")
    if not text.strip():
        raise ProblemError(f"{name}: there is nothing in it; give notes with formulas")
    if len(text) > MOST_TEXT:
        raise ProblemError(f"{name} is longer than {MOST_TEXT:,} characters; split it")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def form(name: str, text: str) -> Any:
    r"""Whether a file is LaTeX or Markdown: by its ending, otherwise by what is in it.

    >>> form("notes.md", ""), form("notes.txt", "\\section{One}")
    ('md', 'tex')
    """
    known = _FORMS.get(Path(name).suffix.lower())
    return known or ("tex" if any(sign in text for sign in (r"\begin{", r"\section", r"\documentclass")) else "md")


def _expected(name: str) -> Any:
    from symconv.audit.quantities import expected
    from symconv.problem import read_problem
    from symconv.solution import solve

    try:
        return expected(solve(read_problem(name)))
    except ProblemError as error:
        raise ProblemError(f"{name}: {error}", error.place) from None
