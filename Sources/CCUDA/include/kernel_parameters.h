#ifndef GRADCAM_KERNEL_PARAMETERS_H
#define GRADCAM_KERNEL_PARAMETERS_H

// What each kernel is given: one structure, of the kernel's name. `count` is how many threads have something to do, as
// many as there are outputs unless told. Tensors are row-major, [images][an image's shape]. In gradients, d is the
// incoming gradient and t the operand's, to which is added.

/// Numbers, those of double precision, and whole numbers, in the card's memory: pointers there, addresses on the host.
#ifdef GRADCAM_DEVICE
typedef float *gpu_floats;
typedef double *gpu_doubles;
typedef const int *gpu_integers;
#else
typedef unsigned long long gpu_floats, gpu_doubles, gpu_integers;
#endif

/// The most axes of a walk.
#define GRADCAM_AXES 12

/// The indices of a tensor's elements, the outermost axis first, and where each stands in up to three others.
struct walk {
    int rank;
    long long extents[GRADCAM_AXES];
    long long strides[3][GRADCAM_AXES];
};

/// A sliding window over maps.
struct window {
    int kernel_height, kernel_width, stride_y, stride_x, dilation_y, dilation_x;
    int pad_top, pad_left, pad_bottom, pad_right, in_height, in_width, out_height, out_width;
};

// elementwise.cu

enum unary_function {
    unary_abs, unary_acos, unary_acosh, unary_asin, unary_asinh, unary_atan, unary_atanh, unary_ceil, unary_cos,
    unary_cosh, unary_copy, unary_erf, unary_exp, unary_floor, unary_hard_swish, unary_is_nan, unary_log, unary_mish,
    unary_neg, unary_not, unary_reciprocal, unary_sigmoid, unary_sign, unary_sin, unary_sinh, unary_softplus,
    unary_softsign, unary_sqrt, unary_tan, unary_tanh, unary_leaky_relu, unary_elu, unary_celu, unary_selu,
    unary_thresholded_relu, unary_shrink, unary_hard_sigmoid, unary_swish, unary_is_inf, unary_gelu, unary_gelu_tanh,
    unary_round, unary_truth, unary_truncate, unary_wrap
};

/// y = function(x), with the function's own numbers a and b.
struct unary_forward { long long count; int function; float a, b; gpu_floats x, y; };
struct unary_gradient { long long count; int function; float a, b; gpu_floats x, y, d, t; };

/// y = min(max(x, low), high).
struct clip_forward { long long count; float low, high; gpu_floats x, y; };
enum rectifier_rule { rectifier_plain, rectifier_guided, rectifier_deconvnet };
struct clip_gradient { long long count; float low, high; int rule; gpu_floats y, d, t; };

/// y = scale[channel] * x + shift[channel]; an element's channel is its place / inner % channels. In the gradient scale
/// is read alone.
struct channels_forward { long long count, channels, inner; gpu_floats scale, shift, x, y; };
struct channels_gradient { long long count, channels, inner; gpu_floats scale, d, t; };
/// y += bias[channel].
struct bias_forward { long long count, channels, inner; gpu_floats bias, y; };

/// Quantises where `quantizes`, else dequantises. An element's scale: blocks[place % numbers] where there are blocks,
/// else place / inner % slices.
struct quantize_forward {
    long long count, numbers, slices, inner;
    int quantizes;
    float low, high;
    gpu_integers blocks;
    gpu_floats scales, zeros, x, y;
};
struct quantize_gradient {
    long long count, numbers, slices, inner;
    int quantizes;
    float low, high;
    gpu_integers blocks;
    gpu_floats scales, zeros, x, d, t;
};

// broadcast.cu

enum binary_kind {
    binary_add, binary_sub, binary_mul, binary_div, binary_pow, binary_min, binary_max, binary_fmod, binary_mod,
    binary_prelu, binary_equal, binary_greater, binary_greater_or_equal, binary_less, binary_less_or_equal, binary_and,
    binary_or, binary_xor
};
/// y = f(a, b); the walk is over y, its strides those of a and b.
struct binary_forward { long long count; int kind; struct walk walk; gpu_floats a, b, y; };

enum binary_share {
    share_all, share_negative, share_mul, share_div_a, share_div_b, share_pow_a, share_pow_b, share_min, share_max,
    share_fmod_b, share_mod_b, share_prelu_a, share_prelu_b, share_where, share_where_not
};
/// t += the sum of what each element of the output passes on to it, times factor: `outer` walks over t, `inner` over
/// the axes along which t is repeated; their strides are those of the output, of a and of b. A thread a part, which are
/// several of an element where there are `sums`: these are written then, and `binary_join` adds them to t.
struct binary_gradient {
    long long count, parts, inner_count;
    int kind;
    float factor;
    struct walk outer, inner;
    gpu_floats a, b, y, d, t;
    gpu_doubles sums;
};
struct binary_join { long long count, parts; float factor; gpu_doubles sums; gpu_floats t; };

