#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Live traffic over veth between namespaces, by AF_XDP and by AF_PACKET."""

import contextlib
import json
import re
import select
import signal
import socket
import statistics
import time

import weirnet
import weirtest

DRIVERS = ("af_xdp", "af_packet")
ICMP_UNREACHABLE = 3
DEFINES = ("--define", "pairs=ipsource,ipdestination", "--define",
           "pairs6=ip6source,ip6destination", "--define",
           "ports=agent,inputifindex,outputifindex", "--define", "macs=macsource,macdestination")


class Live(weirtest.Case):

    def setUp(self):
        super().setUp()
        self.network = weirnet.Network(self)
        self.store = self.redis()
        self.client = self.enter(self.store.client())

    def enter(self, context):
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        return stack.enter_context(context)

    def start(self, driver, *args):
        daemon = self.live(self.network, self.store, "--driver", driver, *args)
        self.assertRegex(daemon.err(), rf"collector: {driver}, 1 RX queue")
        return daemon

    def finish(self, daemon, truth):
        """Wait until all datagrams are counted, end the daemon; its summary, checked."""
        self.wait_datagrams(self.client, truth["received"], daemon)
        summary = json.loads(daemon.stop())
        self.assertEqual(summary["datagrams"], truth["received"])
        for key in ("flow_samples", "counter_samples"):
            self.assertEqual(summary[key], truth[key], key)
        self.assertTrue(summary["conserved"])
        for name, want in truth["definitions"].items():
            value = "frames" if name == "macs" else "bytes"
            self.assertEqual(summary["flows"][name]["total"], want[value], name)
        c = self.collector(self.client)
        self.assert_conserved(c)
        for loss in ("port_missed", "port_no_mbuf", "port_errors"):
            self.assertEqual(c[loss], 0, loss)
        return summary

    def test_totals(self):
        """All datagrams arrive, and totals are those of sflowgen."""
        for driver in DRIVERS:
            with self.subTest(driver=driver):
                self.client.flushall()
                daemon = self.start(driver)
                # The rings hold what comes while a busy machine does not run the RX core for 0.4 s.
                truth = self.truth(self.fabric(self.network, "--rate", "35000", "--datagrams",
                                               "21000", *DEFINES))
                self.finish(daemon, truth)

    def test_queues(self):
        """Two RX queues of one interface, each with a core of its own."""
        daemon = self.live(self.network, self.store, "--driver", "af_packet", "--queues", "2")
        self.assertRegex(daemon.err(), r"collector: af_packet, 2 RX queues")
        truth = self.truth(self.fabric(self.network, "--rate", "20000", "--seconds", "2",
                                       "--agents", "64", *DEFINES))
        summary = self.finish(daemon, truth)
        self.assertEqual(summary["rx_cores"], 2)
        self.assertTrue(all(core["packets"] > 0 for core in summary["cores"]), summary["cores"])

    def test_without_hugepages(self):
        for driver in DRIVERS:
            with self.subTest(driver=driver):
                self.client.flushall()
                daemon = self.start(driver, "--set", "memory.hugepages=off")
                self.assertIn("ordinary pages", daemon.err())
                truth = self.truth(self.fabric(self.network, "--rate", "10000", "--seconds", "1",
                                               *DEFINES))
                self.finish(daemon, truth)

    def test_fragments(self):
        """Datagrams longer than the MTU."""
        for driver in DRIVERS:
            with self.subTest(driver=driver):
                self.client.flushall()
                daemon = self.start(driver)
                truth = self.truth(self.fabric(
                    self.network, "--rate", "10000", "--seconds", "2", "--fragment", "1500",
                    "--max-payload", "6000", "--samples-per-datagram", "30", *DEFINES))
                self.finish(daemon, truth)

    def test_ipv6(self):
        for driver in DRIVERS:
            with self.subTest(driver=driver):
                self.client.flushall()
                daemon = self.start(driver)
                truth = self.truth(self.sflowgen(
                    "--iface", self.network.inside, "--dst-ip", "2001:db8::1", "--dst-mac",
                    self.network.outside_mac(), "--rate", "10000", "--seconds", "1",
                    "--ipv6-agents", "1", *DEFINES, space=self.network.fabric))
                self.finish(daemon, truth)

    def test_impaired(self):
        """Lost, doubled and late datagrams of each agent."""
        for driver in DRIVERS:
            with self.subTest(driver=driver):
                self.client.flushall()
                daemon = self.start(driver)
                truth = self.truth(self.fabric(
                    self.network, "--rate", "20000", "--seconds", "2", "--loss", "0.01",
                    "--duplicate", "0.01", "--reorder", "0.01", "--sub-agents", "2", *DEFINES))
                self.finish(daemon, truth)
                self.check_agents(truth)

    def check_agents(self, truth):
        keys = ("datagrams", "lost", "duplicates", "out_of_order", "flow_samples",
                "counter_samples")
        want = {}
        for exporter in truth["agents"]:
            sums = want.setdefault(exporter["agent"], dict.fromkeys(keys, 0))
            for key in keys:
                sums[key] += exporter[key]
        self.assertEqual(set(self.client.zrange("weir:agents", 0, -1)), set(want))
        for agent, sums in want.items():
            got = self.client.hgetall(f"weir:agent:{{{agent}}}")
            self.assertEqual({k: int(got[k]) for k in keys}, sums, agent)
            self.assertEqual(got["restarts"], "0")
        self.assertGreater(sum(w["lost"] for w in want.values()), 0)

    def test_neighbours(self):
        """What is not sFlow still reaches the kernel; sFlow is answered by nobody."""
        for driver in DRIVERS:
            with self.subTest(driver=driver):
                self.client.flushall()
                daemon = self.start(driver)
                with weirnet.inside(self.network.fabric):
                    sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                            socket.htons(0x0800))
                    sniffer.bind((self.network.inside, 0))
                with sniffer:
                    self.assertTrue(weirnet.ping(self.network.fabric, self.network.OUTSIDE))
                    self.assertTrue(weirnet.ping(self.network.space, self.network.INSIDE))
                    self.other_udp()
                    truth = self.truth(self.sflowgen(
                        "--udp", f"{self.network.OUTSIDE}:6343", "--rate", "5000", "--seconds",
                        "1", *DEFINES, space=self.network.fabric))
                    self.finish(daemon, truth)
                    self.assertEqual(self.unreachables(sniffer), 0)

    def other_udp(self):
        """A datagram for a port next door, from namespace to namespace."""
        with weirnet.inside(self.network.space):
            server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            server.bind((self.network.OUTSIDE, 6344))
        with weirnet.inside(self.network.fabric):
            client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with server, client:
            server.settimeout(5)
            client.sendto(b"for the kernel", (self.network.OUTSIDE, 6344))
            self.assertEqual(server.recv(100), b"for the kernel")

    @staticmethod
    def unreachables(sniffer):
        found = 0
        while select.select([sniffer], [], [], 0.2)[0]:
            frame = sniffer.recv(2048)
            if frame[23] == socket.IPPROTO_ICMP and frame[34] == ICMP_UNREACHABLE:
                found += 1
        return found

    def test_unreachable_without_weir(self):
        """The test above can see what it looks for: without weir the kernel does answer."""
        with weirnet.inside(self.network.fabric):
            sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
            sniffer.bind((self.network.inside, 0))
        with sniffer:
            self.truth(self.sflowgen("--udp", f"{self.network.OUTSIDE}:6343", "--datagrams", "3",
                                     space=self.network.fabric))
            self.assertGreater(self.unreachables(sniffer), 0)

    def test_interface_as_before(self):
        """Afterwards no XDP program is left, and the interface works."""
        for driver in DRIVERS:
            with self.subTest(driver=driver):
                self.client.flushall()
                daemon = self.start(driver)
                show = weirtest.sh("ip", "-n", self.network.space, "-d", "link", "show", "dev",
                                   self.network.outside)
                self.assertEqual("xdp" in show, driver == "af_xdp", show)
                daemon.stop()
                show = weirtest.sh("ip", "-n", self.network.space, "-d", "link", "show", "dev",
                                   self.network.outside)
                self.assertIsNone(re.search(r"xdp|PROMISC", show), show)
                self.assertTrue(weirnet.ping(self.network.fabric, self.network.OUTSIDE))

    def decode(self):
        """Whether weirctl decode at the collector's interface has seen the fabric, and its words."""
        process = self.weirctl("decode", "-l", "-i", self.network.outside, space=self.network.space)
        # A socket for frames is in /proc/net/packet of its namespace.
        weirtest.wait_until(lambda: len(weirtest.sh(
            "ip", "netns", "exec", self.network.space, "cat", "/proc/net/packet").split("\n")) > 2,
                            process.story)
        self.truth(self.fabric(self.network, "--rate", "1000", "--seconds", "1"))
        process.stop()
        return bool(process.out()), process.err()

    def test_decode_beside(self):
        """weirctl decode sees nothing of what AF_XDP takes, and says so; it does beside AF_PACKET."""
        for driver in DRIVERS:
            with self.subTest(driver=driver):
                self.client.flushall()
                daemon = self.start(driver)
                seen, words = self.decode()
                self.assertEqual(seen, driver == "af_packet")
                self.assertEqual("what its XDP program takes" in words, driver == "af_xdp", words)
                daemon.stop()

    def test_two_at_once(self):
        """Two collectors on one host, each on its own interface."""
        other = weirnet.Network(self)
        store = self.redis()
        first = self.start("af_xdp")
        second = self.live(other, store, "--driver", "af_xdp")
        truths = [self.fabric(n, "--rate", "5000", "--seconds", "2", "--seed", seed, *DEFINES)
                  for n, seed in ((self.network, "1"), (other, "2"))]
        truths = [self.truth(t) for t in truths]
        self.finish(first, truths[0])
        with store.client() as self.client:
            self.finish(second, truths[1])

    def test_same_interface(self):
        """A second collector on the same interface says why it cannot have it."""
        first = self.start("af_xdp")
        second = self.weir("-c", weirtest.CONFIG, "--iface", self.network.outside, "--driver",
                           "af_xdp", "--redis", "", space=self.network.space)
        second.wait(1)
        self.assertIn("another weir", second.err())
        first.stop()

    def test_redis_killed(self):
        """Redis killed and restarted in mid-run: nothing is lost, and hashes are right again."""
        daemon = self.start("af_xdp")
        fabric = self.fabric(self.network, "--rate", "20000", "--seconds", "6", *DEFINES)
        weirtest.wait_until(lambda: self.collector(self.client).get("sflow_datagrams"),
                            daemon.story)
        self.store.kill()
        weirtest.wait_until(lambda: "was lost" in daemon.err(), daemon.story)
        self.store.start()
        weirtest.wait_until(lambda: self.collector(self.client).get("publish_disconnects"),
                            daemon.story)
        self.assertTrue(self.client.hgetall("weir:flow:{pairs}"))
        truth = self.truth(fabric)
        self.finish(daemon, truth)
        # All agents and data sources are there, also those that said nothing since.
        self.assertEqual(set(self.client.zrange("weir:agents", 0, -1)),
                         {a["agent"] for a in truth["agents"]})

    def test_rates(self):
        """Rates, while the traffic goes on: those of the model. Several windows, as no sender's pace
        is even on a busy machine."""
        daemon = self.start("af_xdp")
        fabric = self.fabric(self.network, "--rate", "40000", "--flows", "8", "--endpoints", "4",
                             "--zipf", "0", "--ipv6", "0", "--vxlan", "0", *DEFINES)
        weirtest.wait_until(
            lambda: int(self.client.hget("weir:flow:{pairs}:meta", "samples") or 0) > 30000,
            daemon.story)
        # Three time constants later what was before the start weighs 5 %.
        window = lambda: int(self.client.hget("weir:flow:{pairs}:meta", "window"))
        start, rates = window(), []
        for number in range(start + 10, start + 16):
            weirtest.wait_until(lambda n=number: window() >= n, daemon.story)
            rates.append(self.client.hgetall("weir:flow:{pairs}"))
        got = {flow: statistics.mean(float(r[flow]) for r in rates) for flow in rates[0]}
        fabric.send(signal.SIGTERM)
        truth = self.truth(fabric)
        want = {f["key"]: f["bytes_per_s"] for f in truth["definitions"]["pairs"]["top"]}
        self.assertEqual(set(got), set(want))
        for flow, rate in want.items():
            self.assert_near(got[flow], rate, 0.05, flow)
        self.finish(daemon, truth)

    def test_idle(self):
        """Without traffic windows go on, and a stop is quick."""
        daemon = self.start("af_xdp", "--window", "100ms")
        weirtest.wait_until(lambda: self.collector(self.client).get("window", 0) >= 10,
                            daemon.story)
        start = time.monotonic()
        daemon.stop()
        self.assertLess(time.monotonic() - start, 2)


if __name__ == "__main__":
    weirtest.main()
