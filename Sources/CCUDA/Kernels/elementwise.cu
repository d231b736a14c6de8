// Functions of one number.

static __device__ float sigmoid(float x) { return 1 / (1 + expf(-x)); }
static __device__ float softplus(float x) { return x > 20 ? x : log1pf(expf(x)); }
static __device__ float bounded(float x, float low, float high) { return x < low ? low : x > high ? high : x; }
static __device__ float gelu_inner(float x) { return 0.7978845608f * (x + 0.044715f * x * x * x); }

static __device__ float unary_value(int function, float a, float b, float x) {
    switch (function) {
    case unary_abs: return fabsf(x);
    case unary_acos: return acosf(x);
    case unary_acosh: return acoshf(x);
    case unary_asin: return asinf(x);
    case unary_asinh: return asinhf(x);
    case unary_atan: return atanf(x);
    case unary_atanh: return atanhf(x);
    case unary_ceil: return ceilf(x);
    case unary_cos: return cosf(x);
    case unary_cosh: return coshf(x);
    case unary_erf: return erff(x);
    case unary_exp: return expf(x);
    case unary_floor: return floorf(x);
    case unary_hard_swish: return x * bounded(x / 6 + 0.5f, 0, 1);
    case unary_is_nan: return x != x ? 1 : 0;
    case unary_log: return logf(x);
    case unary_mish: return x * tanhf(softplus(x));
    case unary_neg: return -x;
    case unary_not: return x == 0 ? 1 : 0;
    case unary_reciprocal: return 1 / x;
    case unary_sigmoid: return sigmoid(x);
    case unary_sign: return x > 0 ? 1 : x < 0 ? -1 : x;
    case unary_sin: return sinf(x);
    case unary_sinh: return sinhf(x);
    case unary_softplus: return softplus(x);
    case unary_softsign: return x / (1 + fabsf(x));
    case unary_sqrt: return sqrtf(x);
    case unary_tan: return tanf(x);
    case unary_tanh: return tanhf(x);
    case unary_leaky_relu: return x > 0 ? x : a * x;
    case unary_elu: return x > 0 ? x : a * expm1f(x);
    case unary_celu: return x > 0 ? x : a * expm1f(x / a);
    case unary_selu: return b * (x > 0 ? x : a * expm1f(x));
    case unary_thresholded_relu: return x > a ? x : 0;
    case unary_shrink: return x < -a ? x + b : x > a ? x - b : 0;
    case unary_hard_sigmoid: return bounded(a * x + b, 0, 1);
    case unary_swish: return x * sigmoid(a * x);
    case unary_is_inf: return fabsf(x) > 3.402823466e38f && (x > 0 ? b : a) != 0 ? 1 : 0;
    case unary_gelu: return 0.5f * x * (1 + erff(x * 0.7071067812f));
    case unary_gelu_tanh: return 0.5f * x * (1 + tanhf(gelu_inner(x)));
    case unary_round: return rintf(x);
    case unary_truth: return x != 0 ? 1 : 0;
    case unary_truncate: return truncf(x);
    case unary_wrap: return truncf(x) - floorf((truncf(x) - a) / b) * b;
    default: return x;
    }
}

