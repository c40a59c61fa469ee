"""Every produced .tex and .typ compiles, fits its page and can be read back; TeX is shut in its folder."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from conftest import TEX_PACKAGES, Reader, need, solution_of
from jinja2 import ChoiceLoader, DictLoader
from pypdf import PdfReader

from symconv import pdf
from symconv.errors import OutputError
from symconv.pdf import EngineError, tex_pdf, typst_pdf
from symconv.problem import Problem
from symconv.solution import Solution, solve
from symconv.templating.environment import environment, our_environment
from symconv.typeset.printer import Printer
from symconv.typeset.spoken import SPOKEN

MOST_OVERFULL = 10.0  # points
MARGIN = 25 / 25.4 * 72
A4 = (595.28, 841.89)
STAMP = {"SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1", "max_print_line": "1000"}


def run_tex(source: str, folder: Path, command: str) -> tuple[bytes, str]:
    """Run an engine as a person would, on a file in a folder; the PDF and the log."""
    (folder / "solution.tex").write_text(source, encoding="utf-8")
    options = ["-interaction=nonstopmode", "-halt-on-error"]
    run = subprocess.run(  # a TeX engine
        [command, *options, "solution.tex"], cwd=folder, env={**os.environ, **STAMP}, capture_output=True, check=False
    )
    log = (folder / "solution.log").read_text(encoding="utf-8", errors="replace")
    assert run.returncode == 0, log[-2000:]
    return (folder / "solution.pdf").read_bytes(), log


def rows(answer: Any) -> Iterator[list[Any]]:
    """The innermost lists of an answer."""
    if not isinstance(answer, list):
        yield [answer]
    elif answer and isinstance(answer[0], list):
        for part in answer:
            yield from rows(part)
    else:
        yield answer


def assert_shows(text: str, solution: Solution) -> None:
    """Assert that the answer stands on the page: a row of integers side by side, of anything else piece by piece."""
    words = Printer(SPOKEN, {}, solution.problem.notation)
    law = solution.problem.operation.name == "output_size"  # it shows one number after the other
    for row in rows(solution.answer):
        if all(isinstance(cell, int) for cell in row) and solution.problem.ask != "size" and not law:
            pattern = r"(?<![\d.,-])" + r"\s+".join(map(str, row)) + r"(?![\d.,])"
            assert re.search(pattern, text), f"the row {row} is not on the page"
            continue
        for cell in row:
            letters = getattr(cell, "free_symbols", set())
            said = words.entry(cell).text if not letters else ""
            for piece in re.findall(r"[\d.,]+", said) or [symbol.name[0] for symbol in letters]:
                assert re.search(rf"(?<!\d){re.escape(piece)}(?!\d)", text), f"{piece} of {cell} is not on the page"


def assert_is_sound(made: bytes, reader: Reader, solution: Solution) -> None:
    """Assert that a PDF is A4, stays within its margins, has only outline fonts inside, and shows the answer."""
    facts = reader.facts(made)
    width, height = (float(part) for part in re.findall(r"[\d.]+", facts["Page size"])[:2])
    assert (width, height) == pytest.approx(A4, abs=0.5)
    left, right = reader.words_across(made)
    assert left >= MARGIN - MOST_OVERFULL
    assert right <= A4[0] - MARGIN + MOST_OVERFULL
    fonts = reader.fonts(made)
    assert fonts
    for font in fonts:
        assert "Type 3" not in font
        assert re.search(r"Type 1|TrueType|CID Type 0C", font), font
        assert re.search(r"\byes +yes (yes|no)", font), f"not embedded: {font}"
    assert_shows(reader.text(made), solution)


def test_latex(case: str, solution: Solution, pdflatex: str, reader: Reader, tmp_path: Path) -> None:
    """Each .tex compiles without a warning or a line that sticks out, to the same bytes wherever it is compiled."""
    source = solution.to("tex")
    made, log = run_tex(source, tmp_path, pdflatex)
    overfull = [float(points) for points in re.findall(r"Overfull \\[hv]box \(([\d.]+)pt", log)]
    assert [points for points in overfull if points > MOST_OVERFULL] == [], case
    assert [line for line in log.splitlines() if "Warning" in line] == []
    assert tex_pdf(source, pdflatex) == made
    assert_is_sound(made, reader, solution)


def test_typst(solution: Solution, reader: Reader) -> None:
    """Each .typ compiles as PDF/UA-1, tagged and titled, to the same bytes every time."""
    source = solution.to("typ")
    made = typst_pdf(source)
    assert typst_pdf(source) == made
    facts = reader.facts(made)
    assert facts["Tagged"] == "yes"
    assert facts["Title"] == solution.derivation.title
    assert_is_sound(made, reader, solution)


@pytest.mark.parametrize("engine", ["lualatex", "xelatex"])
def test_other_engines(engine: str, tmp_path: Path) -> None:
    """The same .tex compiles unchanged with the Unicode engines."""
    if not shutil.which(engine):
        pytest.skip(f"{engine} is not installed; install texlive-luatex texlive-xetex")
    made, _ = run_tex(solution_of("strided.toml").to("tex"), tmp_path, engine)
    assert made.startswith(b"%PDF-")


def test_engine_is_chosen(monkeypatch: pytest.MonkeyPatch, pdflatex: str) -> None:
    """TeX is taken where it is installed and Typst where not; an absent engine is named with a way out."""
    solution = solution_of("signal.toml")
    assert solution.to("pdf") == tex_pdf(solution.to("tex"), pdflatex)
    assert solution.to("pdf", "typst") == typst_pdf(solution.to("typ"))
    monkeypatch.setenv("PATH", "")
    assert solution.to("pdf") == typst_pdf(solution.to("typ"))
    with pytest.raises(OutputError, match=r"tex is not installed; .*--engine typst"):
        solution.to("pdf", "tex")
    with pytest.raises(OutputError, match="lualatex is not installed"):
        solution.to("pdf", "lualatex")


def document(body: str) -> str:
    """A small LaTeX document; its body is line 3."""
    return f"\\documentclass{{article}}\n\\begin{{document}}\n{body}\n\\end{{document}}\n"


def test_no_shell_escape(pdflatex: str, tmp_path: Path) -> None:
    """A document cannot run a command."""
    mark = tmp_path / "ran"
    made = tex_pdf(document(rf"\immediate\write18{{touch {mark}}} x"), pdflatex)
    assert made.startswith(b"%PDF-")
    assert not mark.exists()


@pytest.mark.parametrize("place", ["../symconv-escaped.txt", "{folder}/escaped.txt"])
def test_no_write_outside(place: str, pdflatex: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document cannot write beside or away from its folder."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    path = place.format(folder=tmp_path)
    with pytest.raises(EngineError, match="can't write on file") as caught:
        tex_pdf(document(rf"\newwrite\w\immediate\openout\w={path} \immediate\write\w{{x}}"), pdflatex)
    assert caught.value.line == 3
    assert list(tmp_path.iterdir()) == []


def test_no_read_outside(pdflatex: str, reader: Reader, tmp_path: Path) -> None:
    """A document cannot read a file by its absolute path, nor learn that it exists."""
    secret = tmp_path / "secret.tex"
    secret.write_text("secretwords", encoding="utf-8")
    with pytest.raises(EngineError) as caught:
        tex_pdf(document(rf"\input{{{secret}}}"), pdflatex)
    assert caught.value.line == 3
    made = tex_pdf(document(rf"\newread\r\openin\r={secret} \ifeof\r shut\else open\fi"), pdflatex)
    assert "shut" in reader.text(made)


def test_typst_reads_nothing_outside(tmp_path: Path) -> None:
    """The Typst compiler's world ends at the folder of the document."""
    secret = tmp_path / "secret.txt"
    secret.write_text("secretwords", encoding="utf-8")
    for place in (str(secret), f"../{tmp_path.name}/secret.txt"):
        with pytest.raises(OutputError, match=r"^typst stopped: "):
            typst_pdf(f'#set document(title: "x", date: none)\n#title()\n#read("{place}")')


