"""Exams on paper: what stands on it, where its boxes are, and that no version differs from another in layout."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from conftest import TEX_PACKAGES, Reader, need
from sheets import COVER, Numbers, part, small_version, version

from symconv.errors import OutputError
from symconv.operations import OPERATIONS
from symconv.page import Paper
from symconv.pdf import command_of, sheets_pdf, version_at
from symconv.sheets.exam import digits, number_text, points_text, widest
from symconv.sheets.paper import Style, exam_source, solutions_source
from symconv.sheets.printing import Run, accessible_pdf, printed_exams, printed_solutions
from symconv.sheets.regions import boxes_of, parsed, placed, regions_json, regions_of, same_layout
from symconv.sheets.sheet import Choice, Cover, Part, Question, Section, Version
from symconv.sheets.spaces import Space, spaces
from symconv.sheets.split import split
from symconv.solution import solve
from symconv.tensor import Tensor
from symconv.typeset.formats import FORMATS

ENGINES = [pytest.param("tex", marks=pytest.mark.tex), "typst"]
FORM = {"tex": "tex", "typst": "typ"}
HOSTILE = (
    r"\input{/etc/passwd} #eval(1) $x$ 50% _a_ ^^M *b* ~ <c> {d} @e \end{document} #pagebreak() [f] \\ // /* & \"q\""
)
MM = 72 / 25.4


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """An engine that is installed; without TeX its tests are skipped, or fail where CI is set."""
    if request.param == "tex":
        need("pdflatex", TEX_PACKAGES)
    return str(request.param)


def versions(count: int = 3) -> list[Version]:
    """Versions with different numbers."""
    return [version(number, f"CODE{number}") for number in range(1, count + 1)]


def run_of(made: Sequence[Version], engine: str, style: Style | None = None, cover: Cover = COVER) -> Run:
    """Exams with the widths of the widest version."""
    return printed_exams(made, cover, style or Style(), engine, widths=widest(digits(v) for v in made))


def rows(tensor: Tensor) -> list[tuple[Any, ...]]:
    """The innermost rows of an array."""
    width = tensor.shape[-1]
    return [tensor.cells[at : at + width] for at in range(0, len(tensor.cells), width)]


def every_space(made: Version, style: Style | None = None) -> list[Space]:
    """The answer spaces of a version as they are known beforehand."""
    return list(spaces(made, (style or Style()).paper(COVER), digits(made)))


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
@pytest.mark.parametrize("size", [11, 18])
def test_versions_have_the_same_boxes(engine: str, size: int) -> None:
    """Whatever their numbers are, all versions have the same pages and boxes, and as many boxes as are known."""
    made = versions()
    run = run_of(made, engine, Style(size=size))
    found = [regions_of(copy.pdf) for copy in run.copies]
    assert [copy.code for copy in run.copies] == ["CODE1", "CODE2", "CODE3"]
    assert len({copy.pages for copy in run.copies}) == 1
    assert same_layout(found[0], found[1])
    assert same_layout(found[0], found[2])
    assert len(found[0]) == sum(len(space.boxes) for space in every_space(made[0], Style(size=size)))


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_boxes_have_the_size_they_were_given(engine: str) -> None:
    """Each box read back is as wide and as high as its cells together, stands inside the margins, and overlaps none."""
    made = versions(1)
    found = regions_of(run_of(made, engine).copies[0].pdf)
    widths = digits(made[0])
    boxes = [box for space in spaces(made[0], Style().paper(COVER), widths) for box in space.boxes]
    for box, (_, left, bottom, right, top) in zip(boxes, found, strict=True):
        assert right - left == pytest.approx(box.columns * box.cell[0] * MM, abs=0.1)
        assert top - bottom == pytest.approx(box.rows * box.cell[1] * MM, abs=0.1)
        assert left >= 22 * MM - 0.1
        assert right <= (210 - 22) * MM + 0.5
        assert bottom >= 24 * MM - 0.1
        assert top <= (297 - 22) * MM
    for number, one in enumerate(found):
        for other in found[:number]:
            apart = one[1] >= other[3] or other[1] >= one[3] or one[2] >= other[4] or other[2] >= one[4]
            assert one[0] != other[0] or apart


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_quick_reading_is_parsing(engine: str) -> None:
    """The boxes read from what an engine writes are those found by following every operator of the page."""
    with pikepdf.open(BytesIO(run_of(versions(1), engine).whole)) as document:
        for page in document.pages:
            quick, thorough = boxes_of(page), list(parsed(page))
            assert quick == [pytest.approx(box, abs=0.001) for box in thorough]


def test_boxes_behind_transformations_are_found() -> None:
    """A page that scales and moves, as no engine of ours does, is parsed: two boxes, one of them not in the colour."""
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(200, 200))
    paint = b"0.9451 0.9647 0.9843 rg"
    page.Contents = document.make_stream(
        b"q 2 0 0 2 10 20 cm q 1 0 0 1 5 5 cm " + paint + b" 0 0 10 20 re f Q 0 0 10 10 re f Q"
    )
    assert boxes_of(page) == [pytest.approx((20, 30, 40, 70))]


def test_same_layout_sees_pages_and_places() -> None:
    """Another page, a box a point away, or one box fewer is another layout."""
    one = [(1, 10.0, 10.0, 20.0, 20.0), (2, 10.0, 10.0, 20.0, 20.0)]
    assert same_layout(one, [(page, *[side + 0.05 for side in box]) for page, *box in one])  # type: ignore[misc]
    assert not same_layout(one, [(1, 10.0, 10.0, 20.0, 20.0), (3, 10.0, 10.0, 20.0, 20.0)])
    assert not same_layout(one, [(1, 10.0, 10.0, 20.0, 21.0), (2, 10.0, 10.0, 20.0, 20.0)])
    assert not same_layout(one, one[:1])


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_regions_say_what_each_box_is_for(engine: str) -> None:
    """regions.json names question, part and label, and how cells divide the box; choices have a box each."""
    made = versions(1)
    found = placed(made[0], Style().paper(COVER), digits(made[0]), regions_of(run_of(made, engine).copies[0].pdf))
    said = json.loads("".join(regions_json([("CODE1", found)])))["CODE1"]
    assert [(r["label"], r["rows"], r["columns"]) for r in said[:2]] == [("name", 1, 1), ("id", 1, 8)]
    asked = {(r["question"], r["part"]): [] for r in said[2:]}  # type: ignore[var-annotated]
    for region in said[2:]:
        asked[(region["question"], region["part"])].append(region)
    shapes = {key: [(r.get("rows"), r.get("columns"), r.get("first")) for r in rs] for key, rs in asked.items()}
    assert shapes[("strided", "a")] == [(1, 1, [0]), (1, 1, [1])]
    assert shapes[("strided", "b")] == [(2, 2, [0, 0])]  # (6 - 3) / 3 + 1 = 2
    assert shapes[("strided", "c")] == [(None, None, None)]
    assert shapes[("network", "")] == [(4, 6, [0, 0])]
    assert shapes[("signal", "")] == [(1, 7, [0]), (1, 7, [7])]  # 12 + 3 - 1 = 14
    assert shapes[("gradients", "a")] == [(3, 3, [0, 0])]
    assert shapes[("channels", "")] == [(2, 2, [0, 0, 0]), (2, 2, [1, 0, 0])]
    (choice,) = asked[("choice", "")]
    assert [tick["choice"] for tick in choice["choices"]] == ["A", "B", "C"]
    assert {key[0] for key in asked} == {"strided", "network", "signal", "choice", "gradients", "channels"}


def test_regions_of_another_pdf_are_refused() -> None:
    """A PDF with another number of boxes is not the version's."""
    with pytest.raises(OutputError, match="version CODE1: its PDF has 0 answer boxes, but its questions have"):
        placed(version(1, "CODE1"), Paper(), {}, [])


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_what_stands_on_the_paper(engine: str, reader: Reader) -> None:
    """Title, points with a decimal comma, sections, given numbers, conventions; version and pages on each page."""
    made = versions(1)
    copy = run_of(made, engine).copies[0]
    text = " ".join(reader.text(copy.pdf).split())
    for words in ("Final exam", "1 February 2027", "No calculators.", "Student number", "Part I: windows", "Part II"):
        assert words in text
    for words in ("6,5 points", "1 point", "3,5 points", "29,5"):  # 1 + 3.5 + 2 = 6.5; 6.5 + 6 + 4 + 2 + 6 + 5 = 29.5
        assert words in text
    for operand in made[0].sections[0].questions[0].parts[0].problem.setting.operands.values():
        for row in rows(operand):
            assert " ".join(map(str, row)) in text
    assert text.count("This is a cross-correlation") == 3  # strided (once for three parts), choice, channels
    assert text.count("Version CODE1") == copy.pages
    for page in range(1, copy.pages + 1):
        assert f"Page {page} of {copy.pages}" in text
    for words in ("parameters", "FLOPs", "2 pool"):  # the words of the table
        assert words in text


