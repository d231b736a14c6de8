// Sliding windows laid out as rows of a matrix (im2col), and the way back.

/// Short runs, whose copying a call would outlast; the last vector overlaps the one before.
#define COPY(LANES, WIDTH)                                                                               \
    {                                                                                                    \
        for (long i = 0; i + WIDTH < count; i += WIDTH) *(LANES *)(to + i) = *(const LANES *)(from + i); \
        *(LANES *)(to + count - WIDTH) = *(const LANES *)(from + count - WIDTH);                         \
        return;                                                                                          \
    }

INLINE void copy(float *to, const float *from, long count) {
    if (count >= 16) COPY(lanes16, 16)
    if (count >= 8) COPY(lanes8, 8)
    for (long i = 0; i < count; i++) to[i] = from[i];
}

/// The first tap on the map, where taps are `step` apart from `start` on.
static long first_tap(long start, long step) { return start >= 0 ? 0 : (step - 1 - start) / step; }

/// The tap after the last one on the map.
static long end_tap(long start, long step, long taps, long extent) {
    long end = start >= extent ? 0 : (extent - start + step - 1) / step;
    return end < taps ? end : taps;
}

/// The window of one output pixel, of which the taps `begin` to `end` of a line lie on the map. Where `whole`, all of
/// them do, and lie side by side.
INLINE float *unfold_window(const float *x, const struct gradcam_sliding_window *w, long top, long left, long begin,
                            long end, const bool whole, float *to) {
    const long line = w->kernel_width * w->run, step = w->dilation_x * w->channels;
    for (long ky = 0; ky < w->kernel_height; ky++, to += line) {
        long row = top + ky * w->dilation_y;
        if (row < 0 || row >= w->in_height || begin == end) {
            memset(to, 0, line * sizeof(float));
            continue;
        }
        const float *from = x + (row * w->in_width + left) * w->channels;
        if (whole) {
            copy(to, from, line);
            continue;
        }
        if (begin > 0) memset(to, 0, begin * w->run * sizeof(float));
        if (end < w->kernel_width) memset(to + end * w->run, 0, (w->kernel_width - end) * w->run * sizeof(float));
        for (long kx = begin; kx < end; kx++) copy(to + kx * w->run, from + kx * step, w->run);
    }
    return to;
}

WHOLE_VECTORS
static void unfold(const float *x, const struct gradcam_sliding_window *w, long first, long count, float *to) {
    const bool contiguous = w->dilation_x == 1 && w->run == w->channels;
    const long reach = (w->kernel_width - 1) * w->dilation_x;
    long top = first / w->out_width * w->stride_y - w->pad_top, column = first % w->out_width;
    for (; count > 0; count--) {
        long left = column * w->stride_x - w->pad_left;
        bool inside = left >= 0 && left + reach < w->in_width;
        if (contiguous && inside) {
            to = unfold_window(x, w, top, left, 0, w->kernel_width, true, to);
        } else {
            long begin = inside ? 0 : first_tap(left, w->dilation_x);
            long end = inside ? w->kernel_width : end_tap(left, w->dilation_x, w->kernel_width, w->in_width);
            to = unfold_window(x, w, top, left, begin, end < begin ? begin : end, false, to);
        }
        if (++column == w->out_width) {
            column = 0;
            top += w->stride_y;
        }
    }
}

static void fold(const float *from, const struct gradcam_sliding_window *w, long first, long end, float *x, long top,
                 long bottom) {
    long line = w->kernel_width * w->run, step = w->dilation_x * w->channels;
    bool contiguous = w->dilation_x == 1 && w->run == w->channels;
    for (long oy = first; oy < end; oy++)
        for (long ox = 0; ox < w->out_width; ox++, from += w->kernel_height * line) {
            long y = oy * w->stride_y - w->pad_top, left = ox * w->stride_x - w->pad_left;
            long begin = first_tap(left, w->dilation_x);
            long after = end_tap(left, w->dilation_x, w->kernel_width, w->in_width);
            for (long ky = 0; ky < w->kernel_height; ky++) {
                long row = y + ky * w->dilation_y;
                if (row < top || row >= bottom) continue;
                float *to = x + (row * w->in_width + left) * w->channels;
                const float *window = from + ky * line;
                if (contiguous) {
                    for (long i = begin * w->run; i < after * w->run; i++) to[i] += window[i];
                } else {
                    for (long kx = begin; kx < after; kx++)
                        for (long c = 0; c < w->run; c++) to[kx * step + c] += window[kx * w->run + c];
                }
            }
        }
}
