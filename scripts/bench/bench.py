"""Times the built program beside PyTorch, ONNX Runtime, OpenVINO and pytorch-grad-cam, and says which goals are met.

usage: bench.py [--quick] [--threads N] [--rounds N] [--only WORD ...] [--output FILE]     (report.py says how times are taken)
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from contestants import BUILD, HERE, LAYERS, MODELS, PEERS, REPOSITORY, finished, interleaved, ours, pause, peer, quotients
from report import Report

PHOTO = REPOSITORY / "Photos" / "dog-and-cat.jpg"
FORWARD = {"resnet50": 1.05, "vgg16": 1.6, "densenet121": 1.0, "mobilenet_v2": 0.8}   # the ratios aimed at
CHANNELS = {"resnet50": 2048, "vgg16": 512}
GRADCAM, GUIDED, SCORECAM = {"resnet50": 6, "vgg16": 5}, 4, 3
SCORECAM_MASKS = 64
METRICS, INSERTED, FLIPPED = {"insertion": 1.5, "road": 5}, 225, 192
ABLATIONCAM, ABLATED = {"resnet50": 300, "vgg16": 20}, 64
INTEGRATED_STEPS, RISE_MASKS, INPUT = 10, 32, {"integrated": 1.5, "rise": 2}


def forwards(report, network, options, contestants):
    for batch in (1, 8):
        turns = {name: lambda one=one: one.turn(f"forward {batch}") for name, one in contestants.items()}
        report.race("Forward", f"{network}, batch {batch}, an image", interleaved(turns, options.rounds), FORWARD[network], per=batch)


def explanations(report, network, options, contestants):
    """The jobs of pytorch-grad-cam in a warm process."""
    two = {name: contestants[name] for name in ("ours", "pytorch")}
    for job, goal in (("gradcam", GRADCAM[network]), ("guided", GUIDED)):
        times = interleaved({name: lambda one=one: one.turn(job) for name, one in two.items()}, options.rounds)
        report.race("Warm, against pytorch-grad-cam", f"{network}, {job}", times, goal)
    job = f"masks {SCORECAM_MASKS}"
    times = interleaved({name: lambda one=one: one.turn(job) for name, one in two.items()}, options.rounds, seconds=30)
    report.race("Warm, against pytorch-grad-cam", f"{network}, scorecam, a channel ({SCORECAM_MASKS} timed)", times, SCORECAM, per=SCORECAM_MASKS)
    jobs = {"ours": "ablationcam", "pytorch": f"ablated {ABLATED}"}
    ablation = interleaved({name: lambda name=name: two[name].turn(jobs[name]) for name in two}, options.rounds, seconds=30)
    ablation["pytorch"] = [passes * CHANNELS[network] / (ABLATED + 1) for passes in ablation["pytorch"]]
    report.race("Warm, against pytorch-grad-cam", f"{network}, ablationcam (PyTorch: scaled up from {ABLATED} channels)", ablation, ABLATIONCAM[network])
    inputs(report, network, options, two)
    if not options.quick:
        with tempfile.TemporaryDirectory() as folder:
            seconds, memory = finished(program(network, PHOTO, folder, options) + ["--method", "ablationcam", "--outputs", "cam"])
        report.figure(f"{network}, Ablation-CAM of all {CHANNELS[network]} channels, whole process", f"{seconds:.2f} s; peak {memory:.0f} MB",
                      "<= 600 MB", memory <= 600)
        with tempfile.TemporaryDirectory() as folder:
            seconds, memory = finished(program(network, PHOTO, folder, options) + ["--method", "scorecam", "--outputs", "cam"])
        peer_seconds = statistics.median(times["pytorch"]) / 1e3 * CHANNELS[network] / SCORECAM_MASKS
        report.figure(f"{network}, Score-CAM of all {CHANNELS[network]} channels, whole process",
                      f"{seconds:.1f} s; pytorch-grad-cam {peer_seconds:.0f} s (scaled up from {SCORECAM_MASKS} channels): "
                      f"{peer_seconds / seconds:.2f} times; peak {memory:.0f} MB", f">= {SCORECAM} times, <= 600 MB",
                      peer_seconds / seconds >= SCORECAM and memory <= 600)


def inputs(report, network, options, two):
    """Maps at the input: Captum's integrated gradients, and RISE in PyTorch."""
    for job, count, what in (("integrated", INTEGRATED_STEPS, "integrated gradients, a step"), ("rise", RISE_MASKS, "RISE, a mask")):
        turns = {name: lambda one=one: one.turn(f"{job} {count}") for name, one in two.items()}
        times = interleaved(turns, options.rounds, seconds=30)
        report.race("Warm, against Captum and PyTorch", f"{network}, {what} ({count} timed)", times, INPUT[job], per=count)


