"""The oracle's maps (grad-cam 1.5.7) and guided backpropagation, as every script here computes them."""
import types

import vision  # before pytorch_grad_cam, which imports torchvision too
import cv2
import numpy as np
import torch
from PIL import Image
import pytorch_grad_cam.base_cam
import pytorch_grad_cam.eigen_cam
import pytorch_grad_cam.eigen_grad_cam
import pytorch_grad_cam.score_cam
from pytorch_grad_cam import (FEM, EigenCAM, EigenGradCAM, FinerCAM, GradCAM, GradCAMElementWise, GradCAMPlusPlus,
                              HiResCAM, KPCA_CAM, LayerCAM, ScoreCAM, SegEigenCAM, XGradCAM)
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

from relu import Relus

pytorch_grad_cam.score_cam.tqdm = types.SimpleNamespace(tqdm=iter)   # no progress bars
projection = pytorch_grad_cam.base_cam.get_2d_projection


def signed_projection(weighted):
    """The oracle's first principal component, its sign such that the number of the largest magnitude is positive.

    (The oracle leaves the sign to LAPACK, and with it which half of the picture the relu that follows takes away.)
    """
    return np.stack([plane if plane.max() >= -plane.min() else -plane for plane in projection(weighted)])


for module in (pytorch_grad_cam.base_cam, pytorch_grad_cam.eigen_cam, pytorch_grad_cam.eigen_grad_cam):
    module.get_2d_projection = signed_projection


class FinerCAMOfClass(FinerCAM):
    """The oracle's, of a class as its other methods take it."""

    def forward(self, input_tensor, targets):
        return super().forward(input_tensor, target_idx=targets[0].category)


METHODS = {"gradcam": GradCAM, "gradcam++": GradCAMPlusPlus, "scorecam": ScoreCAM, "hirescam": HiResCAM,
           "gradcamelementwise": GradCAMElementWise, "layercam": LayerCAM, "xgradcam": XGradCAM, "eigencam": EigenCAM,
           "eigengradcam": EigenGradCAM, "segeigencam": SegEigenCAM, "kpcacam": KPCA_CAM, "fem": FEM,
           "finercam": FinerCAMOfClass}
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
    """The network's input, float32 1 x 3 x H x W: (pixel / 255 - mean) / std, mean and std in the order of the channels
    as fed."""
    planes = pixels.astype(np.float32) / np.float32(255)
    if channel_order == "bgr":
        planes = planes[..., ::-1]
    fed = (planes - np.float32(mean)) / np.float32(std)
    return torch.from_numpy(fed.transpose(2, 0, 1)[None].copy())


def layer_named(model, name):
    """A module by the name that a PyTorch user writes: layer4[-1], features.28, fire9/concat_1."""
    return eval(f"model.{name}", {"model": model}) if "[" in name else model.get_submodule(name)


def target_of(target):
    """What is explained, a function of one image's logits: a class's logit, or for {class: weight} the weighted sum."""
    if isinstance(target, dict) and list(target.values()) == [1]:
        (target,) = target
    if isinstance(target, dict):
        return lambda logits: sum(weight * logits[category] for category, weight in target.items())
    return ClassifierOutputTarget(target)


def oracle_map(method, model, layers, tensor, target, reshape=None, enlarged=True, **smoothing):
    """The oracle's map at the network's input size, H x W in 0..1.

    target: a class or {class: weight}.
    reshape: from a layer's output to N x channels x height x width, for transformers.
    enlarged: False: at the layers' own size instead, normalised all the same.
    smoothing: aug_smooth=True, eigen_smooth=True.
    """
    with Relus(), METHODS[method](model=model, target_layers=[layer_named(model, name) for name in layers],
                                  reshape_transform=reshape) as cam:
        if not enlarged:
            cam.get_target_width_height = lambda _: None   # to which the oracle enlarges each layer's map
        return cam(input_tensor=tensor, targets=[target_of(target)], **smoothing)[0]


def input_gradient(model, tensor, target, rule):
    """The gradient of a class's logit, or of {class: weight}, at the input, H x W x 3, by a rule of relu.py."""
    tensor = tensor.clone().requires_grad_(True)
    with Relus(rule):
        target_of(target)(model(tensor)[0]).backward()
    return tensor.grad[0].permute(1, 2, 0).numpy()


def guided(model, tensor, target):
    """Guided backpropagation, H x W x 3."""
    return input_gradient(model, tensor, target, "guided")


def recorded(model, layers, tensor):
    """Logits of one image, and the outputs of layers, to differentiate."""
    outputs = {}

    def keep(name):
        return layer_named(model, name).register_forward_hook(lambda _, inputs, output: outputs.update({name: output}))

    handles = [keep(name) for name in layers]
    with Relus():
        logits = model(tensor)[0]
    for handle in handles:
        handle.remove()
    return logits, [outputs[name] for name in layers]


def layer_gradient(model, layer, tensor, target, reshape=lambda value: value):
    """The gradient of a class's logit, or of {class: weight}, at a layer's output, channels x height x width."""
    logits, (output,) = recorded(model, [layer], tensor)
    return reshape(torch.autograd.grad(target_of(target)(logits), output)[0])[0].numpy()


def conditioning(model, layers, tensor, categories, reshape=lambda value: value):
    """For each category, how well its Grad-CAM maps are conditioned: the range after relu, over the largest magnitude
    before relu; the worst layer's. 0 for a blank or flat map."""
    logits, outputs = recorded(model, layers, tensor)
    worst = []
    for category in categories:
        gradients = torch.autograd.grad(logits[category], outputs, retain_graph=True)
        pairs = [(reshape(a.detach()), reshape(g)) for a, g in zip(outputs, gradients)]
        raw = [(g.mean((2, 3), keepdim=True) * a).sum(1) for a, g in pairs]
        worst.append(min(float((m.relu().max() - m.relu().min()) / m.abs().max().clamp(min=1e-12)) for m in raw))
    return worst
