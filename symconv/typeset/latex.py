"""LaTeX: the table of mathematical markup, and the escaping of text a person typed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from symconv.typeset.greek import is_greek
from symconv.typeset.markup import MANY, Markup

_MATHS = {  # what courses write in sentences and only fonts for maths have
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma",
    "τ": "tau", "υ": "upsilon", "φ": "varphi", "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta",
    "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
    "∂": "partial", "∑": "sum", "∏": "prod", "√": "surd", "∞": "infty", "∈": "in", "≤": "le", "≥": "ge", "≠": "ne",
    "≈": "approx", "→": "to", "←": "leftarrow", "∗": "ast", "∘": "circ", "⋆": "star", "⋅": "cdot",
}  # fmt: skip
_ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "#": r"\#",
        "%": r"\%",
        "_": r"\_",
        "^": r"\textasciicircum{}",
        "~": r"\textasciitilde{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        '"': r"\textquotedbl{}",
        "`": r"\textasciigrave{}",
        "'": r"\textquotesingle{}",
        "-": "{-}",  # no ligature: -- stays two hyphens
        "\N{MINUS SIGN}": r"\textminus{}",
        "[": "{[}",
        "]": "{]}",
        **{sign: rf"\ensuremath{{\{name}}}" for sign, name in _MATHS.items()},
    }
)
_MISSING = "\u00adĦħĸĿŀŉŦŧſ"  # what T1 lacks up to U+017F, and the soft hyphen, which would vanish
_ACCENTS = {"hat": r"\hat", "tilde": r"\tilde", "bar": r"\bar"}


@lru_cache(maxsize=4096)  # the words of a sheet are those of every version
def escape(text: str) -> str:
    r"""Text as TeX prints it; characters without a glyph in T1 fonts become their Unicode number in brackets.

    >>> escape("50% of x_1 & $5")
    '50\\% of x\\_1 \\& \\$5'
    """
    plain = "".join(c if _printable(c) or c in _MATHS else f"[U+{ord(c):04X}]" for c in " ".join(text.split()))
    made = plain.translate(_ESCAPES).replace(",,", ",{},").replace(",,", ",{},")  # no ligature here either
    return made.replace("{]}{[}U+", r"{]}\allowbreak{}{[}U+")  # a text in another script may be long


def _printable(character: str) -> bool:
    """Whether pdflatex with T1 and utf8 has the character: Latin letters, and common punctuation."""
    code = ord(character)
    return (
        32 <= code < 127
        or (0xA1 <= code <= 0x17F and character not in _MISSING)
        or character in "–—‘’“”„…€\N{MINUS SIGN}"
    )


def _letter(name: str) -> str:
    if is_greek(name):
        return f"\\{name}"
    return name if len(name) == 1 else rf"\mathit{{{name}}}"


def _matrix(rows: Sequence[Sequence[str]], brackets: str) -> str:
    left, right = "()" if brackets == "round" else "[]"
    has_fractions = len(rows) <= 20 and any(r"\tfrac" in cell for row in rows for cell in row)
    body = (r" \\[3pt] " if has_fractions else r" \\ ").join(" & ".join(row) for row in rows)
    columns = "r" * len(rows[0])
    gap = "0.14em" if len(rows[0]) > 2 * MANY else "0.27em"  # small type has small gaps
    tight = rf"\arraycolsep={gap} " if len(rows[0]) > MANY else ""
    return rf"{{{tight}\left{left}\begin{{array}}{{@{{\,}}{columns}@{{\,}}}} {body} \end{{array}}\right{right}}}"


def _sup(base: str, index: str) -> str:
    """A superscript; TeX takes no second one on the same base."""
    return f"{{{base}}}^{{{index}}}" if "^" in base else f"{base}^{{{index}}}"


def _call(name: str, args: Sequence[str]) -> str:
    operator = f"\\{name}" if name in ("min", "max") else rf"\operatorname{{{name}}}"
    return f"{operator}({', '.join(args)})"


LATEX = Markup(
    decimal=lambda text: text.replace(",", "{,}"),
    fraction=lambda a, b: rf"\frac{{{a}}}{{{b}}}",
    root=lambda n, of: rf"\sqrt{{{of}}}" if n == "2" else rf"\sqrt[{n}]{{{of}}}",
    small_fraction=lambda a, b: rf"\tfrac{{{a}}}{{{b}}}",
    letter=_letter,
    accent=lambda name, base: f"{_ACCENTS[name]}{{{base}}}",
    sub=lambda base, index: f"{base}_{{{index}}}",
    sup=_sup,
    paren=lambda inside: rf"({inside})",
    call=_call,
    inner=lambda a, b: rf"\langle {a}, {b} \rangle",
    around=lambda name, inside: rf"\left\l{name} {inside} \right\r{name}",
    sigma=lambda index, low, high, body: rf"\sum_{{{index}={low}}}^{{{high}}} {body}",
    matrix=_matrix,
    blank=lambda number, bare: rf"\{'blanknumber' if bare else 'blank'}{{{number}}}",
    signs={
        "plus": " + ",
        "minus": " - ",
        "negative": "-",
        "times": r" \times ",
        "cdot": r" \cdot ",
        "beside": r" ",
        "thin": r"\,",
        "transpose": r"\top",
        "equals": " = ",
        "le": r" \le ",
        "gt": r" > ",
        "by": r" \times ",
        "mod": r" \bmod ",
        "ast": r" * ",
        "infinity": r"\infty",
        "cdots": r"\cdots",
        "vdots": r"\vdots",
        "ddots": r"\ddots",
    },
    bold_one=r"\mathbf{1}",
)
