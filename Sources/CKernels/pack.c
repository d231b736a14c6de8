// Weights in the order in which the products read them. These loops wait for memory, and are compiled for one width.

#include "contracts.h"

#include <string.h>

typedef float quad __attribute__((vector_size(16), aligned(1)));

/// A square of 4 x 4 at a time, in registers; then what is left.
void gradcam_transpose(const float *from, long row, long rows, long columns, float *to, long width) {
    assert(rows >= 0 && columns >= 0 && rows <= width && (rows <= 1 || row >= columns) && from && to);
    assert(apart(to, span(columns, width, rows), from, span(rows, row, columns)));
    long r = 0;
    for (; r + 4 <= rows; r += 4) {
        const float *w = from + r * row;
        long c = 0;
        for (; c + 4 <= columns; c += 4) {
            quad q0 = *(const quad *)(w + c), q1 = *(const quad *)(w + row + c);
            quad q2 = *(const quad *)(w + 2 * row + c), q3 = *(const quad *)(w + 3 * row + c);
            quad a = __builtin_shufflevector(q0, q1, 0, 4, 1, 5), b = __builtin_shufflevector(q0, q1, 2, 6, 3, 7);
            quad d = __builtin_shufflevector(q2, q3, 0, 4, 1, 5), e = __builtin_shufflevector(q2, q3, 2, 6, 3, 7);
            *(quad *)(to + c * width + r) = __builtin_shufflevector(a, d, 0, 1, 4, 5);
            *(quad *)(to + (c + 1) * width + r) = __builtin_shufflevector(a, d, 2, 3, 6, 7);
            *(quad *)(to + (c + 2) * width + r) = __builtin_shufflevector(b, e, 0, 1, 4, 5);
            *(quad *)(to + (c + 3) * width + r) = __builtin_shufflevector(b, e, 2, 3, 6, 7);
        }
        for (; c < columns; c++) for (long i = 0; i < 4; i++) to[c * width + r + i] = w[i * row + c];
    }
    for (; r < rows; r++) for (long c = 0; c < columns; c++) to[c * width + r] = from[r * row + c];
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
        for (long i = 0; i < depth; i++) copy(panel + i * width, w + i * step, width);
        return;
    }
    float near[NEAR * WIDEST] = {0};
    for (long i = 0; i < depth; i++)
        for (long start = 0; start < taps; start += NEAR) {
            long count = taps - start < NEAR ? taps - start : NEAR;
            gradcam_transpose(w + i * step + start, taps, rows, count, near, width);
            for (long q = 0; q < count; q++)
                copy(panel + ((taps - 1 - start - q) * depth + i) * width, near + q * width, width);
        }
}
