"""Typst: the table of mathematical markup, and the escaping of text a person typed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

from symconv.typeset.greek import is_greek
from symconv.typeset.markup import MANY, Markup

_SPECIAL = set("\\#$*_`<>@[]{}~\"'=-+/&%^|:;.()!,")
_ACCENTS = {"hat": "hat", "tilde": "tilde", "bar": "macron"}


_COVERED = (  # blocks that the fonts inside the compiler have whole; PDF/UA refuses a character without a glyph
    (0x20, 0x500), (0x590, 0x600), (0x1D00, 0x2041), (0x2070, 0x211F), (0x2190, 0x2400), (0x2500, 0x2600),
)  # fmt: skip


@lru_cache(maxsize=4096)  # the words of a sheet are those of every version
def escape(text: str) -> str:
    r"""Text as Typst prints it: characters with a meaning in markup get a backslash, those without a glyph a number.

    >>> escape("50% of x_1 #let")
    '50\\% of x\\_1 \\#let'
    """
    plain = " ".join(text.split())
    return "".join(f"\\{c}" if c in _SPECIAL else _shown(c) for c in plain)


@cache
def _shown(character: str) -> str:
    """The character where the fonts have it, and its number in brackets where not."""
    has_glyph = character.isprintable() and any(first <= ord(character) < end for first, end in _COVERED)
    return character if has_glyph else f"[U+{ord(character):04X}]"


@lru_cache(maxsize=4096)
def quote(text: str) -> str:
    r"""A Typst string.

    >>> quote('say "x"')
    '"say \\"x\\""'
    """
    plain = " ".join(text.split())
    inside = plain if plain.isascii() and plain.isprintable() else "".join(map(_shown, plain))
    return '"' + inside.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _decimal(text: str) -> str:
    """A number; a comma stands in quotes, where it ends no argument, but its sign must not: there it is a hyphen."""
    digits = text.removeprefix("-")
    return f'{text[: -len(digits)]}"{digits}"' if "," in text else text


def _letter(name: str) -> str:
    if len(name) == 1 or is_greek(name):
        return f"{name} "
    return f'word("{name}") '


def _matrix(rows: Sequence[Sequence[str]], brackets: str) -> str:
    delim = "(" if brackets == "round" else "["
    body = "; ".join(", ".join(row) for row in rows)
    gap = "column-gap: #0.55em, " if len(rows[0]) > MANY else ""
    return f'mat(delim: "{delim}", align: #right, {gap}{body})'


def _call(name: str, args: Sequence[str]) -> str:
    operator = name if name in ("min", "max") else f'op("{name}")'
    return f"{operator} ({', '.join(args)})"


TYPST = Markup(
    decimal=_decimal,
    fraction=lambda a, b: f"frac({a}, {b})",
    root=lambda n, of: f"sqrt({of})" if n == "2" else f"root({n}, {of})",
    small_fraction=lambda a, b: f"inline(frac({a}, {b}))",
    letter=_letter,
    accent=lambda name, base: f"{_ACCENTS[name]}({base.strip()}) ",
    sub=lambda base, index: f"{base.strip()}_({index})",
    sup=lambda base, index: f"{base.strip()}^({index})",
    paren=lambda inside: f"({inside})",
    call=_call,
    inner=lambda a, b: f"chevron.l {a}\\, {b} chevron.r",  # escaped: a bare comma would end an argument
    around=lambda name, inside: f"{name}({inside})",
    sigma=lambda index, low, high, body: f"sum_({index}={low})^({high}) {body}",
    matrix=_matrix,
    blank=lambda number, bare: f"{'blanknumber' if bare else 'blank'}({number})",
    signs={
        "plus": " + ",
        "minus": " - ",
        "negative": "-",
        "times": " times ",
        "cdot": " dot ",
        "beside": " ",
        "thin": " thin ",
        "transpose": "top",
        "equals": " = ",
        "le": " <= ",
        "gt": " > ",
        "by": " times ",
        "mod": " mod ",
        "ast": " * ",
        "infinity": "infinity",
        "cdots": "dots.c",
        "vdots": "dots.v",
        "ddots": "dots.down",
    },
    bold_one="bold(1)",
)
