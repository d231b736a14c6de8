"""Times the built program beside PyTorch, ONNX Runtime, OpenVINO and pytorch-grad-cam, and says which goals are met.

usage: bench.py [--quick] [--threads N] [--rounds N] [--only WORD ...] [--output FILE]

Every contestant is a process of its own that stays warm and computes only when asked, one at a time: ours, PyTorch, ONNX Runtime,
OpenVINO, ours, ... A turn begins after a pause, in which the previous one's threads go to sleep, and is two passes, of which the
faster counts (of passes over a second, one). Times are medians of the turns; ratios are medians of the ratios of one round.
"""
import argparse
import datetime
import importlib.metadata
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
REPOSITORY = HERE.parents[1]
BUILD = REPOSITORY / ".build" / "release"
MODELS = REPOSITORY / ".build" / "bench-models"
PHOTO = REPOSITORY / "Photos" / "dog-and-cat.jpg"
PEERS = ["pytorch", "onnxruntime", "openvino"]
FORWARD = {"resnet50": 1.05, "vgg16": 1.6, "densenet121": 1.0, "mobilenet_v2": 0.8}   # the ratios aimed at
LAYERS = {"resnet50": "layer4[-1]", "vgg16": "features[-1]"}
CHANNELS = {"resnet50": 2048, "vgg16": 512}
GRADCAM, GUIDED, SCORECAM = {"resnet50": 6, "vgg16": 5}, 4, 3
PAUSE = 0.05   # seconds
SCORECAM_MASKS = 64


class Contestant:
    """A warm process that answers a job with milliseconds."""

    def __init__(self, command):
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, job):
        self.process.stdin.write(job + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"{' '.join(self.process.args)} stopped at '{job}', exit code {self.process.wait()}")
        return float(answer)

    def turn(self, job):
        time.sleep(PAUSE)
        first = self.ask(job)
        return first if first > 1000 else min(first, self.ask(job))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


def ours(network, threads, images=1000):
    layer = ["--layer", LAYERS[network]] if network in LAYERS else []
    return Contestant([BUILD / "gradcam-bench", "serve", MODELS / f"{network}.onnx", "--threads", threads, "--images", images, *layer])


def peer(name, network, threads):
    return Contestant([sys.executable, HERE / "peers.py", name, network, MODELS / f"{network}.onnx", threads])


def interleaved(turns, rounds, seconds=40):
    """{name: a time a round} of {name: function that takes a turn}; fewer rounds where they would take longer than `seconds`."""
    for turn in turns.values():
        turn()
    times, begin = {name: [] for name in turns}, time.monotonic()
    while len(times[next(iter(turns))]) < rounds and (time.monotonic() - begin < seconds or len(times[next(iter(turns))]) < 3):
        for name, turn in turns.items():
            times[name].append(turn())
    return times


def quotients(times, name, base):
    """Quartiles of one contestant's time divided by another's."""
    ratios = [a / b for a, b in zip(times[name], times[base])]
    return statistics.quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else ratios * 3


def finished(command):
    """(seconds, greatest resident MB) of a process from begin to end."""
    begin = time.perf_counter()
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(process.args)}: exit code {process.returncode}")
    return time.perf_counter() - begin, usage.ru_maxrss / 1024


