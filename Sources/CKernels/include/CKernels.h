#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdbool.h>

// What Swift has no words for: the inner loops whose speed hangs on the width of the processor's vectors. Each loop is
// compiled for several widths; when the program starts, the widest that the processor has is taken. Large products are
// packed for AVX2 and AVX-512; without, OpenBLAS does them.
//
// GRADCAM_KERNELS in the environment, for tests, takes others: `sse2`, `avx2` or `avx512` the loops of this width,
// `openblas` the widest, but OpenBLAS's products, `amx-emulated` the widest, and what AMX does in plain C. See
// `gradcam_kernels_fault`.
//
// Contracts, checked in debug builds:
// - No alignment is relied upon: numbers may begin at any byte, as those of a mapped file do. Vectors are read and
//   written unaligned, and x86-64 and arm64 read a float from any address.
// - Pointers are not null unless it is said that they may be.
// - What a kernel writes overlaps nothing that it reads unless it is said that it may.
// - Extents and distances are counted in floats, and are not negative.

/// The kernels that run: "openblas", "sse2" ("baseline" on other processors), "avx2", "avx512", "amx" (AVX-512 besides)
/// or "amx-emulated".
const char *gradcam_kernels(void);

/// A sentence where GRADCAM_KERNELS asks for what the processor lacks, and the widest loops run instead; else null.
const char *gradcam_kernels_fault(void);

/// Has OpenBLAS take the memory that `count` threads need to multiply at the same time; returns for how many the system
/// has it, 0 to `count`. Of address space each takes 128 MB; where it is refused later, OpenBLAS waits for ever.
long gradcam_reserve_blas_buffers(long count);

// MARK: Functions

/// Of a number x, with parameters a and b:
enum gradcam_function {
    /// min(max(x, a), b)
    gradcam_clip,
    gradcam_exp, gradcam_erf, gradcam_sigmoid,
    /// x * sigmoid(a * x)
    gradcam_swish,
    /// x * Phi(x), Phi the standard normal distribution, and its approximation by tanh
    gradcam_gelu, gradcam_gelu_tanh,
    /// x * tanh(log(1 + e^x))
    gradcam_mish,
    /// min(max(a * x + b, 0), 1), and x times it with a = 1/6, b = 1/2
    gradcam_hard_sigmoid, gradcam_hard_swish,
    /// x where x > 0, else a * x
    gradcam_leaky_relu
};

/// y = f(x) on `rows` rows of `count` numbers, rows of x `x_stride` and of y `y_stride` apart; x may be y, row upon
/// row. Right to a few units in the last place; what is multiplied with x, or added to 1 before, to those of 1.
void gradcam_function(enum gradcam_function which, float a, float b, const float *x, long x_stride, float *y,
                      long y_stride, long rows, long count);

/// target[i] += d[i] * f'(x[i]). At bounds nothing passes.
void gradcam_function_gradient(enum gradcam_function which, float a, float b, const float *x, const float *d,
                               float *target, long count);

/// What follows a sum, column by column or channel by channel: f(scale * y + shift + residual). scale and shift hold a
/// number a column; residual has y's shape, its rows as far apart as y's, and shares no memory with y. Each may be null.
/// The function that does nothing is the clip between the infinities.
struct gradcam_epilogue {
    const float *scale, *shift, *residual;
    enum gradcam_function function;
    float a, b;
};

// MARK: Products

/// Columns in a panel of packed weights: 16, 32, or 0, with which there are no packed products.
long gradcam_packed_width(void);

/// to[c * width + r] = from[r * row + c] for `rows` rows of `columns` numbers; rows <= width.
void gradcam_transpose(const float *from, long row, long rows, long columns, float *to, long width);

/// One panel of packed weights, taps * depth x width, zero for r >= rows; width is 16 or 32, rows <= width:
/// panel[t * depth + i][r] = w[r * row + i * taps + t].
void gradcam_pack_panel(long width, float *panel, const float *w, long rows, long row, long depth, long taps);

/// The same of windows turned around, inputs `step` apart:
/// panel[t * depth + i][r] = w[i * step + r * taps + taps - 1 - t].
void gradcam_pack_turned_panel(long width, float *panel, const float *w, long rows, long depth, long step, long taps);

/// y (m x n, rows ldy apart) = x (m x k, rows ldx apart) * weights (+ y where `adds`), and then `epilogue`, which may
/// be null. The weights are panels of `gradcam_packed_width()` columns, which is not 0; each is k x width, the last one
/// filled up with zeros.
void gradcam_packed_product(const float *x, long ldx, const float *panels, float *y, long ldy, long m, long n, long k,
                            bool adds, const struct gradcam_epilogue *epilogue);

/// Whether there are products of split panels; the panels' width is 32 then.
bool gradcam_has_split_products(void);

/// Splits one packed panel, k x 32, in place into bfloat16 for `gradcam_split_product`: every number into two
/// (`thrice`), or rounds it to one. Of k what is left over of multiples of 32 stays float32. The largest of the weights
/// must be 2^-30 to 2^40: products of bfloat16 take denormal numbers for zero, and make NaN of infinite ones.
void gradcam_split_panel(float *panel, long k, bool thrice);

/// The largest magnitude of some weights; infinite where one is not finite. Where there are split products.
float gradcam_largest(const float *w, long count);

/// `gradcam_packed_product` of split panels, by bfloat16 products with float32 sums: high * high + high * low +
/// low * high where `thrice`, else high * high. Every number of y is the same whatever other rows and columns are asked
/// for. Of x the rows whose largest number, of 256 of k, is not finite or not between 2^-80 and 2^60, are multiplied in
/// float32.
void gradcam_split_product(const float *x, long ldx, const float *panels, float *y, long ldy, long m, long n, long k,
                           bool adds, bool thrice);

