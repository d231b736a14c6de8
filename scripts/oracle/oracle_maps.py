"""The oracle's maps (grad-cam 1.5.7) and guided backpropagation, as every script here computes them."""
import types

import vision  # before pytorch_grad_cam, which imports torchvision too
import cv2
import numpy as np
import torch
from PIL import Image
import pytorch_grad_cam.score_cam
from pytorch_grad_cam import GradCAM, GradCAMPlusPlus, ScoreCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

from relu import Relus

pytorch_grad_cam.score_cam.tqdm = types.SimpleNamespace(tqdm=iter)   # no progress bars
METHODS = {"gradcam": GradCAM, "gradcam++": GradCAMPlusPlus, "scorecam": ScoreCAM}
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def decoded(path):
    """A photo as uint8 RGB, H x W x 3: OpenCV's pixels (EXIF orientation applied, alpha dropped)."""
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if pixels is None:
        raise SystemExit(f"OpenCV cannot read {path}")
    return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)


def squashed(pixels, width, height):
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.BILINEAR))


def normalised(pixels, mean=MEAN, std=STD, channel_order="rgb"):
    """The network's input, float32 1 x 3 x H x W: (pixel / 255 - mean) / std, mean and std in the order of the channels as fed."""
    planes = pixels.astype(np.float32) / np.float32(255)
    if channel_order == "bgr":
        planes = planes[..., ::-1]
    return torch.from_numpy(((planes - np.float32(mean)) / np.float32(std)).transpose(2, 0, 1)[None].copy())


def layer_named(model, name):
    """A module by the name that a PyTorch user writes: layer4[-1], features.28, fire9/concat_1."""
    return eval(f"model.{name}", {"model": model}) if "[" in name else model.get_submodule(name)


def oracle_map(method, model, layers, tensor, category, reshape=None):
    """The oracle's map at the network's input size, H x W in 0..1.

    reshape: from a layer's output to N x channels x height x width, for transformers.
    """
    with Relus(), METHODS[method](model=model, target_layers=[layer_named(model, name) for name in layers], reshape_transform=reshape) as cam:
        return cam(input_tensor=tensor, targets=[ClassifierOutputTarget(category)])[0]


def guided(model, tensor, category):
    """Guided backpropagation of a class's logit, H x W x 3."""
    tensor = tensor.clone().requires_grad_(True)
    with Relus(guided=True):
        model(tensor)[0, category].backward()
    return tensor.grad[0].permute(1, 2, 0).numpy()


def conditioning(model, layers, tensor, categories, reshape=lambda value: value):
    """For each category, how well its Grad-CAM maps are conditioned: the range after relu, over the largest magnitude before relu;
    the worst layer's. 0 for a blank or flat map."""
    outputs = {}
    handles = [layer_named(model, name).register_forward_hook(lambda module, inputs, output, name=name: outputs.update({name: output}))
               for name in layers]
    with Relus():
        logits = model(tensor)[0]
    for handle in handles:
        handle.remove()
    worst = []
    for category in categories:
        gradients = torch.autograd.grad(logits[category], list(outputs.values()), retain_graph=True)
        pairs = [(reshape(a.detach()), reshape(g)) for a, g in zip(outputs.values(), gradients)]
        raw = [(g.mean((2, 3), keepdim=True) * a).sum(1) for a, g in pairs]
        worst.append(min(float((m.relu().max() - m.relu().min()) / m.abs().max().clamp(min=1e-12)) for m in raw))
    return worst
