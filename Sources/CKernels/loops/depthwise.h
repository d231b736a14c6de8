// Depthwise convolutions: every channel with a filter of its own.
//
// A block of neighbouring output pixels is computed at a time, its sums in registers: of windows that have their width
// and stride known here, every pixel of the map that they see is read once a line of the windows, and a line's weights
// stay in registers too. All add up tap by tap in the same order.

#if defined(LANES)
enum { CHANNELS = LANES };
#else
enum { CHANNELS = 4 };
#endif
/// Output pixels at a time: common maps are 7, 14, 28, 56 and 112 pixels wide.
enum { PIXELS = 7, FEWER_PIXELS = CHANNELS == 16 ? 7 : 4 };
/// Weights, of as many channels as a line's blocks are computed for before the next ones, that stay in the first cache.
enum { NEAR_WEIGHTS = 3136 };

typedef float channels_vector __attribute__((vector_size(4 * CHANNELS), aligned(1)));
typedef float few_channels __attribute__((vector_size(16), aligned(1)));

/// What one block sees: `x` points at the map's row and column, on the map or off it, that the block's first window
/// begins with.
struct depthwise_block {
    const struct gradcam_sliding_window *window;
    const float *x, *w;
    /// The block's first column of the map, and the lines of the windows that lie on the map.
    long left, first_line, end_line;
};

#define ON_MAP(COLUMN) (inside || (unsigned long)(b->left + (COLUMN)) < (unsigned long)in_width)

/// sum[p] = the window's sum for pixel p of `pixels`.
#define DEPTHWISE(NAME, T)                                                                                          \
    INLINE void NAME(const struct depthwise_block *b, long c, const int pixels, const int width, const int stride,  \
                     const bool inside, T sum[PIXELS]) {                                                            \
        const struct gradcam_sliding_window *window = b->window;                                                    \
        const long channels = window->channels, in_width = window->in_width;                                        \
        UNROLL for (int p = 0; p < pixels; p++) sum[p] = (T){0};                                                    \
        for (long line = b->first_line; line < b->end_line; line++) {                                               \
            const float *x = b->x + line * window->dilation_y * in_width * channels + c;                            \
            const float *w = b->w + line * window->kernel_width * channels + c;                                     \
            if (width > 0) {                                                                                        \
                T by[7];                                                                                            \
                UNROLL for (int t = 0; t < width; t++, w += channels) by[t] = *(const T *)w;                        \
                UNROLL for (int j = 0; j < (pixels - 1) * stride + width; j++, x += channels)                       \
                    if (ON_MAP(j)) {                                                                                \
                        T v = *(const T *)x;                                                                        \
                        UNROLL for (int p = 0; p < pixels; p++)                                                     \
                            if (j - p * stride >= 0 && j - p * stride < width) sum[p] += v * by[j - p * stride];    \
                    }                                                                                               \
            } else {                                                                                                \
                for (long t = 0; t < window->kernel_width; t++) {                                                   \
                    T by = *(const T *)(w + t * channels);                                                          \
                    UNROLL for (int p = 0; p < pixels; p++) {                                                       \
                        long column = p * window->stride_x + t * window->dilation_x;                                \
                        if (ON_MAP(column)) sum[p] += *(const T *)(x + column * channels) * by;                     \
                    }                                                                                               \
                }                                                                                                   \
            }                                                                                                       \
        }                                                                                                           \
    }

DEPTHWISE(depthwise_wide, lanes16)
DEPTHWISE(depthwise_vector, channels_vector)
DEPTHWISE(depthwise_few, few_channels)
DEPTHWISE(depthwise_one, lane)

#define PUT_CHANNELS(NAME, T, CLIPPED)                                                              \
    {                                                                                               \
        T sum[PIXELS];                                                                              \
        NAME(b, c, pixels, width, stride, inside, sum);                                             \
        UNROLL for (int p = 0; p < pixels; p++) {                                                   \
            T v = sum[p];                                                                           \
            long at = p * b->window->channels + c;                                                  \
            if (e) {                                                                                \
                if (e->scale) v *= *(const T *)(e->scale + c);                                      \
                if (e->shift) v += *(const T *)(e->shift + c);                                      \
                if (e->residual) v += *(const T *)(e->residual + offset + at);                      \
                CLIPPED                                                                             \
            }                                                                                       \
            *(T *)(y + at) = v;                                                                     \
        }                                                                                           \
    }

