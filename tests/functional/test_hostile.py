#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Floods by sflowgen: what honest agents send is right before, during and after; memory and throughput hold.

WEIR_HOSTILE_SECONDS makes each phase of a live flood that much longer.
"""

import contextlib
import glob
import json
import os
import statistics
import threading
import time

import weirnet
import weirtest

# The last two leave no room for agents that are new.
FLOODS = ("flood_sources", "flood_keys", "flood_collisions", "flood_urls", "flood_names", "damage",
          "metrics", "flood_agents")
LONGER = float(os.environ.get("WEIR_HOSTILE_SECONDS", "0"))
# Small tables, which each flood fills many times over within a window.
LIMITS = {"agents": 64, "sources": 512, "counters_mb": 1}
CAPACITY = 1024
FLOWS = [
    {"name": "pairs", "keys": "ipsource,ipdestination", "value": "bytes", "n": 200},
    {"name": "tcp", "keys": "ipsource,ipdestination,tcpsourceport,tcpdestinationport",
     "value": "frames"},
    {"name": "urls", "keys": "httpurl", "value": "requests"},
    {"name": "custom", "keys": "rtdatasource,rt:service", "value": "frames"},
]
HONEST = ("--agents", "8", "--interfaces", "8", "--flows", "200", "--endpoints", "60", "--zipf",
          "0.7", "--ipv6", "0", "--vxlan", "0", "--counters", "1", "--define",
          "pairs=ipsource,ipdestination", "--top", "1000")


class Hostile(weirtest.Case):

    def config(self, **more):
        flows = [{"capacity": CAPACITY, "t": 0.3, **flow} for flow in FLOWS]
        return self.path("weir.yaml", json.dumps(
            {"flows": flows, "limits": LIMITS, "window": "200ms",
             "memory": {"hugepages": "off"}, "metrics": {"silent": 0}, "capacity": {"enabled": False}, **more}))


class Replay(Hostile):

    @staticmethod
    def rx_thread(daemon):
        """The thread of the only RX core; None before there is one."""
        for comm in glob.glob(f"/proc/{daemon.pid}/task/*/comm"):
            with contextlib.suppress(OSError), open(comm, encoding="ascii") as f:
                if f.read().strip() == "rte-worker-1":
                    return os.path.dirname(comm)
        return None

    def per_datagram(self, path, config):
        """Nanoseconds of the RX core's own time for each datagram, and the summary.

        Others may have the CPU meanwhile: cycles would count that, the thread's time does not.
        """
        daemon = self.weir("-c", config, "--pcap", path, "--loop", "--duration", "0.6s", "--redis", "")
        thread = weirtest.wait_until(lambda: self.rx_thread(daemon), daemon.story)
        busy = 0
        while daemon.running():
            with contextlib.suppress(OSError), open(thread + "/schedstat", encoding="ascii") as f:
                busy = int(f.read().split()[0])
            time.sleep(0.005)
        summary = json.loads(daemon.wait())
        self.assertTrue(summary["conserved"])
        self.assertEqual(summary["rx_cores"], 1)
        return busy / summary["cores"][0]["packets"], summary

    def test_throughput(self):
        """Of each flood, one to one with honest traffic, half as many datagrams a second as of that alone, or more.

        Others may use the machine: of some pairs of runs, one after the other, the best counts.
        """
        config = self.config()
        honest, _ = self.make_capture("honest.pcap", "--datagrams", "3000", *HONEST)
        plain = self.per_datagram(honest, config)[0]
        for kind in FLOODS:
            with self.subTest(flood=kind):
                mixed, truth = self.make_capture(
                    "mixed.pcap", "--datagrams", "6000", *HONEST, "--hostile", "0.5",
                    "--hostile-kinds", kind)
                for _ in range(5):
                    flooded, summary = self.per_datagram(mixed, config)
                    if flooded <= 2 * plain:
                        break
                    plain = self.per_datagram(honest, config)[0]
                self.figures(
                    "hostile", f"throughput in {kind}", before_datagrams_per_s=round(1e9 / plain),
                    during_datagrams_per_s=round(1e9 / flooded),
                    throughput_percent=round(100 * plain / flooded),
                    hostile_percent=round(100 * truth["hostile"]["datagrams"]
                                          / truth["received"]))
                self.assertLessEqual(flooded, 2 * plain, kind)
                if kind in ("flood_keys", "flood_collisions"):
                    self.assertGreater(summary["flows"]["pairs"]["other"], 0)

    def test_allowed(self):
        """Who may not send is dropped by reason, and what all others send is exact."""
        shapes = {
            "IPv4": (), "fragments": ("--max-payload", "6000", "--samples-per-datagram", "30",
                                      "--fragment", "1500"),
            "IPv6": ("--dst-ip", "2001:db8::1", "--ipv6-agents", "1")}
        cases = {
            "source_not_agent": {"source_is_agent": True},
            "agent_not_allowed": {"agents": ["172.16.0.0/12", "2001:db8:ffff::/48"]},
            "source_not_allowed": {"sources": ["172.16.1.0/24"], "relays": ["2001:db8:1::/48"]}}
        seen = {reason: dict.fromkeys(("sent", "of_these_hostile", "refused", "honest_bytes", "counted_bytes"), 0)
                for reason in cases}
        for shape, args in shapes.items():
            path, truth = self.make_capture(
                "mixed.pcap", "--datagrams", "900", *HONEST, *args, "--hostile", "0.5",
                "--hostile-kinds", "flood_agents,flood_keys")
            for reason, allow in cases.items():
                with self.subTest(shape=shape, reason=reason):
                    summary = self.once([path], config=self.config(allow=allow))
                    self.assertTrue(summary["conserved"])
                    self.assertEqual(summary["datagrams"], truth["received"])
                    gone = truth["hostile"]["datagrams"]
                    total = truth["definitions"]["pairs"]["bytes"]
                    if reason == "source_not_allowed":  # nobody is
                        gone, total = truth["received"], 0
                    self.assertEqual(summary["drops"], {f"sflow_{reason}": gone})
                    self.assertEqual(summary["flows"]["pairs"]["total"], total)
                    for name, value in zip(seen[reason], (
                            truth["received"], truth["hostile"]["datagrams"],
                            summary["drops"][f"sflow_{reason}"],
                            truth["definitions"]["pairs"]["bytes"],
                            summary["flows"]["pairs"]["total"])):
                        seen[reason][name] += value
        for reason, values in seen.items():
            self.figures("hostile", f"who may not send: {reason}", **values)

    def test_relays(self):
        """A relay's word is taken for the agents that are allowed."""
        path, truth = self.make_capture(
            "relayed.pcap", "--datagrams", "500", *HONEST, "--src-ip", "192.0.2.100", "--hostile",
            "0.3", "--hostile-kinds", "flood_agents")
        allow = {"agents": "172.16.0.0/12", "source_is_agent": True}
        summary = self.once([path], config=self.config(allow=allow))
        self.assertEqual(summary["drops"], {"sflow_source_not_agent": truth["received"]})
        refused = summary["drops"]["sflow_source_not_agent"]
        allow["relays"] = "192.0.2.96/27"
        summary = self.once([path], config=self.config(allow=allow))
        self.assertEqual(summary["drops"],
                         {"sflow_agent_not_allowed": truth["hostile"]["datagrams"]})
        self.assertEqual(summary["flows"]["pairs"]["total"],
                         truth["definitions"]["pairs"]["bytes"])
        self.figures("hostile", "a relay's agents, some not allowed", sent=truth["received"],
                     of_these_hostile=truth["hostile"]["datagrams"],
                     refused_of_no_relay=refused,
                     refused_of_a_relay=summary["drops"]["sflow_agent_not_allowed"],
                     honest_bytes=truth["definitions"]["pairs"]["bytes"],
                     counted_bytes=summary["flows"]["pairs"]["total"])

    def test_bad_settings(self):
        """Wrong networks, and relays that would change nothing, are refused with a reason."""
        for allow, why in (({"agents": ["10.0.0.0/33"]}, "allow.agents"),
                           ({"relays": ["10.0.0.1"]}, "allow.source_is_agent"),
                           ({"sauces": ["10.0.0.1"]}, "sources")):
            process = self.weir("--check", "-c", self.config(allow=allow))
            process.wait(2)
            self.assertIn(why, process.err())


