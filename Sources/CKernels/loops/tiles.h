// y (m x n) = x (m x k) * w (k x n), or y += it, of numbers that are split into bfloat16, by tiles of 16 rows of 64
// bytes: what AMX does, or the same in plain C. Whoever includes this, after split.h, has `struct tiles`, with a member
// `struct tile_shapes shapes`, and TILES_BEGIN, TILES_END, TILE_ZERO, TILE_LOAD, TILE_STREAM, TILE_STORE and TILE_DOT.
//
// A number is high + low + rest, high = bf16(number), low = bf16(number - high), |rest| <= 2^-16 |number|. A product is
// high * high + high * low + low * high, with sums in float32; or, where not `thrice`, high * high alone.
//
// Pairs of a bfloat16 tile, [row][16][2], are the numbers k and k + 16 of 32, so that splitting needs no permutation.
// A panel of weights, k x 32 numbers, is split block by block of 32 of k: [high, columns 0-15][high, 16-31], and where
// `thrice` [low, 0-15][low, 16-31]. What of k is left over, fewer than 32, stays float32 where it was.

enum {
    /// Of k: 64 rows of x, split, are 64 KB and stay in the second cache, 32 of them in the first.
    SLICE = 256,
    /// Tiles of rows that are multiplied before the next are split.
    MOST_TILES = 4
};

/// Rows of x, split: [tile of rows][block of k][high, low][row][16 pairs].
typedef uint32_t split_rows[MOST_TILES][SLICE / BLOCK][2][WORDS];

/// Splits one row of a slice; whether its numbers are ones that the tiles keep: the processor reads denormal numbers as
/// zero, and an infinite one would become NaN. Else the row is zero.
WHOLE_VECTORS INLINE bool split_row(const float *x, long blocks, uint32_t (*to)[2][WORDS]) {
    words largest = {0};
    for (long b = 0; b < blocks; b++, x += BLOCK) {
        numbers p = *(const numbers *)x, q = *(const numbers *)(x + TILE);
        *(words *)to[b][0] = HIGHS(p, q);
        *(words *)to[b][1] = LOWS(p, q);
        largest = __builtin_elementwise_max(largest, (words)p & 0x7fffffff);
        largest = __builtin_elementwise_max(largest, (words)q & 0x7fffffff);
    }
    union { uint32_t bits; float number; } most = {.bits = __builtin_reduce_max(largest)};
    // What is not finite has more bits than any number.
    if (most.bits == 0 || (most.number >= LEAST_X && most.number <= MOST_X)) return true;
    for (long b = 0; b < blocks; b++) *(words *)to[b][0] = *(words *)to[b][1] = (words){0};
    return false;
}

/// A panel, k x 32, in place.
WHOLE_VECTORS static void split_panel(float *panel, long k, bool thrice) {
    uint32_t *to = (uint32_t *)panel;
    for (long start = 0; start + BLOCK <= k; start += BLOCK) {
        float block[BLOCK][BLOCK];
        memcpy(block, panel + start * BLOCK, sizeof block);
        for (long half = 0; half < BLOCK; half += TILE, to += WORDS)
            for (long i = 0; i < TILE; i++) {
                numbers p = *(numbers *)&block[i][half], q = *(numbers *)&block[i + TILE][half];
                *(words *)(to + i * TILE) = HIGHS(p, q);
                if (thrice) *(words *)(to + 2 * WORDS + i * TILE) = LOWS(p, q);
            }
        if (thrice) to += 2 * WORDS;
    }
}

WHOLE_VECTORS static float largest_of(const float *w, long count) {
    words largest = {0};
    long i = 0;
    for (; i + TILE <= count; i += TILE)
        largest = __builtin_elementwise_max(largest, *(const words *)(w + i) & 0x7fffffff);
    union { uint32_t bits; float number; } most = {.bits = __builtin_reduce_max(largest)};
    for (; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, w + i, sizeof bits);
        if ((bits & 0x7fffffff) > most.bits) most.bits = bits & 0x7fffffff;
    }
    return most.bits < 0x7f800000 ? most.number : __builtin_inff();
}

