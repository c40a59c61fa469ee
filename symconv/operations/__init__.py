"""The operations, one line each."""

from symconv.operations.activation import ACTIVATION
from symconv.operations.autocorrelation import AUTOCORRELATION
from symconv.operations.backpropagation import BACKPROPAGATION
from symconv.operations.base import Operation
from symconv.operations.circular_convolution import CIRCULAR_CONVOLUTION
from symconv.operations.composition import COMPOSITION
from symconv.operations.convolution import CONVOLUTION, CROSS_CORRELATION
from symconv.operations.counting import COUNTING
from symconv.operations.depthwise_separable import DEPTHWISE_SEPARABLE
from symconv.operations.flatten import FLATTEN
from symconv.operations.fold import FOLD
from symconv.operations.output_size import OUTPUT_SIZE
from symconv.operations.overlap import OVERLAP
from symconv.operations.pooling import POOLING
from symconv.operations.property import PROPERTY
from symconv.operations.receptive_field import RECEPTIVE_FIELD
from symconv.operations.transpose_is_not_inverse import TRANSPOSE_IS_NOT_INVERSE
from symconv.operations.transposed_convolution import TRANSPOSED_CONVOLUTION
from symconv.operations.unfold import UNFOLD
from symconv.operations.unpooling import UNPOOLING
from symconv.operations.upsampling import UPSAMPLING

OPERATIONS: tuple[Operation, ...] = (
    CONVOLUTION,
    CROSS_CORRELATION,
    TRANSPOSED_CONVOLUTION,
    BACKPROPAGATION,
    POOLING,
    UNPOOLING,
    UPSAMPLING,
    OVERLAP,
    OUTPUT_SIZE,
    COUNTING,
    RECEPTIVE_FIELD,
    DEPTHWISE_SEPARABLE,
    ACTIVATION,
    FLATTEN,
    TRANSPOSE_IS_NOT_INVERSE,
    PROPERTY,
    CIRCULAR_CONVOLUTION,
    AUTOCORRELATION,
    UNFOLD,
    FOLD,
    COMPOSITION,
)
