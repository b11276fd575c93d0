#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Hosts, services and their containers, live: what queries tell follows the truth, what has stopped
is gone and leaves nothing, and agents that want too much take nothing from others.

WEIR_FLEET_JUMP is how many seconds lie between two changes of the number of containers (6),
WEIR_CHURN_SECONDS how long containers come and go all the time (5, twice).
"""

import json
import os
import signal
import statistics
import time
import urllib.parse

import weirapi
import weirnet
import weirtest

JUMP = float(os.environ.get("WEIR_FLEET_JUMP", "6"))  # s
POLL = max(1, JUMP / 6)  # s
CHURN = float(os.environ.get("WEIR_CHURN_SECONDS", "5"))  # s
HOSTS = 1000
SLACK = 0.6  # s until something is seen: three windows
PROCESSORS = 2  # of a container

SERVICE = "vir_host_name=" + urllib.parse.quote("apache\\.*")
SERVICE_METRICS = ("avg:vir_cpu_utilization", "avg:vir_bytes_in", "avg:vir_bytes_out",
                   "sum:http_method_get", "sum:http_method_post", "sum:http_requests")


class Case(weirtest.Case):

    CONFIG = {"window": "200ms", "limits": {"expire": "8s"},
              "flows": [{"name": "all", "keys": "", "value": "frames"}]}

    def setUp(self):
        super().setUp()
        self.network = weirnet.Network(self)
        self.store = self.redis()
        self.client = self.store.client()
        self.addCleanup(self.client.close)
        self.daemon = self.live(self.network, self.store, "--api", "127.0.0.1:0",
                                config=self.path("c.yaml", json.dumps(self.CONFIG)))
        self.api = weirapi.Client(self, self.daemon, self.network.space)

    def get(self, path):
        return self.api.want(200, "GET", path)

    def sources(self):
        """Data sources with counters, by what the collector tells of itself."""
        return self.collector(self.client)["metric_sources"]

    def number(self, metric):
        """How many data sources have a metric."""
        return self.get(f"/metric/ALL/any:{metric}/json")[0].get("metricN", 0)


class Containers:
    """Which containers of a service ran when, by the truth of sflowgen."""

    def __init__(self, truth, service):
        self.start = truth["start_ms"] / 1000
        # A machine that has more to do than it can sends late, and we know how late.
        self.slack = SLACK + truth["late_s"]
        self.all = truth["services"][service]["containers"]

    def between(self, since, until):
        """Those that ran all the time from `since` to `until`."""
        return {c["name"]: c for c in self.all if self.start + c["start_s"] <= since
                and self.start + c.get("stop_s", 1e9) > until}

    def bounds(self, begin, end, age):
        """Those that an answer must have that was asked for at `begin` and came at `end`, and
        those that it may have. A container is due `age` s after its start, and gone at its stop."""
        must = self.between(begin - age - self.slack, end)
        may = {c["name"]: c for c in self.all if self.start + c["start_s"] <= end
               and self.start + c.get("stop_s", 1e9) > begin - self.slack}
        return must, may


class Fleet(Case):
    """Use cases: metrics of services in a swarm, scaling by their load, containers that come and go,
    web analytics."""

    def ask(self, path):
        begin = time.time()
        answer = self.get(path)
        return begin, time.time(), answer

    def watch(self, process):
        """Ask for the service again and again until the fleet has ended; all answers."""
        found = {"metric": [], "dump": []}
        while process.running():
            found["metric"].append(self.ask(
                f"/metric/ALL/{','.join(SERVICE_METRICS)}/json?{SERVICE}"))
            found["dump"].append(self.ask(f"/dump/ALL/vir_host_name/json?{SERVICE}"))
            time.sleep(POLL / 10)
        return found

    def truth_of(self, containers):
        """What SERVICE_METRICS are for these containers."""
        rates = [c["per_s"] for c in containers.values()]

        def mean(name):
            return statistics.mean(r[name] for r in rates)
        requests = sum(r["requests"] for r in rates)
        return (mean("cpu_ms") / 10 / PROCESSORS, mean("bytes_in"), mean("bytes_out"),
                0.9 * requests, 0.1 * requests, requests)

    def check_names(self, containers, answers):
        """Containers are there with their first record, and gone with their last."""
        for begin, end, answer in answers:
            must, may = containers.bounds(begin, end, 0)
            names = {row["metricValue"] for row in answer}
            self.assertEqual(len(names), len(answer))
            self.assertLessEqual(set(must), names)
            self.assertLessEqual(names, set(may))

    def check_metrics(self, containers, answers):
        """Numbers and means follow the truth within a polling interval; @return how many checked."""
        numbers = set()
        for begin, end, answer in answers:
            self.assertEqual([a["metricName"] for a in answer], list(SERVICE_METRICS))
            must, may = containers.bounds(begin, end, POLL)
            number = answer[0].get("metricN", 0)
            self.assertLessEqual(len(must), number)
            self.assertLessEqual(number, len(may))
            if set(must) != set(may) or not must:
                continue
            numbers.add(number)
            for got, want in zip(answer, self.truth_of(must)):
                self.assertEqual(got["metricN"], len(must))
                # Counters are read up to 20 ms before the clock of the datagram.
                self.assert_near(got["metricValue"], want, 0.03, got["metricName"])
        return numbers

    def check_hosts(self):
        """Nodes, and the node of each container."""
        load, memory = self.get(
            "/metric/ALL/avg:load_one,max:mem_utilization/json?os_name=linux&host_name=host-*")
        self.assertEqual(load["metricN"], HOSTS)
        self.assert_near(load["metricValue"], 2.5, 1e-6)
        self.assertGreater(memory["metricValue"], 50)
        rows = self.get(f"/table/ALL/vir_host_name,host_name,vir_cpu_state/json?{SERVICE}")
        self.assertTrue(rows)
        for name, host, state in rows:
            number = int(name["agent"].split(".")[2]) * 256 + int(name["agent"].split(".")[3])
            self.assertEqual(host["metricValue"], f"host-{number:06}")
            self.assertEqual(state["metricValue"], "running")

    def test_services(self):
        process = self.fabric(
            self.network, "--agents", str(HOSTS), "--hosts", "1", "--counters-only", "--counters",
            str(POLL), "--delay", "0.02", "--web-service", "apache=3..30", "--service",
            "apachectl=5..20", "--service", "job=0..200", "--jump", str(JUMP), "--replace", "20%",
            "--seconds", str(3 * JUMP))
        weirtest.wait_until(lambda: self.number("mem_utilization") >= HOSTS, self.daemon.story)
        self.check_hosts()
        answers = self.watch(process)
        truth = self.truth(process)
        containers = Containers(truth, "apache")
        # What was asked after the end has no truth.
        end = containers.start + truth["duration_s"]
        answers = {k: [a for a in v if a[1] < end] for k, v in answers.items()}
        self.assertGreater(len(answers["metric"]), 10)
        self.check_names(containers, answers["dump"])
        self.assertGreater(len(self.check_metrics(containers, answers["metric"])), 1)
        self.assert_conserved(self.collector(self.client))
        self.daemon.stop()


class Churn(Case):
    """Containers that live for half a second leave nothing in memory or in Redis."""

    SERVICE = "job=200..200" if CHURN <= 10 else "job=1000..1000"

    def memory(self):
        """Resident memory in kB."""
        with open(f"/proc/{self.daemon.pid}/status", encoding="ascii") as f:
            return int(next(line for line in f if line.startswith("VmRSS")).split()[1])

    def round(self):
        """Let them come and go; containers that there were."""
        truth = self.truth(self.fabric(
            self.network, "--agents", "50", "--hosts", "1", "--counters-only", "--counters", "1",
            "--delay", "0.02", "--service", self.SERVICE, "--jump", "0.6", "--replace", "1",
            "--seconds", str(CHURN)), CHURN)
        weirtest.wait_until(lambda: self.sources() == 0,
                            lambda: f"{self.sources()} left\n" + self.daemon.story())
        weirtest.wait_until(lambda: not self.client.keys("weir:metric:*"),
                            lambda: str(self.client.keys("weir:metric:*")[:20]))
        return len(truth["services"]["job"]["containers"])

    def test_nothing_is_left(self):
        self.assertGreater(self.round(), 1000)
        memory, keys = self.memory(), self.client.dbsize()
        self.assertGreater(self.round(), 1000)
        # What is known of the agents expires a while later.
        weirtest.wait_until(lambda: self.client.dbsize() <= keys, lambda: str(self.client.keys()))
        self.assertLess(self.memory(), memory * 1.05 + 4096)
        self.daemon.stop()


class Greedy(Case):
    """Agents that send data sources, names and texts without end; honest ones stay."""

    AGENTS, INTERFACES = 20, 16
    CONFIG = {"window": "200ms", "limits": {"agents": 400, "sources": 2000, "expire": "8s"},
              "flows": [{"name": "all", "keys": "", "value": "frames"}]}

    def honest(self, interfaces, seconds):
        return self.fabric(
            self.network, "--agents", str(self.AGENTS), "--interfaces", str(interfaces), "--hosts",
            "0", "--counters-only", "--counters", "1", "--delay", "0.02", "--seconds", str(seconds))

    def refused(self):
        """Samples of agents that had more than their share."""
        return self.collector(self.client)["metric_agent_share"]

    def test_honest_agents_stay(self):
        """Known agents get their share, however many data sources others have sent before."""
        self.honest(1, 2).wait()
        # An agent of its own, 2001:DB8:FFFF::1, whose datagrams are few.
        greedy = self.fabric(
            self.network, "--agents", "1", "--interfaces", "1", "--ipv6-agents", "1", "--hosts",
            "0", "--counters-only", "--counters", "0.05", "--samples-per-datagram", "1",
            "--hostile", "99%", "--hostile-kinds", "metrics")
        weirtest.wait_until(self.refused, self.daemon.story)
        process = self.honest(self.INTERFACES, 6)
        agents = ",".join(f"172.16.0.{1 + i}" for i in range(self.AGENTS))
        answers = []
        while process.running():
            answers.append((time.time(),
                            self.get(f"/metric/{agents}/sum:ifinoctets/json")[0]))
            time.sleep(0.2)
        truth = self.truth(process)
        greedy.send(signal.SIGTERM)
        self.assertGreater(self.truth(greedy)["hostile"]["datagrams"], 1000)
        start = truth["start_ms"] / 1000
        # Rates are there from the second sample on.
        steady = [answer for at, answer in answers if start + 3 + SLACK + truth["late_s"] < at
                  < start + truth["duration_s"]]
        self.assertTrue(steady)
        for answer in steady:
            self.assertEqual(answer["metricN"], self.AGENTS * self.INTERFACES)
            self.assert_near(answer["metricValue"], truth["interfaces"]["in_octets_per_s"], 0.03)
        self.assertLessEqual(self.sources(), self.CONFIG["limits"]["sources"])
        self.daemon.stop()


if __name__ == "__main__":
    weirtest.main()
