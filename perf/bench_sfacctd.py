#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""CPU time of a sample in weir and in pmacct's sfacctd, on one capture, in one run.

Both read the same file and count bytes by 5-tuple. What each takes for a file of one datagram
(start, plugins, tables, the end) is taken off. All processes and threads of each count.

    bench_sfacctd.py [--datagrams N] [--runs N]
"""
import argparse
import ctypes
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile

ROOT = os.environ.get("WEIR_BUILD_ROOT", "build")
PER_DATAGRAM = 7
PR_SET_CHILD_SUBREAPER = 36
KEYS = ["ipsource", "ipdestination", "ipprotocol", "tcpsourceport", "tcpdestinationport"]


def spent():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(command):
    """CPU seconds of a command and of all that it left behind; its standard output."""
    before = spent()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          check=False)
    while True:
        try:
            os.wait()
        except ChildProcessError:
            break
    if done.returncode != 0:
        sys.exit(f"{command[0]} ended with {done.returncode}\n{done.stderr}")
    return spent() - before, done.stdout


class Bench:
    def __init__(self, folder):
        self.folder = folder
        self.flows = os.path.join(folder, "flows.yaml")
        with open(self.flows, "w", encoding="utf-8") as f:
            json.dump({"flows": [{"name": "tuple", "value": "bytes", "n": 20,
                                  "keys": ",".join(KEYS), "capacity": 1000000}]}, f)

    def capture(self, name, datagrams):
        path = os.path.join(self.folder, name)
        run([f"{ROOT}/app/sflowgen/sflowgen", "--quiet", "--out", path, "--datagrams",
             str(datagrams), "--agents", "256", "--flows", "100000", "--zipf", "1.1",
             "--counters", "0", "--samples-per-datagram", str(PER_DATAGRAM)])
        return path

    def weir(self, path):
        seconds, out = run([f"{ROOT}/app/weir/weir", "--no-api", "-c", self.flows, "--pcap", path,
                            "--once", "--redis", "", "--summary"])
        summary = json.loads(out)
        if not summary["conserved"]:
            sys.exit(f"sums do not hold\n{out}")
        return seconds, summary["samples"]

    def sfacctd(self, path):
        config = os.path.join(self.folder, "sfacctd.conf")
        with open(config, "w", encoding="utf-8") as f:
            f.write("\n".join([
                "daemonize: false", f"pcap_savefile: {path}", "plugins: print",
                f"print_output_file: {self.folder}/sfacctd.out", "print_refresh_time: 60",
                "plugin_pipe_size: 67108864", "plugin_buffer_size: 65536",
                "print_cache_entries: 1000003",
                "aggregate: src_host, dst_host, src_port, dst_port, proto", ""]))
        return run(["sfacctd", "-f", config])[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--datagrams", type=int, default=200000)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    found = {"weir": [], "sfacctd": []}
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        bench = Bench(folder)
        large, small = bench.capture("large", args.datagrams), bench.capture("small", 1)
        for _ in range(args.runs):
            seconds, samples = bench.weir(large)
            found["weir"].append((seconds - bench.weir(small)[0]) / samples * 1e6)
            found["sfacctd"].append((bench.sfacctd(large) - bench.sfacctd(small)) / samples * 1e6)
    for name, values in found.items():
        print(f"{name:8} {statistics.median(values):7.3f} us of CPU a sample "
              f"({min(values):.3f} to {max(values):.3f}), {samples} samples")
    print(f"ratio {statistics.median(found['sfacctd']) / statistics.median(found['weir']):.1f}")


if __name__ == "__main__":
    main()
