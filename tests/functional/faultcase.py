# SPDX-License-Identifier: BSD-3-Clause
"""A collector under live traffic whose Redis fails: what has to hold while it does, and after."""

import contextlib
import json
import math
import os
import signal
import time

import redis

import weirapi
import weirnet
import weirtest

LONG = float(os.environ.get("WEIR_FAULT_SECONDS", "0"))  # how long faults last; 0: they are short
RIGHT_S = 2     # Redis is right, and so long after all in it is
GENEROUS = 3    # times as long on a machine that others use
GROWTH_KB = 24 * 1024  # of the collector's memory, by a fault
WINDOW_MS = 300
PUTS = {"flow": {"keys": "ipsource", "value": "frames", "capacity": 4096},
        "group": {"campus": ["10.0.0.0/8"]}}  # at run time, by the name of "mine"
RECORDS = 512   # that wait for Redis: few, so that some are dropped soon

CONFIG = {
    "window": f"{WINDOW_MS}ms",
    "memory": {"hugepages": "off"},
    "limits": {"agents": 64, "sources": 1024, "records": RECORDS},
    "flows": [
        # More flows than are written whole with each window, and less.
        {"name": "pairs", "keys": "ipsource,ipdestination", "value": "bytes", "n": 400,
         "capacity": 4096},
        {"name": "ports", "keys": "agent,inputifindex,outputifindex", "value": "frames",
         "capacity": 4096},
        {"name": "log", "keys": "ipsource", "value": "bytes", "log": True, "activeTimeout": 1,
         "capacity": 4096}]}


