#include "CKernels.h"

#include <string.h>

typedef float quad __attribute__((vector_size(16), aligned(4)));

void transpose(const float *from, long row, long rows, long columns, float *to, long width) {
    long r = 0;
    for (; r + 4 <= rows; r += 4) {
        const float *w = from + r * row;
        long c = 0;
        for (; c + 4 <= columns; c += 4) {
            quad q0 = *(const quad *)(w + c), q1 = *(const quad *)(w + row + c);
            quad q2 = *(const quad *)(w + 2 * row + c), q3 = *(const quad *)(w + 3 * row + c);
            quad a = __builtin_shufflevector(q0, q1, 0, 4, 1, 5), b = __builtin_shufflevector(q0, q1, 2, 6, 3, 7);
            quad d = __builtin_shufflevector(q2, q3, 0, 4, 1, 5), e = __builtin_shufflevector(q2, q3, 2, 6, 3, 7);
            *(quad *)(to + c * width + r) = __builtin_shufflevector(a, d, 0, 1, 4, 5);
            *(quad *)(to + (c + 1) * width + r) = __builtin_shufflevector(a, d, 2, 3, 6, 7);
            *(quad *)(to + (c + 2) * width + r) = __builtin_shufflevector(b, e, 0, 1, 4, 5);
            *(quad *)(to + (c + 3) * width + r) = __builtin_shufflevector(b, e, 2, 3, 6, 7);
        }
        for (; c < columns; c++) for (long i = 0; i < 4; i++) to[c * width + r + i] = w[i * row + c];
    }
    for (; r < rows; r++) for (long c = 0; c < columns; c++) to[c * width + r] = from[r * row + c];
}

/// Columns that are transposed at a time, in memory near the processor.
#define NEAR 64

static inline void copy(float *to, const float *from, long width) {
    for (long r = 0; r < width; r += 16) for (long i = r; i < r + 16; i += 4) *(quad *)(to + i) = *(const quad *)(from + i);
}

void pack_panel(long width, float *panel, const float *w, long rows, long row, long depth, long taps) {
    if (taps == 1) {
        if (rows < width) memset(panel, 0, width * depth * sizeof(float));
        return transpose(w, row, rows, depth, panel, width);
    }
    float near[NEAR * 32] = {0};
    for (long start = 0, i = 0, t = 0; start < depth * taps; start += NEAR) {
        long count = depth * taps - start < NEAR ? depth * taps - start : NEAR;
        transpose(w + start, row, rows, count, near, width);
        for (long q = 0; q < count; q++) {
            copy(panel + (t * depth + i) * width, near + q * width, width);
            if (++t == taps) { t = 0; i++; }
        }
    }
}

void pack_turned_panel(long width, float *panel, const float *w, long rows, long depth, long step, long taps) {
    if (taps == 1 && rows == width) {
        for (long i = 0; i < depth; i++) copy(panel + i * width, w + i * step, width);
        return;
    }
    float near[NEAR * 32] = {0};
    for (long i = 0; i < depth; i++)
        for (long start = 0; start < taps; start += NEAR) {
            long count = taps - start < NEAR ? taps - start : NEAR;
            transpose(w + i * step + start, taps, rows, count, near, width);
            for (long q = 0; q < count; q++) copy(panel + ((taps - 1 - start - q) * depth + i) * width, near + q * width, width);
        }
}

#if defined(__x86_64__)

/// How deep a product goes before its sums are written back: what is read meanwhile stays in the first cache.
#define DEPTH 256

/// Columns whose weights, so deep, stay in the second cache while all rows of x meet them.
#define WIDE 256

// Without the width said, the compiler would split 512-bit vectors in two.
#define ONLY_ON(ARCH, LANES) __attribute__((target(ARCH), min_vector_width(32 * LANES)))

