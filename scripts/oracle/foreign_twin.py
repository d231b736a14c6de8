"""The same classifier in torch, for gradients: with the weights that a file holds after their rounding, and the activations where it rounds them."""
import numpy as np
import torch
from torch import nn

import foreign_graph as plain

WEIGHTS = ("W1", "B1", "SCALE", "SHIFT", "MEAN", "VARIANCE", "W2", "B2", "HEAD", "HEAD_BIAS")


class Twin:
    def __init__(self, **weights):
        for name in WEIGHTS:
            setattr(self, name, torch.from_numpy(np.asarray(weights.get(name, getattr(plain, name)), np.float32)))

    def rounded(self, x, name):
        """The activation of this name as the file rounds it."""
        return x

    def features(self, x):
        x = nn.functional.conv2d(self.rounded(x, "input"), self.W1, self.B1, stride=2, padding=1)
        x = nn.functional.batch_norm(x, self.MEAN, self.VARIANCE, self.SCALE, self.SHIFT).relu()
        x = nn.functional.max_pool2d(self.rounded(x, "hidden"), 2)
        return self.rounded(nn.functional.conv2d(x, self.W2, self.B2, padding=1).relu(), "features")

    def pooled(self, features):
        return features.mean((2, 3))

    def forward(self, features):
        return self.rounded(self.rounded(self.pooled(features), "pooled") @ self.HEAD + self.HEAD_BIAS, "scores")


class OfLargestPlaces(Twin):
    """The mean over the 20 places whose features are largest."""

    def pooled(self, features):
        tokens = features.flatten(2).transpose(1, 2)
        best = tokens.sum(2).topk(20, 1).indices
        return tokens.gather(1, best[:, :, None].expand(-1, -1, 8)).mean(1)


class Quantised(Twin):
    """Activations rounded to uint8 by fixed scales and zero points; the gradient passes straight through inside the range."""

    def __init__(self, ranges, **weights):
        """ranges: a (scale, zero point) for every activation."""
        super().__init__(**weights)
        self.ranges = ranges

    def rounded(self, x, name):
        return torch.fake_quantize_per_tensor_affine(x, *self.ranges[name], 0, 255)


class DynamicallyQuantised(Twin):
    """Inputs of products rounded to uint8 by their own range (DynamicQuantizeLinear)."""

    def rounded(self, x, name):
        if name not in ("input", "hidden", "pooled"):
            return x
        low, high = min(0, x.min().item()), max(0, x.max().item())
        scale = float(np.float32(high - low) / np.float32(255))
        return torch.fake_quantize_per_tensor_affine(x, scale, int(round(-low / scale)), 0, 255)


def gradcam(twin, tensor, category):
    """The normalised map at the network's input size, and the logits."""
    features = twin.features(tensor).detach().requires_grad_(True)
    logits = twin.forward(features)
    gradient = torch.autograd.grad(logits[0, category], features)[0]
    raw = (gradient.mean((2, 3), keepdim=True) * features.detach()).sum(1, keepdim=True).relu()
    scale = lambda x: (x - x.min()) / (1e-7 + (x - x.min()).max())
    resized = nn.functional.interpolate(scale(raw), size=plain.SIZE[::-1], mode="bilinear", align_corners=False)
    return scale(resized)[0, 0].numpy(), logits[0].detach().numpy()
