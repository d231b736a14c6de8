"""Times the built program beside PyTorch, ONNX Runtime, OpenVINO and pytorch-grad-cam, and says which goals are met.

usage: bench.py [--quick] [--threads N] [--rounds N] [--only WORD ...] [--output FILE]     (docs/bench.md says how times are taken)
"""
import argparse
import os
import pathlib

import goals
import warm
import whole
from contestants import export
from report import Report, split

OTHERS = {"threads": warm.threads, "metrics": warm.metrics, "all-channels": whole.many_passes, "whole": whole.one_photo,
          "pictures": whole.pictures, "folder": whole.folder, "cold": whole.cold_start, "resident": whole.resident}


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
    for network in ["resnet50", *wanted]:
        if network in goals.FORWARD:
            export(network)
    if options.output:
        split(options.output)   # complains before anything is measured
    report = Report(options)
    report.note(f"gradcam computes in {whole.precision(options)}")
    for word in wanted:
        if word in OTHERS:
            OTHERS[word](report, options)
        else:
            warm.network(report, word, options)
    print("\n" + report.section())
    if options.output:
        report.write(options.output)


if __name__ == "__main__":
    main()
