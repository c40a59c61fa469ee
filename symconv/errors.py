"""The errors a user can meet, each named after the person who can mend it."""

import re
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


class OutputError(SymconvError):
    """A file cannot be written, or the PDF engine refused the document."""


class ExecutorError(SymconvError):
    """The processes or the cluster that should do the work cannot be used."""


class VerificationError(SymconvError):
    """A displayed equality does not hold: symconv is wrong, not its user."""

    exit_status = 3


def shown(given: Any) -> str:
    r"""What was given, for a message: on one line, and not too long.

    >>> print(shown("two\nlines"), shown("x" * 99)[-6:])
    'two\nlines' xxx...
    """
    try:
        text = re.sub(r"\s*\n\s*", " ", repr(given))
    except (ValueError, RecursionError):  # thousands of digits, or lists nested too deep
        text = f"a huge {type(given).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}..."