def shared_pass(report, network, options, contestants):
    """All methods of one forward and one backward pass against one of them."""
    one = contestants["ours"]
    times = interleaved({job: lambda job=job: one.turn(job) for job in ("gradcam", "cheap")}, options.rounds)
    low, ratio, high = quotients(times, "cheap", "gradcam")
    report.figure(f"{network}, every method of --method cheap against gradcam alone", f"{statistics.median(times['cheap']):.1f} ms against "
                  f"{statistics.median(times['gradcam']):.1f}: {ratio:.2f} times ({low:.2f}-{high:.2f})", "<= 1.3 times", ratio <= 1.3)


def gradient_share(report, network, options, contestants):
    one = contestants["ours"]
    times = interleaved({job: lambda job=job: one.turn(job) for job in ("forward 1", "backward")}, options.rounds)
    _, share, _ = quotients(times, "backward", "forward 1")
    report.figure(f"{network}, gradient at the layer", f"{statistics.median(times['backward']):.2f} ms, {100 * share:.1f} % of the forward",
                  "<= 5 %", share <= 0.05)


def threads(report, options):
    with ours("resnet50", options.threads) as all_threads, ours("resnet50", 1) as one:
        times = interleaved({"all": lambda: all_threads.turn("forward 1"), "one": lambda: one.turn("forward 1")}, options.rounds)
    low, ratio, high = quotients(times, "one", "all")
    report.figure(f"resnet50, {options.threads} threads against 1", f"{ratio:.2f} ({low:.2f}-{high:.2f})", ">= 1.8 with 2", ratio >= 1.8)


def program(network, photo, folder, options):
    return [BUILD / "gradcam", photo, "--model", MODELS / f"{network}.onnx", "--target-layer", LAYERS[network], "--output-dir", folder,
            "--threads", options.threads, "--quiet"]


def metrics(report, options):
    """One map judged: ROAD by pytorch-grad-cam, insertion by Quantus's pixel flipping, an image for an image."""
    with ours("resnet50", options.threads) as one, peer("pytorch", "resnet50", options.threads) as other:
        for job, what in (("insertion", f"insertion of one map (Quantus: scaled up from {FLIPPED} images)"), ("road", "ROAD of one map")):
            turns = {name: lambda each=each: each.turn(job) for name, each in (("ours", one), ("pytorch", other))}
            times = interleaved(turns, min(options.rounds, 5), seconds=60)
            if job == "insertion":
                times["pytorch"] = [time * INSERTED / FLIPPED for time in times["pytorch"]]
            report.race("Warm, against pytorch-grad-cam and Quantus", f"resnet50, {what}", times, METRICS[job])


