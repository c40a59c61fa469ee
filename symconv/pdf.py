"""PDF: the TeX engine on the PATH where there is one, the embedded Typst compiler otherwise.

TeX runs without shell escape, in a temporary folder, may read and write only there, and has a time limit. (With
lualatex, the last choice, that binds TeX but not Lua; what a person typed is escaped and reaches neither.)
"""

from __future__ import annotations

import errno
import gzip
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from symconv.errors import OutputError, RoomError
from symconv.render import render, source_of
from symconv.solution import Solution
from symconv.templating.trace import origin, traced

TEX_ENGINES = ("pdflatex", "xelatex", "lualatex")
SECONDS = 120  # for one run of a TeX engine
SECONDS_PER_VERSION = 2.0  # on top of that in a run over many versions
LONG = 200_000  # characters of a Typst source that is worth the time to forget it
TYPST_REMEMBERS = 10  # documents
BEGIN = "\\begin{document}"
_VERSION = re.compile(r"^(?:%|//) (version .+)$")  # what a document of many versions says before each question
_TYPST_PLACE = re.compile(r"\.typ:(\d+):(\d+)")
_ERROR = re.compile(r"^\./[^:\n]+:(\d+): (.+)(?:\n(.*))?", re.MULTILINE)  # line, message, where it stopped reading
_MISSING = re.compile(r"^! LaTeX Error: (File `(.+)' not found\.)", re.MULTILINE)
_READ = re.compile(r"^l\.\d+ (?:\.\.\.)?(.*)", re.MULTILINE)  # what it had read of the line


def tex_engine() -> str | None:
    """The first TeX engine on the PATH."""
    return next((engine for engine in TEX_ENGINES if shutil.which(engine)), None)


def command_of(engine: str) -> str | None:
    """The program that `engine` stands for ("auto", "tex", "typst" or the name of a TeX engine); None is Typst.

    >>> command_of("typst") is None
    True
    """
    if engine == "typst" or (engine == "auto" and tex_engine() is None):
        return None
    command = tex_engine() if engine in ("auto", "tex") else engine
    if command is None or shutil.which(command) is None:
        raise OutputError(f"the PDF engine {engine} is not installed; install TeX Live, or use --engine typst")
    return command


def to_pdf(solution: Solution, engine: str = "auto") -> bytes:
    """A solution as PDF. `engine` is "auto", "tex", "typst" or the name of a TeX engine."""
    command = command_of(engine)
    if command is None:
        return typst_pdf(render(solution, "typ"))
    try:
        return tex_pdf(render(solution, "tex"), command)
    except EngineError as error:
        where = source_of(solution, "tex", error.line, error.before)
        raise OutputError(f"{error} (line {error.line} of the .tex, from {where})") from None


def sheets_pdf(
    source: str,
    command: str | None,
    versions: int,
    tagged: bool = False,
    again: Callable[[], str] | None = None,
) -> bytes:
    """Typeset a document of many versions in one run, by a TeX engine or (None) by Typst; `tagged` is PDF/UA-1.

    Raises OutputError that names the version and the question where the engine stopped, and the template and its line
    where `again` renders the source once more.
    """
    try:
        if command is None:
            return typst_pdf(source, ("ua-1",) if tagged else ())
        return tex_pdf(source, command, SECONDS + SECONDS_PER_VERSION * versions, dumped=versions > 1)
    except EngineError as error:
        where = f"line {error.line}"
        if again is not None:
            with traced():
                where += f", from {origin(again(), error.line, error.before)}"
        raise OutputError(f"{version_at(source, error.line)}: {error} ({where})") from None


def version_at(source: str, line: int) -> str:
    r"""The version, and the question of it, that a line of a document of many versions belongs to.

    >>> version_at("% version A\n% version A, question 1\nx\n", 3)
    'version A, question 1'
    """
    found = (_VERSION.match(text) for text in reversed(source.split("\n")[:line]))
    return next((match[1] for match in found if match), "before the first version")


class EngineError(OutputError):
    """The first error of a run, with the line of the source it was found at, and what stands there before it."""

    def __init__(self, engine: str, message: str, line: int, before: str = "") -> None:
        super().__init__(f"{engine} stopped: {message}")
        self.message, self.line, self.before = message, line, before


def tex_pdf(source: str, command: str, seconds: float | None = None, dumped: bool = False) -> bytes:
    """Typeset a LaTeX source; the same source gives the same bytes.

    With `dumped` the preamble is read once by this process and kept as TeX's own format: each further run with the
    same preamble starts in half the time. Only pdflatex takes that way.
    """
    seconds = SECONDS if seconds is None else seconds
    preamble, begin, body = source.partition(BEGIN)
    form = _format_of(preamble, command) if dumped and begin and command == "pdflatex" else None
    with _workplace() as folder:
        options = []
        if form is not None:
            (Path(folder) / "preamble.fmt").write_bytes(form)
            options = ["-fmt=preamble"]
            # lines keep their numbers; the trailer's identity is no part of a format
            source = "\n" * preamble.count("\n") + "\\pdftrailerid{}" + begin + body
        (Path(folder) / "solution.tex").write_text(source, encoding="utf-8")
        run = _run_tex(folder, [command, *options, "solution.tex"], seconds)
        made = Path(folder) / "solution.pdf"
        if run.returncode == 0 and made.is_file():
            return made.read_bytes()
        log = run.stdout.decode("utf-8", errors="replace")
        found = _ERROR.search(log)
        if found:
            raise _tex_error(command, source, log, found)
        if run.returncode == 0:
            raise OutputError(f"{command} stopped: the document has no page")
        last = next((line for line in log.splitlines() if line.startswith("!")), "it left no PDF and no error message")
        if last == "! Emergency stop.":  # at the end of the file
            raise OutputError(f"{command} stopped: the document has no \\end{{document}}")
        raise OutputError(f"{command} stopped: {last.lstrip('! ')}; use --engine typst")


