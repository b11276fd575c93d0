#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The configuration read again by SIGHUP and over HTTP, under live traffic."""

import json
import os
import signal
import time

import weirapi
import weirnet
import weirtest

RATE = "3000"
SECONDS = 8
FLOW = {"keys": "ipsource,ipdestination", "value": "bytes", "capacity": 4096}


class Reload(weirtest.Case):

    def setUp(self):
        super().setUp()
        self.network, self.store = weirnet.Network(self), self.redis()
        self.config = self.path("weir.yaml")
        self.write()
        self.daemon = self.live(self.network, self.store, "--api", "127.0.0.1:0", "--driver",
                                "af_packet", config=self.config)
        self.api = weirapi.Client(self, self.daemon, self.network.space)

    def write(self, **more):
        """JSON is YAML."""
        settings = {"flows": [{"name": "pairs", **FLOW}],
                    "groups": {"sites": {"all": ["0.0.0.0/0"]}},
                    "thresholds": [{"name": "busy", "metric": "pairs", "value": 1e15}], **more}
        self.path("weir.yaml", json.dumps(settings))

    def state(self):
        return self.api.want(200, "GET", "/config/json")

    def hang_up(self, reloads):
        self.daemon.send(signal.SIGHUP)
        weirtest.wait_until(lambda: self.state()["reloads"] == reloads, self.daemon.story)

    def refused(self, *words, code=400):
        """What the file says is refused by both ways, with these words."""
        before = self.state()
        answer = self.api.want(code, "PUT", "/config/json", {})
        self.daemon.send(signal.SIGHUP)
        weirtest.wait_until(lambda: self.state()["refused"] == before["refused"] + 2,
                            self.daemon.story)
        after = self.state()
        self.assertEqual(after["reloads"], before["reloads"])
        for word in words:
            self.assertIn(word, json.dumps(answer))
            self.assertIn(word, after["error"])
            self.assertIn(word, self.daemon.err())

    def test_no_sample_is_lost(self):
        """Reloads all the time, each with another set of definitions but one that stays."""
        traffic = self.fabric(self.network, "--rate", RATE, "--seconds", str(SECONDS),
                              "--sampling-rate", "1000", "--define", "pairs=ipsource,ipdestination")
        end, number = time.monotonic() + SECONDS - 2, 0
        while time.monotonic() < end:
            number += 1
            self.write(flows=[{"name": "pairs", **FLOW, "n": number % 9 + 1},
                              {"name": f"come{number % 3}", **FLOW, "keys": "macsource"}],
                       groups={"sites": {f"all{number}": ["0.0.0.0/0"]}},
                       allow=({}, {"agents": "172.16.0.0/12"}, {"sources": "192.0.2.0/24"})[number % 3],
                       agents=[{"address": f"172.16.0.{i}", "sampling_rate": 1000}
                               for i in range(number % 5)])
            self.hang_up(number)
            self.assertEqual(set(self.api.list()), {"pairs", f"come{number % 3}"})
            self.assertEqual(self.api.list()["pairs"]["n"], number % 9 + 1)
            time.sleep(0.01)  # one client may ask api.requests times a second, and all this takes 1 ms
        self.assertGreater(number, 5)
        truth = self.truth(traffic)
        with self.store.client() as client:
            self.wait_datagrams(client, truth["received"], self.daemon)
        summary = json.loads(self.daemon.stop())
        self.assertTrue(summary["conserved"])
        self.assertFalse([name for name in summary["drops"] if name.startswith("sflow")])
        self.assertEqual(summary["datagrams"], truth["received"])
        self.assertEqual(summary["flows"]["pairs"]["total"], truth["definitions"]["pairs"]["bytes"])

    def phase(self, **more):
        """As sent(), to another configuration."""
        before = self.state()["reloads"]
        self.write(**more)
        self.hang_up(before + 1)
        return self.sent()

    def sent(self):
        """What a fabric of two agents sends for a while: its truth, and which counters grew by what."""
        with self.store.client() as client:
            before = self.collector(client)
            truth = self.truth(self.fabric(
                self.network, "--rate", RATE, "--agents", "2", "--sampling-rate", "1000", "--seconds",
                "1.5", "--define", "pairs=ipsource,ipdestination"))
            self.wait_datagrams(client, before["sflow_datagrams"] + truth["received"], self.daemon)
            after = self.collector(client)
        self.assert_conserved(after)
        return truth, {name: n - before[name] for name, n in after.items()
                       if isinstance(n, int) and n != before[name]}

    def test_who_may_send(self):
        """Networks of agents and of sources, without the loss of a datagram of those that may."""
        for allow, reason, refused in (
                ({}, "", ()),
                ({"agents": ["172.16.0.1/32"]}, "agent_not_allowed", (1,)),
                ({"agents": ["172.16.0.2"]}, "agent_not_allowed", (0,)),
                ({"sources": ["198.51.100.0/24"]}, "source_not_allowed", (0, 1)),
                ({"source_is_agent": True}, "source_not_agent", (0, 1)),
                ({"source_is_agent": True, "relays": ["192.0.2.0/24"]}, "", ()),
                ({}, "", ())):
            with self.subTest(allow=allow):
                truth, grown = self.phase(allow=allow)
                refused = sum(truth["agents"][i]["datagrams"] for i in refused)
                drops = {n: v for n, v in grown.items() if n.startswith("sflow_drop_")}
                self.assertEqual(drops, {"sflow_drop_" + reason: refused} if refused else {})
                self.assertEqual(grown.get("sflow_datagrams_decoded", 0), truth["received"] - refused)
        _, grown = self.phase(allow={"agents": ["198.51.100.0/24"]})
        self.assertNotIn("sflow_datagrams_decoded", grown)
        self.api.put("mine", {**FLOW, "keys": "group:ipsource:sites"})
        self.write(groups={})  # which is refused, with all that it says
        self.refused("sites", "mine")
        self.assertNotIn("sflow_datagrams_decoded", self.sent()[1])
        self.write(allow={"agents": ["10.0.0.0/33"]})
        self.refused(f"{self.config}:1:", "allow.agents", "10.0.0.0/33")
        self.daemon.stop()

    def test_rates_of_agents(self):
        """They count in place of those that agents send, for as long as the configuration says so."""
        total = 0
        for rate in (None, 500, 4000, None):
            truth, _ = self.phase(agents=[{"address": f"172.16.0.{i}", "sampling_rate": rate}
                                          for i in (1, 2) if rate])
            total += truth["definitions"]["pairs"]["bytes"] * (rate or 1000) // 1000
        summary = json.loads(self.daemon.stop())
        self.assertTrue(summary["conserved"])
        self.assertEqual(summary["flows"]["pairs"]["total"], total)

    def test_what_was_put_stays(self):
        """Of flows, groups and thresholds; what was only configured follows the file."""
        self.api.put("mine", {**FLOW, "keys": "group:ipsource:places"}, 400)
        self.api.want(204, "PUT", "/group/places/json", {"here": ["10.0.0.0/8"]})
        self.api.put("mine", {**FLOW, "keys": "group:ipsource:places"})
        self.api.put("pairs", {**FLOW, "keys": "ipsource"})
        self.api.want(204, "PUT", "/threshold/mine/json", {"metric": "mine", "value": 5})
        self.write(flows=[{"name": "pairs", **FLOW}, {"name": "new", **FLOW, "keys": "macsource"}],
                   groups={"places": {"there": ["172.16.0.0/12"]}, "more": {"a": ["::/0"]}},
                   thresholds=[{"name": "mine", "metric": "pairs", "value": 7},
                               {"name": "calm", "metric": "pairs", "value": 9}])
        self.hang_up(1)
        flows = self.api.list()
        self.assertEqual({n: f["keys"] for n, f in flows.items()},
                         {"pairs": "ipsource", "new": "macsource", "mine": "group:ipsource:places"})
        self.assertEqual(set(self.api.want(200, "GET", "/group/json")), {"places", "more"})
        self.assertEqual(set(self.api.want(200, "GET", "/group/places/json")), {"here"})
        found = self.api.want(200, "GET", "/threshold/json")
        self.assertEqual({n: t["value"] for n, t in found.items()}, {"mine": 5, "calm": 9})
        self.write(flows=[], groups={}, thresholds=[])
        self.weirctl("reload", "--api", f"http://{self.api.http.host}:{self.api.http.port}",
                     space=self.network.space).wait()
        self.assertEqual(set(self.api.list()), {"pairs", "mine"})
        self.assertEqual(set(self.api.want(200, "GET", "/group/json")), {"places"})
        self.assertEqual(set(self.api.want(200, "GET", "/threshold/json")), {"mine"})
        self.daemon.stop()

    def test_a_group_in_use_that_goes(self):
        """A definition put at run time looks up a configured group: the file cannot take it out."""
        self.api.put("mine", {**FLOW, "keys": "group:ipsource:sites"})
        self.write(groups={})
        self.refused("sites", "mine")
        self.assertEqual(set(self.api.want(200, "GET", "/group/json")), {"sites"})
        self.daemon.stop()

    def test_more_thresholds_than_there_can_be(self):
        """With those put at run time; what goes with the file makes room. Nothing is half in force."""
        def some(word, count):
            return [{"name": f"{word}{i}", "metric": "pairs", "value": 1e15} for i in range(count)]

        self.write(thresholds=some("old", 1000))
        self.hang_up(1)
        for i in range(20):
            self.api.want(204, "PUT", f"/threshold/mine{i}/json", {"metric": "pairs", "value": 5})
        before = self.api.want(200, "GET", "/threshold/json")
        self.assertEqual(len(before), 1020)
        self.write(flows=[], thresholds=some("new", 1010))
        self.refused(f"{self.config}:1:", "new1004", "1024", "put at run time", code=507)
        self.assertEqual(self.api.want(200, "GET", "/threshold/json"), before)
        self.assertEqual(set(self.api.list()), {"pairs"})
        self.write(thresholds=some("new", 1004))
        self.hang_up(2)
        self.assertEqual(len(self.api.want(200, "GET", "/threshold/json")), 1024)
        self.write(thresholds=some("new", 1003) + some("mine", 20))  # of which the ones put go first
        self.hang_up(3)
        found = self.api.want(200, "GET", "/threshold/json")
        self.assertEqual((len(found), found["mine7"]["value"]), (1023, 5))
        self.daemon.stop()

    def test_no_file(self):
        """A FIFO in its place, to which nobody writes: refused at once."""
        os.unlink(self.config)
        os.mkfifo(self.config)
        self.refused(self.config, "FIFO")
        os.unlink(self.config)
        self.write()
        self.hang_up(1)
        self.daemon.stop()

    def test_refusals(self):
        before = self.api.list()
        self.path("weir.yaml", "flows:\n  - {name: a, keys: ipsorce, value: bytes}\n")
        self.refused(f"{self.config}:2:21", "ipsource")
        self.path("weir.yaml", "flows: [\n")
        self.refused(self.config)
        self.write(udp_port=7000, redis={"prefix": "other"})
        self.refused("udp_port, redis.prefix cannot change while weir runs")
        self.assertEqual(self.api.list(), before)
        answer = self.api.want(400, "PUT", "/config/json", {"udp_port": 1})
        self.assertIn("empty object", json.dumps(answer))
        self.write()
        self.hang_up(1)
        self.assertIsNone(self.state()["error"])
        self.assertGreater(self.state()["lastReload"], 0)
        self.daemon.stop()


if __name__ == "__main__":
    weirtest.main()
