"""Compares the built program with the oracle, live: full-width torchvision networks (random weights) and the pretrained ones of ../shared.

usage: crosscheck.py [--gradcam PROGRAM] [--shared FOLDER] [--photo FILE ...] [--scorecam] [NETWORK ...]

Prints a line for each network, photo and class; exits 1 where a map differs by more than 1e-3, a logit by more than 1e-3 of the largest,
or a guided picture correlates less than 0.999.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import cv2
import numpy as np
import torch
from PIL import Image

from narrow import calibrate, masked
from onnx_export import export
from oracle_maps import METHODS, conditioning, decoded, guided, normalised, oracle_map, squashed
import onnx2torch  # after oracle_maps, which prepares torchvision
from make_pretrained_goldens import LAYERS
from vision import torchvision

REPOSITORY = pathlib.Path(__file__).parents[2]
NETWORKS = {   # name: (layer, size, exporter, opset)
    "resnet18": ("layer4[-1]", 224, "torchscript", 9), "resnet50": ("layer4[-1]", 224, "dynamo", 18),
    "wide_resnet50_2": ("layer4[-1]", 224, "torchscript", 13), "resnext50_32x4d": ("layer4[-1]", 224, "dynamo", 21),
    "vgg16": ("features[-1]", 224, "torchscript", 11), "vgg11_bn": ("features[-1]", 224, "dynamo", 20),
    "alexnet": ("features[-1]", 224, "dynamo", 18), "squeezenet1_0": ("features[-1]", 224, "torchscript", 12),
    "squeezenet1_1": ("features[-1]", 224, "dynamo", 19), "densenet121": ("features[-1]", 224, "torchscript", 15),
    "mnasnet1_0": ("layers[-1]", 224, "dynamo", 18), "mobilenet_v2": ("features[-1]", 224, "torchscript", 10),
    "googlenet": ("inception5b", 224, "torchscript", 14), "inception_v3": ("Mixed_7c", 299, "dynamo", 18),
}
LIMITS = {"logits": 1e-3, "map": 1e-3, "guided": 0.999}
IMAGENET = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "channel_order": "rgb"}


def torchvision_network(name, folder, photos):
    """(model, ONNX file, layer, preprocessing): random weights, but activations and scores in the range of a trained network's."""
    layer, size, exporter, opset = NETWORKS[name]
    facts = IMAGENET | {"size": size}
    extras = {"aux_logits": False, "transform_input": True, "init_weights": False} if name in ("googlenet", "inception_v3") else {}
    batch = masked(torch.cat([tensor_of(photo, facts) for photo in photos]), 4)
    model = calibrate(torchvision.models.get_model(name, weights=None, **extras), batch, seed=1)
    path = folder / f"{name}.onnx"
    export(model, batch[:1], path, exporter, opset)
    return model, path, layer, facts


def pretrained_network(file, shared):
    facts = json.loads((shared / "models" / "MODELS.json").read_text())["models"][file]
    path = shared / "models" / file
    return onnx2torch.convert(path).eval(), path, LAYERS[file], facts


def tensor_of(photo, facts):
    pixels = squashed(decoded(photo), facts["size"], facts["size"])
    return normalised(pixels, facts["mean"], facts["std"], facts["channel_order"])


def run_program(program, model, photo, layer, categories, methods, facts, folder):
    """The program's report (its --json object); its maps and pictures lie in `folder`."""
    command = [program, "--image-path", photo, "--model", model, "--target-layer", layer, "--method", ",".join(methods),
               "--target-category", ",".join(map(str, categories)), "--save-map", "--json", "--quiet", "--quality", "100",
               "--mean=" + ",".join(map(str, facts["mean"])), "--std=" + ",".join(map(str, facts["std"])),
               "--channel-order", facts["channel_order"], "--input-size", str(facts["size"]), "--resize", "squash", "--output-dir", folder]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"exit code {done.returncode}: {done.stderr.strip() or done.stdout.strip()}")
    return json.loads(done.stdout)


def luminance(pixels):
    return cv2.cvtColor(pixels, cv2.COLOR_RGB2YCrCb)[..., 0].astype(np.float64).ravel()


def deprocess(values):
    values = (values - values.mean()) / (values.std() + 1e-5) * 0.1 + 0.5
    return np.uint8(np.clip(values, 0, 1) * 255)


