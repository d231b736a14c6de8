"""Writes Tests/Goldens/odd: small files that cannot be explained, each for another reason, for the tests of `gradcam --check`.

usage: odd_files.py
"""
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = pathlib.Path(__file__).parents[2] / "Tests" / "Goldens" / "odd"
SHAPE = ["N", 3, 8, 8]
KERNEL = np.ones((2, 3, 3, 3), np.float32)


def node(kind, inputs, outputs, domain=None, **attributes):
    return helper.make_node(kind, inputs, outputs, name=f"the {kind.lower()}", domain=domain, **attributes)


def value(name, shape, kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def save(name, nodes, weights=None, inputs=None, outputs=None, opset=13):
    """Nodes between the input "photo" and the output "scores"; `weights` by name."""
    initializers = [numpy_helper.from_array(array, key) if isinstance(array, np.ndarray) else array for key, array in (weights or {}).items()]
    inputs = [value("photo", SHAPE)] if inputs is None else inputs
    outputs = [value("scores", ["N", 2])] if outputs is None else outputs
    graph = helper.make_graph(nodes, name, inputs, outputs, initializers)
    domains = {n.domain for n in nodes} - {""}
    opsets = [helper.make_opsetid("", opset)] + [helper.make_opsetid(domain, 1) for domain in domains]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=9), FOLDER / f"{name}.onnx")


def ending(x):
    return [node("GlobalAveragePool", [x], ["pooled"]), node("Flatten", ["pooled"], ["scores"])]


def with_operator(name, kind, domain=None, weights=None, inputs=("map",), opset=13, **attributes):
    """A convolution, the operator on its map, a pooling."""
    nodes = [node("Conv", ["photo", "kernel"], ["map"]), node(kind, list(inputs), ["changed"], domain, **attributes), *ending("changed")]
    save(name, nodes, {"kernel": KERNEL} | (weights or {}), opset=opset)


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file in FOLDER.iterdir():
        file.unlink()
    convolution = node("Conv", ["photo", "kernel"], ["map"])
    save("two_inputs", [convolution, node("Mul", ["map", "size"], ["changed"]), *ending("changed")], {"kernel": KERNEL},
         inputs=[value("photo", SHAPE), value("size", [1])])
    save("detector", [convolution, node("Flatten", ["map"], ["boxes"], axis=3)], {"kernel": KERNEL}, outputs=[value("map", ["N", 2, 6, 6]), value("boxes", [12, 6])])
    save("empty", [], outputs=[])
    save("vector", [node("Identity", ["photo"], ["scores"])], inputs=[value("photo", ["N", 2])])
    save("without_map", [node("Flatten", ["photo"], ["scores"])])
    save("other_size", [convolution, node("Reshape", ["map", "form"], ["scores"])], {"kernel": KERNEL, "form": np.array([-1, 72], np.int64)},
         inputs=[value("photo", ["N", 3, "H", "W"])])
    save("cut", [node("Conv", ["photo", "nowhere"], ["scores"])])
    body = helper.make_graph([], "body", [value("step", []), value("go on", [], TensorProto.BOOL)], [value("go on", [], TensorProto.BOOL)])
    with_operator("loop", "Loop", weights={"count": np.array(3, np.int64)}, inputs=("count", "", "map"), body=body)
    with_operator("recurrent", "LSTM", hidden_size=2)
    with_operator("custom_domain", "DeformableAttention", "mmdeploy")
    with_operator("optimised", "NhwcMaxPool", "com.microsoft")
    with_operator("random", "RandomUniformLike")
    statistics = {"one": np.ones(2, np.float32), "zero": np.zeros(2, np.float32)}
    with_operator("training", "BatchNormalization", weights=statistics, inputs=("map", "one", "zero", "zero", "one"), opset=15, training_mode=1)
    with_operator("computed_weights", "Conv", inputs=("map", "map"))
    with_operator("odd_attribute", "Resize", weights={"scales": np.ones(4, np.float32)}, inputs=("map", "", "scales"), mode="area")
    with_operator("float8", "Mul", weights={"factor": helper.make_tensor("factor", TensorProto.FLOAT8E4M3FN, [1], [1.0])}, inputs=("map", "factor"), opset=19)
    repeated = [node("Foo", [x], [y]) for x, y in [("map", "a"), ("a", "b"), ("b", "changed")]]
    save("several_alike", [convolution, *repeated, *ending("changed")], {"kernel": KERNEL})
    branch = helper.make_graph([node("Relu", ["map"], ["taken"])], "branch", [], [value("taken", None)])
    save("condition", [convolution, node("ReduceMax", ["map"], ["most"], keepdims=0), node("Cast", ["most"], ["is"], to=TensorProto.BOOL),
                       node("If", ["is"], ["changed"], then_branch=branch, else_branch=branch), *ending("changed")], {"kernel": KERNEL})
    print(len(list(FOLDER.iterdir())), "files,", sum(file.stat().st_size for file in FOLDER.iterdir()), "bytes")


if __name__ == "__main__":
    main()
