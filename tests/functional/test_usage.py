#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The command line and the file: what is right passes --check, what is wrong says where and how."""

import glob
import os
import re
import unittest

import weirtest

CHECK = ["--check", "--api", "127.0.0.1:0"]  # without --no-api, which tests have else

# Text of a file, place of the mistake, and words that the sentence has to have.
WRONG_FILES = [
    ("udp_prt: 6343\n", "1:1", ["udp_prt", "udp_port"]),
    ("udp_port: 0\n", "1:11", ["udp_port", "1 to 65535"]),
    ("udp_port: many\n", "1:11", ["many", "1 to 65535"]),
    ("window: 7s\n", "1:9", ["7s", "minute"]),
    ("window: 1s\nwindow: 2s\n", "2:1", ["window", "twice"]),
    ("window:\n\t1s\n", "2:1", ["tab"]),
    ("ports: 5\n", "1:8", ["ports", "list"]),
    ("ports:\n  - {ifaces: eth0}\n", "2:6", ["ifaces", "iface"]),
    ("ports:\n  - {iface: eth0, pci: '0000:00:01.0'}\n", "2:5", ["iface", "pci"]),
    ("ports:\n  - {iface: eth0, driver: af_xpd}\n", "2:27", ["af_xpd", "af_xdp"]),
    ("cores: {rx: [1, 1]}\n", "1:17", ["cores.rx", "twice"]),
    ("cores: {rx: [1], aggregate: [1]}\n", "1:29", ["cores.aggregate"]),
    ("memory: {hugepages: onn}\n", "1:21", ["onn", "auto, on or off"]),
    ("limits: {agents: ten}\n", "1:18", ["limits.agents", "ten"]),
    ("limits: {agnets: 100}\n", "1:10", ["agnets", "agents"]),
    ("redis: {url: 'http://localhost'}\n", "1:14", ["redis.url", "redis://", "unix:"]),
    ("redis: {url: 'redis://localhost:99999'}\n", "1:15", ["port", "65535"]),
    ("redis: {url: 'redis://localhost/one'}\n", "1:15", ["database"]),
    ("redis: {prefix: 'a b'}\n", "1:17", ["redis.prefix"]),
    ("flows:\n  - {name: a, keys: ipsorce, value: bytes}\n", "2:21", ["ipsorce", "ipsource"]),
    ("flows:\n  - {name: a, keys: 'vlan,mask:vlam:8', value: bytes}\n", "2:32", ["vlam", "vlan"]),
    ("flows:\n  - {name: a, keys: 'host:ipsource', value: bytes}\n", "2:22", ["host:KEY:ATTRIBUTE"]),
    ("flows:\n  - {name: a, keys: '', value: 'rate: bits:durration:1'}\n", "2:44",
     ["durration", "duration"]),
    ("flows:\n  - name: a\n    keys: ''\n    value: bytes\n    values: [frames, 'agv:tcprtt']\n",
     "5:23", ["agv", "avg"]),
    ("flows:\n  - {name: a, keys: '', value: 'avg:ipsource'}\n", "2:37", ["number", "count"]),
    ("flows:\n  - name: a\n    keys: ''\n    value: bytes\n    filter: vlan=1&ipprotocol=tcp\n",
     "5:31", ["tcp", "0 to 255"]),
    ("flows:\n  - {name: a, keys: '', value: bytes, filter: \"stack~'('\"}\n", "2:55",
     ["regular expression"]),
    ("flows:\n  - {name: a, keys: '', value: bytes, dropped: maybe}\n", "2:48",
     ["maybe", "false or true"]),
    ("flows:\n  - {name: a, keys: '', value: bytes, fs: ä}\n", "2:43", ["ASCII"]),
    ("flows:\n  - name: a\n    keys: ipsource,ipdestnation\n    value: bytes\n", "3:20",
     ["ipdestnation", "ipdestination"]),
    ("flows:\n  - name: a\n    keys:\n      - ipsource\n      - tcpsourceprt\n    value: bytes\n",
     "5:9", ["tcpsourceprt", "tcpsourceport"]),
    ("flows:\n  - {name: a, keys: ipsource.9, value: bytes}\n", "2:21", ["ipsource.9", "digit"]),
    ("flows:\n  - {name: a, keys: 'ipsource,,vlan', value: bytes}\n", "2:31", ["missing"]),
    ("flows:\n  - {name: a, keys: ipsource, value: byts}\n", "2:38", ["byts", "bytes"]),
    ("flows:\n  - {name: a, keys: ipsource}\n", "2:5", ["value"]),
    ("flows:\n  - {name: a b, keys: ipsource, value: bytes}\n", "2:12", ["flows.name"]),
    ("flows:\n  - {name: a, keys: vlan, value: bytes}\n  - {name: a, keys: agent, value: bytes}\n",
     "3:12", ["line 2"]),
    ("flows:\n  - {name: a, keys: vlan, value: bytes, n: 0}\n", "2:44", ["flows.n", "1 to"]),
    ("flows:\n  - {name: a, keys: vlan, value: bytes, t: soon}\n", "2:44", ["flows.t", "soon"]),
    ("redis: {user: joe}\n", "1:15", ["redis.user", "no password"]),
    ("redis: {url: 'rediss://h', tls_ca: /nonexist}\n", "1:36", ["redis.tls_ca", "No such file"]),
    ("redis: {url: 'rediss://h', tls_cert: a.pem}\n", "1:38", ["redis.tls_cert", "takes its key"]),
    ("redis: {url: 'redis://h', tls_server_name: n}\n", "1:44",
     ["redis.tls_server_name", "rediss://"]),
    ("redis: {password: 'file:/nonexist'}\n", "1:20", ["redis.password", "No such file"]),
    ("redis: {url: 'redis://h?password=x'}\n", "1:15", ["redis.url", "stands before it"]),
    ("api: {token: 'file:/nonexist'}\n", "1:15", ["api.token", "No such file"]),
    ("api: {read_token: 'env:WEIR_NONE'}\n", "1:20", ["api.read_token", "not set"]),
    ("api: {tls_cert: a.pem}\n", "1:17", ["api.tls_cert", "its key"]),
    ("api: {tls_cert: /nonexist, tls_key: k}\n", "1:17", ["api.tls_cert", "No such file"]),
    ("topology: /nonexist.json\n", "1:11", ["topology", "No such file"]),
    ("interfaces: /nonexist\n", "1:13", ["interfaces", "No such file"]),
    ("user: no-such-user\n", "1:7", ["user", "useradd"]),
    ("{user: root, group: no-such-group}\n", "1:21", ["group", "groupadd"]),
    ("cores: {rx: [1023]}\n", "1:13", ["cores.rx", "1023"]),
    ("cores: {aggregate: [1023]}\n", "1:20", ["cores.aggregate", "1023"]),
    ("snmp: {version: 2c, agents: '::/0', community: 'file:/nonexist'}\n", "1:49",
     ["snmp.community", "No such file"]),
    ("snmp: {version: 3, agents: '::/0', user: u, auth_password: short}\n", "1:60",
     ["snmp.auth_password", "8 characters"]),
    ("ports: [{vdev: a, tap: t}, {vdev: b, tap: t}]\n", "1:28", ["ports", "tap of another"]),
    ("- a\n", "1:1", ["list"]),
    ("flows: [\n", "2:1", ["YAML"]),
]

