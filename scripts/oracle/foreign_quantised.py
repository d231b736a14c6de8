"""The small classifier in few bits: float16, bfloat16, int8, int4, weights alone or the whole graph. Every function returns the file's twin."""
import ml_dtypes
import numpy as np
from onnx import TensorProto, helper

import foreign_graph as plain
from foreign_graph import B1, B2, File, HEAD, HEAD_BIAS, SIZE, W1, W2, MEAN, SCALE, SHIFT, VARIANCE
from foreign_twin import DynamicallyQuantised, Quantised, Twin, WEIGHTS

WINDOW = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
# scale and zero point of every activation, for the photo that the goldens show
RANGES = {"input": (0.018, 118), "hidden": (0.022, 0), "features": (0.03, 0), "pooled": (0.012, 0), "scores": (0.05, 128)}


def network(file, read, norm=True):
    """The plain network, whose weights `read` brings into the file."""
    x = file.node("Conv", "input", read(W1, 0), read(B1), **WINDOW, strides=[2, 2])
    x = file.node("Relu", file.node("BatchNormalization", x, *(read(a) if norm else a for a in (SCALE, SHIFT, MEAN, VARIANCE))))
    x = file.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = file.node("Relu", file.node("Conv", x, read(W2, 0), read(B2), **WINDOW))
    x = file.node("Flatten", file.node("GlobalAveragePool", x))
    return file.node("Gemm", x, read(HEAD, 1), read(HEAD_BIAS))


def of_type(dtype, norm=True):
    """The twin whose weights went through a type."""
    names = [name for name in WEIGHTS if norm or name not in ("SCALE", "SHIFT", "MEAN", "VARIANCE")]
    return Twin(**{name: getattr(plain, name).astype(dtype).astype(np.float32) for name in names})


def half_weights():
    """Weights in float16, cast while running."""
    file = File()
    file.save("half_weights", network(file, lambda a, axis=None: file.node("Cast", a.astype(np.float16), to=TensorProto.FLOAT), norm=False))
    return of_type(np.float16, norm=False)


def bfloat16_weights():
    """Weights in bfloat16, cast while running."""
    file = File()
    file.save("bfloat16_weights", network(file, lambda a, axis=None: file.node("Cast", a.astype(ml_dtypes.bfloat16), to=TensorProto.FLOAT), norm=False))
    return of_type(ml_dtypes.bfloat16, norm=False)


def float16_graph():
    """All of it in float16, input and scores included."""
    file = File()
    file.save("float16_graph", network(file, lambda a, axis=None: a.astype(np.float16)), kind=TensorProto.FLOAT16, opset=15)
    return of_type(np.float16)


def bfloat16_graph():
    """All of it in bfloat16."""
    file = File()
    file.save("bfloat16_graph", network(file, lambda a, axis=None: a.astype(ml_dtypes.bfloat16)), kind=TensorProto.BFLOAT16, opset=22, ir=10)
    return of_type(ml_dtypes.bfloat16)


def quantised(array, axis=None, most=127):
    """Whole numbers, the scales (one, or one a slice), and what they stand for."""
    others = tuple(i for i in range(array.ndim) if i != axis)
    scale = (np.abs(array).max(others if axis is not None else None) / most).astype(np.float32)
    spread = scale.reshape([-1 if i == axis else 1 for i in range(array.ndim)]) if axis is not None else scale
    whole = np.round(array / spread).astype(np.int8)
    return whole, scale, whole * spread


def weights_alone(name, axes):
    """Weights in int8 through DequantizeLinear; `axes`: one scale a channel, else one a tensor."""
    file = File()

    def read(array, axis=None):
        if array.ndim == 1:
            return array
        whole, scale, _ = quantised(array, axis if axes else None)
        return file.node("DequantizeLinear", whole, scale, np.zeros(scale.shape, np.int8), **({"axis": axis} if axes else {}))
    file.save(name, network(file, read))
    return Twin(W1=quantised(W1, 0 if axes else None)[2], W2=quantised(W2, 0 if axes else None)[2], HEAD=quantised(HEAD, 1 if axes else None)[2])


def int8_weights():
    return weights_alone("int8_weights", True)


def int8_per_tensor():
    return weights_alone("int8_per_tensor", False)


