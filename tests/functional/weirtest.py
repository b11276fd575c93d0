# SPDX-License-Identifier: BSD-3-Clause
"""What functional tests share: a private Redis, the daemon, waiting for conditions.

A test script is a file of unittest cases that ends with weirtest.main(). Its exit code is 0, 1, or
77 where something was skipped: a skip never looks like a success.
"""

import contextlib
import fcntl
import glob
import json
import os
import pty
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

import redis

SOURCE = os.path.abspath(os.environ.get(
    "WEIR_SOURCE_ROOT", os.path.join(os.path.dirname(__file__), "..", "..")))
BUILD = os.path.abspath(os.environ.get("WEIR_BUILD_ROOT", os.path.join(SOURCE, "build")))
CORPUS = os.environ.get("WEIR_CORPUS", os.path.join(SOURCE, "..", "shared", "corpus"))
WEIR = os.path.join(BUILD, "app", "weir", "weir")
WEIRCTL = os.path.join(BUILD, "app", "weirctl", "weirctl")
SFLOWGEN = os.path.join(BUILD, "app", "sflowgen", "sflowgen")
CONFIG = os.path.join(SOURCE, "config", "weir.yaml")
LOCATION = "/usr/share/libloc-location/location.db"  # the package's, whatever else the host has
GEO = {"country": LOCATION, "asn": LOCATION}

TIMEOUT = 30  # s for anything that is waited for
SKIP = 77
DAMAGE = re.compile(r"(ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:|sandbox error|"
                    r"sums do not hold|Assertion .* failed|malloc\(\)|free\(\)|\*\*\* )")


def wait_until(condition, what, timeout=TIMEOUT, pause=0.02):
    """Until `condition()` gives something true, which is returned; fails after `timeout` s."""
    end = time.monotonic() + timeout
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            text = what() if callable(what) else what
            raise AssertionError(f"not within {timeout} s: {text}")
        time.sleep(pause)


def sh(*command, check=True, **more):
    """Run a command to its end; its stdout."""
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, timeout=TIMEOUT * 2, **more)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: {done.returncode}: {done.stderr}")
    return done.stdout


def corpus():
    """Paths of the captures; skips where there are none."""
    files = sorted(glob.glob(os.path.join(CORPUS, "*.pcap")))
    if not files:
        raise unittest.SkipTest(f"no captures in {CORPUS}: set WEIR_CORPUS")
    return files


def need_program(*names):
    for name in names:
        if not shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin"):
            raise unittest.SkipTest(f"{name} is not installed")


def unique(prefix):
    """A name that no other running test has."""
    unique.count += 1
    return f"{prefix}{os.getpid()}n{unique.count}"


unique.count = 0


class Process:
    """A process in the background, with its words in files, that has to end as expected."""

    def __init__(self, case, name, command, space=None, **more):
        self.name, self.case = name, case
        self.folder = tempfile.mkdtemp(prefix=name + "-", dir=case.folder)
        self.out_path = os.path.join(self.folder, "stdout")
        self.err_path = os.path.join(self.folder, "stderr")
        command = [str(c) for c in command]
        if space:
            command = ["ip", "netns", "exec", space] + command
        self.command = command
        with open(self.out_path, "w", encoding="utf-8") as out, \
                open(self.err_path, "w", encoding="utf-8") as err:
            self.popen = subprocess.Popen(  # pylint: disable=consider-using-with
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=self.folder,
                preexec_fn=self.allow_core, **more)
        self.checked = False
        case.addCleanup(self.give_up)

    @staticmethod
    def allow_core():
        most = resource.getrlimit(resource.RLIMIT_CORE)[1]
        resource.setrlimit(resource.RLIMIT_CORE, (most, most))

    @property
    def pid(self):
        return self.popen.pid

    def out(self):
        with open(self.out_path, encoding="utf-8", errors="replace") as f:
            return f.read()

    def err(self):
        with open(self.err_path, encoding="utf-8", errors="replace") as f:
            return f.read()

    def story(self):
        return f"{' '.join(self.command)}\n--- stdout\n{self.out()[-4000:]}\n--- stderr\n" \
               f"{self.err()[-8000:]}"

    def running(self):
        return self.popen.poll() is None

    def send(self, number):
        if self.running():
            self.popen.send_signal(number)

    def wait(self, code=0, timeout=TIMEOUT * 2):
        """Until it has ended, with that exit code and no sign of damage."""
        try:
            self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
            raise AssertionError(f"{self.name} did not end\n{self.story()}") from None
        self.check(code)
        return self.out()

    def check(self, code):
        self.checked = True
        if self.popen.returncode != code:
            raise AssertionError(
                f"{self.name} ended with {self.popen.returncode}, not {code}\n{self.story()}")
        damage = DAMAGE.search(self.err())
        if damage:
            raise AssertionError(f"{self.name}: {damage.group(0)}\n{self.story()}")
        if glob.glob(os.path.join(self.folder, "core*")):
            raise AssertionError(f"{self.name} dumped core\n{self.story()}")

    def stop(self, code=0, number=signal.SIGTERM):
        self.send(number)
        return self.wait(code)

    def give_up(self):
        """At the end of a test: whoever still runs was forgotten, or the test has failed."""
        if self.running():
            self.popen.terminate()
            try:
                self.popen.wait(5)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()
        self.popen.wait()


