"""`symconv grade`: marks, feedback, summary, and rows that are no answers."""

from __future__ import annotations

import csv
import json
from fractions import Fraction

import pytest

from symconv.checking.diagnosis import Points
from symconv.cli import main
from symconv.errors import ProblemError
from symconv.grading.answer_table import AnswerTable, Paper, read_rows
from symconv.grading.command import clipped
from symconv.grading.grade import Key, graded
from symconv.grading.summary import QuestionSummary

CORRELATION = {"operation": "cross_correlation", "input": [[1, 2, 3], [4, 5, 6], [7, 8, 9]], "kernel": [[1, 0], [0, 2]]}
VERSION = {
    "code": "AAAAA",
    "number": 1,
    "points": 7,
    "questions": [
        {
            "number": 1,
            "name": "slide",
            "title": "Slide",
            "draw": 0,
            "parts": [
                {"part": "a", "points": 1, "label": "size", "value": [2, 2], "problem": {**CORRELATION, "ask": "size"}},
                {"part": "b", "points": 4, "label": "output", "value": [[11, 14], [20, 23]], "problem": CORRELATION},
            ],
        },
        {
            "number": 2,
            "name": "choice",
            "title": "",
            "draw": 0,
            "parts": [
                {
                    "part": "",
                    "points": 2,
                    "label": "output",
                    "value": [[11, 14], [20, 23]],
                    "problem": CORRELATION,
                    "choice": "B",
                    "choices": [
                        {"value": [[7, 10], [16, 19]], "misconception": "kernel_flipped"},
                        {"value": [[11, 14], [20, 23]], "misconception": ""},
                    ],
                }
            ],
        },
    ],
}


@pytest.fixture
def key(tmp_path):
    """A key of two versions with the same questions."""
    lines = ",\n".join("    " + json.dumps({**VERSION, "code": code}) for code in ("AAAAA", "BBBBB"))
    path = tmp_path / "key.json"
    path.write_text('{\n  "title": "Quiz",\n  "seed": 1,\n  "versions": [\n' + lines + "\n  ]\n}\n")
    return path


def points_of(*values: tuple[str, str]) -> dict[str, Fraction]:
    """The points of each part for these values."""
    rows = tuple((label, value, number) for number, (label, value) in enumerate(values, 2))
    made = graded(Paper("ada", "AAAAA", rows), VERSION, Points())
    return {outcome.name: outcome.points for outcome in made.outcomes}


def test_right_answers_get_all_points():
    """1 + 4 + 2 points."""
    assert points_of(("1a", "2x2"), ("1b", "11 14; 20 23"), ("2", "b")) == {"1a": 1, "1b": 4, "2": 2}


def test_nothing_gets_nothing():
    """What was not answered has no points."""
    assert points_of() == {"1a": 0, "1b": 0, "2": 0}


def test_a_mistake_costs_the_method():
    """A flipped kernel, 1*2 + 5*1 and so on: the shape's tenth is left of 4 points, by default."""
    points = points_of(("1b", "7 10; 16 19"))
    assert points["1b"] == 4 * (Points().shape + Points().arithmetic)


def test_a_choice_names_its_misconception():
    """The letter of a misconception is wrong and says which."""
    made = graded(Paper("ada", "AAAAA", (("2", "(A)", 2),)), VERSION, Points())
    assert made.outcomes[2].mistakes == ("kernel_flipped",)
    assert made.outcomes[2].points == 0


@pytest.mark.parametrize("label", ["1b", "1B", "01b", "1b output", "1b: output", "1b.H"])
def test_labels_of_parts(label):
    """A part may be named in several ways, with the quantity behind it or not."""
    assert points_of((label, "11 14; 20 23"))["1b"] == 4


def test_cells_of_a_part():
    """Single cells may be handed in, by their labels."""
    made = graded(Paper("ada", "AAAAA", (("1b h[1,1]", "11", 2), ("1b h[2,2]", "32", 3))), VERSION, Points())
    statuses = [item.status for item in made.outcomes[1].report.items]
    assert sorted(statuses) == ["right", "wrong"]


