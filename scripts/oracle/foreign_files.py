"""Writes Tests/Goldens/foreign: small classifiers as tools other than PyTorch's exporters write them, and what ONNX Runtime says of them.

usage: foreign_files.py

Every file computes the same function of the photo (but for the rounding of its weights), in another way of writing it down. Logits come from
ONNX Runtime, maps from torch's autograd on a twin.
"""
import pathlib

import numpy as np
import onnx
import onnxruntime
import torch
from PIL import Image
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from container import Container
from make_goldens import photo, photo_file
from oracle_maps import MEAN as MEAN_RGB, STD as STD_RGB, normalised

FOLDER = pathlib.Path(__file__).parents[2] / "Tests" / "Goldens" / "foreign"
SIZE = (40, 32)   # width, height
CLASS = 3
random = np.random.default_rng(7)


def weights(*shape, scale=None):
    return (random.standard_normal(shape) * (scale or (2 / np.prod(shape[1:])) ** 0.5)).astype(np.float32)


W1, B1 = weights(6, 3, 3, 3), weights(6, scale=0.1)
SCALE, SHIFT, MEAN, VARIANCE = 1 + weights(6, scale=0.2), weights(6, scale=0.2), weights(6, scale=0.1), 1 + np.abs(weights(6, scale=0.2))
W2, B2 = weights(8, 6, 3, 3), weights(8, scale=0.1)
HEAD, HEAD_BIAS = weights(8, 5, scale=1.5), weights(5, scale=0.5)


class File:
    """A graph under construction: nodes, weights, and a name for every tensor."""

    def __init__(self):
        self.nodes, self.initializers, self.count = [], [], 0

    def weight(self, array, name=None):
        name = name or f"w{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def node(self, kind, *inputs, outputs=1, domain="", **attributes):
        self.count += 1
        names = [f"t{self.count}_{index}" for index in range(outputs)]
        inputs = [i if isinstance(i, str) else self.weight(i) for i in inputs]
        self.nodes.append(helper.make_node(kind, inputs, names, name=f"{kind.lower()}_{self.count}", domain=domain, **attributes))
        return names[0] if outputs == 1 else names

    def save(self, name, score, opset=13, shape=("N", 3, SIZE[1], SIZE[0]), kind=TensorProto.FLOAT, classes=5, ir=8, listed=False, batch="N",
             extra_outputs=(), functions=(), input_name="input"):
        self.nodes.append(helper.make_node("Identity", [score], ["scores"], name="scores"))
        inputs = [helper.make_tensor_value_info(input_name, kind, shape)]
        if listed:   # before IR version 4, weights are inputs too
            inputs += [helper.make_tensor_value_info(w.name, w.data_type, w.dims) for w in self.initializers]
        outputs = [*extra_outputs, helper.make_tensor_value_info("scores", TensorProto.FLOAT, [batch, classes])]
        graph = helper.make_graph(self.nodes, name, inputs, outputs, self.initializers)
        opsets = [helper.make_opsetid("", opset)] + [helper.make_opsetid(f.domain, 1) for f in functions]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=ir, functions=list(functions))
        onnx.save(model, FOLDER / f"{name}.onnx")


def trunk(file, x, relu="Relu"):
    """Convolution, batch norm, relu, pool, convolution, relu: the map that is explained."""
    x = file.node("Conv", x, W1, B1, kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2])
    x = file.node("BatchNormalization", x, SCALE, SHIFT, MEAN, VARIANCE)
    x = file.node("MaxPool", file.node(relu, x), kernel_shape=[2, 2], strides=[2, 2])
    return file.node("Relu", file.node("Conv", x, W2, B2, kernel_shape=[3, 3], pads=[1, 1, 1, 1]))


def head(file, x):
    return file.node("Gemm", file.node("Flatten", file.node("GlobalAveragePool", x)), HEAD, HEAD_BIAS)


def plain():
    file = File()
    file.save("plain", head(file, trunk(file, "input")))


