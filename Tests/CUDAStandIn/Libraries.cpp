#include "Libraries.hpp"

#include <cblas.h>
#include <utility>
#include <vector>

#include "Machine.hpp"

namespace {

/// A library's handle: the stream that it works on.
struct Handle { void *stream = nullptr; };
/// Descriptors of cuDNN: a tensor's or a filter's extents, or a convolution's numbers and groups.
struct Form { int extents[4]; };
struct Convolution { int pad_y, pad_x, stride_y, stride_x, dilation_y, dilation_x, groups; };

int create(void **handle) { return *handle = new Handle, 0; }
int destroy(void *handle) { return delete static_cast<Handle *>(handle), 0; }
int set_stream(void *handle, void *stream) { return static_cast<Handle *>(handle)->stream = stream, 0; }

/// Calls body(y's place, x's place, w's place) for every product of a convolution.
template <typename Body>
void each_product(const Form &x, const Form &w, const Form &y, const Convolution &c, Body body) {
    int out = y.extents[1] / c.groups;
    for (int n = 0; n < y.extents[0]; n++)
        for (int k = 0; k < y.extents[1]; k++)
            for (int i = 0; i < w.extents[1]; i++)
                for (int ky = 0; ky < w.extents[2]; ky++)
                    for (int kx = 0; kx < w.extents[3]; kx++) {
                        long weight = ((long(k) * w.extents[1] + i) * w.extents[2] + ky) * w.extents[3] + kx;
                        long plane = long(n) * x.extents[1] + k / out * w.extents[1] + i;
                        for (int oy = 0; oy < y.extents[2]; oy++) {
                            int iy = oy * c.stride_y - c.pad_y + ky * c.dilation_y;
                            if (iy < 0 || iy >= x.extents[2]) continue;
                            for (int ox = 0; ox < y.extents[3]; ox++) {
                                int ix = ox * c.stride_x - c.pad_x + kx * c.dilation_x;
                                if (ix < 0 || ix >= x.extents[3]) continue;
                                body(((long(n) * y.extents[1] + k) * y.extents[2] + oy) * y.extents[3] + ox,
                                     (plane * x.extents[2] + iy) * x.extents[3] + ix, weight);
                            }
                        }
                    }
}

long count(const Form &form) {
    return long(form.extents[0]) * form.extents[1] * form.extents[2] * form.extents[3];
}

void put(const std::vector<double> &sums, float *to, float factor, float beta) {
    for (size_t i = 0; i < sums.size(); i++) to[i] = float(factor * sums[i]) + (beta == 0 ? 0 : beta * to[i]);
}

/// Whether the tensors, so many numbers each, and the workspace lie in the card's memory.
bool owns_all(Machine &machine, const std::vector<std::pair<const void *, long>> &tensors, void *workspace,
              size_t bytes) {
    auto address = [](const void *p) { return reinterpret_cast<unsigned long long>(p); };
    for (auto &[place, numbers] : tensors)
        if (!machine.owns(address(place), size_t(numbers) * 4, "convolution's tensor")) return false;
    return bytes == 0 || machine.owns(address(workspace), bytes, "convolution's workspace");
}

int tell_algorithms(int wanted, int *found, void *algorithms) {
    auto all = static_cast<cudnn_algorithm *>(algorithms);
    *found = 0;
    // The first takes too much memory, the second is not the same every time.
    if (wanted < 3) return 0;
    all[0] = {2, 0, 1, size_t(1) << 40, 1, 3, {}};
    all[1] = {0, 0, 2, 0, 0, 3, {}};
    all[2] = {1, 0, 3, 64, 1, 3, {}};
    *found = 3;
    return 0;
}

} // namespace

void fill_cublas(cuda_calls &calls) {
    calls.cublasCreate_v2 = create;
    calls.cublasDestroy_v2 = destroy;
    calls.cublasGetVersion_v2 = [](void *, int *version) { return *version = 120000, 0; };
    calls.cublasSetStream_v2 = set_stream;
    calls.cublasSetMathMode = [](void *, int mode) { return mode == 2 ? 0 : 7; };
    calls.cublasSgemmStridedBatched = [](void *handle, int ta, int tb, int m, int n, int k, const float *alpha,
                                         const float *a, int lda, long long sa, const float *b, int ldb, long long sb,
                                         const float *beta, float *c, int ldc, long long sc, int count) {
        LOCKED;
        auto address = [](const void *p) { return reinterpret_cast<unsigned long long>(p); };
        size_t own_a = ta ? size_t(lda) * (m - 1) + k : size_t(lda) * (k - 1) + m;
        size_t own_b = tb ? size_t(ldb) * (k - 1) + n : size_t(ldb) * (n - 1) + k;
        size_t own_c = size_t(ldc) * (n - 1) + m;
        if (lda < (ta ? k : m) || ldb < (tb ? n : k) || ldc < m) return 7;
        if (!machine.owns(address(a), (own_a + sa * (count - 1)) * 4, "product's first factor")
            || !machine.owns(address(b), (own_b + sb * (count - 1)) * 4, "product's second factor")
            || !machine.owns(address(c), (own_c + sc * (count - 1)) * 4, "product"))
            return 7;
        if (count > 1 && sc == 0) machine.breach("products lie over one another");
        float factor = *alpha * (1 + machine.product_error), rest = *beta;
        int status = machine.enqueue(static_cast<Handle *>(handle)->stream, [=] {
            for (int i = 0; i < count; i++)
                cblas_sgemm(CblasColMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, m, n, k,
                            factor, a + sa * i, lda, b + sb * i, ldb, rest, c + sc * i, ldc);
        });
        return status ? 13 : 0;
    };
}

