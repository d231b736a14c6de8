"""What a case of scripts/oracle/preprocessing_cases.py is, and the tiny networks in their files."""
from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

PROCESSOR, CONFIG = "preprocessor_config.json", "config.json"


@dataclass
class Case:
    name: str
    library: str
    feed: callable  # PIL image -> channels x height x width, the library's own
    files: dict = field(default_factory=dict)  # by path in the case's folder
    metadata: dict = field(default_factory=dict)
    options: dict = field(default_factory=dict)  # as the program's flags
    told: dict = field(default_factory=dict)  # who told values, size, resize, interpolation, order: the end of its name
    labels: list | None = None
    assumed: bool = False
    channels: int = 3
    classes: int = 3
    size: tuple | None = None  # width, height, where the file fixes them
    model: str = "model.onnx"
    tolerance: float = 2e-6  # of the range of values
    photos: tuple = ("wide", "tall")


def network(case, path):
    """A 3x3 convolution, its global mean and a linear layer; no arithmetic of pixels."""
    rng = np.random.default_rng(3)
    height, width = reversed(case.size) if case.size else ("height", "width")
    weights = {"f.weight": rng.normal(size=(4, case.channels, 3, 3)), "g.weight": rng.normal(size=(4, case.classes))}
    nodes = [
        helper.make_node("Conv", ["photo", "f.weight"], ["map"], pads=[1, 1, 1, 1]), helper.make_node("GlobalAveragePool", ["map"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["flat"]), helper.make_node("MatMul", ["flat", "g.weight"], ["scores"]),
    ]
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("photo", TensorProto.FLOAT, [1, case.channels, height, width])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, case.classes])],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in weights.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, case.metadata)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)
