"""Jobs of whole processes, from nothing to files."""
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import goals
import pipeline
from contestants import BUILD, HERE, MODELS, PHOTO, REPOSITORY, Contestant, export, finished, ours, peer, program
from turns import LEAST, interleaved, pause, quartiles, quotients
from warm import CHANNELS, SCORECAM_MASKS

WIDTH, HEIGHT = 4000, 3000   # of a phone's photo
BUNDLED = REPOSITORY / "Models" / "catdog.onnx"


def many_passes(report, options):
    """Ablation-CAM and Score-CAM of all channels, each once."""
    for network, channels in CHANNELS.items():
        export(network)
        all_channels(report, network, channels, options)


def all_channels(report, network, channels, options):
    model = MODELS / f"{network}.onnx"
    with peer("pytorch", network, options.threads) as python:
        [masks] = interleaved({"pytorch": lambda: python.turn(f"masks {SCORECAM_MASKS}")}, LEAST, seconds=60).values()
    with tempfile.TemporaryDirectory() as folder:
        runs = {}
        for method, interval in (("ablationcam", 0.05), ("scorecam", 0.5)):
            pause()
            command = program(model, PHOTO, folder, options) + ["--method", method, "--outputs", "cam"]
            runs[method] = finished(command, apart=model, interval=interval)
    ablation, scorecam = runs["ablationcam"], runs["scorecam"]
    report.figure(f"{network}, Ablation-CAM of all {channels} channels, whole process", f"{ablation.seconds:.2f} s; {memory(ablation)}",
                  f"<= {goals.ABLATIONCAM_MEMORY} MB", ablation.apart <= goals.ABLATIONCAM_MEMORY)
    python, most = statistics.median(masks) / SCORECAM_MASKS / 1e3 * channels, goals.SCORECAM_MEMORY[network]
    report.figure(f"{network}, Score-CAM of all {channels} channels, whole process",
                  f"{scorecam.seconds:.1f} s; pytorch-grad-cam {python:.0f} s (scaled up from {SCORECAM_MASKS}): {python / scorecam.seconds:.2f} times; {memory(scorecam)}",
                  f">= {goals.WHOLE_SCORECAM} times, <= {most} MB",
                  python / scorecam.seconds >= goals.WHOLE_SCORECAM and scorecam.apart <= most)


def precision(options):
    """The one that the program takes by itself."""
    with tempfile.TemporaryDirectory() as folder:
        return json.loads(finished(program(BUNDLED, PHOTO, folder, options) + ["--json"]).output).get("precision", "float32")


def memory(run):
    return f"peak {run.apart:.0f} MB and the mapped network, {run.memory:.0f} MB in all"


def one_photo(report, options):
    model = MODELS / "resnet50.onnx"
    with tempfile.TemporaryDirectory() as folder:
        commands = {"ours": program(model, PHOTO, folder, options), "python": grad_cam(PHOTO, folder, options)}
        runs = interleaved({name: lambda name=name: finished(commands[name]) for name in commands}, min(options.rounds, 7), seconds=90)
        apart = finished(commands["ours"], apart=model, interval=0.002).apart
        imports = statistics.median(finished(grad_cam(PHOTO, folder, options, "imports")).seconds for _ in range(LEAST))
    times = {name: [run.seconds for run in each] for name, each in runs.items()}
    peaks = {name: max(run.memory for run in each) for name, each in runs.items()}
    low, ratio, high = quotients(times, "python", "ours")
    report.figure("resnet50, one photo, whole process", f"{statistics.median(times['ours']) * 1e3:.0f} ms, {peaks['ours']:.0f} MB "
                  f"(some {apart:.0f} MB without the mapped network); pytorch-grad-cam {statistics.median(times['python']):.1f} s (imports {imports:.1f} s), "
                  f"{peaks['python']:.0f} MB: {ratio:.1f} times ({low:.1f}-{high:.1f})", f">= {goals.PHOTO} times, <= {goals.PHOTO_MEMORY} MB",
                  goals.all_of(goals.at_least(goals.PHOTO, low, high), peaks["ours"] <= goals.PHOTO_MEMORY), runs)


def grad_cam(photo, folder, options, *extra):
    return [sys.executable, HERE / "one_photo.py", MODELS / "resnet50.pth", photo, folder, options.threads, *extra]


def large_photos(folder, count, width=WIDTH, height=HEIGHT):
    """Made in another process: `finished` says why."""
    subprocess.run(list(map(str, [sys.executable, HERE / "photos.py", folder, count, width, height])), check=True)
    return sorted(folder.iterdir())


