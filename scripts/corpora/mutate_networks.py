"""Changes small networks, at the level of their messages, and tells how the program ends on each.

    .venv/bin/python scripts/corpora/mutate_networks.py --gradcam .build/release/gradcam --count 28000 --seed 1 --keep findings

Starts from every network of `networks.py`: extents, attributes, types, names, edges, functions and constants are changed, nodes
doubled and taken out. Each mutant is checked (`--check`), and a photo explained by it. The mutants that end by a signal, a hang,
without a word or with a half file are kept. Needs `onnx` (scripts/oracle/setup.sh).
"""
import argparse
import pathlib
import random
import shutil
import sys
import tempfile

import networks
import onnx
import trial
from onnx import AttributeProto, helper

EDGES = [
    0, 1, 2, 3, 5, 7, 8, 16, 255, 256, 1000, 65535, 2**20, 2**24, 2**31 - 1, 2**31, 2**32, 2**40, 2**53, 2**60, 2**61, 2**61 + 1,
    2**62, 2**63 - 1, -1, -2, -3, -8, -1000, -(2**31), -(2**62), -(2**63), -(2**63) + 1,
]
REALS = [0.0, -0.0, 1.0, -1.0, 0.5, 1e-38, 1e-7, 255.0, 65536.0, 3e9, 1e19, 3.4e38, float("inf"), float("-inf"), float("nan")]
WORDS = ["", "linear", "cubic", "reflect", "edge", "wrap", "SAME_UPPER", "VALID", "CRD", "asymmetric", "align_corners", "tanh",
         "com.microsoft", "é\n", "a/" * 400, "ij,jk->ik"]


