"""The tables of goals and times: a processor's or a card's section of a Markdown file, in which every row names the run that it is of."""
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
from goals import HAS_AMX, at_least
from turns import LEAST

TITLES = {"ours": "gradcam", "openblas": "by OpenBLAS alone", "pytorch": "PyTorch", "onnxruntime": "ONNX Runtime", "openvino": "OpenVINO",
          "openvino-default": "OpenVINO's default"}
PACKAGES = ["torch", "onnxruntime", "openvino", "grad-cam", "captum", "quantus"]
COMPARED = ["pytorch", "onnxruntime", "openvino"]   # peers at the precision of ours

VERDICT = "verdict"
RUN = "run"   # the last column: a number of the list of runs


class Report:
    """The tables, printed row by row as they come."""

    def __init__(self, options, heading):
        self.options, self.heading, self.sections, self.notes = options, heading, {}, {}
        self.head = None   # of the rows that are being printed

    def note(self, text):
        self.notes[text] = None

    def add(self, section, header, *cells):
        self.sections.setdefault(section, (header, {}))[1][cells[0]] = cells
        if self.head != (section, header):
            self.head = (section, header)
            print(f"\n{section}: {' | '.join(header)}")
        print(" | ".join(cells), flush=True)

    def race(self, section, job, times, goal, per=1):
        """A row of `interleaved` times, ours against the fastest peer; `goal` is a ratio, or None."""
        medians = {name: statistics.median(values) / per for name, values in times.items()}
        fastest = min((name for name in COMPARED if name in medians), key=medians.get)
        low, ratio, high = turns.quotients(times, fastest, "ours")
        aim = {"goal": f">= {goal}", VERDICT: verdict(at_least(goal, low, high), times)} if goal else {}
        self.add(section, ("job (ms)", *(TITLES[name] for name in times), "ratio (quartiles)", *aim),
                 job, *(f"{medians[name]:.1f}" for name in times), f"{ratio:.2f} ({low:.2f}-{high:.2f})", *aim.values())

    def figure(self, job, measured, goal, met, rounds=None):
        """A row of its own; `met` as goals.py tells it, `rounds` None where it is measured once."""
        self.add("Other goals", ("job", "measured", "goal", VERDICT), job, measured, goal, verdict(met, rounds))

    def section(self, old=""):
        """The section of this heading; rows and runs of an older one that were not measured again stay."""
        runs, tables = parsed(old)
        this = len(runs) + 1
        runs.append("; ".join(self.surroundings()))
        for title, (header, rows) in self.sections.items():
            kept = tables[title][1] if title in tables and tables[title][0] == (*header, RUN) else {}
            tables[title] = ((*header, RUN), kept | {job: (*cells, str(this)) for job, cells in rows.items()})
        used = sorted({int(row[-1]) for _, rows in tables.values() for row in rows.values()})
        number = {run: str(new) for new, run in enumerate(used, 1)}
        lines = [f"## {self.heading}", ""]
        for run in used:
            lines += item(f"{number[run]}. ", runs[run - 1])
        for title, (header, rows) in tables.items():
            rows = [(*row[:-1], number[int(row[-1])]) for row in rows.values()]
            lines += ["", f"### {title}", "", *(f"| {' | '.join(row)} |" for row in (header, ["---"] * len(header), *rows))]
        return "\n".join(lines) + "\n"

    def write(self, path):
        """Puts the section into a file, in the place of its older one or before those of others."""
        before, older, after = split(path, self.heading)
        path.write_text(before + self.section(older) + ("\n" + after if after else ""))

    def surroundings(self):
        commit = subprocess.run(["git", "-C", REPOSITORY, "describe", "--always", "--dirty"], capture_output=True, text=True).stdout.strip()
        versions = [f"{name} {importlib.metadata.version(name)}" for name in PACKAGES]
        yield f"{datetime.date.today()}, gradcam {commit}, {', '.join(versions)}, Python {platform.python_version()}, "\
              f"{platform.system()} {platform.release()}; {self.options.threads} threads for everyone"
        yield from self.notes
        tally = turns.TALLY
        yield f"disturbance: {tally['again']} of {tally['turns']} turns were taken again, as the cores' speed had changed; {tally['disturbed']} began "\
              f"while others computed; of {tally['rounds'] + tally['left out']} rounds {tally['left out']} were left out, and {tally['unequal']} count "\
              "though the speed did not stay"
        if turns.probe.taken:
            columns = list(zip(*turns.probe.taken))
            registers, product = (turns.quartiles(columns[index]) for index in (0, 2))
            yield f"a core did {registers[1]:.0f} GFLOP/s in registers, {product[1]:.0f} in a small product (quartiles {registers[0]:.0f} to "\
                  f"{registers[2]:.0f}, {product[0]:.0f} to {product[2]:.0f})"


