"""Fuzzes the readers of answers with any bytes; run by hand, as it needs atheris and never ends by itself.

    pip install atheris
    python tests/fuzz_readers.py -max_total_time=300 -max_len=400 -timeout=5 -rss_limit_mb=1024

Any exception but AnswerError from `read_answer`, a run longer than the timeout, or more memory than the limit is a bug.
"""

import sys

import atheris

with atheris.instrument_imports(include=["symconv"]):
    from symconv.answers import Unread, canonical, guess_form, read_answer, read_work
    from symconv.errors import AnswerError

FORMS = ("toml", "json", "text", "tex", "md")


def read(data: bytes) -> None:
    """Read one input in the form that its first byte says, and as one answer."""
    form = FORMS[data[0] % len(FORMS)] if data else "text"
    for given in read_work(data[1:], form):
        if given.label is not None:
            canonical(given.label)
        if isinstance(given, Unread):
            assert "\n" not in str(given.error)
            assert given.error.place == "" or given.error.place.count("\n") == 1
    text = data[1:].decode("utf-8", "replace")
    guess_form("-", text)
    try:
        read_answer(text)
    except AnswerError as error:
        assert "\n" not in str(error)


if __name__ == "__main__":
    atheris.Setup(sys.argv, read)
    atheris.Fuzz()
