"""Writes Tests/Goldens/layer_maps: the oracle's maps on the layers' own grids, as they are before they are enlarged, of some of
make_goldens.py's networks.

usage: make_layer_map_goldens.py

Every map is made in double precision too; where that moves it by more than a quarter of what the tests allow, it is left out.
"""
import copy

import numpy as np
import torch

import networks
from container import Container
from make_goldens import GOLDENS
from make_option_goldens import SMOOTHING, rebuilt
from oracle_maps import oracle_map

# Several layers of one size, an input that is no square, tokens with and without a class token, windows.
CHOSEN = {"resnet18": (["layer4[-1]"], ["layer4[-1]", "layer4[-2]"]), "squeezenet1_1": (["features.12"],), "densenet": (["features[-1]"],),
          "vit": (["encoder.layers[-1].ln_1"],), "swin": (["norm"],), "timm_vit_registers": (["blocks[-1]"],)}
METHODS = {"none": ("gradcam", "gradcam++", "eigencam"), "aug": ("gradcam",), "eigen": ("gradcam",)}


def cases(network):
    for layers in CHOSEN.get(network.name, ()):
        for smoothing, methods in METHODS.items():
            for method in methods:
                yield {"network": network.name, "photo": "cat", "method": method, "layers": layers, "smoothing": smoothing}


def main():
    torch.set_num_threads(1)
    container, kept = Container(), []
    for network in networks.ALL:
        if network.name not in CHOSEN:
            continue
        model, (category, _), tensors = rebuilt(network)
        double = copy.deepcopy(model).double()
        for case in cases(network):
            found, exact = (oracle_map(case["method"], each, case["layers"], tensor, category, network.reshape, enlarged=False,
                                       **SMOOTHING[case["smoothing"]])
                            for each, tensor in ((model, tensors["cat"]), (double, tensors["cat"].double())))
            key = " ".join([network.name, case["method"], ",".join(case["layers"]), case["smoothing"]])
            error = np.abs(found - exact).max()
            if error > 2.5e-5:
                print(f"{key}: rounding moves it by {error:.2g}; left out")
                continue
            kept.append(case | {"class": category, "tensor": container.add(key, found, "uint16")})
            print(key, found.shape, flush=True)
    container.write(GOLDENS / "layer_maps", {"cases": kept})


if __name__ == "__main__":
    main()
