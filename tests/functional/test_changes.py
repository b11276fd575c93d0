#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Definitions that come and go all the time, under live traffic."""

import concurrent.futures
import json
import os
import re
import time

import weirapi
import weirnet
import weirtest

# Those of config/weir.yaml that stay, as sflowgen counts them.
DEFINES = ("--define", "pairs=ipsource,ipdestination", "--define",
           "pairs6=ip6source,ip6destination", "--define",
           "ports=agent,inputifindex,outputifindex", "--define", "macs=macsource,macdestination")
SECONDS = int(os.environ.get("WEIR_CHANGE_SECONDS", "10"))
RATE = "3000"    # flow samples a second, which even a busy machine takes without loss
CHANGES = 100    # a second
NAMES = 40       # that come and go
CLIENTS = 4      # at the same time
LEAK_KB = 48 * 1024  # of thousands of generations; a plan alone that is not freed has 64 kB


def memory_kb(daemon):
    with open(f"/proc/{daemon.pid}/status", encoding="ascii") as f:
        return int(re.search(r"VmRSS:\s+(\d+) kB", f.read()).group(1))


class Changes(weirtest.Case):

    def setUp(self):
        super().setUp()
        self.there = [set() for _ in range(CLIENTS)]  # of each client

    def test_live(self):
        """What is put, replaced and removed all the time costs no sample, and no memory."""
        network, store = weirnet.Network(self), self.redis()
        daemon = self.live(network, store, "--api", "127.0.0.1:0", "--set", "api.requests=0",
                           "--driver", "af_packet")
        configured = set(weirapi.Client(self, daemon, network.space).list())
        traffic = self.fabric(network, "--rate", RATE, "--seconds", str(SECONDS + 2), *DEFINES)
        self.change_all(daemon, network, SECONDS // 3)
        memory = [memory_kb(daemon)]
        there = self.change_all(daemon, network, SECONDS - SECONDS // 3)
        memory.append(memory_kb(daemon))
        print(f"memory {memory} kB", flush=True)
        self.assertEqual(set(weirapi.Client(self, daemon, network.space).list()), configured | there)
        truth = self.truth(traffic)
        with store.client() as client:
            self.wait_datagrams(client, truth["received"], daemon)
            c = self.collector(client)
        self.assert_conserved(c)
        for loss in ("port_missed", "port_no_mbuf", "port_errors"):
            self.assertEqual(c[loss], 0, loss)
        summary = json.loads(daemon.stop())
        self.assertTrue(summary["conserved"])
        self.assertEqual(summary["datagrams"], truth["received"])
        self.assertEqual(summary["flow_samples"], truth["flow_samples"])
        for name, want in truth["definitions"].items():
            value = "frames" if name == "macs" else "bytes"
            self.assertEqual(summary["flows"][name]["total"], want[value], name)
        self.assertEqual({n for n in summary["flows"] if n.startswith("come")}, there)
        self.assertLess(memory[1] - memory[0], LEAK_KB)

    def change_all(self, daemon, network, seconds):
        """Clients change each definitions of its own, CHANGES a second together; those left."""
        there = self.there
        clients = [weirapi.Client(self, daemon, network.space) for _ in there]
        start = time.monotonic()

        def run(number):
            for i in range(number, seconds * CHANGES, CLIENTS):
                time.sleep(max(0, start + i / CHANGES - time.monotonic()))
                self.change(clients[number], f"come{number}.{i % NAMES}", i // CLIENTS,
                            there[number])

        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            for done in [pool.submit(run, number) for number in range(CLIENTS)]:
                done.result()
        print(f"{seconds * CHANGES / (time.monotonic() - start):.0f} changes a second, ", end="")
        return set().union(*there)

    @staticmethod
    def change(api, name, i, there):
        """Add, replace, or remove one; some have one meaning, and share a table."""
        if i % 3 == 2 and name in there:
            api.remove(name)
            there.discard(name)
            return
        api.put(name, {"keys": ("ipsource", "ipdestination,tcpdestinationport")[i % 2],
                       "value": ("bytes", "frames")[i // 2 % 2], "t": 1 + i % 5,
                       "filter": "" if i % 4 else "ipprotocol=6", "capacity": 1000,
                       "n": i % 7 + 1})
        there.add(name)


if __name__ == "__main__":
    weirtest.main()
