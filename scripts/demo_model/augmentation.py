"""Random changes to a batch of photos: crops and colour,
erasing (https://arxiv.org/abs/1708.04896), mixup (https://arxiv.org/abs/1710.09412) and CutMix (https://arxiv.org/abs/1905.04899)."""
import math

import numpy as np
import torch
import torch.nn.functional as F


def augment(x, size):
    """uint8 N x 3 x H x W -> float 0..1 N x 3 x size x size: a random resized, mirrored
    and slightly turned crop, with random brightness, contrast, saturation and grey."""
    n = len(x)
    area = torch.empty(n).uniform_(0.35, 1.0)
    aspect = torch.exp(torch.empty(n).uniform_(-1, 1) * math.log(4 / 3))
    width, height = (area * aspect).sqrt().clamp(max=1), (area / aspect).sqrt().clamp(max=1)
    dx, dy = (1 - width) * (torch.rand(n) * 2 - 1), (1 - height) * (torch.rand(n) * 2 - 1)
    mirror = (torch.rand(n) < 0.5).float() * 2 - 1
    angle = torch.randn(n) * 0.12
    cos, sin = angle.cos(), angle.sin()
    theta = torch.stack([torch.stack([width * cos * mirror, -width * sin, dx], 1),
                         torch.stack([height * sin * mirror, height * cos, dy], 1)], 1)
    grid = F.affine_grid(theta, (n, 3, size, size), align_corners=False)
    x = F.grid_sample(x.float() / 255, grid, padding_mode="reflection", align_corners=False)
    per_photo = lambda low, high: torch.empty(n, 1, 1, 1).uniform_(low, high)
    grey = (x * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)
    saturation = per_photo(0.5, 1.5) * (torch.rand(n, 1, 1, 1) > 0.1)
    x = grey + (x - grey) * saturation
    middle = x.mean((1, 2, 3), keepdim=True)
    x = (x - middle) * per_photo(0.6, 1.4) + middle * per_photo(0.6, 1.4)
    return x.clamp_(0, 1)


def rectangle(size, share):
    """Random square-ish window with the given share of the area: (y0, y1, x0, x1)."""
    side = math.sqrt(share) * size
    cy, cx = np.random.uniform(0, size, 2)
    edges = (cy - side / 2, cy + side / 2, cx - side / 2, cx + side / 2)
    return [int(min(max(e, 0), size)) for e in edges]


def erase(x, probability):
    for photo in x:
        if np.random.rand() < probability:
            y0, y1, x0, x1 = rectangle(x.shape[-1], np.random.uniform(0.03, 0.25))
            photo[:, y0:y1, x0:x1] = torch.randn(3, 1, 1)
    return x


def mix(x, targets):
    """Mixup or CutMix of the batch with a permutation of itself, or neither."""
    kind = np.random.rand()
    if kind < 0.5:
        return x, targets
    order = torch.randperm(len(x))
    if kind < 0.75:
        share = np.random.beta(0.4, 0.4)
        x = share * x + (1 - share) * x[order]
    else:
        size = x.shape[-1]
        y0, y1, x0, x1 = rectangle(size, np.random.beta(1, 1))
        x[:, :, y0:y1, x0:x1] = x[order][:, :, y0:y1, x0:x1]
        share = 1 - (y1 - y0) * (x1 - x0) / size ** 2
    return x, [share * t + (1 - share) * t[order] for t in targets]
