#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Each function, and each key of the sample, over traffic that has it and traffic that lacks it.

What there is comes from `weir --print-keys`: a row without a case here fails. (Keys of the sampled
header and of records have such tables in tests/unit/packet/test_fields.c and
tests/unit/flow/test_record.c, which are checked for completeness there.)
"""

import collections
import json
import operator
import re

import flowmodel
import traffic
import weirtest

# Name: what is asked, and the flows that must be there, all of them.
FUNCTIONS = {
    "asn": ("asn:ipsource", {"15169", "3333", "1133"}),
    "bits": ("bits:tcpflags:18", {"2", "16"}),
    "concat": ("concat:-:vlan:ipprotocol", {"10-6", "20-6", "30-6"}),
    "dns": ("dns:[mask:arpipsender:8]", {"10.0.0.0"}),  # no server: addresses stand in
    "country": ("country:ipsource:both",
                {"US United States of America", "NL Netherlands", "AU Australia"}),
    "eq": ("eq:bgpas:bgpsourceas", {"false"}),
    "first": ("first:stack:.:ip6:arp:ip", {"ip", "ip6", "arp"}),
    "group": ("group:ipsource:sites", {"servers", "quad eight"}),
    "host": ("host:macdestination:host_name", {"web-01"}),
    "if": ("if:vlan:10:ethernetprotocol:vlan", {"2048", "20", "30"}),
    "link": ("link:inputifindex", {"up"}),
    "map": ("map:tcpdestinationport:services", {"web"}),
    "mask": ("mask:[or:ip6source:arpipsender]:20", {"2001::", "10.0.0.0"}),
    "null": ("null:vxlanvni:none", {"none", "5001", "5002", "5003"}),
    "or": ("or:vxlanvni:arpoperation", {"5001", "5002", "5003", "1"}),
    "oui": ("oui:macdestination:name", {"Three, Inc."}),
    "prefix": ("prefix:dnsqname:.:1", {"www", "api", "cdn", "mail", "x7f3a9"}),
    "range": ("range:httpstatus:400:499", {"true", "false"}),
    "rt": ("rt:error", {"timeout"}),
    "suffix": ("suffix:dnsqname:.:2", {"com.", "net.", "org."}),
    "uri": ("uri:httpurl:path",
            {"/index.html", "/games/chess", "/games/go", "/img/logo.png", "/api/v1/orders"}),
}
NEVER_ABSENT = {"null"}

# What functions look up.
DATA = {"groups": {"sites": {"servers": "10.0.1.0/24", "quad eight": "8.8.8.8"}},
        "maps": {"services": {"web": [80, 443]}},
        "topology": {"nodes": {"leaf": {"agent": "10.255.0.1", "ports": {"p": {"ifindex": 48}}},
                               "spine": {"agent": "10.255.0.2", "ports": {"p": {"ifindex": 1}}}},
                     "links": {"up": {"node1": "leaf", "port1": "p", "node2": "spine",
                                      "port2": "p"}}}}
OUI = """Registry,Assignment,Organization Name,Organization Address
MA-S,020000000,"Three, Inc.",somewhere
MA-L,020000,Two,
"""

# Keys of the sample: some of the flows that must be there.
CONTEXT = {
    "agent": {"10.255.0.1", "10.255.0.4", "10.0.2.11"},
    "bytes": {"64", "1518"},
    "datasource": {"1", "48", "2", "3.80"},
    "direction": {"ingress", "egress"},
    "frames": {"1"},
    "inputifindex": {"1", "48", "internal", "0"},
    "outputifindex": {"1", "48", "internal", "0"},
    "ipdestinationmaskbits": {"16"}, "ipsourcemaskbits": {"24"},
    "ipnexthoprouter": {"10.255.1.1"},
    "prioritysource": {"0"}, "prioritydestination": {"3"},
    "requests": {"1"},
    "stripped": {"4"}, "vlansource": {"1", "10", "20", "30"}, "vlandestination": {"1", "10"},
    "reason": {"ttl_exceeded", "acl"},
    "rtdatasource": {"web1", "web2"},
}
ALWAYS_THERE = {"agent", "datasource", "frames", "inputifindex", "outputifindex",
                "rtdatasource"}
OF_DROPS = {"reason"}


# What a prefix makes of the numbers of a flow's samples, in their order, and of their rates.
PREFIXES = {
    "rate": lambda numbers, rates, seconds: sum(map(operator.mul, numbers, rates)) / seconds,
    "avg": lambda numbers, rates, seconds: sum(numbers) / len(numbers),
    "min": lambda numbers, rates, seconds: min(numbers),
    "max": lambda numbers, rates, seconds: max(numbers),
    "last": lambda numbers, rates, seconds: numbers[-1],
    "count": lambda numbers, rates, seconds: len(set(numbers)),
}


class Rows(weirtest.Case):

    @classmethod
    def setUpClass(cls):
        page = weirtest.sh(weirtest.WEIR, "--print-keys")
        cls.sections = dict(re.findall(r"^([A-Z][\w ]+)\n-+\n(.*?)(?=^[A-Z][\w ]+\n-+\n|\Z)", page,
                                       re.MULTILINE | re.DOTALL))

    def names(self, section):
        return {re.split(r"[:\[]", name)[0] for name in re.findall(
            r"^``([^`]+)``\n   ", self.sections[section], re.MULTILINE)}

    def run_all(self, keys, **more):
        """One definition for each key: ({name: flows}, {name: sums})."""
        flows = [{"name": name, "keys": text, "value": "frames", "n": 1000, "capacity": 4096,
                  "dropped": name in OF_DROPS} for name, text in keys.items()]
        path, store = self.path("traffic.pcap"), self.redis()
        with open(path, "wb") as f:
            f.write(traffic.capture(3, 400, (*traffic.custom(), traffic.adapters())))
        summary = self.once([path], url=store.url, config=self.path("c.yaml", json.dumps(
            {"flows": flows, **more})))
        with store.client() as client:
            found = {name: set(client.hkeys(f"weir:flow:{{{name}}}")) for name in keys}
        return found, summary["flows"]

    def test_functions(self):
        self.assertEqual(set(FUNCTIONS), self.names("Functions"), "each function has a case")
        found, sums = self.run_all({name: keys for name, (keys, _) in FUNCTIONS.items()},
                                    geo={"oui": self.path("oui.csv", OUI), **weirtest.GEO}, **DATA)
        for name, (_, want) in FUNCTIONS.items():
            with self.subTest(function=name):
                self.assertEqual(found[name], want)
                self.assertEqual(sums[name]["keyless"] == 0, name in NEVER_ABSENT)

    def test_context(self):
        self.assertEqual(set(CONTEXT), self.names("From the sample"), "each key has a case")
        found, sums = self.run_all({name: name for name in CONTEXT})
        for name, want in CONTEXT.items():
            with self.subTest(key=name):
                self.assertLessEqual(want, found[name])
                if name not in OF_DROPS:
                    self.assertEqual(sums[name]["keyless"] == 0, name in ALWAYS_THERE)

    def numbers(self, path, key):
        """What the plain model finds in the samples: {flow: [(number, rate)]}."""
        found = collections.defaultdict(list)
        for line in self.weirctl("decode", "--json", path).wait().splitlines():
            datagram = json.loads(line)
            for sample in datagram["samples"]:
                seen = flowmodel.Sample(datagram, sample)
                if seen.key(key) is not None:
                    found[seen.key("httpurl")].append((seen.key(key), seen.rate))
        return found

    def test_prefixes(self):
        """Each prefix of values, against the plain model; samples without the number are keyless."""
        self.assertEqual(set(PREFIXES), {
            name for name in re.findall(r"^``(\w+)``\n   ", self.sections["Prefixes of values"],
                                        re.MULTILINE)}, "each prefix has a case")
        path, store = self.path("traffic.pcap"), self.redis()
        with open(path, "wb") as f:
            f.write(traffic.capture(seed=4, count=800))
        config = self.path("c.yaml", json.dumps({"flows": [
            {"name": p, "keys": "httpurl", "value": p + ":httpstatus", "n": 100, "t": 60}
            for p in PREFIXES]}))
        summary = self.once([path], url=store.url, config=config)
        want = self.numbers(path, "httpstatus")
        self.assertEqual(len(want), len(traffic.URLS))
        with store.client() as client:
            for prefix, make in PREFIXES.items():
                meta = client.hgetall(f"weir:flow:{{{prefix}}}:meta")
                seconds = (int(meta["end_ms"]) - int(meta["start_ms"])) / 1000
                got = client.hgetall(f"weir:flow:{{{prefix}}}")
                with self.subTest(prefix=prefix):
                    self.assertEqual(set(got), set(want))
                    for flow, value in got.items():
                        expected = make(*zip(*want[flow]), seconds)
                        self.assert_near(float(value), expected, 1e-3, flow)
                    self.assertGreater(summary["flows"][prefix]["keyless"], 0)

    def test_reason_of_samples(self):
        """Flow samples have no reason: they lack the key that discarded packets have."""
        path = self.path("traffic.pcap")
        with open(path, "wb") as f:
            f.write(traffic.capture(seed=3, count=100))
        config = self.path("c.yaml", json.dumps(
            {"flows": [{"name": "reason", "keys": "reason", "value": "frames"}]}))
        got = self.once([path], config=config)["flows"]["reason"]
        self.assertEqual(got["samples"], 0)
        self.assertGreater(got["keyless"], 0)


if __name__ == "__main__":
    weirtest.main()
