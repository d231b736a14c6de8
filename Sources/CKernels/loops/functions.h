// Functions of one number, without branches, so that the compiler computes as many at a time as a vector holds. Their
// polynomials are fitted at Chebyshev nodes; an error is at most a few units in the last place.

/// e^x: 2^n * e^r with |r| <= ln(2) / 2. Infinite and denormal results, and NaN, come out as they should.
INLINE float exponential(float x) {
    x = x < -110 ? -110 : x > 90 ? 90 : x;
    float shifted = x * 1.44269504f + 12582912; // Its last bits hold n.
    float whole = shifted - 12582912;
    float r = x - whole * 0.693359375f + whole * 2.12194440e-4f;
    float p = 0.00138367375f;
    p = p * r + 0.00837489846f;
    p = p * r + 0.0416682323f;
    p = p * r + 0.166664198f;
    p = p * r + 0.49999991f;
    p = p * r + 1;
    p = p * r + 1;
    int bits;
    memcpy(&bits, &shifted, sizeof bits);
    // In two steps, as 2^n itself may be no normal float.
    int n = bits - 0x4B400000, half = n >> 1;
    int first = (int)((unsigned)(half + 127) << 23), second = (int)((unsigned)(n - half + 127) << 23);
    float a, b;
    memcpy(&a, &first, sizeof a);
    memcpy(&b, &second, sizeof b);
    return p * a * b;
}

/// x * P(x^2) where |x| < 1, else 1 - e^Q(|x|) with the sign of x, which is 1 from 4 on.
INLINE float error_function(float x) {
    float s = x * x, u = x < 0 ? -x : x;
    u = u > 4 ? 4 : u;
    float p = 7.85385782e-05f;
    p = p * s - 0.000801019254f;
    p = p * s + 0.00518832775f;
    p = p * s - 0.0268538108f;
    p = p * s + 0.112835854f;
    p = p * s - 0.37612626f;
    p = p * s + 1.12837911f;
    float q = 0.000186380086f;
    q = q * u - 0.00294766692f;
    q = q * u + 0.0218380969f;
    q = q * u - 0.103106819f;
    q = q * u - 0.638144732f;
    q = q * u - 1.12708926f;
    q = q * u - 0.000341512583f;
    float far = 1 - exponential(q);
    far = x < 0 ? -far : far;
    return u < 1 ? x * p : far;
}

#define EACH(EXPRESSION)                                     \
    for (long i = 0; i < count; i++) {                       \
        float v = x[i];                                      \
        y[i] = EXPRESSION;                                   \
    }                                                        \
    break;

WHOLE_VECTORS
static void function(enum gradcam_function which, float by, const float *restrict x, float *restrict y, long count) {
    switch (which) {
    case gradcam_exp: EACH(exponential(v))
    case gradcam_erf: EACH(error_function(v))
    case gradcam_sigmoid: EACH(1 / (1 + exponential(-v)))
    case gradcam_swish: EACH(v / (1 + exponential(-by * v)))
    case gradcam_gelu: EACH(0.5f * v * (1 + error_function(v * 0.707106781f)))
    }
}

/// Sixteen running results, so that numbers do not depend on the width of the vectors.
WHOLE_VECTORS
static void softmax(const float *restrict x, float *restrict y, long count) {
    float some[16];
    for (int i = 0; i < 16; i++) some[i] = -__builtin_inff();
    long end = count - count % 16;
    for (long i = 0; i < end; i += 16)
        for (int lane = 0; lane < 16; lane++) some[lane] = x[i + lane] > some[lane] ? x[i + lane] : some[lane];
    for (long i = end; i < count; i++) some[i - end] = x[i] > some[i - end] ? x[i] : some[i - end];
    float peak = some[0];
    for (int i = 1; i < 16; i++) peak = some[i] > peak ? some[i] : peak;
    for (long i = 0; i < count; i++) y[i] = exponential(x[i] - peak);
    for (int i = 0; i < 16; i++) some[i] = 0;
    for (long i = 0; i < end; i += 16)
        for (int lane = 0; lane < 16; lane++) some[lane] += y[i + lane];
    for (long i = end; i < count; i++) some[i - end] += y[i];
    float sum = 0;
    for (int i = 0; i < 16; i++) sum += some[i];
    for (long i = 0; i < count; i++) y[i] /= sum;
}
