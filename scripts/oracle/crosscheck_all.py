"""Compares the built program with the oracle on every classifier of torchvision and on timm's families (random weights), and writes
docs/networks.md.

usage: crosscheck_all.py [--gradcam PROGRAM] [--exporter torchscript|dynamo|both] [--results FILE] [NETWORK ...]

A row a network and exporter: logits, and Grad-CAM at the layer that PyTorch users name and at the one that the program finds by itself. What
is in the file of results already is not run again; NETWORK given, only those run, and the table is written of all that is known.
"""
import argparse
import datetime
import functools
import json
import pathlib
import platform
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import skimage
import torch
from PIL import Image

from classifiers import FAMILIES, build, family, torchvision_names, with_automatic
from onnx_export import export
from oracle_maps import conditioning, normalised, oracle_map
from vision import torchvision
import timm   # after vision, which prepares torchvision

REPOSITORY = pathlib.Path(__file__).parents[2]
TABLE = REPOSITORY / "docs" / "networks.md"
LIMIT = 1e-3
EXPORTERS = ["torchscript", "dynamo"]


def photos(size):
    """Two photos of scikit-image's package, uint8 size x size x 3."""
    folder = pathlib.Path(skimage.__file__).parent / "data"
    return [np.asarray(Image.open(folder / name).convert("RGB").resize((size, size), Image.BILINEAR)) for name in ("chelsea.png", "coffee.png")]


def run(program, path, photo, category, layer, folder):
    """The program's report and its map."""
    command = [program, photo, "--model", path, "--target-category", category, "--outputs", "cam", "--save-map", "--json", "--quiet",
               "--output-dir", folder, "--input-size", Image.open(photo).width] + (["--target-layer", layer] if layer else [])
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError((done.stderr.strip() or done.stdout.strip()).removeprefix("gradcam: ").removeprefix(f"{path}: "))
    return json.loads(done.stdout), np.load(folder / "gradcam_cam.npy")


def first_line(error):
    return str(error).splitlines()[0][:300]


@functools.lru_cache(maxsize=1)
def oracle(name):
    """A network, its photo, and what PyTorch says of it: the logits, a class, and its map at either layer."""
    layers = family(name)
    model, size = build(name, lambda size: [normalised(picture) for picture in photos(size)])
    pixels = photos(size)[0]
    tensor = normalised(pixels)
    with torch.no_grad():
        logits = model(tensor)[0].numpy()
    explained = with_automatic(name, model)
    layers = {"named": (layers.named, layers.reshape),
              "automatic": (layers.automatic or layers.named, layers.automatic_reshape or layers.reshape)}
    likely = [int(index) for index in np.argsort(-logits)[:20]]   # of random networks, many maps are blank
    quality = np.min([conditioning(explained, [layer], tensor, likely, reshape) for layer, reshape in layers.values()], axis=0)
    best = int(np.argmax(quality[:5])) if quality[:5].max() > 0 else int(np.argmax(quality))
    if quality[best] <= 0:
        raise RuntimeError("every map of the top classes is blank: nothing to compare")
    maps = {key: oracle_map("gradcam", explained, [layer], tensor, likely[best], reshape) for key, (layer, reshape) in layers.items()}
    return model, pixels, logits, likely[best], maps


def compare(program, name, exporter):
    """A row of the table, as a dict."""
    opset = 17 if exporter == "torchscript" else 18
    model, pixels, logits, category, maps = oracle(name)
    row = {"network": name, "exporter": exporter, "opset": opset, "named": family(name).named}
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        path, photo = place / "network.onnx", place / "photo.png"
        Image.fromarray(pixels).save(photo)
        large = sum(parameter.numel() for parameter in model.parameters()) > 450e6   # protobuf ends at 2 GB
        try:
            export(model, normalised(pixels), path, exporter, opset, external_data=large and exporter == "dynamo")
        except Exception as error:
            return row | {"not exported": first_line(error)}
        row["nodes"] = len(onnx.load(path, load_external_data=False).graph.node)
        for key, expected in maps.items():
            report, found = run(program, path, photo, category, row["named"] if key == "named" else None, place / key)
            row[f"{key} layer"], row[f"{key} map"] = report["layer"], float(np.abs(expected - found).max())
            scores = {entry["index"]: entry["logit"] for entry in report["top"] + report["classes"]}
            row["logits"] = float(max(abs(value - logits[index]) for index, value in scores.items()) / np.abs(logits).max())
        row["forward ms"] = report["timings"]["forward"]
    row["agrees"] = max(row["logits"], row["named map"], row["automatic map"]) <= LIMIT
    return row