/// y += x * w of one row of a slice, in float32, w as the panels have it.
WHOLE_VECTORS static void add_row(const float *x, long blocks, const float *panels, long pitch, float *y, long n,
                                  bool thrice) {
    for (long j = 0; j < n; j += TILE) {
        numbers sum = {0};
        for (long b = 0; b < blocks; b++) {
            const uint32_t *w = (const uint32_t *)(panels + j / BLOCK * pitch) + b * WORDS * (thrice ? 4 : 2)
                + j % BLOCK / TILE * WORDS;
            for (long i = 0; i < TILE; i++) {
                words high = *(const words *)(w + i * TILE);
                words low = thrice ? *(const words *)(w + 2 * WORDS + i * TILE) : (words){0};
                sum += x[b * BLOCK + i] * (FIRSTS(high) + FIRSTS(low));
                sum += x[b * BLOCK + TILE + i] * (SECONDS(high) + SECONDS(low));
            }
        }
        for (long c = 0; c < TILE && j + c < n; c++) y[j + c] += sum[c];
    }
}

// Tiles 0 to 3 are the sums of two tiles of rows by two of columns, 4 and 5 parts of x, 6 and 7 of w.

/// The sums of one or, where `both`, two tiles of rows by 32 columns: twelve products by eight loads a block.
INLINE void multiply_blocks(struct tiles *tiles, const bool both, const bool thrice, uint32_t (*x)[2][WORDS],
                            uint32_t (*x1)[2][WORDS], const uint32_t *w, long blocks) {
    for (long b = 0; b < blocks; b++, w += WORDS * (thrice ? 4 : 2)) {
        TILE_LOAD(4, x[b][thrice], 64);
        TILE_STREAM(6, w, 64);
        TILE_DOT(0, 4, 6);
        TILE_STREAM(7, w + WORDS, 64);
        TILE_DOT(1, 4, 7);
        if (both) {
            TILE_LOAD(5, x1[b][thrice], 64);
            TILE_DOT(2, 5, 6);
            TILE_DOT(3, 5, 7);
        }
        if (!thrice) continue;
        TILE_LOAD(4, x[b][0], 64);
        TILE_DOT(0, 4, 6);
        TILE_DOT(1, 4, 7);
        if (both) {
            TILE_LOAD(5, x1[b][0], 64);
            TILE_DOT(2, 5, 6);
            TILE_DOT(3, 5, 7);
        }
        TILE_STREAM(6, w + 2 * WORDS, 64);
        TILE_DOT(0, 4, 6);
        if (both) TILE_DOT(2, 5, 6);
        TILE_STREAM(7, w + 3 * WORDS, 64);
        TILE_DOT(1, 4, 7);
        if (both) TILE_DOT(3, 5, 7);
    }
}

/// y = x * w (+ y where `adds`) of one or two tiles of `rows` rows each by 32 columns, rows of y `ldy` apart.
INLINE void multiply_tiles(struct tiles *tiles, const bool both, const bool thrice, uint32_t (*x)[2][WORDS],
                           uint32_t (*x1)[2][WORDS], const uint32_t *w, long blocks, float *y, long ldy, long rows,
                           bool adds) {
    float *below = y + rows * ldy;
    const long row = ldy * 4;
    if (adds) {
        TILE_LOAD(0, y, row);
        TILE_LOAD(1, y + TILE, row);
        if (both) { TILE_LOAD(2, below, row); TILE_LOAD(3, below + TILE, row); }
    } else {
        TILE_ZERO(0);
        TILE_ZERO(1);
        if (both) { TILE_ZERO(2); TILE_ZERO(3); }
    }
    multiply_blocks(tiles, both, thrice, x, x1, w, blocks);
    TILE_STORE(0, y, row);
    TILE_STORE(1, y + TILE, row);
    if (both) { TILE_STORE(2, below, row); TILE_STORE(3, below + TILE, row); }
}

/// The first `rows` x `columns` of numbers `from_row` and `to_row` apart.
INLINE void copy_part(float *to, long to_row, const float *from, long from_row, long rows, long columns) {
    for (long i = 0; i < rows; i++) memcpy(to + i * to_row, from + i * from_row, columns * sizeof(float));
}

