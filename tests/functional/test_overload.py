#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""More datagrams than an RX core can take: what is lost is told, by where it was lost; windows go on; one
mad agent does not starve the others; and rates stand for what is known to be lost.

A core is made slow by filters that take long, so that any machine can send more than it takes.
"""

import json
import signal

import weirnet
import weirtest

SLOW, SLOWER = 30, 240  # filters, of some microseconds each
# A flow's rate is that of its window; fast enough, and with an agent for a key.
AGENTS = {"name": "agents", "keys": "agent", "value": "frames", "t": 0.1, "n": 100, "aggMode": "AGENT"}
RATE = 400  # --sampling-rate
STEADY_SPS, STEADY_AGENTS = 2000, 10
HONEST_AGENTS, HONEST_SPS = 4, (160, 480, 1440)  # the first of which a core cannot keep up with
WINDOW_MS = 1000
LONGEST_MS = 1500  # of a window of a second, on a machine that others use
# All agents send alike.
ONE = ("--samples-per-datagram", "1", "--counters", "0", "--sampling-rate", str(RATE), "--zipf", "0",
       "--flows", "20000")


def slow_config(filters, **more):
    slow = [{"name": f"slow{i}", "keys": "agent", "value": "frames", "capacity": 256, "n": 1,
             "filter": f"macsource~'([0-9A-F]+)+{i}x'|macdestination~'([0-9A-F]+)+{i}x'"}
            for i in range(filters)]
    return json.dumps({"memory": {"hugepages": "off"}, "flows": [AGENTS, *slow], **more})


class Overload(weirtest.Case):

    def start(self, driver, filters=SLOW, queues=1, **more):
        """The daemon on a veth, and its windows from now on."""
        self.network = weirnet.Network(self)
        store = self.redis()
        self.client = store.client()
        self.addCleanup(self.client.close)
        config = self.path(weirtest.unique("c") + ".yaml", slow_config(filters, **more))
        daemon = self.live(self.network, store, "--driver", driver, "--queues", str(queues),
                           config=config)
        self.windows = []
        self.channel = self.client.pubsub(ignore_subscribe_messages=True)
        self.addCleanup(self.channel.close)
        self.channel.subscribe("weir:flow:{agents}")
        return daemon

    def steady(self, seconds, agents=STEADY_AGENTS, rate=STEADY_SPS):
        """Each from an address of its own."""
        return self.fabric(self.network, "--agents", agents, "--rate", rate, "--seconds", seconds,
                           "--seed", "1", "--src-ip", "192.0.2.100", *ONE)

    def mad(self, seconds, agents, rate):
        """Other agents, all of them IPv6."""
        return self.fabric(self.network, "--agents", agents, "--rate", rate, "--seconds", seconds,
                           "--seed", "2", "--ipv6-agents", "1", *ONE)

    def read_windows(self):
        while message := self.channel.get_message():
            self.windows.append(json.loads(message["data"]))
        return self.windows

    def wait_windows(self, count, daemon):
        """So many more windows; the newest of them."""
        want = len(self.read_windows()) + count
        weirtest.wait_until(lambda: len(self.read_windows()) >= want, daemon.story)
        return self.windows[-1]

    def first_from(self, ms, daemon):
        """The first window that starts then or later, since 1970."""
        weirtest.wait_until(lambda: any(w["start_ms"] >= ms for w in self.read_windows()),
                            daemon.story)
        return next(w for w in self.windows if w["start_ms"] >= ms)

    @staticmethod
    def frames(window):
        """Frames a second at the steady agents."""
        return sum(f["value"] for f in window["top"] if f["key"].startswith("172."))

    def settled(self, daemon, sent):
        """The counters, when all that was sent has been taken, or was lost where it is counted."""
        ways = ("sflow_datagrams", "port_missed", "ingress_drop_source")
        weirtest.wait_until(
            lambda: sum(self.collector(self.client)[way] for way in ways) + self.dropped_by_veth() >= sent,
            lambda: f"{sent}: {self.collector(self.client)}\n{daemon.story()}", pause=0.1)
        return self.collector(self.client)

    def dropped_by_veth(self):
        """What the kernel lost before weir's queue, which no device of weir's counts."""
        links = [json.loads(weirtest.sh("ip", "-n", space, "-s", "-j", "link", "show", "dev", name))[0]
                 for space, name in ((self.network.space, self.network.outside),
                                     (self.network.fabric, self.network.inside))]
        outside, inside = (link["stats64"] for link in links)
        return outside["rx"]["dropped"] + inside["tx"]["dropped"]

    def check_windows(self):
        """None is left out, and none is late by more than a busy machine makes it."""
        longest = 0
        for before, after in zip(self.windows, self.windows[1:]):
            self.assertEqual(after["window"], before["window"] + 1)
            self.assertEqual(after["start_ms"], before["end_ms"])
            longest = max(longest, after["end_ms"] - after["start_ms"])
        self.assertLessEqual(longest, LONGEST_MS)
        return longest

    # ---- a burst ----

    def flood(self, daemon):
        """Until a burst is over; the first window after it, and how many datagrams were sent.

        One that begins with a window ends in the first half of another, in which what waits then is taken as
        well. A busy machine makes it longer: then there is one more.
        """
        sent = 0
        for _ in range(3):
            truth = self.truth(self.mad(1.2, 8, 0))
            sent += truth["received"]
            end = truth["start_ms"] + 1000 * truth["duration_s"]
            window = self.first_from(end, daemon)
            if window["start_ms"] - end > WINDOW_MS / 2:
                break
        return window, sent

    def burst(self, driver):
        daemon = self.start(driver)
        steady = self.steady(12)
        before = self.wait_windows(3, daemon)
        recovered, flooded = self.flood(daemon)
        lost_in = max(w["lost"] for w in self.windows)
        truth = self.truth(steady)
        sent = truth["received"] + flooded
        c = self.settled(daemon, sent)
        longest = self.check_windows()
        missed = c["port_missed"]
        self.assertGreater(missed, 0)
        self.assertEqual(c["rx_0_missed"], missed)
        # What is not counted here, or by the kernel in front, has arrived.
        self.assertLessEqual(sent - c["sflow_datagrams"] - missed, self.dropped_by_veth())
        self.assertGreaterEqual(sent - c["sflow_datagrams"] - missed, 0)
        # Sequence numbers tell of the same but for the last gap of the flood's agents.
        self.assertEqual(c["loss_datagrams"], c["loss_host"] + c["loss_path"])
        self.assertLessEqual(c["loss_path"], self.dropped_by_veth())
        self.assertGreater(c["loss_host"], 0)
        self.assertGreater(lost_in, 0)
        want = STEADY_SPS * RATE
        # Whoever sends on a busy machine makes up for delays: nothing but the order of rates is certain.
        for window in (before, recovered):
            self.assertEqual(window["lost"], 0)
            self.assert_near(self.frames(window), want, 0.5)
        self.assert_conserved(c)
        summary = json.loads(daemon.stop())
        self.assertTrue(summary["conserved"])
        self.assertEqual(summary["loss"]["host"], c["loss_host"])
        self.assertEqual(summary["ports"][0]["queues"][0]["missed"], missed)
        self.figures("overload", f"burst beyond one core, {driver}", sent=sent,
                     received=c["sflow_datagrams"], missed=missed,
                     unseen=sent - c["sflow_datagrams"] - missed,
                     lost_by_sequence=c["loss_datagrams"], lost_on_the_way=c["loss_path"],
                     longest_window_ms=longest, lost_share_at_worst=lost_in,
                     rate_before_percent=round(100 * self.frames(before) / want, 1),
                     rate_of_next_window_percent=round(100 * self.frames(recovered) / want, 1))

    def test_burst_af_packet(self):
        self.burst("af_packet")

    def test_burst_af_xdp(self):
        self.burst("af_xdp")

    @staticmethod
    def missed_by_queue(c):
        return [c["rx_0_missed"], c["rx_1_missed"]]

    def test_queues(self):
        """Each of two queues says what it missed, and the sum is the port's."""
        daemon = self.start("af_packet", SLOWER, queues=2)
        mad = self.mad(weirtest.TIMEOUT, 64, 0)
        weirtest.wait_until(lambda: all(self.missed_by_queue(self.collector(self.client))), daemon.story)
        mad.send(signal.SIGTERM)
        flood = self.truth(mad)
        c = self.settled(daemon, flood["received"])
        queues = self.missed_by_queue(c)
        self.assertEqual(sum(queues), c["port_missed"])
        self.assert_conserved(c)
        port = json.loads(daemon.stop())["ports"][0]
        self.assertEqual([q["missed"] for q in port["queues"]], queues)
        self.assertEqual(port["missed"], sum(queues))
        self.figures("overload", "burst beyond two cores, a queue each", sent=flood["received"],
                     received=c["sflow_datagrams"], missed=c["port_missed"],
                     missed_of_queue_0=queues[0], missed_of_queue_1=queues[1])

    # ---- shares ----

    def lost_of(self, truth):
        """How many datagrams of its agents were not taken in; none is shed."""
        taken = 0
        for exporter in truth["agents"]:
            known = self.client.hgetall(f"weir:agent:{{{exporter['agent']}}}")
            self.assertEqual(known["shed"], "0")
            taken += int(known["datagrams"])
        return truth["received"] - taken

    def mad_agent(self, sps, **shed):
        """One agent sends 100 times what each of four others does, all of these `sps`; what became of them."""
        daemon = self.start("af_packet", SLOWER, shed=shed)
        steady = self.steady(4, HONEST_AGENTS, sps)
        mad = self.mad(3, 1, 100 * sps / HONEST_AGENTS)
        truth, flood = self.truth(steady), self.truth(mad)
        c = self.settled(daemon, truth["received"] + flood["received"])
        self.check_windows()
        lost = self.lost_of(truth)
        mad_one = self.client.hgetall(f"weir:agent:{{{flood['agents'][0]['agent']}}}")
        self.assert_conserved(c)
        self.assertEqual(c["sflow_drop_shed"], int(mad_one["shed"]))
        summary = json.loads(daemon.stop())
        self.assertTrue(summary["conserved"])
        self.assertEqual(summary["drops"].get("sflow_shed", 0), c["sflow_drop_shed"])
        self.assertEqual(summary["drops"].get("ingress_source", 0), c["ingress_drop_source"])
        return {"honest_sent": truth["received"], "honest_lost": lost,
                "mad_sent": flood["received"], "mad_taken": int(mad_one["flow_samples"]),
                "shed": c["sflow_drop_shed"] + c["ingress_drop_source"],
                "missed": c["port_missed"], "path": c["loss_path"]}

    def test_share(self):
        for sps in HONEST_SPS:
            without = self.mad_agent(sps)
            if without["honest_lost"] > 0:
                break
        for _ in range(3):  # a machine that does not read the ring for half a second loses by itself
            fair = self.mad_agent(sps, agent=2 * sps // HONEST_AGENTS)
            if fair["missed"] == 0:
                break
        self.assertGreater(without["honest_lost"], 0)
        self.assertGreater(without["missed"], 0)
        self.assertEqual(without["shed"], 0)
        self.assertEqual((fair["honest_lost"], fair["missed"]), (0, 0), fair)
        self.assertEqual(fair["mad_taken"] + fair["shed"], fair["mad_sent"])
        self.assertGreater(fair["shed"], 0.8 * fair["mad_sent"])
        self.assertEqual(fair["path"], 0)
        self.figures("overload", "one agent at 100 times the rate of four others, without shares",
                     **without)
        self.figures("overload", "the same with shed.agent", **fair)

    def test_many_names(self):
        """One source address that names ever new agents: its own share bounds all of them."""
        daemon = self.start("af_packet", 0, shed={"source": 200, "burst": "500ms"})
        honest = self.steady(3, rate=STEADY_SPS / 4)
        flood = self.truth(self.sflowgen(
            "--udp", f"{self.network.OUTSIDE}:6343", "--agents", "4000", "--rate", "4000",
            "--seconds", "2", "--seed", "2", "--ipv6-agents", "1", *ONE, space=self.network.fabric))
        truth = self.truth(honest)
        c = self.settled(daemon, flood["received"] + truth["received"])
        shed, missed = c["ingress_drop_source"], c["port_missed"]
        self.assert_conserved(c)
        self.assertEqual(c["loss_path"], 0)
        self.assertEqual(c["sflow_datagrams"] + shed + missed, flood["received"] + truth["received"])
        self.assertGreater(shed, 0.8 * (flood["received"] - missed))
        lost = self.lost_of(truth)
        self.assertLessEqual(lost, missed)  # which only a busy machine brings about
        self.figures("overload", "one source that names 4000 agents, with shed.source",
                     honest_sent=truth["received"], honest_lost=lost, mad_sent=flood["received"],
                     shed=shed, missed=missed)
        daemon.stop()


class Correction(weirtest.Case):
    """Rates stand for what is known to be lost; sums are what came."""

    LOSS = 0.3
    OPTIONS = ("--datagrams", "30000", "--agents", "8", "--interfaces", "4", "--seed", "5", "--define",
               "agents=agent", "--define", "ports=agent,inputifindex")

    def run_once(self, path, correct):
        store = self.redis()
        config = self.path(weirtest.unique("c") + ".yaml", json.dumps({
            "memory": {"hugepages": "off"}, "correct": correct, "flows": [
                {"name": name, "keys": keys, "value": "frames", "n": 1000, "t": 0.1,
                 "aggMode": mode}
                for name, keys, mode in (("agents", "agent", "AGENT"),
                                         ("ports", "agent,inputifindex", "max"))]}))
        summary = self.once([path], url=store.url, config=config)
        with store.client() as client:
            return summary, {name: (client.hgetall(f"weir:flow:{{{name}}}"),
                                    client.hgetall(f"weir:flow:{{{name}}}:meta"))
                             for name in ("agents", "ports")}

    @staticmethod
    def off_by(flows, meta, truth, name):
        """The largest error of a rate over the capture, as a share, and that of their sum."""
        span = (int(meta["end_ms"]) - int(meta["start_ms"])) / 1000
        want = {top["key"]: top["frames"] for top in truth["definitions"][name]["top"]}
        errors = [abs(float(v) * span / want[k] - 1) for k, v in flows.items()]
        total = sum(map(float, flows.values())) * span
        return max(errors), total / truth["definitions"][name]["frames"] - 1

    def test_loss(self):
        path, part = self.make_capture("lossy.pcap", *self.OPTIONS, "--loss", str(self.LOSS))
        _, truth = self.make_capture("whole.pcap", *self.OPTIONS, "--top", "1000")
        figures = {}
        for correct in (True, False):
            summary, found = self.run_once(path, correct)
            self.assertEqual(summary["datagrams"], part["received"])
            for name, (flows, meta) in found.items():
                worst, total = self.off_by(flows, meta, truth, name)
                self.assertEqual(int(meta["total"]), part["definitions"][name]["frames"])
                self.assert_near(float(meta["lost"]), self.LOSS, 0.05, f"lost of {name}")
                self.assertEqual(meta["corrected"], str(correct).lower())
                if correct:
                    self.assertLess(worst, 0.05, name)
                    self.assertLess(abs(total), 0.01, name)
                else:
                    self.assertGreater(worst, 0.25, name)
                figures[f"{name}_{'corrected' if correct else 'as_it_came'}_percent"] = \
                    round(100 * total, 2)
                figures[f"{name}_worst_{'corrected' if correct else 'as_it_came'}_percent"] = \
                    round(100 * worst, 2)
        self.figures("overload", "30 % of all datagrams lost at random: errors of rates", **figures)

    def test_nothing_lost(self):
        path, truth = self.make_capture("whole.pcap", *self.OPTIONS)
        _, found = self.run_once(path, True)
        for name, (_, meta) in found.items():
            self.assertEqual(int(meta["total"]), truth["definitions"][name]["frames"])
            self.assertEqual((meta["lost"], meta["corrected"]), ("0", "false"))


if __name__ == "__main__":
    weirtest.main()
