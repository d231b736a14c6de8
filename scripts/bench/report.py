"""The tables of goals and times: a processor's section of a Markdown file."""
import datetime
import importlib.metadata
import os
import platform
import re
import statistics
import subprocess
import textwrap

import turns
from contestants import REPOSITORY
from goals import HAS_AMX

TITLES = {"ours": "gradcam", "openblas": "by OpenBLAS alone", "pytorch": "PyTorch", "onnxruntime": "ONNX Runtime", "openvino": "OpenVINO",
          "openvino-default": "OpenVINO's default"}
COMPARED = ["pytorch", "onnxruntime", "openvino"]   # peers at the precision of ours


class Report:
    """The tables, printed row by row as they come."""

    def __init__(self, options):
        self.options, self.sections, self.notes = options, {}, {}

    def note(self, text):
        self.notes[text] = None

    def add(self, section, header, *cells):
        rows = self.sections.setdefault(section, [header])
        rows.append(cells)
        print(f"{section}: " + " | ".join(cells), flush=True)

    def race(self, section, job, times, goal, per=1):
        """A row of `interleaved` times, ours against the fastest peer."""
        medians = {name: statistics.median(values) / per for name, values in times.items()}
        fastest = min((name for name in COMPARED if name in medians), key=medians.get)
        low, ratio, high = turns.quotients(times, fastest, "ours")
        self.add(section, ("job (ms)", *(TITLES[name] for name in times), "ratio (quartiles)", "goal", ""),
                 job, *(f"{medians[name]:.1f}" for name in times), f"{ratio:.2f} ({low:.2f}-{high:.2f})", f">= {goal}", verdict(ratio >= goal))

    def figure(self, job, measured, goal, met):
        self.add("Other goals", ("job", "measured", "goal", ""), job, measured, goal, verdict(met))

    def markdown(self):
        """The section of this processor."""
        lines = [f"## {processor()}", "", *map(item, self.surroundings())]
        for section, (header, *rows) in self.sections.items():
            lines += ["", f"### {section}", "", *(f"| {' | '.join(row)} |" for row in (header, ["---"] * len(header), *rows))]
        return "\n".join(lines) + "\n"

    def write(self, path):
        """Puts the section into a file, in the place of this processor's older one or at the end."""
        parts = re.split(r"(?m)^(?=## )", path.read_text() if path.exists() else "# Speed\n\n")
        own = [index for index, part in enumerate(parts) if part.splitlines()[:1] == [f"## {processor()}"]]
        if not own:
            parts[-1] = parts[-1].rstrip("\n") + "\n\n"
            own = [len(parts)]
        parts[own[0]:own[0] + 1] = [self.markdown() + ("\n" if own[0] < len(parts) - 1 else "")]
        path.write_text("".join(parts))

    def surroundings(self):
        commit = subprocess.run(["git", "-C", REPOSITORY, "describe", "--always", "--dirty"], capture_output=True, text=True).stdout.strip()
        versions = [f"{name} {importlib.metadata.version(name)}" for name in ("torch", "onnxruntime", "openvino", "grad-cam", "captum", "quantus")]
        yield f"{datetime.date.today()}; {self.options.threads} threads for everyone; gradcam {commit}, {', '.join(versions)}, "\
              f"Python {platform.python_version()}, {platform.system()} {platform.release()}"
        yield from self.notes
        tally = turns.TALLY
        yield f"{tally['turns']} turns: {tally['again']} taken again, as the cores' speed had changed; {tally['disturbed']} while others computed"
        yield f"{tally['rounds']} rounds, of which {tally['unequal']} are compared though the cores' speed did not stay; {tally['left out']} others left out"
        columns = list(zip(*turns.probe.taken))
        registers, product = (", ".join(f"{value:.0f}" for value in turns.quartiles(columns[index])) for index in (0, 2))
        yield f"A core's speed (quartiles of the probes, GFLOP/s): {registers} in registers, {product} in a small product"


def item(text):
    return textwrap.fill("- " + text, 118, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False)


def verdict(met):
    return "met" if met else "**missed**"


def processor():
    """The heading of its section."""
    output = subprocess.run(["lscpu"], capture_output=True, text=True).stdout
    facts = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in output.splitlines())}
    flags = facts.get("Flags", "").split()
    vectors = "AMX" if HAS_AMX else "AVX-512" if "avx512f" in flags else "AVX2" if "avx2" in flags else "no AVX2"
    family = f" (family {facts['CPU family']}, model {facts['Model']})" if "CPU family" in facts else ""
    return f"{facts.get('Model name', platform.machine())}{family}, {os.cpu_count()} cores, {vectors}"
