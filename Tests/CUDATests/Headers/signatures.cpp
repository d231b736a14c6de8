// Compiles where every function of `cuda_calls` is called as NVIDIA's headers declare it.
#include <cublas_v2.h>
#include <cuda.h>
#include <cudnn.h>
#include <nvrtc.h>
#include <type_traits>

#include "cuda_calls.h"

/// Whether a parameter is passed in the same way: a pointer (a handle is one), a float, or a whole number of one size.
template <typename Theirs, typename Ours> constexpr bool same() {
    if (std::is_pointer_v<Theirs> || std::is_pointer_v<Ours>) return std::is_pointer_v<Theirs> && std::is_pointer_v<Ours>;
    if (std::is_floating_point_v<Theirs> || std::is_floating_point_v<Ours>) return std::is_same_v<Theirs, Ours>;
    return sizeof(Theirs) == sizeof(Ours);
}

template <typename Theirs, typename Ours> struct Agree : std::false_type {};
template <typename R, typename... A, typename S, typename... B> struct Agree<R (*)(A...), S (*)(B...)> {
    template <bool fits> static constexpr bool all() {
        if constexpr (fits) return same<R, S>() && (same<A, B>() && ...);
        else return false;
    }
    static constexpr bool value = all<sizeof...(A) == sizeof...(B)>();
};

#define CHECK(library, result, name, parameters) \
    static_assert(Agree<decltype(&::name), decltype(cuda_calls::name)>::value, #name " is declared otherwise");
GRADCAM_CUDA_CALLS(CHECK)

static_assert(sizeof(cudnnConvolutionFwdAlgoPerf_t) == sizeof(struct cudnn_algorithm), "cudnn_algorithm");
static_assert(sizeof(cudnnConvolutionBwdDataAlgoPerf_t) == sizeof(struct cudnn_algorithm), "cudnn_algorithm");
static_assert(CUDNN_FMA_MATH == 3 && CUDNN_CROSS_CORRELATION == 1 && CUDNN_DETERMINISTIC == 1, "cuDNN's numbers");
static_assert(CUDNN_DATA_FLOAT == 0 && CUDNN_TENSOR_NCHW == 0, "cuDNN's numbers");
static_assert(CUBLAS_PEDANTIC_MATH == 2 && CUBLAS_OP_T == 1, "cuBLAS's numbers");
static_assert(CU_STREAM_NON_BLOCKING == 1 && CU_EVENT_DISABLE_TIMING == 2, "the driver's numbers");
static_assert(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR == 75 && CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT == 16, "");
static_assert(CUDA_ERROR_OUT_OF_MEMORY == 2 && CUDA_ERROR_NO_DEVICE == 100 && CUDA_ERROR_ECC_UNCORRECTABLE == 214, "");
static_assert(CUDA_ERROR_ILLEGAL_ADDRESS == 700 && CUDA_ERROR_LAUNCH_FAILED == 719, "the driver's numbers");
