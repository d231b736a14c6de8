"""Small networks to begin mutations with: the repository's own, and every node test of the ONNX standard made a classifier.

    .venv/bin/python scripts/corpora/networks.py FOLDER      writes them there, as the first corpus of `make fuzz`

Needs `onnx` (scripts/oracle/setup.sh); the node tests are read from ../shared/onnx-node-tests where they are there.
"""
import pathlib
import sys
import tarfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
# The sides and channels of the map that a node's operands are cut out of.
SIDE, CHANNELS = 16, 4
FLOATS = {TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE, TensorProto.BFLOAT16}


def constant(name, value):
    return numpy_helper.from_array(np.asarray(value), name)


def around(model, values):
    """A classifier whose picture becomes the operands of the model's nodes, by a convolution, and whose scores they make.

    values: the model's inputs as tensors; those that are no floats, or do not fit, stay constants.
    Returns None where the model has no tensor to make scores of.
    """
    graph = model.graph
    weights = {tensor.name for tensor in graph.initializer}
    random = np.random.default_rng(7)
    filters = random.normal(0, 0.3, (CHANNELS, 3, 3, 3)).astype(np.float32)
    nodes = [
        helper.make_node("Conv", ["photo", "filters"], ["map"], name="stem", pads=[1, 1, 1, 1]),
        helper.make_node("Flatten", ["map"], ["flat"]),
    ]
    constants, start = [constant("filters", filters)], 0
    for value, tensor in zip((v for v in graph.input if v.name not in weights), values):
        shape = list(tensor.dims)
        count = int(np.prod(shape))
        if tensor.data_type not in FLOATS or start + count > SIDE * SIDE * CHANNELS or count == 0:
            kept = TensorProto()
            kept.CopyFrom(tensor)
            kept.name = value.name
            constants.append(kept)
            continue
        name = value.name or "operand"
        bounds = {"starts": [start], "ends": [start + count], "axes": [1], "shape": np.array(shape, np.int64)}
        constants += [constant(f"{name}/{key}", np.asarray(number, np.int64)) for key, number in bounds.items()]
        nodes.append(helper.make_node("Slice", ["flat"] + [f"{name}/{key}" for key in ("starts", "ends", "axes")], [f"{name}/cut"]))
        shaped = name if tensor.data_type == TensorProto.FLOAT else f"{name}/shaped"
        nodes.append(helper.make_node("Reshape", [f"{name}/cut", f"{name}/shape"], [shaped]))
        if shaped != name:
            nodes.append(helper.make_node("Cast", [shaped], [name], to=tensor.data_type))
        start += count
    output = next((v for v in graph.output if v.type.HasField("tensor_type")), None)
    if output is None:
        return None
    constants.append(constant("row", np.array([1, -1], np.int64)))
    closing = [
        helper.make_node("Cast", [output.name], ["numbers"], to=TensorProto.FLOAT),
        helper.make_node("Reshape", ["numbers", "row"], ["numbers/row"]),
        # What the nodes compute from constants alone is scored too.
        helper.make_node("GlobalAveragePool", ["map"], ["pooled"]),
        helper.make_node("Reshape", ["pooled", "row"], ["pooled/row"]),
        helper.make_node("Concat", ["numbers/row", "pooled/row"], ["scores"], axis=1),
    ]
    photo = helper.make_tensor_value_info("photo", TensorProto.FLOAT, [1, 3, SIDE, SIDE])
    scores = helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, None])
    whole = onnx.ModelProto()
    whole.CopyFrom(model)
    whole.graph.CopyFrom(
        helper.make_graph(nodes + list(graph.node) + closing, "classifier", [photo], [scores], list(graph.initializer) + constants))
    return whole


def node_tests(limit):
    """(name, classifier) for each node test of at most so many bytes."""
    archive = SHARED / "onnx-node-tests/node-tests.tar.gz"
    if not archive.exists():
        print(f"skipped: the node tests: no {archive}", file=sys.stderr)
        return
    with tarfile.open(archive) as tar:
        files = {
            member.name.removeprefix("./"): tar.extractfile(member).read()
            for member in tar
            if member.isfile() and member.size <= limit
        }
    for name in sorted(files):
        if not name.endswith("/model.onnx"):
            continue
        test, values = name.split("/")[0], []
        while (file := f"{test}/input_{len(values)}.pb") in files:
            values.append(TensorProto.FromString(files[file]))
        whole = around(onnx.load_from_string(files[name]), values)
        if whole is not None and whole.ByteSize() <= limit:
            yield test, whole


def own(limit):
    """(name, network) for the repository's files of at most so many bytes that the onnx package reads."""
    for path in sorted([*(ROOT / "Tests").rglob("*.onnx"), *(SHARED / "hostile").rglob("*.onnx")]):
        if 0 < path.stat().st_size <= limit:
            try:
                yield "-".join(path.parts[-2:]).removesuffix(".onnx"), onnx.load_from_string(path.read_bytes())
            except Exception:  # damaged on purpose
                continue


def seeds(limit=65_536):
    yield from node_tests(limit)
    yield from own(limit)


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for name, model in seeds():
        (folder / f"{name}.onnx").write_bytes(model.SerializeToString())
        count += 1
    print(f"{count} networks in {folder}")
