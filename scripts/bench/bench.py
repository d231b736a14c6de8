"""Times the built program beside PyTorch, ONNX Runtime, OpenVINO and pytorch-grad-cam, and says which goals are met.

usage: bench.py [--quick] [--threads N] [--rounds N] [--only WORD ...] [--output FILE]     (docs/bench.md says how times are taken)
       bench.py --device cuda [--trial] ...     the same on an NVIDIA GPU, beside PyTorch with cuDNN
"""
import argparse
import importlib.metadata
import os
import pathlib
import shutil
import sys

import card
import goals
import warm
import whole
from contestants import BUILD, export
from report import PACKAGES, Report, processor, split

OTHERS = {"threads": warm.threads, "metrics": warm.metrics, "all-channels": whole.many_passes, "whole": whole.one_photo,
          "pictures": whole.pictures, "folder": whole.folder, "cold": whole.cold_start, "resident": whole.resident}


def missing(options):
    """What to do before anything can be timed; None where all is there."""
    for program in ("gradcam", "gradcam-bench"):
        if not (BUILD / program).exists():
            return f"there is no {BUILD / program}: make build bench-program"
    venv, kind = (".venv-cuda", " .venv-cuda cuda") if options.device == "cuda" and not options.trial else (".venv", "")
    for package in PACKAGES:
        try:
            importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            return (f"{sys.executable} has no package {package}: scripts/oracle/setup.sh{kind}, then {venv}/bin/python -m pip install "
                    f"-r scripts/bench/requirements.txt, then {venv}/bin/python scripts/bench/bench.py")
    return None if shutil.which("clang") else "there is no clang, which compiles the probe of the cores' speed: it comes with Swift"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="few rounds, few large photos, Score-CAM of all channels only where it is named")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--only", nargs="*", default=[], help=f"of {', '.join([*goals.FORWARD, *OTHERS])}; with --device cuda of {', '.join(card.JOBS)}")
    parser.add_argument("--output", type=pathlib.Path, help="a Markdown file, in whose section of this processor, or card, these rows are replaced")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--trial", action="store_true", help="with --device cuda: a small network, and PyTorch on the processor, to see that all of it runs")
    options = parser.parse_args()
    options.rounds = options.rounds or (3 if options.quick else 15)
    if options.trial and (options.output or options.device == "cpu"):
        parser.error("--trial tells nothing that is to be kept: give it with --device cuda, and without --output")
    known = card.JOBS if options.device == "cuda" else [*goals.FORWARD, *OTHERS]
    if unknown := set(options.only) - set(known):
        parser.error(f"--only knows no {', '.join(sorted(unknown))}")
    if lack := missing(options):
        sys.exit(f"bench: {lack}")
    wanted = [word for word in known if word in options.only or not options.only]
    try:
        measure(options, *(on_card if options.device == "cuda" else on_processor)(options, wanted))
    except KeyboardInterrupt:
        print("bench: stopped; nothing was written", file=sys.stderr)
        sys.exit(130)


def on_processor(options, wanted):
    """The heading of the processor's section, its jobs and notes."""
    if options.quick and not options.only:
        wanted.remove("all-channels")
    for network in ["resnet50", *wanted]:
        if network in goals.FORWARD:
            export(network)
    jobs = [OTHERS.get(word, lambda report, options, word=word: warm.network(report, word, options)) for word in wanted]
    return processor(), jobs, [f"gradcam computes in {whole.precision(options)}"]


def on_card(options, wanted):
    """The heading of the card's section, its jobs and notes."""
    return card.name(), [card.JOBS[word] for word in wanted], card.notes(options)


def measure(options, heading, jobs, notes):
    """Does jobs, prints the section, that of what has been measured where it is interrupted, and writes it where it is not."""
    if options.output:
        split(options.output, heading)   # complains before anything is measured
    report = Report(options, heading)
    for text in notes:
        report.note(text)
    try:
        for job in jobs:
            job(report, options)
    finally:
        if report.sections:
            print("\n" + report.section())
    if options.output:
        report.write(options.output)


if __name__ == "__main__":
    main()
