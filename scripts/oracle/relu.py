"""Relus that the oracle can trust, and the guided rule for all of them.

`with Relus():` no relu works in place. (The oracle's hook keeps the target layer's output by reference; an in-place relu behind
that layer overwrites it, and the map then mixes activations after the relu with gradients before it.)

`with Relus(guided=True):` moreover the gradient d of every relu and relu6, module or function, becomes d * (x > 0) * (d > 0)
(Springenberg et al. 2014, "Striving for Simplicity"). The oracle's GuidedBackpropReLUModel does the same to nn.ReLU modules alone.
"""
import torch
from torch.overrides import TorchFunctionMode


class GuidedRelu(torch.autograd.Function):
    @staticmethod
    def forward(context, x, limit):
        context.save_for_backward(x)
        return x.clamp(0, limit)

    @staticmethod
    def backward(context, d):
        (x,) = context.saved_tensors
        return d * (x > 0) * (d > 0), None


class Relus(TorchFunctionMode):
    def __init__(self, guided=False):
        super().__init__()
        self.guided = guided

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        limit = _limit(function.__name__, args, kwargs)
        if limit is None:
            return function(*args, **kwargs)
        x = args[0] if args else kwargs["input"]
        return GuidedRelu.apply(x, limit) if self.guided else x.clamp(0, limit) if limit < float("inf") else torch.relu(x)


def _limit(name, args, kwargs):
    """The value at which this call clips, infinity for a relu; None where it is no relu."""
    if name in ("relu", "relu_"):
        return float("inf")
    if name in ("relu6", "relu6_"):
        return 6.0
    if name in ("hardtanh", "hardtanh_", "clamp", "clip"):
        low = args[1] if len(args) > 1 else kwargs.get("min_val", kwargs.get("min"))
        high = args[2] if len(args) > 2 else kwargs.get("max_val", kwargs.get("max"))
        return 6.0 if (low, high) == (0, 6) else None
    return None
