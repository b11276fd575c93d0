#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Flow definitions that are put, replaced and removed while traffic runs, and what is kept of them."""

import json
import signal

import weirapi
import weirtest

SMALL = {"keys": "ipsource", "value": "frames", "capacity": 1000}


class Definitions(weirtest.Case):

    def start(self, store, *args, config=weirtest.CONFIG):
        """A daemon that replays a small capture for ever, with its API."""
        capture, _ = self.make_capture(weirtest.unique("in"), "--datagrams", "200")
        daemon = self.weir("-c", config, "--pcap", capture, "--loop", "--redis",
                           store.url if store else "", "--api", "127.0.0.1:0", "--window",
                           "100ms", *args)
        return daemon, weirapi.Client(self, daemon)

    def summary(self, daemon):
        summary = json.loads(daemon.stop())
        self.assertTrue(summary["conserved"])
        return summary


class Changes(Definitions):

    def test_meaning(self):
        """In force when the answer comes; what has not changed goes on, what has starts anew."""
        store = self.redis()
        daemon, api = self.start(store)
        with store.client() as client:
            api.put("new", SMALL)
            new = api.list()["new"]
            self.assertEqual(new, new | SMALL | {"filter": "", "fs": ",", "n": 20, "t": 2,
                                                 "dropped": False, "ttl": 0})
            weirtest.wait_until(lambda: client.hget("weir:flow:{new}:meta", "samples"),
                                daemon.story)
            self.assertEqual(self.generation_after(client, daemon),
                             self.generation_after(client, daemon, api, SMALL))
            api.put("new", SMALL | {"value": "bytes", "n": "3"})
            weirtest.wait_until(
                lambda: client.hget("weir:flow:{new}:meta", "unit") == "bytes", daemon.story)
            api.put("out", SMALL)
            weirtest.wait_until(lambda: client.exists("weir:flow:{out}:meta"), daemon.story)
            api.remove("out")
            weirtest.wait_until(lambda: not client.keys("weir:flow:{out}*"), daemon.story)
        summary = self.summary(daemon)
        self.assertIn("new", summary["flows"])
        self.assertLess(summary["flows"]["new"]["samples"], summary["flow_samples"])
        pairs = summary["flows"]["pairs"]
        self.assertEqual(pairs["samples"] + pairs["keyless"] + pairs["filtered"],
                         summary["flow_samples"])

    def generation_after(self, client, daemon, api=None, spec=None):
        """That of a window which began after a definition was put, if any."""
        if api:
            api.put("new", spec)
        # Flows of the first window are in Redis a moment before the counters.
        window = weirtest.wait_until(lambda: self.collector(client).get("window"), daemon.story)
        weirtest.wait_until(lambda: self.collector(client)["window"] > window + 1, daemon.story)
        return self.collector(client)["generation"]

    def test_refusals(self):
        daemon, api = self.start(None, "--set", "limits.flows_mb=200")
        before = api.list()
        for spec, text in (
                ({"keys": "ipsorce", "value": "bytes"}, "ipsource"),
                ({"keys": "ipsource"}, "value: is missing"),
                ({"value": "bytes", "filtr": "vlan=1"}, '"filter"'),
                ({"value": "bytes", "filter": "vlan="}, "filter"),
                ({"value": "bytes", "ipfixCollectors": ["10.0.0.1"]}, "not supported")):
            self.assertIn(text, api.put("bad", spec, 400)["error"])
        self.assertIn("1 to 64", api.put("b%20d", SMALL, 400)["error"])
        self.assertIn("bad", api.remove("bad", 404)["error"])
        self.assertRegex(api.put("big", SMALL | {"capacity": 16777216}, 507)["error"],
                         r"\d+ MB more, where \d+ MB of 200 MB \(limits.flows_mb\) are in use")
        self.assertEqual(api.list(), before)
        names = [f"n{i}" for i in range(256 - len(before))]
        for name in names:
            api.put(name, SMALL)  # all of them share one table
        self.assertIn("256", api.put("more", SMALL, 507)["error"])
        api.put(names[0], SMALL | {"n": 3})
        api.remove(names[1])
        api.put("more", SMALL)
        self.assertEqual(len(self.summary(daemon)["flows"]), 256)

    def test_ttl(self):
        """What nobody asks for goes; what somebody asks for stays, at each of the paths."""
        daemon, api = self.start(None)
        paths = [f"/activeflows/ALL/{name}/json" for name in ("asked", "long")]
        paths += ["/flowlocations/ALL/asked2/json?key=x"]
        for name, ttl in (("short", 1), ("asked", 10), ("asked2", "10"), ("long", 1000)):
            api.put(name, SMALL | {"ttl": ttl})
        api.put("last", SMALL | {"ttl": 11})  # by then those that are asked for would be gone

        def gone():
            for path in paths:
                api.want(200, "GET", path)
            return "last" not in api.list()
        weirtest.wait_until(gone, daemon.story)
        there = api.list()
        self.assertTrue({"asked", "asked2", "long"} < set(there), there)
        self.assertNotIn("short", there)
        self.assertIn('"short" goes', daemon.err())
        self.summary(daemon)

    def test_new(self):
        """A definition that is in force has no flows yet, rather than being unknown."""
        daemon, api = self.start(None, "--set", "window=10s")
        weirtest.wait_until(lambda: api.ask("GET", "/activeflows/ALL/pairs/json")[0] == 200,
                            daemon.story)
        api.put("new", SMALL)
        self.assertEqual(api.want(200, "GET", "/activeflows/ALL/new/json"), [])
        api.want(404, "GET", "/activeflows/ALL/neu/json")
        self.summary(daemon)

    def test_replaced(self):
        """No answer has flows of what a definition was before; one that is removed has none."""
        daemon, api = self.start(None, "--set", "window=3s")
        paths = {"/activeflows/ALL/new/json": lambda a: a, "/dump/ALL/new/json": self.top_keys,
                 "/metric/ALL/sum:new/json": self.top_keys,
                 "/table/ALL/new/json": lambda a: self.top_keys(sum(a, []))}

        def keys():
            return {path: [f["key"] for f in flows(api.want(200, "GET", path))]
                    for path, flows in paths.items()}

        api.put("new", SMALL)
        weirtest.wait_until(lambda: all(keys().values()), daemon.story)
        api.put("new", SMALL | {"ttl": 1000})  # of the same flows
        self.assertTrue(all(keys().values()))
        for spec, mark in (({"keys": "ipsource,ipdestination"}, ","), ({"fs": "|"}, "|")):
            api.put("new", SMALL | {"keys": "ipsource,ipdestination"} | spec)
            for path, now in keys().items():
                self.assertTrue(all(mark in key for key in now), (path, now))
            weirtest.wait_until(lambda: all(keys().values()), daemon.story)
        api.remove("new")
        self.assertEqual(api.want(404, "GET", "/activeflows/ALL/new/json")["error"],
                         'there is no flow "new"')
        api.want(404, "GET", "/flowvalue/ALL/3.new/json?key=x")
        for path in list(paths)[1:]:
            self.assertNotIn("topKeys", str(api.want(200, "GET", path)), path)
        self.summary(daemon)

    @staticmethod
    def top_keys(answer):
        return sum((one.get("topKeys", []) for one in answer), [])