def test_points_are_for_the_answer():
    """Sizes and copies are told of and have no points; a cell of the answer is one of four, the rest blank."""
    rows = (("1b size", "2x2", 2), ("1b kernel", "1 0; 0 2", 3))
    outcome = graded(Paper("ada", "AAAAA", rows), VERSION, Points()).outcomes[1]
    assert (outcome.points, outcome.status, outcome.report.summary) == (0, "blank", "0 of 4 points")
    assert [item.status for item in outcome.report.items] == ["right", "right"]
    assert outcome.report.notes == (("The answer, output, was not handed in.", ""),)
    share = Fraction(6, 10) / 4 + Fraction(1, 10) + Fraction(3, 10) / 4
    assert points_of(("1b h[1,1]", "11"))["1b"] == points_of(("1b", "11 _; _ _"))["1b"] == 4 * share
    cells = [(f"1b h[{row},{column}]", value) for row, column, value in ((1, 1, "11"), (1, 2, "14"), (2, 1, "20"))]
    assert points_of(*cells, ("1b h[2,2]", "23"))["1b"] == 4


def test_a_letter_that_is_no_choice_is_wrong():
    """E is none of the choices, and not what somebody leaves blank."""
    for letter, status in (("E", "wrong"), ("", "blank")):
        made = graded(Paper("ada", "AAAAA", (("2", letter, 2),)), VERSION, Points())
        assert (made.outcomes[2].status, made.outcomes[2].points) == (status, 0)


def test_slips_are_counted_beside_mistakes():
    """32 for 23 is two digits swapped: a slip, and no mistake of method."""
    made = graded(Paper("ada", "AAAAA", (("1b", "11 14; 20 32", 2),)), VERSION, Points())
    assert (made.outcomes[1].mistakes, made.outcomes[1].others) == ((), ("arithmetic slip",))


def test_the_class(key, tmp_path, capsys):
    """Marks, a feedback file for each student, a summary; bad rows are named by line and stop nothing."""
    answers = tmp_path / "answers.csv"
    answers.write_text(
        "code,student,label,value\n"
        'AAAAA,ada,1a,2x2\nAAAAA,ada,1b,"11 14; 20 23"\nAAAAA,ada,2,B\n'
        'BBBBB,bob,1b,"7 10; 16 19"\nBBBBB,bob,1b,"11 14; 20 23"\n'
        "AAAAA,bob,2,B\nCCCCC,eve,1a,2x2\nAAAAA,=cmd(),9,1\nAAAAA\n"
    )
    out = tmp_path / "marks"
    assert main(["grade", str(key), str(answers), "-o", str(out), "--jobs", "1"]) == 0
    rows = list(csv.DictReader((out / "marks.csv").read_text().splitlines()))
    assert {row["student"]: row["points"] for row in rows} == {"ada": "7", "bob": "1.60", "'=cmd()": "0"}
    rejected = dict(csv.reader((out / "rejected.csv").read_text().splitlines()[1:]))
    assert set(rejected) == {"6", "7", "8", "9", "10"}
    assert "the first answer counts" in rejected["6"]
    assert "bob has handed in version BBBBB" in rejected["7"]
    feedback = {path.name for path in (out / "feedback").iterdir()}
    assert {"ada.html", "bob.html"} <= feedback
    page = (out / "feedback" / "bob.html").read_text()
    assert "kernel flipped" in page
    assert "<h1>Quiz – bob</h1>" in page
    summary = json.loads((out / "summary.json").read_text())
    assert summary["students"] == 3
    assert summary["questions"][1]["mistakes"] == {"kernel_flipped": 1}
    assert summary["questions"][1]["others"] == {}
    assert "<svg" in (out / "summary.html").read_text()
    assert "line 6:" in capsys.readouterr().err


