#include "Libraries.hpp"

#include <algorithm>
#include <cblas.h>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "Machine.hpp"

namespace {

/// A library's handle: the stream that it works on, and how cuBLAS multiplies on it.
struct Handle { void *stream = nullptr; int math = 0; };
/// Descriptors of cuDNN: a tensor's or a filter's extents, or a convolution's numbers and groups.
struct Form { int extents[4]; };
struct Convolution { int pad_y, pad_x, stride_y, stride_x, dilation_y, dilation_x, groups, math; };

int create(void **handle) { return *handle = new Handle, 0; }
int destroy(void *handle) { return delete static_cast<Handle *>(handle), 0; }
int set_stream(void *handle, void *stream) { return static_cast<Handle *>(handle)->stream = stream, 0; }

/// How products are made: of float32, or as tensor cores make them, by factors of TF32 that are rounded or cut off.
enum class Products { exact, rounded, truncated };

/// What tensor cores make of float32.
Products products(const Machine &machine) { return machine.truncates ? Products::truncated : Products::rounded; }

/// Ten bits after the point, rounded, halves away from zero, or cut off.
float tf32(float number, Products products) {
    uint32_t bits;
    memcpy(&bits, &number, 4);
    uint32_t half = products == Products::rounded ? 0x1000 : 0;
    if ((bits & 0x7f800000) != 0x7f800000) bits = (bits + half) & 0xffffe000;
    memcpy(&number, &bits, 4);
    return number;
}

/// Factors as they are multiplied.
std::vector<double> factors(const float *numbers, size_t count, Products products) {
    std::vector<double> taken(numbers, numbers + count);
    if (products != Products::exact) for (double &number : taken) number = tf32(float(number), products);
    return taken;
}

/// c = a * b, [m, k] * [k, n], whose rows are so far apart, or columns, where a factor is transposed.
void multiply(Products products, bool ta, bool tb, long m, long n, long k, const double *a, long lda, const double *b,
              long ldb, double *c, long ldc) {
    long step = products == Products::truncated ? 4 : k;
    for (long first = 0; first < k; first += step) {
        cblas_dgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, m, n,
                    std::min(step, k - first), 1, a + first * (ta ? lda : 1), lda, b + first * (tb ? 1 : ldb), ldb,
                    first > 0, c, ldc);
        if (products != Products::truncated) continue;
        for (long row = 0; row < m; row++)
            for (double *sum = c + row * ldc; sum < c + row * ldc + n; sum++) {
                uint64_t bits;
                memcpy(&bits, sum, 8);
                bits &= ~((uint64_t(1) << 29) - 1);
                memcpy(sum, &bits, 8);
            }
    }
}

long count(const Form &form) {
    return long(form.extents[0]) * form.extents[1] * form.extents[2] * form.extents[3];
}

/// A convolution of one image's group, in double precision, as a product of columns: each is what one output pixel reads.
struct Columns {
    Form x, w, y;
    Convolution c;
    Products products;

    long rows() const { return long(w.extents[1]) * w.extents[2] * w.extents[3]; }
    long area() const { return long(y.extents[2]) * y.extents[3]; }
    long filters() const { return y.extents[1] / c.groups; }
    long planes(const Form &form) const { return long(form.extents[0]) * c.groups; }

    /// Calls body(place in the columns, place in the group's input) for each number that is not padding.
    template <typename Body>
    void each(Body body) const {
        for (long row = 0; row < rows(); row++) {
            long kx = row % w.extents[3], ky = row / w.extents[3] % w.extents[2];
            long plane = row / w.extents[3] / w.extents[2] * x.extents[2];
            for (long oy = 0; oy < y.extents[2]; oy++) {
                long iy = oy * c.stride_y - c.pad_y + ky * c.dilation_y;
                if (iy < 0 || iy >= x.extents[2]) continue;
                for (long ox = 0; ox < y.extents[3]; ox++) {
                    long ix = ox * c.stride_x - c.pad_x + kx * c.dilation_x;
                    if (ix < 0 || ix >= x.extents[3]) continue;
                    body(row * area() + oy * y.extents[3] + ox, (plane + iy) * x.extents[3] + ix);
                }
            }
        }
    }

