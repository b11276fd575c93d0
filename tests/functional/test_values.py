#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Values of every kind, of whole captures, against a plain model over `weirctl decode --json`."""

import collections
import json
import math
import os

import flowmodel
import test_api
import test_model
import traffic
import weirtest

TOP = 200
DIFFERENT = 16  # distinct values up to which a sketch is sure to count them one by one
SKETCH_ERROR = 1.04 / math.sqrt(2048)
SURE = 5 * SKETCH_ERROR  # each run hashes anew: one count in a million is farther away

DEFINITIONS = {
    "rtt": {"keys": "agent", "value": "avg:tcprtt",
            "values": "bytes,min:tcprtt,max:tcprtt,last:tcprtt,avg:[bytes],count:ipdestination"},
    "sources": {"keys": "or:ipdestination:ip6destination", "value": "count:or:ipsource:ip6source",
                "values": ["frames", "avg:bytes", "max:ip6ttl", "min:ipttl"]},
    "least": {"keys": "ipprotocol,direction", "value": "min:bytes", "values": "max:bytes,last:bytes"},
    "newest": {"keys": "agent,datasource", "value": "last:bytes", "values": "count:tcpsourceport"},
    "slow": {"keys": "httpurl", "value": "duration",
             "values": "requests,req_bytes,resp_bytes,avg:duration,max:duration,count:clientport"},
    "all": {"keys": "", "value": "count:concat:/:ipsource:ipdestination:tcpsourceport",
            "values": "rate:bits:tcpflags:18"},
}


flowmodel.RECORDS.update({
    "duration": ("http_request", "uS", None), "req_bytes": ("http_request", "req_bytes", None),
    "resp_bytes": ("http_request", "resp_bytes", None),
    "clientport": ("extended_socket_ipv4", "remote_port", None)})


def number_of(sample, what):
    """The number, or for a count the text, that an expression takes from a sample."""
    what = what[1:-1] if what.startswith("[") else what
    if what == "frames":
        return 1
    if what == "bytes":
        return sample.length()
    if what == "requests":
        operations = {"http_request", "memcache_operation", "app_operation"}
        names = set(sample.records) & operations
        stack = (flowmodel.key(sample, "stack") or "").split(".")
        return 1 if names or {"dns", "arp"} & set(stack) else None
    return flowmodel.key(sample, what)


class Expression:
    """One value of a definition, over the samples of one flow at one place."""

    def __init__(self, what):
        prefix, _, rest = what.partition(":")
        known = ("rate", "avg", "min", "max", "last", "count")
        self.kind, self.what = (prefix, rest) if prefix in known else ("rate", what)

    def of(self, sample):
        found = number_of(sample, self.what)
        if found is None or self.kind == "count":
            return found
        return flowmodel.number(found)

    def merged(self, places):
        """[(sample number, sampling rate, value)] of each place → value over all of them."""
        seen = [s for samples in places for s in samples]
        if not seen:
            return None
        values = [v for _, _, v in seen]
        if self.kind == "rate":
            return max(sum(rate * v for _, rate, v in samples) for samples in places)
        return {"avg": lambda: sum(values) / len(values), "min": lambda: min(values),
                "max": lambda: max(values), "last": lambda: max(seen)[2],
                "count": lambda: len(set(values))}[self.kind]()


class Definition:
    """What one definition has to give."""

    def __init__(self, keys, value, values=(), **more):
        self.keys = flowmodel.split(keys, ",") if keys else []
        values = flowmodel.split(values, ",") if isinstance(values, str) and values else values
        self.expressions = [Expression(e) for e in [value, *values]]
        self.filter = flowmodel.Filter(more["filter"]) if more.get("filter") else None
        # flow → place → for each expression the samples that have it
        self.flows = collections.defaultdict(dict)
        self.samples, self.total = 0, 0

    def add(self, number, sample):
        if sample.dropped or (self.filter and not self.filter.holds(sample)):
            return
        found = [flowmodel.key(sample, k) for k in self.keys]
        first = self.expressions[0].of(sample)
        if None in found or first is None:
            return
        place = (sample.datagram["agent_address"], sample.source())
        lists = self.flows[",".join(map(flowmodel.text, found))].setdefault(
            place, [[] for _ in self.expressions])
        for expression, samples in zip(self.expressions, lists):
            value = expression.of(sample)
            if value is not None:
                samples.append((number, sample.rate, value))
        self.samples += 1
        kind = self.expressions[0].kind
        self.total += first * sample.rate if kind == "rate" else first if kind == "avg" else 1

    def results(self):
        """{flow: [value of each expression]}"""
        return {flow: [e.merged([lists[i] for lists in places.values() if lists[i]])
                       for i, e in enumerate(self.expressions)]
                for flow, places in self.flows.items()}


