#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Real captures: what weir counts is what sflowtool and a reader of the tests' own count."""

import collections
import json
import os
import unittest

import metricmodel
import sflowref
import weirtest

# Counter structures with metrics that no capture has; test_metrics.py makes them.
LACKING = {
    "0:3", "0:4", "0:6", "0:8", "0:9", "0:10", "0:11", "0:1002", "0:1003", "0:2007", "0:2008",
    "0:2009", "0:2010", "0:2100", "0:2101", "0:2102", "0:2103", "0:2104", "0:2105", "0:2106",
    "0:2200", "0:2202", "0:2204", "0:2205", "0:2206", "0:3000", "0:3001", "0:3002", "0:3003",
    "4413:1", "4413:2", "4413:3", "5703:1"}

COLUMN = {"agent": 1, "input": 2, "output": 3, "macsource": 4, "macdestination": 5, "type": 6,
          "ipsource": 9, "ipdestination": 10, "protocol": 11, "sport": 14, "dport": 15,
          "length": 17, "rate": 19}


def lines_of(path, start):
    """Lines of one of sflowtool's outputs beside a capture."""
    with open(path, encoding="utf-8", errors="replace") as f:
        return [line.rstrip("\n").split(",") for line in f if line.startswith(start)]


def address(text):
    return sflowref.address(text) if text != "-" else None


class Reader(unittest.TestCase):
    """The reader of the tests against sflowtool's CSV, sample by sample: who checks the checker."""

    def check_flow(self, sample, row):
        fields, length = sflowref.flow(sample)
        tags = [tag for tag, _ in sample.records]
        self.assertEqual(address(row[COLUMN["agent"]]), sample.agent)
        self.assertEqual(int(row[COLUMN["rate"]]), sample.rate)
        for side in ("input", "output"):
            if getattr(sample, side).isdigit():
                self.assertEqual(row[COLUMN[side]], getattr(sample, side))
        for side in ("ipsource", "ipdestination"):
            want = fields.get(side) or fields.get(side.replace("ip", "ip6"))
            if want or 1 in tags:
                self.assertEqual(address(row[COLUMN[side]]), want)
        for side in ("macsource", "macdestination"):
            if side in fields:
                self.assertEqual(row[COLUMN[side]].upper(), fields[side])
        if "ipprotocol" in fields:
            self.assertEqual(row[COLUMN["protocol"]], fields["ipprotocol"])
        for kind in ("tcp", "udp"):
            if f"{kind}sourceport" in fields:
                self.assertEqual(row[COLUMN["sport"]], fields[f"{kind}sourceport"])
                self.assertEqual(row[COLUMN["dport"]], fields[f"{kind}destinationport"])
        # The last record that has a length sets this column; weir takes the header's.
        if [t for t in tags if t in (1, 2, 3, 4)] == [1]:
            self.assertEqual(int(row[COLUMN["length"]]), length)

    def test_csv(self):
        for path in weirtest.corpus():
            name = os.path.basename(path)[:-5]
            with self.subTest(capture=name):
                capture = sflowref.Capture(path)
                rows = lines_of(path[:-5] + ".line.txt", "FLOW,")
                self.assertEqual(len(rows), len(capture.flow_samples))
                for sample, row in zip(capture.flow_samples, rows):
                    self.check_flow(sample, row)


class Corpus(weirtest.Case):
    """weir over each capture, with a Redis beside it."""

    def want(self, path):
        flows = len(lines_of(path[:-5] + ".line.txt", "FLOW,"))
        counters = len(lines_of(path[:-5] + ".line.txt", "CNTR,"))
        datagrams = len(lines_of(path[:-5] + ".sflowtool.txt", "startDatagram"))
        return (datagrams, flows, counters)

    def check_summary(self, path, capture, summary):
        got = tuple(summary[k] for k in ("datagrams", "flow_samples", "counter_samples"))
        self.assertEqual(got, self.want(path))
        self.assertEqual(got[1:], (len(capture.flow_samples), len(capture.counter_samples)))
        self.assertEqual(summary["discarded_packets"], len(capture.discarded))
        self.assertTrue(summary["conserved"])
        self.assertEqual(set(summary["flows"]), set(capture.definitions))
        for name, want in capture.definitions.items():
            got = summary["flows"][name]
            self.assertEqual((got["total"], got["other"], got["samples"], got["flows"]),
                             (want.total, 0, want.samples, len(want.flows)), name)
            self.assertEqual(got["keyless"], summary["flow_samples"] - want.samples, name)

    def test_summaries(self):
        for path in weirtest.corpus():
            with self.subTest(capture=os.path.basename(path)):
                self.check_summary(path, sflowref.Capture(path), self.once([path]))

    def test_redis(self):
        """Every capture again, and all that the contract says of Redis."""
        store, tags = self.redis(), set()
        for number, path in enumerate(weirtest.corpus()):
            with self.subTest(capture=os.path.basename(path)), store.client() as client:
                prefix = f"p{number}"
                self.once([path], "--set", f"redis.prefix={prefix}", "--set", "collector=c1",
                          url=store.url)
                model = metricmodel.Model(
                    json.loads(line) for line in
                    self.weirctl("decode", "--json", path).wait().splitlines())
                Contract(self, client, prefix, sflowref.Capture(path), model).check()
                tags |= model.tags
        # So that a capture with a new structure is noticed, and one that goes away, too.
        self.assertEqual(set(metricmodel.ROWS) - tags, LACKING)


