#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""CPU time of a sample in weir and in pmacct's sfacctd, on one capture, in one run.

Both read the same file and count bytes by 5-tuple. Beside that weir replays it from memory for some
seconds, as packets of a NIC come: sfacctd cannot, and of what it takes reading is a hundredth part. What
each takes for a file of one datagram (start, plugins, tables, the end), or for fewer seconds, is taken
off. All processes and threads of each count.

    bench_sfacctd.py [--datagrams N] [--seconds N] [--runs N]
"""
import argparse
import ctypes
import json
import os
import resource
import signal
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


def run(command, seconds=None):
    """CPU seconds of a command, which is ended after so many, and of all that it left behind; its output."""
    before = spent()
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True) as process:
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate()
    while True:
        try:
            os.wait()
        except ChildProcessError:
            break
    if process.returncode != 0:
        sys.exit(f"{command[0]} ended with {process.returncode}\n{err}")
    return spent() - before, out


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

    def weir(self, path, seconds=None):
        """Once, or again and again for so many seconds."""
        seconds, out = run([f"{ROOT}/app/weir/weir", "--no-api", "-c", self.flows, "--pcap", path,
                            "--loop" if seconds else "--once", "--redis", "", "--summary"], seconds)
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
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    found = {"weir": [], "weir from memory": [], "sfacctd": []}
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        bench = Bench(folder)
        large, small = bench.capture("large", args.datagrams), bench.capture("small", 1)
        bench.weir(small)  # the first to use them finds hugepages that the kernel has to clear
        for _ in range(args.runs):
            start = bench.weir(small)[0]
            seconds, samples = bench.weir(large)
            found["weir"].append((seconds - start) / samples * 1e6)
            found["sfacctd"].append((bench.sfacctd(large) - bench.sfacctd(small)) / samples * 1e6)
            short, long = (bench.weir(large, seconds) for seconds in (args.seconds / 4, args.seconds))
            replayed = long[1] - short[1]
            found["weir from memory"].append((long[0] - short[0]) / replayed * 1e6)
    for name, values in found.items():
        print(f"{name:16} {statistics.median(values):7.3f} us of CPU a sample "
              f"({min(values):.3f} to {max(values):.3f})")
    print(f"{samples} samples, {replayed} from memory")
    middle = {name: statistics.median(values) for name, values in found.items()}
    for name in ("weir", "weir from memory"):
        print(f"ratio {middle['sfacctd'] / middle[name]:.1f} ({name})")


if __name__ == "__main__":
    main()
