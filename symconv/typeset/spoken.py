"""Spoken maths: the text alternative of every equation and grid, in plain words."""

from __future__ import annotations

from collections.abc import Sequence

from symconv.typeset.markup import Markup


def rows_in_words(rows: Sequence[Sequence[str]], what: str) -> str:
    """A matrix as a person reads it out.

    >>> rows_in_words([["1", "2"], ["3", "4"]], "matrix")
    '2 by 2 matrix, rows: 1, 2; 3, 4'
    """
    if len(rows) == 1:
        return f"{what} of one row: {', '.join(rows[0])}"
    body = "; ".join(", ".join(row) for row in rows)
    return f"{len(rows)} by {len(rows[0])} {what}, rows: {body}"


def _grouped(words: str) -> str:
    """Words that belong together, in parentheses where there are several."""
    return f"({words.strip()})" if " " in words.strip() else words


SPOKEN = Markup(
    decimal=lambda text: text.replace("-", "minus "),
    fraction=lambda a, b: f"{_grouped(a)} over {_grouped(b)}",
    root=lambda n, of: f"{'square root' if n == '2' else f'root of degree {n}'} of {_grouped(of)}",
    small_fraction=lambda a, b: f"{a} over {b}",
    letter=lambda name: name,
    accent=lambda name, base: f"{base} {name}",
    sub=lambda base, index: f"{base} sub {_grouped(index)}",
    sup=lambda base, index: f"{base} superscript {index}",
    paren=lambda inside: f"({inside})",
    call=lambda name, args: f"{name} of ({', '.join(args)})",
    inner=lambda a, b: f"inner product of {a} and {b}",
    around=lambda name, inside: f"{'floor' if name == 'floor' else 'ceiling'} of ({inside})",
    sigma=lambda index, low, high, body: f"sum over {index} from {low} to {high} of {body.strip()}",
    matrix=lambda rows, _: rows_in_words(rows, "matrix"),
    blank=lambda number, _: f"blank {number}",
    signs={
        "plus": " plus ",
        "minus": " minus ",
        "negative": "minus ",
        "times": " times ",
        "cdot": " times ",
        "beside": " ",
        "thin": " ",
        "transpose": "transpose",
        "equals": " equals ",
        "le": " is at most ",
        "gt": " is greater than ",
        "by": " by ",
        "mod": " modulo ",
        "ast": " convolved with ",
        "infinity": "infinity",
        "cdots": "and so on",
        "vdots": "and so on",
        "ddots": "and so on",
    },
    bold_one="times the array of ones",
)
