#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Faults of Redis under live traffic: the collector goes on, says so, and all is right soon after."""

import contextlib
import os
import signal
import time
import urllib.request

import redis

import breaker
import faultcase
import weirnet
import weirtest

SHORT = 1      # s that most faults last at least
PAUSE = 4      # s, of a Redis that is stopped
PAUSED = 3     # s, by CLIENT PAUSE
RECORD = "weir:records:{log}"


class Faults(weirtest.Case):

    @classmethod
    def setUpClass(cls):
        cls.stage = stage = faultcase.Stage().open()
        try:
            cls.store = weirtest.Redis(stage, "--enable-debug-command", "local").start()
            cls.proxy = breaker.Breaker(stage, cls.store.socket, stage.network.space)
            stage.start(cls.proxy.url)
            cls.client = cls.store.client()
            stage.addCleanup(cls.client.close)
            stage.wait_right(cls.client, time.monotonic())
        except BaseException:
            stage.doCleanups()
            raise

    @classmethod
    def tearDownClass(cls):
        cls.stage.finish()

    def setUp(self):
        super().setUp()
        self.stage.wait_right(self.client, time.monotonic())

    def last(self, start, seconds=SHORT):
        """Until the fault is so old."""
        end = start + max(seconds, faultcase.LONG)
        weirtest.wait_until(lambda: time.monotonic() >= end, "time goes by",
                            timeout=seconds + faultcase.LONG + 1)

    def test_stopped(self):
        """A process that is stopped takes connections, and never answers."""
        pid, start = self.store.process.pid, time.monotonic()
        with self.stage.fault("stopped (SIGSTOP)", 2, "no answer in time"):
            os.kill(pid, signal.SIGSTOP)
            self.addCleanup(os.kill, pid, signal.SIGCONT)
        self.last(start, PAUSE)
        self.check_prometheus()
        os.kill(pid, signal.SIGCONT)
        change = self.stage.mended(self.client)
        self.assertGreaterEqual(change["publish_superseded"], PAUSE * 1000 //
                                faultcase.WINDOW_MS // 2)
        self.assertGreater(change["publish_drop_records"], 0)

    def check_prometheus(self):
        with weirnet.inside(self.stage.network.space), urllib.request.urlopen(
                "http://127.0.0.1:8008/prometheus/analyzer/txt") as answer:
            text = answer.read().decode()
        self.assertIn("\nsflow_analyzer_publish_state 2\n", text)
        age = text.partition("\nsflow_analyzer_publish_age ")[2].partition("\n")[0]
        self.assertGreater(float(age), 1000)

    def test_paused(self):
        """CLIENT PAUSE."""
        start, seconds = time.monotonic(), max(PAUSED, faultcase.LONG)
        with self.stage.fault("CLIENT PAUSE", 2, "no answer in time"):
            self.client.execute_command("CLIENT", "PAUSE", int(seconds * 1000), "ALL")
        self.last(start, seconds)
        change = self.stage.mended(self.client, start + seconds)
        self.assertGreater(change["publish_superseded"], 0)

    def test_gone(self):
        """Killed, and back without its data."""
        start = time.monotonic()
        with self.stage.fault("killed, back empty", 2, ""):
            self.store.kill()
        weirtest.wait_until(lambda: self.stage.counters()["store_away"] == 1,
                            self.stage.daemon.story)
        self.last(start)
        self.store.start()
        change = self.stage.mended(self.client)
        self.assertGreater(change["publish_superseded"], 0)
        self.assertGreaterEqual(change["publish_disconnects"], 1)

    def test_flushed(self):
        """FLUSHALL: nothing fails, but all keys are gone."""
        with self.stage.measured("FLUSHALL"):
            self.client.flushall()
        change = self.stage.mended(self.client)
        self.assertEqual(change["publish_disconnects"], 0)

    def test_replica(self):
        """Read-only: connections work, and writes do not."""
        start = time.monotonic()
        with self.stage.fault("a read-only replica", 2, "READONLY"):
            self.client.execute_command("REPLICAOF", "127.0.0.1", "1")
        self.last(start)
        self.client.execute_command("REPLICAOF", "NO", "ONE")
        change = self.stage.mended(self.client)
        self.assertGreater(change["publish_superseded"], 0)
        self.assertGreater(change["publish_errors"], 0)

    def test_refused(self):
        """All writes: also those that delete the keys of a definition, which goes meanwhile."""
        short, records = "weir:flow:{short}", "weir:records:{short}"
        self.stage.api.put("short", {"keys": "agent", "value": "bytes", "log": True,
                                     "activeTimeout": 1})
        weirtest.wait_until(lambda: self.client.exists(short, records) == 2,
                            self.stage.daemon.story)
        start = time.monotonic()
        with self.stage.fault("too few replicas", 1, "NOREPLICAS"):
            self.client.config_set("min-replicas-to-write", "1")
            self.stage.api.remove("short")
        self.last(start)
        self.client.config_set("min-replicas-to-write", "0")
        change = self.stage.mended(self.client)
        self.assertEqual(change["publish_disconnects"], 0)
        weirtest.wait_until(lambda: not self.client.keys(short + "*") and
                            self.client.pttl(records) > 0, self.stage.daemon.story)

    def test_full(self):
        """Out of memory: what is refused is counted, and comes once there is room."""
        start = time.monotonic()
        with self.stage.fault("out of memory (noeviction)", 1, "OOM"):
            self.client.config_set("maxmemory", "1")
        self.last(start)
        self.client.config_set("maxmemory", "0")
        change = self.stage.mended(self.client)
        self.assertEqual(change["publish_disconnects"], 0)
        self.assertGreater(change["publish_errors"], 0)
        self.assertGreater(change["publish_refused_records"], 0)

    def test_loading(self):
        """A server that reads its data set answers -LOADING."""
        self.client.execute_command("DEBUG", "POPULATE", 1500, "other")
        self.client.save()
        with self.stage.fault("-LOADING", 2, "LOADING"):
            self.store.kill()
            self.store.options = ("--enable-debug-command", "local", "--key-load-delay", "1000",
                                  "--loading-process-events-interval-bytes", "1024")
            os.unlink(self.store.socket)
            self.store.process = weirtest.Process(self.stage, "redis-server", [
                "redis-server", "--port", "0", "--unixsocket", self.store.socket, "--save", "",
                "--dir", self.store.folder, *self.store.options])
        weirtest.wait_until(self.store.answers, "it is loaded", pause=0.005)
        self.stage.mended(self.client)
        os.unlink(os.path.join(self.store.folder, "dump.rdb"))

    def test_no_login(self):
        """A password that weir does not have: -NOAUTH."""
        start = time.monotonic()
        with self.stage.fault("-NOAUTH", 2, "NOAUTH"):
            self.client.config_set("requirepass", "secret")
            self.client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        self.last(start)
        self.client.config_set("requirepass", "")
        self.stage.mended(self.client)

    def test_wrong_type(self):
        """Texts where weir has hashes, sets and streams."""
        agent, source, _ = self.stage.metrics()[0]
        hers = [f"weir:metric:{{{agent}}}:{source}", "weir:agents", RECORD]
        ours = ["weir:flow:{pairs}", "weir:flow:{ports}", "weir:flow:{pairs}:rank",
                f"weir:agent:{{{agent}}}"]
        start = time.monotonic()
        with self.stage.fault("keys of another type", 1, "WRONGTYPE"):
            for key in hers + ours:
                self.client.set(key, "text")
        self.last(start)
        for key in ours:
            self.assertNotEqual(self.client.type(key), "string", key)
        self.client.delete(*hers)
        change = self.stage.mended(self.client)
        self.assertEqual(change["publish_disconnects"], 0)
        self.assertGreater(change["publish_refused_records"], 0)
        for key in hers:
            weirtest.wait_until(lambda k=key: self.client.exists(k), key)

    def test_cut(self):
        """The connection ends within a reply; also within that of EXEC."""
        for name, marker, more in (("within a reply", b"QUEUED", 0),
                                   ("within a reply of EXEC", b"\r\n*", 3)):
            with self.subTest(name):
                start = time.monotonic()
                with self.stage.measured("cut " + name):
                    self.proxy.cut_within(marker, more, 4)
                weirtest.wait_until(lambda: self.proxy.cuts == 0, self.stage.daemon.story)
                change = self.stage.mended(self.client, tries=round(time.monotonic() - start, 2))
                self.assertGreaterEqual(change["publish_disconnects"], 4)

    def test_black_hole(self):
        """Nothing passes; then new connections do, and what was on its way comes late, or never."""
        agent, source, _ = self.stage.metrics()[0]
        key = f"weir:metric:{{{agent}}}:{source}"
        speed = self.client.hget(key, "ifspeed")
        for name, after in (("never", self.proxy.lose), ("late", lambda: self.late(key))):
            with self.subTest(name):
                start = time.monotonic()
                with self.stage.fault(f"a black hole; what was under way comes {name}", 2,
                                      "no answer in time"):
                    self.proxy.hold()
                self.last(start)
                self.proxy.heal()
                healed = time.monotonic()
                after()
                change = self.stage.mended(self.client, healed)
                self.assertGreater(change["publish_superseded"], 0)
                weirtest.wait_until(lambda: self.client.hget(key, "ifspeed") == speed, key)

    def late(self, key):
        """Old commands, when new ones have been written; one of them with a value that has changed since."""
        connects = self.stage.counters()["publish_connects"]
        weirtest.wait_until(lambda: self.stage.counters()["publish_connects"] > connects and
                            self.stage.counters()["publish_state"] == 0,
                            self.stage.daemon.story)
        self.client.hset(key, "ifspeed", "1")
        self.proxy.release()

    def test_slow(self):
        """Answers that take longer than a window: windows are given up, nothing else."""
        before = self.stage.counters()
        with self.stage.measured("slow: 0.4 s for each answer"):
            self.proxy.delay = 0.4
        try:
            weirtest.wait_until(
                lambda: self.stage.counters()["publish_superseded"] >
                before["publish_superseded"] and
                self.stage.counters()["publish_lag"] > 400000, self.stage.daemon.story)
        finally:
            self.proxy.delay = 0
        change = self.stage.mended(self.client)
        self.assertEqual(change["publish_disconnects"], 0)


if __name__ == "__main__":
    weirtest.main()
