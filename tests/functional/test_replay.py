#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Captures made by sflowgen: exact totals, several queues, replay, damage, ends of a run."""

import contextlib
import glob
import itertools
import json
import signal
import time

import sflowref
import weirtest

# All that sflowgen can tell exactly: each flow of it is seen at one data source.
DEFINITIONS = {
    "pairs": "ipsource,ipdestination",
    "pairs6": "ip6source,ip6destination",
    "tcp": "ipsource,ipdestination,tcpsourceport,tcpdestinationport",
    "udp": "ipsource,ipdestination,udpsourceport,udpdestinationport",
    "tcp6": "ip6source,ip6destination,tcpsourceport,tcpdestinationport",
    "overlay": "vxlanvni,ipsource.1,ipdestination.1,ipprotocol.1",
    "links": "agent,datasource,inputifindex,outputifindex",
    "macs": "macsource,macdestination,ethernetprotocol",
    "tags": "vlan",
}

# Filters, and when they hold for the fields of a sample (text, or absent).
FILTERS = {
    "web": ("ipprotocol=6&tcpdestinationport=80,443",
            lambda f: f.get("ipprotocol") == "6" and f.get("tcpdestinationport") in ("80", "443")),
    "untagged": ("vlan=null", lambda f: "vlan" not in f),
    "no-web": ("tcpdestinationport!='80',443 & ipsource!=null",
               lambda f: f.get("tcpdestinationport") not in ("80", "443") and "ipsource" in f),
    "even": ("or:ipsource:ip6source~.*[02468]",
             lambda f: f.get("ipsource", f.get("ip6source", "x"))[-1] in "02468"),
    "either": ("(udpdestinationport!=null|tcpdestinationport!=null)&ip6source=null",
               lambda f: ("udpdestinationport" in f or "tcpdestinationport" in f)
               and "ip6source" not in f),
}


def polled(pid):
    """Whether the RX core of a daemon has worked for a while: it is in one of DPDK's workers."""
    for path in glob.glob(f"/proc/{pid}/task/*/stat"):
        with contextlib.suppress(OSError), open(path, encoding="ascii") as f:  # threads end
            name, rest = f.read().rsplit(")", 1)
            if "(rte-worker" in name and int(rest.split()[11]) >= 20:  # ticks of 10 ms, user mode
                return True
    return False


