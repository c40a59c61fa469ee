"""The command line's contract: what it writes, what it says, how it ends."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import symconv
from symconv import cli
from symconv.numeric import correlate
from symconv.operations import OPERATIONS

SMALL = ["solve", "convolution", "--input", "1 2; 3 4", "--kernel", "0 1"]
GOOD = 'operation = "cross_correlation"\ninput = "1 2; 3 4"\nkernel = "1 0; 0 1"\n'
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command line in an empty folder: exit status, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def made(*arguments: str) -> tuple[int, str, str]:
        try:
            status = cli.main(list(arguments))
        except SystemExit as end:
            status = int(end.code or 0)
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return status, out.decode(errors="replace"), err.decode(errors="replace")

    return made


@pytest.fixture
def problem_file(tmp_path: Path) -> Callable[[str, str], str]:
    """Writes a problem file and gives its name."""

    def made(name: str, text: str) -> str:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
        return name

    return made


def files(folder: Path) -> list[str]:
    """Every file below a folder, hidden ones too."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_default_is_pdf_and_tex_in_output(run: Run, problem_file: Any, tmp_path: Path) -> None:
    """Without options a problem file becomes output/NAME.pdf and output/NAME.tex."""
    status, out, err = run("solve", problem_file("week3.toml", GOOD))
    assert (status, err) == (0, "")
    assert files(tmp_path) == ["output/week3.pdf", "output/week3.tex", "week3.toml"]
    assert (tmp_path / "output/week3.pdf").read_bytes().startswith(b"%PDF-")
    assert [line.split(": ")[0] for line in out.splitlines()] == ["output/week3.pdf", "output/week3.tex"]
    assert all(line.endswith(" equalities verified") for line in out.splitlines())


def test_operation_named_instead_of_a_file(run: Run, tmp_path: Path) -> None:
    """A problem given by options is named after its operation."""
    status, _, err = run(*SMALL, "--to", "json")
    assert (status, err) == (0, "")
    assert files(tmp_path) == ["output/convolution.json"]
    assert json.loads((tmp_path / "output/convolution.json").read_text())["answer"] == [[1 * 0 + 2 * 1 - 1], [3]]


@pytest.mark.parametrize(
    ("to", "ends"),
    [
        ("json", ["json"]),
        ("md,json", ["json", "md"]),
        ("pdf,tex,typ,md,json", ["json", "md", "pdf", "tex", "typ"]),
        ("md, md", ["md"]),
    ],
)
def test_to(to: str, ends: list[str], run: Run, tmp_path: Path) -> None:
    """Each format named is written once, and no other."""
    assert run(*SMALL, "--to", to, "--engine", "typst", "-o", "here/there")[0] == 0
    assert files(tmp_path) == [f"here/there/convolution.{end}" for end in ends]


@pytest.mark.parametrize("form", ["pdf", "tex", "typ", "md", "json"])
def test_dash_writes_to_standard_output(form: str, run: Run, tmp_path: Path) -> None:
    """With -o - the document, and nothing else, is written to standard output."""
    status, out, err = run(*SMALL, "--to", form, "--engine", "typst", "-o", "-")
    assert (status, err) == (0, "")
    starts = {"pdf": "%PDF-", "tex": "% A worked", "typ": "// A worked", "md": "# Convolution\n", "json": "{\n"}
    assert out.startswith(starts[form])
    assert "equalities verified" not in out
    assert files(tmp_path) == []


def test_json_is_the_contract(run: Run) -> None:
    """The JSON object has these keys; integers are integers, other rationals and letters are strings."""
    keys = ["--input", "1 2 a", "--kernel", "1/2", "--bias", "[1]", "--to", "json", "-o", "-"]
    made = json.loads(run("solve", "convolution", *keys)[1])
    assert list(made) == ["operation", "answer", "shape", "verified", "claims", "quantities"]
    assert made["operation"] == "convolution"
    assert made["answer"] == ["3/2", 2, "a/2 + 1"]
    assert made["shape"] == [3]
    assert made["verified"] is True
    assert isinstance(made["claims"], int)
    assert made["claims"] > 3
    assert made["quantities"]["output"] == made["answer"]
    assert made["quantities"]["input"] == [1, 2, "a"]
    assert made["quantities"]["h[1]"] == "3/2"


