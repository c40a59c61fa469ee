"""Splitting: one PDF per version with what it needs and nothing of the key, the seed or other versions."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pypdf
import pytest
from conftest import TEX_PACKAGES, need
from sheets import COVER, small_version, version

from symconv.errors import OutputError
from symconv.sheets.exam import digits, mark_of, widest
from symconv.sheets.paper import Style
from symconv.sheets.printing import Run, printed_exams
from symconv.sheets.split import print_ready, split

ENGINES = [pytest.param("tex", marks=pytest.mark.tex), "typst"]
CODES = ("KX7QP", "AB2CD", "ZZ9ZZ")


@cache
def run_of(engine: str) -> Run:
    """Three versions with every kind of question, typeset in one run."""
    made = [version(number, code) for number, code in enumerate(CODES, 1)]
    return printed_exams(made, COVER, Style(), engine, widths=widest(digits(one) for one in made))


@pytest.fixture
def run(request: pytest.FixtureRequest) -> Run:
    """A run of an engine that is installed."""
    if request.param == "tex":
        need("pdflatex", TEX_PACKAGES)
    return run_of(request.param)


def contents(pdf: bytes) -> bytes:
    """What a PDF can be searched for: its objects, and its streams unpacked, but for the fonts as TeX Live has them."""
    made = [pdf]
    with pikepdf.open(BytesIO(pdf)) as document:
        for item in document.objects:
            if isinstance(item, pikepdf.Stream):
                made.append(b"" if "/Length1" in item else item.read_bytes())
                made.append(repr(dict(item)).encode())
            else:
                made.append(item.unparse())
        made.append(document.trailer.unparse())
    return b"\n".join(made)


@pytest.mark.parametrize("run", ENGINES, indirect=True)
def test_every_version_has_its_pages(run: Run) -> None:
    """The copies have the versions' codes in order, and together all pages of the run, unchanged."""
    assert [copy.code for copy in run.copies] == list(CODES)
    with pikepdf.open(BytesIO(run.whole)) as whole:
        pages = [page.Contents.read_bytes() for page in whole.pages]
    made = []
    for copy in run.copies:
        with pikepdf.open(BytesIO(copy.pdf)) as document:
            assert len(document.pages) == copy.pages
            made += [page.Contents.read_bytes() for page in document.pages]
    assert made == pages


@pytest.mark.parametrize("run", ENGINES, indirect=True)
def test_a_copy_shows_its_own_version_only(run: Run) -> None:
    """Every page says its own code; no other code stands anywhere in the file."""
    for copy in run.copies:
        reader = pypdf.PdfReader(BytesIO(copy.pdf))
        texts = [page.extract_text() for page in reader.pages]
        assert all(copy.code in text for text in texts)
        everything = contents(copy.pdf) + "".join(texts).encode()
        for other in set(CODES) - {copy.code}:
            assert other.encode() not in everything
            assert mark_of(other).encode() not in everything


@pytest.mark.parametrize("run", ENGINES, indirect=True)
def test_a_copy_carries_nothing_but_pages(run: Run) -> None:
    """No metadata, names, outline, attachments, scripts, tags or dates; no trace of the engine's files."""
    for copy in run.copies:
        reader = pypdf.PdfReader(BytesIO(copy.pdf))
        assert reader.metadata is None
        assert reader.attachments == {}
        assert reader.outline == []
        assert reader.named_destinations == {}
        assert set(reader.root_object) == {"/Type", "/Pages"}
        for page in reader.pages:
            assert set(page) <= {"/Type", "/Parent", "/MediaBox", "/Resources", "/Contents", "/Group"}
        everything = contents(copy.pdf)
        for word in (
            b"solution.t",
            b"symconv",
            b"/Info",
            b"/Metadata",
            b"CreationDate",
            b"ModDate",
            b"/Names",
            b"/tmp",
        ):
            assert word not in everything, word
        for word in (b"seed", b"misconception"):
            assert word not in everything, word


@pytest.mark.parametrize("run", ENGINES, indirect=True)
def test_a_copy_holds_no_page_of_another(run: Run) -> None:
    """A copy has as many page objects as pages, and is smaller than the whole run by the others' contents."""
    for copy in run.copies:
        with pikepdf.open(BytesIO(copy.pdf)) as document:
            kinds = [item.get("/Type") for item in document.objects if isinstance(item, pikepdf.Dictionary)]
            assert kinds.count("/Page") == copy.pages
        assert len(copy.pdf) < len(run.whole)


@pytest.mark.parametrize("run", ENGINES, indirect=True)
def test_no_answer_in_any_stream(run: Run) -> None:
    """No long right answer stands in the text that pypdf reads, nor as digits in any unpacked stream."""
    for number, copy in enumerate(run.copies, 1):
        made = version(number, copy.code)
        read = "\n".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(copy.pdf)).pages)
        printed = set(re.findall(r"\d+", read.replace("\u2212", "-")))
        asked = [part for question in made.questions for part in question.parts if not part.choices]
        secret = {str(abs(cell)) for part in asked for cell in part.value.cells if abs(cell) > 999}
        shown = {
            str(abs(c)) for q in made.questions for p in q.parts for choice in p.choices for c in choice.value.cells
        }
        assert len(secret - shown) > 10
        assert not (secret - shown) & printed
        strings = b"".join(re.findall(rb"\((?:[^()\\]|\\.)*\)|/Alt[^\n]*|/ActualText[^\n]*", contents(copy.pdf)))
        assert not [answer for answer in secret - shown if re.search(rb"(?<!\d)%b(?!\d)" % answer.encode(), strings)]


