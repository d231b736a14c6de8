"""How fast the cores are just now: others' programs on the same machine slow them down for seconds at a time."""
import concurrent.futures
import ctypes
import functools
import os
import pathlib
import statistics
import subprocess

SOURCE = pathlib.Path(__file__).with_name("probe.c")
LIBRARY = SOURCE.parents[2] / ".build" / "bench-probe.so"
TOLERANCE = 0.06   # of a speed; 2 ms of an undisturbed core repeat themselves to 0.02


class Probe:
    """Called, tells the speeds of now, in GFLOP/s of a core: (in registers, the mean and the slowest core; the same of a small product)."""

    def __init__(self):
        self.taken = []

    @functools.cached_property
    def function(self):
        """Runs without Python's lock: all cores at the same time."""
        LIBRARY.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["clang", "-O3", "-march=native", "-shared", "-fPIC", SOURCE, "-o", LIBRARY], check=True)
        return ctypes.CDLL(str(LIBRARY)).probe

    @functools.cached_property
    def cores(self):
        """A thread for each, which stays on it."""
        return [concurrent.futures.ThreadPoolExecutor(1, initializer=os.sched_setaffinity, initargs=(0, {core}))
                for core in sorted(os.sched_getaffinity(0))]

    def __call__(self):
        self.function   # before threads ask for it
        asked = [core.submit(self.speeds) for core in self.cores]
        loops = zip(*(answer.result() for answer in asked))
        self.taken.append(tuple(value for speeds in loops for value in (statistics.mean(speeds), min(speeds))))
        return self.taken[-1]

    def speeds(self):
        gigaflops = (ctypes.c_double * 2)()
        self.function(gigaflops)
        return tuple(gigaflops)


def are_equal(probes):
    """Whether the cores were in one mode at all of them."""
    return all(max(speeds) <= (1 + TOLERANCE) * min(speeds) for speeds in zip(*probes))
