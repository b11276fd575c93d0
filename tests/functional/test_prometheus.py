#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What the API says to Prometheus: read by promtool, and scraped by a real server."""

import json
import os
import re
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import weirapi
import weirtest

FLOWS = ("/prometheus/flows/ALL/txt?metric=pairs&key=ipsource,ipdestination&label=from,to"
         "&value=bytes&scale=8&minValue=0&maxFlows=1000&n=50&t=1")
ANALYZER = "/prometheus/analyzer/txt"
ALIAS = "/app/prometheus/scripts/export.js"
LINE = re.compile(r'^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)')


def parse(text):
    """{name: {labels: value}} of an exposition; samples of a name have to be together and single."""
    families, last, types = {}, None, {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            name, kind = line.split()[2:]
            assert name not in types, line
            types[name] = kind
        if line.startswith("#"):
            continue
        name, labels, value = LINE.match(line).groups()
        assert LABEL.sub("", labels or "") == "", line
        assert name == last or name not in families, f"{name} in two places"
        assert name in types, f"no type of {name}"
        labels = tuple(LABEL.findall(labels or ""))
        assert labels not in families.get(name, {}), f"twice: {line}"
        families.setdefault(name, {})[labels] = float(value)
        last = name
    return families


class PrometheusTest(weirtest.Case):

    FLOWS = ("--datagrams", "300", "--seed", "3")
    METRICS = ("--datagrams", "400", "--seed", "3", "--counters", "1", "--port-names", "--hosts",
               "0.5", "--service", "apache=2..3")
    DATAGRAMS = 400  # all of either have come once

    def serve(self, *args, prefix="sflow_", traffic=FLOWS):
        capture, _ = self.make_capture("in.pcap", *traffic)
        daemon = self.weir("-c", weirtest.CONFIG, "--pcap", capture, "--loop", "--redis", "",
                           "--api", "127.0.0.1:0", "--window", "100ms", "--set",
                           f"prometheus.prefix={prefix}", *args)
        weirtest.wait_until(lambda: weirapi.LISTENING.search(daemon.err()), daemon.story)
        where = "%s:%s" % weirapi.LISTENING.search(daemon.err()).groups()
        weirtest.wait_until(lambda: self.datagrams(where) >= self.DATAGRAMS, daemon.story)
        return daemon, where

    def datagrams(self, where):
        """That a window has told of; the first one can be over before any has come."""
        status, _, text = self.ask(where, "/analyzer/json", "writer")
        return json.loads(text)["counters"]["sflow_datagrams"] if status == 200 else 0

    def ask(self, where, path, token=None):
        """Status, content type and text."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        request = urllib.request.Request(f"http://{where}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=weirtest.TIMEOUT) as answer:
                return answer.status, answer.headers["Content-Type"], answer.read().decode()
        except urllib.error.HTTPError as e:
            with e:
                return e.code, e.headers["Content-Type"], e.read().decode()

    def page(self, where, path):
        status, kind, text = self.ask(where, path)
        self.assertEqual(status, 200, text)
        self.assertEqual(kind, "text/plain; version=0.0.4; charset=utf-8")
        return text

    def families(self, where, path):
        return parse(self.page(where, path))

    def wait_families(self, where, path, name):
        """Until a page has samples of that name."""
        return weirtest.wait_until(lambda: self.families(where, path).get(name)
                                   and self.families(where, path), f"{name} in {path}")

    def lint(self, where, path):
        """promtool has nothing to say about a page."""
        weirtest.need_program("promtool")
        done = subprocess.run(["promtool", "check", "metrics"], input=self.page(where, path),
                              capture_output=True, text=True, check=False,
                              timeout=weirtest.TIMEOUT)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""), path)


class Pages(PrometheusTest):

    def test_analyzer(self):
        """Every counter of the collector, with its name, unit and kind."""
        daemon, where = self.serve()
        self.lint(where, ANALYZER)
        families = self.families(where, ANALYZER)
        with urllib.request.urlopen(f"http://{where}/analyzer/json") as answer:
            counters = json.load(answer)["counters"]
        self.assertEqual(len(families), len(counters) + 3)
        self.assertEqual(families["sflow_analyzer_agents"], {(): counters["agents"]})
        self.assertGreater(families["sflow_analyzer_sflow_datagrams_total"][()], 0)
        self.assertIn(("collector", "version"), [tuple(sorted(k for k, _ in labels))
                                                 for labels in families["sflow_analyzer_info"]])
        self.assertEqual(set(families), set(self.families(where, ALIAS + "/analyzer/txt")))
        self.check_units(self.page(where, ANALYZER))
        daemon.stop()

    def check_units(self, text):
        """They are in # HELP, and as docs/prometheus.rst has them."""
        units = dict(re.findall(r"(?m)^# HELP sflow_analyzer_(\S+) .*\((\w+)\)\.$", text))
        self.assertEqual(units["time_seconds"], "seconds")
        with open(os.path.join(weirtest.SOURCE, "docs", "prometheus.rst"), encoding="utf-8") as f:
            page = " ".join(f.read().split())
        short = {"ms": "milliseconds", "µs": "microseconds"}
        for names, unit in (("``publish_age`` is", "ms"),
                            ("``publish_lag`` and ``aggregate_late``", "µs")):
            self.assertIn(f"{names} in {unit}", page)
            self.assertEqual({units[name] for name in re.findall(r"``(\w+)``", names)},
                             {short[unit]})

    def test_prefix(self):
        daemon, where = self.serve(prefix="")
        self.assertIn("analyzer_agents", self.families(where, ANALYZER))
        self.lint(where, ANALYZER)
        daemon.stop()

    def test_flows(self):
        """The first scrape defines them; those that ask for the same share it."""
        daemon, where = self.serve()
        api = weirapi.Client(self, daemon)
        before = set(api.list())
        self.page(where, FLOWS)
        made = set(api.list()) - before
        self.assertEqual(len(made), 1)
        spec = api.list()[made.pop()]
        self.assertEqual(spec, spec | {"keys": "ipsource,ipdestination", "value": "bytes",
                                       "n": 50, "t": 1, "ttl": 300, "aggMode": "max"})
        flows = self.wait_families(where, FLOWS, "sflow_pairs")["sflow_pairs"]
        self.assertEqual({tuple(k for k, _ in labels) for labels in flows}, {("from", "to")})
        self.page(where, FLOWS.replace("/prometheus", ALIAS, 1).replace("scale=8", "scale=1"))
        self.assertEqual(len(api.list()), len(before) + 1)
        self.lint(where, FLOWS)
        self.page(where, FLOWS + "&dropped=true")
        self.assertEqual(len(api.list()), len(before) + 2)
        self.assertIn("sum", [f["aggMode"] for f in api.list().values()])
        daemon.stop()

    def test_flows_total(self):
        """Without a key there is one value, and no label."""
        daemon, where = self.serve()
        path = "/prometheus/flows/ALL/txt?name=all-frames&value=frames"
        self.assertEqual(set(self.wait_families(where, path, "sflow_all_frames")
                             ["sflow_all_frames"]), {()})
        self.lint(where, path)
        daemon.stop()

    def test_flows_wrong(self):
        daemon, where = self.serve()
        flows = "/prometheus/flows/ALL/txt?"
        for query, words in (
                ("value=bytes", '"metric" is missing'),
                ("metric=a", '"value" is missing'),
                ("metric=a&value=bytes&key=ipsorce", 'did you mean'),
                ("metric=a&value=bytes&key=ipsource&label=a,b", "2 labels for 1 keys"),
                ("metric=a&value=bytes&key=ipsource,ipsource", "label of two keys"),
                ("metric=a&value=bytes&key=ipsource&t=abc", "is no number"),
                ("metric=a&value=bytes&key=ipsource&filter=%ff", "UTF-8"),
                ("metric=a&value=bytes&aggmode=max", 'did you mean "aggMode"'),
                ("metric=a&value=bytes&key=" + ",".join(["ipsource"] * 50), "longer ones")):
            with self.subTest(query=query):
                status, _, text = self.ask(where, flows + query)
                self.assertEqual(status, 400, text)
                self.assertIn(words, json.loads(text)["error"])
        daemon.stop()

    def test_reader(self):
        """Who may only read cannot define flows, but scrape them."""
        daemon, where = self.serve("--set", "api.token=writer", "--set", "api.read_token=reader")
        self.assertEqual(self.ask(where, FLOWS)[0], 401)
        self.assertEqual(self.ask(where, FLOWS, "reader")[0], 403)
        self.assertEqual(self.ask(where, FLOWS, "writer")[0], 200)
        self.assertEqual(self.ask(where, FLOWS, "reader")[0], 200)
        daemon.stop()


INTERFACES = "/prometheus/metrics/ALL/ifinoctets,ifspeed,ifname,mem_total,load_one/txt"


class Metrics(PrometheusTest):
    """The values of data sources; those of the store are those of /dump."""

    def dump(self, where, metrics):
        """{name: {(agent, data source): value}} of numbers."""
        with urllib.request.urlopen(f"http://{where}/dump/ALL/{metrics}/json") as answer:
            values = json.load(answer)
        found = {}
        for v in values:
            if not isinstance(v["metricValue"], str):
                found.setdefault(v["metricName"], {})[v["agent"], v["dataSource"]] = \
                    v["metricValue"]
        return found

    def places(self, where, name):
        """{(agent, data source): value} of a page."""
        found = self.families(where, INTERFACES).get("sflow_" + name, {})
        return {(dict(labels)["agent"], dict(labels)["datasource"]): value
                for labels, value in found.items()}

    def settle(self, where):
        """
        Until hosts and interfaces are there, and both ways tell the same: what replays of the same say
        does not change then.
        """
        def same():
            labels = [dict(labels) for labels in
                      self.families(where, INTERFACES).get("sflow_ifspeed", {})]
            return len(labels) > 10 and any("host" in found for found in labels) \
                and self.places(where, "ifspeed") == self.dump(where, "ifspeed")["ifspeed"]
        weirtest.wait_until(same, "metrics")

    def test_values(self):
        daemon, where = self.serve(traffic=self.METRICS)
        self.settle(where)
        self.lint(where, INTERFACES)
        families = self.families(where, INTERFACES)
        labels = [dict(labels) for labels in families["sflow_ifspeed"]]
        self.assertEqual({tuple(sorted(found)) for found in labels if "host" in found},
                         {("agent", "datasource", "host", "ifname")})
        self.assertTrue(all(re.fullmatch(r"swp\d+|eth\d+", found["ifname"]) for found in labels))
        self.assertNotIn("sflow_ifname", families)
        alias = self.families(where, ALIAS + INTERFACES.removeprefix("/prometheus"))
        self.assertEqual(set(alias), set(families))
        daemon.stop()

    def test_filter(self):
        daemon, where = self.serve(traffic=self.METRICS)
        self.settle(where)
        one = next(iter(self.dump(where, "ifspeed")["ifspeed"]))
        page = f"/prometheus/metrics/{one[0]}/ifspeed/txt?ifindex={one[1]}"
        found = self.families(where, page)["sflow_ifspeed"]
        self.assertEqual([{k: v for k, v in labels if k in ("agent", "datasource")}
                          for labels in found], [{"agent": one[0], "datasource": one[1]}])
        self.assertEqual(self.page(where, "/prometheus/metrics/ALL/ifspeed/txt?ifindex=none"), "")
        for path, words in (("/prometheus/metrics/AL/ifspeed/txt", "did you mean"),
                            ("/prometheus/metrics/ALL/,/txt", "names no metric")):
            status, _, text = self.ask(where, path)
            self.assertEqual(status, 400, text)
            self.assertIn(words, text)
        daemon.stop()

    def test_all(self):
        """Every metric that there is, each once."""
        daemon, where = self.serve(traffic=self.METRICS)
        self.settle(where)
        page = "/prometheus/metrics/ALL/ALL/txt"
        dump = self.dump(where, "ALL")
        families = self.families(where, page)
        self.assertLessEqual({f"sflow_{name}" for name in dump}, set(families))
        guests = [dict(labels) for name in families if name.startswith("sflow_vir_")
                  for labels in families[name]]
        self.assertEqual({g.get("swarm_name") for g in guests}, {"apache"})
        self.lint(where, page)
        daemon.stop()

    def test_statistics(self):
        daemon, where = self.serve(traffic=self.METRICS)
        self.settle(where)
        page = "/statistics/fabric/ALL/max:ifspeed,sum:ifspeed,ifspeed,any:ifadminstatus/txt"
        families = self.families(where, "/prometheus" + page)
        values = self.dump(where, "ifspeed")["ifspeed"].values()
        self.assertEqual(families, {
            "sflow_max_ifspeed": {(("group", "fabric"),): max(values)},
            "sflow_sum_ifspeed": {(("group", "fabric"),): sum(values)}})
        self.lint(where, ALIAS + page)
        self.check_group(where, daemon)
        daemon.stop()

    def check_group(self, where, daemon):
        """The group is whatever one calls it, and places are known without another's question."""
        agent = next(iter(self.dump(where, "ifspeed")["ifspeed"]))[0]
        topology = {"nodes": {"one": {"agent": agent, "ports": {}}}, "links": {}}
        weirapi.Client(self, daemon).want(204, "PUT", "/topology/json", topology)
        page = "/prometheus/statistics/gr%C3%BCn/TOPOLOGY/max:ifspeed/txt"
        weirtest.wait_until(lambda: self.ask(where, page)[0] == 200, page)
        found = self.wait_families(where, page, "sflow_max_ifspeed")["sflow_max_ifspeed"]
        self.assertEqual(list(found), [(("group", "grün"),)])
        for group in ("%FF", "a%0Ab"):
            status, _, text = self.ask(where, page.replace("gr%C3%BCn", group))
            self.assertEqual(status, 400, text)
            self.assertIn("group: ", text)


class Server(PrometheusTest):
    """A Prometheus of this test's own."""

    def prometheus(self, where):
        """Start it, for weir's pages; its address."""
        weirtest.need_program("prometheus")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = "127.0.0.1:%d" % free.getsockname()[1]
        flows = urllib.parse.urlsplit(FLOWS)
        jobs = [{"job_name": "analyzer", "metrics_path": ANALYZER},
                {"job_name": "flows", "metrics_path": flows.path,
                 "params": urllib.parse.parse_qs(flows.query)},
                {"job_name": "interfaces", "metrics_path": INTERFACES}]
        for job in jobs:
            job["static_configs"] = [{"targets": [where]}]
        config = self.path("prometheus.yml", json.dumps({
            "global": {"scrape_interval": "500ms", "scrape_timeout": "500ms"},
            "scrape_configs": jobs}))
        weirtest.sh("promtool", "check", "config", config)
        server = weirtest.Process(self, "prometheus", [
            "prometheus", f"--config.file={config}", f"--storage.tsdb.path={self.path('tsdb')}",
            f"--web.listen-address={address}", "--log.level=warn"])
        return server, address

    def query(self, server, address, text):
        """Series of a query: [(labels, value)]; [] while the server starts."""
        if not server.running():
            raise AssertionError(server.story())
        url = f"http://{address}/api/v1/query?" + urllib.parse.urlencode({"query": text})
        try:
            with urllib.request.urlopen(url, timeout=weirtest.TIMEOUT) as answer:
                result = json.load(answer)["data"]["result"]
        except (urllib.error.URLError, ConnectionError):
            return []
        return [(series["metric"], float(series["value"][1])) for series in result]

    def wait_query(self, server, address, text, enough=bool):
        return weirtest.wait_until(
            lambda: (found := self.query(server, address, text)) and enough(found) and found,
            lambda: f"{text}\n{self.query(server, address, 'up')}\n{server.story()}")

    def test_rules(self):
        """The alarms are rules that Prometheus takes, of counters that are there, and are explained."""
        weirtest.need_program("promtool")
        rules = os.path.join(weirtest.SOURCE, "config", "prometheus-rules.yml")
        weirtest.sh("promtool", "check", "rules", rules)
        with open(rules, encoding="utf-8") as f:
            text = f.read()
        with open(os.path.join(weirtest.SOURCE, "docs", "operations.rst"), encoding="utf-8") as f:
            page = f.read()
        for alert in re.findall(r"alert: (\w+)", text):
            self.assertTrue(f"``{alert}``" in page, alert)
        daemon, where = self.serve()
        shown = self.page(where, ANALYZER)
        daemon.stop()
        names = set(re.findall(r"sflow_analyzer_\w+", text)) - {"sflow_analyzer_rx_"}
        self.assertGreater(len(names), 8)
        for name in names | {"sflow_analyzer_rx_0_busy"}:
            self.assertTrue(f"\n{name} " in shown, name)

    def test_example(self):
        """The example is one that Prometheus takes, and its pages are there."""
        weirtest.need_program("promtool")
        config = os.path.join(weirtest.SOURCE, "config", "prometheus.yml")
        weirtest.sh("promtool", "check", "config", config)
        with open(config, encoding="utf-8") as f:
            paths = re.findall(r"metrics_path: (\S+)", f.read())
        with open(os.path.join(weirtest.SOURCE, "docs", "openapi.json"), encoding="utf-8") as f:
            known = [re.sub(r"{\w+}", r"[^/]+", path) for path in json.load(f)["paths"]]
        self.assertGreater(len(paths), 1)
        for path in paths:
            self.assertTrue(any(re.fullmatch(k, path) for k in known), path)

    def test_example_tls(self):
        """So is what a job needs for TLS and a token, on the page and in the example's comments."""
        weirtest.need_program("promtool")
        texts = []
        for name in ("docs/prometheus.rst", "config/prometheus.yml"):
            with open(os.path.join(weirtest.SOURCE, name), encoding="utf-8") as f:
                texts.append(f.read())
        page = re.search(r"::\n\n( +)(scrape_configs:\n.*?)\n(?!\1)", texts[0], re.S)
        for text in (page[2].replace("\n" + page[1], "\n"), re.sub(r"(?m)^    # ", "    ", texts[1])):
            text = re.sub(r"(?m)^ +Where the API.*\n", "", text)
            for word in ("scheme: https", "tls_config:", "ca_file:", "credentials_file:"):
                self.assertIn(word, text)
            weirtest.sh("promtool", "check", "config", "--syntax-only",
                        self.path("prometheus.yml", text))

    def test_scrape(self):
        daemon, where = self.serve(traffic=self.METRICS)
        flows = self.wait_families(where, FLOWS, "sflow_pairs")["sflow_pairs"]
        server, address = self.prometheus(where)

        self.wait_query(server, address, "sflow_analyzer_sflow_datagrams_total > 0")
        agents = self.wait_query(server, address, "sflow_analyzer_agents")
        self.assertEqual(agents[0][1], self.families(where, ANALYZER)["sflow_analyzer_agents"][()])
        rate = self.wait_query(server, address,
                               "rate(sflow_analyzer_ingress_packets_total[10s]) > 0")
        self.assertEqual(rate[0][0]["job"], "analyzer")
        self.wait_query(server, address, "sflow_pairs", lambda found: len(found) >= len(flows))
        got = {(s["from"], s["to"]) for s, _ in self.query(server, address, "sflow_pairs")}
        self.assertLessEqual({tuple(v for _, v in labels) for labels in flows}, got)
        self.assertEqual([v for _, v in self.query(server, address, "up")], [1, 1, 1])
        speeds = self.families(where, INTERFACES)["sflow_ifspeed"]
        self.wait_query(server, address, "sflow_ifspeed", lambda found: len(found) == len(speeds))
        got = {(s["agent"], s["datasource"]): value
               for s, value in self.query(server, address, "sflow_ifspeed")}
        self.assertEqual(got, {(dict(labels)["agent"], dict(labels)["datasource"]): value
                               for labels, value in speeds.items()})
        server.stop()
        daemon.stop()


if __name__ == "__main__":
    weirtest.main()
