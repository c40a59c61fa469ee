"""Walks an expression once for every markup language; a language is a `Markup`, a table of small functions.

The walker decides structure: signs, parentheses, product signs, which values are put in. It also adds up how wide
the result is, in digits, so that a template can choose a size; it knows no language.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from symconv.document import Quantity, Symbol
from symconv.expression import Blank, Letter, Number, Op, Put, Ref, Running, Sigma, references, without_sign
from symconv.notation import Notation
from symconv.tensor import Entry, Tensor
from symconv.typeset.decimals import decimal_text
from symconv.typeset.elision import shown
from symconv.typeset.markup import MANY, Markup
from symconv.typeset.piece import ATOM, BARE, PRODUCT, RELATION, SPOKEN, SUM, Piece, Slot, Width

BLANK = 4.5  # the width of a blank in digits, whatever belongs there


class Printer:
    """Typesets the expressions of one derivation in one language.

    With `widths` every entry of a quantity counts as wide as they say, so that the layout knows no number.
    """

    def __init__(
        self,
        markup: Markup,
        quantities: Mapping[str, Quantity],
        notation: Notation,
        widths: Mapping[str, Width] | None = None,
    ) -> None:
        self.markup, self.quantities, self.notation = markup, quantities, notation
        self.widths = widths or {}
        self._entries: dict[tuple[str, Entry], Piece] = {}
        self._walked: dict[tuple[int, bool], tuple[Any, Piece]] = {}

    def __call__(self, expression: Any) -> str:
        """Typeset an expression."""
        return self.walk(expression, False).text

    def width(self, expression: Any) -> float:
        """How wide an expression is, in digits."""
        return self.walk(expression, False).width

    def entry(self, value: Entry, name: str = "") -> Piece:
        """Typeset an entry of a quantity: a number, a SymPy expression in letters, or a slot."""
        key = (name if self.widths else "", value)
        if key not in self._entries:  # a page shows few different numbers, each of them often
            piece = self._slot(value) if isinstance(value, Slot) else self._entry(value)
            if width := self.widths.get(name):
                piece = replace(piece, width=float(width.digits), kept=float(width.negative))
            self._entries[key] = piece
        return self._entries[key]

    def _entry(self, value: Entry) -> Piece:
        if isinstance(value, (int, Fraction, float)):
            return self._number(value)
        if not isinstance(value, Blank):
            from symconv.algebra import to_expression

            value = to_expression(value)
        return self.walk(value, False)

    def _slot(self, slot: Slot) -> Piece:
        sign = self.markup.decimal("-1")[:-1]
        bare = BARE if sign == "-" else SPOKEN
        if not slot.width.negative:
            return Piece(slot.text(bare), ATOM, slot.width.digits, number=True)
        shows_minus = sign in ("-", "−")
        return Piece(slot.text(bare), SUM, slot.width.digits, True, wrapped=slot.text(bare + 1), minus=shows_minus)

    def cell_width(self, name: str, part: tuple[int, ...]) -> float:
        """The widest entry of a matrix, in digits."""
        return max(self.entry(cell, name).width for cell in self.quantities[name].value.part(*part).cells)

    def walk(self, expression: Any, put: bool) -> Piece:
        """Typeset an expression, with values in place of names where `put`: once, however often it is asked for."""
        key = (id(expression), put)
        if key not in self._walked:  # the expression is kept too: its id stays its own
            self._walked[key] = (expression, self._walk(expression, put))
        return self._walked[key][1]

    def _walk(self, expression: Any, put: bool) -> Piece:
        match expression:
            case Number(value):
                return self._number(value)
            case Letter(name, value, accent, sub):
                return self._number(value) if put and value is not None else self._letter(name, accent, sub)
            case Running(name):
                return self._letter(name)
            case Put(body):
                return self.walk(body, True)
            case Blank(_, number):  # as wide for every value, which it must not give away
                return Piece(self.markup.blank(str(number), False), ATOM, BLANK, number=True)
            case Ref():
                return self._ref(expression, put)
            case Sigma(index, low, high, body):
                inside = self.walk(body, put)
                text = inside.text if isinstance(body, Sigma) else self.tight(inside, PRODUCT)
                ends = self.walk(low, put), self.walk(high, put)
                text = self.markup.signs["thin"] + text if isinstance(body, Sigma) else text
                made = self.markup.sigma(self.markup.letter(index), ends[0].text, ends[1].text, text)
                return Piece(made, SUM, inside.width + 2 + 0.7 * max(ends[0].width + 2, ends[1].width))
            case Op("names", (Ref(name, part),)):
                return self._names(name, part or ())
            case Op("vec_row" | "vec_column" | "transpose" | "ones") if put:
                return self._matrix(self._value(expression), next(references(expression)).name)
            case Op(name, args):
                return _RULES[name](self, args, put)
        raise TypeError(f"no rule typesets {expression!r}")

    def _number(self, value: int | Fraction | float) -> Piece:
        if isinstance(value, float):  # the padding of a pooling: no other entry is a float
            sign = self.markup.signs["negative"] if value < 0 else ""
            return Piece(sign + self.markup.signs["infinity"], SUM if value < 0 else ATOM, 2.5, number=True)
        text = decimal_text(value, self.notation.decimals)
        if text is not None:
            return Piece(self.markup.decimal(text), SUM if value < 0 else ATOM, len(text), number=True)
        size = max(len(str(abs(value.numerator))), len(str(value.denominator))) * 0.75 + 0.5
        made = self.markup.small_fraction(str(abs(value.numerator)), str(value.denominator))
        if value < 0:
            return Piece(self.markup.signs["negative"] + made, SUM, size + 1, number=True)
        return Piece(made, ATOM, size, number=True)

    def _letter(self, name: str, accent: str = "", sub: str = "") -> Piece:
        text = self.markup.letter(name)
        if accent:
            text = self.markup.accent(accent, text)
        if sub:
            parts = [part if part.isdigit() else self.markup.letter(part) for part in sub.split(",")]
            text = self.markup.sub(text, ",".join(parts))
        return Piece(text, ATOM, (len(name) if len(name) < 3 else 0.9 * len(name)) + 0.7 * len(sub))

    def _ref(self, ref: Ref, put: bool) -> Piece:
        quantity = self.quantities[ref.name]
        shape = quantity.value.shape
        index = ref.index
        if index is None or len(index) < len(shape) or not shape:
            if put:
                return self._matrix(quantity.value.part(*(index or ())), ref.name)
            return self._whole(quantity.symbol, index or ())
        if put:
            return self.entry(quantity.value[index], ref.name)
        symbol = quantity.symbol
        first = symbol.first or (self.notation.index_base,) * len(index)
        places = [
            Piece(self.markup.decimal(str(i + start)), ATOM, 1) if isinstance(i, int) else self.walk(i, False)
            for i, start in zip(index, first, strict=True)
        ]
        text = self.markup.paren(self._whole(symbol, ()).text) if symbol.sub else self.markup.letter(symbol.cell)
        if symbol.accent or symbol.rotated:
            text = self.markup.accent(symbol.accent or "bar", text)
        text = self.markup.sub(text, ",".join(place.text for place in places)) if places else text
        text = self.markup.sup(text, self.markup.paren(symbol.layer)) if symbol.layer else text
        below = sum(0.7 * place.width + 0.3 for place in places)
        return Piece(text, ATOM, len(symbol.cell) + max(below, 1.4 * len(symbol.layer or "")))

    def _whole(self, symbol: Symbol, index: tuple[int, ...]) -> Piece:
        text = self.markup.letter(symbol.whole)
        if symbol.accent:
            text = self.markup.accent(symbol.accent, text)
        part = ",".join(str(i + self.notation.index_base) for i in index)
        above, below = part, symbol.sub
        if symbol.layer is not None:
            above, below = symbol.layer, ",".join(filter(None, (symbol.sub, part)))
        text = self.markup.sub(text, below) if below else text
        if symbol.sup:
            text = self.markup.sup(text, self.markup.signs["transpose"] if symbol.sup == "T" else symbol.sup)
        if above:
            text = self.markup.sup(text, self.markup.paren(above))
        if symbol.rotated:
            text = self.markup.letter("R") + self.markup.paren(text)
        return Piece(
            text, ATOM, len(symbol.whole) + 0.7 * len(below + symbol.sup + above) + (3 if symbol.rotated else 0)
        )

    def _value(self, expression: Any) -> Tensor:
        """The matrix that vec, transpose or ones makes of values."""
        match expression:
            case Ref(name, index):
                return self.quantities[name].value.part(*(index or ()))
            case Op("vec_row" | "vec_column" as name, (of,)):
                value = self._value(of)
                if name == "vec_column" and len(value.shape) > 1:
                    *lead, rows, columns = value.shape
                    by_rows = value
                    value = Tensor.build((*lead, columns, rows), lambda at: by_rows[(*at[:-2], at[-1], at[-2])])
                return value.reshape((len(value.cells), 1))
            case Op("transpose", (of,)):
                value = self._value(of)
                return Tensor.build(value.shape[::-1], lambda at: value[at[::-1]])
            case Op("ones", (of, *shape)):
                ref = of
                return Tensor.build(
                    [size.value for size in shape], lambda _: self.quantities[ref.name].value[ref.index]
                )
        raise TypeError(f"{expression!r} is no matrix of values")

    def _matrix(self, value: Tensor, name: str) -> Piece:
        if not value.shape:
            return self.entry(value.cells[0], name)
        return self._table(value, lambda cell: self.entry(cell, name))

    def _names(self, name: str, part: tuple[int, ...]) -> Piece:
        """The matrix of the names of a quantity's cells, where their values would be too wide."""
        shape = self.quantities[name].value.shape[len(part) :]
        refs = Tensor.build(shape, lambda at: Ref(name, (*part, *at)))
        return self._table(refs, lambda ref: self.walk(ref, False))

    def _table(self, value: Tensor, typeset: Callable[[Any], Piece]) -> Piece:
        rows = value.nested() if len(value.shape) == 2 else [value.nested()]
        down, across = shown(len(rows)), shown(len(rows[0]))
        dots = self.markup.signs
        made, widths = [], [0.0] * len(across)
        for r in down:
            line = []
            for at, c in enumerate(across):
                if r is None or c is None:
                    text = dots["ddots"] if r is None and c is None else dots["vdots"] if r is None else dots["cdots"]
                    piece = Piece(text, ATOM, 1.5)
                else:
                    piece = typeset(rows[r][c])
                line.append(piece.text)
                widths[at] = max(widths[at], piece.width + 0.55 * piece.parentheses)  # a minus is no digit
            made.append(line)
        gap = 1.25 if len(across) > MANY else 2
        return Piece(self.markup.matrix(made, self.notation.brackets), ATOM, sum(widths) + gap * len(across))

    def tight(self, piece: Piece, level: int) -> str:
        """The text of a piece, in parentheses where it binds less than `level`."""
        return piece.text if piece.level >= level else piece.wrapped or self.markup.paren(piece.text)

    def joined(self, args: Sequence[Any], put: bool) -> Piece:
        """A sum: a minus where a term is negative by form, parentheses where a value put in is negative."""
        made, width = "", 0.0
        for position, arg in enumerate(args):
            negative, rest = without_sign(arg)
            piece = self.walk(rest, put)
            meets = piece.level == SUM and (negative or (position and piece.starts_with_minus))
            text = self.tight(piece, PRODUCT if meets else SUM)
            sign = self.markup.signs["minus"] if negative else self.markup.signs["plus"]
            if position == 0:
                made = (self.markup.signs["negative"] if negative else "") + text
            else:
                made += sign + text
            width += piece.width + (2.5 if position or negative else 0)
        return Piece(made, SUM, width)

    def product(self, args: Sequence[Any], put: bool) -> Piece:
        """A product: a sign between numbers, none between letters."""
        sign = self.markup.signs[self.notation.product]
        made, width, previous = "", 0.0, None
        for arg in args:
            piece = self.walk(arg, put)
            value_put = (put and not isinstance(arg, Number)) or isinstance(arg, Put)
            text = piece.text if isinstance(arg, Sigma) and arg is args[-1] else self.tight(piece, PRODUCT)
            if previous is None:
                made = text
            else:
                needs_sign = (
                    piece.number
                    or (value_put and piece.level == PRODUCT)
                    or (previous[0] and (value_put or previous[1]))
                    or (put and piece.level < PRODUCT)
                )
                made += (sign if needs_sign else self.markup.signs["beside"]) + text
                width += 2 if needs_sign else 0.2
            width += piece.width + piece.parentheses
            previous = (piece.number, value_put)
        return Piece(made, PRODUCT, width)

    def relation(self, args: Sequence[Any], put: bool, sign: str, level: int = RELATION) -> Piece:
        """Two sides with a sign between them."""
        sides = [self.walk(arg, put) for arg in args]
        texts = [self.tight(side, level) for side in sides]
        return Piece(self.markup.signs[sign].join(texts), RELATION, sum(s.width for s in sides) + 2)

    def remainder(self, args: Sequence[Any], put: bool) -> Piece:
        """A remainder: a sum in front of mod is put in parentheses."""
        a, b = (self.walk(arg, put) for arg in args)
        text = self.tight(a, PRODUCT) + self.markup.signs["mod"] + self.tight(b, PRODUCT)
        return Piece(text, RELATION, a.width + b.width + 6)

    def function(self, name: str, args: Sequence[Any], put: bool) -> Piece:
        """A named function of its arguments."""
        made = [self.walk(arg, put) for arg in args]
        width = len(name) + 2 + sum(p.width for p in made) + 1.2 * (len(made) - 1)
        return Piece(self.markup.call(name, [p.text for p in made]), ATOM, width)

    def around(self, name: str, arg: Any, put: bool) -> Piece:
        """Floor or ceiling brackets."""
        piece = self.walk(arg, put)
        return Piece(self.markup.around(name, piece.text), ATOM, piece.width + 1)

    def ratio(self, args: Sequence[Any], put: bool) -> Piece:
        """A built-up fraction."""
        a, b = (self.walk(arg, put) for arg in args)
        return Piece(self.markup.fraction(a.text, b.text), ATOM, max(a.width, b.width))

    def root(self, args: Sequence[Any], put: bool) -> Piece:
        """A square root, or a root of a higher degree."""
        a, degree = (self.walk(arg, put) for arg in args)
        return Piece(self.markup.root(degree.text, a.text), ATOM, a.width + 2)

    def decimals(self, ref: Ref) -> Piece:
        """A rounded cell, or a matrix of them, in digits."""
        value = self.quantities[ref.name].value.part(*(ref.index or ()))
        return self._table(value, self.decimal) if value.shape else self.decimal(value.cells[0])

    def decimal(self, value: Fraction) -> Piece:
        """A rounded value in digits, where other fractions are built up too."""
        style = "comma" if self.notation.decimals == "comma" else "point"
        text = str(decimal_text(value, style))
        return Piece(self.markup.decimal(text), SUM if value < 0 else ATOM, len(text), number=True)

    def beside(self, args: Sequence[Any], put: bool) -> Piece:
        """A matrix product: factors side by side."""
        made = [self.walk(arg, put) for arg in args]
        text = self.markup.signs["thin"].join(self.tight(piece, PRODUCT) for piece in made)
        return Piece(text, PRODUCT, sum(piece.width for piece in made) + 0.5)

    def raised(self, args: Sequence[Any], put: bool) -> Piece:
        """A power."""
        a, b = (self.walk(arg, put) for arg in args)
        is_fraction = a.number and a.level == ATOM and any(map(str.isalpha, a.text))
        base = self.markup.paren(a.text) if is_fraction else self.tight(a, ATOM)
        return Piece(self.markup.sup(base, b.text), ATOM, a.width + 0.7 * b.width)

    def turned(self, arg: Any, put: bool) -> Piece:
        """A transpose."""
        piece = self.walk(arg, put)
        return Piece(self.markup.sup(self.tight(piece, ATOM), self.markup.signs["transpose"]), ATOM, piece.width + 0.7)

    def pair(self, args: Sequence[Any], put: bool) -> Piece:
        """An inner product."""
        a, b = (self.walk(arg, put) for arg in args)
        return Piece(self.markup.inner(a.text, b.text), ATOM, a.width + b.width + 2)

    def all_ones(self, args: Sequence[Any], put: bool) -> Piece:
        """A number times the array of ones."""
        piece = self.walk(args[0], put)
        return Piece(
            self.tight(piece, PRODUCT) + self.markup.signs["thin"] + self.markup.bold_one, PRODUCT, piece.width + 1
        )


