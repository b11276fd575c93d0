#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Run the libFuzzer targets of a build, each for so many seconds of CPU, starting from its corpus.

    fuzz.py [--record FILE] BUILD SECONDS [TARGET...]
    fuzz.py --record FILE --figures

What is found lies in BUILD/findings/TARGET; new inputs do not get into the tree. --record keeps what was
done in a file of JSON, {target: {"seconds", "executions", "commits"}}: what a target has had already is not
done again, so that a long run can go on later; to begin anew, for other code, take it out. What ends in a
finding is not kept. --figures prints the record as devtools/reliability.py
reads it. Exit: 0, or 1 where something was found.
"""

import argparse
import json
import os
import resource
import subprocess
import sys

CORPUS = os.path.join(os.path.dirname(__file__), "..", "tests", "fuzz", "corpus")
SLICE = 300  # seconds; then what was done is kept
# Generous: a machine that others use makes inputs seem slow.
LIMITS = ["-rss_limit_mb=4096", "-timeout=60", "-verbosity=0", "-print_final_stats=1"]
EXECUTIONS = "stat::number_of_executed_units:"


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def commit():
    shown = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True,
                           cwd=os.path.dirname(__file__) or ".", check=False)
    return shown.stdout.strip()


def run(build, name, seconds):
    """One slice. @return seconds of CPU, executions, whether nothing was found"""
    work = os.path.join(build, "findings", name)
    new = os.path.join(work, "new")
    os.makedirs(new, exist_ok=True)
    before = cpu_seconds()
    done = subprocess.run(
        [os.path.join(build, "tests", "fuzz", "fuzz_" + name), f"-max_total_time={seconds}", *LIMITS,
         f"-artifact_prefix={work}/", new, os.path.join(CORPUS, name)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        errors="replace", check=False)
    if done.returncode != 0:
        sys.stderr.write(done.stderr)
    executions = sum(int(line[len(EXECUTIONS):]) for line in done.stderr.splitlines()
                     if line.startswith(EXECUTIONS))
    return cpu_seconds() - before, executions, done.returncode == 0


def load(path):
    if not path or not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def save(path, record):
    if not path:
        return
    with open(path, "w", encoding="utf-8") as f:
        json.dump(record, f, indent=1, sort_keys=True)
        f.write("\n")


def fuzz(build, name, seconds, path):
    """@return whether nothing was found"""
    good = True
    have = load(path).get(name, {"seconds": 0, "executions": 0, "commits": []})
    while good and have["seconds"] < seconds:
        left = max(1, round(seconds - have["seconds"]))
        used, executions, good = run(build, name, min(SLICE, left))
        have = {"seconds": round(have["seconds"] + used, 1),
                "executions": have["executions"] + executions,
                "commits": sorted({*have["commits"], commit()})}
        if good:
            save(path, {**load(path), name: have})
    print(f"fuzz: {name}, {have['seconds']} s of CPU, {have['executions']} executions"
          + ("" if good else f": FAILED, see {build}/findings/{name}"), flush=True)
    return good


def print_figures(path):
    for name, have in sorted(load(path).items()):
        values = {"minutes_of_CPU": round(have["seconds"] / 60, 1), "executions": have["executions"],
                  "commits": ", ".join(have["commits"])}
        print("figure", json.dumps({"chapter": "fuzzing", "fault": name, "values": values}))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--record", metavar="FILE")
    parser.add_argument("--figures", action="store_true")
    parser.add_argument("build", nargs="?")
    parser.add_argument("seconds", nargs="?", type=int)
    parser.add_argument("target", nargs="*")
    args = parser.parse_args()
    if args.figures:
        print_figures(args.record)
        return 0
    if args.seconds is None:
        parser.error("BUILD and SECONDS are missing")
    names = args.target or sorted(os.listdir(CORPUS))
    return 0 if all([fuzz(args.build, name, args.seconds, args.record) for name in names]) else 1


if __name__ == "__main__":
    sys.exit(main())