/// y = c ? a : b; the walk is over y, its strides those of c, a and b.
struct where_forward { long long count; struct walk walk; gpu_floats c, a, b, y; };

// moving.cu

/// to[] = from[], or += where it adds: the walk's strides are those of `from` and `to`.
struct copy_elements { long long count; int adds; struct walk walk; gpu_floats from, to; };
/// y[o, j, i] = (+=) the sum of weights[k] * x[o, indices[k], i] for k in starts[j]..<starts[j + 1]: `size` elements
/// along the axis after it, `extent` before.
struct resample_axis {
    long long count, size, extent, inner;
    int adds;
    gpu_integers starts, indices;
    gpu_floats weights, x, y;
};
/// y = value where any axis's flag at the element's index is 1: axis a's flags begin at strides[0][a], or it has none
/// where that is negative.
struct fill_outside { long long count; struct walk walk; float value; gpu_integers flags; gpu_floats y; };
/// A triangle of matrices; 0 elsewhere, or nothing where it adds.
struct triangle { long long count, rows, columns, diagonal; int upper, adds; gpu_floats x, y; };
/// A thread a line: y[i] = (+=) the sum up to x[i].
struct running_sum { long long count, extent, inner; int exclusive, reversed, adds; gpu_floats x, y; };

// indexed.cu

/// Slices of a tensor at constant places (`starts`), or at indices that are computed (where `starts` is null).
struct slices {
    long long count, run;
    int levels;
    long long extents[GRADCAM_AXES], strides[GRADCAM_AXES];
    gpu_integers starts, bases;
    gpu_floats indices;
    /// Of the indices, in numbers; 0 where they are constants.
    long long image_stride;
};
/// A thread an element of y; numbers: of x, an image.
struct slices_forward { long long count, numbers, x_stride; struct slices slices; gpu_floats x, y; };
/// A thread an image and a place in the slices.
struct slices_gradient { long long count, numbers; struct slices slices; gpu_floats d, t; };

enum scatter_reduction { scatter_none, scatter_add, scatter_mul, scatter_max, scatter_min };
/// A thread an image and a place in the slices: updates u go into y, which holds x.
struct scatter_forward { long long count, numbers, u_stride; int reduction; struct slices slices; gpu_floats u, y; };
/// The same threads: what the gradient has to know of every place, in `marks` and `rest`, which hold 0 and 1 before:
/// the update that stands there (from 1 on), how many equal it, or zeros and the product of the others.
struct scatter_marks {
    long long count, numbers, u_stride;
    int reduction;
    struct slices slices;
    gpu_floats u, y, marks, rest;
};
/// A thread an element of x: first and last step of the marks (max, min, mul), and its gradient.
struct scatter_start { long long count, numbers, x_stride; int reduction; gpu_floats x, y, marks, rest; };
struct scatter_x_gradient { long long count, numbers, x_stride; int reduction; gpu_floats x, y, marks, rest, d, t; };
/// A thread an update.
struct scatter_u_gradient {
    long long count, numbers, u_stride;
    int reduction;
    struct slices slices;
    gpu_floats u, y, marks, rest, d, t;
};

/// A thread a line.
struct arg_max { long long count, extent, inner; int least, last; gpu_floats x, y; };
/// A thread a line: its k first elements in order, and their places.
struct top_forward { long long count, extent, inner, k; float sign; gpu_floats x, y, places; };
struct top_gradient { long long count, extent, inner, k; gpu_floats places, d, t; };

// lines.cu: line l's numbers begin at l / inner * extent * inner + l % inner, and are `inner` apart

/// What a line comes to, two numbers [lines][2].
enum line_kind {
    /// The greatest, and the sum of the exponentials of all less that.
    line_exponentials,
    /// The sum; the sum of products with d.
    line_sum, line_product,
    /// Mean, and 1 / sqrt(variance + epsilon); the same of a mean of 0.
    line_moments, line_squares,
    /// With e = d * gain, and the moments in `known`: the mean of e, or 0 where no mean is subtracted, and the mean of
    /// e * (x - mean) times the second moment.
    line_pull,
    /// The least, and the greatest less that, plus 1e-8.
    line_range
};
/// A thread a part: `parts` of a line, which take its numbers by turns, give two sums each. Element i of an image of
/// `numbers` has gain[i / gain_run % gains].
struct line_parts {
    long long count, parts, extent, inner;
    int kind;
    long long numbers, gain_run, gains;
    gpu_floats gain, known, x, d;
    gpu_doubles sums;
};
/// A thread a line.
struct line_join {
    long long count, parts, extent;
    int kind, subtracts_mean;
    double epsilon;
    gpu_floats known;
    gpu_doubles sums;
    gpu_floats found;
};