/// The derivative at x, where y is the value there.
static __device__ float unary_slope(int function, float a, float b, float x, float y) {
    switch (function) {
    case unary_abs: return x > 0 ? 1 : x < 0 ? -1 : 0;
    case unary_acos: return -1 / sqrtf(1 - x * x);
    case unary_acosh: return 1 / sqrtf(x * x - 1);
    case unary_asin: return 1 / sqrtf(1 - x * x);
    case unary_asinh: return 1 / sqrtf(1 + x * x);
    case unary_atan: return 1 / (1 + x * x);
    case unary_atanh: return 1 / (1 - x * x);
    case unary_cos: return -sinf(x);
    case unary_cosh: return sinhf(x);
    case unary_erf: return 1.1283791671f * expf(-x * x);
    case unary_exp: return y;
    case unary_hard_swish: return x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5f;
    case unary_log: return 1 / x;
    case unary_mish: {
        float t = tanhf(softplus(x));
        return t + x * (1 - t * t) * sigmoid(x);
    }
    case unary_neg: return -1;
    case unary_reciprocal: return -y * y;
    case unary_sigmoid: return y * (1 - y);
    case unary_sin: return cosf(x);
    case unary_sinh: return coshf(x);
    case unary_softplus: return sigmoid(x);
    case unary_softsign: return 1 / ((1 + fabsf(x)) * (1 + fabsf(x)));
    case unary_sqrt: return 0.5f / y;
    case unary_tan: return 1 + y * y;
    case unary_tanh: return 1 - y * y;
    case unary_leaky_relu: return x > 0 ? 1 : a;
    case unary_elu: return x > 0 ? 1 : y + a;
    case unary_celu: return x > 0 ? 1 : expf(x / a);
    case unary_selu: return x > 0 ? b : y + b * a;
    case unary_thresholded_relu: return x > a ? 1 : 0;
    case unary_shrink: return fabsf(x) > a ? 1 : 0;
    case unary_hard_sigmoid: return y > 0 && y < 1 ? a : 0;
    case unary_swish: {
        float s = sigmoid(a * x);
        return s + a * y * (1 - s);
    }
    case unary_gelu: return 0.5f * (1 + erff(x * 0.7071067812f)) + x * expf(-0.5f * x * x) * 0.3989422804f;
    case unary_gelu_tanh: {
        float t = tanhf(gelu_inner(x));
        return 0.5f * (1 + t) + 0.5f * x * (1 - t * t) * 0.7978845608f * (1 + 0.134145f * x * x);
    }
    default: return 1;
    }
}

KERNEL(unary_forward) {
    EACH(i) p.y[i] = unary_value(p.function, p.a, p.b, p.x[i]);
}

KERNEL(unary_gradient) {
    EACH(i) p.t[i] += p.d[i] * unary_slope(p.function, p.a, p.b, p.x[i], p.y[i]);
}

KERNEL(clip_forward) {
    EACH(i) p.y[i] = bounded(p.x[i], p.low, p.high);
}

KERNEL(clip_gradient) {
    EACH(i) {
        float y = p.y[i], d = p.d[i];
        bool passes = p.rule == rectifier_plain    ? y > p.low && y < p.high
                      : p.rule == rectifier_guided ? y > p.low && d > 0
                                                   : d > 0;
        if (passes) p.t[i] += d;
    }
}

KERNEL(channels_forward) {
    EACH(i) {
        whole channel = rest(over(i, p.inner), p.channels);
        p.y[i] = p.scale[channel] * p.x[i] + p.shift[channel];
    }
}

KERNEL(channels_gradient) {
    EACH(i) p.t[i] += p.scale[rest(over(i, p.inner), p.channels)] * p.d[i];
}

KERNEL(bias_forward) {
    EACH(i) p.y[i] += p.bias[rest(over(i, p.inner), p.channels)];
}

KERNEL(quantize_forward) {
    EACH(i) {
        whole s = p.blocks ? p.blocks[rest(i, p.numbers)] : rest(over(i, p.inner), p.slices);
        p.y[i] = p.quantizes ? bounded(rintf(p.x[i] / p.scales[s]) + p.zeros[s], p.low, p.high)
                             : (p.x[i] - p.zeros[s]) * p.scales[s];
    }
}

KERNEL(quantize_gradient) {
    EACH(i) {
        whole s = p.blocks ? p.blocks[rest(i, p.numbers)] : rest(over(i, p.inner), p.slices);
        if (!p.quantizes) {
            p.t[i] += p.d[i] * p.scales[s];
            continue;
        }
        float q = rintf(p.x[i] / p.scales[s]) + p.zeros[s];
        if (q >= p.low && q <= p.high) p.t[i] += p.d[i] / p.scales[s];
    }
}
