// Winograd's F(4 x 4, 3 x 3) and F(2 x 2, 3 x 3): B^T d B of 6 x 6 or 4 x 4 inputs, A^T m A of as many products,
// G g G^T of 3 x 3 filters.
//
// Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016, section 4.1.

// B^T d and A^T m along one axis, of tiles of 4 and of 2 output pixels.
#define INPUT_4(T, D, PUT)                                                  \
    {                                                                       \
        T d0 = D(0), d1 = D(1), d2 = D(2), d3 = D(3), d4 = D(4), d5 = D(5); \
        T a = d4 - 4 * d2, b = d3 - 4 * d1, e = d4 - d2, f = 2 * (d3 - d1); \
        PUT(0, 4 * d0 - 5 * d2 + d4)                                        \
        PUT(1, a + b)                                                       \
        PUT(2, a - b)                                                       \
        PUT(3, e + f)                                                       \
        PUT(4, e - f)                                                       \
        PUT(5, 4 * d1 - 5 * d3 + d5)                                        \
    }
#define OUTPUT_4(T, M, PUT)                                                 \
    {                                                                       \
        T m0 = M(0), m1 = M(1), m2 = M(2), m3 = M(3), m4 = M(4), m5 = M(5); \
        T a = m1 + m2, b = m1 - m2, e = m3 + m4, f = m3 - m4;               \
        PUT(0, m0 + a + e)                                                  \
        PUT(1, b + 2 * f)                                                   \
        PUT(2, a + 4 * e)                                                   \
        PUT(3, b + 8 * f + m5)                                              \
    }
#define INPUT_2(T, D, PUT)                            \
    {                                                 \
        T d0 = D(0), d1 = D(1), d2 = D(2), d3 = D(3); \
        PUT(0, d0 - d2)                               \
        PUT(1, d1 + d2)                               \
        PUT(2, d2 - d1)                               \
        PUT(3, d1 - d3)                               \
    }
#define OUTPUT_2(T, M, PUT)                           \
    {                                                 \
        T m0 = M(0), m1 = M(1), m2 = M(2), m3 = M(3); \
        PUT(0, m0 + m1 + m2)                          \
        PUT(1, m1 - m2 - m3)                          \
    }

#define HALF_PUT(I, V) half[I][j] = V;
#define HALF_GET(I) half[i][I]

#define PIXEL(I) (inside || pixels[side * I + j] ? *(const T *)(pixels[side * I + j] + c) : (T){0})
#define PLANE_PUT(I, V) *(T *)(to + (side * i + I) * plane + c) = V;
#define INPUT_CHANNELS(LANES)                                              \
    {                                                                      \
        typedef LANES T;                                                   \
        T half[6][6];                                                      \
        if (tile == 4) {                                                   \
            for (int j = 0; j < side; j++) INPUT_4(T, PIXEL, HALF_PUT)     \
            for (int i = 0; i < side; i++) INPUT_4(T, HALF_GET, PLANE_PUT) \
        } else {                                                           \
            for (int j = 0; j < side; j++) INPUT_2(T, PIXEL, HALF_PUT)     \
            for (int i = 0; i < side; i++) INPUT_2(T, HALF_GET, PLANE_PUT) \
        }                                                                  \
    }

INLINE void input_tile(const int tile, const float *const *pixels, const int inside, long channels, float *to,
                       long plane) {
    const int side = tile + 2;
    long c = 0;
    for (; c + 16 <= channels; c += 16) INPUT_CHANNELS(lanes16)
    if (c < channels) INPUT_CHANNELS(lanes8)
}

WHOLE_VECTORS
static void winograd_input(long tile, const float *x, long height, long width, long channels, long top, long left,
                           float *to, long plane) {
    const float *pixels[36];
    const long side = tile + 2;
    for (long i = 0; i < side; i++)
        for (long j = 0; j < side; j++) {
            long row = top + i, column = left + j;
            int inside = row >= 0 && row < height && column >= 0 && column < width;
            pixels[side * i + j] = inside ? x + (row * width + column) * channels : 0;
        }
    const bool inside = pixels[0] && pixels[side * side - 1];
    if (tile == 2) {
        if (inside) input_tile(2, pixels, 1, channels, to, plane);
        else input_tile(2, pixels, 0, channels, to, plane);
    } else {
        if (inside) input_tile(4, pixels, 1, channels, to, plane);
        else input_tile(4, pixels, 0, channels, to, plane);
    }
}

