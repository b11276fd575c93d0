# SPDX-License-Identifier: BSD-3-Clause
"""The HTTP API of a daemon, over one connection that stays."""

import contextlib
import http.client
import json
import re

import weirnet
import weirtest

LISTENING = re.compile(r"HTTP API at http://(\S+):(\d+)/")


class Client:
    """The API of a daemon, over one connection."""

    def __init__(self, case, daemon, space=None):
        weirtest.wait_until(lambda: LISTENING.search(daemon.err()), daemon.story)
        host, port = LISTENING.search(daemon.err()).groups()
        self.http = http.client.HTTPConnection(host, int(port), timeout=3 * weirtest.TIMEOUT)
        case.addCleanup(self.http.close)
        self.space = space
        self.connect()

    def connect(self):
        self.http.close()
        with weirnet.inside(self.space) if self.space else contextlib.nullcontext():
            self.http.connect()

    def ask(self, method, path, body=None):
        """Status and what was answered: JSON, or else text."""
        body = None if body is None else json.dumps(body)
        try:
            return self.ask_once(method, path, body)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.connect()  # a connection on which nothing came for a while was closed
            return self.ask_once(method, path, body)

    def ask_once(self, method, path, body):
        self.http.request(method, path, body=body)
        with self.http.getresponse() as answer:
            text, kind = answer.read(), answer.getheader("Content-Type") or ""
        if text and not kind.startswith("application/json"):
            return answer.status, text.decode()
        return answer.status, json.loads(text) if text else None

    def want(self, status, method, path, body=None):
        """JSON of an answer with that status. One that asks to try again (503) is obeyed."""
        answers = []

        def answered():
            answers[:] = self.ask(method, path, body)
            return status == 503 or answers[0] != 503
        weirtest.wait_until(answered, lambda: f"{method} {path}: {answers}")
        got, answer = answers
        if got != status:
            raise AssertionError(f"{method} {path}: {got}: {answer}")
        return answer

    def put(self, name, spec, status=204):
        return self.want(status, "PUT", f"/flow/{name}/json", spec)

    def remove(self, name, status=204):
        return self.want(status, "DELETE", f"/flow/{name}/json")

    def list(self):
        return self.want(200, "GET", "/flow/json")
