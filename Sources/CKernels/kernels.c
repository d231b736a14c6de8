// Which kernels run, and their contracts: every call from outside comes through here.

#include "contracts.h"
#include "kernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// MARK: The choice

struct choice {
    const char *name;
    const struct kernels *kernels;
    /// NULL: products are of float32.
    const struct tile_kernels *tiles;
};

/// What runs: set before the program's first line, constant from then on.
static struct choice chosen;
static bool packs = true;
static char fault[200];

enum { MOST_CHOICES = 5 };

/// Those that this processor can run, the fastest first, and at the end what is for tests; how many.
static int choices(struct choice found[MOST_CHOICES]) {
    int count = 0;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("x86-64-v4")) {
#if defined(__linux__)
        if (gradcam_may_use_amx()) found[count++] = (struct choice){"amx", &gradcam_avx512, &gradcam_amx_tiles};
#endif
        found[count++] = (struct choice){"avx512", &gradcam_avx512, NULL};
    }
    if (__builtin_cpu_supports("x86-64-v3")) found[count++] = (struct choice){"avx2", &gradcam_avx2, NULL};
    found[count++] = (struct choice){"sse2", &gradcam_baseline, NULL};
#else
    found[count++] = (struct choice){"baseline", &gradcam_baseline, NULL};
#endif
    static struct kernels widened;
    widened = *found[0].kernels;
    if (widened.packed_width != 32) {
        widened.packed_width = 32;
        widened.packed_product = gradcam_emulated_tiles.packed_product;
    }
    found[count++] = (struct choice){"amx-emulated", &widened, &gradcam_emulated_tiles};
    return count;
}

__attribute__((constructor)) static void choose(void) {
    struct choice found[MOST_CHOICES];
    int count = choices(found);
    chosen = found[0];
    const char *wanted = getenv("GRADCAM_KERNELS");
    if (!wanted || !*wanted) return;
    if (!strcmp(wanted, "openblas")) {
        chosen.name = "openblas";
        chosen.tiles = NULL;
        packs = false;
        return;
    }
    for (int i = 0; i < count; i++)
        if (!strcmp(wanted, found[i].name)) {
            chosen = found[i];
            return;
        }
    snprintf(fault, sizeof fault, "GRADCAM_KERNELS is '%.40s'; on this processor it must be one of openblas",
             wanted);
    for (int i = 0; i < count; i++) {
        strcat(fault, ", ");
        strcat(fault, found[i].name);
    }
}

const char *gradcam_kernels_fault(void) { return *fault ? fault : NULL; }

const char *gradcam_kernels(void) { return chosen.name; }

long gradcam_packed_width(void) { return packs ? chosen.kernels->packed_width : 0; }

bool gradcam_has_split_products(void) { return chosen.tiles != NULL; }

// MARK: Contracts

void gradcam_packed_product(const float *x, long ldx, const float *panels, float *y, long ldy, long m, long n, long k,
                            bool adds, const struct gradcam_epilogue *epilogue) {
    assert(gradcam_packed_width() > 0 && m >= 0 && n >= 0 && k > 0 && x && panels && y);
    assert(m <= 1 || (ldx >= k && ldy >= n));
    assert(apart(y, span(m, ldy, n), x, span(m, ldx, k)) && apart(y, span(m, ldy, n), panels, n * k));
    assert(!epilogue || !epilogue->residual || apart(y, span(m, ldy, n), epilogue->residual, span(m, ldy, n)));
    chosen.kernels->packed_product(x, ldx, panels, y, ldy, m, n, k, adds, epilogue);
}

void gradcam_split_panel(float *panel, long k, bool thrice) {
    assert(chosen.tiles && panel && k >= 0);
    chosen.tiles->split_panel(panel, k, thrice);
}

float gradcam_largest(const float *w, long count) {
    assert(chosen.tiles && w && count >= 0);
    return chosen.tiles->largest(w, count);
}

