#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What users do with such a collector, over HTTP and on live traffic: a fabric sends while
definitions and groups are put, and the answers are those that the traffic calls for.
"""

import json
import socket
import threading

import test_definitions
import traffic
import weirnet
import weirtest

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
        self.ended.set()
        self.join()
        self.socket.close()


class UseCase(weirtest.Case):

    def setUp(self):
        super().setUp()
        network = weirnet.Network(self)
        store = self.redis()
        self.daemon = self.live(network, store, "--api", "127.0.0.1:0", *self.options(),
                                config=self.path("c.yaml", json.dumps(CONFIG)))
        self.addCleanup(self.daemon.stop)
        self.api = test_definitions.Client(self, self.daemon, network.space)
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

    def test_locations(self):
        self.put("/flow/seen/json", {"keys": "ipdestination", "value": "frames", "t": 2,
                                     "filter": "tcpdirection=sent"})
        self.active("seen")
        places = self.wait(f"/flowlocations/ALL/seen/json?key={traffic.OUTSIDE[0]}",
                           lambda found: len(found) == 2)
        self.assertEqual({p["agent"] for p in places}, set(traffic.HOSTS))


if __name__ == "__main__":
    weirtest.main()
