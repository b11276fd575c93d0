#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The HTTP API of the real daemon: every path of its document, access, and bad requests."""

import http.client
import json
import os
import re
import ssl
import urllib.error
import urllib.request

import jsonschema

import weirtest

LISTENING = re.compile(r"HTTP API at (https?)://(\S+):(\d+)/")


class Api:
    """The API of a daemon that a test has started with --api ...:0."""

    def __init__(self, daemon, token=None, cert=None):
        self.daemon, self.token = daemon, token
        weirtest.wait_until(lambda: LISTENING.search(daemon.err()), daemon.story)
        self.scheme, self.host, self.port = LISTENING.search(daemon.err()).groups()

        self.tls = None
        if self.scheme == "https":
            self.tls = ssl.create_default_context(cafile=cert)
            self.tls.check_hostname = False

    def ask(self, path, method="GET", body=None, headers=None):
        """Status, content type and text of the answer."""
        headers = dict(headers or {})
        if self.token:
            headers.setdefault("Authorization", "Bearer " + self.token)
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.scheme}://{self.host}:{self.port}{path}",
                                         data=data, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=weirtest.TIMEOUT,
                                        context=self.tls) as answer:
                return (answer.status, answer.headers.get_content_type(),
                        answer.read().decode("ascii"))
        except urllib.error.HTTPError as e:
            with e:
                return e.code, e.headers.get_content_type(), e.read().decode("ascii")

    def get(self, path, status=200):
        """The JSON of an answer that has to have that status."""
        got, kind, text = self.ask(path)
        if got != status or kind != "application/json":
            raise AssertionError(f"{path}: {got} {kind}: {text}")
        return json.loads(text)


class ApiTest(weirtest.Case):
    WINDOW = "100ms"
    TRAFFIC = ("--datagrams", "200", "--seed", "5")

    def serve(self, *args):
        """A daemon that replays a capture, with its API."""
        capture, _ = self.make_capture("in.pcap", *self.TRAFFIC)
        daemon = self.weir("-c", weirtest.CONFIG, "--pcap", capture, "--loop", "--redis", "",
                           "--api", "127.0.0.1:0", "--window", self.WINDOW, *args)
        self.addCleanup(daemon.stop)
        return daemon


class Server(ApiTest):
    def test_version(self):
        api = Api(self.serve())
        want = self.weir("--version").wait().split()[1]
        self.assertEqual(api.ask("/version"), (200, "text/plain", want + "\n"))
        self.assertEqual(api.ask("/version", "HEAD"), (200, "text/plain", ""))

    def test_document(self):
        """The committed document is that of the code, and that of the server."""
        api = Api(self.serve())
        with open(os.path.join(weirtest.SOURCE, "docs", "openapi.json"), encoding="utf-8") as f:
            text = f.read()
        self.assertEqual(self.weir("--print-api").wait(), text, "stale: make docs")
        self.assertEqual(api.get("/api-docs"), json.loads(text))

    def test_flows(self):
        api = Api(self.serve())
        flows = api.get("/flow/json")
        self.assertIn("pairs", flows)
        self.assertEqual(api.get("/flow/pairs/json"), flows["pairs"])
        self.assertEqual(flows["pairs"]["keys"], "ipsource,ipdestination")
        self.assertIn('did you mean "pairs"', api.get("/flow/pair/json", 404)["error"])


def resolve(document, schema):
    """A schema that stands alone: with all that it may refer to."""
    return {"components": document["components"], **schema}


