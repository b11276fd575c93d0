#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Queries on metrics: two switches and a host with containers, whose counters are known exactly."""

import json
import os
import re
import socket
import statistics
import struct
import urllib.parse

from traffic import record, text, u32
import weirapi
import weirnet
import weirtest

LEAF1, LEAF2, SERVER = "10.254.0.1", "10.254.0.2", "10.254.0.9"
SPEEDS = {1: 10_000_000_000, 2: 10_000_000_000, 3: 1_000_000_000}  # of the interfaces
LINUX, WINDOWS = 2, 3
IMAGES, PAGES = 40_000, 1_000  # bytes of an answer
OPERATIONS = 100  # one of which is sampled
TAG = {"interface": 1, "host": 2000, "parent": 2002, "cpu": 2003, "vir_node": 2101, "http": 2201,
       "request": 2206}
CONFIG = {"window": "100ms", "metrics": {"silent": 0}, "flows": [
    {"name": "image_bytes", "keys": "", "value": "resp_bytes", "t": 10,
     "filter": "httpmimetype~image/.*"},
    {"name": "paths", "keys": "uri:httpurl:path", "value": "resp_bytes", "t": 10, "n": 2}]}
TOPOLOGY = {"nodes": {"one": {"agent": LEAF1, "ports": {"up": {"ifindex": "3"}}},
                      "two": {"agent": LEAF2, "ports": {"up": {"ifindex": "3"}}}},
            "links": {"link": {"node1": "one", "port1": "up", "node2": "two", "port2": "up"}}}


def u64(*numbers):
    return struct.pack(f">{len(numbers)}Q", *numbers)


def octets_of(agent, interface):
    """Bytes a second into an interface."""
    return 1000 * interface + 10_000 * (agent == LEAF2)


def interface_record(agent, index, second):
    octets = octets_of(agent, index) * second
    return record(TAG["interface"], u32(index, 6) + u64(SPEEDS[index]) + u32(1, 3) + u64(octets) +
                  u32(0, 0, 0, 0, 0, 0) + u64(2 * octets) + u32(0, 0, 0, 0, 0, 0))


def host_record(name, system):
    return record(TAG["host"], text(name) + bytes(range(16)) + u32(3, system) + text("6.1.0"))


def cpu_record(load):
    return record(TAG["cpu"], struct.pack(">3f", load, load, load) + u32(1, 100, 4, 2000, 1000) +
                  u32(*[0] * 6) + u32(0, 0) + u32(0, 0, 0))


class Agent:
    """An sFlow agent at an address; time is as it says."""

    def __init__(self, address):
        self.address, self.sequence, self.samples = address, 0, 0

    def datagram(self, second, *samples):
        self.sequence += 1
        return (u32(5, 1) + socket.inet_aton(self.address) +
                u32(0, self.sequence, 100_000 + 1000 * second, len(samples)) + b"".join(samples))

    def counters(self, source, *records):
        self.samples += 1
        return record(4, u32(self.samples, *source, len(records)) + b"".join(records))

    def requests(self, source, uri, mime, size):
        """A sample of operations that one request stands for."""
        self.samples += 1
        body = record(TAG["request"], u32(2, 1001) + text(uri) + text("www") + text("") + text("") +
                      text("") + text("") + text(mime) + u64(100, size) + u32(1000, 200))
        return record(3, u32(self.samples, *source, OPERATIONS, self.samples * OPERATIONS, 0,
                             0, 0x3FFFFFFF, 0, 0x3FFFFFFF, 1) + body)


class Fabric:
    """What the agents send."""

    LOADS = {"leaf1": 0.5, "leaf2": 1.5, "server": 4.25}

    def __init__(self, send):
        self.send = send
        self.agents = {a: Agent(a) for a in (LEAF1, LEAF2, SERVER)}

    def switch(self, address, name, system, second):
        agent = self.agents[address]
        self.send(agent.datagram(second, *(
            agent.counters((0, i), interface_record(address, i, second)) for i in SPEEDS),
            agent.counters((2, 1), host_record(name, system), cpu_record(self.LOADS[name]))))

    def container(self, number, service, second):
        agent = self.agents[SERVER]
        return agent.counters(
            (3, number), host_record(f"{service}.{number}.abc", LINUX),
            record(TAG["parent"], u32(2, 1)),
            record(TAG["http"], u32(0, 50 * number * second, *[0] * 13)))

    def poll(self, second):
        self.switch(LEAF1, "leaf1", LINUX, second)
        self.switch(LEAF2, "leaf2", WINDOWS, second)
        agent = self.agents[SERVER]
        self.send(agent.datagram(
            second, agent.counters((2, 1), host_record("server", LINUX),
                                   cpu_record(self.LOADS["server"])),
            *(self.container(n, "apache" if n < 3 else "apachette", second) for n in (1, 2, 3))))

    def serve(self, second):
        """Images from container 1, pages from 2, some of each with a path of their own."""
        agent = self.agents[SERVER]
        self.send(agent.datagram(
            second, *(agent.requests((3, 1), f"/img/{i}.png", "image/png", IMAGES * (i + 1))
                      for i in range(3)),
            agent.requests((3, 2), "/", "text/html", PAGES)))


