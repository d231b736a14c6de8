"""Writes Tests/Goldens/methods: maps of methods that need more than a call of grad-cam's CAM classes: RefineCAM,
FullGrad (of the network as it stands in each file, with its norms or with them folded), and those of masks and noise,
by torch-cam or by the definition, from the program's own random numbers. make_goldens.py comes first.

usage: make_method_goldens.py

Every map is made in single and in double precision: where both differ by more than a quarter of what the tests allow,
rounding decides, and the case is left out.
"""
import copy

import numpy as np
import torch
import torch.nn.functional as F
import torchcam.methods
from torch.fx.experimental.optimization import fuse

import networks
from container import Container
from make_goldens import GOLDENS
from make_option_goldens import rebuilt
from oracle_maps import layer_named, recorded
from pytorch_grad_cam import FullGrad, RefineCAM
from pytorch_grad_cam.utils.image import scale_cam_image
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from relu import Relus

LIMIT = 2.5e-5
SEED = 0
# Layers whose maps RefineCAM multiplies.
REFINED = {
    "resnet18": ("layer2[-1]", "layer3[-1]", "layer4[-1]"),
    "vgg11": ("features.18", "features[-1]"),
    "mobilenet_v2": ("features[14]", "features[-1]"),
}
BIASED = ("resnet18", "vgg11", "squeezenet1_1", "densenet", "mobilenet_v2", "convnext")
MASKED = ("vgg11", "squeezenet1_1")
# Not the last layers: before an average pooling and a linear layer, gradients do not depend on the input.
NOISY = {"resnet18": "layer3[-1]", "vgg11": "features.18", "mobilenet_v2": "features[14]"}


def mixed(state):
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


def gaussians(stream, shape):
    """Standard normal numbers, as the program draws them: SplitMix64, whose seed is number `stream` of SplitMix64 by
    SEED, 48 bits a number, by Box and Muller's transform."""
    step, count = 0x9E3779B97F4A7C15, int(np.prod(shape))
    with np.errstate(over="ignore"):
        start = mixed(np.array([(SEED + (stream + 1) * step) % 2 ** 64], np.uint64))
        bits = mixed(start + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(step))
    distance = ((bits >> np.uint64(40)).astype(np.float64) + 1) * 2.0 ** -24
    angle = (bits & np.uint64(0xFFFFFF)).astype(np.float64) * 2.0 ** -24
    return (np.sqrt(-2 * np.log(distance)) * np.cos(2 * np.pi * angle)).reshape(shape)


class AlignedMasks:
    """Masks as Score-CAM's: enlarged with aligned corners, then normalised."""

    def _upsample(self, activation):
        enlarged = F.interpolate(activation, self._input.shape[2:], mode="bilinear", align_corners=True)
        return self._normalize(enlarged, 2)


class ISCAM(AlignedMasks, torchcam.methods.ISCAM):
    pass


class SSCAM(AlignedMasks, torchcam.methods.SSCAM):
    """Noise n of a mask is stream `place * samples + n`; constant channels share the place after all others."""

    def _get_score_weights(self, activations, *arguments):
        (activation,) = activations
        varies = activation[0].amax((1, 2)) > 0
        self._places = torch.where(varies, varies.cumsum(0) - 1, varies.sum()).tolist()
        self._calls, self._distrib = 0, self
        return super()._get_score_weights(activations, *arguments)

    def sample(self, size):
        planes = {place: gaussians(place * self.num_samples + self._calls, size[2:]) for place in set(self._places)}
        self._calls += 1
        noise = self.std * np.stack([planes[place] for place in self._places])
        return torch.tensor(noise[None], dtype=self._input.dtype)


def finished(plane, tensor):
    """A layer's raw map, h x w, as the map of the input."""
    size = tensor.shape[3], tensor.shape[2]
    return scale_cam_image(scale_cam_image(np.maximum(plane, 0)[None], size))[0]


def masked(kind):
    def make(model, network, tensor, category):
        with Relus(), kind(model, layer_named(model, network.layer)) as cam:
            with torch.no_grad():
                scores = model(tensor)
            return finished(cam(category, scores, normalized=False)[0][0].numpy(), tensor)
    return make


def smooth_grad_cam_plus_plus(model, network, tensor, category):
    """Omeiza et al. 2019, with the numerator of Grad-CAM++."""
    def values_and_gradient(image):
        logits, (output,) = recorded(model, [NOISY[network.name]], image)
        return output[0].detach(), torch.autograd.grad(logits[category], output)[0][0]

    activation = values_and_gradient(tensor)[0]
    noises = (torch.tensor(0.3 * gaussians(n, tensor.shape), dtype=tensor.dtype) for n in range(4))
    g = torch.stack([values_and_gradient(tensor + noise)[1] for noise in noises])
    first, second, third = (g ** power for power in (1, 2, 3))
    first, second, third = first.mean(0), second.mean(0), third.mean(0)
    alpha = second / (2 * second + activation.sum((1, 2), keepdim=True) * third + 1e-6)
    weights = (first.relu() * alpha).sum((1, 2), keepdim=True)
    return finished((weights * activation).sum(0).numpy(), tensor)


def refined(model, network, tensor, category):
    with Relus():
        layers = [layer_named(model, name) for name in REFINED[network.name]]
        return RefineCAM(model, layers, network.reshape)(tensor, [ClassifierOutputTarget(category)])[0]


def full_gradient(model, network, tensor, category):
    with Relus(), FullGrad(model, []) as cam:
        return cam(tensor, [ClassifierOutputTarget(category)])[0]


def cases(network, model):
    """method, layers, the network's files, the model, and what makes the map."""
    exporters = {"torchscript.onnx": network.torchscript, "dynamo.onnx": network.dynamo}
    if network.name in REFINED:
        yield "refinecam", list(REFINED[network.name]), list(exporters), model, refined
    if network.name in BIASED:
        keeping = [name for name, arguments in exporters.items() if arguments.get("keep_batch_norm")]
        for names, explained in ((keeping, model), ([name for name in exporters if name not in keeping], fuse(model))):
            if names:
                yield "fullgrad", [network.layer], names, explained, full_gradient
    if network.name in MASKED:
        yield "sscam", [network.layer], list(exporters), model, masked(SSCAM)
        yield "iscam", [network.layer], list(exporters), model, masked(ISCAM)
    if network.name in NOISY:
        yield "smoothgradcam++", [NOISY[network.name]], list(exporters), model, smooth_grad_cam_plus_plus


def main():
    torch.set_num_threads(1)
    container, entries = Container(), []
    chosen = {*REFINED, *BIASED, *MASKED, *NOISY}
    for network in networks.ALL:
        if network.name not in chosen:
            continue
        model, classes, tensors = rebuilt(network)
        for method, layers, of, explained, make in cases(network, model):
            double = copy.deepcopy(explained).double()
            for (photo, tensor), category in zip(tensors.items(), classes):
                key = " ".join([network.name, photo, str(category), method] + ([] if len(of) == 2 else of))
                array = make(explained, network, tensor, category)
                error = np.abs(array - make(double, network, tensor.double(), category)).max()
                if error > LIMIT:
                    print(f"{key}: rounding moves it by {error:.2g}; left out", flush=True)
                    continue
                container.add(key, array[::network.stride, ::network.stride], "uint16")
                entries.append({"network": network.name, "photo": photo, "class": category, "method": method,
                                "layers": layers, "files": of, "tensor": key})
                print(key, flush=True)
    container.write(GOLDENS / "methods", {"maps": entries})


if __name__ == "__main__":
    main()
