"""The small classifier as tools wrote it years ago: ONNX operator sets 3 to 8."""
import numpy as np

from foreign_graph import B1, B2, File, HEAD, HEAD_BIAS, MEAN, SCALE, SHIFT, SIZE, VARIANCE, W1, W2

WINDOW = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
FIXED = {"ir": 3, "listed": True, "shape": (1, 3, SIZE[1], SIZE[0]), "batch": 1}   # weights are inputs too, the batch is 1


def caffe2_opset3():
    """Opset 3 with what operator set 1 asked for: consumed_inputs, Reshape by attribute, Concat without an axis, BatchNormalization with the outputs
    and attributes of training, LRN (of strength 0)."""
    file = File()
    x = file.node("Conv", "input", W1, **WINDOW, strides=[2, 2])
    x = file.node("Add", x, B1, broadcast=1, axis=1, consumed_inputs=[1, 0])
    x = file.node("BatchNormalization", x, SCALE, SHIFT, MEAN, VARIANCE, outputs=5, spatial=1, is_test=1, epsilon=1e-5, momentum=0.9,
                  consumed_inputs=[0, 0, 0, 1, 1])[0]
    x = file.node("LRN", file.node("Relu", x, consumed_inputs=[1]), size=5, alpha=0.0, beta=0.75, bias=1.0)
    x = file.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    y = file.node("Conv", x, W2[:5].copy(), B2[:5].copy(), **WINDOW)
    z = file.node("Conv", x, W2[5:].copy(), B2[5:].copy(), **WINDOW)
    x = file.node("Relu", file.node("Concat", y, z), consumed_inputs=[1])
    x = file.node("Dropout", file.node("Sum", x, consumed_inputs=[1]), outputs=2, is_test=1, ratio=0.5, consumed_inputs=[1])[0]
    x = file.node("Reshape", file.node("AveragePool", x, kernel_shape=[8, 10]), shape=[1, 8], consumed_inputs=[0])
    file.save("caffe2_opset3", file.node("Softmax", file.node("Gemm", x, HEAD, HEAD_BIAS, broadcast=1)), opset=3, **FIXED)


def mxnet_opset4():
    """Opset 4 as MXNet's exporter wrote it: a Pad of its own, a shift along an axis by Mul and Add, FullyConnected as Flatten and Gemm with transB."""
    file = File()
    x = file.node("Pad", "input", mode="constant", pads=[0, 0, 1, 1, 0, 0, 1, 1], value=0.0)
    x = file.node("Conv", x, W1, B1, kernel_shape=[3, 3], strides=[2, 2], pads=[0, 0, 0, 0], dilations=[1, 1], group=1)
    scale = (SCALE / np.sqrt(VARIANCE + 1e-5)).astype(np.float32)
    x = file.node("Mul", x, scale, broadcast=1, axis=1)
    x = file.node("Add", x, (SHIFT - MEAN * scale).astype(np.float32), broadcast=1, axis=1)
    x = file.node("MaxPool", file.node("Relu", x), kernel_shape=[2, 2], strides=[2, 2], pads=[0, 0, 0, 0])
    x = file.node("Relu", file.node("Conv", x, W2, B2, **WINDOW))
    x = file.node("Dropout", file.node("GlobalAveragePool", x), ratio=0.5, is_test=1)
    x = file.node("Gemm", file.node("Flatten", x), HEAD.T.copy(), HEAD_BIAS, alpha=1.0, beta=1.0, transA=0, transB=1, broadcast=1)
    file.save("mxnet_opset4", file.node("Softmax", x, axis=1), opset=4, **FIXED)


def opset5():
    """Opset 5: Reshape by an operand for the first time; Split, Slice, Squeeze and Unsqueeze by attributes, Clip with one bound."""
    file = File()
    x = file.node("Conv", "input", W1, B1, **WINDOW, strides=[2, 2])
    x = file.node("BatchNormalization", x, SCALE, SHIFT, MEAN, VARIANCE, spatial=1, is_test=1, consumed_inputs=[0, 0, 0, 1, 1])
    x = file.node("MaxPool", file.node("Clip", x, min=0.0, consumed_inputs=[0]), kernel_shape=[2, 2], strides=[2, 2])
    x = file.node("Relu", file.node("Conv", x, W2, B2, **WINDOW))
    y, z = file.node("Split", x, outputs=2, axis=1, split=[3, 5])
    x = file.node("Concat", y, file.node("Slice", z, axes=[1], starts=[0], ends=[5]), axis=1)
    x = file.node("ReduceMean", file.node("Unsqueeze", x, axes=[4]), axes=[2, 3], keepdims=1)
    x = file.node("Reshape", file.node("Squeeze", x, axes=[4]), np.array([1, 8], np.int64))
    file.save("opset5", file.node("Gemm", x, HEAD, HEAD_BIAS, broadcast=1), opset=5, **FIXED)


def caffe2_opset6():
    """Opset 6, IR 3: weights listed as inputs, Reshape by a constant, Clip and Dropout of old, a bias added along an axis, Softmax's old form."""
    file = File()
    x = file.node("Conv", "input", W1, kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2])
    x = file.node("Add", x, B1, broadcast=1, axis=1)
    x = file.node("BatchNormalization", x, SCALE, SHIFT, MEAN, VARIANCE, spatial=1, is_test=1)
    x = file.node("MaxPool", file.node("Clip", x, min=0.0), kernel_shape=[2, 2], strides=[2, 2])
    x = file.node("Relu", file.node("Conv", x, W2, B2, kernel_shape=[3, 3], pads=[1, 1, 1, 1]))
    x = file.node("Dropout", file.node("Sum", x), is_test=1, ratio=0.5)
    x = file.node("Reshape", file.node("GlobalAveragePool", x), np.array([1, 8], np.int64))
    x = file.node("Gemm", x, HEAD, HEAD_BIAS, broadcast=1)
    file.save("caffe2_opset6", file.node("Softmax", x), opset=6, ir=3, listed=True, shape=(1, 3, SIZE[1], SIZE[0]), batch=1)


def opset8():
    """Opset 8: an Upsample by attribute (undone by a mean), a MaxPool whose indices nobody reads, Sum and Max of several."""
    file = File()
    x = file.node("Conv", "input", W1, B1, **WINDOW, strides=[2, 2])
    x = file.node("Relu", file.node("BatchNormalization", x, SCALE, SHIFT, MEAN, VARIANCE))
    x = file.node("MaxPool", x, outputs=2, kernel_shape=[2, 2], strides=[2, 2])[0]
    x = file.node("Max", file.node("Conv", x, W2, B2, **WINDOW), np.zeros((1, 1, 1), np.float32))
    x = file.node("AveragePool", file.node("Upsample", x, mode="nearest", scales=[1.0, 1.0, 2.0, 2.0]), kernel_shape=[2, 2], strides=[2, 2])
    x = file.node("Relu", file.node("Sum", x, np.zeros((8, 1, 1), np.float32)))
    x = file.node("Flatten", file.node("GlobalAveragePool", x))
    file.save("opset8", file.node("Gemm", x, HEAD, HEAD_BIAS), opset=8, ir=3, listed=True)