def split(path, heading):
    """What stands before the section of that heading of a file, the section, and what stands after it; ValueError as `parsed`."""
    parts = re.split(r"(?m)^(?=## )", path.read_text() if path.exists() else "# Speed\n\n")
    headings = [part.partition("\n")[0] for part in parts]
    if f"## {heading}" in headings:
        own = headings.index(f"## {heading}")
        after = own + 1
    else:   # before those of other processors
        own = after = next((index for index, other in enumerate(headings) if re.search(r", \d+ cores,", other)), len(parts))
    before, older, after = ("".join(some) for some in (parts[:own], parts[own:after], parts[after:]))
    parsed(older)
    return before.rstrip("\n") + "\n\n", older, after


def parsed(section):
    """The runs, and {title: (header, {job: cells})}, of a section as `Report.section` writes it.

    Raises ValueError where it is written otherwise, so that nothing is lost.
    """
    runs, tables, title = [], {}, None
    for line in section.splitlines():
        if line.startswith("### "):
            title = line[4:]
        elif title is None and re.match(r"\d+\. ", line):
            runs.append(line.partition(". ")[2])
        elif title is None and runs and line.startswith("   "):
            runs[-1] += " " + line.strip()
        elif title and line.startswith("|"):
            cells = tuple(cell.strip() for cell in line.strip("|").split("|"))
            header, rows = tables.setdefault(title, (cells, {}))
            if cells != header and cells[0] != "---":
                rows[cells[0]] = cells
    for title, (header, rows) in tables.items():
        if header[-1] != RUN or not all(row[-1].isdigit() and 0 < int(row[-1]) <= len(runs) for row in rows.values()):
            raise ValueError(f"the rows of '{title}' do not name the runs that they are of: take the section out of the file first")
    return runs, tables


def item(mark, text):
    return textwrap.wrap(mark + text, 118, subsequent_indent=" " * len(mark), break_on_hyphens=False, break_long_words=False)


def verdict(met, rounds):
    if rounds is not None and rounds.count < LEAST:
        return "too few rounds"
    word = {True: "met", None: "open", False: "**missed**"}[met]
    return f"{word}, disturbed" if rounds is not None and 2 * rounds.disturbed > rounds.count else word


def processor():
    """The heading of its section."""
    output = subprocess.run(["lscpu"], capture_output=True, text=True).stdout
    facts = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in output.splitlines())}
    flags = facts.get("Flags", "").split()
    vectors = "AMX" if HAS_AMX else "AVX-512" if "avx512f" in flags else "AVX2" if "avx2" in flags else "no AVX2"
    return f"{facts.get('Model name', platform.machine())}{generation(facts)}, {os.cpu_count()} cores, {vectors}"


def generation(facts):
    """Of a processor whose name does not tell it."""
    if "CPU family" not in facts:
        return ""
    family, model = int(facts["CPU family"]), int(facts["Model"])
    if facts.get("Vendor ID") == "AuthenticAMD":
        if family == 25:
            return " (Zen 4)" if model // 16 in (1, 6, 7, 10) else " (Zen 3)"
        if family == 26 and model < 0x50:
            return " (Zen 5)"
    return f" (family {family}, model {model})"