    std::vector<double> forward(const std::vector<double> &from, const std::vector<double> &filter) const {
        std::vector<double> sums(count(y)), columns(rows() * area());
        for (long image = 0; image < y.extents[0]; image++)
            for (long group = 0; group < c.groups; group++) {
                const double *input = &from[(image * c.groups + group) * (count(x) / planes(x))];
                each([&](long column, long place) { columns[column] = input[place]; });
                multiply(products, false, false, filters(), area(), rows(), &filter[group * filters() * rows()], rows(),
                         columns.data(), area(), &sums[(image * c.groups + group) * filters() * area()], area());
            }
        return sums;
    }

    std::vector<double> backward(const std::vector<double> &slopes, const std::vector<double> &filter) const {
        std::vector<double> sums(count(x)), columns(rows() * area());
        for (long image = 0; image < y.extents[0]; image++)
            for (long group = 0; group < c.groups; group++) {
                multiply(products, true, false, rows(), area(), filters(), &filter[group * filters() * rows()], rows(),
                         &slopes[(image * c.groups + group) * filters() * area()], area(), columns.data(), area());
                double *sum = &sums[(image * c.groups + group) * (count(x) / planes(x))];
                each([&](long column, long place) { sum[place] += columns[column]; });
            }
        return sums;
    }
};

void put(const double *sums, size_t count, float *to, float factor, float beta) {
    for (size_t i = 0; i < count; i++) to[i] = float(factor * sums[i]) + (beta == 0 ? 0 : beta * to[i]);
}

/// Whether the tensors, so many numbers each, and the workspace lie in the card's memory.
bool owns_all(Machine &machine, const std::vector<std::pair<const void *, long>> &tensors, void *workspace,
              size_t bytes) {
    auto address = [](const void *p) { return reinterpret_cast<unsigned long long>(p); };
    for (auto &[place, numbers] : tensors)
        if (!machine.owns(address(place), size_t(numbers) * 4, "convolution's tensor")) return false;
    return bytes == 0 || machine.owns(address(workspace), bytes, "convolution's workspace");
}

/// cuDNN's ways to multiply: by default TF32 where the card has it, by tensor cores, with float16, without either.
enum { standard, tensor, converted, exact };

/// How a convolution multiplies.
Products products(const Convolution &convolution, const Machine &machine) {
    return convolution.math != exact && machine.capability >= 80 ? products(machine) : Products::exact;
}

int tell_algorithms(const void *convolution, int wanted, int *found, void *algorithms) {
    auto all = static_cast<cudnn_algorithm *>(algorithms);
    int math = static_cast<const Convolution *>(convolution)->math;
    *found = 0;
    if (wanted < 6) return 0;
    // The first takes too much memory, the second more than it says here, the third is not the same every time.
    all[(*found)++] = {2, 0, 1, size_t(1) << 40, 1, math == exact ? exact : tensor, {}};
    all[(*found)++] = {3, 0, 1, 64, 1, exact, {}};
    all[(*found)++] = {0, 0, 2, 0, 0, exact, {}};
    if (math != exact) {
        all[(*found)++] = {1, 0, 3, 64, 1, converted, {}};
        all[(*found)++] = {1, 0, 3, 64, 1, tensor, {}};
    }
    all[(*found)++] = {1, 0, 4, 64, 1, exact, {}};
    return 0;
}

} // namespace

