"""The command line: parse, call, print. It imports what it needs when it needs it."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from symconv.errors import OutputError, ProblemError, SymconvError

COMMANDS = (
    "sheets.command",
    "checking.command",
    "grading.command",
    "audit.command",
)  # modules that add commands: each sets `run`, which takes the options
FORMATS = ("pdf", "tex", "typ", "md", "json")


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
        allow_abbrev=False,
        description="Solve problem files, or one problem named by its operation.\n"
        'Every key of a problem file is an option too: --input "1 2; 3 4" --stride 2;\n'
        "lists are written as in TOML: --padding [1, 2].",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="examples:\n  symconv solve examples/strided.toml -o output --to pdf,md\n"
        '  symconv solve convolution --input "4 5 6; 7 8 9" --kernel "1; 1; 1" --padding full --to json -o -',
    )
    solve.add_argument(
        "problems", nargs="+", metavar="PROBLEM", help="problem files (TOML), or the name of an operation"
    )
    solve.add_argument(
        "-o",
        dest="output",
        default="output",
        metavar="DIR",
        help="folder to write to, or - for standard output (default: output)",
    )
    solve.add_argument(
        "--to", default="pdf,tex", metavar="FORMATS", help="any of pdf,tex,typ,md,json (default: pdf,tex)"
    )
    solve.add_argument(
        "--engine", default="auto", choices=("auto", "tex", "typst"), help="what makes the PDF (default: auto)"
    )
    solve.add_argument("--index-base", type=int, choices=(0, 1), help="where indices start on paper")
    solve.add_argument(
        "--worked",
        type=int,
        default=16,
        metavar="N",
        help="up to N windows are all shown in full, beyond it the first few and a table (default: 16)",
    )
    solve.add_argument("--full", action="store_true", help="show every window in full")
    commands.add_parser("operations", help="what there is, one line each")
    for module in COMMANDS:
        import_module(f"symconv.{module}").register(commands)
    return made


def run() -> None:
    """Be the process: `symconv` on a shell. It never returns.

    A run is short, so the garbage collector would mostly walk the modules of SymPy again and again, and taking them
    down at the end takes as long as solving a problem; both are left out (measured: a third of the whole run).
    """
    gc.set_threshold(200_000, 50, 50)
    try:
        status = main()
    except SystemExit as stop:  # argparse: --help is 0, a wrong option 2
        status = stop.code if isinstance(stop.code, int) else 2
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _options(words: Sequence[str]) -> argparse.Namespace:
    """What a command line says; the second file of `check` may stand behind options too, as argparse has it not."""
    grammar = parser()
    options, left = grammar.parse_known_args(words)
    if options.command == "check" and options.work is None and left and (left[0] == "-" or left[0][:1] != "-"):
        options.work = left.pop(0)
    if left:
        grammar.error(f"unrecognized arguments: {' '.join(left)}")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    words, keys = _split(list(sys.argv[1:] if arguments is None else arguments))
    options = _options(words)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file name that the terminal cannot show
    try:
        if "run" in options:
            status = int(options.run(options))
        else:
            status = operations() if options.command == "operations" else solve(options, _keys(keys))
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
    except KeyboardInterrupt as stop:
        print(f"error: interrupted{f'; {stop}' if str(stop) else ''}", file=sys.stderr)
        return 130


OPTIONS = ("--help", "--to", "--engine", "--index-base", "--worked", "--full")


def _split(words: list[str]) -> tuple[list[str], list[tuple[str, str | None]]]:
    """The words for argparse, and the keys of a problem given as `--key value` or `--key=value`."""
    rest: list[str] = words[:1]
    keys: list[tuple[str, str | None]] = []
    given = iter(words[1:])
    for word in given:
        name, equals, text = word.partition("=")
        if words[0] != "solve" or not name.startswith("--") or name in OPTIONS:
            rest.append(word)
        else:
            keys.append((name, text if equals else next(given, None)))
    return rest, keys


def _keys(given: Sequence[tuple[str, str | None]]) -> dict[str, Any]:
    """The keys of a problem by their names in a file."""
    keys: dict[str, Any] = {}
    for name, text in given:
        if text is None:
            raise ProblemError(f"{name} has no value; write one, such as {name} 2")
        key = name[2:].replace("-", "_")
        keys[key] = _value(key, text)
    return keys


def _report(error: SymconvError, name: str = "") -> int:
    where = f"{name}: " if name else ""
    print(f"error: {where}{' '.join(str(error).split())}", file=sys.stderr)
    if place := getattr(error, "place", ""):
        print(place, file=sys.stderr)
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


def solve(options: argparse.Namespace, keys: Mapping[str, Any]) -> int:
    """Solve every problem named; nothing is written when one of them is wrong."""
    formats = _formats(options)
    problems, status = [], 0
    for name, read in _problems(options, keys):
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
    from symconv.files import write_whole

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


def _problems(options: argparse.Namespace, keys: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Each problem's name, and a function that reads it."""
    from symconv.problem import Problem, find_operation, read_problem

    first = options.problems[0]
    as_file = Path(first).suffix == ".toml" or os.sep in first or Path(first).exists()
    based = {} if options.index_base is None else {"index_base": options.index_base}
    if as_file:
        return [(name, partial(read_problem, Path(name), {**keys, **based})) for name in options.problems]
    find_operation(first)
    if len(options.problems) > 1:
        raise ProblemError(f"{options.problems[1]!r} stands after an operation; give operands as options: --input")
    return [(first, partial(Problem, first, **keys, **({"notation": based} if based else {})))]


def _value(key: str, text: str) -> Any:
    """What an option's text means: a number, truth value, list or table as in TOML, otherwise the text itself."""
    import tomllib
    from decimal import Decimal

    if key in ("title", "text"):
        return text
    try:
        read = tomllib.loads(f"value = {text}", parse_float=Decimal)["value"]
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return text
    return read if isinstance(read, (bool, int, Decimal, list, dict)) else text


def _solution(problem: Any, options: argparse.Namespace) -> Any:
    from symconv.operations.base import Detail
    from symconv.solution import solve as solve_problem

    return solve_problem(problem, Detail(options.worked, options.full))


def _bytes(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode()
