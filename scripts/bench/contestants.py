"""Processes that take turns, and their times."""
import os
import pathlib
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
REPOSITORY = HERE.parents[1]
BUILD = REPOSITORY / ".build" / "release"
MODELS = REPOSITORY / ".build" / "bench-models"
PEERS = ["pytorch", "onnxruntime", "openvino"]
LAYERS = {"resnet50": "layer4[-1]", "vgg16": "features[-1]"}
PAUSE = 0.1    # seconds
PATIENCE = 2   # seconds
DISTURBED = []  # the shares of the machine that others used when patience ended


def pause():
    """Lets the last turn's threads go to sleep, and waits, to the end of patience, while others use more than a tenth of the machine."""
    begin = time.monotonic()
    while True:
        before = processor_times()
        time.sleep(PAUSE)
        idle, total = (now - then for now, then in zip(processor_times(), before))
        if idle >= 0.9 * total:
            return
        if time.monotonic() - begin > PATIENCE:
            DISTURBED.append(1 - idle / total)
            return


def processor_times():
    """(idle, total) of all cores since the machine began."""
    times = [int(value) for value in pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return times[3] + times[4], sum(times)


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
        pause()
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
