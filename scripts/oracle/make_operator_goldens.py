"""Writes Tests/Goldens/operators: one-node ONNX files with the output and the input gradients that PyTorch computes for them.

The incoming gradient is random, never 1. ONNX Runtime (or ONNX's reference) runs every file, so that node and PyTorch function are known to mean the same.
"""
import pathlib
import re
import shutil

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from container import Container
from operator_cases import every_case

FOLDER = pathlib.Path(__file__).parents[2] / "Tests" / "Goldens" / "operators"
RANDOM = np.random.default_rng(7)
BEYOND_RUNTIME = ("SwiGLU",)   # newer than ONNX Runtime: the standard's reference runs it


def drawn(shape):
    """Random input of a shape, in a range where one is named."""
    ranges = {"positive": (0.5, 2), "unit": (-0.9, 0.9), "above one": (1.2, 3)}
    if len(shape) and shape[0] in ranges:
        return RANDOM.uniform(*ranges[shape[0]], shape[1:]).astype(np.float32)
    return RANDOM.normal(0, 1, shape).astype(np.float32)


def build(operator, opset, attributes, inputs, output_shape):
    """The model of one node: arrays become initializers, (name, array) pairs graph inputs."""
    names, graph_inputs, initializers = [], [], []
    for index, value in enumerate(inputs):
        if isinstance(value, tuple):
            names.append(value[0])
            if all(value[0] != known.name for known in graph_inputs):
                graph_inputs.append(helper.make_tensor_value_info(value[0], onnx.TensorProto.FLOAT, value[1].shape))
        else:
            names.append(f"constant{index}")
            initializers.append(numpy_helper.from_array(value, names[-1]))
    outputs = ["output"] + (["rest"] if operator in ("Split", "TopK") else [])
    domain, _, kind = operator.rpartition(".")
    node = helper.make_node(kind, names, outputs, name="node", domain=domain or None, **attributes)
    result = helper.make_tensor_value_info("output", onnx.TensorProto.UINT8 if kind == "QuantizeLinear" else onnx.TensorProto.FLOAT, output_shape)
    graph = helper.make_graph([node], operator, graph_inputs, [result], initializers)
    opsets = [helper.make_opsetid("", opset)] + ([helper.make_opsetid(domain, 1)] if domain else [])
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    onnx.checker.check_model(model)
    return model


def make(case, container):
    name, operator, opset, attributes, specifications, function = case
    inputs, tensors = [], []
    for index, given in enumerate(specifications):
        if isinstance(given, np.ndarray):
            inputs.append(given)
            tensors.append(torch.from_numpy(given.copy()))
        else:
            inputs.append(inputs[0] if given == "first" else (f"input{index}", drawn(given)))
            tensors.append(tensors[0] if given == "first" else torch.from_numpy(inputs[-1][1].copy()).requires_grad_())
    output = function(*tensors)
    incoming = drawn(output.shape)
    leaves = {pair[0]: tensor for pair, tensor in zip(inputs, tensors) if isinstance(pair, tuple)}
    gradients = torch.autograd.grad(output, list(leaves.values()), torch.from_numpy(incoming))

    model = build(operator, opset, attributes, inputs, output.shape)
    fed = {pair[0]: pair[1] for pair in inputs if isinstance(pair, tuple)}
    if operator in BEYOND_RUNTIME:
        session = ReferenceEvaluator(model)
    else:
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    np.testing.assert_allclose(session.run(["output"], fed)[0], output.detach().numpy(), rtol=1e-4, atol=1e-5, err_msg=name)

    file = re.sub(r"[^a-z0-9]+", "-", name.lower()) + ".onnx"
    onnx.save(model, FOLDER / file)
    return {"name": name, "operator": operator, "opset": opset, "file": file,
            "inputs": {key: container.add(f"{name}: {key}", array) for key, array in fed.items()},
            "output": container.add(f"{name}: output", output.detach().numpy()),
            "output_gradient": container.add(f"{name}: output gradient", incoming),
            "input_gradients": {key: container.add(f"{name}: gradient of {key}", gradient) for key, gradient in zip(leaves, gradients)}}


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    container = Container()
    cases = [make(case, container) for case in every_case()]
    container.write(FOLDER, {"cases": cases})
    print(len(cases), "cases,", sum(file.stat().st_size for file in FOLDER.iterdir()) // 1024, "KB")


if __name__ == "__main__":
    main()
