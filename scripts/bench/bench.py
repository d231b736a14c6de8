"""Times the built program beside PyTorch, ONNX Runtime, OpenVINO and pytorch-grad-cam, and says which goals are met.

usage: bench.py [--quick] [--threads N] [--rounds N] [--only WORD ...] [--output FILE]     (docs/bench.md says how times are taken)
"""
import argparse
import os
import pathlib
import subprocess
import sys

import goals
import warm
import whole
from contestants import HERE, MODELS
from report import Report

OTHERS = {"threads": warm.threads, "metrics": warm.metrics, "whole": whole.one_photo, "pictures": whole.pictures, "folder": whole.folder,
          "cold": whole.cold_start, "resident": whole.resident}


def export(network):
    if not (MODELS / f"{network}.onnx").exists():
        subprocess.run([sys.executable, HERE.parent / "export_torchvision.py", network, "--random-weights", "-o", MODELS / f"{network}.onnx"], check=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="few rounds, no full Score-CAM, few large photos")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--only", nargs="*", default=[], help=f"of {', '.join([*goals.FORWARD, *OTHERS])}")
    parser.add_argument("--output", type=pathlib.Path, help="a Markdown file, whose section of this processor is replaced")
    options = parser.parse_args()
    options.rounds = options.rounds or (3 if options.quick else 15)
    wanted = [word for word in [*goals.FORWARD, *OTHERS] if word in options.only or not options.only]
    if unknown := set(options.only) - set(wanted):
        parser.error(f"--only knows no {', '.join(sorted(unknown))}")
    MODELS.mkdir(parents=True, exist_ok=True)
    for network in ["resnet50", *wanted]:
        if network in goals.FORWARD:
            export(network)
    report = Report(options)
    report.note(f"gradcam computes in {whole.precision(options)}")
    for word in wanted:
        if word in OTHERS:
            OTHERS[word](report, options)
            continue
        channel = warm.network(report, word, options)
        if channel and not options.quick:
            whole.many_passes(report, word, channel, options)
    print("\n" + report.markdown())
    if options.output:
        report.write(options.output)


if __name__ == "__main__":
    main()
