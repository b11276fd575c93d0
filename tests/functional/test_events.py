#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Events of thresholds, flow records and history, from captures: in Redis and over HTTP."""

import http.client
import json
import threading
import time

import weirtest
from test_api import Api
from traffic import captures, ethernet, ip4, record, u32, udp

EVENTS = "weir:events"
FIELDS = {"eventID", "state", "timestamp", "thresholdID", "metric", "threshold", "value", "samples",
          "agent", "dataSource", "flowKey", "collector"}


def datagram(agent, sequence, flows, rate=1000, length=1000, source=7):
    """A datagram with a flow sample for each (source, destination) of `flows`."""
    body = b""
    for number, (sender, receiver) in enumerate(flows):
        frame = ethernet(1, 2, 0x0800, ip4(sender, receiver, 17, udp(4000, 53, bytes(20))))
        header = record(1, u32(1, length, 0, len(frame)) + frame + bytes(-len(frame) % 4))
        body += record(1, u32(sequence + number, source, rate, rate * sequence, 0, source, 8, 1)
                       + header)
    return u32(5, 1) + captures.packed(agent) + u32(0, sequence, sequence, len(flows)) + body


class EventCase(weirtest.Case):

    def settings(self, *thresholds, flows=(), **more):
        """A configuration file, with the flow `pairs`."""
        flows = [{"name": "pairs", "keys": "ipsource,ipdestination", "value": "bytes"}, *flows]
        return self.path("events.yaml", json.dumps(
            {"flows": flows, "thresholds": list(thresholds), **more}))

    def entries(self, client, key=EVENTS):
        return [fields for _, fields in client.xrange(key)]


