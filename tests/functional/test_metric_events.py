#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Counters of a live fabric: events on metrics, and metric hashes that follow what is there."""

import itertools
import json
import socket
import struct
import time

import test_metrics  # finds the modules of tests/decode
import weirapi
import weirnet
import weirtest

import structures
import xdr

CONFIG = {
    "window": "200ms",
    "flows": [{"name": "pairs", "keys": "ipsource,ipdestination", "value": "bytes"}],
    "thresholds": [
        {"name": "octets", "metric": "ifinoctets", "value": 0, "timeout": 60,
         "filter": {"ifname": ["swp1", "swp3*"], "ifoperstatus": "up"}},
        {"name": "hosts", "metric": "2.1.cpu_num", "value": 0, "filter": {"os_name": "lin*"}},
        {"name": "none", "metric": "ifinoctets", "value": 0, "filter": {"ifname": "eth*"}}]}
FABRIC = ("--counters", "1", "--agents", "6", "--interfaces", "4", "--hosts", "0.5",
          "--port-names", "--rate", "1000")
# What is known of how data sources sample comes in its own time.
SAMPLING = {"sampling_rate", "effective_sampling_rate", "flow_samples", "flow_samples_lost",
            "flow_samples_dropped"}


AGENT = "10.9.0.7"
UNKNOWN = 2**32 - 1


class Agent:
    """An interface with two records, and a source of custom metrics, polled by the test."""

    KEYS = [f"weir:metric:{{{AGENT}}}:{source}" for source in ("7", "x")]
    CUSTOM = structures.tag_number("4300:1002")

    def __init__(self, case, network):
        with weirnet.inside(network.fabric):
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        case.addCleanup(self.socket.close)
        self.numbers = itertools.count(1)

    def poll(self, ethernet, custom, packets=None):
        n, ms = next(self.numbers), int(time.monotonic() * 1000)
        records = [(1, xdr.u32(7, 6, 0, 10**9, 1, 3) + struct.pack(">Q", ms)
                    + xdr.u32(n if packets is None else packets) + bytes(52))]
        if ethernet:
            records.append((2, xdr.u32(*[n] * 13)))
        metrics = b"".join(xdr.opaque(name) + xdr.u32(3, n) for name in custom)
        self.socket.sendto(test_metrics.datagram(
            ms, [test_metrics.sample((0, 7), n, records),
                 xdr.tlv(self.CUSTOM, xdr.opaque(b"x") + xdr.u32(len(custom)) + metrics)],
            sequence=n, agent=AGENT), (weirnet.Network.OUTSIDE, 6343))


