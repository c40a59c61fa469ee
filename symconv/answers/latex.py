r"""Reads a value written in LaTeX: `\begin{pmatrix} 52 & 54 \\ 52 & 54 \end{pmatrix}`, `-\tfrac12`, `2 \times 2`.

It knows no labels. What is no matrix is flattened to plain text, which `plain` reads; the places go along.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from symconv.answers.commas import pointed
from symconv.answers.entry import mixed
from symconv.answers.given import MOST_ENTRIES, Value
from symconv.answers.letters import TIMES, has_letters, has_roots, read_letters
from symconv.answers.plain import as_value
from symconv.answers.scaled import factor, read_scaled, scaled
from symconv.errors import AnswerError
from symconv.latex_tokens import Token, tokens

_NAMES = "matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix psmallmatrix bsmallmatrix array tabular"
MATRICES = frozenset(_NAMES.split())
_SIGNS = {
    r"\times": "×", r"\cdot": "·", "*": "*", r"\{": "{", r"\}": "}", r"\_": "_", r"\square": "_", r"\Box": "_",
    r"\dots": "…", r"\cdots": "…", r"\vdots": "…", r"\ddots": "…", r"\top": "^T", r"\langle": "(", r"\rangle": ")",
}  # fmt: skip
_BRACKETS = {"(": ")", "[": "]", r"\{": r"\}", "|": "|", r"\langle": r"\rangle"}
_CLOSERS = frozenset(_BRACKETS.values())
_GROUP = re.compile(r"[0-9]{3}(?:[.,][0-9]+)?")
_THIN = re.compile(r"\s?(?:\\,|~)\s?")
_TIMES = {"x", "by", "X"}


def read_latex(source: str, start: int = 0, end: int | None = None, whole: bool = False, single: bool = False) -> Value:
    r"""Read the value in `source[start:end]`; `single` says that its label asks for one, so that `a c` is a product.

    >>> read_latex(r"\left[\begin{array}{rr} 52 & -\frac12 \\ & 0{,}5 \end{array}\right]").tensor.nested()
    [[52, Fraction(-1, 2)], [None, Fraction(1, 2)]]
    >>> read_latex(r"\left(2,\,2\right)").tensor.nested(), read_latex(r"\underline{\underline{52}}").tensor.cells
    ([2, 2], (52,))

    Raises AnswerError, whose offset counts in `source`.
    """
    return value(source, tokens(source, start, end, wide_spaces=True), whole, single)


def value(source: str, found: Sequence[Token], whole: bool = False, single: bool = False) -> Value:
    """Read the value that these tokens of `source` are."""
    found = _bare(found)
    if not found:
        return Value(None)
    body, transposed = _transposed(found)
    body = _bare(body)
    while len(body) > 1 and _BRACKETS.get(body[0].text) == body[-1].text and _bare(body[1:-1])[:1]:
        inside = _bare(body[1:-1])
        if inside[0].kind != "begin":
            break
        body = inside
    if body and body[0].kind == "begin" and body[0].text in MATRICES and closing(body, 0) == len(body) - 1:
        return _matrix(source, body, transposed)
    if product := _product(source, body, transposed):
        return product
    if single and not transposed and _is_sum(source, body, product=True):
        return as_value((), [(_written(source, body), body[0].start)], source, product=True)
    return _flattened(source, body, whole, transposed)


def _product(source: str, found: Sequence[Token], transposed: bool) -> Value | None:
    r"""A number times a matrix, `\frac14 \begin{pmatrix} 4 & 8 \end{pmatrix}`, or a matrix through a number."""
    first = next((at for at, token in enumerate(found) if token.kind == "begin" and token.text in MATRICES), None)
    if first is None or (last := closing(found, first)) == len(found):
        return None
    low, high = first, last + 1
    while low > 0 and high < len(found) and _BRACKETS.get(found[low - 1].text) == found[high].text:
        low, high = low - 1, high + 1
    before, behind = found[:low], found[high:]
    divides = bool(behind) and behind[0].text == "/"
    if before and before[-1].text in TIMES:
        before = before[:-1]
    if behind and (divides or behind[0].text in TIMES):
        behind = behind[1:]
    elif behind:
        return None
    if bool(before) == bool(behind):
        return None
    try:
        by = factor(_Flat(source).flatten(before or behind)[0])
    except AnswerError:
        return None
    if by is None or (divides and by == 0):
        return None
    return scaled(_matrix(source, found[first : last + 1], transposed), Fraction(1) / by if divides else by)


def _flattened(source: str, found: Sequence[Token], whole: bool, transposed: bool) -> Value:
    if not transposed and has_roots(_written(source, found)):
        return _closed(source, found)
    try:
        text, places = _Flat(source).flatten(found)
    except AnswerError:
        if not _is_sum(source, found) or transposed:
            raise
        return as_value((), [(_written(source, found), found[0].start)], source)
    try:
        return read_scaled(f"{text}^T" if transposed else text, whole)
    except AnswerError as error:
        raise AnswerError(str(error), source, places[min(error.offset, len(places) - 1)]) from None


def _closed(source: str, found: Sequence[Token]) -> Value:
    r"""Closed forms: one, or several in brackets, separated by commas or wide spaces."""
    entries: list[list[Token]] = [[]]
    depth = 0
    listed = len(found) > 2 and _BRACKETS.get(found[0].text) == found[-1].text and found[0].text != "|"
    for token in found[1:-1] if listed else found:
        depth += (token.kind == "open" or token.text in _BRACKETS) - (token.kind == "close" or token.text in _CLOSERS)
        if depth == 0 and (token.text in (",", ";") or token.kind == "space"):
            entries.append([])
        else:
            entries[-1].append(token)
        listed = listed and depth >= 0
    entries = [entry for entry in entries if entry]
    if len(entries) == 1 or not listed:
        entries = [list(found)]
    cells = [_cell(source, entry, "", found[0].start) for entry in entries]
    return as_value((len(cells),) if len(cells) > 1 else (), cells, source)


def _matrix(source: str, body: Sequence[Token], transposed: bool) -> Value:
    rows: list[list[list[Token]]] = [[[]]]
    depth = 0
    for token in body[1:-1]:
        if token.kind == "begin":
            message = "a matrix stands in a matrix; write its entries one by one"
            raise AnswerError(message, source, token.start)
        depth += {"open": 1, "close": -1}.get(token.kind, 0)
        if depth == 0 and token.kind == "row":
            rows.append([[]])
        elif depth == 0 and token.kind == "cell":
            rows[-1].append([])
        else:
            rows[-1][-1].append(token)
    if len(rows) > 1 and rows[-1] == [[]]:
        rows.pop()
    width = len(rows[0])
    if sum(map(len, rows)) > MOST_ENTRIES:
        raise AnswerError(f"there are more than {MOST_ENTRIES:,} entries; hand in less", source, body[0].start)
    cells: list[tuple[str, int]] = []
    for number, row in enumerate(rows, 1):
        if len(row) != width:
            place = next((token.start for cell in row for token in cell), body[0].start)
            count = f"{len(row)} {'entry' if len(row) == 1 else 'entries'}"
            message = f"row {number} has {count}, row 1 has {width}; give them as many, _ for a blank"
            raise AnswerError(message, source, place)
        for position, cell in enumerate(row, 1):
            where = f"row {number}, entry {position}: "
            cells.append(_cell(source, cell, where, body[0].start))
    shape = (len(rows), width)
    if transposed:
        shape = (width, len(rows))
        cells = [cells[i * width + j] for j in range(width) for i in range(len(rows))]
    return as_value(shape, cells, source, product=True)


def _cell(source: str, cell: Sequence[Token], where: str, place: int) -> tuple[str, int]:
    """The text of a cell, a decimal comma as a point, and where it stands."""
    if cell and has_roots(_written(source, cell)):
        try:
            read_letters(_written(source, cell))
        except AnswerError as error:
            raise AnswerError(f"{where}{error}", source, cell[0].start + error.offset) from None
        return _written(source, cell), cell[0].start
    try:
        text, places = _Flat(source).flatten(_bare(cell))
    except AnswerError as error:
        if _is_sum(source, cell, product=True):
            return _written(source, cell), cell[0].start
        raise AnswerError(f"{where}{error}", source, error.offset) from None
    text = text.strip()
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    text = text.replace("- ", "-") if text.startswith("- ") else text
    try:
        text = pointed(text)
    except AnswerError as error:
        raise AnswerError(f"{where}{error}", source, places[0]) from None
    return text or "_", places[0] if cell else place


def _written(source: str, found: Sequence[Token]) -> str:
    return source[found[0].start : found[-1].end]


def _is_sum(source: str, found: Sequence[Token], product: bool = False) -> bool:
    """Whether this is a sum with letters; in a cell of a matrix, what stands side by side is a `product`."""
    text = _written(source, found)
    if not has_letters(text, product):
        return False
    try:
        read_letters(text)
    except AnswerError:
        return False
    return True


def _bare(found: Sequence[Token]) -> Sequence[Token]:
    """Without wide spaces, a full stop or a comma at the ends, and without a group around the whole."""
    found = list(found)
    while len(found) > 1 and found[-1].kind == "text" and found[-1].text.strip() not in _TIMES:
        found.pop()  # a unit, or a remark
    while True:
        if found and (found[-1].kind == "space" or (found[-1].text in (".", ",", ";") and len(found) > 1)):
            found = found[:-1]
        elif found and found[0].kind == "space":
            found = found[1:]
        elif len(found) > 1 and found[0].kind == "open" and closing(found, 0) == len(found) - 1:
            found = found[1:-1]
        else:
            return found


def closing(found: Sequence[Token], at: int) -> int:
    """Where the group or environment that opens at a place ends."""
    depth = 0
    for place in range(at, len(found)):
        depth += {"open": 1, "begin": 1, "close": -1, "end": -1}.get(found[place].kind, 0)
        if depth == 0:
            return place
    return len(found)


def _transposed(found: Sequence[Token]) -> tuple[Sequence[Token], bool]:
    r"""What stands before `^T`, `^{\top}` or `'` behind a matrix."""
    for count in (2, 4):
        end = found[-count:]
        if len(found) > count and end[0].text == "^" and any(t.text in ("T", "t", r"\top", "⊤") for t in end):
            return found[:-count], True
    return (found[:-1], True) if found[-1].text == "'" else (found, False)


class _Flat:
    """Plain text of tokens, and where each character of it stands in the source."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.text: list[str] = []
        self.places: list[int] = []
        self.behind = ""  # the kind of what was put down last, if nothing may stand directly beside it

    def flatten(self, found: Sequence[Token]) -> tuple[str, list[int]]:
        """The text, and a place for each character and one behind the last."""
        self.run(found)
        end = found[-1].end if found else 0
        return "".join(self.text), [*self.places, end]

    def put(self, text: str, token: Token, behind: str = "") -> None:
        self.text.append(text)
        self.places.extend([token.start] * len(text))
        self.behind = behind

    def error(self, message: str, token: Token) -> AnswerError:
        return AnswerError(message, self.source, token.start)

    def run(self, found: Sequence[Token]) -> None:
        at = 0
        while at < len(found):
            at = self.step(found, at)

    def step(self, found: Sequence[Token], at: int) -> int:
        """Put down the token at a place; gives the place behind what was read."""
        token = found[at]
        text = token.text
        if token.kind == "number" or (token.kind == "name" and text not in _TIMES - {"x"}):
            if text == "x" and self.behind and at + 1 < len(found) and found[at + 1].kind == "number":
                self.put("x", token)  # 2 x 2
                return at + 1
            if self.groups(found, at):
                self.put(text, token, "number")
                return at + 1
            if self.behind:
                raise self.error(
                    "two signs stand side by side, which may be a product or two entries; "
                    "put & or a comma between entries",
                    token,
                )
            self.put(_explicit(text), token, token.kind)
        elif text == "_" and token.kind == "symbol" and self.behind == "name":
            return self.subscript(found, at)
        elif text == r"\frac":
            return self.fraction(found, at)
        elif token.kind == "space":
            self.put("  ", token)
        elif token.kind == "text" or text in _TIMES:
            if text.strip() not in _TIMES:
                raise self.error(f"{text[:20]!r} stands where a value is read; write the value alone", token)
            self.put("×", token)
        elif text == "," and token.kind == "symbol":
            self.comma(found, at)
        elif token.kind in ("open", "close"):
            pass
        elif token.kind == "row":
            self.put(";", token)
        elif token.kind == "symbol" or text in _SIGNS:
            self.put(_SIGNS.get(text, text), token, "closed" if text in (")", "]", r"\}") else "")
        else:
            shown = text if token.kind == "command" else self.source[token.start : token.end]
            raise self.error(f"{shown[:30]} stands where a value is read; write a number or a matrix of numbers", token)
        return at + 1

    def groups(self, found: Sequence[Token], at: int) -> bool:
        r"""Whether three digits go on with a number, as in `2\,440`."""
        before, token = found[at - 1], found[at]
        if self.behind != "number" or before.kind != "number" or not _GROUP.fullmatch(token.text):
            return False
        return (
            len(before.text) <= 3
            and before.text.isdigit()
            and bool(_THIN.fullmatch(self.source, before.end, token.start))
        )

    def comma(self, found: Sequence[Token], at: int) -> None:
        """A comma is as tight as it was written."""
        token = found[at]
        before = at > 0 and found[at - 1].end == token.start
        after = at + 1 < len(found) and found[at + 1].start == token.end
        self.put("," if before and after else ", ", token)

    def subscript(self, found: Sequence[Token], at: int) -> int:
        end = closing(found, at + 1) if at + 1 < len(found) else at
        inside = [token for token in found[at + 1 : end + 1] if token.kind not in ("open", "close")]
        if any(token.kind not in ("number", "name") and token.text != "," for token in inside) or not inside:
            raise self.error("this subscript cannot be read; write letters as w_{1,2}", found[at])
        self.put("_{" + "".join(token.text for token in inside) + "}", found[at], "name")
        return end + 1

    def fraction(self, found: Sequence[Token], at: int) -> int:
        r"""`\frac{a}{b}` as a/b; behind a number it may be meant as a sum or as a product."""
        token = found[at]
        parts: list[str] = []
        end = at + 1
        for _ in range(2):
            if end >= len(found):
                raise self.error(r"\frac needs two numbers, as in \frac{1}{2}", token)
            close = closing(found, end)
            inside = found[end : close + 1]
            parts.append("".join(part.text for part in inside if part.kind not in ("open", "close")))
            end = close + 1
        if not all(part.lstrip("+-").isdigit() and part.isascii() for part in parts):
            raise self.error(r"this fraction is not of two whole numbers; write it as \frac{1}{2}", token)
        if self.behind:
            raise self.error(
                f"a fraction behind a number may be a sum or a product; {mixed(self.text[-1], *parts)}", token
            )
        self.put("/".join(parts), token, "number")
        return end


def _explicit(text: str) -> str:
    """A comma that was written as `{,}` is decimal, unless it may separate thousands."""
    before, _, after = text.partition(",")
    return text if len(after) == 3 and not before.startswith("0") else text.replace(",", ".")