class Kept(Definitions):

    KEY = "weir:config:flow"

    def test_restart(self):
        """What was put is there again after a restart, and goes before the configuration."""
        store = self.redis()
        daemon, api = self.start(store)
        api.put("kept", SMALL)
        api.put("gone", SMALL)
        api.put("pairs", SMALL)
        api.remove("gone")
        want = api.list()
        self.summary(daemon)
        with store.client() as client:
            self.assertEqual(set(client.hkeys(self.KEY)), {"kept", "pairs"})
            client.hset(self.KEY, mapping={
                "broken": "{", "wrong": '{"keys": "ipsorce", "value": "bytes"}', "no name": "{}"})
        daemon, api = self.start(store)
        self.assertEqual(api.list(), want)
        self.assertIn('"pairs": what was put at run time', daemon.err())
        for name in ("broken", "wrong", "no name"):
            self.assertIn(f'"{name}" of Redis is left out', daemon.err())
        self.assertIn("kept", self.summary(daemon)["flows"])

    def test_too_many(self):
        """What Redis has beyond the most there can be is left out, in a few words."""
        store = self.redis()
        with store.client() as client:
            client.hset(self.KEY, mapping={f"no {i}": "{" for i in range(300)})
        daemon, api = self.start(store)
        self.assertNotIn("no 1", api.list())
        self.assertIn("Redis has more than 256 flows, which is the most", daemon.err())
        self.assertEqual(daemon.err().count("of Redis is left out:"), 64)
        self.summary(daemon)

    def test_ephemeral(self):
        store = self.redis()
        with store.client() as client:
            client.hset(self.KEY, "old", json.dumps(SMALL))
            for args in (("--ephemeral",), ("--set", "ephemeral=true")):
                daemon, api = self.start(store, *args)
                self.assertNotIn("old", api.list())
                api.put("new", SMALL)
                self.summary(daemon)
                self.assertEqual(client.hkeys(self.KEY), ["old"])

    def test_redis_away(self):
        """Changes are in force at once, and kept once Redis is there; so is what it has."""
        store = self.redis()
        with store.client() as client:
            client.hset(self.KEY, mapping={"stored": json.dumps(SMALL),
                                           "both": json.dumps(SMALL | {"n": 1}),
                                           "out": json.dumps(SMALL)})
            client.save()
        store.kill()
        daemon, api = self.start(store)
        api.put("both", SMALL | {"n": 2})
        api.put("put", SMALL)
        api.put("out", SMALL)
        api.remove("out")
        store.start()
        weirtest.wait_until(lambda: "stored" in api.list(), daemon.story)
        self.assertEqual(api.list()["both"]["n"], 2)
        self.assertNotIn("out", api.list())
        with store.client() as client:
            weirtest.wait_until(
                lambda: set(client.hkeys(self.KEY)) == {"stored", "both", "put"}, daemon.story)
            self.assertEqual(json.loads(client.hget(self.KEY, "both"))["n"], 2)
        self.summary(daemon)


