#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Events of thresholds and flow records of live traffic: when they start, end, and Redis is away."""

import json
import socket
import statistics
import time

import test_events
import weirapi
import weirnet
import weirtest

PROBES = 40
LATEST = 5  # s; far above what is promised, since tests share machines


class Live(test_events.EventCase):

    def test_start_and_end(self):
        """A live flow comes and goes: one event, with peak and duration."""
        network, store = weirnet.Network(self), self.redis()
        config = self.settings(
            {"name": "t", "metric": "quick", "value": 50000, "timeout": 0.3},
            flows=[{"name": "quick", "keys": "ipsource", "value": "bytes", "t": 0.2}])
        daemon = self.live(network, store, "--window", "100ms", config=config)
        with store.client() as client, weirnet.inside(network.fabric):
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with store.client() as client, s:
            for i in range(1, 400):
                s.sendto(test_events.datagram("10.9.0.1", i, [("10.0.0.1", "10.0.0.2")]),
                         (network.OUTSIDE, 6343))
                time.sleep(0.005)
            weirtest.wait_until(lambda: client.xlen(test_events.EVENTS) == 2, daemon.story)
            start, end = self.entries(client)
        daemon.stop()
        self.assertEqual((start["state"], end["state"]), ("start", "end"))
        self.assertEqual(end["startID"], start["eventID"])
        self.assertEqual(end["start"], start["timestamp"])
        self.assertGreaterEqual(float(end["peak"]), float(start["value"]))
        self.assertGreater(int(end["duration"]), 1000)
        self.assertEqual(int(end["duration"]) % 100, 0)
        self.assertGreater(int(end["timestamp"]) - int(start["timestamp"]),
                           int(end["duration"]) - 100)

    def test_latency(self):
        """From a datagram to a subscriber: the distribution is printed, with a window of 100 ms."""
        network, store = weirnet.Network(self), self.redis()
        config = self.settings(
            {"name": "t", "metric": "pairs", "value": 1000, "byFlow": True, "timeout": 60})
        daemon = self.live(network, store, "--window", "100ms", config=config)
        with weirnet.inside(network.fabric):
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        delays = []
        with store.client() as client, client.pubsub(ignore_subscribe_messages=True) as channel, s:
            channel.subscribe(test_events.EVENTS)
            channel.get_message(timeout=1)
            for i in range(PROBES):
                key = (f"10.1.0.{i + 1}", "10.0.0.2")
                sent = time.monotonic()
                s.sendto(test_events.datagram("10.9.0.1", i + 1, [key]), (network.OUTSIDE, 6343))
                message = channel.get_message(timeout=LATEST)
                self.assertIsNotNone(message, daemon.story())
                delays.append((time.monotonic() - sent) * 1000)
                self.assertEqual(json.loads(message["data"])["flowKey"], ",".join(key))
                time.sleep(0.007 * (i % 14))  # at all times of a window
        daemon.stop()
        delays.sort()
        print(f"datagram to subscriber, {PROBES} events, window 100 ms: least {delays[0]:.1f}, "
              f"median {statistics.median(delays):.1f}, 90 % {delays[PROBES * 9 // 10]:.1f}, "
              f"most {delays[-1]:.1f} ms")

    def test_away(self):
        """Redis is away: events wait, the oldest are dropped and counted, the rest comes."""
        network, store = weirnet.Network(self), self.redis()
        config = self.settings(
            {"name": "t", "metric": "pairs", "value": 0, "byFlow": True, "timeout": 600},
            limits={"events": 16}, redis={"events": 1000})
        daemon = self.live(network, store, "--window", "100ms", "--api", "127.0.0.1:0",
                           config=config)
        api = weirapi.Client(self, daemon, network.space)
        with weirnet.inside(network.fabric):
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        store.kill()
        weirtest.wait_until(lambda: "was lost" in daemon.err(), daemon.story)
        with s:
            for i in range(50):
                flows = [(f"10.1.0.{i + 1}", "10.0.0.2")]
                s.sendto(test_events.datagram("10.9.0.1", i + 1, flows), (network.OUTSIDE, 6343))
        newest = lambda: api.want(200, "GET", "/events/json?maxEvents=1")
        weirtest.wait_until(lambda: [e["eventID"] for e in newest()] == [50], daemon.story)
        store.start()
        with store.client() as client:
            weirtest.wait_until(lambda: self.collector(client).get("threshold_starts") == 50
                                and client.xlen(test_events.EVENTS) >= 16, daemon.story)
            weirtest.wait_until(lambda: self.collector(client)["publish_events"]
                                + self.collector(client)["publish_drop_events"] == 50,
                                lambda: str(self.collector(client)))
            ids = [int(e["eventID"]) for e in self.entries(client)]
            self.assertEqual(ids, list(range(50 - len(ids) + 1, 51)))
            self.assertEqual(self.collector(client)["publish_drop_events"], 50 - len(ids))
            self.assertEqual(len(ids), 16)
        daemon.stop()

    def test_live_records(self):
        """A flow that goes on has a record each second, and one at its end."""
        network, store = weirnet.Network(self), self.redis()
        config = self.settings(flows=[
            {"name": "log", "keys": "ipsource", "value": "frames", "t": 0.2, "log": True,
             "activeTimeout": 1}])
        daemon = self.live(network, store, "--window", "100ms", config=config)
        with weirnet.inside(network.fabric):
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with store.client() as client, s:
            key, sent = "weir:records:{log}", 0
            while client.xlen(key) < 3:
                sent += 1
                s.sendto(test_events.datagram("10.9.0.1", sent, [("10.0.0.1", "10.0.0.2")]),
                         (network.OUTSIDE, 6343))
                time.sleep(0.005)
                self.assertLess(sent, 20000, daemon.story())
            total = lambda: sum(int(r["value"]) for r in self.entries(client, key))
            weirtest.wait_until(lambda: total() == 1000 * sent,
                                lambda: f"{total()} of {sent}\n" + daemon.story())
            records = self.entries(client, key)
            for before, after in zip(records, records[1:]):
                self.assertGreaterEqual(int(after["start"]), int(before["end"]))
            for r in records[:-1]:
                self.assertLess(int(r["end"]) - int(r["start"]), 2000)  # not two of them in one
            summary = json.loads(daemon.stop())
            self.assertEqual(summary["flows"]["log"]["total"], total())


if __name__ == "__main__":
    weirtest.main()
