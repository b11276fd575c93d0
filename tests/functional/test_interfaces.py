#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Names of interfaces: from the configuration, from counter records, and from a real SNMP agent."""

import os
import re
import socket
import struct
import sys

import weirapi
import weirtest

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "decode"))

import captures  # pylint: disable=wrong-import-position

AGENT = "127.0.0.1"
PORTS = range(1, 6)


def text(what):
    return struct.pack(">I", len(what)) + what + bytes(-len(what) % 4)


def record(tag, body):
    return struct.pack(">II", tag, len(body)) + body


def counters(index):
    """0:1 of an interface."""
    return record(1, struct.pack(">IIQII", index, 6, 10**9, 1, 3) + bytes(64))


def sample(index, *records):
    return record(2, struct.pack(">III", 1, index, len(records)) + b"".join(records))


def datagram(*samples):
    return struct.pack(">II", 5, 1) + captures.packed(AGENT) \
        + struct.pack(">IIII", 0, 1, 1000, len(samples)) + b"".join(samples)


class Interfaces(weirtest.Case):

    def capture(self, names):
        """A capture with a counter sample of each port; those of `names` say what they are called."""
        told = {i: [record(1005, text(name))] for i, name in names.items()}
        body = datagram(*[sample(i, counters(i), *told.get(i, ())) for i in PORTS])
        path = self.path("in.pcap")
        with open(path, "wb") as f:
            f.write(captures.pcap([(1_700_000_000, 0, captures.ethernet(body))]))
        return path

    def start(self, config, names=(), **more):
        """A daemon that heard the ports of the agent."""
        config = self.path("weir.yaml", config)
        daemon = self.weir("-c", config, "--pcap", self.capture(dict(names)), "--loop", "--redis",
                           "", "--window", "100ms", "--api", "127.0.0.1:0", **more)
        self.api = weirapi.Client(self, daemon)
        return daemon

    def names(self, metric="ifname"):
        """{ifIndex: name} of all that have one."""
        status, values = self.api.ask("GET", f"/dump/{AGENT}/{metric}/json")
        return {int(v["dataSource"]): v["metricValue"] for v in values} if status == 200 else {}

    def wait_names(self, daemon, want, metric="ifname"):
        weirtest.wait_until(lambda: self.names(metric) == want,
                            lambda: f"{want}: {self.names(metric)}\n{daemon.story()}")

    def refused(self, daemon, words):
        """The file is, and some windows have ended since."""
        self.assertIn(words, str(self.api.want(400, "PUT", "/config/json", {})))
        windows = self.counts()["windows"]
        weirtest.wait_until(lambda: self.counts()["windows"] > windows + 2, daemon.story)

    def counts(self):
        return self.api.want(200, "GET", "/analyzer/json")["counters"]


