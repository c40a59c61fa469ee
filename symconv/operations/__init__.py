"""The operations, one line each."""

from symconv.operations.base import Operation
from symconv.operations.convolution import CONVOLUTION, CROSS_CORRELATION
from symconv.operations.counting import COUNTING
from symconv.operations.depthwise_separable import DEPTHWISE_SEPARABLE
from symconv.operations.output_size import OUTPUT_SIZE
from symconv.operations.pooling import POOLING
from symconv.operations.receptive_field import RECEPTIVE_FIELD
from symconv.operations.transposed_convolution import TRANSPOSED_CONVOLUTION

OPERATIONS: tuple[Operation, ...] = (
    CONVOLUTION,
    CROSS_CORRELATION,
    TRANSPOSED_CONVOLUTION,
    POOLING,
    OUTPUT_SIZE,
    COUNTING,
    RECEPTIVE_FIELD,
    DEPTHWISE_SEPARABLE,
)
