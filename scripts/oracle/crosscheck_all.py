"""Compares the built program with the oracle on every classifier of torchvision (random weights), and writes docs/networks.md.

usage: crosscheck_all.py [--gradcam PROGRAM] [--exporter torchscript|dynamo|both] [--results FILE] [NETWORK ...]

A row a network and exporter: logits, and Grad-CAM at the layer that PyTorch users name and at the one that the program finds by itself. What
is in the file of results already is not run again; NETWORK given, only those run, and the table is written of all that is known.
"""
import argparse
import datetime
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

REPOSITORY = pathlib.Path(__file__).parents[2]
TABLE = REPOSITORY / "docs" / "networks.md"
LIMIT = 1e-3


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
        raise RuntimeError(done.stderr.strip() or done.stdout.strip())
    return json.loads(done.stdout), np.load(folder / "gradcam_cam.npy")


def compare(program, name, exporter):
    """A row of the table, as a dict."""
    opset, layers = 17 if exporter == "torchscript" else 18, family(name)
    model, size = build(name, lambda size: [normalised(picture) for picture in photos(size)])
    pixels = photos(size)[0]
    tensor = normalised(pixels)
    row = {"network": name, "exporter": exporter, "opset": opset, "named": layers.named}
    with torch.no_grad():
        logits = model(tensor)[0].numpy()
    likely = [int(index) for index in np.argsort(-logits)[:5]]
    quality = conditioning(model, [layers.named], tensor, likely, layers.reshape)   # of random networks, many maps are blank
    category = likely[int(np.argmax(quality))]
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        path, photo = place / "network.onnx", place / "photo.png"
        Image.fromarray(pixels).save(photo)
        large = sum(parameter.numel() for parameter in model.parameters()) > 450e6   # protobuf ends at 2 GB
        export(model, tensor, path, exporter, opset, external_data=large and exporter == "dynamo")
        row["nodes"] = len(onnx.load(path, load_external_data=False).graph.node)
        for key, module, asked in (("named", layers.named, layers.named), ("automatic", layers.automatic or layers.named, None)):
            expected = oracle_map("gradcam", with_automatic(name, model), [module], tensor, category, layers.reshape)
            report, found = run(program, path, photo, category, asked, place / key)
            row[f"{key} layer"], row[f"{key} map"] = report["layer"], float(np.abs(expected - found).max())
            scores = {entry["index"]: entry["logit"] for entry in report["top"] + report["classes"]}
            row["logits"] = float(max(abs(value - logits[index]) for index, value in scores.items()) / np.abs(logits).max())
        row["forward ms"] = report["timings"]["forward"]
    row["agrees"] = max(row["logits"], row["named map"], row["automatic map"]) <= LIMIT
    return row


def write_table(rows, missing):
    def line(row):
        if "error" in row:
            return f"| {row['network']} | {row['exporter']} | | | | | **no**: {row['error']} |"
        found = f"`{row['automatic layer']}`"
        return (f"| {row['network']} | {row['exporter']} | {row['logits']:.0e} | `{row['named']}` {row['named map']:.0e} | {found} {row['automatic map']:.0e} "
                f"| {row['nodes']} | {'yes' if row['agrees'] else '**no**'} |")
    agreeing = sum(row.get("agrees", False) for row in rows)
    names = {row["network"] for row in rows}
    text = f"""# Networks compared with PyTorch

`make crosscheck-all` wrote this table on {datetime.date.today()}: torchvision {torchvision.__version__.split('+')[0]}, torch {torch.__version__.split('+')[0]},
grad-cam 1.5.7, onnx {onnx.__version__}, Python {platform.python_version()}; random weights brought into range, one photo, input 224 x 224 (Inception v3: 299 x 299).

{agreeing} of {len(rows)} rows agree, of {len(names)} networks. Logits: the largest difference of the top five, relative to the largest logit. Maps: the largest
difference of Grad-CAM, 0..1, at the layer that PyTorch users name, and at the one that the program finds by itself. A row agrees where each is at most {LIMIT:g}.

| network | exporter | logits | named layer | automatic layer | nodes | agrees |
|---|---|---|---|---|---|---|
""" + "\n".join(line(row) for row in sorted(rows, key=lambda row: (row["network"], row["exporter"]))) + "\n"
    if missing:
        text += f"\nNot run: {', '.join(missing)}.\n"
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text(text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gradcam", type=pathlib.Path, default=REPOSITORY / ".build" / "release" / "gradcam")
    parser.add_argument("--exporter", choices=["torchscript", "dynamo", "both"], default="torchscript")
    parser.add_argument("--results", type=pathlib.Path, default=REPOSITORY / ".build" / "crosscheck-all.jsonl", help="one JSON object a row")
    parser.add_argument("network", nargs="*")
    options = parser.parse_args()
    if not options.gradcam.exists():
        raise SystemExit(f"{options.gradcam} is not there: build it with `make`, or name it with --gradcam")
    every = torchvision_names() + list(FAMILIES)
    exporters = ["torchscript", "dynamo"] if options.exporter == "both" else [options.exporter]
    options.results.parent.mkdir(parents=True, exist_ok=True)
    rows = [json.loads(line) for line in options.results.read_text().splitlines()] if options.results.exists() else []
    for name in options.network or every:
        for exporter in exporters:
            if any((row["network"], row["exporter"]) == (name, exporter) and row.get("agrees") for row in rows):
                continue
            try:
                row = compare(options.gradcam, name, exporter)
            except Exception as error:
                row = {"network": name, "exporter": exporter, "error": str(error).splitlines()[0][:300]}
            rows = [other for other in rows if (other["network"], other["exporter"]) != (name, exporter)] + [row]
            options.results.write_text("".join(json.dumps(row) + "\n" for row in rows))
            print(json.dumps(row), flush=True)
    known = {row["network"] for row in rows}
    write_table(rows, [name for name in every if name not in known])
    sys.exit(not all(row.get("agrees") for row in rows))


if __name__ == "__main__":
    main()
