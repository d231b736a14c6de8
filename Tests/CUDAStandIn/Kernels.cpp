// The kernels, as C++ for the host.
#include <cmath>
#include <cstring>
#include <map>
#include <string>
#include <thread>

#include "Kernels.hpp"

#define GRADCAM_DEVICE 1
#include "../../Sources/CCUDA/include/kernel_parameters.h"

// As the kernels are compiled for a card: no product and sum in one.
#pragma STDC FP_CONTRACT OFF

namespace {

struct Place { unsigned x, y, z; };
thread_local Place blockIdx, threadIdx, blockDim, gridDim;

std::map<std::string, Kernel> &table() {
    static std::map<std::string, Kernel> kernels;
    return kernels;
}

struct Registration {
    Registration(const char *name, Kernel kernel) { table()[name] = kernel; }
};

#define __global__
#define __device__
#include "../../Sources/CCUDA/Kernels/device.cuh"
#undef KERNEL
#define KERNEL(name) \
    void name(const struct name p); \
    const Registration registration_of_##name( \
        #name, {[](const void *given) { name(*static_cast<const struct name *>(given)); }, sizeof(struct name)}); \
    void name(const struct name p)
#include "../../Sources/CCUDA/Kernels/elementwise.cu"
#include "../../Sources/CCUDA/Kernels/broadcast.cu"
#include "../../Sources/CCUDA/Kernels/moving.cu"
#include "../../Sources/CCUDA/Kernels/indexed.cu"
#include "../../Sources/CCUDA/Kernels/lines.cu"
#include "../../Sources/CCUDA/Kernels/reductions.cu"
#include "../../Sources/CCUDA/Kernels/normalisation.cu"
#include "../../Sources/CCUDA/Kernels/pooling.cu"
#include "../../Sources/CCUDA/Kernels/convolution.cu"
#include "../../Sources/CCUDA/Kernels/grid.cu"
#include "../../Sources/CCUDA/Kernels/masks.cu"

} // namespace

const Kernel *kernel_named(const char *name) {
    auto found = table().find(name);
    return found == table().end() ? nullptr : &found->second;
}

static void run_block(const Kernel *kernel, const void *parameters, unsigned block, unsigned blocks, unsigned threads) {
    gridDim = {blocks, 1, 1};
    blockDim = {threads, 1, 1};
    blockIdx = {block, 0, 0};
    for (unsigned thread = 0; thread < threads; thread++) {
        threadIdx = {thread, 0, 0};
        kernel->body(parameters);
    }
}

void run_kernel(const Kernel *kernel, const void *parameters, unsigned blocks, unsigned threads) {
    // Threads take elements in strides of the whole grid. Of many, a few take as many more each, two blocks at a time.
    if ((unsigned long long)blocks * threads > 1 << 14) {
        std::thread other(run_block, kernel, parameters, 1, 2, 3);
        run_block(kernel, parameters, 0, 2, 3);
        return other.join();
    }
    // The last block comes first: an order as good as any.
    for (unsigned block = blocks; block-- > 0;) run_block(kernel, parameters, block, blocks, threads);
}
