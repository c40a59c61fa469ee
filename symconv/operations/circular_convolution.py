"""Circular convolution: indices are counted modulo N, so what leaves at the end comes in again at the start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from math import prod
from typing import Any

import numpy as np

from symconv import numeric
from symconv.errors import ProblemError
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.operands import per_axis
from symconv.operations import checks, circular_checks
from symconv.operations.base import Arrays, Detail, Misconception, Oracle, Solved, instead
from symconv.operations.circular_steps import Circular, Work
from symconv.operations.geometry import check_products, read_layer
from symconv.operations.steps import result_step
from symconv.tensor import Tensor


class CircularConvolution:
    """Convolve two finite arrays as if both were periodic. Oppenheim & Schafer, Discrete-Time Signal Processing, 8."""

    name = "circular_convolution"
    summary = "convolve modulo N: circulant matrix, aliasing, DFT"
    example = 'symconv solve circular_convolution --input "1 2 3 4" --kernel "1 1 -1" --length 4'
    asks = ("output", "matrix", "aliasing", "dft")
    keys: Mapping[str, str] = {
        "input": "a matrix or one row",
        "kernel": "a matrix or one row",
        "length": "1-D: the number N that indices are counted modulo (default: the longer operand)",
        "shape": "2-D: [rows, columns] (default: the larger operand along each axis)",
        "order": "the order of vec: row or column",
        "dims": "1 or 2 axes",
    }

    def read(self, given: Mapping[str, Any], notation: Notation, limit: int) -> Circular:
        """Validate a problem."""
        layer = read_layer(given, notation.index_base, limit, by_input_channel=False)
        if layer.kernel.shape[:2] != (1, 1):
            raise ProblemError(
                "circular convolution takes one input and one kernel; give each as one matrix or one row"
            )
        cells, taps = layer.input.shape[1:], layer.kernel.shape[2:]
        least = tuple(map(max, cells, taps))
        key, other = ("length", "shape") if len(cells) == 1 else ("shape", "length")
        if given.get(other) is not None:
            right = "length = 4" if key == "length" else "shape = [4, 4]"
            raise ProblemError(f"{other} does not apply to {_axes(len(cells))}; write {right}")
        shape = per_axis(key, given.get(key, least), len(cells), 1) if given.get(key) is not None else least
        if any(n < size for n, size in zip(shape, least, strict=True)):
            wanted = least[0] if len(least) == 1 else list(least)
            found = shape[0] if len(shape) == 1 else list(shape)
            raise ProblemError(f"{key} is {found}; it must be at least {wanted}, the size of the larger operand")
        count = prod(shape)
        check_products(count * count, limit)
        return Circular(layer, shape)

    def derive(self, setting: Circular, notation: Notation, ask: str, detail: Detail) -> Solved:
        """Derive every step and quantity."""
        work = Work(setting, notation, detail)
        steps = [circular_checks.given(work) if ask == "dft" else work.given()]
        if ask == "aliasing":
            steps += [circular_checks.aliasing(work, ask), result_step(work.output, 0)]
        elif ask == "dft":
            steps += [*work.padded(), *circular_checks.dft(work, ask)]
        else:
            steps += [*work.padded(), work.general_sum()]
            if ask == "output":
                steps += [work.entries(), result_step(work.output, 0)]
            steps += work.matrix(ask)
            if ask == "output":
                steps += [
                    circular_checks.aliasing(work, ask),
                    *circular_checks.totals(work),
                    *circular_checks.dft(work, ask),
                ]
        return Solved(tuple(steps), work.quantities, self.answer(setting, ask))

    def answer(self, setting: Circular, ask: str) -> str:
        """The label of the quantity that an ask is about."""
        del setting
        return {"output": "output", "aliasing": "output", "matrix": "C", "dft": "dft(output)"}[ask]

    def oracle(self, setting: Circular, operands: Mapping[str, Array]) -> Oracle:
        """Every quantity from NumPy: continue the input periodically and slide the flipped kernel over it."""
        layer, shape = setting.layer, setting.shape
        x, w = operands["input"][0], operands["kernel"][0, 0]
        padded, wide = _continued(x, shape), _continued(w, shape)

        def turned() -> Array:
            each = [
                np.roll(numeric.rotate(wide, wide.ndim), [o + 1 for o in out], axis=tuple(range(wide.ndim)))
                for out in np.ndindex(*shape)
            ]
            return np.array(each).reshape(shape * 2)

        lines = () if wide.ndim == 1 else wide.T if layer.order == "column" else wide  # only two axes have blocks
        plain = {"input": lambda: x, "kernel": lambda: w, "output": lambda: circular(padded, wide)}
        transforms = {"dft(input)": padded, "dft(kernel)": wide}
        return {
            **plain,
            **checks.sums(plain),
            "padded": lambda: padded,
            "padded_kernel": lambda: wide,
            "turned": turned,
            "linear": lambda: numeric.convolve(x, w),
            "C": lambda: numeric.matrix_of(partial(circular, kernel=wide), shape, layer.order, w.dtype),
            **{f"C_{n}": partial(_circulant, line) for n, line in enumerate(lines)},
            **{f"F_{n}": partial(numeric.dft_matrix, n) for n in shape},
            **{name: partial(numeric.dft, of) for name, of in transforms.items()},
            "dft(output)": lambda: numeric.dft(circular(padded, wide)),
        }

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """Mistakes with the ends and with the orientation."""
        return (
            Misconception(
                "linear_for_circular",
                "The result has one entry for every overlap, as in a linear convolution.",
                "Indices are counted modulo N, so there are N entries, and what is beyond N is folded back.",
                change=_linear,
            ),
            Misconception(
                "tail_dropped",
                "What goes beyond entry N of the linear result is cut off.",
                "It comes in again at the start: it is added to the entries N places before.",
                after=instead("output", _tail_dropped),
            ),
            Misconception(
                "kernel_not_flipped",
                "The kernel turns round over the input as it is.",
                "A convolution flips the kernel first; without the flip this is a circular correlation.",
                change=_kernel(lambda w: np.roll(numeric.rotate(w, w.ndim), 1, _axes_of(w))),
            ),
            Misconception(
                "wrapped_one_too_early",
                "The last entry of the linear convolution's first N already falls on the first one.",
                "Entry N + 1 is the first that comes round, because the indices are counted modulo N.",
                after=instead("output", _wrapped_too_early),
            ),
            Misconception(
                "starts_one_late",
                "The first column of the circulant matrix is the kernel moved down by one cell.",
                "The first column is the kernel itself: its first entry meets the first cell for the first output.",
                change=_kernel(lambda w: np.roll(w, 1, _axes_of(w))),
            ),
        )

    def routes(self, setting: Circular) -> tuple[tuple[str, Circular], ...]:
        """Ways that are as right as the setting's: the other order of vec."""
        if len(setting.shape) == 1:
            return ()
        order = "column" if setting.layer.order == "row" else "row"
        return ((f"vec along the {order}s throughout", replace(setting, layer=replace(setting.layer, order=order))),)

    def samples(self) -> tuple[dict[str, Any], ...]:
        """Problems for the generic tests."""
        a, k = "1 2 0; 3 1 1; 2 0 1", "1 2; 0 -1"
        return (
            {"input": "1 2 3 4", "kernel": "1 1 -1"},
            {"input": "1 2 3", "kernel": "1/2 -1", "length": 4},
            {"input": "2 1", "kernel": "1 3 0 1 2"},
            {"input": "1 2 3", "kernel": "4 5 6", "ask": "dft"},
            {"input": "1 2 0 1", "kernel": "1 1 2", "length": 6, "ask": "aliasing"},
            {"input": "1 2 0 1", "kernel": "1 1 2", "length": 5, "ask": "aliasing"},
            {"input": "1 0 2 1 0 1", "kernel": "1 -1 1/2", "ask": "dft"},
            {"input": "1 2 0 -1 3", "kernel": "1 1 -1", "ask": "dft"},
            {"input": "1 2 0 -1 3 0 1 2", "kernel": "1 1 -1", "ask": "dft"},
            {"input": {"symbols": "x", "shape": [4]}, "kernel": {"symbols": "w", "shape": [4]}},
            {"input": "1 a b", "kernel": "2 1", "ask": "matrix"},
            {"input": a, "kernel": k},
            {"input": a, "kernel": k, "shape": [4, 3], "order": "column"},
            {"input": "1 2; 3 4", "kernel": "1 2; 0 -1", "shape": [4, 4], "ask": "dft"},
            {"input": "1 2; 3 4", "kernel": "0 1; 2 -1", "ask": "dft"},
            {"input": "1 2; 3 4", "kernel": "0 1; 2 -1", "shape": [2, 3], "ask": "aliasing"},
            {"input": "1 2 1; 3 4 0", "kernel": "2 a 1; 0 1 b", "ask": "matrix", "order": "column"},
        )


