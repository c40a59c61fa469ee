"""The formats: for each its markup, its escaping, its way to set maths inside a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from symconv.typeset import latex, typst
from symconv.typeset.markup import Markup


@dataclass(frozen=True)
class Format:
    """One output format: a folder of templates, and the little of its language that a template cannot say."""

    name: str
    folder: str
    markup: Markup
    escape: Callable[[str], str]
    inline: Callable[[str, str], str]  # (maths, the same in words) -> maths inside a sentence
    dots: str  # between the first and the last of a range
    gap: str  # between two ranges


UNBROKEN = 48  # letters of the spoken form up to which maths inside a sentence stays on one line
_MARKDOWN = re.compile(r"([\\`*_\[\]#|$~<>])")
_MARKDOWN_START = re.compile(r"^(\d+(?=[.)])|(?=[-+=]))")  # would begin a list, a heading or a rule


def escape_markdown(text: str) -> str:
    r"""Text as Markdown prints it; no HTML passes.

    >>> escape_markdown("5 * <b> & $x$")
    '5 \\* \\<b\\> &amp; \\$x\\$'
    """
    shown = "".join(c if c.isprintable() else f"[U+{ord(c):04X}]" for c in " ".join(text.split()))
    plain = shown.replace("&", "&amp;")
    return _MARKDOWN_START.sub(r"\1\\", _MARKDOWN.sub(r"\\\1", plain))


def _markdown_matrix(rows: Sequence[Sequence[str]], brackets: str) -> str:
    name = "pmatrix" if brackets == "round" else "bmatrix"
    body = r" \\ ".join(" & ".join(row) for row in rows)
    return rf"\begin{{{name}}} {body} \end{{{name}}}"


# A Markdown reader sees the text before the maths does: a bare * would start emphasis, so it is named.
_IN_MARKDOWN = replace(
    latex.LATEX,
    matrix=_markdown_matrix,
    blank=lambda number, _: rf"\boxed{{\phantom{{000}}}}_{{{number}}}",
    signs={**latex.LATEX.signs, "ast": r" \ast "},
)


def _typst_inline(maths: str, words: str) -> str:
    shown = f"display({maths.strip()})" if "mat(" in maths else maths.strip()  # in a line, entries would be tiny
    equation = f"#math.equation(alt: {typst.quote(words)}, ${shown}$)"
    return f"#box({equation[1:]})" if len(words) < UNBROKEN else equation


FORMATS: dict[str, Format] = {
    "tex": Format("tex", "latex", latex.LATEX, latex.escape, lambda maths, _: f"${maths}$", r"\dots", r";\quad "),
    "typ": Format(
        "typ",
        "typst",
        typst.TYPST,
        typst.escape,
        _typst_inline,
        "dots",
        "; quad ",
    ),
    "md": Format("md", "markdown", _IN_MARKDOWN, escape_markdown, lambda maths, _: f"${maths}$", r"\dots", r";\quad "),
}
