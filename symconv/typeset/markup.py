"""Markup: the table of small functions that a language is. It walks no expression."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

MANY = 10  # columns from which a matrix is set tighter


@dataclass(frozen=True)
class Markup:
    """What a language says for each piece of structure; every argument is already in that language."""

    decimal: Callable[[str], str]
    fraction: Callable[[str, str], str]
    root: Callable[[str, str], str]
    small_fraction: Callable[[str, str], str]
    letter: Callable[[str], str]
    accent: Callable[[str, str], str]
    sub: Callable[[str, str], str]
    sup: Callable[[str, str], str]
    paren: Callable[[str], str]
    call: Callable[[str, Sequence[str]], str]
    inner: Callable[[str, str], str]
    around: Callable[[str, str], str]
    sigma: Callable[[str, str, str, str], str]
    matrix: Callable[[Sequence[Sequence[str]], str], str]
    blank: Callable[[str, bool], str]  # the number, and whether a cell of a grid is already the box
    signs: Mapping[str, str]
    bold_one: str