class Events(EventCase):

    def capture(self, *bodies):
        data = captures.pcap((1700000000, i * 1000000, captures.ethernet(body))
                             for i, body in enumerate(bodies))
        path = self.path("events.pcap")
        with open(path, "wb") as f:
            f.write(data)
        return path

    def test_stream(self):
        """Each flow above the value of each threshold, once; the channel has the same."""
        store = self.redis()
        capture = self.capture(
            datagram("10.9.0.1", 1, [("10.0.0.1", "10.0.0.2")] * 8 + [("10.0.0.3", "10.0.0.2")]),
            datagram("10.9.0.2", 1, [("10.0.0.1", "10.0.0.2")] * 2, source=0x02000001))
        config = self.settings(
            {"name": "largest", "metric": "pairs", "value": 0},
            {"name": "each", "metric": "pairs", "value": 1000000.5, "byFlow": True},
            {"name": "sure", "metric": "pairs", "value": 0, "byFlow": True, "samples": 3},
            {"name": "here", "metric": "pairs", "value": 0,
             "filter": {"agent": "10.9.0.2", "dataSource": ["2.1"]}},
            {"name": "high", "metric": "pairs", "value": 10**12})
        with store.client() as client, client.pubsub(ignore_subscribe_messages=True) as channel:
            channel.subscribe(EVENTS)
            channel.get_message(timeout=1)
            self.once([capture], "--set", "redis.prefix=weir", url=store.url, config=config)
            entries = self.entries(client)
            found = {(e["thresholdID"], e["agent"], e["dataSource"], e["flowKey"]): float(e["value"])
                     for e in entries}
            pair = "10.0.0.1,10.0.0.2"
            self.assertEqual(found, {
                ("largest", "10.9.0.1", "7", pair): 8e6,
                ("largest", "10.9.0.2", "2.1", pair): 2e6,
                ("each", "10.9.0.1", "7", pair): 8e6,
                ("each", "10.9.0.2", "2.1", pair): 2e6,
                ("sure", "10.9.0.1", "7", pair): 8e6,
                ("here", "10.9.0.2", "2.1", pair): 2e6})
            self.assertEqual([int(e["eventID"]) for e in entries], list(range(1, 7)))
            documents = []
            while len(documents) < len(entries):
                message = channel.get_message(timeout=5)
                self.assertIsNotNone(message, documents)
                documents.append(json.loads(message["data"]))
            for entry, document in zip(entries, documents):
                self.assertEqual(set(document), FIELDS)
                self.assertEqual({k: str(v) for k, v in document.items()}, entry)
                self.assertIsInstance(document["value"], (int, float))
            c = self.collector(client)
            self.assertEqual((c["threshold_starts"], c["threshold_active"]), (6, 6))

    def test_records(self):
        """All records of a definition add up to its total; with a start each flow has one."""
        store = self.redis()
        capture, _ = self.make_capture("flows.pcap", "--datagrams", "3000", "--flows", "2000",
                                       "--rate", "20000")
        config = self.path("records.yaml", json.dumps({"flows": [
            {"name": "all", "keys": "ipsource,ipdestination", "value": "bytes", "log": True,
             "values": "frames,max:bytes"},
            {"name": "again", "keys": "ipsource,ipdestination", "value": "bytes", "log": True},
            {"name": "few", "keys": "ipsource,ipdestination", "value": "frames", "log": True,
             "capacity": 16},
            {"name": "new", "keys": "ipsource", "value": "frames", "log": True,
             "flowStart": True},
            {"name": "not", "keys": "ipsource", "value": "frames"}],
            "limits": {"records": 64}}))
        with store.client() as client, client.pubsub(ignore_subscribe_messages=True) as channel:
            channel.subscribe("weir:records:{all}")
            channel.get_message(timeout=1)
            summary = self.once([capture], url=store.url, config=config)["flows"]
            sums, c = {}, self.collector(client)
            self.assertEqual(c["publish_drop_records"], 0)
            for name, of in summary.items():
                records = self.entries(client, f"weir:records:{{{name}}}")
                sums[name] = len(records)
                if name == "not":
                    self.assertEqual(records, [])
                    continue
                if name != "new":
                    self.assertEqual(sum(int(r["value"]) for r in records),
                                     of["total"] - of["other"], name)
                self.check_records(records, name, {"values"} if name == "all" else set())
            self.assertGreater(summary["few"]["other"], 0)
            self.assertEqual(sums["all"], sums["again"])
            self.assertGreater(sums["all"], 1000)
            frames = sum(json.loads(r["values"])[0] for r in self.entries(
                client, "weir:records:{all}"))
            self.assertEqual(frames, summary["few"]["total"])
            document = json.loads(channel.get_message(timeout=5)["data"])
            first = self.entries(client, "weir:records:{all}")[0]
            self.assertEqual(document.pop("values"), json.loads(first.pop("values")))
            self.assertEqual({k: str(v) for k, v in document.items()}, first)
            self.assertEqual(sum(sums.values()), c["flow_records"])

    def check_records(self, records, name, more):
        self.assertTrue(records)
        for r in records:
            self.assertEqual(set(r), {"flowID", "name", "flowKeys", "value", "samples", "start",
                                      "end", "agent", "dataSource", "collector"} | more)
            self.assertEqual(r["name"], name)
            self.assertLess(int(r["start"]), int(r["end"]))
            self.assertGreater(int(r["samples"]), 0)
        places = [(r["flowKeys"], r["agent"], r["dataSource"]) for r in records]
        self.assertEqual(len(places), len(set(places)))

    def test_wrong(self):
        """What is wrong with a threshold is told, with its place."""
        for threshold, words in (
                ({"metric": "ifin octets"}, 'metric: .*did you mean "ifinoctets"'),
                ({"value": "much"}, '"much" is not a number'),
                ({"value": -2 * 10**18}, '"-2000000000000000000" is out of range'),
                ({"filter": {"ifspeed": []}}, "ifspeed: the list is empty"),
                ({"filter": {"ifspeed": {"a": 1}}}, "ifspeed: write a list"),
                ({"filter": {"datasource": 1}}, 'did you mean "dataSource"'),
                ({"filter": "agent"}, "agent, dataSource, or metrics"),
                ({"filter": {"agent": "here"}}, "no IPv4 or IPv6 address"),
                ({"filter": {"dataSource": ["2."]}}, "write one such as 10 or 2.1"),
                ({"timeout": -1}, "timeout"),
                ({"samples": 0.5}, "samples"),
                ({"byflow": True}, 'did you mean "byFlow"')):
            with self.subTest(threshold=threshold):
                config = self.settings({"name": "t", "metric": "pairs", "value": 1, **threshold})
                process = self.weir("-c", config, "--check")
                process.wait(2)
                self.assertRegex(process.err(), r"^weir: .*events.yaml:\d+:\d+: thresholds")
                self.assertRegex(process.err(), words)


