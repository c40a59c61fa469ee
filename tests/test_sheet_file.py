"""Sheet files: what is accepted, and the one line that says what is wrong and where."""

from __future__ import annotations

import datetime
import json
import tomllib
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from symconv.cli import main
from symconv.errors import ProblemError
from symconv.sheets.file import name_of, read_sheet, schema, sheet_of, text_of
from symconv.sheets.versions import Sheet

QUESTION = {"operation": "flatten", "input": {"shape": [2, 2]}, "points": 1}
EXAMPLES = Path(__file__).parent.parent / "examples"


def sheet(**keys):
    """A sheet of one question with some keys changed."""
    return sheet_of({"title": "Quiz", "questions": [QUESTION], **keys})


def with_question(**keys):
    """A sheet whose question has some keys changed."""
    return sheet(questions=[{**QUESTION, **keys}])


def test_what_is_left_out_has_defaults():
    """One version, A4, fractions, no shuffling."""
    made = sheet()
    assert (made.versions, made.paper, made.decimals, made.shuffle) == (1, "a4", "fraction", False)


def test_points_are_exact():
    """Half points are halves, not binary fractions."""
    assert with_question(points=Decimal("0.5")).questions[0].points == Fraction(1, 2)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"question": [QUESTION]}, "question is unknown (did you mean questions?)"),
        ({"versions": 0}, "versions is 0"),
        ({"versions": "many"}, "versions is 'many'"),
        ({"paper": "a5"}, "paper is 'a5'; it must be 'a4' or 'letter'"),
        ({"title": 3}, "title is 3; write a text in quotes"),
        ({"questions": []}, "write either [[questions]] or [[sections]]"),
        ({"questions": ["a"]}, "questions[1]: 'a' is no table"),
        ({"questions": [QUESTION, {**QUESTION, "points": -1}]}, "questions[2].points is -1"),
        ({"questions": [{**QUESTION, "points": "3"}]}, "questions[1].points: '3' is no number"),
        ({"questions": [{"operation": "flatten"}]}, "questions[1]: points are missing"),
        ({"questions": [{"points": 1}]}, "questions[1]: operation is missing"),
        ({"questions": [{**QUESTION, "space": 900}]}, "questions[1].space is 900"),
        ({"questions": [{**QUESTION, "parts": [{"points": 1}, {}]}]}, "questions[1].parts[2].points: it is missing"),
        ({"questions": [{**QUESTION, "points": 3, "parts": [{"points": 1}]}]}, "points is 3, but the parts give 1"),
        ({"questions": [{"choose": 3, "questions": [QUESTION]}]}, "choose is 3, but the pool has 1 question"),
        (
            {"questions": [{"choose": 1, "questions": [QUESTION, {**QUESTION, "points": 2}]}]},
            "the questions of the pool give different points",
        ),
        (
            {"questions": [{"operation": "flatten", "point": 4}]},
            "points are missing; point is unknown (did you mean points?)",
        ),
        (
            {"questions": [{**QUESTION, "points": None, "parts": [{"points": 1}, {"pionts": 4}]}]},
            "questions[1].parts[2].points: it is missing; pionts is unknown (did you mean points?)",
        ),
        ({"questions": [{"operatoin": "flatten", "points": 1}]}, "operatoin is unknown (did you mean operation?)"),
        (
            {"questions": [{"chose": 1, "questions": [QUESTION]}]},
            "questions[1].choose: it is missing; chose is unknown",
        ),
        (
            {"questions": [QUESTION, {"choose": 1, "points": 4, "questions": [QUESTION]}]},
            "questions[2]: points stands beside choose; write it in each question of the pool",
        ),
        (
            {"questions": [{"choose": 1, "question": [QUESTION]}]},
            "questions[1].questions: it is missing; question is unk",
        ),
        ({"band": {"largest": "x"}}, "band.largest"),
        ({"band": {"smallest": 3}}, "band.smallest is unknown"),
    ],
)
def test_a_wrong_sheet_is_one_line_that_names_the_place(keys, words):
    """The message holds the path in the file and what would be right, on one line."""
    with pytest.raises(ProblemError) as error:
        sheet(**keys)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"operation": "flaten"}, "questions[1]: the operation 'flaten' is unknown; did you mean 'flatten'?"),
        ({"stride": 2}, "questions[1]: the key stride is unknown"),
        ({"input": {"shape": [2, 2], "low": 3, "high": 1}}, "questions[1].input: "),
        ({"input": {"shape": [2, 0]}}, "questions[1].input: shape[2] is 0"),
        ({"input": {"shape": [2, 2], "lo": 3}}, "questions[1].input: lo is unknown (did you mean low?)"),
        ({"input": {"shape": [2, 2], "zeros": Decimal("1.5")}}, "questions[1].input: zeros is"),
        ({"order": {"one_of": []}}, "questions[1].order: one_of"),
        ({"order": {"one_of": ["diagonal"]}}, "questions[1]: order is 'diagonal'"),
        (
            {"parts": [{"points": 1, "input": {"part": "b"}}, {"points": 1}], "points": 2},
            "parts[1].input takes the res",
        ),
    ],
)
def test_a_wrong_question_names_its_place(keys, words):
    """What the operation refuses is said with the place in the sheet, before anything is drawn for a version."""
    with pytest.raises(ProblemError) as error:
        Sheet(with_question(**keys))
    assert words in str(error.value)