class Values(weirtest.Case):

    def decoded(self, path):
        return [json.loads(line) for line in self.weirctl(
            "decode", "--json", path).wait().splitlines()]

    def run_weir(self, path, store, definitions):
        """The summary, and the document of each definition."""
        flows = [{"name": name, "n": TOP, "capacity": 4096, **attributes}
                 for name, attributes in definitions.items()]
        documents = {}
        with store.client() as client, client.pubsub(ignore_subscribe_messages=True) as channel:
            channel.psubscribe("weir:flow:*")
            weirtest.wait_until(lambda: client.pubsub_numpat() > 0, "subscribed")
            summary = self.once([path], url=store.url,
                                config=self.path("c.yaml", json.dumps({"flows": flows})))

            def read():
                while message := channel.get_message():
                    document = json.loads(message["data"])
                    documents[document["flow"]] = document
                return len(documents) == len(definitions)
            weirtest.wait_until(read, lambda: f"only {list(documents)}")
        return summary, documents

    def model(self, datagrams, definitions):
        wanted = {name: Definition(**attributes) for name, attributes in definitions.items()}
        number = 0
        for datagram in datagrams:
            for sample in datagram["samples"]:
                if sample["type"] in flowmodel.KINDS and sample.get("complete", True):
                    seen = flowmodel.Sample(datagram, sample)
                    number += 1
                    for definition in wanted.values():
                        definition.add(number, seen)
        return wanted

    def check_value(self, kind, got, want, span, what):
        if want is None:
            self.assertIsNone(got, what)
        elif kind == "rate":
            self.assertAlmostEqual(got * span, want, delta=0.001 * span + 1e-9 * want, msg=what)
        elif kind == "avg":
            self.assertAlmostEqual(got, want, delta=0.001 + 1e-9 * want, msg=what)
        elif kind == "count" and want > DIFFERENT:
            self.assertLess(abs(got / want - 1), SURE, what)
        else:
            self.assertEqual(got, want, what)

    def check(self, name, want, document, span):
        results = want.results()
        kinds = [e.kind for e in want.expressions]
        self.assertEqual(document["aggregate"], kinds[0])
        self.assertEqual([v["aggregate"] for v in document["values"]], kinds[1:])
        self.assertEqual((document["total"], document["other"]), (want.total, 0))
        self.assertEqual(document["samples"], want.samples)
        self.assertEqual(document["flows"], len(results))
        self.assertEqual(len(document["top"]), min(TOP, len(results)))
        for flow in document["top"]:
            got = [flow["value"], *flow.get("values", [])]
            for i, kind in enumerate(kinds):
                self.check_value(kind, got[i], results[flow["key"]][i], span,
                                 f"{name} {flow['key']!r} {want.expressions[i].what} {kind}")
            self.check_samples(want, flow)
        values = [flow["value"] for flow in document["top"]]
        self.assertEqual(values, sorted(values, reverse=True))

    def check_samples(self, want, flow):
        """How many samples the values beside the first rest on; of rates those of one place."""
        places = want.flows[flow["key"]].values()
        for i, e in enumerate(want.expressions[1:], 1):
            counts = [len(lists[i]) for lists in places]
            if e.kind == "rate":
                self.assertIn(flow["values_samples"][i - 1], counts)
            else:
                self.assertEqual(flow["values_samples"][i - 1], sum(counts))

    def compare(self, path, store, definitions=None):
        definitions = definitions or DEFINITIONS
        summary, documents = self.run_weir(path, store, definitions)
        self.assertTrue(summary["conserved"])
        datagrams = self.decoded(path)
        want = self.model(datagrams, definitions)
        for name, definition in want.items():
            with self.subTest(definition=name):
                self.check(name, definition, documents[name], test_model.seconds(datagrams))
        return want

    def traffic(self, seed, count):
        path = self.path("traffic.pcap")
        with open(path, "wb") as f:
            f.write(traffic.capture(seed=seed, count=count))
        return path

    def test_traffic(self):
        """Sample traffic in which every definition has flows."""
        for definition in self.compare(self.traffic(11, 1500), self.redis()).values():
            self.assertGreater(definition.samples, 10)

    def test_corpus(self):
        """The largest capture of the corpus."""
        self.compare(max(weirtest.corpus(), key=os.path.getsize), self.redis())

    def test_hash_and_meta(self):
        """The hash has the first value, the meta hash what it is."""
        store = self.redis()
        _, documents = self.run_weir(self.traffic(12, 200), store, DEFINITIONS)
        with store.client() as client:
            for name, document in documents.items():
                flows = client.hgetall(f"weir:flow:{{{name}}}")
                self.assertEqual({k: float(v) for k, v in flows.items()},
                                 {f["key"]: f["value"] for f in document["top"]})
                meta = client.hgetall(f"weir:flow:{{{name}}}:meta")
                self.assertEqual(meta["value"], document["value"])
                self.assertEqual(meta["aggregate"], document["aggregate"])
                self.assertEqual(meta["unit"], document["unit"])
                self.assertEqual(meta["values"], ",".join(v["value"] for v in document["values"]))
        self.assertEqual([v["unit"] for v in documents["rtt"]["values"]],
                         ["bytes", "microseconds", "microseconds", "microseconds", "bytes",
                          "distinct"])

    def test_errors(self):
        """Of averages by their variance, of distinct values by the sketch, of extremes none."""
        _, documents = self.run_weir(self.traffic(13, 1500), self.redis(), DEFINITIONS)
        for flow in documents["rtt"]["top"]:
            self.assertGreater(flow["error"], 0)
            self.assertLess(flow["error"], 1)
            self.assertEqual(flow["values_error"][1:4], [None] * 3)
        self.assertAlmostEqual(documents["all"]["top"][0]["error"], 1.96 * SKETCH_ERROR, 4)
        self.assertTrue(all(f["error"] is None for f in documents["least"]["top"]))
        self.assertTrue(any(f["error"] == 0 for f in documents["sources"]["top"]))

    def test_api(self):
        """Over HTTP, of a replay without end: each sample comes again and again within t."""
        path = self.traffic(14, 300)
        definitions = {name: DEFINITIONS[name] for name in ("rtt", "all", "least")}
        want = self.model(self.decoded(path), definitions)
        daemon = self.weir(
            "-c", self.path("c.yaml", json.dumps({"flows": [
                {"name": name, "t": 5, **more} for name, more in definitions.items()]})),
            "--pcap", path, "--loop", "--redis", "", "--api", "127.0.0.1:0", "--window", "100ms")
        self.addCleanup(daemon.stop)
        api = test_api.Api(daemon)
        for name, definition in want.items():
            weirtest.wait_until(lambda n=name, d=definition: self.is_whole(api, n, d),
                                lambda n=name: self.active(api, n))
        self.check_events(api, want["all"])
        body = {"keys": "agent", "value": "count:ipsource", "values": ["avg:bytes", "frames"]}
        self.assertEqual(api.ask("/flow/new/json", "PUT", body)[0], 204)
        flows = weirtest.wait_until(lambda: self.active(api, "new"), daemon.story)
        self.assertEqual(len(flows[0]["values"]), 2)
        self.assertEqual(api.get("/flow/new/json")["values"], "avg:bytes,frames")
        body["values"] = "avg:byts"
        refused = api.ask("/flow/new/json", "PUT", body)
        self.assertEqual((refused[0], json.loads(refused[2])["in"]), (400, "values"))

    def check_events(self, api, want):
        """A threshold is on the first value, whatever it is, at each data source by itself."""
        counts = {f"{agent} {source}": len({v for _, _, v in lists[0]})
                  for (agent, source), lists in want.flows[""].items()}
        least = sorted(counts.values())[-3]
        body = {"metric": "all", "value": least * 0.8}
        self.assertEqual(api.ask("/threshold/many/json", "PUT", body)[0], 204)
        event = weirtest.wait_until(lambda: api.get("/events/json?eventID=-1"), "an event")[0]
        self.assertEqual((event["thresholdID"], event["metric"]), ("many", "all"))
        seen = counts[f"{event['agent']} {event['dataSource']}"]
        self.assertLess(abs(event["value"] / seen - 1), SURE)
        self.assertGreater(event["value"], least * 0.8)

    @staticmethod
    def active(api, name):
        """[] as long as there is no window."""
        code, _, text = api.ask(f"/activeflows/ALL/{name}/json")
        return json.loads(text) if code == 200 else []

    def is_whole(self, api, name, want):
        """Whether all that does not depend on time is as the model has it."""
        results, flows = want.results(), self.active(api, name)
        if {f["key"] for f in flows} != set(results):
            return False
        for flow in flows:
            got = [flow["value"], *flow.get("values", [])]
            for e, value, wanted in zip(want.expressions, got, results[flow["key"]]):
                if e.kind in ("min", "max") and value != wanted:
                    return False
                if e.kind == "count" and abs(value / wanted - 1) > SURE:
                    return False
                if e.kind == "avg" and abs(value / wanted - 1) > 0.1:
                    return False
        return True


if __name__ == "__main__":
    weirtest.main()