# Arguments, and words that the sentence has to have.
WRONG_ARGUMENTS = [
    ([], ["--iface", "--pcap"]),
    (["--chek"], ["--chek", "--check"]),
    (["--iaface", "eth0"], ["--iaface", "--iface"]),
    (["-x"], ["-x", "--help"]),
    (["--check", "file.yaml"], ["file.yaml", "--help"]),
    (["--pcap"], ["--pcap", "value"]),
    (["-c", "nowhere.yaml", "--check"], ["nowhere.yaml", "No such file"]),
    (["--window", "7s", "--pcap", "x"], ["--window", "7s"]),
    (["--duration", "soon", "--pcap", "x"], ["--duration", "10s"]),
    (["--redis", "http://localhost", "--pcap", "x"], ["--redis", "redis://"]),
    (["--redis", "redis://localhost:99999", "--check"], ["port", "65535"]),
    (["--redis", "redis://localhost/one", "--check"], ["database"]),
    (["--set", "limits.agents=1", "--pcap", "x"], ["--set", "16"]),
    (["--set", "limits.agents=abc", "--pcap", "x"], ["--set limits.agents", "abc"]),
    (["--set", "redis.user=joe", "--check"], ["--set redis.user", "no password"]),
    (["--set", "limits.agnets=100", "--pcap", "x"], ["limits.agnets", "limits.agents"]),
    (["--set", "window", "--pcap", "x"], ["OPTION=TEXT"]),
    (["--queues", "2", "--iface", "lo"], ["--queues", "behind"]),
    (["--iface", "lo", "--driver", "af_xpd"], ["af_xpd", "af_xdp"]),
    (["--once", "--iface", "lo"], ["--once", "--pcap"]),
    (["--log", "loud", "--pcap", "x"], ["loud", "error, warning, notice or debug"]),
    (["--log", "nothing=debug", "--pcap", "x"], ["nothing", "with one of api, capacity, "]),
    (["--vdev", "", "--pcap", "x"], ["--vdev"]),
]

