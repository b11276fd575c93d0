#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What users do with such a collector, over HTTP and on live traffic: a fabric sends while
definitions and groups are put, and the answers are those that the traffic calls for.
"""

import json
import os
import socket
import sys
import threading

import traffic
import weirapi
import weirnet
import weirtest

sys.path.insert(0, os.path.join(weirtest.SOURCE, "tests", "dns"))

import nameserver  # noqa: E402  pylint: disable=wrong-import-position

PACE = 0.005  # s between datagrams of four samples
CONFIG = {"window": "100ms", "flows": [{"name": "all", "keys": "", "value": "frames", "t": 1}]}
TCP_KEYS = ("tcpdirection", "tcpmsssend", "tcpmssreceive", "tcpunacked", "tcplost", "tcpretrans",
            "tcppmtu", "tcprtt", "tcprttvar", "tcprttsdev", "tcprttmin", "tcprttwait", "tcpcwnd",
            "tcpreordering")


class Sender(threading.Thread):
    """A fabric: the sample traffic again and again, at a steady pace."""

    def __init__(self, network):
        super().__init__(daemon=True)
        self.payloads = list(traffic.payloads(seed=5, count=2000))
        self.target = (network.OUTSIDE, 6343)
        self.ended = threading.Event()
        with weirnet.inside(network.fabric):
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def run(self):
        number = 0
        while not self.ended.wait(PACE):
            self.socket.sendto(self.payloads[number % len(self.payloads)], self.target)
            number += 1

    def stop(self):
        if not self.ended.is_set():
            self.ended.set()
            self.join()
            self.socket.close()


class UseCase(weirtest.Case):

    CONFIG = CONFIG

    def setUp(self):
        super().setUp()
        self.network = network = weirnet.Network(self)
        store = self.redis()
        self.daemon = self.live(network, store, "--api", "127.0.0.1:0", *self.options(),
                                config=self.path("c.yaml", json.dumps(self.CONFIG)))
        self.addCleanup(self.daemon.stop)
        self.api = weirapi.Client(self, self.daemon, network.space)
        self.sender = Sender(network)
        self.sender.start()
        self.addCleanup(self.sender.stop)

    def options(self):
        return []

    def get(self, path, status=200):
        return self.api.want(status, "GET", path)

    def put(self, path, body):
        self.api.want(204, "PUT", path, body)

    def wait(self, path, holds=bool):
        """The answer, as soon as it is as it should be."""
        newest = []

        def found():
            newest[:] = [self.get(path)]
            return holds(newest[0])
        weirtest.wait_until(found, lambda: f"{path}: {newest}\n{self.daemon.story()}")
        return newest[0]

    def active(self, name, holds=bool, **parameters):
        query = "&".join(f"{k}={v}" for k, v in parameters.items())
        return self.wait(f"/activeflows/ALL/{name}/json?{query}", holds)

    def keys(self, flows):
        return {flow["key"] for flow in flows}


class WebAnalytics(UseCase):
    """Operations that web servers sample."""

    def test_slow_requests(self):
        self.put("/flow/slow_reqs/json", {"keys": "httpurl", "value": "duration", "t": 10, "n": 5})
        flows = self.active("slow_reqs", lambda f: len(f) == 5, maxFlows=5)
        self.assertEqual(self.keys(flows), set(traffic.URLS))
        values = [flow["value"] for flow in flows]
        self.assertEqual(values, sorted(values, reverse=True))
        for flow in flows:
            self.assertEqual((flow["agent"], flow["dataSource"], flow["flowN"]),
                             ("10.0.2.11", "3.80", 1))
            self.assertGreater(flow["samples"], 0)
            self.assertGreater(flow["error95"], 0)

    def test_keyless_and_filters(self):
        """A total without keys, by a regular expression; a function on the left of a filter."""
        self.put("/flow/image_bytes/json",
                 {"value": "resp_bytes", "t": "10", "filter": "httpmimetype~image/.*"})
        self.put("/flow/games/json", {"keys": ["httpurl"], "value": "requests",
                                      "filter": "uri:httpurl:path~/games/.*"})
        self.put("/flow/err_reqs/json", {"keys": "httpurl,httpstatus", "value": "requests",
                                         "filter": "httpstatus~[45].."})
        self.assertEqual(self.keys(self.active("image_bytes")), {""})
        games = {url for url in traffic.URLS if url.startswith("/games/")}
        self.assertEqual(self.keys(self.active("games", lambda f: len(f) == len(games))), games)
        errors = self.active("err_reqs", lambda f: len(f) > 3)
        self.assertLessEqual({key.rpartition(",")[2] for key in self.keys(errors)}, {"404", "503"})

    def test_operations_are_scaled(self):
        """One request in ten is sampled: all of them are told."""
        self.put("/flow/requests/json", {"value": "requests", "t": 1, "filter": "httpurl!=null"})
        self.put("/flow/samples/json", {"keys": "datasource", "value": "frames", "t": 1,
                                        "filter": "httpurl!=null"})

        def scaled(flows):
            return flows and flows[0]["samples"] > 20
        one, two = self.active("requests", scaled)[0], self.active("samples", scaled)[0]
        self.assertEqual(two["key"], "3.80")
        # Both are `samples` samples a second or so, each of which stands for ten.
        for flow in (one, two):
            self.assertGreater(flow["value"], 10 * traffic.RATE["web"])


class Performance(UseCase):
    """What hosts know of their TCP connections."""

    def test_fields(self):
        """Each field of the record is a key, with the packet's own beside it."""
        self.put("/flow/fields/json", {"keys": ",".join(TCP_KEYS), "value": "frames", "n": 1000})
        self.put("/flow/way/json", {"keys": "tcpdirection,inputifindex,outputifindex,stack",
                                    "value": "frames"})
        flows = self.active("fields", lambda f: len(f) > 5)
        for key in self.keys(flows):
            parts = dict(zip(TCP_KEYS, key.split(","), strict=True))
            self.assertIn(parts["tcpdirection"], ("sent", "received"))
            self.assertEqual(parts["tcppmtu"], "1500")
            self.assertGreaterEqual(int(parts["tcprtt"]), 9000)
        self.assertEqual(self.keys(self.active("way", lambda f: len(f) == 2)),
                         {"sent,internal,2,eth.ip.tcp", "received,2,internal,eth.ip.tcp"})

    def test_round_trips(self):
        """Averages of several hosts in one table weigh their samples."""
        remote = "if:tcpdirection:sent:ipdestination:ipsource"
        self.put("/flow/rtt/json", {"keys": remote, "value": "avg:tcprtt",
                                    "values": ["max:tcprtt", "min:tcprtt", "frames"], "t": 10})
        flows = self.active("rtt", lambda f: len(f) >= 3 and all(x["flowN"] == 2 for x in f[:3]))
        slow, fast = traffic.OUTSIDE[1], traffic.OUTSIDE[0]
        found = {flow["key"]: flow for flow in flows}
        self.assertTrue(80000 <= found[slow]["value"] <= 120000, found[slow])
        self.assertTrue(9000 <= found[fast]["value"] <= 15000, found[fast])
        self.assertEqual(flows[0]["key"], slow)
        for flow in flows:
            largest, least, frames = flow["values"]
            self.assertTrue(least <= flow["value"] <= largest, flow)
            self.assertGreater(frames, 0)

    def test_countries(self):
        """Round-trip times by the country of the other end, whichever that is."""
        self.put("/flow/country/json", {
            "keys": "country:[if:tcpdirection:sent:ipdestination:ipsource]",
            "value": "avg:tcprtt", "t": 10})
        flows = self.active("country", lambda f: {"NL", "US"} <= self.keys(f))
        for flow in flows:
            if flow["key"] in ("NL", "US"):
                self.assertTrue(9000 <= flow["value"] <= 15000, flow)

    def test_locations(self):
        self.put("/flow/seen/json", {"keys": "ipdestination", "value": "frames", "t": 2,
                                     "filter": "tcpdirection=sent"})
        self.active("seen")
        places = self.wait(f"/flowlocations/ALL/seen/json?key={traffic.OUTSIDE[0]}",
                           lambda found: len(found) == 2)
        self.assertEqual({p["agent"] for p in places}, set(traffic.HOSTS))


