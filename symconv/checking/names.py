"""What people call things: the answer, its size, totals and gradients go by many names. It knows no values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from symconv.answers import canonical
from symconv.checking.diagnose import PREPARED, Checker
from symconv.checking.labels import GRADIENTS

INDEXED = re.compile(r"(.+)\[(\d+(?:,\d+)*)\]")
_ANSWER = re.compile(r"(?:(?:my|the|our|final)[ _])*(?:answer|ans|result|res|solution|out)", re.IGNORECASE)
# in the spelling of labels
_SIZE_OF = re.compile(
    r"(?:(?:the|my|our)_)?(?:(?P<of>.+)_)?(?:size|shape|dimensions?|dims?)"
    r"(?:_of_(?:the_)?(?P<whose>.+)|\((?P<inside>.+)\))?"
)
_TOTAL = re.compile(r"(?:the_)?(?:total|sum|number)_(?:number_)?(?:of_)?(?:the_|all_)*(.+)")
_GRADIENT = re.compile(
    r"(?:the_)?(?:(?P<of>.+)_grad(?:ient)?|grad(?:ient)?[_\[](?:(?:of|by|for|wrt|with_respect_to)_)?(?:the_)?(?P<by>[^\]]+)\]?)"
)
_DOUBLED = re.compile(r"_(?:([a-z])\1)(?=\[|$)")  # r_xx, or R_xx, is the correlation of x with itself
_PRODUCT = re.compile(
    r"(?P<first>\S{1,20})\s*(?:[*∗⋆⊛⊗]|\\(?:ast|star|otimes|circledast)(?![a-z]))\s*(?P<second>\S{1,20})"
)
_EXPRESSION = re.compile(r"[-+*/·×⋅∗⋆⊛⊗@\s]|\\(?:ast|star|otimes|circledast|cdot|times)(?![a-z])")
_LETTER = re.compile(r"(?<![\\A-Za-z])[A-Za-z](?![A-Za-z])")
_OF_LAYER = re.compile(r"(?:the_)?(?P<of>.+)_(?:of|in|after|behind|for)_(?:the_)?layer_(?P<number>\d+)")
_SHAPES = frozenset({"shape", "size", "output", "output_shape", "output_size"})
_PRODUCTS = {  # the operations whose output is written as a product, and whether its factors may change places
    "convolution": True, "circular_convolution": True, "cross_correlation": False,
}  # fmt: skip

_CELL_OF_MAP = re.compile(
    r"(?P<base>[A-Za-z]+)(?:(?:_(?P<number>\d{1,3})|\^\((?P<layer>\d{1,3})\))\[(?P<rest>\d+(?:,\d+)*)\]"
    r"|\[(?P<first>\d{1,3}),(?P<digits>[1-9]?\d)\])"
)
_OPERANDS = {
    "x": "input", "w": "kernel", "b": "bias", "weight": "kernel", "weights": "kernel", "filter": "kernel",
    "filters": "kernel", "image": "input", "signal": "input",
}  # fmt: skip


def known(checker: Checker, label: str, shift: int) -> str | None:
    """The label of a problem that a written one means, its indices `shift` greater; None where it means nothing here.

    >>> from symconv.problem import Problem
    >>> checker = Checker(Problem("cross_correlation", input="1 2; 3 4", kernel="1 1"))
    >>> [known(checker, label, 0) for label in ("H.shape", "the sum of H", "my answer", "h[1,1]", "kernel size")]
    ['size', 'total(output)', 'output', 'h[1,1]', None]
    """
    names = canonical(label)
    found = _first(checker, [shifted(name, shift) for name in (label.strip(), *names)])
    if found is None or not checker.has(found):
        cells = [shifted(cell, shift) for name in names for cell in _of_maps(name)]
        found = next(filter(checker.has, cells), found)
    if found is None:
        found = _first(checker, [shifted(name, shift) for name in _described(checker, label, names)])
    is_answer = _ANSWER.fullmatch(label.strip(" *:")) or checker.problem.operation.name in names  # the receptive field
    is_answer = is_answer or _is_product(checker, label) or _is_unknown(checker, names)
    return checker.answer if found is None and is_answer else found


def _is_product(checker: Checker, label: str) -> bool:
    """Whether a label says that the operands are convolved: `A * K`."""
    commutes, match = _PRODUCTS.get(checker.problem.operation.name), _PRODUCT.fullmatch(label.strip(" $"))
    bias = checker.problem.setting.operands.get("bias")
    if commutes is None or match is None or (bias is not None and any(bias.cells)):
        return False
    factors = tuple(checker.quantity(match[name])[0] for name in ("first", "second"))
    return factors == ("input", "kernel") or (commutes and factors == ("kernel", "input"))


def is_product(label: str) -> bool:
    """Whether a label says that two things are convolved.

    >>> is_product("A * K"), is_product("A + K")
    (True, False)
    """
    return _PRODUCT.fullmatch(label.strip(" $")) is not None


def of_others(checker: Checker, label: str) -> bool | None:
    """Whether an expression, such as `X * W`, has no letters of this problem; None where it is no expression.

    >>> from symconv.problem import Problem
    >>> checker = Checker(Problem("cross_correlation", input="1 2; 3 4", kernel="1 1"))
    >>> of_others(checker, "U * V"), of_others(checker, "A + K"), of_others(checker, "H")
    (True, False, None)
    """
    letters = _LETTER.findall(label)
    if not letters or _EXPRESSION.search(label.strip()) is None:
        return None
    return not any(map(checker.knows, letters))


def _of_maps(name: str) -> Iterator[str]:
    """A cell of a map by all of its indices: `h[1,23]` and `H_1[2,3]` may be h[1,2,3]."""
    if match := _CELL_OF_MAP.fullmatch(name):
        base, number = match["base"], match["number"] or match["layer"] or match["first"]
        rest = match["rest"] or ",".join(match["digits"])
        yield from (f"{one}[{number},{rest}]" for one in dict.fromkeys((base, base.lower())))


def _is_unknown(checker: Checker, names: Sequence[str]) -> bool:
    """Whether this is the letter or the word of the one thing that is asked for, such as a padding."""
    unknown: Sequence[str] = getattr(checker.problem.setting, "unknown", ())
    if len(unknown) != 1 or checker.answer not in ("solutions", "size"):
        return False
    word, letter = unknown[0], checker.problem.setting.letters[unknown[0]]
    return any(name in (word, letter, f"{word}_{letter}") for name in names)


def _first(checker: Checker, candidates: Sequence[str]) -> str | None:
    """The first label that something has, or else that there is a name for: a cell may have indices outside."""
    return next(filter(checker.has, candidates), None) or next(filter(checker.knows, candidates), None)


def shifted(label: str, shift: int) -> str:
    """The label of a cell with all its indices `shift` greater.

    >>> shifted("h[0,1]", 1), shifted("H", 1)
    ('h[1,2]', 'H')
    """
    match = INDEXED.fullmatch(label)
    if match is None or not shift:
        return label
    return f"{match[1]}[{','.join(str(int(index) + shift) for index in match[2].split(','))}]"


def _described(checker: Checker, label: str, names: Sequence[str]) -> Iterator[str]:
    """Labels that words may stand for: `padded input`, `output shape`, `total of H`, `gradient of the kernel`."""
    first = label.lower().split(maxsplit=1)[:1]
    sizes = [match for match in map(_SIZE_OF.fullmatch, names) if match]
    if first and first[0] in PREPARED and not sizes:  # the padded input is what is called padded, but not its size
        yield first[0]
    if any(_is_output(checker, match["of"] or match["whose"] or match["inside"] or "output") for match in sizes):
        yield "size"
    for name in names:
        if match := _OF_LAYER.fullmatch(name.lower()):
            yield f"{'shape' if match['of'] in _SHAPES else match['of']}[{match['number']}]"
        single = _DOUBLED.sub("", name)
        if single != name:
            yield from (single, single.lower())
        if match := _TOTAL.fullmatch(name):
            yield f"total({checker.quantity(match[1])[0]})"
        if match := _GRADIENT.fullmatch(name):
            of = match["of"] or match["by"]
            yield GRADIENTS.get(_OPERANDS.get(of, checker.quantity(of)[0]), "")


def _is_output(checker: Checker, whose: str) -> bool:
    return "output" in (whose, checker.quantity(whose)[0]) or _ANSWER.fullmatch(whose) is not None
