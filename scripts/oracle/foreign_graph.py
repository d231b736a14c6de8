"""The small classifier that every file of Tests/Goldens/foreign writes down in another way: its weights, and a graph under construction."""
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

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

HALF = (TensorProto.FLOAT16, TensorProto.BFLOAT16)


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
             extra_outputs=(), functions=(), outputs=None, domains=(), external=None):
        """score: the tensor that becomes the output "scores"; None where `outputs` lists all."""
        inputs = [helper.make_tensor_value_info("input", kind, shape)]
        if listed:   # before IR version 4, weights are inputs too
            inputs += [helper.make_tensor_value_info(w.name, w.data_type, w.dims) for w in self.initializers]
        if score:
            self.nodes.append(helper.make_node("Identity", [score], ["scores"], name="scores"))
            result = helper.make_tensor_value_info("scores", TensorProto.FLOAT if kind not in HALF else kind, [batch, classes])
        outputs = outputs or [*extra_outputs, result]
        graph = helper.make_graph(self.nodes, name, inputs, outputs, self.initializers)
        opsets = [helper.make_opsetid("", opset)] + [helper.make_opsetid(domain, 1) for domain in [f.domain for f in functions] + list(domains)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=ir, functions=list(functions))
        onnx.save(model, FOLDER / f"{name}.onnx", **(dict(save_as_external_data=True, location=external, size_threshold=0) if external else {}))


def trunk(file, x, relu="Relu"):
    """Convolution, batch norm, relu, pool, convolution, relu: the map that is explained."""
    x = file.node("Conv", x, W1, B1, kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2])
    x = file.node("BatchNormalization", x, SCALE, SHIFT, MEAN, VARIANCE)
    x = file.node("MaxPool", file.node(relu, x), kernel_shape=[2, 2], strides=[2, 2])
    return file.node("Relu", file.node("Conv", x, W2, B2, kernel_shape=[3, 3], pads=[1, 1, 1, 1]))


def head(file, x):
    return file.node("Gemm", file.node("Flatten", file.node("GlobalAveragePool", x)), HEAD, HEAD_BIAS)