def test_again_gives_the_same_bytes(key, tmp_path):
    """Another run, and another number of processes, write the same files."""
    answers = tmp_path / "answers.jsonl"
    rows = [{"code": "AAAAA", "student": f"s{n}", "label": "1b", "value": f"{n} 14; 20 23"} for n in range(30)]
    answers.write_text("".join(json.dumps(row) + "\n" for row in rows))
    made = []
    for name, jobs in (("a", "1"), ("b", "2")):
        out = tmp_path / name
        assert main(["grade", str(key), str(answers), "-o", str(out), "--jobs", jobs, "--feedback", "md"]) == 0
        made.append({path.name: path.read_bytes() for path in out.rglob("*") if path.is_file()})
    assert made[0] == made[1]
    assert len(made[0]) == 34  # 30 of the students, marks, rejected rows, the summary twice


@pytest.mark.parametrize("form", ["md", "pdf"])
def test_feedback_in_other_forms(key, tmp_path, form):
    """Feedback as Markdown or PDF."""
    answers = tmp_path / "answers.csv"
    answers.write_text('code,student,label,value\nAAAAA,Ada & Bob,1b,"7 10; 16 19"\n')
    assert main(["grade", str(key), str(answers), "-o", str(tmp_path / "m"), "--feedback", form, "--jobs", "1"]) == 0
    (path,) = (tmp_path / "m" / "feedback").iterdir()
    assert path.suffix == f".{form}"
    if form == "md":
        assert path.read_text().startswith("# Quiz – Ada &amp; Bob\n\nVersion AAAAA. 1.60 of 7 points, 22.9 %.\n")
        assert "\n## 1b Slide (1.60 of 4 points)\n" in path.read_text()
    assert path.stat().st_size > 200


@pytest.mark.parametrize(
    ("content", "message"),
    [("{}", "is no key"), ("[", "is no key"), ("", "is no key"), ('{"code": 1', "is no key")],
)
def test_what_is_no_key(tmp_path, content, message):
    """A file that no sheet wrote is named."""
    path = tmp_path / "key.json"
    path.write_text(content)
    with pytest.raises(ProblemError, match=message):
        Key(path)


def test_a_table_without_its_columns(tmp_path):
    """The first line must name the columns."""
    path = tmp_path / "a.csv"
    path.write_text("student,value\nada,3\n")
    with pytest.raises(ProblemError, match="names no column code"):
        AnswerTable().add(read_rows(path))


def graded_class(folder, key, text, name="answers.csv"):
    """Grade answers from the command line; the exit status."""
    (folder / name).write_text(text, encoding="utf-8")
    return main(["grade", str(key), str(folder / name), "-o", str(folder / "marks"), "--jobs", "1"])


ROW = "code,student,label,value\nAAAAA,ada,1a,2x2\n"


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('"points": 1,', '"points": "x",', "questions[1].parts[1].points"),
        ('"points": 1,', '"points": NaN,', "questions[1].parts[1].points"),
        ('"points": 1,', '"points": -1,', "questions[1].parts[1].points"),
        ('"part": "b"', '"part": "../"', "questions[1].parts[2].part"),
        ('"label": "size"', '"label": 5', "questions[1].parts[1].label"),
        ('"title": "Slide"', '"title": 5', "questions[1].title"),
        ('"label": "size"', '"takes": ["a"], "label": "size"', "questions[1].parts[1].takes"),
        ('"choice": "B"', '"choice": null', "questions[2].parts[1].choice"),
        ('"misconception": ""', '"misconception": 1', "questions[2].parts[1].choices"),
        ('"operation": "cross_correlation"', '"nothing": 1', "questions[1].parts[1].problem"),
    ],
)
def test_a_key_that_was_changed_is_one_line(tmp_path, key, capsys, old, new, place):
    """A key edited by hand is told with the place in it, and nothing is written."""
    text = key.read_text()
    assert old in text
    key.write_text(text.replace(old, new))
    assert graded_class(tmp_path, key, ROW) == 2
    error = capsys.readouterr().err
    assert (
        error == f"error: {key}: version AAAAA: {place} cannot be used; give the key.json as symconv sheet wrote it\n"
    )
    assert not (tmp_path / "marks").exists()