def int4_blocks():
    """The head's weights in int4, a scale for every four of its rows, as quantisers of transformers write them."""
    file = File()
    blocks = HEAD.reshape(2, 4, 5)
    scale = (np.abs(blocks).max(1) / 7).astype(np.float32)
    whole = np.round(blocks / scale[:, None]).reshape(8, 5)
    stored = helper.make_tensor("int4", TensorProto.INT4, [8, 5], whole.astype(int).flatten())
    file.initializers.append(stored)

    def read(array, axis=None):
        return file.node("DequantizeLinear", "int4", scale, axis=0, block_size=4) if array is HEAD else array
    file.save("int4_blocks", network(file, read), opset=21, ir=10)
    return Twin(HEAD=whole * np.repeat(scale, 4, 0))


def folded():
    """The first convolution with its batch norm inside."""
    scale = SCALE / np.sqrt(VARIANCE + 1e-5)
    return (W1 * scale[:, None, None, None]).astype(np.float32), ((B1 - MEAN) * scale + SHIFT).astype(np.float32)


class Whole:
    """The network's weights in int8 and its biases in int32, as static quantisation stores them."""

    def __init__(self):
        kernel, bias = folded()
        self.w1, self.s1, w1 = quantised(kernel, 0)
        self.w2, self.s2, w2 = quantised(W2, 0)
        self.head, self.s3, head = quantised(HEAD)
        self.b1, b1 = self.bias(bias, "input", self.s1)
        self.b2, b2 = self.bias(B2, "hidden", self.s2)
        self.b3, b3 = self.bias(HEAD_BIAS, "pooled", self.s3)
        ones, zeros = np.ones(6, np.float32), np.zeros(6, np.float32)
        self.twin = Quantised(RANGES, W1=w1, B1=b1, W2=w2, B2=b2, HEAD=head, HEAD_BIAS=b3, SCALE=ones, SHIFT=zeros, MEAN=zeros, VARIANCE=ones - 1e-5)

    @staticmethod
    def bias(array, name, scale):
        scale = (np.float32(RANGES[name][0]) * scale).astype(np.float32)
        whole = np.round(array / scale).astype(np.int32)
        return whole, whole * scale


def pair(name):
    scale, zero = RANGES[name]
    return np.float32(scale), np.uint8(zero)


def qdq():
    """QuantizeLinear and DequantizeLinear around every activation, as static quantisation in the QDQ form writes them."""
    file, q = File(), Whole()
    through = lambda x, name: file.node("DequantizeLinear", file.node("QuantizeLinear", x, *pair(name)), *pair(name))

    def weight(whole, scale, axis):
        return file.node("DequantizeLinear", whole, scale, np.zeros(scale.shape, np.int8), **({"axis": axis} if scale.ndim else {}))

    def bias(whole, name, scale):
        scale = (np.float32(RANGES[name][0]) * scale).astype(np.float32)
        return file.node("DequantizeLinear", whole, scale, np.zeros(scale.shape, np.int32), **({"axis": 0} if scale.ndim else {}))
    x = file.node("Conv", through("input", "input"), weight(q.w1, q.s1, 0), bias(q.b1, "input", q.s1), **WINDOW, strides=[2, 2])
    x = file.node("MaxPool", through(file.node("Relu", x), "hidden"), kernel_shape=[2, 2], strides=[2, 2])
    x = file.node("Conv", x, weight(q.w2, q.s2, 0), bias(q.b2, "hidden", q.s2), **WINDOW)
    x = file.node("Flatten", file.node("GlobalAveragePool", through(file.node("Relu", x), "features")))
    x = file.node("Gemm", through(x, "pooled"), weight(q.head, q.s3, 1), bias(q.b3, "pooled", q.s3))
    file.save("qdq", through(x, "scores"))
    return q.twin