class Contract:
    """The keys of one collector after a capture was read to its end."""

    def __init__(self, case, client, prefix, capture, model):
        self.case, self.client, self.prefix, self.capture = case, client, prefix, capture
        self.model = model

    def check(self):
        want = {f"{self.prefix}:collector:c1"}
        for name in self.capture.definitions:
            want |= self.flow(name)
        want |= self.agents()
        want |= self.metrics()
        self.collector()
        self.history()
        got = self.client.keys(f"{self.prefix}:*")
        self.case.assertEqual({k for k in got if ":history:" not in k}, want)

    def history(self):
        """PREFIX:history:{NAME}:1s of each definition, and :10s once ten seconds are over."""
        got = set(self.client.keys(f"{self.prefix}:history:*"))
        short, long = ({f"{self.prefix}:history:{{{name}}}:{step}" for name in
                        self.capture.definitions} for step in ("1s", "10s"))
        self.case.assertIn(got, (short, short | long))

    def seconds(self, meta):
        return (int(meta["end_ms"]) - int(meta["start_ms"])) / 1000

    def flow(self, name):
        """PREFIX:flow:{NAME}, :rank and :meta; the keys that are there."""
        key = f"{self.prefix}:flow:{{{name}}}"
        want = self.capture.definitions[name]
        case, meta = self.case, self.client.hgetall(key + ":meta")
        case.assertEqual(
            {k: meta[k] for k in ("window", "unit", "total", "other", "flows", "samples",
                                  "collector")},
            {"window": "1", "unit": want.value, "total": str(want.total), "other": "0",
             "flows": str(len(want.flows)), "samples": str(want.samples), "collector": "c1"})
        case.assertGreaterEqual(self.seconds(meta), 1)
        got = {k: float(v) for k, v in self.client.hgetall(key).items()}
        rank = dict(self.client.zrange(key + ":rank", 0, -1, withscores=True))
        case.assertEqual(rank, got)
        largest = want.largest()
        case.assertEqual(len(got), min(want.n, len(largest)))
        for flow, rate in got.items():
            case.assert_near(rate, largest[flow] / self.seconds(meta), 1e-3, f"{name} {flow}")
        left = [v for flow, v in largest.items() if flow not in got]
        if left:
            case.assertLessEqual(max(left), min(largest[flow] for flow in got))
        return {key + ":meta"} | ({key, key + ":rank"} if got else set())

    def agents(self):
        """PREFIX:agents and PREFIX:agent:{IP}."""
        heard = collections.defaultdict(list)
        for datagram in self.capture.datagrams:
            heard[datagram.agent].append(datagram)
        seen = dict(self.client.zrange(f"{self.prefix}:agents", 0, -1, withscores=True))
        self.case.assertEqual(set(seen), set(heard))
        for agent, datagrams in heard.items():
            got = self.client.hgetall(f"{self.prefix}:agent:{{{agent}}}")
            kinds = collections.Counter(s.kind for d in datagrams for s in d.samples)
            self.case.assertEqual(
                {k: int(got[k]) for k in ("datagrams", "samples", "flow_samples",
                                          "counter_samples", "discarded_packets")},
                {"datagrams": len(datagrams), "samples": sum(kinds.values()),
                 "flow_samples": kinds["flow"], "counter_samples": kinds["counter"],
                 "discarded_packets": kinds["discard"]})
            self.case.assertEqual(int(got["uptime_ms"]), datagrams[-1].uptime)
            self.case.assertEqual(int(got["last_seen_ms"]), int(seen[agent]))
            self.case.assertGreater(self.client.pttl(f"{self.prefix}:agent:{{{agent}}}"), 0)
        keys = {f"{self.prefix}:agent:{{{agent}}}" for agent in heard}
        return keys | ({f"{self.prefix}:agents"} if heard else set())

    def metrics(self):
        """PREFIX:metric:{IP}:SOURCE: metrics of the counter samples, and what is known of sampling."""
        keys = set()
        for (agent, source), want in self.model.hashes().items():
            key = f"{self.prefix}:metric:{{{agent}}}:{source}"
            keys.add(key)
            got = self.client.hgetall(key)
            metricmodel.check(
                self.case, {k: v for k, v in got.items() if k not in metricmodel.SAMPLING}, want)
        for s in self.capture.flow_samples:
            key = f"{self.prefix}:metric:{{{s.agent}}}:{s.source}"
            keys.add(key)
            self.case.assertIn("sampling_rate", self.client.hgetall(key))
        return keys

    def collector(self):
        """PREFIX:collector:ID, whose sums hold."""
        got = self.case.collector(self.client, self.prefix)
        self.case.assert_conserved(got)
        self.case.assertEqual(got["window"], 1)
        self.case.assertEqual(got["sflow_datagrams"], self.capture.payloads)
        self.case.assertEqual(got["sflow_flow_samples"], len(self.capture.flow_samples))
        self.case.assertEqual(got["sflow_counter_samples"], len(self.capture.counter_samples))
        self.case.assertEqual(got["sflow_discard_samples"], len(self.capture.discarded))


if __name__ == "__main__":
    weirtest.main()