# Arguments that are right, but for something that is not there: exit 1 and the remedy.
MISSING = [
    (["--iface", "nonesuch0"], ["nonesuch0", "ip link"]),
    (["--pcap", "nowhere.pcap"], ["nowhere.pcap", "No such file"]),
    (["--pcap", weirtest.CONFIG], ["not a capture file"]),
    (["--pci", "0000:ff:1f.7"], ["0000:ff:1f.7", "vfio-pci"]),
    (["--vdev", "net_nonesuch0"], ["net_nonesuch0"]),
    (["--set", "memory.hugepages=on", "--set", "memory.mb=4000000", "--vdev", "net_null0"],
     ["hugepages", "sysctl vm.nr_hugepages="]),
]


class Usage(weirtest.Case):

    def refused(self, code, args, wanted, files=""):
        """weir ends with `code`, silent but for one sentence with all words of `wanted`."""
        process = self.weir(*args, "--redis", "") if code == 1 else self.weir(*args)
        self.assertEqual(process.wait(code), "")
        last = process.err().rstrip("\n").split("\n")[-1]
        self.assertTrue(last.startswith("weir: " + files), last)
        for word in wanted:
            self.assertIn(word, last)
        if code == 2:
            self.assertEqual(process.err().count("\n"), 1, process.err())

    def test_wrong_files(self):
        for number, (text, place, wanted) in enumerate(WRONG_FILES):
            path = self.path(f"wrong{number}.yaml", text)
            with self.subTest(text=text):
                self.refused(2, [*CHECK, "-c", path], wanted, f"{path}:{place}: ")

    def test_key(self):
        """What --check says of a certificate and its key is what the start would."""
        weirtest.need_program("openssl")
        cert, key, other, unreadable = map(self.path, ("cert", "key", "other", "unreadable"))
        for to, name in ((key, cert), (other, self.path("other.cert"))):
            weirtest.sh("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=weir", "-keyout", to,
                        "-out", name)
        for tls_key, words in ((key, None), (other, "no pair"), (cert, "no pair"),
                               ("/nonexist", "No such file")):
            path = self.path("key.yaml", f"api:\n  tls_cert: {cert}\n  tls_key: {tls_key}\n")
            with self.subTest(key=tls_key):
                if words:
                    self.refused(2, [*CHECK, "-c", path], ["api.tls_key", words], f"{path}:3:12: ")
                else:
                    self.assertEqual(self.weir(*CHECK, "-c", path).wait(), "")
        self.check_unreadable(cert, key, unreadable)

    def check_unreadable(self, cert, key, unreadable):
        """By the user that weir becomes."""
        if os.geteuid() != 0:
            return
        os.chmod(self.folder, 0o755)
        os.rename(key, unreadable)
        os.chmod(unreadable, 0o600)
        os.chmod(cert, 0o644)
        path = self.path(
            "user.yaml", f"user: nobody\napi:\n  tls_cert: {cert}\n  tls_key: {unreadable}\n")
        self.refused(2, [*CHECK, "-c", path], ["api.tls_key", "Permission denied"], f"{path}:4:12: ")

    def test_no_file(self):
        """A FIFO, a device, a folder in place of a file: nothing waits for it."""
        fifo = self.path("fifo")
        os.mkfifo(fifo)
        for place, words in ((fifo, "FIFO"), ("/dev/zero", "device"), (self.folder, "directory")):
            with self.subTest(place=place):
                self.refused(2, ["-c", place, "--check"], [words], f"{place}: ")
                for option in ("topology", "interfaces"):
                    path = self.path("document.yaml", f"{option}: {place}\n")
                    self.refused(2, ["-c", path, "--check"], [option, words], f"{path}:1:")

    def test_wrong_arguments(self):
        for args, wanted in WRONG_ARGUMENTS:
            with self.subTest(args=args):
                self.refused(2, args, wanted)

    def test_missing(self):
        for args, wanted in MISSING:
            with self.subTest(args=args):
                self.refused(1, args, wanted)

    @unittest.skipIf(os.geteuid() != 0, "needs root, to give it up")
    def test_capabilities(self):
        """Without any capability: the names of those that are needed."""
        process = weirtest.Process(self, "weir", [
            "setpriv", "--bounding-set=-all", "--inh-caps=-all", weirtest.WEIR,
            "-c", weirtest.CONFIG, "--iface", "lo", "--redis", ""])
        process.wait(1)
        self.assertIn("CAP_NET_RAW", process.err())

    def test_check(self):
        for path in glob.glob(os.path.join(weirtest.SOURCE, "config", "*.yaml")):
            with self.subTest(config=path):
                process = self.weir("-c", path, "--check")
                process.popen.wait(weirtest.TIMEOUT)
                if "CPU" in process.err() and "fabric.yaml" in path:
                    process.wait(2)  # it is for a machine with more of them
                else:
                    self.assertEqual(process.wait(), "")

    @staticmethod
    def uncommented(text):
        """An example with the options that stand there as comments."""
        return re.sub(r"(?m)^( *)# ( *(?:- )?[\w.{]+:(?: .*)?)$", r"\1\2", text)

    def test_all_options(self):
        """config/weir.yaml has every option, with its default where it has one."""
        with open(weirtest.CONFIG, encoding="utf-8") as f:
            text = self.uncommented(f.read())
        examples = ("collector", "ports", "cores", "allow", "groups", "maps", "agents", "flows",
                    "thresholds", "topology", "interfaces")
        path = self.path("all.yaml", text)
        shown = self.weir("-c", path, "--print-config").wait()
        default = self.weir("--print-config").wait()

        def sections(text):
            found = dict(re.findall(r"(?ms)^(\w+):(.*?)(?=^\w|\Z)", text))
            return {name: re.sub(r"(?m)^  agents: .*\n", "", value)  # of snmp
                    for name, value in found.items() if name not in examples}
        self.assertEqual(sections(shown), sections(default))
        with open(os.path.join(weirtest.SOURCE, "docs", "configuration-reference.rst"),
                  encoding="utf-8") as f:
            options = re.findall(r"(?m)^([a-z][\w.]*)\n[-~]+\n", f.read())
        self.assertIn("thresholds.byFlow", options)
        parts = dict(re.findall(r"(?ms)^(\w+):(.*?)(?=^\w+:|\Z)", text))
        parts["flows"] += text.partition("\nflows:")[0].rpartition("\n\n")[2]
        for option in options:
            name, _, rest = option.partition(".")
            with self.subTest(option=option):
                self.assertTrue(name in parts and (
                    not rest or re.search(rf"(?m)\b{rest}:|^#   {rest} ", parts[name])))

    def test_print_config(self):
        """What is printed loads again, and prints the same; flags win over the file."""
        args = ["--window", "500ms", "--set", "limits.agents=4321", "--set", "collector=c1"]
        text = self.weir("-c", weirtest.CONFIG, *args, "--print-config").wait()
        self.assertIn("window: 500ms", text)
        self.assertIn("4321", text)
        again = self.path("again.yaml", text)
        self.assertEqual(self.weir("-c", again, "--print-config").wait(), text)

    def test_help(self):
        self.assertIn("--pcap FILE", self.weir("--help").wait())
        self.assertRegex(self.weir("--version").wait(), r"^weir \d+\.\d+\.\d+\n$")

    def test_log_types(self):
        """Those of the source are on the page and in the manual; a level can be given for each."""
        types = set()
        for path in glob.glob("app/*/*.c", root_dir=weirtest.SOURCE) + \
                glob.glob("lib/*/*.c", root_dir=weirtest.SOURCE):
            with open(os.path.join(weirtest.SOURCE, path), encoding="utf-8") as f:
                types.update(re.findall(r'BASE_LOG_TYPE\(\w+, "([\w.]+)"\)', f.read()))
        self.assertGreater(len(types), 20)
        flags = [flag for name in types for flag in ("--log", name + "=debug")]
        self.weir(*flags, "-c", weirtest.CONFIG, "--check").wait()
        with open(os.path.join(weirtest.SOURCE, "docs", "operations.rst"), encoding="utf-8") as f:
            table = re.search(r"\ntype  +what.*?\n=.*?\n(.*?)\n==", f.read(), re.S)[1]
        self.assertEqual(set(re.findall(r"(?:^|, )``([\w.]+)``", re.sub(r"(?m)^(.{31}).*", r"\1", table),
                                        re.M)), types)
        with open(os.path.join(weirtest.SOURCE, "docs", "man", "weir.1"), encoding="utf-8") as f:
            listed = re.search(r"Types are (.*?)\.\n\.TP", f.read(), re.S)[1]
        self.assertEqual(set(re.split(r",\s| and ", listed)), types)
        wrong = self.weir("--log", "nope=debug")
        wrong.wait(2)
        self.assertEqual(wrong.err().partition("with one of ")[2].strip().split(", "),
                         sorted(types))

    def test_committed_pages(self):
        """Pages of docs/ that weir writes itself are those of this weir: make docs."""
        for flag, page in (("--print-reference", "configuration-reference.rst"),
                           ("--print-keys", "keys.rst"), ("--print-metrics", "metrics.rst")):
            with self.subTest(page=page):
                path = os.path.join(weirtest.SOURCE, "docs", page)
                with open(path, encoding="utf-8") as f:
                    self.assertEqual(self.weir(flag).wait(), f.read(), "stale: make docs")
        for flag, page in (("--structures", "structures.rst"),
                           ("--schema", "decode-schema.json")):
            with self.subTest(page=page):
                path = os.path.join(weirtest.SOURCE, "docs", page)
                with open(path, encoding="utf-8") as f:
                    self.assertEqual(self.weirctl("decode", flag).wait(), f.read(),
                                     "stale: make docs")


if __name__ == "__main__":
    weirtest.main()