def qoperators():
    """QLinearConv and ONNX Runtime's QLinearGlobalAveragePool and QGemm, as static quantisation in the operator form writes them."""
    file, q = File(), Whole()
    zeros = lambda scale: np.zeros(scale.shape, np.int8)
    x = file.node("QuantizeLinear", "input", *pair("input"))
    x = file.node("QLinearConv", x, *pair("input"), q.w1, q.s1, zeros(q.s1), *pair("hidden"), q.b1, **WINDOW, strides=[2, 2])
    x = file.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = file.node("QLinearConv", x, *pair("hidden"), q.w2, q.s2, zeros(q.s2), *pair("features"), q.b2, **WINDOW)
    x = file.node("QLinearGlobalAveragePool", x, *pair("features"), *pair("pooled"), domain="com.microsoft", channels_last=0)
    x = file.node("QGemm", file.node("Flatten", x), *pair("pooled"), q.head, q.s3, zeros(q.s3), q.b3, *pair("scores"), domain="com.microsoft")
    file.save("qoperators", file.node("DequantizeLinear", x, *pair("scores")), domains=["com.microsoft"])
    return q.twin


def qoperators_all():
    """ONNX Runtime's other quantised operators, put so that they change nothing, and a quantised Softmax."""
    file, q = File(), Whole()
    zeros = lambda scale: np.zeros(scale.shape, np.int8)
    ms = lambda kind, *inputs, **attributes: file.node(kind, *inputs, domain="com.microsoft", **attributes)
    unit = (np.float32(1 / 255), np.uint8(0))
    x = ms("QuantizeLinear", "input", *pair("input"))
    x = file.node("QLinearConv", x, *pair("input"), q.w1, q.s1, zeros(q.s1), *pair("hidden"), q.b1, **WINDOW, strides=[2, 2])
    x = file.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = file.node("QLinearConv", x, *pair("hidden"), q.w2, q.s2, zeros(q.s2), *pair("features"), q.b2, **WINDOW)
    x = ms("QLinearAdd", x, *pair("features"), np.full((1, 8, 1, 1), 40, np.uint8), np.float32(0.7), np.uint8(40), *pair("features"))
    one = ms("QLinearSigmoid", np.full((1, 8, 1, 1), 250, np.uint8), np.float32(0.1), np.uint8(20), *unit)
    x = ms("QLinearMul", x, *pair("features"), one, *unit, *pair("features"))
    x = ms("QLinearLeakyRelu", x, *pair("features"), *pair("features"), alpha=0.1)
    y, z = file.node("Split", x, np.array([3, 5], np.int64), outputs=2, axis=1)
    x = ms("QLinearConcat", *pair("features"), y, *pair("features"), z, *pair("features"), axis=1)
    x = ms("QLinearAveragePool", x, *pair("features"), *pair("features"), kernel_shape=[1, 1], channels_last=0)
    x = ms("QLinearGlobalAveragePool", x, *pair("features"), *pair("pooled"), channels_last=0)
    x = ms("QGemm", file.node("Flatten", x), *pair("pooled"), q.head, q.s3, zeros(q.s3), q.b3, *pair("scores"))
    x = ms("QLinearSoftmax", x, *pair("scores"), *unit, axis=-1, opset=13)
    file.save("qoperators_all", ms("DequantizeLinear", x, *unit), domains=["com.microsoft"])
    return q.twin


def dynamic_quantised():
    """DynamicQuantizeLinear, ConvInteger and MatMulInteger, as dynamic quantisation writes them."""
    file = File()

    def product(kind, x, array, **attributes):
        whole, scale, value = quantised(array)
        x, own, zero = file.node("DynamicQuantizeLinear", x, outputs=3)
        y = file.node("Cast", file.node(kind, x, whole, zero, np.int8(0), **attributes), to=TensorProto.FLOAT)
        return file.node("Mul", y, file.node("Mul", own, scale)), value
    kernel, bias = folded()
    x, w1 = product("ConvInteger", "input", kernel, **WINDOW, strides=[2, 2])
    x = file.node("Relu", file.node("Add", x, bias.reshape(1, 6, 1, 1)))
    x, w2 = product("ConvInteger", file.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2]), W2, **WINDOW)
    x = file.node("Relu", file.node("Add", x, B2.reshape(1, 8, 1, 1)))
    x, head = product("MatMulInteger", file.node("Flatten", file.node("GlobalAveragePool", x)), HEAD)
    file.save("dynamic_quantised", file.node("Add", x, HEAD_BIAS))
    ones, zeros = np.ones(6, np.float32), np.zeros(6, np.float32)
    return DynamicallyQuantised(W1=w1, B1=bias, W2=w2, HEAD=head, SCALE=ones, SHIFT=zeros, MEAN=zeros, VARIANCE=ones - 1e-5)
