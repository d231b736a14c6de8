#ifndef GRADCAM_CCUDA_H
#define GRADCAM_CCUDA_H
#include "cuda_calls.h"
#include "kernel_parameters.h"

/// One file of the kernels' source, in CUDA C, which ends with a zero.
struct cuda_source {
    const char *name;
    const char *text;
};

/// All files, in the order in which they make up one program; `count` is set to how many.
const struct cuda_source *cuda_sources(int *count);

#endif