class Redis:
    """A redis-server of this test's own, on a UNIX socket."""

    def __init__(self, case, *options):
        self.case, self.options = case, options
        self.folder = tempfile.mkdtemp(prefix="redis-", dir=case.folder)
        self.socket = os.path.join(self.folder, "redis.sock")
        self.url = "unix:" + self.socket
        self.process = None

    def start(self):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.socket)
        self.process = Process(self.case, "redis-server", [
            "redis-server", "--port", "0", "--unixsocket", self.socket, "--save", "",
            "--appendonly", "no", "--dir", self.folder, *self.options])
        wait_until(self.answers, self.process.story)
        return self

    def answers(self):
        if not self.process.running():
            raise AssertionError("redis-server ended\n" + self.process.story())
        if not os.path.exists(self.socket):
            return False
        try:
            with self.client() as client:
                return client.ping()
        except (redis.ResponseError, redis.AuthenticationError):
            return True  # it is there, and asks for a password
        except redis.ConnectionError:
            return False

    def client(self, **more):
        return redis.Redis(unix_socket_path=self.socket, decode_responses=True, **more)

    def kill(self):
        self.process.send(signal.SIGKILL)
        self.process.popen.wait()


class Terminal:
    """A terminal of the test's own, and a program with a live view on it."""

    def __init__(self, case, command, rows=12, columns=70):
        self.case, self.seen = case, b""
        self.master, self.slave = pty.openpty()
        case.addCleanup(os.close, self.master)
        case.addCleanup(os.close, self.slave)
        self.before = termios.tcgetattr(self.slave)
        self.set_size(rows, columns)
        self.popen = subprocess.Popen(  # pylint: disable=consider-using-with
            command, stdin=self.slave, stdout=self.slave, stderr=self.slave,
            start_new_session=True)
        case.addCleanup(self.give_up)

    def give_up(self):
        if self.popen.poll() is None:
            self.popen.kill()
        self.popen.wait()

    def set_size(self, rows, columns):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))

    def resize(self, rows, columns):
        self.set_size(rows, columns)
        self.popen.send_signal(signal.SIGWINCH)

    def press(self, keys):
        os.write(self.master, keys.encode())

    def read(self):
        os.set_blocking(self.master, False)
        with contextlib.suppress(OSError):
            while data := os.read(self.master, 65536):
                self.seen += data

    def story(self):
        return self.seen[-4000:].decode(errors="replace")

    def screen(self):
        """The lines of the newest whole picture."""
        self.read()
        whole = self.seen.rpartition(b"\033[K")[0].rpartition(b"\033[H")[2]
        return [line.split(b"\033[K")[0].split(b"\033[J")[0].decode()
                for line in whole.split(b"\r\n")]

    def flows(self):
        """The last letters of the flows flow-a, flow-b, … that are shown."""
        return "".join(line.split()[0][-1] for line in self.screen() if line.startswith("flow-"))

    def wait_flows(self, want):
        wait_until(lambda: self.flows() == want, lambda: f"{want}\n{self.story()}")

    def wait_text(self, text):
        """Until it has been shown once."""
        wait_until(lambda: self.read() or text.encode() in self.seen,
                   lambda: f"{text}\n{self.story()}")

    def after(self):
        """What stands on the terminal after the live view."""
        return self.seen.rpartition(b"\033[?1049l")[2].decode()

    def end(self, code=0):
        """Until the program has ended, and has put the terminal back."""
        self.case.assertEqual(self.popen.wait(TIMEOUT), code, self.story())
        self.read()
        self.case.assertEqual(termios.tcgetattr(self.slave)[:6], self.before[:6])
        self.case.assertIn(b"\033[?1049l", self.seen)


