"""Convolution by plain loops over plain lists: what the tests hold against symconv. It imports nothing of it.

Everything has two axes here: x[c][i][j] and w[f][c][m][n]; a 1-D array is a matrix of one row.
"""

from itertools import product


def padded_line(cells, before, after, mode, zero):
    """One line, or a list of rows, with its padding."""
    n = len(cells)
    if mode == "zeros":
        return [zero] * before + cells + [zero] * after
    if mode == "reflect":
        return cells[1 : before + 1][::-1] + cells + cells[n - 1 - after : n - 1][::-1]
    if mode == "replicate":
        return cells[:1] * before + cells + cells[-1:] * after
    return cells[n - before :] + cells + cells[:after]


def padded(matrix, pads, mode):
    """A matrix with its padding, from ((above, below), (left, right))."""
    rows = [padded_line(row, *pads[1], mode, 0) for row in matrix]
    return padded_line(rows, *pads[0], mode, [0] * len(rows[0]))


def turned(matrix):
    """A matrix turned by 180 degrees."""
    return [row[::-1] for row in matrix[::-1]]


def direct(
    x, w, *, bias=None, stride=(1, 1), pads=((0, 0), (0, 0)), dilation=(1, 1), mode="zeros", groups=1, flip=False
):
    """Cross-correlation, or convolution where `flip`: maps[f][i][j]."""
    slices, per_group = len(x) // groups, len(w) // groups
    wide = [padded(channel, pads, mode) for channel in x]
    taps = (len(w[0][0]), len(w[0][0][0]))
    sizes = [
        len(range(0, n - d * (k - 1), s))
        for n, k, d, s in zip((len(wide[0]), len(wide[0][0])), taps, dilation, stride, strict=True)
    ]
    maps = []
    for f, of_filter in enumerate(w):
        rows = [[0 if bias is None else bias[f]] * sizes[1] for _ in range(sizes[0])]
        for c, kernel in enumerate(of_filter):
            lying = turned(kernel) if flip else kernel
            channel = wide[f // per_group * slices + c]
            for i, j, m, n in product(*map(range, (*sizes, *taps))):
                cell = channel[i * stride[0] + m * dilation[0]][j * stride[1] + n * dilation[1]]
                rows[i][j] = rows[i][j] + cell * lying[m][n]
        maps.append(rows)
    return maps


def transposed(x, w, *, bias=None, stride=(1, 1), pads=((0, 0), (0, 0)), dilation=(1, 1), extra=(0, 0), groups=1):
    """Transposed convolution by adding every product to the cell it lands on; w[c][f][m][n] as in torch."""
    cells, taps = (len(x[0]), len(x[0][0])), (len(w[0][0]), len(w[0][0][0]))
    sizes = [
        s * (n - 1) + d * (k - 1) + 1 - sum(p) + e
        for s, n, d, k, p, e in zip(stride, cells, dilation, taps, pads, extra, strict=True)
    ]
    per_group, slices = len(w[0]), len(x) // groups
    filters = per_group * groups
    maps = [[[0 if bias is None else bias[f]] * sizes[1] for _ in range(sizes[0])] for f in range(filters)]
    for c, g, i, j, m, n in product(range(len(x)), range(per_group), *map(range, (*cells, *taps))):
        u = stride[0] * i + dilation[0] * m - pads[0][0]
        v = stride[1] * j + dilation[1] * n - pads[1][0]
        if 0 <= u < sizes[0] and 0 <= v < sizes[1]:
            f = c // slices * per_group + g
            maps[f][u][v] = maps[f][u][v] + x[c][i][j] * w[c][g][m][n]
    return maps


def written(maps, dims):
    """As symconv writes an array: no axis for a lone channel or filter, no row axis for one dimension."""
    made = [part[0] for part in maps] if dims == 1 else maps
    return made[0] if len(made) == 1 else made


def convolve(a, b):
    """The product of two polynomials, coefficient by coefficient."""
    made = [0] * (len(a) + len(b) - 1)
    for i, j in product(range(len(a)), range(len(b))):
        made[i + j] += a[i] * b[j]
    return made


def flat(rows):
    """All cells of a list of rows, one after the other."""
    return [cell for row in rows for cell in row]
