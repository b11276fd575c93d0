#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The HTTP API of the real daemon: every path of its document, access, and bad requests."""

import json
import os
import re
import unittest
import urllib.error
import urllib.request

import weirtest

LISTENING = re.compile(r"HTTP API at (https?)://(\S+):(\d+)/")


class Api:
    """The API of a daemon that a test has started with --api ...:0."""

    def __init__(self, daemon, token=None):
        self.daemon, self.token = daemon, token
        weirtest.wait_until(lambda: LISTENING.search(daemon.err()), daemon.story)
        self.scheme, self.host, self.port = LISTENING.search(daemon.err()).groups()

    def ask(self, path, method="GET", body=None, headers=None):
        """Status, content type and text of the answer."""
        headers = dict(headers or {})
        if self.token:
            headers.setdefault("Authorization", "Bearer " + self.token)
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.scheme}://{self.host}:{self.port}{path}",
                                         data=data, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=weirtest.TIMEOUT) as answer:
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
    def serve(self, *args):
        """A daemon that replays a capture, with its API."""
        capture, _ = self.make_capture("in.pcap", "--datagrams", "200", "--seed", "5")
        daemon = self.weir("-c", weirtest.CONFIG, "--pcap", capture, "--loop", "--redis", "",
                           "--api", "127.0.0.1:0", "--window", "100ms", *args)
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

    def test_taken(self):
        """Two on one port: the second says what to do."""
        api = Api(self.serve())
        second = self.weir("-c", weirtest.CONFIG, "--pcap", self.path("in.pcap"), "--loop",
                           "--redis", "", "--api", f"127.0.0.1:{api.port}")
        second.wait(1)
        self.assertIn("in use", second.err())


if __name__ == "__main__":
    unittest.TestCase.maxDiff = None
    weirtest.main()