/// Channels `first` to `end` of a block of y.
INLINE void depthwise_channels(const struct depthwise_block *b, long first, long end, const int pixels,
                               const int width, const int stride, const bool inside, float *y,
                               const struct gradcam_epilogue *e, long offset) {
    const float low = lowest(e), high = highest(e);
    const channels_vector lows = (channels_vector){0} + low, highs = (channels_vector){0} + high;
    const few_channels few_lows = (few_channels){0} + low, few_highs = (few_channels){0} + high;
    const lanes16 wide_lows = (lanes16){0} + low, wide_highs = (lanes16){0} + high;
    long c = first;
    if (width == 0)
        for (; c + 16 <= end; c += 16)
            PUT_CHANNELS(depthwise_wide, lanes16, v = CLIP(v, wide_lows, wide_highs);)
    for (; c + CHANNELS <= end; c += CHANNELS)
        PUT_CHANNELS(depthwise_vector, channels_vector, v = CLIP(v, lows, highs);)
    for (; c + 4 <= end; c += 4) PUT_CHANNELS(depthwise_few, few_channels, v = CLIP(v, few_lows, few_highs);)
    for (; c < end; c++) PUT_CHANNELS(depthwise_one, lane, v = v < low ? low : v; v = v > high ? high : v;)
}

/// The same of one pixel, where a line is shorter than a block.
WHOLE_VECTORS
static void depthwise_pixel(const struct depthwise_block *b, long first, long end, float *y,
                            const struct gradcam_epilogue *e, long offset) {
    depthwise_channels(b, first, end, 1, 0, 0, false, y, e, offset);
}

/// A line of y, channels c to `until`; the last block of many pixels computes some of those before once more.
#define BLOCKS(COUNT, WIDTH, STRIDE)                                                                            \
    for (long column = 0; column < out_width;) {                                                                \
        const bool many = out_width >= COUNT;                                                                   \
        if (many && column > out_width - COUNT) column = out_width - COUNT;                                     \
        const long offset = column * window.channels;                                                           \
        b.left = column * window.stride_x - window.pad_left;                                                    \
        b.x = row + b.left * window.channels;                                                                   \
        const bool inside                                                                                       \
            = many && b.left >= 0 && b.left + (COUNT - 1) * window.stride_x + reach < window.in_width;          \
        if (inside) depthwise_channels(&b, c, until, COUNT, WIDTH, STRIDE, true, y + offset, last, offset);     \
        else if (many) depthwise_channels(&b, c, until, COUNT, WIDTH, STRIDE, false, y + offset, last, offset); \
        else depthwise_pixel(&b, c, until, y + offset, last, offset);                                           \
        column += many ? COUNT : 1;                                                                             \
    }                                                                                                           \
    break;

WHOLE_VECTORS
static void depthwise_line(const float *x, const struct gradcam_sliding_window *slides, long line, long first,
                           long count, const float *w, float *y, const struct gradcam_epilogue *epilogue) {
    // Copies, as for all that the compiler knows what is written could be the originals.
    const struct gradcam_sliding_window window = *slides;
    const struct gradcam_epilogue copy = epilogue ? *epilogue : (struct gradcam_epilogue){0};
    const struct gradcam_epilogue *last = epilogue ? &copy : NULL;
    const long top = line * window.stride_y - window.pad_top, out_width = window.out_width;
    const long reach = (window.kernel_width - 1) * window.dilation_x;
    const float *row = x + top * window.in_width * window.channels;
    struct depthwise_block b = {
        .window = &window, .w = w, .first_line = first_tap(top, window.dilation_y),
        .end_line = end_tap(top, window.dilation_y, window.kernel_height, window.in_height),
    };
    // Half a line of the cache at a time, pixels a power of two apart would drive each other out of it.
    const bool crowded = CHANNELS < 16 && window.channels % 512 == 0;
    const long kind = window.dilation_x == 1 && window.stride_x <= 2 && !crowded
        ? 10 * window.kernel_width + window.stride_x : 0;
    const long taps = window.kernel_height * window.kernel_width, near = NEAR_WEIGHTS / taps / 16 * 16;
    const long some = near < 16 ? 16 : near;
    for (long c = first; c < first + count; c += some) {
        const long until = c + some < first + count ? c + some : first + count;
        switch (kind) {
        case 31: BLOCKS(PIXELS, 3, 1)
        case 32: BLOCKS(PIXELS, 3, 2)
        case 51: BLOCKS(PIXELS, 5, 1)
        case 52: BLOCKS(PIXELS, 5, 2)
        case 71: BLOCKS(PIXELS, 7, 1)
        default: BLOCKS(FEWER_PIXELS, 0, 0)
        }
        close_epilogue(last, y + c, window.channels, out_width, until - c);
    }
}