class Mutator:
    def __init__(self, seed, models):
        self.random = random.Random(seed)
        nodes = [node for model in models for node in model.graph.node]
        self.operators = sorted({node.op_type for node in nodes})
        self.attributes = [attribute for node in nodes for attribute in node.attribute]

    def integer(self, near=1):
        pick = self.random.random()
        if pick < 0.4:
            value = near + self.random.choice([-2, -1, 1, 2])
        elif pick < 0.5:
            value = near * self.random.choice([-1, 2, 3, 2**20])
        else:
            value = self.random.choice(EDGES)
        return (value + 2**63) % 2**64 - 2**63

    def change(self, model):
        changes = [self.node, self.attribute, self.attribute, self.edge, self.constant, self.extent, self.declaration, self.call]
        for _ in range(self.random.choice([1, 1, 1, 2, 3])):
            self.random.choice(changes)(model)

    def any_node(self, model):
        nodes = list(model.graph.node) + [node for function in model.functions for node in function.node]
        return self.random.choice(nodes) if nodes else onnx.NodeProto()

    def node(self, model):
        """An operator's name or domain, a node doubled or taken out."""
        nodes, node = model.graph.node, self.any_node(model)
        match self.random.randrange(4):
            case 0: node.op_type = self.random.choice(self.operators)
            case 1: node.domain = self.random.choice(WORDS)
            case 2 if nodes: nodes.append(self.random.choice(nodes))
            case 3 if nodes: del nodes[self.random.randrange(len(nodes))]

    def attribute(self, model):
        node = self.any_node(model)
        if not node.attribute or self.random.random() < 0.2:
            if self.attributes:
                node.attribute.append(self.random.choice(self.attributes))
            return
        place = self.random.randrange(len(node.attribute))
        attribute = node.attribute[place]
        if self.random.random() < 0.1:
            del node.attribute[place]
        elif attribute.type == AttributeProto.INT:
            attribute.i = self.integer(attribute.i)
        elif attribute.type == AttributeProto.INTS:
            self.integers(attribute.ints)
        elif attribute.type == AttributeProto.FLOAT:
            attribute.f = self.random.choice(REALS)
        elif attribute.type == AttributeProto.STRING:
            attribute.s = self.random.choice(WORDS).encode()
        else:
            attribute.type = self.random.randrange(15)

    def integers(self, values):
        place = self.random.randrange(len(values) + 1)
        if place == len(values) or self.random.random() < 0.2:
            values.insert(place, self.integer())
        elif self.random.random() < 0.2:
            del values[place]
        else:
            values[place] = self.integer(values[place])

    def edge(self, model):
        """What a node reads or gives."""
        node = self.any_node(model)
        names = [name for other in model.graph.node for name in [*other.input, *other.output]] + [""]
        ends = self.random.choice([node.input, node.input, node.output])
        place = self.random.randrange(len(ends) + 1)
        if place == len(ends):
            ends.append(self.random.choice(names))
        elif self.random.random() < 0.3:
            del ends[place]
        else:
            ends[place] = self.random.choice(names)

    def constant(self, model):
        """A constant's numbers, in bytes or not."""
        tensors = list(model.graph.initializer) + [a.t for node in model.graph.node for a in node.attribute if a.HasField("t")]
        if not tensors:
            return
        tensor = self.random.choice(tensors)
        if tensor.raw_data:
            size = 8 if tensor.data_type in (onnx.TensorProto.INT64, onnx.TensorProto.DOUBLE) else 4
            data = bytearray(tensor.raw_data)
            place = self.random.randrange(max(len(data) // size, 1)) * size
            data[place : place + size] = (self.integer() % 2**64).to_bytes(8, "little")[:size]
            tensor.raw_data = bytes(data)
        elif tensor.int64_data:
            self.integers(tensor.int64_data)
        elif tensor.float_data:
            tensor.float_data[self.random.randrange(len(tensor.float_data))] = self.random.choice(REALS)
        else:
            tensor.data_type = self.random.randrange(26)

    def extent(self, model):
        """A constant's extents or type."""
        if not model.graph.initializer:
            return
        tensor = self.random.choice(model.graph.initializer)
        if self.random.random() < 0.2:
            tensor.data_type = self.random.randrange(26)
        else:
            self.integers(tensor.dims)
            if self.random.random() < 0.3:  # an extent of zero makes room for any other
                tensor.dims.append(0)
                tensor.ClearField("raw_data")
                tensor.ClearField("float_data")
                tensor.ClearField("int64_data")

    def declaration(self, model):
        """The extents that inputs and outputs are said to have, their types, the operator sets."""
        if self.random.random() < 0.2 and model.opset_import:
            self.random.choice(model.opset_import).version = self.integer(18)
            return
        values = [*model.graph.input, *model.graph.output, *model.graph.value_info]
        tensors = [value.type.tensor_type for value in values if value.type.HasField("tensor_type")]
        if not tensors:
            return
        tensor = self.random.choice(tensors)
        if self.random.random() < 0.2 or not tensor.shape.dim:
            tensor.elem_type = self.random.randrange(26)
        elif self.random.random() < 0.2:
            tensor.shape.dim.append(self.random.choice(tensor.shape.dim))
        else:
            dim = self.random.choice(tensor.shape.dim)
            dim.dim_value = self.integer(dim.dim_value)

    def call(self, model):
        """A function of the file that calls itself, another, or an operator of its own name."""
        inner = [helper.make_node(self.random.choice(["f", "g", "Relu"]), ["x"], ["y"], domain=self.random.choice(["d", ""]))]
        inner.append(helper.make_node(self.random.choice(["f", "g", "Relu"]), ["y"], ["z"], domain="d"))
        model.functions.append(
            helper.make_function("d", self.random.choice(["f", "g"]), ["x"], ["z"], inner, [helper.make_opsetid("", 18)]))
        model.opset_import.append(helper.make_opsetid("d", 1))
        node = self.any_node(model)
        node.op_type, node.domain = self.random.choice(["f", "g"]), "d"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gradcam", default=networks.ROOT / ".build/release/gradcam")
    parser.add_argument("--photo", default=networks.ROOT / "Tests/Cases/photo.png")
    parser.add_argument("--count", type=int, default=28_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--max-memory", default="1GB")
    parser.add_argument("--keep", default="findings")
    arguments = parser.parse_args()

    seeds = [(name, model) for name, model in networks.seeds() if model.graph.node]
    mutator, tally = Mutator(arguments.seed, [model for _, model in seeds]), trial.Tally(arguments.keep)
    with tempfile.TemporaryDirectory() as folder:
        file, results = pathlib.Path(folder) / "m.onnx", pathlib.Path(folder) / "out"
        for index in range(arguments.count):
            name, seed = seeds[index % len(seeds)]
            model = onnx.ModelProto()
            model.CopyFrom(seed)
            mutator.change(model)
            content = model.SerializeToString()
            file.write_bytes(content)
            common = ["--model", str(file), "--max-memory", arguments.max_memory, "--threads", "1"]
            for words in (["--check"], ["--image-path", str(arguments.photo), "--method", "all", "--output-dir", str(results)]):
                ending = trial.run([str(arguments.gradcam), *words, *common])
                tally.add(f"{arguments.seed}-{index}-{name}.onnx", content, ending, results)
                if ending.code != 0:
                    break
            shutil.rmtree(results, ignore_errors=True)
    return tally.report()


if __name__ == "__main__":
    sys.exit(main())