void gradcam_split_product(const float *x, long ldx, const float *panels, float *y, long ldy, long m, long n, long k,
                           bool adds, bool thrice) {
    assert(chosen.tiles && m >= 0 && n >= 0 && k > 0 && x && panels && y);
    assert(m <= 1 || (ldx >= k && ldy >= n));
    assert(apart(y, span(m, ldy, n), x, span(m, ldx, k)) && apart(y, span(m, ldy, n), panels, n * k));
    enum { BLOCK = 32, WIDTH = 32 };
    const long whole = k / BLOCK * BLOCK, rest = k - whole;
    if (whole == 0) return chosen.kernels->packed_product(x, ldx, panels, y, ldy, m, n, k, adds, NULL);
    chosen.tiles->product(x, ldx, panels, y, ldy, m, n, k, adds, thrice);
    if (rest == 0) return;
    for (long j = 0; j < n; j += WIDTH)
        chosen.kernels->packed_product(x + whole, ldx, panels + j * k + whole * WIDTH, y + j, ldy, m,
                                       n - j < WIDTH ? n - j : WIDTH, rest, true, NULL);
}

void gradcam_few_rows_product(const float *x, long ldx, const float *w, long ldw, float *y, long ldy, long m, long n,
                              long k) {
    assert(m >= 0 && n >= 0 && k >= 0 && x && w && y);
    assert((m <= 1 || (ldx >= k && ldy >= n)) && (n <= 1 || ldw >= k));
    assert(apart(y, span(m, ldy, n), x, span(m, ldx, k)) && apart(y, span(m, ldy, n), w, span(n, ldw, k)));
    chosen.kernels->few_rows_product(x, ldx, w, ldw, y, ldy, m, n, k);
}

void gradcam_add_scaled_rows(const float *scales, const float *const *rows, long count, float *y, long n) {
    assert(count >= 0 && n >= 0 && (count == 0 || (scales && rows && y)));
    for (long r = 0; r < count; r++) assert(rows[r] && (rows[r] == y || apart(y, n, rows[r], n)));
    chosen.kernels->add_scaled_rows(scales, rows, count, y, n);
}

void gradcam_winograd_input(long tile, const float *x, long height, long width, long channels, long top, long left,
                            float *to, long plane) {
    assert(tile == 2 || tile == 4);
    assert(height > 0 && width > 0 && channels > 0 && channels % 8 == 0 && plane >= channels && x && to);
    assert(apart(to, span((tile + 2) * (tile + 2), plane, channels), x, height * width * channels));
    chosen.kernels->winograd_input(tile, x, height, width, channels, top, left, to, plane);
}

void gradcam_winograd_output(long tile, const float *from, long plane, long channels, float *y, long width, long rows,
                             long columns, bool adds, const struct gradcam_epilogue *epilogue) {
    assert(tile == 2 || tile == 4);
    assert(channels > 0 && channels % 8 == 0 && plane >= channels && from && y);
    assert(rows >= 0 && rows <= tile && columns >= 0 && columns <= tile && (rows <= 1 || columns <= width));
    assert(apart(y, span(rows, width * channels, columns * channels), from,
                 span((tile + 2) * (tile + 2), plane, channels)));
    chosen.kernels->winograd_output(tile, from, plane, channels, y, width, rows, columns, adds, epilogue);
}

void gradcam_winograd_filters(long tile, const float *taps, long count, float *to, long plane) {
    assert(count > 0 && count % 8 == 0 && plane >= count && taps && to);
    assert((tile == 2 || tile == 4) && apart(to, span((tile + 2) * (tile + 2), plane, count), taps, 9 * count));
    chosen.kernels->winograd_filters(tile, taps, count, to, plane);
}

void gradcam_unfold(const float *x, const struct gradcam_sliding_window *window, long first, long count, float *to) {
    assert(slides(window) && first >= 0 && count >= 0 && x && to);
    assert(apart(to, unfolded(window, count), x, seen(window)));
    chosen.kernels->unfold(x, window, first, count, to);
}

void gradcam_fold(const float *windows, const struct gradcam_sliding_window *window, long first, long end, float *x,
                  long top, long bottom) {
    assert(slides(window) && 0 <= first && first <= end && windows && x);
    assert(0 <= top && top <= bottom && bottom <= window->in_height);
    assert(apart(x, seen(window), windows, unfolded(window, (end - first) * window->out_width)));
    chosen.kernels->fold(windows, window, first, end, x, top, bottom);
}

void gradcam_depthwise_line(const float *x, const struct gradcam_sliding_window *window, long line, long first,
                            long count, const float *w, float *y, const struct gradcam_epilogue *epilogue) {
    assert(slides(window) && line >= 0 && first >= 0 && count >= 0 && first + count <= window->channels && x && w && y);
    assert(apart(y, window->out_width * window->channels, x, seen(window)));
    chosen.kernels->depthwise_line(x, window, line, first, count, w, y, epilogue);
}

