"""Writes Tests/Goldens/options: what the oracle says of methods beyond those of every network, of smoothing, of several
layers, of targets that weigh several classes, and of gradients by every rule, for some networks of make_goldens.py,
which comes first.

usage: make_option_goldens.py

Every array is made twice, in single and in double precision: where both differ, rounding decides, and the case is left
out. For maps, the limit is a quarter of what the tests allow.
"""
import copy
import json

import numpy as np
import torch

import networks
from container import Container
from make_goldens import GOLDENS, PHOTOS, explainable, photo
from oracle_maps import METHODS, input_gradient, layer_gradient, normalised, oracle_map

# The layers whose maps are averaged, and the rules that the network's rectifiers can tell apart.
RULES = ("plain", "guided", "deconvnet")
CHOSEN = {
    "resnet18": (("layer2[-1]", "layer3[-1]", "layer4[-1]"), RULES),
    "vgg11": (("features.18", "features[-1]"), RULES),
    "densenet": (("features.denseblock3", "features[-1]"), RULES),
    "inception_v3": (("Mixed_6e", "Mixed_7c"), RULES),
    "mobilenet_v2": (("features[14]", "features[-1]"), RULES),
    "vit": (("encoder.layers[0].ln_1", "encoder.layers[-1].ln_1"), ("plain",)),
    "swin": (("features[1]", "norm"), ("plain",)),
}
SMOOTHING = {"none": {}, "aug": {"aug_smooth": True}, "eigen": {"eigen_smooth": True},
             "aug,eigen": {"aug_smooth": True, "eigen_smooth": True}}


def rebuilt(network):
    """The model of the network's files, as its logits prove, its two classes, and the photos as it is fed them."""
    tensors = {name: normalised(photo(name, network.size)) for name in PHOTOS}
    model, classes = explainable(network, tensors)
    index = json.loads((GOLDENS / network.name / "golden.json").read_text())
    stored = (GOLDENS / network.name / "golden.bin").read_bytes()
    for name, tensor in tensors.items():
        entry = index["tensors"][f"{name} logits"]
        expected = np.frombuffer(stored, "<f4", np.prod(entry["shape"]), entry["offset"])
        with torch.no_grad():
            error = np.abs(model(tensor)[0].numpy() - expected).max() / np.abs(expected).max()
        if error > 1e-4:
            raise SystemExit(f"{network.name}: not the model of the files; run make_goldens.py {network.name} first")
    return model, classes, tensors


def map_cases(network, layers, classes):
    """photo, target, method, layers, smoothing."""
    first, second = classes
    weights = {first: 0.7, second: -0.3}
    for method in network.methods:
        yield "cat", {first: 1}, method, layers, "none"
        yield "coffee", weights, method, [network.layer], "none"
        yield "cat", {second: 1}, method, [network.layer], "aug"
    for method in sorted(METHODS.keys() - set(networks.Network.methods)):
        yield "cat", {first: 1}, method, [network.layer], "none"
        yield "coffee", {second: 1}, method, layers, "none"
    for method in ("gradcam", "gradcam++"):
        yield "cat", {first: 1}, method, [network.layer], "eigen"
        yield "coffee", {second: 1}, method, layers, "eigen"
    yield "coffee", {first: 1}, "gradcam", layers, "aug"
    yield "cat", weights, "gradcam", [network.layer], "aug,eigen"


def gradient_cases(network, layers, rules, classes):
    """photo, target, rule, the layer at which, or None: at the input."""
    first, second = classes
    for rule in rules:
        yield "cat", {first: 1}, rule, None
        yield "coffee", {first: 0.7, second: -0.3}, rule, None
    for layer in layers:
        yield "coffee", {first: 0.7, second: -0.3}, "plain", layer


def make(network, layers, rules, container, map_cases=map_cases, gradient_cases=gradient_cases):
    model, classes, tensors = rebuilt(network)
    double = copy.deepcopy(model).double()
    maps, gradients = [], []

    def keep(entries, case, array, exact, dtype, limit):
        """`exact` is the same array from double precision; `limit` a share of its greatest magnitude."""
        words = [",".join(map(str, part)) if isinstance(part, (list, dict)) else str(part) for part in case.values()]
        key = " ".join([network.name, *words])
        error = np.abs(array - exact).max() / np.abs(exact).max()
        if not error <= limit:
            return print(f"{key}: rounding moves it by {error:.2g} of its greatest number; left out")
        container.add(key, array, dtype)
        entries.append({"network": network.name} | case | {"tensor": key})

    step = network.stride
    for name, target, method, chosen, smoothing in map_cases(network, layers, classes):
        case = {"photo": name, "target": target, "method": method, "layers": list(chosen), "smoothing": smoothing}
        array, exact = (oracle_map(method, each, chosen, tensor, target, network.reshape, **SMOOTHING[smoothing])
                        for each, tensor in ((model, tensors[name]), (double, tensors[name].double())))
        keep(maps, case, array[::step, ::step], exact[::step, ::step], "uint16", 2.5e-5)
    for name, target, rule, layer in gradient_cases(network, layers, rules, classes):
        case = {"photo": name, "target": target, "rule": rule, "layer": layer}
        array, exact = (layer_gradient(each, layer, tensor, target, network.reshape) if layer
                        else input_gradient(each, tensor, target, rule)[::step, ::step]
                        for each, tensor in ((model, tensors[name]), (double, tensors[name].double())))
        keep(gradients, case, array, exact, "int16", 1e-3)
    print(network.name, len(maps), "maps,", len(gradients), "gradients", flush=True)
    return maps, gradients


def main():
    torch.set_num_threads(1)
    container, maps, gradients = Container(), [], []
    for network in networks.ALL:
        if network.name in CHOSEN:
            more = make(network, *CHOSEN[network.name], container)
            maps += more[0]
            gradients += more[1]
    container.write(GOLDENS / "options", {"maps": maps, "gradients": gradients})


if __name__ == "__main__":
    main()