def keras_channels_last():
    """As tf2onnx writes Keras: NHWC input, transpositions, Pad nodes, a mean over axes 1 and 2, MatMul + Add, a closing Softmax."""
    file = File()
    x = file.node("Transpose", "input", perm=[0, 3, 1, 2])
    x = file.node("Pad", x, np.array([0, 0, 1, 1, 0, 0, 1, 1], np.int64))
    x = file.node("Conv", x, W1, B1, kernel_shape=[3, 3], strides=[2, 2])
    x = file.node("Relu", file.node("BatchNormalization", x, SCALE, SHIFT, MEAN, VARIANCE))
    x = file.node("Transpose", file.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2]), perm=[0, 2, 3, 1])
    x = file.node("Conv", file.node("Transpose", x, perm=[0, 3, 1, 2]), W2, B2, kernel_shape=[3, 3], auto_pad="SAME_UPPER")
    x = file.node("Relu", file.node("Transpose", x, perm=[0, 2, 3, 1]))
    x = file.node("Add", file.node("MatMul", file.node("ReduceMean", x, axes=[1, 2], keepdims=0), HEAD), HEAD_BIAS)
    file.save("keras_channels_last", file.node("Softmax", x), shape=("N", SIZE[1], SIZE[0], 3))


def preprocessing_inside():
    """uint8 pixels, channels last; cast, divided, normalised inside the graph."""
    file = File()
    x = file.node("Cast", "input", to=TensorProto.FLOAT)
    x = file.node("Div", x, np.float32(255))
    x = file.node("Sub", x, np.array([0.485, 0.456, 0.406], np.float32))
    x = file.node("Div", x, np.array([0.229, 0.224, 0.225], np.float32))
    x = file.node("Transpose", x, perm=[0, 3, 1, 2])
    file.save("preprocessing_inside", head(file, trunk(file, x)), shape=("N", SIZE[1], SIZE[0], 3), kind=TensorProto.UINT8)


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


def batch_of_four():
    """The batch fixed at 4, in shapes and constants too."""
    file = File()
    x = trunk(file, "input")
    x = file.node("Add", x, np.zeros((4, 8, 1, 1), np.float32))
    x = file.node("Reshape", file.node("GlobalAveragePool", x), np.array([4, -1], np.int64))
    x = file.node("Reshape", file.node("Reshape", x, np.array([4, 2, 4], np.int64)), np.array([4, 8], np.int64))
    file.save("batch_of_four", file.node("Gemm", x, HEAD, HEAD_BIAS), shape=(4, 3, SIZE[1], SIZE[0]), batch=4)


def several_outputs():
    """The features, an auxiliary head, then the scores."""
    file = File()
    x = trunk(file, "input")
    file.nodes.append(helper.make_node("Identity", [x], ["features"], name="features"))
    auxiliary = file.node("Gemm", file.node("Flatten", file.node("GlobalMaxPool", x)), HEAD[:, :3].copy(), HEAD_BIAS[:3].copy())
    file.nodes.append(helper.make_node("Identity", [auxiliary], ["auxiliary"], name="auxiliary"))
    extra = [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["N", 8, 8, 10]),
             helper.make_tensor_value_info("auxiliary", TensorProto.FLOAT, ["N", 3])]
    file.save("several_outputs", head(file, x), extra_outputs=extra)


def one_output():
    """A binary classifier: one score behind a Sigmoid; class 3 of the plain network."""
    file = File()
    x = file.node("Flatten", file.node("GlobalAveragePool", trunk(file, "input")))
    x = file.node("Gemm", x, HEAD[:, 3:4].copy(), HEAD_BIAS[3:4].copy())
    file.save("one_output", file.node("Sigmoid", x), classes=1)


def grey():
    """One input channel: the plain network's first convolution, summed over its channels."""
    file = File()
    file.save("grey", head(file, trunk_grey(file, "input")), shape=("N", 1, SIZE[1], SIZE[0]))


