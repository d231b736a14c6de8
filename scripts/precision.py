"""What the precisions cost: precision.py PROGRAM MODEL... --photos PHOTO...

Explains every photo by Grad-CAM in bf16x3 and in bf16, each beside float32, and prints a table in Markdown: the
largest difference of a score, by the photo's largest, and of a map of 0..1; over all photos. Without AMX the products
are done in plain C, which takes some seconds a photo.
"""

import argparse
import json
import os
import subprocess
import sys


def loss(program, model, photo, precision):
    """`precision_loss` of a photo's report."""
    words = [program, photo, "--model", model, "--precision", precision, "--outputs", "none", "--json", "--quiet"]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode == 2 and "AMX" in done.stderr:
        environment = os.environ | {"GRADCAM_KERNELS": "amx-emulated"}
        done = subprocess.run(words, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)}: {done.stderr}")
    return json.loads(done.stdout)["precision_loss"]


def number(value):
    return "-" if value is None else f"{value:.0e}".replace("e-0", "e-")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("models", nargs="+")
    parser.add_argument("--photos", nargs="+", required=True)
    arguments = parser.parse_args()
    precisions = ["bf16x3", "bf16"]
    print("| network | " + " | ".join(f"{p}: scores | map | best class" for p in precisions) + " |")
    print("|---" * (1 + 3 * len(precisions)) + "|")
    for model in arguments.models:
        cells = [os.path.basename(model).removesuffix(".onnx")]
        for precision in precisions:
            losses = [loss(arguments.program, model, photo, precision) for photo in arguments.photos]
            maps = [each["map"] for each in losses if each["map"] is not None]
            same = sum(each["same_best"] for each in losses)
            cells += [
                number(max(each["scores"] for each in losses)), number(max(maps, default=None)),
                f"{same} of {len(losses)}",
            ]
        print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
