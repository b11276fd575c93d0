#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""perf/pktgen/search.py: dpdk-testpmd sends into weir, and both counts agree to the datagram.

Rates are those of the machine, and are not looked at.
"""

import json
import os
import socket
import sys
import threading

import weirtest

SEARCH = os.path.join(weirtest.SOURCE, "perf", "pktgen", "search.py")
SAMPLES = 7


class FakePktgen(threading.Thread):
    """The socket of a Pktgen that answers trials, and sends nothing."""

    def __init__(self, packets):
        super().__init__(daemon=True)
        self.packets, self.lines = packets, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"

    def run(self):
        with self.listener:
            stream, _ = self.listener.accept()
        with stream, stream.makefile("rw", encoding="utf-8") as f:
            for line in f:
                self.lines.append(line)
                if line.startswith("weir_trial("):
                    f.write(f"weir-trial packets={self.packets} errors=0\n")
                    f.flush()


class Pktgen(weirtest.Case):

    def search(self, *args, code=0):
        path = self.path("search.json")
        process = weirtest.Process(self, "search", [sys.executable, SEARCH, "--seconds", "0.3",
                                                    "--json", path, *args])
        process.wait(code)
        with open(path, encoding="utf-8") as f:
            return json.load(f), process

    def check(self, trial):
        """Every datagram that was offered is somewhere."""
        self.assertGreater(trial["sent"], 0)
        self.assertEqual(trial["decoded"], trial["sent"])
        self.assertEqual(trial["lost"], trial["no_room"])
        self.assertEqual(trial["samples"], SAMPLES * trial["decoded"])
        for what in ("missed", "errors", "weir", "elsewhere"):
            self.assertEqual(trial[what], 0, what)
        self.assertEqual(trial["drops"], {})

    def test_trials(self):
        """As fast as may be, then slowly: counts agree, and the rate is lower."""
        weirtest.need_program("dpdk-testpmd")
        found, process = self.search("--rate", "20000", "--datagrams", "200")
        fast, slow = found["trials"][0]
        self.check(fast)
        self.check(slow)
        self.assertLess(slow["offered"], fast["offered"], process.story())

    def test_far_generator(self):
        """What Pktgen says it sent, and weir did not get, is lost; no rate is found."""
        config = self.path("weir.json", json.dumps({"flows": []}))
        silent = f"net_memif0,role=server,socket={self.path('memif')},socket-abstract=no"
        pktgen = FakePktgen(1000)
        pktgen.start()
        found, _ = self.search("--pktgen", pktgen.address, "--config", config, "--link-up", "0",
                               "--", "--vdev", silent, code=1)
        self.assertEqual(found["rates"], [0])
        (trial,), = found["trials"]
        self.assertEqual((trial["lost"], trial["elsewhere"], trial["decoded"]), (1000, 1000, 0))
        pktgen.join(weirtest.TIMEOUT)
        self.assertIn('weir_trial("0", 100.0000, 300)\n', pktgen.lines)


if __name__ == "__main__":
    weirtest.main()