def whole_process(report, options):
    with tempfile.TemporaryDirectory() as folder:
        commands = {"ours": program("resnet50", PHOTO, folder, options),
                    "python": [sys.executable, HERE / "one_photo.py", MODELS / "resnet50.pth", PHOTO, folder, options.threads]}
        memory = {}

        def turn(name):
            pause()
            seconds, memory[name] = finished(commands[name])
            return seconds
        times = interleaved({name: lambda name=name: turn(name) for name in commands}, min(options.rounds, 7), seconds=90)
    low, ratio, high = quotients(times, "python", "ours")
    share = memory["ours"] / memory["python"]
    report.figure("resnet50, one photo, whole process", f"{statistics.median(times['ours']) * 1e3:.0f} ms, {memory['ours']:.0f} MB; pytorch-grad-cam "
                  f"{statistics.median(times['python']):.1f} s, {memory['python']:.0f} MB: {ratio:.1f} times ({low:.1f}-{high:.1f}), {share:.2f} of the memory",
                  ">= 20 times, <= 0.25 of the memory", ratio >= 20 and share <= 0.25)


def cold_start(report, options):
    """From the process's begin to the first forward's begin, planning and packing of weights counted in."""
    def turn():
        pause()
        begin = time.perf_counter()
        with ours("resnet50", options.threads, images=1) as one:
            one.ask("forward 1")
            first = (time.perf_counter() - begin) * 1e3
            return first - min(one.ask("forward 1") for _ in range(3))
    times = interleaved({"cold": turn}, options.rounds)["cold"]
    low, middle, high = statistics.quantiles(times, n=4, method="inclusive")
    report.figure("resnet50, cold start until the first forward, plan and weights ready", f"{middle:.0f} ms ({low:.0f}-{high:.0f})", "<= 60 ms", middle <= 60)


def resident(report, options):
    """Resident memory over many photos in one process."""
    count = 100 if options.quick else 1000
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "photos").mkdir()
        for index in range(count):
            shutil.copy(PHOTO, folder / "photos" / f"{index:04}.jpg")
        command = [BUILD / "gradcam", folder / "photos", "--model", REPOSITORY / "Models" / "catdog.onnx", "--output-dir", folder / "out",
                   "--threads", options.threads, "--json", "--quiet"]
        process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True)
        begin, megabytes = time.monotonic(), {}
        for done, _ in enumerate(process.stdout, 1):
            if done in (20, count // 2, count - 10):
                status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
                megabytes[done] = int(status.partition("VmRSS:")[2].split()[0]) / 1024
        process.wait()
        rate = count / (time.monotonic() - begin)
    values = list(megabytes.values())
    report.figure(f"bundled network, resident memory over {count} photos ({rate:.0f} a second)",
                  ", ".join(f"{value:.0f} MB after {done}" for done, value in megabytes.items()), "flat after 20", values[-1] <= 1.02 * values[0])


def export(network):
    if not (MODELS / f"{network}.onnx").exists():
        subprocess.run([sys.executable, HERE.parent / "export_torchvision.py", network, "--random-weights", "-o", MODELS / f"{network}.onnx"], check=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="few rounds, no full Score-CAM; nothing is written")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--only", nargs="*", default=[], help=f"of {', '.join(FORWARD)}, threads, metrics, whole, cold, resident")
    parser.add_argument("--output", type=pathlib.Path, help="a Markdown file")
    options = parser.parse_args()
    options.rounds = options.rounds or (3 if options.quick else 15)
    MODELS.mkdir(parents=True, exist_ok=True)
    report = Report(options)
    wanted = lambda name: not options.only or name in options.only
    for network in filter(wanted, FORWARD):
        export(network)
        contestants = {"ours": ours(network, options.threads)} | {name: peer(name, network, options.threads) for name in PEERS}
        forwards(report, network, options, contestants)
        if network in LAYERS:
            explanations(report, network, options, contestants)
        gradient_share(report, network, options, contestants)
        shared_pass(report, network, options, contestants)
        for one in contestants.values():
            one.__exit__()
    export("resnet50")
    for name, measure in {"threads": threads, "metrics": metrics, "whole": whole_process, "cold": cold_start, "resident": resident}.items():
        if wanted(name):
            measure(report, options)
    print("\n" + report.markdown())
    if options.output:
        options.output.write_text(report.markdown())


if __name__ == "__main__":
    main()