def test_error_names_the_template(monkeypatch: pytest.MonkeyPatch, pdflatex: str) -> None:
    """An error that TeX finds is reported with the line of the .tex and the line of the template it came from."""
    planted = (environment().loader.get_source(environment(), "latex/document.tex")[0]).split("\n")  # type: ignore[union-attr]
    at = planted.index(r"\begin{document}") + 1
    planted.insert(at, r"\nosuchmacro")
    loader = DictLoader({"latex/document.tex": "\n".join(planted)})
    for traced in (False, True):
        made = our_environment(traced)
        monkeypatch.setattr(made, "loader", ChoiceLoader([loader, made.loader]))  # type: ignore[list-item]
    environment().cache.clear()  # type: ignore[union-attr]
    our_environment(True).cache.clear()  # type: ignore[union-attr]
    try:
        with pytest.raises(OutputError) as caught:
            solution_of("signal.toml").to("pdf", pdflatex)
    finally:
        environment().cache.clear()  # type: ignore[union-attr]
        our_environment(True).cache.clear()  # type: ignore[union-attr]
    message = str(caught.value)
    assert message.startswith("pdflatex stopped: Undefined control sequence \\nosuchmacro. (line ")
    assert message.endswith(f"from latex/document.tex:{at + 1})")


def test_time_limit(monkeypatch: pytest.MonkeyPatch, pdflatex: str) -> None:
    """An engine that does not come to an end is stopped, and another one named."""
    monkeypatch.setattr(pdf, "SECONDS", 1)
    with pytest.raises(OutputError, match="pdflatex did not finish in 1 seconds; use --engine typst"):
        tex_pdf(document(r"\loop\iftrue\repeat"), pdflatex)


