"""Writes Tests/Goldens/inputs: maps at the input (input_maps.py) for some networks of make_goldens.py, which comes
first.

usage: make_input_goldens.py

Every map is made twice, in single and in double precision: where both differ by a quarter of what the tests allow,
rounding decides, and the case is left out.
"""
import copy

import numpy as np
import torch

import networks
from container import Container
from input_maps import input_map
from make_goldens import GOLDENS
from make_option_goldens import rebuilt

CHOSEN = ("resnet18", "mobilenet_v2", "vit")
LIMIT = 2.5e-4


def cases(network):
    """method, options."""
    yield "saliency", {}
    yield "inputxgradient", {}
    if network.name != "vit":   # it has no rectifiers
        yield "guided", {}
        yield "deconvnet", {}
    if network.name != "mobilenet_v2":   # among its many clips noise finds one where rounding decides
        yield "smoothgrad", {"samples": 4, "seed": 3}
    yield "integratedgradients", {"steps": 50, "baseline": "zero"}
    yield "integratedgradients", {"steps": 7, "baseline": "white"}
    yield "integratedgradients", {"steps": 7, "baseline": "blur"}
    yield "blurig", {"steps": 8}
    yield "occlusion", {"baseline": "zero"}
    yield "occlusion", {"baseline": "white"}
    yield "rise", {"samples": 40, "seed": 2}
    yield "sobel", {}


def main():
    torch.set_num_threads(1)
    container, maps = Container(), []
    for network in networks.ALL:
        if network.name not in CHOSEN:
            continue
        model, classes, tensors = rebuilt(network)
        double, step = copy.deepcopy(model).double(), network.stride
        for method, options in cases(network):
            for photo, category in (("cat", classes[0]), ("coffee", classes[1])):
                key = " ".join([network.name, photo, str(category), method, *map(str, options.values())])
                plane, exact = (input_map(method, each, tensor, category, options)[::step, ::step]
                                for each, tensor in ((model, tensors[photo]), (double, tensors[photo].double())))
                error = np.abs(plane - exact).max()
                if not error <= LIMIT or plane.max() == 0:
                    print(f"{key}: rounding moves it by {error:.2g}; left out")
                    continue
                container.add(key, plane, "uint16")
                maps.append({"network": network.name, "photo": photo, "class": category, "method": method,
                             "options": options, "tensor": key})
        print(network.name, len(maps), "maps so far", flush=True)
    container.write(GOLDENS / "inputs", {"maps": maps})


if __name__ == "__main__":
    main()
