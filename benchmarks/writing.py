"""Writes right answers as people write them, at random: labels, numbers, matrices, in every form of a work."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symconv.checking.handed import Value
from symconv.closed_form import Root
from symconv.notation import Notation

FORMS = ("text", "toml", "json", "tex", "md")
REMARKS = (" (see above)", " ✓", ", since nothing is padded", "  # checked twice", " because the stride is 2", ".")
Rows = list[list[str]]


@dataclass(frozen=True)
class Written:
    """A work as written, and its form."""

    text: str
    form: str


class Writer:
    """Writes works of one problem with a stream of random choices; it writes nothing that can be read in two ways."""

    def __init__(self, rng: random.Random, notation: Notation) -> None:
        self._rng, self._notation = rng, notation

    def work(self, answers: Sequence[tuple[str, Value]], base: int, bare: bool = False) -> Written:
        """Answers with their labels, cells counted from `base`; `bare` leaves the label of a lone answer out."""
        deep = any(len(value.shape) > 2 for _, value in answers)  # channels are written in nested brackets
        form = self._one([form for form in FORMS if not deep or form != "tex"])
        shift = base - self._notation.index_base
        named = [(_shifted(label, shift), value) for label, value in answers]
        if bare and form == "text" and len(answers) == 1:
            return Written(self._typed(named[0][1], "size" in named[0][0]), form)
        write = {"text": self._text, "toml": self._toml, "json": self._json, "tex": self._tex, "md": self._md}[form]
        return Written(write(named), form)

    def _one(self, choices: Any) -> Any:
        return self._rng.choice(choices)

    @property
    def _letters(self) -> tuple[str, ...]:
        return self._notation.output, self._notation.input, self._notation.kernel

    def _text(self, answers: Sequence[tuple[str, Value]]) -> str:
        parts = []
        for label, value in answers:
            sign = self._one([" = ", "=", ": ", " := "])
            typed = self._typed(value, "size" in label)
            if "\n" in typed and typed[0] not in "[(":
                sign = sign.rstrip() + "\n"
            remark = self._one(REMARKS) if self._rng.random() < 0.2 else ""
            parts.append(self._one(["", "", "- ", "  "]) + self._label(label) + sign + typed + remark)
        return self._one(["", "# my work\n", "\n"]) + self._one(["\n", "\n\n", "\r\n"]).join(parts) + "\n"

    def _toml(self, answers: Sequence[tuple[str, Value]]) -> str:
        lines = []
        for label, value in answers:
            key = label if re.fullmatch(r"[A-Za-z0-9_]+", label) else json.dumps(self._one([label, self._label(label)]))
            typed = self._typed(value, "size" in label)
            text = self._one([json.dumps(typed, ensure_ascii=False), json.dumps(_nested(value))])
            lines.append(f"{key} = {text}")
        return "\n".join(lines) + "\n"

    def _json(self, answers: Sequence[tuple[str, Value]]) -> str:
        made = {
            self._one([label, self._label(label)]): self._one([_nested(value), self._typed(value, "size" in label)])
            for label, value in answers
        }
        return json.dumps(made, indent=self._one([None, 2]), ensure_ascii=self._one([True, False]))

    def _tex(self, answers: Sequence[tuple[str, Value]]) -> str:
        lines = [f"{_tex_label(label, self._rng)} {self._one(['=', '&=', ' = '])} {self._math(label, value)}"
                 for label, value in answers]  # fmt: skip
        if len(lines) > 1 and self._rng.random() < 0.5:
            body = " \\\\\n".join(line.replace(" = ", " &= ") for line in lines)
            return f"My answers.\n\\begin{{align*}}\n{body}\n\\end{{align*}}\n"
        opening, closing = self._one([("\\[", "\\]"), ("$$", "$$"), ("\\begin{equation}", "\\end{equation}")])
        lines = [line.replace("&=", "=") for line in lines]
        return "Some words first.\n\n" + "\n\n".join(f"{opening} {line} {closing}" for line in lines) + "\n"

    def _md(self, answers: Sequence[tuple[str, Value]]) -> str:
        parts = []
        for label, value in answers:
            if len(value.shape) == 2 and self._rng.random() < 0.3:
                style = self._letter_style()
                letters = any(_has_letters(cell) for cell in value.cells)
                sums = [self._sum(cell, style) for cell in value.cells] if letters else []
                width = value.shape[-1]
                rows = [sums[at : at + width] for at in range(0, len(sums), width)] or self._entries(value, False)
                head = "|" + "   |" * len(rows[0]) + "\n|" + "---|" * len(rows[0]) + "\n"
                body = "\n".join("| " + " | ".join(row) + " |" for row in rows)
                parts.append(f"{self._label(label)}:\n\n{head}{body}")
            elif len(value.shape) < 3 and self._rng.random() < 0.5:
                dollars = self._one(["$", "$$"])
                parts.append(f"{dollars}{_tex_label(label, self._rng)} = {self._math(label, value)}{dollars}")
            else:
                typed = self._typed(value, "size" in label)
                typed = typed.replace("\n", "; ")
                sign = self._one([" = ", ": "]) if re.search("[0-9]", typed) else " = "
                parts.append(f"- {self._one(['', '**'])}{self._label(label)}{sign}{typed}"
                             if self._rng.random() < 0.7 else f"{self._label(label)} = {typed}")  # fmt: skip
        parts = [re.sub(r"^- \*\*(.+?)( = |: )", r"- **\1**\2", part) for part in parts]
        return "# Answers\n\n" + "\n\n".join(parts) + "\n"

    def _label(self, label: str) -> str:
        match = re.fullmatch(r"(.+)\[([\d,]+)\]", label)
        if match:
            name, index = match[1], match[2]
            found = [label, f"{name}[{index.replace(',', ', ')}]"]
            if len(name) == 1:
                found += [f"{name}_{{{index}}}", f"{name}({index})"]
                found += [f"{name}_{index.replace(',', '')}"] if max(map(len, index.split(","))) == 1 else []
            whole = {self._notation.cell(letter): letter for letter in self._letters}.get(name, "")
            found += [f"{whole}[{index}]"] if len(whole) == 1 and "," in index else []
            return str(self._one(found))
        if label == "size":
            return str(self._one(["size", "Size", "output size", "Size of the output", "shape"]))
        if label in ("dx", "dw", "db"):
            of, letter = {
                "dx": ("input", self._notation.input),
                "dw": ("kernel", self._notation.kernel),
                "db": ("bias", self._notation.bias),
            }[label]
            return str(self._one([label, f"d{letter}", f"dL/d{letter}", f"gradient by the {of}", f"{of} gradient"]))
        if label in ("total(input)", "total(kernel)", "total(output)"):
            of = label[len("total(") : -1]
            return str(self._one([label, f"total of the {of}", f"Sum of the {of}"]))
        if label == "output":
            return str(self._one(["output", "Output", self._notation.output]))
        match = re.fullmatch(r"([A-Z])_(\d+)", label)
        return str(self._one([label, f"{match[1]}_{{{match[2]}}}"])) if match else label

    def _typed(self, value: Value, is_size: bool) -> str:
        """A value as people type it."""
        if is_size and value.shape and all(type(cell) is int for cell in value.cells):
            parts = [str(cell) for cell in value.cells]
            if len(parts) > 1:
                return str(self._one(["x", " x ", " × ", " by ", ", "])).join(parts)
        if any(_has_letters(cell) for cell in value.cells):
            return self._listed(value)
        if len(value.shape) > 2 or any(_is_spaced(cell) for cell in value.cells):
            return json.dumps(_nested(value)).replace('"', "")
        style = self._one(["rows", "lines", "nested", "commas", "brackets"])
        comma = style in ("rows", "lines") and self._rng.random() < 0.3 and bool(value.shape)
        rows = self._entries(value, comma)
        if not value.shape:
            return rows[0][0]
        if style == "nested":
            inner = [f"[{', '.join(row)}]" for row in rows]
            return inner[0] if len(value.shape) == 1 else f"[{', '.join(inner)}]"
        if style == "commas" and len(rows[0]) > 1:
            return "; ".join(", ".join(row) for row in rows)
        if len(value.shape) == 1 and self._rng.random() < 0.3 and not comma:  # a column
            return "; ".join(rows[0]) if len(rows[0]) > 1 else rows[0][0]
        if style == "brackets":
            opening, closing = self._one(["[]", "()"])
            return f"{opening}{'; '.join(' '.join(row) for row in rows)}{closing}"
        between = "\n" if style == "lines" and len(rows) > 1 else str(self._one(["; ", ";"]))
        return between.join(map(" ".join, rows))

    def _entries(self, value: Value, comma: bool) -> Rows:
        width = value.shape[-1] if value.shape else 1
        minus, plus = self._one(["-", "-", "−", "–"]), self._rng.random() < 0.1
        point = self._rng.random() < 0.5
        cells = [_number(cell, minus, plus, point, comma) for cell in value.cells]
        return [cells[at : at + width] for at in range(0, len(cells), width)]

    def _listed(self, value: Value) -> str:
        """Sums in letters, apart by commas; without spaces in them also by spaces."""
        comma = self._one([True, True, False])
        style = self._letter_style()
        cells = [self._sum(cell, style, spaced=comma) for cell in value.cells]
        if not value.shape:
            return cells[0]
        if len(value.shape) > 2:
            return str(_stacked(cells, value.shape))
        width = value.shape[-1]
        rows = [(", " if comma else " ").join(cells[at : at + width]) for at in range(0, len(cells), width)]
        if self._rng.random() < 0.3:
            return f"[{', '.join(f'[{row}]' for row in rows)}]" if len(value.shape) == 2 else f"[{rows[0]}]"
        return "; ".join(rows)

    def _letter_style(self) -> tuple[str, str]:
        """What stands between factors, and how subscripts are written."""
        return self._one(["*", " * ", "·"]), self._one(["braces", "short", "tight"])

    def _sum(self, cell: Any, style: tuple[str, str], spaced: bool = True, tex: bool = False) -> str:
        """A sum of products in letters, terms and factors in any order."""
        if not _has_letters(cell):
            return _tex_number(cell, r"\tfrac", False) if tex else str(cell)
        times, subscripts = style
        made = ""
        terms = list(cell.as_ordered_terms())
        self._rng.shuffle(terms)
        for term in terms:
            number, factors = term.as_coeff_mul()
            powers = [factor.as_base_exp() for factor in factors]
            self._rng.shuffle(powers)
            parts = [
                _letter(str(base), subscripts, tex) + (f"^{power}" if power != 1 else "") for base, power in powers
            ]
            size = abs(Fraction(int(number.p), int(number.q)))
            if size != 1 or not parts:
                parts = [_tex_number(size, r"\frac", False) if tex else str(size), *parts]
            sign = "-" if number < 0 else "+" if made else ""
            gap = " " if spaced and made else ""
            made += f"{gap}{sign}{gap}{(times if spaced else times.strip()).join(parts)}"
        return made

    def _math(self, label: str, value: Value) -> str:
        """A value in LaTeX."""
        if label == "size" and value.shape and len(value.cells) > 1:
            return str(self._one([r" \times ", r" \times "])).join(map(str, value.cells))
        point = self._rng.random() < 0.3
        frac = self._one([r"\frac", r"\tfrac", r"\dfrac"])
        style = self._one([r" \cdot ", r"\,", " ", ""]), self._one(["braces", "short"])
        cells = [
            self._sum(cell, style, tex=True) if _has_letters(cell) else _tex_number(cell, frac, point)
            for cell in value.cells
        ]
        if not value.shape:
            return cells[0]
        width = value.shape[-1]
        rows = [cells[at : at + width] for at in range(0, len(cells), width)]
        if len(value.shape) == 1 and self._rng.random() < 0.4:
            rows = [[cell] for cell in cells]
        end = self._one([" \\\\ ", " \\\\[2pt]\n", "\\\\"])
        body = end.join(self._one([" & ", "&"]).join(row) for row in rows)
        kind = self._one(["pmatrix", "bmatrix", "array", "matrix"])
        if kind in ("array", "matrix"):
            columns = "{" + "r" * len(rows[0]) + "}" if kind == "array" else ""
            return rf"\left({self._one(['', chr(10)])}\begin{{{kind}}}{columns} {body} \end{{{kind}}}\right)"
        return rf"\begin{{{kind}}} {body} \end{{{kind}}}"


def writable(value: Value) -> bool:
    """Whether the writer can write every cell: whole numbers, fractions, square roots."""
    known = (int, Fraction, Root)
    able = all(type(cell) in known or _is_polynomial(cell) for cell in value.cells)
    return bool(value.cells) and len(value.shape) < 5 and able


def _is_polynomial(cell: Any) -> bool:
    """Whether this is a sum of products of letters."""
    letters = getattr(cell, "free_symbols", ())
    return bool(letters) and bool(cell.is_polynomial(*letters)) and cell.expand() == cell


def _is_spaced(cell: Any) -> bool:
    """Whether blanks do not part it from its neighbours: two roots side by side may be a product."""
    return type(cell) not in (int, Fraction)


def _has_letters(cell: Any) -> bool:
    return hasattr(cell, "free_symbols")


def _letter(name: str, style: str, tex: bool) -> str:
    """A letter with its subscripts: w_{1,2}, w_{12} or, typed, w12."""
    base, _, subscripts = name.partition("_")
    numbers = subscripts.strip("{}").split(",") if subscripts else []
    base = f"\\{base}" if tex and len(base) > 1 else base
    if not numbers:
        return f"{base} " if len(base) > 2 and tex else base
    if style == "braces" or max(map(len, numbers)) > 1:  # g_{1,10} is no g_{110}
        return f"{base}_{{{','.join(numbers)}}}"
    return f"{base}_{{{''.join(numbers)}}}" if tex or style == "short" else f"{base}{''.join(numbers)}"


def _stacked(cells: list[str], shape: tuple[int, ...]) -> str:
    if len(shape) == 1:
        return f"[{', '.join(cells)}]"
    step = len(cells) // shape[0]
    return f"[{', '.join(_stacked(cells[at : at + step], shape[1:]) for at in range(0, len(cells), step))}]"


def _number(cell: Any, minus: str, plus: bool, point: bool, comma: bool) -> str:
    sign = minus if not isinstance(cell, Root) and cell < 0 else "+" if plus and not isinstance(cell, Root) else ""
    plain = _plain(cell, point)
    if comma and "." in plain and not re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", plain):
        plain = plain.replace(".", ",")
    elif comma and "." in plain:
        plain += "0"
        plain = plain.replace(".", ",")
    return sign + plain


def _plain(cell: Any, point: bool) -> str:
    """A number without its sign: a decimal where one is wanted and, of a fraction, ends; otherwise an exact form."""
    if isinstance(cell, Root):
        exact = f"sqrt({cell.of})" if cell.degree == 2 else f"({cell.of})^(1/{cell.degree})"
        return f"{cell.of ** (1 / cell.degree):.4f}" if point else exact
    size = abs(Fraction(cell))
    if point and size.denominator > 1 and 10**6 % size.denominator == 0:
        return f"{float(size):.6f}".rstrip("0")
    return str(size)


def _tex_number(cell: Any, frac: str, point: bool) -> str:
    if isinstance(cell, Root) and not point:
        return rf"\sqrt{{{cell.of}}}" if cell.degree == 2 else rf"\sqrt[{cell.degree}]{{{cell.of}}}"
    plain = _plain(cell, point)
    sign = "-" if not isinstance(cell, Root) and cell < 0 else ""
    if "/" in plain:
        over, under = plain.split("/")
        return f"{sign}{frac}{{{over}}}{{{under}}}"
    return sign + plain


def _tex_label(label: str, rng: random.Random) -> str:
    match = re.fullmatch(r"(.+)\[([\d,]+)\]", label)
    if match and len(match[1]) == 1:
        short = match[2].replace(",", "")
        several = [f"{match[1]}_{{{match[2]}}}"]
        return rng.choice(several + ([f"{match[1]}_{{{short}}}"] if len(short) == 2 else []))
    if match and match[1].endswith("^T"):
        return rng.choice([label, f"{match[1][:-2]}_{match[2]}^T", f"{match[1][:-2]}_{{{match[2]}}}^{{\\top}}"])
    if match and match[1].isalpha():
        return f"\\text{{{match[1]}}}_{{{match[2]}}}"
    if len(label) > 2 and label.isalpha():
        return rng.choice([f"\\text{{{label}}}", f"\\mathrm{{{label}}}"])
    return label


def _nested(value: Value) -> Any:
    cells: list[Any] = [
        cell
        if type(cell) is int
        else str(cell)
        if type(cell) is Fraction or _has_letters(cell)
        else _plain(cell, False)
        for cell in value.cells
    ]
    for size in reversed(value.shape[1:]):
        cells = [cells[at : at + size] for at in range(0, len(cells), size)]
    return cells if value.shape else cells[0]


def _shifted(label: str, shift: int) -> str:
    match = re.fullmatch(r"(.+)\[([\d,]+)\]", label)
    if match is None or not shift:
        return label
    return f"{match[1]}[{','.join(str(int(index) + shift) for index in match[2].split(','))}]"
