#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Throughput by RFC 2544, section 26.1: the highest rate at which weir loses no datagram.

    search.py [--seconds S] [--resolution P] [--repeats N] [--runs N] ...
    search.py --pktgen HOST[:PORT] --config FILE -- --pci 0000:17:00.0 --queues 8

Alone it needs no network: dpdk-testpmd replays real sFlow datagrams (of sflowgen, 7 samples each)
into weir over a pair of memif ports. With --pktgen, Pktgen-DPDK on another machine sends them, and
weir gets the options behind `--`. Each trial has a weir of its own, whose counts are held against the
generator's; sums of conservation are checked. The first trial is as fast as the generator can; the
search halves what is between the highest rate without loss and the lowest with some, repeats what it
finds, and lowers it until no repeat loses. Exit code 1 where the sums do not hold, or nothing was
found.
"""
import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import generators

ROOT = os.environ.get("WEIR_SOURCE_ROOT", os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))))
BUILD = os.environ.get("WEIR_BUILD_ROOT", os.path.join(ROOT, "build"))
KEYS = "ipsource,ipdestination,ipprotocol,tcpsourceport,tcpdestinationport"
PATIENCE = 30  # s for weir to start, or to end
DRAIN = 0.3  # s after the last datagram until weir has it
STEP = 0.05  # share that a rate is lowered by where a repeat of it lost
ABOVE = 1.5  # the search starts below so many times what an overloaded weir took
COLUMNS = ("trial", "offered/s", "samples/s", "offered", "no room", "missed", "no mbuf", "errors",
           "weir's own", "elsewhere", "lost")
WIDTHS = (5, 10, 11, 10, 9, 9, 8, 8, 10, 9, 9)


def arguments():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--seconds", type=float, default=5, help="of each trial (5; the RFC says 60)")
    p.add_argument("--resolution", type=float, default=0.02, help="where the search ends (0.02)")
    p.add_argument("--trials", type=int, default=20,
                   help="until the repeats, which may be as many more, at most (20)")
    p.add_argument("--repeats", type=int, default=3, help="of the rate that was found (3)")
    p.add_argument("--loss", type=float, default=0, help="share that may be lost (0)")
    p.add_argument("--rate", type=float, help="one trial at this many datagrams a second")
    p.add_argument("--runs", type=int, default=1, help="whole searches (1)")
    p.add_argument("--json", help="write all trials there")
    p.add_argument("--config", help="of weir; else one 5-tuple definition")
    p.add_argument("--capture", help="to be sent; else of sflowgen")
    p.add_argument("--datagrams", type=int, default=1000, help="of that capture (1000)")
    p.add_argument("--flows", type=int, default=10000, help="of that capture (10000)")
    p.add_argument("--ring", type=int, default=11, help="frames in weir's ring, as a power of 2 (11)")
    p.add_argument("--pktgen", help="HOST[:PORT] of the socket of a Pktgen-DPDK")
    p.add_argument("--pktgen-port", default="0", help="that sends (0)")
    p.add_argument("--link-up", type=float, default=5, help="s that a NIC's link takes (5)")
    p.add_argument("weir", nargs="*", help="ports and more options of weir, behind --")
    args = p.parse_args()
    if bool(args.pktgen) != bool(args.weir):
        p.error("--pktgen goes with ports of weir, behind --")
    if args.pktgen and not args.config:
        p.error("--pktgen goes with a --config of weir, which has cores.rx")
    return args


def run(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}\n{done.stderr}")


def make_capture(args, path):
    """Datagrams as agents send them, from as many addresses as there are agents."""
    run(f"{BUILD}/app/sflowgen/sflowgen", "--quiet", "--out", path, "--truth", path + ".truth",
        "--datagrams", str(args.datagrams), "--agents", "256", "--flows", str(args.flows),
        "--zipf", "1.1", "--counters", "0", "--delay", "0")


def local_cpus():
    """Of weir's RX core, its aggregator, and the generator's two threads, of which one works."""
    cpus = sorted(os.sched_getaffinity(0))
    return cpus[-1], cpus[0], (cpus[0], cpus[1] if len(cpus) > 2 else cpus[0])


class Weir:
    """The daemon on the ports under test."""

    def __init__(self, args, config, ports, folder):
        self.words = os.path.join(folder, "weir.log")
        with open(self.words, "w", encoding="utf-8") as log:
            self.child = subprocess.Popen(  # pylint: disable=consider-using-with
                [f"{BUILD}/app/weir/weir", "--no-api", "-c", config, *ports, "--redis", "",
                 "--summary"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                text=True)
        end = time.monotonic() + PATIENCE
        while "RX queue" not in self.log():
            if self.child.poll() is not None or time.monotonic() > end:
                self.child.kill()
                self.child.wait()
                sys.exit("weir does not start\n" + self.log())
            time.sleep(0.02)
        if args.pktgen:
            time.sleep(args.link_up)

    def log(self):
        with open(self.words, encoding="utf-8") as f:
            return f.read()

    def end(self):
        """Its summary."""
        self.child.send_signal(signal.SIGINT)
        try:
            out = self.child.communicate(timeout=PATIENCE)[0]
        except subprocess.TimeoutExpired:
            self.child.kill()
            out = self.child.communicate()[0]
        if self.child.returncode != 0:
            sys.exit(f"weir ended with {self.child.returncode}\n{self.log()}")
        return json.loads(out)


def judge(took, offered, sent, summary):
    """Where each datagram that was offered has gone; weir's counts against the generator's."""
    if not summary["conserved"]:
        sys.exit(f"weir's sums do not hold: {summary}")
    ports = {what: sum(port[what] for port in summary["ports"])
             for what in ("packets", "missed", "no_mbuf", "errors")}
    decoded = summary["datagrams"] - sum(
        count for reason, count in summary["drops"].items()
        if reason.startswith("sflow_") and not reason.startswith("sflow_sample_"))
    trial = {"seconds": took, "rate": offered / took, "offered": offered, "sent": sent,
             "decoded": decoded, "samples": summary["samples"], "no_room": offered - sent,
             "missed": ports["missed"], "no_mbuf": ports["no_mbuf"], "errors": ports["errors"],
             "drops": summary["drops"], "weir": ports["packets"] - decoded,
             "lost": offered - decoded}
    trial["elsewhere"] = sent - ports["packets"] - sum(ports[k] for k in ("missed", "no_mbuf",
                                                                          "errors"))
    return trial


def per_datagram(trial):
    return trial["samples"] / max(trial["decoded"], 1)


def show(name, trial):
    values = (name, f"{trial['rate']:.0f}", f"{trial['rate'] * per_datagram(trial):.0f}", trial["offered"],
              trial["no_room"], trial["missed"], trial["no_mbuf"], trial["errors"], trial["weir"],
              trial["elsewhere"], trial["lost"])
    print(" ".join(f"{v:>{w}}" for v, w in zip(values, WIDTHS)),
          " ".join(f"{k}={v}" for k, v in trial["drops"].items()), flush=True)


class Search:
    """Trials, and what they say of the rate that weir takes."""

    def __init__(self, args, generator, config, folder):
        self.args, self.generator, self.config, self.folder = args, generator, config, folder
        self.ports = args.weir or generator.weir_ports()
        self.trials = []

    def trial(self, setting):
        weir = Weir(self.args, self.config, self.ports, self.folder)
        try:
            counts = self.generator.run(setting, self.args.seconds)
            time.sleep(DRAIN)
        finally:
            summary = weir.end()
            self.generator.close()
        trial = judge(*counts, summary)
        trial["passed"] = trial["decoded"] > 0 and \
            trial["lost"] <= self.args.loss * trial["offered"]
        self.trials.append(trial)
        show(len(self.trials), trial)
        return trial

    def halve(self, low, high):
        """The highest rate that passed, between two rates. Noise may have rates cross: then the
        worse one counts."""
        while high - low > self.args.resolution * high and len(self.trials) < self.args.trials:
            trial = self.trial(self.generator.setting((low + high) / 2))
            if trial["passed"]:
                low = max(low, min(trial["rate"], high))
            else:
                high = max(low, min(trial["rate"], high))
        return low

    def confirm(self, rate):
        """Repeat it, lower and lower until no repeat loses; the least rate of the repeats, or 0."""
        while len(self.trials) < 2 * self.args.trials:
            repeats = []
            while len(repeats) < self.args.repeats:
                repeats.append(self.trial(self.generator.setting(rate)))
                if not repeats[-1]["passed"]:
                    break
            else:
                return min((trial["rate"] for trial in repeats), default=rate)
            rate *= 1 - max(self.args.resolution, STEP)
        return 0

    def find(self):
        """Datagrams a second, 0 where none was found."""
        fastest = self.trial(self.generator.fastest)
        if fastest["passed"]:
            return self.confirm(fastest["rate"])
        # What got through is not far from what is looked for; where it is above, there is room.
        high = min(fastest["rate"], ABOVE * fastest["decoded"] / fastest["seconds"])
        low = self.halve(0, high)
        return self.confirm(low) if low else 0


def search(args, folder):
    config = args.config or os.path.join(folder, "weir.json")
    capture = args.capture or os.path.join(folder, "sflow.pcap")
    if not args.capture and not args.pktgen:
        make_capture(args, capture)
    rx, aggregate, spare = local_cpus()
    if not args.config:
        with open(config, "w", encoding="utf-8") as f:
            json.dump({"cores": {"rx": [rx], "aggregate": [aggregate]},
                       "flows": [{"name": "tuple", "value": "bytes", "n": 20, "keys": KEYS,
                                  "capacity": 200000}]}, f)
    if args.pktgen:
        generator = generators.Pktgen(args.pktgen, args.pktgen_port)
    else:
        generator = generators.Testpmd(capture, args.datagrams, os.path.join(folder, "memif"),
                                       args.ring, spare)
    one = Search(args, generator, config, folder)
    print(" ".join(f"{c:>{w}}" for c, w in zip(COLUMNS, WIDTHS)), flush=True)
    if args.rate:
        one.trial(generator.fastest)
        return one.trial(generator.setting(args.rate))["rate"], one.trials
    return one.find(), one.trials


def main():
    args = arguments()
    missing = None if args.pktgen else generators.Testpmd.missing()
    if missing:
        sys.exit(f"{missing} is not installed")
    rates, trials = [], []
    for _ in range(args.runs):
        with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="weir-search-") as folder:
            rate, tried = search(args, folder)
        rates.append(rate)
        trials.append(tried)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump({"rates": rates, "trials": trials}, f, indent=1)
    what = "trial at" if args.rate else f"no loss in {args.repeats} more trials up to"
    for rate, tried in zip(rates, trials):
        print(f"{what} {rate:.0f} datagrams/s, {rate * per_datagram(tried[-1]) / 1e6:.2f} M "
              "samples/s")
    if len(rates) > 1:
        print(f"median of {len(rates)} searches: {statistics.median(rates):.0f} datagrams/s "
              f"({min(rates):.0f} to {max(rates):.0f})")
    return 0 if all(rates) else 1


if __name__ == "__main__":
    sys.exit(main())
