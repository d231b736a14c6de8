/* What probe.py asks of a core: the speed of a loop in registers alone, and of a small product, which reads the first two caches. */
#include <time.h>

#ifdef __AVX512F__
typedef float vector __attribute__((vector_size(64), aligned(4)));
#else
typedef float vector __attribute__((vector_size(32), aligned(4)));
#endif
enum { LANES = sizeof(vector) / sizeof(float), CHAINS = 10, ROWS = 6, COLUMNS = 2, DEPTH = 256, PARTS = 4 };

static float x[ROWS * DEPTH], w[DEPTH * COLUMNS * LANES];
static const double PART = 0.00025; /* seconds, of which the fastest counts: an interrupt spoils one */

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* Both return how many numbers were multiplied and added. */
static double in_registers(float *result) {
    vector sums[CHAINS] = {0}, factor = (vector){0} + 0.5f;
    for (long turn = 0; turn < 1000; turn++) {
        for (int i = 0; i < CHAINS; i++) sums[i] = sums[i] * factor + factor;
        __asm__ volatile("" : "+x"(factor));
    }
    for (int i = 0; i < CHAINS; i++) *result += sums[i][0];
    return 1000.0 * CHAINS * LANES;
}

static double product(float *result) {
    vector sums[ROWS][COLUMNS] = {0};
    __asm__ volatile("" : : "r"(x), "r"(w) : "memory"); /* for all that the compiler knows, both were written */
    for (long k = 0; k < DEPTH; k++) {
        const vector *weights = (const vector *)(w + k * COLUMNS * LANES);
        for (int row = 0; row < ROWS; row++) {
            for (int column = 0; column < COLUMNS; column++) sums[row][column] += x[row * DEPTH + k] * weights[column];
        }
    }
    for (int row = 0; row < ROWS; row++) {
        for (int column = 0; column < COLUMNS; column++) *result += sums[row][column][0];
    }
    return (double)ROWS * COLUMNS * LANES * DEPTH;
}

/* gigaflops[0] of the loop in registers, [1] of the product, on the core of the calling thread; takes 2 ms. */
void probe(double *gigaflops) {
    double (*const loops[])(float *) = {in_registers, product};
    volatile float result = 0;
    for (int loop = 0; loop < 2; loop++) {
        gigaflops[loop] = 0;
        for (int part = 0; part < PARTS; part++) {
            double begin = now(), end, done = 0;
            float sum = 0;
            do {
                done += 2 * loops[loop](&sum);
                end = now();
            } while (end - begin < PART);
            result += sum;
            if (done / (end - begin) * 1e-9 > gigaflops[loop]) gigaflops[loop] = done / (end - begin) * 1e-9;
        }
    }
}