class Document(ApiTest):
    """Every path of the document answers as it says."""

    TRAFFIC = ("--datagrams", "200", "--seed", "5", "--counters", "0.02")
    QUERIES = {"/flowvalue/{agent}/{metric}/json", "/flowlocations/{agent}/{name}/json"}

    def setUp(self):
        super().setUp()
        self.api = Api(self.serve())
        self.document = self.api.get("/api-docs")
        # What some path says of a flow that is there; until one is, in the first window.
        path = "/activeflows/ALL/pairs/json?maxFlows=1"
        weirtest.wait_until(lambda: self.api.ask(path)[0] == 200 and self.api.get(path),
                            "a first flow")
        self.flow = self.api.get(path)[0]
        path = "/dump/ALL/ifinoctets/json"
        weirtest.wait_until(lambda: self.api.get(path), "a first rate")
        self.metric = self.api.get(path)[0]

    def fill(self, path):
        """The path with names of things that are there."""
        names = {"agent": "ALL", "agents": "ALL", "name": "pairs", "group": "all",
                 "metric": self.flow["dataSource"] + ".pairs",
                 "metrics": "ALL,pairs", "columns": "null:pairs,sort:ifindex,null:no_such",
                 "statistics": "ifinoctets,os_name,med:ifspeed,sum:pairs,10.pairs,no_such"}
        if path == "/metric/{agent}/json":
            names["agent"] = self.metric["agent"]
        kind = path.split("/")[1]
        if "{name}" in path and f"/{kind}/json" in self.document["paths"]:
            names["name"] = next(iter(self.api.get(f"/{kind}/json")), "nothing")
        filled = re.sub(r"{(\w+)}", lambda m: names[m.group(1)], path)
        if path.endswith("/flows/{agent}/txt"):
            return filled + "?metric=pairs&value=bytes"
        return filled + (f"?key={self.flow['key']}" if path in self.QUERIES else "")

    def check(self, path, answers, status, kind, text):
        self.assertIn(str(status), answers, path)
        content = answers[str(status)].get("content", {})
        self.assertIn(kind, content, f"{path}: {status}: {text}")
        schema = content[kind]["schema"]
        value = json.loads(text) if kind == "application/json" else text
        jsonschema.Draft202012Validator(resolve(self.document, schema)).validate(value)

    def test_schemas(self):
        """What is referred to is there, and is JSON Schema."""
        for name, schema in self.document["components"]["schemas"].items():
            with self.subTest(schema=name):
                jsonschema.Draft202012Validator.check_schema(schema)
        for name in re.findall(r"#/components/schemas/(\w+)", json.dumps(self.document)):
            self.assertIn(name, self.document["components"]["schemas"])

    def test_every_path(self):
        for path, methods in self.document["paths"].items():
            if "get" not in methods:
                continue
            answers = methods["get"]["responses"]
            if path == "/capacity/json":
                continue  # needs Redis: test_capacity.py
            if "text/event-stream" in answers["200"]["content"]:
                continue  # does not end
            with self.subTest(path=path):
                filled = self.fill(path)
                status, kind, text = self.api.ask(filled)
                self.assertIn(status, (200, 404) if "nothing" in filled else (200,), text)
                self.check(path, answers, status, kind, text)

    def test_wrong_parameters(self):
        """A parameter that is wrong is refused as the document says."""
        for path, methods in self.document["paths"].items():
            get = methods.get("get")
            if not get or "parameters" not in get:
                continue
            if not any(p["in"] == "query" for p in get["parameters"]):
                continue
            with self.subTest(path=path):
                filled = self.fill(path)
                free = any(p["name"] == "filter" and p.get("explode") for p in get["parameters"])
                filled += ("&" if "?" in filled else "?") + ("os_name=" if free else "nonsense=1")
                status, kind, text = self.api.ask(filled)
                self.assertEqual(status, 400, text)
                self.check(path, get["responses"], status, kind, text)


class FlowsTest(ApiTest):
    def setUp(self):
        super().setUp()
        self.api = Api(self.serve())
        path = "/activeflows/ALL/pairs/json"
        weirtest.wait_until(lambda: self.api.ask(path)[0] == 200 and self.api.get(path),
                            "a first flow")


