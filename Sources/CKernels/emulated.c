// AMX's tiles in plain C, slow: for tests on any processor.

#include "loops/split.h"

struct tiles {
    struct tile_shapes shapes;
    /// Numbers or pairs of bfloat16, row by row.
    uint32_t words[8][WORDS];
};

// Clones are chosen before sanitizers are ready.
#if defined(__x86_64__) && defined(__linux__) && !__has_feature(thread_sanitizer) && !__has_feature(address_sanitizer)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

INLINE void zero(struct tiles *tiles, int t) { memset(tiles->words[t], 0, sizeof tiles->words[t]); }

/// Rows `row` bytes apart.
INLINE void load(struct tiles *tiles, int t, const void *from, long row) {
    zero(tiles, t);
    for (int r = 0; r < tiles->shapes.rows[t]; r++)
        memcpy(tiles->words[t] + r * TILE, (const char *)from + r * row, tiles->shapes.row_bytes[t]);
}

INLINE void store(const struct tiles *tiles, int t, void *to, long row) {
    for (int r = 0; r < tiles->shapes.rows[t]; r++)
        memcpy((char *)to + r * row, tiles->words[t] + r * TILE, tiles->shapes.row_bytes[t]);
}

/// TDPBF16PS, in its order: the firsts of all pairs and the seconds are summed apart from each other.
CLONES static void dot(struct tiles *tiles, int to, int a, int b) {
    numbers first[TILE], second[TILE];
    for (int i = 0; i < TILE; i++) {
        words pairs = *(const words *)(tiles->words[b] + i * TILE);
        first[i] = FIRSTS(pairs);
        second[i] = SECONDS(pairs);
    }
    for (int r = 0; r < tiles->shapes.rows[a]; r++) {
        words pairs = *(const words *)(tiles->words[a] + r * TILE);
        numbers x0 = FIRSTS(pairs), x1 = SECONDS(pairs), even = {0}, odd = {0};
        for (int i = 0; i < TILE; i++) {
            even += x0[i] * first[i];
            odd += x1[i] * second[i];
        }
        *(numbers *)(tiles->words[to] + r * TILE) += even + odd;
    }
}

#define TILES_BEGIN
#define TILES_END
#define TILE_ZERO(t) zero(tiles, t)
#define TILE_LOAD(t, from, row) load(tiles, t, from, row)
#define TILE_STREAM(t, from, row) load(tiles, t, from, row)
#define TILE_STORE(t, to, row) store(tiles, t, to, row)
#define TILE_DOT(to, a, b) dot(tiles, to, a, b)

#include "loops/tiles.h"

/// The products beside it, where the processor's own panels have another width.
static void plain_product(const float *x, long ldx, const float *panels, float *y, long ldy, long m, long n, long k,
                          bool adds, const struct gradcam_epilogue *epilogue) {
    for (long i = 0; i < m; i++)
        for (long j = 0; j < n; j += BLOCK) {
            float sum[BLOCK] = {0};
            const float *w = panels + j * k;
            for (long p = 0; p < k; p++)
                for (long c = 0; c < BLOCK; c++) sum[c] += x[i * ldx + p] * w[p * BLOCK + c];
            for (long c = 0; c < BLOCK && j + c < n; c++) {
                float *to = y + i * ldy + j + c;
                float v = adds ? *to + sum[c] : sum[c];
                if (epilogue && epilogue->scale) v *= epilogue->scale[j + c];
                if (epilogue && epilogue->shift) v += epilogue->shift[j + c];
                if (epilogue && epilogue->residual) v += epilogue->residual[i * ldy + j + c];
                *to = v;
            }
        }
    if (epilogue)
        gradcam_function(epilogue->function, epilogue->a, epilogue->b, y, ldy, y, ldy, m, n);
}

const struct tile_kernels gradcam_emulated_tiles = {
    .product = tile_product, .split_panel = split_panel, .largest = largest_of, .packed_product = plain_product,
};