def test_two_questions_of_one_id():
    """An id that two questions have is told with both places, in sections and pools too."""
    one = {**QUESTION, "id": "a"}
    other = {**QUESTION, "id": "a", "input": {"shape": [3, 3]}}
    with pytest.raises(ProblemError) as error:
        Sheet(sheet(questions=[one, QUESTION, other]))
    assert str(error.value) == "questions[3].id is 'a', but that is the id of questions[1]; give each an id of its own"
    pool = {"choose": 1, "questions": [QUESTION, other]}
    sections = [{"title": "One", "questions": [one]}, {"title": "Two", "questions": [pool]}]
    with pytest.raises(ProblemError) as error:
        Sheet(sheet(questions=[], sections=sections))
    places = "sections[2].questions[1].questions[2].id is 'a', but that is the id of sections[1].questions[1]"
    assert str(error.value) == f"{places}; give each an id of its own"


AVERAGES = {"operation": "pooling", "kind": "average", "size": 2, "input": {"shape": [4, 4]}}  # of 2 by 2 windows


@pytest.mark.parametrize(
    ("choices", "keys", "words"),
    [
        (
            5,
            AVERAGES,
            "needs 4 different wrong answers, but this question has only 3 (not_divided, largest_taken, stride_one)",
        ),
        (4, {}, "needs 3 different wrong answers, but this question has only one (other_order); write choices = 2"),
        (2, {"input": {"shape": [1, 4]}}, "needs 1 different wrong answers, but this question has none; leave choices"),
    ],
)
def test_a_choice_of_more_answers_than_there_are(choices, keys, words):
    """Where no draw can have so many wrong answers, the line says how many the question has, and which."""
    with pytest.raises(ProblemError) as error:
        Sheet(with_question(choices=choices, **keys))
    assert f"questions[1].choices is {choices} and {words}" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("choices", "keys"), [(4, AVERAGES), (2, {})])
def test_a_choice_of_as_many_answers_as_there_are(choices, keys):
    """What the message of too many advises can be drawn: sum, largest and stride 1, or the other order."""
    made = Sheet(with_question(choices=choices, **keys))
    (pick,) = made.picks(1)
    (question,) = made.version(1, "A", {pick.question: pick.attempt}).questions
    given = question.parts[0].choices
    assert len({(choice.value.shape, choice.value.cells) for choice in given}) == choices


def test_a_drawn_parameter_may_decide_how_many_wrong_answers_there_are():
    """Where only some of the drawn sizes give enough wrong answers, the draws with those are taken."""
    keys = {"input": {"one_of": ["1 2 3", "1 2; 3 4", "5 6; 7 8"]}}
    made = Sheet(with_question(choices=2, **keys))
    for number in range(1, 9):
        (pick,) = made.picks(number)
        (question,) = made.version(number, "A", {pick.question: pick.attempt}).questions
        assert question.parts[0].problem.setting.operands["input"].shape[-2:] == (2, 2)