void fill_cublas(cuda_calls &calls) {
    calls.cublasCreate_v2 = create;
    calls.cublasDestroy_v2 = destroy;
    calls.cublasGetVersion_v2 = [](void *, int *version) { return *version = 120000, 0; };
    calls.cublasSetStream_v2 = set_stream;
    // CUBLAS_PEDANTIC_MATH and CUBLAS_TF32_TENSOR_OP_MATH.
    calls.cublasSetMathMode = [](void *handle, int mode) {
        static_cast<Handle *>(handle)->math = mode;
        return mode == 2 || mode == 3 ? 0 : 7;
    };
    calls.cublasSgemmStridedBatched = [](void *handle, int ta, int tb, int m, int n, int k, const float *alpha,
                                         const float *a, int lda, long long sa, const float *b, int ldb, long long sb,
                                         const float *beta, float *c, int ldc, long long sc, int count) {
        LOCKED;
        auto address = [](const void *p) { return reinterpret_cast<unsigned long long>(p); };
        size_t own_a = ta ? size_t(lda) * (m - 1) + k : size_t(lda) * (k - 1) + m;
        size_t own_b = tb ? size_t(ldb) * (k - 1) + n : size_t(ldb) * (n - 1) + k;
        size_t own_c = size_t(ldc) * (n - 1) + m;
        if (count > 65535) return 15;
        if (lda < (ta ? k : m) || ldb < (tb ? n : k) || ldc < m) return 7;
        if (!machine.owns(address(a), (own_a + sa * (count - 1)) * 4, "product's first factor")
            || !machine.owns(address(b), (own_b + sb * (count - 1)) * 4, "product's second factor")
            || !machine.owns(address(c), (own_c + sc * (count - 1)) * 4, "product"))
            return 7;
        if (count > 1 && sc == 0) machine.breach("products lie over one another");
        float factor = *alpha * (1 + machine.product_error), rest = *beta;
        bool isTF32 = static_cast<Handle *>(handle)->math == 3 && machine.capability >= 80;
        Products kind = isTF32 ? products(machine) : Products::exact;
        int status = machine.enqueue(static_cast<Handle *>(handle)->stream, [=] {
            if (kind == Products::exact) {
                for (int i = 0; i < count; i++)
                    cblas_sgemm(CblasColMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, m, n, k,
                                factor, a + sa * i, lda, b + sb * i, ldb, rest, c + sc * i, ldc);
                return;
            }
            auto x = factors(a, own_a + sa * (count - 1), kind), y = factors(b, own_b + sb * (count - 1), kind);
            std::vector<double> sums(size_t(m) * n);
            for (int i = 0; i < count; i++) {
                // Column by column is row by row of the transposed product.
                multiply(kind, tb, ta, n, m, k, y.data() + sb * i, ldb, x.data() + sa * i, lda, sums.data(), m);
                for (int column = 0; column < n; column++)
                    put(&sums[size_t(column) * m], m, c + sc * i + size_t(column) * ldc, factor, rest);
            }
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
        *static_cast<Convolution *>(form) = {py, px, sy, sx, dy, dx, 1, standard};
        return mode == 1 && type == 0 ? 0 : 3;
    };
    calls.cudnnSetConvolutionGroupCount = [](void *form, int groups) {
        static_cast<Convolution *>(form)->groups = groups;
        return 0;
    };
    calls.cudnnSetConvolutionMathType = [](void *form, int type) {
        static_cast<Convolution *>(form)->math = type;
        return type == standard || type == tensor || type == exact ? 0 : 3;
    };
    calls.cudnnGetConvolutionForwardAlgorithm_v7 = [](void *, void *, void *, void *form, void *, int wanted,
                                                      int *found, void *all) {
        return tell_algorithms(form, wanted, found, all);
    };
    calls.cudnnGetConvolutionBackwardDataAlgorithm_v7 = calls.cudnnGetConvolutionForwardAlgorithm_v7;
    calls.cudnnGetConvolutionForwardWorkspaceSize = [](void *, void *, void *, void *, void *, int algorithm,
                                                       size_t *bytes) {
        *bytes = algorithm == 3 ? size_t(1) << 40 : 64;
        return algorithm == 1 || algorithm == 3 ? 0 : 9;
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
        Products kind = products(c, machine);
        if (!owns_all(machine, {{x, count(xf)}, {w, count(wf)}, {y, count(yf)}}, workspace, bytes)) return 2000;
        return machine.enqueue(static_cast<Handle *>(handle)->stream, [=] {
            auto from = factors(static_cast<const float *>(x), count(xf), kind);
            auto weights = factors(static_cast<const float *>(w), count(wf), kind);
            auto sums = Columns{xf, wf, yf, c, kind}.forward(from, weights);
            put(sums.data(), sums.size(), static_cast<float *>(y), factor, rest);
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
        Products kind = products(c, machine);
        if (!owns_all(machine, {{t, count(xf)}, {w, count(wf)}, {d, count(yf)}}, workspace, bytes)) return 2000;
        return machine.enqueue(static_cast<Handle *>(handle)->stream, [=] {
            auto from = factors(static_cast<const float *>(d), count(yf), kind);
            auto weights = factors(static_cast<const float *>(w), count(wf), kind);
            auto sums = Columns{xf, wf, yf, c, kind}.backward(from, weights);
            put(sums.data(), sums.size(), static_cast<float *>(t), factor, rest);
        });
    };
}
