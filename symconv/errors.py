"""The errors a user can meet, each named after the person who can mend it."""


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


class VerificationError(SymconvError):
    """A displayed equality does not hold: symconv is wrong, not its user."""

    exit_status = 3
