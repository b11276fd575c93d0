#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""HTTP clients that are slow, huge, malformed and many do not touch the data path."""

import contextlib
import json
import random
import re
import socket
import threading

import weirnet
import weirtest

RATE = "3000"  # flow samples a second, which even a busy machine takes without loss
LISTENING = re.compile(r"HTTP API at http://(\S+):(\d+)/")
DEFINES = ("--define", "pairs=ipsource,ipdestination", "--define",
           "ports=agent,inputifindex,outputifindex")
HEAD = b"GET /activeflows/ALL/pairs/json?maxFlows=1000 HTTP/1.1\r\nHost: localhost\r\n"


class Crowd:
    """Clients of one kind, each a thread that works until the crowd goes home."""

    def __init__(self, space, address, count, work):
        self.space, self.address, self.work = space, address, work
        self.home = threading.Event()
        self.done = 0
        self.threads = [threading.Thread(target=self.run, args=(i,)) for i in range(count)]
        for thread in self.threads:
            thread.start()

    def run(self, number):
        dice = random.Random(number)
        while not self.home.is_set():
            with contextlib.suppress(OSError), weirnet.inside(self.space), \
                    socket.socket() as s:
                s.settimeout(1)
                s.connect(self.address)
                self.work(self, s, dice)
                self.done += 1

    def go_home(self):
        self.home.set()
        for thread in self.threads:
            thread.join()


def slow(crowd, s, dice):
    """A head that never ends, a byte now and then."""
    s.sendall(HEAD + b"X: ")
    while not crowd.home.wait(0.1):
        s.sendall(b"x")


def silent(crowd, s, dice):
    while not crowd.home.wait(0.2):
        s.sendall(b"")


def deaf(crowd, s, dice):
    """Asks on and on, and never reads an answer."""
    while not crowd.home.wait(0.01):
        s.sendall((HEAD + b"\r\n") * 20)


def greedy(crowd, s, dice):
    s.sendall(HEAD + b"Connection: close\r\n\r\n")
    while s.recv(65536):
        pass


def huge(crowd, s, dice):
    s.sendall(b"PUT /flow/huge/json HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
              b"\r\n")
    for _ in range(64):
        s.sendall(b"100000\r\n" + b" " * 0x100000 + b"\r\n")
    s.sendall(b"0\r\n\r\n")
    s.recv(1000)


def garbage(crowd, s, dice):
    s.sendall(dice.randbytes(dice.randrange(1, 5000)) + b"\r\n\r\n")
    s.recv(1000)


def almost(crowd, s, dice):
    """Requests with a byte or two that are wrong."""
    text = bytearray(HEAD + b"Content-Length: 5\r\n\r\n{}")
    for _ in range(dice.randrange(1, 3)):
        text[dice.randrange(len(text))] = dice.randrange(256)
    s.sendall(text)
    s.shutdown(socket.SHUT_WR)
    s.recv(1000)


CROWDS = ((slow, 8), (silent, 4), (deaf, 2), (greedy, 3), (huge, 1), (garbage, 2), (almost, 2))


class Load(weirtest.Case):

    def setUp(self):
        super().setUp()
        self.network = weirnet.Network(self)
        self.store = self.redis()
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.client = stack.enter_context(self.store.client())

    def start(self, *args):
        daemon = self.live(self.network, self.store, "--api", "127.0.0.1:0", "--set",
                           "api.timeout=1s", *args)
        address = LISTENING.search(daemon.err()).groups()
        return daemon, (address[0], int(address[1]))

    def send_in(self, crowds, address):
        found = [Crowd(self.network.space, address, count, work) for work, count in crowds]
        self.addCleanup(lambda: [c.go_home() for c in found])
        return found

    def finish(self, daemon, truth):
        self.wait_datagrams(self.client, truth["received"], daemon)
        summary = json.loads(daemon.stop())
        self.assertEqual(summary["datagrams"], truth["received"])
        self.assertTrue(summary["conserved"])
        for name, want in truth["definitions"].items():
            self.assertEqual(summary["flows"][name]["total"], want["bytes"], name)
        counters = self.collector(self.client)
        self.assert_conserved(counters)
        for loss in ("port_missed", "port_no_mbuf", "port_errors"):
            self.assertEqual(counters[loss], 0, loss)
        return counters

    def test_all_kinds(self):
        """All kinds at once: no datagram is lost, totals are those of sflowgen."""
        daemon, address = self.start()
        fabric = self.fabric(self.network, "--rate", RATE, "--seconds", "6", *DEFINES)
        crowds = self.send_in(CROWDS, address)
        truth = self.truth(fabric)
        for crowd in crowds:
            crowd.go_home()
        self.assertGreater(truth["datagrams"], 100)
        counters = self.finish(daemon, truth)
        self.assertGreater(counters["api_requests"], 0)
        self.assertGreater(counters["api_timeouts"], 0)
        self.assertGreater(counters["api_errors"], 0)
        print("answered:", {c.work.__name__: c.done for c in crowds},
              {k: v for k, v in counters.items() if k.startswith("api_")})

    def test_others_are_served(self):
        """While slow clients hold all that one address may have, another address gets answers."""
        weirtest.sh("ip", "-n", self.network.space, "address", "add", "127.0.0.2/8", "dev", "lo")
        daemon, address = self.start("--set", "api.connections=16", "--set", "api.timeout=60s")
        self.send_in([(slow, 12)], address)
        weirtest.wait_until(
            lambda: self.collector(self.client).get("api_connections_now", 0) >= 8, daemon.story)
        for _ in range(20):
            with weirnet.inside(self.network.space), socket.socket() as s:
                s.settimeout(weirtest.TIMEOUT)
                s.bind(("127.0.0.2", 0))
                s.connect(address)
                s.sendall(b"GET /version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                self.assertIn(b"200 OK", s.recv(1000))
        daemon.stop()


if __name__ == "__main__":
    weirtest.main()
