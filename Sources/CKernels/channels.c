#include "CKernels.h"

#include <math.h>
#include <stddef.h>

#if defined(__x86_64__)
#define EVERY_WIDTH __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define EVERY_WIDTH
#endif

EVERY_WIDTH
void channelwise(float *restrict y, long rows, long stride, long channels, const float *restrict scale,
                 const float *restrict shift, const float *restrict residual, float low, float high) {
    for (long row = 0; row < rows; row++, y += stride) {
        if (scale && shift) for (long c = 0; c < channels; c++) y[c] = y[c] * scale[c] + shift[c];
        else if (scale) for (long c = 0; c < channels; c++) y[c] *= scale[c];
        else if (shift && residual) {
            const float *r = residual + row * stride;
            for (long c = 0; c < channels; c++) {
                float v = y[c] + shift[c] + r[c];
                v = v > low ? v : low;
                y[c] = v < high ? v : high;
            }
            continue;
        } else if (shift && !residual) {
            for (long c = 0; c < channels; c++) {
                float v = y[c] + shift[c];
                v = v > low ? v : low;
                y[c] = v < high ? v : high;
            }
            continue;
        } else if (shift) for (long c = 0; c < channels; c++) y[c] += shift[c];
        if (residual) for (long c = 0; c < channels; c++) y[c] += residual[row * stride + c];
        for (long c = 0; c < channels; c++) {
            float v = y[c] > low ? y[c] : low;
            y[c] = v < high ? v : high;
        }
    }
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
