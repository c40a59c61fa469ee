"""The operations, one line each: its name and the module that holds it, under its name in capitals.

A problem imports its own operation only: importing all of them takes longer than solving one.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from symconv.operations.base import Operation

    OPERATIONS: tuple[Operation, ...]

HOMES = {
    "convolution": "convolution",
    "cross_correlation": "convolution",
    "transposed_convolution": "transposed_convolution",
    "backpropagation": "backpropagation",
    "pooling": "pooling",
    "unpooling": "unpooling",
    "upsampling": "upsampling",
    "overlap": "overlap",
    "output_size": "output_size",
    "counting": "counting",
    "receptive_field": "receptive_field",
    "depthwise_separable": "depthwise_separable",
    "activation": "activation",
    "flatten": "flatten",
    "transpose_is_not_inverse": "transpose_is_not_inverse",
    "property": "property",
    "circular_convolution": "circular_convolution",
    "autocorrelation": "autocorrelation",
    "unfold": "unfold",
    "fold": "fold",
    "composition": "composition",
    "network": "network",
}


def operation(name: str) -> Operation:
    """Import one operation by its name, a key of HOMES."""
    found: Operation = getattr(import_module(f"symconv.operations.{HOMES[name]}"), name.upper())
    return found


def __getattr__(name: str) -> Any:
    """`OPERATIONS` is all of them, imported when it is asked for."""
    if name == "OPERATIONS":
        return tuple(operation(known) for known in HOMES)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
