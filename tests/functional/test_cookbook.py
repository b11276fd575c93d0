#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every definition of docs/cookbook.rst counts something in the sample traffic, and every output of
the page is what the programs print.

With WEIR_COOKBOOK=write the output in the page is written anew instead.
"""

import http.server
import json
import os
import re
import threading
import time

import test_client
import traffic
import weirtest

PAGE = os.path.join(weirtest.SOURCE, "docs", "cookbook.rst")
BLOCK = re.compile(r"^\.\. code-block:: yaml\n\n((?:   .*\n|\n)+)", re.MULTILINE)
OUTPUT = re.compile(r"^(   \$ (weirctl .*)\n)((?:   .*\n)*)", re.MULTILINE)
NAME = re.compile(r"^(?:- |- \{)name: ([\w-]+)", re.MULTILINE)
QUESTIONS = 20  # at least
SET = ("--set", "collector=lab", "--set", "geo.country=" + weirtest.LOCATION,
       "--set", "geo.asn=" + weirtest.LOCATION)


class Page:
    """The page, with what is in it."""

    def __init__(self):
        with open(PAGE, encoding="utf-8") as f:
            self.text = f.read()
        self.blocks = [re.sub("^   ", "", b, flags=re.MULTILINE) for b in BLOCK.findall(self.text)]

    def questions(self):
        return re.findall(r"^(.*\?)\n-+$", self.text, re.MULTILINE)

    def definitions(self):
        return [name for block in self.blocks for name in NAME.findall(block)]

    def configuration(self):
        """All blocks as one file: lists of definitions, and whatever else stands in a block."""
        lists = [b for b in self.blocks if b.startswith("- ")]
        return "\n".join(["flows:", *lists, *(b for b in self.blocks if not b.startswith("- "))])

    def with_outputs(self, print_output):
        """The text with the output of each command made anew."""
        def made(match):
            lines = print_output(match[2].split()[1:]).rstrip("\n").split("\n")
            return match[1] + "".join(f"   {line}".rstrip() + "\n" for line in lines)
        return OUTPUT.sub(made, self.text)


class Cookbook(weirtest.Case):

    @classmethod
    def setUpClass(cls):
        cls.page = Page()

    def setUp(self):
        super().setUp()
        self.documents = {}
        self.store = self.redis()
        self.client = self.store.client()
        self.addCleanup(self.client.close)

    def run_all(self):
        """All definitions over the sample traffic; the summary."""
        path = self.path("traffic.pcap")
        with open(path, "wb") as f:
            f.write(traffic.capture(seed=1, count=3000))
        with self.client.pubsub() as hear:
            hear.psubscribe("weir:flow:*", "weir:events", "weir:records:*")
            summary = self.once([path], *SET, url=self.store.url,
                                config=self.path("c.yaml", self.page.configuration()))
            while message := hear.get_message(timeout=1):
                if message["type"] == "pmessage":
                    document = json.loads(message["data"])
                    name = document.get("flow") or document.get("thresholdID") or document["name"]
                    self.documents.setdefault(name, []).append(document)
        return summary

    def shown(self, words):
        return self.top(words) if words[0] == "top" else self.stream(words)

    def stream(self, words):
        """What `weirctl events` and `records` print of what was published: a server repeats it."""
        command, name, most = words[0], words[1], int(words[3])
        path = {"events": "/events/json?eventID=-1&maxEvents={}&timeout=0&thresholdID={}",
                "records": "/flows/json?flowID=-1&maxFlows={}&timeout=0&name={}"}[command]
        newest = [d for d in self.documents[name] if "top" not in d][::-1]
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), test_client.Server) as server:
            server.seen = []
            server.answers = {path.format(most, name): (200, json.dumps(newest[:most]))}
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                return weirtest.Process(self, "weirctl", [
                    weirtest.WEIRCTL, *words, "--api", f"http://127.0.0.1:{server.server_port}"],
                    env={**os.environ, "TZ": "UTC"}).wait()
            finally:
                server.shutdown()
                thread.join()

    def top(self, words):
        """What `weirctl top` prints when the window comes: it is published again for it."""
        name, now = words[1], int(time.time() * 1000)
        channel = f"weir:flow:{{{name}}}"
        self.client.hset(channel + ":meta", mapping={"start_ms": now - 30000, "end_ms": now})
        process = weirtest.Process(self, "weirctl", [
            weirtest.WEIRCTL, *words, "--redis", self.store.url], env={**os.environ, "TZ": "UTC"})
        weirtest.wait_until(lambda: self.client.pubsub_numsub(channel)[0][1], process.story)
        document = next(d for d in self.documents[name] if "top" in d)
        self.client.publish(channel, json.dumps(document))
        return process.wait()

    def test_definitions(self):
        """Each is taken, and counts something."""
        names, summary = self.page.definitions(), self.run_all()
        self.assertEqual(set(summary["flows"]), set(names))
        self.assertEqual(len(names), len(set(names)))
        for name in names:
            with self.subTest(definition=name):
                self.assertGreater(summary["flows"][name]["flows"], 0)
                self.assertGreater(summary["flows"][name]["total"], 0)
        self.assertGreaterEqual(len(self.page.questions()), QUESTIONS)

    def test_outputs(self):
        self.run_all()
        text = self.page.with_outputs(self.shown)
        if os.environ.get("WEIR_COOKBOOK") == "write":
            with open(PAGE, "w", encoding="utf-8") as f:
                f.write(text)
            return
        self.assertEqual(self.page.text, text)


if __name__ == "__main__":
    weirtest.main()