def pictures(report, options):
    """Three pictures of 12 megapixels from finished maps: what the program tells of a process's only photo, and a warm Python's."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        [photo] = large_photos(folder / "photos", 1)
        command = program(BUNDLED, photo, folder, options) + ["--json"]
        peaks = []

        def ours():
            run = finished(command)
            peaks.append(run.memory)
            return json.loads(run.output)["timings"]["write"]
        with Contestant(grad_cam(photo, folder, options, "pictures")) as python:
            times = interleaved({"ours": ours, "python": lambda: python.ask("pictures")}, options.rounds)
    low, ratio, high = quotients(times, "python", "ours")
    milliseconds, most = statistics.median(times["ours"]), WIDTH * HEIGHT * 3 / 2**20 + goals.PICTURES_MEMORY
    report.figure("a photo of 12 megapixels, three pictures from finished maps",
                  f"{milliseconds:.0f} ms; pytorch-grad-cam with OpenCV {statistics.median(times['python']):.0f} ms: {ratio:.1f} times "
                  f"({low:.1f}-{high:.1f}); peak of the process {max(peaks):.0f} MB",
                  f"<= {1e3 * goals.PICTURES_SECONDS:.0f} ms, >= {goals.PICTURES} times, <= {most:.0f} MB (decoded photo + {goals.PICTURES_MEMORY})",
                  goals.all_of(goals.at_most(1e3 * goals.PICTURES_SECONDS, *quartiles(times["ours"])[::2]),
                               goals.at_least(goals.PICTURES, low, high), max(peaks) <= most), times)


def folder(report, options):
    """Many large photos, against the stages that a run in one thread tells of some of them, before and after."""
    count, alone = (20, 4) if options.quick else (200, 10)
    with tempfile.TemporaryDirectory() as name:
        many, few = pathlib.Path(name) / "many", pathlib.Path(name) / "few"
        few.mkdir()
        for photo in large_photos(many, count)[:alone]:
            (few / photo.name).hardlink_to(photo)

        def run(photos, threads):
            pause()
            return pipeline.run(BUILD / "gradcam", MODELS / "resnet50.onnx", photos, threads, ["--method", "gradcam"])
        before, (wall, _, reports), after = run(few, 1), run(many, options.threads), run(few, 1)
    stages = sum(sum(report["timings"].values()) for report in before[2] + after[2]) / 1e3 / (2 * alone)
    rate = len(reports) / wall
    share = rate * stages / options.threads
    report.figure("resnet50, gradcam, a folder of photos of 12 megapixels", f"{len(reports)} photos, {rate:.2f} a second; the stages of a photo "
                  f"{stages:.2f} s: {share:.2f} of cores / stages", f">= {goals.FOLDER}", share >= goals.FOLDER)


def cold_start(report, options):
    """From the process's begin to the first forward's begin, planning and packing of weights counted in."""
    def turn():
        begin = time.perf_counter()
        with ours("resnet50", options.threads, images=1) as one:
            one.ask("forward 1")
            first = (time.perf_counter() - begin) * 1e3
            return first - min(one.ask("forward 1") for _ in range(3))
    times = interleaved({"cold": turn}, options.rounds)
    low, middle, high = quartiles(times["cold"])
    report.figure("resnet50, cold start until the first forward, plan and weights ready", f"{middle:.0f} ms ({low:.0f}-{high:.0f})",
                  f"<= {goals.COLD_START} ms", goals.at_most(goals.COLD_START, low, high), times)


def resident(report, options):
    """Resident memory over many photos in one process."""
    count = 100 if options.quick else 1000
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "photos").mkdir()
        for index in range(count):
            shutil.copy(PHOTO, folder / "photos" / f"{index:04}.jpg")
        command = program(BUNDLED, folder / "photos", folder / "out", options) + ["--json"]
        process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True)
        begin, megabytes = time.monotonic(), {}
        for done, _ in enumerate(process.stdout, 1):
            if done in (20, count // 2, count - 10):
                status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
                megabytes[done] = int(status.partition("VmRSS:")[2].split()[0]) / 1024
        process.wait()
        rate = count / (time.monotonic() - begin)
    values = list(megabytes.values())
    report.figure("bundled network, resident memory over many photos",
                  ", ".join(f"{value:.0f} MB after {done}" for done, value in megabytes.items()) + f" ({rate:.0f} a second)", "flat after 20", values[-1] <= 1.02 * values[0])
