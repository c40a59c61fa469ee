"""HTML: the maths of an entry of a matrix, set in a line: numbers, letters, and sums and products of them."""

from __future__ import annotations

from html import escape

from symconv.typeset.greek import is_greek
from symconv.typeset.markup import Markup

_ACCENTS = {"hat": "\u0302", "tilde": "\u0303", "bar": "\u0304"}
_AROUND = {"floor": ("⌊", "⌋"), "ceil": ("⌈", "⌉")}


def _grouped(inside: str) -> str:
    return f"({inside})" if {" ", "\N{THIN SPACE}"} & {*inside} else inside


def _around(name: str, inside: str) -> str:
    return f"{_AROUND[name][0]}{inside}{_AROUND[name][1]}"


HTML = Markup(
    decimal=lambda text: text.replace("-", "−"),
    fraction=lambda a, b: f"{_grouped(a)}/{_grouped(b)}",
    root=lambda n, of: f"{'' if n == '2' else f'<sup>{n}</sup>'}√{_grouped(of)}",
    small_fraction=lambda a, b: f"<sup>{a}</sup>⁄<sub>{b}</sub>",
    letter=lambda name: f"<i>&{name};</i>" if is_greek(name) and name != "partial" else f"<i>{escape(name)}</i>",
    accent=lambda name, base: f"{base}{_ACCENTS[name]}",
    sub=lambda base, index: f"{base}<sub>{index}</sub>",
    sup=lambda base, index: f"{base}<sup>{index}</sup>",
    paren=lambda inside: f"({inside})",
    call=lambda name, args: f"{name}({', '.join(args)})",
    inner=lambda a, b: f"⟨{a}, {b}⟩",
    around=_around,
    sigma=lambda index, low, high, body: f"∑<sub>{index}={low}</sub><sup>{high}</sup> {body}",
    matrix=lambda rows, _: f"({'; '.join(', '.join(row) for row in rows)})",
    blank=lambda number, _: f"[{number}]",
    signs={
        "plus": " + ",
        "minus": " − ",
        "negative": "−",
        "times": " × ",
        "cdot": " · ",
        "beside": "\N{THIN SPACE}",
        "thin": "\N{THIN SPACE}",
        "transpose": "⊤",
        "equals": " = ",
        "le": " ≤ ",
        "gt": " &gt; ",
        "by": " × ",
        "mod": " mod ",
        "ast": " ∗ ",
        "infinity": "∞",
        "cdots": "⋯",
        "vdots": "⋮",
        "ddots": "⋱",
    },
    bold_one="<b>1</b>",
)
