// What all kernels share. A kernel is one function of one structure of its own name; threads take elements in strides
// of the whole grid, so that any grid computes the same.

typedef long long whole;

#ifndef INFINITY
#define INFINITY __int_as_float(0x7f800000)
#endif

#define KERNEL(name) extern "C" __global__ void name(const struct name p)
#define EACH(i) \
    for (whole i = (whole)blockIdx.x * blockDim.x + threadIdx.x; i < p.count; i += (whole)gridDim.x * blockDim.x)

/// Where an element stands in the n tensors of a walk.
static __device__ void places(const struct walk *w, whole element, int n, whole *at) {
    for (int k = 0; k < n; k++) at[k] = 0;
    for (int axis = w->rank - 1; axis >= 0; axis--) {
        whole index = axis == 0 ? element : element % w->extents[axis];
        if (axis > 0) element /= w->extents[axis];
        for (int k = 0; k < n; k++) at[k] += index * w->strides[k][axis];
    }
}
