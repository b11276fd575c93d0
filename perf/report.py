#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Run the benchmarks of the RX path several times, and print medians and spread.

    report.py [--runs N] [--quick] [--json FILE] [--baseline FILE]

--json keeps the figures; --baseline compares them with those that were kept, as ratios. What a
benchmark cannot show to hold (a sum of conservation) ends the run. The figures of one machine do
not compare with those of another; instructions do, of one compiler.
"""
import argparse
import datetime
import json
import os
import platform
import re
import statistics
import subprocess
import sys

ROOT = os.environ.get("WEIR_SOURCE_ROOT", os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("WEIR_BUILD_ROOT", os.path.join(ROOT, "build"))


def output(*command):
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {run.returncode}\n{run.stdout}{run.stderr}")
    return run.stdout


def machine():
    with open("/proc/cpuinfo", encoding="ascii") as f:
        model = re.search(r"model name\s*: (.*)", f.read())
    with open("/proc/meminfo", encoding="ascii") as f:
        pages = re.search(r"HugePages_Total:\s*(\d+)", f.read())
    commit = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"],
                            capture_output=True, text=True, check=False).stdout.strip()
    return {"commit": commit, "date": datetime.date.today().isoformat(),
            "cpu": model.group(1) if model else platform.machine(), "cpus": os.cpu_count(),
            "hugepages": int(pages.group(1)) if pages else 0,
            "load": os.getloadavg()[0]}


class Figures:
    """Named series of numbers: one number of each run."""

    def __init__(self):
        self.series = {}

    def add(self, name, value):
        self.series.setdefault(name, []).append(float(value))

    def medians(self):
        return {name: statistics.median(values) for name, values in self.series.items()}

    def show(self, baseline):
        print(f"{'':44} {'median':>10} {'least':>10} {'most':>10}"
              + (f" {'to baseline':>12}" if baseline else ""))
        for name, values in self.series.items():
            median = statistics.median(values)
            line = f"{name:44} {median:10.2f} {min(values):10.2f} {max(values):10.2f}"
            if baseline and baseline.get(name):
                line += f" {median / baseline[name]:12.2f}"
            print(line)


def collector(figures, seconds):
    text = output(f"{BUILD}/perf/bench_collector", "--seconds", str(seconds))
    cases = re.split(r"^(\d): ", text, flags=re.M)[1:]
    for number, case in zip(cases[::2], cases[1::2]):
        name = f"collector {number}"
        found = re.search(r"receive-only +([\d.]+).*weir +([\d.]+) M datagrams/s +([\d.]+) M samples"
                          r"/s +ratio ([\d.]+)", case, re.S)
        for what, value in zip(("receive-only, M datagrams/s", "M datagrams/s", "M samples/s",
                                "ratio to receive-only"), found.groups()):
            figures.add(f"{name}, {what}", value)


def stages(figures):
    text = output(f"{BUILD}/perf/bench_stages", "--rounds", "7")
    for where, what, ns in re.findall(r"^(\w+) +(\w+) +(-?[\d.]+) ns", text, re.M):
        figures.add(f"{where} {what}, ns", ns)
    for where, count, whole, further in re.findall(
            r"^(\w+) +(\d+) definitions +([\d.]+) ns, each further one (-?[\d.]+)", text, re.M):
        figures.add(f"{where} {count} definitions, M samples/s", 1000 / float(whole))
        figures.add(f"{where} {count} definitions, each further, ns", further)
    for where, ns in re.findall(r"^(\w+) +a filter that fails: each one (-?[\d.]+)", text, re.M):
        figures.add(f"{where} a filter that fails, ns", ns)


def instructions(figures):
    text = output(sys.executable, os.path.join(ROOT, "perf", "instructions.py"),
                  f"{BUILD}/perf/bench_stages")
    for what, count in re.findall(r"^(\w+) +(-?[\d.]+) ", text, re.M):
        figures.add(f"{what}, instructions", count)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1, help="of each measurement")
    parser.add_argument("--quick", action="store_true", help="one run, and no instructions")
    parser.add_argument("--json", help="keep the figures there")
    parser.add_argument("--baseline", help="figures that were kept")
    args = parser.parse_args()
    figures, about = Figures(), machine()
    print("\n".join(f"{name}: {value}" for name, value in about.items()), "\n", flush=True)
    for _ in range(1 if args.quick else args.runs):
        collector(figures, args.seconds)
        stages(figures)
    if not args.quick:
        instructions(figures)
    baseline = {}
    if args.baseline:
        with open(args.baseline, encoding="utf-8") as f:
            baseline = json.load(f)["figures"]
    figures.show(baseline)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump({"machine": about, "figures": figures.medians()}, f, indent=1)
            f.write("\n")


if __name__ == "__main__":
    main()
