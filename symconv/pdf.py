"""PDF: the TeX engine on the PATH where there is one, the embedded Typst compiler otherwise.

TeX runs without shell escape, in a temporary folder, may read and write only there, and has a time limit. (With
lualatex, the last choice, that binds TeX but not Lua; what a person typed is escaped and reaches neither.)
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from symconv.errors import OutputError
from symconv.render import render, source_of
from symconv.solution import Solution

TEX_ENGINES = ("pdflatex", "xelatex", "lualatex")
SECONDS = 120  # for one run of a TeX engine
_ERROR = re.compile(r"^\./[^:\n]+:(\d+): (.+)", re.MULTILINE)


def tex_engine() -> str | None:
    """The first TeX engine on the PATH."""
    return next((engine for engine in TEX_ENGINES if shutil.which(engine)), None)


def to_pdf(solution: Solution, engine: str = "auto") -> bytes:
    """A solution as PDF. `engine` is "auto", "tex", "typst" or the name of a TeX engine."""
    if engine == "typst" or (engine == "auto" and tex_engine() is None):
        return typst_pdf(render(solution, "typ"))
    command = tex_engine() if engine in ("auto", "tex") else engine
    if command is None or shutil.which(command) is None:
        raise OutputError(f"the PDF engine {engine} is not installed; install TeX Live, or use --engine typst")
    try:
        return tex_pdf(render(solution, "tex"), command)
    except TexError as error:
        where = source_of(solution, "tex", error.line)
        raise OutputError(f"{command} stopped: {error.message} (line {error.line} of the .tex, from {where})") from None


class TexError(OutputError):
    """The first error of a TeX run, with the line of the source it was found at."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message, self.line = message, line


def tex_pdf(source: str, command: str) -> bytes:
    """Typeset a LaTeX source; the same source gives the same bytes."""
    with tempfile.TemporaryDirectory(prefix="symconv-") as folder:
        (Path(folder) / "solution.tex").write_text(source, encoding="utf-8")
        shut = {
            "openin_any": "p",  # paranoid: neither parent folders nor absolute paths
            "openout_any": "p",
            "shell_escape": "f",
            "TEXMFOUTPUT": folder,
            "SOURCE_DATE_EPOCH": "0",
            "FORCE_SOURCE_DATE": "1",
            "max_print_line": "1000",
        }
        options = ["-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "-file-line-error"]
        try:
            run = subprocess.run(  # noqa: S603  # the command is one of TEX_ENGINES or what the user named
                [command, *options, "solution.tex"],
                cwd=folder,
                env={**os.environ, **shut},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise OutputError(f"{command} did not finish in {SECONDS} seconds; use --engine typst") from None
        made = Path(folder) / "solution.pdf"
        if run.returncode == 0 and made.is_file():
            return made.read_bytes()
        log = run.stdout.decode("utf-8", errors="replace")
        found = _ERROR.search(log)
        if found:
            raise TexError(found[2].strip(), int(found[1]))
        last = next((line for line in log.splitlines() if line.startswith("!")), "it left no PDF and no error message")
        raise OutputError(f"{command} stopped: {last.lstrip('! ')}; use --engine typst")


def typst_pdf(source: str) -> bytes:
    """Compile a Typst source to PDF/UA-1; the same source gives the same bytes."""
    import typst

    with tempfile.TemporaryDirectory(prefix="symconv-") as folder:
        path = Path(folder) / "solution.typ"
        path.write_text(source, encoding="utf-8")
        try:
            return bytes(typst.compile(str(path), root=folder, ignore_system_fonts=True, pdf_standards=["ua-1"]) or b"")
        except typst.TypstError as error:
            raise OutputError(f"typst stopped: {error}") from None
