"""`symconv sheet`, `stress` and `schema` as a person meets them: what is written, and what is refused."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from symconv.cli import main
from symconv.problem import Problem
from symconv.runs.batch import Summary
from symconv.sheets.command import unlike
from symconv.sheets.run import Paper, Report, compared
from symconv.sheets.stress import Tally, lines
from symconv.sheets.versions import sheet_from
from symconv.solution import solve

SHEET = """
title = "Quiz & more"
course = "Filters"
seed = "secret-seed-8131"
versions = 3

[[questions]]
id = "slide"
title = "Slide"
operation = "cross_correlation"
input = {shape = [4, 4], low = 0, high = 9}
kernel = {shape = [2, 2], low = -3, high = 4}
space = 10
  [[questions.parts]]
  ask = "size"
  points = 1
  [[questions.parts]]
  points = 2.5

[[questions]]
id = "line"
title = "A line"
operation = "convolution"
input = {shape = [4], low = -3, high = 5}
kernel = {shape = [2], low = -4, high = 4}
padding = "full"
points = 2
choices = 3
"""


@pytest.fixture
def sheet(tmp_path):
    """A sheet of two questions in a file."""
    path = tmp_path / "quiz.toml"
    path.write_text(SHEET, encoding="utf-8")
    return path


def files(folder: Path) -> dict[str, str]:
    """The digest of every file in a folder."""
    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def run(*words: object, status: int = 0, **environment: str) -> str:
    """Run symconv as a process of its own; what it says on standard error."""
    command = [sys.executable, "-m", "symconv", *map(str, words)]
    done = subprocess.run(
        command, check=False, env={**os.environ, **environment}, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_what_is_written(sheet, tmp_path):
    """Exams and solutions for each version, all exams in one, the key twice, and where the answer boxes are."""
    out = tmp_path / "out"
    assert main(["sheet", str(sheet), "-o", str(out), "--engine", "typst", "--jobs", "1"]) == 0
    codes = [version["code"] for version in json.loads((out / "key.json").read_text())["versions"]]
    assert len(set(codes)) == 3
    expected = {f"{kind}-{code}.pdf" for kind in ("exam", "solutions") for code in codes}
    assert set(files(out)) == expected | {"all-exams.pdf", "key.json", "key.csv", "regions.json"}
    pages = [len(PdfReader(out / f"exam-{code}.pdf").pages) for code in codes]
    assert len(PdfReader(out / "all-exams.pdf").pages) == sum(pages)
    regions = json.loads((out / "regions.json").read_text())
    boxes = [[(space["label"], space["page"], space["box"]) for space in regions[code]] for code in codes]
    assert boxes[0] == boxes[1] == boxes[2]
    rows = list(csv.DictReader((out / "key.csv").read_text().splitlines()))
    assert [row["points"] for row in rows[:3]] == ["1", "2.5", "2"]
    assert {row["code"] for row in rows} == set(codes)


def test_the_key_can_be_solved_again(sheet, tmp_path):
    """The problem in the key is complete: solving it afresh gives the right value that the key has."""
    out = tmp_path / "out"
    main(["sheet", str(sheet), "-o", str(out), "--engine", "typst", "--jobs", "1", "--versions", "2", "--to", "md"])
    for version in json.loads((out / "key.json").read_text())["versions"]:
        for question in version["questions"]:
            for part in question["parts"]:
                keys = dict(part["problem"])
                solution = solve(Problem(keys.pop("operation"), **keys))
                assert solution.quantities[part["label"]] == part["value"]
        choice = version["questions"][1]["parts"][0]
        right = choice["choices"]["ABC".index(choice["choice"])]
        assert right == {"value": choice["value"], "misconception": ""}
    assert "seed" not in (out / "key.csv").read_text()


@pytest.mark.parametrize("engine", ["typst", pytest.param("tex", marks=pytest.mark.tex)])
def test_the_same_bytes_in_every_run(sheet, tmp_path, engine):
    """One process or two, another hash seed, more versions: what version 1 to 3 are does not change."""
    common = ["sheet", sheet, "--engine", engine, "--to", "pdf,tex,typ,md,json"]
    run(*common, "-o", tmp_path / "one", "--jobs", 1, PYTHONHASHSEED="1")
    run(*common, "-o", tmp_path / "two", "--jobs", 2, PYTHONHASHSEED="2")
    run(*common, "-o", tmp_path / "more", "--versions", 5, PYTHONHASHSEED="3")
    one, two, more = (files(tmp_path / name) for name in ("one", "two", "more"))
    assert one == two
    single = {name: digest for name, digest in one.items() if name[:4] in ("exam", "solu")}
    assert len(single) == 3 * (2 + 2 + 2 + 1 + 1)
    assert single.items() <= more.items()


def test_another_seed_gives_other_numbers(sheet, tmp_path):
    """`--seed` replaces the file's: other codes, other values."""
    for name in ("a", "b"):
        words = ["sheet", str(sheet), "-o", str(tmp_path / name), "--to", "md", "--seed", name, "--jobs", "1"]
        assert main(words) == 0
    keys = [json.loads((tmp_path / name / "key.json").read_text())["versions"][0] for name in ("a", "b")]
    assert keys[0]["code"] != keys[1]["code"]
    assert keys[0]["questions"][0]["parts"][1]["problem"] != keys[1]["questions"][0]["parts"][1]["problem"]


