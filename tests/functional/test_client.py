#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""weirctl on the HTTP API: what it sends, and what it makes of answers, good, bad and hostile."""

import http.server
import json
import threading

import test_api
import weirtest


class Server(http.server.BaseHTTPRequestHandler):
    """Notes each request in server.seen, and answers what server.answers has for its path."""

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.command, self.path, body.decode(),
                                 self.headers.get("Authorization")))
        status, text = self.server.answers.get(self.path, (404, '{"error":"no such thing"}'))
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(text.encode())

    do_GET = do_PUT = do_DELETE = answer

    def log_message(self, *args):  # pylint: disable=arguments-differ
        pass


class Client(weirtest.Case):

    def setUp(self):
        super().setUp()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
        self.server.seen, self.server.answers = [], {}
        thread = threading.Thread(target=self.server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def ask(self, *words, code=0):
        process = self.weirctl(*words, "--api", self.url)
        return process.wait(code), process.err()

    def test_put(self):
        for words, path, body in (
                (["flow", "put", "pairs", "keys=a,b", "value=bytes", "filter=x=1&y=2", "n=5"],
                 "/flow/pairs/json",
                 {"keys": "a,b", "value": "bytes", "filter": "x=1&y=2", "n": "5"}),
                (["flow", "put", "a b/c", '{"value":"bytes"}'], "/flow/a%20b%2Fc/json",
                 {"value": "bytes"}),
                (["flow", "put", "f", "@" + self.path("f.json", '{"value": "frames"}')],
                 "/flow/f/json", {"value": "frames"}),
                (["threshold", "put", "big", "metric=pairs", "value=1e6",
                  'filter={"ifspeed":[1]}'], "/threshold/big/json",
                 {"metric": "pairs", "value": "1e6", "filter": {"ifspeed": [1]}}),
                (["group", "put", "sites", "here=10.0.0.0/8,192.0.2.0/24", "there=::/0"],
                 "/group/sites/json",
                 {"here": ["10.0.0.0/8", "192.0.2.0/24"], "there": ["::/0"]}),
                (["map", "put", "ports", "web=80,443"], "/map/ports/json",
                 {"web": ["80", "443"]})):
            with self.subTest(words=words):
                self.server.answers[path] = (204, "")
                self.assertEqual(self.ask(*words), ("", ""))
                method, got, text, _ = self.server.seen[-1]
                self.assertEqual((method, got, json.loads(text)), ("PUT", path, body))

    def test_remove(self):
        self.server.answers["/map/ports/json"] = (204, "")
        self.assertEqual(self.ask("map", "rm", "ports"), ("", ""))
        self.assertEqual(self.server.seen[-1][:3], ("DELETE", "/map/ports/json", ""))
        self.assertIn("no such thing", self.ask("map", "rm", "others", code=1)[1])

    def test_list_and_show(self):
        flows = {"pairs": {"keys": "a,b", "value": "bytes", "n": 5, "t": 2.5, "log": True},
                 "x": {"value": "frames", "filter": "y=1"}}
        self.server.answers["/flow/json"] = (200, json.dumps(flows))
        self.server.answers["/flow/x/json"] = (200, json.dumps(flows["x"]))
        lines = [line.split() for line in self.ask("flow", "list")[0].splitlines()]
        self.assertEqual(lines, [["name", "keys", "value", "filter", "n", "t"],
                                 ["pairs", "a,b", "bytes", "-", "5", "2.5"],
                                 ["x", "-", "frames", "y=1", "-", "-"]])
        self.assertEqual(json.loads(self.ask("flow", "list", "--json")[0]), flows)
        for more in ([], ["--json"]):
            self.assertEqual(json.loads(self.ask("flow", "show", "x", *more)[0]), flows["x"])

    def test_refused(self):
        """The server's sentence, and where in the text it is."""
        self.server.answers["/flow/f/json"] = (400, json.dumps(
            {"error": "no key is called \"b\"", "in": "keys", "offset": 2}))
        _, err = self.ask("flow", "put", "f", "keys=a,b", "value=bytes", code=2)
        self.assertEqual(err, 'weirctl: keys: no key is called "b"\n  a,b\n    ^\n')
        self.server.answers["/flow/f/json"] = (400, json.dumps(
            {"error": "keys, character 3: no such key", "in": "keys", "offset": 2}))
        _, err = self.ask("flow", "put", "f", "keys=a,b", "value=bytes", code=2)
        self.assertEqual(err, "weirctl: keys, character 3: no such key\n  a,b\n    ^\n")
        for offset in (-1, 99, "x", None, 1.5):
            self.server.answers["/flow/f/json"] = (400, json.dumps(
                {"error": "bad", "in": "keys", "offset": offset}))
            self.assertNotIn("^", self.ask("flow", "put", "f", "keys=a", code=2)[1])

    def test_status(self):
        for status, code, said in ((401, 1, "--token-file"), (403, 1, "--token-file"),
                                   (404, 1, "why"), (429, 1, "why"), (500, 1, "why"),
                                   (507, 1, "why"), (302, 1, "why")):
            with self.subTest(status=status):
                self.server.answers["/flow/json"] = (status, '{"error":"why"}')
                self.assertIn(said, self.ask("flow", "list", code=code)[1])
        self.assertNotIn("/elsewhere", [path for _, path, _, _ in self.server.seen])

    def test_strange(self):
        """Servers that are none of weir's."""
        for status, text in ((200, "<html>"), (200, '"text"'), (200, "[1, 2]"), (200, "3"),
                             (500, "oops"), (500, ""), (200, '{"a": 3, "b": null, "c": {}}'),
                             (200, '{"a": ' + "[" * 5000), (500, '{"error": 3}')):
            self.server.answers["/flow/json"] = (status, text)
            with self.subTest(status=status, text=text[:20]):
                process = self.weirctl("flow", "list", "--api", self.url)
                process.popen.wait(weirtest.TIMEOUT)
                process.check(0 if text.startswith('{"a": 3') else 1)

    def test_token(self):
        self.server.answers["/flow/json"] = (200, "{}")
        token = self.path("token", "secret-1\nmore\n")
        self.ask("flow", "list", "--token-file", token)
        self.assertEqual(self.server.seen[-1][3], "Bearer secret-1")
        self.ask("flow", "list")
        self.assertEqual(self.server.seen[-1][3], None)
        for bad in (self.path("empty", ""), self.path("nothing")):
            self.assertIn("token", self.ask("flow", "list", "--token-file", bad, code=2)[1])

    def flows(self, *values):
        """What the API answers: flows a, b, … of these rates."""
        self.server.answers["/flow/x%2Fy/json"] = (200, '{"value":"frames"}')
        flows = json.dumps([
            {"agent": "192.0.2.1", "dataSource": "3", "key": f"flow-{chr(97 + i)}", "value": v,
             "flowN": 1, "samples": 10 * v, "error95": 0.1} for i, v in enumerate(values)])
        for n in (3, 10, 200):
            self.server.answers[f"/activeflows/ALL/x%2Fy/json?maxFlows={n}"] = (200, flows)

    def test_top(self):
        self.flows(30, 20, 10)
        lines = self.ask("top", "x/y")[0].splitlines()
        self.assertRegex(lines[0], r"^x/y: the largest flows at \d{4}-")
        self.assertEqual([line.split() for line in lines[2:]], [
            ["flow-a", "30.0", "fps", "±10.0%", "300", "192.0.2.1", "3"],
            ["flow-b", "20.0", "fps", "±10.0%", "200", "192.0.2.1", "3"],
            ["flow-c", "10.0", "fps", "±10.0%", "100", "192.0.2.1", "3"]])
        document = json.loads(self.ask("top", "x/y", "--json", "-n", "3")[0])
        self.assertEqual(document["top"][0], {
            "key": "flow-a", "value": 30, "samples": 300, "error": 0.1, "agent": "192.0.2.1",
            "source": "3"})
        self.assertIn("no such thing", self.ask("top", "nothing", code=1)[1])
        self.assertIn("--redis or --api", self.ask("top", "x/y", "--redis", "unix:x", code=2)[1])

    def test_top_goes_on(self):
        self.flows(1)
        process = self.weirctl("top", "x/y", "--interval", "0.1", "--seconds", "1000", "--api",
                               self.url)
        weirtest.wait_until(lambda: process.out().count("flow-a") > 2, process.story)
        self.assertGreater(len(self.server.seen), 3)
        self.server.answers.clear()
        process.wait(1)
        self.assertIn("no such thing", process.err())

    def test_top_ends(self):
        self.flows(1)
        out, _ = self.ask("top", "x/y", "--interval", "0.1", "--seconds", "1")
        self.assertIn("flow-a", out)

    def test_top_screen(self):
        """The live view over the API; where the API is lost, that is said on the terminal."""
        self.flows(3, 2)
        terminal = weirtest.Terminal(self, [
            weirtest.WEIRCTL, "top", "x/y", "--interval", "0.1", "--api", self.url])
        terminal.wait_flows("ab")
        self.flows(3, 2, 1)
        terminal.wait_flows("abc")
        terminal.press("r")
        terminal.wait_flows("cba")
        self.server.answers.clear()
        terminal.end(1)
        self.assertIn("no such thing", terminal.after())

    EVENTS = [
        {"eventID": 2, "state": "end", "timestamp": 5500, "thresholdID": "big", "metric": "pairs",
         "threshold": 10, "value": 12, "peak": 90.5, "duration": 65000, "samples": 14,
         "agent": "192.0.2.1", "dataSource": "7", "flowKey": "a,b"},
        {"eventID": 1, "state": "start", "timestamp": 1005, "thresholdID": "big",
         "metric": "pairs", "threshold": 10, "value": 20, "samples": 3, "agent": "192.0.2.1",
         "dataSource": "7"}]

    def test_events(self):
        """Newest last, though the server has them the other way round."""
        self.server.answers.update({
            "/events/json?eventID=-1&maxEvents=10&timeout=0": (200, json.dumps(self.EVENTS)),
            "/events/json?eventID=-1&maxEvents=3&timeout=0&thresholdID=a%26b":
                (200, json.dumps(self.EVENTS[:1]))})
        lines = self.ask("events")[0].splitlines()
        self.assertRegex(lines[0], r"\d\d:\d\d:01\.005  start  big: pairs 20 above 10, 3 samples  "
                                   r"-  at 192\.0\.2\.1 7$")
        self.assertRegex(lines[1], r"\d\d:\d\d:05\.500  end    big: pairs peak 90\.5, 1 min 5 s "
                                   r"above 10, 14 samples  a,b  at 192\.0\.2\.1 7$")
        self.assertEqual(len(lines), 2)
        found = [json.loads(line) for line in self.ask("events", "--json")[0].splitlines()]
        self.assertEqual(found, self.EVENTS[::-1])
        self.assertEqual(self.ask("events", "a&b", "-n", "3")[0].count("\n"), 1)

    def test_follow(self):
        """Each once: the next question begins where the last answer ended."""
        third = {**self.EVENTS[1], "eventID": 3, "thresholdID": "third"}
        self.server.answers.update({
            "/events/json?eventID=-1&maxEvents=10&timeout=0": (200, json.dumps(self.EVENTS)),
            "/events/json?eventID=2&maxEvents=1000&timeout=60": (200, json.dumps([third])),
            "/events/json?eventID=3&maxEvents=1000&timeout=60": (503, '{"error":"that is all"}')})
        out, err = self.ask("events", "--follow", code=1)
        self.assertEqual([line.split()[3] for line in out.splitlines()], ["big:", "big:", "third:"])
        self.assertIn("that is all", err)

    def test_records(self):
        self.server.answers["/flows/json?flowID=-1&maxFlows=10&timeout=0&name=pairs"] = (
            200, json.dumps([{"flowID": 1, "name": "pairs", "flowKeys": "a,b", "value": 123456789,
                              "start": 1000, "end": 3000, "agent": "192.0.2.1",
                              "dataSource": "7"}]))
        self.assertRegex(self.ask("records", "pairs")[0],
                         r":01\.000  2 s  pairs: 123456789  a,b  at 192\.0\.2\.1 7\n$")

    def test_strange_events(self):
        for text in ("{}", "[3]", "[{}]", '[{"timestamp":"x","state":3,"duration":-1e300}]',
                     '[{"timestamp":-5}]', '[{"timestamp":9e18,"end":1,"start":2}]', "null"):
            for command, path in (("events", "events/json?eventID=-1&maxEvents=10&timeout=0"),
                                  ("records", "flows/json?flowID=-1&maxFlows=10&timeout=0")):
                self.server.answers["/" + path] = (200, text)
                with self.subTest(text=text, command=command):
                    self.ask(command)

    def test_usage(self):
        for words, said in (
                (["flow"], "list | show NAME"), (["flow", "lst"], "list | show NAME"),
                (["flow", "show"], "show NAME"), (["flow", "rm", "a", "b"], "rm NAME"),
                (["flow", "put", "a"], "put NAME"), (["flow", "put", "a", "bytes"], "bytes"),
                (["events", "a", "b"], "b"), (["flow", "list", "--follow"], "--follow"),
                (["flow", "put", "a", "{"], "line 1"), (["flow", "list", "x"], "list"),
                (["flow", "list", "--redis", "unix:x"], "--redis")):
            with self.subTest(words=words):
                self.assertIn(said, self.ask(*words, code=2)[1])
        self.assertEqual(self.server.seen, [])

    def test_away(self):
        for url, code, said in (("http://127.0.0.1:1", 1, "--api"), ("localhost", 2, "http://"),
                                ("file:///etc/passwd", 2, "http://"), ("http://", 2, "http://")):
            with self.subTest(url=url):
                process = self.weirctl("flow", "list", "--api", url)
                process.wait(code)
                self.assertIn(said, process.err())
        process = self.weirctl("flow", "list", "--api", "https://hunter2@127.0.0.1:1")
        process.wait(2)
        self.assertIn("--token-file", process.err())
        self.assertNotIn("hunter2", process.err())


class Daemon(test_api.ApiTest):
    """The API of a real daemon."""

    def test_flows(self):
        api = test_api.Api(self.serve())
        url = f"http://127.0.0.1:{api.port}"
        flows = json.loads(self.weirctl("flow", "list", "--json", "--api", url).wait())
        self.assertEqual(flows, api.get("/flow/json"))
        shown = json.loads(self.weirctl("flow", "show", "pairs", "--api", url).wait())
        self.assertEqual(shown, flows["pairs"])
        process = self.weirctl("flow", "show", "pair", "--api", url)
        process.wait(1)
        self.assertIn('did you mean "pairs"', process.err())

    def test_top(self):
        api = test_api.Api(self.serve())
        weirtest.wait_until(lambda: api.ask("/activeflows/ALL/pairs/json?maxFlows=1")[0] == 200
                            and api.get("/activeflows/ALL/pairs/json?maxFlows=1"),
                            api.daemon.story)
        document = json.loads(self.weirctl("top", "pairs", "--json", "-n", "5", "--api",
                                           f"http://127.0.0.1:{api.port}").wait())
        self.assertEqual((document["unit"], len(document["top"])), ("bytes", 5))
        values = [flow["value"] for flow in document["top"]]
        self.assertEqual(values, sorted(values, reverse=True))
        keys = {f["key"] for f in api.get("/activeflows/ALL/pairs/json?maxFlows=100000")}
        self.assertLessEqual({flow["key"] for flow in document["top"]}, keys)

    def client(self, api, *words, code=0):
        process = self.weirctl(*words, "--api", f"http://127.0.0.1:{api.port}")
        return process.wait(code), process.err()

    def test_put(self):
        """What is put counts; what is wrong is refused with its place, and the old one stays."""
        api = test_api.Api(self.serve())
        self.client(api, "flow", "put", "new", "keys=ipsource,ipprotocol", "value=frames", "n=7",
                    "t=2.5")
        shown = json.loads(self.client(api, "flow", "show", "new")[0])
        self.assertEqual([shown[k] for k in ("keys", "value", "n", "t")],
                         ["ipsource,ipprotocol", "frames", 7, 2.5])
        weirtest.wait_until(lambda: "key" in api.ask("/activeflows/ALL/new/json")[2],
                            api.daemon.story)
        self.assertIn("fps", self.client(api, "top", "new")[0])
        _, err = self.client(api, "flow", "put", "new", "keys=ipsource,ipprotocoll", "value=frames",
                             code=2)
        self.assertIn('did you mean "ipprotocol"', err)
        self.assertTrue(err.endswith("  ipsource,ipprotocoll\n           ^\n"), err)
        self.assertEqual(json.loads(self.client(api, "flow", "show", "new")[0]), shown)
        self.client(api, "flow", "rm", "new")
        self.client(api, "flow", "rm", "new", code=1)

    def test_groups(self):
        api = test_api.Api(self.serve())
        self.client(api, "group", "put", "sites", "here=10.0.0.0/8,2001:db8::/32",
                    "there=0.0.0.0/0")
        self.client(api, "map", "put", "ports", "web=80,443")
        self.assertIn("sites", self.client(api, "group", "list")[0])
        self.assertEqual(json.loads(self.client(api, "map", "show", "ports")[0]).keys(), {"web"})
        self.client(api, "flow", "put", "matrix", "keys=group:ipsource:sites", "value=bytes")
        self.assertIn("matrix", self.client(api, "group", "rm", "sites", code=2)[1])
        self.client(api, "flow", "rm", "matrix")
        self.client(api, "group", "rm", "sites")

    def test_events(self):
        api = test_api.Api(self.serve())
        self.client(api, "threshold", "put", "busy", "metric=pairs", "value=1")
        listed = self.client(api, "threshold", "list")[0].splitlines()
        self.assertEqual(listed[1].split()[:3], ["busy", "pairs", "1"])
        lines = weirtest.wait_until(lambda: self.client(api, "events", "busy")[0],
                                    api.daemon.story)
        self.assertRegex(lines.splitlines()[0], r"start +busy: pairs .* above 1, \d+ samples")
        self.client(api, "threshold", "rm", "busy")
        self.client(api, "flow", "put", "logged", "keys=ipsource", "value=bytes", "log=true",
                    "flowStart=true")
        record = weirtest.wait_until(
            lambda: self.client(api, "records", "logged", "--json", "-n", "1")[0],
            api.daemon.story)
        self.assertEqual(json.loads(record)["name"], "logged")
        self.assertIn("logged: ", self.client(api, "records", "logged", "-n", "1")[0])

    def test_token(self):
        api = test_api.Api(self.serve("--set", "api.token=write"))
        url, token = f"http://127.0.0.1:{api.port}", self.path("token", "write\n")
        self.weirctl("flow", "list", "--api", url, "--token-file", token).wait()
        process = self.weirctl("flow", "list", "--api", url)
        process.wait(1)
        self.assertIn("--token-file", process.err())


if __name__ == "__main__":
    weirtest.main()
