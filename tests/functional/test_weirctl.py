#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""weirctl shows what weir has published: the same numbers, as text and as JSON."""

import json
import signal
import time

import weirtest


class Weirctl(weirtest.Case):

    def setUp(self):
        super().setUp()
        self.store = self.redis()
        path, self.truth_found = self.make_capture("some.pcap", "--datagrams", "500")
        self.summary = self.once([path], "--set", "collector=c1", url=self.store.url)
        self.client = self.store.client()
        self.addCleanup(self.client.close)

    def ask(self, *words, code=0):
        process = weirtest.Process(self, "weirctl", [
            weirtest.WEIRCTL, *words, "--redis", self.store.url])
        return process.wait(code), process.err()

    def test_top(self):
        text, _ = self.ask("top", "pairs", "--rows", "5")
        ranked = self.client.zrange("weir:flow:{pairs}:rank", 0, 4, desc=True)
        lines = [line.split()[0] for line in text.strip().split("\n")[-5:]]
        self.assertEqual(lines, ranked)
        document = json.loads(self.ask("top", "pairs", "--json", "--rows", "5")[0])
        self.assertEqual([f["key"] for f in document["top"]][:5], ranked)

    def test_agents(self):
        text, _ = self.ask("agents")
        for agent in self.truth_found["agents"]:
            self.assertIn(agent["agent"], text)
        self.assertIn(self.truth_found["agents"][0]["agent"], self.ask("agents", "--json")[0])

    def test_stats(self):
        text, _ = self.ask("stats")
        self.assertIn("c1", text)
        document = self.ask("stats", "--json")[0]
        self.assertIn(str(self.summary["flow_samples"]), document)

    def test_wrong(self):
        for words, code, said in (
                (["top", "nothing"], 1, "nothing"),
                (["topp", "pairs"], 2, "\"top\""),
                (["top"], 2, "top NAME"),
                (["stats", "nobody"], 1, "nobody"),
                (["agents", "--rows", "5"], 2, "rows")):
            with self.subTest(words=words):
                self.assertIn(said, self.ask(*words, code=code)[1])

    def test_away(self):
        self.store.kill()
        self.assertIn(self.store.socket, self.ask("agents", code=1)[1])


class Live(weirtest.Case):
    """The live view on a terminal of the test's own, over windows that the test publishes."""

    def setUp(self):
        super().setUp()
        self.store = self.redis()
        self.client = self.store.client()
        self.addCleanup(self.client.close)
        self.window = 0
        self.client.hset("weir:flow:{pairs}:meta", mapping={"window": 1, "end_ms": 1000})
        self.terminal = weirtest.Terminal(self, [
            weirtest.WEIRCTL, "top", "pairs", "--interval", "0.1", "--redis", self.store.url])
        weirtest.wait_until(lambda: self.client.pubsub_numsub("weir:flow:{pairs}")[0][1],
                            self.terminal.story)

    def publish(self, *values):
        """A window with flows a, b, c, … of these rates; samples go the other way."""
        self.window += 1
        self.client.publish("weir:flow:{pairs}", json.dumps(
            {"flow": "pairs", "unit": "frames", "window": self.window, "flows": self.window,
             "end_ms": 1000, "start_ms": 0, "samples": 1, "total": 1, "collector": "c", "top": [
                 {"key": f"flow-{chr(97 + i)}", "value": v, "samples": 1000 - v, "error": 0.1,
                  "agent": "192.0.2.1", "source": "1"} for i, v in enumerate(values)]}))

    def publish_until(self, values, want):
        """Windows that come too soon behind another are not shown, so: again."""
        end = time.monotonic() + weirtest.TIMEOUT
        while self.terminal.flows() != want:
            self.assertLess(time.monotonic(), end, self.terminal.story())
            self.publish(*values)
            time.sleep(0.05)

    def test_keys(self):
        terminal = self.terminal
        self.publish_until([30, 20, 10], "abc")
        terminal.press("r")
        terminal.wait_flows("cba")
        terminal.press("rsss")
        terminal.wait_text("sort (agent)")
        terminal.press("ssss")
        terminal.wait_text("sort (samples)")
        terminal.wait_flows("cba")
        terminal.press("sss")
        terminal.press("p")
        terminal.wait_text("PAUSED")
        self.publish(10, 20, 30, 40)
        self.publish(10, 20, 30, 40)
        terminal.press("r")  # drawn anew, of the window from before
        terminal.wait_flows("cba")
        terminal.press("r")
        terminal.wait_flows("abc")
        terminal.press("p")
        self.publish_until([10, 20, 30, 40], "dcba")
        terminal.press("q")
        terminal.end()

    def test_resize(self):
        """As many flows as the screen has room for, and no line is longer than it."""
        self.publish_until(list(range(50, 20, -1)), "abcdefghi")
        self.terminal.resize(7, 20)
        self.terminal.wait_flows("abcd")
        self.assertLessEqual(max(map(len, self.terminal.screen())), 20)
        self.terminal.resize(20, 200)
        self.terminal.wait_flows("abcdefghijklmnopq")
        self.assertIn("192.0.2.1", " ".join(self.terminal.screen()))
        self.terminal.press("q")
        self.terminal.end()

    def test_signal(self):
        """The terminal is put back, however the view ends."""
        self.publish_until([1], "a")
        self.terminal.popen.send_signal(signal.SIGTERM)
        self.terminal.end()

    def test_redis_lost(self):
        self.publish_until([1], "a")
        self.store.kill()
        self.terminal.end(1)
        self.assertIn("Redis was lost", self.terminal.after())

    def test_hostile(self):
        """Bytes that a terminal obeys do not reach it."""
        self.client.publish("weir:flow:{pairs}", json.dumps(
            {"flow": "pairs", "top": [{"key": "flow-\x1b[2Jx", "value": 1}]}))
        self.terminal.wait_text("flow-?[2Jx")
        self.terminal.press("q")
        self.terminal.end()


if __name__ == "__main__":
    weirtest.main()
