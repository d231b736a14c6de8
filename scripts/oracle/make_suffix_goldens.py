"""Writes Tests/Goldens/suffix: what the oracle, or a paper's formula, says of methods that run a network again from a layer, for the
networks of make_option_goldens.py and some more, in its form and by its limits of rounding.

usage: make_suffix_goldens.py
"""
import torch

import networks
import oracle_maps
from container import Container
from make_option_goldens import CHOSEN as OPTIONS, GOLDENS, make
from suffix_maps import SUFFIX

# Shapley-CAM differs from Grad-CAM where what follows the layer is smooth.
CHOSEN = {name: layers for name, (layers, _) in OPTIONS.items()} | {
    "efficientnet_b0": ("features[6]", "features[-1]"), "mobilenet_v3_small": ("features[-1]",), "convnext": ("features[3]", "features[-1]")}


def cases(network, layers, classes):
    """photo, target, method, layers, smoothing."""
    first, second = classes
    for method in SUFFIX:
        yield "cat", {first: 1}, method, [network.layer], "none"
        # The oracle's Shapley-CAM differentiates its graph once.
        yield "coffee", {second: 1}, method, layers if method != "shapleycam" else layers[:1], "none"


def main():
    torch.set_num_threads(1)
    oracle_maps.METHODS.update(SUFFIX)
    container, maps = Container(), []
    for network in networks.ALL:
        if network.name in CHOSEN:
            maps += make(network, CHOSEN[network.name], (), container, cases, lambda *_: ())[0]
    container.write(GOLDENS / "suffix", {"maps": maps})


if __name__ == "__main__":
    main()
