"""Reads a value as people type it: `52 54; 52 54`, `[[1, 2], [3, 4]]`, `2x2`, `0,5`. It knows no labels and no LaTeX.

Rows are separated by `;` or line ends, entries by spaces or commas; `commas` has the rule for a comma between digits.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import prod
from typing import NamedTuple

from symconv.answers.commas import Piece, meaning, tight
from symconv.answers.entry import mixed, read_entry
from symconv.answers.given import MOST_DEPTH, MOST_ENTRIES, Value
from symconv.answers.letters import has_letters, has_roots, read_letters
from symconv.answers.sums import entries_of
from symconv.errors import AnswerError
from symconv.tensor import Entry, Tensor

MOST_ITEMS = 500  # between the parentheses of one entry
_ITEM = re.compile(
    r"(?P<gap>[^\S\n]+)|(?P<newline>\n)|(?P<comma>,)|(?P<semicolon>;)|(?P<open>[\[({])|(?P<close>[\])}])"
    r"|(?P<atom>(?:_\{[^{}\s]{0,40}\}|[^\s,;()\[\]{}])+)"
)
_SIZE = re.compile(r"[0-9]{1,9}(?:\s{0,9}(?:[xX×✕]|by)\s{0,9}[0-9]{1,9}){1,7}\.?")
_BLANK = re.compile(r"_+|\?+|\.{2,}|…|□|[—–]+|")
_TRANSPOSED = re.compile(r"\s{0,9}(?:\^\s?\{?\s?\\?(?:T|t|⊤|top|intercal)\s?\}?|ᵀ|')$")
_CALLED = re.compile(
    r"(?:(?:np|numpy|torch|tf|sp|sympy|jnp)\.)?(?:array|tensor|matrix|Matrix|Size|TensorShape)\s{0,9}(?=\()"
)
_FUNCTION = re.compile(r"√|(?:sqrt|exp)(?![A-Za-z])|[eE]\s?(?:\^|\*\*)|[ij](?![A-Za-z_0-9])")
_BETWEEN = frozenset("+-−–*/·×⋅")
_PAIRS = {"(": ")", "[": "]", "{": "}"}


class _Item(NamedTuple):
    kind: str
    text: str
    start: int


class _Nested(NamedTuple):
    """What stands in a bracket: a shape, and its entries with their places in row-major order."""

    shape: tuple[int, ...]
    cells: list[tuple[str, int]]


def read_plain(text: str, whole: bool = False, single: bool = False) -> Value:
    """Read a value; `whole` says that its label asks for whole numbers, between which a comma separates.

    `single` says that its label asks for one number, so that `2 sqrt(15)` and `a c` are products.

    >>> read_plain("52 54; 52 54").tensor.nested(), read_plain("2 x 2").tensor.nested()
    ([[52, 54], [52, 54]], [2, 2])
    >>> read_plain("0,5")
    Value(tensor=Tensor(shape=(), cells=(Fraction(1, 2),)), decimals=frozenset({(0, 1)}))
    >>> read_plain("[1, 2, 3]^T").tensor.shape, read_plain("1 _; 3 4").tensor.nested(), read_plain("").tensor
    ((3, 1), [[1, None], [3, 4]], None)
    >>> read_plain("sqrt(16) -1; 1/(1 + exp(0)) 2*sqrt(15)").tensor.nested()
    [[4, -1], [Fraction(1, 2), Closed(2*sqrt(15))]]

    Raises AnswerError, whose offset counts in `text`.
    """
    stripped = text.strip()
    if _BLANK.fullmatch(stripped):
        return Value(None)
    bare = stripped[1:-1].strip() if stripped[0] in "([" and stripped[-1] in ")]" else stripped
    if len(bare) < 99 and _SIZE.fullmatch(bare):
        sizes = tuple(int(size) for size in re.findall("[0-9]+", bare))
        return Value(Tensor((len(sizes),), sizes))
    if single and (found := _MIXED.fullmatch(stripped)):
        message = f"a fraction behind a number may be a sum or a product; {mixed(*found.groups())}"
        raise AnswerError(message, text, text.index(stripped) + found.start(2))
    roots = has_roots(stripped) and has_letters(stripped)
    if single and has_letters(stripped, product=True):
        try:
            return _sum(text)
        except AnswerError:
            if roots:
                raise
    try:
        return _array(text, whole)
    except _DoubtfulError:
        raise
    except AnswerError:
        if not has_letters(stripped):
            raise
        try:
            return as_value(*entries_of(text), text) if _SEPARATOR.search(stripped) else _sum(text)
        except AnswerError:
            if roots and not _SEPARATOR.search(stripped):
                raise
        raise


_MIXED = re.compile(r"([0-9]{1,9})\s{1,9}([0-9]{1,9})/([0-9]{1,9})")
_SEPARATOR = re.compile(r"[,;\n\[]")


class _DoubtfulError(AnswerError):
    """Two readings make sense; no other way to read may be tried."""


def _sum(text: str) -> Value:
    """A sum with letters or a closed form, which is the whole value."""
    start = len(text) - len(text.lstrip())
    try:
        return Value(Tensor((), (read_letters(text.strip()),)))
    except AnswerError as error:
        raise AnswerError(str(error), text, start + error.offset) from None


def _array(text: str, whole: bool) -> Value:
    """Entries in rows or brackets, perhaps transposed."""
    body = text.rstrip()
    if body[-1] == "." and body[-2:-1].isdigit():  # the end of a sentence
        body = body[:-1]
    transposed = _TRANSPOSED.search(body, max(0, len(body) - 40))
    if transposed and body[: transposed.start()].rstrip()[-1:] in tuple(")]}"):
        body = body[: transposed.start()]
    else:
        transposed = None
    called = _CALLED.match(body, len(body) - len(body.lstrip()))
    items = _items(body, called.end() if called else 0)
    items = _tidy(_joined(items, body) if has_roots(body) else items)
    nested = _value(items, text, whole)
    if transposed:
        nested = _turned(nested, text, transposed.start())
    return as_value(nested.shape, nested.cells, text)


def as_value(shape: tuple[int, ...], cells: Sequence[tuple[str, int]], text: str, product: bool = False) -> Value:
    """Entries with their places in `text`, read one by one; a `product` needs no sign where cells are apart by &."""
    made: list[Entry | None] = []
    decimals: set[tuple[int, int]] = set()
    for position, (written, place) in enumerate(cells):
        try:
            entry, digits = _entry(written, product)
        except AnswerError as error:
            width = shape[-1] if shape else 1
            where = f"row {position // width + 1}, entry {position % width + 1}: " if len(shape) == 2 else ""
            where = f"entry {position + 1}: " if len(shape) == 1 and len(cells) > 1 else where
            raise AnswerError(f"{where}{error}", text, place) from None
        made.append(entry)
        if digits is not None:
            decimals.add((position, digits))
    if all(entry is None for entry in made):
        return Value(None)
    return Value(Tensor(shape, tuple(made)), frozenset(decimals))


def _entry(written: str, product: bool = False) -> tuple[Entry | None, int | None]:
    """An entry, or a sum with letters."""
    try:
        return read_entry(written)
    except AnswerError:
        if not has_letters(written, product):
            raise
        try:
            return read_letters(written), None
        except AnswerError:
            if has_roots(written):
                raise
        raise


def _items(text: str, start: int) -> list[_Item]:
    return [_Item(str(match.lastgroup), match[0], match.start()) for match in _ITEM.finditer(text, start)]


def _joined(items: list[_Item], text: str) -> list[_Item]:
    """Items with roots or powers: the parentheses that belong to an entry, and its spaces, are part of its atom."""
    made: list[_Item] = []
    pairs = _pairs(items)
    at = 0
    while at < len(items):
        item = items[at]
        end: int | None = at
        if item.text in ("(", "{"):
            end = _end_of_entry(items, at, pairs[at], made) if at in pairs else None
        if end is not None and (item.kind == "atom" or end > at):
            item = _Item("atom", text[item.start : _behind(items[end])], item.start)
            if made and made[-1].kind == "atom" and _behind(made[-1]) == item.start:
                before = made.pop()
                item = _Item("atom", before.text + item.text, before.start)
        made.append(item)
        at = (at if end is None else end) + 1
    for before, comma, item in zip(made, made[1:], made[2:], strict=False):
        digits = before.text[-1].isdigit() and item.text[0].isdigit() and comma.kind == "comma"
        if digits and not (before.text + item.text).isdigit() and all(one.text != "[" for one in made):
            message = "this comma may be a decimal comma or separate entries; write a point, or a space behind it"
            raise _DoubtfulError(message, text, comma.start)
    separated = any(item.kind == "comma" for item in made)
    found: list[_Item] = []
    for item in made:
        before, gap = (found[-2], found[-1]) if len(found) > 1 else (item, item)
        if item.kind == before.kind == "atom" and gap.kind == "gap":
            lone = before.text in tuple("+-−–") and not _follows(found)  # a sign, which `_tidy` joins
            operator = (before.text[-1] in _BETWEEN or item.text in _BETWEEN) and not lone
            product = _FUNCTION.match(item.text) is not None and not operator and not lone
            if product and not separated:
                shown = f"{before.text} {item.text}"
                message = "may be a product or two entries; write * or a comma between them"
                raise _DoubtfulError(f"{shown[:30]} {message}", text, item.start)
            if operator or product:
                del found[-2:]
                item = _Item("atom", text[before.start : _behind(item)], before.start)  # noqa: PLW2901
        found.append(item)
    return found


def _follows(found: list[_Item]) -> bool:
    """Whether a lone sign, which is the last but one, stands behind an entry."""
    return len(found) > 3 and found[-3].kind == "gap" and found[-4].kind == "atom"


def _behind(item: _Item) -> int:
    return item.start + len(item.text)


def _end_of_entry(items: list[_Item], at: int, end: int, made: list[_Item]) -> int | None:
    """Where the parentheses around a whole number of items end, if they are part of an entry and not around rows."""
    after = items[end + 1] if end + 1 < len(items) else None
    before = bool(made) and made[-1].kind == "atom" and _behind(made[-1]) == items[at].start
    behind = after is not None and after.kind == "atom" and after.start == _behind(items[end])
    return end if before or behind else None


def _pairs(items: list[_Item]) -> dict[int, int]:
    """Where the bracket that opens at an item closes, of those that hold no rows and not too much."""
    found: dict[int, int] = {}
    opened: list[int] = []
    last = -1  # the last item that separates, or is a square bracket
    for at, item in enumerate(items):
        if item.kind == "open":
            opened.append(at)
        elif item.kind == "close" and opened and at - opened[-1] < MOST_ITEMS and last < opened[-1]:
            found[opened[-1]] = at
        if item.kind == "close" and opened:
            opened.pop()
        if item.kind in ("comma", "semicolon", "newline") or item.text == "[":
            last = at
    return found


def _tidy(items: list[_Item]) -> list[_Item]:
    """Join `1 / 2`, a sign with its number where only one entry can be meant, and `(-3)`; drop gaps at the ends."""
    made: list[_Item] = []
    for item in items:
        before = made[-1] if made else None
        if item.kind == "gap" and (before is None or before.kind in ("gap", "newline")):
            continue
        if item.kind == "atom" and before is not None:
            apart = before.kind == "gap"
            last = made[-2] if apart and len(made) > 1 else before
            first = len(made) < 3 or made[-3].kind != "gap" or made[-4].kind != "atom"
            signed = apart and first and last.text in ("-", "+", "−")
            if last.kind == "atom" and (item.text[0] in "/⁄" or last.text[-1] in "/⁄" or signed):
                del made[-2 if apart else -1 :]
                item = _Item("atom", last.text + item.text, last.start)  # noqa: PLW2901
        if item.text == ")" and len(made) > 1 and made[-1].kind == "atom" and made[-2].text == "(":
            _, inside = made.pop(-2), made.pop()
            item = inside  # noqa: PLW2901
        made.append(item)
    while made and made[-1].kind in ("gap", "newline"):
        made.pop()
    while made and made[0].kind in ("gap", "newline"):
        made.pop(0)
    return made


def _value(items: list[_Item], text: str, whole: bool) -> _Nested:
    opened = next((item for item in items if item.kind in ("open", "close")), None)
    if opened is None:
        return _rows(items, text, False, whole)
    if opened.kind == "close" or opened is not items[0]:
        raise AnswerError(
            f"{opened.text!r} stands where an entry is read; put brackets around the whole", text, opened.start
        )
    nested, after = _group(items, 0, text, 1, whole)
    if after < len(items):
        raise AnswerError("something stands behind the bracket; one value is read here", text, items[after].start)
    return nested


def _group(items: list[_Item], at: int, text: str, depth: int, whole: bool) -> tuple[_Nested, int]:
    """What the bracket that opens at item `at` holds, and the item behind it."""
    opening = items[at]
    if depth > MOST_DEPTH:
        raise AnswerError(f"brackets stand more than {MOST_DEPTH} deep; write rows in brackets", text, opening.start)
    inside: list[_Item] = []
    parts: list[tuple[_Nested, int]] = []
    at += 1
    while at < len(items) and items[at].kind != "close":
        if items[at].kind == "open":
            start = items[at].start
            part, at = _group(items, at, text, depth + 1, whole)
            parts.append((part, start))
            continue
        inside.append(items[at])
        at += 1
    if at == len(items):
        raise AnswerError(f"{opening.text!r} is never closed; add {_PAIRS[opening.text]!r}", text, opening.start)
    if items[at].text != _PAIRS[opening.text]:
        raise AnswerError(
            f"{items[at].text!r} closes nothing; {_PAIRS[opening.text]!r} is missing", text, items[at].start
        )
    if not parts:
        rows = _rows(inside, text, True, whole, depth)
        return (_Nested((), rows.cells) if opening.text == "(" and rows.shape == (1,) else rows), at + 1
    stray = next((item for item in inside if item.kind == "atom"), None)
    if stray is not None:
        raise AnswerError(f"{stray.text[:20]!r} stands beside brackets; put it into one", text, stray.start)
    return _stacked(parts, text, opening.text == "("), at + 1


def _stacked(parts: list[tuple[_Nested, int]], text: str, round_bracket: bool) -> _Nested:
    first = parts[0][0].shape
    if len(parts) == 1 and round_bracket:
        return parts[0][0]
    for number, (part, place) in enumerate(parts, 1):
        if part.shape != first:
            raise AnswerError(
                f"part {number} has {_count(prod(part.shape))}, part 1 has {prod(first)}; give all the same shape",
                text,
                place,
            )
    return _Nested((len(parts), *first), [cell for part, _ in parts for cell in part.cells])


def _rows(items: list[_Item], text: str, bracketed: bool, whole: bool, depth: int = 0) -> _Nested:
    """Rows of entries without brackets in them."""
    joined: list[list[list[_Item]]] = [[]]  # rows of pieces
    loose = spaced = False
    waiting = False  # a comma was read, and no entry behind it
    for position, item in enumerate(items):
        before = items[position - 1] if position else None
        if item.kind == "atom":
            behind = items[position - 2] if position > 1 else None
            if before and before.kind == "comma" and behind and behind.kind == "atom" and tight(behind.text, item.text):
                joined[-1][-1].append(item)
            else:
                loose = loose or waiting
                spaced = spaced or bool(joined[-1] and not waiting)
                joined[-1].append([item])
            waiting = False
        elif item.kind == "comma":
            if waiting or not joined[-1]:
                raise AnswerError("an entry is missing before the comma; write _ for a blank one", text, item.start)
            waiting = True
        elif item.kind == "semicolon" or (item.kind == "newline" and not waiting and depth < 2):
            waiting = False
            joined.append([])
    rows = [[Piece.of(piece) for piece in row] for row in joined if row]
    if not rows:
        raise AnswerError("the brackets are empty; write _ for a blank", text, items[0].start if items else 0)
    decimal = meaning(rows, loose, spaced, bracketed, whole, text) == "decimal"
    return _rectangle([_cells(row, decimal) for row in rows], text, bracketed)


def _cells(row: Sequence[Piece], decimal: bool) -> list[tuple[str, int]]:
    if decimal:
        return [(".".join(piece.entries), piece.starts[0]) for piece in row]
    return [pair for piece in row for pair in zip(piece.entries, piece.starts, strict=True)]


def _rectangle(rows: list[list[tuple[str, int]]], text: str, bracketed: bool) -> _Nested:
    width = len(rows[0])
    for number, row in enumerate(rows, 1):
        if len(row) != width:
            message = f"row {number} has {_count(len(row))}, row 1 has {width}; give them as many, _ for a blank"
            raise AnswerError(message, text, row[0][1])
    cells = [cell for row in rows for cell in row]
    if len(cells) > MOST_ENTRIES:
        raise AnswerError(f"there are more than {MOST_ENTRIES:,} entries; hand in less at once", text, cells[-1][1])
    if len(rows) > 1:
        return _Nested((len(rows), width), cells)
    return _Nested((width,) if width > 1 or bracketed else (), cells)


def _count(entries: int) -> str:
    return "1 entry" if entries == 1 else f"{entries} entries"


def _turned(nested: _Nested, text: str, place: int) -> _Nested:
    if len(nested.shape) > 2 or not nested.shape:
        raise AnswerError("only a row or a matrix can be transposed", text, place)
    rows, columns = nested.shape if len(nested.shape) == 2 else (1, *nested.shape)
    return _Nested((columns, rows), [nested.cells[i * columns + j] for j in range(columns) for i in range(rows)])