def through_jpeg(pixels):
    """What is left of a picture after a JPEG file of quality 100, as the program writes it."""
    encoded = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 100])[1]
    return cv2.cvtColor(cv2.imdecode(encoded, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def alike(a, b):
    """Correlation; of two evenly grey pictures (a random network can lose every guided gradient) 1, of one such picture 0."""
    return float(np.corrcoef(a, b)[0, 1]) if a.std() > 0 and b.std() > 0 else float(a.std() == b.std())


def compare(program, network, photo, methods):
    """Rows (class, method, error of the logit, error of the map, correlation of the guided picture)."""
    model, path, layer, facts = network
    tensor = tensor_of(photo, facts)
    with torch.no_grad():
        logits = model(tensor)[0].numpy()
    likely = [int(index) for index in np.argsort(-logits)[:20]]
    quality = conditioning(model, [layer], tensor, likely)   # of random networks, many maps are blank
    categories = [likely[index] for index in np.argsort([-value for value in quality], kind="stable")[:2]]
    if min(quality[likely.index(category)] for category in categories) <= 0:
        raise RuntimeError("every map of the top classes is blank: nothing to compare")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        report = run_program(program, path, photo, layer, categories, methods, facts, folder)
        found = {entry["index"]: entry["logit"] for entry in report["top"] + report["classes"]}
        logit_error = max(abs(value - logits[index]) for index, value in found.items()) / np.abs(logits).max()

        # The guided picture is compared at the network's own size, where the program has nothing to resize.
        small = folder / "small.png"
        Image.fromarray(squashed(decoded(photo), facts["size"], facts["size"])).save(small)
        run_program(program, path, small, layer, categories, ["gradcam"], facts, folder / "small")
        for category in categories:
            values = guided(model, tensor, category)
            expected = through_jpeg(deprocess(values[..., ::-1] if facts["channel_order"] == "bgr" else values))
            picture = decoded(folder / "small" / f"gradcam_{category}_gb.jpg")
            correlation = alike(luminance(expected), luminance(picture))
            for method in methods:
                height, width = decoded(photo).shape[:2]
                expected_map = cv2.resize(oracle_map(method, model, [layer], tensor, category), (width, height))
                found_map = np.load(folder / f"{method}_{category}_cam.npy")
                yield category, method, logit_error, np.abs(expected_map - found_map).max(), correlation


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gradcam", type=pathlib.Path, default=REPOSITORY / ".build" / "release" / "gradcam")
    parser.add_argument("--shared", type=pathlib.Path, default=REPOSITORY.parent / "shared")
    parser.add_argument("--photo", type=pathlib.Path, action="append", help="default: two photos of SHARED, else those of Photos/")
    parser.add_argument("--scorecam", action="store_true", help="Score-CAM too: a pass for each channel, minutes for each network")
    parser.add_argument("network", nargs="*", help=f"of: {', '.join([*NETWORKS, *LAYERS])}")
    options = parser.parse_args()
    if not options.gradcam.exists():
        raise SystemExit(f"{options.gradcam} is not there: build it with `make`, or name it with --gradcam")
    shared = options.shared if (options.shared / "photos").is_dir() else None
    bundled = [path for path in sorted((REPOSITORY / "Photos").glob("*")) if path.suffix.lower() in (".jpg", ".jpeg", ".png")]
    photos = options.photo or ([shared / "photos" / name for name in ("chelsea_cat.png", "samoyed_hub.jpg")] if shared else bundled[:2])
    if not photos:
        raise SystemExit("no photos: name some with --photo")
    if not shared:
        print(f"skipped: the pretrained networks ({options.shared} is not there)")
    names = options.network or [*NETWORKS, *(LAYERS if shared else [])]
    unknown = [name for name in names if name not in NETWORKS and name not in LAYERS]
    if unknown:
        parser.error(f"no network {unknown[0]}; there are {', '.join([*NETWORKS, *LAYERS])}")
    methods = [method for method in METHODS if method != "scorecam" or options.scorecam]

    failed = False
    print(f"{'network':26} {'photo':22} {'class':>5} {'method':18} {'logits':>9} {'map':>9} {'guided':>9}")
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            network = torchvision_network(name, pathlib.Path(folder), photos) if name in NETWORKS else pretrained_network(name, shared)
            for photo in photos:
                try:
                    for category, method, logits, difference, correlation in compare(options.gradcam, network, photo, methods):
                        wrong = not (logits <= LIMITS["logits"] and difference <= LIMITS["map"] and correlation >= LIMITS["guided"])
                        failed |= wrong
                        print(f"{name:26} {photo.name:22} {category:5} {method:18} {logits:9.1e} {difference:9.1e} {correlation:9.6f}"
                              + ("  WRONG" if wrong else ""), flush=True)
                except RuntimeError as error:
                    failed = True
                    print(f"{name:26} {photo.name:22} WRONG: {error}", flush=True)
            if name in NETWORKS:
                network[1].unlink()
    sys.exit(failed)


if __name__ == "__main__":
    main()
