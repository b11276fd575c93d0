#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Instructions that each stage of the RX path takes for a sample, counted by callgrind.

They repeat where times do not, so a change of a few in a hundred can be seen on a busy machine.
Each stage is run for two numbers of rounds; what the second has more is that of the rounds alone.

    instructions.py BENCH_STAGES [--set warm|cold|fabric] [--json FILE] [--top N]
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

STAGES = ["touch", "walk", "records", "fields", "key", "hash", "table"]
FEW, MANY = 1, 3


def count(program, stage, rounds, which, folder):
    """(instructions of a whole run, samples of a round)"""
    out = os.path.join(folder, f"{stage}.{rounds}")
    run = subprocess.run(
        ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", program, "--set", which,
         "--stage", stage, "--rounds", str(rounds)],
        capture_output=True, text=True, check=False)
    total = re.search(r"^summary: (\d+)", open(out, encoding="utf-8").read(), re.M) \
        if run.returncode == 0 and os.path.exists(out) else None
    if not total:
        sys.exit(f"{program} under valgrind ended with {run.returncode}\n{run.stderr}")
    return int(total.group(1)), int(re.search(r"(\d+) samples", run.stdout).group(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--set", default="warm")
    parser.add_argument("--json", help="write {stage: instructions} there")
    parser.add_argument("--top", type=int, default=0, help="functions of the last stage to list")
    args = parser.parse_args()
    found, before = {}, 0
    with tempfile.TemporaryDirectory() as folder:
        for stage in STAGES:
            few, samples = count(args.program, stage, FEW, args.set, folder)
            many, _ = count(args.program, stage, MANY, args.set, folder)
            so_far = (many - few) / (MANY - FEW) / samples
            found[stage] = round(so_far - before, 1)
            before = so_far
            print(f"{stage:10} {found[stage]:8.1f}   (all so far {so_far:8.1f})", flush=True)
        if args.top:
            listing = subprocess.run(
                ["callgrind_annotate", os.path.join(folder, f"{STAGES[-1]}.{MANY}")],
                capture_output=True, text=True, check=True).stdout.splitlines()
            lines = [line[:110] for line in listing if re.match(r" *[\d,]+ \(", line)]
            print("\n".join(lines[:args.top]))
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump(found, f, indent=1)


if __name__ == "__main__":
    main()