_RULES: dict[str, Callable[[Printer, Sequence[Any], bool], Piece]] = {
    "add": lambda printer, args, put: printer.joined(args, put),
    "neg": lambda printer, args, put: printer.joined((Op("neg", tuple(args)),), put),
    "mul": lambda printer, args, put: (
        printer.product(args, put)
        if not without_sign(Op("mul", tuple(args)))[0]
        else printer.joined((Op("mul", tuple(args)),), put)
    ),
    "div": lambda printer, args, put: printer.ratio(args, put),
    "pow": lambda printer, args, put: printer.raised(args, put),
    "floor": lambda printer, args, put: printer.around("floor", args[0], put),
    "ceil": lambda printer, args, put: printer.around("ceil", args[0], put),
    "min": lambda printer, args, put: printer.function("min", args, put),
    "max": lambda printer, args, put: printer.function("max", args, put),
    "mod": lambda printer, args, put: printer.remainder(args, put),
    "le": lambda printer, args, put: printer.relation(args, put, "le"),
    "gt": lambda printer, args, put: printer.relation(args, put, "gt"),
    "equals": lambda printer, args, put: printer.relation(args, put, "equals"),
    "by": lambda printer, args, put: printer.relation(args, put, "by"),
    "convolve": lambda printer, args, put: printer.relation(args, put, "ast", PRODUCT),
    "matmul": lambda printer, args, put: printer.beside(args, put),
    "transpose": lambda printer, args, put: printer.turned(args[0], put),
    "vec_row": lambda printer, args, put: printer.function("vec", args, put),
    "vec_column": lambda printer, args, put: printer.function("vec", args, put),
    "total": lambda printer, args, put: printer.function("total", args, put),
    "inner": lambda printer, args, put: printer.pair(args, put),
    "ones": lambda printer, args, put: printer.all_ones(args, put),
    "root": lambda printer, args, put: printer.root(args, put),
    "decimal": lambda printer, args, _: printer.decimals(args[0]),
    "exp": lambda printer, args, put: printer.raised((Letter("e"), *args), put),
}
