"""Relus that the oracle can trust, and the rules by which a gradient passes them.

`with Relus():` no relu works in place. (The oracle's hook keeps the target layer's output by reference; an in-place
relu after that layer overwrites it, and the map then mixes activations after the relu with gradients before it.)

`with Relus(rule):` moreover the gradient d of every relu and relu6, module or function, becomes

    guided      d * (x > 0) * (d > 0)     Springenberg et al. 2014, "Striving for Simplicity", section 3.4
    deconvnet   d * (d > 0)               Zeiler and Fergus 2014, "Visualizing and Understanding Convolutional Networks"

The oracle's GuidedBackpropReLUModel does the first to nn.ReLU modules alone; it has no class for the second.
"""
import torch
from torch.overrides import TorchFunctionMode


class RuledRelu(torch.autograd.Function):
    @staticmethod
    def forward(context, x, limit, rule):
        context.save_for_backward(x)
        context.rule = rule
        return x.clamp(0, limit)

    @staticmethod
    def backward(context, d):
        (x,) = context.saved_tensors
        return d * (d > 0) * (x > 0 if context.rule == "guided" else 1), None, None


class Relus(TorchFunctionMode):
    def __init__(self, rule="plain"):
        super().__init__()
        assert rule in ("plain", "guided", "deconvnet"), rule
        self.rule = rule

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        limit = _limit(function.__name__, args, kwargs)
        if limit is None:
            return function(*args, **kwargs)
        x = args[0] if args else kwargs["input"]
        if self.rule != "plain":
            return RuledRelu.apply(x, limit, self.rule)
        return x.clamp(0, limit) if limit < float("inf") else torch.relu(x)


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
