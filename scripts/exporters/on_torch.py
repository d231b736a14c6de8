"""For families on PyTorch: random weights that can be told apart, the tensor that a pipeline feeds, and grad-cam's maps."""
import re
import sys

from common import LABELS, NoMap, PHOTOS, REPOSITORY

sys.path.insert(0, str(REPOSITORY / "scripts" / "oracle"))
from vision import torchvision   # before packages that import torchvision
import numpy as np
import torch
from PIL import Image
from narrow import calibrate, masked
from oracle_maps import ClassifierOutputTarget, GradCAM, Relus, normalised, squashed

torch.set_num_threads(2)


def photo_batch(size, mean=[0.5] * 3, std=[0.5] * 3):
    """The photos as a network is fed them, squashed."""
    pictures = [squashed(np.asarray(Image.open(path).convert("RGB")), size, size) for path in PHOTOS]
    return torch.cat([normalised(picture, mean, std) for picture in pictures])


def randomise(model, head, batch, logits=lambda output: output):
    """Random weights with every activation in range (narrow.calibrate), then `sharpen`."""
    calibrate(Logits(model, logits), masked(batch, 3), seed=1)
    return sharpen(model, head, batch, logits)


@torch.no_grad()
def settle(model, batch):
    """Batch norms take the statistics of `batch`; weights of tiny random deviation grow, so that activations do not vanish."""
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d | torch.nn.BatchNorm1d):
            module.momentum = 1.0
            torch.nn.init.normal_(module.weight, 1, 0.2), torch.nn.init.normal_(module.bias, 0, 0.3)
        elif isinstance(module, torch.nn.Linear | torch.nn.Conv2d):
            module.weight *= 0.7 / module.weight[0].numel() ** 0.5 / module.weight.std()
    model.train()(batch)
    model.eval()


def sharpen(model, head, batch, logits=lambda output: output):
    """Scales a network's head so that its classes differ: each logit gets a deviation of 1.5 over `batch`, and the mean 0."""
    model.eval()
    with torch.no_grad():
        values = logits(model(batch))
        factor = 1.5 / values.std(0).clamp(min=1e-6)
        head.bias.zero_()
        values = logits(model(batch))
        head.weight *= factor[:, None]
        head.bias.copy_(-factor * values.mean(0))
    return model


def fed(model, run):
    """The first tensor that `model` is called with while `run()` runs."""
    taken = []

    def take(module, inputs, keywords):
        taken.append(next(value for value in (*inputs, *keywords.values()) if isinstance(value, torch.Tensor)).detach().float())
    handle = model.register_forward_pre_hook(take, with_kwargs=True)
    try:
        run()
    finally:
        handle.remove()
    return torch.from_numpy(taken[0].numpy().copy())   # out of inference mode


class Logits(torch.nn.Module):
    """A network whose output is its logits; its modules have the names that they have in `model`."""

    def __init__(self, model, logits):
        super().__init__()
        object.__setattr__(self, "inner", model)
        self._modules = model._modules
        self.logits = logits

    def forward(self, tensor):
        return self.logits(self.inner(tensor))


def as_map(value):
    """N x channels x height x width, of a layer's output that may be tokens, N x (others first, then a square grid) x channels."""
    if value.dim() != 3:
        return value
    side = int(value.shape[1] ** 0.5)
    return value[:, -side * side:].reshape(len(value), side, side, -1).permute(0, 3, 1, 2)


def torch_map(model, logits, tensor, layer, category, reshape=as_map):
    """grad-cam's Grad-CAM at a module, by the name that the program gives to the layer; of a module with several outputs, at the first."""
    wrapped, probe = Logits(model, logits).eval(), torch.nn.Identity()
    modules = dict(wrapped.named_modules(remove_duplicate=False))
    module = modules.get(layer) or modules.get(re.sub(r"_\d+$", "", layer))   # TorchScript's name of a module's second call ends in _1
    if module is None:
        raise NoMap(f"{layer} is no module of the network")
    calls = []   # of a module that is called several times, such as an activation that is shared, the last call counts

    def count(module, inputs, output):
        calls.append(0)

    def watch(module, inputs, output):
        calls.pop()
        if not calls:
            return (probe(output[0]), *output[1:]) if isinstance(output, tuple) else probe(output)
    handle = module.register_forward_hook(count)
    with torch.no_grad():
        wrapped(tensor)
    handle.remove()
    handle = module.register_forward_hook(watch)
    try:
        with Relus(), GradCAM(model=wrapped, target_layers=[probe], reshape_transform=reshape) as cam:
            return cam(input_tensor=tensor, targets=[ClassifierOutputTarget(category)])[0]
    finally:
        handle.remove()
