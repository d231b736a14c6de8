// Functions of one number, without branches, so that the compiler computes as many at a time as a vector holds. Their
// polynomials are fitted at Chebyshev nodes for the least relative error, which is a few units in the last place.

INLINE float bounded(float x, float low, float high) {
    x = x < low ? low : x;
    return x > high ? high : x;
}

/// e^x = 2^n * e^r with |r| <= ln(2) / 2: gives e^r, and n + `added` as the last bits of a float's.
INLINE float reduced_exponential(float x, int added, unsigned *bits) {
    float above = 12582912 + added, shifted = x * 1.44269504f + above, n = shifted - above;
    float r = x - n * 0.693359375f + n * 2.12194440e-4f;
    float p = 0.00138367375f;
    p = p * r + 0.00837489846f;
    p = p * r + 0.0416682323f;
    p = p * r + 0.166664198f;
    p = p * r + 0.49999991f;
    p = p * r + 1;
    p = p * r + 1;
    memcpy(bits, &shifted, sizeof *bits);
    return p;
}

INLINE float of_bits(unsigned bits) {
    float number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

/// Infinite and denormal results, and NaN, come out as they should.
INLINE float exponential(float x) {
    unsigned bits;
    float p = reduced_exponential(bounded(x, -110, 90), 0, &bits);
    // In two steps, as 2^n itself may be no normal float.
    int n = (int)bits - 0x4B400000, half = n >> 1;
    return p * of_bits((unsigned)(half + 127) << 23) * of_bits((unsigned)(n - half + 127) << 23);
}

/// For sums with numbers that are not small: what is below 1e-38 comes out as that.
INLINE float normal_exponential(float x) {
    unsigned bits;
    float p = reduced_exponential(bounded(x, -87, 89), 127, &bits);
    return p * of_bits(bits << 23);
}

/// x * P(x^2) / Q(x^2) where |x| < 4, else 1 with the sign of x.
INLINE float error_function(float x) {
    x = bounded(x, -4, 4);
    float s = x * x;
    float p = 1.98673433e-06f;
    p = p * s + 0.000284564798f;
    p = p * s + 0.0038834156f;
    p = p * s + 0.053101968f;
    p = p * s + 0.19354713f;
    p = p * s + 1.12837911f;
    float q = 3.74196097e-05f;
    q = q * s + 0.00118558307f;
    q = q * s + 0.0152074005f;
    q = q * s + 0.115350805f;
    q = q * s + 0.504859209f;
    q = q * s + 1;
    return bounded(x * p / q, -1, 1);
}

INLINE float logistic(float x) { return 1 / (1 + normal_exponential(-x)); }

/// tanh of log(1 + e^x): (n^2 + 2 n) / (n^2 + 2 n + 2) with n = e^x; 0 where e^x is no normal number, as x may be large.
INLINE float mish_gate(float x) {
    float n = normal_exponential(x > 20 ? 20 : x), m = n * (n + 2);
    return x < -87 ? 0 : m / (m + 2);
}

// Sixteen numbers at a time, at any width: a vector of 512 bits has them, narrower ones wait less for one another.
#define SIXTEENS _Pragma("clang loop vectorize(assume_safety) vectorize_width(16) interleave_count(1)")

#define EVERY(COUNT, FROM, TO, EXPRESSION) \
    for (long i = 0; i < COUNT; i++) {     \
        float v = FROM[i];                 \
        TO[i] = EXPRESSION;                \
    }

// What is left over of sixteens is computed with some of those before it, and first, as a row may be written over.
#define EACH(EXPRESSION)                                                                      \
    for (long row = 0; row < rows; row++) {                                                   \
        const float *from = x + row * x_stride;                                               \
        float *to = y + row * y_stride, last[16];                                             \
        const long whole = count - count % 16;                                                \
        if (count < 16) {                                                                     \
            _Pragma("clang loop vectorize(assume_safety)") EVERY(count, from, to, EXPRESSION) \
            continue;                                                                         \
        }                                                                                     \
        if (whole < count) {                                                                  \
            memcpy(last, from + count - 16, sizeof last);                                     \
            SIXTEENS EVERY(16, last, last, EXPRESSION)                                        \
        }                                                                                     \
        SIXTEENS EVERY(whole, from, to, EXPRESSION)                                           \
        if (whole < count) memcpy(to + count - 16, last, sizeof last);                        \
    }                                                                                         \
    break;

/// y and x are the same memory or apart.
WHOLE_VECTORS
static void function(enum gradcam_function which, float a, float b, const float *x, long x_stride, float *y,
                     long y_stride, long rows, long count) {
    switch (which) {
    case gradcam_clip: EACH(bounded(v, a, b))
    case gradcam_exp: EACH(exponential(v))
    case gradcam_erf: EACH(error_function(v))
    case gradcam_sigmoid: EACH(logistic(v))
    case gradcam_swish: EACH(v / (1 + normal_exponential(-a * v)))
    case gradcam_gelu: EACH(0.5f * v * (1 + error_function(v * 0.707106781f)))
    case gradcam_gelu_tanh: EACH(v / (1 + normal_exponential(-v * (1.59576912f + 0.0713548163f * v * v))))
    case gradcam_mish: EACH(v * mish_gate(v))
    case gradcam_hard_sigmoid: EACH(bounded(a * v + b, 0, 1))
    case gradcam_hard_swish: EACH(v * bounded(v * 0.166666667f + 0.5f, 0, 1))
    case gradcam_leaky_relu: EACH(v > 0 ? v : a * v)
    }
}

/// The bounds of an epilogue, which are none where there is none, or where it ends with another function than the clip.
INLINE float lowest(const struct gradcam_epilogue *e) {
    return e && e->function == gradcam_clip ? e->a : -__builtin_inff();
}
INLINE float highest(const struct gradcam_epilogue *e) {
    return e && e->function == gradcam_clip ? e->b : __builtin_inff();
}

/// The function of an epilogue of which all else is done, on `rows` rows of `count` numbers; a clip is done too.
INLINE void close_epilogue(const struct gradcam_epilogue *e, float *y, long stride, long rows, long count) {
    if (e && e->function != gradcam_clip) function(e->function, e->a, e->b, y, stride, y, stride, rows, count);
}

/// y(1 - y) of y = logistic(x)
INLINE float logistic_slope(float y) { return y * (1 - y); }

INLINE float swish_slope(float x, float y, float inner) { return y + x * inner * logistic_slope(y); }

#define EACH_SLOPE(EXPRESSION)             \
    for (long i = 0; i < count; i++) {     \
        float v = x[i];                    \
        target[i] += d[i] * (EXPRESSION);  \
    }                                      \
    break;

WHOLE_VECTORS
static void function_gradient(enum gradcam_function which, float a, float b, const float *restrict x,
                              const float *restrict d, float *restrict target, long count) {
    switch (which) {
    case gradcam_clip: EACH_SLOPE(((v > a) & (v < b)) ? 1 : 0)
    case gradcam_exp: EACH_SLOPE(exponential(v))
    case gradcam_erf: EACH_SLOPE(1.12837917f * normal_exponential(-v * v))
    case gradcam_sigmoid: EACH_SLOPE(logistic_slope(logistic(v)))
    case gradcam_swish: EACH_SLOPE(swish_slope(v, logistic(a * v), a))
    case gradcam_gelu:
        EACH_SLOPE(0.5f * (1 + error_function(v * 0.707106781f))
                   + 0.39894228f * v * normal_exponential(-0.5f * v * v))
    case gradcam_gelu_tanh:
        EACH_SLOPE(swish_slope(v, logistic(v * (1.59576912f + 0.0713548163f * v * v)),
                               1.59576912f + 0.214064449f * v * v))
    case gradcam_mish: EACH_SLOPE(mish_gate(v) + v * (1 - mish_gate(v) * mish_gate(v)) * logistic(v))
    case gradcam_hard_sigmoid: EACH_SLOPE(((a * v + b > 0) & (a * v + b < 1)) ? a : 0)
    case gradcam_hard_swish: EACH_SLOPE(v <= -3 ? 0 : v >= 3 ? 1 : v * 0.333333333f + 0.5f)
    case gradcam_leaky_relu: EACH_SLOPE(v > 0 ? 1 : a)
    }
}

/// Sixteen running results, so that numbers do not depend on the width of the vectors.
WHOLE_VECTORS
static void softmax(const float *restrict x, float *restrict y, long count) {
    lanes16 some = (lanes16){0} - __builtin_inff();
    long end = count - count % 16;
    for (long i = 0; i < end; i += 16) some = __builtin_elementwise_max(*(const lanes16 *)(x + i), some);
    float peak = greatest_of(&some);
    for (long i = end; i < count; i++) peak = x[i] > peak ? x[i] : peak;
    SIXTEENS for (long i = 0; i < count; i++) {
        float v = x[i] - peak, power = normal_exponential(v);
        y[i] = v < -87 ? 0 : power;
    }
    some = (lanes16){0};
    for (long i = 0; i < end; i += 16) some += *(const lanes16 *)(y + i);
    float sum = sum_of(&some);
    for (long i = end; i < count; i++) sum += y[i];
    float part = 1 / sum;
    for (long i = 0; i < count; i++) y[i] *= part;
}
