"""Reads one entry of an answer: a number, a letter or a blank. It knows no rows and no labels."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

from symconv import entries
from symconv.errors import AnswerError, ProblemError
from symconv.tensor import Entry
from symconv.typeset.greek import is_greek

_SIGNS = str.maketrans(dict.fromkeys("−–‐‑﹣", "-") | {"＋": "+", "⁄": "/", "∕": "/", "ω": "omega"})
_DECIMAL = re.compile(r"[+-]?[0-9]*\.([0-9]+)")
_SWISS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:['’][0-9]{3})+(?:\.[0-9]+)?")  # 2'440
_BLANK = re.compile(r"_+|\?+|□|—+")
_ROOT = re.compile(r"[+-]?[0-9]*(?:sqrt|exp)[0-9]*")
_DOTS = re.compile(r"\.{2,}|…|⋯|⋮|⋱")
_CALCULATION = re.compile(r"[0-9A-Za-z})][+*·⋅×÷^-]|[=<>≈⌊⌋√]")
MOST = 80  # characters of an entry that can be one


def read_entry(text: str, offset: int = 0) -> tuple[Entry | None, int | None]:
    """One entry, None for a blank, and how many digits stand behind its decimal point, None without one.

    >>> read_entry("-1/2"), read_entry("0.50"), read_entry("?"), read_entry("2'440")
    ((Fraction(-1, 2), None), (Fraction(1, 2), 2), (None, None), (2440, None))

    Raises AnswerError, whose offset counts from `offset`.
    """
    plain = text.translate(_SIGNS)
    if _SWISS.fullmatch(plain):
        plain = plain.replace("'", "").replace("’", "")
    if _BLANK.fullmatch(plain):
        return None, None
    if len(plain.lstrip("+-")) == 1 and not plain.isascii():  # ½
        plain = unicodedata.normalize("NFKC", plain).translate(_SIGNS)
    try:
        if len(plain) > MOST:
            raise ProblemError(f"{plain[:20]!r}... is too long for a number; separate the entries")
        if _DOTS.search(plain):
            raise ProblemError("dots stand for entries that nobody can check; write every entry, and _ for a blank one")
        if plain in ("-", "+"):
            raise ProblemError(f"a {plain!r} stands alone; write it before its number, or the value of a calculation")
        if _CALCULATION.search(plain):
            raise ProblemError("a calculation stands where a value is read; write its value, or = and its value")
        if _ROOT.fullmatch(plain):
            raise ProblemError(f"{plain!r} needs parentheses; write sqrt(5) or exp(-2)")
        if len(plain) > 2 and plain.isalpha() and plain.isascii() and not is_greek(plain):
            raise ProblemError(f"{plain[:20]!r} is a word; write a number, or a letter such as a or w_{{1,2}}")
        read = entries.entry(plain)
    except ProblemError as error:
        raise AnswerError(str(error), text, offset) from None
    decimal = _DECIMAL.fullmatch(plain)
    return read, len(decimal[1]) if decimal else None


def mixed(whole: str, above: str, below: str) -> str:
    """What to write for a number with a fraction behind it.

    >>> mixed("3", "3", "4"), mixed("x", "1", "2")
    ('write 15/4 or 9/4', 'write one fraction')
    """
    if not whole.isdigit() or not whole.isascii() or max(map(len, (whole, above, below))) > 9 or not int(below):
        return "write one fraction"
    fraction = Fraction(int(above), int(below))
    return f"write {int(whole) + fraction} or {int(whole) * fraction}"
