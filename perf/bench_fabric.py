#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""A large fabric that only polls, into the real daemon with a real Redis, over a veth pair.

    bench_fabric.py [--agents N] [--interfaces N] [--poll S] [--seconds S]

Prints memory, Redis commands a second, the CPU of each thread, what was lost, and how long a query
over all interfaces takes; beside it, what a plain UDP socket takes that throws the same datagrams
away. Needs root. Exit code 1 where something was lost, or a sum is wrong; 77 where it cannot run.
"""

import argparse
import contextlib
import json
import os
import re
import socket
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests",
                                "functional"))

import weirapi  # pylint: disable=wrong-import-position
import weirnet  # pylint: disable=wrong-import-position
import weirtest  # pylint: disable=wrong-import-position

TICKS = os.sysconf("SC_CLK_TCK")
PLAIN_SECONDS = 5
MIB = 1 << 20
ROLES = {"rte-worker-1": "RX core (polls)", "rte-worker-2": "aggregation core",
         "weir-redis": "publisher, store, planner", "weir": "all other threads"}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--agents", type=int, default=10000)
    parser.add_argument("--interfaces", type=int, default=64)
    parser.add_argument("--poll", type=float, default=20, help="seconds between two polls")
    parser.add_argument("--seconds", type=float, help="default: three polls")
    args = parser.parse_args()
    args.seconds = args.seconds or 3 * args.poll
    args.traffic = ["--agents", str(args.agents), "--interfaces", str(args.interfaces), "--hosts",
                    "0", "--counters-only", "--port-names", "--counters", str(args.poll)]
    return args


# ---- what the kernel tells ----

def threads(pid):
    """{thread: (name, CPU seconds)}"""
    found = {}
    for task in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(FileNotFoundError), \
                open(f"/proc/{pid}/task/{task}/stat", encoding="ascii") as f:
            name, rest = re.fullmatch(r"\d+ \((.*)\) (.*)\n", f.read()).groups()
            words = rest.split()
            found[task] = (name, (int(words[11]) + int(words[12])) / TICKS)
    return found


def memory(pid):
    """Resident and largest memory in MiB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        lines = dict(line.split(":", 1) for line in f)
    return tuple(int(lines[k].split()[0]) // 1024 for k in ("VmRSS", "VmHWM"))


def used(before, after, seconds):
    """{name of threads: share of a CPU}, the busiest first."""
    shares = {}
    for task, (name, cpu) in after.items():
        shares[name] = shares.get(name, 0) + (cpu - before.get(task, (name, 0))[1]) / seconds
    return sorted(shares.items(), key=lambda s: -s[1])


# ---- a plain socket ----

class Sink(threading.Thread):
    """A UDP socket whose datagrams are thrown away, and the CPU time that takes."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * MIB)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(1)
        self.count, self.cpu = 0, 0

    def run(self):
        room = bytearray(65536)
        with contextlib.suppress(TimeoutError):
            while True:
                self.socket.recv_into(room)
                self.count += 1
        self.cpu = time.thread_time()
        self.socket.close()


def plain(case, args):
    """CPU microseconds of a datagram into a plain socket."""
    sink = Sink()
    process = case.sflowgen("--udp", f"127.0.0.1:{sink.socket.getsockname()[1]}", *args.traffic,
                            "--seconds", str(PLAIN_SECONDS))
    sink.start()
    case.truth(process)
    sink.join()
    return 1e6 * sink.cpu / max(sink.count, 1)


# ---- the fabric ----

class Bench(weirtest.Case):

    def runTest(self):
        """There is none: the script runs it."""

    def begin(self, args):
        self.network = weirnet.Network(self)
        self.store = self.redis("--maxmemory", "0")
        self.client = self.store.client()
        self.addCleanup(self.client.close)
        config = {"flows": [{"name": "all", "keys": "", "value": "frames"}],
                  "limits": {"agents": max(1024, 2 * args.agents),
                             "sources": max(1024, 2 * args.agents * args.interfaces),
                             "counters_mb": 64, "expire": f"{int(10 * args.poll)}s"}}
        self.daemon = self.live(self.network, self.store, "--api", "127.0.0.1:0",
                                config=self.path("c.yaml", json.dumps(config)))
        self.api = weirapi.Client(self, self.daemon, self.network.space)

    def commands(self):
        return self.client.info("stats")["total_commands_processed"]

    def query(self, path):
        """(answer, ms)"""
        begin = time.monotonic()
        answer = self.api.want(200, "GET", path)
        return answer, 1000 * (time.monotonic() - begin)

    def measure(self, args):
        """Run the fabric; the figures of the time after its first poll."""
        process = self.fabric(self.network, *args.traffic, "--seconds", str(args.seconds))
        time.sleep(args.poll + 1)  # the time that it takes is what is measured
        before, commands, begin = threads(self.daemon.pid), self.commands(), time.monotonic()
        redis_before = threads(self.store.process.pid)
        time.sleep(max(args.seconds - args.poll - 2, 1))
        seconds = time.monotonic() - begin
        found = {
            "commands": (self.commands() - commands) / seconds,
            "threads": used(before, threads(self.daemon.pid), seconds),
            "redis_cpu": sum(s for _, s in used(redis_before, threads(self.store.process.pid),
                                                seconds)),
            "memory": memory(self.daemon.pid),
            "redis_memory": self.client.info("memory")["used_memory"] / MIB,
        }
        found["query"] = min((self.query("/metric/ALL/sum:ifinoctets/json?ifname=*")
                              for _ in range(3)), key=lambda q: q[1])
        found["truth"] = self.truth(process)
        self.settle()
        found["summary"] = json.loads(self.daemon.stop())
        return found

    def settle(self):
        """Until nothing more has come for three windows."""
        state = {}

        def settled():
            count = self.api.want(200, "GET", "/analyzer/json")["sFlowDatagramsReceived"]
            if count != state.get("count"):
                state.update(count=count, since=time.monotonic())
            return time.monotonic() > state["since"] + 3
        weirtest.wait_until(settled, self.daemon.story, 120)


def report(args, found, plain_us):
    """Print the figures. @return what is wrong"""
    truth, summary = found["truth"], found["summary"]
    (answer,), ms = found["query"]
    lost = truth["received"] - summary["datagrams"]
    samples = truth["counter_samples"] - summary["counter_samples"]
    rate = truth["counter_samples"] / truth["duration_s"]
    datagrams = truth["datagrams_per_s"]
    # Those of the RX core spin or sleep between bursts; its work is told by the collector itself.
    core = summary["cores"][0]
    busy = core["cycles_busy"] / max(core["cycles_total"], 1)
    print(f"{args.agents} agents x {args.interfaces} interfaces, polled every {args.poll:g} s: "
          f"{rate:.0f} samples/s, {datagrams:.0f} datagrams/s")
    print("memory: weir %d MiB, at most %d; Redis %d MiB" % (*found["memory"],
                                                            found["redis_memory"]))
    print(f"Redis: {found['commands']:.0f} commands/s, {100 * found['redis_cpu']:.1f} % of a CPU")
    print(f"RX core: {100 * busy:.1f} % of its time busy")
    for name, share in found["threads"]:
        if share >= 0.001:
            print(f"{ROLES.get(name, name)}: {100 * share:.1f} % of a CPU, {1e6 * share / datagrams:.1f} us "
                  f"a datagram, {1e6 * share / datagrams / plain_us:.2f} of a plain socket's")
    print(f"plain socket: {plain_us:.1f} us of CPU a datagram")
    print(f"lost: {lost} of {truth['received']} datagrams, "
          f"{samples} of {truth['counter_samples']} samples")
    want = truth["interfaces"]["in_octets_per_s"]
    print(f"sum:ifinoctets of {answer.get('metricN', 0)} interfaces: {ms:.0f} ms, "
          f"{answer.get('metricValue', 0) / want:.4f} of the truth")
    wrong = []
    if lost or samples:
        wrong.append("something was lost")
    if answer.get("metricN") != args.agents * args.interfaces:
        wrong.append("interfaces are missing")
    if abs(answer.get("metricValue", 0) / want - 1) > 0.01:
        wrong.append("the sum is wrong")
    return wrong


def main():
    args, case = arguments(), Bench()
    try:
        case.setUp()
        case.begin(args)
        plain_us = plain(case, args)
        wrong = report(args, case.measure(args), plain_us)
    except unittest.SkipTest as reason:
        print(reason)
        sys.exit(weirtest.SKIP)
    finally:
        case.doCleanups()
    for sentence in wrong:
        print(sentence)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
