"""The numbers with which a neighbouring statement of each property fails: both sides as a hand computes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Failure:
    """Numbers with which a neighbouring statement fails: both sides, and the sentences around them."""

    operands: Mapping[str, Any]
    left: Any
    right: Any
    before: str
    after: str


FAILURES: dict[str, Failure] = {
    "linearity": Failure(
        {"x": [1, 2], "w": [3, 1], "v": [0, 0]},
        [7, 15, 5],
        [8, 16, 6],
        "A layer with a bias is not linear. For x = (1, 2), w = (3, 1) and the bias 1, first the output of 2x, "
        "then twice the output of x:",
        "The bias counts once on the left and twice on the right; without a bias both are equal.",
    ),
    "shift_equivariance": Failure(
        {"x": [1, 2, 3], "w": [1, 1], "v": [0, 0]},
        [0, 3, 3],
        [0, 1, 5],
        "With a stride the property fails. For x = (1, 2, 3), w = (1, 1) and stride 2, first the output of the "
        "delayed input, then the delayed output:",
        "The windows of the delayed input start at other cells. A stride of s keeps the property only for delays "
        "by multiples of s. A border that cuts the output to the size of the input breaks it too, since it drops "
        "what is moved over the edge; a circular convolution keeps it for circular shifts.",
    ),
    "commutativity": Failure(
        {"x": [1, 2, 3], "w": [1, 0], "v": [0, 0]},
        [0, 1, 2, 3],
        [3, 2, 1, 0],
        "A correlation is not commutative. For x = (1, 2, 3) and w = (1, 0), first w slid over x, then x slid over w:",
        "Swapping the operands of a correlation reverses the result.",
    ),
    "associativity": Failure(
        {"x": [1, 2], "w": [1, 0], "v": [1, 3]},
        [0, 3, 7, 2],
        [0, 1, 5, 6],
        "A correlation is not associative. For x = (1, 2), w = (1, 0) and v = (1, 3), first x with w and then "
        "with v, then x with the correlation of w and v:",
        "Two correlations in a row are one correlation with the convolution of their kernels.",
    ),
    "distributivity": Failure(
        {"x": [1, 2], "w": [1, -1], "v": [-2, 1]},
        [0, 0, 0],
        [1, 1, 2],
        "With a ReLU behind each convolution the branches can no longer be joined. For x = (1, 2), w = (1, -1) "
        "and v = (-2, 1), first the ReLU of x with w + v, then the sum of both ReLUs:",
        "Branches are joined before the non-linearity only.",
    ),
    "separability": Failure(
        {"x": [[1, 0], [0, 1]], "w": [[1], [1]], "v": [[1, 1]]},
        [[1, 0], [0, 1]],
        [[1, 1], [1, 1]],
        "Not every kernel is separable. First the identity matrix, then the product of its row sums and its "
        "column sums:",
        "A product of a column and a row has the rank 1; this kernel has the rank 2, so it is no such product.",
    ),
    "flip_identity": Failure(
        {"x": [1, 2], "w": [1, 3], "v": [0, 0]},
        [3, 7, 2],
        [1, 5, 6],
        "Without the flip the two differ. For x = (1, 2) and w = (1, 3), first the correlation, then the convolution:",
        "They agree for every input only if the kernel equals itself turned by 180 degrees.",
    ),
    "convolution_theorem": Failure(
        {"x": [1, 2], "w": [3, 4], "v": [0, 0]},
        [3, 10, 8],
        [11, 10],
        "A transform that is too short folds the end onto the beginning. For x = (1, 2) and w = (3, 4), first "
        "the convolution, then what a product of transforms of length 2 gives back:",
        "The length must be at least that of the result, here 3; shorter ones give the circular convolution.",
    ),
    "adjoint": Failure(
        {"x": [1, 2], "w": [1, 3], "v": [1, 0, 1]},
        7,
        5,
        "Going back with the kernel in the same orientation is not the adjoint. For x = (1, 2), w = (1, 3) and y "
        "= (1, 0, 1), the inner product of the output with y, then that of x with the middle of y * w:",
        "The adjoint of a convolution slides the kernel turned by 180 degrees: it is a correlation.",
    ),
}
