// The stand-in under the names of NVIDIA's own functions, as one shared library that can stand for all four: a program
// opens it as it would theirs. Built by hand or by a test, with GRADCAM_STAND_IN_SHARED defined; see `make test-cuda`.
#ifdef GRADCAM_STAND_IN_SHARED
#include "CUDAStandIn.h"

// Each function jumps to the one of the table.
#define FUNCTION(library, result, name, parameters) \
    extern "C" { __attribute__((visibility("hidden"))) void *to_##name; } \
    asm(".text\n.globl " #name "\n.type " #name ", @function\n" #name ": jmp *to_" #name "(%rip)\n");
GRADCAM_CUDA_CALLS(FUNCTION)

__attribute__((constructor)) static void fill() {
    static const cuda_calls calls = stand_in_calls(1);
#define FILL(library, result, name, parameters) to_##name = reinterpret_cast<void *>(calls.name);
    GRADCAM_CUDA_CALLS(FILL)
}
#endif
