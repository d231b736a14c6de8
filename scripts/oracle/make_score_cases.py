"""Makes Tests/Cases/outputs (which output holds the scores) and Tests/Cases/scores (what the scores are): small random networks, with their scores
from ONNX Runtime and grad-cam's map at the logits that are right.

    python scripts/oracle/make_score_cases.py
"""
import json
import pathlib

import vision  # before pytorch_grad_cam, which imports torchvision too
import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from torch import nn
from torch.nn import functional as F

from oracle_maps import normalised, oracle_map

CASES = pathlib.Path(__file__).parents[2] / "Tests" / "Cases"
SIZE = 32


class Network(nn.Module):
    """A trunk with an early way out, and fully connected heads of these widths; `say` makes the outputs of the heads' logits and the features."""

    def __init__(self, say, widths=(5,), scale=1.0, explained=lambda logits: logits[0]):
        super().__init__()
        self.early = nn.Sequential(nn.Conv2d(3, 6, 3, stride=2, padding=1), nn.ReLU())
        self.f = nn.Sequential(nn.Conv2d(6, 8, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1), nn.ReLU())
        self.heads = nn.ModuleList(nn.Linear(8, width) for width in widths)
        self.aux = nn.Linear(6, widths[0])
        self.say, self.scale, self.explained, self.whole = say, scale, explained, False

    def forward(self, x):
        early = self.early(x)
        map = self.f(early)
        features = map.mean((2, 3))
        logits = [self.scale * head(features) for head in self.heads]
        if not self.whole:   # for the oracle: one logit a class
            return self.explained(logits)
        self.map, self.features, self.auxiliary = map, features, self.aux(early.mean((2, 3)))
        return self.say(self, *logits)


def unit(x):
    return F.normalize(x)


OUTPUTS = {   # name: the outputs' names, which of them is right, what they are, heads, `explained`
    "auxiliary_first": (["auxiliary", "main"], "main", lambda n, y: (n.auxiliary, y), (5,)),
    "auxiliary_last": (["out", "out2"], "out", lambda n, y: (y, n.auxiliary), (5,)),
    "auxiliary_nameless_first": (["first", "second"], "second", lambda n, y: (n.auxiliary, y), (5,)),
    "two_heads": (["age", "gender"], "age", lambda n, y, z: (y, z), (6, 2)),
    "logits_and_probabilities": (["logits", "probabilities"], "probabilities", lambda n, y: (y, y.softmax(1)), (5,)),
    "probabilities_and_logits": (["probs", "raw"], "probs", lambda n, y: (y.softmax(1), y), (5,)),
    "hidden_states": (["pooler_output", "hidden_states", "logits"], "logits",
                      lambda n, y: (n.features.tanh(), n.map.flatten(2).transpose(1, 2), y), (3,)),
    "nameless_features": (["out1", "out2"], "out2", lambda n, y: (n.features, y), (4,)),
    "confidence": (["confidence", "probs"], "probs", lambda n, y: (y.softmax(1).amax(1, keepdim=True), y.softmax(1)), (4,)),
    "box_and_landmarks": (["bbox_pred", "landmarks", "cls_prob"], "cls_prob", lambda n, y, b, l: (b, l, y.softmax(1)), (2, 4, 10)),
    "unit_length": (["output"], None, lambda n, y: unit(y), (5,)),
    "embedding_named": (["image_embeds"], None, lambda n, y: y, (5,)),
    "hidden_alone": (["last_hidden_state", "pooler_output"], None, lambda n, y: (n.map.flatten(2).transpose(1, 2), n.features.tanh()), (5,)),
    "boxes_alone": (["boxes"], None, lambda n, y: y.sigmoid(), (4,)),
}

