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
//                 for a panel of the strip
//                     tile (+)= x (TILE_ROWS x DEPTH) * w (DEPTH x PANEL)
//
// The last panel's tiles are no wider than they need to be, in halves of a vector.

enum { DEPTH = LANES == 16 ? 384 : 256, STRIP = 256, PANEL = 2 * LANES, HALF = LANES / 2 };

typedef float vector __attribute__((vector_size(4 * LANES), aligned(1)));
typedef float half_vector __attribute__((vector_size(4 * HALF), aligned(1)));

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

/// The same of a panel's first LANES columns, or half a vector more.
FULL_WIDTH INLINE void sum_narrow_tile(const int rows, vector sum[TILE_ROWS][2], const float *x, long ldx,
                                       const float *w, long k, const bool more) {
    half_vector rest[TILE_ROWS];
    UNROLL for (int i = 0; i < rows; i++) { sum[i][0] = (vector){0}; rest[i] = (half_vector){0}; }
    for (long p = 0; p < k; p++, w += PANEL) {
        vector w0 = *(const vector *)w;
        half_vector w1 = *(const half_vector *)(w + LANES);
        UNROLL for (int i = 0; i < rows; i++) {
            float a = x[i * ldx + p];
            sum[i][0] += a * w0;
            if (more) rest[i] += a * w1;
        }
    }
    UNROLL for (int i = 0; i < rows; i++) {
        sum[i][1] = (vector){0};
        *(half_vector *)&sum[i][1] = rest[i];
    }
}

/// A vector or a number at column j of a row: what it is to be, but for the epilogue's function.
#define FINISHED(T, V, CLIPPED)                                                        \
    {                                                                                  \
        T v = V;                                                                       \
        if (adds) v += *(const T *)(to + j);                                           \
        if (last) {                                                                    \
            if (last->scale) v *= *(const T *)(last->scale + first + j);               \
            if (last->shift) v += *(const T *)(last->shift + first + j);               \
            if (last->residual) v += *(const T *)(last->residual + i * ldy + first + j); \
            CLIPPED                                                                    \
        }                                                                              \
        *(T *)(to + j) = v;                                                            \
    }

/// Writes (or where `adds` adds) a tile's first n columns, fewer than PANEL, to y, and does what follows there.
FULL_WIDTH static void store_part(long rows, float part[TILE_ROWS][PANEL], float *y, long ldy, long n, bool adds,
                                  const struct gradcam_epilogue *last, long first) {
    const float low = lowest(last), high = highest(last);
    half_vector lows = (half_vector){0} + low, highs = (half_vector){0} + high;
    for (long i = 0; i < rows; i++) {
        float *to = y + i * ldy, *from = part[i];
        long j = 0;
        for (; j + HALF <= n; j += HALF) FINISHED(half_vector, *(half_vector *)(from + j), v = CLIP(v, lows, highs);)
        for (; j < n; j++) FINISHED(float, from[j], v = v < low ? low : v; v = v > high ? high : v;)
    }
}

#define EACH_SUM(DO) UNROLL for (int i = 0; i < rows; i++) UNROLL for (int j = 0; j < 2; j++) { DO; }

/// Writes (or where `adds` adds) a tile's sums to y, and does what follows, which may be nothing: null.
///
/// - Parameter first: the tile's first column, of those that `last` points at.
FULL_WIDTH INLINE void store_tile(const int rows, vector sum[TILE_ROWS][2], float *y, long ldy, long n, bool adds,
                                  const struct gradcam_epilogue *last, long first) {
    if (n < PANEL) {
        float part[TILE_ROWS][PANEL];
        EACH_SUM(*(vector *)(part[i] + j * LANES) = sum[i][j])
        return store_part(rows, part, y, ldy, n, adds, last, first);
    }
    if (adds) EACH_SUM(sum[i][j] += *(const vector *)(y + i * ldy + j * LANES))
    if (last) {
        vector low = (vector){0} + lowest(last), high = (vector){0} + highest(last);
        if (last->scale) EACH_SUM(sum[i][j] *= *(const vector *)(last->scale + first + j * LANES))
        if (last->shift) EACH_SUM(sum[i][j] += *(const vector *)(last->shift + first + j * LANES))
        if (last->residual) EACH_SUM(sum[i][j] += *(const vector *)(last->residual + first + i * ldy + j * LANES))
        EACH_SUM(sum[i][j] = CLIP(sum[i][j], low, high))
    }
    EACH_SUM(*(vector *)(y + i * ldy + j * LANES) = sum[i][j])
}