class Stage(weirtest.Case):
    """What the tests of a class share: a network, traffic, a collector."""

    def runTest(self):  # pylint: disable=invalid-name
        """Never run: unittest wants one of an instance."""

    def open(self):
        self.setUp()
        self.network = weirnet.Network(self)
        self.daemon = self.api = self.traffic = None
        return self

    def start(self, url, *args):
        config = self.path("weir.yaml", json.dumps(CONFIG))
        self.daemon = self.weir("-c", config, "--iface", self.network.outside, "--driver",
                                "af_packet", "--redis", url, "--api", "127.0.0.1:8008", *args,
                                space=self.network.space)
        self.api = weirapi.Client(self, self.daemon, space=self.network.space)
        for kind, body in PUTS.items():
            self.api.want(204, "PUT", f"/{kind}/mine/json", body)
        self.traffic = self.fabric(self.network, "--rate", "2000", "--agents", "4", "--flows",
                                   "2000", "--counters", "2")

    def finish(self):
        """End the traffic: all that was sent was received and counted."""
        try:
            if self.traffic is None:
                return
            self.traffic.send(signal.SIGINT)
            sent = self.truth(self.traffic)["received"]
            weirtest.wait_until(lambda: self.counters()["sflow_datagrams"] >= sent,
                                lambda: f"{sent} datagrams: {self.counters()}")
            weirtest.wait_until(lambda: self.pending() == 0, lambda: f"{self.pending()} records "
                                "were neither sent nor counted as dropped")
            c = self.counters()
            self.assertEqual(c["sflow_datagrams"], sent)
            self.assert_conserved(c)
            self.assert_received(c)
            self.daemon.stop()
        finally:
            self.doCleanups()

    def pending(self):
        """Records that were made, and of which nothing became yet."""
        c = self.counters()
        return c["flow_records"] - sum(c["publish_" + k] for k in (
            "records", "drop_records", "refused_records"))

    def assert_received(self, c):
        for loss in ("port_missed", "port_no_mbuf", "port_errors"):
            self.assertEqual(c[loss], 0, loss)

    def counters(self):
        """The collector's own, over HTTP: what is seen while Redis is away."""
        if not self.daemon.running():
            raise AssertionError("weir ended\n" + self.daemon.story())
        analyzer = self.api.want(200, "GET", "/analyzer/json")
        return {"window": analyzer["window"], **analyzer["counters"]}

    def counters_behind(self, window):
        c = self.counters()
        return c if c["window"] > window + 1 else None

    def rss_kb(self):
        with open(f"/proc/{self.daemon.pid}/status", encoding="utf-8") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))

    # ---- whether Redis has what the API has ----

    def what_differs(self, client):
        """In a word what Redis has that is not as the API says; None: all is as it should be."""
        before = self.counters()
        flows = {name: self.flows(name) for name in ("pairs", "ports")}
        metrics = self.metrics()
        kept = [k for k in PUTS if not client.hexists("weir:config:" + k, "mine")]
        if kept:
            return f"no {kept} of what was put at run time"
        with client.pipeline(transaction=True) as p:
            p.hgetall("weir:collector:" + client.keys("weir:collector:*")[0].rpartition(":")[2])
            for name in flows:
                p.hgetall(f"weir:flow:{{{name}}}")
            for agent, source, _ in metrics:
                p.hget(f"weir:metric:{{{agent}}}:{source}", "ifinoctets")
            answers = p.execute()
        collector, found = answers[0], dict(zip(flows, answers[1:]))
        if collector["window"] != str(before["window"]):
            return f"window {collector['window']}, not {before['window']}"
        if self.counters()["window"] != before["window"]:
            return "the window has just ended"
        for name, value in before.items():
            if collector[name] != str(value):
                return f"{name}: {collector[name]}, not {value}"
        if collector["publish_state"] != "0":
            return "publish_state " + collector["publish_state"]
        for name, want in flows.items():
            if set(want) != set(found[name]) or not want:
                return f"keys of {name}: {set(want) ^ set(found[name])}"
            wrong = [k for k in want if not math.isclose(want[k], float(found[name][k]),
                                                         rel_tol=1e-6, abs_tol=2e-3)]
            if wrong:
                return f"values of {name}: {[(k, want[k], found[name][k]) for k in wrong[:3]]}"
        return self.metric_that_differs(metrics, answers[1 + len(flows):])

    @staticmethod
    def metric_that_differs(metrics, found):
        for (agent, source, want), has in zip(metrics, found):
            if has is None or not math.isclose(want, float(has), rel_tol=1e-6, abs_tol=1e-6):
                return f"ifinoctets of {agent} {source}: {has}, not {want}"
        return None if metrics else "no metrics yet"

    def flows(self, name):
        n = 400 if name == "pairs" else 20
        flows = self.api.want(200, "GET", f"/activeflows/ALL/{name}/json?maxFlows={n}")
        return {f["key"]: f["value"] for f in flows}

    def metrics(self):
        found = self.api.want(200, "GET", "/dump/ALL/ifinoctets/json")
        return [(m["agent"], m["dataSource"], m["metricValue"]) for m in found]

    def wait_right(self, client, since):
        """Until Redis has what the API has; seconds from `since` on."""
        why = []

        def right():
            try:
                why[:] = [self.what_differs(client)]
            except (redis.RedisError, IndexError) as e:
                why[:] = [repr(e)]
            return why == [None]
        weirtest.wait_until(right, lambda: f"{why}\n{self.daemon.story()}",
                            timeout=weirtest.TIMEOUT)
        return time.monotonic() - since

    # ---- a fault ----

    @contextlib.contextmanager
    def measured(self, name):
        """Around what breaks Redis; afterwards call mended(), when it is right again."""
        self.case = {"name": name, "before": self.counters(), "rss": self.rss_kb(),
                     "begin": time.monotonic()}
        yield

    @contextlib.contextmanager
    def fault(self, name, state, reason):
        """The same, where the collector sees it: it goes on and says what is wrong."""
        with self.measured(name):
            yield
        self.wait_state(state, reason)
        window = self.counters()["window"]
        weirtest.wait_until(lambda: self.counters()["window"] >= window + 2, self.daemon.story)

    def wait_state(self, state, reason):
        def told():
            c = self.counters()
            return c["publish_state"] == state and reason in c["publish_reason"]
        weirtest.wait_until(told, lambda: f"{state} {reason}: {self.counters()}\n"
                            + self.daemon.story())

    def mended(self, client, since=None, **more):
        """Redis is right since then: all is right soon, and the figures of it."""
        since = since or time.monotonic()
        seconds = self.wait_right(client, since)
        window = self.counters()["window"]  # whose counters were taken before it was published
        after = weirtest.wait_until(lambda: self.counters_behind(window), self.daemon.story)
        before = self.case["before"]
        grown = self.rss_kb() - self.case["rss"]
        change = {k: after[k] - v for k, v in before.items() if isinstance(v, int)}
        self.figures("redis", self.case["name"], lasted_s=round(since - self.case["begin"], 1),
                     recovery_s=round(seconds, 2),
                     missed=change["port_missed"], windows=change["window"],
                     superseded=change["publish_superseded"],
                     dropped_records=change["publish_drop_records"],
                     refused_records=change["publish_refused_records"],
                     errors=change["publish_errors"], disconnects=change["publish_disconnects"],
                     rss_growth_kb=grown, **more)
        self.assertLess(seconds, RIGHT_S * GENEROUS)
        self.assertLess(grown, GROWTH_KB)
        self.assert_received(after)
        return change