def test_two_questions_alike_need_names():
    """Two questions with the same content would have one stream: they need ids."""
    with pytest.raises(ProblemError, match=r"questions\[2\] is the same as questions\[1\]"):
        Sheet(sheet(questions=[QUESTION, QUESTION]))
    named = [{**QUESTION, "id": "one"}, {**QUESTION, "id": "two"}]
    assert len(list(Sheet(sheet(questions=named)).judges)) == 2


def test_texts_and_points_do_not_change_a_name():
    """A corrected spelling or other points leave the numbers of a question as they were; another stride does not."""
    first = with_question(text="Flaten A.").questions[0]
    second = with_question(text="Flatten A.", points=3).questions[0]
    assert name_of(first) == name_of(second)
    assert name_of(with_question(order="column").questions[0]) != name_of(first)


def test_a_file_that_is_no_toml_is_one_line(tmp_path):
    """Files that are missing, no text, or no TOML are refused in a line."""
    for name, content in [("a.toml", b"title = "), ("b.toml", b"\xff\xfe"), ("c.toml", b"[[[")]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ProblemError) as error:
            read_sheet(text_of(tmp_path / name))
        assert "\n" not in str(error.value)
    with pytest.raises(ProblemError, match="cannot be read"):
        text_of(tmp_path / "missing.toml")


def test_the_schema_knows_every_key_of_the_example():
    """The JSON Schema is JSON, and names what the example writes, for the sheet and its questions."""
    made = json.loads(json.dumps(schema()))
    keys = tomllib.loads((EXAMPLES / "midterm.toml").read_text(encoding="utf-8"))
    assert set(keys) <= set(made["properties"])
    for question in keys["questions"]:
        assert set(question) <= set(made["$defs"]["QuestionTable"]["properties"])


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"versions": "3"}, "versions is '3'; write a whole number"),
        ({"versions": True}, "versions is True; write a whole number"),
        ({"shuffle": "yes"}, "shuffle is 'yes'; write true or false"),
        ({"seed": Decimal("1.5")}, "seed: 1.5 is no seed; write a text in quotes or a whole number"),
        ({"date": datetime.time(10)}, "date: 10:00:00 is no date; write a text in quotes or a date such as 2026-12-01"),
        ({"band": {"largest": [9, 1]}}, "band.largest: [9, 1] begins with the larger number"),
        ({"band": {"largest": Decimal("NaN")}}, "band.largest: NaN is no range; write the most, or the least and"),
        ({"band": {"zeros": True}}, "band.zeros: True is no range"),
        ({"band": 3}, "band is 3; write a table"),
        ({"questions": [{**QUESTION, "points": Decimal("Infinity")}]}, "questions[1].points: Infinity is no number"),
        ({"questions": [{**QUESTION, "points": Decimal("1e-999999999")}]}, "points: 1E-999999999 is no number of a"),
        ({"questions": [{**QUESTION, "id": "x" * 101}]}, "should have at most 100 characters"),
        ({"questions": [{**QUESTION, "parts": [{"points": 1}] * 27}]}, "should have at most 26 items, not 27"),
    ],
)
def test_a_value_of_another_kind_is_one_line(keys, words):
    """Numbers are numbers, of a usual size, and nothing is taken for what it is not."""
    with pytest.raises(ProblemError) as error:
        sheet(**keys)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"input": {"shape": [100_000, 100_000]}}, "questions[1].input: shape is [100000, 100000], that is more than"),
        ({"input": {"shape": [2], "low": "0"}}, "questions[1].input: low is '0'; write a whole number"),
        ({"input": {"one_of": [{"shape": [2]}]}}, "questions[1].input: one_of holds what is drawn itself; give values"),
        ({"order": {"one_of": [{"one_of": [1]}]}}, "questions[1].order: one_of holds what is drawn itself"),
        ({"choices": 3, "input": "a b; c d"}, "questions[1].choices need numbers, but the operands have letters"),
        ({"choices": 3, "distractors": ["nosuch"]}, "questions[1].distractors: 'nosuch' is no misconception here"),
        ({"distractors": ["column_major"]}, "questions[1].distractors"),
        ({"self": 1}, "questions[1]: the key self is unknown"),
        (
            {"parts": [{"points": 1}, {"points": 1, "input": {"part": "a", "quantity": "no"}}], "points": 2},
            "parts[2]: ",
        ),
    ],
)
def test_a_question_that_cannot_be_drawn_is_one_line(keys, words):
    """What cannot be drawn, or not be asked for in multiple choice, is told with its place."""
    with pytest.raises(ProblemError) as error:
        Sheet(with_question(**keys))
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_an_array_drawn_for_a_parameter():
    """A parameter is drawn from a list, and the error says how."""
    question = {"operation": "convolution", "input": "1 2 3", "kernel": "1 2", "points": 1}
    with pytest.raises(ProblemError, match=r"a parameter is drawn from a list, such as stride = {one_of = \[1, 2\]}$"):
        Sheet(sheet(questions=[{**question, "stride": {"shape": [2]}}]))


