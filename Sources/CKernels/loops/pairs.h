// Numbers of two operands, and rows that are normalised: what the memory gives is what they take.

#define PAIR_LOOP(U, V, EXPRESSION)                                                         \
    _Pragma("clang loop vectorize(assume_safety)") for (long i = 0; i < count; i++) {       \
        float u = U, v = V;                                                                 \
        to[i] = EXPRESSION;                                                                 \
    }

#define PAIRS(EXPRESSION)                                                                   \
    for (long row = 0; row < rows; row++) {                                                 \
        const float *one = a + row * a_stride, *other = b + row * b_stride;                 \
        float *to = y + row * y_stride;                                                     \
        if (a_step == 1 && b_step == 1) PAIR_LOOP(one[i], other[i], EXPRESSION)             \
        else if (a_step == 1 && !b_step) PAIR_LOOP(one[i], *other, EXPRESSION)              \
        else if (!a_step && b_step == 1) PAIR_LOOP(*one, other[i], EXPRESSION)              \
        else PAIR_LOOP(one[i * a_step], other[i * b_step], EXPRESSION)                      \
    }                                                                                       \
    break;

/// y and a are the same memory or apart.
WHOLE_VECTORS
static void combine(enum gradcam_pair which, const float *a, long a_stride, long a_step, const float *b, long b_stride,
                    long b_step, float *y, long y_stride, long rows, long count) {
    switch (which) {
    case gradcam_sum: PAIRS(u + v)
    case gradcam_difference: PAIRS(u - v)
    case gradcam_product: PAIRS(u * v)
    case gradcam_quotient: PAIRS(u / v)
    }
}

/// Of 1024 numbers at a time in float32.
INLINE double deviation(const float *x, long count, float mean, const bool squares) {
    double total = 0;
    long i = 0, whole = count - count % 16;
    while (i < whole) {
        lanes16 sums[4] = {{0}, {0}, {0}, {0}};
        long end = whole - i < 1024 ? whole : i + 1024;
        for (; i + 64 <= end; i += 64)
            UNROLL for (int part = 0; part < 4; part++) {
                lanes16 d = *(const lanes16 *)(x + i + 16 * part) - mean;
                sums[part] += squares ? d * d : d;
            }
        for (; i < end; i += 16) {
            lanes16 d = *(const lanes16 *)(x + i) - mean;
            sums[0] += squares ? d * d : d;
        }
        lanes16 sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
        for (int lane = 0; lane < 8; lane++) total += sum[lane] + sum[lane + 8];
    }
    for (; i < count; i++) {
        float d = x[i] - mean;
        total += squares ? d * d : d;
    }
    return total;
}

static double deviations(const float *x, long count, float mean, bool squares) {
    return squares ? deviation(x, count, mean, true) : deviation(x, count, mean, false);
}

static void normalize(const float *restrict x, float *restrict y, long count, float mean, float scale,
                      const float *restrict gain, const float *restrict shift) {
    for (long i = 0; i < count; i++) y[i] = (x[i] - mean) * scale * gain[i] + shift[i];
}

/// Sums of rows, channel by channel.
static void add_rows(const float *restrict x, long stride, long rows, float *restrict y, long count) {
    long c = 0;
    for (; c + 16 <= count; c += 16) {
        lanes16 sums[4] = {{0}, {0}, {0}, {0}};
        long row = 0;
        for (; row + 4 <= rows; row += 4)
            UNROLL for (int part = 0; part < 4; part++) sums[part] += *(const lanes16 *)(x + (row + part) * stride + c);
        for (; row < rows; row++) sums[0] += *(const lanes16 *)(x + row * stride + c);
        *(lanes16 *)(y + c) += (sums[0] + sums[1]) + (sums[2] + sums[3]);
    }
    for (; c < count; c++) {
        float sum = 0;
        for (long row = 0; row < rows; row++) sum += x[row * stride + c];
        y[c] += sum;
    }
}
