"""Reads a number times a matrix, as in `1/4 * [4 8; 12 16]`; `plain` and `latex` read the matrix."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from symconv import entries
from symconv.answers.commas import pointed
from symconv.answers.entry import read_entry
from symconv.answers.given import Value
from symconv.answers.labels import canonical
from symconv.answers.letters import has_roots
from symconv.answers.plain import read_plain
from symconv.closed_form import Closed
from symconv.errors import AnswerError
from symconv.tensor import Tensor

_NUMBER = r"[0-9]{1,30}(?:[.,][0-9]{1,30}|\s?/\s?[0-9]{1,30})?"
_BEFORE = re.compile(
    rf"\s*(?P<factor>[-+−](?!\s?[0-9(])|[-+−]?\s?(?:{_NUMBER}|\({_NUMBER}\)))\s*[*·×⋅]?\s*(?=[\[({{a-zA-Z])"
)
_BEHIND = re.compile(rf"\s*(?P<sign>[*·×⋅/])\s*(?P<factor>{_NUMBER})\.?\s*")
_WHOLE = r"[0-9]{1,9}(?:[.,][0-9]{1,9})?"
_NAME = r"(?P<label>(?![xX][0-9])(?:[A-Za-zα-ωΑ-Ω](?![A-Za-z])|\\[a-z]{4,20}\{)\S*)"  # of one letter; and no 2x2
_MULTIPLE = re.compile(
    rf"(?P<by>[-−]|[-−]?(?:{_WHOLE}(?:/[0-9]{{1,9}})?|\({_WHOLE}/[0-9]{{1,9}}\))"
    r"|[-−]?\\[dt]?frac\s?(?:\{(?P<above>[0-9]{1,9})\}\s?\{(?P<below>[0-9]{1,9})\}|(?P<over>[0-9])\s?(?P<under>[0-9])))"
    rf"\s?(?:[*·×⋅]|\\cdot|\\times|\\,)?\s?{_NAME}"
)
_QUOTIENT = re.compile(rf"{_NAME}\s?/\s?(?P<by>[0-9]{{1,9}})")
MOST_FACTOR = 100  # characters


def factor(text: str) -> int | Fraction | None:
    """What a factor before a matrix is worth, which may be a sign alone; None where it is no number.

    >>> factor("1/4"), factor("-"), factor("(0,5)"), factor("a")
    (Fraction(1, 4), -1, Fraction(1, 2), None)
    """
    plain = re.sub(r"[()\s]", "", text).replace("−", "-")
    try:
        entry, _ = read_entry(pointed(plain + "1" if plain in ("-", "+") else plain))
    except AnswerError:
        return None
    return entry if isinstance(entry, (int, Fraction)) else None


def multiple(label: str) -> tuple[int | Fraction, str] | None:
    r"""How often a label is taken, and the label: `4H`, `-H` or `H/2`; None where it is none of these.

    >>> multiple("4H"), multiple(r"\frac{1}{4} h_{12}"), multiple("-H"), multiple("H/2")
    ((4, 'H'), (Fraction(1, 4), 'h_{12}'), (-1, 'H'), (Fraction(1, 2), 'H'))
    >>> multiple("H"), multiple("2x2"), multiple("2 rows")
    (None, None, None)
    """
    if len(label) > MOST_FACTOR:
        return None
    match = _MULTIPLE.fullmatch(label.strip())
    if match is None:
        match = _QUOTIENT.fullmatch(label.strip())
        return (Fraction(1, int(match["by"])), match["label"]) if match and int(match["by"]) else None
    over, under = match["above"] or match["over"], match["below"] or match["under"]
    by = factor(f"{'-' * (match['by'][0] in '-−')}{over}/{under}" if over else match["by"])
    return None if by is None or not canonical(match["label"]) else (by, match["label"])


def read_scaled(text: str, whole: bool = False, single: bool = False) -> Value:
    """Read a typed value as `plain` does, or a number times a matrix.

    >>> read_scaled("1/4 * [4 8]").tensor.cells, read_scaled("(4 8)/4").tensor.cells, read_scaled("4 8").tensor.cells
    ((1, 2), (1, 2), (4, 8))

    Raises AnswerError, whose offset counts in `text`.
    """
    try:
        return read_plain(text, whole, single)
    except AnswerError as error:
        found = None if has_roots(text) else _split(text)
        if found is None:
            raise
        by, start, end = found
        matrix = " " * start + text[start:end]
        try:
            product = scaled(read_plain(matrix), by)
        except AnswerError as inner:
            raise (inner if matrix.lstrip().startswith("[") else error) from None
        if product is None:
            raise
        return product


def _split(text: str) -> tuple[int | Fraction, int, int] | None:
    """The factor of a product of a number and what is in brackets, and where that stands; None for other things."""
    last = max(map(text.rfind, ")]}"))
    before, behind = _BEFORE.match(text), _BEHIND.fullmatch(text, last + 1) if len(text) - last < MOST_FACTOR else None
    if (before is None) == (behind is None) or last < 0:
        return None
    if before is not None:
        by = factor(before["factor"])
        return None if by is None else (by, before.end(), len(text))
    assert behind is not None  # noqa: S101  # one of them matches
    by = factor(behind["factor"])
    if by is None or (by == 0 and behind["sign"] == "/"):
        return None
    return (Fraction(1) / by if behind["sign"] == "/" else by), 0, last + 1


def scaled(value: Value, by: int | Fraction) -> Value | None:
    """A matrix with all its entries multiplied; None where it is no matrix.

    >>> scaled(Value(Tensor((2,), (1, None))), Fraction(1, 2)).tensor.cells
    (Fraction(1, 2), None)
    """
    tensor = value.tensor
    if tensor is None or len(tensor.cells) < 2:
        return None
    try:
        return Value(Tensor(tensor.shape, tuple(times(cell, by) for cell in tensor.cells)))
    except OverflowError:  # a closed form that is too large
        return None


def times(cell: Any, by: int | Fraction) -> Any:
    """A cell, or a blank one, multiplied by a number.

    >>> times(6, Fraction(1, 4)), times(None, 2)
    (Fraction(3, 2), None)
    """
    if cell is None:
        return None
    product = cell * by
    if isinstance(product, Closed):
        product = product if product.rational is None else product.rational
    return entries.exact(product) if isinstance(product, (int, Fraction)) else product
