#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Groups and maps that are put, replaced and removed over HTTP while traffic runs."""

import ipaddress
import json

import test_definitions
import traffic
import weirapi
import weirtest

MANY = 100000
BASE = int(ipaddress.ip_address("198.18.0.0"))
SITES = {"campus": ["10.0.0.0/8"], "one server": "10.0.1.10", "world": ["0.0.0.0/0", "::/0"]}
FLOW = {"keys": "group:ipdestination:sites", "value": "frames", "n": 100, "t": 0.2,
        "capacity": 1000}


class Groups(test_definitions.Definitions):

    def start_traffic(self, store, *args, config=None):
        """A daemon that replays sample traffic for ever."""
        path = self.path("traffic.pcap")
        with open(path, "wb") as f:
            f.write(traffic.capture(seed=5, count=1000))
        daemon = self.weir("-c", config or self.path("c.yaml", "flows: []\n"), "--pcap", path,
                           "--loop", "--redis", store.url, "--api", "127.0.0.1:0", "--window",
                           "100ms", *args)
        return daemon, weirapi.Client(self, daemon)

    @staticmethod
    def wait_labels(client, name, labels):
        """Until a definition's flows are just these."""
        weirtest.wait_until(lambda: set(client.hkeys(f"weir:flow:{{{name}}}")) == set(labels),
                            lambda: f"{name}: {client.hkeys(f'weir:flow:{{{name}}}')}")

    def test_many(self):
        """100,000 networks in one request take effect, and no sample is lost."""
        store = self.redis()
        daemon, api = self.start_traffic(store)
        api.want(204, "PUT", "/group/sites/json", SITES)
        api.put("where", FLOW)
        with store.client() as client:
            self.wait_labels(client, "where", ["campus", "one server", "world"])
            many = {f"net {i}": [f"{ipaddress.ip_address(BASE + j)}/32"
                                 for j in range(i, MANY, 10)] for i in range(10)}
            many["google"] = "8.8.8.0/24"
            many["web"] = ["10.0.1.10", "10.0.1.11"]
            api.want(204, "PUT", "/group/sites/json", many)
            self.wait_labels(client, "where", ["google", "web"])
            state = api.want(200, "GET", "/group/json")["sites"]
            self.assertEqual((state["labels"], state["values"]), (12, MANY + 3))
            self.assertEqual(api.want(200, "GET", "/group/sites/json")["net 3"], many["net 3"])
            api.want(204, "PUT", "/group/sites/json", SITES)
            self.wait_labels(client, "where", ["campus", "one server", "world"])
            self.assert_conserved(self.collector(client))
        summary = self.summary(daemon)
        self.assertEqual(summary["drops"], {})

    def test_requests(self):
        """What is given, listed, refused and removed."""
        daemon, api = self.start_traffic(self.redis(), config=self.path("d.yaml", json.dumps({
            "groups": {"sites": SITES}, "maps": {"ports": {"web": [80, 443], "names": 53}},
            "flows": [{"name": "where", **FLOW}]})))
        self.assertEqual(api.want(200, "GET", "/group/sites/json"),
                         {"campus": ["10.0.0.0/8"], "one server": ["10.0.1.10"],
                          "world": ["0.0.0.0/0", "::/0"]})
        self.assertEqual(api.want(200, "GET", "/map/ports/json"),
                         {"web": ["80", "443"], "names": ["53"]})
        states = api.want(200, "GET", "/groups/json")  # as old clients call it
        self.assertEqual({k: v for k, v in states["sites"].items() if k != "lastUpdate"},
                         {"labels": 3, "values": 4})
        self.assertGreaterEqual(states["sites"]["lastUpdate"], 0)
        for body, error in (
                ({"a": ["10.0.0.0/8", "10.0.0.0/33"]},
                 'label "a": "10.0.0.0/33" is no network; behind the / of an IPv4 network is a '
                 'number from 0 to 32'),
                ({"a": "10.0.0.0/8", "b": ["10.0.0.0/8"]},
                 'label "b": 10.0.0.0/8 is under the label "a", too; keep one'),
                ({"": "10.0.0.0/8"}, "a label is empty"),
                ({"a": [None]}, 'label "a": a value is neither a text nor a whole number'),
                ({"a": {"b": "10.0.0.0/8"}},
                 'label "a": a value is neither a text nor a whole number')):
            self.assertEqual(api.want(400, "PUT", "/group/sites/json", body)["error"], error)
        self.assertEqual(api.want(200, "GET", "/group/json")["sites"]["values"], 4)
        api.want(400, "PUT", "/group/a%20b/json", SITES)
        self.assertEqual(
            api.want(400, "DELETE", "/group/sites/json")["error"],
            'the group is in use as it is, by flow definition where: no group is called "sites"; '
            'there are no groups')
        api.want(204, "PUT", "/map/hosts/json", {"one": 10, "two": [20, "x"]})
        api.want(400, "PUT", "/flow/vlans/json",
                 {"keys": "map:vlan:hosts", "value": "bytes"})
        api.want(204, "PUT", "/map/hosts/json", {"one": 10, "two": [20]})
        api.put("vlans", {"keys": "map:vlan:hosts", "value": "bytes"})
        self.assertEqual(
            api.want(400, "PUT", "/map/hosts/json", {"one": "x"})["error"],
            'the map is in use as it is, by flow definition vlans: map "hosts": "x" is never a '
            'value of this key; write a number from 0 to 65535')
        self.assertEqual(api.want(200, "GET", "/map/hosts/json"), {"one": ["10"], "two": ["20"]})
        api.remove("where")
        api.want(204, "DELETE", "/group/sites/json")
        api.want(404, "DELETE", "/group/sites/json")
        api.want(404, "GET", "/group/sites/json")
        self.assertEqual(api.want(200, "GET", "/group/json"), {})
        self.summary(daemon)

    def test_restart(self):
        """What was put is there again, with the definitions that need it; what was removed is not."""
        store = self.redis()
        daemon, api = self.start_traffic(store)
        api.want(204, "PUT", "/group/sites/json", SITES)
        api.want(204, "PUT", "/group/gone/json", SITES)
        api.want(204, "PUT", "/map/ports/json", {"web": [80, 443]})
        api.put("where", {**FLOW, "keys": "group:ipdestination:sites,map:tcpdestinationport:ports"})
        api.want(204, "DELETE", "/group/gone/json")
        self.summary(daemon)
        with store.client() as client:
            self.assertEqual(client.hkeys("weir:config:group"), ["sites"])
            client.hset("weir:config:group", "wrong", '{"a": "10.0.0.0/99"}')
            client.hset("weir:config:map", "wrong", "no JSON")
        daemon, api = self.start_traffic(store)
        self.assertEqual(list(api.list()), ["where"])
        self.assertEqual(list(api.want(200, "GET", "/group/json")), ["sites"])
        self.assertEqual(api.want(200, "GET", "/group/sites/json")["one server"], ["10.0.1.10"])
        self.assertEqual(api.want(200, "GET", "/map/ports/json"), {"web": ["80", "443"]})
        self.assertIn('group "wrong" of Redis is left out: label "a": "10.0.0.0/99" is no network',
                      daemon.err())
        self.assertIn('map "wrong" of Redis is left out: it is no JSON', daemon.err())
        with store.client() as client:
            self.wait_labels(client, "where", ["one server,web", "campus,web", "world,web"])
        self.summary(daemon)


if __name__ == "__main__":
    weirtest.main()
