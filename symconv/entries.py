"""Reads the numbers, letters and matrices a person types, by a small grammar; nothing is evaluated.

The only letters-aware part is `letter`, which makes a SymPy symbol and imports SymPy when it must.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from numbers import Rational
from typing import Any

from symconv.errors import ProblemError, shown
from symconv.tensor import Entry

MOST_DIGITS = 30  # of one number: beyond it a typing slip is likelier than a wish
_INTEGER = re.compile(r"[+-]?\d+")
_DECIMAL = re.compile(r"([+-]?)(\d*)\.(\d*)")
_FRACTION = re.compile(r"([+-]?\d+)/(\d+)")
_LETTER = re.compile(r"([+-]?)([A-Za-z][A-Za-z0-9]*)(?:_(?:\{([A-Za-z0-9]+(?:,[A-Za-z0-9]+)*)\}|([A-Za-z0-9]+)))?")
_NOT_LETTERS = {"nan", "inf", "infinity", "none", "null", "true", "false"}
_KINDS = "write an integer, a decimal such as 0.5, a fraction such as 1/2, or a letter such as a or w_{1,2}"
_TOKEN = re.compile(r"(?:\{[^{}\s]*\}|[^\s;,{}]|\{)+")


def exact(value: int | Fraction) -> int | Fraction:
    """An int where the fraction is whole."""
    return value.numerator if value.denominator == 1 else value


def entry(text: str) -> Entry:
    """Read one entry exactly.

    >>> entry("-3"), entry("0.5"), entry("2/4"), entry("w_{1,2}")
    (-3, Fraction(1, 2), Fraction(1, 2), w_{1,2})

    Raises ProblemError for anything else: `3x`, `1/0`, `nan`, `1e400`.
    """
    text = text.replace("\N{MINUS SIGN}", "-")
    if sum(map(str.isdigit, text)) > MOST_DIGITS and text.isascii():
        raise ProblemError(f"{_short(text)!r} has more than {MOST_DIGITS} digits; {_KINDS}")
    if not text.isascii():
        raise ProblemError(f"{_short(text)!r} is not a number or a letter; {_KINDS}")
    if _INTEGER.fullmatch(text):
        return int(text)
    if (match := _DECIMAL.fullmatch(text)) and (match[2] or match[3]):
        whole = Fraction(int(match[2] + match[3]), 10 ** len(match[3]))
        return exact(-whole if match[1] == "-" else whole)
    if match := _FRACTION.fullmatch(text):
        if int(match[2]) == 0:
            raise ProblemError(f"{text!r} divides by zero; {_KINDS}")
        return exact(Fraction(int(match[1]), int(match[2])))
    if (match := _LETTER.fullmatch(text)) and match[2].lower() not in _NOT_LETTERS:
        subscript = match[3] or match[4] or ""
        if len(match[2]) + len(subscript) <= MOST_DIGITS:
            symbol = letter(match[2], tuple(subscript.split(",")) if subscript else ())
            return -symbol if match[1] == "-" else symbol
    raise ProblemError(f"{_short(text)!r} is not a number or a letter; {_KINDS}")


def letter(name: str, subscripts: tuple[Any, ...] = ()) -> Entry:
    """The symbol with this name; subscripts are always in braces, so that x_{1,1} is not x_{11}."""
    from sympy import Symbol

    return Symbol(f"{name}_{{{','.join(map(str, subscripts))}}}" if subscripts else name)


def value(given: Any) -> Entry:
    """Accept one entry from Python or TOML: int, Fraction, Decimal, NumPy scalar, SymPy or text."""
    if type(given) is int:
        return _of_size(given)
    if isinstance(given, bool):
        raise ProblemError(f"{given!r} is not a number; {_KINDS}")
    if isinstance(given, str):
        return entry(given.strip())
    if isinstance(given, Rational):  # int, Fraction, and the integers of NumPy and SymPy
        return _of_size(exact(Fraction(int(given.numerator), int(given.denominator))))
    if isinstance(given, (float, Decimal)):
        if not Decimal(str(given)).is_finite():
            raise ProblemError(f"{str(given)!r} is not a number; {_KINDS}")
        text = str(Decimal(str(given)))
        mantissa, _, exponent = text.lower().partition("e")
        if not exponent:
            return entry(text)
        power = int(exponent)
        if abs(power) > MOST_DIGITS:
            raise ProblemError(f"{text} has an exponent beyond {MOST_DIGITS}; {_KINDS}")
        return exact(Fraction(entry(mantissa)) * Fraction(10) ** power)
    if hasattr(given, "free_symbols"):
        if given.is_Rational:
            return _of_size(exact(Fraction(int(given.p), int(given.q))))
        if given.is_Symbol or (-given).is_Symbol:
            entry(str(given))  # refuses names that could not be typed, such as markup
            return given
        raise ProblemError(f"{shown(given)} is an expression; an operand holds numbers and single letters")
    raise ProblemError(f"{shown(given)} is a {type(given).__name__}, not a number; {_KINDS}")


def _of_size(number: int | Fraction) -> int | Fraction:
    if max(abs(number.numerator), number.denominator) >= 10**MOST_DIGITS:
        raise ProblemError(f"{shown(number)} has more than {MOST_DIGITS} digits; {_KINDS}")
    return number


def matrix(text: str, most: int) -> list[list[Entry]]:
    """Read rows separated by `;` or line ends, entries by spaces or commas.

    >>> matrix("1 2; 3 1/2", most=10)
    [[1, 2], [3, Fraction(1, 2)]]

    Raises ProblemError, with a caret under the place, when an entry cannot be read, when the rows
    differ in length, when there is none, or when there are more than `most` entries.
    """
    rows: list[list[Entry]] = []
    count = 0
    for line in text.splitlines():
        offset = 0
        for piece in line.split(";"):
            row: list[Entry] = []
            position = 0
            for match in _TOKEN.finditer(piece):
                gap = piece[position : match.start()]
                if gap.count(",") > 1 or (gap.strip() == "," and not row):
                    raise _at(line, offset + position, "an entry is missing between the commas")
                _refuse_rest(gap, line, offset + position, len(rows) + 1)
                position = match.end()
                try:
                    row.append(entry(match[0]))
                except ProblemError as error:
                    where = f"row {len(rows) + 1}, entry {len(row) + 1}: {error}"
                    raise _at(line, offset + match.start(), where) from None
                count += 1
                if count > most:
                    raise too_many(count, most, "more than ")
            _refuse_rest(piece[position:], line, offset + position, len(rows) + 1)
            if row:
                if rows and len(row) != len(rows[0]):
                    first = len(rows[0])
                    message = (
                        f"row {len(rows) + 1} has {_count(len(row))}, row 1 has {first}; give every row {_count(first)}"
                    )
                    start = offset + len(piece) - len(piece.lstrip())
                    raise _at(line, start, message)
                rows.append(row)
            offset += len(piece) + 1
    if not rows:
        raise ProblemError('the matrix is empty; write rows such as "1 2; 3 4"')
    return rows


def _refuse_rest(between: str, line: str, start: int, row: int) -> None:
    """Nothing but spaces and commas may stand between entries and after the last one."""
    rest = between.replace(",", " ")
    if rest.strip():
        column = start + len(rest) - len(rest.lstrip())
        raise _at(line, column, f"row {row}: {rest.strip()[:1]!r} cannot be read here; {_KINDS}")


def too_many(given: int, most: int, than: str = "") -> ProblemError:
    """The refusal of work beyond the limit, with the way to raise it."""
    return ProblemError(
        f"{than}{given:,} entries are beyond the limit of {most:,}; "
        f"make it smaller, or raise the limit with limit = {given} in the file or --limit {given}"
    )


def _at(line: str, column: int, message: str) -> ProblemError:
    """An error with the line as typed, cut to 76 columns around the caret."""
    line = line.replace("\t", " ")
    start = max(0, min(column - 40, len(line) - 72))
    shown = line[start : start + 72]
    return ProblemError(message, f"    {shown}\n    {' ' * (column - start)}^")


def _count(entries: int) -> str:
    return f"{entries} entr{'y' if entries == 1 else 'ies'}"


def _short(text: str) -> str:
    return text if len(text) <= 24 else f"{text[:20]}..."