class Flows(FlowsTest):
    def test_largest_first(self):
        weirtest.wait_until(
            lambda: len(self.api.get("/activeflows/ALL/tcp/json?maxFlows=1000")) > 100,
            "more flows than are told without maxFlows")
        flows = self.api.get("/activeflows/ALL/tcp/json")
        values = [f["value"] for f in flows]
        self.assertEqual(len(flows), 100)  # the default of maxFlows
        self.assertEqual(values, sorted(values, reverse=True))
        self.assertEqual(len({f["key"] for f in flows}), 100)
        self.assertEqual(len(self.api.get("/activeflows/ALL/tcp/json?maxFlows=7")), 7)

    def test_filter(self):
        key = self.api.get("/activeflows/ALL/pairs/json?maxFlows=1")[0]["key"]
        source, destination = key.split(",")
        for text, at, want in ((source, 0, source), ("," + destination, 1, destination)):
            found = self.api.get(f"/activeflows/ALL/pairs/json?filter={text}")
            self.assertEqual({f["key"].split(",")[at] for f in found}, {want})
        self.assertEqual(self.api.get("/activeflows/ALL/pairs/json?filter=nobody"), [])

    def test_agents(self):
        agents = self.api.get("/agents/json")
        self.assertGreater(len(agents), 1)
        first, second = list(agents)[:2]
        self.assertEqual(list(self.api.get(f"/agents/json?agent={second}")), [second])
        for text, want in ((first, {first}), (f"{first},{second}", {first, second}),
                           (f"{first};{second}", {first, second})):
            flows = self.api.get(f"/activeflows/{text}/ports/json?maxFlows=1000")
            self.assertLessEqual({f["agent"] for f in flows}, want)
        for agent in agents.values():
            self.assertGreaterEqual(agent["firstSeen"], agent["lastSeen"])
            self.assertGreater(agent["sFlowDatagramsReceived"], 0)

    def test_keys(self):
        keys = self.api.get("/flowkeys/json")
        self.assertIn("ipsource", keys)
        self.assertNotIn("or:ipsource:ip6source", keys)
        # No definition asks for these; traffic has them, or it has not.
        for key in ("macsource", "tcpflags", "udpsourceport", "stripped", "stack", "ipsource.1",
                    "vxlanvni"):
            self.assertIn(key, keys)
        for key in ("httpurl", "reason", "ipsource.2", "grevsid"):
            self.assertNotIn(key, keys)
        self.assertTrue(all(0 <= age < 60000 for age in keys.values()))

    def test_not_found(self):
        self.assertIn('did you mean "pairs"',
                      self.api.get("/activeflows/ALL/pair/json", 404)["error"])
        self.api.get("/flowvalue/ALL/10/json?key=1", 404)
        self.api.get("/flowvalue/ALL/10.nothing/json?key=1", 404)
        self.api.get("/flowvalue/ALL/9999.pairs/json?key=1", 404)
        fresh = {"keys": "ipsource", "value": "frames"}
        self.assertEqual(self.api.ask("/flow/fresh/json", "PUT", fresh)[0], 204)
        self.assertIn("seen there",
                      self.api.get("/flowvalue/ALL/10.fresh/json?key=1", 404)["error"])
        self.assertEqual(self.api.get("/flowlocations/ALL/pairs/json?key=1"), [])
        self.assertEqual(self.api.get("/activeflows/198.51.100.77/pairs/json"), [])
        for agents in ("192.0.2", "EDGE", "ALL,", "EDGES"):
            self.assertIn("agent: ", self.api.get(f"/activeflows/{agents}/pairs/json",
                                                  400)["error"])


