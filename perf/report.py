#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Run the benchmarks several times, and print medians and spread.

    report.py [--runs N] [--only NAME,...] [--quick] [--json FILE] [--baseline FILE] [--docs]
    report.py --from FILE [--baseline FILE] [--docs]

--json keeps all figures; --baseline compares them with those that were kept, as ratios. --docs writes
the tables of docs/performance.rst and the plots of docs/performance/. What a benchmark cannot show to
hold (a sum of conservation) ends the run. The figures of one machine do not compare with those of
another; instructions do, of one compiler.
"""
import argparse
import contextlib
import datetime
import json
import os
import platform
import re
import subprocess
import sys
import time

import benches
import growth
import page
import targets
from figures import Figures

DOCS = os.path.join(benches.ROOT, "docs")


def run_growth(figures):
    growth.run(figures, benches.output, benches.program("bench_growth"))


# Each with the runs that it has of five: all of them, where a figure is to be reached (targets.py). Instructions
# repeat; others are long, and take the middle or the best of rounds of their own.
BENCHES = {
    "collector": (benches.collector, 5), "stages": (benches.stages, 5), "growth": (run_growth, 5),
    "cores": (benches.cores, 5), "sfacctd": (benches.sfacctd, 5), "publish": (benches.publish, 5),
    "merge": (benches.merge, 5), "metric_publish": (benches.metric_publish, 3), "values": (benches.values, 3),
    "definitions": (benches.definitions, 3), "query": (benches.query, 3), "decode": (benches.decode, 1),
    "instructions": (benches.instructions, 1), "prefix": (benches.prefix, 1),
    "metrics": (benches.metrics, 1), "fabric": (benches.fabric, 1),
}


def built():
    """How the programs were built."""
    with open(os.path.join(benches.BUILD, "meson-info", "intro-buildoptions.json"), encoding="utf-8") as f:
        options = {o["name"]: o["value"] for o in json.load(f)}
    return f"{options['buildtype']} build{' with LTO' if options['b_lto'] else ''}, march {options['march']}"


def machine():
    with open("/proc/cpuinfo", encoding="ascii") as f:
        model = re.search(r"model name\s*: (.*)", f.read())
    with open("/proc/meminfo", encoding="ascii") as f:
        pages = re.search(r"HugePages_Total:\s*(\d+)", f.read())
    commit = subprocess.run(["git", "-C", benches.ROOT, "describe", "--always", "--dirty"],
                            capture_output=True, text=True, check=False).stdout.strip()
    return {"commit": commit, "date": datetime.date.today().isoformat(), "build": built(),
            "cpu": model.group(1) if model else platform.machine(), "cpus": os.cpu_count(),
            "hugepages": int(pages.group(1)) if pages else 0,
            "load": os.getloadavg()[0]}


def measure(names, runs, path):
    """All benchmarks in turn, again and again, so that no one has a better hour than another. What there is by
    then is in a file beside `path`, should one of them fail."""
    figures = Figures(machine())
    for turn in range(runs):
        for name in names:
            bench, of_five = BENCHES[name]
            if turn * 5 >= of_five * runs:
                continue
            start = time.monotonic()
            bench(figures)
            if path:
                figures.save(path + ".part")
            print(f"run {turn + 1}, {name}: {time.monotonic() - start:.0f} s", flush=True)
    return figures


def write_docs(figures):
    path = os.path.join(DOCS, "performance.rst")
    with open(path, encoding="utf-8") as f:
        text = page.fill(figures, f.read())
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.makedirs(os.path.join(DOCS, "performance"), exist_ok=True)
    for name, svg in page.plots(figures).items():
        with open(os.path.join(DOCS, "performance", name), "w", encoding="utf-8") as f:
            f.write(svg)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", help=f"some of {','.join(BENCHES)}", type=lambda names: names.split(","))
    parser.add_argument("--quick", action="store_true", help="one run of collector and stages")
    parser.add_argument("--from", dest="kept", help="do not measure: take the figures from there")
    parser.add_argument("--json", help="keep the figures there")
    parser.add_argument("--baseline", help="figures that were kept")
    parser.add_argument("--docs", action="store_true", help="write docs/performance.rst and its plots")
    args = parser.parse_args()
    if args.docs and not args.kept and (args.only or args.quick):
        parser.error("--docs wants all figures")
    names = ["collector", "stages"] if args.quick else args.only or list(BENCHES)
    if set(names) - set(BENCHES):
        parser.error(f"--only: there is no {', '.join(set(names) - set(BENCHES))}")
    baseline = Figures.load(args.baseline) if args.baseline else None
    figures = Figures.load(args.kept) if args.kept else measure(
        names, 1 if args.quick else args.runs, args.json)
    if args.json:
        figures.save(args.json)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(args.json + ".part")
    print("\n".join(f"{name}: {value}" for name, value in figures.machine.items()), "\n")
    print("\n".join(figures.compare(baseline)), "\n")
    print(targets.table(figures), end="")
    if args.docs:
        write_docs(figures)


if __name__ == "__main__":
    sys.exit(main())
