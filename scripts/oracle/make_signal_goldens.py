"""Writes Tests/Goldens/signals: small networks of signals, a signal each as numpy writes it, and what PyTorch and
grad-cam say of them: logits, maps at the layer's own size, and maps at the input.

usage: make_signal_goldens.py
"""
import pathlib
import warnings

import numpy as np
import torch
from torch import nn

from container import Container
from oracle_maps import oracle_map
from relu import Relus

GOLDENS = pathlib.Path(__file__).resolve().parents[2] / "Tests/Goldens/signals"
OF_LAYERS = ("gradcam", "gradcam++", "hirescam", "layercam", "xgradcam", "eigencam")


class Block(nn.Module):
    """Of a ResNet along one axis."""

    def __init__(self, inside, outside, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv1d(inside, outside, 5, stride, 2, bias=False), nn.BatchNorm1d(outside)
        self.conv2, self.bn2 = nn.Conv1d(outside, outside, 5, 1, 2, bias=False), nn.BatchNorm1d(outside)
        self.downsample = nn.Sequential(nn.Conv1d(inside, outside, 1, stride, bias=False), nn.BatchNorm1d(outside))
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x))))) + self.downsample(x))


class ResNet(nn.Module):
    """[N, 12, T]"""

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1, self.relu = nn.Conv1d(12, 8, 7, 2, 3, bias=False), nn.BatchNorm1d(8), nn.ReLU()
        self.maxpool, self.layer1, self.layer2 = nn.MaxPool1d(3, 2, 1), Block(8, 8, 1), Block(8, 12, 2)
        self.avgpool, self.fc = nn.AdaptiveAvgPool1d(1), nn.Linear(12, 4)

    def forward(self, x):
        x = self.layer2(self.layer1(self.maxpool(self.relu(self.bn1(self.conv1(x))))))
        return self.fc(self.avgpool(x).flatten(1))


class Transposed(nn.Module):
    """[N, T, 6], as Keras has it, with a layer that enlarges, and no rectifier at its end."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv1d(6, 8, 5, 2), nn.ReLU(), nn.AvgPool1d(2), nn.ConvTranspose1d(8, 8, 4, 2, 1),
                                  nn.ReLU(), nn.Conv1d(8, 10, 3, padding=2, dilation=2, groups=2), nn.BatchNorm1d(10))
        self.head = nn.Linear(10, 3)

    def forward(self, x):
        return self.head(self.body(x.transpose(1, 2)).amax(2))


class Inception(nn.Module):
    """[N, T]: one channel without an axis of its own, as sound is; large kernels side by side, GroupNorm, GELU."""

    def __init__(self):
        super().__init__()
        self.first = nn.Sequential(nn.Conv1d(1, 8, 10, 5, bias=False), nn.GroupNorm(4, 8), nn.GELU())
        self.branches = nn.ModuleList(nn.Conv1d(8, 4, k, padding=k // 2, bias=False) for k in (39, 19, 9))
        self.pooled = nn.Sequential(nn.MaxPool1d(3, 1, 1), nn.Conv1d(8, 4, 1, bias=False))
        self.norm, self.relu, self.head = nn.GroupNorm(2, 16), nn.ReLU(), nn.Linear(16, 5)

    def forward(self, x):
        x = self.first(x[:, None])
        x = self.relu(self.norm(torch.cat([branch(x) for branch in self.branches] + [self.pooled(x)], 1)))
        return self.head(x.mean(2))


class Line(nn.Module):
    """[N, 3, 1, T]: a picture of one row."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 6, (1, 7), (1, 2)), nn.ReLU(), nn.Conv2d(6, 8, (1, 5)), nn.ReLU())
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        return self.head(self.body(x).mean((2, 3)))


def spread(model, seed):
    """Weights, and running statistics, of some size, so that classes and places differ."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in list(model.named_parameters()) + list(model.named_buffers()):
            if tensor.dtype != torch.float32:
                continue
            random = torch.randn(tensor.shape, generator=generator)
            if tensor.dim() > 1:
                tensor.copy_(random * 1.5 / tensor[0].numel() ** 0.5)
            elif name.endswith("running_var") or name.endswith("weight"):
                tensor.copy_(random.abs() + 0.5)
            else:
                tensor.copy_(random * 0.2)
    return model.eval()


def signal(channels, times, seed):
    """A wandering line with some beats in it."""
    random = np.random.default_rng(seed)
    numbers = random.normal(size=(channels, times)).cumsum(1) / 8
    for place in range(30, times, 90):
        numbers += np.outer(random.normal(size=channels), 2 * np.exp(-((np.arange(times) - place) / 6.0) ** 2))
    return numbers.astype(np.float32)


def input_map(model, fed, category, rule):
    """max_c abs(dY/dx_c), 0..1; and of the guided rule dY/dx itself."""
    fed = fed.clone().requires_grad_(True)
    with Relus(rule):
        model(fed)[0, category].backward()
    return fed.grad[0].numpy()


def unit(raw):
    raw = raw - raw.min()
    return raw / (1e-7 + raw.max())


def main():
    GOLDENS.mkdir(parents=True, exist_ok=True)
    container, cases = Container(), []

    def case(name, model, layer, photo, fed, channel_axis, names=("batch",)):
        np.save(GOLDENS / f"{name}.npy", photo)
        axes = {0: names[0]} | ({fed.dim() - 1: names[1]} if len(names) > 1 else {})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(model, (fed,), str(GOLDENS / f"{name}.onnx"), dynamo=False, opset_version=17,
                              input_names=["signal"], output_names=["logits"], dynamic_axes={"signal": axes})
        logits = model(fed)[0].detach()
        best = int(logits.argmax())
        container.add(f"{name}.logits", logits)

        def lifted(value):
            return value if value.dim() == 4 else value[:, :, None]
        for method in OF_LAYERS:
            found = oracle_map(method, model, [layer], fed, best, reshape=lifted, enlarged=False)
            container.add(f"{name}.{method}", found[0] if found.ndim == 2 else found)
        for method, rule in (("saliency", "plain"), ("guided", "guided")):
            gradient = input_map(model, fed, best, rule)
            magnitudes = np.abs(gradient)
            if channel_axis is not None:
                magnitudes = magnitudes.max(channel_axis)
            container.add(f"{name}.{method}", unit(magnitudes).reshape(-1))
        cases.append({"name": name, "layer": layer, "class": best, "channels": 1 if photo.ndim == 1 else min(photo.shape),
                      "times": max(photo.shape), "open": len(names) > 1})

    photo = signal(12, 480, 1)
    case("resnet", spread(ResNet(), 1), "layer2", photo, torch.from_numpy(photo)[None], 0)
    photo = signal(12, 333, 2)
    case("resnet_open", spread(ResNet(), 2), "layer2", photo, torch.from_numpy(photo)[None], 0, ("batch", "time"))
    photo = signal(6, 200, 3)
    case("transposed", spread(Transposed(), 3), "body[-1]", photo, torch.from_numpy(photo.T.copy())[None], 1)
    photo = signal(1, 700, 4)[0]
    case("inception", spread(Inception(), 4), "relu", photo, torch.from_numpy(photo)[None], None)
    photo = signal(3, 150, 5)
    case("line", spread(Line(), 5), "body[-1]", photo, torch.from_numpy(photo)[None, :, None], 0)
    container.write(GOLDENS, {"cases": cases})


if __name__ == "__main__":
    main()