def test_a_problem_that_was_changed_is_one_line(tmp_path, key, capsys):
    """A problem in the key that cannot be solved fails the student's paper, by name."""
    key.write_text(key.read_text().replace("cross_correlation", "guesswork"))
    assert graded_class(tmp_path, key, ROW) == 2
    assert "error: student ada: the operation 'guesswork' is unknown" in capsys.readouterr().err


def test_two_versions_of_one_code(tmp_path, key, capsys):
    """A key that has a code twice is none: nobody knows which answers are right."""
    key.write_text(key.read_text().replace("BBBBB", "AAAAA"))
    assert graded_class(tmp_path, key, ROW) == 2
    assert capsys.readouterr().err.endswith("is no key; give the key.json that symconv sheet wrote\n")


def test_answers_to_another_key(tmp_path, key, capsys):
    """Answers of which none belongs to the key are one line, and nothing is written."""
    assert graded_class(tmp_path, key, ROW.replace("AAAAA", "ZZZZZ")) == 2
    assert capsys.readouterr().err.endswith("has no answers to this key; line 2: no version has the code ZZZZZ\n")
    assert not (tmp_path / "marks").exists()


def test_rows_that_are_no_text(tmp_path, key, capsys):
    """Half a character, or a list for a name, is rejected by line; the other rows count."""
    rows = [
        {"code": "AAAAA", "student": "\ud800", "label": "1a", "value": "2x2"},
        {"code": "AAAAA", "student": ["ada"], "label": "1a", "value": "2x2"},
        {"code": "AAAAA", "student": "ada", "label": "\x1b[2J", "value": "2x2"},
        {"code": "AAAAA", "student": "ada", "label": "1a", "value": "2x2"},
    ]
    assert graded_class(tmp_path, key, "\n".join(map(json.dumps, rows)), "answers.jsonl") == 0
    said = capsys.readouterr().err
    assert [line.split(": ")[1] for line in said.splitlines()] == ["line 1", "line 2", "line 3"]
    assert "\x1b" not in said
    assert (tmp_path / "marks" / "marks.csv").read_text().splitlines()[1].startswith("ada,AAAAA,1,")


def test_a_device_is_no_class(tmp_path, key, capsys):
    """What has no end is not read: neither as answers nor as a key."""
    assert main(["grade", str(key), "/dev/zero", "-o", str(tmp_path / "marks")]) == 2
    assert "/dev/zero is a device, not a file with answers" in capsys.readouterr().err
    assert main(["grade", "/dev/zero", str(key), "-o", str(tmp_path / "marks")]) == 2
    assert "/dev/zero is no key" in capsys.readouterr().err


def test_nothing_handed_in_is_a_blank():
    """A part without a row is told like a blank one, with its right value; a blank says nothing more."""
    (item,) = graded(Paper("ada", "AAAAA", ()), VERSION, Points()).outcomes[1].report.items
    assert (item.status, item.sentences) == ("blank", ())
    assert item.right == ((((11, ""), (14, "")), ((20, ""), (23, ""))),)


