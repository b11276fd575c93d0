#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Samples a second of one RX core and of two, each of which replays a capture of its own from memory.

The aggregator runs on whatever CPU the RX cores leave, or on the main one beside an RX core where
there are but two. Sums of conservation are checked at the end of each run.

    bench_cores.py [--runs N] [--seconds S] [--datagrams N]
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

ROOT = os.environ.get("WEIR_BUILD_ROOT", "build")
KEYS = "ipsource,ipdestination,ipprotocol,tcpsourceport,tcpdestinationport"


def run(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}\n{done.stderr}")
    return done.stdout


def measure(flows, captures, seconds):
    """M samples a second of all RX cores."""
    flags = [flag for path in captures for flag in ("--pcap", path)]
    summary = json.loads(run(f"{ROOT}/app/weir/weir", "--no-api", "-c", flows, *flags, "--loop",
                             "--duration", f"{seconds}s", "--redis", "", "--summary"))
    if not summary["conserved"] or len(summary["cores"]) != len(captures):
        sys.exit(f"sums do not hold, or not all cores ran\n{summary}")
    return summary["samples"] / summary["elapsed_s"] / 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--datagrams", type=int, default=1000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        flows, captures = os.path.join(folder, "flows.yaml"), []
        with open(flows, "w", encoding="utf-8") as f:
            json.dump({"flows": [{"name": "tuple", "value": "bytes", "n": 20, "keys": KEYS,
                                  "capacity": 200000}]}, f)
        for seed in ("1", "2"):
            captures.append(os.path.join(folder, seed + ".pcap"))
            run(f"{ROOT}/app/sflowgen/sflowgen", "--quiet", "--out", captures[-1], "--seed", seed,
                "--datagrams", str(args.datagrams), "--agents", "256", "--flows", "10000",
                "--zipf", "1.1", "--counters", "0")
        one, two = [], []
        for _ in range(args.runs):
            one.append(measure(flows, captures[:1], args.seconds))
            two.append(measure(flows, captures, args.seconds))
    for name, values in (("1 RX core", one), ("2 RX cores", two)):
        print(f"{name:11} {statistics.median(values):6.2f} M samples/s "
              f"({min(values):.2f} to {max(values):.2f})")
    print(f"ratio {statistics.median(two) / statistics.median(one):.2f}")


if __name__ == "__main__":
    main()
