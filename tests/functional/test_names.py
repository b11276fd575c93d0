#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Keys with names of addresses, against a DNS server of the test's own."""

import os
import socket
import sys

import weirtest

sys.path.insert(0, os.path.join(weirtest.SOURCE, "tests", "dns"))

import nameserver  # noqa: E402  pylint: disable=wrong-import-position

FLOWS = """
dns:
  servers: "{servers}"
  timeout: {timeout}
  tries: 1
  retry: 1s
window: 200ms
flows:
  - {{name: addresses, keys: ipsource, value: bytes, n: 1000, t: 0.2}}
  - {{name: names, keys: "dns:ipsource", value: bytes, n: 1000, t: 0.2}}
  - {{name: domains, keys: "suffix:[dns:ipsource]:.:3", value: bytes, n: 1000, t: 0.2}}
  - {{name: nobody, keys: "first:[dns:ipsource]:.:no:such", value: bytes, t: 0.2}}
"""


def name_of(address):
    a, b, c, d = address.split(".")
    assert a in ("10", "100"), address
    return f"host-{b}-{c}-{d}.net-{b}.example."


class Names(weirtest.Case):

    def loop(self, store, servers, timeout="10s"):
        capture, _ = self.make_capture("traffic.pcap", "--datagrams", "2000", "--endpoints", "300")
        config = self.path("names.yaml", FLOWS.format(servers=servers, timeout=timeout))
        return self.weir("-c", config, "--pcap", capture, "--loop", "--redis", store.url,
                         "--summary")

    def wait_collector(self, client, daemon, condition):
        def holds():
            if not daemon.running():
                raise AssertionError("weir ended\n" + daemon.story())
            c = self.collector(client)
            return c if c and condition(c) else None
        return weirtest.wait_until(holds, lambda: f"{self.collector(client)}\n{daemon.story()}")

    def flows(self, client, name):
        return set(client.hgetall(f"weir:flow:{{{name}}}"))

    def totals(self, client, name):
        meta = client.hgetall(f"weir:flow:{{{name}}}:meta")
        return {k: int(meta[k]) for k in ("window", "total", "samples", "filtered", "keyless")}

    def same_window(self, client, *names):
        """The totals of definitions in one window."""
        def read():
            found = [self.totals(client, name) for name in names]
            return found if len({t["window"] for t in found}) == 1 else None
        return weirtest.wait_until(read, "all definitions in one window")

    def test_names(self):
        """Names take the places of addresses as they come; sums are those of addresses."""
        store = self.redis()
        daemon = self.loop(store, f"127.0.0.1:{nameserver.start()}")
        with store.client() as client:
            def all_named():
                want = {name_of(a) for a in self.flows(client, "addresses")}
                return len(want) > 100 and want == self.flows(client, "names") and want
            names = weirtest.wait_until(
                all_named, lambda: f"{self.flows(client, 'names')}\n{self.collector(client)}\n"
                + daemon.story())
            self.assertEqual(self.flows(client, "domains"),
                             {n.split(".", 1)[1] for n in names})
            addresses, named, domains, nobody = self.same_window(
                client, "addresses", "names", "domains", "nobody")
            self.assertEqual(named, addresses)
            self.assertEqual(domains, addresses)
            self.assertEqual((nobody["total"], nobody["samples"]), (0, 0))
            self.assertEqual(nobody["keyless"], addresses["samples"] + addresses["keyless"])
            c = self.collector(client)
            self.assert_conserved(c)
            self.assertEqual(c["dns_queries"], len(names))
            self.assertEqual(c["dns_answers"], len(names))
            self.assertEqual(c["dns_cached"], len(names))
        self.assertIn('"conserved": true', daemon.stop())

    def test_silence(self):
        """A server that does not answer delays nothing: addresses stand in."""
        store = self.redis()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 0))
            daemon = self.loop(store, f"127.0.0.1:{silent.getsockname()[1]}", "200ms")
            with store.client() as client:
                c = self.wait_collector(client, daemon,
                                        lambda c: c["dns_timeouts"] > 20 and c["windows"] > 10)
                self.assertEqual(c["dns_names"], 0)
                self.assert_conserved(c)
                self.assertEqual(self.flows(client, "names"), self.flows(client, "addresses"))
                self.assertEqual(self.flows(client, "domains"), self.flows(client, "addresses"))
            self.assertIn('"conserved": true', daemon.stop())

    def test_off(self):
        """Without a server nobody is asked, and weir says so."""
        store = self.redis()
        daemon = self.loop(store, "")
        with store.client() as client:
            c = self.wait_collector(client, daemon, lambda c: c["windows"] > 3)
            self.assertEqual(c["dns_lookups"], 0)
            self.assertEqual(self.flows(client, "names"), self.flows(client, "addresses"))
        daemon.stop()
        self.assertIn("dns.servers is not set", daemon.err())

    def test_wrong(self):
        for text, words in (
                ("dns: {servers: dns.example}", ["1:16", "dns.servers", "system"]),
                ("dns: {ttl_min: 1h, ttl_max: 10m}", ["1:16", "lower it"]),
                ("flows:\n- {name: a, keys: vlan, value: bytes, filter: 'dns:ipsource=a'}",
                 ["2:48", "dns", "a filter is read from each sample"])):
            with self.subTest(text=text):
                process = self.weir("-c", self.path("wrong.yaml", text + "\n"), "--check")
                process.wait(2)
                for word in words:
                    self.assertIn(word, process.err())


if __name__ == "__main__":
    weirtest.main()
