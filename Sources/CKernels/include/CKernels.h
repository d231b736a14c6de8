#ifndef CKERNELS_H
#define CKERNELS_H

// What Swift has no words for: threads' places, and the inner loops whose speed hangs on the width of the processor's vectors.
// Each loop is compiled for several widths, and the one that the processor has is taken when the program runs. Pointers need no
// alignment.

/// Ends the threads that OpenBLAS starts when it is loaded: each would keep a core busy for its first tenth of a second. To be
/// called once OpenBLAS is set to one thread; set to more, it starts new ones.
void end_blas_threads(void);

/// The processor core that the calling thread is on; -1 where the system does not say.
int current_processor(void);

/// Moves the calling thread off this core, where it is there and may be elsewhere.
void leave_processor(int processor);

/// Columns in a panel of packed weights; 0: this processor has no kernel for packed products.
long packed_width(void);

/// One panel of packed weights (`width` at most 32), taps * depth x width, zero for r >= rows:
/// panel[t * depth + i][r] = w[r * row + i * taps + t].
void pack_panel(long width, float *panel, const float *w, long rows, long row, long depth, long taps);

/// The same of windows turned around, inputs `step` apart: panel[t * depth + i][r] = w[i * step + r * taps + taps - 1 - t].
void pack_turned_panel(long width, float *panel, const float *w, long rows, long depth, long step, long taps);

/// y (m x n, rows ldy apart) = x (m x k, rows ldx apart) * weights (+ y where `adds`). The weights are panels of `width`
/// columns (at most `packed_width()`: 16 or 32), each k x width, the last one filled up with zeros.
void packed_product(long width, const float *x, long ldx, const float *panels, float *y, long ldy, long m, long n, long k, int adds);

/// y = min(max(scale * x + shift + residual, low), high) on `rows` rows of `channels` channels, rows `stride` apart; y may be
/// x; scale, shift and residual may be null.
void channelwise(float *y, const float *x, long rows, long stride, long channels, const float *scale, const float *shift,
                 const float *residual, float low, float high);

/// How a gradient passes a rectifier.
enum rectifier_rule { rectifier_plain, rectifier_guided, rectifier_deconvnet };

/// What passes of the gradient d at the output y = min(max(x, low), high), in place, and added to `target` where that is not
/// null. Plain: where low < y < high. Guided: where y > low and d > 0. Deconvnet: where d > 0.
void rectifier_gradient(float *target, float *d, const float *y, long count, float low, float high, enum rectifier_rule rule);

/// y[c] = sum_t x[offsets[t] + c] * w[filters[t] + c]: one output pixel of a depthwise convolution.
void depthwise_pixel(const float *x, const long *offsets, const float *w, const long *filters, long taps, long channels, float *y);

/// y[i] = max(y[i], x[i]).
void maximum(float *y, const float *x, long count);

#endif