class Metrics(weirtest.Case):

    def start(self, *args):
        # pylint: disable=attribute-defined-outside-init
        self.network = weirnet.Network(self)
        self.store = self.redis()
        self.client = self.store.client()
        self.addCleanup(self.client.close)
        config = self.path("metrics.yaml", json.dumps(CONFIG))
        daemon = self.live(self.network, self.store, "--driver", "af_packet", "--api",
                           "127.0.0.1:0", *args, config=config)
        self.api = weirapi.Client(self, daemon, space=self.network.space)
        return daemon

    def hashes(self):
        found = {}
        for key in self.client.keys("weir:metric:*"):
            fields = self.client.hgetall(key)
            found[key] = {k: v for k, v in fields.items() if k not in SAMPLING}
        return {key: fields for key, fields in found.items() if fields}

    def differences(self, want):
        got = self.hashes()
        return {k: (want.get(k), got.get(k)) for k in want.keys() | got.keys()
                if want.get(k) != got.get(k)}

    def events(self, **want):
        found = self.api.want(200, "GET", "/events/json?maxEvents=1000")
        return [e for e in found if all(e.get(k) == v for k, v in want.items())]

    def test_events(self):
        """An event for each data source that is above, until that is gone, hash and all."""
        daemon = self.start("--set", "limits.expire=3s")
        self.api.want(204, "PUT", "/threshold/later/json", {"metric": "nonesuch", "value": 1})
        with self.client.pubsub(ignore_subscribe_messages=True) as channel:
            channel.psubscribe("weir:metric:*")
            fabric = self.fabric(self.network, *FABRIC, "--seconds", "5")
            weirtest.wait_until(lambda: self.events(state="start", thresholdID="hosts"),
                                daemon.story)
            weirtest.wait_until(lambda: self.events(state="start", thresholdID="octets"),
                                daemon.story)
            self.check_kinds()
            fabric.wait()
            starts = self.events(state="start")
            self.check_starts(starts)
            self.assertEqual(self.events(state="end"), [])
            weirtest.wait_until(lambda: len(self.events(state="end")) == len(starts),
                                daemon.story)
            for end in self.events(state="end"):
                self.assertGreaterEqual(end["peak"], end["value"])
                self.assertNotIn("samples", end)
            weirtest.wait_until(lambda: not self.hashes(), daemon.story)
            self.check_gone(channel)
        daemon.stop()

    def check_kinds(self):
        thresholds = self.api.want(200, "GET", "/threshold/json")
        self.assertEqual({name: t["kind"] for name, t in thresholds.items()},
                         {"octets": "metric", "hosts": "metric", "none": "metric",
                          "later": "unknown"})
        self.api.want(204, "PUT", "/threshold/octets2/json", thresholds["octets"])
        again = self.api.want(200, "GET", "/threshold/octets2/json")
        again.setdefault("kind", "metric")
        self.assertEqual(again, thresholds["octets"])
        self.api.want(204, "DELETE", "/threshold/octets2/json")

    def check_starts(self, starts):
        places = {(e["thresholdID"], e["agent"], e["dataSource"]) for e in starts
                  if e["thresholdID"] != "octets2"}
        hashes = self.hashes()
        for name, agent, source in places:
            fields = hashes[f"weir:metric:{{{agent}}}:{source}"]
            if name == "hosts":
                self.assertEqual((source, fields["os_name"]), ("2.1", "linux"))
            else:
                self.assertEqual(name, "octets")
                self.assertIn(fields["ifname"], ("swp1", "swp3"))
        hosts = {a for _, a, s in places if s == "2.1"}
        self.assertEqual(len(hosts), 3)
        self.assertEqual(hosts, {key.split("}")[0].split("{")[1] for key in hashes
                                 if key.endswith(":2.1")})

    def check_gone(self, channel):
        gone = set()

        def all_told():
            while message := channel.get_message(timeout=0.1):
                document = json.loads(message["data"])
                if document.get("gone"):
                    self.assertNotIn("metrics", document)
                    gone.add((document["agent"], document["source"]))
            # More than the interfaces; the counter is that of the window before.
            return 12 < len(gone) == self.collector(self.client)["publish_gone"]

        weirtest.wait_until(all_told, lambda: gone)

    def fields(self):
        return set().union(*(self.client.hgetall(key) for key in Agent.KEYS))

    def test_went(self):
        """What is unknown, or of a record or custom metric that no longer comes, is taken away."""
        daemon = self.start("--set", "metrics.silent=0", "--set", "limits.expire=5s")
        agent = Agent(self, self.network)
        stay = {"ifspeed", "ifinoctets", "ifinutilization", "custom_b", "contact"}
        go = {"ifinucastpkts", "ifinpkts", "eth_fcserrors", "custom_a"}

        def until(condition, *args):
            def polled():
                agent.poll(*args)
                return condition(self.fields())
            weirtest.wait_until(polled, lambda: (self.fields(), daemon.story()), pause=0.1)

        until((stay - {"contact"} | go).issubset, True, (b"custom_a", b"custom_b"))
        for key in Agent.KEYS:
            self.client.hset(key, "contact", "another's")
        until(go.isdisjoint, False, (b"custom_b",), UNKNOWN)
        self.assertGreaterEqual(self.fields(), stay)
        self.assertFalse([f for f in self.fields() if f.startswith("eth_")])
        for key in Agent.KEYS:
            self.assertEqual(self.client.hget(key, "contact"), "another's")
        c = self.collector(self.client)
        self.assertEqual((c["publish_errors"], c["publish_gone"]), (0, 0))
        daemon.stop()

    def test_hashes(self):
        """Only what changes is written; whatever takes hashes away, they are whole again."""
        daemon = self.start("--set", "metrics.silent=0")  # what is silent stays here
        fabric = self.fabric(self.network, *FABRIC, "--seconds", "4")
        weirtest.wait_until(lambda: any("ifinoctets" in f for f in self.hashes().values()),
                            daemon.story)
        known = {k: f for k, f in self.hashes().items() if "ifinoctets" in f}
        for k in known:
            self.client.hset(k, mapping={"ifspeed": "untouched", "ifinoctets": "old"})
        truth = self.truth(fabric)
        # A rate that stays the same is not written either.
        key = weirtest.wait_until(
            lambda: next((k for k in known if self.client.hget(k, "ifinoctets") != "old"), None),
            daemon.story)
        self.wait_datagrams(self.client, truth["received"], daemon)
        window = self.collector(self.client)["window"]
        weirtest.wait_until(lambda: self.collector(self.client)["window"] > window + 1,
                            daemon.story)
        self.assertEqual(self.client.hget(key, "ifspeed"), "untouched")
        want = self.hashes()
        for k, fields in known.items():
            want[k]["ifspeed"] = fields["ifspeed"]
            if want[k]["ifinoctets"] == "old":
                want[k]["ifinoctets"] = fields["ifinoctets"]
        # Nobody sends any more: all that comes back is what the collector knows.
        self.client.flushall()
        weirtest.wait_until(lambda: self.hashes() == want, lambda: self.differences(want), 5)
        self.store.kill()
        weirtest.wait_until(lambda: "was lost" in daemon.err(), daemon.story)
        self.store.start()
        weirtest.wait_until(lambda: self.hashes() == want, lambda: self.differences(want), 5)
        for name in want:
            self.assertGreater(self.client.pttl(name), 0)
        c = self.collector(self.client)
        self.assertEqual((c["publish_errors"], c["publish_gone"]), (0, 0))
        daemon.stop()


if __name__ == "__main__":
    weirtest.main()
