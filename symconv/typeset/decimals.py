"""How an exact number is written in decimals."""

from __future__ import annotations

from fractions import Fraction


def decimal_text(value: int | Fraction, style: str) -> str | None:
    """The digits of an integer, or of a fraction whose decimals end where the notation wants decimals."""
    if isinstance(value, int) or value.denominator == 1:
        return str(int(value))
    if style == "fraction":
        return None
    rest, places = value.denominator, 0
    while rest % 10 == 0 or rest % 5 == 0 or rest % 2 == 0:
        rest //= 10 if rest % 10 == 0 else 5 if rest % 5 == 0 else 2
        places += 1
    if rest != 1:
        return None
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-places]}{',' if style == 'comma' else '.'}{digits[-places:].rstrip('0')}"
