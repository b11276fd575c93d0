#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The unit as it is, under a real systemd: in a container over this host's own file system.

    under-systemd.py

The container has the programs of build/, a Redis, one end of a veth pair, and nothing else of the host
but its files, which it cannot change. weir is started, reloaded, killed, held at one thread until the
watchdog ends it, and stopped; by AF_PACKET, and by AF_XDP with the drop-in for it. Times are printed, as
figures for docs/reliability.rst. Needs root and systemd-nspawn (systemd-container).
It is no part of the tests, since hosts without cgroups of their own cannot run it. Exit code 1 where
something does not hold; 77 where it cannot run.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "functional"))

import test_service  # pylint: disable=wrong-import-position
import weirnet  # pylint: disable=wrong-import-position
import weirtest  # pylint: disable=wrong-import-position

WITHIN = 3        # s from the end of a process to the next window in Redis
WATCHDOG = 20     # s, WatchdogSec of the unit
SETTINGS = """\
ports:
  - iface: collector
redis:
  url: unix:/run/redis.sock
memory:
  hugepages: "off"
flows:
  - {name: pairs, keys: "ipsource,ipdestination", value: bytes}
"""
# In place of LimitMEMLOCK, which a container cannot have above what the host gives to it.
LOCK = """\
[Service]
CapabilityBoundingSet=CAP_IPC_LOCK
AmbientCapabilities=CAP_IPC_LOCK
"""
REDIS = """\
[Service]
ExecStart=/usr/bin/redis-server --port 0 --unixsocket /run/redis.sock --unixsocketperm 777 --save ""
"""
TARGET = """\
[Unit]
Requires=basic.target redis-server.service weir.service
After=basic.target
AllowIsolate=yes
"""


