// The loops of CPixels.h, compiled once for each width of vectors: inside baseline.c and avx2.c.

#include "widths.h"

#include <string.h>

#pragma clang fp contract(off)

typedef float lanes8 __attribute__((vector_size(32), aligned(4)));

static void stretch(const float *row, const int32_t *low, const int32_t *high, const float *share, long count,
                    long channels, float *restrict out) {
    for (long i = 0; i < count; i++)
        for (long c = 0; c < channels; c++)
            out[channels * i + c] = row[low[i] + c] * (1 - share[i]) + row[high[i] + c] * share[i];
}

static void mix(const float *above, const float *below, float share, float *restrict out, long count) {
    float rest = 1 - share;
    for (long i = 0; i < count; i++) out[i] = above[i] * rest + below[i] * share;
}

static void weigh(float *restrict numbers, const float *restrict weights, long width) {
    long i = 0;
    for (; i + 8 <= width; i += 8) {
        lanes8 w = *(const lanes8 *)(weights + i), *n = (lanes8 *)(numbers + 3 * i);
        n[0] *= __builtin_shufflevector(w, w, 0, 0, 0, 1, 1, 1, 2, 2);
        n[1] *= __builtin_shufflevector(w, w, 2, 3, 3, 3, 4, 4, 4, 5);
        n[2] *= __builtin_shufflevector(w, w, 5, 5, 6, 6, 6, 7, 7, 7);
    }
    for (; i < width; i++)
        for (int c = 0; c < 3; c++) numbers[3 * i + c] *= weights[i];
}

/// Of eight.
__attribute__((always_inline)) static inline float added(const lanes8 *sums) {
    lanes8 s = *sums;
    return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}

static float sum(const float *numbers, long count) {
    lanes8 sums = {0};
    long i = 0;
    for (; i + 8 <= count; i += 8) sums += *(const lanes8 *)(numbers + i);
    float sum = added(&sums);
    for (; i < count; i++) sum += numbers[i];
    return sum;
}

static float sum_squares(const float *numbers, long count, float mean) {
    lanes8 sums = {0};
    long i = 0;
    for (; i + 8 <= count; i += 8) {
        lanes8 apart = *(const lanes8 *)(numbers + i) - mean;
        sums += apart * apart;
    }
    float sum = added(&sums);
    for (; i < count; i++) sum += (numbers[i] - mean) * (numbers[i] - mean);
    return sum;
}

/// Cut to 0...255, its fraction dropped; NaN gives 0.
__attribute__((always_inline)) static inline uint8_t truncated(float value) {
    value = value > 0 ? value : 0;
    value = value < 255 ? value : 255;
    return (uint8_t)(int32_t)value;
}

static void deprocess(const float *numbers, float mean, float spread, uint8_t *restrict out, long count) {
    for (long i = 0; i < count; i++) out[i] = truncated(((numbers[i] - mean) / spread * 0.1f + 0.5f) * 255);
}

static void levels(const float *numbers, uint8_t *restrict out, long count) {
    for (long i = 0; i < count; i++) out[i] = truncated(255 * numbers[i]);
}

static float brightest(const uint8_t *levels, const uint8_t *photo, long width, const float *heat, const float *light,
                       float brightest) {
    enum { BLOCK = 32 };
    float hottest[256];
    for (int level = 0; level < 256; level++) {
        const float *colour = heat + 3 * level;
        float most = colour[0] > colour[1] ? colour[0] : colour[1];
        hottest[level] = colour[2] > most ? colour[2] : most;
    }
    for (long start = 0; start < width; start += BLOCK) {
        long end = start + BLOCK < width ? start + BLOCK : width;
        if (end == start + BLOCK) { // its own brightest value under its hottest colour may be too dark
            uint8_t value = 0, least = 255, most = 0;
            for (int i = 0; i < 3 * BLOCK; i++) value = photo[3 * start + i] > value ? photo[3 * start + i] : value;
            for (int i = 0; i < BLOCK; i++) {
                uint8_t level = levels[start + i];
                least = level < least ? level : least;
                most = level > most ? level : most;
            }
            float bound = hottest[least];
            for (int level = least + 1; level <= most; level++)
                bound = hottest[level] > bound ? hottest[level] : bound;
            if (bound + light[value] <= brightest) continue;
        }
        for (long i = start; i < end; i++)
            for (int c = 0; c < 3; c++) {
                float sum = heat[3 * levels[i] + c] + light[photo[3 * i + c]];
                brightest = sum > brightest ? sum : brightest;
            }
    }
    return brightest;
}

static void look_up(const uint8_t *levels, const uint8_t *photo, const uint8_t *results, uint8_t *restrict out,
                    long width) {
    for (long i = 0; i < width; i++) {
        const uint8_t *colour = results + 768 * levels[i];
        out[3 * i] = colour[photo[3 * i]];
        out[3 * i + 1] = colour[256 + photo[3 * i + 1]];
        out[3 * i + 2] = colour[512 + photo[3 * i + 2]];
    }
}

__attribute__((always_inline)) static inline uint8_t cut_value(int32_t value) {
    value = value > 0 ? value : 0;
    return (uint8_t)(value < 255 ? value : 255);
}

static void resample(const uint8_t *rgb, const long *first, const long *counts, const int32_t *weights, long taps,
                     int shift, uint8_t *restrict out, long width) {
    typedef int32_t lanes4 __attribute__((vector_size(16)));
    typedef uint8_t bytes4 __attribute__((vector_size(4)));
    const int32_t half = 1 << (shift - 1);
    for (long i = 0; i < width; i++) {
        const uint8_t *pixels = rgb + 3 * first[i];
        const int32_t *w = weights + taps * i;
        lanes4 even = {half, half, half}, odd = {0};
        long k = 0;
        for (; k + 3 <= counts[i]; k += 2) { // four bytes are read of a pixel: the last one is left
            bytes4 one, other;
            memcpy(&one, pixels + 3 * k, 4);
            memcpy(&other, pixels + 3 * k + 3, 4);
            even += __builtin_convertvector(one, lanes4) * w[k];
            odd += __builtin_convertvector(other, lanes4) * w[k + 1];
        }
        even += odd;
        for (int c = 0; c < 3; c++) {
            int32_t sum = even[c];
            for (long rest = k; rest < counts[i]; rest++) sum += pixels[3 * rest + c] * w[rest];
            out[3 * i + c] = cut_value(sum >> shift);
        }
    }
}

static void add_weighted(int32_t *restrict sums, const uint8_t *restrict values, int32_t weight, long count) {
    for (long i = 0; i < count; i++) sums[i] += values[i] * weight;
}

static void cut(const int32_t *restrict sums, int shift, uint8_t *restrict out, long count) {
    for (long i = 0; i < count; i++) out[i] = cut_value(sums[i] >> shift);
}

#define LOOPS                                                                                                     \
    {.stretch = stretch, .mix = mix, .weigh = weigh, .sum = sum, .sum_squares = sum_squares,                      \
     .deprocess = deprocess, .levels = levels, .brightest = brightest, .look_up = look_up,                        \
     .resample = resample, .add_weighted = add_weighted, .cut = cut}