class Map(Interfaces):

    def test_map(self):
        """The configuration goes before what records say; an alias is there by itself."""
        daemon = self.start(
            f"interfaces: {{{AGENT}: {{1: set1, 2: {{name: set2, alias: to spine 1}},"
            " 3: {alias: spare}}, 192.0.2.9: {1: other}}",
            {2: b"told2", 3: b"told3", 4: b"told 4\xff"})
        self.wait_names(daemon, {1: "set1", 2: "set2", 3: "told3", 4: "told 4\\xFF"})
        self.wait_names(daemon, {2: "to spine 1", 3: "spare"}, "ifalias")
        found = self.api.want(200, "GET", "/dump/ALL/ifindex/json?ifname=set*&ifalias=*spine*")
        self.assertEqual([v["dataSource"] for v in found], ["2"])
        daemon.stop()

    def test_published(self):
        """They are among what Redis has of an interface."""
        store = self.redis()
        summary = self.once([self.capture({4: b"told4"})], url=store.url,
                            config=self.path("weir.yaml", f"interfaces: {{{AGENT}: {{1: set1}}}}"))
        self.assertEqual(summary["samples"], len(PORTS))
        with store.client() as client:
            names = [client.hget(f"weir:metric:{{{AGENT}}}:{i}", "ifname") for i in PORTS]
        self.assertEqual(names, ["set1", None, None, "told4", None])

    def test_file(self):
        path = self.path("names.yaml", f"'{AGENT}':\n  1: file1\n  5: {{name: file5}}\n")
        daemon = self.start(f"interfaces: {path}")
        self.wait_names(daemon, {1: "file1", 5: "file5"})
        daemon.stop()

    def test_read_again(self):
        """
        Other names while weir runs; with a mistake in them all stays. What agents told before is there again with
        their next record, which a capture in a loop does not have: its numbers were seen before.
        """
        names = self.path("names.yaml", f"'{AGENT}': {{1: a1, 2: {{name: a2, alias: x}}, 3: a3}}")
        daemon = self.start(f"interfaces: {names}", {2: b"told2", 4: b"told4"})
        self.wait_names(daemon, {1: "a1", 2: "a2", 3: "a3", 4: "told4"})
        self.path("names.yaml", f"'{AGENT}': {{1: a1, 3: b3, 5: {{name: b5, alias: y}}}}")
        self.api.want(204, "PUT", "/config/json", {})
        self.wait_names(daemon, {1: "a1", 3: "b3", 4: "told4", 5: "b5"})
        self.wait_names(daemon, {5: "y"}, "ifalias")
        self.path("names.yaml", f"'{AGENT}': {{1: c1, 3: [c3]}}")
        self.refused(daemon, "interface 3: the name is a text")
        self.wait_names(daemon, {1: "a1", 3: "b3", 4: "told4", 5: "b5"})
        self.path("weir.yaml", "{}")
        self.api.want(204, "PUT", "/config/json", {})
        self.wait_names(daemon, {4: "told4"})
        daemon.stop()

    def test_all_or_nothing(self):
        """Names are right, but what else the file says cannot be in force."""
        group = "groups: {sites: {all: 0.0.0.0/0}}\n"
        daemon = self.start(group + f"interfaces: {{{AGENT}: {{1: a1}}}}")
        self.wait_names(daemon, {1: "a1"})
        self.api.put("mine", {"keys": "group:ipsource:sites", "value": "bytes"})
        self.path("weir.yaml", f"interfaces: {{{AGENT}: {{1: b1}}}}")
        self.refused(daemon, "mine")
        self.wait_names(daemon, {1: "a1"})
        self.path("weir.yaml", group + f"interfaces: {{{AGENT}: {{1: b1}}}}")
        self.api.want(204, "PUT", "/config/json", {})
        self.wait_names(daemon, {1: "b1"})
        daemon.stop()

    def test_wrong(self):
        for config, words in (
                ("interfaces: {switch1: {1: eth1}}", "no IPv4 or IPv6 address"),
                ("interfaces: {192.0.2.1: {eth1: 1}}", "no ifIndex"),
                ("interfaces: /nowhere/names.yaml", "No such file"),
                ("snmp: {version: 2c}", "snmp.agents is missing"),
                ("snmp: {version: 2, agents: 10.0.0.0/8}", "write off, 2c or 3"),
                ("snmp: {agents: 10.0.0.0/33}", "10.0.0.0/33")):
            with self.subTest(config=config):
                check = self.weir("-c", self.path("wrong.yaml", config), "--check")
                check.wait(2)
                self.assertIn(words, check.err())

    def test_secrets(self):
        """What is wrong with a secret is said without it, and a secret is not printed."""
        config = self.path("weir.yaml", "snmp: {version: 3, agents: 127.0.0.1, user: weir, "
                           f"auth_password: {'hunter2' * 50}}}")
        check = self.weir("-c", config, "--check")
        check.wait(2)
        self.assertIn("snmp.auth_password: what is given is too long", check.err())
        self.assertNotIn("hunter2", check.err())
        config = self.path("weir.yaml", "snmp: {version: 3, agents: 127.0.0.1, user: weir, "
                           "auth_password: hunter2hunter2}")
        printed = self.weir("-c", config, "--print-config").wait()
        self.assertIn('auth_password: "***"', printed)
        self.assertNotIn("hunter2", printed)


