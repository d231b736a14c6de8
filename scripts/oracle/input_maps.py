"""Maps at the input, by Captum 0.9, PyTorch's autograd, grad-cam's Sobel, and the formulas of the papers.

Every function takes a model, its input (1 x 3 x H x W) and a class, and gives a raw map H x W: signed, neither
rectified nor scaled. What is drawn at random is drawn as the program draws it: the same numbers are fed to both.
"""
import warnings

import cv2
import numpy as np
import torch
from captum.attr import InputXGradient, IntegratedGradients, Occlusion, Saliency
from pytorch_grad_cam.sobel_cam import sobel_cam
from scipy.ndimage import gaussian_filter

from oracle_maps import MEAN, STD, input_gradient
from relu import Relus

warnings.filterwarnings("ignore", module="captum")
STEP = 0x9E3779B97F4A7C15


def mixed(x):
    """SplitMix64's output of its states: Steele, Lea and Flood 2014."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def stream(seed, index, count):
    """`count` numbers of the generator whose seed is number `index` of the generator by `seed`."""
    def states(start, indices):
        return np.uint64(start % 2**64) + np.uint64(STEP) * indices.astype(np.uint64)
    start = int(mixed(states(seed, np.array([index + 1])))[0])
    return mixed(states(start, np.arange(1, count + 1)))


def normal(bits):
    """Box and Muller 1958, of 24 and 24 bits."""
    distance = ((bits >> np.uint64(40)).astype(np.float64) + 1) / 2**24
    angle = (bits & np.uint64(0xFFFFFF)).astype(np.float64) / 2**24
    return np.sqrt(-2 * np.log(distance)) * np.cos(2 * np.pi * angle)


def summed(attribution):
    return attribution[0].sum(0).detach().numpy()


def strongest(gradient):
    return np.abs(gradient).max(-1)


def blurred(x, sigma):
    planes = [gaussian_filter(plane, sigma, mode="nearest") if sigma > 0 else plane for plane in x[0].numpy()]
    return torch.from_numpy(np.stack(planes)[None]).to(x.dtype)


def baseline(x, name):
    if name == "white":
        white = (1 - np.float32(MEAN)) / np.float32(STD)
        return torch.from_numpy(white).to(x.dtype)[None, :, None, None].expand_as(x)
    return blurred(x, max(x.shape[2:]) / 5) if name == "blur" else torch.zeros_like(x)


def by_rule(rule):
    return lambda model, x, category, options: strongest(input_gradient(model, x, category, rule))


def saliency(model, x, category, options):
    return Saliency(model).attribute(x, category)[0].amax(0).detach().numpy()


def input_x_gradient(model, x, category, options):
    return summed(InputXGradient(model).attribute(x, category))


def smooth_grad(model, x, category, options):
    sigma = 0.15 * float(x.max() - x.min())
    noise = [normal(stream(options["seed"], n, x.numel())).reshape(x.shape) for n in range(options["samples"])]
    noisy = torch.cat([x + sigma * torch.from_numpy(one).to(x.dtype) for one in noise])
    gradients = Saliency(model).attribute(noisy, category, abs=False)
    return gradients.mean(0).abs().amax(0).detach().numpy()


def integrated_gradients(model, x, category, options):
    return summed(IntegratedGradients(model).attribute(
        x, baseline(x, options["baseline"]), category, n_steps=options["steps"], method="gausslegendre"))


def blur_ig(model, x, category, options):
    steps, widest = options["steps"], max(x.shape[2:]) / 5
    z = [blurred(x, widest * (1 - i / steps) ** 2) for i in range(steps + 1)]
    terms = [(after - before)[0].permute(1, 2, 0).numpy()
             * input_gradient(model, (before + after) / 2, category, "plain") for before, after in zip(z, z[1:])]
    return np.sum(terms, 0).sum(-1)


def occlusion(model, x, category, options):
    sides = [size // 7 for size in x.shape[2:]]
    with torch.no_grad():
        attribution = Occlusion(model).attribute(
            x, (3, *sides), (3, *(side // 2 for side in sides)), baseline(x, options["baseline"]), category)
    return attribution[0, 0].numpy()   # of all three channels alike


def random_masks(height, width, count, seed):
    """Petsiuk et al. 2018, section 3.2, with 7 x 7 cells."""
    cell_height, cell_width = -(-height // 7), -(-width // 7)
    for n in range(count):
        bits = stream(seed, n, 51)
        grid = (bits[:49] >> np.uint64(63)).astype(np.float32).reshape(7, 7)
        left, top = int(bits[49] >> np.uint64(33)) % cell_width, int(bits[50] >> np.uint64(33)) % cell_height
        large = cv2.resize(grid, (8 * cell_width, 8 * cell_height), interpolation=cv2.INTER_LINEAR)
        yield torch.from_numpy(large[top:top + height, left:left + width])


def rise(model, x, category, options):
    masks = torch.stack(list(random_masks(*x.shape[2:], options["samples"], options["seed"]))).to(x.dtype)
    with torch.no_grad():
        f = torch.cat([model(x * part[:, None]).softmax(1)[:, category] for part in masks.split(32)])
    return ((f[:, None, None] * masks).sum(0) / (len(masks) * 0.5)).numpy()


def sobel(model, x, category, options):
    pixels = x[0].permute(1, 2, 0).numpy() * np.float32(STD) + np.float32(MEAN)
    return sobel_cam(np.uint8(np.round(255 * pixels))).astype(np.float32)


METHODS = {"saliency": saliency, "inputxgradient": input_x_gradient, "guided": by_rule("guided"),
           "deconvnet": by_rule("deconvnet"), "smoothgrad": smooth_grad, "integratedgradients": integrated_gradients,
           "blurig": blur_ig, "occlusion": occlusion, "rise": rise, "sobel": sobel}


def input_map(method, model, x, category, options):
    """The map at the input's size, H x W in 0..1: rectified and scaled twice, as every map of the program."""
    with Relus():
        raw = METHODS[method](model, x, category, options)
    plane = np.maximum(raw, 0)
    for _ in range(2):
        plane = plane - plane.min()
        plane = plane / (1e-7 + plane.max())
    return plane
