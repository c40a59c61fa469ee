"""Arithmetic slips: what happened in a cell that is wrong although the method is right. It knows no operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from symconv.checking.diagnosis import Cell, Slip
from symconv.checking.handed import shown_cell
from symconv.numeric import Array
from symconv.operations.base import Arrays, Oracle
from symconv.tensor import Index

MOST_PROBES = 256  # entries of an operand that are tried one by one
MOST_IMAGES = 20_000  # numbers that all of them give

Namer = Callable[[str, Index], str]


@dataclass(frozen=True)
class Image:
    """What one entry of an operand gives: its value times `by`, in each cell of the quantity."""

    operand: str
    at: Index
    value: Any
    by: tuple[Any, ...]


class Products:
    """The products a quantity is a sum of, found by giving the oracle one entry of an operand at a time.

    Only an operand in which the quantity is linear has such products.
    """

    def __init__(self, oracle: Callable[[Arrays], Oracle], arrays: Arrays, label: str, right: tuple[Any, ...]) -> None:
        self._oracle, self._arrays, self._label, self.right = oracle, arrays, label, right

    @cached_property
    def images(self) -> Mapping[str, tuple[Image, ...]]:
        """For each operand in which the quantity is linear, what each of its entries gives."""
        found = {}
        for name, array in self._arrays.items():
            if array.size <= MOST_PROBES and array.size * len(self.right) <= MOST_IMAGES:
                images = self._probe(name, array)
                if images:
                    found[name] = images
        return found

    def _probe(self, name: str, array: Array) -> tuple[Image, ...]:
        try:
            base = self._cells(name, np.zeros_like(array))
            images = []
            for at in np.ndindex(*array.shape):
                basis = np.zeros_like(array)
                basis[at] = 1
                by = [a - b for a, b in zip(self._cells(name, basis), base, strict=True)]
                images.append(Image(name, at, array[at], tuple(by)))
            totals = [b + sum(i.value * i.by[cell] for i in images) for cell, b in enumerate(base)]
        except (ValueError, TypeError, ZeroDivisionError, IndexError):  # other shapes or no numbers: not linear
            return ()
        return tuple(images) if totals == list(self.right) else ()

    def _cells(self, name: str, array: Array) -> list[Any]:
        cells: list[Any] = np.asarray(self._oracle({**self._arrays, name: array})[self._label]()).reshape(-1).tolist()
        return cells

    def of(self, cell: int) -> Iterator[Image]:
        """The entries of the first linear operand that meet a cell."""
        for images in list(self.images.values())[:1]:
            yield from (image for image in images if image.by[cell])


def misread_operand(products: Products, given: tuple[Any, ...]) -> tuple[Image, Any] | None:
    """The entry of an operand that was read as another number, and that number, where this explains all wrong cells.

    What the cells are wrong by is then a copy of the other operand, shifted to that entry and scaled.
    """
    if any(not isinstance(cell, (int, Fraction)) for cell in (*given, *products.right)):
        return None
    residual = [a - b for a, b in zip(given, products.right, strict=True)]
    wrong = [n for n, value in enumerate(residual) if value]
    for images in products.images.values() if len(wrong) > 1 else ():
        for image in images:
            if [n for n, by in enumerate(image.by) if by] == wrong:
                off = Fraction(residual[wrong[0]]) / Fraction(image.by[wrong[0]])
                if all(off * image.by[n] == residual[n] for n in wrong):
                    read = Fraction(image.value) + off
                    return image, int(read) if read.denominator == 1 else read
    return None


def slip(cell: Cell, flat: int, products: Products | None, namer: Namer) -> Slip:
    """What happened in one wrong cell: a product, a sign or a digit where it can be told."""
    given, right = cell.given, cell.right
    said = f"{cell.name} is {shown_cell(given)} and should be {shown_cell(right)}"
    for kind, sentence in _kinds(given, right, flat, products, namer):
        return Slip(kind, cell, right, f"{said}: {sentence}.")
    return Slip("unexplained", cell, right, f"{said}.")


def _kinds(given: Any, right: Any, flat: int, products: Products | None, namer: Namer) -> Iterator[tuple[str, str]]:
    if not isinstance(given, (int, Fraction)) or not isinstance(right, (int, Fraction)):
        return
    given, right = Fraction(given), Fraction(right)
    if given == -right:
        yield "sign", "the sign is wrong"
    if products is not None:
        yield from _of_products(given - right, flat, products, namer)
    yield from _of_digits(given, right)
    if abs(given - right) in (1, 10, 100) and abs(right) >= 10:
        yield (
            "off_by_one",
            f"it is {abs(given - right)} too {'large' if given > right else 'small'}, as a wrong carry makes it",
        )


def _of_products(off: Any, flat: int, products: Products, namer: Namer) -> Iterator[tuple[str, str]]:
    met = list(products.of(flat))
    for words, factor, kind in (
        ("the product {p} is missing", -1, "product_dropped"),
        ("the product {p} was added twice", 1, "product_doubled"),
        ("the product {p} has the wrong sign", -2, "product_sign"),
    ):
        for image in met:
            product = image.value * image.by[flat]
            if product and off == factor * product:
                yield kind, words.format(p=_product(image, flat))
    for image in met:
        for other in products.images[image.operand]:
            if (other.value - image.value) * image.by[flat] == off and _are_neighbours(image.at, other.at):
                names = [namer(image.operand, one.at) for one in (other, image)]
                yield "product_neighbour", f"in the product {_product(image, flat)} {names[0]} was taken for {names[1]}"


def _are_neighbours(one: Index, other: Index) -> bool:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) == 1


def _product(image: Image, flat: int) -> str:
    return " x ".join(f"({part})" if part < 0 else str(part) for part in (image.value, image.by[flat]))


def _of_digits(given: Any, right: Any) -> Iterator[tuple[str, str]]:
    """Digits that were swapped, misread, left out or added, in whole numbers of one sign."""
    if Fraction(given).denominator != 1 or Fraction(right).denominator != 1 or given * right < 0:
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
