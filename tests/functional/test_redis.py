#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The Redis edge: away, back, refusing; consumers that read while weir writes."""

import collections
import json
import re
import time

import redis

import weirtest

WINDOWS = 30   # that a consumer looks at
FLOW = "weir:flow:{pairs}"


class Edge(weirtest.Case):

    def setUp(self):
        super().setUp()
        self.capture, _ = self.make_capture("traffic.pcap", "--datagrams", "1000", "--counters",
                                            "0.1")

    def loop(self, url, *args):
        return self.weir("-c", weirtest.CONFIG, "--pcap", self.capture, "--loop", "--redis", url,
                         *args)

    def window(self, client):
        return int(client.hget(FLOW + ":meta", "window") or 0)

    def test_away_at_start(self):
        """weir says so, keeps trying, and publishes once Redis is there."""
        store = weirtest.Redis(self)
        daemon = self.loop(store.url)
        weirtest.wait_until(lambda: "trying again" in daemon.err(), daemon.story)
        self.assertIn(store.socket, daemon.err())
        store.start()
        with store.client() as client:
            weirtest.wait_until(lambda: self.window(client), daemon.story)
            # The first window that is published was made before that.
            weirtest.wait_until(lambda: self.collector(client).get("publish_connects") == 1,
                                daemon.story)
            self.assert_conserved(self.collector(client))
        daemon.stop()
        # Once for each reason: while Redis starts there can be a second one, a socket on which nobody listens.
        reasons = re.findall(r"cannot be used: (.*); trying again", daemon.err())
        self.assertEqual(reasons[0], "No such file or directory")
        self.assertEqual(len(reasons), len(set(reasons)), daemon.err())

    def test_killed(self):
        """Killed and back, empty: all keys are there again."""
        store = self.redis()
        daemon = self.loop(store.url)
        with store.client() as client:
            weirtest.wait_until(lambda: self.window(client) >= 2, daemon.story)
            keys = weirtest.wait_until(lambda: set(client.keys("*")), daemon.story)
        # Its next step may be ten seconds away.
        keys = {k for k in keys if not k.endswith(":10s")}
        for times, away in enumerate((0, 7), 1):  # s; in the second case tries are rare by then
            with self.subTest(away=away):
                store.kill()
                weirtest.wait_until(lambda t=times: daemon.err().count("was lost") == t,
                                    daemon.story)
                end = time.monotonic() + away
                weirtest.wait_until(lambda e=end: time.monotonic() >= e, "time goes by")
                store.start()
                self.check_return(store, daemon, keys, times)
        daemon.stop()

    def check_return(self, store, daemon, keys, times):
        with store.client() as client:
            weirtest.wait_until(lambda: keys <= set(client.keys("*")),
                                lambda: f"missing {keys - set(client.keys('*'))}\n"
                                + daemon.story())
            weirtest.wait_until(
                lambda: self.collector(client).get("publish_connects") == times + 1, daemon.story)
            c = self.collector(client)
            self.assert_conserved(c)
            self.assertEqual(c["publish_disconnects"], times)
            self.assertEqual(c["publish_errors"], 0)

    def test_refusing(self):
        """Out of memory: error replies are counted, and all is well once there is room."""
        store = self.redis()
        with store.client() as client:
            daemon = self.loop(store.url, "--window", "200ms")
            weirtest.wait_until(lambda: self.window(client), daemon.story)
            client.config_set("maxmemory", "1")
            weirtest.wait_until(lambda: "OOM" in daemon.err(), daemon.story)
            client.config_set("maxmemory", "0")
            weirtest.wait_until(lambda: self.collector(client).get("publish_errors"), daemon.story)
            window = self.window(client)
            weirtest.wait_until(lambda: self.window(client) > window, daemon.story)
            daemon.stop()

    def test_login(self):
        """Password, ACL user, database: as the URL says."""
        store = self.redis("--requirepass", "p@ss/word")
        acl = redis.Redis(unix_socket_path=store.socket, password="p@ss/word")
        acl.execute_command("ACL", "SETUSER", "weir", "on", ">se cret", "~own:*", "&own:*",
                            "+@all", "-@admin", "-@dangerous")
        for url, prefix, db in (
                (f"unix://:p%40ss%2Fword@{store.socket}?db=3", "weir", 3),
                (f"unix://weir:se%20cret@{store.socket}", "own", 0)):
            with self.subTest(url=url):
                self.once([self.capture], "--set", f"redis.prefix={prefix}", url=url)
                with store.client(password="p@ss/word", db=db) as client:
                    self.assertTrue(client.exists(f"{prefix}:flow:{{pairs}}"))
                    self.assertTrue(client.keys(f"{prefix}:collector:*"))
        acl.close()

    def test_refused_login(self):
        """Wrong password: said without the password, and no reason to end a live run."""
        store = self.redis("--requirepass", "right")
        daemon = self.loop(f"unix://:wrong@{store.socket}")
        weirtest.wait_until(lambda: "WRONGPASS" in daemon.err() or "invalid" in daemon.err(),
                            daemon.story)
        self.assertTrue(daemon.running())
        self.assertNotIn("wrong@", daemon.err())
        daemon.stop(code=1)

    def test_tcp(self):
        """redis://HOST:PORT, too."""
        port = 20000 + hash(self.folder) % 20000
        store = self.redis("--port", str(port), "--bind", "127.0.0.1")
        self.once([self.capture], url=f"redis://127.0.0.1:{port}/2")
        with store.client(db=2) as client:
            self.assertTrue(client.exists(FLOW))

    def test_expiry(self):
        """Agents, data sources and collectors that fall silent are forgotten."""
        store = self.redis()
        with store.client() as client:
            self.once([self.capture], "--set", "limits.expire=1s", url=store.url)
            for kind in ("agent:*", "metric:*", "collector:*"):
                weirtest.wait_until(lambda k=kind: not client.keys("weir:" + k), kind)

    def test_consumer(self):
        """Hash, rank and meta, read in one MULTI, and the channel never mix two windows."""
        store = self.redis()
        daemon = self.loop(store.url, "--window", "100ms")
        documents, read = {}, collections.OrderedDict()
        with store.client() as client, client.pubsub(ignore_subscribe_messages=True) as channel:
            channel.subscribe(FLOW)

            def look():
                self.read(client, read)
                while message := channel.get_message():
                    document = json.loads(message["data"])
                    documents[str(document["window"])] = document
                return len(set(read) & set(documents)) >= WINDOWS

            weirtest.wait_until(look, daemon.story, pause=0.003)
        daemon.stop()
        for window, (flows, rank, meta) in read.items():
            self.assertEqual(rank, flows)
            if window in documents:
                self.check_document(documents[window], flows, meta)
        numbers = sorted(map(int, documents))
        gaps = set(range(numbers[0], numbers[-1])) - set(numbers)
        with store.client() as client:
            superseded = self.collector(client)["publish_superseded"]
        self.assertLessEqual(len(gaps), superseded, gaps)

    def read(self, client, read):
        with client.pipeline(transaction=True) as pipe:
            pipe.hgetall(FLOW)
            pipe.hgetall(FLOW + ":meta")
            pipe.zrange(FLOW + ":rank", 0, -1, withscores=True)
            flows, meta, rank = pipe.execute()
        flows = {k: float(v) for k, v in flows.items()}
        if not meta:
            return
        seen = read.setdefault(meta["window"], (flows, dict(rank), meta))
        self.assertEqual(seen, (flows, dict(rank), meta), "one window, read twice, differs")

    def check_document(self, document, flows, meta):
        self.assertEqual({f["key"]: float(f["value"]) for f in document["top"]}, flows)
        values = [f["value"] for f in document["top"]]
        self.assertEqual(values, sorted(values, reverse=True))
        for field in ("window", "start_ms", "end_ms", "total", "other", "flows", "samples",
                      "unit", "collector"):
            self.assertEqual(str(document[field]), meta[field], field)
        self.assertEqual(document["flow"], "pairs")
        self.assertEqual(document["end_ms"] % 100 // 50, 0, "windows end on multiples of 100 ms")
        for f in document["top"]:
            self.assertEqual(set(f), {"key", "value", "samples", "error", "agent", "source"})
            self.assertGreater(f["samples"], 0)
            self.assertGreater(f["error"], 0)

    def test_metric_channel(self):
        """A document for each counter sample, and the hash of its data source."""
        store = self.redis()
        with store.client() as client, client.pubsub(ignore_subscribe_messages=True) as channel:
            channel.psubscribe("weir:metric:*")
            channel.get_message(timeout=1)
            self.once([self.capture], url=store.url)
            documents = []
            while message := channel.get_message(timeout=0.5):
                documents.append((message["channel"], json.loads(message["data"])))
            self.assertGreater(len(documents), 0)
            for name, document in documents:
                self.assertEqual(name, f"weir:metric:{{{document['agent']}}}")
                hashed = client.hgetall(name + ":" + document["source"])
                self.assertLessEqual(set(document["metrics"]), set(hashed))


if __name__ == "__main__":
    weirtest.main()