class Live(Hostile):
    """Honest traffic at a steady rate, and for a while a flood with it."""

    # A flood of keys is known two windows after it began: from SETTLED on. Seconds.
    BEFORE, START, SETTLED, END, AFTER = 0.8, 1.2, 2.1, 2.8 + LONGER, 3.0 + LONGER
    STOP = 3.4 + LONGER
    # What tables and merged state of these settings take when all is full, and the heap besides.
    GROWTH_MB = 24

    def setUp(self):
        super().setUp()
        self.network = weirnet.Network(self)
        self.store = self.redis()
        self.windows = []

    def listen(self):
        """Gather the documents of all windows; until the test ends."""
        client = self.store.client()
        self.addCleanup(client.close)
        heard = client.pubsub(ignore_subscribe_messages=True)
        heard.subscribe("weir:flow:{pairs}")
        done = threading.Event()

        def gather():
            while not done.is_set():
                message = heard.get_message(timeout=0.1)
                if message:
                    document = json.loads(message["data"])
                    self.windows.append({**document, "late_s": time.time() - document["end_ms"] / 1000})

        thread = threading.Thread(target=gather)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(done.set)

    def resident_mb(self, daemon):
        with open(f"/proc/{daemon.pid}/statm", encoding="ascii") as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def share(self, truth, start, end):
        """Of what honest pairs sent, how much was published of windows that end in that time; of all,
        and of those of few samples alone."""
        top = {k["key"]: k["bytes_per_s"] for k in truth["definitions"]["pairs"]["top"]}
        few = [k["key"] for k in truth["definitions"]["pairs"]["top"]
               if k["samples"] < 8 * truth["duration_s"]]
        begin = truth["start_ms"]
        found = {"all": [], "few": []}
        for window in self.windows:
            if start <= (window["end_ms"] - begin) / 1000 <= end:
                values = {f["key"]: f["value"] for f in window["top"] if f["key"] in top}
                found["all"].append(sum(values.values()) / sum(top.values()))
                found["few"].append(sum(values.get(k, 0) for k in few) / sum(top[k] for k in few))
        return {name: statistics.mean(shares) for name, shares in found.items() if shares}

    def missed(self, client):
        return self.collector(client).get("port_missed", 0)

    def flood(self, kind, daemon, client, told):
        """One flood, and what honest agents have of it.

        Where the machine is so busy that frames are lost, sent late or published late, it shows nothing, and is
        made again.
        """
        for _ in range(4):
            missed = self.missed(client)
            phases, figures, late_s = self.flood_once(kind, daemon, client, told)
            if self.missed(client) == missed and late_s < 0.2 and all(phases.values()):
                break
        self.figures("hostile", f"live {kind}", **figures)
        return phases

    def flood_once(self, kind, daemon, client, told):
        before_mb, windows = self.resident_mb(daemon), len(self.windows)
        made = self.fabric(self.network, "--rate", "1400", "--seconds", str(self.STOP),
                           *HONEST, "--hostile", "0.95", "--hostile-from", str(self.START),
                           "--hostile-for", str(self.END - self.START), "--hostile-kinds", kind)
        truth = self.truth(made, seconds=self.STOP)
        told["received"] += truth["received"]
        for agent in truth["agents"]:
            told["agents"][agent["agent"]] = \
                told["agents"].get(agent["agent"], 0) + agent["datagrams"]
        weirtest.wait_until(lambda: self.collector(client)["sflow_datagrams"] + self.missed(client)
                            >= told["received"], daemon.story)
        weirtest.wait_until(lambda: self.windows and self.windows[-1]["end_ms"] >
                            truth["start_ms"] + 1000 * self.STOP, "the last window")
        phases = {"before": self.share(truth, self.BEFORE, self.START),
                  "start": self.share(truth, self.START, self.SETTLED),
                  "during": self.share(truth, self.SETTLED, self.END),
                  "after": self.share(truth, self.AFTER, self.STOP)}
        figures = {
            **{f"{phase}_percent": round(100 * found.get("all", 0)) for phase, found in phases.items()},
            **{f"{phase}_few_samples_percent": round(100 * found.get("few", 0))
               for phase, found in phases.items()},
            "hostile_datagrams_per_s":
                round(truth["hostile"]["datagrams"] / (self.END - self.START)),
            "honest_datagrams_per_s":
                round(sum(a["datagrams"] for a in truth["agents"]) / truth["duration_s"]),
            "resident_before_mb": round(before_mb, 1),
            "resident_after_mb": round(self.resident_mb(daemon), 1)}
        return phases, figures, max(truth["late_s"], *(w["late_s"] for w in self.windows[windows:]))

    def check_honest(self, client, told):
        """What agents that were known sent counts under their names; their data sources' keys."""
        missed = self.missed(client)
        for agent, datagrams in told["agents"].items():
            got = client.hgetall(f"weir:agent:{{{agent}}}")
            self.assertLessEqual(int(got["datagrams"]), datagrams, agent)
            self.assertGreaterEqual(int(got["datagrams"]) + missed, datagrams, agent)
        return {key for agent in told["agents"]
                for key in client.keys(f"weir:metric:{{{agent}}}:*")}

    def test_floods(self):
        daemon = self.live(self.network, self.store, config=self.config())
        self.listen()
        told = {"received": 0, "agents": {}}
        with self.store.client() as client:
            sources, first_mb = None, self.resident_mb(daemon)
            for kind in FLOODS:
                with self.subTest(flood=kind):
                    phases = self.flood(kind, daemon, client, told)
                    for phase in ("before", "during", "after"):
                        self.assert_near(phases[phase]["all"], 1, 0.15, f"{kind} {phase}")
                        self.assert_near(phases[phase]["few"], 1, 0.25, f"{kind} {phase}")
                    now = self.check_honest(client, told)
                    sources = sources or now
                    self.assertEqual(now, sources)
            self.assertGreater(len(sources), 8)
            grown = self.resident_mb(daemon) - first_mb
            self.figures("hostile", "live, all floods", resident_before_mb=round(first_mb, 1),
                         resident_after_mb=round(first_mb + grown, 1))
            self.assertLess(grown, self.GROWTH_MB)
            counters = self.collector(client)
            self.assert_conserved(counters)
        summary = json.loads(daemon.stop())
        self.assertTrue(summary["conserved"])


if __name__ == "__main__":
    weirtest.main()
