"""A night in minutes: one process over many photos of mixed kinds and sizes, a tenth of them damaged.

    .venv/bin/python scripts/corpora/overnight.py --gradcam .build/release/gradcam --count 20000

Checks that resident memory and descriptors stay flat, that every failure is named once, that the exit code is 1, and that a
sample of photos gives the same files, bit by bit, one at a time. Needs Pillow and NumPy (scripts/oracle/setup.sh).
"""
import argparse
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

import photos

# What memory may differ by, over the run after its first part.
FLAT, WARM_UP = 0.02, 0.25
# Of fewer photos memory has not settled.
SETTLING = 2000


def watched(command, errors):
    """Runs a command to its end; its exit code, and (resident bytes, descriptors) five times a second."""
    samples = []
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors) as process:
        while process.poll() is None:
            try:
                status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
                resident = next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS"))
                samples.append((resident, len(os.listdir(f"/proc/{process.pid}/fd"))))
            except (FileNotFoundError, StopIteration, ProcessLookupError, PermissionError):
                pass  # it has just ended
            time.sleep(0.2)
        return process.returncode, samples


def floors(values, parts=8):
    """What each of so many parts of the run, one after another, holds besides the photos in work: its lowest tenth."""
    bounds = [len(values) * part // parts for part in range(parts + 1)]
    return [sorted(values[start:end])[(end - start) // 10] for start, end in zip(bounds, bounds[1:]) if start < end]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gradcam", default=photos.ROOT / ".build/release/gradcam")
    parser.add_argument("--model", default=photos.ROOT / "Models/catdog.onnx")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--sample", type=int, default=200, help="photos that are run one at a time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", help="where to work (default: a temporary folder)")
    arguments = parser.parse_args()
    faults = []
    with tempfile.TemporaryDirectory(dir=arguments.folder) as work:
        source, together, alone = (pathlib.Path(work) / name for name in ("photos", "together", "alone"))
        broken = photos.Camera(arguments.seed).shoot(source, arguments.count)
        common = [str(arguments.gradcam), "--model", str(arguments.model), "--quiet", "--outputs", "cam"]
        start, log = time.monotonic(), pathlib.Path(work) / "errors"
        with log.open("wb") as errors:
            code, samples = watched([*common, "--output-dir", str(together), str(source)], errors)
        seconds = time.monotonic() - start
        if code != 1:
            faults.append(f"exit code {code}, not 1")

        named = [line.split(": ")[1] for line in log.read_text().splitlines()
                 if line.startswith("gradcam: ") and not line.startswith("gradcam: warning")]
        if sorted(named) != sorted(broken):
            faults.append(f"{len(named)} failures named of {len(broken)}, e.g. {sorted(set(named) ^ broken)[:3]}")
        if any(together.rglob(".*")):
            faults.append("half files are left")

        settled = samples[int(len(samples) * WARM_UP) :]
        resident, descriptors = floors([memory for memory, _ in settled]), [count for _, count in settled]
        middle = statistics.median(resident)
        drift = max(abs(value - middle) for value in resident) / middle
        if arguments.count >= SETTLING and drift > FLAT:
            faults.append(f"resident memory drifts by {drift:.1%}: {[round(value / 1e6) for value in resident]} MB")
        if max(descriptors) - min(descriptors) > 8:  # each thread has a file open at times
            faults.append(f"descriptors: {min(descriptors)} to {max(descriptors)}")

        whole = sorted(set(map(str, source.rglob("*.*"))) - broken)
        for path in random.Random(arguments.seed).sample(whole, min(arguments.sample, len(whole))):
            code = subprocess.run([*common, "--output-dir", str(alone), path], capture_output=True).returncode
            name = pathlib.Path(path).relative_to(source)
            twin = together / name.parent / f"{name.stem}_gradcam_cam.jpg"
            if code or not twin.exists() or twin.read_bytes() != (alone / "gradcam_cam.jpg").read_bytes():
                faults.append(f"{path} alone: exit code {code}, other bytes than together")

    print(f"{arguments.count} photos in {seconds:.0f} s ({arguments.count / seconds:.1f}/s), {len(broken)} of them damaged and named; "
          f"resident memory {middle / 1e6:.0f} MB, within {drift:.1%}, largest {max(m for m, _ in samples) / 1e6:.0f} MB; "
          f"descriptors {min(descriptors)} to {max(descriptors)}")
    for fault in faults:
        print("FAULT:", fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
