#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""weir as a service: what its threads may do, what it tells systemd, and how it comes back."""

import contextlib
import ctypes
import os
import pwd
import re
import signal
import socket
import subprocess
import time

import weirapi
import weirnet
import weirtest

PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH = 0x4206, 0x4207, 17
WALL = 0x40000000
OF_INTERFACES = 1 << 12 | 1 << 13  # NET_ADMIN, NET_RAW
OF_XDP = 1 << 38 | 1 << 39  # PERFMON, BPF
WATCHDOG = 2  # s
YEARS = os.path.join(weirtest.BUILD, "tests/capacity/capacity_years")
# What is put, and comes back after the end of the process.
KEPT = {
    "/group/sites/json": {"a": ["192.0.2.0/24"]},
    "/map/names/json": {"web": ["192.0.2.7"]},
    "/threshold/high/json": {"metric": "kept", "value": 1e12, "byFlow": True},
    "/topology/json": {"nodes": {"leaf": {"agent": "192.0.2.1", "ports": {"1": {"ifindex": "1"}}},
                                 "spine": {"agent": "192.0.2.2", "ports": {"9": {"ifindex": "9"}}}},
                       "links": {"up": {"node1": "leaf", "port1": "1", "node2": "spine", "port2": "9"}}},
}
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.argtypes = (ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)


def threads(pid):
    """What the kernel says of each thread: {tid: {"Name": ..., "CapEff": ..., ...}}."""
    found = {}
    for tid in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError), \
                open(f"/proc/{pid}/task/{tid}/status", encoding="utf-8") as f:
            found[int(tid)] = dict(line.rstrip("\n").split(":\t", 1) for line in f
                                   if ":\t" in line)
    return found


def ptrace(request, tid):
    if LIBC.ptrace(request, tid, None, None) != 0:
        raise OSError(ctypes.get_errno(), f"ptrace {request:#x}")


@contextlib.contextmanager
def stopped(tid):
    """One thread stands still, all others of its process go on."""
    ptrace(PTRACE_SEIZE, tid)
    ptrace(PTRACE_INTERRUPT, tid)
    os.waitpid(tid, WALL)
    try:
        yield
    finally:
        ptrace(PTRACE_DETACH, tid)


class Systemd:
    """The end of NOTIFY_SOCKET that is systemd's."""

    def __init__(self, case):
        self.path = case.path("notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        os.chmod(self.path, 0o777)
        self.socket.setblocking(False)
        case.addCleanup(self.socket.close)
        self.messages = []  # (when, line)

    def environment(self):
        return {**os.environ, "NOTIFY_SOCKET": self.path, "WATCHDOG_USEC": str(WATCHDOG * 10**6)}

    def read(self):
        with contextlib.suppress(BlockingIOError):
            while True:
                for line in self.socket.recv(4096).decode().splitlines():
                    self.messages.append((time.monotonic(), line))
        return self.messages

    def lines(self):
        return [line for _, line in self.read()]

    def keepalives(self, since=0.0):
        return [when for when, line in self.read() if line == "WATCHDOG=1" and when > since]


class Unit(weirtest.Case):
    """config/weir.service, without a systemd that runs it."""

    CONFIG = os.path.join(weirtest.SOURCE, "config")
    XDP = "weir.service.d/af_xdp.conf"

    def copy(self, name):
        """Into the test's folder, with the program of this build; its path."""
        with open(os.path.join(self.CONFIG, name), encoding="utf-8") as f:
            text = f.read().replace("/usr/bin/weir", weirtest.WEIR)
        return self.path(name, text.replace("man:weir(1)", "https://example.net/"))

    def check(self, unit, exposure):
        """systemd understands it, and its exposure is at most so many tenths."""
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], check=False,
                              capture_output=True, text=True)
        self.assertNotIn("weir.service", done.stderr + done.stdout)
        weirtest.sh("systemd-analyze", "security", "--offline=true", f"--threshold={exposure}", unit)

    def test_unit(self):
        """docs/operations.rst says what its exposure is made of, and what AF_XDP adds to it."""
        weirtest.need_program("systemd-analyze")
        unit = self.copy("weir.service")
        self.check(unit, 20)
        os.mkdir(os.path.dirname(self.path(self.XDP)))
        self.copy(self.XDP)
        self.check(unit, 21)
        self.assertRaises(AssertionError, self.check, unit, 20)


