"""Times the built program beside PyTorch, ONNX Runtime, OpenVINO and pytorch-grad-cam, and says which goals are met.

usage: bench.py [--quick] [--threads N] [--rounds N] [--only WORD ...] [--output FILE]     (docs/bench.md says how times are taken)
"""
import argparse
import importlib.metadata
import os
import pathlib
import shutil
import sys

import goals
import warm
import whole
from contestants import BUILD, export
from report import PACKAGES, Report, split

OTHERS = {"threads": warm.threads, "metrics": warm.metrics, "all-channels": whole.many_passes, "whole": whole.one_photo,
          "pictures": whole.pictures, "folder": whole.folder, "cold": whole.cold_start, "resident": whole.resident}


def missing():
    """What to do before anything can be timed; None where all is there."""
    for program in ("gradcam", "gradcam-bench"):
        if not (BUILD / program).exists():
            return f"there is no {BUILD / program}: make build bench-program"
    for package in PACKAGES:
        try:
            importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            return (f"{sys.executable} has no package {package}: scripts/oracle/setup.sh, then .venv/bin/python -m pip install "
                    "-r scripts/bench/requirements.txt, then .venv/bin/python scripts/bench/bench.py")
    return None if shutil.which("clang") else "there is no clang, which compiles the probe of the cores' speed: it comes with Swift"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="few rounds, few large photos, Score-CAM of all channels only where it is named")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--only", nargs="*", default=[], help=f"of {', '.join([*goals.FORWARD, *OTHERS])}")
    parser.add_argument("--output", type=pathlib.Path, help="a Markdown file, in whose section of this processor these rows are replaced")
    options = parser.parse_args()
    options.rounds = options.rounds or (3 if options.quick else 15)
    wanted = [word for word in [*goals.FORWARD, *OTHERS] if word in options.only or not options.only]
    if options.quick and not options.only:
        wanted.remove("all-channels")
    if unknown := set(options.only) - set(wanted):
        parser.error(f"--only knows no {', '.join(sorted(unknown))}")
    if lack := missing():
        sys.exit(f"bench: {lack}")
    try:
        measure(wanted, options)
    except KeyboardInterrupt:
        print("bench: stopped; nothing was written", file=sys.stderr)
        sys.exit(130)


def measure(wanted, options):
    """Prints the section, that of what has been measured where it is interrupted; then nothing is written."""
    for network in ["resnet50", *wanted]:
        if network in goals.FORWARD:
            export(network)
    if options.output:
        split(options.output)   # complains before anything is measured
    report = Report(options)
    report.note(f"gradcam computes in {whole.precision(options)}")
    try:
        for word in wanted:
            if word in OTHERS:
                OTHERS[word](report, options)
            else:
                warm.network(report, word, options)
    finally:
        if report.sections:
            print("\n" + report.section())
    if options.output:
        report.write(options.output)


if __name__ == "__main__":
    main()