/// y (m x n) = x (m x k) * w^T with w as it lies in the file, a row an output (n x k): for few rows, which would not
/// pay back a packing.
void gradcam_few_rows_product(const float *x, long ldx, const float *w, long ldw, float *y, long ldy, long m, long n,
                              long k);

/// y += sum_r scales[r] * rows[r], all of n numbers; a row may be y.
void gradcam_add_scaled_rows(const float *scales, const float *const *rows, long count, float *y, long n);

// MARK: Convolutions

/// Winograd's F(tile x tile, 3 x 3), where `tile` is 2 or 4 output pixels and side = tile + 2: B^T d B of the side x
/// side pixels whose first is (top, left) of a map of `channels` channels, a multiple of 8, channel by channel; zero
/// outside the map. Number i of the side * side goes to `to + i * plane`.
void gradcam_winograd_input(long tile, const float *x, long height, long width, long channels, long top, long left,
                            float *to, long plane);

/// A^T m A of the side * side numbers at `from + i * plane`, channel by channel (a multiple of 8), into (or where
/// `adds` onto) the first `rows` x `columns` of tile x tile pixels of y, a map `width` wide, and then `epilogue`, which
/// may be null.
void gradcam_winograd_output(long tile, const float *from, long plane, long channels, float *y, long width, long rows,
                             long columns, bool adds, const struct gradcam_epilogue *epilogue);

/// G g G^T of `count` filters, a multiple of 8, whose numbers lie tap after tap, taps[(3 * y + x) * count + filter].
/// Number i of the side * side goes to `to + i * plane`.
void gradcam_winograd_filters(long tile, const float *taps, long count, float *to, long plane);

/// A window that slides over a map of `channels` channels, of which it sees `run`.
struct gradcam_sliding_window {
    long channels, run, in_height, in_width, out_width;
    long kernel_height, kernel_width, stride_y, stride_x, dilation_y, dilation_x, pad_top, pad_left;
};

/// The windows of `count` neighbouring output pixels, one after the other, each kernel_height x kernel_width x run;
/// zero outside the map. x points at the first channel seen.
void gradcam_unfold(const float *x, const struct gradcam_sliding_window *window, long first, long count, float *to);

/// Adds the windows of the output lines `first` to `end` back onto the map's rows `top` to `bottom` (the ends not among
/// them); x points at the first channel seen.
void gradcam_fold(const float *windows, const struct gradcam_sliding_window *window, long first, long end, float *x,
                  long top, long bottom);

/// Line `line` of a depthwise convolution's output, out_width x channels, of which the channels `first` to `first +
/// count` are written: y[p][c] = sum of the window's pixels times w[kernel_height][kernel_width][channels], zero
/// outside the map, and then `epilogue`, which may be null. y and `epilogue` point at channel 0 of the line, x at the
/// map's first pixel.
void gradcam_depthwise_line(const float *x, const struct gradcam_sliding_window *window, long line, long first,
                            long count, const float *w, float *y, const struct gradcam_epilogue *epilogue);

// MARK: Channel by channel

/// y = x and then `epilogue`, on `rows` rows of `channels` channels, rows of y and the residual `y_stride` apart, of x
/// `x_stride`. x may be y, row upon row.
void gradcam_channelwise(float *y, long y_stride, const float *x, long x_stride, long rows, long channels,
                         const struct gradcam_epilogue *epilogue);

/// How a gradient passes a rectifier.
enum gradcam_rectifier_rule {
    gradcam_rectifier_plain, gradcam_rectifier_guided, gradcam_rectifier_deconvnet
};

/// What passes of the gradient d at the output y = min(max(x, low), high), in place, and added to `target` (or where
/// `overwrites` written there), which may be null. Plain: where low < y < high. Guided: where y > low and d > 0.
/// Deconvnet: where d > 0.
void gradcam_rectifier_gradient(float *target, bool overwrites, float *d, const float *y, long count, float low,
                                float high, enum gradcam_rectifier_rule rule);

/// y[i] = max(y[i], x[i]).
void gradcam_maximum(float *y, const float *x, long count);

/// Where x[i] = y[i], the maximum, d[i] goes to target[i] (nowhere, where that is null) and is used up.
void gradcam_maximum_gradient(float *target, float *d, const float *x, const float *y, long count);

// MARK: Pairs and rows

enum gradcam_pair { gradcam_sum, gradcam_difference, gradcam_product, gradcam_quotient };

/// y = a + b, a - b, a * b or a / b on `rows` rows of `count` numbers, `y_stride`, `a_stride` and `b_stride` apart (0:
/// one row for all), and numbers of a and b `a_step` and `b_step` (0: one number a row). a may be y, row upon row.
void gradcam_combine(enum gradcam_pair which, const float *a, long a_stride, long a_step, const float *b, long b_stride,
                     long b_step, float *y, long y_stride, long rows, long count);

/// The sum of (x[i] - mean), or of its squares.
double gradcam_deviations(const float *x, long count, float mean, bool squares);

/// y[i] = (x[i] - mean) * scale * gain[i] + shift[i].
void gradcam_normalize(const float *x, float *y, long count, float mean, float scale, const float *gain,
                       const float *shift);

/// y[i] += the sum of x[row * stride + i] over the rows.
void gradcam_add_rows(const float *x, long stride, long rows, float *y, long count);

// MARK: Softmax

/// y[i] = e^x[i] / sum_j e^x[j].
void gradcam_softmax(const float *x, float *y, long count);

#endif
