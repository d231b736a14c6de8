// What all kernels share. A kernel is one function of one structure of its own name; threads take elements in strides
// of the whole grid, so that any grid computes the same.

typedef long long whole;

#ifndef INFINITY
#define INFINITY __int_as_float(0x7f800000)
#endif

#define KERNEL(name) extern "C" __global__ void name(const struct name p)
#define EACH(i) \
    for (whole i = (whole)blockIdx.x * blockDim.x + threadIdx.x; i < p.count; i += (whole)gridDim.x * blockDim.x)

/// Quotient and remainder; of numbers below 2^32, as most are, in a fifth of the time.
static __device__ whole over(whole a, whole b) {
    return ((a | b) >> 32) == 0 ? (whole)((unsigned)a / (unsigned)b) : a / b;
}
static __device__ whole rest(whole a, whole b) {
    return ((a | b) >> 32) == 0 ? (whole)((unsigned)a % (unsigned)b) : a % b;
}

/// The greater and the lesser of two numbers; no number where either is none.
static __device__ float greater(float a, float b) { return b > a || b != b ? b : a; }
static __device__ float lesser(float a, float b) { return b < a || b != b ? b : a; }

/// Where an element stands in the n tensors of a walk.
static __device__ void places(const struct walk *w, whole element, int n, whole *at) {
    for (int k = 0; k < n; k++) at[k] = 0;
    for (int axis = w->rank - 1; axis >= 0; axis--) {
        whole index = axis == 0 ? element : rest(element, w->extents[axis]);
        if (axis > 0) element = over(element, w->extents[axis]);
        for (int k = 0; k < n; k++) at[k] += index * w->strides[k][axis];
    }
}
