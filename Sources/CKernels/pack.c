// Weights in the order in which the products read them. These loops wait for memory, and are compiled for one width.

#include "contracts.h"

#include <string.h>

typedef float quad __attribute__((vector_size(16), aligned(1)));

/// A square of 4 x 4, in registers.
static inline void transpose_square(const float *from, long row, float *to, long width) {
    quad q0 = *(const quad *)from, q1 = *(const quad *)(from + row);
    quad q2 = *(const quad *)(from + 2 * row), q3 = *(const quad *)(from + 3 * row);
    quad a = __builtin_shufflevector(q0, q1, 0, 4, 1, 5), b = __builtin_shufflevector(q0, q1, 2, 6, 3, 7);
    quad d = __builtin_shufflevector(q2, q3, 0, 4, 1, 5), e = __builtin_shufflevector(q2, q3, 2, 6, 3, 7);
    *(quad *)to = __builtin_shufflevector(a, d, 0, 1, 4, 5);
    *(quad *)(to + width) = __builtin_shufflevector(a, d, 2, 3, 6, 7);
    *(quad *)(to + 2 * width) = __builtin_shufflevector(b, e, 0, 1, 4, 5);
    *(quad *)(to + 3 * width) = __builtin_shufflevector(b, e, 2, 3, 6, 7);
}

/// Squares, and of the last rows and columns, fewer than four, number by number.
static inline void transpose_columns(const float *from, long row, long rows, long columns, float *to, long width) {
    long r = 0, whole = columns & ~3L;
    for (; r + 4 <= rows; r += 4) {
        for (long c = 0; c < whole; c += 4) transpose_square(from + r * row + c, row, to + c * width + r, width);
        for (long c = whole; c < columns; c++) for (long i = r; i < r + 4; i++) to[c * width + i] = from[i * row + c];
    }
    for (; r < rows; r++) for (long c = 0; c < columns; c++) to[c * width + r] = from[r * row + c];
}

/// Numbers of a line of the cache, and how many of a row are fetched before they are read: rows are too many for the
/// processor to see that each is read in order.
enum { LINE = 16, AHEAD = 2 * LINE };

/// A line of the cache of every row at a time, so that what is written stays near.
void gradcam_transpose(const float *from, long row, long rows, long columns, float *to, long width) {
    assert(rows >= 0 && columns >= 0 && rows <= width && (rows <= 1 || row >= columns) && from && to);
    assert(apart(to, span(columns, width, rows), from, span(rows, row, columns)));
    long c = 0;
    for (; c + LINE <= columns; c += LINE) {
        for (long r = 0; r < rows; r++) __builtin_prefetch(from + r * row + c + AHEAD);
        transpose_columns(from + c, row, rows, LINE, to + c * width, width);
    }
    transpose_columns(from + c, row, rows, columns - c, to + c * width, width);
}

/// Columns that are transposed at a time, in memory near the processor, and the widest panel.
enum { NEAR = 64, WIDEST = 32 };

/// A multiple of 16 numbers.
static inline void copy(float *to, const float *from, long width) {
    for (long r = 0; r < width; r += 16)
        for (long i = r; i < r + 16; i += 4) *(quad *)(to + i) = *(const quad *)(from + i);
}

void gradcam_pack_panel(long width, float *panel, const float *w, long rows, long row, long depth, long taps) {
    assert((width == 16 || width == WIDEST) && 0 <= rows && rows <= width && depth >= 0 && taps > 0 && panel && w);
    if (taps == 1) {
        if (rows < width) memset(panel, 0, width * depth * sizeof(float));
        return gradcam_transpose(w, row, rows, depth, panel, width);
    }
    float near[NEAR * WIDEST] = {0};
    for (long start = 0, i = 0, t = 0; start < depth * taps; start += NEAR) {
        long count = depth * taps - start < NEAR ? depth * taps - start : NEAR;
        gradcam_transpose(w + start, row, rows, count, near, width);
        for (long q = 0; q < count; q++) {
            copy(panel + (t * depth + i) * width, near + q * width, width);
            if (++t == taps) { t = 0; i++; }
        }
    }
}

void gradcam_pack_turned_panel(long width, float *panel, const float *w, long rows, long depth, long step, long taps) {
    assert((width == 16 || width == WIDEST) && 0 <= rows && rows <= width && depth >= 0 && taps > 0 && panel && w);
    if (taps == 1 && rows == width) {
        for (long i = 0; i < depth; i++) {
            for (long r = 0; r < width; r += LINE) __builtin_prefetch(w + (i + 16) * step + r);
            copy(panel + i * width, w + i * step, width);
        }
        return;
    }
    float near[NEAR * WIDEST] = {0};
    for (long i = 0; i < depth; i++)
        for (long start = 0; start < taps; start += NEAR) {
            long count = taps - start < NEAR ? taps - start : NEAR;
            for (long r = 0; r < rows * count; r += LINE) __builtin_prefetch(w + (i + 1) * step + r);
            gradcam_transpose(w + i * step + start, taps, rows, count, near, width);
            for (long q = 0; q < count; q++)
                copy(panel + ((taps - 1 - start - q) * depth + i) * width, near + q * width, width);
        }
}
