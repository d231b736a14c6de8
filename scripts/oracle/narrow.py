"""torchvision's own networks with fewer channels, and random weights whose activations stay in range."""
import contextlib
import unittest.mock

import torch
from torch import nn
from torch.nn.modules.linear import NonDynamicallyQuantizableLinear


@contextlib.contextmanager
def narrow(divisor, hidden=64):
    """Inside: convolutions, batch norms and groups get `divisor` times fewer channels; linear layers of 4096 get `hidden`.

    Counts of 10 and below (colours, classes) stay as they are.
    """
    def fewer(count):
        return count if count <= 10 else max(1, count // divisor)

    def features(count):
        return hidden if count == 4096 else fewer(count)

    convolution, batch_norm, linear = nn.Conv2d.__init__, nn.BatchNorm2d.__init__, nn.Linear.__init__

    def make_convolution(self, in_channels, out_channels, *args, groups=1, **kwargs):
        convolution(self, fewer(in_channels), fewer(out_channels), *args, groups=fewer(groups), **kwargs)

    def make_batch_norm(self, num_features, *args, **kwargs):
        batch_norm(self, fewer(num_features), *args, **kwargs)

    def make_linear(self, in_features, out_features, *args, **kwargs):
        linear(self, features(in_features), features(out_features), *args, **kwargs)

    with unittest.mock.patch.object(nn.Conv2d, "__init__", make_convolution), \
            unittest.mock.patch.object(nn.BatchNorm2d, "__init__", make_batch_norm), \
            unittest.mock.patch.object(nn.Linear, "__init__", make_linear):
        yield


@torch.no_grad()
def calibrate(model, batch, seed):
    """Random weights under which every layer's output has unit variance on `batch` (Mishkin & Matas 2015, LSUV).

    Batch norms take the batch's statistics and random scales and shifts. The head is then scaled so that each logit has a deviation of 3
    over the batch, and a linear head is centred: Score-CAM's softmax over channels needs logits that vary. The model is left in
    eval mode.
    """
    generator = torch.Generator().manual_seed(seed)

    def normal(like, deviation):
        return torch.randn(like.shape, generator=generator) * deviation

    def scaled(module, inputs, output):
        trailing = 0 if isinstance(module, nn.Linear) else output.dim() - 2
        bias = 0 if module.bias is None else module.bias.view(-1, *[1] * trailing)
        deviation = (output - bias).std() + 1e-6
        module.weight /= deviation
        return (output - bias) / deviation + bias

    handles = []
    model.eval()
    for module in model.modules():
        if isinstance(module, NonDynamicallyQuantizableLinear):
            continue   # of nn.MultiheadAttention, which never calls it
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            module.weight.copy_(normal(module.weight, 1) + (0 if isinstance(module, nn.Linear) else 0.1))
            if module.bias is not None:
                module.bias.copy_(normal(module.bias, 0.2))
            handles.append(module.register_forward_hook(scaled))
        elif isinstance(module, nn.BatchNorm2d):
            module.weight.copy_(1 + normal(module.weight, 0.2))
            module.bias.copy_(normal(module.bias, 0.3))
            module.reset_running_stats()
            module.momentum = 1.0
            module.train()
    model(batch)
    for handle in handles:
        handle.remove()
    model.eval()
    head = [module for module in model.modules() if isinstance(module, (nn.Conv2d, nn.Linear))][-1]
    logits = model(batch)
    factor = (3 / logits.std(0).mean()).clamp(max=30)   # more would enlarge nothing but rounding
    head.weight *= factor
    if head.bias is not None:
        head.bias *= factor
    if isinstance(head, nn.Linear) and head.bias is not None:
        head.bias -= factor * logits.mean(0) - normal(head.bias, 1)
    return model


def masked(batch, count):
    """The pictures of `batch` under `count` smooth random masks each, as Score-CAM will show them."""
    masks = torch.nn.functional.interpolate(torch.rand(count, 1, 4, 4, generator=torch.Generator().manual_seed(0)) ** 2,
                                            size=batch.shape[2:], mode="bilinear", align_corners=True)
    return (batch[:, None] * masks).flatten(0, 1)
