"""The operations, one line each."""

from symconv.operations.autocorrelation import AUTOCORRELATION
from symconv.operations.base import Operation
from symconv.operations.circular_convolution import CIRCULAR_CONVOLUTION
from symconv.operations.composition import COMPOSITION
from symconv.operations.convolution import CONVOLUTION, CROSS_CORRELATION
from symconv.operations.fold import FOLD
from symconv.operations.transposed_convolution import TRANSPOSED_CONVOLUTION
from symconv.operations.unfold import UNFOLD

OPERATIONS: tuple[Operation, ...] = (
    CONVOLUTION,
    CROSS_CORRELATION,
    TRANSPOSED_CONVOLUTION,
    CIRCULAR_CONVOLUTION,
    AUTOCORRELATION,
    UNFOLD,
    FOLD,
    COMPOSITION,
)