def test_nothing_is_left_behind(
    pdflatex: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, convolve: Callable[..., Solution]
) -> None:
    """Neither engine leaves a file in the folder of temporary files, nor in the current one."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for engine in (pdflatex, "typst"):
        assert convolve().to("pdf", engine).startswith(b"%PDF-")
    assert list(tmp_path.iterdir()) == []


def test_missing_programs_fail_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing program skips its tests on a person's machine and fails them where CI is set."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=TEX_PACKAGES):
        need("pdflatex", TEX_PACKAGES)
    monkeypatch.setenv("CI", "1")
    with pytest.raises(pytest.fail.Exception, match=TEX_PACKAGES):
        need("pdflatex", TEX_PACKAGES)


def test_answers_are_exact_fractions_read_back() -> None:
    """The reading back itself fails for a wrong entry: 7 is not found in a page that shows 17 and 1/2."""
    solution = solution_of("convolution/4")
    assert solution.answer == [1 * 4, 1 * 5 + 2 * 4, 2 * 5 + 3 * 4, 3 * 5]
    assert_shows("( 4 13 22 15 )", solution)
    with pytest.raises(AssertionError, match="is not on the page"):
        assert_shows("( 4 13 22 150 )", solution)
    with pytest.raises(AssertionError, match="is not on the page"):
        assert_shows("( 4 -13 22 15 )", solution)
    assert Fraction(1, 2) in solution_of("convolution/3").answer


def test_a_dumped_preamble_gives_the_same_pages(pdflatex):
    """A preamble kept as a format changes no text, and an error still names the line of the source."""
    assert pdflatex
    source = solve(Problem("convolution", input=[1, 2, 3], kernel=[4, 5])).to("tex")
    plain, dumped = (PdfReader(BytesIO(pdf.tex_pdf(source, "pdflatex", dumped=way))) for way in (False, True))
    assert [page.extract_text() for page in plain.pages] == [page.extract_text() for page in dumped.pages]
    assert pdf.tex_pdf(source, "pdflatex", dumped=True) == pdf.tex_pdf(source, "pdflatex", dumped=True)
    wrong = source.replace("\\end{document}", "\\nosuchthing\n\\end{document}")
    line = wrong[: wrong.index("\\nosuchthing")].count("\n") + 1
    for way in (False, True):
        with pytest.raises(pdf.EngineError) as error:
            pdf.tex_pdf(wrong, "pdflatex", dumped=way)
        assert error.value.line == line


def test_typst_forgets_long_documents() -> None:
    """A process that typesets chunk after chunk grows with one of them, not with their number."""
    script = """
import resource
from symconv.pdf import typst_pdf
for n in range(5):
    lines = "".join(f"$sum_(i=1)^{n} a_(i {k}) = {7 * k + n}$\\n\\n" for k in range(8000))
    typst_pdf(f'#set document(title: "x", date: none)\\n{lines}', ())
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
    run = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    first, *later = map(float, run.stdout.split())
    assert max(later) - first < 25  # MB; each document costs 100 where nothing is forgotten
