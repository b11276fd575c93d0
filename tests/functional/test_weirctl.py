#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""weirctl shows what weir has published: the same numbers, as text and as JSON."""

import fcntl
import json
import os
import pty
import signal
import struct
import subprocess
import termios
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


class Terminal(weirtest.Case):
    """The live view on a terminal of the test's own, over windows that the test publishes."""

    def setUp(self):
        super().setUp()
        self.store = self.redis()
        self.client = self.store.client()
        self.addCleanup(self.client.close)
        self.master, slave = pty.openpty()
        self.addCleanup(os.close, self.master)
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        self.addCleanup(os.close, slave)
        self.resize(12, 70)
        self.seen, self.window = b"", 0
        self.client.hset("weir:flow:{pairs}:meta", mapping={"window": 1, "end_ms": 1000})
        self.top = subprocess.Popen(  # pylint: disable=consider-using-with
            [weirtest.WEIRCTL, "top", "pairs", "--interval", "0.1", "--redis", self.store.url],
            stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
        self.addCleanup(self.give_up)
        weirtest.wait_until(lambda: self.client.pubsub_numsub("weir:flow:{pairs}")[0][1],
                            self.story)

    def give_up(self):
        if self.top.poll() is None:
            self.top.kill()
        self.top.wait()

    def story(self):
        return self.seen[-4000:].decode(errors="replace")

    def resize(self, rows, columns):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))

    def publish(self, *values):
        """A window with flows a, b, c, … of these rates; samples go the other way."""
        self.window += 1
        self.client.publish("weir:flow:{pairs}", json.dumps(
            {"flow": "pairs", "unit": "frames", "window": self.window, "flows": self.window,
             "end_ms": 1000, "start_ms": 0, "samples": 1, "total": 1, "collector": "c", "top": [
                 {"key": f"flow-{chr(97 + i)}", "value": v, "samples": 1000 - v, "error": 0.1,
                  "agent": "192.0.2.1", "source": "1"} for i, v in enumerate(values)]}))

    def screen(self):
        """The lines of the newest whole picture."""
        os.set_blocking(self.master, False)
        try:
            while data := os.read(self.master, 65536):
                self.seen += data
        except (BlockingIOError, OSError):
            pass
        whole = self.seen.rpartition(b"\033[K")[0].rpartition(b"\033[H")[2]
        return [line.split(b"\033[K")[0].split(b"\033[J")[0].decode()
                for line in whole.split(b"\r\n")]

    def flows(self):
        return [line.split()[0][-1] for line in self.screen() if line.startswith("flow-")]

    def wait_flows(self, want):
        weirtest.wait_until(lambda: "".join(self.flows()) == want,
                            lambda: f"{want}\n{self.story()}")

    def publish_until(self, values, want):
        """Windows that come too soon behind another are not shown, so: again."""
        end = time.monotonic() + weirtest.TIMEOUT
        while "".join(self.flows()) != want:
            self.assertLess(time.monotonic(), end, self.story())
            self.publish(*values)
            time.sleep(0.05)

    def press(self, key):
        os.write(self.master, key.encode())

    def wait_text(self, text):
        weirtest.wait_until(lambda: text.encode() in self.seen or self.screen() and False,
                            lambda: f"{text}\n{self.story()}")

    def quit(self, code=0):
        self.assertEqual(self.top.wait(weirtest.TIMEOUT), code)
        self.screen()
        self.assertEqual(termios.tcgetattr(self.slave)[:6], self.before[:6])
        self.assertIn(b"\033[?1049l", self.seen)

    def test_keys(self):
        self.publish_until([30, 20, 10], "abc")
        self.press("r")
        self.wait_flows("cba")
        self.press("rsss")
        self.wait_text("sort (agent)")
        self.press("ssss")
        self.wait_text("sort (samples)")
        self.wait_flows("cba")
        self.press("sss")
        self.press("p")
        self.wait_text("PAUSED")
        self.publish(10, 20, 30, 40)
        self.publish(10, 20, 30, 40)
        self.wait_flows("abc")
        self.press("p")
        self.publish_until([10, 20, 30, 40], "dcba")
        self.press("q")
        self.quit()

    def test_resize(self):
        """As many flows as the screen has room for, and no line is longer than it."""
        self.publish_until(list(range(50, 20, -1)), "abcdefghi")
        self.resize(7, 20)
        self.top.send_signal(signal.SIGWINCH)
        self.wait_flows("abcd")
        self.assertLessEqual(max(map(len, self.screen())), 20)
        self.resize(20, 200)
        self.top.send_signal(signal.SIGWINCH)
        self.wait_flows("abcdefghijklmnopq")
        self.assertIn("192.0.2.1", " ".join(self.screen()))
        self.press("q")
        self.quit()

    def test_signal(self):
        """The terminal is put back, however the view ends."""
        self.publish_until([1], "a")
        self.top.send_signal(signal.SIGTERM)
        self.quit()

    def test_redis_lost(self):
        self.publish_until([1], "a")
        self.store.kill()
        self.quit(1)
        self.assertIn("Redis was lost", self.seen.rpartition(b"1049l")[2].decode())

    def test_hostile(self):
        """Bytes that a terminal obeys do not reach it."""
        self.client.publish("weir:flow:{pairs}", json.dumps(
            {"flow": "pairs", "top": [{"key": "flow-\x1b[2Jx", "value": 1}]}))
        self.wait_text("flow-[2Jx")
        self.press("q")
        self.quit()


if __name__ == "__main__":
    weirtest.main()
