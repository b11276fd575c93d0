#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""A collector that is given no rest: the real daemon, on a veth pair, with a real Redis, for an hour.

    soak.py [--minutes N] [--rate N] [--build DIR] [--sanitized] [--report FILE]

A fabric sends at a fixed rate all the time. Beside it agents come and go, hostile datagrams come in
bursts, definitions are put and removed, the configuration is read again with others that may send and
other names of interfaces, Redis is killed and started again. At the end everything that was sent must be accounted for, memory and descriptors must be what they were, and windows must
have been sealed in time. Prints what happened, and a line of figures for docs/reliability.rst.
Needs root. Exit code 1 where something does not hold; 77 where it cannot run.
"""

import argparse
import contextlib
import json
import os
import random
import re
import statistics
import sys
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "functional"))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=int, default=20000, help="flow samples a second of the fabric")
    parser.add_argument("--build", help="a build directory; default: build")
    parser.add_argument("--sanitized", action="store_true",
                        help="of a sanitizer build: its memory is not flat, and it is slow")
    parser.add_argument("--report", help="where the lines of figures are written, too")
    return parser.parse_args()


ARGS = arguments()
if ARGS.build:
    os.environ["WEIR_BUILD_ROOT"] = os.path.abspath(ARGS.build)

import weirapi  # pylint: disable=wrong-import-position
import weirnet  # pylint: disable=wrong-import-position
import weirtest  # pylint: disable=wrong-import-position

SAMPLE_SECONDS = 5    # between two looks at the daemon
CHURN_SECONDS = 20    # that a group of agents is there
CHURN_GROUPS = 40     # that take turns; all are known after so many turns
BURST_SECONDS = 30    # between two hostile bursts
RELOAD_SECONDS = 7    # between two configurations
REDIS_SECONDS = 100   # between two ends of Redis
WARM_SHARE = 0.25     # of the time, before memory is expected to be flat
GROWTH = 0.01         # of resident memory, after that
LAG_US = 500_000      # seal to Redis, of 99 in 100 windows


def memory_kb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return int(re.search(r"VmRSS:\s+(\d+) kB", f.read()).group(1))


def descriptors(pid):
    """Number of open files."""
    return len(os.listdir(f"/proc/{pid}/fd"))


class Actor(threading.Thread):
    """Does one thing again and again until the soak ends. What it raises fails the soak."""

    def __init__(self, soak, seconds):
        super().__init__(name=type(self).__name__, daemon=True)
        self.soak, self.seconds, self.turns, self.error = soak, seconds, 0, None

    def run(self):
        try:
            while not self.soak.over.wait(self.seconds):
                self.turn(self.turns)
                self.turns += 1
        except Exception as e:  # pylint: disable=broad-exception-caught
            self.error = e
            self.soak.over.set()

    def turn(self, number):
        raise NotImplementedError


class Churn(Actor):
    """Agents that come and go: a group of 50, with interfaces, hosts and flows of its own."""

    def turn(self, number):
        group = number % CHURN_GROUPS
        self.soak.send("--seed", str(1000 + group), "--agents", "50", "--first-agent",
                       str(1000 + 50 * group), "--rate", str(self.soak.args.rate // 10), "--flows",
                       "5000", "--counters", "5", "--seconds", str(CHURN_SECONDS))


class Bursts(Actor):
    """Datagrams of which half are wrong on purpose or of a flood, much faster than the fabric sends."""

    KINDS = ("damage,metrics", "flood_agents", "flood_sources", "flood_keys", "flood_collisions", "flood_urls",
             "flood_names")

    def turn(self, number):
        self.soak.send("--seed", str(7 + number), "--agents", "8", "--first-agent", "500", "--rate",
                       str(3 * self.soak.args.rate), "--hostile", "0.5", "--hostile-kinds",
                       self.KINDS[number % len(self.KINDS)], "--duplicate", "0.01", "--reorder", "0.01",
                       "--seconds", "3")


class Definitions(Actor):
    """Definitions that are put, replaced and removed over HTTP; questions between them."""

    # And their values; also what floods of URLs and of names fill.
    KEYS = {"ipsource": "bytes", "ipdestination,tcpdestinationport": "bytes", "macsource": "bytes",
            "agent,inputifindex": "bytes", "httpurl": "requests", "rtdatasource,rt:service": "frames"}
    PATHS = ("/activeflows/ALL/pairs/json?maxFlows=50", "/agents/json", "/prometheus/metrics/ALL/ALL/txt",
             "/metric/ALL/sum:ifinoctets/json", "/analyzer/json")

    def __init__(self, soak, seconds):
        super().__init__(soak, seconds)
        self.api = soak.client_of_api()
        self.random = random.Random(3)

    def turn(self, number):
        name = f"come{self.random.randrange(12)}"
        if number % 3 == 2:
            self.api.ask("DELETE", f"/flow/{name}/json")
        else:
            keys, value = self.random.choice(list(self.KEYS.items()))
            self.api.put(name, {"keys": keys, "value": value, "t": self.random.randrange(1, 9),
                                "capacity": 2000})
        self.api.ask("GET", self.random.choice(self.PATHS))


class Reloads(Actor):
    """
    Another configuration: who may send, all in other words, rates of agents, and names of interfaces; every third says
    the same again.
    """

    ALL = ({}, {"agents": ["0.0.0.0/0", "::/0"]}, {"sources": "192.0.2.0/24"})

    def __init__(self, soak, seconds):
        super().__init__(soak, seconds)
        self.api = soak.client_of_api()

    def turn(self, number):
        other = number - number // 3 - (number % 3 == 2)  # 0, 1, 1, 2, 3, 3, 4, ...
        self.soak.configure(allow=self.ALL[other % len(self.ALL)],
                            agents=[{"address": f"172.16.0.{i}", "sampling_rate": 100 + other}
                                    for i in range(1, 1 + other % 50)],
                            interfaces={f"172.16.0.{i}": {str(port): f"port{port}-{other % 2 * i}"
                                                          for port in range(1, 9)}
                                        for i in range(1, 1 + other % 50)})
        self.api.want(204, "PUT", "/config/json", {})


class Restarts(Actor):
    """Redis is killed, and is back three seconds later, empty."""

    def turn(self, number):
        self.soak.store.kill()
        time.sleep(3)
        self.soak.store.start()


class Watch(Actor):
    """Looks at the daemon, as seen from outside, and at its own figures."""

    def turn(self, number):
        pid, row = self.soak.daemon.pid, {"at": time.monotonic()}
        if not self.soak.daemon.running():
            raise AssertionError("weir ended\n" + self.soak.daemon.story())
        row["memory"], row["files"] = memory_kb(pid), descriptors(pid)
        with contextlib.suppress(Exception), self.soak.store.client() as client:
            c = self.soak.collector(client)
            row["lag"], row["imbalances"] = c.get("publish_lag"), c.get("imbalances")
        self.soak.rows.append(row)
        if number % 12 == 0:
            print(" ".join(f"{k} {v:.0f}" for k, v in row.items() if v is not None), flush=True)


class Soak(weirtest.Case):

    def runTest(self):
        """There is none: the script runs it."""

    def begin(self, args):
        self.args, self.over = args, threading.Event()
        self.rows, self.traffic, self.lock = [], [], threading.Lock()
        self.network, self.store = weirnet.Network(self), self.redis()
        self.daemon = self.live(self.network, self.store, "--api", "127.0.0.1:0", "--set",
                                "limits.expire=60s", "--driver", "af_packet", config=self.configure())
        self.actors = [Watch(self, SAMPLE_SECONDS), Churn(self, CHURN_SECONDS),
                       Bursts(self, BURST_SECONDS), Definitions(self, 0.5),
                       Reloads(self, RELOAD_SECONDS), Restarts(self, REDIS_SECONDS)]

    def configure(self, **more):
        """The configuration that comes with weir, and more, in its file."""
        with open(weirtest.CONFIG, encoding="utf-8") as f:
            text = f.read()
        return self.path("weir.yaml", text + "".join(
            f"{name}: {json.dumps(value)}\n" for name, value in more.items()))

    def client_of_api(self):
        return weirapi.Client(self, self.daemon, self.network.space)

    def send(self, *options):
        """Start traffic, and forget that of before which has ended."""
        process = self.fabric(self.network, *options)
        with self.lock:
            self.traffic.append(process)

    def run_for(self, seconds):
        begin = time.monotonic()
        self.send("--seed", "1", "--agents", "200", "--rate", str(self.args.rate), "--flows", "50000", "--port-names",
                  "--hosts", "0.5", "--counters", "10", "--seconds", str(seconds))
        for actor in self.actors:
            actor.start()
        self.over.wait(seconds)
        self.over.set()
        for actor in self.actors:
            actor.join(weirtest.TIMEOUT * 2)
            if actor.error:
                raise actor.error
        return time.monotonic() - begin

    def end(self):
        """What was sent, what came, and what the daemon says of it."""
        sent = [self.truth(process, CHURN_SECONDS + 30) for process in self.traffic]
        time.sleep(5)
        begin = time.monotonic()
        summary = json.loads(self.daemon.stop())
        return {"sent": sum(t["received"] for t in sent),
                "flow_samples": sum(t["flow_samples"] for t in sent),
                "counter_samples": sum(t["counter_samples"] for t in sent),
                "summary": summary, "stop_s": time.monotonic() - begin}


def judge(soak, seconds, found):
    """(figures, what does not hold)"""
    summary, rows = found["summary"], soak.rows
    warm = [r for r in rows if r["at"] >= rows[0]["at"] + WARM_SHARE * seconds] or rows
    tenth = max(1, len(warm) // 10)
    first, last = ([statistics.median(r[k] for r in part) for k in ("memory", "files")]
                   for part in (warm[:tenth], warm[-tenth:]))
    lags = sorted(r["lag"] for r in rows if r.get("lag") is not None)
    missed = sum(p["missed"] + p["no_mbuf"] + p["errors"] for p in summary["ports"])
    lost = found["sent"] - summary["datagrams"] - missed
    figures = {
        "minutes": round(seconds / 60, 1), "datagrams": found["sent"],
        "flow_samples": summary["flow_samples"], "missed_at_the_port": missed,
        "neither_received_nor_missed": lost, "conserved": str(summary["conserved"]).lower(),
        "resident_MiB": round(last[0] / 1024, 1),
        "growth_percent": round(100 * (last[0] / first[0] - 1), 2),
        "descriptors": f"{first[1]:.0f} to {last[1]:.0f}",
        "windows": summary["windows"],
        "lag_ms_p99": lags[int(0.99 * len(lags))] / 1000 if lags else None,
        "turns": ", ".join(f"{a.name.lower()} {a.turns}" for a in soak.actors),
    }
    wrong = []
    if not summary["conserved"] or any(r.get("imbalances") for r in rows):
        wrong.append("sums do not hold")
    if lost:
        wrong.append(f"{lost} datagrams are unaccounted for")
    if not missed and (summary["flow_samples"], summary["counter_samples"]) != (
            found["flow_samples"], found["counter_samples"]):
        wrong.append(f"samples: {summary['flow_samples']} and {summary['counter_samples']}, not "
                     f"{found['flow_samples']} and {found['counter_samples']}")
    if last[1] > first[1] + 2:
        wrong.append(f"descriptors grew from {first[1]:.0f} to {last[1]:.0f}")
    if not soak.args.sanitized:
        if summary["windows"] < 0.98 * seconds:
            wrong.append(f"{summary['windows']} windows in {seconds:.0f} s")
        if last[0] > (1 + GROWTH) * first[0]:
            wrong.append(f"memory grew from {first[0]:.0f} to {last[0]:.0f} kB")
        if lags and figures["lag_ms_p99"] * 1000 > LAG_US:
            wrong.append(f"Redis had windows {figures['lag_ms_p99']:.0f} ms late")
    return figures, wrong


def main():
    soak, seconds = Soak(), 60 * ARGS.minutes
    try:
        soak.setUp()
        soak.begin(ARGS)
        took = soak.run_for(seconds)
        figures, wrong = judge(soak, took, soak.end())
        name = os.path.basename(weirtest.BUILD)
        fault = "everything at once" + (f" ({name})" if ARGS.sanitized else "")
        soak.figures("soak", fault, **figures)
        if ARGS.report:
            with open(ARGS.report, "w", encoding="utf-8") as f, contextlib.redirect_stdout(f):
                soak.figures("soak", fault, **figures)
    except unittest.SkipTest as reason:
        print(reason)
        sys.exit(weirtest.SKIP)
    finally:
        soak.doCleanups()
    for sentence in wrong:
        print(sentence)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
