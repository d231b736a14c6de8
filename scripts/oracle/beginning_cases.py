"""Makes Tests/Cases/beginnings/: small networks whose first nodes normalise their pixels, and index.json, which says what they want.

`wants`: pixels of 0..1 (unit), of 0..255 (byte), of 0..255 less their mean (centred) or less 128 (signed), of -1..1 (symmetric), or nothing that it tells (assumed);
`order` and `size` (width, height) where the network tells them. ONNX Runtime has run every file.
"""
import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

FOLDER = Path(__file__).resolve().parents[2] / "Tests/Cases/beginnings"
MEAN, STD = np.array([0.485, 0.456, 0.406], np.float32), np.array([0.229, 0.224, 0.225], np.float32)
CAFFE = np.array([103.939, 116.779, 123.68], np.float32)
SIDE = 16


class Network:
    """Nodes in a row; `x` is the last value."""

    def __init__(self, channels=3, last=False, kind=TensorProto.FLOAT, size=(SIDE, SIDE)):
        self.nodes, self.weights, self.x, self.channels = [], [], "photo", channels
        shape = [1, *size, channels] if last else [1, channels, *size]
        self.input = helper.make_tensor_value_info("photo", kind, shape)

    def constant(self, value, kind=None):
        name = f"c{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(value, kind or (np.float32 if not isinstance(value, (np.ndarray, np.generic)) else value.dtype)), name))
        return name

    def node(self, op, *operands, reads=None, outputs=1, **attributes):
        names = [f"v{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(op, [reads or self.x, *operands], names, **attributes))
        self.x = names[0]
        return names if outputs > 1 else self

    def by(self, op, value, channelwise=False):
        value = np.asarray(value, np.float32)
        return self.node(op, self.constant(value.reshape(1, -1, 1, 1) if channelwise else value))

    def swapped(self, op, value):
        """The constant first."""
        name = f"v{len(self.nodes)}_0"
        self.nodes.append(helper.make_node(op, [self.constant(np.asarray(value, np.float32)), self.x], [name]))
        self.x = name
        return self

    def batch_norm(self, mean, variance, scale=1.0, shift=0.0):
        n = self.channels
        full = [np.full(n, v, np.float32) if np.isscalar(v) else np.asarray(v, np.float32) for v in (scale, shift, mean, variance)]
        return self.node("BatchNormalization", *[self.constant(v) for v in full], epsilon=1e-5)

    def finished(self, kernel=3, channels=None):
        rng = np.random.default_rng(5)
        weight = rng.normal(size=(4, channels or self.channels, kernel, kernel)).astype(np.float32) / 6
        self.node("Conv", self.constant(weight), kernel_shape=[kernel, kernel], pads=[kernel // 2] * 4, name="stem")
        return self.headed()

    def headed(self):
        rng = np.random.default_rng(6)
        self.node("Relu").node("GlobalAveragePool").node("Flatten").node("MatMul", self.constant(rng.normal(size=(4, 3)).astype(np.float32)))
        self.nodes[-1].output[0] = "scores"
        graph = helper.make_graph(self.nodes, "g", [self.input], [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 3])], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        return model


def conv(network, weight, bias, group=1):
    return network.node("Conv", network.constant(np.asarray(weight, np.float32)), network.constant(np.asarray(bias, np.float32)), group=group, kernel_shape=[1, 1])


def unsigned(network, scale=1 / 51, zero=114):
    """A quantiser's pair of nodes; 1/51 and zero point 114 keep pixels of -2.2..2.8."""
    scale, zero = network.constant(np.float32(scale)), network.constant(np.uint8(zero))
    return network.node("QuantizeLinear", scale, zero).node("DequantizeLinear", scale, zero)


def parts(network, order):
    names = network.node("Split", network.constant(np.array([1, 1, 1], np.int64)), axis=1, outputs=3)
    return network.node("Concat", *[names[i] for i in order[1:]], reads=names[order[0]], axis=1)


def reversed_by(network, how, axis=1):
    c = network.constant
    if how == "slice":
        return network.node("Slice", c(np.array([-1], np.int64)), c(np.array([-4], np.int64)), c(np.array([axis], np.int64)), c(np.array([-1], np.int64)))
    if how == "gather":
        return network.node("Gather", c(np.array([2, 1, 0], np.int64)), axis=axis)
    if how == "split":
        return parts(network, [2, 1, 0])
    return conv(network, np.eye(3)[::-1].reshape(3, 3, 1, 1), np.zeros(3))


def resized(network, mode="linear"):
    return network.node("Resize", "", "", network.constant(np.array([1, 3, 20, 24], np.int64)), mode=mode, coordinate_transformation_mode="half_pixel")


def imagenet(network, scale=1.0):
    return network.by("Sub", MEAN * scale, True).by("Div", STD * scale, True)


def cases():
    """name, network, what it wants: unit, byte, centred, symmetric, assumed; and order, size where it tells them."""
    n = Network
    rng = np.random.default_rng(8)
    image = CAFFE.reshape(1, 3, 1, 1) + rng.normal(size=(1, 3, SIDE, SIDE)) * 8
    yield "divided-by-255", n().by("Div", 255).finished(), "byte"
    yield "times-1-255", n().by("Mul", 1 / 255).finished(), "byte"
    yield "minus-1-to-1", n().by("Div", 127.5).by("Sub", 1).finished(), "byte"
    yield "keras-rescaling", n().by("Mul", 1 / 127.5).by("Add", -1).finished(), "byte"
    yield "twice-less-1", n().by("Mul", 2).by("Sub", 1).finished(), "unit"
    yield "half-first", n().by("Sub", 0.5).by("Div", 0.5).finished(), "unit"
    yield "swapped-subtraction", n().swapped("Sub", 255).by("Div", 255).finished(), "byte"
    yield "imagenet-unit", imagenet(n()).finished(), "unit", "rgb"
    yield "imagenet-byte", imagenet(n().by("Div", 255)).finished(), "byte", "rgb"
    yield "imagenet-of-bytes", imagenet(n(), 255).finished(), "byte", "rgb"
    yield "imagenet-byte-bgr", n().by("Sub", 255 * MEAN[::-1], True).by("Div", 255 * STD[::-1], True).finished(), "byte", "bgr"
    yield "imagenet-unit-bgr", n().by("Sub", MEAN[::-1], True).by("Div", STD[::-1], True).finished(), "unit", "bgr"
    yield "caffe-of-bgr", n().by("Sub", CAFFE, True).finished(), "byte", "bgr"
    for how in ["slice", "gather", "split", "convolution"]:
        yield f"caffe-reversed-by-{how}", reversed_by(n(), how).by("Sub", CAFFE, True).finished(), "byte", "rgb"
    yield "keras-layers", keras_layers(), "byte", "rgb"
    yield "caffe-channels-last", last_axis(), "byte", "rgb"
    yield "mean-image-byte", n().by("Sub", image).finished(), "byte", "bgr"
    yield "mean-image-unit", n().by("Sub", image / 255).finished(), "unit", "bgr"
    yield "mean-image-and-scale", n().by("Sub", image).by("Mul", 0.017).finished(), "byte", "bgr"
    yield "batch-norm-byte", n().batch_norm([123.7, 116.3, 103.5], [3400, 3260, 3290]).finished(), "byte"
    yield "batch-norm-unit", n().batch_norm([0.48, 0.45, 0.41], [0.08, 0.075, 0.08]).finished(), "unit"
    yield "batch-norm-symmetric", n().batch_norm([-0.03, -0.09, -0.18], [0.28, 0.26, 0.29]).finished(), "symmetric"
    yield "batch-norm-normalised", n().batch_norm([-0.02, 0.05, 0.1], [1.4, 1.3, 1.5]).finished(), "assumed"
    yield "batch-norm-centred", n().batch_norm([0.4, -0.6, 1.1], [3300, 3200, 3400]).finished(), "centred"
    yield "batch-norm-with-scale-byte", n().batch_norm([120, 115, 105], [3400, 3260, 3290], 0.4, 0.2).finished(), "byte"
    yield "batch-norm-behind-255", n().by("Div", 255).batch_norm([0.48, 0.45, 0.41], [0.08, 0.075, 0.08]).finished(), "byte"
    yield "depthwise", conv(n(), (1 / (255 * STD)).reshape(3, 1, 1, 1), -MEAN / STD, 3).finished(), "byte", "rgb"
    yield "depthwise-unit", conv(n(), (1 / STD).reshape(3, 1, 1, 1), -MEAN / STD, 3).finished(), "unit", "rgb"
    yield "diagonal", conv(n(), np.diag(1 / (255 * STD)).reshape(3, 3, 1, 1), -MEAN / STD).finished(), "byte", "rgb"
    yield "pad-first", padded(), "byte"
    clipped = n()
    yield "clip-first", clipped.node("Clip", clipped.constant(np.float32(0)), clipped.constant(np.float32(255))).by("Div", 255).finished(), "byte"
    yield "cast-first", imagenet(n(kind=TensorProto.UINT8).node("Cast", to=TensorProto.FLOAT).by("Div", 255)).finished(), "byte", "rgb"
    yield "cast-only", n(kind=TensorProto.UINT8).node("Cast", to=TensorProto.FLOAT).finished(), "byte"
    yield "transpose-first", imagenet(n(last=True).by("Div", 255).node("Transpose", perm=[0, 3, 1, 2])).finished(), "byte", "rgb"
    reshaped = n()
    yield "reshape-between", reshaped.by("Div", 255).node("Reshape", reshaped.constant(np.array([1, 3, SIDE, SIDE], np.int64))).finished(), "byte"
    yield "resize-first", imagenet(resized(n(size=("h", "w"))).by("Div", 255)).finished(), "byte", "rgb", [24, 20]
    yield "resize-behind-rescaling", resized(n(size=("h", "w")).by("Div", 255)).by("Sub", 0.5).finished(), "byte", None, [24, 20]
    yield "resize-fixed", resized(n()).by("Div", 255).finished(), "byte", None, [SIDE, SIDE]
    yield "resize-alone", resized(n(size=("h", "w"))).finished(), "assumed", None, [24, 20]
    yield "transform-input", transform_input(), "assumed"
    yield "quantised", unsigned(n()).finished(), "assumed"
    yield "quantised-behind-255", unsigned(n().by("Div", 255), 1 / 255, 0).finished(), "byte"
    yield "plain", n().finished(), "assumed"
    yield "mixing-1x1", n().finished(kernel=1), "assumed"
    yield "learned-1x1-with-bias", conv(n(), rng.normal(size=(3, 3, 1, 1)), [0.1, -0.2, 0.3]).finished(), "assumed"
    yield "grey-byte", n(1).by("Div", 255).finished(), "byte"
    yield "grey-unit", n(1).by("Sub", 0.1307).by("Div", 0.3081).finished(), "unit"
    yield "grey-plain", n(1).finished(), "assumed"
    yield "learned-affine", n().by("Mul", [1.1, 0.9, 1.0], True).by("Add", [0.05, -0.02, 0.01], True).finished(), "assumed"
    yield "learned-factor", n().by("Mul", 0.93).finished(), "assumed"
    yield "negated", n().node("Neg").finished(), "assumed"
    yield "channels-apart", n().by("Mul", [1.0, 1 / 255, 2.0], True).finished(), "assumed"
    yield "symmetric-then-imagenet", imagenet(n().by("Mul", 0.5).by("Add", 0.5)).finished(), "symmetric"
    yield "read-plain-beside", two_branches(2.0, plain=True), "assumed"
    yield "batch-norm-mixed", n().batch_norm([-0.3, 0.4, 1.2], [0.2, 0.2, 0.2]).finished(), "assumed"
    yield "batch-norm-dark", n().batch_norm([-0.3, -0.32, -0.35], [0.19, 0.18, 0.2]).finished(), "symmetric"
    yield "batch-norm-far-below", n().batch_norm([-120, -118, -119], [3400, 3260, 3290]).finished(), "assumed"
    yield "resize-by-scales", scaled(2.0), "assumed"
    yield "signed-bytes", signed(), "signed"
    yield "two-branches", two_branches(255.0), "byte"
    yield "two-branches-unit", two_branches(None), "unit", "rgb"
    yield "half-precision", half(), "byte"
    yield "floor-first", n().by("Mul", 1 / 255).by("Sub", 0.5).by("Mul", 2).finished(), "byte"
    yield "identity-and-255", n().node("Identity").by("Div", 255).finished(), "byte"
    yield "one-mean-of-bytes", n().by("Sub", 117).finished(), "byte"
    yield "div-by-256", n().by("Div", 256).finished(), "byte"
    yield "whitened", n().by("Sub", 128).by("Div", 64).finished(), "byte"


def keras_layers():
    """CenterCrop, Rescaling and Normalization of pixels whose colours stand last."""
    network = Network(last=True)
    c = network.constant
    network.node("Slice", c(np.array([2, 2], np.int64)), c(np.array([SIDE - 2, SIDE - 2], np.int64)), c(np.array([1, 2], np.int64)))
    network.node("Mul", c(np.float32(1 / 255))).node("Add", c(np.float32(0)))
    network.node("Sub", c(MEAN)).node("Div", c(STD)).node("Transpose", perm=[0, 3, 1, 2])
    return network.finished()


def last_axis():
    network = reversed_by(Network(last=True), "gather", 3)
    return network.node("Sub", network.constant(CAFFE)).node("Transpose", perm=[0, 3, 1, 2]).finished()


def padded():
    network = Network()
    pads = network.constant(np.array([0, 0, 2, 2, 0, 0, 2, 2], np.int64))
    return network.node("Pad", pads).by("Div", 255).finished()


def transform_input():
    """torchvision's GoogLeNet and Inception: pixels that ImageNet's values have normalised are brought to -1..1."""
    network, names = Network(), []
    for channel in range(3):
        network.node("Gather", network.constant(np.array(channel, np.int64)), reads="photo", axis=1)
        network.node("Unsqueeze", network.constant(np.array([1], np.int64)))
        network.by("Mul", STD[channel] / 0.5).by("Add", (MEAN[channel] - 0.5) / 0.5)
        names.append(network.x)
    return network.node("Concat", *names[1:], reads=names[0], axis=1).finished()


def scaled(factor):
    network = Network(size=("h", "w"))
    return network.node("Resize", "", network.constant(np.array([1, 1, factor, factor], np.float32)), mode="nearest").finished()


def signed():
    network = Network(kind=TensorProto.INT8)
    return network.node("DequantizeLinear", network.constant(np.float32(1 / 64)), network.constant(np.int8(0))).finished()


def two_branches(factor, plain=False):
    """Both branches read the same normalised pixels; or the second one the photo itself (plain)."""
    network = Network()
    if factor:
        network.by("Div", factor)
    else:
        imagenet(network)
    start, outputs, rng = network.x, [], np.random.default_rng(4)
    for kernel in (3, 5):
        weight = network.constant((rng.normal(size=(2, 3, kernel, kernel)) / 6).astype(np.float32))
        network.node("Conv", weight, reads="photo" if plain and kernel == 5 else start, kernel_shape=[kernel, kernel], pads=[kernel // 2] * 4)
        outputs.append(network.x)
    return network.node("Concat", outputs[1], reads=outputs[0], axis=1).headed()


def half():
    network = Network(kind=TensorProto.FLOAT16)
    network.node("Mul", network.constant(np.float16(1 / 255))).node("Cast", to=TensorProto.FLOAT)
    return network.finished()


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    index = []
    for name, model, wants, *more in cases():
        onnx.save(model, FOLDER / f"{name}.onnx")
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        described = session.get_inputs()[0]
        shape = [extent if isinstance(extent, int) else SIDE for extent in described.shape]
        kind = {"tensor(uint8)": np.uint8, "tensor(float16)": np.float16, "tensor(int8)": np.int8}.get(described.type, np.float32)
        assert np.isfinite(session.run(None, {"photo": np.ones(shape, kind)})[0]).all(), name
        index.append({"name": name, "wants": wants, "order": more[0] if more else None, "size": more[1] if len(more) > 1 else None})
    (FOLDER / "index.json").write_text("[\n" + ",\n".join(json.dumps(entry) for entry in index) + "\n]\n")
    print(len(index), "networks")


if __name__ == "__main__":
    main()
