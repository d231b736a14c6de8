"""Jobs on an NVIDIA GPU: ours and PyTorch's with cuDNN, both in float32 without TF32 and in TF32."""
import functools
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

from contestants import BUILD, HERE, MODELS, PHOTO, export, finished, ours, peer, program
from turns import interleaved
from whole import BUNDLED, large_photos

PRECISIONS = ["float32", "tf32"]
CHANNELS = {"resnet50": 2048, "vgg16": 512}
TRIAL = "squeezenet1_1"


@functools.cache
def check():
    """What `gradcam --check` tells of the card."""
    return subprocess.run([BUILD / "gradcam", "--check", "--model", BUNDLED, "--device", "cuda"], capture_output=True, text=True, check=True).stdout


def told(row):
    return re.search(rf"^\s*{row}\s+(.*)$", check(), re.MULTILINE)[1]


def name():
    """The heading of the card's section."""
    return ", ".join(told("card").split(", ")[:2])


def notes(options):
    yield from (told("card"), "compared: " + told("on it"))
    yield "photos come from the host's memory, and scores and maps go back to it; whole processes of ours compare with the CPU, too, once in each"
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


def processes(photos, count, what, flags, mode, report, options):
    """Whole processes, milliseconds a photo."""
    network = TRIAL if options.trial else "resnet50"
    export(network)
    with tempfile.TemporaryDirectory() as folder:
        commands = {}
        for precision in PRECISIONS:
            commands["ours", precision] = [*program(MODELS / f"{network}.onnx", photos, folder, options), "--device", "cuda", "--precision", precision, *flags]
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