def numbers_in(text: str) -> list[str]:
    """Every number of a text, with its sign."""
    return re.findall(r"-?\d+", text)


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_no_answer_is_on_the_paper(engine: str, reader: Reader) -> None:
    """No right answer stands in the text of an exam, but for that of the multiple choice, which stands once."""
    made = versions(1)
    text = reader.text(run_of(made, engine).copies[0].pdf)
    given = {
        str(cell)
        for question in made[0].questions
        for part_ in question.parts
        for tensor in part_.problem.setting.operands.values()
        for cell in tensor.cells
    }
    shown = {
        str(cell) for question in made[0].questions for p in question.parts for c in p.choices for cell in c.value.cells
    }
    printed = set(numbers_in(text))
    secret = [
        str(cell)
        for question in made[0].questions
        for part_ in question.parts
        if part_.answer != "size"
        for cell in part_.value.cells
        if abs(cell) > 99 and str(cell) not in shown | given | {"784"}
    ]
    assert len(secret) > 20
    assert [cell for cell in secret if cell in printed] == []


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_typed_text_is_text(engine: str, reader: Reader) -> None:
    """Whatever is typed into any field stands on the paper as it was typed; nothing of it is run."""
    fields = {name: f"{name} {HOSTILE}" for name in ("title", "text", "part", "section", "section_text")}
    cover = Cover(f"T {HOSTILE}", f"C {HOSTILE}", f"D {HOSTILE}", f"I {HOSTILE}")
    run = printed_exams([small_version(1, "A<B", **fields)], cover, Style(), engine)
    text = "".join(reader.text(run.copies[0].pdf).split())
    assert run.copies[0].code == "A<B"
    for field in ("T", "C", "D", "I", *fields):
        assert field + r"\input{/etc/passwd}#eval(1)$x$50%_a_^^M*b*~<c>{d}@e" in text
    assert text.count(r"\end{document}") >= 7  # a line may break in it
    assert "root:" not in text


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_the_page_count_is_found_out(engine: str, reader: Reader) -> None:
    """A version that has more pages than the others says so on each of its pages."""
    long = replace(version(2, "LONG"), sections=version(2, "LONG").sections * 2)
    run = printed_exams([small_version(1, "SHORT"), long], COVER, Style(), engine)
    short_pages, long_pages = (copy.pages for copy in run.copies)
    assert short_pages == 1
    assert long_pages > 6
    assert "Page 1 of 1" in " ".join(reader.text(run.copies[0].pdf).split())
    text = " ".join(reader.text(run.copies[1].pdf).split())
    assert f"Page {long_pages} of {long_pages}" in text
    assert split(run.whole) == list(run.copies)


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_a_part_too_tall_for_a_page_loses_nothing(engine: str) -> None:
    """Where a part does not fit a page, it breaks; all its boxes are on paper."""
    draw = Numbers(1)
    keys = {"operation": "cross_correlation", "input": draw(9, 9), "kernel": draw(2, 2)}
    tall = part("a", "Give the output.", 1, keys, space=190)
    made = Version(1, "A", (Section("", "", (Question("q", 1, "Tall", "", (tall,)),)),))
    copy = printed_exams([made], COVER, Style(), engine).copies[0]
    found = regions_of(copy.pdf)
    assert len(found) == 3  # name, number, answer
    assert all(0 < bottom < top < 842 for _, _, bottom, _, top in found)


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_nothing_is_off_the_page_behind_choices_taller_than_a_page(engine: str) -> None:
    """In large print, behind a question that breaks over pages, the next one begins where it fits."""
    draw = Numbers(3)
    values = [Choice(Tensor.of(draw(6, 6)), name) for name in ("", "one", "two", "three", "four", "five")]
    keys = {"operation": "cross_correlation", "input": draw(7, 7), "kernel": draw(2, 2)}
    tall = Question("tall", 1, "Which?", "Tick one.", (part("", "", 2, keys, choices=tuple(values), space=20),))
    keys = {**keys, "input": draw(9, 7), "ask": "size"}
    following = Question("next", 2, "And this?", "How large?", (part("", "", 2, keys, space=40),))
    made = Version(1, "CODE1", (Section("", "", (tall, following)),))
    run = run_of([made], engine, Style(18))
    found = regions_of(run.copies[0].pdf)
    assert len(found) == sum(len(space.boxes) for space in every_space(made, Style(18)))
    for _, left, bottom, right, top in found:
        assert 18 * MM - 0.1 <= left < right <= (210 - 18) * MM + 0.5
        assert 24 * MM - 0.1 <= bottom < top <= (297 - 22) * MM