class Records(UseCase):
    """Records of flows, as they come, by long-polls."""

    FIELDS = {"value", "end", "name", "flowID", "agent", "start", "dataSource", "flowKeys"}

    def options(self):
        with weirnet.inside(self.network.space):
            return ["--set", f"dns.servers=127.0.0.1:{nameserver.start()}"]

    def poll(self, name, flow_id=-1, most=10):
        return self.get(f"/flows/json?name={name}&maxFlows={most}&timeout=60&flowID={flow_id}")

    def test_names_of_pairs(self):
        """The newest first, and from then on what is newer; names end with a dot."""
        self.put("/flow/dnspair/json", {
            "keys": "dns:ipsource,dns:ipdestination", "value": "bytes", "activeTimeout": "1",
            "log": True, "t": 0.5})
        newest, seen = -1, []
        while not any("host-0-1-10.net-0.example." in r["flowKeys"] for r in seen):
            records = self.poll("dnspair", newest)
            ids = [r["flowID"] for r in records]
            self.assertEqual(ids, sorted(ids, reverse=True))
            self.assertTrue(records and len(records) <= 10 and ids[-1] > newest, records)
            newest = ids[0]
            seen += records
        for record in seen:
            self.assertLessEqual(self.FIELDS, set(record))
            self.assertEqual(record["name"], "dnspair")
            self.assertEqual(len(record["flowKeys"].split(",")), 2)
            self.assertLess(record["start"], record["end"])
            self.assertGreater(record["value"], 0)
        agents = {f"10.255.0.{n}" for n in range(1, 5)} | set(traffic.HOSTS)
        self.assertLessEqual({r["agent"] for r in seen}, agents)

    def test_value_is_exact(self):
        """A record has the total of its interval: whole samples, each times its rate."""
        self.put("/flow/whole/json", {"keys": "httpurl", "value": "frames", "log": True,
                                      "activeTimeout": 1})
        for record in self.poll("whole"):
            self.assertEqual(record["value"] % traffic.RATE["web"], 0)
            self.assertEqual(record["value"] // traffic.RATE["web"], record["samples"])


class Groups(UseCase):
    """Traffic with thousands of networks that somebody has put on a list."""

    NETWORKS = [f"{a}.{b}.0.0/16" for a in range(20, 60) for b in range(128)]
    CONFIG = {**CONFIG, "groups": {"blocklist": {
        "listed": NETWORKS + ["203.0.113.0/24"], "worse": ["193.0.6.139", "2001:db8:666::/48"]}}}
    HITS = {"keys": "ipsource,ipdestination,group:ipdestination:blocklist", "value": "frames"}
    LISTED = {("203.0.113.9", "listed"), ("193.0.6.139", "worse")}

    def test_only_the_listed(self):
        self.put("/flow/hits/json", self.HITS)
        flows = self.active("hits", lambda f: len({x["key"].split(",")[1] for x in f}) == 2)
        self.assertEqual({tuple(key.split(",")[1:]) for key in self.keys(flows)}, self.LISTED)

    def test_list_changes(self):
        """A list that is put at run time: what is not on it any more is gone, what is new is there."""
        self.put("/group/blocklist/json", {"new": ["8.8.8.8", "2001:db8::/32"]})
        self.put("/flow/hits/json", self.HITS)
        flows = self.active("hits")
        self.assertEqual({tuple(key.split(",")[1:]) for key in self.keys(flows)},
                         {("8.8.8.8", "new")})
        self.put("/group/blocklist/json", {"listed": self.NETWORKS + ["203.0.113.0/24"]})
        self.active("hits", lambda f: any(x["key"].endswith("203.0.113.9,listed") for x in f))

    def test_first_sight(self):
        """One record for each pair at each place, when it is first seen, that names the switch."""
        self.put("/flow/hits/json", {**self.HITS, "log": True, "flowStart": True, "t": 60})
        newest, seen = -1, []
        while len(seen) < 20:
            records = self.get(f"/flows/json?name=hits&timeout=60&flowID={newest}")
            newest = records[0]["flowID"]
            seen += records
        places = [(r["flowKeys"], r["agent"], r["dataSource"]) for r in seen]
        self.assertEqual(len(places), len(set(places)))
        self.assertEqual({tuple(r["flowKeys"].split(",")[1:]) for r in seen}, self.LISTED)


class Attack(UseCase):
    """A threshold on the packets that ask one service for connections."""

    def test_events(self):
        self.put("/flow/syn/json", {"keys": "ipdestination", "value": "frames", "t": 1,
                                    "filter": "tcpflags=000000010"})
        self.put("/threshold/attack/json", {"metric": "syn", "value": 2000, "byFlow": True,
                                            "timeout": 1, "samples": 10})
        events = self.get("/events/json?thresholdID=attack&timeout=60&eventID=-1")
        start = events[-1]
        self.assertEqual((start["state"], start["metric"], start["flowKey"], start["threshold"]),
                         ("start", "syn", traffic.SERVERS[2], 2000))
        self.assertGreater(start["value"], 2000)
        self.assertGreaterEqual(start["samples"], 10)
        self.sender.stop()
        ends = self.wait("/events/json?thresholdID=attack&state=end", bool)
        self.assertGreaterEqual(ends[0]["peak"], 2000)
        self.assertGreater(ends[0]["duration"], 0)


if __name__ == "__main__":
    weirtest.main()
