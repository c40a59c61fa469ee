"""Upsampling without weights: nearest neighbour, bilinear with three conventions of coordinates, pixel shuffle."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import floor, prod
from typing import Any

from symconv.entries import value
from symconv.errors import ProblemError, shown
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.operands import MOST, choice, per_axis, read_operand, too_deep, whole
from symconv.operations.base import Detail, Misconception, Oracle, Solved
from symconv.operations.geometry import check_cells, read_dims
from symconv.operations.upsampling_oracle import MISCONCEPTIONS, oracle
from symconv.operations.upsampling_steps import Work
from symconv.operations.upsampling_tent import TentForm
from symconv.operations.upsampling_values import COORDINATES, KINDS, Upsampling
from symconv.tensor import Tensor


class UpsamplingOperation:
    """Make a map larger: every output entry is a weighted mean of few input cells, or one of them."""

    name = "upsampling"
    summary = "nearest neighbour, bilinear, pixel shuffle"
    example = 'symconv solve upsampling --kind bilinear --scale 2 --input "1 2; 3 4"'
    asks = ("output", "matrix", "transposed_convolution", "size")
    keys: Mapping[str, str] = {
        "input": "a matrix, or a list with one per channel",
        "kind": ", ".join(KINDS) + "; nearest by default",
        "coordinates": "bilinear: " + ", ".join(COORDINATES) + "; half_pixel by default (as torch)",
        "scale": "how many times larger: 2, 3/2, or [rows, columns]",
        "size": "of the output, instead of scale: 8, or [rows, columns]",
        "dims": "1 or 2 axes",
    }

    def read(self, given: Mapping[str, Any], notation: Notation, limit: int) -> Upsampling:
        """Validate a problem."""
        if given.get("input") is None:
            raise ProblemError('input is missing; write a matrix such as input = "1 2; 3 4"')
        kind = choice("kind", given.get("kind", "nearest"), KINDS)
        if "coordinates" in given and kind != "bilinear":
            raise ProblemError(f"coordinates belongs to kind = 'bilinear', not to {kind!r}; leave it out")
        rule = choice("coordinates", given.get("coordinates", "half_pixel"), COORDINATES)
        operand = read_operand("input", given["input"], limit, notation.index_base)
        dims = 2 if kind == "pixel_shuffle" and given.get("dims") is None else read_dims(given, [operand])
        x = operand.with_dims(dims)
        if len(x.shape) - dims > 1:
            raise too_deep("input", len(x.shape))
        x = x.reshape((*(1,) * (dims + 1 - len(x.shape)), *x.shape))
        if kind == "pixel_shuffle":
            return _shuffled(given, x, dims, limit)
        if ("scale" in given) == ("size" in given):
            what = "both are given" if "scale" in given else "neither is given"
            raise ProblemError(f"scale or size says how large the output is, but {what}; write one, such as scale = 2")
        if "size" in given:
            shape = per_axis("size", given["size"], dims, 1)
            ratios = tuple(Fraction(n, o) for n, o in zip(x.shape[1:], shape, strict=True))
        else:
            scales = _scales(given["scale"], dims)
            ratios = tuple(1 / scale for scale in scales)
            shape = tuple(floor(n * scale) for n, scale in zip(x.shape[1:], scales, strict=True))
            if min(shape) < 1:
                raise ProblemError(f"scale is {shown(given['scale'])}, which leaves no cell; make it larger")
        check_cells("the output", (x.shape[0], *shape), limit)
        return Upsampling(x, kind, rule, shape, ratios, "size" in given)

    def derive(self, setting: Upsampling, notation: Notation, ask: str, detail: Detail) -> Solved:
        """Derive every step and quantity."""
        work = Work(setting, notation, detail)
        steps = [work.given(), work.size(ask == "size")]
        if ask == "transposed_convolution":
            refusal = setting.no_tent()
            if refusal:
                raise ProblemError(refusal)
            steps += [work.axes_step(), *TentForm(work).steps()]
        elif ask == "matrix":
            count = prod(setting.shape) * prod(setting.input.shape[1:]) * (setting.factor**2 if setting.factor else 1)
            if count > 10 * MOST:
                raise ProblemError(f"the matrix has {count:,} entries, more than a page holds; make the input smaller")
            steps += [work.law(), *work.matrix()]
        elif ask == "output":
            steps += [work.law(), work.entries(), work.result(), *work.check()]
        return Solved(tuple(steps), work.quantities, self.answer(setting, ask))

    def answer(self, setting: Upsampling, ask: str) -> str:
        """The label of the quantity that an ask is about."""
        del setting
        return {"transposed_convolution": "output", "matrix": "C"}.get(ask, ask)

    def oracle(self, setting: Upsampling, operands: Mapping[str, Array]) -> Oracle:
        """Every quantity from NumPy: tents over the cells, repeated cells, reshaped channels, scattered tents."""
        return oracle(setting, operands["input"])

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """Mistakes of coordinates, weights, borders and channels."""
        return MISCONCEPTIONS

    def samples(self) -> tuple[dict[str, Any], ...]:
        """Problems for the generic tests."""
        a, b = "1 2; 3 4", "4 0 8; 2 6 1; 0 3 5"
        channels = ["1 2; 3 4", "5 6; 7 8", "9 10; 11 12", "13 14; 15 16"]
        more = ["0 1; 1 0", "2 3; 3 2", "-1 -2; -3 -4", "1/2 3; 1 5"]
        return (
            {"input": a, "scale": 2},
            {"input": b, "size": [4, 5]},
            {"input": "1 2 3", "scale": "3/2"},
            {"input": [a, "5 6; 7 8"], "scale": [1, 2]},
            {"input": a, "scale": 2, "ask": "matrix"},
            {"input": a, "kind": "bilinear", "scale": 2},
            {"input": b, "kind": "bilinear", "scale": 2, "coordinates": "asymmetric"},
            {"input": b, "kind": "bilinear", "size": 5, "coordinates": "align_corners"},
            {"input": "2 8 5", "kind": "bilinear", "scale": 3},
            {"input": a, "kind": "bilinear", "size": [3, 4], "ask": "matrix"},
            {"input": ["4 8", "-4 2"], "kind": "bilinear", "scale": 2, "dims": 2},
            {"input": "a b; c d", "kind": "bilinear", "scale": 2, "coordinates": "align_corners"},
            {"input": a, "kind": "bilinear", "scale": 2, "ask": "transposed_convolution"},
            {"input": "2 8 5", "kind": "bilinear", "scale": 3, "ask": "transposed_convolution"},
            {"input": b, "kind": "bilinear", "scale": 2, "coordinates": "asymmetric", "ask": "transposed_convolution"},
            {
                "input": b,
                "kind": "bilinear",
                "size": 5,
                "coordinates": "align_corners",
                "ask": "transposed_convolution",
            },
            {"input": channels, "kind": "pixel_shuffle", "scale": 2},
            {"input": [*channels, *more], "kind": "pixel_shuffle", "scale": 2},
            {"input": ["1 2 3", "4 5 6", "7 8 9", "0 1 2"], "kind": "pixel_shuffle", "scale": 2, "ask": "matrix"},
            {"input": {"symbols": "a", "shape": [2, 2]}, "scale": 2},
            {"input": b, "kind": "bilinear", "scale": 2, "ask": "size"},
        )


def _scales(given: Any, dims: int) -> tuple[Fraction, ...]:
    """One factor above 0 for every axis. Raises ProblemError."""
    parts = list(given) if isinstance(given, (list, tuple)) else [given] * dims
    if len(parts) != dims:
        raise ProblemError(f"scale is {shown(given)} with {len(parts)} numbers; the problem has {dims} axes")
    made = []
    for part in parts:
        try:
            read = value(part)
        except ProblemError as error:
            raise ProblemError(f"scale: {error}") from None
        if hasattr(read, "free_symbols") or read <= 0:
            raise ProblemError(f"scale is {shown(part)}; write a number above 0, such as 2 or 3/2")
        made.append(Fraction(read))
    return tuple(made)


def _shuffled(given: Mapping[str, Any], x: Tensor, dims: int, limit: int) -> Upsampling:
    if dims != 2:
        raise ProblemError("dims is 1; a pixel shuffle takes two axes, write dims = 2")
    if "size" in given:
        raise ProblemError("size belongs to nearest and bilinear; a pixel shuffle takes scale = 2 or more")
    if given.get("scale") is None:
        raise ProblemError("scale is missing; write how many times larger the output is, such as scale = 2")
    factor = whole("scale", given["scale"], 2)
    if x.shape[0] % factor**2:
        raise ProblemError(
            f"the input has {x.shape[0]} channel{'s' * (x.shape[0] > 1)}; a pixel shuffle by {factor} needs a multiple "
            f"of {factor**2}"
        )
    shape = tuple(n * factor for n in x.shape[1:])
    check_cells("the output", (x.shape[0] // factor**2, *shape), limit)
    return Upsampling(x, "pixel_shuffle", "half_pixel", shape, (Fraction(1, factor),) * 2, False, factor)


UPSAMPLING = UpsamplingOperation()
