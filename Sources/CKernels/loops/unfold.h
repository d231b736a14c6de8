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

WHOLE_VECTORS
static void unfold(const float *x, const struct gradcam_sliding_window *w, long first, long count, float *to) {
    long line = w->kernel_width * w->run;
    bool contiguous = w->dilation_x == 1 && w->run == w->channels;
    for (long pixel = first; pixel < first + count; pixel++) {
        long y = pixel / w->out_width * w->stride_y - w->pad_top;
        long left = pixel % w->out_width * w->stride_x - w->pad_left;
        long begin = first_tap(left, w->dilation_x), end = end_tap(left, w->dilation_x, w->kernel_width, w->in_width);
        if (end < begin) end = begin;
        for (long ky = 0; ky < w->kernel_height; ky++, to += line) {
            long row = y + ky * w->dilation_y;
            if (row < 0 || row >= w->in_height || begin == end) {
                memset(to, 0, line * sizeof(float));
                continue;
            }
            if (begin > 0) memset(to, 0, begin * w->run * sizeof(float));
            if (end < w->kernel_width) memset(to + end * w->run, 0, (w->kernel_width - end) * w->run * sizeof(float));
            const float *from = x + (row * w->in_width + left) * w->channels;
            if (contiguous) {
                copy(to + begin * w->run, from + begin * w->run, (end - begin) * w->run);
            } else {
                long step = w->dilation_x * w->channels;
                for (long kx = begin; kx < end; kx++) copy(to + kx * w->run, from + kx * step, w->run);
            }
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
