"""Reads the gradient of a loss by the output of a layer or a network."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from symconv.errors import ProblemError
from symconv.notation import Notation
from symconv.operands import read_operand
from symconv.tensor import Index, Tensor


def letter_of(notation: Notation) -> str:
    """The letter of the upstream gradient: g, or u where a course uses g for something else."""
    taken = {notation.input, notation.kernel, notation.output, notation.bias}
    return "u" if taken & {"g", "G"} else "g"


def read_upstream(
    given: Any, notation: Notation, limit: int, shape: Index, operands: Mapping[str, Tensor], of: str = "layer"
) -> Tensor:
    """The upstream gradient in the shape (maps, *cells) of the output: as given, or letters that no operand has.

    Raises ProblemError where the shape is another one.
    """
    maps, *size = shape
    if given is None:
        letter = letter_of(notation)
        lead = (maps,) if maps > 1 else ()
        named = read_operand(
            "upstream", {"symbols": letter, "shape": [*lead, *size]}, limit, notation.index_base
        ).tensor
        used = {str(cell) for tensor in operands.values() for cell in tensor.cells}
        if used & {str(cell) for cell in named.cells}:
            raise ProblemError(f"the letters {letter} are taken by the layer's operands; give upstream")
    else:
        named = read_operand("upstream", given, limit, notation.index_base).with_dims(len(size))
    if _trimmed(named.shape) != _trimmed(shape) or len(named.cells) != prod(shape):
        raise ProblemError(
            f"upstream is {_by(named.shape)}, but the output of the {of} is {_by(shape)}; "
            "give one number for each entry of the output"
        )
    return named.reshape(shape)


def _trimmed(shape: Index) -> Index:
    """A shape without its leading axes of size 1."""
    return _trimmed(shape[1:]) if len(shape) > 1 and shape[0] == 1 else shape


def _by(shape: Index) -> str:
    kept = _trimmed(shape)
    return "x".join(map(str, kept)) if len(kept) > 1 else f"{kept[0]} long"
