// y (m x n) = x (m x k) * w (k x n), or y += it: a matrix product with w packed in panels of two vectors of columns,
// [panel][k][PANEL].
//
// Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", ACM TOMS 34(3), 2008: y is computed in
// tiles of TILE_ROWS x PANEL, whose sums stay in registers while k runs. The loops around order the tiles so that what
// they read is near:
//
//     for a strip of STRIP columns of y                 packed_product
//         for a slice of DEPTH of k: the strip's weights stay in the second cache
//             for a block of TILE_ROWS rows of y: its part of x stays in the first cache
//                 for a panel of the strip              multiply_block
//                     tile (+)= x (TILE_ROWS x DEPTH) * w (DEPTH x PANEL)

enum { DEPTH = 256, STRIP = 256, PANEL = 2 * LANES };

typedef float vector __attribute__((vector_size(4 * LANES), aligned(1)));

// Without the width said, the compiler would split 512-bit vectors in two.
#define FULL_WIDTH __attribute__((min_vector_width(32 * LANES)))

/// sum = x (rows x k) * w (k x PANEL): one load of two vectors of weights serves all rows. As much memory as w takes is
/// fetched from `next` on meanwhile.
FULL_WIDTH INLINE void sum_tile(const int rows, vector sum[TILE_ROWS][2], const float *x, long ldx, const float *w,
                                const float *next, long k) {
    UNROLL for (int i = 0; i < rows; i++) { sum[i][0] = (vector){0}; sum[i][1] = (vector){0}; }
    for (long p = 0; p < k; p++, w += PANEL, next += PANEL) {
        __builtin_prefetch(next, 0, 2);
        vector w0 = *(const vector *)w, w1 = *(const vector *)(w + LANES);
        UNROLL for (int i = 0; i < rows; i++) {
            float a = x[i * ldx + p];
            sum[i][0] += a * w0;
            sum[i][1] += a * w1;
        }
    }
}

/// Writes (or where `adds` adds) the first n columns of a tile's sums to y.
FULL_WIDTH INLINE void store_tile(const int rows, vector sum[TILE_ROWS][2], float *y, long ldy, long n, bool adds) {
    if (n >= PANEL) {
        UNROLL for (int i = 0; i < rows; i++) {
            vector *to = (vector *)(y + i * ldy);
            to[0] = adds ? to[0] + sum[i][0] : sum[i][0];
            to[1] = adds ? to[1] + sum[i][1] : sum[i][1];
        }
    } else {
        UNROLL for (int i = 0; i < rows; i++) {
            float part[PANEL];
            *(vector *)part = sum[i][0];
            *(vector *)(part + LANES) = sum[i][1];
            for (long j = 0; j < n; j++) y[i * ldy + j] = adds ? y[i * ldy + j] + part[j] : part[j];
        }
    }
}

#define TILE(R)                                                  \
    case R: {                                                    \
        vector sum[TILE_ROWS][2];                                     \
        sum_tile(R, sum, x, ldx, w + j * k, next + j * k, depth); \
        store_tile(R, sum, y + j, ldy, columns - j, adds);       \
        break;                                                   \
    }

/// A block of y, at most TILE_ROWS rows of a strip's columns, from one slice, `depth` deep. Panels are k x PANEL; w and
/// `next` point into the first one.
FULL_WIDTH INLINE void multiply_block(const float *x, long ldx, const float *w, const float *next, float *y, long ldy,
                                      long rows, long columns, long depth, long k, bool adds) {
    for (long j = 0; j < columns; j += PANEL)
        switch (rows) {
            TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6)
#if TILE_ROWS > 6
            TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12) TILE(13) TILE(14)
#endif
        }
}

FULL_WIDTH static void packed_product(const float *x, long ldx, const float *panels, float *y, long ldy, long m, long n,
                                      long k, bool adds) {
    // Rows of x so far apart would fight for the same lines of the cache: a block's part of them is copied near.
    bool crowded = ldx % 512 == 0;
    float near[TILE_ROWS][DEPTH + 16];
    long blocks = (m + TILE_ROWS - 1) / TILE_ROWS;
    for (long left = 0; left < n; left += STRIP) {
        long right = n - left < STRIP ? n : left + STRIP;
        for (long start = 0; start < k; start += DEPTH) {
            long depth = k - start < DEPTH ? k - start : DEPTH;
            const float *w = panels + left * k + start * PANEL;
            const float *following = start + DEPTH < k ? w + DEPTH * PANEL : right < n ? panels + right * k : w;
            for (long block = 0; block < blocks; block++) {
                long first = m * block / blocks, rows = m * (block + 1) / blocks - first;
                const float *from = x + first * ldx + start;
                long apart = ldx;
                if (crowded) {
                    for (long i = 0; i < rows; i++) memcpy(near[i], from + i * ldx, depth * sizeof(float));
                    from = near[0];
                    apart = DEPTH + 16;
                }
                // The slice that follows is fetched by the first two blocks, each half of every row of it.
                const float *next = block < 2 ? following + block * LANES : w;
                multiply_block(from, apart, w, next, y + first * ldy + left, ldy, rows, right - left, depth, k,
                               adds || start > 0);
            }
        }
    }
}
