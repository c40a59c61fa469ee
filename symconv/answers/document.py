r"""Reads a work in a LaTeX or Markdown document: its formulas, and in Markdown its tables, code blocks and lines.

Prose is passed over. A formula is an answer if it has a label, `$h_{11} = 52$`, or stands behind one, `Size: $2 \times
2$`, or if it is a matrix on a line of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from symconv.answers.given import Given, Unread
from symconv.answers.json_work import read_json
from symconv.answers.labels import MOST_LABEL, canonical, general, indexed
from symconv.answers.plain_work import compares, explained, head, read_text, told
from symconv.answers.sentences import PREFIX, Said, hypothetical, of_another, parts_of, said_in, subject
from symconv.answers.source import DECORATION, Source
from symconv.answers.statements import Statement, answer, answers, statements, unread
from symconv.answers.tables import Table, read_rows, read_table, tables
from symconv.answers.tabular import cells, tabulars
from symconv.answers.toml_work import read_toml
from symconv.answers.values import TWO
from symconv.errors import AnswerError
from symconv.math_spans import Form, MathSpan, math_spans

_FENCE = re.compile(r"[ \t]*(?P<sign>```+|~~~+)[ \t]*(?P<form>[A-Za-z]{0,20})")
_MARKUP = re.compile(r"\\[A-Za-z]{1,30}\*?|[{}*`$\\]|^[ \t]*(?:[-+>•]|\d{1,2}[.)])[ \t]|^[ \t]*#{1,6}")
_IS = re.compile(r"(?P<words>(?:[^\s(]{1,60}\s)?[A-Za-z]\S{0,60})\s(?:is|are|ist)$")
_NUMBERS = re.compile(r"[0-9\s.,;+\-−/\[\](){}_?]+")
_BOLD = re.compile(r"(?<![\w)\]}])\*\*|\*\*(?![\w(\[{+-])")  # and no power: e**2
_OTHER = re.compile(  # or $5$
    r"\s{1,9}(?P<word>or|oder|ou)\s{1,9}(?:\$(?P<dollar>[-−\d\\({][^$=]{0,200})\$|\\\((?P<bracket>[-−\d\\({][^=]{0,200}?)\\\)"
    r"|(?P<number>[-−]?[0-9](?:[0-9.,/]{0,20}[0-9])?)(?!\s?[\w$=]))"
)
_DIGIT = re.compile(r"[0-9\[]")
_ROW = re.compile(r"\\\\|\Z")
_GOES_ON = re.compile(r"[\s&{}]*(?:[-+=*/)\]]|\\(?:cdot|times|approx|q?quad|phantom|hphantom|right|end)(?![A-Za-z]))")


class _Block(NamedTuple):
    """What is no prose: a table, or what stands in a fence of Markdown."""

    start: int
    end: int
    form: str  # "table" or "tabular", or the word behind the fence
    inside: tuple[int, int]


def read_document(source: Source, form: Form) -> Iterator[Given | Unread]:
    r"""What is handed in, in order.

    >>> text = "The answers\n\nSize: $2 \\times 2$\n\n$$ H = \\begin{pmatrix} 52 & 54 \\\\ 52 & 54 \\end{pmatrix} $$"
    >>> [(given.label, given.value.nested()) for given in read_document(Source(text), "md")]
    [('Size', [2, 2]), ('H', [[52, 54], [52, 54]])]
    """
    if form == "md":
        source = Source(_without_remarks(source.text), source.first)
    spans = math_spans(source.text, form)
    blocks = (
        _blocks(source) if form == "md" else [_Block(*table, "tabular", table) for table in tabulars(source, spans)]
    )
    if not spans and form == "tex":
        yield from read_text(source)
        return
    found: list[tuple[int, MathSpan | _Block | Said | tuple[int, int]]] = [(block.start, block) for block in blocks]
    found += [(span.start, span) for span in _outside(spans, blocks)]
    found += [(one.start, one) for one in _sentences(source, spans, blocks, form)]
    if form == "md":
        found += [(start, (start, end)) for start, end in _lines(source, spans, blocks)]
    for _, piece in sorted(found, key=lambda pair: pair[0]):
        if isinstance(piece, MathSpan):
            read = _formula(source, piece)
        elif isinstance(piece, Said):
            read = told(source, piece)
        elif isinstance(piece, _Block):
            read = _block(source, piece)
        else:
            read = _line(source, *piece)
        yield from (replace(one, explains=True) if isinstance(one, Given) else one for one in read)


def _without_remarks(text: str) -> str:
    """Markdown with spaces for what stands between `<!--` and `-->`."""
    made, at = [], 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        made += [text[at:start], re.sub(r"[^\n]", " ", text[start : end + 3])]
        at = end + 3
    return "".join([*made, text[at:]])


def _blocks(source: Source) -> list[_Block]:
    found: list[_Block] = []
    opened: re.Match[str] | None = None
    for start, end in source.lines():
        match = _FENCE.match(source.text, start, end)
        if opened is None and match and "`" not in source.text[match.end() : end]:
            opened = match
        elif opened and match and match["sign"].startswith(opened["sign"]) and not match["form"]:
            inside = (min(source.text.find("\n", opened.end()) + 1, start), start)
            found.append(_Block(opened.start(), end, opened["form"].lower(), inside))
            opened = None
    fences = [(block.start, block.end) for block in found]
    found += [_Block(table.start, table.end, "table", (table.start, table.end)) for table in tables(source, fences)]
    return sorted(found)


def _outside(spans: tuple[MathSpan, ...], blocks: list[_Block]) -> Iterator[MathSpan]:
    """The formulas that are in no table; those in fences are formulas themselves."""
    held = iter(block for block in blocks if block.form in ("table", "tabular"))
    block = next(held, None)
    for span in spans:
        while block and block.end < span.start:
            block = next(held, None)
        if block is None or span.start < block.start:
            yield span


def _sentences(source: Source, spans: Sequence[MathSpan], blocks: Sequence[_Block], form: Form) -> Iterator[Said]:
    """What sentences say outside of formulas, blocks and the remarks of LaTeX."""
    held = sorted([(block.start, block.end) for block in blocks] + [(span.start, span.end) for span in spans])
    at = 0
    for one in said_in(source.text):
        while at < len(held) and held[at][1] < one.start:
            at += 1
        remark = (
            form == "tex"
            and "%" in source.text[max(source.text.rfind("\n", 0, one.start), one.start - PREFIX) : one.start]
        )
        if not remark and (at == len(held) or one.end <= held[at][0]):
            yield one


def _lines(source: Source, spans: tuple[MathSpan, ...], blocks: list[_Block]) -> Iterator[tuple[int, int]]:
    """The lines without formulas outside of blocks that start with a label, with the numbers on the lines behind."""
    held = sorted([(block.start, block.end) for block in blocks] + [(span.start, span.end) for span in spans])
    at = 0
    current: tuple[int, int] | None = None
    for start, end in source.lines():
        while at < len(held) and held[at][1] < start:
            at += 1
        text = source.text[start:end]
        taken = at < len(held) and held[at][0] <= end
        if current and not taken and text.strip() and _NUMBERS.fullmatch(text):
            current = (current[0], end)
            continue
        if current:
            yield current
        current = None
        plain = _undecorated(text)
        for first, last in parts_of(plain, 0, len(plain)) if not taken else ():
            if current:
                yield current
            starts = head(plain, first, last) or compares(plain, first, last)
            current = (start + first, start + last) if starts else None
    if current:
        yield current


def _undecorated(text: str) -> str:
    return _BOLD.sub("  ", text).translate(DECORATION)


def _line(source: Source, start: int, end: int) -> Iterator[Given | Unread]:
    """`label = value`, or `label: value` where the value is one: prose has colons too."""
    plain = _undecorated(source.text[start:end])
    label, behind = head(plain, 0, len(plain)) or (None, 0)
    line = source.line(start)
    found = answers(plain, behind, len(plain), label, lambda _: line)
    if source.text[max(0, start - 1) : start] not in ("", "\n"):  # in a sentence
        found = explained(found, source.text, start, end)
    for read in found:
        blank = isinstance(read, Given) and read.value is None
        if isinstance(read, Unread) and plain[behind - 1] != "=" and indexed(read.label):
            yield replace(read, aside=True)
            continue
        says = isinstance(read, Given) and not blank and (_DIGIT.search(read.text) or indexed(label))
        if label and (plain[behind - 1] == "=" or says):
            yield read


def _block(source: Source, block: _Block) -> Iterator[Given | Unread]:
    start, end = block.inside
    if block.form == "table":
        yield from read_table(source, Table(start, end), _label_before(source, start, display=True))
    elif block.form == "tabular":
        try:
            rows = cells(source, Table(start, end))
        except AnswerError as error:
            yield unread(None, error, source.line(start))
            return
        yield from read_rows(source, rows, Table(start, end), _label_before(source, start, display=True))
    elif block.form in ("", "text", "txt", "plain"):
        label = _label_before(source, block.start, display=True)
        for number, read in enumerate(read_text(source, start, end)):
            yield replace(read, label=label) if number == 0 and read.label is None else read
    elif block.form in ("toml", "json"):
        inner = Source(source.text[start:end], source.line(start))
        yield from read_toml(inner) if block.form == "toml" else read_json(inner)
    elif block.form in ("tex", "latex"):
        yield from read_text(source, start, end)


def _formula(source: Source, span: MathSpan) -> Iterator[Given | Unread]:
    """The answers of a formula: what has a label; a matrix that stands alone needs none."""
    if not span.closing:
        place = max(0, span.start - len(span.opening))
        yield unread(None, AnswerError(f"{span.opening} is never closed", source.text, place), source.line(place))
    try:
        found = statements(source.text, span.start, span.end)
    except AnswerError as error:
        if span.closing:
            yield unread(None, error, source.line(span.start))
        yield from _rows(source, span)
        return
    before = _label_before(source, span.start - len(span.opening), span.display)
    by_the_way = not span.display and hypothetical(source.text, span.start - len(span.opening))
    for number, said in enumerate(found):
        label = said.label or _called(source.text, said) or (None if number else before)
        read = answer(source.text, said, source.line(said.sides[-1][0]), label)
        if number == len(found) - 1 and isinstance(read, Given) and label is not None:
            read = _only(source, span, read)
        if _wanted(source.text, said, read, span.display):
            yield replace(read, aside=read.aside or by_the_way) if isinstance(read, Given) and label else read
        elif _by_the_way(source.text, said, read):
            yield replace(read, aside=True)


def _by_the_way(text: str, said: Statement, read: Given | Unread) -> bool:
    """Whether this may be an answer: a matrix in a sentence, or a cell whose value cannot be read."""
    if isinstance(read, Given):
        return r"\begin{" in text[slice(*said.sides[-1])]
    return indexed(read.label) and not general(read.label)


def _rows(source: Source, span: MathSpan) -> Iterator[Given]:
    """The rows of a formula with a brace too many or too few that can be read by themselves."""
    rows: list[tuple[int, int]] = []
    start = span.start
    for match in _ROW.finditer(source.text, span.start, span.end):
        if rows and _GOES_ON.match(source.text, start, match.start()):
            start = rows.pop()[0]
        rows.append((start, match.start()))
        start = match.end()
    for first, last in rows:
        try:
            found = statements(source.text, first, last)
        except AnswerError:
            continue
        for said in found:
            read = answer(source.text, said, source.line(said.sides[-1][0]))
            if isinstance(read, Given) and read.label is not None:
                yield read


def _only(source: Source, span: MathSpan, read: Given) -> Given | Unread:
    """The value of a formula, if no other one stands behind it: `$h = 4$ or $5$`."""
    place = span.end + len(span.closing)
    match = _OTHER.match(source.text, place)
    if match is None:
        return read
    other = answer(source.text, Statement(read.label, (match.span(str(match.lastgroup)),)), read.line)
    if isinstance(other, Given) and other.value == read.value:
        return read
    start = match.start("word")
    return unread(read.label, AnswerError(TWO, source.text, start), source.line(start))


def _called(text: str, said: Statement) -> str | None:
    r"""What a matrix without a label is said to be, as in `\tilde{L} = ...`."""
    if len(said.sides) == 1 or r"\begin{" not in text[slice(*said.sides[-1])]:
        return None
    start, end = said.sides[0]
    if end - start > MOST_LABEL:  # a calculation, and no name
        return text[start : start + MOST_LABEL]
    return text[start:end]


def _wanted(text: str, said: Statement, read: Given | Unread, display: bool) -> bool:
    """Whether this is an answer rather than a part of an explanation."""
    written = text[said.sides[-1][0] : said.sides[-1][1]]
    if isinstance(read, Unread) and read.label is not None:
        numbers = re.search("[0-9]", re.sub(r"_(?:\{[^{}]*\}|.)", "", written))
        sentence = said.label is None and " " in read.label.strip()
        running = r"\dots" in written and len(read.label) == 1  # i = 1, ..., n
        return not (general(read.label) or numbers is None or sentence or running)
    if read.label is not None:
        return True
    matrix = r"\begin{" in written
    single = len(said.sides) == 1 and isinstance(read, Given) and read.value is not None
    return display and (matrix or single)


def _label_before(source: Source, place: int, display: bool) -> str | None:
    """The label that stands before a formula or a table: `Size:`, `H =`, `the size is`, or as a heading."""
    before = source.text[max(0, place - PREFIX) : place]
    lines = before.split("\n")
    line = lines[-1]
    if not line.strip(" \t*_`>-") and display:
        line = next((text for text in reversed(lines[:-1]) if text.strip()), "")
        heading = line.lstrip().startswith("#")
        if not heading and not line.rstrip(" \t*_}").endswith((":", "=")):
            return None
        line = line.rstrip(" \t*_}").rstrip(":=").rstrip() + ":"
    parts = line.rsplit("$", 2)
    written = parts[-1]
    if len(parts) == 3 and written.strip(" *") in ("=", ":", "is", "are"):  # $H_0$ = $...$
        other = "=" in parts[1] or of_another(parts[0])  # a condition, or what belongs to a label
        return None if other else parts[1].strip()  # an unknown name is one too
    text = _MARKUP.sub(" ", written).strip()
    if match := _IS.search(text):
        return subject(match["words"])
    if not text.endswith((":", "=")):
        return None
    text = text.rstrip(":= ")
    last = re.split(r"[,;.]\s", text)[-1].strip()
    return next((label for label in (text, last) if canonical(label)), None)
