"""Writes docs/exporters.md from what the families' scripts left: table.py WORK"""
import datetime
import json
import pathlib
import platform
import sys
import textwrap

REPOSITORY = pathlib.Path(__file__).parents[2]
FAMILIES = ["ultralytics", "transformers", "timm", "torchvision", "fastai", "keras", "paddle", "onnxruntime"]


def processor():
    try:
        names = [line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
        return f"{names[0]}, {len(names)} threads"
    except (OSError, IndexError):
        return platform.processor() or platform.machine()


def number(value):
    return "" if value is None else f"{value:.0e}"


def fed(row):
    """What the program said that it fed, and who said so."""
    return next((said.removeprefix("feeding ") for said in row.get("said", "").splitlines() if said.startswith("feeding ")), "")


def line(row):
    cells = [row["exporter"], row["network"], f"`{row['how']}`", fed(row), row.get("labels", ""), number(row.get("scores")),
             number(row.get("map")) or row.get("no map", "")]
    if "not exported" in row:
        verdict = "not exported: " + row["not exported"]
    elif row["agrees"]:
        verdict = "yes"
    else:
        verdict = "**no**" + (": " + row["error"] if "error" in row else "")
    return "| " + " | ".join(cell.replace(row.get("folder") or "\0", "FOLDER").replace("|", "\\|") for cell in [*cells, verdict]) + " |"


def main():
    work = pathlib.Path(sys.argv[1])
    found = {family: json.loads((work / f"{family}_family.json").read_text()) for family in FAMILIES if (work / f"{family}_family.json").exists()}
    rows = [row for family in found.values() for row in family["rows"]]
    versions = dict(sorted(part for family in found.values() for part in family["versions"].items()))
    missing = [family for family in FAMILIES if family not in found]
    exported = [row for row in rows if "not exported" not in row]
    made = (f"`make crosscheck-exporters` wrote this table on {datetime.date.today()}: "
            + ", ".join(f"{name} {version}" for name, version in versions.items())
            + f"; Python {platform.python_version()}, {processor()}. "
            + f"{sum(row['agrees'] for row in exported)} of {len(exported)} files agree."
            + ("" if not missing else " Not run: " + ", ".join(missing) + "."))
    text = f"""# Files of today's exporters, compared with their own frameworks

{textwrap.fill(made, 118, break_on_hyphens=False)}

The networks are small and random, with weights brought into range; they are exported as a user would, with the files
that the exporter leaves beside them. `gradcam` is run on them **without any flag** that tells it what to feed.
Compared are

- scores: the largest difference of a probability from what the framework's own prediction gives for the same photo
  file (Ultralytics' `predict`, transformers' `pipeline`, fastai's `learner.predict`, timm's `create_transform`,
  torchvision's `weights.transforms()`, Keras's `load_img` with bilinear scaling and the preprocessing in the network,
  paddle's transforms), over three photos of `Photos/`;
- map: the largest difference of Grad-CAM, 0..1, at the layer that the program finds by itself, from grad-cam 1.5.7's,
  or for Keras and Paddle from one computed with their own gradients, for the three best classes of a square photo.

A file agrees where both are at most 0.001, or 0.02 where ONNX Runtime sums up in integers or half precision what is
computed in float32 here, or 0.01 where fastai crops before it scales, and its labels are right.
`fed` is what the program said of the input and of who told it. FAMILY.py of `scripts/exporters/` shows how each file is
made; `scripts/exporters/run.sh PROGRAM FAMILY ...` runs some alone.

| exporter | network | how exported | fed | labels | scores | map | agrees |
|---|---|---|---|---|---|---|---|
"""
    (REPOSITORY / "docs" / "exporters.md").write_text(text + "\n".join(map(line, rows)) + "\n")


if __name__ == "__main__":
    main()