def trunk_grey(file, x):
    x = file.node("Concat", x, x, x, axis=1)
    return trunk(file, x)


def functions_and_if():
    """The second convolution in a model-local function, with its slope as an attribute; the head behind an If whose condition is constant."""
    leaky = helper.make_node("LeakyRelu", ["y"], ["z"])
    reference = onnx.AttributeProto(name="alpha", ref_attr_name="slope", type=onnx.AttributeProto.FLOAT)
    leaky.attribute.append(reference)
    body = [helper.make_node("Conv", ["x", "w", "b"], ["y"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]), leaky]
    function = helper.make_function("local", "Block", ["x", "w", "b"], ["z"], body, [helper.make_opsetid("", 13)], ["slope"])
    file = File()
    x = file.node("Conv", "input", W1, B1, kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2])
    x = file.node("Relu", file.node("BatchNormalization", x, SCALE, SHIFT, MEAN, VARIANCE))
    x = file.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = file.node("Block", x, W2, B2, domain="local", slope=0.0)
    condition = file.node("Equal", file.node("Gather", file.node("Shape", x), np.int64(1)), np.int64(8))

    def branch(kind):
        nodes = [helper.make_node(kind, [x], [f"{kind}_pooled"]), helper.make_node("Flatten", [f"{kind}_pooled"], [f"{kind}_flat"])]
        return helper.make_graph(nodes, kind, [], [helper.make_tensor_value_info(f"{kind}_flat", TensorProto.FLOAT, None)])
    x = file.node("If", condition, then_branch=branch("GlobalAveragePool"), else_branch=branch("GlobalMaxPool"))
    file.save("functions_and_if", file.node("Gemm", x, HEAD, HEAD_BIAS), functions=[function])


def half_weights():
    """Weights in float16, cast while running."""
    file = File()
    cast = lambda array: file.node("Cast", array.astype(np.float16), to=TensorProto.FLOAT)
    x = file.node("Conv", "input", cast(W1), cast(B1), kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2])
    x = file.node("Relu", file.node("BatchNormalization", x, SCALE, SHIFT, MEAN, VARIANCE))
    x = file.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = file.node("Relu", file.node("Conv", x, cast(W2), cast(B2), kernel_shape=[3, 3], pads=[1, 1, 1, 1]))
    x = file.node("Flatten", file.node("GlobalAveragePool", x))
    file.save("half_weights", file.node("Gemm", x, cast(HEAD), cast(HEAD_BIAS)))


def int8_weights():
    """Weights in int8 through DequantizeLinear, one scale a channel."""
    file = File()

    def quantised(array, axis):
        scale = np.abs(array).max(tuple(i for i in range(array.ndim) if i != axis)) / 127
        shape = [-1 if i == axis else 1 for i in range(array.ndim)]
        return file.node("DequantizeLinear", np.round(array / scale.reshape(shape)).astype(np.int8), scale.astype(np.float32),
                         np.zeros(scale.shape, np.int8), axis=axis)
    x = file.node("Conv", "input", quantised(W1, 0), B1, kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2])
    x = file.node("Relu", file.node("BatchNormalization", x, SCALE, SHIFT, MEAN, VARIANCE))
    x = file.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = file.node("Relu", file.node("Conv", x, quantised(W2, 0), B2, kernel_shape=[3, 3], pads=[1, 1, 1, 1]))
    x = file.node("Flatten", file.node("GlobalAveragePool", x))
    file.save("int8_weights", file.node("Gemm", x, quantised(HEAD, 1), HEAD_BIAS))


class Twin(nn.Module):
    """The plain network in torch."""

    def features(self, x):
        t = torch.from_numpy
        x = nn.functional.conv2d(x, t(W1), t(B1), stride=2, padding=1)
        x = nn.functional.batch_norm(x, t(MEAN), t(VARIANCE), t(SCALE), t(SHIFT)).relu()
        return nn.functional.conv2d(nn.functional.max_pool2d(x, 2), t(W2), t(B2), padding=1).relu()

    def forward(self, features):
        return features.mean((2, 3)) @ torch.from_numpy(HEAD) + torch.from_numpy(HEAD_BIAS)


