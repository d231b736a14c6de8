"""What the exporters' scripts share: cases, the program's run without flags, the comparison with the framework, and a row of the table.

A script of a family decorates functions with @case(exporter, network, how); each exports a small random network into the folder that it is given,
as a user would, and returns a `Network`. `main` compares them all and writes WORK/FAMILY.json. Needs numpy and Pillow alone.
"""
import argparse
import dataclasses
import json
import pathlib
import shutil
import subprocess
import sys
import traceback
import warnings

import numpy as np
from PIL import Image

warnings.filterwarnings("ignore")
REPOSITORY = pathlib.Path(__file__).parents[2]
PHOTOS = [REPOSITORY / "Photos" / name for name in ("cat.jpg", "dog-and-cat.jpg", "dog-bicycle-truck.jpg")]
LABELS = ["cat", "dog", "dog's friend", "bicycle, of a kind", "truck"]
LIMIT = 1e-3
CASES = []


class NoMap(Exception):
    """Why the framework gives no map to compare with."""


@dataclasses.dataclass
class Network:
    path: pathlib.Path                 # what --model is given
    predict: callable                  # photo -> the probabilities that the framework's own pipeline gives, of each class
    labels: list = None                # of the classes; None: the file names none
    side: int = 224                    # of a square photo that the pipeline does not scale ...
    crop: int = None                   # ... and of the middle that it feeds; None: all of it
    map: callable = None               # (photo, layer, class) -> Grad-CAM at the layer, crop x crop, 0..1; or raises NoMap
    limit: float = LIMIT


def case(exporter, network, how):
    def register(build):
        CASES.append((exporter, network, how, build))
        return build
    return register


def main(**versions):
    """versions: of the packages, to stand in the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--gradcam", type=pathlib.Path, default=REPOSITORY / ".build" / "release" / "gradcam")
    parser.add_argument("--work", type=pathlib.Path, default=REPOSITORY / ".build" / "exporters", help="where files are made, and left")
    parser.add_argument("--flags", default="", help="more flags for the program: tells a wrong input from a wrong network")
    parser.add_argument("only", nargs="*", help="a part of a network's name or of how it is exported")
    options = parser.parse_args()
    family = pathlib.Path(sys.argv[0]).stem
    program = [options.gradcam, *options.flags.split()]
    rows = []
    for exporter, network, how, build in CASES:
        if options.only and not any(part in f"{network} {how}" for part in options.only):
            continue
        folder = options.work / family / "".join(letter if letter.isalnum() or letter in "-." else "_" for letter in f"{network} {how}")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        row = {"exporter": exporter, "network": network, "how": how, "folder": str(folder)}
        try:
            made = build(folder)
        except Exception as error:
            traceback.print_exc()
            row["not exported"] = first_line(error)
        else:
            row |= compare(program, made, folder)
        rows.append(row)
        print(json.dumps(row), flush=True)
    if not options.flags:
        results = options.work / f"{family}.json"
        if options.only and results.exists():   # the others' rows stay as they are
            anew = {(row["network"], row["how"], row["exporter"]): row for row in rows}
            rows = [anew.get((row["network"], row["how"], row["exporter"]), row) for row in json.loads(results.read_text())["rows"]]
        results.write_text(json.dumps({"versions": versions, "rows": rows}, indent=1))
    sys.exit(not all(row.get("agrees") or "not exported" in row for row in rows))


def first_line(error):
    return f"{type(error).__name__}: {error}".split("\n")[0][:300]


def compare(program, network, folder):
    """What the program said and how far its scores and maps lie from the framework's; `error` where it said nothing."""
    row = {"agrees": False}
    try:
        for photo in PHOTOS:
            report, said = run(program, network.path, photo, folder / "out" / photo.stem)
            row |= {"fed": report.get("preprocessing"), "said": said, "layer": report["layer"]}
            expected = network.predict(photo)
            if network.labels:
                wrong = [entry for entry in report["top"] if entry["label"] != network.labels[entry["index"]]]
                row["labels"] = f"{wrong[0]['index']} is called {wrong[0]['label']}" if wrong else "right"
            difference = max(abs(entry["score"] - float(expected[entry["index"]])) for entry in report["top"])
            row["scores"] = max(row.get("scores", 0), difference)
        if network.map:
            row |= compare_maps(program, network, folder)
        row["agrees"] = row["scores"] <= network.limit and row.get("map", 0) <= network.limit and row.get("labels", "right") == "right"
    except Exception as error:
        if not isinstance(error, RuntimeError):
            traceback.print_exc()
        row["error"] = first_line(error)
    return row


def compare_maps(program, network, folder):
    """The maps of the three best classes of a square photo, where they are not blank."""
    square = folder / "square.png"
    Image.open(PHOTOS[2]).convert("RGB").resize((network.side, network.side), Image.BICUBIC).save(square)
    best = [int(index) for index in np.argsort(-network.predict(square))[:3]]
    report, _ = run(program, network.path, square, folder / "map", "--save-map", "--target-category", ",".join(map(str, best)))
    crop = network.crop or network.side
    start = round((network.side - crop) / 2)   # half to even, as torchvision's CenterCrop
    differences = []
    for index in best:
        try:
            expected = network.map(square, report["layer"], index)
        except NoMap as reason:
            return {"no map": str(reason)}
        if expected.max() > 0:
            found = np.load(folder / "map" / f"gradcam_{index}_cam.npy")[start:start + crop, start:start + crop]
            differences.append(float(np.abs(found - expected).max()))
    return {"map": max(differences)} if differences else {"no map": "blank for the three best classes, here and there"}


def gradcam(activations, gradients, size):
    """Grad-CAM as grad-cam 1.5.7 computes it, size x size, of one photo's activations and gradients, height x width x channels."""
    def scaled(plane):
        return (plane - plane.min()) / ((plane - plane.min()).max() + 1e-7)
    plane = scaled(np.maximum((gradients.mean((0, 1)) * activations).sum(-1), 0)).astype(np.float32)
    return scaled(np.asarray(Image.fromarray(plane).resize((size, size), Image.BILINEAR)))


def run(program, model, photo, folder, *flags):
    """The program's report and what it said beside it. Raises RuntimeError with its message."""
    command = [*program, photo, "--model", model, "--outputs", "cam", "--json", "--no-progress", "--output-dir", folder, *flags]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"exit code {done.returncode}: {done.stderr.strip() or done.stdout.strip()}")
    return json.loads(done.stdout), done.stderr.strip()
