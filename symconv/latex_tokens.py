r"""Takes the LaTeX of a person's formula apart into tokens; it knows what a sign is, not what a formula means.

What only changes the look is gone: spacing, `\left` and `\right`, `\big`, comments, colours, `\boxed`, `\underline`,
fonts. One meaning has one spelling: `\tfrac` and `\dfrac` are `\frac`, a Unicode minus is `-`.
Every token keeps its place in the text, so that an error can point at it. Everything takes linear time.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from symconv.errors import AnswerError
from symconv.typeset.greek import is_greek

MOST_TEXT = 1_000_000  # characters of what a person hands in
MOST_TOKENS = 300_000  # of one formula
MOST_DEPTH = 60  # of groups and environments in each other
MOST_DIGITS = 30  # of one number, as in `entries`

Kind = Literal["number", "name", "text", "command", "symbol", "open", "close", "begin", "end", "row", "cell", "space"]


class Token(NamedTuple):
    r"""A sign of a formula; `source[start:end]` is what was written.

    kind      text
    number    digits with at most one point, or a comma where `{,}` was written: 52, 0.5, 0,5
    name      a letter, or the word in a font of its own: x, phi (of `\phi`), vec (of `\operatorname{vec}`)
    text      the words of `\text{...}`
    command   `\frac`, `\cdot`, `\times`, `\sum`, `\lfloor`, ... with its backslash, in one spelling
    symbol    one character: + - = ( ) [ ] , ; : / * | < > ! ^ _ ' or any other that means nothing here
    open      a brace; close the one that belongs to it; they always match
    begin     of an environment, whose name without star it is; end likewise; they always match
    row       `\\` and `\cr`; cell is `&`
    space     `\quad` and wider, only where they were asked for
    """

    kind: Kind
    text: str
    start: int
    end: int


_SIGN = re.compile(
    r"(?P<skip>\s+|%[^\n]*|~|[\u200b-\u200f\u2060\ufeff]+)"
    r"|(?P<number>[0-9]+(?:(?:\.|\{,\})[0-9]+)?|\.[0-9]+)"
    r"|(?P<command>\\(?:[A-Za-z]+\*?|[\s\S]?))"
    r"|(?P<any>[\s\S])"
)
_LOOKS = r"""
\, \: \; \! \> \/ \- \left \right \middle \enspace \enskip \thinspace \medspace \thickspace \negthinspace \hfill \hfil
\displaystyle \textstyle \scriptstyle \scriptscriptstyle \limits \nolimits \notag \nonumber \hline \toprule \midrule
\bottomrule \boxed \fbox \underline \uuline \uline \overline \ensuremath \centering \strut \mathstrut \allowbreak
\nobreak \noindent \par \tiny \scriptsize \footnotesize \small \normalsize \large \Large \bf \rm \it \bfseries \itshape
\mathord \mathrel \mathbin \mathopen \mathclose \mathinner \mathop \smash \cancel \bcancel \relax \protect \num \emph
\textnormal \quad \qquad \result
"""
_DROPPED = frozenset(_LOOKS.split()) | {"\\ ", "\\\n", "\\\t", "\\\r"}
# what is dropped with its arguments; the argument after them, if there is one, stays
_SWALLOWED = {
    r"\color": 1, r"\textcolor": 1, r"\colorbox": 1, r"\cellcolor": 1, r"\rowcolor": 1, r"\tag": 1, r"\tag*": 1,
    r"\label": 1, r"\phantom": 1, r"\hphantom": 1, r"\vphantom": 1, r"\hspace": 1, r"\hspace*": 1, r"\vspace": 1,
    r"\vspace*": 1, r"\cline": 1, r"\mspace": 1, r"\overset": 1, r"\underset": 1, r"\stackrel": 1, r"\rule": 2,
    r"\fcolorbox": 2, r"\setlength": 2, r"\raisebox": 1, r"\footnote": 1, r"\ref": 1, r"\eqref": 1, r"\intertext": 1,
    r"\shortintertext": 1,
}  # fmt: skip
_MATHS = r"""
\mathrm \mathit \mathbf \mathsf \mathtt \mathcal \mathbb \mathfrak \mathnormal \boldsymbol \bm \symbf \pmb \operatorname
\operatorname* \textit
"""
_FONTS = frozenset(_MATHS.split())  # a word in one of them is a name
_WORDS = r"\text \textrm \textbf \textsf \texttt \textsl \mbox \hbox \makebox \textup \textmd"
_TEXTS = frozenset(_WORDS.split())
_WIDE = frozenset({r"\quad", r"\qquad", r"\hspace", r"\hspace*", r"\hfill"})
_FRACTIONS = {r"\frac": 2, r"\sqrt": 1, r"\binom": 2}
_SAME = {
    r"\tfrac": r"\frac", r"\dfrac": r"\frac", r"\cfrac": r"\frac", r"\nicefrac": r"\frac", r"\sfrac": r"\frac",
    r"\ast": "*", r"\lbrack": "[", r"\rbrack": "]", r"\lparen": "(", r"\rparen": ")", r"\colon": ":", r"\vert": "|",
    r"\lvert": "|", r"\rvert": "|", r"\leq": r"\le", r"\geq": r"\ge", r"\ne": r"\neq", r"\lbrace": r"\{",
    r"\rbrace": r"\}", r"\prime": "'", r"\ldots": r"\dots", r"\intercal": r"\top", r"\minus": "-", r"\plus": "+",
    r"\slash": "/", r"\coloneqq": "=", r"\simeq": r"\approx", r"\cdotp": r"\cdot", r"\bullet": r"\cdot",
}  # fmt: skip
_UNICODE = {
    "−": "-", "–": "-", "‐": "-", "‑": "-", "﹣": "-", "＋": "+", "＝": "=", "·": r"\cdot", "⋅": r"\cdot",
    "∙": r"\cdot", "•": r"\cdot", "×": r"\times", "✕": r"\times", "÷": r"\div", "∗": "*", "⁄": "/", "∕": "/",
    "≤": r"\le", "≥": r"\ge", "≠": r"\neq", "≈": r"\approx", "⌊": r"\lfloor", "⌋": r"\rfloor", "⌈": r"\lceil",
    "⌉": r"\rceil", "∂": r"\partial", "⊤": r"\top", "′": "'", "’": "'", "…": r"\dots", "⋯": r"\cdots", "⋮": r"\vdots",
    "⋱": r"\ddots", "∞": r"\infty", "√": r"\sqrt", "∑": r"\sum", "∇": r"\nabla", "□": r"\square", "→": r"\to",
}  # fmt: skip
_PLAIN_MATRICES = {rf"\{letter}matrix": f"{letter}matrix" for letter in ("", "p", "b", "v", "B")}
_ARGUMENTS = {"array": 1, "tabular": 1, "alignat": 1, "alignedat": 1, "tabularx": 2, "subarray": 1, "spreadlines": 1}
_ENVIRONMENT = re.compile(r"\s*\{\s*([A-Za-z]{1,40})(\*?)\s*\}")
_OPTION = re.compile(r"\s*\[[^\]\[{}]{0,80}\]")
_WORD = re.compile(r"\s*\{\s*([A-Za-z]{1,60}(?: [A-Za-z]{1,60}){0,9})\s*\}")
_FIGURES = re.compile(r"\s*\{(?:[0-9\s.,+\-/]|\{,\}){0,80}\}")
_BRACE = re.compile(r"\\[\s\S]|[{}]")
_LENGTHS = frozenset({r"\arraycolsep", r"\tabcolsep", r"\jot", r"\hskip", r"\kern", r"\mkern", r"\thinmuskip"})
_ASSIGNED = re.compile(r"\s*=?\s*-?[0-9.]{1,9}\s*(?:pt|em|ex|mm|cm|in|mu)")
_ANNOTATION = re.compile(r"\s*[_^]\s*")


def tokens(source: str, start: int = 0, end: int | None = None, wide_spaces: bool = False) -> tuple[Token, ...]:
    r"""The tokens of a formula: of `source`, or of the part of it between `start` and `end`.

    >>> [token.text for token in tokens(r"h_{11} &= 2\cdot\left(-\tfrac12\right) = \underline{-1}")]
    ['h', '_', '{', '11', '}', '&', '=', '2', '\\cdot', '(', '-', '\\frac', '1', '2', ')', '=', '{', '-', '1', '}']
    >>> [token.kind for token in tokens(r"\begin{array}{rr} 1 & x \\[3pt] 0{,}5 \end{array}")]
    ['begin', 'number', 'cell', 'name', 'row', 'number', 'end']

    After `_` and `^` a number is given whole, as people mean `x_12`; after `\frac` digit by digit, as TeX reads
    `\frac12`. Raises AnswerError, which knows the place, where a brace or an environment is not closed or was never
    opened, and beyond the limits of length, depth and digits.
    """
    return _Reader(source, start, len(source) if end is None else end, wide_spaces).read()


class _Reader:
    """One pass over a formula."""

    def __init__(self, source: str, start: int, end: int, wide_spaces: bool) -> None:
        self.source, self.at, self.end, self.wide_spaces = source, start, end, wide_spaces
        self.found: list[Token] = []
        # what is open: how, as which environment, where, and how many arguments of a \frac come after it
        self.opened: list[tuple[Literal["brace", "note", "matrix", "begin"], str, int, int]] = []
        self.arguments = 0  # of a \frac, which are still to come
        self.noted = False  # the next brace is that of \underbrace

    def read(self) -> tuple[Token, ...]:
        """All tokens."""
        if self.end - self.at > MOST_TEXT:
            raise self.error(f"the text is longer than {MOST_TEXT:,} characters; hand in less at once", self.at)
        while self.at < self.end:
            match = _SIGN.match(self.source, self.at, self.end)
            if match is None:  # cannot be: its last branch takes anything
                break
            start, self.at = self.at, match.end()
            kind = match.lastgroup
            if kind == "number":
                self.number(match[0], start)
            elif kind == "command":
                self.command(match[0], start)
            elif kind == "any":
                self.sign(match[0], start)
            if len(self.found) > MOST_TOKENS:
                raise self.error(f"the formula has more than {MOST_TOKENS:,} signs; hand in less at once", start)
        if self.opened:
            how, name, where, _ = self.opened[-1]
            what, end = (rf"\begin{{{name}}}", rf"\end{{{name}}}") if how == "begin" else ("this brace", "}")
            raise self.error(f"{what} is never closed; add {end}", where)
        return tuple(self.found)

    def error(self, message: str, place: int) -> AnswerError:
        return AnswerError(message, self.source, place)

    def add(self, kind: Kind, text: str, start: int) -> None:
        self.arguments = max(0, self.arguments - 1)
        self.found.append(Token(kind, text, start, self.at))

    def number(self, digits: str, start: int) -> None:
        if self.arguments and digits[0] != ".":  # \frac12 is a half
            self.at = start + 1
            self.add("number", digits[0], start)
            return
        if sum(map(str.isdigit, digits)) > MOST_DIGITS:
            raise self.error(f"a number has more than {MOST_DIGITS} digits; shorten it", start)
        self.add("number", digits.replace("{,}", ","), start)

    def sign(self, character: str, start: int) -> None:
        if character in "{}":
            if character == "{":
                self.open("note" if self.noted else "brace", "{", start)
            else:
                self.close("}", start)
        elif character == "&":
            self.add("cell", "&", start)
        elif character in _UNICODE:
            self.known(_UNICODE[character], start)
            self.arguments *= character != "√"  # people mean the whole number behind it
        else:
            self.add("name" if character.isalpha() else "symbol", character, start)

    def known(self, spelling: str, start: int) -> None:
        """A command or a symbol in its one spelling."""
        self.add("command" if spelling[0] == "\\" else "symbol", spelling, start)
        self.arguments = max(self.arguments, _FRACTIONS.get(spelling, 0))

    def command(self, command: str, start: int) -> None:
        bare = command.removesuffix("*")
        if command == "\\\\" or command in (r"\cr", r"\tabularnewline", r"\newline"):
            self.skip_option(star=True)
            self.add("row", r"\\", start)
        elif self.wide_spaces and command in _WIDE:
            self.swallow(1 if "hspace" in command else 0)
            self.found.append(Token("space", command, start, self.at))
        elif command in _SWALLOWED:
            self.swallow(_SWALLOWED[command])
            if command in (r"\intertext", r"\shortintertext"):  # words between two lines
                self.add("row", r"\\", start)
        elif bare in (r"\left", r"\right", r"\middle") or re.fullmatch(r"\\[bB]igg?[lrm]?", bare):
            self.at = self.behind_spaces()
            self.at += self.source.startswith(".", self.at, self.end)
        elif command in _LENGTHS and (match := _ASSIGNED.match(self.source, self.at, self.end)):
            self.at = match.end()
        elif command in (r"\begin", r"\end"):
            self.environment(command[1:], start)
        elif command in (r"\underbrace", r"\overbrace"):
            self.noted = True
        elif command in _PLAIN_MATRICES:
            self.plain_matrix(command, start)
        elif command in _TEXTS or command in _FONTS:
            self.worded(command, start)
        elif command in _DROPPED or bare in _DROPPED:
            self.at -= command != bare and command not in _DROPPED  # the star of `\, *` was a sign of its own
        else:
            self.at -= command != bare
            name = bare[1:].replace("var", "", 1) if bare.startswith(r"\var") else bare[1:]
            if is_greek(name) and name != "partial":
                self.add("name", name, start)
            else:
                self.known(_SAME.get(bare, bare), start)

    def open(self, how: Literal["brace", "note", "matrix", "begin"], name: str, start: int) -> None:
        if len(self.opened) >= MOST_DEPTH:
            raise self.error(f"groups are nested more than {MOST_DEPTH} deep; write the formula flatter", start)
        self.add("open" if name == "{" else "begin", name, start)
        self.opened.append((how, name, start, self.arguments))
        self.arguments, self.noted = 0, False

    def close(self, name: str, start: int) -> None:
        how, opened = self.opened[-1][:2] if self.opened else ("", "")
        if (how == "begin") != (name != "}") or (how in ("", "begin") and opened != name):
            what = "this brace" if name == "}" else rf"\end{{{name}}}"
            inside = rf"; \begin{{{opened}}} is open here" if how == "begin" else ""
            raise self.error(f"{what} closes nothing{inside or ' that was opened'}", start)
        _, _, _, self.arguments = self.opened.pop()
        self.found.append(Token("close" if opened == "{" else "end", name if opened == "{" else opened, start, self.at))
        if how == "note" and (match := _ANNOTATION.match(self.source, self.at, self.end)):
            self.at = match.end()
            if self.skip_group() is None:
                self.at = min(self.at + 1, self.end)

    def environment(self, what: str, start: int) -> None:
        match = _ENVIRONMENT.match(self.source, self.at, self.end)
        if match is None:
            raise self.error(rf"\{what} needs the name of an environment, such as \{what}{{pmatrix}}", start)
        self.at, name = match.end(), match[1]
        if what == "end":
            self.close(name, start)
            return
        if match[2] or name not in ("matrix", "pmatrix", "bmatrix", "vmatrix", "Bmatrix", "cases"):
            self.skip_option()
        for _ in range(_ARGUMENTS.get(name, 0)):
            self.skip_group()
        self.open("begin", name, start)

    def plain_matrix(self, command: str, start: int) -> None:
        r"""`\pmatrix{1 & 2 \cr 3 & 4}` of plain TeX is given as an environment."""
        brace = self.behind_spaces()
        if not self.source.startswith("{", brace, self.end):
            raise self.error(rf"{command} needs its entries; write \begin{{pmatrix}} 1 & 2 \end{{pmatrix}}", start)
        self.at = brace + 1
        self.open("matrix", _PLAIN_MATRICES[command], start)

    def worded(self, command: str, start: int) -> None:
        r"""`\mathrm{vec}` is a name, `\text{rows}` is text, `\mathbf{52}` and `\textbf{52}` are what is in them."""
        if command in _FONTS:
            if match := _WORD.match(self.source, self.at, self.end):
                self.at = match.end()
                self.add("name", match[1], start)
        elif not _FIGURES.match(self.source, self.at, self.end):
            inside = self.skip_group()
            if inside is not None:
                self.add("text", inside.strip(), start)

    def swallow(self, groups: int) -> None:
        for _ in range(groups):
            self.skip_option()
            self.skip_group()

    def skip_option(self, star: bool = False) -> None:
        if star and self.source.startswith("*", self.at, self.end):
            self.at += 1
        if match := _OPTION.match(self.source, self.at, self.end):
            self.at = match.end()

    def behind_spaces(self) -> int:
        at = self.at
        while at < self.end and self.source[at].isspace():
            at += 1
        return at

    def skip_group(self) -> str | None:
        """Go behind the group that stands here and give its inside; None where none stands here."""
        opening = self.behind_spaces()
        if not self.source.startswith("{", opening, self.end):
            return None
        depth = 0
        for match in _BRACE.finditer(self.source, opening, self.end):
            depth += {"{": 1, "}": -1}.get(match[0], 0)
            if depth == 0:
                self.at = match.end()
                return self.source[opening + 1 : match.start()]
        raise self.error("this brace is never closed; add }", opening)
