"""Regions: where the answer spaces ended up, read back from a produced PDF. It knows neither TeX nor Typst."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any

import pikepdf

from symconv.errors import OutputError
from symconv.page import Paper
from symconv.sheets.sheet import Version
from symconv.sheets.spaces import Box, Widths, spaces

Region = tuple[int, float, float, float, float]  # page from 1, left, bottom, right, top in points
Matrix = tuple[float, float, float, float, float, float]

COLOUR = (0xF1 / 255, 0xF6 / 255, 0xFB / 255)  # of answer spaces, as exam_head paints them, and of nothing else
CLOSE = 0.001  # engines round colours
SAME = 0.1  # points
_PAINT = rb"0\.945\d* 0\.964\d* 0\.984\d* (?:rg|scn)"
_N = rb"(-?[\d.]+)"
# What pdfTeX and Typst write for one box; neither nests transformations. A hundred times faster than parsing.
_FORMS = (
    re.compile(_PAINT + rb"[^()]{0,120}?\sq\s1 0 0 1 %b %b cm\s0 0 %b %b re f\s" % (_N, _N, _N, _N)),
    re.compile(
        rb"q 1 0 0 -1 %b %b cm(?:/\w+ cs )?" % (_N, _N) + _PAINT + rb" 0 0 m %b 0 l \3 %b l 0 \4 l\sh\sf\s" % (_N, _N)
    ),
)
_WATCHED = "q Q cm rg sc scn g k cs m l re h f F f* B B* b b* n S s W W* c v y"
_FILLS = {"f", "F", "f*", "B", "B*", "b", "b*"}
_ENDS = {*_FILLS, "n", "S", "s"}


def regions(pages: Sequence[pikepdf.Page]) -> list[Region]:
    """Every rectangle in the colour of answer spaces, in the order in which it was painted."""
    return [(number, *box) for number, page in enumerate(pages, 1) for box in boxes_of(page)]


def boxes_of(page: pikepdf.Page) -> list[tuple[float, float, float, float]]:
    """The rectangles of one page, from what the engines write; where it is something else, by parsing the page."""
    page.contents_coalesce()
    stream = page.Contents.read_bytes()
    count = len(re.findall(_PAINT, stream))
    for form, upwards in zip(_FORMS, (1, -1), strict=True):
        found = [tuple(map(float, match)) for match in form.findall(stream)]
        if len(found) == count:
            return [(x, min(y, y + upwards * h), x + w, max(y, y + upwards * h)) for x, y, w, h in found]
    return list(parsed(page))


def regions_of(pdf: bytes) -> list[Region]:
    """The same of a whole PDF."""
    with pikepdf.open(BytesIO(pdf)) as document:
        return regions(list(document.pages))


def same_layout(one: Sequence[Region], other: Sequence[Region]) -> bool:
    """Whether two versions have the same boxes on the same pages, to a tenth of a point.

    >>> same_layout([(1, 0, 0, 10, 10)], [(1, 0, 0.05, 10, 10)]), same_layout([(1, 0, 0, 10, 10)], [])
    (True, False)
    """
    return len(one) == len(other) and all(
        a[0] == b[0] and all(abs(x - y) <= SAME for x, y in zip(a[1:], b[1:], strict=True))
        for a, b in zip(one, other, strict=True)
    )


Sizes = list[tuple[float, float]]


def sizes(found: Iterable[Mapping[str, Any]]) -> dict[str, Sizes]:
    """How wide and high the boxes of each question are, from the answer spaces of a version.

    >>> sizes([{"question": "one", "box": [10, 10, 30, 20]}])
    {'one': [(20, 10)]}
    """
    made: dict[str, Sizes] = {}
    for space in found:
        for left, bottom, right, top in [choice["box"] for choice in space.get("choices", ())] or [space["box"]]:
            made.setdefault(space["question"], []).append((right - left, top - bottom))
    return made


def same_sizes(one: Sizes, other: Sizes) -> bool:
    """Whether boxes have the same sizes, to a tenth of a point.

    >>> same_sizes([(20, 10)], [(20.05, 10)]), same_sizes([(20, 10)], [(20, 10), (20, 10)])
    (True, False)
    """
    return len(one) == len(other) and all(
        abs(x - y) <= SAME for a, b in zip(one, other, strict=True) for x, y in zip(a, b, strict=True)
    )


def placed(version: Version, paper: Paper, widths: Widths, found: Sequence[Region]) -> list[dict[str, Any]]:
    """The answer spaces of a version with the pages and boxes at which they were found, as regions.json has them.

    Raises OutputError where the PDF has more or fewer boxes than the version.
    """
    known = list(spaces(version, paper, widths))
    count = sum(len(space.boxes) for space in known)
    if count != len(found):
        raise OutputError(
            f"version {version.code}: its PDF has {len(found)} answer boxes, but its questions have {count}; "
            "is it the PDF of this version?"
        )
    left = iter(found)
    made = []
    for space in known:
        said = {"question": space.question, "part": space.part, "label": space.label}
        if space.boxes[0].kind == "tick":
            ticks = [{"choice": box.letter, **_place(next(left))} for box in space.boxes]
            made.append({**said, "page": ticks[0]["page"], "box": _hull([t["box"] for t in ticks]), "choices": ticks})
            continue
        made += [{**said, **_place(next(left)), **_cells(box)} for box in space.boxes]
    return made


def regions_json(made: Iterable[tuple[str, Sequence[Mapping[str, Any]]]]) -> Iterator[str]:
    """The regions of versions with their codes as regions.json, in pieces: one answer space in each line."""
    yield "{"
    for number, (code, found) in enumerate(made):
        lines = ",\n".join(f"    {json.dumps(space)}" for space in found)
        yield f"{',' if number else ''}\n  {json.dumps(code)}: [\n{lines}\n  ]"
    yield "\n}\n"


def _cells(box: Box) -> dict[str, Any]:
    """How cells divide a box evenly; one that tells no shape has none."""
    if box.kind == "open":
        return {"rows": None, "columns": None}
    return {"rows": box.rows, "columns": box.columns, "first": list(box.first)}


def _place(region: Region) -> dict[str, Any]:
    return {"page": region[0], "box": [round(side, 2) for side in region[1:]]}


def _hull(boxes: Sequence[Sequence[float]]) -> list[float]:
    left, bottom, right, top = zip(*boxes, strict=True)
    return [min(left), min(bottom), max(right), max(top)]


def parsed(page: pikepdf.Page) -> Iterator[tuple[float, float, float, float]]:
    """The boxes around the paths that a page fills with the colour, by following every operator."""
    matrix: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    marked = False
    saved: list[tuple[Matrix, bool]] = []
    path: list[tuple[float, float]] = []
    for instruction in pikepdf.parse_content_stream(page, _WATCHED):
        name = str(instruction.operator)
        numbers = [float(item) for item in instruction.operands if isinstance(item, (int, float, Decimal))]
        if name == "q":
            saved.append((matrix, marked))
        elif name == "Q":
            matrix, marked = saved.pop()
        elif name == "cm":
            matrix = _product(numbers, matrix)
        elif name in ("rg", "sc", "scn", "g", "k", "cs"):
            marked = len(numbers) == 3 and all(abs(a - b) < CLOSE for a, b in zip(numbers, COLOUR, strict=True))
        elif name == "re":
            x, y, width, height = numbers
            path += [_moved(matrix, x, y), _moved(matrix, x + width, y + height)]
        elif name in ("m", "l"):
            path.append(_moved(matrix, *numbers))
        elif name in _ENDS:
            if marked and path and name in _FILLS:
                across, up = zip(*path, strict=True)
                yield min(across), min(up), max(across), max(up)
            path = []


def _product(first: Sequence[float], then: Matrix) -> Matrix:
    """One transformation after the other."""
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)


def _moved(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f
