"""Writes Tests/Goldens: narrowed torchvision networks as ONNX, and what the oracle (grad-cam on PyTorch CPU) says of them.

usage: make_goldens.py [NETWORK ...]      (default: all; the photos of the sizes used are always written)
"""
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
import torch
import skimage
from PIL import Image

import networks
from container import Container
from narrow import calibrate, masked
from onnx_export import export
from oracle_maps import MEAN, STD, conditioning, guided, normalised, oracle_map

GOLDENS = pathlib.Path(__file__).parents[2] / "Tests" / "Goldens"
PHOTOS = {"cat": "chelsea.png", "coffee": "coffee.png"}   # CC0, from scikit-image's package
BULKY_METADATA = ("pkg.torch.onnx.stack_trace", "pkg.torch.onnx.fx_node", "pkg.torch.onnx.class_hierarchy", "namespace")


def photo(name, size):
    """uint8 H x W x 3: the centre of the photo, as large as fits, resized to `size` (width, height)."""
    image = Image.open(pathlib.Path(skimage.__file__).parent / "data" / PHOTOS[name]).convert("RGB")
    scale = min(image.width / size[0], image.height / size[1])
    width, height = int(size[0] * scale), int(size[1] * scale)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return np.asarray(image.crop((left, top, left + width, top + height)).resize(size, Image.BILINEAR))


def explainable(network, tensors):
    """A calibrated model and two of its classes whose maps are well conditioned for every photo and layer: no golden map or guided picture is
    blank, flat or at the mercy of rounding. Tries one seed after another."""
    varied = masked(torch.cat(list(tensors.values())), 8)
    layers = [network.layer] + [name for names in network.more_layers for name in names.split(",")]
    for seed in range(1, 100):
        torch.manual_seed(seed)
        model = calibrate(network.model(), varied, seed)
        scores = np.min([conditioning(model, layers, tensor, range(10), network.reshape) for tensor in tensors.values()], axis=0)
        best = sorted(range(10), key=lambda category: -scores[category])[:2]
        pictures = [guided(model, tensor, category) for tensor in tensors.values() for category in best]
        if min(scores[best]) > 0.2 and all(picture.std() > 0 for picture in pictures):
            return model, sorted(best)
    raise SystemExit(f"{network.name}: no seed gives two classes with positive evidence")


def export_both(network, model, tensor, folder):
    entries = []
    for exporter in ("torchscript", "dynamo"):
        path = folder / f"{exporter}.onnx"
        arguments = getattr(network, exporter)
        export(model, tensor, path, exporter, **arguments)
        document = onnx.load(path, load_external_data=False)
        graph = document.graph
        for node in list(graph.node) + [node for function in document.functions for node in function.node]:
            kept = [entry for entry in node.metadata_props if entry.key not in BULKY_METADATA]
            del node.metadata_props[:]
            node.metadata_props.extend(kept)
        for described in [graph, *graph.input, *graph.output, *graph.value_info, *graph.initializer]:
            del described.metadata_props[:]
        onnx.save(document, path)
        opset = next(entry.version for entry in document.opset_import if entry.domain == "")
        entries.append({"file": path.name, "exporter": exporter, "opset": opset,
                        "batch": "dynamic" if arguments.get("dynamic_batch", True) else 1,
                        "size": "dynamic" if arguments.get("dynamic_size") else "fixed",
                        "external_data": arguments.get("external_data", False)})
    return entries


def check_export(path, tensor, logits):
    """The exported file, run by ONNX Runtime, gives the network's own logits."""
    found = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run(None, {"input": tensor.numpy()})[0][0]
    error = np.abs(found - logits.numpy()).max() / np.abs(logits.numpy()).max()
    if error > 1e-4:
        raise SystemExit(f"{path}: ONNX Runtime's logits differ from torch's by {error:.2g} of the largest")


def make(network):
    folder = GOLDENS / network.name
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: normalised(photo(name, network.size)) for name in PHOTOS}
    model, classes = explainable(network, tensors)
    container, cases = Container(), []

    def keep(photo, category, method, layer, array):
        key = " ".join([photo, str(category), method] + ([layer] if layer else []))
        array = array[::network.stride, ::network.stride]
        container.add(key, array, "uint16" if layer else "int16")
        cases.append({"photo": photo, "class": category, "method": method, "layer": layer, "tensor": key})

    for name, tensor in tensors.items():
        with torch.no_grad():
            container.add(f"{name} logits", model(tensor)[0])
        for category in classes:
            for method in network.methods:
                keep(name, category, method, network.layer, oracle_map(method, model, [network.layer], tensor, category, network.reshape))
            keep(name, category, "guided", None, guided(model, tensor, category))
    for layer in network.more_layers:
        for method in ("gradcam", "gradcam++"):
            keep("cat", classes[0], method, layer, oracle_map(method, model, layer.split(","), tensors["cat"], classes[0], network.reshape))

    exported = export_both(network, model, tensors["cat"], folder)
    with torch.no_grad():
        for entry in exported:
            check_export(folder / entry["file"], tensors["coffee"], model(tensors["coffee"])[0])
    index = {"name": network.name, "models": exported,
             "width": network.size[0], "height": network.size[1], "mean": MEAN, "std": STD,
             "photos": {name: {"file": photo_file(name, network.size).name, "logits": f"{name} logits"} for name in PHOTOS},
             "classes": classes, "layer": network.layer, "automatic": network.automatic, "stride": network.stride, "cases": cases}
    container.write(folder, index)
    print(network.name, classes, f"{sum(file.stat().st_size for file in folder.iterdir()) / 1024:.0f} KB", flush=True)


def photo_file(name, size):
    return GOLDENS / "photos" / f"{name}-{size[0]}x{size[1]}.rgb"


def main():
    torch.set_num_threads(2)
    chosen = [network for network in networks.ALL if not sys.argv[1:] or network.name in sys.argv[1:]]
    (GOLDENS / "photos").mkdir(parents=True, exist_ok=True)
    for size in sorted({network.size for network in networks.ALL}):
        for name in PHOTOS:
            photo_file(name, size).write_bytes(photo(name, size).tobytes())
    for network in chosen:
        make(network)


if __name__ == "__main__":
    main()