@pytest.mark.parametrize("run", ENGINES, indirect=True)
def test_splitting_gives_the_same_bytes(run: Run) -> None:
    """Splitting a document twice gives the same copies."""
    assert split(run.whole) == split(run.whole) == list(run.copies)


def bound(documents: list[bytes], blank_pages: bool = False) -> bytes:
    """The print-ready PDF of typeset documents."""
    file = BytesIO()
    print_ready(documents, file, blank_pages)
    return file.getvalue()


@pytest.mark.parametrize("run", ENGINES, indirect=True)
def test_print_ready(run: Run) -> None:
    """All exams in one PDF without anything else; for duplex, each begins on the front of a sheet."""
    made = bound([run.whole, run.whole])
    assert made == bound([run.whole, run.whole])
    pages = [copy.pages for copy in run.copies] * 2
    reader = pypdf.PdfReader(BytesIO(made))
    assert len(reader.pages) == sum(pages)
    assert set(reader.root_object) == {"/Type", "/Pages"}
    duplex = pypdf.PdfReader(BytesIO(bound([run.whole, run.whole], blank_pages=True)))
    assert len(duplex.pages) == sum(count + count % 2 for count in pages)
    for number, page in enumerate(duplex.pages):
        if "Page 1 of" in page.extract_text():
            assert number % 2 == 0
        assert page.mediabox == reader.pages[0].mediabox


@pytest.mark.parametrize("run", ENGINES, indirect=True)
def test_fonts_are_kept_once(run: Run, tmp_path: Path) -> None:
    """What documents bring along twice stands in the print-ready PDF once, and every page looks as it did."""
    need("pdftoppm", "poppler-utils")
    made = {"typeset": run.whole, "one": bound([run.whole]), "three": bound([run.whole] * 3)}
    fonts, looks = {}, {}
    for name, content in made.items():
        with pikepdf.open(BytesIO(content)) as document:
            items = [item for item in document.objects if isinstance(item, pikepdf.Dictionary)]
        fonts[name] = sum(item.get("/Type") == "/FontDescriptor" for item in items)
        (tmp_path / name).write_bytes(content)
        drawn = subprocess.run(["pdftoppm", "-r", "30", "-gray", tmp_path / name], check=True, capture_output=True)
        looks[name] = drawn.stdout
    assert fonts["three"] == fonts["one"] > 1
    assert looks["three"] == looks["one"] * 3 == looks["typeset"] * 3


def test_odd_versions_get_a_blank_page() -> None:
    """Two versions of one page each take two sheets in duplex: a page, a blank one, a page, a blank one."""
    made = [small_version(1, "A"), small_version(2, "B")]
    run = printed_exams(made, COVER, Style(), "typst")
    texts = [page.extract_text() for page in pypdf.PdfReader(BytesIO(bound([run.whole], True))).pages]
    assert ["Version A" in texts[0], texts[1], "Version B" in texts[2], texts[3]] == [True, "", True, ""]


def test_codes_of_any_letters() -> None:
    """A code is read back as it was, whatever its letters are."""
    made = [small_version(1, "é#<1>"), small_version(2, "-(2)\\")]
    assert [copy.code for copy in printed_exams(made, COVER, Style(), "typst").copies] == ["é#<1>", "-(2)\\"]


def test_another_pdf_is_refused() -> None:
    """A PDF without versions says so in one line."""
    document = pikepdf.new()
    document.add_blank_page()
    file = BytesIO()
    document.save(file)
    with pytest.raises(OutputError, match="does not tell where its versions begin"):
        split(file.getvalue())


def test_foreign_baggage_is_left_behind() -> None:
    """Annotations, actions, attachments and metadata of a run do not reach the copies."""
    document = pikepdf.new()
    pages: list[Any] = [document.add_blank_page() for _ in range(2)]
    link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Dest=[pages[1].obj, pikepdf.Name.Fit])
    pages[0].obj.Annots = document.make_indirect([link])
    pages[0].obj.PieceInfo = pikepdf.Dictionary(Secret=pikepdf.String("seed 7"))
    document.attachments["key.json"] = b"the key"
    document.docinfo["/Title"] = "midterm.toml"
    names = [mark_of("A"), [pages[0].obj, pikepdf.Name.Fit], mark_of("B"), [pages[1].obj, pikepdf.Name.Fit]]
    document.Root.Names.Dests = pikepdf.Dictionary(Names=names)
    file = BytesIO()
    document.save(file)
    for copy in split(file.getvalue()):
        everything = contents(copy.pdf)
        assert copy.pages == 1
        for word in (b"Annot", b"Secret", b"seed", b"key", b"midterm", b"Dests"):
            assert word not in everything
        with pikepdf.open(BytesIO(copy.pdf)) as one:
            assert (
                sum(item.get("/Type") == "/Page" for item in one.objects if isinstance(item, pikepdf.Dictionary)) == 1
            )