def test_letters_are_the_same_in_every_version():
    """A question with letters alone has nothing drawn: it is warned about, and runs out of nothing."""
    made = Sheet(sheet(versions=3, questions=[{**QUESTION, "input": {"shape": [2, 2], "numbers": "letters"}}]))
    assert any("has the same numbers in every version" in warning for warning in made.warnings())
    assert len(made.distinct([made.picks(number) for number in (1, 2, 3)])) == 3


def test_a_file_without_end(tmp_path):
    """A file that is far too large is not read to its end."""
    path = tmp_path / "huge.toml"
    with path.open("wb") as file:
        file.truncate(10_000_001)
    with pytest.raises(ProblemError, match="^the file has more than 10,000,000 bytes"):
        text_of(path)


def test_a_number_with_thousands_of_digits():
    """Python's limit on digits is told in words of the file."""
    with pytest.raises(ProblemError, match="^this is not TOML: a number has thousands of digits"):
        read_sheet(f"seed = {'9' * 5000}")


GOOD = 'title = "Quiz"\n[[questions]]\noperation = "flatten"\ninput = {shape = [2, 2]}\npoints = 1\n'


@pytest.mark.parametrize(
    "content", [GOOD.encode("utf-8-sig"), GOOD.replace("\n", "\r\n").encode(), GOOD.encode() + b"# the end"]
)
def test_files_of_other_editors(tmp_path, content):
    """A byte order mark, line ends of Windows and a last line without an end are no faults."""
    path = tmp_path / "quiz.toml"
    path.write_bytes(content)
    assert read_sheet(text_of(path)) == read_sheet(GOOD)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "title: it is missing"),
        (b"# nothing yet\n", "title: it is missing"),
        (
            b'operation = "flatten"\ninput = "1 2"\n',
            "this is a problem, with an operation and no questions; symconv solve takes it; a sheet has it below",
        ),
        (b'title = "Quiz"\n', "the sheet: write either [[questions]] or [[sections]]"),
        (b"Question 1: what is 3 + 3?\n", "this is not TOML: Expected '=' after a key"),
        (b'{"title": "Quiz"}', "this is not TOML: Invalid statement (at line 1, column 1)"),
        (b"title = Quiz\n", "this is not TOML: Invalid value (at line 1, column 9)"),
        ("title = \u201cQuiz\u201d\n".encode(), "this is not TOML: Invalid value (at line 1, column 9)"),
        (b'title = "Quiz\n', "this is not TOML: Illegal character '\\n' (at line 1, column 14)"),
        (b'title = "A"\ntitle = "B"\n', "this is not TOML: Cannot overwrite a value (at line 2, column 12)"),
        (b'title = "A"\ndate = 2026-13-45\n', "this is not TOML: Expected newline or end of document"),
        (GOOD.replace("points = 1", "points = 2,5").encode(), "this is not TOML: Expected newline or end of document"),
        (GOOD.replace("\n", "\r").encode(), "this is not TOML: Expected newline or end of document"),
        (GOOD.replace("[[questions]]", "[questions]").encode(), "questions is {'operation': 'flatten', "),
        (b"title = " + b"[" * 3000 + b"]" * 3000, "this is not TOML: lists or tables are nested too deep; see"),
        (GOOD.encode("utf-16"), "byte 0 is not UTF-8"),
        (GOOD.replace("Quiz", "Pr\u00fcfung").encode("latin-1"), "byte 11 is not UTF-8"),
        (bytes(range(256)), "byte 128 is not UTF-8"),
        (b"\0" * 100, "this is not TOML: Invalid statement (at line 1, column 1)"),
    ],
)
def test_a_clumsy_file_is_one_line(tmp_path, capsys, content, words):
    """What is no sheet is refused by each command in one line, with status 2, and nothing is written."""
    path = tmp_path / "quiz.toml"
    path.write_bytes(content)
    for command in (["sheet", str(path), "-o", str(tmp_path / "out")], ["stress", str(path)]):
        assert main(command) == 2
        error = capsys.readouterr().err
        assert error.startswith(f"error: {path}: {words}")
        assert error.count("\n") == 1
    assert [one.name for one in tmp_path.iterdir()] == ["quiz.toml"]