/// A slice of some tiles, `each` rows a tile: `rows` rows by n columns; w points at the slice in the first panel. What is
/// there is gone on with, where the slice is not the first, or added to at the end, so that x + y is y + x.
INLINE void multiply_slice(struct tiles *tiles, const bool thrice, split_rows x, const float *w, long pitch,
                           long blocks, float *y, long ldy, long rows, long each, long n, bool is_first, bool adds) {
    _Alignas(64) float part[2 * TILE][BLOCK];
    const bool adds_last = is_first && adds;
    for (long j = 0; j < n; j += BLOCK, w += pitch)
        for (long first = 0, t = 0; first < rows; first += 2 * each, t += 2) {
            long left = rows - first < 2 * each ? rows - first : 2 * each, columns = n - j < BLOCK ? n - j : BLOCK;
            bool both = left > each, whole = columns == BLOCK && left == (both ? 2 : 1) * each && !adds_last;
            float *own = y + first * ldy + j, *to = whole ? own : part[0];
            long row = whole ? ldy : BLOCK;
            if (!whole && !is_first) copy_part(to, BLOCK, own, ldy, left, columns);
            if (both)
                multiply_tiles(tiles, true, thrice, x[t], x[t + 1], (const uint32_t *)w, blocks, to, row, each,
                               !is_first);
            else
                multiply_tiles(tiles, false, thrice, x[t], NULL, (const uint32_t *)w, blocks, to, row, each,
                               !is_first);
            if (adds_last)
                for (long i = 0; i < left; i++) for (long c = 0; c < columns; c++) own[i * ldy + c] += part[i][c];
            else if (!whole)
                copy_part(own, ldy, to, BLOCK, left, columns);
        }
}

/// `tile_product` of kernels.h.
WHOLE_VECTORS static void tile_product(const float *x, long ldx, const float *panels, float *y, long ldy, long m,
                                       long n, long k, bool adds, bool thrice) {
    _Alignas(64) split_rows near;
    const long pitch = k * BLOCK, whole = k / BLOCK * BLOCK, count = (m + TILE - 1) / TILE;
    if (m == 0 || n == 0 || whole == 0) return;
    const long each = (m + count - 1) / count;
    struct tiles space, *tiles = &space;
    tiles->shapes = (struct tile_shapes){.palette = 1};
    for (int t = 0; t < 8; t++) {
        tiles->shapes.row_bytes[t] = 64;
        tiles->shapes.rows[t] = t < 6 ? each : TILE;
    }
    TILES_BEGIN;
    for (long first = 0; first < m; first += MOST_TILES * each) {
        long rows = m - first < MOST_TILES * each ? m - first : MOST_TILES * each;
        for (long start = 0; start < whole; start += SLICE) {
            long blocks = (whole - start < SLICE ? whole - start : SLICE) / BLOCK;
            const float *from = x + first * ldx + start;
            const float *w = panels + start * (thrice ? BLOCK : BLOCK / 2);
            float *to = y + first * ldy;
            uint64_t apart = 0;
            for (long i = 0; i < rows; i++)
                if (!split_row(from + i * ldx, blocks, (uint32_t (*)[2][WORDS])&near[i / each][0][0][i % each * TILE]))
                    apart |= (uint64_t)1 << i;
            // Of the last tile the rows that there are not.
            for (long i = rows; i % each; i++)
                for (long b = 0; b < blocks; b++)
                    for (int part = 0; part < 2; part++)
                        memset(&near[i / each][b][part][i % each * TILE], 0, TILE * sizeof(uint32_t));
            if (thrice)
                multiply_slice(tiles, true, near, w, pitch, blocks, to, ldy, rows, each, n, start == 0, adds);
            else
                multiply_slice(tiles, false, near, w, pitch, blocks, to, ldy, rows, each, n, start == 0, adds);
            for (long i = 0; i < rows; i++)
                if (apart >> i & 1) add_row(from + i * ldx, blocks, w, pitch, to + i * ldy, n, thrice);
        }
    }
    TILES_END;
}
