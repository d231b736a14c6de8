"""Runs the program on one hostile input after another and counts how it ends."""
import collections
import dataclasses
import os
import pathlib
import re
import resource
import subprocess
import time

# Longer is a hang.
PATIENCE = 20


@dataclasses.dataclass
class Ending:
    """How one run ended: its exit code (minus the signal's number; None: it hung), what it said, its largest memory in bytes."""

    code: int | None
    errors: str
    memory: int


def run(command, address_space=None):
    """address_space: what the program may map, in bytes."""

    def limit():
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if address_space:
            resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))

    environment = os.environ | {"SWIFT_BACKTRACE": "enable=no"}
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=limit, env=environment
    ) as process:
        end = time.monotonic() + PATIENCE
        os.set_blocking(process.stderr.fileno(), False)
        said, hung = b"", False
        while True:
            said += process.stderr.read() or b""
            number, status, usage = os.wait4(process.pid, os.WNOHANG)
            if number:
                break
            if time.monotonic() > end and not hung:
                process.kill()
                hung = True
            time.sleep(0.002)
        process.returncode = os.waitstatus_to_exitcode(status)
        said += process.stderr.read() or b""
    return Ending(None if hung else process.returncode, said.decode(errors="replace"), usage.ru_maxrss * 1024)


class Tally:
    """Counts endings, and keeps the inputs of those that must not be."""

    def __init__(self, keep):
        self.keep = pathlib.Path(keep)
        self.counts = collections.Counter()
        self.memory = 0

    def add(self, name, content, ending, results=None):
        """name, content: of the input; results: the folder that the program wrote to, in which no half file may be."""
        self.memory = max(self.memory, ending.memory)
        kind = self.kind(ending)
        if results and list(pathlib.Path(results).rglob("*.partial")):
            kind = "half files"
        self.counts[kind] += 1
        if kind not in ("explained", "refused"):
            self.keep.mkdir(parents=True, exist_ok=True)
            (self.keep / f"{kind.replace(' ', '-')}-{name}").write_bytes(content)
            print(f"{kind}: {name}: {ending.code} {ending.errors[-300:]!r}", flush=True)

    @staticmethod
    def kind(ending):
        if ending.code is None:
            return "hang"
        if ending.code < 0:
            return f"signal {-ending.code}"
        if ending.code == 0:
            return "explained"
        lines = [line for line in ending.errors.splitlines() if line.startswith("gradcam: ") and "warning" not in line]
        if ending.code not in (1, 2, 3) or not lines:
            return "unexplained"
        sentences = [re.sub(r"^gradcam: (\S*?: )?", "", line) for line in lines]  # the file's path does not count
        return "long line" if max(map(len, sentences)) > 300 else "refused"

    def report(self):
        total = sum(self.counts.values())
        counts = ", ".join(f"{count} {kind}" for kind, count in self.counts.most_common())
        print(f"{total} runs: {counts}; largest memory {self.memory / 1e6:.0f} MB")
        return 0 if set(self.counts) <= {"explained", "refused"} else 1
