// Which width runs: chosen before the program's first line.

#include "widths.h"

#include <stdlib.h>
#include <string.h>

static const struct loops *chosen = &pixels_baseline;

__attribute__((constructor)) static void choose(void) {
#if defined(__x86_64__)
    const char *wanted = getenv("GRADCAM_KERNELS");
    __builtin_cpu_init();
    if (__builtin_cpu_supports("x86-64-v3") && !(wanted && !strcmp(wanted, "sse2"))) chosen = &pixels_avx2;
#endif
}

void pixels_stretch(const float *row, const int32_t *low, const int32_t *high, const float *share, long count,
                    long channels, float *out) {
    chosen->stretch(row, low, high, share, count, channels, out);
}
void pixels_mix(const float *above, const float *below, float share, float *out, long count) {
    chosen->mix(above, below, share, out, count);
}
void pixels_weigh(float *numbers, const float *weights, long width) { chosen->weigh(numbers, weights, width); }
float pixels_sum(const float *numbers, long count) { return chosen->sum(numbers, count); }
float pixels_sum_squares(const float *numbers, long count, float mean) {
    return chosen->sum_squares(numbers, count, mean);
}
void pixels_deprocess(const float *numbers, float mean, float spread, uint8_t *out, long count) {
    chosen->deprocess(numbers, mean, spread, out, count);
}
void pixels_levels(const float *numbers, uint8_t *out, long count) { chosen->levels(numbers, out, count); }
float pixels_brightest(const uint8_t *levels, const uint8_t *photo, long width, const float *heat, const float *light,
                       float brightest) {
    return chosen->brightest(levels, photo, width, heat, light, brightest);
}
void pixels_look_up(const uint8_t *levels, const uint8_t *photo, const uint8_t *results, uint8_t *out, long width) {
    chosen->look_up(levels, photo, results, out, width);
}
void pixels_resample(const uint8_t *rgb, const long *first, const long *counts, const int32_t *weights, long taps,
                     int shift, uint8_t *out, long width) {
    chosen->resample(rgb, first, counts, weights, taps, shift, out, width);
}
void pixels_add_weighted(int32_t *sums, const uint8_t *values, int32_t weight, long count) {
    chosen->add_weighted(sums, values, weight, count);
}
void pixels_cut(const int32_t *sums, int shift, uint8_t *out, long count) { chosen->cut(sums, shift, out, count); }
