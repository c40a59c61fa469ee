"""The command line: parse, call, print. It imports what it needs when it needs it."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from symconv.errors import OutputError, ProblemError, SymconvError

FORMATS = ("pdf", "tex", "typ", "md", "json")
# Keys of a problem file that are options too; every operation picks the ones it knows.
KEYS = (
    "input", "kernel", "stride", "padding", "padding_mode", "dilation", "bias", "groups", "output_padding",
    "order", "matrix_of", "dims", "ask", "title", "text", "limit",
)  # fmt: skip


class _Parser(argparse.ArgumentParser):
    """argparse with the project's form of an error: one line."""

    def error(self, message: str) -> Any:
        self.exit(2, f"error: {message} (try symconv --help)\n")


def parser() -> argparse.ArgumentParser:
    """The command line's grammar."""
    made = _Parser(
        prog="symconv",
        description="Worked solutions for convolution arithmetic, every displayed equality verified.",
    )
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    solve = commands.add_parser(
        "solve",
        help="solve problem files, or one problem given by options",
        description="Solve problem files, or one problem named by its operation and given by options.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog='examples:\n  symconv solve examples/strided.toml -o output --to pdf,md\n'
        '  symconv solve convolution --input "4 5 6; 7 8 9" --kernel "1; 1; 1" --padding full --to json -o -',
    )
    solve.add_argument("problems", nargs="+", metavar="PROBLEM", help="problem files (TOML), or the name of an operation")
    solve.add_argument("-o", "--output", default="output", metavar="DIR", help="folder to write to, or - for standard output (default: output)")
    solve.add_argument("--to", default="pdf,tex", metavar="FORMATS", help="any of pdf,tex,typ,md,json (default: pdf,tex)")
    solve.add_argument("--engine", default="auto", choices=("auto", "tex", "typst"), help="what makes the PDF (default: auto)")
    solve.add_argument("--index-base", type=int, choices=(0, 1), help="where indices start on paper")
    solve.add_argument("--worked", type=int, default=16, metavar="N", help="up to N windows are all shown in full, beyond it the first few and a table (default: 16)")
    solve.add_argument("--full", action="store_true", help="show every window in full")
    group = solve.add_argument_group("keys of a problem file", "a matrix is text such as \"1 2; 3 4\"; lists are written as in TOML, such as [1, 2]")
    for key in KEYS:
        group.add_argument(f"--{key.replace('_', '-')}", metavar="VALUE", help=argparse.SUPPRESS if key in ("title", "text") else None)
    commands.add_parser("operations", help="what there is, one line each")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    options = parser().parse_args(arguments)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file name that the terminal cannot show
    try:
        status = operations() if options.command == "operations" else solve(options)
        sys.stdout.flush()
        return status
    except SymconvError as error:
        return _report(error)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _report(OutputError(f"standard output cannot be written: {error.strerror}"))
    except KeyboardInterrupt:
        print("error: interrupted", file=sys.stderr)
        return 130


def _report(error: SymconvError, name: str = "") -> int:
    where = f"{name}: " if name else ""
    print(f"error: {where}{' '.join(str(error).split())}", file=sys.stderr)
    if isinstance(error, ProblemError) and error.place:
        print(error.place, file=sys.stderr)
    return error.exit_status


def operations() -> int:
    """List the operations."""
    from symconv.operations import OPERATIONS

    width = max(len(operation.name) for operation in OPERATIONS)
    for operation in OPERATIONS:
        print(f"{operation.name:{width}}  {operation.summary}")
    print("\nFor example:")
    for operation in OPERATIONS:
        print(f"  {operation.example}")
    return 0


def solve(options: argparse.Namespace) -> int:
    """Solve every problem named; nothing is written when one of them is wrong."""
    formats = _formats(options)
    problems, status = [], 0
    for name, read in _problems(options):
        try:
            problems.append((name, read()))
        except SymconvError as error:
            status = max(status, _report(error, name))
    if status:
        return status
    made: dict[Path, bytes] = {}
    claims: dict[Path, int] = {}
    for name, problem in problems:
        try:
            solution = _solution(problem, options)
            for form in formats:
                path = Path(options.output) / f"{Path(name).stem}.{form}"
                if path in made:
                    raise OutputError(f"{path} would be written twice; rename one of the problem files")
                made[path], claims[path] = _bytes(solution.to(form, options.engine)), solution.claims
        except SymconvError as error:
            status = max(status, _report(error, name))
    if status:
        return status
    if options.output == "-":
        sys.stdout.buffer.write(*made.values())
        return 0
    for path, content in made.items():
        write_whole(path, content)
    for path in made:
        print(f"{path}: {claims[path]} equalities verified")
    return 0


def _formats(options: argparse.Namespace) -> list[str]:
    formats = list(dict.fromkeys(part.strip() for part in options.to.split(",")))
    for part in formats:
        if part not in FORMATS:
            raise OutputError(f"--to has {part!r}; known formats are {', '.join(FORMATS)}")
    if options.output == "-" and (len(formats) > 1 or len(options.problems) > 1):
        raise OutputError("-o - writes one document; give one problem and one format, such as --to json")
    if options.worked < 0:
        raise OutputError(f"--worked is {options.worked}; it must be at least 0")
    return formats


def _problems(options: argparse.Namespace) -> list[tuple[str, Any]]:
    """Each problem's name, and a function that reads it."""
    from symconv.problem import Problem, find_operation, read_problem

    given = {key: value for key in KEYS if (value := getattr(options, key)) is not None}
    first = options.problems[0]
    as_file = Path(first).suffix == ".toml" or os.sep in first or Path(first).exists()
    if not as_file:
        if len(options.problems) > 1:
            raise ProblemError(f"{options.problems[1]!r} stands after an operation; give its operands by options such as --input")
        find_operation(first)
        keys: dict[str, Any] = {key: _value(key, text) for key, text in given.items()}
        if options.index_base is not None:
            keys["notation"] = {"index_base": options.index_base}
        return [(first, lambda: Problem(first, **keys))]
    extra: dict[str, Any] = {key: _value(key, text) for key, text in given.items()}
    if options.index_base is not None:
        extra["index_base"] = options.index_base
    return [(name, lambda name=name: read_problem(Path(name), extra)) for name in options.problems]


def _value(key: str, text: str) -> Any:
    """What an option's text means: a TOML value where it is one, otherwise the text itself (a matrix, a word)."""
    import tomllib
    from decimal import Decimal

    if key in ("title", "text"):
        return text
    if key in ("input", "kernel") and not text.lstrip().startswith(("[", "{")):
        return text
    try:
        return tomllib.loads(f"value = {text}", parse_float=Decimal)["value"]
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return text


def _solution(problem: Any, options: argparse.Namespace) -> Any:
    from symconv.operations.base import Detail
    from symconv.solution import solve as solve_problem

    return solve_problem(problem, Detail(options.worked, options.full))


def _bytes(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it appears whole or not at all. Raises OutputError."""
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            file.write(content)
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise OutputError(f"{path} cannot be written: {error.strerror}; choose another folder with -o") from None
