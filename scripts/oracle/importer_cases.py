"""Writes those folders of Tests/Cases that try how files are read: nodes in any order, inputs that are no photo or a grey one, large integers,
files that cannot be explained as a whole. Networks are random; `right_scores.txt` holds PyTorch's logits on Tests/Cases/photo.png with mean and
deviation 0.5.

usage: importer_cases.py
"""
import copy
import pathlib
import tempfile
import warnings

import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from torch import nn

CASES = pathlib.Path(__file__).parents[2] / "Tests" / "Cases"
PHOTO = Image.open(CASES / "photo.png")


def photo(mode="RGB"):
    """The photo as it is fed: [1, 3, 96, 96], or [1, 1, 96, 96] for the mode "L"."""
    pixels = np.asarray(PHOTO.convert(mode), np.float32) / 255
    pixels = pixels[None] if mode == "L" else pixels.transpose(2, 0, 1)
    return torch.from_numpy((pixels - 0.5) / 0.5)[None]


def features(channels, width=6):
    return nn.Sequential(nn.Conv2d(channels, width, 3, 2, 1), nn.ReLU(), nn.Conv2d(width, width, 3, 2, 1), nn.ReLU())


class Classifier(nn.Module):
    """A classifier of three classes; `before` brings its input to [N, channels, height, width]."""

    def __init__(self, channels=3, before=lambda x: x):
        super().__init__()
        self.f, self.fc, self.before = features(channels), nn.Linear(6, 3), before

    def forward(self, x):
        return self.fc(self.f(self.before(x)).mean((2, 3)))


def exported(network, example, open_axes=None):
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(network.eval(), example, f"{folder}/m.onnx", input_names=["input"], output_names=["output"], opset_version=17,
                          dynamic_axes=open_axes, dynamo=False)
        return onnx.load(f"{folder}/m.onnx")


def save(name, model, scores=None):
    folder = CASES / name
    folder.mkdir(exist_ok=True)
    onnx.save(model, folder / "model.onnx")
    if scores is not None:
        np.savetxt(folder / "right_scores.txt", np.asarray(scores, np.float32).reshape(1, -1), "%.7g")


def ran(model, fed):
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, {"input": fed.numpy()})[0]


# Nodes in another order than they run in.

def in_half_precision(network):
    """Weights in float16, and the two Casts behind all other nodes, as exporters append them."""
    model = exported(network, photo())
    for tensor in model.graph.initializer:
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), tensor.name))
    for node in model.graph.node:
        for names, old, new in [(node.input, "input", "cast_in"), (node.output, "output", "cast_out")]:
            names[:] = [new if name == old else name for name in names]
    model.graph.node.extend([helper.make_node("Cast", ["input"], ["cast_in"], name="cast_in", to=TensorProto.FLOAT16),
                             helper.make_node("Cast", ["cast_out"], ["output"], name="cast_out", to=TensorProto.FLOAT)])
    return model


def reordered(model, order):
    nodes = [copy.deepcopy(model.graph.node[place]) for place in order(list(range(len(model.graph.node))))]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def order_cases():
    network = Classifier()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(parameter.half().float())
        right = network(photo())
    model = in_half_precision(network)
    assert np.allclose(ran(model, photo()), right, atol=5e-3)
    save("order-half-precision", model, right)
    model = reordered(exported(network, photo()), lambda places: places[::-1])
    assert np.allclose(ran(model, photo()), right, atol=1e-4)
    save("order-reversed", model, right)
    save("order-function-and-branch", in_function_and_branch(), in_function_and_branch.right)
    model = exported(network, photo())
    convolutions = [node for node in model.graph.node if node.op_type == "Conv"]
    convolutions[0].input[0] = convolutions[1].output[0]
    save("order-cycle", model)


def in_function_and_branch():
    """y = relu(x) * 2 in a function, then a branch of If that adds 1 and pools; both bodies are written backwards."""
    kernel = np.random.default_rng(5).normal(0, 0.4, (3, 3, 3, 3)).astype(np.float32)
    number = lambda name, value: helper.make_node("Constant", [], [name], value=numpy_helper.from_array(np.array(value, np.float32)))
    function = helper.make_function(
        "own", "Twice", ["x"], ["y"], [helper.make_node("Mul", ["r", "two"], ["y"]), helper.make_node("Relu", ["x"], ["r"]), number("two", 2)],
        [helper.make_opsetid("", 17)])
    branch = helper.make_graph(
        [helper.make_node("Add", ["p", "one"], ["taken"]), helper.make_node("GlobalAveragePool", ["twice"], ["p"]), number("one", 1)],
        "branch", [], [helper.make_tensor_value_info("taken", TensorProto.FLOAT, None)])
    nodes = [
        helper.make_node("Flatten", ["chosen"], ["output"], name="flatten"),
        helper.make_node("If", ["yes"], ["chosen"], name="if", then_branch=branch, else_branch=branch),
        helper.make_node("Twice", ["map"], ["twice"], name="twice", domain="own"),
        helper.make_node("Conv", ["input", "kernel"], ["map"], name="conv", strides=[2, 2]),
        helper.make_node("Constant", [], ["yes"], name="yes", value=numpy_helper.from_array(np.array(True)))]
    graph = helper.make_graph(
        nodes, "main", [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, 96, 96])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 3])], [numpy_helper.from_array(kernel, "kernel")])
    in_function_and_branch.right = (F.conv2d(photo(), torch.from_numpy(kernel), stride=2).relu() * 2).mean((2, 3)) + 1
    return helper.make_model(graph, functions=[function], ir_version=9, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("own", 1)])


