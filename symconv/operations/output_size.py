"""The size law, forwards and backwards: any of its sizes and steps may be the unknown, or stay a letter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symconv.errors import ProblemError, shown
from symconv.notation import Notation
from symconv.numeric import Array
from symconv.operands import choice, whole
from symconv.operations.base import Detail, Misconception, Oracle, Solved
from symconv.operations.output_size_backwards import backward
from symconv.operations.output_size_oracle import MISCONCEPTIONS, counted, oracle
from symconv.operations.output_size_steps import LEAST, LETTERS, Law, forward

DEFAULTS = {"stride": 1, "padding": 0, "dilation": 1, "output_padding": 0}
MOST = 11  # up to where solutions are listed, unless the problem says otherwise


class OutputSize:
    """Solve the size law for what is unknown in it; every solution is a whole number."""

    name = "output_size"
    summary = "the size law, forwards and backwards"
    example = "symconv solve output_size --input i --kernel k --stride s --padding p"
    asks = ("solve", "class")
    keys: Mapping[str, str] = {
        "input": "a size, [rows, columns], or a letter",
        "kernel": "the same",
        "stride": "the same; left out it is 1, or unknown if input, kernel and output are all numbers",
        "padding": "the same, cells on each side; left out it is 0, or unknown as stride is",
        "dilation": "the same; left out it is 1",
        "output": "the same; left out it is what is asked for",
        "output_padding": "transposed only, the same; left out it is 0",
        "direction": "direct or transposed",
        "most": f"the largest value that is listed where there is no end of solutions ({MOST})",
    }

    def read(self, given: Mapping[str, Any], notation: Notation, limit: int) -> Law:
        """Validate a problem."""
        del notation
        direction = choice("direction", given.get("direction", "direct"), ("direct", "transposed"))
        if direction == "direct" and given.get("output_padding") is not None:
            raise ProblemError("output_padding is for direction = 'transposed'; leave it out, or write the direction")
        names = [name for name in LETTERS if direction == "transposed" or name != "output_padding"]
        said = {name: _read(name, given[name], limit) for name in names if given.get(name) is not None}
        if not said:
            said = {name: LETTERS[name] for name in names}
        unknown = [name for name in ("input", "kernel", "output") if name not in said]
        unknown += [name for name, value in said.items() if isinstance(value, str)]
        if not unknown:
            unknown = [name for name in ("stride", "padding") if name not in said]
        for name, value in DEFAULTS.items():
            if name in names and name not in unknown:
                said.setdefault(name, (value,))
        if not unknown:
            raise ProblemError("every size and step is given; leave out the one to solve for, or write a letter for it")
        letters = {**LETTERS, **{name: value for name, value in said.items() if isinstance(value, str)}}
        used = [letters[name] for name in names]
        for name in names:
            if used.count(letters[name]) > 1:
                raise ProblemError(f"the letter {letters[name]} stands for two things; give {name} another letter")
        numbers = {name: value for name, value in said.items() if not isinstance(value, str)}
        dims = max((len(value) for value in numbers.values()), default=1)
        if any(len(value) not in (1, dims) for value in numbers.values()):
            raise ProblemError("some sizes are given for one axis and some for two; write each as [rows, columns]")
        axes = tuple(
            {name: value[axis if len(value) > 1 else 0] for name, value in numbers.items()} for axis in range(dims)
        )
        most = whole("most", given.get("most", MOST), 1)
        law = Law(direction, axes, tuple(n for n in names if n in unknown), letters, most)
        _check(law, limit)
        return law

    def derive(self, setting: Law, notation: Notation, ask: str, detail: Detail) -> Solved:
        """Derive every step and quantity."""
        del notation, detail
        if ask == "class" and not (setting.is_number and setting.alike and not setting.transposed):
            raise ProblemError("ask = 'class' needs a direct layer with all numbers given and alike on both axes")
        return forward(setting, ask) if setting.is_forward else backward(setting)

    def answer(self, setting: Law, ask: str) -> str:
        """The label of the quantity that an ask is about."""
        if ask == "class":
            return "class"
        return "size" if setting.is_forward else "solutions"

    def oracle(self, setting: Law, operands: Mapping[str, Array]) -> Oracle:
        """Windows and copies are placed and counted; backwards, every candidate is tried."""
        return oracle(setting, operands)

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """Mistakes with the size law."""
        return MISCONCEPTIONS

    def samples(self) -> tuple[dict[str, Any], ...]:
        """Problems for the generic tests."""
        transposed = {"direction": "transposed"}
        return (
            {"input": 7, "kernel": 3, "stride": 3},
            {"input": [28, 32], "kernel": [3, 5], "stride": [2, 1], "padding": 1, "dilation": 2},
            {"input": 6, "kernel": 3, "stride": 2, "padding": 1, "ask": "class"},
            {"input": 5, "kernel": 2, "dilation": 3, "padding": [1, 1]},
            {},
            {"input": "n", "kernel": 3, "stride": 2, "padding": 1},
            {"input": 32, "kernel": "k", "padding": "p", "dilation": "d"},
            {"input": 7, "kernel": 3, "stride": "s", "output": 3},
            {"input": "i", "kernel": 3, "stride": 2, "padding": 1, "output": 4},
            {"input": 32, "kernel": "k", "stride": 2, "padding": 1, "output": 16},
            {"input": 14, "kernel": 5, "padding": "p", "dilation": 2, "output": 14},
            {"input": 20, "kernel": 4, "dilation": "d", "stride": 3, "output": 5},
            {"input": 9, "kernel": 1, "dilation": "d", "output": 9, "most": 4},
            {"input": 5, "kernel": 3, "stride": "s", "output": 1},
            {"input": 7, "kernel": 3, "stride": 2, "padding": "p", "output": 20, "dilation": 1},
            {"input": 6, "kernel": 2, "stride": "s", "output": 4},
            {"input": 32, "kernel": 5, "output": 32},
            {"input": [8, 9], "kernel": 3, "stride": "s", "output": [3, 4]},
            {"input": 4, "kernel": 3, "stride": 2, "padding": 1, "output_padding": 1, **transposed},
            {"input": [4, 5], "kernel": 2, "stride": 2, "dilation": 3, **transposed},
            {"input": 4, "kernel": 3, "stride": 2, "padding": 1, "output_padding": "a", "output": 8, **transposed},
            {"input": 4, "kernel": 3, "stride": 2, "padding": "p", "output": 8, **transposed},
            {"input": 4, "kernel": "k", "stride": 2, "padding": "p", "output": 8, **transposed},
            {"input": "i", "kernel": "k", "stride": "s", "padding": "p", "output_padding": "a", **transposed},
            {"input": 1, "kernel": 3, "stride": "s", "output": 3, **transposed},
            {"input": [29, 32], "kernel": [3, 5], "stride": [2, 1], "padding": 2, "dilation": 2},
            {"input": [4, 6], "kernel": [3, 4], "stride": [3, 2], "padding": 1, "output_padding": [2, 1], **transposed},
            {"input": [4, 5], "kernel": 3, "stride": 2, "dilation": [2, 3], **transposed},
        )


def _read(name: str, given: Any, limit: int) -> Any:
    """A letter, or a tuple with one whole number or one for each axis."""
    given = given.tolist() if hasattr(given, "tolist") else given
    if isinstance(given, str):
        if not (len(given) == 1 and given.isascii() and given.isalpha()):
            raise ProblemError(f"{name} is {shown(given)}; write a whole number, [rows, columns], or one letter")
        return given
    parts = given if isinstance(given, (list, tuple)) else [given]
    if not 1 <= len(parts) <= 2:
        raise ProblemError(f"{name} is {shown(given)} with {len(parts)} numbers; write one, or [rows, columns]")
    sizes = tuple(whole(name, part, LEAST[name]) for part in parts)
    if max(sizes) > limit:
        raise ProblemError(f"{name} is {max(sizes):,}, beyond the limit of {limit:,}; make it smaller or raise limit")
    return sizes


def _check(law: Law, limit: int) -> None:
    """Refuse what no layer can be, and a search that no page could hold."""
    for axis in law.axes:
        if {"input", "kernel", "padding", "dilation"} <= set(axis) and not law.transposed and law.is_forward:
            reach = axis["dilation"] * (axis["kernel"] - 1) + 1
            if reach > axis["input"] + 2 * axis["padding"]:
                raise ProblemError(
                    f"the kernel reaches {reach} cells but the padded input has only "
                    f"{axis['input'] + 2 * axis['padding']}; make the kernel or its dilation smaller, or the padding "
                    "larger"
                )
        if {"output_padding", "stride", "dilation"} <= set(axis):
            bound = max(axis["stride"], axis["dilation"])
            if axis["output_padding"] >= bound:
                raise ProblemError(
                    f"output_padding is {axis['output_padding']}; it must be below max(stride, dilation) = {bound}, "
                    "or the extra cells would belong to another input size"
                )
        if law.is_number and law.transposed and counted(law, axis) < 1:
            raise ProblemError(
                f"padding crops {2 * axis['padding']} cells, but only {counted(law, axis) + 2 * axis['padding']} were "
                "scattered; make the padding smaller"
            )
    largest = max((value for axis in law.axes for value in axis.values()), default=0)
    if not law.is_forward and largest**2 > 10 * limit:
        raise ProblemError(
            f"a size of {largest:,} makes too many candidates to try; make it smaller, or write limit = {largest**2}"
        )
    if not law.is_forward and len(law.unknown) > 1 and (law.most + 1) ** len(law.unknown) > limit:
        raise ProblemError(
            f"most is {law.most}, which makes {(law.most + 1) ** len(law.unknown):,} candidates, beyond the limit of "
            f"{limit:,}; make most smaller or give more of the numbers"
        )


OUTPUT_SIZE = OutputSize()
