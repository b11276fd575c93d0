#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""weirctl shows what weir has published: the same numbers, as text and as JSON."""

import json

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


if __name__ == "__main__":
    weirtest.main()
