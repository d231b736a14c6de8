// The innermost loops over pictures' rows, compiled for SSE2 and AVX2; the processor's own are taken at run time, or
// those of SSE2 where GRADCAM_KERNELS is sse2. Both give the same bits: each operation is rounded by itself, in the order
// that is written here.
#ifndef CPIXELS_H
#define CPIXELS_H

#include <stdint.h>

/// One axis of a bilinear resize: out[c + channels * i] = row[c + low[i]] * (1 - share[i]) + row[c + high[i]] *
/// share[i] for i < count, c < channels; low and high count numbers, not pixels.
void pixels_stretch(const float *row, const int32_t *low, const int32_t *high, const float *share, long count,
                    long channels, float *out);
/// The other: out = above * (1 - share) + below * share.
void pixels_mix(const float *above, const float *below, float share, float *out, long count);
/// Multiplies three numbers a pixel by the pixel's weight.
void pixels_weigh(float *numbers, const float *weights, long width);

/// The sum of up to 128 numbers, of n / 8 * 8 in 8 interleaved sums ((0 + 1) + (2 + 3)) + ((4 + 5) + (6 + 7)), the
/// others after them.
float pixels_sum(const float *numbers, long count);
/// The same of (x - mean) * (x - mean).
float pixels_sum_squares(const float *numbers, long count, float mean);
/// out = ((x - mean) / spread * 0.1 + 0.5) * 255, see `pixels_levels`.
void pixels_deprocess(const float *numbers, float mean, float spread, uint8_t *out, long count);

/// out = x * 255 cut to 0...255, its fraction dropped; NaN gives 0.
void pixels_levels(const float *numbers, uint8_t *out, long count);
/// The greatest of `brightest` and heat[3 * level + c] + light[value] over a row's pixels, three values each. `light`
/// rises with the value.
float pixels_brightest(const uint8_t *levels, const uint8_t *photo, long width, const float *heat, const float *light,
                       float brightest);
/// out = results[level][c][value], of 256 x 3 x 256.
void pixels_look_up(const uint8_t *levels, const uint8_t *photo, const uint8_t *results, uint8_t *out, long width);

/// A row of pixels at another width: out[i] = (2^(shift - 1) + sum over k < counts[i] of weights[taps * i + k] *
/// rgb[first[i] + k]) / 2^shift rounded down, cut to 0...255, for three values a pixel. No sum of a part may overflow.
void pixels_resample(const uint8_t *rgb, const long *first, const long *counts, const int32_t *weights, long taps,
                     int shift, uint8_t *out, long width);
/// Adds `count` values times a weight to sums.
void pixels_add_weighted(int32_t *sums, const uint8_t *values, int32_t weight, long count);
/// out = sums / 2^shift rounded down, cut to 0...255.
void pixels_cut(const int32_t *sums, int shift, uint8_t *out, long count);

#endif
