// Products of few rows and sums of rows, where what the memory gives is what they take.

/// One load of w serves all rows of x.
INLINE void dot(const int rows, const float *x, long ldx, const float *w, long ldw, float *y, long ldy, long n,
                long k) {
    for (long j = 0; j < n; j++) {
        const float *by = w + j * ldw;
        lanes16 even[8], odd[8];
        UNROLL for (int i = 0; i < rows; i++) even[i] = odd[i] = (lanes16){0};
        long p = 0;
        for (; p + 32 <= k; p += 32) {
            lanes16 w0 = *(const lanes16 *)(by + p), w1 = *(const lanes16 *)(by + p + 16);
            UNROLL for (int i = 0; i < rows; i++) {
                even[i] += w0 * *(const lanes16 *)(x + i * ldx + p);
                odd[i] += w1 * *(const lanes16 *)(x + i * ldx + p + 16);
            }
        }
        for (int i = 0; i < rows; i++) {
            even[i] += odd[i];
            float sum = sum_of(&even[i]);
            for (long q = p; q < k; q++) sum += x[i * ldx + q] * by[q];
            y[i * ldy + j] = sum;
        }
    }
}

#define DOT(ROWS) case ROWS: dot(ROWS, x + i * ldx, ldx, w, ldw, y + i * ldy, ldy, n, k); break;

static void few_rows_product(const float *x, long ldx, const float *w, long ldw, float *y, long ldy, long m, long n,
                             long k) {
    for (long i = 0; i < m; i += 8)
        switch (m - i < 8 ? m - i : 8) { DOT(1) DOT(2) DOT(3) DOT(4) DOT(5) DOT(6) DOT(7) DOT(8) }
}

static void add_scaled_rows(const float *scales, const float *const *rows, long count, float *y, long n) {
    long r = 0;
    for (; r + 4 <= count; r += 4) {
        const float *a = rows[r], *b = rows[r + 1], *c = rows[r + 2], *d = rows[r + 3];
        float s = scales[r], t = scales[r + 1], u = scales[r + 2], v = scales[r + 3];
        for (long i = 0; i < n; i++) y[i] += s * a[i] + t * b[i] + u * c[i] + v * d[i];
    }
    for (; r < count; r++) for (long i = 0; i < n; i++) y[i] += scales[r] * rows[r][i];
}
