"""Writes Tests/Goldens/scalars: a small random network of several outputs, and what PyTorch and grad-cam say of numbers
made of them: logits, probabilities, ReST, differences, both sides of one number, parts of outputs, similarity.

usage: make_scalar_goldens.py
"""
import pathlib
import warnings

import vision  # before pytorch_grad_cam, which imports torchvision too
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from pytorch_grad_cam import AblationCAM, GradCAM, GradCAMPlusPlus, HiResCAM
from pytorch_grad_cam.utils.model_targets import (
    BinaryClassifierOutputTarget, ClassifierOutputReST, ClassifierOutputSoftmaxTarget, ClassifierOutputTarget)
from torch import nn

from container import Container

ROOT = pathlib.Path(__file__).parents[2] / "Tests"
GOLDENS = ROOT / "Goldens" / "scalars"
HEIGHT, WIDTH = 48, 64
OUTPUTS = ("scores", "labels", "number", "maps", "probabilities")
METHODS = {"gradcam": GradCAM, "gradcam++": GradCAMPlusPlus, "hirescam": HiResCAM, "ablationcam": AblationCAM}


class Network(nn.Module):
    """scores: 5 logits; labels: the same through a sigmoid; number: one logit; maps: [4, 12, 16]; probabilities: the
    scores' softmax."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(), nn.Conv2d(8, 12, 3, 2, 1), nn.ReLU())
        self.hidden = nn.Sequential(nn.Linear(12, 10), nn.Tanh())
        self.scores, self.number, self.maps = nn.Linear(10, 5), nn.Linear(10, 1), nn.Conv2d(12, 4, 1)

    def forward(self, x):
        features = self.features(x)
        hidden = self.hidden(features.mean((2, 3)))
        scores = 4 * self.scores(hidden)
        return scores, torch.sigmoid(scores), 4 * self.number(hidden), self.maps(features), torch.softmax(scores, 1)


class Output(nn.Module):
    """One output of a network, by name; labels without their sigmoid."""

    def __init__(self, network, name):
        super().__init__()
        self.network, self.place = network, OUTPUTS.index("scores" if name == "labels" else name)

    def forward(self, x):
        return self.network(x)[self.place]


def cases(reference):
    """The output, how the program is asked, and the number of the output of one photo."""
    for c in (0, 3):
        yield "scores", {"kind": "logit", "class": c}, ClassifierOutputTarget(c)
        yield "scores", {"kind": "probability", "class": c}, ClassifierOutputSoftmaxTarget(c)
        yield "scores", {"kind": "rest", "class": c}, ClassifierOutputReST(c)
        yield "labels", {"kind": "probability", "class": c}, lambda y, c=c: torch.sigmoid(y[c])
        yield "labels", {"kind": "rest", "class": c}, lambda y, c=c: y[c] + F.logsigmoid(y[c])
    yield "scores", {"kind": "difference", "class": 1, "against": 4}, lambda y: y[1] - y[4]
    yield "scores", {"kind": "difference", "class": 4, "against": 1}, lambda y: y[4] - y[1]
    for c in (0, 1):
        yield "number", {"kind": "logit", "class": c}, BinaryClassifierOutputTarget(c)
    yield "scores", {"kind": "number", "slice": "scores[0,2]"}, lambda y: y[2]
    yield "probabilities", {"kind": "number", "slice": "probabilities[0,-2]"}, lambda y: y[3]
    yield "scores", {"kind": "mean", "slice": "scores[:,1::2].mean"}, lambda y: y[1::2].mean()
    yield "maps", {"kind": "sum", "slice": "maps[0,3,:,:].sum"}, lambda y: y[3].sum()
    yield "maps", {"kind": "mean", "slice": "maps[0,1:3,2:-3,::2].mean"}, lambda y: y[1:3, 2:-3, ::2].mean()
    yield "maps", {"kind": "max", "slice": "maps[...,4:9].max"}, lambda y: y[..., 4:9].max()
    yield "maps", {"kind": "sum", "slice": "maps[0,::-2,5].sum"}, lambda y: y[[3, 1], 5].sum()
    yield "scores", {"kind": "similarity"}, lambda y: F.cosine_similarity(y, reference, dim=0)


# Parts of outputs, as Python writes them.
SLICES = (
    ([1, 5], "0,3"), ([1, 5], "0,-1"), ([1, 5], "0"), ([1, 5], ":,1:3"), ([1, 5], "..."), ([1, 5], "...,::-1"),
    ([1, 4, 3, 5], "0,3,:,:"), ([1, 4, 3, 5], "0,1:3,-1,::2"), ([1, 4, 3, 5], "...,2"), ([1, 4, 3, 5], "0,...,1,2"),
    ([1, 4, 3, 5], ":,::3"), ([1, 4, 3, 5], "0,3:0:-2,0,-2:"), ([1, 4, 3, 5], "0,-99:99,0,0"), ([7], "5:1:-3"),
    ([7], "-3:"), ([7], ":-3"), ([7], "::99"), ([7], "::-99"), ([7], "-99::-1"), ([7], "3:3"), ([7], "5:2"))


def slices():
    for shape, text in SLICES:
        numbers = np.arange(np.prod(shape)).reshape(shape)
        yield {"shape": shape, "slice": f"[{text}]", "places": np.ravel(eval(f"numbers[{text}]")).tolist()}


def main():
    warnings.filterwarnings("ignore")
    torch.manual_seed(20)
    torch.set_num_threads(1)
    network = Network().eval()
    with torch.no_grad():
        network.features[0].weight *= 2
        network.features[2].weight *= 2
        network.hidden[0].weight *= 2
    pixels = np.asarray(Image.open(ROOT / "Cases" / "photo.png").convert("RGB"))[20:20 + HEIGHT, 10:10 + WIDTH]
    tensor = (torch.from_numpy(pixels.transpose(2, 0, 1).astype(np.float32)) / 255 - 0.5)[None] / 0.5
    with torch.no_grad():
        reference = network(tensor)[0][0] + 2 * torch.randn(5)
    GOLDENS.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(network, (tensor,), GOLDENS / "network.onnx", input_names=["image"], output_names=list(OUTPUTS),
                      opset_version=17, dynamo=False)
    container, entries = Container(), []
    container.add("pixels", pixels / 255, "uint16")
    container.add("reference", reference)
    for output, asked, target in cases(reference):
        model = Output(network, output)
        with torch.no_grad():
            value = float(target(model(tensor)[0]))
        maps = {}
        for name, method in METHODS.items():
            # Shares of a number below 0 are turned around by both, and blank here.
            with method(model, [network.features[3]]) as cam:
                map = cam(tensor, [target])[0]
            if map.max() > 0.5:
                maps[name] = container.add(f"{len(entries)} {name}", map[::4, ::4], "uint16")
        assert len(maps) >= 2, asked
        entries.append({"output": output} | asked | {"value": value, "maps": maps})
    container.write(GOLDENS, {"width": WIDTH, "height": HEIGHT, "stride": 4, "cases": entries, "slices": list(slices())})


if __name__ == "__main__":
    main()
