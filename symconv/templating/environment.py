"""The one environment of all formats: its delimiters are harmless in every one of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

from jinja2 import (
    Environment,
    FileSystemBytecodeCache,
    FileSystemLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
    nodes,
)
from jinja2.bccache import Bucket
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from symconv.errors import OutputError
from symconv.program import templates
from symconv.templating.own import Templates
from symconv.templating.sandbox import SYNTAX, explained, own_environment
from symconv.templating.trace import is_traced, marked


class Cache(FileSystemBytecodeCache):
    """Compiled templates in a folder; where it takes no more, they are compiled again the next time."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template, if that is possible."""
        with suppress(OSError):
            super().dump_bytecode(bucket)


def bytecode_cache() -> Cache | None:
    """Compiled templates in the user's cache folder: compiling them takes as long as importing NumPy."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    try:
        folder = home / "symconv"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return None
    return Cache(str(folder)) if os.access(folder, os.W_OK) else None


_own: ContextVar[Templates] = ContextVar("own templates", default=())


def environment() -> Environment:
    """One environment for all formats; its delimiters are harmless in every one of them."""
    if not _own.get():
        return our_environment(is_traced())
    return own_environment(_own.get(), (Trace,) if is_traced() else ())


@lru_cache
def our_environment(traced: bool) -> Environment:
    """The environment of our templates alone."""
    return Environment(  # noqa: S701  # every format escapes for itself, by the filter `text`
        loader=FileSystemLoader(templates()),
        undefined=StrictUndefined,
        extensions=[Trace] if traced else [],
        **SYNTAX,
        bytecode_cache=None if traced else bytecode_cache(),
    )


class Trace(Extension):
    """Marks every line of template text with where it stands, for error messages of the PDF engines."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Put a mark before each line of data."""
        for token in stream:
            if token.type != "data":
                yield token
                continue
            yield Token(token.lineno, "data", marked(token.value, str(stream.name), token.lineno))


@contextmanager
def overridden(own: Templates) -> Iterator[None]:
    """Inside the block, the templates of a person come before ours, in a sandbox; none means ours alone.

    Rendering then raises OutputError, which names the template and the line.
    """
    token = _own.set(own)
    try:
        yield
    finally:
        _own.reset(token)


def check_templates(own: Templates) -> None:
    """Raise OutputError where Jinja cannot read one of a person's templates, or where a block of it goes nowhere.

    Of a template that extends another one only the blocks that this one has are printed.
    """
    made = own_environment(own)
    for name, text in own:
        try:
            made.get_template(name)
        except TemplateSyntaxError as error:
            raise OutputError(explained(error)) from None
        tree = made.parse(text, name)
        known = [block for parent in _parents(tree) for block in _blocks(made, parent, {name})]
        for node in tree.body:
            if isinstance(node, nodes.Block) and known and node.name not in known:
                has = f"{next(_parents(tree))} has {', '.join(dict.fromkeys(known))}"
                raise OutputError(f"{name}, line {node.lineno}: the block {node.name} would not be printed; {has}")


def _parents(tree: nodes.Template) -> Iterator[str]:
    """The names of the templates that a template extends, as far as they stand in it."""
    for node in tree.find_all(nodes.Extends):
        if isinstance(node.template, nodes.Const):
            yield str(node.template.value)


def _blocks(made: Environment, name: str, seen: set[str]) -> Iterator[str]:
    """The blocks of a template and of those that it extends."""
    if name in seen or made.loader is None:
        return
    try:
        tree = made.parse(made.loader.get_source(made, name)[0], name)
    except (TemplateNotFound, TemplateSyntaxError):  # it is told when it is used
        return
    yield from (block.name for block in tree.find_all(nodes.Block))
    for parent in _parents(tree):
        yield from _blocks(made, parent, seen | {name})
