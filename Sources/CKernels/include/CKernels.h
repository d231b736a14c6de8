#ifndef CKERNELS_H
#define CKERNELS_H

// What Swift has no words for: the inner loops whose speed hangs on the width of the processor's vectors.
// Each loop is compiled for several widths, and the one that the processor has is taken when the program runs. Pointers need no
// alignment.

/// Ends the threads that OpenBLAS starts when it is loaded: each would keep a core busy for its first tenth of a second. To be
/// called once OpenBLAS is set to one thread; set to more, it starts new ones.
void end_blas_threads(void);

/// Columns in a panel of packed weights; 0: this processor has no kernel for packed products.
long packed_width(void);

/// to[c * width + r] = from[r * row + c] for `rows` rows of `columns` numbers.
void transpose(const float *from, long row, long rows, long columns, float *to, long width);

/// One panel of packed weights (`width` at most 32), taps * depth x width, zero for r >= rows:
/// panel[t * depth + i][r] = w[r * row + i * taps + t].
void pack_panel(long width, float *panel, const float *w, long rows, long row, long depth, long taps);

/// The same of windows turned around, inputs `step` apart: panel[t * depth + i][r] = w[i * step + r * taps + taps - 1 - t].
void pack_turned_panel(long width, float *panel, const float *w, long rows, long depth, long step, long taps);

/// y (m x n, rows ldy apart) = x (m x k, rows ldx apart) * weights (+ y where `adds`). The weights are panels of `width`
/// columns (at most `packed_width()`: 16 or 32), each k x width, the last one filled up with zeros.
void packed_product(long width, const float *x, long ldx, const float *panels, float *y, long ldy, long m, long n, long k, int adds);

/// y (m x n) = x (m x k) * w^T with w as it lies in the file, a row an output (n x k): for few rows, which would not pay back a
/// packing.
void few_rows_product(const float *x, long ldx, const float *w, long ldw, float *y, long ldy, long m, long n, long k);

/// y += sum_r scales[r] * rows[r], all of n numbers.
void add_scaled_rows(const float *scales, const float *const *rows, long count, float *y, long n);

/// B^T d B of the 6 x 6 pixels whose first is (top, left) of a map of `channels` channels, a multiple of 8, channel by channel;
/// zero outside the map. Number i of the 36 goes to `to + i * plane`.
void winograd_input(const float *x, long height, long width, long channels, long top, long left, float *to, long plane);

/// A^T m A of the 36 numbers at `from + i * plane`, channel by channel, into (or where `adds` onto) the first `rows` x `columns` of
/// 4 x 4 pixels of y, a map `width` wide.
void winograd_output(const float *from, long plane, long channels, float *y, long width, long rows, long columns, int adds);

/// y = min(max(scale * x + shift + residual, low), high) on `rows` rows of `channels` channels, rows of y and residual `y_stride`
/// apart, of x `x_stride`; y may be x; scale, shift and residual may be null.
void channelwise(float *y, long y_stride, const float *x, long x_stride, long rows, long channels, const float *scale,
                 const float *shift, const float *residual, float low, float high);

/// A window that slides over a map of `channels` channels, of which it sees `run`.
struct sliding_window {
    long channels, run, in_height, in_width, out_width;
    long kernel_height, kernel_width, stride_y, stride_x, dilation_y, dilation_x, pad_top, pad_left;
};

/// The windows of `count` neighbouring output pixels, one behind the other, each kernel_height x kernel_width x run; zero outside
/// the map. x points at the first channel seen.
void unfold(const float *x, const struct sliding_window *window, long first, long count, float *to);

/// Adds the windows of the output lines `first` to `end` back onto the map's rows `top` to `bottom`; x points at the first
/// channel seen.
void fold(const float *windows, const struct sliding_window *window, long first, long end, float *x, long top, long bottom);

/// How a gradient passes a rectifier.
enum rectifier_rule { rectifier_plain, rectifier_guided, rectifier_deconvnet };

/// What passes of the gradient d at the output y = min(max(x, low), high), in place, and added to `target` (or where `overwrites`
/// written there), if that is not null. Plain: where low < y < high. Guided: where y > low and d > 0. Deconvnet: where d > 0.
void rectifier_gradient(float *target, int overwrites, float *d, const float *y, long count, float low, float high, enum rectifier_rule rule);

/// Neighbouring output pixels of a depthwise convolution: y[p * channels + c] = sum_t x[p * step + offsets[t] + c] * w[filters[t] + c].
void depthwise_line(const float *x, long step, const long *offsets, const float *w, const long *filters, long taps, long channels,
                    float *y, long pixels);

/// y[i] = max(y[i], x[i]).
void maximum(float *y, const float *x, long count);

/// Where x[i] = y[i], the maximum, d[i] goes to target[i] (nowhere, where that is null) and is used up.
void maximum_gradient(float *target, float *d, const float *x, const float *y, long count);

#endif