class Replay(weirtest.Case):

    def config(self, capacity=65536, value="bytes"):
        """A file with all definitions, and as many flags for sflowgen."""
        flows = [{"name": name, "keys": keys, "value": value, "n": 1000, "capacity": capacity}
                 for name, keys in DEFINITIONS.items()]
        return self.path("flows.yaml", json.dumps({"flows": flows, "memory": {"mb": 0}}))

    @staticmethod
    def defines():
        return [word for name, keys in DEFINITIONS.items()
                for word in ("--define", f"{name}={keys}")]

    def check(self, summary, truths, value="bytes", others=False):
        """A summary against what was sent, exactly."""
        def total(*names):
            found = 0
            for t in truths:
                for name in names:
                    t = t[name]
                found += t
            return found

        for key in ("datagrams", "flow_samples", "counter_samples", "samples"):
            if key in truths[0]:
                self.assertEqual(summary[key], total(key), key)
        self.assertTrue(summary["conserved"])
        for name in DEFINITIONS:
            got = summary["flows"][name]
            self.assertEqual(got["total"], total("definitions", name, value), name)
            self.assertEqual(got["samples"], total("definitions", name, "samples"), name)
            self.assertEqual(got["keyless"], summary["flow_samples"] - got["samples"], name)
            if not others:
                self.assertEqual(got["other"], 0, name)

    def test_totals(self):
        """A mix of everything that sflowgen makes."""
        path, truth = self.make_capture(
            "mix.pcap", "--datagrams", "3000", "--vlan", "0.3", "--ipv6", "0.2", "--vxlan", "0.2",
            "--ipv6-agents", "0.3", "--sub-agents", "2", "--sampling-rate", "1,400,32768",
            "--counters", "0.5", "--records", "header,switch,router", *self.defines())
        for value in ("bytes", "frames"):
            with self.subTest(value=value):
                summary = self.once([path], config=self.config(value=value))
                self.check(summary, [truth], value)
                for name in DEFINITIONS:
                    self.assertEqual(summary["flows"][name]["flows"],
                                     truth["definitions"][name]["flows"])
        # Who checks sflowgen: the reader of the tests.
        capture = sflowref.Capture(path)
        self.assertEqual(len(capture.flow_samples), truth["flow_samples"])
        self.assertEqual(capture.definitions["pairs"].total, truth["definitions"]["pairs"]["bytes"])

    def test_filters(self):
        """What a filter takes, by the second reader; what it does not is filtered."""
        path, _ = self.make_capture("filter.pcap", "--datagrams", "500", "--vlan", "0.3",
                                    "--ipv6", "0.3", "--vxlan", "0")
        flows = [{"name": name, "keys": "", "value": "frames", "filter": text}
                 for name, (text, _) in FILTERS.items()]
        config = self.path("filters.yaml", json.dumps({"flows": flows, "memory": {"mb": 0}}))
        summary = self.once([path], config=config)
        samples = sflowref.Capture(path).flow_samples
        self.assertTrue(summary["conserved"])
        for name, (_, holds) in FILTERS.items():
            with self.subTest(filter=name):
                taken = [s for s in samples if holds(sflowref.flow(s)[0])]
                got = summary["flows"][name]
                self.assertEqual(got["samples"], len(taken))
                self.assertEqual(got["total"], sum(s.rate for s in taken))
                self.assertEqual(got["filtered"], len(samples) - len(taken))
                self.assertEqual(got["keyless"], 0)
                self.assertTrue(0 < len(taken) < len(samples))

    def test_shapes(self):
        """Other shapes of the same: expanded samples, large datagrams, fragments, IPv6 below."""
        for args in (["--expanded"], ["--max-payload", "8000", "--samples-per-datagram", "60"],
                     ["--max-payload", "8000", "--samples-per-datagram", "50", "--fragment", "1500"],
                     ["--dst-ip", "2001:db8::1"],
                     ["--dst-ip", "2001:db8::1", "--max-payload", "4000",
                      "--samples-per-datagram", "25", "--fragment", "1280"],
                     ["--records", "header", "--header-bytes", "128"],
                     ["--zipf", "0", "--flows", "50000"]):
            with self.subTest(args=args):
                path, truth = self.make_capture("shape.pcap", "--datagrams", "700", *args,
                                                *self.defines())
                self.check(self.once([path], config=self.config()), [truth])

    def test_small_tables(self):
        """A table that is full: the rest goes to `other`, and totals stay exact."""
        path, truth = self.make_capture("many.pcap", "--datagrams", "2000", "--flows", "20000",
                                        "--zipf", "0.5", *self.defines())
        summary = self.once([path], config=self.config(capacity=64))
        self.check(summary, [truth], others=True)
        self.assertGreater(summary["flows"]["pairs"]["other"], 0)
        self.assertEqual(summary["drops"], {})

    def test_few_agents(self):
        """Agents and data sources without room are counted, not by name."""
        path, truth = self.make_capture("agents.pcap", "--datagrams", "2000", "--agents", "100",
                                        "--interfaces", "8", *self.defines())
        summary = self.once([path], "--set", "limits.agents=16", "--set", "limits.sources=16",
                            config=self.config())
        self.check(summary, [truth])

    def test_impaired(self):
        """Lost, doubled and late datagrams are told apart, for each agent."""
        store = self.redis()
        path, truth = self.make_capture(
            "impaired.pcap", "--datagrams", "4000", "--loss", "0.02", "--duplicate", "0.02",
            "--reorder", "0.02", *self.defines())
        self.check(self.once([path], url=store.url, config=self.config()), [truth])
        with store.client() as client:
            for want in truth["agents"]:
                got = client.hgetall(f"weir:agent:{{{want['agent']}}}")
                for key in ("datagrams", "lost", "duplicates", "out_of_order", "flow_samples",
                            "counter_samples"):
                    self.assertEqual(int(got[key]), want[key], f"{want['agent']} {key}")

    def test_hostile(self):
        """Damage of all kinds is counted by reason, and does no harm to what is right."""
        path, truth = self.make_capture("hostile.pcap", "--datagrams", "5000", "--hostile", "0.5",
                                        *self.defines())
        summary = self.once([path], config=self.config())
        self.assertEqual(summary["datagrams"], truth["received"])
        self.assertEqual(summary["flow_samples"], truth["flow_samples"])
        self.assertEqual(summary["counter_samples"], truth["counter_samples"])
        self.assertTrue(summary["conserved"])
        gone = sum(n for reason, n in summary["drops"].items() if reason in (
            "sflow_short", "sflow_version", "sflow_agent_type", "sflow_sample_overrun",
            "sflow_samples_missing"))
        self.assertEqual(gone, truth["received"] - truth["datagrams"])
        for name in DEFINITIONS:
            self.assertEqual(summary["flows"][name]["total"],
                             truth["definitions"][name]["bytes"], name)

    def test_two_queues(self):
        """Each file is a queue with an RX core of its own; sums are those of both."""
        made = [self.make_capture(f"{seed}.pcap", "--datagrams", "1500", "--seed", seed,
                                  *self.defines()) for seed in ("1", "2")]
        summary = self.once([path for path, _ in made], config=self.config())
        self.check(summary, [truth for _, truth in made])
        self.assertEqual(summary["rx_cores"], 2)
        self.assertEqual(sorted(core["packets"] for core in summary["cores"]), [1500, 1500])
        self.assertTrue(all(core["cycles_busy"] <= core["cycles_total"]
                            for core in summary["cores"]))

    def test_one_burst(self):
        """The last burst is in an RX core's time: here, as a rule, it takes longer than all else."""
        fields = ("ipsource", "ipdestination", "macsource", "macdestination", "inputifindex",
                  "outputifindex", "agent", "datasource")
        flows = [{"name": f"f{number}", "keys": ",".join(keys), "value": "bytes", "n": 1,
                  "capacity": 1024}
                 for number, keys in enumerate(itertools.combinations(fields, 5))]
        config = self.path("many.yaml", json.dumps({"flows": flows, "memory": {"mb": 0}}))
        path, truth = self.make_capture("burst.pcap", "--datagrams", "20")
        summary = self.once([path], config=config)
        core, = summary["cores"]
        self.assertEqual(core["samples"], truth["samples"])
        self.assertLessEqual(core["cycles_busy"], core["cycles_total"])

    def test_pages(self):
        """With and without hugepages: said at start, and the same sums."""
        path, truth = self.make_capture("pages.pcap", "--datagrams", "500", *self.defines())
        for pages, said in (("off", "ordinary pages"), ("auto", "pages")):
            with self.subTest(hugepages=pages):
                process = self.weir("-c", self.config(), "--pcap", path, "--once", "--redis", "",
                                    "--set", f"memory.hugepages={pages}")
                self.check(json.loads(process.wait()), [truth])
                self.assertRegex(process.err(), f"memory: .*{said}")

    def test_loop(self):
        """Replay from memory: whole rounds of the file, but for the last."""
        path, truth = self.make_capture("loop.pcap", "--datagrams", "500")
        store = self.redis()
        out = self.weir("-c", weirtest.CONFIG, "--pcap", path, "--loop", "--duration", "2s",
                        "--redis", store.url).wait()
        summary = json.loads(out)
        rounds = summary["datagrams"] / truth["datagrams"]
        self.assertGreater(rounds, 10)
        self.assert_near(summary["samples"] / truth["samples"], rounds, 0.1)
        self.assertGreaterEqual(summary["elapsed_s"], 1.9)
        self.assertTrue(summary["conserved"])
        with store.client() as client:
            c = self.collector(client)
            self.assert_conserved(c)
            self.assertEqual(c["sflow_datagrams"], summary["datagrams"])

    def test_signals(self):
        """SIGTERM and SIGINT seal and publish the last window, and exit with 0."""
        path, _ = self.make_capture("loop.pcap", "--datagrams", "500")
        store = self.redis()
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=number), store.client() as client:
                client.flushall()
                # A long window, and not at its end, that of a minute: what is published is the only one.
                if time.time() % 60 > 45:
                    time.sleep(60.5 - time.time() % 60)
                daemon = self.weir("-c", weirtest.CONFIG, "--pcap", path, "--loop", "--redis",
                                   store.url, "--window", "1m")
                weirtest.wait_until(lambda d=daemon: polled(d.pid), daemon.story)
                summary = json.loads(daemon.stop(number=number))
                self.assertGreater(summary["datagrams"], 0)
                self.assertEqual(self.collector(client)["sflow_datagrams"], summary["datagrams"])
                self.assertEqual(int(client.hget("weir:flow:{pairs}:meta", "samples")) +
                                 summary["flows"]["pairs"]["keyless"], summary["flow_samples"])

    def test_two_at_once(self):
        """Instances on one host do not get in each other's way."""
        path, truth = self.make_capture("loop.pcap", "--datagrams", "500", *self.defines())
        first = self.weir("-c", weirtest.CONFIG, "--pcap", path, "--loop", "--redis", "")
        weirtest.wait_until(lambda: "RX queue" in first.err(), first.story)
        self.check(self.once([path], config=self.config()), [truth])
        self.assertTrue(first.running(), first.story())
        self.assertGreater(json.loads(first.stop())["datagrams"], 0)

    def test_odd_files(self):
        """An empty capture, and one that is cut off in the middle of a frame."""
        path, truth = self.make_capture("whole.pcap", "--datagrams", "100")
        with open(path, "rb") as f:
            data = f.read()
        for size, count in ((24, 0), (len(data) - 10, 99)):
            cut = self.path("cut.pcap")
            with open(cut, "wb") as f:
                f.write(data[:size])
            with self.subTest(size=size):
                self.assertEqual(self.once([cut])["datagrams"], count)
        self.assertEqual(truth["datagrams"], 100)

    def test_no_redis(self):
        """A Redis that is away at the end of --once: said, and exit 1, with the summary."""
        path, truth = self.make_capture("some.pcap", "--datagrams", "100")
        process = self.weir("-c", weirtest.CONFIG, "--pcap", path, "--once", "--redis",
                            "unix:" + self.path("nowhere.sock"))
        self.assertEqual(json.loads(process.wait(1))["datagrams"], truth["datagrams"])
        self.assertIn("nowhere.sock", process.err())


if __name__ == "__main__":
    weirtest.main()
