#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Real agents: pmacctd with its sfprobe plugin, and Open vSwitch with a userspace datapath."""

import json
import math
import os
import signal
import socket
import statistics
import threading
import time

import weirnet
import weirtest

HOST, PEER = "198.51.100.1", "198.51.100.2"
PORT = 9999
PAYLOAD = 1000
FRAME = 14 + 20 + 8 + PAYLOAD  # bytes, and 4 more where an agent counts the FCS
FCS = 4

FLOWS = {"flows": [
    {"name": "test", "keys": "ipsource,ipdestination,udpdestinationport", "value": "bytes"},
    {"name": "frames", "keys": "ipsource,ipdestination,udpdestinationport", "value": "frames"},
    {"name": "ports", "keys": "agent,inputifindex,outputifindex", "value": "frames"}]}


class Sender(threading.Thread):
    """UDP datagrams out of a namespace, at an even rate."""

    def __init__(self, space, target, count, rate):
        super().__init__(daemon=True)
        self.space, self.target, self.count, self.rate = space, target, count, rate
        self.sent, self.stopped = 0, False

    def run(self):
        with weirnet.inside(self.space):
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with s:
            start = time.monotonic()
            while self.sent < self.count and not self.stopped:
                due = min(self.count, int((time.monotonic() - start) * self.rate))
                while self.sent < due:
                    s.sendto(bytes(PAYLOAD), (self.target, PORT))
                    self.sent += 1
                time.sleep(0.005)

    def stop(self):
        self.stopped = True
        self.join()


class Kernel(threading.Thread):
    """The kernel's own counters of an interface, again and again: the truth at any moment."""

    def __init__(self, process, name):
        """`process` runs in the namespace of the interface."""
        super().__init__(daemon=True)
        self.path, self.name = f"/proc/{process.pid}/net/dev", name + ":"
        self.seen, self.stopped = [self.read()], False

    def read(self):
        """(time in ms, octets in, packets in, octets out, packets out)"""
        with open(self.path, encoding="ascii") as f:
            words = next(w for w in map(str.split, f) if w[0] == self.name)
        return time.time() * 1000, *(int(words[i]) for i in (1, 2, 9, 10))

    def run(self):
        while not self.stopped:
            self.seen.append(self.read())
            time.sleep(0.01)

    def stop(self):
        self.stopped = True
        self.join()

    def at(self, ms):
        """The counters at a time, between those that were read before and after it."""
        after = next(i for i, s in enumerate(self.seen) if s[0] >= ms)
        a, b = self.seen[max(after - 1, 0)], self.seen[after]
        part = (ms - a[0]) / (b[0] - a[0]) if b[0] > a[0] else 0
        return [x + part * (y - x) for x, y in zip(a[1:], b[1:])]

    def rates(self, start, end):
        """(octets in, packets in, octets out, packets out) in a second."""
        seconds = (end - start) / 1000
        return [(y - x) / seconds for x, y in zip(self.at(start), self.at(end))]


