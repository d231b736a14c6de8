#include "CKernels.h"

#if defined(__x86_64__)
#define EVERY_WIDTH __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define EVERY_WIDTH
#endif

// One loop for every set of operands, so that each is read once. y and x are the same memory or apart.
#define ROWS(EXPRESSION)                                                                    \
    for (long row = 0; row < rows; row++) {                                                 \
        float *to = y + row * stride;                                                       \
        const float *from = x + row * stride, *added = residual ? residual + row * stride : from;\
        (void)added;                                                                        \
        _Pragma("clang loop vectorize(assume_safety)")                                      \
        for (long c = 0; c < channels; c++) {                                               \
            float v = EXPRESSION;                                                           \
            v = v > low ? v : low;                                                          \
            to[c] = v < high ? v : high;                                                    \
        }                                                                                   \
    }

EVERY_WIDTH
void channelwise(float *y, const float *x, long rows, long stride, long channels, const float *scale,
                 const float *shift, const float *residual, float low, float high) {
    switch ((scale ? 4 : 0) + (shift ? 2 : 0) + (residual ? 1 : 0)) {
    case 0: ROWS(from[c]) break;
    case 1: ROWS(from[c] + added[c]) break;
    case 2: ROWS(from[c] + shift[c]) break;
    case 3: ROWS(from[c] + shift[c] + added[c]) break;
    case 4: ROWS(from[c] * scale[c]) break;
    case 5: ROWS(from[c] * scale[c] + added[c]) break;
    case 6: ROWS(from[c] * scale[c] + shift[c]) break;
    case 7: ROWS(from[c] * scale[c] + shift[c] + added[c]) break;
    }
}

EVERY_WIDTH
void rectifier_gradient(float *target, float *restrict d, const float *restrict y, long count, float low, float high, enum rectifier_rule rule) {
    switch (rule) {
    case rectifier_plain: for (long i = 0; i < count; i++) d[i] = ((y[i] > low) & (y[i] < high)) ? d[i] : 0; break;
    case rectifier_guided: for (long i = 0; i < count; i++) d[i] = ((y[i] > low) & (d[i] > 0)) ? d[i] : 0; break;
    case rectifier_deconvnet: for (long i = 0; i < count; i++) d[i] = d[i] > 0 ? d[i] : 0; break;
    }
    if (target) for (long i = 0; i < count; i++) target[i] += d[i];
}

typedef float lanes __attribute__((vector_size(64), aligned(4)));

EVERY_WIDTH
void depthwise_pixel(const float *x, const long *offsets, const float *w, const long *filters, long taps, long channels, float *y) {
    long c = 0;
    for (; c + 32 <= channels; c += 32) {
        lanes a = {0}, b = {0};
        for (long t = 0; t < taps; t++) {
            const float *from = x + offsets[t] + c, *by = w + filters[t] + c;
            a += *(const lanes *)from * *(const lanes *)by;
            b += *(const lanes *)(from + 16) * *(const lanes *)(by + 16);
        }
        *(lanes *)(y + c) = a;
        *(lanes *)(y + c + 16) = b;
    }
    for (; c + 16 <= channels; c += 16) {
        lanes a = {0};
        for (long t = 0; t < taps; t++) a += *(const lanes *)(x + offsets[t] + c) * *(const lanes *)(w + filters[t] + c);
        *(lanes *)(y + c) = a;
    }
    for (; c < channels; c++) {
        float a = 0;
        for (long t = 0; t < taps; t++) a += x[offsets[t] + c] * w[filters[t] + c];
        y[c] = a;
    }
}

EVERY_WIDTH
void maximum(float *restrict y, const float *restrict x, long count) {
    for (long i = 0; i < count; i++) y[i] = x[i] > y[i] ? x[i] : y[i];
}
