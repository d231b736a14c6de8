// The loops of one width of vectors.
#pragma once
#include "CPixels.h"

struct loops {
    __typeof__(pixels_stretch) *stretch;
    __typeof__(pixels_mix) *mix;
    __typeof__(pixels_weigh) *weigh;
    __typeof__(pixels_sum) *sum;
    __typeof__(pixels_sum_squares) *sum_squares;
    __typeof__(pixels_deprocess) *deprocess;
    __typeof__(pixels_levels) *levels;
    __typeof__(pixels_brightest) *brightest;
    __typeof__(pixels_look_up) *look_up;
    __typeof__(pixels_resample) *resample;
    __typeof__(pixels_add_weighted) *add_weighted;
    __typeof__(pixels_cut) *cut;
};

/// For every processor (SSE2 on x86-64), and for AVX2, on x86-64 alone.
extern const struct loops pixels_baseline, pixels_avx2;