class Metrics(weirtest.Case):

    @classmethod
    def setUpClass(cls):
        """One daemon for all tests, which only ask."""
        cls.case = cls("open")
        cls.case.setUp()
        cls.addClassCleanup(cls.case.doCleanups)
        cls.case.open()

    def open(self):
        cls = type(self)
        network = weirnet.Network(self)
        config = self.path("metrics.yaml", json.dumps(CONFIG))
        cls.daemon = self.weir("-c", config, "--iface", network.outside, "--driver", "af_packet",
                               "--redis", "", "--api", "127.0.0.1:0", space=network.space)
        self.addCleanup(cls.daemon.stop)
        cls.space = network.space
        cls.client = weirapi.Client(self, cls.daemon, network.space)
        with weirnet.inside(network.fabric):
            cls.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(cls.socket.close)
        weirtest.wait_until(lambda: cls.client.ask("GET", "/metrics/json")[0] == 200,
                            cls.daemon.story)
        cls.fabric = Fabric(lambda d: cls.socket.sendto(d, (network.OUTSIDE, 6343)))
        cls.fabric.poll(1)
        cls.fabric.poll(2)
        weirtest.wait_until(
            lambda: self.get("/metric/ALL/http_method_get/json")[0]["metricN"] == 3,
            lambda: str(self.get("/dump/ALL/ALL/json")))

    # ---- to ask ----

    def get(self, path, status=200, **query):
        if query:
            path += "?" + urllib.parse.urlencode(query, doseq=True)
        return self.client.want(status, "GET", path)

    def metric(self, agents, names, **query):
        return self.get(f"/metric/{agents}/{names}/json", **query)

    def value(self, agents, name, **query):
        """Value and number of values; None where there is none."""
        result = self.metric(agents, name, **query)
        self.assertEqual(len(result), 1)
        return result[0].get("metricValue"), result[0]["metricN"]

    def rows(self, columns, agents="ALL", **query):
        return [tuple(cell and cell["metricValue"] for cell in row)
                for row in self.get(f"/table/{agents}/{columns}/json", **query)]

    # ---- statistics ----

    def test_statistics(self):
        values = [octets_of(a, i) for a in (LEAF1, LEAF2) for i in SPEEDS]
        q1, median, q3 = statistics.quantiles(values, n=4, method="inclusive")
        want = {"max": max(values), "min": min(values), "sum": sum(values),
                "avg": statistics.fmean(values), "var": statistics.pvariance(values),
                "sdev": statistics.pstdev(values), "med": median, "q1": q1, "q2": median, "q3": q3,
                "iqr": q3 - q1}
        result = self.metric("ALL", ",".join(f"{s}:ifinoctets" for s in want))
        for (name, value), got in zip(want.items(), result, strict=True):
            self.assertEqual((got["metricName"], got["metricN"]), (f"{name}:ifinoctets", 6))
            self.assertAlmostEqual(got["metricValue"], value, places=5)
            self.assertGreaterEqual(got["lastUpdateMax"], got["lastUpdateMin"])
            self.assertLess(got["lastUpdateMax"], 60_000)
            self.assertEqual("agent" in got, name in ("max", "min"))
            self.assertEqual("quartiles" in got, name in ("med", "q1", "q2", "q3", "iqr"))
        self.assertEqual((result[0]["agent"], result[0]["dataSource"]), (LEAF2, "3"))
        self.assertEqual((result[1]["agent"], result[1]["dataSource"]), (LEAF1, "1"))
        self.assertEqual(result[6]["quartiles"], {"min": min(values), "q1": q1, "med": median,
                                                  "q3": q3, "max": max(values)})

    def test_order(self):
        """Results are in the order of the request; what is not there has no value."""
        names = ["nothing", "load_one", "sum:os_name", "any:os_name", "os_name", "load_one"]
        for separator in ",;":
            result = self.metric("ALL", separator.join(names))
            self.assertEqual([r["metricName"] for r in result], names)
            self.assertEqual([r.get("metricValue") for r in result],
                             [None, 4.25, None, result[3]["metricValue"], "windows", 4.25])
            self.assertEqual([r["metricN"] for r in result], [0, 3, 0, 3, 3, 3])
            self.assertIn(result[3]["metricValue"], ("linux", "windows"))

    def test_agents(self):
        total = sum(octets_of(LEAF1, i) for i in SPEEDS)
        for agents in (LEAF1, "leaf1", f"{LEAF1};leaf1", "leaf1,nobody"):
            self.assertEqual(self.value(agents, "sum:ifinoctets"), (total, 3), agents)
        self.assertEqual(self.value("nobody", "sum:ifinoctets"), (None, 0))
        self.assertEqual(self.value("leaf2,server", "avg:load_one"), ((1.5 + 4.25) / 2, 2))
        self.assertEqual(list(self.get("/agents/json?agent=leaf2")), [LEAF2])

    def test_paths(self):
        self.assertEqual(self.value("ALL", "sum:2.ifinoctets"),
                         (octets_of(LEAF1, 2) + octets_of(LEAF2, 2), 2))
        value, count = self.value("ALL", "avg:2.1.load_one")
        self.assertAlmostEqual(value, 6.25 / 3, places=6)
        self.assertEqual(count, 3)
        self.assertEqual(self.value("server", "3.2.http_method_get"), (100, 1))
        self.assertEqual(self.value("ALL", "4.ifinoctets"), (None, 0))

    # ---- filters ----

    def test_filters(self):
        for query, interfaces in (
                ({"ifspeed": "1000000000"}, 2), ({"ifspeed": "1e9"}, 2), ({"ifspeed": "1*"}, 6),
                ({"os_name": "linux"}, 3), ({"os_name": ["linux", "windows"]}, 6),
                ({"host_name": "leaf*", "ifspeed": "10000000000"}, 4), ({"host_name": "*2"}, 3),
                ({"host_name": "*"}, 6), ({"nothing": "*"}, 0), ({"host_name": "leaf"}, 0),
                ({"host_name": "leaf1", "os_name": "windows"}, 0), ({"_": "123"}, 6)):
            with self.subTest(query=query):
                self.assertEqual(self.value("ALL", "sum:ifinoctets", **query)[1], interfaces)

    def test_containers(self):
        """Replicas of a service, by their names; and those of a host, which they inherit."""
        self.assertEqual(self.value("ALL", "sum:http_method_get", vir_host_name="apache\\.*"),
                         (150, 2))
        self.assertEqual(self.value("ALL", "sum:http_method_get", vir_host_name="apache*"),
                         (300, 3))
        self.assertEqual(self.value("ALL", "sum:http_method_get", host_name="server"), (300, 3))
        self.assertEqual(self.value("ALL", "sum:http_method_get", host_name="leaf1"), (None, 0))

    # ---- places ----

    def test_places(self):
        self.assertIn("asks for a topology", self.get("/metric/EDGE/ifspeed/json", 400)["error"])
        self.client.want(204, "PUT", "/topology/json", TOPOLOGY)
        self.addCleanup(self.client.want, 204, "PUT", "/topology/json", {})
        weirtest.wait_until(lambda: self.client.ask("GET", "/metric/EDGE/ifspeed/json")[0] == 200,
                            "windows that know the topology")
        for agents, count in (("EDGE", 4), ("CORE", 2), ("TOPOLOGY", 6), ("CORE,leaf1", 4)):
            self.assertEqual(self.value(agents, "sum:ifinoctets")[1], count, agents)
        self.assertEqual(self.value("TOPOLOGY", "load_one"), (1.5, 2))
        self.assertEqual(self.value("EDGE", "load_one"), (None, 0))
        self.assertEqual(len(self.get("/dump/CORE/ifinoctets/json")), 2)

    # ---- tables and dumps ----

    def test_table(self):
        rows = self.rows("host_name,ifindex,sort:ifinoctets:-2")
        self.assertEqual(rows, [("leaf2", 3, 13_000), ("leaf2", 2, 12_000)])
        self.assertEqual(self.rows("sort:ifinoctets:1,host_name"), [(1000, "leaf1")])
        self.assertEqual(self.rows("sort:host_name,load_one"),
                         [("leaf1", 0.5), ("leaf2", 1.5), ("server", 4.25)])
        self.assertEqual(self.rows("sort:load_one:-9,null:ifindex", os_name="windows"),
                         [(1.5, i) for i in (1, 2, 3)] + [(1.5, None)])
        self.assertEqual(self.rows("vir_host_name,host_name,sort:http_method_get:-1"),
                         [("apachette.3.abc", "server", 150)])
        self.assertEqual(self.rows("load_one,ifinoctets,nothing"), [])
        cells = self.get("/table/leaf1/host_name,ifindex,sort:ifinoctets:1/json")[0]
        self.assertEqual([c["dataSource"] for c in cells], ["2.1", "1", "1"])
        self.assertEqual({c["agent"] for c in cells}, {LEAF1})
        self.assertEqual([c["metricName"] for c in cells], ["host_name", "ifindex", "ifinoctets"])

    def test_dump(self):
        dump = self.get("/dump/ALL/ifinoctets,load_one/json")
        got = {(d["agent"], d["dataSource"]): d["metricValue"] for d in dump}
        self.assertEqual(len(dump), len(got))
        self.assertEqual(got, {
            **{(a, str(i)): octets_of(a, i) for a in (LEAF1, LEAF2) for i in SPEEDS},
            (LEAF1, "2.1"): 0.5, (LEAF2, "2.1"): 1.5, (SERVER, "2.1"): 4.25})
        every = self.get("/dump/ALL/ALL/json", host_name="leaf2")
        self.assertEqual({d["agent"] for d in every}, {LEAF2})
        names = {d["metricName"] for d in every}
        self.assertLessEqual({"ifspeed", "os_name", "ifinutilization", "load_one"}, names)
        one = self.get("/metric/leaf2/json")
        self.assertEqual(one, {f"{d['dataSource']}.{d['metricName']}": d["metricValue"]
                               for d in every})
        seen = self.get("/metrics/json")
        self.assertLessEqual(names, set(seen))
        self.assertLess(max(seen[n] for n in names), 60_000)

    # ---- flows ----

    def test_flows(self):
        """A definition is a metric: without keys its total, with keys the largest flow."""
        self.assertEqual(self.value("ALL", "sum:image_bytes"), (None, 0))
        self.fabric.serve(3)
        result = weirtest.wait_until(
            lambda: (r := self.metric("ALL", "sum:image_bytes,sum:paths,paths,3.2.paths,"
                                             "avg:paths"))[1]["metricN"] == 2 and r,
            lambda: str(self.get("/activeflows/ALL/paths/json")))
        total, both, largest, second, _ = result
        self.assertEqual(total["metricN"], 1)
        self.assertNotIn("topKeys", total)
        # The same windows, so the same decay: values are as their bytes.
        self.assert_near(both["metricValue"] / largest["metricValue"],
                         (3 * IMAGES + PAGES) / (3 * IMAGES), 1e-3)
        self.assert_near(total["metricValue"] / largest["metricValue"], 6 / 3, 1e-3)
        self.assertEqual((largest["agent"], largest["dataSource"]), (SERVER, "3.1"))
        self.assertEqual([k["key"] for k in largest["topKeys"]], ["/img/2.png", "/img/1.png"])
        self.assertEqual(largest["topKeys"][0]["value"], largest["metricValue"])
        self.assertEqual([k["key"] for k in both["topKeys"]], ["/img/2.png", "/img/1.png"])
        self.assertEqual([k["key"] for k in second["topKeys"]], ["/"])
        self.check_flow_filters()
        self.check_flow_rows()

    def check_flow_filters(self):
        for query, count in (({"vir_host_name": "apache.1.*"}, 1), ({"host_name": "server"}, 2),
                             ({"host_name": "leaf1"}, 0)):
            self.assertEqual(self.value("ALL", "sum:paths", **query)[1], count, query)
        self.assertEqual(self.value("server", "paths")[1], 2)
        self.assertEqual(self.value("leaf1", "paths")[1], 0)
        flows = self.get("/activeflows/server/paths/json")
        self.assertEqual({f["agent"] for f in flows}, {SERVER})
        self.assertEqual(self.get("/activeflows/leaf1/paths/json"), [])

    def check_flow_rows(self):
        dump = self.get("/dump/ALL/paths/json")
        self.assertEqual([d["dataSource"] for d in dump], ["3.1", "3.2"])
        self.assertEqual([len(d["topKeys"]) for d in dump], [2, 1])
        rows = self.rows("vir_host_name,sort:paths:-1,host_name,http_method_get")
        self.assertEqual([(r[0], r[2], r[3]) for r in rows], [("apache.1.abc", "server", 50)])
        self.assertIn("paths", self.get("/metrics/json"))

    # ---- what is wrong ----

    def test_wrong(self):
        for path, words in (
                ("/metric/ALL/smu:ifinoctets/json", 'did you mean "sum"'),
                ("/metric/ALL/sum:/json", "names no metric"),
                ("/metric/ALL/a,,b/json", "names no metric"),
                ("/metric/ALL,/ifspeed/json", "agent: "),
                ("/metric/10.0.0/ifspeed/json", "neither an address nor"),
                ("/metric/ALL/ifspeed/json?os_name=", "os_name: the pattern is empty"),
                ("/metric/ALL/ifspeed/json?os_name=a%5C", "ends in a backslash"),
                ("/table/ALL/sort:a:x/json", '"x" is no number of rows'),
                ("/table/ALL/sort:a,sort:b/json", "not by both a and b"),
                ("/table/ALL/avg:a/json", '"avg:a": a column is a metric'),
                ("/dump/ALL/avg:a/json", "no statistics of single values"),
                ("/metric/ALL/max:a%0Ab/json", "not printable ASCII"),
                ("/metric/ALL/max:%FF/json", "not printable ASCII"),
                ("/metric/ALL/json", "more than one agent")):
            with self.subTest(path=path):
                self.assertIn(words, self.get(path, 400)["error"])
        self.assertIn("nobody", self.get("/metric/nobody/json", 404)["error"])

    # ---- weirctl ----

    def weirctl_prints(self, *words, code=0):
        url = f"http://{self.client.http.host}:{self.client.http.port}"
        process = weirtest.Process(self, "weirctl", [weirtest.WEIRCTL, *words, "--api", url],
                                   space=self.space)
        process.wait(code)
        return process.out() if code == 0 else process.err()

    def test_weirctl(self):
        lines = self.weirctl_prints("metric", "ALL", "sum:ifinoctets,load_one,nothing",
                                    "os_name=linux", "os_name=windows").splitlines()
        self.assertRegex(lines[1], r"^sum:ifinoctets +42000 +6 +- +- +\S+ m?s ago$")
        self.assertRegex(lines[2], rf"^load_one +4.25 +3 +{SERVER} +2.1 +\S+ m?s ago$")
        self.assertRegex(lines[3], r"^nothing +- +0 +- +- +-$")
        lines = self.weirctl_prints("metric", "ALL", "host_name,sort:ifinoctets:-2").splitlines()
        self.assertEqual([line.split() for line in lines],
                         [["host_name", "ifinoctets"], ["leaf2", "13000"], ["leaf2", "12000"]])
        self.assertRegex(self.weirctl_prints("metric", "leaf1"), r"(?m)^2\.1\.os_name +linux$")
        self.assertRegex(self.weirctl_prints("metric", "list"), r"(?m)^load_one +\S+ m?s ago$")
        got = json.loads(self.weirctl_prints("metric", "ALL", "ifspeed", "--json"))
        self.assertEqual(got[0]["metricValue"], SPEEDS[1])
        self.assertIn("did you mean",
                      self.weirctl_prints("metric", "ALL", "smu:ifspeed", code=2))
        self.assertIn("NAME=PATTERN",
                      self.weirctl_prints("metric", "ALL", "ifspeed", "linux", code=2))

    def test_cookbook(self):
        """What the cookbook asks of metrics is understood."""
        with open(os.path.join(weirtest.SOURCE, "docs", "cookbook.rst"), encoding="utf-8") as f:
            asked = re.findall(r"^    weirctl (metric .*)$", f.read(), re.MULTILINE)
        self.assertGreater(len(asked), 5)
        for words in asked:
            with self.subTest(words=words):
                self.weirctl_prints(*(w.strip("'") for w in words.split()))


if __name__ == "__main__":
    weirtest.main()
