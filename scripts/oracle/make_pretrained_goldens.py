"""Writes Tests/Goldens/pretrained: the oracle's numbers for the four pretrained networks of ../shared/models on some of ../shared/photos.

usage: make_pretrained_goldens.py [SHARED]      (default: ../shared beside the repository)

The networks are run through onnx2torch. Neither networks nor photos are copied: a test that reads these needs ../shared.
"""
import json
import pathlib
import sys

import numpy as np
import torch

from container import Container
from oracle_maps import decoded, guided, normalised, oracle_map, squashed
import onnx2torch  # after oracle_maps, which prepares torchvision

REPOSITORY = pathlib.Path(__file__).parents[2]
PHOTOS = ["chelsea_cat.png", "dog_cat_original.jpg", "samoyed_hub.jpg", "parrot.jpg"]
LAYERS = {   # the last spatial map before the pooling
    "mobilenet_v2_1.0_224.onnx": "clip_97",
    "mobilenet_v1_0.5_160.onnx": "clip_54",
    "squeezenet1.1.onnx": "fire9/concat_1",
    "darknet_tiny.onnx": "leaky_re_lu_15",
}
SCORECAM_PHOTO = "dog_cat_original.jpg"   # a pass for each of a thousand channels: one photo is enough
STRIDE = 8


def make(shared, file, facts):
    model = onnx2torch.convert(shared / "models" / file).eval()
    container, photos, cases = Container(), {}, []
    for photo in PHOTOS:
        pixels = squashed(decoded(shared / "photos" / photo), facts["size"], facts["size"])
        tensor = normalised(pixels, facts["mean"], facts["std"], facts["channel_order"])
        with torch.no_grad():
            logits = model(tensor)[0].numpy()
        expected = {entry[0]: entry[2] for entry in facts["photos"][photo]}
        if max(abs(logits[index] - logit) for index, logit in expected.items()) > 2e-3:
            raise SystemExit(f"{file}, {photo}: the logits are not those of MODELS.json")
        photos[photo] = {"file": photo, "logits": container.add(f"{photo} logits", logits)}
        for category in (int(index) for index in np.argsort(-logits)[:2]):
            methods = ["gradcam", "gradcam++"] + (["scorecam"] if photo == SCORECAM_PHOTO and category == logits.argmax() else [])
            arrays = {method: oracle_map(method, model, [LAYERS[file]], tensor, category) for method in methods}
            for method, array in (arrays | {"guided": guided(model, tensor, category)}).items():
                if array.max() <= 0:
                    raise SystemExit(f"{file}, {photo}, class {category}: the {method} map is blank; choose another layer")
                key = f"{photo} {category} {method}"
                container.add(key, array[::STRIDE, ::STRIDE], "int16" if method == "guided" else "uint16")
                cases.append({"photo": photo, "class": category, "method": method,
                              "layer": None if method == "guided" else LAYERS[file], "tensor": key})
    index = {"name": file, "models": [{"file": file}], "width": facts["size"], "height": facts["size"],
             "mean": facts["mean"], "std": facts["std"], "channel_order": facts["channel_order"],
             "photos": photos, "layer": LAYERS[file], "automatic": True, "stride": STRIDE, "cases": cases}
    container.write(REPOSITORY / "Tests" / "Goldens" / "pretrained" / file.removesuffix(".onnx"), index)
    print(file, len(cases), "cases,", len(container.bytes) // 1024, "KB", flush=True)


def main():
    torch.set_num_threads(2)
    shared = pathlib.Path(sys.argv[1]) if sys.argv[1:] else REPOSITORY.parent / "shared"
    models = json.loads((shared / "models" / "MODELS.json").read_text())["models"]
    for file in LAYERS:
        make(shared, file, models[file])


if __name__ == "__main__":
    main()