void gradcam_channelwise(float *y, long y_stride, const float *x, long x_stride, long rows, long channels,
                         const struct gradcam_epilogue *epilogue) {
    assert(rows >= 0 && channels >= 0 && y && x && (rows <= 1 || (y_stride >= channels && x_stride >= channels)));
    assert((x == y && (rows <= 1 || x_stride == y_stride))
           || apart(y, span(rows, y_stride, channels), x, span(rows, x_stride, channels)));
    assert(!epilogue->residual
           || apart(y, span(rows, y_stride, channels), epilogue->residual, span(rows, y_stride, channels)));
    chosen.kernels->channelwise(y, y_stride, x, x_stride, rows, channels, epilogue);
}

void gradcam_rectifier_gradient(float *target, bool overwrites, float *d, const float *y, long count, float low,
                                float high, enum gradcam_rectifier_rule rule) {
    assert(count >= 0 && d && y && apart(d, count, y, count));
    assert(!target || (apart(target, count, d, count) && apart(target, count, y, count)));
    chosen.kernels->rectifier_gradient(target, overwrites, d, y, count, low, high, rule);
}

void gradcam_maximum(float *y, const float *x, long count) {
    assert(count >= 0 && y && x && apart(y, count, x, count));
    chosen.kernels->maximum(y, x, count);
}

void gradcam_maximum_gradient(float *target, float *d, const float *x, const float *y, long count) {
    assert(count >= 0 && d && x && y && apart(d, count, x, count) && apart(d, count, y, count));
    assert(!target || (apart(target, count, d, count) && apart(target, count, x, count)
                       && apart(target, count, y, count)));
    chosen.kernels->maximum_gradient(target, d, x, y, count);
}

void gradcam_function(enum gradcam_function which, float a, float b, const float *x, long x_stride, float *y,
                      long y_stride, long rows, long count) {
    assert(rows >= 0 && count >= 0 && x && y && (rows <= 1 || (y_stride >= count && x_stride >= count)));
    assert((x == y && (rows <= 1 || x_stride == y_stride))
           || apart(y, span(rows, y_stride, count), x, span(rows, x_stride, count)));
    chosen.kernels->function(which, a, b, x, x_stride, y, y_stride, rows, count);
}

void gradcam_function_gradient(enum gradcam_function which, float a, float b, const float *x, const float *d,
                               float *target, long count) {
    assert(count >= 0 && x && d && target && apart(target, count, x, count) && apart(target, count, d, count));
    chosen.kernels->function_gradient(which, a, b, x, d, target, count);
}

void gradcam_softmax(const float *x, float *y, long count) {
    assert(count > 0 && x && y && apart(y, count, x, count));
    chosen.kernels->softmax(x, y, count);
}

void gradcam_combine(enum gradcam_pair which, const float *a, long a_stride, long a_step, const float *b, long b_stride,
                     long b_step, float *y, long y_stride, long rows, long count) {
    assert(rows >= 0 && count >= 0 && a && b && y && (rows <= 1 || y_stride >= count));
    assert(a_step >= 0 && b_step >= 0 && a_stride >= 0 && b_stride >= 0);
    assert((a == y && a_step == 1 && (rows <= 1 || a_stride == y_stride))
           || apart(y, span(rows, y_stride, count), a, span(rows, a_stride, 1 + (count - 1) * a_step)));
    assert(apart(y, span(rows, y_stride, count), b, span(rows, b_stride, 1 + (count - 1) * b_step)));
    chosen.kernels->combine(which, a, a_stride, a_step, b, b_stride, b_step, y, y_stride, rows, count);
}

double gradcam_deviations(const float *x, long count, float mean, bool squares) {
    assert(count >= 0 && x);
    return chosen.kernels->deviations(x, count, mean, squares);
}

void gradcam_normalize(const float *x, float *y, long count, float mean, float scale, const float *gain,
                       const float *shift) {
    assert(count >= 0 && x && y && gain && shift && apart(y, count, x, count));
    assert(apart(y, count, gain, count) && apart(y, count, shift, count));
    chosen.kernels->normalize(x, y, count, mean, scale, gain, shift);
}

void gradcam_add_rows(const float *x, long stride, long rows, float *y, long count) {
    assert(rows >= 0 && count >= 0 && x && y && (rows <= 1 || stride >= count));
    assert(apart(y, count, x, span(rows, stride, count)));
    chosen.kernels->add_rows(x, stride, rows, y, count);
}
