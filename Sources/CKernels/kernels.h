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
    __typeof__(gradcam_winograd_filters) *winograd_filters;
    __typeof__(gradcam_unfold) *unfold;
    __typeof__(gradcam_fold) *fold;
    __typeof__(gradcam_depthwise_line) *depthwise_line;
    __typeof__(gradcam_channelwise) *channelwise;
    __typeof__(gradcam_rectifier_gradient) *rectifier_gradient;
    __typeof__(gradcam_maximum) *maximum;
    __typeof__(gradcam_maximum_gradient) *maximum_gradient;
    __typeof__(gradcam_function) *function;
    __typeof__(gradcam_function_gradient) *function_gradient;
    __typeof__(gradcam_softmax) *softmax;
    __typeof__(gradcam_combine) *combine;
    __typeof__(gradcam_deviations) *deviations;
    __typeof__(gradcam_normalize) *normalize;
    __typeof__(gradcam_add_rows) *add_rows;
};

/// For every processor: SSE2 on x86-64. The others are there on x86-64 alone.
extern const struct kernels gradcam_baseline, gradcam_avx2, gradcam_avx512;

/// Products of panels that are split (`gradcam_split_panel`), 32 columns wide.
struct tile_kernels {
    /// `gradcam_split_product` of as many multiples of 32 as there are in k.
    void (*product)(const float *x, long ldx, const float *panels, float *y, long ldy, long m, long n, long k,
                    bool adds, bool thrice);
    __typeof__(gradcam_split_panel) *split_panel;
    __typeof__(gradcam_largest) *largest;
    /// `gradcam_packed_product` with panels of 32 columns, for processors that have none of this width; or null.
    __typeof__(gradcam_packed_product) *packed_product;
};

/// In plain C, and by AMX where the processor has it.
extern const struct tile_kernels gradcam_emulated_tiles, gradcam_amx_tiles;

/// Whether the processor has AMX's products of bfloat16, and the system lets this process use them, for which it is
/// asked. On x86-64 alone.
bool gradcam_may_use_amx(void);