def test_students_cannot_read_the_key(sheet, tmp_path):
    """No exam holds its right values, the seed or a file name: not in its text, its metadata or its bytes."""
    out = tmp_path / "out"
    assert main(["sheet", str(sheet), "-o", str(out), "--engine", "typst", "--jobs", "1"]) == 0
    for version in json.loads((out / "key.json").read_text())["versions"]:
        reader = PdfReader(BytesIO((out / f"exam-{version['code']}.pdf").read_bytes()))
        text = " ".join(page.extract_text() for page in reader.pages)
        assert version["code"] in text
        right = version["questions"][0]["parts"][1]["value"]
        assert " ".join(str(cell) for row in right for cell in row) not in " ".join(text.split())
        streams = b" ".join(obj.get_data() for obj in _streams(reader))
        everything = text.encode() + repr(reader.metadata).encode() + streams
        for secret in (b"secret-seed", b"quiz.toml", b"misconception", str(tmp_path).encode()):
            assert secret not in everything
        assert not reader.attachments


def _streams(reader):
    found = [reader.get_object(number) for number in range(1, len(reader.xref_objStm) + 60)]
    return [obj for obj in found if hasattr(obj, "get_data")]


def test_an_interrupted_run_goes_on(sheet, tmp_path):
    """Killed at three moments and started again, the run leaves the bytes of an uninterrupted one."""
    common = ["sheet", sheet, "--engine", "typst", "--versions", 40, "--jobs", 2]
    run(*common, "-o", tmp_path / "whole")
    command = [sys.executable, "-m", "symconv", *map(str, common), "-o", str(tmp_path / "cut")]
    for seconds in (1.5, 2.5, 4.0):
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.wait()
    run(*common, "-o", tmp_path / "cut")
    assert files(tmp_path / "cut") == files(tmp_path / "whole")


def test_what_an_earlier_run_left_is_told(sheet, tmp_path, capsys):
    """Solutions of two versions that the second run does not have stay, and are counted; other files are not."""
    words = ["sheet", str(sheet), "-o", str(tmp_path / "out"), "--to", "md", "--jobs", "1"]
    assert main(words) == 0
    assert main(words) == 0
    assert "also has" not in capsys.readouterr().err
    (tmp_path / "out" / "solutions-mine.md").write_text("mine")
    before = set(files(tmp_path / "out"))
    assert main([*words, "--versions", "1"]) == 0
    error = capsys.readouterr().err
    assert "out also has 2 files of versions that are not of this run (solutions-" in error
    assert error.count("\n") == 1
    assert set(files(tmp_path / "out")) == before


def test_a_worksheet_has_blanks(sheet, tmp_path, capsys):
    """`--worksheet` writes worksheets instead of exams, and no key."""
    out = tmp_path / "out"
    words = ["sheet", str(sheet), "-o", str(out), "--worksheet", "--blank", "0.5", "--hints", "--to", "md,pdf"]
    assert main([*words, "--engine", "typst", "--versions", "1", "--jobs", "1"]) == 0
    (code,) = {name.split(".")[0].removeprefix("worksheet-") for name in files(out)}
    assert set(files(out)) == {f"worksheet-{code}.pdf", f"worksheet-{code}.md"}
    text = (out / f"worksheet-{code}.md").read_text()
    assert "Hint:" in text
    assert "# Answers" in text
    assert "1 worksheets" in capsys.readouterr().out