def _tex_error(command: str, source: str, log: str, found: re.Match[str]) -> EngineError:
    """The error of a log: its message, with the name that was undefined, and how far its line was read."""
    line, message, name = int(found[1]), found[2].strip(), (found[3] or "").rpartition("\\")
    if message == "Undefined control sequence." and name[1]:
        message = f"Undefined control sequence \\{name[2].strip()}."
    missing = _MISSING.search(log, 0, found.start())
    if missing:  # TeX asks for another name, which nobody gives, and by then is lines further on
        lines = source.split("\n")
        line = next((at for at in range(line, 0, -1) if Path(missing[2]).stem in lines[at - 1]), line)
        return EngineError(command, missing[1], line, lines[line - 1].partition(Path(missing[2]).stem)[0])
    read = _READ.search(log, found.end(2))
    return EngineError(command, message, line, read[1] if read else "")


@contextmanager
def _workplace() -> Iterator[str]:
    """A temporary folder for an engine. Raises RoomError where the system refuses to write there."""
    try:
        with tempfile.TemporaryDirectory(prefix="symconv-") as folder:
            yield folder
    except OSError as error:
        where = f"the folder for temporary files{f', {tempfile.tempdir},' if tempfile.tempdir else ''}"
        better = "free some space there, or let TMPDIR name another folder"
        raise RoomError(f"{where} cannot be written: {error.strerror or error}; {better}") from None


def _run_tex(folder: str, words: Sequence[str], seconds: float) -> subprocess.CompletedProcess[bytes]:
    """Run a TeX engine in a folder, which is all that it may read and write."""
    shut = {
        "openin_any": "p",  # paranoid: neither parent folders nor absolute paths
        "openout_any": "p",
        "shell_escape": "f",
        "TEXMFOUTPUT": folder,
        "SOURCE_DATE_EPOCH": "0",
        "FORCE_SOURCE_DATE": "1",
        "max_print_line": "1000",
    }
    command, *rest = words
    options = ["-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "-file-line-error"]
    try:
        run = subprocess.run(  # noqa: S603  # the command is one of TEX_ENGINES or what the user named
            [command, *options, *rest],
            cwd=folder,
            env={**os.environ, **shut},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise OutputError(f"{command} did not finish in {seconds:.0f} seconds; use --engine typst") from None
    if run.returncode == -getattr(signal, "SIGXFSZ", 0):
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    if run.returncode and os.strerror(errno.ENOSPC).encode() in run.stdout + run.stderr:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return run


@lru_cache(maxsize=4)
def _format_of(preamble: str, command: str) -> bytes | None:
    """A preamble as a format of pdflatex, uncompressed, so that it is read fast; None where it cannot be dumped."""
    with _workplace() as folder:
        (Path(folder) / "preamble.tex").write_text(preamble + "\\dump\n", encoding="utf-8")
        run = _run_tex(folder, [command, "-ini", "&pdflatex", "preamble.tex"], SECONDS)
        made = Path(folder) / "preamble.fmt"
        if run.returncode != 0 or not made.is_file():
            return None
        content = made.read_bytes()
        return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content


def _forget(folder: str) -> None:
    """Let go of what Typst remembers of the documents before, which for one of many versions is some 400 MB.

    It remembers what one of its last ten documents needed, and that cannot be set; so that many empty ones follow.
    """
    import typst

    path = Path(folder) / "empty.typ"
    path.touch()
    for _ in range(TYPST_REMEMBERS + 1):
        typst.compile(str(path), root=folder, ignore_system_fonts=True)


def typst_pdf(source: str, standards: Sequence[Any] = ("ua-1",)) -> bytes:
    """Compile a Typst source, to PDF/UA-1 unless told otherwise; the same source gives the same bytes."""
    import typst

    with _workplace() as folder:
        path = Path(folder) / "solution.typ"
        path.write_text(source, encoding="utf-8")
        try:
            made = typst.compile(str(path), root=folder, ignore_system_fonts=True, pdf_standards=[*standards])
            if len(source) > LONG:
                _forget(folder)
            return bytes(made or b"")
        except typst.TypstError as error:
            places = _TYPST_PLACE.findall(error.diagnostic)  # of a function, then of where it was called
            line, column = max(((int(line), int(column)) for line, column in places), default=(0, 0))
            before = source.split("\n")[line - 1][:column] if line else ""
            raise EngineError("typst", str(error).replace(f"{folder}/", ""), line, before) from None
