"""The tables of goals and times."""
import datetime
import importlib.metadata
import os
import platform
import statistics
import subprocess
import textwrap

from contestants import DISTURBED, PEERS, REPOSITORY, quotients

METHOD = """Every contestant is a process of its own that stays warm and computes only when asked, one at a time: ours,
PyTorch, ONNX Runtime, OpenVINO, ours, ... A turn begins after a pause, in which the previous one's threads go to sleep
and other programs may finish, and is two passes, of which the faster counts (of passes over a second, one). Times are
medians of the turns; ratios are medians of the ratios of one round."""


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
        lines = [f"# Speed, {datetime.date.today()}", "", *map(item, surroundings(self.options)), ""]
        lines += [METHOD, "", "`make bench` repeats it and writes this file."]
        for section, rows in self.sections.items():
            lines += ["", f"## {section}", "", *("| " + " | ".join(row) + " |" for row in rows)]
            lines.insert(len(lines) - len(rows) + 1, "|" + "---|" * len(rows[0]))
        return "\n".join(lines) + "\n"


def item(text):
    return textwrap.fill("- " + text, 118, subsequent_indent="  ", break_on_hyphens=False)


def verdict(met):
    return "met" if met else "**missed**"


def surroundings(options):
    output = subprocess.run(["lscpu"], capture_output=True, text=True).stdout
    facts = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in output.splitlines())}
    vectors = "AVX-512" if "avx512f" in facts.get("Flags", "") else "AVX2" if "avx2" in facts.get("Flags", "") else "no AVX2"
    commit = subprocess.run(["git", "-C", REPOSITORY, "describe", "--always", "--dirty"], capture_output=True, text=True).stdout.strip()
    versions = [f"{name} {importlib.metadata.version(name)}" for name in ("torch", "onnxruntime", "openvino", "grad-cam", "captum")]
    yield f"Machine: {facts.get('Model name', platform.processor())}, {os.cpu_count()} cores, {vectors}; {options.threads} threads for everyone; "\
          f"{len(DISTURBED)} turns taken while others computed"
    yield f"Versions: gradcam {commit}, {', '.join(versions)}, Python {platform.python_version()}, {platform.system()} {platform.release()}"
    yield "Float32, 224 x 224, random weights and photos; OpenVINO with fixed shapes, in float32, for latency"