void fill_cudnn(cuda_calls &calls) {
    calls.cudnnGetVersion = [] { return size_t(90000); };
    calls.cudnnGetCudartVersion = [] { return size_t(12000); };
    calls.cudnnGetErrorString = [](int) { return "CUDNN_STATUS"; };
    calls.cudnnCreate = create;
    calls.cudnnDestroy = destroy;
    calls.cudnnSetStream = set_stream;
    calls.cudnnCreateTensorDescriptor = [](void **form) { return *form = new Form, 0; };
    calls.cudnnCreateFilterDescriptor = [](void **form) { return *form = new Form, 0; };
    calls.cudnnCreateConvolutionDescriptor = [](void **form) { return *form = new Convolution, 0; };
    calls.cudnnDestroyTensorDescriptor = [](void *form) { return delete static_cast<Form *>(form), 0; };
    calls.cudnnDestroyFilterDescriptor = [](void *form) { return delete static_cast<Form *>(form), 0; };
    calls.cudnnDestroyConvolutionDescriptor = [](void *form) { return delete static_cast<Convolution *>(form), 0; };
    calls.cudnnSetTensor4dDescriptor = [](void *form, int format, int type, int n, int c, int h, int w) {
        *static_cast<Form *>(form) = {{n, c, h, w}};
        return format == 0 && type == 0 ? 0 : 3;
    };
    calls.cudnnSetFilter4dDescriptor = [](void *form, int type, int format, int k, int c, int h, int w) {
        *static_cast<Form *>(form) = {{k, c, h, w}};
        return format == 0 && type == 0 ? 0 : 3;
    };
    calls.cudnnSetConvolution2dDescriptor = [](void *form, int py, int px, int sy, int sx, int dy, int dx, int mode,
                                               int type) {
        *static_cast<Convolution *>(form) = {py, px, sy, sx, dy, dx, 1};
        return mode == 1 && type == 0 ? 0 : 3;
    };
    calls.cudnnSetConvolutionGroupCount = [](void *form, int groups) {
        static_cast<Convolution *>(form)->groups = groups;
        return 0;
    };
    calls.cudnnSetConvolutionMathType = [](void *, int type) { return type == 3 ? 0 : 3; };
    calls.cudnnGetConvolutionForwardAlgorithm_v7 = [](void *, void *, void *, void *, void *, int wanted, int *found,
                                                      void *all) { return tell_algorithms(wanted, found, all); };
    calls.cudnnGetConvolutionBackwardDataAlgorithm_v7 = calls.cudnnGetConvolutionForwardAlgorithm_v7;
    calls.cudnnGetConvolutionForwardWorkspaceSize = [](void *, void *, void *, void *, void *, int algorithm,
                                                       size_t *bytes) {
        *bytes = 64;
        return algorithm == 1 ? 0 : 9;
    };
    calls.cudnnGetConvolutionBackwardDataWorkspaceSize = calls.cudnnGetConvolutionForwardWorkspaceSize;
    calls.cudnnConvolutionForward = [](void *handle, const void *alpha, void *x_form, const void *x, void *w_form,
                                       const void *w, void *form, int, void *workspace, size_t bytes,
                                       const void *beta, void *y_form, void *y) {
        LOCKED;
        if (machine.unsupported) return 3000;
        Form xf = *static_cast<Form *>(x_form), wf = *static_cast<Form *>(w_form), yf = *static_cast<Form *>(y_form);
        Convolution c = *static_cast<Convolution *>(form);
        float factor = *static_cast<const float *>(alpha), rest = *static_cast<const float *>(beta);
        if (!owns_all(machine, {{x, count(xf)}, {w, count(wf)}, {y, count(yf)}}, workspace, bytes)) return 2000;
        return machine.enqueue(static_cast<Handle *>(handle)->stream, [=] {
            auto from = static_cast<const float *>(x), weights = static_cast<const float *>(w);
            auto to = static_cast<float *>(y);
            std::vector<double> sums(count(yf));
            each_product(xf, wf, yf, c, [&](long o, long i, long k) { sums[o] += double(from[i]) * weights[k]; });
            put(sums, to, factor, rest);
        });
    };
    calls.cudnnConvolutionBackwardData = [](void *handle, const void *alpha, void *w_form, const void *w, void *d_form,
                                            const void *d, void *form, int, void *workspace, size_t bytes,
                                            const void *beta, void *t_form, void *t) {
        LOCKED;
        if (machine.unsupported) return 3000;
        Form xf = *static_cast<Form *>(t_form), wf = *static_cast<Form *>(w_form), yf = *static_cast<Form *>(d_form);
        Convolution c = *static_cast<Convolution *>(form);
        float factor = *static_cast<const float *>(alpha), rest = *static_cast<const float *>(beta);
        if (!owns_all(machine, {{t, count(xf)}, {w, count(wf)}, {d, count(yf)}}, workspace, bytes)) return 2000;
        return machine.enqueue(static_cast<Handle *>(handle)->stream, [=] {
            auto from = static_cast<const float *>(d), weights = static_cast<const float *>(w);
            auto to = static_cast<float *>(t);
            std::vector<double> sums(count(xf));
            each_product(xf, wf, yf, c, [&](long o, long i, long k) { sums[i] += double(from[o]) * weights[k]; });
            put(sums, to, factor, rest);
        });
    };
}
