// What every file of loops uses. A file of loops is compiled once for each width, inside avx2.c for example.

#include "../kernels.h"

#include <string.h>

typedef float lane;
typedef float lanes8 __attribute__((vector_size(32), aligned(1)));
typedef float lanes16 __attribute__((vector_size(64), aligned(1)));

#define INLINE __attribute__((always_inline)) static inline

/// Of a function whose copies take vectors of 512 bits where the processor has them; clang splits them otherwise.
#if defined(__x86_64__)
#define WHOLE_VECTORS __attribute__((min_vector_width(512)))
#else
#define WHOLE_VECTORS
#endif
#define UNROLL _Pragma("clang loop unroll(full)")

#define CHOOSE(C, A, B) ((__typeof__(B))(((__typeof__(C))(A) & (C)) | ((__typeof__(C))(B) & ~(C))))
#define AT_LEAST(V, LOW) CHOOSE((V) < (LOW), LOW, V)
/// Vectors; what is no number stays.
#define CLIP(V, LOW, HIGH) CHOOSE(AT_LEAST(V, LOW) > (HIGH), HIGH, AT_LEAST(V, LOW))

// Of sixteen numbers by halves, in an order that does not depend on the width.
#define BY_HALVES(V, BOTH)                                                                              \
    lanes8 half = BOTH(__builtin_shufflevector(V, V, 0, 1, 2, 3, 4, 5, 6, 7),                           \
                       __builtin_shufflevector(V, V, 8, 9, 10, 11, 12, 13, 14, 15));                    \
    half = BOTH(half, __builtin_shufflevector(half, half, 4, 5, 6, 7, 0, 1, 2, 3));                     \
    half = BOTH(half, __builtin_shufflevector(half, half, 2, 3, 0, 1, 6, 7, 4, 5));                     \
    return BOTH(half[0], half[1]);
#define PLUS(A, B) ((A) + (B))
#define GREATER(A, B) __builtin_elementwise_max(A, B)

INLINE float sum_of(const lanes16 *v) { BY_HALVES(*v, PLUS) }
INLINE float greatest_of(const lanes16 *v) { BY_HALVES(*v, GREATER) }

/// The members of `struct kernels` that are there at every width.
#define LOOPS                                                                                             \
    .few_rows_product = few_rows_product, .add_scaled_rows = add_scaled_rows,                             \
    .winograd_input = winograd_input, .winograd_output = winograd_output,                                 \
    .winograd_filters = winograd_filters, .unfold = unfold, .fold = fold,                                 \
    .depthwise_line = depthwise_line, .channelwise = channelwise,                                         \
    .rectifier_gradient = rectifier_gradient, .maximum = maximum, .maximum_gradient = maximum_gradient,   \
    .function = function, .function_gradient = function_gradient, .softmax = softmax, .combine = combine, \
    .deviations = deviations, .normalize = normalize, .add_rows = add_rows