def tall_version(asked: Part, *more: Part, text: str = "Slide K.") -> Version:
    """A version with one question, and a small one behind it."""
    keys = {"operation": "cross_correlation", "input": [[1, 2], [3, 4]], "kernel": [[1, 0]], "ask": "size"}
    after = Question("next", 2, "And this?", "How large?", (part("", "", 2, keys, space=20),))
    return Version(1, "CODE1", (Section("", "", (Question("tall", 1, "Tall", text, (asked, *more)), after)),))


def found_in(made: Version, engine: str, style: Style, paper: str = "a4") -> tuple[bytes, list[dict[str, Any]]]:
    """The PDF of a version, and its answer spaces but for the student's, none of them off the page or its margins."""
    cover = replace(COVER, paper=paper)
    pdf = run_of([made], engine, style, cover).copies[0].pdf
    sheet = style.paper(cover)
    for _, left, bottom, right, top in regions_of(pdf):
        assert sheet.margin * MM - 0.1 <= left < right <= (sheet.margin + sheet.width) * MM + 0.5
        assert sheet.bottom * MM - 0.1 <= bottom < top <= (sheet.bottom + sheet.height) * MM + 0.1
    return pdf, placed(made, sheet, digits(made), regions_of(pdf))[2:]


def pages_with(words: str, pdf: bytes, reader: Reader) -> list[int]:
    """The pages on which words stand, from 1."""
    return [number for number, text in enumerate(reader.text(pdf).split("\f"), 1) if words in text]