SCORES = {   # name: kind, what is said, heads, scale, the logits that are explained
    "softmax_quantised": ("output", lambda n, y: torch.fake_quantize_per_tensor_affine(y.softmax(1), 1 / 255, 0, 0, 255), (5,), 4),
    "softmax_rounded": ("output", lambda n, y: (y.softmax(1) * 1000).round() / 1000, (5,), 4),
    "softmax_calibrated": ("output", lambda n, y: (y.softmax(1) ** 1.7) / (y.softmax(1) ** 1.7).sum(1, keepdim=True), (5,), 6),
    "softmax_smoothed": ("output", lambda n, y: y.softmax(1) * 0.9 + 0.02, (5,), 4),
    "softmax_spelled": ("softmax", lambda n, y: (y - y.amax(1, keepdim=True)).exp() / (y - y.amax(1, keepdim=True)).exp().sum(1, keepdim=True), (5,), 4),
    "temperature": ("softmax", lambda n, y: (y / 2.5).softmax(1), (5,), 4, lambda y: y[0] / 2.5),
    "log_softmax": ("softmax", lambda n, y: y.log_softmax(1), (5,), 4),
    "percent": ("output", lambda n, y: y.sigmoid() * 100, (5,), 4),
    "sigmoid_confident_clip": ("output", lambda n, y: y.sigmoid().clamp(1e-6, 1 - 1e-6), (5,), 600),
    "softmax_confident_half": ("output", lambda n, y: y.softmax(1).clamp(1e-3, 1), (5,), 900),
    "two_sides": ("sigmoid", lambda n, y: torch.cat([1 - y.sigmoid(), y.sigmoid()], 1), (1,), 4, lambda y: torch.cat([-y[0], y[0]], 1)),
    "one_sigmoid_clip": ("output", lambda n, y: y.sigmoid().clamp(0.01, 0.99), (1,), 4, lambda y: torch.cat([-y[0], y[0]], 1)),
    "heads_of_both_kinds": ("output", lambda n, y, z: torch.cat([y.softmax(1), z.sigmoid()], 1), (3, 4), 4, lambda y: torch.cat(y, 1)),
    "sigmoid_heads": ("sigmoid", lambda n, *y: torch.cat([z.sigmoid() for z in y], 1), (1, 1, 1), 4, lambda y: torch.cat(y, 1)),
    "averaged": ("output", lambda n, y, z: (y.softmax(1) + z.softmax(1)) / 2, (4, 4), 4, lambda y: (y[0].softmax(1) + y[1].softmax(1)) / 2),
    "averaged_stack": ("output", lambda n, y, z, w: torch.stack([y.softmax(1), z.softmax(1), w.softmax(1)]).mean(0), (4, 4, 4), 4,
                       lambda y: torch.stack([v.softmax(1) for v in y]).mean(0)),
    "regression": ("number", lambda n, y: y, (1,), 40, lambda y: torch.cat([-y[0], y[0]], 1)),
    "expected_age": ("number", lambda n, y: (y.softmax(1) * torch.arange(7.)).sum(1, keepdim=True), (7,), 4,
                     lambda y: torch.cat([-(y[0].softmax(1) * torch.arange(7.)).sum(1, keepdim=True), (y[0].softmax(1) * torch.arange(7.)).sum(1, keepdim=True)], 1)),
    "plain_logits": ("softmax", lambda n, y: y, (5,), 4),
}

MERGED = torch.tensor([[1., 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1]])
LEFT_OUT = torch.tensor([[.5, 0], [.5, 0], [0, .25], [0, .25], [0, 0]])
log_sum = lambda y: y.exp().sum(1, keepdim=True).log()


def share(x):
    return x / x.sum(1, keepdim=True)


def min_max(x):
    return (x - x.amin(1, keepdim=True)) / (x.amax(1, keepdim=True) - x.amin(1, keepdim=True))


def shuffled(x):
    for _ in range(18):
        x = torch.cat([x, x], 1)[:, :5]
    return x


def itself(function):
    return ("output", lambda n, y: function(y), (5,), 4, lambda y: function(y[0]))


