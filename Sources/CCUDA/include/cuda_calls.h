#ifndef GRADCAM_CUDA_CALLS_H
#define GRADCAM_CUDA_CALLS_H
#include <stddef.h>

/// What is called of NVIDIA's libraries: X(library, result, name, parameters). Handles are pointers, statuses and
/// enumerations are ints, a device's address is an unsigned long long.
/// https://docs.nvidia.com/cuda/cuda-driver-api/, /nvrtc/, /cublas/, https://docs.nvidia.com/deeplearning/cudnn/
#define GRADCAM_CUDA_CALLS(X) \
    X(driver, int, cuInit, (unsigned flags)) \
    X(driver, int, cuDriverGetVersion, (int *version)) \
    X(driver, int, cuGetErrorName, (int error, const char **name)) \
    X(driver, int, cuGetErrorString, (int error, const char **text)) \
    X(driver, int, cuDeviceGetCount, (int *count)) \
    X(driver, int, cuDeviceGet, (int *device, int ordinal)) \
    X(driver, int, cuDeviceGetName, (char *name, int length, int device)) \
    X(driver, int, cuDeviceGetAttribute, (int *value, int attribute, int device)) \
    X(driver, int, cuDeviceTotalMem_v2, (size_t *bytes, int device)) \
    X(driver, int, cuDevicePrimaryCtxSetFlags_v2, (int device, unsigned flags)) \
    X(driver, int, cuDevicePrimaryCtxRetain, (void **context, int device)) \
    X(driver, int, cuDevicePrimaryCtxRelease_v2, (int device)) \
    X(driver, int, cuCtxSetCurrent, (void *context)) \
    X(driver, int, cuCtxSynchronize, (void)) \
    X(driver, int, cuMemGetInfo_v2, (size_t *free, size_t *total)) \
    X(driver, int, cuMemAlloc_v2, (unsigned long long *memory, size_t bytes)) \
    X(driver, int, cuMemFree_v2, (unsigned long long memory)) \
    X(driver, int, cuMemAllocHost_v2, (void **memory, size_t bytes)) \
    X(driver, int, cuMemFreeHost, (void *memory)) \
    X(driver, int, cuMemcpyHtoDAsync_v2, (unsigned long long to, const void *from, size_t bytes, void *stream)) \
    X(driver, int, cuMemcpyDtoHAsync_v2, (void *to, unsigned long long from, size_t bytes, void *stream)) \
    X(driver, int, cuMemcpyDtoDAsync_v2, \
      (unsigned long long to, unsigned long long from, size_t bytes, void *stream)) \
    X(driver, int, cuMemsetD32Async, (unsigned long long to, unsigned value, size_t count, void *stream)) \
    X(driver, int, cuStreamCreate, (void **stream, unsigned flags)) \
    X(driver, int, cuStreamSynchronize, (void *stream)) \
    X(driver, int, cuStreamWaitEvent, (void *stream, void *event, unsigned flags)) \
    X(driver, int, cuStreamDestroy_v2, (void *stream)) \
    X(driver, int, cuEventCreate, (void **event, unsigned flags)) \
    X(driver, int, cuEventRecord, (void *event, void *stream)) \
    X(driver, int, cuEventSynchronize, (void *event)) \
    X(driver, int, cuEventDestroy_v2, (void *event)) \
    X(driver, int, cuModuleLoadDataEx, \
      (void **module, const void *image, unsigned count, int *options, void **values)) \
    X(driver, int, cuModuleUnload, (void *module)) \
    X(driver, int, cuModuleGetFunction, (void **function, void *module, const char *name)) \
    X(driver, int, cuLaunchKernel, \
      (void *function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y, \
       unsigned block_z, unsigned shared_bytes, void *stream, void **parameters, void **extra)) \
    X(nvrtc, int, nvrtcVersion, (int *major, int *minor)) \
    X(nvrtc, int, nvrtcGetNumSupportedArchs, (int *count)) \
    X(nvrtc, int, nvrtcGetSupportedArchs, (int *architectures)) \
    X(nvrtc, int, nvrtcCreateProgram, \
      (void **program, const char *source, const char *name, int headers, const char *const *contents, \
       const char *const *names)) \
    X(nvrtc, int, nvrtcCompileProgram, (void *program, int count, const char *const *options)) \
    X(nvrtc, int, nvrtcGetProgramLogSize, (void *program, size_t *bytes)) \
    X(nvrtc, int, nvrtcGetProgramLog, (void *program, char *log)) \
    X(nvrtc, int, nvrtcGetCUBINSize, (void *program, size_t *bytes)) \
    X(nvrtc, int, nvrtcGetCUBIN, (void *program, char *binary)) \
    X(nvrtc, int, nvrtcGetPTXSize, (void *program, size_t *bytes)) \
    X(nvrtc, int, nvrtcGetPTX, (void *program, char *text)) \
    X(nvrtc, int, nvrtcDestroyProgram, (void **program)) \
    X(nvrtc, const char *, nvrtcGetErrorString, (int error)) \
    X(cublas, int, cublasCreate_v2, (void **handle)) \
    X(cublas, int, cublasDestroy_v2, (void *handle)) \
    X(cublas, int, cublasGetVersion_v2, (void *handle, int *version)) \
    X(cublas, int, cublasSetStream_v2, (void *handle, void *stream)) \
    X(cublas, int, cublasSetMathMode, (void *handle, int mode)) \
    X(cublas, int, cublasSgemmStridedBatched, \
      (void *handle, int transposes_a, int transposes_b, int m, int n, int k, const float *alpha, const float *a, \
       int lda, long long stride_a, const float *b, int ldb, long long stride_b, const float *beta, float *c, int ldc, \
       long long stride_c, int count)) \
    X(cudnn, size_t, cudnnGetVersion, (void)) \
    X(cudnn, size_t, cudnnGetCudartVersion, (void)) \
    X(cudnn, const char *, cudnnGetErrorString, (int status)) \
    X(cudnn, int, cudnnCreate, (void **handle)) \
    X(cudnn, int, cudnnDestroy, (void *handle)) \
    X(cudnn, int, cudnnSetStream, (void *handle, void *stream)) \
    X(cudnn, int, cudnnCreateTensorDescriptor, (void **descriptor)) \
    X(cudnn, int, cudnnSetTensor4dDescriptor, \
      (void *descriptor, int format, int type, int n, int c, int h, int w)) \
    X(cudnn, int, cudnnDestroyTensorDescriptor, (void *descriptor)) \
    X(cudnn, int, cudnnCreateFilterDescriptor, (void **descriptor)) \
    X(cudnn, int, cudnnSetFilter4dDescriptor, \
      (void *descriptor, int type, int format, int k, int c, int h, int w)) \
    X(cudnn, int, cudnnDestroyFilterDescriptor, (void *descriptor)) \
    X(cudnn, int, cudnnCreateConvolutionDescriptor, (void **descriptor)) \
    X(cudnn, int, cudnnSetConvolution2dDescriptor, \
      (void *descriptor, int pad_y, int pad_x, int stride_y, int stride_x, int dilation_y, int dilation_x, int mode, \
       int type)) \
    X(cudnn, int, cudnnSetConvolutionGroupCount, (void *descriptor, int groups)) \
    X(cudnn, int, cudnnSetConvolutionMathType, (void *descriptor, int type)) \
    X(cudnn, int, cudnnDestroyConvolutionDescriptor, (void *descriptor)) \
    X(cudnn, int, cudnnGetConvolutionForwardAlgorithm_v7, \
      (void *handle, void *x, void *w, void *convolution, void *y, int wanted, int *found, void *algorithms)) \
    X(cudnn, int, cudnnGetConvolutionForwardWorkspaceSize, \
      (void *handle, void *x, void *w, void *convolution, void *y, int algorithm, size_t *bytes)) \
    X(cudnn, int, cudnnConvolutionForward, \
      (void *handle, const void *alpha, void *x_form, const void *x, void *w_form, const void *w, void *convolution, \
       int algorithm, void *workspace, size_t bytes, const void *beta, void *y_form, void *y)) \
    X(cudnn, int, cudnnGetConvolutionBackwardDataAlgorithm_v7, \
      (void *handle, void *w, void *dy, void *convolution, void *dx, int wanted, int *found, void *algorithms)) \
    X(cudnn, int, cudnnGetConvolutionBackwardDataWorkspaceSize, \
      (void *handle, void *w, void *dy, void *convolution, void *dx, int algorithm, size_t *bytes)) \
    X(cudnn, int, cudnnConvolutionBackwardData, \
      (void *handle, const void *alpha, void *w_form, const void *w, void *dy_form, const void *dy, \
       void *convolution, int algorithm, void *workspace, size_t bytes, const void *beta, void *dx_form, void *dx))

/// NVIDIA's libraries.
enum cuda_library { cuda_library_driver, cuda_library_nvrtc, cuda_library_cublas, cuda_library_cudnn };

/// Every function that is called, by its name; null where its library is not there. Tests fill it with their own.
struct cuda_calls {
#define GRADCAM_FIELD(library, result, name, parameters) result(*name) parameters;
    GRADCAM_CUDA_CALLS(GRADCAM_FIELD)
#undef GRADCAM_FIELD
};

/// A function's name, whose it is, and where its pointer stands in `cuda_calls`, in bytes.
struct cuda_symbol {
    const char *name;
    enum cuda_library library;
    size_t offset;
};

/// All of them; `count` is set to how many.
const struct cuda_symbol *cuda_symbols(int *count);

/// What `cudnnGetConvolution...Algorithm_v7` writes, of both directions.
struct cudnn_algorithm {
    int algorithm, status;
    float time;
    size_t memory;
    int determinism, math;
    int reserved[3];
};

#endif
