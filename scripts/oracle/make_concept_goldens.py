"""Writes Tests/Goldens/concepts: deep feature factorisation of some layers of make_goldens.py's networks, by scikit-learn's NMF, and the
classes that the concepts speak for, by PyTorch.

usage: make_concept_goldens.py
"""
import numpy as np
import torch
from sklearn.decomposition import NMF

import networks
from container import Container
from make_goldens import GOLDENS
from make_option_goldens import rebuilt

# Rectified layers and others, early ones, pooled ones, tokens.
CHOSEN = {"resnet18": ("layer2[-1]", "layer4[-1]"), "vgg11": ("features[-1]",), "densenet": ("features[-1]",),
          "efficientnet_b0": ("features[6]", "features[-1]"), "vit": ("encoder.layers[-1].ln_1",), "convnext": ("features[3]",)}


def module(model, path):
    """A layer by its path, such as layer4[-1]."""
    return eval("model." + path, {"model": model})   # of CHOSEN alone


def run(layer, hook, model, tensor):
    handle = layer.register_forward_hook(hook)
    with torch.no_grad():
        logits = model(tensor)[0]
    handle.remove()
    return logits


def factorised(a, rank):
    """A - o = W H, o_k = min(0, min A_k): o, W, H and the share of the sum of squares that is left. The oracle's dff takes the minimum
    of rectified layers, too, and begins at random."""
    a = a.astype(np.float64)
    o = np.minimum(a.min(1), 0)
    model = NMF(rank, init="nndsvd", solver="cd", tol=1e-4, max_iter=200, random_state=0)
    w = model.fit_transform(a - o[:, None])
    h = model.components_
    return o, w, h, ((a - o[:, None] - w @ h) ** 2).sum() / ((a - o[:, None]) ** 2).sum()


def case(network, model, tensor, path, rank):
    layer, kept = module(model, path), {}
    run(layer, lambda _, inputs, output: kept.update(value=output.clone()), model, tensor)
    value = kept["value"]
    a = network.reshape(value)[0].numpy()
    o, w, h, left = factorised(a.reshape(a.shape[0], -1), rank)
    peaks = h.max(1)
    features = torch.from_numpy((w * peaks + o[:, None]).T).float()
    places = network.reshape(torch.arange(value.numel()).reshape(value.shape))[0].flatten(1)   # of the map's numbers

    def filled(k):
        def hook(_, inputs, output):
            numbers = output.flatten().clone()
            numbers[places] = features[k][:, None].expand(places.shape)
            return numbers.reshape(output.shape)
        return hook

    logits = torch.stack([run(layer, filled(k), model, tensor) for k in range(rank)])
    return {"left": float(left), "classes": logits.argmax(1).tolist()}, h.reshape(rank, *a.shape[1:]) / peaks[:, None, None], logits.numpy()


def main():
    torch.set_num_threads(1)
    container, cases = Container(), []
    for network in networks.ALL:
        for path in CHOSEN.get(network.name, ()):
            model, _, tensors = rebuilt(network)
            for photo, rank in (("cat", 5), ("coffee", 3)):
                facts, maps, logits = case(network, model, tensors[photo], path, rank)
                key = f"{network.name} {photo} {path} {rank}"
                container.add(key + " maps", maps, "uint16")
                container.add(key + " logits", logits)
                cases.append({"network": network.name, "photo": photo, "layer": path, "rank": rank, **facts, "tensor": key})
                print(key, facts, flush=True)
    container.write(GOLDENS / "concepts", {"cases": cases})


if __name__ == "__main__":
    main()