SCORES |= {
    "spelled_logsumexp": ("softmax", lambda n, y: (y - y.logsumexp(1, keepdim=True)).exp(), (5,), 4),
    "spelled_log_of_sum": ("softmax", lambda n, y: (y - log_sum(y)).exp(), (5,), 4),
    "spelled_reciprocal": ("softmax", lambda n, y: y.exp() * (1 / y.exp().sum(1, keepdim=True)), (5,), 4),
    "spelled_log_softmax": ("softmax", lambda n, y: y - y.amax(1, keepdim=True) - log_sum(y - y.amax(1, keepdim=True)), (5,), 4),
    "spelled_sigmoid": ("sigmoid", lambda n, y: y.exp() / (1 + y.exp()), (5,), 4),
    "tanh_halved": ("output", lambda n, y: (y.tanh() + 1) / 2, (5,), 1),
    "softmax_thresholded": ("output", lambda n, y: torch.where(y.softmax(1) > 0.1, y.softmax(1), torch.zeros(())), (5,), 4),
    "superclasses": itself(lambda y: y.softmax(1) @ MERGED),
    "superclasses_weighted": itself(lambda y: F.linear(y.softmax(1), LEFT_OUT.T, torch.full((2,), 0.25))),
    "superclasses_summed": itself(lambda y: torch.stack([y.softmax(1)[:, :2].sum(1), y.softmax(1)[:, 2:].sum(1)], 1)),
    "evidence": itself(lambda y: share(F.softplus(y) + 1)),
    "share_of_relu": itself(lambda y: share(y.relu() + 1e-3)),
    "share_of_squares": itself(lambda y: share(y * y)),
    "min_max": itself(min_max),
    "clipped": itself(lambda y: y.clamp(0, 1) * 0.5 + 0.25 * y.sigmoid()),
    "log_sigmoid": ("output", lambda n, y: -F.softplus(-y), (5,), 4),
    "log_odds": ("sigmoid", lambda n, y: (y.sigmoid() / (1 - y.sigmoid())).log(), (5,), 1),
    "log_odds_apart": ("softmax", lambda n, y: y.softmax(1).log() - (1 - y.softmax(1)).log(), (5,), 1),
    "log_percent": ("output", lambda n, y: (y.sigmoid() * 100).log(), (5,), 1),
    "odds": ("output", lambda n, y: y.sigmoid() / (1 - y.sigmoid()), (5,), 1),
    "loss": ("softmax", lambda n, y: -y.softmax(1).log(), (5,), 4),
    "loss_of_sigmoid_log": ("output", lambda n, y: -y.sigmoid().log(), (5,), 4),
    "loss_in_bits": ("output", lambda n, y: y.log_softmax(1) / -0.6931472, (5,), 4),
    "softmax_of_batch": ("output", lambda n, y: y.softmax(0), (5,), 4),
    "log_softmax_of_batch": ("output", lambda n, y: y.log_softmax(0), (5,), 4),
    "many_ways": ("sigmoid", lambda n, y: shuffled(y.sigmoid()), (5,), 4),
}

# What the output says of the scores, where it is not the scores.
SAID = {
    "log_softmax": np.exp, "spelled_log_softmax": np.exp, "log_sigmoid": np.exp, "log_softmax_of_batch": np.exp, "loss": lambda y: np.exp(-y),
    "loss_of_sigmoid_log": lambda y: np.exp(-y), "loss_in_bits": lambda y: -y, "log_odds": lambda y: 1 / (1 + np.exp(-y)),
    "log_odds_apart": lambda y: 1 / (1 + np.exp(-y)),
    "plain_logits": lambda y: torch.from_numpy(y).softmax(1).numpy(), "one_sigmoid_clip": lambda y: np.concatenate([1 - y, y], 1),
}


def photo():
    random = np.random.default_rng(3)
    coarse = random.integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((SIZE, SIZE), Image.BICUBIC)


def make(folder, name, seed, outputs, say, widths, scale=1.0, explained=lambda y: y[0]):
    """Writes the network; gives its outputs on the photo, the logits that are explained, the best of them, and its map."""
    torch.manual_seed(seed)
    network = Network(say, widths, scale, explained).eval()
    tensor = normalised(np.asarray(Image.open(folder / "photo.png")))
    network.whole = True
    path = folder / f"{name}.onnx"
    torch.onnx.export(network, tensor, str(path), input_names=["input"], output_names=outputs, opset_version=17, dynamo=False)
    said = onnxruntime.InferenceSession(str(path)).run(None, {"input": tensor.numpy()})
    network.whole = False
    with torch.no_grad():
        logits = network(tensor)[0].numpy()
    # The greatest of x - min x over max x - min x is 1 always.
    best = int(logits.argsort()[-2 if name == "min_max" else -1])
    np.save(folder / f"{name}.npy", oracle_map("gradcam", network, ["f[-1]"], tensor, best).astype(np.float32))
    return dict(zip(outputs, said)), logits, best