class Agents(weirtest.Case):

    def setUp(self):
        super().setUp()
        self.network = weirnet.Network(self)
        self.store = self.redis()
        self.client = self.store.client()
        self.addCleanup(self.client.close)
        self.config = self.path("flows.yaml", json.dumps(FLOWS))

    def attach(self, port, address):
        """A host, in a namespace, behind a port of the fabric."""
        space = weirnet.Network.make_space(self, "h")
        weirtest.sh("ip", "-n", space, "link", "add", "eth0", "type", "veth", "peer", "name", port,
                    "netns", self.network.fabric)
        weirtest.sh("ip", "-n", space, "address", "add", address + "/24", "dev", "eth0")
        weirtest.sh("ip", "-n", space, "link", "set", "eth0", "up")
        weirtest.sh("ip", "-n", self.network.fabric, "link", "set", port, "up")
        return space

    def inside(self, name, *command):
        """A server in the fabric's namespace."""
        return weirtest.Process(self, name, command, space=self.network.fabric)

    def samples(self):
        return int(self.collector(self.client).get("sflow_flow_samples", 0))

    def settle(self, daemon):
        """Until no new samples come for three windows: the agent has sent all it has."""
        state = {"samples": -1, "window": 0}

        def settled():
            c = self.collector(self.client)
            if c["sflow_flow_samples"] != state["samples"]:
                state.update(samples=c["sflow_flow_samples"], window=c["window"])
            return c["window"] >= state["window"] + 3
        weirtest.wait_until(settled, daemon.story)

    def finish(self, daemon, sent, tolerance):
        """Totals against what was sent."""
        self.settle(daemon)
        self.assert_conserved(self.collector(self.client))
        summary = json.loads(daemon.stop())
        self.assertEqual(summary["drops"].get("sflow_version", 0), 0)
        frames, total = (summary["flows"][n]["total"] for n in ("frames", "test"))
        self.assert_near(frames, sent, tolerance, "frames")
        self.assertIn(total / frames, (FRAME, FRAME + FCS))
        return summary

    def documents(self, source):
        """Documents of the counter samples of a data source: a function that waits for more."""
        listener = self.client.pubsub(ignore_subscribe_messages=True)
        self.addCleanup(listener.close)
        listener.subscribe(f"weir:metric:{{{self.network.INSIDE}}}")
        found = []

        def wait(wanted, story, timeout=weirtest.TIMEOUT):
            def enough():
                message = listener.get_message(timeout=0.1)
                if message:
                    document = json.loads(message["data"])
                    if document["source"] == source and "ifspeed" in document["metrics"]:
                        found.append(document)
                return wanted(found)
            weirtest.wait_until(enough, lambda: f"{found}\n{story()}", timeout)
            return found
        return wait

    def interface_of(self, port):
        link = weirtest.sh("ip", "-n", self.network.fabric, "-j", "link", "show", "dev", port)
        return json.loads(link)[0]["ifindex"]

    # ---- pmacct ----

    def start_pmacct(self, port, rate):
        config = self.path("pmacctd.conf", "\n".join([
            "daemonize: false", f"pcap_interface: {port}", "plugins: sfprobe",
            # Small: what waits in a buffer is counted late.
            "plugin_buffer_size: 2048", "plugin_pipe_size: 4096000",
            f"sampling_rate: {rate}", f"sfprobe_agentip: {self.network.INSIDE}",
            f"sfprobe_receiver: {self.network.OUTSIDE}:6343", "sfprobe_ifspeed: 10000000000",
            "aggregate: src_host, dst_host, src_port, dst_port, proto, tos", ""]))
        return self.inside("pmacctd", "pmacctd", "-f", config)

    def wait_sampling(self, host, agent):
        """Until a first sample came: what was sent before the agent listens would be lost."""
        def sampled():
            if not agent.running():
                raise AssertionError("ended\n" + agent.story())
            weirnet.ping(host, PEER)
            return self.samples()
        weirtest.wait_until(sampled, agent.story)

    def test_pmacct(self):
        """Every packet sampled: flows and counters."""
        self.run_pmacct(1, math.inf, 0.01, self.check_pmacct_counters)

    def test_pmacct_sampling(self):
        self.run_pmacct(4, 8000, 0.1, lambda key, sender, *_: (sender.start(), sender.join()))

    def run_pmacct(self, rate, count, tolerance, send):
        weirtest.need_program("pmacctd")
        # Its only data source is number 1, whatever the index of the interface is.
        key = f"weir:metric:{{{self.network.INSIDE}}}:1"
        host = self.attach("p1", HOST)
        weirtest.sh("ip", "-n", self.network.fabric, "address", "add", PEER + "/24", "dev", "p1")
        daemon = self.live(self.network, self.store, config=self.config)
        agent = self.start_pmacct("p1", rate)
        self.wait_sampling(host, agent)
        sender = Sender(host, PEER, count, 2000)
        send(key, sender, Kernel(agent, "p1"), daemon)
        self.finish(daemon, sender.sent, tolerance)
        self.assertIn(self.network.INSIDE, self.client.zrange("weir:agents", 0, -1))
        got = self.client.hgetall(key)
        self.assertEqual(got["sampling_rate"], str(rate))
        self.assert_near(float(got["effective_sampling_rate"]), rate, tolerance)
        self.assertEqual(got["flow_samples_lost"], "0")
        agent.send(signal.SIGINT)
        agent.popen.wait(weirtest.TIMEOUT)

    def check_pmacct_counters(self, key, sender, kernel, daemon):
        """Its clock, by which it polls every 20 s, stands still while it sees no packets."""
        def right(found):
            return len(found) > 2 and self.near_kernel(kernel, *found[-2:])
        wait = self.documents(key.rpartition(":")[2])
        sender.start()
        self.addCleanup(sender.stop)
        kernel.start()
        # A moment in which the machine is busy elsewhere moves two intervals, not four.
        found = wait(lambda found: right(found) or len(found) > 5, daemon.story, 150)
        sender.stop()
        kernel.stop()
        self.assertTrue(right(found), [(d["time_ms"], d["metrics"]) for d in found])
        metrics = found[-1]["metrics"]
        self.assertEqual(metrics["ifspeed"], 10000000000)
        self.assertEqual(metrics["ifoperstatus"], "up")

    @staticmethod
    def near_kernel(kernel, before, now):
        """Whether the rates of a document are those of the kernel since the one before.
        The agent counts what it captures, in either direction, as coming in."""
        time.sleep(0.1)  # until the kernel's counters are known past the document
        truth = kernel.rates(before["time_ms"], now["time_ms"])
        wanted = {"ifinoctets": truth[0] + truth[2], "ifinucastpkts": truth[1] + truth[3]}
        return all(abs(now["metrics"][k] / v - 1) < 0.01 for k, v in wanted.items())

    # ---- Open vSwitch ----

    def start_ovs(self):
        """A switch of our own: database, sockets and logs in the folder of the test."""
        folder = self.path("ovs")
        os.mkdir(folder)
        database, schema = folder + "/conf.db", "/usr/share/openvswitch/vswitch.ovsschema"
        environment = dict(os.environ, OVS_RUNDIR=folder, OVS_LOGDIR=folder, OVS_DBDIR=folder,
                           OVS_SYSCONFDIR=folder)
        self.ovs = "unix:" + folder + "/db.sock"
        weirtest.sh("ovsdb-tool", "create", database, schema)
        server = weirtest.Process(self, "ovsdb-server", [
            "ovsdb-server", database, "--remote=p" + self.ovs, f"--unixctl={folder}/db.ctl",
            "--no-chdir"], space=self.network.fabric, env=environment)
        weirtest.wait_until(lambda: os.path.exists(folder + "/db.sock"), server.story)
        self.vsctl("--no-wait", "init")
        switch = weirtest.Process(self, "ovs-vswitchd", [
            "ovs-vswitchd", self.ovs, f"--unixctl={folder}/switch.ctl", "--no-chdir"],
            space=self.network.fabric, env=environment)
        return switch

    def vsctl(self, *words):
        return weirtest.sh("ovs-vsctl", "--db=" + self.ovs, "--timeout=20", *words)

    def test_ovs(self):
        weirtest.need_program("ovs-vswitchd", "ovsdb-server", "ovs-vsctl")
        if not os.path.exists("/usr/share/openvswitch/vswitch.ovsschema"):
            self.skipTest("Open vSwitch has no schema")
        hosts = [self.attach("p1", HOST), self.attach("p2", PEER)]
        switch = self.start_ovs()
        self.vsctl("add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=netdev",
                   "--", "add-port", "br0", "p1", "--", "add-port", "br0", "p2")
        for rate, count, tolerance in ((1, 4000, 0.01), (4, 12000, 0.1)):
            with self.subTest(sampling=rate):
                self.client.flushall()
                daemon = self.live(self.network, self.store, config=self.config)
                self.vsctl("--", "--id=@s", "create", "sflow", f"agent={self.network.inside}",
                           f'target="{self.network.OUTSIDE}:6343"', "header=128",
                           f"sampling={rate}", "polling=1", "--", "set", "bridge", "br0",
                           "sflow=@s")
                # Counter samples come first: from then on the switch samples.
                key = f"weir:metric:{{{self.network.INSIDE}}}:{self.interface_of('p1')}"
                weirtest.wait_until(lambda k=key: self.client.hgetall(k),
                                    lambda d=daemon: d.story() + switch.story())
                sender = Sender(hosts[0], PEER, math.inf, 2000)
                sender.start()
                self.addCleanup(sender.stop)
                self.check_counters(key, sender, daemon)
                weirtest.wait_until(lambda s=sender, c=count: s.sent >= c, daemon.story)
                sender.stop()
                self.finish(daemon, sender.sent, tolerance)
                self.vsctl("clear", "bridge", "br0", "sflow")

    def test_ovs_counters(self):
        """Rates of an interface are those of the kernel's own counters, from poll to poll."""
        weirtest.need_program("ovs-vswitchd", "ovsdb-server", "ovs-vsctl")
        hosts = [self.attach("p1", HOST), self.attach("p2", PEER)]
        switch = self.start_ovs()
        self.vsctl("add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=netdev",
                   "--", "add-port", "br0", "p1", "--", "add-port", "br0", "p2",
                   "--", "--id=@s", "create", "sflow", f"agent={self.network.inside}",
                   f'target="{self.network.OUTSIDE}:6343"', "header=128", "sampling=1000",
                   "polling=2", "--", "set", "bridge", "br0", "sflow=@s")
        daemon = self.live(self.network, self.store, config=self.config)
        wait = self.documents(str(self.interface_of("p1")))
        kernel = Kernel(switch, "p1")
        sender = Sender(hosts[0], PEER, 10**9, 2000)
        kernel.start()
        sender.start()
        found = wait(lambda found: len(found) >= 6, lambda: daemon.story() + switch.story())
        sender.stop()
        time.sleep(0.1)  # until the kernel's counters are known past the last document
        kernel.stop()
        ratios = {"ifinoctets": [], "ifinucastpkts": []}
        for before, now in zip(found[1:], found[2:]):
            for name, truth in zip(ratios, kernel.rates(before["time_ms"], now["time_ms"])):
                ratios[name].append(now["metrics"][name] / truth)
        for name, found in ratios.items():
            # The middle one: a moment in which the machine is busy elsewhere moves two of them.
            self.assert_near(statistics.median(found), 1, 0.01, f"{name}: {found}")
        daemon.stop()

    def check_counters(self, key, sender, daemon):
        """The interface's rates, while the traffic goes on, are those of the sender."""
        want = sender.rate * FRAME

        def rate():
            return float(self.client.hget(key, "ifinoctets") or 0)
        weirtest.wait_until(lambda: abs(rate() / want - 1) < 0.2,
                            lambda: f"{rate()} is not {want}\n" + daemon.story())
        weirtest.wait_until(
            lambda: abs(float(self.client.hget(key, "ifinucastpkts")) / sender.rate - 1) < 0.2,
            daemon.story)
        self.assertEqual(self.client.hget(key, "ifoperstatus"), "up")


if __name__ == "__main__":
    weirtest.main()