def choices_of(count: int, size: int) -> tuple[dict[str, Any], tuple[Choice, ...]]:
    """A problem with an input of 9 by 9, and matrices of that size to choose from."""
    draw = Numbers(5)
    keys = {"operation": "cross_correlation", "input": draw(9, 9), "kernel": draw(2, 2)}
    return keys, tuple(Choice(Tensor.of(draw(size, size)), f"mistake {n}" if n else "") for n in range(count))


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
@pytest.mark.parametrize(
    ("paper", "count", "rows", "pages"),
    [
        ("a4", 4, 5, [0, 0, 0, 0]),  # 4 * (5 * 5.4 * 18 / 11 + 3) = 189 mm: they fit a page, but not below the input
        ("letter", 4, 5, [0, 0, 0, 0]),
        ("a4", 4, 6, [0, 0, 0, 0]),  # 4 * (6 * 5.4 * 18 / 11 + 3) = 224 mm of 247, of which a heading takes 15
        ("letter", 4, 6, [0, 0, 1, 1]),  # 224 mm of 229
        ("a4", 4, 7, [0, 0, 1, 1]),  # 4 * (7 * 5.4 * 18 / 11 + 3) = 259 mm: more than a page, so two and two
        ("letter", 6, 7, [0, 0, 0, 1, 1, 1]),
    ],
)
def test_choices_stay_together(
    engine: str, paper: str, count: int, rows: int, pages: list[int], reader: Reader
) -> None:
    """No page ends between choices that fit one; more are shared out evenly, and what comes next is behind them."""
    keys, choices = choices_of(count, rows)
    made = tall_version(part("", "", 2, keys, choices=choices, space=30))
    pdf, (asked, *after) = found_in(made, engine, Style(18), paper)
    first = asked["page"]
    assert [first] == pages_with("continued", pdf, reader)  # the line above the choices says to what they belong
    assert [tick["page"] - first for tick in asked["choices"]] == pages
    assert all(box["page"] >= first + pages[-1] for box in after)


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
@pytest.mark.parametrize("size", [11, 18])
@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_an_answer_stays_below_its_question(engine: str, size: int, paper: str, reader: Reader) -> None:
    """Where a part is too tall for a page the space to work in gives way, however much was asked for."""
    keys = choices_of(0, 0)[0]
    tall = part("a", "First of all.", 1, keys, space=200, hide_shape=True)
    second = part("b", "Then.", 1, {**keys, "padding": 1}, space=250, hide_shape=True)
    pdf, (one, other, *_) = found_in(tall_version(tall, second), engine, Style(size), paper)
    assert pages_with("First of all.", pdf, reader) == [one["page"]]
    assert pages_with("Then.", pdf, reader) == [other["page"]]
    for box in (one, other):  # at the very bottom: all the space there is is left
        assert box["box"][1] == pytest.approx(24 * MM, abs=12)


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
@pytest.mark.parametrize("size", [11, 18])
def test_a_question_that_goes_on_says_so(engine: str, size: int, reader: Reader) -> None:
    """Where a page ends between what is asked and the answer of a question without parts, the answer has its title."""
    for space in (20, 200):
        made = tall_version(part("", "", 1, choices_of(0, 0)[0], space=space))
        pdf, (box, *_) = found_in(made, engine, Style(size, cover_page=True))
        (head,) = pages_with("Slide K.", pdf, reader)
        goes_on = pages_with("continued", pdf, reader)
        assert goes_on == ([] if box["page"] == head else [box["page"]])
        assert bool(goes_on) == (space == 200 or size == 18)  # 9 rows to look at and 8 to fill, and a page is full


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_a_little_less_space_keeps_a_question_whole(engine: str, reader: Reader) -> None:
    """A question a little taller than a page stays on one, with up to a third less to work in; with more it breaks."""
    keys = choices_of(0, 0)[0]
    seen = []
    for space in (40, 100, 120, 140, 160, 180, 200, 220, 240):
        made = tall_version(part("a", "Then answer.", 1, keys, space=space))
        pdf, (box, *_) = found_in(made, engine, Style(cover_page=True))
        (head,) = pages_with("Slide K.", pdf, reader)
        assert pages_with("Then answer.", pdf, reader) == [box["page"]]
        seen.append((box["page"] - head, round(box["box"][1])))
    whole = [bottom for apart, bottom in seen if apart == 0]
    assert [apart for apart, _ in seen] == [0] * len(whole) + [1] * (len(seen) - len(whole))
    assert 0 < len(whole) < len(seen)
    assert whole[0] - whole[-1] > 20 * MM  # lower the more space there is,
    assert whole[-1] == pytest.approx(24 * MM, abs=12)  # down to the margin


