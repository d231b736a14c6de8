// The kernels of one width of vectors: the files of loops/, compiled for it by baseline.c, avx2.c or avx512.c.

#include "CKernels.h"

/// As CKernels.h describes them; what is called here keeps its contracts.
struct kernels {
    /// 0 where there is no packed product.
    long packed_width;
    __typeof__(gradcam_packed_product) *packed_product;
    __typeof__(gradcam_few_rows_product) *few_rows_product;
    __typeof__(gradcam_add_scaled_rows) *add_scaled_rows;
    __typeof__(gradcam_winograd_input) *winograd_input;
    __typeof__(gradcam_winograd_output) *winograd_output;
    __typeof__(gradcam_unfold) *unfold;
    __typeof__(gradcam_fold) *fold;
    __typeof__(gradcam_depthwise_line) *depthwise_line;
    __typeof__(gradcam_channelwise) *channelwise;
    __typeof__(gradcam_rectifier_gradient) *rectifier_gradient;
    __typeof__(gradcam_maximum) *maximum;
    __typeof__(gradcam_maximum_gradient) *maximum_gradient;
    __typeof__(gradcam_function) *function;
    __typeof__(gradcam_softmax) *softmax;
};

/// For every processor: SSE2 on x86-64. The others are there on x86-64 alone.
extern const struct kernels gradcam_baseline, gradcam_avx2, gradcam_avx512;