def test_a_folder_in_place_of_a_sheet(tmp_path, capsys):
    """A folder of the sheet's name is named."""
    assert main(["sheet", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"error: {tmp_path}: this is a folder; give a sheet file in TOML\n"


def named(*questions):
    """What the questions of a sheet are called in its key."""
    made = Sheet(
        sheet(questions=[{**QUESTION, "input": {"shape": [2, n + 1]}, **q} for n, q in enumerate(questions, 1)])
    )
    return [made.called[judge.question.name] for judge in made.judges]


def test_questions_are_called_what_a_person_knows():
    """The id, else the title on one line, else the operation; namesakes are told apart, and an id gives way to none."""
    assert named({"id": "first"}, {"title": "Long\n vectors"}, {}) == ["first", "Long vectors", "Flatten"]
    assert named({}, {}, {"title": "Flatten"}) == ["Flatten", "Flatten (2)", "Flatten (3)"]
    assert named({"title": "one"}, {"id": "one"}) == ["one (2)", "one"]


def test_columns_of_the_marks_are_told_apart():
    """No question is called like another column of the marks, or like a part of another question."""
    parts = [{"points": 1}, {"points": 1}]
    assert named({"title": "points"}, {"id": "code"}) == ["points (2)", "code (2)"]
    given = {"points": None, "parts": parts, "title": "Flatten"}
    assert named(given, {"title": "Flatten a"}, {}) == ["Flatten", "Flatten a (2)", "Flatten (2)"]


def test_a_name_changes_no_draw():
    """A title, and another question of the same title, leave the numbers of a question as they were."""
    question = {**QUESTION, "input": {"shape": [2, 2], "low": 0, "high": 9}}
    other = {**QUESTION, "title": "Vectors", "input": {"shape": [3, 3], "low": 0, "high": 9}}
    alone, titled, second = (
        Sheet(sheet(questions=questions))
        for questions in ([question], [{**question, "title": "Vectors"}], [other, {**question, "title": "Vectors"}])
    )
    picks = [made.picks(1)[-1] for made in (alone, titled, second)]
    assert picks[0] == picks[1] == picks[2]
    assert [list(made.called.values())[-1] for made in (alone, titled, second)] == ["Flatten", "Vectors", "Vectors (2)"]


def test_irrational_results_are_refused_in_a_line():
    """Roots and exponentials are no wrong answers to choose from, and no operand of a later part."""
    norm = {"operation": "pooling", "kind": "lp", "p": 2, "size": 2, "input": {"shape": [2, 4], "low": -3, "high": 3}}
    with pytest.raises(ProblemError, match=r"choices is 4 .* has only 2 \(largest_taken, root_forgotten\)"):
        Sheet(sheet(questions=[{**norm, "points": 1, "choices": 4}])).picks(1)
    later = {"operation": "flatten", "input": {"part": "a"}, "points": 1}
    with pytest.raises(ProblemError, match="takes the result of part a, which has roots in it"):
        Sheet(sheet(questions=[{**norm, "parts": [{"points": 1}, later]}])).picks(1)
