"""The errors a user can meet, each named after the person who can mend it."""

import re
import unicodedata
from typing import Any


class SymconvError(Exception):
    """Anything symconv refuses to do; the message is one line for a person to read."""

    exit_status = 2


class ProblemError(SymconvError):
    """The author of the problem wrote something that cannot be solved.

    The message says what is wrong, what was given and what would be right. `place` is an optional
    second and third line: the text as typed and a caret under the offending place.
    """

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(message)
        self.place = place


class AnswerError(SymconvError):
    """Something a person handed in cannot be read.

    The message says what is wrong and what would be right; `place` is the line as written and a caret under the
    offending place, or "". `offset` is where that is in the text, for a reader that knows more of the text.
    """

    def __init__(self, message: str, text: str = "", offset: int = 0) -> None:
        super().__init__(message)
        self.text = text
        self.offset = offset

    @property
    def place(self) -> str:
        """The line as written and a caret under the place, or "" where there is no text."""
        return caret(self.text, self.offset) if self.text else ""

    @property
    def line(self) -> int:
        """The line of the text the caret is in, from 1."""
        return self.text.count("\n", 0, self.offset) + 1


class OutputError(SymconvError):
    """A file cannot be written, or the PDF engine refused the document."""


class RoomError(OutputError):
    """The system refuses a temporary file: no version's fault, and other versions would meet it too."""


class ExecutorError(SymconvError):
    """The processes or the cluster that should do the work cannot be used."""


class VerificationError(SymconvError):
    """A displayed equality does not hold: symconv is wrong, not its user."""

    exit_status = 3


def caret(text: str, offset: int) -> str:
    r"""The line of `text` that holds the place, cut to 72 columns, and a caret under it.

    >>> print(caret("52 54\n52 5x", 10))
        52 5x
            ^
    """
    offset = max(0, min(offset, len(text)))
    start = max(text.rfind("\n", 0, offset) + 1, offset - 40)
    line = re.split(r"[\r\n]", text[start : start + 72], maxsplit=1)[0]
    seen = "".join(c if c.isprintable() else " " for c in line)
    before = seen[: offset - start]
    wide = sum(2 if unicodedata.east_asian_width(c) in "WF" else not unicodedata.combining(c) for c in before)
    return f"    {seen}\n    {' ' * wide}^"


def _plain(given: Any) -> str:
    return str(given) if hasattr(given, "isoformat") else repr(given)


def shown(given: Any) -> str:
    r"""What was given, for a message: on one line, and not too long.

    >>> print(shown("two\nlines"), shown("x" * 99)[-6:])
    'two\nlines' xxx...
    """
    try:
        text = re.sub(r"Decimal\('([^']*)'\)", r"\1", re.sub(r"\s*\n\s*", " ", _plain(given)))
    except (ValueError, RecursionError):  # thousands of digits, or lists nested too deep
        text = f"a huge {type(given).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}..."