def gradcam(tensor, category):
    """The normalised map at the network's input size, and the logits."""
    twin = Twin()
    features = twin.features(tensor).detach().requires_grad_(True)
    logits = twin(features)
    gradient = torch.autograd.grad(logits[0, category], features)[0]
    raw = (gradient.mean((2, 3), keepdim=True) * features.detach()).sum(1, keepdim=True).relu()
    scale = lambda x: (x - x.min()) / (1e-7 + (x - x.min()).max())
    return scale(nn.functional.interpolate(scale(raw), size=SIZE[::-1], mode="bilinear", align_corners=False))[0, 0].numpy(), logits[0].detach().numpy()


FILES = {
    "plain": plain, "keras_channels_last": keras_channels_last, "preprocessing_inside": preprocessing_inside,
    "caffe2_opset6": caffe2_opset6, "batch_of_four": batch_of_four, "several_outputs": several_outputs, "one_output": one_output,
    "grey": grey, "functions_and_if": functions_and_if, "half_weights": half_weights, "int8_weights": int8_weights,
}


def normal(pixels, channels=3):
    """The network's input, 1 x channels x H x W."""
    if channels == 1:
        return normalised(np.asarray(Image.fromarray(pixels).convert("L"))[..., None], MEAN_RGB[:1], STD_RGB[:1])
    return normalised(pixels, MEAN_RGB, STD_RGB)


def feed(name, pixels):
    """The file's input for a photo, uint8 H x W x 3."""
    planes = normal(pixels, 1 if name == "grey" else 3).numpy()
    if name == "preprocessing_inside":
        return pixels[None]
    if name == "keras_channels_last":
        return planes.transpose(0, 2, 3, 1)
    return np.concatenate([planes] * 4) if name == "batch_of_four" else planes


def runtime_logits(name, pixels, logits):
    """The file's logits by ONNX Runtime; the plain network's where the file ends in probabilities, which are compared."""
    if name == "caffe2_opset6":   # older than ONNX Runtime
        return logits
    options = onnxruntime.SessionOptions()   # as the file says: no rewriting of quantised weights
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(FOLDER / f"{name}.onnx", options, providers=["CPUExecutionProvider"])
    scores = session.run(["scores"], {"input": feed(name, pixels)})[0][0]
    if name == "one_output":
        assert abs(scores[0] - 1 / (1 + np.exp(-logits[CLASS]))) < 1e-5
        return np.array([-logits[CLASS], logits[CLASS]])
    if name == "keras_channels_last":
        assert np.abs(scores - np.exp(logits) / np.exp(logits).sum()).max() < 1e-5
        return logits
    assert np.abs(scores - logits).max() < (0.2 if name.endswith("weights") else 1e-4), (name, scores, logits)
    return scores


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    pixels = photo("cat", SIZE)
    photo_file("cat", SIZE).write_bytes(pixels.tobytes())
    container, files = Container(), []
    expected, logits = gradcam(normal(pixels), CLASS)
    container.add("map", expected)
    for name, write in FILES.items():
        write()
        of_file, plain_logits = "map", logits
        if name == "grey":
            grey_map, plain_logits = gradcam(normal(pixels, 1).repeat(1, 3, 1, 1), CLASS)
            of_file = container.add("grey map", grey_map)
        container.add(name, runtime_logits(name, pixels, plain_logits))
        files.append({"file": name, "class": 1 if name == "one_output" else CLASS, "map": of_file, "exact": not name.endswith("weights")})
    container.write(FOLDER, {"photo": photo_file("cat", SIZE).name, "width": SIZE[0], "height": SIZE[1], "files": files})
    print(sum(f.stat().st_size for f in FOLDER.iterdir()) // 1024, "KB", logits, expected.mean())


if __name__ == "__main__":
    main()