#define PRODUCT(I) *(const T *)(from + (side * I + j) * plane + c)
#define PIXEL_PUT(I, V)                                     \
    if (I < columns) {                                      \
        long at = (i * width + I) * channels + c;           \
        T v = V;                                            \
        if (adds) v += *(const T *)(y + at);                \
        if (last) {                                         \
            if (scale) v *= *(const T *)(scale + c);        \
            if (shift) v += *(const T *)(shift + c);        \
            if (residual) v += *(const T *)(residual + at); \
            v = CLIP(v, lows, highs);                       \
        }                                                   \
        *(T *)(y + at) = v;                                 \
    }
#define OUTPUT_CHANNELS(LANES)                                              \
    {                                                                       \
        typedef LANES T;                                                    \
        T half[4][6], lows = (T){0} + low, highs = (T){0} + high;           \
        if (tile == 4) {                                                    \
            for (int j = 0; j < side; j++) OUTPUT_4(T, PRODUCT, HALF_PUT)   \
            for (int i = 0; i < rows; i++) OUTPUT_4(T, HALF_GET, PIXEL_PUT) \
        } else {                                                            \
            for (int j = 0; j < side; j++) OUTPUT_2(T, PRODUCT, HALF_PUT)   \
            for (int i = 0; i < rows; i++) OUTPUT_2(T, HALF_GET, PIXEL_PUT) \
        }                                                                   \
    }

INLINE void output_tile(const int tile, const float *from, long plane, long channels, float *y, long width, long rows,
                        long columns, bool adds, const struct gradcam_epilogue *last) {
    const int side = tile + 2;
    const float *scale = last ? last->scale : NULL, *shift = last ? last->shift : NULL;
    const float *residual = last ? last->residual : NULL;
    const float low = lowest(last), high = highest(last);
    long c = 0;
    for (; c + 16 <= channels; c += 16) OUTPUT_CHANNELS(lanes16)
    if (c < channels) OUTPUT_CHANNELS(lanes8)
}

WHOLE_VECTORS
static void winograd_output(long tile, const float *from, long plane, long channels, float *y, long width, long rows,
                            long columns, bool adds, const struct gradcam_epilogue *last) {
    if (tile == 2) output_tile(2, from, plane, channels, y, width, rows, columns, adds, last);
    else output_tile(4, from, plane, channels, y, width, rows, columns, adds, last);
    for (long i = 0; i < rows; i++) close_epilogue(last, y + i * width * channels, 0, 1, columns * channels);
}

// G g along one axis: factors, as a division takes many times longer.
#define FILTER_4(T, G, PUT)                                                            \
    {                                                                                  \
        T g0 = G(0), g1 = G(1), g2 = G(2);                                             \
        T even = g0 + g2, wide = 1.0f / 24 * g0 + 1.0f / 6 * g2, mid = 1.0f / 12 * g1; \
        PUT(0, 0.25f * g0)                                                             \
        PUT(1, -1.0f / 6 * (even + g1))                                                \
        PUT(2, -1.0f / 6 * (even - g1))                                                \
        PUT(3, wide + mid)                                                             \
        PUT(4, wide - mid)                                                             \
        PUT(5, g2)                                                                     \
    }
#define FILTER_2(T, G, PUT)                                \
    {                                                      \
        T g0 = G(0), g1 = G(1), g2 = G(2), even = g0 + g2; \
        PUT(0, g0)                                         \
        PUT(1, 0.5f * (even + g1))                         \
        PUT(2, 0.5f * (even - g1))                         \
        PUT(3, g2)                                         \
    }

#define TAP(I) *(const T *)(taps + (3 * I + j) * count + c)
#define FILTERS(LANES, FILTER)                                        \
    {                                                                 \
        typedef LANES T;                                              \
        T half[6][3];                                                 \
        for (int j = 0; j < 3; j++) FILTER(T, TAP, HALF_PUT)          \
        for (int i = 0; i < side; i++) FILTER(T, HALF_GET, PLANE_PUT) \
    }

/// Rounded alike at every width.
WHOLE_VECTORS
static void winograd_filters(long tile, const float *taps, long count, float *to, long plane) {
    _Pragma("clang fp contract(off)")
    const int side = tile == 2 ? 4 : 6;
    long c = 0;
    if (tile == 2) {
        for (; c + 16 <= count; c += 16) FILTERS(lanes16, FILTER_2)
        if (c < count) FILTERS(lanes8, FILTER_2)
    } else {
        for (; c + 16 <= count; c += 16) FILTERS(lanes16, FILTER_4)
        if (c < count) FILTERS(lanes8, FILTER_4)
    }
}
