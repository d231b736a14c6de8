#include "CCUDA.h"

static const struct cuda_symbol symbols[] = {
#define GRADCAM_SYMBOL(library, result, name, parameters) \
    {#name, cuda_library_##library, offsetof(struct cuda_calls, name)},
    GRADCAM_CUDA_CALLS(GRADCAM_SYMBOL)
#undef GRADCAM_SYMBOL
};

const struct cuda_symbol *cuda_symbols(int *count) {
    *count = sizeof symbols / sizeof *symbols;
    return symbols;
}