class Http(weirtest.Case):
    """Thresholds, events and flow records over HTTP, of a capture that is replayed again and again."""

    def serve(self, *args, url=""):
        capture, _ = self.make_capture("in.pcap", "--datagrams", "200", "--flows", "50")
        config = self.path("http.yaml", json.dumps({"flows": [
            {"name": "pairs", "keys": "ipsource,ipdestination", "value": "bytes",
             "values": "frames,count:tcpsourceport"},
            {"name": "log", "keys": "ipsource", "value": "frames", "log": True,
             "values": "bytes,avg:bytes,max:bytes", "activeTimeout": 1}]}))
        daemon = self.weir("-c", config, "--pcap", capture, "--loop", "--redis", url, "--api",
                           "127.0.0.1:0", "--window", "100ms", *args)
        self.addCleanup(daemon.stop)
        return Api(daemon)

    def put(self, api, name, status=204, **body):
        got, _, text = api.ask(f"/threshold/{name}/json", "PUT", body)
        self.assertEqual(got, status, text)
        return text

    def test_events(self):
        """The long-poll: newest first, from -1 on, empty after the timeout."""
        api = self.serve()
        self.assertEqual(api.get("/events/json"), [])
        start = time.monotonic()
        self.assertEqual(api.get("/events/json?timeout=0.5&eventID=-1"), [])
        self.assertGreaterEqual(time.monotonic() - start, 0.5)
        found = []
        waiting = threading.Thread(target=lambda: found.append(
            api.get("/events/json?timeout=20&thresholdID=largest")))
        waiting.start()
        self.put(api, "each", metric="pairs", value="0", byFlow="true", timeout=60)
        self.put(api, "largest", metric="pairs", value=0)
        waiting.join()
        self.assertTrue(found[0])
        self.assertEqual({e["thresholdID"] for e in found[0]}, {"largest"})
        for event in found[0]:
            frames, ports = event["values"]
            self.assertGreater(event["value"], 64 * frames)
            self.assertTrue(ports is None or ports >= 1)
        events = api.get("/events/json?maxEvents=3&state=start")
        ids = [e["eventID"] for e in events]
        self.assertEqual(len(ids), 3)
        self.assertEqual(ids, sorted(ids, reverse=True))
        newest = api.get("/events/json?maxEvents=1")[0]["eventID"]
        self.assertEqual(api.get(f"/events/json?eventID={newest}&state=end&timeout=0.2"), [])
        self.assertEqual(api.ask("/threshold/largest/json", "DELETE")[0], 204)
        ends = api.get(f"/events/json?eventID={newest}&state=end&timeout=20")
        self.assertTrue(ends)
        for end in ends:
            self.assertEqual((end["thresholdID"], end["state"]), ("largest", "end"))
            self.assertLess(end["startID"], end["eventID"])
        self.assertTrue(api.get("/events/json?eventID=99999999"))  # of an earlier run

    def test_busy(self):
        """Events of one threshold are there, however many of another come behind them."""
        api = self.serve("--set", "limits.recent=16")
        self.put(api, "few", metric="pairs", value=0, timeout=60)
        few = api.get("/events/json?thresholdID=few&timeout=20")
        self.put(api, "many", metric="pairs", value=0, timeout=60, byFlow=True)
        weirtest.wait_until(lambda: api.get("/events/json")[0]["eventID"] > few[0]["eventID"] + 16,
                            api.daemon.story)
        self.assertEqual(api.get("/events/json?thresholdID=few")[-1:], few[-1:])
        self.assertEqual(len(api.get("/events/json?thresholdID=many")), 16)

    def test_flows(self):
        api = self.serve()
        records = api.get("/flows/json?name=log&timeout=20&maxFlows=5")
        self.assertTrue(0 < len(records) <= 5)
        for r in records:
            self.assertEqual(r["name"], "log")
            self.assertGreaterEqual(r["end"] - r["start"], 900)
            self.assertEqual(r["value"] % r["samples"], 0)
            total, mean, largest = r["values"]
            self.assertAlmostEqual(total / r["value"], mean, delta=0.001 * mean)
            self.assertLessEqual(mean, largest)
            self.assertLess(largest, 65536)
        newest = records[0]["flowID"]
        more = api.get(f"/flows/json?flowID={newest}&timeout=20")
        self.assertTrue(all(r["flowID"] > newest for r in more))
        self.assertEqual(api.get("/flows/json?name=pairs&timeout=0.1"), [])

    def test_streams(self):
        """Server-Sent Events: one after the other, oldest first, from now on or from an id."""
        api = self.serve()
        for path, key in (("/events/sse?eventID=0&thresholdID=each", "eventID"),
                          ("/flows/sse", "flowID")):
            connection = http.client.HTTPConnection(api.host, int(api.port),
                                                    timeout=weirtest.TIMEOUT)
            connection.request("GET", path)
            answer = connection.getresponse()
            self.assertEqual(answer.getheader("Content-Type"), "text/event-stream")
            self.put(api, "each", metric="pairs", value=0, byFlow=True)
            documents, ids = [], []
            while len(documents) < 5:
                line = answer.readline().decode()
                if line.startswith("id: "):
                    ids.append(int(line[4:]))
                if line.startswith("data: "):
                    documents.append(json.loads(line[6:]))
            connection.close()
            self.assertEqual([d[key] for d in documents], ids)
            self.assertEqual(ids, sorted(ids))
            self.assertIn("thresholdID" if key == "eventID" else "flowKeys", documents[0])
        self.assertEqual(self.first_event(api, "/events/sse", "2"), 3)
        self.assertEqual(self.first_event(api, "/events/sse?eventID=0", "3"), 4)
        self.assertEqual(self.first_event(api, "/events/sse?eventID=0", "3x"), 1)

    @staticmethod
    def first_event(api, path, last):
        """The id of the first event of a stream, for a client whose last one had that id."""
        connection = http.client.HTTPConnection(api.host, int(api.port), timeout=weirtest.TIMEOUT)
        connection.request("GET", path, headers={"Last-Event-ID": last})
        answer = connection.getresponse()
        line = answer.readline().decode()
        connection.close()
        return int(line.removeprefix("id: "))

    def test_thresholds(self):
        api = self.serve()
        self.assertEqual(api.get("/threshold/json"), {})
        self.put(api, "a", metric="pairs", value="1.5e3", timeout="0.2", samples=7,
                 filter={"agent": ["10.0.0.1"], "dataSource": [7, "2.1", "web1"],
                         "ifspeed": 25000000000})
        want = {"metric": "pairs", "value": 1500, "byFlow": False, "timeout": 0.2, "samples": 7,
                "filter": {"agent": ["10.0.0.1"], "dataSource": [7, "2.1", "web1"],
                           "ifspeed": [25000000000]}, "kind": "flow"}
        weirtest.wait_until(lambda: "kind" in api.get("/threshold/a/json"), api.daemon.story)
        self.assertEqual(api.get("/threshold/a/json"), want)
        self.assertEqual(api.get("/threshold/json"), {"a": want})
        for body, words in (
                ({"value": 1}, "metric: must be given"), ({"metric": "pairs"}, "value: "),
                ({"metric": "pairs", "value": 1, "byflow": True}, 'did you mean \\"byFlow'),
                ({"metric": "pairs", "value": -1e19}, "value: "),
                ({"metric": "pairs", "value": "nan"}, "value: "),
                ({"metric": "pairs", "value": 1, "timeout": 1e9}, "timeout: "),
                ({"metric": ["pairs"], "value": 1}, "metric: "),
                ({"metric": "pairs", "value": 1, "filter": {"ifspeed": [[]]}}, "ifspeed"),
                ({"metric": "load one", "value": 1}, 'did you mean \\"load_one'),
                ({"metric": "pairs", "value": 1, "filter": {"agnet": [1]}}, 'mean \\"agent'),
                ({"metric": "pairs", "value": 1, "filter": {"agent": "x"}}, "no IPv4 or IPv6"),
                ({"metric": "pairs", "value": 1, "filter": {"dataSource": [-1]}}, "2.1"),
                ({"metric": "pairs", "value": 1, "filter": []}, "filter: ")):
            with self.subTest(body=body):
                self.assertIn(words, self.put(api, "a", 400, **body))
        self.assertEqual(api.get("/threshold/a/json"), want)
        self.assertEqual(api.ask("/threshold/b/json", "DELETE")[0], 404)

    def test_history(self):
        """Steps of a second over HTTP and in Redis, with the same totals; and the events."""
        store = self.redis()
        api = self.serve(url=store.url)
        self.put(api, "t", metric="pairs", value=0)
        with store.client() as client:
            key = "weir:history:{pairs}:1s"
            weirtest.wait_until(lambda: client.xlen(key) >= 4, api.daemon.story)
            entries = {int(e["start_ms"]): e for _, e in client.xrange(key)}
            self.assertGreater(client.pttl(key), 0)
            history = api.get("/history/pairs/json")
            self.assertEqual((history["name"], history["unit"], history["step"]),
                             ("pairs", "bytes", 1))
            steps = history["steps"]
            self.assertGreaterEqual(len(steps), 4)
            for before, after in zip(steps, steps[1:]):
                self.assertEqual(after["start"], before["end"])
            for step in steps[:4]:
                entry = entries[step["start"]]
                self.assertEqual((int(entry["total"]), int(entry["samples"])),
                                 (step["total"], step["samples"]))
                self.assertEqual([t["key"] for t in json.loads(entry["top"])],
                                 [t["key"] for t in step["topKeys"]])
            self.assertEqual(len(steps[1]["topKeys"]), 5)
            self.assertEqual({e["thresholdID"] for e in history["events"]}, {"t"})
            weirtest.wait_until(lambda: api.get("/history/pairs/json?step=10")["steps"],
                                api.daemon.story)
            self.assertEqual(api.get("/history/pair/json", 404)["error"],
                             'there is no flow "pair" yet')

    def test_restart(self):
        """What was put is there again after a restart, and what was removed is not."""
        store = self.redis()
        api = self.serve(url=store.url)
        for name in ("kept", "gone"):
            self.put(api, name, metric="pairs", value=1)
        self.assertEqual(api.ask("/threshold/gone/json", "DELETE")[0], 204)
        api.daemon.stop()
        api = self.serve(url=store.url)
        self.assertEqual(list(api.get("/threshold/json")), ["kept"])


if __name__ == "__main__":
    weirtest.main()