class Lost(Definitions):
    """Redis loses what was put at run time: weir has it, and writes it again."""

    PUTS = {"flow/kept": SMALL, "flow/out": SMALL, "group/sites": {"campus": ["10.0.0.0/8"]},
            "map/ports": {"web": [80, 443]}, "threshold/high": {"metric": "pairs", "value": 1},
            "topology": {"nodes": {"leaf": {"agent": "192.0.2.1"}}}}

    @staticmethod
    def stored(client):
        return {key.rpartition(":")[2]: set(client.hkeys(key))
                for key in client.keys("weir:config:*")}

    def wait_stored(self, client, daemon, **more):
        """Until Redis has all but what was removed, and `more`."""
        want = {kind: {name or kind} for kind, _, name in (
            path.partition("/") for path in self.PUTS if path != "flow/out")}
        want["flow"] |= more.get("flow", set())
        weirtest.wait_until(lambda: self.stored(client) == want,
                            lambda: f"{self.stored(client)}\n{daemon.story()}")

    def in_force(self, api):
        got = {path: api.want(200, "GET", f"/{path}/json") for path in self.PUTS
               if path != "flow/out"}
        del got["topology"]["version"]
        got["threshold/high"].pop("kind", None)  # known with the first window
        return got

    def flush(self, client, daemon):
        """What others have put since then stays."""
        client.flushall()
        client.hset("weir:config:flow", "other", json.dumps(SMALL))
        self.wait_stored(client, daemon, flow={"other"})
        client.hdel("weir:config:flow", "other")

    @staticmethod
    def kill(store, daemon, api):
        """weir sees it, though it has nothing to write."""
        store.kill()
        weirtest.wait_until(
            lambda: api.want(200, "GET", "/analyzer/json")["counters"]["store_away"] == 1,
            daemon.story)

    @staticmethod
    def end(daemon):
        daemon.send(signal.SIGKILL)
        daemon.wait(-signal.SIGKILL)

    def test_lost(self):
        """By FLUSHALL, or a restart without its data: of what was put, and of what was read."""
        store = self.redis()
        daemon, api = self.start(store)
        for path, body in self.PUTS.items():
            api.want(204, "PUT", f"/{path}/json", body)
        api.remove("out")
        want = self.in_force(api)
        with store.client() as client:
            for _ in range(2):
                self.wait_stored(client, daemon)
                self.flush(client, daemon)
                self.kill(store, daemon, api)
                store.start()
                self.wait_stored(client, daemon)
                self.end(daemon)
                daemon, api = self.start(store)
                self.assertEqual(self.in_force(api), want)
        self.summary(daemon)

    def test_removed(self):
        """What was removed while Redis was away does not come back with it."""
        store = self.redis()
        daemon, api = self.start(store)
        for path, body in self.PUTS.items():
            api.want(204, "PUT", f"/{path}/json", body)
        with store.client() as client:
            weirtest.wait_until(lambda: "topology" in self.stored(client), daemon.story)
            client.save()
            self.kill(store, daemon, api)
            api.remove("out")
            store.start()
            self.wait_stored(client, daemon)
        self.end(daemon)
        daemon, api = self.start(store)
        self.assertNotIn("out", api.list())
        self.summary(daemon)


if __name__ == "__main__":
    weirtest.main()