// reductions.cu

enum reduce_kind {
    reduce_sum, reduce_l1, reduce_l2, reduce_sum_square, reduce_log_sum, reduce_log_sum_exp, reduce_max, reduce_min,
    reduce_product
};
/// A thread a part of an output: `parts` take what is reduced by turns, and give an extreme and a sum each. `outer`
/// walks over the outputs, `inner` over what is reduced; their strides are those of x.
struct reduce_parts {
    long long count, parts, inner_count;
    int kind;
    struct walk outer, inner;
    gpu_floats x;
    gpu_doubles sums;
};
/// y is what the parts come to. The sum is multiplied by factor.
struct reduce_forward {
    long long count, parts;
    int kind;
    float factor;
    gpu_doubles sums;
    gpu_floats y;
};
/// For every y: how many of its elements equal it, or are zeros, and the product of the others.
struct reduce_marks {
    long long count, inner_count;
    int kind;
    struct walk outer, inner;
    gpu_floats x, y, marks, rest;
};
/// The walk is over x, its strides those of y.
struct reduce_gradient {
    long long count;
    int kind;
    float factor;
    struct walk walk;
    gpu_floats x, y, d, marks, rest, t;
};

// normalisation.cu

/// `found`: the lines' exponentials; in the gradient their sums, or products with d.
struct softmax_forward { long long count, extent, inner; int is_log; gpu_floats found, x, y; };
struct softmax_gradient { long long count, extent, inner; int is_log; gpu_floats found, y, d, t; };
/// Element i of an image of `numbers` has gain[i / gain_run % gains]. `known`: the rows' moments; `found`: their pulls.
struct normalise_forward {
    long long count, row, numbers, gain_run, gains;
    gpu_floats known, gain, bias, x, y;
};
struct normalise_gradient {
    long long count, row, numbers, gain_run, gains;
    gpu_floats known, found, gain, x, d, t;
};
/// y = x * (bias + alpha * the sum of squares over `size` neighbouring channels)^-beta.
struct lrn_forward { long long count, channels, area, size; float alpha, beta, bias; gpu_floats x, y; };
struct lrn_gradient { long long count, channels, area, size; float alpha, beta, bias; gpu_floats x, d, t; };

// pooling.cu: a thread an element of y, or of t

struct max_pool_forward { long long count; struct window window; gpu_floats x, y; };
struct max_pool_gradient { long long count; struct window window; gpu_floats x, y, d, t; };
struct mean_pool_forward { long long count; struct window window; int includes_padding; gpu_floats x, y; };
struct mean_pool_gradient { long long count; struct window window; int includes_padding; gpu_floats d, t; };
struct norm_pool_forward { long long count; struct window window; float p; gpu_floats x, y; };
struct norm_pool_gradient { long long count; struct window window; float p; gpu_floats x, y, d, t; };

// convolution.cu

/// columns[image][channel, ky, kx][pixel] of maps [image][channel][pixel].
struct image_to_columns { long long count, channels; struct window window; gpu_floats x, columns; };
/// The way back: t += the sum of all columns that hold the element.
struct columns_to_image { long long count, channels; struct window window; gpu_floats columns, t; };
/// y = (+=) the convolution, w: [out_channels][in_channels / groups][ky][kx]; `in_channels`, `out_channels`: of a group.
struct convolve_forward {
    long long count;
    int groups, in_channels, out_channels, adds;
    struct window window;
    gpu_floats x, w, y;
};
struct convolve_gradient {
    long long count;
    int groups, in_channels, out_channels;
    struct window window;
    gpu_floats w, d, t;
};

// grid.cu

enum grid_mode { grid_nearest, grid_linear, grid_cubic };
enum grid_padding { grid_zeros, grid_border, grid_reflection };
struct grid_form {
    long long maps, channels, height, width, area;
    int mode, padding, aligns_corners;
    /// From one image to the next, in numbers; 0 for a constant.
    long long x_stride, grid_stride;
};
/// A thread an element of y.
struct grid_forward { long long count; struct grid_form form; gpu_floats x, grid, y; };
/// A thread a channel of a map.
struct grid_map_gradient { long long count; struct grid_form form; gpu_floats grid, d, t; };
/// A thread a place.
struct grid_place_gradient { long long count; struct grid_form form; gpu_floats x, grid, d, t; };

// masks.cu

/// Channels of a map, enlarged: bilinear with aligned corners.
struct mask_enlarge { long long count, map_height, map_width, height, width; gpu_floats map, masks; };
/// images[i][c][pixel] = image[c][pixel] * (masks[i][pixel] - ranges[i][0]) / ranges[i][1].
struct mask_apply { long long count, channels, area; gpu_floats image, masks, ranges, images; };

#endif