class Snmp(Interfaces):
    """A snmpd of this test's own, on loopback."""

    CONF = """
rocommunity secret1 127.0.0.1
createUser weir SHA-256 "authpassword" AES "privpassword"
rouser weir authPriv
pass_persist .1.3.6.1.2.1.31.1.1.1 {script}
"""
    # What answers for ifXTable: three ports, the last with a name that is no ASCII.
    SCRIPT = """#!/usr/bin/python3
import sys
COLUMNS = {1: ["swp1", "swp2", "sw\\u00fc3"], 18: ["uplink", "", "to rack 7"]}
BASE = ".1.3.6.1.2.1.31.1.1.1."
ROWS = [((column, i + 1), text) for column, texts in sorted(COLUMNS.items())
        for i, text in enumerate(texts)]
def parse(oid):
    return tuple(int(p) for p in (oid + ".")[len(BASE):].strip(".").split(".") if p)
for line in sys.stdin:
    word = line.strip()
    if word == "PING":
        print("PONG", flush=True)
        continue
    asked = parse(sys.stdin.readline().strip())
    found = [row for row in ROWS if (row[0] == asked if word == "get" else row[0] > asked)]
    if not found:
        print("NONE", flush=True)
    else:
        (column, index), text = found[0]
        sys.stdout.buffer.write(f"{BASE}{column}.{index}\\nstring\\n{text}\\n".encode())
        sys.stdout.flush()
"""

    def agent(self):
        weirtest.need_program("snmpd")
        script = self.path("ifx.py", self.SCRIPT)
        os.chmod(script, 0o755)
        os.chmod(self.folder, 0o755)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind((AGENT, 0))
            port = free.getsockname()[1]
        config = self.path("snmpd.conf", self.CONF.format(script=script))
        os.makedirs(self.path("snmp"), exist_ok=True)
        agent = weirtest.Process(self, "snmpd", [
            "/usr/sbin/snmpd", "-f", "-Lo", "-C", "-c", config, "-I", "-smux,ifXTable",
            f"udp:{AGENT}:{port}"], env={**os.environ, "SNMP_PERSISTENT_DIR": self.path("snmp")})
        return agent, port

    def snmp(self, port, *options):
        return "snmp: {" + ", ".join([f"agents: [{AGENT}]", f"port: {port}", "timeout: 500ms",
                                      "retries: 5", "refresh: 1s", *options]) + "}\n"

    def check(self, config, **more):
        daemon = self.start(config, {3: b"told3", 4: b"told4"}, **more)
        self.wait_names(daemon, {1: "swp1", 2: "swp2", 3: "sw\\xC3\\xBC3", 4: "told4"})
        self.wait_names(daemon, {1: "uplink", 3: "to rack 7"}, "ifalias")
        # Names are in force a little before the window whose statistics tell of their walk.
        weirtest.wait_until(lambda: self.counts()["snmp_walks"] > 0, daemon.story)
        counts = self.counts()
        self.assertEqual(counts["snmp_agents"], 1)
        self.assertEqual([counts[f"snmp_{c}"] for c in ("refused", "bad", "cut", "failed")],
                         [0] * 4)
        daemon.stop()

    def test_2c(self):
        """By SNMP go before those of records, and after those of the configuration."""
        agent, port = self.agent()
        self.check(self.snmp(port, "version: 2c", "community: file:"
                             + self.path("community", "secret1\n")))
        config = self.snmp(port, "version: 2c", "community: secret1")
        daemon = self.start(f"interfaces: {{{AGENT}: {{1: set1}}}}\n{config}")
        self.wait_names(daemon, {1: "set1", 2: "swp2", 3: "sw\\xC3\\xBC3"})
        self.wait_names(daemon, {1: "uplink", 3: "to rack 7"}, "ifalias")
        self.path("weir.yaml", f"interfaces: {{{AGENT}: {{3: set3}}}}\n{config}")
        self.api.want(204, "PUT", "/config/json", {})
        self.wait_names(daemon, {1: "swp1", 2: "swp2", 3: "set3"})
        self.wait_names(daemon, {1: "uplink", 3: "to rack 7"}, "ifalias")
        daemon.stop()
        agent.stop()

    def test_3(self):
        """Version 3 with encryption, its passwords from the environment and a file."""
        agent, port = self.agent()
        self.check(self.snmp(
            port, "version: 3", "user: weir", "auth_protocol: SHA-256",
            "auth_password: env:WEIR_AUTH", "priv_protocol: AES",
            "priv_password: file:" + self.path("priv", "privpassword\n")),
            env={**os.environ, "WEIR_AUTH": "authpassword"})
        agent.stop()

    def test_refused(self):
        """A wrong password: names stay those of records, and it is counted."""
        agent, port = self.agent()
        daemon = self.start(self.snmp(
            port, "version: 3", "user: weir", "auth_protocol: SHA-256",
            "auth_password: wrongpassword", "priv_password: privpassword"), {4: b"told4"})
        weirtest.wait_until(lambda: self.counts()["snmp_refused"] > 0, daemon.story)
        self.wait_names(daemon, {4: "told4"})
        self.assertNotRegex(daemon.err(), re.compile("password", re.I))
        daemon.stop()
        agent.stop()

    def test_outside(self):
        """Whoever is in none of the networks is not asked."""
        daemon = self.start("snmp: {version: 2c, agents: 192.0.2.0/24}", {4: b"told4"})
        weirtest.wait_until(lambda: self.counts()["snmp_outside"] > 0, daemon.story)
        self.assertEqual(self.counts()["snmp_requests"], 0)
        self.wait_names(daemon, {4: "told4"})
        daemon.stop()


if __name__ == "__main__":
    weirtest.main()