def status(pid):
    """The numbers of a process in its name spaces, outermost first, or nothing where it is gone."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8") as f:
            return re.search(r"NSpid:\t(.*)", f.read()).group(1)
    except (FileNotFoundError, ProcessLookupError):
        return ""


class Container:
    """A systemd that begins with this host's files, and a folder in memory for what it writes."""

    def __init__(self, case, space, driver):
        self.case = case
        self.top = case.path("container")
        os.mkdir(self.top)
        weirtest.sh("mount", "-t", "tmpfs", "tmpfs", self.top)
        case.addCleanup(weirtest.sh, "umount", "-l", self.top)
        self.root = os.path.join(self.top, "root")
        for name in ("upper", "work", "root"):
            os.mkdir(os.path.join(self.top, name))
        weirtest.sh("mount", "-t", "overlay", "overlay", "-o",
                    f"lowerdir=/,upperdir={self.top}/upper,workdir={self.top}/work", self.root)
        case.addCleanup(weirtest.sh, "umount", "-l", self.root)
        self.fill(driver)
        self.init = None
        self.log = open(case.path("console"), "wb")  # pylint: disable=consider-using-with
        case.addCleanup(self.log.close)
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--directory", self.root,
             f"--network-namespace-path=/run/netns/{space}", "--capability=all",
             "--system-call-filter=bpf", "--console=pipe", "--boot", "--", "--unit=weir-try.target"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        case.addCleanup(self.end)

    def path(self, name):
        return os.path.join(self.root, name)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)

    def fill(self, driver):
        for program in ("weir", "weirctl"):
            shutil.copy(os.path.join(weirtest.BUILD, "app", program, program), self.path("usr/bin"))
        config = os.path.join(weirtest.SOURCE, "config")
        shutil.copy(os.path.join(config, "weir.service"), self.path("etc/systemd/system/weir.service"))
        weirtest.sh("systemd-sysusers", f"--root={self.root}", os.path.join(config, "weir.sysusers"))
        self.write("etc/weir/weir.yaml", SETTINGS)
        self.write("etc/systemd/system/weir.service.d/lock.conf", LOCK)
        if driver == "af_xdp":
            shutil.copy(os.path.join(config, "weir.service.d", "af_xdp.conf"),
                        self.path("etc/systemd/system/weir.service.d"))
        self.write("etc/systemd/system/redis-server.service", REDIS)
        self.write("etc/systemd/system/weir-try.target", TARGET)

    def find_init(self):
        """The process that is systemd, which is number 1 within; None as long as there is none."""
        if self.process.poll() is not None:
            raise AssertionError("the container ended\n" + self.story())
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as f:
            self.init = next((int(pid) for pid in f.read().split() if status(pid).endswith("\t1")), None)
        return self.init

    def run(self, *command, check=True):
        """A command within; its stdout."""
        return weirtest.sh("nsenter", "--all", "-t", self.init or self.find_init(), *command, check=check)

    def story(self):
        self.log.flush()
        with open(self.log.name, encoding="utf-8", errors="replace") as f:
            return f.read()[-6000:]

    def end(self):
        if self.process.poll() is None and self.init:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.init, signal.SIGRTMIN + 14)  # systemd(1): power off at once
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Systemd(weirtest.Case):

    def setUp(self):
        super().setUp()
        weirtest.need_program("systemd-nspawn", "nsenter")
        self.network = weirnet.Network(self)

    def boot(self, driver):
        self.container = Container(self, self.network.space, driver)
        weirtest.wait_until(self.container.find_init, self.container.story)

    def show(self, *properties):
        text = self.container.run("systemctl", "show", "weir", *(f"--property={p}" for p in properties),
                                  check=False)
        return dict(line.split("=", 1) for line in text.splitlines())

    def story(self):
        return "\n".join((self.container.story(), str(self.show("ActiveState", "Result")),
                          self.container.run("journalctl", "-u", "weir", "-n", "30", "--no-pager", check=False)))

    def end_ms(self):
        """The end of the newest window in Redis."""
        text = self.container.run("redis-cli", "-s", "/run/redis.sock", "hget", "weir:flow:{pairs}:meta", "end_ms",
                                  check=False).strip()
        return int(text) if text.isdigit() else 0

    def wait_new(self, before):
        """Seconds until a window that ends after `before` ms is published."""
        begin = time.monotonic()
        weirtest.wait_until(lambda: self.end_ms() > before, self.story, timeout=WATCHDOG + weirtest.TIMEOUT)
        return time.monotonic() - begin

    def main_pid(self):
        """As seen from outside."""
        inside = self.show("MainPID")["MainPID"]
        for pid in filter(str.isdigit, os.listdir("/proc")):
            if status(pid).endswith("\t" + inside) and os.path.samefile(
                    f"/proc/{pid}/ns/pid", f"/proc/{self.container.init}/ns/pid"):
                return int(pid)
        raise AssertionError("weir has no process\n" + self.story())

    def life(self, driver):
        self.boot(driver)
        weirtest.wait_until(lambda: self.show("ActiveState").get("ActiveState") == "active", self.story)
        self.figures("systemd", f"a start, {driver}", first_window_after_s=round(self.wait_new(0), 2))
        pid = self.main_pid()
        names = [t["Name"] for t in test_service.threads(pid).values()]
        self.assertIn("rte-worker-1", names)
        self.assertNotEqual(os.stat(f"/proc/{pid}").st_uid, 0)
        link = weirtest.sh("ip", "-n", self.network.space, "link", "show", "dev", self.network.outside)
        self.assertEqual("xdp" in link, driver == "af_xdp", self.story())
        self.container.run("systemctl", "reload", "weir")
        self.assertEqual(self.main_pid(), pid)

        os.kill(pid, signal.SIGKILL)
        took = self.wait_new(self.end_ms() + 1)
        self.figures("systemd", f"kill -9, {driver}", publishing_after_s=round(took, 2))
        self.assertLess(took, WITHIN)

        pid = self.main_pid()
        worker = next(tid for tid, t in test_service.threads(pid).items() if t["Name"] == "rte-worker-1")
        test_service.ptrace(test_service.PTRACE_SEIZE, worker)
        test_service.ptrace(test_service.PTRACE_INTERRUPT, worker)
        os.waitpid(worker, test_service.WALL)
        begin = time.monotonic()
        weirtest.wait_until(lambda: os.waitpid(worker, test_service.WALL | os.WNOHANG)[0], self.story,
                            timeout=3 * WATCHDOG)  # it is killed
        ended = time.monotonic() - begin
        self.figures("systemd", f"an RX core stands still, WatchdogSec={WATCHDOG}s, {driver}",
                     ended_after_s=round(ended, 1),
                     publishing_after_s=round(self.wait_new(self.end_ms() + 1), 2))
        self.assertEqual(self.show("NRestarts")["NRestarts"], "2")

        self.container.run("systemctl", "stop", "weir")
        self.assertEqual(self.show("ActiveState", "Result"), {"ActiveState": "inactive", "Result": "success"})

    def test_af_packet(self):
        self.life("af_packet")

    def test_af_xdp(self):
        self.life("af_xdp")


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("needs root")
        sys.exit(weirtest.SKIP)
    weirtest.main()
