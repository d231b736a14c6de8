// Loops over numbers that lie side by side: channels of a pixel, or all of a map.

/// One loop for every set of operands, so that each is read once, and a row's function while the row is near. y and x
/// are the same memory or apart.
#define CHANNELWISE(EXPRESSION)                                                                          \
    for (long row = 0; row < rows; row++) {                                                              \
        float *to = y + row * y_stride;                                                                  \
        const float *from = x + row * x_stride, *added = residual ? residual + row * y_stride : from;    \
        (void)added;                                                                                     \
        _Pragma("clang loop vectorize(assume_safety)") for (long c = 0; c < channels; c++) {             \
            float v = EXPRESSION;                                                                        \
            v = v < low ? low : v;                                                                       \
            to[c] = v > high ? high : v;                                                                 \
        }                                                                                                \
        close_epilogue(epilogue, to, 0, 1, channels);                                                    \
    }                                                                                                    \
    break;

static void channelwise(float *y, long y_stride, const float *x, long x_stride, long rows, long channels,
                        const struct gradcam_epilogue *epilogue) {
    const float *scale = epilogue->scale, *shift = epilogue->shift, *residual = epilogue->residual;
    const float low = lowest(epilogue), high = highest(epilogue);
    switch ((scale ? 4 : 0) + (shift ? 2 : 0) + (residual ? 1 : 0)) {
    case 0:
        function(epilogue->function, epilogue->a, epilogue->b, x, x_stride, y, y_stride, rows, channels);
        break;
    case 1: CHANNELWISE(from[c] + added[c])
    case 2: CHANNELWISE(from[c] + shift[c])
    case 3: CHANNELWISE(from[c] + shift[c] + added[c])
    case 4: CHANNELWISE(from[c] * scale[c])
    case 5: CHANNELWISE(from[c] * scale[c] + added[c])
    case 6: CHANNELWISE(from[c] * scale[c] + shift[c])
    case 7: CHANNELWISE(from[c] * scale[c] + shift[c] + added[c])
    }
}

/// Some numbers at a time, so that what passes is still near when it is added to the target.
enum { PASSED = 2048 };

static void rectifier_gradient(float *restrict target, bool overwrites, float *restrict d, const float *restrict y,
                               long count, float low, float high, enum gradcam_rectifier_rule rule) {
    for (long start = 0; start < count; start += PASSED) {
        long end = count - start < PASSED ? count : start + PASSED;
        switch (rule) {
        case gradcam_rectifier_plain:
            for (long i = start; i < end; i++) d[i] = ((y[i] > low) & (y[i] < high)) ? d[i] : 0;
            break;
        case gradcam_rectifier_guided:
            for (long i = start; i < end; i++) d[i] = ((y[i] > low) & (d[i] > 0)) ? d[i] : 0;
            break;
        case gradcam_rectifier_deconvnet:
            for (long i = start; i < end; i++) d[i] = d[i] > 0 ? d[i] : 0;
            break;
        }
        if (!target) continue;
        if (overwrites) for (long i = start; i < end; i++) target[i] = d[i];
        else for (long i = start; i < end; i++) target[i] += d[i];
    }
}

static void maximum(float *restrict y, const float *restrict x, long count) {
    for (long i = 0; i < count; i++) y[i] = x[i] > y[i] || x[i] != x[i] ? x[i] : y[i];
}

static void maximum_gradient(float *restrict target, float *restrict d, const float *restrict x,
                             const float *restrict y, long count) {
    for (long i = 0; i < count; i++) {
        float rest = d[i];
        if (target) target[i] += x[i] == y[i] ? rest : 0;
        d[i] = x[i] == y[i] ? 0 : rest;
    }
}
