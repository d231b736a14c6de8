"""Operators, case by case: an ONNX node, its inputs, and the same computation in PyTorch.

A case is (name, operator, opset, attributes, inputs, function). The operator has its domain before it where that is not ONNX's own. Inputs: a
tuple is the shape of a random graph input whose gradient is checked, with the range of its numbers before it where not all will do; an array is a
constant. `function` gets all of them, in order, as torch tensors.
"""
import numpy as np
import torch
import torch.nn.functional as F

RANDOM = np.random.default_rng(20260401)


def weight(*shape):
    return RANDOM.normal(0, 0.5, shape).astype(np.float32)


def positive(*shape):
    return RANDOM.uniform(0.5, 1.5, shape).astype(np.float32)


def whole(*values):
    return np.array(values, np.int64)


def scalar(value):
    return np.array(value, np.float32)


def torch_pads(pads):
    """ONNX (begin of each axis, then end of each axis) as torch.nn.functional.pad wants it: last axis first, begin and end."""
    half = len(pads) // 2
    return [side for axis in reversed(range(half)) for side in (pads[axis], pads[half + axis])]


def conv(pads=(0, 0, 0, 0), **options):
    return lambda x, w, b=None: F.conv2d(F.pad(x, torch_pads(pads)), w, b, **options)


def max_pool(kernel, pads=(0, 0, 0, 0), **options):
    return lambda x: F.max_pool2d(F.pad(x, torch_pads(pads), value=-torch.inf), kernel, **options)


def average_pool(kernel, pads=(0, 0, 0, 0), include=False, **options):
    """Mean over the window; without `include`, over those of its pixels that are no padding."""
    def pool(x):
        padded = F.pad(x, torch_pads(pads))
        ones = torch.ones_like(padded) if include else F.pad(torch.ones_like(x), torch_pads(pads))
        return F.avg_pool2d(padded, kernel, **options) / F.avg_pool2d(ones, kernel, **options)
    return pool


def conv_cases():
    for name, shape, kernel, bias, attributes, options in [
        ("1x1", (2, 3, 5, 4), (4, 3, 1, 1), True, {}, {}),
        ("3x3 pad 1", (1, 3, 7, 5), (5, 3, 3, 3), True, {"pads": [1, 1, 1, 1]}, {"pads": (1, 1, 1, 1)}),
        ("3x3 no bias", (2, 2, 6, 7), (3, 2, 3, 3), False, {}, {}),
        ("7x7 stride 2", (1, 3, 15, 13), (4, 3, 7, 7), False, {"pads": [3, 3, 3, 3], "strides": [2, 2]}, {"pads": (3,) * 4, "stride": 2}),
        ("asymmetric pads and strides", (2, 2, 9, 8), (3, 2, 3, 2), True, {"pads": [0, 1, 2, 1], "strides": [2, 3]},
         {"pads": (0, 1, 2, 1), "stride": (2, 3)}),
        ("1x7", (1, 3, 5, 9), (2, 3, 1, 7), True, {"pads": [0, 3, 0, 3]}, {"pads": (0, 3, 0, 3)}),
        ("7x1", (1, 3, 9, 5), (2, 3, 7, 1), True, {"pads": [3, 0, 3, 0]}, {"pads": (3, 0, 3, 0)}),
        ("dilated", (1, 2, 9, 11), (3, 2, 3, 3), True, {"pads": [2, 3, 2, 3], "dilations": [2, 3]}, {"pads": (2, 3, 2, 3), "dilation": (2, 3)}),
        ("dilated, strided", (1, 2, 11, 9), (3, 2, 3, 3), False, {"pads": [1, 0, 2, 1], "dilations": [2, 2], "strides": [2, 1]},
         {"pads": (1, 0, 2, 1), "dilation": 2, "stride": (2, 1)}),
        ("groups", (2, 6, 5, 6), (4, 3, 3, 3), True, {"group": 2, "pads": [1, 1, 1, 1]}, {"groups": 2, "pads": (1,) * 4}),
        ("depthwise", (2, 5, 6, 7), (5, 1, 3, 3), True, {"group": 5, "pads": [1, 1, 1, 1]}, {"groups": 5, "pads": (1,) * 4}),
        ("depthwise stride 2", (1, 4, 9, 7), (4, 1, 5, 5), False, {"group": 4, "pads": [2, 2, 2, 2], "strides": [2, 2]},
         {"groups": 4, "pads": (2,) * 4, "stride": 2}),
        ("depthwise multiplier", (1, 3, 6, 5), (6, 1, 3, 3), True, {"group": 3}, {"groups": 3}),
        ("auto_pad SAME_UPPER", (1, 2, 7, 8), (3, 2, 3, 4), True, {"auto_pad": "SAME_UPPER", "strides": [2, 2]},
         {"pads": (1, 1, 1, 1), "stride": 2}),
        ("auto_pad SAME_LOWER", (1, 2, 7, 8), (3, 2, 4, 3), False, {"auto_pad": "SAME_LOWER", "strides": [2, 2]},
         {"pads": (2, 1, 1, 0), "stride": 2}),
        ("stride larger than kernel", (1, 2, 9, 10), (3, 2, 2, 1), True, {"strides": [3, 4]}, {"stride": (3, 4)}),
    ]:
        inputs = [shape, weight(*kernel)] + ([weight(kernel[0])] if bias else [])
        yield f"Conv {name}", "Conv", 11, attributes, inputs, conv(**options)
    yield "Conv computed weights", "Conv", 11, {}, [(1, 2, 5, 5), (3, 2, 3, 3)], conv()


