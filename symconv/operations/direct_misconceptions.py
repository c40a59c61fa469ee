"""The mistakes people make in a convolution or a cross-correlation: what they believe, and what is right."""

from __future__ import annotations

import numpy as np

from symconv import numeric
from symconv.operations import direct_mistakes as mistakes
from symconv.operations.base import At, Misconception, operand

ORIENTATION_OF_CONVOLUTION = (
    Misconception(
        "kernel_not_flipped",
        "A convolution slides the kernel as it is.",
        "A convolution flips the kernel first; without the flip it is a cross-correlation.",
        change=mistakes.slides(lambda w, _: w),
    ),
    Misconception(
        "only_columns_flipped",
        "Flipping the kernel means reversing each row.",
        "The kernel is turned by 180 degrees: the order of its rows is reversed too.",
        change=mistakes.slides(lambda w, dims: np.flip(w, axis=-1) if dims == 2 else None),
    ),
    Misconception(
        "only_rows_flipped",
        "Flipping the kernel means turning it upside down.",
        "The kernel is turned by 180 degrees: each row is reversed too.",
        change=mistakes.slides(lambda w, dims: np.flip(w, axis=-2) if dims == 2 else None),
    ),
    Misconception(
        "kernel_transposed",
        "Flipping the kernel means transposing it.",
        "The kernel is turned by 180 degrees; a transpose mirrors it at its diagonal.",
        change=mistakes.slides(lambda w, dims: w.swapaxes(-1, -2) if mistakes.is_square(w, dims) else None),
    ),
    Misconception(
        "flipped_along_channels",
        "Flipping the kernel reverses the order of its channels too.",
        "Only the spatial axes are flipped; channel c of the kernel belongs to channel c of the input.",
        change=mistakes.slides(lambda w, dims: numeric.rotate(w, dims)[:, ::-1] if w.shape[1] > 1 else None),
    ),
)
ORIENTATION_OF_CORRELATION = (
    Misconception(
        "kernel_flipped",
        "The kernel is flipped before it slides.",
        "A cross-correlation slides the kernel as it is; with the flip it is a convolution.",
        change=mistakes.slides(numeric.rotate),
    ),
    Misconception(
        "kernel_transposed",
        "The kernel is transposed before it slides.",
        "A cross-correlation slides the kernel as it is.",
        change=mistakes.slides(lambda w, dims: w.swapaxes(-1, -2) if mistakes.is_square(w, dims) else None),
    ),
    Misconception(
        "operands_swapped",
        "In a correlation the order of the two operands does not matter.",
        "Swapping the operands of a correlation reverses the result; only a convolution is commutative.",
        change=mistakes.swapped_operands,
    ),
)
COMMON = (
    Misconception(
        "kernel_turned_90",
        "Turning the kernel means a quarter turn.",
        "The kernel is turned by 180 degrees for a convolution and not at all for a correlation.",
        change=mistakes.slides(lambda w, dims: np.rot90(w, axes=(-2, -1)) if mistakes.is_square(w, dims) else None),
    ),
    Misconception(
        "both_flipped",
        "The input is flipped as well.",
        "The input stays as it is; only the kernel may be flipped.",
        change=operand("input", lambda x, setting: numeric.rotate(x, setting.geometry.dims)),
    ),
    Misconception(
        "ceil_for_floor",
        "A last window that reaches over the end still counts.",
        "The size law rounds down: a window that does not fit is left out.",
        change=mistakes.ceil,
    ),
    Misconception(
        "plus_one_forgotten",
        "The number of windows is (i + 2p - k) / s.",
        "The first window counts too: (i + 2p - k) / s, rounded down, plus 1.",
        change=mistakes.one_less,
    ),
    Misconception(
        "last_index_inclusive",
        "The windows are counted from 0 up to and including their number.",
        "Counted from 0, the last window has the number of windows less 1.",
        change=mistakes.one_more,
    ),
    Misconception(
        "padding_ignored",
        "Zero padding means no padding: only windows that lie inside the input count.",
        "Padding puts cells around the input, and windows that reach over its border onto them count too.",
        change=mistakes.padded(lambda _: (0, 0)),
    ),
    Misconception(
        "padding_only_before",
        "The padding goes before the first cell only, so p is added once.",
        "The padding goes on both sides, so 2p cells are added.",
        change=mistakes.padded(lambda axis: (axis.padding[0], 0)),
    ),
    Misconception(
        "padding_only_after",
        "The padding goes behind the last cell only, so p is added once.",
        "The padding goes on both sides, so 2p cells are added.",
        change=mistakes.padded(lambda axis: (0, axis.padding[1])),
    ),
    Misconception(
        "padding_sides_swapped",
        "The larger part of the padding goes to the other side.",
        "Which side gets more is part of the problem: for same padding the odd cell goes to the end unless it says so.",
        change=mistakes.padded(lambda axis: axis.padding[::-1]),
    ),
    Misconception(
        "total_padding_on_each_side",
        "The cells that both sides have together go on each side.",
        "A padding of p puts p cells on each side; 2p is the total.",
        change=mistakes.padded(lambda axis: (sum(axis.padding),) * 2),
    ),
    Misconception(
        "padding_read_pairwise",
        "In a list of paddings each pair belongs to one axis, whatever its order.",
        "Some systems list all beginnings and then all ends; here each axis has its own pair, before and after.",
        change=mistakes.read_pairwise,
    ),
    Misconception(
        "same_without_dilation",
        "Same padding is (k - 1) / 2 on each side, whatever the dilation.",
        "The dilated kernel covers more cells, so same padding is d(k - 1) / 2 on each side.",
        change=mistakes.same_of_the_taps,
    ),
    Misconception(
        "same_size",
        "The output always has the size of the input.",
        "It does only when the padding is chosen for it; here the size law decides.",
        change=mistakes.sized("same"),
    ),
    Misconception(
        "full_size",
        "Every overlap of kernel and input counts.",
        "Every overlap counts only for the full size, with k - 1 cells of padding.",
        change=mistakes.sized("full"),
    ),
    Misconception(
        "zeros_for_mode",
        "Padding always means zeros.",
        "The padding mode of this problem continues the input with its own values.",
        change=lambda setting, arrays: (
            None if setting.geometry.mode == "zeros" else mistakes.mode("zeros")(setting, arrays)
        ),
    ),
    Misconception(
        "circular_padding",
        "Beyond its border the input starts again at the other side.",
        "It does so only with circular padding.",
        change=mistakes.mode("circular"),
    ),
    Misconception(
        "replicated_padding",
        "Beyond its border the input keeps the value of the border cell.",
        "It does so only with replicate padding.",
        change=mistakes.mode("replicate"),
    ),
    Misconception(
        "reflected_padding",
        "Beyond its border the input goes on backwards.",
        "It does so only with reflect padding.",
        change=mistakes.mode("reflect"),
    ),
    Misconception(
        "stride_ignored",
        "The window moves one cell at a time.",
        "The window moves by the stride.",
        change=mistakes.stride_ignored,
    ),
    Misconception(
        "stride_on_input",
        "Every s-th cell of the input is taken first, then the kernel slides over what is left.",
        "The stride moves the window; inside a window every cell is read.",
        change=mistakes.subsampled,
    ),
    Misconception(
        "stride_phase",
        "The first window starts at the second cell.",
        "The first window starts at the first cell of the padded input.",
        change=mistakes.phase,
    ),
    Misconception(
        "second_cell_first",
        "The first window starts at index 1, counted from 0.",
        "The first window starts at the first cell, which has the index 0 where indices count from 0.",
        change=mistakes.second_cell_first,
    ),
    Misconception(
        "dilation_ignored",
        "The taps of the kernel lie side by side.",
        "With dilation d neighbouring taps stand d cells apart.",
        change=mistakes.dilation(lambda _: 1),
    ),
    Misconception(
        "dilation_one_more",
        "Dilation d puts d zeros between neighbouring taps.",
        "Dilation d puts d - 1 zeros between neighbouring taps, so that they stand d cells apart.",
        change=mistakes.dilation(lambda d: d + 1 if d > 1 else 1),
    ),
    Misconception(
        "dilation_on_input",
        "Dilation puts zeros between the cells of the input.",
        "Dilation puts zeros between the taps of the kernel.",
        change=mistakes.dilated_input,
    ),
    Misconception(
        "height_and_width_swapped",
        "The first of two parameters belongs to the columns.",
        "The first belongs to the rows (downwards), the second to the columns (across).",
        change=mistakes.swapped_axes,
    ),
    Misconception(
        "window_times_kernel",
        "Window and kernel are multiplied as matrices, and the entries of the product are added.",
        "Entries in the same place are multiplied, and these products are added.",
        change=operand("kernel", mistakes.window_times_kernel),
    ),
    Misconception(
        "bias_forgotten",
        "The output is the sum of products alone.",
        "The bias of the filter is added to every entry of its map.",
        change=mistakes.bias(lambda _: 0),
    ),
    Misconception(
        "bias_per_channel",
        "The bias is added in every channel.",
        "The bias is added once, after the channels are summed.",
        change=mistakes.bias(lambda setting: setting.geometry.slices),
    ),
    Misconception(
        "bias_per_product",
        "The bias is added to every product.",
        "The bias is added once to each sum.",
        change=mistakes.bias(lambda setting: setting.geometry.slices * int(np.prod(setting.geometry.kernel))),
    ),
    Misconception(
        "channels_averaged",
        "The output is the mean over the channels.",
        "The results of the channels are added, not averaged.",
        change=mistakes.channels(mistakes.averaged),
    ),
    Misconception(
        "channels_not_summed",
        "The first channel alone makes the output.",
        "The results of all channels are added.",
        change=mistakes.channels(mistakes.first_alone),
    ),
    Misconception(
        "first_slice_reused",
        "One slice of the kernel serves all channels.",
        "Every channel has its own slice of the kernel.",
        change=mistakes.channels(mistakes.first_everywhere),
    ),
    Misconception(
        "channels_and_filters_swapped",
        "The first list of the kernel runs over the input channels.",
        "The first list runs over the filters: each of them has one matrix for every channel that it reads.",
        change=operand("kernel", mistakes.channels_swapped),
    ),
    Misconception(
        "unvec_in_other_order",
        "The order of vec does not matter when the vector is made a matrix again.",
        "Unvec takes the order in which vec was read.",
        after=At(("output",), mistakes.unvec_in_other_order),
    ),
    Misconception(
        "matrix_transposed",
        "The columns of C belong to the output entries.",
        "A row of C belongs to an output entry, a column to an input cell.",
        after=At(("C", "C^T"), mistakes.transposed_matrix),
    ),
    Misconception(
        "no_jump_at_line_ends",
        "Each row of C is the row above, moved by one place.",
        "Where a window goes on in the next line of the input the row jumps: C is Toeplitz block by block only.",
        after=At(("C",), mistakes.no_jump),
    ),
)