/// Has the lines of a tile of y come near while its sums are computed.
FULL_WIDTH INLINE void fetch_tile(const int rows, const float *y, long ldy) {
    UNROLL for (int i = 0; i < rows; i++) {
        __builtin_prefetch(y + i * ldy, 1, 3);
        __builtin_prefetch(y + i * ldy + LANES, 1, 3);
    }
}

/// A tile: a panel's `depth` rows w and what they are multiplied with, x; at most PANEL columns of y, of which the
/// first is number `first` of those that `last` points at.
struct tile {
    const float *x, *w, *next;
    float *y;
    long ldx, ldy, depth, columns, first;
    const struct gradcam_epilogue *last;
    bool adds, fetches;
};

/// Functions of their own, in which the loop over k has all registers.
#define TILE(R)                                                                                 \
    FULL_WIDTH __attribute__((noinline)) static void tile_##R(const struct tile *t) {           \
        vector sum[TILE_ROWS][2];                                                               \
        if (t->fetches) fetch_tile(R, t->y, t->ldy);                                            \
        if (t->columns > LANES + HALF) sum_tile(R, sum, t->x, t->ldx, t->w, t->next, t->depth); \
        else sum_narrow_tile(R, sum, t->x, t->ldx, t->w, t->depth, t->columns > LANES);         \
        store_tile(R, sum, t->y, t->ldy, t->columns, t->adds, t->last, t->first);               \
    }
TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6)
#if TILE_ROWS > 6
TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12) TILE(13) TILE(14)
#endif

static void (*const tile_of_rows[TILE_ROWS + 1])(const struct tile *) = {
    NULL, tile_1, tile_2, tile_3, tile_4, tile_5, tile_6,
#if TILE_ROWS > 6
    tile_7, tile_8, tile_9, tile_10, tile_11, tile_12, tile_13, tile_14,
#endif
};

INLINE struct gradcam_epilogue epilogue_at(const struct gradcam_epilogue *whole, long column, long offset) {
    struct gradcam_epilogue part = *whole;
    if (part.scale) part.scale += column;
    if (part.shift) part.shift += column;
    if (part.residual) part.residual += offset;
    return part;
}

FULL_WIDTH static void packed_product(const float *x, long ldx, const float *panels, float *y, long ldy, long m, long n,
                                      long k, bool adds, const struct gradcam_epilogue *epilogue) {
    // Rows of x so far apart would fight for the same lines of the cache: a block's part of them is copied near.
    bool crowded = ldx % 512 == 0;
    float near[TILE_ROWS][DEPTH + 16];
    // Blocks, and slices of k, are as even as they can be.
    const long blocks = (m + TILE_ROWS - 1) / TILE_ROWS, slices = (k + DEPTH - 1) / DEPTH;
    const long most = (k + slices - 1) / slices;
    for (long left = 0; left < n; left += STRIP) {
        long right = n - left < STRIP ? n : left + STRIP;
        for (long start = 0; start < k; start += most) {
            long depth = k - start < most ? k - start : most;
            const float *w = panels + left * k + start * PANEL;
            const float *following = start + depth < k ? w + depth * PANEL : right < n ? panels + right * k : w;
            // A network's values come from far; what has no epilogue is an algorithm's own, and near.
            bool fetches = epilogue && start == 0 && n >= 64, ends = epilogue && start + depth == k;
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
                const long offset = first * ldy + left;
                struct gradcam_epilogue last;
                if (ends) last = epilogue_at(epilogue, left, offset);
                struct tile tile = {
                    .x = from, .w = w, .next = next, .y = y + offset, .ldx = apart, .ldy = ldy, .depth = depth,
                    .columns = right - left, .last = ends ? &last : NULL, .adds = adds || start > 0, .fetches = fetches,
                };
                for (; tile.columns > 0; tile.columns -= PANEL, tile.first += PANEL) {
                    tile_of_rows[rows](&tile);
                    tile.w += PANEL * k;
                    tile.next += PANEL * k;
                    tile.y += PANEL;
                }
                if (ends) close_epilogue(&last, y + offset, ldy, rows, right - left);
            }
        }
    }
}