class OneWindow(FlowsTest):
    """Several answers of one window, which is long so that they fit in."""

    WINDOW = "2s"

    def within_window(self, ask):
        """What `ask` gives, of one window from its first question to the last."""
        def attempt():
            before = self.api.get("/analyzer/json")["window"]
            found = ask()
            return self.api.get("/analyzer/json")["window"] == before and [found]
        return weirtest.wait_until(attempt, "several answers within a window")[0]

    def test_least(self):
        def ask():
            every = self.api.get("/activeflows/ALL/pairs/json?maxFlows=100000")
            least = every[len(every) // 2]["value"]
            return every, self.api.get(
                f"/activeflows/ALL/pairs/json?maxFlows=100000&minValue={least}"), least
        every, some, least = self.within_window(ask)
        self.assertTrue(some)
        self.assertLessEqual(len(some), len(every))
        self.assertGreaterEqual(some[-1]["value"] + 0.001, least)

    def test_one_flow(self):
        """The places of a flow are those that activeflows merged."""
        def ask():
            flow = self.api.get("/activeflows/ALL/pairs/json?maxFlows=1")[0]
            at = f"{flow['agent']}/{flow['dataSource']}.pairs"
            return (flow, self.api.get(f"/flowlocations/ALL/pairs/json?key={flow['key']}"),
                    self.api.get(f"/flowvalue/{at}/json?key={flow['key']}"))
        flow, places, value = self.within_window(ask)
        self.assertEqual(len(places), flow["flowN"])
        for found in (places[0], value):
            for field in ("agent", "dataSource", "key", "value", "samples", "error95"):
                self.assertEqual(found[field], flow[field], field)


class BadRequests(ApiTest):
    def test_paths(self):
        api = Api(self.serve())
        for path, method, status in (
                ("/", "GET", 404), ("/nothing", "GET", 404), ("/flow", "GET", 404),
                ("/a/b/c/d/e/f/g/h/i/j", "GET", 404), ("/version", "PUT", 405),
                ("/version", "POST", 405), ("/%zz", "GET", 400), ("/%00", "GET", 400),
                ("/version?x=1", "GET", 400), ("/version?" + "a&" * 40, "GET", 400)):
            with self.subTest(path=path, method=method):
                got, kind, text = api.ask(path, method)
                self.assertEqual((got, kind), (status, "application/json"), text)
                self.assertTrue(json.loads(text)["error"])

    def test_bodies(self):
        api = Api(self.serve("--set", "api.request_limit=1"))
        for body, status, words in ((b"{", 400, "line 1"), (b"", 400, "JSON"),
                                    (b"[]", 400, "object"), (b'{"a":1,"a":2}', 400, "duplicate"),
                                    (b'{"a":"\xff"}', 400, "decode"),
                                    (b" " * 1025, 413, "1024")):
            with self.subTest(body=body[:20]):
                got, _, text = api.ask("/flow/new/json", "PUT", body)
                self.assertEqual(got, status, text)
                self.assertIn(words, json.loads(text)["error"])

    def test_rebinding(self):
        """A name that somebody pointed at this host does not open it."""
        api = Api(self.serve())
        self.assertEqual(api.ask("/version", headers={"Host": "evil.example"})[0], 403)
        self.assertEqual(api.ask("/version", headers={"Host": "localhost:1"})[0], 200)


class Access(ApiTest):
    def test_tokens(self):
        daemon = self.serve("--set", "api.token=write", "--set", "api.read_token=read")
        for token, method, status in ((None, "GET", 401), ("wrong", "GET", 401),
                                      ("read", "GET", 200), ("write", "GET", 200),
                                      (None, "DELETE", 401), ("read", "DELETE", 403)):
            with self.subTest(token=token, method=method):
                path = "/flow/nothing/json" if method == "DELETE" else "/flow/json"
                self.assertEqual(Api(daemon, token).ask(path, method)[0], status)
        self.assertNotEqual(Api(daemon, "write").ask("/flow/none/json", "DELETE")[0], 401)

    def test_open_address(self):
        """Other hosts do not get in without a token and TLS."""
        for more in ([], ["--set", "api.token=x"]):
            process = self.weir("-c", weirtest.CONFIG, "--check", "--api", "0.0.0.0:0", *more)
            process.wait(2)
            self.assertIn("token and TLS", process.err())

    def make_cert(self):
        cert, key = self.path("cert.pem"), self.path("key.pem")
        weirtest.sh("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", "/CN=collector",
                    "-keyout", key, "-out", cert)
        return cert, key

    def test_tls(self):
        """An address that others reach, with a token and TLS; no plain HTTP there."""
        weirtest.need_program("openssl")
        cert, key = self.make_cert()
        daemon = self.serve("--api", "0.0.0.0:0", "--set", "api.token=x", "--set",
                            f"api.tls_cert={cert}", "--set", f"api.tls_key={key}")
        self.assertEqual(Api(daemon, "x", cert).ask("/version")[0], 200)
        self.assertEqual(Api(daemon, None, cert).ask("/version")[0], 401)
        plain = Api(daemon, "x", cert)
        plain.scheme, plain.tls = "http", None
        with self.assertRaises((urllib.error.URLError, ConnectionError,
                                http.client.HTTPException)):
            plain.ask("/version")

    def test_no_pair(self):
        weirtest.need_program("openssl")
        cert, key = self.make_cert()
        for c, k, words in ((cert, cert, "no pair"), (cert, "nowhere.pem", "No such file")):
            process = self.weir("-c", weirtest.CONFIG, "--pcap", self.make_capture(
                "x.pcap", "--datagrams", "1")[0], "--loop", "--redis", "", "--api", "127.0.0.1:0",
                "--set", f"api.tls_cert={c}", "--set", f"api.tls_key={k}")
            process.wait(2)
            self.assertIn(words, process.err())

    def test_taken(self):
        """Two on one port: the second says what to do."""
        api = Api(self.serve())
        second = self.weir("-c", weirtest.CONFIG, "--pcap", self.path("in.pcap"), "--loop",
                           "--redis", "", "--api", f"127.0.0.1:{api.port}")
        second.wait(1)
        self.assertIn("in use", second.err())

    def test_low_port(self):
        """Below 1024 without the capability for that: which one it takes is said."""
        weirtest.need_program("setpriv")
        with open("/proc/sys/net/ipv4/ip_unprivileged_port_start", encoding="ascii") as f:
            if os.geteuid() != 0 or int(f.read()) < 1024:
                self.skipTest("needs root, and ports below 1024 that are for the privileged")
        capture, _ = self.make_capture("in.pcap", "--datagrams", "1")
        process = weirtest.Process(self, "weir", [
            "setpriv", "--bounding-set", "-net_bind_service", "--inh-caps", "-net_bind_service",
            weirtest.WEIR, "--pcap", capture, "--loop", "--redis", "", "--api", "127.0.0.1:1023"])
        process.wait(1)
        self.assertRegex(process.err(), "cannot listen on 127.0.0.1:1023 .*Permission denied; "
                                        ".* CAP_NET_BIND_SERVICE")


if __name__ == "__main__":
    weirtest.main()
