"""Arithmetic slips: what happened in a cell that is wrong although the method is right. It knows no operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import gcd, lcm
from operator import sub
from typing import Any

import numpy as np

from symconv.checking.diagnosis import Cell, Slip
from symconv.checking.handed import MOST_DECIMALS, Value, exact_cell, exact_cells, shown_cell
from symconv.closed_form import Closed, Root, closed, rounded_root
from symconv.exact_numbers import Digits
from symconv.numeric import Array
from symconv.operations.base import Arrays, Oracle
from symconv.tensor import Index

MOST_PROBES = 256  # entries of an operand that are tried one by one
MOST_IMAGES = 20_000  # numbers that all of them give

FACTORS = {"product_dropped": -1, "product_doubled": 1, "product_sign": -2}  # how often a product is then too much
WORDS = {
    "product_dropped": "the product {p} is missing",
    "product_doubled": "the product {p} was added twice",
    "product_sign": "the product {p} has the wrong sign",
    "product_neighbour": "in the product {p} {0} was taken for {1}",
}

Namer = Callable[[str, Index], str]


@dataclass(frozen=True)
class Image:
    """What one entry of an operand gives: its value times `by`, in each cell of the quantity."""

    operand: str
    at: Index
    value: Any
    by: tuple[Any, ...]


ProductSlip = tuple[str, Image, Image]  # its kind, the entry, and the one that was taken for it


class Products:
    """The products a quantity is a sum of, found by giving the oracle one entry of an operand at a time.

    Only an operand in which the quantity is linear has such products.
    """

    def __init__(self, oracle: Callable[[Arrays], Oracle], arrays: Arrays, label: str, right: Value) -> None:
        self._oracle, self._arrays, self._label, self.right = oracle, arrays, label, right
        self._probed: dict[str, tuple[Image, ...]] = {}
        self._slips: dict[int, dict[Any, ProductSlip]] = {}

    @cached_property
    def images(self) -> Mapping[str, tuple[Image, ...]]:
        """For each operand in which the quantity is linear, what each of its entries gives."""
        return {name: images for name in self._arrays if (images := self._of(name))}

    def _of(self, name: str) -> tuple[Image, ...]:
        if name not in self._probed:
            array = self._arrays[name]
            few = array.size <= MOST_PROBES and array.size * len(self.right.cells) <= MOST_IMAGES
            self._probed[name] = self._probe(name, array) if few else ()
        return self._probed[name]

    @cached_property
    def _first(self) -> Mapping[Index, Image]:
        """The entries of the first operand in which the quantity is linear, by their places."""
        found = next((images for name in self._arrays if (images := self._of(name))), ())
        return {image.at: image for image in found}

    def _probe(self, name: str, array: Array) -> tuple[Image, ...]:
        try:
            base = totals = self._cells(name, np.zeros_like(array))
            images = []
            for at in np.ndindex(*array.shape):
                basis, value = np.zeros_like(array), exact_cell(array[at])
                basis[at] = 1
                by = [a - b for a, b in zip(self._cells(name, basis), base, strict=True)]
                images.append(Image(name, at, value, exact_cells(by)))
                totals = [total + value * one for total, one in zip(totals, by, strict=True)]
        except (ValueError, TypeError, ZeroDivisionError, IndexError):  # other shapes or no numbers: not linear
            return ()
        return tuple(images) if totals == list(self.right.cells) else ()

    def _cells(self, name: str, array: Array) -> list[Any]:
        made = np.asarray(self._oracle({**self._arrays, name: array})[self._label]())
        return [cell.item() if hasattr(cell, "item") else cell for cell in made.reshape(-1).tolist()]

    @cached_property
    def is_copy(self) -> bool:
        """Whether each cell is one entry of one operand as it is, or a 0, such as those of a padded input."""
        moving = [images for images in self.images.values() if any(any(image.by) for image in images)]
        if len(moving) != 1:
            return False
        columns = zip(*(image.by for image in moving[0]), strict=True)
        return all({*column} <= {0, 1} and sum(column) <= 1 for column in columns)

    def slips(self, cell: int) -> Mapping[Any, ProductSlip]:
        """What went wrong with one product of a cell, by how much that makes the cell too large; none in a copy."""
        if cell not in self._slips and self.is_copy:
            self._slips[cell] = {}
        if cell not in self._slips:
            found: dict[Any, ProductSlip] = {}
            met = [image for image in self._first.values() if image.by[cell] and _is_number(image.by[cell])]
            for kind, factor in FACTORS.items():
                for image in met:
                    found.setdefault(factor * image.value * image.by[cell], (kind, image, image))
            for image in met:
                for other in self._neighbours(image):
                    off = (other.value - image.value) * image.by[cell]
                    found.setdefault(off, ("product_neighbour", image, other))
            self._slips[cell] = found
        return self._slips[cell]

    def _neighbours(self, image: Image) -> Iterator[Image]:
        """The entries beside one, in the order of their places."""
        axes = range(len(image.at))
        for axis, step in (*((axis, -1) for axis in axes), *((axis, 1) for axis in reversed(axes))):
            at = (*image.at[:axis], image.at[axis] + step, *image.at[axis + 1 :])
            if at in self._first:
                yield self._first[at]

    @cached_property
    def by_direction(self) -> Mapping[tuple[int, ...], Image]:
        """The entries by the direction into which they move the cells; of several the first."""
        found: dict[tuple[int, ...], Image] = {}
        for image in (image for images in self.images.values() for image in images):
            if any(image.by) and all(map(_is_number, image.by)):
                found.setdefault(direction(image.by), image)
        return found


def direction(cells: Sequence[Any]) -> tuple[int, ...]:
    """The smallest whole numbers in the same ratio, the first that is not 0 positive.

    >>> direction([0, -4, 6]), direction([Fraction(1, 2), Fraction(1, 3)])
    ((0, 2, -3), (3, 2))
    """
    if not {*map(type, cells)} <= {int}:
        whole = lcm(*[cell.denominator for cell in cells])
        cells = [int(cell * whole) for cell in cells]
    divisor = gcd(*cells)
    if next(filter(None, cells)) < 0:
        divisor = -divisor
    return tuple([cell // divisor for cell in cells])


def misread_operand(products: Products, given: Value) -> tuple[Image, Any] | None:
    """The entry of an operand that was read as another number, and that number, where this explains all wrong cells.

    What the cells are wrong by is then a copy of the other operand, shifted to that entry and scaled.
    """
    if not given.is_plain or not products.right.is_plain:
        return None
    residual = [*map(sub, given.cells, products.right.cells)]
    wrong = [*filter(None, residual)]
    image = products.by_direction.get(direction(residual)) if len(wrong) > 1 else None
    if image is None:
        return None
    read = image.value + Fraction(wrong[0]) / next(filter(None, image.by))
    return image, int(read) if read.denominator == 1 else read


def slip(cell: Cell, flat: int, products: Products | None, namer: Namer) -> Slip:
    """What happened in one wrong cell: a product, a sign or a digit where it can be told."""
    given, right = cell.given, cell.right
    said = f"{cell.name} is {shown_cell(given)} and should be {shown_cell(right)}"
    for kind, sentence in _kinds(given, right, flat, products, namer):
        return Slip(kind, cell, right, f"{said}: {sentence}.")
    return Slip("unexplained", cell, right, f"{said}.")


def _kinds(given: Any, right: Any, flat: int, products: Products | None, namer: Namer) -> Iterator[tuple[str, str]]:
    letters = [hasattr(cell, "free_symbols") for cell in (given, right)]
    if any(letters) and all(known or _is_number(cell) for known, cell in zip(letters, (given, right), strict=True)):
        yield from _of_terms(given, right)
    if isinstance(right, (Root, Digits)):
        yield from _of_irrationals(given, right)
    if not _is_number(given) or not _is_number(right):
        return
    off = given - right
    if is_rounded(given, right):
        yield "rounded", "it was rounded, and this asks for exact values"
    if given == -right:
        yield "sign", "the sign is wrong"
    if products is not None and off in products.slips(flat):
        kind, image, other = products.slips(flat)[off]
        names = [namer(one.operand, one.at) for one in (other, image)] if other is not image else ()
        yield kind, WORDS[kind].format(*names, p=_product(image, flat))
    yield from _of_digits(given, right)
    if abs(off) in (1, 10, 100) and abs(right) >= 10:
        yield "off_by_one", f"it is {abs(off)} too {'large' if off > 0 else 'small'}, as a wrong carry makes it"


def is_rounded(given: Any, right: Any) -> bool:
    """Whether this is a fraction rounded up or down to a whole number, or to as many decimals as were written.

    >>> is_rounded(3, Fraction(13, 4)), is_rounded(Fraction("0.67"), Fraction(2, 3)), is_rounded(Fraction("0.7"), 1)
    (True, True, False)
    """
    number = _number(right)
    if not _is_number(given) or number is None or number.denominator == 1:
        return False
    places = next((n for n in range(MOST_DECIMALS) if 10**n % given.denominator == 0), None)
    return places is not None and given != number and abs(given - number) < Fraction(1, 10**places)


def _number(cell: Any) -> Fraction | None:
    """A real number, an irrational one by more digits than count; None for others."""
    if isinstance(cell, Root) and cell.of > 0:
        return rounded_root(cell.of, cell.degree, 2 * MOST_DECIMALS)
    if isinstance(cell, Digits):
        return Fraction(cell.value)
    return Fraction(cell) if _is_number(cell) else None


def _of_irrationals(given: Any, right: Root | Digits) -> Iterator[tuple[str, str]]:
    """A sign, the number under a root, and a decimal that is rounded wrongly or to too few digits."""
    form = closed(right) if isinstance(right, Root) else right.form
    if isinstance(given, (Root, Closed)) and form is not None and closed(given) == form * -1:
        yield "sign", "the sign is wrong"
    if isinstance(given, Root) and isinstance(right, Root) and given.degree == right.degree:
        yield from ((kind, f"under the root {sentence}") for kind, sentence in _of_digits(given.of, right.of))
    if is_rounded(given, right):
        yield "rounded", "it is rounded wrongly, or to too few digits; two decimals are enough"


def _is_number(cell: Any) -> bool:
    return isinstance(cell, (int, Fraction))


def _product(image: Image, flat: int) -> str:
    return " x ".join(f"({part})" if part < 0 else str(part) for part in (image.value, image.by[flat]))


def _of_terms(given: Any, right: Any) -> Iterator[tuple[str, str]]:
    """A term of a sum in letters that is missing, there twice, wrong in its sign, or another one."""
    from symconv.algebra import terms

    should, off = terms(right), terms(given - right)
    if off and all(off.get(term) == -2 * count for term, count in should.items()) and len(off) == len(should):
        yield "sign", "the sign is wrong"
    if len(off) == 1:
        ((term, count),) = off.items()
        words = {-1: "product_dropped", 1: "product_doubled", -2: "product_sign"}
        kind = words.get(count / should[term]) if term in should else None
        if kind is not None:
            yield kind, WORDS[kind].format(p=term * should[term])
        elif term not in should:
            yield "product_added", f"{term * count} does not belong here"
    if len(off) == 2:
        (one, less), (other, more) = sorted(off.items(), key=lambda item: item[0] not in should)
        if should.get(one) == -less and other not in should:
            yield "product_neighbour", f"{other * more} stands where {one * should[one]} should"


def _of_digits(given: int | Fraction, right: int | Fraction) -> Iterator[tuple[str, str]]:
    """Digits that were swapped, misread, left out or added, in whole numbers of one sign."""
    if given.denominator != 1 or right.denominator != 1 or given * right < 0:
        return
    a, b = str(abs(int(given))), str(abs(int(right)))
    if len(a) == len(b):
        apart = [n for n, (one, other) in enumerate(zip(a, b, strict=True)) if one != other]
        if len(apart) == 2 and apart[1] == apart[0] + 1 and a[apart[0]] == b[apart[1]] and a[apart[1]] == b[apart[0]]:
            yield "digits_swapped", f"two digits are swapped, {a} for {b}"
        if len(apart) == 1 and len(a) > 1:
            yield "digit_misread", f"one digit is another, {a} for {b}"
    if len(b) == len(a) + 1 and any(b[:n] + b[n + 1 :] == a for n in range(len(b))):
        yield "digit_missing", f"a digit was left out, {a} for {b}"
    if len(a) == len(b) + 1 and any(a[:n] + a[n + 1 :] == b for n in range(len(a))):
        yield "digit_added", f"a digit was added, {a} for {b}"
