#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The topology: from the configuration and over HTTP, in keys, filters and queries, and kept."""

import copy
import json

from test_definitions import Definitions
import traffic
import weirapi
import weirtest

CONFIG = """
window: 100ms
flows:
  - {{name: ports, keys: "agent,datasource", value: bytes, n: 10000, t: 0.2}}
  - {{name: edges, keys: "agent,datasource", value: frames, t: 0.2, aggMode: edge}}
  - {{name: links, keys: "link:inputifindex", value: bytes, n: 1000, t: 0.2}}
  - {{name: places, keys: "agent,inputifindex,null:[link:inputifindex]:edge", value: bytes, n: 10000,
      t: 0.2}}
  - {{name: entering, keys: "agent,inputifindex", value: bytes, t: 0.2,
      filter: "direction=ingress&link:inputifindex=null"}}
topology: {topology}
"""


class Topology(Definitions):

    def open(self, topology="", store=None, *args):
        config = self.path("topology.yaml", CONFIG.format(topology=topology))
        daemon, client = self.start(store, *args, config=config)
        weirtest.wait_until(lambda: client.ask("GET", "/agents/json")[0] == 200, daemon.story)
        return daemon, client

    def flows(self, client, name, agents="ALL", **parameters):
        """Flows of the newest window: {key: value}."""
        query = "&".join(f"{k}={v}" for k, v in {"maxFlows": 10000, **parameters}.items())
        return {f["key"]: f["value"] for f in
                client.want(200, "GET", f"/activeflows/{agents}/{name}/json?{query}")}

    def wait_flows(self, client, name, condition, **more):
        def look():
            found = self.flows(client, name, **more)
            return [found] if condition(found) else None
        return weirtest.wait_until(look, lambda: f"{name}: {self.flows(client, name, **more)}")[0]

    def make(self, client):
        """A topology of two agents that the traffic has, joined by their first ports."""
        found = self.wait_flows(client, "places", lambda f: len(f) > 20)
        ports = {}
        for key in found:
            agent, ifindex, _ = key.split(",")
            if ifindex.isdigit() and ifindex != "0":
                ports.setdefault(agent, set()).add(ifindex)
        (first, one), (second, other) = sorted(
            ((a, min(p, key=int)) for a, p in ports.items() if len(p) > 1))[:2]
        nodes = {name: {"agent": agent, "ports": {"up": {"ifindex": port}}}
                 for name, agent, port in (("one", first, one), ("two", second, other))}
        links = {"the link": {"node1": "one", "port1": "up", "node2": "two", "port2": "up"}}
        return {"nodes": nodes, "links": links}, {(first, one), (second, other)}

    def test_put(self):
        """No topology, one, and another; what is wrong changes nothing."""
        daemon, client = self.open()
        self.assertEqual(client.want(200, "GET", "/topology/json"), {"nodes": {}, "links": {}})
        self.assertEqual(self.flows(client, "links"), {})
        self.assertIn("there is none", str(
            client.want(400, "GET", "/activeflows/EDGE/ports/json")))
        self.assertIn("there is none", str(
            client.want(400, "GET", "/activeflows/ALL/ports/json?aggMode=core")))
        topology, ends = self.make(client)
        client.want(204, "PUT", "/topology/json", topology)
        got = client.want(200, "GET", "/topology/json")
        version = got.pop("version")
        self.assertEqual(got, topology)
        self.wait_flows(client, "links", lambda f: set(f) == {"the link"})
        want = {f"{agent},{port},the link" for agent, port in ends}
        self.wait_flows(
            client, "places", lambda f: {k for k in f if not k.endswith(",edge")} == want)
        self.wait_flows(client, "entering",
                        lambda f: f and not {f"{a},{p}" for a, p in ends} & set(f))
        self.check_places(client, ends)
        wrong = copy.deepcopy(topology)
        wrong["links"]["the link"]["node1"] = "tow"
        answer = client.want(400, "PUT", "/topology/json", wrong)
        self.assertIn("links.the link.node1", answer["error"])
        self.assertIn('did you mean \\"two\\"', json.dumps(answer))
        self.assertEqual(client.want(200, "GET", "/topology/json")["version"], version)
        client.want(204, "PUT", "/topology/json", {})
        self.assertGreater(client.want(200, "GET", "/topology/json")["version"], version)
        self.wait_flows(client, "links", lambda f: not f)
        self.summary(daemon)

    def check_places(self, client, ends):
        """Edge ports are summed, ends of links are the core, and other agents are neither."""
        agents = {agent for agent, _ in ends}
        every = self.wait_flows(client, "ports", lambda f: len(f) > 20)
        core = {f"{agent},{port}" for agent, port in ends}
        topology = {k for k in every if k.split(",")[0] in agents}
        for name, want in (("TOPOLOGY", topology), ("CORE", core), ("EDGE", topology - core)):
            self.wait_flows(client, "ports", lambda f, w=want: set(f) == w, agents=name)
        self.wait_flows(client, "edges", lambda f: set(f) == topology - core)
        for mode, want in (("core", core), ("edge", topology - core)):
            self.wait_flows(client, "ports", lambda f, w=want: set(f) == w, aggMode=mode)
            client.want(204, "PUT", f"/flow/{mode}/json", {
                "keys": "agent,datasource", "value": "bytes", "t": 0.2, "aggMode": mode.upper()})
            self.assertEqual(client.want(200, "GET", f"/flow/{mode}/json")["aggMode"], mode)
            self.wait_flows(client, mode, lambda f, w=want: set(f) == w)
            # What a query says goes before it.
            self.wait_flows(client, mode, lambda f, w=want: set(f) > w, aggMode="max")

    def test_agents(self):
        """aggMode AGENT: the ports of an agent are one place, which is at no place of its own."""
        daemon, client = self.open()
        client.want(204, "PUT", "/topology/json", self.make(client)[0])
        client.want(204, "PUT", "/threshold/any/json", {"metric": "pooled", "value": 0})
        client.want(204, "PUT", "/flow/pooled/json", {
            "keys": "null:ipprotocol", "value": "frames", "t": 0.2, "aggMode": "agent"})
        self.assertEqual(client.want(200, "GET", "/flow/pooled/json")["aggMode"], "AGENT")
        agents = set(client.want(200, "GET", "/agents/json"))
        found = weirtest.wait_until(
            lambda: client.want(200, "GET", "/activeflows/ALL/pooled/json"), daemon.story)
        for flow in found:
            self.assertEqual(flow["dataSource"], "")
            self.assertIn(flow["agent"], agents)
            self.assertLessEqual(flow["flowN"], len(agents))
        top = found[0]
        path = f"/{top['agent']}/pooled/json?key={top['key']}"
        self.assertEqual(client.want(200, "GET", "/flowvalue" + path)["dataSource"], "")
        self.assertEqual(len(client.want(200, "GET", "/flowlocations" + path)), 1)
        client.want(404, "GET", f"/flowvalue/{top['agent']}/1.pooled/json?key={top['key']}")
        self.assertIn("agent together", str(
            client.want(400, "GET", "/activeflows/ALL/pooled/json?aggMode=edge")))
        client.want(400, "GET", "/activeflows/ALL/pooled/json?aggMode=AGENT")
        event = weirtest.wait_until(
            lambda: client.want(200, "GET", "/events/json?thresholdID=any"), daemon.story)[0]
        self.assertEqual(event["dataSource"], "")
        self.assertIn(event["agent"], agents)
        self.summary(daemon)

    def test_learned(self):
        """Without nodes: by the names that agents and their interfaces have."""
        path = self.path("named.pcap")
        with open(path, "wb") as f:
            f.write(traffic.capture(3, 200, (
                traffic.names("10.255.0.1", "leaf1", {48: "swp48", 47: "swp47"}),
                traffic.names("10.255.0.2", "spine1", {1: "swp1"}))))
        daemon = self.weir("-c", self.path("topology.yaml", CONFIG.format(topology="")), "--pcap",
                           path, "--loop", "--redis", "", "--api", "127.0.0.1:0")
        client = weirapi.Client(self, daemon)
        topology = {"links": {"up": {"node1": "leaf1", "port1": "swp48",
                                     "node2": "spine1", "port2": "swp1"}}}
        client.want(204, "PUT", "/topology/json", topology)
        version = client.want(200, "GET", "/topology/json")["version"]
        self.wait_flows(client, "ports", lambda f: set(f) == {"10.255.0.1,48", "10.255.0.2,1"},
                        agents="CORE")
        self.wait_flows(client, "links", lambda f: set(f) == {"up"})
        self.assertEqual(client.want(200, "GET", "/topology/json"), topology | {"version": version})
        topology["links"]["up"]["port1"] = "swp47"
        client.want(204, "PUT", "/topology/json", topology)
        self.wait_flows(client, "ports", lambda f: set(f) == {"10.255.0.2,1"}, agents="CORE")
        self.summary(daemon)

    def test_configuration(self):
        """In the configuration itself, in a JSON file and in a YAML file it is the same."""
        daemon, client = self.open()
        topology, _ = self.make(client)
        daemon.stop()
        text = json.dumps(topology)
        yaml = "nodes:\n" + "".join(
            f"  {name}:\n    agent: '{node['agent']}'\n    ports: {{up: {{ifindex: "
            f"{node['ports']['up']['ifindex']}}}}}\n" for name, node in topology["nodes"].items())
        yaml += "links:\n  the link: {node1: one, port1: up, node2: two, port2: up}\n"
        for form in (text, self.path("topology.json", text), self.path("topology.yml", yaml)):
            with self.subTest(form=form):
                daemon, client = self.open(form)
                got = client.want(200, "GET", "/topology/json")
                del got["version"]
                self.assertEqual(got, topology)
                self.wait_flows(client, "links", lambda f: set(f) == {"the link"})
                daemon.stop()

    def test_wrong(self):
        bad = self.path("bad.json", '{"nodes": {"a": {"agent": "x"}}}')
        cut = self.path("cut.json", '{"nodes": ')
        yaml = self.path("bad.yml", "nodes: {a: {agnet: 192.0.2.1}}\n")
        for topology, words in (
                ("{nodes: {a: {agent: x}}}", ["topology.yaml:", "nodes.a.agent", "IP address"]),
                (bad, ["bad.json: nodes.a.agent", "IP address"]),
                (cut, ["cut.json: line 1, column 10"]),
                (yaml, ["bad.yml: nodes.a", "did you mean \"agent\""]),
                ("/nonexistent/file", ["/nonexistent/file", "No such file"]),
                ("[a]", ["topology.yaml:", "a list is given"])):
            with self.subTest(topology=topology):
                config = self.path("topology.yaml", CONFIG.format(topology=topology))
                process = self.weir("-c", config, "--check")
                process.popen.wait(30)
                self.assertIn(process.popen.returncode, (1, 2))
                for word in words:
                    self.assertIn(word, process.err())

    def test_kept(self):
        """What was put goes before the configuration at the next start."""
        store = self.redis()
        daemon, client = self.open("{nodes: {old: {agent: 192.0.2.1}}}", store)
        topology, _ = self.make(client)
        client.want(204, "PUT", "/topology/json", topology)
        with store.client() as redis:
            weirtest.wait_until(lambda: redis.hget("weir:config:topology", "topology"),
                                daemon.story)
        daemon.stop()
        daemon, client = self.open("{nodes: {old: {agent: 192.0.2.1}}}", store)
        got = client.want(200, "GET", "/topology/json")
        del got["version"]
        self.assertEqual(got, topology)
        self.assertIn("put at run time", daemon.err())
        self.wait_flows(client, "links", lambda f: set(f) == {"the link"})
        daemon.stop()
        with store.client() as redis:
            redis.hset("weir:config:topology", "topology", '{"links": 7}')
        daemon, client = self.open("{nodes: {old: {agent: 192.0.2.1}}}", store)
        self.assertIn("old", client.want(200, "GET", "/topology/json")["nodes"])
        self.assertIn("left out: links: must be an object", daemon.err())
        daemon.stop()


if __name__ == "__main__":
    weirtest.main()