def write_table(rows, every):
    known = {(row["network"], row["exporter"]): row for row in rows}

    def cell(name, exporter):
        row = known.get((name, exporter))
        if row is None:
            return "not run"
        if "not exported" in row:
            return "not exported: " + row["not exported"].split(". ")[0]
        if "error" in row:
            return "**no**: " + row["error"]
        return ("" if row["agrees"] else "**no**: ") + ", ".join(f"{row[key]:.0e}" for key in ("logits", "named map", "automatic map"))

    def line(name):
        found = [known[name, exporter] for exporter in EXPORTERS if "automatic layer" in known.get((name, exporter), {})]
        layers = " ".join(dict.fromkeys(f"`{row['automatic layer']}`" for row in found))
        nodes = " ".join(str(row["nodes"]) for row in found)
        return f"| {name} | `{family(name).named}` | {layers} | {nodes} | " + " | ".join(cell(name, exporter) for exporter in EXPORTERS) + " |"

    def section(title, names):
        run = [row for row in rows if row["network"] in names and "not exported" not in row]
        agreeing = [row for row in run if row.get("agrees")]
        worst = {key: max((row[key] for row in agreeing), default=0) for key in ("logits", "named map", "automatic map")}
        return f"""## {title}

{len(agreeing)} of {len(run)} files agree, of {len({row["network"] for row in run})} networks. The largest differences of these: logits
{worst["logits"]:.0e}, named layer {worst["named map"]:.0e}, automatic layer {worst["automatic map"]:.0e}.

| network | named layer | automatic layer | nodes | TorchScript | dynamo |
|---|---|---|---|---|---|
""" + "\n".join(map(line, names)) + "\n"

    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text(f"""# Networks compared with PyTorch

`make crosscheck-all` wrote this table on {datetime.date.today()}: torchvision {torchvision.__version__.split('+')[0]}, timm {timm.__version__},
torch {torch.__version__.split('+')[0]}, grad-cam 1.5.7, onnx {onnx.__version__}, Python {platform.python_version()}; random weights brought into
range, one photo, of the size that the network is made for. The files are written by both of PyTorch's exporters:
TorchScript, opset 17, and dynamo, opset 18.

Three differences a file. Logits: the largest of the top five, relative to the largest logit. Maps: the largest of
Grad-CAM, 0..1, at the layer that PyTorch users name, and at the one that the program finds by itself, called as the
program calls it. A file agrees where each is at most {LIMIT:g}; where not, the reason stands there. `fused`: its branches
merged into single convolutions.

""" + section("torchvision", [name for name in every if name not in FAMILIES]) + "\n" + section("timm", [name for name in every if name in FAMILIES]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gradcam", type=pathlib.Path, default=REPOSITORY / ".build" / "release" / "gradcam")
    parser.add_argument("--exporter", choices=[*EXPORTERS, "both"], default="both")
    parser.add_argument("--results", type=pathlib.Path, default=REPOSITORY / ".build" / "crosscheck-all.jsonl", help="one JSON object a row")
    parser.add_argument("network", nargs="*")
    options = parser.parse_args()
    if not options.gradcam.exists():
        raise SystemExit(f"{options.gradcam} is not there: build it with `make`, or name it with --gradcam")
    every = torchvision_names() + list(FAMILIES)
    exporters = EXPORTERS if options.exporter == "both" else [options.exporter]
    options.results.parent.mkdir(parents=True, exist_ok=True)
    rows = [json.loads(line) for line in options.results.read_text().splitlines()] if options.results.exists() else []
    for name in options.network or every:
        for exporter in exporters:
            if any((row["network"], row["exporter"]) == (name, exporter) and row.get("agrees") for row in rows):
                continue
            try:
                row = compare(options.gradcam, name, exporter)
            except Exception as error:
                row = {"network": name, "exporter": exporter, "named": family(name).named, "error": first_line(error)}
            rows = [other for other in rows if (other["network"], other["exporter"]) != (name, exporter)] + [row]
            options.results.write_text("".join(json.dumps(row) + "\n" for row in rows))
            print(json.dumps(row), flush=True)
    write_table(rows, every)
    sys.exit(not all(row.get("agrees") or "not exported" in row for row in rows))


if __name__ == "__main__":
    main()