class Service(weirtest.Case):

    def setUp(self):
        super().setUp()
        self.network = weirnet.Network(self)
        os.chmod(self.folder, 0o755)
        self.store = self.redis("--unixsocketperm", "777")
        os.chmod(self.store.folder, 0o755)

    def start(self, *args, **more):
        return self.weir("-c", weirtest.CONFIG, "--iface", self.network.outside, "--redis",
                         self.store.url, "--set", "memory.hugepages=off", *args,
                         space=self.network.space, **more)

    def check_threads(self, daemon, uid):
        """Every thread: whose it is, what it could do, what it can do. Their names."""
        known = threads(daemon.pid)
        kept = OF_INTERFACES | (OF_XDP if ": af_xdp, " in daemon.err() else 0)
        for tid, status in known.items():
            what = f"{status['Name']}: {status}"
            self.assertEqual(status["Uid"].split(), [str(uid)] * 4, what)
            self.assertEqual(status["NoNewPrivs"], "1", what)
            self.assertEqual(status["Seccomp"], "2", what)
            self.assertGreaterEqual(int(status["Seccomp_filters"]), 1, what)
            for kind in ("CapInh", "CapEff", "CapAmb"):
                self.assertEqual(int(status[kind], 16), 0, what)
            # Main alone closes ports and opens them again; it takes these into effect for that.
            self.assertEqual(int(status["CapPrm"], 16),
                             kept if tid == daemon.pid else 0, what)
        return sorted(status["Name"] for status in known.values())

    def steady(self, daemon, uid):
        """Main has its capabilities in effect for some microseconds each second."""
        for _ in range(5):
            with contextlib.suppress(AssertionError):
                return self.check_threads(daemon, uid)
            time.sleep(0.1)
        return self.check_threads(daemon, uid)

    def test_threads_of_root(self):
        """Started as root, and nothing said of a user: root's name without its power."""
        daemon = self.start("--api", "127.0.0.1:0")
        self.wait_published(daemon, self.store)
        names = self.steady(daemon, 0)
        for name in ("weir", "rte-worker-1", "rte-worker-2", "eal-intr-thread", "telemetry-v2",
                     "weir-control", "weir-reclaim", "MHD-listen"):
            self.assertIn(name, names)
        self.assertEqual(names.count("weir-redis"), 3)  # publisher, planner, store
        daemon.stop()

    def test_fallen_back(self):
        """By AF_PACKET, since AF_XDP could not be had: what that takes is given away, too."""
        weirtest.sh("ip", "-n", self.network.space, "link", "set", self.network.outside, "mtu", "3400")
        daemon = self.start()
        self.wait_published(daemon, self.store)
        self.assertIn(": af_packet, ", daemon.err())
        self.steady(daemon, 0)
        daemon.stop()

    def test_user(self):
        """As a user: files, sockets and runtime are that user's, and AF_XDP leaves nothing."""
        user = pwd.getpwnam("nobody")
        for driver in ("af_xdp", "af_packet"):
            daemon = self.start("--driver", driver, "--set", "user=nobody", "--api", "127.0.0.1:0")
            self.wait_published(daemon, self.store)
            self.steady(daemon, user.pw_uid)
            self.assertEqual(set(threads(daemon.pid)[daemon.pid]["Groups"].split()),
                             {str(user.pw_gid)})
            runtime = f"/run/weir/dpdk/weir-{daemon.pid}"
            self.assertEqual(os.stat(runtime).st_uid, user.pw_uid)
            api = weirapi.Client(self, daemon, self.network.space)
            api.put("of-nobody", {"keys": "ipdestination", "value": "bytes"})
            truth = self.truth(self.fabric(self.network, "--datagrams", "500", "--rate", "4000",
                                           "--define", "pairs=ipsource,ipdestination"))
            with self.store.client() as client:
                self.wait_datagrams(client, truth["received"], daemon)
            daemon.stop()
            link = weirtest.sh("ip", "-n", self.network.space, "link", "show", "dev",
                               self.network.outside)
            self.assertIsNone(re.search(r"xdp|PROMISC", link), link)
            self.assertFalse(os.path.exists(runtime))
            with self.store.client() as client:
                client.flushall()

    def test_wrong_users(self):
        for settings, want in (
                (["user=no-such-user"], r'--set user: there is no user "no-such-user"'),
                (["user=nobody", "group=no-such-group"], r'there is no group "no-such-group"'),
                (["group=nogroup"], r"--set group: it goes with a user")):
            flags = [part for text in settings for part in ("--set", text)]
            daemon = self.start(*flags)
            daemon.wait(code=2)
            self.assertRegex(daemon.err(), want)

    def test_log_only(self):
        daemon = self.start("--set", "seccomp=log", "--set", "user=nobody")
        self.wait_published(daemon, self.store)
        self.assertTrue(all(s["Seccomp"] == "2" for s in threads(daemon.pid).values()))
        daemon.stop()
        with self.store.client() as client:
            client.flushall()
        daemon = self.start("--set", "seccomp=off", "--set", "user=nobody")
        self.wait_published(daemon, self.store)
        for status in threads(daemon.pid).values():
            self.assertEqual((status["Seccomp"], status["NoNewPrivs"]), ("0", "1"))
        daemon.stop()

    def test_notify(self):
        """READY when ports are open, a keep-alive while all goes on, STOPPING at the end."""
        systemd = Systemd(self)
        daemon = self.start(env=systemd.environment())
        weirtest.wait_until(lambda: "READY=1" in systemd.lines(), daemon.story)
        self.assertIn("collector: af_", daemon.err())  # the line of a port that is open
        weirtest.wait_until(lambda: len(systemd.keepalives()) >= 3, daemon.story)
        weirtest.wait_until(
            lambda: "STATUS=receiving on 1 RX queue; publishing to Redis" in systemd.lines(),
            lambda: systemd.lines())
        self.check_reload(systemd, daemon)
        self.store.kill()
        weirtest.wait_until(
            lambda: "STATUS=receiving on 1 RX queue; Redis is away" in systemd.lines(),
            lambda: systemd.lines())
        since = time.monotonic()  # which is no reason to be restarted
        weirtest.wait_until(lambda: len(systemd.keepalives(since)) >= 2, daemon.story)
        self.assertNotIn("STOPPING=1", systemd.lines())
        daemon.stop()
        lines = systemd.lines()
        self.assertLess(lines.index("READY=1"), lines.index("WATCHDOG=1"))
        self.assertEqual(lines.count("READY=1"), 2)
        self.assertEqual(lines[-2:], ["STOPPING=1", "STATUS=publishing the last window"])

    @staticmethod
    def check_reload(systemd, daemon):
        """systemctl reload weir is over when READY comes again."""
        before = len(systemd.lines())
        daemon.send(signal.SIGHUP)
        weirtest.wait_until(lambda: "READY=1" in systemd.lines()[before:], daemon.story)
        lines = [line.split("=")[0] for line in systemd.lines()[before:]]
        begin = lines.index("RELOADING")
        assert lines[begin:begin + 3] == ["RELOADING", "MONOTONIC_USEC", "READY"], lines

    def check_stuck(self, systemd, daemon, name, what):
        """Stop one thread for longer than the watchdog waits: it hears nothing of us meanwhile."""
        tid = next(tid for tid, s in threads(daemon.pid).items() if s["Name"] == name)
        weirtest.wait_until(systemd.keepalives, daemon.story)
        with stopped(tid):
            since = time.monotonic()
            while time.monotonic() < since + 1.5 * WATCHDOG:
                late = [when - since for when in systemd.keepalives(since)]
                time.sleep(0.05)
            # Whatever the thread did before counts until the next word is due.
            self.assertTrue(all(t < WATCHDOG / 2 for t in late), late)
            self.assertTrue(daemon.running())
        since = time.monotonic()
        again = weirtest.wait_until(lambda: systemd.keepalives(since), daemon.story)[0] - since
        self.figures("service", f"{what} stands still, WatchdogSec={WATCHDOG}s",
                     last_word_after_s=round(max(late, default=0.0), 2),
                     goes_on_and_says_so_after_s=round(again, 2))

    def test_watchdog(self):
        """A stuck RX core, a stuck aggregator: the main thread lives, and does not say that all is
        well."""
        systemd = Systemd(self)
        daemon = self.start(env=systemd.environment())
        weirtest.wait_until(lambda: "READY=1" in systemd.lines(), daemon.story)
        self.check_stuck(systemd, daemon, "rte-worker-1", "an RX core")
        self.check_stuck(systemd, daemon, "rte-worker-2", "the aggregator")
        daemon.stop()

    @staticmethod
    def as_put(api, path):
        """A document without what a window or a change adds to it."""
        document = api.want(200, "GET", path)
        return {key: v for key, v in document.items() if key not in ("kind", "version")}

    def restart(self, driver):
        """Kill a collector and start it anew; how long until it published again, s.

        Of a link a year of rollups is there before, which the one that is killed was told of as well."""
        subprocess.run([YEARS, self.store.socket, "weir"], check=True, capture_output=True, text=True,
                       input="10.0.0.1 1 uplink1 100e9 60 0.4 3 1 1\n", timeout=weirtest.TIMEOUT)
        daemon = self.start("--driver", driver, "--api", "127.0.0.1:0")
        api = weirapi.Client(self, daemon, self.network.space)
        with self.store.client() as client:
            api.put("kept", {"keys": "ipdestination", "value": "frames"})
            for path, body in KEPT.items():
                api.want(204, "PUT", path, body)
            kept = {path: self.as_put(api, path) for path in KEPT}
            weirtest.wait_until(lambda: client.exists("weir:flow:{kept}:meta"), daemon.story)
            weirtest.wait_until(lambda: all(client.exists("weir:config:" + path.split("/")[1])
                                            for path in KEPT), lambda: client.keys("*"))
            daemon.send(signal.SIGKILL)
            daemon.popen.wait()
            before = client.hget("weir:flow:{kept}:meta", "end_ms")
            begin = time.monotonic()
            again = self.start("--driver", driver, "--api", "127.0.0.1:0")
            weirtest.wait_until(
                lambda: client.hget("weir:flow:{kept}:meta", "end_ms") not in (before, None),
                again.story)
            seconds = time.monotonic() - begin
        self.assertIn(f"{self.network.outside}: {driver}", again.err())
        api = weirapi.Client(self, again, self.network.space)
        self.assertEqual({path: self.as_put(api, path) for path in KEPT}, kept)
        link = weirtest.wait_until(lambda: api.want(200, "GET", "/capacity/json")["links"], again.story)[0]
        self.assertEqual((link["agent"], link["ifname"]), ("10.0.0.1", "uplink1"))
        self.assertGreater(link["trend"]["weeks"], 48)
        self.assertFalse(os.path.exists(f"/run/dpdk/weir-{daemon.pid}"))
        again.stop()
        return seconds

    def xdp(self):
        return "xdp" in weirtest.sh("ip", "-n", self.network.space, "link", "show", "dev",
                                    self.network.outside)

    def test_clean(self):
        """What a killed weir leaves at an interface goes; what a running one has there stays."""
        clean = (weirtest.WEIR, "--iface", self.network.outside, "--clean")
        daemon = self.start("--driver", "af_xdp")
        self.wait_published(daemon, self.store)
        weirtest.sh("ip", "netns", "exec", self.network.space, *clean)
        self.assertTrue(self.xdp())
        daemon.send(signal.SIGKILL)
        daemon.popen.wait()
        self.assertTrue(self.xdp())
        weirtest.sh("ip", "netns", "exec", self.network.space, *clean)
        self.assertFalse(self.xdp())

    def test_killed(self):
        """kill -9 and a start: it publishes what was put, by AF_XDP again, and tidies up."""
        for driver in ("af_xdp", "af_packet"):
            seconds = self.restart(driver)
            self.figures("service", f"kill -9 and a start, {driver}", publishing_after_s=round(seconds, 2))
            self.assertLess(seconds, 3 * 4)  # 3 s on a machine that has nothing else to do
            with self.store.client() as client:
                client.flushall()
        self.assertFalse(self.xdp())


if __name__ == "__main__":
    weirtest.main()