def test_several_files(run: Run, problem_file: Any, tmp_path: Path) -> None:
    """Several files are solved in one run, in order."""
    names = [problem_file(f"{name}.toml", GOOD) for name in ("b", "a")]
    status, out, _ = run("solve", *names, "--to", "md")
    assert status == 0
    assert [line.split(":")[0] for line in out.splitlines()] == ["output/b.md", "output/a.md"]
    assert files(tmp_path / "output") == ["a.md", "b.md"]


LARGE = "operation = 'convolution'\ninput = {symbols = 'x', shape = [1200]}\nkernel = '1'\nask = 'matrix'\n"


@pytest.mark.parametrize("wrong", ["operation = 'convolution'\n", "not toml", LARGE])
def test_nothing_is_written_when_one_is_wrong(wrong: str, run: Run, problem_file: Any, tmp_path: Path) -> None:
    """One wrong file among several, found when it is read or only when it is solved, leaves no output at all."""
    names = [problem_file("a.toml", GOOD), problem_file("b.toml", wrong), problem_file("c.toml", GOOD)]
    status, out, err = run("solve", *names, "--to", "json,md")
    assert (status, out) == (2, "")
    assert err.startswith("error: b.toml: ")
    assert files(tmp_path) == ["a.toml", "b.toml", "c.toml"]


def test_every_wrong_file_is_named(run: Run, problem_file: Any) -> None:
    """All wrong files are reported in one run, not only the first."""
    names = [problem_file(f"{name}.toml", "operation = 'x'\n") for name in "ab"]
    err = run("solve", *names)[2]
    assert [line.split(": ")[1] for line in err.splitlines()] == ["a.toml", "b.toml"]


def test_two_files_of_one_name(run: Run, problem_file: Any, tmp_path: Path) -> None:
    """Two problem files that would be written to one place are refused; neither overwrites the other."""
    names = [problem_file(f"{folder}/week.toml", GOOD) for folder in ("x", "y")]
    status, _, err = run("solve", *names, "--to", "md")
    assert status == 2
    assert err == "error: y/week.toml: output/week.md would be written twice; rename one of the problem files\n"
    assert not (tmp_path / "output").exists()


