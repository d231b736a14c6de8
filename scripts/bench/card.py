"""Jobs on an NVIDIA GPU: ours and PyTorch's with cuDNN, both in float32 without TF32 and in TF32."""
import functools
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import sysconfig
import tempfile

from contestants import BUILD, HERE, MODELS, PHOTO, REPOSITORY, export, finished, ours, peer, program
from turns import interleaved
from whole import BUNDLED, large_photos

PRECISIONS = ["float32", "tf32"]
CHANNELS = {"resnet50": 2048, "vgg16": 512}
TRIAL = "squeezenet1_1"

# The libraries that PyTorch's wheels brought along, unless others are named: both contestants compute by the same.
os.environ.setdefault("GRADCAM_CUDA_PATH", sysconfig.get_path("purelib"))


@functools.cache
def check(model=BUNDLED, precision="float32"):
    """What `gradcam --check` tells of the card and of a network on it; ends with its own words where there is no card, or numbers differ from
    the CPU's."""
    run = subprocess.run([BUILD / "gradcam", "--check", "--model", model, "--device", "cuda", "--precision", precision], capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit("\n".join([*re.findall(r"^on it .*", run.stdout, re.MULTILINE), run.stderr.strip()]))
    return run.stdout.replace(f"{REPOSITORY}/", "")


def told(row, *of):
    return re.search(rf"^\s*{row}\s+(.*)$", check(*of), re.MULTILINE)[1]


def name():
    """The heading of the card's section."""
    return ", ".join(told("card").split(", ")[:2])


def notes(options):
    """What serves warm jobs does not compare with the CPU: every network is compared before, in both precisions."""
    yield told("card")
    for network in networks(options):
        export(network)
        for precision in PRECISIONS:
            yield f"{network} {told('on it', MODELS / f'{network}.onnx', precision).partition(';')[0]}"
    yield "photos come from the host's memory, and scores and maps go back to it; whole processes of ours compare with the CPU, too, once in each, "\
          "and in tf32 the first photo with float32; warm ones compare nothing: the numbers before are of each network by itself"
    if options.trial:
        yield "a trial: PyTorch computes on the processor"


def networks(options):
    """{network: (images of a large pass, channels of Score-CAM)}"""
    return {TRIAL: (4, 8)} if options.trial else {network: (64, count) for network, count in CHANNELS.items()}


def race(report, options, job, times, per=1):
    """A row for each precision of {(name, precision): a time a round}."""
    for precision in PRECISIONS:
        own = {each: times[each, precision] for each in ("ours", "pytorch")}
        report.race(f"{'A trial, ' if options.trial else ''}{precision}", job, own, None, per)


def contestants(network, options):
    """Warm, by (name, precision)."""
    export(network)
    warm = {}
    for precision in PRECISIONS:
        warm["ours", precision] = ours(network, options.threads, extra=["--device", "cuda", "--precision", precision])
        warm["pytorch", precision] = peer("pytorch", network, options.threads, "cpu" if options.trial else "cuda", precision)
    return warm


def warm(jobs, report, options):
    """Jobs of warm processes: `jobs` gives (what is told, what is asked for, by how much it is divided) of a network's counts."""
    for network, counts in networks(options).items():
        processes = contestants(network, options)
        for what, job, per in jobs(*counts):
            times = interleaved({each: lambda one=one: one.turn(job) for each, one in processes.items()}, options.rounds, seconds=90)
            race(report, options, f"{network}, {what}", times, per)
        for one in processes.values():
            one.__exit__()


def forward(report, options):
    warm(lambda images, _: [(f"forward, batch {count}, an image", f"forward {count}", count) for count in (1, images)], report, options)


def gradcam(report, options):
    warm(lambda *_: [("gradcam, warm", "gradcam", 1)], report, options)


def scorecam(report, options):
    warm(lambda _, channels: [(f"scorecam of {channels} channels, warm", f"masks {channels}", 1)], report, options)


def confirm(command, count):
    """Ends where a run of this command is not the card's for every photo: the CPU takes over with a warning, and the run succeeds."""
    run = subprocess.run([*(word for word in map(str, command) if word != "--quiet"), "--json"], capture_output=True, text=True)
    reports = [json.loads(line) for line in run.stdout.splitlines()]
    own = sum(report.get("kernels") == "cuda" for report in reports)
    if run.returncode != 0 or own != count:
        sys.exit(f"{run.stderr.strip()}\nbench: the card computed {own} of {count} photos (exit code {run.returncode}), and the row would not be its: "
                 f"{' '.join(run.args)}")


def processes(photos, count, what, flags, mode, report, options):
    """Whole processes, milliseconds a photo."""
    network = TRIAL if options.trial else "resnet50"
    export(network)
    with tempfile.TemporaryDirectory() as folder:
        commands = {}
        for precision in PRECISIONS:
            commands["ours", precision] = [*program(MODELS / f"{network}.onnx", photos, folder, options), "--device", "cuda", "--precision", precision, *flags]
            confirm(commands["ours", precision], count)
            commands["pytorch", precision] = [sys.executable, HERE / "one_photo.py", MODELS / f"{network}.pth", photos, folder, options.threads, mode,
                                              "cpu" if options.trial else "cuda", precision]
        # The first turns, which are not counted, compile and keep the kernels.
        times = interleaved({each: lambda command=command: finished(command).seconds * 1e3 / count for each, command in commands.items()},
                            min(options.rounds, 7), seconds=180)
    race(report, options, f"{network}, {what}", times)
    return {each: statistics.median(values) for each, values in times.items()}


def photo(report, options):
    processes(PHOTO, 1, "one photo, whole process", ["--overwrite", "always"], "files", report, options)


def folder(report, options):
    """Photos a second over a folder: of each the class, Grad-CAM and its picture."""
    count, width, height = (4, 320, 240) if options.trial else (100 if options.quick else 500, 1600, 1200)
    with tempfile.TemporaryDirectory() as name:
        photos = pathlib.Path(name) / "photos"
        large_photos(photos, count, width, height)
        flags = ["--method", "gradcam", "--outputs", "cam", "--overwrite", "always"]
        medians = processes(photos, count, f"a folder of {count} photos of {width} x {height}, whole process, a photo", flags, "folder", report, options)
    report.note("photos a second over the folder: " + ", ".join(f"{each} in {precision} {1e3 / median:.1f}" for (each, precision), median in medians.items()))


JOBS = {"forward": forward, "gradcam": gradcam, "scorecam": scorecam, "photo": photo, "folder": folder}