def pool_cases():
    for name, opset, attributes, function in [
        ("2x2", 12, {"kernel_shape": [2, 2], "strides": [2, 2]}, max_pool(2, stride=2)),
        ("3x3 stride 2 pad 1", 12, {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1] * 4}, max_pool(3, (1,) * 4, stride=2)),
        ("ceil", 12, {"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1}, max_pool(3, stride=2, ceil_mode=True)),
        ("asymmetric pads", 12, {"kernel_shape": [3, 2], "strides": [2, 1], "pads": [0, 1, 2, 0]}, max_pool((3, 2), (0, 1, 2, 0), stride=(2, 1))),
        ("dilated", 12, {"kernel_shape": [2, 3], "strides": [1, 1], "dilations": [3, 2]}, max_pool((2, 3), stride=1, dilation=(3, 2))),
        ("default strides", 8, {"kernel_shape": [2, 3]}, max_pool((2, 3), stride=1)),
        ("overlapping", 9, {"kernel_shape": [3, 3], "strides": [1, 1], "pads": [1] * 4}, max_pool(3, (1,) * 4, stride=1)),
        ("auto_pad SAME_UPPER", 11, {"kernel_shape": [2, 2], "strides": [2, 2], "auto_pad": "SAME_UPPER"}, max_pool(2, (0, 0, 0, 1), stride=2)),
    ]:
        yield f"MaxPool {name}", "MaxPool", opset, attributes, [(2, 3, 8, 9)], function
    for name, opset, attributes, function in [
        ("2x2", 11, {"kernel_shape": [2, 2], "strides": [2, 2]}, average_pool(2, stride=2)),
        ("padding excluded", 11, {"kernel_shape": [3, 3], "strides": [1, 1], "pads": [1] * 4}, average_pool(3, (1,) * 4, stride=1)),
        ("padding included", 11, {"kernel_shape": [3, 3], "strides": [1, 1], "pads": [1] * 4, "count_include_pad": 1},
         average_pool(3, (1,) * 4, True, stride=1)),
        ("asymmetric, excluded", 11, {"kernel_shape": [3, 2], "strides": [2, 3], "pads": [2, 0, 1, 1]}, average_pool((3, 2), (2, 0, 1, 1), stride=(2, 3))),
        ("asymmetric, included", 11, {"kernel_shape": [3, 2], "strides": [2, 3], "pads": [2, 0, 1, 1], "count_include_pad": 1},
         average_pool((3, 2), (2, 0, 1, 1), True, stride=(2, 3))),
        ("ceil, excluded", 11, {"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1},
         lambda x: F.avg_pool2d(x, 3, 2, ceil_mode=True, count_include_pad=False)),
        ("ceil, included", 19, {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1] * 4, "ceil_mode": 1, "count_include_pad": 1},
         lambda x: F.avg_pool2d(x, 3, 2, 1, ceil_mode=True, count_include_pad=True)),
    ]:
        yield f"AveragePool {name}", "AveragePool", opset, attributes, [(2, 3, 8, 10)], function
    yield "GlobalAveragePool", "GlobalAveragePool", 11, {}, [(2, 5, 7, 3)], lambda x: x.mean((2, 3), keepdim=True)
    yield "GlobalAveragePool 1x1", "GlobalAveragePool", 11, {}, [(1, 4, 1, 1)], lambda x: x.mean((2, 3), keepdim=True)
    yield "GlobalMaxPool", "GlobalMaxPool", 11, {}, [(2, 5, 7, 3)], lambda x: x.amax((2, 3), keepdim=True)


def elementwise_cases():
    shape = (2, 3, 5, 7)
    yield "Relu", "Relu", 14, {}, [shape], torch.relu
    yield "Relu matrix", "Relu", 9, {}, [(3, 17)], torch.relu
    yield "LeakyRelu", "LeakyRelu", 16, {"alpha": 0.1}, [shape], lambda x: F.leaky_relu(x, 0.1)
    yield "LeakyRelu default", "LeakyRelu", 9, {}, [shape], lambda x: F.leaky_relu(x, 0.01)
    yield "PRelu", "PRelu", 16, {}, [shape, positive(3, 1, 1)], lambda x, slope: torch.where(x > 0, x, x * slope)
    yield "Clip attributes", "Clip", 9, {"min": 0.0, "max": 0.75}, [shape], lambda x: x.clamp(0, 0.75)
    yield "Clip inputs", "Clip", 13, {}, [shape, scalar(-0.5), scalar(1)], lambda x, low, high: x.clamp(low, high)
    yield "Clip minimum only", "Clip", 11, {}, [shape, scalar(0)], lambda x, low: x.clamp(low)
    yield "Sigmoid", "Sigmoid", 13, {}, [shape], torch.sigmoid
    yield "HardSigmoid", "HardSigmoid", 9, {"alpha": 1 / 6, "beta": 0.5}, [shape], lambda x: (x / 6 + 0.5).clamp(0, 1)
    yield "HardSigmoid default", "HardSigmoid", 9, {}, [(1, 40)], lambda x: (0.2 * x + 0.5).clamp(0, 1)
    yield "HardSwish", "HardSwish", 14, {}, [shape], F.hardswish
    yield "Erf", "Erf", 13, {}, [shape], torch.erf
    yield "Tanh", "Tanh", 13, {}, [shape], torch.tanh
    yield "Exp", "Exp", 13, {}, [shape], torch.exp
    yield "Sqrt", "Sqrt", 13, {}, [("positive", *shape)], torch.sqrt
    yield "Elu", "Elu", 9, {"alpha": 0.7}, [shape], lambda x: F.elu(x, 0.7)
    yield "Softplus", "Softplus", 9, {}, [shape], F.softplus
    yield "Identity", "Identity", 14, {}, [shape], lambda x: x.clone()
    yield "Dropout", "Dropout", 13, {}, [shape], lambda x: x.clone()
    yield "Dropout attribute", "Dropout", 9, {"ratio": 0.4}, [shape], lambda x: x.clone()
    per_channel = [weight(3), weight(3), weight(3), positive(3)]
    yield ("BatchNormalization", "BatchNormalization", 15, {"epsilon": 1e-3}, [shape, *per_channel],
           lambda x, scale, bias, mean, variance: F.batch_norm(x, mean, variance, scale, bias, eps=1e-3))
    yield ("BatchNormalization default", "BatchNormalization", 9, {}, [shape, *per_channel],
           lambda x, scale, bias, mean, variance: F.batch_norm(x, mean, variance, scale, bias))
    yield "BatchNormalization matrix", "BatchNormalization", 14, {}, [(4, 3), *per_channel], \
        lambda x, scale, bias, mean, variance: F.batch_norm(x, mean, variance, scale, bias)
    yield "LRN", "LRN", 13, {"size": 5, "alpha": 0.5, "beta": 0.75, "bias": 2.0}, [(2, 7, 3, 4)], \
        lambda x: F.local_response_norm(x, 5, 0.5, 0.75, 2.0)
    yield "LRN of 3", "LRN", 9, {"size": 3}, [(1, 4, 5, 3)], lambda x: F.local_response_norm(x, 3, 1e-4, 0.75, 1.0)
    for name, function in [("Add", torch.add), ("Sub", torch.sub), ("Mul", torch.mul), ("Div", torch.div)]:
        second = ("positive",) if name == "Div" else ()
        yield f"{name} same shape", name, 14, {}, [shape, (*second, *shape)], function
        yield f"{name} per channel", name, 13, {}, [shape, (*second, 3, 1, 1)], function
        yield f"{name} row", name, 7, {}, [(*shape,), (*second, 7)], function
        yield f"{name} both ways", name, 14, {}, [(2, 1, 5, 1), (*second, 3, 1, 7)], function
        yield f"{name} scalar constant", name, 14, {}, [shape, scalar(1.7)], function
        yield f"{name} constant first", name, 14, {}, [weight(1, 3, 1, 1), (*second, *shape)], function
        yield f"{name} squeeze and excite", name, 14, {}, [shape, (*second, 2, 3, 1, 1)], function
    yield "Add to itself", "Add", 14, {}, [shape, "first"], lambda x, same: x + x
    yield "Mul by itself", "Mul", 14, {}, [shape, "first"], lambda x, same: x * x
    yield "Sum of three", "Sum", 13, {}, [shape, shape, (3, 1, 1)], lambda a, b, c: a + b + c
    yield "Pow", "Pow", 13, {}, [("positive", *shape), scalar(2.5)], torch.pow


def matrix_cases():
    yield "Gemm", "Gemm", 13, {}, [(3, 7), weight(7, 5), weight(5)], lambda a, b, c: a @ b + c
    yield "Gemm transB", "Gemm", 11, {"transB": 1}, [(2, 7), weight(5, 7), weight(5)], lambda a, b, c: a @ b.T + c
    yield "Gemm transA", "Gemm", 9, {"transA": 1}, [(7, 3), weight(7, 5), weight(3, 1)], lambda a, b, c: a.T @ b + c
    yield "Gemm alpha, beta", "Gemm", 13, {"alpha": 0.5, "beta": -2.0, "transA": 1, "transB": 1}, [(7, 3), weight(5, 7), weight(3, 5)], \
        lambda a, b, c: 0.5 * a.T @ b.T - 2 * c
    yield "Gemm no bias", "Gemm", 11, {"transB": 1}, [(4, 6), weight(9, 6)], lambda a, b: a @ b.T
    yield "Gemm computed", "Gemm", 13, {}, [(3, 7), (7, 5), (3, 5)], lambda a, b, c: a @ b + c
    yield "MatMul", "MatMul", 13, {}, [(3, 7), weight(7, 5)], torch.matmul
    yield "MatMul computed", "MatMul", 13, {}, [(3, 7), (7, 4)], torch.matmul
    yield "MatMul batched", "MatMul", 13, {}, [(2, 3, 4, 5), (2, 3, 5, 6)], torch.matmul
    yield "MatMul broadcast", "MatMul", 9, {}, [(2, 4, 5), weight(5, 3)], torch.matmul
    yield "MatMul vector", "MatMul", 13, {}, [(3, 7), weight(7)], torch.matmul
    yield "Softmax", "Softmax", 13, {}, [(3, 11)], lambda x: x.softmax(-1)
    yield "Softmax axis 1", "Softmax", 13, {"axis": 1}, [(2, 5, 3, 4)], lambda x: x.softmax(1)
    yield "Softmax opset 11", "Softmax", 11, {}, [(2, 5, 3)], lambda x: x.flatten(1).softmax(1).view(x.shape)
    yield "LogSoftmax", "LogSoftmax", 13, {"axis": 1}, [(3, 11)], lambda x: x.log_softmax(1)
    yield "ReduceMean spatial", "ReduceMean", 13, {"axes": [2, 3]}, [(2, 3, 4, 5)], lambda x: x.mean((2, 3), keepdim=True)
    yield "ReduceMean dropped", "ReduceMean", 11, {"axes": [-1, -2], "keepdims": 0}, [(2, 3, 4, 5)], lambda x: x.mean((2, 3))
    yield "ReduceMean axes input", "ReduceMean", 18, {"keepdims": 0}, [(2, 3, 4, 5), whole(2, 3)], lambda x, axes: x.mean((2, 3))
    yield "ReduceMean channel", "ReduceMean", 13, {"axes": [1]}, [(2, 3, 4, 5)], lambda x: x.mean(1, keepdim=True)
    yield "ReduceSum", "ReduceSum", 13, {"keepdims": 0}, [(2, 3, 4), whole(1)], lambda x, axes: x.sum(1)


def shape_cases():
    maps = (2, 3, 4, 5)
    yield "Concat channels", "Concat", 13, {"axis": 1}, [maps, (2, 5, 4, 5), (2, 1, 4, 5)], lambda *x: torch.cat(x, 1)
    yield "Concat width", "Concat", 11, {"axis": -1}, [maps, (2, 3, 4, 2)], lambda *x: torch.cat(x, 3)
    yield "Concat one", "Concat", 13, {"axis": 1}, [maps], lambda x: x.clone()
    yield "Concat constant", "Concat", 13, {"axis": 1}, [maps, weight(2, 2, 4, 5)], lambda *x: torch.cat(x, 1)
    yield "Concat twice the same", "Concat", 13, {"axis": 1}, [maps, "first"], lambda x, same: torch.cat([x, x], 1)
    yield "Flatten", "Flatten", 13, {}, [maps], lambda x: x.flatten(1)
    yield "Flatten axis 0", "Flatten", 13, {"axis": 0}, [maps], lambda x: x.reshape(1, -1)
    yield "Flatten axis 2", "Flatten", 9, {"axis": 2}, [maps], lambda x: x.reshape(6, -1)
    yield "Reshape", "Reshape", 14, {}, [maps, whole(2, -1)], lambda x, shape: x.reshape(2, -1)
    yield "Reshape zero keeps", "Reshape", 13, {}, [maps, whole(0, 0, -1)], lambda x, shape: x.reshape(2, 3, 20)
    yield "Reshape to maps", "Reshape", 13, {}, [(2, 60), whole(2, 3, 4, 5)], lambda x, shape: x.reshape(2, 3, 4, 5)
    yield "Reshape maps to maps", "Reshape", 13, {}, [(2, 6, 4, 5), whole(2, 2, 3, 4, 5)], lambda x, shape: x.reshape(2, 2, 3, 4, 5)
    yield "Transpose", "Transpose", 13, {"perm": [0, 2, 3, 1]}, [maps], lambda x: x.permute(0, 2, 3, 1)
    yield "Transpose default", "Transpose", 13, {}, [(3, 4, 5)], lambda x: x.permute(2, 1, 0)
    yield "Transpose five axes", "Transpose", 13, {"perm": [0, 2, 1, 3, 4]}, [(1, 2, 3, 4, 5)], lambda x: x.permute(0, 2, 1, 3, 4)
    yield "Squeeze attribute", "Squeeze", 11, {"axes": [2, 3]}, [(2, 3, 1, 1)], lambda x: x.reshape(2, 3)
    yield "Squeeze input", "Squeeze", 13, {}, [(2, 3, 1, 1), whole(-1, -2)], lambda x, axes: x.reshape(2, 3)
    yield "Squeeze all", "Squeeze", 13, {}, [(1, 3, 1, 5)], lambda x: x.reshape(3, 5)
    yield "Unsqueeze attribute", "Unsqueeze", 11, {"axes": [1]}, [(2, 4, 5)], lambda x: x[:, None]
    yield "Unsqueeze input", "Unsqueeze", 13, {}, [(2, 3), whole(2, 3)], lambda x, axes: x[:, :, None, None]
    yield "Slice attributes", "Slice", 9, {"starts": [1, -3], "ends": [3, 100], "axes": [1, 3]}, [maps], lambda x: x[:, 1:3, :, -3:]
    yield "Slice inputs", "Slice", 13, {}, [maps, whole(0), whole(2), whole(1)], lambda x, *_: x[:, 0:2]
    yield "Slice steps", "Slice", 13, {}, [maps, whole(-1, 0), whole(-100, 5), whole(2, 3), whole(-1, 2)], lambda x, *_: x.flip(2)[:, :, :, 0:5:2]
    yield "Gather channel", "Gather", 13, {"axis": 1}, [maps, np.array(1, np.int64)], lambda x, index: x[:, 1]
    yield "Gather several", "Gather", 11, {"axis": 1}, [maps, whole(2, 0, 2, -1)], lambda x, index: x[:, [2, 0, 2, 2]]
    yield "Gather rows", "Gather", 13, {}, [maps, whole(1)], lambda x, index: x[[1]]
    yield "Split", "Split", 13, {"axis": 1}, [maps, whole(1, 2)], lambda x, sizes: x[:, :1]
    yield "Expand", "Expand", 13, {}, [(2, 3, 1, 1), whole(2, 3, 4, 5)], lambda x, shape: x.expand(2, 3, 4, 5)
    yield "Pad constant", "Pad", 13, {}, [maps, whole(0, 0, 1, 2, 0, 0, 0, 1), scalar(0.5)], lambda x, *_: F.pad(x, (2, 1, 1, 0), value=0.5)
    yield "Pad attributes", "Pad", 9, {"pads": [0, 0, 1, 0, 0, 0, 2, 3]}, [maps], lambda x: F.pad(x, (0, 3, 1, 2))
    yield "Pad reflect", "Pad", 13, {"mode": "reflect"}, [maps, whole(0, 0, 2, 1, 0, 0, 1, 3)], lambda x, pads: F.pad(x, (1, 3, 2, 1), mode="reflect")
    yield "Pad edge", "Pad", 13, {"mode": "edge"}, [maps, whole(0, 0, 2, 1, 0, 0, 1, 3)], lambda x, pads: F.pad(x, (1, 3, 2, 1), mode="replicate")
    yield "Pad channels", "Pad", 13, {}, [maps, whole(0, 1, 0, 0, 0, 2, 0, 0)], lambda x, pads: F.pad(x, (0, 0, 0, 0, 1, 2))


def activation_cases():
    shape = (2, 3, 5, 7)
    yield "Gelu", "Gelu", 20, {}, [shape], F.gelu
    yield "Gelu tanh", "Gelu", 20, {"approximate": "tanh"}, [shape], lambda x: F.gelu(x, approximate="tanh")
    yield "Mish", "Mish", 18, {}, [shape], F.mish
    yield "Selu", "Selu", 6, {}, [shape], F.selu
    yield "Celu", "Celu", 12, {"alpha": 0.6}, [shape], lambda x: F.celu(x, 0.6)
    yield "ThresholdedRelu", "ThresholdedRelu", 10, {"alpha": 0.3}, [shape], lambda x: F.threshold(x, 0.3, 0)
    yield "Softsign", "Softsign", 1, {}, [shape], F.softsign
    yield "Shrink", "Shrink", 9, {"lambd": 0.4, "bias": 0.4}, [shape], lambda x: F.softshrink(x, 0.4)
    yield "Sin", "Sin", 7, {}, [shape], torch.sin
    yield "Cos", "Cos", 7, {}, [shape], torch.cos
    yield "Tan", "Tan", 7, {}, [shape], torch.tan
    yield "Asinh", "Asinh", 9, {}, [shape], torch.asinh
    yield "Atan", "Atan", 7, {}, [shape], torch.atan
    yield "Sinh", "Sinh", 9, {}, [shape], torch.sinh
    yield "Cosh", "Cosh", 9, {}, [shape], torch.cosh
    yield "Log", "Log", 13, {}, [("positive", *shape)], torch.log
    yield "Reciprocal", "Reciprocal", 13, {}, [("positive", *shape)], torch.reciprocal
    yield "Abs", "Abs", 13, {}, [shape], torch.abs
    yield "Round", "Round", 11, {}, [shape], torch.round
    yield "Sign", "Sign", 13, {}, [shape], torch.sign
    yield "Mod", "Mod", 13, {"fmod": 1}, [shape, ("positive", *shape)], torch.fmod
    yield "Min", "Min", 13, {}, [shape, (3, 1, 1)], torch.minimum
    yield "Max", "Max", 13, {}, [shape, (3, 1, 1)], torch.maximum


def reduction_cases():
    maps = (2, 3, 4, 5)
    for operator, opset, function in [
        ("ReduceL1", 13, lambda x, axes: x.abs().sum(axes, keepdim=True)),
        ("ReduceL2", 13, lambda x, axes: x.pow(2).sum(axes, keepdim=True).sqrt()),
        ("ReduceSumSquare", 13, lambda x, axes: x.pow(2).sum(axes, keepdim=True)),
        ("ReduceLogSumExp", 13, lambda x, axes: x.logsumexp(axes, keepdim=True)),
        ("ReduceMax", 13, lambda x, axes: x.amax(axes, keepdim=True)),
        ("ReduceMin", 13, lambda x, axes: x.amin(axes, keepdim=True)),
    ]:
        yield f"{operator} spatial", operator, opset, {"axes": [2, 3]}, [maps], lambda x, f=function: f(x, (2, 3))
        yield f"{operator} channels dropped", operator, opset, {"axes": [1], "keepdims": 0}, [maps], lambda x, f=function: f(x, (1,)).squeeze(1)
    yield "ReduceLogSum", "ReduceLogSum", 13, {"axes": [2, 3]}, [("positive", *maps)], lambda x: x.sum((2, 3), keepdim=True).log()
    yield "ReduceProd", "ReduceProd", 13, {"axes": [3]}, [maps], lambda x: x.prod(3, keepdim=True)
    yield "CumSum", "CumSum", 14, {}, [maps, np.array(2, np.int64)], lambda x, axis: x.cumsum(2)
    yield "CumSum reversed", "CumSum", 14, {"reverse": 1, "exclusive": 1}, [maps, np.array(1, np.int64)], \
        lambda x, axis: x.flip(1).cumsum(1).flip(1) - x
    yield "LpPool", "LpPool", 18, {"kernel_shape": [2, 3], "strides": [2, 1], "p": 3}, [maps], \
        lambda x: F.avg_pool2d(x.abs() ** 3, (2, 3), (2, 1), divisor_override=1) ** (1 / 3)
    yield "GlobalLpPool", "GlobalLpPool", 2, {}, [maps], lambda x: x.pow(2).sum((2, 3), keepdim=True).sqrt()


def normalization_cases():
    maps = (2, 6, 4, 5)
    yield "LayerNormalization", "LayerNormalization", 17, {"epsilon": 1e-6}, [(2, 5, 12), weight(12), weight(12)], \
        lambda x, gain, bias: F.layer_norm(x, (12,), gain, bias, 1e-6)
    yield "LayerNormalization of maps", "LayerNormalization", 17, {"axis": 1}, [maps, weight(6, 4, 5)], \
        lambda x, gain: F.layer_norm(x, (6, 4, 5), gain)
    yield "InstanceNormalization", "InstanceNormalization", 6, {"epsilon": 1e-3}, [maps, weight(6), weight(6)], \
        lambda x, gain, bias: F.instance_norm(x, weight=gain, bias=bias, eps=1e-3)
    yield "InstanceNormalization of groups", "InstanceNormalization", 6, {}, [(2, 3, 20), weight(3), weight(3)], \
        lambda x, gain, bias: F.instance_norm(x, weight=gain, bias=bias)
    yield "GroupNormalization", "GroupNormalization", 21, {"num_groups": 3}, [maps, weight(6), weight(6)], \
        lambda x, gain, bias: F.group_norm(x, 3, gain, bias)
    yield "RMSNormalization", "RMSNormalization", 23, {"epsilon": 1e-5}, [(2, 5, 12), weight(12)], \
        lambda x, gain: F.rms_norm(x, (12,), gain, 1e-5)


def resampling_cases():
    maps, none = (1, 2, 5, 6), np.zeros(0, np.float32)
    def sized(mode, size, **options):
        return lambda x, *_: F.interpolate(x, size, mode=mode, **options)
    for name, attributes, size, function in [
        ("nearest", {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}, (10, 9), sized("nearest", (10, 9))),
        ("linear", {"mode": "linear"}, (8, 13), sized("bilinear", (8, 13), align_corners=False)),
        ("linear smaller", {"mode": "linear"}, (3, 4), sized("bilinear", (3, 4), align_corners=False)),
        ("linear corners", {"mode": "linear", "coordinate_transformation_mode": "align_corners"}, (8, 13), sized("bilinear", (8, 13), align_corners=True)),
        ("cubic", {"mode": "cubic", "cubic_coeff_a": -0.75}, (7, 11), sized("bicubic", (7, 11), align_corners=False)),
    ]:
        yield f"Resize {name}", "Resize", 18, attributes, [maps, none, none, whole(1, 2, *size)], function
    yield "Resize scales", "Resize", 13, {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}, \
        [maps, none, np.array([1, 1, 2, 1.5], np.float32)], lambda x, *_: F.interpolate(x, scale_factor=(2, 1.5), mode="bilinear")
    yield "Upsample", "Upsample", 9, {"mode": "nearest"}, [maps, np.array([1, 1, 2, 3], np.float32)], \
        lambda x, *_: F.interpolate(x, scale_factor=(2, 3), mode="nearest")
    for name, shape, kernel, attributes, options in [
        ("2x2 stride 2", (2, 3, 4, 5), (3, 4, 2, 2), {"strides": [2, 2]}, {"stride": 2}),
        ("pads", (1, 3, 5, 4), (3, 2, 3, 3), {"strides": [2, 2], "pads": [1] * 4, "output_padding": [1, 1]},
         {"stride": 2, "padding": 1, "output_padding": 1}),
        ("groups, dilated", (2, 4, 4, 3), (4, 2, 3, 2), {"group": 2, "dilations": [2, 1]}, {"groups": 2, "dilation": (2, 1)}),
        ("depthwise", (1, 3, 4, 4), (3, 1, 4, 4), {"group": 3, "strides": [2, 2], "pads": [1] * 4}, {"groups": 3, "stride": 2, "padding": 1}),
    ]:
        channels = kernel[1] * attributes.get("group", 1)
        yield (f"ConvTranspose {name}", "ConvTranspose", 11, attributes, [shape, weight(*kernel), weight(channels)],
               lambda x, w, b, options=options: F.conv_transpose2d(x, w, b, **options))


def selection_cases():
    maps = (2, 3, 4, 5)
    yield "Where constant", "Where", 16, {}, [RANDOM.normal(size=(3, 1, 5)) > 0, maps, (3, 4, 1)], torch.where
    yield "GatherElements", "GatherElements", 13, {"axis": 3}, [maps, RANDOM.integers(-5, 5, (2, 3, 4, 2))], \
        lambda x, index: x.gather(3, index % 5)
    yield "GatherND", "GatherND", 13, {}, [maps, np.array([[1, 2], [0, -1], [1, 2]], np.int64)], \
        lambda x, index: torch.stack([x[1, 2], x[0, 2], x[1, 2]])
    yield "ScatterND", "ScatterND", 16, {}, [maps, np.array([[1, 2], [0, 1]], np.int64), (2, 4, 5)], \
        lambda x, index, updates: x.index_put((torch.tensor([1, 0]), torch.tensor([2, 1])), updates)
    yield "ScatterElements", "ScatterElements", 16, {"axis": 1}, [(2, 4), np.array([[1], [3]], np.int64), (2, 1)], \
        lambda x, index, updates: x.scatter(1, index, updates)
    yield "Trilu", "Trilu", 14, {"upper": 0}, [maps, np.array(1, np.int64)], lambda x, k: x.tril(1)


def composite_cases():
    """Operators that are imported as several: of one map, so that they run as a whole network."""
    maps = (1, 4, 6, 5)
    yield "DepthToSpace", "DepthToSpace", 13, {"blocksize": 2}, [maps], \
        lambda x: x.reshape(1, 2, 2, 1, 6, 5).permute(0, 3, 4, 1, 5, 2).reshape(1, 1, 12, 10)
    yield "DepthToSpace CRD", "DepthToSpace", 13, {"blocksize": 2, "mode": "CRD"}, [maps], lambda x: F.pixel_shuffle(x, 2)
    yield "SpaceToDepth", "SpaceToDepth", 13, {"blocksize": 2}, [(1, 3, 6, 4)], \
        lambda x: x.reshape(1, 3, 3, 2, 2, 2).permute(0, 3, 5, 1, 2, 4).reshape(1, 12, 3, 2)
    yield "Tile", "Tile", 13, {}, [maps, whole(1, 2, 1, 3)], lambda x, repeats: x.repeat(1, 2, 1, 3)
    yield "Mean", "Mean", 13, {}, [maps, weight(1, 4, 1, 1), scalar(2)], lambda a, b, c: (a + b + c) / 3
    yield "Max of three", "Max", 13, {}, [maps, weight(1, 4, 1, 1), scalar(0.2)], lambda a, b, c: torch.maximum(torch.maximum(a, b), c)
    yield "LpNormalization", "LpNormalization", 1, {"axis": 1}, [maps], lambda x: F.normalize(x, dim=1)
    yield "MeanVarianceNormalization", "MeanVarianceNormalization", 13, {}, [maps], \
        lambda x: (x - x.mean((0, 2, 3), keepdim=True)) / x.var((0, 2, 3), unbiased=False, keepdim=True).sqrt()
    yield "Einsum product", "Einsum", 12, {"equation": "bchw,cd->bdhw"}, [maps, weight(4, 3)], lambda x, w: torch.einsum("bchw,cd->bdhw", x, w)
    yield "Einsum attention", "Einsum", 12, {"equation": "bhid,bhjd->bhij"}, [maps, "first"], lambda x, same: x @ x.transpose(2, 3)
    yield "Einsum sum", "Einsum", 12, {"equation": "bchw->wb"}, [maps], lambda x: torch.einsum("bchw->wb", x)
    yield "Attention", "Attention", 23, {"is_causal": 1}, [(1, 2, 5, 4), "first", weight(1, 2, 5, 3)], \
        lambda q, k, v: F.scaled_dot_product_attention(q, q, v, is_causal=True)
    yield "AffineGrid", "AffineGrid", 20, {}, [(1, 2, 3), whole(1, 3, 4, 5)], lambda t, size: F.affine_grid(t, (1, 3, 4, 5), align_corners=False)
    yield "AffineGrid corners", "AffineGrid", 20, {"align_corners": 1}, [(1, 2, 3), whole(1, 3, 4, 5)], \
        lambda t, size: F.affine_grid(t, (1, 3, 4, 5), align_corners=True)
    yield "Compress", "Compress", 11, {"axis": 1}, [maps, np.array([True, False, True, True])], lambda x, kept: x[:, kept]
    yield "CenterCropPad", "CenterCropPad", 18, {"axes": [2, 3]}, [maps, whole(3, 8)], lambda x, shape: F.pad(x[:, :, 1:4], (1, 2))
    angle = RANDOM.uniform(-3, 3, (1, 6, 4)).astype(np.float32)
    tables = [np.cos(angle), np.sin(angle)]

    def turned(x, cosine, sine, interleaved=False):
        """x: batch, heads, length, size."""
        a, b = (x[..., 0::2], x[..., 1::2]) if interleaved else x.chunk(2, -1)
        parts = a * cosine[:, None] - b * sine[:, None], a * sine[:, None] + b * cosine[:, None]
        return torch.stack(parts, -1).flatten(-2) if interleaved else torch.cat(parts, -1)
    yield "RotaryEmbedding", "RotaryEmbedding", 23, {}, [(1, 3, 6, 8), *tables], turned
    yield "RotaryEmbedding interleaved", "RotaryEmbedding", 23, {"interleaved": 1}, [(1, 3, 6, 8), *tables], lambda *x: turned(*x, True)
    yield "RotaryEmbedding of a part, at places", "RotaryEmbedding", 23, {"num_heads": 2, "rotary_embedding_dim": 8}, \
        [(1, 5, 20), tables[0][0], tables[1][0], whole(3, 0, 5, 1, 1)[None]], lambda x, c, s, place: torch.cat(
            [turned(x.view(1, 5, 2, 10).transpose(1, 2)[..., :8], c[place], s[place]), x.view(1, 5, 2, 10).transpose(1, 2)[..., 8:]], -1
        ).transpose(1, 2).reshape(1, 5, 20)


def more_elementwise_cases():
    shape = (2, 3, 5, 7)
    yield "Acos", "Acos", 7, {}, [("unit", *shape)], torch.acos
    yield "Asin", "Asin", 7, {}, [("unit", *shape)], torch.asin
    yield "Atanh", "Atanh", 9, {}, [("unit", *shape)], torch.atanh
    yield "Acosh", "Acosh", 9, {}, [("above one", *shape)], torch.acosh
    yield "Neg", "Neg", 13, {}, [shape], torch.neg
    yield "Floor", "Floor", 13, {}, [shape], torch.floor
    yield "Ceil", "Ceil", 13, {}, [shape], torch.ceil
    yield "Swish", "Swish", 24, {"alpha": 1.5}, [shape], lambda x: x * torch.sigmoid(1.5 * x)
    yield "QuantizeLinear", "QuantizeLinear", 13, {}, [shape, scalar(0.01), np.array(100, np.uint8)], \
        lambda x, scale, zero: torch.fake_quantize_per_tensor_affine(x, 0.01, 100, 0, 255) / 0.01 + 100
    yield "QuantizeLinear per channel", "QuantizeLinear", 13, {"axis": 1}, [shape, positive(3) / 100, np.array([90, 128, 7], np.uint8)], \
        lambda x, scale, zero: torch.fake_quantize_per_channel_affine(x, scale, zero.int(), 1, 0, 255) / scale.view(3, 1, 1) + zero.view(3, 1, 1)


def indexing_cases():
    repeated = np.array([[1, 0, 2, 1], [0, 0, 0, 3]], np.int64)
    for reduction, name in [("add", "sum"), ("mul", "prod"), ("max", "amax"), ("min", "amin")]:
        yield f"ScatterElements {reduction}", "ScatterElements", 18, {"axis": 1, "reduction": reduction}, [(2, 5), repeated, (2, 4)], \
            lambda x, index, updates, name=name: x.scatter_reduce(1, index, updates, name)
        yield f"ScatterND {reduction}", "ScatterND", 18, {"reduction": reduction}, [(4, 6), np.array([[1], [3], [1]], np.int64), (3, 6)], \
            lambda x, index, updates, name=name: x.scatter_reduce(0, index.expand(3, 6), updates, name)
    yield "Scatter", "Scatter", 10, {"axis": 1}, [(2, 4), np.array([[1, 3]], np.int64), (1, 2)], lambda x, index, updates: x.scatter(1, index, updates)
    yield "TopK", "TopK", 11, {"axis": 1}, [(2, 5, 3, 4), whole(2)], lambda x, k: x.topk(2, 1).values
    yield "TopK least", "TopK", 11, {"largest": 0}, [(3, 11), whole(4)], lambda x, k: x.topk(4, largest=False).values
    yield "TopK of old", "TopK", 9, {"k": 3, "axis": 2}, [(2, 3, 7)], lambda x: x.topk(3).values
    yield "Col2Im", "Col2Im", 18, {"strides": [2, 1], "pads": [1, 0, 1, 2], "dilations": [1, 2]}, [(2, 18, 30), whole(9, 8), whole(3, 3)], \
        lambda x, image, block: F.pad(F.fold(x, (11, 10), (3, 3), stride=(2, 1), dilation=(1, 2)), (0, -2, -1, -1))


def grid_sample_cases():
    maps, grid = (2, 3, 5, 7), (2, 4, 3, 2)
    for mode, torch_mode in [("linear", "bilinear"), ("nearest", "nearest"), ("cubic", "bicubic")]:
        for padding in ["zeros", "border", "reflection"]:
            for corners in [0, 1]:
                if mode != "linear" and (padding == "zeros") != (corners == 0):
                    continue
                yield (f"GridSample {mode}, {padding}{', corners' if corners else ''}", "GridSample", 20,
                       {"mode": mode, "padding_mode": padding, "align_corners": corners}, [maps, grid],
                       lambda x, g, m=torch_mode, p=padding, c=bool(corners): F.grid_sample(x, g, m, p, c))
    yield "GridSample opset 16", "GridSample", 16, {"mode": "bicubic"}, [maps, grid], lambda x, g: F.grid_sample(x, g, "bicubic", align_corners=False)
    yield "GridSample constant grid", "GridSample", 20, {"mode": "linear"}, [maps, weight(*grid)], lambda x, g: F.grid_sample(x, g, align_corners=False)


def microsoft_cases():
    """Operators that ONNX Runtime's optimiser writes; imported as several."""
    maps, tokens = (1, 3, 6, 5), (1, 5, 8)
    yield "Microsoft Gelu", "com.microsoft.Gelu", 13, {}, [maps], F.gelu
    yield "Microsoft BiasGelu", "com.microsoft.BiasGelu", 13, {}, [tokens, weight(8)], lambda x, bias: F.gelu(x + bias)
    yield "Microsoft FastGelu", "com.microsoft.FastGelu", 13, {}, [tokens, weight(8)], lambda x, bias: F.gelu(x + bias, approximate="tanh")
    yield "Microsoft QuickGelu", "com.microsoft.QuickGelu", 13, {}, [tokens], lambda x: x * torch.sigmoid(1.702 * x)
    kernel = weight(4, 3, 3, 3)
    yield "Microsoft FusedConv", "com.microsoft.FusedConv", 13, {"pads": [1] * 4, "activation": "HardSigmoid", "activation_params": [0.25, 0.4]}, \
        [maps, kernel, weight(4)], lambda x, w, b: (0.25 * F.conv2d(x, w, b, padding=1) + 0.4).clamp(0, 1)
    yield "Microsoft FusedConv with a sum", "com.microsoft.FusedConv", 13, {"pads": [1] * 4, "activation": "Relu"}, \
        [maps, kernel, weight(4), weight(1, 4, 6, 5)], lambda x, w, b, z: (F.conv2d(x, w, b, padding=1) + z).relu()
    yield "Microsoft FusedGemm", "com.microsoft.FusedGemm", 13, {"transB": 1, "activation": "LeakyRelu", "activation_alpha": 0.2}, \
        [(1, 7), weight(5, 7), weight(5)], lambda x, w, b: F.leaky_relu(x @ w.T + b, 0.2)
    yield "Microsoft FusedMatMul", "com.microsoft.FusedMatMul", 13, {"transA": 1, "transB": 1, "alpha": 0.3}, \
        [(1, 7, 4), weight(5, 7)], lambda x, w: 0.3 * x.transpose(1, 2) @ w.T
    yield "Microsoft SkipLayerNormalization", "com.microsoft.SkipLayerNormalization", 13, {"epsilon": 1e-5}, \
        [tokens, weight(1, 5, 8), weight(8), weight(8), weight(8)], lambda x, skip, gain, bias, more: F.layer_norm(x + skip + more, (8,), gain, bias)


def microsoft_transformer_cases():
    tokens = (1, 5, 8)

    def attended(q, k, v):
        """Of two heads."""
        q, k, v = (x.view(1, -1, 2, x.shape[2] // 2).transpose(1, 2) for x in (q, k, v))
        return F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
    yield "Microsoft Attention", "com.microsoft.Attention", 13, {"num_heads": 2}, [tokens, weight(8, 24), weight(24)], \
        lambda x, w, b: attended(*(x @ w + b).chunk(3, -1))
    yield "Microsoft MultiHeadAttention", "com.microsoft.MultiHeadAttention", 13, {"num_heads": 2}, [tokens, "first", "first", weight(24)], \
        lambda q, k, v, b: attended(*(x + part for x, part in zip((q, k, v), b.chunk(3))))
    whole_weights = RANDOM.integers(0, 16, (6, 40))
    blocks = np.pad(whole_weights, ((0, 0), (0, 8))).reshape(6, 3, 16)
    packed, scales = (blocks[..., 0::2] | blocks[..., 1::2] << 4).astype(np.uint8), positive(18)
    zeros = RANDOM.integers(0, 16, (6, 4))
    zeros[:, 3] = 0
    packed_zeros = (zeros[:, 0::2] | zeros[:, 1::2] << 4).astype(np.uint8)

    def product(zero):
        spread = np.repeat(scales.reshape(6, 3), 16, 1)[:, :40], np.repeat(zero, 16, 1)[:, :40]
        of_float = torch.from_numpy(((whole_weights - spread[1]) * spread[0]).astype(np.float32))
        return lambda x, *_: x @ of_float.T
    attributes = {"K": 40, "N": 6, "bits": 4, "block_size": 16}
    yield "Microsoft MatMulNBits", "com.microsoft.MatMulNBits", 13, attributes, [(1, 5, 40), packed, scales], product(np.full((6, 3), 8))
    yield "Microsoft MatMulNBits with zero points", "com.microsoft.MatMulNBits", 13, attributes, [(1, 5, 40), packed, scales, packed_zeros.flatten()], \
        product(zeros[:, :3])


def gated_cases():
    yield "SwiGLU", "SwiGLU", 28, {"alpha": 1.5}, [(1, 3, 4, 5), weight(1, 3, 4, 5)], lambda a, b: a * torch.sigmoid(1.5 * a) * b


def ceil_cases():
    """Windows that go over the map's edge, or hold more than the map: ceil_mode. The mean is of what lies in map and padding."""
    maps = (2, 3, 7, 6)
    for kernel, strides, pads in [
        ((20, 20), (20, 20), (0, 0)), ((9, 3), (4, 2), (0, 0)), ((8, 5), (3, 5), (1, 2)), ((3, 2), (2, 3), (1, 1)), ((5, 9), (3, 3), (2, 4)), ((2, 2), (5, 5), (0, 0)),
    ]:
        text = f"{kernel[0]}x{kernel[1]} stride {strides[0]}x{strides[1]} pad {pads[0]}x{pads[1]}"
        attributes = {"kernel_shape": kernel, "strides": strides, "pads": pads * 2, "ceil_mode": 1}
        for include in (0, 1):
            yield f"AveragePool ceil {text}, padding {'included' if include else 'excluded'}", "AveragePool", 19, attributes | {"count_include_pad": include}, \
                [maps], lambda x, k=kernel, s=strides, p=pads, i=include: F.avg_pool2d(x, k, s, p, True, bool(i))
        yield f"MaxPool ceil {text}", "MaxPool", 12, attributes, [maps], lambda x, k=kernel, s=strides, p=pads: F.max_pool2d(x, k, s, p, ceil_mode=True)
    for pads in [(0, 2, 1, 0), (1, 0, 0, 3)]:
        for include in (0, 1):
            yield f"AveragePool ceil, pads {pads}, {include}", "AveragePool", 19, \
                {"kernel_shape": (5, 10), "strides": (2, 4), "pads": pads, "ceil_mode": 1, "count_include_pad": include}, \
                [maps], average_pool((5, 10), pads, bool(include), stride=(2, 4), ceil_mode=True)
    yield "AveragePool ceil, dilated", "AveragePool", 19, {"kernel_shape": (3, 3), "strides": (2, 2), "dilations": (2, 3), "ceil_mode": 1}, [(2, 3, 8, 8)], \
        lambda x: F.pad(x, (0, 1, 0, 1)).unfold(2, 5, 2).unfold(3, 7, 2)[..., ::2, ::3].sum((4, 5)) / torch.tensor([[9.0, 6], [9, 6], [6, 4]])[None, None]
    yield "LpPool ceil", "LpPool", 18, {"kernel_shape": (20, 4), "strides": (20, 3), "p": 2, "ceil_mode": 1}, [maps], \
        lambda x: F.avg_pool2d(x ** 2, (20, 4), (20, 3), ceil_mode=True, divisor_override=1).sqrt()


def every_case():
    for cases in (
        conv_cases, pool_cases, elementwise_cases, matrix_cases, shape_cases, activation_cases, reduction_cases, normalization_cases,
        resampling_cases, selection_cases, composite_cases, more_elementwise_cases, indexing_cases, grid_sample_cases, microsoft_cases, gated_cases,
        microsoft_transformer_cases, ceil_cases,
    ):
        yield from cases()
