"""The commands about sheets: `symconv sheet`, `symconv stress`, `symconv schema`. Parse, call, print."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from symconv.errors import OutputError, ProblemError

CHUNK = 50  # versions drawn by one process at a time


def register(commands: Any) -> None:
    """Add the commands to the command line's grammar."""
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
    from symconv.sheet_file import schema as schema_of_sheets

    print(json.dumps(schema_of_sheets(), indent=2))
    return 0


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _run_stress(options: argparse.Namespace) -> int:
    """Draw, count, print."""
    from concurrent.futures import ProcessPoolExecutor

    from symconv.stress import lines
    from symconv.versions import Sheet

    if options.draws < 1:
        raise OutputError(f"--draws is {options.draws}; it must be at least 1")
    sheet = Sheet(_read(options.sheet))
    for warning in sheet.warnings():
        print(f"warning: {options.sheet}: {warning}", file=sys.stderr)
    chunks = [range(first, min(first + CHUNK, options.draws + 1)) for first in range(1, options.draws + 1, CHUNK)]
    jobs = min(options.jobs or cores(), len(chunks))
    tallies: list[Any] = []
    with ProcessPoolExecutor(jobs) as pool:
        try:
            for made in pool.map(_stress, [options.sheet] * len(chunks), chunks):
                for total, tally in zip(tallies, made, strict=False):
                    total.add(tally)
                tallies = tallies or made
        except ProblemError as error:
            raise ProblemError(f"{options.sheet}: {error}", error.place) from None
    print("\n".join(lines(tallies)))
    return 0


def _stress(path: str, versions: Sequence[int]) -> Any:
    from symconv.stress import stress as stressed

    return stressed(_read(path), versions)


def _read(path: str) -> Any:
    """A sheet file; its errors begin with its name."""
    from symconv.sheet_file import read_sheet

    try:
        return read_sheet(path)
    except ProblemError as error:
        raise ProblemError(f"{path}: {error}", error.place) from None