def test_rows_that_say_nothing_are_listed(tmp_path, key, capsys):
    """A value that cannot be read, and a quantity that the question has not, are listed by line; not in feedback."""
    rows = "AAAAA,ada,1b,3//4\nAAAAA,ada,1b nosuch,3\nAAAAA,ada,9,3\n"
    assert graded_class(tmp_path, key, "code,student,label,value\n" + rows) == 0
    listed = dict(csv.reader((tmp_path / "marks" / "rejected.csv").read_text().splitlines()[1:]))
    assert listed["2"].startswith("the value of 1b cannot be read: '3//4' is not a number")
    assert listed["3"] == "question 1b has nothing called nosuch"
    assert listed["4"] == "9 is no question of version AAAAA; its questions go from 1a to 2"
    assert capsys.readouterr().out.startswith(f"{tmp_path / 'marks'}: 1 paper, 0 of 7 points on average\n")
    page = (tmp_path / "marks" / "feedback" / "ada.html").read_text()
    assert "line 2" not in page.lower()
    assert graded_class(tmp_path, key, ROW) == 0
    assert (tmp_path / "marks" / "rejected.csv").read_text() == "line,reason\n"  # of this run, not of the one before


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffcode,student,label,value\r\nAAAAA,ada,1b,11 14; 20 23\r\n",
        'code;student;label;value\r\nAAAAA;ada;1b;"11 14; 20 23"\r\n',
        "Code\tStudent\tLabel\tValue\nAAAAA\t ada \t1b\t11 14; 20 23\n",
        'value,label,student,code\n"11, 14; 20, 23",1b,ada,AAAAA\n',
    ],
)
def test_tables_as_spreadsheets_write_them(tmp_path, key, text):
    """A byte order mark, CRLF, semicolons or tabs between the columns, and columns in another order."""
    assert graded_class(tmp_path, key, text) == 0
    assert (tmp_path / "marks" / "marks.csv").read_text().splitlines()[1] == "ada,AAAAA,0,4,0,4,7,0.571"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", ": the first line is empty; it must be code,student,label,value"),
        (b"AAAAA,ada,1a,2x2\n", ": the first line is 'AAAAA,ada,1a,2x2' and names no column code; it must be "),
        (b"code,code,student,label,value\n", "names more than one column code; it must be "),
        (b"code,student,label,value\n", " has no answers that can be graded; write a line for each answer"),
        (b"code,student,label,value\nAAAAA,J\xfcrgen,1a,2x2\n", " is not UTF-8; save it as UTF-8 text"),
        (b'code,student,label,value\nAAAAA,ada,1a,"2x2\nAAAAA,bob,1a,2x2\n', ": the row of line 2 cannot be read: "),
        (b"code,student,label,value\nAAAAA,a\0b,1a,2x2\n", "student is 'a\\x00b', which has a control character in it"),
        (b"code;student;label;value\nAAAAA;ada;1b;1 2; 3 4\n", "line 2: there are more values than columns"),
    ],
)
def test_a_table_that_cannot_be_used_is_one_line(tmp_path, key, capsys, content, message):
    """What is wrong with a table is one line that begins with its name, and nothing is written."""
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    assert main(["grade", str(key), str(path), "-o", str(tmp_path / "marks")]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: {path}")
    assert message in error
    assert error.count("\n") == 1
    assert not (tmp_path / "marks").exists()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("[1]", "this is no JSON object; write "),
        ("nonsense", "this is no JSON object; write "),
        ('{"code": "AAAAA", "student": true, "label": "1a", "value": 1}', "student is True; write a text or a number"),
        ('{"code": "AAAAA", "student": "a", "label": {}, "value": 1}', "label is {}; write a text or a number"),
        (
            '{"code": "AAAAA", "student": "a", "label": 2, "value": {"a": 1}}',
            "value is {'a': 1}; write a text or a number",
        ),
        ('{"code": "AAAAA", "student": "a", "label": 2}', "value is missing"),
    ],
)
def test_lines_of_wrong_types(tmp_path, key, capsys, row, message):
    """A line of JSON with something else than texts and numbers is left out, by line."""
    right = json.dumps({"code": "AAAAA", "student": 7, "label": "1b", "value": [[11, 14], [20, 23]]})
    assert graded_class(tmp_path, key, f"{right}\n{row}\n", "answers.jsonl") == 0
    assert f"answers.jsonl: line 2: {message}" in capsys.readouterr().err
    assert (tmp_path / "marks" / "marks.csv").read_text().splitlines()[1] == "7,AAAAA,0,4,0,4,7,0.571"


def test_columns_are_in_the_order_of_the_sheet(tmp_path):
    """Where versions have the questions in another order, the columns of the marks do not hang on who came first."""
    first, second = VERSION["questions"]
    turned = [{**second, "number": 1}, {**first, "number": 2}]
    versions = [{**VERSION, "code": "AAAAA", "questions": turned}, {**VERSION, "code": "BBBBB"}]
    lines = ",\n".join(json.dumps(version) for version in versions)
    path = tmp_path / "key.json"
    path.write_text('{\n  "questions": ["slide", "choice"],\n  "versions": [\n' + lines + "\n  ]\n}\n")
    assert graded_class(tmp_path, path, "code,student,label,value\nAAAAA,ada,1,B\nBBBBB,bob,2,B\n") == 0
    head, *rows = (tmp_path / "marks" / "marks.csv").read_text().splitlines()
    assert head == "student,code,slide a,slide b,choice,points,out of,share"
    assert [row.split(",")[4] for row in rows] == ["2", "2"]