def circular(x: Array, kernel: Array) -> Array:
    """The circular convolution of two arrays of one size.

    >>> circular(np.array([1, 2, 3]), np.array([0, 1, 0])).tolist()
    [3, 1, 2]
    """
    pads = [(n - 1, 0) for n in x.shape]
    ones = [1] * x.ndim
    return np.asarray(
        numeric.correlate(x[None], numeric.rotate(kernel, x.ndim)[None, None], ones, pads, ones, "circular")[0]
    )


def _continued(x: Array, shape: tuple[int, ...]) -> Array:
    return numeric.pad(x, [(0, n - size) for n, size in zip(shape, x.shape, strict=True)])


def _circulant(line: Array) -> Array:
    return numeric.matrix_of(partial(circular, kernel=line), line.shape, "row", line.dtype)


def _axes_of(x: Array) -> tuple[int, ...]:
    return tuple(range(x.ndim))


def _axes(dims: int) -> str:
    return "one axis" if dims == 1 else "two axes"


def _kernel(change: Callable[[Array], Array]) -> Callable[[Circular, Arrays], tuple[Circular, Arrays]]:
    """A mistake that takes another kernel, continued by zeros to the size of the result."""

    def wrong(setting: Circular, arrays: Arrays) -> tuple[Circular, Arrays]:
        w = change(_continued(arrays["kernel"][0, 0], setting.shape))[None, None]
        layer = replace(setting.layer, kernel=Tensor(w.shape, tuple(w.reshape(-1).tolist())))
        return replace(setting, layer=layer), {**arrays, "kernel": w}

    return wrong


def _linear(setting: Circular, arrays: Arrays) -> tuple[Circular, Arrays] | None:
    """So large a size that nothing comes round."""
    shape = tuple(a + b - 1 for a, b, _ in setting.sizes)
    return None if shape == setting.shape else (replace(setting, shape=shape), arrays)


def _tail_dropped(setting: Circular, given: Mapping[str, Array]) -> Array:
    whole = numeric.convolve(given["input"][0], given["kernel"][0, 0])
    kept = whole[tuple(slice(n) for n in setting.shape)]
    return _continued(kept, setting.shape)


def _wrapped_too_early(setting: Circular, given: Mapping[str, Array]) -> Array | None:
    """Fold the linear result with the period N - 1, into N entries."""
    if setting.is_linear or min(setting.shape) < 2:
        return None
    whole = numeric.convolve(given["input"][0], given["kernel"][0, 0])
    out = np.zeros(setting.shape, dtype=whole.dtype)
    for at in np.ndindex(*whole.shape):
        out[tuple(a if a < n - 1 else a - (n - 1) for a, n in zip(at, setting.shape, strict=True))] += whole[at]
    return out


CIRCULAR_CONVOLUTION = CircularConvolution()