def first_section(number: int, space: float, letter: str = "", size: int = 4) -> Version:
    """A version whose first question stands in a section."""
    draw = Numbers(number)
    keys = {"operation": "cross_correlation", "input": draw(size, size), "kernel": draw(2, 2)}
    question = Question("one", 1, "One", "Slide K.", (part(letter, "Give H.", 4, keys, space=space),))
    return Version(number, f"CODE{number}", (Section("Part I", "Answer all.", (question,)),))


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_the_first_section_begins_below_the_cover(engine: str) -> None:
    """It does where up to a third less space to work in lets it fit, in all versions alike; else it has a new page."""
    lowest, bottoms = 24 * MM, {}
    for space in range(20, 130, 15):
        run = run_of([first_section(number, space) for number in (1, 2)], engine)
        one, other = (regions_of(copy.pdf) for copy in run.copies)
        assert same_layout(one, other)
        page, _, bottom, _, _ = one[-1]
        bottoms[space] = (page, bottom)
    top = bottoms[20][1] + 20 * MM  # where the answer would end without any space above it
    for space, (page, bottom) in bottoms.items():
        natural = top - space * MM
        fits = natural + space / 3 * MM >= lowest
        assert page == (1 if fits else 2)
        if fits:
            assert bottom == pytest.approx(max(natural, lowest), abs=0.5)
    assert {page for page, _ in bottoms.values()} == {1, 2}


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_what_a_first_question_gives_may_stand_below_the_cover(engine: str, reader: Reader) -> None:
    """Where it does not fit there with part (a), the page ends before that; without parts it stays whole."""
    for letter, page in (("a", 1), ("", 2)):
        pdf = run_of([first_section(1, 100, letter)], engine).copies[0].pdf
        for words in ("Part I", "Slide K.", "This is a cross-correlation"):
            assert pages_with(words, pdf, reader) == [page]
        assert pages_with("Give H.", pdf, reader) == [2]
        assert [region[0] for region in regions_of(pdf)] == [1, 1, 2]
    covered = run_of([first_section(1, 20)], engine, Style(cover_page=True)).copies[0].pdf
    assert [region[0] for region in regions_of(covered)] == [1, 1, 2]


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_choices_wider_than_a_line_are_smaller(engine: str, reader: Reader) -> None:
    """Matrices that do not fit the line in large print are set in smaller type, so that none leaves the margins."""
    keys, choices = choices_of(3, 10)
    pdf, _ = found_in(tall_version(part("", "", 2, keys, choices=choices)), engine, Style(18))
    left, right = reader.words_across(pdf)
    assert left >= 18 * MM - 1
    assert right <= (210 - 18) * MM + 1


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_a_text_longer_than_a_page_is_all_there(engine: str, reader: Reader) -> None:
    """A question whose text fills pages breaks in it, and loses none of it."""
    text = "\n\n".join(f"Line {n}." for n in range(1, 91))
    made = tall_version(part("", "", 2, choices_of(0, 0)[0], space=30), text=text)
    pdf, _ = found_in(made, engine, Style())
    assert re.findall(r"Line (\d+)\.", reader.text(pdf)) == [str(n) for n in range(1, 91)]


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
@pytest.mark.parametrize("size", [11, 18])
def test_a_long_title_fits_the_running_head(engine: str, size: int, reader: Reader) -> None:
    """The head of a page is one line, cut where the title is longer, and the code stands in it."""
    title = "A very long title of an examination about convolution, correlation and their many relatives in networks"
    made = [small_version(1, "CODE1", text="Convolve.\n\n" * 70)]
    text = reader.text(run_of(made, engine, Style(size), replace(COVER, title=title, course=title)).copies[0].pdf)
    heads = [next(line for line in page.splitlines() if line.strip()) for page in text.split("\f")[:-1]]
    assert len(heads) > 1
    for head in heads:
        assert re.fullmatch(r"A very long title .+\S (…|\. ?\. ?\.)\s+Version CODE1", head.strip())