def test_long_names_keep_their_end():
    """On the terminal two parts of a question with a long title can be told apart."""
    title = "A strided window over the padded input"
    assert clipped(f"{title} (2) a", 32) == "A strided window over t... (2) a"
    assert len({clipped(f"{title}{end}", 32) for end in (" a", " b", " (2) a", " (2) b")}) == 4


def test_all_is_only_all():
    """Nearly all of the points are 99 percent: 100 % beside 5 of 6 right would be wrong."""
    question = QuestionSummary("", "1", "slide", points=Fraction(1999), out_of=Fraction(2000))
    assert question.percent == 99
    assert QuestionSummary("", "1", "slide", points=Fraction(3), out_of=Fraction(3)).percent == 100


@pytest.mark.parametrize("label", ["1b", "1(b)", "1 (B)", "Q1b", "question 1b.", "01 b", "1b output", "q1 (b): output"])
def test_labels_as_people_write_them(label):
    """A question and its part however they are written."""
    paper = Paper("ada", "AAAAA", ((label, "11 14; 20 23", 2),))
    made = graded(paper, VERSION, Points())
    assert made.rejected == ()
    assert made.outcomes[1].status == "right"


def test_codes_in_small_letters(tmp_path, key):
    """Codes are printed in capitals, and are typed in small letters too."""
    assert graded_class(tmp_path, key, "code,student,label,value\naaaaa,ada,1b,11 14; 20 23\n") == 0
    assert (tmp_path / "marks" / "marks.csv").read_text().splitlines()[1].startswith("ada,AAAAA,")


@pytest.mark.parametrize(
    ("first", "then", "points", "status"),
    [
        ("5 -1; 4 4", "5 0; 4 4", 1, "follows"),  # from one wrong cell
        ("5 -1; 4 4", "5 0; 5 4", 1, "right"),
        ("5 -1; 4 4", "5 -1; 4 4", None, "wrong"),
        ("-5 -1; -4 -4", "0 0; 0 0", None, "wrong"),  # all 0: that is less work
        ("5 -1; 4 _", "5 0; 4 4", None, "wrong"),
        ("5 -1 4 4", "5 0 4 4", None, "wrong"),
        ("5 -1; 5 4", "5 0; 4 4", None, "wrong"),  # the first part is right
    ],
)
def test_a_later_part_may_follow_from_an_earlier_one(first, then, points, status):
    """The maxima 5, -1, 5 and 4 go through a ReLU; whoever has others is judged by what follows from these."""
    image = [[5, 2, -5, -1], [1, -9, -5, -4], [-2, -6, -8, -4], [-8, 5, 3, 4]]
    pooling = {"operation": "pooling", "kind": "max", "size": 2, "input": image}
    relu = {"operation": "activation", "kind": "relu", "input": [[5, -1], [5, 4]]}
    parts = [
        {"part": "a", "points": 2, "label": "output", "value": [[5, -1], [5, 4]], "problem": pooling},
        {
            "part": "b",
            "points": 1,
            "label": "output",
            "value": [[5, 0], [5, 4]],
            "problem": relu,
            "takes": {"input": "a"},
        },
    ]
    version = {**VERSION, "questions": [{"number": 1, "name": "pool", "title": "", "draw": 0, "parts": parts}]}
    made = graded(Paper("ada", "AAAAA", (("1a", first, 2), ("1b", then, 3))), version, Points()).outcomes[1]
    assert made.status == status
    assert made.points == points if points is not None else made.points < 1
    if status == "follows":
        assert made.report.items[0].sentences == ("It follows rightly from your (a), which is wrong.",)
