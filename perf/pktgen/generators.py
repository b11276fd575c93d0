# SPDX-License-Identifier: BSD-3-Clause
"""What sends sFlow to weir at a rate: dpdk-testpmd on this machine, or Pktgen-DPDK on another.

A generator has `setting(rate)`, which makes a rate (datagrams a second) something that it can be
told, and `run(setting, seconds)`, which gives (seconds, offered, sent): datagrams that were due, and
those of them that left. Neither keeps a rate exactly: what counts is what was measured, and the next
setting is chosen by it.
"""
import os
import pty
import re
import select
import shutil
import socket
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PATIENCE = 30  # s for an answer
HUGEPAGES = "/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages"


def free_hugepages():
    try:
        with open(HUGEPAGES, encoding="ascii") as f:
            return int(f.read())
    except OSError:
        return 0


class Measured:
    """Settings and what came of them: the next one is taken from the nearest of the latest."""

    LATEST = 6  # a busy host changes what a setting gives

    def __init__(self):
        self.points = []  # (setting, rate)

    def add(self, setting, rate):
        self.points.append((setting, rate))

    def nearest(self, rate):
        return min(self.points[-self.LATEST:], key=lambda p: abs(p[1] / rate - 1))


class Testpmd:
    """dpdk-testpmd replays a capture from memory into one end of a pair of memif ports.

    Such a port has no limit of its rate. The forwarding mode `noisy` gives one: so many random reads
    of a small memory before each packet. A read takes some 10 ns; `setting` is their number.
    """

    fastest = 0
    MBUFS = 8192  # beside those of the capture: rings, bursts, caches

    def __init__(self, capture, frames, path, ring, cpus):
        self.capture, self.path, self.ring, self.cpus = capture, path, ring, cpus
        self.mbufs = frames + self.MBUFS
        self.measured = Measured()
        self.child = self.screen = None
        self.text = ""

    @staticmethod
    def missing():
        return None if shutil.which("dpdk-testpmd") else "dpdk-testpmd (package dpdk-dev)"

    def weir_ports(self):
        return ["--vdev", f"net_memif0,role=server,{self.memif()}"]

    def memif(self):
        return f"socket={self.path},socket-abstract=no,rsize={self.ring}"

    def setting(self, rate):
        reads, measured = self.measured.nearest(rate)
        slow, fast = (f(self.measured.points) for f in (max, min))
        cost = 10e-9
        if slow[0] > fast[0] and slow[1] < fast[1]:
            cost = (1 / slow[1] - 1 / fast[1]) / (slow[0] - fast[0])
        return max(0, round(reads + (1 / rate - 1 / measured) / cost))

    def run(self, setting, seconds):
        self.open(setting)
        try:
            self.ask("start", r"nb forwarding cores=")
            start = time.monotonic()
            time.sleep(seconds)
            self.say("stop")
            took = time.monotonic() - start
            text = self.until(r"Telling cores to stop.*?Done\.")
        except BaseException:
            self.close()
            raise
        offered, sent = (int(re.search(rf"statistics for port {port} .*?{what}-packets: (\d+)", text,
                                       re.S).group(1)) for port, what in ((0, "RX"), (1, "TX")))
        self.measured.add(setting, max(offered, 1) / took)
        return took, offered, sent

    def command(self, reads):
        megabytes = self.mbufs * 2560 // (1 << 20) + 64
        memory = ["--no-huge", "--no-shconf"]
        if free_hugepages() * 2 > megabytes:
            memory = ["--in-memory", "--single-file-segments"]
        main, forward = self.cpus
        return ["dpdk-testpmd", "--lcores", f"0@{main},1@{forward}", "--main-lcore", "0", *memory,
                "-m", str(megabytes), "--no-pci", "--file-prefix", f"search{os.getpid()}",
                "--vdev", f"net_pcap0,rx_pcap={self.capture},infinite_rx=1",
                "--vdev", f"net_memif1,role=client,{self.memif()}",
                "--", "--interactive", f"--total-num-mbufs={self.mbufs}", "--forward-mode=noisy",
                "--noisy-lkup-memory=1", f"--noisy-lkup-num-reads={reads}"]

    def open(self, reads):
        """Start it and wait for the link. On a terminal, since it keeps lines for a pipe to itself."""
        self.text = ""
        self.screen, terminal = pty.openpty()
        self.child = subprocess.Popen(  # pylint: disable=consider-using-with
            self.command(reads), stdin=subprocess.PIPE, stdout=terminal, stderr=terminal)
        os.close(terminal)
        self.until(r"testpmd> ")
        end = time.monotonic() + PATIENCE
        while "up" not in self.ask("show port info 1", r"Link status: (\w+)"):
            if time.monotonic() > end:
                raise RuntimeError("the memif link does not come up")
            time.sleep(0.05)

    def close(self):
        if not self.child:
            return
        try:
            self.say("quit")
            self.until(None)
            self.child.wait(PATIENCE)
        except (RuntimeError, OSError, subprocess.TimeoutExpired):
            self.child.kill()
        self.child.stdin.close()
        self.child.wait()
        os.close(self.screen)
        self.child = None

    def say(self, line):
        self.child.stdin.write(line.encode() + b"\n")
        self.child.stdin.flush()

    def ask(self, line, pattern):
        self.say(line)
        return self.until(pattern)

    def until(self, pattern):
        """Read until the pattern is met; what met it. None: until the end."""
        end = time.monotonic() + PATIENCE
        while True:
            found = pattern and re.search(pattern, self.text, re.S)
            if found:
                self.text = self.text[found.end():]
                return found.group(0)
            data = b""
            if select.select([self.screen], [], [], max(0, end - time.monotonic()))[0]:
                try:
                    data = os.read(self.screen, 65536)
                except OSError:  # the other end is closed
                    pass
            if not data:
                if pattern is None and time.monotonic() < end:
                    return self.text
                raise RuntimeError(f"dpdk-testpmd does not answer\n{self.text[-2000:]}")
            self.text += data.decode(errors="replace")


class Pktgen:
    """Pktgen-DPDK on another machine, by its socket (-g). `setting` is percent of its link's rate."""

    fastest = 100.0

    def __init__(self, address, port):
        host, _, number = address.partition(":")
        self.address, self.port = (host, int(number or 22022)), port
        self.measured = Measured()
        self.stream = socket.create_connection(self.address, PATIENCE)
        with open(os.path.join(HERE, "trial.lua"), encoding="ascii") as f:
            lines = [line for line in f if not line.lstrip().startswith("--")]
        self.stream.sendall("".join(lines).encode())

    def setting(self, rate):
        percent, measured = self.measured.nearest(rate)
        return min(100.0, percent * rate / measured)

    def run(self, setting, seconds):
        self.stream.settimeout(seconds + PATIENCE)
        self.stream.sendall(f'weir_trial("{self.port}", {setting:.4f}, {seconds * 1000:.0f})\n'
                            .encode())
        text = ""
        while not (found := re.search(r"weir-trial packets=(\d+) errors=(\d+)\n", text)):
            data = self.stream.recv(65536)
            if not data:
                raise RuntimeError(f"Pktgen has closed the connection\n{text[-2000:]}")
            text += data.decode(errors="replace")
        sent, errors = int(found.group(1)), int(found.group(2))
        self.measured.add(setting, max(sent, 1) / seconds)
        return seconds, sent + errors, sent

    def close(self):
        """Nothing: the connection is for all trials."""