# Inputs of other forms.

class Recurrent(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.r, self.fc = kind(12, 5, batch_first=True), nn.Linear(5, 3)

    def forward(self, x):
        return self.fc(self.r(x)[0][:, -1])


class Signal(nn.Module):
    def __init__(self, channels, before):
        super().__init__()
        self.c, self.fc, self.before = nn.Conv1d(channels, 6, 5, 2, 2), nn.Linear(6, 3), before

    def forward(self, x):
        return self.fc(self.c(self.before(x)).relu().mean(2))


class RowSignal(nn.Module):
    """A one-dimensional convolution as Keras writes it: over a map of one row."""

    def __init__(self):
        super().__init__()
        self.c, self.fc = nn.Conv2d(12, 6, (1, 5)), nn.Linear(6, 3)

    def forward(self, x):
        return self.fc(self.c(x.transpose(1, 2).unsqueeze(2)).relu().mean((2, 3)))


class Video(nn.Module):
    def __init__(self):
        super().__init__()
        self.c, self.fc = nn.Conv3d(3, 4, 3), nn.Linear(4, 3)

    def forward(self, x):
        return self.fc(self.c(x).relu().mean((2, 3, 4)))


def input_cases():
    save("input-signal-channels-last", exported(Signal(12, lambda x: x.transpose(1, 2)), torch.randn(1, 500, 12)))
    save("input-signal-line", exported(Signal(1, lambda x: x.squeeze(1)), torch.randn(1, 1, 1, 1000), {"input": {0: "N"}}))
    save("input-signal-keras", exported(RowSignal(), torch.randn(1, 500, 12), {"input": {0: "N"}}))
    save("input-signal-lstm", exported(Recurrent(nn.LSTM), torch.randn(1, 500, 12), {"input": {0: "N"}}))
    save("input-signal-gru", exported(Recurrent(nn.GRU), torch.randn(1, 50, 12)))
    save("input-video", exported(Video(), torch.randn(1, 3, 8, 32, 32)))
    save("input-four-channels-last", exported(Classifier(4, lambda x: x.permute(0, 3, 1, 2)), torch.randn(1, 32, 32, 4)))
    grey, colour = photo("L"), photo()
    for name, channels, before, fed, open_axes in [
        ("input-grey-of-one", 1, lambda x: x.unsqueeze(1), grey[0], None),
        ("input-grey-reshaped", 1, lambda x: x.reshape(-1, 1, 96, 96), grey[0], {"input": {0: "unk__4"}}),
        ("input-grey-open", 1, lambda x: x.unsqueeze(1), grey[0], {"input": {0: "batch", 1: "height", 2: "width"}}),
        ("input-grey-open-channels", 1, lambda x: x, grey, {"input": {0: "batch_size", 1: "num_channels", 2: "height", 3: "width"}}),
        ("input-colour-open-last", 3, lambda x: x.permute(0, 3, 1, 2), colour.permute(0, 2, 3, 1), {"input": {0: "a", 1: "b", 2: "c", 3: "d"}}),
        ("input-colour-last-without-batch", 3, lambda x: x.permute(2, 0, 1)[None], colour[0].permute(1, 2, 0), None),
        ("input-colour-without-batch", 3, lambda x: x[None], colour[0], None),
    ]:
        network = Classifier(channels, before).eval()
        model = exported(network, fed, open_axes)
        assert np.allclose(ran(model, fed), network(fed).detach(), atol=1e-5), name
        save(name, model, network(fed).detach())
    network = Classifier(1, lambda x: x.unsqueeze(1)).eval()
    save("input-grey-batch-of-four", exported(network, torch.randn(4, 96, 96)), network(grey[0]).detach())


# Files that cannot be explained as a whole.

class Joined(nn.Module):
    """Test-time augmentation: the photo and its mirror image run side by side."""

    def __init__(self, join):
        super().__init__()
        self.n, self.join = Classifier(), join

    def forward(self, x):
        return self.n(self.join(x)).view(2, -1, 3).mean(0)


class Mixed(nn.Module):
    def __init__(self, mix):
        super().__init__()
        self.n, self.mix = Classifier(), mix

    def forward(self, x):
        return self.mix(self.n(x))


class Segmentation(nn.Module):
    def __init__(self, end=lambda y: y, classes=5):
        super().__init__()
        self.f, self.c, self.end = features(3), nn.Conv2d(6, classes, 1), end

    def forward(self, x):
        return self.end(F.interpolate(self.c(self.f(x)), size=x.shape[2:], mode="bilinear"))


def refused_cases():
    x = photo()
    save("whole-mirror-joined", exported(Joined(lambda x: torch.cat([x, x.flip(3)])), x))
    save("whole-crops-joined", exported(Joined(lambda x: torch.stack([x[:, :, :80, :80], x[:, :, 16:, 16:]]).flatten(0, 1)), x, {"input": {0: "N"}}))
    two = torch.cat([x, x])
    for name, mix in [("pair", lambda y: (y[0] - y[1]).abs()[None]), ("row", lambda y: y.reshape(1, 6)), ("attention", lambda y: (y @ y.T).softmax(1) @ y),
                      ("mean", lambda y: y.mean(0, keepdim=True))]:
        save(f"whole-batch-{name}", exported(Mixed(mix), two))
    network = Mixed(lambda y: y * torch.ones(2, 3)).eval()
    save("whole-batch-apart", exported(network, two), network(two).detach()[0])
    save("whole-segmentation", exported(Segmentation(), x))
    save("whole-segmentation-classes", exported(Segmentation(lambda y: y.argmax(1)), two))
    save("whole-segmentation-depth", exported(Segmentation(torch.sigmoid, 1), x))
    save("whole-detector", exported(Segmentation(lambda y: y.flatten(2).transpose(1, 2)), x))
    broken = exported(Segmentation(), x)
    next(node for node in broken.graph.node if node.op_type == "Relu").op_type = "Bogus"
    save("whole-segmentation-and-more", broken)


# Integers beyond 2^24, and what cannot be read.

def integer_cases():
    """A convolution with a bias of int32 beyond 2^24, one scale a channel; the logits are ONNX Runtime's."""
    random = np.random.default_rng(9)
    scale, bias = random.uniform(1e-9, 3e-9, 6).astype(np.float32), random.integers(-2**31, 2**31, 6).astype(np.int32)
    model = exported(Classifier(), photo())
    first = next(node for node in model.graph.node if node.op_type == "Conv")
    model.graph.initializer.extend([numpy_helper.from_array(bias, "bias_q"), numpy_helper.from_array(scale, "bias_scale")])
    model.graph.node.insert(0, helper.make_node("DequantizeLinear", ["bias_q", "bias_scale"], [first.input[2] + "_x"], name="bias", axis=0))
    first.input[2] += "_x"
    save("integers-bias-per-channel", model, ran(model, photo()))
    # A shape that goes through int64's end, moved about as exporters do it.
    model = exported(Classifier(), photo())
    moved = [helper.make_node("Concat", ["low", "high"], ["both"], name="both", axis=0), helper.make_node("Transpose", ["both"], ["turned"], name="turned"),
             helper.make_node("Split", ["turned"], ["left", "right"], name="split", axis=1),
             helper.make_node("Squeeze", ["right", "one"], ["ends"], name="ends"),
             helper.make_node("Slice", ["input", "zeros", "ends", "axes"], ["all"], name="slice")]
    first = next(node for node in model.graph.node if node.op_type == "Conv")
    first.input[0] = "all"
    for place, node in enumerate(moved):
        model.graph.node.insert(place, node)
    model.graph.initializer.extend(numpy_helper.from_array(np.array(value, np.int64), name) for name, value in [
        ("low", [[0, 0]]), ("high", [[2**63 - 1, 2**31 - 1]]), ("one", [1]), ("zeros", [0, 0]), ("axes", [2, 3])])
    save("integers-slice-to-the-end", model, ran(model, photo()))


def unreadable_cases():
    """An attribute's tensor that is cut short, before two operators that do not exist."""
    model = exported(Classifier(), photo())
    tensor = numpy_helper.from_array(np.ones((1, 3, 1, 1), np.float32))
    tensor.raw_data = tensor.raw_data[:-3]
    nodes = model.graph.node
    next(node for node in nodes if node.op_type == "Conv").input[0] = "scaled"
    for node in nodes:
        if node.op_type == "Relu":
            node.op_type = "Bogus"
    nodes.insert(0, helper.make_node("Mul", ["input", "ones"], ["scaled"], name="scaled"))
    nodes.insert(0, helper.make_node("Constant", [], ["ones"], name="ones", value=tensor))
    save("unreadable-attribute-tensor", model)
    model = exported(Classifier(), photo())
    first = next(node for node in model.graph.node if node.op_type == "Conv")
    next(a for a in first.attribute if a.name == "strides").CopyFrom(helper.make_attribute("strides", "two"))
    next(node for node in model.graph.node if node.op_type == "ReduceMean").op_type = "Bogus"
    save("unreadable-attribute-type", model)
    model = exported(Classifier(), photo())
    model.graph.initializer.append(helper.make_tensor("factor", TensorProto.FLOAT8E4M3FN, [1], [1.0]))
    first = next(node for node in model.graph.node if node.op_type == "Conv")
    model.graph.node.insert(0, helper.make_node("Mul", [first.input[0], "factor"], ["scaled"], name="scaled"))
    first.input[0] = "scaled"
    next(node for node in model.graph.node if node.op_type == "ReduceMean").op_type = "Bogus"
    save("unreadable-weights", model)


if __name__ == "__main__":
    torch.manual_seed(11)
    order_cases()
    input_cases()
    refused_cases()
    integer_cases()
    unreadable_cases()
