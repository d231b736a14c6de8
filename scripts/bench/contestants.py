"""The processes that take turns."""
import os
import pathlib
import subprocess
import sys
import threading
import time
import typing

HERE = pathlib.Path(__file__).parent
REPOSITORY = HERE.parents[1]
BUILD = REPOSITORY / ".build" / "release"
MODELS = REPOSITORY / ".build" / "bench-models"
PHOTO = REPOSITORY / "Photos" / "dog-and-cat.jpg"
PEERS = ["pytorch", "onnxruntime", "openvino", "openvino-default"]
LAYERS = {"resnet50": "layer4[-1]", "vgg16": "features[-1]", "squeezenet1_1": "features[-1]"}


class Contestant:
    """A warm process that answers a job with milliseconds."""

    def __init__(self, command, **environment):
        # In a group of its own Ctrl-C does not reach it: it ends with its input.
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=os.environ | environment, process_group=0)

    def answer(self, job):
        self.process.stdin.write(job + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"{' '.join(self.process.args)} stopped at '{job}', exit code {self.process.wait()}")
        return answer.strip()

    def ask(self, job):
        return float(self.answer(job))

    def turn(self, job):
        """The faster of two passes; of passes over a second, one."""
        first = self.ask(job)
        return first if first > 1000 else min(first, self.ask(job))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


def export(network):
    """Makes the network's file, with random weights, where there is none."""
    MODELS.mkdir(parents=True, exist_ok=True)
    if not (MODELS / f"{network}.onnx").exists():
        subprocess.run([sys.executable, HERE.parent / "export_torchvision.py", network, "--random-weights", "-o", MODELS / f"{network}.onnx"], check=True)


def ours(network, threads, images=1000, extra=(), **environment):
    layer = ["--layer", LAYERS[network]] if network in LAYERS else []
    return Contestant([BUILD / "gradcam-bench", "serve", MODELS / f"{network}.onnx", "--threads", threads, "--images", images, *layer, *extra], **environment)


def peer(name, network, threads, device="cpu", precision="float32"):
    return Contestant([sys.executable, HERE / "peers.py", name, network, MODELS / f"{network}.onnx", threads, device, precision])


def program(model, photos, folder, options):
    """The command that explains photos in a process of its own."""
    layer = ["--target-layer", LAYERS[model.stem]] if model.stem in LAYERS else []
    return [BUILD / "gradcam", photos, "--model", model, *layer, "--output-dir", folder, "--threads", options.threads, "--quiet"]


class Finished(typing.NamedTuple):
    seconds: float
    memory: float   # the greatest resident MB
    apart: float    # the same without the pages of the file that is told apart, as far as seen
    output: str


def finished(command, apart=None, interval=0.5):
    """A process from begin to end. With `apart`, a file that it maps, its memory is looked at every `interval` seconds, which takes time.

    Linux counts what the process that starts it ever had as its own, so that this one must stay small.
    """
    begin = time.perf_counter()
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True) as process:
        seen, is_over = [0], threading.Event()

        def watch():
            while not is_over.wait(interval):
                seen.append(resident_without(apart, process.pid))
        watcher = threading.Thread(target=watch)
        if apart:
            watcher.start()
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds, process.returncode = time.perf_counter() - begin, os.waitstatus_to_exitcode(status)
        is_over.set()
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(process.args)}: exit code {process.returncode}")
    return Finished(seconds, usage.ru_maxrss / 1024, max(seen), output)


def resident_without(file, pid):
    """Resident MB of a process without the pages of a file; 0 where it has just ended."""
    kilobytes, counts, path = 0, True, str(file.resolve())
    try:
        for line in pathlib.Path(f"/proc/{pid}/smaps").read_text().splitlines():
            name, *rest = line.split()
            if not name.endswith(":"):
                counts = rest[-1] != path
            elif name == "Rss:" and counts:
                kilobytes += int(rest[0])
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return kilobytes / 1024
