// Winograd's F(4 x 4, 3 x 3): B^T d B of 6 x 6 inputs, A^T m A of 6 x 6 products, G g G^T of 3 x 3 filters.
//
// Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016, section 4.1.

// B^T d and A^T m along one axis.
#define INPUT(T, D, PUT)                                                    \
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
#define OUTPUT(T, M, PUT)                                                   \
    {                                                                       \
        T m0 = M(0), m1 = M(1), m2 = M(2), m3 = M(3), m4 = M(4), m5 = M(5); \
        T a = m1 + m2, b = m1 - m2, e = m3 + m4, f = m3 - m4;               \
        PUT(0, m0 + a + e)                                                  \
        PUT(1, b + 2 * f)                                                   \
        PUT(2, a + 4 * e)                                                   \
        PUT(3, b + 8 * f + m5)                                              \
    }

#define HALF_PUT(I, V) half[I][j] = V;
#define HALF_GET(I) half[i][I]

#define PIXEL(I) (inside || pixels[6 * I + j] ? *(const T *)(pixels[6 * I + j] + c) : (T){0})
#define PLANE_PUT(I, V) *(T *)(to + (6 * i + I) * plane + c) = V;
#define INPUT_CHANNELS(LANES)                                                       \
    {                                                                               \
        typedef LANES T;                                                            \
        T half[6][6];                                                               \
        for (int j = 0; j < 6; j++) INPUT(T, PIXEL, HALF_PUT)                       \
        for (int i = 0; i < 6; i++) INPUT(T, HALF_GET, PLANE_PUT)                   \
    }

INLINE void input_tile(
    const float *const *pixels, const int inside, long channels, float *to, long plane) {
    long c = 0;
    for (; c + 16 <= channels; c += 16) INPUT_CHANNELS(lanes16)
    if (c < channels) INPUT_CHANNELS(lanes8)
}

WHOLE_VECTORS
static void winograd_input(const float *x, long height, long width, long channels, long top, long left, float *to,
                           long plane) {
    const float *pixels[36];
    for (long i = 0; i < 6; i++)
        for (long j = 0; j < 6; j++) {
            long row = top + i, column = left + j;
            int inside = row >= 0 && row < height && column >= 0 && column < width;
            pixels[6 * i + j] = inside ? x + (row * width + column) * channels : 0;
        }
    if (pixels[0] && pixels[35]) input_tile(pixels, 1, channels, to, plane);
    else input_tile(pixels, 0, channels, to, plane);
}

#define PRODUCT(I) *(const T *)(from + (6 * I + j) * plane + c)
#define PIXEL_PUT(I, V)                                                \
    if (I < columns) {                                                 \
        long at = (i * width + I) * channels + c;                      \
        T v = V;                                                       \
        if (adds) v += *(const T *)(y + at);                           \
        if (last) {                                                    \
            if (scale) v *= *(const T *)(scale + c);                   \
            if (shift) v += *(const T *)(shift + c);                   \
            if (residual) v += *(const T *)(residual + at);            \
            v = CLIP(v, lows, highs);                                  \
        }                                                              \
        *(T *)(y + at) = v;                                            \
    }
#define OUTPUT_CHANNELS(LANES)                                          \
    {                                                                   \
        typedef LANES T;                                                \
        T half[4][6], lows = (T){0} + low, highs = (T){0} + high;       \
        for (int j = 0; j < 6; j++) OUTPUT(T, PRODUCT, HALF_PUT)        \
        for (int i = 0; i < rows; i++) OUTPUT(T, HALF_GET, PIXEL_PUT)   \
    }

WHOLE_VECTORS
static void winograd_output(const float *from, long plane, long channels, float *y, long width, long rows, long columns,
                            bool adds, const struct gradcam_epilogue *last) {
    const float *scale = last ? last->scale : NULL, *shift = last ? last->shift : NULL;
    const float *residual = last ? last->residual : NULL;
    const float low = lowest(last), high = highest(last);
    long c = 0;
    for (; c + 16 <= channels; c += 16) OUTPUT_CHANNELS(lanes16)
    if (c < channels) OUTPUT_CHANNELS(lanes8)
    for (long i = 0; i < rows; i++) close_epilogue(last, y + i * width * channels, 0, 1, columns * channels);
}

// G g along one axis: factors, as a division takes many times longer.
#define FILTER(T, G, PUT)                                                \
    {                                                                    \
        T g0 = G(0), g1 = G(1), g2 = G(2);                               \
        T even = g0 + g2, wide = 1.0f / 24 * g0 + 1.0f / 6 * g2, mid = 1.0f / 12 * g1; \
        PUT(0, 0.25f * g0)                                               \
        PUT(1, -1.0f / 6 * (even + g1))                                  \
        PUT(2, -1.0f / 6 * (even - g1))                                  \
        PUT(3, wide + mid)                                               \
        PUT(4, wide - mid)                                               \
        PUT(5, g2)                                                       \
    }

#define TAP(I) *(const T *)(taps + (3 * I + j) * count + c)
#define FILTERS(LANES)                                          \
    {                                                           \
        typedef LANES T;                                        \
        T half[6][3];                                           \
        for (int j = 0; j < 3; j++) FILTER(T, TAP, HALF_PUT)    \
        for (int i = 0; i < 6; i++) FILTER(T, HALF_GET, PLANE_PUT) \
    }

/// Rounded alike at every width.
WHOLE_VECTORS
static void winograd_filters(const float *taps, long count, float *to, long plane) {
    _Pragma("clang fp contract(off)")
    long c = 0;
    for (; c + 16 <= count; c += 16) FILTERS(lanes16)
    if (c < count) FILTERS(lanes8)
}