def test_a_fault_of_ours_ends_with_3(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where derivation and oracle disagree nothing is written and the exit status is 3."""
    monkeypatch.setattr("symconv.numeric.correlate", lambda *args, **keys: correlate(*args, **keys) + 1)
    status, out, err = run(*SMALL, "--to", "json")
    assert (status, out) == (3, "")
    assert err.startswith("error: convolution: ")
    assert "the oracle finds" in err
    assert len(err.splitlines()) == 1
    assert files(tmp_path) == []


def test_error_has_a_caret(run: Run, problem_file: Any) -> None:
    """An entry that cannot be read is shown as typed with a caret under it."""
    name = problem_file("slip.toml", 'operation = "convolution"\ninput = "1 2; 3 4o"\nkernel = "1"\n')
    status, _, err = run("solve", name)
    message, typed, caret = err.splitlines()
    assert status == 2
    assert message.startswith("error: slip.toml: input: row 2, entry 2: '4o' is not a number or a letter; write ")
    assert typed == "    1 2; 3 4o"
    assert caret.index("^") == typed.index("4o")


BAD: list[list[str]] = [
    [],
    ["solve"],
    ["bogus"],
    ["--bogus"],
    ["solve", "--bogus"],
    ["solve", ""],
    ["solve", "nofile.toml"],
    ["solve", "folder/nofile"],
    ["solve", "."],
    ["solve", os.devnull],
    ["solve", "convolutoin"],
    ["solve", "convolution"],
    ["solve", "convolution", "cross_correlation"],
    ["solve", "convolution", "--input", "1"],
    ["solve", "convolution", "--input", "", "--kernel", "1"],
    ["solve", "convolution", "--input", "1 2; 3", "--kernel", "1"],
    ["solve", "convolution", "--input", "1 , , 2", "--kernel", "1"],
    ["solve", "convolution", "--input", "1/0", "--kernel", "1"],
    ["solve", "convolution", "--input", "nan", "--kernel", "1"],
    ["solve", "convolution", "--input", "1e999", "--kernel", "1"],
    ["solve", "convolution", "--input", "9" * 5000, "--kernel", "1"],
    ["solve", "convolution", "--input", "__import__('os')", "--kernel", "1"],
    ["solve", "convolution", "--input", "[[1, 2], [3]]", "--kernel", "1"],
    ["solve", "convolution", "--input", "[" * 3000, "--kernel", "1"],
    ["solve", "convolution", "--input", "[true]", "--kernel", "1"],
    ["solve", "convolution", "--input", "{symbols = 'x'}", "--kernel", "1"],
    ["solve", "convolution", "--input", "{symbols = 'x', shape = [100000, 100000]}", "--kernel", "1"],
    ["solve", "convolution", "--input", "1 2", "--kernel", "1 2 3"],
    [*SMALL, "--stride", "0"],
    [*SMALL, "--stride", "-1"],
    [*SMALL, "--stride", "abc"],
    [*SMALL, "--stride", "1.5"],
    [*SMALL, "--stride", "[1, 2, 3]"],
    [*SMALL, "--padding", "some"],
    [*SMALL, "--padding", "-1"],
    [*SMALL, "--padding-mode", "mirror"],
    [*SMALL, "--dilation", "7"],
    [*SMALL, "--groups", "2"],
    [*SMALL, "--bias", "[1, 2]"],
    [*SMALL, "--output-padding", "1"],
    [*SMALL, "--order", "diagonal"],
    [*SMALL, "--matrix-of", "input"],
    [*SMALL, "--dims", "3"],
    [*SMALL, "--ask", "everything"],
    [*SMALL, "--limit", "1"],
    [*SMALL, "--limit", "many"],
    [*SMALL, "--to", "doc"],
    [*SMALL, "--to", ""],
    [*SMALL, "--to", "md,json", "-o", "-"],
    [*SMALL, "--index-base", "2"],
    [*SMALL, "--worked", "-1"],
    [*SMALL, "--worked", "x"],
    [*SMALL, "--engine", "word"],
    ["operations", "extra"],
]


@pytest.mark.parametrize("arguments", BAD, ids=lambda arguments: " ".join(arguments)[-40:])
def test_bad_input_is_one_line(arguments: list[str], run: Run, tmp_path: Path) -> None:
    """Whatever is wrong, the answer is one line that starts with error, perhaps a caret, status 2, and no file."""
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    message, *place = err.splitlines()
    assert message.startswith("error: ")
    assert len(message) > len("error: ") + 10
    assert len(place) in (0, 2)
    if place:
        assert place[1].strip() == "^"
        assert max(map(len, place)) <= 80
    assert "Traceback" not in err
    assert files(tmp_path) == []


BAD_FILES = [
    b"",
    b"\xff\xfe",
    b"operation = ",
    b"operation = 3\n",
    b"operation = ['convolution']\n",
    b"operation = 'convolution'\ninput = 1\n",
    b"operation = 'convolution'\ninput = []\nkernel = '1'\n",
    b"operation = 'convolution'\ninput = [[[[[1]]]]]\nkernel = '1'\n",
    b"operation = 'convolution'\ninput = inf\nkernel = '1'\n",
    b"operation = 'convolution'\ninput = [1979-05-27]\nkernel = '1'\n",
    b"operation = 'convolution'\ninput = '1'\nkernel = '1'\nkernal = 2\n",
    b"operation = 'convolution'\ninput = '1'\nkernel = '1'\ntitle = 3\n",
    b"operation = 'convolution'\ninput = '1'\nkernel = '1'\nnotation = 3\n",
    b"operation = 'convolution'\ninput = '1'\nkernel = '1'\n[notation]\ninput = 'K'\n",
    b"operation = 'convolution'\ninput = '1'\nkernel = '1'\n[notation]\ninput = '}'\n",
    b"operation = 'convolution'\ninput = '1'\nkernel = '1'\n[notation]\nindex_base = true\n",
    b"x = " + b"[" * 5000,
]


@pytest.mark.parametrize("content", BAD_FILES, ids=lambda content: repr(content[-30:]))
def test_bad_file_is_one_line(content: bytes, run: Run, tmp_path: Path) -> None:
    """A wrong problem file is named in one line, with status 2 and no output."""
    (tmp_path / "bad.toml").write_bytes(content)
    status, out, err = run("solve", "bad.toml", "--to", "json")
    assert (status, out) == (2, "")
    assert err.startswith("error: bad.toml: ")
    assert len(err.splitlines()) in (1, 3)
    assert files(tmp_path) == ["bad.toml"]


def test_nearest_operation(run: Run) -> None:
    """A misspelt operation is answered with the nearest name, a strange one with all of them."""
    assert "did you mean 'transposed_convolution'?" in run("solve", "transposed_convolutoin")[2]
    err = run("solve", "zzz")[2]
    for operation in OPERATIONS:
        assert operation.name in err


def test_misspelt_key(run: Run, problem_file: Any) -> None:
    """A misspelt key is answered with the nearest one."""
    assert "did you mean stride?" in run("solve", problem_file("a.toml", GOOD + "strid = 2\n"))[2]


def test_operations(run: Run) -> None:
    """Each operation has a line and an example, at most 80 columns wide, and every example works."""
    status, out, err = run("operations")
    assert (status, err) == (0, "")
    for operation in OPERATIONS:
        assert any(line.startswith(f"{operation.name} ") for line in out.splitlines())
        program, *arguments = shlex.split(operation.example)
        assert program == "symconv"
        assert operation.name in arguments
        assert f"  {operation.example}" in out.splitlines()
        assert run(*arguments, "--to", "json", "-o", "-")[0] == 0
    described = out.split("For example:")[0]
    assert max(map(len, described.splitlines())) <= 80


@pytest.mark.parametrize("where", ["file", "file/below", "/proc/symconv", "/dev/full"])
def test_unwritable_folder(where: str, run: Run, tmp_path: Path) -> None:
    """A folder that cannot be written is named in one line, and nothing half-written stays."""
    (tmp_path / "file").write_text("in the way")
    status, out, err = run(*SMALL, "--to", "json", "-o", where)
    assert (status, out) == (2, "")
    assert err.startswith(f"error: {where}/convolution.json cannot be written: ")
    assert err.endswith("; choose another folder with -o\n")
    assert files(tmp_path) == ["file"]


def test_place_taken_by_a_folder(run: Run, tmp_path: Path) -> None:
    """Where a folder has the name of an output file the temporary file is taken away again."""
    (tmp_path / "output/convolution.json").mkdir(parents=True)
    status, _, err = run(*SMALL, "--to", "json")
    assert status == 2
    assert "output/convolution.json cannot be written: " in err
    assert files(tmp_path) == []


def test_old_output_is_replaced_whole(run: Run, tmp_path: Path) -> None:
    """An older file is replaced, readable by all, without a temporary file beside it."""
    path = tmp_path / "output/convolution.json"
    path.parent.mkdir()
    path.write_text("x" * 100_000)
    assert run(*SMALL, "--to", "json")[0] == 0
    assert json.loads(path.read_text())["verified"] is True
    assert path.stat().st_mode & 0o777 == 0o644
    assert files(tmp_path) == ["output/convolution.json"]


def python(*arguments: str, **keys: Any) -> subprocess.CompletedProcess[bytes]:
    """Run Python code in a process of its own, with arguments."""
    command = [sys.executable, "-c", *arguments]
    return subprocess.run(command, check=False, stderr=subprocess.PIPE, **keys)  # this interpreter


ENTRY = "import sys; from symconv.cli import main; sys.exit(main(sys.argv[1:]))"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("arguments", [["operations"], [*SMALL, "--to", "json", "-o", "-"]])
def test_full_disk(arguments: list[str]) -> None:
    """Standard output that cannot take the document is one line of error."""
    with Path("/dev/full").open("wb") as full:
        ended = python(ENTRY, *arguments, stdout=full)
    assert ended.returncode == 2
    assert ended.stderr == b"error: standard output cannot be written: No space left on device\n"


def test_reader_that_goes_away() -> None:
    """A pipe whose reader has gone is no error."""
    read, write = os.pipe()
    os.close(read)
    ended = python(ENTRY, *SMALL, "--to", "md", "-o", "-", stdout=write)
    os.close(write)
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_text_that_is_no_unicode(tmp_path: Path) -> None:
    """Bytes on the command line or in a file name that are no UTF-8 do no harm, whatever the terminal can show."""
    (tmp_path / "\udcff.toml").write_text(GOOD)
    for encoding in ("utf-8", "ascii"):
        arguments = ["solve", "\udcff.toml", "--title", "\udcfe", "--to", "md"]
        environment = {**os.environ, "PYTHONIOENCODING": encoding}
        ended = python(ENTRY, *arguments, stdout=subprocess.PIPE, cwd=tmp_path, env=environment)
        assert (ended.returncode, ended.stderr) == (0, b"")
        assert b"equalities verified" in ended.stdout
        assert "[U+DCFE]" in (tmp_path / "output/\udcff.md").read_text().replace("\\", "")


@pytest.mark.parametrize("arguments", [["--help"], ["solve", "--help"], ["operations", "--help"]])
def test_help_is_quick_and_narrow(arguments: list[str]) -> None:
    """Help imports no library and fits 80 columns, apart from an example that must stay on its line."""
    code = (
        "import sys; from symconv.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "finally: print(sorted({'sympy', 'numpy', 'jinja2', 'typst'} & set(sys.modules)))"
    )
    environment = {**os.environ, "COLUMNS": "80"}
    ended = python(code, *arguments, stdout=subprocess.PIPE, env=environment)
    *lines, imported = ended.stdout.decode().splitlines()
    assert imported == "[]"
    assert lines[0].startswith("usage: symconv")
    for line in lines:
        assert len(line) <= 80 or line.startswith(("  symconv solve ", "  a matrix is text")), line


def test_import_is_quick() -> None:
    """Importing the package imports none of the libraries."""
    code = "import sys, symconv; print(sorted({'sympy', 'numpy', 'jinja2', 'typst'} & set(sys.modules)))"
    assert python(code, stdout=subprocess.PIPE).stdout == b"[]\n"


def test_options_win_over_the_file(run: Run, problem_file: Any) -> None:
    """An option changes a key of the problem file for this run."""
    name = problem_file("a.toml", GOOD)
    made = json.loads(run("solve", name, "--kernel", "1 1", "--padding", "[0, 1]", "--to", "json", "-o", "-")[1])
    assert made["answer"] == [[0 + 1, 1 + 2, 2 + 0], [0 + 3, 3 + 4, 4 + 0]]


def test_index_base(run: Run, problem_file: Any) -> None:
    """The index base of the file, or of the option, counts cells in the JSON and on paper."""
    name = problem_file("a.toml", GOOD + "[notation]\nindex_base = 0\nproduct = 'cdot'\n")
    assert "h[0,0]" in json.loads(run("solve", name, "--to", "json", "-o", "-")[1])["quantities"]
    made = run("solve", name, "--index-base", "1", "--to", "md", "-o", "-")[1]
    assert "h_{1,1}" in made
    assert "h_{0,0}" not in made
    assert r"\cdot" in made  # the rest of the notation stays
    assert "h[0,0]" in run(*SMALL, "--index-base", "0", "--to", "json", "-o", "-")[1]


def test_worked_and_full(run: Run) -> None:
    """Up to N windows are shown with their grids; --full shows all of them."""
    many = ["solve", "cross_correlation", "--input", "; ".join(["1 2 3 4 5 6"] * 6), "--kernel", "1 1; 1 1"]
    windows = {}
    for options in ([], ["--worked", "3"], ["--worked", "25"], ["--full"], ["--worked", "0"]):
        made = run(*many, *options, "--to", "md", "-o", "-")[1]
        windows[" ".join(options)] = made.count(r"\qquad \begin{aligned}")
        assert made.count("h_{5,5} &=") == 1
    assert windows == {"": 4, "--worked 3": 3, "--worked 25": 25, "--full": 25, "--worked 0": 0}


def test_exit_statuses_are_those_of_the_errors() -> None:
    """An author's error and an output error end with 2, an error of ours with 3."""
    assert symconv.ProblemError.exit_status == symconv.OutputError.exit_status == 2
    assert symconv.VerificationError.exit_status == 3


def test_interrupt(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C is one line and status 130."""

    def interrupted(*_: Any) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "solve", interrupted)
    assert run(*SMALL) == (130, "", "error: interrupted\n")