def test_a_sign_before_a_comma_is_a_minus() -> None:
    """In Typst a number with a comma stands in quotes, but its sign does not: there it would be a hyphen."""
    assert (FORMATS["typ"].markup.decimal("-0,5"), FORMATS["typ"].markup.decimal("0,5")) == ('-"0,5"', '"0,5"')


def test_unknown_forms_and_sizes_are_refused() -> None:
    """One line says what would be right."""
    with pytest.raises(OutputError, match="the form of a sheet is 'md'; it can be tex or typ"):
        exam_source([], COVER, Style(), "md")
    with pytest.raises(OutputError, match="the type size is 12; choose 11, or 18 for large print"):
        Style(size=12)


def test_points_are_written_with_the_sign_of_the_course() -> None:
    """One point, two points, halves with a comma or a point, thirds as fractions."""
    assert points_text(Fraction(1), "comma") == "1 point"
    assert points_text(Fraction(5, 2), "comma") == "2,5 points"
    assert points_text(Fraction(5, 2), "fraction") == "2.5 points"
    assert number_text(Fraction(1, 3), "point") == "1/3"


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_paper_sizes(engine: str) -> None:
    """Letter is letter, A4 is A4."""
    for paper, size in (("a4", (595.28, 841.89)), ("letter", (612, 792))):
        run = printed_exams([small_version(1, "A")], replace(COVER, paper=paper), Style(), engine)
        with pikepdf.open(BytesIO(run.whole)) as document:
            assert [float(side) for side in document.pages[0].mediabox[2:]] == pytest.approx(size, abs=0.6)


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_large_print_is_large(engine: str, reader: Reader) -> None:
    """No text of the body is smaller than 16 points but indices; lines stay within the margins."""
    made = versions(1)
    run = run_of(made, engine, Style(size=18))
    left, right = reader.words_across(run.copies[0].pdf)
    assert left >= 18 * MM - 1
    assert right <= (210 - 18) * MM + 1
    sizes = font_sizes(run.copies[0].pdf)
    assert sorted(sizes)[len(sizes) // 2] >= 16


def font_sizes(pdf: bytes) -> list[float]:
    """The size of every piece of text."""
    with pikepdf.open(BytesIO(pdf)) as document:
        return [
            float(instruction.operands[1])
            for page in document.pages
            for instruction in pikepdf.parse_content_stream(page, "Tf")
        ]


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_solutions(engine: str, reader: Reader) -> None:
    """The worked solutions of versions in one run: questions, points, steps, which choice is right."""
    made = versions(2)
    solved = [[solve(part_.problem) for question in one.questions for part_ in question.parts] for one in made]
    run = printed_solutions(made, solved, COVER, Style(), engine)
    assert [copy.code for copy in run.copies] == ["CODE1", "CODE2"]
    for one, copy in zip(made, run.copies, strict=True):
        text = " ".join(reader.text(copy.pdf).split())
        letters = {
            choice.misconception: "ABC"[n]
            for n, choice in enumerate(
                next(part_.choices for question in one.questions for part_ in question.parts if part_.choices)
            )
        }
        assert f"{letters['']}: the right answer." in text
        assert f"{letters['padded']}: padded." in text
        assert "Size of the output" in text
        assert "confirmed by a second, independent computation" in text
        for row in one.sections[0].questions[0].parts[1].value.nested():
            assert re.search(r"\s+".join(map(str, row)), text)


def test_bodies_may_come_from_elsewhere() -> None:
    """The steps of a solution are whatever the given function makes of it."""
    made = small_version(1, "A")
    solution = solve(made.sections[0].questions[0].parts[0].problem)
    source = solutions_source([made], [[solution]], COVER, Style(), "tex", body=lambda _, form, __: f"the {form} body")
    assert "the tex body" in source


def test_the_accessible_edition(reader: Reader) -> None:
    """One version as PDF/UA-1: tagged, titled, with words for every grid and box, the same code and numbers."""
    made = version(1, "CODE1")
    pdf = accessible_pdf(made, COVER)
    assert pdf == accessible_pdf(made, COVER)
    facts = reader.facts(pdf)
    assert facts["Tagged"] == "yes"
    assert facts["Title"] == "Final exam (CODE1)"
    text = " ".join(reader.text(pdf).split())
    assert "Version CODE1" in text
    assert f"of {facts['Pages']}" in text
    said = alternatives(pdf)
    assert "box for your name" in said
    assert "answer cells: 2 by 2" in said
    kernel = made.sections[0].questions[0].parts[0].problem.setting.operands["kernel"]
    spoken = "; ".join(", ".join(str(cell).replace("-", "minus ") for cell in row) for row in rows(kernel))
    assert f"3 by 3 kernel, rows: {spoken}" in said


def alternatives(pdf: bytes) -> list[str]:
    """Every text alternative of a tagged PDF."""
    with pikepdf.open(BytesIO(pdf)) as document:
        return [
            str(element.Alt)
            for element in document.objects
            if isinstance(element, pikepdf.Dictionary) and "/Alt" in element
        ]


@pytest.mark.parametrize(
    ("engine", "wrong"),
    [pytest.param("tex", r"\nosuch", marks=pytest.mark.tex), ("typst", "#nosuch")],
    indirect=["engine"],
)
def test_an_error_names_version_and_question(engine: str, wrong: str) -> None:
    """Where the engine stops, version and question are named."""
    made = versions(2)
    source = exam_source(made, COVER, Style(), FORM[engine])
    at = source.index("Backpropagation", source.index("CODE2"))
    broken = source[:at] + wrong + " " + source[at:]
    with pytest.raises(
        OutputError, match=r"^version CODE2, question 5: \w+ stopped: .*(Undefined|unknown).* \(line \d+\)"
    ):
        sheets_pdf(broken, command_of(engine), 2)


def test_an_error_above_all_versions() -> None:
    """What is wrong before the first version belongs to none."""
    assert version_at("\\documentclass{x}\n% version A\n", 1) == "before the first version"


SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
from hashlib import sha256
from sheets import COVER, version
from symconv.sheets.exam import derived, digits, widest
from symconv.sheets.paper import Style, exam_source
from symconv.problem import Problem
from symconv.sheets.printing import printed_exams
made = [version(n, f"CODE{n}") for n in (1, 2)]
widths = widest(digits(v) for v in made)
for form in ("tex", "typ"):
    print(sha256(exam_source(made, COVER, Style(), form, widths=widths).encode()).hexdigest())
run = printed_exams(made, COVER, Style(), "typst", widths=widths)
print([sha256(copy.pdf).hexdigest() for copy in run.copies])
"""


def test_the_same_bytes_in_every_process() -> None:
    """Sources and PDFs do not depend on the process or its hash seed."""

    def made(seed: str) -> str:
        command = [sys.executable, "-c", SCRIPT, str(Path(__file__).parent)]
        path = {"PYTHONPATH": str(Path(__file__).parent.parent), "PYTHONHASHSEED": seed}
        return subprocess.run(command, env=path, capture_output=True, check=True, text=True).stdout

    assert made("1") == made("2")


@pytest.mark.tex
def test_tex_gives_the_same_bytes_twice(pdflatex: str) -> None:
    """Two runs of TeX give the same copies, byte for byte."""
    made = [small_version(n, f"C{n}") for n in (1, 2)]
    runs: list[Any] = [printed_exams(made, COVER, Style(), pdflatex) for _ in range(2)]
    assert runs[0] == runs[1]


def test_every_operation_on_paper(reader: Reader) -> None:
    """A question about each sample of each operation: all boxes are there, and nothing leaves the margins."""
    questions: list[Question] = []
    for operation in OPERATIONS:
        for sample in operation.samples():
            asked = part("", "", 1, {"operation": operation.name, **sample}, space=5)
            questions.append(Question(str(len(questions)), len(questions) + 1, operation.name, "", (asked,)))
    made = Version(1, "EVERY", (Section("", "", tuple(questions)),))
    for size, margin in ((11, 22), (18, 18)):
        copy = printed_exams([made], COVER, Style(size=size), "typst").copies[0]
        found = regions_of(copy.pdf)
        assert placed(made, Style(size=size).paper(COVER), {}, found)
        assert min(box[1] for box in found) >= margin * MM - 0.1
        assert max(box[3] for box in found) <= (210 - margin) * MM + 0.5
        assert min(box[2] for box in found) >= 24 * MM - 0.1
        left, right = reader.words_across(copy.pdf)
        assert left >= margin * MM - 1
        assert right <= (210 - margin) * MM + 3
