r"""Finds the formulas in a LaTeX or Markdown document; it knows where they start and end, not what is in them."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Form = Literal["tex", "md"]


class MathSpan(NamedTuple):
    """A formula of a document: `text[start:end]` is `body`; before it stands `opening`, behind it `closing`.

    `closing` is "" where the formula is never closed; its body then ends at a blank line or the end of the text.
    """

    start: int
    end: int
    body: str
    opening: str
    closing: str

    @property
    def display(self) -> bool:
        """Whether it stands on a line of its own."""
        return self.opening not in ("$", r"\(", "$`")


_DISPLAYS = r"equation|align|gather|multline|flalign|alignat|eqnarray|displaymath|math|dmath|IEEEeqnarray"
_BEGIN = rf"\\begin[ \t]*\{{(?:{_DISPLAYS})\*?\}}"
_END = rf"\\end[ \t]*\{{(?:{_DISPLAYS})\*?\}}"
_MATH = rf"{_BEGIN}|{_END}|\\[()\[\]]|\$\$|\$"
_VERBATIM = r"\\(?:begin|end)[ \t]*\{(?:verbatim|lstlisting|comment)\*?\}"
_SIGNS = {
    "tex": re.compile(
        rf"(?P<skip>%[^\n]*|\\[\\$%])|(?P<verbatim>{_VERBATIM})|(?P<math>{_MATH})"
        r"|(?P<blank>\n[ \t\r]*\n)"
    ),
    "md": re.compile(
        rf"(?P<fence>^[ \t]*(?:```+[^`\n]*|~~~+[^\n]*)$)|(?P<skip>\\[\\$])|(?P<math>\$`(?!`)|(?<!`)`\$|{_MATH})"
        r"|(?P<code>`+)|(?P<blank>\n[ \t\r]*\n)",
        re.MULTILINE,
    ),
}
_CLOSING = {"$": "$", "$$": "$$", r"\(": r"\)", r"\[": r"\]", "$`": "`$"}


def math_spans(text: str, form: Form) -> tuple[MathSpan, ...]:
    r"""The formulas between `$`, `$$`, `\(`, `\[` or in equation, align, gather, multline, ... in order.

    >>> [span.body for span in math_spans(r"The size is $2 \times 2$, \[ h_{11} = 52 \] and 5\$.", "tex")]
    ['2 \\times 2', ' h_{11} = 52 ']
    >>> [span.body for span in math_spans("It costs $5 and $6, but $x$ is free; `$y$` is code.", "md")]
    ['x']

    Comments, verbatim text and code are passed over, but a Markdown block fenced as ```math is a formula. A single
    dollar of Markdown opens only before something and closes only behind something, and not before a digit. A formula
    that is closed nowhere ends at the next blank line.
    """
    return _Finder(text, form).find()


class _Finder:
    """One pass over a document: outside a formula, or in one."""

    def __init__(self, text: str, form: Form) -> None:
        self.text, self.form = text, form
        self.found: list[MathSpan] = []
        self.opening = ""  # of the formula we are in
        self.start = 0  # of its body
        self.passed = ""  # the fence, the code's back-ticks or the verbatim environment we are in
        self.last = {sign: text.rfind(sign) for sign in ("$$", r"\)", r"\]", "`$", r"\end", "```", "~~~")}

    def find(self) -> tuple[MathSpan, ...]:
        for match in _SIGNS[self.form].finditer(self.text):
            kind, sign = match.lastgroup, match[0]
            if self.passed:
                self.leave(kind, sign, match.start())
            elif kind == "math":
                self.opened(sign, match) if not self.opening else self.inside(sign, match)
            elif kind == "blank" and self.opening and not self.closes_later(match.end()):
                self.close(match.start(), "")
            elif kind in ("fence", "code", "verbatim") and not self.opening:
                self.passed = sign.strip()
                if kind == "fence" and re.fullmatch(r"(?:`+|~+)[ \t]*math", self.passed):
                    self.start = match.end()
            elif kind == "blank":
                self.passed = ""
        if self.opening:
            self.close(len(self.text), "")
        return tuple(self.found)

    def opened(self, sign: str, match: re.Match[str]) -> None:
        if sign[0] == "\\" and not sign.startswith((r"\(", r"\[", r"\begin")):
            return  # a lonely end
        if sign == "`$":
            self.passed = "`"
        elif sign != "$" or self.form == "tex" or self.follows(match.end()):
            self.opening, self.start = sign, match.end()

    def inside(self, sign: str, match: re.Match[str]) -> None:
        if self.opening.startswith(r"\begin"):
            if _bare(sign) == _bare(self.opening.replace(r"\begin", r"\end", 1)):
                self.close(match.start(), sign)
            elif sign.startswith((r"\begin", r"\end")):  # the first one was never closed
                self.close(match.start(), "")
                self.opened(sign, match)
        elif sign == _CLOSING[self.opening]:
            if self.form == "tex" or sign != "$" or self.precedes(match.start(), match.end()):
                self.close(match.start(), sign)
            elif self.follows(match.end()):
                self.start = match.end()  # the dollar before it was money
        elif sign == self.opening == r"\[":  # the first one was never closed
            self.close(match.start(), "")
            self.opened(sign, match)
        elif self.opening == "$" and sign == "$$":
            self.close(match.start(), "$")  # $a$$b$
            self.opening, self.start = "$", match.end()

    def close(self, end: int, closing: str) -> None:
        if closing or self.form == "tex" or self.opening != "$":
            self.found.append(MathSpan(self.start, end, self.text[self.start : end], self.opening, closing))
        self.opening = ""

    def leave(self, kind: str | None, sign: str, place: int) -> None:
        """End the code or the fence we are in."""
        sign = sign.strip()
        if kind == "verbatim" and sign == self.passed.replace("begin", "end", 1):
            self.passed = ""
        elif kind == "fence" and sign.startswith(re.match(r"`*~*", self.passed)[0]):  # type: ignore[index]
            if re.fullmatch(r"(?:`+|~+)[ \t]*math", self.passed):
                body = self.text[self.start : place]
                self.found.append(MathSpan(self.start, place, body, self.passed, sign))
            self.passed = ""
        elif (kind in ("code", "math") and self.passed == sign.strip("$")) or (kind == "blank" and self.passed == "`"):
            self.passed = ""

    def closes_later(self, place: int) -> bool:
        """Whether a formula that may hold blank lines ends behind this place."""
        if self.opening in ("$", r"\("):
            return False
        closing = r"\end" if self.opening.startswith(r"\begin") else _CLOSING[self.opening]
        return self.last[closing] >= place

    def follows(self, place: int) -> bool:
        return place < len(self.text) and not self.text[place].isspace()

    def precedes(self, start: int, end: int) -> bool:
        return start > self.start and not self.text[start - 1].isspace() and not self.text[end : end + 1].isdigit()


def _bare(sign: str) -> str:
    """The begin or end of an environment without its star, which people forget at one of them."""
    return re.sub(r"[\s*]", "", sign)