class Case(unittest.TestCase):
    """A test with a folder of its own that goes away with it."""

    maxDiff = None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="weir-test-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def path(self, name, text=None):
        path = os.path.join(self.folder, name)
        if text is not None:
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
        return path

    def redis(self, *options):
        return Redis(self, *options).start()

    def weir(self, *args, space=None, **more):
        """Start the daemon; to be ended by stop() or wait(). Without an API, unless asked for."""
        api = [] if "--api" in args else ["--no-api"]
        return Process(self, "weir", [WEIR, *api, *args], space=space, **more)

    def weirctl(self, *args, space=None):
        """Start weirctl; to be ended by wait()."""
        return Process(self, "weirctl", [WEIRCTL, *args], space=space)

    def live(self, network, store, *args, config=CONFIG):
        """Start the daemon on a veth, until it has published its first window."""
        daemon = self.weir("-c", config, "--iface", network.outside, "--redis", store.url,
                           "--summary", *args, space=network.space)
        self.wait_published(daemon, store)
        return daemon

    def wait_published(self, daemon, store):
        with store.client() as client:
            def published():
                if not daemon.running():
                    raise AssertionError("weir ended\n" + daemon.story())
                return client.keys("*:collector:*")
            wait_until(published, daemon.story)

    def once(self, files, *args, url="", config=CONFIG):
        """Read captures to their end; the summary."""
        flags = [flag for f in files for flag in ("--pcap", f)]
        return json.loads(self.weir("-c", config, *flags, "--once", "--redis", url, *args).wait())

    def sflowgen(self, *args, space=None):
        """Start sflowgen with a truth file; truth() waits and reads it."""
        truth = os.path.join(self.folder, unique("truth"))
        process = Process(self, "sflowgen", [SFLOWGEN, "--quiet", "--truth", truth, *args],
                          space=space)
        process.truth_path = truth
        return process

    def truth(self, process, seconds=0):
        """Wait for sflowgen, which sends for so many seconds if that is long; what it sent."""
        process.wait(timeout=TIMEOUT * 2 + seconds)
        with open(process.truth_path, encoding="utf-8") as f:
            return json.load(f)

    def make_capture(self, name, *args):
        """A capture made by sflowgen, and its truth."""
        path = self.path(name)
        return path, self.truth(self.sflowgen("--out", path, *args))

    def fabric(self, network, *args):
        """sflowgen as the fabric of a network."""
        return self.sflowgen("--iface", network.inside, "--dst-ip", network.OUTSIDE, "--src-ip",
                             network.INSIDE, "--dst-mac", network.outside_mac(), *args,
                             space=network.fabric)

    def collector(self, client, prefix="weir"):
        """The collector's own counters, as numbers where they are; {} before the first window."""
        keys = client.keys(f"{prefix}:collector:*")
        fields = client.hgetall(keys[0]) if keys else {}
        return {k: int(v) if v.lstrip("-").isdigit() else v for k, v in fields.items()}

    def wait_datagrams(self, client, count, daemon, **more):
        """Until the collector has published that it decoded so many."""
        def enough():
            if not daemon.running():
                raise AssertionError("weir ended\n" + daemon.story())
            return self.collector(client, **more).get("sflow_datagrams", 0) >= count
        wait_until(enough, lambda: f"{count} datagrams: {self.collector(client, **more)}\n"
                   + daemon.story())

    def assert_conserved(self, c):
        """The sums of a collector hash hold."""
        self.assertEqual(c["imbalances"], 0)
        self.assertEqual(c["ingress_datagrams"], c["sflow_datagrams"])
        drops = sum(v for k, v in c.items() if k.startswith("sflow_drop_"))
        self.assertEqual(c["sflow_datagrams"], c["sflow_datagrams_decoded"] + drops)
        drops = sum(v for k, v in c.items() if k.startswith("sflow_sample_drop_"))
        kinds = ("flow_samples", "counter_samples", "discard_samples", "rtmetric_samples",
                 "rtflow_samples")
        self.assertEqual(c["sflow_samples"], drops + sum(c["sflow_" + k] for k in kinds))
        gone = {k: v for k, v in c.items() if k.startswith("ingress_drop_")}
        fragments = gone.pop("ingress_drop_fragment") + gone.pop("ingress_drop_timeout")
        self.assertEqual(
            c["ingress_packets"] - c["ingress_fragments"] + c["ingress_reassembled"],
            c["ingress_datagrams"] + sum(gone.values()))
        self.assertLessEqual(c["ingress_joined"] + fragments, c["ingress_fragments"])

    def figures(self, chapter, fault, **values):
        """Print what a fault did, for the table that devtools/reliability.py makes of all of them.

        `chapter` is one of that page, such as "overload"; `fault` says in a few words what was done;
        `values` are texts or numbers with their units in the name: before_ksps=310.
        """
        print("figure " + json.dumps({"chapter": chapter, "fault": fault, "values": values}),
              flush=True)

    def assert_near(self, value, want, tolerance, what=""):
        self.assertLessEqual(abs(value - want), tolerance * max(abs(want), 1e-9),
                             f"{what}: {value} is not {want} within {tolerance:.1%}")


def main():
    for program in (WEIR, WEIRCTL, SFLOWGEN):
        if not os.access(program, os.X_OK):
            sys.exit(f"{program} is not built")
    result = unittest.main(exit=False, verbosity=2).result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(SKIP if result.skipped else 0)
