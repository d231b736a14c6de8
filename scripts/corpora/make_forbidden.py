#!/usr/bin/env python3
"""Writes networks that the ONNX standard forbids, and counts how many of them gradcam refuses by name.

    .venv/bin/python scripts/corpora/make_forbidden.py FOLDER [--program .build/release/gradcam]

Each file is one of the goldens' operators, made a classifier and then changed in one way: an input too many or too few,
an output too many or none, an attribute of another kind or missing, an operator set before the operator's own, a name
given twice. Only what onnx.checker refuses with its full check is kept, one file an operator and kind of change.
"""

import argparse
import collections
import pathlib
import subprocess

import numpy as np
import onnx
from onnx import AttributeProto, TensorProto, checker, helper, numpy_helper

GOLDENS = pathlib.Path(__file__).resolve().parents[2] / "Tests/Goldens/operators"


def is_forbidden(model):
    try:
        checker.check_model(model, full_check=True)
    except Exception:  # The checker's own errors, shape inference's, and those of protobuf.
        return True
    return False


def as_classifier(path):
    """The golden between a photo and scores; None where it has several inputs or the standard forbids the whole."""
    model = onnx.load(path)
    graph = model.graph
    if len(graph.input) != 1 or not graph.output:
        return None
    (given,), output = graph.input, graph.output[0].name
    shape = [dim.dim_value for dim in given.type.tensor_type.shape.dim]
    is_map = len(shape) == 4
    photo = [shape[0], 3, *shape[2:]] if is_map else [1, 3, 8, max(1, int(np.prod(shape))) * 8]
    weight = np.full([shape[1] if is_map else 1, 3] + ([1, 1] if is_map else [8, 8]), 0.1, np.float32)
    before = [helper.make_node("Conv", ["photo", "w"], ["mixed"], "mix", strides=[1, 1] if is_map else [8, 8])]
    before.append(helper.make_node("Reshape", ["mixed", "shape"], [given.name], "take"))
    after = [helper.make_node("Cast", [output], ["real"], "real", to=TensorProto.FLOAT)]
    after.append(helper.make_node("Flatten", ["real"], ["scores"], "flatten", axis=int(is_map)))
    nodes = before + list(graph.node) + after
    del graph.node[:], graph.input[:], graph.output[:]
    graph.node.extend(nodes)
    graph.initializer.extend([numpy_helper.from_array(weight, "w"), numpy_helper.from_array(np.array(shape), "shape")])
    graph.input.append(helper.make_tensor_value_info("photo", TensorProto.FLOAT, photo))
    graph.output.append(helper.make_tensor_value_info("scores", TensorProto.FLOAT, [photo[0], None]))
    for index, node in enumerate(graph.node):
        node.name = node.name or f"{node.op_type}_{index}"
    return None if is_forbidden(model) else model


def schema(model, node):
    versions = {entry.domain: entry.version for entry in model.opset_import}
    try:
        return onnx.defs.get_schema(node.op_type, versions.get(node.domain, 1), node.domain)
    except onnx.defs.SchemaError:
        return None


def too_many_inputs(model, node):
    known = schema(model, node)
    while known and known.max_input < 100 and len(node.input) <= known.max_input:
        node.input.append(node.input[0] if node.input else model.graph.input[0].name)


def too_few_inputs(model, node):
    known = schema(model, node)
    while known and known.min_input and len(node.input) >= known.min_input:
        node.input.pop()


def empty_input(_, node):
    if node.input:
        node.input[0] = ""


def too_many_outputs(model, node):
    known = schema(model, node)
    while known and known.max_output < 100 and len(node.output) <= known.max_output:
        node.output.append(f"more_{len(node.output)}")


def no_output(_, node):
    del node.output[:]


def too_few_outputs(model, node):
    known = schema(model, node)
    while known and known.min_output > 1 and len(node.output) >= known.min_output:
        node.output.pop()


def other_kind(change):
    def mutate(_, node):
        for attribute in list(node.attribute)[:1]:
            value = "text" if change == "text" else [0.5]
            attribute.CopyFrom(helper.make_attribute(attribute.name, value))

    return mutate


def without_attributes(_, node):
    del node.attribute[:]


def unknown_reference(_, node):
    for attribute in list(node.attribute)[:1]:
        attribute.CopyFrom(AttributeProto(name=attribute.name, type=attribute.type, ref_attr_name="outer"))


