"""What the precisions cost: precision.py PROGRAM MODEL... --photos PHOTO... [--precisions bf16x3 bf16 tf32]

Explains every photo by Grad-CAM in each precision (by default bf16x3 and bf16; tf32 on a card), each beside float32,
and prints a table in Markdown: the largest difference of a score, by the photo's largest, and of a map of 0..1; over
all photos, rounded up; and a line that tells of when, what and where it is. A MODEL is a name or a file, as --model
takes it. Without AMX its products are done in plain C, which takes some seconds a photo.
"""

import argparse
import datetime
import decimal
import json
import os
import pathlib
import platform
import subprocess
import sys

EMULATED = {"GRADCAM_KERNELS": "amx-emulated"}


def kernels(program):
    """What the environment says of the kernels: nothing where the processor has AMX, else its arithmetic in plain C."""
    tried = subprocess.run([program, "--version"], capture_output=True, env=os.environ | {"GRADCAM_KERNELS": "amx"})
    return {} if tried.returncode == 0 else EMULATED


def loss(program, model, photo, precision, environment):
    """`precision_loss` of a photo's report."""
    words = [program, photo, "--model", model, "--precision", precision, "--outputs", "none", "--json", "--quiet"]
    words += ["--device", "cuda"] if precision == "tf32" else []
    done = subprocess.run(words, capture_output=True, text=True, env=os.environ | environment)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)}: {done.stderr}")
    return json.loads(done.stdout)["precision_loss"]


def number(value):
    """Two digits, rounded up: none differs by more than is told."""
    if value is None:
        return "-"
    upwards = decimal.Context(prec=2, rounding=decimal.ROUND_CEILING)
    return f"{upwards.create_decimal_from_float(value):.1e}"


def surroundings(environment):
    folder = pathlib.Path(__file__).parent
    commit = subprocess.run(["git", "-C", folder, "describe", "--always", "--dirty"], capture_output=True, text=True)
    facts = subprocess.run(["lscpu"], capture_output=True, text=True).stdout.splitlines()
    names = [line.partition(":")[2].strip() for line in facts if line.startswith("Model name")]
    amx = "AMX's arithmetic in plain C" if environment else "AMX"
    return f"{datetime.date.today()}, commit {commit.stdout.strip()}, {''.join(names) or platform.machine()}, {amx}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("models", nargs="+")
    parser.add_argument("--photos", nargs="+", required=True)
    parser.add_argument("--precisions", nargs="+", default=["bf16x3", "bf16"])
    arguments = parser.parse_args()
    precisions = arguments.precisions
    environment = kernels(arguments.program)
    print("| network | " + " | ".join(f"{p}: scores | map | best class" for p in precisions) + " |")
    print("|---" * (1 + 3 * len(precisions)) + "|")
    for model in arguments.models:
        cells = [os.path.basename(model).removesuffix(".onnx")]
        for precision in precisions:
            losses = [loss(arguments.program, model, photo, precision, environment) for photo in arguments.photos]
            maps = [each["map"] for each in losses if each["map"] is not None]
            same = sum(each["same_best"] for each in losses)
            cells += [
                number(max(each["scores"] for each in losses)), number(max(maps, default=None)),
                f"{same} of {len(losses)}",
            ]
        print("| " + " | ".join(cells) + " |", flush=True)
    print(f"\n{surroundings(environment)}")


if __name__ == "__main__":
    main()