// A tile of ROWS x (2 vectors) of y stays in registers while k runs: one load of two vectors of weights serves all rows.
#define DEFINE_PRODUCT(NAME, ARCH, VECTOR, LANES, ROWS)                                                                     \
    typedef float VECTOR __attribute__((vector_size(4 * LANES), aligned(4)));                                               \
    ONLY_ON(ARCH, LANES) __attribute__((always_inline)) static inline void NAME##_tile(              \
        const int rows, const float *x, long ldx, const float *w, const float *next, float *y, long ldy, long n, long k, int adds) {           \
        VECTOR sum[ROWS][2];                                                                                                \
        _Pragma("clang loop unroll(full)") for (int i = 0; i < rows; i++) { sum[i][0] = (VECTOR){0}; sum[i][1] = (VECTOR){0}; }\
        for (long p = 0; p < k; p++, w += 2 * LANES) {                                                                      \
            __builtin_prefetch(next + p * 2 * LANES, 0, 2);                                                                 \
            VECTOR w0 = *(const VECTOR *)w, w1 = *(const VECTOR *)(w + LANES);                                              \
            _Pragma("clang loop unroll(full)") for (int i = 0; i < rows; i++) {                                             \
                float a = x[i * ldx + p];                                                                                   \
                sum[i][0] += a * w0;                                                                                        \
                sum[i][1] += a * w1;                                                                                        \
            }                                                                                                               \
        }                                                                                                                   \
        if (n >= 2 * LANES) {                                                                                               \
            _Pragma("clang loop unroll(full)") for (int i = 0; i < rows; i++) {                                             \
                VECTOR *t = (VECTOR *)(y + i * ldy);                                                                        \
                t[0] = adds ? t[0] + sum[i][0] : sum[i][0];                                                                 \
                t[1] = adds ? t[1] + sum[i][1] : sum[i][1];                                                                 \
            }                                                                                                               \
        } else {                                                                                                            \
            _Pragma("clang loop unroll(full)") for (int i = 0; i < rows; i++) {                                             \
                float part[2 * LANES];                                                                                      \
                *(VECTOR *)part = sum[i][0];                                                                                \
                *(VECTOR *)(part + LANES) = sum[i][1];                                                                      \
                for (long j = 0; j < n; j++) y[i * ldy + j] = adds ? y[i * ldy + j] + part[j] : part[j];                    \
            }                                                                                                               \
        }                                                                                                                   \
    }                                                                                                                       \
    ONLY_ON(ARCH, LANES) static void NAME(                                           \
        const float *x, long ldx, const float *panels, float *y, long ldy, long m, long n, long k, int adds) {              \
        /* Rows so far apart would fight for the same lines of the cache: a part of them is copied near. */                 \
        float near[ROWS][DEPTH + 16];                                                                                       \
        int crowded = ldx % 512 == 0;                                                                                       \
        long blocks = (m + ROWS - 1) / ROWS;                                                                                \
        for (long left = 0; left < n; left += WIDE) {                                                                       \
            long right = n - left < WIDE ? n : left + WIDE;                                                                 \
            for (long start = 0; start < k; start += DEPTH) {                                                               \
                long depth = k - start < DEPTH ? k - start : DEPTH;                                                         \
                const float *first_panel = panels + left * k + start * 2 * LANES;                                           \
                /* What comes next is fetched from memory meanwhile. */                                                     \
                const float *coming = start + DEPTH < k ? first_panel + DEPTH * 2 * LANES : right < n ? panels + right * k : first_panel;\
                for (long block = 0; block < blocks; block++) {                                                             \
                    long first = m * block / blocks, rows = m * (block + 1) / blocks - first;                               \
                    const float *from = x + first * ldx + start;                                                            \
                    long row = ldx;                                                                                         \
                    if (crowded) {                                                                                          \
                        for (long i = 0; i < rows; i++) memcpy(near[i], from + i * ldx, depth * sizeof(float));             \
                        from = near[0], row = DEPTH + 16;                                                                   \
                    }                                                                                                       \
                    float *to = y + first * ldy;                                                                            \
                    for (long column = left; column < right; column += 2 * LANES) {                                         \
                        const float *w = first_panel + (column - left) * k;                                                 \
                        const float *next = block < 2 ? coming + (column - left) * k + block * LANES : w;                   \
                        switch (rows) { CASES_##ROWS(NAME) }                                                                \
                    }                                                                                                       \
                }                                                                                                           \
            }                                                                                                               \
        }                                                                                                                   \
    }

#define CASE(NAME, R) case R: NAME##_tile(R, from, row, w, next, to + column, ldy, n - column, depth, adds || start > 0); break;
#define CASES_6(N) CASE(N, 1) CASE(N, 2) CASE(N, 3) CASE(N, 4) CASE(N, 5) CASE(N, 6)
#define CASES_14(N) CASES_6(N) CASE(N, 7) CASE(N, 8) CASE(N, 9) CASE(N, 10) CASE(N, 11) CASE(N, 12) CASE(N, 13) CASE(N, 14)

DEFINE_PRODUCT(product_avx512, "arch=x86-64-v4", v16, 16, 14)
DEFINE_PRODUCT(product_avx2, "arch=x86-64-v3", v8, 8, 6)

long packed_width(void) {
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512vl")) return 32;
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2") ? 16 : 0;
}

void packed_product(long width, const float *x, long ldx, const float *panels, float *y, long ldy, long m, long n, long k, int adds) {
    if (width == 32) product_avx512(x, ldx, panels, y, ldy, m, n, k, adds);
    else product_avx2(x, ldx, panels, y, ldy, m, n, k, adds);
}

#else

long packed_width(void) { return 0; }

void packed_product(long width, const float *x, long ldx, const float *panels, float *y, long ldy, long m, long n, long k, int adds) {
    (void)width; (void)x; (void)ldx; (void)panels; (void)y; (void)ldy; (void)m; (void)n; (void)k; (void)adds;
}

#endif