def older_opset(model, node):
    known = schema(model, node)
    for entry in model.opset_import:
        if known and entry.domain == node.domain:
            first = min(s.since_version for s in onnx.defs.get_all_schemas_with_history() if s.name == node.op_type)
            entry.version = max(first - 1, 1)


def no_opset(model, _):
    kept = [entry for entry in model.opset_import if entry.domain]
    del model.opset_import[:]
    model.opset_import.extend(kept or [helper.make_opsetid("other", 1)])


def table_for_list(model, node):
    """The list operand (a shape, axes, pads) as a table of one row."""
    for tensor in model.graph.initializer:
        if tensor.name in list(node.input)[1:] and tensor.data_type == TensorProto.INT64 and len(tensor.dims) == 1:
            changed = numpy_helper.from_array(numpy_helper.to_array(tensor).reshape(1, -1), tensor.name)
            tensor.CopyFrom(changed)
            return


def output_given_twice(model, node):
    model.graph.node.add().CopyFrom(helper.make_node("Relu", [model.graph.input[0].name], [node.output[0]], "second"))


def output_named_as_input(model, node):
    node.output[0] = model.graph.input[0].name


def initializer_given_twice(model, _):
    for tensor in list(model.graph.initializer)[:1]:
        model.graph.initializer.add().CopyFrom(tensor)


def input_from_nowhere(_, node):
    if node.input:
        node.input[0] = "nowhere"


def cast_to(code):
    def mutate(_, node):
        for attribute in node.attribute:
            if node.op_type == "Cast" and attribute.name == "to":
                attribute.i = code

    return mutate


MUTATIONS = {
    "too-many-inputs": too_many_inputs, "too-few-inputs": too_few_inputs, "empty-input": empty_input,
    "too-many-outputs": too_many_outputs, "no-output": no_output, "too-few-outputs": too_few_outputs,
    "text-attribute": other_kind("text"), "list-attribute": other_kind("list"),
    "without-attributes": without_attributes, "unknown-reference": unknown_reference, "older-opset": older_opset,
    "no-opset": no_opset, "table-for-list": table_for_list, "output-given-twice": output_given_twice,
    "output-named-as-input": output_named_as_input, "initializer-given-twice": initializer_given_twice,
    "input-from-nowhere": input_from_nowhere, "cast-to-unknown": cast_to(99), "cast-to-undefined": cast_to(0),
}


def make(folder, accepts):
    """Writes the files; gives each one's name, and the node that was changed."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {}
    for path in sorted(GOLDENS.glob("*.onnx")):
        seed = as_classifier(path)
        if seed:
            onnx.save(seed, folder / "seed.onnx")
            seed = seed if accepts(folder / "seed.onnx") else None
        for place, node in enumerate(seed.graph.node if seed else []):
            for kind, mutate in MUTATIONS.items():
                name = f"{node.domain.replace('.', '-')}{node.op_type}_{kind}.onnx"
                if name in made:
                    continue
                changed = onnx.ModelProto()
                changed.CopyFrom(seed)
                mutate(changed, changed.graph.node[place])
                if changed != seed and is_forbidden(changed):
                    onnx.save(changed, folder / name)
                    made[name] = node.name
    return made


def listing(program, path):
    return subprocess.run([program, "--list-layers", "--model", path], capture_output=True, timeout=60)


def count(program, folder, made):
    """Prints what the program says of each file that it does not refuse by its node, and how many of which kind."""
    counts = collections.Counter()
    for name, node in sorted(made.items()):
        result = listing(program, folder / name)
        line = result.stderr.decode(errors="replace").strip()
        if result.returncode == 0:
            outcome = "accepted"
        elif result.returncode != 3:
            outcome = f"ended by {result.returncode}"
        else:
            names = [node, "second", "the input", "an initializer", "opset", "'nowhere'"]
            outcome = "refused by name" if any(part in line for part in names) else "refused otherwise"
        counts[outcome] += 1
        if outcome != "refused by name":
            print(f"{name}: {outcome}: {line.splitlines()[0] if line else ''}")
    print(", ".join(f"{outcome}: {number}" for outcome, number in counts.most_common()), f"of {len(made)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--program", help="the gradcam to count with")
    arguments = parser.parse_args()
    accepts = (lambda path: listing(arguments.program, path).returncode == 0) if arguments.program else lambda _: True
    files = make(arguments.folder, accepts)
    print(f"{len(files)} files")
    if arguments.program:
        count(arguments.program, arguments.folder, files)
