"""Writes Tests/Goldens/further_inputs: small networks of several inputs, of six channels and of signals, what they are fed as numpy writes
it, and what PyTorch says of them: logits and Grad-CAM at a layer's own size. Also `.npy` files of every type that is read.

usage: make_further_input_goldens.py
"""
import pathlib
import warnings

import numpy as np
import torch
from PIL import Image
from torch import nn

from container import Container
from oracle_maps import decoded, normalised, squashed

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
GOLDENS = REPOSITORY / "Tests/Goldens/further_inputs"
CASES = REPOSITORY / "Tests/Cases"


def tower(channels, kernel=nn.Conv2d):
    return nn.Sequential(kernel(channels, 8, 3, stride=2, padding=1), nn.ReLU(), kernel(8, 12, 3, padding=1), nn.ReLU())


class Siamese(nn.Module):
    """Two pictures through the same layers."""

    def __init__(self):
        super().__init__()
        self.tower, self.head = tower(3), nn.Linear(24, 3)

    def score(self, a, second):
        b = self.tower(second).mean((2, 3)).expand(a.shape[0], -1)
        a = a.mean((2, 3))
        return self.head(torch.cat([(a - b).abs(), a * b], 1))

    def forward(self, first, second):
        return self.score(self.tower(first), second)


class Patient(nn.Module):
    """A picture beside numbers, and beside the number of a clinic."""

    def __init__(self):
        super().__init__()
        self.tower, self.clinics, self.gate, self.head = tower(3), nn.Embedding(5, 4), nn.Linear(8, 12), nn.Linear(16, 4)

    def score(self, a, numbers, clinic):
        beside = torch.cat([numbers, self.clinics(clinic)], 1)
        a = (a * torch.sigmoid(self.gate(beside))[:, :, None, None]).mean((2, 3))
        return self.head(torch.cat([a, numbers.expand(a.shape[0], -1)], 1))

    def forward(self, photo, numbers, clinic):
        return self.score(self.tower(photo), numbers, clinic)


class Plain(nn.Module):
    """One input, of any number of channels."""

    def __init__(self, channels, kernel, axes):
        super().__init__()
        self.tower, self.head, self.axes = tower(channels, kernel), nn.Linear(12, 5), axes

    def score(self, a):
        return self.head(a.mean(self.axes))

    def forward(self, photo):
        return self.score(self.tower(photo))


def spread(model):
    """Biases and weights of some size, so that classes and places differ."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn_like(parameter) * (0.3 if parameter.dim() > 1 else 0.1))
    return model.eval()


def export(model, inputs, name, names):
    axes = {name: {0: "batch"} for name in names[:1]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(model, inputs, str(GOLDENS / f"{name}.onnx"), dynamo=False, opset_version=17, input_names=names,
                          output_names=["logits"], dynamic_axes=axes)


def gradcam(model, photo, *others):
    """Logits, the best class and its map at the layer's own size, 0..1."""
    a = model.tower(photo)
    a.retain_grad()
    logits = model.score(a, *others)
    best = int(logits[0].argmax())
    logits[0, best].backward()
    weights = a.grad.flatten(2).mean(2)
    raw = torch.relu((weights[:, :, None] * a.flatten(2)).sum(1)).reshape(a.shape[2:])
    raw = raw - raw.min()
    return logits[0].detach(), best, (raw / (1e-7 + raw.max())).detach()


def main():
    GOLDENS.mkdir(parents=True, exist_ok=True)
    container, cases = Container(), []

    def case(name, model, network, photo, fed, *others, file=None):
        logits, best, raw = gradcam(model, fed, *others)
        cases.append({"name": name, "network": network, "photo": photo, "class": best, "inputs": file or {}})
        container.add(f"{name}.logits", logits)
        container.add(f"{name}.map", raw)

    def picture(path, width, height):
        return normalised(squashed(decoded(path), width, height))

    torch.manual_seed(1)
    siamese = spread(Siamese())
    first, second = picture(CASES / "photo48.png", 24, 24), picture(CASES / "photo.png", 24, 24)
    export(siamese, (first, second), "siamese", ["first", "second"])
    case("siamese", siamese, "siamese", "../../Cases/photo48.png", first, second, file={"second": "../../Cases/photo.png"})
    case("siamese_other", siamese, "siamese", "../../Cases/photo48.png", first, picture(CASES / "square224.png", 24, 24),
         file={"second": "../../Cases/square224.png"})

    torch.manual_seed(2)
    patient = spread(Patient())
    numbers, clinic = torch.tensor([[0.5, -1.25, 2, 0.75]]), torch.tensor([3])
    export(patient, (first, numbers, clinic), "patient", ["photo", "numbers", "clinic"])
    np.save(GOLDENS / "numbers.npy", numbers.numpy())
    np.save(GOLDENS / "clinic.npy", clinic.numpy())
    case("patient", patient, "patient", "../../Cases/photo48.png", first, numbers, clinic,
         file={"numbers": "0.5,-1.25,2,0.75", "clinic": "3"})
    case("patient_files", patient, "patient", "../../Cases/photo48.png", first, numbers, clinic,
         file={"numbers": "numbers.npy", "clinic": "clinic.npy"})
    case("patient_filled", patient, "patient", "../../Cases/photo48.png", first, torch.full((1, 4), 1.5), torch.tensor([0]),
         file={"numbers": "1.5", "clinic": "0"})

    torch.manual_seed(3)
    bands = spread(Plain(6, nn.Conv2d, (2, 3)))
    photo = (np.random.default_rng(3).random((6, 32, 24)) ** 2 * 4000).astype(np.uint16)
    photo = np.cumsum(photo, axis=2).astype(np.float32) / 40000   # smooth along one axis, as photos are
    export(bands, torch.zeros(1, 6, 32, 24), "bands", ["photo"])
    fed = torch.from_numpy(photo)[None]
    np.save(GOLDENS / "bands.npy", photo)
    np.save(GOLDENS / "bands_last.npy", np.ascontiguousarray(photo.transpose(1, 2, 0)))
    case("bands", bands, "bands", "bands.npy", fed)
    case("bands_last", bands, "bands", "bands_last.npy", fed)
    large = np.round(np.random.default_rng(4).random((6, 40, 36)).cumsum(2) * 100).astype(np.uint16)
    np.save(GOLDENS / "bands_large.npy", large)
    small = np.stack([np.asarray(Image.fromarray(band.astype(np.float32), "F").resize((24, 32), Image.BILINEAR)) for band in large])
    container.add("bands_large.fed", small)
    case("bands_large", bands, "bands", "bands_large.npy", torch.from_numpy(small)[None])

    torch.manual_seed(5)
    signals = spread(Plain(3, nn.Conv1d, 2))
    signal = np.random.default_rng(5).normal(size=(3, 100)).cumsum(1).astype(np.float32) / 4
    export(signals, torch.zeros(1, 3, 100), "signals", ["signal"])
    np.save(GOLDENS / "signal.npy", signal)
    case("signals", signals, "signals", "signal.npy", torch.from_numpy(signal)[None])

    types = [f"{order}{kind}" for kind in ("f2", "f4", "f8", "i2", "i4", "i8", "u2", "u4", "u8") for order in "<>"] + ["|i1", "|u1", "|b1"]
    for name in types:
        values = np.array([[0, 1, 0], [1, 1, 0]], name) if name == "|b1" else np.array([[0, 1, 2], [3, 100, 7]], name)
        np.save(GOLDENS / f"type_{name[1:]}_{'big' if name[0] == '>' else 'little'}.npy", values)
    container.write(GOLDENS, {"cases": cases})


if __name__ == "__main__":
    main()