class Report:
    """The tables, printed row by row as they come."""

    def __init__(self, options):
        self.options, self.sections = options, {}

    def add(self, section, header, *cells):
        rows = self.sections.setdefault(section, [header])
        rows.append(cells)
        print(f"{section}: " + " | ".join(cells), flush=True)

    def race(self, section, job, times, goal, per=1):
        """A row of `interleaved` times, ours against the fastest peer."""
        medians = {name: statistics.median(values) / per for name, values in times.items()}
        fastest = min((name for name in medians if name != "ours"), key=medians.get)
        low, ratio, high = quotients(times, fastest, "ours")
        others = [f"{medians[name]:.1f}" if name in medians else "" for name in PEERS]
        self.add(section, ("job (ms)", "gradcam", "PyTorch", "ONNX Runtime", "OpenVINO", "ratio (quartiles)", "goal", ""),
                 job, f"{medians['ours']:.1f}", *others, f"{ratio:.2f} ({low:.2f}-{high:.2f})", f">= {goal}", verdict(ratio >= goal))

    def figure(self, job, measured, goal, met):
        self.add("Other goals", ("job", "measured", "goal", ""), job, measured, goal, verdict(met))

    def markdown(self):
        lines = [f"# Speed, {datetime.date.today()}", "", *(f"- {line}" for line in surroundings(self.options)), ""]
        lines += [" ".join(__doc__.strip().split("\n\n")[2].split()), "", "`make bench` repeats it and writes this file."]
        for section, rows in self.sections.items():
            lines += ["", f"## {section}", "", *("| " + " | ".join(row) + " |" for row in rows)]
            lines.insert(len(lines) - len(rows) + 1, "|" + "---|" * len(rows[0]))
        return "\n".join(lines) + "\n"


def verdict(met):
    return "met" if met else "**missed**"


def surroundings(options):
    output = subprocess.run(["lscpu"], capture_output=True, text=True).stdout
    facts = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in output.splitlines())}
    vectors = "AVX-512" if "avx512f" in facts.get("Flags", "") else "AVX2" if "avx2" in facts.get("Flags", "") else "no AVX2"
    commit = subprocess.run(["git", "-C", REPOSITORY, "describe", "--always", "--dirty"], capture_output=True, text=True).stdout.strip()
    versions = [f"{name} {importlib.metadata.version(name)}" for name in ("torch", "onnxruntime", "openvino", "grad-cam")]
    yield f"Machine: {facts.get('Model name', platform.processor())}, {os.cpu_count()} cores, {vectors}; {options.threads} threads for everyone; "\
          f"load average {os.getloadavg()[0]:.1f} at the end"
    yield f"Versions: gradcam {commit}, {', '.join(versions)}, Python {platform.python_version()}, {platform.system()} {platform.release()}"
    yield "Float32, 224 x 224, random weights and photos; OpenVINO with fixed shapes, in float32, for latency"


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
    if not options.quick:
        with tempfile.TemporaryDirectory() as folder:
            seconds, memory = finished(program(network, PHOTO, folder, options) + ["--method", "scorecam", "--outputs", "cam"])
        peer_seconds = statistics.median(times["pytorch"]) / 1e3 * CHANNELS[network] / SCORECAM_MASKS
        report.figure(f"{network}, Score-CAM of all {CHANNELS[network]} channels, whole process",
                      f"{seconds:.1f} s; pytorch-grad-cam {peer_seconds:.0f} s (scaled up from {SCORECAM_MASKS} channels): "
                      f"{peer_seconds / seconds:.2f} times; peak {memory:.0f} MB", f">= {SCORECAM} times, <= 600 MB",
                      peer_seconds / seconds >= SCORECAM and memory <= 600)


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


def whole_process(report, options):
    with tempfile.TemporaryDirectory() as folder:
        commands = {"ours": program("resnet50", PHOTO, folder, options),
                    "python": [sys.executable, HERE / "one_photo.py", MODELS / "resnet50.pth", PHOTO, folder, options.threads]}
        memory = {}

        def turn(name):
            time.sleep(PAUSE)
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
    parser.add_argument("--only", nargs="*", default=[], help=f"of {', '.join(FORWARD)}, threads, whole, cold, resident")
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
        for one in contestants.values():
            one.__exit__()
    export("resnet50")
    for name, measure in {"threads": threads, "whole": whole_process, "cold": cold_start, "resident": resident}.items():
        if wanted(name):
            measure(report, options)
    print("\n" + report.markdown())
    if options.output:
        options.output.write_text(report.markdown())


if __name__ == "__main__":
    main()