def test_a_bad_version_does_not_stop_the_others(sheet, tmp_path, monkeypatch):
    """Where an engine stops for one version, that version is named and the others are written."""
    from symconv.errors import OutputError
    from symconv.sheets import edition

    out = tmp_path / "out"
    real = edition.printed_solutions

    def stops(versions, *rest, **keys):
        if any(version.number == 2 for version in versions):
            raise OutputError("version X, question 1: the engine stopped")
        return real(versions, *rest, **keys)

    monkeypatch.setattr(edition, "printed_solutions", stops)
    assert main(["sheet", str(sheet), "-o", str(out), "--engine", "typst", "--jobs", "1"]) == 2
    assert len(list(out.glob("exam-*.pdf"))) == 2
    assert len(json.loads((out / "key.json").read_text())["versions"]) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--versions", "0"], "--versions is 0; it must be between 1 and 100,000"),
        (["--to", "docx"], "--to has 'docx'; known formats are pdf, tex, typ, md, json"),
        (["--blank", "0.5"], "--blank and --hints are for worksheets; add --worksheet"),
        (["--worksheet", "--duplex"], "--duplex is for exams; leave it out, or --worksheet"),
        (
            ["--worksheet", "--large-print", "--accessible", "--cover-page"],
            "--large-print and --accessible and --cover-page are for exams; leave them out, or --worksheet",
        ),
        (["--worksheet", "--blank", "1.5"], "--blank is '1.5'; it must be a number from 0 to 1"),
        (["--worksheet", "--blank", "__import__('os')"], "--blank is"),
        (["--jobs", "0"], "--jobs is 0; it must be at least 1"),
        (["--worksheet", "--blank", "nan"], "--blank is 'nan'; it must be a number from 0 to 1"),
        (["--worksheet", "--blank", "1e-99999999"], "--blank is '1e-99999999'; it must be a number from 0 to 1"),
        (["-o", "-"], "-o is -, but a sheet makes many files; give a folder"),
        (["--executor", "dask"], "--executor dask needs the scheduler's address"),
    ],
)
def test_a_wrong_option_is_one_line(sheet, tmp_path, capsys, words, said):
    """What is wrong with the command is said in a line, and nothing is written."""
    out = tmp_path / "out"
    assert main(["sheet", str(sheet), "-o", str(out), *words]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not out.exists()


def test_a_wrong_sheet_is_one_line(tmp_path, capsys):
    """The file, the place in it, and what would be right; nothing is written."""
    path = tmp_path / "wrong.toml"
    path.write_text(SHEET.replace("points = 2.5", "points = -1"))
    assert main(["sheet", str(path), "-o", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err == (f"error: {path}: questions[1].parts[2].points is -1; it must be at least 0\n")
    assert not (tmp_path / "out").exists()


def test_stress_counts_draws(sheet, capsys):
    """Every question with its sound draws and how many draws one took."""
    assert main(["stress", str(sheet), "--draws", "20", "--jobs", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[-2] for line in lines[1:3]] == ["20", "20"]
    assert all(float(line.split()[-1]) >= 1 for line in lines[1:3])


def test_stress_says_where_draws_repeat(tmp_path, capsys):
    """Two strides are two questions, however often they are drawn; what differs in every draw is not spoken of."""
    path = tmp_path / "few.toml"
    few = '[[questions]]\ntitle = "Few"\noperation = "output_size"\ninput = 12\nkernel = 3\npoints = 1\n'
    path.write_text(SHEET + few + "stride = {one_of = [2, 4]}\n")
    assert main(["stress", str(path), "--draws", "60", "--jobs", "2"]) == 0
    said = [line for line in capsys.readouterr().out.splitlines() if "different" in line]
    assert said == ["Few: only 2 different of 60 draws; each version needs one of its own"]


def test_counts_are_in_grammar():
    """One is no plural."""
    made = Tally("Slide", 3, 4, Counter({"the answer is constant": 1}))
    assert list(lines([made]))[-1] == "Slide: refused 1 time: the answer is constant"


def test_stress_says_what_is_impossible(tmp_path, capsys):
    """A band that no draw can meet ends with the condition and how often it failed."""
    path = tmp_path / "hard.toml"
    path.write_text(SHEET.replace("choices = 3", "band = {largest = [5000, 6000]}"))
    assert main(["stress", str(path), "--draws", "5", "--jobs", "1"]) == 2
    assert "questions[2]: none of 2,000 draws is sound: largest outside its band (" in capsys.readouterr().err


POOL = """
title = "Quiz"
seed = "x"
versions = 6
shuffle = true
[[questions]]
choose = 1
  [[questions.questions]]
  operation = "cross_correlation"
  input = {shape = [4, 4], low = 0, high = 9}
  kernel = {shape = [2, 2], low = -3, high = 4}
  points = 2
  [[questions.questions]]
  operation = "convolution"
  input = {shape = [5], low = 0, high = 9}
  kernel = {shape = [3], low = -3, high = 4}
  points = 2
[[questions]]
operation = "pooling"
kind = "max"
size = 2
input = {shape = [4, 4], low = -9, high = 5}
points = 2
"""


@pytest.mark.parametrize("shuffle", ["true", "false"])
def test_another_order_and_pools_are_no_surprise(tmp_path, capsys, shuffle):
    """Where the author asked for other questions, or another order, another layout is not warned about."""
    path, out = tmp_path / "quiz.toml", tmp_path / "out"
    path.write_text(POOL.replace("shuffle = true", f"shuffle = {shuffle}"), encoding="utf-8")
    assert main(["sheet", str(path), "-o", str(out), "--engine", "typst", "--jobs", "1"]) == 0
    said = capsys.readouterr()
    assert "warning" not in said.err
    regions = json.loads((out / "regions.json").read_text())
    assert len({str([space["box"] for space in spaces]) for spaces in regions.values()}) > 1
    pages = sorted({len(PdfReader(file).pages) for file in out.glob("exam-*.pdf")})
    count = f"{pages[0]} to {pages[-1]}" if len(pages) > 1 else str(pages[0])
    assert said.out == f"{out}: 6 exams with solutions and key, {count} pages each\n"


@pytest.mark.parametrize("shuffle", ["true", "false"])
def test_a_parameter_that_changes_an_answer_is_warned_about(tmp_path, capsys, shuffle):
    """Where a stride is drawn, the answer has another size: one line says which versions, why, and what helps."""
    path, out = tmp_path / "quiz.toml", tmp_path / "out"
    text = POOL.replace("shuffle = true", f"shuffle = {shuffle}").replace("choose = 1", "choose = 2")
    text = text.replace("kernel = {shape = [2, 2]", "stride = {one_of = [1, 2]}\n  kernel = {shape = [2, 2]")
    path.write_text(text.replace("versions = 6", "versions = 24"), encoding="utf-8")
    assert main(["sheet", str(path), "-o", str(out), "--engine", "typst", "--jobs", "1"]) == 0
    strides = {
        version["code"]: part["problem"]["stride"]
        for version in json.loads((out / "key.json").read_text())["versions"]
        for question in version["questions"]
        for part in question["parts"]
        if "stride" in part["problem"]
    }
    codes = list(strides)
    odd = [code for code in codes if strides[code] != strides[codes[0]]]  # 3 by 3 with stride 1, 2 by 2 with stride 2
    assert len(odd) > 5
    assert capsys.readouterr().err == (
        f"warning: laid out otherwise than the first: {len(odd)} of 24 versions ({', '.join(odd[:5])}, ...); "
        "the answer boxes of questions[1].questions[1] differ in size, as a parameter drawn from one_of can make it; "
        "regions.json has the boxes of each version\n"
    )


def test_a_box_in_another_place_is_warned_about():
    """Boxes of the same sizes in other places are another layout, where the order of the questions is one."""
    space = {"question": "", "part": "", "label": "name"}
    records = [
        {"code": code, "pages": 1, "layout": [(1, *box)], "regions": [{**space, "page": 1, "box": box}]}
        for code, box in (("A", [0, 0, 9, 9]), ("B", [0, 5, 9, 14]), ("C", [0, 0, 9, 9]))
    ]
    report = Report(Summary(3, 0, ()), ("A", "B", "C"), compared(sheet_from(SHEET), iter(records)))
    assert report.paper == Paper((1, 1), ("B",))
    assert unlike(report).startswith(
        "laid out otherwise than the first: 1 of 3 versions (B); a text above an answer is longer, as a parameter"
    )
    shuffled = sheet_from(SHEET.replace("versions = 3", "versions = 3\nshuffle = true"))
    assert compared(shuffled, iter(records)) == Paper((1, 1))


@pytest.mark.parametrize(
    ("keys", "is_one"),
    [
        ("", True),
        ("shuffle = true", False),
        ("choose = 1", False),
        ("choose = 2", True),
    ],
)
def test_whether_the_order_is_one(keys, is_one):
    """Shuffled questions and pools that leave some out have several orders; a pool that is taken whole has one."""
    text = POOL.replace("shuffle = true", keys if keys.startswith("shuffle") else "")
    text = text.replace("choose = 1", keys if keys.startswith("choose") else "choose = 2")
    assert sheet_from(text).has_one_order == is_one


def test_schema_is_json(capsys):
    """`symconv schema` prints a JSON Schema."""
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "A sheet of symconv"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--draws", "0"], "--draws is 0; it must be between 1 and 1,000,000"),
        (["--draws", "1000000000"], "--draws is 1000000000; it must be between 1 and 1,000,000"),
        (["--jobs", "-3"], "--jobs is -3; it must be between 1 and 1000"),
    ],
)
def test_stress_refuses_wrong_options(sheet, capsys, words, said):
    """What would never end, or cannot begin, is one line."""
    assert main(["stress", str(sheet), *words]) == 2
    assert capsys.readouterr().err == f"error: {said}\n"


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_folder_that_is_a_file(sheet, tmp_path, capsys, place):
    """An output folder that is a file, or below one, is told in one line; the file stays as it was."""
    (tmp_path / "file").write_text("mine")
    assert main(["sheet", str(sheet), "-o", str(tmp_path / place), "--to", "md", "--jobs", "1"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert (tmp_path / "file").read_text() == "mine"


def test_the_key_says_what_a_part_takes_up(tmp_path):
    """Part b of the pooling takes the answer of part a as its input; no other part takes anything."""
    midterm = Path(__file__).parent.parent / "examples" / "midterm.toml"
    out = tmp_path / "out"
    assert main(["sheet", str(midterm), "-o", str(out), "--versions", "1", "--to", "json", "--jobs", "1"]) == 0
    (version,) = json.loads((out / "key.json").read_text())["versions"]
    parts = {(one["name"], part["part"]): part for one in version["questions"] for part in one["parts"]}
    assert {place: part["takes"] for place, part in parts.items() if "takes" in part} == {
        ("pooling", "b"): {"input": "a"}
    }


def test_the_key_and_the_marks_have_no_digest(sheet, tmp_path, capsys):
    """Questions without an id are called by title or operation, from the sheet file to the columns of the marks."""
    sheet.write_text(
        SHEET.replace('id = "slide"\n', "").replace('id = "line"\ntitle = "A line"\n', ""), encoding="utf-8"
    )
    out = tmp_path / "out"
    assert main(["sheet", str(sheet), "-o", str(out), "--jobs", "1", "--to", "md"]) == 0
    key = json.loads((out / "key.json").read_text())
    assert key["questions"] == ["Slide", "Convolution"]
    assert [[question["name"] for question in one["questions"]] for one in key["versions"]] == 3 * [key["questions"]]
    answers = tmp_path / "answers.csv"
    answers.write_text(f"code,student,label,value\n{key['versions'][0]['code']},ada,1a,3x3\n", encoding="utf-8")
    assert main(["grade", str(out / "key.json"), str(answers), "-o", str(tmp_path / "marks"), "--jobs", "1"]) == 0
    head, row = (tmp_path / "marks" / "marks.csv").read_text().splitlines()
    assert head == "student,code,Slide a,Slide b,Convolution,points,out of,share"
    assert row.split(",")[2:5] == ["1", "0", "0"]
    made = "".join(path.read_text() for path in (tmp_path / "marks").rglob("*.*") if path.is_file())
    assert not re.search(r"[0-9a-f]{12}", made + capsys.readouterr().out)
