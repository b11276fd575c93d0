#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What weir tells of itself: over HTTP, for Prometheus, by DPDK's telemetry, in Redis, by weirctl."""

import glob
import json
import os
import re
import socket
import time

import weirapi
import weirtest

TEXT = "publish_reason"  # no counter
# What Prometheus has besides counters: of the process.
PROCESS = {"info", "uptime_seconds", "cpu_seconds_total"}
# Counters that have other names there, and not only _total at the end.
OTHERS = {"time_ms": "time_seconds", "window_cycles_total": "window_cycles_total",
          "sflow_counter_samples": "sflow_counters_samples_total"}


def telemetry(path, *commands):
    """Answers of DPDK's telemetry socket, each what stands under the command."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        s.settimeout(weirtest.TIMEOUT)
        s.connect(path)
        room = json.loads(s.recv(1024))["max_output_len"]
        answers = []
        for command in commands:
            s.send(command.encode())
            answers.append(json.loads(s.recv(room))[command.split(",")[0]])
        return answers


def has_jemalloc():
    """Whether weir was built to have it: with a sanitizer it has not."""
    with open(os.path.join(weirtest.BUILD, "meson-info", "intro-buildoptions.json"), encoding="utf-8") as f:
        return any(o["name"] == "b_sanitize" and o["value"] == "none" for o in json.load(f))


class Status(weirtest.Case):

    def setUp(self):
        super().setUp()
        path, _ = self.make_capture("in.pcap", "--datagrams", "2000")
        self.store = self.redis()
        self.daemon = self.weir("-c", weirtest.CONFIG, "--pcap", path, "--loop", "--redis",
                                self.store.url, "--api", "127.0.0.1:0", "--window", "200ms",
                                env={**os.environ, "XDG_RUNTIME_DIR": self.folder})
        self.api = weirapi.Client(self, self.daemon)
        self.wait_published(self.daemon, self.store)
        time.sleep(0.5)

    def test_documented(self):
        """Every counter has its row in a table of docs/operations.rst, and no other has."""
        counters = {re.sub(r"^rx_\d+_", "rx_N_", name)
                    for name in self.api.want(200, "GET", "/counters/json")}
        with open(os.path.join(weirtest.SOURCE, "docs", "operations.rst"), encoding="utf-8") as f:
            page = re.search(r"\nCounters\n-+\n(.*?)\n\w+\n---", f.read(), re.S)[1]
        rows = re.findall(r"^``(\w+)`` +\w+  +\S", page, re.M)
        self.assertEqual(len(rows), len(set(rows)))
        if not has_jemalloc():
            rows = [name for name in rows if not name.startswith("memory_")]
            counters = {name for name in counters if not name.startswith("memory_")}
        self.assertEqual(counters, set(rows))

    def test_every_way_tells_every_counter(self):
        counters = self.api.want(200, "GET", "/counters/json")
        for name, counter in counters.items():
            self.assertTrue(counter["help"], name)
            self.assertIn(counter["kind"], ("counter", "gauge"))
            self.assertTrue(counter["unit"], name)
        with self.store.client() as client:
            stored = set(self.collector(client)) - {"window", "start_ms", "end_ms", TEXT}
        self.assertEqual(stored, set(counters))
        _, page = self.api.ask("GET", "/prometheus/analyzer/txt")
        names = {OTHERS.get(name, name + "_total" * (counter["kind"] == "counter"))
                 for name, counter in counters.items()}
        self.assertEqual(set(re.findall(r"(?m)^sflow_analyzer_(\w+)", page)), names | PROCESS)
        shown = self.weirctl("stats", "--explain", "--api",
                             f"http://{self.api.http.host}:{self.api.http.port}").wait()
        for name, counter in counters.items():
            line = next(line for line in shown.splitlines() if line.startswith(name + " "))
            self.assertTrue(line.endswith(counter["help"]), line)
        self.check_telemetry(set(counters))
        self.daemon.stop()

    def check_telemetry(self, names):
        sockets = glob.glob("/var/run/dpdk/weir-%d/dpdk_telemetry.v2" % self.daemon.pid) + \
            glob.glob(f"{self.folder}/dpdk/weir-*/dpdk_telemetry.v2")
        self.assertEqual(len(sockets), 1)
        listed, sflow, one, none = telemetry(
            sockets[0], "/weir/counters", "/weir/counters,sflow_", "/weir/counter,sflow_datagrams",
            "/weir/counter,nothing")
        self.assertEqual(set(listed), names | {TEXT})
        self.assertEqual(set(sflow), {n for n in names if n.startswith("sflow_")})
        self.assertGreater(sflow["sflow_datagrams"], 0)
        self.assertEqual((one["unit"], one["kind"]), ("datagrams", "counter"))
        self.assertFalse(none)

    def test_the_figures_move(self):
        """A replay as fast as it goes: the RX core is busy, the aggregator merges, memory is used."""
        before = self.api.want(200, "GET", "/counters/json")
        time.sleep(1)
        after = self.api.want(200, "GET", "/counters/json")
        c = {name: counter["value"] for name, counter in after.items()}
        self.assertGreater(c["rx_0_busy"], 10)
        self.assertLessEqual(c["rx_0_busy"], 100)
        self.assertGreater(c["rx_0_samples"], before["rx_0_samples"]["value"])
        self.assertGreater(c["aggregate_seals"], before["aggregate_seals"]["value"])
        self.assertGreater(c["aggregate_merge"], 0)
        self.assertGreater(c["aggregate_report"], 0)
        self.assertGreater(c["memory_resident"], 1 << 20)
        if has_jemalloc():
            self.assertGreater(c["memory_allocated"], 1 << 20)
            self.assertLess(c["memory_allocated"], c["memory_active"] + 1)
            self.assertLess(c["memory_active"], c["memory_mapped"] + 1)
        summary = json.loads(self.daemon.stop())
        self.assertGreaterEqual(summary["samples"], c["rx_0_samples"])


class Logs(weirtest.Case):
    """Where log lines go, and in which form."""

    ARGS = ("-c", weirtest.CONFIG, "--vdev", "net_null0", "--duration", "0.5", "--redis", "")

    def test_json(self):
        daemon = self.weir(*self.ARGS, "--log-format", "json")
        daemon.wait()
        lines = [json.loads(line) for line in daemon.err().splitlines()]
        self.assertIn("ports", {line["type"] for line in lines})
        for line in lines:
            self.assertEqual(set(line), {"time", "type", "level", "text"})
            self.assertRegex(line["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")

    def test_journal(self):
        """Messages with fields, to a socket that stands for the journal's."""
        weirtest.need_program("unshare", "mount")
        os.mkdir(self.path("journal"))
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
            journal.bind(self.path("journal/socket"))
            journal.settimeout(weirtest.TIMEOUT)
            command = " ".join([weirtest.WEIR, *self.ARGS[:-1], "''", "--no-api", "--log-format",
                                "journal"])
            daemon = weirtest.Process(self, "weir", ["unshare", "--mount", "sh", "-c", f"""
                mount -t tmpfs none /run && mkdir -p /run/systemd/journal &&
                mount --bind {self.path("journal")} /run/systemd/journal && exec {command}"""])
            fields = []
            while not any(f.get("WEIR_TYPE") == "ports" for f in fields):
                text = journal.recv(65536).decode()
                fields.append(dict(line.split("=", 1) for line in text.splitlines()))
            daemon.wait()
        self.assertEqual(daemon.err(), "")
        for f in fields:
            self.assertEqual(f["SYSLOG_IDENTIFIER"], "weir")
            self.assertEqual(f["PRIORITY"], "5")
            self.assertTrue(f["MESSAGE"].startswith(f["WEIR_TYPE"] + ": "))

    def test_wrong(self):
        daemon = self.weir(*self.ARGS, "--log-format", "xml")
        daemon.wait(2)
        self.assertIn("takes auto, text, json or journal", daemon.err())


if __name__ == "__main__":
    weirtest.main()