def hostile(folder):
    """Files whose numbers or sizes are the matter: NaN behind a rectifier, more outputs than one can read, and a long chain in nested functions."""
    random = np.random.default_rng(0)
    weights = {"w": random.normal(size=(4, 3, 3, 3)), "v": random.normal(size=(4, 5)), "ones": np.ones(4), "negative": -np.ones(4), "k": np.array(1.00001)}
    def save(name, middle, behind=(), outputs=("logits",), functions=()):
        node = helper.make_node
        nodes = [node("Conv", ["input", "w"], ["map"], pads=[1] * 4), *middle, node("GlobalAveragePool", ["rectified"], ["mean"]),
                 node("Flatten", ["mean"], ["features"]), node("MatMul", ["features", "v"], ["logits"]), *behind]
        graph = helper.make_graph(
            nodes, name, [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, SIZE, SIZE])],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, [1, 5]) for output in outputs],
            [numpy_helper.from_array(value.astype(np.float32), key) for key, value in weights.items()])
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid("local", 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=8, functions=functions)
        path = folder / f"{name}.onnx"
        onnx.save(model, path)
        return onnxruntime.InferenceSession(str(path)).run(None, {"input": normalised(np.asarray(Image.open(folder / "photo.png"))).numpy()})[0]

    relu = helper.make_node("Relu", ["map"], ["rectified"])
    norm = helper.make_node("BatchNormalization", ["map", "ones", "ones", "ones", "negative"], ["normed"])
    assert np.isnan(save("nan", [norm, helper.make_node("Relu", ["normed"], ["rectified"])])).all()
    assert np.isnan(save("nan_clip", [norm, helper.make_node("Clip", ["normed", "k", ""], ["rectified"])])).all()
    assert np.isnan(save("nan_sum", [norm, helper.make_node("Add", ["normed", "map"], ["sum"]), helper.make_node("Relu", ["sum"], ["rectified"])])).all()
    heads = [helper.make_node("MatMul", ["features", "v"], [f"head{i}"]) for i in range(20)]
    save("many_outputs", [relu], heads, ["logits"] + [f"head{i}" for i in range(20)])
    functions, inner = [], "Mul"
    for level, times in enumerate([30, 30, 30]):
        domain = "local" if level else ""
        calls = [helper.make_node(inner, ["x" if i == 0 else f"t{i}", "k"], ["y" if i == times - 1 else f"t{i + 1}"], domain=domain) for i in range(times)]
        inner = f"Chain{level}"
        functions.append(helper.make_function(
            "local", inner, ["x", "k"], ["y"], calls, [helper.make_opsetid("", 17), helper.make_opsetid("local", 1)]))
    save("long_chain", [relu], [helper.make_node(inner, ["logits", "k"], ["y"], domain="local")], ["y"], functions)


def numbers(array):
    return [float(x) for x in np.asarray(array).ravel()]


def main():
    right = {}
    for name in ("outputs", "scores"):
        (CASES / name).mkdir(exist_ok=True)
        photo().save(CASES / name / "photo.png")
        right[name] = []
    for seed, (name, (outputs, chosen, say, widths)) in enumerate(OUTPUTS.items()):
        said, logits, best = make(CASES / "outputs", name, seed, outputs, say, widths)
        if not chosen:
            (CASES / "outputs" / f"{name}.npy").unlink()
        others = [o for o in outputs if o != chosen and said[o].size == max(said[o].shape) and not name.endswith(("probabilities", "and_logits"))]
        right["outputs"].append({"name": name, "output": chosen, "others": others, "logits": numbers(logits), "class": best})
    for seed, (name, (kind, say, widths, scale, *explained)) in enumerate(SCORES.items()):
        said, logits, best = make(CASES / "scores", name, seed, ["output"], say, widths, scale, *explained)
        scores = said["output"]
        if name in SAID:
            scores = SAID[name](scores)
        elif kind == "number":
            scores = np.concatenate([scores, scores], 1)
        right["scores"].append({"name": name, "kind": kind, "scores": numbers(scores), "logits": numbers(logits), "class": best})
    hostile(CASES / "scores")
    for name, cases in right.items():
        lines = ",\n".join("  " + json.dumps(case) for case in cases)
        (CASES / name / "right.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
