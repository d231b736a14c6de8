// What the kernels' contracts are asserted with.

#include "CKernels.h"

#include <assert.h>

/// The floats from the first to the last of `rows` rows of n, `row` apart.
static inline long span(long rows, long row, long n) { return rows > 0 && n > 0 ? (rows - 1) * row + n : 0; }

/// Whether n floats at a and m at b share none.
static inline bool apart(const float *a, long n, const float *b, long m) { return a + n <= b || b + m <= a; }

static inline bool slides(const struct gradcam_sliding_window *w) {
    return w && w->run > 0 && w->run <= w->channels && w->in_height > 0 && w->in_width > 0 && w->out_width > 0
        && w->kernel_height > 0 && w->kernel_width > 0 && w->stride_y > 0 && w->stride_x > 0 && w->dilation_y > 0
        && w->dilation_x > 0;
}

/// The numbers of a map from the first channel that a window sees on, and those of `count` windows.
static inline long seen(const struct gradcam_sliding_window *w) {
    return span(w->in_height * w->in_width, w->channels, w->run);
}
static inline long unfolded(const struct gradcam_sliding_window *w, long count) {
    return count * w->kernel_height * w->kernel_width * w->run;
}
