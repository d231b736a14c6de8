#!/usr/bin/env python3
"""Times gradcam over folders of photos against the sum of its stages: scripts/bench/pipeline.py GRADCAM MODEL,.. FOLDER.. [--rounds N] [-- gradcam options]

For every network and folder: photos a second with all cores; the share of the cores' time that was used (processor time by wall time and cores); and the wall
time against the sum of the stages that `--json` tells of a run in one thread, divided by the cores. Rounds are interleaved, medians are printed.
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time


def run(gradcam, model, folder, threads, options):
    """One run: wall and processor time in seconds, and the photos' reports."""
    with tempfile.TemporaryDirectory() as results:
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        output = subprocess.run(
            [gradcam, folder, "--model", model, "--output-dir", results, "--json", "--quiet", "--threads", str(threads), *options],
            check=True, stdout=subprocess.PIPE).stdout
        wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, used, [json.loads(line) for line in output.splitlines()]


def main():
    split = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("gradcam")
    parser.add_argument("models", help="names or files, between commas")
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--rounds", type=int, default=5)
    arguments, options = parser.parse_args(sys.argv[1:split]), sys.argv[split + 1:]
    cores = len(os.sched_getaffinity(0))
    kinds = [(model, folder) for model in arguments.models.split(",") for folder in arguments.folders]
    found = {kind: [] for kind in kinds}
    for _ in range(arguments.rounds):
        for model, folder in kinds:
            wall, used, reports = run(arguments.gradcam, model, folder, cores, options)
            _, _, alone = run(arguments.gradcam, model, folder, 1, options)
            stages = sum(sum(report["timings"].values()) for report in alone) / 1000
            found[model, folder].append((len(reports) / wall, used / wall / cores, stages / cores / wall))
    print("| network | photos | photos/s | cores' time used | stages / (cores x wall) |\n|---|---|---|---|---|")
    for (model, folder), rounds in found.items():
        rate, used, stages = (statistics.median(column) for column in zip(*rounds))
        name = os.path.splitext(os.path.basename(model))[0]
        print(f"| `{name}` | {os.path.basename(os.path.normpath(folder))} | {rate:.2f} | {100 * used:.0f} % | {stages:.2f} |")


if __name__ == "__main__":
    main()
