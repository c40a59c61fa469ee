r"""Labels of answers: every spelling of `h[1,2]`, `H_0`, `C^T` or `dx`. It knows no problem and no list of labels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from symconv.errors import AnswerError
from symconv.latex_tokens import Token, tokens

MOST_LABEL = 80  # characters
_NAME = r"[A-Za-zα-ωΑ-Ω][A-Za-z0-9α-ωΑ-Ω]*'*"
_LABEL = re.compile(
    rf"(?P<base>{_NAME}(?:_(?!\{{){_NAME})*)(?:_\{{(?P<sub>[^{{}}]+)\}})?(?P<transposed>(?:\^\{{T\}})?)"
    r"(?P<index>(?:\[[^\[\]]*\])*)"
)
_CALL = re.compile(
    rf"({_NAME}(?:_{_NAME})*)(?:_\{{(?P<sub>[0-9A-Za-z]{{1,9}})\}})?\((?P<inside>.+)\)(?P<index>\[[0-9,]+\])?"
)
_LAYER = re.compile(
    rf"(?P<base>{_NAME})\^\{{\((?P<number>[0-9]{{1,3}})\)\}}(?:_\{{(?P<sub>[^{{}}]+)\}})?(?P<index>(?:\[[^\[\]]*\])?)"
)
_OF_LAYER = re.compile(r"(?:[A-Za-z]+_)+layer_[0-9]{1,3}", re.IGNORECASE)
_INDEX = re.compile(r"[+-]?[0-9]{1,9}(?:,[+-]?[0-9]{1,9})*")
_SLOPE = re.compile(r"(?:\\partial|d)[A-Za-z]/(?:\\partial|d)(.+)")
_NABLA = re.compile(r"\\nabla_\{([^{}]+)\}_?[A-Za-z]")
_COUNTING = re.compile(r"([A-Za-z]+)([0-9]+)")
_SUBSCRIPT = re.compile("[₀-₉]+")
_TRANSPOSED = {"T", "t", r"\top", "⊤", r"\mathsf"}


def canonical(label: str) -> tuple[str, ...]:
    r"""The labels that a person can mean, in the spelling of a solution's labels, the likeliest first.

    >>> canonical("h[1, 2]"), canonical("h_{1,2}"), canonical(r"\mathbf{H}_{0}")
    (('h[1,2]',), ('h[1,2]',), ('H_0', 'H[0]'))
    >>> canonical("h_{112}")
    ('h[1,12]', 'h[11,2]', 'h[1,1,2]', 'h[112]', 'h_112')
    >>> canonical(r"C^\top"), canonical(r"\frac{\partial L}{\partial x}"), canonical("r_2(rows)")
    (('C^T',), ('dx',), ('r_2(rows)',))
    >>> canonical("h^{(2)}_{1,3}"), canonical("H^(2)")
    (('h^(2)[1,3]',), ('H^(2)',))
    >>> canonical("Padded kernel"), canonical("3x + 1")
    (('Padded_kernel', 'padded_kernel'), ())
    >>> canonical("shape after layer 1"), canonical("Layer 1")
    (('shape_after_layer_1',), ())

    Case is kept, but a word of three letters or more is also given in small letters. () where this is no label.
    """
    label = label.strip().strip('$*`" :').strip()
    if not label or len(label) > MOST_LABEL:
        return ()
    try:
        label = (
            _SUBSCRIPT.sub(_subscript, label.replace("**", ""))
            .replace("ᵀ", "^T")
            .replace(".shape", "_shape")
            .replace(".grad", "_grad")
            .replace("∂", r"\partial ")
        )
        text = _flat(tokens(label), label)
    except AnswerError:
        return ()
    return tuple(dict.fromkeys(_spellings(text)))


def counts(label: str | None) -> bool:
    """Whether a label says itself that its value is a list of whole numbers, in which a comma separates.

    >>> counts("Size"), counts("shape[2]"), counts("h[1,1]")
    (True, True, False)
    """
    found = canonical(label) if label else ()
    return any(re.fullmatch(r"(?:[a-z]+_)?(?:size|shape)(?:\[\d+\])?", name) for name in found)


def indexed(label: str | None) -> bool:
    """Whether a label is that of one cell, whose value is a number: small letters are cells, also where they count.

    >>> indexed("h_{1,2}"), indexed("h_1"), indexed("H"), indexed("H_0")
    (True, True, False, False)
    """
    found = canonical(label) if label else ()
    return bool(found) and all(re.fullmatch(r".*\]|d?[a-z]_\d+", name) for name in found)


def general(label: str | None) -> bool:
    """Whether a label has letters for indices, as in a formula for all cells.

    >>> general("h_{i,j}"), general("h_{1,2}"), general("C_out")
    (True, False, False)
    """
    found = canonical(label) if label else ()
    return any(re.search(r"\[.*[a-z].*\]$|_[i-nm-q]$", name) for name in found)


def _spellings(text: str) -> Iterator[str]:
    if match := _SLOPE.fullmatch(text) or _NABLA.fullmatch(text):
        text = "d" + match[1]
    if text.startswith(("sqrt(", "exp(")):  # a value
        return
    text = re.sub(r"\^\{\(\}([0-9]{1,3})\)", r"^{(\1)}", text)
    if match := _LAYER.fullmatch(text):
        cell = f"{match['base']}_{{{match['sub']}}}" if match["sub"] else f"{match['base']}{match['index']}"
        for name in _spellings(cell):
            yield name.replace(match["base"], f"{match['base']}^({match['number']})", 1)
        return
    if match := _CALL.fullmatch(text):
        inside, called = match["inside"], match[1] + (f"_{match['sub']}" if match["sub"] else "")
        if _INDEX.fullmatch(inside) and not match["index"]:
            yield f"{called}[{inside}]"
        elif not re.search(r"[-+=*·]", inside):  # a calculation is no label
            inner = next(_spellings(inside), inside)
            yield from (f"{name}({inner}){match['index'] or ''}" for name in _cases(called))
        return
    if re.fullmatch(r"(?:[A-Z](?:\^\{T\})?){2,4}", text) and "^" in text:  # C^TC
        yield text.replace("{T}", "T")
        return
    match = _LABEL.fullmatch(text)
    if match is None:
        yield from _cases(text) if _OF_LAYER.fullmatch(text) else ()
        return
    base, sub, top = match["base"], match["sub"], match["transposed"].replace("{T}", "T")
    index = match["index"].replace("][", ",").strip("[]")
    if index:
        yield from (f"{name}{top}[{index}]" for name in _cases(base if sub is None else f"{base}_{sub}"))
    elif sub is None:
        yield from (f"{name}{top}" for name in _cases(base))
        if (counting := _COUNTING.fullmatch(base)) and not top:
            yield from _numbered(counting[1], counting[2])
    elif not sub.isascii() or not sub.isdigit():
        bracketed = "," in sub or (len(sub) == 1 and sub.islower()) or _INDEX.fullmatch(sub)
        yield from [f"{base}[{sub}]"] if bracketed and not top else [f"{name}{top}" for name in _cases(f"{base}_{sub}")]
    elif top:
        yield from (f"{base}_{sub}{top}", f"{base}{top}[{sub}]")
    else:
        yield from _numbered(base, sub)


def _subscript(match: re.Match[str]) -> str:
    return "_{" + "".join(str(ord(digit) - ord("₀")) for digit in match[0]) + "}"


def _cases(name: str) -> Sequence[str]:
    return (name, name.lower()) if len(name) > 2 else (name,)


def _numbered(base: str, digits: str) -> Iterator[str]:
    """What digits without commas can mean: two indices, three, one, or a number that belongs to the name."""
    if len(digits) == 1:
        yield from (f"{base}_{digits}", f"{base}[{digits}]")
        return
    if base[0].isupper():  # matrices are numbered, entries have indices
        yield f"{base}_{digits}"
    if len(digits) <= 6:
        cuts = range(1, len(digits))
        yield from (f"{base}[{digits[:i]},{digits[i:]}]" for i in cuts)
        yield from (f"{base}[{digits[:i]},{digits[i:j]},{digits[j:]}]" for i in cuts for j in cuts if i < j)
    yield from (f"{base}[{digits}]", f"{base}_{digits}")


def _flat(found: tuple[Token, ...], label: str) -> str:
    """The label without markup: subscripts in braces, other groups gone, spaces between words as underscores."""
    made: list[str] = []
    closing: list[str] = []  # what each open brace ends with
    behind = -1  # where the last sign ended
    at = 0
    while at < len(found):
        token = found[at]
        if token.kind in ("name", "text", "number"):
            word = token.text.replace(" ", "_").rstrip(":")
            if at and not closing and found[at - 1].kind in ("name", "text") and label[behind : token.start].isspace():
                made.append("_")
            made.append(word)
        elif token.text in ("_", "^") and at + 1 < len(found):
            at = _script(found, at, made, closing)
        elif token.text == r"\frac" and at + 1 < len(found) and found[at + 1].kind == "open":
            made.append("")
            closing.append("/")
            at += 1
        elif token.kind == "open":
            closing.append("")
        elif token.kind == "close":
            made.append(closing.pop())
        elif token.text == "'" and made and re.fullmatch("[A-Z]", made[-1]):
            made.append("^{T}")
        elif token.text != ";":
            made.append("" if token.text in (r"\hat", r"\tilde", r"\bar") and made else token.text)
        else:
            made.append(",")
        behind = found[min(at, len(found) - 1)].end
        at += 1
    return "".join(made)


def _script(found: tuple[Token, ...], at: int, made: list[str], closing: list[str]) -> int:
    """Put down a subscript or superscript from place `at`; gives the place of its last token that was read."""
    sign, after = found[at].text, found[at + 1]
    if after.kind == "open":
        inside = found[at + 2].text if at + 2 < len(found) else ""
        if sign == "^" and inside in _TRANSPOSED and at + 3 < len(found) and found[at + 3].kind == "close":
            made.append("^{T}")
            return at + 3
        made.append(f"{sign}{{")
        closing.append("}")
        return at + 1
    if sign == "^":
        made.append("^{T}" if after.text in _TRANSPOSED else f"^{{{after.text}}}")
        return at + 1
    last = at + 1  # a word or a number behind a plain underscore: padded_kernel, h_12
    while last + 1 < len(found) and found[last + 1].start == found[last].end and found[last + 1].kind == after.kind:
        last += after.kind == "name" or found[last + 1].kind == "number"
        if after.kind not in ("name", "number"):
            break
    word = "".join(token.text for token in found[at + 1 : last + 1])
    made.append(f"_{word}" if len(word) > 1 and after.kind == "name" else f"_{{{word}}}")
    return last
